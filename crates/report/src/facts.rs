//! What a report is made of, besides the analysis: the archive, and what could not be read of it.

use crate::command_line::CommandLine;
use perfpower_analysis::{Analysis, Finding};
use perfpower_model::{ArchiveFacts, InputProblem, Severity};

/// Everything that a writer needs.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The findings.
    pub analysis: &'a Analysis,
    /// What was read.
    pub archive: &'a ArchiveFacts,
    /// What could not be read, or not wholly; errors first, then by path.
    pub problems: &'a [InputProblem],
    /// The archive as the user named it, for the commands that a report suggests.
    pub archive_argument: &'a CommandLine,
    /// Findings that are written, worst first; absent = as many as the form has room for. All are counted.
    pub top: Option<usize>,
}

impl<'a> Report<'a> {
    /// The findings that are written for programs.
    pub(crate) fn findings(&self) -> &'a [Finding] {
        let all = &self.analysis.findings;
        &all[..self.top.map_or(all.len(), |top| top.min(all.len()))]
    }

    /// How many inputs were lost, and how many warnings there are.
    pub(crate) fn problem_counts(&self) -> (usize, usize) {
        let count = |severity| self.problems.iter().filter(|p| p.problem.severity == severity).count();
        (count(Severity::Error), count(Severity::Warning))
    }
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
