//! Documents of one app and day that give different values for the same points.

use perfpower_model::Day;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Two documents of one day that differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Disagreement {
    /// The day of both.
    pub day: Day,
    /// Number of the document whose values hold.
    pub kept: u32,
    /// Number of the other.
    pub other: u32,
    /// Points that both give, with different values.
    pub points: u64,
    /// From the value that holds to the other one, in percent, where it is farthest off; absent = none that holds is positive.
    pub largest_percent: Option<f64>,
}

/// Disagreements while documents are merged.
#[derive(Debug, Default)]
pub(crate) struct Disagreements {
    /// By the documents, the one that holds first.
    pairs: BTreeMap<(u32, u32), (u64, Option<f64>)>,
}

impl Disagreements {
    /// Compares one point of two documents of a day, each with its number. Two roundings of one value are no disagreement: an
    /// overview shows fewer digits than the metrics do.
    #[inline]
    pub(crate) fn compare(&mut self, (kept, value): (u32, f64), (other, theirs): (u32, f64)) {
        if value.to_bits() != theirs.to_bits() && !is_rounded(value, theirs) {
            let (points, largest) = self.pairs.entry((kept, other)).or_default();
            *points += 1;
            if value > 0.0 {
                let percent = 100.0 * (theirs / value - 1.0);
                if largest.is_none_or(|largest| percent.abs() > largest.abs()) {
                    *largest = Some(percent);
                }
            }
        }
    }

    pub(crate) fn into_list(self, days: &[Day]) -> Vec<Disagreement> {
        let told = self.pairs.into_iter();
        told.map(|((kept, other), (points, largest_percent))| Disagreement {
            day: days[kept as usize],
            kept,
            other,
            points,
            largest_percent,
        })
        .collect()
    }
}

/// Whether one of two values is the other with fewer decimals.
fn is_rounded(one: f64, other: f64) -> bool {
    let decimals = |value: f64| format!("{value}").split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let (a, b) = (decimals(one), decimals(other));
    // Of equally many decimals neither is a rounding; a value such as 12.0 shows none.
    a != b && (one - other).abs() <= 0.5 * 10f64.powi(-(a.min(b).min(15) as i32)) * (1.0 + 1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rounding_is_no_disagreement() {
        for (one, other, expected) in [
            (798.0, 798.4, true),
            (798.4, 798.0, true),
            (798.0, 798.6, false),
            (0.8, 0.8152, true),
            (0.79, 0.8, true),
            (0.8, 0.8652, false),
            (495.3, 492.0, false),
            (495.0, 496.0, false),
        ] {
            assert_eq!(is_rounded(one, other), expected, "{one} {other}");
        }
    }
}
