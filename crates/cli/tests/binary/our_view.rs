//! Our view beside Apple's insights: of the population and the version that Apple speaks of, and of no other.

use crate::report_json::{self, OurView, Report};
use crate::workdir::Workdir;
use perfpower_testkit::body::{Dataset, Insight, InsightPopulation, Metric, MetricsBody, P50, P90};
use perfpower_testkit::json::{Style, rounded};

/// A series: device, percentile and the values of versions 1.0, 1.1 and on.
type Series<'a> = (&'a str, &'static str, &'a [f64]);

const PHONES: &str = "all_iphones";
const PADS: &str = "all_ipads";
const LAUNCH: (&str, &str) = ("LAUNCH", "launchTime");
const HANGS: (&str, &str) = ("HANG", "hangRate");

/// As [`Dataset::of_values`] names it.
fn version(at: usize) -> String {
    format!("1.{at}")
}

/// An app with one metric, of which Apple lists some populations.
fn write(
    here: &Workdir,
    app: &str,
    (category, identifier): (&str, &str),
    series: &[Series<'_>],
    listed: &[Series<'_>],
) {
    let datasets = series.iter().map(|(device, percentile, values)| Dataset::of_values(device, percentile, values));
    let metric = Metric::new((category, identifier), ("unit", "u"), datasets);
    let last = series[0].2.len() - 1;
    let references = last.saturating_sub(4)..last;
    let populations = listed.iter().map(|(device, percentile, values)| {
        let mean = values[references.clone()].iter().sum::<f64>() / references.len() as f64;
        InsightPopulation {
            device: (*device).to_owned(),
            percentile,
            reference_average: rounded(mean, 2),
            latest: values[last],
            delta_percent: (100.0 * (values[last] / mean - 1.0)).round(),
            summary: String::new(),
        }
    });
    let insight = Insight {
        category: category.to_owned(),
        metric: identifier.to_owned(),
        latest_version: version(last),
        reference_versions: references.clone().map(version).collect(),
        max_latest_value: listed.iter().map(|(_, _, values)| values[last]).fold(0.0, f64::max),
        high_impact: false,
        summary: String::new(),
        populations: populations.collect(),
    };
    let body = MetricsBody { regressions: vec![insight], ..MetricsBody::new(vec![metric]) };
    here.write(format!("all/{app}/2026-11-{:02}/xcodeMetrics.json", last + 1), body.to_json(Style::Compact));
}

fn report(here: &Workdir) -> Report {
    report_json::parse(&here.perfpower(["report", "all", "--format", "json"]).run().ends_with(0).stdout)
}

/// Our view of one insight about the launch time.
fn view(series: &[Series<'_>], listed: &[Series<'_>]) -> OurView {
    let here = Workdir::new();
    write(&here, "com.example.app", LAUNCH, series, listed);
    report(&here).apple_insights.remove(0).our_view
}

fn view_of(values: &[f64]) -> OurView {
    view(&[(PHONES, P50, values)], &[(PHONES, P50, values)])
}

#[test]
fn an_older_step_gives_no_percentage_to_the_latest_version() {
    // 1.5 went up by half, and it was taken back in 1.9. A last value alone may be odd: the pads and the other percentile agree.
    let phones = [100., 101., 99., 100., 100.5, 150., 151., 150., 149., 100., 101., 99., 100., 116.];
    let pads = [100.5, 100., 99., 101., 100., 151., 150., 149., 150., 99., 100., 101., 100., 117.];
    let all: [Series<'_>; 4] = [(PHONES, P50, &phones), (PHONES, P90, &phones), (PADS, P50, &pads), (PADS, P90, &pads)];
    let ours = view(&all, &all[..1]);
    assert_eq!((ours.verdict.as_str(), ours.version.as_deref()), ("same_version", Some("1.13")));
    assert!(
        ours.text.starts_with("Worse in 1.13, as Apple says: launch time (+16 % at p50; at least +"),
        "{}",
        ours.text
    );
    // Alone it is not sure, and what is told of the older step is not of 1.13.
    let ours = view_of(&[100., 101., 99., 100., 100.5, 150., 151., 150., 149., 100., 101., 99., 100., 106.]);
    assert_eq!((ours.verdict.as_str(), ours.version.as_deref()), ("recovered", Some("1.5")));
}

#[test]
fn a_population_is_not_blamed_for_another() {
    let phones = [100., 101., 99., 140., 141., 139., 140., 141., 140., 140.];
    let pads = [100., 101.5, 99., 101., 99., 101., 99., 101., 99.5, 105.6];
    let here = Workdir::new();
    write(&here, "com.example.app", LAUNCH, &[(PHONES, P50, &phones), (PADS, P50, &pads)], &[(PADS, P50, &pads)]);
    // With others beside it p = 0.024 does not survive.
    let flat = [100., 101., 99., 100., 101., 99., 100., 101., 100., 101.];
    write(&here, "com.example.flat", LAUNCH, &[(PHONES, P50, &flat)], &[(PHONES, P50, &flat)]);
    let report = report(&here);
    assert_eq!(report.findings[0].version, "1.3", "the phones' own step is told");
    let ours = &report.apple_insights.iter().find(|insight| insight.app == "com.example.app").unwrap().our_view;
    assert_eq!((ours.verdict.as_str(), ours.version.as_deref(), ours.finding.as_deref()), ("within_noise", None, None));
    let view = "Apple lists 1.9 as +5 %, but a regression of launch time is not sure. 1.9 itself is 5.5 % above the level of \
                1.0 to 1.8, which stands out taken alone and does not among all series that were tested.";
    assert_eq!(ours.text, view);
    let explained = |device: &str| {
        let series = format!("com.example.app/LAUNCH/launchTime/{device}/50");
        let run = here.perfpower(["report", "all", "--explain", &series]).run().ends_with(0);
        run.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(explained(PADS).contains(view), "{}", explained(PADS));
    assert!(!explained(PHONES).contains("Apple lists"), "the insight is about the pads");
}

#[test]
fn percentiles_that_stepped_in_other_versions_are_kept_apart() {
    let fifty = [100., 101., 99., 100., 101., 100., 120., 121., 119., 120.];
    let ninety = [200., 201., 199., 260., 262., 258., 261., 260., 259., 262.];
    let both: [Series<'_>; 2] = [(PHONES, P50, &fifty), (PHONES, P90, &ninety)];
    assert_eq!(
        view(&both, &both).text,
        "Launch time stepped up in 1.6 (+20 % at p50; at least +12 %) and is still open in 1.9. 1.9 itself is no new \
         regression: 0 % above the level of 1.6 to 1.8, shown to be unchanged. Apple lists 1.9 as +4 %/+1 %; its average \
         still contains 1.5."
    );
}

#[test]
fn what_has_partly_recovered_is_not_called_open() {
    let ours = view_of(&[100., 101., 99., 100., 101., 140., 141., 139., 120., 121., 119., 120.]);
    assert_eq!((ours.verdict.as_str(), ours.state.as_deref()), ("earlier_version", Some("partly_recovered")));
    assert_eq!((ours.version.as_deref(), ours.recovered_in.as_deref()), (Some("1.5"), Some("1.8")));
    assert!(ours.text.contains(" and has partly recovered in 1.8. 1.11 itself"), "{}", ours.text);
    // 1.5 and 1.6 are lower than 1.9, and so 1.7 is higher: no reason for what Apple says.
    let ours = view_of(&[100., 101., 99., 100., 99., 101., 100., 130., 100.5, 110.]);
    assert_eq!((ours.version.as_deref(), ours.recovered_in.as_deref()), (Some("1.7"), Some("1.8")));
    assert!(ours.text.ends_with("Apple lists 1.9 as +2 %."), "{}", ours.text);

    let ours = view_of(&[100., 101., 99., 100., 101., 140., 141., 139., 100., 101., 99., 103.]);
    assert_eq!((ours.verdict.as_str(), ours.state.as_deref()), ("recovered", Some("recovered")));
    let ours = view_of(&[100., 101., 99., 100., 101., 140., 141., 139.]);
    assert_eq!((ours.verdict.as_str(), ours.state.as_deref()), ("earlier_version", Some("open")));
    assert!(ours.text.ends_with("as +15 % because its average still contains 1.3 and 1.4."), "{}", ours.text);
}

#[test]
fn what_recovered_later_was_open_at_the_time() {
    let here = Workdir::new();
    let values = [100., 101., 99., 100., 101., 140., 141., 139., 100., 101., 99., 103.];
    for versions in [8, 12] {
        let series: Series<'_> = (PHONES, P50, &values[..versions]);
        write(&here, "com.example.app", LAUNCH, &[series], &[series]);
    }
    let report = report(&here);
    let told = |latest: &str| {
        let mut insights = report.apple_insights.iter();
        let insight = insights.find(|insight| insight.latest_version.as_deref() == Some(latest)).unwrap();
        (insight.our_view.verdict.as_str(), insight.our_view.recovered_in.as_deref())
    };
    assert_eq!(told("1.7"), ("earlier_version", None));
    assert_eq!(told("1.11"), ("recovered", Some("1.8")));
}

#[test]
fn changes_of_a_metric_that_can_be_zero_are_of_its_values() {
    let here = Workdir::new();
    for (app, values) in
        [("com.example.falls", [0., 0., 0., 0., 1., 0.]), ("com.example.rises", [0., 0., 0., 0., 0., 2.])]
    {
        let series: Series<'_> = (PHONES, P50, &values);
        // Apple gives no percentage of zero; what it lists matters little here.
        let listed: Series<'_> = (PHONES, P50, &[1., 1., 1., 1., 1., 2.]);
        write(&here, app, HANGS, &[series], &[listed]);
    }
    let report = report(&here);
    let text = |app: &str| &report.apple_insights.iter().find(|insight| insight.app == app).unwrap().our_view.text;
    let falls = "that is no regression of hang rate. 1.5 itself is 100 % below the level of 1.4, an improvement.";
    assert!(text("com.example.falls").contains(falls), "{}", text("com.example.falls"));
    assert!(
        text("com.example.rises").starts_with("Worse in 1.5, as Apple says: hang rate (from zero at p50)."),
        "{}",
        text("com.example.rises")
    );
}
