//! The documents of one app, merged in order.

use crate::body::{Body, is_of_its_day};
use crate::plan::ReadPlan;
use crate::settle::Task;
use perfpower_analysis::{AppHistory, HistoryBuilder, PlacedRelease};
use perfpower_archive::{Entry, Reason};
use perfpower_model::{Day, Document, InputFacts, InputProblem, Kind, Problem, Severity};
use perfpower_stacks::StackTable;
use std::collections::{BTreeMap, HashMap};

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
    /// Bundle id of each document that names one, by position of its task.
    pub(crate) bundles: Vec<(usize, String)>,
    pub(crate) unknown_fields: BTreeMap<(Kind, String), u64>,
    pub(crate) known_fields: BTreeMap<(Kind, &'static str), u64>,
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
pub(crate) struct AppReader<'a> {
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
                bundles: Vec::new(),
                unknown_fields: BTreeMap::new(),
                known_fields: BTreeMap::new(),
            },
            seen: HashMap::new(),
            pages: BTreeMap::new(),
            documents: 0,
        }
    }

    pub(crate) fn add(&mut self, index: usize, task: Task<'_>, body: Body) {
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

    pub(crate) fn finish(self) -> AppReading {
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
