//! The headers of a tar → its members.
//!
//! The tar crate reads each header; the walk from header to header is here, because long names and extensions must not
//! take more memory than a name deserves, whatever size they claim, and because it goes on where others stop: behind an end mark,
//! where `cat a.tar b.tar` has the second one, and behind damage, at the next header whose sum holds.

use super::{Link, Member, Members};
use crate::limits::NAME_BYTES;
use crate::magic::{BLOCK, Magic, is_tar_header};
use crate::window::{ReadSeek, Window, fill, unreadable};
use crate::{Moment, faults, names};
use ::tar::{EntryType, Header};
use std::io::{self, SeekFrom};

/// The files of a tar, at most so many.
pub(crate) fn tar(window: &Window, most: usize) -> Members {
    let mut problems = Vec::new();
    let listed = window.reader().and_then(|mut reader| {
        let size = reader.seek(SeekFrom::End(0))?;
        let mut walk =
            Walk { window, reader: &mut *reader, size, members: Vec::new(), told: Told::default(), damage: None };
        let is_whole = walk.walk(most)?;
        if !is_whole {
            problems.push(faults::too_many_members("tar", most));
        }
        problems.extend(walk.damage.map(|before| faults::damaged_tar(before, walk.members.len())));
        Ok(walk.members)
    });
    let members = listed.unwrap_or_else(|cause| {
        problems.push(unreadable(&cause));
        Vec::new()
    });
    (members, problems)
}

struct Walk<'a> {
    window: &'a Window,
    reader: &'a mut dyn ReadSeek,
    /// Bytes of the tar.
    size: u64,
    members: Vec<Member>,
    /// Of the member to come.
    told: Told,
    /// How many members lie before the first damage.
    damage: Option<usize>,
}

impl Walk<'_> {
    /// Goes from header to header; `false` where there are more members than may be.
    fn walk(&mut self, most: usize) -> io::Result<bool> {
        let mut at = 0;
        let mut is_ended = false;
        while at < self.size {
            // The block behind the header comes with it, and says what the member is.
            let mut blocks = [0; 2 * BLOCK];
            let filled = self.read(at, &mut blocks)?;
            let (header, body) = blocks[..filled].split_at(filled.min(BLOCK));
            if is_tar_header(header) {
                if self.members.len() == most {
                    return Ok(false);
                }
                let mut parsed = Header::new_old();
                parsed.as_mut_bytes().copy_from_slice(header);
                is_ended = false;
                at = self.member(&parsed, at, body)?;
                continue;
            }
            let is_zero = header.iter().all(|byte| *byte == 0);
            if is_zero && header.len() == BLOCK {
                is_ended = true;
                self.abandon_told();
            } else if !is_zero || !is_ended {
                self.abandon_told();
                self.is_damaged();
            }
            at = self.next_header(at + BLOCK as u64)?;
        }
        self.abandon_told();
        // Without a block of zeros at its end, the tar was cut.
        if !is_ended {
            self.is_damaged();
        }
        Ok(true)
    }

    /// Reads one header, and gives the place of the next.
    fn member(&mut self, header: &Header, at: u64, body: &[u8]) -> io::Result<u64> {
        let kind = header.entry_type();
        let mut start = at + BLOCK as u64;
        if kind.is_gnu_sparse() {
            start = self.sparse_body(header, start)?;
        }
        let Ok(own_size) = header.entry_size() else {
            self.is_damaged();
            return Ok(start);
        };
        let is_extension = kind.is_gnu_longname() || kind.is_gnu_longlink() || is_pax(kind);
        let mut size = if is_extension { own_size } else { self.told.size.unwrap_or(own_size) };
        // Links, directories and devices have no data; what they claim all the same is believed if no header stands there.
        let is_bare = matches!(kind.as_byte(), b'1'..=b'6');
        if is_bare && (is_tar_header(&body[..body.len().min(BLOCK)]) || body.iter().all(|byte| *byte == 0)) {
            size = 0;
        }
        let Some(next) = size.checked_next_multiple_of(BLOCK as u64).and_then(|size| start.checked_add(size)) else {
            self.is_damaged();
            return Ok(start);
        };
        if is_extension {
            let mut text = vec![0; size.min(NAME_BYTES) as usize];
            let filled = self.read(start, &mut text)?;
            text.truncate(filled);
            self.told.is_beyond |= size > NAME_BYTES;
            let is_read = filled as u64 == size.min(NAME_BYTES) && self.told.read(kind, &text);
            if !is_read {
                self.is_damaged();
            }
            return Ok(next);
        }
        let told = std::mem::take(&mut self.told);
        let name = told.name.unwrap_or_else(|| header.path_bytes().into_owned());
        let target = || {
            let own = || header.link_name_bytes().unwrap_or_default().into_owned();
            names::text(&told.link.clone().unwrap_or_else(own))
        };
        let is_directory = kind.is_dir() || kind.as_byte() == b'D' || (kind.is_file() && name.ends_with(b"/"));
        if kind.as_byte() == b'V' || (is_directory && (size == 0 || kind.as_byte() == b'D')) {
            return Ok(next); // a label, or a directory, also as the first tars wrote it and as incremental ones do
        }
        // The first day of 1970 is what tools write that know no time.
        let modified = header.mtime().ok().and_then(|time| i64::try_from(time).ok()).filter(|time| *time >= 86_400);
        let mut member = Member::plain(names::text(&name), self.window.part(self.size, start, size), size);
        member.modified = modified.map(Moment::from_unix_seconds);
        member.magic =
            (start == at + BLOCK as u64).then(|| Magic::of(&body[..body.len().min(size.min(BLOCK as u64) as usize)]));
        if told.is_beyond {
            member.fails(faults::name_too_long(NAME_BYTES));
        }
        match kind.as_byte() {
            b'1' if size == 0 => member.link = Some(Link::Hard(target())),
            b'2' if size == 0 => member.link = Some(Link::Symbolic(target())),
            b'3' | b'4' | b'6' => member.fails(faults::special_file()),
            b'S' => member.fails(faults::sparse()),
            _ if told.is_sparse => member.fails(faults::sparse()),
            _ if is_directory => member.fails(faults::directory_with_data(size)),
            // Capital letters are for their makers; all else is to be read as a file (POSIX.1, pax, typeflag).
            letter @ b'A'..=b'Z' => member.fails(faults::unknown_member(char::from(letter))),
            _ => {}
        }
        self.members.push(member);
        Ok(next)
    }

    /// Where the data of an old sparse member start: its map may go on in blocks behind the header.
    fn sparse_body(&mut self, header: &Header, mut at: u64) -> io::Result<u64> {
        /// Of a block of 21 pieces: whether another one follows.
        const IS_EXTENDED: usize = 504;
        let mut more = header.as_gnu().is_some_and(::tar::GnuHeader::is_extended);
        while more {
            let mut block = [0; BLOCK];
            if self.read(at, &mut block)? < BLOCK {
                self.is_damaged();
                break;
            }
            more = block[IS_EXTENDED] == 1;
            at += BLOCK as u64;
        }
        Ok(at)
    }

    /// The first block at or behind a place that is a header. On the way, only zeros are no damage.
    fn next_header(&mut self, mut at: u64) -> io::Result<u64> {
        let mut chunk = vec![0; 128 * BLOCK];
        while at < self.size {
            let filled = self.read(at, &mut chunk)?;
            for block in chunk[..filled].chunks(BLOCK) {
                if is_tar_header(block) {
                    return Ok(at);
                }
                if block.iter().any(|byte| *byte != 0) {
                    self.is_damaged();
                }
                at += BLOCK as u64;
            }
        }
        Ok(at)
    }

    /// Extension headers with no member behind them: one is lost.
    fn abandon_told(&mut self) {
        if std::mem::take(&mut self.told) != Told::default() {
            self.is_damaged();
        }
    }

    fn is_damaged(&mut self) {
        self.damage.get_or_insert(self.members.len());
    }

    fn read(&mut self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.seek(SeekFrom::Start(at))?;
        fill(self.reader, buffer)
    }
}

/// What extension headers tell of the member that follows.
#[derive(Debug, Default, PartialEq, Eq)]
struct Told {
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    is_sparse: bool,
    /// Whether more was told than is read.
    is_beyond: bool,
}

impl Told {
    /// Takes in the text of an extension header; `false` where it makes no sense.
    fn read(&mut self, kind: EntryType, text: &[u8]) -> bool {
        let until_nul = || text.split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
        if kind.is_gnu_longname() {
            self.name = Some(until_nul());
        } else if kind.is_gnu_longlink() {
            self.link = Some(until_nul());
        } else if kind.is_pax_local_extensions() || kind.as_byte() == b'X' {
            return self.read_records(text);
        }
        true
    }

    /// Records of `LENGTH KEY=VALUE\n`, where the length counts itself (POSIX.1, pax extended header).
    fn read_records(&mut self, mut text: &[u8]) -> bool {
        let mut sparse_name = None;
        while !text.is_empty() {
            let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let length = std::str::from_utf8(&text[..digits]).ok().and_then(|digits| digits.parse::<usize>().ok());
            let Some((record, rest)) =
                length.filter(|length| *length > digits).and_then(|length| text.split_at_checked(length))
            else {
                return false;
            };
            let Some(pair) = record[digits..].strip_prefix(b" ").and_then(|pair| pair.strip_suffix(b"\n")) else {
                return false;
            };
            let Some(equals) = pair.iter().position(|byte| *byte == b'=') else { return false };
            let (key, value) = (&pair[..equals], &pair[equals + 1..]);
            match key {
                b"path" => self.name = Some(value.to_vec()),
                b"linkpath" => self.link = Some(value.to_vec()),
                b"size" => match std::str::from_utf8(value).ok().and_then(|size| size.parse().ok()) {
                    Some(size) => self.size = Some(size),
                    None => return false,
                },
                b"GNU.sparse.name" => sparse_name = Some(value.to_vec()),
                _ => {}
            }
            self.is_sparse |= key.starts_with(b"GNU.sparse");
            text = rest;
        }
        // The name of the header is a made-up one then.
        self.name = sparse_name.or(self.name.take());
        true
    }
}

/// Whether a header holds records of the member that follows, of all that follow, or of the one that follows as SCO wrote it.
fn is_pax(kind: EntryType) -> bool {
    kind.is_pax_local_extensions() || kind.is_pax_global_extensions() || kind.as_byte() == b'X'
}
