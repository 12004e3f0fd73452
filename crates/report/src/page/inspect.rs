//! What an archive holds: kinds, apps, days, versions, and every problem.

use super::report::summary_line;
use super::unread::{passed_over_section, problem_list};
use super::{Align, Block, Item, Line, Page, Section, Table, rest};
use crate::command_line::CommandLine;
use crate::facts::Report;
use crate::number::{bytes, count, plural};
use perfpower_model::{DriftRow, InputFacts, RuledOut};
use std::collections::BTreeMap;

/// Apps and documents that are shown before it is said how many more there are.
const SHOWN: usize = 60;

/// Everything that `inspect` shows.
#[derive(Clone, Copy, Debug)]
pub struct Inspection<'a> {
    /// The archive and what was merged from it.
    pub report: Report<'a>,
    /// Versions that logs and signatures name, by app.
    pub diagnosed_versions: &'a BTreeMap<String, Vec<String>>,
    /// What was decided for each input, sorted by app, day and path.
    pub inputs: &'a [InputFacts],
    /// How the archive differs from the known schema; absent = not asked for.
    pub drift: Option<&'a [DriftRow]>,
    /// Whether every input is listed, however many.
    pub all: bool,
}

/// What `inspect` says.
pub fn inspect_page(inspection: &Inspection<'_>) -> Page {
    let report = &inspection.report;
    let mut sections = vec![kinds_section(report), apps_section(inspection), documents_section(inspection)];
    if !report.problems.is_empty() {
        let heading = format!("Problems ({})", report.problems.len());
        sections.push(Section::new(heading, vec![problem_list(report.problems.iter())]));
    }
    sections.extend(passed_over_section(&report.archive.skipped, inspection.all));
    sections.extend(inspection.drift.map(drift_section));
    let next = if report.problem_counts().0 > 0 { "report" } else { "audit" };
    Page {
        title: summary_line(report).into(),
        sections,
        next: Some(CommandLine::perfpower(next).then(report.archive_argument)),
        ..Page::default()
    }
}

fn kinds_section(report: &Report<'_>) -> Section {
    let mut kinds = Table::new(&[("kind", Align::Left), ("documents", Align::Right)]);
    for (kind, number) in &report.archive.kinds {
        kinds.row(vec![kind.as_str().to_owned(), count(*number)]);
    }
    let mut blocks = vec![Block::Table(kinds)];
    if report.archive.repeated > 0 {
        blocks.push(Block::Paragraph(
            format!(
                "{} the body of another document of the same app, which is read once.",
                plural(report.archive.repeated, "document repeats", "documents repeat")
            )
            .into(),
        ));
    }
    Section::new(Line::ours("Kinds"), blocks)
}

fn apps_section(inspection: &Inspection<'_>) -> Section {
    let mut table = Table::new(&[
        ("app", Align::Left),
        ("bundle id", Align::Left),
        ("days", Align::Right),
        ("versions", Align::Left),
        ("series", Align::Right),
        ("points", Align::Right),
    ]);
    let apps = &inspection.report.analysis.apps;
    let shown = if inspection.all { apps.len() } else { SHOWN };
    for app in apps.iter().take(shown) {
        let versions = match versions_words(&app.versions) {
            Some(measured) => measured,
            None => match inspection.diagnosed_versions.get(&app.app).and_then(|versions| versions_words(versions)) {
                Some(diagnosed) => format!("{diagnosed}, unmeasured"),
                None => "none: unmeasured".to_owned(),
            },
        };
        table.row(vec![
            app.name.clone(),
            app.bundle_id.clone().unwrap_or_default(),
            app.snapshots.len().to_string(),
            versions,
            count(app.series as u64),
            count(app.points as u64),
        ]);
    }
    let mut blocks = vec![Block::Table(table)];
    blocks.extend(rest(apps.len(), shown, &Line::ours("--all")));
    Section::new(Line::ours("Apps"), blocks)
}

fn documents_section(inspection: &Inspection<'_>) -> Section {
    let inputs = inspection.inputs;
    let shown = if inspection.all { inputs.len() } else { SHOWN.min(inputs.len()) };
    let mut blocks = Vec::new();
    if !inputs.is_empty() {
        blocks.push(Block::Paragraph(Line::ours(
            "What says whose a document is, the strongest first: what you say (--app, --layout, perfpower.toml), its body, a bundle id in \
             its path, an Apple id, a word, and else the place where it lies.",
        )));
    }
    for of_app in inputs[..shown].chunk_by(|a, b| a.app == b.app) {
        blocks.push(Block::Part(of_app[0].app.clone().into()));
        blocks.push(Block::List(of_app.iter().map(document).collect()));
    }
    blocks.extend(rest(inputs.len(), shown, &Line::ours("--all")));
    Section::new(Line::ours("Documents, and why each belongs where it does"), blocks).folded()
}

fn document(input: &InputFacts) -> Item {
    let mut what = format!("{}, {}, {}", input.kind.as_str(), bytes(input.bytes), input.content);
    if !input.envelope.is_empty() {
        what.push_str(&format!(", out of {}", input.envelope.join(", ")));
    }
    if input.problems > 0 {
        what.push_str(&format!("; {}", plural(input.problems as u64, "problem", "problems")));
    }
    // `body by body` says nothing.
    let rank = if input.app_reason.starts_with(input.app_rank) { "" } else { input.app_rank };
    let rank = if rank.is_empty() { String::new() } else { format!(" ({rank})") };
    let app = format!("app by {}{rank}{}", input.app_reason, not(&input.other_apps));
    let day = format!("day {} by {}{}", input.snapshot, input.snapshot_reason, not(&input.other_days));
    Item { line: input.path.clone().into(), remarks: vec![what.into(), app.into(), day.into()] }
}

/// Readings of a path that are shown, with why they were ruled out.
const SHOWN_OTHERS: usize = 3;

/// `; not `prod`: a word, which counts less`.
fn not(others: &[RuledOut]) -> String {
    let mut words: Vec<String> =
        others.iter().take(SHOWN_OTHERS).map(|RuledOut { value, why }| format!("; not `{value}`: {why}")).collect();
    if others.len() > SHOWN_OTHERS {
        words.push(format!("; nor {} more", others.len() - SHOWN_OTHERS));
    }
    words.concat()
}

fn drift_section(drift: &[DriftRow]) -> Section {
    let block = if drift.is_empty() {
        Block::Paragraph(Line::ours("none: the archive and the known schema hold the same fields"))
    } else {
        Block::Table(drift_table(drift))
    };
    Section::new(Line::ours("Fields that only one side has"), vec![block])
}

/// `1.0 to 2.0 (3)`.
fn versions_words(versions: &[String]) -> Option<String> {
    match versions {
        [] => None,
        [only] => Some(only.clone()),
        [first, .., last] => Some(format!("{first} to {last} ({})", versions.len())),
    }
}

fn drift_table(drift: &[DriftRow]) -> Table {
    let mut table =
        Table::new(&[("kind", Align::Left), ("field", Align::Left), ("seen", Align::Right), ("", Align::Left)]);
    for row in drift {
        let side = if row.known { "known, never seen here" } else { "unknown to the schema" };
        table.row(vec![row.kind.to_owned(), row.path.clone(), count(row.seen), side.to_owned()]);
    }
    table
}
