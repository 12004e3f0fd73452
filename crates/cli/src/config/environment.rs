//! The environment variables that give defaults, said once: `args` hands them to clap, the man page lists them.

/// Path of the configuration, as `--config`.
pub const CONFIG: &str = "PERFPOWER_CONFIG";
/// Output format, as `--format`.
pub const FORMAT: &str = "PERFPOWER_FORMAT";
/// Format of errors, as `--error-format`.
pub const ERROR_FORMAT: &str = "PERFPOWER_ERROR_FORMAT";
/// Where identity stands in paths, as `--layout`.
pub const LAYOUT: &str = "PERFPOWER_LAYOUT";
/// Threads, as `--threads`.
pub const THREADS: &str = "PERFPOWER_THREADS";
/// When to use colour, as `--color`.
pub const COLOR: &str = "PERFPOWER_COLOR";
/// No progress and no notes, as `--quiet`.
pub const QUIET: &str = "PERFPOWER_QUIET";
/// No colour, whatever its value: <https://no-color.org>.
pub const NO_COLOR: &str = "NO_COLOR";

/// All of them with what they do, for documentation. An option on the command line goes before its variable, a variable
/// before the configuration.
pub const ALL: [(&str, &str); 8] = [
    (CONFIG, "path of the configuration, as --config"),
    (FORMAT, "output format, as --format"),
    (ERROR_FORMAT, "format of errors, as --error-format"),
    (LAYOUT, "where identity stands in paths, as --layout"),
    (THREADS, "threads, as --threads"),
    (COLOR, "when to use colour, as --color"),
    (QUIET, "no progress and no notes, as --quiet"),
    (NO_COLOR, "set and not empty: no colour unless --color asks for it"),
];
