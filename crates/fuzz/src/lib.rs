//! What is tried, one function per target. Each takes bytes, and panics where a promise does not hold.
//!
//! | target | bytes are | what must hold besides that nothing panics |
//! |---|---|---|
//! | [`body`] | a body | it gives a document or says why not; the same on a second reading |
//! | [`kinds`] | changes to a body of each kind | white space and the order of keys change nothing |
//! | [`envelope`] | changes to a body, and what is wrapped around it | as for a body |
//! | [`container`] | a file | what is in it is listed, told or passed over by name; nothing is unpacked beyond its budget |
//! | [`layout`] | a pattern and a path | a pattern that is taken can be used |
//! | [`settings`] | a `perfpower.toml` | every fault has its message |
//! | [`tree`] | changes to the files of a small archive | every answer in every form is written, and the same twice |
//!
//! Longest run so far, two hours of one process on a busy machine with two cores: 16.2 million executions, which are 5.5 of `body`, 7.5 of
//! `container`, 1.9 of `layout`, .87 of `envelope` and .43 of `kinds`, with 9,928, 4,381, 5,171, 9,644 and 8,034 edges of our own code. One
//! finding: `kinds` took documents of one envelope in another order for different ones (`cases/kinds`), which was its own mistake. `settings`
//! and `tree` were only type-checked.

mod changes;
#[cfg(feature = "engine")]
mod engine;

#[cfg(feature = "engine")]
pub use engine::{settings, tree};

use changes::{Choices, changed, seed, turned_round};
use perfpower_archive::{Archive, Held, Layout, Limits, Rules, Sources};
use perfpower_model::{Day, Document};
use perfpower_parse::{ParseOptions, Parsed, parse_all};

/// Any bytes as a body.
pub fn body(bytes: &[u8]) {
    let documents = read(bytes);
    assert!(!documents.is_empty(), "a file gives a document, or one that says why not");
    let again = read(bytes);
    for (one, other) in documents.iter().zip(&again) {
        assert_eq!(told(&one.document), told(&other.document));
    }
}

/// Bodies of every kind, changed in a few places.
pub fn kinds(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let body = changed(seed(&mut choices), &mut choices);
    let compact = read(body.to_string().as_bytes());
    // One of the two promises at a time: half the work, and twice as many bodies.
    if choices.byte() & 1 == 0 {
        let pretty = read(serde_json::to_string_pretty(&body).unwrap_or_default().as_bytes());
        assert_eq!(compact.len(), pretty.len());
        for (one, other) in compact.iter().zip(&pretty) {
            assert_eq!(told(&one.document), told(&other.document), "white space means nothing: {body}");
        }
    } else {
        // Keys may come in any order. What comes out may be in another one, documents of one envelope included; how much it is may not differ.
        let all = |documents: &[Parsed]| {
            let mut all: Vec<[usize; 6]> = documents.iter().map(|one| sizes(&one.document)).collect();
            all.sort_unstable();
            all
        };
        let turned = read(turned_round(&body).to_string().as_bytes());
        assert_eq!(all(&compact), all(&turned), "the order of keys means nothing: {body}");
    }
}

/// What others wrap around a body.
pub fn envelope(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let inner = changed(seed(&mut choices), &mut choices);
    let mut wrapped = inner.to_string();
    for _ in 0..choices.below(3) {
        wrapped = changes::wrapped(&wrapped, &mut choices);
    }
    let mut file = wrapped.into_bytes();
    for _ in 0..choices.below(3) {
        let (at, byte) = (choices.below(file.len().max(1)), choices.byte());
        if let Some(place) = file.get_mut(at) {
            *place = byte;
        }
    }
    body(&file);
}

/// Any bytes as a file that may hold others.
pub fn container(bytes: &[u8]) {
    let limits =
        Limits { unpack_bytes: 1 << 20, document_bytes: 1 << 20, temporary_bytes: 1 << 22, members: 1 << 10, ..Limits::default() };
    let held = Held { name: "-".into(), bytes: bytes.to_vec(), day: Day::from_days(20_780) };
    let sources = Sources { held: vec![held], limits, ..Sources::default() };
    let archive = Archive::open(&sources, &Rules::default());
    let found = archive.entries.len() + archive.problems.len() + archive.skipped.len() + archive.ignored;
    assert!(found > 0, "nothing is said of {} bytes", bytes.len());
    let mut buffer = Vec::new();
    let mut unpacked = 0;
    for entry in &archive.entries {
        if entry.read(&mut buffer).is_ok() {
            unpacked += buffer.len() as u64;
        }
    }
    let budget = (1 << 20) + 512 * bytes.len() as u64;
    assert!(unpacked <= budget, "{unpacked} bytes came out of {}", bytes.len());
}

/// A pattern, and a path behind the first line feed.
pub fn layout(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (pattern, path) = text.split_once('\n').unwrap_or((text, "com.example.app/2026-11-23/xcodeMetrics.json"));
    let layout = match Layout::parse(pattern) {
        Ok(layout) => Some(layout),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            None
        }
    };
    // A member of a tar is at a path, and takes no disk.
    let mut members = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(2);
    let path = path.replace('\0', "");
    if path.is_empty() || path.len() > 500 || members.append_data(&mut header, &path, &b"{}"[..]).is_err() {
        return;
    }
    let Ok(file) = members.into_inner() else { return };
    let held = Held { name: "-".into(), bytes: file, day: Day::from_days(20_780) };
    let rules = Rules { layout, ..Rules::default() };
    let archive = Archive::open(&Sources { held: vec![held], ..Sources::default() }, &rules);
    let found = archive.entries.len() + archive.problems.len() + archive.skipped.len() + archive.ignored;
    assert!(found > 0, "a member is lost: {path:?}");
}

fn read(bytes: &[u8]) -> Vec<Parsed> {
    parse_all(bytes, &ParseOptions { count_known_fields: true })
}

/// What a document holds, without the places of its problems.
fn told(document: &Document) -> String {
    let problems: Vec<_> = document.problems.iter().map(|problem| (problem.code, &problem.at, &problem.message)).collect();
    format!("{:?} {:?} {problems:?}", document.kind, sizes(document))
}

/// How much it holds.
fn sizes(document: &Document) -> [usize; 6] {
    let values = document.metrics.points.value.iter().filter(|value| value.is_finite()).count();
    assert_eq!(values, document.metrics.points.len(), "a value is a number");
    [
        document.metrics.datasets.len(),
        document.metrics.points.len(),
        document.insights.len(),
        document.signatures.len(),
        document.logs.len(),
        document.call_tree.len(),
    ]
}
