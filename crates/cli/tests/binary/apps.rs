//! Whose document it is: what the user says, what the path says, what the body says.

use crate::workdir::{Workdir, perfpower};
use perfpower_testkit::body::{Dataset, Metric, MetricsBody, OverviewBody, P50, Section};
use perfpower_testkit::json::Style;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

fn launch_times(values: &[f64]) -> Metric {
    let dataset = Dataset::of_values("all_iphones", P50, values);
    let dataset = Dataset { device_label: "All iPhones".to_owned(), ..dataset };
    Metric::new(("LAUNCH", "launchTime"), ("milliseconds", "ms"), [dataset])
}

/// Metrics name no app.
fn metrics(values: &[f64]) -> String {
    MetricsBody::new(vec![launch_times(values)]).to_json(Style::Compact)
}

/// An overview names its bundle.
fn overview(bundle: &str, values: &[f64]) -> String {
    let section = Section {
        category_title: "Launch".to_owned(),
        title: "Launch time".to_owned(),
        relevance: 1.0,
        metric: launch_times(values),
    };
    let body = OverviewBody {
        apple_id: "1".to_owned(),
        bundle_id: bundle.to_owned(),
        latest_version: None,
        telemetry_identifier: String::new(),
        sections: vec![section],
        regressions: Vec::new(),
        trending_up: Vec::new(),
        top_hangs: Vec::new(),
        top_launches: Vec::new(),
        top_disk_writes: Vec::new(),
    };
    body.to_json(Style::Compact)
}

/// App and reason by path, as `inspect` shows them.
fn placed(inspection: &Value) -> BTreeMap<&str, (&str, &str)> {
    let documents = inspection["documents"].as_array().unwrap().iter();
    let text = |document: &'_ Value, key: &str| document[key].as_str().map(str::to_owned).unwrap().leak() as &str;
    documents.map(|d| (text(d, "path"), (text(d, "app"), text(d, "app_reason")))).collect()
}

#[test]
fn a_body_that_names_another_bundle_moves_to_it() {
    let dir = Workdir::new();
    dir.write("all/com.example.a/2026-01-01/xcodeMetrics.json", metrics(&[1.0, 2.0]));
    dir.write("all/com.example.a/2026-01-01/xcodeOverview.json", overview("com.example.a", &[1.0, 2.0]));
    dir.write("all/com.example.a/2026-02-01/xcodeOverview.json", overview("com.example.b", &[5.0, 6.0, 7.0]));
    dir.write("all/com.example.b/2026-01-01/xcodeMetrics.json", metrics(&[5.0]));
    dir.write("all/com.example.b/2026-01-01/xcodeOverview.json", overview("com.example.a", &[3.0, 4.0]));
    dir.write("all/com.example.b/2026-03-01/xcodeOverview.json", overview("com.example.b", &[5.0]));
    for threads in ["1", "2"] {
        let run = dir.perfpower(["inspect", "all", "--format", "json", "--threads", threads]).run();
        let inspection = run.ends_with(0).quietly().json();
        let placed = placed(&inspection);
        assert_eq!(placed.len(), 6, "each document stands in one app");
        for (path, (app, reason)) in placed {
            let is_stray = path.contains("a/2026-02-01") || path.contains("b/2026-01-01/xcodeOverview");
            let folder = if path.contains("com.example.a") { "com.example.a" } else { "com.example.b" };
            assert_eq!(app != folder, is_stray, "{path} is of {app}");
            assert_eq!(reason.contains("body"), is_stray, "{path}: {reason}");
        }
    }
    let report = dir.perfpower(["report", "all", "--format", "json"]).run().ends_with(0).json();
    let apps: Vec<_> = report["apps"].as_array().unwrap().iter().collect();
    assert_eq!(
        apps.iter().map(|app| app["app"].as_str().unwrap()).collect::<Vec<_>>(),
        ["com.example.a", "com.example.b"]
    );
    assert_eq!(apps[0]["snapshots"], serde_json::json!(["2026-01-01"]));
    assert_eq!(apps[1]["snapshots"], serde_json::json!(["2026-01-01", "2026-02-01", "2026-03-01"]));
    assert_eq!(apps[1]["versions"], serde_json::json!(["1.0", "1.1", "1.2"]));
}

#[test]
fn a_mixed_folder_is_sorted_out_by_its_bodies() {
    let dir = Workdir::new();
    for (name, bundle) in [("one", "com.example.a"), ("two", "com.example.b"), ("three", "com.example.a")] {
        dir.write(format!("downloads/2026-01-01-{name}.json"), overview(bundle, &[1.0, 2.0]));
    }
    let inspection = dir.perfpower(["inspect", "downloads", "--format", "json"]).run().ends_with(0).json();
    let placed = placed(&inspection);
    let app_of = |name: &str| placed[format!("downloads/2026-01-01-{name}.json").as_str()].0;
    assert_eq!([app_of("one"), app_of("two"), app_of("three")], ["com.example.a", "com.example.b", "com.example.a"]);
}

#[test]
fn a_bundle_that_only_bodies_name_can_be_asked_for() {
    let dir = Workdir::new();
    for (name, bundle) in [("one", "com.example.a"), ("two", "com.example.b"), ("three", "com.example.a")] {
        dir.write(format!("downloads/2026-01-01-{name}.json"), overview(bundle, &[1.0, 2.0]));
    }
    let asked = |app: &str| dir.perfpower(["report", "downloads", "--format", "json", "--app", app]).run();
    let report = asked("com.example.a").ends_with(0).json();
    // Judged is what was read, and that is all of it.
    assert_eq!(report["archive"]["documents"], 3);
    let apps: Vec<_> = report["apps"].as_array().unwrap().iter().map(|app| &app["app"]).collect();
    assert_eq!(apps, ["com.example.a"]);
    let refused = asked("net.example").ends_with(2);
    assert!(refused.stderr.contains("com.example.a") && refused.stderr.contains("com.example.b"), "{}", refused.stderr);
    let tables =
        dir.perfpower(["export", "downloads", "--to", "tables", "--as", "csv", "--app", "com.example.b"]).run();
    tables.ends_with(0);
    let points = std::fs::read_to_string(dir.path().join("tables/points.csv")).unwrap();
    assert_eq!((points.matches("com.example.b").count(), points.matches("com.example.a").count()), (2, 0), "{points}");
}

#[test]
fn what_the_user_says_holds_against_the_body() {
    let dir = Workdir::new();
    dir.write("2026-01-01/xcodeOverview.json", overview("com.example.b", &[1.0, 2.0]));
    for said in [["--app", "my.app"], ["--layout", "{app}/{kind}.json"]] {
        let run = dir.perfpower(["inspect", ".", "--format", "json"]).arguments(said).run();
        let inspection = run.ends_with(0).json();
        let app = inspection["documents"][0]["app"].as_str().unwrap().to_owned();
        assert_eq!(app, if said[0] == "--app" { "my.app" } else { "2026-01-01" });
    }
}

#[test]
fn app_keeps_one_app_of_many_and_names_the_nameless() {
    let whole = perfpower("report fixtures/demo --format json").run().ends_with(0).json();
    let run = perfpower("report fixtures/demo --app com.example.tidemark --alone --format json").run();
    let run = run.ends_with(0);
    assert!(run.stderr.contains("com.example.tidemark was read and judged without the other apps"), "{}", run.stderr);
    let one = run.json();
    assert_eq!(one["apps"].as_array().unwrap().len(), 1);
    let of_app = |report: &Value| {
        report["apps"].as_array().unwrap().iter().find(|app| app["app"] == "com.example.tidemark").unwrap().clone()
    };
    assert_eq!(of_app(&one)["distinct_points"], of_app(&whole)["distinct_points"]);

    let dir = Workdir::new();
    dir.write("saved.json", metrics(&[1.0, 2.0]));
    let run = dir.perfpower(["report", "saved.json", "--app", "com.example.named", "--format", "json"]).run();
    assert_eq!(run.ends_with(0).json()["apps"][0]["app"], "com.example.named");
}

/// A filter chooses what is shown: of what it shows, every figure is that of the whole report.
#[test]
fn a_filter_changes_no_figure() {
    let findings = |line: &str| -> BTreeMap<String, Value> {
        let report =
            perfpower(&format!("report fixtures/demo --format json --allow-partial {line}")).run().ends_with(0).json();
        // Its number is that among what is shown.
        let own = |finding: &Value| {
            let mut finding = finding.clone();
            finding.as_object_mut().unwrap().remove("rank").unwrap();
            (finding["id"].as_str().unwrap().to_owned(), finding)
        };
        report["findings"].as_array().unwrap().iter().map(own).collect()
    };
    let whole = findings("");
    let mut shown = BTreeSet::new();
    for filter in [
        "--app com.example.larder",
        "--app com.example.pocketchess",
        "--category LAUNCH",
        "--metric launchTime",
        "--device all_iphones",
        "--percentile 90",
        "--platform iOS",
        "--since-version 4",
        "--app com.example.larder --device iPhone12,1 --percentile 50",
    ] {
        let some = findings(filter);
        for (id, finding) in &some {
            assert_eq!(Some(finding), whole.get(id), "{filter}: {id}");
        }
        shown.insert(some.len());
    }
    assert!(shown.len() > 1 && shown.iter().all(|&count| count <= whole.len()), "{shown:?} of {}", whole.len());
    // Alone an app is judged otherwise: by its own noise, and corrected for its own questions.
    let alone = findings("--app com.example.larder --alone");
    assert!(alone.iter().any(|(id, finding)| whole.get(id) != Some(finding)));
    perfpower("report fixtures/demo --alone").run().ends_with(2);
}

#[test]
fn the_day_can_be_said() {
    let dir = Workdir::new();
    dir.write("com.example.a/xcodeMetrics.json", metrics(&[1.0, 2.0]));
    let guessed = dir.perfpower(["report", ".", "--format", "json"]).run().ends_with(0).json();
    assert_eq!(guessed["problems"][0]["code"], "no-date");
    let said = dir.perfpower(["report", ".", "--format", "json", "--snapshot", "2026-01-31"]).run();
    let said = said.ends_with(0).json();
    assert_eq!(said["apps"][0]["snapshots"][0], "2026-01-31");
    assert_eq!(said["problems"], serde_json::json!([]));
}
