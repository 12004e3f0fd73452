//! Which files of an archive can be documents, by name alone. A file that was given by its own path always is one.

/// What to do with a file or directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Read it.
    Candidate,
    /// Pass over it, and say so by name: someone may have meant it.
    Skipped,
    /// Pass over it, and count it: no one meant it.
    Ignored,
}

/// Endings of documents, of packed documents, and of packed things that are not read but must be told of.
#[rustfmt::skip] // a list of words reads in lines
const ENDINGS: [&str; 20] = [
    "json", "txt", "xcmetricsdata", "gz", "gzip", "zst", "zstd", "zip", "tar", "tgz", "tzst", "xz", "txz", "bz2",
    "tbz2", "7z", "rar", "lz4", "aar", "xar",
];

/// Whether a file's name is that of a document. Names without an ending are, since `curl -O` saves them so.
pub(crate) fn file(name: &str) -> Verdict {
    if is_hidden(name) || is_prose(name) || name == "perfpower.toml" {
        return Verdict::Ignored;
    }
    match name.rsplit_once('.') {
        None => Verdict::Candidate,
        Some((_, ending)) if ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)) => Verdict::Candidate,
        Some(_) => Verdict::Skipped,
    }
}

/// Whether a directory is entered.
pub(crate) fn directory(name: &str) -> Verdict {
    if is_hidden(name) { Verdict::Ignored } else { Verdict::Candidate }
}

/// Whether a packed file's name leaves open that a container is in it. `x.json.gz` does not, and most names are like that.
pub(crate) fn may_hold_container(name: &str) -> bool {
    let name = name.to_lowercase();
    ![".json", ".json.gz", ".json.gzip", ".json.zst", ".json.zstd"].iter().any(|ending| name.ends_with(ending))
}

/// `.git`, `.DS_Store`, `AppleDouble` files (`._x.json`), and what macOS and Windows leave in directories and zips.
fn is_hidden(name: &str) -> bool {
    name.starts_with('.') || ["__MACOSX", "Thumbs.db", "desktop.ini"].contains(&name)
}

/// Files that explain an archive to people.
fn is_prose(name: &str) -> bool {
    let (front, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    front.to_lowercase().starts_with("readme") || ending.eq_ignore_ascii_case("md")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts() {
        for name in ["a.json", "A.JSON", "perfPowerMetrics", "a.json.gz", "a.txt", "Metrics.xcmetricsdata", "a.7z"] {
            assert_eq!(file(name), Verdict::Candidate, "{name}");
        }
        for name in ["a.csv", "a.json.bak", "a.json~", "a.html", "a.part", "a."] {
            assert_eq!(file(name), Verdict::Skipped, "{name}");
        }
        for name in [".DS_Store", "._a.json", "README", "readme.txt", "notes.md", "perfpower.toml", "Thumbs.db"] {
            assert_eq!(file(name), Verdict::Ignored, "{name}");
        }
        assert_eq!(directory("__MACOSX"), Verdict::Ignored);
        assert_eq!(directory("builds"), Verdict::Candidate);
    }
}
