//! How an archive is to be read.

use perfpower_analysis::RevisionDetail;
use perfpower_archive::{Rules, Sources};
use perfpower_model::InputProblem;

/// How an archive is to be read.
#[derive(Clone, Debug, Default)]
pub struct ReadPlan {
    /// Where it is.
    pub sources: Sources,
    /// Whose and when, as far as the user says so.
    pub rules: Rules,
    /// Keep only these apps; empty = all. One that no path names is looked for in the bodies of all.
    pub apps: Vec<String>,
    /// Whether older values are kept.
    pub revisions: RevisionDetail,
    /// Bytes of memory that the histories may take; what takes more is kept in a temporary file. Absent = as much as there is. Pages of signatures are
    /// not kept there.
    pub memory: Option<u64>,
    /// Whether each input is described.
    pub describe_inputs: bool,
    /// Whether fields are counted against the known schema.
    pub drift: bool,
    /// Where call stacks go.
    pub stacks: StacksOf,
    /// Files whose settings are followed, for the reader of the result.
    pub settings: Vec<String>,
    /// What was found wrong before anything was read.
    pub problems: Vec<InputProblem>,
}

/// Whose call stacks share a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StacksOf {
    /// Each app's are in its history.
    #[default]
    EachApp,
    /// Those of all apps, in [`Reading::stacks`](crate::Reading::stacks).
    AllApps,
}
