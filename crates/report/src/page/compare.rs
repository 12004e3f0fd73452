//! Comparisons of plain numbers, worst first.

use super::unread::unread_section;
use super::{Align, Block, Line, Page, Section, Table, rest};
use crate::number::{self, plural};
use crate::safe;
use crate::sentence;
use crate::sparkline::sparkline;
use perfpower_analysis::{Baseline, Comparison, Comparisons};
use perfpower_model::InputProblem;

/// Versions of the small chart of a row.
const CHART_WIDTH: usize = 14;

/// What `compare` says.
pub fn compare_page(comparisons: &Comparisons, baseline: &Baseline, problems: &[InputProblem]) -> Page {
    let Comparisons { series, rows } = comparisons;
    let mut page = Page { title: headline(comparisons, baseline).into(), ..Page::default() };
    if *series == 0 {
        page.lead.push(Line::ours("No series has both sides."));
    } else {
        let mut blocks = vec![Block::Table(table(rows))];
        blocks.extend(rest(*series, rows.len(), &format!("--top {series}").into()));
        page.sections.push(Section { blocks, ..Section::default() });
        let note = "Plain numbers: what is noise and what is not, `perfpower report` says.";
        page.sections.push(Section::paragraph(Line::ours(note)));
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

fn table(rows: &[Comparison]) -> Table {
    let mut table = Table::new(&[
        ("app", Align::Left),
        ("series", Align::Left),
        ("from", Align::Left),
        ("before", Align::Right),
        ("to", Align::Left),
        ("after", Align::Right),
        ("change", Align::Right),
        ("versions", Align::Left),
    ]);
    for row in rows {
        table.row(vec![
            safe::visible_cut(&row.app_name, 24),
            sentence::series_words(&row.series, row.percentile),
            row.from.clone(),
            number::value(row.before),
            row.to.clone(),
            number::value_with_unit(row.after, row.unit_label.as_deref()),
            number::change(row.change),
            sparkline(&row.values, &[], CHART_WIDTH),
        ]);
    }
    table
}
