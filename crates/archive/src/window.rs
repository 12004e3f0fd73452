//! Where packed or plain bytes lie: a file, a part of a file, a part of the spool, or memory.

use crate::{faults, limits::Limits};
use perfpower_model::Problem;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

/// Something that bytes can be read from at any time, by any thread.
#[derive(Clone, Debug)]
pub(crate) enum Store {
    /// A file, opened for each read: thousands of archives would exhaust the descriptors.
    File(Arc<Path>),
    /// The unnamed temporary file that containers were unpacked into.
    Spool(Arc<File>),
    /// Bytes handed in, such as standard input.
    Held(Arc<[u8]>),
}

/// A range of a store.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    store: Store,
    /// First byte.
    start: u64,
    /// Number of bytes; `None` = to the end.
    len: Option<u64>,
    /// Bytes that were promised and lie beyond the end of what holds the window. Behind it may lie what is another's.
    missing: u64,
}

impl Window {
    pub(crate) fn whole(store: Store) -> Self {
        Self { store, start: 0, len: None, missing: 0 }
    }

    pub(crate) fn of_spool(file: &Arc<File>, start: u64, len: u64) -> Self {
        Self { store: Store::Spool(Arc::clone(file)), start, len: Some(len), missing: 0 }
    }

    /// A part of this window, which is `bounds` bytes long.
    pub(crate) fn part(&self, bounds: u64, start: u64, len: u64) -> Self {
        let held = len.min(bounds.saturating_sub(start));
        Self {
            store: self.store.clone(),
            start: self.start.saturating_add(start),
            len: Some(held),
            missing: len - held,
        }
    }

    /// How many bytes there are.
    pub(crate) fn size(&self) -> io::Result<u64> {
        self.reader()?.seek(SeekFrom::End(0))
    }

    /// Replaces `buffer` by the bytes of the window.
    pub(crate) fn read(&self, buffer: &mut Vec<u8>, limits: &Limits) -> Result<(), Problem> {
        let limit = limits.document_bytes;
        if self.len.is_some_and(|len| len > limit) {
            return Err(faults::too_large(limit));
        }
        buffer.clear();
        let most = self.len.unwrap_or(limit.saturating_add(1));
        let read = match &self.store {
            Store::File(path) => open(path).and_then(|mut file| {
                if self.len.is_none() && file.metadata()?.len() <= limit {
                    // A file tells its size and is read at once; a bounded reader feels its way.
                    return file.by_ref().take(most).read_to_end(buffer);
                }
                file.seek(SeekFrom::Start(self.start))?;
                // Not more than a few pages on the word of a directory of a zip or a tar.
                buffer.reserve(most.min(1 << 20) as usize);
                file.take(most).read_to_end(buffer)
            }),
            Store::Spool(file) => Positioned::new(&**file, self.start, self.len).take(most).read_to_end(buffer),
            Store::Held(bytes) => {
                let held = self.held(bytes);
                buffer.extend_from_slice(&held[..held.len().min(most as usize)]);
                Ok(buffer.len())
            }
        };
        match read {
            Err(cause) => Err(unreadable(&cause)),
            Ok(_) if self.len.is_none() && buffer.len() as u64 > limit => Err(faults::too_large(limit)),
            Ok(_) if self.missing > 0 || self.len.is_some_and(|len| len > buffer.len() as u64) => {
                Err(faults::truncated("container's", buffer.len() as u64))
            }
            Ok(_) => Ok(()),
        }
    }

    /// The first bytes, at most as many as `start` has room for; fewer where the file is shorter.
    pub(crate) fn peek<'a>(&self, start: &'a mut [u8]) -> io::Result<&'a [u8]> {
        let filled = fill(&mut *self.reader()?, start)?;
        Ok(&start[..filled])
    }

    /// A reader of the window alone, for what is not read at once. Position 0 is its first byte.
    pub(crate) fn reader(&self) -> io::Result<Box<dyn ReadSeek + '_>> {
        Ok(match &self.store {
            Store::File(path) => Box::new(Positioned::new(Box::new(open(path)?), self.start, self.len)),
            Store::Spool(file) => Box::new(Positioned::new(&**file, self.start, self.len)),
            Store::Held(bytes) => Box::new(io::Cursor::new(self.held(bytes))),
        })
    }

    fn held<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        let tail = usize::try_from(self.start).ok().and_then(|start| bytes.get(start..)).unwrap_or_default();
        let len = self.len.and_then(|len| usize::try_from(len).ok()).unwrap_or(tail.len());
        &tail[..tail.len().min(len)]
    }
}

/// Says that something is neither a file nor a directory, in the terms of [`io::Error`].
fn not_a_file() -> io::Error {
    io::Error::from(io::ErrorKind::InvalidInput)
}

/// The problem of a file that could not be read.
pub(crate) fn unreadable(cause: &io::Error) -> Problem {
    // The system has other words for what went wrong; this one is our own.
    if cause.kind() == io::ErrorKind::InvalidInput && cause.raw_os_error().is_none() {
        faults::not_a_file()
    } else {
        faults::unreadable("file", cause)
    }
}

/// Opens a file. What is none is refused, even if it has become so since it was listed: to open a pipe for reading would
/// wait for somebody to write.
fn open(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK | libc::O_NOCTTY);
    #[cfg(not(unix))]
    if !std::fs::metadata(path)?.is_file() {
        return Err(not_a_file());
    }
    let file = options.open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(not_a_file()) }
}

/// Fills the buffer from where the reader stands, and says how far: less only at the end.
pub(crate) fn fill<R: Read + ?Sized>(reader: &mut R, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(filled)
}

/// A source of bytes that can be wound.
pub(crate) trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

/// A part of a file that many threads read at once, each at its own place.
struct Positioned<F> {
    file: F,
    /// The place in the file that counts as 0.
    base: u64,
    /// Number of bytes; `None` = to the end of the file.
    len: Option<u64>,
    at: u64,
}

impl<F: Deref<Target = File>> Positioned<F> {
    fn new(file: F, base: u64, len: Option<u64>) -> Self {
        Self { file, base, len, at: 0 }
    }
}

impl<F: Deref<Target = File>> Read for Positioned<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.len.map_or(u64::MAX, |len| len.saturating_sub(self.at));
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let Some(at) = self.base.checked_add(self.at).filter(|_| most > 0) else { return Ok(0) };
        #[cfg(unix)]
        let count = std::os::unix::fs::FileExt::read_at(&*self.file, &mut buffer[..most], at)?;
        #[cfg(windows)]
        let count = std::os::windows::fs::FileExt::seek_read(&*self.file, &mut buffer[..most], at)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl<F: Deref<Target = File>> Seek for Positioned<F> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => {
                let held = self.file.metadata()?.len().saturating_sub(self.base);
                held.min(self.len.unwrap_or(u64::MAX)).checked_add_signed(by)
            }
        };
        self.at = to.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn what_has_become_a_pipe_is_refused_and_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.json");
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        let window = Window::whole(Store::File(path.as_path().into()));
        let problem = window.read(&mut Vec::new(), &Limits::default()).unwrap_err();
        assert_eq!((problem.code, problem.message.as_str()), ("not-a-file", "it is neither a file nor a directory"));
        assert!(window.peek(&mut [0; 4]).is_err());
    }

    #[test]
    fn a_window_shows_nothing_of_what_lies_behind_it() {
        let mut file = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut file, b"0123456789").unwrap();
        let file = Arc::new(file);
        for whole in [
            Window::of_spool(&file, 2, 5),
            Window { start: 2, len: Some(5), ..Window::whole(Store::Held((*b"0123456789").into())) },
        ] {
            assert_eq!(whole.size().unwrap(), 5);
            let part = whole.part(5, 3, 4);
            let mut bytes = Vec::new();
            let problem = part.read(&mut bytes, &Limits::default()).unwrap_err();
            assert_eq!(problem.message, "the container's data ends too early, after 2 bytes");
            assert_eq!(bytes, b"56");
            assert_eq!(part.peek(&mut [0; 9]).unwrap(), b"56");
            whole.part(5, 1, 2).read(&mut bytes, &Limits::default()).unwrap();
            assert_eq!(bytes, b"34");
        }
    }
}
