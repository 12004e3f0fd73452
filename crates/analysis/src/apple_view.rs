//! Our view beside each of Apple's insights, and what the archive tells of Apple's unpublished cut-offs.

use crate::analysis::AppleCutoff;
use crate::audit::{InsightAudit, PopulationAudit};
use crate::batch::{Batch, MetricContext, Selected};
use crate::finding::{
    AppleInsightView, Finding, FindingKind, OurPopulationView, OurVerdict, OurView, StepState, Verdict,
};
use crate::statistics::{
    APPLE_WINDOW, Model, SeriesJudgement, Step, StepState as JudgedState, Workspace, apple_parity, percent,
};
use perfpower_model::{DeviceClass, InsightList};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Our view of all insights of one app.
pub(crate) fn views(
    batch: &Batch<'_>,
    app: usize,
    findings: &[&Finding],
    workspace: &mut Workspace,
) -> Vec<AppleInsightView> {
    let history = &batch.histories[app];
    let newest = history.snapshots.last().copied();
    history
        .insights
        .iter()
        .filter(|audit| {
            // An insight is shown if any series of its metric passes the filter.
            let metric = metric_of(batch, audit);
            batch.selected[app].iter().any(|selected| Some(selected.metric) == metric)
                || batch.selected[app].len() == history.series.len()
        })
        .map(|audit| AppleInsightView {
            app: history.app.clone(),
            app_name: batch.options.app_name(&history.app),
            is_newest: Some(audit.snapshot) == newest,
            our_view: our_view(batch, app, audit, findings, workspace),
            audit: audit.clone(),
        })
        .collect()
}

/// Position in the batch of the metric that an insight is about; absent where the batch does not have it.
fn metric_of(batch: &Batch<'_>, audit: &InsightAudit) -> Option<u32> {
    let is_it = |metric: &MetricContext| metric.category == audit.category && metric.identifier == audit.metric;
    batch.metrics.iter().position(is_it).map(|position| position as u32)
}

/// One population as we judge it, in ranks of versions.
struct Judged {
    judgement: SeriesJudgement,
    ranks: Vec<u32>,
}

impl Judged {
    /// The regression that an insight about the version `latest` may speak of: the newest one up to that version.
    fn step(&self, latest: u32) -> Option<(&Step, u32)> {
        let steps = if self.judgement.model == Model::Steps { &self.judgement.steps[..] } else { &[] };
        steps
            .iter()
            .map(|step| (step, self.ranks[step.index]))
            .rfind(|(step, version)| step.verdict == Verdict::Regression && *version <= latest)
    }
}

fn our_view(
    batch: &Batch<'_>,
    app: usize,
    audit: &InsightAudit,
    findings: &[&Finding],
    workspace: &mut Workspace,
) -> OurView {
    let history = &batch.histories[app];
    let rank_of = |version: &str| {
        (0..history.versions.len() as u32)
            .find(|&rank| perfpower_model::version::compare(history.version_text(rank), version).is_eq())
    };
    let latest = rank_of(&audit.latest_version).unwrap_or(history.versions.len().saturating_sub(1) as u32);
    let judged: Vec<Option<Judged>> = audit
        .populations
        .iter()
        .map(|population| {
            let selected = find(batch, app, audit, population)?;
            let judgement = batch.judge(app, selected, workspace).ok()?;
            Some(Judged { judgement, ranks: batch.version_ranks(app, selected).to_vec() })
        })
        .collect();

    let populations = audit
        .populations
        .iter()
        .zip(&judged)
        .map(|(population, judged)| {
            let step = judged.as_ref().and_then(|judged| judged.step(latest)).map(|(step, _)| step);
            // The release question is about the newest version of the series alone.
            let release = judged
                .as_ref()
                .filter(|judged| judged.ranks.last() == Some(&latest))
                .and_then(|judged| judged.judgement.latest);
            OurPopulationView {
                device: population.device.clone(),
                percentile_label: population.percentile_label.clone(),
                percentile: population.percentile,
                step_percent: step.map(|step| step.change.percent()),
                step_at_least_percent: step.map(|step| percent(step.change.interval.low)),
                latest_percent: release.map(|release| release.change.percent()),
                latest_verdict: release.map_or(Verdict::Inconclusive, |release| release.verdict),
            }
        })
        .collect();

    // What survives the correction over the batch decides; the populations above say how it looks in each series.
    let judged: Vec<Judged> = judged.into_iter().flatten().collect();
    let survivor = survivor(findings, audit, latest, &rank_of);
    let (verdict, version) = match survivor {
        Some((finding, _)) if finding.kind == FindingKind::Drift => (OurVerdict::Drift, None),
        Some((finding, version)) => {
            let recovered = finding.state == Some(StepState::Recovered)
                && judged.iter().filter_map(|judged| judged.step(latest).map(|(step, _)| (judged, step))).any(
                    |(judged, step)| match step.state {
                        JudgedState::Recovered { at } => judged.ranks[at] <= latest,
                        JudgedState::Open | JudgedState::PartlyRecovered { .. } => false,
                    },
                );
            let verdict = if recovered {
                OurVerdict::Recovered
            } else if version == latest {
                OurVerdict::SameVersion
            } else {
                OurVerdict::EarlierVersion
            };
            (verdict, Some(version))
        }
        None if judged.iter().all(|judged| judged.judgement.model == Model::TooShort) => (OurVerdict::CannotSay, None),
        None => (OurVerdict::WithinNoise, None),
    };
    let level_versions = judged.iter().find(|judged| judged.ranks.last() == Some(&latest)).and_then(|judged| {
        let from = judged.judgement.latest?.level_from;
        let last = judged.ranks.len().checked_sub(2)?;
        let text = |position: usize| history.version_text(judged.ranks[position]).to_owned();
        Some((text(from), text(last)))
    });
    let diluting_versions = match (verdict, version) {
        (OurVerdict::EarlierVersion, Some(step)) => audit
            .reference_versions
            .iter()
            .filter(|reference| rank_of(reference).is_some_and(|rank| rank < step))
            .cloned()
            .collect(),
        _ => Vec::new(),
    };
    OurView {
        verdict,
        version: version.map(|rank| history.version_text(rank).to_owned()),
        finding: survivor.map(|(finding, _)| finding.id),
        level_versions,
        diluting_versions,
        populations,
    }
}

/// The series of a population of an insight.
fn find<'b>(
    batch: &'b Batch<'_>,
    app: usize,
    audit: &InsightAudit,
    population: &PopulationAudit,
) -> Option<&'b Selected> {
    let history = &batch.histories[app];
    let metric = metric_of(batch, audit)?;
    batch.selected[app].iter().filter(|selected| selected.metric == metric).find(|selected| {
        let info = batch.info(app, selected);
        history.names.text(info.device) == population.device
            && history.names.text(info.percentile) == population.percentile_label
    })
}

/// The finding that an insight about the version `latest` may speak of: the newest regression of its metric up to that
/// version, steps before drifts, with the rank of its version.
fn survivor<'f>(
    findings: &[&'f Finding],
    audit: &InsightAudit,
    latest: u32,
    rank_of: &impl Fn(&str) -> Option<u32>,
) -> Option<(&'f Finding, u32)> {
    findings
        .iter()
        .filter(|finding| {
            finding.series.category == audit.category
                && finding.series.metric == audit.metric
                && finding.verdict == Verdict::Regression
        })
        .filter_map(|finding| Some((*finding, rank_of(&finding.version)?)))
        .filter(|(_, version)| *version <= latest)
        // Findings come worst first, so the first of equals is the worst.
        .min_by_key(|(finding, version)| (finding.kind == FindingKind::Drift, std::cmp::Reverse(*version)))
}

/// Fits Apple's cut-offs over all apps of the batch: what its newest lists hold, and what its rule gives for aggregates that
/// they do not hold.
pub(crate) fn cutoffs(batch: &Batch<'_>) -> Vec<AppleCutoff> {
    let of_apps: Vec<BTreeMap<u32, AppleCutoff>> =
        (0..batch.histories.len()).into_par_iter().map(|app| cutoffs_of(batch, app)).collect();
    let mut cutoffs: BTreeMap<u32, AppleCutoff> = BTreeMap::new();
    for (metric, own) in of_apps.into_iter().flatten() {
        let all = entry(&mut cutoffs, batch, metric);
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
fn cutoffs_of(batch: &Batch<'_>, app: usize) -> BTreeMap<u32, AppleCutoff> {
    let history = &batch.histories[app];
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
        let Some(metric) = metric_of(batch, audit) else { continue };
        let cutoff = entry(&mut cutoffs, batch, metric);
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
    for selected in &batch.selected[app] {
        let info = batch.info(app, selected);
        let (device, percentile) = (history.names.text(info.device), history.names.text(info.percentile));
        let metric = batch.metric(selected);
        if !DeviceClass::of(device).is_aggregate()
            || listed.contains(&(&*metric.category, &*metric.identifier, device, percentile))
        {
            continue;
        }
        let Some(delta) = rule_percent(batch.input(app, selected).values) else { continue };
        let cutoff = entry(&mut cutoffs, batch, selected.metric);
        cutoff.unlisted += 1;
        extend(&mut cutoff.largest_unlisted_percent, Some(delta), f64::max);
    }
    cutoffs
}

fn entry<'c>(cutoffs: &'c mut BTreeMap<u32, AppleCutoff>, batch: &Batch<'_>, metric: u32) -> &'c mut AppleCutoff {
    cutoffs.entry(metric).or_insert_with(|| AppleCutoff {
        category: batch.metrics[metric as usize].category.clone(),
        metric: batch.metrics[metric as usize].identifier.clone(),
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
