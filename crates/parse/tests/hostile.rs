//! No bytes make the parser panic, and what it keeps hangs together whatever the bytes.

#![expect(clippy::unwrap_used, reason = "a helper of tests that cannot go on should stop them")]

use perfpower_model::{Document, NameId, Severity};
use perfpower_parse::{ParseOptions, known_fields, parse};
use proptest::prelude::*;
use std::path::Path;

fn parsed(bytes: &[u8]) -> Document {
    let document = parse(bytes, &ParseOptions { count_known_fields: true });
    check(&document);
    document
}

/// Every handle and every range of a document points into it.
fn check(document: &Document) {
    let is_known = |id: NameId| document.names.get(Some(id)).is_some();
    let table = &document.metrics;
    let points = &table.points;
    let rows = points.len();
    assert!(points.version.len() == rows && points.margin.len() == rows && points.goal.len() == rows);
    assert!(points.value.iter().all(|value| value.is_finite()));
    assert!(points.margin.iter().all(|margin| margin.is_nan() || *margin >= 0.0));
    assert!(points.version.iter().all(|&version| is_known(version)));
    assert!(points.goal.iter().flatten().all(|&goal| is_known(goal)));
    assert!(points.breakdown.is_sorted_by_key(|share| share.point));
    assert!(points.breakdown.iter().all(|share| (share.point as usize) < rows && is_known(share.subsystem)));
    let mut next = 0;
    for dataset in &table.datasets {
        assert!((dataset.metric as usize) < table.metrics.len());
        assert_eq!(dataset.points.start, next, "datasets cover the points without gap or overlap");
        next = dataset.points.end;
    }
    assert_eq!(next as usize, rows);
    for metric in &table.metrics {
        assert!(is_known(metric.identifier));
        assert!(table.goal_bounds.get(metric.goal_bounds.start as usize..metric.goal_bounds.end as usize).is_some());
    }
    let tree = &document.call_tree;
    assert!(tree.parent.len() == tree.len() && tree.samples.len() == tree.len() && tree.address.len() == tree.len());
    for (node, &parent) in tree.parent.iter().enumerate() {
        assert!(parent == u32::MAX || (parent as usize) < node);
        assert!((tree.frame[node] as usize) < tree.frames.len());
    }
    assert!(document.problems.len() < 1_000);
    assert!(document.problems.iter().all(|problem| problem.at.len() < 4_000 && problem.message.len() < 4_000));
    let known = known_fields(document.kind);
    for path in document.drift.known.keys() {
        assert!(known.contains(path) || document.kind == perfpower_model::Kind::Empty, "{path} in {:?}", document.kind);
    }
}

fn fixtures() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut files: Vec<_> = ["broken", "handmade"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(root.join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let bodies: Vec<_> =
        files.iter().map(|file| std::fs::read(file).unwrap()).filter(|body| body.len() < 20_000).collect();
    assert!(bodies.len() > 50, "the fixtures are there");
    bodies
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        parsed(&bytes);
    }

    #[test]
    fn a_fixture_with_some_bytes_changed(
        which: prop::sample::Index,
        edits in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(&b"{}[],:\"\\0 9-.eEntf\n\xc3\xa9\xff\x00"[..])), 1..4),
    ) {
        thread_local!(static BODIES: Vec<Vec<u8>> = fixtures());
        BODIES.with(|bodies| {
            let mut body = bodies[which.index(bodies.len())].clone();
            for (at, byte) in edits {
                if !body.is_empty() {
                    let at = at.index(body.len());
                    body[at] = byte;
                }
            }
            parsed(&body);
        });
    }

    /// A value is replaced by one of another type, so that the text stays JSON and the reader is reached.
    #[test]
    fn a_fixture_with_a_value_of_another_type(which: prop::sample::Index, at: prop::sample::Index, kind in 0..7_usize) {
        thread_local!(static BODIES: Vec<serde_json::Value> =
            fixtures().iter().filter_map(|body| serde_json::from_slice(body).ok()).collect());
        BODIES.with(|bodies| {
            let mut body = bodies[which.index(bodies.len())].clone();
            let mut left = at.index(count(&body));
            replace(&mut body, &mut left, &[
                serde_json::json!(null), serde_json::json!(-1), serde_json::json!("text"), serde_json::json!([1, [2]]),
                serde_json::json!({"a": {"b": []}}), serde_json::json!(true), serde_json::json!(1e300),
            ][kind]);
            let document = parsed(body.to_string().as_bytes());
            let is_lost = document.problems.iter().any(|problem| {
                problem.severity == Severity::Error && !problem.code.ends_with("-error")
            });
            assert!(!is_lost, "well-formed JSON is never lost: {:?}", document.problems);
        });
    }
}

fn count(value: &serde_json::Value) -> usize {
    1 + match value {
        serde_json::Value::Array(elements) => elements.iter().map(count).sum(),
        serde_json::Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

fn replace(value: &mut serde_json::Value, left: &mut usize, with: &serde_json::Value) {
    if *left == 0 {
        *value = with.clone();
    }
    *left = left.wrapping_sub(1);
    match value {
        serde_json::Value::Array(elements) if *left < usize::MAX / 2 => {
            for element in elements {
                replace(element, left, with);
            }
        }
        serde_json::Value::Object(fields) if *left < usize::MAX / 2 => {
            for field in fields.values_mut() {
                replace(field, left, with);
            }
        }
        _ => {}
    }
}

#[test]
fn a_text_of_a_megabyte_is_cut_told_and_still_its_own() {
    let version = |last: char| format!("{}{last}", "9".repeat(1 << 20));
    let body = format!(
        r#"{{"productData": [{{"platform": "iOS", "metricCategories": [{{"identifier": "LAUNCH", "metrics": [{{"identifier": "launchTime",
        "datasets": [{{"filterCriteria": {{"percentile": "percentile.fifty", "device": "all_iphones"}}, "points": [
        {{"version": "{}", "value": 1}}, {{"version": "{}", "value": 2}}, {{"version": {}, "value": 3}}]}}]}}]}}]}}]}}"#,
        version('1'),
        version('2'),
        version('3'),
    );
    let document = parse(body.as_bytes(), &ParseOptions::default());
    let versions: std::collections::BTreeSet<_> = document.metrics.points.version.iter().collect();
    assert_eq!(versions.len(), 3, "they stay three");
    assert!(document.names.iter().all(|(_, text)| text.len() < 70_000));
    let cut = document.problems.iter().filter(|problem| problem.code == "text-too-long");
    assert_eq!(cut.map(|problem| problem.message.len() < 200).collect::<Vec<_>>(), [true; 3]);
    assert!(document.problems.iter().all(|problem| problem.message.len() < 200));
}

/// A link, a slip of the hand or a pattern of the shell can lead to any file; what is in it must not come out in a report.
#[test]
fn of_a_file_that_is_no_json_nothing_but_its_kind_is_told() {
    for text in [
        "SECRET=1\nSECRET:x:0:0",
        "SECRET",
        "tSECRET",
        "nullSECRET",
        "-SECRET",
        "123 SECRET",
        "4711",
        "\"SECRET",
        "\"SECRET\\q\"",
        "[SECRET]\nSECRET = 1",
        "[server]\npassword = \"SECRET\"",
        "{SECRET: 1}",
        "{ echo SECRET; }",
        "access denied: SECRET",
        "SECRET token expired",
        "---\nSECRET: 1",
        "<?xml version=\"1.0\"?><SECRET/>",
        "<!DOCTYPE html><title>SECRET</title>",
        "-----BEGIN SECRET-----",
        "HTTP/1.1 200 OK\r\nX-SECRET: SECRET\r\n\r\nSECRET",
        "HTTP/1.1 403 SECRET\r\n\r\n",
        "GET /SECRET HTTP/1.1\r\n\r\nSECRET",
        "data: SECRET\n\n",
        "U0VDUkVU",
        "%53ECRET=SECRET&SECRET",
    ] {
        let document = parsed(text.as_bytes());
        let told = format!("{:?}", document.problems);
        assert!(!document.problems.is_empty(), "{text:?}");
        assert!(!told.contains("SECRET") && !told.contains("4711"), "{text:?}: {told}");
    }
}
