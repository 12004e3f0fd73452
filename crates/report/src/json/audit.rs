//! Apple's insights recomputed, for programs: `perfpower.audit/1`.

use super::report::{AppleInsightJson, CutoffJson, ProblemJson, apple_insight, cutoff};
use super::series::SeriesJson;
use super::settings::SettingsJson;
use super::{JsonLayout, write_json};
use crate::facts::Report;
use crate::sentence::{self, answer};
use perfpower_analysis::{Audit, Finding};
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{self, Write};

/// Name of the schema, in the key `schema`.
pub(crate) const AUDIT_SCHEMA: &str = "perfpower.audit/1";

/// The answer of `perfpower audit --format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct AuditJson<'a> {
    /// Always `perfpower.audit/1`.
    schema: &'static str,
    /// Insights whose numbers are those that their own points give.
    agrees: usize,
    differs: usize,
    cannot_check: usize,
    /// As in `perfpower.report/1`, of every download.
    apple_insights: Vec<AppleInsightJson<'a>>,
    /// Open regressions of metrics that Apple's newest list does not name, worst first.
    left_out: Vec<LeftOutJson<'a>>,
    /// What can be learned of Apple's unpublished cut-offs.
    apple_cutoffs: Vec<CutoffJson<'a>>,
    /// What seems wrong with the assumptions, in plain words.
    alarms: &'a [String],
    /// What could not be read, or not wholly.
    problems: Vec<ProblemJson<'a>>,
    /// What was judged by.
    settings: SettingsJson<'a>,
}

#[derive(Serialize, JsonSchema)]
struct LeftOutJson<'a> {
    /// Of the finding.
    id: String,
    #[serde(flatten)]
    series: SeriesJson<'a>,
    version: &'a str,
    /// The figure that heads it in every form.
    headline: String,
    /// In one sentence.
    text: String,
}

/// Writes the audit as JSON: `perfpower.audit/1`. Numbers have all their digits, for who checks them.
pub fn write_audit_json(report: &Report<'_>, layout: JsonLayout, out: &mut impl Write) -> io::Result<()> {
    let views = &report.analysis.apple_insights;
    let count = |wanted| views.iter().filter(|view| view.audit.audit == wanted).count();
    let is_left_out = |finding: &&Finding| finding.is_open_regression() && !finding.listed_by_apple;
    let left_out = report.analysis.own_findings().filter(is_left_out).map(|finding| LeftOutJson {
        id: finding.id.to_string(),
        series: SeriesJson::new(&finding.series, finding.percentile, finding.unit_label.as_deref()),
        version: &finding.version,
        headline: answer::headline(finding),
        text: sentence::finding_sentence(finding),
    });
    let audit = AuditJson {
        schema: AUDIT_SCHEMA,
        agrees: count(Audit::Agrees),
        differs: count(Audit::Differs),
        cannot_check: count(Audit::CannotCheck),
        apple_insights: views.iter().map(apple_insight).collect(),
        left_out: left_out.collect(),
        apple_cutoffs: report.analysis.apple_cutoffs.iter().map(cutoff).collect(),
        alarms: &report.analysis.calibration.alarms,
        problems: report.problems.iter().map(ProblemJson::from).collect(),
        settings: SettingsJson::new(report),
    };
    write_json(&audit, layout, out)
}
