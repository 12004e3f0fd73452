//! Runs that are ended, that have nobody to write to, that would write over what they read, and that get no threads.

#![cfg(unix)]

use crate::workdir::{Workdir, repository};
use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};
use std::time::Instant;

/// A shell that runs a line in a folder, with the program as `$P` and the demo archive as `$A`.
fn shell(dir: &Workdir, line: &str) -> std::process::Output {
    Command::new("sh")
        .args(["-c", line])
        .env("P", env!("CARGO_BIN_EXE_perfpower"))
        .env("A", repository().join("fixtures/demo"))
        .current_dir(dir.path())
        .output()
        .unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_for_nobody_is_a_failure() {
    let dir = Workdir::new();
    for line in [
        "report $A",
        "report $A --format json",
        "inspect $A",
        "check $A --config nothing.toml",
        "diagnostics $A --format pprof",
        "init $A",
        "man",
        "completions bash",
        "--help",
        "report --help",
        "--version",
    ] {
        let output = shell(&dir, &format!("\"$P\" {line} >&-"));
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{line}: {told}");
        assert!(told.contains("cannot write to standard output: it is closed"), "{line}: {told}");
    }
    for (line, code) in [
        ("report $A >/dev/null", 0),
        ("report $A 1<>/dev/null", 0),
        ("report $A -o result >&-", 0),
        ("export $A --to tables >&- 2>&-", 0),
        ("report nowhere 2>&-", 3),
        ("report $A >/dev/full", 3),
        ("--help >/dev/full", 3),
        ("report $A <&- >/dev/null", 0),
    ] {
        assert_eq!(shell(&dir, &format!("\"$P\" {line}")).status.code(), Some(code), "{line}");
    }
}

#[test]
fn no_result_takes_the_place_of_what_is_read() {
    let dir = Workdir::new();
    let demo = repository().join("fixtures/demo/com.example.larder/2026-11-02");
    let metrics = fs::read(demo.join("xcodeMetrics.json.gz")).unwrap();
    let document = dir.write("a/com.example.larder/2026-11-02/xcodeMetrics.json.gz", &metrics);
    dir.write("a/perfpower.toml", "[app.\"com.example.larder\"]\nname = \"Larder\"\n");
    dir.write("team.toml", "[[rule]]\nname = \"calm\"\nno_regression = \"open\"\n");
    dir.write("list", "a\n");
    dir.write("weights.csv", "device;weight\niPhone12,1;5\n");
    symlink(&document, dir.path().join("link")).unwrap();
    fs::hard_link(&document, dir.path().join("other-name")).unwrap();
    dir.write("tables/points.ndjson", "{}");
    dir.write("parts/points/app=a/data.ndjson", "{}");
    for line in [
        "report a -o a/com.example.larder/2026-11-02/xcodeMetrics.json.gz",
        "report a -o ./a/../a/com.example.larder/2026-11-02/xcodeMetrics.json.gz",
        "report a -o link",
        "report a -o other-name",
        "inspect link -o other-name",
        "audit a -o link",
        "compare a -o link",
        "percentiles a -o link",
        "diagnostics a -o link",
        "check a --config team.toml -o link",
        "report a --config team.toml -o team.toml",
        "report a -o a/perfpower.toml",
        "report --files-from list -o list",
        "percentiles a --model-mixture weights.csv -o weights.csv",
        "export a tables --to tables --as ndjson",
        "export a parts --to parts --as ndjson --partition-by app",
    ] {
        let before = listing(&dir);
        let run = dir.perfpower(line.split(' ')).run().ends_with(2);
        run.says(&["the result would overwrite it", "choose another place for the result"]);
        assert_eq!(listing(&dir), before, "{line}");
    }
    // What this program wrote there itself is no download.
    dir.perfpower(["report", "a", "--format", "json", "-o", "a/report.json"]).run().ends_with(0);
    dir.perfpower(["report", "a", "--format", "json", "-o", "a/report.json"]).run().ends_with(0);
}

/// Every file below a folder, with its bytes.
fn listing(dir: &Workdir) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    fn walk(folder: &std::path::Path, found: &mut Vec<(std::path::PathBuf, Vec<u8>)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, found) } else { found.push((path.clone(), fs::read(&path).unwrap())) }
        }
    }
    let mut found = Vec::new();
    walk(dir.path(), &mut found);
    found.sort();
    found
}

/// At moments over the whole of a run.
#[test]
fn a_run_that_is_ended_leaves_nothing_half() {
    const MOMENTS: u32 = 12;
    let dir = Workdir::new();
    let export = || {
        let demo = repository().join("fixtures/demo");
        dir.perfpower(["export", demo.to_str().unwrap(), "--to", "tables", "--as", "csv", "--partition-by", "app"])
    };
    let started = Instant::now();
    export().run().ends_with(0);
    let whole = started.elapsed();
    let tables = names(&dir);
    fs::remove_dir_all(dir.path().join("tables")).unwrap();
    let mut ended = 0;
    for moment in 0..MOMENTS {
        let mut child = export().command().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(whole * (moment + 1) / MOMENTS);
        let signal = ["-INT", "-TERM", "-HUP"][moment as usize % 3];
        let _ = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        ended += u32::from(child.wait().unwrap().code().is_none());
        let left = names(&dir);
        assert!(left.is_empty() || left == tables, "moment {moment}: {left:?}");
        let _ = fs::remove_dir_all(dir.path().join("tables"));
    }
    assert!(ended > 0, "no run was ended");
}

/// What lies in the folder of the tables.
fn names(dir: &Workdir) -> Vec<std::ffi::OsString> {
    let Ok(entries) = fs::read_dir(dir.path().join("tables")) else { return Vec::new() };
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names
}

#[cfg(target_os = "linux")]
#[test]
fn the_system_may_give_no_threads() {
    let dir = Workdir::new();
    // Limits of processes do not hold for root, so the run needs another user who may read the program.
    let limited = |line: &str| {
        let limited = format!("ulimit -u 1 && {line}");
        shell(
            &dir,
            &format!(
                "if [ \"$(id -u)\" = 0 ]; then su nobody -s /bin/bash -c '{limited}'; else bash -c '{limited}'; fi"
            ),
        )
    };
    let can_start = limited("exit 7").status.code() == Some(7);
    let may_read = limited(&format!("exec {} --version", env!("CARGO_BIN_EXE_perfpower"))).status.code() == Some(0);
    if !(can_start && may_read) {
        eprintln!("SKIPPED: no user without threads can run the program here");
        return;
    }
    let demo = repository().join("fixtures/demo");
    let output = limited(&format!("exec {} report {}", env!("CARGO_BIN_EXE_perfpower"), demo.display()));
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.starts_with("note: the system gives no thread but the first"), "{told}");
    assert_eq!(output.stdout, shell(&dir, "\"$P\" report \"$A\"").stdout.as_slice());
}
