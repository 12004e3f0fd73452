//! `perfpower diagnostics`: which code is to blame, and what is new or grown in it.

use crate::args::{DiagnosticsArgs, DiagnosticsFormat, GraphWidth, GroupBy, LogType, RankedFrames};
use crate::commands::HasPageFormat;
use crate::commands::names::{self, Name};
use crate::config::Config;
use crate::output::{json_layout, text_style, write_result};
use crate::{Args, Exit, Failure, commands};
use anyhow::anyhow;
use clap::ValueEnum;
use perfpower_analysis::Filter;
use perfpower_ingest::{ReadPlan, Reading, StacksOf};
use perfpower_model::{TextRole, version};
use perfpower_report::profile::{
    FlameGraph, ProfileError, Width, write_difference_graph, write_firefox, write_flame_graph, write_folded,
    write_pprof, write_speedscope,
};
use perfpower_report::{
    CommandLine, TextStyle, diagnostics_page, overfull_sentence, write_page, write_ranking_csv, write_stacks_json,
};
use perfpower_stacks::{
    Axis, DiagnosticType, FollowOptions, Followed, FrameKey, Ranked, SignatureBook, StackTable, StacksQuery, StacksView,
};
use std::collections::BTreeSet;
use std::io::{self, IsTerminal, Write};

/// Rows of each list for people: about a screenful together.
const ROWS_FOR_PEOPLE: usize = 10;
/// Rows of each list for programs, which can ask for more.
const ROWS_FOR_PROGRAMS: usize = 100;

/// Runs the command.
pub fn run(args: &Args, command: &DiagnosticsArgs) -> Result<Exit, Failure> {
    refuse_what_does_not_fit(command)?;
    let mut config = commands::config(&command.archive)?;
    let plan = commands::read_plan(args, &command.archive, &config)?;
    let plan = ReadPlan { stacks: StacksOf::AllApps, memory: None, ..plan };
    let mut reading = commands::read(args, &plan, &command.archive)?;
    let of_names = followed(&reading);
    let form = command.format.page_format(text_style(args, &command.file));
    let is_of_logs = form.is_none() && command.format != DiagnosticsFormat::Json;
    let has_none = reading.stacks.logs().is_empty() && (is_of_logs || of_names.signatures.is_empty());
    if has_none && !command.archive.allow_empty {
        let what = if is_of_logs { "diagnostic logs" } else { "diagnostic logs and no signatures" };
        return Err(no_data(&format!(
            "the archive holds no {what}: save `diagnosticSignatures` of each build and the `logs` of each signature"
        )));
    }

    let query = query(command, &config, &reading.stacks, &of_names)?;
    args.redaction.apply(&mut config, &mut Filter::default(), &mut reading);
    let query = redacted(args, query, &config);
    let followed = if args.redaction.is_on() { followed(&reading) } else { of_names };
    let table = std::mem::take(&mut reading.stacks);
    let has_logs = table.logs().iter().any(|log| query.wants(&table, log));
    if is_of_logs {
        if !has_logs && !command.archive.allow_empty {
            return Err(no_data("no log of the archive fits all the filters"));
        }
        if command.format == DiagnosticsFormat::Flamegraph {
            refuse_empty_graph(command, &table, &query)?;
        }
        write_result(args, command.file.output.as_deref(), |out| {
            write_profile(command, &table, &query, out).map_err(as_io)
        })?;
        if let Some(note) = overfull_sentence(table.losses()).filter(|_| !args.quiet) {
            // A profile has no room for remarks. Nobody may be there to read this one.
            let _ = writeln!(io::stderr().lock(), "note: {note} (all logs of the archive)");
        }
        return Ok(commands::ending(args, &command.archive, &reading, has_logs));
    }
    let options = config.options();
    let view = StacksView::new(&table, &followed, &query, &|app| options.app_name(app), &reading.problems);
    if view.is_empty() && !command.archive.allow_empty {
        return Err(no_data("no log and no signature of the archive fits all the filters"));
    }
    let layout = json_layout(&command.file);
    write_result(args, command.file.output.as_deref(), |mut out| match form {
        Some(form) => write_page(&diagnostics_page(&view, &as_typed(args, command)), form, &mut out),
        None => write_stacks_json(&view, layout, &mut out),
    })?;
    Ok(commands::ending(args, &command.archive, &reading, !view.is_empty()))
}

/// What can be refused before anything is read.
fn refuse_what_does_not_fit(command: &DiagnosticsArgs) -> Result<(), Failure> {
    use DiagnosticsFormat::{Csv, Firefox, Folded, Json, Pprof, Speedscope};
    if command.from.is_some() && matches!(command.format, Csv | Folded | Pprof | Speedscope | Firefox) {
        return Err(Failure::usage(anyhow!(
            "this format holds one choice of logs, not a difference: use --format flamegraph, or write one file for each \
             --app-version"
        )));
    }
    if command.by.is_some() && command.from.is_some() {
        return Err(Failure::usage(anyhow!(
            "--by makes a table per group and --from and --to one of two versions: not both"
        )));
    }
    let is_page = command.format.page_format(TextStyle::default()).is_some();
    if command.by.is_some() && !is_page && command.format != Json {
        return Err(Failure::usage(anyhow!(
            "--by makes a table per group, and this format holds one: use --format text, markdown, html or json"
        )));
    }
    if command.width.is_some() && command.format != DiagnosticsFormat::Flamegraph {
        return Err(Failure::usage(anyhow!("--width is for --format flamegraph: no other form is drawn")));
    }
    if command.format == Pprof && command.file.output.is_none() && io::stdout().is_terminal() {
        return Err(Failure::usage(anyhow!("pprof is a binary format: give --output FILE or a pipe")));
    }
    Ok(())
}

/// An image of nothing would be no image. `--allow-empty` cannot help: it has no form for that.
fn refuse_empty_graph(command: &DiagnosticsArgs, table: &StackTable, query: &StacksQuery) -> Result<(), Failure> {
    let has_samples = |version: Option<&str>| {
        table.logs().iter().any(|log| {
            log.samples > 0
                && query.wants(table, log)
                && version.is_none_or(|version| {
                    Axis::Version.value(table, log).is_some_and(|own| version::compare(own, version).is_eq())
                })
        })
    };
    match &query.between {
        None if !has_samples(None) => {
            Err(no_data("no log that fits all the filters has samples: there is nothing to draw"))
        }
        Some((from, to)) => {
            let drawn = if command.width == Some(GraphWidth::Before) { from } else { to };
            if has_samples(Some(drawn)) {
                return Ok(());
            }
            Err(no_data(&format!(
                "no log of {drawn} with samples fits all the filters, and it is to give the graph its width: give the other \
                 side with --width, or another version"
            )))
        }
        None => Ok(()),
    }
}

fn no_data(message: &str) -> Failure {
    Failure { exit: Exit::NoData, error: anyhow!("{message}") }
}

/// The signatures of all apps, followed.
fn followed(reading: &Reading) -> Followed {
    let mut book = SignatureBook::new();
    for history in reading.histories.in_memory() {
        book.merge(history.signatures.clone());
    }
    book.follow(&FollowOptions::default())
}

/// The same choice once the names are replaced.
fn redacted(args: &Args, query: StacksQuery, config: &Config) -> StacksQuery {
    let text = |role: TextRole| move |text: String| args.redaction.text(role, &text);
    let version = text(TextRole::Version);
    StacksQuery {
        signatures: query.signatures.into_iter().map(text(TextRole::Signature)).collect(),
        version: query.version.map(version),
        device: query.device.map(text(TextRole::Word)),
        systems: query.systems.into_iter().map(text(TextRole::Word)).collect(),
        between: query.between.map(|(from, to)| (version(from), version(to))),
        owners: config.owners.clone(),
        ..query
    }
}

/// What is asked of the stacks; a version, device or system that no log has is refused, with the nearest that one has.
pub(crate) fn query(
    command: &DiagnosticsArgs,
    config: &Config,
    table: &StackTable,
    followed: &Followed,
) -> Result<StacksQuery, Failure> {
    let logs = &command.logs;
    let signatures = match &logs.signature {
        None => BTreeSet::new(),
        Some(wanted) => signature_ids(wanted, table, followed)?,
    };
    let seen = |axis: Axis| -> BTreeSet<String> {
        table.logs().iter().filter_map(|log| axis.value(table, log)).map(str::to_owned).collect()
    };
    let typed = [(&logs.app_version, "--app-version"), (&command.from, "--from"), (&command.to, "--to")];
    let wanted: Vec<(&String, &str)> =
        typed.into_iter().filter_map(|(version, option)| Some((version.as_ref()?, option))).collect();
    if !wanted.is_empty() {
        let sightings = followed.signatures.iter().flat_map(|row| &row.sightings);
        let versions: BTreeSet<String> =
            seen(Axis::Version).into_iter().chain(sightings.map(|sighting| sighting.version.clone())).collect();
        let is_known = |wanted: &str| versions.iter().any(|known| version::compare(known, wanted).is_eq());
        if let Some((unknown, option)) = wanted.into_iter().find(|(wanted, _)| !is_known(wanted)) {
            return Err(Failure::usage(names::unknown("version", option, unknown, versions.iter().map(Name::of))));
        }
    }
    if let Some(wanted) = &logs.device {
        let known: BTreeSet<String> = seen(Axis::Device).into_iter().chain(seen(Axis::DeviceFamily)).collect();
        if !known.is_empty() && !known.iter().any(|known| known.eq_ignore_ascii_case(wanted)) {
            return Err(Failure::usage(names::unknown("device", "--device", wanted, known.iter().map(Name::of))));
        }
    }
    let systems = match &logs.os {
        None => BTreeSet::new(),
        Some(wanted) => systems(wanted, table)?,
    };
    let for_programs = command.format == DiagnosticsFormat::Json;
    let types = logs.diagnostic_type.iter().map(|of| match of {
        LogType::DiskWrites => DiagnosticType::DiskWrites,
        LogType::Hang => DiagnosticType::Hang,
        LogType::Launch => DiagnosticType::Launch,
    });
    Ok(StacksQuery {
        types: types.collect(),
        signatures,
        version: logs.app_version.clone(),
        device: logs.device.clone(),
        systems,
        between: command.from.clone().zip(command.to.clone()),
        by: command.by.map(|by| match by {
            GroupBy::Signature => Axis::Signature,
            GroupBy::Type => Axis::Type,
            GroupBy::Version => Axis::Version,
            GroupBy::Device => Axis::Device,
            GroupBy::Os => Axis::Os,
        }),
        ranked: match command.frames {
            RankedFrames::Blame => Ranked::Blame,
            RankedFrames::All => Ranked::All,
        },
        owners: config.owners.clone(),
        correction: config.options().correction,
        top: command.top.map_or(if for_programs { ROWS_FOR_PROGRAMS } else { ROWS_FOR_PEOPLE }, usize::from),
    })
}

/// All ids of the signatures that have one that is, or begins with, the text: ids may change from build to build.
fn signature_ids(wanted: &str, table: &StackTable, followed: &Followed) -> Result<BTreeSet<String>, Failure> {
    let in_logs: BTreeSet<String> =
        table.logs().iter().filter_map(|log| Axis::Signature.value(table, log)).map(str::to_owned).collect();
    let mut ids: BTreeSet<String> = in_logs.iter().filter(|id| id.starts_with(wanted)).cloned().collect();
    for signature in &followed.signatures {
        let all = || signature.sightings.iter().flat_map(|sighting| &sighting.ids);
        if all().any(|id| id.starts_with(wanted)) {
            ids.extend(all().cloned());
        }
    }
    if wanted.is_empty() || ids.is_empty() {
        return Err(Failure::usage(names::unknown("signature", "--signature", wanted, in_logs.iter().map(Name::of))));
    }
    Ok(ids)
}

/// The systems of the logs that are the text, or else those whose text holds it: `iPhone OS 18.1` is not 18.1.1 where both
/// are there, and `18` is all of them.
fn systems(wanted: &str, table: &StackTable) -> Result<BTreeSet<String>, Failure> {
    let known: BTreeSet<(&str, &str)> = table
        .logs()
        .iter()
        .filter_map(|log| table.log_names().get(log.metadata.os_version).zip(Axis::Os.value(table, log)))
        .collect();
    let chosen = |fits: &dyn Fn(&str) -> bool| -> BTreeSet<String> {
        known.iter().filter(|(text, name)| fits(text) || fits(name)).map(|(text, _)| (*text).to_owned()).collect()
    };
    let mut systems = chosen(&|text| text.eq_ignore_ascii_case(wanted));
    if systems.is_empty() {
        systems = chosen(&|text| text.to_lowercase().contains(&wanted.to_lowercase()));
    }
    if systems.is_empty() && !known.is_empty() {
        let known = known.iter().map(|(_, name)| Name::of(*name));
        return Err(Failure::usage(names::unknown("system", "--os", wanted, known)));
    }
    Ok(systems)
}

/// The archive and the filters as they were typed, for the commands that the result suggests.
pub(crate) fn as_typed(args: &Args, command: &DiagnosticsArgs) -> CommandLine {
    let logs = &command.logs;
    let types = logs.diagnostic_type.iter().filter_map(ValueEnum::to_possible_value);
    let typed = types
        .fold(commands::archive_argument(args, &command.archive), |typed, of| typed.option("--type", of.get_name()));
    let texts = [
        ("--app", TextRole::App, &command.archive.app),
        ("--signature", TextRole::Signature, &logs.signature),
        ("--device", TextRole::Word, &logs.device),
        ("--os", TextRole::Word, &logs.os),
    ];
    texts.into_iter().fold(typed, |typed, (name, role, value)| match value {
        Some(value) => typed.option(name, args.redaction.text(role, value)),
        None => typed,
    })
}

fn write_profile(
    command: &DiagnosticsArgs,
    table: &StackTable,
    query: &StacksQuery,
    mut out: &mut dyn Write,
) -> Result<(), ProfileError> {
    let tree = |key: FrameKey| table.tree(key, |log| query.wants(table, log));
    let name = "App Store Connect diagnostic logs";
    match command.format {
        DiagnosticsFormat::Folded => write_folded(&tree(FrameKey::Name), out)?,
        DiagnosticsFormat::Csv => {
            let ranking = table.ranking(query.ranked, |log| query.wants(table, log));
            let rows = command.top.map_or(usize::MAX, usize::from);
            write_ranking_csv(&ranking, &query.owners, rows, &mut out)?;
        }
        DiagnosticsFormat::Pprof => write_pprof(&tree(FrameKey::Place), out)?,
        DiagnosticsFormat::Speedscope => write_speedscope(&tree(FrameKey::Function), name, out)?,
        DiagnosticsFormat::Firefox => write_firefox(&tree(FrameKey::Function), name, out)?,
        _ => {
            if let (Some(paired), Some((from, to))) = (query.paired_tree(table), &query.between) {
                let (width, drawn, samples, other) = match command.width {
                    Some(GraphWidth::Before) => {
                        (Width::Before, from, &paired.before, "new is drawn with --width after")
                    }
                    _ => (Width::After, to, &paired.after, "gone is drawn with --width before"),
                };
                let samples: u64 = samples.iter().sum();
                let graph = FlameGraph {
                    title: format!("{from} → {to}"),
                    subtitle: format!(
                        "as wide as in {drawn}, {samples} samples; red grew, blue shrank: a function's own samples without its \
                         callees', as a share of all; what is {other}"
                    ),
                };
                write_difference_graph(&paired, width, &graph, &mut out)?;
            } else {
                let tree = tree(FrameKey::Name);
                let graph = FlameGraph { title: name.to_owned(), subtitle: format!("{} samples", tree.total()) };
                write_flame_graph(&tree, &graph, &mut out)?;
            }
        }
    }
    Ok(())
}

fn as_io(error: ProfileError) -> io::Error {
    match error {
        ProfileError::Io(error) => error,
        other => io::Error::other(other),
    }
}
