//! Bodies as App Store Connect sends them, one builder per kind.
//!
//! Builders are plain structs of values; each writes its JSON itself, with Apple's field names in one fixed order. They know
//! the shapes that real bodies have where these differ from Apple's schema: breakdowns and reference versions are arrays.

mod error;
mod insight;
mod logs;
mod metrics;
mod overview;
mod signatures;

pub use error::ErrorBody;
pub use insight::{Insight, InsightPopulation};
pub use logs::{Advice, Frame, Log, LogMetadata, LogsBody, Place, SignatureLogs};
pub use metrics::{Dataset, GoalKey, Metric, MetricsBody, P50, P90, Point, RecommendedGoal};
pub use overview::{OverviewBody, Section, TopSignature};
pub use signatures::{Signature, SignaturesBody, Trend};
