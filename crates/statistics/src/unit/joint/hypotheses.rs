//! What may have happened to a unit: every explanation, with its prior and what the values say to it.

use super::contrast::{Contrast, Prefixes, drift};
use super::laws::{degrees_of_freedom, t_scale};
use super::learned::UnitNoise;
use super::likelihood::{Leaf, Likelihood, Sizes};
use super::noise::UnitFit;
use super::verdict::Shape;
use super::{Role, add_ln};
use std::ops::Range;

/// One explanation.
#[derive(Clone, Debug)]
pub(super) struct Hypothesis {
    ln_prior: f64,
    ln_bayes: f64,
    pub(super) shape: Shape,
    pub(super) sign: f64,
    pub(super) effect: f64,
    pub(super) variance: f64,
    /// Where its members stand in [`Hypotheses::members`]; empty = all populations.
    members: Range<usize>,
}

impl Hypothesis {
    /// ln of prior times evidence.
    pub(super) fn ln_weight(&self) -> f64 {
        self.ln_prior + self.ln_bayes
    }

    pub(super) fn is_of_all(&self) -> bool {
        self.members.is_empty()
    }

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
}

/// All explanations that are worth a term in the sum.
#[derive(Debug, Default)]
pub(super) struct Hypotheses {
    list: Vec<Hypothesis>,
    /// Members of the sets, which grow one by one: a set is the start of a larger one.
    members: Vec<usize>,
    /// The largest weight, 0 at least: that of nothing.
    ln_best: f64,
}

impl Hypotheses {
    /// ln of the weight below which an explanation is left out: a hundred of them are no term in the sum. Over 1,400 units of 53 series
    /// no evidence moved by more than .5 against asking all, half of them by less than .0002.
    fn ln_least(&self) -> f64 {
        const NEGLIGIBLE: f64 = 7.0;
        self.ln_best - NEGLIGIBLE
    }

    pub(super) fn push(&mut self, hypothesis: Hypothesis) {
        self.ln_best = self.ln_best.max(hypothesis.ln_weight());
        self.list.push(hypothesis);
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, Hypothesis> {
        self.list.iter()
    }

    /// The likeliest, the last of equals.
    pub(super) fn best(&self) -> Option<&Hypothesis> {
        self.list.iter().reduce(|best, other| if other.ln_weight() >= best.ln_weight() { other } else { best })
    }

    /// Members in the order in which they join; empty = all populations.
    pub(super) fn members_of(&self, hypothesis: &Hypothesis) -> &[usize] {
        &self.members[hypothesis.members.clone()]
    }
}

/// Shares of the kinds of changes, before anything is seen. A factor of two in any of them moves no verdict by more than ln 2.
const EVERYWHERE: f64 = 0.55;
const SOMEWHERE: f64 = 0.35;
const DRIFT: f64 = 0.05;
const STRETCH: f64 = 0.05;

/// ln of the prior of a step of the whole unit, and of some members, at a given version.
pub(super) fn ln_priors() -> (f64, f64) {
    (EVERYWHERE.ln(), SOMEWHERE.ln())
}

/// What is known of the populations for every contrast.
pub(super) struct Judge<'a> {
    pub(super) fit: &'a UnitFit,
    pub(super) noise: &'a UnitNoise,
    pub(super) prefixes: Prefixes,
    pub(super) df: Vec<f64>,
    scale: Vec<f64>,
    pub(super) common_df: f64,
    common_scale: f64,
    /// Populations that may change alone: the members, or where there are none the aggregates.
    pub(super) parts: Vec<usize>,
    /// The others, each with the parts that it is made of.
    pub(super) aggregates: Vec<(usize, Vec<usize>)>,
    /// Parts that may change together, some but not all of them.
    groups: Vec<Vec<usize>>,
    /// Of every size from one up to all parts but one: ln of how many sets there are, and ln of one over the chance of the size.
    sets: Vec<(f64, f64)>,
    /// What a likelihood of the t law may gain over one of normal noise, which is half the square of what a set is off by in standard
    /// deviations.
    most_gained: f64,
    /// Precision of all populations together, by version.
    weight_of_all: Vec<f64>,
}

/// See [`Judge::sets`]. Small sets are as likely as large ones are unlikely: 1 / size.
fn sets_of(count: usize) -> Vec<(f64, f64)> {
    let sizes: f64 = (1..count).map(|size| 1.0 / size as f64).sum();
    let mut ln_sets = 0.0;
    let of = |size: usize| {
        ln_sets += ((count - size + 1) as f64 / size as f64).ln();
        (ln_sets, (sizes * size as f64).ln())
    };
    (1..count).map(of).collect()
}

/// One contrast with all that is asked of it.
pub(super) struct Asked {
    contrast: Contrast,
    likelihood: Likelihood,
    populations: Vec<usize>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(fit: &'a UnitFit, noise: &'a UnitNoise) -> Self {
        let df: Vec<f64> = fit.own_known.iter().map(|&known| degrees_of_freedom(known)).collect();
        let scale: Vec<f64> = df.iter().map(|&df| t_scale(df)).collect();
        let common_df = degrees_of_freedom(fit.common_known);
        let wanted = if fit.roles.contains(&Role::Member) { Role::Member } else { Role::Aggregate };
        let parts: Vec<usize> = (0..fit.roles.len()).filter(|&p| fit.roles[p] == wanted).collect();
        let made_of = |p: usize| {
            let own = fit.groups.iter().find(|group| group.aggregate == Some(p));
            (p, own.map_or_else(|| parts.clone(), |group| group.members.clone()))
        };
        let mut groups: Vec<Vec<usize>> = fit.groups.iter().map(|group| group.members.clone()).collect();
        groups.retain(|members| members.len() > 1 && members.len() < parts.len());
        groups.sort_unstable();
        groups.dedup();
        let weight_of_all = |version: usize| fit.weights.iter().map(|weights| weights[version]).sum();
        Self {
            fit,
            noise,
            prefixes: Prefixes::of(fit),
            most_gained: df.iter().zip(&scale).map(|(df, scale)| (df + 1.0) / (df * scale)).fold(1.0, f64::max),
            scale,
            df,
            common_df,
            common_scale: t_scale(common_df),
            aggregates: (0..fit.roles.len()).filter(|&p| fit.roles[p] != wanted).map(made_of).collect(),
            groups,
            sets: sets_of(parts.len()),
            parts,
            weight_of_all: (0..fit.trust.len()).map(weight_of_all).collect(),
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

    /// What a change can hardly weigh more than, of which the mean is `t` standard deviations off.
    fn ln_most(&self, ln_prior: f64, t: f64) -> f64 {
        /// The density of sizes times the width of the likelihood is no more.
        const LN_SIZES: f64 = -1.9;
        ln_prior + 0.5 * t * t * self.most_gained + LN_SIZES
    }

    /// Sets of members: the groups, and of every size the set that fits best, grown by the member that adds most. All sets of a size are
    /// as likely, so the best stands for itself alone, which is a lower bound of what all of them say. `from` is the first version of
    /// the contrast.
    pub(super) fn somewhere(
        &self,
        asked: &mut Asked,
        shape: Shape,
        from: usize,
        ln_prior: f64,
        found: &mut Hypotheses,
    ) {
        if self.parts.len() < 2 {
            return;
        }
        // Where groups are known, half of what happens to some members happens to one of them.
        let ln_half = if self.groups.is_empty() { 0.0 } else { 0.5_f64.ln() };
        let ln_group = ln_prior + ln_half - (self.groups.len() as f64).ln();
        let contrast = &asked.contrast;
        let known = Candidates::of(contrast, &self.parts);
        let (total, moved) = known.weighed().fold((0.0, 0.0), |(total, moved), (_, w, x)| (total + w, moved + x));
        let shrink = contrast.common / (1.0 + contrast.common * total);
        let beside = Beside { moved: moved * shrink, shrink };
        for sign in [1.0, -1.0] {
            let mut left = known.clone();
            let mut set = GrowingSet::new(self, asked, (shape, from), found);
            let (mut sum, mut weight) = (0.0, 0.0);
            for (ln_sets, ln_size) in &self.sets {
                let Some((p, w, x)) = left.take_best(sign, beside, sum, weight) else { break };
                set.join(p);
                sum += x;
                weight += w;
                set.ask(beside, sum, weight, ln_prior + ln_half - ln_sets - ln_size);
            }
        }
        for group in &self.groups {
            let own = || known.weighed().filter(|(p, ..)| group.contains(p));
            let (sum, weight) = own().fold((0.0, 0.0), |(sum, weight), (_, w, x)| (sum + x, weight + w));
            if own().count() > 1 && self.may_matter(beside.t(sum, weight), ln_group, found) {
                let mut set = GrowingSet::new(self, asked, (shape, from), found);
                own().for_each(|(p, ..)| set.join(p));
                set.ask(beside, sum, weight, ln_group);
            }
        }
    }

    /// Whether a set that is off by so many standard deviations may be a term in the sum.
    fn may_matter(&self, t: f64, ln_prior: f64, found: &Hypotheses) -> bool {
        /// A set whose mean is no further off than this explains nothing.
        const LEAST_T: f64 = 1.7;
        t.abs() >= LEAST_T && self.ln_most(ln_prior, t) >= found.ln_least()
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

    /// ln of the chance that what looks like a change at `at` of so many versions is none, by how many of the populations show it.
    pub(super) fn unchanged_at(&self, at: usize, versions: usize) -> Unchanged {
        // Of all ways to deal two modes to the versions, this one: ∫ r^at (1 − r)^(versions − at) dr.
        let deals =
            (0..at).map(|i| ((versions - i) as f64 / (i + 1) as f64).ln()).sum::<f64>() + (versions as f64 + 1.0).ln();
        let is_end = at == 1 || at + 1 == versions;
        let is_pair = versions > 4 && (at == 2 || at + 2 == versions);
        let modes = |rate: f64| rate.ln() - deals;
        let or = |ln: f64, applies: bool, rate: f64| if applies { add_ln(ln, rate.ln()) } else { ln };
        let noise = self.noise;
        Unchanged {
            all: modes(noise.modes_of_all),
            set: or(modes(noise.modes_of_sets), is_end, noise.odd_sets),
            one_of_set: if is_end { noise.odd_sets.ln() } else { f64::NEG_INFINITY },
            one: or(modes(noise.modes), is_pair, noise.odd_pairs),
        }
    }

    /// All that may have changed.
    pub(super) fn hypotheses(&self) -> Hypotheses {
        let versions = self.fit.trust.len();
        let each = (versions as f64 - 1.0).ln();
        let mut found = Hypotheses::default();
        let mut steps: Vec<(usize, Asked)> = Vec::new();
        for at in 1..versions {
            let Some(contrast) = self.prefixes.contrast(0, at, versions) else { continue };
            let mut asked = self.ask(contrast);
            found.push(asked.everywhere(Shape::Step { at }, EVERYWHERE.ln() - each));
            steps.push((at, asked));
        }
        if let Some(contrast) = drift(self.fit) {
            found.push(self.ask(contrast).everywhere(Shape::Drift, DRIFT.ln()));
        }
        let count = (1..versions).map(|from| versions.saturating_sub(from + 2)).sum::<usize>();
        let ln_prior = STRETCH.ln() - (count as f64).ln();
        let mut contrast = Contrast::default();
        for (from, until) in (1..versions).flat_map(|from| (from + 2..versions).map(move |until| (from, until))) {
            if self.prefixes.write_contrast(0, from, until, &mut contrast)
                && self.ln_most(ln_prior, contrast.t_of_all()) >= found.ln_least()
            {
                found.push(self.ask(contrast.clone()).everywhere(Shape::Stretch { from, until }, ln_prior));
            }
        }
        for (at, mut asked) in steps {
            self.somewhere(&mut asked, Shape::Step { at }, 0, SOMEWHERE.ln() - each, &mut found);
        }
        found
    }

    /// ln Σ of all that happens without a change, over nothing happening at all.
    pub(super) fn unchanged(&self, found: &Hypotheses) -> f64 {
        let versions = self.fit.trust.len();
        let each = (versions as f64 - 1.0).ln();
        let mut sum = 0.0;
        for version in 0..versions {
            if let Some(contrast) = self.prefixes.contrast(0, version, version + 1) {
                sum = add_ln(sum, self.odd_version(&mut self.ask(contrast)));
            }
        }
        let unchanged: Vec<Unchanged> = (0..versions).map(|at| self.unchanged_at(at, versions)).collect();
        for hypothesis in found.iter() {
            let more = match hypothesis.shape {
                Shape::Step { at } => unchanged[at].ln_weight(hypothesis, SOMEWHERE.ln() - each),
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

/// The chance that what looks like a change at a version is none: several populations odd together at an end, one at two versions in a
/// row there, or noise of two modes that happened to fall apart at this version. As logarithms.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unchanged {
    all: f64,
    /// Of some set; each has its share of it.
    set: f64,
    /// The same where the set is a single population.
    one_of_set: f64,
    one: f64,
}

impl Unchanged {
    /// What a hypothesis explains, without the change. `ln_prior` is that of all sets at the version.
    pub(super) fn ln_weight(self, hypothesis: &Hypothesis, ln_prior: f64) -> f64 {
        let ln_set = hypothesis.ln_prior - ln_prior;
        let ln = match hypothesis.members.len() {
            0 => self.all,
            1 => add_ln(self.one, self.one_of_set + ln_set),
            _ => self.set + ln_set,
        };
        ln + hypothesis.ln_bayes
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
            members: 0..0,
        }
    }

    fn mean(&self) -> f64 {
        self.contrast.mean()
    }
}

/// What a set is off by beside the parts that are not in it.
#[derive(Clone, Copy)]
struct Beside {
    moved: f64,
    shrink: f64,
}

impl Beside {
    fn precision(self, weight: f64) -> f64 {
        (weight - weight * weight * self.shrink).max(1e-12)
    }

    /// From the weighted sum of the set and its weight.
    fn mean(self, sum: f64, weight: f64) -> f64 {
        (sum - weight * self.moved) / self.precision(weight)
    }

    /// The square of [`Beside::t`] with its sign, for a comparison.
    fn signed_square(self, sum: f64, weight: f64) -> f64 {
        let off = sum - weight * self.moved;
        off * off.abs() / self.precision(weight)
    }

    /// In standard deviations.
    fn t(self, sum: f64, weight: f64) -> f64 {
        self.mean(sum, weight) * self.precision(weight).sqrt()
    }
}

/// Parts that may join a set.
#[derive(Clone)]
struct Candidates {
    parts: Vec<usize>,
    /// Precision of each, and that times its difference.
    weights: Vec<f64>,
    sums: Vec<f64>,
    /// Where their scores are written.
    scores: Vec<f64>,
}

impl Candidates {
    fn of(contrast: &Contrast, parts: &[usize]) -> Self {
        let parts: Vec<usize> = parts.iter().copied().filter(|&p| contrast.precision[p] > 0.0).collect();
        Self {
            weights: parts.iter().map(|&p| contrast.precision[p]).collect(),
            sums: parts.iter().map(|&p| contrast.precision[p] * contrast.delta[p]).collect(),
            scores: vec![0.0; parts.len()],
            parts,
        }
    }

    /// Each with its weight and its weighted difference.
    fn weighed(&self) -> impl Iterator<Item = (usize, f64, f64)> {
        self.parts.iter().zip(&self.weights).zip(&self.sums).map(|((p, w), x)| (*p, *w, *x))
    }

    /// Takes out the one that sets a set of this sum and weight furthest off in one direction, the first of equals. Absent where none
    /// sets it off.
    fn take_best(&mut self, sign: f64, beside: Beside, sum: f64, weight: f64) -> Option<(usize, f64, f64)> {
        for ((score, w), x) in self.scores.iter_mut().zip(&self.weights).zip(&self.sums) {
            *score = sign * beside.signed_square(sum + x, weight + w);
        }
        let scores = self.scores.iter().zip(0..);
        let best = scores.reduce(|best, other| if other.0 > best.0 { other } else { best });
        let (_, at) = best.filter(|(score, _)| **score > 0.0)?;
        self.scores.pop();
        Some((self.parts.swap_remove(at), self.weights.swap_remove(at), self.sums.swap_remove(at)))
    }
}

/// A set of members that is asked as it grows.
struct GrowingSet<'a> {
    judge: &'a Judge<'a>,
    shape: Shape,
    likelihood: &'a mut Likelihood,
    populations: &'a [usize],
    /// The versions on both sides of a step; none of another shape.
    sides: [Range<usize>; 2],
    /// Where its members start among those of all hypotheses.
    start: usize,
    /// By population.
    is_member: Vec<bool>,
    /// By version, sums of the residuals of its first members by their weights, and of these. Empty until they are asked for.
    residuals: Vec<f64>,
    weights: Vec<f64>,
    summed: usize,
    found: &'a mut Hypotheses,
}

impl<'a> GrowingSet<'a> {
    /// An empty set, of a change of this shape in a contrast that starts with the version `from`.
    fn new(
        judge: &'a Judge<'_>,
        asked: &'a mut Asked,
        (shape, from): (Shape, usize),
        found: &'a mut Hypotheses,
    ) -> Self {
        for leaf in &mut asked.likelihood.leaves {
            (leaf.load, leaf.vague) = (0.0, 0.0);
        }
        Self {
            judge,
            shape,
            likelihood: &mut asked.likelihood,
            populations: &asked.populations,
            sides: if let Shape::Step { at } = shape { [from..at, at..judge.fit.trust.len()] } else { [0..0, 0..0] },
            start: found.members.len(),
            is_member: vec![false; judge.fit.roles.len()],
            residuals: Vec::new(),
            weights: Vec::new(),
            summed: 0,
            found,
        }
    }

    fn members(&self) -> &[usize] {
        &self.found.members[self.start..]
    }

    fn leaf(&mut self, p: usize) -> Option<&mut Leaf> {
        let at = self.populations.binary_search(&p).ok()?;
        self.likelihood.leaves.get_mut(at)
    }

    fn join(&mut self, p: usize) {
        self.found.members.push(p);
        self.is_member[p] = true;
        if let Some(leaf) = self.leaf(p) {
            leaf.load = 1.0;
        }
    }

    /// Whether it changed as one, by its weighted sum and its weight.
    fn ask(&mut self, beside: Beside, sum: f64, weight: f64, ln_prior: f64) {
        if !self.judge.may_matter(beside.t(sum, weight), ln_prior, self.found) {
            return;
        }
        let mean = beside.mean(sum, weight);
        let sign = 1.0_f64.copysign(mean);
        for (aggregate, parts) in &self.judge.aggregates {
            let changed = parts.iter().filter(|&&part| self.is_member[part]).count();
            let share = changed as f64 / parts.len() as f64;
            // It moves by its members' share of the users, which nobody tells unless it is all or none.
            let vague = if changed == parts.len() { 0.0 } else { (0.5 * share).powi(2).min(0.09) };
            if let Some(leaf) = self.leaf(*aggregate) {
                (leaf.load, leaf.vague) = (share, vague);
            }
        }
        let explained = self.likelihood.explain(sign, mean, Sizes::Change);
        let hypothesis = Hypothesis {
            ln_prior,
            ln_bayes: self.discounted(explained.ln_bayes),
            shape: self.shape,
            sign,
            effect: explained.effect,
            variance: explained.variance,
            members: self.start..self.found.members.len(),
        };
        self.found.push(hypothesis);
    }

    /// Members that go together more than the common mode says make a set of them look like a change: what a set says is worth less by
    /// how much its own mean scatters within the two sides, in batches where members do go together.
    fn discounted(&mut self, ln_bayes: f64) -> f64 {
        const LEAST_BLOCKS: f64 = 1e-4;
        if self.members().len() < 2 || ln_bayes <= 1.0 {
            return ln_bayes;
        }
        self.sum_residuals();
        let (mut squares, mut df) = (0.0, 0.0);
        for side in &self.sides {
            let (mut sum, mut weights, mut sum_squares, mut count) = (0.0, 0.0, 0.0, 0.0);
            let of_set = self.residuals[side.clone()].iter().zip(&self.weights[side.clone()]);
            for ((part, weight), all) in of_set.zip(&self.judge.weight_of_all[side.clone()]) {
                if *weight > 0.0 && *all > weight * 1.0001 {
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
        let prior = 2.0 / self.judge.noise.blocks.max(LEAST_BLOCKS);
        ln_bayes / ((prior + squares) / (prior + df)).max(1.0)
    }

    /// Adds the residuals of the members that joined since the last time.
    fn sum_residuals(&mut self) {
        let fit = self.judge.fit;
        let versions = fit.trust.len();
        self.residuals.resize(versions, 0.0);
        self.weights.resize(versions, 0.0);
        for &p in &self.found.members[self.start + self.summed..] {
            let cells = fit.values[p].iter().zip(&fit.weights[p]).zip(&fit.mode);
            let sums = self.residuals.iter_mut().zip(&mut self.weights);
            for (((value, weight), mode), (residual, total)) in cells.zip(sums) {
                *residual += if *weight > 0.0 { weight * (value - fit.levels[p] - mode) } else { 0.0 };
                *total += weight;
            }
        }
        self.summed = self.members().len();
    }
}
