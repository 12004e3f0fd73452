//! Which findings were judged early: their version was young in the newest snapshot, and its values may still move.
//!
//! How long values move is learned from the archive (its settling curves), where versions were downloaded more than once.

use crate::analysis::{SettlingAge, SettlingCurve};
use crate::claim::calendar::Calendar;
use crate::claim::finding::{EarlyJudgement, Finding, FindingKind};
use std::collections::BTreeMap;

/// Days after which a version counts as settled where the archive does not show it. (Arbitrary: two weeks see most users on a new
/// version.)
const USUAL_DAYS: u32 = 14;

/// Marks what was judged early, and tells drifts per 30 days where their versions have days.
pub(crate) fn mark(calendar: &Calendar, findings: &mut [Finding], settling: &[SettlingCurve]) {
    let curves: BTreeMap<(&str, &str), &SettlingCurve> =
        settling.iter().map(|curve| ((curve.category.as_str(), curve.metric.as_str()), curve)).collect();
    let marks: Vec<(Option<EarlyJudgement>, Option<f64>)> = findings
        .iter()
        .map(|finding| {
            let Some(releases) = calendar.of_app(finding) else { return (None, None) };
            if finding.kind == FindingKind::Drift {
                let last = releases.day(&finding.latest_version);
                let days = releases.day(&finding.version).zip(last).map(|(a, b)| b.days() - a.days());
                return (None, days.and_then(|days| per_30_days(finding, days)));
            }
            // A change that two versions or more agree on does not hang on the youngest.
            let is_youngest = finding.version == finding.latest_version;
            let seen_day = releases.seen_day(&finding.version);
            let age = seen_day.zip(releases.newest_download).map(|(day, last)| last.days() - day.days());
            let curve = curves.get(&(finding.series.category.as_str(), finding.series.metric.as_str())).copied();
            let early = age.filter(|_| is_youngest).and_then(|age| early(u32::try_from(age).unwrap_or(0), curve));
            (early, None)
        })
        .collect();
    for (finding, (early, per_30_days)) in findings.iter_mut().zip(marks) {
        finding.judged_early = early;
        finding.percent_per_30_days = per_30_days;
    }
}

/// The judgement of a version of some age, if that is too young.
fn early(age_days: u32, curve: Option<&SettlingCurve>) -> Option<EarlyJudgement> {
    // A curve whose oldest age still moves says that it takes longer than the archive can see.
    let settles_after_days = curve.and_then(|curve| curve.settled_after_days);
    let still_moves = |curve: &SettlingCurve| curve.ages.last().map(|last| last.age_days + 1);
    let settled_at = settles_after_days.or_else(|| curve.and_then(still_moves)).unwrap_or(USUAL_DAYS);
    if age_days >= settled_at {
        return None;
    }
    let at_age: Option<&SettlingAge> =
        curve.and_then(|curve| curve.ages.iter().rfind(|known| known.age_days <= age_days));
    Some(EarlyJudgement {
        age_days,
        settles_after_days,
        expected_drift_percent: at_age.map(|age| age.mean_percent),
        drift_spread_percent: at_age.map(|age| age.spread_percent),
    })
}

/// The whole drift spread evenly over its days, compounded.
fn per_30_days(finding: &Finding, days: i32) -> Option<f64> {
    let log = (finding.change.percent()? / 100.0).ln_1p();
    (days > 0 && log.is_finite()).then(|| 100.0 * (log * 30.0 / f64::from(days)).exp_m1())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(ages: &[(u32, f64, f64)], settled_after_days: Option<u32>) -> SettlingCurve {
        let ages = ages
            .iter()
            .map(|&(age_days, mean_percent, spread_percent)| SettlingAge {
                age_days,
                count: 40,
                mean_percent,
                spread_percent,
            })
            .collect();
        SettlingCurve { category: "LAUNCH".to_owned(), metric: "launchTime".to_owned(), ages, settled_after_days }
    }

    #[test]
    fn young_versions_are_marked_with_what_to_expect() {
        let known = curve(&[(0, 4.0, 9.0), (7, 1.5, 6.0), (14, 0.2, 1.0)], Some(14));
        assert_eq!(
            early(9, Some(&known)),
            Some(EarlyJudgement {
                age_days: 9,
                settles_after_days: Some(14),
                expected_drift_percent: Some(1.5),
                drift_spread_percent: Some(6.0),
            })
        );
        assert_eq!(early(14, Some(&known)), None);
    }

    #[test]
    fn without_a_curve_two_weeks_stand_in() {
        assert_eq!(early(13, None).map(|early| (early.age_days, early.settles_after_days)), Some((13, None)));
        assert_eq!(early(14, None), None);
    }

    #[test]
    fn a_curve_that_never_settles_marks_all_that_it_has_seen() {
        let endless = curve(&[(0, 4.0, 9.0), (28, 3.0, 8.0)], None);
        assert!(early(28, Some(&endless)).is_some());
        assert_eq!(early(29, Some(&endless)), None);
    }
}
