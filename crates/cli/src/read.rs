//! Paths to histories: every document is opened, read and merged into its app, newest snapshot first.
//!
//! The unit of work is one app, so apps go side by side. Where there are few of them, or their call stacks go into one table,
//! documents are read side by side instead and merged in order. Either way the result is the same.

use crate::progress::Progress;
use perfpower_analysis::diagnostics::StackTable;
use perfpower_analysis::{AppHistory, HistoryBuilder, PlacedRelease, RevisionDetail};
use perfpower_archive::{Archive, Entry, Reason, Rules, Sources};
use perfpower_model::{Day, Document, Kind, Problem, Severity};
use perfpower_parse::{FrameTexts, ParseOptions};
use perfpower_report::number::plural;
use perfpower_report::{ArchiveFacts, DriftRow, InputFacts, InputProblem, sort_problems};
use rayon::prelude::*;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How an archive is to be read.
#[derive(Clone, Debug, Default)]
pub struct ReadPlan {
    /// Where it is.
    pub sources: Sources,
    /// Whose and when, as far as the user says so.
    pub rules: Rules,
    /// Keep only these apps; empty = all. One that no path names is looked for in the bodies of all.
    pub apps: Vec<String>,
    /// Whether older values are kept.
    pub revisions: RevisionDetail,
    /// Whether each input is described.
    pub describe_inputs: bool,
    /// Whether fields are counted against the known schema.
    pub drift: bool,
    /// Where call stacks go.
    pub stacks: StacksOf,
    /// Which texts of their frames are kept.
    pub frame_texts: FrameTexts,
    /// Draw no progress.
    pub quiet: bool,
}

/// Whose call stacks share a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StacksOf {
    /// Each app's are in its history.
    #[default]
    EachApp,
    /// Those of all apps, in [`Reading::stacks`].
    AllApps,
}

/// An archive, read and merged.
#[derive(Debug, Default)]
pub struct Reading {
    /// One per app, sorted by key; apps without a value included.
    pub histories: Vec<AppHistory>,
    /// The call stacks of all apps, in their order; empty for [`StacksOf::EachApp`].
    pub stacks: StackTable,
    /// Sizes.
    pub facts: ArchiveFacts,
    /// What could not be read, in the order of reports.
    pub problems: Vec<InputProblem>,
    /// Each input, sorted by app, day and path; empty unless asked for.
    pub inputs: Vec<InputFacts>,
    /// Fields that only one side has; empty unless asked for.
    pub drift: Vec<DriftRow>,
    /// Documents of which nothing could be read.
    pub lost: u64,
    /// Apps that were read in search of the one asked for.
    pub passed_over: Vec<String>,
}

/// Reads a whole archive. Faults of inputs stand in the result; there is no other failure.
pub fn read_archive(plan: &ReadPlan) -> Reading {
    let archive = Archive::open(&plan.sources, &plan.rules);
    let Settled { read, passed_over, .. } = read_settled(&archive, plan);
    Reading { passed_over, ..gather(&archive, read, plan) }
}

/// Reads an archive and gives it to `judge`; then forgets the histories and reads them again with every revision, a few apps
/// at a time and in order, for `each`. So all of an archive can be written while memory holds its distinct points once, and
/// revisions only of the apps at hand.
pub fn read_archive_twice<T, E>(
    plan: &ReadPlan,
    judge: impl FnOnce(&Reading) -> Result<T, E>,
    mut each: impl FnMut(&AppHistory, &mut T) -> Result<(), E>,
) -> Result<(Reading, T), E> {
    let archive = Archive::open(&plan.sources, &plan.rules);
    let Settled { tasks, read, passed_over } = read_settled(&archive, plan);
    let mut reading = Reading { passed_over, ..gather(&archive, read, plan) };
    let mut judged = judge(&reading)?;
    reading.histories = Vec::new();
    let plan = ReadPlan { revisions: RevisionDetail::Keep, describe_inputs: false, drift: false, ..plan.clone() };
    let progress = Progress::new(archive.entries.len(), archive.size(), plan.quiet);
    progress.stage("writing");
    let tasks: Vec<_> = tasks.iter().collect();
    for apps in tasks.chunks(2 * rayon::current_num_threads()) {
        let histories: Vec<AppHistory> =
            apps.par_iter().map(|(app, list)| read_app(app, list, &plan, &progress).history).collect();
        for history in &histories {
            each(history, &mut judged)?;
        }
    }
    progress.done();
    Ok((reading, judged))
}

/// Documents by app, in the order in which they are merged.
type Tasks<'a> = BTreeMap<String, Vec<Task<'a>>>;

/// The documents in the apps that paths and bodies put them into.
struct Settled<'a> {
    tasks: Tasks<'a>,
    read: Read,
    passed_over: Vec<String>,
}

/// Reads every app, and those apps again whose documents say to be of another one.
fn read_settled<'a>(archive: &'a Archive, plan: &ReadPlan) -> Settled<'a> {
    let progress = Progress::new(archive.entries.len(), archive.size(), plan.quiet);
    progress.stage("reading");
    let by_path = archive.by_app();
    let is_wanted = |app: &str| plan.apps.is_empty() || plan.apps.iter().any(|wanted| wanted == app);
    let is_named = plan.apps.iter().all(|wanted| by_path.iter().any(|(app, _)| app == wanted));
    let mut tasks: Tasks<'_> = by_path
        .into_iter()
        .filter(|(app, _)| !is_named || is_wanted(app))
        .map(|(app, entries)| (app.to_owned(), entries.into_iter().map(Task::inferred).collect()))
        .collect();
    let mut read = read_apps(&tasks, plan, &progress);
    let moved = moves(&read.apps, &tasks);
    let touched = move_tasks(&mut tasks, &moved);
    let passed_over: Vec<String> = tasks.keys().filter(|app| !is_wanted(app)).cloned().collect();
    tasks.retain(|app, _| is_wanted(app));
    if plan.stacks == StacksOf::AllApps && !(touched.is_empty() && passed_over.is_empty()) {
        // What went into one table under another name cannot be taken out again.
        read = read_apps(&tasks, plan, &progress);
    } else {
        let again: Tasks<'_> = tasks
            .iter()
            .filter(|(app, _)| touched.contains(*app))
            .map(|(app, list)| (app.clone(), list.clone()))
            .collect();
        read.apps.retain(|app| is_wanted(&app.history.app) && !touched.contains(&app.history.app));
        read.apps.extend(read_apps(&again, plan, &progress).apps);
        read.apps.sort_by(|a, b| a.history.app.cmp(&b.history.app));
    }
    progress.done();
    Settled { tasks, read, passed_over }
}

/// Moves documents to the apps that their bodies name, and gives the apps that lost or won any.
fn move_tasks(tasks: &mut Tasks<'_>, moved: &[(String, usize, String)]) -> BTreeSet<String> {
    let mut touched = BTreeSet::new();
    let mut gone: BTreeMap<&String, BTreeSet<usize>> = BTreeMap::new();
    for (from, index, to) in moved {
        touched.extend([from.clone(), to.clone()]);
        gone.entry(from).or_default().insert(*index);
        let task = tasks[from][*index];
        tasks.entry(to.clone()).or_default().push(Task { by_body: true, ..task });
    }
    for (from, indices) in gone {
        if let Some(list) = tasks.get_mut(from) {
            let mut index = 0..;
            list.retain(|_| index.next().is_none_or(|index| !indices.contains(&index)));
        }
    }
    tasks.retain(|_, list| !list.is_empty());
    for app in &touched {
        if let Some(list) = tasks.get_mut(app) {
            list.sort_by(|a, b| {
                let day = |task: &Task<'_>| task.entry.snapshot.value;
                day(b).cmp(&day(a)).then_with(|| a.entry.path.cmp(&b.entry.path))
            });
        }
    }
    touched
}

/// One document to read.
#[derive(Clone, Copy, Debug)]
struct Task<'a> {
    entry: &'a Entry,
    /// Its body, not its place, said whose it is.
    by_body: bool,
}

impl<'a> Task<'a> {
    fn inferred(entry: &'a Entry) -> Self {
        Self { entry, by_body: false }
    }
}

/// What one app gave.
struct AppReading {
    history: AppHistory,
    problems: Vec<InputProblem>,
    inputs: Vec<InputFacts>,
    kinds: [u64; Kind::ALL.len()],
    bytes: u64,
    repeated: u64,
    lost: u64,
    days: Option<(Day, Day)>,
    /// Bundle id of each document that names one, by position of its task.
    bundles: Vec<(usize, String)>,
    unknown_fields: BTreeMap<(Kind, String), u64>,
    known_fields: BTreeMap<(Kind, &'static str), u64>,
}

/// Apps in their order, and the stacks of all of them where they go into one table.
#[derive(Default)]
struct Read {
    apps: Vec<AppReading>,
    stacks: StackTable,
}

fn read_apps(tasks: &Tasks<'_>, plan: &ReadPlan, progress: &Progress) -> Read {
    if plan.stacks == StacksOf::AllApps || tasks.len() < 4 * rayon::current_num_threads() {
        return read_in_order(tasks, plan, progress);
    }
    let tasks: Vec<_> = tasks.iter().collect();
    // One by one: an app takes milliseconds, and a thread that has taken many of the last ones keeps all others waiting.
    let apps = tasks.par_iter().with_max_len(1).map(|(app, list)| read_app(app, list, plan, progress)).collect();
    Read { apps, stacks: StackTable::new() }
}

fn read_app(app: &str, tasks: &[Task<'_>], plan: &ReadPlan, progress: &Progress) -> AppReading {
    let mut reader = AppReader::new(app, plan, StackTable::new());
    let mut seen = HashMap::new();
    for (index, (task, may_repeat)) in tasks.iter().zip(may_repeat(tasks)).enumerate() {
        let body = read_new_body(task.entry, may_repeat, plan, progress, &mut seen);
        reader.add(index, *task, body);
    }
    reader.finish()
}

/// A document among those of all apps.
#[derive(Clone, Copy)]
struct Place<'a> {
    app: &'a str,
    /// Position among the app's tasks.
    index: usize,
    task: Task<'a>,
    may_repeat: bool,
}

/// Reads apps one after the other, their documents side by side.
fn read_in_order(tasks: &Tasks<'_>, plan: &ReadPlan, progress: &Progress) -> Read {
    let mut places: Vec<Place<'_>> = Vec::new();
    for (app, list) in tasks {
        let tasks = list.iter().zip(may_repeat(list)).enumerate();
        places.extend(tasks.map(|(index, (&task, may_repeat))| Place { app, index, task, may_repeat }));
    }
    let merger = Merger { plan, open: None, read: Read::default() };
    let line = Line { places, next: AtomicUsize::new(0), waiting: Mutex::new(Waiting::new(merger)) };
    while line.next.load(Ordering::Relaxed) < line.places.len() {
        line.waiting().is_halted = false;
        rayon::broadcast(|_| line.read(plan, progress));
    }
    let merger = line.waiting.into_inner().unwrap_or_else(PoisonError::into_inner).merger;
    merger.map(Merger::finish).unwrap_or_default()
}

/// Documents between the threads that read them and the one of these that merges them, in order. Whoever has read the next
/// one to be merged merges it and all that wait behind it, so no thread waits for another.
struct Line<'a> {
    places: Vec<Place<'a>>,
    /// Position of the next document to read.
    next: AtomicUsize,
    waiting: Mutex<Waiting<'a>>,
}

/// Documents that were read and not yet merged.
struct Waiting<'a> {
    bodies: BTreeMap<usize, Body>,
    bytes: u64,
    /// Position of the next document to merge.
    merged: usize,
    /// Away while a thread merges.
    merger: Option<Merger<'a>>,
    /// No more documents are read for now.
    is_halted: bool,
}

impl<'a> Line<'a> {
    /// Reads documents until there are no more, or too many wait for an earlier one. Then all threads come to an end, and once
    /// the last one has, nothing waits.
    fn read(&self, plan: &ReadPlan, progress: &Progress) {
        loop {
            if self.waiting().halts() {
                return;
            }
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(place) = self.places.get(at) else { return };
            let body = read_body(place.task.entry, place.may_repeat, plan, progress);
            self.merge(at, body);
        }
    }

    fn merge(&self, at: usize, body: Body) {
        let mut waiting = self.waiting();
        waiting.bytes += body.bytes;
        waiting.bodies.insert(at, body);
        let Some(mut merger) = waiting.merger.take() else { return };
        while let Some((at, body)) = waiting.next() {
            drop(waiting);
            merger.add(self.places[at], body);
            waiting = self.waiting();
        }
        waiting.merger = Some(merger);
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting<'a>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a> Waiting<'a> {
    fn new(merger: Merger<'a>) -> Self {
        Self { bodies: BTreeMap::new(), bytes: 0, merged: 0, merger: Some(merger), is_halted: false }
    }

    /// Whether so much waits, or did and no thread has gone on since, that memory matters. Where documents are about equally
    /// large and a few threads read them, that does not happen.
    fn halts(&mut self) -> bool {
        const DOCUMENTS_PER_THREAD: usize = 64;
        const BYTES_PER_THREAD: u64 = 16 << 20;
        let threads = rayon::current_num_threads();
        let is_full =
            self.bodies.len() > DOCUMENTS_PER_THREAD * threads || self.bytes > BYTES_PER_THREAD * threads as u64;
        self.is_halted |= is_full;
        self.is_halted
    }

    fn next(&mut self) -> Option<(usize, Body)> {
        let at = self.merged;
        let body = self.bodies.remove(&at)?;
        self.bytes -= body.bytes;
        self.merged += 1;
        Some((at, body))
    }
}

/// Merges the documents of one app after the other.
struct Merger<'a> {
    plan: &'a ReadPlan,
    open: Option<(&'a str, AppReader<'a>)>,
    read: Read,
}

impl<'a> Merger<'a> {
    fn add(&mut self, place: Place<'a>, body: Body) {
        if self.open.as_ref().is_none_or(|(app, _)| *app != place.app) {
            self.close();
        }
        let stacks = &mut self.read.stacks;
        let (_, reader) =
            self.open.get_or_insert_with(|| (place.app, AppReader::new(place.app, self.plan, std::mem::take(stacks))));
        reader.add(place.index, place.task, body);
    }

    fn finish(mut self) -> Read {
        self.close();
        self.read
    }

    fn close(&mut self) {
        if let Some((_, reader)) = self.open.take() {
            let mut app = reader.finish();
            if self.plan.stacks == StacksOf::AllApps {
                self.read.stacks = std::mem::take(&mut app.history.stacks);
            }
            self.read.apps.push(app);
        }
    }
}

/// Which documents of an app may have the bytes of another one: those of one size, and all where one tells its size only when
/// it is unpacked. Nothing but the bytes themselves tells them apart, so all others need not be hashed.
fn may_repeat(tasks: &[Task<'_>]) -> Vec<bool> {
    let sizes: Option<Vec<u64>> = tasks.iter().map(|task| task.entry.plain_size()).collect();
    let Some(sizes) = sizes else { return vec![true; tasks.len()] };
    let mut documents: HashMap<u64, usize> = HashMap::new();
    for &size in &sizes {
        *documents.entry(size).or_default() += 1;
    }
    sizes.iter().map(|size| documents[size] > 1).collect()
}

/// A document, read, or why not.
struct Body {
    /// Of its bytes; `None` = no other document of the app can have the same.
    hash: Option<u128>,
    bytes: u64,
    document: Result<Document, Problem>,
}

fn read_body(entry: &Entry, may_repeat: bool, plan: &ReadPlan, progress: &Progress) -> Body {
    read_new_body(entry, may_repeat, plan, progress, &mut HashMap::new())
}

/// Whether the same body says more if it was downloaded on another day, too: values and signatures belong to their day, while
/// a log is known by its own frames.
fn is_of_its_day(kind: Kind) -> bool {
    matches!(kind, Kind::XcodeMetrics | Kind::XcodeOverview | Kind::DiagnosticSignatures)
}

/// Reads a document unless its bytes were seen before and say nothing new; then only its hash comes back, with an empty
/// document.
fn read_new_body(
    entry: &Entry,
    may_repeat: bool,
    plan: &ReadPlan,
    progress: &Progress,
    seen: &mut HashMap<u128, Kind>,
) -> Body {
    thread_local! {
        /// The bytes of a document; one after the other, so that memory is not asked for anew.
        static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    /// A larger buffer is not kept.
    const KEPT_BYTES: usize = 16 << 20;
    BUFFER.with_borrow_mut(|buffer| {
        let result = entry.read(buffer);
        progress.read(entry.size);
        if let Err(problem) = result {
            return Body { hash: None, bytes: 0, document: Err(problem) };
        }
        // A file that has grown since it was listed may be what another one is.
        let may_repeat = may_repeat || entry.plain_size() != Some(buffer.len() as u64);
        let hash = may_repeat.then(|| xxhash_rust::xxh3::xxh3_128(buffer));
        let known = hash.and_then(|hash| seen.get(&hash)).copied();
        let document = match known {
            Some(kind) if !is_of_its_day(kind) => Document::new(Kind::Empty),
            _ => perfpower_parse::parse(
                buffer,
                &ParseOptions { count_known_fields: plan.drift, frame_texts: plan.frame_texts },
            ),
        };
        if let (Some(hash), None) = (hash, known) {
            seen.insert(hash, document.kind);
        }
        let bytes = buffer.len() as u64;
        buffer.clear();
        buffer.shrink_to(KEPT_BYTES);
        Body { hash, bytes, document: Ok(document) }
    })
}

/// A body that was read.
#[derive(Clone)]
struct Seen {
    /// The input that had it first.
    path: String,
    kind: Kind,
    is_lost: bool,
    /// The last one of which it was.
    day: Day,
    /// The bundle that it names.
    bundle: Option<String>,
    page: Option<Page>,
}

/// A page of signatures.
#[derive(Clone)]
struct Page {
    build: String,
    has_next: bool,
}

impl Page {
    /// `None` for a document that is none. The last page may be empty.
    fn of(document: &Document) -> Option<Self> {
        matches!(document.kind, Kind::DiagnosticSignatures | Kind::Empty).then(|| Self {
            build: document.names.text(document.identity.build_id).to_owned(),
            has_next: document.next_page.is_some(),
        })
    }
}

/// Merges the documents of one app, in order.
struct AppReader<'a> {
    plan: &'a ReadPlan,
    builder: HistoryBuilder,
    reading: AppReading,
    /// Bodies seen, by hash.
    seen: HashMap<u128, Seen>,
    /// Per (day, build): pages that have a next one, and pages that have none.
    pages: BTreeMap<(Day, String), (u64, u64, String)>,
    documents: u32,
}

impl<'a> AppReader<'a> {
    fn new(app: &str, plan: &'a ReadPlan, stacks: StackTable) -> Self {
        Self {
            plan,
            builder: HistoryBuilder::new(app, plan.revisions).with_stacks(stacks),
            reading: AppReading {
                history: HistoryBuilder::new(app, plan.revisions).finish(),
                problems: Vec::new(),
                inputs: Vec::new(),
                kinds: [0; Kind::ALL.len()],
                bytes: 0,
                repeated: 0,
                lost: 0,
                days: None,
                bundles: Vec::new(),
                unknown_fields: BTreeMap::new(),
                known_fields: BTreeMap::new(),
            },
            seen: HashMap::new(),
            pages: BTreeMap::new(),
            documents: 0,
        }
    }

    fn add(&mut self, index: usize, task: Task<'_>, body: Body) {
        let entry = task.entry;
        let day = entry.snapshot.value;
        self.reading.bytes += body.bytes;
        let document = match body.document {
            Err(problem) => {
                // A container's member that cannot be unpacked is no document of any kind.
                self.count(Kind::NotJson);
                self.reading.lost += 1;
                self.describe(task, Kind::NotJson, body.bytes, "not read".to_owned(), 1);
                self.reading.problems.push(InputProblem { path: entry.path.clone(), problem });
                return;
            }
            Ok(document) => document,
        };
        if let Some(first) = body.hash.and_then(|hash| self.seen.get_mut(&hash)) {
            let is_new_day = std::mem::replace(&mut first.day, day) != day;
            let first = first.clone();
            self.note(index, &entry.path, &first);
            self.reading.repeated += 1;
            self.describe(task, first.kind, body.bytes, format!("the same body as {}", first.path), 0);
            if is_new_day && is_of_its_day(first.kind) && !first.is_lost {
                self.merge(&document, entry);
            } else if !first.is_lost {
                self.builder.add_day(day);
            }
            return;
        }
        let own = Seen {
            path: entry.path.clone(),
            kind: document.kind,
            is_lost: document.problems.iter().any(|problem| problem.severity == Severity::Error),
            day,
            bundle: document.names.get(document.identity.bundle_id).map(str::to_owned),
            page: Page::of(&document),
        };
        self.note(index, &entry.path, &own);
        for (path, count) in &document.drift.unknown {
            *self.reading.unknown_fields.entry((document.kind, path.clone())).or_default() += count;
        }
        for (path, count) in &document.drift.known {
            *self.reading.known_fields.entry((document.kind, path)).or_default() += count;
        }
        self.describe(task, document.kind, body.bytes, content_words(&document), document.problems.len());
        self.reading.problems.extend(
            document.problems.iter().map(|problem| InputProblem { path: entry.path.clone(), problem: problem.clone() }),
        );
        if !own.is_lost {
            self.merge(&document, entry);
        }
        if let Some(hash) = body.hash {
            self.seen.insert(hash, own);
        }
    }

    fn merge(&mut self, document: &Document, entry: &Entry) {
        let place = PlacedRelease { version: entry.version.clone(), build: entry.build.clone() };
        self.builder.add_placed(document, entry.snapshot.value, self.documents, &place);
        self.documents += 1;
    }

    /// Counts a document, whether its body was seen before or not.
    fn note(&mut self, index: usize, path: &str, seen: &Seen) {
        self.count(seen.kind);
        if let Some(bundle) = &seen.bundle {
            self.reading.bundles.push((index, bundle.clone()));
        }
        if let Some(Page { build, has_next }) = &seen.page {
            let pages = self.pages.entry((seen.day, build.clone())).or_insert((0, 0, path.to_owned()));
            if *has_next { pages.0 += 1 } else { pages.1 += 1 }
        }
        if seen.is_lost {
            self.reading.lost += 1;
        } else {
            self.note_day(seen.day);
        }
    }

    fn note_day(&mut self, day: Day) {
        let days = self.reading.days.get_or_insert((day, day));
        *days = (days.0.min(day), days.1.max(day));
    }

    fn count(&mut self, kind: Kind) {
        if let Some(position) = Kind::ALL.iter().position(|&known| known == kind) {
            self.reading.kinds[position] += 1;
        }
    }

    fn describe(&mut self, task: Task<'_>, kind: Kind, bytes: u64, content: String, problems: usize) {
        if !self.plan.describe_inputs {
            return;
        }
        let entry = task.entry;
        self.reading.inputs.push(InputFacts {
            path: entry.path.clone(),
            kind,
            bytes,
            app: String::new(), // known when all documents of the app are
            app_reason: if task.by_body { Reason::Body.to_string() } else { entry.app.reason.to_string() },
            snapshot: entry.snapshot.value,
            snapshot_reason: entry.snapshot.reason.to_string(),
            content,
            problems,
        });
    }

    fn finish(self) -> AppReading {
        let mut reading = self.reading;
        for (with_next, last, path) in self.pages.into_values() {
            if with_next > 0 && last == 0 {
                let problem = Problem::new(
                    Severity::Warning,
                    "partial-set",
                    "partial set: this page of signatures names a next page that the archive does not hold",
                )
                .with_hint("follow `links.next` until a page has none, and save every page");
                reading.problems.push(InputProblem { path, problem });
            }
        }
        reading.history = self.builder.finish();
        for input in &mut reading.inputs {
            input.app.clone_from(&reading.history.app);
        }
        reading
    }
}

/// What a document holds, in words.
fn content_words(document: &Document) -> String {
    let part = |count: usize, one: &str, many: &str| {
        (count > 0).then(|| format!("{count} {}", if count == 1 { one } else { many }))
    };
    let parts: Vec<String> = [
        part(document.metrics.datasets.len(), "series", "series"),
        part(document.metrics.points.len(), "point", "points"),
        part(document.insights.len(), "insight", "insights"),
        part(document.signatures.len(), "signature", "signatures"),
        part(document.logs.len(), "log", "logs"),
        part(document.call_tree.len(), "frame", "frames"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() { "nothing to read".to_owned() } else { parts.join(", ") }
}

/// Documents that name another bundle than the rest of their app, with the app that they belong to. Only where the place
/// of the document was inferred; what the user says holds, and a directory's name goes before a bundle on which all of its
/// documents agree, since metrics, which name none, lie there too. The name of a file speaks for that file alone.
fn moves(apps: &[AppReading], tasks: &Tasks<'_>) -> Vec<(String, usize, String)> {
    let mut moved = Vec::new();
    for app in apps {
        let key = &app.history.app;
        let Some((_, first)) = app.bundles.iter().min_by_key(|(index, _)| &tasks[key][*index].entry.path) else {
            continue;
        };
        let home = app.bundles.iter().map(|(_, bundle)| bundle).find(|bundle| *bundle == key).unwrap_or(first);
        for (index, bundle) in &app.bundles {
            let reason = &tasks[key][*index].entry.app.reason;
            let is_said = matches!(reason, Reason::AppOption | Reason::Layout);
            let is_alone = matches!(reason, Reason::FileName(_) | Reason::StandardInput);
            if !is_said && (bundle != home || (is_alone && bundle != key)) {
                moved.push((key.clone(), *index, bundle.clone()));
            }
        }
    }
    moved
}

/// Puts the apps together.
fn gather(archive: &Archive, read: Read, plan: &ReadPlan) -> Reading {
    let mut reading = Reading { stacks: read.stacks, ..Reading::default() };
    let mut kinds = [0; Kind::ALL.len()];
    let mut unknown: BTreeMap<(Kind, String), u64> = BTreeMap::new();
    let mut known: BTreeMap<(Kind, &'static str), u64> = BTreeMap::new();
    let facts = &mut reading.facts;
    for (path, problem) in &archive.problems {
        reading.problems.push(InputProblem { path: path.clone(), problem: problem.clone() });
    }
    if archive.undated() > 0 {
        let count = archive.undated();
        let problem = Problem::new(
            Severity::Warning,
            "no-date",
            format!(
                "no date in the path of {}: the day that each file was last written stands in for it",
                plural(count as u64, "document", "documents")
            ),
        )
        .with_hint("put the day into the path, as in com.example.app/2026-11-23/xcodeMetrics.json, or give --snapshot");
        reading.problems.push(InputProblem { path: String::new(), problem });
    }
    reading.histories.reserve_exact(read.apps.len());
    for app in read.apps {
        facts.bytes += app.bytes;
        facts.repeated += app.repeated;
        reading.lost += app.lost;
        for (total, count) in kinds.iter_mut().zip(app.kinds) {
            *total += count;
        }
        if let Some((first, last)) = app.days {
            let days = facts.days.get_or_insert((first, last));
            *days = (days.0.min(first), days.1.max(last));
        }
        reading.problems.extend(app.problems);
        reading.problems.extend(
            app.history
                .problems
                .iter()
                .map(|problem| InputProblem { path: app.history.app.clone(), problem: problem.clone() }),
        );
        reading.inputs.extend(app.inputs);
        for (field, count) in app.unknown_fields {
            *unknown.entry(field).or_default() += count;
        }
        for (field, count) in app.known_fields {
            *known.entry(field).or_default() += count;
        }
        reading.histories.push(app.history);
    }
    facts.documents = kinds.iter().sum();
    facts.kinds = Kind::ALL.iter().copied().zip(kinds).filter(|&(_, count)| count > 0).collect();
    facts.skipped.clone_from(&archive.skipped);
    facts.apps = reading.histories.len() as u64;
    if plan.drift {
        reading.drift = drift_rows(&unknown, &known, &facts.kinds);
    }
    sort_problems(&mut reading.problems);
    reading.inputs.sort_by(|a, b| (&a.app, a.snapshot, &a.path).cmp(&(&b.app, b.snapshot, &b.path)));
    reading
}

/// Unknown fields that were seen, then known fields of the kinds at hand that were not.
fn drift_rows(
    unknown: &BTreeMap<(Kind, String), u64>,
    known: &BTreeMap<(Kind, &'static str), u64>,
    kinds: &[(Kind, u64)],
) -> Vec<DriftRow> {
    let mut rows: Vec<DriftRow> = unknown
        .iter()
        .map(|((kind, path), &seen)| DriftRow { kind: kind.as_str(), path: path.clone(), seen, known: false })
        .collect();
    for &(kind, _) in kinds {
        for path in perfpower_parse::known_fields(kind) {
            if !known.contains_key(&(kind, path)) {
                rows.push(DriftRow { kind: kind.as_str(), path: path.to_owned(), seen: 0, known: true });
            }
        }
    }
    rows
}
