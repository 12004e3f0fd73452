//! What an archive holds, for programs: `perfpower.inspect/1`.

use super::report::ProblemJson;
use super::write_json;
use crate::page::Inspection;
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
