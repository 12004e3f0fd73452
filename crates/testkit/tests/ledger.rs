//! `fixtures/README.md` is the ledger: every file that was written by hand stands in it, once, and every name in it is a file.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use perfpower_testkit::fixture;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// File names in the first cells of the tables, by the directory that the heading above names.
fn ledger(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut sections: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut directory = String::new();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            directory = heading.split_once('/').map(|(directory, _)| directory.to_owned()).unwrap_or_default();
        } else if let Some(row) = line.strip_prefix('|') {
            let cell = row.split('|').next().unwrap();
            let names = cell.split('`').skip(1).step_by(2).map(str::to_owned);
            sections.entry(directory.clone()).or_default().extend(names);
        }
    }
    sections
}

#[test]
fn every_fixture_stands_in_the_ledger_once() {
    let text = fs::read_to_string(fixture("README.md")).unwrap();
    let sections = ledger(&text);
    for directory in ["documented", "handmade", "broken"] {
        let named = &sections[directory];
        let files: BTreeSet<String> = fs::read_dir(fixture(directory))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let known: BTreeSet<String> = named.iter().cloned().collect();
        assert_eq!(known.len(), named.len(), "{directory}: a name stands twice");
        assert_eq!(
            files.difference(&known).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "{directory}: not in the ledger"
        );
        assert_eq!(known.difference(&files).collect::<Vec<_>>(), Vec::<&String>::new(), "{directory}: no such file");
    }
}

#[test]
fn every_directory_has_a_heading() {
    let text = fs::read_to_string(fixture("README.md")).unwrap();
    for entry in fs::read_dir(fixture("")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let heading = format!("\n## {name}/ ");
        assert!(
            entry.file_type().unwrap().is_file() || text.contains(&heading),
            "{name}/ has no heading in the ledger"
        );
    }
}

#[test]
fn a_ledger_is_read_as_it_is_written() {
    let sections = ledger("## a/ — x\n\n| file | why |\n|---|---|\n| `b.json`, `c.json` | `d` |\n## e\n| `f` | |\n");
    assert_eq!(sections["a"], ["b.json", "c.json"]);
    assert_eq!(sections[""], ["f"]);
}
