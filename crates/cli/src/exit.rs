//! Exit codes: a contract with scripts.

use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, and everything was read.
    Done = 0,
    /// A rule of `check` tripped.
    RuleTripped = 1,
    /// The command line or `perfpower.toml` is wrong.
    Usage = 2,
    /// Nothing could be read, or the result could not be written.
    NothingRead = 3,
    /// Read, but there is no usable data. `--allow-empty` makes it 0.
    NoData = 4,
    /// Done and written, but some inputs could not be read. `--allow-partial` makes it 0.
    Partial = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
