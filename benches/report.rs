//! The whole `report`: from files to JSON, by the calls that the command makes.
//!
//! The archive is generated once, into a temporary folder that the operating system keeps in memory: 24 apps with three
//! downloads each, half a million points, 40 MB. Figures of an archive of a gigabyte, beside other tools, are taken with whole
//! processes: see `README.md`.

#![expect(clippy::expect_used, reason = "a bench that cannot be set up measures nothing")]

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use perfpower_analysis::{Filter, Options, analyze};
use perfpower_archive::Sources;
use perfpower_ingest::{ReadPlan, read_archive};
use perfpower_report::{CommandLine, JsonLayout, Report, write_report_json};
use perfpower_testkit::json::Style;
use perfpower_testkit::portfolio::{Portfolio, World};
use perfpower_testkit::{ArchiveFile, bulk};
use rayon::ThreadPoolBuilder;
use tempfile::TempDir;

fn main() {
    divan::main();
}

/// Under `cargo test` a bench runs once and unoptimised: it has to work there, and its figures mean nothing.
const IS_SMOKE_TEST: bool = cfg!(debug_assertions);

/// How the bodies lie on the disk.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Packing {
    Plain,
    Gzip,
}

/// A few large apps: 26 device models and aggregates, 13 metrics, 14 versions.
#[divan::bench(args = [Packing::Plain, Packing::Gzip], consts = [1, 2])]
fn large_apps<const THREADS: usize>(bencher: Bencher<'_, '_>, packing: Packing) {
    const APPS: u64 = if IS_SMOKE_TEST { 2 } else { 24 };
    const DOWNLOADS: u64 = 3;
    let files = (0..APPS * DOWNLOADS).map(|number| {
        let body = bulk::metrics(number, 26, 14, Style::Compact);
        let path =
            format!("com.example.app{:02}/2026-{:02}-01/xcodeMetrics.json", number / DOWNLOADS, 1 + number % DOWNLOADS);
        if packing == Packing::Gzip { ArchiveFile::gzipped(path, body) } else { ArchiveFile::plain(path, body) }
    });
    report(bencher, THREADS, files);
}

/// Many small apps, some of them damaged: a thousand documents of 20 kB.
#[divan::bench(consts = [1, 2])]
fn small_apps<const THREADS: usize>(bencher: Bencher<'_, '_>) {
    let portfolio = Portfolio { apps: if IS_SMOKE_TEST { 10 } else { 350 }, ..Portfolio::new(1, World::Quiet) };
    report(bencher, THREADS, portfolio.files());
}

fn report(bencher: Bencher<'_, '_>, threads: usize, files: impl Iterator<Item = ArchiveFile>) {
    let folder = TempDir::new().expect("a temporary folder");
    for file in files {
        file.write_below(folder.path()).expect("room for the archive");
    }
    let plan = ReadPlan { sources: Sources::of_paths([folder.path()]), ..ReadPlan::default() };
    let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
    let reading = read_archive(&plan, &());
    let points: u64 = reading.histories.in_memory().iter().map(|history| history.points_read).sum();
    bencher
        .counter(BytesCount::new(reading.facts.bytes))
        .counter(ItemsCount::new(points))
        .bench(|| pool.install(|| written(&plan)));
}

/// Reads, judges and writes; how many bytes the report has.
fn written(plan: &ReadPlan) -> usize {
    let reading = read_archive(plan, &());
    let options = Options::default();
    let analysis = analyze(&reading.histories, &Filter::default(), &options);
    let report = Report {
        analysis: &analysis,
        archive: &reading.facts,
        problems: &reading.problems,
        archive_argument: &CommandLine::default().word("archive"),
        top: None,
    };
    let mut json = Vec::new();
    write_report_json(&report, JsonLayout::Compact, &mut json).expect("a vector takes all bytes");
    json.len()
}
