//! What became of each rule.

use super::calibration::cautions;
use super::unread::{passed_over_section, unread_section};
use super::{Block, Entry, Item, Line, Page, Section, Tone, rest, settings_section};
use crate::command_line::CommandLine;
use crate::facts::Report;
use crate::number::plural;
use crate::sentence::gate::{explain_command, freshness_sentence, outcome_sentence, outcome_title, waiver_sentence};
use perfpower_analysis::gate::{GateReport, Outcome, OutcomeVerdict};

/// Outcomes of one kind that a terminal shows before it says how many more there are.
const SHOWN: usize = 20;

/// The kinds of outcome in the order they are told, worst first. Passes are only counted.
const TOLD: [(OutcomeVerdict, &str); 6] = [
    (OutcomeVerdict::Trip, "Tripped"),
    (OutcomeVerdict::NotJudged, "Not judged: what the rule needs was not read"),
    (OutcomeVerdict::Informed, "Broken, for information"),
    (OutcomeVerdict::Waived, "Waived"),
    (OutcomeVerdict::SetAside, "Set aside: platform event"),
    (OutcomeVerdict::NotEnoughData, "Not enough data to judge"),
];

/// Everything that `check` says.
#[derive(Clone, Copy, Debug)]
pub struct CheckedRules<'a> {
    /// What became of each rule.
    pub gate: &'a GateReport,
    /// What they were judged by, and what was read.
    pub report: Report<'a>,
}

/// What `check` says.
pub fn check_page(checked: &CheckedRules<'_>) -> Page {
    let CheckedRules { gate, report } = checked;
    let outcomes = |&(verdict, title)| outcomes_section(gate, verdict, title, report.archive_argument);
    let mut sections: Vec<Section> = TOLD.iter().filter_map(outcomes).collect();
    let waivers: Vec<Item> = gate.waivers.iter().filter_map(waiver_sentence).map(Item::of).collect();
    if !waivers.is_empty() {
        sections.push(Section::new(Line::ours("Waivers"), vec![Block::List(waivers)]));
    }
    sections.extend(cautions(&report.analysis.calibration.alarms));
    sections.extend(unread_section(report.problems));
    sections.extend(passed_over_section(&report.archive.skipped, false));
    sections.push(settings_section(report));
    let lead = vec![freshness_sentence(gate).into()];
    Page { title: headline(gate).into(), lead, sections, ..Page::default() }
}

fn outcomes_section(gate: &GateReport, verdict: OutcomeVerdict, title: &str, archive: &CommandLine) -> Option<Section> {
    let outcomes: Vec<&Outcome> = gate.outcomes.iter().filter(|outcome| outcome.verdict == verdict).collect();
    let is_trip = verdict == OutcomeVerdict::Trip;
    let entry = |outcome: &&Outcome| {
        let mut lines = vec![outcome_sentence(outcome).into()];
        lines.extend(outcome.waiver.and_then(|at| gate.waivers.get(at)).map(|report| {
            let waiver = &report.waiver;
            Line::from(format!("waived until {}: {}", waiver.until, waiver.reason))
        }));
        Block::Entry(Entry {
            title: format!("{}: {}", outcome.rule_name, outcome_title(outcome)).into(),
            tone: if is_trip { Tone::Worse } else { Tone::Plain },
            lines,
            explain: is_trip.then(|| explain_command(outcome, archive)),
            ..Entry::default()
        })
    };
    let mut blocks: Vec<Block> = outcomes.iter().take(SHOWN).map(entry).collect();
    blocks.extend(rest(outcomes.len(), SHOWN, &Line::ours("see --format json")));
    (!outcomes.is_empty()).then(|| Section::new(format!("{title} ({})", outcomes.len()), blocks))
}

/// `2 of 14 checks tripped; 11 passed, 1 waived`.
fn headline(gate: &GateReport) -> String {
    let all = plural(gate.outcomes.len() as u64, "check", "checks");
    let parts: Vec<String> = [
        (OutcomeVerdict::Pass, "passed"),
        (OutcomeVerdict::Informed, "for information"),
        (OutcomeVerdict::Waived, "waived"),
        (OutcomeVerdict::SetAside, "set aside"),
        (OutcomeVerdict::NotJudged, "not judged"),
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
    use crate::facts::TextStyle;
    use crate::json::check::write_gate_json;
    use crate::render::PageFormat;
    use crate::render::tests::rendered;
    use crate::sentence::gate::tests::{gate, outcome, regression_evidence};
    use perfpower_analysis::{Filter, Options};
    use perfpower_model::ArchiveFacts;

    #[test]
    fn what_is_set_aside_is_told_and_trips_nothing() {
        let gate = gate(vec![outcome(OutcomeVerdict::SetAside, regression_evidence())], vec![]);
        let archive = CommandLine::default().word("archive");
        let analysis = perfpower_analysis::analyze(&[], &Filter::default(), &Options::default());
        let facts = ArchiveFacts::default();
        let report =
            Report { analysis: &analysis, archive: &facts, problems: &[], archive_argument: &archive, top: None };
        let checked = CheckedRules { gate: &gate, report };
        let page = check_page(&checked);
        let text = rendered(&page, PageFormat::Text(TextStyle::default()));
        assert!(text.starts_with("Nothing tripped of 1 check; 1 set aside\n"), "{text}");
        assert!(text.contains("Set aside: platform event (1)\n"), "{text}");
        assert!(text.contains("many apps share it, so it is the platform's"), "{text}");
        let mut json = Vec::new();
        write_gate_json(&checked, crate::JsonLayout::Indented, &mut json).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert_eq!((&json["tripped"], &json["counts"]["set_aside"]), (&false.into(), &1.into()));
    }
}
