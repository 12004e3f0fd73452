//! stub
pub mod profile;
