//! The documents of one app, merged in order.

use crate::body::Body;
use crate::by_body::BodyIds;
use crate::later::why_later;
use crate::newest::Newest;
use crate::plan::ReadPlan;
use crate::settle::Task;
use perfpower_analysis::{AppHistory, Disagreement, HistoryBuilder, PlacedRelease};
use perfpower_archive::{Entry, Rank, Reason};
use perfpower_model::{Day, Document, InputFacts, InputProblem, Kind, Problem, Severity};
use perfpower_parse::{Envelope, Parsed};
use perfpower_stacks::StackTable;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What one app gave.
pub(crate) struct AppReading {
    pub(crate) history: AppHistory,
    pub(crate) problems: Vec<InputProblem>,
    pub(crate) inputs: Vec<InputFacts>,
    pub(crate) kinds: [u64; Kind::ALL.len()],
    pub(crate) bytes: u64,
    pub(crate) repeated: u64,
    pub(crate) lost: u64,
    pub(crate) days: Option<(Day, Day)>,
    /// Ids that the body of a document names, by position of its task; without those that name none.
    pub(crate) body_ids: Vec<(usize, BodyIds)>,
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
    kind: Kind,
    is_lost: bool,
    has_values: bool,
    ids: BodyIds,
    page: Option<Page>,
}

impl Known {
    fn of(document: &Document) -> Self {
        Self {
            kind: document.kind,
            is_lost: document.problems.iter().any(|problem| problem.severity == Severity::Error),
            has_values: !document.metrics.points.is_empty(),
            ids: BodyIds {
                bundle: document.names.get(document.identity.bundle_id).map(str::to_owned),
                apple: document.names.get(document.identity.apple_id).map(str::to_owned),
            },
            page: Page::of(document),
        }
    }
}

/// A page of signatures.
#[derive(Clone)]
struct Page {
    build: String,
    /// The one type of all its signatures; empty = several, or none.
    diagnostic_type: String,
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
            build: names.text(document.identity.build_id).to_owned(),
            diagnostic_type: one.map_or_else(String::new, |one| names.text(one).to_owned()),
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

/// Merges the documents of one app, in order.
pub(crate) struct AppReader<'a> {
    plan: &'a ReadPlan,
    builder: HistoryBuilder,
    reading: AppReading,
    /// Bodies seen, by hash.
    seen: HashMap<u128, Seen>,
    /// By day, build and type.
    pages: BTreeMap<(Day, String, String), Pages>,
    /// Documents of an earlier day than the place of their file says, by the body or its envelope: they are merged when their
    /// day comes.
    waiting: BTreeMap<Day, Vec<(Document, &'a Entry)>>,
    /// What was merged, by the number that the history knows it by.
    merged: Vec<&'a Entry>,
}

impl<'a> AppReader<'a> {
    pub(crate) fn new(app: &str, plan: &'a ReadPlan, stacks: StackTable) -> Self {
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
                body_ids: Vec::new(),
                versions_of: Vec::new(),
                unknown_fields: BTreeMap::new(),
                known_fields: BTreeMap::new(),
                newest: Newest::default(),
            },
            seen: HashMap::new(),
            pages: BTreeMap::new(),
            waiting: BTreeMap::new(),
            merged: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, index: usize, task: Task<'a>, body: Body) {
        let entry = task.entry;
        self.merge_waiting(entry.snapshot.value);
        self.reading.bytes += body.bytes;
        let documents = match body.documents {
            Err(problem) => {
                // A container's member that cannot be unpacked is no document of any kind.
                self.count(Kind::NotJson);
                self.reading.lost += 1;
                self.describe(task, Kind::NotJson, entry.snapshot.value, body.bytes, "not read".to_owned(), 1);
                self.reading.newest.lost(entry, &problem.message);
                self.reading.problems.push(InputProblem { path: entry.path.clone(), problem });
                return;
            }
            Ok(documents) => documents,
        };
        if let Some(seen) = body.hash.and_then(|hash| self.seen.get_mut(&hash)) {
            let is_new_day = std::mem::replace(&mut seen.day, entry.snapshot.value) != entry.snapshot.value;
            let (first, known) = (seen.path.clone(), seen.documents.clone());
            self.add_again(index, task, body.hash, body.bytes, &first, &known, is_new_day.then_some(documents));
            return;
        }
        let known: Vec<Known> = documents.iter().map(|parsed| Known::of(&parsed.document)).collect();
        for (Parsed { document, envelope }, own) in documents.into_iter().zip(&known) {
            self.add_document(index, task, document, &envelope, own, body.hash, body.bytes);
        }
        if let Some(hash) = body.hash {
            self.seen.insert(hash, Seen { path: entry.path.clone(), day: entry.snapshot.value, documents: known });
        }
    }

    /// A file whose bytes were read before; its documents come along where they say something new on another day.
    #[expect(clippy::too_many_arguments, reason = "one arm of `add`, split from it for the reader alone")]
    fn add_again(
        &mut self,
        index: usize,
        task: Task<'a>,
        hash: Option<u128>,
        bytes: u64,
        first: &str,
        known: &[Known],
        of_new_day: Option<Vec<Parsed>>,
    ) {
        let entry = task.entry;
        let day = entry.snapshot.value;
        let mut documents = of_new_day.map(Vec::into_iter);
        for own in known {
            self.note(index, &entry.path, day, own);
            self.reading.repeated += 1;
            self.reading.newest.repeats(entry, day, own.has_values, hash.unwrap_or(0));
            self.describe(task, own.kind, day, bytes, format!("the same body as {first}"), 0);
            let parsed = documents.as_mut().and_then(Iterator::next);
            match parsed.filter(|_| own.kind.is_of_its_day() && !own.is_lost) {
                Some(Parsed { document, envelope }) => self.merge(document, entry, Self::day_of(entry, own, &envelope)),
                None if !own.is_lost => self.builder.add_day(day),
                None => {}
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one arm of `add`, split from it for the reader alone")]
    fn add_document(
        &mut self,
        index: usize,
        task: Task<'a>,
        document: Document,
        envelope: &Envelope,
        own: &Known,
        hash: Option<u128>,
        bytes: u64,
    ) {
        let entry = task.entry;
        let day = document.day.map_or_else(|| Self::day_of(entry, own, envelope), |day| told_or(entry, day));
        self.note(index, &entry.path, day, own);
        self.reading.newest.read(entry, day, &document, hash);
        for (path, count) in &document.drift.unknown {
            *self.reading.unknown_fields.entry((document.kind, path.clone())).or_default() += count;
        }
        for (path, count) in &document.drift.known {
            *self.reading.known_fields.entry((document.kind, path)).or_default() += count;
        }
        if own.has_values && entry.rank >= Rank::Word {
            let mut ids = document.metrics.points.version.clone();
            ids.sort_unstable();
            ids.dedup();
            let versions = ids.into_iter().map(|version| document.names.text(version).to_owned()).collect();
            self.reading.versions_of.push((index, versions));
        }
        let mut content = content_words(&document);
        if !envelope.layers.is_empty() {
            content.push_str(&format!(", out of {envelope}"));
        }
        self.describe(task, document.kind, day, bytes, content, document.problems.len());
        self.reading.problems.extend(
            document.problems.iter().map(|problem| InputProblem { path: entry.path.clone(), problem: problem.clone() }),
        );
        if !own.is_lost {
            self.merge(document, entry, day);
        }
    }

    /// The day of a document without one of its own: that of its envelope goes before the names of files.
    fn day_of(entry: &Entry, own: &Known, envelope: &Envelope) -> Day {
        // A day beside a list of names is the list's.
        let day = envelope.day.filter(|_| own.kind != Kind::ResourceList);
        day.map_or(entry.snapshot.value, |day| told_or(entry, day))
    }

    /// Merges a document, or keeps it until its day comes: a history is made newest first.
    fn merge(&mut self, document: Document, entry: &'a Entry, day: Day) {
        if day < entry.snapshot.value {
            self.waiting.entry(day).or_default().push((document, entry));
        } else {
            self.merge_now(&document, entry, day);
        }
    }

    /// Merges the documents that waited for a day after this one.
    fn merge_waiting(&mut self, day: Day) {
        while let Some(last) = self.waiting.last_entry().filter(|last| *last.key() > day) {
            let (day, documents) = last.remove_entry();
            for (document, entry) in documents {
                self.merge_now(&document, entry, day);
            }
        }
    }

    fn merge_now(&mut self, document: &Document, entry: &'a Entry, day: Day) {
        let place = PlacedRelease { version: entry.version.clone(), build: entry.build.clone() };
        self.builder.add_placed(document, day, self.merged.len() as u32, &place);
        self.merged.push(entry);
    }

    /// Counts a document, whether its body was seen before or not.
    fn note(&mut self, index: usize, path: &str, day: Day, own: &Known) {
        self.count(own.kind);
        // A file goes to one app, whatever else it holds.
        if own.ids != BodyIds::default() && self.reading.body_ids.last().is_none_or(|(last, _)| *last != index) {
            self.reading.body_ids.push((index, own.ids.clone()));
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

    fn describe(&mut self, task: Task<'_>, kind: Kind, day: Day, bytes: u64, content: String, problems: usize) {
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
            snapshot: day,
            snapshot_reason: if day == entry.snapshot.value {
                entry.snapshot.reason.to_string()
            } else {
                Reason::Body.to_string()
            },
            content,
            problems,
        });
    }

    pub(crate) fn finish(mut self) -> AppReading {
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
            self.reading.problems.push(InputProblem { path, problem });
        }
        if let Some(first) = self.waiting.keys().next().copied() {
            self.merge_waiting(first);
            for (document, entry) in self.waiting.remove(&first).unwrap_or_default() {
                self.merge_now(&document, entry, first);
            }
        }
        let mut reading = self.reading;
        reading.history = self.builder.finish();
        let told = reading.history.disagreements.iter().map(|disagreement| disagrees(disagreement, &self.merged));
        reading.problems.extend(told);
        for input in &mut reading.inputs {
            input.app.clone_from(&reading.history.app);
        }
        reading
    }
}

/// A day that a body tells, unless the user tells another. One after the day of the file's place would be out of turn.
fn told_or(entry: &Entry, day: Day) -> Day {
    let is_told = matches!(entry.snapshot.reason, Reason::SnapshotOption | Reason::Layout);
    if is_told { entry.snapshot.value } else { day.min(entry.snapshot.value) }
}

/// Tells of two documents of one day that differ.
fn disagrees(disagreement: &Disagreement, merged: &[&Entry]) -> InputProblem {
    let &Disagreement { day, kept, other, points, largest_percent } = disagreement;
    let (kept, other) = (merged[kept as usize], merged[other as usize]);
    let points = if points == 1 { "1 point".to_owned() } else { format!("{points} points") };
    let by = largest_percent.map_or_else(String::new, |percent| format!(", by up to {percent:+.0} %"));
    let message = format!(
        "{points} of {day} differ from those in {}{by}; the latter hold, since it {}",
        kept.path,
        why_later(kept, other)
    );
    let problem = Problem::new(Severity::Warning, "documents-disagree", message).with_hint(
        "keep one download of an app and day; metrics of single builds are read from an archive of their own",
    );
    InputProblem { path: other.path.clone(), problem }
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
