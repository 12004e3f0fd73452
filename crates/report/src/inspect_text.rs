//! What an archive holds: kinds, apps, days, versions, and every problem.

use crate::facts::{Report, TextStyle};
use crate::grid::{Align, Grid};
use crate::json::{ProblemJson, write_json};
use crate::number::{bytes, count, plural};
use crate::safe::{self, csv_cell};
use crate::text::{Pen, problem_line, summary_line};
use perfpower_model::{DriftRow, InputFacts};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Rows that a terminal shows before it says how many more there are.
const SHOWN_INPUTS: usize = 60;

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

/// Writes the inspection for a terminal.
pub fn write_inspect_text(inspection: &Inspection<'_>, style: TextStyle, out: &mut impl Write) -> io::Result<()> {
    let pen = Pen { style };
    let report = &inspection.report;
    writeln!(out, "{}", pen.bold(&summary_line(report)))?;
    writeln!(out, "\n{}", pen.heading("Kinds"))?;
    let mut kinds = Grid::new(&[("kind", Align::Left), ("documents", Align::Right)]);
    for (kind, number) in &report.archive.kinds {
        kinds.row(vec![kind.as_str().to_owned(), count(*number)]);
    }
    write!(out, "{}", kinds.text(pen.width()))?;
    if report.archive.repeated > 0 {
        pen.paragraph_at(
            &format!(
                "{} the body of another document of the same app, which is read once.",
                plural(report.archive.repeated, "document repeats", "documents repeat")
            ),
            " ",
            out,
        )?;
    }
    if !report.archive.skipped.is_empty() {
        let names: Vec<_> = report.archive.skipped.iter().take(5).map(|name| safe::visible(name)).collect();
        pen.paragraph_at(
            &format!(
                "{} left out by name: {}{}",
                plural(report.archive.skipped.len() as u64, "file", "files"),
                names.join(", "),
                if report.archive.skipped.len() > 5 { ", …" } else { "" }
            ),
            " ",
            out,
        )?;
    }

    writeln!(out, "\n{}", pen.heading("Apps"))?;
    let mut apps = Grid::new(&[
        ("app", Align::Left),
        ("bundle id", Align::Left),
        ("days", Align::Right),
        ("versions", Align::Left),
        ("series", Align::Right),
        ("points", Align::Right),
    ]);
    for app in report.analysis.apps.iter().take(if inspection.all { usize::MAX } else { SHOWN_INPUTS }) {
        let versions = match versions_words(&app.versions) {
            Some(measured) => measured,
            None => match inspection.diagnosed_versions.get(&app.app).and_then(|versions| versions_words(versions)) {
                Some(diagnosed) => format!("{diagnosed}, unmeasured"),
                None => "none: unmeasured".to_owned(),
            },
        };
        apps.row(vec![
            app.name.clone(),
            app.bundle_id.clone(),
            app.snapshots.len().to_string(),
            versions,
            count(app.series as u64),
            count(app.points as u64),
        ]);
    }
    write!(out, "{}", apps.text(pen.width()))?;

    writeln!(out, "\n{}", pen.heading("Documents, and why each belongs where it does"))?;
    let shown = if inspection.all { inspection.inputs.len() } else { SHOWN_INPUTS };
    for inputs in inspection.inputs[..shown.min(inspection.inputs.len())].chunk_by(|a, b| a.app == b.app) {
        writeln!(out, " {}", pen.bold(&safe::visible_cut(&inputs[0].app, pen.width() - 1)))?;
        for input in inputs {
            pen.paragraph_at(&safe::visible(&input.path), "   ", out)?;
            let mut words = format!(
                "{}, {}, {}; app by {}; day {} by {}",
                input.kind.as_str(),
                bytes(input.bytes),
                input.content,
                input.app_reason,
                input.snapshot,
                input.snapshot_reason
            );
            if input.problems > 0 {
                words.push_str(&format!("; {}", plural(input.problems as u64, "problem", "problems")));
            }
            pen.paragraph_at(&safe::visible(&words), "     ", out)?;
        }
    }
    if inspection.inputs.len() > shown {
        writeln!(out, "     … and {} more: --all", count((inspection.inputs.len() - shown) as u64))?;
    }

    if !report.problems.is_empty() {
        writeln!(out, "\n{}", pen.heading(&format!("Problems ({})", report.problems.len())))?;
        for problem in report.problems {
            pen.paragraph_at(&problem_line(problem), " ", out)?;
            if !problem.problem.hint.is_empty() {
                pen.paragraph_at(&safe::visible(&problem.problem.hint), "   ", out)?;
            }
        }
    }
    if let Some(drift) = inspection.drift {
        writeln!(out, "\n{}", pen.heading("Fields that only one side has"))?;
        if drift.is_empty() {
            writeln!(out, " none: the archive and the known schema hold the same fields")?;
        } else {
            write!(out, "{}", drift_grid(drift).text(pen.width()))?;
        }
    }
    let next = if report.problem_counts().0 > 0 { "report" } else { "audit" };
    writeln!(out, "\n{} perfpower {next} {}", pen.bold("Next:"), safe::visible(report.archive_argument))
}

/// `1.0 to 2.0 (3)`.
fn versions_words(versions: &[String]) -> Option<String> {
    match versions {
        [] => None,
        [only] => Some(only.clone()),
        [first, .., last] => Some(format!("{first} to {last} ({})", versions.len())),
    }
}

/// Writes the inspection as Markdown.
pub fn write_inspect_markdown(inspection: &Inspection<'_>, out: &mut impl Write) -> io::Result<()> {
    let report = &inspection.report;
    writeln!(out, "## {}\n", safe::markdown(&summary_line(report)))?;
    let mut kinds = Grid::new(&[("kind", Align::Left), ("documents", Align::Right)]);
    for (kind, number) in &report.archive.kinds {
        kinds.row(vec![kind.as_str().to_owned(), count(*number)]);
    }
    writeln!(out, "{}", kinds.markdown())?;
    for problem in report.problems {
        writeln!(out, "- {}", safe::markdown(&problem_line(problem)))?;
    }
    if let Some(drift) = inspection.drift {
        writeln!(out, "\n{}", drift_grid(drift).markdown())?;
    }
    Ok(())
}

/// Name of the schema, in the key `schema`.
pub(crate) const INSPECT_SCHEMA: &str = "perfpower.inspect/1";

/// The answer of `perfpower inspect --format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct InspectionJson<'a> {
    /// Always `perfpower.inspect/1`.
    schema: &'static str,
    /// Every document, in the order read.
    documents: Vec<InputJson<'a>>,
    /// What could not be read, or not wholly.
    problems: Vec<ProblemJson<'a>>,
    /// Files that are no documents by their name.
    skipped: &'a [String],
    /// Fields that only the archive or only the known schema has; null = not asked for.
    drift: Option<Vec<DriftJson<'a>>>,
}

#[derive(Serialize, JsonSchema)]
struct InputJson<'a> {
    path: &'a str,
    /// Such as `xcodeMetrics`, `error` or `unknown`.
    kind: &'static str,
    /// Unpacked.
    bytes: u64,
    app: &'a str,
    /// What it was decided by.
    app_reason: &'a str,
    /// The day of the download.
    snapshot: String,
    /// What it was decided by.
    snapshot_reason: &'a str,
    /// What it holds, in words.
    content: &'a str,
    problems: usize,
}

#[derive(Serialize, JsonSchema)]
struct DriftJson<'a> {
    /// The kind of document.
    kind: &'static str,
    /// JSON path of the field.
    path: &'a str,
    /// How often the archive has it.
    seen: u64,
    /// Whether the known schema has it.
    known: bool,
}

/// Writes the inspection as JSON: `perfpower.inspect/1`.
pub fn write_inspect_json(inspection: &Inspection<'_>, out: &mut impl Write) -> io::Result<()> {
    let documents = inspection
        .inputs
        .iter()
        .map(|input| InputJson {
            path: &input.path,
            kind: input.kind.as_str(),
            bytes: input.bytes,
            app: &input.app,
            app_reason: &input.app_reason,
            snapshot: input.snapshot.to_string(),
            snapshot_reason: &input.snapshot_reason,
            content: &input.content,
            problems: input.problems,
        })
        .collect();
    let drift = inspection.drift.map(|rows| {
        rows.iter().map(|row| DriftJson { kind: row.kind, path: &row.path, seen: row.seen, known: row.known }).collect()
    });
    write_json(
        &InspectionJson {
            schema: INSPECT_SCHEMA,
            documents,
            problems: inspection.report.problems.iter().map(ProblemJson::from).collect(),
            skipped: &inspection.report.archive.skipped,
            drift,
        },
        out,
    )
}

/// Writes one row per document.
pub fn write_inspect_csv(inspection: &Inspection<'_>, out: &mut impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "path",
        "kind",
        "bytes",
        "app",
        "app_reason",
        "snapshot",
        "snapshot_reason",
        "content",
        "problems",
    ])?;
    for input in inspection.inputs {
        csv.write_record([
            &*csv_cell(&input.path),
            input.kind.as_str(),
            &input.bytes.to_string(),
            &csv_cell(&input.app),
            &csv_cell(&input.app_reason),
            &input.snapshot.to_string(),
            &csv_cell(&input.snapshot_reason),
            &csv_cell(&input.content),
            &input.problems.to_string(),
        ])?;
    }
    csv.flush()
}

fn drift_grid(drift: &[DriftRow]) -> Grid {
    let mut grid =
        Grid::new(&[("kind", Align::Left), ("field", Align::Left), ("seen", Align::Right), ("", Align::Left)]);
    for row in drift {
        let side = if row.known { "known, never seen here" } else { "unknown to the schema" };
        grid.row(vec![row.kind.to_owned(), row.path.clone(), count(row.seen), side.to_owned()]);
    }
    grid
}
