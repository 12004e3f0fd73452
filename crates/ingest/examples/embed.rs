//! The engine without its command line: reads a folder of saved downloads, judges all that it holds, and writes the report.
//!
//! `cargo run -p perfpower-ingest --example embed -- fixtures/demo`

use perfpower_analysis::{Analysis, Filter, Judged, Options};
use perfpower_ingest::{ReadPlan, Reading, Sources, read_archive};
use perfpower_model::Severity;
use perfpower_report::{CommandLine, PageFormat, Report, TextStyle, report_page, write_page};
use std::io::{self, Write};
use std::path::Path;

fn main() -> io::Result<()> {
    let archive =
        std::env::args_os().nth(1).ok_or_else(|| io::Error::other("give an archive, such as fixtures/demo"))?;
    let mut out = io::stdout().lock();
    let engine = Engine::read(Path::new(&archive));
    let analysis = engine.judge();
    engine.write(&analysis, PageFormat::Text(TextStyle::default()), &mut out)?;
    // What a program asks for needs no page.
    let open = analysis.findings.iter().filter(|finding| finding.is_open_regression());
    writeln!(out, "\n{} regressions are open; {} files were lost", open.count(), engine.lost())
}

/// An archive, read.
pub(crate) struct Engine {
    reading: Reading,
    /// The archive as it was named, for the commands that the report suggests.
    archive: CommandLine,
}

impl Engine {
    /// Paths to one history per app. What cannot be read stands in the result; there is no other failure.
    pub(crate) fn read(archive: &Path) -> Self {
        let plan = ReadPlan { sources: Sources::of_paths([archive]), ..ReadPlan::default() };
        Self { reading: read_archive(&plan, &()), archive: CommandLine::default().path(archive) }
    }

    /// Histories to findings: all series together, since noise and error rates are those of the batch.
    pub(crate) fn judge(&self) -> Analysis {
        Judged::new(&self.reading.histories, &Options::default()).into_analysis(&Filter::default())
    }

    /// Findings to bytes.
    pub(crate) fn write(&self, analysis: &Analysis, format: PageFormat, out: &mut impl Write) -> io::Result<()> {
        let report = Report {
            analysis,
            archive: &self.reading.facts,
            problems: &self.reading.problems,
            archive_argument: &self.archive,
            top: None,
        };
        write_page(&report_page(&report), format, out)
    }

    /// How many files were lost.
    pub(crate) fn lost(&self) -> usize {
        self.reading.problems.iter().filter(|input| input.problem.severity == Severity::Error).count()
    }
}
