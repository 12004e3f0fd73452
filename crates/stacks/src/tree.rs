//! One tree out of the arena: the logs that are wanted, their frames merged as the reader needs it.
//!
//! The arena keeps every distinct path in the order it was met. A [`StackTree`] is the opposite: only paths with samples, in
//! an order that depends on nothing but their texts. Nodes stand in preorder, siblings sorted by frame, so a writer walks
//! the columns once and never recurses, and the same logs give the same bytes on any number of threads.

use crate::blame::{CalledPlace, shown_place};
use crate::column::written;
use crate::stacks::{StackLog, StackTable};
use crate::symbol::identity;
use perfpower_model::{Frame, Index, NameId, Names, fold};
use rayon::prelude::*;
use std::borrow::Cow;
use std::num::{NonZeroU32, NonZeroU64};

/// How frames become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameKey {
    /// By the name that is shown, whatever the binary: what folded stacks can express. Such frames have nothing but a name.
    Name,
    /// By function: name and binary.
    Function,
    /// By function over builds: the part of its name that is stable, and binary. The first name by text is shown.
    Identity,
    /// By place: function, file, line, and what Apple says of it. Lines exist for blamed and advised frames.
    Place,
}

/// A frame of a [`StackTree`].
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct StackFrame {
    /// The function; without a symbol `binary+offset`; never empty.
    pub name: String,
    /// The binary it is in, if it is known.
    pub binary: Option<String>,
    /// Source file.
    pub file: Option<String>,
    /// 1-based line. Where places were merged, the heaviest one that is known, in the logs that were asked for.
    pub line: Option<NonZeroU32>,
    /// Whether Apple holds the app responsible for it, in any of the places merged.
    pub is_blame: bool,
    /// Apple's category of advice, in any of the places merged.
    pub advice_category: Option<String>,
}

impl StackFrame {
    /// `SkyTable.m:157`, if the file is known.
    pub fn place(&self) -> Option<String> {
        place(self.file.as_deref(), self.line)
    }
}

/// `SkyTable.m:157`, or the file alone, if it is known.
pub(super) fn place(file: Option<&str>, line: Option<NonZeroU32>) -> Option<String> {
    let file = file?;
    Some(line.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}")))
}

/// What a frame is called that has neither a symbol nor a binary.
const NAMELESS: &str = "(unknown)";

/// What a frame is called whose symbol is white space: a reader would see nothing.
pub const BLANK: &str = "(blank)";

/// A merged call tree with samples. Nodes are in preorder: a parent before its children, a subtree in one piece.
#[derive(Clone, Debug, Default)]
pub struct StackTree {
    /// Distinct frames, sorted.
    pub frames: Vec<StackFrame>,
    /// Frame of each node.
    pub frame: Vec<u32>,
    /// Parent of each node; [`StackTree::ROOT`] = none.
    pub parent: Vec<u32>,
    /// Self samples of each node.
    pub own: Vec<u64>,
    /// Self samples of each node and of all below it.
    pub inclusive: Vec<u64>,
}

impl StackTree {
    /// The parent of a root.
    pub const ROOT: u32 = u32::MAX;

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.frame.len()
    }

    /// Whether there is no node, and so no sample.
    pub fn is_empty(&self) -> bool {
        self.frame.is_empty()
    }

    /// All samples.
    pub fn total(&self) -> u64 {
        self.own.iter().sum()
    }

    /// Frame of a node.
    pub fn frame_of(&self, node: usize) -> &StackFrame {
        &self.frames[self.frame[node] as usize]
    }

    /// How many nodes are above each node.
    pub fn depths(&self) -> Vec<u32> {
        let mut depths: Vec<u32> = Vec::with_capacity(self.len());
        for &parent in &self.parent {
            depths.push(if parent == Self::ROOT { 0 } else { depths[parent as usize] + 1 });
        }
        depths
    }

    /// Nodes from the root to a node.
    pub fn path(&self, node: usize) -> Vec<usize> {
        let mut path = vec![node];
        let mut at = self.parent[node];
        while at != Self::ROOT {
            path.push(at as usize);
            at = self.parent[at as usize];
        }
        path.reverse();
        path
    }

    /// The heaviest ends of stacks, by self samples, heaviest first; equal ones in preorder.
    pub fn hot_paths(&self, limit: usize) -> Vec<usize> {
        let mut ends: Vec<usize> = (0..self.len()).filter(|&node| self.own[node] > 0).collect();
        let heaviest_first = |&node: &usize| (std::cmp::Reverse(self.own[node]), node);
        if ends.len() > limit {
            ends.select_nth_unstable_by_key(limit, heaviest_first);
            ends.truncate(limit);
        }
        ends.sort_unstable_by_key(heaviest_first);
        ends
    }

    /// A tree of nodes in any order where parents stand before their children. Equal frames under one parent become one
    /// node, nodes without samples go, and all is sorted.
    ///
    /// `nodes` gives the parent, the position of the frame in `frames`, and the self samples of each.
    pub fn from_nodes(frames: Vec<StackFrame>, nodes: impl IntoIterator<Item = (u32, u32, u64)>) -> Self {
        let mut parents = Vec::new();
        let mut keys = Vec::new();
        let mut own = Vec::new();
        for (parent, frame, samples) in nodes {
            parents.push(parent);
            keys.push(frame);
            own.push(samples);
        }
        let is_kept = has_samples(&parents, &[&own]);
        Shape::new(frames, &parents, |node| keys[node], &is_kept).weighed(&own)
    }
}

/// Two trees on one set of nodes, for what differs between them. Nodes are in preorder, as in a [`StackTree`].
#[derive(Clone, Debug, Default)]
pub struct PairedTree {
    /// Distinct frames, sorted.
    pub frames: Vec<StackFrame>,
    /// Frame of each node.
    pub frame: Vec<u32>,
    /// Parent of each node; [`StackTree::ROOT`] = none.
    pub parent: Vec<u32>,
    /// Self samples of each node on the side before.
    pub before: Vec<u64>,
    /// Self samples of each node on the side after.
    pub after: Vec<u64>,
}

impl PairedTree {
    /// Both sides of nodes in any order where parents stand before their children; see [`StackTree::from_nodes`]. The last
    /// two of a node are its self samples before and after.
    pub fn from_nodes(frames: Vec<StackFrame>, nodes: impl IntoIterator<Item = (u32, u32, u64, u64)>) -> Self {
        let mut parents = Vec::new();
        let mut keys = Vec::new();
        let mut before = Vec::new();
        let mut after = Vec::new();
        for (parent, frame, samples_before, samples_after) in nodes {
            parents.push(parent);
            keys.push(frame);
            before.push(samples_before);
            after.push(samples_after);
        }
        let is_kept = has_samples(&parents, &[&before, &after]);
        Shape::new(frames, &parents, |node| keys[node], &is_kept).paired(&before, &after)
    }
}

impl PairedTree {
    /// Samples of each node and of all below it, before and after.
    pub fn inclusive(&self) -> (Vec<u64>, Vec<u64>) {
        (summed_up(&self.parent, &self.before), summed_up(&self.parent, &self.after))
    }
}

/// Which nodes have samples, or a node with samples below them.
fn has_samples(parents: &[u32], columns: &[&[u64]]) -> Vec<bool> {
    let mut is_kept = written(false, parents.len());
    for node in (0..parents.len()).rev() {
        is_kept[node] |= columns.iter().any(|own| own[node] > 0);
        if is_kept[node] && parents[node] != StackTree::ROOT {
            is_kept[parents[node] as usize] = true;
        }
    }
    is_kept
}

/// Sums of each node and of all below it. Parents stand before their children.
pub(super) fn summed_up(parents: &[u32], own: &[u64]) -> Vec<u64> {
    let mut inclusive = own.to_vec();
    for node in (0..parents.len()).rev() {
        if parents[node] != StackTree::ROOT {
            inclusive[parents[node] as usize] += inclusive[node];
        }
    }
    inclusive
}

/// The nodes of a tree without its samples, so that several columns of samples can share it.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) frames: Vec<StackFrame>,
    pub(super) frame: Vec<u32>,
    pub(super) parent: Vec<u32>,
    /// Node here of each node it was made of; `u32::MAX` = left out.
    pub(super) node_of: Vec<u32>,
}

impl Shape {
    /// Merges nodes with equal frames under one parent and puts them in preorder, siblings by frame. `frames` may be in any
    /// order and hold equal frames several times; `frame_at` gives each node's position in it. A kept node's parent is kept.
    fn new(frames: Vec<StackFrame>, parents: &[u32], frame_at: impl Fn(usize) -> u32, is_kept: &[bool]) -> Self {
        let (frames, rank_of) = sorted(frames);

        let ranks: Vec<u32> =
            (0..parents.len()).map(|node| if is_kept[node] { rank_of[frame_at(node) as usize] } else { 0 }).collect();
        let rank = |node: u32| ranks[node as usize];
        let kept = (0..parents.len() as u32).filter(|&node| is_kept[node as usize]);
        let group = |node: u32| match parents[node as usize] {
            StackTree::ROOT => 0,
            parent => parent as usize + 1,
        };
        let (children, ends) = counting_sort(kept, parents.len() + 1, group);
        let children_of = |group: usize| {
            let start = if group == 0 { 0 } else { ends[group - 1] as usize };
            &children[start..ends[group] as usize]
        };

        // Preorder. A place in it takes all nodes with one frame under one parent, nearly always a single one.
        let mut node_of = vec![u32::MAX; parents.len()];
        let mut frame = Vec::with_capacity(children.len());
        let mut parent = Vec::with_capacity(children.len());
        // Nodes that wait, later ones first; and for each place that waits where its nodes start, and the place above.
        let mut waiting: Vec<u32> = Vec::new();
        let mut places: Vec<(usize, u32)> = Vec::new();
        let mut below: Vec<u32> = children_of(0).to_vec();
        let mut above = StackTree::ROOT;
        loop {
            // Mostly one or two: it is cheaper to sort them here than all nodes beforehand.
            below.sort_by_key(|&node| rank(node));
            for same_frame in below.chunk_by(|&a, &b| rank(a) == rank(b)).rev() {
                places.push((waiting.len(), above));
                waiting.extend_from_slice(same_frame);
            }
            let Some((start, parent_place)) = places.pop() else { break };
            above = frame.len() as u32;
            frame.push(rank(waiting[start]));
            parent.push(parent_place);
            below.clear();
            let nodes = &waiting[start..];
            for &node in nodes {
                node_of[node as usize] = above;
                below.extend_from_slice(children_of(node as usize + 1));
            }
            waiting.truncate(start);
        }
        Self { frames, frame, parent, node_of }
    }

    /// One column of self samples on this shape.
    pub(super) fn own(&self, own: &[u64]) -> Vec<u64> {
        let mut column = written(0, self.frame.len());
        for (&node, &samples) in self.node_of.iter().zip(own) {
            if samples > 0 && node != u32::MAX {
                column[node as usize] += samples;
            }
        }
        column
    }

    fn weighed(self, own: &[u64]) -> StackTree {
        let own = self.own(own);
        let inclusive = summed_up(&self.parent, &own);
        StackTree { frames: self.frames, frame: self.frame, parent: self.parent, own, inclusive }
    }

    fn paired(self, before: &[u64], after: &[u64]) -> PairedTree {
        let (before, after) = (self.own(before), self.own(after));
        PairedTree { frames: self.frames, frame: self.frame, parent: self.parent, before, after }
    }
}

/// Sorted and without repetition, and the new position of each old one.
fn sorted(frames: Vec<StackFrame>) -> (Vec<StackFrame>, Vec<u32>) {
    let mut order: Vec<u32> = (0..frames.len() as u32).collect();
    order.par_sort_unstable_by(|&left, &right| frames[left as usize].cmp(&frames[right as usize]));
    let mut rank_of = vec![0; frames.len()];
    let mut distinct: Vec<u32> = Vec::new();
    for &at in &order {
        if distinct.last().is_none_or(|&last| frames[last as usize] != frames[at as usize]) {
            distinct.push(at);
        }
        rank_of[at as usize] = distinct.len() as u32 - 1;
    }
    let mut frames: Vec<Option<StackFrame>> = frames.into_iter().map(Some).collect();
    let distinct = distinct.into_iter().filter_map(|at| frames[at as usize].take()).collect();
    (distinct, rank_of)
}

/// Stable. Where each bucket ends comes with it.
fn counting_sort(
    items: impl Iterator<Item = u32> + Clone,
    buckets: usize,
    bucket: impl Fn(u32) -> usize,
) -> (Vec<u32>, Vec<u32>) {
    let mut ends = written(0_u32, buckets);
    let mut count = 0;
    for item in items.clone() {
        ends[bucket(item)] += 1;
        count += 1;
    }
    let mut start = 0;
    for end in &mut ends {
        start += std::mem::replace(end, start);
    }
    let mut out = vec![0; count];
    for item in items {
        let at = &mut ends[bucket(item)];
        out[*at as usize] = item;
        *at += 1;
    }
    (out, ends)
}

impl StackTable {
    /// The tree of the logs that are wanted.
    pub fn tree(&self, key: FrameKey, is_wanted: impl Fn(&StackLog) -> bool) -> StackTree {
        let own = self.own_samples(is_wanted);
        self.shape(key, &[&own]).weighed(&own)
    }

    /// Two choices of logs on one set of nodes.
    pub fn paired_tree(
        &self,
        key: FrameKey,
        is_before: impl Fn(&StackLog) -> bool,
        is_after: impl Fn(&StackLog) -> bool,
    ) -> PairedTree {
        let (before, after) = (self.own_samples(is_before), self.own_samples(is_after));
        self.shape(key, &[&before, &after]).paired(&before, &after)
    }

    /// The nodes that have samples in any of the columns. Where frames are functions, what is known of one beside its name is
    /// what the last column knows that has samples of it: of two versions, the newer one.
    pub(super) fn shape(&self, key: FrameKey, columns: &[&[u64]]) -> Shape {
        let node_frames = self.node_frames();
        let merged = |merged_of: &[u32], node: usize| merged_of[node_frames[node] as usize];
        match key {
            FrameKey::Name => {
                let (is_kept, (frames, merged_of)) =
                    rayon::join(|| has_samples(self.node_parents(), columns), || self.names_of_frames());
                Shape::new(frames, self.node_parents(), |node| merged(&merged_of, node), &is_kept)
            }
            FrameKey::Place => {
                let is_kept = has_samples(self.node_parents(), columns);
                let (frames, merged_of) = self.places_of_frames(&is_kept);
                Shape::new(frames, self.node_parents(), |node| merged(&merged_of, node), &is_kept)
            }
            FrameKey::Function | FrameKey::Identity => {
                let inclusive: Vec<Vec<u64>> =
                    columns.par_iter().map(|own| summed_up(self.node_parents(), own)).collect();
                let is_kept: Vec<bool> =
                    (0..node_frames.len()).map(|node| inclusive.iter().any(|column| column[node] > 0)).collect();
                let (frames, merged_of) = self.functions_of_frames(key, &inclusive);
                Shape::new(frames, self.node_parents(), |node| merged(&merged_of, node), &is_kept)
            }
        }
    }

    /// Every name, and for each frame of the table the position of its own. Nothing else of a frame is asked for by name.
    fn names_of_frames(&self) -> (Vec<StackFrame>, Vec<u32>) {
        let mut named: Vec<StackFrame> = Vec::new();
        let mut keys = FrameKeys::new(self);
        let named_of = self
            .frames()
            .iter()
            .map(|frame| {
                let shown = self.shown_name(frame);
                let name = keys.name(frame, &shown);
                let at = keys.position([name, None, None]);
                if at as usize == named.len() {
                    named.push(StackFrame { name: shown.into_owned(), ..StackFrame::default() });
                }
                at
            })
            .collect();
        (named, named_of)
    }

    /// The frames of the nodes that are kept as they are, and for each frame of the table that is one the position of its own.
    fn places_of_frames(&self, is_kept: &[bool]) -> (Vec<StackFrame>, Vec<u32>) {
        let mut is_used = vec![false; self.frames().len()];
        for (&frame, _) in self.node_frames().iter().zip(is_kept).filter(|&(_, is_kept)| *is_kept) {
            is_used[frame as usize] = true;
        }
        let mut places: Vec<StackFrame> = Vec::new();
        let mut place_of = vec![0; self.frames().len()];
        for (at, frame) in self.frames().iter().enumerate().filter(|&(at, _)| is_used[at]) {
            place_of[at] = places.len() as u32;
            places.push(self.place_called(frame, self.shown_name(frame)));
        }
        (places, place_of)
    }

    /// The functions with samples, and for each frame of the table that has some the position of its own. `columns` are
    /// inclusive samples of all nodes.
    fn functions_of_frames(&self, key: FrameKey, columns: &[Vec<u64>]) -> (Vec<StackFrame>, Vec<u32>) {
        // A function that recurs counts once for each call: what matters here is which of its places is the heaviest.
        let weights: Vec<Vec<u64>> = columns
            .iter()
            .map(|inclusive| {
                let mut weights = vec![0_u64; self.frames().len()];
                for (&frame, &samples) in self.node_frames().iter().zip(inclusive) {
                    let weight = &mut weights[frame as usize];
                    *weight = weight.saturating_add(samples);
                }
                weights
            })
            .collect();
        let last_side = |frame: usize| weights.iter().rposition(|weights| weights[frame] > 0);

        let mut keys = FrameKeys::new(self);
        let mut sides: Vec<usize> = Vec::new();
        let mut function_of = vec![0; self.frames().len()];
        for (at, frame) in self.frames().iter().enumerate() {
            let Some(side) = last_side(at) else { continue };
            let shown = self.shown_name(frame);
            let name =
                if key == FrameKey::Identity { Some(keys.text(&identity(&shown))) } else { keys.name(frame, &shown) };
            let function = keys.position([name, frame.binary, None]);
            function_of[at] = function;
            match sides.get_mut(function as usize) {
                Some(known) => *known = side.max(*known),
                None => sides.push(side),
            }
        }

        let mut functions = vec![StackFrame::default(); sides.len()];
        let mut places: Vec<CalledPlace> = Vec::new();
        for (at, frame) in self.frames().iter().enumerate() {
            let function = function_of[at];
            if let Some(side) = last_side(at).filter(|&side| side == sides[function as usize]) {
                self.take_on(&mut functions[function as usize], frame);
                places.push((function, frame.file, frame.line, weights[side][at]));
            }
        }
        places.sort_unstable();
        for places in places.chunk_by(|a, b| a.0 == b.0) {
            if let Some(place) = shown_place(&self.places(places)) {
                let function = &mut functions[places[0].0 as usize];
                function.file.clone_from(&place.file);
                function.line = place.line;
            }
        }
        (functions, function_of)
    }

    /// A function knows what any of its frames knows: the smallest name, so that no order of logs shows. Its place is chosen
    /// by weight instead.
    fn take_on(&self, known: &mut StackFrame, frame: &Frame) {
        let names = self.names();
        known.is_blame |= frame.is_blame;
        let shown = self.shown_name(frame);
        if known.name.is_empty() || *shown < *known.name {
            known.name = shown.into_owned();
        }
        keep_smaller(&mut known.binary, names.get(frame.binary));
        keep_smaller(&mut known.advice_category, names.get(frame.advice_category));
    }

    /// The texts of a frame whose [`StackTable::shown_name`] is known.
    pub(super) fn place_called(&self, frame: &Frame, shown: Cow<'_, str>) -> StackFrame {
        let text = |id| self.names().get(id).map(str::to_owned);
        StackFrame {
            name: shown.into_owned(),
            binary: text(frame.binary),
            file: text(frame.file),
            line: frame.line,
            is_blame: frame.is_blame,
            advice_category: text(frame.advice_category),
        }
    }

    /// What a frame is called: its symbol; without one its binary and the offset into it.
    pub(super) fn shown_name(&self, frame: &Frame) -> Cow<'_, str> {
        let names = self.names();
        let binary = names.get(frame.binary);
        match (names.get(frame.symbol), binary, frame.text_offset.map(NonZeroU64::get)) {
            (Some(symbol), ..) if symbol.trim().is_empty() => Cow::Borrowed(BLANK),
            (Some(symbol), ..) => Cow::Borrowed(symbol),
            (None, None, None) => Cow::Borrowed(NAMELESS),
            (None, Some(binary), None) => Cow::Borrowed(binary),
            (None, binary, Some(offset)) => Cow::Owned(format!("{}+{offset}", binary.unwrap_or_default())),
        }
    }
}

/// What frames are merged by, as handles, so that no text is hashed or copied for it; and positions, one per distinct key.
pub(super) struct FrameKeys<'a> {
    table: &'a StackTable,
    /// Texts that the table does not hold.
    made: Names,
    keys: Vec<[Option<NameId>; 3]>,
    index: Index,
}

impl<'a> FrameKeys<'a> {
    pub(super) fn new(table: &'a StackTable) -> Self {
        Self { table, made: Names::new(), keys: Vec::new(), index: Index::default() }
    }

    /// The handle of the name that a frame is shown by. Equal texts have one handle.
    pub(super) fn name(&mut self, frame: &Frame, shown: &str) -> Option<NameId> {
        let is_named = self.table.names().get(frame.symbol).is_some_and(|symbol| !symbol.trim().is_empty());
        if is_named { frame.symbol } else { Some(self.text(shown)) }
    }

    fn text(&mut self, text: &str) -> NameId {
        let names = self.table.names();
        // Handles of what was made follow those of the table.
        let made = |made: &mut Names| NameId::from_index(names.len() + made.intern(text).index());
        names.find(text).unwrap_or_else(|| made(&mut self.made))
    }

    /// The position of a key, in order of first appearance.
    pub(super) fn position(&mut self, key: [Option<NameId>; 3]) -> u32 {
        let hash = key.iter().fold(0, |hash, id| fold(hash, id.map_or(0, |id| id.index() as u64 + 1)));
        self.index.intern(&mut self.keys, hash, key)
    }
}

/// The smaller of two texts where both are there.
pub(super) fn keep_smaller(kept: &mut Option<String>, other: Option<&str>) {
    if let Some(other) = other
        && kept.as_deref().is_none_or(|kept| other < kept)
    {
        *kept = Some(other.to_owned());
    }
}
