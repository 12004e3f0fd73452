//! Which files of an archive can be documents, by their names, and where these leave it open by their first bytes. A file that was
//! given by its own path always is one.

use crate::words;
use std::path::Path;

/// What to do with a file or directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Read it.
    Candidate,
    /// Read it if it [starts like a body](looks_like_body), else pass over it by name.
    ByContent(Skip),
    /// Pass over it, and say so by name and why: someone may have meant it.
    Skipped(Skip),
    /// Pass over it in silence: no one saved it.
    Ignored,
}

/// Why a file is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Skip {
    /// Its name starts with a period.
    Hidden,
    /// It explains something to people, or to other programs.
    Prose,
    /// Its ending says that it is something else.
    Other(&'static str),
    /// It starts with nothing that a body starts with.
    NoBody,
    /// Settings, in a packed archive.
    Settings,
    /// What `perfpower pack` makes of an archive.
    Store,
}

impl Skip {
    /// A lower-case fragment without a full stop.
    pub(crate) fn why(self) -> String {
        match self {
            Self::Hidden => "its name starts with a period".to_owned(),
            Self::Prose => "notes for people, or for other programs".to_owned(),
            Self::Other(what) => format!("by its ending {what}"),
            Self::NoBody => "it does not start as a saved body does".to_owned(),
            Self::Settings => {
                "settings in a packed archive are not followed: unpack them, and name them with --config".to_owned()
            }
            Self::Store => "a store of packed downloads: it is an archive of its own".to_owned(),
        }
    }

    /// Whether it may have been meant as a download all the same, which the gate must know.
    pub(crate) fn may_be_download(self) -> bool {
        !matches!(self, Self::Prose | Self::Settings | Self::Store)
    }
}

/// Endings of documents, of packed documents, and of packed things that are not read but must be told of.
#[rustfmt::skip] // a list of words reads in lines
const ENDINGS: [&str; 26] = [
    "json", "jsonl", "ndjson", "har", "http", "txt", "xcmetricsdata", "b64", "base64", "gz", "gzip", "zst", "zstd", "zip", "tar",
    "tgz", "tzst", "xz", "txz", "bz2", "tbz2", "7z", "rar", "lz4", "aar", "xar",
];

/// Endings of what comes out of Xcode and App Store Connect, or lies beside it, and is no download of metrics, whatever it starts with.
const OTHER_THINGS: [(&str, &str); 46] = [
    ("ipa", "the app itself"),
    ("app", "the app itself"),
    ("xcarchive", "an archive of a build, with the app and its symbols"),
    ("dsym", "the symbols of a build"),
    ("xcodeproj", "a project of Xcode"),
    ("xcworkspace", "a workspace of Xcode"),
    ("xcresult", "the results of tests on your own machines, not of users"),
    ("trace", "a recording of Instruments, not of users"),
    ("xcappdata", "the container of an app"),
    ("ips", "a single crash report of a device"),
    ("crash", "a single crash report of a device"),
    ("xccrashpoint", "Xcode's crash reports"),
    ("csv", "a table, such as App Analytics exports"),
    ("tsv", "a table"),
    ("xlsx", "a workbook"),
    ("xls", "a workbook"),
    ("numbers", "a workbook"),
    ("p8", "a private key, which no one but you should see"),
    ("p12", "a private key, which no one but you should see"),
    ("pem", "a key or a certificate"),
    ("cer", "a certificate"),
    ("mobileprovision", "a provisioning profile"),
    ("pdf", "a document for eyes"),
    ("docx", "a document for eyes"),
    ("png", "a picture"),
    ("jpg", "a picture"),
    ("jpeg", "a picture"),
    ("heic", "a picture"),
    ("gif", "a picture"),
    ("svg", "a picture"),
    ("mov", "a film"),
    ("mp4", "a film"),
    ("apk", "an app of Android"),
    ("aab", "an app of Android"),
    ("jar", "a program"),
    ("py", "a program"),
    ("rb", "a program"),
    ("sh", "a program"),
    ("js", "a program"),
    ("ts", "a program"),
    ("swift", "a program"),
    ("ipynb", "a notebook of Jupyter"),
    ("parquet", "a table"),
    ("sqlite", "a database"),
    ("db", "a database"),
    ("plist", "a property list"),
];

/// What a file or bundle with an ending is, where it is surely no download.
pub fn other_thing(ending: &str) -> Option<&'static str> {
    OTHER_THINGS.iter().find(|(known, _)| ending.eq_ignore_ascii_case(known)).map(|(_, what)| *what)
}

/// Names that machines leave, and whole names of what explains a directory to them.
const NOISE: [&str; 16] = [
    ".DS_Store",
    ".localized",
    ".directory",
    ".gitignore",
    ".gitattributes",
    ".gitkeep",
    ".gitmodules",
    ".keep",
    ".nojekyll",
    "Icon\r",
    "Thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "__MACOSX",
    ".apdisk",
    ".dockerignore",
];

/// Directories of tools, which hold nothing that anybody saved there.
const TOOL_DIRECTORIES: [&str; 14] = [
    ".git",
    ".svn",
    ".hg",
    ".idea",
    ".vscode",
    ".cache",
    ".Trash",
    ".Trashes",
    ".Spotlight-V100",
    ".fseventsd",
    ".TemporaryItems",
    ".DocumentRevisions-V100",
    ".github",
    ".ipynb_checkpoints",
];

/// Files without an ending that are known, and are no downloads.
const KNOWN_FILES: [&str; 13] = [
    "license",
    "licence",
    "copying",
    "notice",
    "changelog",
    "makefile",
    "dockerfile",
    "gemfile",
    "podfile",
    "fastfile",
    "appfile",
    "jenkinsfile",
    "codeowners",
];

/// The file of a store that says what it holds, and the one that stands in it while it is made.
pub const STORE_LEDGER: &str = "perfpower-ledger.parquet";
/// See [`STORE_LEDGER`].
pub const STORE_LOCK: &str = "perfpower.lock";

/// Whether a directory is a store.
pub(crate) fn is_store(directory: &Path) -> bool {
    [STORE_LEDGER, STORE_LOCK].iter().any(|name| directory.join(name).is_file())
}

/// What to do with a file, by its name. Names without an ending may be those of documents, since `curl -O` saves them so.
pub(crate) fn file(name: &str) -> Verdict {
    if NOISE.contains(&name) || name.starts_with("._") || name == "perfpower.toml" {
        return Verdict::Ignored;
    }
    if name.starts_with('.') {
        return Verdict::Skipped(Skip::Hidden);
    }
    if is_prose(name) {
        return Verdict::ByContent(Skip::Prose);
    }
    let stripped = name.trim_end_matches('~');
    let Some((_, ending)) = stripped.rsplit_once('.') else { return Verdict::Candidate };
    if is_ending(ending) {
        return Verdict::Candidate;
    }
    // A bundle of that ending is a directory; a file `com.example.app` is one that `curl -O` saved.
    if let Some(what) = other_thing(ending).filter(|_| !ending.eq_ignore_ascii_case("app")) {
        return Verdict::Skipped(Skip::Other(what));
    }
    if words::without_set_aside(stripped).is_some() { Verdict::Candidate } else { Verdict::ByContent(Skip::NoBody) }
}

fn is_ending(ending: &str) -> bool {
    ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known))
}

/// Whether a directory is entered.
pub(crate) fn directory(name: &str) -> Verdict {
    if TOOL_DIRECTORIES.contains(&name) || NOISE.contains(&name) || name.starts_with("._") {
        Verdict::Ignored
    } else if name.starts_with('.') {
        Verdict::Skipped(Skip::Hidden)
    } else {
        Verdict::Candidate
    }
}

/// Whether a packed file's name leaves open that a container is in it. `x.json.gz` does not, and most names are like that.
pub(crate) fn may_hold_container(name: &str) -> bool {
    let name = name.to_lowercase();
    ![".json", ".json.gz", ".json.gzip", ".json.zst", ".json.zstd"].iter().any(|ending| name.ends_with(ending))
}

/// Whether a text starts as saved bodies do, wrapped or not.
pub(crate) fn looks_like_body(start: &[u8]) -> bool {
    /// JSON, headers, guards of scripts, event streams, printed bytes, base64 of an object and of gzip.
    const STARTS: [&[u8]; 13] = [
        b"{",
        b"[",
        b"\"",
        b"HTTP/",
        b")]}'",
        b"while(1)",
        b"for(;;)",
        b"data:",
        b"event:",
        b"b'",
        b"eyJ",
        b"H4sI",
        b"```",
    ];
    let is_utf16 = start.starts_with(&[0xFF, 0xFE]) || start.starts_with(&[0xFE, 0xFF]);
    let text = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start).trim_ascii_start();
    is_utf16 || STARTS.iter().any(|known| text.starts_with(known))
}

/// Files that explain an archive to people, or to other programs.
fn is_prose(name: &str) -> bool {
    let lower = name.to_lowercase();
    let (front, ending) = lower.rsplit_once('.').unwrap_or((&lower, ""));
    front.starts_with("readme") || matches!(ending, "md" | "markdown" | "rst") || KNOWN_FILES.contains(&lower.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts() {
        for name in [
            "a.json",
            "A.JSON",
            "perfPowerMetrics",
            "a.json.gz",
            "a.txt",
            "Metrics.xcmetricsdata",
            "a.7z",
            "a.har",
            "a.jsonl",
            "a.ndjson",
            "a.http",
            "a.json.1",
            "a.json.20261120",
            "a.json.bak",
            "a.json~",
            "a.txt.old",
            "a.json.gz.part",
            "a.B64",
        ] {
            assert_eq!(file(name), Verdict::Candidate, "{name}");
        }
        for name in ["a.html", "a.part", "a.", "a.bak", "a.1", "a.response", "a.log", "com.example.app", "a.xml"] {
            assert_eq!(file(name), Verdict::ByContent(Skip::NoBody), "{name}");
        }
        for name in ["README", "readme.txt", "notes.md", "LICENSE"] {
            assert_eq!(file(name), Verdict::ByContent(Skip::Prose), "{name}");
        }
        for (name, skip) in [
            ("a.csv", Skip::Other("a table, such as App Analytics exports")),
            ("App.IPA", Skip::Other("the app itself")),
            (".a.json", Skip::Hidden),
            (".a.json.swp", Skip::Hidden),
        ] {
            assert_eq!(file(name), Verdict::Skipped(skip), "{name}");
        }
        for name in [".DS_Store", "._a.json", "perfpower.toml", "Thumbs.db", ".gitkeep"] {
            assert_eq!(file(name), Verdict::Ignored, "{name}");
        }
        assert_eq!(directory("__MACOSX"), Verdict::Ignored);
        assert_eq!(directory(".git"), Verdict::Ignored);
        assert_eq!(directory(".old"), Verdict::Skipped(Skip::Hidden));
        assert_eq!(directory("builds"), Verdict::Candidate);
    }

    #[test]
    fn bodies_start_in_few_ways() {
        for text in ["{}", " \n[", "\u{feff}{", "HTTP/2 200", ")]}'\n{", "data: {", "eyJwcm9k"] {
            assert!(looks_like_body(text.as_bytes()), "{text}");
        }
        assert!(looks_like_body(b"\xFF\xFE{\0"));
        for text in ["", "<!doctype html>", "app,version", "#!/bin/sh", "error: no", "---\nproductData:"] {
            assert!(!looks_like_body(text.as_bytes()), "{text}");
        }
    }
}
