//! `perfpower audit`: Apple's insights recomputed, and what Apple left out.

use crate::args::{AuditArgs, Format, OutputArgs};
use crate::commands::HasPageFormat;
use crate::output::{json_layout, text_style, write_result};
use crate::{Args, Exit, Failure, commands};
use perfpower_analysis::analyze;
use perfpower_report::{Report, audit_page, write_audit_csv, write_audit_json, write_page};

/// Runs the command.
pub fn run(args: &Args, command: &AuditArgs) -> Result<Exit, Failure> {
    let mut config = commands::config(&command.archive)?;
    let plan = commands::judge_plan(args, &command.archive, &config)?;
    let mut reading = commands::read(args, &plan, &command.archive)?;
    let mut filter = commands::filter(&command.filter, &command.archive, &config, &reading)?;
    args.redaction.apply(&mut config, &mut filter, &mut reading);
    let analysis = analyze(&reading.histories, &filter, &config.options());
    let report = Report {
        analysis: &analysis,
        archive: &reading.facts,
        problems: &reading.problems,
        archive_argument: &commands::archive_argument(args, &command.archive),
        top: None,
    };
    let OutputArgs { format, file } = &command.output;
    let layout = json_layout(file);
    write_result(args, file.output.as_deref(), |mut out| match format.page_format(text_style(args, file)) {
        Some(form) => write_page(&audit_page(&report), form, &mut out),
        None if *format == Format::Csv => write_audit_csv(&report, &mut out),
        None => write_audit_json(&report, layout, &mut out),
    })?;
    if *format == Format::Csv {
        commands::tell_cautions(args, &analysis);
    }
    Ok(commands::ending(args, &command.archive, &reading, reading.has_values))
}
