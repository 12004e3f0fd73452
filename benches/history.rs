//! Documents into one app's history: points read per second.
//!
//! The documents are parsed before the loop, so this is the merge and nothing else.

use divan::Bencher;
use divan::counter::ItemsCount;
use perfpower_analysis::{AppHistory, HistoryBuilder, RevisionDetail};
use perfpower_model::{Day, Document};
use perfpower_parse::ParseOptions;
use perfpower_testkit::bulk;
use perfpower_testkit::json::Style;

fn main() {
    divan::main();
}

const DEVICES: usize = 24;
const VERSIONS: usize = 14;

/// How the values of older downloads relate to those of the newest.
#[derive(Clone, Copy, Debug)]
enum Older {
    /// Every value is the same: the usual archive, most of whose versions had settled.
    Equal,
    /// Every value is another: the most work that a merge can have.
    Revised,
}

/// Three downloads of one app.
#[divan::bench(args = [Older::Equal, Older::Revised])]
fn three_downloads(bencher: Bencher<'_, '_>, older: Older) {
    merge(bencher, 3, older, RevisionDetail::Count);
}

/// The same with every older value kept.
#[divan::bench]
fn three_downloads_with_revisions_kept(bencher: Bencher<'_, '_>) {
    merge(bencher, 3, Older::Revised, RevisionDetail::Keep);
}

/// Thirty downloads: the table is as large, and the time grows by the points read alone.
#[divan::bench]
fn thirty_downloads(bencher: Bencher<'_, '_>) {
    merge(bencher, 30, Older::Equal, RevisionDetail::Count);
}

fn merge(bencher: Bencher<'_, '_>, downloads: u64, older: Older, detail: RevisionDetail) {
    let documents: Vec<Document> = (0..downloads)
        .map(|download| {
            let seed = if matches!(older, Older::Revised) { download } else { 0 };
            let body = bulk::metrics(seed, DEVICES, VERSIONS, Style::Compact);
            perfpower_parse::parse(body.as_bytes(), &ParseOptions::default())
        })
        .collect();
    let points: usize = documents.iter().map(|document| document.metrics.points.len()).sum();
    bencher.counter(ItemsCount::new(points)).bench(|| history(&documents, detail));
}

fn history(documents: &[Document], detail: RevisionDetail) -> AppHistory {
    let mut builder = HistoryBuilder::new("com.example.app", detail);
    for (number, document) in documents.iter().enumerate() {
        // Newest first, four weeks apart.
        builder.add(document, Day::from_days(20_000 - 28 * number as i32), number as u32);
    }
    builder.finish()
}
