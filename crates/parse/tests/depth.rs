//! Call stacks deeper than any stack of ours: the parser must not recurse over its input.

#![expect(clippy::unwrap_used, reason = "a helper of tests that cannot go on should stop them")]

use perfpower_model::{CallTree, Document, Kind};
use perfpower_parse::{ParseOptions, parse};
use std::fmt::Write;

/// Less than a recursive reader needs for a thousand frames.
const STACK_BYTES: usize = 256 * 1024;

fn parse_on_a_small_stack(body: String) -> Document {
    let reader = move || parse(body.as_bytes(), &ParseOptions::default());
    std::thread::Builder::new().stack_size(STACK_BYTES).spawn(reader).unwrap().join().unwrap()
}

/// One chain of frames; its samples fall by one from frame to frame.
fn log(frames: u32) -> String {
    let mut body =
        r#"{"productData": [{"signatureId": "s", "diagnosticLogs": [{"callStackTree": [{"callStacks": [{"callStackRootFrames": ["#
            .to_owned();
    for depth in 0..frames {
        let symbol = depth % 100;
        write!(body, r#"{{"sampleCount": {}, "symbolName": "f{symbol}", "subFrames": ["#, frames - depth).unwrap();
    }
    for depth in 0..frames {
        // Fields after the sub-frames too, so that every frame stays open to its end.
        write!(body, r#"], "lineNumber": {}}}"#, depth % 2 + 1).unwrap();
    }
    body.push_str("]}]}]}]}]}");
    body
}

#[test]
fn ten_thousand_and_a_million_frames() {
    for frames in [10_000, 1_000_000] {
        let document = parse_on_a_small_stack(log(frames));
        assert_eq!(document.problems, []);
        assert_eq!(document.kind, Kind::DiagnosticLogs);
        let tree = &document.call_tree;
        assert_eq!(tree.len(), frames as usize);
        assert_eq!(document.logs[0].nodes, 0..frames);
        assert_eq!(tree.parent[0], CallTree::ROOT);
        for node in 1..frames {
            assert_eq!(tree.parent[node as usize], node - 1);
            assert_eq!(tree.samples[node as usize], u64::from(frames - node));
        }
        assert_eq!(tree.frames.len(), 100, "distinct frames: symbol and line have the same parity");
    }
}

#[test]
fn a_cut_in_the_middle_of_a_million_frames_is_told_in_one_line() {
    let body = log(1_000_000);
    let document = parse_on_a_small_stack(body[..body.len() / 2].to_owned());
    let [problem] = &document.problems[..] else { panic!("one problem") };
    assert_eq!(problem.code, "truncated-json");
    assert!(problem.at.len() < 1_000, "the path is cut: {}", problem.at);
    assert!(document.call_tree.is_empty());
}

#[test]
fn a_million_levels_where_nothing_is_read() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let depth = 1_000_000;
        let body = format!("{{\"productData\": [], \"future\": {}1{}}}", open.repeat(depth), close.repeat(depth));
        let document = parse_on_a_small_stack(body);
        assert_eq!(document.kind, Kind::Empty);
        assert_eq!(document.drift.unknown["future"], 1);
    }
}
