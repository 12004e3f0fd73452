//! stub
pub mod worlds;
