//! The report of the demo against what was planted in it, and its totals against a count of our own.

use crate::report_json::{Finding, read};
use perfpower_testkit::demo::truth::{self, Effect, PLANTED, WRONG_INSIGHTS};
use perfpower_testkit::{demo, gunzip};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

fn is_of(finding: &Finding, planted: &truth::Planted) -> bool {
    finding.app == planted.app && finding.category == planted.category && finding.metric == planted.metric
}

#[test]
fn the_totals_are_those_of_the_files() {
    let report = read("report fixtures/demo");
    // A reader that knows nothing but the two places where values stand.
    let mut newest: BTreeMap<[String; 6], Vec<(String, f64)>> = BTreeMap::new();
    let (mut documents, mut bytes, mut points) = (0, 0, 0);
    for file in demo::files().iter().filter(|file| file.path != "perfpower.toml") {
        let body = gunzip(&file.bytes).unwrap_or_else(|| file.bytes.clone());
        documents += 1;
        bytes += body.len() as u64;
        let body: Value = serde_json::from_slice(&body).unwrap();
        let mut parts = file.path.split('/');
        let (app, day) = (parts.next().unwrap(), parts.next().unwrap());
        let list = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let in_metrics = list(&body, "productData").into_iter().flat_map(|product| list(&product, "metricCategories"));
        let in_overview = list(&body, "categories");
        for category in in_metrics.chain(in_overview) {
            let metrics = list(&category, "metrics");
            let sections = list(&category, "sections");
            for metric in metrics.iter().chain(&sections) {
                for dataset in list(metric, "datasets") {
                    for point in list(&dataset, "points") {
                        points += 1;
                        let key = [
                            app.to_owned(),
                            text(&category["identifier"]),
                            text(&metric["identifier"]),
                            text(&dataset["filterCriteria"]["device"]),
                            text(&dataset["filterCriteria"]["percentile"]),
                            text(&point["version"]),
                        ];
                        newest.entry(key).or_default().push((day.to_owned(), point["value"].as_f64().unwrap()));
                    }
                }
            }
        }
    }
    let mut revisions = 0;
    for values in newest.values_mut() {
        values.sort_by(|a, b| b.0.cmp(&a.0));
        values.dedup_by(|a, b| a.1.to_bits() == b.1.to_bits());
        revisions += values.len() as u64 - 1;
    }
    let series: BTreeSet<_> = newest.keys().map(|key| &key[..5]).collect();
    let archive = &report.archive;
    assert_eq!(archive.documents, documents);
    assert_eq!(archive.bytes, bytes);
    assert_eq!(archive.points, points);
    assert_eq!(archive.distinct_points, newest.len() as u64);
    assert_eq!(archive.series, series.len() as u64);
    assert_eq!(archive.revisions, revisions);
    let mut apps = demo::APPS;
    apps.sort_unstable();
    assert_eq!(report.apps.iter().map(|app| app.app.as_str()).collect::<Vec<_>>(), apps);
    assert_eq!(archive.first_day.as_deref(), demo::SNAPSHOTS.first().copied());
    assert_eq!(archive.last_day.as_deref(), demo::SNAPSHOTS.last().copied());
    // The one saved error is the healthy state of its build.
    let told: Vec<(&str, &str)> =
        report.problems.iter().map(|problem| (problem.severity.as_str(), problem.path.as_str())).collect();
    assert!(told.contains(&("note", &format!("fixtures/demo/{}", demo::ERROR_PAGE))), "{told:?}");
    assert!(told.iter().all(|(severity, _)| *severity == "note"), "{told:?}");
}

#[test]
fn what_was_planted_is_found_and_nothing_else() {
    let report = read("report fixtures/demo");
    for finding in &report.findings {
        assert!(PLANTED.iter().any(|planted| is_of(finding, planted)), "a false alarm: {finding:#?}");
    }
    for planted in PLANTED {
        let mut findings = report.findings.iter().filter(|finding| is_of(finding, planted));
        let finding = findings.next();
        assert!(findings.next().is_none(), "one cause, one card: {planted:?}");
        match planted.effect {
            Effect::Step { from, until, percent } => {
                let finding = finding.unwrap_or_else(|| panic!("not found: {planted:?}"));
                assert_eq!((finding.kind.as_str(), finding.verdict.as_str()), ("step", "regression"));
                assert_eq!(finding.version, from);
                assert_eq!(finding.state.as_deref(), Some(if until.is_some() { "recovered" } else { "open" }));
                assert_eq!(finding.recovered_in.as_deref(), until);
                is_where_it_was_planted(finding, percent);
            }
            Effect::Drift { percent_per_version } => {
                let finding = finding.unwrap_or_else(|| panic!("not found: {planted:?}"));
                assert_eq!((finding.kind.as_str(), finding.verdict.as_str()), ("drift", "regression"));
                let app = report.apps.iter().find(|app| app.app == planted.app).unwrap();
                let steps = app.versions.len() as i32 - 1;
                let truth = ((1.0 + percent_per_version / 100.0).powi(steps) - 1.0) * 100.0;
                let [low, high] = finding.ci_percent.unwrap().map(Option::unwrap);
                assert!((low..=high).contains(&truth), "{truth} is not in {:?}", finding.ci_percent);
            }
            // The level stays, so that there is nothing to be alarmed of.
            Effect::BreakdownShift { .. } => assert!(finding.is_none_or(|finding| finding.verdict != "regression")),
        }
    }
}

/// The card names the devices that were hit, all of them and no other, with about the right size.
fn is_where_it_was_planted(finding: &Finding, percent: &[(&str, f64)]) {
    let named: BTreeSet<&str> =
        finding.also.iter().map(|also| also.device.as_str()).chain([finding.device.as_str()]).collect();
    let planted: BTreeSet<&str> = percent.iter().map(|(device, _)| *device).collect();
    assert_eq!(named, planted, "{}", finding.metric);
    for (device, truth) in percent {
        let also = finding.also.iter().filter(|also| also.device == *device).filter_map(|also| also.change_percent);
        let own = (finding.device == *device).then_some(finding.change_percent).flatten();
        for change in also.chain(own) {
            // Levels before and after rest on four values or more that scatter by some 2 to 5 %.
            assert!((change - truth).abs() < 10.0, "{device}: {change} is far from {truth}");
        }
    }
}

#[test]
fn what_apple_blames_wrongly_is_called_so() {
    let report = read("report fixtures/demo");
    assert!(report.apple_insights.iter().all(|insight| insight.audit == "agrees"), "its arithmetic is right");
    for &(app, snapshot, category, metric, version) in WRONG_INSIGHTS {
        let mut insights = report.apple_insights.iter().filter(|insight| {
            insight.app == app
                && insight.snapshot == snapshot
                && insight.category == category
                && insight.metric == metric
                && insight.list == "regressions"
        });
        let insight = insights.next().unwrap_or_else(|| panic!("not audited: {app} {snapshot} {metric}"));
        assert_eq!(insight.latest_version.as_deref(), Some(version));
        // Where something was planted the version is wrong; where nothing was, it is noise.
        let planted = truth::of(app, category, metric).find_map(|effect| match effect {
            Effect::Step { from, .. } => Some(from),
            _ => None,
        });
        let expected = if planted.is_some() { "earlier_version" } else { "within_noise" };
        assert_eq!(insight.our_view.verdict, expected, "{app} {snapshot} {metric}: {}", insight.our_view.text);
        assert_eq!(insight.our_view.version.as_deref(), planted);
    }
}

#[test]
fn what_apple_leaves_out_stays_in() {
    // On the last day the mean of the four versions before has caught up with Larder's launch time.
    let report = read("report fixtures/demo");
    let launch = report.findings.iter().find(|finding| finding.metric == "launchTime").unwrap();
    assert_eq!((launch.app.as_str(), launch.listed_by_apple), ("com.example.larder", false));
    let last_day = *demo::SNAPSHOTS.last().unwrap();
    let listed = report
        .apple_insights
        .iter()
        .any(|insight| insight.snapshot == last_day && insight.app == launch.app && insight.metric == launch.metric);
    assert!(!listed);
}

#[test]
fn an_app_without_data_is_unmeasured_and_said_to_be() {
    let report = read("report fixtures/demo");
    let app = report.apps.iter().find(|app| app.app == demo::EMPTY_APP).unwrap();
    assert_eq!((app.latest_version.as_ref(), app.series, app.distinct_points), (None, 0, 0));
    assert_eq!(app.snapshots, demo::SNAPSHOTS[2..]);
}
