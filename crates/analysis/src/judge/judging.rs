//! One pass over all units of a batch: of each the p-values of both questions are kept, from all that its series show together.

use crate::claim::finding::{Attainment, GoalStatus, Verdict};
use crate::claim::goal_status::goals_of;
use crate::judge::batch::Batch;
use crate::judge::series_ref::SeriesRef;
use crate::judge::told::ToldUnits;
use crate::judge::units::{OddValue, UnitSeries, is_claimable};
use perfpower_statistics::fdr::{PValue, simes};
use perfpower_statistics::unit::joint::{self, NullLaws, NullSums, NullTail};
use perfpower_statistics::{SeriesJudgement, Unusable, Workspace};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::ops::Range;

/// What the pass over all series gave.
pub(crate) struct JudgedBatch {
    pub(crate) apps: Vec<JudgedApp>,
    /// How often evidence comes of nothing in this batch, whatever the metric, and of how many units in another order that is known.
    pub(crate) laws: NullLaws,
    pub(crate) drawn: u64,
}

/// What one app gave.
pub(crate) struct JudgedApp {
    pub(crate) units: Vec<Unit>,
    /// In the order of its series.
    pub(crate) series: Vec<JudgedSeries>,
    pub(crate) history_halves: Halves,
    pub(crate) latest_halves: Halves,
}

/// Ungated p-values on both sides of one half: where nothing happens and a test is exact, as many above as below.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Halves {
    pub(crate) all: u64,
    pub(crate) above: u64,
}

impl Halves {
    fn add(&mut self, is_above: bool) {
        self.all += 1;
        self.above += u64::from(is_above);
    }
}

/// Position of an app, and of a unit among its units.
pub(crate) type UnitKey = (usize, usize);

/// One app × metric × platform; its series are those of [`Batch::units`] at the same position.
pub(crate) struct Unit {
    /// How many versions were judged.
    pub(crate) versions: u32,
    /// Chance of as much evidence for a change without any; 1 where the change is too small to be claimed. Absent below three versions.
    pub(crate) history: Option<PValue>,
    /// The same of the latest version alone. Of two versions Simes over the series stands in: they tell nothing of each other's noise.
    pub(crate) latest: Option<PValue>,
    /// What was set aside as odd, by rank of its version.
    pub(crate) odd: Vec<OddValue>,
}

/// What is kept of every series: what it says by itself of the latest version.
pub(crate) struct JudgedSeries {
    /// Absent below two versions.
    pub(crate) latest: Option<PValue>,
    pub(crate) verdict: Option<Verdict>,
    pub(crate) unusable: Option<Unusable>,
}

impl JudgedSeries {
    /// Why no claim about it is possible, in words without a position.
    pub(crate) fn not_judged(&self) -> Option<&'static str> {
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
    versions: u32,
    history: Option<Answer>,
    latest: Option<Answer>,
    odd: Vec<OddValue>,
}

impl ReadUnit {
    fn under(self, laws: NullLaws) -> Unit {
        Unit {
            versions: self.versions,
            history: self.history.map(|answer| answer.p(laws.history)),
            latest: self.latest.map(|answer| answer.p(laws.latest)),
            odd: self.odd,
        }
    }
}

pub(crate) fn judge_all(batch: &Batch<'_>) -> JudgedBatch {
    // Which units show what comes of nothing depends on their position among all.
    let count: usize = batch.units.iter().map(Vec::len).sum();
    let first = |next: &mut usize, units: &Vec<Range<usize>>| Some(std::mem::replace(next, *next + units.len()));
    let first_units: Vec<usize> = batch.units.iter().scan(0, first).collect();
    let read: Vec<(JudgedApp, Vec<ReadUnit>, NullSums)> = first_units
        .par_iter()
        .enumerate()
        .with_max_len(1) // an app has hundreds of series, so the end is even where each is handed out by itself
        .map_init(Workspace::default, |workspace, (app, first)| {
            let judged = judge_series(batch, app, workspace);
            let mut nothing = NullSums::default();
            let units = batch.units[app].iter().zip(*first..).map(|(members, at)| {
                let draws = NullSums::draws(at, count);
                judge_unit(batch, app, members, &judged.series, (at, draws), &mut nothing)
            });
            let units = units.collect();
            (judged, units, nothing)
        })
        .collect();
    let mut nothing = NullSums::default();
    for (.., own) in &read {
        nothing.merge(*own);
    }
    let laws = nothing.learn();
    let under = |(judged, units, _): (JudgedApp, Vec<ReadUnit>, NullSums)| JudgedApp {
        units: units.into_iter().map(|unit| unit.under(laws)).collect(),
        ..judged
    };
    JudgedBatch { apps: read.into_iter().map(under).collect(), laws, drawn: nothing.drawn() }
}

/// All series of an app; its units are not judged yet.
fn judge_series(batch: &Batch<'_>, app: usize, workspace: &mut Workspace) -> JudgedApp {
    let all = batch.series(app);
    let mut result = JudgedApp {
        units: Vec::new(),
        series: Vec::with_capacity(all.len()),
        history_halves: Halves::default(),
        latest_halves: Halves::default(),
    };
    for series in all {
        let screened = match series.screen(workspace) {
            Ok(screened) => screened,
            Err(unusable) => {
                result.series.push(JudgedSeries { latest: None, verdict: None, unusable: Some(unusable) });
                continue;
            }
        };
        if screened.history_p().is_some() {
            result.history_halves.add(screened.is_above_half);
        }
        if let Some(latest) = &screened.latest {
            result.latest_halves.add(latest.is_above_half);
        }
        result.series.push(JudgedSeries {
            latest: screened.latest_p(),
            verdict: screened.latest.map(|latest| latest.verdict),
            unusable: None,
        });
    }
    result
}

/// `judged` are the series of its app, `draws` how often it is shuffled to show what comes of nothing, as the unit at position `at` of all.
fn judge_unit(
    batch: &Batch<'_>,
    app: usize,
    members: &Range<usize>,
    judged: &[JudgedSeries],
    (at, draws): (usize, usize),
    nothing: &mut NullSums,
) -> ReadUnit {
    let metric = batch.members[app][members.start].metric as usize;
    let noise = &batch.noise[metric];
    let series = UnitSeries::of(batch, app, members.clone());
    let verdict = series.as_ref().and_then(|series| joint::judge_fit(&series.fit(noise)?, noise));
    let versions = series.as_ref().map_or(0, |series| series.versions.len()) as u32;
    let Some((series, verdict)) = series.zip(verdict) else {
        let mut latest: Vec<PValue> = judged[members.clone()].iter().filter_map(|series| series.latest).collect();
        return ReadUnit { versions, history: None, latest: simes(&mut latest).map(Answer::Chance), odd: Vec::new() };
    };
    nothing.add(&series.unit, &verdict, noise, at as u64, draws);
    let answer = |effect: f64, ln_evidence: f64| {
        let lower_is_better = batch.metrics[metric].lower_is_better;
        let is_claimable = is_claimable(&batch.options.parameters, lower_is_better, effect);
        if is_claimable { Answer::Evidence(ln_evidence) } else { Answer::Chance(PValue::ONE) }
    };
    ReadUnit {
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
