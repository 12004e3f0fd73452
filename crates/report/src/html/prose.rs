//! Findings and batches in plain sentences, as an engineer would say them to another.

use crate::chart::with_unit;
use crate::figure::{count, counted, figure, percent, signed_percent};
use crate::safe::shortened;
use perfpower_analysis::{
    Analysis, Breadth, Calibration, Change, Finding, FindingKind, OurVerdict, PlatformEvent, StepState, Verdict,
};
use std::fmt::Write as _;

/// `launchTime` as `Launch time`; what is not in camel case stays as it is.
pub fn metric_name(identifier: &str) -> String {
    let mut out = String::with_capacity(identifier.len() + 4);
    let mut previous_is_lower = false;
    for (index, c) in identifier.chars().enumerate() {
        if index == 0 {
            out.extend(c.to_uppercase());
        } else if c.is_ascii_uppercase() && previous_is_lower {
            out.push(' ');
            out.push(c.to_ascii_lowercase());
        } else {
            out.push(c);
        }
        previous_is_lower = c.is_ascii_lowercase();
    }
    out
}

/// The metric with its category, where its own words do not hold it: `On screen (battery)`, but `Launch time`.
pub fn full_metric_name(category: &str, identifier: &str) -> String {
    let name = metric_name(identifier);
    if category.is_empty() || name.to_lowercase().contains(&category.to_lowercase()) {
        name
    } else {
        format!("{name} ({})", category.to_lowercase())
    }
}

/// `p90`, or Apple's label where it has no number.
pub fn percentile_name(number: Option<f64>, label: &str) -> String {
    number.map_or_else(|| label.to_owned(), |number| format!("p{}", figure(number)))
}

/// A change in the words of the page: `+36 %`, `from zero`, `–`.
pub fn change_text(change: Change) -> String {
    match change {
        Change::Percent(percent) => signed_percent(percent),
        Change::FromZero => "from zero".to_owned(),
        Change::Undefined => "–".to_owned(),
    }
}

/// The words on a card's badge: what it is, and what became of it.
pub fn outcome(finding: &Finding) -> &'static str {
    match (finding.verdict, finding.kind, finding.state) {
        (Verdict::Regression, _, _) if finding.spread.breadth == Breadth::MixShift => "mix shift",
        (Verdict::Regression, FindingKind::Drift, _) => "upward drift",
        (Verdict::Improvement, FindingKind::Drift, _) => "downward drift",
        (Verdict::Regression, _, Some(StepState::Recovered)) => "recovered",
        (Verdict::Regression, _, Some(StepState::PartlyRecovered)) => "partly recovered",
        (Verdict::Regression, _, _) => "open regression",
        (Verdict::Improvement, _, _) => "improvement",
        (Verdict::Unchanged, _, _) => "unchanged",
        (Verdict::Inconclusive, _, _) => "inconclusive",
    }
}

/// What happened, in one or two sentences.
pub fn sentence(finding: &Finding) -> String {
    let metric = full_metric_name(&finding.series.category, &finding.series.metric);
    let unit = &finding.unit_label;
    let from_to = format!("from {} to {}", figure(finding.level_before), with_unit(finding.level_after, unit));
    let [low, high] = finding.ci_percent;
    let interval = if low.is_finite() && high.is_finite() {
        format!("95 % interval {} to {}", signed_percent(low), signed_percent(high))
    } else {
        "no interval can be given".to_owned()
    };
    let size = match finding.change {
        Change::Percent(percent) => signed_percent(percent),
        Change::FromZero => "up from zero".to_owned(),
        Change::Undefined => "no percentage exists".to_owned(),
    };
    let at_least = if finding.at_least_percent > 0.0 {
        format!(", at least {} when the whole batch is allowed for", percent(finding.at_least_percent))
    } else {
        String::new()
    };
    let (version, before, latest) = (&finding.version, &finding.version_before, &finding.latest_version);
    let mut text = match (finding.kind, finding.verdict) {
        (FindingKind::Step, Verdict::Regression | Verdict::Improvement) => {
            let verb = if finding.verdict == Verdict::Regression { "got worse" } else { "got better" };
            format!("{metric} {verb} in {version}: {from_to}, {size} ({interval}{at_least}).")
        }
        (FindingKind::Drift, Verdict::Regression | Verdict::Improvement) => {
            let verb = if finding.verdict == Verdict::Regression { "creeps up" } else { "creeps down" };
            format!(
                "{metric} {verb} since {version}: {from_to}, {size} in all ({interval}). No single version is to blame."
            )
        }
        (FindingKind::Latest, Verdict::Regression | Verdict::Improvement) => {
            let verb = if finding.verdict == Verdict::Regression { "is worse" } else { "is better" };
            format!(
                "{metric} {verb} in {version}, the latest, than the level before it: {from_to}, {size} ({interval}{at_least})."
            )
        }
        (_, Verdict::Unchanged) => {
            format!("{metric} is shown to be unchanged in {version}: {from_to}, {size} ({interval}).")
        }
        (_, Verdict::Inconclusive) if finding.change == Change::Undefined => {
            format!("Whether {metric} changed in {version} cannot be told: there is nothing to compare it with.")
        }
        (_, Verdict::Inconclusive) => format!(
            "Whether {metric} changed in {version} cannot be told: {size} was seen against {before} ({interval}), which fits \
             both a change that matters and none."
        ),
    };
    match finding.state.filter(|_| finding.verdict == Verdict::Regression) {
        Some(StepState::Open) if version != latest => {
            let _ = write!(text, " Still so in {latest}.");
        }
        Some(StepState::PartlyRecovered) => {
            let _ = write!(text, " Partly recovered since: {} now.", with_unit(finding.level_now, unit));
        }
        Some(StepState::Recovered) => {
            let _ = write!(text, " Recovered since: {} now.", with_unit(finding.level_now, unit));
        }
        _ => {}
    }
    if finding.spread.breadth == Breadth::MixShift {
        text.push_str(" No single device moved: the mix of devices changed, not the app.");
    }
    if finding.provisional {
        text.push_str(" This rests on one version, until the next one agrees.");
    }
    text
}

/// What happened in the archive.
pub fn overview(analysis: &Analysis, unread: usize) -> String {
    let measured = analysis.apps.iter().filter(|app| app.points > 0).count();
    let silent = analysis.apps.len() - measured;
    let open: Vec<&Finding> = analysis.findings.iter().filter(|finding| is_open_regression(finding)).collect();
    let mut apps: Vec<&str> = open.iter().map(|finding| finding.series.app.as_str()).collect();
    apps.sort_unstable();
    apps.dedup();
    let versions: usize = analysis.apps.iter().map(|app| app.versions.len()).sum();
    let mut text = String::new();
    if analysis.totals.distinct_points == 0 {
        text.push_str(
            "No document holds a value, so there is nothing to judge, which is not the same as a clean result.",
        );
    } else {
        let _ = write!(
            text,
            "{} with {}, {} and {} were read.",
            counted(measured as u64, "app", "apps"),
            counted(versions as u64, "version", "versions"),
            counted(analysis.totals.series, "series", "series"),
            counted(analysis.totals.distinct_points, "point", "points"),
        );
    }
    if analysis.totals.distinct_points == 0 {
        // Nothing more can be said of regressions.
    } else if open.is_empty() {
        text.push_str(" No regression is open.");
    } else {
        let worst = open[0];
        let _ = write!(
            text,
            " {} in {} {} open; first in rank is {} of {} since {} ({}).",
            counted(open.len() as u64, "regression", "regressions"),
            counted(apps.len() as u64, "app", "apps"),
            if open.len() == 1 { "is" } else { "are" },
            full_metric_name(&worst.series.category, &shortened(&worst.series.metric, 64).0).to_lowercase(),
            shortened(&worst.app_name, 64).0,
            shortened(&worst.version, 64).0,
            change_text(worst.change),
        );
    }
    let of = |wanted: fn(&Finding) -> bool| analysis.own_findings().filter(|finding| wanted(finding)).count() as u64;
    let improved = of(|finding| finding.verdict == Verdict::Improvement);
    let mended = of(|finding| finding.verdict == Verdict::Regression && finding.state == Some(StepState::Recovered));
    if improved + mended > 0 {
        let _ = write!(
            text,
            " {} and {}.",
            counted(improved, "series got better", "series got better"),
            counted(mended, "earlier regression has recovered", "earlier regressions have recovered"),
        );
    }
    if silent > 0 {
        let _ = write!(text, " {} no value at all.", counted(silent as u64, "app has", "apps have"));
    }
    if unread > 0 {
        let _ = write!(text, " {} could not be read.", counted(unread as u64, "input", "inputs"));
    }
    text
}

/// Whether a finding asks for work today.
pub fn is_open_regression(finding: &Finding) -> bool {
    finding.verdict == Verdict::Regression
        && finding.is_own()
        && finding.state != Some(StepState::Recovered)
        && finding.spread.breadth != Breadth::MixShift
}

/// A jump that many apps share.
pub fn platform_event(event: &PlatformEvent) -> String {
    let device = if event.device_label.is_empty() { String::new() } else { format!(" on {}", event.device_label) };
    let day = event.day.map_or_else(String::new, |day| format!(" from {day}"));
    format!(
        "{}{device} moved by {} in {} of {} apps{day}. So many at once are a sign of the platform, not of one app's release.",
        full_metric_name(&event.category, &event.metric),
        signed_percent(event.median_percent),
        count(event.apps_affected as u64),
        count(event.apps_measured as u64),
    )
}

/// What we say to one of Apple's insights.
pub fn our_view(verdict: OurVerdict, version: Option<&str>, latest: &str) -> String {
    match (verdict, version) {
        (OurVerdict::SameVersion, _) => format!("We hold {latest} for guilty too."),
        (OurVerdict::EarlierVersion, Some(version)) => {
            format!("It began in {version}; {latest} is listed because Apple's average still holds older versions.")
        }
        (OurVerdict::EarlierVersion, None) => "It began earlier than Apple says.".to_owned(),
        (OurVerdict::Drift, _) => "The values creep; no single version is guilty.".to_owned(),
        (OurVerdict::WithinNoise, _) => "This lies within the noise of the series.".to_owned(),
        (OurVerdict::Recovered, _) => "It was so, and has been mended.".to_owned(),
        (OurVerdict::CannotSay, _) => "The series is too short to say.".to_owned(),
    }
}

/// How far the findings can be trusted, in plain words; one string per paragraph.
pub fn calibration(calibration: &Calibration) -> Vec<String> {
    let mut out = Vec::new();
    if calibration.series == 0 {
        out.push(
            "No series was long enough to be judged, so nothing can be said about how sure the batch is.".to_owned(),
        );
        return out;
    }
    let not_judged: u64 = calibration.not_judged.iter().map(|(_, number)| number).sum();
    out.push(format!(
        "{} judged, {} not. False alarms are held down over the whole batch at once, not series by series.",
        counted(calibration.series, "series was", "series were"),
        counted(not_judged, "was", "were"),
    ));
    for (question, family) in [
        ("whether some version brought a lasting change", &calibration.history),
        ("whether the latest version itself changed", &calibration.latest),
    ] {
        if family.families == 0 {
            continue;
        }
        out.push(format!(
            "The question {question} was put to {} (app × metric); {} gave a claim. Of such claims about one in twenty is \
             expected to be false. Where nothing happens, half of the p-values should lie above 0.5: here {} do{}.",
            counted(family.families, "family", "families"),
            count(family.selected),
            percent(family.above_half_percent),
            match family.above_half_percent {
                p if p < 40.0 => ", which is too few: either much changed at once, or the noise is larger than assumed",
                p if p > 60.0 => ", so the test is careful rather than eager",
                _ => ", as it should be",
            },
        ));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn camel_case_becomes_words() {
        assert_eq!(metric_name("launchTime"), "Launch time");
        assert_eq!(metric_name("onScreen"), "On screen");
        assert_eq!(metric_name("peakMemory"), "Peak memory");
        assert_eq!(metric_name("some.odd name"), "Some.odd name");
        assert_eq!(metric_name(""), "");
        assert_eq!(full_metric_name("BATTERY", "onScreen"), "On screen (battery)");
        assert_eq!(full_metric_name("LAUNCH", "launchTime"), "Launch time");
    }

    #[test]
    fn a_step_is_said_with_its_size_its_doubt_and_its_fate() {
        assert_eq!(
            sentence(&sample::step()),
            "Launch time got worse in 1.2: from 759.3 to 1,035 ms, +36 % (95 % interval +22 % to +52 %, at least 19 % when \
             the whole batch is allowed for). Still so in 2.0."
        );
    }

    #[test]
    fn what_cannot_be_told_is_said_so() {
        let mut finding = Finding { verdict: Verdict::Inconclusive, state: None, ..sample::step() };
        assert_eq!(
            sentence(&finding),
            "Whether Launch time changed in 1.2 cannot be told: +36 % was seen against 1.1 (95 % interval +22 % to +52 %), \
             which fits both a change that matters and none."
        );
        finding.change = Change::Undefined;
        assert!(sentence(&finding).ends_with("there is nothing to compare it with."));
    }

    #[test]
    fn from_zero_has_no_percentage() {
        let finding = Finding {
            level_before: 0.0,
            change: Change::FromZero,
            ci_percent: [f64::NAN, f64::NAN],
            at_least_percent: 0.0,
            ..sample::step()
        };
        let text = sentence(&finding);
        assert!(text.contains("from 0 to 1,035 ms, up from zero (no interval can be given)"), "{text}");
    }
}
