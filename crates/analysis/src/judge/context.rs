//! What a batch teaches about each of its apps: all that judging one needs of the others.

use crate::history::builder::{AppHistory, MetricInfo};
use crate::judge::metrics::MetricContext;
use crate::options::Options;
use perfpower_statistics::CriticalValues;
use perfpower_statistics::prior::Priors;
use perfpower_statistics::unit::joint::UnitNoise;

/// A handful of numbers per metric, however many apps there are.
pub(crate) struct Context<'o> {
    pub(crate) options: &'o Options,
    /// Sorted by category and identifier.
    pub(crate) metrics: Vec<MetricContext>,
    /// Apple's labels, sorted.
    pub(crate) percentiles: Vec<String>,
    pub(crate) priors: Priors,
    pub(crate) critical: CriticalValues,
    /// By metric, the noise that its units are judged under.
    pub(crate) noise: Vec<UnitNoise>,
    /// As long as the longest series: for metrics whose margins cannot be believed.
    pub(crate) no_margins: Vec<f64>,
}

impl Context<'_> {
    /// The position of a metric; absent where the batch does not have it.
    pub(crate) fn metric(&self, category: &str, identifier: &str) -> Option<u32> {
        let key = (category, identifier);
        let at = self.metrics.binary_search_by(|known| (&*known.category, &*known.identifier).cmp(&key));
        at.ok().map(|at| at as u32)
    }

    /// The position of a metric of an app.
    pub(crate) fn metric_of(&self, history: &AppHistory, metric: &MetricInfo) -> Option<u32> {
        let (category, identifier) = history.metric_name(metric);
        self.metric(category, identifier)
    }

    /// The position of a percentile's label; absent where the batch does not have it.
    pub(crate) fn percentile(&self, label: &str) -> Option<u32> {
        self.percentiles.binary_search_by(|known| known.as_str().cmp(label)).ok().map(|at| at as u32)
    }

    /// Half the width of an interval of the options' confidence.
    pub(crate) fn half_width(&self, se: f64, df: f64) -> f64 {
        self.critical.quantile(df, (1.0 - self.options.parameters.confidence) / 2.0) * se
    }
}
