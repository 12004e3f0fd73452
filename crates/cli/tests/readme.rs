//! What the README says is so: its report is the one that the program prints, and every command in it runs.

#![expect(clippy::unwrap_used, reason = "a helper of tests that cannot go on should stop them")]

use perfpower_testkit::fixture;
use std::path::PathBuf;
use std::process::Command;

fn root() -> PathBuf {
    fixture("..")
}

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).unwrap()
}

#[test]
fn the_report_in_the_readme_is_the_one_that_is_printed() {
    let readme = readme();
    let (_, rest) = readme.split_once("<!-- demo-report -->\n```text\n").unwrap();
    let (shown, _) = rest.split_once("\n```\n<!-- /demo-report -->").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_perfpower"))
        .args(["report", "fixtures/demo"])
        .current_dir(root())
        .output()
        .unwrap();
    assert_eq!(shown.trim_end(), String::from_utf8(output.stdout).unwrap().trim_end());
}

/// Commands in `sh` blocks that are ours; the others (cargo, duckdb) are their readers' business.
#[test]
fn every_command_of_the_readme_runs() {
    let dir = tempfile::tempdir().unwrap();
    // Results go to the temporary folder; the archive is found there under the same name.
    #[cfg(unix)]
    std::os::unix::fs::symlink(root().join("fixtures"), dir.path().join("fixtures")).unwrap();
    let readme = readme();
    let mut seen = 0;
    for block in readme.split("```sh\n").skip(1) {
        let (block, _) = block.split_once("```").unwrap();
        for line in block.lines().filter_map(|line| line.strip_prefix("perfpower ")) {
            let arguments = line.split('#').next().unwrap().split_whitespace();
            let output =
                Command::new(env!("CARGO_BIN_EXE_perfpower")).args(arguments).current_dir(dir.path()).output().unwrap();
            let code = output.status.code();
            assert!(code == Some(0), "{line}: {code:?}\n{}", String::from_utf8_lossy(&output.stderr));
            seen += 1;
        }
    }
    assert!(seen >= 7, "the README shows {seen} commands");
}

/// The commands of the guide on the shipped archive run as they stand.
#[test]
fn every_command_of_the_guide_runs() {
    let perfpower = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_perfpower")).args(arguments).current_dir(root()).output().unwrap()
    };
    let mut seen = 0;
    for topic in ["start", "downloads", "layout", "card", "nightly", "gate", "settings", "redaction", "glossary", "faq"]
    {
        let help = perfpower(&["help", topic]);
        assert_eq!(help.status.code(), Some(0), "{topic}");
        let text = String::from_utf8(help.stdout).unwrap();
        let lines = text.lines().filter_map(|line| line.strip_prefix("    perfpower "));
        for line in lines.filter(|line| line.contains("fixtures/") || line.starts_with("help ")) {
            let line = line.split("    ").next().unwrap();
            let arguments: Vec<&str> = line.split_whitespace().collect();
            let output = perfpower(&arguments);
            let code = output.status.code();
            let is_fine = code == Some(0) || (arguments[0] == "check" && code == Some(1));
            assert!(is_fine, "{line}: {code:?}\n{}", String::from_utf8_lossy(&output.stderr));
            seen += 1;
        }
    }
    assert!(seen >= 12, "the guide shows {seen} commands");
    let unknown = perfpower(&["help", "everything"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("the topics are start, downloads"), "it names them");
}

/// Every example of every `--help` runs on the shipped archive.
#[test]
fn every_example_of_the_help_runs() {
    let dir = tempfile::tempdir().unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(root().join("fixtures"), dir.path().join("fixtures")).unwrap();
    let mut seen = 0;
    for command in [
        "report",
        "inspect",
        "audit",
        "compare",
        "diagnostics",
        "percentiles",
        "check",
        "export",
        "init",
        "completions",
        "man",
        "help",
    ] {
        let help = Command::new(env!("CARGO_BIN_EXE_perfpower")).args([command, "--help"]).output().unwrap();
        let help = String::from_utf8(help.stdout).unwrap();
        // The manual page holds the same examples, with its own marks for hyphens and line ends.
        let man = Command::new(env!("CARGO_BIN_EXE_perfpower")).args(["man", command]).output().unwrap();
        let man = String::from_utf8(man.stdout).unwrap().replace("\\-", "-");
        for line in help.lines().filter(|line| line.trim().starts_with("perfpower ")) {
            assert!(man.contains(line.trim()), "the manual page of {command} lacks: {line}\n{man}");
        }
        for line in help.lines().filter_map(|line| line.trim().strip_prefix("perfpower ")) {
            let arguments = line.split_whitespace().map(|word| word.trim_matches('"'));
            let output =
                Command::new(env!("CARGO_BIN_EXE_perfpower")).args(arguments).current_dir(dir.path()).output().unwrap();
            let code = output.status.code();
            // 1: the demo breaks its launch budget, on purpose.
            let is_fine = matches!(code, Some(0 | 5)) || (command == "check" && code == Some(1));
            assert!(is_fine, "{line}: {code:?}\n{}", String::from_utf8_lossy(&output.stderr));
            seen += 1;
        }
    }
    assert!(seen >= 15, "the help shows {seen} examples");
}
