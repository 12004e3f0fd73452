//! How long the values of a metric go on moving after a version is first seen, over all apps.

use crate::analysis::{SettlingAge, SettlingCurve};
use crate::history::builder::Settling;
use crate::judge::context::Context;
use crate::judge::metrics::MetricContext;
use std::collections::BTreeMap;

/// Points below which an age says nothing.
const LEAST_POINTS: u64 = 5;

/// How values moved, by metric of a batch and by age in days: count, sum and sum of squares of log changes.
#[derive(Debug, Default)]
pub(crate) struct SettlingSums(BTreeMap<u32, BTreeMap<u32, (u64, f64, f64)>>);

impl SettlingSums {
    /// Adds an age of one app. Apps come in their order, so that the sums are the same at any number of threads.
    pub(crate) fn add(&mut self, metric: u32, age: &Settling) {
        let sum = self.0.entry(metric).or_default().entry(age.age_days).or_default();
        *sum = (sum.0 + age.count, sum.1 + age.sum_log_change, sum.2 + age.sum_log_change_squared);
    }

    pub(crate) fn curves(&self, context: &Context<'_>) -> Vec<SettlingCurve> {
        let least = context.options.parameters.min_change;
        let curves = self.0.iter().map(|(&metric, ages)| {
            let MetricContext { category, identifier, .. } = &context.metrics[metric as usize];
            let ages: Vec<SettlingAge> = ages
                .iter()
                .filter(|(_, (count, _, _))| *count >= LEAST_POINTS)
                .map(|(&age_days, &(count, sum, squares))| SettlingAge {
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
        });
        curves.filter(|curve| !curve.ages.is_empty()).collect()
    }
}
