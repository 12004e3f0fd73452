//! How much a series scatters when nothing changes: its own scatter, moderated by what the batch knows.
//!
//! A series of five points cannot tell its own noise. So its dispersion is averaged with the prior's, each weighted by its
//! degrees of freedom (Smyth 2004). Its own part is taken from a residual that neither a step nor a drift inflates.

use super::Prior;
use super::cost::CostTriangle;
use super::line::Line;
use super::null_law::{null_law, steps_removed};

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

/// R of the first `n` points: the smaller residual of a few steps or a line. Absent below 3 points.
pub(crate) fn residual(costs: &CostTriangle, y: &[f64], base: &[f64], n: usize) -> Option<f64> {
    if n < 3 {
        return None;
    }
    let steps = costs.least_residual(n, steps_removed(n));
    let line = Line::fit(&y[..n], |i| 1.0 / base[i]).residual;
    let least = steps.min(line);
    Some(if least > ROUNDING { least } else { 0.0 })
}

/// Moderates the scatter of `n` points by the prior. Leaves [`Noise::relative_sd`] at 0: it needs the points.
pub(crate) fn moderate(residual: Option<f64>, n: usize, prior: &Prior) -> Noise {
    let (own_dispersion, own_df) = match (residual, null_law(n)) {
        (Some(residual), Some(law)) => (residual / law.mean, law.df),
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

/// Middle value, for an even count the mean of the two in the middle. Sorts in place. 0 for none.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len().is_multiple_of(2) { 0.5 * (values[middle - 1] + values[middle]) } else { values[middle] }
}

#[cfg(test)]
mod tests {
    use super::super::close;
    use super::*;

    #[test]
    fn prior_and_series_are_weighted_by_their_degrees_of_freedom() {
        // n = 5: E R = 1.8113 with 2.286 df. R = 3.6226 shows twice the prior's dispersion.
        let noise = moderate(Some(3.6226), 5, &Prior::default());
        close(noise.own_dispersion, 2.0, 1e-12);
        close(noise.df, 6.286, 1e-12);
        close(noise.dispersion, (4.0 + 2.0 * 2.286) / 6.286, 1e-12);
        // Autocorrelation multiplies the result.
        let prior = Prior { ar_inflation: 1.5, ..Prior::default() };
        close(moderate(Some(3.6226), 5, &prior).dispersion, 1.5 * noise.dispersion, 1e-12);
    }

    #[test]
    fn without_evidence_the_prior_stands_and_without_a_prior_one_does() {
        let prior = Prior { scale: 2.5, ..Prior::default() };
        close(moderate(None, 2, &prior).dispersion, 2.5, 1e-12);
        close(moderate(None, 2, &prior).df, 4.0, 1e-12);
        let ignorant = Prior { df: 0.0, ..Prior::default() };
        close(moderate(None, 2, &ignorant).dispersion, 1.0, 0.0);
        close(moderate(None, 2, &ignorant).df, 1.0, 0.0);
        assert!(moderate(Some(0.0), 5, &ignorant).dispersion > 0.0);
        close(moderate(Some(3.6226), 5, &ignorant).dispersion, 2.0, 1e-12);
        let certain = Prior { scale: 2.5, df: f64::INFINITY, ar_inflation: 1.0 };
        close(moderate(Some(0.0), 5, &certain).dispersion, 2.5, 1e-12);
        close(moderate(Some(0.0), 5, &certain).df, 1e6, 0.0);
    }

    #[test]
    fn sampling_bounds_the_variance_from_below() {
        close(variance(0.5, 0.04, 0.03), 0.03, 0.0);
        close(variance(0.9, 0.04, 0.03), 0.036, 1e-15);
    }

    #[test]
    fn residual_is_free_of_one_step_and_of_a_line() {
        let residual_of = |y: &[f64]| {
            let mut costs = CostTriangle::default();
            costs.fill(y, |_| 1.0);
            residual(&costs, y, &[1.0; 8], y.len()).unwrap()
        };
        close(residual_of(&[0.0, 0.0, 0.0, 9.0, 9.0]), 0.0, 0.0);
        close(residual_of(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), 0.0, 0.0);
        // One spike in the middle: the best step leaves 1/2, cut beside the spike.
        close(residual_of(&[0.0, 0.0, 1.0, 0.0, 0.0]), 2.0 / 3.0, 1e-12);
        assert_eq!(residual(&CostTriangle::default(), &[1.0, 2.0], &[1.0; 2], 2), None);
    }

    #[test]
    fn medians() {
        close(median(&mut [3.0, 1.0, 2.0]), 2.0, 0.0);
        close(median(&mut [4.0, 1.0, 2.0, 3.0]), 2.5, 0.0);
        close(median(&mut []), 0.0, 0.0);
    }
}
