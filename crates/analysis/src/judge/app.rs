//! One app, made ready to be judged: which of its series, in which units, on which scale.

use crate::claim::finding::SeriesName;
use crate::history::builder::{AppHistory, SeriesInfo};
use crate::judge::context::Context;
use crate::judge::metrics::MetricContext;
use crate::judge::series_ref::SeriesRef;
use perfpower_statistics::prior::{MarginClass, StratumSums};
use perfpower_statistics::{Scatter, SeriesInput, Workspace, first_pass};
use std::ops::Range;

/// What is known of a series, beside its points.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// Position in [`AppHistory::series`]; one without points is no member.
    pub(crate) series: u32,
    /// Position in [`Context::metrics`].
    pub(crate) metric: u32,
    /// Position in [`Context::percentiles`].
    pub(crate) percentile: u32,
    /// Absent where the series cannot be read as logarithms.
    pub(crate) margin: Option<MarginClass>,
    /// What the first pass saw it scatter; absent with the margin.
    pub(crate) scatter: Option<Scatter>,
}

/// Series and units of one app.
pub(crate) struct App<'a> {
    pub(crate) history: &'a AppHistory,
    /// Among the apps of the batch.
    pub(crate) position: usize,
    /// In the order of its series.
    pub(crate) members: Vec<Member>,
    /// The members of each of its units.
    pub(crate) units: Vec<Range<usize>>,
}

impl<'a> App<'a> {
    /// Reads every series, and adds what the prior of the noise needs of it to the sums, which merge in any order to the same bits.
    pub(crate) fn new(
        history: &'a AppHistory,
        position: usize,
        context: &Context<'_>,
        sums: &mut StratumSums,
        workspace: &mut Workspace,
    ) -> Self {
        let names = &history.names;
        let metrics: Vec<Option<u32>> =
            history.metrics.iter().map(|metric| context.metric_of(history, metric)).collect();
        let with_points = history.series.iter().zip(0..).filter(|(info, _)| !history.ordered_rows(info).is_empty());
        let members = with_points.filter_map(|(info, series)| {
            let metric = metrics[info.metric as usize]?;
            let percentile = context.percentile(names.get(info.percentile).unwrap_or_default())?;
            let input = input(history, &context.metrics[metric as usize], &history.ordered_rows(info));
            let read = first_pass(&input, &context.options.parameters, workspace).ok();
            let margin = read.as_ref().map(|read| sums.add(metric, percentile, read).margin);
            Some(Member { series, metric, percentile, margin, scatter: read.map(|read| read.scatter) })
        });
        let members: Vec<Member> = members.collect();
        let units = units_of(history, &members);
        Self { history, position, members, units }
    }
}

/// The units of an app, each a run of its series: those are sorted by metric and platform.
fn units_of(history: &AppHistory, members: &[Member]) -> Vec<Range<usize>> {
    let key = |member: &Member| (member.metric, history.series[member.series as usize].platform);
    let mut start = 0;
    let run = |run: &[Member]| {
        let members = start..start + run.len();
        start = members.end;
        members
    };
    members.chunk_by(|a, b| key(a) == key(b)).map(run).collect()
}

/// A series as the kernels read it.
pub(crate) fn input<'c>(history: &'c AppHistory, metric: &MetricContext, rows: &Range<u32>) -> SeriesInput<'c> {
    let rows = rows.start as usize..rows.end as usize;
    SeriesInput {
        values: &history.table.values()[rows.clone()],
        margins: &history.table.margins()[rows],
        offset: metric.offset,
        lower_is_better: metric.lower_is_better,
    }
}

/// One app with what its batch teaches about it. As small as two numbers.
#[derive(Clone, Copy)]
pub(crate) struct AppRef<'b> {
    pub(crate) context: &'b Context<'b>,
    app: &'b App<'b>,
}

impl<'b> AppRef<'b> {
    pub(crate) fn new(app: &'b App<'b>, context: &'b Context<'b>) -> Self {
        Self { context, app }
    }

    pub(crate) fn history(self) -> &'b AppHistory {
        self.app.history
    }

    /// Among the apps of the batch.
    pub(crate) fn position(self) -> usize {
        self.app.position
    }

    pub(crate) fn members(self) -> &'b [Member] {
        &self.app.members
    }

    /// The series of each of its units.
    pub(crate) fn units(self) -> &'b [Range<usize>] {
        &self.app.units
    }

    /// Position in the batch of the metric of a unit.
    pub(crate) fn metric_of(self, unit: &Range<usize>) -> usize {
        self.app.members[unit.start].metric as usize
    }

    /// All its series, in their order.
    pub(crate) fn series(self) -> impl ExactSizeIterator<Item = SeriesRef<'b>> + DoubleEndedIterator {
        self.series_in(0..self.app.members.len())
    }

    /// Some of them, by position among them.
    pub(crate) fn series_in(
        self,
        positions: Range<usize>,
    ) -> impl ExactSizeIterator<Item = SeriesRef<'b>> + DoubleEndedIterator {
        positions.map(move |at| SeriesRef { app: self, at })
    }

    /// The series of a name, of this app.
    pub(crate) fn series_named(self, name: &SeriesName) -> Option<SeriesRef<'b>> {
        self.series().find(|series| series.name() == *name)
    }

    /// The position of the unit that a series is of, by its name.
    pub(crate) fn unit_named(self, name: &SeriesName) -> Option<usize> {
        let platform = |info: &SeriesInfo| self.history().names.get(info.platform).unwrap_or_default();
        let is_it = |members: &Range<usize>| {
            let series = SeriesRef { app: self, at: members.start };
            let metric = series.metric();
            [metric.category.as_str(), &metric.identifier, platform(series.info())]
                == [&name.category, &name.metric, &name.platform]
        };
        self.units().iter().position(is_it)
    }
}
