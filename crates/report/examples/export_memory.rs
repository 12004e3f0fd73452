//! How much memory an export takes, against how many points it writes: one app's history, written under many names.
//!
//! `cargo run --release -p perfpower-report --example export_memory -- parquet 1000000`

use perfpower_analysis::{HistoryBuilder, RevisionDetail};
use perfpower_model::Day;
use perfpower_parse::ParseOptions;
use perfpower_report::export::{ExportFormat, ExportSink, Exporter, Partition};
use perfpower_testkit::bulk;
use perfpower_testkit::json::Style;
use std::io::{self, Write};
use std::time::Instant;

/// Counts bytes and keeps none.
struct Counter(u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl ExportSink for Counter {
    type File = Self;

    fn create(&mut self, _: &str) -> io::Result<Self> {
        Ok(Self(0))
    }

    fn commit(&mut self, file: Self) -> io::Result<()> {
        self.0 += file.0;
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let format = match arguments.next().as_deref() {
        Some("arrow") => ExportFormat::Arrow,
        Some("csv") => ExportFormat::Csv,
        Some("ndjson") => ExportFormat::Ndjson,
        _ => ExportFormat::Parquet,
    };
    let wanted: usize = arguments.next().map_or(Ok(1_000_000), |text| text.parse())?;
    let body = bulk::metrics(1, 20, 5, Style::Compact);
    let mut builder = HistoryBuilder::new("app", RevisionDetail::Keep);
    let document = perfpower_parse::parse(body.as_bytes(), &ParseOptions::default());
    builder.add(&document, Day::from_days(20_780), 0);
    let mut history = builder.finish();
    let before = peak_kilobytes()?;
    let start = Instant::now();
    let mut exporter = Exporter::new(format, Partition::None, Counter(0));
    let mut points = 0;
    while points < wanted {
        history.app = format!("com.example.app{points:09}");
        exporter.app(&history)?;
        points += history.table.len();
    }
    let (written, _) = exporter.finish()?;
    let seconds = start.elapsed().as_secs_f64();
    let text = format!(
        "{format:?}: {points} points, {:.1} MB written in {seconds:.2} s, peak {:.1} MB, of which {:.1} MB before\n",
        written.0 as f64 / 1e6,
        peak_kilobytes()? as f64 / 1e3,
        before as f64 / 1e3
    );
    io::stdout().write_all(text.as_bytes())?;
    Ok(())
}

/// The highest resident size of this process, as Linux tells it.
fn peak_kilobytes() -> Result<u64, Box<dyn std::error::Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.split_whitespace().nth(1).ok_or("no number")?.parse()?)
}
