//! How much a series scatters when nothing changes: its own scatter, moderated by what the batch knows.
//!
//! A series of five points cannot tell its own noise. So its dispersion is averaged with the prior's, each weighted by its
//! degrees of freedom (Smyth 2004). Its own part is taken from a residual that neither a step nor a drift inflates.

use crate::series::line::Line;
use crate::series::null_law::{null_law, step_law, steps_removed};
use crate::series::workspace::Workspace;
use crate::{Basis, Prior};

/// A residual this small is rounding: values that repeat, or fit a step to the last digit. In units of the base variance, so a
/// scatter of a hundred-thousandth of the process noise.
const ROUNDING: f64 = 1e-10;

/// Least dispersion. Keeps variances above 0 where neither the prior nor the series knows of any noise.
const LEAST_DISPERSION: f64 = 1e-6;

/// Most degrees of freedom a test is given: t is then normal to six digits.
const LARGEST_DF: f64 = 1e6;

/// The noise of one series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noise {
    /// R, the residual in units of the base variance, step- and drift-free. Absent below 3 points; 0 when the values repeat.
    pub residual: Option<f64>,
    /// R over its expectation: the dispersion the series shows by itself. 1 below 3 points.
    pub own_dispersion: f64,
    /// Degrees of freedom of that. 0 below 3 points.
    pub own_df: f64,
    /// The moderated dispersion, which multiplies the base variance.
    pub dispersion: f64,
    /// Degrees of freedom of every test that uses it: own plus the prior's, at least 1.
    pub df: f64,
    /// Median over the points of the standard deviation of one value, as a fraction of the value.
    pub relative_sd: f64,
}

/// What a series scatters: R, the smaller residual of a few steps or a line, in units of the base variance. Absent below 3
/// points; 0 where the values repeat.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scatter {
    /// Of all points but the latest, which the release question is asked against.
    pub before_latest: Option<f64>,
    /// Of all points.
    pub all: Option<f64>,
}

impl Scatter {
    /// Of the `n` points that were loaded.
    pub(crate) fn of(n: usize, workspace: &mut Workspace) -> Self {
        if n < 3 {
            return Self { before_latest: None, all: None };
        }
        workspace.fill_base_costs(n);
        let Workspace { base_costs, y, base_weight, .. } = workspace;
        let of_first = |points: usize, steps: f64| {
            let least = steps.min(Line::fit(&y[..points], &base_weight[..points]).residual);
            if least > ROUNDING { least } else { 0.0 }
        };
        let [before_latest, all] = base_costs.least_residuals(n, [steps_removed(n - 1), steps_removed(n)]);
        Self { before_latest: (n > 3).then(|| of_first(n - 1, before_latest)), all: Some(of_first(n, all)) }
    }
}

/// What a residual is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Residual {
    /// The law where nothing happens: on average right for a level, and prudent for a step.
    OfLevel,
    /// The law where a step was taken away: right for a step, and for the question whether there is one.
    OfStep,
}

impl Residual {
    /// Which law the question for a step is asked under.
    pub(crate) fn asked(basis: Basis) -> Self {
        match basis {
            Basis::Assumed => Self::OfLevel,
            Basis::Fitted => Self::OfStep,
        }
    }
}

/// Moderates the scatter of `n` points by the prior. Leaves [`Noise::relative_sd`] at 0: it needs the points.
pub(crate) fn moderate(residual: Option<f64>, n: usize, prior: &Prior, law: Residual) -> Noise {
    let law = match law {
        Residual::OfLevel => null_law(n).map(|law| (law.mean, law.df)),
        Residual::OfStep => step_law(n).map(|law| (law.mean, law.df)),
    };
    let (own_dispersion, own_df) = match (residual, law) {
        (Some(residual), Some((mean, df))) => (residual / mean, df),
        _ => (1.0, 0.0),
    };
    let df = prior.df + own_df;
    // The mean of both, written so that a prior without doubt (infinite degrees of freedom) stands as it is.
    let own_share = own_df / df;
    let dispersion = if df > 0.0 { prior.scale + own_share * (own_dispersion - prior.scale) } else { 1.0 };
    Noise {
        residual,
        own_dispersion,
        own_df,
        dispersion: (dispersion * prior.ar_inflation).max(LEAST_DISPERSION),
        df: if df > 1.0 { df.min(LARGEST_DF) } else { 1.0 },
        relative_sd: 0.0,
    }
}

/// Variance of one value: dispersed base, but never below what sampling alone explains.
pub(crate) fn variance(dispersion: f64, base: f64, sampling: f64) -> f64 {
    (dispersion * base).max(sampling)
}

/// Middle value, for an even count the mean of the two in the middle. Reorders in place. 0 for none.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let middle = values.len() / 2;
    let is_even = values.len().is_multiple_of(2);
    let (below, &mut upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    if is_even { 0.5 * (below.iter().copied().fold(f64::NEG_INFINITY, f64::max) + upper) } else { upper }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close;
    use crate::series::input::MAX_POINTS;

    #[test]
    fn prior_and_series_are_weighted_by_their_degrees_of_freedom() {
        // n = 5: E R = 1.8113 with 2.286 df. R = 3.6226 shows twice the prior's dispersion.
        let noise = moderate(Some(3.6226), 5, &Prior::default(), Residual::OfLevel);
        close(noise.own_dispersion, 2.0, 1e-12);
        close(noise.df, 6.286, 1e-12);
        close(noise.dispersion, (4.0 + 2.0 * 2.286) / 6.286, 1e-12);
        // Autocorrelation multiplies the result.
        let prior = Prior { ar_inflation: 1.5, ..Prior::default() };
        close(moderate(Some(3.6226), 5, &prior, Residual::OfLevel).dispersion, 1.5 * noise.dispersion, 1e-12);
    }

    #[test]
    fn the_same_residual_is_less_noise_where_a_step_left_it() {
        // n = 5: three degrees of freedom are left, and R = 3 is the noise that was assumed.
        let noise = moderate(Some(3.0), 5, &Prior::default(), Residual::OfStep);
        close(noise.own_dispersion, 1.0, 1e-15);
        close(noise.df, 7.0, 1e-15);
        close(noise.dispersion, 1.0, 1e-15);
        assert!(moderate(Some(3.0), 5, &Prior::default(), Residual::OfLevel).dispersion > 1.2);
        assert_eq!(moderate(Some(0.0), 2, &Prior::default(), Residual::OfStep).own_df.to_bits(), 0);
    }

    #[test]
    fn without_evidence_the_prior_stands_and_without_a_prior_one_does() {
        let prior = Prior { scale: 2.5, ..Prior::default() };
        close(moderate(None, 2, &prior, Residual::OfLevel).dispersion, 2.5, 1e-12);
        close(moderate(None, 2, &prior, Residual::OfLevel).df, 4.0, 1e-12);
        let ignorant = Prior { df: 0.0, ..Prior::default() };
        close(moderate(None, 2, &ignorant, Residual::OfLevel).dispersion, 1.0, 0.0);
        close(moderate(None, 2, &ignorant, Residual::OfLevel).df, 1.0, 0.0);
        assert!(moderate(Some(0.0), 5, &ignorant, Residual::OfLevel).dispersion > 0.0);
        close(moderate(Some(3.6226), 5, &ignorant, Residual::OfLevel).dispersion, 2.0, 1e-12);
        let certain = Prior { scale: 2.5, df: f64::INFINITY, ..Prior::default() };
        close(moderate(Some(0.0), 5, &certain, Residual::OfLevel).dispersion, 2.5, 1e-12);
        close(moderate(Some(0.0), 5, &certain, Residual::OfLevel).df, 1e6, 0.0);
    }

    #[test]
    fn sampling_bounds_the_variance_from_below() {
        close(variance(0.5, 0.04, 0.03), 0.03, 0.0);
        close(variance(0.9, 0.04, 0.03), 0.036, 1e-15);
    }

    #[test]
    fn residual_is_free_of_one_step_and_of_a_line() {
        let mut workspace = Workspace::default();
        let mut residual_of = |y: &[f64]| {
            workspace.y[..y.len()].copy_from_slice(y);
            workspace.base_weight = [1.0; MAX_POINTS];
            workspace.base_moments.fill(y, &workspace.base_weight);
            workspace.base_costs_of = 0;
            Scatter::of(y.len(), &mut workspace)
        };
        let spike = residual_of(&[0.0, 0.0, 1.0, 0.0, 0.0]);
        // Without the last point the best step leaves 1/2 too, and so does no line.
        close(spike.before_latest.unwrap(), 0.5, 1e-12);
        assert_eq!(residual_of(&[1.0, 2.0]), Scatter { before_latest: None, all: None });
        assert_eq!(residual_of(&[1.0, 2.0, 4.0]).before_latest, None);
        let mut residual_of = |y: &[f64]| residual_of(y).all.unwrap();
        close(residual_of(&[0.0, 0.0, 0.0, 9.0, 9.0]), 0.0, 0.0);
        close(residual_of(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), 0.0, 0.0);
        // One spike in the middle: the best step leaves 1/2, cut beside the spike.
        close(residual_of(&[0.0, 0.0, 1.0, 0.0, 0.0]), 2.0 / 3.0, 1e-12);
    }

    #[test]
    fn medians() {
        close(median(&mut [3.0, 1.0, 2.0]), 2.0, 0.0);
        close(median(&mut [4.0, 1.0, 2.0, 3.0]), 2.5, 0.0);
        close(median(&mut []), 0.0, 0.0);
    }
}
