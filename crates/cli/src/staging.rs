//! Files and directories in the making: under names of their own until they are whole, and gone if the run is ended before.
//!
//! A run that is killed outright (`SIGKILL`, power) can leave one behind; its name begins with [`PREFIX`], and nothing reads it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How names of what is not yet whole begin.
pub(crate) const PREFIX: &str = ".perfpower-";

/// What is in the making. A set is of no use: there is one at a time, but in tests.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes something within what is in the making. A signal waits, so that nothing is made in what it removes.
pub(crate) fn within<T>(make: impl FnOnce() -> T) -> T {
    let _known = unfinished();
    make()
}

/// Something in the making; it is known until this is dropped.
#[derive(Debug)]
pub(crate) struct Unfinished {
    path: PathBuf,
}

impl Unfinished {
    /// Makes something by `make` and knows it, so that no signal comes between.
    pub(crate) fn make<T>(
        make: impl FnOnce(&mut tempfile::Builder<'_, '_>) -> io::Result<T>,
        path: impl FnOnce(&T) -> &Path,
    ) -> io::Result<(Self, T)> {
        let mut known = unfinished();
        let made = make(tempfile::Builder::new().prefix(PREFIX))?;
        let path = path(&made).to_owned();
        known.push(path.clone());
        Ok((Self { path }, made))
    }

    /// Puts what is whole into its place. A signal waits for it.
    pub(crate) fn finish<T>(self, publish: impl FnOnce() -> T) -> T {
        let mut known = unfinished();
        let done = publish();
        known.retain(|path| *path != self.path);
        done
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        unfinished().retain(|path| *path != self.path);
    }
}

/// From now on a signal that ends the program first removes what is in the making. Signals that whoever started the program chose to
/// ignore (`nohup`, `&` in a script) stay ignored. Where no thread can be had to wait for signals, they end it as ever.
#[cfg(unix)]
pub(crate) fn clear_at_signals() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    let ignored = ignored_signals();
    let ending = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0);
    let ending: Vec<_> = ending.collect();
    // The thread takes the signals over itself: there is no moment at which nobody answers them.
    let wait = move || {
        let Ok(mut signals) = Signals::new(&ending) else { return };
        for signal in signals.forever() {
            // Held to the end, so that nothing new is begun.
            let known = unfinished();
            for path in known.iter() {
                let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            }
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    };
    let _ = std::thread::Builder::new().name("perfpower signals".to_owned()).stack_size(1 << 18).spawn(wait);
}

#[cfg(not(unix))]
pub(crate) fn clear_at_signals() {}

/// One bit per signal, the first for signal 1; none where the system does not tell.
#[cfg(unix)]
fn ignored_signals() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok()).unwrap_or(0)
}
