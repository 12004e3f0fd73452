//! Who is told how far a reading is.

/// Told how far a reading is. Nothing depends on what it does; `()` does nothing.
pub trait Watch: Sync {
    /// A stage begins, such as `reading`, over so many documents and bytes as they lie on disk.
    fn starts(&self, stage: &'static str, documents: usize, bytes: u64) {
        let _ = (stage, documents, bytes);
    }

    /// One more document of so many bytes was read.
    fn has_read(&self, bytes: u64) {
        let _ = bytes;
    }

    /// The stage is over.
    fn ends(&self) {}
}

impl Watch for () {}
