//! `perfpower mcp`: a server of tools for agents, over standard input and output. It reads and judges once, and then answers, with as
//! much as an agent can take in.

mod arguments;
mod protocol;
mod tools;

use crate::args::{ArchiveArgs, McpArgs};
use crate::{Args, Exit, Failure, Redaction, commands};
use anyhow::{Context, anyhow};
use perfpower_analysis::{Judged, RevisionDetail};
use perfpower_ingest::ReadPlan;
use perfpower_model::TextRole;
use perfpower_report::number::plural;
use std::io::{self, Write};
use tools::Tools;

/// Serves until standard input ends.
pub fn run(args: &Args, command: &McpArgs) -> Result<Exit, Failure> {
    let archive = &command.archive;
    let is_stdin = |path: &std::path::Path| path.as_os_str() == "-";
    if archive.archive.iter().any(|path| is_stdin(path)) || archive.files_from.as_deref().is_some_and(is_stdin) {
        return Err(Failure::usage(anyhow!(
            "standard input is where the questions come from: give the archive as a path"
        )));
    }
    let mut config = commands::config(archive)?;
    let plan = commands::judge_plan(args, archive, &config)?;
    let plan = ReadPlan { revisions: RevisionDetail::Keep, memory: archive.memory.and(plan.memory), ..plan };
    let mut reading = commands::read(args, &plan, archive)?;
    let mut filter = commands::app_filter(archive, &config, &reading)?;
    args.redaction.apply(&mut config, &mut filter, &mut reading);
    // From here on names are what stands for them, in questions as in answers.
    let shown = commands::archive_argument(args, archive);
    let app = archive.app.as_deref().map(|app| args.redaction.text(TextRole::App, config.app_key(app)));
    let archive = &ArchiveArgs { app, ..archive.clone() };
    let plain = Args { redaction: Redaction::default(), ..args.clone() };
    let options = config.options();
    let judged = Judged::new(&reading.histories, &options);
    let tools = Tools { args: &plain, archive, shown: &shown, config: &config, reading: &reading, judged: &judged };
    if !args.quiet {
        let documents = plural(reading.facts.documents, "document", "documents");
        // Nobody may be there to read it.
        let _ = writeln!(io::stderr().lock(), "perfpower mcp: {documents} read; questions come by standard input");
    }
    let served = protocol::serve(&tools, io::stdin().lock(), io::stdout().lock());
    match served {
        // Whoever asked is gone, which is how a session ends.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        served => served.context("cannot go on answering").map_err(Failure::io)?,
    }
    Ok(commands::ending(args, archive, &reading, reading.has_values))
}
