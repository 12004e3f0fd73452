//! Apple's documented example: its insight, recomputed, and what the plain neighbours say.

use crate::workdir::{Run, Workdir, perfpower};
use serde_json::Value;
use std::path::PathBuf;

/// The figures of Apple's example, from its reference of the API: the insight's own numbers, and what follows from its
/// five points per percentile.
#[track_caller]
fn has_the_figures(run: impl Fn(&str) -> Run) {
    let text = run("text").ends_with(0).stdout;
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for figure in [
        "907.48 997.80 10 %",
        "1777.88 2014.30 13 %",
        "p50: 2.0 is 10.8 % lower than 1.3; largest jump between neighbours: into 1.2, +32 %",
        "p90: 2.0 is 6.7 % lower than 1.3; largest jump between neighbours: into 1.2, +46 %",
    ] {
        assert!(words.contains(figure), "no {figure:?} in\n{text}");
    }

    let report = run("json").json();
    let insight = &report["apple_insights"][0];
    assert_eq!(insight["audit"], "agrees");
    assert_eq!(insight["latest_version"], "2.0");
    assert_eq!(insight["our_view"]["verdict"], "earlier_version");
    assert_eq!(insight["our_view"]["version"], "1.2");
    for (index, average, delta, previous, jump) in
        [(0, 907.48, 10.0, -10.823, 32.307), (1, 1777.88, 13.0, -6.676, 46.080)]
    {
        let population = &insight["populations"][index];
        let close = |value: &Value, expected: f64| {
            let value = value.as_f64().unwrap();
            assert!((value - expected).abs() < 0.0006, "{value} is not {expected}");
        };
        assert_eq!(population["audit"], "agrees");
        close(&population["reported"]["delta_percent"], delta);
        close(&population["recomputed"]["reference_average"], average);
        close(&population["recomputed"]["delta_percent"], delta);
        close(&population["previous"]["change_percent"], previous);
        assert_eq!(population["previous"]["from"], "1.3");
        assert_eq!(population["largest_jump"]["to"], "1.2");
        close(&population["largest_jump"]["change_percent"], jump);
    }
}

#[test]
fn the_documented_example_is_recomputed() {
    has_the_figures(|format| {
        perfpower(&format!("audit fixtures/documented/app-launch-metrics.json --format {format}")).run()
    });
    let report = perfpower("report fixtures/documented/app-launch-metrics.json").run().ends_with(0).stdout;
    let words = report.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("stepped up in 1.2"), "{report}");
    assert!(
        words.contains("Apple lists 2.0 as +10 %/+13 % because its average still contains 1.0 and 1.1."),
        "{report}"
    );
}

/// Apple's own samples are not ours to hand on: `PERFPOWER_SAMPLES` says where they are.
fn samples() -> Option<PathBuf> {
    let named = std::env::var_os("PERFPOWER_SAMPLES").map(PathBuf::from);
    let beside = perfpower_testkit::fixture("..").join("../shared/samples");
    let found = named.or(beside.is_dir().then_some(beside))?;
    assert!(found.is_dir(), "PERFPOWER_SAMPLES is no directory: {}", found.display());
    Some(found)
}

#[test]
fn apples_own_samples_are_read_without_a_fault() {
    let Some(samples) = samples() else {
        eprintln!(
            "SKIPPED: no samples of Apple; set PERFPOWER_SAMPLES to a directory with app-perf-power-metrics.json"
        );
        return;
    };
    let sample = samples.join("app-perf-power-metrics.json");
    has_the_figures(|format| Workdir::new().perfpower(["audit", "--format", format]).arguments([&sample]).run());
    let dir = Workdir::new();
    let run = dir.perfpower(["inspect", "--format", "json", "--snapshot", "2026-11-23"]).arguments([&samples]);
    let inspection = run.run().ends_with(0).quietly().json();
    let severe = inspection["problems"].as_array().unwrap().iter().filter(|problem| problem["severity"] == "error");
    assert_eq!(severe.count(), 0, "{inspection:#}");
}
