//! Reading fewer texts of frames changes no answer that does not need them.

use perfpower_analysis::diagnostics::{FrameKey, Ranked, StackTable, StackTree};
use perfpower_parse::{FrameTexts, ParseOptions, parse};
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
