//! The directory of a zip → its members.

use super::{Member, Members, Method, Packing};
use crate::limits::Limits;
use crate::window::{Store, Window};
use crate::{Moment, faults};
use ::zip::result::ZipError;
use ::zip::{CompressionMethod, DateTime, ZipArchive};
use perfpower_model::{Day, Problem};
use std::io::{self, BufReader};

/// The files of a zip, by its directory.
pub(crate) fn zip(store: &Store, size: u64, limits: &Limits) -> Members {
    let window = Window::whole(store.clone());
    let opened = window
        .reader()
        .map_err(|cause| faults::unreadable("file", &cause))
        .and_then(|reader| ZipArchive::new(BufReader::new(reader)).map_err(|cause| zip_problem(&cause)));
    let mut archive = match opened {
        Ok(archive) => archive,
        Err(problem) => return (Vec::new(), vec![problem]),
    };
    let mut members = Vec::new();
    let mut problems = Vec::new();
    if archive.len() > limits.members {
        problems.push(faults::too_many_members("zip", limits.members));
    }
    if archive.has_duplicate_names() {
        problems.push(faults::repeated_members());
    }
    let mut stored = 0u64;
    for index in 0..archive.len().min(limits.members) {
        let file = match archive.by_index_raw(index) {
            Ok(file) => file,
            Err(cause) => {
                problems.push(zip_problem(&cause));
                continue;
            }
        };
        if !file.is_file() {
            continue;
        }
        stored = stored.saturating_add(file.compressed_size());
        let method = match file.compression() {
            CompressionMethod::STORE => Ok(Method::Stored),
            CompressionMethod::DEFLATE => Ok(Method::Deflate),
            CompressionMethod::ZSTD => Ok(Method::Zstd),
            other => Err(faults::zip_method(&method_name(other))),
        };
        let problem = if file.encrypted() { Some(faults::encrypted()) } else { method.as_ref().err().cloned() };
        let packing = Packing::Zip { method: method.unwrap_or(Method::Stored), size: file.size(), sum: file.crc32() };
        let name = file.name().map_or_else(|_| String::from_utf8_lossy(file.name_raw()).into_owned(), Into::into);
        members.push(Member {
            name: name.replace('\\', "/"), // as some Windows tools write it, against the format
            window: Window::part(store, file.data_start().unwrap_or(0), file.compressed_size()),
            packing,
            size: file.compressed_size(),
            modified: file.last_modified().and_then(zip_moment),
            problem,
        });
    }
    if stored > size {
        return (Vec::new(), vec![faults::overlapping()]);
    }
    (members, problems)
}

/// When a member was written. 1980-01-01 is the zero of the format, which tools write that know no time.
fn zip_moment(time: DateTime) -> Option<Moment> {
    let day = Day::from_ymd(i32::from(time.year()), u32::from(time.month()), u32::from(time.day()))?;
    let second = (u32::from(time.hour()) * 60 + u32::from(time.minute())) * 60 + u32::from(time.second());
    (Some(day) != Day::from_ymd(1980, 1, 1)).then_some(Moment { day, second: Some(second) })
}

fn zip_problem(cause: &ZipError) -> Problem {
    match cause {
        ZipError::Io(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => {
            faults::broken_container("zip", "it ends too early")
        }
        ZipError::Io(cause) => faults::broken_container("zip", &cause.to_string().to_lowercase()),
        other => faults::broken_container("zip", &other.to_string().to_lowercase()),
    }
}

/// The names of APPNOTE 4.4.5 for what one meets; the number for the rest.
fn method_name(method: CompressionMethod) -> String {
    let text = format!("{method:?}");
    let number: String = text.chars().filter(char::is_ascii_digit).collect();
    match number.as_str() {
        "9" => "9 (deflate64)".into(),
        "12" => "12 (bzip2)".into(),
        "14" => "14 (lzma)".into(),
        "95" => "95 (xz)".into(),
        "99" => "99 (AES encryption)".into(),
        _ => number,
    }
}
