//! Rules to outcomes: what a team promised about its numbers, held against what the analysis found.
//!
//! A rule trips on evidence only: the whole interval of the level must lie beyond the bound, so that noise does not stop a
//! release. A strict rule goes by the plain value. Where nothing can be judged the outcome says so; it is neither a pass
//! nor a trip. A rule passes only on data that was read: where the newest download of an app gave nothing, or lacks what the rule
//! asks for, the rule is not judged. Nothing here reads a clock: the day of judgement is given, so a verdict can be repeated.

mod coverage;
mod judge;
mod outcome;
mod redact;
mod rule;
mod waiver;

pub use coverage::{AppCoverage, Coverage, UnreadInput};
pub use judge::{LevelRequest, judge_rules};
pub use outcome::{Bound, BoundSide, BoundSource, Evidence, GateReport, MissingData, Outcome, OutcomeVerdict};
pub use rule::{Budget, CountPer, Demand, GoalChoice, RegressionKind, Rule, RuleMode};
pub use waiver::{Waiver, WaiverReport, WaiverState};
