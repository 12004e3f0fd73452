//! An archive into a store: what is new or changed is read, and all else stays as it is.

use super::columns::Fault;
use super::files::{remove, sync_directory, with_shard, write_schema, write_table};
use super::ledger::{Ledger, PackedFile, ShardFile};
use super::open::{SHARDS, read_shard};
use super::tables::{LedgerTable, Table, TableMeaning, Tables};
use super::write::ShardWriter;
use crate::watch::Watch;
use perfpower_archive::{Archive, Entry, Listing, Rules, STORE_LEDGER, STORE_LOCK, Sources};
use perfpower_model::{Day, InputProblem, Problem, Severity};
use perfpower_parse::{ParseOptions, Parsed};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

/// The ledger of a run that is not done: what it has packed so far, for the one that goes on.
const PENDING: &str = "perfpower-ledger.pending.parquet";

/// What each table and column means.
const SCHEMA: &str = "schema.json";

/// Unpacked bytes of the documents that go into one shard. Each thread that reads a store holds one, or a few: in memory its tables take about
/// as much. Smaller ones make more files of a store than others like to open.
const SHARD_BYTES: u64 = 32 << 20;

/// Unpacked bytes of documents that are in memory before they go into the tables. Arbitrary: enough for all threads to have work.
const BATCH_BYTES: u64 = 16 << 20;

/// How many times larger a packed file is taken to be once it is unpacked. More than was seen: gzip left a twelfth of downloads of a megabyte, and an
/// eighth of short ones.
const PACKED_RATIO: u64 = 16;

/// How to pack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PackOptions {
    /// Forget files that are not in the archive any more.
    pub prune: bool,
    /// Read every file again and go by its bytes, instead of by path, size and time.
    pub verify: bool,
}

/// What packing did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packed {
    /// Files that were read because they are new or changed.
    pub read: u64,
    /// Unpacked bytes of these.
    pub bytes: u64,
    /// Files that were as they were.
    pub unchanged: u64,
    /// Files that are not in the archive any more, and stay in the store.
    pub vanished: u64,
    /// The same that were forgotten.
    pub pruned: u64,
    /// All files in the store.
    pub files: u64,
    /// All documents in the store.
    pub documents: u64,
    /// What could not be listed or unpacked, and what of the files that were read now could not be parsed. Whoever reads the store is told of all of it.
    pub problems: Vec<InputProblem>,
}

/// Why nothing was packed. The store is as it was.
#[derive(Debug)]
pub enum PackError {
    /// Another run packs into the same store.
    Busy(PathBuf),
    /// The place is taken by something else than a store.
    NotAStore(PathBuf),
    /// Something could not be read or written.
    Failed(PathBuf, String),
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy(path) => {
                write!(f, "{}: another run is packing into this store: wait until it has ended", path.display())
            }
            Self::NotAStore(path) => write!(
                f,
                "{}: found a directory that is neither empty nor a store; expected a new or an empty one, or a store that `perfpower pack` made",
                path.display()
            ),
            Self::Failed(path, why) => write!(f, "{}: the store is as it was: {why}", path.display()),
        }
    }
}

impl std::error::Error for PackError {}

/// Packs what the sources hold into the store at a path, which is made where there is none.
pub fn pack(sources: &Sources, store: &Path, options: PackOptions, watch: &dyn Watch) -> Result<Packed, PackError> {
    let failed = |fault: Fault| PackError::Failed(store.to_owned(), fault.to_string());
    if is_taken(store) {
        return Err(PackError::NotAStore(store.to_owned()));
    }
    fs::create_dir_all(store.join(SHARDS)).map_err(|error| failed(error.into()))?;
    let lock = File::create(store.join(STORE_LOCK)).map_err(|error| failed(error.into()))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(PackError::Busy(store.to_owned())),
        Err(TryLockError::Error(error)) => return Err(failed(error.into())),
    }
    let packed = Packer::open(store, options).and_then(|packer| packer.pack(sources, watch)).map_err(failed)?;
    drop(lock);
    Ok(packed)
}

/// Whether something else than a store lies there.
fn is_taken(store: &Path) -> bool {
    let ours = [STORE_LEDGER, PENDING, STORE_LOCK, SHARDS, ".shards"];
    let mut names = fs::read_dir(store).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let is_ours = store.join(STORE_LEDGER).is_file() || store.join(STORE_LOCK).is_file();
    store.is_file() || (!is_ours && names.any(|name| !ours.iter().any(|own| name == *own)))
}

struct Packer<'a> {
    store: &'a Path,
    options: PackOptions,
    /// What the store holds, and what a run before this one had packed when it was ended; by path.
    known: BTreeMap<String, PackedFile>,
    before: Ledger,
}

impl<'a> Packer<'a> {
    fn open(store: &'a Path, options: PackOptions) -> Result<Self, Fault> {
        let ledger = |name: &str| -> Result<Ledger, Fault> {
            let path = store.join(name);
            if path.is_file() { Ledger::read(&path) } else { Ok(Ledger::default()) }
        };
        let before = ledger(STORE_LEDGER)?;
        // What a run left half is worth the time that it saves, and no failure.
        let pending = ledger(PENDING).unwrap_or_default();
        let is_there =
            |file: &PackedFile| file.at.as_ref().is_none_or(|at| store.join(SHARDS).join(&*at.shard).is_dir());
        let files = before.files.iter().cloned().chain(pending.files.into_iter().filter(is_there));
        let known = files.map(|file| (file.path.clone(), file)).collect();
        Ok(Self { store, options, known, before })
    }

    fn pack(mut self, sources: &Sources, watch: &dyn Watch) -> Result<Packed, Fault> {
        let listing = Listing::of(sources);
        let mut packed = Packed::default();
        let (still, new): (Vec<Entry>, Vec<Entry>) = listing.entries.iter().cloned().partition(|entry| {
            !self.options.verify && self.known.get(&entry.path).is_some_and(|known| known.is_still(entry))
        });
        packed.unchanged = still.len() as u64;
        let named = NamedBy::of(&listing);
        let paths: BTreeSet<&str> = listing.entries.iter().map(|entry| entry.path.as_str()).collect();
        let mut files: BTreeMap<String, PackedFile> = BTreeMap::new();
        for (path, known) in &self.known {
            if paths.contains(path.as_str()) {
                continue;
            }
            if self.options.prune {
                packed.pruned += 1;
            } else {
                packed.vanished += 1;
                files.insert(path.clone(), known.clone());
            }
        }
        for entry in still {
            if let Some(known) = self.known.get(&entry.path) {
                let place = entry.place().clone();
                files.insert(entry.path.clone(), PackedFile { place, ..known.clone() });
            }
        }
        self.read(new, &named, &mut files, &mut packed, watch)?;
        self.compact(&mut files)?;
        let ledger = self.ledger(listing, files);
        packed.files = ledger.files.len() as u64;
        packed.documents = ledger.files.iter().map(|file| u64::from(file.documents)).sum();
        let failures = ledger.files.iter().filter_map(|file| Some((&file.path, file.failure.as_ref()?)));
        let told = ledger.problems.iter().map(|(path, problem)| (path, problem)).chain(failures);
        packed
            .problems
            .extend(told.map(|(path, problem)| InputProblem { path: Some(path.clone()), problem: problem.clone() }));
        perfpower_model::sort_problems(&mut packed.problems);
        self.switch(&ledger)?;
        Ok(packed)
    }

    /// Reads what is new, and writes it into shards.
    fn read(
        &mut self,
        new: Vec<Entry>,
        named: &NamedBy,
        files: &mut BTreeMap<String, PackedFile>,
        packed: &mut Packed,
        watch: &dyn Watch,
    ) -> Result<(), Fault> {
        watch.starts("packing", new.len(), new.iter().map(|entry| entry.size).sum());
        let mut new = new;
        // Files of one app beside each other: their texts are the same.
        new.sort_by(|a, b| named.app(a).cmp(named.app(b)).then_with(|| a.path.cmp(&b.path)));
        let mut shard = OpenShard::default();
        let mut rest = new.as_slice();
        let mut is_pending = false;
        while !rest.is_empty() {
            let (batch, behind) = rest.split_at(batch_length(rest));
            rest = behind;
            let read: Vec<(PackedFile, Vec<(u32, Parsed)>)> = batch
                .par_iter()
                .map_init(Vec::new, |buffer, entry| {
                    let read = read_file(entry, named, buffer);
                    watch.has_read(entry.size);
                    read
                })
                .collect();
            for (file, documents) in read {
                packed.read += 1;
                packed.bytes += file.bytes;
                let lost = documents.iter().flat_map(|(_, parsed)| &parsed.document.problems);
                let lost = lost.filter(|problem| problem.severity == Severity::Error);
                packed.problems.extend(
                    lost.map(|problem| InputProblem { path: Some(file.path.clone()), problem: problem.clone() }),
                );
                // Where bytes decide, a file that holds the same ones stays where it is.
                let same = self.known.get(&file.path).filter(|known| known.hash == file.hash && file.failure.is_none());
                match same {
                    Some(known) => {
                        packed.read -= 1;
                        packed.unchanged += 1;
                        files.insert(file.path.clone(), PackedFile { at: known.at.clone(), ..file });
                    }
                    None => shard.add(file, &documents),
                }
                if shard.bytes >= SHARD_BYTES {
                    self.close(&mut shard, files)?;
                    is_pending = true;
                }
            }
            if is_pending && !rest.is_empty() {
                self.write_pending(files)?;
                is_pending = false;
            }
        }
        self.close(&mut shard, files)?;
        watch.ends();
        Ok(())
    }

    /// Writes a shard under a name that its documents give it.
    fn close(&self, shard: &mut OpenShard, files: &mut BTreeMap<String, PackedFile>) -> Result<(), Fault> {
        let OpenShard { writer, files: own, .. } = std::mem::take(shard);
        let has_documents = own.iter().any(|file| file.failure.is_none());
        let name = shard_name(&own);
        if has_documents {
            self.write_shard(&name, &writer)?;
        }
        let in_shard = own.into_iter().scan(0, |next, file| {
            let at = file.failure.is_none().then(|| ShardFile { shard: name.as_str().into(), file: *next });
            *next += u32::from(at.is_some());
            Some((file.path.clone(), PackedFile { at, ..file }))
        });
        files.extend(in_shard);
        Ok(())
    }

    fn write_shard(&self, name: &str, writer: &ShardWriter) -> Result<(), Fault> {
        let path = self.store.join(SHARDS).join(name);
        if path.is_dir() {
            return Ok(()); // the same documents, from a run that was ended
        }
        let unfinished = self.store.join(SHARDS).join(format!(".{name}"));
        remove(&unfinished)?;
        fs::create_dir(&unfinished)?;
        writer.tables.write_each(&writer.names, |table, batch| {
            write_table(&unfinished.join(format!("{table}.parquet")), &with_shard(batch, name)?)
        })?;
        sync_directory(&unfinished)?;
        fs::rename(&unfinished, &path)?;
        sync_directory(&self.store.join(SHARDS))?;
        Ok(())
    }

    /// Notes what is packed so far.
    fn write_pending(&self, files: &BTreeMap<String, PackedFile>) -> Result<(), Fault> {
        let ledger = Ledger { files: files.values().cloned().collect(), ..Ledger::default() };
        let unfinished = self.store.join(format!(".{PENDING}"));
        ledger.write(&unfinished)?;
        fs::rename(&unfinished, self.store.join(PENDING))?;
        Ok(())
    }

    /// Writes shards anew that hold files which no row of the ledger names any more, so that the tables hold what the ledger says.
    fn compact(&self, files: &mut BTreeMap<String, PackedFile>) -> Result<(), Fault> {
        let mut named: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
        for ShardFile { shard, file } in files.values().filter_map(|file| file.at.as_ref()) {
            named.entry(shard.to_string()).or_default().insert(*file);
        }
        let mut held: HashMap<String, u32> = HashMap::new();
        for ShardFile { shard, file } in self.known.values().filter_map(|file| file.at.as_ref()) {
            let most = held.entry(shard.to_string()).or_default();
            *most = (*most).max(file + 1);
        }
        for (shard, own) in named {
            let most = held.get(&shard).copied().unwrap_or(0);
            if most as usize <= own.len() {
                continue;
            }
            let old = read_shard(&self.store.join(SHARDS).join(&shard), most)?;
            let mut anew = OpenShard::default();
            let of_shard: Vec<PackedFile> =
                files.values().filter(|file| file.at.as_ref().is_some_and(|at| *at.shard == *shard)).cloned().collect();
            for file in of_shard {
                let Some(at) = file.at.clone() else { continue };
                let documents = old.documents(at.file, true)?;
                anew.add(file, &documents);
            }
            self.close(&mut anew, files)?;
        }
        Ok(())
    }

    /// The ledger that is to hold: what was found now, and what stood in the old one of other places.
    fn ledger(&mut self, listing: Listing, files: BTreeMap<String, PackedFile>) -> Ledger {
        let Listing { problems, skipped, empty, roots, .. } = listing;
        let before = std::mem::take(&mut self.before);
        let is_elsewhere =
            |path: &str| !roots.iter().any(|root| Path::new(path.split('!').next().unwrap_or(path)).starts_with(root));
        let is_kept = |path: &str| !self.options.prune && is_elsewhere(path);
        let mut ledger =
            Ledger { files: files.into_values().collect(), problems, skipped, empty, roots: roots.clone() };
        ledger.problems.extend(before.problems.into_iter().filter(|(path, _)| is_kept(path)));
        ledger.skipped.extend(before.skipped.into_iter().filter(|skipped| is_kept(&skipped.path)));
        ledger.empty.extend(before.empty.into_iter().filter(|path| is_kept(path)));
        ledger.roots.extend(before.roots.into_iter().filter(|root| !roots.contains(root)));
        ledger.problems.sort_by(|(a, p), (b, q)| (a, p.code, &p.message).cmp(&(b, q.code, &q.message)));
        ledger.skipped.sort_by(|a, b| a.path.cmp(&b.path));
        ledger.empty.sort();
        ledger.roots.sort();
        ledger
    }

    /// Makes the new ledger the one that holds, and removes what it does not name.
    fn switch(&self, ledger: &Ledger) -> Result<(), Fault> {
        let unfinished = self.store.join(format!(".{STORE_LEDGER}"));
        ledger.write(&unfinished)?;
        let tables: Vec<TableMeaning> = [LedgerTable::meaning()].into_iter().chain(Tables::meanings()).collect();
        write_schema(&self.store.join(SCHEMA), &tables)?;
        fs::rename(&unfinished, self.store.join(STORE_LEDGER))?;
        sync_directory(self.store)?;
        remove(&self.store.join(PENDING))?;
        let named: BTreeSet<&str> =
            ledger.files.iter().filter_map(|file| file.at.as_ref()).map(|at| &*at.shard).collect();
        for entry in fs::read_dir(self.store.join(SHARDS))? {
            let entry = entry?;
            if !entry.file_name().to_str().is_some_and(|name| named.contains(name)) {
                remove(&entry.path())?;
            }
        }
        Ok(())
    }
}

/// How many of the next files are read side by side.
fn batch_length(files: &[Entry]) -> usize {
    let mut bytes = 0;
    let is_within = |entry: &&Entry| {
        bytes += entry.plain_size().unwrap_or(PACKED_RATIO * entry.size);
        bytes <= BATCH_BYTES
    };
    files.iter().take_while(is_within).count().max(1)
}

/// A shard that documents are added to.
#[derive(Default)]
struct OpenShard {
    writer: ShardWriter,
    /// Files in it, and those that have no documents because they could not be unpacked.
    files: Vec<PackedFile>,
    /// How many are in it.
    count: u32,
    bytes: u64,
}

impl OpenShard {
    fn add(&mut self, file: PackedFile, documents: &[(u32, Parsed)]) {
        if file.failure.is_none() {
            self.writer.add(self.count, documents);
            self.count += 1;
        }
        self.bytes += file.bytes;
        self.files.push(file);
    }
}

/// A name that says what is in a shard: equal ones hold the same documents.
fn shard_name(files: &[PackedFile]) -> String {
    let mut bytes = Vec::with_capacity(16 * files.len());
    for file in files.iter().filter(|file| file.failure.is_none()) {
        bytes.extend_from_slice(&file.hash.to_be_bytes());
        bytes.extend_from_slice(file.path.as_bytes());
    }
    format!("{:032x}", xxhash_rust::xxh3::xxh3_128(&bytes))
}

fn read_file(entry: &Entry, named: &NamedBy, buffer: &mut Vec<u8>) -> (PackedFile, Vec<(u32, Parsed)>) {
    let (documents, failure) = match entry.read(buffer) {
        Ok(()) => (perfpower_parse::parse_all(buffer, &ParseOptions { count_known_fields: true }), None),
        Err(problem) => (Vec::new(), Some(problem)),
    };
    let is_read = failure.is_none();
    let file = PackedFile {
        path: entry.path.clone(),
        size: entry.size,
        place: entry.place().clone(),
        is_plain: entry.plain_size().is_some(),
        hash: if is_read { xxhash_rust::xxh3::xxh3_128(buffer) } else { 0 },
        bytes: if is_read { buffer.len() as u64 } else { 0 },
        at: None,
        documents: documents.len() as u32,
        kind: documents.first().map(|first| first.document.kind),
        app: named.app(entry).to_owned(),
        snapshot: named.0.get(&entry.path).map_or(entry.place().modified.day, |(_, day)| *day),
        failure: failure.map(without_place),
    };
    buffer.clear();
    (file, (0..).zip(documents).collect())
}

/// What could not be unpacked has no place in a text.
fn without_place(problem: Problem) -> Problem {
    Problem { place: None, at: String::new(), ..problem }
}

/// Whose each file is and of which day, by its path alone: for those who read the tables.
struct NamedBy(HashMap<String, (String, Day)>);

impl NamedBy {
    fn of(listing: &Listing) -> Self {
        let archive = Archive::of(listing.clone(), &Rules::default());
        let named = archive.entries.into_iter();
        Self(named.map(|entry| (entry.path, (entry.app.value.to_string(), entry.snapshot.value))).collect())
    }

    fn app(&self, entry: &Entry) -> &str {
        self.0.get(&entry.path).map_or("", |(app, _)| app)
    }
}
