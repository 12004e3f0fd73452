//! A batch of apps, made ready to be judged: which series, on which scale, under which noise.
//!
//! Judging one app needs nothing of another but a handful of numbers, and they are gathered here: how small a metric's values
//! get, how the series of a stratum scatter, and (in the engine) how many p-values lie where.

use crate::analysis::MetricSetting;
use crate::filter::Filter;
use crate::history::builder::{AppHistory, SeriesInfo};
use crate::judge::zeros::{Extent, Typical, Zeros};
use crate::options::Options;
use perfpower_model::NameId;
use perfpower_statistics::prior::{FittedPrior, MarginClass, Priors, Stratum, StratumSums};
use perfpower_statistics::{
    CriticalValues, CutEffect, Prior, Scale, Scatter, Screening, SeriesInput, SeriesJudgement, Unusable, Workspace,
    effect, first_pass, judge, judge_read, screen,
};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;

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

/// A series that passes the filter.
#[derive(Clone, Debug)]
pub(crate) struct Selected {
    /// Position in [`AppHistory::series`].
    pub(crate) series: u32,
    /// Its rows in the table, from the first version asked for.
    pub(crate) rows: Range<u32>,
    /// Position in [`Batch::metrics`].
    pub(crate) metric: u32,
    /// Position in [`Batch::percentiles`].
    pub(crate) percentile: u32,
    /// Absent where the series cannot be read as logarithms.
    pub(crate) margin: Option<MarginClass>,
    /// What the first pass saw it scatter; absent with the margin.
    scatter: Option<Scatter>,
}

/// The columns of an app that are read again and again.
#[derive(Clone, Copy)]
struct Columns<'a> {
    values: &'a [f64],
    margins: &'a [f64],
    versions: &'a [u32],
}

/// Apps, series and noise of one run.
pub(crate) struct Batch<'a> {
    pub(crate) histories: &'a [AppHistory],
    pub(crate) options: &'a Options,
    /// Per app, in the order of its series.
    pub(crate) selected: Vec<Vec<Selected>>,
    /// Sorted by category and identifier.
    pub(crate) metrics: Vec<MetricContext>,
    /// Apple's labels, sorted.
    pub(crate) percentiles: Vec<String>,
    pub(crate) priors: Priors,
    pub(crate) critical: CriticalValues,
    /// By app: what every series is cut out of.
    columns: Vec<Columns<'a>>,
    /// As long as the longest series: for metrics whose margins cannot be believed.
    no_margins: Vec<f64>,
}

impl<'a> Columns<'a> {
    fn of(history: &'a AppHistory) -> Self {
        let table = &history.table;
        Self { values: table.values(), margins: table.margins(), versions: table.versions() }
    }
}

impl<'a> Batch<'a> {
    pub(crate) fn new(histories: &'a [AppHistory], filter: &Filter, options: &'a Options) -> Self {
        let (metrics, metric_ids) = metric_contexts(histories, options);
        let (percentiles, percentile_ids) = percentile_labels(histories);
        let mut batch = Self {
            histories,
            options,
            selected: Vec::new(),
            metrics,
            percentiles,
            priors: Priors::unfitted(&options.parameters),
            critical: CriticalValues::new(options.parameters),
            columns: histories.iter().map(Columns::of).collect(),
            no_margins: Vec::new(),
        };
        // One pass chooses the series and sums what the prior of the noise needs; sums merge in any order to the same bits.
        let chosen: Vec<(Vec<Selected>, StratumSums)> = histories
            .par_iter()
            .enumerate()
            .with_max_len(1)
            .map_init(Workspace::default, |workspace, (app, history)| {
                let mut sums = StratumSums::default();
                let selected = filter
                    .series(history)
                    .map(|(series, rows)| {
                        let info = &history.series[series as usize];
                        let (metric, percentile) =
                            (metric_ids[app][info.metric as usize], percentile_ids[app][&info.percentile]);
                        let mut selected = Selected { series, rows, metric, percentile, margin: None, scatter: None };
                        let read = first_pass(&batch.raw_input(app, &selected), &options.parameters, workspace);
                        if let Ok(read) = read {
                            selected.margin = Some(sums.add(metric, percentile, &read).margin);
                            selected.scatter = Some(read.scatter);
                        }
                        selected
                    })
                    .collect();
                (selected, sums)
            })
            .collect();
        let mut sums = StratumSums::default();
        for (selected, own) in chosen {
            sums.merge(&own);
            batch.selected.push(selected);
        }
        batch.priors = sums.fit(&options.parameters);
        let longest = batch.selected.iter().flatten().map(|selected| selected.rows.len()).max().unwrap_or(0);
        batch.no_margins = vec![f64::NAN; longest];
        batch
    }

    pub(crate) fn info(&self, app: usize, selected: &Selected) -> &'a SeriesInfo {
        &self.histories[app].series[selected.series as usize]
    }

    pub(crate) fn metric(&self, selected: &Selected) -> &MetricContext {
        &self.metrics[selected.metric as usize]
    }

    fn raw_input(&self, app: usize, selected: &Selected) -> SeriesInput<'a> {
        let Columns { values, margins, .. } = self.columns[app];
        let rows = selected.rows.start as usize..selected.rows.end as usize;
        let metric = &self.metrics[selected.metric as usize];
        SeriesInput {
            values: &values[rows.clone()],
            margins: &margins[rows],
            offset: metric.offset,
            lower_is_better: metric.lower_is_better,
        }
    }

    /// The series as the kernels read it.
    pub(crate) fn input<'s>(&'s self, app: usize, selected: &Selected) -> SeriesInput<'s> {
        let input: SeriesInput<'s> = self.raw_input(app, selected);
        if self.priors.refuses_margins(selected.metric) {
            return SeriesInput { margins: &self.no_margins[..input.values.len()], ..input };
        }
        input
    }

    /// What the first pass saw a series scatter. It read the margins, so where they are refused it says nothing.
    fn scatter(&self, selected: &Selected) -> Option<Scatter> {
        selected.scatter.filter(|_| !self.priors.refuses_margins(selected.metric))
    }

    /// The noise that the batch makes one expect of a series.
    pub(crate) fn prior(&self, selected: &Selected) -> Prior {
        self.fitted_prior(selected).prior
    }

    /// The same, with where it was learned.
    pub(crate) fn fitted_prior(&self, selected: &Selected) -> FittedPrior {
        let margin = selected.margin.unwrap_or(MarginClass::None);
        self.priors.of(Stratum { metric: selected.metric, percentile: selected.percentile, margin })
    }

    pub(crate) fn judge(
        &self,
        app: usize,
        selected: &Selected,
        workspace: &mut Workspace,
    ) -> Result<SeriesJudgement, Unusable> {
        let (input, prior) = (self.input(app, selected), self.prior(selected));
        match self.scatter(selected) {
            Some(scatter) => judge_read(&input, scatter, &prior, &self.critical, workspace),
            None => judge(&input, &prior, &self.critical, workspace),
        }
    }

    pub(crate) fn screen(
        &self,
        app: usize,
        selected: &Selected,
        workspace: &mut Workspace,
    ) -> Result<Screening, Unusable> {
        let (input, prior) = (self.input(app, selected), self.prior(selected));
        screen(&input, self.scatter(selected), &prior, &self.critical, workspace)
    }

    /// What a series says to a version: its change there, between the versions `from` and `until` (exclusive), by rank.
    pub(crate) fn effect_at(
        &self,
        app: usize,
        selected: &Selected,
        versions: Range<u32>,
        at: u32,
        workspace: &mut Workspace,
    ) -> Option<CutEffect> {
        let ranks = self.version_ranks(app, selected);
        let position = |rank: u32| ranks.partition_point(|&own| own < rank);
        effect(
            &self.input(app, selected),
            self.scatter(selected),
            &self.prior(selected),
            &self.critical,
            position(versions.start)..position(versions.end),
            position(at),
            workspace,
        )
        .ok()
        .flatten()
    }

    /// Rank of the version of each point of a series.
    pub(crate) fn version_ranks(&self, app: usize, selected: &Selected) -> &'a [u32] {
        &self.columns[app].versions[selected.rows.start as usize..selected.rows.end as usize]
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
fn metric_contexts(histories: &[AppHistory], options: &Options) -> (Vec<MetricContext>, Vec<Vec<u32>>) {
    let extents: Vec<Vec<Extent>> = per_metric(
        histories,
        |app, metric| {
            let AppHistory { names, metrics, .. } = &histories[app];
            Zeros::of(names.text(metrics[metric].category)) != Zeros::Never
        },
        Extent::add,
    );
    let mut merged: BTreeMap<(&str, &str), (Extent, Typical)> = BTreeMap::new();
    for (history, extents) in histories.iter().zip(&extents) {
        for (metric, extent) in history.metrics.iter().zip(extents) {
            let key = (history.names.text(metric.category), history.names.text(metric.identifier));
            merged.entry(key).or_default().0.merge(extent);
        }
    }
    let position: BTreeMap<(&str, &str), u32> = merged.keys().zip(0..).map(|(&key, at)| (key, at)).collect();
    let ids: Vec<Vec<u32>> = histories
        .iter()
        .map(|history| {
            let key = |category, identifier| (history.names.text(category), history.names.text(identifier));
            history.metrics.iter().map(|metric| position[&key(metric.category, metric.identifier)]).collect()
        })
        .collect();
    // Logarithms of the few metrics only that can be zero.
    let can_be_zero: Vec<bool> =
        merged.iter().map(|((category, _), (extent, _))| extent.needs_offset(Zeros::of(category))).collect();
    let logs: Vec<Vec<Typical>> =
        per_metric(histories, |app, metric| can_be_zero[ids[app][metric] as usize], Typical::add);
    // In the order of the apps, so that the sums are the same at any number of threads.
    for (history, logs) in histories.iter().zip(&logs) {
        for (metric, own) in history.metrics.iter().zip(logs) {
            let key = (history.names.text(metric.category), history.names.text(metric.identifier));
            merged.entry(key).or_default().1.merge(own);
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

/// All percentile labels of a batch, and for each app the position there of each of its own.
fn percentile_labels(histories: &[AppHistory]) -> (Vec<String>, Vec<BTreeMap<NameId, u32>>) {
    let mut labels: BTreeMap<&str, u32> = BTreeMap::new();
    for history in histories {
        for info in &history.series {
            labels.insert(history.names.text(info.percentile), 0);
        }
    }
    for (position, at) in labels.values_mut().zip(0..) {
        *position = at;
    }
    let ids = histories
        .iter()
        .map(|history| {
            history.series.iter().map(|info| (info.percentile, labels[history.names.text(info.percentile)])).collect()
        })
        .collect();
    (labels.keys().map(|&label| label.to_owned()).collect(), ids)
}
