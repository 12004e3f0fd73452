//! stub

pub mod statistics;
