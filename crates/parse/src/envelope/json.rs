//! Objects, arrays and texts that hold documents at some depth.
//!
//! No list of field names is asked for: whatever a tool calls its field, what counts is whether a body of a known kind is in it. So
//! that this costs little in files that have nothing to do with Apple, only values in which one of its words stands are looked at.

use super::{Layer, Opened, Part, facts::Facts};
use crate::place::shown_key;
use crate::spans::{elements, fields, string};
use perfpower_model::{Problem, Severity};
use std::ops::Range;

/// Words of which each body that is read holds at least one, and the first letters of such a body in base64, plain and packed.
const WORDS: [&str; 21] = [
    "productData",
    "telemetryIdentifier",
    "appMetadata",
    "sections",
    "iagnosticSignatures", // also as the last part of an address
    "errors",
    "trendingUp",
    "filterCriteria",
    "iagnosticMetaData",
    "callStackTree",
    "imeStampBegin",
    "intervalEntries",
    "H4sI",
    "KLUv",
    "eyJ",
    "ewo",
    "ew0K",
    "W3s",
    "SFRUUC",
    "//57",
    "/v8A",
];

/// Whether a document may be in a text.
pub(super) fn may_hold_a_body(text: &str) -> bool {
    WORDS.iter().any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
}

/// The values inside of one that may be documents.
pub(super) fn open(text: &str) -> Option<Opened<'_>> {
    if !may_hold_a_body(text) {
        return None;
    }
    if let Some(part) = text_part(text, 0) {
        return Some(Opened::one(part));
    }
    if let Some(fields) = fields(text) {
        let facts = Facts::beside(text, &fields);
        let parts = fields.iter().filter_map(|(key, range)| {
            let part = part(text, range.clone(), Layer::Field(shown_key(key)), shown_key(key))?;
            Some(Part { facts: facts.clone(), ..part })
        });
        return Some(Opened { parts: parts.collect(), remark: None });
    }
    let elements = elements(text)?;
    let count = elements.len();
    let parts: Vec<Part<'_>> = elements
        .into_iter()
        .enumerate()
        .filter_map(|(index, range)| {
            let part = part(text, range, Layer::Element { index, count }, format!("[{index}]"))?;
            Some(Part { is_meant: true, ..part })
        })
        .collect();
    let others = count - parts.len();
    let remark = (others > 0).then(|| {
        let message = format!(
            "{others} of {count} elements of the array that this stands in are no documents; they were passed over"
        );
        Problem::new(Severity::Note, "passed-over", message)
    });
    Some(Opened { parts, remark })
}

/// A value that may be or hold a document.
fn part(text: &str, range: Range<usize>, layer: Layer, path: String) -> Option<Part<'_>> {
    let value = &text[range.clone()];
    if !may_hold_a_body(value) {
        return None;
    }
    let inner = text_part(value, range.start);
    let is_value = matches!(value.as_bytes().first(), Some(b'{' | b'['));
    match inner {
        Some(mut part) => {
            part.layers.insert(0, layer);
            Some(Part { path, is_meant: false, ..part })
        }
        None if is_value => {
            let part = Part::inside(layer, value.as_bytes(), range.start);
            Some(Part { path, is_meant: false, ..part })
        }
        None => None,
    }
}

/// What a text holds.
fn text_part(value: &str, offset: usize) -> Option<Part<'_>> {
    let inside = string(value)?;
    // Borrowed where it holds no escape, but still a text of its own.
    Some(Part::inside(Layer::Text, inside.into_owned().into_bytes(), offset))
}
