//! `perfpower inspect`: what an archive holds, and every problem.

use crate::args::{Format, InspectArgs, OutputArgs};
use crate::commands::HasPageFormat;
use crate::output::{json_layout, text_style, write_result};
use crate::progress::Progress;
use crate::{Args, Exit, Failure, commands};
use perfpower_analysis::{Filter, summarize};
use perfpower_ingest::read_archive;
use perfpower_report::{Inspection, Report, inspect_page, write_inspect_csv, write_inspect_json, write_page};

/// Runs the command. It shows what cannot be read, so unreadable input alone is no failure of the command.
pub fn run(args: &Args, command: &InspectArgs) -> Result<Exit, Failure> {
    let mut config = commands::config(&command.archive)?;
    let mut plan = commands::read_plan(args, &command.archive, &config)?;
    plan.describe_inputs = true;
    plan.drift = command.drift;
    let mut reading = read_archive(&plan, &Progress::new(args.quiet));
    commands::refuse_overwriting(&reading)?;
    args.redaction.apply(&mut config, &mut Filter::default(), &mut reading);
    let analysis = summarize(&reading.histories, &config.options());
    let diagnosed_versions =
        reading.histories.all().each(|history| (history.app.clone(), history.diagnosed_versions()));
    let diagnosed_versions = diagnosed_versions.into_iter().collect();
    let inspection = Inspection {
        report: Report {
            analysis: &analysis,
            archive: &reading.facts,
            problems: &reading.problems,
            archive_argument: &commands::archive_argument(args, &command.archive),
            top: None,
        },
        diagnosed_versions: &diagnosed_versions,
        inputs: &reading.inputs,
        drift: command.drift.then_some(&reading.drift),
        all: command.all,
    };
    let OutputArgs { format, file } = &command.output;
    let layout = json_layout(file);
    write_result(args, file.output.as_deref(), |mut out| match format.page_format(text_style(args, file)) {
        Some(form) => write_page(&inspect_page(&inspection), form, &mut out),
        None if *format == Format::Csv => write_inspect_csv(&inspection, &mut out),
        None => write_inspect_json(&inspection, layout, &mut out),
    })?;
    Ok(commands::ending(args, &command.archive, &reading, reading.facts.documents > 0))
}
