//! Zips and tars → their members, each a window that any thread can read at any time.

mod settle;
mod spool;
mod tar;
mod zip;

pub(crate) use settle::settle;
pub(crate) use spool::{Spool, Spooled, Wrapping};
pub(crate) use tar::tar;
pub(crate) use zip::zip;

use crate::limits::Budget;
use crate::magic::{self, Magic};
use crate::window::{Window, fill};
use crate::{Moment, faults};
use perfpower_model::Problem;
use std::io::{self, Read};

/// A file in a container, or what claims to be one.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// Its path in the container, with `/`, as it is written there.
    pub(crate) name: String,
    pub(crate) window: Window,
    pub(crate) packing: Packing,
    /// Bytes as stored.
    pub(crate) size: u64,
    /// When it was written; `None` = the container does not tell.
    pub(crate) modified: Option<Moment>,
    /// What it is by its first bytes; `None` = they are packed, or it is not known.
    pub(crate) magic: Option<Magic>,
    /// The member that it stands for.
    pub(crate) link: Option<Link>,
    /// What keeps it from being read.
    pub(crate) problem: Option<Problem>,
    /// Bytes that reading it costs beyond those that lie there for it.
    pub(crate) cost: u64,
    /// Bytes that may come out of it, through all layers.
    pub(crate) room: u64,
}

impl Member {
    /// A member of a container that packs nothing.
    pub(crate) fn plain(name: String, window: Window, size: u64) -> Self {
        Self {
            name,
            window,
            packing: Packing::None,
            size,
            modified: None,
            magic: None,
            link: None,
            problem: None,
            cost: 0,
            room: 0,
        }
    }

    pub(crate) fn fails(&mut self, problem: Problem) {
        self.problem.get_or_insert(problem);
    }

    /// Its bytes as they are read one after the other, unpacked by the container's own method.
    pub(crate) fn unpacked(&self) -> io::Result<Box<dyn Read + '_>> {
        let reader = self.window.reader()?;
        Ok(match self.packing {
            Packing::Zip { method: Method::Deflate, .. } => Box::new(flate2::read::DeflateDecoder::new(reader)),
            Packing::Zip { method: Method::Zstd, .. } => Box::new(zstd::stream::read::Decoder::new(reader)?),
            Packing::None | Packing::Zip { .. } => Box::new(reader),
        })
    }

    /// The same where its name leaves open whether it is a document.
    pub(crate) fn look_open(&self) -> Magic {
        let mut block = [0; magic::BLOCK];
        let filled = self.unpacked().and_then(|mut reader| fill(&mut reader, &mut block));
        filled.map_or(Magic::Plain, |filled| Magic::of_open(&block[..filled]))
    }

    /// What its first bytes say, unpacked; [`Magic::Plain`] where they cannot be read, as its reader will be told.
    pub(crate) fn look(&self) -> Magic {
        self.magic.unwrap_or_else(|| {
            let mut block = [0; magic::BLOCK];
            let filled = self.unpacked().and_then(|mut reader| fill(&mut reader, &mut block));
            filled.map_or(Magic::Plain, |filled| Magic::of(&block[..filled]))
        })
    }
}

/// What a link in a container points to, as it is written there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// Another name of a member: a path from the root of the container.
    Hard(String),
    /// A path from the directory of the link.
    Symbolic(String),
}

/// How the container itself packed a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    /// Not at all: a file on disk, or a member of a tar.
    None,
    /// By a zip, with the size and sum that it promises.
    Zip { method: Method, size: u64, sum: u32 },
}

impl Packing {
    /// Whether the bytes lie there as they are.
    pub(crate) fn is_stored(self) -> bool {
        matches!(self, Self::None | Self::Zip { method: Method::Stored, .. })
    }
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

/// What packed bytes unpack to, by the first of them; [`Magic::Plain`] where they cannot be read.
pub(crate) fn within(packed: io::Result<Box<dyn Read + '_>>, wrapping: Wrapping) -> Magic {
    let mut block = [0; magic::BLOCK];
    let filled = packed
        .and_then(|reader| spool::unwrapped(wrapping, reader))
        .and_then(|mut reader| fill(&mut reader, &mut block));
    filled.map_or(Magic::Plain, |filled| Magic::of(&block[..filled]))
}

/// Splits what may come out of a container among its members: what the container promises of each first, and of the rest
/// so much as each holds of what may be packed again. It does not matter which of them are read, and in which order. Members
/// for which nothing is left are taken out.
pub(crate) fn allot(members: &mut Vec<Member>, packed: u64, room: u64, budget: &Budget) -> Option<Problem> {
    let mut left = room;
    let all = members.len();
    members.retain(|member| match left.checked_sub(member.cost) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    });
    // What is plain as it lies there has no layer more.
    let weight = |member: &Member| if member.magic == Some(Magic::Plain) { 0 } else { u128::from(member.size) };
    let whole: u128 = members.iter().map(weight).sum();
    for member in members.iter_mut() {
        let share = (u128::from(left) * weight(member)).checked_div(whole).unwrap_or(0);
        member.room = member.cost.saturating_add(u64::try_from(share).unwrap_or(u64::MAX));
    }
    let lost = all - members.len();
    (lost > 0).then(|| faults::bombs(lost, all, budget.exceeded(packed, room)))
}

/// The steps of a member's name. Nothing is ever written where it says, so that `..` and `/` in it are merely odd.
pub(crate) fn steps(name: &str) -> impl DoubleEndedIterator<Item = &str> {
    name.split('/').filter(|step| !matches!(*step, "" | "." | ".."))
}
