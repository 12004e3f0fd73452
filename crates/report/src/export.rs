//! Every table of an archive for data teams: Parquet, Arrow IPC, CSV and NDJSON, with one documented schema.
//!
//! Rows go in app by app and leave in batches of bounded size, so that memory does not follow the archive. The same rows
//! give the same bytes: no times, no names of machines, one fixed name of the maker. Files are asked of an [`ExportSink`],
//! because this crate opens none.

mod batch;
mod exporter;
mod rows;
mod schema;
mod writer;

pub use exporter::{ExportSink, ExportSummary, Exporter, Partition};
pub use schema::{Column, ColumnType, EXPORT_SCHEMA, Table, schema_json, schema_markdown};
pub use writer::ExportFormat;

#[cfg(test)]
mod tests;
