//! How a verdict is reached: from one series' noise to the claims of a whole batch.

mod exact_sum;
pub mod fdr;
pub mod goals;
pub mod mixture;
pub mod parameters;
pub mod percentiles;
pub mod pooling;
pub mod prior;
pub mod special;

pub use parameters::{ParameterOutOfRange, Parameters, Prior};

#[cfg(test)]
fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance * expected.abs().max(1e-300), "{found} is not {expected}");
}
