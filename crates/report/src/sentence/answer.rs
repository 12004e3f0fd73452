//! A finding in ten seconds: what, since when, by how much, where, in which code and whose, how sure, against which goal. The same
//! words and the same figure head it in every form.

use super::{linked_frame_name, probability, signed_percent};
use crate::number::{self, value, value_with_unit};
use crate::safe;
use perfpower_analysis::{Attainment, Breadth, Finding, FindingKind, Verdict};

/// Devices that an answer names; the card names more.
const SHOWN_DEVICES: usize = 2;

/// The figure that a finding is headed by: of a worsening the part that is sure, which is what ranks it, as `at least +17 %`; else the
/// change, as it is estimated.
pub(crate) fn headline(finding: &Finding) -> String {
    match (finding.verdict, super::sure_percent(finding)) {
        (Verdict::Regression, Some(percent)) => format!("at least {}", signed_percent(percent)),
        _ => number::change(finding.change),
    }
}

/// The same as a number, in percent; absent where the change is none of a percentage.
pub(crate) fn headline_percent(finding: &Finding) -> Option<f64> {
    let sure = super::sure_percent(finding).filter(|_| finding.verdict == Verdict::Regression);
    sure.or_else(|| finding.change.percent())
}

/// The change in the metric's own unit: `+308 ms`.
pub(crate) fn own_change(finding: &Finding) -> String {
    // A difference of levels is no more exact than three digits of it.
    let moved = finding.level_after - finding.level_before;
    let moved = format!("{moved:.2e}").parse().unwrap_or(moved);
    let sign = if moved > 0.0 { "+" } else { "" };
    format!("{sign}{}", value_with_unit(moved, finding.unit_label.as_deref()))
}

/// The version, and how sure it is: `since 4.0.0 (>99 % sure)`.
pub(crate) fn since(finding: &Finding) -> String {
    let version = safe::visible(&finding.version);
    let candidate = finding.credible_versions.iter().find(|candidate| candidate.version == finding.version);
    match finding.kind {
        FindingKind::Step => {
            let sure =
                candidate.map_or_else(String::new, |known| format!(" ({} sure)", probability(known.probability)));
            format!("since {version}{sure}")
        }
        FindingKind::Drift => format!("{} since at least {version}", creeping(finding)),
        FindingKind::Latest => format!("in {version} itself"),
    }
}

/// Which way a drift goes.
pub(crate) fn creeping(finding: &Finding) -> &'static str {
    if finding.level_after < finding.level_before { "creeping down" } else { "creeping up" }
}

/// On which devices, in few words; absent where single devices were not measured.
pub(crate) fn devices(finding: &Finding) -> Option<String> {
    let spread = &finding.spread;
    let members = spread.devices.len();
    match spread.breadth {
        Breadth::Unknown => None,
        Breadth::Broad => Some(format!("on all of {members} device models")),
        Breadth::MixShift => Some("by the mix of devices".to_owned()),
        Breadth::Localised => {
            let named = || spread.devices.iter().filter(|device| device.stands_out);
            let names: Vec<_> = named().take(SHOWN_DEVICES).map(|device| safe::visible(&device.label)).collect();
            let more = match named().count().saturating_sub(names.len()) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            (!names.is_empty()).then(|| format!("on {}{more} of {members} device models", names.join(", ")))
        }
    }
}

/// The code that grew with it, and whose it is: `ShelfStore.rebuildThumbnails(for:) of storage`.
pub(crate) fn code(finding: &Finding) -> Option<String> {
    let frame = finding.links.frames.iter().find(|frame| frame.significant)?;
    Some(linked_frame_name(frame))
}

/// The level now against its goal, where it has one: `962 ms misses the goal of 820 ms`.
pub(crate) fn against_goal(finding: &Finding) -> Option<String> {
    let goal = finding.goal.as_ref()?;
    let unit = goal.unit_label.as_deref();
    let word = match goal.attainment {
        Attainment::Attained => "meets",
        Attainment::Missed => "misses",
        Attainment::Borderline => "is close to",
    };
    let bound = value_with_unit(goal.bound?, unit);
    // Another population of the card is named.
    let (series, own) = (&goal.series, &finding.series);
    let is_own = series.device == own.device && series.percentile_label == own.percentile_label;
    let label = finding.also.iter().find(|also| also.device == series.device).map(|also| also.device_label.as_str());
    let label = label.or_else(|| (series.device == own.device).then_some(finding.device_label.as_str()));
    let percentile = number::percentile(goal.percentile, &series.percentile_label);
    let of = if is_own {
        String::new()
    } else {
        format!(" at {percentile} of {}", safe::visible(label.unwrap_or(&series.device)))
    };
    Some(format!("{} now{of} {word} Apple's goal of {bound}", value(goal.level)))
}

/// All of it in one line: `since 4.0.0 (>99 % sure): +308 ms (1,354 → 1,662 ms), on iPhone XR and 3 more of 8 device models, …`.
pub(crate) fn answer(finding: &Finding) -> String {
    let unit = finding.unit_label.as_deref();
    let levels = format!("{} → {}", value(finding.level_before), value_with_unit(finding.level_after, unit));
    let parts = [
        Some(format!("{}: {} ({levels})", since(finding), own_change(finding))),
        devices(finding),
        code(finding).map(|code| format!("code: {code}")),
        against_goal(finding),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use perfpower_analysis::{
        Change, DeviceEffect, DeviceSpread, GoalSource, GoalStatus, LinkedFrame, StepState, VersionProbability,
    };

    #[test]
    fn an_answer_says_since_when_by_how_much_where_in_which_code_and_against_which_goal() {
        let mut finding = crate::sample::step();
        assert_eq!(headline(&finding), "at least +19 %");
        assert_eq!(answer(&finding), "since 1.2 (99 % sure): +275 ms (759.3 → 1,035 ms)");
        let device = |label: &str, stands_out: bool| DeviceEffect {
            device: label.to_owned(),
            label: label.to_owned(),
            change: Change::Percent(40.0),
            ci_percent: None,
            deviation: 0.0,
            probability: None,
            stands_out,
        };
        let devices = vec![device("one", true), device("two", true), device("three", true), device("four", false)];
        finding.spread = DeviceSpread { breadth: Breadth::Localised, devices, ..DeviceSpread::default() };
        finding.links.frames = vec![LinkedFrame {
            symbol: "sync()".to_owned(),
            binary: None,
            place: Some("Store.swift:7".to_owned()),
            owner: Some("storage".to_owned()),
            share_before_percent: 1.0,
            share_after_percent: 40.0,
            significant: true,
        }];
        finding.goal = Some(GoalStatus {
            series: finding.series.clone(),
            percentile: Some(50.0),
            unit_label: Some("ms".to_owned()),
            source: GoalSource::Recommended(None),
            bound: Some(700.0),
            label: None,
            label_before: None,
            version: "2.0".to_owned(),
            level: 1034.7,
            probability: Some(0.01),
            attainment: Attainment::Missed,
            distance_percent: None,
            transition: false,
        });
        assert_eq!(
            answer(&finding),
            "since 1.2 (99 % sure): +275 ms (759.3 → 1,035 ms); on one, two and 1 more of 4 device models; code: sync() \
             (Store.swift:7) of storage; 1,035 now misses Apple's goal of 700 ms"
        );
    }

    #[test]
    fn what_got_better_and_what_is_not_sure_is_headed_by_its_estimate() {
        let mut finding = crate::sample::step();
        finding.at_least_percent = Some(0.0);
        assert_eq!(headline(&finding), "+36 %");
        finding.verdict = Verdict::Improvement;
        finding.state = Some(StepState::Open);
        finding.change = Change::Percent(-20.0);
        assert_eq!(headline(&finding), "-20 %");
        finding.kind = FindingKind::Drift;
        (finding.level_before, finding.level_after) = (1_000.0, 800.0);
        assert_eq!(since(&finding), "creeping down since at least 1.2");
        finding.kind = FindingKind::Latest;
        finding.credible_versions = vec![VersionProbability { version: "1.2".to_owned(), probability: 1.0 }];
        assert_eq!(since(&finding), "in 1.2 itself");
    }
}
