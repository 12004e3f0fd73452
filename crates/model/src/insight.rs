//! Apple's own insights, as they were downloaded.

use crate::NameId;
use serde::{Deserialize, Serialize};

/// Which of Apple's two lists an insight stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum InsightList {
    /// "Significantly increased"; the cut-off is not published.
    Regressions,
    /// "Moderately increased"; the cut-off is not published.
    TrendingUp,
}

impl InsightList {
    /// Apple's name of the list.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Regressions => "regressions",
            Self::TrendingUp => "trendingUp",
        }
    }
}

/// One claim of Apple: this metric is worse in the latest version than in the versions before it.
#[derive(Clone, Debug, PartialEq)]
pub struct AppleInsight {
    /// The list it stands in.
    pub list: InsightList,
    /// Such as `LAUNCH`.
    pub category: Option<NameId>,
    /// Such as `launchTime`.
    pub metric: NameId,
    /// The version that Apple speaks of.
    pub latest_version: Option<NameId>,
    /// The versions whose mean Apple compares with, in Apple's order.
    pub reference_versions: Vec<NameId>,
    /// Highest latest value over the populations, in the metric's unit.
    pub max_latest_value: Option<f64>,
    /// Sub-system that Apple names.
    pub subsystem: Option<NameId>,
    /// Apple's flag. Two definitions are published: 100 % (API) and 75 % (Xcode) over the reference.
    pub high_impact: Option<bool>,
    /// Apple's sentence.
    pub summary: Option<NameId>,
    /// The populations it holds for.
    pub populations: Vec<InsightPopulation>,
}

/// Apple's numbers for one population.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InsightPopulation {
    /// Such as `all_iphones`.
    pub device: Option<NameId>,
    /// Apple's label, such as `percentile.fifty`.
    pub percentile: Option<NameId>,
    /// Mean of the reference versions, rounded to two decimals, in the metric's unit.
    pub reference_average: Option<f64>,
    /// Value of the latest version, in the metric's unit.
    pub latest: Option<f64>,
    /// Percent over the reference average, rounded to an integer in Apple's sample.
    pub delta_percent: Option<f64>,
    /// Apple's sentence.
    pub summary: Option<NameId>,
}
