//! The documents of one app, merged in order.

use crate::body::Body;
use crate::by_body::{BodyIds, Place, Why};
use crate::kept::{Keeper, ReadHistory};
use crate::later::{Sign, is_undated};
use crate::newest::Newest;
use crate::plan::ReadPlan;
use crate::settle::Task;
use perfpower_analysis::{Disagreement, HistoryBuilder, PlacedRelease};
use perfpower_archive::{Entry, Rank, Reason};
use perfpower_model::{Day, Document, InputFacts, InputProblem, Kind, Problem, RuledOut, Severity, version};
use perfpower_parse::{Envelope, Parsed};
use perfpower_stacks::StackTable;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// What one app gave.
pub(crate) struct AppReading {
    pub(crate) history: ReadHistory,
    pub(crate) problems: Vec<InputProblem>,
    pub(crate) inputs: Vec<InputFacts>,
    pub(crate) kinds: [u64; Kind::ALL.len()],
    pub(crate) bytes: u64,
    pub(crate) repeated: u64,
    pub(crate) lost: u64,
    /// Files without a better day than when they were last written.
    pub(crate) undated: u64,
    /// Documents that were left out because they are of a later day than was asked for.
    pub(crate) later: u64,
    pub(crate) days: Option<(Day, Day)>,
    /// How many documents each of its tasks has.
    pub(crate) documents: Vec<u32>,
    /// What the bodies of documents say of whose they are; without those that say nothing.
    pub(crate) body_ids: Vec<(Place, BodyIds)>,
    /// Positions of the tasks of which a document tells its day.
    pub(crate) dated: Vec<usize>,
    /// Days of documents after the day of the place of their file, by position of its task.
    pub(crate) later_days: Vec<(usize, Day)>,
    /// The latest version of files with values, by position of their tasks; only where another file of their app is of the same day.
    pub(crate) latest_of: Vec<(usize, Arc<str>)>,
    /// Versions of each document with values, by position of its task; only where a plain word says whose it is.
    pub(crate) versions_of: Vec<(usize, BTreeSet<String>)>,
    pub(crate) unknown_fields: BTreeMap<(Kind, String), u64>,
    pub(crate) known_fields: BTreeMap<(Kind, &'static str), u64>,
    /// What the newest downloads gave.
    pub(crate) newest: Newest,
}

/// A file that was read.
struct Seen {
    /// The input that had it first.
    path: String,
    /// The last day of which it was.
    day: Day,
    documents: Vec<Known>,
}

/// What is known of a document that was read.
#[derive(Clone)]
struct Known {
    /// Its position in its file.
    position: u32,
    kind: Kind,
    is_lost: bool,
    has_values: bool,
    ids: BodyIds,
    page: Option<Page>,
}

impl Known {
    fn of(position: u32, document: &Document, entry: &Entry) -> Self {
        let mut ids = BodyIds::of(document);
        // A name in the path says whose it is, unless it is that of a signature.
        let is_of_signature =
            matches!(entry.app.reason, Reason::FileName(_)) && ids.signatures.iter().any(|id| **id == *entry.app.value);
        if entry.rank < Rank::Place && !is_of_signature {
            ids.signatures.clear();
        }
        Self {
            position,
            kind: document.kind,
            is_lost: document.problems.iter().any(|problem| problem.severity == Severity::Error),
            has_values: !document.metrics.points.is_empty(),
            ids,
            page: Page::of(document),
        }
    }
}

/// A page of signatures.
#[derive(Clone)]
struct Page {
    build: Option<String>,
    /// The one type of all its signatures; absent = several, or none.
    diagnostic_type: Option<String>,
    has_next: bool,
    rows: u64,
    /// How many there are in all, as the page says.
    in_all: Option<u64>,
    is_told: bool,
}

impl Page {
    /// `None` for a document that is none. The last page may be empty.
    fn of(document: &Document) -> Option<Self> {
        let names = &document.names;
        let mut types = document.signatures.iter().map(|signature| signature.diagnostic_type);
        let first = types.next();
        let one = first.filter(|first| types.all(|other| other == *first));
        matches!(document.kind, Kind::DiagnosticSignatures | Kind::Empty).then(|| Self {
            build: names.get(document.identity.build_id).map(str::to_owned),
            diagnostic_type: one.and_then(|one| names.get(one)).map(str::to_owned),
            has_next: document.next_page.is_some(),
            rows: document.signatures.len() as u64,
            in_all: document.signatures_in_all,
            is_told: document.problems.iter().any(|problem| problem.code == "partial-set"),
        })
    }
}

/// The pages of signatures of one day, build and type.
#[derive(Default)]
struct Pages {
    with_next: u64,
    last: u64,
    rows: u64,
    in_all: u64,
    is_told: bool,
    path: String,
}

/// A file at hand.
#[derive(Clone, Copy)]
struct File<'a> {
    /// Position among the app's tasks.
    index: usize,
    task: &'a Task<'a>,
    /// Of its bytes, where another document of the app can have the same.
    hash: Option<u128>,
    /// Unpacked.
    bytes: u64,
}

/// Merges the documents of one app, in order.
pub(crate) struct AppReader<'a> {
    plan: &'a ReadPlan,
    builder: HistoryBuilder,
    reading: AppReading,
    /// Bodies seen, by hash.
    seen: HashMap<u128, Seen>,
    /// By day, build and type.
    pages: BTreeMap<(Day, Option<String>, Option<String>), Pages>,
    /// Documents of an earlier day than the place of their file says, by the body or its envelope: they are merged when their
    /// day comes.
    waiting: BTreeMap<Day, Vec<(Document, &'a Task<'a>)>>,
    /// What was merged, by the number that the history knows it by.
    merged: Vec<&'a Task<'a>>,
    /// Days of several files.
    shared_days: HashSet<Day>,
}

impl<'a> AppReader<'a> {
    /// A reader of these files of an app.
    pub(crate) fn new(
        app: &str,
        tasks: impl Iterator<Item = &'a Task<'a>>,
        plan: &'a ReadPlan,
        stacks: StackTable,
    ) -> Self {
        let mut days = HashSet::new();
        let days = tasks.map(Task::snapshot).filter(|day| !days.insert(*day)).collect();
        Self {
            plan,
            builder: HistoryBuilder::new(app, plan.revisions).with_stacks(stacks),
            reading: AppReading {
                history: ReadHistory::InMemory(Box::new(HistoryBuilder::new(app, plan.revisions).finish())),
                problems: Vec::new(),
                inputs: Vec::new(),
                kinds: [0; Kind::ALL.len()],
                bytes: 0,
                repeated: 0,
                lost: 0,
                undated: 0,
                later: 0,
                days: None,
                documents: Vec::new(),
                body_ids: Vec::new(),
                dated: Vec::new(),
                later_days: Vec::new(),
                latest_of: Vec::new(),
                versions_of: Vec::new(),
                unknown_fields: BTreeMap::new(),
                known_fields: BTreeMap::new(),
                newest: Newest::default(),
            },
            seen: HashMap::new(),
            pages: BTreeMap::new(),
            waiting: BTreeMap::new(),
            merged: Vec::new(),
            shared_days: days,
        }
    }

    pub(crate) fn add(&mut self, index: usize, task: &'a Task<'a>, body: Body) {
        let entry = task.entry;
        if body.documents.is_err() && self.is_later(entry, None) {
            self.reading.documents.resize(index + 1, 0);
            self.reading.later += 1;
            return;
        }
        self.merge_waiting(task.snapshot());
        // What several apps have a part of is counted once.
        self.reading.bytes += if task.share.has(0) { body.bytes } else { 0 };
        let Body { hash, bytes, documents } = body;
        let file = File { index, task, hash, bytes };
        self.reading.documents.resize(index + 1, 0);
        let is_undated = entry.snapshot.reason == Reason::ModificationTime && task.share.has(0);
        self.reading.undated += u64::from(is_undated);
        let documents = match documents {
            Err(problem) => {
                // A container's member that cannot be unpacked is no document of any kind.
                self.count(Kind::NotJson);
                self.reading.lost += 1;
                let told = Told::of(Kind::NotJson, task.snapshot(), "not read".to_owned());
                self.describe(file, Told { problems: 1, ..told });
                self.reading.newest.lost(entry, &problem.message);
                self.reading.problems.push(InputProblem { path: Some(entry.path.clone()), problem });
                return;
            }
            Ok(documents) => documents,
        };
        if let Some(seen) = hash.and_then(|hash| self.seen.get_mut(&hash)) {
            let is_new_day = std::mem::replace(&mut seen.day, task.snapshot()) != task.snapshot();
            let (first, known) = (seen.path.clone(), seen.documents.clone());
            self.add_again(file, &first, &known, is_new_day.then_some(documents));
            return;
        }
        let mut all = Vec::with_capacity(documents.len());
        let later = self.reading.later;
        for (position, Parsed { document, envelope }) in documents {
            let own = Known::of(position, &document, entry);
            if self.is_later(entry, own_day(own.kind, &document, &envelope)) {
                self.reading.later += 1;
                continue;
            }
            self.add_document(file, document, &envelope, &own);
            all.push(own);
        }
        if all.is_empty() && later < self.reading.later {
            self.reading.undated -= u64::from(is_undated);
            self.reading.bytes -= if task.share.has(0) { bytes } else { 0 };
        }
        // A copy may be of an earlier day.
        if let Some(hash) = hash.filter(|_| later == self.reading.later) {
            self.seen.insert(hash, Seen { path: entry.path.clone(), day: task.snapshot(), documents: all });
        }
    }

    /// A file whose bytes were read before; its documents come along where they say something new on another day.
    fn add_again(&mut self, file: File<'a>, first: &str, known: &[Known], of_new_day: Option<Vec<(u32, Parsed)>>) {
        let entry = file.task.entry;
        let day = file.task.snapshot();
        let mut documents = of_new_day.map(Vec::into_iter);
        for own in known {
            self.note(file, day, own);
            self.reading.repeated += 1;
            self.reading.newest.repeats(entry, day, own.has_values, file.hash.unwrap_or(0));
            self.describe(file, Told::of(own.kind, day, format!("the same body as {first}")));
            let parsed = documents.as_mut().and_then(Iterator::next);
            match parsed.filter(|_| own.kind.is_of_its_day() && !own.is_lost) {
                Some((_, Parsed { document, envelope })) => {
                    let day = self.day_of(file, own, &document, &envelope);
                    self.merge(document, file.task, day);
                }
                None if !own.is_lost => self.builder.add_day(day),
                None => {}
            }
        }
    }

    fn add_document(&mut self, file: File<'a>, document: Document, envelope: &Envelope, own: &Known) {
        let entry = file.task.entry;
        let day = self.day_of(file, own, &document, envelope);
        self.note(file, day, own);
        self.reading.newest.read(entry, day, &document, file.hash);
        for (path, count) in &document.drift.unknown {
            *self.reading.unknown_fields.entry((document.kind, path.clone())).or_default() += count;
        }
        for (path, count) in &document.drift.known {
            *self.reading.known_fields.entry((document.kind, path)).or_default() += count;
        }
        if own.has_values && self.has_same_day(file) {
            let latest = document.metrics.points.version.iter().map(|id| document.names.text(*id));
            let latest = latest.max_by(|one, other| version::compare(one, other)).map(Arc::from);
            self.reading.latest_of.extend(latest.map(|latest| (file.index, latest)));
        }
        if own.has_values && entry.rank >= Rank::Word {
            let mut ids = document.metrics.points.version.clone();
            ids.sort_unstable();
            ids.dedup();
            let versions = ids.into_iter().map(|version| document.names.text(version).to_owned()).collect();
            self.reading.versions_of.push((file.index, versions));
        }
        let told = Told {
            kind: document.kind,
            day,
            of_envelope: document.day.is_none() && envelope.day.is_some(),
            content: content_words(&document),
            envelope: envelope.layers.iter().map(ToString::to_string).collect(),
            problems: document.problems.len(),
        };
        self.describe(file, told);
        self.reading.problems.extend(
            document
                .problems
                .iter()
                .map(|problem| InputProblem { path: Some(entry.path.clone()), problem: problem.clone() }),
        );
        if !own.is_lost {
            self.merge(document, file.task, day);
        }
    }

    /// Whether the order of a file and another one is not told by their days.
    fn has_same_day(&self, file: File<'_>) -> bool {
        self.shared_days.contains(&file.task.snapshot())
    }

    /// The day of a document: its own, else that of its envelope, else that of its place. One after the latter must be read again in
    /// its turn, and is taken for it until then. What the user says holds.
    fn day_of(&mut self, file: File<'_>, own: &Known, document: &Document, envelope: &Envelope) -> Day {
        let place = file.task.snapshot();
        let day = own_day(own.kind, document, envelope);
        let is_told = matches!(file.task.entry.snapshot.reason, Reason::SnapshotOption | Reason::Layout);
        let day = day.filter(|_| !is_told);
        // The first of a file that tells its day dates the file.
        let is_first = self.reading.dated.last() != Some(&file.index);
        if day.is_some() && is_first {
            self.reading.dated.push(file.index);
            let counted = file.task.entry.snapshot.reason == Reason::ModificationTime && file.task.share.has(0);
            self.reading.undated -= u64::from(counted);
        }
        match day {
            Some(day) if day > place => {
                self.reading.later_days.push((file.index, day));
                place
            }
            Some(day) => day,
            None => place,
        }
    }

    /// Whether a document was not there yet on the last day that was asked for: by its place, and by what it says itself, which alone tells where
    /// the place does not.
    fn is_later(&self, entry: &Entry, own: Option<Day>) -> bool {
        let place = Some(entry.snapshot.value).filter(|_| own.is_none() || !is_undated(entry));
        self.plan.rules.until.is_some_and(|until| place.max(own) > Some(until))
    }

    /// Merges a document, or keeps it until its day comes: a history is made newest first.
    fn merge(&mut self, document: Document, task: &'a Task<'a>, day: Day) {
        if day < task.snapshot() {
            self.waiting.entry(day).or_default().push((document, task));
        } else {
            self.merge_now(&document, task, day);
        }
    }

    /// Merges the documents that waited for a day after this one.
    fn merge_waiting(&mut self, day: Day) {
        while let Some(last) = self.waiting.last_entry().filter(|last| *last.key() > day) {
            let (day, documents) = last.remove_entry();
            for (document, task) in documents {
                self.merge_now(&document, task, day);
            }
        }
    }

    fn merge_now(&mut self, document: &Document, task: &'a Task<'a>, day: Day) {
        let place = PlacedRelease { version: task.entry.version.clone(), build: task.entry.build.clone() };
        self.builder.add_placed(document, day, self.merged.len() as u32, &place);
        self.merged.push(task);
    }

    /// Counts a document, whether its body was seen before or not.
    fn note(&mut self, file: File<'_>, day: Day, own: &Known) {
        let path = &file.task.entry.path;
        self.count(own.kind);
        self.reading.documents[file.index] += 1;
        if own.ids.says_something() {
            let at = Place { task: file.index, document: own.position };
            self.reading.body_ids.push((at, own.ids.clone()));
        }
        if let Some(Page { build, diagnostic_type, has_next, rows, in_all, is_told }) = &own.page {
            let pages = self.pages.entry((day, build.clone(), diagnostic_type.clone())).or_default();
            if *has_next {
                pages.with_next += 1;
            } else {
                pages.last += 1;
            }
            pages.rows += rows;
            pages.in_all = pages.in_all.max(in_all.unwrap_or(0));
            pages.is_told |= is_told;
            if pages.path.is_empty() {
                path.clone_into(&mut pages.path);
            }
        }
        if own.is_lost {
            self.reading.lost += 1;
        } else {
            self.note_day(day);
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

    fn describe(&mut self, file: File<'_>, told: Told) {
        if !self.plan.describe_inputs {
            return;
        }
        let File { task, bytes, .. } = file;
        let Told { kind, day, of_envelope, content, envelope, problems } = told;
        let Entry { app, snapshot, rank, .. } = task.entry;
        let entry = task.entry;
        let mut other_apps: Vec<RuledOut> = app.others.iter().map(ruled_out).collect();
        if task.moved.is_some_and(|why| why != Why::SameApp) {
            let why = format!("by {}; the body goes before a {}", app.reason, rank.as_str());
            other_apps.insert(0, RuledOut { value: app.value.to_string(), why });
        }
        let is_of_path = day == snapshot.value;
        let mut other_days: Vec<RuledOut> = snapshot.others.iter().map(ruled_out).collect();
        if !is_of_path {
            let why = format!("by {}; the document itself is nearer", snapshot.reason);
            other_days.insert(0, RuledOut { value: snapshot.value.to_string(), why });
        }
        self.reading.inputs.push(InputFacts {
            path: entry.path.clone(),
            kind,
            bytes,
            app: String::new(), // known when all documents of the app are
            app_rank: if task.moved.is_some() { Rank::Body } else { *rank }.as_str(),
            app_reason: match task.moved {
                None => app.reason.to_string(),
                Some(Why::Named) => Reason::Body.to_string(),
                Some(Why::Product) => "body, which is of a product beside the app".to_owned(),
                Some(Why::Signature) => "signatures of the app, which its logs are of".to_owned(),
                Some(Why::SameApp) => format!("{}, which bodies call an id of the app", app.reason),
            },
            other_apps,
            snapshot: day,
            snapshot_reason: match (is_of_path, of_envelope) {
                (true, _) => snapshot.reason.to_string(),
                (false, true) => "envelope".to_owned(),
                (false, false) => Reason::Body.to_string(),
            },
            other_days,
            envelope,
            content,
            problems,
        });
    }

    pub(crate) fn finish(mut self, keeper: &Keeper) -> AppReading {
        for pages in std::mem::take(&mut self.pages).into_values() {
            let Pages { with_next, last, rows, in_all, is_told, path } = pages;
            let message = if with_next > 0 && last == 0 {
                "partial set: this page of signatures names a next page that the archive does not hold".to_owned()
            } else if in_all > rows && !is_told {
                format!("partial set: the pages of this day and build hold {rows} signatures of {in_all}")
            } else {
                continue;
            };
            let problem = Problem::new(Severity::Warning, "partial-set", message)
                .with_hint("follow `links.next` until a page has none, and save every page");
            self.reading.problems.push(InputProblem { path: Some(path), problem });
        }
        if let Some(first) = self.waiting.keys().next().copied() {
            self.merge_waiting(first);
            for (document, task) in self.waiting.remove(&first).unwrap_or_default() {
                self.merge_now(&document, task, first);
            }
        }
        let mut reading = self.reading;
        let history = self.builder.finish();
        let of_app = |problem: &Problem| InputProblem { path: Some(history.app.clone()), problem: problem.clone() };
        reading.problems.extend(history.problems.iter().map(of_app));
        let told = history.disagreements.iter().map(|disagreement| disagrees(disagreement, &self.merged));
        let told: Vec<InputProblem> = told.collect();
        if told.is_empty() {
            reading.problems.extend(ordered_by_name(&self.merged));
        }
        reading.problems.extend(told);
        for input in &mut reading.inputs {
            input.app.clone_from(&history.app);
        }
        reading.history = keeper.keep(history);
        reading
    }
}

/// The day that a document, or what stands beside it in its envelope, says it is of. A day beside a list of names is the list's.
fn own_day(kind: Kind, document: &Document, envelope: &Envelope) -> Option<Day> {
    document.day.or_else(|| envelope.day.filter(|_| kind != Kind::ResourceList))
}

/// What `inspect` is told of a document.
struct Told {
    kind: Kind,
    day: Day,
    /// Whether the day, where it is not that of the path, is one that stands beside the body.
    of_envelope: bool,
    content: String,
    envelope: Vec<String>,
    problems: usize,
}

impl Told {
    fn of(kind: Kind, day: Day, content: String) -> Self {
        Self { kind, day, of_envelope: false, content, envelope: Vec::new(), problems: 0 }
    }
}

fn ruled_out<T: ToString>(other: &perfpower_archive::RuledOut<T>) -> RuledOut {
    RuledOut { value: other.value.to_string(), why: other.why.to_string() }
}

/// Tells of two documents of one day that differ.
fn disagrees(disagreement: &Disagreement, merged: &[&Task<'_>]) -> InputProblem {
    let &Disagreement { day, kept, other, points, largest_percent } = disagreement;
    let (kept, other) = (merged[kept as usize], merged[other as usize]);
    let points = if points == 1 { "1 point".to_owned() } else { format!("{points} points") };
    let by = largest_percent.map_or_else(String::new, |percent| format!(", by up to {percent:+.0} %"));
    let sign = Sign::of(kept, other);
    let message = format!(
        "{points} of {day} differ from those in {}{by}; the latter hold, since it {}",
        kept.entry.path,
        sign.as_str()
    );
    let hint = if sign.is_weak() {
        "say which is the later one: put each into a folder of its day, as in com.example.app/2026-11-23/xcodeMetrics.json, or say where the \
         day stands with --layout '{app}/{snapshot}/{*}'"
    } else {
        "keep one download of an app and day; metrics of single builds are read from an archive of their own"
    };
    let problem = Problem::new(Severity::Warning, "documents-disagree", message).with_hint(hint);
    InputProblem { path: Some(other.entry.path.clone()), problem }
}

/// Tells of two downloads without days of their own whose names say which is the later one.
fn ordered_by_name(merged: &[&Task<'_>]) -> Option<InputProblem> {
    let undated = || merged.iter().filter(|task| is_undated(task.entry));
    let (later, former) =
        (undated().max_by_key(|task| task.entry.turn)?.entry, undated().min_by_key(|task| task.entry.turn)?.entry);
    if later.turn == former.turn {
        return None;
    }
    let message = format!(
        "by its name it is a later download than {}, and is merged as such: neither has a day in its path",
        former.path
    );
    let problem = Problem::new(Severity::Note, "order-by-name", message)
        .with_hint("put each into a folder of its day, as in com.example.app/2026-11-23/xcodeMetrics.json");
    Some(InputProblem { path: Some(later.path.clone()), problem })
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
