//! Findings for the tests of what is made of findings.

use crate::claim::finding::{
    Change, DeviceSpread, Finding, FindingId, FindingKind, ScoreFactors, SeriesName, StackLinks, StepState, Verdict,
};

/// A series on iOS.
pub(crate) fn series(app: &str, category: &str, metric: &str, device: &str, percentile: &str) -> SeriesName {
    SeriesName {
        app: app.into(),
        platform: "iOS".into(),
        category: category.into(),
        metric: metric.into(),
        device: device.into(),
        percentile_label: percentile.into(),
        names_platform: false,
    }
}

/// Launch time of all iPhones at p90.
pub(crate) fn launch(app: &str) -> SeriesName {
    series(app, "LAUNCH", "launchTime", "all_iphones", "percentile.ninety")
}

/// A step of 500 to 700 in 1.3, of which 28 % are sure; still open in 1.5.
pub(crate) fn finding(series: SeriesName, id: u64) -> Finding {
    Finding {
        id: FindingId(id),
        app_name: series.app.clone(),
        series,
        device_label: "All iPhones".into(),
        percentile: Some(90.0),
        unit: Some("milliseconds".into()),
        unit_label: Some("ms".into()),
        kind: FindingKind::Step,
        verdict: Verdict::Regression,
        version: "1.3".into(),
        version_before: "1.2".into(),
        latest_version: "1.5".into(),
        state: Some(StepState::Open),
        recovered_in: None,
        provisional: false,
        level_before: 500.0,
        level_after: 700.0,
        level_now: 700.0,
        change: Change::Percent(40.0),
        ci_percent: Some([30.0, 50.0]),
        at_least_percent: Some(28.0),
        p: 0.0001,
        q: 0.001,
        credible_versions: Vec::new(),
        score: 1.0,
        score_factors: ScoreFactors {
            lower_bound: 0.25,
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
        points: Vec::new(),
        segments: Vec::new(),
    }
}
