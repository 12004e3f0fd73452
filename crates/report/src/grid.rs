//! Tables for a terminal and for Markdown.

use crate::safe;
use crate::safe::shortened;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

/// How a column is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// A table of texts. Cells are made safe here, so callers pass what the files held.
#[derive(Debug)]
pub(crate) struct Grid {
    head: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Grid {
    pub(crate) fn new(head: &[(&'static str, Align)]) -> Self {
        Self::with_head(head.iter().map(|(name, align)| ((*name).to_owned(), *align)).collect())
    }

    /// With columns that are known at run time.
    pub(crate) fn with_head(head: Vec<(String, Align)>) -> Self {
        Self { head, rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Without frames, two columns between cells, wrapped at `width`.
    pub(crate) fn text(&self, width: usize) -> String {
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(width).unwrap_or(u16::MAX));
        table.set_header(self.head.iter().map(|(name, align)| cell(name, *align)));
        for row in &self.rows {
            // A cell of more than a line is no cell: a name of thousands of characters is cut in the middle.
            let shown = |text: &str| shortened(&safe::visible(text), width).0.into_owned();
            table.add_row(row.iter().zip(&self.head).map(|(text, (_, align))| cell(&shown(text), *align)));
        }
        let mut text = String::new();
        for line in table.lines() {
            text.push(' ');
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    /// As a table of GitHub's Markdown.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        let line = |text: &mut String, cells: &mut dyn Iterator<Item = String>| {
            text.push('|');
            for cell in cells {
                text.push(' ');
                text.push_str(&cell);
                text.push_str(" |");
            }
            text.push('\n');
        };
        line(&mut text, &mut self.head.iter().map(|(name, _)| name.clone()));
        line(
            &mut text,
            &mut self.head.iter().map(|(_, align)| if *align == Align::Right { "---:" } else { "---" }.to_owned()),
        );
        for row in &self.rows {
            line(&mut text, &mut row.iter().map(|cell| safe::markdown(cell)));
        }
        text
    }
}

fn cell(text: &str, align: Align) -> Cell {
    Cell::new(text).set_alignment(match align {
        Align::Left => CellAlignment::Left,
        Align::Right => CellAlignment::Right,
    })
}
