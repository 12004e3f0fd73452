//! What tests and benches share: seeded random numbers.
//!
//! A crate of its own, so that no generator is ever part of the product.

pub mod rng;

pub use rng::Rng;
