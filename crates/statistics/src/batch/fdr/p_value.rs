//! A probability under the null that does not underflow, and what several of them say together.

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

    pub(super) fn min(self, other: Self) -> Self {
        if other.compare(&self).is_lt() { other } else { self }
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
