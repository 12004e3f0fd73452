//! How much memory the histories of a run may take.

use std::path::Path;

/// Where the system does not tell how much there is: on what is no Linux. Arbitrary: half of a small laptop's.
const USUAL: u64 = 4 << 30;

/// What the histories may take: half of what the run may. The rest is for what judges and tells them, which takes about as much.
pub(crate) fn for_histories(typed: Option<u64>) -> u64 {
    typed.unwrap_or_else(|| of_machine().map_or(USUAL, |all| all / 4)) / 2
}

/// Memory of the machine, or of the container where that has less.
fn of_machine() -> Option<u64> {
    let read = |path: &str| std::fs::read_to_string(Path::new(path)).ok();
    let machine = read("/proc/meminfo").as_deref().and_then(total);
    let containers = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    // A container without a bound says `max`, or a number beyond every machine.
    let bounds = containers.into_iter().filter_map(|path| read(path)?.trim().parse().ok());
    machine.into_iter().chain(bounds).min()
}

/// The first line is such as `MemTotal:       24684240 kB`.
fn total(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_the_machine_is_read_as_linux_writes_it() {
        assert_eq!(total("MemTotal:       24684240 kB\nMemFree:  1 kB\n"), Some(24_684_240 << 10));
        assert_eq!(total("MemFree:  1 kB\n"), None);
        assert_eq!(for_histories(Some(1 << 30)), 1 << 29);
        assert!(for_histories(None) > 1 << 24);
    }
}
