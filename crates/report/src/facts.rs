//! What a report is made of, besides the analysis: the archive, and what could not be read of it.

use perfpower_analysis::Analysis;
use perfpower_model::{Day, Kind, Problem, Severity};

/// Everything that a writer needs.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The findings.
    pub analysis: &'a Analysis,
    /// What was read.
    pub archive: &'a ArchiveFacts,
    /// What could not be read, or not wholly; errors first, then by path.
    pub problems: &'a [InputProblem],
    /// The archive as the user named it, for the commands that a report suggests: `fixtures/demo`.
    pub archive_argument: &'a str,
}

impl Report<'_> {
    /// How many inputs were lost, and how many warnings there are.
    pub fn problem_counts(&self) -> (usize, usize) {
        let count = |severity| self.problems.iter().filter(|p| p.problem.severity == severity).count();
        (count(Severity::Error), count(Severity::Warning))
    }
}

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
    /// Files that are no documents by their name, such as `README.md`.
    pub skipped: Vec<String>,
    /// Apps.
    pub apps: u64,
    /// Oldest and newest snapshot.
    pub days: Option<(Day, Day)>,
}

impl ArchiveFacts {
    /// Documents about call stacks: diagnostic logs and signatures.
    pub fn diagnostics(&self) -> u64 {
        let is_diagnostic = |kind: Kind| matches!(kind, Kind::DiagnosticLogs | Kind::DiagnosticSignatures);
        self.kinds.iter().filter(|(kind, _)| is_diagnostic(*kind)).map(|(_, count)| count).sum()
    }
}

/// One fault with the input that it was found in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputProblem {
    /// The file, or the member of a container: `saves.zip!a/b.json`. Empty = the archive, or one app.
    pub path: String,
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
    /// Why.
    pub app_reason: String,
    /// When it was downloaded.
    pub snapshot: Day,
    /// Why.
    pub snapshot_reason: String,
    /// What it holds, in words: `700 series, 8,312 points`.
    pub content: String,
    /// Problems of it.
    pub problems: usize,
}

/// How text for a terminal looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextStyle {
    /// Columns; at least 60 are used.
    pub width: usize,
    /// Whether ANSI colours may be used. Nothing is said by colour alone.
    pub color: bool,
}

impl Default for TextStyle {
    fn default() -> Self {
        Self { width: 100, color: false }
    }
}
