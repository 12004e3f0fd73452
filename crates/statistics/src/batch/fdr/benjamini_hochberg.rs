//! Benjamini and Hochberg (1995).

use super::method::Method;

/// The step-up line `q k / m`, for tests that are independent or depend positively. Releases, devices and percentiles move together, so
/// this is the default.
#[derive(Debug)]
pub struct BenjaminiHochberg;

impl Method for BenjaminiHochberg {
    fn word(&self) -> &'static str {
        "benjamini_hochberg"
    }

    fn name(&self) -> &'static str {
        "Benjamini–Hochberg"
    }

    fn promise(&self) -> &'static str {
        "of the claims that are made at most this part is expected to be false, if the tests are independent or move together"
    }

    fn level(&self, rate: f64, rank: u64, tests: u64) -> f64 {
        rank as f64 * rate / tests as f64
    }

    fn factor(&self, rank: u64, tests: u64) -> f64 {
        tests as f64 / rank as f64
    }
}
