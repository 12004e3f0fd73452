//! Amounts out of text: `1073.76 MB`, `20 sec`, `20秒`, `Total of 1073.76 MB of disk writes`.
//!
//! Apple documents neither the units nor the language of these fields: the samples show `1073.76 MB`, `MetricKit` writes
//! `2000 byte` and `20000 ms`, and texts in the device's language were reported. So this looks for the first number that a
//! known unit follows, and says nothing where there is none. The caller keeps the text.

use serde::{Deserialize, Serialize};

/// What an amount is an amount of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Dimension {
    /// Base unit: one byte.
    Bytes,
    /// Base unit: one second.
    Seconds,
}

/// An amount in its base unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantity {
    /// In the base unit of `dimension`; finite, at least 0.
    pub value: f64,
    /// What it is an amount of.
    pub dimension: Dimension,
}

/// Units by their lower-case text, with the factor to the base unit. Longer texts stand before their own beginnings.
///
/// `MB` is a million bytes, as in Apple's samples: a report is due at 1 GB, and the sample of one says 1073.76 MB, which is
/// 2^30 bytes and a bit when a megabyte has 10^6. `K` alone is not here: it would be a guess.
const UNITS: &[(&str, f64, Dimension)] = &[
    // bytes, binary
    ("kib", 1024.0, Dimension::Bytes),
    ("mib", 1_048_576.0, Dimension::Bytes),
    ("gib", 1_073_741_824.0, Dimension::Bytes),
    ("tib", 1_099_511_627_776.0, Dimension::Bytes),
    // bytes, decimal; French (octets), Russian and Ukrainian, Arabic-script languages keep the Latin letters
    ("kilobytes", 1e3, Dimension::Bytes),
    ("kilobyte", 1e3, Dimension::Bytes),
    ("megabytes", 1e6, Dimension::Bytes),
    ("megabyte", 1e6, Dimension::Bytes),
    ("gigabytes", 1e9, Dimension::Bytes),
    ("gigabyte", 1e9, Dimension::Bytes),
    ("terabytes", 1e12, Dimension::Bytes),
    ("terabyte", 1e12, Dimension::Bytes),
    ("kbytes", 1e3, Dimension::Bytes),
    ("kbyte", 1e3, Dimension::Bytes),
    ("mbytes", 1e6, Dimension::Bytes),
    ("mbyte", 1e6, Dimension::Bytes),
    ("gbytes", 1e9, Dimension::Bytes),
    ("gbyte", 1e9, Dimension::Bytes),
    ("kb", 1e3, Dimension::Bytes),
    ("mb", 1e6, Dimension::Bytes),
    ("gb", 1e9, Dimension::Bytes),
    ("tb", 1e12, Dimension::Bytes),
    ("ko", 1e3, Dimension::Bytes),
    ("mo", 1e6, Dimension::Bytes),
    ("go", 1e9, Dimension::Bytes),
    ("кб", 1e3, Dimension::Bytes),
    ("мб", 1e6, Dimension::Bytes),
    ("гб", 1e9, Dimension::Bytes),
    ("bytes", 1.0, Dimension::Bytes),
    ("byte", 1.0, Dimension::Bytes),
    ("octets", 1.0, Dimension::Bytes),
    ("octet", 1.0, Dimension::Bytes),
    ("バイト", 1.0, Dimension::Bytes),
    ("字节", 1.0, Dimension::Bytes),
    ("位元組", 1.0, Dimension::Bytes),
    ("바이트", 1.0, Dimension::Bytes),
    ("байт", 1.0, Dimension::Bytes),
    ("b", 1.0, Dimension::Bytes),
    // parts of a second
    ("milliseconds", 1e-3, Dimension::Seconds),
    ("millisecond", 1e-3, Dimension::Seconds),
    ("millisekunden", 1e-3, Dimension::Seconds),
    ("millisecondes", 1e-3, Dimension::Seconds),
    ("milisegundos", 1e-3, Dimension::Seconds),
    ("millisecondi", 1e-3, Dimension::Seconds),
    ("миллисекунд", 1e-3, Dimension::Seconds),
    ("ミリ秒", 1e-3, Dimension::Seconds),
    ("毫秒", 1e-3, Dimension::Seconds),
    ("밀리초", 1e-3, Dimension::Seconds),
    ("msec", 1e-3, Dimension::Seconds),
    ("мс", 1e-3, Dimension::Seconds),
    ("ms", 1e-3, Dimension::Seconds),
    ("µs", 1e-6, Dimension::Seconds),
    ("μs", 1e-6, Dimension::Seconds),
    ("us", 1e-6, Dimension::Seconds),
    ("ns", 1e-9, Dimension::Seconds),
    // seconds: English, German, French, Spanish, Portuguese, Italian, Dutch, Russian, Japanese, Chinese, Korean
    ("seconds", 1.0, Dimension::Seconds),
    ("second", 1.0, Dimension::Seconds),
    ("secondes", 1.0, Dimension::Seconds),
    ("sekunden", 1.0, Dimension::Seconds),
    ("sekunde", 1.0, Dimension::Seconds),
    ("segundos", 1.0, Dimension::Seconds),
    ("segundo", 1.0, Dimension::Seconds),
    ("secondi", 1.0, Dimension::Seconds),
    ("seconden", 1.0, Dimension::Seconds),
    ("секунд", 1.0, Dimension::Seconds),
    ("secs", 1.0, Dimension::Seconds),
    ("sec", 1.0, Dimension::Seconds),
    ("sek", 1.0, Dimension::Seconds),
    ("seg", 1.0, Dimension::Seconds),
    ("сек", 1.0, Dimension::Seconds),
    ("秒", 1.0, Dimension::Seconds),
    ("초", 1.0, Dimension::Seconds),
    ("с", 1.0, Dimension::Seconds),
    ("s", 1.0, Dimension::Seconds),
    // minutes and hours
    ("minutes", 60.0, Dimension::Seconds),
    ("minute", 60.0, Dimension::Seconds),
    ("minuten", 60.0, Dimension::Seconds),
    ("minutos", 60.0, Dimension::Seconds),
    ("minuti", 60.0, Dimension::Seconds),
    ("минут", 60.0, Dimension::Seconds),
    ("mins", 60.0, Dimension::Seconds),
    ("min", 60.0, Dimension::Seconds),
    ("мин", 60.0, Dimension::Seconds),
    ("分钟", 60.0, Dimension::Seconds),
    ("分鐘", 60.0, Dimension::Seconds),
    ("分", 60.0, Dimension::Seconds),
    ("분", 60.0, Dimension::Seconds),
    ("hours", 3600.0, Dimension::Seconds),
    ("hour", 3600.0, Dimension::Seconds),
    ("hrs", 3600.0, Dimension::Seconds),
    ("hr", 3600.0, Dimension::Seconds),
    ("h", 3600.0, Dimension::Seconds),
];

/// Longest text that is looked at, in bytes. A field that holds one amount is a line; this bounds a hostile one.
const MAX_TEXT_BYTES: usize = 1024;

impl Quantity {
    /// The first number that a known unit follows, with the numbers of the same dimension that come straight after it
    /// (`1 min 20 s`). `None` = there is none, or it is the end of something longer (`1:30 min`).
    pub fn parse(text: &str) -> Option<Self> {
        let mut end = text.len().min(MAX_TEXT_BYTES);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let text = &text[..end];
        let mut rest = text;
        let mut found: Option<Self> = None;
        while let Some(at) = rest.find(|c: char| digit(c).is_some()) {
            if found.is_some() && !rest[..at].chars().all(|c| c.is_whitespace() || c == ',' || c == '.') {
                break;
            }
            let is_negative = rest[..at].ends_with(['-', '\u{2212}']);
            let is_part_of_a_word = rest[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let (value, length) = number(&rest[at..]);
            let before = &text[..text.len() - rest.len() + at];
            let after = &rest[at + length..];
            let unit = unit(after);
            if unit.is_some() && ends_in_a_number(before) {
                return None;
            }
            match (value, unit) {
                (Some(value), Some((factor, dimension, unit_length))) if !is_negative && !is_part_of_a_word => {
                    match &mut found {
                        None => found = Some(Self { value: value * factor, dimension }),
                        Some(sum) if sum.dimension == dimension => sum.value += value * factor,
                        Some(_) => break,
                    }
                    rest = &after[unit_length..];
                }
                _ if found.is_some() => break,
                _ => rest = after,
            }
        }
        found.filter(|quantity| quantity.value.is_finite())
    }

    /// Whether it is an amount of data.
    pub(crate) fn is_bytes(&self) -> bool {
        self.dimension == Dimension::Bytes
    }

    /// Whether it is a duration.
    pub(crate) fn is_seconds(&self) -> bool {
        self.dimension == Dimension::Seconds
    }
}

/// Whether a digit and signs come straight before something, as in `1:` and `5–`: what follows belongs to them.
fn ends_in_a_number(text: &str) -> bool {
    let number = text.trim_end_matches(|c: char| !c.is_alphanumeric() && !c.is_whitespace());
    number.len() < text.len() && number.ends_with(char::is_numeric)
}

/// The value of a digit: ASCII, full-width, Arabic-Indic (both), Devanagari.
fn digit(c: char) -> Option<u32> {
    [0x30, 0xFF10, 0x0660, 0x06F0, 0x0966].into_iter().find_map(|zero| {
        let value = (c as u32).checked_sub(zero)?;
        (value < 10).then_some(value)
    })
}

/// The number at the start of a text, and its bytes. `None` where its separators contradict each other.
///
/// One separator: followed by three digits and of a kind that groups (space, apostrophe, or a comma or period seen twice) it
/// groups, else it is the decimal sign. `1,234` alone is ambiguous: with a comma it groups, as in English, Chinese and
/// Japanese; with a period it is a decimal fraction, as in Apple's own `1073.76`. Of two kinds the last one is the decimal.
fn number(text: &str) -> (Option<f64>, usize) {
    let mut plain = String::new();
    let mut separators: Vec<(char, usize)> = Vec::new();
    let mut length = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if let Some(value) = digit(c) {
            plain.extend(char::from_digit(value, 10));
            length = at + c.len_utf8();
        } else {
            let separator = match c {
                '.' | '．' | '٫' => '.',
                ',' | '،' | '，' => ',',
                '\u{a0}' | '\u{202f}' | '\u{2009}' | ' ' => ' ',
                '\'' | '’' | '٬' => '\'',
                _ => break,
            };
            if chars.peek().is_none_or(|&(_, next)| digit(next).is_none()) {
                break;
            }
            separators.push((separator, plain.len()));
        }
    }
    let decimal = match separators.last() {
        None => None,
        Some(&(last, at)) => {
            let is_grouping = plain.len() - at == 3
                && (last == ' '
                    || last == '\''
                    || separators.iter().filter(|(kind, _)| *kind == last).count() > 1
                    || (last == ',' && separators.len() == 1 && plain[..at] != *"0"));
            if is_grouping { None } else { Some((last, at)) }
        }
    };
    if let Some((sign, at)) = decimal {
        let groups = &separators[..separators.len() - 1];
        if sign == ' ' || sign == '\'' || groups.iter().any(|(kind, _)| *kind == sign) {
            return (None, length);
        }
        plain.insert(at, '.');
    }
    (plain.parse().ok(), length)
}

/// The unit at the start of a text, and its bytes. A Latin or Cyrillic unit must end with its word: `5 step` is no seconds.
fn unit(text: &str) -> Option<(f64, Dimension, usize)> {
    let skipped = text.len() - text.trim_start().len();
    let word = &text[skipped..];
    let mut first = word.chars().next()?.to_lowercase();
    let (Some(first), None) = (first.next(), first.next()) else { return None };
    // Lower-casing can change the length of a letter, so letters are compared one by one.
    let matched = |unit: &str| -> Option<usize> {
        let mut chars = word.chars();
        let mut length = 0;
        for wanted in unit.chars() {
            let found = chars.next()?;
            if !found.to_lowercase().eq(std::iter::once(wanted)) {
                return None;
            }
            length += found.len_utf8();
        }
        let is_open_ended = unit.chars().all(|c| c as u32 >= 0x1100);
        (is_open_ended || !word[length..].starts_with(char::is_alphabetic)).then_some(length)
    };
    UNITS
        .iter()
        .filter(|(unit, ..)| unit.starts_with(first))
        .find_map(|&(unit, factor, dimension)| matched(unit).map(|length| (factor, dimension, skipped + length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(value: f64) -> Quantity {
        Quantity { value, dimension: Dimension::Bytes }
    }

    fn seconds(value: f64) -> Quantity {
        Quantity { value, dimension: Dimension::Seconds }
    }

    #[test]
    fn forms_that_were_seen() {
        assert_eq!(Quantity::parse("1073.76 MB"), Some(bytes(1_073_760_000.0)));
        assert_eq!(Quantity::parse("2000 byte"), Some(bytes(2000.0)));
        assert_eq!(Quantity::parse("20 sec"), Some(seconds(20.0)));
        assert_eq!(Quantity::parse("20000 ms"), Some(seconds(20.0)));
        assert_eq!(Quantity::parse("20秒"), Some(seconds(20.0)));
        assert_eq!(Quantity::parse("Total of 1073.76 MB of disk writes"), Some(bytes(1_073_760_000.0)));
        assert_eq!(Quantity::parse("9000 ms"), Some(seconds(9.0)));
    }

    #[test]
    fn numbers_of_many_languages() {
        for (text, value) in [
            ("1,5 s", 1.5),
            ("1.5s", 1.5),
            ("0,250 s", 0.25),
            ("1,234 s", 1234.0),
            ("1.234 s", 1.234),
            ("1,234.5 s", 1234.5),
            ("1.234,5 s", 1234.5),
            ("1 234,5 s", 1234.5),
            ("1\u{202f}234 s", 1234.0),
            ("1’234’567.5 s", 1_234_567.5),
            ("1.234.567 s", 1_234_567.0),
            ("２０秒", 20.0),
            ("٢٠ s", 20.0),
            ("20초", 20.0),
            ("20초 동안", 20.0),
            ("20 сек.", 20.0),
            ("20 Sekunden", 20.0),
            ("20 secondes", 20.0),
            ("20 SEGUNDOS", 20.0),
            ("250毫秒", 0.25),
            ("250ミリ秒", 0.25),
            ("2分30秒", 150.0),
            ("1 min 20 s", 80.0),
            ("1 h, 1 min", 3660.0),
        ] {
            assert_eq!(Quantity::parse(text), Some(seconds(value)), "{text}");
        }
        for (text, value) in [
            ("4 KB", 4e3),
            ("4 KiB", 4096.0),
            ("4,5 Go", 4.5e9),
            ("7 МБ", 7e6),
            ("1 GiB", 1_073_741_824.0),
            ("12 B", 12.0),
            ("5 kilobytes", 5e3),
            ("5 megabytes", 5e6),
            ("5 Megabyte", 5e6),
            ("5 gigabytes", 5e9),
            ("5 terabytes", 5e12),
            ("5 MBytes", 5e6),
            ("１．５ MB", 1.5e6),
        ] {
            assert_eq!(Quantity::parse(text), Some(bytes(value)), "{text}");
        }
    }

    #[test]
    fn a_number_without_a_unit_is_no_amount() {
        for text in ["", "20", "MB", "many MB", "5 steps", "iOS 14.6", "-5 s", "1.2,3.4 s", "v2s", "1 2 s", "x_20 s"] {
            assert_eq!(Quantity::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_end_of_something_longer_is_no_amount() {
        for text in ["1:30 min", "0:01:30 h", "5–10 s", "3/5 s", "১.5 MB", "1.5.2: 1:30 min"] {
            assert_eq!(Quantity::parse(text), None, "{text}");
        }
        for (text, value) in [("iOS 14: 20 s", 20.0), ("hang=20 s", 20.0), ("(20 s)", 20.0), ("1 h,1 min", 3660.0)] {
            assert_eq!(Quantity::parse(text), Some(seconds(value)), "{text}");
        }
    }

    #[test]
    fn what_comes_before_and_after_does_not_disturb() {
        assert_eq!(Quantity::parse("iOS 14: 3 threads hung for 2.5 s (of 10 s)"), Some(seconds(2.5)));
        assert_eq!(Quantity::parse("12 MB in 3 s"), Some(bytes(12e6)));
        assert_eq!(Quantity::parse(&"9".repeat(400)), None);
        assert_eq!(Quantity::parse(&format!("{} s", "9".repeat(400))), None);
    }
}
