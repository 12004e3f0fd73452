//! Versions side by side: what differs first, worst first, and beside each row whether noise can explain it.

use super::unread::unread_section;
use super::{Align, Block, Line, Page, Section, Table, Tone, rest};
use crate::command_line::CommandLine;
use crate::number::{self, plural, signed_percent};
use crate::safe;
use crate::sentence;
use crate::sparkline::sparkline;
use perfpower_analysis::{Baseline, Comparison, Comparisons};
use perfpower_model::InputProblem;

/// Versions of the small chart of a row.
const CHART_WIDTH: usize = 14;

/// What `compare` says.
pub fn compare_page(
    comparisons: &Comparisons,
    baseline: &Baseline,
    archive: &CommandLine,
    problems: &[InputProblem],
) -> Page {
    let Comparisons { series, worse, better, rows } = comparisons;
    let mut page = Page { title: headline(comparisons, baseline).into(), ..Page::default() };
    if *series == 0 {
        page.lead.push(Line::ours("No series has both sides."));
    } else {
        let same = series - worse - better;
        let words = |number: usize, what: &str| format!("{} {what}", number::count(number as u64));
        page.lead.push(
            Line::from(format!("{}, {}. ", words(*worse, "are worse (▲)"), words(*better, "are better (▼)")))
                .and(words(same, "are not shown to differ (~)"))
                .and_ours(": the noise of their series can explain it."),
        );
        let mut blocks = vec![Block::Table(table(rows))];
        blocks.extend(rest(*series, rows.len(), &format!("--top {series}").into()));
        page.sections.push(Section { blocks, ..Section::default() });
        let note = "`finding` is the number of the finding in `perfpower report` that a difference is part of. The interval is that of \
                    the row alone; ▲ and ▼ hold with all rows taken into account.";
        page.sections.push(Section::paragraph(Line::ours(note)));
        if let Some((_, id)) = rows.iter().find_map(|row| row.finding) {
            page.next = Some(CommandLine::perfpower("report").then(archive).option("--explain", id.to_string()));
        }
    }
    page.sections.extend(unread_section(problems));
    page
}

fn headline(comparisons: &Comparisons, baseline: &Baseline) -> String {
    let series = plural(comparisons.series as u64, "series", "series");
    match baseline {
        Baseline::Previous => format!("Latest version against the one before it: {series}"),
        Baseline::MeanOfPreviousFour => {
            format!("Latest version against the mean of the previous four (Apple's rule): {series}")
        }
        Baseline::Versions { from, to } => {
            format!("{to} against {from}: {series}")
        }
    }
}

/// The sign of a row, which says without colour what the colour says.
fn mark(row: &Comparison) -> (&'static str, Tone) {
    let is_rise = row.change.percent().is_none_or(|percent| percent > 0.0);
    match &row.significance {
        Some(known) if known.differs && is_rise != row.higher_is_better => ("▲", Tone::Worse),
        Some(known) if known.differs => ("▼", Tone::Better),
        Some(_) => ("~", Tone::Quiet),
        None => ("", Tone::Plain),
    }
}

/// What is the same in every row is said above them, or not at all.
fn table(rows: &[Comparison]) -> Table {
    let varies = |of: fn(&Comparison) -> &str| rows.iter().any(|row| of(row) != of(&rows[0]));
    let (has_app, has_from, has_to) = (varies(|row| &row.app_name), varies(|row| &row.from), varies(|row| &row.to));
    let has_finding = rows.iter().any(|row| row.finding.is_some());
    let columns = [
        (has_app, "app", Align::Left),
        (true, "series", Align::Left),
        (has_from, "from", Align::Left),
        (true, "before", Align::Right),
        (has_to, "to", Align::Left),
        (true, "after", Align::Right),
        (true, "change", Align::Right),
        (true, "interval", Align::Left),
        (has_finding, "finding", Align::Right),
        (true, "versions", Align::Left),
    ];
    let mut table = Table::with_columns(
        columns.iter().filter(|(shown, ..)| *shown).map(|(_, name, align)| ((*name).to_owned(), *align)).collect(),
    );
    for row in rows {
        let (mark, tone) = mark(row);
        let interval = row.significance.and_then(|known| known.interval_percent);
        let cells = [
            safe::visible_cut(&row.app_name, 24),
            sentence::series_words(&row.series, row.percentile),
            row.from.clone(),
            number::value(row.before),
            row.to.clone(),
            number::value_with_unit(row.after, row.unit_label.as_deref()),
            format!("{mark} {}", number::change(row.change)).trim_start().to_owned(),
            interval.map_or_else(String::new, |[low, high]| {
                format!("{} to {}", signed_percent(low).trim_end_matches(" %"), signed_percent(high))
            }),
            row.finding.map_or_else(String::new, |(rank, _)| rank.to_string()),
            sparkline(&row.values, &[], CHART_WIDTH),
        ];
        let shown = cells.into_iter().zip(&columns).filter(|(_, (shown, ..))| *shown);
        table.toned_row(shown.map(|(cell, _)| cell).collect(), tone);
    }
    table
}
