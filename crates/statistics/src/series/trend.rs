//! Whether a series drifts: the weighted line under the moderated noise.

use crate::series::change::above_zero;
use crate::series::critical::Thresholds;
use crate::series::line::Line;
use crate::special::StudentT;

/// A constant change per version.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// Change per version on the log scale.
    pub slope: f64,
    /// Standard error of that.
    pub se: f64,
    /// Their ratio.
    pub t: f64,
    /// Degrees of freedom of the standard error.
    pub df: f64,
    /// Weighted sum of squares around the line.
    pub residual: f64,
}

impl Trend {
    pub(crate) fn of(y: &[f64], weight: &[f64], thresholds: &Thresholds) -> Self {
        let Line { slope, se, residual } = Line::fit(y, weight);
        Self { slope, se, t: slope / se, df: thresholds.student.df(), residual }
    }

    /// Chance of a |t| this large without a drift, in 0..=1 but never 0. Computed when asked for: most series are judged
    /// without it.
    pub fn p(&self) -> f64 {
        above_zero(StudentT::new(self.df).two_sided(self.t))
    }

    /// Change over all `n` points, on the log scale.
    pub fn total(&self, n: usize) -> f64 {
        self.slope * n.saturating_sub(1) as f64
    }
}
