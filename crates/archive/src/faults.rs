//! Every problem this crate can report, with its cure: one place, so that the words agree.

use crate::limits::setting;
use perfpower_model::{Problem, Severity};
use std::io;

fn error(code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Problem {
    Problem::new(Severity::Error, code, message).with_hint(hint)
}

fn warning(code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Problem {
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

/// What is read is what the run would write.
pub(crate) const OUTPUT_IS_INPUT: &str = "output-is-input";

pub(crate) fn output_is_input() -> Problem {
    error(
        OUTPUT_IS_INPUT,
        "the result would overwrite it, and it is a part of the archive",
        "choose another place for the result",
    )
}

pub(crate) fn not_a_file() -> Problem {
    error(
        "not-a-file",
        "it is neither a file nor a directory",
        "for a pipe, give `-` and put the document on standard input",
    )
}

pub(crate) fn special_file() -> Problem {
    warning(
        "not-a-file",
        "it is a pipe, a socket or a device by the name of a document, and is not opened",
        "save what comes out of it into a file",
    )
}

pub(crate) fn too_large(limit: u64) -> Problem {
    error(
        "too-large",
        format!("the document has more than {limit} bytes, the most that is read"),
        format!(
            "save the response in smaller pages, such as one metric type or one signature at a time, or allow more by \
             `--limit document={}`",
            setting(limit.saturating_mul(4))
        ),
    )
}

/// `needed` is what the limit would have to be for four times as much.
pub(crate) fn bomb(packed: u64, room: u64, needed: &str) -> Problem {
    error(
        "unpacks-too-far",
        format!("{packed} packed bytes unpack to more than {room}, as only a decompression bomb does"),
        format!(
            "if you trust it, allow more by `--limit unpack={needed}`, or unpack it yourself and give the unpacked file"
        ),
    )
}

/// The same of some members of a container.
pub(crate) fn bombs(lost: usize, all: usize, mut problem: Problem) -> Problem {
    problem.message = format!("{}; {lost} of {all} members are not read", problem.message);
    problem
}

pub(crate) fn no_memory() -> Problem {
    error(
        "no-memory",
        "there is not enough memory to unpack the document",
        "close other programs, allow this one more memory, or save the response in smaller pages",
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

pub(crate) fn layers(limit: usize) -> Problem {
    error(
        "packed-too-often",
        format!("the document is packed more than {limit} times over"),
        format!(
            "unpack it yourself and give the unpacked file, or allow more by `--limit layers={}`",
            limit.saturating_mul(2)
        ),
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

pub(crate) fn nested(format: &str) -> Problem {
    error(
        "nested-container",
        format!("what has the name of a document is a {format}"),
        format!("give its name the ending .{format}, and it is opened"),
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

/// `before` members were read before the first damage, `all` in the end.
pub(crate) fn damaged_tar(before: usize, all: usize) -> Problem {
    let behind = match all - before {
        0 => String::new(),
        more => format!(", and {more} behind the damage"),
    };
    error(
        "corrupt-container",
        format!("the tar ends or is damaged after {before} members; those are read{behind}"),
        "copy or download it again",
    )
}

pub(crate) fn broken_directory(listed: usize, found: usize) -> Problem {
    error(
        "corrupt-container",
        format!(
            "the directory of the zip is damaged or missing; it lists {listed} members, and {found} that it does not lead to were found by searching"
        ),
        "copy or download it again",
    )
}

pub(crate) fn unlisted(found: usize, first: &str) -> Problem {
    warning(
        "unlisted-member",
        format!("{found} members are not listed in the directory of the zip, such as `{first}`; they are read"),
        "zips cannot be joined by `cat`, and some tools leave what they remove; unpack it and give the directory",
    )
}

pub(crate) fn zip_differs(members: usize, first: &str) -> Problem {
    warning(
        "differing-member",
        format!(
            "the directory of the zip says another thing than the header in front of {members} members, such as `{first}`; the directory holds"
        ),
        "copy or download it again; if it is so from the start, unpack it and give the directory",
    )
}

pub(crate) fn no_member() -> Problem {
    error("corrupt-container", "the directory of the zip leads to no such member", "copy or download it again")
}

pub(crate) const EMPTY_CONTAINER: &str = "empty-container";

pub(crate) fn empty_container(format: &str) -> Problem {
    warning(EMPTY_CONTAINER, format!("the {format} holds no files"), "check whether it was written whole")
}

pub(crate) fn link_to_nothing(format: &str) -> Problem {
    error(
        "dangling-link",
        format!("the link leads to nothing that is read from the {format}"),
        "pack it anew with what the link points to, or without the link",
    )
}

pub(crate) fn link_outside() -> Problem {
    error(
        "link-outside",
        "the symbolic link leads out of what was given, and is not followed",
        "give what it points to as well, or follow all links by `--follow-links`",
    )
}

pub(crate) fn unknown_member(letter: char) -> Problem {
    error(
        "unsupported-packing",
        format!("the tar member is of the type `{letter}`, which is not read here"),
        "unpack it and give the directory",
    )
}

pub(crate) fn nameless_member(format: &str) -> Problem {
    error(
        "nameless-member",
        format!("the {format} holds a file whose name is no name of a file"),
        "unpack it and give the directory",
    )
}

pub(crate) fn name_too_long(limit: u64) -> Problem {
    error(
        "name-too-long",
        format!("the name of the member, or what else is told of it, has more than {limit} bytes"),
        "unpack it and give the directory",
    )
}

pub(crate) fn directory_with_data(bytes: u64) -> Problem {
    error(
        "odd-member",
        format!("the member is a directory by its name or type, and has {bytes} bytes of data"),
        "unpack it with the tool that packed it, and give the directory",
    )
}

pub(crate) fn too_many_members(format: &str, left: usize) -> Problem {
    error(
        "too-many-members",
        format!("the {format} has more than {left} members, the most that may still be read"),
        "unpack it and give the directory, or allow more by `--limit members=NUMBER`",
    )
}

pub(crate) fn overlapping() -> Problem {
    error(
        "overlapping-members",
        "the members of the zip overlap, as only in a decompression bomb",
        "if you trust it, unpack it yourself and give the directory",
    )
}

pub(crate) fn repeated_members(format: &str, replaced: usize, first: &str) -> Problem {
    warning(
        "repeated-member",
        format!("{replaced} members of the {format} are replaced by later ones of the same name, such as `{first}`"),
        "nothing to do if it was packed to be so, as by `tar -r`; else unpack it, sort out which is which, and give the directory",
    )
}

pub(crate) fn spool(cause: &io::Error) -> Problem {
    error(
        "no-temporary-file",
        format!("a packed container is unpacked into a temporary file, which failed: {}", plain(cause)),
        "free some space, or set TMPDIR to a directory that has it",
    )
}

pub(crate) fn spool_full(limit: u64) -> Problem {
    error(
        "unpacks-too-far",
        format!("all packed containers together unpack to more than {limit} bytes"),
        format!(
            "if you trust them, allow more by `--limit temporary={}`, or unpack this one yourself and give the directory",
            setting(limit.saturating_mul(4))
        ),
    )
}

pub(crate) fn sum_differs() -> Problem {
    corrupt("zip", "size or checksum differs from the directory of the zip")
}

pub(crate) fn layout_missed(pattern: &str, missed: usize, of: usize) -> Problem {
    warning(
        "layout-missed",
        format!("the layout `{pattern}` does not fit {missed} of {of} documents; this is the first"),
        "their app and day were inferred; `perfpower inspect` shows how",
    )
}

pub(crate) fn app_in_doubt(taken: (&str, usize), other: (&str, usize), layout: &str) -> Problem {
    let apps = |count: usize| if count == 1 { "1 app".to_owned() } else { format!("{count} apps") };
    warning(
        "app-in-doubt",
        format!(
            "several words of the paths may name the app: here `{}` is taken ({} in all), and `{}` would make {}",
            taken.0,
            apps(taken.1),
            other.0,
            apps(other.1)
        ),
        format!(
            "if it is the other, give --layout '{layout}'; a layout, or an alias in perfpower.toml, ends the doubt"
        ),
    )
}

pub(crate) fn circumstances_apart(app: &str, names: &[&str]) -> Problem {
    const SHOWN: usize = 4;
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    if names.len() > SHOWN {
        shown.push(format!("{} more", names.len() - SHOWN));
    }
    warning(
        "app-in-doubt",
        format!("{} are taken as one app, `{app}`", shown.join(", ")),
        "if they are several, say where their names stand, as with --layout '{app}/{*}'",
    )
}

pub(crate) fn whose_is_it(documents: usize, app: &str) -> Problem {
    let (what, one) = match documents {
        1 => ("nothing in the path tells whose it is".to_owned(), "it"),
        more => (format!("nothing in the paths of {more} documents tells whose they are"), "one"),
    };
    warning(
        "app-in-doubt",
        format!("{what}, and several apps lie beside: `{app}` stands in for the app"),
        format!("put {one} into the folder of its app, as in com.example.app/2026-11-23/logs.json"),
    )
}

pub(crate) fn day_in_doubt(text: &str, readings: &[String], documents: usize, layouts: &[String]) -> Problem {
    warning(
        "day-in-doubt",
        format!(
            "`{text}` can be {}, and nothing in the archive tells which; the day that the file was last written stands in \
             for it, in {documents} document{} of this form",
            readings.join(" or "),
            if documents == 1 { "" } else { "s" }
        ),
        format!("say which with {}, or write days as 2026-11-23", layouts.join(" or ")),
    )
}

/// Nothing that a user can bring about: whoever lists what is packed reads it, too.
pub(crate) fn kept_elsewhere() -> Problem {
    Problem::new(Severity::Error, "kept-elsewhere", "the document is in a store, and was looked for in a file")
}
