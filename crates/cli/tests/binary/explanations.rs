//! What `--explain` and `--calibration` say of the noise and of the correction over the batch, and that both count alike.

use crate::report_json::{self, Report};
use crate::workdir::Workdir;
use perfpower_testkit::body::{Dataset, Metric, MetricsBody, P50};
use perfpower_testkit::json::Style;

/// Launch times of versions 1.0, 1.1 and on, by device.
fn body(platform: &str, margin: Option<f64>, series: &[(&str, &[f64])]) -> String {
    let datasets = series.iter().map(|(device, values)| {
        let mut dataset = Dataset::of_values(device, P50, values);
        dataset.points.iter_mut().for_each(|point| point.margin = margin);
        dataset
    });
    let metric = Metric::new(("LAUNCH", "launchTime"), ("milliseconds", "ms"), datasets);
    MetricsBody { platform: platform.to_owned(), ..MetricsBody::new(vec![metric]) }.to_json(Style::Compact)
}

fn archive(body: &str) -> Workdir {
    let here = Workdir::new();
    here.write("all/com.example.app/2026-11-01/xcodeMetrics.json", body);
    here
}

fn report(here: &Workdir) -> Report {
    report_json::parse(&here.perfpower(["report", "all", "--format", "json"]).run().ends_with(0).stdout)
}

/// As one line: a terminal breaks sentences.
fn told(here: &Workdir, arguments: &[&str]) -> String {
    let run = here.perfpower([&["report", "all"], arguments].concat()).run().ends_with(0);
    run.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn says(text: &str, words: &str) {
    assert!(text.contains(words), "no {words:?} in\n{text}");
}

#[test]
fn a_family_is_selected_as_one_and_its_series_say_what_they_have_to_do_with_it() {
    // One device of eight stepped by two thirds, and the others show what the noise is.
    let flat = [100., 101., 100., 101., 100., 101., 100., 101.];
    let devices = ["iPhone10,1", "iPhone11,2", "iPhone12,1", "iPhone12,3", "iPhone13,1", "iPhone13,2", "iPhone14,2"];
    let mut series: Vec<(&str, &[f64])> = devices[1..].iter().map(|device| (*device, &flat[..])).collect();
    series.push((devices[0], &[100., 101., 99., 100., 165., 166., 164., 165.]));
    series.push(("iPhone15,2", &[101.5, 96.37, 103.2, 99.81, 108.3, 106.5, 106., 107.8]));
    let here = archive(&body("iOS", None, &series));
    let history = report(&here).calibration.history;
    assert_eq!((history.families, history.selected), (1, 1));
    let by_versions: Vec<_> =
        history.by_versions.iter().map(|of| (of.versions, of.families, of.series, of.claims)).collect();
    assert_eq!(by_versions, [(8, 1, 8, 1)]);

    let text = told(&here, &["--explain", "com.example.app/LAUNCH/launchTime/iPhone15,2/50"]);
    says(&text, "No claim about it survives");
    // Where there is no finding both questions are told.
    says(&text, "History: its family (app × metric, 8 series, taken together) has p = ");
    says(&text, "1 of 1 families survive at a false discovery rate of 5 %, up to p = 0.050. This one does.");
    says(&text, "Release: its family (app × metric, 8 series, taken together) has p = ");
    says(&text, "0 of 1 families survive at a false discovery rate of 5 %. This one does not.");
    let text = told(&here, &["--explain", "com.example.app/LAUNCH/launchTime/iPhone10,1/50"]);
    says(&text, "All 8 populations are taken together, and 1 has a part in it");
    assert!(!text.contains("Release: its family"), "its finding answers the history question: {text}");
}

#[test]
fn two_versions_are_judged_by_the_release_question_alone() {
    let here = archive(&body("iOS", None, &[("all_iphones", &[100., 200.])]));
    let report = report(&here);
    let cell = &report.apps[0].categories[0];
    assert_eq!((cell.series, cell.not_judged, cell.open_regressions), (1, 0, 1));
    let calibration = &report.calibration;
    assert_eq!((calibration.series, calibration.not_judged.len()), (1, 0));
    assert_eq!((calibration.history.families, calibration.history.by_versions.len()), (0, 0));
    assert_eq!((calibration.latest.families, calibration.latest.selected), (1, 1));
    assert_eq!(calibration.latest.by_versions[0].claims, 1);
    says(&told(&here, &["--calibration"]), "No series has enough versions for this question.");

    let text = told(&here, &["--explain", "com.example.app/LAUNCH/launchTime/all_iphones/50"]);
    says(&text, "It is too short to show a scatter of its own; the prior says 1 times what 3 % per version would give");
    says(
        &text,
        "Two versions: the second can be held against the first, but where a lasting change began cannot be asked.",
    );
    says(&text, "a regression of its own");
    says(&text, "Release: its family (app × metric, 1 series, taken together) has p = ");
    assert!(!text.contains("nothing can be told") && !text.contains("exactly one step"), "{text}");

    // What can be found can be ruled out.
    let here = archive(&body("iOS", None, &[("all_iphones", &[100., 101.])]));
    here.write("perfpower.toml", "[[rule]]\nname = \"none\"\nno_regression = \"open\"\n");
    let check = here.perfpower(["check", "all", "--format", "json"]).run().ends_with(0).json();
    assert_eq!(check["outcomes"][0]["verdict"], "pass", "{check:#}");

    let here = archive(&body("iOS", None, &[("all_iphones", &[100.])]));
    let calibration = self::report(&here).calibration;
    assert_eq!((calibration.series, calibration.not_judged.get("a single version")), (0, Some(&1)));
    let text = told(&here, &["--explain", "com.example.app/LAUNCH/launchTime/all_iphones/50"]);
    says(&text, "One version: there is nothing to hold it against.");
    says(&text, "Release: cannot be asked of so few versions.");
}

#[test]
fn margins_that_were_left_out_are_not_called_read() {
    let values = [100., 101., 99., 140., 141., 139.];
    let explained = |margin| {
        let here = archive(&body("iOS", Some(margin), &[("all_iphones", &values)]));
        told(&here, &["--explain", "com.example.app/LAUNCH/launchTime/all_iphones/50"])
    };
    says(&explained(1000.), "6 of 6 points have a margin of error. They are left out");
    assert!(!explained(1000.).contains("read as"));
    says(&explained(1.), "6 of 6 points have a margin of error, read as 1.96 standard errors to one side.");
}

#[test]
fn a_series_of_two_platforms_is_chosen_by_platform() {
    let up = [100., 101., 99., 100., 140., 141., 139., 140.];
    let flat = [100., 101., 99., 100., 101., 99., 100., 101.];
    let here = archive(&body("iOS", None, &[("all_iphones", &up)]));
    here.write("all/com.example.app/2026-10-01/xcodeMetrics.json", body("macOS", None, &[("all_iphones", &flat)]));
    let arguments = ["--explain", "com.example.app/LAUNCH/launchTime/all_iphones/50"];
    let run = here.perfpower([&["report", "all"], &arguments[..]].concat()).run();
    assert_eq!(run.code, 2);
    says(&run.stderr, "stands for several: iOS percentile.fifty, macOS percentile.fifty; choose with --platform");
    let of = |platform| told(&here, &[&arguments[..], &["--platform", platform]].concat());
    says(&of("macOS"), "No claim about it survives");
    says(&of("iOS"), "stepped up in 1.4");
}
