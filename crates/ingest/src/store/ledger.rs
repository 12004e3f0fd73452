//! What a store holds: a row for each file that was packed, and for what a reader of the archive must know beside.

use super::columns::Fault;
use super::files::{read_table, write_table};
use super::read::kept;
use super::tables::{LedgerTable, Table};
use perfpower_archive::{Entry, Listing, Moment, Place, Skipped, Step};
use perfpower_model::{Day, Kind, NameId, Names, Problem, Severity};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The rows of a ledger.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    /// Sorted by path.
    pub(super) files: Vec<PackedFile>,
    /// What could not be listed, by path.
    pub(super) problems: Vec<(String, Problem)>,
    pub(super) skipped: Vec<Skipped>,
    pub(super) empty: Vec<String>,
    pub(super) roots: Vec<PathBuf>,
}

/// A file, or the member of a container, that was packed.
#[derive(Clone, Debug)]
pub(super) struct PackedFile {
    pub(super) path: String,
    pub(super) size: u64,
    pub(super) place: Place,
    pub(super) is_plain: bool,
    /// Of its bytes, unpacked.
    pub(super) hash: u128,
    pub(super) bytes: u64,
    /// Absent where it could not be unpacked.
    pub(super) at: Option<ShardFile>,
    pub(super) documents: u32,
    /// What its first document is; absent = it has none.
    pub(super) kind: Option<Kind>,
    pub(super) app: String,
    pub(super) snapshot: Day,
    /// Why it could not be unpacked.
    pub(super) failure: Option<Problem>,
}

/// Where the documents of a file are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ShardFile {
    /// The name of the directory.
    pub(super) shard: Arc<str>,
    /// The number of the file in it.
    pub(super) file: u32,
}

impl PackedFile {
    /// Whether a file that is listed is this one, as it was: by path, size and time.
    pub(super) fn is_still(&self, entry: &Entry) -> bool {
        self.path == entry.path && self.size == entry.size && self.place.modified == entry.place().modified
    }
}

impl Ledger {
    /// What an archive is made of: each file with its position among those of the ledger, counted from `first`.
    pub(super) fn listing(self, first: u64) -> Listing {
        let Self { files, problems, skipped, empty, roots } = self;
        let entry =
            |(file, number): (PackedFile, u64)| Entry::kept(file.path, file.place, file.size, file.is_plain, number);
        Listing {
            entries: files.into_iter().zip(first..).map(entry).collect(),
            problems,
            skipped,
            empty,
            roots,
            ignored: 0,
        }
    }

    pub(super) fn write(&self, path: &Path) -> Result<(), Fault> {
        let mut writer = LedgerWriter::default();
        for file in &self.files {
            writer.file(file);
        }
        for (path, problem) in &self.problems {
            writer.remark("problem", path, Some(problem), false);
        }
        for Skipped { path, why, may_be_download } in &self.skipped {
            let why = Problem::new(Severity::Note, "skipped", why.as_str());
            writer.remark("skipped", path, Some(&why), *may_be_download);
        }
        for path in &self.empty {
            writer.remark("empty", path, None, false);
        }
        for root in &self.roots {
            writer.remark("root", &root.to_string_lossy(), None, false);
        }
        write_table(path, &writer.table.batch(&writer.names)?)
    }

    pub(super) fn read(path: &Path) -> Result<Self, Fault> {
        let mut names = Names::new();
        let mut table = LedgerTable::default();
        for batch in read_table(path)? {
            table.read(&batch?, &mut names)?;
        }
        let mut reader = LedgerReader { table: &table, names: &names, steps: HashMap::new(), shards: HashMap::new() };
        let mut ledger = Self::default();
        for row in 0..table.row.len() {
            let path = reader.text(table.path[row])?.to_owned();
            match reader.text(table.row[row])? {
                "document" => ledger.files.push(reader.file(path, row)?),
                "problem" => ledger.problems.push((path, reader.problem(row)?.ok_or_else(|| missing("a problem"))?)),
                "skipped" => {
                    let why = reader.text(table.message[row])?.to_owned();
                    ledger.skipped.push(Skipped { path, why, may_be_download: table.may_be_download[row] });
                }
                "empty" => ledger.empty.push(path),
                "root" => ledger.roots.push(path.into()),
                other => return Err(Fault(format!("a row of the ledger that is {other:?}"))),
            }
        }
        Ok(ledger)
    }
}

fn missing(what: &str) -> Fault {
    Fault(format!("a row of the ledger without {what}"))
}

#[derive(Default)]
struct LedgerWriter {
    table: LedgerTable,
    names: Names,
}

impl LedgerWriter {
    /// A text that is no name of a document.
    fn word<'t>(&mut self, text: impl Into<Option<&'t str>>) -> Option<NameId> {
        Some(self.names.intern(text.into()?))
    }

    fn file(&mut self, file: &PackedFile) {
        let Place { above, below, file: name, is_lone, modified, is_stdin: _ } = &file.place;
        self.remark("document", &file.path, file.failure.as_ref(), false);
        let (above, below) = (self.word(steps_text(above).as_str()), self.word(steps_text(below).as_str()));
        let (name, app) = (self.word(&**name), self.word(file.app.as_str()));
        let hash = self.word(format!("{:032x}", file.hash).as_str());
        let shard = self.word(file.at.as_ref().map(|at| &*at.shard));
        let kind = self.word(file.kind.map(Kind::as_str));
        let table = &mut self.table;
        set_last(&mut table.size, Some(file.size));
        set_last(&mut table.modified_day, Some(modified.day));
        set_last(&mut table.modified_second, modified.second);
        set_last(&mut table.above, above);
        set_last(&mut table.below, below);
        set_last(&mut table.file_name, name);
        set_last(&mut table.is_lone, *is_lone);
        set_last(&mut table.is_plain, file.is_plain);
        set_last(&mut table.hash, hash);
        set_last(&mut table.bytes, Some(file.bytes));
        set_last(&mut table.shard, shard);
        set_last(&mut table.file, file.at.as_ref().map(|at| at.file));
        set_last(&mut table.documents, Some(file.documents));
        set_last(&mut table.kind, kind);
        set_last(&mut table.app, app);
        set_last(&mut table.snapshot, Some(file.snapshot));
    }

    /// A row with a path, and perhaps a problem; nothing else is known of it.
    fn remark(&mut self, row: &str, path: &str, problem: Option<&Problem>, may_be_download: bool) {
        let (row, path) = (self.word(row), self.word(path));
        let severity = self.word(problem.map(|problem| problem.severity.as_str()));
        let code = self.word(problem.map(|problem| problem.code));
        let message = self.word(problem.map(|problem| problem.message.as_str()));
        let hint = self.word(problem.and_then(|problem| problem.hint.as_deref()));
        let table = &mut self.table;
        table.row.push(row);
        table.path.push(path);
        table.severity.push(severity);
        table.code.push(code);
        table.message.push(message);
        table.hint.push(hint);
        table.may_be_download.push(may_be_download);
        for texts in [
            &mut table.above,
            &mut table.below,
            &mut table.file_name,
            &mut table.hash,
            &mut table.shard,
            &mut table.kind,
            &mut table.app,
        ] {
            texts.push(None);
        }
        for days in [&mut table.modified_day, &mut table.snapshot] {
            days.push(None);
        }
        for numbers in [&mut table.size, &mut table.bytes] {
            numbers.push(None);
        }
        for numbers in [&mut table.modified_second, &mut table.file, &mut table.documents] {
            numbers.push(None);
        }
        for flags in [&mut table.is_lone, &mut table.is_plain] {
            flags.push(false);
        }
    }
}

fn set_last<T>(column: &mut [T], value: T) {
    if let Some(last) = column.last_mut() {
        *last = value;
    }
}

fn steps_text(steps: &[Step]) -> String {
    let steps: Vec<(&str, bool)> = steps.iter().map(|step| (&*step.name, step.is_container)).collect();
    // Texts and flags can always be written.
    serde_json::to_string(&steps).unwrap_or_default()
}

struct LedgerReader<'a> {
    table: &'a LedgerTable,
    names: &'a Names,
    /// Documents of one directory share its steps.
    steps: HashMap<NameId, Arc<[Step]>>,
    shards: HashMap<NameId, Arc<str>>,
}

impl<'a> LedgerReader<'a> {
    fn text(&self, id: Option<NameId>) -> Result<&'a str, Fault> {
        self.names.get(id).ok_or_else(|| missing("a text"))
    }

    fn file(&mut self, path: String, row: usize) -> Result<PackedFile, Fault> {
        let table = self.table;
        let day = table.modified_day[row].ok_or_else(|| missing("a day"))?;
        let place = Place {
            above: self.steps(table.above[row])?,
            below: self.steps(table.below[row])?,
            file: self.text(table.file_name[row])?.into(),
            is_lone: table.is_lone[row],
            modified: Moment { day, second: table.modified_second[row] },
            is_stdin: false,
        };
        let hash = u128::from_str_radix(self.text(table.hash[row])?, 16).map_err(|_| missing("a hash"))?;
        let shard = table.shard[row].map(|id| {
            let name = self.shards.entry(id).or_insert_with(|| self.names.text(id).into());
            Arc::clone(name)
        });
        if shard.as_deref().is_some_and(|name| name.contains(['/', '\\']) || name.starts_with('.')) {
            return Err(Fault("a shard that lies elsewhere".to_owned()));
        }
        let kind = self.names.get(table.kind[row]);
        Ok(PackedFile {
            path,
            size: table.size[row].ok_or_else(|| missing("a size"))?,
            place,
            is_plain: table.is_plain[row],
            hash,
            bytes: table.bytes[row].unwrap_or(0),
            at: shard.zip(table.file[row]).map(|(shard, file)| ShardFile { shard, file }),
            documents: table.documents[row].unwrap_or(0),
            kind: kind.and_then(|word| Kind::ALL.into_iter().find(|kind| kind.as_str() == word)),
            app: self.names.get(table.app[row]).unwrap_or_default().to_owned(),
            snapshot: table.snapshot[row].unwrap_or(day),
            failure: self.problem(row)?,
        })
    }

    fn steps(&mut self, id: Option<NameId>) -> Result<Arc<[Step]>, Fault> {
        let id = id.ok_or_else(|| missing("the steps of a path"))?;
        if let Some(known) = self.steps.get(&id) {
            return Ok(Arc::clone(known));
        }
        let steps: Vec<(String, bool)> = serde_json::from_str(self.names.text(id))?;
        let steps = steps.into_iter().map(|(name, is_container)| Step { name: name.into(), is_container });
        let steps: Arc<[Step]> = steps.collect();
        self.steps.insert(id, Arc::clone(&steps));
        Ok(steps)
    }

    fn problem(&self, row: usize) -> Result<Option<Problem>, Fault> {
        let table = self.table;
        let Some(severity) = self.names.get(table.severity[row]) else { return Ok(None) };
        let all = [Severity::Error, Severity::Warning, Severity::Note];
        let severity = all.into_iter().find(|own| own.as_str() == severity).ok_or_else(|| missing("a severity"))?;
        let problem = Problem::new(severity, kept(self.text(table.code[row])?), self.text(table.message[row])?);
        Ok(Some(match self.names.get(table.hint[row]) {
            Some(hint) => problem.with_hint(hint),
            None => problem,
        }))
    }
}
