//! One pass over all units of a batch: of each the p-values of both questions are kept, from all that its series show together.

use crate::analysis::CategorySummary;
use crate::claim::finding::{Attainment, GoalStatus, Verdict};
use crate::claim::goal_status::goals_of;
use crate::judge::app::AppRef;
use crate::judge::batch::{AppFacts, Batch};
use crate::judge::series_ref::SeriesRef;
use crate::judge::told::ToldUnits;
use crate::judge::units::{OddValue, UnitSeries, is_claimable};
use perfpower_statistics::fdr::{PValue, simes};
use perfpower_statistics::unit::joint::{self, NullLaws, NullSums, NullTail};
use perfpower_statistics::{SeriesJudgement, Unusable, Workspace};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// What the pass over all apps gave.
pub(crate) struct JudgedBatch {
    /// By app.
    pub(crate) units: Vec<Vec<Unit>>,
    pub(crate) counts: SeriesCounts,
    /// By app, what its series say one by one.
    pub(crate) categories: Vec<Vec<CategorySummary>>,
    /// How often evidence comes of nothing in this batch, whatever the metric, and of how many units in another order that is known.
    pub(crate) laws: NullLaws,
    pub(crate) drawn: u64,
}

/// What the series of a batch say one by one, counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct SeriesCounts {
    pub(crate) judged: u64,
    /// By reason.
    pub(crate) not_judged: BTreeMap<&'static str, u64>,
    /// Those that have a value of 0 where none is expected, by metric.
    pub(crate) with_zeros: BTreeMap<u32, u64>,
    pub(crate) history_halves: Halves,
    pub(crate) latest_halves: Halves,
}

impl SeriesCounts {
    fn add(&mut self, series: &JudgedSeries, metric: u32) {
        match series.not_judged() {
            None => self.judged += 1,
            Some(reason) => *self.not_judged.entry(reason).or_default() += 1,
        }
        if matches!(series.unusable, Some(Unusable::Zero(_))) {
            *self.with_zeros.entry(metric).or_default() += 1;
        }
        self.history_halves.add(series.history_half);
        self.latest_halves.add(series.latest_half);
    }

    fn merge(&mut self, other: Self) {
        self.judged += other.judged;
        for (reason, count) in other.not_judged {
            *self.not_judged.entry(reason).or_default() += count;
        }
        for (metric, count) in other.with_zeros {
            *self.with_zeros.entry(metric).or_default() += count;
        }
        self.history_halves.merge(other.history_halves);
        self.latest_halves.merge(other.latest_halves);
    }
}

/// Ungated p-values on both sides of one half: where nothing happens and a test is exact, as many above as below.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Halves {
    pub(crate) all: u64,
    pub(crate) above: u64,
}

impl Halves {
    /// `is_above` is absent where the question was not asked.
    fn add(&mut self, is_above: Option<bool>) {
        self.all += u64::from(is_above.is_some());
        self.above += u64::from(is_above == Some(true));
    }

    fn merge(&mut self, other: Self) {
        self.all += other.all;
        self.above += other.above;
    }
}

/// Position of an app, and of a unit among its units.
pub(crate) type UnitKey = (usize, usize);

/// One app × metric × platform; its series are those of [`AppRef::units`] at the same position.
pub(crate) struct Unit {
    /// How many series it has.
    pub(crate) series: u32,
    /// How many versions were judged.
    pub(crate) versions: u32,
    /// Chance of as much evidence for a change without any; 1 where the change is too small to be claimed. Absent below three versions.
    pub(crate) history: Option<PValue>,
    /// The same of the latest version alone. Of two versions Simes over the series stands in: they tell nothing of each other's noise.
    pub(crate) latest: Option<PValue>,
    /// What was set aside as odd, by rank of its version.
    pub(crate) odd: Vec<OddValue>,
}

/// What a series says by itself of the latest version.
#[derive(Default)]
struct JudgedSeries {
    /// Absent below two versions.
    latest: Option<PValue>,
    verdict: Option<Verdict>,
    unusable: Option<Unusable>,
    /// On which side of one half the ungated p-value of each question is.
    history_half: Option<bool>,
    latest_half: Option<bool>,
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
            None if self.latest.is_none() => Some("a single version"),
            None => None,
        }
    }
}

/// What a unit answers to a question, before the batch has told what that is worth.
#[derive(Clone, Copy)]
enum Answer {
    /// ln of how much likelier a change is than none.
    Evidence(f64),
    /// 1 where the change is too small to be claimed; Simes of two versions.
    Chance(PValue),
}

impl Answer {
    fn p(self, law: NullTail) -> PValue {
        match self {
            Self::Evidence(ln) => law.p_value(ln),
            Self::Chance(p) => p,
        }
    }
}

/// A [`Unit`] before that.
struct ReadUnit {
    series: u32,
    versions: u32,
    history: Option<Answer>,
    latest: Option<Answer>,
    odd: Vec<OddValue>,
}

impl ReadUnit {
    fn under(self, laws: NullLaws) -> Unit {
        Unit {
            series: self.series,
            versions: self.versions,
            history: self.history.map(|answer| answer.p(laws.history)),
            latest: self.latest.map(|answer| answer.p(laws.latest)),
            odd: self.odd,
        }
    }
}

/// What one app gave.
struct ReadApp {
    units: Vec<ReadUnit>,
    counts: SeriesCounts,
    categories: Vec<CategorySummary>,
    nothing: NullSums,
}

pub(crate) fn judge_all(batch: &Batch<'_>) -> JudgedBatch {
    // Which units show what comes of nothing depends on their position among all.
    let count: usize = batch.facts.iter().map(|app| app.unit_metrics.len()).sum();
    let first = |next: &mut usize, app: &AppFacts| Some(std::mem::replace(next, *next + app.unit_metrics.len()));
    let first_units: Vec<usize> = batch.facts.iter().scan(0, first).collect();
    let read = batch.each(|app, workspace| {
        let series: Vec<JudgedSeries> = app.series().map(|series| judge_series(series, workspace)).collect();
        let mut counts = SeriesCounts::default();
        for (member, judged) in app.members().iter().zip(&series) {
            counts.add(judged, member.metric);
        }
        let mut nothing = NullSums::default();
        let units = app.units().iter().zip(first_units[app.position()]..).map(|(members, at)| {
            let draws = NullSums::draws(at, count);
            judge_unit(app, members, &series, (at, draws), &mut nothing)
        });
        let units = units.collect();
        ReadApp { units, counts, categories: categories(app.series().zip(&series)), nothing }
    });
    let mut nothing = NullSums::default();
    for app in &read {
        nothing.merge(app.nothing);
    }
    let laws = nothing.learn();
    let drawn = nothing.drawn();
    let mut judged =
        JudgedBatch { units: Vec::new(), counts: SeriesCounts::default(), categories: Vec::new(), laws, drawn };
    for app in read {
        judged.units.push(app.units.into_iter().map(|unit| unit.under(laws)).collect());
        judged.counts.merge(app.counts);
        judged.categories.push(app.categories);
    }
    judged
}

fn judge_series(series: SeriesRef<'_>, workspace: &mut Workspace) -> JudgedSeries {
    let screened = match series.screen(workspace) {
        Ok(screened) => screened,
        Err(unusable) => return JudgedSeries { unusable: Some(unusable), ..JudgedSeries::default() },
    };
    JudgedSeries {
        history_half: screened.history_p().map(|_| screened.is_above_half),
        latest_half: screened.latest.as_ref().map(|latest| latest.is_above_half),
        latest: screened.latest_p(),
        verdict: screened.latest.map(|latest| latest.verdict),
        unusable: None,
    }
}

/// What some series of an app say one by one, by category.
pub(crate) fn categories_of<'b>(
    series: impl Iterator<Item = SeriesRef<'b>>,
    workspace: &mut Workspace,
) -> Vec<CategorySummary> {
    let judged: Vec<_> = series.map(|series| (series, judge_series(series, workspace))).collect();
    categories(judged.iter().map(|(series, judged)| (*series, judged)))
}

fn categories<'b, 'j>(series: impl Iterator<Item = (SeriesRef<'b>, &'j JudgedSeries)>) -> Vec<CategorySummary> {
    let mut cells: BTreeMap<&str, CategorySummary> = BTreeMap::new();
    for (series, judged) in series {
        let category = series.metric().category.as_str();
        let cell = cells.entry(category).or_insert_with(|| CategorySummary::new(category.to_owned()));
        cell.series += 1;
        match judged.verdict {
            _ if judged.not_judged().is_some() => cell.not_judged += 1,
            Some(Verdict::Unchanged) => cell.unchanged += 1,
            Some(Verdict::Inconclusive) => cell.inconclusive += 1,
            Some(Verdict::Regression | Verdict::Improvement) | None => {}
        }
    }
    cells.into_values().collect()
}

/// `judged` are the series of its app, `draws` how often it is shuffled to show what comes of nothing, as the unit at position `at` of all.
fn judge_unit(
    app: AppRef<'_>,
    members: &Range<usize>,
    judged: &[JudgedSeries],
    (at, draws): (usize, usize),
    nothing: &mut NullSums,
) -> ReadUnit {
    let context = app.context;
    let metric = app.metric_of(members);
    let noise = &context.noise[metric];
    let series = UnitSeries::of(app, members.clone());
    let count = members.len() as u32;
    let verdict = series.as_ref().and_then(|series| joint::judge_fit(&series.fit(noise)?, noise));
    let versions = series.as_ref().map_or(0, |series| series.axes.versions.len()) as u32;
    let Some((series, verdict)) = series.zip(verdict) else {
        let mut latest: Vec<PValue> = judged[members.clone()].iter().filter_map(|series| series.latest).collect();
        let latest = simes(&mut latest).map(Answer::Chance);
        return ReadUnit { series: count, versions, history: None, latest, odd: Vec::new() };
    };
    nothing.add(&series.unit, &verdict, noise, at as u64, draws);
    let answer = |effect: f64, ln_evidence: f64| {
        let lower_is_better = context.metrics[metric].lower_is_better;
        let is_claimable = is_claimable(&context.options.parameters, lower_is_better, effect);
        if is_claimable { Answer::Evidence(ln_evidence) } else { Answer::Chance(PValue::ONE) }
    };
    ReadUnit {
        series: count,
        versions,
        history: Some(answer(verdict.change.effect, verdict.ln_evidence)),
        latest: verdict.release.map(|release| answer(release.effect, release.ln_evidence)),
        odd: series.odd_values(&verdict.odd),
    }
}

/// The goals that a series of some misses, or crossed: of those that speak for their metric.
pub(crate) fn goals_among(some: &[SeriesRef<'_>], told: &ToldUnits, workspace: &mut Workspace) -> Vec<GoalStatus> {
    let speaking = some.iter().zip(spokesmen(some)).filter(|(_, speaks)| *speaks);
    let goals = speaking.filter_map(|(&series, _)| {
        let judgement = told.judge(series, workspace).ok()?;
        Some(told_goals(series, &judgement, workspace).collect::<Vec<_>>())
    });
    goals.flatten().collect()
}

fn told_goals(
    series: SeriesRef<'_>,
    judgement: &SeriesJudgement,
    workspace: &mut Workspace,
) -> impl Iterator<Item = GoalStatus> + use<> {
    let is_told = |goal: &GoalStatus| goal.transition || goal.attainment == Attainment::Missed;
    goals_of(series, judgement, workspace).into_iter().filter(is_told)
}

/// Which series speak for their metric: the aggregates, and all of a metric without aggregates.
fn spokesmen(all: &[SeriesRef<'_>]) -> Vec<bool> {
    let aggregates: Vec<bool> = all.iter().map(|series| !series.is_of_device()).collect();
    let with_aggregate: BTreeSet<u32> =
        all.iter().zip(&aggregates).filter(|(_, is)| **is).map(|(series, _)| series.member().metric).collect();
    all.iter().zip(aggregates).map(|(series, is)| is || !with_aggregate.contains(&series.member().metric)).collect()
}
