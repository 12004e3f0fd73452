//! Where the result goes: pipes that close, files that are written whole or not at all, colours, progress.

use crate::workdir::{Workdir, perfpower, repository};
use std::fs;
use std::io::Read;
use std::process::Stdio;

#[test]
fn a_closed_pipe_is_a_quiet_end() {
    for line in ["report fixtures/demo --format json", "compare fixtures/demo --format json --top 1000"] {
        let mut command = perfpower(&format!("{line} --allow-partial")).command();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // As `head -c 10`: far less than what a pipe holds, and the result is more than that.
        let mut some = [0; 10];
        child.stdout.take().unwrap().read_exact(&mut some).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{line}");
        assert_eq!(output.status.code(), Some(0), "{line}");
    }
}

#[test]
fn a_file_gets_what_a_pipe_gets_and_nothing_else_is_left() {
    let dir = Workdir::new();
    let archive = repository().join("fixtures/demo");
    for (command, format) in [("report", "text"), ("audit", "markdown"), ("compare", "csv"), ("inspect", "json")] {
        let piped = dir.perfpower([command, archive.to_str().unwrap(), "--format", format]).run().ends_with(0);
        let call = dir.perfpower([command, archive.to_str().unwrap(), "--format", format, "--output", "result"]);
        assert_eq!(call.run().ends_with(0).says(&["wrote result ("]).stdout, "");
        assert_eq!(fs::read_to_string(dir.path().join("result")).unwrap(), piped.stdout);
        let names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["result"], "no temporary file stays");
    }
}

#[test]
fn what_cannot_be_written_is_told_and_leaves_the_old_file() {
    let dir = Workdir::new();
    let archive = repository().join("fixtures/demo");
    let report = |output: &str| dir.perfpower(["report", archive.to_str().unwrap(), "--output", output]).run();
    let missing = report("nowhere/report.txt").ends_with(3);
    missing.says(&["cannot write nowhere/report.txt: the folder nowhere does not exist"]);

    // Not even root can put a file in the place of a directory.
    dir.write("taken/inside", "kept");
    report("taken").ends_with(3).says(&["cannot write taken"]);
    assert_eq!(fs::read_to_string(dir.path().join("taken/inside")).unwrap(), "kept");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no temporary file stays");

    // A run that fails before it has a result leaves the old result alone.
    dir.write("old.txt", "old");
    let failed = dir.perfpower(["report", "no-archive", "--output", "old.txt"]).run().ends_with(3);
    failed.says(&["no-archive"]);
    assert_eq!(fs::read_to_string(dir.path().join("old.txt")).unwrap(), "old");
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_without_rights_is_told_by_name() {
    // `/proc` takes no new file from anybody, root included.
    let run = perfpower("report fixtures/demo --output /proc/report.txt").run().ends_with(3);
    let run = run.says(&["error: cannot write /proc/report.txt: "]);
    assert!(!run.stderr.contains(".tmp"), "the temporary file is nobody's business: {}", run.stderr);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_no_quiet_end() {
    let mut command = perfpower("report fixtures/demo").command();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = command.stdin(Stdio::null()).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8(output.stderr).unwrap().contains("cannot write to standard output"));
}

#[test]
fn colour_is_for_terminals_or_when_asked_for() {
    let colours = |line: &str| perfpower(line).run().ends_with(0).stdout.contains('\u{1b}');
    for command in ["report", "audit", "inspect"] {
        let line = format!("{command} fixtures/demo --color");
        assert!(!colours(&format!("{line} auto")), "{command}: a pipe is no terminal");
        assert!(!colours(&format!("{line} never")), "{command}");
        assert!(colours(&format!("{line} always")), "{command}");
        // What is asked for on the command line goes before a wish of the environment.
        let asked = perfpower(&format!("{line} always")).environment("NO_COLOR", "1").run();
        assert!(asked.stdout.contains('\u{1b}'), "{command}");
    }
    let coloured = perfpower("report fixtures/demo --color always").run().stdout;
    let plain = perfpower("report fixtures/demo --color never").run().stdout;
    assert_eq!(without_colours(&coloured), plain, "colour adds nothing but colour");
}

fn without_colours(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let mut plain = parts.next().unwrap().to_owned();
    for part in parts {
        let (sequence, rest) = part.split_once('m').unwrap();
        assert!(sequence.starts_with('[') && sequence.len() < 8, "{sequence:?}");
        plain.push_str(rest);
    }
    plain
}

#[test]
fn progress_is_for_terminals() {
    for line in ["report fixtures/demo", "inspect fixtures/demo --quiet", "compare fixtures/demo --format json"] {
        perfpower(line).run().ends_with(0).quietly();
    }
}
