//! Which of two documents of one app holds where they differ.

use crate::settle::Task;
use perfpower_archive::{Entry, Reason};
use perfpower_model::version;
use std::cmp::Ordering;

/// Newest first: by day, time of day, build, what the names call a former or a latest one, the latest version that the documents hold
/// (where they were read before), when the file was last written, and path, the last one first.
pub(crate) fn newest_first(one: &Task<'_>, other: &Task<'_>) -> Ordering {
    let (one_entry, other_entry) = (one.entry, other.entry);
    let day = other.snapshot().cmp(&one.snapshot());
    day.then_with(|| other_entry.time.cmp(&one_entry.time))
        .then_with(|| build(other_entry).cmp(&build(one_entry)))
        .then_with(|| other_entry.turn.cmp(&one_entry.turn))
        .then_with(|| by_version(other, one))
        .then_with(|| other_entry.written.cmp(&one_entry.written))
        .then_with(|| other_entry.path.cmp(&one_entry.path))
}

/// What tells which of two documents of a day is the later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sign {
    Time,
    Build,
    Name,
    Version,
    /// Copying changes it, so it is weak.
    Written,
    /// Nothing tells: it had to be one of them.
    Path,
}

impl Sign {
    /// Why the first of two documents of a day is the later one.
    pub(crate) fn of(one: &Task<'_>, other: &Task<'_>) -> Self {
        if one.entry.time != other.entry.time {
            Self::Time
        } else if build(one.entry) != build(other.entry) {
            Self::Build
        } else if one.entry.turn != other.entry.turn {
            Self::Name
        } else if by_version(one, other).is_ne() {
            Self::Version
        } else if one.entry.written != other.entry.written {
            Self::Written
        } else {
            Self::Path
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Time => "is of a later time",
            Self::Build => "is of the later build",
            Self::Name => "is the later one by its name",
            Self::Version => "holds a later version",
            Self::Written => "was written later, which a copy changes",
            Self::Path => "comes last by its path, and nothing tells which is the later one",
        }
    }

    /// Whether somebody should say which is the later one.
    pub(crate) fn is_weak(self) -> bool {
        matches!(self, Self::Written | Self::Path)
    }
}

/// By the latest versions that two documents hold; what holds none, or was not read yet, comes before.
fn by_version(one: &Task<'_>, other: &Task<'_>) -> Ordering {
    match (&one.latest, &other.latest) {
        (Some(one), Some(other)) => version::compare(one, other),
        (one, other) => one.is_some().cmp(&other.is_some()),
    }
}

/// Whether two documents are downloads of one day only for want of better dates.
pub(crate) fn is_undated(entry: &Entry) -> bool {
    matches!(entry.snapshot.reason, Reason::ModificationTime | Reason::StandardInput)
}

/// The build that the place of a document tells, as a number; a document of no build in particular comes before all of one.
fn build(entry: &Entry) -> Option<u64> {
    let text = entry.build.as_deref().or(entry.named_build.as_deref())?;
    text.parse().ok()
}
