//! What an archive holds, for programs: `perfpower.inspect/1`.

use super::report::ProblemJson;
use super::{JsonLayout, write_json};
use crate::page::Inspection;
use perfpower_model::RuledOut;
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{self, Write};

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
    /// Files that are no documents.
    skipped: Vec<&'a str>,
    /// The same with why.
    passed_over: Vec<RuledOutJson<'a>>,
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
    /// What kind of evidence decided it, the strongest first: `told`, `body`, `bundle id`, `Apple id`, `word`, `place`.
    app_rank: &'static str,
    /// What it was decided by.
    app_reason: &'a str,
    /// Whose else it might be by its path, and why it is not.
    other_apps: Vec<RuledOutJson<'a>>,
    /// The day of the download.
    snapshot: String,
    /// What it was decided by.
    snapshot_reason: &'a str,
    /// Which other day it might be of, and why it is not.
    other_days: Vec<RuledOutJson<'a>>,
    /// What was round the body, outermost first; empty = the file is the body.
    envelope: &'a [String],
    /// What it holds, in words.
    content: &'a str,
    problems: usize,
}

#[derive(Serialize, JsonSchema)]
struct RuledOutJson<'a> {
    /// The app, the day or the file.
    value: &'a str,
    /// In words.
    why: &'a str,
}

fn ruled_out(others: &[RuledOut]) -> Vec<RuledOutJson<'_>> {
    others.iter().map(|RuledOut { value, why }| RuledOutJson { value, why }).collect()
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
pub fn write_inspect_json(inspection: &Inspection<'_>, layout: JsonLayout, out: &mut impl Write) -> io::Result<()> {
    let documents = inspection
        .inputs
        .iter()
        .map(|input| InputJson {
            path: &input.path,
            kind: input.kind.as_str(),
            bytes: input.bytes,
            app: &input.app,
            app_rank: input.app_rank,
            app_reason: &input.app_reason,
            other_apps: ruled_out(&input.other_apps),
            snapshot: input.snapshot.to_string(),
            snapshot_reason: &input.snapshot_reason,
            other_days: ruled_out(&input.other_days),
            envelope: &input.envelope,
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
            skipped: inspection.report.archive.skipped.iter().map(|file| file.path.as_str()).collect(),
            passed_over: inspection
                .report
                .archive
                .skipped
                .iter()
                .map(|file| RuledOutJson { value: &file.path, why: &file.why })
                .collect(),
            drift,
        },
        layout,
        out,
    )
}
