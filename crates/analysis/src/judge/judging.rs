//! One pass over all units of a batch: of each the p-values of both questions are kept, from all that its series show together.

use crate::claim::finding::{Attainment, GoalStatus, Verdict};
use crate::claim::goal_status::goals_of;
use crate::judge::batch::Batch;
use crate::judge::series_ref::SeriesRef;
use crate::judge::told::ToldUnits;
use crate::judge::units::{OddValue, UnitSeries, is_claimable};
use perfpower_statistics::fdr::{PValue, simes};
use perfpower_statistics::unit::joint;
use perfpower_statistics::{SeriesJudgement, Unusable, Workspace};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::ops::Range;

/// What one app gave in the pass over all series.
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
        history_halves: Halves::default(),
        latest_halves: Halves::default(),
    };
    for &series in &all {
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
    result.units = batch.units[app].iter().map(|members| judge_unit(batch, app, members, &result.series)).collect();
    result
}

fn judge_unit(batch: &Batch<'_>, app: usize, members: &Range<usize>, judged: &[JudgedSeries]) -> Unit {
    let metric = batch.members[app][members.start].metric as usize;
    let noise = &batch.noise[metric];
    let series = UnitSeries::of(batch, app, members.clone());
    let verdict = series.as_ref().and_then(|series| joint::judge_fit(&series.fit(noise)?, noise));
    let mut unit = Unit {
        versions: series.as_ref().map_or(0, |series| series.versions.len()) as u32,
        history: None,
        latest: None,
        odd: Vec::new(),
    };
    let Some((series, verdict)) = series.zip(verdict) else {
        let mut latest: Vec<PValue> = judged[members.clone()].iter().filter_map(|series| series.latest).collect();
        unit.latest = simes(&mut latest);
        return unit;
    };
    let gated = |effect: f64, p: PValue| {
        let lower_is_better = batch.metrics[metric].lower_is_better;
        if is_claimable(&batch.options.parameters, lower_is_better, effect) { p } else { PValue::ONE }
    };
    unit.history = Some(gated(verdict.change.effect, verdict.p_value()));
    unit.latest = verdict.release.map(|release| gated(release.effect, release.p_value()));
    unit.odd = series.odd_values(&verdict.odd);
    unit
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
