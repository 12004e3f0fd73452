//! `perfpower export`: every table for other tools.

use crate::args::{ExportArgs, PartitionBy};
use crate::progress::Progress;
use crate::{Args, Exit, ExportDirectory, Failure, commands};
use perfpower_analysis::analyze;
use perfpower_ingest::{Reading, read_archive_twice};
use perfpower_report::export::{Exporter, Partition};
use std::io::{self, Write};

/// Runs the command.
pub fn run(args: &Args, command: &ExportArgs) -> Result<Exit, Failure> {
    let mut config = commands::config(&command.archive)?;
    let plan = commands::judge_plan(args, &command.archive, &config)?;
    let format = command.format.format();
    let partition = match command.partition_by {
        None => Partition::None,
        Some(PartitionBy::App) => Partition::App,
    };
    let failed = |error: io::Error| {
        Failure::io(anyhow::Error::new(error).context(format!("cannot export to {}", command.to.display())))
    };
    let judge = |reading: &mut Reading| {
        commands::readable(reading, &command.archive)?;
        let mut filter = commands::app_filter(&command.archive, &config, reading)?;
        args.redaction.apply(&mut config, &mut filter, reading);
        let options = config.options();
        let analysis = analyze(&reading.histories, &filter, &options);
        let has_data = reading.has_values;
        let directory = ExportDirectory::new(&command.to).map_err(failed)?;
        Ok((filter, analysis, has_data, Exporter::new(format, partition, directory)))
    };
    let (reading, (_, analysis, has_data, mut exporter)) =
        read_archive_twice(&plan, &Progress::new(args.quiet), judge, |history, (filter, _, _, exporter)| {
            args.redaction.apply_to(history);
            if !filter.app(&history.app) {
                return Ok(());
            }
            exporter.app(history).map_err(failed)?;
            for page in &history.signature_pages {
                exporter.signatures(&history.app, page.day, &page.body).map_err(failed)?;
            }
            exporter.frames(&history.stacks).map_err(failed)
        })?;
    exporter.analysis(&analysis).map_err(failed)?;
    let (directory, summary) = exporter.finish().map_err(failed)?;
    directory.publish().map_err(failed)?;
    if !args.quiet {
        let mut stderr = io::stderr().lock();
        for (table, rows) in &summary {
            // Where standard error is closed there is nobody to tell.
            let _ = writeln!(stderr, "{}: {rows} rows", table.as_str());
        }
    }
    Ok(commands::ending(args, &command.archive, &reading, has_data))
}
