//! Call stacks: branches of code with weights, sampled into one tree per log.

use super::{super::app::AppPlan, NEW_HOT_FRAME, uuid};
use crate::{
    Rng,
    body::{Frame, Place},
};

/// One way through the code, from the root to the leaf.
pub(super) struct Branch {
    /// Symbols, each of them in [`CODE`].
    path: &'static [&'static str],
    /// Its part of the samples, before they are shared out.
    weight: Weight,
}

/// How heavy a branch is.
#[derive(Clone, Copy)]
pub(super) enum Weight {
    /// In every version and on every device.
    Always(f64),
    /// From a version on, on slow and on fast devices.
    Since { version: &'static str, slow: f64, fast: f64 },
    /// From one version on until another one, on every device.
    Between { from: &'static str, until: &'static str, weight: f64 },
}

/// What is loaded: its build ids and addresses follow from the app and its version.
pub(super) struct Image<'a> {
    pub(super) app: &'a AppPlan,
    pub(super) version: usize,
}

/// How many samples a log has, at least and at most.
const SAMPLES: (f64, f64) = (40.0, 90.0);

/// Standard deviation of the log weight of a branch, from log to log.
const WEIGHT_NOISE: f64 = 0.25;

/// A symbol, its binary (empty = the app's own) and its source, where it is known.
const CODE: &[(&str, &str, &str, u32)] = &[
    ("start", "dyld", "", 0),
    ("main", "", "main.swift", 7),
    ("UIApplicationMain", "UIKitCore", "", 0),
    ("-[UIApplication _run]", "UIKitCore", "", 0),
    (
        "-[UIApplication _callInitializationDelegatesWithActions:forCanvas:payload:fromOriginatingProcess:]",
        "UIKitCore",
        "",
        0,
    ),
    ("CFRunLoopRunSpecific", "CoreFoundation", "", 0),
    ("_dispatch_call_block_and_release", "libdispatch.dylib", "init.c", 1548),
    ("_dispatch_client_callout", "libdispatch.dylib", "object.m", 576),
    ("_dispatch_lane_serial_drain", "libdispatch.dylib", "queue.c", 3939),
    ("sqlite3_open_v2", "libsqlite3.dylib", "", 0),
    ("sqlite3_step", "libsqlite3.dylib", "", 0),
    ("sqlite3VdbeExec", "libsqlite3.dylib", "", 0),
    ("vdbeSorterListToPMA", "libsqlite3.dylib", "", 0),
    ("unixFileControl", "libsqlite3.dylib", "", 0),
    ("CGContextDrawImage", "CoreGraphics", "", 0),
    ("CGImageSourceCreateThumbnailAtIndex", "ImageIO", "", 0),
    ("vImageScale_ARGB8888", "vImage", "", 0),
    ("CA::Transaction::commit()", "QuartzCore", "", 0),
    ("-[UICollectionView layoutSubviews]", "UIKitCore", "", 0),
    ("AG::Graph::UpdateStack::update()", "AttributeGraph", "", 0),
    ("pwrite", "libsystem_kernel.dylib", "", 0),
    ("fsync", "libsystem_kernel.dylib", "", 0),
    ("-[NSFileHandle writeData:error:]", "Foundation", "", 0),
    ("AppDelegate.application(_:didFinishLaunchingWithOptions:)", "", "AppDelegate.swift", 41),
    ("PantryDatabase.open(at:)", "", "PantryDatabase.swift", 58),
    ("ThemeLoader.load()", "", "ThemeLoader.swift", 23),
    ("ShelfStore.restore()", "", "ShelfStore.swift", 90),
    (NEW_HOT_FRAME, "", "ShelfStore.swift", 212),
    ("ThumbnailRenderer.render(_:side:)", "", "ThumbnailRenderer.swift", 34),
    ("RecipeListView.body.getter", "", "RecipeListView.swift", 88),
    ("RecipeCell.attributedTitle.getter", "", "RecipeCell.swift", 31),
    ("PantryDatabase.save(batch:)", "", "PantryDatabase.swift", 144),
    ("ExpiryIndex.rebuild()", "", "ExpiryIndex.swift", 66),
    ("EditorController.textDidChange(_:)", "", "EditorController.swift", 118),
    ("JournalWriter.flush(force:)", "", "JournalWriter.swift", 73),
    ("JournalWriter.append(_:)", "", "JournalWriter.swift", 52),
];

/// The frame that Apple's advice points at.
const CULPRIT: (&str, &str) = ("vdbeSorterListToPMA", "SQLiteSpill");

/// A function of `UIKit` that has no public symbol: such frames carry an offset into the text segment instead.
const UNNAMED: &str = "";

const fn always(weight: f64, path: &'static [&'static str]) -> Branch {
    Branch { path, weight: Weight::Always(weight) }
}

const SCENE: &str =
    "-[UIApplication _callInitializationDelegatesWithActions:forCanvas:payload:fromOriginatingProcess:]";
const DID_FINISH: &str = "AppDelegate.application(_:didFinishLaunchingWithOptions:)";

/// Launches of Larder; from 4.0.0 on a third of them goes into thumbnails on slow phones.
pub(super) const LAUNCH: &[Branch] = &[
    always(
        24.0,
        &["start", "main", "UIApplicationMain", SCENE, DID_FINISH, "PantryDatabase.open(at:)", "sqlite3_open_v2"],
    ),
    always(
        14.0,
        &[
            "start",
            "main",
            "UIApplicationMain",
            SCENE,
            DID_FINISH,
            "PantryDatabase.open(at:)",
            "sqlite3_step",
            "sqlite3VdbeExec",
        ],
    ),
    always(11.0, &["start", "main", "UIApplicationMain", SCENE, DID_FINISH, "ThemeLoader.load()"]),
    always(12.0, &["start", "main", "UIApplicationMain", SCENE, DID_FINISH, "ShelfStore.restore()"]),
    always(9.0, &["start", "main", "UIApplicationMain", "-[UIApplication _run]", UNNAMED]),
    always(10.0, &["start", "main", "UIApplicationMain", "-[UIApplication _run]", "CA::Transaction::commit()"]),
    Branch {
        path: &[
            "start",
            "main",
            "UIApplicationMain",
            SCENE,
            DID_FINISH,
            "ShelfStore.restore()",
            NEW_HOT_FRAME,
            "ThumbnailRenderer.render(_:side:)",
            "CGContextDrawImage",
            "vImageScale_ARGB8888",
        ],
        weight: Weight::Since { version: "4.0.0", slow: 44.0, fast: 3.0 },
    },
];

/// Launches of Larder that end in the new code.
pub(super) const THUMBNAILS: &[Branch] = &[
    always(
        58.0,
        &[
            "start",
            "main",
            "UIApplicationMain",
            SCENE,
            DID_FINISH,
            "ShelfStore.restore()",
            NEW_HOT_FRAME,
            "ThumbnailRenderer.render(_:side:)",
            "CGContextDrawImage",
            "vImageScale_ARGB8888",
        ],
    ),
    always(
        23.0,
        &[
            "start",
            "main",
            "UIApplicationMain",
            SCENE,
            DID_FINISH,
            "ShelfStore.restore()",
            NEW_HOT_FRAME,
            "CGImageSourceCreateThumbnailAtIndex",
        ],
    ),
    always(9.0, &["start", "main", "UIApplicationMain", SCENE, DID_FINISH, "ShelfStore.restore()", NEW_HOT_FRAME]),
    always(10.0, &["start", "main", "UIApplicationMain", SCENE, DID_FINISH, "ThemeLoader.load()"]),
];

/// Hangs of Larder while a list scrolls: the same in every version.
pub(super) const SCROLLING: &[Branch] = &[
    always(
        46.0,
        &[
            "start",
            "main",
            "UIApplicationMain",
            "-[UIApplication _run]",
            "CFRunLoopRunSpecific",
            "-[UICollectionView layoutSubviews]",
            "RecipeListView.body.getter",
            "RecipeCell.attributedTitle.getter",
        ],
    ),
    always(
        31.0,
        &[
            "start",
            "main",
            "UIApplicationMain",
            "-[UIApplication _run]",
            "CFRunLoopRunSpecific",
            "-[UICollectionView layoutSubviews]",
            "RecipeListView.body.getter",
            "AG::Graph::UpdateStack::update()",
        ],
    ),
    always(23.0, &["start", "main", "UIApplicationMain", "-[UIApplication _run]", "CFRunLoopRunSpecific", UNNAMED]),
];

/// Disk writes of Larder: the same in every version.
pub(super) const PANTRY_SAVE: &[Branch] = &[
    always(
        62.0,
        &[
            "_dispatch_call_block_and_release",
            "PantryDatabase.save(batch:)",
            "ExpiryIndex.rebuild()",
            "sqlite3_step",
            "sqlite3VdbeExec",
            "vdbeSorterListToPMA",
            "unixFileControl",
        ],
    ),
    always(
        38.0,
        &[
            "_dispatch_call_block_and_release",
            "PantryDatabase.save(batch:)",
            "sqlite3_step",
            "sqlite3VdbeExec",
            "unixFileControl",
        ],
    ),
];

/// Disk writes of Tidemark; in 2.5.0 and 2.5.1 every key press ends in them, before and after only the timer does.
pub(super) const JOURNAL_FLUSH: &[Branch] = &[
    Branch {
        path: &[
            "start",
            "main",
            "UIApplicationMain",
            "EditorController.textDidChange(_:)",
            "JournalWriter.flush(force:)",
            "-[NSFileHandle writeData:error:]",
            "fsync",
        ],
        weight: Weight::Between { from: "2.5.0", until: "2.6.0", weight: 130.0 },
    },
    always(40.0, &["_dispatch_lane_serial_drain", "_dispatch_client_callout", "JournalWriter.append(_:)", "pwrite"]),
    always(
        25.0,
        &[
            "_dispatch_lane_serial_drain",
            "_dispatch_client_callout",
            "JournalWriter.flush(force:)",
            "-[NSFileHandle writeData:error:]",
            "fsync",
        ],
    ),
];

/// A log's frames: samples are shared out among the branches, and equal beginnings are one frame.
pub(super) fn sample(
    rng: &mut Rng,
    branches: &[Branch],
    weight: impl Fn(Weight) -> f64,
    image: &Image<'_>,
) -> Vec<Frame> {
    let samples = rng.between(SAMPLES.0, SAMPLES.1);
    let weights: Vec<f64> =
        branches.iter().map(|branch| weight(branch.weight) * (WEIGHT_NOISE * rng.normal()).exp()).collect();
    let total: f64 = weights.iter().sum();
    let mut nodes: Vec<Node> = Vec::new();
    for (branch, weight) in branches.iter().zip(&weights) {
        let share = (samples * weight / total).round() as u64;
        if share == 0 {
            continue;
        }
        let mut parent = None;
        for symbol in branch.path {
            let known = nodes.iter().position(|node| node.parent == parent && node.symbol == *symbol);
            let node = known.unwrap_or_else(|| {
                nodes.push(Node { parent, symbol, samples: 0 });
                nodes.len() - 1
            });
            nodes[node].samples += share;
            parent = Some(node);
        }
    }
    in_document_order(&nodes)
        .into_iter()
        .map(|(depth, node)| Frame { depth, samples: nodes[node].samples, place: image.place(nodes[node].symbol) })
        .collect()
}

struct Node {
    parent: Option<usize>,
    symbol: &'static str,
    samples: u64,
}

/// Depth and position of each node, a parent before its children, siblings heaviest first.
fn in_document_order(nodes: &[Node]) -> Vec<(usize, usize)> {
    let children = |parent: Option<usize>| {
        let mut children: Vec<usize> = (0..nodes.len()).filter(|&node| nodes[node].parent == parent).collect();
        // Popped from the end, so the lightest goes in first.
        children.sort_by_key(|&node| (nodes[node].samples, std::cmp::Reverse(node)));
        children
    };
    let mut ordered = Vec::with_capacity(nodes.len());
    let mut waiting: Vec<(usize, usize)> = children(None).into_iter().map(|node| (0, node)).collect();
    while let Some((depth, node)) = waiting.pop() {
        ordered.push((depth, node));
        waiting.extend(children(Some(node)).into_iter().map(|child| (depth + 1, child)));
    }
    ordered
}

impl Image<'_> {
    /// A symbol of [`CODE`] as this version has it; [`UNNAMED`] = a function of `UIKit` without a symbol.
    fn place(&self, symbol: &str) -> Place {
        let (_, binary, file, line) =
            CODE.iter().find(|(known, ..)| *known == symbol).unwrap_or(&("", "UIKitCore", "", 0));
        let own = binary.is_empty();
        let binary = if own { self.app.binary } else { binary };
        // The app is built anew for each version; the system, in this story, never is.
        let build = if own { self.version as u64 + 1 } else { 0 };
        let mut of_binary = Rng::keyed(self.app.seed * u64::from(own), binary, build);
        let uuid = uuid(&mut of_binary);
        let text = if own { 0x1_0280_0000 } else { 0x1_8000_0000 } + ((of_binary.next_u64() & 0x0FFF) << 16);
        let mut of_symbol = Rng::keyed(build, symbol, 0);
        let function = of_symbol.next_u64() & 0xF_FFF0;
        let offset = 4 * (1 + of_symbol.below(90)) as u64;
        let (culprit, category) = CULPRIT;
        Place {
            symbol: symbol.to_owned(),
            binary: binary.to_owned(),
            binary_uuid: uuid,
            file: (*file).to_owned(),
            line: *line,
            offset: if symbol.is_empty() { function + offset } else { offset },
            address: text + function + offset,
            // `main` is the app's too, but nobody blames it.
            is_blame: own && symbol != "main",
            advice_category: if symbol == culprit { category } else { "" }.to_owned(),
        }
    }
}
