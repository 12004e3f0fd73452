//! One document: opened, told from those that were seen before, and parsed.

use crate::plan::ReadPlan;
use crate::settle::Task;
use crate::watch::Watch;
use perfpower_model::{Document, Kind, Problem};
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

pub(crate) fn read_body(task: &Task<'_>, may_repeat: bool, plan: &ReadPlan, watch: &dyn Watch) -> Body {
    read_new_body(task, may_repeat, plan, watch, &mut HashMap::new())
}

/// Reads a file unless its bytes were seen before and say nothing new; then only its hash comes back, with an empty document.
/// `seen` says of each hash whether the same body says more on another day.
pub(crate) fn read_new_body(
    task: &Task<'_>,
    may_repeat: bool,
    plan: &ReadPlan,
    watch: &dyn Watch,
    seen: &mut HashMap<u128, bool>,
) -> Body {
    thread_local! {
        /// The bytes of a document; one after the other, so that memory is not asked for anew.
        static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    /// A larger buffer is not kept.
    const KEPT_BYTES: usize = 16 << 20;
    let Task { entry, share, .. } = task;
    BUFFER.with_borrow_mut(|buffer| {
        let result = entry.read(buffer);
        watch.has_read(entry.size);
        if let Err(problem) = result {
            return Body { hash: None, bytes: 0, documents: Err(problem) };
        }
        // A file that has grown since it was listed may be what another one is.
        let may_repeat = may_repeat || entry.plain_size() != Some(buffer.len() as u64);
        let hash = may_repeat.then(|| xxhash_rust::xxh3::xxh3_128_with_seed(buffer, share.seed()));
        // Where documents are left out, the first of equal ones may be.
        let known = hash.and_then(|hash| seen.get(&hash)).copied().filter(|_| plan.rules.until.is_none());
        let documents = match known {
            Some(false) => vec![Parsed { document: Document::new(Kind::Empty), envelope: Envelope::default() }],
            _ => perfpower_parse::parse_all(buffer, &ParseOptions { count_known_fields: plan.drift }),
        };
        if let (Some(hash), None) = (hash, known) {
            seen.insert(hash, documents.iter().any(|parsed| parsed.document.kind.is_of_its_day()));
        }
        let mut documents = documents;
        for parsed in &mut documents {
            perfpower_parse::excuse_empty_build(&mut parsed.document, &entry.path);
        }
        let documents = (0..).zip(documents).filter(|(at, _)| known == Some(false) || share.has(*at)).collect();
        let bytes = buffer.len() as u64;
        buffer.clear();
        buffer.shrink_to(KEPT_BYTES);
        Body { hash, bytes, documents: Ok(documents) }
    })
}
