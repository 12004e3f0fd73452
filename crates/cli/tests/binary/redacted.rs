//! `--redact`: of an archive whose every name is a marker, no output of any command in any form holds one, the figures are those of the
//! archive as it is, and whoever holds the key can name everything again.

use crate::workdir::{Run, Workdir};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What every name of the corpus holds. No pseudonym holds it by chance: they have no `u`.
const MARKER: &str = "Zqu";

/// Metrics of one app: a step, and every text that is not Apple's a marker.
fn metrics(app: &str, bundle: &str) -> Value {
    let points = |level: f64| -> Vec<Value> {
        (0..14)
            .map(|version| {
                let noise = f64::from(version * 7 % 5);
                let value = if version < 7 { level + noise } else { 1.6 * level + noise };
                json!({"version": format!("1.{version}-Zquversion{app}"), "value": value, "errorMargin": 2.0, "goal": format!("Zqugoal{app}"),
                    "percentageBreakdown": [{"subSystemLabel": format!("Zqusubsystem{app}"), "value": 60.0}]})
            })
            .collect()
    };
    let dataset = |device: &str, name: &str, percentile: &str, level: f64| {
        json!({"filterCriteria": {"device": device, "deviceMarketingName": name, "percentile": percentile}, "points": points(level),
            "recommendedMetricGoal": {"value": 50, "detail": format!("Zqudetail {app} is Zqubest")}})
    };
    let metric = |identifier: &str, level: f64| {
        json!({"identifier": identifier, "unit": {"identifier": "milliseconds", "displayName": "ms"},
        "goalKeys": [{"goalKey": format!("Zqugoal{app}"), "lowerBound": 0, "upperBound": 50}],
        "datasets": [
            dataset("all_iphones", "All iPhones", "percentile.fifty", level),
            dataset("iPhone12,1", "iPhone 11", "percentile.fifty", 1.1 * level),
            dataset(&format!("Zqudevice{app}"), &format!("Zqu device {app}"), &format!("Zqupercentile{app}"), 1.2 * level),
        ]})
    };
    let insight = json!({"metricCategory": "LAUNCH", "metric": "launchTime", "latestVersion": format!("1.13-Zquversion{app}"),
        "summaryString": format!("Zquapp{app} is slower in Zquversion"), "highImpact": true, "maxLatestVersionValue": 160,
        "subSystemLabel": format!("Zqusubsystem{app}"), "referenceVersions": [format!("1.12-Zquversion{app}")],
        "populations": [{"device": "all_iphones", "percentile": "percentile.fifty", "deltaPercentage": 50, "latestVersionValue": 160,
            "referenceAverageValue": 100, "summaryString": format!("Zqusummary {app}")}]});
    json!({"version": "1.0.0", "bundleId": bundle, "insights": {"regressions": [insight], "trendingUp": []},
    "productData": [{"platform": "iOS", (format!("Zqufield{app}")): "Zquvalue", "metricCategories": [
        {"identifier": "LAUNCH", "metrics": [metric("launchTime", 100.0)]},
        {"identifier": format!("ZQUCATEGORY{app}"), "metrics": [metric(&format!("ZquMetric{app}"), 200.0)]},
    ]}]})
}

fn logs(app: &str, bundle: &str) -> Value {
    let frame = |name: &str, blame: bool, below: Value| {
        json!({"symbolName": format!("Zqu{app}.Zqustore.{name}(Zqu:)"), "binaryName": format!("Zqubinary{app}"),
            "binaryUUID": "e621e1f8-c36c-495a-93fc-0c247a3e6e5f", "fileName": format!("Zqufile{app}.swift"), "lineNumber": "42",
            "isBlameFrame": blame, "sampleCount": 9, "insightsCategory": format!("Zquadvice{app}"), "subFrames": below})
    };
    let log = |version: usize, sample: usize| {
        let root =
            frame("main", false, json!([frame(if version > 6 { "Zquslow" } else { "Zqufast" }, true, json!([]))]));
        json!({"diagnosticMetaData": {"appVersion": format!("1.{version}-Zquversion{app}"), "buildVersion": format!("Zqubuild{app}{version}"),
                "bundleId": bundle, "event": "launch", "eventDetail": format!("Launch of Zquapp took {sample}.5s"),
                "osVersion": format!("iPhone OS 18.{} (22B{})", sample % 3, 80 + sample), "deviceType": "iPhone12_1", "platformArchitecture": "arm64"},
            "callStackTree": [{"callStackPerThread": false, "callStacks": [{"callStackRootFrames": [root]}]}]})
    };
    let all: Vec<Value> = (6..=7).flat_map(|version| (0..8).map(move |sample| log(version, sample))).collect();
    json!({"version": "1.0.0", "productData": [{"signatureId": format!("Zqusignature{app}"), "diagnosticLogs": all,
        "diagnosticInsights": [{"insightsCategory": format!("Zquadvice{app}"), "insightsString": format!("Zquhint {app}"),
            "insightsURL": format!("https://Zquhost{app}.invalid/Zqu")}]}]})
}

fn signatures(app: &str, weight: f64) -> Value {
    json!({"data": [{"type": "diagnosticSignatures", "id": format!("Zqusignature{app}"), "attributes": {"diagnosticType": "LAUNCHES",
        "signature": format!("Zqubinary{app}: Zqu{app}.Zqustore.Zquslow(Zqu:) + 23", ), "weight": weight}}],
        "links": {"self": format!("https://api.appstoreconnect.apple.com/v1/builds/Zqubuildid{app}/diagnosticSignatures")}})
}

/// The archive: three apps, and one file of every fault that has a text to show.
fn corpus(dir: &Workdir) {
    for app in ["one", "two", "three"] {
        let bundle = format!("com.Zquvendor.{app}");
        let at = |name: &str| format!("Zqusaves/{bundle}/2026-11-01/{name}");
        dir.write(at("xcodeMetrics.json"), metrics(app, &bundle).to_string());
        dir.write(at("diagnosticLogs.json"), logs(app, &bundle).to_string());
        dir.write(at("builds/45/diagnosticSignatures.json"), signatures(app, 0.4).to_string());
        dir.write(at("Zqubroken.json"), "{\"Zqukey\": Zquword}");
        dir.write(
            at("Zquerror.json"),
            json!({"errors": [{"status": "403", "code": "Zqucode", "title": "Zqutitle", "detail": "Zqudetail"}]})
                .to_string(),
        );
        dir.write(at("Zqupage.html"), "<!DOCTYPE html><title>Zqutitle</title>");
        dir.write(at("Zqunotes.txt"), "Zqunotes");
        dir.write(at("Zqushape.json"), json!({"Zqua": [1, "Zqub"]}).to_string());
        dir.write(at("Zquarchive.zip"), "PK\u{3}\u{4}Zqu");
    }
    dir.write("Zqurules.toml", RULES);
}

const RULES: &str = r#"
[apps."com.Zquvendor.one"]
name = "Zquname"
aliases = ["Zqualias"]
weight = 2.0
releases = { "1.3-Zquversionone" = 2026-10-01 }

[metrics."ZQUCATEGORYone/ZquMetricone"]
weight = 3.0

[[owner]]
team = "Zquteam"
symbol = "*Zquslow*"

[[owner]]
team = "Zquothers"
binary = "Zqubinary*"

[[rule]]
name = "Zqurule"
no_regression = "any"
app = "com.Zquvendor.*"

[[rule]]
name = "Zqubudget"
metric = "launchTime"
device = "all_*"
max = 120

[[waiver]]
rule = "Zqurule"
app = "com.Zquvendor.two"
reason = "Zqureason"
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
    "report --explain com.Zquvendor.one/LAUNCH/launchTime/all_iphones/50",
    "report --explain com.Zquvendor.one/ZQUCATEGORYone/ZquMetricone/all_iphones/50 --format json",
    "report --app com.Zquvendor.one --metric ZquMetric* --since-version 1.2-Zquversionone",
    "report --app Zquname --device Zqudeviceone --format markdown",
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
    "compare --format json --from 1.2-Zquversionone --to 1.9-Zquversionone",
    "compare --format csv",
    "percentiles --format text --rank com.Zquvendor.two",
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
    "diagnostics --format markdown --signature Zqusignature",
    "diagnostics --format csv",
    "diagnostics --format folded",
    "diagnostics --format flamegraph --from 1.6-Zquversionone --to 1.7-Zquversionone",
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
    let words = line.split(' ').chain(["Zqusaves", "--config", "Zqurules.toml", "--allow-partial"]);
    dir.perfpower(words).arguments(more).run()
}

#[test]
fn no_output_of_any_command_names_anything() {
    let dir = Workdir::new();
    corpus(&dir);
    for (line, key) in COMMANDS.iter().zip(["--redact", "--redact=Zqukey"].into_iter().cycle()) {
        let plain = call(&dir, line, &[]);
        assert!(matches!(plain.code, 0 | 1), "{line}: {} {}", plain.code, plain.stderr);
        assert!(plain.stdout.to_lowercase().contains("zqu"), "{line} shows a name where it may");
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
        ("report Zqunowhere", 3),
        ("report Zqusaves --app Zqunobody", 2),
        ("report Zqusaves --metric Zqunothing", 2),
        ("report Zqusaves --since-version Zqu9", 2),
        ("report Zqusaves -o Zqufolder/Zquresult", 3),
        ("report Zqusaves --config Zqunone.toml", 2),
        ("report Zqusaves/com.Zquvendor.one/2026-11-01/Zqubroken.json", 3),
        ("report Zqusaves", 5),
        ("report s3://Zqubucket/x", 2),
        ("diagnostics Zqusaves --signature Zqunone", 2),
        ("compare Zqusaves --from Zqu1 --to Zqu2", 2),
        ("export Zqusaves --to Zqurules.toml/x", 3),
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
        for text in ["com.Zquvendor.one", "com.Zquvendor.two"] {
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
            "Zqusaves/com.Zquvendor.one/2026-11-08/xcodeMetrics.json",
            metrics("one", "com.Zquvendor.one").to_string().replace("40.0", "41"),
        );
        assert_eq!(apps("report --format json", key) == report, key != "--redact", "another archive, {key}");
    }
    // What a page shows can be typed.
    let names = names(&dir);
    let app = names.iter().find(|(_, name)| *name == "com.Zquvendor.two").unwrap().0;
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
