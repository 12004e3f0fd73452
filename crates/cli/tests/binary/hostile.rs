//! Strings of strangers are data: escape sequences, markup, formulas, direction marks and endless names, in every place where a
//! document can carry a string, and in the names of files.

use crate::workdir::{Run, Workdir};
use serde_json::{Value, json};

const FORMATS: [&str; 4] = ["text", "json", "markdown", "csv"];

/// What a hostile author may try, each with a plain word by which it is found again.
pub(crate) const ATTACKS: [&str; 10] = [
    "\u{1b}[2J\u{1b}]0;owned\u{7}escape",
    "\u{9b}31mcsi",
    "line\nfeed\r\ntab\tnul\u{0}back\u{8}",
    "\u{202e}lairomem\u{2066}bidi",
    "zero\u{200b}width\u{feff}",
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "[link](javascript:alert(3)) ![image](https://example.invalid/pixel) **bold** `code` | cell",
    "=HYPERLINK(\"https://example.invalid\")",
    "@everyone +1 -1",
    "</details></table>\u{2028}separator",
];

/// An archive whose every string is an attack, with a step that is found, so that every string is shown.
pub(crate) fn hostile(attack: &str) -> Value {
    let points: Vec<Value> = (0..12)
        .map(|version| {
            let level = if version < 6 { 100.0 } else { 200.0 };
            json!({
                "version": format!("1.{version}{attack}"),
                "value": level + f64::from(version % 3),
                "errorMargin": 1.0,
                "goal": attack,
                "percentageBreakdown": [{"subSystemLabel": attack, "value": 40.0 + f64::from(version)}],
            })
        })
        .collect();
    let dataset = |device: String, percentile: &str| {
        json!({
            "filterCriteria": {"percentile": percentile, "device": device, "deviceMarketingName": attack},
            "points": points,
            "recommendedMetricGoal": {"value": 50, "detail": attack},
        })
    };
    let insight = json!({
        "metricCategory": format!("CATEGORY{attack}"), "metric": format!("metric{attack}"),
        "latestVersion": format!("1.11{attack}"), "summaryString": attack, "highImpact": true,
        "referenceVersions": [format!("1.10{attack}")], "maxLatestVersionValue": 202,
        "populations": [{"device": format!("all_iphones{attack}"), "percentile": "percentile.fifty", "deltaPercentage": 50,
            "latestVersionValue": 202, "referenceAverageValue": 150, "summaryString": attack}],
    });
    json!({
        "version": "1.0.0",
        "insights": {"regressions": [insight.clone()], "trendingUp": [insight]},
        "productData": [{
            "platform": format!("iOS{attack}"),
            "metricCategories": [{
                "identifier": format!("CATEGORY{attack}"),
                "metrics": [{
                    "identifier": format!("metric{attack}"),
                    "unit": {"identifier": attack, "displayName": attack},
                    "goalKeys": [{"goalKey": attack, "lowerBound": 0, "upperBound": 50}],
                    "datasets": [
                        dataset(format!("all_iphones{attack}"), "percentile.fifty"),
                        dataset(format!("iPhone11,8{attack}"), attack),
                        {"filterCriteria": {"device": attack, "percentile": attack}, "points": [{"value": attack}]},
                    ],
                }],
            }],
            (format!("unknown{attack}")): attack,
        }],
    })
}

pub(crate) fn is_inert_text(text: &str) {
    for c in text.chars() {
        let acts = (c.is_control() && c != '\n')
            || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
        assert!(!acts, "{c:?} acts on a terminal: {text:?}");
    }
}

pub(crate) fn is_inert_markdown(text: &str) {
    is_inert_text(text);
    let mut rest = text.to_owned();
    for ours in ["<details>", "</details>", "<summary>", "</summary>", "<sub>", "</sub>"] {
        rest = rest.replace(ours, "");
    }
    assert_eq!(text.matches("<details>").count(), text.matches("</details>").count(), "{text}");
    for markup in ["<", "](", "![", "**bold", "`code", "@everyone", "| cell"] {
        let found = rest.match_indices(markup).find(|(at, _)| !rest[..*at].ends_with('\\'));
        assert!(found.is_none(), "{markup:?} is markup in {text}");
    }
}

pub(crate) fn is_inert_csv(text: &str) {
    is_inert_text(text);
    let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let mut count = 0;
    for row in rows.records() {
        for cell in &row.unwrap() {
            count += 1;
            let is_formula = cell.starts_with(['=', '+', '-', '@']) && cell.parse::<f64>().is_err();
            assert!(!is_formula, "{cell:?} is a formula");
        }
    }
    assert!(count > 0);
}

fn is_inert(format: &str, run: &Run) {
    is_inert_text(&run.stderr);
    match format {
        "text" => is_inert_text(&run.stdout),
        "markdown" => is_inert_markdown(&run.stdout),
        "csv" => is_inert_csv(&run.stdout),
        // JSON keeps every character, so that programs get what was there; as a text it holds none that acts.
        _ => {
            run.json();
            is_inert_text(&run.stdout);
        }
    }
}

#[test]
fn strings_in_documents_are_inert() {
    let dir = Workdir::new();
    for (number, attack) in ATTACKS.iter().enumerate() {
        dir.write(format!("com.example.app{number}/2026-01-01/xcodeMetrics.json"), hostile(attack).to_string());
        let error = json!({"errors": [{"status": attack, "code": attack, "title": attack, "detail": attack}]});
        dir.write(format!("com.example.other{number}/2026-01-01/error.json"), error.to_string());
        let page = format!("<!DOCTYPE html><title>{attack}</title>");
        dir.write(format!("com.example.other{number}/2026-01-01/html.json"), page);
        dir.write(format!("com.example.other{number}/2026-01-01/text.json"), attack);
    }
    for format in FORMATS {
        for command in [&["report"][..], &["audit"], &["compare", "--top", "99"], &["inspect", "--drift", "--all"]] {
            let run = dir.perfpower(command).arguments([".", "--format", format, "--allow-partial"]).run();
            is_inert(format, &run.ends_with(0).quietly());
        }
    }
    // As names that are asked back.
    for attack in ATTACKS {
        let attack = attack.replace('\u{0}', "");
        for error_format in ["text", "json"] {
            let arguments = ["report", ".", &format!("--metric=no{attack}"), "--error-format", error_format];
            is_inert_text(&dir.perfpower(arguments).run().ends_with(2).stderr);
        }
    }
}

/// Logs whose every string is an attack.
pub(crate) fn hostile_logs(attack: &str) -> Value {
    let log = |version: &str| {
        json!({
            "diagnosticMetaData": {"appVersion": format!("{version}{attack}"), "event": "hang", "deviceType": attack,
                "osVersion": attack, "eventDetail": attack, "buildVersion": attack, "bundleId": format!("com.example.a{attack}")},
            "callStackTree": [{"callStackPerThread": false, "callStacks": [{"callStackRootFrames": [{
                "symbolName": format!("f{attack}"), "binaryName": format!("B{attack}"), "fileName": format!("F{attack}"),
                "lineNumber": "7", "isBlameFrame": true, "sampleCount": 5,
                "insightsCategory": attack}]}]}],
        })
    };
    let insight = json!({"insightsCategory": attack, "insightsString": attack, "insightsURL": attack});
    json!({"version": "1.0.0", "productData": [{"signatureId": attack, "diagnosticLogs": [log("1"), log("2")],
        "diagnosticInsights": [insight]}]})
}

/// Every form that is text, whatever program it is for: somebody will show it on a terminal.
#[test]
fn strings_in_every_other_form_are_inert() {
    let dir = Workdir::new();
    for (number, attack) in ATTACKS.iter().enumerate() {
        let app = format!("com.example.app{number}/2026-01-01");
        dir.write(format!("{app}/xcodeMetrics.json"), hostile(attack).to_string());
        dir.write(format!("{app}/diagnosticLogs.json"), hostile_logs(attack).to_string());
    }
    dir.write("rules.toml", "[[rule]]\nname = \"calm\\u009b\"\nno_regression = \"open\"\n");
    let call =
        |line: &str| dir.perfpower(line.split(' ').chain([".", "--allow-partial", "--config", "rules.toml"])).run();
    for line in [
        "report --brief --max-tokens 100000",
        "report --format sarif",
        "report --format html",
        "report --calibration --format html",
        "check --format text",
        "check --format json",
        "check --format junit",
        "check --format sarif",
        "check --format html",
        "audit --format html",
        "diagnostics --format text",
        "diagnostics --format json",
        "diagnostics --format html",
        "diagnostics --format csv",
        "diagnostics --format folded",
        "diagnostics --format flamegraph",
        "diagnostics --format speedscope",
        "diagnostics --format firefox",
        "init",
    ] {
        let run = call(line);
        assert!(matches!(run.code, 0 | 1), "{line}: {} {}", run.code, run.stderr);
        assert!(run.stdout.len() > 100, "{line}: {}", run.stdout);
        is_inert_text(&run.stdout);
        is_inert_text(&run.stderr);
    }
    for format in ["ndjson", "csv"] {
        call(&format!("export --to {format} --as {format}")).ends_with(0);
        for file in std::fs::read_dir(dir.path().join(format)).unwrap() {
            is_inert_text(&std::fs::read_to_string(file.unwrap().path()).unwrap());
        }
    }
    // Markdown is inert where code hosts look for people, issues and addresses in the shown text.
    let linked = "@everyone closure #1 www.example.invalid https://example.invalid me@example.invalid";
    dir.write("com.example.linked/2026-01-01/xcodeMetrics.json", hostile(linked).to_string());
    let markdown = call("audit --format markdown").ends_with(0).stdout;
    assert!(markdown.contains("everyone"));
    for link in ["@everyone", "@example", "#1 ", "www.", "://"] {
        assert!(!markdown.contains(link), "{link:?} makes a link in {markdown}");
    }
}

#[test]
fn what_is_hostile_is_still_shown() {
    let dir = Workdir::new();
    dir.write("com.example.hostile/2026-01-01/xcodeMetrics.json", hostile(ATTACKS[5]).to_string());
    let report = dir.perfpower(["report", ".", "--format", "json"]).run().ends_with(0).json();
    let finding = &report["findings"][0];
    assert_eq!(finding["metric"], format!("metric{}", ATTACKS[5]), "programs get the name as it is");
    assert_eq!(finding["version"], format!("1.6{}", ATTACKS[5]));
    let text = dir.perfpower(["report", "."]).run().ends_with(0).stdout;
    assert!(text.contains("alert(1)"), "people see what it is: {text}");
}

#[cfg(unix)]
#[test]
fn names_of_files_are_inert() {
    let dir = Workdir::new();
    let names = ATTACKS.map(|attack| attack.replace(['/', '\u{0}'], ""));
    for name in &names {
        dir.write(format!("{name}/2026-01-01/xcodeMetrics.json"), hostile("").to_string());
        dir.write(format!("com.example.b/2026-01-01/{name}.json"), "{");
    }
    for format in FORMATS {
        for command in [&["report"][..], &["inspect", "--all"], &["compare"]] {
            let run = dir.perfpower(command).arguments([".", "--format", format, "--allow-partial"]).run();
            is_inert(format, &run.ends_with(0).quietly());
        }
    }
    for name in &names {
        // As it is typed, where it is and where it is not.
        is_inert("text", &dir.perfpower(["report", &format!("./{name}")]).run().ends_with(0).quietly());
        is_inert_text(&dir.perfpower(["report", &format!("no{name}")]).run().ends_with(3).stderr);
    }
}

#[test]
fn endless_names_do_not_bury_the_report() {
    let long = "x".repeat(10_000);
    let dir = Workdir::new();
    dir.write("com.example.long/2026-01-01/xcodeMetrics.json", hostile(&long).to_string());
    for command in ["report", "audit", "compare", "inspect"] {
        let run = dir.perfpower([command, "."]).run().ends_with(0).quietly();
        let widest = run.stdout.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= 310, "{command}: a line of {widest} characters");
        let lines = run.stdout.lines().count();
        assert!(lines < 200, "{command}: {lines} lines");
    }
}
