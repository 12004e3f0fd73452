//! Exit codes and the words that go with them: a contract with scripts.

use crate::workdir::{Workdir, perfpower, repository};
use serde_json::Value;

const COMMANDS: [&str; 4] = ["report", "inspect", "audit", "compare"];

#[test]
fn zero_is_done_and_all_read() {
    for command in COMMANDS {
        perfpower(&format!("{command} fixtures/demo/com.example.larder")).run().ends_with(0).quietly();
    }
}

#[test]
fn one_is_a_rule_that_tripped() {
    let dir = Workdir::new();
    let archive = repository().join("fixtures/demo");
    // Not a download: what could not be read.
    dir.write("com.example.tidemark/2026-10-05/xcodeMetrics.json", "{\"productData\": [");
    let check = |rules: &str| {
        dir.write("rules.toml", rules);
        let lost = "com.example.tidemark";
        dir.perfpower(["check", archive.to_str().unwrap(), lost, "--config", "rules.toml", "--today", "2026-11-23"])
    };
    let no_open = "[[rule]]\nname = \"no new\"\nmetric = \"LAUNCH/launchTime\"\nno_regression = \"open\"\n";
    assert!(check(no_open).run().ends_with(1).stdout.contains("Larder"));
    // The rule goes before inputs that could not be read.
    check(no_open).arguments(["--allow-partial"]).run().ends_with(1);
    let few = "[[rule]]\nname = \"few\"\nmax_open_regressions = 100\nper = \"archive\"\n";
    check(few).run().ends_with(5);
    check(few).arguments(["--allow-partial"]).run().ends_with(0);
    check("").run().ends_with(2).says(&["no rule"]);
    check("[[rule]]\nnmae = \"few\"\n").run().ends_with(2).says(&["rules.toml", "nmae", "name"]);
}

#[test]
fn two_is_a_wrong_command_line() {
    perfpower("").run().ends_with(2).says(&["Usage: perfpower"]);
    perfpower("reprot fixtures/demo").run().ends_with(2).says(&["reprot", "similar subcommand", "'report'"]);
    for command in COMMANDS {
        let call = |rest: &str| perfpower(&format!("{command} {rest}")).run().ends_with(2);
        call("").says(&["<ARCHIVE>"]);
        call("fixtures/demo --outptu x").says(&["--outptu", "--output"]);
        call("fixtures/demo --format pdf").says(&["pdf", "markdown"]);
        call("fixtures/demo --threads 0").says(&["--threads"]);
        call("fixtures/demo --snapshot yesterday").says(&["a day such as 2026-11-23"]);
        call("fixtures/demo --layout {ap}/{snapshot}").says(&["the layout {ap}/{snapshot}"]);
        call("fixtures/demo --config nowhere.toml").says(&["nowhere.toml"]);
    }
    perfpower("compare fixtures/demo --from 3.9.0").run().ends_with(2).says(&["--to"]);
}

#[test]
fn names_that_the_archive_does_not_hold_are_asked_back() {
    let wrong = |rest: &str| perfpower(&format!("report fixtures/demo {rest}")).run().ends_with(2);
    wrong("--app com.example.lardre").says(&["no app \"com.example.lardre\"; did you mean \"com.example.larder\"?"]);
    wrong("--metric launchTim").says(&["no metric \"launchTim\"; did you mean \"launchTime\"?"]);
    wrong("--metric BATTERY/onScren").says(&["did you mean \"BATTERY/onScreen\"?"]);
    wrong("--category LUNCH").says(&["did you mean \"LAUNCH\"?"]);
    wrong("--device iPhone12,9").says(&["did you mean \"iPhone12,"]);
    wrong("--platform iSO").says(&["no platform \"iSO\"; it holds iOS"]);
    wrong("--percentile 77").says(&["no percentile \"77\"; it holds 50, 90"]);
    wrong("--since-version 99").says(&["no version \"99\""]);
    // Nothing is near: what there is.
    wrong("--category zzz").says(&["it holds ANIMATION, BATTERY"]);
    let compare = "compare fixtures/demo --from 3.9.9 --to 4.0.0";
    perfpower(compare).run().ends_with(2).says(&["no version \"3.9.9\"; did you mean"]);
    // Letter case and the name for people do as well.
    perfpower("report fixtures/demo/com.example.larder --category launch").run().ends_with(0);
    let call = perfpower("report fixtures/demo/com.example.larder --device").arguments(["iPhone 11"]);
    assert!(call.run().ends_with(0).stdout.contains("iPhone12,1"));
}

#[test]
fn three_is_nothing_read() {
    for command in COMMANDS {
        let run = perfpower(&format!("{command} nowhere")).run().ends_with(3);
        let told = if command == "inspect" { run.stdout } else { run.says(&[]).stderr };
        assert!(told.contains("nowhere: no such file or directory"), "{told}");
        // There is no part to be content with.
        perfpower(&format!("{command} nowhere --allow-partial --allow-empty")).run().ends_with(3);
    }
    perfpower("report fixtures/broken/login-page.json").run().ends_with(3).says(&["an HTML page"]);
}

#[test]
fn four_is_nothing_usable() {
    let dir = Workdir::new();
    std::fs::create_dir(dir.path().join("empty")).unwrap();
    dir.write("notes/README.md", "no document");
    for archive in ["empty", "notes"] {
        for command in COMMANDS {
            dir.perfpower([command, archive]).run().ends_with(4);
            dir.perfpower([command, archive, "--allow-empty"]).run().ends_with(0).quietly();
        }
        dir.perfpower(["report", archive]).run().ends_with(4).says(&["holds no document"]);
    }
    for command in ["report", "audit", "compare"] {
        let line = format!("{command} fixtures/demo/com.example.lantern");
        let run = perfpower(&line).run().ends_with(4).quietly();
        assert!(!run.stdout.is_empty(), "the result says that there is none");
        perfpower(&format!("{line} --allow-empty")).run().ends_with(0).quietly();
    }
}

#[test]
fn five_is_done_in_part() {
    for command in COMMANDS {
        // Whole, with one file that was cut off, and with the same allowed.
        perfpower(&format!("{command} fixtures/demo")).run().ends_with(0).quietly();
        let partly = format!("{command} fixtures/demo fixtures/broken/truncated-in-text.json");
        let run = perfpower(&partly).run().partly();
        let allowed = perfpower(&format!("{partly} --allow-partial")).run().ends_with(0).quietly();
        assert_eq!(run.stdout, allowed.stdout);
        perfpower(&format!("{command} fixtures/demo/com.example.larder nowhere")).run().ends_with(5);
    }
}

#[test]
fn failures_can_be_told_as_json() {
    for (line, code) in [("report nowhere", 3), ("report fixtures/demo --metric launchTim", 2)] {
        let run = perfpower(&format!("{line} --error-format json")).run().ends_with(code).says(&[]);
        let told: Value = serde_json::from_str(&run.stderr).unwrap();
        assert_eq!((told["severity"].as_str(), told["exit"].as_i64()), (Some("error"), Some(i64::from(code))));
        assert!(told["message"].as_str().unwrap().len() > 20);
        assert_eq!(run.stderr.lines().count(), 1);
    }
}

#[test]
fn variables_give_defaults_and_options_go_first() {
    let call = |line: &str| perfpower(line).environment("PERFPOWER_FORMAT", "json");
    call("report fixtures/demo").run().ends_with(0).json();
    assert!(call("report fixtures/demo --format csv").run().ends_with(0).stdout.starts_with("id,app,"));
    let wrong = perfpower("report fixtures/demo").environment("PERFPOWER_THREADS", "many").run().ends_with(2);
    wrong.says(&["many"]);
}

#[test]
fn a_report_on_call_stacks_alone_names_the_command_that_reads_them() {
    for form in ["text", "markdown", "html"] {
        let line = format!("report fixtures/documented/disk-writes-logs.json --format {form}");
        let told = perfpower(&line).run().ends_with(4).stdout;
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains("1 document of diagnostic logs or signatures: `perfpower diagnostics`"), "{told}");
    }
    let told = perfpower("report fixtures/documented/disk-writes-logs.json").run().stdout;
    assert!(told.ends_with("\nNext: perfpower diagnostics fixtures/documented/disk-writes-logs.json\n"), "{told}");
}
