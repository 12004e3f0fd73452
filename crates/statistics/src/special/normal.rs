//! The upper tail of the standard normal law, and back.

use statrs::function::erf::erfc_inv;
use std::f64::consts::{SQRT_2, TAU};

/// P(Z > z).
pub fn sf(z: f64) -> f64 {
    0.5 * libm::erfc(z / SQRT_2)
}

/// The z with P(Z > z) = p, for p in (0, 1).
pub fn isf(p: f64) -> f64 {
    // One step of Halley's method from an answer of ten digits gives all of them.
    let z = SQRT_2 * erfc_inv(2.0 * p);
    let density = (-0.5 * z * z).exp() / TAU.sqrt();
    let newton = (sf(z) - p) / density;
    z + newton / (1.0 - 0.5 * z * newton)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close;

    /// `scipy.stats.norm.sf(z)`.
    const TAILS: [(f64, f64); 8] = [
        (0.0, 0.5),
        (0.5, 0.308_537_538_725_986_9),
        (1.96, 0.024_997_895_148_220_435),
        (5.0, 2.866_515_718_791_933e-7),
        (10.0, 7.619_853_024_160_47e-24),
        (20.0, 2.753_624_118_606_155_6e-89),
        (37.0, 5.725_571_222_523_926_6e-300),
        (-3.0, 0.998_650_101_968_369_9),
    ];

    /// `scipy.stats.norm.isf(p)`.
    const QUANTILES: [(f64, f64); 8] = [
        (0.5, 0.0),
        (0.4, 0.253_347_103_135_799_7),
        (0.025, 1.959_963_984_540_054_5),
        (1e-3, 3.090_232_306_167_813),
        (1e-10, 6.361_340_902_404_056),
        (1e-50, 14.933_337_534_788_487),
        (1e-300, 37.047_096_299_361_2),
        (0.9, -1.281_551_565_544_600_4),
    ];

    #[test]
    fn tails_as_in_scipy() {
        for (z, p) in TAILS {
            close(sf(z), p, 1e-12);
        }
    }

    #[test]
    fn quantiles_as_in_scipy() {
        for (p, z) in QUANTILES {
            close(isf(p), z, 1e-12);
        }
    }
}
