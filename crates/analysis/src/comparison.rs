//! The simple comparisons: a version against another, the latest against the one before, and the latest against the mean
//! of the previous four (Apple's rule). No noise is modelled here; they answer "what are the numbers?", not "is it real?".

use crate::filter::Filter;
use crate::finding::{Change, SeriesName};
use crate::history::AppHistory;
use crate::statistics::APPLE_WINDOW;
use perfpower_model::Percentile;
use rayon::prelude::*;

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
    /// Unit for eyes.
    pub unit_label: String,
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
    /// Apple's goal label after; empty = none.
    pub goal: String,
    /// Values over all versions of the series, in release order.
    pub values: Vec<f64>,
}

/// Compares every series that passes the filter. Sorted worst first; a rise from zero comes before every percentage, what
/// has no percentage comes last; ties by series.
pub fn compare(
    histories: &[AppHistory],
    baseline: &Baseline,
    filter: &Filter,
    app_name: &(impl Fn(&str) -> String + Sync),
) -> Vec<Comparison> {
    let mut rows: Vec<Comparison> = histories
        .par_iter()
        .flat_map_iter(|history| compare_app(history, baseline, filter, &app_name(&history.app)))
        .collect();
    let key = |row: &Comparison| match row.change {
        Change::FromZero => f64::INFINITY,
        Change::Percent(percent) => percent,
        Change::Undefined => f64::NEG_INFINITY,
    };
    rows.par_sort_by(|a, b| key(b).total_cmp(&key(a)).then_with(|| a.series.cmp(&b.series)));
    rows
}

fn compare_app(history: &AppHistory, baseline: &Baseline, filter: &Filter, app_name: &str) -> Vec<Comparison> {
    let names = &history.names;
    let (values, margins, versions) = (history.table.values(), history.table.margins(), history.table.versions());
    let version_text = |row: usize| names.text(history.versions[versions[row] as usize].name);
    let margin = |row: usize| Some(margins[row]).filter(|margin| !margin.is_nan());
    let mut rows = Vec::new();
    for (position, rows_of_series) in filter.series(history) {
        let info = &history.series[position as usize];
        let range = rows_of_series.start as usize..rows_of_series.end as usize;
        let Some(latest) = range.clone().last() else { continue };
        let (from, to, before, after_row, margin_before) = match baseline {
            Baseline::Previous => {
                let Some(previous) = latest.checked_sub(1).filter(|row| range.contains(row)) else { continue };
                (version_text(previous).to_owned(), latest, values[previous], latest, margin(previous))
            }
            Baseline::MeanOfPreviousFour => {
                if range.len() <= APPLE_WINDOW {
                    continue;
                }
                let window = latest - APPLE_WINDOW..latest;
                let mean = values[window.clone()].iter().sum::<f64>() / APPLE_WINDOW as f64;
                let from = format!("{}..{}", version_text(window.start), version_text(window.end - 1));
                (from, latest, mean, latest, None)
            }
            Baseline::Versions { from, to } => {
                let at = |wanted: &str| {
                    range.clone().find(|&row| perfpower_model::version::compare(version_text(row), wanted).is_eq())
                };
                let (Some(before), Some(after)) = (at(from), at(to)) else { continue };
                (version_text(before).to_owned(), after, values[before], after, margin(before))
            }
        };
        let metric = &history.metrics[info.metric as usize];
        let percentile_label = names.text(info.percentile);
        let device = names.text(info.device);
        rows.push(Comparison {
            app_name: app_name.to_owned(),
            device_label: names.get(info.device_label).unwrap_or(device).to_owned(),
            percentile: Percentile::from_label(percentile_label).number(),
            unit_label: names.text(metric.unit_label).to_owned(),
            from,
            to: version_text(to).to_owned(),
            before,
            after: values[after_row],
            margin_before,
            margin_after: margin(after_row),
            change: Change::between(before, values[after_row]),
            goal: names.text(history.table.goal(after_row as u32)).to_owned(),
            values: values[range].to_vec(),
            series: history.series_name(info),
        });
    }
    rows
}
