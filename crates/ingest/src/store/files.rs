//! Tables in Parquet files, each written whole before it is seen.

use super::columns::{Column, Fault};
use super::tables::TableMeaning;
use arrow_array::RecordBatch;
use arrow_schema::{Fields, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use perfpower_model::{NameId, Names};
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Name and version of what a store is; another one is not read.
pub(super) const STORE_SCHEMA: &str = "perfpower.store/1";

/// The key of that in the metadata of each file.
const SCHEMA_KEY: &str = "perfpower";

/// The first column of each table of a shard.
pub(super) const SHARD_COLUMN: &str = "shard";

/// Rows of a batch on its way back. Arbitrary: the texts of a batch are looked up once each, so smaller ones cost, and larger ones take memory.
const BATCH_ROWS: usize = 16_384;

/// Writes a table, and waits until the disk has it.
pub(super) fn write_table(path: &Path, batch: &RecordBatch) -> Result<(), Fault> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?)) // zstd's own default
        .set_created_by(STORE_SCHEMA.to_owned())
        .set_key_value_metadata(Some(vec![KeyValue::new(SCHEMA_KEY.to_owned(), STORE_SCHEMA.to_owned())]))
        .build();
    let mut writer = ArrowWriter::try_new(File::create(path)?, batch.schema(), Some(properties))?;
    writer.write(batch)?;
    writer.into_inner()?.sync_all()?;
    Ok(())
}

/// The same rows, each with the name of its shard in front: numbers of documents are told apart by it where all shards are read together.
pub(super) fn with_shard(batch: &RecordBatch, shard: &str) -> Result<RecordBatch, Fault> {
    let mut names = Names::new();
    let shard: Vec<Option<NameId>> = vec![Some(names.intern(shard)); batch.num_rows()];
    let field = <Vec<Option<NameId>> as Column>::field(SHARD_COLUMN);
    let own = batch.schema();
    let fields = [Arc::new(field)].into_iter().chain(own.fields().iter().cloned());
    let columns = [shard.array(&names)].into_iter().chain(batch.columns().iter().cloned());
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields.collect::<Fields>())), columns.collect())?)
}

/// Reads a table, a few rows at a time.
pub(super) fn read_table(path: &Path) -> Result<impl Iterator<Item = Result<RecordBatch, Fault>> + use<>, Fault> {
    let file = File::open(path).map_err(|error| Fault(format!("{}: {error}", path.display())))?;
    let shown = path.display().to_string();
    let of_file = move |fault: Fault| Fault(format!("{shown}: {fault}"));
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| of_file(error.into()))?;
    let metadata = builder.metadata().file_metadata().key_value_metadata();
    let schema =
        metadata.into_iter().flatten().find(|entry| entry.key == SCHEMA_KEY).and_then(|entry| entry.value.clone());
    if schema.as_deref() != Some(STORE_SCHEMA) {
        let found = schema.unwrap_or_else(|| "no table of a store".to_owned());
        return Err(of_file(Fault(format!("found {found}, expected {STORE_SCHEMA}"))));
    }
    let batches = builder.with_batch_size(BATCH_ROWS).build().map_err(|error| of_file(error.into()))?;
    Ok(batches.map(move |batch| batch.map_err(|error| of_file(error.into()))))
}

/// Makes sure that the names in a directory are on the disk.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

/// Writes what each table and column means, for those who read them without this program.
pub(super) fn write_schema(path: &Path, tables: &[TableMeaning]) -> Result<(), Fault> {
    let shard = "The shard, by the name of its directory: documents are numbered within one. The first column of every table but the ledger.";
    let schema = serde_json::json!({"schema": STORE_SCHEMA, SHARD_COLUMN: shard, "tables": tables});
    Ok(fs::write(path, format!("{schema:#}\n"))?)
}

/// Removes a directory or a file, if it is there.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
