use super::*;
use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type};
use arrow_ipc::reader::FileReader;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use perfpower_analysis::{
    Analysis, AppHistory, Attainment, Filter, GoalSource, GoalStatus, HistoryBuilder, Options, RevisionDetail,
};
use perfpower_model::{
    BreakdownShare, Dataset, Day, DiagnosticLog, Document, Frame, Kind, LogMetadata, Metric, Signature, SignatureTrend,
};
use perfpower_stacks::StackTable;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::num::NonZeroU32;

/// Files in memory; what is not committed is not there.
#[derive(Default)]
struct Memory {
    files: BTreeMap<String, Vec<u8>>,
    open: usize,
    most_open: usize,
}

struct MemoryFile {
    path: String,
    bytes: Vec<u8>,
}

impl Write for MemoryFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl ExportSink for Memory {
    type File = MemoryFile;

    fn create(&mut self, path: &str) -> io::Result<MemoryFile> {
        self.open += 1;
        self.most_open = self.most_open.max(self.open);
        Ok(MemoryFile { path: path.to_owned(), bytes: Vec::new() })
    }

    fn commit(&mut self, file: MemoryFile) -> io::Result<()> {
        self.open -= 1;
        assert!(self.files.insert(file.path, file.bytes).is_none(), "written twice");
        Ok(())
    }
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// One metric, one series, and its points: version, value, margin, goal.
fn document(points: &[(&str, f64, Option<f64>, &str)]) -> Document {
    let mut document = Document::new(Kind::XcodeMetrics);
    let names = &mut document.names;
    let metric = Metric {
        category: Some(names.intern("LAUNCH")),
        identifier: names.intern("launchTime"),
        unit: Some(names.intern("milliseconds")),
        unit_label: Some(names.intern("ms")),
        goal_bounds: 0..0,
    };
    let dataset = Dataset {
        metric: 0,
        platform: Some(names.intern("iOS")),
        device: Some(names.intern("all_iphones")),
        device_label: None,
        percentile: Some(names.intern("percentile.ninety")),
        points: 0..points.len() as u32,
        recommended: None,
    };
    for (index, (version, value, margin, goal)) in points.iter().enumerate() {
        let columns = &mut document.metrics.points;
        columns.version.push(names.intern(version));
        columns.value.push(*value);
        columns.margin.push(margin.unwrap_or(f64::NAN));
        columns.goal.push((!goal.is_empty()).then(|| names.intern(goal)));
        if index == 0 {
            let subsystem = names.intern("networking");
            columns.breakdown.push(BreakdownShare { point: 0, subsystem, percent: 12.5 });
        }
    }
    document.metrics.metrics.push(metric);
    document.metrics.datasets.push(dataset);
    document
}

/// Two snapshots: 1.1 was 25 and is 20.5.
fn history(app: &str) -> AppHistory {
    let mut builder = HistoryBuilder::new(app, RevisionDetail::Keep);
    builder.add(&document(&[("1.0", 10.0, Some(0.5), "good"), ("1.1", 20.5, None, "")]), day("2026-02-01"), 0);
    builder.add(&document(&[("1.0", 10.0, Some(0.5), "good"), ("1.1", 25.0, Some(1.0), "")]), day("2026-01-01"), 1);
    builder.finish()
}

fn signatures() -> Document {
    let mut document = Document::new(Kind::DiagnosticSignatures);
    let names = &mut document.names;
    document.identity.build_id = Some(names.intern("build-7"));
    let signature = Signature {
        id: Some(names.intern("s1")),
        diagnostic_type: Some(names.intern("HANGS")),
        text: Some(names.intern("=cmd|'/c calc'!A1\n")),
        weight: Some(0.25),
        trend: Some(SignatureTrend { direction: Some(names.intern("UP")), references: Vec::new() }),
        line: NonZeroU32::new(7),
        ..Signature::default()
    };
    document.signatures.push(signature);
    document
}

/// One log: `main` with 3 samples of its own calls `load` with 5.
fn stacks(app: &str) -> StackTable {
    let mut document = Document::new(Kind::DiagnosticLogs);
    let names = &mut document.names;
    let binary = names.intern("Mail");
    let file = names.intern("Mail/Load.swift");
    let mut frame = |symbol: &str, line: u32, is_blame: bool| Frame {
        symbol: Some(names.intern(symbol)),
        binary: Some(binary),
        file: (line > 0).then_some(file),
        line: NonZeroU32::new(line),
        is_blame,
        ..Frame::default()
    };
    let tree = &mut document.call_tree;
    tree.frames = vec![frame("main", 0, false), frame("load", 42, true)];
    tree.frame = vec![0, 1];
    tree.parent = vec![perfpower_model::CallTree::ROOT, 0];
    tree.samples = vec![8, 5];
    tree.address = vec![0, 0];
    let metadata = LogMetadata {
        app_version: Some(names.intern("1.1")),
        event: Some(names.intern("hang")),
        event_detail: Some(names.intern("hang for 2s")),
        ..LogMetadata::default()
    };
    document.logs.push(DiagnosticLog { signature: None, metadata, per_thread: Some(true), nodes: 0..2 });
    let mut table = StackTable::new();
    table.absorb(app, &document);
    table
}

fn export(format: ExportFormat, partition: Partition, apps: &[&str]) -> (Memory, ExportSummary) {
    let mut exporter = Exporter::new(format, partition, Memory::default());
    for app in apps {
        exporter.app(&history(app)).unwrap();
        exporter.signatures(app, day("2026-02-01"), &signatures()).unwrap();
        exporter.frames(&stacks(app)).unwrap();
    }
    exporter.finish().unwrap()
}

fn text(memory: &Memory, path: &str) -> String {
    String::from_utf8(memory.files[path].clone()).unwrap()
}

#[test]
fn points_as_csv() {
    let (memory, summary) = export(ExportFormat::Csv, Partition::None, &["-a"]);
    // The app's key would be a formula in a spreadsheet; the negative of a number would not be touched.
    let expected = "\
app,platform,category,metric,unit,unit_label,device,device_label,percentile,percentile_label,version,version_order,value,margin,goal,snapshot,first_seen,last_seen
'-a,iOS,LAUNCH,launchTime,milliseconds,ms,all_iphones,,90.0,percentile.ninety,1.0,0,10.0,0.5,good,2026-02-01,2026-01-01,2026-02-01
'-a,iOS,LAUNCH,launchTime,milliseconds,ms,all_iphones,,90.0,percentile.ninety,1.1,1,20.5,,,2026-02-01,2026-01-01,2026-02-01
";
    assert_eq!(text(&memory, "points.csv"), expected);
    assert_eq!(
        text(&memory, "revisions.csv"),
        "app,platform,category,metric,unit_label,device,percentile,percentile_label,version,snapshot,value,margin\n\
         '-a,iOS,LAUNCH,launchTime,ms,all_iphones,90.0,percentile.ninety,1.1,2026-01-01,25.0,1.0\n"
    );
    assert_eq!(
        text(&memory, "breakdown.csv"),
        "app,platform,category,metric,device,percentile,percentile_label,version,subsystem,share_percent\n\
         '-a,iOS,LAUNCH,launchTime,all_iphones,90.0,percentile.ninety,1.0,networking,12.5\n"
    );
    assert_eq!(
        text(&memory, "signatures.csv"),
        "app,snapshot,build_id,id,diagnostic_type,signature,weight,trend,count,file,line\n\
         '-a,2026-02-01,build-7,s1,HANGS,'=cmd|'/c calc'!A1␊,0.25,UP,,,7\n"
    );
    assert_eq!(
        text(&memory, "frames.csv"),
        "app,diagnostic_type,app_version,function,binary,file,line,is_blame,advice_category,self_samples,\
         inclusive_samples,total_samples,logs\n\
         '-a,HANGS,1.1,main,Mail,,,false,,3,8,8,1\n\
         '-a,HANGS,1.1,load,Mail,Mail/Load.swift,42,true,,5,5,8,1\n"
    );
    let rows: Vec<_> = summary.into_iter().map(|(table, rows)| (table.as_str(), rows)).collect();
    assert_eq!(
        rows,
        [
            ("points", 2),
            ("breakdown", 1),
            ("revisions", 1),
            ("insights", 0),
            ("findings", 0),
            ("goals", 0),
            ("signatures", 1),
            ("frames", 2)
        ]
    );
}

#[test]
fn signatures_as_ndjson_keep_every_character() {
    let (memory, _) = export(ExportFormat::Ndjson, Partition::None, &["a"]);
    assert_eq!(
        text(&memory, "signatures.ndjson"),
        "{\"app\":\"a\",\"snapshot\":\"2026-02-01\",\"build_id\":\"build-7\",\"id\":\"s1\",\"diagnostic_type\":\"HANGS\",\
         \"signature\":\"=cmd|'/c calc'!A1\\n\",\"weight\":0.25,\"trend\":\"UP\",\"count\":null,\"file\":null,\"line\":7}\n"
    );
    assert_eq!(text(&memory, "findings.ndjson"), "");
}

/// An analysis with two findings, of the apps `b` and `a`, a goal and an insight without populations.
fn analysis() -> Analysis {
    let mut analysis = perfpower_analysis::analyze(&[], &Filter::default(), &Options::default());
    for app in ["b", "a"] {
        let mut finding = crate::sample::step();
        finding.series.app = app.into();
        finding.p = f64::NAN;
        analysis.findings.push(finding);
    }
    analysis.goals.push(GoalStatus {
        series: analysis.findings[0].series.clone(),
        percentile: Some(50.0),
        unit_label: Some("ms".into()),
        source: GoalSource::Bound("good".into()),
        bound: Some(900.0),
        label: Some("fair".into()),
        label_before: None,
        version: "2.0".into(),
        level: 1034.7,
        probability: Some(0.001),
        attainment: Attainment::Missed,
        distance_percent: Some(14.97),
        transition: false,
    });
    analysis
}

#[test]
fn findings_and_goals_as_csv() {
    let mut exporter = Exporter::new(ExportFormat::Csv, Partition::None, Memory::default());
    exporter.analysis(&analysis()).unwrap();
    let (memory, _) = exporter.finish().unwrap();
    let findings = text(&memory, "findings.csv");
    let mut lines = findings.lines().skip(1);
    let id = crate::sample::step().id;
    assert_eq!(
        lines.next().unwrap(),
        format!(
            "{id},b,iOS,LAUNCH,launchTime,ms,all_iphones,50.0,percentile.fifty,step,regression,1.2,1.1,2.0,open,false,\
             759.3,1034.7,1034.7,{:?},22.1,52.1,19.4,,0.0016,0.177,0,unknown,false,1",
            100.0 * (1034.7 / 759.3 - 1.0)
        )
    );
    assert!(lines.next().unwrap().ends_with(",unknown,false,2"));
    assert_eq!(
        text(&memory, "goals.csv").lines().nth(1).unwrap(),
        "b,iOS,LAUNCH,launchTime,ms,all_iphones,50.0,percentile.fifty,bound,good,900.0,fair,,2.0,1034.7,0.001,missed,\
         14.97,false"
    );
}

#[test]
fn findings_keep_their_rank_when_they_are_split_by_app() {
    let mut exporter = Exporter::new(ExportFormat::Csv, Partition::App, Memory::default());
    exporter.analysis(&analysis()).unwrap();
    let (memory, _) = exporter.finish().unwrap();
    assert!(text(&memory, "findings/app=a/data.csv").trim_end().ends_with(",2"));
    assert!(text(&memory, "findings/app=b/data.csv").trim_end().ends_with(",1"));
    assert!(memory.files.contains_key("goals/app=b/data.csv"));
}

/// All rows of a Parquet file as one batch each.
fn parquet(bytes: &[u8]) -> Vec<RecordBatch> {
    let bytes = bytes.to_vec();
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes)).unwrap().build().unwrap();
    reader.map(Result::unwrap).collect()
}

fn arrow(bytes: &[u8]) -> Vec<RecordBatch> {
    FileReader::try_new(io::Cursor::new(bytes), None).unwrap().map(Result::unwrap).collect()
}

#[test]
fn parquet_and_arrow_read_back_as_they_were_written() {
    let (parquet_files, _) = export(ExportFormat::Parquet, Partition::None, &["a", "b"]);
    let (arrow_files, _) = export(ExportFormat::Arrow, Partition::None, &["a", "b"]);
    for table in Table::ALL {
        let from_parquet = parquet(&parquet_files.files[&format!("{}.parquet", table.as_str())]);
        let from_arrow = arrow(&arrow_files.files[&format!("{}.arrow", table.as_str())]);
        // The reader of Parquet drops the metadata of the whole schema, which is in the file all the same.
        let content = |batches: &[RecordBatch]| -> Vec<_> {
            batches.iter().map(|batch| (batch.schema().fields().clone(), batch.columns().to_vec())).collect()
        };
        assert_eq!(content(&from_parquet), content(&from_arrow), "{table:?}");
    }
    let points = &arrow(&arrow_files.files["points.arrow"])[0];
    assert_eq!(points.schema().metadata()["perfpower.schema"], "perfpower.export/1 points");
    let column = |name: &str| points.column_by_name(name).unwrap();
    assert_eq!(column("app").as_string::<i32>().iter().flatten().collect::<Vec<_>>(), ["a", "a", "b", "b"]);
    assert_eq!(column("value").as_primitive::<Float64Type>().values()[..], [10.0, 20.5, 10.0, 20.5]);
    let margins: Vec<_> = column("margin").as_primitive::<Float64Type>().iter().collect();
    assert_eq!(margins, [Some(0.5), None, Some(0.5), None]);
    assert_eq!(column("version_order").as_primitive::<Int64Type>().values()[..], [0, 1, 0, 1]);
    assert_eq!(column("snapshot").as_primitive::<Date32Type>().value(0), day("2026-02-01").days());
    assert!(column("goal").is_null(1));
}

#[test]
fn the_maker_in_a_parquet_file_is_the_schema_alone() {
    let (memory, _) = export(ExportFormat::Parquet, Partition::None, &["a"]);
    let reader = SerializedFileReader::new(bytes::Bytes::from(memory.files["points.parquet"].clone())).unwrap();
    let metadata = reader.metadata().file_metadata();
    assert_eq!(metadata.created_by(), Some(EXPORT_SCHEMA));
    assert_eq!(metadata.num_rows(), 2);
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    for format in [ExportFormat::Parquet, ExportFormat::Arrow, ExportFormat::Csv, ExportFormat::Ndjson] {
        for partition in [Partition::None, Partition::App] {
            let one = export(format, partition, &["a", "b"]).0.files;
            // Hash maps differ from thread to thread, so a map on its way into a file is seen here.
            let other = std::thread::spawn(move || export(format, partition, &["a", "b"]).0.files).join().unwrap();
            assert!(one == other, "{format:?} {partition:?}");
        }
    }
}

#[test]
fn partitions_are_directories_and_few_files_are_open() {
    let (memory, _) = export(ExportFormat::Csv, Partition::App, &["a/b", "c", "C"]);
    let paths: Vec<_> = memory.files.keys().filter(|path| path.starts_with("points")).collect();
    assert_eq!(paths, ["points/app=%43/data.csv", "points/app=a%2Fb/data.csv", "points/app=c/data.csv"]);
    assert!(memory.files.contains_key("schema.json"));
    // Tables without rows have no partition.
    assert!(!memory.files.keys().any(|path| path.starts_with("findings")));
    assert!(memory.most_open <= Table::ALL.len(), "{}", memory.most_open);
}

#[test]
fn an_app_that_comes_back_is_refused_and_keys_that_are_too_long_are_cut() {
    let mut exporter = Exporter::new(ExportFormat::Csv, Partition::App, Memory::default());
    exporter.app(&history("a")).unwrap();
    exporter.app(&history("b")).unwrap();
    let error = exporter.app(&history("a")).unwrap_err();
    assert_eq!(error.to_string(), "rows of the app `a` do not come together");

    let mut exporter = Exporter::new(ExportFormat::Csv, Partition::App, Memory::default());
    let (one, other) = (format!("{}1", "é".repeat(60)), format!("{}2", "é".repeat(60)));
    exporter.app(&history(&one)).unwrap();
    exporter.app(&history(&other)).unwrap();
    let (memory, _) = exporter.finish().unwrap();
    let folders: Vec<&str> = memory.files.keys().filter_map(|path| path.strip_prefix("points/")).collect();
    assert_eq!(folders.len(), 2, "{folders:?}");
    assert!(folders.iter().all(|folder| folder.starts_with("app=%C3%A9") && folder.len() < 255), "{folders:?}");
}

#[test]
fn many_rows_leave_in_batches() {
    let versions: Vec<String> = (0..20_000).map(|number| format!("1.{number}")).collect();
    let points: Vec<_> = versions.iter().map(|version| (version.as_str(), 1.0, None, "")).collect();
    let mut builder = HistoryBuilder::new("a", RevisionDetail::Count);
    builder.add(&document(&points), day("2026-02-01"), 0);
    let mut exporter = Exporter::new(ExportFormat::Arrow, Partition::None, Memory::default());
    exporter.app(&builder.finish()).unwrap();
    let (memory, summary) = exporter.finish().unwrap();
    assert_eq!(summary[&Table::Points], 20_000);
    let rows: Vec<_> = arrow(&memory.files["points.arrow"]).iter().map(RecordBatch::num_rows).collect();
    assert_eq!(rows, [8192, 8192, 20_000 - 2 * 8192]);
}

#[test]
fn a_full_disk_is_an_error_and_no_file() {
    struct Full;
    struct NoRoom;
    impl Write for NoRoom {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::other("no room"))
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::Error::other("no room"))
        }
    }
    impl ExportSink for Full {
        type File = NoRoom;

        fn create(&mut self, _: &str) -> io::Result<NoRoom> {
            Ok(NoRoom)
        }

        fn commit(&mut self, _: NoRoom) -> io::Result<()> {
            panic!("a broken file was committed")
        }
    }
    for format in [ExportFormat::Parquet, ExportFormat::Arrow, ExportFormat::Csv, ExportFormat::Ndjson] {
        let mut exporter = Exporter::new(format, Partition::None, Full);
        let result = exporter.app(&history("a")).and_then(|()| exporter.finish().map(|_| ()));
        assert!(result.unwrap_err().to_string().contains("no room"), "{format:?}");
    }
}

#[test]
fn names_of_columns_are_unique_and_every_column_is_explained() {
    for table in Table::ALL {
        let mut names: Vec<_> = table.columns().iter().map(|column| column.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), table.columns().len(), "{table:?}");
        for column in table.columns() {
            assert!(!column.meaning.is_empty() && !column.meaning.contains('|'), "{table:?} {}", column.name);
            assert!(!column.null.contains('|'));
        }
        assert!(schema_markdown().contains(&format!("\n## {}\n", table.as_str())));
    }
    let schema: serde_json::Value = serde_json::from_str(&schema_json()).unwrap();
    assert_eq!(schema["schema"], EXPORT_SCHEMA);
    assert_eq!(schema["tables"][0]["columns"][13]["null"], "plenty of data");
}

#[test]
fn the_shipped_documentation_is_that_of_the_schema() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/perfpower.export-1.md");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, schema_markdown()).unwrap();
    }
    let shipped = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(shipped == schema_markdown(), "{} is not up to date; run again with BLESS=1", path.display());
}
