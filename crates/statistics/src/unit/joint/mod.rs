//! One verdict from all that a unit shows: an app's metric with all its populations and percentiles, read together.
//!
//! A series alone knows neither its own noise nor whether its odd value is a change. Its siblings do:
//!
//! ```text
//!  percentiles of a population ── differ by ──► noise of one cell; a cell that stands off its sibling is odd
//!  populations of a unit ──────── differ by ──► noise of one population; what moves alone is local
//!  the whole over versions ────── moves by ───► the common mode, which no number of devices averages out
//! ```
//!
//! The model of the logarithm of one cell is `level + change + common(version) + own(population, version) + own(cell)`. The noise is
//! known in levels, batch → unit → population ([`UnitNoise`], [`NoiseSums`]); each level has its own uncertainty, so that every term of
//! the likelihood is one of Student's t. A verdict is the ratio of two marginal likelihoods ([`UnitVerdict::ln_evidence`]): that something
//! changed (a step, a drift, a stretch that was taken back; everywhere, in a [`Group`], or in any set of members) over that nothing did, where *nothing*
//! includes what happens without a change: an odd version, an odd population, noise that has two modes. How often those happen is learned
//! from versions inside the histories, where both neighbours are witnesses, and what a change at the latest version must outweigh.
//!
//! What it finds, and at how many false claims, beside Simes over the series (`crate::fdr::simes`), is what the `simulate` example of
//! testkit shows (`--joint`, `--real=`).
//!
//! How much evidence comes of nothing is asked of the batch itself, of its units with their versions in another order ([`NullSums`]).
//!
//! No random numbers but those orders, which are fixed; a unit of fifty series costs some hundred small fits. Everything learned is a
//! sum that merges in any order.
//!
//! ```
//! use perfpower_statistics::unit::joint::{NullLaws, Population, Readings, Role, Unit, UnitNoise, judge_unit};
//!
//! // Launch time of Apple's sample: p50 and p90 of the aggregate, versions 1.0, 1.1, 1.2, 1.3 and 2.0.
//! let readings = |values: [f64; 5]| Readings { log: values.map(f64::ln).to_vec(), sampling: vec![0.0; 5] };
//! let percentiles =
//!     vec![readings([768.7, 750.0, 992.3, 1118.9, 997.8]), readings([1532.1, 1390.2, 2030.8, 2158.4, 2014.3])];
//! let unit = Unit::new(vec![Population { role: Role::Aggregate, percentiles }]).unwrap();
//! let verdict = judge_unit(&unit, &UnitNoise::default()).unwrap();
//! assert_eq!(verdict.version(), Some(2)); // it stepped in 1.2
//! let p = NullLaws::default().history.p_value(verdict.ln_evidence);
//! assert!(verdict.change.effect > 0.25 && p.value() < 0.05);
//! ```

mod contrast;
mod history;
mod hypotheses;
mod laws;
mod learned;
mod likelihood;
mod noise;
mod nothing;
mod oddity;
mod populations;
mod release;
mod rows;
mod verdict;

pub use history::{UnitChange, changes};
pub use learned::{LEARNING_PASSES, NoiseSums, Tally, UnitFacts, UnitNoise, is_read_in};
pub use noise::UnitFit;
pub use nothing::{NullLaws, NullSums, NullTail};
pub use oddity::{Odd, OddKind};
pub use release::Release;
pub use verdict::{Carrier, CarrierEffect, FoundChange, Shape, UnitVerdict, judge_fit};

use crate::Parameters;
use crate::series::{MAX_POINTS, SeriesInput, Unusable};

/// One percentile of one population over the versions of its unit.
#[derive(Clone, Debug, PartialEq)]
pub struct Readings {
    /// Logarithm of the value (and offset), NaN where the version has none.
    pub log: Vec<f64>,
    /// Sampling variance of the logarithm, by version; 0 where Apple sends no margin, which means plenty of data.
    pub sampling: Vec<f64>,
}

impl Readings {
    /// A series, of which the point at position `i` is of version `places[i]` of its unit, which has so many.
    pub fn of(
        input: &SeriesInput<'_>,
        places: &[usize],
        versions: usize,
        parameters: &Parameters,
    ) -> Result<Self, Unusable> {
        let mut readings = Self { log: vec![f64::NAN; versions], sampling: vec![0.0; versions] };
        for at in input.newest()? {
            let place = places[at];
            (readings.log[place], readings.sampling[place]) = input.reading(at, parameters)?;
        }
        Ok(readings)
    }
}

/// What a population is within its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// All devices of a kind: it moves by its members' shares.
    Aggregate,
    /// A device model, or whatever else is a part.
    Member,
}

/// Users of one device model, or of all, with their percentiles.
#[derive(Clone, Debug, PartialEq)]
pub struct Population {
    /// Whole or part.
    pub role: Role,
    /// At least one; all over the same versions as the unit.
    pub percentiles: Vec<Readings>,
}

/// Members that have something in common, such as a family, a chip or little memory: likelier to change together than any other set of
/// as many. By position among the populations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// At least one.
    pub members: Vec<usize>,
    /// The population that is all of them, if there is one: it moves by their shares, and by no others'.
    pub aggregate: Option<usize>,
}

/// An app's metric: all its populations over the same versions.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    versions: usize,
    skipped: usize,
    populations: Vec<Population>,
    groups: Vec<Group>,
}

impl Unit {
    /// Keeps the newest [`MAX_POINTS`] versions. Absent where there is no population, a population has no percentile, or lengths differ.
    /// A logarithm that is not finite is a version without a value; so is a sampling variance that is negative or not finite.
    pub fn new(mut populations: Vec<Population>) -> Option<Self> {
        let given = populations.first()?.percentiles.first()?.log.len();
        let fits = |readings: &Readings| readings.log.len() == given && readings.sampling.len() == given;
        if !populations
            .iter()
            .all(|population| !population.percentiles.is_empty() && population.percentiles.iter().all(fits))
        {
            return None;
        }
        let skipped = given.saturating_sub(MAX_POINTS);
        for readings in populations.iter_mut().flat_map(|population| &mut population.percentiles) {
            readings.log.drain(..skipped);
            readings.sampling.drain(..skipped);
            for (log, sampling) in readings.log.iter_mut().zip(&mut readings.sampling) {
                if !(log.is_finite() && sampling.is_finite() && *sampling >= 0.0) {
                    (*log, *sampling) = (f64::NAN, 0.0);
                }
            }
        }
        Some(Self { versions: given - skipped, skipped, populations, groups: Vec::new() })
    }

    /// With what is known of its members. Positions that are no population's are left out, and so are groups without members.
    #[must_use]
    pub fn with_groups(mut self, mut groups: Vec<Group>) -> Self {
        let count = self.populations.len();
        for group in &mut groups {
            group.members.retain(|&member| member < count && self.populations[member].role == Role::Member);
            group.members.sort_unstable();
            group.members.dedup();
            group.aggregate = group.aggregate.filter(|&of| of < count && self.populations[of].role == Role::Aggregate);
        }
        groups.retain(|group| !group.members.is_empty());
        self.groups = groups;
        self
    }

    /// How many versions are judged.
    pub fn versions(&self) -> usize {
        self.versions
    }

    /// How many older ones are not: position 0 of a verdict is this version of the unit as given.
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    /// See [`Unit::with_groups`].
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// As given, less the versions skipped.
    pub fn populations(&self) -> &[Population] {
        &self.populations
    }
}

/// Reads a unit and judges it. Absent below three versions with values.
pub fn judge_unit(unit: &Unit, noise: &UnitNoise) -> Option<UnitVerdict> {
    judge_fit(&UnitFit::read(unit, noise)?, noise)
}

/// What the units of one metric tell of its noise, and of how much evidence comes of nothing. Whoever has them in parts, or of several
/// metrics, does the same with [`NoiseSums`] and [`NullSums`].
pub fn learn(units: &[Unit]) -> (UnitNoise, NullLaws) {
    let mut noise = UnitNoise::default();
    for pass in 0..LEARNING_PASSES {
        let mut sums = NoiseSums::default();
        let read = units.iter().enumerate().filter(|(at, _)| is_read_in(pass, *at, units.len(), 1));
        read.filter_map(|(_, unit)| UnitFacts::read(unit, &noise)).for_each(|facts| sums.add(&facts));
        noise = sums.learn(&UnitNoise::default());
    }
    let mut nothing = NullSums::default();
    for (at, unit) in units.iter().enumerate() {
        let draws = NullSums::draws(at, units.len());
        if let Some(verdict) = (draws > 0).then(|| judge_unit(unit, &noise)).flatten() {
            nothing.add(unit, &verdict, &noise, at as u64, draws);
        }
    }
    (noise, nothing.learn())
}

/// The median of some finite numbers, which it reorders; absent for none.
fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len() / 2;
    match *values {
        [] => None,
        [one] => Some(one),
        [a, b] => Some(0.5 * (a + b)),
        [a, b, c] => Some(middle_of(a, b, c)),
        _ => {
            let is_even = values.len().is_multiple_of(2);
            let (below, &mut upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
            let lower = || below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            Some(if is_even { 0.5 * (lower() + upper) } else { upper })
        }
    }
}

/// The median of three.
fn middle_of(a: f64, b: f64, c: f64) -> f64 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    if c < low {
        low
    } else if c > high {
        high
    } else {
        c
    }
}

/// ln(eᵃ + eᵇ).
fn add_ln(a: f64, b: f64) -> f64 {
    let (large, small) = if a > b { (a, b) } else { (b, a) };
    if small > f64::NEG_INFINITY { large + (small - large).exp().ln_1p() } else { large }
}

/// ln Σ eˣ; −∞ for none.
fn sum_ln(terms: impl Iterator<Item = f64>) -> f64 {
    terms.fold(f64::NEG_INFINITY, add_ln)
}

#[cfg(test)]
mod tests;
