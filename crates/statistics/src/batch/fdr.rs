//! Turns the p-values of a whole batch into the few claims that may be made, so that at most a share `q` of them is
//! false.
//!
//! A unit is one app × metric; its members are series (devices × percentiles). The unit's p is [`simes`] over its
//! members, [`Cutoff`] selects units, and [`select_members`] looks inside the selected ones at a level that pays for
//! the selection (Benjamini and Bogomolov 2014). Intervals of selected claims pay the same price
//! ([`Cutoff::interval_level`], Benjamini and Yekutieli 2005).
//!
//! 10^8 p-values need neither a sort nor a place in memory: [`PHistogram`] counts them by a monotone prefix of their
//! bits, and a second pass collects only those that could be the cut-off. Counting is exact and free of order, so
//! shards merge.
//!
//! ```
//! use perfpower_statistics::fdr::{Cutoff, Dependence, PValue};
//!
//! let p = [0.001, 0.012, 0.03, 0.6, 0.9].map(PValue::new);
//! let cutoff = Cutoff::of(&p, 0.05, Dependence::Positive);
//! assert_eq!(cutoff.rejected(), 3);
//! assert!(cutoff.rejects(p[2]) && !cutoff.rejects(p[3]));
//! ```

use std::cmp::Ordering;

/// Below this a p-value is compared by its logarithm. The smallest normal double is 2.2e-308; the gap leaves room for
/// the factors of Simes and of the adjustment.
const SMALLEST: f64 = 1e-300;

/// A p-value that does not underflow: a step of 40 % in an app with a hundred million users is not "p = 0".
///
/// In `[0, 1]`; what is not a number, or above 1, counts as 1, since it claims nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PValue {
    value: f64,
    /// Natural logarithm where `value` is below [`SMALLEST`], else 0: elsewhere it can be computed when asked for.
    tail_ln: f64,
}

impl PValue {
    /// No evidence at all: what a claim gets that fails its effect gate or its attribution guard.
    pub const ONE: Self = Self { value: 1.0, tail_ln: 0.0 };

    /// From the probability itself.
    pub fn new(p: f64) -> Self {
        if p.is_nan() || p >= 1.0 {
            return Self::ONE;
        }
        let value = p.max(0.0);
        Self { value, tail_ln: if value < SMALLEST { value.ln() } else { 0.0 } }
    }

    /// From its natural logarithm, for tails where the probability itself would be 0.
    pub fn from_ln(ln: f64) -> Self {
        if ln.is_nan() || ln >= 0.0 {
            return Self::ONE;
        }
        let value = ln.exp();
        Self { value, tail_ln: if value < SMALLEST { ln } else { 0.0 } }
    }

    /// The probability; 0 where it is below the smallest double.
    pub fn value(self) -> f64 {
        self.value
    }

    /// Its natural logarithm; minus infinity only if the p-value was given as an exact 0.
    pub fn ln(self) -> f64 {
        if self.value < SMALLEST { self.tail_ln } else { self.value.ln() }
    }

    /// `factor × p`, at most 1: Bonferroni over the ways in which one claim could have been made.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        if self.value < SMALLEST { Self::from_ln(self.tail_ln + factor.ln()) } else { Self::new(self.value * factor) }
    }

    /// Total order, from the strongest evidence to none.
    pub fn compare(&self, other: &Self) -> Ordering {
        if self.value < SMALLEST && other.value < SMALLEST {
            self.tail_ln.total_cmp(&other.tail_ln)
        } else {
            self.value.total_cmp(&other.value)
        }
    }

    fn min(self, other: Self) -> Self {
        if other.compare(&self).is_lt() { other } else { self }
    }
}

/// What is assumed of the dependence between the tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dependence {
    /// Benjamini–Hochberg (1995): independent or positively dependent. Releases, devices and percentiles move together,
    /// so this is the default.
    #[default]
    Positive,
    /// Benjamini–Yekutieli (2001): any dependence at all (`--strict`). Costs a factor of `ln m + 0.58`.
    Any,
}

impl Dependence {
    /// The divisor of `q` for `tests` tests: 1, or the harmonic number `1 + 1/2 + … + 1/m`.
    pub fn penalty(self, tests: u64) -> f64 {
        match self {
            Self::Positive => 1.0,
            Self::Any => harmonic_number(tests),
        }
    }
}

/// `1 + 1/2 + … + 1/m`; 1 for `m` = 0, so that it can divide.
fn harmonic_number(m: u64) -> f64 {
    /// Euler's constant.
    const GAMMA: f64 = 0.577_215_664_901_532_9;
    /// From here on the asymptotic series below is exact to 1e-16 (its next term is `1/(120 m^4)`).
    const SERIES_FROM: u64 = 2_000;
    if m < SERIES_FROM {
        // Small terms first.
        (1..=m.max(1)).rev().map(|i| 1.0 / i as f64).sum()
    } else {
        let m = m as f64;
        m.ln() + GAMMA + 0.5 / m - 1.0 / (12.0 * m * m)
    }
}

/// One p-value for a family of p-values of related claims: `min_i n p_(i) / i` (Simes 1986), at most 1.
///
/// Valid under positive dependence, and unlike the plain minimum it gains when many members agree. Sorts `family`.
/// Absent for an empty family.
pub fn simes(family: &mut [PValue]) -> Option<PValue> {
    family.sort_unstable_by(PValue::compare);
    let n = family.len() as f64;
    (1_u32..).zip(family.iter()).map(|(rank, p)| p.times(n / f64::from(rank))).reduce(PValue::min)
}

/// Which p-values of one batch are claims: those at or below the line `q k / (m c)` at the largest rank `k` where one
/// is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cutoff {
    q: f64,
    tests: u64,
    rejected: u64,
    penalty: f64,
}

impl Cutoff {
    /// Sorts a copy: for batches that fit in memory, and the referee of [`PHistogram`].
    pub fn of(p: &[PValue], q: f64, dependence: Dependence) -> Self {
        let mut sorted: Vec<f64> = p.iter().map(|p| p.value()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let mut cutoff = Self::none(sorted.len() as u64, q, dependence);
        cutoff.rejected = cutoff.last_below_line(&sorted, 0).unwrap_or(0);
        cutoff
    }

    fn none(tests: u64, q: f64, dependence: Dependence) -> Self {
        Self { q, tests, rejected: 0, penalty: dependence.penalty(tests) }
    }

    /// The level that the `rank`-th smallest p-value has to reach. Monotone in `rank`, rounding included.
    fn line(&self, rank: u64) -> f64 {
        rank as f64 * self.q / (self.tests as f64 * self.penalty)
    }

    /// The largest rank whose p-value reaches the line, in ascending p-values that follow on `below` smaller ones.
    fn last_below_line(&self, ascending: &[f64], below: u64) -> Option<u64> {
        let rank = |position: usize| below + position as u64 + 1;
        (0..ascending.len()).rev().find(|&at| ascending[at] <= self.line(rank(at))).map(rank)
    }

    /// How many p-values are claims.
    pub fn rejected(&self) -> u64 {
        self.rejected
    }

    /// How many p-values there were.
    pub fn tests(&self) -> u64 {
        self.tests
    }

    /// The bound itself: p-values up to here are claims. 0 where nothing is rejected.
    pub fn p(&self) -> f64 {
        if self.rejected == 0 { 0.0 } else { self.line(self.rejected) }
    }

    /// Whether this p-value of the batch is a claim.
    pub fn rejects(&self, p: PValue) -> bool {
        self.rejected > 0 && p.value() <= self.p()
    }

    /// `q R / m`: the level inside a selected family (Benjamini and Bogomolov 2014). 0 where nothing is selected.
    pub fn family_level(&self) -> f64 {
        if self.rejected == 0 { 0.0 } else { self.rejected as f64 * self.q / self.tests as f64 }
    }

    /// Two-sided error level of an interval that is shown only because its claim was selected, so that at most a share
    /// `q` of the shown intervals misses (Benjamini and Yekutieli 2005). The plain `q` where nothing is selected: the
    /// interval is then no selected one.
    pub fn interval_level(&self) -> f64 {
        if self.rejected == 0 { self.q } else { self.p() }
    }
}

/// Which members of one *selected* family are claims. The flags lie as the members do.
pub fn select_members(family: &[PValue], units: &Cutoff, dependence: Dependence) -> Vec<bool> {
    if units.rejected() == 0 {
        return vec![false; family.len()];
    }
    let inside = Cutoff::of(family, units.family_level(), dependence);
    family.iter().map(|&p| inside.rejects(p)).collect()
}

/// Adjusted p-values ("q-values"): the smallest `q` at which each would be a claim. They lie as `p` does.
///
/// `tests` is the size of the batch. It may exceed `p.len()`: all p-values up to a [`Cutoff`] suffice for exact values,
/// because no larger p-value can lower theirs. Then nothing of the 10^8 others has to be kept.
pub fn adjusted(p: &[PValue], tests: u64, dependence: Dependence) -> Vec<PValue> {
    let tests = tests.max(p.len() as u64);
    let factor = tests as f64 * dependence.penalty(tests);
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].compare(&p[b]));
    let mut adjusted = vec![PValue::ONE; p.len()];
    let mut least = PValue::ONE;
    for (position, &index) in order.iter().enumerate().rev() {
        least = least.min(p[index].times(factor / (position + 1) as f64));
        adjusted[index] = least;
    }
    adjusted
}

/// Bits of a double that a bin does not look at. The sign (always +), the exponent and four bits of the mantissa
/// remain, so a bin is at most 1/16 wide, relative to its p-values.
const IGNORED_BITS: u32 = 48;

/// Bins that a p-value can fall into: the prefixes from that of 0.0 to that of 1.0.
const BINS: usize = (1.0_f64.to_bits() >> IGNORED_BITS) as usize + 1;

fn bin_of(p: PValue) -> usize {
    (p.value().to_bits() >> IGNORED_BITS) as usize
}

fn bin_start(bin: usize) -> f64 {
    f64::from_bits((bin as u64) << IGNORED_BITS)
}

/// First pass: how many p-values lie in each bin. 131 kB, whatever the size of the batch; exact, so order and sharding
/// do not matter. Also the calibration monitor of the run: see [`Self::share_above`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PHistogram {
    counts: Vec<u64>,
    tests: u64,
}

impl Default for PHistogram {
    fn default() -> Self {
        Self { counts: vec![0; BINS], tests: 0 }
    }
}

impl PHistogram {
    /// Counts one p-value.
    pub fn add(&mut self, p: PValue) {
        self.counts[bin_of(p)] += 1;
        self.tests += 1;
    }

    /// Counts what another shard has counted.
    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.tests += other.tests;
    }

    /// How many p-values were counted.
    pub fn tests(&self) -> u64 {
        self.tests
    }

    /// Share of p-values in `[p, 1]`, `p` rounded down to the start of its bin (powers of two are such starts). Without
    /// any change and any gate it is `1 − p`, so a share well below says that tests are too eager. Absent without
    /// p-values.
    pub fn share_above(&self, p: f64) -> Option<f64> {
        let above: u64 = self.counts[bin_of(PValue::new(p))..].iter().sum();
        (self.tests > 0).then(|| above as f64 / self.tests as f64)
    }

    /// Says which bins a second pass has to look into.
    ///
    /// With `C` p-values up to and including a bin, it can hold the cut-off only if it starts at or below `line(C)`;
    /// and it surely holds one if it also *ends* there. The search goes down from 1 to the first sure bin, whose rank
    /// is its `C`.
    pub fn search(&self, q: f64, dependence: Dependence) -> CutoffSearch {
        let mut search =
            CutoffSearch { cutoff: Cutoff::none(self.tests, q, dependence), bins: Vec::new(), collected: Vec::new() };
        let mut through = self.tests;
        for (bin, &count) in self.counts.iter().enumerate().rev() {
            let line = search.cutoff.line(through);
            // The last bin holds 1.0 alone; its end is not the start of a further bin.
            let end = if bin + 1 == BINS { 1.0 } else { bin_start(bin + 1) };
            if count > 0 && end <= line {
                search.cutoff.rejected = through;
                break;
            }
            through -= count;
            if count > 0 && bin_start(bin) <= line {
                search.bins.push(OpenBin { bin, below: through });
            }
        }
        search.bins.reverse();
        search
    }
}

/// A bin that may hold the cut-off, and the number of p-values below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct OpenBin {
    bin: usize,
    below: u64,
}

/// Second pass: collects the p-values of the few bins that may hold the cut-off. Shards clone it, collect, and merge.
///
/// Memory is the number of p-values in those bins: usually a small part of those near the cut-off, never those far from
/// it.
#[derive(Clone, Debug)]
pub struct CutoffSearch {
    cutoff: Cutoff,
    /// Ascending.
    bins: Vec<OpenBin>,
    collected: Vec<f64>,
}

impl CutoffSearch {
    /// Whether there is nothing to collect, so that [`Self::finish`] can be called without a second pass.
    pub fn is_settled(&self) -> bool {
        self.bins.is_empty()
    }

    /// Looks at one p-value of the second pass; keeps it if it matters.
    pub fn add(&mut self, p: PValue) {
        if self.bins.binary_search_by_key(&bin_of(p), |open| open.bin).is_ok() {
            self.collected.push(p.value());
        }
    }

    /// Takes over what another shard collected.
    pub fn merge(&mut self, other: Self) {
        self.collected.extend(other.collected);
    }

    /// The same cut-off as [`Cutoff::of`] over all p-values. It needs every p-value of the first pass to have been
    /// given to [`Self::add`] of this search or of a shard of it, unless [`Self::is_settled`].
    pub fn finish(mut self) -> Cutoff {
        self.collected.sort_unstable_by(f64::total_cmp);
        let mut end = self.collected.len();
        for open in self.bins.iter().rev() {
            let start = self.collected[..end].partition_point(|&p| p < bin_start(open.bin));
            if let Some(rank) = self.cutoff.last_below_line(&self.collected[start..end], open.below) {
                self.cutoff.rejected = rank;
                break;
            }
            end = start;
        }
        self.cutoff
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The fifteen p-values of Benjamini and Hochberg (1995), section 4.1.
    const ORIGINAL: [f64; 15] = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590,
        1.0,
    ];

    fn values(p: &[f64]) -> Vec<PValue> {
        p.iter().copied().map(PValue::new).collect()
    }

    fn assert_close(found: f64, expected: f64) {
        assert!((found - expected).abs() <= 1e-12 * expected.abs(), "{found} is not {expected}");
    }

    #[test]
    fn the_original_example_rejects_four() {
        let cutoff = Cutoff::of(&values(&ORIGINAL), 0.05, Dependence::Positive);
        assert_eq!(cutoff.rejected(), 4);
        assert_close(cutoff.p(), 4.0 * 0.05 / 15.0);
        assert_close(cutoff.interval_level(), cutoff.family_level());
        // Harmonic number of 15 is 3.318: q falls to .0151, and 3 q / 15 = .00301 still holds the third.
        let strict = Cutoff::of(&values(&ORIGINAL), 0.05, Dependence::Any);
        assert_eq!(strict.rejected(), 3);
    }

    /// `scipy.stats.false_discovery_control(p, method="bh" | "by")`
    #[test]
    fn adjusted_values_are_scipys() {
        let bh = [0.0015, 0.003, 0.0095, 0.035_625, 0.0603];
        for (found, expected) in adjusted(&values(&ORIGINAL), 15, Dependence::Positive).iter().zip(bh) {
            assert_close(found.value(), expected);
        }
        let by = [
            0.004_977_343_489_843_491,
            0.009_954_686_979_686_982,
            0.031_523_175_435_675_44,
            0.118_211_907_883_782_89,
            0.200_089_208_291_708_31,
        ];
        for (found, expected) in adjusted(&values(&ORIGINAL), 15, Dependence::Any).iter().zip(by) {
            assert_close(found.value(), expected);
        }
    }

    #[test]
    fn a_step_up_passes_over_a_rank_that_is_above_the_line() {
        // line: .0125 .025 .0375 .05; the first is above its own, and is carried by the fourth.
        let p = values(&[0.02, 0.03, 0.04, 0.05]);
        assert_eq!(Cutoff::of(&p, 0.05, Dependence::Positive).rejected(), 4);
        let p = values(&[0.02, 0.03, 0.04, 0.0501]);
        assert_eq!(Cutoff::of(&p, 0.05, Dependence::Positive).rejected(), 0);
    }

    #[test]
    fn nothing_to_test_and_nothing_to_claim() {
        let none = Cutoff::of(&[], 0.05, Dependence::Positive);
        assert_eq!((none.rejected(), none.tests(), none.p()), (0, 0, 0.0));
        assert!(!none.rejects(PValue::new(0.0)));
        assert!(adjusted(&[], 0, Dependence::Any).is_empty());
        assert_eq!(simes(&mut []), None);
        assert_eq!(
            PHistogram::default().search(0.05, Dependence::Any).finish(),
            Cutoff::of(&[], 0.05, Dependence::Any)
        );
        assert_eq!(PHistogram::default().share_above(0.5), None);
        let flat = Cutoff::of(&values(&[1.0; 20]), 0.05, Dependence::Positive);
        assert_eq!((flat.rejected(), flat.family_level(), flat.interval_level()), (0, 0.0, 0.05));
    }

    #[test]
    fn what_is_not_a_probability_claims_nothing() {
        assert_eq!(PValue::new(f64::NAN), PValue::ONE);
        assert_eq!(PValue::new(1.7), PValue::ONE);
        assert_eq!(PValue::new(-0.1), PValue::new(0.0));
        assert_eq!(PValue::from_ln(f64::NAN), PValue::ONE);
        assert_eq!(PValue::from_ln(0.1), PValue::ONE);
    }

    #[test]
    fn simes_by_hand() {
        // 3 × .01 = .03, 3/2 × .02 = .03, 3/3 × .03 = .03: agreement costs nothing.
        assert_close(simes(&mut values(&[0.03, 0.01, 0.02])).unwrap().value(), 0.03);
        assert_close(simes(&mut values(&[0.9, 0.01, 0.8])).unwrap().value(), 0.03);
        assert_close(simes(&mut values(&[0.4])).unwrap().value(), 0.4);
        assert_eq!(simes(&mut values(&[1.0, 1.0])), Some(PValue::ONE));
        // Apple's sample: p50 and p90 of section 11 of the study.
        assert_close(simes(&mut values(&[0.0019, 0.0008])).unwrap().value(), 0.0016);
    }

    #[test]
    fn tails_below_the_smallest_double_keep_their_order() {
        let mut family = [PValue::from_ln(-900.0), PValue::from_ln(-1200.0), PValue::new(0.5)];
        let p = simes(&mut family).unwrap();
        assert_close(p.ln(), -1200.0 + 3.0_f64.ln());
        assert!(PValue::from_ln(-1200.0).compare(&PValue::from_ln(-900.0)).is_lt());
        assert!(PValue::from_ln(-900.0).compare(&PValue::new(1e-299)).is_lt());
        let q = adjusted(&family, 1_000_000, Dependence::Positive);
        assert_close(q[0].ln(), -1200.0 + 1e6_f64.ln());
        assert_close(q[1].ln(), -900.0 + 5e5_f64.ln());
        assert_eq!(q[2], PValue::ONE);
        // A factor can lift a p-value back over the smallest double.
        assert_close(PValue::from_ln(-700.0).times(1e10).ln(), -700.0 + 1e10_f64.ln());
    }

    #[test]
    fn harmonic_numbers_meet_where_the_series_takes_over() {
        assert_close(harmonic_number(1), 1.0);
        assert_close(harmonic_number(4), 25.0 / 12.0);
        let summed: f64 = (1..=5_000).rev().map(|i| 1.0 / f64::from(i)).sum();
        assert_close(harmonic_number(5_000), summed);
        // "14.4 at 10^6, 19 at 10^8"
        assert!((harmonic_number(1_000_000) - 14.393).abs() < 1e-3);
        assert!((harmonic_number(100_000_000) - 18.998).abs() < 1e-3);
    }

    #[test]
    fn inside_a_selected_family_the_level_pays_for_the_selection() {
        // 2 of 10 units selected at q = .05: members are judged at .01.
        let units =
            Cutoff::of(&values(&[0.001, 0.002, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]), 0.05, Dependence::Positive);
        assert_eq!(units.rejected(), 2);
        assert_close(units.family_level(), 0.01);
        let members = values(&[0.02, 0.0004, 0.0049]);
        assert_eq!(select_members(&members, &units, Dependence::Positive), [false, true, true]);
        let nothing = Cutoff::of(&values(&[0.9; 3]), 0.05, Dependence::Positive);
        assert_eq!(select_members(&values(&[0.0, 0.1]), &nothing, Dependence::Positive), [false, false]);
    }

    #[test]
    fn the_monitor_sees_the_upper_half() {
        let mut histogram = PHistogram::default();
        for i in 0..1_000 {
            histogram.add(PValue::new((f64::from(i) + 0.5) / 1_000.0));
        }
        assert_eq!(histogram.share_above(0.5), Some(0.5));
        assert_eq!(histogram.share_above(0.0), Some(1.0));
        histogram.add(PValue::ONE);
        assert_eq!(histogram.share_above(1.0), Some(1.0 / 1_001.0));
    }

    /// Both passes, in `shards` shards that are merged in reverse order.
    fn by_histogram(p: &[PValue], q: f64, dependence: Dependence, shards: usize) -> Cutoff {
        let size = p.len().div_ceil(shards).max(1);
        let mut histogram = PHistogram::default();
        for shard in p.chunks(size).rev() {
            let mut part = PHistogram::default();
            for &p in shard {
                part.add(p);
            }
            histogram.merge(&part);
        }
        let mut search = histogram.search(q, dependence);
        if !search.is_settled() {
            let empty = search.clone();
            for shard in p.chunks(size).rev() {
                let mut part = empty.clone();
                for &p in shard {
                    part.add(p);
                }
                search.merge(part);
            }
        }
        search.finish()
    }

    #[test]
    fn ties_on_the_edges_of_bins() {
        for p in [vec![0.0; 5], vec![1.0; 5], vec![0.05; 7], vec![0.5, 0.25, 0.125, 0.0625, 0.03125], vec![0.0, 1.0]] {
            for q in [0.01, 0.05, 0.5, 0.9, 1.0] {
                let p = values(&p);
                assert_eq!(by_histogram(&p, q, Dependence::Positive, 2), Cutoff::of(&p, q, Dependence::Positive));
            }
        }
    }

    fn p_values() -> impl Strategy<Value = Vec<PValue>> {
        let one = prop_oneof![
            4 => 0.0..=1.0_f64,
            3 => (0.0..=40.0_f64).prop_map(|x| (-x).exp()),
            // Coarse values make ties, and hit the edges of bins.
            2 => (0_u32..=64).prop_map(|i| f64::from(i) / 64.0),
            1 => Just(1.0),
            1 => Just(1e-320),
        ];
        prop::collection::vec(one.prop_map(PValue::new), 0..400)
    }

    proptest! {
        #[test]
        fn two_passes_find_what_a_sort_finds(
            p in p_values(), q in 0.001..0.999_f64, strict: bool, shards in 1_usize..5,
        ) {
            let dependence = if strict { Dependence::Any } else { Dependence::Positive };
            prop_assert_eq!(by_histogram(&p, q, dependence, shards), Cutoff::of(&p, q, dependence));
        }

        #[test]
        fn a_cutoff_rejects_as_many_as_it_says(p in p_values(), q in 0.001..0.999_f64) {
            let cutoff = Cutoff::of(&p, q, Dependence::Positive);
            let rejected = p.iter().filter(|&&p| cutoff.rejects(p)).count() as u64;
            prop_assert_eq!(rejected, cutoff.rejected());
        }

        #[test]
        fn adjusted_values_say_the_same_as_the_cutoff(p in p_values(), q in 0.001..0.999_f64) {
            let cutoff = Cutoff::of(&p, q, Dependence::Positive);
            let adjusted = adjusted(&p, p.len() as u64, Dependence::Positive);
            for (p, adjusted) in p.iter().zip(&adjusted) {
                // At the line itself the two round differently.
                if (adjusted.value() - q).abs() > 1e-9 {
                    prop_assert_eq!(cutoff.rejects(*p), adjusted.value() < q);
                }
            }
        }

        #[test]
        fn the_claims_alone_have_the_same_adjusted_values(p in p_values(), q in 0.001..0.999_f64) {
            let cutoff = Cutoff::of(&p, q, Dependence::Positive);
            let all = adjusted(&p, p.len() as u64, Dependence::Positive);
            let claims: Vec<PValue> = p.iter().copied().filter(|&p| cutoff.rejects(p)).collect();
            let alone = adjusted(&claims, p.len() as u64, Dependence::Positive);
            let expected: Vec<PValue> =
                p.iter().zip(&all).filter(|(p, _)| cutoff.rejects(**p)).map(|(_, &adjusted)| adjusted).collect();
            prop_assert_eq!(alone, expected);
        }

        #[test]
        fn simes_lies_between_the_smallest_p_and_bonferroni(p in p_values()) {
            prop_assume!(!p.is_empty());
            let smallest = p.iter().map(|p| p.value()).fold(1.0, f64::min);
            let simes = simes(&mut p.clone()).unwrap().value();
            prop_assert!(smallest <= simes && simes <= smallest.max(1e-300) * p.len() as f64 * (1.0 + 1e-12));
        }
    }
}
