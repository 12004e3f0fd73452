//! What one series tells the batch before any series is judged: how much it scatters, and whether neighbours resemble.
//!
//! All of it is summed per stratum into a [`Prior`](crate::Prior); nothing here depends on a prior, or the sums would
//! chase their own result.

use crate::Parameters;
use crate::series::input::{Loaded, MAX_POINTS, SeriesInput, Unusable};
use crate::series::noise::{self, Scatter};
use crate::series::tails::Loners;
use crate::series::workspace::Workspace;
use std::f64::consts::PI;

/// The contribution of one series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FirstPass {
    /// Points counted, 1..=40: the index into [`null_law`](crate::series::null_law()).
    pub points: usize,
    /// R, which [`judge_read`](crate::judge_read) needs not compute again.
    pub scatter: Scatter,
    /// ln R. Absent below 4 points, whose logarithm scatters too widely to inform, and where R is 0.
    pub ln_residual: Option<f64>,
    /// Whether neighbouring versions resemble each other, to be summed.
    pub turns: Turns,
    /// Whether odd versions happen, to be summed.
    pub loners: Loners,
    /// Median over the points with a margin of the margin as a fraction of the value; absent where no point has one.
    /// Above 0.5 the margins are probably in another unit.
    pub margin_ratio: Option<f64>,
}

/// How often a series turns: goes down after up, or up after down. Counts, so that they add up over a batch in any
/// order.
///
/// Independent versions turn at two of three chances, whatever the law of their noise (Bienaymé 1874). Noise with an
/// autocorrelation ρ makes neighbouring differences correlate with r = −(1 − ρ)/2, and normal ones then turn with
/// probability 1/2 − asin(r)/π (Sheppard 1899), which is solved for ρ. A step, however large, spoils at most two
/// chances; the sums of clipped products that the study used lose more to it. Their ρ and this one, where the noise is
/// independent (12,000 series of 5 to 20 versions, a share of them with a step, drift, spike or recovered step):
///
/// | share changed | products | turns |
/// |---|---|---|
/// | 0 % | .02 | .01 |
/// | 10 % | .06 | .03 |
/// | 30 % | .16 | .09 |
/// | 60 % | .27 | .18 |
///
/// Where it truly is .2 and nothing changed, both find .20; under tails of t with 4 degrees of freedom and 20 % changed,
/// products see .13, turns .07.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turns {
    /// Neighbouring differences of opposite sign.
    pub turns: u64,
    /// Neighbouring differences, neither of them 0.
    pub chances: u64,
}

impl Turns {
    /// Adds what another series or shard counted.
    pub fn merge(&mut self, other: Self) {
        self.turns += other.turns;
        self.chances += other.chances;
    }

    /// The autocorrelation of neighbouring versions, in `[−1, 3]`; above 1 only where almost nothing turns, as under a
    /// drift. Absent without a chance.
    pub fn rho(&self) -> Option<f64> {
        let rate = self.turns as f64 / self.chances as f64;
        (self.chances > 0).then(|| 1.0 + 2.0 * (PI * (0.5 - rate)).sin())
    }

    fn of(y: &[f64]) -> Self {
        let mut counted = Self::default();
        for window in y.windows(3) {
            if let &[first, middle, last] = window {
                let product = (middle - first) * (last - middle);
                counted.turns += u64::from(product < 0.0);
                counted.chances += u64::from(product.abs() > 0.0);
            }
        }
        counted
    }
}

/// Reads one series for the fit of the prior.
pub fn first_pass(
    input: &SeriesInput<'_>,
    parameters: &Parameters,
    workspace: &mut Workspace,
) -> Result<FirstPass, Unusable> {
    let Loaded { n, skipped } = input.load(parameters, workspace)?;
    let scatter = Scatter::of(n, workspace);
    Ok(FirstPass {
        points: n,
        scatter,
        ln_residual: scatter.all.filter(|residual| n >= 4 && *residual > 0.0).map(f64::ln),
        turns: Turns::of(&workspace.y[..n]),
        loners: Loners::of(&workspace.y[..n]),
        margin_ratio: margin_ratio(input, skipped, workspace),
    })
}

fn margin_ratio(input: &SeriesInput<'_>, skipped: usize, workspace: &mut Workspace) -> Option<f64> {
    let mut ratios = 0;
    for (margin, value) in input.margins.iter().zip(input.values).skip(skipped).take(MAX_POINTS) {
        if !margin.is_nan() {
            workspace.scratch[ratios] = margin.abs() / (value + input.offset);
            ratios += 1;
        }
    }
    (ratios > 0).then(|| noise::median(&mut workspace.scratch[..ratios]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close;

    fn pass(values: &[f64], margins: &[f64]) -> FirstPass {
        let input = SeriesInput { values, margins, offset: 0.0, lower_is_better: true };
        first_pass(&input, &Parameters::default(), &mut Workspace::default()).unwrap()
    }

    #[test]
    fn apples_sample_as_in_the_reference() {
        // stats_ref: noise(y, s2, Params())['R']
        let found = pass(&[768.7, 750.0, 992.3, 1118.9, 997.8], &[f64::NAN; 5]);
        assert_eq!(found.points, 5);
        close(found.scatter.all.unwrap(), 10.548_109_021_186_228, 1e-9);
        close(found.ln_residual.unwrap(), 10.548_109_021_186_228_f64.ln(), 1e-9);
        // Down, up, up, down.
        assert_eq!(found.turns, Turns { turns: 2, chances: 3 });
        assert_eq!(found.margin_ratio, None);
    }

    #[test]
    fn short_and_constant_series_inform_little() {
        let short = pass(&[1.0, 2.0, 1.0], &[f64::NAN; 3]);
        assert!(short.scatter.all.is_some() && short.ln_residual.is_none());
        let constant = pass(&[7.0; 6], &[f64::NAN; 6]);
        assert_eq!((constant.scatter.all, constant.ln_residual), (Some(0.0), None));
        assert_eq!(constant.turns.rho(), None);
        assert_eq!(pass(&[7.0], &[f64::NAN]).scatter.all, None);
        // A clean step is rounding noise, not scatter.
        assert_eq!(pass(&[7.1, 7.1, 7.1, 9.3, 9.3, 9.3], &[f64::NAN; 6]).ln_residual, None);
    }

    #[test]
    fn turns_tell_the_autocorrelation() {
        let rho = |turns, chances| Turns { turns, chances }.rho().unwrap();
        assert!(rho(2, 3).abs() < 1e-12);
        // rho = .4: r = -.3, and 1/2 - asin(-.3)/pi = .596_987 of the chances.
        close(rho(596_987, 1_000_000), 0.4, 1e-5);
        close(rho(1, 2), 1.0, 1e-12);
        close(rho(1, 1), -1.0, 1e-12);
        close(rho(0, 1), 3.0, 1e-12);
        let up_down = pass(&[1.0, 1.02, 1.0, 1.02, 1.0, 1.02], &[f64::NAN; 6]).turns;
        assert_eq!(up_down, Turns { turns: 4, chances: 4 });
        // Equal neighbours neither turn nor go on.
        let flat_start = pass(&[1.0, 1.0, 2.0, 1.0], &[f64::NAN; 4]).turns;
        assert_eq!(flat_start, Turns { turns: 1, chances: 1 });
        assert_eq!(pass(&[1.0, 2.0], &[f64::NAN; 2]).turns, Turns::default());
    }

    #[test]
    fn the_median_margin_is_over_points_that_have_one() {
        let found = pass(&[100.0; 4], &[f64::NAN, 2.0, 5.0, 3.0]);
        close(found.margin_ratio.unwrap(), 0.03, 1e-12);
    }
}
