//! stub
pub mod figure;
pub mod sparkline;
pub mod visible;

#[cfg(test)]
#[path = "../tests/gallery/finding.rs"]
mod sample;
