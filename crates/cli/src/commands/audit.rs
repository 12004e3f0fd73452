//! `perfpower audit`: Apple's insights recomputed, and what Apple left out.

use crate::args::{AuditArgs, Format};
use crate::output::{text_style, write_result};
use crate::{Args, Exit, Failure, commands};
use perfpower_analysis::analyze;
use perfpower_report::{Report, write_audit_csv, write_audit_markdown, write_audit_text, write_report_json};

/// Runs the command.
pub fn run(args: &Args, command: &AuditArgs) -> Result<Exit, Failure> {
    let config = commands::config(&command.archive)?;
    let plan = commands::judge_plan(&command.archive, &config)?;
    let reading = commands::read(args, &plan, &command.archive)?;
    let filter = commands::filter(&command.filter, &command.archive, &config, &reading)?;
    let analysis = analyze(&reading.histories, &filter, &config.options());
    let report = Report {
        analysis: &analysis,
        archive: &reading.facts,
        problems: &reading.problems,
        archive_argument: &commands::archive_argument(&command.archive),
    };
    let style = text_style(args, &command.output.file);
    write_result(&command.output.file, |mut out| match command.output.format {
        Format::Text => write_audit_text(&report, style, &mut out),
        Format::Json => write_report_json(&report, &mut out),
        Format::Markdown => write_audit_markdown(&report, &mut out),
        Format::Csv => write_audit_csv(&report, &mut out),
    })?;
    Ok(commands::exit_of(&command.archive, &reading, commands::has_data(&reading)))
}
