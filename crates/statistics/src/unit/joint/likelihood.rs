//! How likely a contrast is under a change of some populations, over none.
//!
//! Given the common part γ, the populations are independent: `delta = load × effect + γ + noise`. The scale of each population's noise
//! is an estimate, so its term is Student's t with the degrees of freedom of that estimate, and so is γ's. One population that is far
//! off then costs a logarithm, not a square.

use std::f64::consts::TAU;

/// One population in a contrast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Leaf {
    /// Its difference.
    pub(super) delta: f64,
    /// Squared scale of that.
    pub(super) variance: f64,
    /// Degrees of freedom of the scale.
    pub(super) df: f64,
    /// What it moves by per unit of effect.
    pub(super) load: f64,
    /// How uncertain that is: variance per squared effect.
    pub(super) vague: f64,
}

/// A contrast as a likelihood.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Likelihood {
    pub(super) leaves: Vec<Leaf>,
    /// Squared scale of the common part; 0 where a population stands alone and has none.
    common: f64,
    common_df: f64,
    /// ln likelihood at its best without any effect, the curvature there, and the common part.
    flat: f64,
    flat_curvature: f64,
    flat_common: f64,
}

/// The sizes that an effect may have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sizes {
    /// A change: all logarithms of sizes between 5 % and a factor of four are alike.
    Change,
    /// An odd value, normal with this standard deviation.
    Odd(f64),
}

const SMALLEST_CHANGE: f64 = 0.05;
const LARGEST_CHANGE: f64 = 1.4;

impl Sizes {
    fn range(self) -> (f64, f64) {
        match self {
            Self::Change => (SMALLEST_CHANGE, LARGEST_CHANGE),
            Self::Odd(_) => (0.0, f64::MAX),
        }
    }

    /// ln of the density at an effect; either sign is as likely.
    fn ln_density(self, effect: f64) -> f64 {
        match self {
            Self::Change => -(2.0 * effect * (LARGEST_CHANGE / SMALLEST_CHANGE).ln()).ln(),
            Self::Odd(sd) => -0.5 * (effect / sd).powi(2) - 0.5 * (TAU * sd * sd).ln(),
        }
    }
}

/// What an effect explains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Explained {
    /// ln of the marginal likelihood over that of no effect.
    pub(super) ln_bayes: f64,
    pub(super) effect: f64,
    /// Its variance at the best effect.
    pub(super) variance: f64,
}

fn t_kernel(square: f64, df: f64) -> f64 {
    -0.5 * (df + 1.0) * (square / df).ln_1p()
}

/// Weight of one term in the next step of iteratively reweighted least squares.
fn t_weight(residual: f64, variance: f64, df: f64) -> f64 {
    (df + 1.0) / (df * variance + residual * residual)
}

impl Likelihood {
    pub(super) fn new(leaves: Vec<Leaf>, common: f64, common_df: f64) -> Self {
        /// From the precision-weighted mean, this many steps leave less than what the scales are known to.
        const STEPS: usize = 5;
        let (mut gamma, mut curvature) = (0.0, 1.0);
        if common > 0.0 {
            let precision: f64 = leaves.iter().map(|leaf| leaf.variance.recip()).sum();
            gamma = leaves.iter().map(|leaf| leaf.delta / leaf.variance).sum::<f64>() / (precision + common.recip());
            for _ in 0..STEPS {
                curvature = t_weight(gamma, common, common_df);
                let mut pull = 0.0;
                for leaf in &leaves {
                    let weight = t_weight(leaf.delta - gamma, leaf.variance, leaf.df);
                    pull += weight * leaf.delta;
                    curvature += weight;
                }
                gamma = pull / curvature;
            }
        }
        let mut found = Self { leaves, common, common_df, flat: 0.0, flat_curvature: curvature, flat_common: gamma };
        found.flat = found.ln_common(gamma)
            + found
                .leaves
                .iter()
                .map(|leaf| t_kernel((leaf.delta - gamma).powi(2) / leaf.variance, leaf.df))
                .sum::<f64>();
        found
    }

    fn ln_common(&self, gamma: f64) -> f64 {
        if self.common > 0.0 { t_kernel(gamma * gamma / self.common, self.common_df) } else { 0.0 }
    }

    /// The best effect of one sign, and Laplace's approximation of its marginal likelihood. `start` is a guess at its size.
    pub(super) fn explain(&self, sign: f64, start: f64, sizes: Sizes) -> Explained {
        const STEPS: usize = 6;
        /// A step of so much of a standard deviation changes no likelihood.
        const SMALL: f64 = 1e-3;
        let (least, most) = sizes.range();
        let within = |effect: f64| sign * (sign * effect).clamp(least, most);
        let mut effect = within(start);
        let mut gamma = 0.5 * self.flat_common;
        let (mut curvature, mut determinant) = (1.0, 1.0);
        for _ in 0..STEPS {
            let mut gg = if self.common > 0.0 { t_weight(gamma, self.common, self.common_df) } else { 0.0 };
            let (mut ee, mut eg, mut pull_e, mut pull_g) = (0.0, 0.0, 0.0, 0.0);
            for leaf in &self.leaves {
                let variance = leaf.variance + leaf.vague * effect * effect;
                let weight = t_weight(leaf.delta - gamma - leaf.load * effect, variance, leaf.df);
                ee += weight * leaf.load * leaf.load;
                eg += weight * leaf.load;
                gg += weight;
                pull_e += weight * leaf.load * leaf.delta;
                pull_g += weight * leaf.delta;
            }
            let before = (effect, gamma);
            if self.common > 0.0 {
                determinant = ee * gg - eg * eg;
                effect = within((pull_e * gg - pull_g * eg) / determinant);
                gamma = (pull_g - eg * effect) / gg;
                curvature = determinant / gg;
            } else {
                (effect, gamma, curvature, determinant) = (within(pull_e / ee), 0.0, ee, ee);
            }
            let step = (effect - before.0).powi(2) * ee + (gamma - before.1).powi(2) * gg;
            if step < SMALL * SMALL {
                break;
            }
        }
        let at = self.ln_common(gamma)
            + self
                .leaves
                .iter()
                .map(|leaf| {
                    let variance = leaf.variance + leaf.vague * effect * effect;
                    let wider = if leaf.vague > 0.0 { 0.5 * (leaf.variance / variance).ln() } else { 0.0 };
                    t_kernel((leaf.delta - gamma - leaf.load * effect).powi(2) / variance, leaf.df) + wider
                })
                .sum::<f64>();
        // The density is flat over no more than the effect itself.
        let width = (TAU / curvature).sqrt().min(effect.abs().max(SMALLEST_CHANGE));
        let common_width =
            if self.common > 0.0 { 0.5 * (self.flat_curvature * curvature / determinant).ln() } else { 0.0 };
        let ln_bayes = at - self.flat + sizes.ln_density(effect.abs()) + width.ln() + common_width;
        let ln_bayes = if ln_bayes.is_finite() { ln_bayes } else { f64::NEG_INFINITY };
        Explained { ln_bayes, effect, variance: curvature.recip() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close;

    fn leaf(delta: f64, sd: f64, load: f64) -> Leaf {
        Leaf { delta, variance: sd * sd, df: 1e6, load, vague: 0.0 }
    }

    #[test]
    fn a_lone_population_by_hand() {
        // Normal noise of .02, a difference of .2: exp(z²/2) = e^50 at its best, the width of the likelihood √(2π) .02, the density of
        // the size 1 / (2 · .2 · ln 28).
        let found = Likelihood::new(vec![leaf(0.2, 0.02, 1.0)], 0.0, 1.0).explain(1.0, 0.2, Sizes::Change);
        close(found.effect, 0.2, 1e-9);
        close(found.variance, 0.0004, 1e-5);
        close(found.ln_bayes, 50.0 + (TAU.sqrt() * 0.02 / (2.0 * 0.2 * 28_f64.ln())).ln(), 1e-3);
    }

    #[test]
    fn the_common_mode_is_paid_once() {
        // Four populations moved by .1 each, all by the same: one common part of .05 explains it as well as one population of that noise.
        let four = Likelihood::new(vec![leaf(0.1, 0.01, 1.0); 4], 0.0025, 1e6);
        let found = four.explain(1.0, 0.1, Sizes::Change);
        close(found.variance, 0.0025 + 0.0001 / 4.0, 1e-4);
        // One of four alone: the others know the common part, and .1 is ten of its own standard deviations.
        let mut one = Likelihood::new(
            vec![leaf(0.1, 0.01, 0.0), leaf(0.0, 0.01, 0.0), leaf(0.0, 0.01, 0.0), leaf(0.0, 0.01, 0.0)],
            0.0025,
            1e6,
        );
        one.leaves[0].load = 1.0;
        let local = one.explain(1.0, 0.1, Sizes::Change);
        assert!(local.ln_bayes > 25.0 && found.ln_bayes < 2.0, "{} {}", local.ln_bayes, found.ln_bayes);
    }

    #[test]
    fn a_far_population_costs_a_logarithm() {
        let far = |delta: f64| {
            let leaves = [delta, 0.0, 0.0, 0.0].map(|delta| Leaf { df: 4.0, ..leaf(delta, 0.01, 1.0) });
            Likelihood::new(leaves.to_vec(), 0.0001, 10.0).flat
        };
        // Twice as far: (df + 1) / 2 · ln 4 less.
        close(far(10.0) - far(20.0), 2.5 * 4_f64.ln(), 1e-3);
    }
}
