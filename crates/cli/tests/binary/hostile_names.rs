//! Names that act, as apps, files, members and arguments, over every command and every form; and every command that is printed, through a
//! shell.

use crate::hostile::{ATTACKS, hostile, hostile_logs, is_inert_csv, is_inert_markdown, is_inert_text};
use crate::workdir::Workdir;
use std::collections::BTreeSet;
use std::path::Path;

/// Beside [`ATTACKS`]: what a file system, a spreadsheet or a shell takes for something else.
const NAMES: [&str; 24] = [
    "CON",
    "nul.json",
    "aux",
    "COM1",
    "a.",
    "a ",
    " a",
    "-rf",
    "--help",
    "~",
    "*",
    "a\\b",
    "a:b",
    "a?b",
    "+1",
    "@SUM(1)",
    "=1+1",
    "\tx",
    "%41",
    "a\u{7f}b",
    "a\u{85}b",
    "\u{202e}txt.nosj",
    "\u{200b}",
    "&lt;b&gt;",
];

const LINES: [&str; 36] = [
    "report --format text",
    "report --format markdown",
    "report --format json",
    "report --format csv",
    "report --format html",
    "report --format sarif",
    "report --brief --max-tokens 100000",
    "report --calibration --format markdown",
    "inspect --all --drift --format text",
    "inspect --all --drift --format markdown",
    "inspect --all --drift --format json",
    "inspect --all --drift --format csv",
    "inspect --all --drift --format html",
    "audit --format text",
    "audit --format markdown",
    "audit --format json",
    "audit --format csv",
    "compare --top 99 --format text",
    "compare --top 99 --format markdown",
    "compare --top 99 --format csv",
    "compare --top 99 --format json",
    "percentiles --format text",
    "percentiles --format markdown",
    "percentiles --over devices --format csv",
    "check --format text",
    "check --format markdown",
    "check --format json",
    "check --format junit",
    "check --format sarif",
    "diagnostics --format text",
    "diagnostics --format markdown --by signature",
    "diagnostics --format json",
    "diagnostics --format csv",
    "diagnostics --format folded",
    "diagnostics --format flamegraph",
    "init",
];

fn each_name() -> Vec<String> {
    let long = "long".repeat(60);
    let names = ATTACKS.iter().chain(&NAMES).map(|name| (*name).to_owned()).chain([long]);
    names.map(|name| name.replace(['/', '\0'], "").replace('\\', "")).collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(unix)]
#[test]
fn names_are_inert_in_every_command_and_form() {
    use std::os::unix::ffi::OsStringExt;
    let dir = Workdir::new();
    let names = each_name();
    for (number, name) in names.iter().enumerate() {
        // A third of the names with values, so that every table has some of each; all of them as folders and files.
        if number % 3 == 0 {
            let attack = ATTACKS[number / 3 % ATTACKS.len()];
            dir.write(format!("a/{name}/2026-01-01/xcodeMetrics.json"), hostile(attack).to_string());
        }
        dir.write(format!("a/{name}/2026-01-01/logs {name}.json"), hostile_logs(name).to_string());
        dir.write(format!("a/com.example.b/2026-01-01/{name}.json"), "{");
    }
    for (number, bytes) in [&b"\xff\xfe"[..], b"a\xffb", b"\x9b31m"].into_iter().enumerate() {
        let name = std::ffi::OsString::from_vec(bytes.to_vec());
        let folder = dir.path().join("a").join(name).join("2026-01-01");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("xcodeMetrics.json"), hostile(&number.to_string()).to_string()).unwrap();
    }
    dir.write("rules.toml", "[[rule]]\nname = \"=calm\\u009b | `x`\"\nno_regression = \"open\"\n");
    for line in LINES {
        let words = line.split(' ').chain(["a", "--allow-partial", "--config", "rules.toml"]);
        let run = dir.perfpower(words).run();
        assert!(matches!(run.code, 0 | 1), "{line}: {} {}", run.code, run.stderr);
        assert!(run.stdout.len() > 100, "{line}");
        is_inert_text(&run.stdout);
        is_inert_text(&run.stderr);
        match line {
            _ if line.contains("markdown") => is_inert_markdown(&run.stdout),
            _ if line.contains("csv") => is_inert_csv(&run.stdout),
            _ if line.contains("json") || line.contains("sarif") || line.contains("brief") => drop(run.json()),
            _ if line.contains("html") || line.contains("flamegraph") => {
                for markup in ["<script>alert", "<img src=x", "</details></table>", "href=\"javascript"] {
                    assert!(!run.stdout.contains(markup), "{line}: {markup}");
                }
            }
            _ => {}
        }
    }
    for format in ["ndjson", "csv", "parquet"] {
        let to = format!("t-{format}");
        let run = dir
            .perfpower(["export", "a", "--to", &to, "--as", format, "--partition-by", "app"])
            .arguments(["--allow-partial"])
            .run();
        is_inert_text(&run.ends_with(0).stderr);
        let mut folders = BTreeSet::new();
        each_name_below(&dir.path().join(&to), &mut |name| {
            is_a_safe_name(name);
            folders.extend(name.strip_prefix("app=").map(str::to_lowercase));
        });
        assert!(folders.len() >= names.len() / 2, "{} partitions of {} names", folders.len(), names.len());
    }
}

fn each_name_below(folder: &Path, each: &mut impl FnMut(&str)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        each(entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            each_name_below(&entry.path(), each);
        }
    }
}

/// Any file system takes it, and no shell takes it for more than one word of one line.
fn is_a_safe_name(name: &str) {
    is_inert_text(name);
    assert!(name.len() <= 255 && !name.ends_with(['.', ' ']), "{name:?}");
    assert!(!name.contains(['<', '>', ':', '"', '/', '\\', '|', '?', '*', '\n']), "{name:?}");
    let stem = name.split('.').next().unwrap().to_uppercase();
    assert!(!["CON", "PRN", "AUX", "NUL", "COM1", "LPT1"].contains(&stem.as_str()), "{name:?}");
}

/// Archives that a shell would take for something else.
const ARCHIVES: [&str; 9] = [
    "two  words",
    "it's $(touch X)",
    "`touch X`",
    "a\"; touch X; \"",
    "a && touch X",
    "-rf",
    "*",
    "line\nfeed; touch X",
    "\u{1b}[2J\u{202e}",
];

/// Every command that any output or failure prints, run with a `perfpower` that only writes down its arguments: they hold the archive as one
/// word, letter by letter, and nothing else was run.
#[cfg(unix)]
#[test]
fn printed_commands_give_a_shell_the_archive_as_one_word() {
    let dir = Workdir::new();
    let log = hostile_logs("x");
    for archive in ARCHIVES {
        dir.write(format!("{archive}/com.example.a/2026-01-01/xcodeMetrics.json"), hostile("x").to_string());
        dir.write(format!("{archive}/com.example.a/2026-01-01/diagnosticLogs.json"), log.to_string());
    }
    for archive in ARCHIVES {
        let typed = if archive.starts_with('-') { format!("./{archive}") } else { archive.to_owned() };
        let mut seen = 0;
        for line in [
            "report --format text",
            "report --format markdown",
            "report --format html",
            "report --brief",
            "diagnostics --format text",
            "diagnostics --format markdown",
            "inspect --format text",
            "inspect --format markdown",
            "check",
        ] {
            let run = dir.perfpower(line.split(' ').chain(["--", &typed])).run();
            let output = if line == "check" { &run.stderr } else { &run.stdout };
            for command in commands(line, output) {
                let words = through_a_shell(&dir, &command);
                assert!(words.contains(&typed), "{line} prints {command:?}, which is {words:?} without {typed:?}");
                seen += 1;
            }
            let missing = dir.perfpower(["report", &format!("{typed}x")]).run().ends_with(3);
            for command in commands("missing", &missing.stderr) {
                through_a_shell(&dir, &command);
            }
        }
        assert!(seen >= 6, "{seen} commands name {archive:?}");
        assert!(!dir.path().join("X").exists(), "{archive:?} ran a command");
    }
}

/// The commands in an output that name an archive: they begin with the program and end where their place does.
fn commands(line: &str, output: &str) -> Vec<String> {
    let text = match line {
        _ if line.contains("html") => {
            let marked = output.split("<code class=\"command\" tabindex=\"0\">").skip(1);
            return marked
                .map(|rest| rest.split("</code>").next().unwrap())
                .map(|code| {
                    code.replace("&#39;", "'")
                        .replace("&#x27;", "'")
                        .replace("&quot;", "\"")
                        .replace("&lt;", "<")
                        .replace("&gt;", ">")
                        .replace("&amp;", "&")
                })
                .filter(|command| !command.starts_with("perfpower help"))
                .collect();
        }
        _ if line.contains("brief") => {
            let json: serde_json::Value = serde_json::from_str(output).unwrap();
            let rows = json["rows"].as_array().or(json["findings"].as_array()).cloned().unwrap_or_default();
            return rows.iter().chain([&json]).filter_map(|row| row["next"].as_str()).map(str::to_owned).collect();
        }
        _ => output,
    };
    text.lines()
        .filter_map(|line| line.find("perfpower ").map(|at| &line[at..]))
        .map(|command| command.trim_end_matches(['`', '?', '\n']))
        .filter(|command| {
            ["report ", "diagnostics ", "audit ", "init ", "check ", "inspect "]
                .iter()
                .any(|word| command["perfpower ".len()..].starts_with(word))
        })
        // Of a command in a sentence, what is behind it is said in words.
        .filter(|command| !command.contains("` ") && !command.contains("perfpower.toml here"))
        .map(str::to_owned)
        .collect()
}

/// What a shell makes of a command. Characters that act on a terminal are written as only newer shells know.
fn through_a_shell(dir: &Workdir, command: &str) -> Vec<String> {
    let shell = if command.contains("$'") { "bash" } else { "sh" };
    let script = format!("perfpower() {{ printf '%s\\0' \"$@\"; }}\n{command}");
    let output = std::process::Command::new(shell).arg("-c").arg(&script).current_dir(dir.path()).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().split('\0').map(str::to_owned).collect()
}
