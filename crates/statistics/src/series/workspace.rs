//! The memory that judging one series needs, allocated once per thread and used for every series.

use crate::series::cost::{CostTriangle, Moments};
use crate::series::input::MAX_POINTS;

/// Columns of one series and scratch space. Make one per thread; its content between calls means nothing.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// ln(value + offset).
    pub(crate) log: [f64; MAX_POINTS],
    /// What `y` is measured from: the first log value.
    pub(crate) centre: f64,
    /// Log values less the centre.
    pub(crate) y: [f64; MAX_POINTS],
    /// Relative sampling variance of each point, from its margin.
    pub(crate) sampling: [f64; MAX_POINTS],
    /// Sampling variance plus process noise: the variance before the series' own scatter is known.
    pub(crate) base: [f64; MAX_POINTS],
    /// 1 / base variance.
    pub(crate) base_weight: [f64; MAX_POINTS],
    /// Whether any sampling variance is above 0.
    pub(crate) has_margins: bool,
    /// Sums of `y` under the base variance.
    pub(crate) base_moments: Moments,
    /// 1 / variance of each point, by the noise that was read last.
    pub(crate) weight: [f64; MAX_POINTS],
    /// Residuals of all stretches of the first [`Self::base_costs_of`] points under the base variance.
    pub(crate) base_costs: CostTriangle,
    /// How many points the base costs hold: none until somebody needs them.
    pub(crate) base_costs_of: usize,
    /// Residuals of all stretches under another variance, when it is no multiple of the base.
    pub(crate) own_costs: CostTriangle,
    /// The sums behind them.
    pub(crate) own_moments: Moments,
    /// Scratch of whoever runs.
    pub(crate) scratch: [f64; MAX_POINTS],
}

impl Default for Workspace {
    fn default() -> Self {
        let column = [0.0; MAX_POINTS];
        Self {
            log: column,
            centre: 0.0,
            y: column,
            sampling: column,
            base: column,
            base_weight: column,
            has_margins: false,
            base_moments: Moments::default(),
            weight: column,
            base_costs: CostTriangle::default(),
            base_costs_of: 0,
            own_costs: CostTriangle::default(),
            own_moments: Moments::default(),
            scratch: column,
        }
    }
}

impl Workspace {
    /// Residuals of all stretches of the first `n` points under their base variance.
    pub(crate) fn fill_base_costs(&mut self, n: usize) {
        if self.base_costs_of < n {
            self.base_costs.fill(&self.base_moments, self.base_costs_of + 1..=n);
            self.base_costs_of = n;
        }
    }
}
