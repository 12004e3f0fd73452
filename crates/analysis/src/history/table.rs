//! The points of one app, as columns: the kernels read contiguous slices of them, and the tables over the portfolio are made from them.

use perfpower_model::{Day, NameId};
use serde::{Deserialize, Serialize};

/// One row per (series, version), sorted by both.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PointTable {
    /// Positions in the history, as the next one.
    pub(crate) series: Vec<u32>,
    pub(crate) version: Vec<u32>,
    pub(crate) value: Vec<f64>,
    pub(crate) margin: Vec<f64>,
    pub(crate) goal: Vec<Option<NameId>>,
    pub(crate) snapshot: Vec<Day>,
}

impl PointTable {
    pub(crate) fn with_capacity(rows: usize) -> Self {
        Self {
            series: Vec::with_capacity(rows),
            version: Vec::with_capacity(rows),
            value: Vec::with_capacity(rows),
            margin: Vec::with_capacity(rows),
            goal: Vec::with_capacity(rows),
            snapshot: Vec::with_capacity(rows),
        }
    }

    /// Bytes held, capacity included.
    pub(crate) fn heap_bytes(&self) -> usize {
        (self.series.capacity() + self.version.capacity() + self.goal.capacity() + self.snapshot.capacity()) * 4
            + (self.value.capacity() + self.margin.capacity()) * 8
    }

    /// How many points there are.
    pub fn len(&self) -> usize {
        self.value.len()
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// In the metric's unit.
    pub fn values(&self) -> &[f64] {
        &self.value
    }

    /// In the metric's unit; NaN = absent.
    pub fn margins(&self) -> &[f64] {
        &self.margin
    }

    /// Positions in [`crate::AppHistory::series`].
    pub fn series(&self) -> &[u32] {
        &self.series
    }

    /// Positions in [`crate::AppHistory::versions`].
    pub fn versions(&self) -> &[u32] {
        &self.version
    }

    /// Goal label of a row.
    pub fn goal(&self, row: u32) -> Option<NameId> {
        self.goal[row as usize]
    }

    /// The day whose value holds in a row.
    pub fn snapshot(&self, row: u32) -> Day {
        self.snapshot[row as usize]
    }
}
