//! How long the values of a metric go on moving after a version is first seen, over all apps.

use crate::analysis::{SettlingAge, SettlingCurve};
use crate::judge::batch::Batch;
use crate::judge::metrics::MetricContext;
use std::collections::BTreeMap;

pub(crate) fn settling(batch: &Batch<'_>) -> Vec<SettlingCurve> {
    /// Points below which an age says nothing.
    const LEAST_POINTS: u64 = 5;
    /// Count, sum and sum of squares of log changes, by age in days.
    type Ages = BTreeMap<u32, (u64, f64, f64)>;
    let of_apps = batch.each(|app, _| {
        let history = app.history();
        let of_batch = |metric: u32| {
            let metric = &history.metrics[metric as usize];
            let category = history.names.get(metric.category).unwrap_or_default();
            app.context.metric(category, history.names.text(metric.identifier))
        };
        history.settling.iter().filter_map(|age| Some((of_batch(age.metric)?, *age))).collect::<Vec<_>>()
    });
    let mut sums: BTreeMap<u32, Ages> = BTreeMap::new();
    for (metric, age) in of_apps.into_iter().flatten() {
        let sum = sums.entry(metric).or_default().entry(age.age_days).or_default();
        *sum = (sum.0 + age.count, sum.1 + age.sum_log_change, sum.2 + age.sum_log_change_squared);
    }
    let least = batch.context.options.parameters.min_change;
    sums.into_iter()
        .map(|(metric, ages)| {
            let MetricContext { category, identifier, .. } = &batch.context.metrics[metric as usize];
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
            SettlingCurve { category: category.clone(), metric: identifier.clone(), ages, settled_after_days }
        })
        .filter(|curve| !curve.ages.is_empty())
        .collect()
}
