//! Reading fewer texts of frames changes no answer that does not need them.

use perfpower_parse::{FrameTexts, ParseOptions, parse};
use perfpower_stacks::{FrameKey, Ranked, StackTable, StackTree};
use perfpower_testkit::Rng;
use proptest::prelude::{prop, prop_assert_eq, proptest};

/// A body of logs whose frames have their fields in any order, some of them twice, odd or not at all.
fn body(seed: u64) -> String {
    let mut rng = Rng::keyed(seed, "frame texts", 0);
    let logs: Vec<String> = (0..=rng.below(3))
        .map(|_| {
            let frame = frame(&mut rng, 0);
            let device = rng.below(2);
            format!(
                r#"{{"diagnosticMetaData": {{"event": "hang", "appVersion": "1.0", "deviceType": "iPhone1{device}_1"}},
                    "callStackTree": [{{"callStackPerThread": false, "callStacks": [{{"callStackRootFrames": [{frame}]}}]}}]}}"#
            )
        })
        .collect();
    format!(r#"{{"productData": [{{"signatureId": "s", "diagnosticLogs": [{}]}}]}}"#, logs.join(","))
}

fn frame(rng: &mut Rng, depth: usize) -> String {
    let symbols = ["\"load\"", "\"sa\\u0076e\"", "\"save\"", "\"\"", "null", "7", "\"_TtC4Shop\""];
    let pick = |rng: &mut Rng, of: &[&str]| of[rng.below(of.len())].to_owned();
    let mut fields = vec![
        format!(r#""symbolName": {}"#, pick(rng, &symbols)),
        format!(r#""isBlameFrame": {}"#, pick(rng, &["true", "false", "false"])),
        format!(r#""binaryName": {}"#, pick(rng, &["\"Shop\"", "\"Kit\"", "\"\""])),
        format!(r#""fileName": {}"#, pick(rng, &["\"a.swift\"", "\"b.swift\"", "null"])),
        format!(r#""binaryUUID": {}"#, pick(rng, &["\"A\"", "\"B\""])),
        format!(r#""insightsCategory": {}"#, pick(rng, &["\"\"", "\"SQLiteSpill\""])),
        format!(r#""lineNumber": "{}""#, rng.below(3)),
        format!(r#""address": "{}""#, rng.below(2)),
        format!(r#""offsetIntoBinaryTextSegment": "{}""#, rng.below(3)),
        format!(r#""sampleCount": {}"#, rng.below(9)),
    ];
    if depth < 6 {
        let below: Vec<String> = (0..rng.below(3)).map(|_| frame(rng, depth + 1)).collect();
        fields.push(format!(r#""subFrames": [{}]"#, below.join(",")));
    }
    rng.shuffle(&mut fields);
    fields.truncate(fields.len() - rng.below(2));
    format!("{{{}}}", fields.join(","))
}

fn table(bodies: &[String], frame_texts: FrameTexts) -> StackTable {
    let mut table = StackTable::new();
    for body in bodies {
        table.absorb("app", &parse(body.as_bytes(), &ParseOptions { frame_texts, ..ParseOptions::default() }));
    }
    table
}

fn folded(tree: &StackTree) -> Vec<(Vec<&str>, u64)> {
    let name = |node: usize| tree.frame_of(node).name.as_str();
    (0..tree.len())
        .filter(|&node| tree.own[node] > 0)
        .map(|node| (tree.path(node).into_iter().map(name).collect(), tree.own[node]))
        .collect()
}

proptest! {
    #[test]
    fn rankings_of_blame_frames_and_folded_stacks_are_those_of_all_texts(seeds in prop::collection::vec(0_u64..2_000, 1..5)) {
        let bodies: Vec<String> = seeds.into_iter().map(body).collect();
        let all = table(&bodies, FrameTexts::All);

        let blamed = table(&bodies, FrameTexts::Blamed);
        prop_assert_eq!(all.ranking(Ranked::Blame, |_| true), blamed.ranking(Ranked::Blame, |_| true));
        prop_assert_eq!(all.losses(), blamed.losses());

        let names = table(&bodies, FrameTexts::Names);
        let (all_tree, names_tree) = (all.tree(FrameKey::Name, |_| true), names.tree(FrameKey::Name, |_| true));
        prop_assert_eq!(folded(&all_tree), folded(&names_tree));
        prop_assert_eq!(all.losses(), names.losses());
    }
}

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

/// Whether the second of two documents holds the log of the first once more, which every mode must answer alike.
fn is_repeated(one: &str, other: &str) -> bool {
    let bodies = [one.to_owned(), other.to_owned()];
    let answers = [FrameTexts::All, FrameTexts::Names, FrameTexts::Blamed]
        .map(|texts| table(&bodies, texts).losses().repeated_logs == 1);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "all, names, blamed: {answers:?}\n{one}\n{other}");
    answers[0]
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
fn a_log_is_the_same_log_however_it_is_written_and_however_much_of_it_is_kept() {
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
