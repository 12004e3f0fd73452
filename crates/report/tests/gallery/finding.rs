//! A finding to start from: launch time of an app stepped up in 1.2, as in Apple's documented sample.

use perfpower_analysis::{
    Change, DeviceSpread, Finding, FindingId, FindingKind, ScoreFactors, Segment, SeriesName, SeriesPoint, StackLinks,
    StepState, Verdict, VersionProbability,
};
use perfpower_model::Day;

/// The day of the newest snapshot.
pub(crate) fn today() -> Day {
    Day::from_days(20_780)
}

/// A point without a past.
pub(crate) fn point(version: &str, value: f64, margin: Option<f64>) -> SeriesPoint {
    SeriesPoint {
        version: version.to_owned(),
        value,
        margin,
        goal: None,
        snapshot: today(),
        revisions: Vec::new(),
        is_odd: false,
    }
}

/// Launch time of Photon on all iPhones at p50: a step at 1.2, open.
pub(crate) fn step() -> Finding {
    let series = SeriesName {
        app: "com.example.photon".to_owned(),
        platform: "iOS".to_owned(),
        category: "LAUNCH".to_owned(),
        metric: "launchTime".to_owned(),
        device: "all_iphones".to_owned(),
        percentile_label: "percentile.fifty".to_owned(),
        names_platform: false,
    };
    Finding {
        id: id(&series, "step", "1.2"),
        series,
        app_name: "Photon".to_owned(),
        device_label: "All iPhones".to_owned(),
        percentile: Some(50.0),
        unit: Some("milliseconds".to_owned()),
        unit_label: Some("ms".to_owned()),
        kind: FindingKind::Step,
        verdict: Verdict::Regression,
        version: "1.2".to_owned(),
        version_before: "1.1".to_owned(),
        latest_version: "2.0".to_owned(),
        state: Some(StepState::Open),
        recovered_in: None,
        provisional: false,
        level_before: 759.3,
        level_after: 1034.7,
        level_now: 1034.7,
        change: Change::between(759.3, 1034.7),
        ci_percent: Some([22.1, 52.1]),
        at_least_percent: Some(19.4),
        p: 0.0019,
        q: 0.0016,
        credible_versions: vec![
            VersionProbability { version: "1.2".to_owned(), probability: 0.989 },
            VersionProbability { version: "1.3".to_owned(), probability: 0.008 },
        ],
        score: 0.177,
        score_factors: ScoreFactors {
            lower_bound: 0.177,
            metric_weight: 1.0,
            percentile_weight: 1.0,
            breadth: 1.0,
            goal: 1.0,
            reach: 1.0,
        },
        also: Vec::new(),
        spread: DeviceSpread::default(),
        subsystems: Vec::new(),
        goal: None,
        links: StackLinks::default(),
        listed_by_apple: false,
        apple_blames: Vec::new(),
        platform_event: None,
        beside_event: None,
        judged_early: None,
        percent_per_30_days: None,
        points: vec![
            point("1.0", 768.7, None),
            point("1.1", 750.0, None),
            point("1.2", 992.3, Some(60.0)),
            point("1.3", 1118.9, None),
            point("2.0", 997.8, None),
        ],
        segments: vec![Segment { start: 0, end: 2, level: 759.3 }, Segment { start: 2, end: 5, level: 1034.7 }],
    }
}

/// The id that the engine would give.
pub(crate) fn id(series: &SeriesName, kind: &str, version: &str) -> FindingId {
    let SeriesName { app, platform, category, metric, device, percentile_label, .. } = series;
    FindingId::of(&[app, platform, category, metric, device, percentile_label, kind, version])
}
