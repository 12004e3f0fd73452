//! Percentiles of users: what may be said of them over a portfolio, and over the devices of one app.

pub mod mixture;
mod summary;

pub use summary::*;
