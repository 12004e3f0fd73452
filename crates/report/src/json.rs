//! Answers for programs: a file for each document, and [`schema`] for what they promise.

pub(crate) mod audit;
pub(crate) mod brief;
pub(crate) mod calibration;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod earlier;
pub(crate) mod explanation;
pub(crate) mod findings;
pub(crate) mod inert;
pub(crate) mod inspect;
pub(crate) mod news;
pub(crate) mod percentiles;
pub(crate) mod report;
mod root;
pub(crate) mod schema;
pub(crate) mod series;
pub(crate) mod settings;
pub(crate) mod stacks;

use inert::{InertFormatter, write_compact};
use serde::Serialize;
use std::io::{self, BufWriter, Write};

/// How a JSON document is laid out. What it says is the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JsonLayout {
    /// Without white space; elements of long lists have a line each. For files and programs: of the bytes of an indented report more
    /// than a third are white space.
    #[default]
    Compact,
    /// Indented by two spaces, for eyes.
    Indented,
}

pub(crate) fn write_json(value: &impl Serialize, layout: JsonLayout, out: &mut impl Write) -> io::Result<()> {
    // The serialiser writes a few bytes at a time, and `out` is usually behind a pointer: gather them where that is inlined.
    let mut out = BufWriter::with_capacity(1 << 16, out);
    match layout {
        JsonLayout::Compact => write_compact(value, &mut out)?,
        JsonLayout::Indented => {
            value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, InertFormatter::pretty()))?;
        }
    }
    out.write_all(b"\n")?;
    out.flush()
}

/// How numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Digits {
    /// As many as it takes to read the same number back: what files say, and what others are to check.
    All,
    /// What is estimated from a handful of noisy values has no more: see [`six_digits`].
    Six,
}

/// A number with at most six significant digits, and all of those before the point.
pub(crate) fn six_digits(value: f64) -> f64 {
    /// Powers of ten up to here are exact, so dividing by one gives the decimal that is meant.
    const EXACT: i32 = 22;
    let decimals = 5 - value.abs().log10().floor().max(-400.0) as i32;
    match decimals {
        _ if value == 0.0 || !value.is_finite() => value,
        ..=0 => value.round(),
        1..=EXACT => {
            let scale = 10_f64.powi(decimals);
            (value * scale).round() / scale
        }
        _ => format!("{value:.5e}").parse().unwrap_or(value),
    }
}

/// Absent where a text is empty.
fn text(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_are_kept_and_all_before_the_point() {
        for (value, expected) in [
            (0.0_f64, 0.0_f64),
            (22.759_432_1, 22.759_4),
            (-0.000_123_456_789, -0.000_123_457),
            (999_999.7, 1_000_000.0),
            (123_456_789.25, 123_456_789.0),
            (0.1 + 0.2, 0.3),
            (3.141_592_653e-30, 3.141_59e-30),
            (4.9e-324, 4.9e-324),
            (1.797_693_134e308, 1.797_693_134e308),
        ] {
            assert_eq!(six_digits(value).to_bits(), expected.to_bits(), "{value}");
        }
        assert!(six_digits(f64::NAN).is_nan() && six_digits(f64::INFINITY).is_infinite());
    }
}
