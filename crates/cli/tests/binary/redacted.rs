//! `--redact`: of an archive whose every name is a marker, no output of any command in any form holds one, the figures are those of the
//! archive as it is, and whoever holds the key can name everything again.

use crate::workdir::{Run, Workdir};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What every name of the corpus holds.
const MARKER: &str = "Zqx";

/// Metrics of one app: a step, and every text that is not Apple's a marker.
fn metrics(app: &str, bundle: &str) -> Value {
    let points = |level: f64| -> Vec<Value> {
        (0..14)
            .map(|version| {
                let noise = f64::from(version * 7 % 5);
                let value = if version < 7 { level + noise } else { 1.6 * level + noise };
                json!({"version": format!("1.{version}-Zqxversion{app}"), "value": value, "errorMargin": 2.0, "goal": format!("Zqxgoal{app}"),
                    "percentageBreakdown": [{"subSystemLabel": format!("Zqxsubsystem{app}"), "value": 60.0}]})
            })
            .collect()
    };
    let dataset = |device: &str, name: &str, percentile: &str, level: f64| {
        json!({"filterCriteria": {"device": device, "deviceMarketingName": name, "percentile": percentile}, "points": points(level),
            "recommendedMetricGoal": {"value": 50, "detail": format!("Zqxdetail {app} is Zqxbest")}})
    };
    let metric = |identifier: &str, level: f64| {
        json!({"identifier": identifier, "unit": {"identifier": "milliseconds", "displayName": "ms"},
        "goalKeys": [{"goalKey": format!("Zqxgoal{app}"), "lowerBound": 0, "upperBound": 50}],
        "datasets": [
            dataset("all_iphones", "All iPhones", "percentile.fifty", level),
            dataset("iPhone12,1", "iPhone 11", "percentile.fifty", 1.1 * level),
            dataset(&format!("Zqxdevice{app}"), &format!("Zqx device {app}"), &format!("Zqxpercentile{app}"), 1.2 * level),
        ]})
    };
    let insight = json!({"metricCategory": "LAUNCH", "metric": "launchTime", "latestVersion": format!("1.13-Zqxversion{app}"),
        "summaryString": format!("Zqxapp{app} is slower in Zqxversion"), "highImpact": true, "maxLatestVersionValue": 160,
        "subSystemLabel": format!("Zqxsubsystem{app}"), "referenceVersions": [format!("1.12-Zqxversion{app}")],
        "populations": [{"device": "all_iphones", "percentile": "percentile.fifty", "deltaPercentage": 50, "latestVersionValue": 160,
            "referenceAverageValue": 100, "summaryString": format!("Zqxsummary {app}")}]});
    json!({"version": "1.0.0", "bundleId": bundle, "insights": {"regressions": [insight], "trendingUp": []},
    "productData": [{"platform": "iOS", (format!("Zqxfield{app}")): "Zqxvalue", "metricCategories": [
        {"identifier": "LAUNCH", "metrics": [metric("launchTime", 100.0)]},
        {"identifier": format!("ZQXCATEGORY{app}"), "metrics": [metric(&format!("ZqxMetric{app}"), 200.0)]},
    ]}]})
}

fn logs(app: &str, bundle: &str) -> Value {
    let frame = |name: &str, blame: bool, below: Value| {
        json!({"symbolName": format!("Zqx{app}.Zqxstore.{name}(Zqx:)"), "binaryName": format!("Zqxbinary{app}"),
            "binaryUUID": "e621e1f8-c36c-495a-93fc-0c247a3e6e5f", "fileName": format!("Zqxfile{app}.swift"), "lineNumber": "42",
            "isBlameFrame": blame, "sampleCount": 9, "insightsCategory": format!("Zqxadvice{app}"), "subFrames": below})
    };
    let log = |version: usize, sample: usize| {
        let root =
            frame("main", false, json!([frame(if version > 6 { "Zqxslow" } else { "Zqxfast" }, true, json!([]))]));
        json!({"diagnosticMetaData": {"appVersion": format!("1.{version}-Zqxversion{app}"), "buildVersion": format!("Zqxbuild{app}{version}"),
                "bundleId": bundle, "event": "launch", "eventDetail": format!("Launch of Zqxapp took {sample}.5s"),
                "osVersion": format!("iPhone OS 18.{} (22B{})", sample % 3, 80 + sample), "deviceType": "iPhone12_1", "platformArchitecture": "arm64"},
            "callStackTree": [{"callStackPerThread": false, "callStacks": [{"callStackRootFrames": [root]}]}]})
    };
    let all: Vec<Value> = (6..=7).flat_map(|version| (0..8).map(move |sample| log(version, sample))).collect();
    json!({"version": "1.0.0", "productData": [{"signatureId": format!("Zqxsignature{app}"), "diagnosticLogs": all,
        "diagnosticInsights": [{"insightsCategory": format!("Zqxadvice{app}"), "insightsString": format!("Zqxhint {app}"),
            "insightsURL": format!("https://Zqxhost{app}.invalid/Zqx")}]}]})
}

fn signatures(app: &str, weight: f64) -> Value {
    json!({"data": [{"type": "diagnosticSignatures", "id": format!("Zqxsignature{app}"), "attributes": {"diagnosticType": "LAUNCHES",
        "signature": format!("Zqxbinary{app}: Zqx{app}.Zqxstore.Zqxslow(Zqx:) + 23", ), "weight": weight}}],
        "links": {"self": format!("https://api.appstoreconnect.apple.com/v1/builds/Zqxbuildid{app}/diagnosticSignatures")}})
}

/// The archive: three apps, and one file of every fault that has a text to show.
fn corpus(dir: &Workdir) {
    for app in ["one", "two", "three"] {
        let bundle = format!("com.Zqxvendor.{app}");
        let at = |name: &str| format!("Zqxsaves/{bundle}/2026-11-01/{name}");
        dir.write(at("xcodeMetrics.json"), metrics(app, &bundle).to_string());
        dir.write(at("diagnosticLogs.json"), logs(app, &bundle).to_string());
        dir.write(at("builds/45/diagnosticSignatures.json"), signatures(app, 0.4).to_string());
        dir.write(at("Zqxbroken.json"), "{\"Zqxkey\": Zqxword}");
        dir.write(
            at("Zqxerror.json"),
            json!({"errors": [{"status": "403", "code": "Zqxcode", "title": "Zqxtitle", "detail": "Zqxdetail"}]})
                .to_string(),
        );
        dir.write(at("Zqxpage.html"), "<!DOCTYPE html><title>Zqxtitle</title>");
        dir.write(at("Zqxnotes.txt"), "Zqxnotes");
        dir.write(at("Zqxshape.json"), json!({"Zqxa": [1, "Zqxb"]}).to_string());
        dir.write(at("Zqxarchive.zip"), "PK\u{3}\u{4}Zqx");
    }
    dir.write("Zqxrules.toml", RULES);
}

const RULES: &str = r#"
[apps."com.Zqxvendor.one"]
name = "Zqxname"
aliases = ["Zqxalias"]
weight = 2.0
releases = { "1.3-Zqxversionone" = 2026-10-01 }

[metrics."ZQXCATEGORYone/ZqxMetricone"]
weight = 3.0

[[owner]]
team = "Zqxteam"
symbol = "*Zqxslow*"

[[owner]]
team = "Zqxothers"
binary = "Zqxbinary*"

[[rule]]
name = "Zqxrule"
no_regression = "any"
app = "com.Zqxvendor.*"

[[rule]]
name = "Zqxbudget"
metric = "launchTime"
device = "all_*"
max = 120

[[waiver]]
rule = "Zqxrule"
app = "com.Zqxvendor.two"
reason = "Zqxreason"
until = 2027-01-01
"#;

const COMMANDS: [&str; 44] = [
    "report --format text",
    "report --format markdown",
    "report --format html",
    "report --format json",
    "report --format csv",
    "report --format sarif",
    "report --format junit",
    "report --brief",
    "report --calibration --format text",
    "report --calibration --format json",
    "report --explain com.Zqxvendor.one/LAUNCH/launchTime/all_iphones/50",
    "report --explain com.Zqxvendor.one/ZQXCATEGORYone/ZqxMetricone/all_iphones/50 --format json",
    "report --app com.Zqxvendor.one --metric ZqxMetric* --since-version 1.2-Zqxversionone",
    "report --app Zqxname --device Zqxdeviceone --format markdown",
    "inspect --all --drift --format text",
    "inspect --all --drift --format markdown",
    "inspect --all --drift --format html",
    "inspect --all --drift --format json",
    "inspect --all --drift --format csv",
    "audit --format text",
    "audit --format json",
    "audit --format csv",
    "audit --format html",
    "compare --format text",
    "compare --format json --from 1.2-Zqxversionone --to 1.9-Zqxversionone",
    "compare --format csv",
    "percentiles --format text --rank com.Zqxvendor.two",
    "percentiles --format json --over devices",
    "percentiles --format csv --over versions",
    "percentiles --format text --over logs",
    "check --format text",
    "check --format json",
    "check --format markdown",
    "check --format junit",
    "check --format sarif",
    "diagnostics --format text --by signature",
    "diagnostics --format json",
    "diagnostics --format markdown --signature Zqxsignature",
    "diagnostics --format csv",
    "diagnostics --format folded",
    "diagnostics --format flamegraph --from 1.6-Zqxversionone --to 1.7-Zqxversionone",
    "diagnostics --format speedscope",
    "diagnostics --format firefox",
    "init",
];

fn is_free(what: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    if let Some(at) = text.find(&MARKER.to_lowercase()) {
        let start = text[..at].char_indices().rev().nth(120).map_or(0, |(at, _)| at);
        panic!("{what}: …{}", text[start..].chars().take(240).collect::<String>());
    }
}

fn call(dir: &Workdir, line: &str, more: &[&str]) -> Run {
    let words = line.split(' ').chain(["Zqxsaves", "--config", "Zqxrules.toml", "--allow-partial"]);
    dir.perfpower(words).arguments(more).run()
}

#[test]
fn no_output_of_any_command_names_anything() {
    let dir = Workdir::new();
    corpus(&dir);
    for (line, key) in COMMANDS.iter().zip(["--redact", "--redact=Zqxkey"].into_iter().cycle()) {
        let plain = call(&dir, line, &[]);
        assert!(matches!(plain.code, 0 | 1), "{line}: {} {}", plain.code, plain.stderr);
        assert!(plain.stdout.to_lowercase().contains("zqx"), "{line} shows a name where it may");
        let run = call(&dir, line, &[key]);
        assert_eq!(run.code, plain.code, "{line}: {}", run.stderr);
        is_free(line, run.stdout.as_bytes());
        is_free(line, run.stderr.as_bytes());
        assert!(run.stdout.len() * 2 > plain.stdout.len(), "{line}: {}", run.stdout);
    }
    for format in ["html", "json"] {
        call(&dir, &format!("report --format {format} -o result"), &["--redact"]).ends_with(0);
        is_free(format, &std::fs::read(dir.path().join("result")).unwrap());
    }
    call(&dir, "diagnostics --format pprof -o profile.pb.gz", &["--redact"]).ends_with(0);
    is_free("pprof", &perfpower_testkit::gunzip(&std::fs::read(dir.path().join("profile.pb.gz")).unwrap()).unwrap());
}

#[test]
fn no_exported_table_names_anything_nor_is_called_by_it() {
    let dir = Workdir::new();
    corpus(&dir);
    for format in ["csv", "ndjson", "arrow", "parquet"] {
        let run =
            call(&dir, &format!("export --as {format} --to {format} --partition-by app"), &["--redact"]).ends_with(0);
        is_free("stderr", run.stderr.as_bytes());
        let mut files = 0;
        each_file(&dir.path().join(format), &mut |path| {
            let place = path.strip_prefix(dir.path()).unwrap().to_string_lossy().into_owned();
            is_free("path", place.as_bytes());
            is_free(&place, &std::fs::read(path).unwrap());
            files += 1;
        });
        assert!(files > 10, "{format}");
    }
    // Parquet packs its pages: what is in them is what CSV holds.
}

fn each_file(folder: &Path, each: &mut impl FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { each_file(&path, each) } else { each(&path) }
    }
}

/// Failures and what was typed wrongly, too.
#[test]
fn no_failure_names_anything() {
    let dir = Workdir::new();
    corpus(&dir);
    for (line, code) in [
        ("report Zqxnowhere", 3),
        ("report Zqxsaves --app Zqxnobody", 2),
        ("report Zqxsaves --metric Zqxnothing", 2),
        ("report Zqxsaves --since-version Zqx9", 2),
        ("report Zqxsaves -o Zqxfolder/Zqxresult", 3),
        ("report Zqxsaves --config Zqxnone.toml", 2),
        ("report Zqxsaves/com.Zqxvendor.one/2026-11-01/Zqxbroken.json", 3),
        ("report Zqxsaves", 5),
        ("report s3://Zqxbucket/x", 2),
        ("diagnostics Zqxsaves --signature Zqxnone", 2),
        ("compare Zqxsaves --from Zqx1 --to Zqx2", 2),
        ("export Zqxsaves --to Zqxrules.toml/x", 3),
    ] {
        for format in ["text", "json"] {
            let words = line.split(' ').chain(["--redact", "--error-format", format]);
            let run = dir.perfpower(words).run().ends_with(code);
            is_free(line, run.stderr.as_bytes());
            is_free(line, run.stdout.as_bytes());
        }
    }
}

/// Numbers are those of the archive as it is, and whoever holds the key file can put every name back.
#[test]
fn figures_stay_and_the_key_names_everything_again() {
    let dir = Workdir::new();
    corpus(&dir);
    let json = |line: &str, more: &[&str]| call(&dir, line, more).json();
    for line in [
        "report --format json",
        "diagnostics --format json",
        "audit --format json",
        "check --format json --today 2026-11-02",
    ] {
        let plain = json(line, &[]);
        let redacted = json(line, &["--redact=key"]);
        assert_eq!(numbers(&redacted), numbers(&plain), "{line}");
        let names = names(&dir);
        let back: BTreeSet<String> =
            texts(&redacted).iter().map(|text| names.get(text).unwrap_or(text).clone()).collect();
        for text in ["com.Zqxvendor.one", "com.Zqxvendor.two"] {
            assert!(back.contains(text), "{line} names {text}");
        }
    }
    let plain = json("report --format json", &[]);
    let owners = |report: &Value| -> Vec<bool> {
        let frames = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|finding| finding["signatures"]["frames"].as_array().unwrap());
        frames.map(|frame| frame["owner"].is_string()).collect()
    };
    assert!(owners(&plain).contains(&true), "the corpus has code that is owned");
    assert_eq!(owners(&json("report --format json", &["--redact"])), owners(&plain));
}

#[test]
fn pseudonyms_are_the_same_in_every_command_and_with_the_same_key_in_every_archive() {
    let dir = Workdir::new();
    corpus(&dir);
    let apps = |line: &str, key: &str| -> BTreeSet<String> {
        let run = call(&dir, line, &[key]);
        run.stdout
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .filter(|word| word.starts_with("app-"))
            .map(str::to_owned)
            .collect()
    };
    for key in ["--redact", "--redact=key"] {
        let report = apps("report --format json", key);
        assert_eq!(report.len(), 3);
        for line in
            ["report --format json", "inspect --format csv", "diagnostics --format json", "percentiles --format json"]
        {
            assert!(apps(line, key).is_superset(&report), "{line} {key}");
        }
        dir.write(
            "Zqxsaves/com.Zqxvendor.one/2026-11-08/xcodeMetrics.json",
            metrics("one", "com.Zqxvendor.one").to_string().replace("40.0", "41"),
        );
        assert_eq!(apps("report --format json", key) == report, key != "--redact", "another archive, {key}");
    }
    // What a page shows can be typed.
    let names = names(&dir);
    let app = names.iter().find(|(_, name)| *name == "com.Zqxvendor.two").unwrap().0;
    let run = call(&dir, &format!("report --app {app} --format csv"), &["--redact=key"]).ends_with(0);
    assert!(run.stdout.contains(app.as_str()), "{}", run.stdout);
    // The file is its owner's, and no result takes its place.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(dir.path().join("key")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    call(&dir, "report -o key", &["--redact=key"]).ends_with(2);
    dir.write("empty", "");
    call(&dir, "report", &["--redact=empty"]).ends_with(2);
}

/// What the lines behind the first of the key file say.
fn names(dir: &Workdir) -> BTreeMap<String, String> {
    let file = std::fs::read_to_string(dir.path().join("key")).unwrap();
    file.lines()
        .skip(1)
        .map(|line| {
            let (pseudonym, name) = line.split_once('\t').unwrap();
            (pseudonym.to_owned(), serde_json::from_str(name).unwrap())
        })
        .collect()
}

fn numbers(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        Value::Object(fields) => fields.values().flat_map(numbers).collect(),
        Value::Number(number) => vec![number.to_string()],
        _ => Vec::new(),
    }
}

fn texts(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        Value::String(text) => BTreeSet::from([text.clone()]),
        _ => BTreeSet::new(),
    }
}
