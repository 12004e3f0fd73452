//! Selected units to cards in full: the claims that survive, gathered by the version that brought them, each with its where, its
//! levels, its score and all texts.

use crate::claim::claims::{Card, Claim, change_claims, latest_claims, without_taken_back};
use crate::claim::common_cause::{Events, EvidenceOf, Part};
use crate::claim::finding::{
    AppleBlame, Attainment, Breadth, Change, Finding, FindingId, FindingKind, OddReading, RelatedSeries, ScoreFactors,
    Segment, SeriesPoint, StackLinks, Verdict,
};
use crate::claim::goal_status::{goals_of, label_of_level};
use crate::claim::spread::{Evidence, Where, locate};
use crate::claim::subsystems::subsystems;
use crate::history::builder::AppHistory;
use crate::judge::app::AppRef;
use crate::judge::batch::Batch;
use crate::judge::judging::{Unit, UnitKey};
use crate::judge::selection::Selections;
use crate::judge::series_ref::SeriesRef;
use crate::judge::told::{ToldUnits, by_app};
use crate::judge::units::OddValue;
use perfpower_model::Day;
use perfpower_statistics::{Interval, Model, Scale, Workspace};
use std::collections::{BTreeMap, BTreeSet};

/// Cards, and what is asked of them again before they are reported.
#[derive(Default)]
pub(crate) struct Cards {
    pub(crate) findings: Vec<Finding>,
    pub(crate) evidence: EvidenceOf,
    pub(crate) unit: BTreeMap<FindingId, UnitKey>,
}

impl Cards {
    pub(crate) fn append(&mut self, mut other: Self) {
        self.findings.append(&mut other.findings);
        self.evidence.append(&mut other.evidence);
        self.unit.append(&mut other.unit);
    }

    pub(crate) fn retain(&mut self, is_kept: impl Fn(&UnitKey) -> bool) {
        self.findings.retain(|finding| is_kept(&self.unit[&finding.id]));
    }

    pub(crate) fn by_unit(&self) -> BTreeMap<UnitKey, Vec<&Finding>> {
        let mut units: BTreeMap<UnitKey, Vec<&Finding>> = BTreeMap::new();
        for finding in &self.findings {
            units.entry(self.unit[&finding.id]).or_default().push(finding);
        }
        units
    }

    /// Marks what belongs to an event: where nothing else is sure at this level. Where something is, the card is the app's own, and
    /// counts for what is left of it.
    pub(crate) fn mark(&mut self, events: &Events<'_>, level: f64) {
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
            if finding.verdict == Verdict::Regression {
                let rises = finding.level_after > finding.level_before;
                finding.at_least_percent = self.evidence[&finding.id].lead.percent_at_least(rises, factors.lower_bound);
            }
            finding.beside_event = Some(part.beside);
        }
    }
}

/// The cards of selected units.
pub(crate) fn findings(
    batch: &Batch<'_>,
    judged: &[Vec<Unit>],
    told: &ToldUnits,
    units: &[UnitKey],
    selected: &Selections,
) -> Cards {
    let units = by_app(units);
    let cards = batch.each_of(&units.keys().copied().collect::<Vec<_>>(), |app, workspace| {
        let of_unit = units[&app.position()].iter().flat_map(|&unit| {
            let odd = &judged[app.position()][unit].odd;
            findings_of(app, unit, odd, told, selected, workspace)
        });
        of_unit.collect::<Vec<_>>()
    });
    let mut all = Cards::default();
    for (unit, finding, evidence) in cards.into_iter().flatten() {
        all.unit.insert(finding.id, unit);
        all.evidence.insert(finding.id, evidence);
        all.findings.push(finding);
    }
    all
}

/// The cards of one unit of an app.
fn findings_of(
    app: AppRef<'_>,
    unit: usize,
    odd: &[OddValue],
    told: &ToldUnits,
    selected: &Selections,
    workspace: &mut Workspace,
) -> Vec<(UnitKey, Finding, Evidence)> {
    let key = (app.position(), unit);
    let Some(of) = told.get(key) else { return Vec::new() };
    let own: Vec<SeriesRef<'_>> = app.series_in(app.units()[unit].clone()).collect();
    let question = |kind: FindingKind| match kind {
        FindingKind::Latest => &selected.latest,
        FindingKind::Step | FindingKind::Drift => &selected.history,
    };
    // An interval that is shown because it was selected pays for the selection; one-sided, hence the half.
    let one_sided = |kind, p| (question(kind).interval_level(p) / 2.0).clamp(1e-12, 0.5);
    let mut cards = Vec::new();
    if selected.history.q(key).is_some() {
        for change in &of.changes {
            let claims = change_claims(&own, told, of, change, workspace);
            let level = one_sided(FindingKind::Step, of.p(change));
            cards.extend(Card::of(app.context, Some((of, change)), claims, level));
        }
    }
    if let Some(release) = of.release.as_ref().filter(|_| selected.latest.q(key).is_some()) {
        let claims = latest_claims(&own, told, of, release, workspace);
        cards.extend(Card::of(app.context, None, claims, one_sided(FindingKind::Latest, release.p)));
    }
    without_taken_back(app.context, &mut cards);
    let told = cards.into_iter().map(|card| {
        let Claim { kind, p, .. } = card.claims[0];
        let q = question(kind).q(key).unwrap_or(1.0);
        let (finding, evidence) = tell(&own, odd, &card, q, one_sided(kind, p), workspace);
        (key, finding, evidence)
    });
    told.collect()
}

/// A card in full, and what its populations say.
fn tell(
    unit: &[SeriesRef<'_>],
    odd: &[OddValue],
    card: &Card<'_>,
    q: f64,
    level: f64,
    workspace: &mut Workspace,
) -> (Finding, Evidence) {
    let lead = &card.claims[0];
    let (series, options) = (lead.series, lead.series.context().options);
    let (history, metric, units, ranks) = (series.history(), series.metric(), series.metric_info(), series.ranks());
    let names = &history.names;
    let version_text = |rank: u32| history.version_text(rank).to_owned();
    let (scale, origin) = (series.scale(), lead.origin());
    let (before, after) = (origin.value(), scale.value(lead.log_after));
    let lower_bound = lead.lower_bound(level);
    let Where { spread, share_same_way, is_unconfirmed, evidence } = locate(unit, card, workspace);

    let verdict =
        if spread.breadth == Breadth::MixShift || is_unconfirmed { Verdict::Inconclusive } else { lead.verdict };
    let sure = if verdict == Verdict::Regression { lower_bound } else { 0.0 };
    let interval = Interval::around(lead.delta, lead.half_width);
    let goal_name = |bound: &perfpower_model::GoalBound| names.text(bound.goal);
    let crosses_goal = verdict == Verdict::Regression
        && label_of_level(&units.goal_bounds, before, goal_name)
            .zip(label_of_level(&units.goal_bounds, after, goal_name))
            .is_some_and(|(before, after)| after > before);
    let score_factors = ScoreFactors {
        lower_bound,
        metric_weight: metric.weight,
        percentile_weight: options.percentile_weight(series.percentile()),
        breadth: share_same_way.map_or(1.0, |share| 0.5 + 0.5 * share),
        goal: if crosses_goal { 1.5 } else { 1.0 },
        reach: options.app_weight(&history.app),
    };
    // Of the goals on the card one that is missed says most, and of equals that of the lead.
    let goals =
        card.claims.iter().filter_map(|claim| goals_of(claim.series, &claim.judgement, workspace).into_iter().next());
    let goal = goals.min_by_key(|goal| goal.attainment != Attainment::Missed);
    let finding = Finding {
        id: finding_id(lead),
        series: series.name(),
        app_name: options.app_name(&history.app),
        device_label: series.device_label(),
        percentile: series.percentile(),
        unit: names.get(units.unit).map(str::to_owned),
        unit_label: names.get(units.unit_label).map(str::to_owned),
        kind: lead.kind,
        verdict,
        version: version_text(lead.version),
        version_before: lead.index.checked_sub(1).map_or_else(String::new, |before| version_text(ranks[before])),
        latest_version: version_text(ranks[ranks.len() - 1]),
        state: lead.state,
        recovered_in: lead.recovered_in.map(version_text),
        provisional: lead.provisional,
        level_before: before,
        level_after: after,
        level_now: scale.value(lead.log_now),
        change: Change::between(before, after),
        ci_percent: origin.interval(interval),
        at_least_percent: origin.percent_at_least(lead.delta > 0.0, sure),
        p: lead.p,
        q,
        credible_versions: lead.candidates.iter().map(|(_, candidate)| candidate.clone()).collect(),
        score: score_factors.score(),
        score_factors,
        also: related(&card.claims[1..]),
        spread,
        subsystems: subsystems(history, lead, before, after),
        goal,
        links: StackLinks::default(),
        listed_by_apple: is_listed(history, &metric.category, &metric.identifier),
        apple_blames: apple_blames(history, &metric.category, &metric.identifier),
        platform_event: None,
        beside_event: None,
        judged_early: None,
        percent_per_30_days: None,
        points: points(series, odd),
        segments: segments(lead, ranks.len(), scale),
    };
    (finding, evidence)
}

pub(crate) fn finding_id(claim: &Claim<'_>) -> FindingId {
    FindingId::of_claim(&claim.series.name(), claim.kind, claim.series.history().version_text(claim.version))
}

fn related(claims: &[Claim<'_>]) -> Vec<RelatedSeries> {
    let mut related: Vec<(usize, RelatedSeries)> = claims
        .iter()
        .map(|claim| {
            let (series, scale) = (claim.series, claim.series.scale());
            let related = RelatedSeries {
                id: finding_id(claim),
                device: series.device().to_owned(),
                device_label: series.device_label(),
                percentile_label: series.percentile_label().to_owned(),
                percentile: series.percentile(),
                change: Change::between(scale.value(claim.log_before), scale.value(claim.log_after)),
            };
            (series.at, related)
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

/// What Apple said of a metric over the downloads: of a day without any insight nobody knows.
fn apple_blames(history: &AppHistory, category: &str, metric: &str) -> Vec<AppleBlame> {
    let mut days: BTreeMap<Day, BTreeSet<&str>> = BTreeMap::new();
    for insight in &history.insights {
        let versions = days.entry(insight.snapshot).or_default();
        if insight.category == category && insight.metric == metric {
            versions.extend(insight.latest_version.as_deref());
        }
    }
    let blame = |(day, versions): (Day, BTreeSet<&str>)| AppleBlame {
        day,
        versions: versions.into_iter().map(str::to_owned).collect(),
    };
    days.into_iter().map(blame).collect()
}

/// An odd value, for a list of their own; `series` is the first that shows it.
pub(crate) fn odd_reading(series: SeriesRef<'_>, odd: &OddValue) -> OddReading {
    let value = series.ranks().iter().position(|&rank| rank == odd.version).map(|at| series.input().values[at]);
    let names = &series.history().names;
    // Against what the others say, whose level is its own less what it is off by.
    let expected = series.scale().origin(value.map_or(0.0, |value| series.scale().origin(value).after(-odd.by)));
    OddReading {
        series: series.name(),
        app_name: series.context().options.app_name(&series.history().app),
        percentile: series.percentile(),
        kind: odd.kind,
        version: series.history().version_text(odd.version).to_owned(),
        value,
        unit_label: names.get(series.metric_info().unit_label).map(str::to_owned),
        off: value.map_or(Change::Undefined, |_| Change::of_level(expected, odd.by)),
    }
}

/// The points of a series, as charts and explanations show them.
pub(crate) fn points(series: SeriesRef<'_>, odd: &[OddValue]) -> Vec<SeriesPoint> {
    let (history, position) = (series.history(), series.member().series);
    let table = &history.table;
    let (versions, values, margins) = (table.versions(), table.values(), table.margins());
    series
        .rows()
        .map(|row| {
            let version = versions[row as usize];
            let margin = margins[row as usize];
            let key = (position, version);
            let first = history.revisions.partition_point(|r| (r.series, r.version) < key);
            SeriesPoint {
                version: history.version_text(version).to_owned(),
                value: values[row as usize],
                margin: (!margin.is_nan()).then_some(margin),
                goal: history.names.get(table.goal(row)).map(str::to_owned),
                snapshot: table.snapshot(row),
                revisions: history.revisions[first..]
                    .iter()
                    .take_while(|r| (r.series, r.version) == key)
                    .map(|r| (r.day, r.value))
                    .collect(),
                is_odd: odd.iter().any(|odd| odd.version == version && odd.series.contains(&series.at)),
            }
        })
        .collect()
}

fn segments(lead: &Claim<'_>, points: usize, scale: Scale) -> Vec<Segment> {
    let judgement = &lead.judgement;
    if judgement.model != Model::Steps {
        return Vec::new();
    }
    let mut start = judgement.skipped;
    let mut segments: Vec<Segment> = judgement
        .steps
        .iter()
        .map(|step| {
            let segment = Segment { start, end: step.index, level: scale.value(step.level_before) };
            start = step.index;
            segment
        })
        .collect();
    segments.push(Segment { start, end: points, level: judgement.level.value });
    segments
}
