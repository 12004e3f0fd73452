//! Which series something is about: the same keys wherever one is named.

use super::text;
use perfpower_analysis::SeriesName;
use schemars::JsonSchema;
use serde::Serialize;

// The name of a series, as part of what is said of it: without a description of its own, which would stand in for that of the whole.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SeriesJson<'a> {
    app: &'a str,
    /// Null = none given.
    platform: Option<&'a str>,
    category: &'a str,
    metric: &'a str,
    /// Unit for eyes; null = none given.
    unit_label: Option<&'a str>,
    device: &'a str,
    /// 50 or 90 as a number; null where Apple's label has none.
    percentile: Option<f64>,
    percentile_label: &'a str,
}

impl<'a> SeriesJson<'a> {
    pub(crate) fn new(series: &'a SeriesName, percentile: Option<f64>, unit_label: Option<&'a str>) -> Self {
        Self {
            app: &series.app,
            platform: text(&series.platform),
            category: &series.category,
            metric: &series.metric,
            unit_label,
            device: &series.device,
            percentile,
            percentile_label: &series.percentile_label,
        }
    }
}
