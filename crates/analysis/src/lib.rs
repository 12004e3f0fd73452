//! stub

pub mod diagnostics;
pub mod statistics;
