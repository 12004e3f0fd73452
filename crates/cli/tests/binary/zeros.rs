//! Values of 0: where they are a value like any other, no percentage starts from them and one doubling has one size; where they are
//! not, they cost their own series and no other.

use crate::report_json::{self, Report};
use crate::workdir::Workdir;
use perfpower_testkit::body::{Dataset, Metric, MetricsBody, P50};
use perfpower_testkit::json::Style;

/// An app with one metric, by category and identifier, on the devices given.
fn write(here: &Workdir, app: &str, metric: (&str, &str), series: &[(&str, &[f64])]) {
    let datasets = series.iter().map(|(device, values)| Dataset::of_values(device, P50, values));
    let metric = Metric::new(metric, ("unit", "u"), datasets);
    let body = MetricsBody::new(vec![metric]).to_json(Style::Compact);
    here.write(format!("all/{app}/2026-11-01/xcodeMetrics.json"), body);
}

const HANGS: (&str, &str) = ("HANG", "hangRate");
const LAUNCH: (&str, &str) = ("LAUNCH", "launchTime");

fn output(here: &Workdir, arguments: &[&str]) -> String {
    here.perfpower([&["report", "all"], arguments].concat()).run().stdout
}

fn report(here: &Workdir) -> Report {
    report_json::parse(&output(here, &["--format", "json"]))
}

#[test]
fn from_zero_no_percentage_starts_anywhere() {
    let here = Workdir::new();
    write(&here, "com.example.mail", HANGS, &[("all_iphones", &[0.0, 0.0, 0.0, 0.0, 0.0, 0.05, 0.05, 0.05])]);
    here.write("perfpower.toml", "[[rule]]\nname = \"none\"\nno_regression = \"open\"\n");
    let report = report(&here);
    let [finding] = &report.findings[..] else { panic!("{:?}", report.findings) };
    assert_eq!((finding.level_before.to_bits(), finding.change_percent), (0, None));
    assert_eq!((finding.ci_percent, finding.at_least_percent), (None, None));
    assert!(finding.score > 0.0, "it is ranked all the same");
    assert_eq!(report.apps[0].categories[0].worst_at_least_percent, None);
    let [metric] = &report.metrics[..] else { panic!("{:?}", report.metrics) };
    let hangs = (metric.category.as_str(), metric.metric.as_str(), metric.offset.to_bits());
    assert_eq!(hangs, ("HANG", "hangRate", 0.05_f64.to_bits()));
    assert_eq!((metric.higher_is_better, metric.weight.to_bits()), (false, 1.0_f64.to_bits()));
    let sentence = "0 → 0.05 u (+0.05 u), from zero, still open in 1.7";
    assert!(finding.text.ends_with(sentence), "{}", finding.text);

    for (arguments, words) in [
        (&["--format", "text"][..], sentence),
        (&["--format", "markdown"], sentence),
        (&["--format", "html"], "1 open regression, the worst from zero"),
        (&["--brief"], "\"at_least_percent\":null"),
        (&["--explain", &finding.id], "1.5: from zero, t ="),
        (&["--explain", &finding.id], "Drift: from zero, t ="),
    ] {
        let output = output(&here, arguments);
        // A terminal may break the sentence.
        let flat = output.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(words), "{arguments:?}: {output}");
        assert!(!output.contains("at least +") && !output.contains("\"at-least\""), "{arguments:?}: {output}");
    }
    let table = output(&here, &["--format", "csv"]);
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let head = rows.headers().unwrap().clone();
    let row = rows.records().next().unwrap().unwrap();
    for column in ["change_percent", "ci_low_percent", "ci_high_percent", "at_least_percent"] {
        assert_eq!(&row[head.iter().position(|name| name == column).unwrap()], "", "{column}");
    }
    let check = here.perfpower(["check", "all", "--config", "perfpower.toml"]).run().stdout;
    assert!(check.contains("1.5 brought a rise from zero, q "), "{check}");
}

#[test]
fn a_doubling_has_one_size_wherever_it_is_told() {
    let here = Workdir::new();
    let plain = [1.0, 1.01, 0.99, 1.0, 1.0, 2.0, 2.02, 1.98, 2.0, 2.01];
    let other = [1.0, 1.02, 0.98, 1.0, 1.01, 2.0, 2.01, 1.99, 2.02, 2.0];
    let devices = [
        ("all_iphones", &plain[..]),
        ("iPhone12,1", &other),
        ("iPhone13,2", &plain),
        ("iPhone14,5", &other),
        ("iPhone15,2", &plain),
    ];
    write(&here, "com.example.mail", HANGS, &devices);
    // Its zeros make the metric's scale ln(value + 0.97): a doubling is +51 % there.
    write(&here, "com.example.calm", HANGS, &[("all_iphones", &[0.0, 0.97, 0.0, 1.1])]);
    let report = report(&here);
    let finding = report.findings.iter().find(|finding| finding.app == "com.example.mail").unwrap();
    let is_doubled = |percent: Option<f64>| assert!((98.0..102.0).contains(&percent.unwrap()), "{percent:?}");
    is_doubled(finding.change_percent);
    for also in &finding.also {
        is_doubled(also.change_percent);
    }
    is_doubled(finding.devices.pooled_percent);
    assert_eq!(finding.devices.devices.len(), 4);
    assert!(finding.devices.classes.len() > 1);
    for (change, interval) in (finding.devices.devices.iter().map(|device| (device.change_percent, device.ci_percent)))
        .chain(finding.devices.classes.iter().map(|class| (class.change_percent, class.ci_percent)))
    {
        is_doubled(change);
        let [low, high] = interval.unwrap();
        assert!(low > 80.0 && low < change.unwrap() && change.unwrap() < high && high < 120.0, "{interval:?}");
    }
    let explained = output(&here, &["--explain", &finding.id]);
    assert!(explained.contains("1.5: +100 % (+"), "{explained}");
    assert!(!explained.contains("+5"), "nothing of the shifted scale: {explained}");
}

#[test]
fn a_stray_zero_costs_its_own_series_alone_and_is_told() {
    let launch = [401.0, 399.0, 400.0, 402.0, 398.0, 400.0, 436.0, 437.0, 435.0, 436.0, 438.0, 436.0];
    let scaled = |factor: f64| launch.map(|value| factor * value);
    let archive = |stray: bool| {
        let here = Workdir::new();
        for (app, factor) in [("com.example.a", 1.0), ("com.example.b", 1.5), ("com.example.c", 2.0)] {
            write(&here, app, LAUNCH, &[("all_iphones", &scaled(factor))]);
        }
        if stray {
            write(&here, "com.example.odd", LAUNCH, &[("all_iphones", &[390.0, 391.0, 0.0, 389.0, 392.0, 390.0])]);
        }
        here
    };
    let clean = report(&archive(false));
    assert_eq!(clean.findings.len(), 3);
    let here = archive(true);
    let odd = report(&here);
    let told = |report: &Report| -> Vec<_> {
        report.findings.iter().map(|f| (f.id.clone(), f.p, f.change_percent, f.ci_percent, f.score)).collect()
    };
    assert_eq!(told(&odd), told(&clean));

    let reason = "a value is zero, and the metric has no offset";
    assert_eq!(odd.calibration.not_judged.get(reason), Some(&1));
    let [alarm] = &odd.calibration.alarms[..] else { panic!("{:?}", odd.calibration.alarms) };
    assert!(alarm.starts_with("LAUNCH/launchTime: 1 series not judged, for a value of 0"), "{alarm}");
    assert!(output(&here, &[]).replace('\n', " ").contains(alarm));
    let rules = "[[rule]]\nname = \"launch\"\nmetric = \"LAUNCH/launchTime\"\nmax = 500\n";
    here.write("rules.toml", rules);
    let check = here.perfpower(["check", "all", "--config", "rules.toml"]).run().stdout;
    assert!(check.contains("the series cannot be judged: point 2 is zero"), "{check}");

    // Who says that it can be 0 gets it judged.
    here.write("perfpower.toml", "[metrics.\"LAUNCH/launchTime\"]\noffset = 1.0\n");
    let given = report(&here);
    assert_eq!((given.calibration.not_judged.get(reason), given.calibration.alarms.len()), (None, 0));
}

#[test]
fn nothing_that_changed_is_no_change_that_began_earlier() {
    let here = Workdir::new();
    write(&here, "com.example.still", LAUNCH, &[("all_iphones", &[5.0, 5.0, 5.0])]);
    let explained =
        output(&here, &["--explain", "com.example.still/LAUNCH/launchTime/all_iphones/50"]).replace("\n  ", " ");
    assert!(explained.contains("p = 1.000: inconclusive: no change found, and none ruled out;"), "{explained}");
}
