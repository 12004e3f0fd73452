//! The same bytes out for the same input: at any number of threads, in any order of arguments, however often repeated.

use crate::workdir::{Workdir, demo_documents, perfpower};
use perfpower_testkit::Rng;

const COMMANDS: [&str; 4] = ["report", "audit", "compare", "inspect --drift --all"];
const FORMATS: [&str; 4] = ["text", "json", "markdown", "csv"];

fn shuffled(mut list: Vec<String>, seed: u64) -> Vec<String> {
    let mut rng = Rng::seeded(seed);
    for last in (1..list.len()).rev() {
        list.swap(last, (rng.next_u64() % (last as u64 + 1)) as usize);
    }
    list
}

/// What the other commands write, as far as it is text.
const OTHERS: [&str; 7] = [
    "report --format html",
    "report --brief",
    "report --calibration",
    "diagnostics",
    "diagnostics --format json",
    "diagnostics --format folded",
    "diagnostics --format flamegraph",
];

#[test]
fn nor_do_they_change_the_other_forms() {
    let paths = demo_documents();
    for line in OTHERS {
        let whole = perfpower(&format!("{line} fixtures/demo --threads 1")).run();
        assert!(whole.stdout.len() > 100 && whole.code == 0, "{line}: {}", whole.stderr);
        let other = perfpower(&format!("{line} fixtures/demo --threads 2")).run();
        assert!(other.stdout == whole.stdout, "{line}");
        let sorted = perfpower(&format!("{line} --threads 1")).arguments(&paths).run();
        let shuffled = perfpower(&format!("{line} --threads 2")).arguments(shuffled(paths.clone(), 23)).run();
        assert!(shuffled.stdout == sorted.stdout, "{line}");
    }
}

#[test]
fn threads_change_nothing() {
    for command in COMMANDS {
        for format in FORMATS {
            let line = format!("{command} fixtures/demo fixtures/handmade --format {format} --threads");
            let one = perfpower(&line).arguments(["1"]).run();
            assert!(one.stdout.len() > 100, "{line}");
            for threads in ["2", "7"] {
                let many = perfpower(&line).arguments([threads]).run();
                assert!(many.stdout == one.stdout, "{line} {threads}\n{}\n{}", one.stdout, many.stdout);
                assert_eq!((many.code, &many.stderr), (one.code, &one.stderr));
            }
        }
    }
}

#[test]
fn the_order_and_repetition_of_arguments_change_nothing() {
    let mut paths = demo_documents();
    paths.push("fixtures/broken".to_owned());
    for command in COMMANDS {
        for format in FORMATS {
            let line = format!("{command} --format {format}");
            let sorted = perfpower(&line).arguments(&paths).run();
            assert!(sorted.stdout.len() > 100, "{line}");
            let mut twice = paths.clone();
            twice.extend(paths.iter().take(7).cloned());
            twice.push("fixtures/broken/nan.json".to_owned()); // is in a directory that is given too
            let other = perfpower(&line).arguments(shuffled(twice, 11)).run();
            assert!(other.stdout == sorted.stdout, "{line}\n{}\n{}", sorted.stdout, other.stdout);
            assert_eq!((other.code, &other.stderr), (sorted.code, &sorted.stderr));
        }
    }
}

/// Documents of one app are read side by side and merged in order: behind a large one many have to wait, more than are kept waiting.
#[test]
fn a_large_document_before_many_small_ones_changes_nothing() {
    let document = |version: u32, filling: &str| {
        format!(
            r#"{{"unknown":[{filling}0],"productData":[{{"platform":"iOS","metricCategories":[{{"identifier":"LAUNCH","metrics":[{{
            "identifier":"launchTime","unit":{{"identifier":"milliseconds","displayName":"ms"}},"datasets":[{{"filterCriteria":
            {{"percentile":"percentile.fifty","device":"all_iphones"}},"points":[{{"version":"1.{version}","value":{version}}}
            ]}}]}}]}}]}}]}}"#
        )
    };
    let dir = Workdir::new();
    // Newest first is the order of the merge.
    dir.write("app/2026-12-31/xcodeMetrics.json", document(500, &"[1,2.5,true],".repeat(1 << 21)));
    for small in 0..400 {
        let (month, day) = (1 + small / 28 % 11, 1 + small % 28);
        dir.write(format!("app/{}-{month:02}-{day:02}/xcodeMetrics.json", 2024 + small / 308), document(small, ""));
    }
    let report = |threads: &str| {
        dir.perfpower(["report", ".", "--format", "json", "--threads", threads]).run().ends_with(0).stdout
    };
    let one = report("1");
    assert!(one.contains("\"distinct_points\":401"), "{}", &one[..2000]);
    for threads in ["2", "3"] {
        assert!(report(threads) == one, "{threads} threads");
    }
}
