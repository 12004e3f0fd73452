//! The files of an export: all of them appear when the export is whole, or none does.
//!
//! They are written under a temporary directory inside the target, which is the same file system, and renamed at the end.

use perfpower_report::export::ExportSink;
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
        let staging = tempfile::Builder::new().prefix(".perfpower-").tempdir_in(target)?;
        Ok(Self { target: target.to_owned(), staging, written: Vec::new() })
    }

    /// Moves every file to its place, over what stood there. Gives their paths.
    pub fn publish(self) -> io::Result<Vec<PathBuf>> {
        let mut published = Vec::with_capacity(self.written.len());
        for path in &self.written {
            let place = self.target.join(path);
            if let Some(parent) = place.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::rename(self.staging.path().join(path), &place)?;
            published.push(place);
        }
        Ok(published)
    }
}

impl ExportSink for ExportDirectory {
    type File = StagedFile;

    fn create(&mut self, path: &str) -> io::Result<StagedFile> {
        let path = PathBuf::from(path);
        let staged = self.staging.path().join(&path);
        if let Some(parent) = staged.parent() {
            fs::create_dir_all(parent)?;
        }
        Ok(StagedFile { path, file: BufWriter::new(File::create_new(staged)?) })
    }

    fn commit(&mut self, mut file: StagedFile) -> io::Result<()> {
        file.file.flush()?;
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
