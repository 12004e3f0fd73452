//! Documents read side by side and merged in order.

use crate::app_reader::{AppReader, AppReading};
use crate::body::{Body, may_repeat, read_body, read_new_body};
use crate::kept::ReadHistory;
use crate::plan::StacksOf;
use crate::run::Run;
use crate::settle::{Task, Tasks};
use perfpower_model::InputProblem;
use perfpower_stacks::StackTable;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Apps in their order, and the stacks of all of them where they go into one table.
#[derive(Default)]
pub(crate) struct Read {
    pub(crate) apps: Vec<AppReading>,
    pub(crate) stacks: StackTable,
    /// What the bodies say of whose they are, where a reader must know.
    pub(crate) problems: Vec<InputProblem>,
}

pub(crate) fn read_apps(tasks: &Tasks<'_>, run: Run<'_>) -> Read {
    if run.plan.stacks == StacksOf::AllApps || tasks.len() < 4 * rayon::current_num_threads() {
        return read_in_order(tasks, run);
    }
    let tasks: Vec<_> = tasks.iter().collect();
    // One by one: an app takes milliseconds, and a thread that has taken many of the last ones keeps all others waiting.
    let apps = tasks.par_iter().with_max_len(1).map(|(app, list)| read_app(app, list, run)).collect();
    Read { apps, ..Read::default() }
}

pub(crate) fn read_app<'a>(app: &str, tasks: &'a [Task<'a>], run: Run<'a>) -> AppReading {
    let mut reader = AppReader::new(app, tasks.iter(), run.plan, StackTable::new());
    let mut seen = HashMap::new();
    for (index, (task, may_repeat)) in tasks.iter().zip(may_repeat(tasks)).enumerate() {
        let body = read_new_body(task, may_repeat, run, &mut seen);
        reader.add(index, task, body);
    }
    reader.finish(run.keeper)
}

/// A document among those of all apps.
#[derive(Clone, Copy)]
struct Place<'a> {
    app: &'a str,
    /// Position among the app's tasks.
    index: usize,
    task: &'a Task<'a>,
    /// All of the app's.
    all: &'a [Task<'a>],
    may_repeat: bool,
}

/// Reads apps one after the other, their documents side by side.
fn read_in_order(tasks: &Tasks<'_>, run: Run<'_>) -> Read {
    let mut places: Vec<Place<'_>> = Vec::new();
    for (app, list) in tasks {
        let tasks = list.iter().zip(may_repeat(list)).enumerate();
        places.extend(tasks.map(|(index, (task, may_repeat))| Place { app, index, task, all: list, may_repeat }));
    }
    let merger = Merger { run, open: None, read: Read::default() };
    let line = Line { places, next: AtomicUsize::new(0), waiting: Mutex::new(Waiting::new(merger)) };
    while line.next.load(Ordering::Relaxed) < line.places.len() {
        line.waiting().is_halted = false;
        rayon::broadcast(|_| line.read(run));
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
    fn read(&self, run: Run<'_>) {
        loop {
            if self.waiting().halts() {
                return;
            }
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(place) = self.places.get(at) else { return };
            let body = read_body(place.task, place.may_repeat, run);
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
    run: Run<'a>,
    open: Option<(&'a str, AppReader<'a>)>,
    read: Read,
}

impl<'a> Merger<'a> {
    fn add(&mut self, place: Place<'a>, body: Body) {
        if self.open.as_ref().is_none_or(|(app, _)| *app != place.app) {
            self.close();
        }
        let stacks = &mut self.read.stacks;
        let (_, reader) = self.open.get_or_insert_with(|| {
            (place.app, AppReader::new(place.app, place.all.iter(), self.run.plan, std::mem::take(stacks)))
        });
        reader.add(place.index, place.task, body);
    }

    fn finish(mut self) -> Read {
        self.close();
        self.read
    }

    fn close(&mut self) {
        if let Some((_, reader)) = self.open.take() {
            let mut app = reader.finish(self.run.keeper);
            if let (StacksOf::AllApps, ReadHistory::InMemory(history)) = (self.run.plan.stacks, &mut app.history) {
                self.read.stacks = std::mem::take(&mut history.stacks);
            }
            self.read.apps.push(app);
        }
    }
}
