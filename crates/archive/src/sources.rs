//! What one run was given to read.

use crate::Limits;
use perfpower_model::Day;
use std::path::PathBuf;

/// The arguments of a run: files, directories and containers by path, and bytes that have none.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Files, directories, zips and tars. Their order and repetition change nothing.
    pub paths: Vec<PathBuf>,
    /// Bytes handed in.
    pub held: Vec<Held>,
    /// What a hostile file may cost.
    pub limits: Limits,
    /// Follow symbolic links that lead out of what was given. Else they are told.
    pub follow_links: bool,
    /// Files that the run is going to write, and directories all of whose files it may replace. What is read and lies there is told.
    pub outputs: Vec<PathBuf>,
}

/// A document or container that was read before, such as standard input.
#[derive(Clone, Debug)]
pub struct Held {
    /// What to call it in messages, such as `-`.
    pub name: String,
    /// Its bytes, packed or not.
    pub bytes: Vec<u8>,
    /// The day it was read, which this crate cannot know: the snapshot where nothing else says one.
    pub day: Day,
}

impl Sources {
    /// Paths alone.
    pub fn of_paths(paths: impl IntoIterator<Item = impl Into<PathBuf>>) -> Self {
        Self { paths: paths.into_iter().map(Into::into).collect(), ..Self::default() }
    }
}

/// The paths of a `--files-from` list: one a line, or separated by NUL bytes (`find -print0`) if there is one. Empty
/// lines are passed over, and nothing is a comment, since a path may start with any character.
///
/// ```
/// use perfpower_archive::paths_in_list;
/// assert_eq!(paths_in_list(b"a.json\r\n\nb c.json\n").len(), 2);
/// assert_eq!(paths_in_list(b"a\nb.json\0c.json\0").len(), 2);
/// ```
pub fn paths_in_list(list: &[u8]) -> Vec<PathBuf> {
    let by_nul = list.contains(&0);
    list.split(|byte| *byte == if by_nul { 0 } else { b'\n' })
        .map(|line| if by_nul { line } else { line.strip_suffix(b"\r").unwrap_or(line) })
        .filter(|line| !line.is_empty())
        .map(path)
        .collect()
}

#[cfg(unix)]
fn path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}
