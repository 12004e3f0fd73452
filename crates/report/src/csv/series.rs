//! Which series a row is about: its texts, safe from being formulas. Each table has them where its readers expect them.

use crate::safe::csv_cell;
use perfpower_analysis::SeriesName;
use std::borrow::Cow;

/// The cells of a series' name; absent texts and numbers are empty.
pub(super) struct SeriesCells<'a> {
    pub(super) app: Cow<'a, str>,
    pub(super) platform: Cow<'a, str>,
    pub(super) category: Cow<'a, str>,
    pub(super) metric: Cow<'a, str>,
    pub(super) unit_label: Cow<'a, str>,
    pub(super) device: Cow<'a, str>,
    pub(super) percentile: String,
    pub(super) percentile_label: Cow<'a, str>,
}

impl<'a> SeriesCells<'a> {
    pub(super) fn new(series: &'a SeriesName, percentile: Option<f64>, unit_label: Option<&'a str>) -> Self {
        Self {
            app: csv_cell(&series.app),
            platform: csv_cell(&series.platform),
            category: csv_cell(&series.category),
            metric: csv_cell(&series.metric),
            unit_label: csv_cell(unit_label.unwrap_or_default()),
            device: csv_cell(&series.device),
            percentile: percentile.map_or_else(String::new, |number| number.to_string()),
            percentile_label: csv_cell(&series.percentile_label),
        }
    }
}
