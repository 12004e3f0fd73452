//! The model to findings: what got worse, since which version, on which devices, how sure.
//!
//! ```text
//! Document ──► HistoryBuilder ──► AppHistory (one per app: points as columns, insights, stacks)
//!                                     │
//!              Batch: offsets, noise priors, judgements of every series
//!                                     │
//!              Selection over the batch ──► claims ──► cards ──► Finding, ranked ──► Judged ── Filter ──► Analysis
//! ```
//!
//! | folder | holds |
//! |---|---|
//! | `history` | documents of one app, merged: the newest value of each (series, version) holds |
//! | `judge` | the batch, app by app: what all teach each, which series, with which p-values and which selection |
//! | `claim` | what is told of the selected: cards, findings, where, which code, explanations |
//! | `apple` | Apple's insights, recomputed and beside ours |
//! | `news` | what is new against an earlier report |
//! | `gate` | rules over an analysis |
//! | `tables` | tables over the portfolio: comparisons and percentiles |
//!
//! The only crate that knows polars. It knows no files, no JSON and no clock: everything it is told comes as
//! documents of `perfpower-model` and as [`Options`]. The unit of work is one app; of the others an app needs only the
//! priors of the noise and the counts of p-values: so apps are visited one by one, from memory or from wherever [`KeptHistories`] has them.

mod analysis;
mod apple;
mod claim;
pub mod devices;
mod filter;
pub mod gate;
mod history;
mod judge;
mod judged;
mod news;
mod options;
pub mod tables;

pub use analysis::*;
pub use apple::audit::*;
pub use claim::detail::{DeviceSeries, FindingDetail, StackChange};
pub use claim::explain::{ExplainError, Explanation, FamilyTest, PopulationShown};
pub use claim::finding::*;
pub use filter::{Filter, Pattern};
pub use history::builder::*;
pub use history::same_day::Disagreement;
pub use history::signature_releases::{PlacedRelease, SignaturePage};
pub use history::table::PointTable;
pub use judge::histories::{Histories, KeptHistories};
pub use judged::{Judged, analyze, summarize};
pub use news::{Difference, Earlier, EarlierClaim, Gone, News, NotMeasured, Standing, WhyGone};
pub use options::*;
pub use tables::comparison::{Baseline, Comparison, Comparisons, Significance};
