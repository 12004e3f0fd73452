//! Sources and rules → the listing of an archive.

use crate::candidates::{self, Skip, Verdict};
use crate::containers::{self, Member, Members, Packing, Spool, Wrapping};
use crate::decide::{Decision, Question, decide};
use crate::entry::Source;
use crate::identity::{Place, Step};
use crate::inflate::Room;
use crate::limits::Budget;
use crate::magic::{self, Magic};
use crate::unread::{Unread, decide_unread};
use crate::walk::{Findings, Found, Output, walk};
use crate::window::{Store, Window, unreadable};
use crate::{Entry, Held, Identity, Moment, Rank, Reason, Rules, Sources, faults};
use perfpower_model::{Day, Problem, Severity};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Everything that one run was given, listed and not yet read.
#[derive(Debug, Default)]
pub struct Archive {
    /// The documents, by app, snapshot and path; the same for any order of arguments.
    pub entries: Vec<Entry>,
    /// What could not be listed, by path.
    pub problems: Vec<(String, Problem)>,
    /// Files that are no documents by their names or their first bytes, by path.
    pub skipped: Vec<Skipped>,
    /// Whose the skipped ones are, those that could not be listed, and folders in which nothing lies; by path.
    pub unread: Vec<Unread>,
    /// How many files that no one saved were passed over: `.DS_Store`, all of `.git`.
    pub ignored: usize,
    /// How many documents were left out because they are of a day after [`Rules::until`].
    pub later: u64,
}

impl Archive {
    /// Lists all documents that the sources hold. Packed containers are unpacked once, into an unnamed temporary file;
    /// of all else only the first bytes and the directories are read.
    pub fn open(sources: &Sources, rules: &Rules) -> Self {
        let Findings { files, problems, skipped, ignored, empty } = walk(&sources.paths, sources.follow_links);
        // A look into each of many files takes longer than all else here.
        let magics: Vec<io::Result<Magic>> =
            files.par_iter().map(|found| look(&Store::File(found.path.clone()), found.open.is_some())).collect();
        let mut problems = problems;
        problems.extend(overwritten(&files, &magics, &sources.outputs));
        let held = sources.held.iter().map(|held| {
            let store = Store::Held(held.bytes.as_slice().into());
            (look(&store, false), store, held)
        });
        let held: Vec<_> = held.collect();
        let all = magics.iter().chain(held.iter().map(|(magic, ..)| magic));
        let packed = all.filter(|magic| magic.as_ref().is_ok_and(|magic| *magic != Magic::Plain)).count();
        let mut listing = Listing {
            archive: Self {
                problems,
                skipped: skipped.into_values().map(|(path, skip)| Skipped::new(path, skip)).collect(),
                ignored: ignored.len(),
                ..Self::default()
            },
            rules,
            members: sources.limits.members,
            budget: Arc::new(Budget::new(sources.limits.clone(), packed)),
            spool: Spool::default(),
            places: Vec::with_capacity(files.len()),
        };
        listing.archive.entries.reserve(files.len());
        for (found, magic) in files.into_iter().zip(magics) {
            listing.give(Given::of_file(found), magic);
        }
        for (magic, store, held) in held {
            listing.give(Given::of_held(held, store), magic);
        }
        listing.finish(empty, &sources.paths)
    }

    /// What gave no document, with the reason.
    fn unread(&self, empty: Vec<String>) -> Vec<(String, String)> {
        let skipped = self.skipped.iter().filter(|skipped| skipped.may_be_download);
        let skipped = skipped.map(|skipped| (skipped.path.clone(), skipped.why.clone()));
        let is_loss =
            |problem: &Problem| problem.severity == Severity::Error || problem.code == faults::EMPTY_CONTAINER;
        let failed = self.problems.iter().filter(|(path, problem)| is_loss(problem) && !path.is_empty());
        let failed = failed.map(|(path, problem)| (path.clone(), problem.message.clone()));
        let empty = empty.into_iter().map(|path| (path, "nothing lies in the folder".to_owned()));
        skipped.chain(failed).chain(empty).collect()
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

    /// Bytes of all documents as stored.
    pub fn size(&self) -> u64 {
        self.entries.iter().map(|entry| entry.size).sum()
    }
}

/// The files that would be read and overwritten.
fn overwritten(files: &[Found], magics: &[io::Result<Magic>], outputs: &[PathBuf]) -> Vec<(String, Problem)> {
    let outputs: Vec<Output> = outputs.iter().filter_map(|path| Output::of(path)).collect();
    let read = files.iter().zip(magics).filter(|(_, magic)| !matches!(magic, Ok(Magic::NoBody)));
    let told =
        read.filter(|(found, _)| outputs.iter().any(|output| found.is_at(output)) && !is_our_result(&found.path));
    told.map(|(found, _)| (found.shown.clone(), faults::output_is_input())).collect()
}

/// Whether a file is a JSON document of this program: whoever writes it again into an archive loses no download.
fn is_our_result(path: &Path) -> bool {
    let mut start = [0; 64];
    let read = std::fs::File::open(path).and_then(|mut file| file.read(&mut start)).unwrap_or(0);
    let start: Vec<u8> = start[..read].iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    start.starts_with(b"{\"schema\":\"perfpower.")
}

fn look(store: &Store, is_open: bool) -> io::Result<Magic> {
    Window::whole(store.clone()).peek(&mut [0; magic::BLOCK]).map(if is_open { Magic::of_open } else { Magic::of })
}

/// A file that was passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// As it is shown; a directory ends with `/`.
    pub path: String,
    /// Why: a lower-case fragment without a full stop.
    pub why: String,
    /// Whether it may have been meant as a download all the same.
    pub may_be_download: bool,
}

impl Skipped {
    fn new(path: String, skip: Skip) -> Self {
        Self { path, why: skip.why(), may_be_download: skip.may_be_download() }
    }
}

/// Something to be listed: a file, bytes that were handed in, or a container in a container.
struct Given {
    shown: String,
    window: Window,
    /// Bytes as stored.
    size: u64,
    place: Place,
    /// Bytes that may come out of it, through all layers.
    room: u64,
    /// How many packings and containers were opened on the way here.
    layers: usize,
    /// Whether its end is known to be missing, and told.
    is_cut: bool,
    /// Why it is no document, if it does not start as a body does.
    open: Option<Skip>,
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
        Self { open: found.open, ..Self::new(found.shown, Store::File(found.path), found.size, place) }
    }

    fn of_held(held: &Held, store: Store) -> Self {
        let place = Place {
            above: Arc::default(),
            below: Arc::default(),
            file: held.name.as_str().into(),
            is_lone: true,
            modified: Moment::of_day(held.day),
            is_stdin: true,
        };
        Self::new(held.name.clone(), store, held.bytes.len() as u64, place)
    }

    fn new(shown: String, store: Store, size: u64, place: Place) -> Self {
        Self { shown, window: Window::whole(store), size, place, room: 0, layers: 0, is_cut: false, open: None }
    }
}

struct Listing<'a> {
    archive: Archive,
    rules: &'a Rules,
    /// How many members may still be listed.
    members: usize,
    budget: Arc<Budget>,
    spool: Spool,
    /// Where each entry was found.
    places: Vec<Place>,
}

impl Listing<'_> {
    /// Lists what a run was given.
    fn give(&mut self, given: Given, magic: io::Result<Magic>) {
        match magic {
            Ok(magic) => {
                let room = self.budget.room(given.size);
                self.add(Given { room, ..given }, magic);
            }
            Err(cause) => self.archive.problems.push((given.shown, unreadable(&cause))),
        }
    }

    fn add(&mut self, given: Given, magic: Magic) {
        match magic {
            Magic::Zip => self.add_members(given, "zip", containers::zip),
            Magic::Tar => self.add_members(given, "tar", containers::tar),
            Magic::Foreign(format) => self.archive.problems.push((given.shown, faults::foreign(format))),
            Magic::NoBody => self.archive.skipped.push(Skipped::new(given.shown, given.open.unwrap_or(Skip::NoBody))),
            Magic::Gzip => self.add_packed(given, Wrapping::Gzip),
            Magic::Zstd => self.add_packed(given, Wrapping::Zstd),
            Magic::Plain => self.add_document(given, false, Packing::None, None),
        }
    }

    fn add_packed(&mut self, given: Given, wrapping: Wrapping) {
        let packed = given.window.reader().map(|reader| reader as Box<dyn Read>);
        if let Some(within) = packed_container(&given.place.file, packed, wrapping) {
            let room = Room { budget: &self.budget, packed: given.size, left: given.room };
            let spooled = self.spool.unwrap(&given.window, wrapping, room);
            self.add_spooled(given, within, spooled);
        } else {
            self.add_document(given, true, Packing::None, None);
        }
    }

    /// Lists what was unpacked into the spool.
    fn add_spooled(&mut self, given: Given, within: Magic, (window, problem): containers::Spooled) {
        let is_cut = problem.is_some();
        self.archive.problems.extend(problem.map(|problem| (given.shown.clone(), problem)));
        let size = window.as_ref().and_then(|window| window.size().ok()).unwrap_or(0);
        if let Some(window) = window.filter(|_| size > 0) {
            let room = given.room.saturating_sub(size);
            self.add(Given { window, room, is_cut, layers: given.layers + 1, ..given }, within);
        }
    }

    fn add_members(&mut self, given: Given, format: &'static str, list: impl FnOnce(&Window, usize) -> Members) {
        if given.layers >= self.budget.limits.layers {
            self.archive.problems.push((given.shown, faults::layers(self.budget.limits.layers)));
            return;
        }
        let (mut members, mut problems) = list(&given.window, self.members);
        if given.is_cut {
            problems.retain(|problem| problem.code != "corrupt-container"); // one fault, told once
        } else if members.is_empty() && problems.is_empty() {
            problems.push(faults::empty_container(format));
        }
        self.members -= members.len().min(self.members);
        containers::settle(format, &mut members, &mut problems);
        problems.extend(containers::allot(&mut members, given.size, given.room, &self.budget));
        self.archive.problems.extend(problems.into_iter().map(|problem| (given.shown.clone(), problem)));
        for member in members {
            self.add_member(&given, format, member);
        }
    }

    fn add_member(&mut self, container: &Given, format: &'static str, member: Member) {
        let shown = format!("{}!{}", container.shown, member.name.trim_start_matches("./"));
        let mut steps: Vec<&str> = containers::steps(&member.name).collect();
        let Some(file) = steps.pop() else {
            self.archive.problems.push((shown, faults::nameless_member(format)));
            return;
        };
        let of_directories = steps.iter().map(|step| candidates::directory(step));
        let verdict = of_directories.chain([candidates::file(file)]).find(|verdict| *verdict != Verdict::Candidate);
        match verdict.unwrap_or(Verdict::Candidate) {
            Verdict::Candidate => {}
            Verdict::Ignored if file == "perfpower.toml" => {
                return self.archive.skipped.push(Skipped::new(shown, Skip::Settings));
            }
            Verdict::ByContent(skip) => {
                if member.problem.is_none() && member.look_open() == Magic::NoBody {
                    return self.archive.skipped.push(Skipped::new(shown, skip));
                }
            }
            Verdict::Skipped(skip) => return self.archive.skipped.push(Skipped::new(shown, skip)),
            Verdict::Ignored => {
                self.archive.ignored += 1;
                return;
            }
        }
        if let Some(problem) = member.problem {
            self.archive.problems.push((shown, problem));
            return;
        }
        let mut place = container.place.inside(&steps, file);
        place.modified = member.modified.unwrap_or(place.modified);
        let given = Given {
            shown,
            window: member.window.clone(),
            size: member.size,
            place,
            room: member.room,
            layers: container.layers + 1,
            is_cut: false,
            open: None,
        };
        // What is a document by its name is looked into when it is read, unless that costs nothing.
        let magic =
            if member.magic.is_some() || candidates::may_hold_container(file) { member.look() } else { Magic::Plain };
        let holds_container = match magic {
            Magic::Gzip => packed_container(file, member.unpacked(), Wrapping::Gzip).is_some(),
            Magic::Zstd => packed_container(file, member.unpacked(), Wrapping::Zstd).is_some(),
            other => other.is_container(),
        };
        if !holds_container {
            let looks_packed = member.packing == Packing::None && magic.is_packed();
            self.add_document(given, looks_packed, member.packing, Some(format));
        } else if member.packing == Packing::None {
            self.add(given, magic);
        } else {
            let room = Room { budget: &self.budget, packed: member.size, left: member.room };
            let spooled = self.spool.member(&member, room);
            self.add_spooled(Given { layers: container.layers, ..given }, magic, spooled);
        }
    }

    fn add_document(&mut self, given: Given, looks_packed: bool, packing: Packing, container: Option<&'static str>) {
        let Given { shown, window, size, place, room, layers, .. } = given;
        let source =
            Source { window, packing, looks_packed, container, budget: Arc::clone(&self.budget), room, layers };
        self.add_entry(shown, &place, size, source);
    }

    fn add_entry(&mut self, path: String, place: &Place, size: u64, source: Source) {
        let nothing = Identity::new(Arc::default(), Reason::ModificationTime);
        self.archive.entries.push(Entry {
            path,
            app: nothing,
            rank: Rank::Place,
            snapshot: Identity::new(place.modified.day, Reason::ModificationTime),
            time: None,
            version: None,
            build: None,
            named_build: None,
            turn: 0,
            written: place.modified,
            size,
            source,
        });
        self.places.push(place.clone());
    }

    fn finish(mut self, empty: Vec<String>, roots: &[PathBuf]) -> Archive {
        let inferred = Rules { app: None, ..self.rules.clone() };
        let mut rules = &inferred;
        let (mut decisions, mut questions) = decide(&self.places, rules);
        if self.rules.app.as_deref().is_some_and(|app| takes_name(&decisions, app)) {
            rules = self.rules;
            (decisions, questions) = decide(&self.places, rules);
        }
        if let Some(until) = self.rules.until
            && self.leave_out(&decisions, until)
        {
            (decisions, questions) = decide(&self.places, rules);
        }
        self.settle(decisions, questions);
        let unread = self.archive.unread(empty);
        self.archive.unread = decide_unread(unread, roots, &self.places, rules);
        if let Some(until) = self.rules.until {
            self.forget_unread(until);
        }
        self.archive
            .entries
            .sort_by(|a, b| (&a.app.value, a.snapshot.value, &a.path).cmp(&(&b.app.value, b.snapshot.value, &b.path)));
        let problems = &mut self.archive.problems;
        problems.sort_by(|(a, p), (b, q)| (a, p.code, &p.message).cmp(&(b, q.code, &q.message)));
        self.archive.skipped.sort_by(|a, b| a.path.cmp(&b.path));
        self.archive
    }

    /// Takes out the documents of a later day, and says whether there are any.
    fn leave_out(&mut self, decisions: &[Decision], until: Day) -> bool {
        let is_later: Vec<bool> = decisions.iter().map(|decision| is_later(&decision.snapshot, until)).collect();
        let mut at = is_later.iter();
        self.archive.entries.retain(|_| !at.next().copied().unwrap_or_default());
        let mut at = is_later.iter();
        self.places.retain(|_| !at.next().copied().unwrap_or_default());
        self.archive.later = is_later.iter().filter(|is_later| **is_later).count() as u64;
        self.archive.later > 0
    }

    /// Forgets what could not be read of a later day.
    fn forget_unread(&mut self, until: Day) {
        let (later, unread): (Vec<Unread>, Vec<Unread>) =
            std::mem::take(&mut self.archive.unread).into_iter().partition(|unread| is_later(&unread.snapshot, until));
        let later: BTreeSet<String> = later.into_iter().map(|unread| unread.path).collect();
        self.archive.unread = unread;
        self.archive.problems.retain(|(path, _)| !later.contains(path));
        self.archive.skipped.retain(|skipped| !later.contains(&skipped.path));
    }

    /// Says whose and of which day all entries are.
    fn settle(&mut self, decisions: Vec<Decision>, questions: Vec<Question>) {
        let entries = &mut self.archive.entries;
        for (entry, decision) in entries.iter_mut().zip(decisions) {
            entry.settle(decision);
        }
        for Question { documents, problem } in questions {
            let first = documents.iter().map(|at| &entries[*at].path).min();
            self.archive.problems.extend(first.map(|path| (path.clone(), problem)));
        }
    }
}

/// Whether the place of a document says that it is of a later day.
fn is_later(snapshot: &Identity<Day>, until: Day) -> bool {
    snapshot.value > until && snapshot.reason != Reason::ModificationTime
}

/// Whether an app's name is that of all documents: they are of one app at the most, and that is called otherwise.
fn takes_name(decisions: &[Decision], app: &str) -> bool {
    let first = decisions.first().map(|decision| &*decision.app.value);
    first != Some(app) && decisions.iter().all(|decision| Some(&*decision.app.value) == first)
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

/// The container that packed bytes unpack to, if the name of the file leaves open that there is one.
fn packed_container(name: &str, packed: io::Result<Box<dyn Read + '_>>, wrapping: Wrapping) -> Option<Magic> {
    let is_open = candidates::may_hold_container(name);
    is_open.then(|| containers::within(packed, wrapping)).filter(|within| within.is_container())
}
