//! Findings against those of an earlier report.

use super::earlier::{Earlier, EarlierClaim};
use crate::claim::finding::{
    Attainment, Breadth, Change, Finding, FindingId, FindingKind, SeriesName, StepState, Verdict,
};
use crate::filter::Filter;
use perfpower_model::Day;
use std::collections::BTreeMap;

/// What is new against an earlier report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct News {
    /// The newest download that the earlier report knew; absent = it knew none.
    pub earlier_day: Option<Day>,
    /// The false discovery rate up to which its claims were kept.
    pub kept_rate: f64,
    /// How each finding stands.
    pub standings: BTreeMap<FindingId, Standing>,
    /// What is no finding any more, in the order of the earlier report.
    pub gone: Vec<Gone>,
}

/// How a finding stands to the earlier report.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing {
    /// It was not claimed.
    New,
    /// It was, as it is.
    Known,
    /// It was, and something of it is otherwise.
    Changed(Vec<Difference>),
    /// It asked for work, and has recovered: gone, although it is still told.
    Recovered,
}

impl Standing {
    /// The word for it in reports.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Known => "known",
            Self::Changed(_) => "changed",
            Self::Recovered => "gone",
        }
    }

    /// Whether a regression that stands so was none that asked for work before.
    pub fn is_new_work(&self) -> bool {
        match self {
            Self::New => true,
            Self::Changed(differences) => differences.iter().any(|difference| match difference {
                Difference::State { was } => !matches!(was, None | Some(StepState::Open)),
                Difference::Verdict { was } => *was != Verdict::Regression,
                Difference::OfItsOwn => true,
                _ => false,
            }),
            Self::Known | Self::Recovered => false,
        }
    }
}

/// What of a claim is otherwise than it was.
#[derive(Clone, Debug, PartialEq)]
pub enum Difference {
    /// What was seen in the latest version alone lasts.
    Lasts,
    /// It answers another question.
    Kind {
        /// Before.
        was: FindingKind,
    },
    /// Another version brought it.
    Version {
        /// Before.
        was: String,
    },
    /// The answer.
    Verdict {
        /// Before.
        was: Verdict,
    },
    /// What became of it.
    State {
        /// Before; absent = it was no step.
        was: Option<StepState>,
    },
    /// Its size lies outside the interval that the earlier report gave.
    Size {
        /// Before.
        was: Change,
    },
    /// The goal of its card.
    Goal {
        /// Before; absent = it had none.
        was: Option<Attainment>,
    },
    /// On which devices it is.
    Breadth {
        /// Before.
        was: Breadth,
    },
    /// Many apps share it now.
    Shared,
    /// Many apps shared it, and it is the app's own now.
    OfItsOwn,
}

/// An earlier claim that is none any more.
#[derive(Clone, Debug, PartialEq)]
pub struct Gone {
    /// As it was.
    pub claim: EarlierClaim,
    /// Why it is not made any more.
    pub why: WhyGone,
}

/// Why an earlier claim is not made any more.
#[derive(Clone, Debug, PartialEq)]
pub enum WhyGone {
    /// What was read since weakens it: even at the level of what is known already it is not sure.
    Withdrawn {
        /// p-value of its app × metric now; absent = too few versions are left to ask.
        p: Option<f64>,
    },
    /// Another claim of the same app × metric stands in its place.
    Replaced {
        /// The finding.
        by: FindingId,
        /// Its version.
        version: String,
    },
    /// What it was about is not in the archive.
    NotMeasured(NotMeasured),
}

/// What of a claim an archive has no values of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotMeasured {
    /// The app.
    App,
    /// The metric.
    Metric,
    /// The version.
    Version,
}

impl WhyGone {
    /// The word for it in reports.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Withdrawn { .. } => "withdrawn",
            Self::Replaced { .. } => "replaced",
            Self::NotMeasured(_) => "not_measured",
        }
    }
}

impl News {
    /// How a finding stands; one that is not of this batch is new.
    pub fn standing(&self, finding: FindingId) -> &Standing {
        self.standings.get(&finding).unwrap_or(&Standing::New)
    }

    /// Whether nothing is otherwise than it was.
    pub fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.standings.values().all(|standing| *standing == Standing::Known)
    }

    /// What of it is about some findings and what passes their filter.
    pub(crate) fn shown(&self, findings: &[Finding], filter: &Filter) -> Self {
        let shown = |finding: &Finding| Some((finding.id, self.standings.get(&finding.id)?.clone()));
        Self {
            earlier_day: self.earlier_day,
            kept_rate: self.kept_rate,
            standings: findings.iter().filter_map(shown).collect(),
            gone: self.gone.iter().filter(|gone| filter.claim(&gone.claim)).cloned().collect(),
        }
    }
}

/// What a batch has of what a claim is about.
pub(crate) enum Measured {
    Not(NotMeasured),
    /// With the p-value of its app × metric.
    Still(Option<f64>),
}

/// Holds findings against an earlier report. A claim is the same one if its id is; else if it is of the same app × metric and direction, and
/// of the same version, or of one that either of the two holds possible.
pub(crate) fn compared(
    findings: &[Finding],
    earlier: &Earlier,
    kept_rate: f64,
    measured: impl Fn(&EarlierClaim) -> Measured,
) -> News {
    let mut units: BTreeMap<UnitName<'_>, Vec<Pair<'_>>> = BTreeMap::new();
    for finding in findings {
        units.entry(unit(&finding.series)).or_default().push(Pair { finding, was: None });
    }
    let mut left: Vec<&EarlierClaim> = earlier.claims.iter().collect();
    let closest_first: [fn(&Finding, &EarlierClaim) -> bool; 3] = [
        |finding, claim| finding.id == claim.id,
        |finding, claim| is_same_way(finding, claim) && finding.version == claim.version,
        |finding, claim| is_same_way(finding, claim) && may_be_same(finding, claim),
    ];
    for is_same in closest_first {
        left.retain(|claim| {
            let pairs = units.get_mut(&unit(&claim.series)).into_iter().flatten();
            let free = pairs.filter(|pair| pair.was.is_none()).find(|pair| is_same(pair.finding, claim));
            free.map(|pair| pair.was = Some(claim)).is_none()
        });
    }
    let pairs = units.values().flatten();
    let standings =
        pairs.map(|pair| (pair.finding.id, pair.was.map_or(Standing::New, |was| standing(pair.finding, was))));
    let standings = standings.collect();
    let gone = left.into_iter().map(|claim| {
        let beside = units.get(&unit(&claim.series)).into_iter().flatten();
        let instead = beside.filter(|pair| pair.was.is_none()).find(|pair| is_same_way(pair.finding, claim));
        let why = match (instead, measured(claim)) {
            (Some(Pair { finding, .. }), _) => WhyGone::Replaced { by: finding.id, version: finding.version.clone() },
            (None, Measured::Still(p)) => WhyGone::Withdrawn { p },
            (None, Measured::Not(what)) => WhyGone::NotMeasured(what),
        };
        Gone { claim: claim.clone(), why }
    });
    News { earlier_day: earlier.last_day, kept_rate, gone: gone.collect(), standings }
}

/// App, platform, category and metric.
type UnitName<'a> = [&'a str; 4];

fn unit(series: &SeriesName) -> UnitName<'_> {
    let SeriesName { app, platform, category, metric, .. } = series;
    [app, platform, category, metric]
}

/// A finding and what it was.
struct Pair<'a> {
    finding: &'a Finding,
    was: Option<&'a EarlierClaim>,
}

fn is_same_way(finding: &Finding, claim: &EarlierClaim) -> bool {
    (finding.level_after > finding.level_before) == claim.rises
}

/// Whether one holds the version of the other possible. What creeps is of no one version.
fn may_be_same(finding: &Finding, claim: &EarlierClaim) -> bool {
    let is_slope = |kind| kind == FindingKind::Drift;
    is_slope(finding.kind)
        || is_slope(claim.kind)
        || claim.credible_versions.contains(&finding.version)
        || finding.credible_versions.iter().any(|candidate| candidate.version == claim.version)
}

fn standing(now: &Finding, was: &EarlierClaim) -> Standing {
    if was.is_open_regression() && now.verdict == Verdict::Regression && now.state == Some(StepState::Recovered) {
        return Standing::Recovered;
    }
    let mut differences = Vec::new();
    let mut differs = |differs: bool, difference: Difference| differences.extend(differs.then_some(difference));
    let lasts = was.kind == FindingKind::Latest && now.kind == FindingKind::Step;
    differs(lasts, Difference::Lasts);
    differs(!lasts && was.kind != now.kind, Difference::Kind { was: was.kind });
    let is_slope = was.kind == FindingKind::Drift || now.kind == FindingKind::Drift;
    differs(!is_slope && was.version != now.version, Difference::Version { was: was.version.clone() });
    differs(was.verdict != now.verdict, Difference::Verdict { was: was.verdict });
    // What is no step is taken to be open.
    let open = |state: Option<StepState>| state.unwrap_or(StepState::Open);
    differs(open(was.state) != open(now.state), Difference::State { was: was.state });
    let is_outside = |[low, high]: [f64; 2]| now.change.percent().is_some_and(|now| now < low || now > high);
    differs(was.ci_percent.is_some_and(is_outside), Difference::Size { was: was.change });
    let goal = now.goal.as_ref().map(|goal| goal.attainment);
    differs(was.goal != goal, Difference::Goal { was: was.goal });
    differs(was.breadth != now.spread.breadth, Difference::Breadth { was: was.breadth });
    differs(!was.is_shared && !now.is_own(), Difference::Shared);
    differs(was.is_shared && now.is_own(), Difference::OfItsOwn);
    if differences.is_empty() { Standing::Known } else { Standing::Changed(differences) }
}

#[cfg(test)]
mod tests;
