//! The chance that a series without a step shows a cut as sharp as its sharpest.
//!
//! The sharpest of n − 1 cuts is bounded by the sum of their single chances less the overlap of neighbours (Hunter 1976,
//! Worsley 1982): a bound that is close because neighbouring cuts share all points but one. No random numbers.

use crate::series::splits::Sums;
use crate::special::{normal, owens_t::owens_t};

/// At most one step somewhere: the first test of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scan {
    /// Position of the first point after the sharpest cut.
    pub index: usize,
    /// Change there on the log scale, after less before.
    pub delta: f64,
    /// Standard error of that.
    pub se: f64,
    /// Their ratio.
    pub t: f64,
    /// Chance of a |t| this large at any cut of a series without a step.
    pub p: f64,
}

/// Above this sum of single chances the overlap is not subtracted: no claim hangs on it, and the sum is still a bound.
const PLAIN_ABOVE: f64 = 0.2;
/// Below this the overlap is no longer worth its computation.
const PLAIN_BELOW: f64 = 1e-12;

/// Chance of a |t| this large at any cut of `start..end`, when `two_sided` is the chance at one given cut.
pub(crate) fn adjust(sums: &Sums, start: usize, end: usize, two_sided: f64) -> f64 {
    Bound::over_cuts(sums, start, end, two_sided).p()
}

/// A bound on the chance that any of several statistics is as sharp as one of them was; more may join.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bound {
    /// Chance for one given statistic.
    two_sided: f64,
    /// The normal deviate as rare as that, where overlaps are subtracted at all.
    deviate: Option<f64>,
    sum: f64,
}

impl Bound {
    /// Over all cuts of `start..end`.
    pub(crate) fn over_cuts(sums: &Sums, start: usize, end: usize, two_sided: f64) -> Self {
        let cuts = end - start - 1;
        let plain = two_sided * cuts as f64;
        if cuts < 2 || !(PLAIN_BELOW..=PLAIN_ABOVE).contains(&plain) {
            return Self { two_sided, deviate: None, sum: plain };
        }
        let mut bound = Self { two_sided, deviate: Some(normal::isf(0.5 * two_sided)), sum: two_sided };
        for index in start + 1..end - 1 {
            bound.join(|| sums.neighbour_correlation(start, index, end));
        }
        bound
    }

    /// One more statistic, which correlates like this with one of those before. Hunter's bound holds for any tree, and is
    /// tightest where each hangs on the one that it resembles most.
    pub(crate) fn join(&mut self, correlation: impl FnOnce() -> f64) {
        self.sum += match self.deviate {
            Some(deviate) => alone(0.5 * self.two_sided, deviate, correlation()),
            None => self.two_sided,
        };
    }

    pub(crate) fn p(&self) -> f64 {
        self.sum.min(1.0)
    }
}

/// Chance that a standard normal is beyond ±`deviate`, where P(Z > deviate) = `tail`, and another that correlates with it is
/// not beyond on the same side.
fn alone(tail: f64, deviate: f64, correlation: f64) -> f64 {
    let slope = ((1.0 - correlation) / (1.0 + correlation)).max(0.0).sqrt();
    let both = tail - 2.0 * owens_t(deviate, slope);
    2.0 * (tail - both.max(0.0))
}

/// Bound on P(max |Z| > b) for a chain of standard normals with these neighbour correlations, where `tail` = P(Z > b).
pub(crate) fn hunter_worsley(tail: f64, correlations: impl Iterator<Item = f64>) -> f64 {
    let deviate = normal::isf(tail);
    correlations.fold(2.0 * tail, |sum, correlation| sum + alone(tail, deviate, correlation)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close;

    #[test]
    fn the_bound_at_its_two_ends() {
        // Uncorrelated: the overlap is the product, so two statistics give the exact 1 − (1 − 2α)² up to the opposite signs,
        // which the bound leaves out: 2·2α − 2α².
        close(hunter_worsley(0.01, [0.0].into_iter()), 0.04 - 2.0 * 0.0001, 1e-9);
        // The same statistic twice counts once.
        close(hunter_worsley(0.01, [1.0, 1.0].into_iter()), 0.02, 1e-12);
        close(hunter_worsley(0.4, [0.1; 9].into_iter()), 1.0, 0.0);
    }

    #[test]
    fn the_line_is_one_more_node_beside_its_nearest_cut() {
        // Three equal weights: the cuts correlate by √(1·1/(2·2)) = 1/2; a cut and the line by Δx̄ √(W_L W_R / W) / √Sxx
        // = 1.5 · √(2/3) / √2 = √3/2.
        let sums = Sums::new(&[0.0; 3], &[1.0; 3]);
        let expected = hunter_worsley(0.005, [0.5, 0.75_f64.sqrt()].into_iter());
        let with_line = |two_sided| {
            let mut bound = Bound::over_cuts(&sums, 0, 3, two_sided);
            bound.join(|| sums.line_correlation(3, 0.5_f64.sqrt()));
            bound.p()
        };
        close(with_line(0.01), expected, 1e-12);
        // Dearer than the cuts alone, cheaper than one more stranger.
        assert!(expected > adjust(&sums, 0, 3, 0.01) && expected < adjust(&sums, 0, 3, 0.01) + 0.01);
        close(with_line(0.5), 1.0, 0.0);
    }

    #[test]
    fn the_bound_as_in_the_reference() {
        // stats_ref.hunter_worsley(b, rho) with scipy's owens_t
        for (b, rho, p) in REFERENCE {
            close(hunter_worsley(normal::sf(b), rho.iter().copied()), p, 1e-10);
        }
    }

    const REFERENCE: [(f64, &[f64], f64); 4] = [
        (2.0, &[0.5, 0.7], 0.113_671_732_235_272_47),
        (3.0, &[0.9, 0.95, 0.9], 0.006_739_240_018_953_768),
        (4.5, &[0.2, 0.99, 0.6, 0.8], 2.802_580_837_508_082_6e-5),
        (6.5, &[0.577, 0.9], 2.306_743_377_269_315e-10),
    ];
}
