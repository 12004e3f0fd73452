//! Paths given → files found, each once, in an order of their own.

use crate::candidates::{self, Skip, Verdict};
use crate::identity::Step;
use crate::{Moment, faults, names};
use perfpower_model::Problem;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use walkdir::WalkDir;

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
    /// Why it is none, if it does not start as a body does; `None` = its name says that it is one.
    pub(crate) open: Option<Skip>,
    pub(crate) size: u64,
    pub(crate) modified: Moment,
    /// The one path of the file without links, by which it is known again.
    canonical: PathBuf,
    /// The same of what was given.
    root: Arc<Path>,
    /// Whether a symbolic link lies between what was given and the file.
    is_linked: bool,
}

/// A place that a run is going to write to, and that is there already.
pub(crate) struct Output {
    canonical: PathBuf,
    /// What tells a file that has several names apart from all others; absent = it has one.
    file: Option<(u64, u64)>,
}

impl Output {
    /// Absent where nothing is there to be lost: no file, or a pipe or device.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok().filter(|metadata| metadata.is_file() || metadata.is_dir())?;
        Some(Self { canonical: fs::canonicalize(path).ok()?, file: several_names(&metadata) })
    }
}

impl Found {
    /// Whether the file is that one, whatever it is called, or lies in it.
    pub(crate) fn is_at(&self, output: &Output) -> bool {
        let is_other_name = || {
            output.file.is_some() && fs::metadata(&self.path).is_ok_and(|found| several_names(&found) == output.file)
        };
        self.canonical.starts_with(&output.canonical) || is_other_name()
    }
}

#[cfg(unix)]
fn several_names(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    (metadata.is_file() && metadata.nlink() > 1).then(|| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn several_names(_: &Metadata) -> Option<(u64, u64)> {
    None
}

/// All that was found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) files: Vec<Found>,
    pub(crate) problems: Vec<(String, Problem)>,
    /// Canonical path → shown path and why, of files that are no documents by their names.
    pub(crate) skipped: BTreeMap<PathBuf, (String, Skip)>,
    /// Canonical paths of hidden files and the like.
    pub(crate) ignored: BTreeSet<PathBuf>,
    /// Directories below what was given, as they are shown, in which nothing lies.
    pub(crate) empty: Vec<String>,
}

/// Finds the files that some paths lead to. Each real directory is walked once, whatever leads to it: first without links, from
/// the outermost of those given, then by the links that were met. Links that lead out of what was given are followed only if
/// asked for.
pub(crate) fn walk(paths: &[PathBuf], follow_links: bool) -> Findings {
    let mut walker = Walker { follow_links, ..Walker::default() };
    let mut roots: Vec<Root> = Vec::new();
    let paths: BTreeSet<PathBuf> = paths.iter().map(|path| tidy(path)).collect();
    for path in &paths {
        roots.extend(give(path, &mut walker.findings));
    }
    walker.given.extend(roots.iter().map(|root| root.canonical.to_path_buf()));
    walker.given.extend(walker.findings.files.iter().map(|found| found.canonical.clone()));
    roots.sort_by_cached_key(|root| {
        (root.canonical.components().count(), Arc::clone(&root.canonical), shown(&root.path))
    });
    for Root { path, canonical, above } in roots {
        let directory = Directory { canonical: canonical.to_path_buf(), is_linked: false, below: Arc::default() };
        walker.descend(&path, directory, &canonical, &above);
    }
    while let Some((path, Linked { directory, root, above })) = walker.links.pop_first() {
        walker.descend(&path, directory, &root, &above);
    }
    let mut findings = walker.findings;
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

/// A directory that was given.
struct Root {
    path: PathBuf,
    canonical: Arc<Path>,
    above: Arc<[Step]>,
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
    text(tidy(path).as_os_str())
}

fn text(name: &OsStr) -> String {
    names::text(name.as_encoded_bytes())
}

/// The steps of a path from the root of the file system, by the names the user gave where that is possible.
fn steps(path: &Path, canonical: &Path) -> Vec<Step> {
    let named =
        std::path::absolute(path).ok().filter(|path| !path.components().any(|part| part == Component::ParentDir));
    let named = named.unwrap_or_else(|| canonical.to_owned());
    let parts = named.components().filter_map(|part| match part {
        Component::Normal(name) => Some(Step::directory(text(name))),
        _ => None,
    });
    parts.collect()
}

/// Takes in what was given: a file is found, a directory is to be walked.
fn give(path: &Path, findings: &mut Findings) -> Option<Root> {
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
            return None;
        }
    };
    let mut above = steps(path, &canonical);
    if metadata.is_dir() {
        return Some(Root { path: path.to_owned(), canonical: canonical.into(), above: above.into() });
    }
    if metadata.is_file() {
        let name = above.pop().map(|step| step.name).unwrap_or_default();
        findings.files.push(Found {
            path: path.into(),
            shown: shown(path),
            above: above.into(),
            below: Arc::default(),
            name,
            is_lone: true,
            open: None,
            size: metadata.len(),
            modified: modified(&metadata),
            root: canonical.as_path().into(),
            is_linked: false,
            canonical,
        });
    } else {
        findings.problems.push((shown(path), faults::not_a_file()));
    }
    None
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
    /// One that lies in this one.
    fn inside(&self, canonical: PathBuf, is_link: bool, name: Arc<str>) -> Self {
        Self {
            canonical,
            is_linked: self.is_linked || is_link,
            below: self.below.iter().cloned().chain([Step::directory(name)]).collect(),
        }
    }
}

/// A link to a directory, to be walked after all that needs no link.
struct Linked {
    directory: Directory,
    root: Arc<Path>,
    above: Arc<[Step]>,
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

#[derive(Default)]
struct Walker {
    follow_links: bool,
    /// Canonical paths of all that was given.
    given: HashSet<PathBuf>,
    /// Canonical paths of the directories that were walked.
    walked: HashSet<PathBuf>,
    /// Links to directories that are still to be walked, by their own paths.
    links: BTreeMap<PathBuf, Linked>,
    texts: Texts,
    findings: Findings,
}

impl Walker {
    /// Walks a directory that was given, or that a link leads to.
    fn descend(&mut self, top: &Path, directory: Directory, root: &Arc<Path>, above: &Arc<[Step]>) {
        if !self.walked.insert(directory.canonical.clone()) {
            return;
        }
        // The directories that lead to the entry at hand.
        let mut directories = vec![directory];
        // The directory that was entered last, at its depth: empty, unless what comes next lies deeper.
        let mut entered: Option<(usize, String)> = None;
        let mut walk = WalkDir::new(top).min_depth(1).sort_by_file_name().into_iter();
        while let Some(step) = walk.next() {
            let entry = match step {
                Ok(entry) => entry,
                Err(cause) => {
                    entered = None;
                    self.findings.problems.push(walk_problem(top, &cause));
                    continue;
                }
            };
            let is_beside = |(depth, _): &(usize, String)| entry.depth() <= *depth;
            self.findings.empty.extend(entered.take().filter(is_beside).map(|(_, shown)| shown));
            directories.truncate(entry.depth());
            let Some(directory) = directories.last() else { continue };
            let name = text(entry.file_name());
            let mut found = Found {
                path: entry.path().into(),
                shown: shown(entry.path()),
                above: Arc::clone(above),
                below: Arc::clone(&directory.below),
                name: self.texts.share(&name),
                is_lone: false,
                open: None,
                size: 0,
                modified: Moment::from_unix_seconds(0),
                canonical: directory.canonical.join(entry.file_name()),
                root: Arc::clone(root),
                is_linked: directory.is_linked,
            };
            if entry.file_type().is_symlink() {
                if let Some(metadata) = self.follow(&mut found, directory) {
                    self.add(found, &metadata);
                }
            } else if !entry.file_type().is_dir() {
                match entry.metadata() {
                    Ok(metadata) => self.add(found, &metadata),
                    Err(cause) => self.findings.problems.push(walk_problem(top, &cause)),
                }
            } else if candidates::directory(&name) != Verdict::Candidate {
                self.pass_over_directory(found, &name);
                walk.skip_current_dir();
            } else if candidates::is_store(entry.path()) {
                self.findings.skipped.insert(found.canonical, (format!("{}/", found.shown), Skip::Store));
                walk.skip_current_dir();
            } else if self.walked.insert(found.canonical.clone()) {
                entered = Some((entry.depth(), found.shown));
                directories.push(directory.inside(found.canonical, false, found.name));
            } else {
                walk.skip_current_dir();
            }
        }
        self.findings.empty.extend(entered.map(|(_, shown)| shown));
    }

    /// Follows a link: what it leads to, if that is to be added as a file.
    fn follow(&mut self, found: &mut Found, directory: &Directory) -> Option<Metadata> {
        let is_hidden = candidates::directory(&found.name) != Verdict::Candidate;
        let target = fs::metadata(&found.path).and_then(|metadata| Ok((metadata, fs::canonicalize(&found.path)?)));
        let (metadata, canonical) = match target {
            Ok(target) => target,
            Err(_) if is_hidden => {
                self.findings.ignored.insert(found.canonical.clone());
                return None;
            }
            Err(cause) => {
                let problem = match cause.kind() {
                    io::ErrorKind::NotFound => faults::dangling_link(),
                    _ => faults::unreadable("file", &cause),
                };
                self.findings.problems.push((found.shown.clone(), problem));
                return None;
            }
        };
        let is_inside = canonical.ancestors().any(|above| self.given.contains(above));
        if !metadata.is_dir() {
            let is_candidate = matches!(candidates::file(&found.name), Verdict::Candidate | Verdict::ByContent(_));
            if is_candidate && metadata.is_file() {
                if !is_inside && !self.follow_links {
                    self.findings.problems.push((found.shown.clone(), faults::link_outside()));
                    return None;
                }
                found.canonical = canonical;
                found.is_linked = true;
            }
            return Some(metadata);
        }
        if is_hidden {
            self.findings.ignored.insert(found.canonical.clone());
        } else if is_inside && directory.canonical.starts_with(&canonical) {
            self.findings.problems.push((found.shown.clone(), faults::link_loop()));
        } else if is_inside || self.follow_links {
            let directory = directory.inside(canonical, true, Arc::clone(&found.name));
            let linked = Linked { directory, root: Arc::clone(&found.root), above: Arc::clone(&found.above) };
            self.links.insert(found.path.to_path_buf(), linked);
        } else {
            self.findings.problems.push((found.shown.clone(), faults::link_outside()));
        }
        None
    }

    /// Adds what is no directory.
    fn add(&mut self, found: Found, metadata: &Metadata) {
        match candidates::file(&found.name) {
            Verdict::Ignored => {
                self.findings.ignored.insert(found.canonical);
            }
            verdict @ (Verdict::Candidate | Verdict::ByContent(_)) if metadata.is_file() => {
                let open = if let Verdict::ByContent(skip) = verdict { Some(skip) } else { None };
                self.findings.files.push(Found { open, size: metadata.len(), modified: modified(metadata), ..found });
            }
            Verdict::Candidate | Verdict::ByContent(_) => {
                self.findings.problems.push((found.shown, faults::special_file()));
            }
            Verdict::Skipped(skip) => {
                self.findings.skipped.insert(found.canonical, (found.shown, skip));
            }
        }
    }

    fn pass_over_directory(&mut self, found: Found, name: &str) {
        match candidates::directory(name) {
            Verdict::Skipped(skip) => {
                self.findings.skipped.insert(found.canonical, (format!("{}/", found.shown), skip));
            }
            _ => {
                self.findings.ignored.insert(found.canonical);
            }
        }
    }
}

fn walk_problem(top: &Path, cause: &walkdir::Error) -> (String, Problem) {
    let path = cause.path().unwrap_or(top);
    let problem = match cause.io_error() {
        Some(io) => faults::unreadable(if path.is_dir() { "directory" } else { "file" }, io),
        None => faults::unreadable("directory", &io::Error::other(cause.to_string())),
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
