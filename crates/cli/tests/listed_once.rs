//! Whatever is asked of an archive, it is listed once, and what is packed in it is unpacked once. A process of its own: what is
//! counted are the bytes that a whole process reads.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a helper of a test that cannot go on should stop it")]

use clap::Parser;
use perfpower::{Args, run};
use perfpower_testkit::body::{Dataset, Metric, MetricsBody, P50};
use perfpower_testkit::json::Style;
use perfpower_testkit::{Rng, gzip};
use std::path::Path;

/// A tar of two apps in gzip, beside bytes that nothing packs well, so that reading it is most of what a run reads.
fn packed() -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    let mut add = |name: &str, bytes: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, bytes).unwrap();
    };
    for app in ["com.example.a", "com.example.b"] {
        let dataset = Dataset::of_values("all_iphones", P50, &[700.0, 705.0, 702.0]);
        let metric = Metric::new(("LAUNCH", "launchTime"), ("milliseconds", "ms"), [dataset]);
        let body = MetricsBody::new(vec![metric]).to_json(Style::Compact);
        add(&format!("saves/{app}/2026-11-01/xcodeMetrics.json"), body.as_bytes());
    }
    let mut rng = Rng::seeded(12);
    let noise: Vec<u8> = (0..1 << 15).flat_map(|_| rng.next_u64().to_le_bytes()).collect();
    add("saves/video.mov", &noise);
    gzip(&archive.into_inner().unwrap())
}

/// Bytes that this process has read, of files and else.
fn bytes_read() -> u64 {
    let told = std::fs::read_to_string("/proc/self/io").unwrap();
    let line = told.lines().find_map(|line| line.strip_prefix("rchar: ")).unwrap();
    line.parse().unwrap()
}

/// Bytes that one run reads.
fn read_by(directory: &Path, arguments: &[&str]) -> u64 {
    let archive = directory.join("saves.tar.gz");
    let output = directory.join("output");
    let mut line: Vec<&str> = vec!["perfpower", arguments[0], archive.to_str().unwrap()];
    line.extend(&arguments[1..]);
    line.extend(match arguments[0] {
        "export" => ["--to", output.to_str().unwrap()],
        _ => ["--output", output.to_str().unwrap()],
    });
    line.push("--quiet");
    let args = Args::try_parse_from(&line).unwrap();
    let before = bytes_read();
    let exit = run(&args).map_err(|failure| failure.error).unwrap();
    assert_eq!(exit as u8, 0, "{line:?}");
    let read = bytes_read() - before;
    if output.is_dir() { std::fs::remove_dir_all(&output) } else { std::fs::remove_file(&output) }.unwrap();
    read
}

#[test]
fn no_option_makes_an_archive_be_listed_or_unpacked_again() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("saves.tar.gz"), packed()).unwrap();
    std::fs::write(directory.path().join("rules.toml"), "[[rule]]\nname = \"calm\"\nno_regression = \"open\"\n")
        .unwrap();
    let rules = directory.path().join("rules.toml");
    let rules = rules.to_str().unwrap();
    for command in ["report", "inspect", "audit", "compare", "percentiles", "check", "export"] {
        let mut plain = vec![command];
        if command == "check" {
            plain.extend(["--config", rules]);
        }
        let once = read_by(directory.path(), &plain);
        let packed = std::fs::metadata(directory.path().join("saves.tar.gz")).unwrap().len();
        assert!(once > packed, "{command} reads the archive: {once} bytes of {packed}");
        for options in [&["--app", "com.example.a"][..], &["--app", "com.example.a", "--alone"]] {
            if options.len() == 3 && !["report", "audit", "check", "export"].contains(&command) {
                continue;
            }
            let read = read_by(directory.path(), &[&plain[..], options].concat());
            // A second look would read all of it again.
            assert!(read < once + packed / 2, "{command} {options:?} reads {read} bytes, and {once} without them");
        }
    }
}
