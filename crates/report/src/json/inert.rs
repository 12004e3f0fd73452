//! JSON that keeps every character of a string and still does nothing to a terminal: what acts instead of being seen is
//! escaped. JSON itself asks for this only below U+0020, which leaves C1 controls and direction marks as they are.

use super::{Digits, six_digits};
use crate::safe::acts;
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};
use std::io::{self, Write};

/// Escapes what acts, in the layout of another formatter.
#[derive(Debug)]
pub(crate) struct InertFormatter<F> {
    layout: F,
    digits: Digits,
}

impl<F> InertFormatter<F> {
    pub(crate) fn of(self, digits: Digits) -> Self {
        Self { digits, ..self }
    }
}

impl InertFormatter<PrettyFormatter<'static>> {
    /// Indents by two spaces.
    pub(crate) fn pretty() -> Self {
        Self { layout: PrettyFormatter::new(), digits: Digits::All }
    }
}

impl InertFormatter<CompactFormatter> {
    /// On one line.
    pub(crate) fn compact() -> Self {
        Self { layout: CompactFormatter, digits: Digits::All }
    }
}

/// Writes a value on one line, without a line feed at its end.
pub(crate) fn write_compact(value: &(impl Serialize + ?Sized), out: impl Write) -> serde_json::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(out, InertFormatter::compact()))
}

impl<F: Formatter> Formatter for InertFormatter<F> {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        let value = match self.digits {
            Digits::All => value,
            Digits::Six => six_digits(value),
        };
        self.layout.write_f64(writer, value)
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        // Printable ASCII, told apart without a branch, is nearly all there is.
        let is_plain = fragment.bytes().fold(true, |plain, byte| plain & (0x20..0x7f).contains(&byte));
        if is_plain {
            return CompactFormatter.write_string_fragment(writer, fragment);
        }
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|&(_, c)| acts(c)) {
            CompactFormatter.write_string_fragment(writer, &rest[..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + c.len_utf8()..];
        }
        CompactFormatter.write_string_fragment(writer, rest)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.layout.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.layout.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.layout.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_escaped_and_read_back_as_it_was() {
        let text = "a\u{1b}[2J\u{9b}31m\u{7f}\u{202e}b\u{e0041}\n\"é😀";
        let value = serde_json::json!({"key\u{85}": [text, 1.5, {}, []]});
        let mut out = Vec::new();
        value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, InertFormatter::pretty())).unwrap();
        let written = String::from_utf8(out).unwrap();
        assert!(!written.replace('\n', "").chars().any(acts), "{written}");
        assert!(written.contains("\\udb40\\udc41"), "beyond the basic plane as a pair: {written}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&written).unwrap(), value);
        // But for the escapes it is serde_json's own layout.
        let plain = serde_json::json!({"b": [1, {"c": null}], "d": []});
        let mut out = Vec::new();
        plain.serialize(&mut serde_json::Serializer::with_formatter(&mut out, InertFormatter::pretty())).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string_pretty(&plain).unwrap());
    }
}
