//! Sources → what lies where, before it is decided whose it is.

use crate::archive::Skipped;
use crate::candidates::{self, Skip, Verdict};
use crate::containers::{self, Member, Members, Packing, Spool, Wrapping};
use crate::entry::{Origin, Source};
use crate::identity::{Place, Step};
use crate::inflate::Room;
use crate::limits::Budget;
use crate::magic::{self, Magic};
use crate::walk::{Findings, Found, Output, walk};
use crate::window::{Store, Window, unreadable};
use crate::{Entry, Held, Moment, Sources, faults};
use perfpower_model::Problem;
use rayon::prelude::*;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What some sources hold, and what was packed of them before. An [`Archive`](crate::Archive) is made of it.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// The documents; nothing is decided of them yet.
    pub entries: Vec<Entry>,
    /// What could not be listed, by path.
    pub problems: Vec<(String, Problem)>,
    /// Files that are no documents by their names or their first bytes.
    pub skipped: Vec<Skipped>,
    /// Directories, as they are shown, in which nothing lies.
    pub empty: Vec<String>,
    /// What was given.
    pub roots: Vec<PathBuf>,
    /// How many files that no one saved were passed over: `.DS_Store`, all of `.git`.
    pub ignored: usize,
}

impl Listing {
    /// Lists all documents that the sources hold. Packed containers are unpacked once, into an unnamed temporary file;
    /// of all else only the first bytes and the directories are read.
    pub fn of(sources: &Sources) -> Self {
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
        let mut lister = Lister {
            listing: Self {
                entries: Vec::with_capacity(files.len()),
                problems,
                skipped: skipped.into_values().map(|(path, skip)| Skipped::new(path, skip)).collect(),
                empty,
                roots: sources.paths.clone(),
                ignored: ignored.len(),
            },
            members: sources.limits.members,
            budget: Arc::new(Budget::new(sources.limits.clone(), packed)),
            spool: Spool::default(),
        };
        for (found, magic) in files.into_iter().zip(magics) {
            lister.give(Given::of_file(found), magic);
        }
        for (magic, store, held) in held {
            lister.give(Given::of_held(held, store), magic);
        }
        lister.listing
    }

    /// Adds what another one lists.
    pub fn join(&mut self, other: Self) {
        self.entries.extend(other.entries);
        self.problems.extend(other.problems);
        self.skipped.extend(other.skipped);
        self.empty.extend(other.empty);
        self.roots.extend(other.roots);
        self.ignored += other.ignored;
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

struct Lister {
    listing: Listing,
    /// How many members may still be listed.
    members: usize,
    budget: Arc<Budget>,
    spool: Spool,
}

impl Lister {
    /// Lists what a run was given.
    fn give(&mut self, given: Given, magic: io::Result<Magic>) {
        match magic {
            Ok(magic) => {
                let room = self.budget.room(given.size);
                self.add(Given { room, ..given }, magic);
            }
            Err(cause) => self.listing.problems.push((given.shown, unreadable(&cause))),
        }
    }

    fn add(&mut self, given: Given, magic: Magic) {
        match magic {
            Magic::Zip => self.add_members(given, "zip", containers::zip),
            Magic::Tar => self.add_members(given, "tar", containers::tar),
            Magic::Foreign(format) => self.listing.problems.push((given.shown, faults::foreign(format))),
            Magic::NoBody => self.listing.skipped.push(Skipped::new(given.shown, given.open.unwrap_or(Skip::NoBody))),
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
        self.listing.problems.extend(problem.map(|problem| (given.shown.clone(), problem)));
        let size = window.as_ref().and_then(|window| window.size().ok()).unwrap_or(0);
        if let Some(window) = window.filter(|_| size > 0) {
            let room = given.room.saturating_sub(size);
            self.add(Given { window, room, is_cut, layers: given.layers + 1, ..given }, within);
        }
    }

    fn add_members(&mut self, given: Given, format: &'static str, list: impl FnOnce(&Window, usize) -> Members) {
        if given.layers >= self.budget.limits.layers {
            self.listing.problems.push((given.shown, faults::layers(self.budget.limits.layers)));
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
        self.listing.problems.extend(problems.into_iter().map(|problem| (given.shown.clone(), problem)));
        for member in members {
            self.add_member(&given, format, member);
        }
    }

    fn add_member(&mut self, container: &Given, format: &'static str, member: Member) {
        let shown = format!("{}!{}", container.shown, member.name.trim_start_matches("./"));
        let mut steps: Vec<&str> = containers::steps(&member.name).collect();
        let Some(file) = steps.pop() else {
            self.listing.problems.push((shown, faults::nameless_member(format)));
            return;
        };
        let of_directories = steps.iter().map(|step| candidates::directory(step));
        let verdict = of_directories.chain([candidates::file(file)]).find(|verdict| *verdict != Verdict::Candidate);
        match verdict.unwrap_or(Verdict::Candidate) {
            Verdict::Candidate => {}
            Verdict::Ignored if file == "perfpower.toml" => {
                return self.listing.skipped.push(Skipped::new(shown, Skip::Settings));
            }
            Verdict::ByContent(skip) => {
                if member.problem.is_none() && member.look_open() == Magic::NoBody {
                    return self.listing.skipped.push(Skipped::new(shown, skip));
                }
            }
            Verdict::Skipped(skip) => return self.listing.skipped.push(Skipped::new(shown, skip)),
            Verdict::Ignored => {
                self.listing.ignored += 1;
                return;
            }
        }
        if let Some(problem) = member.problem {
            self.listing.problems.push((shown, problem));
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
        self.listing.entries.push(Entry::new(shown, place, size, Origin::File(source)));
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

/// The container that packed bytes unpack to, if the name of the file leaves open that there is one.
fn packed_container(name: &str, packed: io::Result<Box<dyn Read + '_>>, wrapping: Wrapping) -> Option<Magic> {
    let is_open = candidates::may_hold_container(name);
    is_open.then(|| containers::within(packed, wrapping)).filter(|within| within.is_container())
}
