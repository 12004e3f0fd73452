//! What must hold of every format: no sample is lost, no name does more than be shown, the same tree gives the same bytes.

use super::pprof::tests::unpacked;
use super::{
    Drawn, FlameGraph, ProfileError, Width, write_difference_graph, write_firefox, write_flame_graph, write_folded,
    write_pprof, write_speedscope,
};
use inferno::collapse::Collapse;
use perfpower_stacks::{PairedTree, StackFrame, StackTree};
use proptest::prelude::*;
use serde_json::Value;
use std::cmp::Reverse;
use std::collections::BTreeMap;

fn frame(name: &str) -> StackFrame {
    StackFrame { name: name.to_owned(), binary: Some("App".to_owned()), ..StackFrame::default() }
}

/// A tree of folded stacks.
fn tree(stacks: &[(&str, u64)]) -> StackTree {
    let mut frames = Vec::new();
    let mut nodes = Vec::new();
    for (stack, own) in stacks {
        let mut parent = StackTree::ROOT;
        let path: Vec<_> = stack.split('/').collect();
        for (at, name) in path.iter().enumerate() {
            frames.push(frame(name));
            nodes.push((parent, frames.len() as u32 - 1, if at + 1 == path.len() { *own } else { 0 }));
            parent = nodes.len() as u32 - 1;
        }
    }
    StackTree::from_nodes(frames, nodes)
}

fn folded(tree: &StackTree) -> String {
    let mut out = Vec::new();
    write_folded(tree, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn svg(tree: &StackTree) -> (String, Drawn) {
    let mut out = Vec::new();
    let graph = FlameGraph { title: "title".to_owned(), subtitle: String::new() };
    let drawn = write_flame_graph(tree, &graph, &mut out).unwrap();
    (String::from_utf8(out).unwrap(), drawn)
}

fn json(write: impl FnOnce(&mut Vec<u8>) -> Result<(), ProfileError>) -> Value {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

fn sum(values: &Value) -> u64 {
    values.as_array().unwrap().iter().map(|value| value.as_u64().unwrap()).sum()
}

/// The totals of all formats, each read back from its bytes.
fn totals(tree: &StackTree) -> Vec<(&'static str, u64)> {
    let folded: u64 = folded(tree).lines().map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap()).sum();
    let mut pprof = Vec::new();
    write_pprof(tree, &mut pprof).unwrap();
    let pprof = unpacked(&pprof).iter().map(|(_, samples)| samples).sum();
    let speedscope = json(|out| write_speedscope(tree, "test", out));
    let firefox = json(|out| write_firefox(tree, "test", out));
    let (svg, drawn) = svg(tree);
    assert_eq!(svg_total(&svg), drawn.total);
    vec![
        ("folded", folded),
        ("pprof", pprof),
        ("speedscope", sum(&speedscope["profiles"][0]["weights"])),
        ("speedscope end", speedscope["profiles"][0]["endValue"].as_u64().unwrap()),
        ("firefox", sum(&firefox["threads"][0]["samples"]["weight"])),
        ("svg", drawn.total),
    ]
}

fn svg_total(svg: &str) -> u64 {
    let (_, rest) = svg.split_once("total_samples=\"").unwrap();
    rest.split_once('"').unwrap().0.parse().unwrap()
}

#[test]
fn a_function_called_number_sign_is_no_comment() {
    assert!(totals(&tree(&[("#", 5)])).iter().all(|(_, total)| *total == 5));
}

#[test]
fn each_format_says_the_same_of_a_small_tree() {
    let tree = tree(&[("main", 1), ("main/load/read", 7), ("main/draw", 2), ("idle", 3)]);
    assert_eq!(folded(&tree), "idle 3\nmain 1\nmain;draw 2\nmain;load;read 7\n");
    let mut pprof = Vec::new();
    write_pprof(&tree, &mut pprof).unwrap();
    let stacks: Vec<_> = unpacked(&pprof).into_iter().map(|(stack, samples)| (stack.join("/"), samples)).collect();
    assert_eq!(
        stacks,
        [("idle", 3), ("main", 1), ("main/draw", 2), ("main/load/read", 7)].map(|(stack, n)| (stack.to_owned(), n))
    );
    let speedscope = json(|out| write_speedscope(&tree, "a \"name\"", out));
    assert_eq!(speedscope["name"], "a \"name\"");
    let names: Vec<_> = speedscope["shared"]["frames"]
        .as_array()
        .unwrap()
        .iter()
        .map(|frame| frame["name"].as_str().unwrap())
        .collect();
    let last = speedscope["profiles"][0]["samples"][3].as_array().unwrap();
    assert_eq!(
        last.iter().map(|at| names[at.as_u64().unwrap() as usize]).collect::<Vec<_>>(),
        ["main", "load", "read"]
    );
    let firefox = json(|out| write_firefox(&tree, "test", out));
    let thread = &firefox["threads"][0];
    assert_eq!(thread["stackTable"]["length"], 5);
    assert_eq!(thread["samples"]["weight"], serde_json::json!([3, 1, 2, 7]));
    let (image, drawn) = svg(&tree);
    assert_eq!(drawn, Drawn { total: 13, narrow: 0, deep: 0 });
    assert!(image.contains("<title>read (7 samples, 53.85%)</title>"), "{image}");
}

/// Frames of an image as paths, each with the number in its title. Names must hold nothing that XML escapes.
fn titles(image: &str) -> BTreeMap<Vec<String>, u64> {
    let attribute = |text: &str, name: &str| -> u64 {
        let (_, rest) = text.split_once(&format!(" {name}=\"")).unwrap();
        rest.split_once('"').unwrap().0.parse().unwrap()
    };
    // Depth, start and width of each frame.
    let mut frames: Vec<(Reverse<u64>, u64, u64, &str)> = image
        .split("<title>")
        .skip(1)
        .filter_map(|text| text.split_once("</title>"))
        .filter(|(_, rest)| rest.starts_with("<rect"))
        .map(|(title, rest)| {
            let rest = rest.split_once('>').unwrap().0;
            (Reverse(attribute(rest, "y")), attribute(rest, "fg:x"), attribute(rest, "fg:w"), title)
        })
        .collect();
    frames.sort_unstable();
    let mut above: Vec<(u64, u64, Vec<String>)> = Vec::new();
    let mut titles = BTreeMap::new();
    for level in frames.chunk_by(|a, b| a.0 == b.0) {
        let mut here = Vec::new();
        for &(_, start, width, title) in level {
            let (name, figures) = title.split_once(" (").unwrap();
            let samples: u64 = figures.split_once(' ').unwrap().0.replace(',', "").parse().unwrap();
            assert_eq!(samples, width, "{title}");
            let callers = above.iter().find(|(from, wide, _)| *from <= start && start + width <= from + wide);
            let mut path = callers.map_or_else(Vec::new, |(_, _, path)| path.clone());
            path.push(name.to_owned());
            here.push((start, width, path.clone()));
            // The frame of all is no frame of the tree.
            assert_eq!(titles.insert(path[1..].to_vec(), samples), None, "{path:?} is drawn in two pieces");
        }
        above = here;
    }
    titles
}

/// Samples of all frames of a tree and of those below them, out of its folded stacks.
fn inclusive(tree: &StackTree) -> BTreeMap<Vec<String>, u64> {
    let mut inclusive = BTreeMap::new();
    for line in folded(tree).lines() {
        let (stack, own) = line.rsplit_once(' ').unwrap();
        let path: Vec<String> = stack.split(';').map(str::to_owned).collect();
        for length in 0..=path.len() {
            *inclusive.entry(path[..length].to_vec()).or_default() += own.parse::<u64>().unwrap();
        }
    }
    inclusive
}

#[test]
fn a_frame_that_is_wide_only_with_what_stands_on_it_keeps_its_own_samples() {
    let tree = tree(&[("main", 94_936), ("main/a", 20), ("main/a/b", 5_000), ("main/p", 18), ("main/p/q", 26)]);
    let (image, drawn) = svg(&tree);
    let titles = titles(&image);
    let of = |path: &str| titles.get(&path.split('/').map(str::to_owned).collect::<Vec<_>>()).copied();
    assert_eq!((of("main/a"), of("main/a/b")), (Some(5_020), Some(5_000)));
    assert_eq!((of("main/p"), of("main/p/q")), (Some(44), Some(26)));
    assert_eq!(drawn.narrow, 0);
}

#[test]
fn narrow_frames_are_counted_once_in_the_frame_they_stand_on() {
    let tree = tree(&[("main", 1_000_000), ("main/a", 20), ("main/a/b", 30), ("main/a/b/c", 7)]);
    let (image, drawn) = svg(&tree);
    assert_eq!(titles(&image).into_values().collect::<Vec<_>>(), [1_000_057, 1_000_057]);
    assert_eq!(drawn.narrow, 57);
}

/// 4,000 chains, each as wide as the narrowest frame that is drawn, and samples at every frame: written out, hundreds of
/// millions of frames.
#[test]
fn stacks_that_are_all_wide_and_all_deep_are_drawn_coarsely() {
    let (chains, depth) = (2_000_u32, 100_u32);
    let names: Vec<StackFrame> = (0..chains).map(|at| frame(&format!("{at:0>150}"))).collect();
    let nodes = (0..chains).flat_map(|chain| {
        (0..depth).map(move |at| (if at == 0 { StackTree::ROOT } else { chain * depth + at - 1 }, chain, 1))
    });
    let tree = StackTree::from_nodes(names, nodes);
    let (image, drawn) = svg(&tree);
    assert_eq!(drawn.total, u64::from(chains * depth));
    assert!(drawn.narrow > 0);
    assert!(image.len() < 20_000_000, "{}", image.len());
}

#[test]
fn an_empty_tree_is_an_empty_profile_and_no_image() {
    let tree = StackTree::default();
    assert_eq!(folded(&tree), "");
    let mut pprof = Vec::new();
    write_pprof(&tree, &mut pprof).unwrap();
    assert!(unpacked(&pprof).is_empty());
    assert_eq!(sum(&json(|out| write_speedscope(&tree, "", out))["profiles"][0]["weights"]), 0);
    assert_eq!(sum(&json(|out| write_firefox(&tree, "", out))["threads"][0]["samples"]["weight"]), 0);
    assert!(matches!(write_flame_graph(&tree, &FlameGraph::default(), Vec::new()), Err(ProfileError::Empty)));
}

#[test]
fn a_hostile_name_is_only_shown() {
    let name = "</title><script>alert(1)</script>\u{1b}[31m\u{0}\" onload=\"x\u{202e};\nroot 99";
    let frames = vec![frame(name)];
    let tree = StackTree::from_nodes(frames, [(StackTree::ROOT, 0, 5)]);
    let folded = folded(&tree);
    assert_eq!(folded.lines().count(), 1);
    assert_eq!(folded.matches(';').count(), 0);
    assert!(folded.ends_with(" 5\n") && !folded.contains(" 99 "));
    let graph = FlameGraph { title: name.to_owned(), subtitle: name.to_owned() };
    let mut out = Vec::new();
    write_flame_graph(&tree, &graph, &mut out).unwrap();
    let image = String::from_utf8(out).unwrap();
    assert!(!image.contains("<script>alert"));
    assert!(!image.contains("onload=\"x"));
    assert!(!image.chars().any(|c| c.is_control() && c != '\n' && c != '\t' && c != '\r'));
    assert_eq!(totals(&tree).into_iter().filter(|(_, total)| *total != 5).collect::<Vec<_>>(), []);
}

#[test]
fn ten_thousand_deep_and_ten_thousand_wide() {
    let names: Vec<StackFrame> = (0..10_000).map(|at| frame(&format!("f{at}"))).collect();
    let deep = (0..10_000u32).map(|at| (at.checked_sub(1).unwrap_or(StackTree::ROOT), at, u64::from(at % 100 == 99)));
    let wide = (0..10_000u32).map(|at| (0, at, 1));
    let tree = StackTree::from_nodes(names, deep.chain(wide));
    for (format, total) in totals(&tree) {
        assert_eq!(total, 10_100, "{format}");
    }
    let (image, drawn) = svg(&tree);
    assert_eq!(drawn.deep, 94, "the last 94 of the 100 samples of the chain are below the last drawn frame");
    assert!(image.contains("(deeper frames)"));
    assert!(image.len() < 2_000_000, "{}", image.len());
}

#[test]
fn a_stack_that_no_reader_could_hold_is_refused() {
    let names = vec![frame("f")];
    let chain = (0..20_000u32).map(|at| (at.checked_sub(1).unwrap_or(StackTree::ROOT), 0, 1));
    let tree = StackTree::from_nodes(names, chain);
    let cells = 20_000 * 20_001 / 2;
    assert!(matches!(write_pprof(&tree, Vec::new()), Err(ProfileError::TooDeep { cells: found }) if found == cells));
    assert!(matches!(write_speedscope(&tree, "", Vec::new()), Err(ProfileError::TooDeep { .. })));
    assert_eq!(sum(&json(|out| write_firefox(&tree, "", out))["threads"][0]["samples"]["weight"]), 20_000);
}

#[test]
fn counts_beyond_32_bits_stay_whole() {
    let large = 5_000_000_000;
    let tree = tree(&[("main/a", large), ("main", 1)]);
    for (format, total) in totals(&tree) {
        assert_eq!(total, large + 1, "{format}");
    }
}

#[test]
fn a_difference_is_drawn_from_both_sides() {
    // Twice the samples after: the same share is no difference.
    let frames = ["main", "same", "gone", "new"].map(frame).to_vec();
    let root = StackTree::ROOT;
    let tree = PairedTree::from_nodes(frames, [(root, 0, 0, 0), (0, 1, 50, 100), (0, 2, 50, 0), (0, 3, 0, 100)]);
    let image = |width| {
        let mut out = Vec::new();
        let drawn = write_difference_graph(&tree, width, &FlameGraph::default(), &mut out).unwrap();
        (String::from_utf8(out).unwrap(), drawn.total)
    };
    let (after, total) = image(Width::After);
    assert_eq!((total, svg_total(&after)), (200, 200));
    assert!(after.contains("new (100 samples, 50.00%; self +50.00%)"), "{after}");
    assert!(after.contains("same (100 samples, 50.00%; self 0.00%)"));
    assert!(!after.contains("gone ("));
    let (before, total) = image(Width::Before);
    assert_eq!((total, svg_total(&before)), (100, 100));
    assert!(before.contains("gone (50 samples, 50.00%; self -50.00%)"), "{before}");
    assert!(before.contains("same (50 samples, 50.00%; self 0.00%)"));
}

#[test]
fn a_caller_that_lost_its_own_samples_says_so() {
    let frames = ["main", "read"].map(frame).to_vec();
    let tree = PairedTree::from_nodes(frames, [(StackTree::ROOT, 0, 40, 0), (0, 1, 60, 100)]);
    let mut out = Vec::new();
    write_difference_graph(&tree, Width::After, &FlameGraph::default(), &mut out).unwrap();
    let image = String::from_utf8(out).unwrap();
    assert!(image.contains("<title>main (100 samples, 100.00%; self -40.00%)</title>"), "{image}");
    assert!(image.contains("<title>read (100 samples, 100.00%; self +40.00%)</title>"), "{image}");
    assert!(image.contains("<title>all (100 samples, 100%)</title>"), "{image}");
}

/// Any tree: parents before children, equal frames under one parent included, some names that readers could misread.
fn trees() -> impl Strategy<Value = StackTree> {
    let name = prop_oneof![
        "[a-c]{1,2}",
        Just("# x".to_owned()),
        Just("f 12".to_owned()),
        Just("f 1 2".to_owned()),
        Just(" ".to_owned()),
        Just("a;b".to_owned()),
        Just("x\ny 3".to_owned()),
        Just("<a&\"b\">".to_owned()),
        Just("_[j]".to_owned()),
        any::<String>(),
    ];
    let names = prop::collection::vec(name, 1..12);
    let nodes = prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0u64..9), 1..80);
    (names, nodes, any::<bool>()).prop_map(|(names, nodes, is_deep)| {
        let nodes: Vec<_> = nodes
            .iter()
            .enumerate()
            .map(|(at, (parent, name, own))| {
                let parent = parent.index(at + 1).checked_sub(1).map_or(StackTree::ROOT, |parent| parent as u32);
                let parent = if is_deep && at > 0 { at as u32 - 1 } else { parent };
                (parent, name.index(names.len()) as u32, *own + u64::from(at == 0))
            })
            .collect();
        StackTree::from_nodes(names.iter().map(|name| frame(name)).collect(), nodes)
    })
}

/// A comb: a chain with a sample of its own at every frame. Written out, each line repeats all above it.
#[test]
fn folded_stacks_of_a_comb_are_refused_before_they_fill_a_disk() {
    const FRAMES: u32 = 30_000;
    let nodes = (0..FRAMES).map(|at| (at.checked_sub(1).unwrap_or(StackTree::ROOT), 0, 1));
    let comb = StackTree::from_nodes(vec![frame("functionOfTheComb")], nodes);
    let mut out = Vec::new();
    let refused = write_folded(&comb, &mut out).unwrap_err().to_string();
    assert!(refused.contains("makes 9 GB") && refused.contains("--format firefox"), "{refused}");
    assert!(out.is_empty());
}

proptest! {
    #[test]
    fn samples_in_are_samples_out_in_every_format(tree in trees()) {
        for (format, total) in totals(&tree) {
            prop_assert_eq!(total, tree.total(), "{}", format);
        }
    }

    /// inferno's own readers of folded stacks: the one that collapses recursion, and the one that draws.
    #[test]
    fn inferno_reads_every_sample_of_folded_stacks(tree in trees()) {
        let folded = folded(&tree);
        let mut collapsed = Vec::new();
        inferno::collapse::recursive::Folder::default().collapse(folded.as_bytes(), &mut collapsed).unwrap();
        let sum: u64 = String::from_utf8(collapsed)
            .unwrap()
            .lines()
            .map(|line| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap())
            .sum();
        prop_assert_eq!(sum, tree.total());
        let mut image = Vec::new();
        let mut options = inferno::flamegraph::Options::default();
        inferno::flamegraph::from_reader(&mut options, folded.as_bytes(), &mut image).unwrap();
        prop_assert_eq!(svg_total(&String::from_utf8(image).unwrap()), tree.total());
    }

    #[test]
    fn the_same_tree_gives_the_same_bytes(tree in trees()) {
        let once = |_| {
            let mut out = Vec::new();
            write_folded(&tree, &mut out).unwrap();
            write_pprof(&tree, &mut out).unwrap();
            write_speedscope(&tree, "n", &mut out).unwrap();
            write_firefox(&tree, "n", &mut out).unwrap();
            write_flame_graph(&tree, &FlameGraph::default(), &mut out).unwrap();
            out
        };
        prop_assert_eq!(once(0), once(1));
    }

    #[test]
    fn every_frame_is_drawn_with_all_its_samples(
        nodes in prop::collection::vec((any::<prop::sample::Index>(), 0u32..4, prop_oneof![0u64..9, 0u64..200_000]), 1..60),
    ) {
        let names = ["a", "b", "c", "d"].map(frame).to_vec();
        let tree = StackTree::from_nodes(names, nodes.iter().enumerate().map(|(at, (parent, name, own))| {
            let parent = parent.index(at + 1).checked_sub(1).map_or(StackTree::ROOT, |parent| parent as u32);
            (parent, *name, *own + u64::from(at == 0))
        }));
        let inclusive = inclusive(&tree);
        let (image, drawn) = svg(&tree);
        let titles = titles(&image);
        for (path, samples) in &titles {
            prop_assert_eq!(Some(samples), inclusive.get(path), "{:?}", path);
        }
        let is_wide = |samples: u64| samples * 4000 >= drawn.total;
        let wide = inclusive.values().filter(|samples| is_wide(**samples)).count();
        let drawn_wide = titles.values().filter(|samples| is_wide(**samples)).count();
        prop_assert_eq!(wide, drawn_wide);
    }

    #[test]
    fn what_is_drawn_adds_up(tree in trees()) {
        let (image, drawn) = svg(&tree);
        prop_assert!(drawn.narrow + drawn.deep <= drawn.total);
        // The root that holds all others spans the whole image.
        let all = format!("<title>all ({} samples, 100%)</title>", drawn.total);
        prop_assert!(image.contains(&all), "{}", all);
    }
}
