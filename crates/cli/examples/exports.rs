//! Reads an archive and writes everything that other programs read of it: the report as JSON, every table in every format,
//! and the outcomes of rules as `JUnit` and SARIF. `.ci/readers/exports` reads them back with other people's programs.
//!
//! `cargo run -p perfpower --example exports -- OUT ARCHIVE...`

use perfpower::config::{Config, FILE_NAME};
use perfpower::{ExportDirectory, ReadPlan, read_archive};
use perfpower_analysis::diagnostics::{Axis, Ranked, StackLog, StackTable};
use perfpower_analysis::gate::judge_rules;
use perfpower_analysis::{Filter, RevisionDetail, analyze};
use perfpower_archive::{Archive, Sources};
use perfpower_model::Day;
use perfpower_parse::ParseOptions;
use perfpower_report::export::{ExportFormat, Exporter, Partition};
use perfpower_report::{
    Report, blame_places, code_places, report_schema_json, signature_places, write_gate_junit, write_report_json,
    write_sarif,
};
use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let out = arguments.next().ok_or("expected OUT ARCHIVE...")?;
    let archives: Vec<PathBuf> = arguments.collect();
    let plan = ReadPlan {
        sources: Sources::of_paths(&archives),
        revisions: RevisionDetail::Keep,
        quiet: true,
        ..ReadPlan::default()
    };
    let reading = read_archive(&plan);
    let config = Config::load(&out.join(FILE_NAME)).or_else(|_| Config::discover(&archives, &out))?;
    let analysis = analyze(&reading.histories, &Filter::default(), &config.options());
    // Signatures and stacks of every document that has some, by app and day.
    let archive = Archive::open(&plan.sources, &plan.rules);
    let mut stacks = StackTable::new();
    let mut diagnostics = Vec::new();
    let mut buffer = Vec::new();
    for (app, entries) in archive.by_app() {
        for entry in entries {
            if entry.read(&mut buffer).is_ok() {
                let document = perfpower_parse::parse(&buffer, &ParseOptions::default());
                stacks.absorb(app, &document);
                diagnostics.push((app, entry.snapshot.value, document));
            }
        }
    }
    for (name, format) in [
        ("parquet", ExportFormat::Parquet),
        ("arrow", ExportFormat::Arrow),
        ("csv", ExportFormat::Csv),
        ("ndjson", ExportFormat::Ndjson),
    ] {
        for (partitions, partition) in [("", Partition::None), ("-by-app", Partition::App)] {
            let directory = ExportDirectory::new(&out.join(format!("{name}{partitions}")))?;
            let mut exporter = Exporter::new(format, partition, directory);
            for history in &reading.histories {
                exporter.app(history)?;
            }
            exporter.analysis(&analysis)?;
            for (app, day, document) in &diagnostics {
                exporter.signatures(app, *day, document)?;
            }
            exporter.frames(&stacks)?;
            exporter.finish()?.0.publish()?;
        }
    }
    let file = |name: &str| File::create(out.join(name)).map(BufWriter::new);
    let archive_argument = archives.first().map(|path| path.display().to_string()).unwrap_or_default();
    let report = Report {
        analysis: &analysis,
        archive: &reading.facts,
        problems: &reading.problems,
        archive_argument: &archive_argument,
    };
    write_report_json(&report, &mut file("report.json")?)?;
    std::fs::write(out.join("report.schema.json"), report_schema_json())?;
    // The day is fixed: the example is to give the same bytes tomorrow.
    let today = Day::parse("2026-11-23").ok_or("no such day")?;
    let gate = judge_rules(&analysis, &[], &config.rules, &config.waivers, today);
    write_gate_junit(&gate, &reading.problems, &archive_argument, &mut file("check.xml")?)?;
    write_sarif(&code_places(&analysis, Some(&gate)), &mut file("check.sarif")?)?;
    let mut places = code_places(&analysis, None);
    for history in &reading.histories {
        let is_wanted = |log: &StackLog| Axis::App.value(&stacks, log) == history.app;
        places.extend(blame_places(&history.app, &stacks.ranking(Ranked::Blame, is_wanted), 20));
    }
    for (app, _, document) in &diagnostics {
        places.extend(signature_places(app, document));
    }
    write_sarif(&places, &mut file("report.sarif")?)?;
    Ok(())
}
