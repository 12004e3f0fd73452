//! The directory of a zip, and the headers in front of its members → its members.
//!
//! A zip says everything twice: once in the directory at its end, once in front of each member. The directory holds, since
//! it may be the younger one; what it does not account for is searched for headers, so that neither damage to the directory
//! nor `cat a.zip b.zip` loses a member in silence. The layout of all records is that of APPNOTE 6.3, section 4.3.

use super::{Link, Member, Members, Method, Packing};
use crate::limits::NAME_BYTES;
use crate::window::{ReadSeek, Window, fill, unreadable};
use crate::{Moment, faults, names};
use perfpower_model::Day;
use std::collections::HashSet;
use std::io::{self, BufReader, Read, SeekFrom};

const LOCAL: [u8; 4] = *b"PK\x03\x04";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
const END_64: [u8; 4] = *b"PK\x06\x06";
const LOCATOR_64: [u8; 4] = *b"PK\x06\x07";
const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";

/// Bytes of the fixed part of each record.
const LOCAL_SIZE: u64 = 30;
const CENTRAL_SIZE: u64 = 46;
const END_SIZE: u64 = 22;
const END_64_SIZE: u64 = 56;
const LOCATOR_64_SIZE: u64 = 20;
/// The longest descriptor behind a member: signature, sum, and two sizes of eight bytes.
const DESCRIPTOR_SIZE: u64 = 24;

/// Bits of the flags (4.4.4).
const IS_ENCRYPTED: u16 = 1;
const HAS_DESCRIPTOR: u16 = 1 << 3;

/// The files of a zip, at most so many.
pub(crate) fn zip(window: &Window, most: usize) -> Members {
    window
        .reader()
        .and_then(|reader| list(window, reader, most))
        .unwrap_or_else(|cause| (Vec::new(), vec![unreadable(&cause)]))
}

fn list(window: &Window, mut reader: Box<dyn ReadSeek + '_>, most: usize) -> io::Result<Members> {
    let size = reader.seek(SeekFrom::End(0))?;
    reader.rewind()?;
    let mut file = Records { reader: BufReader::new(reader), at: 0, size };
    let mut problems = Vec::new();
    let directory = file.directory(most)?;
    let Directory { start, shift, mut entries, is_whole, is_full } = directory;
    if is_full {
        problems.push(faults::too_many_members("zip", most));
    }
    let mut differing = Vec::new();
    for entry in &mut entries {
        entry.header_at = entry.header_at.saturating_add(shift);
        match file.local(entry.header_at)? {
            Some(local) if local.data_at.checked_add(entry.packed).is_some_and(|end| end <= start) => {
                if !entry.agrees(&local) {
                    differing.push(names::text(&entry.name));
                }
                entry.is_misnamed = entry.name != local.name;
                entry.data_at = local.data_at;
            }
            Some(_) | None => entry.is_lost = true,
        }
    }
    if let Some(first) = differing.first() {
        problems.push(faults::zip_differs(differing.len(), first));
    }
    // Of two entries for one header, the one that has another name points to the wrong place.
    let mut headers: Vec<(u64, bool, usize)> =
        entries.iter().enumerate().map(|(at, entry)| (entry.header_at, entry.is_misnamed, at)).collect();
    headers.sort_unstable();
    for pair in headers.windows(2) {
        let (header_at, is_misnamed, at) = pair[1];
        entries[at].is_lost |= is_misnamed && pair[0].0 == header_at;
    }
    let mut covered: Vec<(u64, u64)> = entries.iter().filter(|entry| !entry.is_lost).map(Entry::extent).collect();
    covered.sort_unstable();
    if covered.windows(2).any(|pair| pair[1].0 < pair[0].1) {
        return Ok((Vec::new(), vec![faults::overlapping()]));
    }
    let mut found = Vec::new();
    if !is_full {
        covered.push((start, start));
        let mut at = 0;
        for (from, to) in covered {
            file.search(at, from, most - entries.len(), &mut found)?;
            at = to;
        }
    }
    let listed = entries.len();
    let names: HashSet<&[u8]> = found.iter().map(|entry| entry.name.as_slice()).collect();
    entries.retain(|entry| !(entry.is_lost && names.contains(entry.name.as_slice())));
    if !is_whole || entries.len() < listed {
        problems.push(faults::broken_directory(listed, found.len()));
    } else if let Some(first) = found.first() {
        problems.push(faults::unlisted(found.len(), &names::text(&first.name)));
    }
    // What is listed comes last, and holds where both have one name.
    let members = found.iter().chain(&entries).filter_map(|entry| entry.member(window, size)).collect();
    Ok((members, problems))
}

/// What is told of a member.
#[derive(Debug, Default)]
struct Entry {
    /// As stored.
    name: Vec<u8>,
    flags: u16,
    method: u16,
    time: u16,
    date: u16,
    sum: u32,
    packed: u64,
    size: u64,
    /// The mode of Unix; 0 where another system wrote it.
    mode: u32,
    header_at: u64,
    data_at: u64,
    /// Whether there is no header where the directory says, or no room for its data.
    is_lost: bool,
    /// Whether the header there has another name.
    is_misnamed: bool,
}

/// The types of files in a mode (`stat.h`).
const TYPE: u32 = 0o170_000;
const SYMBOLIC_LINK: u32 = 0o120_000;

impl Entry {
    /// First byte of the header, and the one behind the data.
    fn extent(&self) -> (u64, u64) {
        (self.header_at, self.data_at.saturating_add(self.packed))
    }

    /// Whether the header in front of a member says what the directory does, in what both must say.
    fn agrees(&self, local: &Self) -> bool {
        let is_told_later = local.flags & HAS_DESCRIPTOR != 0;
        let same = |a: &Self| (a.method, a.time, a.date, a.flags & (IS_ENCRYPTED | HAS_DESCRIPTOR));
        let sizes = |a: &Self| (a.sum, a.packed, a.size);
        self.name == local.name && same(self) == same(local) && (is_told_later || sizes(self) == sizes(local))
    }

    fn text(&self) -> String {
        // Bit 11 says UTF-8, and many write that without saying so; what is none is the first PC's.
        let text = std::str::from_utf8(&self.name).map_or_else(|_| names::of_cp437(&self.name), str::to_owned);
        text.replace('\\', "/") // as some Windows tools write it, against the format
    }

    /// `None` for a directory.
    fn member(&self, window: &Window, size: u64) -> Option<Member> {
        let name = self.text();
        let is_directory = name.ends_with('/');
        if is_directory && self.packed == 0 {
            return None;
        }
        let mut member = Member::plain(name, window.part(size, self.data_at, self.packed), self.packed);
        member.modified = zip_moment(self.date, self.time);
        if self.is_lost {
            member.fails(faults::no_member());
        }
        if self.flags & IS_ENCRYPTED != 0 {
            member.fails(faults::encrypted());
        }
        let method = match self.method {
            0 => Method::Stored,
            8 => Method::Deflate,
            93 => Method::Zstd,
            other => {
                member.fails(faults::zip_method(&method_name(other)));
                Method::Stored
            }
        };
        member.packing = Packing::Zip { method, size: self.size, sum: self.sum };
        member.cost = if member.packing.is_stored() { 0 } else { self.size };
        if is_directory {
            member.fails(faults::directory_with_data(self.packed));
        }
        if self.mode & TYPE == SYMBOLIC_LINK && member.problem.is_none() {
            let mut target = Vec::new();
            let read = member.unpacked().and_then(|reader| reader.take(NAME_BYTES).read_to_end(&mut target));
            match read {
                Ok(_) if target.len() as u64 == self.size => member.link = Some(Link::Symbolic(names::text(&target))),
                _ => member.fails(faults::link_to_nothing("zip")),
            }
        }
        Some(member)
    }
}

/// The directory, as far as it can be read.
#[derive(Default)]
struct Directory {
    /// Its first byte, where the members end.
    start: u64,
    /// How far all places lie behind where the directory says: something was put in front.
    shift: u64,
    entries: Vec<Entry>,
    /// Whether it holds what its end record says.
    is_whole: bool,
    /// Whether there are more entries than may be.
    is_full: bool,
}

/// What the end record says of the directory.
struct End {
    /// Where the record itself lies, and so the directory ends.
    at: u64,
    entries: u64,
    /// Whether the number of entries is all there is, and not its last 16 bits.
    is_counted: bool,
    size: u64,
    start: u64,
}

impl End {
    /// Where the directory can begin, the likelier first: its size tells, and its place unless something was put in front.
    fn starts(&self) -> Vec<u64> {
        let by_size = self.at.checked_sub(self.size);
        let mut starts: Vec<u64> = by_size.into_iter().chain([self.start]).filter(|start| *start <= self.at).collect();
        starts.dedup();
        starts
    }
}

struct Records<'a> {
    reader: BufReader<Box<dyn ReadSeek + 'a>>,
    /// Where the reader stands.
    at: u64,
    size: u64,
}

impl Records<'_> {
    /// Fills the buffer from a place; `false` where the file ends before.
    fn read(&mut self, at: u64, buffer: &mut [u8]) -> io::Result<bool> {
        if at.saturating_add(buffer.len() as u64) > self.size {
            return Ok(false);
        }
        Ok(self.fill(at, buffer)? == buffer.len())
    }

    /// Fills the buffer from a place, as far as the file goes.
    fn fill(&mut self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        // Relative, so that what lies in the buffer is not read again.
        self.reader.seek_relative(at as i64 - self.at as i64)?;
        let filled = fill(&mut self.reader, buffer)?;
        self.at = at + filled as u64;
        Ok(filled)
    }

    /// Finds the directory, by the last end record that has one in front of it.
    fn directory(&mut self, most: usize) -> io::Result<Directory> {
        /// A comment behind the record has at most that many bytes.
        const COMMENT: u64 = 0xffff;
        let from = self.size.saturating_sub(END_SIZE + COMMENT);
        let mut tail = vec![0; (self.size - from) as usize];
        if !self.read(from, &mut tail)? {
            return Ok(Directory { start: self.size, ..Directory::default() });
        }
        let mut best = Directory { start: self.size, ..Directory::default() };
        // A comment can hold what looks like a record, but hardly many of them.
        for at in memchr::memmem::rfind_iter(&tail, &END).take(16) {
            let Some(record) = tail.get(at..at + END_SIZE as usize) else { continue };
            let end = self.end(record, from + at as u64)?;
            for start in end.starts() {
                let directory = self.entries(&end, start, most)?;
                if directory.is_whole {
                    return Ok(directory);
                }
                if directory.entries.len() > best.entries.len() {
                    best = directory;
                }
            }
        }
        Ok(best)
    }

    /// The end record at a place, or the larger one in front of it.
    fn end(&mut self, record: &[u8], at: u64) -> io::Result<End> {
        let mut end = End {
            at,
            entries: u64::from(u16_at(record, 10)),
            is_counted: false,
            size: u64::from(u32_at(record, 12)),
            start: u64::from(u32_at(record, 16)),
        };
        let mut locator = [0; LOCATOR_64_SIZE as usize];
        let locator_at = at.checked_sub(LOCATOR_64_SIZE);
        if let Some(locator_at) = locator_at
            && self.read(locator_at, &mut locator)?
            && locator.starts_with(&LOCATOR_64)
        {
            // The larger record stands in front of its locator, and where that says unless something was put in front.
            for at in [Some(u64_at(&locator, 8)), locator_at.checked_sub(END_64_SIZE)].into_iter().flatten() {
                let mut record = [0; END_64_SIZE as usize];
                if self.read(at, &mut record)? && record.starts_with(&END_64) {
                    end = End {
                        at,
                        entries: u64_at(&record, 32),
                        is_counted: true,
                        size: u64_at(&record, 40),
                        start: u64_at(&record, 48),
                    };
                    break;
                }
            }
        }
        Ok(end)
    }

    /// The entries of a directory that begins at a place.
    fn entries(&mut self, end: &End, start: u64, most: usize) -> io::Result<Directory> {
        let mut directory =
            Directory { start, shift: start.saturating_sub(end.start), is_whole: true, ..Directory::default() };
        let mut at = start;
        while at < end.at {
            if directory.entries.len() == most {
                directory.is_full = true;
                break;
            }
            let Some((entry, size)) = self.central(at, end.at)? else {
                directory.is_whole = false;
                break;
            };
            directory.entries.push(entry);
            at += size;
        }
        let count = directory.entries.len() as u64;
        let is_as_counted = if end.is_counted { count == end.entries } else { count & 0xffff == end.entries };
        directory.is_whole &= directory.is_full || is_as_counted;
        Ok(directory)
    }

    /// The entry at a place of the directory, and how many bytes it takes.
    fn central(&mut self, at: u64, end: u64) -> io::Result<Option<(Entry, u64)>> {
        let mut fixed = [0; CENTRAL_SIZE as usize];
        if end - at < CENTRAL_SIZE || !self.read(at, &mut fixed)? || !fixed.starts_with(&CENTRAL) {
            return Ok(None);
        }
        let [name, extra, comment] = [28, 30, 32].map(|at| u64::from(u16_at(&fixed, at)));
        let size = CENTRAL_SIZE + name + extra + comment;
        let mut rest = vec![0; (name + extra) as usize];
        if end - at < size || !self.read(at + CENTRAL_SIZE, &mut rest)? {
            return Ok(None);
        }
        let (name, extra) = rest.split_at(name as usize);
        let wide = |at| u64::from(u32_at(&fixed, at));
        let is_unix = matches!(fixed[5], 3 | 19); // Unix and Darwin (4.4.2)
        let mut entry = Entry {
            name: name.to_vec(),
            flags: u16_at(&fixed, 8),
            method: u16_at(&fixed, 10),
            time: u16_at(&fixed, 12),
            date: u16_at(&fixed, 14),
            sum: u32_at(&fixed, 16),
            packed: wide(20),
            size: wide(24),
            mode: if is_unix { u32_at(&fixed, 38) >> 16 } else { 0 },
            header_at: wide(42),
            ..Entry::default()
        };
        widen(extra, [&mut entry.size, &mut entry.packed, &mut entry.header_at]);
        Ok(Some((entry, size)))
    }

    /// The header in front of a member; `None` where there is none.
    fn local(&mut self, at: u64) -> io::Result<Option<Entry>> {
        let mut fixed = [0; LOCAL_SIZE as usize];
        if !self.read(at, &mut fixed)? || !fixed.starts_with(&LOCAL) {
            return Ok(None);
        }
        let [name, extra] = [26, 28].map(|at| usize::from(u16_at(&fixed, at)));
        let mut rest = vec![0; name + extra];
        if !self.read(at + LOCAL_SIZE, &mut rest)? {
            return Ok(None);
        }
        let data_at = at + LOCAL_SIZE + rest.len() as u64;
        let (name, extra) = rest.split_at(name);
        let mut entry = Entry {
            name: name.to_vec(),
            flags: u16_at(&fixed, 6),
            method: u16_at(&fixed, 8),
            time: u16_at(&fixed, 10),
            date: u16_at(&fixed, 12),
            sum: u32_at(&fixed, 14),
            packed: u64::from(u32_at(&fixed, 18)),
            size: u64::from(u32_at(&fixed, 22)),
            header_at: at,
            data_at,
            ..Entry::default()
        };
        widen(extra, [&mut entry.size, &mut entry.packed, &mut 0]);
        Ok(Some(entry))
    }

    /// Searches a range for headers of members.
    fn search(&mut self, from: u64, to: u64, most: usize, found: &mut Vec<Entry>) -> io::Result<()> {
        let mut at = from;
        while let Some(header_at) = self.find(LOCAL, at, to)? {
            if found.len() >= most {
                return Ok(());
            }
            let Some(mut entry) = self.local(header_at)?.filter(|entry| !entry.name.is_empty() && entry.data_at <= to)
            else {
                at = header_at + 1;
                continue;
            };
            at = self.end_of(&mut entry, to)?;
            found.push(entry);
        }
        Ok(())
    }

    /// The first byte behind a member of which only the header is known.
    fn end_of(&mut self, entry: &mut Entry, to: u64) -> io::Result<u64> {
        if entry.flags & HAS_DESCRIPTOR == 0 || entry.packed > 0 {
            let end = entry.data_at.checked_add(entry.packed).filter(|end| *end <= to);
            entry.is_lost = end.is_none();
            return Ok(end.unwrap_or(entry.data_at));
        }
        // Its sizes stand behind it: in the first descriptor that is as far away as it says.
        let mut at = entry.data_at;
        while let Some(descriptor_at) = self.find(DESCRIPTOR, at, to)? {
            let mut record = [0; DESCRIPTOR_SIZE as usize];
            let least = &mut record[..16];
            if self.read(descriptor_at, least)? {
                let distance = descriptor_at - entry.data_at;
                if u64::from(u32_at(least, 8)) == distance {
                    (entry.sum, entry.packed, entry.size) = (u32_at(least, 4), distance, u64::from(u32_at(least, 12)));
                    return Ok(descriptor_at + 16);
                }
                if self.read(descriptor_at, &mut record)? && u64_at(&record, 8) == distance {
                    (entry.sum, entry.packed, entry.size) = (u32_at(&record, 4), distance, u64_at(&record, 16));
                    return Ok(descriptor_at + DESCRIPTOR_SIZE);
                }
            }
            at = descriptor_at + 1;
        }
        entry.is_lost = true;
        Ok(entry.data_at)
    }

    /// The first place in a range where a signature stands.
    fn find(&mut self, signature: [u8; 4], from: u64, to: u64) -> io::Result<Option<u64>> {
        let mut chunk = vec![0; 1 << 16];
        let mut at = from;
        while at + 4 <= to.min(self.size) {
            let most = (to.min(self.size) - at).min(chunk.len() as u64) as usize;
            let filled = self.fill(at, &mut chunk[..most])?;
            if let Some(place) = memchr::memmem::find(&chunk[..filled], &signature) {
                return Ok(Some(at + place as u64));
            }
            if filled < 4 {
                break;
            }
            at += filled as u64 - 3; // a signature may lie across two chunks
        }
        Ok(None)
    }
}

/// Takes the numbers that have no room in 32 bits from the extra fields, in their order (4.5.3).
fn widen(mut extra: &[u8], numbers: [&mut u64; 3]) {
    const ZIP64: u16 = 1;
    while let Some((head, rest)) = extra.split_at_checked(4) {
        let Some((mut body, rest)) = rest.split_at_checked(usize::from(u16_at(head, 2))) else { return };
        if u16_at(head, 0) == ZIP64 {
            for number in numbers {
                if *number == u64::from(u32::MAX)
                    && let Some((wide, rest)) = body.split_at_checked(8)
                {
                    *number = u64_at(wide, 0);
                    body = rest;
                }
            }
            return;
        }
        extra = rest;
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

/// When a member was written (MS-DOS: years since 1980 in 7 bits, month in 4, day in 5; hours in 5, minutes in 6, two seconds in
/// 5). 1980-01-01 is the zero of the format, which tools write that know no time.
fn zip_moment(date: u16, time: u16) -> Option<Moment> {
    let [year, month, day] = [date >> 9, date >> 5 & 15, date & 31].map(u32::from);
    let day = Day::from_ymd(1980 + year as i32, month, day)?;
    let [hour, minute, second] = [time >> 11, time >> 5 & 63, 2 * (time & 31)].map(u32::from);
    let is_time = hour < 24 && minute < 60 && second < 60;
    let second = is_time.then_some((hour * 60 + minute) * 60 + second);
    (Some(day) != Day::from_ymd(1980, 1, 1)).then_some(Moment { day, second })
}

/// The names of 4.4.5 for what one meets; the number for the rest.
fn method_name(method: u16) -> String {
    match method {
        9 => "9 (deflate64)".into(),
        12 => "12 (bzip2)".into(),
        14 => "14 (lzma)".into(),
        95 => "95 (xz)".into(),
        99 => "99 (AES encryption)".into(),
        _ => method.to_string(),
    }
}
