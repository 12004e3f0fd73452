//! How heavy the tails of single versions are, and what that costs a change that rests on few of them.
//!
//! A normal law of the noise makes five standard deviations a finding. Where odd versions happen, one of them is just that.
//! A single series cannot tell; a batch can, by counting how often a version stands far outside its neighbours. The longer a
//! side of a cut, the less its mean shows of it, so the tails are paid for where a side is one or two versions long.
//!
//! The study tried to cap the degrees of freedom of all series instead, and dropped it: that costs recall where nothing is
//! heavy. This costs nothing there. `simulate 60000 7` with and without `--ignore-tails`, where the tails are those of t(4):
//! false claims 5.3 and 10.7 %, recall of steps 72.5 and 79.7 %; for the latest version 14 and 31 %, recall 27 and 53 %.

/// How often a version stands alone: outside the range of its two neighbours on either side by more than twice that range.
/// Counts, so that they add up over a batch in any order.
///
/// Free of level and scale. A step or a drift within the five widens the range, and a version beside it counts rather less:
///
/// | five versions of | stand alone |
/// |---|---|
/// | normal noise | 1.60 % |
/// | t(10), t(6), t(4), t(3) | 1.83, 2.05, 2.45, 2.91 % |
/// | normal noise, standard deviations between .75 and 1.33 | 1.68 % |
/// | normal noise, autocorrelation .4 | 1.17 % |
/// | normal noise, a step of six standard deviations in 20 % of series | 1.47 % |
///
/// (2,000,000 draws each, numpy.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loners {
    /// Versions that stand alone.
    pub loners: u64,
    /// Versions with two neighbours on either side that are not all equal.
    pub chances: u64,
}

/// Share of loners under normal noise.
const NORMAL_SHARE: f64 = 0.015_98;

/// Excess over [`NORMAL_SHARE`], as a part of it, up to which the noise is taken for normal; above, only what is more is paid
/// for, lest a cliff decide. Releases of different size make up to 0.1; one-version spikes of 40 % in every tenth series, which
/// are news and no noise, make 0.15.
const LEAST_EXCESS: f64 = 0.15;

/// What is paid of the tails that were counted. Heavy tails also make series look unlike each other, so the fitted degrees of
/// freedom have paid a part already. (Two thirds, because that puts the false claims in the world with t(4) at the nominal 5 %.)
const PART_UNPAID: f64 = 0.65;

impl Loners {
    /// Adds what another series or shard counted.
    pub fn merge(&mut self, other: Self) {
        self.loners += other.loners;
        self.chances += other.chances;
    }

    /// For [`Prior::heaviness`](crate::Prior::heaviness), from what is sure at two standard errors of the count; 0 where
    /// that is about normal.
    pub fn heaviness(&self) -> f64 {
        let count = self.loners as f64;
        let sure = (count - 2.0 * count.sqrt()).max(0.0);
        let excess =
            if self.chances > 0 { sure / (NORMAL_SHARE * self.chances as f64) - 1.0 - LEAST_EXCESS } else { 0.0 };
        // With x = 1 / df the excess is 1.1 x + 4 x² to two digits from t(3) to t(30).
        let inverse_df = ((1.1_f64 * 1.1 + 16.0 * excess.max(0.0)).sqrt() - 1.1) / 8.0;
        (PART_UNPAID * inverse_df).clamp(0.0, 1.0)
    }

    pub(crate) fn of(y: &[f64]) -> Self {
        let mut counted = Self::default();
        for window in y.windows(5) {
            if let &[first, second, middle, fourth, fifth] = window {
                let high = first.max(second).max(fourth).max(fifth);
                let low = first.min(second).min(fourth).min(fifth);
                let far = 2.0 * (high - low);
                counted.loners += u64::from(far > 0.0 && (middle - high > far || low - middle > far));
                counted.chances += u64::from(far > 0.0);
            }
        }
        counted
    }
}

/// Degrees of freedom of the difference of two means over `left` and `right` versions, whose standard error has `df`.
///
/// The kurtosis of the difference is that of one version times `(1/l³ + 1/r³) / (1/l + 1/r)²`, and about six over the degrees
/// of freedom of a t law is its kurtosis, so that inverse degrees of freedom add.
pub(crate) fn df_of_cut(df: f64, heaviness: f64, left: usize, right: usize) -> f64 {
    let (l, r) = ((left as f64).recip(), (right as f64).recip());
    (df.recip() + heaviness * (l * l * l + r * r * r) / ((l + r) * (l + r))).recip()
}

/// The |t| under `df` degrees of freedom that is as rare as `t` is under fewer (`of`), by the normal deviate that both stand
/// for (Wallace 1959; a tenth of the chance off at 3 degrees of freedom, less above).
pub(crate) fn as_rare(t: f64, of: f64, df: f64) -> f64 {
    let stretch = |df: f64| df * ((8.0 * df + 1.0) / (8.0 * df + 3.0)).powi(2);
    (df * (stretch(of) / stretch(df) * (t * t / of).ln_1p()).exp_m1()).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close;
    use crate::special::StudentT;
    use perfpower_testkit::worlds::Random;

    #[test]
    fn a_loner_is_far_outside_its_four_neighbours() {
        let counted = |y: &[f64]| Loners::of(y);
        // The range of 0 1 0 1 is 1: 3.1 lies 2.1 above it, 2.9 does not.
        assert_eq!(counted(&[0.0, 1.0, 3.1, 0.0, 1.0]), Loners { loners: 1, chances: 1 });
        assert_eq!(counted(&[0.0, 1.0, 2.9, 0.0, 1.0]), Loners { loners: 0, chances: 1 });
        assert_eq!(counted(&[0.0, 1.0, -2.1, 0.0, 1.0]), Loners { loners: 1, chances: 1 });
        // Nothing is far from what does not scatter; a step is not alone; four versions have no middle.
        assert_eq!(counted(&[1.0, 1.0, 5.0, 1.0, 1.0]), Loners::default());
        assert_eq!(counted(&[0.0, 0.1, 9.0, 9.1, 9.0]), Loners { loners: 0, chances: 1 });
        assert_eq!(counted(&[1.0, 2.0, 30.0, 4.0]), Loners::default());
    }

    #[test]
    fn one_normal_version_in_sixty_stands_alone_and_more_under_heavy_tails() {
        let share = |draw: fn(&mut Random) -> f64| {
            let mut random = Random::new(5);
            let mut counted = Loners::default();
            for _ in 0..500_000 {
                counted.merge(Loners::of(&std::array::from_fn::<f64, 5, _>(|_| draw(&mut random))));
            }
            assert_eq!(counted.chances, 500_000);
            counted.loners as f64 / counted.chances as f64
        };
        // Two standard errors are 2.2 % of the count, and of the share that was drawn once 0.7 %.
        close(share(Random::normal), NORMAL_SHARE, 0.03);
        close(share(|random| random.student_t(4.0)), 0.0245, 0.03);
    }

    #[test]
    fn heaviness_is_what_the_table_says_and_nothing_where_it_may_be_luck() {
        let of = |share: f64, chances: u64| Loners { loners: (share * chances as f64) as u64, chances }.heaviness();
        // 1.65 times the normal share: x with 1.1 x + 4 x² = 0.5 is 0.241 86.
        close(of(1.65 * 0.015_98, 1_000_000_000), 0.65 * 0.241_855_5, 1e-3);
        // Just above what is taken for normal nothing jumps.
        assert!(of(1.16 * 0.015_98, 1_000_000_000) < 0.01);
        assert_eq!(of(0.016, 1_000_000_000).to_bits(), 0);
        // Fourteen of a thousand windows too many are two standard errors: nothing is sure.
        assert_eq!(of(0.0245, 1_000).to_bits(), 0);
        assert_eq!(Loners::default().heaviness().to_bits(), 0);
        assert!((0.5..=1.0).contains(&of(1.0, 1_000_000)));
    }

    #[test]
    fn long_sides_hide_the_tails() {
        close(df_of_cut(10.0, 0.0, 1, 7), 10.0, 1e-12);
        // One version on each side: (1 + 1) / 2² = 1/2 of the heaviness.
        close(df_of_cut(10.0, 0.2, 1, 1), 5.0, 1e-12);
        assert!(df_of_cut(10.0, 0.2, 1, 100) < 3.5 && df_of_cut(10.0, 0.2, 50, 50) > 9.7);
    }

    #[test]
    fn equal_rarity_as_students_law_has_it() {
        for (t, of, df) in [(3.0, 4.0, 12.0), (6.0, 3.0, 20.0), (2.0, 6.0, 7.0)] {
            let exact = StudentT::new(of).two_sided(t);
            close(StudentT::new(df).two_sided(as_rare(t, of, df)), exact, 0.1);
        }
        close(as_rare(2.5, 9.0, 9.0), 2.5, 1e-12);
    }
}
