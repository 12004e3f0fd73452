//! The store: an archive that was read once, kept as Parquet tables, which any command reads instead of the files.
//!
//! ```text
//! STORE/perfpower-ledger.parquet      every file that was packed: path, size, time, hash, whose and when by its path, where its documents are
//! STORE/shards/NAME/points.parquet …  documents in columns, a table for each kind of row (tables.rs)
//! STORE/schema.json                   what each table and column means
//! STORE/claims/DAY.json               what a run claimed whose newest download was of that day
//! STORE/perfpower.toml                what the archive says of itself, as it stood there
//! ```
//!
//! A shard is written whole and never changed; the ledger says which shards there are, and takes the place of the one before by a rename. So
//! whatever ends a run leaves the store as it was. What is kept are *documents*, each as the parser read it, and where they lay: whose they
//! are, of which day, and in which order they are merged is decided anew on every reading, by the same code as for files. So a store gives
//! the same bytes as the archive, in whatever order it was packed, and options that decide (`--layout`, `--app`, `--until`) work on it.
//!
//! A shard is read when the first of its files is asked for and forgotten when the last one was: apps are read in the order in which a run packs
//! them, so few shards are in memory together, one or two for every run that packed.

mod claims;
mod columns;
mod files;
mod ledger;
mod open;
mod pack;
mod read;
mod tables;
#[cfg(test)]
mod tests;
mod write;

pub use claims::{claims_before, place_for_claims};
pub(crate) use open::Stores;
pub use open::is_store;
pub use pack::{PackError, PackOptions, Packed, pack};
