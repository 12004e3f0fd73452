//! Which of two documents of one app holds where they differ.

use perfpower_archive::Entry;
use std::cmp::Ordering;

/// Newest first: by day, time of day, build, what the names call a former or a latest one, when the file was last written, and path,
/// the last one first.
pub(crate) fn newest_first(one: &Entry, other: &Entry) -> Ordering {
    let day = other.snapshot.value.cmp(&one.snapshot.value);
    day.then_with(|| other.time.cmp(&one.time))
        .then_with(|| build(other).cmp(&build(one)))
        .then_with(|| other.turn.cmp(&one.turn))
        .then_with(|| other.written.cmp(&one.written))
        .then_with(|| other.path.cmp(&one.path))
}

/// Why the first of two documents of a day is the later one.
pub(crate) fn why_later(one: &Entry, other: &Entry) -> &'static str {
    if one.time != other.time {
        "is of a later time"
    } else if build(one) != build(other) {
        "is of the later build"
    } else if one.turn != other.turn {
        "is the later one by its name"
    } else if one.written != other.written {
        "was written later"
    } else {
        "comes last by its path"
    }
}

/// The build that the place of a document tells, as a number; a document of no build in particular comes before all of one.
fn build(entry: &Entry) -> Option<u64> {
    let text = entry.build.as_deref().or(entry.named_build.as_deref())?;
    text.parse().ok()
}
