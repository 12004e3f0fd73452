//! Paths given → files found, each once, in an order of their own.

use crate::candidates::{self, Verdict};
use crate::identity::Step;
use crate::{Moment, faults};
use perfpower_model::Problem;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{self, Metadata};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use walkdir::{DirEntry, WalkDir};

/// A file on disk, and how it was reached.
#[derive(Debug)]
pub(crate) struct Found {
    /// To open it.
    pub(crate) path: Arc<Path>,
    /// To show it: as given, less what changes nothing.
    pub(crate) shown: String,
    /// The steps to what was given; it itself last if it is a directory.
    pub(crate) above: Arc<[Step]>,
    /// The directories below what was given.
    pub(crate) below: Arc<[Step]>,
    pub(crate) name: Arc<str>,
    /// Whether it was given by its own path.
    pub(crate) is_lone: bool,
    pub(crate) size: u64,
    pub(crate) modified: Moment,
    /// The one path of the file without links, by which it is known again.
    canonical: PathBuf,
    /// The same of what was given.
    root: Arc<Path>,
    /// Whether a symbolic link lies between what was given and the file.
    is_linked: bool,
}

/// All that was found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) files: Vec<Found>,
    pub(crate) problems: Vec<(String, Problem)>,
    /// Canonical path → shown path, of files that are no documents by their names.
    pub(crate) skipped: BTreeMap<PathBuf, String>,
    /// Canonical paths of hidden files and the like.
    pub(crate) ignored: BTreeSet<PathBuf>,
}

/// Finds the files that some paths lead to.
pub(crate) fn walk(paths: &[PathBuf]) -> Findings {
    let mut findings = Findings::default();
    for path in paths {
        give(&tidy(path), &mut findings);
    }
    // A file reached twice keeps the way that shows the most of it: without links, from the outermost directory.
    findings.files.sort_by(|a, b| {
        let depth = |found: &Found| found.root.components().count();
        let twice = || {
            let (first, second) = ((a.is_lone, a.is_linked, depth(a)), (b.is_lone, b.is_linked, depth(b)));
            first.cmp(&second).then_with(|| (&a.root, &a.shown).cmp(&(&b.root, &b.shown)))
        };
        a.canonical.cmp(&b.canonical).then_with(twice)
    });
    findings.files.dedup_by(|later, kept| later.canonical == kept.canonical);
    findings
}

/// The path less `./`, doubled and trailing slashes.
fn tidy(path: &Path) -> PathBuf {
    let tidied: PathBuf = path.components().collect();
    match tidied.strip_prefix(".") {
        Ok(rest) if !rest.as_os_str().is_empty() => rest.to_owned(),
        _ => tidied,
    }
}

fn shown(path: &Path) -> String {
    tidy(path).to_string_lossy().into_owned()
}

/// The steps of a path from the root of the file system, by the names the user gave where that is possible.
fn steps(path: &Path, canonical: &Path) -> Vec<Step> {
    let named =
        std::path::absolute(path).ok().filter(|path| !path.components().any(|part| part == Component::ParentDir));
    let named = named.unwrap_or_else(|| canonical.to_owned());
    let parts = named.components().filter_map(|part| match part {
        Component::Normal(name) => Some(Step::directory(name.to_string_lossy())),
        _ => None,
    });
    parts.collect()
}

fn give(path: &Path, findings: &mut Findings) {
    let given = fs::metadata(path).and_then(|metadata| Ok((metadata, fs::canonicalize(path)?)));
    let (metadata, canonical) = match given {
        Ok(given) => given,
        Err(cause) => {
            let problem = match cause.kind() {
                io::ErrorKind::NotFound if fs::symlink_metadata(path).is_ok() => faults::dangling_link(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => faults::missing(),
                _ => faults::unreadable("file", &cause),
            };
            findings.problems.push((shown(path), problem));
            return;
        }
    };
    let mut above = steps(path, &canonical);
    if metadata.is_dir() {
        descend(path, &canonical.into(), &above.into(), findings);
    } else if metadata.is_file() {
        let name = above.pop().map(|step| step.name).unwrap_or_default();
        findings.files.push(Found {
            path: path.into(),
            shown: shown(path),
            above: above.into(),
            below: Arc::default(),
            name,
            is_lone: true,
            size: metadata.len(),
            modified: modified(&metadata),
            root: canonical.as_path().into(),
            is_linked: false,
            canonical,
        });
    } else {
        findings.problems.push((shown(path), faults::not_a_file()));
    }
}

/// A directory on the way to the entry at hand, and what its files share.
struct Directory {
    /// Without links.
    canonical: PathBuf,
    /// Whether a link leads here, or to a directory above it.
    is_linked: bool,
    below: Arc<[Step]>,
}

impl Directory {
    /// One that was met in this one. Links are rare, and only where one is met the file system has to be asked.
    fn inside(&self, entry: &DirEntry, name: Arc<str>) -> Self {
        let own = self.canonical.join(entry.file_name());
        let is_link = entry.path_is_symlink();
        Self {
            canonical: if is_link { fs::canonicalize(entry.path()).unwrap_or(own) } else { own },
            is_linked: self.is_linked || is_link,
            below: self.below.iter().cloned().chain([Step::directory(name)]).collect(),
        }
    }
}

/// Names of directories and files, each once: every app has the same days, and every day the same files.
#[derive(Default)]
struct Texts(HashSet<Arc<str>>);

impl Texts {
    fn share(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let text = Arc::from(text);
        self.0.insert(Arc::clone(&text));
        text
    }
}

fn descend(root: &Path, canonical_root: &Arc<Path>, above: &Arc<[Step]>, findings: &mut Findings) {
    let mut texts = Texts::default();
    // The directories that lead to the entry at hand, what was given first.
    let given = Directory { canonical: canonical_root.to_path_buf(), is_linked: false, below: Arc::default() };
    let mut directories = vec![given];
    let mut walk = WalkDir::new(root).min_depth(1).follow_links(true).sort_by_file_name().into_iter();
    while let Some(step) = walk.next() {
        let entry = match step {
            Ok(entry) => entry,
            Err(cause) => {
                findings.problems.push(walk_problem(root, &cause));
                continue;
            }
        };
        let name = entry.file_name().to_string_lossy();
        let path = entry.path();
        directories.truncate(entry.depth());
        let Some(directory) = directories.last() else { continue };
        let mut canonical = directory.canonical.join(entry.file_name());
        if entry.file_type().is_dir() {
            if candidates::directory(&name) == Verdict::Ignored {
                findings.ignored.insert(canonical);
                walk.skip_current_dir();
            } else {
                directories.push(directory.inside(&entry, texts.share(&name)));
            }
            continue;
        }
        match candidates::file(&name) {
            Verdict::Ignored => {
                findings.ignored.insert(canonical);
                continue;
            }
            Verdict::Candidate if entry.file_type().is_file() => {}
            Verdict::Candidate | Verdict::Skipped => {
                findings.skipped.insert(canonical, shown(path));
                continue;
            }
        }
        let metadata = match entry.metadata() {
            Ok(metadata) => metadata,
            Err(cause) => {
                findings.problems.push(walk_problem(root, &cause));
                continue;
            }
        };
        if entry.path_is_symlink() {
            canonical = fs::canonicalize(path).unwrap_or(canonical);
        }
        findings.files.push(Found {
            path: path.into(),
            shown: shown(path),
            above: Arc::clone(above),
            below: Arc::clone(&directory.below),
            name: texts.share(&name),
            is_lone: false,
            size: metadata.len(),
            modified: modified(&metadata),
            canonical,
            root: Arc::clone(canonical_root),
            is_linked: directory.is_linked || entry.path_is_symlink(),
        });
    }
}

fn walk_problem(root: &Path, cause: &walkdir::Error) -> (String, Problem) {
    let path = cause.path().unwrap_or(root);
    let problem = if cause.loop_ancestor().is_some() {
        faults::link_loop()
    } else {
        match cause.io_error() {
            Some(io) if io.kind() == io::ErrorKind::NotFound && fs::symlink_metadata(path).is_ok() => {
                faults::dangling_link()
            }
            Some(io) => faults::unreadable(if path.is_dir() { "directory" } else { "file" }, io),
            None => faults::unreadable("directory", &io::Error::other(cause.to_string())),
        }
    };
    (shown(path), problem)
}

/// When a file was last written, in UTC; the start of 1970 where the file system does not tell.
fn modified(metadata: &Metadata) -> Moment {
    metadata.modified().map_or(Moment::from_unix_seconds(0), Moment::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_tidied_and_keep_their_meaning() {
        for (path, tidied) in [("./a//b/./c/", "a/b/c"), (".", "."), ("./", "."), ("../a", "../a"), ("/a/b/", "/a/b")] {
            assert_eq!(tidy(Path::new(path)), Path::new(tidied), "{path}");
        }
    }
}
