//! The papers speak of files, functions and headings that are there. What they say of them is for people to check.

use perfpower_testkit::fixture;
use std::fs;
use std::path::{Path, PathBuf};

/// Not that of `parse`, which is a page of its documentation: rustdoc checks its links.
const PAPERS: [&str; 7] = [
    "README.md",
    "crates/README.md",
    "crates/cli/CHANGELOG.md",
    "benches/README.md",
    "fixtures/README.md",
    ".github/CONTRIBUTING.md",
    ".github/SECURITY.md",
];

fn root() -> PathBuf {
    fixture("..")
}

/// Paths and anchors of the links of a paper that lead to this repository.
fn links(text: &str) -> Vec<(&str, &str)> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|target| !target.contains("://"))
        .map(|target| target.split_once('#').unwrap_or((target, "")))
        .collect()
}

/// The anchor that a heading gets.
fn anchor(heading: &str) -> String {
    let kept =
        heading.trim_start_matches('#').trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// Texts between backticks.
fn code(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[test]
fn links_lead_somewhere() {
    let mut seen = 0;
    for paper in PAPERS {
        let path = root().join(paper);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{paper}: {error}"));
        for (target, heading) in links(&text) {
            let found = if target.is_empty() { path.clone() } else { path.parent().unwrap().join(target) };
            assert!(found.exists(), "{paper} links to {target}, which is not there");
            let has = || {
                fs::read_to_string(&found).unwrap().lines().any(|line| line.starts_with('#') && anchor(line) == heading)
            };
            assert!(heading.is_empty() || has(), "{paper} links to {target}#{heading}, a heading that is not there");
            seen += 1;
        }
    }
    assert!(seen >= 8, "the papers have {seen} links");
}

/// Every file of crates that `crates/README.md` names is there; in the walks, every name is defined in a file of its row.
#[test]
fn the_house_is_as_its_page_says() {
    let page = fs::read_to_string(root().join("crates/README.md")).unwrap();
    let crates = root().join("crates");
    let is_file = |word: &&str| word.contains('/') && Path::new(word).extension().is_some_and(|ending| ending == "rs");
    let mut names = 0;
    for line in page.lines() {
        let sources: Vec<String> = code(line)
            .filter(is_file)
            .map(|file| fs::read_to_string(crates.join(file)).unwrap_or_else(|error| panic!("crates/{file}: {error}")))
            .collect();
        let [_, _, by, files, _] = line.split('|').collect::<Vec<_>>()[..] else { continue };
        for name in code(by).filter(|_| code(files).any(|file| is_file(&file))) {
            let is_defined = |source: &String| {
                ["fn ", "struct ", "trait ", "enum "].iter().any(|word| defines(source, &format!("{word}{name}")))
            };
            assert!(sources.iter().any(is_defined), "{name} is in none of:{files}");
            names += 1;
        }
    }
    assert!(names >= 25, "the walks name {names} functions and types");
}

/// Whether a definition stands in a source, and is not the start of a longer one.
fn defines(source: &str, definition: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    source.match_indices(definition).any(|(at, _)| !source[at + definition.len()..].starts_with(is_part))
}

#[test]
fn a_name_is_not_the_start_of_a_longer_one() {
    assert!(defines("pub fn read(&self)", "fn read") && defines("struct Reader<'a>", "struct Reader"));
    assert!(!defines("fn read_body()", "fn read") && !defines("struct ReadPlan", "struct Read"));
    assert_eq!(anchor("## How to add: a kind"), "how-to-add-a-kind");
    assert_eq!(links("[a](b.md#c) [d](https://example.invalid) [e](#f)"), [("b.md", "c"), ("", "f")]);
}
