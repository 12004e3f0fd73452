//! A broken rule that a team accepts, for a reason and until a day.

use crate::claim::finding::FindingId;
use crate::filter::Filter;
use perfpower_model::Day;

/// One accepted breach.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiver {
    /// Name of the rule; absent = any.
    pub rule: Option<String>,
    /// What it is about.
    pub scope: Filter,
    /// The one finding that is accepted; absent = any.
    pub finding: Option<FindingId>,
    /// Why, in the team's words.
    pub reason: String,
    /// The last day on which it holds.
    pub until: Day,
}

/// What became of a waiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaiverState {
    /// It holds, and something rests on it.
    Used,
    /// It holds, and nothing needs it.
    Unused,
    /// Its last day is over; it waives nothing.
    Expired,
}

impl WaiverState {
    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Unused => "unused",
            Self::Expired => "expired",
        }
    }
}

/// A waiver and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct WaiverReport {
    /// As it was given.
    pub waiver: Waiver,
    /// What became of it.
    pub state: WaiverState,
    /// Outcomes that it waives; of an expired one, those that it would have waived.
    pub outcomes: usize,
}
