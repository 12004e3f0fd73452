//! One body into columns: bytes per second for every kind, and points or frames per second where a kind has them.
//!
//! The bytes are in memory and the document is dropped inside the loop, because a run does that too.

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use perfpower_model::Document;
use perfpower_parse::ParseOptions;
use perfpower_testkit::bulk;
use perfpower_testkit::json::Style;

fn main() {
    divan::main();
}

/// Devices and versions of a large app: about 8,700 points.
const DEVICES: usize = 24;
const VERSIONS: usize = 14;

/// Apple sends compact bodies; a quarter of what people save went through `jq .` or an editor.
#[divan::bench(args = [Style::Compact, Style::Pretty])]
fn metrics(bencher: Bencher<'_, '_>, style: Style) {
    read(bencher, &bulk::metrics(1, DEVICES, VERSIONS, style), |document| document.metrics.points.len());
}

/// A full page of the API.
#[divan::bench]
fn signatures(bencher: Bencher<'_, '_>) {
    read(bencher, &bulk::signatures(1, 200), |document| document.signatures.len());
}

/// Frames per second, of stacks as short and as long as they come.
#[divan::bench(args = [30, 300])]
fn logs(bencher: Bencher<'_, '_>, frames: usize) {
    read(bencher, &bulk::logs(1, 3_000 / frames, frames), |document| document.call_tree.len());
}

/// One stack of 10,000 frames, each nested in the one before.
#[divan::bench]
fn deep_chain(bencher: Bencher<'_, '_>) {
    read(bencher, &bulk::chain(10_000), |document| document.call_tree.len());
}

/// The same body with every field counted, as `inspect --drift` reads it.
#[divan::bench]
fn metrics_with_drift(bencher: Bencher<'_, '_>) {
    let body = bulk::metrics(1, DEVICES, VERSIONS, Style::Compact);
    let options = ParseOptions { count_known_fields: true };
    bencher.counter(BytesCount::new(body.len())).bench(|| perfpower_parse::parse(black_box(body.as_bytes()), &options));
}

fn read(bencher: Bencher<'_, '_>, body: &str, items: impl Fn(&Document) -> usize) {
    let options = ParseOptions::default();
    let document = perfpower_parse::parse(body.as_bytes(), &options);
    assert!(document.problems.is_empty(), "generated bodies are sound: {:?}", document.problems);
    bencher
        .counter(BytesCount::new(body.len()))
        .counter(ItemsCount::new(items(&document)))
        .bench(|| perfpower_parse::parse(black_box(body.as_bytes()), &options));
}
