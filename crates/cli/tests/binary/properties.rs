//! What must hold of the whole engine, whatever the archive: how documents are cut, called and copied changes nothing, values may be in any
//! unit, and each file is read or named.

use crate::workdir::Workdir;
use perfpower_testkit::{Rng, demo, gunzip};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The metrics of three apps of the demo, each with its path.
fn bodies() -> Vec<(String, Value)> {
    let files = demo::files().into_iter().filter(|file| file.path.contains("xcodeMetrics"));
    let plain = files.map(|file| {
        let bytes = gunzip(&file.bytes).unwrap_or(file.bytes);
        (file.path.trim_end_matches(".gz").to_owned(), serde_json::from_slice(&bytes).unwrap())
    });
    plain.collect()
}

fn report(files: &[(String, Value)], options: &[&str]) -> Value {
    let here = Workdir::new();
    for (path, body) in files {
        here.write(format!("a/{path}"), body.to_string());
    }
    here.write("up.toml", UP);
    here.perfpower(["report", "a", "--format", "json", "--allow-partial"]).arguments(options).run().ends_with(0).json()
}

/// Every metric of the demo, said to be better when higher.
const UP: &str = "[metrics.\"LAUNCH/launchTime\"]\nhigher_is_better = true\n[metrics.\"DISK/diskWrites\"]\nhigher_is_better = true\n\
    [metrics.\"MEMORY/peakMemory\"]\nhigher_is_better = true\n";

/// What is claimed.
fn findings(report: &Value) -> &Vec<Value> {
    let findings = report["findings"].as_array().unwrap();
    assert!(findings.len() >= 3, "the demo has its story");
    findings
}

/// Figures that do not depend on the scale of values.
fn shape(finding: &Value) -> Value {
    let round = |key: &str| finding[key].as_f64().map(|figure| format!("{figure:.6}"));
    json!([
        finding["app"],
        finding["category"],
        finding["metric"],
        finding["version"],
        finding["verdict"],
        finding["kind"],
        round("change_percent"),
        round("p"),
        round("score")
    ])
}

/// Visits every object.
fn each_object(body: &mut Value, change: &impl Fn(&mut serde_json::Map<String, Value>)) {
    match body {
        Value::Array(items) => items.iter_mut().for_each(|item| each_object(item, change)),
        Value::Object(fields) => {
            change(fields);
            fields.values_mut().for_each(|value| each_object(value, change));
        }
        _ => {}
    }
}

#[test]
fn how_documents_are_cut_called_and_copied_changes_nothing() {
    let whole = bodies();
    let expected = report(&whole, &[]);
    let claims = findings(&expected);

    // One file per category, and per half of its metrics' datasets, in another order, under other names.
    let mut cut: Vec<(String, Value)> = Vec::new();
    for (path, body) in &whole {
        let folder = path.rsplit_once('/').unwrap().0;
        let Some(product) = body["productData"].get(0) else {
            cut.push((path.clone(), body.clone()));
            continue;
        };
        for (number, category) in product["metricCategories"].as_array().unwrap().iter().enumerate() {
            for half in 0..2 {
                let mut category = category.clone();
                each_object(&mut category, &|fields| {
                    if let Some(Value::Array(datasets)) = fields.get_mut("datasets") {
                        let mut at = 0;
                        datasets.retain(|_| {
                            at += 1;
                            at % 2 == half
                        });
                    }
                });
                let mut part = body.clone();
                if (number, half) != (0, 0) {
                    part.as_object_mut().unwrap().remove("insights");
                }
                part["productData"][0]["metricCategories"] = json!([category]);
                cut.push((format!("{folder}/part {half} of {number}.json"), part));
            }
        }
    }
    let mut rng = Rng::seeded(5);
    for last in (1..cut.len()).rev() {
        cut.swap(last, (rng.next_u64() % (last as u64 + 1)) as usize);
    }
    assert_eq!(findings(&report(&cut, &[])), claims, "cut into {} files", cut.len());

    // Copies beside, and the newest download once more on another day.
    let mut copied = whole.clone();
    copied.extend(whole.iter().map(|(path, body)| (path.replace("xcodeMetrics", "copy of it"), body.clone())));
    assert_eq!(findings(&report(&copied, &[])), claims, "each file twice");

    // Apps by other names in the same order.
    let renamed: Vec<_> =
        whole.iter().map(|(path, body)| (path.replace("com.example.", "org.another."), body.clone())).collect();
    let renamed = report(&renamed, &[]);
    let shapes = |report: &Value| findings(report).iter().map(shape).collect::<Vec<_>>();
    let back: Vec<Value> = shapes(&renamed)
        .iter()
        .map(|shape| serde_json::from_str(&shape.to_string().replace("org.another.", "com.example.")).unwrap())
        .collect();
    assert_eq!(back, shapes(&expected), "other names");
}

/// Times 1,024, which loses no bit.
#[test]
fn units_scale_and_directions_mirror() {
    let whole = bodies();
    let expected = report(&whole, &[]);
    let mut scaled = whole.clone();
    for (_, body) in &mut scaled {
        each_object(body, &|fields| {
            let is_share = fields.contains_key("subSystemLabel");
            for key in [
                "value",
                "errorMargin",
                "lowerBound",
                "upperBound",
                "maxLatestVersionValue",
                "latestVersionValue",
                "referenceAverageValue",
            ] {
                if let Some(value) = fields.get_mut(key).filter(|value| value.is_number() && !is_share) {
                    *value = (value.as_f64().unwrap() * 1024.0).into();
                }
            }
        });
    }
    let shapes = |report: &Value| -> BTreeSet<String> {
        findings(report).iter().map(|finding| shape(finding).to_string()).collect()
    };
    assert_eq!(shapes(&report(&scaled, &[])), shapes(&expected));

    let verdicts = |report: &Value, verdict: &str| -> BTreeSet<String> {
        let of = |finding: &&Value| {
            UP.contains(&format!("{}/{}", finding["category"].as_str().unwrap(), finding["metric"].as_str().unwrap()))
                && finding["verdict"] == verdict
        };
        findings(report).iter().filter(of).map(|finding| finding["id"].to_string()).collect()
    };
    let mirrored = report(&whole, &["--config", "up.toml"]);
    let worse = verdicts(&expected, "regression");
    assert!(!worse.is_empty());
    assert_eq!(verdicts(&mirrored, "improvement"), worse, "what was worse is better");
    // What recovered is worse again: there is a word for that on one side alone.
    let recovered: Vec<&Value> = findings(&expected).iter().map(|finding| &finding["recovered_in"]).collect();
    for finding in findings(&mirrored).iter().filter(|finding| finding["verdict"] == "regression") {
        let is_old = verdicts(&expected, "regression").contains(&finding["id"].to_string());
        assert!(!is_old && recovered.contains(&&finding["version"]), "{finding}");
    }
}

/// Files of all sorts under names of all sorts.
#[test]
fn every_file_is_read_or_named() {
    let mut rng = Rng::seeded(77);
    let contents: [&[u8]; 10] = [
        b"",
        b"{}",
        b"[]",
        b"text",
        b"\x1f\x8b\x08",
        b"PK\x03\x04",
        b"{\"productData\": []}",
        b"\x89PNG\r\n\x1a\n",
        b"<html>",
        b"\xff\xfe\x00",
    ];
    let endings = ["json", "json.gz", "zip", "tar", "txt", "png", "csv", "", "har", "1", "bak", "JSON", "md", "ips"];
    let here = Workdir::new();
    let mut names = BTreeSet::new();
    for number in 0..150 {
        let pick = |bound: usize, rng: &mut Rng| (rng.next_u64() % bound as u64) as usize;
        let folder = ["com.example.a/2026-11-01", "x", "", "a b/c"][pick(4, &mut rng)];
        let ending = endings[pick(endings.len(), &mut rng)];
        let dot = if ending.is_empty() { "" } else { "." };
        let name = format!("{folder}/file{number}{dot}{ending}");
        here.write(format!("a/{name}"), contents[pick(contents.len(), &mut rng)]);
        names.insert(name.trim_start_matches('/').to_owned());
    }
    let run = here.perfpower(["inspect", "a", "--all", "--format", "json"]).run();
    assert!(matches!(run.code, 3 | 5), "{}", run.stderr);
    let told = run.json();
    let lists = ["documents", "problems", "passed_over"];
    let paths = lists
        .iter()
        .flat_map(|list| told[list].as_array().unwrap())
        .filter_map(|told| told["path"].as_str().or(told["value"].as_str()));
    let told: BTreeSet<String> = paths.map(|path| path.trim_start_matches("a/").to_owned()).collect();
    let silent: Vec<_> = names.difference(&told).collect();
    assert!(silent.is_empty(), "nothing is said of {silent:?}");
}
