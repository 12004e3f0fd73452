//! Rules to outcomes: what a team promised about its numbers, held against what the analysis found.
//!
//! A rule trips on evidence only: the whole interval of the level must lie beyond the bound, so that noise does not stop a
//! release. A strict rule goes by the plain value. Where nothing can be judged the outcome says so; it is neither a pass
//! nor a trip. Nothing here reads a clock: the day of judgement is given, so a verdict can be repeated.

mod judge;
mod outcome;
mod rule;
mod waiver;

pub use judge::{LevelRequest, judge_rules};
pub use outcome::{Bound, BoundSide, BoundSource, Evidence, GateReport, MissingData, Outcome, OutcomeVerdict};
pub use rule::{Budget, CountPer, Demand, GoalChoice, RegressionKind, Rule, RuleMode, Scope};
pub use waiver::{Waiver, WaiverReport, WaiverState};
