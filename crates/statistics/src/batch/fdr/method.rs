//! What a correction over many tests has to say; each way of it is one file.

use std::fmt;

/// A way to correct for asking many questions: a line over the ranks of the p-values, up to which they are claims.
pub trait Method: fmt::Debug + Sync {
    /// The word for it in options and reports.
    fn word(&self) -> &'static str;

    /// As people speak of it.
    fn name(&self) -> &'static str;

    /// What holds of the claims that it allows, at "this part": the rate.
    fn promise(&self) -> &'static str;

    /// What the `rank`-th smallest (from 1) of `tests` p-values has to reach at a rate. Monotone in `rank`, rounding included.
    fn level(&self, rate: f64, rank: u64, tests: u64) -> f64;

    /// The same from the other side: what that p-value is multiplied by, to be held against the rate.
    fn factor(&self, rank: u64, tests: u64) -> f64;

    /// The rate inside each of the families that were selected (Benjamini and Bogomolov 2014).
    fn family_level(&self, rate: f64, selected: u64, families: u64) -> f64 {
        selected as f64 * rate / families as f64
    }
}
