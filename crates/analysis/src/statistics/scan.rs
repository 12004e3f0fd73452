//! The chance that a series without a step shows a cut as sharp as its sharpest.
//!
//! The sharpest of n − 1 cuts is bounded by the sum of their single chances less the overlap of neighbours (Hunter 1976,
//! Worsley 1982): a bound that is close because neighbouring cuts share all points but one. No random numbers.

use super::special::{normal, owens_t::owens_t};
use super::splits::Sums;

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
    let cuts = end - start - 1;
    let plain = two_sided * cuts as f64;
    if cuts < 2 || !(PLAIN_BELOW..=PLAIN_ABOVE).contains(&plain) {
        return plain.min(1.0);
    }
    let correlations = (start + 1..end - 1).map(|index| sums.neighbour_correlation(start, index, end));
    hunter_worsley(0.5 * two_sided, correlations)
}

/// Chance that any cut of the first `n` points, or the line through them, has a |t| this large, when `two_sided` is the chance
/// for one of them. `slope_se` is the standard error of the line's slope under the weights of `sums`.
pub(crate) fn adjust_with_line(sums: &Sums, n: usize, slope_se: f64, two_sided: f64) -> f64 {
    let plain = two_sided * n as f64; // n − 1 cuts and a line
    if !(PLAIN_BELOW..=PLAIN_ABOVE).contains(&plain) {
        return plain.min(1.0);
    }
    // Hunter's bound holds for any tree, and is tightest where the line hangs on the cut it resembles most.
    let line = sums.line_correlations(n, slope_se).fold(0.0, f64::max);
    let cuts = (1..n - 1).map(|index| sums.neighbour_correlation(0, index, n));
    hunter_worsley(0.5 * two_sided, cuts.chain([line]))
}

/// Bound on P(max |Z| > b) for a chain of standard normals with these neighbour correlations, where `tail` = P(Z > b).
pub(crate) fn hunter_worsley(tail: f64, correlations: impl Iterator<Item = f64>) -> f64 {
    let bound = normal::isf(tail);
    let mut sum = 2.0 * tail;
    for correlation in correlations {
        let slope = ((1.0 - correlation) / (1.0 + correlation)).max(0.0).sqrt();
        let both = tail - 2.0 * owens_t(bound, slope);
        sum += 2.0 * (tail - both.max(0.0));
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::super::close;
    use super::*;

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
        close(adjust_with_line(&sums, 3, 0.5_f64.sqrt(), 0.01), expected, 1e-12);
        // Dearer than the cuts alone, cheaper than one more stranger.
        assert!(expected > adjust(&sums, 0, 3, 0.01) && expected < adjust(&sums, 0, 3, 0.01) + 0.01);
        close(adjust_with_line(&sums, 3, 0.5_f64.sqrt(), 0.5), 1.0, 0.0);
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
