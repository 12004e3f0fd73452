//! What is told of the selected: cards, findings, where they are, which code they name, and what they rest on.

pub(crate) mod calendar;
pub(crate) mod claims;
pub(crate) mod code;
pub(crate) mod common_cause;
pub(crate) mod detail;
pub(crate) mod explain;
pub(crate) mod finding;
pub(crate) mod goal_status;
pub(crate) mod maturity;
#[cfg(test)]
pub(crate) mod sample;
pub(crate) mod settling;
pub(crate) mod spread;
pub(crate) mod subsystems;
pub(crate) mod telling;
