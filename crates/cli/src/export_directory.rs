//! The files of an export: all of them appear when the export is whole, or none does.
//!
//! They are written under a temporary directory inside the target, which is the same file system, and renamed at the end. A table
//! that is split by app is a directory, which is exchanged whole: no partition of an app that is gone stays.

use crate::output::sync_folder;
use crate::staging::{self, Unfinished};
use perfpower_report::export::ExportSink;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Where the tables of an export go.
#[derive(Debug)]
pub struct ExportDirectory {
    target: PathBuf,
    /// Removed with all that is left in it, whatever happens.
    staging: TempDir,
    unfinished: Unfinished,
    /// Relative paths, in the order of their ends.
    written: Vec<PathBuf>,
}

/// A file under the temporary directory.
#[derive(Debug)]
pub struct StagedFile {
    path: PathBuf,
    file: BufWriter<File>,
}

impl ExportDirectory {
    /// Makes the target directory where it does not exist.
    pub fn new(target: &Path) -> io::Result<Self> {
        fs::create_dir_all(target)?;
        let (unfinished, staging) = Unfinished::make(|builder| builder.tempdir_in(target), |staging| staging.path())?;
        Ok(Self { target: target.to_owned(), staging, unfinished, written: Vec::new() })
    }

    /// Moves every file to its place, over what stood there. Gives their paths. A signal waits for the end; what a kill in between can
    /// leave is tables of two exports, each of them whole.
    pub fn publish(self) -> io::Result<Vec<PathBuf>> {
        let Self { target, staging, unfinished, written } = self;
        unfinished.finish(|| {
            let mut folders = BTreeSet::new();
            for path in &written {
                match path.parent().and_then(|above| above.components().next()) {
                    None => fs::rename(staging.path().join(path), target.join(path))?,
                    Some(table) => {
                        if folders.insert(table) {
                            exchange(staging.path(), &target, Path::new(&table), path)?;
                        }
                    }
                }
            }
            sync_folder(&target);
            // While signals still wait: nothing is left to be removed by anybody else.
            staging.close()?;
            Ok(written.iter().map(|path| target.join(path)).collect())
        })
    }
}

/// Puts the directory of a table in place of the one that stands there. What this program did not write stays, and so does what an
/// export of another form did: `like` is one of its files.
fn exchange(staging: &Path, target: &Path, table: &Path, like: &Path) -> io::Result<()> {
    let (new, place, old) = (staging.join(table), target.join(table), staging.join("old").join(table));
    let is_there = fs::symlink_metadata(&place).is_ok();
    if is_there {
        fs::create_dir_all(staging.join("old"))?;
        fs::rename(&place, &old)?;
    }
    if let Err(error) = fs::rename(&new, &place) {
        if is_there {
            fs::rename(&old, &place)?;
        }
        return Err(error);
    }
    if is_there { keep_others(&old, &place, like.file_name().unwrap_or_default()) } else { Ok(()) }
}

/// Moves what an export does not write from the old directory of a table to the new one.
fn keep_others(old: &Path, new: &Path, written: &OsStr) -> io::Result<()> {
    for partition in entries(old)? {
        let (from, to) = (old.join(&partition), new.join(&partition));
        let is_ours = partition.to_string_lossy().starts_with("app=") && from.is_dir();
        if !is_ours {
            fs::rename(&from, &to)?;
            continue;
        }
        for file in entries(&from)?.into_iter().filter(|file| *file != written) {
            fs::create_dir_all(&to)?;
            fs::rename(from.join(&file), to.join(&file))?;
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> io::Result<Vec<OsString>> {
    fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.file_name())).collect()
}

impl ExportSink for ExportDirectory {
    type File = StagedFile;

    fn create(&mut self, path: &str) -> io::Result<StagedFile> {
        let path = PathBuf::from(path);
        let staged = self.staging.path().join(&path);
        let file = staging::within(|| {
            if let Some(parent) = staged.parent() {
                fs::create_dir_all(parent)?;
            }
            File::create_new(staged)
        })?;
        Ok(StagedFile { path, file: BufWriter::new(file) })
    }

    fn commit(&mut self, mut file: StagedFile) -> io::Result<()> {
        file.file.flush()?;
        // Without this, a file can be there and empty after the power fails.
        file.file.get_ref().sync_all()?;
        self.written.push(file.path);
        Ok(())
    }
}

impl Write for StagedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn files_appear_together_and_replace_what_stood_there() {
        let target = tempfile::tempdir().unwrap();
        fs::write(target.path().join("points.csv"), "old").unwrap();
        let mut directory = ExportDirectory::new(target.path()).unwrap();
        for (path, content) in [("points.csv", "new"), ("frames/app=a/data.csv", "rows")] {
            let mut file = directory.create(path).unwrap();
            file.write_all(content.as_bytes()).unwrap();
            directory.commit(file).unwrap();
        }
        assert_eq!(fs::read_to_string(target.path().join("points.csv")).unwrap(), "old");
        let published = directory.publish().unwrap();
        assert_eq!(published.len(), 2);
        assert_eq!(fs::read_to_string(target.path().join("points.csv")).unwrap(), "new");
        assert_eq!(fs::read_to_string(target.path().join("frames/app=a/data.csv")).unwrap(), "rows");
        assert_eq!(listing(target.path()), ["frames", "points.csv"]);
    }

    #[test]
    fn partitions_of_apps_that_are_gone_go_and_what_others_wrote_stays() {
        let target = tempfile::tempdir().unwrap();
        let put = |files: &[&str]| {
            let mut directory = ExportDirectory::new(target.path()).unwrap();
            for path in files {
                let mut file = directory.create(path).unwrap();
                file.write_all(files[0].as_bytes()).unwrap();
                directory.commit(file).unwrap();
            }
            directory.publish().unwrap();
        };
        put(&["points/app=a/data.csv", "points/app=b/data.csv"]);
        put(&["points/app=b/data.parquet"]);
        fs::write(target.path().join("points/README.md"), "ours").unwrap();
        fs::create_dir(target.path().join("points/by-hand")).unwrap();
        put(&["points/app=c/data.csv"]);
        let points = target.path().join("points");
        assert_eq!(listing(&points), ["README.md", "app=b", "app=c", "by-hand"]);
        assert_eq!(listing(&points.join("app=b")), ["data.parquet"]);
        assert_eq!(listing(target.path()), ["points"]);
    }

    #[test]
    fn an_export_that_is_given_up_leaves_nothing() {
        let target = tempfile::tempdir().unwrap();
        let mut directory = ExportDirectory::new(target.path()).unwrap();
        let mut file = directory.create("points/app=a/data.csv").unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        drop(directory);
        assert!(listing(target.path()).is_empty());
    }
}
