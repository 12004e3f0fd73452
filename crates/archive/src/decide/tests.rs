//! Whole archives by their paths alone.

use super::*;
use crate::identity::Step;

const WRITTEN: Day = Day::from_days(19_000); // 2022-01-08

/// The place of a path in which what was given ends at `|`, or is the file after `||`, and a step that ends in `!` is a
/// container.
pub(crate) fn place(text: &str) -> Place {
    let (above, below) = text.split_once('|').unwrap();
    let is_lone = below.starts_with('|');
    let steps = |text: &str| -> Vec<Step> {
        let mut steps = Vec::new();
        for part in text.split_inclusive(['/', '!']) {
            let name = part.trim_end_matches(['/', '!']);
            if part.ends_with('!') {
                steps.push(Step::container(name));
            } else if part.ends_with('/') && !name.is_empty() {
                steps.push(Step::directory(name));
            }
        }
        steps
    };
    let file = text.rsplit(['/', '!', '|']).find(|name| !name.is_empty()).unwrap().into();
    let (above, below) = (steps(above).into(), steps(below).into());
    Place { above, below, file, is_lone, modified: Moment::of_day(WRITTEN), is_stdin: false }
}

fn day(moment: Day) -> String {
    if moment == WRITTEN { "-".to_owned() } else { moment.to_string() }
}

/// App and day of each document by its reasons, for a document that is the whole archive.
fn explained(text: &str) -> String {
    let (decisions, questions) = decide(&[place(text)], &Rules::default());
    assert!(questions.is_empty(), "{text}: {questions:?}");
    let Decision { app, snapshot, .. } = &decisions[0];
    format!("{} {} | {}, {}", app.value, day(snapshot.value), app.reason, snapshot.reason)
}

/// The apps of an archive in `/w/saves`, one for each path, and the questions.
fn apps(paths: &[&str]) -> (Vec<String>, Vec<String>) {
    let places: Vec<Place> = paths.iter().map(|path| place(&format!("/w/saves/|{path}"))).collect();
    let (decisions, questions) = decide(&places, &Rules::default());
    let apps = decisions.iter().map(|decision| decision.app.value.to_string()).collect();
    (apps, questions.iter().map(|question| question.problem.message.clone()).collect())
}

#[test]
fn what_lies_beside_several_apps_and_has_no_name_is_asked_about() {
    let (found, questions) = apps(&[
        "perf_power_metrics_1111111111.json",
        "perf_power_metrics_6446120001.json",
        "diagnostic_logs_AbC123xyz.json",
    ]);
    assert_eq!(found, ["1111111111", "6446120001", "saves"]);
    let [question] = &questions[..] else { panic!("{questions:?}") };
    assert!(question.contains("nothing in the path tells whose it is, and several apps lie beside"), "{question}");
    // A word that all have, because the archive is called so, names none where ids tell the others apart.
    let named =
        ["perf_power_metrics_1111111111.json", "perf_power_metrics_6446120001.json", "diagnostic_logs_AbC123xyz.json"];
    let places: Vec<Place> = named.iter().map(|path| place(&format!("/w/rorkai-names/|{path}"))).collect();
    let (_, questions) = decide(&places, &Rules::default());
    assert!(
        questions.iter().any(|question| question.problem.message.contains("several apps lie beside")),
        "{questions:?}"
    );
    // In the folder of one of them it is of that.
    let (found, questions) = apps(&["com.acme.one/m.json", "com.acme.two/m.json", "com.acme.two/logs.json"]);
    assert_eq!(
        (found, questions.len()),
        (["com.acme.one", "com.acme.two", "com.acme.two"].map(String::from).into(), 0)
    );
}

#[test]
fn one_document_and_why() {
    for (text, expected) in [
        // directories: app/day, day/app, deeper, shallower
        (
            "/w/demo/|app_12_0001/2025-01-01/xcodeMetrics.json",
            "app_12_0001 2025-01-01 | directory `app_12_0001`, date in `2025-01-01`",
        ),
        (
            "/w/demo/|app_0001/2025-01-01/xcodeMetrics.json",
            "app_0001 2025-01-01 | directory `app_0001`, date in `2025-01-01`",
        ),
        (
            "/w/|demo/app_0001/2025-01-01/xcodeMetrics.json",
            "app_0001 2025-01-01 | directory `app_0001`, date in `2025-01-01`",
        ),
        (
            "/w/saves/|2026-01-02/com.foo/metrics.json.gz",
            "com.foo 2026-01-02 | directory `com.foo`, date in `2026-01-02`",
        ),
        // letters: shards, or apps
        ("/w/saves/|a/app_0001/m1.json", "app_0001 - | directory `app_0001`, modification time"),
        ("/w/saves/|a/1234567890/m.json", "1234567890 - | directory `1234567890`, modification time"),
        ("/w/saves/|a/com.foo.json", "com.foo - | file name `com.foo.json`, modification time"),
        ("/w/saves/|a/2026-01-02/1.json", "a 2026-01-02 | directory `a`, date in `2026-01-02`"),
        (
            "/w/saves/|com.foo/xcodeMetrics/20260102T030405Z.json",
            "com.foo 2026-01-02 | directory `com.foo`, date in `20260102T030405Z.json`",
        ),
        (
            "/w/saves/|com.foo/2026-01-02/logs/all_iphones/5A3F.json",
            "com.foo 2026-01-02 | directory `com.foo`, date in `2026-01-02`",
        ),
        (
            "/w/saves/|2026-01-01/com.foo/2026-01-02/m.json",
            "com.foo 2026-01-02 | directory `com.foo`, date in `2026-01-02`",
        ),
        (
            "/w/saves/|2026/01/com.foo/m.json",
            "com.foo 2026-01-01 | directory `com.foo`, first day of the month in `2026/01`",
        ),
        // numbers: builds below an app, Apple ids
        ("/w/saves/|com.foo.bar/1234567/m.json", "com.foo.bar - | directory `com.foo.bar`, modification time"),
        ("/w/saves/com.foo.bar/|1234567/m.json", "com.foo.bar - | directory `com.foo.bar`, modification time"),
        (
            "/w/saves/|1234567890/2026-01-02/m.json",
            "1234567890 2026-01-02 | directory `1234567890`, date in `2026-01-02`",
        ),
        ("/w/saves/|apps/1234567890/builds/42000/m.json", "1234567890 - | directory `1234567890`, modification time"),
        ("/w/saves/com.foo/|builds/42000/m.json", "com.foo - | directory `com.foo`, modification time"),
        // a date and a name in one directory
        (
            "/w/saves/|com.foo-2026-01-02/m.json",
            "com.foo 2026-01-02 | directory `com.foo-2026-01-02`, date in `com.foo-2026-01-02`",
        ),
        (
            "/w/saves/|com.foo/run-2026-01-02/m.json",
            "com.foo 2026-01-02 | directory `com.foo`, date in `run-2026-01-02`",
        ),
        // no directory below what was given
        ("/w/mydir/|xcodeMetrics.json", "mydir - | directory `mydir`, modification time"),
        ("/w/mydir/|2026-01-02/xcodeMetrics.json", "mydir 2026-01-02 | directory `mydir`, date in `2026-01-02`"),
        (
            "/w/mydir/|com.foo-2026-01-02-metrics.json",
            "com.foo 2026-01-02 | file name `com.foo-2026-01-02-metrics.json`, date in `com.foo-2026-01-02-metrics.json`",
        ),
        ("/w/com.foo/2026-01-02/|xcodeMetrics.json", "com.foo 2026-01-02 | directory `com.foo`, date in `2026-01-02`"),
        ("/w/2026-01-02/com.foo/|xcodeMetrics.json", "com.foo 2026-01-02 | directory `com.foo`, date in `2026-01-02`"),
        ("/w/com.foo/2026-01-02/metrics/|1.json", "com.foo 2026-01-02 | directory `com.foo`, date in `2026-01-02`"),
        ("/w-2026-01-02/com.foo/|xcodeMetrics.json", "com.foo - | directory `com.foo`, modification time"),
        // a file by its own path
        ("/w/saves/||Weather.json", "Weather - | file name `Weather.json`, modification time"),
        ("/w/saves/||app_0001.json", "app_0001 - | file name `app_0001.json`, modification time"),
        ("/w/com.foo/2026-01-02/||xcodeMetrics.json", "com.foo 2026-01-02 | directory `com.foo`, date in `2026-01-02`"),
        ("/w/app_0215/||sig_00077.json", "app_0215 - | directory `app_0215`, modification time"),
        ("/tmp/||metrics.json", "metrics - | file name `metrics.json`, modification time"),
        // containers
        ("/w/saves.zip!|com.foo/2026-01-02/m.json", "com.foo 2026-01-02 | directory `com.foo`, date in `2026-01-02`"),
        (
            "/w/com.foo-2026-01-02.zip!|metrics.json",
            "com.foo 2026-01-02 | container `com.foo-2026-01-02.zip`, date in `com.foo-2026-01-02.zip`",
        ),
        (
            "/w/saves/|com.foo/2026-01-02.tar.gz!m.json",
            "com.foo 2026-01-02 | directory `com.foo`, date in `2026-01-02.tar.gz`",
        ),
        ("/w/saves/|com.foo.zip!1234567/m.json", "com.foo - | container `com.foo.zip`, modification time"),
        ("/w/saves/|1234567890/stuff.zip!m.json", "1234567890 - | directory `1234567890`, modification time"),
        // numbers that are no app
        ("/w/mine/|4200/m.json", "mine - | directory `mine`, modification time"),
        ("/w/mine/|2026110201/m.json", "mine - | directory `mine`, modification time"),
        ("/w/mine/|run-9876543210/m.json", "mine - | directory `mine`, modification time"),
        ("/w/mine/|runs/9876543210/m.json", "mine - | directory `mine`, modification time"),
    ] {
        assert_eq!(explained(text), expected, "{text}");
    }
}

#[test]
fn days_of_paths() {
    for (path, expected) in [
        ("com.x/year=2026/month=11/day=02/m.json", "2026-11-02"),
        ("com.x/y=2026/m=11/d=2/h=03/m.json", "2026-11-02T03:00"),
        ("year=2026/app=com.x/month=11/day=02/m.json", "2026-11-02"),
        ("com.x/year=2026/week=45/m.json", "2026-11-02"),
        ("com.x/dt=2026-11-02/m.json", "2026-11-02"),
        ("com.x/ds=20261102/hour=04/m.json", "2026-11-02T04:00"),
        ("com.x/date=2026_11_02/m.json", "2026-11-02"),
        ("com.x/2026/11/02/m.json", "2026-11-02"),
        ("com.x/2026/11/02/03/m.json", "2026-11-02T03:00"),
        ("2026/11/02/com.x/m.json", "2026-11-02"),
        ("com.x/2026/11/02.json", "2026-11-02"),
        ("com.x/2026/11/02-xcodeMetrics.json", "2026-11-02"),
        ("com.x/2026/11/xcodeMetrics_02.json", "2026-11-02"),
        ("com.x/2026-11/02/m.json", "2026-11-02"),
        ("com.x/202611/02/m.json", "2026-11-02"),
        ("com.x/2026/11-02/m.json", "2026-11-02"),
        ("com.x/2026/1102/m.json", "2026-11-02"),
        ("com.x/2026/Nov/2/m.json", "2026-11-02"),
        ("com.x/2026/11-November/02/m.json", "2026-11-02"),
        ("com.x/02/Nov/2026/m.json", "2026-11-02"),
        ("com.x/2026/W45/m.json", "2026-11-02"),
        ("com.x/2026/week-45/m.json", "2026-11-02"),
        ("com.x/2026-W45/m.json", "2026-11-02"),
        ("com.x/2026W45-1/m.json", "2026-11-02"),
        ("com.x/2026-306/m.json", "2026-11-02"),
        ("com.x/metrics_2026.11.02.json", "2026-11-02"),
        ("com.x/2 Nov 2026/m.json", "2026-11-02"),
        ("com.x/Nov-02-2026/m.json", "2026-11-02"),
        ("com.x/2026-11-02T03-04-05Z.json", "2026-11-02T03:04"),
        ("com.x/20261102T030405Z/m.json", "2026-11-02T03:04"),
        ("com.x/20261102030405-metrics.json", "2026-11-02T03:04"),
        ("com.x/2026-11-02/03-04-05/m.json", "2026-11-02T03:04"),
        ("com.x/perfPowerMetrics-1793589245.json", "2026-11-02T03:14"),
        ("com.x/1793589245000/m.json", "2026-11-02T03:14"),
        ("com.x/1623456789.json", "2021-06-12T00:13"),
        ("com.x/1623456789/2026-11-02/m.json", "2026-11-02"),
        // the better one, then the innermost
        ("com.x/2026-Q4/2026-11-02/m.json", "2026-11-02"),
        ("com.x/2026-11-02/2026-10/m.json", "2026-11-02"),
        ("com.x/2026-11-02/builds/20260915/m.json", "2026-11-02"),
        ("com.x/2026-11-02/build-20260915.json", "2026-11-02"),
        ("com.x/23-10-2026/m.json", "2026-10-23"),
        ("com.x/23/10/2026/m.json", "2026-10-23"),
        // no day
        ("com.x/2026/m.json", "-"),
        ("com.x/v2026.11.02/m.json", "-"),
        ("com.x/11/02/m.json", "-"),
        ("com.x/2026-Q4/m.json", "-"),
    ] {
        let (decisions, questions) = decide(&[place(&format!("/w/saves/|{path}"))], &Rules::default());
        assert!(questions.is_empty(), "{path}: {questions:?}");
        let Decision { snapshot, time, .. } = &decisions[0];
        let time = time.map_or(String::new(), |time| format!("T{:02}:{:02}", time / 3600, time / 60 % 60));
        assert_eq!(format!("{}{time}", day(snapshot.value)), expected, "{path}: {:?}", snapshot.reason);
    }
}

#[test]
fn doubtful_days_are_settled_by_others_or_asked_for() {
    let days = |paths: &[&str]| {
        let places: Vec<Place> = paths.iter().map(|path| place(&format!("/w/saves/|com.x/{path}"))).collect();
        let (decisions, questions) = decide(&places, &Rules::default());
        let days: Vec<String> = decisions.iter().map(|decision| day(decision.snapshot.value)).collect();
        let why = decisions[0].snapshot.reason.to_string();
        (days.join(" "), why, questions.into_iter().map(|question| question.problem).collect::<Vec<_>>())
    };
    let (told, why, questions) = days(&["02-11-2026/m.json", "23-10-2026/m.json"]);
    assert_eq!((told.as_str(), questions.len()), ("2026-11-02 2026-10-23", 0));
    assert_eq!(why, "date in `02-11-2026`, day first as other dates here show");
    assert_eq!(days(&["02-11-2026/m.json", "10-23-2026/m.json"]).0, "2026-02-11 2026-10-23");
    assert_eq!(days(&["02/11/2026/m.json", "23/10/2026/m.json"]).0, "2026-11-02 2026-10-23");
    assert_eq!(days(&["metrics-02.11.26.json"]).0, "-"); // a version
    // Another form tells nothing, and neither do two that contradict each other.
    assert_eq!(days(&["02-11-2026/m.json", "23.10.2026/m.json"]).0, "- 2026-10-23");
    assert_eq!(days(&["02-11-2026/m.json", "23-10-2026/m.json", "10-23-2026/m.json"]).0, "- 2026-10-23 2026-10-23");
    for form in ["02-11-2026/m.json", "m_02.11.2026.json", "11/02/26/m.json", "02112026.json", "11_02_2026/m.json"] {
        assert_eq!(days(&[form]).2.len(), 1, "{form}");
    }
    let (_, _, questions) = days(&["05-10-2026/m.json", "02-11-2026/m.json"]);
    assert_eq!(
        (questions[0].code, questions[0].message.as_str(), questions[0].hint.as_deref().unwrap_or_default()),
        (
            "day-in-doubt",
            "`05-10-2026` can be 2026-10-05 (day first) or 2026-05-10 (month first), and nothing in the archive tells which; \
             the day that the file was last written stands in for it, in 2 documents of this form",
            "say which with --layout '{app}/{day}-{month}-{year}/{*}' or --layout '{app}/{month}-{day}-{year}/{*}', or write \
             days as 2026-11-23"
        )
    );
}

#[test]
fn what_names_no_app_never_does() {
    // Beside each: two apps by their ids, with the word above, below or on both sides.
    for word in [
        // kinds
        "xcodeMetrics",
        "perf",
        "organizer",
        "Metrics JSON",
        "Diagnostic Logs",
        "perf-power-metrics",
        "overviews",
        "LAUNCH",
        "iOS",
        "all_iphones",
        "iPhone14,5",
        // schedules, environments, regions
        "nightly",
        "Weekly",
        "cron-daily",
        "Monday",
        "prod",
        "production",
        "pre-prod",
        "staging",
        "QA",
        "uat",
        "sandbox",
        "us-east-1",
        "eu",
        "europe-west3",
        "westeurope",
        "APAC",
        "main",
        "release",
        "testflight",
        // versions, builds, runs, hosts
        "v1",
        "v1.2.3",
        "3.6.0",
        "3.6.0 (45)",
        "5.0.0-beta.1",
        "release-3.1.0",
        "R9",
        "rc2",
        "4200",
        "build-4201",
        "b42",
        "run-123",
        "job_45",
        "run 7",
        "pipeline-991",
        "PR-12",
        "host-1",
        "ip-10-0-0-1",
        "mac-mini-3",
        "runner12",
        "api.appstoreconnect.apple.com",
        "ci.acme.local",
        "localhost",
        "a1b2c3d4e5",
        "deadbeef01",
        "5f0e2d1c-0000-4abc-8def-000000000000",
        // spans, turns, places
        "2026-Q4",
        "Q4",
        "FY26",
        "sprint-12",
        "W45",
        "latest",
        "old",
        "backup",
        "current",
        "saves",
        "data",
        "output",
        "artifacts",
        "jenkins",
        "page-2",
        "shard-03",
        "team-a",
        "team 7",
    ] {
        for layout in ["{w}/{a}/2026-11-20/m.json", "{a}/{w}/2026-11-20/m.json", "{w}/{a}/{w}/2026-11-20/m.json"] {
            let path = |app: &str| layout.replace("{w}", word).replace("{a}", app);
            for ids in [["com.acme.one", "com.acme.two"], ["1111111111", "6446120001"], ["larder", "weather"]] {
                let paths = ids.map(path);
                let (apps, questions) = apps(&[&paths[0], &paths[1]]);
                assert_eq!(apps, ids, "{word} in {layout}");
                assert_eq!(questions, [""; 0], "{word} in {layout}");
            }
        }
        // Alone it is one app, whatever else differs.
        let paths = [format!("{word}/2026-11-19/m.json"), format!("2026-11-20/{word}/m.json")];
        let (apps, _) = apps(&[&paths[0], "2026-11-19/m.json", &paths[1]]);
        let is_one = apps.iter().all(|app| *app == apps[0]);
        assert!(is_one || word.starts_with("team"), "{word}: {apps:?}");
    }
}

#[test]
fn ids_hold_wherever_they_stand() {
    for (paths, expected) in [
        // file names
        (["1111111111.json", "6446120001.json"], ["1111111111", "6446120001"]),
        (["1111111111_2026-11-20.json", "6446120001_2026-11-20.json"], ["1111111111", "6446120001"]),
        (["1111111111_2026-11-20_metrics.json", "6446120001-20261120-logs.json"], ["1111111111", "6446120001"]),
        (["perf_power_metrics_1482920013.json", "perf_power_metrics_6446120001.json"], ["1482920013", "6446120001"]),
        (["metrics-1482920013-2026-11-20.json", "metrics-6446120001-2026-11-20.json"], ["1482920013", "6446120001"]),
        (["overview_1000000001.json", "overview_1000000002.json"], ["1000000001", "1000000002"]),
        (["2026-11-20/id284882215.json", "2026-11-20/id310633997.json"], ["284882215", "310633997"]),
        (["app-284882215/m.json", "app-310633997/m.json"], ["284882215", "310633997"]),
        (["com.acme.one.json", "com.acme.two.json"], ["com.acme.one", "com.acme.two"]),
        (["metrics-com.acme.one.json", "metrics-com.acme.two.json"], ["com.acme.one", "com.acme.two"]),
        (
            ["com.acme.one_2026-11-20_xcodeMetrics.json", "com.acme.two_2026-11-20.json"],
            ["com.acme.one", "com.acme.two"],
        ),
        (["com.acme.one.xcodeMetrics.json", "com.acme.two.perf-power-metrics.json"], ["com.acme.one", "com.acme.two"]),
        (["20261120_com.acme.one-v1.2.3.json", "20261120_com.acme.two-nightly.json"], ["com.acme.one", "com.acme.two"]),
        (["prod-com.acme.one (1).json", "prod-com.acme.two copy.json"], ["com.acme.one", "com.acme.two"]),
        // addresses and keys
        (
            ["h.example.com/v1/apps/1111111111/perfPowerMetrics", "h.example.com/v1/apps/6446120001/perfPowerMetrics"],
            ["1111111111", "6446120001"],
        ),
        (
            [
                "https:/api.appstoreconnect.apple.com/v1/apps/1750000001/perfPowerMetrics?filter[platform]=IOS",
                "https:/api.appstoreconnect.apple.com/v1/apps/6446120001/perfPowerMetrics?filter[platform]=IOS",
            ],
            ["1750000001", "6446120001"],
        ),
        (["app=larder/dt=2026-11-02/m.json", "app=weather/dt=2026-11-02/m.json"], ["larder", "weather"]),
        (
            ["dt=2026-11-02/app_id=1111111111/m.json", "dt=2026-11-02/app_id=6446120001/m.json"],
            ["1111111111", "6446120001"],
        ),
        (
            ["env=prod/bundle_id=com.acme.one/m.json", "env=prod/bundle_id=com.acme.two/m.json"],
            ["com.acme.one", "com.acme.two"],
        ),
        (["team=larder/appId=1111111111/m.json", "team=larder/appId=6446120001/m.json"], ["1111111111", "6446120001"]),
        // above words of any kind
        (["acme/1111111111/zebra.json", "acme/6446120001/zebra.json"], ["1111111111", "6446120001"]),
        (["blue/com.acme.one/green/m.json", "red/com.acme.two/green/m.json"], ["com.acme.one", "com.acme.two"]),
        (
            ["com.acme.one/larder/1111111111.json", "com.acme.two/larder/6446120001.json"],
            ["com.acme.one", "com.acme.two"],
        ),
        (["org.ci.agent/com.acme.one/m.json", "org.ci.agent/com.acme.two/m.json"], ["com.acme.one", "com.acme.two"]),
        (["com.acme.one/org.ci.agent/m.json", "com.acme.two/org.ci.agent/m.json"], ["com.acme.one", "com.acme.two"]),
        (
            ["com.acme.app/com.acme.app.widget/logs.json", "com.acme.app/2026-11-20/m.json"],
            ["com.acme.app.widget", "com.acme.app"],
        ),
        (["1111111111/9876543210/m.json", "6446120001/9876543211/m.json"], ["1111111111", "6446120001"]),
        (
            ["builds/1111111111/com.acme.one/m.json", "builds/1111111111/com.acme.two/m.json"],
            ["com.acme.one", "com.acme.two"],
        ),
        // a path that has both ids joins them
        (["com.acme.one/1111111111/m.json", "1111111111/2026-11-20/m.json"], ["com.acme.one", "com.acme.one"]),
        // the id of a signature, beside the one app that is named
        (["diagnostic_logs_9876543210.json", "perf_power_metrics_6446120001.json"], ["6446120001", "6446120001"]),
        (["diagnostic_logs_6446120001.json", "perf_power_metrics_6446120001.json"], ["6446120001", "6446120001"]),
        (["diagnostic_logs_AbC123xyz.json", "perf_power_metrics_6446120001.json"], ["6446120001", "6446120001"]),
        (["com.acme.one/logs/1.json", "com.acme.one/metrics.json"], ["com.acme.one", "com.acme.one"]),
        (["2026-11-20/logs.json", "2026-11-20/metrics/com.acme.one.json"], ["com.acme.one", "com.acme.one"]),
        // seconds
        (["perfPowerMetrics-1759622400.json", "perfPowerMetrics-1762041600.json"], ["saves", "saves"]),
        (["1623456789-1759622400.json", "6446120001-1759622400.json"], ["1623456789", "6446120001"]),
    ] {
        let (apps, questions) = apps(&paths);
        assert_eq!(apps, expected, "{paths:?}");
        assert_eq!(questions, [""; 0], "{paths:?}");
    }
}

#[test]
fn one_app_in_many_files() {
    for paths in [
        // builds, versions, runs
        ["5f0e2d1c-0000-4abc-8def-000000000000/m.json", "5f0e2d1c-0001-4abc-8def-000000000001/m.json"],
        ["4200/perfPowerMetrics.json", "4201/perfPowerMetrics.json"],
        ["builds/4200/perfPowerMetrics.json", "builds/4201/perfPowerMetrics.json"],
        ["3.1.0/perfPowerMetrics.json", "3.2.0/perfPowerMetrics.json"],
        ["release-3.1.0/m.json", "release-3.2.0/m.json"],
        ["v1/m.json", "v2/m.json"],
        ["3.1.0 (41)/m.json", "3.2.0 (42)/m.json"],
        ["run-123/m.json", "run-124/m.json"],
        ["perfPowerMetrics_4200.json", "perfPowerMetrics_4201.json"],
        ["build-4200.json", "build-4201.json"],
        ["5.0.0-beta.1.json", "5.0.0.json"],
        ["5f0e2d1c-0000-4abc-8def-000000000000.json", "5f0e2d1c-0001-4abc-8def-000000000001.json"],
        // turns and copies
        ["current_metrics.json", "previous_metrics.json"],
        ["xcodeMetrics.json", "xcodeMetrics (1).json"],
        ["xcodeMetrics.json", "xcodeMetrics copy.json"],
        ["xcodeMetrics copy 2.json", "Copy of xcodeMetrics.json"],
        ["metrics-latest.json", "metrics-old.json"],
        ["new/xcodeMetrics.json", "backup/xcodeMetrics.json"],
        ["before.json", "after.json"],
        ["xcodeMetrics.json", "xcodeMetrics - Copy (2).json"],
        // days
        ["2026-11-19.json", "2026-11-20.json"],
        ["Monday/metrics.json", "Tuesday/metrics.json"],
        ["2026/11/19/m.json", "2026/11/20/m.json"],
        ["2026-W45/m.json", "2026-W46/m.json"],
        // places
        ["prod/m.json", "staging/m.json"],
        ["us-east-1/m.json", "eu-west-1/m.json"],
        ["host-1/m.json", "host-2/m.json"],
        ["iOS/LAUNCH.json", "macOS/HANG.json"],
    ] {
        let (apps, questions) = apps(&paths);
        assert_eq!(apps, ["saves", "saves"], "{paths:?}");
        assert_eq!(questions, [""; 0], "{paths:?}");
        for app in ["com.acme.one", "1111111111", "larder"] {
            let paths = paths.map(|path| format!("{app}/{path}"));
            let (apps, questions) = self::apps(&[&paths[0], &paths[1], "com.acme.two/2026-11-20/m.json"]);
            assert_eq!(apps, [app, app, "com.acme.two"], "{paths:?}");
            assert_eq!(questions, [""; 0], "{paths:?}");
        }
    }
}

#[test]
fn words_are_compared_over_the_archive() {
    for (paths, expected, questions) in [
        // shared by all, above, below, in the file
        (&["blue/larder/m.json", "blue/weather/m.json"][..], &["larder", "weather"][..], 0),
        (&["larder/blue/m.json", "weather/blue/m.json"], &["larder", "weather"], 0),
        (&["larder/blue.json", "weather/blue.json"], &["larder", "weather"], 0),
        (&["blue/larder.json", "blue/weather.json"], &["larder", "weather"], 0),
        (&["larder/red/blue/m.json", "weather/red/blue/m.json"], &["larder", "weather"], 0),
        // none differs
        (&["blue/larder/2026-11-19.json", "blue/larder/2026-11-20.json"], &["larder", "larder"], 0),
        // all differ, and put the same together
        (&["red/larder/m.json", "blue/weather/m.json"], &["larder", "weather"], 0),
        (&["larder/alice.json", "weather/bob.json"], &["larder", "weather"], 0),
        // all differ, and do not
        (&["larder/alice/m.json", "larder/bob/m.json", "weather/alice/m.json"], &["alice", "bob", "alice"], 1),
        (&["red/larder/m.json", "red/weather/m.json", "blue/notes/m.json"], &["larder", "weather", "notes"], 1),
        (&["red/larder.json", "red/weather.json", "blue/notes.json"], &["red", "red", "blue"], 1),
        // a circumstance in the name
        (&["larder-prod/m.json", "weather-prod/m.json"], &["larder", "weather"], 0),
        (&["larder-prod/m.json", "larder-staging/m.json"], &["larder", "larder"], 1),
        (&["current-larder.json", "previous-larder.json", "weather.json"], &["larder", "larder", "weather"], 1),
        // kinds in the name
        (&["larder-metrics/m.json", "larder-logs/m.json", "weather_logs/m.json"], &["larder", "larder", "weather"], 0),
        (&["larder_3.6.0.json", "larder_3.7.0.json"], &["larder", "larder"], 0),
        // a group where there is nothing else
        (&["team-red/m.json", "team-blue/m.json"], &["team-red", "team-blue"], 0),
        (&["teams/red/larder/m.json", "teams/red/weather/m.json"], &["larder", "weather"], 0),
    ] {
        let (apps, asked) = apps(paths);
        assert_eq!(apps, expected, "{paths:?}");
        assert_eq!(asked.len(), questions, "{paths:?}: {asked:?}");
    }
}
