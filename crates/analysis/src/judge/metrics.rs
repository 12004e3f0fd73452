//! What a batch knows of its metrics and percentiles: on which scale values are judged, which way is worse, what counts how much.

use crate::analysis::MetricSetting;
use crate::history::builder::{AppHistory, MetricInfo};
use crate::judge::histories::Histories;
use crate::judge::zeros::{Extent, Typical, Zeros};
use crate::options::Options;
use perfpower_model::NameId;
use perfpower_statistics::Scale;
use std::collections::{BTreeMap, BTreeSet};

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

/// The metrics and percentiles of a batch.
pub(crate) struct MetricsOfBatch {
    /// Sorted by category and identifier.
    pub(crate) metrics: Vec<MetricContext>,
    /// Apple's labels, sorted.
    pub(crate) percentiles: Vec<String>,
    /// Points of the longest series.
    pub(crate) longest: usize,
}

/// What one app has of them.
struct MetricsOfApp {
    /// By its own metrics.
    extents: Vec<((String, String), Extent)>,
    percentiles: BTreeSet<String>,
    longest: usize,
}

impl MetricsOfBatch {
    pub(crate) fn of(histories: Histories<'_>, options: &Options) -> Self {
        let of_apps: Vec<MetricsOfApp> = histories.each(MetricsOfApp::of);
        let mut merged: BTreeMap<(String, String), (Extent, Typical)> = BTreeMap::new();
        let (mut percentiles, mut longest) = (BTreeSet::new(), 0);
        for app in of_apps {
            for (name, extent) in app.extents {
                merged.entry(name).or_default().0.merge(&extent);
            }
            percentiles.extend(app.percentiles);
            longest = longest.max(app.longest);
        }
        // Logarithms of the few metrics only that can be zero.
        let can_be_zero: BTreeSet<(String, String)> = merged
            .iter()
            .filter(|((category, _), (extent, _))| extent.needs_offset(Zeros::of(category)))
            .map(|(name, _)| name.clone())
            .collect();
        if !can_be_zero.is_empty() {
            let logs = histories.each(|history| {
                let is_wanted = |metric: &MetricInfo| can_be_zero.contains(&name_of(history, metric));
                per_metric(history, is_wanted, Typical::add)
            });
            // In the order of the apps, so that the sums are the same at any number of threads.
            for (name, own) in logs.into_iter().flatten() {
                merged.entry(name).or_default().1.merge(&own);
            }
        }
        let metrics = merged.into_iter().map(|(name, (extent, typical))| {
            let learned = if can_be_zero.contains(&name) { extent.offset(&typical) } else { 0.0 };
            let (category, identifier) = name;
            let known = options.metric(&category, &identifier);
            MetricContext {
                category,
                identifier,
                offset: known.offset.unwrap_or(learned),
                lower_is_better: !known.higher_is_better.unwrap_or(false),
                weight: known.weight.unwrap_or(1.0),
            }
        });
        Self { metrics: metrics.collect(), percentiles: percentiles.into_iter().collect(), longest }
    }
}

impl MetricsOfApp {
    fn of(history: &AppHistory) -> Self {
        let names = &history.names;
        let may_be_zero = |metric: &MetricInfo| Zeros::of(history.metric_name(metric).0) != Zeros::Never;
        let mut labels: Vec<Option<NameId>> = history.series.iter().map(|info| info.percentile).collect();
        labels.sort_unstable();
        labels.dedup();
        Self {
            extents: per_metric(history, may_be_zero, Extent::add),
            percentiles: labels.into_iter().map(|label| names.get(label).unwrap_or_default().to_owned()).collect(),
            longest: history.series.iter().map(|info| info.rows.len()).max().unwrap_or(0),
        }
    }
}

/// What the values of every metric of an app add up to; nothing for metrics that are not wanted.
fn per_metric<T: Clone + Default>(
    history: &AppHistory,
    is_wanted: impl Fn(&MetricInfo) -> bool,
    add: impl Fn(&mut T, f64),
) -> Vec<((String, String), T)> {
    let mut sums = vec![T::default(); history.metrics.len()];
    let is_wanted: Vec<bool> = history.metrics.iter().map(is_wanted).collect();
    let values = history.table.values();
    for info in history.series.iter().filter(|info| is_wanted[info.metric as usize]) {
        for &value in &values[info.rows.start as usize..info.rows.end as usize] {
            add(&mut sums[info.metric as usize], value);
        }
    }
    history.metrics.iter().map(|metric| name_of(history, metric)).zip(sums).collect()
}

/// Category and identifier, for longer than the history is there.
fn name_of(history: &AppHistory, metric: &MetricInfo) -> (String, String) {
    let (category, identifier) = history.metric_name(metric);
    (category.to_owned(), identifier.to_owned())
}
