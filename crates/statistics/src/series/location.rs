//! Where one step happened: the probability of each version, and the smallest set that probably holds the true one.
//!
//! Flat over the versions before the data, with a normal law on the size of the step; heavy-tailed where the noise itself is
//! badly known. For one series, or for several that should have stepped together.

use crate::series::input::MAX_POINTS;
use crate::series::splits::Sums;

/// Probabilities of the cuts of one stretch, in order: entry 0 is the cut before its second point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Posterior {
    probability: [f64; MAX_POINTS],
    len: usize,
}

impl Posterior {
    /// One step somewhere in `start..end`, which has at least 2 points. `step_size` is the standard deviation of its size.
    pub(crate) fn of(sums: &Sums, start: usize, end: usize, df: f64, step_size: f64) -> Self {
        let spread = step_size * step_size;
        let mut posterior = Self { probability: [0.0; MAX_POINTS], len: end - start - 1 };
        let mut shrinkage = [0.0; MAX_POINTS];
        let mut evidence = [0.0; MAX_POINTS];
        let mut most = 0.0_f64;
        for (i, split) in sums.splits(start, end).enumerate() {
            shrinkage[i] = spread / (spread + split.se * split.se);
            evidence[i] = shrinkage[i] * split.t() * split.t();
            most = most.max(evidence[i]);
        }
        for i in 0..posterior.len {
            let lag = (most - evidence[i]) / df;
            posterior.probability[i] = 0.5 * (1.0 - shrinkage[i]).ln() - 0.5 * (df + 1.0) * lag.ln_1p();
        }
        normalise_logs(&mut posterior.probability[..posterior.len]);
        posterior
    }

    /// The most probable cut of `start..end`, the first of equals, without the probabilities.
    ///
    /// With the sharpest cut in hand, most others are out of the race before any logarithm: `ln q <= q - 1` bounds what a
    /// cut gains by its standard error, `ln(1 + x) >= x / (1 + x)` what it loses by its lag.
    pub(crate) fn peak_of(sums: &Sums, start: usize, end: usize, df: f64, step_size: f64) -> usize {
        let spread = step_size * step_size;
        let mut cuts = [(0.0, 0.0); MAX_POINTS]; // evidence, and what is not shrunk away
        let mut sharpest = 0;
        for (i, split) in sums.splits(start, end).enumerate() {
            let shrinkage = spread / (spread + split.se * split.se);
            cuts[i] = (shrinkage * split.t() * split.t(), 1.0 - shrinkage);
            if cuts[i].0 > cuts[sharpest].0 {
                sharpest = i;
            }
        }
        let (most, open) = cuts[sharpest];
        let score = |evidence: f64, open: f64| 0.5 * open.ln() - 0.5 * (df + 1.0) * ((most - evidence) / df).ln_1p();
        let mut best = (sharpest, None);
        for (i, &(evidence, own_open)) in cuts[..end - start - 1].iter().enumerate() {
            let lag = (most - evidence) / df;
            if i == sharpest || own_open / open - 1.0 <= (df + 1.0) * lag / (1.0 + lag) {
                continue;
            }
            let own = score(evidence, own_open);
            let least = *best.1.get_or_insert_with(|| score(most, open));
            if own > least || (own >= least && i < best.0) {
                best = (i, Some(own));
            }
        }
        best.0
    }

    pub(crate) fn probabilities(&self) -> &[f64] {
        &self.probability[..self.len]
    }
}

/// From logarithms up to a constant to numbers that sum to 1.
fn normalise_logs(values: &mut [f64]) {
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut sum = 0.0;
    for value in &mut *values {
        *value = (*value - most).exp();
        sum += *value;
    }
    for value in values {
        *value /= sum;
    }
}

/// Marks the smallest set of cuts whose probabilities sum to at least `mass`; of equals the earlier joins first.
pub(crate) fn credible(probabilities: &[f64], mass: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|a, b| probabilities[*b].total_cmp(&probabilities[*a]));
    let mut chosen = vec![false; probabilities.len()];
    let mut sum = 0.0;
    for index in order {
        if sum >= mass {
            break;
        }
        chosen[index] = true;
        sum += probabilities[index];
    }
    chosen
}

/// Where several related series stepped, if they stepped together.
#[derive(Clone, Debug, PartialEq)]
pub struct JointLocation {
    /// Probability of each cut, in the order of the posteriors given.
    pub probabilities: Vec<f64>,
    /// Whether the cut belongs to the smallest set that holds the wanted mass.
    pub credible: Vec<bool>,
}

/// Correlation of the noise of the 50th and 90th percentile of the same users, for [`locate_joint`]: the study's assumption.
pub const CORRELATION_OF_PERCENTILES: f64 = 0.8;
/// Correlation of the noise of two devices of one app, for [`locate_joint`]: the study's assumption.
pub const CORRELATION_OF_DEVICES: f64 = 0.5;

/// Combines the location posteriors of related series over the same cuts.
///
/// Their log probabilities are averaged and multiplied by the effective number of series, J / (1 + (J − 1) ρ): devices that
/// share releases and seasons are not independent witnesses. `correlation` is ρ in [0, 1]; `mass` in (0, 1). Absent when there
/// is no series or the series do not have the same cuts.
pub fn locate_joint(posteriors: &[&[f64]], correlation: f64, mass: f64) -> Option<JointLocation> {
    let cuts = posteriors.first()?.len();
    if cuts == 0 || posteriors.iter().any(|posterior| posterior.len() != cuts) {
        return None;
    }
    let discount = 1.0 + (posteriors.len() - 1) as f64 * correlation;
    let mut probabilities: Vec<f64> = (0..cuts)
        // A probability of 0 is a rounded one: it may not veto what the others say.
        .map(|cut| posteriors.iter().map(|posterior| posterior[cut].max(1e-300).ln()).sum::<f64>() / discount)
        .collect();
    normalise_logs(&mut probabilities);
    let credible = credible(&probabilities, mass);
    Some(JointLocation { probabilities, credible })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close;
    use proptest::prelude::*;

    /// Index of the most probable cut, the first of equals.
    fn peak(posterior: &Posterior) -> usize {
        let largest = posterior.probabilities().iter().copied().fold(0.0, f64::max);
        posterior.probabilities().iter().position(|&probability| probability >= largest).unwrap()
    }

    proptest! {
        #[test]
        fn the_peak_is_where_the_probability_is_largest(
            points in prop::collection::vec((-2.0..2.0_f64, 0.5..500.0_f64), 3..20), df in 1.0..60.0_f64,
        ) {
            let (y, weight): (Vec<_>, Vec<_>) = points.into_iter().unzip();
            let sums = Sums::new(&y, &weight);
            let posterior = Posterior::of(&sums, 0, y.len(), df, 0.2);
            let (found, expected) = (Posterior::peak_of(&sums, 0, y.len(), df, 0.2), peak(&posterior));
            let of = |cut: usize| posterior.probabilities()[cut];
            prop_assert!(found == expected || (of(found) / of(expected) - 1.0).abs() < 1e-12, "{found} {expected}");
        }
    }

    #[test]
    fn the_smallest_set_is_taken_in_order_of_probability() {
        assert_eq!(credible(&[0.1, 0.6, 0.3], 0.85), [false, true, true]);
        assert_eq!(credible(&[0.1, 0.6, 0.3], 0.6), [false, true, false]);
        assert_eq!(credible(&[0.25; 4], 0.5), [true, true, false, false]);
        assert_eq!(credible(&[1.0], 0.9), [true]);
    }

    #[test]
    fn three_points_by_hand() {
        // y = 0 0 1, unit weights, step size 1, df 2: cut 1 has Δ = 1/2 and se² = 3/2, cut 2 has Δ = 1 and se² = 3/2.
        // r = 1/2.5 = 0.4 for both, u = 0.4/6 and 0.4/1.5, so P(1)/P(2) = (1 + 0.2/2)^(−3/2).
        let posterior = Posterior::of(&Sums::new(&[0.0, 0.0, 1.0], &[1.0; 3]), 0, 3, 2.0, 1.0);
        let odds = 1.1_f64.powf(-1.5);
        close(posterior.probabilities()[0], odds / (1.0 + odds), 1e-12);
        assert_eq!(peak(&posterior), 1);
    }

    #[test]
    fn two_witnesses_that_agree_are_surer_and_perfectly_correlated_ones_are_not() {
        let posterior: &[f64] = &[0.2, 0.8];
        let independent = locate_joint(&[posterior, posterior], 0.0, 0.9).unwrap();
        close(independent.probabilities[1], 0.64 / 0.68, 1e-12);
        let same = locate_joint(&[posterior, posterior], 1.0, 0.9).unwrap();
        close(same.probabilities[1], 0.8, 1e-12);
        assert_eq!(same.credible, [true, true]);
        assert_eq!(independent.credible, [false, true]);
        assert_eq!(locate_joint(&[posterior, &[1.0]], 0.5, 0.9), None);
        assert_eq!(locate_joint(&[], 0.5, 0.9), None);
        assert_eq!(locate_joint(&[&[]], 0.5, 0.9), None);
    }
}
