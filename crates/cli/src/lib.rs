//! The edge: what was typed, run, and written.
pub mod config;
