//! What logs can be grouped by.

use crate::stacks::{StackLog, StackTable};
use perfpower_model::version;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an event is about. The same words stand in metric categories (`DISK`), in signatures (`DISK_WRITES`) and in events
/// (`disk writes`), spelled three ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DiagnosticType {
    /// Too much written.
    DiskWrites,
    /// The main thread did not respond.
    Hang,
    /// A slow launch.
    Launch,
    /// Anything else, or nothing said.
    Other,
}

impl DiagnosticType {
    /// Reads a metric category, a signature's `diagnosticType` or the event of a log. `MetricKit`'s `disk-writes-exception` too.
    pub fn of(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        let has = |word: &str| lower.contains(word);
        if has("disk") || has("write") {
            Self::DiskWrites
        } else if has("hang") || has("unresponsive") {
            Self::Hang
        } else if has("launch") {
            Self::Launch
        } else {
            Self::Other
        }
    }

    /// Apple's word in signatures; `OTHER` is ours.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DiskWrites => "DISK_WRITES",
            Self::Hang => "HANGS",
            Self::Launch => "LAUNCHES",
            Self::Other => "OTHER",
        }
    }

    /// For eyes, of one log.
    pub fn word(self) -> &'static str {
        match self {
            Self::DiskWrites => "disk writes",
            Self::Hang => "hang",
            Self::Launch => "launch",
            Self::Other => "other",
        }
    }

    /// For eyes, in the plural.
    pub fn words(self) -> &'static str {
        match self {
            Self::DiskWrites => "disk writes",
            Self::Hang => "hangs",
            Self::Launch => "launches",
            Self::Other => "other",
        }
    }
}

/// A property of a log that trees and quantities can be split by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Axis {
    /// Whose log it is.
    App,
    /// Signature id.
    Signature,
    /// [`DiagnosticType`].
    Type,
    /// App version.
    Version,
    /// Build number.
    Build,
    /// Device model, such as `iPhone13,3`.
    Device,
    /// Letters of the device model: `iPhone`, `iPad`.
    DeviceFamily,
    /// System and its version without the build: `iPhone OS 14.6`.
    Os,
}

/// The value that logs have in common, if they say one, and their positions.
pub(crate) type LogGroup<'a> = (Option<&'a str>, Vec<usize>);

impl Axis {
    /// The value of a log, if it says one.
    pub fn value<'a>(self, table: &'a StackTable, log: &StackLog) -> Option<&'a str> {
        let names = table.log_names();
        match self {
            Self::App => Some(names.text(log.app)),
            Self::Signature => names.get(log.signature),
            Self::Type => Some(log.diagnostic_type.as_str()),
            Self::Version => names.get(log.metadata.app_version),
            Self::Build => names.get(log.metadata.build_version),
            Self::Device => names.get(log.metadata.device),
            Self::DeviceFamily => {
                names.get(log.metadata.device).map(|device| device.trim_end_matches(|c: char| !c.is_alphabetic()))
            }
            Self::Os => names.get(log.metadata.os_version).map(|os| os.split_once(" (").map_or(os, |(name, _)| name)),
        }
    }

    /// Positions of the logs of each value, in a stable order: versions and systems as versions, all else as text.
    pub(crate) fn groups(self, table: &StackTable, is_wanted: impl Fn(&StackLog) -> bool) -> Vec<LogGroup<'_>> {
        let mut groups: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
        for (at, log) in table.logs().iter().enumerate().filter(|(_, log)| is_wanted(log)) {
            groups.entry(self.value(table, log)).or_default().push(at);
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        if matches!(self, Self::Version | Self::Build | Self::Os) {
            groups.sort_by(|(left, _), (right, _)| {
                let (left, right) = (left.unwrap_or_default(), right.unwrap_or_default());
                let split = |text: &str| text.rfind(' ').map_or(0, |at| at + 1);
                let ((left_system, left_number), (right_system, right_number)) =
                    (left.split_at(split(left)), right.split_at(split(right)));
                left_system.cmp(right_system).then_with(|| version::total_compare(left_number, right_number))
            });
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_in_three_spellings() {
        for text in ["DISK", "DISK_WRITES", "disk writes", "disk-writes-exception"] {
            assert_eq!(DiagnosticType::of(text), DiagnosticType::DiskWrites, "{text}");
        }
        assert_eq!(DiagnosticType::of("HANGS"), DiagnosticType::Hang);
        assert_eq!(DiagnosticType::of("LAUNCH"), DiagnosticType::Launch);
        assert_eq!(DiagnosticType::of("BATTERY"), DiagnosticType::Other);
        assert_eq!(DiagnosticType::of(""), DiagnosticType::Other);
    }
}
