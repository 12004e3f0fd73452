//! What a report claims, as a later one reads it: out of a report that this program wrote before, or out of the claims that a store keeps of
//! every run.

use super::report::REPORT_SCHEMA;
use super::settings::shown_by;
use crate::facts::Report;
use perfpower_analysis::{
    Attainment, Breadth, Change, Earlier, EarlierClaim, Finding, FindingId, FindingKind, GoalStatus, SeriesName,
    StepState, Verdict,
};
use perfpower_model::Day;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read, Write};

/// An earlier report, with what a reader must know of how it was made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EarlierReport {
    /// What it claimed.
    pub earlier: Earlier,
    /// What it was limited to, by what that was chosen by; empty = nothing.
    pub shown: BTreeMap<String, Vec<String>>,
    /// Findings that `--top` left out of it.
    pub left_out: u64,
    /// The word for how its claims were chosen.
    pub method: String,
    /// At which rate.
    pub rate: f64,
    /// Numbers of the method that were not as by default.
    pub changed: BTreeMap<String, f64>,
}

/// Why a file is no report to be compared with: what was found, what was expected, and the cure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoReport(String);

impl fmt::Display for NoReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoReport {}

/// How such a file is made.
const CURE: &str = "expected what `perfpower report … --format json --output FILE` writes";

/// The schema of the claims that a store keeps: the part of a report that a later one is held against.
const CLAIMS_SCHEMA: &str = "perfpower.claims/1";

/// Writes what a report claims, all of it, for [`read_report_json`].
pub fn write_claims_json(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    let claims = Claims { schema: CLAIMS_SCHEMA, report: ReportText::of(report) };
    serde_json::to_writer(&mut *out, &claims)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Claims {
    schema: &'static str,
    #[serde(flatten)]
    report: ReportText,
}

/// Reads a report of `--format json`, or what [`write_claims_json`] wrote. Keys that it does not know are passed over, so that reports of later versions can be read.
pub fn read_report_json(mut from: impl Read) -> Result<EarlierReport, NoReport> {
    let mut text = Vec::new();
    from.read_to_end(&mut text).map_err(|error| NoReport(format!("it cannot be read: {error}")))?;
    let Schema { schema } = serde_json::from_slice(&text).map_err(|error| broken(&error))?;
    if !schema.as_deref().is_some_and(|schema| [REPORT_SCHEMA, CLAIMS_SCHEMA].contains(&schema)) {
        let found =
            schema.map_or_else(|| "JSON without a schema".to_owned(), |schema| format!("a document {schema:?}"));
        return Err(NoReport(format!("found {found}; {CURE} ({REPORT_SCHEMA})")));
    }
    let report: ReportText = serde_json::from_slice(&text).map_err(|error| broken(&error))?;
    report
        .read()
        .ok_or_else(|| NoReport(format!("a finding of it has a word that no version of perfpower writes; {CURE}")))
}

fn broken(error: &serde_json::Error) -> NoReport {
    NoReport(format!("it is no whole JSON ({error}); {CURE}"))
}

#[derive(Deserialize)]
struct Schema {
    schema: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct ReportText {
    archive: ArchiveText,
    apps: Vec<AppText>,
    findings: Vec<FindingText>,
    findings_left_out: u64,
    settings: SettingsText,
}

#[derive(Deserialize, Serialize)]
struct ArchiveText {
    last_day: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct AppText {
    app: String,
}

#[derive(Deserialize, Serialize)]
struct SettingsText {
    method: String,
    rate: f64,
    changed: BTreeMap<String, f64>,
    shown: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize, Serialize)]
struct FindingText {
    id: String,
    app: String,
    platform: Option<String>,
    category: String,
    metric: String,
    device: String,
    device_label: String,
    percentile: Option<f64>,
    percentile_label: String,
    kind: String,
    verdict: String,
    version: String,
    state: Option<String>,
    level_before: f64,
    level_after: f64,
    ci_percent: Option<[f64; 2]>,
    at_least_percent: Option<f64>,
    credible_versions: Vec<VersionText>,
    devices: DevicesText,
    goal: Option<GoalText>,
    platform_event: Option<u64>,
}

#[derive(Deserialize, Serialize)]
struct VersionText {
    version: String,
}

#[derive(Deserialize, Serialize)]
struct DevicesText {
    breadth: String,
}

#[derive(Deserialize, Serialize)]
struct GoalText {
    attainment: String,
}

impl ReportText {
    fn read(self) -> Option<EarlierReport> {
        let SettingsText { method, rate, changed, shown } = self.settings;
        let claims: Option<Vec<EarlierClaim>> = self.findings.into_iter().map(FindingText::read).collect();
        Some(EarlierReport {
            earlier: Earlier {
                last_day: self.archive.last_day.as_deref().and_then(Day::parse),
                apps: self.apps.into_iter().map(|app| app.app).collect(),
                claims: claims?,
            },
            shown,
            left_out: self.findings_left_out,
            method,
            rate,
            changed,
        })
    }
}

impl ReportText {
    fn of(report: &Report<'_>) -> Self {
        let analysis = report.analysis;
        let options = &analysis.options;
        let changed = options.parameters.changed().map(|(name, value)| (name.to_owned(), value));
        Self {
            archive: ArchiveText { last_day: report.archive.days.map(|(_, last)| last.to_string()) },
            apps: analysis.apps.iter().map(|app| AppText { app: app.app.clone() }).collect(),
            findings: analysis.findings.iter().map(FindingText::of).collect(),
            findings_left_out: 0,
            settings: SettingsText {
                method: options.correction.method().word().to_owned(),
                rate: options.correction.rate(),
                changed: changed.collect(),
                shown: shown_by(&analysis.filter),
            },
        }
    }
}

impl FindingText {
    fn of(finding: &Finding) -> Self {
        let SeriesName { app, platform, category, metric, device, percentile_label, .. } = finding.series.clone();
        let credible = finding.credible_versions.iter();
        let attainment = |goal: &GoalStatus| GoalText { attainment: goal.attainment.as_str().to_owned() };
        Self {
            id: finding.id.to_string(),
            app,
            platform: Some(platform),
            category,
            metric,
            device,
            device_label: finding.device_label.clone(),
            percentile: finding.percentile,
            percentile_label,
            kind: finding.kind.as_str().to_owned(),
            verdict: finding.verdict.as_str().to_owned(),
            version: finding.version.clone(),
            state: finding.state.map(|state| state.as_str().to_owned()),
            level_before: finding.level_before,
            level_after: finding.level_after,
            ci_percent: finding.ci_percent,
            at_least_percent: finding.at_least_percent,
            credible_versions: credible.map(|own| VersionText { version: own.version.clone() }).collect(),
            devices: DevicesText { breadth: finding.spread.breadth.as_str().to_owned() },
            goal: finding.goal.as_ref().map(attainment),
            platform_event: finding.platform_event.map(|event| event as u64),
        }
    }

    fn read(self) -> Option<EarlierClaim> {
        let series = SeriesName {
            app: self.app,
            platform: self.platform.unwrap_or_default(),
            category: self.category,
            metric: self.metric,
            device: self.device,
            percentile_label: self.percentile_label,
            names_platform: false,
        };
        Some(EarlierClaim {
            id: FindingId(u64::from_str_radix(&self.id, 16).ok()?),
            series,
            device_label: self.device_label,
            percentile: self.percentile,
            kind: FindingKind::ALL.into_iter().find(|kind| kind.as_str() == self.kind)?,
            verdict: Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == self.verdict)?,
            version: self.version,
            credible_versions: self.credible_versions.into_iter().map(|candidate| candidate.version).collect(),
            state: match self.state {
                Some(word) => Some(StepState::ALL.into_iter().find(|state| state.as_str() == word)?),
                None => None,
            },
            rises: self.level_after > self.level_before,
            change: Change::between(self.level_before, self.level_after),
            ci_percent: self.ci_percent,
            goal: match self.goal {
                Some(goal) => Some(Attainment::ALL.into_iter().find(|own| own.as_str() == goal.attainment)?),
                None => None,
            },
            breadth: Breadth::ALL.into_iter().find(|breadth| breadth.as_str() == self.devices.breadth)?,
            is_shared: self.platform_event.is_some(),
            at_least_percent: self.at_least_percent,
        })
    }
}
