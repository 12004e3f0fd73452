//! Outcomes of rules in plain words: what, how much, how sure, and which command explains it.

use super::metric_words;
use crate::command_line::CommandLine;
use crate::number;
use crate::safe;
use perfpower_analysis::gate::{
    Bound, BoundSide, BoundSource, Evidence, GateReport, MissingData, Outcome, OutcomeVerdict, WaiverReport,
    WaiverState,
};
use perfpower_analysis::{Change, FindingKind};

/// What an outcome is about: `Mail, launch time, p90, all_iphones`.
pub(crate) fn outcome_title(outcome: &Outcome) -> String {
    let mut parts: Vec<String> = outcome.app_name.iter().map(|name| safe::visible(name).into_owned()).collect();
    if let Some(metric) = &outcome.metric {
        let metric = metric_words(outcome.category.as_deref().unwrap_or_default(), metric);
        let platform = outcome.platform.as_deref().filter(|platform| outcome.names_platform && !platform.is_empty());
        parts.push(match platform {
            Some(platform) => format!("{metric} on {}", safe::visible(platform)),
            None => metric,
        });
    }
    parts.extend(outcome.percentile_label.iter().map(|label| number::percentile(outcome.percentile, label)));
    parts.extend(outcome.device.iter().map(|device| safe::visible(device).into_owned()));
    if parts.is_empty() { "the archive".to_owned() } else { parts.join(", ") }
}

/// One line of all that matters of an outcome: `launch budget: Mail, launch time: …`.
pub fn outcome_line(outcome: &Outcome) -> String {
    let line = format!("{}: {}: {}", outcome.rule_name, outcome_title(outcome), outcome_sentence(outcome));
    safe::visible(&line).into_owned()
}

/// Why it came out as it did: a fragment in lower case without a full stop.
pub(crate) fn outcome_sentence(outcome: &Outcome) -> String {
    let unit = outcome.unit_label.as_deref();
    let with_unit = |value: f64| number::value_with_unit(value, unit);
    match &outcome.evidence {
        Evidence::Level { value, level, ci, bound } => level_sentence(outcome, [*value, *level], *ci, bound, with_unit),
        Evidence::Since { version, before, now, change, ci_percent, allowed_percent, same_level } => {
            let version = safe::visible(version);
            let what = if outcome.strict { "value" } else { "level" };
            if *same_level && !outcome.strict {
                return format!("{what} {} is still that of {version}", with_unit(*now));
            }
            let interval = ci_percent.map_or_else(String::new, |ci| format!(" ({})", percent_interval(ci)));
            format!(
                "{what} {} is {}{interval} against {} in {version}; {} worse is allowed",
                with_unit(*now),
                number::change(*change),
                with_unit(*before),
                number::percent(*allowed_percent)
            )
        }
        Evidence::Regression { kind, version, state, change, ci_percent, at_least_percent, q, provisional } => {
            let version = safe::visible(version);
            let how_much = match (change, ci_percent) {
                (Change::Percent(_), Some(ci)) => format!("{} ({})", number::change(*change), percent_interval(*ci)),
                _ => number::change(*change),
            };
            let mut text = match kind {
                FindingKind::Step if *change == Change::FromZero => format!("{version} brought a rise from zero"),
                FindingKind::Step => format!("{version} brought {how_much}"),
                FindingKind::Drift => format!("creeps up since {version}: {how_much}"),
                FindingKind::Latest => format!("{version} is worse than the level before it: {how_much}"),
            };
            if let Some(percent) = at_least_percent.filter(|percent| *percent > 0.0) {
                text.push_str(&format!(", at least {} is sure", number::signed_percent(percent)));
            }
            text.push_str(&format!(", q {}", number::p_value(*q)));
            if let Some(state) = state {
                text.push_str(&format!(", {}", state.as_str().replace('_', " ")));
            }
            if *provisional {
                text.push_str("; rests on one version until the next one agrees");
            }
            if outcome.verdict == OutcomeVerdict::SetAside {
                text.push_str("; many apps share it, so it is the platform's");
            }
            text
        }
        Evidence::NoRegression { judged, detectable_percent } => {
            let series = number::plural(*judged as u64, "series", "series");
            match detectable_percent {
                Some(percent) => format!(
                    "no regression found in {series}; one of {} or more would have been seen",
                    number::percent(*percent)
                ),
                None => format!("no regression found in {series}"),
            }
        }
        Evidence::Count { open, waived, set_aside, allowed, .. } => {
            let mut text = number::plural(*open as u64, "open regression", "open regressions");
            if *waived > 0 {
                text.push_str(&format!(" and {waived} waived"));
            }
            if *set_aside > 0 {
                text.push_str(&format!(" and {set_aside} set aside: platform event"));
            }
            format!("{text}; {allowed} allowed")
        }
        Evidence::Age { since, days, allowed_days } => {
            let age = number::plural((*days).max(0).unsigned_abs().into(), "day", "days");
            format!("the newest values are of {since}, {age} old; {allowed_days} allowed")
        }
        Evidence::Presence { version, is_there: true } => {
            format!("the newest download holds {}", safe::visible(version))
        }
        Evidence::Presence { version, is_there: false } => format!(
            "the newest download does not hold {}; its latest version is {}",
            safe::visible(version),
            outcome.version.as_deref().map_or("unknown".into(), safe::visible)
        ),
        Evidence::Missing(missing) => missing_sentence(missing, unit),
    }
}

fn level_sentence(
    outcome: &Outcome,
    [value, level]: [f64; 2],
    ci: [f64; 2],
    bound: &Bound,
    with_unit: impl Fn(f64) -> String,
) -> String {
    let limit = with_unit(bound.value);
    let whose = match &bound.source {
        BoundSource::Budget => format!("the budget of {limit}"),
        BoundSource::Goal(label) => format!("Apple's goal `{}` of {limit}", safe::visible(label)),
        BoundSource::Recommended => format!("Apple's recommendation of {limit}"),
    };
    let judged = if outcome.strict { value } else { level };
    let what = if outcome.strict {
        format!("value {} of {}", with_unit(value), safe::visible(outcome.version.as_deref().unwrap_or_default()))
    } else {
        format!("level {} ({} to {})", with_unit(level), number::value(ci[0]), number::value(ci[1]))
    };
    let beyond = match bound.side {
        BoundSide::Below => "over",
        BoundSide::Above => "under",
    };
    if !bound.is_broken_by(judged) {
        format!("{what} is within {whose}")
    } else if outcome.strict || bound.is_surely_broken_by(ci) {
        format!("{what} is {beyond} {whose}")
    } else {
        format!("{what} is {beyond} {whose}, but not surely")
    }
}

fn missing_sentence(missing: &MissingData, unit: Option<&str>) -> String {
    match missing {
        MissingData::NoSeries => "no series is in the scope of the rule".to_owned(),
        MissingData::NoApp => "no app of the archive is in the scope of the rule".to_owned(),
        MissingData::TooShort { points } => {
            format!("too short to judge: {}", number::plural(*points as u64, "version", "versions"))
        }
        MissingData::NoLevel => "the latest value is not a number".to_owned(),
        MissingData::Unusable(why) => format!("the series cannot be judged: {why}"),
        MissingData::NoGoal => "Apple gives no such goal".to_owned(),
        MissingData::NoVersion { version } => format!("the series has no version {}", safe::visible(version)),
        MissingData::OtherUnit { expected } => {
            let found = unit.map_or_else(|| "no unit".into(), |unit| format!("`{}`", safe::visible(unit)));
            format!("the rule means `{}`, the series is in {found}", safe::visible(expected))
        }
        MissingData::NothingNamed { what, name } => {
            format!("the archive holds no {what} `{}`, which the rule names", safe::visible(name))
        }
        MissingData::NotRead { newest, values, path, why, others } => {
            let path = safe::visible(path);
            let others = match others {
                0 => String::new(),
                1 => " (and one more file)".to_owned(),
                more => format!(" (and {more} more files)"),
            };
            let values = values.map_or_else(String::new, |day| format!("; the newest values are of {day}"));
            format!("the newest download, of {newest}, was not read: {path}: {}{others}{values}", safe::visible(why))
        }
        MissingData::NotInNewest { newest, values } => {
            format!("the newest download, of {newest}, holds no value of it; the newest ones are of {values}")
        }
        MissingData::Copy { newest, of } => {
            format!("the newest download, of {newest}, is a copy of that of {of}: those in between are others")
        }
        MissingData::Missed { newest, values } => {
            format!("there is no download of {newest}, as there is of other apps; the newest one is of {values}")
        }
    }
}

fn percent_interval([low, high]: [f64; 2]) -> String {
    format!("{} to {}", number::signed_percent(low), number::signed_percent(high))
}

/// The command that explains an outcome of an archive, which is named as it was typed.
pub(crate) fn explain_command(outcome: &Outcome, archive: &CommandLine) -> CommandLine {
    let command = CommandLine::perfpower("report").then(archive);
    if let Some(id) = outcome.finding
        && !matches!(outcome.evidence, Evidence::Count { .. })
    {
        return command.option("--explain", id.to_string());
    }
    let category = outcome.category.as_deref().unwrap_or_default();
    let metric = outcome.metric.as_ref().map(|metric| format!("{category}/{metric}"));
    let options = [
        ("--app", &outcome.app),
        ("--metric", &metric),
        ("--device", &outcome.device),
        ("--percentile", &outcome.percentile_label),
    ];
    let told = options.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    told.fold(command, |command, (name, value)| command.option(name, value))
}

/// What became of a waiver that a reader must know about; `None` where it simply holds.
pub(crate) fn waiver_sentence(report: &WaiverReport) -> Option<String> {
    let waiver = &report.waiver;
    let reason = safe::visible(&waiver.reason);
    let name = match (&waiver.rule, waiver.finding) {
        (Some(rule), _) => format!("waiver of `{}`", safe::visible(rule)),
        (None, Some(id)) => format!("waiver of {id}"),
        (None, None) => "waiver of any rule".to_owned(),
    };
    match report.state {
        WaiverState::Used => None,
        WaiverState::Unused => Some(format!("{name} ({reason}) is not needed: nothing that it names is broken")),
        WaiverState::Expired => {
            let rests = match report.outcomes {
                0 => "nothing needs it".to_owned(),
                1 => "1 breach is waived no more".to_owned(),
                more => format!("{more} breaches are waived no more"),
            };
            Some(format!("{name} ({reason}) ended on {}: {rests}", waiver.until))
        }
    }
}

/// How old the newest data are; a gate that judges a release by data from before it says nothing about it.
pub(crate) fn freshness_sentence(report: &GateReport) -> String {
    let Some(newest) = report.newest_snapshot else { return "the archive holds no snapshot".to_owned() };
    match report.today.days() - newest.days() {
        days if days <= 0 => format!("newest snapshot {newest}; field data lag a release by days"),
        days => format!(
            "newest snapshot {newest}, {} old; field data lag a release by days",
            number::plural(days.unsigned_abs().into(), "day", "days")
        ),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use perfpower_analysis::gate::{Demand, OutcomeVerdict, Rule, RuleMode, Waiver};
    use perfpower_analysis::{Filter, FindingId, StepState};
    use perfpower_model::Day;
    use perfpower_statistics::Unusable;

    pub(crate) fn outcome(verdict: OutcomeVerdict, evidence: Evidence) -> Outcome {
        Outcome {
            rule: 0,
            rule_name: "launch budget".into(),
            mode: RuleMode::Gate,
            strict: false,
            app: Some("com.example.mail".into()),
            app_name: Some("Mail".into()),
            platform: Some("iOS".into()),
            names_platform: false,
            category: Some("LAUNCH".into()),
            metric: Some("launchTime".into()),
            device: Some("all_iphones".into()),
            percentile_label: Some("percentile.ninety".into()),
            percentile: Some(90.0),
            unit_label: Some("ms".into()),
            version: Some("1.5".into()),
            verdict,
            evidence,
            finding: None,
            waiver: None,
        }
    }

    /// Latest value 712, level 700 (690 to 710), against a bound.
    pub(crate) fn level_evidence(value: f64, side: BoundSide, source: BoundSource) -> Evidence {
        let bound = Bound { value, side, inclusive: true, source };
        Evidence::Level { value: 712.0, level: 700.0, ci: [690.0, 710.0], bound }
    }

    pub(crate) fn regression_evidence() -> Evidence {
        Evidence::Regression {
            kind: FindingKind::Step,
            version: "1.3".into(),
            state: Some(StepState::PartlyRecovered),
            change: Change::Percent(40.2),
            ci_percent: Some([30.0, 51.0]),
            at_least_percent: Some(28.0),
            q: 0.0004,
            provisional: true,
        }
    }

    pub(crate) fn gate(outcomes: Vec<Outcome>, waivers: Vec<WaiverReport>) -> GateReport {
        let rule = Rule {
            name: "launch budget".into(),
            scope: Filter::default(),
            demand: Demand::Goal(perfpower_analysis::gate::GoalChoice::Recommended),
            mode: RuleMode::Gate,
            strict: false,
        };
        GateReport {
            today: Day::parse("2026-11-23").unwrap(),
            newest_snapshot: Day::parse("2026-11-20"),
            rules: vec![rule],
            outcomes,
            waivers,
        }
    }

    pub(crate) fn waiver(state: WaiverState, outcomes: usize) -> WaiverReport {
        let waiver = Waiver {
            rule: Some("launch budget".into()),
            scope: Filter::default(),
            finding: None,
            reason: "new onboarding".into(),
            until: Day::parse("2026-11-22").unwrap(),
        };
        WaiverReport { waiver, state, outcomes }
    }

    fn typed(archive: &str) -> CommandLine {
        CommandLine::default().word(archive)
    }

    fn sentence(evidence: Evidence) -> String {
        outcome_sentence(&outcome(OutcomeVerdict::Trip, evidence))
    }

    #[test]
    fn levels_are_over_under_or_within_and_sure_or_not() {
        let below = |value| sentence(level_evidence(value, BoundSide::Below, BoundSource::Budget));
        assert_eq!(below(600.0), "level 700 ms (690 to 710) is over the budget of 600 ms");
        assert_eq!(below(695.0), "level 700 ms (690 to 710) is over the budget of 695 ms, but not surely");
        assert_eq!(below(800.0), "level 700 ms (690 to 710) is within the budget of 800 ms");
        assert_eq!(
            sentence(level_evidence(800.0, BoundSide::Above, BoundSource::Goal("good".into()))),
            "level 700 ms (690 to 710) is under Apple's goal `good` of 800 ms"
        );
        let strict = |value| {
            let evidence = level_evidence(value, BoundSide::Below, BoundSource::Recommended);
            outcome_sentence(&Outcome { strict: true, ..outcome(OutcomeVerdict::Trip, evidence) })
        };
        assert_eq!(strict(705.0), "value 712 ms of 1.5 is over Apple's recommendation of 705 ms");
        assert_eq!(strict(713.0), "value 712 ms of 1.5 is within Apple's recommendation of 713 ms");
    }

    #[test]
    fn changes_since_a_version() {
        let since = |same_level, ci_percent| {
            sentence(Evidence::Since {
                version: "1.1".into(),
                before: 600.0,
                now: 700.0,
                change: Change::Percent(16.67),
                ci_percent,
                allowed_percent: 5.0,
                same_level,
            })
        };
        assert_eq!(
            since(false, Some([14.65, 18.72])),
            "level 700 ms is +17 % (+15 % to +19 %) against 600 ms in 1.1; 5 % worse is allowed"
        );
        assert_eq!(since(false, None), "level 700 ms is +17 % against 600 ms in 1.1; 5 % worse is allowed");
        assert_eq!(since(true, None), "level 700 ms is still that of 1.1");
    }

    #[test]
    fn regressions_found_counted_and_not_found() {
        assert_eq!(
            sentence(regression_evidence()),
            "1.3 brought +40 % (+30 % to +51 %), at least +28 % is sure, q 4e-4, partly recovered; rests on one version \
             until the next one agrees"
        );
        let mut from_zero = regression_evidence();
        if let Evidence::Regression { change, ci_percent, at_least_percent, .. } = &mut from_zero {
            (*change, *ci_percent, *at_least_percent) = (Change::FromZero, None, None);
        }
        assert_eq!(
            sentence(from_zero),
            "1.3 brought a rise from zero, q 4e-4, partly recovered; rests on one version until the next one agrees"
        );
        assert_eq!(
            sentence(Evidence::NoRegression { judged: 4, detectable_percent: Some(12.3) }),
            "no regression found in 4 series; one of 12 % or more would have been seen"
        );
        assert_eq!(
            sentence(Evidence::NoRegression { judged: 1, detectable_percent: None }),
            "no regression found in 1 series"
        );
        let count = |open, waived, set_aside| {
            sentence(Evidence::Count { open, waived, set_aside, allowed: 3, findings: vec![] })
        };
        assert_eq!(count(4, 0, 0), "4 open regressions; 3 allowed");
        assert_eq!(count(1, 2, 0), "1 open regression and 2 waived; 3 allowed");
        assert_eq!(count(0, 0, 2), "0 open regressions and 2 set aside: platform event; 3 allowed");
    }

    #[test]
    fn what_is_missing_is_named() {
        for (missing, expected) in [
            (MissingData::NoSeries, "no series is in the scope of the rule"),
            (MissingData::NoApp, "no app of the archive is in the scope of the rule"),
            (MissingData::TooShort { points: 1 }, "too short to judge: 1 version"),
            (MissingData::NoLevel, "the latest value is not a number"),
            (
                MissingData::Unusable(Unusable::Zero(2)),
                "the series cannot be judged: point 2 is zero, and the metric has no offset",
            ),
            (MissingData::NoGoal, "Apple gives no such goal"),
            (MissingData::NoVersion { version: "1.1\u{1b}".into() }, "the series has no version 1.1␛"),
            (MissingData::OtherUnit { expected: "s".into() }, "the rule means `s`, the series is in `ms`"),
            (
                MissingData::NothingNamed { what: "metric", name: "lanchTime".into() },
                "the archive holds no metric `lanchTime`, which the rule names",
            ),
            (
                MissingData::NotRead {
                    newest: Day::parse("2026-11-20").unwrap(),
                    values: Day::parse("2026-10-20"),
                    path: "a/b.json".into(),
                    why: "not JSON".into(),
                    others: 2,
                },
                "the newest download, of 2026-11-20, was not read: a/b.json: not JSON (and 2 more files); the newest \
                 values are of 2026-10-20",
            ),
            (
                MissingData::NotInNewest {
                    newest: Day::parse("2026-11-20").unwrap(),
                    values: Day::parse("2026-10-20").unwrap(),
                },
                "the newest download, of 2026-11-20, holds no value of it; the newest ones are of 2026-10-20",
            ),
        ] {
            assert_eq!(sentence(Evidence::Missing(missing)), expected);
        }
    }

    #[test]
    fn the_command_that_explains_can_be_pasted() {
        let level = outcome(OutcomeVerdict::Trip, level_evidence(1.0, BoundSide::Below, BoundSource::Budget));
        assert_eq!(
            explain_command(&level, &typed("saves/today")).to_string(),
            "perfpower report saves/today --app com.example.mail --metric LAUNCH/launchTime --device all_iphones \
             --percentile percentile.ninety"
        );
        let found = Outcome { finding: Some(FindingId(255)), ..outcome(OutcomeVerdict::Trip, regression_evidence()) };
        assert_eq!(
            explain_command(&found, &typed("a b")).to_string(),
            "perfpower report 'a b' --explain 00000000000000ff"
        );
        let hostile = Outcome { app: Some("x'; rm -rf $HOME\n".into()), metric: None, ..level };
        assert_eq!(
            explain_command(&hostile, &typed(".")).to_string(),
            "perfpower report . --app $'x\\'; rm -rf $HOME\\012' --device all_iphones --percentile percentile.ninety"
        );
    }

    #[test]
    fn waivers_that_a_reader_must_know_of() {
        let told = |state, outcomes| waiver_sentence(&waiver(state, outcomes));
        assert_eq!(told(WaiverState::Used, 1), None);
        assert_eq!(
            told(WaiverState::Expired, 2).unwrap(),
            "waiver of `launch budget` (new onboarding) ended on 2026-11-22: 2 breaches are waived no more"
        );
        assert_eq!(
            told(WaiverState::Unused, 0).unwrap(),
            "waiver of `launch budget` (new onboarding) is not needed: nothing that it names is broken"
        );
    }

    #[test]
    fn the_age_of_the_data_is_told() {
        let report = gate(vec![], vec![]);
        assert_eq!(
            freshness_sentence(&report),
            "newest snapshot 2026-11-20, 3 days old; field data lag a release by days"
        );
        assert_eq!(
            freshness_sentence(&GateReport { newest_snapshot: None, ..report }),
            "the archive holds no snapshot"
        );
    }
}
