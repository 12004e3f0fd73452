//! Every fixture through the binary: the right exit code, the right message, nothing lost in silence.

use crate::workdir::{Run, Workdir, fixtures, perfpower};
use perfpower_testkit::golden;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write;

fn texts<'a>(list: &'a Value, key: &str) -> Vec<&'a str> {
    list.as_array().unwrap().iter().map(|item| item[key].as_str().unwrap()).collect()
}

/// How a fixture ends alone: through `report` and through `inspect`, and what is said of it.
fn alone(path: &str) -> String {
    let report = perfpower("report --snapshot 2026-11-23").arguments([path]).run();
    let inspect = perfpower("inspect --snapshot 2026-11-23 --format json").arguments([path]).run();
    let inspection = inspect.json();
    let mut documents = texts(&inspection["documents"], "path");
    // One file can hold several documents.
    documents.dedup();
    assert_eq!(documents, [path], "each input appears");
    let is_lost = texts(&inspection["problems"], "severity").contains(&"error");
    if is_lost {
        let report = report.ends_with(3).says(&[&format!("error: {path}: ")]);
        inspect.partly();
        return format!("{path}: report 3, inspect 5\n  {}", report.stderr);
    }
    assert!(matches!(report.code, 0 | 4), "{path}: {}", report.code);
    let has_points = inspection["documents"][0]["content"].as_str().unwrap().contains(" point");
    let code = if has_points { 0 } else { 4 };
    report.ends_with(code).quietly();
    inspect.ends_with(0).quietly();
    let mut told = format!("{path}: report {code}, inspect 0\n");
    for problem in inspection["problems"].as_array().unwrap() {
        let text = |key: &str| problem[key].as_str().unwrap();
        assert!(!problem["hint"].is_null() || text("severity") == "note" || text("severity") == "warning");
        writeln!(told, "  {}: {}: {}", text("severity"), text("at"), text("message")).unwrap();
    }
    told
}

#[test]
fn each_broken_fixture_ends_as_it_should() {
    let told: String = fixtures("broken").iter().map(|path| alone(path)).collect();
    golden("broken.txt", told);
}

#[test]
fn each_handmade_and_documented_fixture_is_read() {
    for path in fixtures("handmade").iter().chain(&fixtures("documented")) {
        let told = alone(path);
        assert!(!told.contains("report 3"), "{told}");
    }
}

#[test]
fn together_they_are_partly_read_and_none_is_lost() {
    for directory in ["broken", "handmade", "documented"] {
        let expected: BTreeSet<String> = fixtures(directory).into_iter().collect();
        // Whoever ends with 5 says why, and whoever ends with 0 says nothing.
        let is_partial = directory == "broken";
        let told = |run: Run| if is_partial { run.partly().json() } else { run.ends_with(0).quietly().json() };
        let line = format!("fixtures/{directory} --format json");
        let inspection = told(perfpower(&format!("inspect {line}")).run());
        let listed: BTreeSet<String> = texts(&inspection["documents"], "path").into_iter().map(str::to_owned).collect();
        assert_eq!(listed, expected, "{directory}");

        let report = told(perfpower(&format!("report {line}")).run());
        // A file may hold several.
        assert_eq!(report["archive"]["documents"], inspection["documents"].as_array().unwrap().len());
        assert_eq!(report["problems"], inspection["problems"], "both commands tell the same problems");
        perfpower(&format!("report {line} --allow-partial")).run().ends_with(0);
    }
}

#[test]
fn nothing_lost_counts_documents_not_problems() {
    let dir = Workdir::new();
    let body = perfpower_testkit::fixture("handmade/exact-floats.json");
    dir.write("app/2026-01-01/good.json", std::fs::read(body).unwrap());
    let error = std::fs::read(perfpower_testkit::fixture("broken/api-error-503.json")).unwrap();
    dir.write("app/2026-01-02/two-errors.json", &error);
    // Two errors stand in one body: the other document is not lost with it.
    dir.perfpower(["report", "app"]).run().partly();
    // The same lost body twice is two lost documents.
    dir.write("other/2026-01-01/a.json", &error);
    dir.write("other/2026-01-02/b.json", &error);
    dir.perfpower(["report", "other"])
        .run()
        .ends_with(3)
        .says(&["none of 2 documents could be read; the first: other"]);
}

#[test]
fn a_stack_of_ten_thousand_frames_is_read_whole() {
    const FRAMES: usize = 10_000;
    let mut body = String::from(
        r#"{"productData":[{"signatureId":"s","diagnosticLogs":[{"callStackTree":[{"callStacks":[{"callStackRootFrames":["#,
    );
    for depth in 0..FRAMES {
        write!(body, r#"{{"sampleCount":"2","binaryName":"Deep","symbolName":"level{depth}","subFrames":["#).unwrap();
    }
    body.push_str(&"]}".repeat(FRAMES));
    body.push_str(
        r#"]}]}],"diagnosticMetaData":{"bundleId":"com.example.deep","event":"hang"}}]}],"version":"1.0.0"}"#,
    );
    let dir = Workdir::new();
    dir.write("com.example.deep/2026-11-23/diagnosticLogs.json", body);
    for threads in ["1", "2"] {
        let run = dir.perfpower(["inspect", "com.example.deep", "--format", "json", "--threads", threads]).run();
        let inspection = run.ends_with(0).quietly().json();
        assert_eq!(inspection["documents"][0]["kind"], "diagnosticLogs");
        assert_eq!(inspection["documents"][0]["content"], "1 log, 10000 frames");
        assert_eq!(inspection["problems"], Value::Array(Vec::new()));
        // No value of a metric: read, and nothing to judge.
        let report = dir.perfpower(["report", "com.example.deep", "--threads", threads]).run().ends_with(4).quietly();
        assert!(report.stdout.contains("no value of any metric"), "{}", report.stdout);
    }
}

#[test]
fn the_other_commands_end_as_well_on_every_fixture() {
    for directory in ["broken", "handmade", "documented"] {
        for path in fixtures(directory) {
            for command in ["audit", "compare", "diagnostics"] {
                let run = perfpower(command).arguments([&path]).run();
                assert!(matches!(run.code, 0 | 3 | 4), "{command} {path}: {} {}", run.code, run.stderr);
                assert!(!run.stderr.contains("panicked"), "{command} {path}: {}", run.stderr);
            }
        }
        let html = perfpower(&format!("report fixtures/{directory} --format html --allow-partial")).run();
        html.ends_with(0).quietly();
    }
}
