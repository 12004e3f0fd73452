//! The simple comparisons: a version against another, the latest against the one before, and the latest against the mean
//! of the previous four (Apple's rule). No noise is modelled here; they answer "what are the numbers?", not "is it real?".

use crate::claim::finding::{Change, SeriesName};
use crate::filter::Filter;
use crate::history::builder::{AppHistory, SeriesInfo};
use perfpower_model::Percentile;
use perfpower_statistics::APPLE_WINDOW;
use rayon::prelude::*;
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
    /// Apple's goal label after; absent = none.
    pub goal: Option<String>,
    /// Values over all versions of the series, in release order.
    pub values: Vec<f64>,
}

/// The comparisons of a batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparisons {
    /// Series that have both sides.
    pub series: usize,
    /// The first of them.
    pub rows: Vec<Comparison>,
}

/// Compares every series that passes the filter and gives the first `top`. Sorted worst first; a rise from zero comes before
/// every percentage, what has no percentage comes last; ties by series.
pub fn compare(
    histories: &[AppHistory],
    baseline: &Baseline,
    filter: &Filter,
    top: usize,
    app_name: &impl Fn(&str) -> String,
) -> Comparisons {
    // A row with its names is large, and few are shown: only those are made.
    let mut sides: Vec<(&AppHistory, Sides)> = histories
        .par_iter()
        .flat_map_iter(|history| {
            let sides = filter.rows(history).filter_map(|(series, rows)| Sides::new(history, baseline, series, rows));
            sides.map(move |sides| (history, sides))
        })
        .collect();
    let key = |(history, sides): &(&AppHistory, Sides)| match sides.change(history) {
        Change::FromZero => f64::INFINITY,
        Change::Percent(percent) => percent,
        Change::Undefined => f64::NEG_INFINITY,
    };
    sides.par_sort_by(|a, b| key(b).total_cmp(&key(a)).then_with(|| a.1.name(a.0).cmp(&b.1.name(b.0))));
    let rows = sides.iter().take(top).map(|(history, sides)| sides.row(history, app_name(&history.app))).collect();
    Comparisons { series: sides.len(), rows }
}

/// Where the two sides of a series stand in the table of its app.
struct Sides {
    series: u32,
    /// All rows of the series.
    rows: Range<usize>,
    /// The rows of the baseline.
    from: Range<usize>,
    to: usize,
}

impl Sides {
    /// Absent where the series lacks a side.
    fn new(history: &AppHistory, baseline: &Baseline, series: u32, rows: Range<u32>) -> Option<Self> {
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
        Some(Self { series, rows, from, to })
    }

    fn info<'a>(&self, history: &'a AppHistory) -> &'a SeriesInfo {
        &history.series[self.series as usize]
    }

    /// The value of the baseline, or the mean of its values.
    fn before(&self, history: &AppHistory) -> f64 {
        history.table.values()[self.from.clone()].iter().sum::<f64>() / self.from.len() as f64
    }

    fn change(&self, history: &AppHistory) -> Change {
        Change::between(self.before(history), history.table.values()[self.to])
    }

    /// What ties are sorted by: the fields of [`SeriesName`], in its order.
    fn name<'a>(&self, history: &'a AppHistory) -> [&'a str; 6] {
        let info = self.info(history);
        let metric = &history.metrics[info.metric as usize];
        let [platform, category, identifier, device, percentile] =
            [info.platform, metric.category, Some(metric.identifier), info.device, info.percentile]
                .map(|id| history.names.get(id).unwrap_or_default());
        [&history.app, platform, category, identifier, device, percentile]
    }

    fn row(&self, history: &AppHistory, app_name: String) -> Comparison {
        let (names, info) = (&history.names, self.info(history));
        let margin = |row: usize| Some(history.table.margins()[row]).filter(|margin| !margin.is_nan());
        let is_single = self.from.len() == 1;
        let first = version(history, self.from.start);
        Comparison {
            app_name,
            device_label: names.get(info.device_label.or(info.device)).unwrap_or_default().to_owned(),
            percentile: Percentile::from_label(names.get(info.percentile).unwrap_or_default()).number(),
            unit_label: names.get(history.metrics[info.metric as usize].unit_label).map(str::to_owned),
            from: if is_single {
                first.to_owned()
            } else {
                format!("{first}..{}", version(history, self.from.end - 1))
            },
            to: version(history, self.to).to_owned(),
            before: self.before(history),
            after: history.table.values()[self.to],
            margin_before: margin(self.from.start).filter(|_| is_single),
            margin_after: margin(self.to),
            change: self.change(history),
            goal: names.get(history.table.goal(self.to as u32)).map(str::to_owned),
            values: history.table.values()[self.rows.clone()].to_vec(),
            series: history.series_name(info),
        }
    }
}

fn version(history: &AppHistory, row: usize) -> &str {
    history.version_text(history.table.versions()[row])
}
