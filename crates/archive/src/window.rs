//! Where packed or plain bytes lie: a file, a part of a file, a part of the spool, or memory.

use crate::{faults, limits::Limits};
use perfpower_model::Problem;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

/// Something that bytes can be read from at any time, by any thread.
#[derive(Clone, Debug)]
pub(crate) enum Store {
    /// A file, opened for each read: thousands of archives would exhaust the descriptors.
    File(Arc<Path>),
    /// The unnamed temporary file that compressed tars were unpacked into.
    Spool(Arc<File>),
    /// Bytes handed in, such as standard input.
    Held(Arc<[u8]>),
}

/// A range of a store.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    pub(crate) store: Store,
    /// First byte.
    pub(crate) start: u64,
    /// Number of bytes; `None` = to the end.
    pub(crate) len: Option<u64>,
}

impl Window {
    pub(crate) fn whole(store: Store) -> Self {
        Self { store, start: 0, len: None }
    }

    pub(crate) fn part(store: &Store, start: u64, len: u64) -> Self {
        Self { store: store.clone(), start, len: Some(len) }
    }

    /// Replaces `buffer` by the bytes of the window.
    pub(crate) fn read(&self, buffer: &mut Vec<u8>, limits: &Limits) -> Result<(), Problem> {
        let limit = limits.document_bytes;
        if self.len.is_some_and(|len| len > limit) {
            return Err(faults::too_large(limit));
        }
        buffer.clear();
        let most = self.len.unwrap_or(limit + 1);
        let read = match &self.store {
            Store::File(path) => File::open(path).and_then(|mut file| {
                if self.start > 0 {
                    file.seek(SeekFrom::Start(self.start))?;
                }
                let metadata = file.metadata()?;
                if self.len.is_none() && metadata.is_file() && metadata.len() <= limit {
                    // A file tells its size and is read at once; a bounded reader feels its way.
                    return file.read_to_end(buffer);
                }
                // Not more than a few pages on the word of a directory of a zip or a tar.
                buffer.reserve(most.min(1 << 20) as usize);
                file.take(most).read_to_end(buffer)
            }),
            Store::Spool(file) => Positioned::new(file, self.start).take(most).read_to_end(buffer),
            Store::Held(bytes) => {
                let tail = bytes.get(self.start as usize..).unwrap_or_default();
                buffer.extend_from_slice(&tail[..tail.len().min(most as usize)]);
                Ok(buffer.len())
            }
        };
        match read {
            Err(cause) => Err(faults::unreadable("file", &cause)),
            Ok(_) if self.len.is_none() && buffer.len() as u64 > limit => Err(faults::too_large(limit)),
            Ok(_) if self.len.is_some_and(|len| len > buffer.len() as u64) => {
                Err(faults::truncated("container's", buffer.len() as u64))
            }
            Ok(_) => Ok(()),
        }
    }

    /// The first bytes, at most as many as `start` has room for; fewer where the file is shorter.
    pub(crate) fn peek<'a>(&self, start: &'a mut [u8]) -> io::Result<&'a [u8]> {
        let most = self.len.map_or(start.len(), |len| start.len().min(usize::try_from(len).unwrap_or(usize::MAX)));
        let mut reader = self.reader()?;
        let mut filled = 0;
        while filled < most {
            match reader.read(&mut start[filled..most]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                Err(cause) => return Err(cause),
            }
        }
        Ok(&start[..filled])
    }

    /// A reader of a whole container, for what is not read at once. Position 0 is its first byte.
    pub(crate) fn reader(&self) -> io::Result<Box<dyn ReadSeek + '_>> {
        Ok(match &self.store {
            // Containers in files begin where the file does; only the spool holds several.
            Store::File(path) => Box::new(File::open(path)?),
            Store::Spool(file) => Box::new(Positioned::new(file, self.start)),
            Store::Held(bytes) => Box::new(io::Cursor::new(bytes.as_ref())),
        })
    }
}

/// A source of bytes that can be wound.
pub(crate) trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

/// A file, or its end from a place on, that many threads read at once, each at its own place.
struct Positioned<'a> {
    file: &'a File,
    /// The place in the file that counts as 0.
    base: u64,
    at: u64,
}

impl<'a> Positioned<'a> {
    fn new(file: &'a File, base: u64) -> Self {
        Self { file, base, at: 0 }
    }
}

impl Read for Positioned<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(at) = self.base.checked_add(self.at) else { return Ok(0) };
        #[cfg(unix)]
        let count = std::os::unix::fs::FileExt::read_at(self.file, buffer, at)?;
        #[cfg(windows)]
        let count = std::os::windows::fs::FileExt::seek_read(self.file, buffer, at)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Positioned<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.file.metadata()?.len().saturating_sub(self.base).checked_add_signed(by),
        };
        self.at = to.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}
