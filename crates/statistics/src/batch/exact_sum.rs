//! A sum of doubles that does not depend on their order.
//!
//! Adding doubles rounds, so shards merged in another order give another last digit, and with it another report.
//! Integers do not round: each term is rounded once, to a multiple of 2^-64, and the rest is exact.

/// A sum of terms of moderate size. It has room for 10^13 terms as large as the square of the largest possible
/// logarithm of a double (502,000), and each term is off by at most 5.4e-20.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ExactSum(i128);

impl ExactSum {
    /// 2^64
    const UNITS_PER_ONE: f64 = 18_446_744_073_709_551_616.0;

    /// Adds one term. What is not a number counts as 0, and what is too large as the largest sum: callers sort both out
    /// before.
    pub(crate) fn add(&mut self, term: f64) {
        self.0 = self.0.saturating_add((term * Self::UNITS_PER_ONE) as i128);
    }

    /// Adds another sum.
    pub(crate) fn merge(&mut self, other: Self) {
        self.0 = self.0.saturating_add(other.0);
    }

    /// The nearest double.
    pub(crate) fn value(self) -> f64 {
        self.0 as f64 / Self::UNITS_PER_ONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sum(terms: &[f64]) -> ExactSum {
        terms.iter().fold(ExactSum::default(), |mut sum, &term| {
            sum.add(term);
            sum
        })
    }

    #[test]
    fn doubles_would_lose_the_small_term_here() {
        assert!((sum(&[1e6, 1e-12, -1e6]).value() - 1e-12).abs() < 1e-19);
        assert!(sum(&[]).value().abs() < f64::MIN_POSITIVE);
        assert!(sum(&[f64::NAN]).value().abs() < f64::MIN_POSITIVE);
    }

    proptest! {
        #[test]
        fn order_does_not_matter(terms in prop::collection::vec(-1e6..1e6_f64, 0..50), cut in 0_usize..50) {
            let backwards: Vec<f64> = terms.iter().rev().copied().collect();
            let (head, tail) = terms.split_at(cut.min(terms.len()));
            let mut merged = sum(tail);
            merged.merge(sum(head));
            prop_assert_eq!(sum(&terms), sum(&backwards));
            prop_assert_eq!(sum(&terms), merged);
        }
    }
}
