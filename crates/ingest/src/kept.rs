//! Histories that do not fit into memory: written when their app was read, and brought back as often as they are asked for.
//!
//! They lie in one temporary file without a name, which goes with the run however that ends. What is written is postcard, pressed by zstd.

use perfpower_analysis::{AppHistory, Histories, KeptHistories, SignaturePage};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// The histories of a reading, sorted by app.
#[derive(Debug)]
pub enum AppHistories {
    /// All of them, as always where the plan does not bound memory.
    InMemory(Vec<AppHistory>),
    /// Those of an archive that takes more memory than the plan allows.
    OnDisk(HistoriesOnDisk),
}

/// Histories in a temporary file.
#[derive(Debug)]
pub struct HistoriesOnDisk {
    file: Arc<HistoryFile>,
    /// With the app of each.
    places: Vec<(String, Place)>,
}

impl Default for AppHistories {
    fn default() -> Self {
        Self::InMemory(Vec::new())
    }
}

impl AppHistories {
    /// As they are judged.
    pub fn all(&self) -> Histories<'_> {
        match self {
            Self::InMemory(all) => Histories::InMemory(all),
            Self::OnDisk(kept) => Histories::Kept(kept),
        }
    }

    /// Those in memory: all, or none where they are on disk.
    pub fn in_memory(&self) -> &[AppHistory] {
        match self {
            Self::InMemory(all) => all,
            Self::OnDisk(_) => &[],
        }
    }

    /// The keys of all apps, in their order.
    pub fn apps(&self) -> impl Iterator<Item = &str> {
        self.all().apps()
    }

    /// Changes each, one after the other.
    pub(crate) fn change(&mut self, mut change: impl FnMut(&mut AppHistory)) {
        match self {
            Self::InMemory(all) => all.iter_mut().for_each(change),
            Self::OnDisk(HistoriesOnDisk { file, places }) => {
                for (app, place) in places {
                    let mut history = file.bring(*place);
                    change(&mut history);
                    *place = file.append(&history).unwrap_or_else(|fault| lost(&fault));
                    *app = history.app;
                }
            }
        }
    }
}

impl<'a> From<&'a AppHistories> for Histories<'a> {
    fn from(histories: &'a AppHistories) -> Self {
        histories.all()
    }
}

impl HistoriesOnDisk {
    /// Bytes on disk.
    pub fn bytes(&self) -> u64 {
        self.file.lock().metadata().map_or(0, |file| file.len())
    }
}

impl KeptHistories for HistoriesOnDisk {
    fn count(&self) -> usize {
        self.places.len()
    }

    fn app(&self, at: usize) -> &str {
        &self.places[at].0
    }

    fn bring(&self, at: usize) -> AppHistory {
        self.file.bring(self.places[at].1)
    }
}

/// Where a history lies in the file.
#[derive(Clone, Copy, Debug)]
struct Place {
    start: u64,
    bytes: usize,
    /// Before it was pressed.
    plain: usize,
}

#[derive(Debug)]
struct HistoryFile(Mutex<File>);

impl HistoryFile {
    fn create() -> io::Result<Arc<Self>> {
        Ok(Arc::new(Self(Mutex::new(tempfile::tempfile_in(directory())?))))
    }

    fn append(&self, history: &AppHistory) -> io::Result<Place> {
        /// The fastest: it is read a few times, and then gone.
        const LEVEL: i32 = 1;
        let plain = postcard::to_stdvec(history).map_err(io::Error::other)?;
        let pressed = zstd::bulk::compress(&plain, LEVEL)?;
        let mut file = self.lock();
        let start = file.seek(SeekFrom::End(0))?;
        file.write_all(&pressed)?;
        Ok(Place { start, bytes: pressed.len(), plain: plain.len() })
    }

    fn read(&self, Place { start, bytes, plain }: Place) -> io::Result<AppHistory> {
        let mut pressed = vec![0; bytes];
        {
            let mut file = self.lock();
            file.seek(SeekFrom::Start(start))?;
            file.read_exact(&mut pressed)?;
        }
        postcard::from_bytes(&zstd::bulk::decompress(&pressed, plain)?).map_err(io::Error::other)
    }

    fn lock(&self) -> MutexGuard<'_, File> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bring(&self, place: Place) -> AppHistory {
        self.read(place).unwrap_or_else(|fault| lost(&fault))
    }
}

/// Where the file goes. What lies in `/tmp` is in memory on many a Linux; `/var/tmp` never is.
fn directory() -> PathBuf {
    let large = Path::new("/var/tmp");
    let is_said = std::env::var_os("TMPDIR").is_some_and(|directory| !directory.is_empty());
    if !is_said && large.is_dir() { large.to_owned() } else { std::env::temp_dir() }
}

/// Nobody else has a name for the file, so this is the disk's own doing, and nothing true can be told any more.
fn lost(fault: &io::Error) -> ! {
    panic!("the temporary file with the histories of the apps cannot be used any more: {fault}");
}

/// A history as the reading goes on with it.
#[derive(Debug)]
pub(crate) enum ReadHistory {
    InMemory(Box<AppHistory>),
    OnDisk(Gone),
}

/// What is asked of a history that is on disk while the archive is read.
#[derive(Debug)]
pub(crate) struct Gone {
    app: String,
    file: Arc<HistoryFile>,
    place: Place,
    has_values: bool,
    only_version: Option<String>,
    signatures: BTreeSet<String>,
}

impl ReadHistory {
    pub(crate) fn app(&self) -> &str {
        match self {
            Self::InMemory(history) => &history.app,
            Self::OnDisk(gone) => &gone.app,
        }
    }

    /// Whether there is any point.
    pub(crate) fn has_values(&self) -> bool {
        match self {
            Self::InMemory(history) => !history.table.is_empty(),
            Self::OnDisk(gone) => gone.has_values,
        }
    }

    /// Its version, where it has but one.
    pub(crate) fn only_version(&self) -> Option<&str> {
        match self {
            Self::InMemory(history) => only_version(history),
            Self::OnDisk(gone) => gone.only_version.as_deref(),
        }
    }

    /// The ids of the signatures on its pages.
    pub(crate) fn signatures(&self) -> BTreeSet<&str> {
        match self {
            Self::InMemory(history) => history.signature_pages.iter().flat_map(signatures).collect(),
            Self::OnDisk(gone) => gone.signatures.iter().map(String::as_str).collect(),
        }
    }

    /// The history itself, brought back if need be.
    pub(crate) fn into_memory(self) -> AppHistory {
        match self {
            Self::InMemory(history) => *history,
            Self::OnDisk(gone) => gone.file.bring(gone.place),
        }
    }
}

fn only_version(history: &AppHistory) -> Option<&str> {
    (history.versions.len() == 1).then(|| history.version_text(0))
}

fn signatures(page: &SignaturePage) -> impl Iterator<Item = &str> {
    page.body.signatures.iter().filter_map(|signature| page.body.names.get(signature.id))
}

/// Decides which histories stay in memory while an archive is read: all, until they take more than they may; from then on none.
#[derive(Debug, Default)]
pub(crate) struct Keeper {
    /// Absent = as much as there is.
    most: Option<u64>,
    held: AtomicU64,
    file: OnceLock<Option<Arc<HistoryFile>>>,
    /// Why something that was to go there did not: the first reason.
    fault: OnceLock<io::Error>,
}

impl Keeper {
    pub(crate) fn new(most: Option<u64>) -> Self {
        Self { most, ..Self::default() }
    }

    /// Takes a history that was read.
    pub(crate) fn keep(&self, history: AppHistory) -> ReadHistory {
        let Some(most) = self.most else { return ReadHistory::InMemory(Box::new(history)) };
        let bytes = history.heap_bytes() as u64;
        let held = self.held.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if held > most { self.write(history) } else { ReadHistory::InMemory(Box::new(history)) }
    }

    /// All of a reading: on disk if one of them is. Where the disk has no room all are in memory again, and the fault says why.
    pub(crate) fn finish(self, histories: Vec<ReadHistory>) -> (AppHistories, Option<io::Error>) {
        let is_on_disk = histories.iter().any(|history| matches!(history, ReadHistory::OnDisk(_)));
        let histories: Vec<ReadHistory> = if is_on_disk {
            histories.into_par_iter().map(|history| self.write_if_here(history)).collect()
        } else {
            histories
        };
        let place = |history: &ReadHistory| match history {
            ReadHistory::OnDisk(gone) => Some((gone.app.clone(), gone.place)),
            ReadHistory::InMemory(_) => None,
        };
        let places: Option<Vec<(String, Place)>> = histories.iter().map(place).collect();
        let fault = self.fault.into_inner();
        match (self.file.into_inner().flatten(), places) {
            (Some(file), Some(places)) if is_on_disk => (AppHistories::OnDisk(HistoriesOnDisk { file, places }), fault),
            _ => (AppHistories::InMemory(histories.into_iter().map(ReadHistory::into_memory).collect()), fault),
        }
    }

    fn write_if_here(&self, history: ReadHistory) -> ReadHistory {
        match history {
            ReadHistory::InMemory(history) => self.write(*history),
            ReadHistory::OnDisk(gone) => ReadHistory::OnDisk(gone),
        }
    }

    /// On disk, or as it is where that fails.
    fn write(&self, history: AppHistory) -> ReadHistory {
        let create = || HistoryFile::create().map_err(|fault| self.fault.set(fault)).ok();
        let Some(file) = self.file.get_or_init(create) else { return ReadHistory::InMemory(Box::new(history)) };
        if self.fault.get().is_some() {
            return ReadHistory::InMemory(Box::new(history));
        }
        match file.append(&history) {
            Ok(place) => ReadHistory::OnDisk(Gone {
                file: Arc::clone(file),
                place,
                has_values: !history.table.is_empty(),
                only_version: only_version(&history).map(str::to_owned),
                signatures: history.signature_pages.iter().flat_map(signatures).map(str::to_owned).collect(),
                app: history.app,
            }),
            Err(fault) => {
                // Another thread may have been first.
                let _ = self.fault.set(fault);
                ReadHistory::InMemory(Box::new(history))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ReadPlan, Sources, read_archive};

    fn demo(memory: Option<u64>) -> AppHistories {
        let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/demo"));
        let plan = ReadPlan { sources: Sources::of_paths([path]), memory, ..ReadPlan::default() };
        read_archive(&plan, &()).histories
    }

    #[test]
    fn what_comes_back_is_what_was_written() {
        let AppHistories::InMemory(all) = demo(None) else { panic!("no bound was given") };
        let bytes = |history: &AppHistory| postcard::to_stdvec(history).unwrap();
        let written: Vec<Vec<u8>> = all.iter().map(bytes).collect();
        let (kept, fault) = {
            let keeper = Keeper::new(Some(0));
            let gone = all.into_iter().map(|history| keeper.keep(history)).collect();
            keeper.finish(gone)
        };
        assert!(matches!((&kept, &fault), (AppHistories::OnDisk(_), None)), "{fault:?}");
        assert_eq!(kept.all().each(bytes), written);
        assert!(written.iter().any(|bytes| bytes.len() > 10_000), "there is something in them");
    }

    #[test]
    fn memory_is_let_go_once_it_is_more_than_the_bound() {
        assert!(matches!(demo(Some(u64::MAX)), AppHistories::InMemory(_)));
        let AppHistories::OnDisk(some) = demo(Some(1 << 16)) else { panic!("the demo takes more") };
        assert!(some.bytes() > 1000, "those that were in memory went to disk, too");
    }
}
