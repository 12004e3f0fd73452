//! Arrow batches to the bytes of each format.

use super::schema::{EXPORT_SCHEMA, Table};
use crate::json::inert::write_compact;
use crate::safe;
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_ipc::writer::FileWriter;
use arrow_schema::DataType;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use perfpower_model::Day;
use std::io::{self, Write};

/// How tables are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// Parquet with zstd.
    Parquet,
    /// The Arrow IPC file format, also known as Feather 2, not compressed.
    Arrow,
    /// CSV with a header; null = an empty cell. Texts that a spreadsheet would take for a formula start with an apostrophe, and
    /// control characters are made visible.
    Csv,
    /// One JSON object per line, with every key.
    Ndjson,
}

impl ExportFormat {
    /// The end of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
        }
    }
}

/// Rows of a Parquet row group: it is what a writer holds in memory. Arbitrary: an eighth of Arrow's default.
const ROW_GROUP_ROWS: usize = 131_072;

/// One table on its way into a file.
pub(super) enum TableWriter<W: Write + Send> {
    Parquet(Box<ArrowWriter<W>>),
    Arrow(Box<FileWriter<W>>),
    Csv(Box<csv::Writer<W>>),
    Ndjson(W),
}

impl<W: Write + Send> TableWriter<W> {
    pub(super) fn new(format: ExportFormat, table: Table, file: W) -> io::Result<Self> {
        let schema = table.arrow();
        Ok(match format {
            ExportFormat::Parquet => {
                let level = ZstdLevel::try_new(3).map_err(io::Error::other)?; // zstd's own default
                let properties = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(level))
                    .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
                    .set_created_by(EXPORT_SCHEMA.to_owned())
                    .build();
                let writer = ArrowWriter::try_new(file, schema, Some(properties)).map_err(io::Error::other)?;
                Self::Parquet(Box::new(writer))
            }
            ExportFormat::Arrow => Self::Arrow(Box::new(FileWriter::try_new(file, &schema).map_err(io::Error::other)?)),
            ExportFormat::Csv => {
                let mut writer = csv::Writer::from_writer(file);
                writer.write_record(table.columns().iter().map(|column| column.name))?;
                Self::Csv(Box::new(writer))
            }
            ExportFormat::Ndjson => Self::Ndjson(file),
        })
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        match self {
            Self::Parquet(writer) => writer.write(batch).map_err(io::Error::other),
            Self::Arrow(writer) => writer.write(batch).map_err(io::Error::other),
            Self::Csv(writer) => {
                let mut text = String::new();
                for row in 0..batch.num_rows() {
                    for column in batch.columns() {
                        text.clear();
                        let value = Value::of(column, row);
                        value.push_plain(&mut text);
                        let is_text = matches!(value, Value::Text(_));
                        let cell = if is_text { safe::csv_cell(&text) } else { text.as_str().into() };
                        writer.write_field(cell.as_bytes())?;
                    }
                    writer.write_record(None::<&[u8]>)?;
                }
                Ok(())
            }
            Self::Ndjson(file) => {
                let mut line = Vec::new();
                let schema = batch.schema();
                for row in 0..batch.num_rows() {
                    line.clear();
                    for (index, (field, column)) in schema.fields().iter().zip(batch.columns()).enumerate() {
                        line.push(if index == 0 { b'{' } else { b',' });
                        write_compact(field.name(), &mut line)?;
                        line.push(b':');
                        Value::of(column, row).write_json(&mut line)?;
                    }
                    line.extend_from_slice(b"}\n");
                    file.write_all(&line)?;
                }
                Ok(())
            }
        }
    }

    /// Ends the file and gives it back.
    pub(super) fn finish(self) -> io::Result<W> {
        match self {
            Self::Parquet(writer) => writer.into_inner().map_err(io::Error::other),
            Self::Arrow(writer) => writer.into_inner().map_err(io::Error::other),
            Self::Csv(writer) => writer.into_inner().map_err(csv::IntoInnerError::into_error),
            Self::Ndjson(file) => Ok(file),
        }
    }
}

/// One value of a column.
enum Value<'a> {
    Text(&'a str),
    Number(f64),
    Integer(i64),
    Flag(bool),
    Day(Day),
    Null,
}

impl<'a> Value<'a> {
    fn of(column: &'a ArrayRef, row: usize) -> Self {
        if column.is_null(row) {
            return Self::Null;
        }
        match column.data_type() {
            DataType::Utf8 => Self::Text(column.as_string::<i32>().value(row)),
            DataType::Float64 => Self::Number(column.as_primitive::<Float64Type>().value(row)),
            DataType::Int64 => Self::Integer(column.as_primitive::<Int64Type>().value(row)),
            DataType::Boolean => Self::Flag(column.as_boolean().value(row)),
            DataType::Date32 => Self::Day(Day::from_days(column.as_primitive::<Date32Type>().value(row))),
            _ => Self::Null, // the schema has no other type
        }
    }

    fn push_plain(&self, out: &mut String) {
        match self {
            Self::Text(text) => out.push_str(text),
            // With a period or an exponent: a reader that guesses sees a number that is no integer.
            Self::Number(number) => out.push_str(&format!("{number:?}")),
            Self::Integer(number) => out.push_str(&number.to_string()),
            Self::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Self::Day(day) => out.push_str(&day.to_string()),
            Self::Null => {}
        }
    }

    fn write_json(&self, out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Text(text) => write_compact(text, out)?,
            Self::Number(number) => serde_json::to_writer(out, number)?,
            Self::Integer(number) => serde_json::to_writer(out, number)?,
            Self::Flag(flag) => serde_json::to_writer(out, flag)?,
            Self::Day(day) => serde_json::to_writer(out, &day.to_string())?,
            Self::Null => out.extend_from_slice(b"null"),
        }
        Ok(())
    }
}
