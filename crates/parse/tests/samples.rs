//! Apple's documented samples, which are not ours to ship: they lie in `shared/samples` beside the checkout, or where
//! `PERFPOWER_SAMPLES` says. Without them these tests say so and pass.

use perfpower_model::{Document, Kind, Severity};
use perfpower_parse::{ParseOptions, parse};
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
    let document = parse(&body, &ParseOptions { count_known_fields: true });
    assert!(document.problems.iter().all(|problem| problem.severity == Severity::Note), "{:?}", document.problems);
    assert!(document.drift.unknown.is_empty(), "{:?}", document.drift.unknown);
    Some(document)
}

#[test]
fn metrics_of_an_app() {
    let Some(document) = sample("app-perf-power-metrics.json") else { return };
    let text = |id| document.names.get(id).unwrap_or_default();
    assert_eq!(document.kind, Kind::XcodeMetrics);
    let table = &document.metrics;
    assert_eq!(table.points.value[..5], [768.7, 750.0, 992.3, 1118.9, 997.8]);
    assert_eq!(table.points.value[5..], [1532.1, 1390.2, 2030.8, 2158.4, 2014.3]);
    assert!(table.points.margin.iter().all(|margin| margin.is_nan()));
    let versions: Vec<&str> = table.points.version.iter().map(|&id| document.names.text(id)).collect();
    assert_eq!(versions, ["1.0", "1.1", "1.2", "1.3", "2.0", "1.0", "1.1", "1.2", "1.3", "2.0"]);
    assert_eq!(
        (text(table.metrics[0].category), document.names.text(table.metrics[0].identifier)),
        ("LAUNCH", "launchTime")
    );
    assert_eq!(text(table.datasets[1].percentile), "percentile.ninety");
    assert_eq!(text(table.datasets[1].platform), "iOS");
    let [insight] = &document.insights[..] else { panic!("one insight") };
    assert_eq!(
        insight.reference_versions.iter().map(|&id| document.names.text(id)).collect::<Vec<_>>(),
        ["1.0", "1.1", "1.2", "1.3"]
    );
    let numbers: Vec<_> =
        insight.populations.iter().map(|p| (p.reference_average, p.latest, p.delta_percent)).collect();
    assert_eq!(numbers, [(Some(907.48), Some(997.8), Some(10.0)), (Some(1777.88), Some(2014.3), Some(13.0))]);
}

#[test]
fn metrics_of_a_build() {
    let Some(document) = sample("build-perf-power-metrics.json") else { return };
    let bounds: Vec<_> = document
        .metrics
        .goal_bounds
        .iter()
        .map(|bound| (document.names.text(bound.goal), bound.lower, bound.upper))
        .collect();
    assert_eq!(bounds, [("poor", Some(10.0), None), ("fair", Some(5.0), Some(10.0)), ("good", Some(0.0), Some(5.0))]);
    assert_eq!(document.metrics.points.value, [6.5, 29.7]);
    let goals: Vec<_> = document.metrics.points.goal.iter().filter_map(|&goal| document.names.get(goal)).collect();
    assert_eq!(goals, ["fair", "poor"]);
}

#[test]
fn a_log_of_disk_writes() {
    let Some(document) = sample("diagnostic-logs.json") else { return };
    let tree = &document.call_tree;
    assert_eq!(tree.samples, [51, 51, 51, 51, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48]);
    assert_eq!(tree.parent[1..], (0..13).collect::<Vec<_>>());
    let metadata = &document.logs[0].metadata;
    assert_eq!(document.names.get(metadata.device), Some("iPhone13,3"));
    assert_eq!(document.names.get(metadata.writes_caused), Some("1073.76 MB"));
    assert_eq!(document.names.get(metadata.bundle_id), None);
    let culprit = tree.frames.iter().find(|frame| frame.advice_category.is_some()).unwrap();
    assert_eq!(culprit.advice_category, document.advice[0].category);
    assert_eq!(
        tree.frames[tree.frame[1] as usize].line.map(u32::from),
        Some(2381),
        "the field, not the 2092 of rawFrame"
    );
    assert_eq!(tree.address[1], 0x1_02f4_8b78, "the field, not the ...b74 of rawFrame");
    let [note] = &document.problems[..] else { panic!("one note for the whole document") };
    assert_eq!(
        note.message,
        "rawFrame of 14 of 14 frames contradicts the fields, here in samples (44, not 51); the fields were taken"
    );
}

#[test]
fn a_page_of_signatures() {
    let Some(document) = sample("diagnostic-signatures.json") else { return };
    assert_eq!(document.kind, Kind::DiagnosticSignatures);
    assert_eq!(
        document.signatures.iter().map(|signature| signature.weight).collect::<Vec<_>>(),
        [Some(0.85), Some(0.07)]
    );
    assert_eq!(document.names.get(document.identity.build_id), Some("1a254ec1-8e3d-48e7-bbd6-6b9a30072b29"));
    assert!(document.names.get(document.next_page).is_some_and(|page| page.contains("cursor=")));
}

#[test]
fn a_body_without_data() {
    let Some(document) = sample("empty-perf-power-metrics.json") else { return };
    assert_eq!(document.kind, Kind::Empty);
    assert_eq!(
        document.drift.known.keys().copied().collect::<Vec<_>>(),
        ["insights", "insights.regressions", "insights.trendingUp", "productData", "version"]
    );
}
