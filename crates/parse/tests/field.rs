//! Files as people keep them, which lie in `shared/field` beside the checkout, or where `PERFPOWER_FIELD` says. Without them these
//! tests say so and pass; fixtures of our own for the same kinds are in `handmade` and in `envelopes.rs`.

use perfpower_model::{Day, Kind, Severity, ThreadRole};
use perfpower_parse::{ParseOptions, Parsed, parse_all};
use std::path::{Path, PathBuf};

#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn read(file: &str) -> Option<Vec<Parsed>> {
    let folder = std::env::var_os("PERFPOWER_FIELD")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/field"), PathBuf::from);
    let Ok(bytes) = std::fs::read(folder.join(file)) else {
        eprintln!("SKIPPED: {} is not there; set PERFPOWER_FIELD to the folder of cases", folder.join(file).display());
        return None;
    };
    Some(parse_all(&bytes, &ParseOptions::default()))
}

/// The one document of a file.
fn one(file: &str) -> Option<Parsed> {
    let mut parsed = read(file)?;
    assert_eq!(parsed.len(), 1, "{file}");
    parsed.pop()
}

#[test]
fn bodies_in_envelopes_are_read() {
    for (file, layers) in [
        ("e1/2026-11-20/curl-i.json", "HTTP headers"),
        ("e2/2026-11-20/har.json", "entry 1 of a HAR file"),
        ("e3/2026-11-20/wrapped-data.json", "the field data"),
        ("e5/2026-11-20/lambda.json", "the field body, a text"),
        ("e6/2026-11-20/base64.json", "base64, gzip"),
        ("e7/2026-11-20/mcp-content.json", "the field content, an array of one, the field text, a text"),
    ] {
        let Some(Parsed { document, envelope }) = one(&format!("08-envelopes/com.acme.{file}")) else { return };
        assert_eq!((document.kind, envelope.to_string().as_str()), (Kind::XcodeMetrics, layers), "{file}");
        assert!(document.metrics.points.len() > 10 && document.problems.is_empty(), "{:?}", document.problems);
    }
    let Some(Parsed { document, envelope }) = one("08-envelopes/com.acme.e2/2026-11-20/har.json") else { return };
    assert_eq!(envelope.day, Day::from_ymd(2026, 11, 20));
    assert_eq!(document.names.get(document.identity.apple_id), Some("1234567890"));
}

#[test]
fn rewritings_are_told_as_such() {
    for (file, program) in [
        ("33-asc-mcp-tool-output/com.acme.sn/2026-11-20/metrics_app_perf.json", "asc-mcp"),
        ("08-envelopes/com.acme.e4/2026-11-20/mcp-success.json", "an MCP server"),
    ] {
        let Some(Parsed { document, .. }) = one(file) else { return };
        assert_eq!((document.kind, document.problems[0].code), (Kind::Unknown, "rewritten-document"), "{file}");
        assert!(document.problems[0].message.contains(program), "{}", document.problems[0].message);
    }
}

#[test]
fn the_cache_of_xcode_is_metrics_of_its_day() {
    let file = "03-xcmetricsdata/Products/com.acme.two/Metrics/AppStore/Metrics.xcmetricsdata";
    let Some(Parsed { document, .. }) = one(file) else { return };
    assert_eq!((document.kind, document.day), (Kind::XcodeCache, Day::from_ymd(2026, 11, 20)));
    assert!(!document.metrics.points.is_empty() && document.problems.is_empty(), "{:?}", document.problems);
    assert!(document.metrics.metrics.iter().all(|metric| document.names.get(metric.category) == Some("LAUNCH")));
}

#[test]
fn metric_kit_is_counted() {
    for (file, counted) in [
        ("MXMetricPayload-20261120.json", &[("MXMetricPayload", 1)][..]),
        ("MXDiagnosticPayload-20261120.json", &[("MXDiagnosticPayload", 1), ("hangDiagnostics", 1)]),
    ] {
        let Some(Parsed { document, .. }) = one(&format!("04-metrickit/com.acme.mk/2026-11-20/{file}")) else { return };
        assert_eq!((document.kind, &document.payloads[..]), (Kind::MetricKit, counted));
        assert!(document.problems.iter().all(|problem| problem.severity == Severity::Note));
    }
    let Some(Parsed { document, .. }) = one("04-metrickit/com.acme.mk/2026-11-20/crash.ips") else { return };
    assert_eq!(document.problems[0].code, "crash-report");
}

#[test]
fn one_category_for_one_metric() {
    for folder in ["lower", "performance", "same"] {
        for file in ["performanceOverview.json", "xcodeMetrics.json"] {
            let path = format!("34-overview-category/{folder}/com.acme.ov/2026-11-20/{file}");
            let Some(Parsed { document, .. }) = one(&path) else { return };
            let metric = &document.metrics.metrics[0];
            assert_eq!(document.names.get(metric.category), Some("LAUNCH"), "{path}");
        }
    }
}

#[test]
fn pages_of_signatures() {
    let Some(Parsed { document, .. }) = one("18-percent-weights/com.acme.pw/2026-11-20/sigs.json") else { return };
    let weights: Vec<Option<f64>> = document.signatures.iter().map(|signature| signature.weight).collect();
    assert!(weights.iter().flatten().all(|weight| *weight < 1.0) && weights[0] == Some(0.452), "{weights:?}");
    let Some(Parsed { document, .. }) = one("36-total/com.acme.tt/2026-11-20/sigs.json") else { return };
    assert_eq!((document.problems[0].code, document.signatures_in_all), ("partial-set", Some(500)));
    let file =
        "19-sig-404/com.acme.nf/2026-11-20/builds/cccccccc-0002-4000-8000-000000000000/diagnosticSignatures.json";
    let Some(Parsed { document, .. }) = one(file) else { return };
    assert_eq!((document.kind, document.asked_for), (Kind::Empty, Some(Kind::DiagnosticSignatures)));
    assert_eq!(document.names.get(document.identity.build_id), Some("cccccccc-0002-4000-8000-000000000000"));
    assert_eq!(document.problems.iter().map(|problem| problem.severity).collect::<Vec<_>>(), [Severity::Note]);
}

#[test]
fn call_stacks() {
    let Some(Parsed { document, .. }) = one("20-threads/com.acme.th/2026-11-20/logs.json") else { return };
    let log = &document.logs[0];
    let tree = &document.call_tree;
    let roles: Vec<ThreadRole> = tree
        .threads
        .iter()
        .filter(|thread| log.nodes.contains(&thread.nodes.start))
        .map(|thread| thread.role)
        .collect();
    assert_eq!(roles.iter().filter(|role| **role == ThreadRole::Attributed).count(), 1);
    assert_eq!(roles.iter().filter(|role| **role == ThreadRole::Idle).count(), roles.len() - 1);
    assert_eq!(tree.charged(&log.nodes).len(), 1);

    let Some(Parsed { document, .. }) = one("21b-loadaddr/com.acme.la/2026-11-20/logs.json") else { return };
    let blamed: Vec<u64> = document
        .call_tree
        .frames
        .iter()
        .filter(|frame| frame.is_blame)
        .map(|frame| frame.text_offset.map_or(0, u64::from))
        .collect();
    assert_eq!(blamed, [4660]);

    let Some(Parsed { document, .. }) = one("73-log-version/com.acme.lv/2026-11-20/logs.json") else { return };
    let metadata = &document.logs.first().unwrap().metadata;
    assert_eq!(document.names.get(metadata.app_version), Some("3.5.0"));
}
