//! Stores among the paths of a run, opened: what they list, and their documents when these are asked for.

use super::columns::Fault;
use super::files::read_table;
use super::ledger::{Ledger, ShardFile};
use super::read::Shard;
use super::tables::Tables;
use perfpower_archive::{Listing, STORE_LEDGER, Sources};
use perfpower_model::{Names, Problem, Severity};
use perfpower_parse::Parsed;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The directory of shards in a store.
pub(super) const SHARDS: &str = "shards";

/// Whether a path is a store.
pub fn is_store(path: &Path) -> bool {
    path.join(STORE_LEDGER).is_file()
}

/// The stores of a run.
#[derive(Debug, Default)]
pub(crate) struct Stores {
    files: Vec<KeptFile>,
    shards: Vec<LazyShard>,
}

/// A file that was packed.
#[derive(Debug)]
pub(crate) struct KeptFile {
    /// Of its bytes.
    pub(crate) hash: u128,
    /// Unpacked.
    pub(crate) bytes: u64,
    /// The shard, by position, and the number of the file in it; or why it could not be unpacked.
    at: Result<(usize, u32), Problem>,
}

impl Stores {
    /// Opens the stores among the sources; the other sources are left, and all is listed.
    pub(crate) fn list(sources: &Sources) -> (Self, Listing) {
        let (stores, paths): (Vec<PathBuf>, Vec<PathBuf>) =
            sources.paths.iter().cloned().partition(|path| is_store(path));
        let mut listing = Listing::of(&Sources { paths, ..sources.clone() });
        let mut opened = Self::default();
        for path in stores {
            match Ledger::read(&path.join(STORE_LEDGER)) {
                Ok(ledger) => listing.join(opened.take(&path, ledger)),
                Err(fault) => listing.problems.push((path.display().to_string(), damaged(&fault))),
            }
        }
        (opened, listing)
    }

    fn take(&mut self, store: &Path, ledger: Ledger) -> Listing {
        let first = self.files.len() as u64;
        let mut files: HashMap<&str, FilesOf> = HashMap::new();
        for ShardFile { shard, file } in ledger.files.iter().filter_map(|file| file.at.as_ref()) {
            let of_shard = files.entry(shard).or_default();
            of_shard.end = of_shard.end.max(file + 1);
            of_shard.listed += 1;
        }
        let mut shards: HashMap<Arc<str>, usize> = HashMap::new();
        for file in &ledger.files {
            let at = match (&file.at, &file.failure) {
                (Some(ShardFile { shard, file }), _) => {
                    let position = *shards.entry(Arc::clone(shard)).or_insert_with(|| {
                        let path = store.join(SHARDS).join(&**shard);
                        self.shards.push(LazyShard::new(path, files[&**shard]));
                        self.shards.len() - 1
                    });
                    Ok((position, *file))
                }
                (None, Some(failure)) => Err(failure.clone()),
                (None, None) => Err(damaged(&Fault("a file of the ledger that is in no shard".to_owned()))),
            };
            self.files.push(KeptFile { hash: file.hash, bytes: file.bytes, at });
        }
        ledger.listing(first)
    }

    /// A file by its number.
    pub(crate) fn file(&self, number: u64) -> Option<&KeptFile> {
        self.files.get(usize::try_from(number).ok()?)
    }

    /// The documents of a file, each with its position in it; with the counts of known fields where these are asked for.
    pub(crate) fn documents(&self, file: &KeptFile, counts_known: bool) -> Result<Vec<(u32, Parsed)>, Problem> {
        let (shard, number) = file.at.clone()?;
        self.shards[shard].documents(number, counts_known)
    }

    /// Told of each file that was read, or need not be.
    pub(crate) fn is_done(&self, file: &KeptFile) {
        if let Ok((shard, _)) = file.at {
            self.shards[shard].is_done_with_one();
        }
    }
}

/// The files of a shard, as the ledger lists them.
#[derive(Clone, Copy, Debug, Default)]
struct FilesOf {
    /// One past the largest number.
    end: u32,
    listed: u32,
}

/// A shard that is read when a document of it is asked for, and forgotten when all its files were.
#[derive(Debug)]
struct LazyShard {
    path: PathBuf,
    files: FilesOf,
    held: Mutex<Opened>,
}

#[derive(Debug, Default)]
struct Opened {
    shard: Option<Result<Arc<Shard>, Problem>>,
    done: u32,
}

impl LazyShard {
    fn new(path: PathBuf, files: FilesOf) -> Self {
        Self { path, files, held: Mutex::default() }
    }

    fn documents(&self, file: u32, counts_known: bool) -> Result<Vec<(u32, Parsed)>, Problem> {
        // Who comes while it is being read waits here for it.
        let read = || read_shard(&self.path, self.files.end).map(Arc::new).map_err(|fault| damaged(&fault));
        let shard = self.held().shard.get_or_insert_with(read).clone()?;
        shard
            .documents(file, counts_known)
            .map_err(|fault| damaged(&Fault(format!("{}: {fault}", self.path.display()))))
    }

    /// One that is asked for again, because what a file says moves another one, is read again.
    fn is_done_with_one(&self) {
        let mut held = self.held();
        held.done += 1;
        if held.done >= self.files.listed {
            *held = Opened::default();
        }
    }

    fn held(&self) -> MutexGuard<'_, Opened> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads all tables of a shard.
pub(super) fn read_shard(path: &Path, files: u32) -> Result<Shard, Fault> {
    let mut names = Names::new();
    let tables = Tables::read_each(&mut names, |name| read_table(&path.join(format!("{name}.parquet"))))?;
    Shard::new(tables, names, files as usize)
}

/// What a part of a store that cannot be read costs, and what cures it.
fn damaged(fault: &Fault) -> Problem {
    Problem::new(Severity::Error, "damaged-store", format!("the store cannot be read here: {fault}"))
        .with_hint("pack the archive into a new store; where that is gone, bring this one back from a copy")
}
