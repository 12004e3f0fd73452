//! Answers for programs: a file for each document, and [`schema`] for what they promise.

pub(crate) mod brief;
pub(crate) mod calibration;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod explanation;
pub(crate) mod inert;
pub(crate) mod inspect;
pub(crate) mod percentiles;
pub(crate) mod report;
mod root;
pub(crate) mod schema;
pub(crate) mod series;
pub(crate) mod settings;
pub(crate) mod stacks;

use inert::InertFormatter;
use serde::Serialize;
use std::io::{self, BufWriter, Write};

pub(crate) fn write_json(value: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    // The serialiser writes a few bytes at a time, and `out` is usually behind a pointer: gather them where that is inlined.
    let mut out = BufWriter::with_capacity(1 << 16, out);
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, InertFormatter::pretty()))?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Absent where a text is empty.
fn text(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
