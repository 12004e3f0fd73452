//! Zips and tars → their members, each a window that any thread can read at any time.

mod spool;
mod tar;
mod zip;

pub(crate) use spool::{Spool, Wrapping, unwrapped};
pub(crate) use tar::tar;
pub(crate) use zip::zip;

use crate::Moment;
use crate::window::Window;
use perfpower_model::Problem;

/// A file in a container.
#[derive(Debug)]
pub(crate) struct Member {
    /// Its path in the container, with `/`.
    pub(crate) name: String,
    pub(crate) window: Window,
    pub(crate) packing: Packing,
    /// Bytes as stored.
    pub(crate) size: u64,
    /// When it was written; `None` = the container does not tell.
    pub(crate) modified: Option<Moment>,
    /// What keeps it from being read.
    pub(crate) problem: Option<Problem>,
}

/// How the container itself packed a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    /// Not at all: a file on disk, or a member of a tar.
    None,
    /// By a zip, with the size and sum that its directory promises.
    Zip { method: Method, size: u64, sum: u32 },
}

/// The methods of zips that are read (APPNOTE 4.4.5: 0, 8, 93).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Stored,
    Deflate,
    Zstd,
}

/// The members of a container, and what is wrong with it as a whole.
pub(crate) type Members = (Vec<Member>, Vec<Problem>);
