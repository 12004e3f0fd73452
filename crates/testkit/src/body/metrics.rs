//! `xcodeMetrics`: values per metric, population and version.

use super::Insight;
use crate::json::{JsonWriter, Style};

/// Apple's label of the median.
pub const P50: &str = "percentile.fifty";
/// Apple's label of the 90th percentile.
pub const P90: &str = "percentile.ninety";

/// A whole body.
#[derive(Clone, Debug)]
pub struct MetricsBody {
    /// Such as `iOS`.
    pub platform: String,
    /// Metrics; neighbours of the same category share one entry of `metricCategories`. None = `productData: []`.
    pub metrics: Vec<Metric>,
    /// Apple's first list of insights.
    pub regressions: Vec<Insight>,
    /// Apple's second list of insights.
    pub trending_up: Vec<Insight>,
}

impl MetricsBody {
    /// A body of iOS without insights.
    pub fn new(metrics: Vec<Metric>) -> Self {
        Self { platform: "iOS".to_owned(), metrics, regressions: Vec::new(), trending_up: Vec::new() }
    }

    /// The JSON text.
    pub fn to_json(&self, style: Style) -> String {
        let mut json = JsonWriter::new(style);
        json.begin_object();
        json.string_at("version", "1.0.0");
        json.object_at("insights", |json| {
            json.objects_at("regressions", &self.regressions, |json, insight| insight.write(json));
            json.objects_at("trendingUp", &self.trending_up, |json, insight| insight.write(json));
        });
        let platforms = (!self.metrics.is_empty()).then_some(&self.platform);
        json.objects_at("productData", platforms, |json, platform| {
            json.string_at("platform", platform);
            let categories = self.metrics.chunk_by(|left, right| left.category == right.category);
            json.objects_at("metricCategories", categories, |json, metrics| {
                json.string_at("identifier", &metrics[0].category);
                json.objects_at("metrics", metrics, Metric::write);
            });
        });
        json.end_object();
        json.finish()
    }
}

/// One metric of every population.
#[derive(Clone, Debug)]
pub struct Metric {
    /// Such as `LAUNCH`.
    pub category: String,
    /// Such as `launchTime`.
    pub identifier: String,
    /// Unit for programs, such as `milliseconds`.
    pub unit: String,
    /// Unit for people, such as `ms`.
    pub unit_label: String,
    /// Bounds of Apple's goals.
    pub goal_keys: Vec<GoalKey>,
    /// One per population.
    pub datasets: Vec<Dataset>,
}

impl Metric {
    /// One without goals; the unit is for programs and for people.
    pub fn new(
        (category, identifier): (&str, &str),
        (unit, unit_label): (&str, &str),
        datasets: impl IntoIterator<Item = Dataset>,
    ) -> Self {
        Self {
            category: category.to_owned(),
            identifier: identifier.to_owned(),
            unit: unit.to_owned(),
            unit_label: unit_label.to_owned(),
            goal_keys: Vec::new(),
            datasets: datasets.into_iter().collect(),
        }
    }

    fn write(json: &mut JsonWriter, metric: &Self) {
        json.string_at("identifier", &metric.identifier);
        metric.write_unit(json);
        if !metric.goal_keys.is_empty() {
            json.objects_at("goalKeys", &metric.goal_keys, |json, key| {
                json.string_at("goalKey", &key.goal);
                key.lower.into_iter().for_each(|bound| json.number_at("lowerBound", bound));
                key.upper.into_iter().for_each(|bound| json.number_at("upperBound", bound));
            });
        }
        json.objects_at("datasets", &metric.datasets, |json, dataset| dataset.write(json));
    }

    pub(super) fn write_unit(&self, json: &mut JsonWriter) {
        json.object_at("unit", |json| {
            json.string_at("identifier", &self.unit);
            json.string_at("displayName", &self.unit_label);
        });
    }
}

/// The range of one goal; a bound that is absent is open.
#[derive(Clone, Debug)]
pub struct GoalKey {
    /// `good`, `fair` or `poor`.
    pub goal: String,
    /// In the metric's unit.
    pub lower: Option<f64>,
    /// In the metric's unit.
    pub upper: Option<f64>,
}

/// One population's points, oldest version first.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// Such as `all_iphones` or `iPhone12,1`.
    pub device: String,
    /// Such as `iPhone 11`.
    pub device_label: String,
    /// [`P50`] or [`P90`].
    pub percentile: &'static str,
    /// One per version.
    pub points: Vec<Point>,
    /// Apple's recommendation.
    pub recommended: Option<RecommendedGoal>,
}

impl Dataset {
    /// These values of the versions 1.0, 1.1 and on. To people the device goes by its name for programs.
    pub fn of_values(device: &str, percentile: &'static str, values: &[f64]) -> Self {
        let point = |(at, &value): (usize, &f64)| Point { version: format!("1.{at}"), value, ..Point::default() };
        Self {
            device: device.to_owned(),
            device_label: device.to_owned(),
            percentile,
            points: values.iter().enumerate().map(point).collect(),
            recommended: None,
        }
    }

    pub(super) fn write(&self, json: &mut JsonWriter) {
        json.object_at("filterCriteria", |json| {
            json.string_at("percentile", self.percentile);
            json.string_at("device", &self.device);
            json.string_at("deviceMarketingName", &self.device_label);
        });
        json.objects_at("points", &self.points, |json, point| point.write(json));
        if let Some(goal) = &self.recommended {
            json.object_at("recommendedMetricGoal", |json| {
                json.number_at("value", goal.value);
                json.string_at("detail", &goal.detail);
            });
        }
    }
}

/// A value that Apple recommends.
#[derive(Clone, Debug)]
pub struct RecommendedGoal {
    /// In the metric's unit.
    pub value: f64,
    /// Where it comes from.
    pub detail: String,
}

/// One version's value.
#[derive(Clone, Debug, Default)]
pub struct Point {
    /// App version.
    pub version: String,
    /// In the metric's unit.
    pub value: f64,
    /// Half width in the metric's unit; absent = plenty of data.
    pub margin: Option<f64>,
    /// `good`, `fair` or `poor`.
    pub goal: Option<String>,
    /// Sub-system and its percent of the value.
    pub breakdown: Vec<(String, f64)>,
}

impl Point {
    fn write(&self, json: &mut JsonWriter) {
        json.string_at("version", &self.version);
        json.number_at("value", self.value);
        self.margin.into_iter().for_each(|margin| json.number_at("errorMargin", margin));
        self.goal.iter().for_each(|goal| json.string_at("goal", goal));
        if !self.breakdown.is_empty() {
            json.objects_at("percentageBreakdown", &self.breakdown, |json, (subsystem, percent)| {
                json.string_at("subSystemLabel", subsystem);
                json.number_at("value", *percent);
            });
        }
    }
}
