//! Outcomes of rules as `JUnit` XML: one suite per rule, one case per app × metric, so that a CI system shows them as tests.
//!
//! | outcome | case |
//! |---|---|
//! | pass | success |
//! | trip | failure of the type `trip` |
//! | waived, informed, set aside | success, with the sentence in `system-out` |
//! | not judged, by a rule that gates | error of the type `not_judged` |
//! | not enough data | skipped |
//! | an input that could not be read | error, in a suite of its own |
//!
//! There are no times and no timestamps: the same outcomes give the same bytes.

use crate::command_line::CommandLine;
use crate::page::CheckedRules;
use crate::safe;
use crate::sentence::gate::{explain_command, freshness_sentence, outcome_sentence, outcome_title, waiver_sentence};
use crate::sentence::settings_line;
use perfpower_analysis::gate::{GateReport, Outcome, OutcomeVerdict, RuleMode, WaiverReport};
use perfpower_model::InputProblem;
use perfpower_model::Severity;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Writes the outcomes; of the problems only lost inputs are told.
pub fn write_gate_junit(checked: &CheckedRules<'_>, out: &mut impl Write) -> io::Result<()> {
    let CheckedRules { gate, report: read } = *checked;
    let (problems, archive) = (read.problems, read.archive_argument);
    let mut report = Report::new("perfpower check");
    for (index, rule) in gate.rules.iter().enumerate() {
        let mut suite = TestSuite::new(safe::visible(&rule.name).into_owned());
        suite.add_property(("mode", rule.mode.as_str()));
        suite.add_property(("demand", rule.demand.as_str()));
        suite.add_property(("data", freshness_sentence(gate).as_str()));
        suite.add_property(("settings", settings_line(&read).as_str()));
        let concerns = |waiver: &&WaiverReport| waiver.waiver.rule.as_ref().is_none_or(|name| *name == rule.name);
        let waivers: Vec<_> = gate.waivers.iter().filter(concerns).filter_map(waiver_sentence).collect();
        if !waivers.is_empty() {
            suite.set_system_out(waivers.join("\n"));
        }
        // One case per app × metric: its populations are lines of it.
        let mut cases: BTreeMap<(&str, &str, &str, &str), Vec<&Outcome>> = BTreeMap::new();
        for outcome in gate.outcomes.iter().filter(|outcome| outcome.rule == index) {
            let Outcome { app, platform, category, metric, .. } = outcome;
            let [app, platform, category, metric] =
                [app, platform, category, metric].map(|text| text.as_deref().unwrap_or_default());
            let key = (app, platform, category, metric);
            cases.entry(key).or_default().push(outcome);
        }
        for (key, outcomes) in cases {
            suite.add_test_case(case(key, &outcomes, gate, archive));
        }
        report.add_test_suite(suite);
    }
    let lost: Vec<_> = problems.iter().filter(|problem| problem.problem.severity == Severity::Error).collect();
    if !lost.is_empty() {
        let mut suite = TestSuite::new("unreadable inputs");
        for InputProblem { path, problem } in lost {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_type(problem.code).set_message(safe::visible(&problem.message).into_owned());
            if let Some(hint) = &problem.hint {
                status.set_description(safe::visible(hint).into_owned());
            }
            let mut case = TestCase::new(safe::visible(path.as_deref().unwrap_or_default()).into_owned(), status);
            case.set_classname("input");
            suite.add_test_case(case);
        }
        report.add_test_suite(suite);
    }
    out.write_all(without_total_of_skipped(&report.to_string().map_err(io::Error::other)?).as_bytes())
}

/// The schema that Jenkins holds files to knows `skipped` for a suite and not for all suites together; the writer gives both.
fn without_total_of_skipped(xml: &str) -> String {
    let Some(start) = xml.find("<testsuites ") else { return xml.to_owned() };
    let end = start + xml[start..].find('>').unwrap_or(0);
    let (head, rest) = xml.split_at(end);
    let Some(at) = head.find(" skipped=\"") else { return xml.to_owned() };
    let value = at + " skipped=\"".len();
    let after = head[value..].find('"').map_or(head.len(), |length| value + length + 1);
    format!("{}{}{rest}", &head[..at], &head[after..])
}

fn case(
    (app, platform, category, metric): (&str, &str, &str, &str),
    outcomes: &[&Outcome],
    gate: &GateReport,
    archive: &CommandLine,
) -> TestCase {
    let with =
        |verdict| -> Vec<&Outcome> { outcomes.iter().copied().filter(|outcome| outcome.verdict == verdict).collect() };
    let trips = with(OutcomeVerdict::Trip);
    let not_judged: Vec<&Outcome> =
        with(OutcomeVerdict::NotJudged).into_iter().filter(|outcome| outcome.mode == RuleMode::Gate).collect();
    let missing = with(OutcomeVerdict::NotEnoughData);
    let status = if let Some(first) = trips.first() {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        let more = if trips.len() > 1 { format!(" (and {} more)", trips.len() - 1) } else { String::new() };
        status.set_type("trip").set_message(format!("{}{more}", outcome_sentence(first)));
        let lines: Vec<String> = trips
            .iter()
            .map(|trip| {
                let explain = explain_command(trip, archive);
                format!("{}: {}\n  explain: {explain}", outcome_title(trip), outcome_sentence(trip))
            })
            .collect();
        status.set_description(lines.join("\n"));
        status
    } else if let Some(first) = not_judged.first() {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type("not_judged").set_message(outcome_sentence(first));
        status
    } else if let Some(first) = missing.first()
        && missing.len() == outcomes.len()
    {
        let mut status = TestCaseStatus::skipped();
        status.set_type("not_enough_data").set_message(outcome_sentence(first));
        status
    } else {
        TestCaseStatus::success()
    };
    let name: Vec<_> = [platform, category, metric].into_iter().filter(|part| !part.is_empty()).collect();
    let name = if name.is_empty() { "all metrics".to_owned() } else { name.join("/") };
    let mut case = TestCase::new(safe::visible(&name).into_owned(), status);
    case.set_classname(if app.is_empty() { "archive".to_owned() } else { safe::visible(app).into_owned() });
    let told: Vec<String> = outcomes
        .iter()
        .filter(|outcome| !matches!(outcome.verdict, OutcomeVerdict::Trip))
        .map(|outcome| {
            let mut line =
                format!("{}: {}: {}", outcome.verdict.as_str(), outcome_title(outcome), outcome_sentence(outcome));
            if let Some(report) = outcome.waiver.and_then(|at| gate.waivers.get(at)) {
                let waiver = &report.waiver;
                line.push_str(&format!("; waived until {}: {}", waiver.until, safe::visible(&waiver.reason)));
            }
            line
        })
        .collect();
    if !told.is_empty() {
        case.set_system_out(told.join("\n"));
    }
    case
}

#[cfg(test)]
mod tests;
