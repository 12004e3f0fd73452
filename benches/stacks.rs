//! Logs into merged call trees, and trees into folded stacks: frames per second.

#![expect(clippy::expect_used, reason = "a bench that cannot be set up measures nothing")]

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use perfpower_model::Document;
use perfpower_parse::ParseOptions;
use perfpower_report::profile::write_folded;
use perfpower_stacks::{FrameKey, Ranked, StackTable};
use perfpower_testkit::bulk;

fn main() {
    divan::main();
}

/// Forty signatures of an app, each with as many logs as the API gives, of 100 frames.
const DOCUMENTS: u64 = 40;
const LOGS: usize = 10;
const FRAMES: usize = 100;

fn documents() -> Vec<Document> {
    (0..DOCUMENTS)
        .map(|seed| perfpower_parse::parse(bulk::logs(seed, LOGS, FRAMES).as_bytes(), &ParseOptions::default()))
        .collect()
}

fn table(documents: &[Document]) -> StackTable {
    let mut table = StackTable::new();
    for document in documents {
        table.absorb("com.example.app", document);
    }
    table
}

/// All logs into one arena of distinct call paths.
#[divan::bench]
fn merge_logs(bencher: Bencher<'_, '_>) {
    let documents = documents();
    let frames: usize = documents.iter().map(|document| document.call_tree.len()).sum();
    bencher.counter(ItemsCount::new(frames)).bench(|| table(&documents));
}

/// The arena into a call tree of functions.
#[divan::bench]
fn merged_tree(bencher: Bencher<'_, '_>) {
    let table = table(&documents());
    bencher.counter(ItemsCount::new(table.node_count())).bench(|| table.tree(FrameKey::Function, |_| true));
}

/// The functions that Apple blames, by cost.
#[divan::bench]
fn blame_ranking(bencher: Bencher<'_, '_>) {
    let table = table(&documents());
    bencher.counter(ItemsCount::new(table.node_count())).bench(|| table.ranking(Ranked::Blame, |_| true));
}

/// A tree as folded stacks.
#[divan::bench]
fn folded(bencher: Bencher<'_, '_>) {
    let tree = table(&documents()).tree(FrameKey::Function, |_| true);
    let written = || {
        let mut folded = Vec::new();
        write_folded(&tree, &mut folded).expect("a vector takes all bytes");
        folded
    };
    bencher.counter(BytesCount::new(written().len())).counter(ItemsCount::new(tree.len())).bench(written);
}
