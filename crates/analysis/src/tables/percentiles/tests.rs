use super::*;
use crate::history::builder::{HistoryBuilder, RevisionDetail};
use perfpower_model::Day;
use perfpower_parse::{ParseOptions, parse};
use perfpower_testkit::body::{Dataset, Metric, MetricsBody, P50, P90};
use perfpower_testkit::json::Style;

/// A body with one metric; each series is (device, percentile, values of 1.0, 1.1, …).
fn history(app: &str, unit: &str, series: &[(&str, &'static str, &[f64])]) -> AppHistory {
    let datasets = series.iter().map(|(device, percentile, values)| Dataset::of_values(device, percentile, values));
    let metric = Metric::new(("LAUNCH", "launchTime"), (unit, unit), datasets);
    let body = MetricsBody::new(vec![metric]).to_json(Style::Compact);
    let mut builder = HistoryBuilder::new(app, RevisionDetail::Count);
    builder.add(&parse(body.as_bytes(), &ParseOptions::default()), Day::from_ymd(2026, 11, 2).unwrap(), 0);
    builder.finish()
}

fn request(over: Over) -> PercentileRequest {
    PercentileRequest { over, probabilities: vec![0.5, 0.9], confidence: 0.95, rank: Vec::new(), together: false }
}

fn table(histories: &[AppHistory], request: &PercentileRequest) -> Vec<PercentileRow> {
    percentile_table(histories, &Filter::default(), request, &str::to_uppercase).unwrap()
}

/// Ten apps with 1 to 10 as the latest value, and something else before it.
fn ten() -> Vec<AppHistory> {
    (1..=10)
        .map(|value| history(&format!("app{value:02}"), "ms", &[("all_iphones", P90, &[50.0, f64::from(value)])]))
        .collect()
}

#[test]
fn the_median_apps_latest_value() {
    let rows = table(&ten(), &request(Over::Apps));
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].app.as_str(), rows[0].device.as_str(), rows[0].percentile), ("", "all_iphones", Some(90.0)));
    let Summary::Enough { count, min, max, percentiles } = &rows[0].summary else { panic!("ten are enough") };
    assert_eq!((*count, *min, *max), (10, 1.0, 10.0));
    assert!((percentiles[0].value - 5.5).abs() < 1e-12 && (percentiles[1].value - 9.1).abs() < 1e-12);
    assert_eq!((percentiles[1].lower, percentiles[1].upper), (Some(7.0), None));
}

#[test]
fn an_app_is_ranked_among_its_peers() {
    let rows = table(&ten(), &PercentileRequest { rank: vec!["app08".to_owned()], ..request(Over::Apps) });
    let [rank] = &*rows[0].ranks else { panic!("{:?}", rows[0].ranks) };
    assert_eq!((rank.app_name.as_str(), rank.version.as_str(), rank.rank.peers), ("APP08", "1.1", 10));
    assert!((rank.rank.mid_rank - 0.75).abs() < 1e-12);
    assert!((rank.value - 8.0).abs() < 1e-12);
}

#[test]
fn aggregates_members_percentiles_and_units_stand_apart() {
    let mut histories = vec![
        history("a", "ms", &[("all_iphones", P50, &[1.0]), ("all_iphones", P90, &[2.0]), ("iPhone12,1", P50, &[3.0])]),
        history("b", "ms", &[("all_iphones", P50, &[4.0])]),
    ];
    histories.push(history("c", "s", &[("all_iphones", P50, &[0.004])]));
    let rows = table(&histories, &request(Over::Apps));
    let found: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.unit_label.as_deref().unwrap_or_default(),
                row.device.as_str(),
                row.percentile.unwrap(),
                count(&row.summary),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("ms", "all_iphones", 50.0, 2),
            ("ms", "all_iphones", 90.0, 1),
            ("ms", "iPhone12,1", 50.0, 1),
            ("s", "all_iphones", 50.0, 1)
        ]
    );
}

fn count(summary: &Summary) -> usize {
    match summary {
        Summary::Nothing => 0,
        Summary::Few { count, .. } | Summary::Enough { count, .. } => *count,
    }
}

#[test]
fn devices_are_members_of_one_family_at_one_version() {
    let app = history(
        "a",
        "ms",
        &[
            ("all_iphones", P50, &[9.0, 9.0]),
            ("iPhone12,1", P50, &[1.0, 3.0]),
            ("iPhone13,2", P50, &[1.0, 5.0]),
            // It has no value at the latest version.
            ("iPhone14,5", P50, &[100.0]),
            ("iPad8,1", P50, &[7.0, 8.0]),
        ],
    );
    let rows = table(&[app], &request(Over::Devices));
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[0].device.as_str(), rows[1].device.as_str()), ("iPad", "iPhone"));
    assert_eq!(rows[1].summary, Summary::Few { count: 2, min: 3.0, median: 4.0, max: 5.0 });
    assert_eq!(rows[1].app_name, "A");
}

#[test]
fn versions_are_those_of_one_series() {
    let app = history("a", "ms", &[("all_iphones", P50, &[4.0, 1.0, 3.0, 2.0, 5.0])]);
    let rows = table(&[app], &request(Over::Versions));
    let Summary::Enough { count, percentiles, .. } = &rows[0].summary else { panic!("five are enough") };
    assert_eq!(*count, 5);
    assert!((percentiles[0].value - 3.0).abs() < 1e-12);
}

#[test]
fn what_may_not_be_mixed_is_refused_with_both_sides() {
    let together = PercentileRequest { together: true, ..request(Over::Apps) };
    let mixed = [history("a", "ms", &[("all_iphones", P50, &[1.0]), ("iPhone12,1", P50, &[3.0])])];
    let refused = percentile_table(&mixed, &Filter::default(), &together, &str::to_owned).unwrap_err();
    assert_eq!(refused.refusal, Refusal::AggregateAndMembers);
    assert!(refused.to_string().contains("all_iphones") && refused.to_string().contains("iPhone12,1"), "{refused}");
    let units =
        [history("a", "ms", &[("all_iphones", P50, &[1.0])]), history("b", "s", &[("all_iphones", P50, &[1.0])])];
    let refused = percentile_table(&units, &Filter::default(), &together, &str::to_owned).unwrap_err();
    assert_eq!(refused.refusal, Refusal::Units);
    // Member devices of many apps may stand together.
    let filter = Filter { devices: vec!["iPhone12,1".into(), "iPhone13,2".into()], ..Filter::default() };
    let members = [history("a", "ms", &[("iPhone12,1", P50, &[1.0]), ("iPhone13,2", P50, &[3.0])])];
    let rows = percentile_table(&members, &filter, &together, &str::to_owned).unwrap();
    assert_eq!((rows.len(), count(&rows[0].summary), rows[0].device.as_str()), (1, 2, ""));
}

/// The study's example: 80 % of the users on fast devices; the truth is 1952, the mean of the p90s 2400.
#[test]
fn a_mixture_is_modelled_of_members_with_a_weight() {
    let sigma = 0.3_f64;
    let p90 = |p50: f64| p50 * (1.281_551_565_544_600_4 * sigma).exp();
    let (fast, slow) = (1202.0 / p90(1.0), 3598.0 / p90(1.0));
    let app = history(
        "a",
        "ms",
        &[
            ("iPhone17,3", P50, &[fast]),
            ("iPhone17,3", P90, &[1202.0]),
            ("iPhone11,8", P50, &[slow]),
            ("iPhone11,8", P90, &[3598.0]),
            ("iPhone12,1", P50, &[900.0]),
        ],
    );
    let weight = |_: &str, device: &str| match device {
        "iPhone17,3" => Some(80.0),
        "iPhone11,8" => Some(20.0),
        _ => Some(5.0),
    };
    let rows = mixtures(&[app], &Filter::default(), &weight, &str::to_owned);
    assert_eq!(rows[0].devices, ["iPhone11,8", "iPhone17,3"]);
    assert_eq!(rows[0].left_out, ["iPhone12,1"]);
    let values = rows[0].outcome.unwrap();
    // Half of the slow devices' users lie above their median: the tenth of all that is beyond p90 is exactly that half.
    assert!((values.p90 / slow - 1.0).abs() < 0.01, "{values:?}");
    assert!((values.p90_bounds.0 - 1202.0).abs() < 1e-6 && (values.p90_bounds.1 - 3598.0).abs() < 1e-6, "{values:?}");
}

#[test]
fn nothing_gives_nothing() {
    assert!(table(&[], &request(Over::Apps)).is_empty());
    assert!(table(&[], &PercentileRequest { together: true, ..request(Over::Versions) }).is_empty());
    assert!(table(&ten(), &request(Over::Logs)).is_empty());
    assert!(mixtures(&ten(), &Filter::default(), &|_, _| None, &str::to_owned).is_empty());
}
