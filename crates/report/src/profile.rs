//! Merged call trees in the formats that profile readers open.
//!
//! | module | writes | opened by |
//! |---|---|---|
//! | `folded` | one line per stack | inferno, `grep` |
//! | `flame_graph` | SVG, of one tree or of the difference of two | browsers |
//! | `pprof` | gzipped protobuf | `go tool pprof`, Pyroscope, Grafana |
//! | `speedscope` | JSON | speedscope.app |
//! | `firefox` | JSON | profiler.firefox.com |
//!
//! Every format holds all samples of its tree: what goes in comes out. The same tree gives the same bytes. Nothing recurses,
//! and no name can do more than be shown: see `label`.

#[cfg(test)]
mod export_tests;
mod firefox;
mod flame_graph;
mod folded;
mod label;
mod pprof;
mod speedscope;
mod stacks;

pub use firefox::write_firefox;
pub use flame_graph::{Drawn, FlameGraph, Width, write_difference_graph, write_flame_graph};
pub use folded::write_folded;
pub use pprof::write_pprof;
pub use speedscope::write_speedscope;

pub use stacks::MAX_STACK_CELLS;
use std::fmt;
use std::io;

/// Why a profile could not be written.
#[derive(Debug)]
#[non_exhaustive]
pub enum ProfileError {
    /// The writer failed.
    Io(io::Error),
    /// There is no sample, and the format cannot say so.
    Empty,
    /// The format repeats each stack frame by frame, and that would be more frames than [`MAX_STACK_CELLS`].
    TooDeep {
        /// Frames of all stacks, each stack written out.
        cells: u64,
    },
    /// The format cannot hold a count this large.
    CountTooLarge {
        /// The count.
        samples: u64,
    },
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(_) => f.write_str("the profile could not be written"),
            Self::Empty => f.write_str("there are no samples to draw"),
            Self::TooDeep { cells } => {
                write!(
                    f,
                    "the stacks hold {cells} frames when each is written out, and this format takes {MAX_STACK_CELLS}"
                )
            }
            Self::CountTooLarge { samples } => write!(f, "this format cannot hold a stack with {samples} samples"),
        }
    }
}

impl std::error::Error for ProfileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(source) => Some(source),
            _ => None,
        }
    }
}

impl From<io::Error> for ProfileError {
    fn from(source: io::Error) -> Self {
        Self::Io(source)
    }
}
