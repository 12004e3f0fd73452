//! Histories to an analysis: the one place where the work fans out over apps and is gathered again, in a fixed order.
//!
//! Two questions are asked of every series, and each has its own family of tests: *history* (which version brought a lasting
//! change?) and *release* (did the latest version itself change?). Within a question the unit is one app × metric. A unit is
//! selected over the whole batch (Benjamini–Hochberg over Simes), then its series within it (Benjamini–Bogomolov). Only then
//! are the selected series looked at again, to be told in full.

use crate::analysis::{
    Analysis, AppSummary, Calibration, CategorySummary, FamilyCalibration, SettlingAge, SettlingCurve,
    StratumCalibration, Totals,
};
use crate::apple_view;
use crate::batch::{Batch, Selected};
use crate::claims::{Card, Claim, cards, history_claims, latest_claim};
use crate::common_cause::{Events, EvidenceOf, Part};
use crate::devices;
use crate::diagnostics::FollowOptions;
use crate::filter::Filter;
use crate::finding::{
    Attainment, Breadth, Change, Finding, FindingId, FindingKind, GoalStatus, RelatedSeries, ScoreFactors, Segment,
    SeriesPoint, StackLinks, SubsystemChange, Verdict,
};
use crate::goal_status::{goals_of, label_of_level};
use crate::history::AppHistory;
use crate::maturity;
use crate::options::Options;
use crate::spread::{Evidence, Where, locate};
use crate::stack_links::links;
use crate::statistics::fdr::{Cutoff, Dependence, PHistogram, PValue, adjusted, select_members, simes};
use crate::statistics::prior::{MarginClass, PriorSource};
use crate::statistics::{Model, Unusable, Workspace, percent};
use perfpower_model::{DeviceClass, Percentile};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

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
    let dependence = if options.strict { Dependence::Any } else { Dependence::Positive };
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
    analysis.calibration = calibration(&batch, &judged, &selected.history, &selected.latest);
    categories(&mut analysis, &judged);
    analysis.goals = judged.into_iter().flat_map(|app| app.goals).collect();
    analysis.goals.sort_by(|a, b| {
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

/// What one app gave in the pass over all series.
struct JudgedApp {
    units: Vec<Unit>,
    /// In the order of the selected series.
    series: Vec<JudgedSeries>,
    goals: Vec<GoalStatus>,
    /// What its series say about their latest versions, by category.
    verdicts: BTreeMap<String, CategorySummary>,
    history_halves: Halves,
    latest_halves: Halves,
}

/// Ungated p-values on both sides of one half: where nothing happens and a test is exact, as many above as below.
#[derive(Clone, Copy, Debug, Default)]
struct Halves {
    all: u64,
    above: u64,
}

impl Halves {
    fn add(&mut self, p: f64) {
        self.all += 1;
        self.above += u64::from(p > 0.5);
    }
}

/// Position of an app, and of a unit among its units.
type UnitKey = (usize, usize);

/// One app × metric × platform.
struct Unit {
    /// Its series among the selected ones.
    members: Range<usize>,
    /// Absent where no series of it can be judged.
    history: Option<PValue>,
    latest: Option<PValue>,
}

/// What is kept of every series: the p-values of both questions and the verdict on the latest version.
struct JudgedSeries {
    history: PValue,
    latest: PValue,
    verdict: Option<Verdict>,
    points: u32,
    unusable: Option<Unusable>,
    is_too_short: bool,
}

impl JudgedSeries {
    /// Why no claim about it is possible, in words without a position.
    fn not_judged(&self) -> Option<&'static str> {
        match self.unusable {
            Some(Unusable::Empty) => Some("no points"),
            Some(Unusable::MarginsMissing | Unusable::BadOffset) => Some("offset or margins are not usable"),
            Some(Unusable::NotFinite(_)) => Some("a value is not finite"),
            Some(Unusable::Negative(_)) => Some("a value is negative"),
            Some(Unusable::Zero(_)) => Some("a value is zero, and the metric has no offset"),
            None if self.is_too_short => Some("fewer than 3 versions"),
            None => None,
        }
    }
}

fn judge_all(batch: &Batch<'_>) -> Vec<JudgedApp> {
    (0..batch.histories.len())
        .into_par_iter()
        .map_init(Workspace::default, |workspace, app| judge_app(batch, app, workspace))
        .collect()
}

fn judge_app(batch: &Batch<'_>, app: usize, workspace: &mut Workspace) -> JudgedApp {
    let history = &batch.histories[app];
    let selected = &batch.selected[app];
    let mut result = JudgedApp {
        units: Vec::new(),
        series: Vec::with_capacity(selected.len()),
        goals: Vec::new(),
        verdicts: BTreeMap::new(),
        history_halves: Halves::default(),
        latest_halves: Halves::default(),
    };
    for series in selected {
        let judgement = match batch.judge(app, series, workspace) {
            Ok(judgement) => judgement,
            Err(unusable) => {
                result.series.push(JudgedSeries {
                    history: PValue::ONE,
                    latest: PValue::ONE,
                    verdict: None,
                    points: series.rows.len() as u32,
                    unusable: Some(unusable),
                    is_too_short: false,
                });
                continue;
            }
        };
        let is_too_short = judgement.model == Model::TooShort;
        if !is_too_short {
            result.history_halves.add(judgement.p);
        }
        if let Some(latest) = &judgement.latest {
            result.latest_halves.add(latest.change.p);
        }
        if is_primary(history, selected, series) {
            let found = goals_of(batch, app, series, &judgement, workspace);
            let is_told = |goal: &GoalStatus| goal.transition || goal.attainment == Attainment::Missed;
            result.goals.extend(found.into_iter().filter(is_told));
        }
        result.series.push(JudgedSeries {
            history: PValue::new(judgement.gated_p),
            latest: judgement.latest.map_or(PValue::ONE, |latest| PValue::new(latest.gated_p)),
            verdict: judgement.latest.map(|latest| latest.verdict),
            points: judgement.points as u32,
            unusable: None,
            is_too_short,
        });
    }
    for (series, judged) in selected.iter().zip(&result.series) {
        let category = &batch.metric(series).category;
        let cell = result.verdicts.entry(category.clone()).or_insert_with(|| CategorySummary {
            category: category.clone(),
            series: 0,
            open_regressions: 0,
            improvements: 0,
            unchanged: 0,
            inconclusive: 0,
            not_judged: 0,
            worst_at_least_percent: 0.0,
        });
        cell.series += 1;
        match judged.verdict {
            _ if judged.not_judged().is_some() => cell.not_judged += 1,
            Some(Verdict::Unchanged) => cell.unchanged += 1,
            Some(Verdict::Inconclusive) => cell.inconclusive += 1,
            Some(Verdict::Regression | Verdict::Improvement) | None => {}
        }
    }
    // Series are sorted by metric and platform, so a unit is a run of them.
    let key = |series: &Selected| (series.metric, batch.info(app, series).platform);
    let mut start = 0;
    for run in selected.chunk_by(|a, b| key(a) == key(b)) {
        let members = start..start + run.len();
        start = members.end;
        let usable = || result.series[members.clone()].iter().filter(|series| series.unusable.is_none());
        let mut history: Vec<PValue> = usable().map(|series| series.history).collect();
        let mut latest: Vec<PValue> = usable().map(|series| series.latest).collect();
        result.units.push(Unit { members, history: simes(&mut history), latest: simes(&mut latest) });
    }
    result
}

/// Whether a series speaks for its metric: an aggregate, or a member of a metric without aggregates.
fn is_primary(history: &AppHistory, selected: &[Selected], series: &Selected) -> bool {
    let is_aggregate = |other: &Selected| {
        DeviceClass::of(history.names.text(history.series[other.series as usize].device)).is_aggregate()
    };
    is_aggregate(series) || !selected.iter().any(|other| other.metric == series.metric && is_aggregate(other))
}

/// What a batch selects, by question.
struct Selections {
    history: Selection,
    latest: Selection,
}

impl Selections {
    /// Among all units, some with another p-value instead of their own.
    fn of(judged: &[JudgedApp], instead: &BTreeMap<UnitKey, f64>, rate: f64, dependence: Dependence) -> Self {
        Self {
            history: Selection::of(judged, |unit| unit.history, instead, rate, dependence),
            latest: Selection::of(judged, |unit| unit.latest, instead, rate, dependence),
        }
    }

    /// Those that one question or the other selects.
    fn units(&self) -> Vec<UnitKey> {
        let units: BTreeSet<UnitKey> = self.history.q.keys().chain(self.latest.q.keys()).copied().collect();
        units.into_iter().collect()
    }
}

/// The units of one question that a batch selects.
struct Selection {
    cutoff: Cutoff,
    /// Adjusted p-value of each selected unit, by (app, unit).
    q: BTreeMap<UnitKey, f64>,
}

impl Selection {
    /// Selects among all units, some with another p-value instead of their own; a part of a change is no surer than the whole.
    fn of(
        judged: &[JudgedApp],
        p: impl Fn(&Unit) -> Option<PValue>,
        instead: &BTreeMap<UnitKey, f64>,
        rate: f64,
        dependence: Dependence,
    ) -> Self {
        let all = || {
            judged
                .iter()
                .enumerate()
                .flat_map(|(app, judged)| judged.units.iter().enumerate().map(move |(unit, of)| ((app, unit), of)))
        };
        let p = |key: &UnitKey, unit: &Unit| {
            p(unit).map(|own| instead.get(key).map_or(own, |&p| if p > own.value() { PValue::new(p) } else { own }))
        };
        let mut histogram = PHistogram::default();
        for (key, unit) in all() {
            if let Some(p) = p(&key, unit) {
                histogram.add(p);
            }
        }
        let mut search = histogram.search(rate, dependence);
        if !search.is_settled() {
            for (key, unit) in all() {
                if let Some(p) = p(&key, unit) {
                    search.add(p);
                }
            }
        }
        let cutoff = search.finish();
        let chosen: Vec<(UnitKey, PValue)> =
            all().filter_map(|(key, unit)| Some((key, p(&key, unit)?))).filter(|(_, p)| cutoff.rejects(*p)).collect();
        let p: Vec<PValue> = chosen.iter().map(|(_, p)| *p).collect();
        let q = adjusted(&p, cutoff.tests(), dependence);
        Self { q: chosen.iter().zip(q).map(|((key, _), q)| (*key, q.value())).collect(), cutoff }
    }
}

/// Cards, and what is asked of them again before they are reported.
#[derive(Default)]
struct Cards {
    findings: Vec<Finding>,
    evidence: EvidenceOf,
    unit: BTreeMap<FindingId, UnitKey>,
}

impl Cards {
    fn append(&mut self, mut other: Self) {
        self.findings.append(&mut other.findings);
        self.evidence.append(&mut other.evidence);
        self.unit.append(&mut other.unit);
    }

    fn retain(&mut self, is_kept: impl Fn(&UnitKey) -> bool) {
        self.findings.retain(|finding| is_kept(&self.unit[&finding.id]));
    }

    fn by_unit(&self) -> BTreeMap<UnitKey, Vec<&Finding>> {
        let mut units: BTreeMap<UnitKey, Vec<&Finding>> = BTreeMap::new();
        for finding in &self.findings {
            units.entry(self.unit[&finding.id]).or_default().push(finding);
        }
        units
    }

    /// Marks what belongs to an event: where nothing else is sure at this level. Where something is, the card is the app's own, and
    /// counts for what is left of it.
    fn mark(&mut self, events: &Events<'_>, level: f64) {
        let mut parts: BTreeMap<FindingId, Part> = BTreeMap::new();
        for cards in self.by_unit().into_values() {
            let own = cards.iter().map(|card| card.id).zip(events.parts_of(&cards, &self.evidence));
            parts.extend(own.filter_map(|(id, part)| Some((id, part?))));
        }
        for finding in &mut self.findings {
            let Some(part) = parts.remove(&finding.id) else { continue };
            if part.p > level {
                finding.platform_event = Some(part.event);
                continue;
            }
            let factors = &mut finding.score_factors;
            factors.lower_bound = (factors.lower_bound - part.carried).max(0.0);
            finding.score = factors.score();
            let at_least = (finding.at_least_percent / 100.0).ln_1p() - part.carried;
            finding.at_least_percent = percent(at_least).max(0.0);
            finding.beside_event = Some(part.beside);
        }
    }
}

/// The cards of selected units.
fn findings(
    batch: &Batch<'_>,
    judged: &[JudgedApp],
    units: &[UnitKey],
    selected: &Selections,
    dependence: Dependence,
) -> Cards {
    let told: Vec<(UnitKey, Finding, Evidence)> = units
        .par_iter()
        .map_init(Workspace::default, |workspace, &(app, unit)| {
            let members = judged[app].units[unit].members.clone();
            let own = &batch.selected[app][members.clone()];
            let series = &judged[app].series[members];
            let mut claims = Vec::new();
            if selected.history.q.contains_key(&(app, unit)) {
                for member in chosen(series, |series| series.history, &selected.history.cutoff, dependence) {
                    if let Ok(judgement) = batch.judge(app, &own[member], workspace) {
                        claims.extend(history_claims(batch, app, &own[member], &judgement));
                    }
                }
            }
            if selected.latest.q.contains_key(&(app, unit)) {
                for member in chosen(series, |series| series.latest, &selected.latest.cutoff, dependence) {
                    if let Ok(judgement) = batch.judge(app, &own[member], workspace) {
                        claims.extend(latest_claim(batch, app, &own[member], &judgement));
                    }
                }
            }
            let level = |kind: FindingKind| match kind {
                FindingKind::Latest => &selected.latest.cutoff,
                FindingKind::Step | FindingKind::Drift => &selected.history.cutoff,
            };
            // An interval that is shown because it was selected pays for the selection; one-sided, hence the half.
            let one_sided = |kind| (level(kind).interval_level() / 2.0).clamp(1e-12, 0.5);
            // A small step beside a large one stands on its own feet: the series was selected for the large one.
            claims.retain(|claim| claim.lower_bound(one_sided(claim.kind)) > 0.0);
            let cards = cards(batch, app, claims, one_sided(FindingKind::Step));
            cards
                .into_iter()
                .map(|card| {
                    let kind = card.claims[0].kind;
                    let question = if kind == FindingKind::Latest { &selected.latest } else { &selected.history };
                    let q = question.q.get(&(app, unit)).copied().unwrap_or(1.0);
                    let (finding, evidence) = tell(batch, app, own, &card, q, one_sided(kind), workspace);
                    ((app, unit), finding, evidence)
                })
                .collect::<Vec<_>>()
        })
        .flatten_iter()
        .collect();
    let mut cards = Cards::default();
    for (unit, finding, evidence) in told {
        cards.unit.insert(finding.id, unit);
        cards.evidence.insert(finding.id, evidence);
        cards.findings.push(finding);
    }
    cards
}

/// The series of a selected unit that are claims themselves, by position in the unit.
fn chosen(
    series: &[JudgedSeries],
    p: impl Fn(&JudgedSeries) -> PValue,
    cutoff: &Cutoff,
    dependence: Dependence,
) -> Vec<usize> {
    let usable: Vec<usize> = (0..series.len()).filter(|&at| series[at].unusable.is_none()).collect();
    let family: Vec<PValue> = usable.iter().map(|&at| p(&series[at])).collect();
    let flags = select_members(&family, cutoff, dependence);
    usable.into_iter().zip(flags).filter(|(_, is_claim)| *is_claim).map(|(at, _)| at).collect()
}

/// A card in full, and what its populations say.
fn tell(
    batch: &Batch<'_>,
    app: usize,
    unit: &[Selected],
    card: &Card<'_>,
    q: f64,
    level: f64,
    workspace: &mut Workspace,
) -> (Finding, Evidence) {
    let history = &batch.histories[app];
    let names = &history.names;
    let lead = &card.claims[0];
    let info = batch.info(app, lead.selected);
    let metric = batch.metric(lead.selected);
    let units = &history.metrics[info.metric as usize];
    let ranks = batch.version_ranks(app, lead.selected);
    let version_text = |rank: u32| history.version_text(rank).to_owned();
    let percentile_label = names.text(info.percentile);
    let percentile = Percentile::from_label(percentile_label).number();
    let level_of = |log: f64| (log.exp() - metric.offset).max(0.0);
    let (before, after) = (level_of(lead.log_before), level_of(lead.log_after));
    // Without an offset this is the percentage of the log change itself.
    let percent_at = |delta: f64| {
        if before > 0.0 { 100.0 * (level_of(lead.log_before + delta) / before - 1.0) } else { 100.0 * delta.exp_m1() }
    };
    let lower_bound = lead.lower_bound(level);
    let direction = lead.delta.signum();
    let Where { mut spread, share_same_way, is_unconfirmed, evidence } = locate(batch, app, unit, lead, workspace);

    let verdict =
        if spread.breadth == Breadth::MixShift || is_unconfirmed { Verdict::Inconclusive } else { lead.verdict };
    let at_least_percent = if verdict == Verdict::Regression { percent_at(direction * lower_bound).abs() } else { 0.0 };
    let goal_name = |bound: &perfpower_model::GoalBound| names.text(bound.goal);
    let crosses_goal = verdict == Verdict::Regression
        && label_of_level(&units.goal_bounds, before, goal_name)
            .zip(label_of_level(&units.goal_bounds, after, goal_name))
            .is_some_and(|(before, after)| after > before);
    let score_factors = ScoreFactors {
        lower_bound,
        metric_weight: metric.weight,
        percentile_weight: batch.options.percentile_weight(percentile),
        breadth: share_same_way.map_or(1.0, |share| 0.5 + 0.5 * share),
        goal: if crosses_goal { 1.5 } else { 1.0 },
        reach: batch.options.app_weight(&history.app),
    };
    for row in &mut spread.devices {
        row.label = devices::label(&row.device, &row.label);
    }
    let device = names.text(info.device);
    let goal = goals_of(batch, app, lead.selected, &lead.judgement, workspace).into_iter().next();
    let finding = Finding {
        id: finding_id(batch, app, lead),
        series: history.series_name(info),
        app_name: batch.options.app_name(&history.app),
        device_label: devices::label(device, names.text(info.device_label)),
        percentile,
        unit: names.text(units.unit).to_owned(),
        unit_label: names.text(units.unit_label).to_owned(),
        kind: lead.kind,
        verdict,
        version: version_text(lead.version),
        version_before: lead.index.checked_sub(1).map_or_else(String::new, |before| version_text(ranks[before])),
        latest_version: version_text(ranks[ranks.len() - 1]),
        state: lead.state,
        recovered_in: lead.recovered_in.map_or_else(String::new, version_text),
        provisional: lead.provisional,
        level_before: before,
        level_after: after,
        level_now: level_of(lead.log_now),
        change: Change::between(before, after),
        ci_percent: [percent_at(lead.delta - lead.half_width), percent_at(lead.delta + lead.half_width)],
        at_least_percent,
        p: lead.p,
        q,
        credible_versions: lead.candidates.iter().map(|(_, candidate)| candidate.clone()).collect(),
        score: score_factors.score(),
        score_factors,
        also: related(batch, app, &card.claims[1..]),
        spread,
        subsystems: subsystems(history, lead, before, after),
        goal,
        links: StackLinks::default(),
        listed_by_apple: is_listed(history, &metric.category, &metric.identifier),
        platform_event: None,
        beside_event: None,
        judged_early: None,
        percent_per_30_days: None,
        points: points(history, lead.selected),
        segments: segments(lead, ranks.len(), metric.offset),
    };
    (finding, evidence)
}

fn finding_id(batch: &Batch<'_>, app: usize, claim: &Claim<'_>) -> FindingId {
    let history = &batch.histories[app];
    let series = history.series_name(batch.info(app, claim.selected));
    FindingId::of(&[
        &series.app,
        &series.platform,
        &series.category,
        &series.metric,
        &series.device,
        &series.percentile_label,
        claim.kind.as_str(),
        history.version_text(claim.version),
    ])
}

fn related(batch: &Batch<'_>, app: usize, claims: &[Claim<'_>]) -> Vec<RelatedSeries> {
    let history = &batch.histories[app];
    let mut related: Vec<(u32, RelatedSeries)> = claims
        .iter()
        .map(|claim| {
            let info = batch.info(app, claim.selected);
            let offset = batch.metric(claim.selected).offset;
            let percentile_label = history.names.text(info.percentile);
            let level_of = |log: f64| (log.exp() - offset).max(0.0);
            let series = RelatedSeries {
                id: finding_id(batch, app, claim),
                device: history.names.text(info.device).to_owned(),
                percentile_label: percentile_label.to_owned(),
                percentile: Percentile::from_label(percentile_label).number(),
                change: Change::between(level_of(claim.log_before), level_of(claim.log_after)),
            };
            (claim.selected.series, series)
        })
        .collect();
    related.sort_by_key(|(position, _)| *position);
    related.into_iter().map(|(_, series)| series).collect()
}

fn is_listed(history: &AppHistory, category: &str, metric: &str) -> bool {
    let newest = history.snapshots.last();
    history
        .insights
        .iter()
        .any(|insight| Some(&insight.snapshot) == newest && insight.category == category && insight.metric == metric)
}

/// The points of a series, as charts and explanations show them.
pub(crate) fn points(history: &AppHistory, selected: &Selected) -> Vec<SeriesPoint> {
    let table = &history.table;
    selected
        .rows
        .clone()
        .map(|row| {
            let version = table.versions()[row as usize];
            let margin = table.margins()[row as usize];
            let key = (selected.series, version);
            let first = history.revisions.partition_point(|r| (r.series, r.version) < key);
            SeriesPoint {
                version: history.version_text(version).to_owned(),
                value: table.values()[row as usize],
                margin: (!margin.is_nan()).then_some(margin),
                goal: history.names.text(table.goal(row)).to_owned(),
                snapshot: table.snapshot(row),
                revisions: history.revisions[first..]
                    .iter()
                    .take_while(|r| (r.series, r.version) == key)
                    .map(|r| (r.day, r.value))
                    .collect(),
            }
        })
        .collect()
}

fn segments(lead: &Claim<'_>, points: usize, offset: f64) -> Vec<Segment> {
    let judgement = &lead.judgement;
    if judgement.model != Model::Steps {
        return Vec::new();
    }
    let mut start = judgement.skipped;
    let mut segments: Vec<Segment> = judgement
        .steps
        .iter()
        .map(|step| {
            let segment = Segment { start, end: step.index, level: step.level_before.exp() - offset };
            start = step.index;
            segment
        })
        .collect();
    segments.push(Segment { start, end: points, level: judgement.level.value });
    segments
}

/// Mean shares by sub-system on both sides of a change, and what each contributes to it.
fn subsystems(history: &AppHistory, lead: &Claim<'_>, before: f64, after: f64) -> Vec<SubsystemChange> {
    let rows = lead.selected.rows.start;
    let shares = |positions: Range<usize>| -> BTreeMap<&str, f64> {
        let positions = rows + positions.start as u32..rows + positions.end as u32;
        let first = history.breakdown.partition_point(|share| share.row < positions.start);
        let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
        let mut with_breakdown = BTreeSet::new();
        for share in history.breakdown[first..].iter().take_while(|share| share.row < positions.end) {
            *sums.entry(history.names.text(share.subsystem)).or_default() += share.percent;
            with_breakdown.insert(share.row);
        }
        for sum in sums.values_mut() {
            *sum /= with_breakdown.len() as f64;
        }
        sums
    };
    let (start, end) = lead.stretch;
    if lead.index <= start {
        return Vec::new();
    }
    let (share_before, share_after) = (shares(start..lead.index), shares(lead.index..end));
    if share_before.is_empty() || share_after.is_empty() {
        return Vec::new();
    }
    let names: BTreeSet<&str> = share_before.keys().chain(share_after.keys()).copied().collect();
    let mut changes: Vec<SubsystemChange> = names
        .into_iter()
        .map(|name| {
            let share = |shares: &BTreeMap<&str, f64>| shares.get(name).copied().unwrap_or(0.0);
            let (share_before, share_after) = (share(&share_before), share(&share_after));
            SubsystemChange {
                subsystem: name.to_owned(),
                share_before_percent: share_before,
                share_after_percent: share_after,
                difference: (share_after * after - share_before * before) / 100.0,
            }
        })
        .collect();
    let direction = (after - before).signum();
    changes.sort_by(|a, b| {
        (b.difference * direction).total_cmp(&(a.difference * direction)).then_with(|| a.subsystem.cmp(&b.subsystem))
    });
    changes
}

/// Regressions by score, then what is no regression, then improvements, then what many apps share; ties by size, then p, then series.
fn rank(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
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
                cell.worst_at_least_percent = cell.worst_at_least_percent.max(finding.at_least_percent);
            }
            Verdict::Improvement => cell.improvements += 1,
            _ => {}
        }
    }
    for (app, cells) in analysis.apps.iter_mut().zip(cells) {
        app.categories = cells.into_values().collect();
    }
}

fn settling(batch: &Batch<'_>) -> Vec<SettlingCurve> {
    /// Points below which an age says nothing.
    const LEAST_POINTS: u64 = 5;
    /// Count, sum and sum of squares of log changes, by age in days.
    type Ages = BTreeMap<u32, (u64, f64, f64)>;
    let mut sums: BTreeMap<(&str, &str), Ages> = BTreeMap::new();
    for history in batch.histories {
        for age in &history.settling {
            let metric = &history.metrics[age.metric as usize];
            let key = (history.names.text(metric.category), history.names.text(metric.identifier));
            let sum = sums.entry(key).or_default().entry(age.age_days).or_default();
            *sum = (sum.0 + age.count, sum.1 + age.sum_log_change, sum.2 + age.sum_log_change_squared);
        }
    }
    let least = batch.options.parameters.min_change;
    sums.into_iter()
        .map(|((category, metric), ages)| {
            let ages: Vec<SettlingAge> = ages
                .into_iter()
                .filter(|(_, (count, _, _))| *count >= LEAST_POINTS)
                .map(|(age_days, (count, sum, squares))| SettlingAge {
                    age_days,
                    count,
                    mean_percent: 100.0 * (sum / count as f64).exp_m1(),
                    spread_percent: 100.0 * (squares / count as f64).sqrt().exp_m1(),
                })
                .collect();
            // Settled at the first age from which no later one moves by more than what matters.
            let unsettled = ages.iter().rposition(|age| age.spread_percent >= 100.0 * least);
            let settled_after_days = match unsettled {
                None => ages.first().map(|age| age.age_days),
                Some(last) => ages.get(last + 1).map(|age| age.age_days),
            };
            SettlingCurve { category: category.to_owned(), metric: metric.to_owned(), ages, settled_after_days }
        })
        .filter(|curve| !curve.ages.is_empty())
        .collect()
}

fn calibration(batch: &Batch<'_>, judged: &[JudgedApp], history: &Selection, latest: &Selection) -> Calibration {
    let mut reasons: BTreeMap<&'static str, u64> = BTreeMap::new();
    for series in judged.iter().flat_map(|app| &app.series) {
        if let Some(reason) = series.not_judged() {
            *reasons.entry(reason).or_default() += 1;
        }
    }
    let mut alarms = Vec::new();
    let mut doubtful: Vec<String> = Vec::new();
    let mut strata = Vec::new();
    for (stratum, fitted) in batch.priors.iter() {
        let metric = &batch.metrics[stratum.metric as usize];
        let name = format!(
            "{}/{} {}, {}",
            metric.category,
            metric.identifier,
            batch.percentiles[stratum.percentile as usize],
            margin_words(stratum.margin)
        );
        if fitted.margins_look_wrong && fitted.source == PriorSource::Stratum {
            doubtful.push(name.clone());
        }
        strata.push(StratumCalibration {
            name,
            series: fitted.series,
            source: source_words(fitted.source).to_owned(),
            scale: fitted.prior.scale,
            df: fitted.prior.df,
            autocorrelation: fitted.rho,
        });
    }
    if let Some(first) = doubtful.first() {
        let more =
            if doubtful.len() > 1 { format!(" and of {} more strata", doubtful.len() - 1) } else { String::new() };
        alarms.push(format!(
            "values of {first}{more} scatter more than their margins allow: margins may not be {} standard errors; \
             see --calibration, and set margin_z in perfpower.toml",
            batch.options.parameters.margin_z
        ));
    }
    for (at, metric) in batch.metrics.iter().enumerate() {
        if batch.priors.refuses_margins(at as u32) {
            alarms.push(format!(
                "margins of {}/{} exceed half of the values: they are not margins of these values, and were left out",
                metric.category, metric.identifier
            ));
        }
    }
    Calibration {
        series: judged.iter().flat_map(|app| &app.series).filter(|series| series.not_judged().is_none()).count() as u64,
        not_judged: reasons.into_iter().map(|(reason, count)| (reason.to_owned(), count)).collect(),
        history: family(judged, history, |app| app.history_halves, |series| series.history),
        latest: family(judged, latest, |app| app.latest_halves, |series| series.latest),
        strata,
        alarms,
    }
}

fn family(
    judged: &[JudgedApp],
    selection: &Selection,
    halves: impl Fn(&JudgedApp) -> Halves,
    p: impl Fn(&JudgedSeries) -> PValue,
) -> FamilyCalibration {
    let (all, above) = judged.iter().map(halves).fold((0, 0), |(all, above), own| (all + own.all, above + own.above));
    let mut by_length: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    for (at, app) in judged.iter().enumerate() {
        for (unit, of) in app.units.iter().enumerate() {
            let is_selected = selection.q.contains_key(&(at, unit));
            for series in app.series[of.members.clone()].iter().filter(|series| series.not_judged().is_none()) {
                let counts = by_length.entry(series.points).or_default();
                counts.0 += 1;
                counts.1 += u64::from(is_selected && p(series).value() <= selection.cutoff.family_level());
            }
        }
    }
    FamilyCalibration {
        families: selection.cutoff.tests(),
        selected: selection.cutoff.rejected(),
        selected_level: selection.cutoff.family_level(),
        threshold: selection.cutoff.p(),
        above_half_percent: if all > 0 { 100.0 * above as f64 / all as f64 } else { 0.0 },
        by_length: by_length.into_iter().map(|(length, (series, claims))| (length, series, claims)).collect(),
    }
}

fn margin_words(margin: MarginClass) -> &'static str {
    match margin {
        MarginClass::None => "no margins",
        MarginClass::Small => "margins below 2 %",
        MarginClass::Medium => "margins of 2 to 4 %",
        MarginClass::Large => "margins above 4 %",
    }
}

fn source_words(source: PriorSource) -> &'static str {
    match source {
        PriorSource::Stratum => "its own series",
        PriorSource::Metric => "the metric's series of all percentiles",
        PriorSource::MarginClass => "all metrics with such margins",
        PriorSource::Batch => "the whole batch",
        PriorSource::Fallback => "the default",
    }
}
