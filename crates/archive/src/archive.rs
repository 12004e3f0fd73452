//! Sources and rules → the listing of an archive.

use crate::candidates::{self, Verdict};
use crate::containers::{self, Member, Members, Packing, Spool, Wrapping};
use crate::entry::Source;
use crate::identity::{Decision, Place, Step, decide};
use crate::limits::Limits;
use crate::magic::{self, Magic};
use crate::walk::{Findings, Found, walk};
use crate::window::{Store, Window};
use crate::{Entry, Held, Moment, Reason, Rules, Sources, faults};
use perfpower_model::Problem;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::Arc;

/// Files looked into at a time, so that what was found makes room for what is listed. (Arbitrary: keeps many threads busy.)
const LOOKED_INTO: usize = 1024;

/// Everything that one run was given, listed and not yet read.
#[derive(Debug, Default)]
pub struct Archive {
    /// The documents, by app, snapshot and path; the same for any order of arguments.
    pub entries: Vec<Entry>,
    /// What could not be listed, by path.
    pub problems: Vec<(String, Problem)>,
    /// Files that are no documents by their names, by path: counted, so that nothing is lost in silence.
    pub skipped: Vec<String>,
    /// How many hidden files, read-me files and the like were passed over.
    pub ignored: usize,
}

impl Archive {
    /// Lists all documents that the sources hold. Compressed tars are unpacked once, into an unnamed temporary file;
    /// of all else only the first bytes and the directories are read.
    pub fn open(sources: &Sources, rules: &Rules) -> Self {
        let Findings { files, problems, skipped, ignored } = walk(&sources.paths);
        let mut listing = Listing {
            archive: Self {
                problems,
                skipped: skipped.into_values().collect(),
                ignored: ignored.len(),
                ..Self::default()
            },
            rules,
            limits: Arc::new(sources.limits.clone()),
            spool: Spool::default(),
            missed_layout: Vec::new(),
        };
        listing.archive.entries.reserve(files.len());
        let mut files = files.into_iter();
        while !files.as_slice().is_empty() {
            // A look into each of many files takes longer than all else here.
            let some: Vec<Found> = files.by_ref().take(LOOKED_INTO).collect();
            let some: Vec<Given> = some.into_par_iter().map(Given::of_file).collect();
            for given in some {
                listing.add(given);
            }
        }
        for held in &sources.held {
            listing.add(Given::of_held(held));
        }
        listing.finish()
    }

    /// The apps in order, each with its documents from the newest snapshot to the oldest; within a day by path. It goes
    /// by what the entries say now, also where the body has overruled the listing.
    pub fn by_app(&self) -> Vec<(&str, Vec<&Entry>)> {
        let mut apps: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
        for entry in &self.entries {
            apps.entry(&*entry.app.value).or_default().push(entry);
        }
        for entries in apps.values_mut() {
            entries.sort_by(|a, b| b.snapshot.value.cmp(&a.snapshot.value).then_with(|| a.path.cmp(&b.path)));
        }
        apps.into_iter().collect()
    }

    /// How many documents have no better day than when their file was last written: worth one warning.
    pub fn undated(&self) -> usize {
        self.entries.iter().filter(|entry| entry.snapshot.reason == Reason::ModificationTime).count()
    }

    /// Bytes of all documents as stored.
    pub fn size(&self) -> u64 {
        self.entries.iter().map(|entry| entry.size).sum()
    }
}

/// A file or bytes to be listed.
struct Given {
    shown: String,
    store: Store,
    size: u64,
    place: Place,
    /// What it is by its first bytes.
    magic: io::Result<Magic>,
}

impl Given {
    fn of_file(found: Found) -> Self {
        let place = Place {
            above: found.above,
            below: found.below,
            file: found.name,
            is_lone: found.is_lone,
            modified: found.modified,
            is_stdin: false,
        };
        Self::new(found.shown, Store::File(found.path), found.size, place)
    }

    fn of_held(held: &Held) -> Self {
        let place = Place {
            above: Arc::default(),
            below: Arc::default(),
            file: held.name.as_str().into(),
            is_lone: true,
            modified: Moment::of_day(held.day),
            is_stdin: true,
        };
        Self::new(held.name.clone(), Store::Held(held.bytes.as_slice().into()), held.bytes.len() as u64, place)
    }

    fn new(shown: String, store: Store, size: u64, place: Place) -> Self {
        let magic = Window::whole(store.clone()).peek(&mut [0; magic::BLOCK]).map(Magic::of);
        Self { shown, store, size, place, magic }
    }
}

struct Listing<'a> {
    archive: Archive,
    rules: &'a Rules,
    limits: Arc<Limits>,
    spool: Spool,
    /// Paths of documents that the layout does not fit.
    missed_layout: Vec<String>,
}

impl Listing<'_> {
    fn add(&mut self, given: Given) {
        let window = Window::whole(given.store.clone());
        let magic = match &given.magic {
            Ok(magic) => *magic,
            Err(cause) => {
                self.archive.problems.push((given.shown, faults::unreadable("file", cause)));
                return;
            }
        };
        match magic {
            Magic::Zip => {
                let members = containers::zip(&given.store, given.size, &self.limits);
                self.add_members(&given, "zip", members);
            }
            Magic::Tar => {
                let members = containers::tar(&given.store, 0, &self.limits);
                self.add_members(&given, "tar", members);
            }
            Magic::Foreign(format) => self.archive.problems.push((given.shown, faults::foreign(format))),
            Magic::Gzip | Magic::Zstd | Magic::Plain => {
                let wrapping = if magic == Magic::Gzip { Wrapping::Gzip } else { Wrapping::Zstd };
                if magic.is_packed() && candidates::may_be_packed_tar(&given.place.file) && holds_tar(&window, wrapping)
                {
                    let members = self.spool.tar(&window, wrapping, given.size, &self.limits);
                    self.add_members(&given, "tar", members);
                    return;
                }
                let source = Source {
                    window,
                    packing: Packing::None,
                    looks_packed: magic.is_packed(),
                    container: None,
                    limits: Arc::clone(&self.limits),
                };
                self.add_entry(given.shown, &given.place, given.size, source);
            }
        }
    }

    fn add_members(&mut self, given: &Given, what: &'static str, (members, problems): Members) {
        self.archive.problems.extend(problems.into_iter().map(|problem| (given.shown.clone(), problem)));
        for member in members {
            self.add_member(given, what, member);
        }
    }

    fn add_member(&mut self, given: &Given, what: &'static str, member: Member) {
        let shown = format!("{}!{}", given.shown, member.name.trim_start_matches("./"));
        // Nothing is ever written where a member's name says, so that `..` and `/` in it are merely odd.
        let mut steps: Vec<&str> = member.name.split('/').filter(|step| !matches!(*step, "" | "." | "..")).collect();
        let Some(file) = steps.pop() else { return };
        if steps.iter().any(|step| candidates::directory(step) == Verdict::Ignored) {
            self.archive.ignored += 1;
            return;
        }
        match candidates::file(file) {
            Verdict::Candidate => {}
            Verdict::Skipped => return self.archive.skipped.push(shown),
            Verdict::Ignored => {
                self.archive.ignored += 1;
                return;
            }
        }
        let problem = member.problem.or_else(|| candidates::container(file).map(|inner| faults::nested(inner, what)));
        if let Some(problem) = problem {
            self.archive.problems.push((shown, problem));
            return;
        }
        let mut place = given.place.inside(&steps, file);
        place.modified = member.modified.unwrap_or(place.modified);
        let source = Source {
            window: member.window,
            packing: member.packing,
            looks_packed: false,
            container: Some(what),
            limits: Arc::clone(&self.limits),
        };
        self.add_entry(shown, &place, member.size, source);
    }

    fn add_entry(&mut self, path: String, place: &Place, size: u64, source: Source) {
        let Decision { app, snapshot, version, build, missed_layout } = decide(place, self.rules);
        if missed_layout {
            self.missed_layout.push(path.clone());
        }
        let written = place.modified;
        self.archive.entries.push(Entry { path, app, snapshot, version, build, written, size, source });
    }

    fn finish(mut self) -> Archive {
        let missed = self.missed_layout.len();
        let first = self.missed_layout.into_iter().min();
        if let (Some(first), Some(layout)) = (first, &self.rules.layout) {
            let problem = faults::layout_missed(layout.as_str(), missed, self.archive.entries.len());
            self.archive.problems.push((first, problem));
        }
        self.archive
            .entries
            .sort_by(|a, b| (&a.app.value, a.snapshot.value, &a.path).cmp(&(&b.app.value, b.snapshot.value, &b.path)));
        let problems = &mut self.archive.problems;
        problems.sort_by(|(a, p), (b, q)| (a, p.code, &p.message).cmp(&(b, q.code, &q.message)));
        problems.dedup();
        self.archive.skipped.sort();
        self.archive
    }
}

impl Place {
    /// The place of a member of the container that lies here.
    fn inside(&self, steps: &[&str], file: &str) -> Self {
        let container = [Step::container(Arc::clone(&self.file))];
        // A container that was given is what a directory would be.
        let (above, below): (&[Step], &[Step]) = if self.is_lone { (&container, &[]) } else { (&[], &container) };
        let steps = steps.iter().map(|step| Step::directory(*step));
        Self {
            above: self.above.iter().chain(above).cloned().collect(),
            below: self.below.iter().chain(below).cloned().chain(steps).collect(),
            file: file.into(),
            is_lone: false,
            ..*self
        }
    }
}

/// Whether the start of a packed file unpacks to the start of a tar.
fn holds_tar(window: &Window, wrapping: Wrapping) -> bool {
    let block = window.reader().and_then(|reader| containers::unwrapped(wrapping, reader)).and_then(|reader| {
        let mut block = Vec::with_capacity(magic::BLOCK);
        reader.take(magic::BLOCK as u64).read_to_end(&mut block)?;
        Ok(block)
    });
    block.is_ok_and(|block| Magic::of(&block) == Magic::Tar)
}
