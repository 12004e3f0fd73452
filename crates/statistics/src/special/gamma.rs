//! Relatives of the gamma function: the chi-squared tail, and the two derivatives that the fit of the prior needs.

use statrs::function::beta::beta_reg;
use statrs::function::gamma;

/// P(X > x) for a chi-squared law with `df` > 0 degrees of freedom.
pub fn chi_squared_sf(x: f64, df: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    if x.is_infinite() {
        return 0.0;
    }
    gamma::gamma_ur(0.5 * df, 0.5 * x)
}

/// Chance of at least `count` events where so many are `expected` (> 0), by a rate that follows the gamma law of a `shape`: the
/// upper tail of the negative binomial law.
pub fn negative_binomial_sf(count: u64, expected: f64, shape: f64) -> f64 {
    if count == 0 { 1.0 } else { beta_reg(count as f64, shape, expected / (expected + shape)) }
}

/// First derivative of ln Γ at x > 0.
pub fn digamma(x: f64) -> f64 {
    gamma::digamma(x)
}

/// Second derivative of ln Γ at x > 0.
pub fn trigamma(x: f64) -> f64 {
    // Upwards by ψ'(x) = ψ'(x + 1) + 1/x² until the asymptotic series (Abramowitz & Stegun 6.4.12) holds to 1e-16.
    let mut x = x;
    let mut sum = 0.0;
    while x < 15.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    let series = 1.0 / 6.0 - r * (1.0 / 30.0 - r * (1.0 / 42.0 - r * (1.0 / 30.0 - r * (5.0 / 66.0))));
    sum + 1.0 / x + 0.5 * r + series * r / x
}

/// The x > 0 with ψ'(x) = `value`, for `value` > 0.
pub fn trigamma_inverse(value: f64) -> f64 {
    // ψ' falls from ∞ to 0 and lies between 1/x + 1/(2x²) and 1/x + 1/x², so the root lies between these two.
    let mut low = (1.0 + (1.0 + 2.0 * value).sqrt()) / (2.0 * value);
    let mut high = (1.0 + (1.0 + 4.0 * value).sqrt()) / (2.0 * value);
    // Bisection of the ratio: sixty halvings of an interval of at most a factor √2 leave nothing of it.
    for _ in 0..60 {
        let middle = (low * high).sqrt();
        if trigamma(middle) > value {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low * high).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close;

    #[test]
    fn chi_squared_tails_as_in_scipy() {
        // scipy.stats.chi2.sf(x, df)
        for (x, df, p) in [
            (0.5, 1.0, 0.479_500_122_186_953_37),
            (3.84, 1.0, 0.050_043_521_248_705_19),
            (10.0, 4.0, 0.040_427_681_994_512_79),
            (100.0, 10.0, 5.449_701_982_920_521_5e-17),
            (500.0, 30.0, 1.207_955_993_681_405_1e-86),
            (30.0, 29.0, 0.414_003_642_917_542_55),
            (1e-3, 2.0, 0.999_500_124_979_169_3),
        ] {
            close(chi_squared_sf(x, df), p, 1e-12);
        }
        close(chi_squared_sf(0.0, 3.0), 1.0, 0.0);
        close(chi_squared_sf(f64::INFINITY, 3.0), 0.0, 0.0);
    }

    #[test]
    fn polygammas_as_in_scipy() {
        // scipy.special.digamma(x), scipy.special.polygamma(1, x)
        for (x, psi, psi1) in [
            (0.05, -20.497_844_991_299_87, 401.532_357_342_115_06),
            (0.3, -3.502_524_222_200_133, 12.245_364_546_107_734),
            (1.0, -0.577_215_664_901_532_9, 1.644_934_066_848_226_6),
            (2.5, 0.703_156_640_645_243_2, 0.490_357_756_100_234_9),
            (10.0, 2.251_752_589_066_721, 0.105_166_335_681_685_76),
            (500.0, 6.213_607_765_088_991, 0.002_002_001_333_332_266),
        ] {
            close(digamma(x), psi, 1e-12);
            close(trigamma(x), psi1, 1e-13);
            close(trigamma_inverse(psi1), x, 1e-12);
        }
    }
}
