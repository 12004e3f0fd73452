//! What an earlier report claimed.

use crate::analysis::Analysis;
use crate::claim::finding::{
    Attainment, Breadth, Change, Finding, FindingId, FindingKind, SeriesName, StepState, Verdict,
};
use perfpower_model::Day;
use std::collections::BTreeSet;

/// An earlier report, as far as a later one is held against it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Earlier {
    /// The newest download that it knew; absent = none.
    pub last_day: Option<Day>,
    /// Keys of the apps that it judged.
    pub apps: BTreeSet<String>,
    /// Its findings, in its order.
    pub claims: Vec<EarlierClaim>,
}

/// One finding of an earlier report.
#[derive(Clone, Debug, PartialEq)]
pub struct EarlierClaim {
    /// Its id then.
    pub id: FindingId,
    /// The series that led it.
    pub series: SeriesName,
    /// The device for eyes.
    pub device_label: String,
    /// Such as 50 or 90; absent where Apple's label has no number.
    pub percentile: Option<f64>,
    /// The question that it answered.
    pub kind: FindingKind,
    /// The answer.
    pub verdict: Verdict,
    /// The version that brought it; of a drift, the first version.
    pub version: String,
    /// Versions that might have brought it.
    pub credible_versions: Vec<String>,
    /// What had become of it; steps only.
    pub state: Option<StepState>,
    /// Whether the values had become larger.
    pub rises: bool,
    /// From before to after.
    pub change: Change,
    /// Confidence interval of that in percent; absent where the level before was zero.
    pub ci_percent: Option<[f64; 2]>,
    /// Whether the goal of its card was met; absent = it had none.
    pub goal: Option<Attainment>,
    /// On which devices it was.
    pub breadth: Breadth,
    /// Whether many apps shared it.
    pub is_shared: bool,
    /// Worsening in percent that held at the level corrected for selection; absent where the level before was zero.
    pub at_least_percent: Option<f64>,
}

impl Earlier {
    /// What an analysis claims, for the next one.
    pub fn of(analysis: &Analysis) -> Self {
        Self {
            last_day: analysis.apps.iter().filter_map(|app| app.snapshots.last().copied()).max(),
            apps: analysis.apps.iter().map(|app| app.app.clone()).collect(),
            claims: analysis.findings.iter().map(EarlierClaim::of).collect(),
        }
    }
}

impl EarlierClaim {
    fn of(finding: &Finding) -> Self {
        Self {
            id: finding.id,
            series: finding.series.clone(),
            device_label: finding.device_label.clone(),
            percentile: finding.percentile,
            kind: finding.kind,
            verdict: finding.verdict,
            version: finding.version.clone(),
            credible_versions: finding.credible_versions.iter().map(|own| own.version.clone()).collect(),
            state: finding.state,
            rises: finding.level_after > finding.level_before,
            change: finding.change,
            ci_percent: finding.ci_percent,
            goal: finding.goal.as_ref().map(|goal| goal.attainment),
            breadth: finding.spread.breadth,
            is_shared: !finding.is_own(),
            at_least_percent: finding.at_least_percent,
        }
    }

    /// Whether it asked for work: see [`crate::Finding::is_open_regression`].
    pub fn is_open_regression(&self) -> bool {
        self.verdict == Verdict::Regression && !self.is_shared && self.is_open()
    }

    pub(crate) fn is_open(&self) -> bool {
        !matches!(self.state, Some(StepState::PartlyRecovered | StepState::Recovered))
    }
}
