//! The values of one `xcodeMetrics` or `xcodeOverview` body, as columns.

use crate::NameId;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Every value of one body. Datasets refer to metrics by position, and to their points by range.
#[derive(Clone, Debug, Default)]
pub struct MetricTable {
    /// Metrics in document order. The same (category, identifier) can stand in two places.
    pub metrics: Vec<Metric>,
    /// Goal bounds of all metrics; a metric holds its range.
    pub goal_bounds: Vec<GoalBound>,
    /// Datasets in document order.
    pub datasets: Vec<Dataset>,
    /// Points of all datasets.
    pub points: PointColumns,
}

/// What was measured: (category, identifier).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    /// Such as `LAUNCH`. Open: the set has grown twice.
    pub category: Option<NameId>,
    /// Such as `launchTime`.
    pub identifier: NameId,
    /// Unit as Apple names it for programs, such as `milliseconds`.
    pub unit: Option<NameId>,
    /// Unit as Apple shows it, such as `ms`. Shown, never interpreted: Apple's sample gives `%` for ms/s.
    pub unit_label: Option<NameId>,
    /// Range in [`MetricTable::goal_bounds`].
    pub goal_bounds: Range<u32>,
}

/// The range of values that carries one goal label.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct GoalBound {
    /// `good`, `fair`, `poor`, or a label never seen.
    pub goal: NameId,
    /// Inclusive lower bound in the metric's unit; absent = open to that side.
    pub lower: Option<f64>,
    /// Exclusive upper bound in the metric's unit; absent = open to that side.
    pub upper: Option<f64>,
}

/// One population's points of one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// Position in [`MetricTable::metrics`].
    pub metric: u32,
    /// Such as `iOS`.
    pub platform: Option<NameId>,
    /// Such as `all_iphones` or `iPhone12,1`.
    pub device: Option<NameId>,
    /// Such as `iPhone 13`; absent where Apple gives none.
    pub device_label: Option<NameId>,
    /// Apple's label, such as `percentile.fifty`.
    pub percentile: Option<NameId>,
    /// Range in [`MetricTable::points`].
    pub points: Range<u32>,
    /// Apple's recommendation for this population.
    pub recommended: Option<RecommendedGoal>,
}

/// Apple's recommended goal: of similar apps, or of the app's own past.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecommendedGoal {
    /// In the metric's unit.
    pub value: f64,
    /// Apple's explanation.
    pub detail: Option<NameId>,
}

/// Points as parallel columns: row `i` of each column is the same point.
#[derive(Clone, Debug, Default)]
pub struct PointColumns {
    /// App version, as written.
    pub version: Vec<NameId>,
    /// In the metric's unit; always finite.
    pub value: Vec<f64>,
    /// Half width of Apple's error margin, in the metric's unit. NaN = absent, which means *plenty of data*.
    pub margin: Vec<f64>,
    /// Apple's goal label.
    pub goal: Vec<Option<NameId>>,
    /// Shares by sub-system, sorted by point.
    pub breakdown: Vec<BreakdownShare>,
}

impl PointColumns {
    /// How many points there are.
    pub fn len(&self) -> usize {
        self.value.len()
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// Makes room for this many more points. Their shares are not counted.
    pub fn reserve(&mut self, points: usize) {
        self.version.reserve(points);
        self.value.reserve(points);
        self.margin.reserve(points);
        self.goal.reserve(points);
    }
}

/// What part of a point's value one sub-system contributes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BreakdownShare {
    /// Row in [`PointColumns`].
    pub point: u32,
    /// Such as `networking`.
    pub subsystem: NameId,
    /// Percent of the point's value, usually 0..=100.
    pub percent: f64,
}
