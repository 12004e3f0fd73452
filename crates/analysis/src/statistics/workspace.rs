//! The memory that judging one series needs, allocated once per thread and used for every series.

use super::cost::CostTriangle;
use super::input::MAX_POINTS;

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
    /// 1 / variance of each point, by the noise that was read last.
    pub(crate) weight: [f64; MAX_POINTS],
    /// Residuals of all stretches under the base variance.
    pub(crate) base_costs: CostTriangle,
    /// Residuals of all stretches under another variance, when it is no multiple of the base.
    pub(crate) own_costs: CostTriangle,
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
            weight: column,
            base_costs: CostTriangle::default(),
            own_costs: CostTriangle::default(),
            scratch: column,
        }
    }
}

impl Workspace {
    /// Residuals of all stretches of the first `n` points under their base variance.
    pub(crate) fn fill_base_costs(&mut self, n: usize) {
        let Self { base_costs, y, base, .. } = self;
        base_costs.fill(&y[..n], |i| base[i].recip());
    }
}
