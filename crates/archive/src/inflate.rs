//! Packed bytes → the document's bytes, whole, in a buffer that is used again.
//!
//! libdeflate wants all bytes at once and repays it with three times the speed of a streaming decoder. It neither says
//! where a file is damaged nor reads a second gzip member, so those rare files go the slow way, through flate2.

use crate::{faults, limits::Budget};
use libdeflater::{DecompressionError, Decompressor};
use perfpower_model::Problem;
use std::io::{self, Read};

/// No deflate stream expands further: 258 bytes by two bits (RFC 1951). A trailer that claims more lies.
const DEFLATE_MAX_RATIO: u64 = 1032;

/// A header of 10 bytes and a trailer of 8 (RFC 1952); nothing shorter is gzip.
const GZIP_MIN: usize = 18;

/// How much may come out of packed bytes, and what to say of those that hold more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room<'a> {
    pub(crate) budget: &'a Budget,
    /// Bytes of the file, or the share of it, that the document comes from.
    pub(crate) packed: u64,
    /// Bytes that may still come out of it.
    pub(crate) left: u64,
}

impl Room<'_> {
    fn allowed(self) -> u64 {
        self.left.min(self.budget.limits.document_bytes)
    }

    fn exceeded(self) -> Problem {
        let limit = self.budget.limits.document_bytes;
        if limit < self.left { faults::too_large(limit) } else { self.budget.exceeded(self.packed, self.left) }
    }
}

/// Unpacks gzip, of one member or many, into `out`.
pub(crate) fn gzip(packed: &[u8], out: &mut Vec<u8>, room: Room<'_>) -> Result<(), Problem> {
    let size = packed.len() as u64;
    if packed.len() < GZIP_MIN {
        return Err(faults::truncated("gzip", size));
    }
    let allowed = room.allowed();
    let (_, trailer) = packed.split_at(packed.len() - 8);
    let last_sum = u32::from_le_bytes([trailer[0], trailer[1], trailer[2], trailer[3]]);
    let last_size = u32::from_le_bytes([trailer[4], trailer[5], trailer[6], trailer[7]]);
    let mut decompressor = Decompressor::new();
    match grow(out, u64::from(last_size), size, allowed, |out| decompressor.gzip_decompress(packed, out)) {
        // libdeflate stops after the first member. It was the only one if the file ends with its sum and size, and holds nothing
        // that could be the header of another one with the same.
        Ok(()) if last_size == out.len() as u32 && last_sum == libdeflater::crc32(out) && !may_go_on(packed) => Ok(()),
        Ok(()) | Err(Failure::Damaged) => gzip_members(packed, out, room),
        Err(Failure::TooLarge) => Err(room.exceeded()),
        Err(Failure::NoMemory) => Err(faults::no_memory()),
    }
}

/// Whether a second header may stand in a gzip file. By chance that is so in one of eight files of 16 MiB.
fn may_go_on(packed: &[u8]) -> bool {
    /// The reserved bits of the flags, which are 0.
    const RESERVED: u8 = 0xe0;
    let rest = packed.get(GZIP_MIN..).unwrap_or_default();
    memchr::memmem::find_iter(rest, &[0x1f, 0x8b, 0x08])
        .any(|at| rest.get(at + 3).is_some_and(|flags| flags & RESERVED == 0))
}

/// Unpacks member after member, and finds out what is wrong with a damaged file.
fn gzip_members(packed: &[u8], out: &mut Vec<u8>, room: Room<'_>) -> Result<(), Problem> {
    let (size, allowed) = (packed.len() as u64, room.allowed());
    out.clear();
    let mut rest = packed;
    loop {
        let mut member = flate2::bufread::GzDecoder::new(rest);
        let free = allowed - out.len() as u64;
        match (&mut member).take(free.saturating_add(1)).read_to_end(out) {
            Ok(_) if out.len() as u64 > allowed => return Err(room.exceeded()),
            Ok(_) => rest = member.into_inner(),
            Err(cause) if cause.kind() == io::ErrorKind::OutOfMemory => return Err(faults::no_memory()),
            Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(faults::truncated("gzip", size));
            }
            Err(cause) => return Err(faults::corrupt("gzip", &cause.to_string())),
        }
        if rest.iter().all(|byte| *byte == 0) {
            return Ok(()); // the end, or the padding of a tape or a block device
        }
        if !rest.starts_with(&[0x1f, 0x8b]) {
            return Err(faults::trailing("gzip", rest.len()));
        }
    }
}

/// Unpacks the raw deflate data of a zip member, whose directory promises a size and a sum.
pub(crate) fn deflate(
    packed: &[u8],
    promised: u64,
    sum: u32,
    out: &mut Vec<u8>,
    room: Room<'_>,
) -> Result<(), Problem> {
    let size = packed.len() as u64;
    let mut decompressor = Decompressor::new();
    match grow(out, promised, size, room.allowed(), |out| decompressor.deflate_decompress(packed, out)) {
        Ok(()) => check_sum(out, promised, sum),
        Err(Failure::Damaged) => Err(faults::corrupt("zip", "its deflate stream breaks off or makes no sense")),
        Err(Failure::TooLarge) => Err(room.exceeded()),
        Err(Failure::NoMemory) => Err(faults::no_memory()),
    }
}

/// Whether a zip member is what its directory promised.
pub(crate) fn check_sum(out: &[u8], promised: u64, sum: u32) -> Result<(), Problem> {
    if out.len() as u64 == promised && libdeflater::crc32(out) == sum { Ok(()) } else { Err(faults::sum_differs()) }
}

/// Unpacks zstd, of one frame or many, into `out`.
pub(crate) fn zstd(packed: &[u8], out: &mut Vec<u8>, room: Room<'_>) -> Result<(), Problem> {
    let (size, allowed) = (packed.len() as u64, room.allowed());
    out.clear();
    let unpacked = zstd::stream::read::Decoder::with_buffer(packed)
        .and_then(|decoder| decoder.take(allowed.saturating_add(1)).read_to_end(out));
    match unpacked {
        Ok(_) if out.len() as u64 > allowed => Err(room.exceeded()),
        Err(cause) if cause.kind() == io::ErrorKind::OutOfMemory => Err(faults::no_memory()),
        Ok(_) => Ok(()),
        Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => Err(faults::truncated("zstd", size)),
        Err(cause) => Err(faults::corrupt("zstd", &cause.to_string().to_lowercase())),
    }
}

enum Failure {
    Damaged,
    TooLarge,
    NoMemory,
}

/// Runs a whole-buffer decoder with a guess of the size, and with more room while it asks for more.
fn grow(
    out: &mut Vec<u8>,
    promised: u64,
    packed: u64,
    allowed: u64,
    mut decode: impl FnMut(&mut [u8]) -> Result<usize, DecompressionError>,
) -> Result<(), Failure> {
    // One more than promised costs nothing; a promise beyond what deflate can do is not believed.
    let mut room = promised.min(packed.saturating_mul(DEFLATE_MAX_RATIO)).saturating_add(1).min(allowed) as usize;
    loop {
        // What the last document left in the buffer is overwritten, not cleared first.
        if out.len() < room {
            out.try_reserve_exact(room - out.len()).map_err(|_| Failure::NoMemory)?;
            out.resize(room, 0);
        }
        room = out.len().min(allowed as usize);
        match decode(&mut out[..room]) {
            Ok(size) => {
                out.truncate(size);
                return Ok(());
            }
            Err(DecompressionError::BadData) => return Err(Failure::Damaged),
            Err(DecompressionError::InsufficientSpace) if room as u64 >= allowed => return Err(Failure::TooLarge),
            Err(DecompressionError::InsufficientSpace) => {
                room = (room as u64).saturating_mul(2).max(4096).min(allowed) as usize;
            }
        }
    }
}
