//! One document of an archive: whose, which day, and how to get at its bytes.

use crate::containers::{Method, Packing};
use crate::decide::Decision;
use crate::identity::Place;
use crate::inflate::Room;
use crate::limits::Budget;
use crate::magic::Magic;
use crate::window::Window;
use crate::{Identity, Moment, Rank, Reason, faults, inflate};
use perfpower_model::{Day, Problem};
use std::mem;
use std::sync::Arc;

/// One document, not yet read.
#[derive(Clone, Debug)]
pub struct Entry {
    /// To show: the path as given, `!` and the member where it lies in a container: `saves.zip!2026-01-02/app/x.json`.
    /// It is what the file system holds, control characters included.
    pub path: String,
    /// Whose document it is, before the body has had its say.
    pub app: Identity<Arc<str>>,
    /// What kind of evidence says so.
    pub rank: Rank,
    /// The day it was downloaded.
    pub snapshot: Identity<Day>,
    /// Seconds since midnight of that day, where the path tells a time.
    pub time: Option<u32>,
    /// The app version that the layout reads from the path; `None` = the layout names none.
    pub version: Option<String>,
    /// The build that the layout reads from the path; `None` = the layout names none.
    pub build: Option<String>,
    /// The number of the build that a name in the path says it is of, such as `build-4201`; else what the layout reads.
    pub named_build: Option<Arc<str>>,
    /// Which of several downloads its names say it is: less for `previous`, `old` or `backup`, more for `latest` or a second
    /// copy; 0 = they do not say.
    pub turn: i32,
    /// When the file, or the member of a container, was last written; the day that was given for what was handed in.
    pub written: Moment,
    /// Bytes as stored, packed or not: what progress is measured in.
    pub size: u64,
    /// Where it lies among what was given.
    pub(crate) place: Place,
    pub(crate) origin: Origin,
}

/// Where the document comes from.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    File(Source),
    /// Somebody who listed it has it, by this number; whether it was a file as it is.
    Kept {
        number: u64,
        is_plain: bool,
    },
}

/// Where the bytes are, and what must be done to them.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) window: Window,
    pub(crate) packing: Packing,
    /// Whether its first bytes were seen to be packed, so that the document goes into the right buffer at once.
    pub(crate) looks_packed: bool,
    /// What it lies in, in a word; `None` = a directory.
    pub(crate) container: Option<&'static str>,
    pub(crate) budget: Arc<Budget>,
    /// Bytes that may come out of all layers that are still around the document.
    pub(crate) room: u64,
    /// How many packings and containers were opened on the way here.
    pub(crate) layers: usize,
}

impl Entry {
    /// A document of which nothing is decided yet.
    pub(crate) fn new(path: String, place: Place, size: u64, origin: Origin) -> Self {
        Self {
            path,
            app: Identity::new(Arc::default(), Reason::ModificationTime),
            rank: Rank::Place,
            snapshot: Identity::new(place.modified.day, Reason::ModificationTime),
            time: None,
            version: None,
            build: None,
            named_build: None,
            turn: 0,
            written: place.modified,
            size,
            place,
            origin,
        }
    }

    /// A document that somebody else has, who knows it by a number.
    pub fn kept(path: String, place: Place, size: u64, is_plain: bool, number: u64) -> Self {
        Self::new(path, place, size, Origin::Kept { number, is_plain })
    }

    /// Where it lies among what was given.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The number of one that somebody else has; absent = it is read from here.
    pub fn number(&self) -> Option<u64> {
        match self.origin {
            Origin::File(_) => None,
            Origin::Kept { number, .. } => Some(number),
        }
    }

    /// Takes what was decided about it.
    pub(crate) fn settle(&mut self, decision: Decision) {
        let Decision { app, rank, snapshot, time, version, build, named_build, turn } = decision;
        (self.app, self.rank, self.snapshot, self.time) = (app, rank, snapshot, time);
        (self.version, self.build, self.named_build, self.turn) = (version, build, named_build, turn);
    }

    /// Bytes of the document where they are known before it is read: it is a file as it is, so they are those of the listing.
    pub fn plain_size(&self) -> Option<u64> {
        let is_plain = match &self.origin {
            Origin::File(source) => {
                source.packing == Packing::None && !source.looks_packed && source.container.is_none()
            }
            Origin::Kept { is_plain, .. } => *is_plain,
        };
        is_plain.then_some(self.size)
    }

    /// Replaces `buffer` by the bytes of the document, unpacked. Give the same buffer again: its room is used again.
    ///
    /// On an error the buffer holds nothing to be relied on. Of what somebody else has nothing can be read here.
    pub fn read(&self, buffer: &mut Vec<u8>) -> Result<(), Problem> {
        let Origin::File(source) = &self.origin else { return Err(faults::kept_elsewhere()) };
        let mut packed = Vec::new();
        if source.looks_packed {
            source.fetch(&mut packed, buffer)?;
        } else {
            source.fetch(buffer, &mut packed)?;
            mem::swap(buffer, &mut packed);
        }
        let limits = &source.budget.limits;
        let mut layers = source.layers;
        let mut left = source.room.saturating_sub(if source.packing.is_stored() { 0 } else { packed.len() as u64 });
        // Here and after each turn, `packed` holds what was read and `buffer` is free.
        loop {
            let room = Room { budget: &source.budget, packed: self.size, left };
            let magic = Magic::of(&packed);
            if magic.is_packed() && layers == limits.layers {
                return Err(faults::layers(limits.layers));
            }
            match magic {
                Magic::Gzip => inflate::gzip(&packed, buffer, room)?,
                Magic::Zstd => inflate::zstd(&packed, buffer, room)?,
                Magic::Plain | Magic::NoBody => {
                    mem::swap(buffer, &mut packed);
                    return Ok(());
                }
                Magic::Zip => return Err(faults::nested("zip")),
                Magic::Tar => return Err(faults::nested("tar")),
                Magic::Foreign(format) => return Err(faults::foreign(format)),
            }
            layers += 1;
            left = left.saturating_sub(buffer.len() as u64);
            mem::swap(buffer, &mut packed);
        }
    }
}

impl Source {
    /// Reads what the file or the member of the container is, into `into`; `spare` is used on the way.
    fn fetch(&self, into: &mut Vec<u8>, spare: &mut Vec<u8>) -> Result<(), Problem> {
        let Packing::Zip { method, size, sum } = self.packing else {
            return self.window.read(into, &self.budget.limits);
        };
        if method == Method::Stored {
            self.window.read(into, &self.budget.limits)?;
            return inflate::check_sum(into, size, sum);
        }
        self.window.read(spare, &self.budget.limits)?;
        let room = Room { budget: &self.budget, packed: spare.len() as u64, left: self.room };
        if method == Method::Deflate {
            inflate::deflate(spare, size, sum, into, room)
        } else {
            inflate::zstd(spare, into, room)?;
            inflate::check_sum(into, size, sum)
        }
    }
}
