//! Whether a unit changed, when, by how much, and which of its populations carry it.

use super::contrast::drift;
use super::hypotheses::{Hypotheses, Hypothesis, Judge};
use super::learned::UnitNoise;
use super::noise::UnitFit;
use super::oddity::Odd;
use super::release::{self, Release};
use super::{add_ln, sum_ln};
use crate::series::location::credible;

/// What a change looks like over versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A new level that lasts to the end.
    Step {
        /// First version of it.
        at: usize,
    },
    /// The same change with every version.
    Drift,
    /// A level that was taken back, of two versions at least.
    Stretch {
        /// First version of it.
        from: usize,
        /// First version after it.
        until: usize,
    },
}

/// The change that explains a unit best.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundChange {
    /// When.
    pub shape: Shape,
    /// By how much, on the log scale: a drift over the whole history.
    pub effect: f64,
    /// Standard error of that.
    pub se: f64,
    /// Degrees of freedom of that: of the best known population, or of what all have in common.
    pub df: f64,
    /// Populations that it is a change of: all of them, or some members with the aggregates of those alone.
    pub populations: Vec<usize>,
}

/// What one population has to do with the change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Carrier {
    /// Probability that it moved, given that something did.
    pub probability: f64,
    /// Its own change at the found version; absent where it has no version on either side.
    pub effect: Option<CarrierEffect>,
}

/// What one population says to a change, on the log scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CarrierEffect {
    /// Mean over its percentiles.
    pub delta: f64,
    /// Standard error of the change of one of its percentiles, the common mode included.
    pub se: f64,
    /// Degrees of freedom of that.
    pub df: f64,
}

/// What a unit says as one.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitVerdict {
    /// ln of how much likelier all values are if something changed than if nothing did. How often so much comes of nothing says
    /// [`NullLaws::history`](super::NullLaws::history).
    pub ln_evidence: f64,
    /// The best explanation, whether it convinces or not.
    pub change: FoundChange,
    /// ln of how much likelier a drift is than the likeliest step; −∞ without one.
    pub ln_drift: f64,
    /// Probability of each version to be the first of the new level, given a step in the direction of the best change.
    pub location: Vec<f64>,
    /// By population.
    pub carriers: Vec<Carrier>,
    /// Probability that the change is one of the whole unit, given that there is one.
    pub everywhere: f64,
    /// The same question about the latest version alone; absent where it has no value.
    pub release: Option<Release>,
    /// What was set aside before.
    pub odd: Vec<Odd>,
}

/// ln of what the sum over hypotheses leaves out: the best set of each size stands for itself alone, not for all that fit nearly as well.
/// Where nothing changed, the mean of the evidence is .2 to .3 without this; twice that is still no more than the 1 that it may be.
const LN_LEFT_OUT: f64 = std::f64::consts::LN_2;

impl UnitVerdict {
    /// The likeliest first version of the change; absent where a drift explains more.
    pub fn version(&self) -> Option<usize> {
        match self.change.shape {
            Shape::Step { .. } => self.version_of_step(),
            Shape::Stretch { from, .. } => Some(from),
            Shape::Drift => None,
        }
    }

    /// The likeliest first version if it is a step.
    pub(super) fn version_of_step(&self) -> Option<usize> {
        (0..self.location.len()).max_by(|&a, &b| self.location[a].total_cmp(&self.location[b]))
    }

    /// The fewest versions that hold this much of the probability, likeliest first.
    pub fn candidates(&self, probability: f64) -> Vec<usize> {
        likeliest(&self.location, probability)
    }
}

/// The fewest versions that hold this much of the probability, likeliest first, the older of equals.
pub(super) fn likeliest(location: &[f64], probability: f64) -> Vec<usize> {
    let chosen = credible(location, probability);
    let mut versions: Vec<usize> = (0..location.len()).filter(|&at| chosen[at] && location[at] > 0.0).collect();
    versions.sort_by(|&a, &b| location[b].total_cmp(&location[a]));
    versions
}

/// Judges a unit that was read. Absent where no version can be told from another.
pub fn judge_fit(fit: &UnitFit, noise: &UnitNoise) -> Option<UnitVerdict> {
    let judge = Judge::new(fit, noise);
    let found = judge.hypotheses();
    let verdict = verdict(&judge, &found)?;
    Some(UnitVerdict { release: release::judge(&judge, &found, verdict.ln_evidence), ..verdict })
}

/// The same without a word on the latest version.
pub(super) fn judge_history(fit: &UnitFit, noise: &UnitNoise) -> Option<UnitVerdict> {
    let judge = Judge::new(fit, noise);
    verdict(&judge, &judge.hypotheses())
}

fn verdict(judge: &Judge<'_>, found: &Hypotheses) -> Option<UnitVerdict> {
    let fit = judge.fit;
    let versions = fit.trust.len();
    let best = found.best()?;
    let total = sum_ln(found.iter().map(Hypothesis::ln_weight));
    let unchanged = judge.unchanged(found);
    let ln_evidence = LN_LEFT_OUT + total - unchanged;

    let mut location = vec![f64::NEG_INFINITY; versions];
    let mut probabilities = vec![0.0; fit.roles.len()];
    let mut everywhere = 0.0;
    for hypothesis in found.iter() {
        if let Shape::Step { at } = hypothesis.shape
            && hypothesis.sign * best.sign > 0.0
        {
            location[at] = add_ln(location[at], hypothesis.ln_weight());
        }
        let probability = (hypothesis.ln_weight() - total).exp();
        if hypothesis.is_of_all() {
            everywhere += probability;
        }
        let members = found.members_of(hypothesis);
        // An aggregate has a part in what its members do.
        let of_members = |parts: &[usize]| parts.iter().any(|part| members.contains(part));
        let aggregates = judge.aggregates.iter().filter(|(_, parts)| of_members(parts)).map(|(p, _)| p);
        for &p in members.iter().chain(aggregates) {
            probabilities[p] += probability;
        }
    }
    for sum in &mut probabilities {
        *sum += everywhere;
    }
    let best_of = |is_it: &dyn Fn(&Hypothesis) -> bool| {
        found.iter().filter(|own| is_it(own)).map(Hypothesis::ln_weight).fold(f64::NEG_INFINITY, f64::max)
    };
    let ln_drift = best_of(&|own| own.shape == Shape::Drift) - best_of(&|own| own.step().is_some());
    let steps = sum_ln(location.iter().copied());
    for ln in &mut location {
        *ln = if steps > f64::NEG_INFINITY { (*ln - steps).exp() } else { 0.0 };
    }
    let contrast = match best.shape {
        Shape::Step { at } => judge.prefixes.contrast(0, at, versions),
        Shape::Stretch { from, until } => judge.prefixes.contrast(0, from, until),
        Shape::Drift => drift(fit),
    }?;
    let effect = |p: usize| {
        let precision = contrast.precision[p];
        (precision > 0.0).then(|| {
            let own = fit.alone[p] / precision;
            CarrierEffect {
                delta: contrast.delta[p],
                se: (contrast.common + own).sqrt(),
                // Of whichever of the two says more of it.
                df: if contrast.common > own { judge.common_df } else { judge.df[p] },
            }
        })
    };
    let carriers = probabilities
        .iter()
        .enumerate()
        .map(|(p, &sum)| Carrier { probability: f64::min(sum, 1.0), effect: effect(p) });
    let populations: Vec<usize> = if best.is_of_all() {
        (0..fit.roles.len()).collect()
    } else {
        let members = found.members_of(best);
        let whole = |parts: &[usize]| parts.iter().all(|part| members.contains(part));
        let aggregates = judge.aggregates.iter().filter(|(_, parts)| whole(parts)).map(|(p, _)| *p);
        members.iter().copied().chain(aggregates).collect()
    };
    let df = populations.iter().map(|&p| judge.df[p]).fold(0.0, f64::max);
    let df = if best.is_of_all() && fit.common > 0.0 { df.min(judge.common_df) } else { df };
    Some(UnitVerdict {
        ln_evidence,
        location,
        carriers: carriers.collect(),
        everywhere: everywhere.min(1.0),
        release: None,
        odd: fit.odd.clone(),
        ln_drift,
        change: FoundChange { shape: best.shape, effect: best.effect, se: best.variance.sqrt(), df, populations },
    })
}
