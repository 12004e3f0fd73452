use super::columns::{Column, Fault};
use super::read::Shard;
use super::tables::{Rows, Tables};
use super::write::ShardWriter;
use arrow_array::RecordBatch;
use perfpower_model::{Day, NameId, Names};
use perfpower_parse::{ParseOptions, Parsed, parse_all};
use perfpower_testkit::{demo, fixture};
use std::collections::HashMap;

/// Files of all kinds: those of the fixtures, and the demo.
fn files() -> Vec<Vec<u8>> {
    let folders = ["broken", "documented", "handmade"].into_iter();
    let of_folders =
        folders.flat_map(|folder| std::fs::read_dir(fixture(folder)).unwrap()).map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = of_folders.filter(|path| path.is_file()).collect();
    paths.sort();
    let mut files: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    files.extend(demo::files().into_iter().map(|file| file.bytes));
    files
}

fn parsed(bytes: &[u8], counts_known: bool) -> Vec<(u32, Parsed)> {
    (0..).zip(parse_all(bytes, &ParseOptions { count_known_fields: counts_known })).collect()
}

/// The tables of a shard as they come back from Arrow.
fn through_arrow(writer: &ShardWriter) -> Result<(Tables, Names), Fault> {
    let mut batches: HashMap<&'static str, RecordBatch> = HashMap::new();
    writer.tables.write_each(&writer.names, |name, batch| {
        batches.insert(name, batch.clone());
        Ok(())
    })?;
    let mut names = Names::new();
    // In two pieces, as a long table comes.
    let tables = Tables::read_each(&mut names, |name| {
        let batch = &batches[name];
        let half = batch.num_rows() / 2;
        Ok([batch.slice(0, half), batch.slice(half, batch.num_rows() - half)].map(Ok).into_iter())
    })?;
    Ok((tables, names))
}

#[test]
fn every_document_comes_back_as_it_was_parsed() {
    let files = files();
    let mut writer = ShardWriter::default();
    for (file, bytes) in files.iter().enumerate() {
        writer.add(file as u32, &parsed(bytes, true));
    }
    let (tables, names) = through_arrow(&writer).unwrap();
    let shard = Shard::new(tables, names, files.len()).unwrap();
    let mut seen = 0;
    for (file, bytes) in files.iter().enumerate() {
        for counts_known in [true, false] {
            let (found, expected) = (shard.documents(file as u32, counts_known).unwrap(), parsed(bytes, counts_known));
            assert_eq!(format!("{found:#?}"), format!("{expected:#?}"), "file {file}");
            seen += found.len();
        }
    }
    assert!(seen > 100);
}

#[test]
fn columns_keep_what_is_absent_and_share_their_texts() {
    let mut names = Names::new();
    let [one, other] = ["one", ""].map(|text| names.intern(text));
    let texts = vec![Some(one), None, Some(other), Some(one)];
    let mut again = Names::new();
    again.intern("something before");
    let mut found: Vec<Option<NameId>> = Vec::new();
    found.read(&texts.array(&names), &mut again).unwrap();
    assert_eq!(found.iter().map(|id| again.get(*id)).collect::<Vec<_>>(), [Some("one"), None, Some(""), Some("one")]);

    let days = vec![Some(Day::from_days(20_000)), None];
    let mut found: Vec<Option<Day>> = Vec::new();
    found.read(&days.array(&names), &mut again).unwrap();
    assert_eq!(found, days);
    let mut all: Vec<Day> = Vec::new();
    assert!(all.read(&days.array(&names), &mut again).unwrap_err().0.contains("a value is missing"));
    let mut numbers: Vec<f64> = Vec::new();
    let fault = numbers.read(&days.array(&names), &mut again).unwrap_err();
    assert_eq!(fault.0, "a column of Date32, expected Float64");
}

#[test]
fn rows_are_those_of_their_document_or_refused() {
    let rows = Rows::of(&[0, 0, 2], 4).unwrap();
    assert_eq!((0..4).map(|document| rows.of_document(document)).collect::<Vec<_>>(), [0..2, 2..2, 2..3, 3..3]);
    assert!(Rows::of(&[], 0).is_ok());
    assert!(Rows::of(&[1, 0], 2).is_err());
    assert!(Rows::of(&[2], 2).is_err());
}

/// A table that others have written into is refused, and never read past its end.
#[test]
fn numbers_that_lead_nowhere_are_refused() {
    let body = &demo::files().into_iter().find(|file| file.path.ends_with("xcodeOverview.json")).unwrap().bytes;
    let whole = || {
        let mut writer = ShardWriter::default();
        writer.add(0, &parsed(body, false));
        through_arrow(&writer).unwrap()
    };
    let refused = |damage: fn(&mut Tables)| {
        let (mut tables, names) = whole();
        damage(&mut tables);
        Shard::new(tables, names, 1).and_then(|shard| shard.documents(0, false)).is_err()
    };
    assert!(!refused(|_| {}));
    assert!(refused(|tables| tables.Datasets.points_end[0] = u32::MAX));
    assert!(refused(|tables| tables.Datasets.metric[0] = 9_999));
    assert!(refused(|tables| tables.Points.version[0] = None));
    assert!(refused(|tables| tables.Documents.kind[0] = None));
    assert!(refused(|tables| tables.Documents.file[0] = 7));
    assert!(refused(|tables| tables.DocumentTexts.text[0] = None));
    assert!(refused(|tables| tables.Points.document[0] = 1));
}
