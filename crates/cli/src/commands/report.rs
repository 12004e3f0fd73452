//! `perfpower report`: what got worse, since which version, where, how sure.

use crate::args::{ReportArgs, ReportFormat};
use crate::output::{text_style, write_result};
use crate::{Args, Exit, Failure, commands};
use perfpower_analysis::gate::{LevelRequest, judge_rules};
use perfpower_analysis::{Finding, Judged, RevisionDetail};
use perfpower_report::html::{CardDetail, Page, write_html};
use perfpower_report::{
    Report, TextStyle, code_places, write_brief_json, write_calibration, write_explanation, write_findings_csv,
    write_gate_junit, write_report_json, write_report_markdown, write_report_text, write_sarif,
};
use std::io;

/// Runs the command.
pub fn run(args: &Args, command: &ReportArgs) -> Result<Exit, Failure> {
    let config = commands::config(&command.archive)?;
    let mut plan = commands::judge_plan(&command.archive, &config)?;
    if command.explain.is_some() || command.format == ReportFormat::Html {
        plan.revisions = RevisionDetail::Keep;
    }
    let reading = commands::read(args, &plan, &command.archive)?;
    let filter = commands::filter(&command.filter, &command.archive, &config, &reading)?;
    let mut options = config.options();
    if command.strict {
        options.be_strict();
    }
    let judged = Judged::new(&reading.histories, &options);
    let analysis = judged.analysis(&filter);
    let report = Report {
        analysis: &analysis,
        archive: &reading.facts,
        problems: &reading.problems,
        archive_argument: &commands::archive_argument(&command.archive),
    };
    let style = text_style(args, &command.file);
    if let Some(wanted) = &command.explain {
        let explanation = judged.explain(wanted, &filter).map_err(Failure::usage)?;
        write_result(&command.file, |mut out| write_explanation(&explanation, &analysis, style, &mut out))?;
        return Ok(Exit::Done);
    }
    if command.brief {
        write_result(&command.file, |mut out| write_brief_json(&report, command.max_tokens, &mut out))?;
        return Ok(commands::exit_of(&command.archive, &reading, commands::has_data(&reading)));
    }
    if command.calibration {
        write_result(&command.file, |mut out| write_calibration(&report, style, &mut out))?;
        return Ok(commands::exit_of(&command.archive, &reading, commands::has_data(&reading)));
    }
    write_result(&command.file, |mut out| match command.format {
        ReportFormat::Text => write_report_text(&report, style, &mut out),
        ReportFormat::Json => write_report_json(&report, &mut out),
        ReportFormat::Markdown => write_report_markdown(&report, &mut out),
        ReportFormat::Csv => write_findings_csv(&report, &mut out),
        ReportFormat::Html => html(&report, &judged, &mut out),
        ReportFormat::Junit => {
            let levels = judged.levels(&LevelRequest::of(&config.rules), &filter);
            let gate = judge_rules(&analysis, &levels, &config.rules, &config.waivers, commands::today());
            write_gate_junit(&gate, &reading.problems, report.archive_argument, &mut out)
        }
        ReportFormat::Sarif => write_sarif(&code_places(&analysis, None), &mut out),
    })?;
    let exit = commands::exit_of(&command.archive, &reading, commands::has_data(&reading));
    // The process is about to end, and with it goes all memory at once: to free it piece by piece takes a twentieth of the time.
    std::mem::forget(analysis);
    std::mem::forget(judged);
    std::mem::forget(reading);
    Ok(exit)
}

/// The page, each card with the text of `--explain`, the values of its devices, and a flame graph where logs tell of it.
fn html(report: &Report<'_>, judged: &Judged<'_>, out: &mut impl io::Write) -> io::Result<()> {
    let detail = |finding: &Finding| {
        let mut text = Vec::new();
        if let Some(explanation) = judged.explain_finding(finding) {
            // Writing to a vector cannot fail.
            let _ = write_explanation(&explanation, report.analysis, TextStyle::default(), &mut text);
        }
        CardDetail::new(String::from_utf8_lossy(&text).into_owned(), judged.detail(finding))
    };
    write_html(
        &Page {
            analysis: report.analysis,
            archive: report.archive,
            problems: report.problems,
            detail: &detail,
            command: &format!("perfpower report {}", report.archive_argument),
            generator: concat!("perfpower ", env!("CARGO_PKG_VERSION")),
        },
        out,
    )
}
