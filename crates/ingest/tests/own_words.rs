//! The words that stay in redacted sentences are those of the program's own messages, and no others.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Where messages are written: what other crates say is made of what was redacted already.
const CRATES: [&str; 5] = ["archive", "parse", "ingest", "analysis/src/history", "cli"];

/// What the system says of files, and what clap does.
const OF_OTHERS: &str = "No such file or directory Permission denied os error Is a Not Too many open files Invalid argument cross device link No \
    space left on device Read only file system Broken pipe Interrupted Operation not permitted Input output File exists Directory empty \
    stream did not contain valid UTF name too long entity found already exists";

#[test]
fn the_list_is_that_of_the_messages() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for name in CRATES {
        let folder = here.join("..").join(name);
        sources(&if name.contains('/') { folder } else { folder.join("src") }, &mut files);
    }
    let mut words: BTreeSet<String> = OF_OTHERS.split_whitespace().map(str::to_owned).collect();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        // One without white space and with a slash names a file.
        for literal in literals(text).iter().filter(|text| text.contains(char::is_whitespace) || !text.contains('/')) {
            words.extend(
                literal
                    .split(|c: char| !c.is_ascii_alphanumeric())
                    .filter(|word| {
                        word.starts_with(|c: char| c.is_ascii_alphabetic())
                            && word.bytes().all(|b| b.is_ascii_alphabetic())
                    })
                    .map(str::to_owned),
            );
        }
    }
    let list = words.into_iter().map(|word| word + "\n").collect::<String>();
    let place = here.join("src/pseudonyms/words.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&place, &list).unwrap();
    }
    assert!(
        std::fs::read_to_string(&place).unwrap() == list,
        "BLESS=1 cargo test writes the list anew: read what changed"
    );
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "tests" && name != "pseudonyms" {
                sources(&path, files);
            }
        } else if path.extension().is_some_and(|ending| ending == "rs") && name != "tests.rs" {
            files.push(path);
        }
    }
}

/// The texts in quotes of a source, without comments and without what is put into them.
fn literals(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'/') => while chars.next_if(|&c| c != '\n').is_some() {},
            '\'' => {
                // A character, or a lifetime.
                if chars.next_if_eq(&'\\').is_some() {
                    chars.next();
                    while chars.next_if(|&c| c != '\'').is_some() {}
                } else if chars.next().is_some() {
                    chars.next_if_eq(&'\'');
                }
            }
            '"' => {
                let mut text = String::new();
                while let Some(c) = chars.next().filter(|&c| c != '"') {
                    match c {
                        '\\' => {
                            chars.next();
                            text.push(' ');
                        }
                        '{' => {
                            while chars.next_if(|&c| c != '}' && c != '"').is_some() {}
                            text.push(' ');
                        }
                        c => text.push(c),
                    }
                }
                found.push(text);
            }
            _ => {}
        }
    }
    found
}
