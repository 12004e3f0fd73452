//! Packed containers → plain ones in a temporary file.

use super::{Member, Packing};
use crate::faults;
use crate::inflate::Room;
use crate::window::Window;
use perfpower_model::Problem;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

/// How a container is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrapping {
    Gzip,
    Zstd,
}

impl Wrapping {
    fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

/// Unpacks as a stream.
pub(super) fn unwrapped<'a>(wrapping: Wrapping, reader: Box<dyn Read + 'a>) -> io::Result<Box<dyn Read + 'a>> {
    Ok(match wrapping {
        Wrapping::Gzip => Box::new(GzipMembers(Some(flate2::bufread::GzDecoder::new(BufReader::new(reader))))),
        Wrapping::Zstd => Box::new(zstd::stream::read::Decoder::new(reader)?),
    })
}

/// Reads one gzip member after the other. Zeros behind the last are the padding of a tape or a block device.
struct GzipMembers<R>(Option<flate2::bufread::GzDecoder<R>>);

impl<R: BufRead> Read for GzipMembers<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(mut member) = self.0.take() {
            let count = member.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                self.0 = Some(member);
                return Ok(count);
            }
            let mut rest = member.into_inner();
            loop {
                let bytes = rest.fill_buf()?;
                let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
                if zeros == 0 {
                    break;
                }
                rest.consume(zeros);
            }
            if !rest.fill_buf()?.is_empty() {
                self.0 = Some(flate2::bufread::GzDecoder::new(rest));
            }
        }
        Ok(0)
    }
}

/// The one unnamed temporary file that all packed containers of an archive are unpacked into, so that their members can
/// be read in any order without holding them in memory. It vanishes with its last reader.
#[derive(Debug, Default)]
pub(crate) struct Spool {
    file: Option<Arc<File>>,
    len: u64,
}

/// What was unpacked, up to the damage if there is one, and the problem if there is one.
pub(crate) type Spooled = (Option<Window>, Option<Problem>);

impl Spool {
    /// Unpacks a file.
    pub(crate) fn unwrap(&mut self, source: &Window, wrapping: Wrapping, room: Room<'_>) -> Spooled {
        let reader = source.reader().and_then(|reader| unwrapped(wrapping, reader));
        self.unpack(reader, wrapping.as_str(), room, None)
    }

    /// Unpacks a member of a zip.
    pub(crate) fn member(&mut self, member: &Member, room: Room<'_>) -> Spooled {
        let promise = match member.packing {
            Packing::Zip { size, sum, .. } => Some((size, sum)),
            Packing::None => None,
        };
        self.unpack(member.unpacked(), "zip", room, promise)
    }

    /// Unpacks to the end of the spool, and holds the bytes to the size and sum that were promised.
    fn unpack(
        &mut self,
        reader: io::Result<Box<dyn Read + '_>>,
        format: &str,
        room: Room<'_>,
        promise: Option<(u64, u32)>,
    ) -> Spooled {
        let file = match &self.file {
            Some(file) => Arc::clone(file),
            None => match tempfile::tempfile() {
                Ok(file) => Arc::clone(self.file.insert(Arc::new(file))),
                Err(cause) => return (None, Some(faults::spool(&cause))),
            },
        };
        let start = self.len;
        let limit = room.budget.limits.temporary_bytes;
        let allowed = room.left.min(limit.saturating_sub(start));
        let mut sum = flate2::Crc::new();
        let copied = reader.map_err(Copy::Damaged).and_then(|reader| self.copy(&file, reader, allowed, &mut sum));
        let size = self.len - start;
        let window = Window::of_spool(&file, start, size);
        let problem = match copied {
            Ok(()) if promise.is_some_and(|promise| promise != (size, sum.sum())) => faults::sum_differs(),
            Ok(()) => return (Some(window), None),
            Err(Copy::Damaged(cause)) if cause.kind() == io::ErrorKind::UnexpectedEof => {
                faults::truncated(format, room.packed)
            }
            Err(Copy::Damaged(cause)) => faults::corrupt(format, &cause.to_string().to_lowercase()),
            Err(Copy::Disk(cause)) => return (None, Some(faults::spool(&cause))),
            Err(Copy::TooLarge) if allowed == room.left => {
                return (None, Some(room.budget.exceeded(room.packed, room.left)));
            }
            Err(Copy::TooLarge) => return (None, Some(faults::spool_full(limit))),
        };
        (Some(window), Some(problem))
    }

    fn copy(
        &mut self,
        file: &File,
        mut reader: Box<dyn Read + '_>,
        allowed: u64,
        sum: &mut flate2::Crc,
    ) -> Result<(), Copy> {
        let mut sink = file;
        let start = self.len;
        sink.seek(SeekFrom::Start(start)).map_err(Copy::Disk)?;
        let mut chunk = vec![0; 1 << 16];
        let copied = loop {
            let count = match reader.read(&mut chunk) {
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
                Err(cause) => return Err(Copy::Damaged(cause)),
            };
            if self.len - start + count as u64 > allowed {
                break Copy::TooLarge;
            }
            if let Err(cause) = sink.write_all(&chunk[..count]) {
                break Copy::Disk(cause);
            }
            sum.update(&chunk[..count]);
            self.len += count as u64;
        };
        // What comes next takes its place, and the disk is free until then.
        self.len = start;
        sink.set_len(start).map_err(Copy::Disk)?;
        Err(copied)
    }
}

/// Why something packed was not copied whole.
enum Copy {
    Damaged(io::Error),
    Disk(io::Error),
    TooLarge,
}
