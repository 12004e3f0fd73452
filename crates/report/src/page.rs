//! What a command says, once: sections of blocks, before it is decided whether a terminal, Markdown or a browser shows them.
//!
//! Each command has a page below; [`crate::render`] has a file for each form. So no form can leave out what another one has,
//! a new command is one page, and a new form is one renderer. Texts in here are as the files had them; whoever renders them
//! makes them harmless where they go.

mod audit;
mod calibration;
mod check;
mod compare;
mod diagnostics;
mod explain;
mod inspect;
mod news;
mod outline;
mod percentiles;
mod report;
mod unread;

pub use audit::audit_page;
pub use calibration::calibration_page;
pub use check::{CheckedRules, check_page};
pub use compare::compare_page;
pub use diagnostics::{diagnostics_page, overfull_sentence};
pub(crate) use explain::evidence_sections;
pub use explain::{explanation_page, explanation_text};
pub use inspect::{Inspection, inspect_page};
pub(crate) use percentiles::probability_name;
pub use percentiles::{Percentiles, percentiles_page};
pub use report::report_page;

pub(crate) use diagnostics::{axis_word, evidence_sentence, named_frame};
pub(crate) use report::{goals_section, odd_section, summary_line, unmeasured_section};
pub use unread::problem_line;

use crate::command_line::CommandLine;
use crate::facts::Report;
use perfpower_analysis::{Segment, SeriesPoint};

/// Everything that a command says.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// What it comes to, or is about, in one line.
    pub(crate) title: Line,
    /// What stands above all sections.
    pub(crate) lead: Vec<Line>,
    /// In the order they are read.
    pub(crate) sections: Vec<Section>,
    /// The command that goes on from here.
    pub(crate) next: Option<CommandLine>,
}

/// A heading and what stands below it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Section {
    /// Absent = a paragraph or two for themselves.
    pub(crate) heading: Option<Line>,
    pub(crate) blocks: Vec<Block>,
    /// Whether a form that can fold shows the heading alone at first: long lists beside what matters most.
    pub(crate) is_folded: bool,
}

/// A piece of a section.
#[derive(Clone, Debug)]
pub(crate) enum Block {
    Paragraph(Line),
    /// A smaller heading.
    Part(Line),
    List(Vec<Item>),
    Table(Table),
    Entry(Entry),
    /// Lines whose columns must stay under each other.
    Fixed(Vec<String>),
    Chart(Chart),
    /// How many more there are, and where.
    Rest(Line),
}

/// A point of a list, and remarks on it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Item {
    pub(crate) line: Line,
    pub(crate) remarks: Vec<Line>,
}

/// One thing with its figure, and what is to be said of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    /// Its place on the page; absent = entries are not ranked.
    pub(crate) rank: Option<usize>,
    pub(crate) title: Line,
    /// The figure that counts; empty = none.
    pub(crate) figure: String,
    pub(crate) tone: Tone,
    pub(crate) lines: Vec<Line>,
    /// Its course in a line, for forms that have room for it.
    pub(crate) course: Option<Line>,
    /// The command that tells more of it.
    pub(crate) explain: Option<CommandLine>,
}

/// Whether something is bad news. Never said by colour alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Tone {
    #[default]
    Plain,
    Worse,
    Better,
    /// Nothing is shown to be either.
    Quiet,
}

/// A series over its versions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chart {
    pub(crate) title: String,
    pub(crate) unit_label: Option<String>,
    pub(crate) points: Vec<SeriesPoint>,
    pub(crate) segments: Vec<Segment>,
    /// The version that is marked, with its probability.
    pub(crate) guilty: Option<(String, Option<f64>)>,
}

/// How a column is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// A table of texts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    pub(crate) columns: Vec<(String, Align)>,
    pub(crate) rows: Vec<Row>,
}

/// A row of a table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    pub(crate) cells: Vec<String>,
    pub(crate) tone: Tone,
}

/// Running text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) spans: Vec<Span>,
}

/// A piece of running text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Span {
    Plain(String),
    Strong(String),
    /// What is typed, such as an option or a command without data in it.
    Code(String),
}

impl Section {
    pub(crate) fn new(heading: impl Into<Line>, blocks: Vec<Block>) -> Self {
        Self { heading: Some(heading.into()), blocks, is_folded: false }
    }

    /// A paragraph for itself.
    pub(crate) fn paragraph(line: Line) -> Self {
        Self { heading: None, blocks: vec![Block::Paragraph(line)], is_folded: false }
    }

    pub(crate) fn folded(self) -> Self {
        Self { is_folded: true, ..self }
    }
}

impl Item {
    pub(crate) fn of(line: impl Into<Line>) -> Self {
        Self { line: line.into(), remarks: Vec::new() }
    }
}

impl Table {
    pub(crate) fn new(columns: &[(&'static str, Align)]) -> Self {
        Self::with_columns(columns.iter().map(|(name, align)| ((*name).to_owned(), *align)).collect())
    }

    /// With columns that are known at run time.
    pub(crate) fn with_columns(columns: Vec<(String, Align)>) -> Self {
        Self { columns, rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.toned_row(cells, Tone::Plain);
    }

    pub(crate) fn toned_row(&mut self, cells: Vec<String>, tone: Tone) {
        self.rows.push(Row { cells, tone });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

impl Line {
    /// A text of this program, in which code stands between backticks. Data is never `'static`, so it cannot come in here.
    pub(crate) fn ours(text: &'static str) -> Self {
        Self::default().and_ours(text)
    }

    /// The same with a text of this program at its end.
    pub(crate) fn and_ours(mut self, text: &'static str) -> Self {
        for (at, part) in text.split('`').enumerate().filter(|(_, part)| !part.is_empty()) {
            self.spans.push(if at % 2 == 1 { Span::Code(part.to_owned()) } else { Span::Plain(part.to_owned()) });
        }
        self
    }

    /// The same with a text at its end.
    pub(crate) fn and(mut self, text: impl Into<String>) -> Self {
        self.spans.push(Span::Plain(text.into()));
        self
    }

    /// The same with an emphasised text at its end.
    pub(crate) fn and_strong(mut self, text: impl Into<String>) -> Self {
        self.spans.push(Span::Strong(text.into()));
        self
    }

    /// The same with what is typed at its end.
    pub(crate) fn and_code(mut self, text: impl Into<String>) -> Self {
        self.spans.push(Span::Code(text.into()));
        self
    }

    /// As a terminal shows it: code between backticks.
    pub(crate) fn plain(&self) -> String {
        let text = |span: &Span| match span {
            Span::Plain(text) | Span::Strong(text) => text.clone(),
            Span::Code(text) => format!("`{text}`"),
        };
        self.spans.iter().map(text).collect()
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self::default().and(text)
    }
}

/// The settings in force, at the foot of every page that judges.
pub(crate) fn settings_section(report: &Report<'_>) -> Section {
    Section::paragraph(Line::from(format!("Settings: {}.", crate::sentence::settings_line(report))))
}

/// "… and 1 more: " and where.
pub(crate) fn rest(total: usize, shown: usize, place: &Line) -> Option<Block> {
    (total > shown).then(|| {
        let mut line = Line::from(format!("… and {} more: ", crate::number::count((total - shown) as u64)));
        line.spans.extend(place.spans.iter().cloned());
        Block::Rest(line)
    })
}
