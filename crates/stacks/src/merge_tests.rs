//! What must hold of merging, whatever the logs: totals, order, depth, repetition.

use super::{FrameKey, Ranked, StackFrame, StackLog, StackTable, StackTree};
use crate::sample_logs::{About, SampleLogs};
use perfpower_model::{CallTree, DiagnosticLog, Document, Frame, Kind, LogMetadata, NameId, ThreadRole, ThreadStack};
use proptest::prelude::*;
use std::num::{NonZeroU32, NonZeroU64};

fn folded(tree: &StackTree) -> Vec<String> {
    (0..tree.len())
        .filter(|&node| tree.own[node] > 0)
        .map(|node| {
            let path: Vec<_> = tree.path(node).into_iter().map(|at| tree.frame_of(at).name.as_str()).collect();
            format!("{} {}", path.join(";"), tree.own[node])
        })
        .collect()
}

#[test]
fn logs_share_their_paths() {
    let document = SampleLogs::new()
        .log(About { signature: "s1", version: "1", ..About::default() }, &["main;load;read 3", "main;load 2"])
        .log(About { signature: "s2", version: "2", ..About::default() }, &["main;load;read 4", "main;draw 1"])
        .document;
    let mut table = StackTable::new();
    table.absorb("app", &document);
    let tree = table.tree(FrameKey::Name, |_| true);
    assert_eq!(folded(&tree), ["main;draw 1", "main;load 2", "main;load;read 7"]);
    assert_eq!(tree.inclusive[0], 10);
    assert_eq!(table.node_count(), 4);
    let names = table.log_names();
    let second = table.tree(FrameKey::Name, |log| names.get(log.metadata.app_version) == Some("2"));
    assert_eq!(folded(&second), ["main;draw 1", "main;load;read 4"]);
    assert_eq!(table.tree(FrameKey::Name, |_| false).len(), 0);
}

/// A count and an address that differ such that one takes the other back in any sum of both: they are two logs. So are two whose kept
/// parts are equal and whose addresses are not; and what comes again is none.
#[test]
fn logs_that_differ_in_counts_and_addresses_alike_are_two() {
    let log = |samples: u64, address: u64| {
        let mut document = SampleLogs::new().raw_log(About::default(), &[(None, "main", samples)]).document;
        document.call_tree.address[0] = address;
        document
    };
    // 5 + 0x1000 == 4 + 0x1001, and with ^ it is the same.
    let (plain, cancelling, moved) = (log(5, 0x1000), log(4, 0x1001), log(5, 0x2000));
    let mut table = StackTable::new();
    for document in [&plain, &cancelling, &moved, &plain, &cancelling, &moved] {
        table.absorb("app", document);
    }
    assert_eq!((table.logs().len(), table.losses().repeated_logs), (3, 3));
    assert_eq!(table.logs().iter().map(|log| log.samples).collect::<Vec<_>>(), [5, 4, 5]);
}

/// Two equal logs of one document are two, and three of another document one more.
#[test]
fn equal_logs_of_one_document_stay_apart() {
    let document =
        |copies: usize| (0..copies).fold(SampleLogs::new(), |logs, _| logs.log(About::default(), &["main 3"])).document;
    let mut table = StackTable::new();
    for (copies, logs, repeated) in [(2, 2, 0), (1, 2, 1), (3, 3, 3), (2, 3, 5)] {
        table.absorb("app", &document(copies));
        assert_eq!((table.logs().len(), table.losses().repeated_logs), (logs, repeated));
    }
}

#[test]
fn children_above_their_parent_leave_it_no_self_samples_and_are_counted() {
    // The parent says 10, its children 90 and 5.
    let document = SampleLogs::new()
        .raw_log(About::default(), &[(None, "main", 12), (Some(0), "a", 10), (Some(1), "b", 90), (Some(1), "c", 5)])
        .document;
    let mut table = StackTable::new();
    table.absorb("app", &document);
    let tree = table.tree(FrameKey::Name, |_| true);
    assert_eq!(folded(&tree), ["main 2", "main;a;b 90", "main;a;c 5"]);
    assert_eq!(tree.total(), 97);
    assert_eq!(tree.inclusive[0], 97);
    assert_eq!(table.losses().overfull_frames, 1);
    assert_eq!(table.losses().excess_samples, 85);
}

#[test]
fn an_event_costs_what_its_own_thread_did_and_not_what_others_waited() {
    use ThreadRole::{Attributed, Beside, Idle};
    let about = About { per_thread: Some(true), ..About::default() };
    let logs = |counts: [u64; 2], roles: [ThreadRole; 3]| {
        let [main, wait] = counts;
        let nodes = [
            (None, "main", main),
            (Some(0), "sync!", main),
            (None, "start", wait),
            (Some(2), "wait", wait),
            (None, "pool", wait),
        ];
        let mut document = SampleLogs::new().raw_log(about, &nodes).document;
        let threads = [0..2, 2..4, 4..5].into_iter().zip(roles);
        document.call_tree.threads = threads.map(|(nodes, role)| ThreadStack { nodes, role }).collect();
        let mut table = StackTable::new();
        table.absorb("app", &document);
        table
    };
    for (roles, stacks, uncharged) in [
        ([Attributed, Idle, Beside], &["main;sync 5"][..], 2),
        ([Beside, Idle, Beside], &["main;sync 5", "pool 90"], 1),
        ([Idle, Idle, Idle], &["main;sync 5", "pool 90", "start;wait 90"], 0),
    ] {
        let table = logs([5, 90], roles);
        let tree = table.tree(FrameKey::Name, |_| true);
        let mut found = folded(&tree);
        found.sort();
        assert_eq!(
            (found.iter().map(String::as_str).collect::<Vec<_>>(), table.losses().uncharged_threads),
            (stacks.to_vec(), uncharged)
        );
        let ranked = table.ranking(Ranked::All, |_| true);
        assert!(ranked.frames.iter().all(|frame| frame.inclusive > 0), "{:?}", ranked.frames);
    }
    // Without counts each thread that is charged is one sample.
    assert_eq!(folded(&logs([0, 0], [Attributed, Idle, Beside]).tree(FrameKey::Name, |_| true)), ["main;sync 1"]);
}

#[test]
fn threads_without_counts_are_one_sample_each() {
    let about = About { per_thread: Some(true), ..About::default() };
    let nodes = [(None, "start", 0), (Some(0), "main", 0), (None, "start", 0), (Some(2), "worker", 0)];
    let document = SampleLogs::new().raw_log(about, &nodes).document;
    let mut table = StackTable::new();
    table.absorb("app", &document);
    assert_eq!(folded(&table.tree(FrameKey::Name, |_| true)), ["start;main 1", "start;worker 1"]);
    assert_eq!(table.losses().uncounted_thread_logs, 1);

    // Without that word a log of zeros is a log of nothing.
    let silent = SampleLogs::new().raw_log(About::default(), &nodes).document;
    let mut table = StackTable::new();
    table.absorb("app", &silent);
    assert_eq!(table.tree(FrameKey::Name, |_| true).total(), 0);
    assert_eq!(table.losses().silent_logs, 1);
}

#[test]
fn a_count_beyond_reason_is_clipped() {
    let document =
        SampleLogs::new().raw_log(About::default(), &[(None, "main", u64::MAX), (Some(0), "a", u64::MAX)]).document;
    let mut table = StackTable::new();
    table.absorb("app", &document);
    assert_eq!(table.tree(FrameKey::Name, |_| true).total(), super::MAX_FRAME_SAMPLES);
    assert_eq!(table.losses().clipped_frames, 2);
}

#[test]
fn a_log_of_two_downloads_is_one_log_and_two_equal_logs_of_one_download_are_two() {
    let about = About { signature: "s", version: "1", detail: "300 ms", ..About::default() };
    let once = SampleLogs::new().log(about, &["main;load 3"]).log(about, &["main;load 3"]).document;
    let other_app_version =
        SampleLogs::new().log(About { version: "2", ..about }, &["main;load 3"]).log(about, &["main;load 3"]).document;
    let mut table = StackTable::new();
    table.absorb("app", &once);
    table.absorb("app", &once);
    table.absorb("app", &other_app_version);
    assert_eq!(table.logs().len(), 3);
    assert_eq!(table.losses().repeated_logs, 3);
    table.absorb("another", &once);
    assert_eq!(table.logs().len(), 5);
}

#[test]
fn a_function_that_calls_itself_counts_once() {
    let document = SampleLogs::new()
        .log(About::default(), &["main;walk@7!;visit;walk@9!;visit 5", "main;walk@7! 1", "draw@3! 2", "idle 2"])
        .document;
    let mut table = StackTable::new();
    table.absorb("app", &document);
    let ranking = table.ranking(Ranked::Blame, |_| true);
    let rows: Vec<_> = ranking
        .frames
        .iter()
        .map(|row| (row.frame.name.as_str(), row.own, row.inclusive, row.frame.line.map_or(0, u32::from), row.logs))
        .collect();
    assert_eq!(ranking.total, 10);
    assert_eq!(rows, [("walk", 1, 6, 7, 1), ("draw", 2, 2, 3, 1)]);
    assert!((ranking.frames[0].inclusive_share - 0.6).abs() < 1e-12);
    let visit = table.ranking(Ranked::All, |_| true).frames.into_iter().find(|row| row.frame.name == "visit").unwrap();
    assert_eq!((visit.own, visit.inclusive), (5, 5));
}

#[test]
fn advice_finds_the_frames_of_its_category() {
    let document = SampleLogs::new()
        .log(About { signature: "s", ..About::default() }, &["main!;sqlite:step 4", "main! 1"])
        .category("step", "SQLiteSpill")
        .advice("s", "SQLiteSpill", "add an index", "doc://indices")
        .advice("s", "Other", "no frame has this", "doc://other")
        .advice("elsewhere", "SQLiteSpill", "of a signature without logs", "")
        .document;
    let mut table = StackTable::new();
    table.absorb("app", &document);
    let found = table.advice_found(|_| true);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].category.as_deref(), Some("Other"));
    assert!(found[0].frames.is_empty());
    assert_eq!((found[1].text.as_deref(), found[1].url.as_deref()), (Some("add an index"), Some("doc://indices")));
    assert_eq!(found[1].frames[0].frame.name, "step");
    assert_eq!(found[1].frames[0].inclusive, 4);
    assert!(!found[1].frames[0].frame.is_blame);

    // Advice without logs is for those that another document has.
    let later = SampleLogs::new().advice("s", "SQLiteSpill", "add two", "").document;
    table.absorb("app", &later);
    assert_eq!(table.advice_found(|_| true).len(), 3);
}

/// What is known of a function: file, line, whether it is blamed, advice.
type Known<'a> = (Option<&'a str>, u32, bool, Option<&'a str>);

fn known<'a>(frames: &'a [StackFrame], name: &str) -> Known<'a> {
    let frame = frames.iter().find(|frame| frame.name == name).unwrap();
    (frame.file.as_deref(), frame.line.map_or(0, u32::from), frame.is_blame, frame.advice_category.as_deref())
}

#[test]
fn a_function_stands_where_most_of_its_samples_are() {
    let document =
        SampleLogs::new().log(About::default(), &["main;setup@a/A.swift:1! 1", "main;setup@b/B.swift:9! 99"]).document;
    let mut table = StackTable::new();
    table.absorb("app", &document);
    let tree = table.tree(FrameKey::Function, |_| true);
    assert_eq!(known(&tree.frames, "setup"), (Some("b/B.swift"), 9, true, None));
    let heaviest = &table.ranking(Ranked::Blame, |_| true).frames[0].frame;
    assert_eq!((heaviest.file.as_deref(), heaviest.line.map(u32::from)), (Some("b/B.swift"), Some(9)));
}

#[test]
fn what_is_known_of_a_function_is_of_the_logs_that_are_wanted() {
    let old = SampleLogs::new()
        .log(About { version: "1", ..About::default() }, &["main;grow@Old.swift:50! 900", "main;step@Old.swift:7! 10"])
        .category("step", "SQLiteSpill")
        .document;
    let new = SampleLogs::new()
        .log(About { version: "2", ..About::default() }, &["main;grow@src/Renamed.swift:290! 60", "main;step 10"])
        .document;
    let mut table = StackTable::new();
    table.absorb("app", &old);
    table.absorb("app", &new);
    let names = table.log_names();
    let is_new = |log: &StackLog| names.get(log.metadata.app_version) == Some("2");

    let renamed = (Some("src/Renamed.swift"), 290, true, None);
    let unmarked = (None, 0, false, None);
    let tree = table.tree(FrameKey::Function, is_new);
    assert_eq!((known(&tree.frames, "grow"), known(&tree.frames, "step")), (renamed, unmarked));
    let ranking = table.ranking(Ranked::All, is_new);
    let step = ranking.frames.iter().find(|row| row.frame.name == "step").unwrap();
    assert_eq!((step.frame.is_blame, step.frame.advice_category.as_deref()), (false, None));

    // Of two versions the newer one knows, and the older one what is gone.
    let paired = table.paired_tree(FrameKey::Identity, |log| !is_new(log), is_new);
    let of = |name| known(&paired.frames, name);
    assert_eq!((of("grow"), of("step")), (renamed, unmarked));
    let back = table.tree(FrameKey::Function, |log| !is_new(log));
    assert_eq!(known(&back.frames, "step"), (Some("Old.swift"), 7, true, Some("SQLiteSpill")));
}

#[test]
fn a_blank_name_is_shown() {
    let document = SampleLogs::new().log(About::default(), &["main;App:   3"]).document;
    let mut table = StackTable::new();
    table.absorb("app", &document);
    assert_eq!(folded(&table.tree(FrameKey::Function, |_| true)), ["main;(blank) 3"]);
    assert!(table.ranking(Ranked::All, |_| true).frames.iter().any(|row| row.frame.name == "(blank)"));
}

#[test]
fn names_are_merged_across_binaries_and_functions_are_not() {
    let document = SampleLogs::new().log(About::default(), &["A:main;x 1", "B:main;x 2"]).document;
    let mut table = StackTable::new();
    table.absorb("app", &document);
    assert_eq!(folded(&table.tree(FrameKey::Name, |_| true)), ["main;x 3"]);
    assert_eq!(folded(&table.tree(FrameKey::Function, |_| true)), ["main;x 1", "main;x 2"]);
}

#[test]
fn ten_thousand_deep_and_ten_thousand_wide() {
    let deep: Vec<String> = (0..10_000).map(|depth| format!("f{depth}!")).collect();
    let chain: Vec<(Option<u32>, &str, u64)> = deep
        .iter()
        .enumerate()
        .map(|(at, name)| (at.checked_sub(1).map(|at| at as u32), name.as_str(), 10_000))
        .collect();
    let mut wide: Vec<(Option<u32>, &str, u64)> = vec![(None, "root", 10_000)];
    wide.extend(deep.iter().map(|name| (Some(0), name.as_str(), 1)));
    let document = SampleLogs::new().raw_log(About::default(), &chain).raw_log(About::default(), &wide).document;
    let mut table = StackTable::new();
    table.absorb("app", &document);
    let tree = table.tree(FrameKey::Function, |_| true);
    assert_eq!(tree.len(), 20_001);
    assert_eq!(tree.total(), 20_000);
    assert_eq!(tree.depths().into_iter().max(), Some(9_999));
    let ranking = table.ranking(Ranked::Blame, |_| true);
    assert_eq!(ranking.frames.len(), 10_000);
    assert_eq!(ranking.frames[0].inclusive, 10_001);
}

#[test]
fn a_signature_of_two_hundred_logs_of_five_hundred_frames_is_five_hundred_nodes() {
    let path: Vec<String> = (0..500).map(|depth| format!("f{depth}")).collect();
    let mut table = StackTable::new();
    let mut sample = SampleLogs::new();
    for log in 0..200u64 {
        let detail = format!("{} ms", 250 + log);
        let nodes: Vec<_> = path
            .iter()
            .enumerate()
            .map(|(at, name)| (at.checked_sub(1).map(|at| at as u32), name.as_str(), 51))
            .collect();
        sample = sample.raw_log(About { signature: "s", detail: &detail, ..About::default() }, &nodes);
    }
    table.absorb("app", &sample.document);
    assert_eq!(table.node_count(), 500);
    assert_eq!(table.tree(FrameKey::Name, |_| true).total(), 200 * 51);
    assert!(table.heap_bytes() < 200_000, "{}", table.heap_bytes());
}

/// Trees with any parents before their children and any counts, a few equal frames, over several documents.
fn documents() -> impl Strategy<Value = Vec<Document>> {
    let node = (0usize..40, 0usize..6, 0u64..30, any::<bool>());
    let log = (prop::collection::vec(node, 0..40), 0usize..3, any::<Option<bool>>());
    prop::collection::vec(prop::collection::vec(log, 1..5), 1..6).prop_map(|documents| {
        documents
            .into_iter()
            .map(|logs| {
                let mut document = Document::new(Kind::DiagnosticLogs);
                let names: Vec<Option<NameId>> = ["a", "b", "c", "d", "$s4main5helloSSyYaKF", ""]
                    .map(|name| Some(document.names.intern(name)))
                    .to_vec();
                for name in &names {
                    for is_blame in [false, true] {
                        document.call_tree.frames.push(Frame {
                            symbol: *name,
                            binary: names[0],
                            binary_uuid: names[1],
                            file: names[2],
                            line: NonZeroU32::new(4),
                            text_offset: NonZeroU64::new(99),
                            advice_category: None,
                            is_blame,
                        });
                    }
                }
                for (nodes, version, per_thread) in logs {
                    let first = document.call_tree.len() as u32;
                    for (at, (parent, frame, samples, is_blame)) in nodes.into_iter().enumerate() {
                        let tree = &mut document.call_tree;
                        tree.parent.push(if parent < at { first + parent as u32 } else { CallTree::ROOT });
                        tree.frame.push(frame as u32 * 2 + u32::from(is_blame));
                        tree.samples.push(samples);
                        tree.address.push(0);
                    }
                    let metadata = LogMetadata { app_version: names[version], ..LogMetadata::default() };
                    let nodes = first..document.call_tree.len() as u32;
                    document.logs.push(DiagnosticLog { signature: names[0], metadata, per_thread, nodes });
                }
                document
            })
            .collect()
    })
}

fn table_of(documents: &[Document]) -> StackTable {
    let mut table = StackTable::new();
    for document in documents {
        table.absorb("app", document);
    }
    table
}

proptest! {
    #[test]
    fn samples_in_are_samples_out(documents in documents()) {
        let table = table_of(&documents);
        let expected: u64 = table.logs().iter().map(|log| log.samples).sum();
        for key in [FrameKey::Name, FrameKey::Function, FrameKey::Place] {
            let tree = table.tree(key, |_| true);
            prop_assert_eq!(tree.total(), expected);
            let roots: u64 =
                (0..tree.len()).filter(|&node| tree.parent[node] == StackTree::ROOT).map(|node| tree.inclusive[node]).sum();
            prop_assert_eq!(roots, expected);
        }
        prop_assert_eq!(table.ranking(Ranked::All, |_| true).total, expected);
        let own: u64 = table.ranking(Ranked::All, |_| true).frames.iter().map(|row| row.own).sum();
        prop_assert_eq!(own, expected);
    }

    #[test]
    fn the_order_of_documents_changes_nothing(documents in documents()) {
        let reversed: Vec<Document> = documents.iter().rev().cloned().collect();
        let (one, other) = (table_of(&documents), table_of(&reversed));
        prop_assert_eq!(folded(&one.tree(FrameKey::Function, |_| true)), folded(&other.tree(FrameKey::Function, |_| true)));
        prop_assert_eq!(one.ranking(Ranked::Blame, |_| true), other.ranking(Ranked::Blame, |_| true));
    }

    #[test]
    fn nodes_are_in_preorder_and_siblings_differ(documents in documents()) {
        let tree = table_of(&documents).tree(FrameKey::Place, |_| true);
        let mut open: Vec<u32> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for node in 0..tree.len() {
            while open.last().copied().unwrap_or(StackTree::ROOT) != tree.parent[node] {
                prop_assert!(open.pop().is_some());
            }
            open.push(node as u32);
            prop_assert!(seen.insert((tree.parent[node], tree.frame[node])));
            prop_assert!(tree.inclusive[node] >= tree.own[node] && tree.inclusive[node] > 0);
        }
    }
}
