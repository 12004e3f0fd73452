//! Where fixtures lie, and how a test compares its output with a golden file.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// How many lines of context and of difference a failure shows: a screenful.
const SHOWN_LINES: usize = 12;

/// A file or directory of `fixtures/`.
///
/// # Panics
/// When it is not there: a test that skips what is missing proves nothing.
pub fn fixture(path: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let found = root.join(path);
    assert!(found.exists(), "no fixture {path:?} in {}; fixtures/README.md says how each is made", root.display());
    found
}

/// Compares output with `tests/golden/NAME` of the crate under test.
///
/// On a mismatch the output is written beside the golden as `NAME.got`. With `BLESS=1` in the environment the golden is
/// rewritten instead: read its diff before you commit it.
///
/// # Panics
/// When they differ, with the first lines that do; when there is no golden yet; when the test was not started by cargo.
pub fn golden(name: &str, actual: impl AsRef<[u8]>) {
    let Ok(root) = env::var("CARGO_MANIFEST_DIR") else {
        panic!("CARGO_MANIFEST_DIR is not set: start the test with cargo, or name the crate's directory in it")
    };
    let path = Path::new(&root).join("tests/golden").join(name);
    let bless = env::var("BLESS").is_ok_and(|value| !matches!(value.as_str(), "" | "0"));
    if let Err(difference) = compare(&path, actual.as_ref(), bless) {
        panic!("{difference}");
    }
}

fn compare(path: &Path, actual: &[u8], bless: bool) -> Result<(), String> {
    let got = path.with_file_name(format!("{}.got", path.file_name().unwrap_or_default().to_string_lossy()));
    let write = |path: &Path| {
        path.parent()
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(path, actual))
            .map_err(|error| format!("{}: {error}", path.display()))
    };
    let expected = fs::read(path).ok();
    if expected.as_deref() == Some(actual) || bless {
        // What an earlier failure left behind would only mislead.
        let _ = fs::remove_file(&got);
        return if expected.as_deref() == Some(actual) { Ok(()) } else { write(path) };
    }
    write(&got)?;
    let advice = format!("got {}\nrun again with BLESS=1 to accept it", got.display());
    Err(match expected {
        None => format!("no golden {}\n{advice}", path.display()),
        Some(expected) => format!(
            "differs from golden {}\n{}\n{advice}",
            path.display(),
            difference(&String::from_utf8_lossy(&expected), &String::from_utf8_lossy(actual))
        ),
    })
}

/// The lines between the first and the last difference, `-` expected and `+` actual, with the lines before them.
fn difference(expected: &str, actual: &str) -> String {
    let expected: Vec<&str> = expected.split('\n').collect();
    let actual: Vec<&str> = actual.split('\n').collect();
    let before = expected.iter().zip(&actual).take_while(|(left, right)| left == right).count();
    let room = expected.len().min(actual.len()) - before;
    let after =
        expected.iter().rev().zip(actual.iter().rev()).take(room).take_while(|(left, right)| left == right).count();
    let mut shown = vec![format!("@@ line {} @@", before + 1)];
    let context = &expected[before.saturating_sub(2)..before];
    shown.extend(context.iter().map(|line| format!("  {line}")));
    for (sign, lines) in
        [('-', &expected[before..expected.len() - after]), ('+', &actual[before..actual.len() - after])]
    {
        shown.extend(lines.iter().take(SHOWN_LINES).map(|line| format!("{sign} {line}")));
        if lines.len() > SHOWN_LINES {
            shown.push(format!("{sign} … and {} more lines", lines.len() - SHOWN_LINES));
        }
    }
    shown.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mismatch_is_shown_kept_and_blessed_away() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("nested/report.txt");
        let got = directory.path().join("nested/report.txt.got");

        let missing = compare(&path, b"one\ntwo\nthree\n", false).unwrap_err();
        assert!(missing.starts_with("no golden") && missing.contains("BLESS=1"), "{missing}");
        compare(&path, b"one\ntwo\nthree\n", true).unwrap();
        assert!(!got.exists());
        compare(&path, b"one\ntwo\nthree\n", false).unwrap();

        let differs = compare(&path, b"one\n2\nthree\n", false).unwrap_err();
        assert!(differs.contains("@@ line 2 @@\n  one\n- two\n+ 2\n"), "{differs}");
        assert_eq!(fs::read(&got).unwrap(), b"one\n2\nthree\n");
        assert_eq!(fs::read(&path).unwrap(), b"one\ntwo\nthree\n");

        compare(&path, b"one\n2\nthree\n", true).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one\n2\nthree\n");
        assert!(!got.exists());
    }

    #[test]
    fn differences_at_the_ends_and_of_length() {
        assert_eq!(difference("a", "a\nb"), "@@ line 2 @@\n  a\n+ b");
        assert_eq!(difference("a\nb\nb", "a\nb"), "@@ line 3 @@\n  a\n  b\n- b");
        let long = difference(&"x\n".repeat(20), "y");
        assert!(long.contains("- … and 9 more lines"), "{long}");
    }

    #[test]
    #[should_panic(expected = "no fixture \"nowhere.json\"")]
    fn a_missing_fixture_is_loud() {
        fixture("nowhere.json");
    }
}
