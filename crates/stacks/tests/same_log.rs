//! A log is the same log however it is written.

use perfpower_parse::{ParseOptions, parse};
use perfpower_stacks::StackTable;

/// The fields of the frame that the variants of a log differ in, as key and value.
type Fields<'a> = Vec<(&'a str, &'a str)>;

/// A frame of the app that has a name, and one that has none.
const NAMED: [(&str, &str); 9] = [
    ("symbolName", r#""load""#),
    ("binaryName", r#""Shop""#),
    ("fileName", r#""a/Café.swift""#),
    ("binaryUUID", r#""A""#),
    ("insightsCategory", r#""""#),
    ("lineNumber", r#""7""#),
    ("address", r#""4294967296""#),
    ("offsetIntoBinaryTextSegment", r#""16""#),
    ("sampleCount", "4"),
];
const NAMELESS: [(&str, &str); 9] = {
    let mut fields = NAMED;
    fields[0].1 = "null";
    fields
};

/// One log: a frame of these fields under a root.
fn log_with(fields: &Fields, space: &str) -> String {
    let fields: Vec<String> = fields.iter().map(|(key, value)| format!("\"{key}\":{space}{value}")).collect();
    format!(
        r#"{{"productData": [{{"signatureId": "s", "diagnosticLogs": [{{"diagnosticMetaData": {{"event": "hang"}}, "callStackTree":
            [{{"callStacks": [{{"callStackRootFrames": [{{"symbolName": "main", "sampleCount": 10, "subFrames":
            [{{{}}}]}}]}}]}}]}}]}}]}}"#,
        fields.join(&format!("{space},{space}"))
    )
}

/// Whether the second of two documents holds the log of the first once more.
fn is_repeated(one: &str, other: &str) -> bool {
    let mut table = StackTable::new();
    for body in [one, other] {
        table.absorb("app", &parse(body.as_bytes(), &ParseOptions::default()));
    }
    table.losses().repeated_logs == 1
}

/// The fields with some of them set to something else; `None` = left out.
fn changed<'a>(fields: &Fields<'a>, changes: &[(&'a str, Option<&'a str>)]) -> Fields<'a> {
    let mut fields = fields.clone();
    for (key, value) in changes {
        fields.retain(|(other, _)| other != key);
        fields.extend(value.map(|value| (*key, value)));
    }
    fields
}

#[test]
fn a_log_is_the_same_log_however_it_is_written() {
    for blame in ["true", "false"] {
        for is_named in [true, false] {
            let mut base: Fields = if is_named { NAMED.to_vec() } else { NAMELESS.to_vec() };
            base.push(("isBlameFrame", blame));
            let log = log_with(&base, "");
            let repeats = |other: &Fields| is_repeated(&log, &log_with(other, "\n "));

            let mut sorted = base.clone();
            sorted.sort_unstable();
            assert!(repeats(&sorted));
            for turn in 0..base.len() {
                base.rotate_left(1);
                assert!(repeats(&base), "{turn}");
            }
            for same in [
                ("fileName", Some(r#""a\/Caf\u00e9.swift""#)),
                ("binaryName", Some(r#""\u0053hop""#)),
                ("insightsCategory", None),
                ("insightsCategory", Some("null")),
                ("lineNumber", Some("7")),
                ("address", Some(r#""0x100000000""#)),
                ("offsetIntoBinaryTextSegment", Some("16")),
                ("offsetIntoSymbol", Some("3")),
                ("rawFrame", Some(r#""Shop load""#)),
                ("symbolName", Some(if is_named { r#""lo\u0061d""# } else { r#""""# })),
            ] {
                assert!(repeats(&changed(&base, &[same])), "{same:?}");
            }
            for different in [
                ("symbolName", Some(r#""save""#)),
                ("binaryName", Some(r#""Kit""#)),
                ("binaryName", None),
                ("fileName", Some(r#""b.swift""#)),
                ("fileName", Some("null")),
                ("insightsCategory", Some(r#""SQLiteSpill""#)),
                ("lineNumber", Some("8")),
                ("lineNumber", None),
                ("address", Some("17")),
                ("sampleCount", Some("5")),
                ("isBlameFrame", Some(if blame == "true" { "false" } else { "true" })),
            ] {
                assert!(!repeats(&changed(&base, &[different])), "{different:?}");
            }
            let swapped = changed(&base, &[("fileName", Some(r#""Shop""#)), ("binaryName", Some(r#""a/Café.swift""#))]);
            assert!(!repeats(&swapped));

            // What has a name needs no build to be told apart, whichever is read first.
            for build in [("binaryUUID", Some(r#""B""#)), ("offsetIntoBinaryTextSegment", Some("17"))] {
                let last = changed(&base, &[build]);
                let mut first = last.clone();
                first.rotate_right(1);
                assert_eq!([repeats(&last), repeats(&first)], [is_named; 2], "{build:?}");
            }
        }
    }
}
