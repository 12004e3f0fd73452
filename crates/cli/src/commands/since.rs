//! `--since`: an earlier report, read again, and what of it does not fit this run.

use crate::{Args, Failure};
use anyhow::{Context, anyhow};
use perfpower_analysis::{Earlier, Filter, Options};
use perfpower_ingest::Reading;
use perfpower_model::{InputProblem, Problem, Severity};
use perfpower_report::{EarlierReport, read_report_json, shown_by};
use std::path::Path;

/// What an earlier report claimed; absent where none was given. What makes a comparison with it doubtful is told among the problems of the
/// archive; one that shares no app with it is refused.
pub(crate) fn earlier(
    args: &Args,
    path: Option<&Path>,
    reading: &mut Reading,
    options: &Options,
    filter: &Filter,
) -> Result<Option<Earlier>, Failure> {
    let Some(path) = path else { return Ok(None) };
    let report = read(args, path).map_err(Failure::usage)?;
    let is_known = |app: &String| reading.histories.apps().any(|own| own == app);
    let apps = &report.earlier.apps;
    if !apps.is_empty() && !apps.iter().any(is_known) {
        let count = perfpower_report::number::plural(apps.len() as u64, "app", "apps");
        return Err(Failure::usage(anyhow!(
            "{}: none of its {count} is in this archive: give an earlier report of the same archive, made with the same --redact key or without one",
            shown(args, path)
        )));
    }
    reading.problems.extend(doubts(&report, options, filter).map(|problem| InputProblem { path: None, problem }));
    perfpower_model::sort_problems(&mut reading.problems);
    Ok(Some(report.earlier))
}

fn read(args: &Args, path: &Path) -> anyhow::Result<EarlierReport> {
    let file = std::fs::File::open(path).with_context(|| {
        format!(
            "cannot read the earlier report {}: the first run has none: leave --since out of it, and keep what it writes with --format json \
             --output FILE",
            shown(args, path)
        )
    })?;
    read_report_json(file).map_err(|fault| anyhow!("the earlier report {}: {fault}", shown(args, path)))
}

fn shown(args: &Args, path: &Path) -> String {
    args.redaction.text(perfpower_model::TextRole::Path, &path.display().to_string())
}

/// What differs between the two runs beside the downloads.
fn doubts(report: &EarlierReport, options: &Options, filter: &Filter) -> impl Iterator<Item = Problem> {
    let doubt = |is_so: bool, code: &'static str, message: String, cure: &'static str| {
        is_so.then(|| Problem::new(Severity::Warning, code, message).with_hint(cure))
    };
    let settings = options.parameters.changed().map(|(name, value)| (name.to_owned(), value)).collect();
    let is_same_method = report.method == options.correction.method().word()
        && report.rate.total_cmp(&options.correction.rate()).is_eq()
        && report.changed == settings;
    [
        doubt(
            report.left_out > 0,
            "earlier-report-cut",
            format!("the earlier report left out {} findings: those of them that are still made are called new", report.left_out),
            "make it without --top",
        ),
        doubt(
            report.shown != shown_by(filter),
            "earlier-report-limited",
            "the earlier report was limited to another part of the archive than this one: what it did not show is called new".to_owned(),
            "give both the same --app and filters",
        ),
        doubt(
            !is_same_method,
            "earlier-report-settings",
            "the earlier report was made with other settings: what is new may be so because of them".to_owned(),
            "make both with the same perfpower.toml and options",
        ),
    ]
    .into_iter()
    .flatten()
}
