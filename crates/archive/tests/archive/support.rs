//! Archives that tests build for themselves.
#![expect(clippy::unwrap_used, reason = "tests, though not marked as such")]

use perfpower_archive::{Archive, Rules, Sources};
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

/// A directory of its own for one test.
pub(crate) struct Saves {
    root: PathBuf,
    /// Removed when the test ends.
    _directory: tempfile::TempDir,
}

impl Saves {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("saves");
        fs::create_dir(&root).unwrap();
        Self { root, _directory: directory }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub(crate) fn open(&self, paths: &[&str]) -> Archive {
        self.open_by(paths, &Rules::default())
    }

    pub(crate) fn open_by(&self, paths: &[&str], rules: &Rules) -> Archive {
        Archive::open(&Sources::of_paths(paths.iter().map(|path| self.root.join(path))), rules)
    }
}

/// Texts that start with a path, without the part that changes with each run.
pub(crate) fn relatives(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| relative(text)).collect()
}

/// The part of a path below the directory of the test.
fn relative(text: &str) -> String {
    text.split_once("/saves/").map_or(text, |(_, rest)| rest).to_owned()
}

/// One line for each document: app, day, path.
pub(crate) fn listing(archive: &Archive) -> String {
    let lines = archive.entries.iter();
    let lines = lines.map(|entry| format!("{} {} {}", entry.app.value, entry.snapshot.value, relative(&entry.path)));
    lines.collect::<Vec<_>>().join("\n")
}

/// How many documents have no better day than when their file was last written.
pub(crate) fn undated(archive: &Archive) -> usize {
    archive.entries.iter().filter(|entry| entry.snapshot.reason == perfpower_archive::Reason::ModificationTime).count()
}

/// One line for each file that was passed over.
pub(crate) fn skipped(archive: &Archive) -> Vec<String> {
    archive.skipped.iter().map(|skipped| format!("{}: {}", relative(&skipped.path), skipped.why)).collect()
}

/// One line for each problem of the listing.
pub(crate) fn problems(archive: &Archive) -> String {
    let line = |path: &str, problem: &perfpower_model::Problem| {
        let severity = problem.severity.as_str();
        format!(
            "{}: {severity} {}: {} ({})",
            relative(path),
            problem.code,
            problem.message,
            problem.hint.as_deref().unwrap_or_default()
        )
    };
    archive.problems.iter().map(|(path, problem)| line(path, problem)).collect::<Vec<_>>().join("\n")
}

/// Bytes that look like a document and pack about as well.
pub(crate) fn document(size: usize) -> Vec<u8> {
    use std::fmt::Write as _;
    let mut text = String::from("{\"points\":[");
    let mut state = 1u32;
    while text.len() < size {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        write!(text, "{{\"version\":\"1.{}\",\"value\":{}}},", state >> 28, state >> 16).unwrap();
    }
    text.truncate(size);
    text.into_bytes()
}

pub(crate) fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zst(bytes: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(bytes, 3).unwrap()
}

pub(crate) fn zip(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    let time = ::zip::DateTime::from_date_and_time(2024, 5, 6, 7, 8, 10).unwrap();
    for (name, bytes) in members {
        // Small members are stored, as real tools do.
        let method =
            if bytes.len() < 50 { ::zip::CompressionMethod::Stored } else { ::zip::CompressionMethod::Deflated };
        let options = ::zip::write::SimpleFileOptions::default().compression_method(method).last_modified_time(time);
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub(crate) fn tar(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(1_715_000_000); // 2024-05-06
        header.set_cksum();
        builder.append_data(&mut header, name, bytes.as_slice()).unwrap();
    }
    builder.into_inner().unwrap()
}

pub(crate) fn tgz(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    gz(&tar(members))
}

/// A zip of which nothing could be rewritten: the sizes of members stand behind them.
pub(crate) fn streamed_zip(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ::zip::ZipWriter::new_stream(Vec::new());
    for (name, body) in members {
        writer.start_file(*name, ::zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(body).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A header of a tar, with the sum that belongs to it.
fn header(name: &str, kind: u8, size: u64, link: &str) -> Vec<u8> {
    let mut header = ::tar::Header::new_gnu();
    let bytes = header.as_mut_bytes();
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    bytes[157..157 + link.len()].copy_from_slice(link.as_bytes());
    header.set_size(size);
    header.set_mtime(1_715_000_000);
    header.set_entry_type(::tar::EntryType::new(kind));
    header.set_cksum();
    header.as_bytes().to_vec()
}

/// A member of a tar, header and data.
pub(crate) fn member(name: &str, kind: u8, data: &str, link: &str) -> Vec<u8> {
    let mut bytes = header(name, kind, data.len() as u64, link);
    bytes.extend_from_slice(data.as_bytes());
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

/// The tar of some members.
pub(crate) fn ended(members: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = members.concat();
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}
