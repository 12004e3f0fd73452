//! The upper tail of the standard normal law, and back.

use statrs::function::erf::{erfc, erfc_inv};
use std::f64::consts::SQRT_2;

/// P(Z > z).
pub fn sf(z: f64) -> f64 {
    0.5 * erfc(z / SQRT_2)
}

/// The z with P(Z > z) = p, for p in (0, 1).
pub fn isf(p: f64) -> f64 {
    SQRT_2 * erfc_inv(2.0 * p)
}
