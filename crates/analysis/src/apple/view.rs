//! Our view beside each of Apple's insights, and what the archive tells of Apple's unpublished cut-offs.

use crate::analysis::AppleCutoff;
use crate::apple::audit::{InsightAudit, PopulationAudit};
use crate::claim::claims::{Claim, change_claims, latest_claims};
use crate::claim::finding::{
    AppleInsightView, Change, Finding, FindingKind, LatestView, OurPopulationView, OurVerdict, OurView, StepState,
    Verdict,
};
use crate::claim::telling::finding_id;
use crate::history::builder::AppHistory;
use crate::judge::app::AppRef;
use crate::judge::context::Context;
use crate::judge::series_ref::SeriesRef;
use crate::judge::told::ToldUnits;
use perfpower_model::InsightList;
use perfpower_statistics::{APPLE_WINDOW, Scale, SeriesJudgement, Workspace, apple_parity};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Our view of all insights of one app.
pub(crate) fn views(
    app: AppRef<'_>,
    told: &ToldUnits,
    findings: &[&Finding],
    workspace: &mut Workspace,
) -> Vec<AppleInsightView> {
    let history = app.history();
    let newest = history.snapshots.last().copied();
    history
        .insights
        .iter()
        .map(|audit| AppleInsightView {
            app: history.app.clone(),
            app_name: app.context.options.app_name(&history.app),
            is_newest: Some(audit.snapshot) == newest,
            our_view: our_view(app, told, audit, findings, workspace),
            audit: audit.clone(),
        })
        .collect()
}

/// One population of an insight as we judge it.
struct Population<'b> {
    judgement: SeriesJudgement,
    /// Of the version of each point.
    ranks: &'b [u32],
    values: &'b [f64],
    /// Added to a value before its logarithm.
    scale: Scale,
    /// Its regressions that survive the batch, each with the finding on whose card it stands.
    claims: Vec<(Claim<'b>, &'b Finding)>,
}

impl<'b> Population<'b> {
    fn of(
        series: SeriesRef<'b>,
        told: &ToldUnits,
        regressions: &[&'b Finding],
        workspace: &mut Workspace,
    ) -> Option<Self> {
        let judgement = told.judge(series, workspace).ok()?;
        let mut claims = Vec::new();
        if let Some(of) = told.get(series.unit_key()).filter(|_| !regressions.is_empty()) {
            let alone = [series];
            for change in &of.changes {
                claims.extend(change_claims(&alone, told, of, change, workspace));
            }
            if let Some(release) = &of.release {
                claims.extend(latest_claims(&alone, told, of, release, workspace));
            }
        }
        let with_finding = claims.into_iter().filter_map(|claim| {
            let id = finding_id(&claim);
            let has_it = |finding: &&&Finding| finding.id == id || finding.also.iter().any(|also| also.id == id);
            let finding = *regressions.iter().find(has_it)?;
            Some((claim, finding))
        });
        let (claims, values) = (with_finding.collect(), series.input().values);
        Some(Self { judgement, ranks: series.ranks(), values, scale: series.scale(), claims })
    }

    /// What it says itself on the card of a finding.
    fn claim(&self, finding: &Finding) -> Option<&Claim<'b>> {
        self.claims.iter().find(|(_, own)| own.id == finding.id).map(|(claim, _)| claim)
    }

    fn value_of(&self, version: u32) -> Option<f64> {
        self.ranks.binary_search(&version).ok().map(|at| self.values[at])
    }

    /// What had become of a claim by the version `latest`, and the version that took it back, or took most of it back.
    fn state_by(&self, claim: &Claim<'_>, latest: u32) -> (StepState, Option<u32>) {
        let steps = &self.judgement.steps;
        let Some(at) = steps.iter().position(|step| step.index == claim.index && claim.kind == FindingKind::Step)
        else {
            return (StepState::Open, None);
        };
        let step = &steps[at];
        match (step.state, step.recovered_at) {
            (StepState::Open, _) => return (StepState::Open, None),
            (StepState::Recovered, Some(at)) if self.ranks[at] <= latest => {
                return (StepState::Recovered, Some(self.ranks[at]));
            }
            (StepState::Recovered | StepState::PartlyRecovered, _) => {}
        }
        let up = step.change.delta.signum();
        let nearest = steps[at + 1..]
            .iter()
            .filter(|later| self.ranks[later.index] <= latest && later.change.delta * up < 0.0)
            .min_by(|a, b| (a.level_after * up).total_cmp(&(b.level_after * up)))
            .filter(|later| (later.level_after - step.level_after) * up < 0.0);
        match nearest {
            Some(later) => (StepState::PartlyRecovered, Some(self.ranks[later.index])),
            None => (StepState::Open, None),
        }
    }

    /// The version `latest` against the level before it; absent where the series ends at another version.
    fn latest(&self, history: &AppHistory, latest: u32) -> Option<LatestView> {
        // The release question is about the newest version of the series alone.
        let [.., before, last] = self.ranks else { return None };
        let release = self.judgement.latest.filter(|_| *last == latest)?;
        let text = |rank: u32| history.version_text(rank).to_owned();
        Some(LatestView {
            change: Change::of_level(self.scale.origin(release.level), release.change.delta),
            verdict: release.verdict,
            level_versions: (text(self.ranks[release.level_from]), text(*before)),
        })
    }
}

fn our_view(
    app: AppRef<'_>,
    told: &ToldUnits,
    audit: &InsightAudit,
    findings: &[&Finding],
    workspace: &mut Workspace,
) -> OurView {
    let history = app.history();
    let rank_of = |version: &str| {
        (0..history.versions.len() as u32)
            .find(|&rank| perfpower_model::version::compare(history.version_text(rank), version).is_eq())
    };
    let latest =
        audit.latest_version.as_deref().and_then(rank_of).unwrap_or(history.versions.len().saturating_sub(1) as u32);
    // An insight about a version can speak of what happened up to that version.
    let regressions: Vec<&Finding> = findings
        .iter()
        .filter(|finding| {
            finding.series.category == audit.category
                && finding.series.metric == audit.metric
                && finding.verdict == Verdict::Regression
                && rank_of(&finding.version).is_some_and(|version| version <= latest)
        })
        .copied()
        .collect();
    let judged: Vec<Option<Population<'_>>> = audit
        .populations
        .iter()
        .map(|population| Population::of(find(app, audit, population)?, told, &regressions, workspace))
        .collect();
    let usable = || judged.iter().flatten();
    // The least recovered population decides.
    let state_of =
        |finding: &Finding| usable().filter_map(|judged| Some(judged.state_by(judged.claim(finding)?, latest))).min();
    // Of what still holds the newest, steps before drifts. Findings come worst first, so the first of equals is the worst.
    let survivor = regressions
        .iter()
        .filter_map(|&finding| Some((finding, rank_of(&finding.version)?, state_of(finding)?)))
        .min_by_key(|(finding, version, (state, _))| {
            (*state == StepState::Recovered, finding.kind == FindingKind::Drift, Reverse(*version))
        });
    let verdict = match survivor {
        Some((finding, ..)) if finding.kind == FindingKind::Drift => OurVerdict::Drift,
        Some((_, _, (StepState::Recovered, _))) => OurVerdict::Recovered,
        Some((_, version, _)) if version == latest => OurVerdict::SameVersion,
        Some(_) => OurVerdict::EarlierVersion,
        None if usable().any(|judged| judged.judgement.latest.is_some()) => OurVerdict::WithinNoise,
        None => OurVerdict::CannotSay,
    };
    let step = survivor.filter(|_| verdict != OurVerdict::Drift);
    let claim_of = |judged: &Option<Population<'_>>| -> Option<(Change, Option<f64>)> {
        let judged = judged.as_ref()?;
        let claim = judged.claim(step?.0)?;
        let origin = claim.origin();
        let least = claim.delta - claim.delta.signum() * claim.half_width;
        Some((Change::of_level(origin, claim.delta), origin.percent(least)))
    };
    let populations = audit
        .populations
        .iter()
        .zip(&judged)
        .map(|(population, judged)| {
            let (change, at_least_percent) = claim_of(judged).unzip();
            OurPopulationView {
                device: population.device.clone(),
                percentile_label: population.percentile_label.clone(),
                percentile: population.percentile,
                change,
                at_least_percent: at_least_percent.flatten(),
            }
        })
        .collect();
    let text = |rank: u32| history.version_text(rank).to_owned();
    OurView {
        verdict,
        version: step.map(|(_, version, _)| text(version)),
        state: step.map(|(_, _, (state, _))| state),
        recovered_in: step.and_then(|(_, _, (_, version))| version).map(text),
        finding: survivor.map(|(finding, ..)| finding.id),
        latest: match survivor {
            Some((finding, ..)) => usable()
                .filter(|judged| judged.claim(finding).is_some())
                .find_map(|judged| judged.latest(history, latest)),
            None => most_notable(usable().filter_map(|judged| judged.latest(history, latest))),
        },
        diluting_versions: match step {
            Some((finding, version, (StepState::Open, _))) if verdict == OurVerdict::EarlierVersion => {
                diluting(audit, &judged, finding, version, &rank_of)
            }
            _ => Vec::new(),
        },
        populations,
    }
}

/// A regression taken alone, or else the largest change; the first of equals.
fn most_notable(all: impl Iterator<Item = LatestView>) -> Option<LatestView> {
    let size = |view: &LatestView| view.change.percent().map_or(f64::INFINITY, f64::abs);
    let is_more = |a: &LatestView, b: &LatestView| {
        let alone = |view: &LatestView| view.verdict == Verdict::Regression;
        alone(a).cmp(&alone(b)).then_with(|| size(a).total_cmp(&size(b))).is_gt()
    };
    all.reduce(|best, other| if is_more(&other, &best) { other } else { best })
}

/// The versions from before a step that make Apple's average better than the level since; none where Apple's numbers do not say
/// that the latest version is worse than them.
fn diluting(
    audit: &InsightAudit,
    judged: &[Option<Population<'_>>],
    finding: &Finding,
    step: u32,
    rank_of: &impl Fn(&str) -> Option<u32>,
) -> Vec<String> {
    let holders = || {
        let own = judged.iter().zip(&audit.populations);
        own.filter_map(|(judged, population)| Some((judged.as_ref()?, judged.as_ref()?.claim(finding)?, population)))
    };
    let is_worse = |(_, claim, population): (&Population<'_>, &Claim<'_>, &PopulationAudit)| {
        population.reported.delta_percent.is_none_or(|delta| delta * claim.delta > 0.0)
    };
    if !holders().all(is_worse) {
        return Vec::new();
    }
    let Some((first, claim, _)) = holders().next() else { return Vec::new() };
    let dilutes = |version: &&String| {
        let value = rank_of(version).filter(|&rank| rank < step).and_then(|rank| first.value_of(rank));
        value.is_some_and(|value| (claim.log_after - first.scale.log(value)) * claim.delta > 0.0)
    };
    audit.reference_versions.iter().filter(dilutes).cloned().collect()
}

/// The series of a population of an insight. Apple names no platform: of several the one with Apple's value.
fn find<'b>(app: AppRef<'b>, audit: &InsightAudit, population: &PopulationAudit) -> Option<SeriesRef<'b>> {
    let metric = app.context.metric(&audit.category, &audit.metric)?;
    let distance = |series: &SeriesRef<'_>| {
        let is_latest = |&rank: &u32| audit.latest_version.as_deref() == Some(series.history().version_text(rank));
        let value = series.ranks().iter().position(is_latest).map(|at| series.input().values[at]);
        value.zip(population.reported.latest).map_or(f64::INFINITY, |(value, latest)| (value - latest).abs())
    };
    app.series()
        .filter(|series| series.member().metric == metric)
        .filter(|series| {
            series.device() == population.device && series.percentile_label() == population.percentile_label
        })
        .min_by(|a, b| distance(a).total_cmp(&distance(b)))
}

/// Fits Apple's cut-offs over all apps of the batch: what its newest lists hold, and what its rule gives for aggregates that
/// they do not hold.
pub(crate) fn cutoffs(of_apps: Vec<BTreeMap<u32, AppleCutoff>>, context: &Context<'_>) -> Vec<AppleCutoff> {
    let mut cutoffs: BTreeMap<u32, AppleCutoff> = BTreeMap::new();
    for (metric, own) in of_apps.into_iter().flatten() {
        let all = entry(&mut cutoffs, context, metric);
        all.listed += own.listed;
        all.unlisted += own.unlisted;
        extend(&mut all.smallest_regression_percent, own.smallest_regression_percent, f64::min);
        extend(&mut all.smallest_trending_percent, own.smallest_trending_percent, f64::min);
        extend(&mut all.largest_unlisted_percent, own.largest_unlisted_percent, f64::max);
    }
    cutoffs.into_values().filter(|cutoff| cutoff.listed > 0).collect()
}

fn extend(known: &mut Option<f64>, other: Option<f64>, farther: fn(f64, f64) -> f64) {
    *known = known.zip(other).map(|(known, other)| farther(known, other)).or(*known).or(other);
}

/// What one app tells of them, by position of the metric in the batch.
pub(crate) fn cutoffs_of(app: AppRef<'_>) -> BTreeMap<u32, AppleCutoff> {
    let (context, history) = (app.context, app.history());
    let mut cutoffs: BTreeMap<u32, AppleCutoff> = BTreeMap::new();
    let Some(&newest) = history.snapshots.last() else { return cutoffs };
    // (category, metric, device, percentile) that the newest lists hold.
    let mut listed = BTreeSet::new();
    for audit in history.insights.iter().filter(|audit| audit.snapshot == newest) {
        for population in &audit.populations {
            listed.insert((&*audit.category, &*audit.metric, &*population.device, &*population.percentile_label));
        }
    }
    for audit in history.insights.iter().filter(|audit| audit.snapshot == newest) {
        let Some(metric) = context.metric(&audit.category, &audit.metric) else { continue };
        let cutoff = entry(&mut cutoffs, context, metric);
        for population in &audit.populations {
            let Some(delta) = population.delta_exact_percent.or(population.reported.delta_percent) else {
                continue;
            };
            cutoff.listed += 1;
            let smallest = match audit.list {
                InsightList::Regressions => &mut cutoff.smallest_regression_percent,
                InsightList::TrendingUp => &mut cutoff.smallest_trending_percent,
            };
            extend(smallest, Some(delta), f64::min);
        }
    }
    if listed.is_empty() {
        return cutoffs; // Apple's lists may not have been saved at all
    }
    for series in app.series() {
        let metric = series.metric();
        let name = (&*metric.category, &*metric.identifier, series.device(), series.percentile_label());
        if series.is_of_device() || listed.contains(&name) {
            continue;
        }
        let Some(delta) = rule_percent(series.input().values) else { continue };
        let cutoff = entry(&mut cutoffs, context, series.member().metric);
        cutoff.unlisted += 1;
        extend(&mut cutoff.largest_unlisted_percent, Some(delta), f64::max);
    }
    cutoffs
}

fn entry<'c>(cutoffs: &'c mut BTreeMap<u32, AppleCutoff>, context: &Context<'_>, metric: u32) -> &'c mut AppleCutoff {
    cutoffs.entry(metric).or_insert_with(|| AppleCutoff {
        category: context.metrics[metric as usize].category.clone(),
        metric: context.metrics[metric as usize].identifier.clone(),
        smallest_regression_percent: None,
        smallest_trending_percent: None,
        largest_unlisted_percent: None,
        listed: 0,
        unlisted: 0,
    })
}

/// The latest value over the mean of the four before it, in percent; absent for a shorter series.
fn rule_percent(values: &[f64]) -> Option<f64> {
    (values.len() > APPLE_WINDOW).then(|| apple_parity(values, APPLE_WINDOW))??.delta_percent_exact
}
