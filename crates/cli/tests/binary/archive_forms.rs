//! An archive may be packed, piped and listed in many ways; the report is the same.

use crate::workdir::{Workdir, demo_documents, perfpower, repository};
use perfpower_testkit::{ArchiveFile, demo, gunzip, gzip};
use serde_json::Value;
use std::fs;
use std::io::{Cursor, Write};

/// The documents of the demo archive, unpacked, without the endings that tell of packing.
fn plain_documents() -> Vec<ArchiveFile> {
    let documents = demo::files().into_iter().filter(|file| file.path != "perfpower.toml");
    documents
        .map(|file| match gunzip(&file.bytes) {
            Some(bytes) => ArchiveFile { path: file.path.trim_end_matches(".gz").to_owned(), bytes },
            None => file,
        })
        .collect()
}

fn tar_of(files: &[ArchiveFile]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for file in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(file.bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        tar.append_data(&mut header, &file.path, &*file.bytes).unwrap();
    }
    tar.into_inner().unwrap()
}

fn zip_of(files: &[ArchiveFile]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for file in files {
        zip.start_file(&file.path, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(&file.bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A report as JSON without the paths of its problems, which are those of the form, and of its settings.
fn without_paths(mut report: Value) -> Value {
    for key in ["files", "text"] {
        report["settings"].as_object_mut().unwrap().remove(key).unwrap();
    }
    let archive = report["archive"].as_object_mut().unwrap();
    archive.remove("settings").unwrap();
    // A container names its settings as passed over, and nothing else.
    let passed_over = archive.remove("passed_over").unwrap();
    assert!(
        passed_over.as_array().unwrap().iter().all(|file| file["path"].as_str().unwrap().ends_with("perfpower.toml"))
    );
    archive.remove("skipped").unwrap();
    for problem in report["problems"].as_array_mut().unwrap() {
        problem.as_object_mut().unwrap().remove("path").unwrap();
    }
    report
}

fn expected() -> Value {
    without_paths(
        perfpower("report fixtures/demo --format json --config fixtures/demo/perfpower.toml")
            .run()
            .ends_with(0)
            .quietly()
            .json(),
    )
}

/// The names of the apps stand in the demo's settings, which a container does not hand on.
const SETTINGS: &str = "fixtures/demo/perfpower.toml";

#[track_caller]
fn assert_same_report(dir: &Workdir, archive: &str) {
    let settings = repository().join(SETTINGS);
    let arguments = ["report", archive, "--format", "json", "--config", settings.to_str().unwrap()];
    let report = dir.perfpower(arguments).run().ends_with(0).quietly().json();
    assert_eq!(without_paths(report), expected(), "{archive}");
}

#[test]
fn packed_files_are_opened_by_what_they_are() {
    let dir = Workdir::new();
    for file in plain_documents() {
        let gzipped = ArchiveFile::gzipped(&file.path, &file.bytes);
        let zstd = zstd::encode_all(&*file.bytes, 3).unwrap();
        dir.write(format!("plain/{}", file.path), &file.bytes);
        dir.write(format!("gzip/{}", gzipped.path), &gzipped.bytes);
        dir.write(format!("zstd/{}.zst", file.path), &zstd);
        // The ending says plain, the first bytes say packed.
        dir.write(format!("disguised/{}", file.path), &zstd);
    }
    for form in ["plain", "gzip", "zstd", "disguised"] {
        assert_same_report(&dir, form);
    }
}

#[test]
fn containers_are_read_like_directories() {
    let dir = Workdir::new();
    let (plain, packed) = (plain_documents(), demo::files());
    dir.write("demo.zip", zip_of(&plain));
    dir.write("packed-members.zip", zip_of(&packed));
    dir.write("demo.tar", tar_of(&plain));
    dir.write("packed-members.tar", tar_of(&packed));
    dir.write("demo.tar.gz", gzip(&tar_of(&plain)));
    dir.write("demo.tar.zst", zstd::encode_all(&*tar_of(&plain), 3).unwrap());
    for form in ["demo.zip", "packed-members.zip", "demo.tar", "packed-members.tar", "demo.tar.gz", "demo.tar.zst"] {
        assert_same_report(&dir, form);
    }
}

#[test]
fn standard_input_is_one_document_or_one_container() {
    let path = "fixtures/demo/com.example.larder/2026-11-02/xcodeMetrics.json.gz";
    let body = fs::read(repository().join(path)).unwrap();
    let line = "--app com.example.larder --snapshot 2026-11-02 --format json";
    let from_file = perfpower(&format!("report {path} {line}")).run().ends_with(0).json();
    let from_pipe = perfpower(&format!("report - {line}")).input(body.clone()).run().ends_with(0).quietly().json();
    assert_eq!(from_pipe, from_file);
    let unpacked = perfpower(&format!("report - {line}")).input(gunzip(&body).unwrap()).run().ends_with(0).json();
    assert_eq!(unpacked, from_file);

    let piped = perfpower(&format!("report - --format json --config {SETTINGS}"));
    let piped = piped.input(zip_of(&plain_documents())).run().ends_with(0).json();
    assert_eq!(without_paths(piped), expected());

    perfpower("report -").run().ends_with(3).says(&["error: -: ", "empty"]);
}

#[test]
fn a_list_of_files_is_an_archive() {
    let dir = Workdir::new();
    let documents = demo_documents();
    let lines = dir.write("lines.txt", documents.join("\n") + "\n\n");
    let nul = dir.write("nul.txt", documents.join("\0"));
    let expected = expected();
    for list in [&lines, &nul] {
        let call = perfpower("report --format json --config").arguments([SETTINGS, "--files-from"]);
        let report = call.arguments([list]).run().ends_with(0).quietly().json();
        assert_eq!(without_paths(report), expected);
        let call = perfpower("report --files-from - --format json --config").arguments([SETTINGS]);
        let report = call.input(fs::read(list).unwrap()).run().ends_with(0).quietly().json();
        assert_eq!(without_paths(report), expected);
    }
    // What the list names twice, or the command line too, is read once.
    let call = perfpower("report fixtures/demo --format json --files-from").arguments([&lines]);
    assert_eq!(without_paths(call.run().ends_with(0).json()), expected);

    perfpower("report - --files-from -").run().ends_with(2).says(&["not both"]);
    perfpower("report --files-from nowhere.txt").run().ends_with(3).says(&["nowhere.txt"]);
}

/// A download with one value, always of the same length.
fn download(value: u32) -> String {
    format!(
        r#"{{"productData":[{{"platform":"iOS","metricCategories":[{{"identifier":"LAUNCH","metrics":[{{"identifier":"launchTime",
        "unit":{{"identifier":"milliseconds","displayName":"ms"}},"datasets":[{{"filterCriteria":{{"percentile":"percentile.fifty",
        "device":"all_iphones"}},"points":[{{"version":"1.0","value":{value:03}}}]}}]}}]}}]}}]}}"#
    )
}

#[test]
fn a_repeat_is_known_by_its_bytes_and_not_by_its_size() {
    let count = |dir: &Workdir| {
        let report = dir.perfpower(["report", ".", "--format", "json"]).run().ends_with(0).json();
        let archive = &report["archive"];
        ["documents", "repeated", "revisions"].map(|key| archive[key].as_u64().unwrap())
    };
    let dir = Workdir::new();
    dir.write("app/2026-01-01/xcodeMetrics.json", download(100));
    dir.write("app/2026-01-02/xcodeMetrics.json", download(200));
    dir.write("app/2026-01-03/xcodeMetrics.json", download(300) + " ");
    assert_eq!(count(&dir), [3, 0, 2], "of one size, and of another");
    // Newest first: 200, again 300, again 200, and 100. A value that came back was another one in between.
    dir.write("app/2026-01-04/xcodeMetrics.json", download(200));
    assert_eq!(count(&dir), [4, 1, 3], "of one size and of the same bytes");
    // What is packed tells its size only when it is unpacked.
    dir.write("app/2026-01-05/xcodeMetrics.json.gz", gzip((download(300) + " ").as_bytes()));
    assert_eq!(count(&dir), [5, 2, 4], "plain and packed");
}

/// A byte more, and it is no repeat; but it tells the same.
#[test]
fn a_repeat_tells_of_its_day_what_any_other_document_does() {
    let read = |end: &str| {
        let dir = Workdir::new();
        for file in plain_documents() {
            dir.write(&file.path, &file.bytes);
            // All that was saved of Larder was saved once more, the day before.
            if let Some((day, name)) =
                file.path.strip_prefix("com.example.larder/").and_then(|path| path.split_once('/'))
            {
                let (month, day) = day.rsplit_once('-').unwrap();
                let before = day.parse::<u8>().unwrap() - 1;
                let bytes = [&*file.bytes, end.as_bytes()].concat();
                dir.write(format!("com.example.larder/{month}-{before:02}/{name}"), bytes);
            }
        }
        let mut report = dir.perfpower(["report", ".", "--format", "json"]).run().ends_with(0).json();
        let facts = report["archive"].as_object_mut().unwrap();
        let repeated = facts.remove("repeated").unwrap().as_u64().unwrap();
        facts.remove("bytes");
        let options = ["diagnostics", ".", "--app", "com.example.larder", "--format", "json"];
        let mut diagnostics = dir.perfpower(options).run().ends_with(0).json();
        diagnostics["losses"].as_object_mut().unwrap().remove("repeated_logs").unwrap();
        (repeated, report, diagnostics)
    };
    let (of_repeats, of_others) = (read(""), read("\n"));
    assert!(of_repeats.0 > of_others.0 + 10, "{} and {}", of_repeats.0, of_others.0);
    assert_eq!((of_repeats.1, of_repeats.2), (of_others.1, of_others.2));
}
