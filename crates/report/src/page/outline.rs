//! A merged call tree to the few lines that a person reads: the heaviest paths, with what does not branch on one level.
//!
//! A real tree has tens of thousands of paths and a hostile one is as deep as it likes. So branches are opened from the
//! heaviest on until the lines are used up, and what was left out is counted where it was left out.

use perfpower_stacks::StackTree;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How much is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OutlineLimits {
    /// Lines in all, those that say what was left out not counted.
    pub lines: usize,
    /// Branches above each other.
    pub levels: usize,
    /// Frames of one chain.
    pub chain: usize,
    /// Least part of all samples, 0..=1, of what comes after the first lines.
    pub least_share: f64,
    /// Lines that are shown however little they weigh: where nothing stands out, that is the answer.
    pub first_lines: usize,
}

impl Default for OutlineLimits {
    /// A screenful; a depth that leaves room for names; the share that a flame graph shows without zooming. All arbitrary.
    fn default() -> Self {
        Self { lines: 48, levels: 16, chain: 12, least_share: 0.01, first_lines: 12 }
    }
}

/// One line of the outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OutlineLine {
    /// Branches above it.
    pub level: usize,
    pub what: OutlineItem,
}

/// What a line shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutlineItem {
    /// A frame. The first of a chain gives the samples of all of it.
    Frame { node: usize, is_first: bool },
    /// Frames of a chain between those shown.
    Between { frames: usize },
    /// Branches that were left out, and their samples.
    More { branches: usize, inclusive: u64 },
}

/// The heaviest paths of a tree.
pub(crate) fn outline(tree: &StackTree, limits: &OutlineLimits) -> Vec<OutlineLine> {
    let branches = Branches::new(tree);
    let least = limits.least_share * tree.total() as f64;

    // Heads of the chains that are shown, from the heaviest on.
    let mut is_shown = vec![false; tree.len()];
    let mut lines = 0;
    let mut open: BinaryHeap<(u64, Reverse<usize>, usize)> =
        branches.of(None).map(|head| (tree.inclusive[head], Reverse(head), 0)).collect();
    while let Some((inclusive, Reverse(head), level)) = open.pop() {
        let chain = branches.chain(head);
        let length = shown_of_chain(tree, &chain, limits.chain).len();
        let is_light = lines >= limits.first_lines && (inclusive as f64) < least;
        if lines > 0 && (lines + length > limits.lines || is_light) {
            break;
        }
        lines += length;
        is_shown[head] = true;
        if level + 1 < limits.levels {
            let last = chain.last().copied();
            open.extend(branches.of(last).map(|head| (tree.inclusive[head], Reverse(head), level + 1)));
        }
    }

    let mut shown = Vec::new();
    let mut steps: Vec<(usize, Step)> = Vec::new();
    let below = |node: Option<usize>, level: usize, steps: &mut Vec<(usize, Step)>| {
        let (mut heads, mut left_out, mut inclusive) = (Vec::new(), 0, 0);
        for head in branches.of(node) {
            if is_shown[head] {
                heads.push(head);
            } else {
                left_out += 1;
                inclusive += tree.inclusive[head];
            }
        }
        heads.sort_by_key(|&head| (Reverse(tree.inclusive[head]), head));
        if left_out > 0 {
            steps.push((level, Step::More(left_out, inclusive)));
        }
        steps.extend(heads.into_iter().rev().map(|head| (level, Step::Chain(head))));
    };
    below(None, 0, &mut steps);
    while let Some((level, step)) = steps.pop() {
        match step {
            Step::More(branches, inclusive) => {
                shown.push(OutlineLine { level, what: OutlineItem::More { branches, inclusive } });
            }
            Step::Chain(head) => {
                let chain = branches.chain(head);
                shown.extend(
                    shown_of_chain(tree, &chain, limits.chain).into_iter().map(|what| OutlineLine { level, what }),
                );
                below(chain.last().copied(), level + 1, &mut steps);
            }
        }
    }
    shown
}

/// What is yet to be written.
enum Step {
    Chain(usize),
    More(usize, u64),
}

/// Children of nodes. In preorder a subtree is one piece, so the end of each is all it takes.
struct Branches<'a> {
    tree: &'a StackTree,
    end: Vec<usize>,
}

impl<'a> Branches<'a> {
    fn new(tree: &'a StackTree) -> Self {
        let mut end: Vec<usize> = (1..=tree.len()).collect();
        for node in (0..tree.len()).rev() {
            if tree.parent[node] != StackTree::ROOT {
                let above = tree.parent[node] as usize;
                end[above] = end[above].max(end[node]);
            }
        }
        Self { tree, end }
    }

    /// Children of a node, or the roots.
    fn of(&self, node: Option<usize>) -> impl Iterator<Item = usize> + use<'_, 'a> {
        let (first, end) = node.map_or((0, self.tree.len()), |node| (node + 1, self.end[node]));
        std::iter::successors(Some(first), |&child| self.end.get(child).copied()).take_while(move |&child| child < end)
    }

    /// Nodes from `head` down that have one child and no samples of their own, and the one after them.
    fn chain(&self, head: usize) -> Vec<usize> {
        let mut chain = vec![head];
        let mut node = head;
        while self.tree.own[node] == 0 {
            let mut children = self.of(Some(node));
            let (Some(only), None) = (children.next(), children.next()) else { break };
            chain.push(only);
            node = only;
        }
        chain
    }
}

/// The lines of a chain: its ends and what Apple marked; the rest is counted.
fn shown_of_chain(tree: &StackTree, chain: &[usize], most: usize) -> Vec<OutlineItem> {
    let last = chain.len() - 1;
    let is_marked = |at: usize| {
        let frame = tree.frame_of(chain[at]);
        at == 0 || at == last || frame.is_blame || frame.advice_category.is_some()
    };
    let mut kept: Vec<usize> = (0..chain.len()).filter(|&at| is_marked(at)).collect();
    if kept.len() > most {
        // The marked frames nearest to the work say most.
        let from_start = most / 3;
        kept.drain(from_start..kept.len() - (most - from_start));
    }
    let mut items = Vec::new();
    let mut next = 0;
    for at in kept {
        match at - next {
            0 => {}
            // One frame takes no more room than the word that it is missing.
            1 if !is_marked(next) => items.push(OutlineItem::Frame { node: chain[next], is_first: false }),
            frames => items.push(OutlineItem::Between { frames }),
        }
        items.push(OutlineItem::Frame { node: chain[at], is_first: at == 0 });
        next = at + 1;
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;
    use perfpower_stacks::StackFrame;

    /// `(parent, name, self samples)`; a name that begins with `*` is blamed.
    fn tree(nodes: &[(u32, &str, u64)]) -> StackTree {
        let frames = nodes
            .iter()
            .map(|(_, name, _)| StackFrame {
                name: (*name).to_owned(),
                is_blame: name.starts_with('*'),
                ..StackFrame::default()
            })
            .collect();
        StackTree::from_nodes(frames, nodes.iter().enumerate().map(|(at, &(parent, _, own))| (parent, at as u32, own)))
    }

    fn words(tree: &StackTree, limits: &OutlineLimits) -> Vec<String> {
        outline(tree, limits)
            .into_iter()
            .map(|line| {
                let text = match line.what {
                    OutlineItem::Frame { node, is_first } => {
                        let samples = if is_first { format!(" {}", tree.inclusive[node]) } else { String::new() };
                        format!("{}{samples}", tree.frame_of(node).name)
                    }
                    OutlineItem::Between { frames } => format!("~{frames}"),
                    OutlineItem::More { branches, inclusive } => format!("+{branches} {inclusive}"),
                };
                format!("{}{text}", ">".repeat(line.level))
            })
            .collect()
    }

    const ROOT: u32 = StackTree::ROOT;

    #[test]
    fn a_chain_stands_on_one_level_and_a_branch_goes_in() {
        let tree = tree(&[
            (ROOT, "main", 0),
            (0, "b", 0),
            (1, "c", 0),
            (2, "*d", 0),
            (3, "e", 3),
            (4, "heavy", 60),
            (4, "light", 37),
        ]);
        let found = words(&tree, &OutlineLimits::default());
        assert_eq!(found, ["main 100", "~2", "*d", "e", ">heavy 60", ">light 37"]);
    }

    #[test]
    fn what_is_left_out_is_counted_where_it_was_left_out() {
        let tree = tree(&[(ROOT, "a", 0), (0, "b", 996), (0, "c", 2), (0, "d", 1), (ROOT, "z", 1)]);
        let strict = OutlineLimits { first_lines: 0, ..OutlineLimits::default() };
        assert_eq!(words(&tree, &strict), ["a 999", ">b 996", ">+2 3", "+1 1"]);
        let narrow = OutlineLimits { lines: 1, ..OutlineLimits::default() };
        assert_eq!(words(&tree, &narrow), ["a 999", ">+3 999", "+1 1"]);
        let flat = OutlineLimits { levels: 1, ..strict };
        assert_eq!(words(&tree, &flat), ["a 999", ">+3 999", "+1 1"]);
    }

    #[test]
    fn nothing_is_nothing() {
        assert!(outline(&StackTree::default(), &OutlineLimits::default()).is_empty());
    }

    /// 10,000 deep and 10,000 wide: few lines, and every sample of the level is in them.
    #[test]
    fn deep_and_wide_trees_stay_short() {
        let mut deep: Vec<(u32, &str, u64)> = vec![(ROOT, "*f", 0)];
        deep.extend((0..9_999).map(|at| (at, "*f", u64::from(at == 9_998))));
        let deep = words(&tree(&deep), &OutlineLimits::default());
        assert_eq!(deep.len(), 13);
        assert_eq!(deep[4], "~9988");

        let names: Vec<String> = (0..10_000).map(|at| format!("f{at}")).collect();
        let wide: Vec<(u32, &str, u64)> = names.iter().map(|name| (ROOT, name.as_str(), 1)).collect();
        let wide = words(&tree(&wide), &OutlineLimits::default());
        assert_eq!(wide.len(), 13);
        assert_eq!((wide[0].as_str(), wide[12].as_str()), ("f0 1", "+9988 9988"));
    }
}
