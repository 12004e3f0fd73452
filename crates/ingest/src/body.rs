//! One document: opened, told from those that were seen before, and parsed.

use crate::run::Run;
use crate::settle::Task;
use perfpower_model::{Document, Kind, Problem, Severity};
use perfpower_parse::{Envelope, ParseOptions, Parsed};
use std::cell::RefCell;
use std::collections::HashMap;

/// Which documents of an app may have the bytes of another one: those of one size, and all where one tells its size only when
/// it is unpacked. Nothing but the bytes themselves tells them apart, so all others need not be hashed.
pub(crate) fn may_repeat(tasks: &[Task<'_>]) -> Vec<bool> {
    let sizes: Option<Vec<u64>> = tasks.iter().map(|task| task.entry.plain_size()).collect();
    let Some(sizes) = sizes else { return vec![true; tasks.len()] };
    let mut documents: HashMap<u64, usize> = HashMap::new();
    for &size in &sizes {
        *documents.entry(size).or_default() += 1;
    }
    sizes.iter().map(|size| documents[size] > 1).collect()
}

/// A file, read, or why not.
pub(crate) struct Body {
    /// Of its bytes; `None` = no other document of the app can have the same.
    pub(crate) hash: Option<u128>,
    pub(crate) bytes: u64,
    /// Those of its task's share, each with its position in the file: an envelope may hold several, and a body several products.
    pub(crate) documents: Result<Vec<(u32, Parsed)>, Problem>,
}

pub(crate) fn read_body(task: &Task<'_>, may_repeat: bool, run: Run<'_>) -> Body {
    read_new_body(task, may_repeat, run, &mut HashMap::new())
}

/// Reads a file unless its bytes were seen before and say nothing new; then only its hash comes back, with an empty document.
/// `seen` says of each hash whether the same body says more on another day.
pub(crate) fn read_new_body(task: &Task<'_>, may_repeat: bool, run: Run<'_>, seen: &mut HashMap<u128, bool>) -> Body {
    let body = match task.entry.number() {
        None => read_file(task, may_repeat, run, seen),
        Some(number) => read_kept(task, number, may_repeat, run, seen),
    };
    run.watch.has_read(task.entry.size);
    body.unwrap_or_else(|problem| Body { hash: None, bytes: 0, documents: Err(problem) })
}

fn read_file(task: &Task<'_>, may_repeat: bool, run: Run<'_>, seen: &mut HashMap<u128, bool>) -> Result<Body, Problem> {
    thread_local! {
        /// The bytes of a document; one after the other, so that memory is not asked for anew.
        static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    /// A larger buffer is not kept.
    const KEPT_BYTES: usize = 16 << 20;
    BUFFER.with_borrow_mut(|buffer| {
        task.entry.read(buffer)?;
        let bytes = buffer.len() as u64;
        let hash = || xxhash_rust::xxh3::xxh3_128(buffer);
        let options = ParseOptions { count_known_fields: run.plan.drift };
        let parse = || Ok((0..).zip(perfpower_parse::parse_all(buffer, &options)).collect());
        let body = body(task, bytes, may_repeat, run, seen, hash, parse)?;
        buffer.clear();
        buffer.shrink_to(KEPT_BYTES);
        Ok(body)
    })
}

/// What was packed of a file.
fn read_kept(
    task: &Task<'_>,
    number: u64,
    may_repeat: bool,
    run: Run<'_>,
    seen: &mut HashMap<u128, bool>,
) -> Result<Body, Problem> {
    let missing = || Problem::new(Severity::Error, "damaged-store", "the store does not hold the file");
    let file = run.stores.file(number).ok_or_else(missing)?;
    let documents = || run.stores.documents(file, run.plan.drift);
    let body = body(task, file.bytes, may_repeat, run, seen, || file.hash, documents);
    run.stores.is_done(file);
    body
}

/// The documents of a file of so many bytes, which are parsed if they say something new.
fn body(
    task: &Task<'_>,
    bytes: u64,
    may_repeat: bool,
    run: Run<'_>,
    seen: &mut HashMap<u128, bool>,
    hash: impl FnOnce() -> u128,
    parse: impl FnOnce() -> Result<Vec<(u32, Parsed)>, Problem>,
) -> Result<Body, Problem> {
    let Task { entry, share, .. } = task;
    // A file that has grown since it was listed may be what another one is.
    let may_repeat = may_repeat || entry.plain_size() != Some(bytes);
    let hash = may_repeat.then(|| hash() ^ u128::from(share.seed()));
    // Where documents are left out, the first of equal ones may be.
    let known = hash.and_then(|hash| seen.get(&hash)).copied().filter(|_| run.plan.rules.until.is_none());
    if known == Some(false) {
        let empty = Parsed { document: Document::new(Kind::Empty), envelope: Envelope::default() };
        return Ok(Body { hash, bytes, documents: Ok(vec![(0, empty)]) });
    }
    let mut documents = parse()?;
    if let (Some(hash), None) = (hash, known) {
        seen.insert(hash, documents.iter().any(|(_, parsed)| parsed.document.kind.is_of_its_day()));
    }
    documents.retain(|(at, _)| share.has(*at));
    for (_, parsed) in &mut documents {
        perfpower_parse::excuse_empty_build(&mut parsed.document, &entry.path);
    }
    Ok(Body { hash, bytes, documents: Ok(documents) })
}
