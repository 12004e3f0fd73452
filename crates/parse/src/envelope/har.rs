//! HAR 1.2: what a browser or a proxy recorded. Each entry is a request, whose address says whose the response is.

use super::{Layer, Opened, Part, facts::Facts, json};
use crate::{moment, spans};
use perfpower_model::{Problem, Severity};
use std::borrow::Cow;
use std::ops::Range;

/// The responses of a recording that may be documents; `None` for what is no recording.
pub(super) fn open(text: &str) -> Option<Opened<'_>> {
    let (log, at) = field(text, 0, "log")?;
    let (entries, at) = field(log, at, "entries")?;
    let ranges = spans::elements(entries)?;
    let count = ranges.len();
    let parts: Vec<Part<'_>> = ranges
        .into_iter()
        .enumerate()
        .filter_map(|(index, range)| entry(text, at + range.start..at + range.end, index))
        .collect();
    let others = count - parts.len();
    let remark = (others > 0).then(|| {
        let message = format!("{others} of {count} entries of this recording are no documents of App Store Connect");
        Problem::new(Severity::Note, "passed-over", message)
    });
    Some(Opened { parts, remark })
}

/// The response of an entry.
fn entry(text: &str, range: Range<usize>, index: usize) -> Option<Part<'_>> {
    let entry = &text[range.clone()];
    let (response, at) = field(entry, range.start, "response")?;
    let (content, at) = field(response, at, "content")?;
    let (body, at) = field(content, at, "text")?;
    let bytes = spans::string(body)?;
    let is_coded = field(content, 0, "encoding").is_some();
    if !is_coded && !json::may_hold_a_body(&bytes) {
        return None;
    }
    let url = field(entry, 0, "request").and_then(|(request, _)| text_of(request, "url"));
    let day = text_of(entry, "startedDateTime").and_then(|time| moment::day(&time));
    let part = Part::inside(Layer::HarEntry { index }, bytes.into_owned().into_bytes(), at);
    let path = format!("log.entries[{index}].response.content.text");
    Some(Part {
        path,
        facts: Facts { url: url.map(Cow::into_owned), day, ..Facts::default() },
        is_meant: false,
        ..part
    })
}

/// A field of an object, and where its value starts if the object starts at an offset.
fn field<'a>(object: &'a str, at: usize, wanted: &str) -> Option<(&'a str, usize)> {
    let fields = spans::fields(object)?;
    let (_, range) = fields.into_iter().find(|(key, _)| key == wanted)?;
    Some((&object[range.clone()], at + range.start))
}

fn text_of<'a>(object: &'a str, key: &str) -> Option<Cow<'a, str>> {
    spans::string(field(object, 0, key)?.0)
}
