//! What one series tells the batch before any series is judged: how much it scatters, and whether neighbours resemble.
//!
//! All of it is summed per stratum into a [`Prior`](super::Prior); nothing here depends on a prior, or the sums would
//! chase their own result.

use super::input::{Loaded, MAX_POINTS, SeriesInput, Unusable};
use super::judgement::noise_of;
use super::noise;
use super::workspace::Workspace;
use super::{Parameters, Prior};

/// The contribution of one series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FirstPass {
    /// Points counted, 1..=40: the index into [`null_law`](super::null_law).
    pub points: usize,
    /// R in units of the base variance. Absent below 3 points; 0 where the values repeat.
    pub residual: Option<f64>,
    /// ln R. Absent below 4 points, whose logarithm scatters too widely to inform, and where R is 0.
    pub ln_residual: Option<f64>,
    /// Autocorrelation of neighbouring versions, to be summed.
    pub lag: LagSums,
    /// Median over the points with a margin of the margin as a fraction of the value; absent where no point has one.
    /// Above 0.5 the margins are probably in another unit.
    pub margin_ratio: Option<f64>,
}

/// Sums over the standardised first differences d of a series: steps touch one difference only, and the clip tames that one.
///
/// For independent versions neighbouring differences correlate with −1/2, under an autocorrelation ρ with −(1 − ρ)/2; so
/// ρ = 1 + 2 · numerator / denominator.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LagSums {
    /// Σ dᵢ dᵢ₊₁.
    pub numerator: f64,
    /// Σ (dᵢ² + dᵢ₊₁²) / 2.
    pub denominator: f64,
}

impl LagSums {
    /// The autocorrelation; absent where nothing was summed.
    pub fn rho(&self) -> Option<f64> {
        (self.denominator > 0.0).then(|| 1.0 + 2.0 * self.numerator / self.denominator)
    }
}

/// Differences beyond this many standard deviations count as this: they are steps, not noise. The study's choice.
const CLIP: f64 = 2.0;

/// Reads one series for the fit of the prior.
pub fn first_pass(
    input: &SeriesInput<'_>,
    parameters: &Parameters,
    workspace: &mut Workspace,
) -> Result<FirstPass, Unusable> {
    let Loaded { n, skipped } = input.load(parameters, workspace)?;
    workspace.fill_base_costs(n);
    let noise = noise_of(n, &Prior::default(), workspace);
    Ok(FirstPass {
        points: n,
        residual: noise.residual,
        ln_residual: noise.residual.filter(|residual| n >= 4 && *residual > 0.0).map(f64::ln),
        lag: lag_sums(n, noise.dispersion, workspace),
        margin_ratio: margin_ratio(input, skipped, workspace),
    })
}

fn lag_sums(n: usize, dispersion: f64, workspace: &Workspace) -> LagSums {
    let variance = |i: usize| noise::variance(dispersion, workspace.base[i], workspace.sampling[i]);
    let mut sums = LagSums::default();
    let mut previous: Option<f64> = None;
    for i in 1..n {
        let difference = workspace.y[i] - workspace.y[i - 1];
        let difference = (difference / (variance(i) + variance(i - 1)).sqrt()).clamp(-CLIP, CLIP);
        if let Some(previous) = previous {
            sums.numerator += previous * difference;
            sums.denominator += 0.5 * (previous * previous + difference * difference);
        }
        previous = Some(difference);
    }
    sums
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
    use super::super::close;
    use super::*;

    fn pass(values: &[f64], margins: &[f64]) -> FirstPass {
        let input = SeriesInput { values, margins, offset: 0.0, lower_is_better: true };
        first_pass(&input, &Parameters::default(), &mut Workspace::default()).unwrap()
    }

    #[test]
    fn apples_sample_as_in_the_reference() {
        // stats_ref: noise(y, s2, Params())['R'] and lag1_sums(y, noise(...)['var'])
        let found = pass(&[768.7, 750.0, 992.3, 1118.9, 997.8], &[f64::NAN; 5]);
        assert_eq!(found.points, 5);
        close(found.residual.unwrap(), 10.548_109_021_186_228, 1e-9);
        close(found.ln_residual.unwrap(), 10.548_109_021_186_228_f64.ln(), 1e-9);
        close(found.lag.numerator, -0.063_265_631_074_668_43, 1e-9);
        close(found.lag.denominator, 8.292_960_601_802_989, 1e-9);
        assert_eq!(found.margin_ratio, None);
    }

    #[test]
    fn short_and_constant_series_inform_little() {
        let short = pass(&[1.0, 2.0, 1.0], &[f64::NAN; 3]);
        assert!(short.residual.is_some() && short.ln_residual.is_none());
        let constant = pass(&[7.0; 6], &[f64::NAN; 6]);
        assert_eq!((constant.residual, constant.ln_residual), (Some(0.0), None));
        assert_eq!(constant.lag.rho(), None);
        assert_eq!(pass(&[7.0], &[f64::NAN]).residual, None);
        // A clean step is rounding noise, not scatter.
        assert_eq!(pass(&[7.1, 7.1, 7.1, 9.3, 9.3, 9.3], &[f64::NAN; 6]).ln_residual, None);
    }

    #[test]
    fn alternating_values_have_negative_autocorrelation() {
        let up_down = pass(&[1.0, 1.02, 1.0, 1.02, 1.0, 1.02], &[f64::NAN; 6]);
        close(up_down.lag.rho().unwrap(), -1.0, 1e-9);
    }

    #[test]
    fn the_median_margin_is_over_points_that_have_one() {
        let found = pass(&[100.0; 4], &[f64::NAN, 2.0, 5.0, 3.0]);
        close(found.margin_ratio.unwrap(), 0.03, 1e-12);
    }
}
