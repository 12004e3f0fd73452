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

impl Exit {
    /// All codes with what they mean, for the manual; 101 is what a panic of the language ends with.
    pub const ALL: [(u8, &str); 7] = [
        (Self::Done as u8, "done, and everything was read"),
        (Self::RuleTripped as u8, "a rule of check tripped"),
        (Self::Usage as u8, "the command line or perfpower.toml is wrong"),
        (Self::NothingRead as u8, "nothing could be read, or the result could not be written"),
        (Self::NoData as u8, "read, but there is no usable data; --allow-empty makes it 0"),
        (
            Self::Partial as u8,
            "done and written, but some inputs could not be read: standard error says which; --allow-partial makes it 0",
        ),
        (101, "a bug"),
    ];
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
