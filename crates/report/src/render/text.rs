//! A page for a terminal: short, aligned, readable without colour.

use crate::facts::TextStyle;
use crate::page::{Align, Block, Chart, Entry, Line, Page, Section, Table, Tone};
use crate::safe::{shortened, visible, visible_cut};
use crate::sparkline::TextSeries;
use comfy_table::{Cell, CellAlignment, ContentArrangement, presets};
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// Where a word is cut in the middle: paths and symbols stay whole, so that they can be copied, unless they are absurd.
const LONGEST_WORD: usize = 300;

/// Where running text begins below a heading.
const PARAGRAPH: &str = "  ";
/// Where it begins below a title or as a point of a list.
const POINT: &str = "     ";
/// Where a remark on a point begins.
const REMARK: &str = "       ";

/// Writes the page.
pub(super) fn write(page: &Page, style: TextStyle, out: &mut impl Write) -> io::Result<()> {
    let pen = Pen { style };
    for line in pen.wrapped(&page.title, "") {
        writeln!(out, "{}", pen.bold(&line))?;
    }
    for line in &page.lead {
        pen.paragraph(line, "", out)?;
    }
    for section in &page.sections {
        write_section(section, pen, out)?;
    }
    if let Some(command) = &page.next {
        writeln!(out, "\n{} {command}", pen.bold("Next:"))?;
    }
    Ok(())
}

fn write_section(section: &Section, pen: Pen, out: &mut impl Write) -> io::Result<()> {
    writeln!(out)?;
    if let Some(heading) = &section.heading {
        writeln!(out, "{}", pen.heading(heading))?;
    }
    let indent = if section.heading.is_some() { PARAGRAPH } else { "" };
    for block in &section.blocks {
        match block {
            Block::Paragraph(line) => pen.paragraph(line, indent, out)?,
            Block::Part(line) => writeln!(out, " {}", pen.bold(&visible_cut(&line.plain(), pen.width() - 1)))?,
            Block::List(items) => {
                for item in items {
                    pen.paragraph(&item.line, POINT, out)?;
                    item.remarks.iter().try_for_each(|remark| pen.paragraph(remark, REMARK, out))?;
                }
            }
            Block::Table(table) => write!(out, "{}", pen.marked(&in_columns(table, pen.width())))?,
            Block::Entry(entry) => write_entry(entry, pen, out)?,
            Block::Fixed(lines) => {
                lines.iter().try_for_each(|line| writeln!(out, "{}", visible_cut(line, pen.width())))?;
            }
            Block::Chart(chart) => {
                for line in drawn(chart, pen.width() - PARAGRAPH.len()).lines() {
                    writeln!(out, "{PARAGRAPH}{line}")?;
                }
            }
            Block::Rest(line) => pen.paragraph(line, POINT, out)?,
        }
    }
    Ok(())
}

/// The series of a chart drawn with characters.
pub(super) fn drawn(chart: &Chart, width: usize) -> String {
    TextSeries {
        points: &chart.points,
        segments: &chart.segments,
        guilty: chart.guilty.as_ref().map(|(version, _)| version.as_str()),
        probability: chart.guilty.as_ref().and_then(|(_, probability)| *probability),
        unit_label: chart.unit_label.as_deref(),
    }
    .chart(width)
}

/// The course of an entry is left to forms that scroll.
fn write_entry(entry: &Entry, pen: Pen, out: &mut impl Write) -> io::Result<()> {
    let title = visible(&entry.title.plain()).into_owned();
    let start = entry.rank.map_or_else(|| PARAGRAPH.to_owned(), |rank| format!("{rank:>3}  "));
    if entry.figure.is_empty() {
        for (at, line) in pen.wrapped(&entry.title, &start).into_iter().enumerate() {
            let start = if at == 0 { start.clone() } else { " ".repeat(start.len()) };
            writeln!(out, "{start}{}", pen.bold(&line[start.len()..]))?;
        }
    } else {
        let line = pen.two_sides(&format!("{start}{title}"), &visible(&entry.figure));
        writeln!(out, "{}", pen.toned(&line, entry.tone))?;
    }
    entry.lines.iter().try_for_each(|line| pen.paragraph(line, POINT, out))?;
    if let Some(command) = &entry.explain {
        writeln!(out, "{POINT}explain: {command}")?;
    }
    Ok(())
}

/// Without frames, two columns between cells, wrapped at `width`.
fn in_columns(table: &Table, width: usize) -> String {
    let cell = |text: &str, align: Align| {
        Cell::new(text).set_alignment(match align {
            Align::Left => CellAlignment::Left,
            Align::Right => CellAlignment::Right,
        })
    };
    let mut columns = comfy_table::Table::new();
    columns
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX));
    columns.set_header(table.columns.iter().map(|(name, align)| cell(&visible(name), *align)));
    for row in &table.rows {
        // A cell of more than a line is no cell: a name of thousands of characters is cut in the middle.
        columns.add_row(
            row.cells.iter().zip(&table.columns).map(|(text, (_, align))| cell(&shortened(text, width).0, *align)),
        );
    }
    let mut text = String::new();
    for line in columns.lines() {
        text.push(' ');
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Sets text for a width, in colour or not.
#[derive(Clone, Copy, Debug)]
struct Pen {
    style: TextStyle,
}

impl Pen {
    fn width(self) -> usize {
        self.style.width.max(60)
    }

    fn bold(self, text: &str) -> String {
        if self.style.color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Bold, and red or blue: orange and green are what most people cannot tell apart.
    fn toned(self, text: &str, tone: Tone) -> String {
        match tone {
            _ if !self.style.color => text.to_owned(),
            Tone::Plain | Tone::Quiet => self.bold(text),
            Tone::Worse => format!("\u{1b}[1;31m{text}\u{1b}[0m"),
            Tone::Better => format!("\u{1b}[1;34m{text}\u{1b}[0m"),
        }
    }

    /// Figures behind the marks of worse and better in their colours. The mark says the same without.
    fn marked(self, text: &str) -> String {
        if !self.style.color {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(['▲', '▼']) {
            let (before, figure) = rest.split_at(at);
            let end = figure.find("  ").unwrap_or(figure.len()).min(figure.find('\n').unwrap_or(figure.len()));
            let tone = if figure.starts_with('▲') { Tone::Worse } else { Tone::Better };
            out.push_str(before);
            out.push_str(&self.toned(&figure[..end], tone));
            rest = &figure[end..];
        }
        out + rest
    }

    /// A line of its own, cut to the width: a name may be as long as it likes.
    fn heading(self, line: &Line) -> String {
        let text = line.plain();
        let (text, _) = shortened(&text, self.width());
        if self.style.color { format!("\u{1b}[1;4m{text}\u{1b}[0m") } else { text.into_owned() }
    }

    /// One text at the left edge and one at the right; the left one is cut where both do not fit.
    fn two_sides(self, left: &str, right: &str) -> String {
        let left = visible_cut(left, self.width().saturating_sub(right.width() + 2));
        let gap = self.width().saturating_sub(left.width() + right.width()).max(2);
        format!("{left}{}{right}", " ".repeat(gap))
    }

    fn paragraph(self, line: &Line, indent: &str, out: &mut impl Write) -> io::Result<()> {
        self.wrapped(line, indent).iter().try_for_each(|line| writeln!(out, "{line}"))
    }

    /// As lines of the width, each with the indent before it.
    fn wrapped(self, line: &Line, indent: &str) -> Vec<String> {
        let text = line.plain();
        let text = visible(&text);
        let indent = " ".repeat(indent.width());
        let room = self.width() - indent.len();
        let mut lines = Vec::new();
        let mut line = String::new();
        let mut words = text.split(' ').peekable();
        while let Some(word) = words.next() {
            // A symbol or path of thousands of characters must not push everything else off the screen.
            let mut word = shortened(word, LONGEST_WORD.max(room)).0.into_owned();
            // A percent sign stays with its number, and so does what is tied to the sign: `+17 %/+18 %`.
            while let Some(sign) = words.next_if(|next| next.starts_with('%')) {
                word.push(' ');
                word.push_str(&shortened(sign, LONGEST_WORD.max(room)).0);
            }
            if !line.is_empty() && line.width() + 1 + word.width() > room {
                lines.push(format!("{indent}{line}"));
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&word);
        }
        lines.push(format!("{indent}{line}"));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::tests::HOSTILE_WORDS;
    use crate::render::PageFormat;
    use crate::render::tests::{page_of, rendered};

    #[test]
    fn no_line_is_longer_than_the_screen_and_no_number_loses_its_percent_sign() {
        let pen = Pen { style: TextStyle { width: 60, ..TextStyle::default() } };
        let line = Line::ours("a change that was seen on many devices, at least +17 %/+18 %/+39 %/+37 %) and more");
        assert_eq!(
            pen.wrapped(&line, POINT),
            ["     a change that was seen on many devices, at least", "     +17 %/+18 %/+39 %/+37 %) and more"]
        );
    }

    #[test]
    fn nothing_acts_and_every_command_stands_on_its_line() {
        for word in HOSTILE_WORDS {
            let page = page_of(word);
            let text = rendered(&page, PageFormat::Text(TextStyle { width: 60, color: false }));
            assert!(!text.chars().any(|c| c != '\n' && crate::safe::acts(c)), "{text:?}");
            let command = page.next.unwrap().to_string();
            assert!(text.ends_with(&format!("\nNext: {command}\n")), "{text}");
            assert!(text.contains(&format!("\n     explain: {command}\n")), "{text}");
        }
    }
}
