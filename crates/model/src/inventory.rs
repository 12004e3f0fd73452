//! What an archive was found to hold: its sizes, each input, and what could not be read.

use crate::{Day, Kind, Problem};

/// Sizes of an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArchiveFacts {
    /// Documents found, those that could not be read included.
    pub documents: u64,
    /// Bytes of all documents, unpacked.
    pub bytes: u64,
    /// Documents of each kind, in the order of [`Kind::ALL`], without those that have none.
    pub kinds: Vec<(Kind, u64)>,
    /// Documents whose body is the same as another one of the same app.
    pub repeated: u64,
    /// Files that are no documents, by path.
    pub skipped: Vec<PassedOver>,
    /// Files whose settings were followed, the team's first; empty = everything is as by default.
    pub settings: Vec<String>,
    /// Apps.
    pub apps: u64,
    /// Oldest and newest snapshot.
    pub days: Option<(Day, Day)>,
    /// The last day whose downloads were asked for, and how many later documents were left out. Absent = all were.
    pub until: Option<(Day, u64)>,
}

impl ArchiveFacts {
    /// Documents about call stacks: diagnostic logs and signatures.
    pub fn diagnostics(&self) -> u64 {
        let is_diagnostic = |kind: Kind| matches!(kind, Kind::DiagnosticLogs | Kind::DiagnosticSignatures);
        self.kinds.iter().filter(|(kind, _)| is_diagnostic(*kind)).map(|(_, count)| count).sum()
    }
}

/// A file that was passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedOver {
    /// The file, or the member of a container; a directory ends with `/`.
    pub path: String,
    /// Why: a lower-case fragment without a full stop.
    pub why: String,
}

/// One fault with the input that it was found in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputProblem {
    /// The file, or the member of a container: `saves.zip!a/b.json`. Absent = the archive, or one app.
    pub path: Option<String>,
    /// What is wrong.
    pub problem: Problem,
}

/// What was decided for one input, for `inspect`.
#[derive(Clone, Debug, PartialEq)]
pub struct InputFacts {
    /// The file, or the member of a container.
    pub path: String,
    /// What it is.
    pub kind: Kind,
    /// Bytes, unpacked.
    pub bytes: u64,
    /// Whose it is.
    pub app: String,
    /// What kind of evidence says so, such as `bundle id`.
    pub app_rank: &'static str,
    /// Why.
    pub app_reason: String,
    /// Whose else it might be by its path, the likeliest first.
    pub other_apps: Vec<RuledOut>,
    /// When it was downloaded.
    pub snapshot: Day,
    /// Why.
    pub snapshot_reason: String,
    /// What other day it might be of, the likeliest first.
    pub other_days: Vec<RuledOut>,
    /// What was round the body, outermost first; empty = the file is the body.
    pub envelope: Vec<String>,
    /// What it holds, in words: `700 series, 8,312 points`.
    pub content: String,
    /// Problems of it.
    pub problems: usize,
}

/// What else a path might say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuledOut {
    /// The app or the day.
    pub value: String,
    /// Why it is not that: a fragment in lower case.
    pub why: String,
}

/// One field that only one side has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DriftRow {
    /// The kind of document.
    pub kind: &'static str,
    /// Its path, such as `productData[].platform`.
    pub path: String,
    /// How often it was seen; 0 = known to the schema and never seen.
    pub seen: u64,
    /// Whether the schema knows it.
    pub known: bool,
}

/// Problems in the order reports show them: errors first, then by path and place.
pub fn sort_problems(problems: &mut [InputProblem]) {
    problems.sort_by(|a, b| {
        // What is about no place of a document comes after what is.
        let place = |p: &InputProblem| (p.problem.place.is_none(), p.problem.place);
        let key = |p: &InputProblem| (p.problem.severity, p.path.clone(), place(p));
        key(a).cmp(&key(b)).then_with(|| (a.problem.code, &a.problem.at).cmp(&(b.problem.code, &b.problem.at)))
    });
}
