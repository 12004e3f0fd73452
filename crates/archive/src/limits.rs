//! How much a hostile file may cost before it is refused.

/// Bounds on memory, disk and time. The defaults never touch an honest archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one unpacked document. Default 4 GiB: arbitrary, forty times the largest document known (100 MB of logs).
    pub document_bytes: u64,
    /// Unpacked bytes per packed byte. Default 512: arbitrary; saved metrics pack 8 to 40 times, deflate cannot exceed
    /// 1032, zstd can exceed 100,000.
    pub ratio: u64,
    /// Unpacked bytes below which no ratio is asked for: a page of zeros is no danger. Default 64 MiB.
    pub ratio_free_bytes: u64,
    /// Bytes that all compressed tars together may take in the temporary file. Default 64 GiB.
    pub spool_bytes: u64,
    /// Members of one zip or tar. Default 4 million.
    pub members: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document_bytes: 4 << 30,
            ratio: 512,
            ratio_free_bytes: 64 << 20,
            spool_bytes: 64 << 30,
            members: 4_000_000,
        }
    }
}

impl Limits {
    /// How many bytes a document of so many packed bytes may have.
    pub(crate) fn unpacked(&self, packed: u64) -> u64 {
        self.document_bytes.min(self.ratio_free_bytes.max(packed.saturating_mul(self.ratio)))
    }

    /// The same for a tar, which is many documents: bounded by the disk it takes, and by the ratio.
    pub(crate) fn unpacked_tar(&self, packed: u64) -> u64 {
        self.spool_bytes.min(self.ratio_free_bytes.max(packed.saturating_mul(self.ratio)))
    }
}
