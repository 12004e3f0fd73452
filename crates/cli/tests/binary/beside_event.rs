//! Thirty apps that the platform hit on one device, one of which did more by itself: every output says so in the same words.

use crate::report_json;
use crate::workdir::Workdir;
use perfpower_testkit::body::{Dataset, Metric, MetricsBody, P50};
use perfpower_testkit::json::Style;

/// With the label that Apple gives.
const DEVICES: [(&str, &str); 4] = [
    ("iPhone12,1", "iPhone 11"),
    ("iPhone13,2", "iPhone 12"),
    ("iPhone14,5", "iPhone 13"),
    ("iPhone15,2", "iPhone 14 Pro"),
];
const VERSIONS: usize = 10;
/// The version that came out when the platform changed: the first one of the second download.
const HIT: usize = 7;

/// Peak memory of an app on one device: 200 MB with a ripple of a percent that differs from app to app and from device to device.
fn value(app: usize, device: usize, version: usize) -> f64 {
    let ripple = [0.4, -1.0, 0.8, -0.3, 1.0, -0.6, 0.1][(3 * app + 2 * device + version * (1 + app % 3)) % 7];
    let platform = if version >= HIT && device == 1 { 1.24 } else { 1.0 };
    let own = if version >= HIT && device == 3 && app == 0 { 1.5 } else { 1.0 };
    200.0 * (1.0 + ripple / 100.0) * platform * own
}

fn body(app: usize, versions: usize) -> String {
    let datasets = DEVICES.iter().enumerate().map(|(device, (identifier, label))| {
        let values: Vec<f64> = (0..versions).map(|version| value(app, device, version)).collect();
        Dataset { device_label: (*label).to_owned(), ..Dataset::of_values(identifier, P50, &values) }
    });
    let metric = Metric::new(("MEMORY", "peakMemory"), ("megabytes", "MB"), datasets);
    MetricsBody::new(vec![metric]).to_json(Style::Compact)
}

fn archive() -> Workdir {
    let here = Workdir::new();
    for app in 0..30 {
        for (day, versions) in [("2026-09-07", HIT), ("2026-10-05", VERSIONS)] {
            here.write(format!("all/com.example.app{app:02}/{day}/xcodeMetrics.json"), body(app, versions));
        }
    }
    here
}

#[test]
fn every_output_says_what_is_left_without_the_platform() {
    let here = archive();
    let output = |arguments: &[&str]| {
        let run = here.perfpower([&["report", "all"], arguments].concat()).run();
        assert_eq!(run.code, 0, "{arguments:?}: {}", run.stderr);
        // As one line: a terminal breaks sentences, and a page keeps numbers and their signs together.
        run.stdout.replace('\u{a0}', " ").split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let report = report_json::parse(&output(&["--format", "json"]));
    assert_eq!(report.platform_events.len(), 1);
    let told: Vec<_> = report.findings.iter().filter(|finding| finding.beside_event.is_some()).collect();
    assert_eq!(told.len(), 1);
    let (finding, beside) = (told[0], told[0].beside_event.as_ref().unwrap());
    assert_eq!((finding.app.as_str(), finding.platform_event, beside.platform_event), ("com.example.app00", None, 0));
    assert_eq!((beside.device.as_str(), beside.device_label.as_str()), ("iPhone15,2", "iPhone 14 Pro"));
    let change = beside.change_percent.unwrap();
    assert!((48.0..52.0).contains(&change), "{change}");
    let sentence = beside.text.as_deref().unwrap();
    assert!(
        sentence.starts_with(
            "partly the platform: 29 apps jumped on iPhone 12 in versions since 2026-10-05; without that it is +"
        ) && sentence.ends_with(" % on iPhone 14 Pro, and only what is left is ranked"),
        "{sentence}"
    );
    // A sentence of its own starts with a capital letter, and is otherwise the same.
    let sentence = sentence.trim_start_matches('p');
    for arguments in
        [&["--format", "text"][..], &["--format", "markdown"], &["--format", "html"], &["--explain", &finding.id]]
    {
        let output = output(arguments);
        assert!(output.contains(sentence), "{arguments:?}: {output}");
    }
    let table = here.perfpower(["report", "all", "--format", "csv"]).run().stdout;
    let mut rows = csv::Reader::from_reader(table.as_bytes());
    let mut column = |name: &str| rows.headers().unwrap().iter().position(|head| head == name).unwrap();
    let (device, percent) = (column("beside_event_device"), column("beside_event_percent"));
    let rows: Vec<_> = rows.records().map(Result::unwrap).filter(|row| !row[device].is_empty()).collect();
    assert_eq!(rows.len(), 1);
    assert_eq!((&rows[0][0], &rows[0][device]), (finding.id.as_str(), "iPhone15,2"));
    // JSON has six digits of it.
    assert!((rows[0][percent].parse::<f64>().unwrap() - change).abs() < 1e-4);
}
