//! What became of each rule: for a terminal, for pull requests, and for programs.

use crate::facts::TextStyle;
use crate::gate_sentence::{explain_command, freshness_sentence, outcome_sentence, outcome_title, waiver_sentence};
use crate::json::write_json;
use crate::number::{count, plural};
use crate::safe;
use crate::text::{Pen, problems};
use perfpower_analysis::gate::{GateReport, Outcome, OutcomeVerdict};
use perfpower_model::InputProblem;
use schemars::JsonSchema;
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

/// Name of the schema, in the key `schema`.
pub(crate) const CHECK_SCHEMA: &str = "perfpower.check/1";

/// The answer of `perfpower check --format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct GateJson<'a> {
    /// Always `perfpower.check/1`.
    schema: &'static str,
    /// The day that waivers are held against.
    today: String,
    /// The day of the newest document; null = there is none.
    newest_snapshot: Option<String>,
    /// Whether a rule stops the release.
    tripped: bool,
    /// How many outcomes have each verdict.
    counts: CountsJson,
    /// By rule in the order given, then by app, metric and population.
    outcomes: Vec<OutcomeJson<'a>>,
    waivers: Vec<WaiverJson<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct CountsJson {
    pass: usize,
    trip: usize,
    informed: usize,
    waived: usize,
    set_aside: usize,
    not_enough_data: usize,
}

#[derive(Serialize, JsonSchema)]
struct OutcomeJson<'a> {
    /// Name of the rule.
    rule: &'a str,
    /// `gate` or `inform`.
    mode: &'static str,
    /// `trip`, `waived`, `informed`, `set_aside`, `not_enough_data` or `pass`.
    verdict: &'static str,
    /// Empty = the whole archive; so are the other names where the outcome is about more than one.
    app: &'a str,
    platform: &'a str,
    category: &'a str,
    metric: &'a str,
    device: &'a str,
    percentile: Option<f64>,
    /// The latest version of what was judged; empty = nothing was.
    version: &'a str,
    /// Why it came out as it did.
    text: String,
    /// The id of the finding that broke the rule, as in `perfpower.report/1`.
    finding: Option<String>,
    /// The command that explains it.
    explain: String,
}

#[derive(Serialize, JsonSchema)]
struct WaiverJson<'a> {
    /// Null = all rules.
    rule: Option<&'a str>,
    reason: &'a str,
    /// Its last day.
    until: String,
    /// What a reader must know of it; null = it simply holds.
    text: Option<String>,
}

/// Writes the outcomes as JSON: `perfpower.check/1`.
pub fn write_gate_json(gate: &GateReport, archive_argument: &str, out: &mut impl Write) -> io::Result<()> {
    let json = GateJson {
        schema: CHECK_SCHEMA,
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
