//! How noisy a unit is: its populations, what they have in common, and how well each is known.

use super::laws::{self, LnVariance};
use super::learned::{Tally, UnitFacts, UnitNoise};
use super::oddity::{LEAST_OFF, Odd, OddKind, Witnessed, has_two_modes, is_odd};
use super::populations::{Collapsed, ROBUST_EXCESS, centred, collapse, expected_offset, without_middle};
use super::rows::Rows;
use super::{Group, Role, Unit};
use crate::special::gamma::trigamma;
use std::ops::Range;

/// A unit as it was read: values without what was set aside, and the noise around them.
#[derive(Clone, Debug)]
pub struct UnitFit {
    /// Value of each population at each version, as a logarithm less the level of its percentiles; NaN where it has none.
    pub(super) values: Rows,
    /// Precision of that, without the common mode; 0 where missing or set aside.
    pub(super) weights: Rows,
    /// How much a version counts: 1, less where all of it scatters much, 0 where it was set aside.
    pub(super) trust: Vec<f64>,
    /// Level of each population, and the common mode.
    pub(super) levels: Vec<f64>,
    pub(super) mode: Vec<f64>,
    /// Variance of the ln of each population's own variance.
    pub(super) own_known: Vec<f64>,
    /// Factor on the own variance of each population for one of its percentiles alone.
    pub(super) alone: Vec<f64>,
    /// Variance of the common mode of one version; 0 for a lone population.
    pub(super) common: f64,
    pub(super) common_known: f64,
    pub(super) roles: Vec<Role>,
    pub(super) groups: Vec<Group>,
    pub(super) odd: Vec<Odd>,
}

/// What a unit is read for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// To be judged.
    Fit,
    /// To be learned from.
    Facts,
}

/// Rounds of *means, then noise*: the second knows weights, the third the odd versions.
const ROUNDS: usize = 3;

impl UnitFit {
    /// Reads a unit, to judge it. Absent where fewer than three versions have a value.
    pub fn read(unit: &Unit, noise: &UnitNoise) -> Option<Self> {
        Some(Reader::read(unit, noise, Purpose::Fit)?.finish(unit.groups().to_vec()))
    }

    /// Some of its versions, with the noise of all of them. Levels stay those of the whole: no comparison of versions needs them.
    pub(super) fn part(&self, versions: Range<usize>) -> Self {
        Self {
            values: self.values.part(versions.clone()),
            weights: self.weights.part(versions.clone()),
            trust: self.trust[versions.clone()].to_vec(),
            levels: self.levels.clone(),
            mode: self.mode[versions.clone()].to_vec(),
            own_known: self.own_known.clone(),
            alone: self.alone.clone(),
            roles: self.roles.clone(),
            groups: self.groups.clone(),
            odd: Vec::new(),
            ..*self
        }
    }

    /// What was set aside: cells and populations at one version, and whole versions.
    pub fn odd(&self) -> &[Odd] {
        &self.odd
    }
}

impl UnitFacts {
    /// Reads a unit, to learn from it. Absent where fewer than three versions have a value.
    pub fn read(unit: &Unit, noise: &UnitNoise) -> Option<Self> {
        Some(Reader::read(unit, noise, Purpose::Facts)?.facts)
    }
}

/// A population that at one version stands off from both neighbours, while the others do not. Versions at either end have no second
/// neighbour: there it stays, and a change has to outweigh the odds that it is odd.
fn set_aside_populations(
    collapsed: &mut Collapsed,
    roles: &[Role],
    noise: &UnitNoise,
    purpose: Purpose,
    facts: &mut UnitFacts,
) {
    let count = roles.len();
    let versions = collapsed.values.columns();
    if count < 3 || versions < 3 {
        return;
    }
    let mut alone = centred(collapsed.values.iter(), versions);
    let whole = without_middle(&mut alone);
    let robust: Vec<Option<LnVariance>> = alone.iter().map(laws::robust).collect();
    let offset = |p: usize| expected_offset(roles[p], noise);
    let mut known: Vec<f64> = (0..count)
        .flat_map(|p| {
            let percentiles = collapsed.between_percentiles[p].map(|known| known.ln + noise.percentile_offset);
            [robust[p].map(|known| known.ln), percentiles].into_iter().flatten().map(move |ln| ln - offset(p))
        })
        .collect();
    let typical = super::median(&mut known).unwrap_or(noise.scale);
    let learns = purpose == Purpose::Facts;
    let mut together = vec![(0_u32, 0_u32); versions];
    let mut with_two_modes = 0_u32;
    for p in 0..count {
        let mut known = LnVariance { ln: typical + offset(p), variance: noise.population_variance };
        known = robust[p].map_or(known, |robust| known.and(robust));
        known = collapsed.between_percentiles[p]
            .map_or(known, |percentiles| known.and(noise.own_from_percentiles(percentiles)));
        if let Some(modes) = learns.then(|| has_two_modes(&alone[p])).flatten() {
            facts.modes.chances += 1;
            facts.modes.hits += u64::from(modes);
            with_two_modes += u32::from(modes);
        }
        let own = ROBUST_EXCESS * known.ln.exp();
        let variance = |version: usize| own * collapsed.scarcity[p][version] + collapsed.sampling[p][version];
        let alone = Witnessed::of(&alone[p]);
        // By what squared distance, how often and in which direction.
        let is_odd = |off: f64, square: f64, version: usize, rate: f64| {
            off.abs() >= LEAST_OFF && {
                let variance = variance(version);
                is_odd(square / variance, known.variance, rate, noise.odd_population_size / variance.sqrt())
            }
        };
        for (version, (up, down)) in together.iter_mut().enumerate().take(versions - 1).skip(1) {
            if learns && version + 2 < versions {
                facts.odd_pairs.chances += 1;
                let pair = alone.standing_off_in_pairs(version);
                if is_odd(pair, 2.0 * pair * pair, version, noise.odd_pairs) {
                    facts.odd_pairs.hit(pair);
                }
            }
            if !collapsed.values[p][version].is_finite() {
                continue;
            }
            facts.odd_populations.chances += 1;
            let off = alone.standing_alone(version);
            if is_odd(off, off.powi(2), version, noise.odd_populations) {
                facts.odd_populations.hit(off);
                collapsed.values[p][version] = f64::NAN;
                collapsed.odd.push(Odd { kind: OddKind::Population, version, population: p, percentile: 0, by: off });
                *(if off > 0.0 { up } else { down }) += 1;
            }
        }
    }
    for &(up, down) in &together[1..versions - 1] {
        facts.odd_sets.chances += 1;
        facts.odd_sets.hits += u64::from(up.max(down) > 1);
    }
    if let Some(modes) = learns.then(|| has_two_modes(&whole)).flatten() {
        facts.modes_of_all = Tally { chances: 1, hits: u64::from(modes), ..Tally::default() };
        facts.modes_of_sets = Tally { chances: 1, hits: u64::from(with_two_modes > 1), ..Tally::default() };
    }
}

/// The state of the rounds.
struct Reader<'a> {
    noise: &'a UnitNoise,
    purpose: Purpose,
    collapsed: Collapsed,
    roles: Vec<Role>,
    facts: UnitFacts,
    own: Vec<f64>,
    own_known: Vec<f64>,
    common: f64,
    common_known: f64,
    trust: Vec<f64>,
    set_aside: Vec<bool>,
    weights: Rows,
    levels: Vec<f64>,
    mode: Vec<f64>,
    /// What each population does beside the mode, NaN where it has no weight. A lone one is itself the mode.
    residuals: Rows,
}

impl<'a> Reader<'a> {
    fn read(unit: &Unit, noise: &'a UnitNoise, purpose: Purpose) -> Option<Self> {
        let versions = unit.versions();
        let mut collapsed = collapse(unit, noise);
        let seen = (0..versions).filter(|&version| collapsed.values.iter().any(|values| values[version].is_finite()));
        if seen.count() < 3 {
            return None;
        }
        let roles: Vec<Role> = unit.populations().iter().map(|population| population.role).collect();
        let mut facts = UnitFacts { odd_cells: collapsed.odd_cells, ..UnitFacts::default() };
        set_aside_populations(&mut collapsed, &roles, noise, purpose, &mut facts);
        let mut reader = Self::new(collapsed, roles, noise, purpose, facts);
        for round in 1..=ROUNDS {
            reader.weigh();
            reader.means();
            // Where no version was set aside, the rest is known after two.
            let is_last = round == ROUNDS || round + 1 == ROUNDS && !reader.set_aside.contains(&true);
            reader.noise(is_last);
            if is_last {
                break;
            }
        }
        Some(reader)
    }

    fn new(collapsed: Collapsed, roles: Vec<Role>, noise: &'a UnitNoise, purpose: Purpose, facts: UnitFacts) -> Self {
        let count = roles.len();
        let versions = collapsed.values.columns();
        Self {
            noise,
            purpose,
            own: roles.iter().map(|&role| (noise.scale + expected_offset(role, noise)).exp()).collect(),
            facts,
            own_known: vec![1.0; count],
            common: 0.0,
            common_known: noise.common_variance,
            trust: vec![1.0; versions],
            set_aside: vec![false; versions],
            weights: Rows::with_capacity(count, versions),
            levels: vec![0.0; count],
            mode: vec![f64::NAN; versions],
            residuals: Rows::with_capacity(count, versions),
            collapsed,
            roles,
        }
    }

    fn versions(&self) -> usize {
        self.trust.len()
    }

    fn weigh(&mut self) {
        let collapsed = &self.collapsed;
        self.weights.clear();
        let rows = collapsed.values.iter().zip(collapsed.scarcity.iter()).zip(collapsed.sampling.iter());
        for (((values, scarcity), sampling), own) in rows.zip(&self.own) {
            let versions = self.trust.iter().zip(&self.set_aside);
            let cells = values.iter().zip(scarcity).zip(sampling).zip(versions);
            self.weights.push(cells.map(|(((value, scarcity), sampling), (trust, is_aside))| {
                let weight = trust / (own * scarcity + sampling);
                if value.is_finite() && !is_aside { weight } else { 0.0 }
            }));
        }
    }

    /// Levels of the populations and the mode of the versions, each given the other.
    fn means(&mut self) {
        /// Exact at once where nothing is missing.
        const SWEEPS: usize = 4;
        /// Of a logarithm: far below any noise.
        const SMALL: f64 = 1e-6;
        let versions = self.versions();
        self.mode.fill(0.0);
        let mut total = vec![0.0; versions];
        for sweep in 0..SWEEPS {
            let moved = self.level();
            if sweep > 0 && moved < SMALL {
                break;
            }
            total.fill(0.0);
            self.mode.fill(0.0);
            for ((values, weights), level) in self.collapsed.values.iter().zip(self.weights.iter()).zip(&self.levels) {
                let versions = self.mode.iter_mut().zip(&mut total);
                for ((value, weight), (sum, total)) in values.iter().zip(weights).zip(versions) {
                    *sum += if *weight > 0.0 { weight * (value - level) } else { 0.0 };
                    *total += weight;
                }
            }
            for (mode, total) in self.mode.iter_mut().zip(&total) {
                *mode = if *total > 0.0 { *mode / total } else { 0.0 };
            }
        }
        for (mode, total) in self.mode.iter_mut().zip(&total) {
            if *total <= 0.0 {
                *mode = f64::NAN;
            }
        }
        self.residuals.clear();
        let is_lone = self.roles.len() == 1;
        for ((values, weights), level) in self.collapsed.values.iter().zip(self.weights.iter()).zip(&self.levels) {
            let cells = values.iter().zip(weights).zip(&self.mode);
            self.residuals.push(cells.map(|((value, weight), mode)| match *weight > 0.0 {
                false => f64::NAN,
                true if is_lone => *value,
                true => value - level - mode,
            }));
        }
    }

    /// Levels of the populations, given the mode; by how much the one moved that moved most.
    fn level(&mut self) -> f64 {
        let mut moved = 0.0_f64;
        let rows = self.collapsed.values.iter().zip(self.weights.iter());
        for ((values, weights), level) in rows.zip(&mut self.levels) {
            let (mut sum, mut total) = (0.0, 0.0);
            let versions = self.trust.iter().zip(&self.mode);
            for ((value, weight), (trust, mode)) in values.iter().zip(weights).zip(versions) {
                if *weight > 0.0 {
                    sum += trust * (value - mode);
                    total += trust;
                }
            }
            let before = std::mem::replace(level, if total > 0.0 { sum / total } else { 0.0 });
            moved = moved.max((*level - before).abs());
        }
        moved
    }

    /// Variance that the mean of all populations has of their own noise.
    fn mean_variance(&self) -> f64 {
        self.own.iter().map(|own| own.recip()).sum::<f64>().recip()
    }

    fn noise(&mut self, is_last: bool) {
        let count = self.roles.len();
        let lone = count == 1;
        let noise = self.noise;
        let mean_variance = self.mean_variance();

        // Each population alone: around one step at most, and between its percentiles.
        let mut around = vec![None; count];
        let mut together = vec![None; count];
        for p in 0..count {
            let sampling = self.collapsed.sampling[p].iter().zip(&self.trust);
            let weights = sampling.map(|(sampling, trust)| trust / (1.0 + sampling / self.own[p]));
            // The mean of all has taken a part of it away.
            let left = if lone { 1.0 } else { (1.0 - mean_variance / self.own[p]).clamp(0.1, 1.0) };
            around[p] = laws::scatter(&self.residuals[p], weights)
                .map(|known| LnVariance { ln: known.ln - left.ln(), ..known });
            let percentiles = self.collapsed.between_percentiles[p].map(|known| noise.own_from_percentiles(known));
            together[p] = match (around[p], percentiles) {
                (Some(a), Some(b)) => Some(a.and(b)),
                (a, b) => a.or(b),
            };
        }
        // The unit: what its members say, then the batch. An aggregate may be made of its members, and is not asked beside them.
        let asked = |p: usize| count < 3 || self.roles[p] == Role::Member || !self.roles.contains(&Role::Member);
        let offset = |p: usize| expected_offset(self.roles[p], noise);
        let own_scale = (0..count)
            .filter(|&p| asked(p))
            .filter_map(|p| {
                Some(LnVariance {
                    ln: together[p]?.ln - offset(p),
                    variance: together[p]?.variance + noise.population_variance,
                })
            })
            .reduce(LnVariance::and);
        let batch = LnVariance { ln: noise.scale, variance: noise.scale_variance };
        let scale = own_scale.map_or(batch, |own| batch.and(own));
        for (p, known) in together.iter().enumerate() {
            let expected = LnVariance { ln: scale.ln + offset(p), variance: noise.population_variance };
            let known = known.map_or(expected, |known| expected.and(known));
            // An aggregate that is the mean of its members has no noise of its own; the model knows no such thing.
            self.own[p] = known.ln.max(expected.ln - LEAST_OWN).exp().max(LEAST_VARIANCE);
            self.own_known[p] = known.variance;
        }
        let mean_variance = self.mean_variance();

        let mode = laws::scatter(&self.mode, self.trust.iter().copied());
        let shared = (scale.ln + noise.common_share).exp();
        let expected = LnVariance { ln: (shared + mean_variance).ln(), variance: noise.common_variance };
        if lone {
            self.common = 0.0;
        } else if let Some(mode) = mode {
            let known = expected.and(mode);
            self.common = (known.ln.exp() - mean_variance).max(0.1 * shared);
            self.common_known = known.variance;
        } else {
            self.common = shared;
        }
        if !is_last {
            self.set_aside_versions(mode, expected, scale);
        } else if self.purpose == Purpose::Facts {
            self.facts.noise(&around, &self.collapsed.between_percentiles, &together, &self.roles);
            self.facts.scale = own_scale;
            self.facts.shared = (!lone).then_some(()).and(mode).map(|mode| (mode, scale.ln, mean_variance));
            let own = self.residuals.iter().zip(&self.own).map(|(values, own)| laws::turns(values, own.sqrt()));
            self.facts.turns = own.fold(laws::Turns::default(), laws::Turns::and);
            if !lone {
                self.facts.turns_of_all = laws::turns(&self.mode, (self.common + mean_variance).sqrt());
            }
        }
        // What a version is trusted by is asked where it counts, and where the batch learns it.
        if count > 2 && (is_last && self.purpose == Purpose::Facts || self.noise.version_df.is_finite()) {
            self.trust_versions();
        }
    }

    /// A version at which the whole unit stands off from both neighbours.
    fn set_aside_versions(&mut self, mode: Option<LnVariance>, expected: LnVariance, scale: LnVariance) {
        let versions = self.versions();
        let Some(robust) = laws::all_but_one(&self.mode) else { return };
        let seen = mode.filter(|mode| mode.ln < robust.ln).unwrap_or(robust);
        let known = if self.roles.len() > 1 {
            LnVariance { variance: expected.variance + scale.variance, ..expected }.and(seen)
        } else {
            LnVariance { ln: self.own[0].ln(), variance: self.own_known[0] }
        };
        let ln = if self.roles.len() > 1 { known.ln } else { known.ln.min(seen.ln) };
        self.facts.odd_versions.chances = versions as u64 - 2;
        let mode = Witnessed::of(&self.mode);
        for version in 0..versions {
            let off = mode.standing_alone(version);
            let variance = ROBUST_EXCESS * ln.exp() / self.trust[version];
            let size = self.noise.odd_version_size / variance.sqrt();
            if off.abs() >= LEAST_OFF && is_odd(off.powi(2) / variance, known.variance, self.noise.odd_versions, size) {
                self.set_aside[version] = true;
                self.facts.odd_versions.hit(off);
                self.collapsed.odd.push(Odd { kind: OddKind::Version, version, population: 0, percentile: 0, by: off });
            }
        }
    }

    /// A version at which all populations scatter much counts less, where the batch says that there are such.
    fn trust_versions(&mut self) {
        /// A step that takes away this many variances is no noise of a version.
        const STEP: f64 = 12.0;
        /// No population says more than five standard deviations about a version.
        const MOST: f64 = 25.0;
        let versions = self.versions();
        let kept = versions as f64 / (versions as f64 - 1.0);
        let (mut squares, mut df) = (vec![0.0; versions], vec![-1.0; versions]);
        let rows = self.collapsed.scarcity.iter().zip(self.collapsed.sampling.iter());
        for ((values, (scarcity, sampling)), own) in self.residuals.iter_mut().zip(rows).zip(&self.own) {
            laws::without_step(values, STEP * own);
            let versions = squares.iter_mut().zip(&mut df);
            for ((value, (scarcity, sampling)), (square, df)) in
                values.iter().zip(scarcity.iter().zip(sampling)).zip(versions)
            {
                let off = value * value / (own * scarcity + sampling);
                let is_known = value.is_finite();
                *square += if is_known { off.min(MOST) } else { 0.0 };
                *df += if is_known { 1.0 } else { 0.0 };
            }
        }
        let nu = self.noise.version_df;
        for ((trust, square), df) in self.trust.iter_mut().zip(&squares).zip(&df) {
            *trust = if *df >= 1.0 && nu.is_finite() { (nu + df) / (nu + square * kept) } else { 1.0 };
        }
        if self.purpose == Purpose::Facts {
            self.facts.version_tails = version_tails(&squares, &df, kept);
            self.facts.blocks = laws::blocks(&self.residuals, &self.roles);
        }
    }

    fn finish(mut self, groups: Vec<Group>) -> UnitFit {
        self.weigh();
        let (own, all) = (self.noise.autocorrelation_inflation(), self.noise.common_autocorrelation_inflation());
        for weight in self.weights.cells_mut() {
            *weight /= own;
        }
        for (trust, aside) in self.trust.iter_mut().zip(&self.set_aside) {
            if *aside {
                *trust = 0.0;
            }
        }
        let cell = self.noise.cell_share();
        let alone = self.collapsed.percentiles.iter().map(|&count| 1.0 + cell * (1.0 - 1.0 / count as f64)).collect();
        UnitFit {
            values: self.collapsed.values,
            weights: self.weights,
            trust: self.trust,
            levels: self.levels,
            mode: self.mode,
            own_known: self.own_known,
            alone,
            common: self.common * all,
            common_known: self.common_known,
            roles: self.roles,
            groups,
            odd: self.collapsed.odd,
        }
    }
}

/// Excess variance of the ln scatter over versions, and its weight, from the squares of each in units of their noise. The versions at
/// either end do not count. Absent where too few do.
fn version_tails(squares: &[f64], df: &[f64], kept: f64) -> Option<(f64, f64)> {
    let (mut scatters, mut expected) = (Vec::with_capacity(df.len()), 0.0);
    let inside = 1..df.len() - 1;
    for (square, &df) in squares[inside.clone()].iter().zip(&df[inside]).filter(|(_, df)| **df >= 2.0) {
        scatters.push((square.max(1e-9) / df).ln());
        expected += trigamma(0.5 * df / kept);
    }
    let count = scatters.len() as f64;
    if count < 3.0 {
        return None;
    }
    let mean = scatters.iter().sum::<f64>() / count;
    let variance = scatters.iter().map(|scatter| (scatter - mean).powi(2)).sum::<f64>() / (count - 1.0);
    Some((variance - expected / count, count - 1.0))
}

/// No metric of real users is steadier from version to version than .3 %, whatever few or rounded values say. Arbitrary: well below the
/// 1 % that the quietest simulated noise has.
const LEAST_VARIANCE: f64 = 9e-6;

/// ln of how far below its expectation a population's own variance is believed.
const LEAST_OWN: f64 = 1.5;
