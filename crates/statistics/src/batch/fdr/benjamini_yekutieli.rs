//! Benjamini and Yekutieli (2001).

use super::method::Method;

/// The step-up line under any dependence at all (`--strict`): that of Benjamini and Hochberg, over `1 + 1/2 + … + 1/m`. Costs a factor of
/// `ln m + 0.58`.
#[derive(Debug)]
pub struct BenjaminiYekutieli;

impl Method for BenjaminiYekutieli {
    fn word(&self) -> &'static str {
        "benjamini_yekutieli"
    }

    fn name(&self) -> &'static str {
        "Benjamini–Yekutieli"
    }

    fn promise(&self) -> &'static str {
        "of the claims that are made at most this part is expected to be false, however the tests depend on each other"
    }

    fn level(&self, rate: f64, rank: u64, tests: u64) -> f64 {
        rank as f64 * rate / (tests as f64 * harmonic_number(tests))
    }

    fn factor(&self, rank: u64, tests: u64) -> f64 {
        tests as f64 * harmonic_number(tests) / rank as f64
    }
}

/// `1 + 1/2 + … + 1/m`; 1 for `m` = 0, so that it can divide.
fn harmonic_number(m: u64) -> f64 {
    /// Euler's constant.
    const GAMMA: f64 = 0.577_215_664_901_532_9;
    /// From here on the asymptotic series below is exact to 1e-16 (its next term is `1/(120 m^4)`).
    const SERIES_FROM: u64 = 2_000;
    if m < SERIES_FROM {
        // Small terms first.
        (1..=m.max(1)).rev().map(|i| 1.0 / i as f64).sum()
    } else {
        let m = m as f64;
        m.ln() + GAMMA + 0.5 / m - 1.0 / (12.0 * m * m)
    }
}

#[cfg(test)]
mod tests {
    use super::harmonic_number;
    use crate::close;

    #[test]
    fn harmonic_numbers_meet_where_the_series_takes_over() {
        close(harmonic_number(1), 1.0, 1e-15);
        close(harmonic_number(4), 25.0 / 12.0, 1e-15);
        let summed: f64 = (1..=5_000).rev().map(|i| 1.0 / f64::from(i)).sum();
        close(harmonic_number(5_000), summed, 1e-12);
        // "14.4 at 10^6, 19 at 10^8"
        close(harmonic_number(1_000_000), 14.393, 1e-4);
        close(harmonic_number(100_000_000), 18.998, 1e-4);
    }
}
