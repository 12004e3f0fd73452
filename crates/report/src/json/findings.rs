//! Findings one a line, for programs that read lines: `perfpower.finding/1`.

use super::Digits;
use super::inert::InertFormatter;
use super::report::{FindingJson, finding, ranks};
use crate::facts::Report;
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{self, Write};

/// Name of the schema, in the key `schema` of every line.
pub(crate) const FINDING_SCHEMA: &str = "perfpower.finding/1";

/// A line of `perfpower report --format ndjson`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct FindingLine<'a> {
    /// Always `perfpower.finding/1`.
    schema: &'static str,
    /// The app's name for eyes.
    app_name: &'a str,
    #[serde(flatten)]
    finding: FindingJson<'a>,
}

/// Writes one finding a line, worst first: of a finding what `perfpower.report/1` says. Nothing stands before or after them.
pub fn write_findings_ndjson(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    let ranks = ranks(report.analysis);
    for own in report.findings() {
        let finding = finding(own, ranks.get(&own.id).copied(), report.analysis);
        let line = FindingLine { schema: FINDING_SCHEMA, app_name: &own.app_name, finding };
        let formatter = InertFormatter::compact().of(Digits::Six);
        line.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, formatter))?;
        out.write_all(b"\n")?;
    }
    out.flush()
}
