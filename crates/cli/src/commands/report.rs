//! `perfpower report`: what got worse, since which version, where, how sure.

use crate::args::{Format, ReportArgs};
use crate::output::{text_style, write_result};
use crate::{Args, Exit, Failure, commands};
use perfpower_analysis::analyze;
use perfpower_report::{Report, write_findings_csv, write_report_json, write_report_markdown, write_report_text};

/// Runs the command.
pub fn run(args: &Args, command: &ReportArgs) -> Result<Exit, Failure> {
    let config = commands::config(&command.archive)?;
    let plan = commands::read_plan(args, &command.archive, &config)?;
    let reading = commands::read(&plan, &command.archive)?;
    let filter = commands::filter(&command.filter, &reading)?;
    let analysis = analyze(&reading.histories, &filter, &config.options());
    let report = Report {
        analysis: &analysis,
        archive: &reading.facts,
        problems: &reading.problems,
        archive_argument: &commands::archive_argument(&command.archive),
    };
    let style = text_style(args, &command.output);
    write_result(&command.output, |mut out| match command.output.format {
        Format::Text => write_report_text(&report, style, &mut out),
        Format::Json => write_report_json(&report, &mut out),
        Format::Markdown => write_report_markdown(&report, &mut out),
        Format::Csv => write_findings_csv(&report, &mut out),
    })?;
    Ok(commands::exit_of(&command.archive, &reading, commands::has_data(&reading)))
}
