//! stub
pub mod chart;
pub mod figure;
pub mod html;
pub mod markup;
pub mod sparkline;
pub mod visible;

#[cfg(test)]
#[path = "../tests/gallery/finding.rs"]
mod sample;
