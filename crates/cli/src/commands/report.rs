//! `perfpower report`: what got worse, since which version, where, how sure.

use crate::args::{CheckArgs, CheckFormat, ReportArgs, ReportFormat};
use crate::commands::{HasPageFormat, check};
use crate::output::{json_layout, text_style, write_result};
use crate::{Args, Exit, Failure, commands};
use anyhow::anyhow;
use perfpower_analysis::{AppHistory, Finding, Judged, RevisionDetail};
use perfpower_ingest::Reading;
use perfpower_model::TextRole;
use perfpower_report::html::{CardDetail, Page, write_html};
use perfpower_report::{
    BriefRequest, Report, calibration_page, code_places, explanation_page, explanation_text, report_page,
    write_brief_json, write_calibration_json, write_explanation_json, write_findings_csv, write_findings_ndjson,
    write_page, write_report_json, write_sarif,
};
use std::io;

/// Runs the command.
pub fn run(args: &Args, command: &ReportArgs) -> Result<Exit, Failure> {
    refuse_what_does_not_fit(command)?;
    if command.format == ReportFormat::Junit {
        return check::run(args, &as_check(command));
    }
    let mut config = commands::config(&command.archive)?;
    let mut plan = commands::judge_plan(args, &command.archive, &config)?;
    if command.explain.is_some() || command.format == ReportFormat::Html {
        plan.revisions = RevisionDetail::Keep;
    }
    let mut reading = commands::read(args, &plan, &command.archive)?;
    let mut filter = commands::filter(&command.filter, &command.archive, &config, &reading)?;
    let explained = command.explain.as_ref().map(|wanted| named(args, wanted, &reading));
    args.redaction.apply(&mut config, &mut filter, &mut reading);
    let mut options = config.options();
    if command.strict {
        options.be_strict();
    }
    let earlier = commands::earlier(args, command.since.as_deref(), &mut reading, &options, &filter)?;
    let judged = Judged::since(&reading.histories, &options, earlier.as_ref());
    let analysis = judged.analysis(&filter);
    let report = Report {
        analysis: &analysis,
        archive: &reading.facts,
        problems: &reading.problems,
        archive_argument: &commands::archive_argument(args, &command.archive),
        top: command.top,
    };
    let form = command.format.page_format(text_style(args, &command.file));
    let (path, layout) = (command.file.output.as_deref(), json_layout(&command.file));
    if let Some(wanted) = &explained {
        let explanation = judged.explain(wanted, &filter).map_err(Failure::usage)?;
        write_result(args, path, |mut out| match form {
            Some(form) => write_page(&explanation_page(&explanation, &report), form, &mut out),
            None => write_explanation_json(&explanation, &report, layout, &mut out),
        })?;
    } else if command.calibration {
        write_result(args, path, |mut out| match form {
            Some(form) => write_page(&calibration_page(&report), form, &mut out),
            None => write_calibration_json(&report, layout, &mut out),
        })?;
    } else if command.brief {
        let request = BriefRequest { max_tokens: command.max_tokens, ..BriefRequest::default() };
        write_result(args, path, |mut out| write_brief_json(&report, &request, &mut out))?;
    } else {
        write_result(args, path, |mut out| match (command.format, form) {
            (ReportFormat::Html, _) => html(&report, &judged, &mut out),
            (_, Some(form)) => write_page(&report_page(&report), form, &mut out),
            (ReportFormat::Csv, _) => write_findings_csv(&report, &mut out),
            (ReportFormat::Sarif, _) => write_sarif(&code_places(&analysis, None), &report, layout, &mut out),
            (ReportFormat::Ndjson, _) => write_findings_ndjson(&report, &mut out),
            (_, None) => write_report_json(&report, layout, &mut out),
        })?;
    }
    if command.brief || matches!(command.format, ReportFormat::Csv | ReportFormat::Ndjson | ReportFormat::Sarif) {
        commands::tell_cautions(args, &analysis);
    }
    commands::keep_claims(command.since.as_deref(), &report)?;
    let exit = commands::ending(args, &command.archive, &reading, reading.has_values);
    // The process is about to end, and with it goes all memory at once: to free it piece by piece takes a twentieth of the time.
    std::mem::forget(analysis);
    std::mem::forget(judged);
    std::mem::forget(reading);
    Ok(exit)
}

/// A part of the report has the forms that it makes sense in.
fn refuse_what_does_not_fit(command: &ReportArgs) -> Result<(), Failure> {
    use ReportFormat::{Csv, Json, Junit, Ndjson, Sarif, Text};
    let what = if command.explain.is_some() { "--explain" } else { "--calibration" };
    if (command.explain.is_some() || command.calibration) && matches!(command.format, Csv | Junit | Ndjson | Sarif) {
        let error = anyhow!("{what} is a page or a document: use --format text, markdown, html or json");
        return Err(Failure::usage(error));
    }
    if command.top.is_some() && matches!(command.format, Junit | Sarif) {
        return Err(Failure::usage(anyhow!("--top is of findings, and this format has none: leave --top away")));
    }
    if command.brief && !matches!(command.format, Text | Json) {
        return Err(Failure::usage(anyhow!("--brief is always JSON: leave --format away, or use --format json")));
    }
    Ok(())
}

/// An id, or a series with the pseudonyms of its app and its words. In a name that is typed, letters may be of any case; in a pseudonym they are
/// those of the name as it is.
fn named(args: &Args, wanted: &str, reading: &Reading) -> String {
    let parts: Vec<&str> = wanted.rsplitn(5, '/').collect();
    let [percentile, device, metric, category, app] = &*parts else { return wanted.to_owned() };
    let histories = reading.histories.all();
    let words = |history: &AppHistory| -> Vec<String> {
        let of_metrics = history.metrics.iter().flat_map(|metric| [metric.category, Some(metric.identifier)]);
        let of_series = history.series.iter().flat_map(|series| [series.device, series.percentile]);
        of_metrics.chain(of_series).filter_map(|id| history.names.get(id)).map(str::to_owned).collect()
    };
    let known = histories.position(app).map(|at| histories.with(at, words)).unwrap_or_default();
    let word = |typed: &str| {
        let known = known.iter().find(|known| known.eq_ignore_ascii_case(typed)).map_or(typed, String::as_str);
        args.redaction.text(TextRole::Word, known)
    };
    let [category, metric, device, percentile] = [category, metric, device, percentile].map(|typed| word(typed));
    format!("{}/{category}/{metric}/{device}/{percentile}", args.redaction.text(TextRole::App, app))
}

/// Test cases are outcomes of rules, so it is `check` that writes them.
fn as_check(command: &ReportArgs) -> CheckArgs {
    CheckArgs {
        archive: command.archive.clone(),
        filter: command.filter.clone(),
        format: CheckFormat::Junit,
        file: command.file.clone(),
        since: command.since.clone(),
        today: None,
        strict: command.strict,
    }
}

/// The page, each card with the text of `--explain`, the values of its devices, and a flame graph where logs tell of it.
fn html(report: &Report<'_>, judged: &Judged<'_>, out: &mut impl io::Write) -> io::Result<()> {
    let detail = |finding: &Finding| {
        let text = judged.explain_finding(finding).map(|explanation| explanation_text(&explanation, report.analysis));
        CardDetail::new(text.unwrap_or_default(), judged.detail(finding))
    };
    write_html(
        &Page {
            analysis: report.analysis,
            archive: report.archive,
            problems: report.problems,
            detail: &detail,
            archive_argument: report.archive_argument,
            top: report.top,
            generator: concat!("perfpower ", env!("CARGO_PKG_VERSION")),
        },
        out,
    )
}
