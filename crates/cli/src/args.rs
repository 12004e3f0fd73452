//! What was typed. Nothing here opens a file or looks at the machine.

#![expect(clippy::doc_markdown, reason = "clap prints these docs as help, where backticks are noise")]

use crate::config::environment;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use perfpower_model::Day;
use perfpower_report::export::{ExportFormat, Table};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// What got worse, since which version, on which devices, how sure are we, and which code is to blame: read from saved
/// App Store Connect power and performance downloads, offline.
#[derive(Clone, Debug, Parser)]
#[command(name = "perfpower", version, long_version = crate::LONG_VERSION.as_str(), propagate_version = true, disable_help_subcommand = true)]
#[command(after_help = "Start here:\n  perfpower help\n  perfpower demo my-demo\n  perfpower report my-demo\n\n\
    Exit codes: 0 done, 1 a check rule tripped, 2 usage, 3 nothing could be read, 4 no usable data,\n\
    5 done but some inputs could not be read, 101 a bug.")]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// Threads, 1 to 1024; all cores by default. The result is the same with any number.
    #[arg(long, global = true, value_name = "N", value_parser = parse_threads, env = environment::THREADS, hide_env = true)]
    pub threads: Option<NonZeroUsize>,

    /// Say nothing but the result and failures.
    #[arg(long, short, global = true, env = environment::QUIET, hide_env = true)]
    pub quiet: bool,

    /// When to use colour; NO_COLOR is respected.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", env = environment::COLOR, hide_env = true)]
    pub color: ColorChoice,

    /// How failures are told on standard error.
    #[arg(long, global = true, value_name = "FORMAT", default_value = "text", env = environment::ERROR_FORMAT, hide_env = true)]
    pub error_format: ErrorFormat,

    /// Put pseudonyms in the place of apps, paths, functions, files, builds, signatures, owners and rules, in everything that is written. With
    /// a file, they are the same in every run; it is made where there is none, and tells whoever holds it what they stand for.
    #[arg(long, global = true, value_name = "KEYFILE", num_args = 0..=1, require_equals = true)]
    pub redact: Option<Option<PathBuf>>,

    /// What `--redact` is done with.
    #[arg(skip)]
    pub redaction: crate::Redaction,
}

/// The commands.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// What got worse, since which version, where, how sure.
    Report(ReportArgs),
    /// What the archive holds: kinds, apps, days, versions, and every problem.
    Inspect(InspectArgs),
    /// Apple's insights recomputed: agrees, differs, cannot be checked, and what Apple left out.
    Audit(AuditArgs),
    /// Versions side by side, with whether noise can explain the difference: one against another, or the latest against those before.
    Compare(CompareArgs),
    /// Call stacks and signatures: which code costs most, what is new or grown; flame graphs and profiles.
    Diagnostics(DiagnosticsArgs),
    /// Exact percentiles over apps, devices, versions or logs, and where an app stands among its peers.
    Percentiles(PercentilesArgs),
    /// Hold the archive against the rules of perfpower.toml; exit 1 where one trips.
    Check(CheckArgs),
    /// Every table as Parquet, Arrow, CSV or NDJSON.
    Export(ExportArgs),
    /// Read an archive once, into a store: Parquet tables that every command takes instead of the files.
    Pack(PackArgs),
    /// A first perfpower.toml: budgets from today's values plus slack; printed, or written with --output.
    Init(InitArgs),
    /// The demo archive, written into a directory: what every example speaks of.
    Demo(DemoArgs),
    /// A server for agents, over standard input and output: the Model Context Protocol.
    Mcp(McpArgs),
    /// Shell completions.
    Completions(CompletionsArgs),
    /// The manual page, of the program or of one command.
    Man(ManArgs),
    /// The guide: how to begin, to get the files, to read a finding; or the help of a command.
    Help(HelpArgs),
}

impl Command {
    /// The one file that takes the result; absent = standard output, or a directory.
    pub(crate) fn output(&self) -> Option<&Path> {
        match self {
            Self::Report(command) => command.file.output.as_deref(),
            Self::Inspect(command) => command.output.file.output.as_deref(),
            Self::Audit(command) => command.output.file.output.as_deref(),
            Self::Compare(command) => command.output.file.output.as_deref(),
            Self::Percentiles(command) => command.output.file.output.as_deref(),
            Self::Diagnostics(command) => command.file.output.as_deref(),
            Self::Check(command) => command.file.output.as_deref(),
            Self::Init(command) => command.output.as_deref(),
            Self::Export(_)
            | Self::Pack(_)
            | Self::Demo(_)
            | Self::Mcp(_)
            | Self::Completions(_)
            | Self::Man(_)
            | Self::Help(_) => None,
        }
    }

    /// Whether the result goes to standard output.
    pub(crate) fn writes_to_stdout(&self) -> bool {
        self.output().is_none() && !matches!(self, Self::Export(_) | Self::Demo(_))
    }

    /// All that is written, and directories whose files are.
    pub(crate) fn outputs(&self) -> Vec<PathBuf> {
        let Self::Export(export) = self else {
            return self.output().filter(|path| !path.is_dir()).map(Path::to_owned).into_iter().collect();
        };
        let names = Table::ALL.into_iter().map(|table| match export.partition_by {
            None => format!("{}.{}", table.as_str(), export.format.format().extension()),
            Some(PartitionBy::App) => table.as_str().to_owned(),
        });
        names.chain(["schema.json".to_owned()]).map(|name| export.to.join(name)).collect()
    }

    /// Files beside the archive that are read.
    pub(crate) fn read_beside(&self) -> Option<&Path> {
        let Self::Percentiles(command) = self else { return None };
        command.model_mixture.as_deref()
    }
}

/// The archive, and how to read it.
#[derive(Clone, Debug, Default, ClapArgs)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct ArchiveArgs {
    /// Files, directories, zips or tars; `-` reads one document from standard input.
    #[arg(value_name = "ARCHIVE", required_unless_present = "files_from")]
    pub archive: Vec<PathBuf>,

    /// Read further paths from a file, one a line or separated by NUL; `-` reads them from standard input.
    #[arg(long, value_name = "FILE", help_heading = "Archive")]
    pub files_from: Option<PathBuf>,

    /// Show only this app, judged among all that the archive holds; where that does not name one, everything belongs to it.
    #[arg(long, value_name = "APP", help_heading = "Archive")]
    pub app: Option<String>,

    /// Read and judge the app of --app without the others: quicker, and not with the figures that it has among them.
    #[arg(long, requires = "app", help_heading = "Archive")]
    pub alone: bool,

    /// The day of all documents, such as 2026-11-23.
    #[arg(long, value_name = "DAY", value_parser = parse_day, help_heading = "Archive")]
    pub snapshot: Option<Day>,

    /// What was known on a day: only what was downloaded up to then is read.
    #[arg(long, value_name = "DAY", value_parser = parse_day, help_heading = "Archive")]
    pub until: Option<Day>,

    /// How paths name apps and days, such as {app}/{snapshot}/{kind}.json; {version} or {build} tells which release signatures are of.
    #[arg(long, value_name = "PATTERN", env = environment::LAYOUT, hide_env = true, help_heading = "Archive")]
    pub layout: Option<String>,

    /// Settings: layout, names, weights, rules; perfpower.toml here or above by default. One in the archive may say layout and names.
    #[arg(long, value_name = "FILE", env = environment::CONFIG, hide_env = true, help_heading = "Archive")]
    pub config: Option<PathBuf>,

    /// Follow symbolic links that lead out of what is given; else they are told and passed over.
    #[arg(long, help_heading = "Archive")]
    pub follow_links: bool,

    /// Allow a hostile-looking file more than by default, such as unpack=2G; also ratio, document, temporary, members, layers.
    #[arg(long, value_name = "NAME=NUMBER", help_heading = "Archive")]
    pub limit: Vec<String>,

    /// Memory that the run may take, such as 2G: what does not fit is kept in a temporary file; a quarter of the machine's by default.
    #[arg(long, value_name = "SIZE", value_parser = parse_size, help_heading = "Archive")]
    pub memory: Option<u64>,

    /// Exit with 0 even if there is no usable data.
    #[arg(long, help_heading = "Archive")]
    pub allow_empty: bool,

    /// Exit with 0 even if some inputs could not be read.
    #[arg(long, help_heading = "Archive")]
    pub allow_partial: bool,
}

/// What is shown. No filter changes a figure.
#[derive(Clone, Debug, Default, PartialEq, Eq, ClapArgs)]
pub struct FilterArgs {
    /// Such as LAUNCH; may be given several times.
    #[arg(long, value_name = "CATEGORY", help_heading = "Filters")]
    pub category: Vec<String>,

    /// Such as launchTime or BATTERY/onScreen; may be given several times.
    #[arg(long, value_name = "METRIC", help_heading = "Filters")]
    pub metric: Vec<String>,

    /// Such as all_iphones, iPhone12,* or "iPhone 11"; may be given several times.
    #[arg(long, value_name = "DEVICE", help_heading = "Filters")]
    pub device: Vec<String>,

    /// Such as 50 or 90; may be given several times.
    #[arg(long, value_name = "PERCENTILE", help_heading = "Filters")]
    pub percentile: Vec<String>,

    /// Such as iOS; may be given several times.
    #[arg(long, value_name = "PLATFORM", help_heading = "Filters")]
    pub platform: Vec<String>,

    /// What this version or a later one brought; tables without a judgement leave out points of earlier versions.
    #[arg(long, value_name = "VERSION", help_heading = "Filters")]
    pub since_version: Option<String>,
}

/// How and where the result goes.
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct OutputArgs {
    /// The form of the result.
    #[arg(long, value_name = "FORMAT", default_value = "text", env = environment::FORMAT, hide_env = true)]
    pub format: Format,
    /// Where it goes.
    #[command(flatten)]
    pub file: OutputFile,
}

/// Where a result goes.
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct OutputFile {
    /// Write the result to a file, whole or not at all, instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Indent JSON, as at a terminal; files and pipes get it compact.
    #[arg(long)]
    pub pretty: bool,
}

/// `perfpower report`.
#[derive(Clone, Debug, Default, ClapArgs)]
#[command(
    after_help = "Examples:\n  perfpower report fixtures/demo\n  perfpower report fixtures/demo --format json --output report.json\n  \
    perfpower report fixtures/demo --category LAUNCH --device all_iphones"
)]
pub struct ReportArgs {
    /// The archive.
    #[command(flatten)]
    pub archive: ArchiveArgs,
    /// The series.
    #[command(flatten)]
    pub filter: FilterArgs,
    /// The form of the result.
    #[arg(long, value_name = "FORMAT", default_value = "text", env = environment::FORMAT, hide_env = true)]
    pub format: ReportFormat,
    /// Where it goes.
    #[command(flatten)]
    pub file: OutputFile,
    /// Explain one answer: an id of the report or its start, or APP/CATEGORY/metric/device/percentile.
    #[arg(long, value_name = "ID")]
    pub explain: Option<String>,
    /// Print how far the p-values of the batch can be trusted, and the noise of every stratum.
    #[arg(long, conflicts_with = "explain")]
    pub calibration: bool,
    /// For agents: a bounded answer in JSON, worst first, with the next command in each row.
    #[arg(long, conflicts_with_all = ["explain", "calibration"])]
    pub brief: bool,
    /// About how many tokens a brief answer may have.
    #[arg(long, value_name = "N", default_value = "2000", requires = "brief")]
    pub max_tokens: usize,
    /// Findings to write, worst first; all are counted.
    #[arg(long, value_name = "N", conflicts_with_all = ["explain", "calibration", "brief"])]
    pub top: Option<usize>,
    /// Tell what is new, changed or gone since an earlier report: what `report --format json` wrote of the same archive, or a store, which keeps the
    /// claims of every such run by the day of its newest download, and gives those of the day before.
    #[arg(long, value_name = "EARLIER", conflicts_with_all = ["explain", "calibration"])]
    pub since: Option<PathBuf>,
    /// Control false discoveries under any dependence (Benjamini–Yekutieli) instead of positive dependence.
    #[arg(long)]
    pub strict: bool,
}

/// `perfpower inspect`.
#[derive(Clone, Debug, Default, ClapArgs)]
#[command(after_help = "Examples:\n  perfpower inspect fixtures/demo\n  perfpower inspect fixtures/demo --drift")]
pub struct InspectArgs {
    /// The archive.
    #[command(flatten)]
    pub archive: ArchiveArgs,
    /// The result.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Show fields that only the archive or only the known schema has.
    #[arg(long)]
    pub drift: bool,
    /// List every document, however many.
    #[arg(long)]
    pub all: bool,
}

/// `perfpower audit`.
#[derive(Clone, Debug, Default, ClapArgs)]
#[command(after_help = "Examples:\n  perfpower audit fixtures/demo\n  perfpower audit fixtures/demo --format csv")]
pub struct AuditArgs {
    /// The archive.
    #[command(flatten)]
    pub archive: ArchiveArgs,
    /// The series.
    #[command(flatten)]
    pub filter: FilterArgs,
    /// The result.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `perfpower compare`.
#[derive(Clone, Debug, Default, ClapArgs)]
#[command(
    after_help = "Examples:\n  perfpower compare fixtures/demo\n  perfpower compare fixtures/demo --against mean\n  \
    perfpower compare fixtures/demo --from 3.11.1 --to 4.2.0"
)]
pub struct CompareArgs {
    /// The archive.
    #[command(flatten)]
    pub archive: ArchiveArgs,
    /// The series.
    #[command(flatten)]
    pub filter: FilterArgs,
    /// The result.
    #[command(flatten)]
    pub output: OutputArgs,
    /// The earlier version.
    #[arg(long, value_name = "VERSION", requires = "to", conflicts_with = "against")]
    pub from: Option<String>,
    /// The later version.
    #[arg(long, value_name = "VERSION", requires = "from", conflicts_with = "against")]
    pub to: Option<String>,
    /// What the latest version is compared with.
    #[arg(long, value_name = "WHAT", default_value = "previous")]
    pub against: Against,
    /// Rows.
    #[arg(long, value_name = "N", default_value = "20")]
    pub top: usize,
}

/// `perfpower percentiles`.
#[derive(Clone, Debug, Default, ClapArgs)]
#[command(after_help = "Examples:\n  perfpower percentiles fixtures/demo --over apps --metric launchTime\n  \
    perfpower percentiles fixtures/demo --over devices --percentile 90\n  \
    perfpower percentiles fixtures/demo --over versions --device all_iphones --at 5,50,95\n\n\
    What must not be averaged is kept apart, and with --together refused with the reason.")]
pub struct PercentilesArgs {
    /// The archive.
    #[command(flatten)]
    pub archive: ArchiveArgs,
    /// The series.
    #[command(flatten)]
    pub filter: FilterArgs,
    /// The result.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Whose values make a distribution.
    #[arg(long, value_name = "WHAT", default_value = "apps")]
    pub over: OverArg,
    /// Which percentiles of the distribution.
    #[arg(long, value_name = "PERCENT", value_delimiter = ',', value_parser = parse_percent, default_values = ["50", "90"])]
    pub at: Vec<f64>,
    /// Tell where this app stands among all; may be given several times. All do where they are few.
    #[arg(long, value_name = "APP")]
    pub rank: Vec<String>,
    /// One distribution of everything that passes the filters; refused where it would mix what cannot be mixed.
    #[arg(long)]
    pub together: bool,
    /// Model the percentiles of all users from those of the device models, with users per device;weight or app;device;weight.
    #[arg(long, value_name = "WEIGHTS.csv")]
    pub model_mixture: Option<PathBuf>,
    /// Rows.
    #[arg(long, value_name = "N", default_value = "40")]
    pub top: usize,
}

/// Whose values make a distribution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OverArg {
    /// Each app's latest value of one population.
    #[default]
    Apps,
    /// Each device model's value at the app's latest version.
    Devices,
    /// Each version's value of one series.
    Versions,
    /// What each log says of itself: how long, or how much.
    Logs,
}

/// `perfpower check`.
#[derive(Clone, Debug, Default, ClapArgs)]
#[command(
    after_help = "Examples:\n  perfpower check fixtures/demo --config fixtures/gate.toml\n  perfpower check fixtures/demo --config fixtures/gate.toml --format junit --output check.xml\n\n\
    Field data lags by days: check tells what a release did, for holding a phased release, for the next go or no-go,\n\
    and for a nightly run. Exit codes: 1 a rule tripped, 4 no usable data, 5 some inputs could not be read."
)]
pub struct CheckArgs {
    /// The archive.
    #[command(flatten)]
    pub archive: ArchiveArgs,
    /// The series.
    #[command(flatten)]
    pub filter: FilterArgs,
    /// The form of the result.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: CheckFormat,
    /// Where it goes.
    #[command(flatten)]
    pub file: OutputFile,
    /// An earlier report, or a store that keeps the claims of every run, for rules about what is new: no_regression = "new".
    #[arg(long, value_name = "EARLIER")]
    pub since: Option<PathBuf>,
    /// The day on which waivers are judged; that of --until, else today by default.
    #[arg(long, value_name = "DAY", value_parser = parse_day)]
    pub today: Option<Day>,
    /// Control false discoveries under any dependence (Benjamini–Yekutieli) instead of positive dependence.
    #[arg(long)]
    pub strict: bool,
}

/// `perfpower export`.
#[derive(Clone, Debug, ClapArgs)]
#[command(after_help = "Examples:\n  perfpower export fixtures/demo --to tables --as parquet\n  \
    perfpower export fixtures/demo --to tables --as csv --partition-by app\n\n\
    schema.json beside the tables says what each column means: type, unit, meaning of null.")]
pub struct ExportArgs {
    /// The archive.
    #[command(flatten)]
    pub archive: ArchiveArgs,
    /// The directory; it is made if it is not there.
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// The form of the tables.
    #[arg(long = "as", value_name = "FORMAT", default_value = "parquet")]
    pub format: ExportAs,
    /// One file per table and app, in directories as Hive names them.
    #[arg(long, value_name = "COLUMN")]
    pub partition_by: Option<PartitionBy>,
}

/// `perfpower init`.
#[derive(Clone, Debug, ClapArgs)]
#[command(
    after_help = "Example:\n  perfpower init fixtures/demo\n  perfpower init fixtures/demo --slack 20 --output perfpower.toml"
)]
pub struct InitArgs {
    /// The archive.
    #[command(flatten)]
    pub archive: ArchiveArgs,
    /// Percent that a budget leaves above today's level.
    #[arg(long, value_name = "PERCENT", default_value = "10")]
    pub slack: f64,
    /// Write it to a file instead of standard output; a file that is there is not overwritten.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `perfpower pack`.
#[derive(Clone, Debug, ClapArgs)]
#[command(after_help = "Examples:\n  perfpower pack fixtures/demo --into store\n  perfpower report store\n\n\
    Packing again reads only what is new or changed, by path, size and time. What is gone from the archive stays in the store.")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct PackArgs {
    /// Files, directories, zips or tars.
    #[arg(value_name = "ARCHIVE", required_unless_present = "files_from")]
    pub archive: Vec<PathBuf>,
    /// The store: a directory, which is made where there is none.
    #[arg(long, value_name = "STORE")]
    pub into: PathBuf,
    /// Forget files that are not in the archive any more.
    #[arg(long)]
    pub prune: bool,
    /// Read every file again, and go by its bytes instead of by path, size and time.
    #[arg(long)]
    pub verify: bool,
    /// Read further paths from a file, one a line or separated by NUL; `-` reads them from standard input.
    #[arg(long, value_name = "FILE", help_heading = "Archive")]
    pub files_from: Option<PathBuf>,
    /// Follow symbolic links that lead out of what is given; else they are told and passed over.
    #[arg(long, help_heading = "Archive")]
    pub follow_links: bool,
    /// Allow a hostile-looking file more than by default, such as unpack=2G; also ratio, document, temporary, members, layers.
    #[arg(long, value_name = "NAME=NUMBER", help_heading = "Archive")]
    pub limit: Vec<String>,
    /// Exit with 0 even if some inputs could not be read.
    #[arg(long, help_heading = "Archive")]
    pub allow_partial: bool,
}

/// `perfpower demo`.
#[derive(Clone, Debug, ClapArgs)]
#[command(after_help = "Example:\n  perfpower demo new-demo")]
pub struct DemoArgs {
    /// Made by this; it must not be there, or be empty.
    #[arg(value_name = "DIR")]
    pub directory: PathBuf,
}

/// `perfpower mcp`.
#[derive(Clone, Debug, ClapArgs)]
#[command(
    after_help = "Example, in the settings of an agent:\n  {\"mcpServers\": {\"perfpower\": {\"command\": \"perfpower\", \"args\": [\"mcp\", \"/srv/perf/downloads\"]}}}\n\n\
    Tools: list_findings, explain_finding, compare_versions, frames_of_version. The archive is read and judged once, at the start;\n\
    nothing is written, and no network is used."
)]
pub struct McpArgs {
    /// The archive.
    #[command(flatten)]
    pub archive: ArchiveArgs,
}

/// `perfpower completions`.
#[derive(Clone, Debug, ClapArgs)]
#[command(after_help = "Examples:\n  perfpower completions bash\n  perfpower completions zsh")]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// `perfpower man`.
#[derive(Clone, Debug, ClapArgs)]
#[command(after_help = "Examples:\n  perfpower man\n  perfpower man report")]
pub struct ManArgs {
    /// The command; all of the program by default.
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}

/// `perfpower help`.
#[derive(Clone, Debug, ClapArgs)]
#[command(after_help = "Examples:\n  perfpower help\n  perfpower help downloads\n  perfpower help report")]
pub struct HelpArgs {
    /// A topic of the guide, or a command; where to begin by default.
    #[arg(value_name = "TOPIC")]
    pub topic: Option<String>,
}

/// The form of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For a terminal.
    #[default]
    Text,
    /// For programs.
    Json,
    /// For pull requests and job summaries.
    Markdown,
    /// One page for a browser, complete in itself.
    Html,
    /// For spreadsheets.
    Csv,
    /// One finding a line, in JSON.
    Ndjson,
    /// Rules of perfpower.toml as test cases: what `check` writes.
    Junit,
    /// Code that grew with a regression, for code scanning.
    Sarif,
}

/// The form of a check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For a terminal.
    #[default]
    Text,
    /// For programs.
    Json,
    /// For pull requests and job summaries.
    Markdown,
    /// One page for a browser, complete in itself.
    Html,
    /// Test cases for a CI system.
    Junit,
    /// Code behind the rules that tripped, for code scanning.
    Sarif,
}

/// The form of exported tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ExportAs {
    /// For DuckDB, Spark, polars.
    #[default]
    Parquet,
    /// Arrow IPC files.
    Arrow,
    /// For spreadsheets.
    Csv,
    /// One JSON object a line.
    Ndjson,
}

impl ExportAs {
    /// The form that the writer knows.
    pub(crate) fn format(self) -> ExportFormat {
        match self {
            Self::Parquet => ExportFormat::Parquet,
            Self::Arrow => ExportFormat::Arrow,
            Self::Csv => ExportFormat::Csv,
            Self::Ndjson => ExportFormat::Ndjson,
        }
    }
}

/// How exported tables are split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PartitionBy {
    /// By app.
    App,
}

/// What the latest version is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Against {
    /// The version just before it.
    #[default]
    Previous,
    /// The mean of the four before it: Apple's rule.
    Mean,
}

/// `perfpower diagnostics`.
#[derive(Clone, Debug, Default, ClapArgs)]
#[command(after_help = "Examples:\n  perfpower diagnostics fixtures/demo\n  \
    perfpower diagnostics fixtures/demo --type launch --from 3.11.1 --to 4.0.0\n  \
    perfpower diagnostics fixtures/demo --format flamegraph --output stacks.svg")]
pub struct DiagnosticsArgs {
    /// The archive.
    #[command(flatten)]
    pub archive: ArchiveArgs,
    /// The choice of logs.
    #[command(flatten)]
    pub logs: LogFilterArgs,
    /// The form of the result.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: DiagnosticsFormat,
    /// Where it goes.
    #[command(flatten)]
    pub file: OutputFile,
    /// The earlier of two app versions to compare.
    #[arg(long, value_name = "VERSION", requires = "to", conflicts_with = "app_version")]
    pub from: Option<String>,
    /// The later one.
    #[arg(long, value_name = "VERSION", requires = "from", conflicts_with = "app_version")]
    pub to: Option<String>,
    /// Which version gives the frames of a differential flame graph their width, after by default; what only the other has is
    /// not drawn.
    #[arg(long, value_name = "SIDE", requires = "from")]
    pub width: Option<GraphWidth>,
    /// A table of frames for each of these.
    #[arg(long, value_name = "WHAT")]
    pub by: Option<GroupBy>,
    /// Rows of each list; 10 for people, 100 for JSON and all for CSV by default.
    #[arg(long, value_name = "N")]
    pub top: Option<NonZeroUsize>,
    /// Which frames are ranked.
    #[arg(long, value_name = "WHICH", default_value = "blame")]
    pub frames: RankedFrames,
}

/// Which logs a command is about.
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct LogFilterArgs {
    /// May be given several times.
    #[arg(long = "type", value_name = "TYPE", help_heading = "Filters")]
    pub diagnostic_type: Vec<LogType>,

    /// An id of a signature or its start; the signature is meant in every build, whatever its id there.
    #[arg(long, value_name = "ID", help_heading = "Filters")]
    pub signature: Option<String>,

    /// Such as 4.0.0.
    #[arg(long, value_name = "VERSION", help_heading = "Filters")]
    pub app_version: Option<String>,

    /// Such as iPhone13,3, or iPhone for all of them.
    #[arg(long, value_name = "DEVICE", help_heading = "Filters")]
    pub device: Option<String>,

    /// A system, such as "iPhone OS 18.1", or a part of its name, such as 18.
    #[arg(long, value_name = "TEXT", help_heading = "Filters")]
    pub os: Option<String>,
}

/// The types of diagnostic logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogType {
    /// Too much written.
    DiskWrites,
    /// The main thread did not respond.
    Hang,
    /// A slow launch.
    Launch,
}

/// What logs are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GroupBy {
    /// Apple's recurring call patterns.
    Signature,
    /// Disk writes, hangs, launches.
    Type,
    /// App versions.
    Version,
    /// Device models.
    Device,
    /// Systems and their versions.
    Os,
}

/// The side of a difference that is drawn to scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GraphWidth {
    /// The earlier version: shows what is gone.
    Before,
    /// The later version: shows what is new.
    After,
}

/// Which frames are ranked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum RankedFrames {
    /// Those that Apple holds the app responsible for.
    #[default]
    Blame,
    /// All.
    All,
}

/// The form of call stacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum DiagnosticsFormat {
    /// For a terminal.
    #[default]
    Text,
    /// For programs.
    Json,
    /// For pull requests and job summaries.
    Markdown,
    /// One page for a browser, complete in itself.
    Html,
    /// The ranked frames alone, for spreadsheets.
    Csv,
    /// One line per stack: for inferno, flamegraph.pl and grep.
    Folded,
    /// SVG, for a browser; of a difference with --from and --to.
    Flamegraph,
    /// Gzipped protobuf, for pprof, Pyroscope and Grafana.
    Pprof,
    /// For speedscope.app.
    Speedscope,
    /// For profiler.firefox.com.
    Firefox,
}

/// The form of a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal.
    #[default]
    Text,
    /// For programs.
    Json,
    /// For pull requests and job summaries.
    Markdown,
    /// One page for a browser, complete in itself.
    Html,
    /// For spreadsheets.
    Csv,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How failures are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ErrorFormat {
    /// One line.
    #[default]
    Text,
    /// One JSON object.
    Json,
}

fn parse_threads(text: &str) -> Result<NonZeroUsize, String> {
    /// More than any machine has cores; a hundred thousand would spend their time on waking each other.
    const MOST: usize = 1024;
    let threads = text.parse().ok().filter(|threads: &NonZeroUsize| threads.get() <= MOST);
    threads.ok_or_else(|| format!("expected a number from 1 to {MOST}; more than there are cores make nothing faster"))
}

fn parse_percent(text: &str) -> Result<f64, String> {
    let percent = text.trim_start_matches('p').parse().ok().filter(|percent| (0.0..=100.0).contains(percent));
    percent.ok_or_else(|| "expected a number from 0 to 100, such as 90".to_owned())
}

fn parse_size(text: &str) -> Result<u64, String> {
    perfpower_ingest::parse_bytes(text).ok_or_else(|| "expected a size such as 500M or 2G".to_owned())
}

fn parse_day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "expected a day such as 2026-11-23".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }
}
