//! The headers of a tar → its members.
//!
//! The tar crate reads each header; the walk from header to header is here, because long names and extensions must not
//! take more memory than a name deserves, whatever size they claim.

use super::{Member, Members, Packing};
use crate::limits::Limits;
use crate::magic::BLOCK;
use crate::window::{ReadSeek, Store, Window};
use crate::{Moment, faults};
use ::tar::{EntryType, Header};
use std::io::{self, Read, SeekFrom};

/// Longest name or extension header that is read; a path has 4096 bytes on common systems.
const EXTENSION_BYTES: u64 = 1 << 16;

/// The files of a tar that begins at `start` of a store.
pub(crate) fn tar(store: &Store, start: u64, limits: &Limits) -> Members {
    let mut members = Vec::new();
    let mut problems = Vec::new();
    let window = Window { store: store.clone(), start, len: None };
    let listed = window.reader().and_then(|mut reader| {
        let mut at = 0;
        let mut told = Told::default();
        while let Some(header) = header(&mut *reader, at)? {
            let kind = header.entry_type();
            let mut body = at + BLOCK as u64;
            if kind.is_gnu_sparse() {
                body = sparse_body(&mut *reader, &header, body)?;
            }
            let is_extension = kind.is_gnu_longname() || kind.is_gnu_longlink() || is_pax(kind);
            let own_size = header.entry_size()?;
            let size = if is_extension { own_size } else { told.size.unwrap_or(own_size) };
            at = next_block(body, size)?;
            if is_extension {
                let mut text = Vec::new();
                reader.seek(SeekFrom::Start(body))?;
                reader.by_ref().take(size.min(EXTENSION_BYTES)).read_to_end(&mut text)?;
                told.read(kind, &text);
                continue;
            }
            let told = std::mem::take(&mut told);
            if !(kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse()) {
                continue; // a directory, or a link: what it points to is a member of its own
            }
            if members.len() == limits.members {
                problems.push(faults::too_many_members("tar", limits.members));
                break;
            }
            let name = told.name.unwrap_or_else(|| header.path_bytes().into_owned());
            if name.ends_with(b"/") {
                continue; // a directory, as the first tars wrote it
            }
            // The first day of 1970 is what tools write that know no time.
            let modified = header.mtime().ok().and_then(|time| i64::try_from(time).ok()).filter(|time| *time >= 86_400);
            members.push(Member {
                name: String::from_utf8_lossy(&name).into_owned(),
                window: Window::part(store, start.saturating_add(body), size),
                packing: Packing::None,
                size,
                modified: modified.map(Moment::from_unix_seconds),
                problem: (kind.is_gnu_sparse() || told.is_sparse).then(faults::sparse),
            });
        }
        // An extension with nothing behind it, and so a member is lost.
        if told.is_empty() { Ok(()) } else { Err(damaged()) }
    });
    if listed.is_err() {
        problems.push(faults::truncated_tar(members.len()));
    }
    (members, problems)
}

/// What extension headers tell of the member that follows.
#[derive(Default)]
struct Told {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    is_sparse: bool,
}

impl Told {
    fn is_empty(&self) -> bool {
        self.name.is_none() && self.size.is_none() && !self.is_sparse
    }

    fn read(&mut self, kind: EntryType, text: &[u8]) {
        if kind.is_gnu_longname() {
            self.name = Some(text.split(|byte| *byte == 0).next().unwrap_or_default().to_vec());
        } else if kind.is_pax_local_extensions() {
            for (key, value) in
                ::tar::PaxExtensions::new(text).flatten().map(|pair| (pair.key_bytes(), pair.value_bytes()))
            {
                match key {
                    b"path" => self.name = Some(value.to_vec()),
                    b"size" => self.size = std::str::from_utf8(value).ok().and_then(|size| size.parse().ok()),
                    _ => self.is_sparse |= key.starts_with(b"GNU.sparse"),
                }
            }
        }
    }
}

fn is_pax(kind: EntryType) -> bool {
    kind.is_pax_local_extensions() || kind.is_pax_global_extensions()
}

/// The header at a place; `None` at the end, which is a block of zeros. Where there is nothing at all, the tar was cut.
fn header(reader: &mut dyn ReadSeek, at: u64) -> io::Result<Option<Header>> {
    let mut header = Header::new_old();
    reader.seek(SeekFrom::Start(at))?;
    if !fill(reader, header.as_mut_bytes())? {
        return Err(damaged());
    }
    if header.as_bytes().iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    if crate::magic::is_tar_header(header.as_bytes()) { Ok(Some(header)) } else { Err(damaged()) }
}

/// Where the data of an old sparse member start: its map may go on in blocks behind the header.
fn sparse_body(reader: &mut dyn ReadSeek, header: &Header, mut at: u64) -> io::Result<u64> {
    /// Of a block of 21 pieces: whether another one follows.
    const IS_EXTENDED: usize = 504;
    let mut more = header.as_gnu().is_some_and(::tar::GnuHeader::is_extended);
    while more {
        let mut block = [0; BLOCK];
        reader.seek(SeekFrom::Start(at))?;
        if !fill(reader, &mut block)? {
            return Err(damaged());
        }
        more = block[IS_EXTENDED] == 1;
        at += BLOCK as u64;
    }
    Ok(at)
}

fn next_block(body: u64, size: u64) -> io::Result<u64> {
    size.checked_next_multiple_of(BLOCK as u64).and_then(|size| body.checked_add(size)).ok_or_else(damaged)
}

/// Fills the block; `false` where there is not one byte more.
fn fill(reader: &mut dyn ReadSeek, block: &mut [u8]) -> io::Result<bool> {
    let mut filled = 0;
    while filled < block.len() {
        match reader.read(&mut block[filled..]) {
            Ok(0) if filled == 0 => return Ok(false),
            Ok(0) => return Err(damaged()),
            Ok(count) => filled += count,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(true)
}

fn damaged() -> io::Error {
    io::Error::from(io::ErrorKind::InvalidData)
}
