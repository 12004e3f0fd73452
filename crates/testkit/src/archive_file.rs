//! A file of an archive before it is on disk.

use libdeflater::{CompressionLvl, Compressor};
use std::{fs, io, path::Path};

/// A file by its path inside the archive. Generators yield these, so that tests need no disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveFile {
    /// Path inside the archive, with `/`.
    pub path: String,
    /// What is in it, packed or not.
    pub bytes: Vec<u8>,
}

impl ArchiveFile {
    /// A file of text.
    pub fn plain(path: impl Into<String>, text: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), bytes: text.into() }
    }

    /// The same text gzipped, with `.gz` added to the path.
    pub fn gzipped(path: impl Into<String>, text: impl AsRef<[u8]>) -> Self {
        Self { path: format!("{}.gz", path.into()), bytes: gzip(text.as_ref()) }
    }

    /// Writes it below a directory, which is made if need be.
    pub fn write_below(&self, root: &Path) -> io::Result<()> {
        let path = root.join(&self.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, &self.bytes)
    }
}

/// Gzip with neither a time nor a name in the header, so that equal texts give equal bytes.
///
/// # Panics
/// Never: the buffer is as large as libdeflate asks for.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    // Level 9 of 12: fixtures are packed once and kept for good.
    let mut compressor = Compressor::new(CompressionLvl::new(9).unwrap_or_default());
    let mut packed = vec![0; compressor.gzip_compress_bound(bytes.len())];
    match compressor.gzip_compress(bytes, &mut packed) {
        Ok(length) => packed.truncate(length),
        Err(error) => unreachable!("a buffer of the bound always suffices: {error}"),
    }
    packed
}

/// What was gzipped by [`gzip`]; `None` when it is anything else.
pub fn gunzip(packed: &[u8]) -> Option<Vec<u8>> {
    // The trailer's last four bytes are the length: trusted, because only our own files come here.
    let length = u32::from_le_bytes(*packed.last_chunk::<4>()?) as usize;
    let mut bytes = vec![0; length];
    let written = libdeflater::Decompressor::new().gzip_decompress(packed, &mut bytes).ok()?;
    (written == length).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_goes_there_and_back_and_keeps_no_time() {
        let text = "twice the same ".repeat(100);
        let packed = gzip(text.as_bytes());
        assert_eq!(packed[4..8], [0; 4], "modification time");
        assert_eq!(packed[3], 0, "flags: no name, no comment");
        assert_eq!(gunzip(&packed).as_deref(), Some(text.as_bytes()));
        assert_eq!(gunzip(b"plain text"), None);
    }
}
