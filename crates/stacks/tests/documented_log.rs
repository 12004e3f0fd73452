//! What Apple's documented log and signatures come to. Their text is Apple's and not in this repository: without the files
//! these tests say so and prove nothing.

use perfpower_model::{Document, Kind};
use perfpower_stacks::{
    DiagnosticType, Dimension, FollowOptions, FrameKey, Quantity, Ranked, SignatureBook, StackTable,
};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn sample(name: &str) -> Option<Document> {
    let folder = std::env::var_os("PERFPOWER_SAMPLES")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples"), PathBuf::from);
    let file = folder.join(name);
    let Ok(body) = std::fs::read(&file) else {
        eprintln!("SKIPPED: {} is not there; set PERFPOWER_SAMPLES to the folder of Apple's samples", file.display());
        return None;
    };
    Some(perfpower_parse::parse(&body, &perfpower_parse::ParseOptions::default()))
}

#[test]
fn the_documented_log() {
    let Some(document) = sample("diagnostic-logs.json") else { return };
    let mut table = StackTable::new();
    table.absorb("ExampleApp", &document);
    let tree = table.tree(FrameKey::Function, |_| true);
    assert_eq!((tree.len(), tree.total(), tree.inclusive[0]), (14, 51, 51));
    // The chain is the preorder: 51 in the first four frames, 48 below, so 3 in the fourth itself.
    assert_eq!(tree.inclusive.iter().filter(|&&samples| samples == 51).count(), 4);
    assert_eq!((tree.frame_of(3).name.as_str(), tree.own[3]), ("-[DatabaseQueue inDatabase:]", 3));
    assert_eq!((tree.frame_of(13).name.as_str(), tree.own[13]), ("unixFileControl", 48));

    let blame = table.ranking(Ranked::Blame, |_| true).frames;
    assert_eq!(blame.len(), 6);
    // Equal inclusive samples: the one with samples of its own stands first.
    let first = &blame[0];
    assert_eq!((first.frame.name.as_str(), first.own, first.inclusive), ("-[DatabaseQueue inDatabase:]", 3, 51));
    assert_eq!((first.frame.file.as_deref(), first.frame.line), (Some("DatabaseQueue.m"), NonZeroU32::new(157)));
    // The frame's own line, not the 2092 of its rawFrame.
    let update = blame.iter().find(|row| row.frame.name == "+[TaskHandler updateNames]").unwrap();
    assert_eq!((update.frame.file.as_deref(), update.frame.line), (Some("TaskHandler.m"), NonZeroU32::new(2381)));

    let advice = table.advice_found(|_| true);
    assert_eq!(advice.len(), 1);
    assert_eq!(advice[0].category.as_deref(), Some("SQLiteSpill"));
    assert!(advice[0].text.as_ref().is_some_and(|text| text.contains("index")));
    assert!(advice[0].url.as_ref().is_some_and(|url| url.starts_with("doc://")));
    assert_eq!(advice[0].frames.len(), 1);
    assert_eq!(advice[0].frames[0].frame.name, "vdbeSorterListToPMA");
    assert_eq!(advice[0].frames[0].inclusive, 48);

    let log = &table.logs()[0];
    assert_eq!(log.diagnostic_type, DiagnosticType::DiskWrites);
    assert_eq!(log.writes, Some(Quantity { value: 1_073_760_000.0, dimension: Dimension::Bytes }));
    assert_eq!(log.duration, None);
    assert_eq!(table.losses(), perfpower_stacks::StackLosses::default());
}

#[test]
fn the_documented_signatures() {
    let Some(document) = sample("diagnostic-signatures.json") else { return };
    assert_eq!(document.kind, Kind::DiagnosticSignatures);
    let mut book = SignatureBook::new();
    book.absorb("ExampleApp", "1", None, &document);
    let followed = book.follow(&FollowOptions::default());
    let lines: Vec<_> = followed
        .signatures
        .iter()
        .map(|line| (line.binary.as_deref().unwrap(), line.function.as_deref().unwrap()))
        .collect();
    assert_eq!(
        lines,
        [
            ("ExampleApp", "-[DatabaseConnection executeSQL:enumerateRowsWithBlock:]"),
            ("ExampleApp", "-[TemporaryFile appendData:]")
        ]
    );
    // Two of four signatures: 0.85 + 0.07, and a page that is not the last.
    let sum = &followed.weight_sums[0];
    assert!((sum.sum - 0.92).abs() < 1e-9 && !sum.is_one && !sum.is_complete);
}
