//! The numbers of [`crate::number`], set for a page: a minus sign instead of a hyphen, a dash for what is not finite, and
//! words for the bounds of a probability.

use crate::number;

/// A number with about four significant digits: `0.0123`, `4.5`, `759.3`, `1,035`, `1.20e9`.
pub fn figure(value: f64) -> String {
    set(&number::value(value))
}

/// A whole number with its thousands apart: `12,345`.
pub fn count(value: u64) -> String {
    number::count(value)
}

/// A change in percent with its sign: `+36 %`, `−4.2 %`, `0 %`. One decimal below ten.
pub(crate) fn signed_percent(percent: f64) -> String {
    set(&number::signed_percent(percent))
}

/// A change: `+36 %`, `from zero`, `–`.
pub fn change(change: perfpower_analysis::Change) -> String {
    set(&number::change(change))
}

/// A sentence that was written for a terminal: its minus signs become such, and no number parts from its percent sign.
pub(crate) fn set_sentence(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        out.push(match (c, rest.peek()) {
            ('-', Some('0'..='9')) if matches!(before, ' ' | '(' | '/') => '−',
            (' ', Some('%')) => '\u{a0}',
            _ => c,
        });
        before = c;
    }
    out
}

/// A share or a size in percent, without a sign where it is positive: `36 %`, `0.4 %`.
pub fn percent(percent: f64) -> String {
    set(&number::percent(percent))
}

/// A probability of 0..=1 for eyes: never `100 %`, and `0 %` only if it is exactly that.
pub fn probability(probability: f64) -> String {
    set(&number::probability(probability)).replace('>', "over ").replace('<', "under ")
}

/// Bytes in powers of 1000, as disks and mail servers count them: `1.2 MB`.
pub fn bytes(bytes: u64) -> String {
    number::bytes(bytes)
}

/// `1 app`, `2 apps`, `0 apps`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    number::plural(number, one, many)
}

/// The hyphen of an exponent stays one.
fn set(text: &str) -> String {
    match text.strip_prefix('-') {
        Some(rest) => format!("−{rest}"),
        None => text.replace('?', "–"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_digits_are_enough() {
        let cases = [
            (0.0, "0"),
            (0.000_012, "1.20e-5"),
            (0.012_345, "0.0123"),
            (0.5, "0.5"),
            (4.5, "4.5"),
            (12.345, "12.35"),
            (759.349, "759.3"),
            (999.96, "1,000"),
            (1034.7, "1,035"),
            (1_234_567.0, "1,234,567"),
            (-1034.7, "−1,035"),
            (2.5e12, "2.50e12"),
            (f64::NAN, "–"),
            (f64::INFINITY, "–"),
        ];
        for (value, text) in cases {
            assert_eq!(figure(value), text);
        }
    }

    #[test]
    fn percentages_keep_their_sign_and_lose_noise() {
        assert_eq!(signed_percent(36.3), "+36 %");
        assert_eq!(signed_percent(-4.24), "−4.2 %");
        assert_eq!(signed_percent(-0.01), "0 %");
        assert_eq!(signed_percent(9.96), "+10 %");
        assert_eq!(signed_percent(12_345.0), "+12,345 %");
        assert_eq!(signed_percent(f64::NAN), "– %");
        assert_eq!(signed_percent(3e300), "+3.0e300 %");
        assert_eq!(percent(5.0), "5 %");
    }

    #[test]
    fn a_probability_is_never_rounded_to_certainty() {
        assert_eq!(probability(0.998), "over 99 %");
        assert_eq!(probability(0.989), "99 %");
        assert_eq!(probability(1.0), "over 99 %");
        assert_eq!(probability(0.001), "under 1 %");
    }

    #[test]
    fn a_sentence_is_set_and_its_names_stay() {
        assert_eq!(
            set_sentence("x-1 fell on 2026-11-02, -4.2 % (-9 % to 1 %)"),
            "x-1 fell on 2026-11-02, −4.2\u{a0}% (−9\u{a0}% to 1\u{a0}%)"
        );
    }

    #[test]
    fn sizes_and_plurals() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1_200_000), "1.2 MB");
        assert_eq!(bytes(999_600), "1.0 MB");
        assert_eq!(counted(1, "app", "apps"), "1 app");
        assert_eq!(counted(1200, "app", "apps"), "1,200 apps");
    }
}
