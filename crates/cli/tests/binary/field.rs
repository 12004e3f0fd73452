//! Archives as people keep them, which lie in `shared/field` beside the checkout, or where `PERFPOWER_FIELD` says. Without them
//! these tests say so and pass: what they hold is told with archives of our own in the tests beside.

use crate::workdir::{Run, Workdir};
use std::path::PathBuf;

#[expect(clippy::print_stdout, reason = "a test that is passed over says so")]
fn field() -> Option<PathBuf> {
    let beside = perfpower_testkit::fixture("..").join("../shared/field");
    let field = std::env::var_os("PERFPOWER_FIELD").map_or(beside, PathBuf::from);
    if field.is_dir() {
        return Some(field);
    }
    println!("skipped: no archives of the field at {}", field.display());
    None
}

/// Calls a command on a case, in a directory without settings.
fn run(command: &str, case: &str) -> Option<Run> {
    let path = field()?.join(case);
    assert!(path.exists(), "{}", path.display());
    let dir = Workdir::new();
    let words = command.split_whitespace().map(std::ffi::OsString::from);
    Some(dir.perfpower(words.chain([path.into_os_string()])).run())
}

#[test]
fn changes_are_blamed_on_the_version_that_brought_them() {
    for (case, version) in [
        ("14b-newest-first", "stepped up in 3.6.0"),
        ("67-newest-first-with-latest", "stepped up in 3.6.0"),
        ("38-order/com.acme.dash", "stepped up in 7.2-2"),
        ("38-order/com.acme.hotfix", "stepped up in 4.0.10"),
        ("38-order/com.acme.pre", "stepped up in 5.1.0-beta.1"),
        ("38-order/com.acme.train", "stepped up in R99"),
        ("38-order/com.acme.vpre", "stepped up in 10.2"),
        ("34-overview-category/performance", "Regressions still open (1)"),
        ("34-overview-category/lower", "Regressions still open (1)"),
        ("34-overview-category/same", "Regressions still open (1)"),
        ("08-envelopes/com.acme.e3", "stepped up in 3.6.0"),
    ] {
        let Some(run) = run("report", case) else { return };
        let run = run.ends_with(0);
        assert!(run.stdout.contains(version), "{case}: {}", run.stdout);
        assert!(!run.stdout.contains("Improvements"), "{case}: {}", run.stdout);
    }
}

#[test]
fn what_is_told_with_a_report() {
    for (case, told, untold) in [
        ("31-two-builds", &["differ from those in", "perfPowerMetrics.json", "%"][..], &[][..]),
        ("23-units", &["converted to \"seconds\""], &["Improvements", "-100 %"]),
        ("37-audit-sibling", &["arithmetic agrees in 1"], &["cannot be checked in 1"]),
        ("40-age", &["stepped up in 3.8.0"], &["0 days"]),
        ("36-total", &["partial set"], &[]),
        ("14b-newest-first", &["turned round"], &["against their numbers"]),
        ("12b-same-device-two-platforms", &["launch time on watchOS", "stepped up in 3.6.0"], &[]),
        (
            "54b-two-products-typed",
            &["com.acme.tp.Clip · launch time", "stepped up in 3.6.0"],
            &["com.acme.tp · launch"],
        ),
        ("05-rorkai-default-names", &["several apps lie beside", "1234567890 · launch time"], &[]),
        ("06-current-previous", &["the later one by its name", "stepped up in 3.6.0"], &[]),
        (
            "08-envelopes/com.acme.e4",
            &["an MCP server for App Store Connect", "curl -o metrics.json"],
            &["too little was used"],
        ),
    ] {
        let Some(run) = run("report", case) else { return };
        let text = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        for word in told {
            assert!(text.contains(word), "{case}: no {word:?} in {text}");
        }
        for word in untold {
            assert!(!text.contains(word), "{case}: {word:?} in {text}");
        }
    }
}

#[test]
fn call_stacks_are_of_their_bundle_and_of_the_thread_that_is_blamed() {
    let Some(run) = run("inspect", "39-extension-logs") else { return };
    for (app, logs) in
        [("com.acme.app\n", "5 logs"), ("com.acme.app.WidgetExtension\n", "8 logs"), ("com.acme.other\n", "6 logs")]
    {
        let part = run.stdout.split_once(app).unwrap_or_else(|| panic!("{}", run.stdout)).1;
        assert!(part.contains(logs), "{}", run.stdout);
    }
    let Some(run) = self::run("diagnostics --format folded", "20-threads") else { return };
    assert!(!run.stdout.is_empty() && !run.stdout.contains("start_wqthread"), "{}", run.stdout);
}

#[test]
fn the_gate_never_passes_on_what_it_did_not_read() {
    let Some(field) = field() else { return };
    for case in [
        "32-gate/a-control",
        "32-gate/b-wrapped",
        "32-gate/c-snake",
        "32-gate/e-jsonl-skipped",
        "32-gate/f-array",
        "56-gate-empty/a-empty",
    ] {
        let command = format!("check --today 2026-11-27 --config {}", field.join("gate.toml").display());
        let Some(run) = run(&command, case) else { return };
        assert!([1, 5].contains(&run.code), "{case}: {} {}{}", run.code, run.stdout, run.stderr);
        assert!(run.code == 1 || run.stderr.contains("not judged: "), "{case}: {}", run.stderr);
    }
}
