//! Flame graphs as SVG, of one tree or of the difference of two.
//!
//! inferno draws; this module decides what is drawn. Without bounds a hostile tree would make an image of gigabytes: frames
//! that are too narrow to be seen give their samples to the frame they stand on, and what is deeper than
//! [`MAX_DRAWN_DEPTH`] becomes one frame that says so. No sample is lost by either: the width of the image is the total, and
//! every frame that is drawn is as wide as all its samples.
//!
//! A difference is drawn with the width of one side, as differential flame graphs are: red grew, blue shrank, and both the
//! colour and the change in a frame's tooltip speak of its self samples, so a caller of what moved stays white. What is gone
//! has no width on the side after, so it takes both images to see all: see [`Width`].

use super::ProfileError;
use super::label::folded_label;
use crate::safe::{shortened, visible};
use inferno::flamegraph;
use perfpower_stacks::{PairedTree, StackFrame, StackTree};
use std::io::{self, Write};

/// Frames above each other in one image; 16 pixels each. Above some ten thousand pixels browsers stop to render text well.
pub(crate) const MAX_DRAWN_DEPTH: u32 = 600;

/// A frame is drawn when it has at least one part in so many of all samples: 0.3 pixels of an image of 1,200.
const NARROWEST: u64 = 4000;

/// Bytes of all stacks that are drawn, each written out: what inferno reads. A tree that needs more is drawn more coarsely.
/// 32 MiB: some twenty times what the logs of a large app take, and an image that a browser still opens.
const MAX_STACK_BYTES: u64 = 32 << 20;

/// Characters of a name in the image; a name that needs more is wider than the image.
const MAX_LABEL_CHARS: usize = 160;

/// What stands in the image for frames that are too deep.
const DEEPER: &str = "(deeper frames)";

/// What an image is called.
#[derive(Clone, Debug, Default)]
pub struct FlameGraph {
    /// Stands above it.
    pub title: String,
    /// Stands below the title; empty = none.
    pub subtitle: String,
}

/// Which side of a difference gives frames their width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// The side before: shows what is gone.
    Before,
    /// The side after: shows what is new.
    After,
}

/// What an image holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// Samples that give the image its width: all of the tree.
    pub total: u64,
    /// Of these, samples of frames too narrow to be drawn; they are part of the frame below.
    pub narrow: u64,
    /// Of these, samples of frames too deep to be drawn.
    pub deep: u64,
}

/// Draws a tree.
pub fn write_flame_graph(tree: &StackTree, graph: &FlameGraph, out: impl Write) -> Result<Drawn, ProfileError> {
    let samples = (0..tree.len()).map(|node| (0, tree.own[node])).collect();
    let plan = Plan::new(&tree.frames, &tree.frame, &tree.parent, samples);
    let lines = plan.lines.iter().map(|line| format!("{} {}", line.stack, line.width)).collect::<Vec<_>>();
    draw(&plan, &lines, graph, false, out)
}

/// Draws a difference. The other side is scaled to the total of the side that gives the width, so that colours compare shares.
pub fn write_difference_graph(
    tree: &PairedTree,
    width: Width,
    graph: &FlameGraph,
    out: impl Write,
) -> Result<Drawn, ProfileError> {
    let (wide, other) = match width {
        Width::Before => (&tree.before, &tree.after),
        Width::After => (&tree.after, &tree.before),
    };
    let scaled = scaled_to(other, wide.iter().sum());
    let samples = scaled.into_iter().zip(wide.iter().copied()).collect();
    let plan = Plan::new(&tree.frames, &tree.frame, &tree.parent, samples);
    let lines =
        plan.lines.iter().map(|line| format!("{} {} {}", line.stack, line.other, line.width)).collect::<Vec<_>>();
    let mut image = Vec::new();
    let drawn = draw(&plan, &lines, graph, width == Width::Before, &mut image)?;
    write_with_self_changes(&image, out)?;
    Ok(drawn)
}

/// inferno's tooltips end in `…, 12.50%; +3.10%)`, and the second figure is of self samples alone: it is given that word, or
/// a caller of all that grew would seem to have stayed as it was.
fn write_with_self_changes(image: &[u8], mut out: impl Write) -> io::Result<()> {
    const TITLE_END: &str = "%)</title>";
    let image = String::from_utf8_lossy(image);
    let is_change = |text: &str| text.chars().all(|c| c.is_ascii_digit() || "+-.".contains(c));
    let mut pieces = image.split(TITLE_END).peekable();
    while let Some(piece) = pieces.next() {
        match piece.rsplit_once("%; ").filter(|(_, change)| pieces.peek().is_some() && is_change(change)) {
            Some((words, change)) => write!(out, "{words}%; self {change}{TITLE_END}")?,
            None if pieces.peek().is_some() => write!(out, "{piece}{TITLE_END}")?,
            None => out.write_all(piece.as_bytes())?,
        }
    }
    Ok(())
}

/// The counts, scaled so that they sum up to `total`: each is the step of the rounded running sum, so no rounding adds up.
fn scaled_to(counts: &[u64], total: u64) -> Vec<u64> {
    let sum: u128 = counts.iter().copied().map(u128::from).sum();
    let mut running = 0u128;
    let mut given = 0u128;
    counts
        .iter()
        .map(|&count| {
            running += u128::from(count);
            let due = (running * u128::from(total)).checked_div(sum).unwrap_or(0);
            let step = due - given;
            given = due;
            step as u64
        })
        .collect()
}

/// A stack as it is drawn.
struct Line {
    stack: String,
    width: u64,
    other: u64,
}

/// The stacks to draw, in preorder.
struct Plan {
    lines: Vec<Line>,
    drawn: Drawn,
}

impl Plan {
    /// `samples` are the self samples of each node: those of the other side, and those that give the width.
    fn new(frames: &[StackFrame], frame: &[u32], parent: &[u32], samples: Vec<(u64, u64)>) -> Self {
        let mut labels: Vec<StackFrame> = frames
            .iter()
            .map(|frame| StackFrame {
                name: shortened(&folded_label(frame), MAX_LABEL_CHARS).0.into_owned(),
                ..StackFrame::default()
            })
            .collect();
        let deeper = labels.len() as u32;
        labels.push(StackFrame { name: DEEPER.to_owned(), ..StackFrame::default() });
        let mut drawn = Drawn { total: samples.iter().map(|(_, width)| width).sum(), narrow: 0, deep: 0 };

        // Equal labels under one parent become one frame; a node below the last drawn level lends its samples to a frame there.
        let mut nodes: Vec<(u32, u32, u64, u64)> = Vec::with_capacity(frame.len());
        let mut place: Vec<(u32, u32)> = Vec::with_capacity(frame.len()); // depth, and position in `nodes`
        for (node, (other, width)) in samples.into_iter().enumerate() {
            let (depth, above) = match parent[node] {
                StackTree::ROOT => (0, StackTree::ROOT),
                parent => (place[parent as usize].0 + 1, place[parent as usize].1),
            };
            if depth > MAX_DRAWN_DEPTH {
                let (_, _, other_there, width_there) = &mut nodes[above as usize];
                *other_there += other;
                *width_there += width;
                drawn.deep += width;
                place.push((depth, above));
                continue;
            }
            if depth == MAX_DRAWN_DEPTH {
                drawn.deep += width;
            }
            let label = if depth == MAX_DRAWN_DEPTH { deeper } else { frame[node] };
            place.push((depth, nodes.len() as u32));
            nodes.push((above, label, other, width));
        }
        let tree = PairedTree::from_nodes(labels, nodes);

        let (other_below, width_below) = tree.inclusive();
        let widest: Vec<u64> = width_below.iter().zip(&other_below).map(|(&width, &other)| width.max(other)).collect();
        let parts = parts_that_fit(&tree, &widest, drawn.total);
        let (mut other, mut width) = (tree.before, tree.after);
        let is_drawn: Vec<bool> = tree
            .parent
            .iter()
            .zip(&widest)
            .map(|(&parent, &widest)| parent == StackTree::ROOT || is_wide(widest, parts, drawn.total))
            .collect();
        for node in (0..tree.frame.len()).rev() {
            if !is_drawn[node] {
                let above = tree.parent[node] as usize;
                // What stands on a narrow frame is narrow too; all is counted once, where a drawn frame takes it.
                drawn.narrow += if is_drawn[above] { width[node] } else { 0 };
                other[above] += std::mem::take(&mut other[node]);
                width[above] += std::mem::take(&mut width[node]);
            }
        }

        let mut lines = Vec::new();
        let mut stack = String::new();
        let mut open: Vec<(u32, usize)> = Vec::new();
        for node in 0..tree.frame.len() {
            while open.last().map_or(StackTree::ROOT, |&(above, _)| above) != tree.parent[node] {
                open.pop();
            }
            stack.truncate(open.last().map_or(0, |&(_, length)| length));
            if !stack.is_empty() {
                stack.push(';');
            }
            stack.push_str(&tree.frames[tree.frame[node] as usize].name);
            open.push((node as u32, stack.len()));
            // A frame without samples of its own is drawn by what stands on it; its line says what it had on the other side.
            if is_drawn[node] && width_below[node] > 0 && (width[node] > 0 || other[node] > 0) {
                lines.push(Line { stack: stack.clone(), width: width[node], other: other[node] });
            }
        }
        Self { lines, drawn }
    }
}

fn is_wide(samples: u64, parts: u64, total: u64) -> bool {
    u128::from(samples) * u128::from(parts) >= u128::from(total)
}

/// [`NARROWEST`], halved until the stacks of all frames that are wide enough fit into [`MAX_STACK_BYTES`].
fn parts_that_fit(tree: &PairedTree, widest: &[u64], total: u64) -> u64 {
    let mut bytes: Vec<u64> = Vec::with_capacity(tree.frame.len());
    for (&frame, &parent) in tree.frame.iter().zip(&tree.parent) {
        let above = if parent == StackTree::ROOT { 0 } else { bytes[parent as usize] };
        bytes.push(above + tree.frames[frame as usize].name.len() as u64 + 1);
    }
    let mut parts = NARROWEST;
    let needed = |parts: u64| -> u64 {
        widest.iter().zip(&bytes).filter(|(samples, _)| is_wide(**samples, parts, total)).map(|(_, bytes)| bytes).sum()
    };
    while parts > 1 && needed(parts) > MAX_STACK_BYTES {
        parts /= 2;
    }
    parts
}

fn draw(
    plan: &Plan,
    lines: &[String],
    graph: &FlameGraph,
    is_negated: bool,
    out: impl Write,
) -> Result<Drawn, ProfileError> {
    if plan.drawn.total == 0 {
        return Err(ProfileError::Empty);
    }
    let mut options = flamegraph::Options::default();
    options.title = visible(&graph.title).into_owned();
    options.subtitle = Some(visible(&graph.subtitle).into_owned()).filter(|subtitle| !subtitle.is_empty());
    options.deterministic = true;
    options.negate_differentials = is_negated;
    // "Chart" is inferno's word for drawing lines as they come, from the last to the first. Preorder keeps frames whole; a
    // sort of the lines as text would not, because a space comes before a semicolon.
    options.flame_chart = true;
    flamegraph::from_lines(&mut options, lines.iter().rev().map(String::as_str), out)?;
    Ok(plan.drawn)
}
