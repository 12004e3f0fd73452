//! Whether a series drifts: the weighted line under the moderated noise.

use super::critical::Thresholds;
use super::line::Line;

/// A constant change per version.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// Change per version on the log scale.
    pub slope: f64,
    /// Standard error of that.
    pub se: f64,
    /// Their ratio.
    pub t: f64,
    /// Chance of a |t| this large without a drift.
    pub p: f64,
    /// Weighted sum of squares around the line.
    pub residual: f64,
}

impl Trend {
    pub(crate) fn of(y: &[f64], weight: &[f64], thresholds: &Thresholds) -> Self {
        let Line { slope, se, residual } = Line::fit(y, |i| weight[i]);
        let t = slope / se;
        Self { slope, se, t, p: super::change::above_zero(thresholds.student.two_sided(t)), residual }
    }

    /// Change over all `n` points, on the log scale.
    pub fn total(&self, n: usize) -> f64 {
        self.slope * n.saturating_sub(1) as f64
    }
}
