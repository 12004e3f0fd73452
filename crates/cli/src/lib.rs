//! The edge of perfpower: what was typed, files, threads, progress and exit codes.
//!
//! The story in order: [`Args`] is what was typed; `perfpower-ingest` turns paths into histories; `perfpower-analysis` turns histories
//! into findings; `perfpower-report` turns findings into bytes; `output` puts them where they were asked for.

mod args;
pub mod commands;
pub mod config;
mod exit;
mod export_directory;
mod memory;
mod output;
mod progress;
mod redaction;
mod staging;
mod stdout;
mod threads;

pub use args::{Args, Command, Format};
pub use exit::Exit;
pub use export_directory::ExportDirectory;
pub use redaction::Redaction;

use clap::Parser;
use perfpower_model::TextRole;
use perfpower_report::export::EXPORT_SCHEMA;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::LazyLock;

/// What `--version` says: the version, what it was built for, and the documents that it writes.
pub(crate) static LONG_VERSION: LazyLock<String> = LazyLock::new(|| {
    let (version, system, machine) = (env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH);
    let schemas = perfpower_report::SCHEMAS.join(", ");
    format!("{version}\nbuilt for {system} on {machine}; writes {schemas}, {EXPORT_SCHEMA}")
});

/// Parses the command line, runs the command, and says how it ended.
pub fn main() -> ExitCode {
    let typed = match Args::try_parse() {
        Ok(args) => args,
        Err(told) => return tell_of_the_command_line(&told),
    };
    staging::clear_at_signals();
    let redaction = match Redaction::open(typed.redact.as_ref()) {
        Ok(redaction) => redaction,
        Err(failure) => {
            failure.tell(typed.error_format, &Redaction::default());
            return failure.exit.into();
        }
    };
    let args = match Args::try_parse_from(redaction.revealed(std::env::args_os())) {
        Ok(args) => Args { redaction, ..args },
        Err(told) => return tell_of_the_command_line(&told),
    };
    let mut ended = run(&args);
    if let Err(error) = args.redaction.save() {
        let path = args.redaction.key_file().unwrap_or(Path::new("")).display();
        let error = anyhow::Error::new(error)
            .context(format!("cannot write into the key file {path} what the pseudonyms stand for"));
        ended = ended.and(Err(Failure::io(error)));
    }
    match ended {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.tell(args.error_format, &args.redaction);
            failure.exit.into()
        }
    }
}

/// Help and the version on standard output, mistakes on standard error.
fn tell_of_the_command_line(told: &clap::Error) -> ExitCode {
    let is_result = !told.use_stderr();
    let written = if is_result && stdout::was_closed() {
        Err(stdout::closed())
    } else {
        told.print().or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
    };
    match written {
        Err(error) if is_result => {
            let failure = Failure::io(anyhow::Error::new(error).context("cannot write to standard output"));
            failure.tell(args::ErrorFormat::Text, &Redaction::default());
            failure.exit.into()
        }
        _ => ExitCode::from(told.exit_code() as u8),
    }
}

/// Runs one command.
pub fn run(args: &Args) -> Result<Exit, Failure> {
    if args.command.writes_to_stdout() {
        stdout::must_be_open()?;
    }
    threads::start(args);
    match &args.command {
        Command::Report(command) => commands::report::run(args, command),
        Command::Inspect(command) => commands::inspect::run(args, command),
        Command::Audit(command) => commands::audit::run(args, command),
        Command::Compare(command) => commands::compare::run(args, command),
        Command::Percentiles(command) => commands::percentiles::run(args, command),
        Command::Check(command) => commands::check::run(args, command),
        Command::Export(command) => commands::export::run(args, command),
        Command::Init(command) => commands::init::run(args, command),
        Command::Pack(command) => commands::pack::run(args, command),
        Command::Demo(command) => commands::demo::run(args, command),
        Command::Mcp(command) => commands::mcp::run(args, command),
        Command::Completions(command) => commands::shell::completions(command),
        Command::Man(command) => commands::shell::man(command),
        Command::Help(command) => commands::help::run(command),
        Command::Diagnostics(command) => commands::diagnostics::run(args, command),
    }
}

/// Why a run ended without a result.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What happened, with its causes.
    pub error: anyhow::Error,
}

impl Failure {
    /// The command line or the configuration is wrong.
    pub fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self { exit: Exit::Usage, error: error.into() }
    }

    /// Nothing could be read, or the result could not be written.
    pub fn io(error: impl Into<anyhow::Error>) -> Self {
        Self { exit: Exit::NothingRead, error: error.into() }
    }

    fn tell(&self, format: args::ErrorFormat, redaction: &Redaction) {
        // Line by line: a message with a cure has two.
        let message = redaction.text(TextRole::Sentence, &format!("{:#}", self.error));
        let lines: Vec<_> = message.lines().map(perfpower_report::safe::visible).collect();
        let message = lines.join("\n");
        let mut stderr = std::io::stderr().lock();
        // Where even standard error is closed there is nobody left to tell.
        let _ = match format {
            args::ErrorFormat::Text => writeln!(stderr, "error: {message}"),
            args::ErrorFormat::Json => {
                writeln!(
                    stderr,
                    "{}",
                    serde_json::json!({"severity": "error", "exit": self.exit as u8, "message": message})
                )
            }
        };
    }
}
