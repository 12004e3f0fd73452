//! Results of this program that lie in an archive are told as that, and lose nothing.

use crate::workdir::{Workdir, repository};
use serde_json::Value;
use std::collections::BTreeMap;

#[test]
fn results_in_an_archive_are_told_as_what_they_are() {
    let dir = Workdir::new();
    let larder = repository().join("fixtures/demo/com.example.larder");
    for entry in std::fs::read_dir(&larder).unwrap() {
        let day = entry.unwrap();
        for file in std::fs::read_dir(day.path()).unwrap() {
            let file = file.unwrap();
            let name = format!("a/com.example.larder/{}/{}", day.file_name().display(), file.file_name().display());
            dir.write(name, std::fs::read(file.path()).unwrap());
        }
    }
    let archive = "a/com.example.larder";
    let before = dir.perfpower(["report", "a", "--format", "json"]).run().ends_with(0).json();
    for format in ["ndjson", "csv", "parquet", "arrow"] {
        dir.perfpower(["export", archive, "--as", format, "--to", &format!("a/tables-{format}")]).run().ends_with(0);
    }
    let mut results = Vec::new();
    for (command, format, ending) in [
        ("report", "json", "json"),
        ("report", "html", "html"),
        ("report", "csv", "csv"),
        ("report", "markdown", "md"),
        ("inspect", "json", "json"),
        ("audit", "csv", "csv"),
        ("compare", "json", "json"),
        ("percentiles", "json", "json"),
        ("diagnostics", "json", "json"),
        ("diagnostics", "speedscope", "speedscope.json"),
        ("diagnostics", "folded", "folded"),
        ("diagnostics", "flamegraph", "svg"),
    ] {
        let name = format!("a/{command}-{format}.{ending}");
        dir.perfpower([command, archive, "--format", format, "-o", &name]).run().ends_with(0);
        results.push(name);
    }
    let after = dir.perfpower(["inspect", "a", "--all", "--format", "json"]).run().ends_with(0).json();
    let mut told: BTreeMap<&str, &str> = BTreeMap::new();
    for problem in after["problems"].as_array().unwrap() {
        told.insert(problem["path"].as_str().unwrap_or_default(), problem["code"].as_str().unwrap());
    }
    let passed: Vec<&str> = after["passed_over"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["value"].as_str().or(file["path"].as_str()).unwrap())
        .collect();
    for entry in std::fs::read_dir(dir.path().join("a/tables-ndjson")).unwrap() {
        results.push(format!("a/tables-ndjson/{}", entry.unwrap().file_name().display()));
    }
    for name in &results {
        let is_json = name.ends_with("json");
        assert!(!is_json || told.get(name.as_str()) == Some(&"own-result"), "{name}: {:?}", told.get(name.as_str()));
        assert!(
            is_json || passed.contains(&name.as_str()) || told.contains_key(name.as_str()),
            "nothing is said of {name}"
        );
    }
    let claims = |report: &Value| report["findings"].clone();
    let again = dir.perfpower(["report", "a", "--format", "json", "--allow-partial"]).run().ends_with(0).json();
    assert_eq!(claims(&again), claims(&before), "results change no finding");
}
