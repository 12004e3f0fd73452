//! `perfpower diagnostics` as a process: what it says of known logs, and that every form holds the same samples.

#![expect(clippy::unwrap_used, reason = "a helper of tests that cannot go on should stop them")]

use perfpower_testkit::{fixture, gunzip};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn run(archive: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_perfpower")).arg("diagnostics").arg(archive).args(arguments).output().unwrap()
}

fn stdout(archive: &Path, arguments: &[&str]) -> String {
    // The demo holds an answer of the API that is an error, on purpose.
    let output = run(archive, &[arguments, &["--allow-partial"]].concat());
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn json(archive: &Path, arguments: &[&str]) -> Value {
    serde_json::from_str(&stdout(archive, &[&["--format", "json"], arguments].concat())).unwrap()
}

/// The exit code and what was said on standard error.
fn refusal(archive: &Path, arguments: &[&str]) -> (i32, String) {
    let output = run(archive, arguments);
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn archive(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// A document with `a_side` launch logs of versions 1 and 2: `old` goes and `hot` comes, beside what stays.
fn two_versions(a_side: usize) -> tempfile::TempDir {
    let frame = |name: &str, blame: bool, samples: usize, below: &str| {
        format!(
            r#"{{"symbolName": "{name}", "binaryName": "Shop", "fileName": "{name}.swift", "lineNumber": "7",
                "isBlameFrame": {blame}, "sampleCount": {samples}, "subFrames": [{below}]}}"#
        )
    };
    let log = |version: &str, at: usize, planted: &str| {
        let below = [frame("idle", false, 40 + at % 3, ""), frame(planted, true, 30, "")].join(",");
        format!(
            r#"{{"diagnosticMetaData": {{"appVersion": "{version}", "event": "launch", "deviceType": "iPhone13_3",
                "osVersion": "iPhone OS 18.1 (22B83)", "eventDetail": "launch took {} ms"}},
                "callStackTree": [{{"callStackPerThread": false, "callStacks": [{{"callStackRootFrames": [{}]}}]}}]}}"#,
            1000 + at,
            frame("main", false, 70 + at % 3, &below)
        )
    };
    let logs: Vec<String> = (0..a_side).flat_map(|at| [log("1", at, "old"), log("2", at, "hot")]).collect();
    let document = format!(
        r#"{{"version": "1.0.0", "productData": [{{"signatureId": "s", "diagnosticLogs": [{}]}}]}}"#,
        logs.join(",")
    );
    archive(&[("shop/2026-01-01/diagnosticLogs.json", &document)])
}

#[test]
fn the_documented_log() {
    let documented = fixture("documented");
    let found = json(&documented, &[]);
    assert_eq!(found["schema"], "perfpower.diagnostics/1");
    assert_eq!((&found["logs"], &found["samples"]), (&1.into(), &51.into()));
    let frames = found["frames"]["rows"].as_array().unwrap();
    assert_eq!(frames.len(), 6);
    let fourth = frames.iter().find(|row| row["name"] == "-[SkyTable read:]").unwrap();
    assert_eq!((&fourth["inclusive"], &fourth["self"], &fourth["line"]), (&51.into(), &3.into(), &157.into()));
    let advice = &found["advice"][0];
    assert_eq!(advice["category"], "SQLiteSpill");
    assert_eq!(advice["frames"][0]["name"], "vdbeSorterListToPMA");
    assert_eq!(found["amounts"]["rows"][0]["min"], 1_073_760_000.0);

    let text = stdout(&documented, &[]);
    for wanted in [
        "documented: 1 log with 51 samples (disk writes 1), 2 signatures",
        "pages of signatures are missing",
        "      100 %  5.9 %     1  -[SkyTable read:]",
        "          5.9 %  * -[SkyTable read:]  SkyTable.m:157",
        "vdbeSorterListToPMA  sqlite3.c:23794  [SQLiteSpill]",
        "applies at vdbeSorterListToPMA (sqlite3.c:23794), in 1 log",
        "1.07 GB",
    ] {
        assert!(text.contains(wanted), "{wanted:?} is not in\n{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 100 || line.starts_with("Next:")), "{text}");
}

#[test]
fn what_the_demo_planted_comes_first() {
    let demo = fixture("demo");
    let versions = ["--app", "com.example.larder", "--from", "3.11.1", "--to", "4.0.0"];
    let found = json(&demo, &versions);
    let first = &found["difference"]["paths"]["rows"][0];
    assert_eq!(first["function"], "ShelfStore.rebuildThumbnails(for:)");
    assert_eq!((&first["movement"], &first["has_moved"]), (&"new".into(), &true.into()));
    assert_eq!(found["difference"]["evidence"], "enough");
    let text = stdout(&demo, &versions);
    let moved = text.lines().skip_while(|line| !line.contains("Moved more than")).nth(1).unwrap();
    assert!(moved.starts_with("  new    ShelfStore.rebuildThumbnails(for:)  ShelfStore.swift:212"), "{moved}");
    let signature = text.lines().skip_while(|line| !line.starts_with("Signatures over builds")).nth(1).unwrap();
    assert!(signature.contains("ShelfStore.rebuildThumbnails(for:)") && signature.ends_with("– → 45 %"), "{signature}");
    assert!(text.contains("first seen in 4.0.0"), "{text}");
    assert_eq!(run(&demo, &[]).status.code(), Some(0));
    let broken = fixture("broken/truncated-in-text.json");
    let both = run(&demo, &[broken.to_str().unwrap()]);
    assert_eq!(both.status.code(), Some(5));
    let told = String::from_utf8_lossy(&both.stdout);
    assert!(told.contains("\nCould not be read, or not wholly (1 error, "), "an unread input is said");
}

/// The section that an explanation has on call stacks.
#[test]
fn an_explanation_names_the_code_or_says_why_not() {
    let code = |series: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_perfpower"))
            .arg("report")
            .arg(fixture("demo"))
            .args(["--allow-partial", "--explain", series])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("\nThe batch\n"), "{text}");
        text.split_once("\nThe code\n").map(|(_, rest)| rest.split("\n\n").next().unwrap().to_owned())
    };
    let launch = code("com.example.larder/LAUNCH/launchTime/all_iphones/90").unwrap();
    for wanted in
        ["of 4.0.0, against 3.11.1", "(ShelfStore.swift:212) is new, with ", "Signature Larder: ShelfStore", "0e0e1d11"]
    {
        assert!(launch.contains(wanted), "{wanted:?} is not in\n{launch}");
    }
    let writes = code("6b8c6a789e357403").unwrap();
    assert_eq!(writes.trim(), "3 logs before and 3 after cannot tell; it takes at least 5 on each side.");
    assert_eq!(code("3fdd73482b7f5124"), None, "Apple has no call stacks for memory");
}

/// The report, its places for reviewers and the logs of one version name the same line: the newer one.
#[test]
fn a_line_that_moved_is_named_where_it_is_now() {
    let log = |version: &str, at: usize, place: &str, samples: usize| {
        let (file, line) = place.split_once(':').unwrap();
        let grow = format!(
            r#"{{"symbolName": "grow()", "binaryName": "Shop", "fileName": "{file}", "lineNumber": "{line}",
                "isBlameFrame": true, "sampleCount": {samples}, "subFrames": []}}"#
        );
        let all = samples + 30 + at % 4;
        format!(
            r#"{{"diagnosticMetaData": {{"appVersion": "{version}", "event": "hang", "eventDetail": "hang {at} ms"}},
                "callStackTree": [{{"callStacks": [{{"callStackRootFrames": [
                    {{"symbolName": "main", "binaryName": "Shop", "sampleCount": {all}, "subFrames": [{grow}]}}]}}]}}]}}"#
        )
    };
    let logs: Vec<String> =
        (0..10).flat_map(|at| [log("1", at, "Old.swift:50", 5), log("2", at, "New.swift:290", 60)]).collect();
    let document = format!(
        r#"{{"version": "1.0.0", "productData": [{{"signatureId": "s", "diagnosticLogs": [{}]}}]}}"#,
        logs.join(",")
    );
    let folder = archive(&[("shop/2026-01-01/diagnosticLogs.json", &document)]);
    let text = stdout(folder.path(), &["--from", "1", "--to", "2"]);
    assert!(text.contains("grow()  New.swift:290") && !text.contains("Old.swift"), "{text}");
    for form in ["text", "json", "csv", "speedscope", "pprof"] {
        let output = run(folder.path(), &["--app-version", "2", "--format", form]);
        let bytes = if form == "pprof" { gunzip(&output.stdout).unwrap() } else { output.stdout };
        let said = String::from_utf8_lossy(&bytes).into_owned();
        assert!(said.contains("New.swift"), "{form}: {said}");
        assert!(!said.contains("Old.swift"), "{form}: {said}");
    }
}

#[test]
fn a_new_and_a_removed_path_are_named_first_and_three_logs_a_side_cannot_tell() {
    let versions = ["--from", "1", "--to", "2"];
    let enough = two_versions(8);
    let found = json(enough.path(), &versions);
    let rows = found["difference"]["paths"]["rows"].as_array().unwrap();
    let mut named: Vec<_> =
        rows[..2].iter().map(|row| (row["movement"].as_str().unwrap(), row["function"].as_str().unwrap())).collect();
    named.sort_unstable();
    assert_eq!(named, [("gone", "old"), ("new", "hot")]);
    assert!(rows[..2].iter().all(|row| row["has_moved"] == true), "{rows:?}");
    assert!(rows[2..].iter().all(|row| row["has_moved"] == false), "{rows:?}");

    let few = two_versions(3);
    let found = json(few.path(), &versions);
    assert_eq!(found["difference"]["evidence"], "too_few_logs");
    let rows = found["difference"]["paths"]["rows"].as_array().unwrap();
    assert!(!rows.is_empty() && rows.iter().all(|row| row["has_moved"].is_null()), "{rows:?}");
    let text = stdout(few.path(), &versions);
    assert!(text.contains("cannot tell") && text.contains("Shares as seen") && !text.contains("Moved more"), "{text}");
}

#[test]
fn every_form_holds_all_samples() {
    let demo = fixture("demo");
    for filters in [&[][..], &["--app", "com.example.larder", "--type", "launch"], &["--app-version", "4.0.0"]] {
        let samples = json(&demo, filters)["samples"].as_u64().unwrap();
        assert!(samples > 0);
        let form = |name: &str| {
            let output = run(&demo, &[&["--allow-partial", "--format", name], filters].concat());
            assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
            output.stdout
        };
        let text = |name: &str| String::from_utf8(form(name)).unwrap();
        let count = |line: &str| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap();
        assert_eq!(text("folded").lines().map(count).sum::<u64>(), samples);
        let weights = |form: &str, at: &str| -> u64 {
            let profile: Value = serde_json::from_str(&text(form)).unwrap();
            let weights = profile.pointer(at).and_then(Value::as_array).unwrap();
            weights.iter().map(|weight| weight.as_u64().unwrap()).sum()
        };
        assert_eq!(weights("speedscope", "/profiles/0/weights"), samples);
        assert_eq!(weights("firefox", "/threads/0/samples/weight"), samples);
        assert_eq!(pprof_samples(&gunzip(&form("pprof")).unwrap()), samples);
        let svg = text("flamegraph");
        let all = svg.split("<title>all (").nth(1).unwrap().split(' ').next().unwrap().replace(',', "");
        assert_eq!(all.parse::<u64>().unwrap(), samples);
    }
}

/// The first values of all samples of a pprof profile: field 2 of a profile is a sample, field 2 of a sample its values.
fn pprof_samples(profile: &[u8]) -> u64 {
    fields(profile)
        .into_iter()
        .filter(|(field, _)| *field == 2)
        .map(|(_, sample)| {
            let mut values = fields(sample).into_iter().find(|(field, _)| *field == 2).unwrap().1;
            varint(&mut values)
        })
        .sum()
}

/// The length-delimited fields of a protobuf message.
fn fields(mut message: &[u8]) -> Vec<(u64, &[u8])> {
    let mut found = Vec::new();
    while !message.is_empty() {
        let key = varint(&mut message);
        let value = varint(&mut message);
        match key & 7 {
            0 => {}
            2 => {
                let (field, rest) = message.split_at(value as usize);
                found.push((key >> 3, field));
                message = rest;
            }
            wire_type => panic!("pprof has no use for the wire type {wire_type}"),
        }
    }
    found
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    let mut shift = 0;
    loop {
        let (byte, rest) = bytes.split_first().unwrap();
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return value;
        }
    }
}

#[test]
fn filters_and_groups_split_the_samples() {
    let demo = fixture("demo");
    let of = |arguments: &[&str]| json(&demo, arguments)["samples"].as_u64().unwrap();
    let all = of(&[]);
    assert_eq!(of(&["--type", "disk-writes"]) + of(&["--type", "hang"]) + of(&["--type", "launch"]), all);
    let group = |by: &str| json(&demo, &["--by", by])["groups"]["rows"].as_array().unwrap().clone();
    for by in ["signature", "type", "version", "device", "os"] {
        let groups = group(by);
        assert!(groups.len() > 1, "{by}");
        assert_eq!(groups.iter().map(|group| group["samples"].as_u64().unwrap()).sum::<u64>(), all, "{by}");
        let text = stdout(&demo, &["--by", by, "--top", "2"]);
        assert!(text.contains(&format!("By {by} ({})", groups.len())) && text.contains("more: --top"), "{text}");
    }
    let (device, signature, os) = (&group("device")[0], &group("signature")[0], &group("os")[0]);
    let same =
        |flag: &str, value: &str, group: &Value| assert_eq!(of(&[flag, value]), group["samples"].as_u64().unwrap());
    same("--device", device["value"].as_str().unwrap(), device);
    same("--signature", &signature["value"].as_str().unwrap()[..10], signature);
    same("--os", os["value"].as_str().unwrap(), os);
    let blamed = json(&demo, &[])["frames"]["total"].as_u64();
    assert!(json(&demo, &["--frames", "all"])["frames"]["total"].as_u64() > blamed);
}

#[test]
fn the_table_for_spreadsheets_holds_the_same_ranking() {
    let demo = fixture("demo");
    for frames in ["blame", "all"] {
        let ranking = json(&demo, &["--top", "100000", "--frames", frames]);
        let text = stdout(&demo, &["--format", "csv", "--frames", frames]);
        let mut table = csv::Reader::from_reader(text.as_bytes());
        let column = |name: &str| table.headers().unwrap().iter().position(|header| header == name).unwrap();
        let columns = ["function", "binary", "self_samples", "inclusive_samples", "logs"].map(column);
        let rows: Vec<[String; 5]> =
            table.records().map(|row| columns.map(|column| row.as_ref().unwrap()[column].to_owned())).collect();
        let expected: Vec<[String; 5]> = ranking["frames"]["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                let text = |key: &str| match &row[key] {
                    Value::String(text) if text.starts_with('-') => format!("'{text}"),
                    Value::String(text) => text.clone(),
                    Value::Null => String::new(),
                    other => other.to_string(),
                };
                ["name", "binary", "self", "inclusive", "logs"].map(text)
            })
            .collect();
        assert!(rows.len() > 3, "{text}");
        assert_eq!(rows, expected);
    }
    let (code, message) = refusal(&demo, &["--format", "csv", "--by", "version"]);
    assert!(code == 2 && message.contains("--format text, markdown, html or json"), "{message}");
}

#[test]
fn owners_group_the_blame_frames() {
    let folder = two_versions(4);
    // The first rule asks for a binary that is not there as well, so it fits nothing.
    let owners = r#"
        [[owner]]
        team = "nobody"
        symbol = "ho*"
        binary = "Mail"
        [[owner]]
        team = "checkout"
        symbol = "ho*"
        binary = "Sh?p"
        [[owner]]
        team = "base"
        pattern = "*.swift"
    "#;
    let settings = folder.path().join("owners.toml");
    fs::write(&settings, owners).unwrap();
    let settings = ["--config", settings.to_str().unwrap()];
    let found = json(folder.path(), &settings);
    let mut owners: Vec<_> =
        found["owners"].as_array().unwrap().iter().map(|row| (row["owner"].as_str(), row["self"].as_u64())).collect();
    owners.sort_unstable();
    assert_eq!(owners, [(Some("base"), Some(120)), (Some("checkout"), Some(120))]);
    let text = stdout(folder.path(), &settings);
    assert!(text.contains(" checkout: 21 % self in 1 frame\n"), "{text}");
}

#[test]
fn refusals_say_what_to_do_instead() {
    let demo = fixture("demo");
    for form in ["folded", "pprof", "speedscope", "firefox"] {
        let (code, said) = refusal(&demo, &["--from", "3.11.1", "--to", "4.0.0", "--format", form]);
        assert!(code == 2 && said.contains("--format flamegraph"), "{said}");
    }
    let (code, said) = refusal(&demo, &["--from", "3.11.1", "--to", "4.0.0", "--width", "before"]);
    assert!(code == 2 && said.contains("--format flamegraph"), "{said}");
    // The signature is new in 4.0.0.
    let between = ["--from", "3.11.1", "--to", "4.0.0", "--format", "flamegraph", "--signature", "0e0e1d"];
    let (code, said) = refusal(&demo, &[&between[..], &["--width", "before"]].concat());
    assert!(code == 4 && said.contains("no log of 3.11.1") && said.contains("--width"), "{said}");
    let (code, said) = refusal(&demo, &["--app-version", "4.0.9"]);
    assert!(code == 2 && said.contains("did you mean"), "{said}");
    let (code, said) = refusal(&demo, &["--signature", "nothing"]);
    assert!(code == 2 && said.contains("no signature"), "{said}");
    let (code, said) = refusal(&demo, &["--os", "watchOS"]);
    assert!(code == 2 && said.contains("no system"), "{said}");
    let (code, said) = refusal(&demo, &["--app", "com.example.tidemark", "--type", "launch", "--format", "folded"]);
    assert!(code == 4 && said.contains("fits all the filters"), "{said}");
    let metrics = fixture("documented/app-launch-metrics.json");
    let (code, said) = refusal(&metrics, &[]);
    assert!(code == 4 && said.contains("no diagnostic logs and no signatures"), "{said}");
    assert!(run(&metrics, &["--allow-empty"]).status.success());
    let signatures = fixture("documented/disk-writes-signatures.json");
    assert!(stdout(&signatures, &[]).contains("No logs: signatures say how much"));
    let (code, said) = refusal(&signatures, &["--format", "folded"]);
    assert!(code == 4 && said.contains("no diagnostic logs"), "{said}");
}

/// Hangs with these texts of how long they took.
fn hangs(details: &[&str]) -> tempfile::TempDir {
    let log = |detail: &&str| {
        format!(
            r#"{{"diagnosticMetaData": {{"appVersion": "1", "event": "hang", "eventDetail": "{detail}"}}, "callStackTree":
                [{{"callStacks": [{{"callStackRootFrames": [{{"symbolName": "main", "sampleCount": 1}}]}}]}}]}}"#
        )
    };
    let logs: Vec<String> = details.iter().map(log).collect();
    let logs = logs.join(",");
    archive(&[(
        "shop/2026-01-01/l.json",
        &format!(r#"{{"productData": [{{"signatureId": "s", "diagnosticLogs": [{logs}]}}]}}"#),
    )])
}

#[test]
fn amounts_that_could_not_be_read_are_said_and_kept() {
    let six = hangs(&["3 sekunder", "3 sekunder", "3 sekunder", "3 sekunder", "3 sekunder", "4 sekunder"]);
    let text = stdout(six.path(), &[]);
    assert!(text.contains("6 logs have a text in which no amount could be read, such as “3 sekunder”."), "{text}");
    let amounts = &json(six.path(), &["--top", "1"])["amounts"];
    assert_eq!(
        (&amounts["rows"], &amounts["unread_logs"], &amounts["unread"]["total"]),
        (&json!([]), &6.into(), &2.into())
    );
    let kept = json!([{"diagnostic_type": "HANGS", "text": "3 sekunder", "logs": 5}]);
    assert_eq!(amounts["unread"]["rows"], kept);

    let read = hangs(&["1 s", "2 s", "3 s", "4 s", "50 s"]);
    assert!(!stdout(read.path(), &[]).contains("no amount could be read"));
    let amounts = &json(read.path(), &[])["amounts"];
    assert_eq!(
        (&amounts["rows"][0]["median"], &amounts["rows"][0]["percentiles"][0]["value"]),
        (&3.0.into(), &3.0.into())
    );
    assert_eq!(amounts["unread_logs"], 0);
}

#[test]
fn an_image_of_no_samples_is_refused_as_no_data() {
    let log = r#"{"diagnosticMetaData": {"event": "hang"}, "callStackTree": []}"#;
    let document =
        format!(r#"{{"version": "1.0.0", "productData": [{{"signatureId": "s", "diagnosticLogs": [{log}]}}]}}"#);
    let silent = archive(&[("shop/2026-01-01/diagnosticLogs.json", &document)]);
    let (code, said) = refusal(silent.path(), &["--format", "flamegraph"]);
    assert!(code == 4 && said.contains("has samples") && !said.contains("cannot write"), "{said}");
    assert!(run(silent.path(), &["--format", "folded"]).status.success());
}

#[test]
fn counts_that_contradict_each_other_are_said_beside_a_profile() {
    let log = fixture("handmade/log-child-above-parent.json");
    for form in ["folded", "csv", "pprof", "speedscope", "firefox", "flamegraph"] {
        let said = |arguments: &[&str]| {
            let output = run(&log, &[&["--format", form], arguments].concat());
            assert!(output.status.success(), "{form}");
            String::from_utf8(output.stderr).unwrap()
        };
        assert_eq!(
            said(&[]).matches("note: 1 frame has fewer samples than the frames below, by 80").count(),
            1,
            "{form}"
        );
        assert_eq!(said(&["--quiet"]), "", "{form}");
    }
}

#[test]
fn counts_that_are_none_are_said() {
    let frame = |count: &str| format!(r#"{{"symbolName": "main", "sampleCount": {count}, "subFrames": []}}"#);
    let log = |count: &str| {
        format!(
            r#"{{"diagnosticMetaData": {{"event": "hang"}},
                "callStackTree": [{{"callStacks": [{{"callStackRootFrames": [{}]}}]}}]}}"#,
            frame(count)
        )
    };
    let document = |counts: &[&str]| {
        let logs: Vec<String> = counts.iter().map(|count| log(count)).collect();
        format!(
            r#"{{"version": "1.0.0", "productData": [{{"signatureId": "s", "diagnosticLogs": [{}]}}]}}"#,
            logs.join(",")
        )
    };
    let two = archive(&[("shop/2026-01-01/diagnosticLogs.json", &document(&["7", "\"many\"", "-5", "0"]))]);
    let text = stdout(two.path(), &[]);
    assert!(text.contains("2 sample counts could not be read and count as 0") && !text.contains("At least"), "{text}");
    assert!(text.contains("3 logs have no samples"), "{text}");
    let many = archive(&[("shop/2026-01-01/diagnosticLogs.json", &document(&["-1"; 30]))]);
    let text = stdout(many.path(), &[]);
    assert!(text.contains("At least 20 sample counts could not be read"), "{text}");
}

#[test]
fn losses_are_said() {
    let text = stdout(&fixture("handmade/log-child-above-parent.json"), &[]);
    assert!(text.contains("1 frame has fewer samples than the frames below, by 80 in all"), "{text}");
}

#[test]
fn hostile_names_reach_neither_the_terminal_nor_markdown() {
    let log = r#"{"version": "1.0.0", "productData": [{"signatureId": "s\u001b[2J", "diagnosticLogs": [{
        "diagnosticMetaData": {"appVersion": "1\u202e", "event": "hang"},
        "callStackTree": [{"callStackPerThread": false, "callStacks": [{"callStackRootFrames": [
            {"symbolName": "\n```\n<img src=x>\u001b[31m", "binaryName": "a|b", "isBlameFrame": true, "sampleCount": 5}
        ]}]}]}]}]}"#;
    let folder = archive(&[("app/2026-01-01/diagnosticLogs.json", log)]);
    for arguments in [&[][..], &["--by", "version"], &["--by", "signature"], &["--format", "markdown"]] {
        let text = stdout(folder.path(), arguments);
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
        assert!(text.contains("img src=x"), "{text}");
    }
    let markdown = stdout(folder.path(), &["--format", "markdown"]);
    let fences: Vec<&str> = markdown.lines().filter(|line| line.trim_start().starts_with("```")).collect();
    // Longer than any run of backticks inside.
    assert_eq!(fences, ["````text", "````", "```sh", "```"], "{markdown}");
    let outside: Vec<&str> =
        [markdown.split("````text\n").next().unwrap(), markdown.split("\n````\n").nth(1).unwrap()].to_vec();
    assert!(outside.iter().all(|part| !part.contains("<img")), "{markdown}");
}

#[test]
fn the_same_bytes_at_any_number_of_threads() {
    let demo = fixture("demo");
    for form in ["text", "json", "markdown", "folded", "pprof"] {
        let one = run(&demo, &["--format", form, "--threads", "1"]).stdout;
        assert!(!one.is_empty() && one == run(&demo, &["--format", form, "--threads", "3"]).stdout, "{form}");
    }
}

#[test]
fn a_difference_is_drawn_and_written_whole() {
    let folder = two_versions(4);
    let path = folder.path().join("difference.svg");
    let drawn = |from: &str, more: &[&str]| {
        let arguments = ["--from", from, "--to", "2", "--format", "flamegraph", "--output", path.to_str().unwrap()];
        let output = run(&folder.path().join("shop"), &[&arguments, more].concat());
        assert!(output.status.success() && output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        fs::read_to_string(&path).unwrap()
    };
    let after = drawn("1", &[]);
    assert!(after.contains("hot (") && !after.contains("old (") && after.trim_end().ends_with("</svg>"), "{after}");
    assert!(
        after.contains("as wide as in 2, 283 samples") && after.contains("gone is drawn with --width before"),
        "{after}"
    );
    assert_eq!(drawn("1", &["--width", "after"]), after);
    let before = drawn("1", &["--width", "before"]);
    assert!(before.contains("old (") && !before.contains("hot ("), "{before}");
    assert!(before.contains("as wide as in 1, 283 samples"), "{before}");
}

#[test]
fn a_report_names_the_owner_of_code_that_grew() {
    let folder =
        archive(&[("owners.toml", "[[owner]]\nteam = \"shelves\"\nsymbol = \"ShelfStore.*\"\nfile = \"*.swift\"\n")]);
    let report = |format: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_perfpower"))
            .args(["report", "--app", "com.example.larder", "--format", format, "--config"])
            .arg(folder.path().join("owners.toml"))
            .arg(fixture("demo"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let text = report("text");
    assert!(text.contains("rebuildThumbnails(for:) (ShelfStore.swift:212) of shelves is new"), "{text}");
    let found: Value = serde_json::from_str(&report("json")).unwrap();
    let frames = found["findings"][0]["signatures"]["frames"].as_array().unwrap();
    let owners: Vec<_> = frames.iter().map(|frame| (frame["binary"].as_str(), frame["owner"].as_str())).collect();
    assert_eq!(owners, [(Some("Larder"), Some("shelves")), (Some("Larder"), None)]);
}

#[test]
fn the_page_draws_the_call_stacks_and_the_devices_of_a_regression() {
    let output = Command::new(env!("CARGO_BIN_EXE_perfpower"))
        .args(["report", "--app", "com.example.larder", "--format", "html"])
        .arg(fixture("demo"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = String::from_utf8(output.stdout).unwrap();
    let flame = page.split("class=\"flame-figure\"").nth(1).unwrap();
    assert!(flame.contains("ShelfStore.rebuildThumbnails(for:)"), "the planted path is drawn");
    // The planted step is on eight device models, each with a line of its own over the versions.
    assert_eq!(page.matches("<svg class=\"tile\"").count(), 8);
}

/// A page of hang signatures: id, text, weight.
fn signatures(build: &str, lines: &[(&str, &str, &str)]) -> String {
    let data: Vec<String> = lines
        .iter()
        .map(|(id, text, weight)| {
            format!(
                r#"{{"type": "diagnosticSignatures", "id": "{id}",
                    "attributes": {{"diagnosticType": "HANGS", "signature": "{text}", "weight": {weight}}}}}"#
            )
        })
        .collect();
    let page = format!("https://api.appstoreconnect.apple.com/v1/builds/{build}/diagnosticSignatures");
    format!(r#"{{"data": [{}], "links": {{"self": "{page}"}}}}"#, data.join(","))
}

/// One hang log of a signature and version.
fn hang_of(signature: &str, version: &str) -> String {
    let frame =
        r#"{"symbolName": "load", "binaryName": "App", "sampleCount": 5, "isBlameFrame": true, "subFrames": []}"#;
    format!(
        r#"{{"version": "1.0", "productData": [{{"signatureId": "{signature}", "diagnosticInsights": [], "diagnosticLogs": [
            {{"diagnosticMetaData": {{"appVersion": "{version}", "event": "hang", "eventDetail": "2 s"}},
              "callStackTree": [{{"callStackPerThread": false, "callStacks": [{{"callStackRootFrames": [{frame}]}}]}}]}}]}}]}}"#
    )
}

/// Two builds: one call path under two ids that grows, one that goes and one that comes.
fn two_builds() -> (String, String) {
    (
        signatures("f6c254ec", &[("a1", "App: load() + 23", "0.1"), ("d1", "App: old() + 9", "0.9")]),
        signatures("1a254ec1", &[("a2", "App: load() + 88", "0.6"), ("e2", "App: fresh() + 9", "0.4")]),
    )
}

/// `function movement`, sorted.
fn movements(json: &Value) -> Vec<String> {
    let rows = json["signatures"]["rows"].as_array().unwrap();
    let mut words: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {}", row["function"].as_str().unwrap(), row["movement"].as_str().unwrap_or("-")))
        .collect();
    words.sort();
    words
}

#[test]
fn an_earlier_download_stays_without_any_version() {
    let (old, new) = two_builds();
    let files = archive(&[("com.x/2026-01-01/s.json", &old), ("com.x/2026-01-08/s.json", &new)]);
    let json = json(files.path(), &[]);
    assert_eq!(movements(&json), ["fresh() new", "load() grown", "old() gone"]);
    let versions = &json["apps"][0]["versions"];
    assert_eq!((&versions[0]["version"], &versions[1]["version"]), (&"2026-01-01".into(), &"2026-01-08".into()));
    let text = stdout(files.path(), &["--from", "2026-01-08", "--to", "2026-01-01"]);
    assert!(text.contains("shrunk  60 → 10 %"), "{text}");
}

#[test]
fn two_builds_of_one_day_have_the_order_that_a_layout_or_logs_give_or_none() {
    let (old, new) = two_builds();
    let pages = [("com.x/2026-01-08/1.0/s.json", old.as_str()), ("com.x/2026-01-08/2.0/s.json", &new)];
    let files = archive(&pages);
    let unknown = json(files.path(), &[]);
    assert_eq!(movements(&unknown), ["fresh() -", "load() -", "old() -"]);
    assert_eq!(unknown["apps"][0]["versions"][1]["is_ordered"], false);
    let text = stdout(files.path(), &[]);
    assert!(text.contains("The order of builds is unknown: nothing tells whether build 1a254ec1 or build"), "{text}");
    assert!(text.contains("60 / 10 %") && !text.contains("first seen"), "{text}");

    let truth = ["fresh() new", "load() grown", "old() gone"];
    for layout in ["{app}/{snapshot}/{version}/{*}.json", "{app}/{snapshot}/{build}/{*}.json"] {
        let told = json(files.path(), &["--layout", layout]);
        assert_eq!(movements(&told), truth, "{layout}");
        assert!(!stdout(files.path(), &["--layout", layout]).contains("is unknown"));
    }
    let layout = ["--layout", "{app}/{snapshot}/{version}/{*}.json", "--from", "1.0", "--to", "2.0"];
    assert_eq!(movements(&json(files.path(), &layout)), truth);

    let (before, after) = (hang_of("d1", "1.0"), hang_of("e2", "2.0"));
    let logs = [("com.x/2026-01-08/l1.json", before.as_str()), ("com.x/2026-01-08/l2.json", &after)];
    let beside = archive(&[pages, logs].concat());
    assert_eq!(movements(&json(beside.path(), &[])), truth);
}

#[test]
fn a_movement_is_of_the_two_versions_asked_for() {
    let demo = fixture("demo");
    let pair = ["--app", "com.example.larder", "--from", "3.11.1", "--to", "4.0.0"];
    let json = json(&demo, &pair);
    let rows = json["signatures"]["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["function"] == "ShelfStore.rebuildThumbnails(for:)").unwrap();
    assert_eq!((&row["movement"], &row["weight_change_points"]), (&"new".into(), &45.0.into()));
    assert_eq!((&row["apple_trend"], &row["apple_agrees"]), (&"UP".into(), &true.into()));
    let text = stdout(&demo, &pair);
    assert!(text.contains("new  – → 45 %"), "{text}");
    assert!(!text.contains("seen 414 ×"), "4.2.0 is not asked for: {text}");
}

#[test]
fn a_group_is_a_signature_under_all_its_ids() {
    let (old, new) = two_builds();
    let (before, after) = (hang_of("a1", "1.0"), hang_of("a2", "2.0"));
    let files = archive(&[
        ("com.x/2026-01-01/s.json", &old),
        ("com.x/2026-01-01/l.json", &before),
        ("com.x/2026-01-08/s.json", &new),
        ("com.x/2026-01-08/l.json", &after),
    ]);
    let json = json(files.path(), &["--by", "signature"]);
    let rows = json["groups"]["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!((&rows[0]["value"], &rows[0]["logs"]), (&"a2".into(), &2.into()));
    assert_eq!(json["amounts"]["rows"].as_array().unwrap().len(), 1);
}

#[test]
fn a_signature_without_text_has_a_name_and_a_weight_that_cannot_be_is_left_out() {
    let page = signatures("b", &[("a", "", "0.4"), ("b", "App: f()", "1e308"), ("c", "App: g()", "-0.1")]);
    let files = archive(&[("com.x/2026-01-08/s.json", &page)]);
    let text = stdout(files.path(), &[]);
    assert!(text.contains("(no text)") && !text.contains("inf"), "{text}");
    assert!(stdout(files.path(), &["--format", "markdown"]).contains("**(no text)**"));
    let output = Command::new(env!("CARGO_BIN_EXE_perfpower")).arg("inspect").arg(files.path()).output().unwrap();
    let inspected = String::from_utf8(output.stdout).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    let problem = "data[1].attributes.weight: expected a weight from 0 to 1, or to 100 percent, found the number 1e308; it was left out";
    assert!(inspected.contains(problem) && inspected.contains("found the number -0.1"), "{inspected}");
}

#[test]
fn inspect_names_the_versions_of_logs() {
    let log = hang_of("a1", "1.0");
    let files = archive(&[("com.x/2026-01-08/l.json", &log)]);
    let output = Command::new(env!("CARGO_BIN_EXE_perfpower")).arg("inspect").arg(files.path()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("1.0, unmeasured") && !text.contains("none: unmeasured"), "{text}");
}
