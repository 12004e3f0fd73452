//! The documented fixtures carry the figures of Apple's documentation.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a panic is the message")]

use perfpower_testkit::fixture;
use serde_json::Value;

fn read(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(fixture("documented").join(name)).unwrap()).unwrap()
}

#[test]
fn the_launch_insight_is_the_mean_of_four() {
    let body = read("app-launch-metrics.json");
    let metric = &body["productData"][0]["metricCategories"][0]["metrics"][0];
    let insight = &body["insights"]["regressions"][0];
    for (position, (mean, delta)) in [(907.475, 10.0), (1777.875, 13.0)].into_iter().enumerate() {
        let points = metric["datasets"][position]["points"].as_array().unwrap();
        let values: Vec<f64> = points.iter().map(|point| point["value"].as_f64().unwrap()).collect();
        let population = &insight["populations"][position];
        assert!((values[..4].iter().sum::<f64>() / 4.0 - mean).abs() < 1e-9);
        assert!((population["referenceAverageValue"].as_f64().unwrap() - mean).abs() < 0.006);
        assert_eq!(population["latestVersionValue"], points[4]["value"]);
        assert_eq!(population["deltaPercentage"].as_f64(), Some(delta));
    }
    assert_eq!(insight["maxLatestVersionValue"], 2014.3);
}

#[test]
fn the_disk_write_stack_counts_inclusively() {
    let body = read("disk-writes-logs.json");
    let log = &body["productData"][0]["diagnosticLogs"][0];
    assert_eq!(log["diagnosticMetaData"]["writesCaused"], "1073.76 MB");
    let mut frame = &log["callStackTree"][0]["callStacks"][0]["callStackRootFrames"][0];
    let mut counts = Vec::new();
    loop {
        counts.push(frame["sampleCount"].as_u64().unwrap());
        match frame["subFrames"].get(0) {
            Some(next) => frame = next,
            None => break,
        }
    }
    assert_eq!(counts, [51, 51, 51, 51, 48, 48, 48, 48, 48, 48, 48, 48, 48, 48]);
    assert_eq!(frame["symbolName"], "unixFileControl");
}

#[test]
fn signatures_goals_and_empty_bodies() {
    let signatures = read("disk-writes-signatures.json");
    let weights: Vec<f64> =
        signatures["data"].as_array().unwrap().iter().map(|s| s["attributes"]["weight"].as_f64().unwrap()).collect();
    assert_eq!(weights, [0.85, 0.07]);
    assert!(signatures["links"]["next"].is_string(), "the sample is the first of two pages");
    let metric = &read("build-animation-metrics.json")["productData"][0]["metricCategories"][0]["metrics"][0];
    assert_eq!(metric["goalKeys"][2], serde_json::json!({"goalKey": "poor", "lowerBound": 10}));
    assert_eq!(metric["datasets"][1]["points"][0]["value"], 29.7);
    assert_eq!(read("empty-metrics.json")["productData"], serde_json::json!([]));
    assert_eq!(read("empty-overview.json")["categories"], serde_json::json!([]));
}
