//! Logs into one arena.
//!
//! A node is a distinct call path: (parent, frame). It is stored once, however many logs run through it. What a log adds
//! beside its nodes is a row: its metadata, and a few (node, self samples) pairs for the ends of its stacks. Any tree, by
//! signature, version, device or owner, is then a sum over the chosen rows; per-log shares, which the test of a difference
//! needs, are exact. The alternatives were measured on paper first: a tree per group stores a path once per group, and a
//! node × group matrix of inclusive samples is twenty times larger than the ends of the stacks.
//!
//! **Samples.** Apple's counts include those of the frames below. Self samples of a frame are its count less its
//! children's, at least 0. The *total* of anything here is the sum of self samples, and inclusive samples are summed up from
//! self samples again. So what goes in comes out in every export, and it equals Apple's own count wherever Apple's counts
//! are consistent; where children exceed their parent, [`StackLosses`] says by how much. Of a log that tells its threads apart only
//! those count that its event is charged to ([`CallTree::charged`]): a thread that waits for work has samples, too.
//!
//! **The same log twice.** An archive with ten downloads of one signature holds the same logs ten times, and logs carry no
//! id. A log that is equal in every field and count to one of an *earlier document*, however it is written, is that log; two
//! equal logs in one document are two logs. Hence ten times the snapshots need the same memory. The build id and the text
//! offset of a frame that has a symbol are not compared. What the table keeps of a log is compared itself; of the rest (counts
//! with those below, load addresses, fields of frames that are not kept) a keyed print is, so that no file can be made to pass for another.

mod redact;

use crate::axis::DiagnosticType;
use crate::column::written;
use crate::quantity::Quantity;
use crate::symbol::demangled;
use perfpower_model::{
    CallTree, DiagnosticAdvice, DiagnosticLog, Document, Frame, FrameId, Index, LogMetadata, NameId, Names, NodeId,
    ThreadStack, fold,
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::ops::Range;

/// Highest count that one frame of one log may carry; what is above is cut and counted as a loss. Four billion samples are
/// seven weeks at one per millisecond; with this bound no later sum can overflow.
pub const MAX_FRAME_SAMPLES: u64 = u32::MAX as u64;

/// One log, without its stacks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StackLog {
    /// Whose it is, as the caller of [`StackTable::absorb`] said.
    pub app: NameId,
    /// Signature id.
    pub signature: Option<NameId>,
    /// What the log says of itself.
    pub metadata: LogMetadata,
    /// Disk writes, hang or launch, read out of the event's text.
    pub diagnostic_type: DiagnosticType,
    /// Whether each root is one thread's stack; absent = not said.
    pub per_thread: Option<bool>,
    /// Sum of its self samples.
    pub samples: u64,
    /// What was written, out of `writesCaused`, else out of the event's detail.
    pub writes: Option<Quantity>,
    /// How long it took, out of the event's detail.
    pub duration: Option<Quantity>,
    ends: Range<u32>,
}

/// What a merge had to decide on its own, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StackLosses {
    /// Frames whose children have more samples than they have themselves.
    pub overfull_frames: u64,
    /// By how many samples, all together.
    pub excess_samples: u64,
    /// Frames with more than [`MAX_FRAME_SAMPLES`].
    pub clipped_frames: u64,
    /// Logs that an earlier document already held.
    pub repeated_logs: u64,
    /// Logs without any sample.
    pub silent_logs: u64,
    /// Logs of one stack per thread that give no counts: each stack counts as one sample.
    pub uncounted_thread_logs: u64,
    /// Threads that waited, or ran beside the one that Apple holds responsible: they cost nothing.
    pub uncharged_threads: u64,
}

impl StackLosses {
    fn add(&mut self, other: Self) {
        self.overfull_frames += other.overfull_frames;
        self.excess_samples += other.excess_samples;
        self.clipped_frames += other.clipped_frames;
        self.repeated_logs += other.repeated_logs;
        self.silent_logs += other.silent_logs;
        self.uncounted_thread_logs += other.uncounted_thread_logs;
        self.uncharged_threads += other.uncharged_threads;
    }
}

/// Call stacks of many logs, merged. Memory follows distinct frames, distinct paths and distinct logs.
///
/// One that was written and read again is to be asked, and not added to: what finds equal logs is not written.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct StackTable {
    /// Texts of frames. They are few and asked for at every frame, so they do not share a table with the texts of logs,
    /// which are nearly all different.
    names: Names,
    log_names: Names,
    frames: Vec<Frame>,
    #[serde(skip)]
    frame_index: Index,
    node_parent: Vec<NodeId>,
    node_frame: Vec<FrameId>,
    #[serde(skip)]
    node_index: Index,
    logs: Vec<StackLog>,
    /// Of each log: a keyed hash of what is not kept of it.
    log_prints: Vec<u64>,
    /// Of each log: how many equal ones there are; 0 for all but the first of them.
    log_copies: Vec<u32>,
    /// The first of equal logs.
    #[serde(skip)]
    log_index: Index,
    /// The key of the prints. Nothing that is shown depends on it.
    #[serde(skip)]
    print_key: RandomState,
    end_node: Vec<NodeId>,
    end_samples: Vec<u32>,
    advice: Vec<DiagnosticAdvice>,
    losses: StackLosses,
}

impl StackTable {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the logs of one document. `app` names whose they are, as reports show it.
    pub fn absorb(&mut self, app: &str, document: &Document) {
        if document.logs.is_empty() && document.advice.is_empty() {
            return;
        }
        let mut intake = Intake::new(self, app, document);
        for log in &document.logs {
            intake.take(log);
        }
        let advice = intake.advice();
        self.advise(advice);
    }

    /// The texts that handles in [`StackTable::frames`] refer to.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The texts that handles in [`StackTable::logs`] and [`StackTable::advice`] refer to.
    pub fn log_names(&self) -> &Names {
        &self.log_names
    }

    /// The logs, in the order they came.
    pub fn logs(&self) -> &[StackLog] {
        &self.logs
    }

    /// Distinct frames. A symbolicated frame has no build id and no offset; only a blamed or advised one keeps its line, so
    /// that a function is not as many frames as it has call sites.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// How many distinct call paths there are.
    pub fn node_count(&self) -> usize {
        self.node_parent.len()
    }

    /// Apple's advice for the signatures here, each once.
    pub fn advice(&self) -> &[DiagnosticAdvice] {
        &self.advice
    }

    /// What the merge had to decide on its own.
    pub fn losses(&self) -> StackLosses {
        self.losses
    }

    /// Bytes held, capacity included.
    pub fn heap_bytes(&self) -> usize {
        self.names.heap_bytes()
            + self.log_names.heap_bytes()
            + self.frames.capacity() * size_of::<Frame>()
            + (self.node_parent.capacity() + self.node_frame.capacity()) * 4
            + self.logs.capacity() * (size_of::<StackLog>() + 12)
            + (self.end_node.capacity() + self.end_samples.capacity()) * 4
            + self.frame_index.heap_bytes()
            + self.node_index.heap_bytes()
            + self.log_index.heap_bytes()
    }

    pub(super) fn node_parents(&self) -> &[NodeId] {
        &self.node_parent
    }

    pub(super) fn node_frames(&self) -> &[FrameId] {
        &self.node_frame
    }

    /// Where the stacks of a log end, with the self samples there.
    pub(super) fn ends(&self, log: &StackLog) -> impl Iterator<Item = (NodeId, u64)> + use<'_> {
        let ends = log.ends.start as usize..log.ends.end as usize;
        let samples = self.end_samples[ends.clone()].iter();
        self.end_node[ends].iter().zip(samples).map(|(&node, &samples)| (node, u64::from(samples)))
    }

    /// Self samples per node, over the logs that are wanted.
    pub(super) fn own_samples(&self, is_wanted: impl Fn(&StackLog) -> bool) -> Vec<u64> {
        let mut own = written(0, self.node_parent.len());
        for log in self.logs.iter().filter(|log| is_wanted(log)) {
            for (node, samples) in self.ends(log) {
                own[node as usize] += samples;
            }
        }
        own
    }

    /// `path` is a hash of the frames from the root to the node: unlike one of its parent, it is known before the parent is.
    #[inline]
    fn intern_node(&mut self, parent: NodeId, frame: FrameId, path: u64) -> NodeId {
        let next = self.node_parent.len() as NodeId;
        let (parents, frames) = (&self.node_parent, &self.node_frame);
        let is_same = |at: u32| parents[at as usize] == parent && frames[at as usize] == frame;
        self.node_index.find_or_insert(path, next, is_same).unwrap_or_else(|| {
            self.node_parent.push(parent);
            self.node_frame.push(frame);
            next
        })
    }

    /// The position of the first log that is equal to one whose ends are here already; that of the next log, where there is none.
    fn first_equal(&mut self, key: u64, print: u64, log: &StackLog) -> u32 {
        let next = self.logs.len() as u32;
        let ends = |log: &StackLog| log.ends.start as usize..log.ends.end as usize;
        let is_equal = |at: u32| {
            let known = &self.logs[at as usize];
            self.log_prints[at as usize] == print
                && (known.app, known.signature, &known.metadata, known.per_thread)
                    == (log.app, log.signature, &log.metadata, log.per_thread)
                && self.end_node[ends(known)] == self.end_node[ends(log)]
                && self.end_samples[ends(known)] == self.end_samples[ends(log)]
        };
        self.log_index.find_or_insert(key, next, is_equal).unwrap_or(next)
    }

    fn advise(&mut self, advice: Vec<DiagnosticAdvice>) {
        for entry in advice {
            if !self.advice.contains(&entry) {
                self.advice.push(entry);
            }
        }
    }
}

/// One document on its way into a table: its handles, mapped as they are met.
struct Intake<'a> {
    table: &'a mut StackTable,
    document: &'a Document,
    app: NameId,
    /// Handle here of each text of the document that a frame has; `None` = not met yet.
    names: Vec<Option<NameId>>,
    /// The same for texts that are names of functions: they are demangled.
    symbols: Vec<Option<NameId>>,
    /// Frame here of each frame of the document; [`UNMET`] = not met yet.
    frames: Vec<FrameId>,
    /// [`mark`] of each frame of the document that was met.
    marks: Vec<u64>,
    /// Sums of children, then self samples, per node of the log.
    own: Vec<u64>,
    /// Call path of each node of the log, as a hash.
    paths: Vec<u64>,
    /// Node here of each node of the log.
    nodes: Vec<NodeId>,
    /// How many logs of this document are equal to a log of the table, by its position: those stay apart.
    seen: HashMap<u32, u32>,
}

impl<'a> Intake<'a> {
    fn new(table: &'a mut StackTable, app: &str, document: &'a Document) -> Self {
        let app = table.log_names.intern(app);
        Self {
            table,
            document,
            app,
            names: vec![None; document.names.len()],
            symbols: vec![None; document.names.len()],
            frames: vec![UNMET; document.call_tree.frames.len()],
            marks: vec![0; document.call_tree.frames.len()],
            own: Vec::new(),
            paths: Vec::new(),
            nodes: Vec::new(),
            seen: HashMap::new(),
        }
    }

    fn take(&mut self, log: &DiagnosticLog) {
        let tree = &self.document.call_tree;
        let start = (log.nodes.start as usize).min(tree.len());
        let range = start..(log.nodes.end as usize).clamp(start, tree.len());
        let mut losses = StackLosses::default();
        self.weigh(log, range.clone(), &mut losses);

        let signature = self.log_name(log.signature);
        let mut key = fold(self.table.log_names.hash_of(self.app), hash_of(&self.table.log_names, signature));
        let mut metadata = log.metadata;
        for field in metadata_fields(&mut metadata) {
            *field = self.log_name(*field);
            key = fold(key, hash_of(&self.table.log_names, *field));
        }
        key = fold(key, log.per_thread.map_or(2, u64::from));
        let mut print = self.table.print_key.build_hasher();
        self.paths.clear();
        for at in range.clone() {
            let frame = self.frame(tree.frame[at]);
            let above = parent_in(tree, &range, at).map_or(0, |parent| self.paths[parent]);
            let path = fold(above, u64::from(frame));
            self.paths.push(path);
            key = fold(key, path);
            // Addresses move with every launch of an app, so they tell two devices apart where all else is equal.
            for word in [tree.samples[at], tree.address[at], self.marks[tree.frame[at] as usize]] {
                print.write_u64(word);
                key = fold(key, word);
            }
        }
        let print = print.finish();
        let ends = self.ends(&range);
        let samples = self.table.end_samples[ends.clone()].iter().map(|&own| u64::from(own)).sum();
        let names = &self.table.log_names;
        let event = names.get(metadata.event).unwrap_or_default();
        let detail = names.get(metadata.event_detail).and_then(Quantity::parse);
        let writes = names.get(metadata.writes_caused).and_then(Quantity::parse).or(detail).filter(Quantity::is_bytes);
        let taken = StackLog {
            app: self.app,
            signature,
            diagnostic_type: DiagnosticType::of(event),
            metadata,
            per_thread: log.per_thread,
            samples,
            writes,
            duration: detail.filter(Quantity::is_seconds),
            ends: ends.start as u32..ends.end as u32,
        };
        let first = self.table.first_equal(key, print, &taken);
        let here = self.seen.entry(first).or_insert(0);
        *here += 1;
        if *here <= self.table.log_copies.get(first as usize).copied().unwrap_or(0) {
            self.table.end_node.truncate(ends.start);
            self.table.end_samples.truncate(ends.start);
            self.table.losses.repeated_logs += 1;
            return;
        }
        self.table.losses.add(losses);
        self.table.losses.silent_logs += u64::from(samples == 0);
        self.table.logs.push(taken);
        self.table.log_prints.push(print);
        self.table.log_copies.push(0);
        self.table.log_copies[first as usize] += 1;
    }

    /// Puts the ends of a log's stacks behind those of the table.
    fn ends(&mut self, range: &Range<usize>) -> Range<usize> {
        let tree = &self.document.call_tree;
        let start = self.table.end_node.len();
        self.nodes.clear();
        for at in range.clone() {
            let parent = parent_in(tree, range, at).map_or(CallTree::ROOT, |parent| self.nodes[parent]);
            let frame = self.frame(tree.frame[at]);
            let node = self.table.intern_node(parent, frame, self.paths[at - range.start]);
            self.nodes.push(node);
            let own = self.own[at - range.start];
            if own > 0 {
                self.table.end_node.push(node);
                self.table.end_samples.push(own as u32);
            }
        }
        start..self.table.end_node.len()
    }

    /// Fills `own`: count less the children's, at least 0.
    fn weigh(&mut self, log: &DiagnosticLog, range: Range<usize>, losses: &mut StackLosses) {
        let tree = &self.document.call_tree;
        let clipped = |at: usize| tree.samples[at].min(MAX_FRAME_SAMPLES);
        let mut is_counted = false;
        let mut is_parent = vec![false; range.len()];
        self.own.clear();
        self.own.resize(range.len(), 0);
        let charged = tree.charged(&log.nodes);
        let mut is_charged = vec![false; range.len()];
        for thread in charged {
            let part = (thread.start as usize).clamp(range.start, range.end)
                ..(thread.end as usize).clamp(range.start, range.end);
            is_charged[part.start - range.start..part.end.max(part.start) - range.start].fill(true);
        }
        let is_idle = |thread: &&ThreadStack| {
            !is_charged[(thread.nodes.start as usize).clamp(range.start, range.end - 1) - range.start]
        };
        losses.uncharged_threads += tree.threads_of(&log.nodes).iter().filter(is_idle).count() as u64;
        let range_of_charged = range.clone().zip(&is_charged).filter(|(_, is_charged)| **is_charged).map(|(at, _)| at);
        for at in range_of_charged {
            is_counted |= tree.samples[at] > 0;
            losses.clipped_frames += u64::from(tree.samples[at] > MAX_FRAME_SAMPLES);
            if let Some(parent) = parent_in(tree, &range, at) {
                self.own[parent] += clipped(at);
                is_parent[parent] = true;
            }
        }
        for ((own, at), _) in self.own.iter_mut().zip(range).zip(&is_charged).filter(|(_, is_charged)| **is_charged) {
            let below = *own;
            if below > clipped(at) {
                losses.overfull_frames += 1;
                losses.excess_samples += below - clipped(at);
            }
            *own = clipped(at).saturating_sub(below);
        }
        if !is_counted && log.per_thread == Some(true) && !is_parent.is_empty() {
            losses.uncounted_thread_logs += 1;
            for ((own, is_parent), is_charged) in self.own.iter_mut().zip(is_parent).zip(is_charged) {
                *own = u64::from(is_charged && !is_parent);
            }
        }
    }

    fn advice(&mut self) -> Vec<DiagnosticAdvice> {
        let document = self.document;
        document.advice.iter().map(|advice| map_advice(advice, |id| self.log_name(id))).collect()
    }

    /// Handle here of a text that a frame has.
    fn name(&mut self, id: Option<NameId>) -> Option<NameId> {
        let id = id?;
        let known = self.names.get_mut(id.index())?;
        Some(*known.get_or_insert_with(|| self.table.names.intern_from(&self.document.names, id)))
    }

    /// Handle here of a text of a log.
    fn log_name(&mut self, id: Option<NameId>) -> Option<NameId> {
        Some(self.table.log_names.intern_from(&self.document.names, id?))
    }

    /// Handle here of the name of a function. An empty one is absent.
    fn symbol(&mut self, id: Option<NameId>) -> Option<NameId> {
        let (id, names) = (id?, &self.document.names);
        let text = names.get(Some(id)).filter(|text| !text.is_empty())?;
        Some(*self.symbols[id.index()].get_or_insert_with(|| match demangled(text) {
            Cow::Borrowed(_) => self.table.names.intern_from(names, id),
            Cow::Owned(readable) => self.table.names.intern(&readable),
        }))
    }

    #[inline]
    fn frame(&mut self, id: FrameId) -> FrameId {
        match self.frames[id as usize] {
            UNMET => self.new_frame(id),
            known => known,
        }
    }

    fn new_frame(&mut self, id: FrameId) -> FrameId {
        let frame = self.document.call_tree.frames[id as usize];
        let symbol = self.symbol(frame.symbol);
        let binary = self.name(frame.binary);
        let file = self.name(frame.file);
        let advice_category = self.name(frame.advice_category);
        let is_named = symbol.is_some();
        // Without a symbol the offset names the function, and an offset means something in one build only.
        let binary_uuid = if is_named { None } else { self.name(frame.binary_uuid) };
        let text_offset = frame.text_offset.filter(|_| !is_named);
        let is_advised = self.table.names.get(advice_category).is_some_and(|category| !category.is_empty());
        let line = frame.line.filter(|_| frame.is_blame || is_advised);
        let merged =
            Frame { symbol, binary, binary_uuid, file, line, text_offset, advice_category, is_blame: frame.is_blame };
        let known = self.table.frame_index.intern(&mut self.table.frames, merged.hash(), merged);
        self.frames[id as usize] = known;
        self.marks[id as usize] = mark(&frame, &self.document.names);
        known
    }
}

/// A frame of the document that was not met yet.
const UNMET: FrameId = FrameId::MAX;

/// Position within the log of a node's parent. A parent that is not before its child in the same log is none.
#[inline]
fn parent_in(tree: &CallTree, range: &Range<usize>, at: usize) -> Option<usize> {
    let parent = tree.parent[at] as usize;
    (parent >= range.start && parent < at).then(|| parent - range.start)
}

/// A hash of all that a document says of a frame, the same in every document: less of it is kept here.
fn mark(frame: &Frame, names: &Names) -> u64 {
    let &Frame { symbol, binary, binary_uuid, file, line, text_offset, advice_category, is_blame } = frame;
    let texts = [symbol, binary, binary_uuid, file, advice_category].map(|text| hash_of(names, text));
    let line = line.map_or(0, u32::from);
    let numbers = [u64::from(line) << 1 | u64::from(is_blame), text_offset.map_or(0, u64::from)];
    texts.into_iter().chain(numbers).fold(0, fold)
}

/// A hash of a text that may be absent, the same in every table.
fn hash_of(names: &Names, text: Option<NameId>) -> u64 {
    text.map_or(0, |text| names.hash_of(text))
}

fn metadata_fields(metadata: &mut LogMetadata) -> [&mut Option<NameId>; 9] {
    let LogMetadata {
        bundle_id,
        app_version,
        build_version,
        os_version,
        device,
        architecture,
        event,
        event_detail,
        writes_caused,
    } = metadata;
    [bundle_id, app_version, build_version, os_version, device, architecture, event, event_detail, writes_caused]
}

fn map_advice(advice: &DiagnosticAdvice, mut name: impl FnMut(Option<NameId>) -> Option<NameId>) -> DiagnosticAdvice {
    DiagnosticAdvice {
        signature: name(advice.signature),
        category: name(advice.category),
        text: name(advice.text),
        url: name(advice.url),
    }
}
