//! A series against Apple's goals: by level and not by flicker.
//!
//! A missed goal without a change is no regression, and a regression within the goal misses nothing: two questions, told
//! apart.

use crate::claim::finding::{Attainment, GoalSource, GoalStatus};
use crate::judge::series_ref::SeriesRef;
use perfpower_model::GoalBound;
use perfpower_statistics::goals::{self, Bound, Label, Standing, Transition};
use perfpower_statistics::{Model, Origin, SeriesJudgement, Workspace};

/// Every goal that a series has: Apple's recommendation, the bound of `good`, or labels alone.
pub(crate) fn goals_of(
    series: SeriesRef<'_>,
    judgement: &SeriesJudgement,
    workspace: &mut Workspace,
) -> Vec<GoalStatus> {
    let (history, rows, ranks) = (series.history(), series.rows(), series.ranks());
    let (metric, context) = (series.metric_info(), series.metric());
    let names = &history.names;
    let label = names.get(history.table.goal(rows.end - 1));

    let now = goals::Level { log: judgement.level.log, weight: judgement.level.se.powi(-2), df: judgement.noise.df };
    // The step that brought the present level, and the level before it.
    let step = (judgement.model == Model::Steps).then(|| judgement.steps.last()).flatten();
    let before = step.and_then(|step| {
        let start = judgement.steps.len().checked_sub(2).map_or(judgement.skipped, |at| judgement.steps[at].index);
        let versions = ranks[start]..u32::MAX;
        series.effect_at(versions, ranks[step.index], workspace).map(|cut| (start, step.index, cut.before))
    });
    let label_at = |position: usize| names.get(history.table.goal(rows.start + position as u32));
    let labels = |range: std::ops::Range<usize>| -> Vec<Option<Label>> {
        range.map(|position| label_at(position).and_then(Label::parse)).collect()
    };
    let label_before = before.and_then(|(_, index, _)| label_at(index - 1)).map(str::to_owned);

    let status = |source: GoalSource, bound: Option<f64>| -> Option<GoalStatus> {
        let limit = bound.and_then(|bound| Bound::new(bound, context.offset, context.lower_is_better));
        if bound.is_some() && limit.is_none() {
            return None;
        }
        let probability = limit.map(|limit| limit.probability(&now));
        let attainment = match &limit {
            Some(limit) => limit.attainment(&now),
            // Labels say where a point lies, not how surely; the best one counts as attained.
            None => match Label::parse(label?)? {
                Label::Good => Attainment::Attained,
                Label::Fair | Label::Poor => Attainment::Borderline,
            },
        };
        let transition = before.is_some_and(|(start, index, level)| {
            let (labels_before, labels_now) = (labels(start..index), labels(index..ranks.len()));
            let probability_before = limit.map(|limit| limit.probability(&level));
            let is_recommended = matches!(source, GoalSource::Recommended(_));
            Transition::between(
                &Standing {
                    probability: probability_before,
                    labels: if is_recommended { &[] } else { &labels_before },
                },
                &Standing { probability, labels: if is_recommended { &[] } else { &labels_now } },
            ) == Transition::Worsened
        });
        Some(GoalStatus {
            series: series.name(),
            percentile: series.percentile(),
            unit_label: names.get(metric.unit_label).map(str::to_owned),
            source,
            bound,
            label: label.map(str::to_owned),
            label_before: label_before.clone(),
            version: history.version_text(ranks[ranks.len() - 1]).to_owned(),
            level: judgement.level.value,
            probability,
            attainment,
            distance_percent: limit
                .and_then(|limit| Origin { log: limit.log, scale: context.scale() }.percent(now.log - limit.log)),
            transition,
        })
    };

    let mut found = Vec::new();
    if let Some(recommended) = series.info().recommended {
        let detail = names.get(recommended.detail).map(str::to_owned);
        found.extend(status(GoalSource::Recommended(detail), Some(recommended.value)));
    }
    match good_bound(&metric.goal_bounds, context.lower_is_better, |bound| names.text(bound.goal)) {
        Some(bound) => found.extend(status(GoalSource::Bound("good".to_owned()), Some(bound))),
        None if label.is_some() => found.extend(status(GoalSource::Label, None)),
        None => {}
    }
    found
}

/// The bound that a value must not pass to stay `good`.
fn good_bound<'n>(bounds: &[GoalBound], lower_is_better: bool, name: impl Fn(&GoalBound) -> &'n str) -> Option<f64> {
    let good = bounds.iter().find(|bound| name(bound).eq_ignore_ascii_case("good"))?;
    if lower_is_better { good.upper } else { good.lower }
}

/// The label that a level carries by the bounds of its metric; absent where none holds it.
pub(crate) fn label_of_level<'n>(
    bounds: &[GoalBound],
    level: f64,
    name: impl Fn(&GoalBound) -> &'n str,
) -> Option<Label> {
    bounds
        .iter()
        .find(|bound| bound.lower.is_none_or(|lower| level >= lower) && bound.upper.is_none_or(|upper| level < upper))
        .and_then(|bound| Label::parse(name(bound)))
}
