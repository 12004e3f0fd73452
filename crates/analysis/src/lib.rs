//! stub
pub mod diagnostics;
