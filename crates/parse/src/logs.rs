//! `productData` of diagnostic logs into a flat arena of call stacks.
//!
//! Stacks are thousands of frames deep, so frames that are still open lie on a stack of our own. A frame takes its place in the
//! arena when its object opens, parents before children, and is filled when the object closes, because its own fields may stand
//! after its sub-frames.

use crate::FrameTexts;
use crate::app_version::version_and_build;
use crate::frames::FrameTable;
use crate::raw_frame::{self, Fields};
use crate::reader::{Elements, MAX_COUNT, Open, Reader};
use crate::scanner::{Scan, Shape};
use crate::schema::{Advice, CallStack, CallStackTree, Frame as FrameField, Log, LogMetadata as MetadataField, ONLY};
use crate::waiting::Waiting;
use perfpower_model::{
    CallTree, DiagnosticAdvice, DiagnosticLog, Frame, FrameText, LogMetadata, NameId, NodeId, Severity, ThreadRole,
    ThreadStack, normalized_device, text_hash,
};
use std::borrow::Cow;

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
    passed: PassedTexts,
}

impl OpenFrame<'_> {
    #[inline]
    fn new(object: Open<FrameField>, node: NodeId) -> Self {
        let passed = PassedTexts::default();
        let frame = Frame::NOWHERE;
        Self { object, node, frame, samples: 0, address: 0, offset_into_symbol: None, raw: None, passed }
    }

    /// Whether a symbol was met.
    #[inline]
    fn is_named(&self) -> bool {
        self.frame.symbol.is_some() || self.passed.is_named
    }
}

/// Texts that were passed over, because it was not known yet whether they are wanted, or known that they are not.
#[derive(Clone, Copy, Default)]
struct PassedTexts {
    /// Offset of each; 0 = not passed over.
    at: [u32; FrameText::ALL.len()],
    /// Sum of the marks of all of them but the build id.
    mark: u64,
    /// Mark of the build id, which is part of a frame only where there is no symbol.
    uuid_mark: u64,
    /// Whether there is a symbol among them.
    is_named: bool,
    /// Its hash.
    symbol_hash: u64,
}

/// Bytes of the largest text segment that Apple takes from anybody (500 MB: App Store Connect, "Maximum build file sizes"). What is
/// beyond is an address: programs of 64 bits are loaded above 4 GiB.
const LARGEST_TEXT: u64 = 500_000_000;

/// Where a text of a frame goes.
#[inline]
fn field(frame: &mut Frame, text: FrameText) -> &mut NameId {
    match text {
        FrameText::Symbol => &mut frame.symbol,
        FrameText::Binary => &mut frame.binary,
        FrameText::BinaryUuid => &mut frame.binary_uuid,
        FrameText::File => &mut frame.file,
        FrameText::AdviceCategory => &mut frame.advice_category,
    }
}

/// What stays the same from frame to frame of a document.
#[derive(Default)]
pub(crate) struct FrameState<'a> {
    texts: FrameTexts,
    table: FrameTable,
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

impl FrameState<'_> {
    pub(crate) fn new(texts: FrameTexts) -> Self {
        Self { texts, ..Self::default() }
    }
}

impl<'a> Reader<'a> {
    /// `diagnosticInsights` of one product. The signature is set when the product closes.
    pub(crate) fn advice(&mut self) -> Scan<()> {
        let Some(mut list) = self.array()? else { return Ok(()) };
        while self.element(&mut list)? {
            let Some(mut object) = self.object::<Advice>(ONLY)? else { continue };
            let none = NameId::NONE;
            let mut advice = DiagnosticAdvice { signature: none, category: none, text: none, url: none };
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
            self.document.logs.push(DiagnosticLog { signature: NameId::NONE, metadata, per_thread, nodes });
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
                    metadata.device = self.document.names.intern_option(device.as_deref());
                }
                MetadataField::PlatformArchitecture => metadata.architecture = self.name()?,
                MetadataField::Event => metadata.event = self.name()?,
                MetadataField::EventDetail => metadata.event_detail = self.name()?,
                MetadataField::WritesCaused => metadata.writes_caused = self.name()?,
            }
        }
        let names = &mut self.document.names;
        if let Some((version, build)) = version_and_build(names.text(metadata.app_version)) {
            let (version, build) = (version.to_owned(), build.to_owned());
            metadata.app_version = names.intern(&version);
            if metadata.build_version.is_none() {
                metadata.build_version = names.intern(&build);
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
                self.close_frame(open)?;
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
                FrameField::SymbolName => self.frame_text(open, FrameText::Symbol)?,
                FrameField::SampleCount => open.samples = self.whole(MAX_COUNT)?.unwrap_or(0),
                FrameField::IsBlameFrame => open.frame.is_blame = self.flag()?.unwrap_or(false),
                FrameField::InsightsCategory => self.frame_text(open, FrameText::AdviceCategory)?,
                FrameField::BinaryName => self.frame_text(open, FrameText::Binary)?,
                FrameField::FileName => self.frame_text(open, FrameText::File)?,
                // What has a name needs no build to be told apart.
                FrameField::BinaryUuid if open.is_named() => self.scanner.skip_value()?,
                FrameField::BinaryUuid => self.frame_text(open, FrameText::BinaryUuid)?,
                FrameField::LineNumber => open.frame.line = self.whole(MAX_COUNT)?.unwrap_or(0) as u32,
                FrameField::Address => open.address = self.whole(u64::MAX)?.unwrap_or(0),
                FrameField::OffsetIntoBinaryTextSegment => {
                    open.frame.text_offset = self.whole(u64::MAX)?.unwrap_or(0);
                }
                // They say nothing new, and are compared where all texts are there to be compared with.
                FrameField::OffsetIntoSymbol | FrameField::RawFrame if self.frames.texts != FrameTexts::All => {
                    self.scanner.skip_value()?;
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

    /// A text of a frame into the string table, or past it where it is not wanted as far as is known.
    #[inline]
    fn frame_text(&mut self, open: &mut OpenFrame<'a>, text: FrameText) -> Scan<()> {
        let is_kept = match self.frames.texts {
            FrameTexts::All => true,
            FrameTexts::Names => text == FrameText::Symbol,
            FrameTexts::Blamed => open.frame.is_blame,
        };
        if is_kept {
            *field(&mut open.frame, text) = self.name()?;
            return Ok(());
        }
        let is_text = self.scanner.shape()? == Shape::Text;
        open.passed.at[text as usize] = self.scanner.offset() as u32;
        let hash = if is_text { self.scanner.string_hash()? } else { self.odd_text_hash()? };
        let mark = text.mark(hash);
        let passed = &mut open.passed;
        if text == FrameText::BinaryUuid {
            passed.uuid_mark = mark;
        } else {
            if text == FrameText::Symbol {
                passed.is_named = hash != 0;
                passed.symbol_hash = hash;
            }
            passed.mark = passed.mark.wrapping_add(mark);
        }
        Ok(())
    }

    /// Passes what stands where Apple writes a text; the hash of the text that it is read as.
    #[cold]
    fn odd_text_hash(&mut self) -> Scan<u64> {
        let is_number = self.scanner.shape()? == Shape::Number;
        let start = self.scanner.offset();
        self.scanner.skip_value()?;
        Ok(if is_number { text_hash(&self.scanner.text()[start..self.scanner.offset()]) } else { 0 })
    }

    /// Goes back for the texts that are wanted after all, now that all of the frame is known, and marks what is not kept.
    #[inline]
    fn recall_texts(&mut self, open: &mut OpenFrame<'a>) -> Scan<()> {
        let is_named = open.is_named();
        let (frame, passed) = (&mut open.frame, &mut open.passed);
        if is_named {
            frame.binary_uuid = NameId::NONE;
            frame.text_offset = 0;
        }
        match self.frames.texts {
            FrameTexts::All => {}
            FrameTexts::Names => {
                // Call sites of one function are one frame, too.
                let (line, is_blame) = (std::mem::take(&mut frame.line), std::mem::take(&mut frame.is_blame));
                let site = Frame { line, is_blame, ..Frame::NOWHERE };
                passed.mark = passed.mark.wrapping_add(site.place_mark());
                if !is_named {
                    self.recall(open, &[FrameText::Binary, FrameText::BinaryUuid])?;
                }
            }
            FrameTexts::Blamed if frame.is_blame => self.recall(open, &FrameText::ALL)?,
            FrameTexts::Blamed => {
                let uuid_mark = if is_named { 0 } else { passed.uuid_mark };
                passed.mark = passed.mark.wrapping_add(uuid_mark).wrapping_add(frame.place_mark());
                *frame = Frame::NOWHERE;
            }
        }
        Ok(())
    }

    /// Reads passed texts, which are then no longer passed.
    fn recall(&mut self, open: &mut OpenFrame<'a>, texts: &[FrameText]) -> Scan<()> {
        let end = self.scanner.offset();
        let is_named = open.is_named();
        for &text in texts {
            let start = open.passed.at[text as usize] as usize;
            let is_build = text == FrameText::BinaryUuid;
            if start == 0 || is_build && is_named {
                continue;
            }
            self.scanner.seek(start);
            let name = self.name()?;
            *field(&mut open.frame, text) = name;
            if !is_build {
                let mark = text.mark(self.document.names.hash_of(name));
                open.passed.mark = open.passed.mark.wrapping_sub(mark);
            }
        }
        self.scanner.seek(end);
        Ok(())
    }

    #[inline]
    fn close_frame(&mut self, open: &mut OpenFrame<'a>) -> Scan<()> {
        let is_leaf = open.node as usize + 1 == self.document.call_tree.len();
        if is_leaf {
            let symbol = if open.frame.symbol.is_some() {
                self.document.names.hash_of(open.frame.symbol)
            } else {
                open.passed.symbol_hash
            };
            self.frames.waiting.note_leaf(symbol);
        }
        if open.frame.text_offset > LARGEST_TEXT && !open.is_named() {
            self.take_load_address(open);
        }
        self.recall_texts(open)?;
        let tree = &mut self.document.call_tree;
        let node = open.node as usize;
        tree.frame[node] = self.frames.table.intern(&mut tree.frames, open.frame);
        tree.samples[node] = open.samples;
        tree.address[node] = open.address.wrapping_add(open.passed.mark);
        self.compare_raw(open);
        Ok(())
    }

    /// Some writers put the address that the binary was loaded at where its offset belongs. The frame's own address less that
    /// is the offset; without it, or where it is the very same address, nothing tells one run's place from another's.
    #[cold]
    fn take_load_address(&mut self, open: &mut OpenFrame<'a>) {
        let offset = open.address.checked_sub(open.frame.text_offset);
        open.frame.text_offset = offset.filter(|&offset| offset <= LARGEST_TEXT).unwrap_or(0);
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
            self.problems.add(at, Severity::Note, "load-address", message, "");
        }
    }

    fn compare_raw(&mut self, open: &OpenFrame<'a>) {
        // The last byte rules out other forms before anything is looked up.
        let Some(raw) = open.raw.as_deref().filter(|raw| raw.ends_with(']')) else { return };
        let names = &self.document.names;
        let fields = Fields {
            samples: open.samples,
            symbol: names.text(open.frame.symbol),
            binary: names.text(open.frame.binary),
            file: names.text(open.frame.file),
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
            self.problems.add(at, Severity::Note, "raw-frame-differs", message, "");
        }
    }
}
