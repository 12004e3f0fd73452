//! One pass over all series of a batch: of each the p-values of both questions are kept, and of each app × metric the family's.

use crate::claim::finding::{Attainment, GoalStatus, Verdict};
use crate::claim::goal_status::goals_of;
use crate::judge::batch::Batch;
use crate::judge::series_ref::SeriesRef;
use perfpower_statistics::fdr::{PValue, simes};
use perfpower_statistics::{SeriesJudgement, Unusable, Workspace};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::ops::Range;

/// What one app gave in the pass over all series.
pub(crate) struct JudgedApp {
    pub(crate) units: Vec<Unit>,
    /// In the order of its series.
    pub(crate) series: Vec<JudgedSeries>,
    pub(crate) goals: Vec<GoalStatus>,
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

/// One app × metric × platform.
pub(crate) struct Unit {
    /// Its series among those of the app.
    pub(crate) members: Range<usize>,
    /// Absent where the question cannot be put to any series of it.
    pub(crate) history: Option<PValue>,
    pub(crate) latest: Option<PValue>,
}

/// What is kept of every series: the p-values of both questions and the verdict on the latest version. Two versions can be compared,
/// and it takes three to tell where a change began.
pub(crate) struct JudgedSeries {
    /// Absent below three versions.
    pub(crate) history: Option<PValue>,
    /// Absent below two versions.
    pub(crate) latest: Option<PValue>,
    pub(crate) verdict: Option<Verdict>,
    pub(crate) points: u32,
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

pub(crate) fn judge_all(batch: &Batch<'_>) -> Vec<JudgedApp> {
    (0..batch.histories.len())
        .into_par_iter()
        .with_max_len(1) // an app has hundreds of series, so the end is even where each is handed out by itself
        .map_init(Workspace::default, |workspace, app| judge_app(batch, app, workspace))
        .collect()
}

fn judge_app(batch: &Batch<'_>, app: usize, workspace: &mut Workspace) -> JudgedApp {
    let all: Vec<SeriesRef<'_>> = batch.series(app).collect();
    let mut result = JudgedApp {
        units: Vec::new(),
        series: Vec::with_capacity(all.len()),
        goals: Vec::new(),
        history_halves: Halves::default(),
        latest_halves: Halves::default(),
    };
    for (&series, speaks) in all.iter().zip(spokesmen(&all)) {
        let screened = match series.screen(workspace) {
            Ok(screened) => screened,
            Err(unusable) => {
                result.series.push(JudgedSeries {
                    history: None,
                    latest: None,
                    verdict: None,
                    points: series.rows().len() as u32,
                    unusable: Some(unusable),
                });
                continue;
            }
        };
        let history = screened.history_p();
        if history.is_some() {
            result.history_halves.add(screened.is_above_half);
        }
        if let Some(latest) = &screened.latest {
            result.latest_halves.add(latest.is_above_half);
        }
        if speaks && let Ok(judgement) = series.judge(workspace) {
            result.goals.extend(told_goals(series, &judgement, workspace));
        }
        result.series.push(JudgedSeries {
            history,
            latest: screened.latest_p(),
            verdict: screened.latest.map(|latest| latest.verdict),
            points: screened.points as u32,
            unusable: None,
        });
    }
    // Series are sorted by metric and platform, so a unit is a run of them.
    let key = |series: &SeriesRef<'_>| (series.member().metric, series.info().platform);
    let mut start = 0;
    for run in all.chunk_by(|a, b| key(a) == key(b)) {
        let members = start..start + run.len();
        start = members.end;
        let judged = &result.series[members.clone()];
        let mut history: Vec<PValue> = judged.iter().filter_map(|series| series.history).collect();
        let mut latest: Vec<PValue> = judged.iter().filter_map(|series| series.latest).collect();
        result.units.push(Unit { members, history: simes(&mut history), latest: simes(&mut latest) });
    }
    result
}

/// The goals that a series of some misses, or crossed: of those that speak for their metric.
pub(crate) fn goals_among(some: &[SeriesRef<'_>], workspace: &mut Workspace) -> Vec<GoalStatus> {
    let speaking = some.iter().zip(spokesmen(some)).filter(|(_, speaks)| *speaks);
    let goals = speaking.filter_map(|(&series, _)| {
        let judgement = series.judge(workspace).ok()?;
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
