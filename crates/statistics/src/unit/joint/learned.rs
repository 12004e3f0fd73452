//! What a batch tells of the noise of its units: sums that merge in any order to the same bits.

use super::Role;
use super::laws::{LnVariance, Turns};
use crate::batch::exact_sum::ExactSum;
use crate::special::gamma::trigamma_inverse;

/// The noise that a unit is expected to have, before it is read. Variances are of logarithms of values; what is called an offset or a
/// variance below is of logarithms of those variances.
///
/// The defaults are what a single archive is judged with: 4 % from version to version, a third of a member's variance common to all, an
/// aggregate half as noisy as a member, one odd value in a thousand.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitNoise {
    /// ln variance of a member's own noise, and how much that differs from unit to unit.
    pub scale: f64,
    /// See `scale`.
    pub scale_variance: f64,
    /// How much the own noise of members of one unit differs.
    pub population_variance: f64,
    /// Own noise of an aggregate against a member's.
    pub aggregate_offset: f64,
    /// Own noise of a population against what two of its percentiles differ by, and how much that ratio differs.
    pub percentile_offset: f64,
    /// See `percentile_offset`.
    pub percentile_variance: f64,
    /// The common mode against a member's own noise, and how much that ratio differs.
    pub common_share: f64,
    /// See `common_share`.
    pub common_variance: f64,
    /// Chance that one percentile of one population is odd at one version, and the typical size.
    pub odd_cells: f64,
    /// See `odd_cells`.
    pub odd_cell_size: f64,
    /// Chance that a population is odd at one version with all its percentiles, and the typical size.
    pub odd_populations: f64,
    /// See `odd_populations`.
    pub odd_population_size: f64,
    /// Chance that a population is odd at two versions in a row.
    pub odd_pairs: f64,
    /// Chance that several populations are odd together at one version.
    pub odd_sets: f64,
    /// Chance that a whole version of a unit is odd, and the typical size.
    pub odd_versions: f64,
    /// See `odd_versions`.
    pub odd_version_size: f64,
    /// Chance that the noise of a population has two modes.
    pub modes: f64,
    /// The same for several populations of a unit at once.
    pub modes_of_sets: f64,
    /// The same for what all have in common.
    pub modes_of_all: f64,
    /// Degrees of freedom of the scale that all noise of a version shares; infinite where versions are alike.
    pub version_df: f64,
    /// Correlation of neighbouring versions' own noise.
    pub autocorrelation: f64,
    /// The same of the common mode.
    pub common_autocorrelation: f64,
    /// Squared correlation of members beyond the common mode.
    pub blocks: f64,
    /// Units that it was learned from; 0 for the wider.
    pub units: u64,
}

impl Default for UnitNoise {
    fn default() -> Self {
        Self {
            scale: 2.0 * 0.04_f64.ln(),
            scale_variance: 1.0,
            population_variance: 0.5,
            aggregate_offset: -1.2,
            percentile_offset: 0.5,
            percentile_variance: 0.1,
            common_share: -1.5,
            common_variance: 0.5,
            odd_cells: 1e-3,
            odd_cell_size: 1.0,
            odd_populations: 1e-3,
            odd_population_size: 1.0,
            odd_pairs: 1e-4,
            odd_sets: 1e-3,
            odd_versions: 1e-3,
            odd_version_size: 0.3,
            modes: 1e-3,
            modes_of_sets: 1e-3,
            modes_of_all: 1e-3,
            version_df: f64::INFINITY,
            autocorrelation: 0.0,
            common_autocorrelation: 0.0,
            blocks: 0.05,
            units: 0,
        }
    }
}

impl UnitNoise {
    /// The own variance of a population, from what its percentiles differ by.
    pub(super) fn own_from_percentiles(&self, known: LnVariance) -> LnVariance {
        LnVariance { ln: known.ln + self.percentile_offset, variance: known.variance + self.percentile_variance }
    }

    /// Own variance of one cell over that of its population: half of what two percentiles differ by.
    pub(super) fn cell_share(&self) -> f64 {
        0.5 * (-self.percentile_offset).exp()
    }

    pub(super) fn autocorrelation_inflation(&self) -> f64 {
        inflation(self.autocorrelation)
    }

    pub(super) fn common_autocorrelation_inflation(&self) -> f64 {
        inflation(self.common_autocorrelation)
    }
}

/// Factor on a variance for noise that is AR(1). True steps make neighbours alike, too: an estimate up to the floor is none.
fn inflation(rho: f64) -> f64 {
    const FLOOR: f64 = 0.1;
    let rho = ((rho - FLOOR) / (1.0 - FLOOR)).max(0.0);
    (1.0 + rho) / (1.0 - rho)
}

/// How often something happened, of how many chances, and how large it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Times.
    pub hits: u64,
    /// Of so many.
    pub chances: u64,
    pub(super) squares: ExactSum,
}

impl Tally {
    pub(super) fn hit(&mut self, size: f64) {
        self.hits += 1;
        self.squares.add(size * size);
    }

    fn merge(&mut self, other: Self) {
        self.hits += other.hits;
        self.chances += other.chances;
        self.squares.merge(other.squares);
    }

    /// The rate, a hundred chances at the `expected` one included, so that no batch is too small.
    fn rate(&self, expected: f64) -> f64 {
        const BEFORE: f64 = 100.0;
        /// Nothing is impossible, or one odd value would be proof.
        const LEAST: f64 = 1e-6;
        ((self.hits as f64 + expected * BEFORE) / (self.chances as f64 + BEFORE)).clamp(LEAST, 0.5)
    }

    fn size(&self, expected: f64) -> f64 {
        /// Fewer say nothing about the next.
        const LEAST: u64 = 10;
        if self.hits > LEAST { (self.squares.value() / self.hits as f64).sqrt() } else { expected }
    }
}

/// What one unit tells of the noise of its batch.
#[derive(Clone, Debug, Default)]
pub struct UnitFacts {
    /// Own variance of each population against that between its percentiles, with how well that is known.
    pub(super) percentiles: Vec<(f64, f64)>,
    /// Squares of the members' ln variances around their mean, what of that is not known better, and degrees of freedom.
    pub(super) members: Option<(f64, f64, f64)>,
    /// Aggregates against the mean of the members.
    pub(super) aggregates: Vec<f64>,
    /// ln of the own scale of the unit, without the batch.
    pub(super) scale: Option<LnVariance>,
    /// The mode's variance, ln of the own scale, and what of the mode is the populations' own noise.
    pub(super) shared: Option<(LnVariance, f64, f64)>,
    pub(super) odd_cells: Tally,
    pub(super) odd_populations: Tally,
    pub(super) odd_pairs: Tally,
    pub(super) odd_sets: Tally,
    pub(super) odd_versions: Tally,
    pub(super) modes: Tally,
    pub(super) modes_of_sets: Tally,
    pub(super) modes_of_all: Tally,
    /// Excess variance of the ln scatter over versions, and its weight.
    pub(super) version_tails: Option<(f64, f64)>,
    pub(super) turns: Turns,
    pub(super) turns_of_all: Turns,
    pub(super) blocks: (f64, f64),
}

impl UnitFacts {
    /// From the own variances of the populations: around their steps, and between their percentiles.
    pub(super) fn noise(
        &mut self,
        around: &[Option<LnVariance>],
        percentiles: &[Option<LnVariance>],
        together: &[Option<LnVariance>],
        roles: &[Role],
    ) {
        let both =
            around.iter().zip(percentiles).filter_map(|(around, percentiles)| Some(((*around)?, (*percentiles)?)));
        self.percentiles = both.map(|(a, b)| (a.ln - b.ln, a.variance + b.variance)).collect();
        let of = |wanted: Role| {
            together.iter().zip(roles).filter(move |(_, role)| **role == wanted).filter_map(|(known, _)| *known)
        };
        let members: Vec<LnVariance> = of(Role::Member).collect();
        let count = members.len() as f64;
        (self.members, self.aggregates) = (None, Vec::new());
        if members.len() > 1 {
            let mean = members.iter().map(|known| known.ln).sum::<f64>() / count;
            let squares = members.iter().map(|known| (known.ln - mean).powi(2)).sum();
            let known = members.iter().map(|known| known.variance).sum::<f64>() * (count - 1.0) / count;
            self.members = Some((squares, known, count - 1.0));
            self.aggregates = of(Role::Aggregate).map(|known| known.ln - mean).collect();
        }
    }
}

/// Mean and variance beyond what is known of each term.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Moments {
    count: u64,
    sum: ExactSum,
    squares: ExactSum,
    known: ExactSum,
}

impl Moments {
    fn add(&mut self, value: f64, known: f64) {
        self.count += 1;
        self.sum.add(value);
        self.squares.add(value * value);
        self.known.add(known);
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.sum.merge(other.sum);
        self.squares.merge(other.squares);
        self.known.merge(other.known);
    }

    fn mean(&self) -> f64 {
        self.sum.value() / self.count as f64
    }

    fn between(&self) -> f64 {
        let count = self.count as f64;
        self.squares.value() / count - self.mean().powi(2) - self.known.value() / count
    }
}

/// A weighted sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Weighted {
    sum: ExactSum,
    weight: ExactSum,
}

impl Weighted {
    fn add(&mut self, sum: f64, weight: f64) {
        self.sum.add(sum);
        self.weight.add(weight);
    }

    fn merge(&mut self, other: Self) {
        self.sum.merge(other.sum);
        self.weight.merge(other.weight);
    }

    /// Absent below this weight.
    fn mean(&self, least: f64) -> Option<f64> {
        let weight = self.weight.value();
        (weight >= least).then(|| self.sum.value() / weight)
    }
}

/// Logarithms of common shares that are tried: −6, −5.75 … 3.
const SHARES: usize = 37;

fn share(at: usize) -> f64 {
    -6.0 + 0.25 * at as f64
}

/// How often the units of a batch are read to learn its noise: the first time with what is expected of any, then with what was learned,
/// so that what is odd by that is set aside. As many as in the simulation, whose figures hold for this number.
pub const LEARNING_PASSES: usize = 3;

/// Most units of a metric that each pass reads: what the first two learn is a start for the third. Measured on the joint worlds and on
/// real noise: more than these move no figure by more than its error.
const MOST_UNITS: [usize; LEARNING_PASSES] = [32, 32, 512];

/// Of a batch of many metrics the last pass reads so many units of each at least. With 32 the noise of a metric is known so badly that among 300 simulated
/// apps 3 of 52 listed regressions were false.
const LEAST_UNITS: usize = 128;

/// Whether a pass reads the unit at the position `at` of the `of` units of its metric, in a batch of so many metrics: as many as it
/// needs, evenly spread.
pub fn is_read_in(pass: usize, at: usize, of: usize, metrics: usize) -> bool {
    let of_batch = MOST_UNITS[LEARNING_PASSES - 1];
    let most = MOST_UNITS[pass].min((of_batch / metrics).max(LEAST_UNITS));
    of <= most || (at + 1) * most / of > at * most / of
}

/// Sums over the units of a batch, or of a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoiseSums {
    units: u64,
    percentiles: Moments,
    member_squares: ExactSum,
    member_known: ExactSum,
    member_df: ExactSum,
    aggregates: Moments,
    scale: Moments,
    shares: [(Weighted, Weighted); SHARES],
    shared: u64,
    tallies: [Tally; 8],
    version_tails: Weighted,
    turns: Weighted,
    turns_of_all: Weighted,
    blocks: Weighted,
}

impl Default for NoiseSums {
    fn default() -> Self {
        Self {
            units: 0,
            percentiles: Moments::default(),
            member_squares: ExactSum::default(),
            member_known: ExactSum::default(),
            member_df: ExactSum::default(),
            aggregates: Moments::default(),
            scale: Moments::default(),
            shares: [(Weighted::default(), Weighted::default()); SHARES],
            shared: 0,
            tallies: [Tally::default(); 8],
            version_tails: Weighted::default(),
            turns: Weighted::default(),
            turns_of_all: Weighted::default(),
            blocks: Weighted::default(),
        }
    }
}

/// Logarithms beyond this are of variances that are 0 but for rounding, or of nothing.
const MOST_LN: f64 = 60.0;

impl NoiseSums {
    /// Adds one unit.
    pub fn add(&mut self, facts: &UnitFacts) {
        self.units += 1;
        for &(difference, known) in facts.percentiles.iter().filter(|(difference, _)| difference.abs() < MOST_LN) {
            self.percentiles.add(difference, known);
        }
        if let Some((squares, known, df)) = facts.members {
            self.member_squares.add(squares);
            self.member_known.add(known);
            self.member_df.add(df);
        }
        for &offset in &facts.aggregates {
            self.aggregates.add(offset, 0.0);
        }
        if let Some(LnVariance { ln, variance }) = facts.scale.filter(|scale| scale.ln.abs() < MOST_LN) {
            self.scale.add(ln, variance);
        }
        if let Some((mode, scale, own)) = facts.shared.filter(|(mode, ..)| mode.ln.abs() < MOST_LN) {
            /// Estimates of the mode that are known no better than this count as much as each other.
            const FLOOR: f64 = 0.2;
            let weight = (mode.variance + FLOOR).recip();
            self.shared += 1;
            for (at, (excess, spread)) in self.shares.iter_mut().enumerate() {
                let off = mode.ln - ((scale + share(at)).exp() + own).ln();
                excess.add(weight * off, weight);
                spread.add(weight * weight * (off * off - mode.variance), weight * weight);
            }
        }
        let tallies = [
            facts.odd_cells,
            facts.odd_populations,
            facts.odd_pairs,
            facts.odd_sets,
            facts.odd_versions,
            facts.modes,
            facts.modes_of_sets,
            facts.modes_of_all,
        ];
        for (sum, tally) in self.tallies.iter_mut().zip(tallies) {
            sum.merge(tally);
        }
        if let Some((excess, weight)) = facts.version_tails {
            self.version_tails.add(excess * weight, weight);
        }
        self.turns.add(facts.turns.products, facts.turns.squares);
        self.turns_of_all.add(facts.turns_of_all.products, facts.turns_of_all.squares);
        self.blocks.add(facts.blocks.0, facts.blocks.1);
    }

    /// Adds what another part has seen.
    pub fn merge(&mut self, other: &Self) {
        self.units += other.units;
        self.percentiles.merge(other.percentiles);
        self.member_squares.merge(other.member_squares);
        self.member_known.merge(other.member_known);
        self.member_df.merge(other.member_df);
        self.aggregates.merge(other.aggregates);
        self.scale.merge(other.scale);
        for (sum, other) in self.shares.iter_mut().zip(&other.shares) {
            sum.0.merge(other.0);
            sum.1.merge(other.1);
        }
        self.shared += other.shared;
        for (sum, other) in self.tallies.iter_mut().zip(&other.tallies) {
            sum.merge(*other);
        }
        self.version_tails.merge(other.version_tails);
        self.turns.merge(other.turns);
        self.turns_of_all.merge(other.turns_of_all);
        self.blocks.merge(other.blocks);
    }

    /// How many units were added.
    pub fn units(&self) -> u64 {
        self.units
    }

    /// The noise that they show. What too few of them say is taken from `wider`: of a metric, the batch; of a batch, the wider. Units
    /// that are read again with the answer tell more, since the odd ones among them are then set aside: see [`LEARNING_PASSES`].
    pub fn learn(&self, wider: &UnitNoise) -> UnitNoise {
        /// Fewer populations, pairs or versions say nothing.
        const LEAST: u64 = 50;
        const LEAST_WEIGHT: f64 = LEAST as f64;
        /// Fewer units say nothing.
        const LEAST_UNITS: u64 = 20;
        /// Variances between are never believed to be less: only the noise of their estimates would be left.
        const LEAST_BETWEEN: f64 = 0.02;
        /// Less excess over versions is that of the estimate.
        const LEAST_TAILS: f64 = 0.05;
        let mut noise = UnitNoise { units: self.units, ..wider.clone() };
        if self.percentiles.count > LEAST {
            noise.percentile_offset = self.percentiles.mean();
            noise.percentile_variance = self.percentiles.between().max(LEAST_BETWEEN);
        }
        if self.member_df.value() > LEAST_WEIGHT {
            let between = (self.member_squares.value() - self.member_known.value()) / self.member_df.value();
            noise.population_variance = between.max(LEAST_BETWEEN);
        }
        if self.aggregates.count > LEAST {
            /// An aggregate that is but the mean of its members has no own noise; one far noisier than a member is none.
            const RANGE: (f64, f64) = (-2.5, 2.0);
            noise.aggregate_offset = self.aggregates.mean().clamp(RANGE.0, RANGE.1);
        }
        if self.scale.count > LEAST_UNITS {
            noise.scale = self.scale.mean();
            noise.scale_variance = self.scale.between().max(0.05);
        }
        if self.shared > LEAST_UNITS {
            (noise.common_share, noise.common_variance) = self.share();
            noise.common_variance = noise.common_variance.max(LEAST_BETWEEN);
        }
        let [cells, populations, pairs, sets, versions, modes, modes_of_sets, modes_of_all] = &self.tallies;
        noise.odd_cells = cells.rate(wider.odd_cells);
        noise.odd_cell_size = cells.size(wider.odd_cell_size);
        noise.odd_populations = populations.rate(wider.odd_populations);
        noise.odd_population_size = populations.size(wider.odd_population_size);
        noise.odd_pairs = pairs.rate(wider.odd_pairs);
        noise.odd_sets = sets.rate(wider.odd_sets);
        noise.odd_versions = versions.rate(wider.odd_versions);
        noise.odd_version_size = versions.size(wider.odd_version_size);
        noise.modes = modes.rate(wider.modes);
        noise.modes_of_sets = modes_of_sets.rate(wider.modes_of_sets);
        noise.modes_of_all = modes_of_all.rate(wider.modes_of_all);
        noise.version_df = match self.version_tails.mean(LEAST_WEIGHT) {
            Some(excess) if excess > LEAST_TAILS => (2.0 * trigamma_inverse(excess)).max(1.0),
            Some(_) => f64::INFINITY,
            None => wider.version_df,
        };
        let rho = |turns: &Weighted| turns.mean(LEAST_WEIGHT).map(|turns| (1.0 + 2.0 * turns).clamp(0.0, 0.8));
        noise.autocorrelation = rho(&self.turns).unwrap_or(wider.autocorrelation);
        noise.common_autocorrelation = rho(&self.turns_of_all).unwrap_or(noise.autocorrelation);
        noise.blocks = self.blocks.mean(LEAST_WEIGHT).map_or(wider.blocks, |blocks| blocks.max(0.0));
        noise
    }

    /// ln of the common share at which the modes are as they should be on average, and how much it differs from unit to unit.
    fn share(&self) -> (f64, f64) {
        let excess = |at: usize| self.shares[at].0.mean(0.0).unwrap_or(0.0);
        let spread = |at: usize| self.shares[at].1.mean(0.0).unwrap_or(0.0);
        // The excess falls as the share rises.
        let above = (0..SHARES).find(|&at| excess(at) <= 0.0).unwrap_or(SHARES - 1).max(1);
        let (high, low) = (excess(above - 1), excess(above));
        let part = if high > low { (high / (high - low)).clamp(0.0, 1.0) } else { 1.0 };
        (share(above - 1) + 0.25 * part, (1.0 - part) * spread(above - 1) + part * spread(above))
    }
}
