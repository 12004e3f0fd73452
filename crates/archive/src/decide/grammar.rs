//! Whatever the layout, the same documents are of the same app and day, or someone is asked.

use super::tests::place;
use super::*;
use perfpower_model::Severity;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// What names no app.
#[rustfmt::skip] // a list of words reads in lines
const NOISE: &[&str] = &[
    "xcodeMetrics", "perf", "organizer", "Metrics JSON", "LAUNCH", "iOS", "nightly", "weekly", "prod", "staging",
    "us-east-1", "eu", "v1", "3.6.0", "release-3.1.0", "5.0.0-beta.1", "4200", "build-4201", "run-123", "job_45",
    "host-1", "ip-10-0-0-1", "api.appstoreconnect.apple.com", "5f0e2d1c-0000-4abc-8def-000000000000", "a1b2c3d4e5",
    "2026-Q4", "latest", "backup", "data", "artifacts", "page-2", "all_iphones", "env=prod", "sprint-12",
];

/// Names of apps by rank: bundle ids, Apple ids, words.
const APPS: [&[&str]; 3] = [
    &["com.acme.one", "com.acme.two", "org.example.larder-app", "io.weather.ios"],
    &["1111111111", "6446120001", "284882215", "1482920013"],
    &["larder", "Weather", "app_0001", "app_0002"],
];

/// A part of a path, or several.
#[derive(Clone, Debug)]
enum Piece {
    Noise(&'static str),
    /// A word that all documents have.
    Shared(&'static str),
    /// A word that changes from document to document.
    Label,
    App,
    KeyedApp,
    Day(&'static str),
}

/// A way of arranging documents.
#[derive(Clone, Debug)]
struct Arrangement {
    directories: Vec<Piece>,
    file: &'static str,
}

impl Arrangement {
    fn path(&self, app: &str, day: Day, label: &str) -> String {
        let mut path: Vec<String> = self
            .directories
            .iter()
            .map(|piece| match piece {
                Piece::Noise(word) | Piece::Shared(word) => (*word).to_owned(),
                Piece::Label => label.to_owned(),
                Piece::App => app.to_owned(),
                Piece::KeyedApp => format!("app={app}"),
                Piece::Day(form) => written(form, day),
            })
            .collect();
        let file = self.file.replace("{app}", app).replace("{label}", label);
        path.push(written(&file, day));
        path.join("/")
    }

    fn has_label(&self) -> bool {
        self.file.contains("{label}") || self.directories.iter().any(|piece| matches!(piece, Piece::Label))
    }
}

/// A form of a day, filled in.
fn written(form: &str, day: Day) -> String {
    const NAMES: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (year, month, date) = day.ymd();
    form.replace("{y}", &year.to_string())
        .replace("{m}", &format!("{month:02}"))
        .replace("{d}", &format!("{date:02}"))
        .replace("{b}", NAMES[month as usize - 1])
        .replace("{s}", &(i64::from(day.days()) * 86_400 + 11_045).to_string())
}

#[rustfmt::skip] // a list of forms reads in lines
const DAYS: &[&str] = &[
    "{y}-{m}-{d}", "{y}{m}{d}", "{y}.{m}.{d}", "{y}_{m}_{d}", "{d} {b} {y}", "{b}-{d}-{y}", "{y}-{m}-{d}T03-04-05Z",
    "{y}{m}{d}T030405Z", "{y}{m}{d}030405", "{y}/{m}/{d}", "{y}-{m}/{d}", "year={y}/month={m}/day={d}", "dt={y}-{m}-{d}",
    "ds={y}{m}{d}", "{s}", "{s}000", "{y}/{b}/{d}", "run-{y}-{m}-{d}",
];

/// File names with the app in them, and without.
const FILES_OF_APPS: &[&str] = &[
    "{app}.json",
    "{app}-{y}-{m}-{d}.json",
    "{app}_{y}{m}{d}_metrics.json.gz",
    "perf_power_metrics_{app}.json",
    "{y}-{m}-{d}_{app}.json",
    "metrics-{app}-{y}-{m}-{d}.json",
    "xcodeMetrics_{app} (1).json",
];
const FILES: &[&str] = &[
    "xcodeMetrics.json",
    "perfPowerMetrics",
    "logs.json.gz",
    "{y}-{m}-{d}.json",
    "metrics-{s}.json",
    "page-2.json",
    "overview_{y}{m}{d}.json",
    "m.json",
    "{label}.json",
    "xcodeMetrics-{label}.json",
];

fn arrangement(labels: bool) -> impl Strategy<Value = Arrangement> {
    let noise = proptest::collection::vec(select(NOISE).prop_map(Piece::Noise), 0..3);
    let shared = subsequence(vec!["blue", "Acme", "zebra fish"], 0..3);
    let shared = shared.prop_map(|words| words.into_iter().map(Piece::Shared).collect::<Vec<_>>());
    let label = proptest::collection::vec(Just(Piece::Label), 0..=usize::from(labels));
    let day = select(DAYS).prop_map(Piece::Day);
    let files = [FILES_OF_APPS, FILES].concat();
    let file =
        select(files).prop_filter("labels only where asked for", move |file| labels || !file.contains("{label}"));
    let app = select(vec![Piece::App, Piece::KeyedApp]);
    let pieces = (noise, shared, label, day, app).prop_map(|(noise, shared, label, day, app)| {
        let mut all = [noise, shared, label].concat();
        all.extend([day, app]);
        all
    });
    (pieces.prop_shuffle(), file).prop_map(|(mut directories, file)| {
        if file.contains("{app}") {
            directories.retain(|piece| !matches!(piece, Piece::App | Piece::KeyedApp));
        }
        Arrangement { directories, file }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_layout_gives_the_apps_and_days_of_the_plain_one_or_asks(
        rank in 0..3usize,
        apps in 2..=4usize,
        // From December 2023: before, seconds may be an Apple id. Until 2032.
        first in 19_700..22_900i32,
        gap in 1..200i32,
        labels in proptest::collection::vec(select(vec!["alice", "bob", "carol"]), 8),
        arrangement in prop_oneof![arrangement(false), arrangement(true)],
    ) {
        let days = [Day::from_days(first), Day::from_days(first + gap)];
        let documents: Vec<(&str, Day)> =
            APPS[rank][..apps].iter().flat_map(|app| days.map(|day| (*app, day))).collect();
        let paths: Vec<String> = documents
            .iter()
            .zip(&labels)
            .map(|((app, day), label)| arrangement.path(app, *day, label))
            .collect();
        let places: Vec<Place> = paths.iter().map(|path| place(&format!("/w/saves/|{path}"))).collect();
        let (decisions, questions) = decide(&places, &Rules::default());
        prop_assert!(questions.iter().all(|question| question.problem.severity == Severity::Warning));
        let asks_whose = questions.iter().any(|question| question.problem.code == "app-in-doubt");
        prop_assert!(questions.iter().all(|question| question.problem.code == "app-in-doubt"), "{paths:?}: {questions:?}");
        // Ids and words that stand alone are never in doubt.
        prop_assert!(!asks_whose || (rank == 2 && arrangement.has_label()), "{paths:?}: {questions:?}");
        for ((app, day), (decision, path)) in documents.iter().zip(decisions.iter().zip(&paths)) {
            prop_assert_eq!(decision.snapshot.value, *day, "{}: {}", path, decision.snapshot.reason);
            // With a label beside every app, the label's name may stand for it.
            let is_own = *decision.app.value == **app || (rank == 2 && arrangement.has_label());
            prop_assert!(asks_whose || is_own, "{}: {} by {}", path, decision.app.value, decision.app.reason);
        }
        let same = |values: &[&str]| -> Vec<usize> {
            values.iter().map(|value| values.iter().position(|other| other == value).unwrap()).collect()
        };
        let found: Vec<&str> = decisions.iter().map(|decision| &*decision.app.value).collect();
        let truth: Vec<&str> = documents.iter().map(|(app, _)| *app).collect();
        prop_assert!(asks_whose || same(&found) == same(&truth), "{paths:?}: {found:?}");
    }
}
