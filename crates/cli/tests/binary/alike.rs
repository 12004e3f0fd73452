//! No form of an answer leaves out what another one has: every command in every format names the same problems, goals and
//! cautions, and commands that are printed run as they stand.

use crate::workdir::{Run, Workdir, perfpower};
use perfpower_testkit::body::{Dataset, GoalKey, Metric, MetricsBody, P50};
use perfpower_testkit::json::Style;
use serde_json::json;
use std::process::Command;

const LAUNCH: (&str, &str) = ("LAUNCH", "launchTime");

/// What every answer on this archive has to say, by a word of it that no markup changes.
const LOST: &str = "the file is empty";
const WARNED: &str = "a point without a version";
const CAUTION: &str = "1 series not judged, for a value of 0 where none is expected";
const GOAL: &str = "fair";

/// An app that missed a goal, beside one whose launch takes no time at all, a body with a fault in it, and a lost one.
fn archive() -> Workdir {
    let here = Workdir::new();
    let write = |app: &str, metric: Metric| {
        let body = MetricsBody::new(vec![metric]).to_json(Style::Compact);
        here.write(format!("all/{app}/2026-11-01/xcodeMetrics.json"), body);
    };
    let slow = [700.0, 705.0, 702.0, 701.0, 703.0, 900.0, 905.0, 902.0, 903.0, 901.0];
    let goals = [("good", None, Some(800.0)), ("fair", Some(800.0), None)];
    let goal_keys = goals.map(|(goal, lower, upper)| GoalKey { goal: goal.to_owned(), lower, upper }).into();
    let mut dataset = Dataset::of_values("all_iphones", P50, &slow);
    for point in &mut dataset.points {
        point.goal = Some(if point.value > 800.0 { "fair" } else { "good" }.to_owned());
    }
    write("com.example.slow", Metric { goal_keys, ..Metric::new(LAUNCH, ("milliseconds", "ms"), [dataset]) });
    let still = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    write(
        "com.example.still",
        Metric::new(LAUNCH, ("milliseconds", "ms"), [Dataset::of_values("all_iphones", P50, &still)]),
    );
    let nameless = json!({"version": "1.0.0", "productData": [{"platform": "iOS", "metricCategories": [{"identifier": "HANG",
        "metrics": [{"identifier": "hangRate", "datasets": [{"filterCriteria": {"percentile": "percentile.fifty",
        "device": "all_iphones"}, "points": [{"value": 1.0}, {"version": "1.0", "value": 2.0}]}]}]}]}]});
    here.write("all/com.example.odd/2026-11-01/xcodeMetrics.json", nameless.to_string());
    here.write("all/com.example.lost/2026-11-01/xcodeMetrics.json", "");
    let logs = std::fs::read(perfpower_testkit::fixture("documented/disk-writes-logs.json")).unwrap();
    here.write("all/com.example.slow/2026-11-01/diagnosticLogs.json", logs);
    here.write("rules.toml", "[[rule]]\nname = \"calm\"\nno_regression = \"open\"\n");
    here
}

/// As one line: a terminal breaks sentences. JSON escapes nothing of the words that are looked for.
fn said(run: &Run) -> String {
    let all = format!("{} {}", run.stdout, run.stderr);
    all.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_command_names_the_same_in_every_format() {
    let here = archive();
    let pages: &[&str] = &["text", "markdown", "html", "json"];
    let tables: &[&str] = &["text", "markdown", "html", "json", "csv"];
    let reports: &[&str] = &["text", "markdown", "html", "json", "csv", "sarif"];
    let checks: &[&str] = &["text", "markdown", "html", "json", "junit", "sarif"];
    let profiles: &[&str] =
        &["text", "markdown", "html", "json", "csv", "folded", "flamegraph", "speedscope", "firefox"];
    let explain = "report all --explain com.example.slow/LAUNCH/launchTime/all_iphones/50";
    // What is said by every format; what by those with room for sentences.
    for (line, formats, everywhere, in_pages) in [
        ("report all", reports, &[LOST, CAUTION][..], &[WARNED, GOAL][..]),
        (explain, pages, &[LOST, CAUTION], &[WARNED, GOAL]),
        ("report all --calibration", pages, &[LOST, CAUTION], &[WARNED]),
        ("inspect all", tables, &[LOST], &[WARNED]),
        ("audit all", tables, &[LOST, CAUTION], &[WARNED]),
        ("compare all", tables, &[LOST], &[WARNED]),
        ("percentiles all", tables, &[LOST], &[WARNED]),
        ("check all --config rules.toml", checks, &[LOST, CAUTION], &[WARNED]),
        ("diagnostics all", profiles, &[LOST], &[WARNED]),
    ] {
        for format in formats {
            let call = here.perfpower(line.split(' ').chain(["--format", format]));
            let run = call.run();
            assert!(matches!(run.code, 1 | 5), "{line} --format {format}: {} {}", run.code, run.stderr);
            let text = said(&run);
            let has_room = pages.contains(format);
            for words in everywhere.iter().chain(in_pages.iter().filter(|_| has_room)) {
                assert!(text.contains(words), "{line} --format {format} leaves out {words:?}:\n{text}");
            }
            assert!(run.stderr.contains(LOST), "{line} --format {format}: why it is no 0 stands on standard error");
        }
    }
}

/// Figures of an app that was judged alone are others than those it has among all: no answer keeps silent about it.
#[test]
fn every_command_in_every_format_says_what_was_judged_alone() {
    const ALONE: &str = "com.example.slow was read and judged without the other apps";
    let here = archive();
    let pages: &[&str] = &["text", "markdown", "html", "json"];
    for (line, others) in [
        ("report all", &["csv", "sarif"][..]),
        ("report all --explain com.example.slow/LAUNCH/launchTime/all_iphones/50", &[]),
        ("report all --calibration", &[]),
        ("inspect all", &["csv"]),
        ("audit all", &["csv"]),
        ("compare all", &["csv"]),
        ("percentiles all", &["csv"]),
        ("check all --config rules.toml", &["junit", "sarif"]),
        ("diagnostics all", &["csv", "folded", "flamegraph", "speedscope", "firefox"]),
    ] {
        for format in pages.iter().chain(others) {
            let arguments = line.split(' ').chain(["--app", "com.example.slow", "--alone", "--format", format]);
            let run = here.perfpower(arguments).run();
            assert!(matches!(run.code, 0 | 1), "{line} --format {format}: {} {}", run.code, run.stderr);
            let has_room = pages.contains(format);
            assert_eq!(
                run.stdout.split_whitespace().collect::<Vec<_>>().join(" ").contains(ALONE),
                has_room,
                "{line} {format}"
            );
            assert!(run.stderr.contains(ALONE), "{line} --format {format}: {}", run.stderr);
            let without =
                here.perfpower(line.split(' ').chain(["--app", "com.example.slow", "--format", format])).run();
            assert!(!said(&without).contains("without the other apps"), "{line} --format {format}");
        }
    }
    let tables = ["export", "all", "--to", "tables", "--as", "csv", "--app", "com.example.slow", "--alone"];
    assert!(here.perfpower(tables).run().ends_with(0).stderr.contains(ALONE));
}

/// A figure means something by the settings it was made with: every answer that judges says them, and what it shows of all.
#[test]
fn every_command_that_judges_says_by_which_settings_in_every_format() {
    let here = archive();
    here.write(
        "perfpower.toml",
        "[parameters]\nmin_change = 0.08\npower = 0.9\n\n[[rule]]\nname = \"calm\"\nno_regression = \"open\"\n",
    );
    let words = [
        "Benjamini–Hochberg at 0.05 over the batch, changes from 8 % on, 95 % intervals, power = 0.9",
        "perfpower.toml",
        "shown: app com.example.slow, category LAUNCH",
    ];
    let pages: &[&str] = &["text", "markdown", "html", "json"];
    for (line, others) in [
        ("report all", &["sarif"][..]),
        ("report all --brief", &[]),
        ("report all --explain com.example.slow/LAUNCH/launchTime/all_iphones/50", &[]),
        ("report all --calibration", &[]),
        ("audit all", &[]),
        ("check all", &["junit", "sarif"]),
    ] {
        let is_brief = line.ends_with("--brief");
        for format in pages.iter().filter(|format| !is_brief || **format == "json").chain(others) {
            let filters = ["--app", "com.example.slow", "--category", "LAUNCH", "--format", format];
            let run = here.perfpower(line.split(' ').chain(filters)).run();
            let said = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ").replace('\u{a0}', " ");
            for words in words {
                assert!(said.contains(words), "{line} --format {format} does not say {words:?}:\n{said}");
            }
        }
    }
    let strict = here.perfpower(["report", "all", "--strict"]).run();
    assert!(said(&strict).contains("Settings: Benjamini–Yekutieli at 0.05"), "{}", strict.stdout);
}

/// What was corrected, over how many.
#[test]
fn who_doubts_is_told_what_was_corrected() {
    for line in ["report fixtures/demo --explain fb193c44c4894dc2", "report fixtures/demo --calibration"] {
        for format in ["text", "markdown", "html"] {
            let said = said(&perfpower(&format!("{line} --format {format}")).run().ends_with(0));
            assert!(said.contains("Benjamini–Hochberg at 0.05") && said.contains("families of the history"), "{said}");
        }
    }
    let json = perfpower("report fixtures/demo --calibration --format json").run().ends_with(0).json();
    assert!(json["correction"].as_str().unwrap().contains("Benjamini–Hochberg at 0.05"));
}

#[test]
fn parts_of_a_report_have_the_forms_that_make_sense() {
    let explain = "report fixtures/demo --explain fb193c44c4894dc2";
    for (line, schema) in
        [(explain, "perfpower.explanation/1"), ("report fixtures/demo --calibration", "perfpower.calibration/1")]
    {
        let json = perfpower(&format!("{line} --format json")).run().ends_with(0).quietly().json();
        assert_eq!(json["schema"], schema);
        assert!(perfpower(&format!("{line} --format markdown")).run().ends_with(0).stdout.starts_with("## "));
        assert!(perfpower(&format!("{line} --format html")).run().ends_with(0).stdout.starts_with("<!DOCTYPE html>"));
        for format in ["csv", "junit", "sarif"] {
            let refused = perfpower(&format!("{line} --format {format}")).run().ends_with(2);
            refused.says(&["use --format text, markdown, html or json"]);
        }
    }
    perfpower("report fixtures/demo --brief --format csv").run().ends_with(2).says(&["--brief is always JSON"]);
}

#[test]
fn junit_is_what_check_writes() {
    let rules = "--config fixtures/gate.toml";
    let checked = perfpower(&format!("check fixtures/demo {rules} --format junit")).run().ends_with(1);
    let reported = perfpower(&format!("report fixtures/demo {rules} --format junit")).run().ends_with(1);
    assert_eq!(reported.stdout, checked.stdout);
    let refused = perfpower("report fixtures/demo/com.example.tidemark --format junit").run().ends_with(2);
    refused.says(&["there is no rule to check"]);
}

/// Whatever an app and a folder are called, the command that a result suggests reaches this program with their names.
#[cfg(unix)]
#[test]
fn printed_commands_run_as_they_stand() {
    let here = Workdir::new();
    let app = "a`;touch X;`b $(touch X) 'c' -d";
    let values = [700.0, 705.0, 702.0, 701.0, 703.0, 900.0, 905.0, 902.0, 903.0, 901.0];
    let metric = Metric::new(LAUNCH, ("milliseconds", "ms"), [Dataset::of_values("all_iphones", P50, &values)]);
    let body = MetricsBody::new(vec![metric]).to_json(Style::Compact);
    here.write(format!("-saves `touch X`/apps/{app}/2026-11-01/xcodeMetrics.json"), body);
    here.write("rules.toml", "[[rule]]\nname = \"fast\"\nmetric = \"launchTime\"\nmax = 1\n");
    let program = env!("CARGO_BIN_EXE_perfpower");
    let commands = |run: Run| -> Vec<String> {
        let lines =
            run.stdout.lines().map(|line| line.trim().trim_start_matches("explain: ").trim_start_matches("Next: "));
        lines.filter(|line| line.starts_with("perfpower ")).map(str::to_owned).collect()
    };
    let archive = "./-saves `touch X`";
    let mut ran = 0;
    for arguments in [
        &["check", archive, "--config", "rules.toml"][..],
        &["check", archive, "--config", "rules.toml", "--format", "markdown"],
        &["report", archive],
        &["report", archive, "--format", "markdown"],
        &["audit", archive],
        &["inspect", archive],
    ] {
        for command in commands(here.perfpower(arguments).run()) {
            let typed = command.replacen("perfpower", program, 1);
            let output = Command::new("bash").arg("-c").arg(&typed).current_dir(here.path()).output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{command}: {}", String::from_utf8_lossy(&output.stderr));
            assert!(!here.path().join("X").exists(), "{command} ran another one");
            ran += 1;
        }
    }
    assert!(ran >= 6, "{ran} commands were printed");
}
