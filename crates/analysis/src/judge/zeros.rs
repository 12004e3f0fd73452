//! For which metrics 0 is a value like any other, and what is added to their values so that it has a logarithm.
//!
//! An offset bends the scale of every series of its metric: next to it a small value's doubling counts less. So one odd 0 in one app's
//! launch times must not bring one; it makes its own series unusable, which is told.

/// A learned offset is at least this part of the metric's typical value: one stray value of a ten-millionth must not stretch
/// the scale. (Arbitrary; Apple's values show three to four digits.)
const LEAST_OFFSET: f64 = 1e-3;

/// From one in so many values on, zeros are common. (Arbitrary: beyond what slips and gaps leave behind, well below what a metric shows
/// that is often 0.)
const COMMON: u64 = 10;

/// Whether a metric can be 0 by its nature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zeros {
    /// An app may well have none of what is counted.
    Usual,
    /// Nobody knows: the values tell, by how many of them are 0.
    IfCommon,
    /// A running app always has some.
    Never,
}

impl Zeros {
    /// Of the metrics of one of Apple's categories. Battery may be either (what an app uses in the background is 0 where it does nothing
    /// there), and so may what Apple adds.
    pub(crate) fn of(category: &str) -> Self {
        match category {
            "HANG" | "ANIMATION" | "TERMINATION" => Self::Usual,
            "LAUNCH" | "MEMORY" | "DISK" | "STORAGE" => Self::Never,
            _ => Self::IfCommon,
        }
    }
}

/// How small the values of a metric get, and how often they are 0.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    values: u64,
    zeros: u64,
    /// Smallest value above 0; infinite without one.
    smallest: f64,
}

impl Default for Extent {
    fn default() -> Self {
        Self { values: 0, zeros: 0, smallest: f64::INFINITY }
    }
}

impl Extent {
    pub(crate) fn add(&mut self, value: f64) {
        self.values += 1;
        if value > 0.0 {
            self.smallest = self.smallest.min(value);
        } else if value == 0.0 {
            self.zeros += 1;
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.values += other.values;
        self.zeros += other.zeros;
        self.smallest = self.smallest.min(other.smallest);
    }

    /// Whether a logarithm of its values needs an offset, and there is one to learn.
    pub(crate) fn needs_offset(&self, zeros: Zeros) -> bool {
        let has_zeros = match zeros {
            Zeros::Usual => self.zeros > 0,
            // A single one is common in a short series, and stray all the same.
            Zeros::IfCommon => self.zeros > 1 && COMMON * self.zeros >= self.values,
            Zeros::Never => false,
        };
        has_zeros && self.smallest < f64::INFINITY
    }

    /// The smallest value that the metric reports.
    pub(crate) fn offset(&self, typical: &Typical) -> f64 {
        self.smallest.max(LEAST_OFFSET * typical.value())
    }
}

/// The logarithms of the values of a metric that are above 0, as a sum in the order of the apps.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Typical {
    positive: u64,
    sum_ln: f64,
}

impl Typical {
    pub(crate) fn add(&mut self, value: f64) {
        if value > 0.0 {
            self.positive += 1;
            self.sum_ln += value.ln();
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.positive += other.positive;
        self.sum_ln += other.sum_ln;
    }

    /// Geometric mean.
    fn value(&self) -> f64 {
        (self.sum_ln / self.positive as f64).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs_offset(category: &str, values: &[f64]) -> bool {
        let mut extent = Extent::default();
        for &value in values {
            extent.add(value);
        }
        extent.needs_offset(Zeros::of(category))
    }

    #[test]
    fn only_what_can_be_zero_is_shifted() {
        let one_stray = [390.0, 391.0, 0.0, 389.0, 392.0, 390.0];
        for never in ["LAUNCH", "MEMORY", "DISK", "STORAGE"] {
            assert!(!needs_offset(never, &one_stray) && !needs_offset(never, &[0.0, 0.0, 1.0]), "{never}");
        }
        for usual in ["HANG", "ANIMATION", "TERMINATION"] {
            assert!(needs_offset(usual, &one_stray), "{usual}");
            // Without a 0 there is nothing to shift, without anything else nothing to shift by.
            assert!(!needs_offset(usual, &[1.0, 2.0]) && !needs_offset(usual, &[0.0, 0.0]), "{usual}");
        }
    }

    #[test]
    fn of_other_metrics_the_values_tell() {
        for open in ["BATTERY", "SOMETHING_NEW", ""] {
            let with_zeros = |zeros: usize| {
                let mut values = vec![1.0; 20];
                values[..zeros].fill(0.0);
                needs_offset(open, &values)
            };
            assert_eq!([0, 1, 2, 19, 20].map(with_zeros), [false, false, true, true, false], "{open}");
            assert!(!needs_offset(open, &[0.0, 1.0]), "{open}: one stray value of two");
        }
    }

    #[test]
    fn the_offset_is_the_smallest_value_but_no_dwarf() {
        let of = |values: &[f64]| {
            let (mut extent, mut typical) = (Extent::default(), Typical::default());
            for &value in values {
                extent.add(value);
                typical.add(value);
            }
            extent.offset(&typical)
        };
        assert!((of(&[0.0, 0.5, 8.0]) - 0.5).abs() < 1e-15);
        // The geometric mean of 1e-9 and 10 (eight times) is 10^(-1/9).
        let mut values = [10.0; 9];
        values[0] = 1e-9;
        assert!((of(&values) / (1e-3 * 10.0_f64.powf(-1.0 / 9.0)) - 1.0).abs() < 1e-12);
    }
}
