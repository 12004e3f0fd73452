//! Standard output that was closed before the program began.
//!
//! Rust's library opens `/dev/null` in its place before `main`, so that a result would go nowhere and the run end with 0. What was
//! there is looked at before that.

use crate::Failure;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

static WAS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Nothing of the library but two looks at names, which need no more than the system: `main` has not begun. Where the system
/// names no open files, none counts as closed.
#[ctor::ctor(unsafe)]
fn look() {
    let is_closed = Path::new("/dev/fd").is_dir() && Path::new("/dev/fd/1").symlink_metadata().is_err();
    WAS_CLOSED.store(is_closed, Ordering::Relaxed);
}

/// Whether nobody can get what is written to standard output.
pub(crate) fn was_closed() -> bool {
    WAS_CLOSED.load(Ordering::Relaxed)
}

/// As the system would tell it.
pub(crate) fn closed() -> io::Error {
    io::Error::new(io::ErrorKind::NotConnected, "it is closed; give it a file, or use --output")
}

/// Fails before any work is done for nobody.
pub(crate) fn must_be_open() -> Result<(), Failure> {
    if was_closed() {
        return Err(Failure::io(anyhow::Error::new(closed()).context("cannot write to standard output")));
    }
    Ok(())
}
