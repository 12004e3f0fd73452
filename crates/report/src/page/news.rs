//! What is new since an earlier report, before everything else: what is new in full, what changed and what is gone in a line each.

use super::report::{Ranked, card, ranked};
use super::{Block, Entry, Item, Line, Section, Tone, rest};
use crate::command_line::CommandLine;
use crate::facts::Report;
use crate::sentence::{self, answer, news};
use perfpower_analysis::{Finding, Gone, News, Standing};

/// Cards of one kind that are shown before it is said how many more there are.
const SHOWN_CARDS: usize = 20;
/// Lines, likewise.
const SHOWN_LINES: usize = 40;

/// The sections of what is new; none where nothing is.
pub(crate) fn news_sections(report: &Report<'_>, told: &News) -> Vec<Section> {
    let analysis = report.analysis;
    let all = ranked(analysis);
    let of = |wanted: fn(&Finding) -> bool, is_it: fn(&Standing) -> bool| -> Vec<Ranked<'_>> {
        all.iter().copied().filter(|(_, own)| wanted(own) && is_it(told.standing(own.id))).collect()
    };
    let is_new = |standing: &Standing| *standing == Standing::New;
    let is_changed = |standing: &Standing| matches!(standing, Standing::Changed(_));
    let is_gone = |standing: &Standing| *standing == Standing::Recovered;
    let more = Line::ours("--format html or json");
    let cards = |title: &str, findings: &[Ranked<'_>]| -> Option<Section> {
        let shown = report.top.unwrap_or(SHOWN_CARDS);
        let full = |&(rank, finding): &Ranked<'_>| Block::Entry(card(finding, &analysis.platform_events, rank));
        let mut blocks: Vec<Block> = findings.iter().take(shown).map(full).collect();
        blocks.extend(rest(findings.len(), shown, &more));
        (!findings.is_empty()).then(|| Section::new(format!("{title} ({})", findings.len()), blocks))
    };
    let changed: Vec<Block> = of(|_| true, is_changed).iter().map(|own| entry(*own, told)).collect();
    let recovered: Vec<Block> = of(|_| true, is_gone).iter().map(|own| entry(*own, told)).collect();
    let gone: Vec<Item> = told.gone.iter().map(|gone| gone_item(report, gone)).collect();
    let shared =
        analysis.findings.iter().filter(|own| !own.is_own() && *told.standing(own.id) != Standing::Known).count();
    let lines = |title: &str, blocks: Vec<Block>| -> Option<Section> {
        let count = blocks.len();
        let mut blocks: Vec<Block> = blocks.into_iter().take(SHOWN_LINES).collect();
        blocks.extend(rest(count, SHOWN_LINES, &more));
        (count > 0).then(|| Section::new(format!("{title} ({count})"), blocks))
    };
    let listed = |items: Vec<Item>| -> Option<Section> {
        let count = items.len();
        let mut blocks = vec![Block::List(items.into_iter().take(SHOWN_LINES).collect())];
        blocks.extend(rest(count, SHOWN_LINES, &more));
        (count > 0).then(|| Section::new(format!("Gone: not claimed any more ({count})"), blocks))
    };
    let of_many = (shared > 0).then(|| {
        let words = crate::number::plural(
            shared as u64,
            "finding that many apps share is",
            "findings that many apps share are",
        );
        Section::paragraph(
            Line::from(format!("Beside these {words} new or changed.")).and_ours(" See `--format json`."),
        )
    });
    [
        cards("New: regressions that are open", &of(Finding::is_open_regression, is_new)),
        cards("New: other findings", &of(|own| !own.is_open_regression(), is_new)),
        lines("Changed", changed),
        lines("Gone: recovered", recovered),
        listed(gone),
        of_many,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What stands behind what is new: how many findings are as they were, and the command that shows them.
pub(crate) fn known_section(report: &Report<'_>, told: &News) -> Option<Section> {
    let known = news::Counts::of(told, &report.analysis.findings).known;
    let words = crate::number::plural(known as u64, "finding is as it was", "findings are as they were");
    let command = CommandLine::perfpower("report").then(report.archive_argument).to_string();
    (known > 0).then(|| Section::paragraph(Line::from(format!("{words}: ")).and_code(command)))
}

/// A finding that was claimed before, with what is otherwise.
fn entry((rank, finding): Ranked<'_>, told: &News) -> Block {
    let words = news::standing_words(told.standing(finding.id), finding);
    Block::Entry(Entry {
        rank: Some(rank),
        title: format!("{} · {}", finding.app_name, sentence::finding_title(finding)).into(),
        figure: answer::headline(finding),
        tone: if finding.is_open_regression() { Tone::Worse } else { Tone::Plain },
        lines: words
            .into_iter()
            .chain([answer::answer(finding), format!("id {}", finding.id)])
            .map(Line::from)
            .collect(),
        ..Entry::default()
    })
}

fn gone_item(report: &Report<'_>, gone: &Gone) -> Item {
    let claim = &gone.claim;
    let app = report.analysis.options.app_name(&claim.series.app);
    Item {
        line: format!("{app} · {}: {}", news::claim_title(claim), news::claim_words(claim)).into(),
        remarks: vec![news::gone_words(gone).into()],
    }
}
