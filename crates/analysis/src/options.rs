//! What a run can be told: the parameters of the statistics, and what the user knows of his apps and metrics.

use perfpower_model::Day;
use perfpower_stacks::Owners;
use perfpower_statistics::Parameters;
use perfpower_statistics::fdr::{BenjaminiYekutieli, Correction, Method};
use std::collections::BTreeMap;

/// Everything an analysis can be told. All of it is echoed in the report.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The knobs of the per-series method.
    pub parameters: Parameters,
    /// How the claims of a batch are chosen. Every place that chooses among many tests asks it.
    pub correction: Correction,
    /// What is known of apps, by key.
    pub apps: BTreeMap<String, AppOptions>,
    /// What is known of metrics, by `CATEGORY/identifier`.
    pub metrics: BTreeMap<String, MetricOptions>,
    /// Weight of a percentile in the score, by its number; 1 where absent.
    pub percentile_weights: BTreeMap<u32, f64>,
    /// Whose code is whose, for the frames that grew with a finding.
    pub owners: Owners,
}

/// What is known of one app.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AppOptions {
    /// Name for eyes.
    pub name: Option<String>,
    /// Weight in the score, such as its share of users; 1 where absent.
    pub weight: Option<f64>,
    /// Release days by version; where absent, the first snapshot that holds a version stands in.
    pub releases: BTreeMap<String, Day>,
}

/// What is known of one metric.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetricOptions {
    /// Weight in the score; 1 where absent.
    pub weight: Option<f64>,
    /// Whether higher values are better; no known metric is so.
    pub higher_is_better: Option<bool>,
    /// Smallest reportable value, added before the logarithm for metrics that can be zero. Where absent it is learned for hangs, hitches and
    /// terminations, and for battery and unknown metrics where zeros are common (one in ten values); other metrics have none.
    pub offset: Option<f64>,
}

impl Options {
    /// Every number of the method by name, for the echo in a report.
    pub fn parameter_list(&self) -> Vec<(&'static str, f64)> {
        let strict = f64::from(u8::from(self.is_strict()));
        let own = [("false_discovery_rate", self.correction.rate()), ("strict", strict)];
        self.parameters.list().chain(own).collect()
    }

    /// Whether claims hold under any dependence of the tests.
    pub fn is_strict(&self) -> bool {
        self.correction.method().word() == BenjaminiYekutieli.word()
    }

    /// Makes them do so (`--strict`).
    pub fn be_strict(&mut self) {
        self.correction = self.correction.by(&BenjaminiYekutieli);
    }

    /// What is known of a metric.
    pub fn metric(&self, category: &str, identifier: &str) -> MetricOptions {
        self.metrics.get(&format!("{category}/{identifier}")).cloned().unwrap_or_default()
    }

    /// Weight of an app in the score.
    pub(crate) fn app_weight(&self, app: &str) -> f64 {
        self.apps.get(app).and_then(|options| options.weight).unwrap_or(1.0)
    }

    /// Weight of a percentile in the score.
    pub fn percentile_weight(&self, percentile: Option<f64>) -> f64 {
        percentile.and_then(|number| self.percentile_weights.get(&(number.round() as u32)).copied()).unwrap_or(1.0)
    }

    /// The name of an app for eyes.
    pub fn app_name(&self, app: &str) -> String {
        self.apps.get(app).and_then(|options| options.name.clone()).unwrap_or_else(|| app.to_owned())
    }
}
