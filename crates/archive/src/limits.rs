//! How much a hostile file may cost before it is refused.

use crate::faults;
use perfpower_model::Problem;

/// Bounds on memory, disk and time. The defaults never touch an honest archive; each can be raised by its name, and
/// whatever meets one is told with the setting that lets it through.
///
/// | name | bounds | default |
/// |---|---|---|
/// | `unpack` | bytes that all packed files together may unpack to beyond what `ratio` gives each | 64 MiB |
/// | `ratio` | unpacked bytes per byte of a packed file, all its layers and members together | 512 |
/// | `document` | bytes of one unpacked document | 4 GiB |
/// | `temporary` | bytes of the temporary file that packed containers are unpacked into | 64 GiB |
/// | `members` | members of all zips and tars together | 4 million |
/// | `layers` | packings and containers around a document | 8 |
///
/// Not to be raised: the name of a member has at most 64 KiB.
///
/// ```
/// use perfpower_archive::Limits;
/// let mut limits = Limits::default();
/// limits.set("unpack=2G").unwrap();
/// limits.set("layers=10").unwrap();
/// assert_eq!((limits.unpack_bytes, limits.layers), (2 << 30, 10));
/// assert_eq!(limits.set("unpack=much").unwrap_err(), "expected a number such as 64M or 2G, found \"much\"");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that all packed files together may unpack to beyond their [`ratio`](Self::ratio). Each has an equal share, whatever the
    /// others need, so that the result does not depend on who is read first. Default 64 MiB: arbitrary; a page of zeros is no danger.
    pub unpack_bytes: u64,
    /// Unpacked bytes per byte of a file that was given, through all layers and members. Default 512: arbitrary; saved metrics
    /// pack 8 to 40 times, deflate cannot exceed 1032, zstd can exceed 100,000.
    pub ratio: u64,
    /// Bytes of one unpacked document. Default 4 GiB: arbitrary, forty times the largest document known (100 MB of logs).
    pub document_bytes: u64,
    /// Bytes that all packed containers together may take in the temporary file. Default 64 GiB.
    pub temporary_bytes: u64,
    /// Members of all zips and tars. Default 4 million: arbitrary, about 1 GB of names and places.
    pub members: usize,
    /// Packings and containers around a document. Default 8: arbitrary; a gzip file in a zip has two, more is an accident.
    pub layers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            unpack_bytes: 64 << 20,
            ratio: 512,
            document_bytes: 4 << 30,
            temporary_bytes: 64 << 30,
            members: 4_000_000,
            layers: 8,
        }
    }
}

impl Limits {
    /// The names that [`set`](Self::set) knows.
    pub(crate) const NAMES: [&str; 6] = ["unpack", "ratio", "document", "temporary", "members", "layers"];

    /// Sets a limit, such as `unpack=2G`. Numbers may end in `K`, `M`, `G` or `T`, which are powers of 1024.
    pub fn set(&mut self, setting: &str) -> Result<(), String> {
        let Some((name, number)) = setting.split_once('=') else {
            return Err(format!("expected NAME=NUMBER, found {setting:?}"));
        };
        let value =
            parse_bytes(number).ok_or_else(|| format!("expected a number such as 64M or 2G, found {number:?}"))?;
        let count = usize::try_from(value).unwrap_or(usize::MAX);
        match name {
            "unpack" => self.unpack_bytes = value,
            "ratio" => self.ratio = value,
            "document" => self.document_bytes = value,
            "temporary" => self.temporary_bytes = value,
            "members" => self.members = count,
            "layers" => self.layers = count,
            _ => return Err(format!("there is no limit {name:?}; the limits are {}", Self::NAMES.join(", "))),
        }
        Ok(())
    }
}

/// A number such as `64M` or `2G`: with a unit of 1024 behind it, or none.
pub fn parse_bytes(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let shift = match &text[digits.len()..] {
        "" => 0,
        "K" | "k" | "KiB" => 10,
        "M" | "MiB" => 20,
        "G" | "GiB" => 30,
        "T" | "TiB" => 40,
        _ => return None,
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    digits.parse::<u64>().ok().filter(|_| is_number)?.checked_mul(1 << shift)
}

/// A number as [`Limits::set`] reads it, at least as large as asked for.
pub(crate) fn setting(number: u64) -> String {
    for (shift, unit) in [(40, "T"), (30, "G"), (20, "M"), (10, "K")] {
        if number >= 1 << shift {
            return format!("{}{unit}", number.div_ceil(1 << shift));
        }
    }
    number.to_string()
}

/// Longest name of a member that is read; a path has 4096 bytes on common systems.
pub(crate) const NAME_BYTES: u64 = 1 << 16;

/// The limits of a run, and among how many files they are shared.
#[derive(Debug)]
pub(crate) struct Budget {
    pub(crate) limits: Limits,
    /// Files that were given or found and are packed.
    packed_files: u64,
}

impl Budget {
    pub(crate) fn new(limits: Limits, packed_files: usize) -> Self {
        Self { limits, packed_files: packed_files.max(1) as u64 }
    }

    /// How many bytes may come out of a packed file of so many bytes, through all its layers and members.
    pub(crate) fn room(&self, packed: u64) -> u64 {
        /// However many files there are: a share of nothing would refuse an honest one. (Arbitrary.)
        const LEAST: u64 = 64 << 10;
        let share = (self.limits.unpack_bytes / self.packed_files).max(LEAST.min(self.limits.unpack_bytes));
        packed.saturating_mul(self.limits.ratio).max(share)
    }

    /// What came out of `packed` bytes is more than there was room for.
    pub(crate) fn exceeded(&self, packed: u64, room: u64) -> Problem {
        let needed = room.max(1).saturating_mul(4).saturating_mul(self.packed_files);
        faults::bomb(packed, room, &setting(needed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_sets_its_limit_and_no_other() {
        for name in Limits::NAMES {
            let mut limits = Limits::default();
            limits.set(&format!("{name}=77")).unwrap();
            assert_ne!(limits, Limits::default(), "{name}");
            let text = format!("{limits:?}");
            assert_eq!(text.matches(": 77").count(), 1, "{text}");
        }
    }

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for (text, number) in [("0", Some(0)), ("64M", Some(64 << 20)), ("2GiB", Some(2 << 30)), ("1T", Some(1 << 40))]
        {
            assert_eq!(parse_bytes(text), number, "{text}");
        }
        for text in ["", "M", "-1", "+1", "1 G", "1.5G", "99999999999T", "1GB", "é"] {
            assert_eq!(parse_bytes(text), None, "{text}");
        }
        for number in [0, 1, 1023, 1024, 1025, 64 << 20, (64 << 20) + 1, u64::MAX / 2] {
            assert!(parse_bytes(&setting(number)).unwrap() >= number, "{number}");
        }
    }

    #[test]
    fn the_share_of_a_file_does_not_depend_on_the_others() {
        let alone = Budget::new(Limits::default(), 1);
        assert_eq!(alone.room(305), 64 << 20);
        assert_eq!(alone.room(1 << 20), 512 << 20);
        let many = Budget::new(Limits::default(), 1 << 20);
        assert_eq!(many.room(100), 64 << 10);
        assert_eq!(many.room(3000), 3000 * 512);
        // What is asked for in the cure is enough.
        let problem = many.exceeded(100, 64 << 10);
        let raised = problem.hint.as_deref().unwrap().split("unpack=").nth(1).unwrap().split('`').next().unwrap();
        let mut limits = Limits::default();
        limits.set(&format!("unpack={raised}")).unwrap();
        assert!(Budget::new(limits, 1 << 20).room(100) >= 4 * (64 << 10));
    }
}
