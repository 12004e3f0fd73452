//! The table of known fields against the fixtures: no field is listed that no fixture has, so every reader is reached.

use perfpower_model::Kind;
use perfpower_parse::{ParseOptions, known_fields, parse};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

#[test]
fn every_known_field_of_every_kind_is_in_a_fixture() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut seen: BTreeMap<Kind, BTreeSet<&str>> = BTreeMap::new();
    for folder in ["broken", "handmade"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let body = std::fs::read(entry.unwrap().path()).unwrap();
            let document = parse(&body, &ParseOptions { count_known_fields: true });
            seen.entry(document.kind).or_default().extend(document.drift.known.keys());
        }
    }
    for kind in Kind::ALL {
        let never: Vec<_> = known_fields(kind)
            .into_iter()
            .filter(|path| !seen.get(&kind).is_some_and(|paths| paths.contains(path)))
            .collect();
        assert_eq!(never, [""; 0], "fields of {} that no fixture has", kind.as_str());
    }
}

#[test]
fn known_fields_are_counted_only_on_request() {
    let body = br#"{"productData": [{"platform": "iOS"}, {"platform": "iOS", "future": 1}], "version": "1.0.0"}"#;
    let silent = parse(body, &ParseOptions::default());
    assert!(silent.drift.known.is_empty());
    assert_eq!(silent.drift.unknown["productData[].future"], 1);
    let counted = parse(body, &ParseOptions { count_known_fields: true });
    assert_eq!(counted.drift.known["productData[].platform"], 2);
    assert_eq!(counted.drift.unknown, silent.drift.unknown);
}

#[test]
fn a_field_of_another_kind_is_drift() {
    let body = br#"{"productData": [{"metricCategories": [{"identifier": "A", "metrics": [{"identifier": "m", "datasets": [
        {"filterCriteria": {"device": "d", "percentile": "p"}, "points": [{"version": "1", "value": 1}]}]}]}]}], "meta": {}}"#;
    let document = parse(body, &ParseOptions { count_known_fields: true });
    assert_eq!(document.kind, Kind::XcodeMetrics);
    assert_eq!(document.drift.unknown["meta"], 1);
    assert!(!document.drift.known.contains_key("meta"));
}

#[test]
fn keys_that_are_data_do_not_fill_the_memory() {
    let fields: Vec<String> = (0..5_000).map(|number| format!("\"key {number}\": 0")).collect();
    let body = format!("{{\"productData\": [], {}}}", fields.join(", "));
    let document = parse(body.as_bytes(), &ParseOptions::default());
    assert_eq!(document.drift.unknown.len(), 1_001);
    assert_eq!(document.drift.unknown["…"], 4_000);
}
