//! `--since`: an earlier report, read again, and what of it does not fit this run.

use crate::output::write_file;
use crate::{Args, Failure};
use anyhow::{Context, anyhow};
use perfpower_analysis::{Earlier, Filter, Options};
use perfpower_ingest::{Reading, claims_before, is_store, place_for_claims};
use perfpower_model::{InputProblem, Problem, Severity};
use perfpower_report::{EarlierReport, Report, read_report_json, shown_by, write_claims_json};
use std::path::{Path, PathBuf};

/// What an earlier report claimed; absent where none was given, and where a store was given that holds no claims of a day before. What makes a
/// comparison with it doubtful is told among the problems of the archive; one that shares no app with it is refused.
pub(crate) fn earlier(
    args: &Args,
    path: Option<&Path>,
    reading: &mut Reading,
    options: &Options,
    filter: &Filter,
) -> Result<Option<Earlier>, Failure> {
    let Some(given) = path else { return Ok(None) };
    let Some(path) = last_run(args, given, reading)? else {
        let message = "no run of an earlier day has left its claims in the store: nothing can be called new".to_owned();
        let problem = Problem::new(Severity::Note, "no-earlier-run", message)
            .with_hint("`perfpower report STORE --since STORE` without a filter leaves its claims for the next run");
        reading.problems.push(InputProblem { path: None, problem });
        perfpower_model::sort_problems(&mut reading.problems);
        return Ok(None);
    };
    let path = path.as_path();
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

/// The earlier report that is meant: the file, or of a store the claims of its last run over less than what was read now.
fn last_run(args: &Args, given: &Path, reading: &Reading) -> Result<Option<PathBuf>, Failure> {
    if !is_store(given) {
        return Ok(Some(given.to_owned()));
    }
    if args.redaction.is_on() {
        let error = anyhow!(
            "the claims in a store have the names as they are: with --redact give an earlier report that was made with --redact, too"
        );
        return Err(Failure::usage(error));
    }
    let Some((_, newest)) = reading.facts.days else { return Ok(None) };
    claims_before(given, newest)
        .with_context(|| format!("cannot list the claims in the store {}", shown(args, given)))
        .map_err(Failure::io)
}

/// Keeps what a report claims in the store that it was compared with. What shows only a part claims only a part, and is not kept.
pub(crate) fn keep_claims(since: Option<&Path>, report: &Report<'_>) -> Result<(), Failure> {
    let Some(store) = since.filter(|path| is_store(path)) else { return Ok(()) };
    let Some((_, newest)) = report.archive.days.filter(|_| report.analysis.filter == Filter::default()) else {
        return Ok(());
    };
    place_for_claims(store, newest)
        .with_context(|| format!("cannot keep the claims in the store {}", store.display()))
        .and_then(|place| write_file(&place, |mut out| write_claims_json(report, &mut out)))
        .map_err(Failure::io)
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
