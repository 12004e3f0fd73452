//! `productData` of diagnostic logs into a flat arena of call stacks.
//!
//! Stacks are thousands of frames deep, so frames that are still open lie on a stack of our own. A frame takes its place in the
//! arena when its object opens, parents before children, and is filled when the object closes, because its own fields may stand
//! after its sub-frames.

use crate::app_version::version_and_build;
use crate::raw_frame::{self, Fields};
use crate::reader::{Elements, MAX_COUNT, Open, Reader};
use crate::scanner::{Scan, Shape};
use crate::schema::{Advice, CallStack, CallStackTree, Frame as FrameField, Log, LogMetadata as MetadataField, ONLY};
use crate::waiting::Waiting;
use perfpower_model::{
    CallTree, DiagnosticAdvice, DiagnosticLog, Frame, Index, LogMetadata, NodeId, Severity, ThreadRole, ThreadStack,
    normalized_device,
};
use std::borrow::Cow;
use std::num::NonZeroU64;

/// A frame whose object is open.
struct OpenFrame<'a> {
    object: Open<FrameField>,
    node: NodeId,
    frame: Frame,
    samples: u64,
    address: u64,
    /// Where the raw text is compared.
    offset_into_symbol: Option<u64>,
    raw: Option<Cow<'a, str>>,
}

impl OpenFrame<'_> {
    #[inline]
    fn new(object: Open<FrameField>, node: NodeId) -> Self {
        let frame = Frame::default();
        Self { object, node, frame, samples: 0, address: 0, offset_into_symbol: None, raw: None }
    }
}

/// Bytes of the largest text segment that Apple takes from anybody (500 MB: App Store Connect, "Maximum build file sizes"). What is
/// beyond is an address: programs of 64 bits are loaded above 4 GiB.
const LARGEST_TEXT: u64 = 500_000_000;

/// What stays the same from frame to frame of a document.
#[derive(Default)]
pub(crate) struct FrameState<'a> {
    /// The frames of the document.
    index: Index,
    /// Room for open frames, outermost first; kept to be reused.
    open: Vec<OpenFrame<'a>>,
    /// Frames whose raw text contradicts their fields.
    contradictions: u64,
    /// Offset of the first of them, and what it says.
    first_contradiction: Option<(usize, String)>,
    /// The leaves of the stack that is being read.
    waiting: Waiting,
    /// Frames that had a load address in place of their offset, and where the first of them stands.
    load_addresses: u64,
    first_load_address: usize,
}

impl<'a> Reader<'a> {
    /// `diagnosticInsights` of one product. The signature is set when the product closes.
    pub(crate) fn advice(&mut self) -> Scan<()> {
        let Some(mut list) = self.array()? else { return Ok(()) };
        while self.element(&mut list)? {
            let Some(mut object) = self.object::<Advice>(ONLY)? else { continue };
            let mut advice = DiagnosticAdvice::default();
            while let Some(field) = self.field(&mut object)? {
                match field {
                    Advice::InsightsCategory => advice.category = self.name()?,
                    Advice::InsightsString => advice.text = self.name()?,
                    Advice::InsightsUrl => advice.url = self.name()?,
                }
            }
            if advice.category.is_some() || advice.text.is_some() {
                self.document.advice.push(advice);
            }
        }
        Ok(())
    }

    /// `diagnosticLogs` of one product.
    pub(crate) fn logs(&mut self) -> Scan<()> {
        let Some(mut logs) = self.array()? else { return Ok(()) };
        while self.element(&mut logs)? {
            let Some(mut object) = self.object::<Log>(ONLY)? else { continue };
            let first = self.document.call_tree.len() as u32;
            let first_thread = self.document.call_tree.threads.len();
            let (mut metadata, mut per_thread) = (LogMetadata::default(), None);
            while let Some(field) = self.field(&mut object)? {
                match field {
                    Log::DiagnosticMetaData => metadata = self.log_metadata()?,
                    Log::CallStackTree => self.call_stack_trees(&mut per_thread)?,
                }
            }
            self.settle_threads(first_thread, per_thread);
            let nodes = first..self.document.call_tree.len() as u32;
            self.document.logs.push(DiagnosticLog { signature: None, metadata, per_thread, nodes });
        }
        Ok(())
    }

    fn log_metadata(&mut self) -> Scan<LogMetadata> {
        let mut metadata = LogMetadata::default();
        let Some(mut object) = self.object::<MetadataField>(ONLY)? else { return Ok(metadata) };
        while let Some(field) = self.field(&mut object)? {
            match field {
                MetadataField::BundleId => {
                    metadata.bundle_id = self.name()?;
                    let identity = &mut self.document.identity;
                    if identity.bundle_id.is_none() {
                        identity.bundle_id = metadata.bundle_id;
                    }
                }
                MetadataField::AppVersion => metadata.app_version = self.name()?,
                MetadataField::BuildVersion => metadata.build_version = self.name()?,
                MetadataField::OsVersion => metadata.os_version = self.name()?,
                MetadataField::DeviceType => {
                    let device = self.text()?.filter(|device| !device.is_empty());
                    let device = device.as_deref().map(normalized_device);
                    metadata.device = device.map(|device| self.document.names.intern(&device));
                }
                MetadataField::PlatformArchitecture => metadata.architecture = self.name()?,
                MetadataField::Event => metadata.event = self.name()?,
                MetadataField::EventDetail => metadata.event_detail = self.name()?,
                MetadataField::WritesCaused => metadata.writes_caused = self.name()?,
            }
        }
        let names = &mut self.document.names;
        if let Some((version, build)) = names.get(metadata.app_version).and_then(version_and_build) {
            let (version, build) = (version.to_owned(), build.to_owned());
            metadata.app_version = Some(names.intern(&version));
            if metadata.build_version.is_none() {
                metadata.build_version = Some(names.intern(&build));
            }
        }
        Ok(metadata)
    }

    /// An array here, one object in the sibling format of `MetricKit`; both are read.
    fn call_stack_trees(&mut self, per_thread: &mut Option<bool>) -> Scan<()> {
        if self.scanner.shape()? == Shape::Object {
            return self.call_stack_tree(per_thread);
        }
        let Some(mut trees) = self.array()? else { return Ok(()) };
        while self.element(&mut trees)? {
            self.call_stack_tree(per_thread)?;
        }
        Ok(())
    }

    fn call_stack_tree(&mut self, per_thread: &mut Option<bool>) -> Scan<()> {
        let Some(mut object) = self.object::<CallStackTree>(ONLY)? else { return Ok(()) };
        while let Some(field) = self.field(&mut object)? {
            match field {
                CallStackTree::CallStackPerThread => *per_thread = self.flag()?.or(*per_thread),
                CallStackTree::CallStacks => {
                    let Some(mut stacks) = self.array()? else { continue };
                    while self.element(&mut stacks)? {
                        self.call_stack()?;
                    }
                }
            }
        }
        Ok(())
    }

    fn call_stack(&mut self) -> Scan<()> {
        let Some(mut object) = self.object::<CallStack>(ONLY)? else { return Ok(()) };
        let first = self.document.call_tree.len() as u32;
        let (mut is_attributed, mut waiting) = (None, Waiting::default());
        while let Some(field) = self.field(&mut object)? {
            match field {
                CallStack::CallStackRootFrames => {
                    self.frames.waiting = Waiting::default();
                    self.root_frames()?;
                    waiting = std::mem::take(&mut self.frames.waiting);
                }
                CallStack::ThreadAttributed => is_attributed = self.flag()?,
            }
        }
        let tree = &mut self.document.call_tree;
        let nodes = first..tree.len() as u32;
        if !nodes.is_empty() {
            let role = match is_attributed {
                Some(true) => ThreadRole::Attributed,
                _ if waiting.is_idle() => ThreadRole::Idle,
                _ => ThreadRole::Beside,
            };
            tree.threads.push(ThreadStack { nodes, role });
        }
        Ok(())
    }

    /// Keeps the threads of a log only where they are told apart.
    fn settle_threads(&mut self, first: usize, per_thread: Option<bool>) {
        let threads = &mut self.document.call_tree.threads;
        let is_attributed = threads[first..].iter().any(|thread| thread.role == ThreadRole::Attributed);
        let differ = threads[first..].iter().any(|thread| thread.role != ThreadRole::Beside);
        // Without either word the stacks are those of events, and an event may well end in a wait.
        if !differ || !(is_attributed || per_thread == Some(true)) {
            threads.truncate(first);
        }
    }

    /// Root frames and all below them, without recursion: what follows is always decided by the innermost open frame.
    fn root_frames(&mut self) -> Scan<()> {
        let Some(mut elements) = self.array()? else { return Ok(()) };
        // Frames are filled where they lie: to move one costs more than a field of it.
        let mut all_open = std::mem::take(&mut self.frames.open);
        loop {
            // At the start of a frame, or after its sub-frames.
            if self.element(&mut elements)? {
                let Some(object) = self.object::<FrameField>(ONLY)? else { continue };
                let parent = all_open.last().map_or(CallTree::ROOT, |parent| parent.node);
                all_open.push(OpenFrame::new(object, self.new_node(parent)));
            }
            let Some(open) = all_open.last_mut() else { break };
            elements = if let Some(sub_frames) = self.frame_fields(open)? {
                sub_frames
            } else {
                self.close_frame(open);
                all_open.truncate(all_open.len() - 1);
                // What goes on is the array that it stood in.
                Elements { first: false }
            };
        }
        self.frames.open = all_open;
        Ok(())
    }

    /// Makes room for a frame.
    #[inline]
    fn new_node(&mut self, parent: NodeId) -> NodeId {
        let tree = &mut self.document.call_tree;
        let node = tree.len() as NodeId;
        tree.parent.push(parent);
        tree.frame.push(0);
        tree.samples.push(0);
        tree.address.push(0);
        node
    }

    /// Reads the fields of a frame, up to its sub-frames, which are returned, or to its end.
    #[inline]
    fn frame_fields(&mut self, open: &mut OpenFrame<'a>) -> Scan<Option<Elements>> {
        while let Some(field) = self.field(&mut open.object)? {
            match field {
                FrameField::SymbolName => open.frame.symbol = self.name()?,
                FrameField::SampleCount => open.samples = self.whole(MAX_COUNT)?.unwrap_or(0),
                FrameField::IsBlameFrame => open.frame.is_blame = self.flag()?.unwrap_or(false),
                FrameField::InsightsCategory => open.frame.advice_category = self.name()?,
                FrameField::BinaryName => open.frame.binary = self.name()?,
                FrameField::FileName => open.frame.file = self.name()?,
                // What has a name needs no build to be told apart.
                FrameField::BinaryUuid if open.frame.symbol.is_some() => self.scanner.skip_value()?,
                FrameField::BinaryUuid => open.frame.binary_uuid = self.name()?,
                FrameField::LineNumber => open.frame.line = self.line_number()?,
                FrameField::Address => open.address = self.whole(u64::MAX)?.unwrap_or(0),
                FrameField::OffsetIntoBinaryTextSegment => {
                    open.frame.text_offset = self.whole(u64::MAX)?.and_then(NonZeroU64::new);
                }
                FrameField::OffsetIntoSymbol => open.offset_into_symbol = self.whole(u64::MAX)?,
                FrameField::RawFrame => open.raw = self.text()?,
                FrameField::SubFrames => {
                    if let Some(elements) = self.array()? {
                        return Ok(Some(elements));
                    }
                }
            }
        }
        Ok(None)
    }

    #[inline]
    fn close_frame(&mut self, open: &mut OpenFrame<'a>) {
        let is_leaf = open.node as usize + 1 == self.document.call_tree.len();
        if is_leaf {
            let symbol = open.frame.symbol.map_or(0, |symbol| self.document.names.hash_of(symbol));
            self.frames.waiting.note_leaf(symbol);
        }
        if open.frame.symbol.is_some() {
            // What has a name needs no build to be told apart, whichever was read first.
            open.frame.binary_uuid = None;
            open.frame.text_offset = None;
        } else if let Some(load) = open.frame.text_offset.map(NonZeroU64::get).filter(|&offset| offset > LARGEST_TEXT) {
            self.take_load_address(open, load);
        }
        let tree = &mut self.document.call_tree;
        let node = open.node as usize;
        tree.frame[node] = self.frames.index.intern(&mut tree.frames, open.frame.hash(), open.frame);
        tree.samples[node] = open.samples;
        tree.address[node] = open.address;
        self.compare_raw(open);
    }

    /// Some writers put the address that the binary was loaded at where its offset belongs. The frame's own address less that
    /// is the offset; without it, or where it is the very same address, nothing tells one run's place from another's.
    #[cold]
    fn take_load_address(&mut self, open: &mut OpenFrame<'a>, load: u64) {
        let offset = open.address.checked_sub(load).filter(|&offset| offset <= LARGEST_TEXT);
        open.frame.text_offset = offset.and_then(NonZeroU64::new);
        let state = &mut self.frames;
        state.load_addresses += 1;
        if state.load_addresses == 1 || open.object.at < state.first_load_address {
            state.first_load_address = open.object.at;
        }
    }

    /// One note for all frames with a load address.
    pub(crate) fn tell_load_addresses(&mut self) {
        let (count, at) = (self.frames.load_addresses, self.frames.first_load_address);
        if count > 0 {
            let message = || {
                format!(
                    "offsetIntoBinaryTextSegment of {count} of {} frames is an address; the offset was worked out from it where that could be",
                    self.document.call_tree.len()
                )
            };
            self.problems.add(at, Severity::Note, "load-address", message, None);
        }
    }

    fn compare_raw(&mut self, open: &OpenFrame<'a>) {
        // The last byte rules out other forms before anything is looked up.
        let Some(raw) = open.raw.as_deref().filter(|raw| raw.ends_with(']')) else { return };
        let text = |id| self.document.names.get(id);
        let fields = Fields {
            samples: open.samples,
            symbol: text(open.frame.symbol),
            binary: text(open.frame.binary),
            file: text(open.frame.file),
            line: open.frame.line,
            offset_into_symbol: open.offset_into_symbol,
            address: open.address,
        };
        let Some(difference) = raw_frame::contradiction(raw, &fields) else { return };
        let state = &mut self.frames;
        state.contradictions += 1;
        // Inner frames close before outer ones.
        if state.first_contradiction.as_ref().is_none_or(|(first, _)| open.object.at < *first) {
            state.first_contradiction = Some((open.object.at, difference.to_string()));
        }
    }

    /// One note for all frames whose raw text says something else.
    pub(crate) fn tell_contradictions(&mut self) {
        let state = &mut self.frames;
        if let Some((at, difference)) = state.first_contradiction.take() {
            let count = state.contradictions;
            let message = || {
                format!(
                    "rawFrame of {count} of {} frames contradicts the fields, here in {difference}; the fields were taken",
                    self.document.call_tree.len()
                )
            };
            self.problems.add(at, Severity::Note, "raw-frame-differs", message, None);
        }
    }
}
