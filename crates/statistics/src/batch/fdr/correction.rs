//! A method at a rate: cut-offs, levels, adjusted p-values, and the sentence that says so.

use super::benjamini_hochberg::BenjaminiHochberg;
use super::method::Method;
use super::p_value::PValue;

/// How the claims of one batch are chosen: by which [`Method`], at which rate. Everything that selects among many tests asks it.
#[derive(Clone, Copy, Debug)]
pub struct Correction {
    rate: f64,
    method: &'static dyn Method,
}

impl Default for Correction {
    /// Benjamini–Hochberg at 0.05: custom.
    fn default() -> Self {
        Self::new(0.05, &BenjaminiHochberg)
    }
}

impl PartialEq for Correction {
    fn eq(&self, other: &Self) -> bool {
        self.rate.total_cmp(&other.rate).is_eq() && self.method.word() == other.method.word()
    }
}

impl Correction {
    /// `rate` in (0, 1): such as the share of the claims that may be false.
    pub fn new(rate: f64, method: &'static dyn Method) -> Self {
        Self { rate, method }
    }

    /// The rate that it keeps.
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// How it keeps it.
    pub fn method(&self) -> &'static dyn Method {
        self.method
    }

    /// The same method at another rate.
    #[must_use]
    pub fn at(self, rate: f64) -> Self {
        Self { rate, ..self }
    }

    /// The same rate by another method.
    #[must_use]
    pub fn by(self, method: &'static dyn Method) -> Self {
        Self { method, ..self }
    }

    /// What it is and what it promises, in one sentence without a full stop.
    pub fn sentence(&self) -> String {
        format!("{} at {}: {}", self.method.name(), self.rate, self.method.promise())
    }

    /// Which of all p-values of one batch are claims.
    pub fn cutoff(&self, p: &[PValue]) -> Cutoff {
        let mut ascending: Vec<f64> = p.iter().map(|p| p.value()).collect();
        ascending.sort_unstable_by(f64::total_cmp);
        let tests = ascending.len() as u64;
        let reaches_its_level =
            |rank: &u64| ascending[*rank as usize - 1] <= self.method.level(self.rate, *rank, tests);
        let rejected = (1..=tests).rev().find(reaches_its_level).unwrap_or(0);
        Cutoff { correction: *self, tests, rejected }
    }

    /// Which members of one *selected* family are claims. The flags lie as the members do.
    pub fn members(&self, family: &[PValue], families: &Cutoff) -> Vec<bool> {
        if families.rejected() == 0 {
            return vec![false; family.len()];
        }
        let inside = self.at(families.family_level()).cutoff(family);
        family.iter().map(|&p| inside.rejects(p)).collect()
    }

    /// Adjusted p-values ("q-values"): the smallest rate at which each would be a claim. They lie as `p` does.
    ///
    /// `tests` is the size of the batch. It may exceed `p.len()`: all p-values up to a [`Cutoff`] suffice for exact values,
    /// because no larger p-value can lower theirs. Then nothing of the others has to be kept.
    pub fn adjusted(&self, p: &[PValue], tests: u64) -> Vec<PValue> {
        let tests = tests.max(p.len() as u64);
        let mut order: Vec<usize> = (0..p.len()).collect();
        order.sort_by(|&a, &b| p[a].compare(&p[b]));
        let mut adjusted = vec![PValue::ONE; p.len()];
        let mut least = PValue::ONE;
        for (position, &index) in order.iter().enumerate().rev() {
            least = least.min(p[index].times(self.method.factor(position as u64 + 1, tests)));
            adjusted[index] = least;
        }
        adjusted
    }

    /// Whether a p-value would be a claim if it were the smallest of so many: the least that one among them has to reach.
    pub fn allows_smallest(&self, p: f64, tests: u64) -> bool {
        p * self.method.factor(1, tests) <= self.rate
    }
}

/// Which p-values of one batch are claims: those at or below the line at the largest rank where one is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cutoff {
    correction: Correction,
    tests: u64,
    rejected: u64,
}

impl Cutoff {
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
        let Correction { rate, method } = self.correction;
        if self.rejected == 0 { 0.0 } else { method.level(rate, self.rejected, self.tests) }
    }

    /// Whether this p-value of the batch is a claim.
    pub fn rejects(&self, p: PValue) -> bool {
        self.rejected > 0 && p.value() <= self.p()
    }

    /// The rate inside a selected family: `q R / m` (Benjamini and Bogomolov 2014). 0 where nothing is selected.
    pub fn family_level(&self) -> f64 {
        let Correction { rate, method } = self.correction;
        if self.rejected == 0 { 0.0 } else { method.family_level(rate, self.rejected, self.tests) }
    }

    /// Two-sided error level of an interval that is shown only because its claim was selected, so that at most a share
    /// `q` of the shown intervals misses (Benjamini and Yekutieli 2005). The plain `q` where nothing is selected: the
    /// interval is then no selected one.
    pub fn interval_level(&self) -> f64 {
        if self.rejected == 0 { self.correction.rate } else { self.p() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{BenjaminiYekutieli, Uncorrected, simes};
    use super::*;
    use proptest::prelude::*;

    fn hochberg(rate: f64) -> Correction {
        Correction::new(rate, &BenjaminiHochberg)
    }

    fn yekutieli(rate: f64) -> Correction {
        Correction::new(rate, &BenjaminiYekutieli)
    }

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
        let cutoff = hochberg(0.05).cutoff(&values(&ORIGINAL));
        assert_eq!(cutoff.rejected(), 4);
        assert_close(cutoff.p(), 4.0 * 0.05 / 15.0);
        assert_close(cutoff.interval_level(), cutoff.family_level());
        // Harmonic number of 15 is 3.318: q falls to .0151, and 3 q / 15 = .00301 still holds the third.
        let strict = yekutieli(0.05).cutoff(&values(&ORIGINAL));
        assert_eq!(strict.rejected(), 3);
    }

    /// `scipy.stats.false_discovery_control(p, method="bh" | "by")`
    #[test]
    fn adjusted_values_are_scipys() {
        let bh = [0.0015, 0.003, 0.0095, 0.035_625, 0.0603];
        for (found, expected) in hochberg(0.05).adjusted(&values(&ORIGINAL), 15).iter().zip(bh) {
            assert_close(found.value(), expected);
        }
        let by = [
            0.004_977_343_489_843_491,
            0.009_954_686_979_686_982,
            0.031_523_175_435_675_44,
            0.118_211_907_883_782_89,
            0.200_089_208_291_708_31,
        ];
        for (found, expected) in yekutieli(0.05).adjusted(&values(&ORIGINAL), 15).iter().zip(by) {
            assert_close(found.value(), expected);
        }
    }

    #[test]
    fn a_step_up_passes_over_a_rank_that_is_above_the_line() {
        // line: .0125 .025 .0375 .05; the first is above its own, and is carried by the fourth.
        let p = values(&[0.02, 0.03, 0.04, 0.05]);
        assert_eq!(hochberg(0.05).cutoff(&p).rejected(), 4);
        let p = values(&[0.02, 0.03, 0.04, 0.0501]);
        assert_eq!(hochberg(0.05).cutoff(&p).rejected(), 0);
    }

    #[test]
    fn without_a_correction_each_test_stands_for_itself() {
        let p = values(&[0.04, 0.06, 0.01]);
        let plain = Correction::new(0.05, &Uncorrected);
        let cutoff = plain.cutoff(&p);
        assert_eq!((cutoff.rejected(), cutoff.p(), cutoff.family_level()), (2, 0.05, 0.05));
        assert_eq!(plain.adjusted(&p, 1_000), p);
        assert_eq!(plain.members(&p, &cutoff), [true, false, true]);
        assert!(plain.allows_smallest(0.05, 1_000) && !hochberg(0.05).allows_smallest(0.05, 2));
        // 0.025 × 2 × 1.5 under any dependence.
        assert!(hochberg(0.05).allows_smallest(0.025, 2) && !yekutieli(0.05).allows_smallest(0.025, 2));
    }

    #[test]
    fn a_correction_says_what_it_is() {
        assert_eq!(
            hochberg(0.05).sentence(),
            "Benjamini–Hochberg at 0.05: of the claims that are made at most this part is expected to be false, if the tests are \
             independent or move together"
        );
        assert!(yekutieli(0.1).sentence().starts_with("Benjamini–Yekutieli at 0.1: "));
        assert!(
            Correction::default()
                .by(&Uncorrected)
                .sentence()
                .starts_with("No correction at 0.05: where nothing happens")
        );
    }

    #[test]
    fn nothing_to_test_and_nothing_to_claim() {
        let none = hochberg(0.05).cutoff(&[]);
        assert_eq!((none.rejected(), none.tests(), none.p()), (0, 0, 0.0));
        assert!(!none.rejects(PValue::new(0.0)));
        assert!(yekutieli(0.05).adjusted(&[], 0).is_empty());
        assert_eq!(simes(&mut []), None);
        let flat = hochberg(0.05).cutoff(&values(&[1.0; 20]));
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
        let q = hochberg(0.05).adjusted(&family, 1_000_000);
        assert_close(q[0].ln(), -1200.0 + 1e6_f64.ln());
        assert_close(q[1].ln(), -900.0 + 5e5_f64.ln());
        assert_eq!(q[2], PValue::ONE);
        // A factor can lift a p-value back over the smallest double.
        assert_close(PValue::from_ln(-700.0).times(1e10).ln(), -700.0 + 1e10_f64.ln());
    }

    #[test]
    fn inside_a_selected_family_the_level_pays_for_the_selection() {
        // 2 of 10 units selected at q = .05: members are judged at .01.
        let units = hochberg(0.05).cutoff(&values(&[0.001, 0.002, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]));
        assert_eq!(units.rejected(), 2);
        assert_close(units.family_level(), 0.01);
        let members = values(&[0.02, 0.0004, 0.0049]);
        assert_eq!(hochberg(0.05).members(&members, &units), [false, true, true]);
        let nothing = hochberg(0.05).cutoff(&values(&[0.9; 3]));
        assert_eq!(hochberg(0.05).members(&values(&[0.0, 0.1]), &nothing), [false, false]);
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
        fn a_cutoff_rejects_as_many_as_it_says(p in p_values(), q in 0.001..0.999_f64) {
            let cutoff = hochberg(q).cutoff(&p);
            let rejected = p.iter().filter(|&&p| cutoff.rejects(p)).count() as u64;
            prop_assert_eq!(rejected, cutoff.rejected());
        }

        #[test]
        fn adjusted_values_say_the_same_as_the_cutoff(p in p_values(), q in 0.001..0.999_f64) {
            let cutoff = hochberg(q).cutoff(&p);
            let adjusted = hochberg(q).adjusted(&p, p.len() as u64);
            for (p, adjusted) in p.iter().zip(&adjusted) {
                // At the line itself the two round differently.
                if (adjusted.value() - q).abs() > 1e-9 {
                    prop_assert_eq!(cutoff.rejects(*p), adjusted.value() < q);
                }
            }
        }

        #[test]
        fn the_claims_alone_have_the_same_adjusted_values(p in p_values(), q in 0.001..0.999_f64) {
            let cutoff = hochberg(q).cutoff(&p);
            let all = hochberg(q).adjusted(&p, p.len() as u64);
            let claims: Vec<PValue> = p.iter().copied().filter(|&p| cutoff.rejects(p)).collect();
            let alone = hochberg(q).adjusted(&claims, p.len() as u64);
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
