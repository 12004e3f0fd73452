//! `perfpower export`: every table for other tools.

use crate::args::{ExportArgs, ExportAs, PartitionBy};
use crate::read::read_archive_twice;
use crate::{Args, Exit, Failure, Reading, commands};
use perfpower_analysis::{Filter, analyze};
use perfpower_report::export::{ExportFormat, ExportSink, Exporter, Partition};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Runs the command.
pub fn run(args: &Args, command: &ExportArgs) -> Result<Exit, Failure> {
    let config = commands::config(&command.archive)?;
    let plan = commands::read_plan(args, &command.archive, &config)?;
    let options = config.options();
    let format = match command.format {
        ExportAs::Parquet => ExportFormat::Parquet,
        ExportAs::Arrow => ExportFormat::Arrow,
        ExportAs::Csv => ExportFormat::Csv,
        ExportAs::Ndjson => ExportFormat::Ndjson,
    };
    let partition = match command.partition_by {
        None => Partition::None,
        Some(PartitionBy::App) => Partition::App,
    };
    let failed = |error: io::Error| {
        Failure::io(anyhow::Error::new(error).context(format!("cannot export to {}", command.to.display())))
    };
    let judge = |reading: &Reading| {
        commands::readable(reading, &command.archive)?;
        let analysis = analyze(&reading.histories, &Filter::default(), &options);
        let has_data = commands::has_data(reading);
        let exporter = Exporter::new(format, partition, Directory { root: command.to.clone() });
        Ok((analysis, has_data, exporter))
    };
    let (reading, (analysis, has_data, mut exporter)) =
        read_archive_twice(&plan, judge, |history, (_, _, exporter)| {
            exporter.app(history).map_err(failed)?;
            for (day, page) in &history.signature_pages {
                exporter.signatures(&history.app, *day, page).map_err(failed)?;
            }
            exporter.frames(&history.stacks).map_err(failed)
        })?;
    exporter.analysis(&analysis).map_err(failed)?;
    let (_, summary) = exporter.finish().map_err(failed)?;
    if !args.quiet {
        let mut stderr = io::stderr().lock();
        for (table, rows) in &summary {
            // Where standard error is closed there is nobody to tell.
            let _ = writeln!(stderr, "{}: {rows} rows", table.as_str());
        }
    }
    Ok(commands::exit_of(&command.archive, &reading, has_data))
}

/// Files below a directory, each written beside its place and then moved there.
struct Directory {
    root: PathBuf,
}

/// A file on its way.
struct Pending {
    file: BufWriter<tempfile::NamedTempFile>,
    path: PathBuf,
}

impl Write for Pending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl ExportSink for Directory {
    type File = Pending;

    fn create(&mut self, path: &str) -> io::Result<Pending> {
        let path = self.root.join(path);
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let file = tempfile::NamedTempFile::new_in(folder)?;
        Ok(Pending { file: BufWriter::with_capacity(1 << 16, file), path })
    }

    fn commit(&mut self, pending: Pending) -> io::Result<()> {
        let file = pending.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        crate::output::open_to_all(&file)?;
        let _: File = file.persist(&pending.path).map_err(|error| error.error)?;
        Ok(())
    }
}
