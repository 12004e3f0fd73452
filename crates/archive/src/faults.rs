//! Every problem this crate can report, with its cure: one place, so that the words agree.

use perfpower_model::{Problem, Severity};
use std::io;

fn error(code: &'static str, message: impl Into<String>, hint: &str) -> Problem {
    Problem::new(Severity::Error, code, message).with_hint(hint)
}

fn warning(code: &'static str, message: impl Into<String>, hint: &str) -> Problem {
    Problem::new(Severity::Warning, code, message).with_hint(hint)
}

/// What the system says, without the number that Rust adds to it.
fn plain(cause: &io::Error) -> String {
    match cause.kind() {
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        io::ErrorKind::NotFound => "no such file or directory".into(),
        io::ErrorKind::IsADirectory => "it is a directory".into(),
        _ => {
            let text = cause.to_string();
            let text = text.split(" (os error").next().unwrap_or_default().trim_end_matches('.');
            let mut letters = text.chars();
            letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
        }
    }
}

pub(crate) fn missing() -> Problem {
    error(
        "missing-path",
        "no such file or directory",
        "check the spelling; a relative path starts at the current directory",
    )
}

pub(crate) fn dangling_link() -> Problem {
    error("dangling-link", "the symbolic link points to nothing", "restore what it points to, or remove the link")
}

pub(crate) fn link_loop() -> Problem {
    warning(
        "link-loop",
        "the symbolic link leads back into a directory above it",
        "what it points to is read once, so nothing is lost; remove the link to be rid of this line",
    )
}

pub(crate) fn unreadable(what: &str, cause: &io::Error) -> Problem {
    let code = if what == "directory" { "unreadable-directory" } else { "unreadable-file" };
    let hint = match cause.kind() {
        io::ErrorKind::PermissionDenied => "give yourself the right to read it",
        io::ErrorKind::NotFound => "it vanished during the run; run again when nothing writes to the archive",
        _ => "check the disk, and copy the file anew",
    };
    error(code, format!("the {what} cannot be read: {}", plain(cause)), hint)
}

pub(crate) fn not_a_file() -> Problem {
    error(
        "not-a-file",
        "it is neither a file nor a directory",
        "for a pipe, give `-` and put the document on standard input",
    )
}

pub(crate) fn too_large(limit: u64) -> Problem {
    error(
        "too-large",
        format!("the document has more than {limit} bytes, the most that is read"),
        "save the response in smaller pages, such as one metric type or one signature at a time",
    )
}

pub(crate) fn bomb(packed: u64, allowed: u64) -> Problem {
    error(
        "unpacks-too-far",
        format!("{packed} packed bytes unpack to more than {allowed}, as only a decompression bomb does"),
        "if you trust it, unpack it yourself and give the unpacked file",
    )
}

pub(crate) fn truncated(format: &str, packed: u64) -> Problem {
    error(
        "truncated-packing",
        format!("the {format} data ends too early, after {packed} bytes"),
        "the download or copy was cut off; save it again",
    )
}

pub(crate) fn corrupt(format: &str, what: &str) -> Problem {
    error(
        "corrupt-packing",
        format!("the {format} data is damaged: {what}"),
        "save it again, or restore it from a copy",
    )
}

pub(crate) fn trailing(format: &str, bytes: usize) -> Problem {
    error(
        "corrupt-packing",
        format!("the {format} data is followed by {bytes} bytes that are not {format}"),
        "unpack it yourself, check what it holds, and give the unpacked file",
    )
}

pub(crate) fn layers(depth: usize) -> Problem {
    error(
        "packed-too-often",
        format!("the document is packed more than {depth} times over"),
        "unpack it yourself and give the unpacked file",
    )
}

pub(crate) fn foreign(format: &str) -> Problem {
    error(
        "unsupported-packing",
        format!("{format} is not read here"),
        "unpack it and give the directory, or pack it as gzip, zstd, zip or tar",
    )
}

pub(crate) fn sparse() -> Problem {
    error(
        "unsupported-packing",
        "the tar stores the member as a sparse file, which is not read here",
        "unpack it and give the directory, or pack it anew without --sparse",
    )
}

pub(crate) fn nested(inner: &str, outer: &str) -> Problem {
    warning(
        "nested-container",
        format!("a {inner} inside a {outer} is not opened"),
        "unpack the outer one and give the directory",
    )
}

pub(crate) fn encrypted() -> Problem {
    error("encrypted-member", "the zip member is encrypted", "unpack it with its password and give the directory")
}

pub(crate) fn zip_method(method: &str) -> Problem {
    error(
        "unsupported-packing",
        format!("the zip member is packed by method {method}, which is not read here"),
        "unpack it and give the directory, or zip it anew with deflate",
    )
}

pub(crate) fn broken_container(format: &str, what: &str) -> Problem {
    error(
        "corrupt-container",
        format!("the {format} cannot be read: {what}"),
        "copy or download it again; if it unpacks with other tools, give the directory",
    )
}

pub(crate) fn truncated_tar(members: usize) -> Problem {
    error(
        "corrupt-container",
        format!("the tar ends or is damaged after {members} members; those are read"),
        "copy or download it again",
    )
}

pub(crate) fn too_many_members(format: &str, limit: usize) -> Problem {
    error(
        "too-many-members",
        format!("the {format} has more than {limit} members, the most that are read"),
        "unpack it and give the directory",
    )
}

pub(crate) fn overlapping() -> Problem {
    error(
        "overlapping-members",
        "the members of the zip overlap, as only in a decompression bomb",
        "if you trust it, unpack it yourself and give the directory",
    )
}

pub(crate) fn repeated_members() -> Problem {
    warning(
        "repeated-member",
        "the zip holds several members of one name; the last of each is read",
        "unpack it, sort out which is which, and give the directory",
    )
}

pub(crate) fn spool(cause: &io::Error) -> Problem {
    error(
        "no-temporary-file",
        format!("a compressed tar is unpacked into a temporary file, which failed: {}", plain(cause)),
        "free some space, or set TMPDIR to a directory that has it",
    )
}

pub(crate) fn spool_full(limit: u64) -> Problem {
    error(
        "unpacks-too-far",
        format!("the compressed tar unpacks to more than {limit} bytes"),
        "if you trust it, unpack it yourself and give the directory",
    )
}

pub(crate) fn layout_missed(pattern: &str, missed: usize, of: usize) -> Problem {
    warning(
        "layout-missed",
        format!("the layout `{pattern}` does not fit {missed} of {of} documents; this is the first"),
        "their app and day were inferred; `perfpower inspect` shows how",
    )
}
