//! Every test by itself.

use super::method::Method;

/// No correction: for a single question that was asked before the data were seen.
#[derive(Debug)]
pub struct Uncorrected;

impl Method for Uncorrected {
    fn word(&self) -> &'static str {
        "none"
    }

    fn name(&self) -> &'static str {
        "No correction"
    }

    fn promise(&self) -> &'static str {
        "where nothing happens this part of all tests claims something all the same"
    }

    fn level(&self, rate: f64, _rank: u64, _tests: u64) -> f64 {
        rate
    }

    fn factor(&self, _rank: u64, _tests: u64) -> f64 {
        1.0
    }

    fn family_level(&self, rate: f64, _selected: u64, _families: u64) -> f64 {
        rate
    }
}
