//! The vocabulary of perfpower, and the one interner. It depends on std and a hash table, so that every other crate can speak it.
//!
//! | word | meaning |
//! |---|---|
//! | archive | the set of saved files given to one run |
//! | document | one JSON body: [`Document`] |
//! | kind | what a document is: [`Kind`] |
//! | app | whose document it is |
//! | snapshot | the day a document was downloaded: [`Day`] |
//! | revision | an older, different value of the same (series, version) |
//! | metric | (category, identifier), never the identifier alone: `onScreen` is in BATTERY and in TERMINATION |
//! | population | device × percentile |
//! | aggregate, member | `all_iphones` and `all_ipads`; one device model: [`DeviceClass`] |
//! | series | (app, platform, metric, population): points over versions |
//! | point | one version's value, with margin, goal and breakdown |
//! | version | an app version, ordered by [`version::compare`] |
//! | signature | Apple's recurring call pattern: [`Signature`] |
//! | blame frame | a frame that Apple holds the app responsible for |
//! | self samples | samples of a frame less those of its children, at least 0 |
//!
//! Points and frames number millions, so they lie in columns ([`PointColumns`], [`CallTree`]) and every text in them is a
//! [`NameId`] into the [`Names`] of its document.
//!
//! ```
//! use perfpower_model::{Day, Names, version};
//!
//! let mut names = Names::new();
//! let launch = names.intern("launchTime");
//! assert_eq!(names.text(launch), "launchTime");
//! assert!(version::compare("1.9", "1.10").is_lt());
//! assert_eq!(Day::parse("2026-11-23").unwrap().to_string(), "2026-11-23");
//! ```

mod call_tree;
mod day;
mod device;
mod document;
mod index;
mod insight;
mod inventory;
mod names;
mod percentile;
mod points;
mod problem;
mod redact;
mod signature;
pub mod version;

pub use call_tree::{
    CallTree, DiagnosticAdvice, DiagnosticLog, Frame, FrameId, LogMetadata, NodeId, ThreadRole, ThreadStack,
};
pub use day::Day;
pub use device::{DeviceClass, normalized as normalized_device};
pub use document::{BodyIdentity, Document, Drift, Kind};
pub use index::{Index, fold};
pub use insight::{AppleInsight, InsightList, InsightPopulation};
pub use inventory::{ArchiveFacts, DriftRow, InputFacts, InputProblem, PassedOver, RuledOut, sort_problems};
pub use names::{NameId, Names, stable_text_hash, text_hash};
pub use percentile::Percentile;
pub use points::{BreakdownShare, Dataset, GoalBound, Metric, MetricTable, PointColumns, RecommendedGoal};
pub use problem::{Problem, Severity, TextPlace};
pub use redact::{Redact, TextRole, TextRoles};
pub use signature::{ReferenceValue, Signature, SignatureTrend};
