//! `perfpower.report/1`, read by a stranger: the contract written down a second time, by hand and strictly.
//!
//! A field that is renamed, lost, added unseen or given another type fails here. Nothing is shared with the writer.

#![expect(dead_code, reason = "that each field is there and has its type is what is tested")]
#![expect(clippy::struct_field_names, reason = "the names are those of the contract")]

use crate::workdir::perfpower;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Report {
    pub schema: String,
    pub generator: Generator,
    pub archive: Archive,
    pub problems: Vec<Problem>,
    pub apps: Vec<App>,
    pub news: Option<serde_json::Value>,
    pub findings: Vec<Finding>,
    pub findings_left_out: usize,
    pub platform_events: Vec<PlatformEvent>,
    pub apple_insights: Vec<AppleInsight>,
    pub apple_cutoffs: Vec<Cutoff>,
    pub goals: Vec<Goal>,
    pub odd_readings: Vec<OddReading>,
    pub metrics: Vec<MetricSetting>,
    pub settling: Vec<Settling>,
    pub calibration: Calibration,
    pub parameters: BTreeMap<String, f64>,
    pub settings: serde_json::Value,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OddReading {
    pub app: String,
    pub platform: Option<String>,
    pub category: String,
    pub metric: String,
    pub device: String,
    pub percentile: Option<f64>,
    pub percentile_label: String,
    pub unit_label: Option<String>,
    pub version: String,
    pub value: Option<f64>,
    pub kind: String,
    pub off_percent: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MetricSetting {
    pub category: String,
    pub metric: String,
    pub offset: f64,
    pub higher_is_better: bool,
    pub weight: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Generator {
    pub name: String,
    pub version: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Archive {
    pub documents: u64,
    pub bytes: u64,
    pub kinds: BTreeMap<String, u64>,
    pub repeated: u64,
    pub skipped: u64,
    pub passed_over: Vec<serde_json::Value>,
    pub settings: Vec<String>,
    pub apps: u64,
    pub snapshots: u64,
    pub first_day: Option<String>,
    pub last_day: Option<String>,
    pub until: Option<String>,
    pub later_documents: u64,
    pub series: u64,
    pub points: u64,
    pub distinct_points: u64,
    pub revisions: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Problem {
    pub severity: String,
    pub code: String,
    pub path: String,
    pub at: String,
    pub line: Option<u32>,
    pub column: Option<u32>,
    pub message: String,
    pub hint: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct App {
    pub app: String,
    pub name: String,
    pub platform: Option<String>,
    pub bundle_id: Option<String>,
    pub latest_version: Option<String>,
    pub versions: Vec<String>,
    pub snapshots: Vec<String>,
    pub series: u64,
    pub distinct_points: u64,
    pub categories: Vec<Category>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Category {
    pub category: String,
    pub series: u64,
    pub open_regressions: u64,
    pub improvements: u64,
    pub unchanged: u64,
    pub inconclusive: u64,
    pub not_judged: u64,
    /// Null = from zero.
    pub worst_at_least_percent: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Finding {
    pub id: String,
    pub rank: Option<u64>,
    pub headline: String,
    pub news: Option<String>,
    pub news_text: Option<String>,
    pub app: String,
    pub platform: Option<String>,
    pub category: String,
    pub metric: String,
    pub unit: Option<String>,
    pub unit_label: Option<String>,
    pub device: String,
    pub device_label: String,
    pub percentile: Option<f64>,
    pub percentile_label: String,
    pub kind: String,
    pub verdict: String,
    pub version: String,
    pub version_before: String,
    pub latest_version: String,
    pub state: Option<String>,
    pub recovered_in: Option<String>,
    pub provisional: bool,
    pub level_before: f64,
    pub level_after: f64,
    pub level_now: f64,
    pub change_percent: Option<f64>,
    /// Null = from zero; an end is null beyond the largest double.
    pub ci_percent: Option<[Option<f64>; 2]>,
    /// Null = from zero.
    pub at_least_percent: Option<f64>,
    pub p: f64,
    pub q: f64,
    pub credible_versions: Vec<CredibleVersion>,
    pub score: f64,
    pub score_factors: Factors,
    pub also: Vec<Also>,
    pub devices: Spread,
    pub subsystems: Vec<Subsystem>,
    pub goal: Option<Goal>,
    pub signatures: Links,
    pub listed_by_apple: bool,
    pub apple_story: Option<String>,
    pub platform_event: Option<u64>,
    pub beside_event: Option<BesideEvent>,
    pub judged_early: Option<Early>,
    pub percent_per_30_days: Option<f64>,
    pub text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BesideEvent {
    pub platform_event: u64,
    pub device: String,
    pub device_label: String,
    pub change_percent: Option<f64>,
    pub text: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Early {
    pub age_days: u32,
    pub settles_after_days: Option<u32>,
    pub expected_drift_percent: Option<f64>,
    pub drift_spread_percent: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CredibleVersion {
    pub version: String,
    pub probability: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Factors {
    pub lower_bound: f64,
    pub metric_weight: f64,
    pub percentile_weight: f64,
    pub breadth: f64,
    pub goal: f64,
    pub reach: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Also {
    pub id: String,
    pub device: String,
    pub percentile: Option<f64>,
    pub percentile_label: String,
    pub change_percent: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spread {
    pub breadth: String,
    pub pooled_percent: Option<f64>,
    pub heterogeneity: Option<f64>,
    pub devices: Vec<Device>,
    pub classes: Vec<Class>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Device {
    pub device: String,
    pub label: String,
    pub change_percent: Option<f64>,
    pub ci_percent: Option<[f64; 2]>,
    pub deviation: f64,
    pub probability: Option<f64>,
    pub stands_out: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Class {
    pub class: String,
    pub devices: u64,
    pub change_percent: Option<f64>,
    pub ci_percent: Option<[f64; 2]>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Subsystem {
    pub subsystem: String,
    pub share_before_percent: f64,
    pub share_after_percent: f64,
    pub difference: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Links {
    pub note: Option<String>,
    pub signatures: Vec<Signature>,
    pub frames: Vec<Frame>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signature {
    pub id: String,
    pub text: String,
    pub weight_before_percent: Option<f64>,
    pub weight_after_percent: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Frame {
    pub symbol: String,
    pub binary: String,
    pub place: Option<String>,
    pub owner: Option<String>,
    pub share_before_percent: f64,
    pub share_after_percent: f64,
    pub significant: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlatformEvent {
    pub category: String,
    pub metric: String,
    pub device: Option<String>,
    pub device_label: Option<String>,
    pub day: Option<String>,
    pub apps_affected: u64,
    pub apps_measured: u64,
    pub median_percent: f64,
    pub p: f64,
    pub findings: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AppleInsight {
    pub app: String,
    pub snapshot: String,
    pub list: String,
    pub category: String,
    pub metric: String,
    pub latest_version: Option<String>,
    pub reference_versions: Vec<String>,
    pub high_impact: Option<bool>,
    pub high_impact_fits: String,
    pub max_latest_reported: Option<f64>,
    pub max_latest_recomputed: Option<f64>,
    pub audit: String,
    pub populations: Vec<Population>,
    pub our_view: OurView,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Population {
    pub device: String,
    pub percentile: Option<f64>,
    pub percentile_label: String,
    pub audit: String,
    pub reason: Option<String>,
    pub reported: Numbers,
    pub recomputed: Numbers,
    pub delta_exact_percent: Option<f64>,
    pub previous: Option<Neighbour>,
    pub largest_jump: Option<Neighbour>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Numbers {
    pub reference_average: Option<f64>,
    pub latest: Option<f64>,
    pub delta_percent: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Neighbour {
    pub from: String,
    pub to: String,
    pub change_percent: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OurView {
    pub verdict: String,
    pub version: Option<String>,
    pub state: Option<String>,
    pub recovered_in: Option<String>,
    pub finding: Option<String>,
    pub text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cutoff {
    pub category: String,
    pub metric: String,
    pub smallest_regression_percent: Option<f64>,
    pub smallest_trending_percent: Option<f64>,
    pub largest_unlisted_percent: Option<f64>,
    pub listed: u64,
    pub unlisted: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Goal {
    pub app: String,
    pub platform: Option<String>,
    pub category: String,
    pub metric: String,
    pub device: String,
    pub percentile: Option<f64>,
    pub percentile_label: String,
    pub unit_label: Option<String>,
    pub source: String,
    pub detail: Option<String>,
    pub bound: Option<f64>,
    pub label: Option<String>,
    pub label_before: Option<String>,
    pub version: String,
    pub level: f64,
    pub probability: Option<f64>,
    pub attainment: String,
    pub distance_percent: Option<f64>,
    pub transition: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settling {
    pub category: String,
    pub metric: String,
    pub settled_after_days: Option<u32>,
    pub ages: Vec<Age>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Age {
    pub age_days: u32,
    pub points: u64,
    pub mean_percent: f64,
    pub spread_percent: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Calibration {
    pub series: u64,
    pub not_judged: BTreeMap<String, u64>,
    pub history: Family,
    pub latest: Family,
    pub strata: Vec<Stratum>,
    pub alarms: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Family {
    pub families: u64,
    pub selected: u64,
    pub selected_level: f64,
    pub threshold: f64,
    pub nothing: Nothing,
    pub above_half_percent: f64,
    pub by_versions: Vec<Length>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {
    pub orders: u64,
    pub at_one: f64,
    pub decay: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Length {
    pub versions: u32,
    pub families: u64,
    pub series: u64,
    pub claims: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stratum {
    pub name: String,
    pub series: u64,
    pub source: String,
    pub fitted: bool,
    pub scale: f64,
    pub df: f64,
    pub autocorrelation: f64,
    pub heaviness: f64,
}

/// The report of a line, read strictly.
#[track_caller]
pub(crate) fn read(line: &str) -> Report {
    let run = perfpower(&format!("{line} --format json")).run();
    parse(&run.stdout)
}

/// The same of a report that is at hand.
#[track_caller]
pub(crate) fn parse(json: &str) -> Report {
    let report: Report = serde_json::from_str(json).unwrap();
    assert_eq!(report.schema, "perfpower.report/1");
    assert_eq!(report.generator.name, "perfpower");
    assert_eq!(report.generator.version, env!("CARGO_PKG_VERSION"));
    report
}

fn one_of(word: &str, words: &[&str]) {
    assert!(words.contains(&word), "{word:?} is none of {words:?}");
}

fn is_share(number: f64) {
    assert!((0.0..=1.0).contains(&number), "{number} is no probability");
}

/// What holds of any report.
fn is_sound(report: &Report) {
    let archive = &report.archive;
    assert_eq!(archive.kinds.values().sum::<u64>(), archive.documents);
    assert_eq!(archive.apps, report.apps.len() as u64);
    assert_eq!(archive.series, report.apps.iter().map(|app| app.series).sum::<u64>());
    assert_eq!(archive.distinct_points, report.apps.iter().map(|app| app.distinct_points).sum::<u64>());
    assert!(archive.distinct_points + archive.revisions <= archive.points);
    assert!(report.apps.is_sorted_by(|a, b| a.app < b.app), "apps are sorted, each once");
    for problem in &report.problems {
        one_of(&problem.severity, &["error", "warning", "note"]);
        assert!(!problem.message.is_empty() && !problem.code.is_empty());
        assert_eq!(problem.line.is_some(), problem.column.is_some());
    }
    for app in &report.apps {
        assert_eq!(app.latest_version.as_ref(), app.versions.last());
        assert!(app.snapshots.is_sorted());
    }
    let mut ids = std::collections::BTreeSet::new();
    for finding in &report.findings {
        assert!(ids.insert(&finding.id), "{} stands twice", finding.id);
        assert!(finding.id.len() == 16 && finding.id.chars().all(|c| c.is_ascii_hexdigit()));
        one_of(&finding.kind, &["step", "drift", "latest"]);
        one_of(&finding.verdict, &["regression", "improvement"]);
        assert_eq!(finding.state.is_some(), finding.kind == "step");
        if let Some(state) = &finding.state {
            one_of(state, &["open", "partly_recovered", "recovered"]);
            assert_eq!(finding.recovered_in.is_some(), state != "open");
        }
        [finding.p, finding.q].into_iter().for_each(is_share);
        if let (Some(change), Some([Some(low), Some(high)])) = (finding.change_percent, finding.ci_percent) {
            assert!((low..=high).contains(&change), "{finding:?}");
        }
        assert_eq!(finding.ci_percent.is_none(), finding.change_percent.is_none(), "{finding:?}");
        assert_eq!(finding.at_least_percent.is_none(), finding.change_percent.is_none(), "{finding:?}");
        for device in &finding.devices.devices {
            if let (Some(change), Some([low, high])) = (device.change_percent, device.ci_percent) {
                assert!((low..=high).contains(&change), "{device:?}");
            }
            assert_eq!(device.ci_percent.is_none(), device.change_percent.is_none(), "{device:?}");
        }
        let sum: f64 = finding.credible_versions.iter().map(|version| version.probability).sum();
        assert!(sum < 1.0 + 1e-9, "{sum}");
        one_of(&finding.devices.breadth, &["broad", "localised", "mix_shift", "unknown"]);
        assert!(!finding.text.is_empty());
    }
    let rank = |finding: &Finding| {
        (finding.verdict != "regression", finding.state.as_ref().is_some_and(|state| state != "open"))
    };
    assert!(report.findings.is_sorted_by_key(rank), "open regressions, recovered ones, improvements");
    for group in report.findings.chunk_by(|a, b| rank(a) == rank(b)) {
        assert!(group.is_sorted_by(|a, b| a.score >= b.score), "worst first");
    }
    for insight in &report.apple_insights {
        one_of(&insight.list, &["regressions", "trendingUp"]);
        one_of(&insight.audit, &["agrees", "differs", "cannot_check"]);
        let views = ["same_version", "earlier_version", "drift", "within_noise", "recovered", "cannot_say"];
        one_of(&insight.our_view.verdict, &views);
        assert_eq!(insight.our_view.state.is_some(), insight.our_view.version.is_some());
        assert_eq!(
            insight.our_view.recovered_in.is_none(),
            insight.our_view.state.as_deref().is_none_or(|s| s == "open")
        );
        if let Some(id) = &insight.our_view.finding {
            assert!(ids.contains(id), "the finding {id} is in the report");
        }
    }
    for stratum in &report.calibration.strata {
        assert_eq!(stratum.fitted, stratum.source != "the default", "{stratum:?}");
        is_share(stratum.heaviness);
    }
    for goal in &report.goals {
        one_of(&goal.source, &["bound", "recommended", "label"]);
        one_of(&goal.attainment, &["attained", "missed", "borderline"]);
        goal.probability.into_iter().for_each(is_share);
    }
}

#[test]
fn reports_of_all_fixtures_keep_the_contract() {
    for line in [
        "report fixtures/demo",
        "report fixtures/demo --category LAUNCH --percentile 90",
        "report fixtures/documented",
        "report fixtures/handmade",
        "report fixtures/broken",
        "report fixtures/documented/empty-metrics.json",
    ] {
        is_sound(&read(line));
    }
}
