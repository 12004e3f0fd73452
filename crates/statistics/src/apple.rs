//! Apple's own comparison, recomputed: the latest version against the plain mean of up to four versions before it.
//!
//! Apple rounds in decimal: a mean of 907.475 becomes 907.48 in its documented sample, while the nearest double lies below and
//! would become 907.47. So the sum is taken over the decimal digits of the values as integers, and rounded half up.

use std::fmt::{self, Write};
use std::ops::Range;

/// How many versions Apple averages: four in its documented sample.
pub const APPLE_WINDOW: usize = 4;

/// Apple's "high impact": at least this many percent over the reference (App Store Connect API, `highImpact`).
pub const HIGH_IMPACT_PERCENT: f64 = 100.0;

/// What Apple would say of one population.
#[derive(Clone, Debug, PartialEq)]
pub struct AppleParity {
    /// Positions of the versions averaged.
    pub reference: Range<usize>,
    /// Their mean, rounded half up to two decimals, in the metric's unit.
    pub reference_average: f64,
    /// The latest value, in the metric's unit.
    pub latest: f64,
    /// Percent over the exact mean, unrounded. Absent where the mean is not above 0.
    pub delta_percent_exact: Option<f64>,
    /// The same, rounded half up to an integer.
    pub delta_percent: Option<f64>,
    /// Whether the exact percentage reaches [`HIGH_IMPACT_PERCENT`].
    pub high_impact: bool,
}

/// Compares the last of `values` with the mean of the up to `window` values before it. Absent for fewer than two values, a
/// window of 0, or a value that is not finite.
pub fn apple_parity(values: &[f64], window: usize) -> Option<AppleParity> {
    let (latest, before) = values.split_last()?;
    let reference = before.len().saturating_sub(window)..before.len();
    let used = &values[reference.start..];
    if reference.is_empty() || used.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let numbers = Decimals::of(used).and_then(|decimals| decimals.compare()).unwrap_or_else(|| compare_binary(used));
    Some(AppleParity {
        reference,
        reference_average: numbers.average,
        latest: *latest,
        delta_percent_exact: numbers.delta,
        delta_percent: numbers.delta_rounded,
        high_impact: numbers.delta.is_some_and(|delta| delta >= HIGH_IMPACT_PERCENT),
    })
}

struct Comparison {
    average: f64,
    delta: Option<f64>,
    delta_rounded: Option<f64>,
}

/// Without digits to spare: values so far apart that no common decimal scale holds them lose nothing that two decimals show.
fn compare_binary(values: &[f64]) -> Comparison {
    let (latest, reference) = values.split_last().unwrap_or((&0.0, &[]));
    let count = reference.len().max(1) as f64;
    // Divided first: the sum of four finite numbers may not be finite.
    let mean: f64 = reference.iter().map(|value| value / count).sum();
    let delta = (mean > 0.0).then(|| 100.0 * (latest / mean - 1.0)).filter(|delta| delta.is_finite());
    let cents = (mean * 100.0).round() / 100.0;
    Comparison { average: if cents.is_finite() { cents } else { mean }, delta, delta_rounded: delta.map(f64::round) }
}

/// Reference values and the latest, as integers in units of a common power of ten.
struct Decimals {
    sum: i128,
    count: i128,
    latest: i128,
    /// The unit is ten to this.
    exponent: i32,
}

impl Decimals {
    fn of(values: &[f64]) -> Option<Self> {
        let decimals: Vec<Decimal> = values.iter().map(|value| Decimal::of(*value)).collect::<Option<_>>()?;
        let exponent = decimals.iter().map(|decimal| decimal.exponent).min()?;
        let (latest, reference) = decimals.split_last()?;
        let mut sum = 0_i128;
        for decimal in reference {
            sum = sum.checked_add(decimal.in_units_of(exponent)?)?;
        }
        let latest = latest.in_units_of(exponent)?;
        Some(Self { sum, count: reference.len() as i128, latest, exponent })
    }

    /// Absent where an intermediate number has more than 38 digits.
    fn compare(&self) -> Option<Comparison> {
        // mean = sum · 10^exponent / count; in hundredths that is a ratio of two integers.
        let shift = self.exponent + 2;
        let power = 10_i128.checked_pow(shift.unsigned_abs())?;
        let (numerator, denominator) = if shift >= 0 {
            (self.sum.checked_mul(power)?, self.count)
        } else {
            (self.sum, self.count.checked_mul(power)?)
        };
        let average = half_up(numerator, denominator)? as f64 / 100.0;
        if self.sum <= 0 {
            return Some(Comparison { average, delta: None, delta_rounded: None });
        }
        let excess = self.latest.checked_mul(self.count)?.checked_sub(self.sum)?.checked_mul(100)?;
        Some(Comparison {
            average,
            delta: Some(excess as f64 / self.sum as f64),
            delta_rounded: Some(half_up(excess, self.sum)? as f64),
        })
    }
}

/// The nearest integer to a ratio with a denominator above 0; a half goes away from zero.
fn half_up(numerator: i128, denominator: i128) -> Option<i128> {
    let doubled = numerator.abs().checked_mul(2)?.checked_add(denominator)?;
    Some(doubled / denominator.checked_mul(2)? * numerator.signum())
}

/// The shortest decimal that reads back as a double, which is what Apple's JSON held.
#[derive(Clone, Copy)]
struct Decimal {
    digits: i128,
    exponent: i32,
}

impl Decimal {
    fn of(value: f64) -> Option<Self> {
        let mut text = Text::default();
        write!(text, "{value:e}").ok()?; // such as -9.978e2
        let (mantissa, exponent) = text.as_str()?.split_once('e')?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits: i128 = whole.parse().ok()?;
        let sign = if mantissa.starts_with('-') { -1 } else { 1 };
        for digit in fraction.bytes() {
            digits = digits * 10 + sign * i128::from(digit - b'0');
        }
        Some(Self { digits, exponent: exponent.parse::<i32>().ok()? - fraction.len() as i32 })
    }

    fn in_units_of(self, exponent: i32) -> Option<i128> {
        self.digits.checked_mul(10_i128.checked_pow((self.exponent - exponent).unsigned_abs())?)
    }
}

/// Room for one double in scientific notation: at most 24 bytes.
#[derive(Default)]
struct Text {
    bytes: [u8; 32],
    len: usize,
}

impl Text {
    fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes[..self.len]).ok()
    }
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.bytes.get_mut(self.len..self.len + text.len()).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.len += text.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close;

    #[test]
    fn apples_documented_sample() {
        let p50 = apple_parity(&[768.7, 750.0, 992.3, 1118.9, 997.8], APPLE_WINDOW).unwrap();
        close(p50.reference_average, 907.48, 0.0); // the mean is 907.475
        close(p50.delta_percent_exact.unwrap(), 9.953_442_243_587_977, 1e-14);
        assert_eq!(p50.delta_percent, Some(10.0));
        assert!(!p50.high_impact);
        assert_eq!(p50.reference, 0..4);
        let p90 = apple_parity(&[1532.1, 1390.2, 2030.8, 2158.4, 2014.3], APPLE_WINDOW).unwrap();
        close(p90.reference_average, 1777.88, 0.0); // 1777.875
        close(p90.delta_percent_exact.unwrap(), 13.298_179_005_835_618, 1e-14);
        assert_eq!(p90.delta_percent, Some(13.0));
    }

    #[test]
    fn the_window_slides_and_short_series_average_what_they_have() {
        let parity = apple_parity(&[1000.0, 1.0, 2.0, 3.0, 4.0, 5.0], APPLE_WINDOW).unwrap();
        close(parity.reference_average, 2.5, 0.0);
        assert_eq!((parity.reference, parity.high_impact), (1..5, true));
        assert_eq!(apple_parity(&[2.0, 3.0], APPLE_WINDOW).unwrap().delta_percent, Some(50.0));
        assert_eq!(apple_parity(&[2.0], APPLE_WINDOW), None);
        assert_eq!(apple_parity(&[], APPLE_WINDOW), None);
        assert_eq!(apple_parity(&[2.0, 3.0], 0), None);
    }

    #[test]
    fn a_mean_that_is_not_above_zero_has_no_percentage() {
        for values in [[0.0, 5.0], [-1.0, 5.0]] {
            let parity = apple_parity(&values, APPLE_WINDOW).unwrap();
            assert_eq!((parity.delta_percent, parity.delta_percent_exact, parity.high_impact), (None, None, false));
        }
        assert_eq!(apple_parity(&[f64::NAN, 5.0], APPLE_WINDOW), None);
        assert_eq!(apple_parity(&[1.0, f64::INFINITY], APPLE_WINDOW), None);
        // A value outside the window does no harm.
        assert!(apple_parity(&[f64::NAN, 1.0, 5.0], 1).is_some());
    }

    #[test]
    fn halves_go_away_from_zero_and_exactly_one_hundred_percent_is_high_impact() {
        let rounded = |values: &[f64]| apple_parity(values, APPLE_WINDOW).unwrap().delta_percent.unwrap();
        close(rounded(&[200.0, 221.0]), 11.0, 0.0); // 10.5
        close(rounded(&[200.0, 179.0]), -11.0, 0.0); // -10.5
        close(rounded(&[1000.0, 1104.9]), 10.0, 0.0); // 10.49
        assert!(apple_parity(&[0.1, 0.2, 0.3], APPLE_WINDOW).unwrap().high_impact); // 0.3 is twice 0.15, in decimal
        assert!(!apple_parity(&[50.0, 99.9], APPLE_WINDOW).unwrap().high_impact);
    }

    #[test]
    fn numbers_of_any_size() {
        close(apple_parity(&[1e300, 2e300], 4).unwrap().delta_percent.unwrap(), 100.0, 0.0);
        close(apple_parity(&[f64::MAX, f64::MAX, f64::MAX], 4).unwrap().delta_percent.unwrap(), 0.0, 0.0);
        close(apple_parity(&[5e-324, 5e-324], 4).unwrap().delta_percent.unwrap(), 0.0, 0.0);
        close(apple_parity(&[1e-300, 1e-300], 4).unwrap().reference_average, 0.0, 0.0);
        let far_apart = apple_parity(&[1e-200, 1e200], 4).unwrap();
        assert_eq!((far_apart.delta_percent, far_apart.high_impact), (None, false));
        close(apple_parity(&[0.005, 0.005], 4).unwrap().reference_average, 0.01, 0.0);
        close(apple_parity(&[1.0, 1e22], 4).unwrap().reference_average, 1.0, 0.0);
    }
}
