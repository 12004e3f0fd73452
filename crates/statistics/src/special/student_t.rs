//! Student's t: both tails, one tail, and the quantile, for one number of degrees of freedom at a time.

use super::normal;
use std::f64::consts::PI;

/// The law of t with a fixed, possibly fractional, number of degrees of freedom. What depends on that number alone is
/// computed once, so that a tail costs one continued fraction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StudentT {
    df: f64,
    /// ln B(df/2, 1/2).
    ln_beta: f64,
}

/// |t| beyond this is treated as this: its square would no longer be finite.
const LARGEST_T: f64 = 1e150;

impl StudentT {
    /// The law with `df` > 0 degrees of freedom.
    pub fn new(df: f64) -> Self {
        Self { df, ln_beta: ln_beta_half(0.5 * df) }
    }

    /// Degrees of freedom.
    pub fn df(&self) -> f64 {
        self.df
    }

    /// P(|T| > |t|), relatively exact far into the tail.
    pub fn two_sided(&self, t: f64) -> f64 {
        let t = t.abs().min(LARGEST_T);
        if t <= 0.0 {
            return 1.0;
        }
        let square = t * t;
        let sum = self.df + square;
        let a = 0.5 * self.df;
        // Regularised incomplete beta I_x(a, 1/2) at x = df / (df + t²); y = 1 − x without the subtraction.
        let (x, y) = (self.df / sum, square / sum);
        let scale = (0.5 * y.ln() - a * (square / self.df).ln_1p() - self.ln_beta).exp();
        if x * (a + 2.5) < a + 1.0 {
            scale * beta_fraction(a, 0.5, x) / a
        } else {
            1.0 - scale * beta_fraction(0.5, a, y) / 0.5
        }
    }

    /// P(T > t).
    pub fn sf(&self, t: f64) -> f64 {
        let tail = 0.5 * self.two_sided(t);
        if t >= 0.0 { tail } else { 1.0 - tail }
    }

    /// The t with P(T > t) = p, for p in (0, 1).
    pub fn isf(&self, p: f64) -> f64 {
        if p > 0.5 {
            return -self.isf(1.0 - p);
        }
        // ln P(T > eᵘ) is concave and falling in u, so Newton's steps cannot miss: after at most one jump to the right they
        // come down on the root from there.
        let start = normal::isf(p);
        if start <= 1e-12 {
            return 0.0;
        }
        let target = p.ln();
        let mut u = start.ln();
        for _ in 0..100 {
            let t = u.exp().min(LARGEST_T);
            let tail = self.sf(t);
            if tail <= 0.0 {
                u -= 1.0; // overshot into underflow
                continue;
            }
            let step = (tail.ln() - target) * tail / (t * self.density(t));
            // A step too long comes from the flat part near 0.
            u += step.clamp(-40.0, 40.0);
            if step.abs() < 1e-15 {
                break;
            }
        }
        u.exp()
    }

    fn density(&self, t: f64) -> f64 {
        (-0.5 * (self.df + 1.0) * (t * t / self.df).ln_1p() - 0.5 * self.df.ln() - self.ln_beta).exp()
    }
}

/// ln B(a, 1/2) = ln √π − ln(Γ(a + 1/2) / Γ(a)).
fn ln_beta_half(a: f64) -> f64 {
    // Γ(a + 1/2)/Γ(a) grows by (a + 1/2)/a from a to a + 1; climb to where the series in 1/a is exact. The ratio is
    // never formed from two large log-gammas, whose difference would lose three digits at a = 500.
    let mut a = a;
    let mut product = 1.0;
    while a < 25.0 {
        product *= a / (a + 0.5);
        a += 1.0;
    }
    let r = 1.0 / (a * a);
    let series = (-1.0 / 8.0 + r * (1.0 / 192.0 - r * (1.0 / 640.0 - r * (17.0 / 14336.0)))) / a;
    0.5 * PI.ln() - 0.5 * a.ln() - series - product.ln()
}

/// The continued fraction of the incomplete beta function (Abramowitz & Stegun 26.5.8), by the three-term recurrence of its
/// convergents. Left of the mean, where it is called, all denominators are positive and it falls into place quickly.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    // Numerators and denominators of two convergents in a row, scaled so that the newer denominator is 1.
    let mut scale = 1.0 / (1.0 - (a + b) * x / (a + 1.0));
    let mut older = (scale, scale);
    let mut newer = scale;
    // About √max(a, b) rounds are needed; 1,000 degrees of freedom take fewer than 40.
    for round in 1..500 {
        let m = f64::from(round);
        let am = a + 2.0 * m;
        let even = m * (b - m) * x / ((am - 1.0) * am);
        let odd = -(a + m) * (a + b + m) * x / (am * (am + 1.0));
        let between = (newer + even * older.0, 1.0 + even * older.1);
        scale = 1.0 / (between.1 + odd);
        let next = (between.0 + odd * newer) * scale;
        older = (between.0 * scale, between.1 * scale);
        let done = (next - newer).abs() <= 1e-16 * next;
        newer = next;
        if done {
            break;
        }
    }
    newer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close;
    use statrs::distribution::{ContinuousCDF, StudentsT};

    #[test]
    fn tails_as_in_scipy() {
        // scipy.stats.t.sf(t, df)
        for (t, df, p) in [
            (0.1, 5.395, 0.461_977_621_815_203_96),
            (1.0, 1.0, 0.25),
            (1.0, 4.0, 0.186_950_483_150_029_43),
            (2.5, 6.286, 0.022_374_891_385_104_9),
            (6.809_978_573_013_631, 6.286, 0.000_201_307_791_792_109_13),
            (10.0, 4.0, 0.000_281_001_811_357_995_5),
            (50.0, 4.0, 4.787_226_828_484_845e-7),
            (1000.0, 4.0, 2.999_980_000_104_999e-12),
            (3.0, 1000.0, 0.001_383_354_522_119_096_3),
            (8.0, 1000.0, 1.713_330_741_195_748_9e-15),
            (20.0, 1000.0, 2.031_144_249_762_408_7e-75),
            (1e6, 6.286, 9.501_934_739_323_414e-37),
            (5.0, 4.554, 0.002_651_237_315_456_024_4),
            (0.001, 12.0, 0.499_609_273_765_324_7),
            (30.0, 36.7, 1.015_299_672_311_140_6e-27),
        ] {
            close(StudentT::new(df).sf(t), p, 1e-12);
            close(StudentT::new(df).sf(-t), 1.0 - p, 1e-14);
        }
    }

    #[test]
    fn quantiles_as_in_scipy() {
        // scipy.stats.t.isf(p, df)
        for (p, df, t) in [
            (0.025, 5.395, 2.514_991_644_464_408),
            (0.2, 5.395, 0.913_420_746_016_887),
            (0.05, 6.286, 1.927_460_974_926_099_4),
            (0.005, 6.286, 3.639_147_998_076_706),
            (0.025, 1.0, 12.706_204_736_174_705),
            (0.025, 1004.0, 1.962_329_607_070_926_9),
            (1e-6, 4.554, 30.247_404_450_039_266),
            (1e-12, 10.0, 40.532_096_178_662_6),
            (0.4, 3.0, 0.276_670_662_332_689_8),
            (1e-100, 40.0, 1_866.193_667_167_157_4),
        ] {
            close(StudentT::new(df).isf(p), t, 1e-12);
            if p > 0.01 {
                close(StudentT::new(df).isf(1.0 - p), -t, 1e-12); // 1 − p still holds the digits of p
            }
        }
        close(StudentT::new(3.0).isf(0.5), 0.0, 0.0);
    }

    #[test]
    fn closed_forms() {
        // One degree of freedom is Cauchy's law; two have P(T > t) = (1 − t / √(2 + t²)) / 2.
        for t in [0.2, 1.5, 40.0] {
            close(StudentT::new(1.0).two_sided(t), 1.0 - 2.0 * t.atan() / PI, 1e-13);
            close(StudentT::new(2.0).two_sided(t), 1.0 - t / (2.0 + t * t).sqrt(), 1e-12);
        }
        close(StudentT::new(5.0).two_sided(0.0), 1.0, 0.0);
        close(StudentT::new(5.0).two_sided(f64::INFINITY), 0.0, 1e-300);
    }

    #[test]
    fn agrees_with_statrs_where_statrs_holds() {
        for df in [1.0, 4.3, 17.0, 120.0] {
            let theirs = StudentsT::new(0.0, 1.0, df).unwrap();
            for t in [0.3, 1.0, 2.0, 5.0, 12.0] {
                close(StudentT::new(df).sf(t), theirs.sf(t), 1e-11);
            }
        }
    }
}
