//! Every layout of an archive of two or more apps gives the whole report that the plain layout gives, or asks a question.

use crate::archive::{Files, Values, codes, flat_points, judged, read, step_points};
use perfpower_ingest::Reading;
use perfpower_report::{CommandLine, JsonLayout, Report, write_report_json};
use perfpower_testkit::Rng;
use serde_json::Value;

/// Layouts that are drawn. Each is read and judged in full, so that more of them would take longer than a test may.
const LAYOUTS: u64 = 300;

/// Names of apps: bundle ids, Apple ids, words.
const APPS: [[&str; 3]; 3] = [
    ["com.acme.maps", "com.acme.mail", "org.example.oven-timer"],
    ["1111111111", "6446120001", "482920013"],
    ["larder", "Lantern", "Pocket Chess"],
];

/// What names no app.
#[rustfmt::skip] // a list of words reads in lines
const WORDS: [&str; 30] = [
    "raw", "weekly", "staging", "us-west-2", "v1", "perf", "Metrics JSON", "organizer", "team-mobile", "LAUNCH", "iOS", "2026-Q4",
    "build-4207", "release-3.6.0", "run-99", "job_7", "host-3", "ci", "main", "data lake", "env=prod", "region=eu", "p90", "logs",
    "api.appstoreconnect.apple.com", "5f0e2d1c-0001-4abc-8def-000000000000", "sprint-31", "appstore", "latest", "downloads",
];

#[rustfmt::skip] // a list of forms reads in lines
const DAYS: [&str; 14] = [
    "{y}-{m}-{d}", "{y}{m}{d}", "{y}.{m}.{d}", "{y}_{m}_{d}", "{y}/{m}/{d}", "year={y}/month={m}/day={d}", "dt={y}-{m}-{d}", "{s}",
    "{y}-{m}-{d}T03-04-05Z", "{d} {b} {y}", "{b}-{d}-{y}", "{y}-{m}/{d}", "{s}000", "{d}-{m}-{y}",
];

/// File names, with the app in them and without.
const FILES: [&str; 12] = [
    "xcodeMetrics.json",
    "perfPowerMetrics",
    "metrics.json",
    "m.txt",
    "perfPowerMetrics.json.bak",
    "launch.http",
    "{app}.json",
    "{app}_{y}-{m}-{d}.json",
    "perf_power_metrics_{app}.json",
    "{y}{m}{d}-{app}-metrics.json",
    "xcodeMetrics-{app} (1).json",
    "{app}.json.1",
];

/// A way of arranging documents: directories, and the file's name.
#[derive(Clone, Debug)]
struct Layout {
    directories: Vec<&'static str>,
    file: &'static str,
}

impl Layout {
    const PLAIN: [&'static str; 2] = ["{app}", "{y}-{m}-{d}"];

    fn plain() -> Self {
        Self { directories: Self::PLAIN.to_vec(), file: "xcodeMetrics.json" }
    }

    /// Up to three words, a day and an app, in any order and at any depth.
    fn drawn(rng: &mut Rng) -> Self {
        let file = *rng.pick(&FILES);
        let mut directories: Vec<&str> = (0..rng.below(4)).map(|_| *rng.pick(&WORDS)).collect();
        directories.push(*rng.pick(&DAYS));
        if !file.contains("{app}") {
            directories.push(if rng.chance(0.2) { "app={app}" } else { "{app}" });
        }
        rng.shuffle(&mut directories);
        Self { directories, file }
    }

    fn path(&self, app: &str, day: (i32, u32, u32)) -> String {
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let (y, m, d) = day;
        let seconds = i64::from(perfpower_model::Day::from_ymd(y, m, d).unwrap().days()) * 86_400 + 11_045;
        let path = format!("{}/{}", self.directories.join("/"), self.file);
        path.replace("{app}", app)
            .replace("{y}", &y.to_string())
            .replace("{m}", &format!("{m:02}"))
            .replace("{d}", &format!("{d:02}"))
            .replace("{b}", MONTHS[m as usize - 1])
            .replace("{s}", &seconds.to_string())
    }
}

/// Two downloads of each app: the first has got slower in 3.6.0, which the older download does not have.
fn archive(apps: &[&str], layout: &Layout) -> Files {
    let mut files = Files::new();
    for (at, app) in apps.iter().enumerate() {
        let points = if at == 0 { step_points() } else { flat_points() };
        let values = Values { seed: at as u64, ..Values::launches(points.iter().copied()) };
        let older = Values { seed: at as u64, ..Values::launches(points[..6].iter().copied()) };
        files.push((layout.path(app, (2026, 10, 24)), older.body().into_bytes()));
        files.push((layout.path(app, (2026, 11, 23)), values.body().into_bytes()));
    }
    files
}

/// The report without what names files and commands.
fn report(reading: &Reading) -> Value {
    let mut text = Vec::new();
    let report = Report {
        analysis: &judged(reading),
        archive: &reading.facts,
        problems: &[],
        archive_argument: &CommandLine::default(),
        top: None,
    };
    write_report_json(&report, JsonLayout::Compact, &mut text).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// What asks or tells the user that something of the layout is open.
const QUESTIONS: [&str; 5] = ["app-in-doubt", "day-in-doubt", "several-apps", "one-app-as-many", "documents-disagree"];

#[test]
fn any_layout_gives_the_report_of_the_plain_one_or_asks() {
    let mut plain: Vec<Vec<Value>> = Vec::new();
    for apps in APPS {
        plain.push((2..=3).map(|count| report(&read(&archive(&apps[..count], &Layout::plain())))).collect());
    }
    // The report that all are held to is one of two apps or three, and blames the version that it should.
    assert_eq!(plain[0][0]["apps"].as_array().unwrap().len(), 2);
    assert_eq!(plain[0][1]["apps"].as_array().unwrap().len(), 3);
    assert_eq!(plain[0][0]["findings"][0]["version"], "3.6.0");
    let (mut same, mut asked, mut other) = (0, 0, Vec::new());
    for seed in 0..LAYOUTS {
        let mut rng = Rng::keyed(20_261_123, "layouts", seed);
        let (rank, count) = (rng.below(3), 2 + rng.below(2));
        let layout = Layout::drawn(&mut rng);
        let reading = read(&archive(&APPS[rank][..count], &layout));
        if report(&reading) == plain[rank][count - 2] {
            same += 1;
        } else if codes(&reading).iter().any(|code| QUESTIONS.contains(code)) {
            asked += 1;
        } else {
            let paths: Vec<String> = archive(&APPS[rank][..count], &layout).into_iter().map(|(path, _)| path).collect();
            let told: Vec<String> =
                reading.inputs.iter().map(|input| format!("{} {}", input.app, input.snapshot)).collect();
            other.push(format!("{paths:#?}\n{told:#?} {:?}", codes(&reading)));
        }
    }
    println!("{LAYOUTS} layouts: {same} give the same report, {asked} ask, {} give another one", other.len());
    assert!(other.is_empty(), "{}", other.join("\n\n"));
    // A question is the exception.
    assert!(asked * 4 < LAYOUTS, "{asked} of {LAYOUTS} ask");
}
