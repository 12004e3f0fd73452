//! The points of one app as one polars table; the columns of the merge become its columns without a copy.
//!
//! The kernels read contiguous slices of it; the tables of `compare`, `percentiles` and `export` are made from it.

use perfpower_model::{Day, NameId};
use polars::prelude::{Column, DataFrame, Float64Chunked, Int32Chunked, IntoColumn, UInt32Chunked};

/// The columns, in their order in the frame: every series asks for three of them, and a look-up by name costs a hash each.
#[derive(Clone, Copy, Debug)]
enum PointColumn {
    Series,
    Version,
    Value,
    Margin,
    Goal,
    Snapshot,
}

impl PointColumn {
    /// Its name in the frame.
    const fn name(self) -> &'static str {
        match self {
            Self::Series => "series",
            Self::Version => "version",
            Self::Value => "value",
            Self::Margin => "margin",
            Self::Goal => "goal",
            Self::Snapshot => "snapshot",
        }
    }
}

/// Columns of equal length, on their way into a [`PointTable`].
#[derive(Debug, Default)]
pub(crate) struct PointTableColumns {
    /// Positions in the history, as the next one.
    pub(crate) series: Vec<u32>,
    pub(crate) version: Vec<u32>,
    pub(crate) value: Vec<f64>,
    pub(crate) margin: Vec<f64>,
    /// Names by their index.
    pub(crate) goal: Vec<u32>,
    /// In days.
    pub(crate) snapshot: Vec<i32>,
}

impl PointTableColumns {
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

    pub(crate) fn len(&self) -> usize {
        self.value.len()
    }
}

/// One row per (series, version), sorted by both: `series` and `version` as positions in the history, `value` and `margin`
/// in the metric's unit (margin NaN = absent), `goal` as a name (`u32::MAX` = absent), `snapshot` in days.
#[derive(Clone, Debug)]
pub struct PointTable {
    frame: DataFrame,
}

impl PointTable {
    pub(crate) fn new(columns: PointTableColumns) -> Self {
        let height = columns.len();
        let columns: Vec<Column> = vec![
            UInt32Chunked::from_vec(PointColumn::Series.name().into(), columns.series).into_column(),
            UInt32Chunked::from_vec(PointColumn::Version.name().into(), columns.version).into_column(),
            Float64Chunked::from_vec(PointColumn::Value.name().into(), columns.value).into_column(),
            Float64Chunked::from_vec(PointColumn::Margin.name().into(), columns.margin).into_column(),
            UInt32Chunked::from_vec(PointColumn::Goal.name().into(), columns.goal).into_column(),
            Int32Chunked::from_vec(PointColumn::Snapshot.name().into(), columns.snapshot).into_column(),
        ];
        Self { frame: DataFrame::new(height, columns).unwrap_or_default() }
    }

    /// How many points there are.
    pub fn len(&self) -> usize {
        self.frame.height()
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// In the metric's unit.
    pub fn values(&self) -> &[f64] {
        self.f64(PointColumn::Value)
    }

    /// In the metric's unit; NaN = absent.
    pub fn margins(&self) -> &[f64] {
        self.f64(PointColumn::Margin)
    }

    /// Positions in [`crate::AppHistory::series`].
    pub fn series(&self) -> &[u32] {
        self.u32(PointColumn::Series)
    }

    /// Positions in [`crate::AppHistory::versions`].
    pub fn versions(&self) -> &[u32] {
        self.u32(PointColumn::Version)
    }

    /// Goal label of a row.
    pub fn goal(&self, row: u32) -> NameId {
        NameId::from_index(self.u32(PointColumn::Goal)[row as usize] as usize)
    }

    /// The day whose value holds in a row.
    pub fn snapshot(&self, row: u32) -> Day {
        let days = self.column(PointColumn::Snapshot).and_then(|c| c.i32().ok()).and_then(|c| c.cont_slice().ok());
        Day::from_days(days.map_or(0, |days| days[row as usize]))
    }

    fn column(&self, column: PointColumn) -> Option<&Column> {
        self.frame.select_at_idx(column as usize)
    }

    fn f64(&self, column: PointColumn) -> &[f64] {
        self.column(column).and_then(|c| c.f64().ok()).and_then(|c| c.cont_slice().ok()).unwrap_or_default()
    }

    fn u32(&self, column: PointColumn) -> &[u32] {
        self.column(column).and_then(|c| c.u32().ok()).and_then(|c| c.cont_slice().ok()).unwrap_or_default()
    }
}
