//! Pages to bytes: one file for each form. What is said stands in [`crate::page`].

pub(crate) mod html;
mod markdown;
mod text;

use crate::facts::TextStyle;
use crate::page::Page;
use std::io::{self, Write};

/// The form of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageFormat {
    /// For a terminal.
    Text(TextStyle),
    /// GitHub's kind: for pull requests and job summaries.
    Markdown,
    /// One file for a browser, complete in itself.
    Html,
}

/// Writes a page.
pub fn write_page(page: &Page, format: PageFormat, out: &mut impl Write) -> io::Result<()> {
    match format {
        PageFormat::Text(style) => text::write(page, style, out),
        PageFormat::Markdown => markdown::write(page, out),
        PageFormat::Html => html::write(page, out),
    }
}

/// Names that try every renderer, and a page that shows them everywhere.
#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::command_line::CommandLine;
    use crate::page::{Align, Block, Chart, Entry, Item, Line, Section, Span, Table, Tone};
    use perfpower_analysis::SeriesPoint;
    use perfpower_model::Day;

    /// A page whose every text is the same.
    pub(crate) fn page_of(text: &str) -> Page {
        let line =
            || Line { spans: vec![Span::Plain(text.into()), Span::Strong(text.into()), Span::Code(text.into())] };
        let command = || CommandLine::perfpower("report").option("--app", text);
        let entry = |rank| Entry {
            rank,
            title: line(),
            figure: text.to_owned(),
            tone: Tone::Worse,
            lines: vec![line(), line()],
            course: Some(line()),
            explain: Some(command()),
        };
        let mut table = Table::new(&[("left", Align::Left), ("right", Align::Right)]);
        table.row(vec![text.to_owned(), text.to_owned()]);
        let point = SeriesPoint {
            version: text.to_owned(),
            value: 1.0,
            margin: None,
            goal: Some(text.to_owned()),
            snapshot: Day::from_days(20_000),
            revisions: Vec::new(),
            is_odd: false,
        };
        let blocks = vec![
            Block::Paragraph(line()),
            Block::Part(line()),
            Block::List(vec![Item { line: line(), remarks: vec![line()] }]),
            Block::Table(table),
            Block::Entry(entry(None)),
            Block::Entry(entry(Some(1))),
            Block::Fixed(vec![text.to_owned()]),
            Block::Chart(Chart { title: text.to_owned(), points: vec![point], ..Chart::default() }),
            Block::Rest(line()),
        ];
        let folded = Section::new(line(), blocks.clone()).folded();
        Page {
            title: line(),
            lead: vec![line()],
            sections: vec![Section::new(line(), blocks), folded],
            next: Some(command()),
        }
    }

    pub(crate) fn rendered(page: &Page, format: PageFormat) -> String {
        let mut out = Vec::new();
        write_page(page, format, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }
}
