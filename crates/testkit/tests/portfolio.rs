//! What the portfolio says it planted is in its documents, and nothing else is.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a panic is the message")]

use perfpower_testkit::portfolio::{App, Kind, Planted, Portfolio, World};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const QUIET: Portfolio = Portfolio { apps: 1_200, ..Portfolio::new(11, World::Quiet) };

/// Values by (metric, device, percentile), in version order.
type Values = BTreeMap<(String, String, String), Vec<f64>>;

fn newest(app: &App) -> Values {
    values(&app.downloaded(QUIET.snapshots - 1).body)
}

fn values(body: &[u8]) -> Values {
    let body: Value = serde_json::from_slice(body).unwrap();
    let mut values = Values::new();
    let list = |value: &Value| value.as_array().unwrap().clone();
    for category in list(&body["productData"][0]["metricCategories"]) {
        for metric in list(&category["metrics"]) {
            for dataset in list(&metric["datasets"]) {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                let filter = &dataset["filterCriteria"];
                let key = (text(&metric["identifier"]), text(&filter["device"]), text(&filter["percentile"]));
                values.insert(key, list(&dataset["points"]).iter().map(|p| p["value"].as_f64().unwrap()).collect());
            }
        }
    }
    values
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Log change of one device's median from outside to inside of the planted versions.
fn log_change(values: &Values, planted: &Planted, device: &str) -> f64 {
    let key = (planted.metric.to_owned(), device.to_owned(), "percentile.fifty".to_owned());
    let inside = |version: usize| version >= planted.from.unwrap() && planted.until.is_none_or(|until| version < until);
    let level = |wanted: bool| {
        let logs = values[&key].iter().enumerate().filter(|(version, _)| inside(*version) == wanted);
        mean(&logs.map(|(_, value)| value.ln()).collect::<Vec<_>>())
    };
    level(true) - level(false)
}

/// What is found less what was planted, on the log scale, by kind: once for the devices named, once for the others.
#[test]
fn planted_changes_are_there_and_nowhere_else() {
    let mut errors: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
    for app in QUIET.iter() {
        for planted in app.planted.iter().filter(|planted| planted.from.is_some()) {
            let values = newest(&app);
            for device in ["all_iphones", "iPhone12,1", "iPhone13,2", "iPhone15,2", "iPhone17,3"] {
                let (who, percent) = match device {
                    "all_iphones" => ("aggregate", planted.aggregate_percent),
                    device if planted.devices.contains(&device) => ("named", planted.percent),
                    _ => ("others", 0.0),
                };
                let error = log_change(&values, planted, device) - (1.0 + percent / 100.0).ln();
                errors.entry((planted.kind.as_str(), who)).or_default().push(error);
            }
        }
    }
    for (who, errors) in &errors {
        let bias = mean(errors);
        let scatter = mean(&errors.iter().map(|error| (error - bias).powi(2)).collect::<Vec<_>>()).sqrt();
        // One level of an app scatters by a few percent, a tiny app by 10; the bias of many is three standard errors at most.
        let standard_error = scatter / (errors.len() as f64).sqrt();
        assert!(bias.abs() < 3.0 * standard_error + 0.002, "{who:?}: off by {bias} ± {standard_error}");
        assert!(scatter < 0.08, "{who:?}: scatter {scatter}");
    }
    let kinds: BTreeSet<_> = errors.keys().copied().collect();
    for kind in [Kind::Step, Kind::Improvement, Kind::CommonCause, Kind::SharedLibrary, Kind::MixShift] {
        assert!(kinds.contains(&(kind.as_str(), "aggregate")), "{kinds:?}");
    }
    // A mix shift names the aggregate alone, so that no device model may move.
    assert!(!kinds.contains(&("mix_shift", "named")) && kinds.contains(&("mix_shift", "others")), "{kinds:?}");
}

#[test]
fn shares_are_as_stated() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for app in QUIET.iter() {
        app.planted.iter().for_each(|planted| *counts.entry(planted.kind.as_str()).or_default() += 1);
    }
    // Binomial(1200, share), four standard deviations either side.
    for (kind, range) in [
        ("step", 21..76),
        ("improvement", 5..44),
        ("mix_shift", 5..44),
        ("empty", 1..26),
        ("common_cause", 500..680),
        ("shared_library", 1..4),
    ] {
        assert!(range.contains(&counts[kind]), "{kind}: {counts:?}");
    }
}

#[test]
fn flat_series_are_quieter_in_the_quiet_world() {
    let median_scatter = |world| {
        let portfolio = Portfolio { apps: 60, ..Portfolio::new(5, world) };
        let mut scatters = Vec::new();
        for app in portfolio.iter().filter(|app| app.planted.is_empty()) {
            for series in values(&app.downloaded(portfolio.snapshots - 1).body).values() {
                let logs: Vec<f64> = series.iter().map(|value| value.ln()).collect();
                let center = mean(&logs);
                scatters.push(mean(&logs.iter().map(|log| (log - center).powi(2)).collect::<Vec<_>>()).sqrt());
            }
        }
        scatters.sort_by(f64::total_cmp);
        scatters[scatters.len() / 2]
    };
    let (quiet, noisy) = (median_scatter(World::Quiet), median_scatter(World::Noisy));
    assert!((0.01..0.03).contains(&quiet), "{quiet}");
    assert!((0.08..0.25).contains(&noisy), "{noisy}");
}

#[test]
fn an_app_is_the_same_in_every_portfolio_of_its_seed() {
    let small = Portfolio { apps: 10, ..QUIET };
    let from_small: Vec<_> = small.documents().collect();
    let from_large: Vec<_> = QUIET.documents().take(from_small.len()).collect();
    assert_eq!(from_small, from_large);
    let other: Vec<_> = Portfolio { seed: 12, ..small }.documents().collect();
    assert_ne!(from_small, other);
}

#[test]
fn downloads_grow_by_a_version_and_only_young_values_move() {
    let ten = Portfolio { apps: 30, snapshots: 10, ..QUIET };
    for app in ten.iter().filter(|app| app.planted.is_empty()) {
        let downloads: Vec<_> = (0..10).map(|snapshot| app.downloaded(snapshot)).collect();
        assert!(downloads.windows(2).all(|pair| pair[0].day < pair[1].day));
        assert_eq!(downloads[9].day.to_string(), "2026-11-02");
        let all: Vec<Values> = downloads.iter().map(|downloaded| values(&downloaded.body)).collect();
        for pair in all.windows(2) {
            for (key, before) in &pair[0] {
                let after = &pair[1][key];
                assert!((0..=1).contains(&(after.len() - before.len())), "{key:?}");
                // Two downloads after it was first seen a value has settled: all but the two newest stay.
                let settled = before.len().saturating_sub(2);
                assert_eq!(before[..settled], after[..settled], "{key:?}");
            }
        }
        assert!(all.windows(2).any(|pair| pair[0].iter().any(|(key, before)| {
            let newest = before.len() - 1;
            before[newest].to_bits() != pair[1][key][newest].to_bits()
        })));
        let versions = all[9].values().next().unwrap().len();
        assert_eq!(versions, app.versions.len());
    }
}

#[test]
fn a_damaged_app_has_one_body_that_is_no_json_and_an_empty_app_has_no_value() {
    let portfolio = Portfolio { apps: 4_000, ..QUIET };
    let mut seen = BTreeSet::new();
    for app in portfolio.iter() {
        let bodies = || (0..portfolio.snapshots).map(|snapshot| app.downloaded(snapshot).body);
        match app.planted.first().map(|planted| planted.kind) {
            Some(Kind::Damaged) => {
                let broken: Vec<_> = bodies().filter(|body| serde_json::from_slice::<Value>(body).is_err()).collect();
                assert_eq!(broken.len(), 1, "{}", app.name);
                seen.insert(broken[0].first().copied());
            }
            Some(Kind::Empty) => assert!(bodies().all(|body| body.windows(16).any(|w| w == b"\"productData\":[]"))),
            _ => {}
        }
    }
    assert_eq!(seen, BTreeSet::from([None, Some(b'<'), Some(b'{')]), "cut off, of length 0, login page");
}

#[test]
fn the_truth_table_has_a_row_per_plant() {
    let portfolio = Portfolio { apps: 300, ..QUIET };
    let csv = portfolio.truth_csv();
    let planted: usize = portfolio.iter().map(|app| app.planted.len()).sum();
    assert_eq!(csv.lines().count(), planted + 1);
    assert!(csv.starts_with("app,kind,category,metric,from_version,until_version,devices,percent,aggregate_percent\n"));
    // The devices are the only quoted field: 9 columns are 6 fields before it and 2 after it.
    for row in csv.lines().skip(1) {
        let parts: Vec<&str> = row.split('"').collect();
        assert_eq!((parts.len(), parts[0].matches(',').count(), parts[2].matches(',').count()), (3, 6, 2), "{row}");
    }
}
