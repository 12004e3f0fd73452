//! What became of each rule: for a terminal, for pull requests, and for programs.

use crate::facts::{InputProblem, TextStyle};
use crate::gate_sentence::{explain_command, freshness_sentence, outcome_sentence, outcome_title, waiver_sentence};
use crate::json::write_json;
use crate::number::{count, plural};
use crate::safe;
use crate::text::{Pen, problems};
use perfpower_analysis::gate::{GateReport, Outcome, OutcomeVerdict};
use serde::Serialize;
use std::io::{self, Write};

/// Outcomes of one kind that a terminal shows before it says how many more there are.
const SHOWN: usize = 20;

/// The kinds of outcome in the order they are told, worst first. Passes are only counted.
const TOLD: [(OutcomeVerdict, &str); 5] = [
    (OutcomeVerdict::Trip, "Tripped"),
    (OutcomeVerdict::Informed, "Broken, for information"),
    (OutcomeVerdict::Waived, "Waived"),
    (OutcomeVerdict::SetAside, "Set aside: platform event"),
    (OutcomeVerdict::NotEnoughData, "Not enough data to judge"),
];

/// Writes the outcomes for a terminal.
pub fn write_gate_text(
    gate: &GateReport,
    input_problems: &[InputProblem],
    archive_argument: &str,
    style: TextStyle,
    out: &mut impl Write,
) -> io::Result<()> {
    let pen = Pen { style };
    writeln!(out, "{}", pen.bold(&headline(gate)))?;
    writeln!(out, "{}", freshness_sentence(gate))?;
    for (verdict, title) in TOLD {
        let outcomes: Vec<&Outcome> = of(gate, verdict).collect();
        if outcomes.is_empty() {
            continue;
        }
        writeln!(out, "\n{}", pen.heading(&format!("{title} ({})", outcomes.len())))?;
        for outcome in outcomes.iter().take(SHOWN) {
            let rule = safe::visible(&outcome.rule_name);
            writeln!(out, "  {}", pen.bold(&format!("{rule}: {}", outcome_title(outcome))))?;
            pen.paragraph(&outcome_sentence(outcome), out)?;
            if let Some(waiver) = outcome.waiver.and_then(|at| gate.waivers.get(at)) {
                let waiver = &waiver.waiver;
                pen.paragraph(&format!("waived until {}: {}", waiver.until, safe::visible(&waiver.reason)), out)?;
            }
            if verdict == OutcomeVerdict::Trip {
                pen.paragraph(&format!("explain: {}", explain_command(outcome, archive_argument)), out)?;
            }
        }
        if outcomes.len() > SHOWN {
            writeln!(out, "     … and {} more: see --format json", count((outcomes.len() - SHOWN) as u64))?;
        }
    }
    let waivers: Vec<String> = gate.waivers.iter().filter_map(waiver_sentence).collect();
    if !waivers.is_empty() {
        writeln!(out, "\n{}", pen.heading("Waivers"))?;
        for waiver in waivers {
            pen.paragraph(&waiver, out)?;
        }
    }
    problems(input_problems, pen, out)
}

/// Writes the outcomes as Markdown.
pub fn write_gate_markdown(gate: &GateReport, archive_argument: &str, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "## {}\n\n{}.\n", headline(gate), freshness_sentence(gate))?;
    for (verdict, title) in TOLD {
        let outcomes: Vec<&Outcome> = of(gate, verdict).collect();
        if outcomes.is_empty() {
            continue;
        }
        writeln!(out, "### {title} ({})\n", outcomes.len())?;
        for outcome in outcomes.iter().take(SHOWN) {
            writeln!(
                out,
                "- **{}**: {}: {}",
                safe::markdown(&outcome.rule_name),
                safe::markdown(&outcome_title(outcome)),
                safe::markdown(&outcome_sentence(outcome))
            )?;
            if verdict == OutcomeVerdict::Trip {
                writeln!(out, "  `{}`", explain_command(outcome, archive_argument).replace('`', "'"))?;
            }
        }
        writeln!(out)?;
    }
    for waiver in gate.waivers.iter().filter_map(waiver_sentence) {
        writeln!(out, "- {}", safe::markdown(&waiver))?;
    }
    Ok(())
}

#[derive(Serialize)]
struct GateJson<'a> {
    schema: &'static str,
    today: String,
    newest_snapshot: Option<String>,
    tripped: bool,
    counts: CountsJson,
    outcomes: Vec<OutcomeJson<'a>>,
    waivers: Vec<WaiverJson<'a>>,
}

#[derive(Serialize)]
struct CountsJson {
    pass: usize,
    trip: usize,
    informed: usize,
    waived: usize,
    set_aside: usize,
    not_enough_data: usize,
}

#[derive(Serialize)]
struct OutcomeJson<'a> {
    rule: &'a str,
    mode: &'static str,
    verdict: &'static str,
    app: &'a str,
    platform: &'a str,
    category: &'a str,
    metric: &'a str,
    device: &'a str,
    percentile: Option<f64>,
    version: &'a str,
    text: String,
    finding: Option<String>,
    explain: String,
}

#[derive(Serialize)]
struct WaiverJson<'a> {
    rule: Option<&'a str>,
    reason: &'a str,
    until: String,
    text: Option<String>,
}

/// Writes the outcomes as JSON: `perfpower.check/1`.
pub fn write_gate_json(gate: &GateReport, archive_argument: &str, out: &mut impl Write) -> io::Result<()> {
    let json = GateJson {
        schema: "perfpower.check/1",
        today: gate.today.to_string(),
        newest_snapshot: gate.newest_snapshot.map(|day| day.to_string()),
        tripped: gate.is_tripped(),
        counts: CountsJson {
            pass: gate.count(OutcomeVerdict::Pass),
            trip: gate.count(OutcomeVerdict::Trip),
            informed: gate.count(OutcomeVerdict::Informed),
            waived: gate.count(OutcomeVerdict::Waived),
            set_aside: gate.count(OutcomeVerdict::SetAside),
            not_enough_data: gate.count(OutcomeVerdict::NotEnoughData),
        },
        outcomes: gate
            .outcomes
            .iter()
            .map(|outcome| OutcomeJson {
                rule: &outcome.rule_name,
                mode: outcome.mode.as_str(),
                verdict: outcome.verdict.as_str(),
                app: &outcome.app,
                platform: &outcome.platform,
                category: &outcome.category,
                metric: &outcome.metric,
                device: &outcome.device,
                percentile: outcome.percentile,
                version: &outcome.version,
                text: outcome_sentence(outcome),
                finding: outcome.finding.map(|id| id.to_string()),
                explain: explain_command(outcome, archive_argument),
            })
            .collect(),
        waivers: gate
            .waivers
            .iter()
            .map(|waiver| WaiverJson {
                rule: waiver.waiver.rule.as_deref(),
                reason: &waiver.waiver.reason,
                until: waiver.waiver.until.to_string(),
                text: waiver_sentence(waiver),
            })
            .collect(),
    };
    write_json(&json, out)
}

fn of(gate: &GateReport, verdict: OutcomeVerdict) -> impl Iterator<Item = &Outcome> {
    gate.outcomes.iter().filter(move |outcome| outcome.verdict == verdict)
}

/// `2 of 14 checks tripped; 11 passed, 1 waived`.
fn headline(gate: &GateReport) -> String {
    let all = plural(gate.outcomes.len() as u64, "check", "checks");
    let parts: Vec<String> = [
        (OutcomeVerdict::Pass, "passed"),
        (OutcomeVerdict::Informed, "for information"),
        (OutcomeVerdict::Waived, "waived"),
        (OutcomeVerdict::SetAside, "set aside"),
        (OutcomeVerdict::NotEnoughData, "without enough data"),
    ]
    .into_iter()
    .map(|(verdict, word)| (gate.count(verdict), word))
    .filter(|(number, _)| *number > 0)
    .map(|(number, word)| format!("{number} {word}"))
    .collect();
    let rest = if parts.is_empty() { String::new() } else { format!("; {}", parts.join(", ")) };
    match gate.count(OutcomeVerdict::Trip) {
        0 => format!("Nothing tripped of {all}{rest}"),
        trips => format!("{trips} of {all} tripped{rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate_sentence::tests::{gate, outcome, regression_evidence};

    #[test]
    fn what_is_set_aside_is_told_and_trips_nothing() {
        let gate = gate(vec![outcome(OutcomeVerdict::SetAside, regression_evidence())], vec![]);
        let mut text = Vec::new();
        write_gate_text(&gate, &[], "archive", TextStyle::default(), &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.starts_with("Nothing tripped of 1 check; 1 set aside\n"), "{text}");
        assert!(text.contains("Set aside: platform event (1)\n"), "{text}");
        assert!(text.contains("many apps share it, so it is the platform's"), "{text}");
        let mut json = Vec::new();
        write_gate_json(&gate, "archive", &mut json).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert_eq!((&json["tripped"], &json["counts"]["set_aside"]), (&false.into(), &1.into()));
    }
}
