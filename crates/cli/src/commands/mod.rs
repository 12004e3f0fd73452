//! One file per command; each reads, asks, writes, and says how it ended.

pub mod audit;
pub mod check;
pub mod compare;
pub mod demo;
pub mod diagnostics;
mod ending;
pub mod export;
mod form;
pub mod help;
pub mod init;
pub mod inspect;
pub mod mcp;
mod mistakes;
mod names;
pub mod pack;
pub mod percentiles;
pub mod report;
pub mod shell;
mod since;

pub(crate) use ending::{ending, tell_lost, tell_not_judged};
pub(crate) use form::HasPageFormat;
pub(crate) use since::{earlier, keep_claims};

use crate::args::{ArchiveArgs, FilterArgs};
use crate::config::Config;
use crate::progress::Progress;
use crate::{Args, Exit, Failure, memory, output};
use anyhow::{Context, anyhow};
use perfpower_analysis::{Analysis, AppHistory, Filter, Pattern};
use perfpower_ingest::{AppHistories, Held, Layout, Rules, Sources, paths_in_list};
use perfpower_ingest::{ReadPlan, Reading, read_archive};
use perfpower_model::{Day, InputProblem, Percentile, Problem, Severity, version};
use perfpower_report::CommandLine;
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// The settings of a run: those named, else those found here or above; what they leave open may be said by the archive itself.
pub(crate) fn config(archive: &ArchiveArgs) -> Result<Config, Failure> {
    let config = match &archive.config {
        Some(path) => Config::load(path),
        None => Config::discover(&std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."))),
    };
    let mut config = config.map_err(Failure::usage)?;
    config.own = config.with_own_settings(&archive.archive);
    Ok(config)
}

/// The archive of a command, as it was typed, made into a plan.
pub(crate) fn read_plan(args: &Args, archive: &ArchiveArgs, config: &Config) -> Result<ReadPlan, Failure> {
    let outputs = args.command.outputs();
    output::refuse_what_is_read(&outputs, args, archive, config)?;
    for path in &archive.archive {
        mistakes::refuse(path)?;
    }
    let mut sources = Sources::of_paths(archive.archive.iter().filter(|path| path.as_os_str() != "-"));
    sources.follow_links = archive.follow_links;
    sources.outputs = outputs;
    for setting in &archive.limit {
        sources.limits.set(setting).map_err(|fault| Failure::usage(anyhow!("--limit {setting}: {fault}")))?;
    }
    if archive.archive.iter().any(|path| path.as_os_str() == "-") {
        if archive.files_from.as_deref().is_some_and(|path| path.as_os_str() == "-") {
            return Err(Failure::usage(anyhow!("standard input can be a document or a list of files, not both")));
        }
        let bytes = read_stdin().map_err(Failure::io)?;
        sources.held.push(Held { name: "-".to_owned(), bytes, day: today() });
    }
    if let Some(list) = &archive.files_from {
        let bytes = if list.as_os_str() == "-" {
            read_stdin()
        } else {
            std::fs::read(list).with_context(|| format!("cannot read the list of files {}", list.display()))
        };
        sources.paths.extend(paths_in_list(&bytes.map_err(Failure::io)?));
    }
    let layout = match archive.layout.as_ref().or(config.layout.as_ref()) {
        Some(pattern) => Some(
            Layout::parse(pattern)
                .map_err(|error| Failure::usage(anyhow::Error::new(error).context(format!("the layout {pattern}"))))?,
        ),
        None => None,
    };
    let aliases = config
        .apps
        .iter()
        .flat_map(|(app, known)| known.aliases.iter().map(|alias| (alias.clone(), app.clone())))
        .collect();
    // In an archive of one nameless app it is the name; of many, only that one is kept.
    let app = archive.app.as_deref().map(|app| config.app_key(app).to_owned());
    let rules = Rules { app: app.clone(), snapshot: archive.snapshot, until: archive.until, layout, aliases };
    let mut problems = config.own.problems.clone();
    problems.extend(app.as_deref().filter(|_| archive.alone).map(read_alone));
    let plan = ReadPlan {
        sources,
        rules,
        apps: app.into_iter().collect(),
        settings: config.in_force(),
        memory: Some(memory::for_histories(archive.memory)),
        problems,
        ..ReadPlan::default()
    };
    args.redaction.make_key(&plan);
    Ok(plan)
}

/// What whoever reads the result must know of a run with `--alone`.
fn read_alone(app: &str) -> InputProblem {
    let message = format!("{app} was read and judged without the other apps of the archive");
    let problem = Problem::new(Severity::Warning, "judged-alone", message)
        .with_hint("its figures are not those that it has among them: leave --alone out for these");
    InputProblem { path: None, problem }
}

/// The same for a command that judges: everything is judged together, and `--app` chooses what is shown of it.
pub(crate) fn judge_plan(args: &Args, archive: &ArchiveArgs, config: &Config) -> Result<ReadPlan, Failure> {
    let plan = read_plan(args, archive, config)?;
    Ok(if archive.alone { plan } else { ReadPlan { apps: Vec::new(), ..plan } })
}

/// What `--app` shows of what was judged. One that was not read is refused, with the nearest that was.
pub(crate) fn app_filter(archive: &ArchiveArgs, config: &Config, reading: &Reading) -> Result<Filter, Failure> {
    let Some(wanted) = archive.app.as_deref() else { return Ok(Filter::default()) };
    let key = config.app_key(wanted);
    let held = || reading.histories.apps();
    if held().next().is_some() && !held().any(|app| app == key) {
        let known = names::of_apps(&reading.histories, config);
        return Err(Failure::usage(names::unknown("app", "--app", wanted, known)));
    }
    Ok(Filter { apps: vec![Pattern::Exactly(key.to_owned())], ..Filter::default() })
}

/// Reads the plan's archive; nothing at all to read is a failure.
pub(crate) fn read(args: &Args, plan: &ReadPlan, archive: &ArchiveArgs) -> Result<Reading, Failure> {
    let reading = read_archive(plan, &Progress::new(args.quiet));
    readable(&reading, archive)?;
    if let (false, AppHistories::OnDisk(kept)) = (args.quiet, &reading.histories) {
        let [bytes, most] = [kept.bytes(), plan.memory.unwrap_or_default()].map(perfpower_report::number::bytes);
        // Where standard error is closed there is nobody to tell.
        let _ = writeln!(
            std::io::stderr().lock(),
            "the histories of {} apps do not fit into {most}: they are kept in a temporary file of {bytes}, and read again where they are \
             needed (--memory allows more)",
            reading.facts.apps
        );
    }
    Ok(reading)
}

/// Fails if the result would take the place of what was read for it.
pub(crate) fn refuse_overwriting(reading: &Reading) -> Result<(), Failure> {
    match reading.problems.iter().find(|told| told.problem.code == "output-is-input") {
        Some(lost) => {
            let path = lost.path.as_deref().unwrap_or_default();
            Err(Failure::usage(anyhow!("{path}: {}", with_hint(&lost.problem))))
        }
        None => Ok(()),
    }
}

/// Fails if nothing of an archive could be read, or nothing of the app asked for is in it.
pub(crate) fn readable(reading: &Reading, archive: &ArchiveArgs) -> Result<(), Failure> {
    if let Some(wanted) =
        archive.app.as_ref().filter(|_| reading.histories.apps().next().is_none() && !reading.passed_over.is_empty())
    {
        let known = reading.passed_over.iter().map(names::Name::of);
        return Err(Failure::usage(names::unknown("app", "--app", wanted, known)));
    }
    refuse_overwriting(reading)?;
    let documents = reading.facts.documents;
    let first = reading.problems.iter().find(|p| p.problem.severity == Severity::Error);
    if let Some(missing) = first.filter(|first| documents == 0 && first.problem.code == "missing-path") {
        return Err(mistakes::missing(Path::new(missing.path.as_deref().unwrap_or_default())));
    }
    if let Some(first) = first.filter(|_| documents == reading.lost) {
        let what = format!("{}: {}", first.path.as_deref().unwrap_or_default(), with_hint(&first.problem));
        let error = if documents > 1 {
            anyhow!("none of {documents} documents could be read; the first: {what}")
        } else {
            anyhow!(what)
        };
        return Err(Failure { exit: Exit::NothingRead, error });
    }
    if let Some((until, later)) =
        reading.facts.until.filter(|(_, later)| documents == 0 && *later > 0 && !archive.allow_empty)
    {
        let later = perfpower_report::number::plural(later, "document was", "documents were");
        let error = anyhow!(
            "nothing was downloaded up to {until}: {later} left out that are of later days (give a later day with --until)"
        );
        return Err(Failure { exit: Exit::NoData, error });
    }
    if documents == 0 && !archive.allow_empty {
        return Err(mistakes::no_document(&reading.facts.skipped));
    }
    Ok(())
}

fn with_hint(problem: &perfpower_model::Problem) -> String {
    let place =
        problem.place.map_or_else(String::new, |place| format!("line {}, column {}: ", place.line, place.column));
    let at = if problem.at.is_empty() { String::new() } else { format!("{}: ", problem.at) };
    let hint = problem.hint.as_ref().map_or_else(String::new, |hint| format!(" ({hint})"));
    format!("{place}{at}{}{hint}", problem.message)
}

/// What makes the whole batch less sure, for forms of a result that have no place for it.
pub(crate) fn tell_cautions(args: &Args, analysis: &Analysis) {
    let mut stderr = std::io::stderr().lock();
    for alarm in analysis.calibration.alarms.iter().filter(|_| !args.quiet) {
        // Where standard error is closed there is nobody left to tell.
        let _ = writeln!(stderr, "caution: {}", perfpower_report::safe::visible(alarm));
    }
}

/// The filters, as they were typed. Names that no app of the archive has are refused, with the nearest that one has.
pub(crate) fn filter(
    filter: &FilterArgs,
    archive: &ArchiveArgs,
    config: &Config,
    reading: &Reading,
) -> Result<Filter, Failure> {
    let of_app = app_filter(archive, config, reading)?;
    let mut categories = BTreeSet::new();
    let mut metrics: BTreeSet<names::Name> = BTreeSet::new();
    let mut devices: BTreeSet<names::Name> = BTreeSet::new();
    let mut platforms = BTreeSet::new();
    let mut percentiles = BTreeSet::new();
    let mut versions = BTreeSet::new();
    let is_asked = *filter != FilterArgs::default();
    let mut note = |history: &AppHistory| {
        if !of_app.app(&history.app) {
            return;
        }
        let text = |id| history.names.get(id);
        for metric in &history.metrics {
            let category = text(metric.category);
            categories.extend(category.map(names::Name::of));
            metrics.extend(names::of_metric(category.unwrap_or_default(), history.names.text(metric.identifier)));
        }
        for series in &history.series {
            devices.extend([series.device, series.device_label].into_iter().filter_map(text).map(names::Name::of));
            platforms.extend(text(series.platform).map(names::Name::of));
            percentiles.extend(text(series.percentile).map(percentile_name));
        }
        versions.extend((0..history.versions.len() as u32).map(|index| history.version_text(index).to_owned()));
    };
    if is_asked {
        reading.histories.all().in_order(&mut note);
    }
    let lists = [
        (&filter.category, &categories),
        (&filter.metric, &metrics),
        (&filter.device, &devices),
        (&filter.platform, &platforms),
    ];
    for ((what, option), (wanted, known)) in NAMED.into_iter().zip(lists) {
        for name in wanted {
            let pattern = Pattern::from(name.as_str());
            if !known.is_empty() && !known.iter().any(|known| pattern.matches(&known.typed)) {
                return Err(Failure::usage(names::unknown(what, option, name, known.iter().cloned())));
            }
        }
    }
    for wanted in &filter.percentile {
        let pattern = Pattern::from(percentile_name(wanted));
        if !percentiles.is_empty() && !percentiles.iter().any(|known| pattern.matches(known)) {
            let known = percentiles.iter().map(names::Name::of);
            return Err(Failure::usage(names::unknown("percentile", "--percentile", wanted, known)));
        }
    }
    // One between two versions is as good as a version; one after all of them leaves nothing.
    if let Some(since) = &filter.since_version
        && !versions.is_empty()
        && versions.iter().all(|known| version::compare(known, since).is_lt())
    {
        let known = versions.iter().map(names::Name::of);
        return Err(Failure::usage(names::unknown("version", "--since-version", since, known)));
    }
    let patterns = |typed: &[String]| typed.iter().map(|text| Pattern::from(text.as_str())).collect();
    let whole = Filter {
        apps: of_app.apps,
        categories: patterns(&filter.category),
        metrics: patterns(&filter.metric),
        devices: patterns(&filter.device),
        percentiles: patterns(&filter.percentile),
        platforms: patterns(&filter.platform),
        since_version: filter.since_version.clone(),
    };
    if is_asked && reading.has_values {
        fits_something(&whole, reading)?;
    }
    Ok(whole)
}

/// What the lists of a filter are of, with their options.
const NAMED: [(&str, &str); 4] =
    [("category", "--category"), ("metric", "--metric"), ("device", "--device"), ("platform", "--platform")];

/// Fails where each word of a filter is known and no series fits all of them, with what to leave out.
fn fits_something(filter: &Filter, reading: &Reading) -> Result<(), Failure> {
    let fits = |filter: &Filter| {
        reading.histories.all().each(|history| filter.rows(history).count()).into_iter().sum::<usize>()
    };
    if fits(filter) > 0 {
        return Ok(());
    }
    let without = [
        ("--category", Filter { categories: Vec::new(), ..filter.clone() }),
        ("--metric", Filter { metrics: Vec::new(), ..filter.clone() }),
        ("--device", Filter { devices: Vec::new(), ..filter.clone() }),
        ("--percentile", Filter { percentiles: Vec::new(), ..filter.clone() }),
        ("--platform", Filter { platforms: Vec::new(), ..filter.clone() }),
        ("--since-version", Filter { since_version: None, ..filter.clone() }),
    ];
    let cures: Vec<String> = without
        .into_iter()
        .filter(|(_, less)| less != filter && fits(less) > 0)
        .map(|(option, less)| {
            format!(
                "without {option} {}",
                perfpower_report::number::plural(fits(&less) as u64, "series does", "series do")
            )
        })
        .collect();
    let cure = if cures.is_empty() { "leave out more than one of them".to_owned() } else { cures.join("; ") };
    Err(Failure::usage(anyhow!("no series of the archive fits all of the filters; {cure}")))
}

/// The same for a command.
pub(crate) fn unknown_command(wanted: &str, known: &[String]) -> anyhow::Error {
    anyhow!("there is no command {wanted:?}; the commands are {}", known.join(", "))
}

/// A percentile as people type it: its number, or the label that has none.
fn percentile_name(label: &str) -> String {
    Percentile::from_label(label).number().map_or_else(|| label.to_owned(), |number| number.to_string())
}

/// The archive as it was typed, for the commands that a report suggests: in one order, whatever the order of the
/// arguments, so that the same archive gives the same report.
pub(crate) fn archive_argument(args: &Args, archive: &ArchiveArgs) -> CommandLine {
    // More paths than a person would type came from a shell's pattern.
    const MOST: usize = 3;
    if args.redaction.is_on() {
        return args.redaction.archive_argument();
    }
    let paths: BTreeSet<&Path> = archive.archive.iter().map(PathBuf::as_path).collect();
    let typed = CommandLine::default();
    let typed = if paths.len() > MOST {
        typed.stand_in("ARCHIVE...")
    } else {
        paths.into_iter().fold(typed, CommandLine::path)
    };
    archive.files_from.iter().fold(typed, |typed, list| typed.option("--files-from", list))
}

fn read_stdin() -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
    Ok(bytes)
}

/// Today in UTC: the day of a document that was piped in.
pub(crate) fn today() -> Day {
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Day::from_days((seconds / 86_400) as i32)
}
