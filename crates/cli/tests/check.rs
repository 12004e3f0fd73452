//! The gate as a CI job meets it: exit codes and messages on the demo archive, whose launch budget Larder breaks.

#![expect(clippy::unwrap_used, reason = "a helper of tests that cannot go on should stop them")]

use perfpower_testkit::fixture;
use std::path::Path;
use std::process::{Command, Output};

const RULE: &str = "[[rule]]\nname = \"launch budget\"\napp = \"com.example.larder\"\nmetric = \"LAUNCH/launchTime\"\n\
    device = \"all_iphones\"\npercentile = \"percentile.ninety\"\nmax = 1500\n";

fn check(archive: &Path, config: Option<&str>, more: &[&str]) -> Output {
    let dir = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_perfpower"));
    command.arg("check").arg(archive).args(["--today", "2026-11-23"]).args(more);
    if let Some(config) = config {
        let path = dir.path().join("perfpower.toml");
        std::fs::write(&path, config).unwrap();
        command.arg("--config").arg(path);
    }
    command.output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn the_planted_rule_trips_and_no_other() {
    let output = check(&fixture("demo"), Some(perfpower_testkit::demo::RULES), &[]);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("Tripped (1)\n  launch budget: Larder, launch time, p90, all_iphones\n"), "{text}");
    assert!(text.contains("explain: perfpower report "), "{text}");
    assert!(text.contains("field data lag a release by days"), "{text}");
}

#[test]
fn a_waiver_lets_it_pass_until_its_end() {
    let waiver = |until: &str| {
        format!("{RULE}\n[[waiver]]\nrule = \"launch budget\"\nreason = \"the fix ships in 4.3\"\nuntil = {until}\n")
    };
    let output = check(&fixture("demo"), Some(&waiver("2026-12-31")), &["--allow-partial"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(text(&output).contains("waived until 2026-12-31: the fix ships in 4.3"), "{}", text(&output));

    let output = check(&fixture("demo"), Some(&waiver("2026-11-01")), &["--allow-partial"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains("ended on 2026-11-01"), "{}", text(&output));
}

#[test]
fn without_a_trip_whole_and_empty_archives_have_their_own_codes() {
    let loose = RULE.replace("1500", "9000");
    assert_eq!(check(&fixture("demo"), Some(&loose), &[]).status.code(), Some(0));
    let empty = fixture("demo/com.example.lantern");
    let output = check(&empty, Some(&loose), &[]);
    assert_eq!(output.status.code(), Some(4), "{}", text(&output));
    assert_eq!(check(&empty, Some(&loose), &["--allow-empty"]).status.code(), Some(0));
}

#[test]
fn an_archive_that_brings_rules_is_not_held_to_them() {
    let dir = tempfile::tempdir().unwrap();
    let archive = dir.path().join("archive");
    let metrics = archive.join("com.example.a/2026-11-02/xcodeMetrics.json");
    std::fs::create_dir_all(metrics.parent().unwrap()).unwrap();
    std::fs::copy(fixture("documented/app-launch-metrics.json"), &metrics).unwrap();
    std::fs::write(archive.join("perfpower.toml"), RULE).unwrap();
    let run = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_perfpower"));
        let output = command.arg("check").arg("archive").args(more).current_dir(dir.path()).output().unwrap();
        (output.status.code(), text(&output))
    };
    let (code, told) = run(&[]);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("archive/perfpower.toml: the archive's own settings hold `rule`"), "{told}");
    // A rule of the team's, which the archive breaks, trips whatever the archive says.
    std::fs::write(
        dir.path().join("perfpower.toml"),
        RULE.replace("com.example.larder", "com.example.a").replace("1500", "1"),
    )
    .unwrap();
    let (code, told) = run(&[]);
    assert_eq!(code, Some(1), "{told}");
}

#[test]
fn without_a_rule_there_is_nothing_to_check() {
    let output = check(&fixture("demo"), Some("# nothing\n"), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output).contains("write a first one with: perfpower init"), "{}", text(&output));
}
