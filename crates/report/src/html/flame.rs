//! A call tree as a flame graph: width is the share of samples, colour is what grew.
//!
//! Each frame is a picture inside a picture, placed in percent, so that text keeps its size, is cut at the frame's edge, and
//! zooming is the change of two attributes.

use crate::figure::percent;
use crate::markup::Element;
use crate::safe::shortened;
use perfpower_analysis::StackChange;
use perfpower_stacks::StackTree;
use std::fmt::Write as _;

/// A merged call tree, of one version or of two.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FlameGraph {
    /// The earlier version; absent = nothing to compare with, and all `before_percent` are ignored.
    pub from: Option<String>,
    /// The version whose shares are the widths.
    pub to: String,
    /// Parents before their children.
    pub frames: Vec<FlameFrame>,
}

/// One frame at one place in the tree.
#[derive(Clone, Debug, PartialEq)]
pub struct FlameFrame {
    /// Function.
    pub name: String,
    /// Binary, file and line; empty = not known.
    pub place: String,
    /// Position of the caller in [`FlameGraph::frames`], before this one; absent = a root.
    pub parent: Option<u32>,
    /// Share of all samples of the earlier version in percent, its callees included.
    pub before_percent: f64,
    /// Share of all samples of the later version in percent, its callees included.
    pub after_percent: f64,
    /// Whether Apple holds the app responsible for it.
    pub is_blame: bool,
}

impl FlameGraph {
    /// The tree in shares of each version's samples.
    pub(super) fn of(change: &StackChange) -> Self {
        let tree = &change.tree;
        let (inclusive_before, inclusive_after) = tree.inclusive();
        let (before, after) = (tree.before.iter().sum(), tree.after.iter().sum());
        let share = |samples: u64, total: u64| if total == 0 { 0.0 } else { 100.0 * samples as f64 / total as f64 };
        let frame = |node: usize| {
            let frame = &tree.frames[tree.frame[node] as usize];
            let parent = tree.parent[node];
            FlameFrame {
                name: frame.name.clone(),
                place: match (frame.file.as_str(), frame.line) {
                    ("", _) => frame.binary.clone(),
                    (file, 0) => format!("{} {file}", frame.binary),
                    (file, line) => format!("{} {file}:{line}", frame.binary),
                },
                parent: (parent != StackTree::ROOT).then_some(parent),
                before_percent: share(inclusive_before[node], before),
                after_percent: share(inclusive_after[node], after),
                is_blame: frame.is_blame,
            }
        };
        Self { from: change.from.clone(), to: change.to.clone(), frames: (0..tree.frame.len()).map(frame).collect() }
    }
}

/// Frames drawn at most, widest first. Arbitrary: about what a screen can show and a page of 100 cards can carry.
const MAX_FRAMES: usize = 240;
/// Levels drawn at most; deeper ones could not be told apart.
const MAX_DEPTH: usize = 48;
/// Frames narrower than this are a line without a name.
const MIN_PERCENT: f64 = 0.4;
const ROW_PIXELS: usize = 19;

/// The places of the frames that are drawn, in the order of the tree.
struct Placed<'a> {
    index: usize,
    frame: &'a FlameFrame,
    left: f64,
    width: f64,
    depth: usize,
}

/// The graph with its caption, or nothing for an empty tree. `id` is unique in the page.
pub(super) fn draw(graph: &FlameGraph, id: &str) -> Option<Element> {
    let placed = place(&graph.frames);
    let deepest = placed.iter().map(|frame| frame.depth).max()?;
    let left_out = graph.frames.len() - placed.len();
    let rows = placed.iter().map(|placed| {
        let frame = placed.frame;
        let (name, is_cut) = shortened(&frame.name, 90);
        let whole = if is_cut { shortened(&frame.name, 400).0 } else { "".into() };
        let difference = frame.after_percent - frame.before_percent;
        let shares = if graph.from.is_some() {
            format!("{} before, {} after", percent(frame.before_percent), percent(frame.after_percent))
        } else {
            percent(frame.after_percent)
        };
        let (place, _) = shortened(&frame.place, 120);
        let title = [name.as_ref(), whole.as_ref(), place.as_ref(), &shares]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("\n");
        let class = match (graph.from.is_some(), difference) {
            (false, _) if frame.is_blame => "frame blame",
            (false, _) => "frame",
            (true, d) if d >= 10.0 => "frame grew2",
            (true, d) if d >= 1.0 => "frame grew1",
            (true, d) if d <= -10.0 => "frame shrank2",
            (true, d) if d <= -1.0 => "frame shrank1",
            (true, _) => "frame same",
        };
        let mut text = Element::new("text").attr("x", "4").attr("y", "13").text(&name);
        if frame.is_blame {
            text = Element::new("text").attr("x", "4").attr("y", "13").text(format!("◆ {name}"));
        }
        Element::of("svg", class)
            .attr("data-frame", placed.index.to_string())
            .attr("data-parent", frame.parent.map_or_else(String::new, |parent| parent.to_string()))
            .attr("x", format!("{:.3}%", placed.left))
            .attr("width", format!("{:.3}%", placed.width))
            .attr("y", (placed.depth * ROW_PIXELS).to_string())
            .attr("height", (ROW_PIXELS - 1).to_string())
            .child(Element::new("title").lines(&title))
            .child(Element::new("rect").attr("width", "100%").attr("height", "100%"))
            .child(text)
    });
    let to = shortened(&graph.to, 64).0;
    let summary = match &graph.from {
        Some(from) => format!("Samples of {to}, coloured by the change from {}.", shortened(from, 64).0),
        None => format!("Samples of {to}; there is no other version to compare with."),
    };
    let svg = Element::of("svg", "flame")
        .attr("id", id)
        .attr("role", "group")
        .attr("aria-label", format!("Flame graph. {summary}"))
        .attr("width", "100%")
        .attr("height", ((deepest + 1) * ROW_PIXELS).to_string())
        .children(rows);
    let mut caption = format!("{summary} Callers above, callees below; width is the share of samples.");
    if graph.from.is_some() {
        caption.push_str(" Orange frames grew, blue ones shrank, by one percentage point or, darker, by ten.");
    }
    if left_out > 0 {
        let _ = write!(caption, " {left_out} narrower or deeper frames are not drawn.");
    }
    Some(
        Element::of("figure", "flame-figure")
            .child(Element::of("div", "scroll").child(svg))
            .child(Element::new("figcaption").text(caption)),
    )
}

fn place(frames: &[FlameFrame]) -> Vec<Placed<'_>> {
    let mut widths: Vec<f64> = frames.iter().map(|frame| frame.after_percent).filter(|w| w.is_finite()).collect();
    widths.sort_by(|a, b| b.total_cmp(a));
    let smallest = widths.get(MAX_FRAMES).copied().unwrap_or(0.0).max(MIN_PERCENT);
    // Where the next callee of each frame starts, and how deep it is; None = not drawn, and so none of its callees.
    let mut next: Vec<Option<(f64, f64, usize)>> = Vec::with_capacity(frames.len());
    let mut next_root = 0.0;
    let mut out = Vec::new();
    for (index, frame) in frames.iter().enumerate() {
        let room = match frame.parent {
            None => Some((next_root, 100.0, 0)),
            // A parent that does not come first is no parent.
            Some(parent) => next.get(parent as usize).copied().flatten(),
        };
        let Some((start, end, depth)) = room else {
            next.push(None);
            continue;
        };
        // Callees never reach over their caller, whatever the counts say.
        let width = frame.after_percent.min(end - start);
        if frame.after_percent.is_nan() || width < smallest || depth >= MAX_DEPTH {
            next.push(None);
            continue;
        }
        match frame.parent {
            None => next_root = start + width,
            Some(parent) => next[parent as usize] = Some((start + width, end, depth)),
        }
        next.push(Some((start, start + width, depth + 1)));
        out.push(Placed { index, frame, left: start, width, depth });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(name: &str, parent: Option<u32>, after_percent: f64) -> FlameFrame {
        let place = String::new();
        FlameFrame { name: name.to_owned(), place, parent, before_percent: 0.0, after_percent, is_blame: false }
    }

    #[test]
    fn callees_lie_under_their_caller_side_by_side() {
        let frames = [frame("main", None, 100.0), frame("a", Some(0), 60.0), frame("b", Some(0), 30.0)];
        let places: Vec<_> = place(&frames).iter().map(|p| (p.left, p.width, p.depth)).collect();
        assert_eq!(places, [(0.0, 100.0, 0), (0.0, 60.0, 1), (60.0, 30.0, 1)]);
    }

    #[test]
    fn counts_that_do_not_add_up_stay_inside() {
        let frames = [frame("main", None, 50.0), frame("a", Some(0), 80.0), frame("b", Some(0), 30.0)];
        assert_eq!(place(&frames).len(), 2);
        let mut odd = frame("later", Some(9), 10.0);
        odd.after_percent = f64::NAN;
        assert!(place(&[odd]).is_empty());
    }

    #[test]
    fn a_stack_ten_thousand_deep_is_cut() {
        let frames: Vec<_> = (0..10_000_u32).map(|i| frame("f", i.checked_sub(1), 100.0)).collect();
        let svg = draw(&FlameGraph { from: None, to: "1".to_owned(), frames }, "f").unwrap().to_markup();
        assert!(svg.contains("9952 narrower or deeper frames"), "{svg}");
        assert!(draw(&FlameGraph::default(), "f").is_none());
    }
}
