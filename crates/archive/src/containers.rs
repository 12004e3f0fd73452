//! Zips and tars → their members, each a window that any thread can read at any time.

use crate::faults;
use crate::limits::Limits;
use crate::window::{ReadSeek, Store, Window};
use perfpower_model::{Day, Problem};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

/// A file in a container.
#[derive(Debug)]
pub(crate) struct Member {
    /// Its path in the container, with `/`.
    pub(crate) name: String,
    pub(crate) window: Window,
    pub(crate) packing: Packing,
    /// Bytes as stored.
    pub(crate) size: u64,
    /// The day it was written; `None` = the container does not tell.
    pub(crate) modified: Option<Day>,
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

/// The files of a zip, by its directory.
pub(crate) fn zip(store: &Store, size: u64, limits: &Limits) -> Members {
    let window = Window::whole(store.clone());
    let opened = window
        .reader()
        .map_err(|cause| faults::unreadable("file", &cause))
        .and_then(|reader| ::zip::ZipArchive::new(BufReader::new(reader)).map_err(|cause| zip_problem(&cause)));
    let mut archive = match opened {
        Ok(archive) => archive,
        Err(problem) => return (Vec::new(), vec![problem]),
    };
    let mut members = Vec::new();
    let mut problems = Vec::new();
    if archive.len() > limits.members {
        problems.push(faults::too_many_members("zip", limits.members));
    }
    if archive.has_duplicate_names() {
        problems.push(faults::repeated_members());
    }
    let mut stored = 0u64;
    for index in 0..archive.len().min(limits.members) {
        let file = match archive.by_index_raw(index) {
            Ok(file) => file,
            Err(cause) => {
                problems.push(zip_problem(&cause));
                continue;
            }
        };
        if !file.is_file() {
            continue;
        }
        stored = stored.saturating_add(file.compressed_size());
        let method = match file.compression() {
            ::zip::CompressionMethod::STORE => Ok(Method::Stored),
            ::zip::CompressionMethod::DEFLATE => Ok(Method::Deflate),
            ::zip::CompressionMethod::ZSTD => Ok(Method::Zstd),
            other => Err(faults::zip_method(&method_name(other))),
        };
        let problem = if file.encrypted() { Some(faults::encrypted()) } else { method.as_ref().err().cloned() };
        let packing = Packing::Zip { method: method.unwrap_or(Method::Stored), size: file.size(), sum: file.crc32() };
        let name = file.name().map_or_else(|_| String::from_utf8_lossy(file.name_raw()).into_owned(), Into::into);
        members.push(Member {
            name: name.replace('\\', "/"), // as some Windows tools write it, against the format
            window: Window::part(store, file.data_start().unwrap_or(0), file.compressed_size()),
            packing,
            size: file.compressed_size(),
            modified: file.last_modified().and_then(zip_day),
            problem,
        });
    }
    if stored > size {
        return (Vec::new(), vec![faults::overlapping()]);
    }
    (members, problems)
}

/// The day of a member. 1980-01-01 is the zero of the format, which tools write that know no time.
fn zip_day(time: ::zip::DateTime) -> Option<Day> {
    let day = Day::from_ymd(i32::from(time.year()), u32::from(time.month()), u32::from(time.day()))?;
    (Some(day) != Day::from_ymd(1980, 1, 1)).then_some(day)
}

fn zip_problem(cause: &::zip::result::ZipError) -> Problem {
    match cause {
        ::zip::result::ZipError::Io(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => {
            faults::broken_container("zip", "it ends too early")
        }
        ::zip::result::ZipError::Io(cause) => faults::broken_container("zip", &cause.to_string().to_lowercase()),
        other => faults::broken_container("zip", &other.to_string().to_lowercase()),
    }
}

/// The names of APPNOTE 4.4.5 for what one meets; the number for the rest.
fn method_name(method: ::zip::CompressionMethod) -> String {
    let text = format!("{method:?}");
    let number: String = text.chars().filter(char::is_ascii_digit).collect();
    match number.as_str() {
        "9" => "9 (deflate64)".into(),
        "12" => "12 (bzip2)".into(),
        "14" => "14 (lzma)".into(),
        "95" => "95 (xz)".into(),
        "99" => "99 (AES encryption)".into(),
        _ => number,
    }
}

/// The files of a tar that begins at `start` of a store.
pub(crate) fn tar(store: &Store, start: u64, limits: &Limits) -> Members {
    let mut members = Vec::new();
    let mut problems = Vec::new();
    let window = Window { store: store.clone(), start, len: None };
    let listed = window.reader().and_then(|reader| {
        let mut archive = ::tar::Archive::new(reader);
        for entry in archive.entries_with_seek()? {
            let entry = entry?;
            let kind = entry.header().entry_type();
            if kind.is_dir() || kind.is_symlink() || kind.is_hard_link() || kind.is_pax_global_extensions() {
                continue; // what a link in a tar points to is a member of its own
            }
            if members.len() == limits.members {
                problems.push(faults::too_many_members("tar", limits.members));
                break;
            }
            let problem = kind.is_gnu_sparse().then(|| faults::foreign("a sparse member of a tar"));
            let seconds = entry.header().mtime().unwrap_or(0);
            members.push(Member {
                name: String::from_utf8_lossy(&entry.path_bytes()).into_owned(),
                window: Window::part(store, start.saturating_add(entry.raw_file_position()), entry.size()),
                packing: Packing::None,
                size: entry.size(),
                modified: (seconds > 0).then(|| Day::from_days(i32::try_from(seconds / 86_400).unwrap_or(i32::MAX))),
                problem,
            });
        }
        Ok(())
    });
    if listed.is_err() {
        problems.push(faults::truncated_tar(members.len()));
    }
    (members, problems)
}

/// How a tar is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrapping {
    Gzip,
    Zstd,
}

/// Unpacks as a stream.
pub(crate) fn unwrapped<'a>(wrapping: Wrapping, reader: Box<dyn ReadSeek + 'a>) -> io::Result<Box<dyn Read + 'a>> {
    Ok(match wrapping {
        Wrapping::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::new(reader))),
        Wrapping::Zstd => Box::new(zstd::stream::read::Decoder::new(reader)?),
    })
}

/// The one unnamed temporary file that all compressed tars of an archive are unpacked into, so that their members can
/// be read in any order without holding them in memory. It vanishes with its last reader.
#[derive(Debug, Default)]
pub(crate) struct Spool {
    file: Option<Arc<File>>,
    len: u64,
}

impl Spool {
    /// Unpacks a tar of `packed` bytes to the end of the spool and lists it. A tar whose packing is damaged is read up
    /// to the damage.
    pub(crate) fn tar(&mut self, source: &Window, wrapping: Wrapping, packed: u64, limits: &Limits) -> Members {
        let file = match &self.file {
            Some(file) => Arc::clone(file),
            None => match tempfile::tempfile() {
                Ok(file) => Arc::clone(self.file.insert(Arc::new(file))),
                Err(cause) => return (Vec::new(), vec![faults::spool(&cause)]),
            },
        };
        let start = self.len;
        let allowed = limits.unpacked_tar(packed).min(limits.spool_bytes.saturating_sub(start));
        let copied = self.copy(&file, source, wrapping, allowed);
        let (members, mut problems) = match copied {
            Ok(()) | Err(Copy::Damaged(_)) => tar(&Store::Spool(file), start, limits),
            Err(_) => (Vec::new(), Vec::new()),
        };
        let format = if wrapping == Wrapping::Gzip { "gzip" } else { "zstd" };
        match copied {
            Ok(()) => {}
            // The tar ends where its packing does: one fault, told once.
            Err(Copy::Damaged(cause)) if cause.kind() == io::ErrorKind::UnexpectedEof => {
                problems = vec![faults::truncated(format, packed)];
            }
            Err(Copy::Damaged(cause)) => problems = vec![faults::corrupt(format, &cause.to_string().to_lowercase())],
            Err(Copy::Disk(cause)) => problems.push(faults::spool(&cause)),
            Err(Copy::TooLarge) if allowed == limits.unpacked_tar(packed) && allowed < limits.spool_bytes => {
                problems.push(faults::bomb(packed, allowed));
            }
            Err(Copy::TooLarge) => problems.push(faults::spool_full(limits.spool_bytes)),
        }
        (members, problems)
    }

    fn copy(&mut self, file: &File, source: &Window, wrapping: Wrapping, allowed: u64) -> Result<(), Copy> {
        let mut sink = file;
        sink.seek(SeekFrom::Start(self.len)).map_err(Copy::Disk)?;
        let start = self.len;
        let mut reader = source.reader().and_then(|reader| unwrapped(wrapping, reader)).map_err(Copy::Damaged)?;
        let mut chunk = vec![0; 1 << 16];
        loop {
            let count = match reader.read(&mut chunk) {
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
                Err(cause) => return Err(Copy::Damaged(cause)),
            };
            if self.len - start + count as u64 > allowed {
                // The next tar takes its place.
                self.len = start;
                sink.set_len(start).map_err(Copy::Disk)?;
                return Err(Copy::TooLarge);
            }
            sink.write_all(&chunk[..count]).map_err(Copy::Disk)?;
            self.len += count as u64;
        }
    }
}

/// Why a compressed tar was not copied whole.
enum Copy {
    Damaged(io::Error),
    Disk(io::Error),
    TooLarge,
}
