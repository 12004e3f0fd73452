//! The committed demo archive is the one that the generator writes, and what was planted in it is there.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a panic is the message")]

use perfpower_model::{Day, DeviceClass};
use perfpower_testkit::demo::{
    self,
    truth::{self, Effect},
};
use perfpower_testkit::{ArchiveFile, fixture, gunzip};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::LazyLock,
};

/// category, identifier, device, percentile
type Series = (String, String, String, String);
/// Value and margin of one version of one series, download by download.
type Revisions = BTreeMap<(Series, String), Vec<(f64, Option<f64>)>>;
/// Points by place in the history of the app: versions in order of first appearance, and the newest value of each.
type History = BTreeMap<Series, Vec<(String, f64)>>;

/// A fresh run, made once for all tests.
fn files() -> &'static [ArchiveFile] {
    static FILES: LazyLock<Vec<ArchiveFile>> = LazyLock::new(demo::files);
    &FILES
}

fn unpacked(file: &ArchiveFile) -> Vec<u8> {
    gunzip(&file.bytes).unwrap_or_else(|| file.bytes.clone())
}

fn json(file: &ArchiveFile) -> Value {
    serde_json::from_slice(&unpacked(file)).unwrap()
}

fn committed() -> Vec<ArchiveFile> {
    fn walk(root: &Path, folder: &Path, files: &mut Vec<ArchiveFile>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, files);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                files.push(ArchiveFile { path: name, bytes: fs::read(&path).unwrap() });
            }
        }
    }
    let root = fixture("demo");
    let mut files = Vec::new();
    walk(&root, &root, &mut files);
    files.sort_by(|left, right| left.path.cmp(&right.path));
    files
}

/// Metrics bodies of one app, oldest first.
fn bodies(files: &[ArchiveFile], app: &str) -> Vec<(String, Value)> {
    let wanted = files.iter().filter(|file| file.path.starts_with(app) && file.path.contains("xcodeMetrics"));
    wanted.map(|file| (file.path.split('/').nth(1).unwrap().to_owned(), json(file))).collect()
}

fn for_each_point(body: &Value, mut visit: impl FnMut(Series, &str, &Value)) {
    let list = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for data in list(body, "productData") {
        for category in list(&data, "metricCategories") {
            for metric in list(&category, "metrics") {
                for dataset in list(&metric, "datasets") {
                    let filter = &dataset["filterCriteria"];
                    let series = (
                        text(&category["identifier"]),
                        text(&metric["identifier"]),
                        text(&filter["device"]),
                        text(&filter["percentile"]),
                    );
                    for point in list(&dataset, "points") {
                        visit(series.clone(), point["version"].as_str().unwrap(), &point);
                    }
                }
            }
        }
    }
}

fn history(files: &[ArchiveFile], app: &str) -> History {
    let mut history = History::new();
    for (_, body) in bodies(files, app) {
        for_each_point(&body, |series, version, point| {
            let value = point["value"].as_f64().unwrap();
            let points = history.entry(series).or_default();
            match points.iter_mut().find(|(known, _)| known == version) {
                Some((_, newest)) => *newest = value,
                None => points.push((version.to_owned(), value)),
            }
        });
    }
    history
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    values.iter().sum::<f64>() / values.len() as f64
}

/// Percent from the mean outside of the versions to the mean inside.
fn change_percent(points: &[(String, f64)], inside: impl Fn(&str) -> bool) -> f64 {
    let level = |wanted: bool| mean(points.iter().filter(|(v, _)| inside(v) == wanted).map(|(_, value)| *value));
    100.0 * (level(true) / level(false) - 1.0)
}

fn is_between(version: &str, from: &str, until: Option<&str>) -> bool {
    use perfpower_model::version::compare;
    compare(version, from).is_ge() && until.is_none_or(|until| compare(version, until).is_lt())
}

#[test]
fn the_committed_archive_is_a_fresh_run() {
    let (fresh, committed) = (files(), committed());
    let names = |files: &[ArchiveFile]| files.iter().map(|file| file.path.clone()).collect::<Vec<_>>();
    let advice = "run: cargo run -p perfpower-testkit --example make_demo -- fixtures/demo";
    assert_eq!(names(&committed), names(fresh), "{advice}");
    for (old, new) in committed.iter().zip(fresh) {
        // Unpacked, so that a newer libdeflate may pack better without a new archive.
        assert!(unpacked(old) == unpacked(new), "{} differs from a fresh run; {advice}", old.path);
    }
}

#[test]
fn the_rules_of_the_demo_lie_beside_it() {
    let path = fixture("gate.toml");
    assert_eq!(std::fs::read_to_string(path).unwrap(), demo::RULES);
}

#[test]
fn it_is_small_and_a_second_run_is_the_same() {
    let files = files();
    assert!(files.len() <= 60, "{} files", files.len());
    let bytes: usize = files.iter().map(|file| file.bytes.len()).sum();
    assert!(bytes < 1_000_000, "{bytes} bytes");
    assert_eq!(files, demo::files());
}

#[test]
fn every_planted_step_and_drift_is_there_and_nothing_else_moves() {
    let files = files();
    for app in demo::APPS {
        for (series, points) in history(files, app) {
            let (category, metric, device, percentile) = &series;
            let about = format!("{app} {category} {metric} {device} {percentile}: {points:?}");
            let effects: Vec<Effect> = truth::of(app, category, metric).collect();
            match effects[..] {
                [Effect::Step { from, until, percent }] => {
                    let planted = percent.iter().find(|(id, _)| id == device).map_or(0.0, |(_, percent)| *percent);
                    let found = change_percent(&points, |version| is_between(version, from, until));
                    // A mean of two values that scatter by 3.4 % has a standard error of 2.4 %; three of them.
                    let off = (100.0 + found) / (100.0 + planted) - 1.0;
                    assert!(off.abs() < 0.075, "{found} % instead of {planted} %: {about}");
                }
                [Effect::Drift { percent_per_version }] => {
                    let planted = (1.0 + percent_per_version / 100.0).powi(points.len() as i32 - 1);
                    let found = points.last().unwrap().1 / points[0].1;
                    assert!((found / planted - 1.0).abs() < 0.12, "×{found} instead of ×{planted}: {about}");
                }
                _ if points.iter().all(|(_, value)| *value == 0.0) => {
                    assert_eq!((category.as_str(), percentile.as_str()), ("HANG", "percentile.fifty"), "{about}");
                }
                _ => {
                    let logs: Vec<f64> = points.iter().map(|(_, value)| value.ln()).collect();
                    let center = mean(logs.iter().copied());
                    let scatter = mean(logs.iter().map(|log| (log - center).powi(2))).sqrt();
                    let most = if DeviceClass::of(device).is_aggregate() { 0.045 } else { 0.065 };
                    assert!((0.005..most).contains(&scatter), "scatter {scatter}: {about}");
                }
            }
        }
    }
}

#[test]
fn the_battery_shift_moves_shares_and_not_the_level() {
    let files = files();
    let app = "com.example.larder";
    let Some(Effect::BreakdownShift { from, loses, gains, points }) = truth::of(app, "BATTERY", "onScreen").next()
    else {
        panic!("no shift planted");
    };
    let mut shares: BTreeMap<(String, bool), Vec<f64>> = BTreeMap::new();
    for (_, body) in bodies(files, app) {
        for_each_point(&body, |series, version, point| {
            if series.0 == "BATTERY" && series.1 == "onScreen" {
                let breakdown = point["percentageBreakdown"].as_array().unwrap();
                let total: f64 = breakdown.iter().map(|share| share["value"].as_f64().unwrap()).sum();
                assert!((total - 100.0).abs() < 0.5, "{version}: {total}");
                for share in breakdown {
                    let key = (share["subSystemLabel"].as_str().unwrap().to_owned(), is_between(version, from, None));
                    shares.entry(key).or_default().push(share["value"].as_f64().unwrap());
                }
            }
        });
    }
    let moved = |subsystem: &str| {
        let of = |after| mean(shares[&(subsystem.to_owned(), after)].iter().copied());
        of(true) - of(false)
    };
    assert!((moved(gains) - points).abs() < 0.5, "{}", moved(gains));
    assert!((moved(loses) + points).abs() < 0.5, "{}", moved(loses));
    assert!(moved("Display").abs() < 0.5, "{}", moved("Display"));
}

#[test]
fn history_outgrows_every_download_and_young_values_settle() {
    let files = files();
    for app in &demo::APPS[..3] {
        let bodies = bodies(files, app);
        assert_eq!(bodies.iter().map(|(day, _)| day.as_str()).collect::<Vec<_>>(), demo::SNAPSHOTS);
        let mut seen = Revisions::new();
        for (_, body) in &bodies {
            let mut versions = BTreeSet::new();
            for_each_point(body, |series, version, point| {
                versions.insert(version.to_owned());
                let value = (point["value"].as_f64().unwrap(), point["errorMargin"].as_f64());
                seen.entry((series, version.to_owned())).or_default().push(value);
            });
            assert_eq!(versions.len(), 8, "{app}");
        }
        let all: BTreeSet<&String> = seen.keys().map(|(_, version)| version).collect();
        assert_eq!(all.len(), 12, "{app}");
        let is_same = |left: f64, right: f64| left.to_bits() == right.to_bits();
        let revised =
            seen.values().filter(|values| values.windows(2).any(|pair| !is_same(pair[0].0, pair[1].0))).count();
        assert!(revised > seen.len() / 10 && revised < seen.len() / 2, "{app}: {revised} of {} revised", seen.len());
        for ((series, version), values) in &seen {
            for pair in values.windows(2) {
                // Absent is the smallest margin of all; rounding may add one unit in the last place.
                if let (Some(before), Some(after)) = (pair[0].1, pair[1].1) {
                    assert!(after <= before * 1.02 + 0.05, "{series:?} {version}: margin {before} then {after}");
                }
                assert!(
                    !(pair[0].1.is_none() && pair[1].1.is_some() && is_same(pair[0].0, pair[1].0)),
                    "{series:?} {version}"
                );
            }
        }
    }
}

#[test]
fn apples_lists_blame_versions_that_changed_nothing() {
    let files = files();
    let mut wrong = Vec::new();
    let mut right = 0;
    for app in demo::APPS {
        for (day, body) in bodies(files, app) {
            for insight in body["insights"]["regressions"].as_array().unwrap() {
                let text = |key: &str| insight[key].as_str().unwrap().to_owned();
                let (category, metric, version) = (text("metricCategory"), text("metric"), text("latestVersion"));
                let deserved = truth::of(app, &category, &metric).any(|effect| match effect {
                    Effect::Step { from, .. } => from == version,
                    Effect::Drift { .. } => true,
                    Effect::BreakdownShift { .. } => false,
                });
                if deserved {
                    right += 1;
                } else {
                    wrong.push((app.to_owned(), day.clone(), category, metric, version));
                }
            }
        }
    }
    let stated: Vec<_> = truth::WRONG_INSIGHTS
        .iter()
        .map(|(a, d, c, m, v)| {
            (String::from(*a), String::from(*d), String::from(*c), String::from(*m), String::from(*v))
        })
        .collect();
    assert_eq!(wrong, stated);
    assert_eq!(right, 2);
    // The open step is gone from Apple's list once the reference has caught up.
    let (_, newest) = bodies(files, "com.example.larder").pop().unwrap();
    assert!(!newest["insights"].to_string().contains("launchTime"));
}

#[test]
fn the_new_hot_frame_begins_with_the_version_that_brought_it() {
    let files = files();
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for file in files.iter().filter(|file| file.path.contains("larder") && file.path.contains("diagnosticLogs")) {
        for signature in json(file)["productData"].as_array().unwrap() {
            for log in signature["diagnosticLogs"].as_array().unwrap() {
                let about = &log["diagnosticMetaData"];
                if about["event"] != "launch" {
                    continue;
                }
                let version = about["appVersion"].as_str().unwrap();
                let stacks = log["callStackTree"].to_string();
                let side = if is_between(version, "4.0.0", None) { &mut after } else { &mut before };
                side.push((
                    stacks.contains(truth::NEW_HOT_FRAME),
                    about["deviceType"].to_string(),
                    about["osVersion"].to_string(),
                ));
            }
        }
    }
    for (side, name) in [(&before, "before"), (&after, "after")] {
        assert!(side.len() >= 12, "{} logs {name}", side.len());
        assert!(side.iter().map(|log| &log.1).collect::<BTreeSet<_>>().len() >= 4, "devices {name}");
        assert!(side.iter().map(|log| &log.2).collect::<BTreeSet<_>>().len() >= 3, "systems {name}");
    }
    assert!(before.iter().all(|log| !log.0));
    let share = after.iter().filter(|log| log.0).count() as f64 / after.len() as f64;
    assert!(share > 0.75, "{share}");
}

#[test]
fn one_error_page_one_empty_app_one_overview() {
    let files = files();
    let errors: Vec<&ArchiveFile> = files
        .iter()
        .filter(|file| file.path != "perfpower.toml")
        .filter(|file| json(file).get("errors").is_some())
        .collect();
    assert_eq!(errors.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), [demo::ERROR_PAGE]);
    let (_, empty) = bodies(files, demo::EMPTY_APP).pop().unwrap();
    assert_eq!(empty["productData"], serde_json::json!([]));
    let overviews: Vec<Value> = files.iter().filter(|file| file.path.contains("xcodeOverview")).map(json).collect();
    assert_eq!(overviews.len(), 1);
    assert_eq!(overviews[0]["appMetadata"]["bundleId"], "com.example.larder");
    assert_eq!(overviews[0]["signatures"]["topLaunchPoint"][0]["trendInfo"], "UP");
    assert!(demo::SNAPSHOTS.iter().all(|day| Day::parse(day).is_some()));
}
