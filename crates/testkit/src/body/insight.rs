//! Apple's insights, computed by the rule that Apple's documented sample obeys.
//!
//! Reference = plain mean of the four versions before the latest one; delta = percent above it, rounded to an integer; the
//! maximum is over the populations. The cut-offs of the two lists are not published: see [`Insight::for_metric`].

use super::{Dataset, Metric, P50};
use crate::json::{JsonWriter, rounded};
use perfpower_model::DeviceClass;

/// How many versions Apple averages.
const REFERENCE_VERSIONS: usize = 4;

/// Apple's claim that a metric is worse in the latest version.
#[derive(Clone, Debug)]
pub struct Insight {
    /// Such as `LAUNCH`.
    pub category: String,
    /// Such as `launchTime`.
    pub metric: String,
    /// The version that is blamed.
    pub latest_version: String,
    /// The versions of the reference, oldest first.
    pub reference_versions: Vec<String>,
    /// Highest latest value, in the metric's unit.
    pub max_latest_value: f64,
    /// Whether a population is at least 100 % above its reference (the API's definition).
    pub high_impact: bool,
    /// A sentence for the whole.
    pub summary: String,
    /// The populations listed.
    pub populations: Vec<InsightPopulation>,
}

/// Apple's numbers for one population.
#[derive(Clone, Debug)]
pub struct InsightPopulation {
    /// Such as `all_iphones`.
    pub device: String,
    /// `percentile.fifty` or `percentile.ninety`.
    pub percentile: &'static str,
    /// Mean of the reference versions, two decimals, in the metric's unit.
    pub reference_average: f64,
    /// In the metric's unit.
    pub latest: f64,
    /// Whole percent.
    pub delta_percent: f64,
    /// A sentence for this population.
    pub summary: String,
}

impl Insight {
    /// The insight of one metric: every population whose latest value is at least `listed_from` percent above the reference.
    ///
    /// Members are listed only where an aggregate is, so that a portfolio of noise does not fill Apple's lists with chance.
    /// Both this and the cut-off are guesses at what Apple does not publish.
    pub fn for_metric(metric: &Metric, title: &str, listed_from: f64) -> Option<Self> {
        let latest_version =
            metric.datasets.iter().filter_map(|d| d.points.last()).map(|p| p.version.as_str()).next()?;
        let candidates: Vec<(InsightPopulation, &Dataset)> = metric
            .datasets
            .iter()
            .filter_map(|dataset| Some((population(dataset, latest_version)?, dataset)))
            .filter(|(population, _)| population.delta_percent >= listed_from)
            .collect();
        // The reference versions are those of the aggregate: members can lack one.
        let reference_versions: Vec<String> =
            candidates.iter().find(|(p, _)| DeviceClass::of(&p.device).is_aggregate()).map(|(_, dataset)| {
                let points = &dataset.points[..dataset.points.len() - 1];
                let from = points.len().saturating_sub(REFERENCE_VERSIONS);
                points[from..].iter().map(|point| point.version.clone()).collect()
            })?;
        let populations: Vec<InsightPopulation> = candidates.into_iter().map(|(population, _)| population).collect();
        let max_latest_value = populations.iter().map(|p| p.latest).fold(f64::MIN, f64::max);
        let deltas = || populations.iter().map(|p| p.delta_percent);
        let (low, high) = (deltas().fold(f64::MAX, f64::min), deltas().fold(f64::MIN, f64::max));
        let summary = format!(
            "{title} went up by {low}% to {high}% in version {latest_version}, measured against the mean of the {} versions \
             before it; its highest value there is {max_latest_value:.2} {}.",
            reference_versions.len(),
            metric.unit_label
        );
        Some(Self {
            category: metric.category.clone(),
            metric: metric.identifier.clone(),
            latest_version: latest_version.to_owned(),
            reference_versions,
            max_latest_value,
            high_impact: populations.iter().any(|p| p.latest >= 2.0 * p.reference_average),
            summary,
            populations,
        })
    }

    /// The largest delta of the aggregates listed, in percent; 0 without any.
    pub fn max_aggregate_delta_percent(&self) -> f64 {
        let aggregates = self.populations.iter().filter(|p| DeviceClass::of(&p.device).is_aggregate());
        aggregates.map(|p| p.delta_percent).fold(0.0, f64::max)
    }

    pub(super) fn write(&self, json: &mut JsonWriter) {
        json.string_at("metricCategory", &self.category);
        json.string_at("metric", &self.metric);
        json.string_at("latestVersion", &self.latest_version);
        json.strings_at("referenceVersions", self.reference_versions.iter().map(String::as_str));
        json.number_at("maxLatestVersionValue", self.max_latest_value);
        json.boolean_at("highImpact", self.high_impact);
        json.string_at("summaryString", &self.summary);
        json.objects_at("populations", &self.populations, |json, population| {
            json.string_at("device", &population.device);
            json.string_at("percentile", population.percentile);
            json.number_at("referenceAverageValue", population.reference_average);
            json.number_at("latestVersionValue", population.latest);
            json.number_at("deltaPercentage", population.delta_percent);
            json.string_at("summaryString", &population.summary);
        });
    }
}

/// Apple's numbers of one population; `None` without the latest version, without all four before it, or at a reference of 0.
fn population(dataset: &Dataset, latest_version: &str) -> Option<InsightPopulation> {
    let (latest, before) = dataset.points.split_last()?;
    if latest.version != latest_version || before.len() < REFERENCE_VERSIONS {
        return None;
    }
    let reference = &before[before.len() - REFERENCE_VERSIONS..];
    let mean = reference.iter().map(|point| point.value).sum::<f64>() / REFERENCE_VERSIONS as f64;
    if mean <= 0.0 {
        return None;
    }
    let delta_percent = (100.0 * (latest.value - mean) / mean).round();
    let who = if dataset.percentile == P50 { "typical" } else { "top" };
    Some(InsightPopulation {
        device: dataset.device.clone(),
        percentile: dataset.percentile,
        reference_average: rounded(mean, 2),
        latest: latest.value,
        delta_percent,
        summary: format!("{who} users of {}: up by {delta_percent}%", dataset.device_label),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::{P90, Point};

    /// The values of Apple's documented sample.
    fn documented() -> Metric {
        let dataset = |percentile, values: [f64; 5]| Dataset {
            device: "all_iphones".into(),
            device_label: "All iPhones".into(),
            percentile,
            points: ["1.0", "1.1", "1.2", "1.3", "2.0"]
                .iter()
                .zip(values)
                .map(|(version, value)| Point { version: (*version).into(), value, ..Point::default() })
                .collect(),
            recommended: None,
        };
        Metric {
            category: "LAUNCH".into(),
            identifier: "launchTime".into(),
            unit: "milliseconds".into(),
            unit_label: "ms".into(),
            goal_keys: Vec::new(),
            datasets: vec![
                dataset(P50, [768.7, 750.0, 992.3, 1118.9, 997.8]),
                dataset(P90, [1532.1, 1390.2, 2030.8, 2158.4, 2014.3]),
            ],
        }
    }

    #[test]
    fn the_documented_sample_gives_apples_numbers() {
        let insight = Insight::for_metric(&documented(), "Launch time", 5.0).unwrap();
        let numbers: Vec<(f64, f64)> =
            insight.populations.iter().map(|p| (p.reference_average, p.delta_percent)).collect();
        assert_eq!(numbers, [(907.48, 10.0), (1777.88, 13.0)]);
        assert_eq!(insight.max_latest_value.to_bits(), 2014.3_f64.to_bits());
        assert_eq!(insight.reference_versions, ["1.0", "1.1", "1.2", "1.3"]);
        assert!(!insight.high_impact);
    }

    #[test]
    fn nothing_is_listed_below_the_cut_off_or_without_four_versions() {
        assert!(Insight::for_metric(&documented(), "Launch time", 14.0).is_none());
        let mut short = documented();
        short.datasets.iter_mut().for_each(|dataset| drop(dataset.points.remove(0)));
        assert!(Insight::for_metric(&short, "Launch time", 5.0).is_none());
    }
}
