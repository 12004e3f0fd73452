//! `perfpower pack`: an archive, read once into a store.

use crate::args::{ArchiveArgs, PackArgs};
use crate::progress::Progress;
use crate::{Args, Exit, Failure, commands, output};
use anyhow::{Context, anyhow};
use perfpower_ingest::{PackError, PackOptions, Packed, is_store, pack};
use perfpower_model::{InputProblem, Severity};
use perfpower_report::CommandLine;
use perfpower_report::number::{bytes, plural};
use std::io::Write;
use std::path::Path;

/// What the archive says of itself, in the archive and in the store.
const SETTINGS: &str = "perfpower.toml";

/// Runs the command.
pub fn run(args: &Args, command: &PackArgs) -> Result<Exit, Failure> {
    refuse_what_cannot_be_packed(args, command)?;
    let archive = ArchiveArgs {
        archive: command.archive.clone(),
        files_from: command.files_from.clone(),
        follow_links: command.follow_links,
        limit: command.limit.clone(),
        allow_partial: command.allow_partial,
        ..ArchiveArgs::default()
    };
    let config = commands::config(&archive)?;
    let plan = commands::read_plan(args, &archive, &config)?;
    let options = PackOptions { prune: command.prune, verify: command.verify };
    let packed =
        pack(&plan.sources, &command.into, options, &Progress::new(args.quiet)).map_err(|error| match error {
            PackError::Failed(..) => Failure { exit: Exit::NothingRead, error: error.into() },
            PackError::Busy(_) | PackError::NotAStore(_) => Failure::usage(error),
        })?;
    keep_settings(command).map_err(Failure::io)?;
    tell(&command.into, &packed).map_err(Failure::io)?;
    let lost: Vec<&InputProblem> =
        packed.problems.iter().filter(|told| told.problem.severity == Severity::Error).collect();
    if lost.is_empty() || command.allow_partial {
        return Ok(Exit::Done);
    }
    let exit = if packed.documents == 0 { Exit::NothingRead } else { Exit::Partial };
    commands::tell_lost(args, &lost, exit);
    Ok(exit)
}

fn refuse_what_cannot_be_packed(args: &Args, command: &PackArgs) -> Result<(), Failure> {
    if args.redaction.is_on() {
        return Err(Failure::usage(anyhow!(
            "a store holds the downloads as they are: leave --redact out here, and give it to what reads the store"
        )));
    }
    for path in &command.archive {
        if path.as_os_str() == "-" {
            return Err(Failure::usage(anyhow!(
                "a store knows a file by its path, which standard input has not: save it first"
            )));
        }
        if is_store(path) {
            return Err(Failure::usage(anyhow!(
                "{} is a store already: every command reads it as it is; give the archive that it was packed from",
                path.display()
            )));
        }
    }
    Ok(())
}

/// Keeps what the archive says of itself, where one archive says anything.
fn keep_settings(command: &PackArgs) -> anyhow::Result<()> {
    let own = command.archive.iter().map(|path| path.join(SETTINGS)).filter(|path| path.is_file());
    let [settings] = &own.collect::<Vec<_>>()[..] else { return Ok(()) };
    let text = std::fs::read(settings).with_context(|| format!("cannot read {}", settings.display()))?;
    output::write_file(&command.into.join(SETTINGS), |out| out.write_all(&text))
}

/// What was done, in two lines.
fn tell(store: &Path, packed: &Packed) -> anyhow::Result<()> {
    let files = |count: u64| plural(count, "file", "files");
    let mut parts = vec![format!("{} read ({})", files(packed.read), bytes(packed.bytes))];
    for (count, words) in [
        (packed.unchanged, "unchanged"),
        (packed.vanished, "gone from the archive and kept"),
        (packed.pruned, "gone from the archive and forgotten"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {words}"));
        }
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", parts.join(", "))?;
    let held = plural(packed.documents, "document", "documents");
    let next = CommandLine::perfpower("report").path(store);
    writeln!(out, "{held} of {} in the store; next: {next}", files(packed.files))?;
    Ok(())
}
