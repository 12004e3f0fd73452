//! What a run can be told: the parameters of the statistics, and what the user knows of his apps and metrics.

use std::collections::BTreeMap;

/// Everything an analysis can be told. All of it is echoed in the report.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What is known of apps, by key.
    pub apps: BTreeMap<String, AppOptions>,
    /// What is known of metrics, by `CATEGORY/identifier`.
    pub metrics: BTreeMap<String, MetricOptions>,
    /// Weight of a percentile in the score, by its number; 1 where absent.
    pub percentile_weights: BTreeMap<u32, f64>,
    /// Whether false discoveries are controlled under any dependence (Benjamini–Yekutieli).
    pub strict: bool,
}

/// What is known of one app.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AppOptions {
    /// Name for eyes.
    pub name: Option<String>,
    /// Weight in the score, such as its share of users; 1 where absent.
    pub weight: Option<f64>,
}

/// What is known of one metric.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetricOptions {
    /// Weight in the score; 1 where absent.
    pub weight: Option<f64>,
    /// Whether higher values are better; no known metric is so.
    pub higher_is_better: Option<bool>,
    /// Smallest reportable value, added before the logarithm for metrics that can be zero; learned where absent.
    pub offset: Option<f64>,
}

impl Options {
    /// Every number of the method by name, for the echo in a report.
    pub fn parameter_list(&self) -> Vec<(&'static str, f64)> {
        vec![("strict", f64::from(u8::from(self.strict)))]
    }

    /// The name of an app for eyes.
    pub fn app_name(&self, app: &str) -> String {
        self.apps.get(app).and_then(|options| options.name.clone()).unwrap_or_else(|| app.to_owned())
    }
}
