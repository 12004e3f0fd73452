//! Targets that need all of the program.

use crate::changes::{Choices, changed, seed, wrapped};
use perfpower::config::Config;
use perfpower_analysis::{Filter, Judged, Options};
use perfpower_ingest::{Held, ReadPlan, Sources, read_archive};
use perfpower_model::Day;
use perfpower_report::{
    CommandLine, JsonLayout, PageFormat, Report, TextStyle, report_page, write_page, write_report_json,
};

/// Any text as settings.
pub fn settings(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Config::from_toml(text) {
        Ok(config) => drop(config.options()),
        Err(faults) => {
            assert!(!faults.is_empty());
            assert!(faults.iter().all(|fault| !fault.to_string().is_empty()));
        }
    }
}

/// A small archive, read, judged and told.
pub fn tree(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let mut members = tar::Builder::new(Vec::new());
    for _ in 0..=choices.below(4) {
        const FOLDERS: [&str; 6] =
            ["com.example.a/2026-11-01", "com.example.a/2026-11-08", "com.example.b/2026-11-01", "other", "1482920013/2026-W45", "a/b/c"];
        let folder = FOLDERS[choices.below(FOLDERS.len())];
        let mut file = changed(seed(&mut choices), &mut choices).to_string();
        if choices.below(4) == 0 {
            file = wrapped(&file, &mut choices);
        }
        let mut header = tar::Header::new_gnu();
        header.set_size(file.len() as u64);
        let name = ["xcodeMetrics.json", "diagnosticLogs.json", "x.json", "page 2.json"][choices.below(4)];
        if members.append_data(&mut header, format!("{folder}/{name}"), file.as_bytes()).is_err() {
            return;
        }
    }
    let Ok(file) = members.into_inner() else { return };
    let answers = answers(&file);
    assert_eq!(answers, self::answers(&file), "the same archive gives the same answers");
}

fn answers(file: &[u8]) -> Vec<Vec<u8>> {
    let held = Held { name: "-".into(), bytes: file.to_vec(), day: Day::from_days(20_780) };
    let plan = ReadPlan { sources: Sources { held: vec![held], ..Sources::default() }, describe_inputs: true, ..ReadPlan::default() };
    let reading = read_archive(&plan, &());
    let told = reading.facts.documents as usize + reading.problems.len() + reading.facts.skipped.len();
    assert!(told > 0, "nothing is said of an archive");
    let analysis = Judged::new(&reading.histories, &Options::default()).into_analysis(&Filter::default());
    let report = Report {
        analysis: &analysis,
        archive: &reading.facts,
        problems: &reading.problems,
        archive_argument: &CommandLine::default(),
        top: None,
    };
    let page = report_page(&report);
    let forms = [PageFormat::Text(TextStyle::default()), PageFormat::Markdown, PageFormat::Html];
    let mut answers: Vec<Vec<u8>> = Vec::new();
    for form in forms {
        let mut out = Vec::new();
        write_page(&page, form, &mut out).expect("memory takes everything");
        answers.push(out);
    }
    let mut json = Vec::new();
    write_report_json(&report, JsonLayout::Compact, &mut json).expect("memory takes everything");
    serde_json::from_slice::<serde_json::Value>(&json).expect("JSON is JSON");
    answers.push(json);
    answers
}
