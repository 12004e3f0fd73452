//! Percentiles over a portfolio: of apps, devices, versions or logs. Exact, with the method named, and honest when few.
//!
//! Each value may already be a percentile *of users*: values of one percentile and one kind of population may be laid side by
//! side ("the median app's p90 launch time"), and whoever gives them answers for that.

use statrs::function::beta::beta_reg;

/// Fewer values than this have no percentiles worth a name: [`Summary::Few`]. (Choice of the study: with four, p90 is
/// the maximum by another name.)
pub const LEAST_FOR_PERCENTILES: usize = 5;

/// The `probability` percentile by the R-7 rule (Hyndman and Fan 1996; the default of R, `NumPy` and spreadsheets):
/// linear between the order statistics around `h = (n − 1) p`. Exact, by selection in linear time, which reorders
/// `values`.
///
/// Absent without values. `probability` is clamped to 0..=1. Values are finite; NaN would count as the largest.
pub fn r7(values: &mut [f64], probability: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let h = last as f64 * probability.clamp(0.0, 1.0);
    let below = (h.floor() as usize).min(last);
    let (_, &mut low, above) = values.select_nth_unstable_by(below, f64::total_cmp);
    let high = above.iter().copied().min_by(f64::total_cmp).unwrap_or(low);
    let part = h - below as f64;
    // The product is 0 at an order statistic itself, also beside an infinite neighbour of it.
    Some(if part > 0.0 { low + part * (high - low) } else { low })
}

/// One percentile with the interval in which the population's percentile lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percentile {
    /// Which: 0.9 for p90.
    pub probability: f64,
    /// By the R-7 rule.
    pub value: f64,
    /// Lower end of the interval; absent where so few values have none.
    pub lower: Option<f64>,
    /// Upper end of the interval; absent where so few values have none.
    pub upper: Option<f64>,
}

/// What can be said honestly of a set of values.
#[derive(Clone, Debug, PartialEq)]
pub enum Summary {
    /// No value.
    Nothing,
    /// Fewer than [`LEAST_FOR_PERCENTILES`].
    Few {
        /// How many.
        count: usize,
        /// The smallest.
        min: f64,
        /// By the R-7 rule.
        median: f64,
        /// The largest.
        max: f64,
    },
    /// Enough for percentiles.
    Enough {
        /// How many.
        count: usize,
        /// The smallest.
        min: f64,
        /// The largest.
        max: f64,
        /// As they were asked for.
        percentiles: Vec<Percentile>,
    },
}

impl Summary {
    /// Summarises `values`, which are finite and get sorted. `confidence` is that of the intervals, such as .95.
    pub fn of(values: &mut [f64], probabilities: &[f64], confidence: f64) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        let (&[min, ..], &[.., max]) = (&*values, &*values) else { return Self::Nothing };
        let count = values.len();
        if count < LEAST_FOR_PERCENTILES {
            let median = r7(values, 0.5).unwrap_or(min);
            return Self::Few { count, min, median, max };
        }
        let ranks: Vec<Ranks> =
            probabilities.iter().map(|&probability| Ranks::of(count as u64, probability, confidence)).collect();
        let at = |rank: Option<u64>| rank.and_then(|rank| values.get(rank as usize - 1).copied());
        let ends: Vec<(Option<f64>, Option<f64>)> =
            ranks.iter().map(|ranks| (at(ranks.lower), at(ranks.upper))).collect();
        let percentiles = probabilities.iter().zip(ends).map(|(&probability, (lower, upper))| Percentile {
            probability,
            value: r7(values, probability).unwrap_or(min),
            lower,
            upper,
        });
        Self::Enough { count, min, max, percentiles: percentiles.collect() }
    }
}

/// The order statistics, counted from 1, between which the population's percentile lies: free of any law of the values.
///
/// Of `n` values `B ~ Binomial(n, p)` lie below the percentile, so that `X_(l) ≤ percentile` fails only if `B < l`.
/// Each end is the tightest that fails with at most half of `1 − confidence`; it is absent where none does, as the
/// upper end of p90 for ten values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranks {
    /// Of the lower end.
    pub lower: Option<u64>,
    /// Of the upper end.
    pub upper: Option<u64>,
}

impl Ranks {
    /// For `count` values and one `probability` in `(0, 1)`.
    pub fn of(count: u64, probability: f64, confidence: f64) -> Self {
        let miss = (1.0 - confidence) / 2.0;
        // below(k) = P(B ≤ k) grows with k: count the k from 0 that are still rare, and those that are not yet sure.
        let rare = partition(count, |k| binomial_cdf(k, count, probability) <= miss);
        let unsure = partition(count, |k| binomial_cdf(k, count, probability) < 1.0 - miss);
        // P(B ≤ l − 1) ≤ miss: l − 1 is the last rare k. P(B ≤ u − 1) ≥ 1 − miss: u − 1 is the first sure k.
        let lower = (rare > 0).then_some(rare);
        let upper = (unsure < count).then_some(unsure + 1);
        Self { lower, upper }
    }
}

/// How many of 0..count satisfy a condition that holds up to some point and then no more.
fn partition(count: u64, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

/// P(B ≤ k) for B ~ Binomial(count, p): the regularised incomplete beta function at 1 − p.
fn binomial_cdf(k: u64, count: u64, p: f64) -> f64 {
    if k >= count || p <= 0.0 {
        1.0
    } else if p >= 1.0 {
        0.0
    } else {
        beta_reg((count - k) as f64, k as f64 + 1.0, 1.0 - p)
    }
}

/// Where one app stands among its peers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PeerRank {
    /// Share of the peers below, ties counted half: (less + equal / 2) / n, in `[0, 1]`.
    pub mid_rank: f64,
    /// How many peers, the app itself included. A rank of 0.9 among five means little: always show both.
    pub peers: usize,
}

impl PeerRank {
    /// Of `value` among `sorted` (ascending), the values of one metric × device × percentile × platform. Absent without
    /// peers.
    pub fn of(value: f64, sorted: &[f64]) -> Option<Self> {
        let less = sorted.partition_point(|peer| peer.total_cmp(&value).is_lt());
        let up_to = sorted.partition_point(|peer| peer.total_cmp(&value).is_le());
        let peers = sorted.len();
        (peers > 0).then(|| Self { mid_rank: f64::midpoint(less as f64, up_to as f64) / peers as f64, peers })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close;
    use proptest::prelude::*;

    #[test]
    fn r7_by_hand() {
        // h = 9 × .9 = 8.1: a tenth of the way from the ninth value to the tenth.
        let mut ten: Vec<f64> = (1..=10).rev().map(f64::from).collect();
        close(r7(&mut ten, 0.9).unwrap(), 9.1, 1e-12);
        close(r7(&mut ten, 0.5).unwrap(), 5.5, 1e-12);
        close(r7(&mut ten, 0.0).unwrap(), 1.0, 0.0);
        close(r7(&mut ten, 1.0).unwrap(), 10.0, 0.0);
        // numpy.percentile([3, 1, 4, 1, 5, 9, 2, 6], [25, 90, 99])
        let mut pi = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0];
        close(r7(&mut pi, 0.25).unwrap(), 1.75, 1e-12);
        close(r7(&mut pi, 0.9).unwrap(), 6.9, 1e-12);
        close(r7(&mut pi, 0.99).unwrap(), 8.79, 1e-12);
    }

    #[test]
    fn few_and_odd_values() {
        assert_eq!(r7(&mut [], 0.5), None);
        assert_eq!(r7(&mut [7.0], 0.9), Some(7.0));
        assert_eq!(r7(&mut [2.0, 1.0], 0.5), Some(1.5));
        assert_eq!(r7(&mut [1.0, 2.0], 7.0), Some(2.0));
        assert_eq!(r7(&mut [1.0, 2.0], -7.0), Some(1.0));
        assert_eq!(r7(&mut [1.0, 2.0, f64::INFINITY], 0.5), Some(2.0));
        assert_eq!(r7(&mut [-f64::MAX, 0.0], 0.5), Some(-f64::MAX / 2.0));
        assert!(r7(&mut [1.0, f64::NAN], 0.9).unwrap().is_nan());
    }

    /// From the binomial law (scipy.stats.binom), and for n = 50 and 10 from the study.
    #[test]
    fn ranks_of_the_interval() {
        let ranks = |count, probability| {
            let ranks = Ranks::of(count, probability, 0.95);
            (ranks.lower, ranks.upper)
        };
        assert_eq!(ranks(50, 0.9), (Some(41), Some(50)));
        assert_eq!(ranks(10, 0.9), (Some(7), None));
        assert_eq!(ranks(50, 0.5), (Some(18), Some(33)));
        assert_eq!(ranks(100, 0.5), (Some(40), Some(61)));
        assert_eq!(ranks(1_000, 0.99), (Some(983), Some(997)));
        assert_eq!(ranks(6, 0.5), (Some(1), Some(6)));
        assert_eq!(ranks(5, 0.5), (None, None));
        assert_eq!(ranks(30, 0.1), (None, Some(8)));
        assert_eq!(ranks(0, 0.5), (None, None));
        assert_eq!(ranks(10, 0.0), (None, Some(1)));
        assert_eq!(ranks(10, 1.0), (Some(10), None));
    }

    #[test]
    fn fewer_than_five_have_no_percentiles() {
        assert_eq!(Summary::of(&mut [], &[0.9], 0.95), Summary::Nothing);
        let few = Summary::of(&mut [4.0, 1.0, 3.0, 2.0], &[0.9], 0.95);
        assert_eq!(few, Summary::Few { count: 4, min: 1.0, median: 2.5, max: 4.0 });
        let Summary::Enough { count, min, max, percentiles } =
            Summary::of(&mut [5.0, 4.0, 1.0, 3.0, 2.0], &[0.5, 0.9], 0.95)
        else {
            panic!("five are enough");
        };
        assert_eq!((count, min, max), (5, 1.0, 5.0));
        assert_eq!(percentiles[0], Percentile { probability: 0.5, value: 3.0, lower: None, upper: None });
        close(percentiles[1].value, 4.6, 1e-12);
        assert_eq!((percentiles[1].lower, percentiles[1].upper), (Some(3.0), None));
    }

    #[test]
    fn fifty_apps_have_an_interval() {
        let mut values: Vec<f64> = (1..=50).map(f64::from).collect();
        let Summary::Enough { percentiles, .. } = Summary::of(&mut values, &[0.9], 0.95) else {
            panic!("fifty are enough")
        };
        assert_eq!((percentiles[0].lower, percentiles[0].upper), (Some(41.0), Some(50.0)));
        close(percentiles[0].value, 45.1, 1e-12);
    }

    #[test]
    fn ties_count_half_in_a_rank() {
        let peers = [1.0, 2.0, 2.0, 2.0, 5.0];
        let rank = |value| PeerRank::of(value, &peers).unwrap().mid_rank;
        close(rank(2.0), 0.5, 1e-15);
        close(rank(1.0), 0.1, 1e-15);
        close(rank(5.0), 0.9, 1e-15);
        close(rank(3.0), 0.8, 1e-15);
        assert!(rank(0.0).abs() < 1e-15);
        assert_eq!(PeerRank::of(1.0, &[]), None);
        assert_eq!(PeerRank::of(7.0, &[7.0]), Some(PeerRank { mid_rank: 0.5, peers: 1 }));
    }

    fn values() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec(-1e6..1e6_f64, 1..200)
    }

    proptest! {
        #[test]
        fn selection_is_a_sort(values in values(), probability in 0.0..=1.0_f64) {
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let h = (sorted.len() - 1) as f64 * probability;
            let (low, high) = (sorted[h.floor() as usize], sorted[h.ceil() as usize]);
            let expected = low + (h - h.floor()) * (high - low);
            prop_assert!((r7(&mut values.clone(), probability).unwrap() - expected).abs() <= 1e-9 * expected.abs().max(1.0));
        }

        #[test]
        fn percentiles_are_monotone_and_within(values in values(), a in 0.0..=1.0_f64, b in 0.0..=1.0_f64) {
            let at = |probability| r7(&mut values.clone(), probability).unwrap();
            prop_assert!(at(0.0) <= at(a.min(b)) && at(a.min(b)) <= at(a.max(b)) && at(a.max(b)) <= at(1.0));
        }

        /// The definition, by plain sums of the binomial law.
        #[test]
        fn ranks_are_the_tightest(count in 1_u64..80, probability in 0.01..0.99_f64) {
            let mut term = (1.0 - probability).powi(count as i32);
            let mut cdf = vec![term];
            for k in 0..count {
                term *= probability / (1.0 - probability) * (count - k) as f64 / (k + 1) as f64;
                cdf.push(cdf[k as usize] + term);
            }
            let below = |rank: u64| if rank == 0 { 0.0 } else { cdf[rank as usize - 1] };
            let lower = (1..=count).filter(|&rank| below(rank) <= 0.025).max();
            let upper = (1..=count).filter(|&rank| below(rank) >= 0.975).min();
            let near = cdf.iter().any(|p| (p - 0.025).abs() < 1e-9 || (p - 0.975).abs() < 1e-9);
            prop_assume!(!near);
            prop_assert_eq!(Ranks::of(count, probability, 0.95), Ranks { lower, upper });
        }
    }
}
