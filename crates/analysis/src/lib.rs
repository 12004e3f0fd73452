//! The model to findings: what got worse, since which version, on which devices, how sure.
mod analysis;
mod apple_view;
mod audit;
mod batch;
mod claims;
mod comparison;
pub mod devices;
pub mod diagnostics;
mod engine;
mod filter;
mod finding;
pub mod gate;
mod goal_status;
mod history;
mod options;
mod spread;
pub mod statistics;
mod table;

pub use analysis::*;
pub use audit::*;
pub use comparison::{Baseline, Comparison, compare};
pub use engine::{analyze, summarize};
pub use filter::Filter;
pub use finding::*;
pub use history::*;
pub use options::*;
pub use table::PointTable;
