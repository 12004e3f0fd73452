//! What could not be read, or not wholly: the same on every page.

use super::{Block, Item, Line, Section, rest};
use crate::number::plural;
use crate::safe;
use perfpower_model::{InputProblem, Severity};

/// Problems that a page shows before it says how many more there are.
const SHOWN: usize = 20;

/// The problems, in the order given, which is errors first; notes are left to `inspect`.
pub(crate) fn unread_section(problems: &[InputProblem]) -> Option<Section> {
    let told: Vec<&InputProblem> = problems.iter().filter(|p| p.problem.severity < Severity::Note).collect();
    if told.is_empty() {
        return None;
    }
    let errors = told.iter().filter(|p| p.problem.severity == Severity::Error).count();
    let heading = format!(
        "Could not be read, or not wholly ({}, {})",
        plural(errors as u64, "error", "errors"),
        plural((told.len() - errors) as u64, "warning", "warnings")
    );
    let mut blocks = vec![problem_list(told.iter().copied().take(SHOWN))];
    blocks.extend(rest(told.len(), SHOWN, &Line::ours("see `perfpower inspect`")));
    Some(Section::new(heading, blocks).folded())
}

/// Each with its cure.
pub(crate) fn problem_list<'a>(problems: impl Iterator<Item = &'a InputProblem>) -> Block {
    Block::List(
        problems
            .map(|problem| {
                let remarks = problem.problem.hint.iter().cloned().map(Line::from).collect();
                Item { line: problem_line(problem).into(), remarks }
            })
            .collect(),
    )
}

/// `error: july.json:12:7: productData[0].….value: expected a number, found "n/a"`, safe for a terminal.
pub fn problem_line(InputProblem { path, problem }: &InputProblem) -> String {
    let mut line = format!("{}: ", problem.severity.as_str());
    if !path.is_empty() {
        line.push_str(&safe::visible(path));
        if let Some(place) = problem.place {
            line.push_str(&format!(":{}:{}", place.line, place.column));
        }
        line.push_str(": ");
    }
    if !problem.at.is_empty() {
        line.push_str(&safe::visible(&problem.at));
        line.push_str(": ");
    }
    line.push_str(&safe::visible(&problem.message));
    line
}
