//! How long the values of a metric go on moving after a version is first seen, over all apps.

use crate::analysis::{SettlingAge, SettlingCurve};
use crate::judge::batch::Batch;
use std::collections::BTreeMap;

pub(crate) fn settling(batch: &Batch<'_>) -> Vec<SettlingCurve> {
    /// Points below which an age says nothing.
    const LEAST_POINTS: u64 = 5;
    /// Count, sum and sum of squares of log changes, by age in days.
    type Ages = BTreeMap<u32, (u64, f64, f64)>;
    let mut sums: BTreeMap<(&str, &str), Ages> = BTreeMap::new();
    for history in batch.histories {
        for age in &history.settling {
            let metric = &history.metrics[age.metric as usize];
            let key = (history.names.get(metric.category).unwrap_or_default(), history.names.text(metric.identifier));
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
