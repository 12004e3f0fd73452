//! One measured change with its doubt, and what may be said about it.

use crate::Parameters;
use crate::series::critical::Thresholds;

/// A difference of two levels on the log scale: 0.1 is about +10 % of (value + offset).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogChange {
    /// After less before.
    pub delta: f64,
    /// Standard error of that.
    pub se: f64,
    /// Degrees of freedom of the standard error.
    pub df: f64,
    /// Their ratio.
    pub t: f64,
    /// Chance of a |t| this large without a change, in 0..=1. Never 0: the smallest positive normal number stands for less.
    pub p: f64,
    /// Interval that holds the true change with [`Parameters::confidence`].
    pub interval: Interval,
}

/// Both ends on the log scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// What one change means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// Significantly worse, by at least [`Parameters::min_change`].
    Regression,
    /// Significantly better, by at least [`Parameters::min_change`].
    Improvement,
    /// Shown to be smaller than [`Parameters::min_change`] in both directions.
    Unchanged,
    /// None of these: no change found, but none ruled out.
    Inconclusive,
}

/// From a difference of logarithms to percent: ln 1.1 → 10.
pub fn percent(log_change: f64) -> f64 {
    100.0 * log_change.exp_m1()
}

/// Replaces a p that underflowed, so that logarithms of it exist.
pub(crate) fn above_zero(p: f64) -> f64 {
    p.max(f64::MIN_POSITIVE)
}

impl LogChange {
    pub(crate) fn new(delta: f64, se: f64, p: f64, thresholds: &Thresholds) -> Self {
        let half = thresholds.confidence * se;
        Self {
            delta,
            se,
            df: thresholds.student.df(),
            t: delta / se,
            p: above_zero(p),
            interval: Interval::around(delta, half),
        }
    }

    /// The change in percent of (value + offset): of the value only where the offset is 0, else see [`Origin`](crate::Origin).
    pub fn percent(&self) -> f64 {
        percent(self.delta)
    }

    pub(crate) fn verdict(&self, lower_is_better: bool, thresholds: &Thresholds, parameters: &Parameters) -> Verdict {
        let worse = if lower_is_better { self.delta } else { -self.delta };
        if self.p <= parameters.alpha {
            if worse >= parameters.min_rise() {
                return Verdict::Regression;
            }
            if worse <= -parameters.min_fall() {
                return Verdict::Improvement;
            }
        }
        Verdict::without_claim(worse, self.se, thresholds, parameters)
    }
}

impl Verdict {
    /// All verdicts.
    pub const ALL: [Self; 4] = [Self::Regression, Self::Improvement, Self::Unchanged, Self::Inconclusive];

    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Regression => "regression",
            Self::Improvement => "improvement",
            Self::Unchanged => "unchanged",
            Self::Inconclusive => "inconclusive",
        }
    }

    /// On a change that is too small or too unsure to be claimed; `worse` is its size in the bad direction.
    pub(crate) fn without_claim(worse: f64, se: f64, thresholds: &Thresholds, parameters: &Parameters) -> Self {
        // The band is mirrored with the direction, so that it ends where a claim would begin.
        let half = thresholds.unchanged * se;
        if worse - half > -parameters.min_fall() && worse + half < parameters.min_rise() {
            Self::Unchanged
        } else {
            Self::Inconclusive
        }
    }
}

impl Interval {
    /// From a difference of logarithms and half the width.
    #[must_use]
    pub fn around(center: f64, half: f64) -> Self {
        Self { low: center - half, high: center + half }
    }

    /// Both ends in percent of (value + offset), like [`LogChange::percent`].
    #[must_use]
    pub fn percent(&self) -> Self {
        Self { low: percent(self.low), high: percent(self.high) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Basis, CriticalValues, close};

    fn verdict(delta: f64, se: f64, lower_is_better: bool) -> Verdict {
        let parameters = Parameters::default();
        let thresholds = CriticalValues::new(parameters).thresholds(10, 10.0, Basis::Assumed);
        let p = thresholds.student.two_sided(delta / se);
        LogChange::new(delta, se, p, &thresholds).verdict(lower_is_better, &thresholds, &parameters)
    }

    #[test]
    fn four_answers_and_their_mirror() {
        // t(10) at 95 % one-sided is 1.812, at 97.5 % 2.228.
        assert_eq!(verdict(0.2, 0.05, true), Verdict::Regression);
        assert_eq!(verdict(0.2, 0.05, false), Verdict::Improvement);
        assert_eq!(verdict(-0.2, 0.05, true), Verdict::Improvement);
        assert_eq!(verdict(-0.2, 0.05, false), Verdict::Regression);
        assert_eq!(verdict(0.2, 0.1, true), Verdict::Inconclusive); // t = 2 < 2.228
        assert_eq!(verdict(0.04, 0.004, true), Verdict::Unchanged); // sure, but below 5 %
        assert_eq!(verdict(0.0, 0.026, true), Verdict::Unchanged); // 1.812 · 0.026 = 0.0471 < 0.0488
        assert_eq!(verdict(0.0, 0.028, true), Verdict::Inconclusive); // 0.0507 > 0.0488
        assert_eq!(verdict(0.045, 0.004, true), Verdict::Inconclusive); // 0.045 + 0.0072 > 0.0488, and the claim is too small
    }

    #[test]
    fn the_interval_and_the_percent() {
        let thresholds = CriticalValues::new(Parameters::default()).thresholds(10, 10.0, Basis::Assumed);
        let change = LogChange::new(0.1, 0.05, 0.0, &thresholds);
        close(change.interval.high, 0.1 + 2.228_138_851_986_274 * 0.05, 1e-12);
        close(change.interval.low + change.interval.high, 0.2, 1e-12);
        close(change.t, 2.0, 1e-14);
        assert!(change.p > 0.0);
        close(percent(1.1_f64.ln()), 10.0, 1e-12);
        close(change.interval.percent().low, 100.0 * (change.interval.low.exp() - 1.0), 1e-9);
    }
}
