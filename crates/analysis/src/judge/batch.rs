//! A batch of apps, made ready to be judged: which series, on which scale, under which noise.
//!
//! Judging one app needs nothing of another but a handful of numbers, and they are gathered here: how small a metric's values
//! get, how the series of a stratum scatter, and (in [`crate::Judged`]) the p-values of all units. The batch is everything that was
//! read: whoever wants to see less of it chooses among what was judged, so that no figure depends on what is looked at.

use crate::claim::finding::SeriesName;
use crate::history::builder::AppHistory;
use crate::judge::metrics::{MetricContext, metric_contexts, percentile_labels};
use crate::judge::series_ref::SeriesRef;
use crate::judge::units::{learn_noise, units_of};
use crate::options::Options;
use perfpower_statistics::prior::{MarginClass, Priors, StratumSums};
use perfpower_statistics::unit::joint::UnitNoise;
use perfpower_statistics::{CriticalValues, Scatter, SeriesInput, Workspace, first_pass};
use rayon::prelude::*;
use std::ops::Range;

/// What a batch knows of one of its series, beside the points.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// Position in [`AppHistory::series`]; one without points is no member.
    pub(crate) series: u32,
    /// Position in [`Batch::metrics`].
    pub(crate) metric: u32,
    /// Position in [`Batch::percentiles`].
    pub(crate) percentile: u32,
    /// Absent where the series cannot be read as logarithms.
    pub(crate) margin: Option<MarginClass>,
    /// What the first pass saw it scatter; absent with the margin.
    pub(crate) scatter: Option<Scatter>,
}

/// The columns of an app that are read again and again.
#[derive(Clone, Copy)]
pub(crate) struct Columns<'a> {
    pub(crate) values: &'a [f64],
    pub(crate) margins: &'a [f64],
    pub(crate) versions: &'a [u32],
}

/// Apps, series and noise of one run.
pub(crate) struct Batch<'a> {
    pub(crate) histories: &'a [AppHistory],
    pub(crate) options: &'a Options,
    /// Per app, in the order of its series.
    pub(crate) members: Vec<Vec<Member>>,
    /// Sorted by category and identifier.
    pub(crate) metrics: Vec<MetricContext>,
    /// Apple's labels, sorted.
    pub(crate) percentiles: Vec<String>,
    pub(crate) priors: Priors,
    pub(crate) critical: CriticalValues,
    /// By app: what every series is cut out of.
    pub(crate) columns: Vec<Columns<'a>>,
    /// As long as the longest series: for metrics whose margins cannot be believed.
    pub(crate) no_margins: Vec<f64>,
    /// By app, the series of each of its units.
    pub(crate) units: Vec<Vec<Range<usize>>>,
    /// By metric, the noise that its units are judged under.
    pub(crate) noise: Vec<UnitNoise>,
}

impl<'a> Columns<'a> {
    fn of(history: &'a AppHistory) -> Self {
        let table = &history.table;
        Self { values: table.values(), margins: table.margins(), versions: table.versions() }
    }
}

impl<'a> Batch<'a> {
    pub(crate) fn new(histories: &'a [AppHistory], options: &'a Options) -> Self {
        let (metrics, metric_ids) = metric_contexts(histories, options);
        let (percentiles, percentile_ids) = percentile_labels(histories);
        let columns: Vec<Columns<'_>> = histories.iter().map(Columns::of).collect();
        // One pass reads every series and sums what the prior of the noise needs; sums merge in any order to the same bits.
        let read: Vec<(Vec<Member>, StratumSums)> = histories
            .par_iter()
            .enumerate()
            .with_max_len(1)
            .map_init(Workspace::default, |workspace, (app, history)| {
                let mut sums = StratumSums::default();
                let with_points =
                    history.series.iter().zip(0..).filter(|(info, _)| !history.ordered_rows(info).is_empty());
                let members = with_points
                    .map(|(info, series)| {
                        let metric = metric_ids[app][info.metric as usize];
                        let percentile = percentile_ids[app][&info.percentile];
                        let input = input(columns[app], &metrics[metric as usize], &history.ordered_rows(info));
                        let read = first_pass(&input, &options.parameters, workspace).ok();
                        let margin = read.as_ref().map(|read| sums.add(metric, percentile, read).margin);
                        Member { series, metric, percentile, margin, scatter: read.map(|read| read.scatter) }
                    })
                    .collect();
                (members, sums)
            })
            .collect();
        let mut sums = StratumSums::default();
        let mut members = Vec::with_capacity(read.len());
        for (own_members, own_sums) in read {
            sums.merge(&own_sums);
            members.push(own_members);
        }
        let units = histories.iter().zip(&members).map(|(history, members)| units_of(history, members)).collect();
        let lengths = histories.iter().flat_map(|history| history.series.iter().map(|info| info.rows.len()));
        let mut batch = Self {
            histories,
            options,
            units,
            noise: Vec::new(),
            no_margins: vec![f64::NAN; lengths.max().unwrap_or(0)],
            members,
            metrics,
            percentiles,
            priors: sums.fit(&options.parameters),
            critical: CriticalValues::new(options.parameters),
            columns,
        };
        batch.noise = learn_noise(&batch);
        batch
    }

    /// The position of an app. Histories are sorted by app, where ingest made them.
    pub(crate) fn app(&self, app: &str) -> Option<usize> {
        self.histories.iter().position(|history| history.app == app)
    }

    /// The unit of an app that a series is of, by its name.
    pub(crate) fn unit_named(&self, app: usize, name: &SeriesName) -> Option<usize> {
        let is_it = |members: &Range<usize>| {
            self.series_in(app, members.clone()).next().is_some_and(|series| {
                let metric = series.metric();
                let platform = self.histories[app].names.get(series.info().platform).unwrap_or_default();
                [metric.category.as_str(), &metric.identifier, platform]
                    == [&name.category, &name.metric, &name.platform]
            })
        };
        self.units[app].iter().position(is_it)
    }

    /// The series of an app, in their order.
    pub(crate) fn series<'b>(&'b self, app: usize) -> impl ExactSizeIterator<Item = SeriesRef<'b>> + DoubleEndedIterator
    where
        'a: 'b,
    {
        self.series_in(app, 0..self.members[app].len())
    }

    /// Some of them, by position among them.
    pub(crate) fn series_in<'b>(
        &'b self,
        app: usize,
        positions: Range<usize>,
    ) -> impl ExactSizeIterator<Item = SeriesRef<'b>> + DoubleEndedIterator
    where
        'a: 'b,
    {
        positions.map(move |at| SeriesRef { batch: self, app, at })
    }
}

/// A series as the kernels read it.
pub(crate) fn input<'c>(columns: Columns<'c>, metric: &MetricContext, rows: &Range<u32>) -> SeriesInput<'c> {
    let rows = rows.start as usize..rows.end as usize;
    SeriesInput {
        values: &columns.values[rows.clone()],
        margins: &columns.margins[rows],
        offset: metric.offset,
        lower_is_better: metric.lower_is_better,
    }
}
