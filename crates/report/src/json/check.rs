//! What became of each rule, for programs: `perfpower.check/1`.

use super::report::{PassedOverJson, ProblemJson, passed_over};
use super::settings::SettingsJson;
use super::{JsonLayout, write_json};
use crate::page::CheckedRules;
use crate::sentence::gate::{explain_command, outcome_sentence, waiver_sentence};
use perfpower_analysis::gate::OutcomeVerdict;
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{self, Write};

/// Name of the schema, in the key `schema`.
pub(crate) const CHECK_SCHEMA: &str = "perfpower.check/1";

/// The answer of `perfpower check --format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct GateJson<'a> {
    /// Always `perfpower.check/1`.
    schema: &'static str,
    /// The day that waivers are held against.
    today: String,
    /// The day of the newest document; null = there is none.
    newest_snapshot: Option<String>,
    /// Whether a rule stops the release.
    tripped: bool,
    /// How many outcomes have each verdict.
    counts: CountsJson,
    /// By rule in the order given, then by app, metric and population.
    outcomes: Vec<OutcomeJson<'a>>,
    waivers: Vec<WaiverJson<'a>>,
    /// What makes the whole batch less sure.
    alarms: &'a [String],
    /// What could not be read, or not wholly.
    problems: Vec<ProblemJson<'a>>,
    /// Files that are no documents, with why; at most 100.
    passed_over: Vec<PassedOverJson<'a>>,
    /// What was judged by.
    settings: SettingsJson<'a>,
}

#[derive(Serialize, JsonSchema)]
struct CountsJson {
    pass: usize,
    trip: usize,
    informed: usize,
    waived: usize,
    set_aside: usize,
    /// What the rule needs was not read, or is not there. Of a rule in mode `gate`, the exit code is 5.
    not_judged: usize,
    not_enough_data: usize,
}

#[derive(Serialize, JsonSchema)]
struct OutcomeJson<'a> {
    /// Name of the rule.
    rule: &'a str,
    /// `gate` or `inform`.
    mode: &'static str,
    /// `trip`, `waived`, `informed`, `set_aside`, `not_judged`, `not_enough_data` or `pass`.
    verdict: &'static str,
    /// Empty = the whole archive; so are the other names where the outcome is about more than one.
    app: &'a str,
    platform: &'a str,
    category: &'a str,
    metric: &'a str,
    device: &'a str,
    percentile: Option<f64>,
    /// The latest version of what was judged; empty = nothing was.
    version: &'a str,
    /// Why it came out as it did.
    text: String,
    /// The id of the finding that broke the rule, as in `perfpower.report/1`.
    finding: Option<String>,
    /// The command that explains it.
    explain: String,
}

#[derive(Serialize, JsonSchema)]
struct WaiverJson<'a> {
    /// Null = all rules.
    rule: Option<&'a str>,
    reason: &'a str,
    /// Its last day.
    until: String,
    /// What a reader must know of it; null = it simply holds.
    text: Option<String>,
}

/// Writes the outcomes as JSON: `perfpower.check/1`.
pub fn write_gate_json(checked: &CheckedRules<'_>, layout: JsonLayout, out: &mut impl Write) -> io::Result<()> {
    let CheckedRules { gate, report } = checked;
    let json = GateJson {
        schema: CHECK_SCHEMA,
        today: gate.today.to_string(),
        newest_snapshot: gate.newest_snapshot.map(|day| day.to_string()),
        tripped: gate.is_tripped(),
        counts: CountsJson {
            pass: gate.count(OutcomeVerdict::Pass),
            trip: gate.count(OutcomeVerdict::Trip),
            informed: gate.count(OutcomeVerdict::Informed),
            waived: gate.count(OutcomeVerdict::Waived),
            set_aside: gate.count(OutcomeVerdict::SetAside),
            not_judged: gate.count(OutcomeVerdict::NotJudged),
            not_enough_data: gate.count(OutcomeVerdict::NotEnoughData),
        },
        outcomes: gate
            .outcomes
            .iter()
            .map(|outcome| OutcomeJson {
                rule: &outcome.rule_name,
                mode: outcome.mode.as_str(),
                verdict: outcome.verdict.as_str(),
                app: outcome.app.as_deref().unwrap_or_default(),
                platform: outcome.platform.as_deref().unwrap_or_default(),
                category: outcome.category.as_deref().unwrap_or_default(),
                metric: outcome.metric.as_deref().unwrap_or_default(),
                device: outcome.device.as_deref().unwrap_or_default(),
                percentile: outcome.percentile,
                version: outcome.version.as_deref().unwrap_or_default(),
                text: outcome_sentence(outcome),
                finding: outcome.finding.map(|id| id.to_string()),
                explain: explain_command(outcome, report.archive_argument).to_string(),
            })
            .collect(),
        waivers: gate
            .waivers
            .iter()
            .map(|waiver| WaiverJson {
                rule: waiver.waiver.rule.as_deref(),
                reason: &waiver.waiver.reason,
                until: waiver.waiver.until.to_string(),
                text: waiver_sentence(waiver),
            })
            .collect(),
        alarms: &report.analysis.calibration.alarms,
        problems: report.problems.iter().map(ProblemJson::from).collect(),
        passed_over: passed_over(&report.archive.skipped),
        settings: SettingsJson::new(report),
    };
    write_json(&json, layout, out)
}
