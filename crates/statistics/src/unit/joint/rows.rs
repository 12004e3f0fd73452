//! Series over the same versions, one after the other in memory.

use std::ops::{Index, IndexMut, Range};
use std::slice::{ChunksExact, ChunksExactMut};

/// One row of numbers for each population, one column for each version.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rows {
    columns: usize,
    cells: Vec<f64>,
}

impl Rows {
    /// No row yet.
    pub(super) fn with_capacity(rows: usize, columns: usize) -> Self {
        Self { columns, cells: Vec::with_capacity(rows * columns) }
    }

    /// Adds a row of as many cells as there are columns.
    pub(super) fn push(&mut self, row: impl Iterator<Item = f64>) {
        self.cells.extend(row);
        debug_assert!(self.cells.len().is_multiple_of(self.columns.max(1)), "a row has a cell for each version");
    }

    /// No row again, in the same memory.
    pub(super) fn clear(&mut self) {
        self.cells.clear();
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    pub(super) fn iter(&self) -> ChunksExact<'_, f64> {
        self.cells.chunks_exact(self.columns.max(1))
    }

    pub(super) fn iter_mut(&mut self) -> ChunksExactMut<'_, f64> {
        self.cells.chunks_exact_mut(self.columns.max(1))
    }

    /// All cells, row by row.
    pub(super) fn cells_mut(&mut self) -> &mut [f64] {
        &mut self.cells
    }

    /// The same rows over some of the columns.
    pub(super) fn part(&self, columns: Range<usize>) -> Self {
        let mut found = Self::with_capacity(self.iter().len(), columns.len());
        for row in self.iter() {
            found.cells.extend_from_slice(&row[columns.clone()]);
        }
        found
    }
}

impl Index<usize> for Rows {
    type Output = [f64];

    fn index(&self, row: usize) -> &[f64] {
        &self.cells[row * self.columns..(row + 1) * self.columns]
    }
}

impl IndexMut<usize> for Rows {
    fn index_mut(&mut self, row: usize) -> &mut [f64] {
        &mut self.cells[row * self.columns..(row + 1) * self.columns]
    }
}
