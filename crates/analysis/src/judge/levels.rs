//! Where series stand now: what budgets are held against, without a claim about change.

use crate::claim::finding::{LevelGoal, SeriesLevel, VersionLevel};
use crate::filter::Filter;
use crate::gate::LevelRequest;
use crate::judge::batch::Batch;
use crate::judge::series_ref::SeriesRef;
use crate::judge::told::ToldUnits;
use perfpower_model::{Day, version};
use perfpower_statistics::{SeriesJudgement, Workspace};
use std::ops::Range;

/// The level of every series that is asked for, in the order of apps and series. A series that cannot be judged says why, so that no
/// rule about it looks kept.
pub(crate) fn levels(batch: &Batch<'_>, told: &ToldUnits, filter: &Filter, request: &LevelRequest) -> Vec<SeriesLevel> {
    let levels = batch.each(|app, workspace| {
        let shown = app.series().filter(|series| filter.shows(series.history(), series.info()));
        shown.filter_map(|series| level(series, told, request, workspace)).collect::<Vec<_>>()
    });
    levels.into_iter().flatten().collect()
}

fn level(
    series: SeriesRef<'_>,
    told: &ToldUnits,
    request: &LevelRequest,
    workspace: &mut Workspace,
) -> Option<SeriesLevel> {
    let name = series.name();
    if !request.wants(&name) {
        return None;
    }
    let judgement = told.judge(series, workspace);
    let (history, metric) = (series.history(), series.metric_info());
    let names = &history.names;
    let (ranks, values) = (series.ranks(), series.input().values);
    let without_level = SeriesLevel {
        percentile: series.percentile(),
        unit_label: names.get(metric.unit_label).map(str::to_owned),
        higher_is_better: !series.metric().lower_is_better,
        version: history.version_text(*ranks.last()?).to_owned(),
        value: *values.last()?,
        level: f64::NAN,
        ci: [f64::NAN; 2],
        points: ranks.len(),
        judged: false,
        unusable: None,
        detectable_percent: None,
        earlier: Vec::new(),
        holds: request
            .versions
            .iter()
            .filter(|wanted| ranks.iter().any(|&rank| version::is_of(history.version_text(rank), wanted)))
            .cloned()
            .collect(),
        newest_day: series.rows().map(|row| history.table.snapshot(row)).max().unwrap_or(Day::from_days(0)),
        goals: metric
            .goal_bounds
            .iter()
            .map(|bound| LevelGoal { label: names.text(bound.goal).to_owned(), lower: bound.lower, upper: bound.upper })
            .collect(),
        recommended: series.info().recommended.map(|goal| goal.value),
        series: name,
    };
    let judgement = match judgement {
        Ok(judgement) => judgement,
        Err(why) => return Some(SeriesLevel { unusable: Some(why), ..without_level }),
    };
    let scale = series.scale();
    let interval = |log: f64, se: f64| {
        let half = series.context().half_width(se, judgement.noise.df);
        [scale.value(log - half), scale.value(log + half)]
    };
    let stretches = stretches(&judgement, ranks.len());
    let earlier = request
        .versions
        .iter()
        .filter_map(|wanted| {
            let at = ranks.iter().position(|&rank| version::compare(history.version_text(rank), wanted).is_eq())?;
            let stretch = stretches.iter().find(|stretch| stretch.contains(&at))?.clone();
            let last = ranks.len() - 1;
            let same_level = stretch.contains(&last);
            let (log, se) = if same_level {
                (judgement.level.log, judgement.level.se)
            } else {
                // Any cut between the stretch and what follows gives the level of the stretch.
                let versions = ranks[stretch.start]..ranks[last] + 1;
                let cut = series.effect_at(versions, ranks[stretch.end], workspace)?;
                (cut.before.log, cut.before.weight.sqrt().recip())
            };
            Some(VersionLevel {
                version: history.version_text(ranks[at]).to_owned(),
                value: values[at],
                level: scale.value(log),
                ci: interval(log, se),
                same_level,
            })
        })
        .collect();
    Some(SeriesLevel {
        level: judgement.level.value,
        ci: interval(judgement.level.log, judgement.level.se),
        judged: judgement.latest.is_some(),
        detectable_percent: judgement.latest.and_then(|latest| scale.origin(latest.level).percent(latest.detectable)),
        earlier,
        ..without_level
    })
}

/// Stretches of one level, oldest first.
fn stretches(judgement: &SeriesJudgement, points: usize) -> Vec<Range<usize>> {
    let mut start = judgement.skipped;
    let mut stretches = Vec::with_capacity(judgement.steps.len() + 1);
    for step in &judgement.steps {
        stretches.push(start..step.index);
        start = step.index;
    }
    stretches.push(start..points);
    stretches
}
