//! Every fixture through the public door, against one text per folder: what was read, and every problem with its place.
//!
//! `BLESS=1 cargo test -p perfpower-parse --test fixtures` rewrites the texts; read the difference before you keep it.

#![expect(clippy::unwrap_used, reason = "a helper of tests that cannot go on should stop them")]

use perfpower_model::{Document, NameId};
use perfpower_parse::{ParseOptions, parse};
use std::fmt::{self, Write};
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn broken() {
    check("broken");
}

#[test]
fn handmade() {
    check("handmade");
}

#[test]
fn keys_in_any_order_say_the_same() {
    let mut compared = 0;
    for entry in fs::read_dir(fixtures().join("handmade")).unwrap() {
        let body = fs::read(entry.unwrap().path()).unwrap();
        let Ok(value) = serde_json::from_slice::<serde_json::Value>(&body) else { continue };
        // Written by us, so that only the order differs: 1.10 has become 1.1, for one.
        let lines = |turn: usize| {
            let mut text = String::new();
            write_turned(&mut text, &value, turn);
            let mut document = parse(text.as_bytes(), &ParseOptions::default());
            document.problems.clear();
            let mut told = String::new();
            tell(&mut told, &document).unwrap();
            let mut lines: Vec<String> = told.lines().map(str::to_owned).collect();
            lines.sort();
            (document.kind, lines)
        };
        let plain = lines(0);
        for turn in 1..6 {
            assert_eq!(lines(turn), plain, "keys turned by {turn}: {value}");
        }
        compared += 1;
    }
    assert!(compared > 30, "most fixtures are read by serde_json too");
}

/// Writes JSON whose objects start with another key than they would.
fn write_turned(out: &mut String, value: &serde_json::Value, turn: usize) {
    match value {
        serde_json::Value::Array(elements) => {
            for (position, element) in elements.iter().enumerate() {
                out.push(if position == 0 { '[' } else { ',' });
                write_turned(out, element, turn);
            }
            out.push_str(if elements.is_empty() { "[]" } else { "]" });
        }
        serde_json::Value::Object(fields) => {
            for position in 0..fields.len() {
                let (key, value) = fields.iter().nth((position + turn) % fields.len()).unwrap();
                out.push(if position == 0 { '{' } else { ',' });
                write!(out, "{}:", serde_json::to_string(key).unwrap()).unwrap();
                write_turned(out, value, turn);
            }
            out.push_str(if fields.is_empty() { "{}" } else { "}" });
        }
        other => out.push_str(&other.to_string()),
    }
}

fn check(folder: &str) {
    let mut files: Vec<PathBuf> =
        fs::read_dir(fixtures().join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 20, "the fixtures are there");
    let mut told = String::new();
    for file in files {
        let name = file.file_name().unwrap().to_str().unwrap();
        let document = parse(&fs::read(&file).unwrap(), &ParseOptions::default());
        writeln!(told, "{folder}/{name} · {}", document.kind.as_str()).unwrap();
        tell(&mut told, &document).unwrap();
        told.push('\n');
    }
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{folder}.txt"));
    if std::env::var_os("BLESS").is_some() {
        fs::write(&golden, &told).unwrap();
    }
    let expected = fs::read_to_string(&golden).unwrap_or_default();
    if told != expected {
        let got = golden.with_extension("got.txt");
        fs::write(&got, &told).unwrap();
        let (at, lines) = std::iter::zip(told.lines(), expected.lines())
            .enumerate()
            .find(|(_, (got, expected))| got != expected)
            .unwrap_or((0, ("", "one is longer")));
        panic!(
            "{} differs from {} at line {}:\n  got      {}\n  expected {}\nBLESS=1 accepts it",
            got.display(),
            golden.display(),
            at + 1,
            lines.0,
            lines.1
        );
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

/// All that a document holds, short enough to be read by eye.
fn tell(out: &mut String, document: &Document) -> fmt::Result {
    let text = |id: NameId| document.names.text(id);
    let name = |id| document.names.get(id).unwrap_or("-");
    let identity = &document.identity;
    let identity = [
        ("bundle", identity.bundle_id),
        ("app", identity.apple_id),
        ("platform", identity.platform),
        ("build", identity.build_id),
        ("latest", identity.latest_version),
        ("next page", document.next_page),
    ];
    for (what, id) in identity.into_iter().filter(|(_, id)| id.is_some()) {
        writeln!(out, "  {what}: {}", name(id))?;
    }
    if let Some(day) = document.day {
        writeln!(out, "  day: {day}")?;
    }
    if let Some(kind) = document.asked_for {
        writeln!(out, "  asked for: {}", kind.as_str())?;
    }
    if let Some(total) = document.signatures_in_all {
        writeln!(out, "  signatures in all pages: {total}")?;
    }
    for (what, count) in &document.payloads {
        writeln!(out, "  {what} × {count}")?;
    }
    let table = &document.metrics;
    for (position, metric) in table.metrics.iter().enumerate() {
        let (category, identifier) = (name(metric.category), text(metric.identifier));
        writeln!(out, "  metric {category} / {identifier} in {} ({})", name(metric.unit), name(metric.unit_label))?;
        for bound in &table.goal_bounds[metric.goal_bounds.start as usize..metric.goal_bounds.end as usize] {
            writeln!(out, "    goal {}: {:?} to {:?}", text(bound.goal), bound.lower, bound.upper)?;
        }
        for dataset in table.datasets.iter().filter(|dataset| dataset.metric as usize == position) {
            let population = (name(dataset.device), name(dataset.device_label), name(dataset.percentile));
            writeln!(out, "    {} × {} × {} ({})", name(dataset.platform), population.0, population.2, population.1)?;
            if let Some(goal) = dataset.recommended {
                writeln!(out, "      recommended {:?}: {}", goal.value, name(goal.detail))?;
            }
            for point in dataset.points.clone() {
                let row = point as usize;
                let points = &table.points;
                write!(out, "      {} = {:?}", text(points.version[row]), points.value[row])?;
                if !points.margin[row].is_nan() {
                    write!(out, " ± {:?}", points.margin[row])?;
                }
                if points.goal[row].is_some() {
                    write!(out, " {}", name(points.goal[row]))?;
                }
                for share in points.breakdown.iter().filter(|share| share.point == point) {
                    write!(out, " [{} {:?} %]", text(share.subsystem), share.percent)?;
                }
                writeln!(out)?;
            }
        }
    }
    for insight in &document.insights {
        let references: Vec<&str> = insight.reference_versions.iter().map(|&id| text(id)).collect();
        let metric = (name(insight.category), text(insight.metric), name(insight.latest_version));
        writeln!(
            out,
            "  {}: {} / {} in {} against {references:?}",
            insight.list.as_str(),
            metric.0,
            metric.1,
            metric.2
        )?;
        writeln!(out, "    max {:?}, high impact {:?}", insight.max_latest_value, insight.high_impact)?;
        for population in &insight.populations {
            let values = (population.reference_average, population.latest, population.delta_percent);
            writeln!(out, "    {} × {}: {values:?}", name(population.device), name(population.percentile))?;
        }
    }
    for signature in &document.signatures {
        let texts = (name(signature.id), name(signature.diagnostic_type), name(signature.text));
        write!(out, "  signature {} {} {:?} weight {:?}", texts.0, texts.1, texts.2, signature.weight)?;
        writeln!(out, " count {:?} at {}:{:?}", signature.count, name(signature.file), signature.line)?;
        if let Some(trend) = &signature.trend {
            let references: Vec<_> =
                trend.references.iter().map(|reference| (text(reference.version), reference.value)).collect();
            writeln!(out, "    {} {references:?}", name(trend.direction))?;
        }
    }
    let tree = &document.call_tree;
    for log in &document.logs {
        let metadata = &log.metadata;
        write!(out, "  log of {}: {} on {}", name(log.signature), name(metadata.event), name(metadata.device))?;
        writeln!(out, ", per thread {:?}, nodes {:?}", log.per_thread, log.nodes)?;
        if metadata.app_version.is_some() || metadata.build_version.is_some() {
            writeln!(out, "    version {} build {}", name(metadata.app_version), name(metadata.build_version))?;
        }
        for thread in tree.threads.iter().filter(|thread| log.nodes.contains(&thread.nodes.start)) {
            writeln!(out, "    nodes {:?} {:?}", thread.nodes, thread.role)?;
        }
        for node in log.nodes.clone().take(6) {
            let node = node as usize;
            let frame = &tree.frames[tree.frame[node] as usize];
            write!(out, "    {node} (frame {}) under {}: ", tree.frame[node], tree.parent[node] as i32)?;
            write!(out, "{} in {} line {}", name(frame.symbol), name(frame.binary), frame.line.map_or(0, u32::from))?;
            write!(out, " +{} blame {}", frame.text_offset.map_or(0, u64::from), frame.is_blame)?;
            writeln!(out, " × {} at {:#x}", tree.samples[node], tree.address[node])?;
        }
    }
    for advice in &document.advice {
        writeln!(out, "  advice for {}: {} {}", name(advice.signature), name(advice.category), name(advice.text))?;
    }
    for (path, count) in &document.drift.unknown {
        writeln!(out, "  unknown field {path} × {count}")?;
    }
    for problem in &document.problems {
        write!(out, "  {} {}", problem.severity.as_str(), problem.code)?;
        if let Some(place) = problem.place {
            write!(out, " at line {} column {}", place.line, place.column)?;
        }
        if !problem.at.is_empty() {
            write!(out, " in {}", problem.at)?;
        }
        writeln!(out, "\n    {}", problem.message)?;
        if let Some(hint) = &problem.hint {
            writeln!(out, "    hint: {hint}")?;
        }
    }
    Ok(())
}
