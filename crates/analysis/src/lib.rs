//! The model to findings: what got worse, since which version, on which devices, how sure.
//!
//! ```text
//! Document ──► HistoryBuilder ──► AppHistory (one per app: points as a polars table, insights, stacks)
//!                                     │
//!              Batch: offsets, noise priors, judgements of every series
//!                                     │
//!              Selection over the batch ──► claims ──► cards ──► Finding, ranked ──► Analysis
//! ```
//!
//! The only crate that knows polars, rayon and statrs. It knows no files, no JSON and no clock: everything it is told comes as
//! documents of `perfpower-model` and as [`Options`]. The unit of work is one app; of the others an app needs only the
//! priors of the noise and the counts of p-values.

mod analysis;
mod apple_view;
mod audit;
mod batch;
mod calibration;
mod claims;
mod common_cause;
mod comparison;
mod detail;
pub mod devices;
pub mod diagnostics;
mod engine;
mod explain;
mod filter;
mod finding;
pub mod gate;
mod goal_status;
mod history;
mod judging;
mod levels;
mod maturity;
mod moves;
mod options;
pub mod percentile_tables;
mod release_days;
mod selection;
mod settling;
mod signature_releases;
mod spread;
mod stack_links;
pub mod statistics;
mod subsystems;
mod table;
mod telling;
mod zeros;

pub use analysis::*;
pub use audit::*;
pub use comparison::{Baseline, Comparison, Comparisons, compare};
pub use detail::{DeviceSeries, FindingDetail, StackChange};
pub use engine::{analyze, summarize};
pub use explain::{ExplainError, Explainer, Explanation, explain};
pub use filter::Filter;
pub use finding::*;
pub use history::*;
pub use levels::levels;
pub use options::*;
pub use signature_releases::{PlacedRelease, SignaturePage};
pub use table::PointTable;
