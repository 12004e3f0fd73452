//! What could not be read, or not wholly: the same on every page.

use super::{Block, Item, Line, Section, rest};
use crate::number::plural;
use crate::safe;
use perfpower_model::{InputProblem, PassedOver, Severity};
use std::collections::BTreeMap;

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

/// Reasons for which files were passed over, and files of one reason, before it is said how many more there are.
const SHOWN_REASONS: usize = 6;
const SHOWN_FILES: usize = 4;

/// Files that are no documents, by the reason why; all of them if asked for.
pub(crate) fn passed_over_section(files: &[PassedOver], all: bool) -> Option<Section> {
    if files.is_empty() {
        return None;
    }
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for PassedOver { path, why } in files {
        reasons.entry(why).or_default().push(path);
    }
    let (shown_reasons, shown_files) = if all { (reasons.len(), files.len()) } else { (SHOWN_REASONS, SHOWN_FILES) };
    let item = |(why, paths): (&&str, &Vec<&str>)| {
        let mut remarks: Vec<Line> = paths.iter().take(shown_files).map(|path| Line::from(path.to_string())).collect();
        if let Some(more) = paths.len().checked_sub(shown_files).filter(|more| *more > 0) {
            remarks.push(Line::from(format!("… and {more} more")).and_ours(": see `perfpower inspect --all`"));
        }
        Item { line: format!("{}: {why}", plural(paths.len() as u64, "file", "files")).into(), remarks }
    };
    let mut blocks = vec![Block::List(reasons.iter().take(shown_reasons).map(item).collect())];
    blocks.extend(rest(reasons.len(), shown_reasons, &Line::ours("see `perfpower inspect --all`")));
    Some(Section::new(format!("Passed over ({})", files.len()), blocks).folded())
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
    if let Some(path) = path {
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
