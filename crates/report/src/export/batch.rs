//! Rows to Arrow batches of bounded size.

use super::schema::{ColumnType, Table};
use arrow_array::builder::{BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::SchemaRef;
use perfpower_model::Day;
use std::io;
use std::sync::Arc;

/// Rows of a batch. Arbitrary: a few megabytes of the widest table, and large enough that the cost of a batch does not show.
pub(super) const BATCH_ROWS: usize = 8192;

/// One value of a row. An empty text and a number that is not finite are null.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell<'a> {
    Text(&'a str),
    Number(f64),
    Integer(i64),
    Flag(bool),
    Day(Day),
    Null,
}

impl From<Option<f64>> for Cell<'_> {
    fn from(number: Option<f64>) -> Self {
        number.map_or(Cell::Null, Cell::Number)
    }
}

/// Counts beyond 2⁶³ do not exist in what is read.
impl From<u64> for Cell<'_> {
    fn from(count: u64) -> Self {
        Cell::Integer(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

enum Builder {
    Text(StringBuilder),
    Number(Float64Builder),
    Integer(Int64Builder),
    Flag(BooleanBuilder),
    Day(Date32Builder),
}

/// Collects rows of one table.
pub(super) struct Batcher {
    schema: SchemaRef,
    builders: Vec<Builder>,
    rows: usize,
}

impl Batcher {
    pub(super) fn new(table: Table) -> Self {
        let builders = table
            .columns()
            .iter()
            .map(|column| match column.kind {
                ColumnType::Text => Builder::Text(StringBuilder::new()),
                ColumnType::Number => Builder::Number(Float64Builder::new()),
                ColumnType::Integer => Builder::Integer(Int64Builder::new()),
                ColumnType::Flag => Builder::Flag(BooleanBuilder::new()),
                ColumnType::Day => Builder::Day(Date32Builder::new()),
            })
            .collect();
        Self { schema: table.arrow(), builders, rows: 0 }
    }

    /// Adds a row; cells stand in the order of the columns. Says whether the batch is full.
    pub(super) fn push(&mut self, cells: &[Cell<'_>]) -> bool {
        debug_assert_eq!(cells.len(), self.builders.len(), "{:?}", self.schema);
        for (builder, cell) in self.builders.iter_mut().zip(cells) {
            match (builder, cell) {
                (Builder::Text(builder), Cell::Text(text)) if !text.is_empty() => builder.append_value(text),
                (Builder::Text(builder), _) => builder.append_null(),
                (Builder::Number(builder), Cell::Number(number)) if number.is_finite() => {
                    builder.append_value(*number);
                }
                (Builder::Number(builder), _) => builder.append_null(),
                (Builder::Integer(builder), Cell::Integer(number)) => builder.append_value(*number),
                (Builder::Integer(builder), _) => builder.append_null(),
                (Builder::Flag(builder), Cell::Flag(flag)) => builder.append_value(*flag),
                (Builder::Flag(builder), _) => builder.append_null(),
                (Builder::Day(builder), Cell::Day(day)) => builder.append_value(day.days()),
                (Builder::Day(builder), _) => builder.append_null(),
            }
        }
        self.rows += 1;
        self.rows >= BATCH_ROWS
    }

    /// Takes the rows collected so far.
    pub(super) fn take(&mut self) -> io::Result<RecordBatch> {
        self.rows = 0;
        let columns = self
            .builders
            .iter_mut()
            .map(|builder| -> ArrayRef {
                match builder {
                    Builder::Text(builder) => Arc::new(builder.finish()),
                    Builder::Number(builder) => Arc::new(builder.finish()),
                    Builder::Integer(builder) => Arc::new(builder.finish()),
                    Builder::Flag(builder) => Arc::new(builder.finish()),
                    Builder::Day(builder) => Arc::new(builder.finish()),
                }
            })
            .collect();
        // Refuses a null where the schema promises none.
        RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(io::Error::other)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows == 0
    }
}
