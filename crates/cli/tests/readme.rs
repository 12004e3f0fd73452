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
    for topic in [
        "start",
        "downloads",
        "layout",
        "card",
        "nightly",
        "gate",
        "agents",
        "settings",
        "redaction",
        "glossary",
        "faq",
    ] {
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
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("the topics are start, tutorial"), "it names them");
}

/// The first hour, from an empty folder, by what the guide says and nothing else.
#[test]
fn the_tutorial_runs_from_an_empty_folder() {
    let dir = tempfile::tempdir().unwrap();
    let perfpower = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_perfpower")).args(arguments).current_dir(dir.path()).output().unwrap()
    };
    let text = String::from_utf8(perfpower(&["help", "tutorial"]).stdout).unwrap();
    let mut said = Vec::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("    perfpower ")) {
        let arguments: Vec<&str> = line.split_whitespace().collect();
        let output = perfpower(&arguments);
        let expected = i32::from(arguments[0] == "check");
        assert_eq!(output.status.code(), Some(expected), "{line}\n{}", String::from_utf8_lossy(&output.stderr));
        said.push((arguments[0].to_owned(), String::from_utf8(output.stdout).unwrap()));
    }
    let said = |command: &str| &said.iter().find(|(own, _)| own == command).unwrap().1;
    // What the story says is what is printed.
    for (command, words) in [
        ("inspect", "com.example.pocketchess/2026-10-05/diagnosticSignatures.json"),
        ("report", "stepped up in 4.0.0"),
        ("report", "creeping up since"),
        ("report", "stepped up in 2.5.0"),
        ("report", "ShelfStore.rebuildThumbnails(for:)"),
        ("diagnostics", "ShelfStore.rebuildThumbnails(for:)"),
        ("audit", "still contains"),
        ("compare", "launch time"),
        ("check", "LAUNCH/launchTime p90"),
    ] {
        assert!(said(command).contains(words), "{command} does not say {words:?}:\n{}", said(command));
    }
    let report = std::fs::read_to_string(dir.path().join("report.html")).unwrap();
    assert!(report.contains("finding-"), "a page with findings");
}

/// The steps of the workflow that the guide shows, run by a shell as the runner runs them: a step that fails makes the job fail, and
/// those that say so run all the same.
#[cfg(unix)]
#[test]
fn the_workflow_of_the_guide_tells_all_it_can_when_the_gate_trips_and_when_a_file_is_bad() {
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_perfpower"));
    let help = Command::new(&binary).args(["help", "gate"]).output().unwrap();
    let text = String::from_utf8(help.stdout).unwrap();
    let (_, rest) = text.split_once("```yaml\n").unwrap();
    let (workflow, _) = rest.split_once("```").unwrap();
    let steps: Vec<&str> = workflow.split("      - ").skip(1).filter(|step| step.contains("run: ")).collect();
    assert_eq!(steps.len(), 3);
    let run = |dir: &std::path::Path| -> Vec<bool> {
        let mut has_failed = false;
        let mut ended = Vec::new();
        for step in &steps {
            if has_failed && !step.contains("!cancelled()") {
                continue;
            }
            let command = step.split_once("run: ").unwrap().1.lines().next().unwrap();
            let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
            let summary = dir.join("summary.md");
            let status = Command::new("bash")
                .args(["-e", "-o", "pipefail", "-c", command])
                .current_dir(dir)
                .envs([("PATH", path.as_ref()), ("GITHUB_STEP_SUMMARY", summary.as_os_str())])
                .status()
                .unwrap();
            has_failed |= !status.success();
            ended.push(status.success());
        }
        for file in ["check.xml", "check.sarif", "summary.md"] {
            let length = std::fs::metadata(dir.join(file)).unwrap_or_else(|e| panic!("{file}: {e}")).len();
            assert!(length > 100, "{file} has {length} bytes");
        }
        ended
    };
    let archive = || {
        let dir = tempfile::tempdir().unwrap();
        let made = Command::new(&binary).args(["demo", "archive"]).current_dir(dir.path()).output().unwrap();
        assert!(made.status.success());
        dir
    };
    let rules = std::fs::read_to_string(fixture("gate.toml")).unwrap();
    let fine = archive();
    std::fs::write(fine.path().join("perfpower.toml"), rules.replace("1500", "1900")).unwrap();
    assert_eq!(run(fine.path()), [true, true, true]);
    let tripped = archive();
    std::fs::write(tripped.path().join("perfpower.toml"), &rules).unwrap();
    assert_eq!(run(tripped.path()), [false, true, true], "red, and all is told");
    let sarif = std::fs::read_to_string(tripped.path().join("check.sarif")).unwrap();
    assert!(sarif.contains("ShelfStore.swift"), "the place in the source: {sarif}");
    let bad = archive();
    std::fs::write(bad.path().join("perfpower.toml"), rules.replace("1500", "1900")).unwrap();
    std::fs::write(bad.path().join("archive/com.example.larder/2026-11-02/xcodeMetrics.json.gz"), "{\"version\": \"1")
        .unwrap();
    assert_eq!(run(bad.path()), [false, true, true], "what was not read is not passed");
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
        "demo",
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
