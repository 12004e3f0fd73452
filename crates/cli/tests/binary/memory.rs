//! A bound on memory: the same answers, from histories that are in none.

use crate::workdir::{Call, Run, Workdir};
use perfpower_testkit::fixture;

/// What is asked, in all forms that need histories in another way.
const ASKED: &[&[&str]] = &[
    &["report"],
    &["report", "--format", "json"],
    &["report", "--format", "html"],
    &["report", "--format", "sarif"],
    &["report", "--brief"],
    &["report", "--calibration", "--format", "json"],
    &["report", "--explain", "lantern/LAUNCH/launchTime/all_iphones/90"],
    &["report", "--explain", "com.example.lantern/LAUNCH/launchTime/all_iphones/90"],
    &["report", "--metric", "launchTime", "--device", "iPhone*", "--format", "json"],
    &["report", "--app", "com.example.lantern", "--format", "json"],
    &["report", "--redact", "--format", "json"],
    &["report", "--redact", "--device", "iPhone 12", "--format", "json"],
    &["report", "--until", "2026-09-07", "--format", "json"],
    &["report", "--device", "no such device"],
    &["compare", "--top", "0"],
    &["compare", "--top", "1"],
    &["compare", "--top", "100000", "--format", "csv"],
    &["compare", "--from", "4.0.0", "--to", "4.2.0", "--format", "json"],
    &["percentiles"],
    &["percentiles", "--over", "versions", "--format", "json"],
    &["percentiles", "--over", "logs", "--rank", "nobody"],
    &["audit", "--format", "json"],
    &["audit", "--metric", "hangRate"],
    &["inspect", "--all", "--format", "json"],
    &["init"],
    &["check", "--format", "json"],
    &["check", "--format", "junit"],
];

#[test]
fn what_does_not_fit_into_memory_is_told_the_same() {
    let dir = Workdir::new();
    dir.write("perfpower.toml", "[[rule]]\nname = \"new\"\nno_regression = \"open\"\n\n[[rule]]\nname = \"start\"\nmetric = \"launchTime\"\nat_most = 900\n");
    let demo = fixture("demo").display().to_string();
    for asked in ASKED {
        let answer = |more: &[&str]| {
            let Run { code, stdout, stderr, .. } =
                dir.perfpower([asked[0], &demo, "--quiet"]).arguments(&asked[1..]).arguments(more).run();
            (code, stdout, stderr)
        };
        assert_eq!(answer(&["--memory", "1K"]), answer(&["--memory", "100G"]), "{asked:?}");
    }
}

#[test]
fn whoever_bounds_memory_is_told_what_that_costs() {
    let dir = Workdir::new();
    let demo = fixture("demo").display().to_string();
    let told = dir.perfpower(["report", &demo, "--memory", "1K"]).run().ends_with(0).stderr;
    assert!(
        told.contains("the histories of 4 apps do not fit into 512 B: they are kept in a temporary file of "),
        "{told}"
    );
    let fits = dir.perfpower(["report", &demo, "--memory", "1G"]).run().ends_with(0).stderr;
    assert!(!fits.contains("temporary"), "{fits}");
    let wrong = dir.perfpower(["report", &demo, "--memory", "much"]).run().ends_with(2).stderr;
    assert!(wrong.contains("expected a size such as 500M or 2G"), "{wrong}");
}

#[test]
fn where_no_file_can_be_made_all_stays_in_memory() {
    let dir = Workdir::new();
    let demo = fixture("demo").display().to_string();
    let in_csv = |more: &[&str]| dir.perfpower(["report", &demo, "--format", "csv"]).arguments(more);
    let expected = in_csv(&[]).run().ends_with(0).stdout;
    let without_file = |call: Call| call.environment("TMPDIR", "not/there").run().ends_with(0).stdout;
    assert_eq!(without_file(in_csv(&["--memory", "1K"])), expected);
    let told = without_file(dir.perfpower(["report", &demo, "--memory", "1K"]));
    assert!(told.contains("no file can hold"), "{told}");
    assert!(told.contains("TMPDIR"), "{told}");
}
