//! Compressed tars → plain tars in a temporary file.

use super::{Members, tar};
use crate::faults;
use crate::limits::Limits;
use crate::window::{ReadSeek, Store, Window};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

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
