//! A call tree as a flame graph: width is the share of samples, colour is what grew.
//!
//! Each frame is a picture inside a picture, placed in percent, so that text keeps its size, is cut at the frame's edge, and
//! zooming is the change of two attributes.

use crate::figure::percent;
use crate::markup::Element;
use crate::safe::shortened;
use perfpower_analysis::StackChange;
use perfpower_stacks::{PairedTree, StackFrame, StackTree};
use std::fmt::Write as _;

/// Frames drawn at most, widest first. Arbitrary: about what a screen can show and a page of 100 cards can carry.
const MAX_FRAMES: usize = 240;
/// Levels drawn at most; deeper ones could not be told apart.
const MAX_DEPTH: usize = 48;
/// Frames narrower than this are a line without a name.
const MIN_PERCENT: f64 = 0.4;
const ROW_PIXELS: usize = 19;

/// A frame that is drawn, in percent of all samples.
struct Placed<'a> {
    node: usize,
    frame: &'a StackFrame,
    parent: Option<u32>,
    /// Share of the samples before, its callees included.
    before: f64,
    left: f64,
    /// Share of the samples after, its callees included.
    width: f64,
    depth: usize,
}

/// The graph with its caption, or nothing for an empty tree. `id` is unique in the page.
pub(super) fn draw(change: &StackChange, id: &str) -> Option<Element> {
    let placed = place(&change.tree);
    let deepest = placed.iter().map(|frame| frame.depth).max()?;
    let left_out = change.tree.frame.len() - placed.len();
    let rows = placed.iter().map(|placed| {
        let frame = placed.frame;
        let (name, is_cut) = shortened(&frame.name, 90);
        let whole = if is_cut { shortened(&frame.name, 400).0 } else { "".into() };
        let difference = placed.width - placed.before;
        let shares = if change.from.is_some() {
            format!("{} before, {} after", percent(placed.before), percent(placed.width))
        } else {
            percent(placed.width)
        };
        let place = place_words(frame);
        let (place, _) = shortened(&place, 120);
        let title = [name.as_ref(), whole.as_ref(), place.as_ref(), &shares]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("\n");
        let class = match (change.from.is_some(), difference) {
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
            .attr("data-frame", placed.node.to_string())
            .attr("data-parent", placed.parent.map_or_else(String::new, |parent| parent.to_string()))
            .attr("x", format!("{:.3}%", placed.left))
            .attr("width", format!("{:.3}%", placed.width))
            .attr("y", (placed.depth * ROW_PIXELS).to_string())
            .attr("height", (ROW_PIXELS - 1).to_string())
            .child(Element::new("title").lines(&title))
            .child(Element::new("rect").attr("width", "100%").attr("height", "100%"))
            .child(text)
    });
    let to = shortened(&change.to, 64).0;
    let summary = match &change.from {
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
    if change.from.is_some() {
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

/// Binary, file and line, as far as they are known.
fn place_words(frame: &StackFrame) -> String {
    let place = frame.place();
    let parts: Vec<&str> = [frame.binary.as_deref(), place.as_deref()].into_iter().flatten().collect();
    parts.join(" ")
}

fn place(tree: &PairedTree) -> Vec<Placed<'_>> {
    let (before, after) = tree.inclusive();
    let share = |samples: u64, own: &[u64]| match own.iter().sum::<u64>() {
        0 => 0.0,
        total => 100.0 * samples as f64 / total as f64,
    };
    let widths: Vec<f64> = after.iter().map(|&samples| share(samples, &tree.after)).collect();
    let mut sorted = widths.clone();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let smallest = sorted.get(MAX_FRAMES).copied().unwrap_or(0.0).max(MIN_PERCENT);
    // Where the next callee of each frame starts, and how deep it is; None = not drawn, and so none of its callees.
    let mut next: Vec<Option<(f64, usize)>> = Vec::with_capacity(widths.len());
    let mut next_root = 0.0;
    let mut out = Vec::new();
    for (node, &width) in widths.iter().enumerate() {
        let parent = (tree.parent[node] != StackTree::ROOT).then_some(tree.parent[node]);
        let room = match parent {
            None => Some((next_root, 0)),
            Some(parent) => next[parent as usize],
        };
        let Some((left, depth)) = room.filter(|(_, depth)| width >= smallest && *depth < MAX_DEPTH) else {
            next.push(None);
            continue;
        };
        match parent {
            None => next_root = left + width,
            Some(parent) => next[parent as usize] = Some((left + width, depth)),
        }
        next.push(Some((left, depth + 1)));
        let frame = &tree.frames[tree.frame[node] as usize];
        out.push(Placed { node, frame, parent, before: share(before[node], &tree.before), left, width, depth });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of `(parent, name, self samples after)`.
    fn change(nodes: &[(u32, &str, u64)]) -> StackChange {
        let frames = nodes.iter().map(|(_, name, _)| StackFrame { name: (*name).to_owned(), ..StackFrame::default() });
        let paired = nodes.iter().enumerate().map(|(at, &(parent, _, own))| (parent, at as u32, 0, own));
        StackChange { from: None, to: "1".to_owned(), tree: PairedTree::from_nodes(frames.collect(), paired) }
    }

    #[test]
    fn callees_lie_under_their_caller_side_by_side() {
        let change = change(&[(StackTree::ROOT, "main", 10), (0, "a", 60), (0, "b", 30)]);
        let places: Vec<_> = place(&change.tree).iter().map(|p| (p.left, p.width, p.depth)).collect();
        assert_eq!(places, [(0.0, 100.0, 0), (0.0, 60.0, 1), (60.0, 30.0, 1)]);
    }

    #[test]
    fn a_stack_ten_thousand_deep_is_cut() {
        let names: Vec<String> = (0..10_000).map(|at| format!("f{at}")).collect();
        let nodes: Vec<_> = names
            .iter()
            .enumerate()
            .map(|(at, name)| (at.checked_sub(1).map_or(StackTree::ROOT, |above| above as u32), name.as_str(), 1))
            .collect();
        let svg = draw(&change(&nodes), "f").unwrap().to_markup();
        assert!(svg.contains("9952 narrower or deeper frames"), "{svg}");
        assert!(draw(&change(&[]), "f").is_none());
    }
}
