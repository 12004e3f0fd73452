//! Whether a unit changed, when, by how much, and which of its populations carry it.

use super::contrast::{Contrast, Prefixes, drift};
use super::laws::{degrees_of_freedom, t_scale};
use super::learned::UnitNoise;
use super::likelihood::{Leaf, Likelihood, Sizes};
use super::noise::UnitFit;
use super::oddity::Odd;
use super::release::{self, Release};
use super::{Role, add_ln, sum_ln};
use crate::fdr::PValue;
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
    /// Populations that it is a change of: all of them, or some members.
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
    /// ln of how much likelier all values are if something changed than if nothing did. See [`UnitVerdict::p`].
    pub ln_evidence: f64,
    /// Chance of so much evidence where nothing changed. By Markov's inequality it is at most e^−`ln_evidence` whatever the unit looks
    /// like, if its noise is as learned; a tenth of that is what it is. Measured in six worlds of 2 to 50 series and 4 to 24 versions
    /// (`simulate 1500 33 --joint --calibration`): P(p ≤ a) is .5 to .9 of a at a = .1, .2 to 1 at .01, and mostly less below, down to
    /// 10⁻⁷; at most 1.9 at .001, which is one draw.
    pub p: f64,
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

/// See [`UnitVerdict::p`].
const LN_SHARPNESS: f64 = -std::f64::consts::LN_10;

/// From ln evidence to p.
pub(super) fn p_value(ln_evidence: f64) -> PValue {
    PValue::from_ln(LN_SHARPNESS - ln_evidence)
}

impl UnitVerdict {
    /// [`UnitVerdict::p`], with its logarithm where it is too small for a double.
    pub fn p_value(&self) -> PValue {
        p_value(self.ln_evidence)
    }

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

/// One explanation.
#[derive(Clone, Debug)]
pub(super) struct Hypothesis {
    pub(super) ln_prior: f64,
    pub(super) ln_bayes: f64,
    shape: Shape,
    sign: f64,
    effect: f64,
    variance: f64,
    /// Members, in the order in which they join; empty = all populations.
    pub(super) members: Vec<usize>,
}

impl Hypothesis {
    fn ln_weight(&self) -> f64 {
        self.ln_prior + self.ln_bayes
    }
}

/// Shares of the kinds of changes, before anything is seen. A factor of two in any of them moves no verdict by more than ln 2.
const EVERYWHERE: f64 = 0.55;
const SOMEWHERE: f64 = 0.35;
const DRIFT: f64 = 0.05;
const STRETCH: f64 = 0.05;

/// What is known of the populations for every contrast.
pub(super) struct Judge<'a> {
    pub(super) fit: &'a UnitFit,
    pub(super) noise: &'a UnitNoise,
    pub(super) prefixes: Prefixes,
    df: Vec<f64>,
    scale: Vec<f64>,
    common_df: f64,
    common_scale: f64,
    /// Populations that may change alone: the members, or where there are none the aggregates.
    parts: Vec<usize>,
}

/// One contrast with all that is asked of it.
pub(super) struct Asked {
    contrast: Contrast,
    likelihood: Likelihood,
    populations: Vec<usize>,
}

impl<'a> Judge<'a> {
    fn new(fit: &'a UnitFit, noise: &'a UnitNoise) -> Self {
        let df: Vec<f64> = fit.own_known.iter().map(|&known| degrees_of_freedom(known)).collect();
        let common_df = degrees_of_freedom(fit.common_known);
        let wanted = if fit.roles.contains(&Role::Member) { Role::Member } else { Role::Aggregate };
        Self {
            fit,
            noise,
            prefixes: Prefixes::of(fit),
            scale: df.iter().map(|&df| t_scale(df)).collect(),
            df,
            common_df,
            common_scale: t_scale(common_df),
            parts: (0..fit.roles.len()).filter(|&p| fit.roles[p] == wanted).collect(),
        }
    }

    pub(super) fn ask(&self, contrast: Contrast) -> Asked {
        let populations: Vec<usize> = (0..contrast.delta.len()).filter(|&p| contrast.precision[p] > 0.0).collect();
        let leaf = |&p: &usize| Leaf {
            delta: contrast.delta[p],
            variance: self.scale[p] / contrast.precision[p],
            df: self.df[p],
            load: 1.0,
            vague: 0.0,
        };
        let leaves = populations.iter().map(leaf).collect();
        let likelihood = Likelihood::new(leaves, contrast.common * self.common_scale, self.common_df);
        Asked { contrast, likelihood, populations }
    }

    /// Sets of members, of every size the one that fits best: grown by the member that adds most. All sets of a size are as likely, so
    /// the best stands for itself alone, which is a lower bound of what all of them say.
    pub(super) fn somewhere(&self, asked: &mut Asked, shape: Shape, ln_prior: f64, found: &mut Vec<Hypothesis>) {
        /// A set whose mean is no further off than this explains nothing.
        const LEAST_T: f64 = 1.7;
        /// Sets that much less likely than the best need not grow further.
        const TOO_UNLIKELY: f64 = 15.0;
        let count = self.parts.len();
        if count < 2 {
            return;
        }
        // Small sets are as likely as large ones are unlikely: 1 / size.
        let sizes: f64 = (1..count).map(|size| 1.0 / size as f64).sum();
        let precision = |p: usize| asked.contrast.precision[p];
        let product = |p: usize| asked.contrast.precision[p] * asked.contrast.delta[p];
        let total: f64 = self.parts.iter().map(|&p| precision(p)).sum();
        let moved: f64 = self.parts.iter().map(|&p| product(p)).sum();
        let shrink = asked.contrast.common / (1.0 + asked.contrast.common * total);
        for sign in [1.0, -1.0] {
            let mut members: Vec<usize> = Vec::new();
            let (mut sum, mut weight, mut ln_sets, mut best) = (0.0, 0.0, 0.0, f64::NEG_INFINITY);
            for size in 1..count {
                ln_sets += ((count - size + 1) as f64 / size as f64).ln();
                let score = |p: usize| {
                    let (sum, weight) = (sum + product(p), weight + precision(p));
                    sign * (sum - weight * moved * shrink) / (weight - weight * weight * shrink).max(1e-12).sqrt()
                };
                let joins = self
                    .parts
                    .iter()
                    .filter(|&&p| precision(p) > 0.0 && !members.contains(&p))
                    .map(|&p| (score(p), p))
                    .max_by(|a, b| a.0.total_cmp(&b.0));
                let Some((t, p)) = joins.filter(|(t, _)| *t > 0.0) else { break };
                members.push(p);
                sum += product(p);
                weight += precision(p);
                if t < LEAST_T {
                    continue;
                }
                let share = size as f64 / count as f64;
                for (leaf, p) in asked.likelihood.leaves.iter_mut().zip(&asked.populations) {
                    (leaf.load, leaf.vague) = if self.parts.contains(p) {
                        (f64::from(u8::from(members.contains(p))), 0.0)
                    } else {
                        // An aggregate moves by its members' share of the users, which nobody tells.
                        (share, (0.5 * share).powi(2).min(0.09))
                    };
                }
                let start = (sum - weight * moved * shrink) / (weight - weight * weight * shrink);
                let explained = asked.likelihood.explain(sign, start, Sizes::Change);
                let hypothesis = Hypothesis {
                    ln_prior: ln_prior - ln_sets - (sizes * size as f64).ln(),
                    ln_bayes: explained.ln_bayes,
                    shape,
                    sign,
                    effect: explained.effect,
                    variance: explained.variance,
                    members: members.clone(),
                };
                best = f64::max(best, hypothesis.ln_weight());
                if hypothesis.ln_weight() < best - TOO_UNLIKELY {
                    break;
                }
                found.push(hypothesis);
            }
        }
    }

    /// Members that go together more than the common mode says make a set of them look like a change: what a set says is worth less by
    /// how much its own mean scatters within the two sides, in batches where members do go together.
    fn discount_blocks(&self, hypothesis: &mut Hypothesis) {
        const LEAST_BLOCKS: f64 = 1e-4;
        let Shape::Step { at } = hypothesis.shape else { return };
        if hypothesis.members.len() < 2 || hypothesis.ln_bayes <= 1.0 {
            return;
        }
        let fit = self.fit;
        let (mut squares, mut df) = (0.0, 0.0);
        for side in [0..at, at..fit.trust.len()] {
            let (mut sum, mut weights, mut sum_squares, mut count) = (0.0, 0.0, 0.0, 0.0);
            for version in side {
                let all: f64 = fit.weights.iter().map(|weights| weights[version]).sum();
                let (mut part, mut weight) = (0.0, 0.0);
                for &p in hypothesis.members.iter().filter(|&&p| fit.weights[p][version] > 0.0) {
                    part += fit.weights[p][version] * (fit.values[p][version] - fit.levels[p] - fit.mode[version]);
                    weight += fit.weights[p][version];
                }
                if weight > 0.0 && all > weight * 1.0001 {
                    let (mean, precision) = (part / weight, (weight.recip() - all.recip()).recip());
                    sum += precision * mean;
                    weights += precision;
                    sum_squares += precision * mean * mean;
                    count += 1.0;
                }
            }
            if weights > 0.0 {
                squares += sum_squares - sum * sum / weights;
                df += count - 1.0;
            }
        }
        let prior = 2.0 / self.noise.blocks.max(LEAST_BLOCKS);
        hypothesis.ln_bayes /= ((prior + squares) / (prior + df)).max(1.0);
    }

    /// ln Σ of what all hypotheses without a change say of one version alone: the whole unit is odd, or one population.
    pub(super) fn odd_version(&self, asked: &mut Asked) -> f64 {
        /// What lies nearer to the mean than two standard deviations is not odd.
        const LEAST_T: f64 = 2.0;
        for leaf in &mut asked.likelihood.leaves {
            (leaf.load, leaf.vague) = (1.0, 0.0);
        }
        let mean = asked.mean();
        let all = asked.likelihood.explain(1.0_f64.copysign(mean), mean, Sizes::Odd(self.noise.odd_version_size));
        let mut sum = self.noise.odd_versions.ln() + all.ln_bayes;
        if self.fit.roles.len() < 2 {
            return sum;
        }
        for one in 0..asked.populations.len() {
            let Leaf { delta, variance, .. } = asked.likelihood.leaves[one];
            let off = delta - mean;
            if off * off < LEAST_T * LEAST_T * variance {
                continue;
            }
            for (at, leaf) in asked.likelihood.leaves.iter_mut().enumerate() {
                leaf.load = f64::from(u8::from(at == one));
            }
            let size = Sizes::Odd(self.noise.odd_population_size);
            let alone = asked.likelihood.explain(1.0_f64.copysign(off), off, size);
            sum = add_ln(sum, self.noise.odd_populations.ln() + alone.ln_bayes);
        }
        sum
    }

    /// ln of the chance that what looks like this change is none: several populations odd together at an end, one at two versions in a
    /// row there, or noise of two modes that happened to fall apart at this version.
    pub(super) fn without_change(&self, hypothesis: &Hypothesis, at: usize, versions: usize, ln_prior: f64) -> f64 {
        let ln_set = hypothesis.ln_prior - ln_prior;
        let whole = hypothesis.members.is_empty();
        let alone = hypothesis.members.len() == 1;
        // Of all ways to deal the two modes to the versions, this one: ∫ r^at (1 − r)^(versions − at) dr.
        let deals =
            (0..at).map(|i| ((versions - i) as f64 / (i + 1) as f64).ln()).sum::<f64>() + (versions as f64 + 1.0).ln();
        let modes = match (whole, alone) {
            (true, _) => self.noise.modes_of_all.ln(),
            (_, true) => self.noise.modes.ln(),
            _ => self.noise.modes_of_sets.ln() + ln_set,
        };
        let mut sum = modes - deals;
        if !whole && (at == 1 || at + 1 == versions) {
            sum = add_ln(sum, self.noise.odd_sets.ln() + ln_set);
        }
        if alone && versions > 4 && (at == 2 || at + 2 == versions) {
            sum = add_ln(sum, self.noise.odd_pairs.ln());
        }
        sum + hypothesis.ln_bayes
    }

    fn hypotheses(&self) -> Vec<Hypothesis> {
        let versions = self.fit.trust.len();
        let each = (versions as f64 - 1.0).ln();
        let mut found = Vec::new();
        for at in 1..versions {
            let Some(contrast) = self.prefixes.contrast(0, at, versions) else { continue };
            let mut asked = self.ask(contrast);
            let shape = Shape::Step { at };
            found.push(asked.everywhere(shape, EVERYWHERE.ln() - each));
            self.somewhere(&mut asked, shape, SOMEWHERE.ln() - each, &mut found);
        }
        if let Some(contrast) = drift(self.fit) {
            found.push(self.ask(contrast).everywhere(Shape::Drift, DRIFT.ln()));
        }
        let stretches: Vec<(usize, usize)> =
            (1..versions).flat_map(|from| (from + 2..versions).map(move |until| (from, until))).collect();
        for &(from, until) in &stretches {
            let Some(contrast) = self.prefixes.contrast(0, from, until) else { continue };
            let shape = Shape::Stretch { from, until };
            let ln_prior = STRETCH.ln() - (stretches.len() as f64).ln();
            found.push(self.ask(contrast).everywhere(shape, ln_prior));
        }
        for hypothesis in &mut found {
            self.discount_blocks(hypothesis);
        }
        found
    }

    /// ln Σ of all that happens without a change, over nothing happening at all.
    fn unchanged(&self, found: &[Hypothesis]) -> f64 {
        let versions = self.fit.trust.len();
        let each = (versions as f64 - 1.0).ln();
        let mut sum = 0.0;
        for version in 0..versions {
            if let Some(contrast) = self.prefixes.contrast(0, version, version + 1) {
                sum = add_ln(sum, self.odd_version(&mut self.ask(contrast)));
            }
        }
        for hypothesis in found {
            let more = match hypothesis.shape {
                Shape::Step { at } => self.without_change(hypothesis, at, versions, SOMEWHERE.ln() - each),
                // Two odd versions in a row.
                Shape::Stretch { from, until } if until - from == 2 => {
                    2.0 * self.noise.odd_versions.ln() + hypothesis.ln_bayes
                }
                _ => continue,
            };
            sum = add_ln(sum, more);
        }
        sum
    }
}

impl Asked {
    /// All populations, as one. The sign is that of their mean: the other explains nothing.
    pub(super) fn everywhere(&mut self, shape: Shape, ln_prior: f64) -> Hypothesis {
        for leaf in &mut self.likelihood.leaves {
            (leaf.load, leaf.vague) = (1.0, 0.0);
        }
        let mean = self.mean();
        let sign = 1.0_f64.copysign(mean);
        let found = self.likelihood.explain(sign, mean, Sizes::Change);
        Hypothesis {
            ln_prior,
            ln_bayes: found.ln_bayes,
            shape,
            sign,
            effect: found.effect,
            variance: found.variance,
            members: Vec::new(),
        }
    }

    fn mean(&self) -> f64 {
        let (sum, weight) = self.populations.iter().fold((0.0, 0.0), |(sum, weight), &p| {
            let precision = self.contrast.precision[p];
            (sum + precision * self.contrast.delta[p], weight + precision)
        });
        sum / weight
    }
}

/// Judges a unit that was read. Absent where no version can be told from another.
pub fn judge_fit(fit: &UnitFit, noise: &UnitNoise) -> Option<UnitVerdict> {
    let judge = Judge::new(fit, noise);
    let versions = fit.trust.len();
    let found = judge.hypotheses();
    let best = found.iter().max_by(|a, b| a.ln_weight().total_cmp(&b.ln_weight()))?;
    let total = sum_ln(found.iter().map(Hypothesis::ln_weight));
    let unchanged = judge.unchanged(&found);
    let ln_evidence = LN_LEFT_OUT + total - unchanged;

    let mut location = vec![f64::NEG_INFINITY; versions];
    let mut probabilities = vec![0.0; fit.roles.len()];
    let mut everywhere = 0.0;
    for hypothesis in &found {
        if let Shape::Step { at } = hypothesis.shape
            && hypothesis.sign * best.sign > 0.0
        {
            location[at] = add_ln(location[at], hypothesis.ln_weight());
        }
        let probability = (hypothesis.ln_weight() - total).exp();
        if hypothesis.members.is_empty() {
            everywhere += probability;
        }
        for (p, sum) in probabilities.iter_mut().enumerate() {
            let aggregate = !judge.parts.contains(&p);
            if hypothesis.members.is_empty() || aggregate || hypothesis.members.contains(&p) {
                *sum += probability;
            }
        }
    }
    let best_of = |is_it: &dyn Fn(&Hypothesis) -> bool| {
        found.iter().filter(|own| is_it(own)).map(Hypothesis::ln_weight).fold(f64::NEG_INFINITY, f64::max)
    };
    let ln_drift = best_of(&|own| own.shape == Shape::Drift) - best_of(&|own| own.step().is_some());
    let steps = sum_ln(location.iter().copied());
    for ln in &mut location {
        *ln = (*ln - steps).exp();
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
    let populations: Vec<usize> =
        if best.members.is_empty() { (0..fit.roles.len()).collect() } else { best.members.clone() };
    let df = populations.iter().map(|&p| judge.df[p]).fold(0.0, f64::max);
    let df = if best.members.is_empty() && fit.common > 0.0 { df.min(judge.common_df) } else { df };
    Some(UnitVerdict {
        ln_evidence,
        p: p_value(ln_evidence).value(),
        location,
        carriers: carriers.collect(),
        everywhere: everywhere.min(1.0),
        release: release::judge(&judge, &found, ln_evidence),
        odd: fit.odd.clone(),
        ln_drift,
        change: FoundChange { shape: best.shape, effect: best.effect, se: best.variance.sqrt(), df, populations },
    })
}

impl Hypothesis {
    /// The first version of a step.
    pub(super) fn step(&self) -> Option<usize> {
        if let Shape::Step { at } = self.shape { Some(at) } else { None }
    }

    /// The first version of the level that lasts to the end; absent for a drift.
    pub(super) fn last_level(&self) -> Option<usize> {
        match self.shape {
            Shape::Step { at } => Some(at),
            Shape::Stretch { until, .. } => Some(until),
            Shape::Drift => None,
        }
    }

    /// ln of prior times evidence.
    pub(super) fn ln_odds(&self) -> f64 {
        self.ln_weight()
    }

    pub(super) fn found(&self) -> (f64, f64) {
        (self.effect, self.variance.sqrt())
    }
}

/// ln of the prior of a step of the whole unit, and of some members, at a given version.
pub(super) fn ln_priors() -> (f64, f64) {
    (EVERYWHERE.ln(), SOMEWHERE.ln())
}
