//! Histories to an analysis: the one place where the work fans out over apps and is gathered again, in a fixed order.
//!
//! Two questions are asked of every series, and each has its own family of tests: *history* (which version brought a lasting
//! change?) and *release* (did the latest version itself change?). Within a question the unit is one app × metric. A unit is
//! selected over the whole batch (Benjamini–Hochberg over Simes), then its series within it (Benjamini–Bogomolov). Only then
//! are the selected series looked at again, to be told in full. Where many apps share a jump, what it explains is set aside, and
//! the rest is selected a second time.

use crate::analysis::{Analysis, AppSummary, Calibration, CategorySummary, Totals};
use crate::apple::view as apple_view;
use crate::claim::code::links;
use crate::claim::common_cause::{Events, Part};
use crate::claim::finding::{Finding, GoalStatus, Verdict};
use crate::claim::maturity;
use crate::claim::settling::settling;
use crate::claim::telling::{Cards, findings};
use crate::filter::Filter;
use crate::history::builder::AppHistory;
use crate::judge::batch::{Batch, MetricContext};
use crate::judge::calibration::calibration;
use crate::judge::judging::{JudgedApp, UnitKey, judge_all};
use crate::judge::selection::Selections;
use crate::options::Options;
use perfpower_stacks::FollowOptions;
use perfpower_statistics::Workspace;
use perfpower_statistics::fdr::Dependence;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Sizes and apps, without any judgement.
pub fn summarize(histories: &[AppHistory], options: &Options) -> Analysis {
    let apps: Vec<AppSummary> = histories.par_iter().map(|history| summary(history, options)).collect();
    Analysis {
        options: options.clone(),
        totals: Totals {
            points: histories.iter().map(|history| history.points_read).sum(),
            distinct_points: histories.iter().map(|history| history.table.len() as u64).sum(),
            revisions: histories.iter().map(|history| history.revision_count).sum(),
            series: histories.iter().map(|history| history.series.len() as u64).sum(),
            snapshots: histories.iter().map(|history| history.snapshots.len() as u64).sum(),
        },
        apps,
        findings: Vec::new(),
        platform_events: Vec::new(),
        apple_insights: Vec::new(),
        apple_cutoffs: Vec::new(),
        goals: Vec::new(),
        metrics: Vec::new(),
        settling: Vec::new(),
        calibration: Calibration::default(),
        problems: Vec::new(),
    }
}

/// Judges a whole batch.
pub fn analyze(histories: &[AppHistory], filter: &Filter, options: &Options) -> Analysis {
    let mut analysis = summarize(histories, options);
    let batch = Batch::new(histories, filter, options);
    let judged = judge_all(&batch);
    let dependence = options.dependence();
    let selected = Selections::of(&judged, &BTreeMap::new(), options.false_discovery_rate, dependence);
    let everything = findings(&batch, &judged, &selected.units(), &selected, dependence);
    let events = Events::find(histories, &everything.findings, &everything.evidence, options, dependence);
    let (selected, own) = if events.is_empty() {
        (selected, everything)
    } else {
        without_events(&batch, &judged, everything, &events, dependence)
    };
    analysis.findings = own.findings;
    analysis.settling = settling(&batch);
    maturity::mark(histories, &mut analysis.findings, &analysis.settling, options);
    rank(&mut analysis.findings);
    analysis.platform_events = events.tell(&mut analysis.findings);
    link_stacks(histories, options, &mut analysis.findings);
    let mut by_app: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &analysis.findings {
        by_app.entry(&finding.series.app).or_default().push(finding);
    }
    let none = Vec::new();
    analysis.apple_insights = histories
        .par_iter()
        .enumerate()
        .flat_map_iter(|(app, history)| {
            let findings = by_app.get(history.app.as_str()).unwrap_or(&none);
            apple_view::views(&batch, app, findings, &mut Workspace::default())
        })
        .collect();
    analysis.apple_cutoffs = apple_view::cutoffs(&batch);
    analysis.metrics = batch.metrics.iter().map(MetricContext::setting).collect();
    analysis.calibration = calibration(&batch, &judged, &selected, dependence);
    categories(&mut analysis, &judged);
    analysis.goals = judged.into_iter().flat_map(|app| app.goals).collect();
    analysis.goals.par_sort_by(|a, b| {
        let distance = |goal: &GoalStatus| goal.distance_percent.unwrap_or(f64::NEG_INFINITY);
        distance(b).total_cmp(&distance(a)).then_with(|| a.series.cmp(&b.series))
    });
    analysis
}

/// The list that is left when events have been named. What belongs to one is no discovery of the list any more: such a unit stands
/// there for what it did beside the event, and all are selected anew. A thousand apps that the platform hit must not let a dozen false
/// ones in.
fn without_events(
    batch: &Batch<'_>,
    judged: &[JudgedApp],
    everything: Cards,
    events: &Events<'_>,
    dependence: Dependence,
) -> (Selections, Cards) {
    let mut instead: BTreeMap<UnitKey, f64> = BTreeMap::new();
    for (unit, cards) in everything.by_unit() {
        // Who has a claim beside the event's is listed for that one.
        let parts: Option<Vec<Part>> = events.parts_of(&cards, &everything.evidence).into_iter().collect();
        if let Some(p) = parts.and_then(|parts| parts.into_iter().map(|part| part.p).min_by(f64::total_cmp)) {
            instead.insert(unit, p);
        }
    }
    let anew = Selections::of(judged, &instead, batch.options.false_discovery_rate, dependence);
    let units = anew.units();
    let mut cards = findings(batch, judged, &units, &anew, dependence);
    let mut set_aside = everything;
    set_aside.retain(|unit| instead.contains_key(unit) && units.binary_search(unit).is_err());
    cards.append(set_aside);
    cards.mark(events, anew.history.cutoff.p());
    (anew, cards)
}

/// Names the code that grew with each regression, where hangs, launches or disk writes have signatures or logs.
fn link_stacks(histories: &[AppHistory], options: &Options, findings: &mut [Finding]) {
    let mut by_app: BTreeMap<String, Vec<&mut Finding>> = BTreeMap::new();
    for finding in findings.iter_mut().filter(|finding| finding.verdict == Verdict::Regression) {
        by_app.entry(finding.series.app.clone()).or_default().push(finding);
    }
    let mut work: Vec<(&AppHistory, Vec<&mut Finding>)> = Vec::new();
    for history in histories {
        if let Some(findings) = by_app.remove(&history.app) {
            work.push((history, findings));
        }
    }
    work.into_par_iter().for_each(|(history, findings)| {
        let followed = history.signatures.follow(&FollowOptions::default());
        for finding in findings {
            finding.links = links(history, &followed, &options.owners, finding);
        }
    });
}

/// Regressions by score, then what is no regression, then improvements, then what many apps share; ties by size, then p, then series.
fn rank(findings: &mut [Finding]) {
    findings.par_sort_by(|a, b| {
        let size = |finding: &Finding| finding.change.percent().map_or(f64::INFINITY, f64::abs);
        let group = |finding: &Finding| match finding.verdict {
            _ if !finding.is_own() => 4,
            Verdict::Regression if finding.is_open() => 0,
            Verdict::Regression => 1,
            Verdict::Inconclusive | Verdict::Unchanged => 2,
            Verdict::Improvement => 3,
        };
        group(a)
            .cmp(&group(b))
            .then_with(|| b.score.total_cmp(&a.score))
            .then_with(|| size(b).total_cmp(&size(a)))
            .then_with(|| a.p.total_cmp(&b.p))
            .then_with(|| a.series.cmp(&b.series))
            .then_with(|| a.id.cmp(&b.id))
    });
}

fn summary(history: &AppHistory, options: &Options) -> AppSummary {
    let names = &history.names;
    AppSummary {
        app: history.app.clone(),
        name: options.app_name(&history.app),
        platform: history.series.first().map_or_else(String::new, |series| names.text(series.platform).to_owned()),
        bundle_id: names.text(history.identity.bundle_id).to_owned(),
        latest_version: history.versions.last().map_or_else(String::new, |v| names.text(v.name).to_owned()),
        versions: history.versions.iter().map(|version| names.text(version.name).to_owned()).collect(),
        snapshots: history.snapshots.clone(),
        series: history.series.len(),
        points: history.table.len(),
        categories: Vec::new(),
    }
}

/// The heat table: verdicts of all series and cards of all findings, by app and category.
fn categories(analysis: &mut Analysis, judged: &[JudgedApp]) {
    let mut cells: Vec<BTreeMap<String, CategorySummary>> = judged.iter().map(|app| app.verdicts.clone()).collect();
    let position: BTreeMap<String, usize> =
        analysis.apps.iter().enumerate().map(|(at, app)| (app.app.clone(), at)).collect();
    for finding in &analysis.findings {
        let Some(cell) =
            position.get(&finding.series.app).and_then(|&app| cells[app].get_mut(&finding.series.category))
        else {
            continue;
        };
        match finding.verdict {
            _ if !finding.is_own() => {}
            Verdict::Regression if finding.is_open() => {
                cell.open_regressions += 1;
                if cell.open_regressions == 1 || finding.score_factors.lower_bound > cell.worst_lower_bound {
                    cell.worst_at_least_percent = finding.at_least_percent;
                    cell.worst_lower_bound = finding.score_factors.lower_bound;
                }
            }
            Verdict::Improvement => cell.improvements += 1,
            _ => {}
        }
    }
    for (app, cells) in analysis.apps.iter_mut().zip(cells) {
        app.categories = cells.into_values().collect();
    }
}
