//! Where series stand now: what budgets are held against, without a claim about change.

use crate::claim::finding::{LevelGoal, SeriesLevel, VersionLevel};
use crate::filter::Filter;
use crate::gate::LevelRequest;
use crate::history::builder::AppHistory;
use crate::judge::batch::{Batch, Selected};
use crate::options::Options;
use perfpower_model::{Percentile, version};
use perfpower_statistics::{SeriesJudgement, Workspace};
use rayon::prelude::*;
use std::ops::Range;

/// The level of every series that is asked for, in the order of apps and series. A series that cannot be judged says why, so that no
/// rule about it looks kept.
pub fn levels(
    histories: &[AppHistory],
    filter: &Filter,
    options: &Options,
    request: &LevelRequest,
) -> Vec<SeriesLevel> {
    let batch = Batch::new(histories, filter, options);
    (0..histories.len())
        .into_par_iter()
        .map_init(Workspace::default, |workspace, app| {
            batch.selected[app]
                .iter()
                .filter_map(|selected| level(&batch, app, selected, request, workspace))
                .collect::<Vec<_>>()
        })
        .flatten_iter()
        .collect()
}

fn level(
    batch: &Batch<'_>,
    app: usize,
    selected: &Selected,
    request: &LevelRequest,
    workspace: &mut Workspace,
) -> Option<SeriesLevel> {
    let history = &batch.histories[app];
    let info = batch.info(app, selected);
    let series = history.series_name(info);
    if !request.wants(&series) {
        return None;
    }
    let judgement = batch.judge(app, selected, workspace);
    let context = batch.metric(selected);
    let metric = &history.metrics[info.metric as usize];
    let names = &history.names;
    let ranks = batch.version_ranks(app, selected);
    let values = batch.input(app, selected).values;
    let without_level = SeriesLevel {
        percentile: Percentile::from_label(&series.percentile_label).number(),
        unit_label: names.text(metric.unit_label).to_owned(),
        higher_is_better: !context.lower_is_better,
        version: history.version_text(*ranks.last()?).to_owned(),
        value: *values.last()?,
        level: f64::NAN,
        ci: [f64::NAN; 2],
        points: ranks.len(),
        judged: false,
        unusable: None,
        detectable_percent: None,
        earlier: Vec::new(),
        goals: metric
            .goal_bounds
            .iter()
            .map(|bound| LevelGoal { label: names.text(bound.goal).to_owned(), lower: bound.lower, upper: bound.upper })
            .collect(),
        recommended: info.recommended.map(|goal| goal.value),
        series,
    };
    let judgement = match judgement {
        Ok(judgement) => judgement,
        Err(why) => return Some(SeriesLevel { unusable: Some(why), ..without_level }),
    };
    let tail = (1.0 - batch.options.parameters.confidence) / 2.0;
    let half = batch.critical.quantile(judgement.noise.df, tail);
    let scale = context.scale();
    let interval = |log: f64, se: f64| [scale.value(log - half * se), scale.value(log + half * se)];
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
                let cut = batch.effect_at(app, selected, versions, ranks[stretch.end], workspace)?;
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
