//! The simple comparisons: a version against another, the latest against the one before, and the latest against the mean
//! of the previous four (Apple's rule). What they answer first is "what are the numbers?"; beside each row stands whether the noise of its
//! series can explain them, and which finding of the report they are part of.

use crate::claim::finding::{Change, Finding, FindingId, FindingKind, SeriesName};
use crate::filter::Filter;
use crate::history::builder::{AppHistory, SeriesInfo};
use crate::judge::app::AppRef;
use crate::judge::batch::Batch;
use crate::judge::context::Context;
use crate::judge::series_ref::SeriesRef;
use perfpower_model::Percentile;
use perfpower_statistics::fdr::PValue;
use perfpower_statistics::{APPLE_WINDOW, LogChange, Scale, Workspace};
use rayon::prelude::*;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;

/// What is compared with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Baseline {
    /// The latest version of each series with the one before it.
    Previous,
    /// The latest version of each series with the mean of the four before it; series with fewer are left out.
    MeanOfPreviousFour,
    /// A version with another, both by name.
    Versions {
        /// The earlier one.
        from: String,
        /// The later one.
        to: String,
    },
}

/// One series on both sides.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Which series.
    pub series: SeriesName,
    /// The app's name for eyes.
    pub app_name: String,
    /// Such as `iPhone 13`; the identifier where Apple gives none.
    pub device_label: String,
    /// Such as 50 or 90.
    pub percentile: Option<f64>,
    /// Unit for eyes; absent = none given.
    pub unit_label: Option<String>,
    /// Version or versions on the baseline side; `1.0..1.3` for a mean.
    pub from: String,
    /// Version on the latest side.
    pub to: String,
    /// In the metric's unit.
    pub before: f64,
    /// In the metric's unit.
    pub after: f64,
    /// Half width of the margin before; absent = plenty of data, or a mean.
    pub margin_before: Option<f64>,
    /// Half width of the margin after; absent = plenty of data.
    pub margin_after: Option<f64>,
    /// From before to after.
    pub change: Change,
    /// Whether higher values are better.
    pub higher_is_better: bool,
    /// Absent where the series cannot be judged.
    pub significance: Option<Significance>,
    /// The finding that this difference is part of, with its number in every form of the report; absent = none.
    pub finding: Option<(usize, FindingId)>,
    /// Apple's goal label after; absent = none.
    pub goal: Option<String>,
    /// Values over all versions of the series, in release order.
    pub values: Vec<f64>,
}

/// What the noise of a series leaves of a difference between two of its versions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Significance {
    /// Interval of the change in percent, for this row alone, at the confidence of the options; absent where the value before is zero.
    pub interval_percent: Option<[f64; 2]>,
    /// p-value of this row alone.
    pub p: f64,
    /// Whether it is shown to differ, with all rows that were compared taken into account.
    pub differs: bool,
}

/// The comparisons of a batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparisons {
    /// Series that have both sides.
    pub series: usize,
    /// Those that are shown to differ, and are worse.
    pub worse: usize,
    /// Those that are shown to differ, and are better.
    pub better: usize,
    /// The first of them.
    pub rows: Vec<Comparison>,
}

/// Compares every series that passes the filter and gives the first `top`: first those that are shown to differ, each part worst first; a
/// rise from zero comes before every percentage, what has no percentage comes last; ties by series.
pub(crate) fn compare(
    batch: &Batch<'_>,
    findings: &[Finding],
    baseline: &Baseline,
    filter: &Filter,
    top: usize,
) -> Comparisons {
    let sides = |app: AppRef<'_>, workspace: &mut Workspace| -> Vec<Place> {
        let places = Sides::of_app(app, baseline, filter, workspace);
        places.iter().map(|sides| sides.place(app.position())).collect()
    };
    let mut places: Vec<Place> = batch.each(sides).into_iter().flatten().collect();
    let p: Vec<PValue> = places.iter().filter_map(|place| Some(PValue::new(place.p?))).collect();
    let cutoff = batch.context.options.correction.cutoff(&p);
    for place in &mut places {
        place.differs = place.p.is_some_and(|p| cutoff.rejects(PValue::new(p)));
    }
    let count = |is_worse: bool| places.iter().filter(|own| own.differs && own.is_worse == is_worse).count();
    let (series, worse, better) = (places.len(), count(true), count(false));
    places.par_sort_by(Place::order);
    // A row with its names is large, and few are shown: only those are made, and those that only their names can tell from the last.
    let last = top.checked_sub(1).map(|last| places.get(last));
    let is_shown = |place: &Place| last.is_some_and(|last| last.is_none_or(|last| place.order(last).is_le()));
    places.truncate(places.partition_point(is_shown));
    let mut of_app: BTreeMap<usize, Vec<Place>> = BTreeMap::new();
    for place in places {
        of_app.entry(place.app).or_default().push(place);
    }
    let ranked: Vec<(usize, &Finding)> = (1..).zip(findings.iter().filter(|finding| finding.is_own())).collect();
    let apps: Vec<usize> = of_app.keys().copied().collect();
    let rows = batch.each_of(&apps, |app, workspace| {
        let sides = Sides::of_app(app, baseline, filter, workspace);
        let row = |place: &Place| {
            let sides = sides.iter().find(|sides| sides.series == place.series)?;
            Some((*place, sides.row(app.context, place.differs, &ranked)))
        };
        of_app[&app.position()].iter().filter_map(row).collect::<Vec<_>>()
    });
    let mut rows: Vec<(Place, Comparison)> = rows.into_iter().flatten().collect();
    rows.sort_by(|(a, a_row), (b, b_row)| a.order(b).then_with(|| a_row.series.cmp(&b_row.series)));
    let rows = rows.into_iter().take(top).map(|(_, row)| row).collect();
    Comparisons { series, worse, better, rows }
}

/// What is kept of the two sides of a series, to be told in full if it is among the first.
#[derive(Clone, Copy, Debug)]
struct Place {
    app: usize,
    series: u32,
    /// Absent where the series cannot be judged.
    p: Option<f64>,
    is_worse: bool,
    differs: bool,
    /// Worst first, and there is no worse or better where no metric says which: then the largest rise.
    badness: f64,
}

impl Place {
    /// What is shown to differ, then the worst.
    fn order(&self, other: &Self) -> Ordering {
        other.differs.cmp(&self.differs).then_with(|| other.badness.total_cmp(&self.badness))
    }
}

/// Where the two sides of a series stand in the table of its app.
struct Sides<'a> {
    history: &'a AppHistory,
    series: u32,
    /// All rows of the series.
    rows: Range<usize>,
    /// The rows of the baseline.
    from: Range<usize>,
    to: usize,
    /// Where the series can be judged.
    scale: Option<Scale>,
    lower_is_better: bool,
    difference: Option<LogChange>,
}

impl<'a> Sides<'a> {
    /// All series of an app that pass the filter and have both sides.
    fn of_app(app: AppRef<'a>, baseline: &Baseline, filter: &Filter, workspace: &mut Workspace) -> Vec<Self> {
        let history = app.history();
        let mut members = vec![None; history.series.len()];
        for series in app.series() {
            members[series.member().series as usize] = Some(series);
        }
        let sides = filter.rows(history).filter_map(|(series, rows)| {
            Self::new(history, baseline, members[series as usize], series, rows, workspace)
        });
        sides.collect()
    }

    fn place(&self, app: usize) -> Place {
        Place {
            app,
            series: self.series,
            p: self.difference.map(|change| change.p),
            is_worse: self.is_worse(),
            differs: false,
            badness: match self.change() {
                Change::FromZero => f64::INFINITY,
                Change::Percent(percent) if self.higher_is_better() => -percent,
                Change::Percent(percent) => percent,
                Change::Undefined => f64::NEG_INFINITY,
            },
        }
    }

    /// Absent where the series lacks a side.
    fn new(
        history: &'a AppHistory,
        baseline: &Baseline,
        member: Option<SeriesRef<'_>>,
        series: u32,
        rows: Range<u32>,
        workspace: &mut Workspace,
    ) -> Option<Self> {
        let rows = rows.start as usize..rows.end as usize;
        let latest = rows.clone().last()?;
        let (from, to) = match baseline {
            Baseline::Previous => (latest.checked_sub(1).filter(|row| rows.contains(row))?..latest, latest),
            Baseline::MeanOfPreviousFour if rows.len() > APPLE_WINDOW => (latest - APPLE_WINDOW..latest, latest),
            Baseline::MeanOfPreviousFour => return None,
            Baseline::Versions { from, to } => {
                let at = |wanted: &str| {
                    rows.clone().find(|&row| perfpower_model::version::compare(version(history, row), wanted).is_eq())
                };
                let from = at(from)?;
                (from..from + 1, at(to)?)
            }
        };
        let difference = member.and_then(|member| {
            let first = member.rows().start as usize;
            let place = |rows: Range<usize>| Some(rows.start.checked_sub(first)?..rows.end - first);
            member.difference(place(from.clone())?, place(to..to + 1)?, workspace)
        });
        Some(Self {
            history,
            series,
            rows,
            from,
            to,
            scale: member.map(SeriesRef::scale),
            lower_is_better: member.is_none_or(|member| member.metric().lower_is_better),
            difference,
        })
    }

    fn info(&self) -> &'a SeriesInfo {
        &self.history.series[self.series as usize]
    }

    fn higher_is_better(&self) -> bool {
        !self.lower_is_better
    }

    fn is_worse(&self) -> bool {
        self.difference.is_some_and(|change| (change.delta > 0.0) == self.lower_is_better)
    }

    /// The value of the baseline, or the mean of its values.
    fn before(&self) -> f64 {
        self.history.table.values()[self.from.clone()].iter().sum::<f64>() / self.from.len() as f64
    }

    fn change(&self) -> Change {
        Change::between(self.before(), self.history.table.values()[self.to])
    }

    /// The fields of [`SeriesName`], in its order.
    fn name(&self) -> [&'a str; 6] {
        let (history, info) = (self.history, self.info());
        let metric = &history.metrics[info.metric as usize];
        let [platform, category, identifier, device, percentile] =
            [info.platform, metric.category, Some(metric.identifier), info.device, info.percentile]
                .map(|id| history.names.get(id).unwrap_or_default());
        [&history.app, platform, category, identifier, device, percentile]
    }

    /// The first finding that the series is part of, with its number, and that lies between the two sides.
    fn finding(&self, ranked: &[(usize, &Finding)]) -> Option<(usize, FindingId)> {
        let history = self.history;
        let [app, platform, category, metric, device, percentile] = self.name();
        let versions = history.table.versions();
        let (from, to) = (versions[self.from.end - 1], versions[self.to]);
        let is_of = |finding: &Finding| {
            let of = &finding.series;
            let is_of_unit = [&*of.app, &of.platform, &of.category, &of.metric] == [app, platform, category, metric];
            let leads = || of.device == device && of.percentile_label == percentile;
            let is_on_it =
                || leads() || finding.also.iter().any(|own| own.device == device && own.percentile_label == percentile);
            is_of_unit && is_on_it()
        };
        let lies_between = |finding: &Finding| {
            let at = (0..history.versions.len() as u32).find(|&at| history.version_text(at) == finding.version);
            at.is_some_and(|at| match finding.kind {
                FindingKind::Drift => at < to,
                FindingKind::Step | FindingKind::Latest => from.min(to) < at && at <= from.max(to),
            })
        };
        let mut found = ranked.iter().filter(|(_, finding)| is_of(finding) && lies_between(finding));
        found.next().map(|(rank, finding)| (*rank, finding.id))
    }

    fn row(&self, context: &Context<'_>, differs: bool, ranked: &[(usize, &Finding)]) -> Comparison {
        let history = self.history;
        let (names, info) = (&history.names, self.info());
        let margin = |row: usize| Some(history.table.margins()[row]).filter(|margin| !margin.is_nan());
        let is_single = self.from.len() == 1;
        let first = version(history, self.from.start);
        let before = self.before();
        let significance = self.difference.zip(self.scale).map(|(change, scale)| Significance {
            interval_percent: scale.origin(before).interval(change.interval),
            p: change.p,
            differs,
        });
        Comparison {
            app_name: context.options.app_name(&history.app),
            device_label: names.get(info.device_label.or(info.device)).unwrap_or_default().to_owned(),
            percentile: Percentile::from_label(names.get(info.percentile).unwrap_or_default()).number(),
            unit_label: names.get(history.metrics[info.metric as usize].unit_label).map(str::to_owned),
            from: if is_single {
                first.to_owned()
            } else {
                format!("{first}..{}", version(history, self.from.end - 1))
            },
            to: version(history, self.to).to_owned(),
            before,
            after: history.table.values()[self.to],
            margin_before: margin(self.from.start).filter(|_| is_single),
            margin_after: margin(self.to),
            change: self.change(),
            higher_is_better: self.higher_is_better(),
            significance,
            finding: self.finding(ranked),
            goal: names.get(history.table.goal(self.to as u32)).map(str::to_owned),
            values: history.table.values()[self.rows.clone()].to_vec(),
            series: history.series_name(info),
        }
    }
}

fn version(history: &AppHistory, row: usize) -> &str {
    history.version_text(history.table.versions()[row])
}
