//! What a batch knows of its metrics and percentiles: on which scale values are judged, which way is worse, what counts how much.

use crate::analysis::MetricSetting;
use crate::history::builder::{AppHistory, MetricInfo, SeriesInfo};
use crate::judge::zeros::{Extent, Typical, Zeros};
use crate::options::Options;
use perfpower_model::NameId;
use perfpower_statistics::Scale;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// What the batch knows of one metric.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MetricContext {
    pub(crate) category: String,
    pub(crate) identifier: String,
    /// Added before the logarithm, in the metric's unit; 0 for metrics that cannot be 0, or never are.
    pub(crate) offset: f64,
    pub(crate) lower_is_better: bool,
    pub(crate) weight: f64,
}

impl MetricContext {
    /// What its values are judged on.
    pub(crate) fn scale(&self) -> Scale {
        Scale { offset: self.offset }
    }

    /// As reports echo it.
    pub(crate) fn setting(&self) -> MetricSetting {
        MetricSetting {
            category: self.category.clone(),
            metric: self.identifier.clone(),
            offset: self.offset,
            higher_is_better: !self.lower_is_better,
            weight: self.weight,
        }
    }
}

/// What the values of every metric of every app add up to, by app.
fn per_metric<T: Copy + Default + Send>(
    histories: &[AppHistory],
    wants: impl Fn(usize, usize) -> bool + Sync,
    add: impl Fn(&mut T, f64) + Sync,
) -> Vec<Vec<T>> {
    histories
        .par_iter()
        .enumerate()
        .map(|(app, history)| {
            let mut sums = vec![T::default(); history.metrics.len()];
            let values = history.table.values();
            for info in history.series.iter().filter(|info| wants(app, info.metric as usize)) {
                for &value in &values[info.rows.start as usize..info.rows.end as usize] {
                    add(&mut sums[info.metric as usize], value);
                }
            }
            sums
        })
        .collect()
}

/// All metrics of a batch, and for each app the position there of each of its own.
pub(crate) fn metric_contexts(histories: &[AppHistory], options: &Options) -> (Vec<MetricContext>, Vec<Vec<u32>>) {
    let extents: Vec<Vec<Extent>> = per_metric(
        histories,
        |app, metric| {
            let AppHistory { names, metrics, .. } = &histories[app];
            Zeros::of(names.get(metrics[metric].category).unwrap_or_default()) != Zeros::Never
        },
        Extent::add,
    );
    let mut merged: BTreeMap<(&str, &str), (Extent, Typical)> = BTreeMap::new();
    for (history, extents) in histories.iter().zip(&extents) {
        for (metric, extent) in history.metrics.iter().zip(extents) {
            merged.entry(name_of(history, metric)).or_default().0.merge(extent);
        }
    }
    let position: BTreeMap<(&str, &str), u32> = merged.keys().zip(0..).map(|(&key, at)| (key, at)).collect();
    let ids: Vec<Vec<u32>> = histories
        .iter()
        .map(|history| history.metrics.iter().map(|metric| position[&name_of(history, metric)]).collect())
        .collect();
    // Logarithms of the few metrics only that can be zero.
    let can_be_zero: Vec<bool> =
        merged.iter().map(|((category, _), (extent, _))| extent.needs_offset(Zeros::of(category))).collect();
    let logs: Vec<Vec<Typical>> =
        per_metric(histories, |app, metric| can_be_zero[ids[app][metric] as usize], Typical::add);
    // In the order of the apps, so that the sums are the same at any number of threads.
    for (history, logs) in histories.iter().zip(&logs) {
        for (metric, own) in history.metrics.iter().zip(logs) {
            merged.entry(name_of(history, metric)).or_default().1.merge(own);
        }
    }
    let contexts = merged
        .iter()
        .zip(can_be_zero)
        .map(|((&(category, identifier), (extent, typical)), can_be_zero)| {
            let learned = if can_be_zero { extent.offset(typical) } else { 0.0 };
            let known = options.metric(category, identifier);
            MetricContext {
                category: category.to_owned(),
                identifier: identifier.to_owned(),
                offset: known.offset.unwrap_or(learned),
                lower_is_better: !known.higher_is_better.unwrap_or(false),
                weight: known.weight.unwrap_or(1.0),
            }
        })
        .collect();
    (contexts, ids)
}

/// Category and identifier.
fn name_of<'a>(history: &'a AppHistory, metric: &MetricInfo) -> (&'a str, &'a str) {
    (history.names.get(metric.category).unwrap_or_default(), history.names.text(metric.identifier))
}

/// All percentile labels of a batch, and for each app the position there of each of its own.
pub(crate) fn percentile_labels(histories: &[AppHistory]) -> (Vec<String>, Vec<BTreeMap<Option<NameId>, u32>>) {
    let mut labels: BTreeMap<&str, u32> = BTreeMap::new();
    for history in histories {
        for info in &history.series {
            labels.insert(history.names.get(info.percentile).unwrap_or_default(), 0);
        }
    }
    for (position, at) in labels.values_mut().zip(0..) {
        *position = at;
    }
    let ids = histories
        .iter()
        .map(|history| {
            let label = |info: &SeriesInfo| history.names.get(info.percentile).unwrap_or_default();
            history.series.iter().map(|info| (info.percentile, labels[label(info)])).collect()
        })
        .collect();
    (labels.keys().map(|&label| label.to_owned()).collect(), ids)
}
