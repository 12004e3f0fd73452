//! The call stacks of one `diagnosticLogs` body, as a flat arena.

use crate::{NameId, fold};
use serde::{Deserialize, Serialize};
use std::num::{NonZeroU32, NonZeroU64};
use std::ops::Range;

/// Position of a distinct frame in [`CallTree::frames`].
pub type FrameId = u32;

/// Position of a node in the columns of a [`CallTree`].
pub type NodeId = u32;

/// A place in code, without the run it was seen in: two samples at the same place share it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Frame {
    /// Function, as Apple symbolicated it; absent = not symbolicated.
    pub symbol: Option<NameId>,
    /// Such as `UIKitCore`.
    pub binary: Option<NameId>,
    /// Build id of the binary, kept only where there is no symbol.
    pub binary_uuid: Option<NameId>,
    /// Source file.
    pub file: Option<NameId>,
    /// 1-based line.
    pub line: Option<NonZeroU32>,
    /// Offset into the binary's text segment, kept only where there is no symbol, to tell such frames apart.
    pub text_offset: Option<NonZeroU64>,
    /// Apple's category of a culprit frame, such as `SQLiteSpill`.
    pub advice_category: Option<NameId>,
    /// Whether Apple holds the app responsible for it.
    pub is_blame: bool,
}

impl Frame {
    /// A hash of all its fields, for an [`Index`](crate::Index): handles are of one table, so is the hash.
    #[inline]
    pub fn hash(&self) -> u64 {
        let pair = |one: u32, other: u32| u64::from(one) << 32 | u64::from(other);
        let words = [
            pair(NameId::key(self.symbol), NameId::key(self.binary)),
            pair(NameId::key(self.binary_uuid), NameId::key(self.file)),
            pair(NameId::key(self.advice_category), self.line.map_or(0, NonZeroU32::get)),
            self.text_offset.map_or(0, NonZeroU64::get) << 1 | u64::from(self.is_blame),
        ];
        words.into_iter().fold(crate::names::run_key()[0], fold)
    }
}

/// Nodes in document order (a parent before its children) as parallel columns, and the distinct frames they refer to.
///
/// A stack can be ten thousand frames deep: nothing that reads it may recurse.
#[derive(Clone, Debug, Default)]
pub struct CallTree {
    /// Distinct frames, in an order that follows from the document alone.
    pub frames: Vec<Frame>,
    /// Frame of each node.
    pub frame: Vec<FrameId>,
    /// Parent of each node, always before it; [`CallTree::ROOT`] for a root.
    pub parent: Vec<NodeId>,
    /// Samples of each node, its children's included.
    pub samples: Vec<u64>,
    /// Load address of each node; 0 = absent.
    pub address: Vec<u64>,
    /// The threads of logs that tell one thread from another, in the order of their nodes; logs that do not have none here.
    pub threads: Vec<ThreadStack>,
}

/// The call stack of one thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadStack {
    /// Its nodes.
    pub nodes: Range<u32>,
    /// What it is to the event of its log.
    pub role: ThreadRole,
}

/// What a thread is to the event of its log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ThreadRole {
    /// Apple holds it responsible.
    Attributed,
    /// It ran beside, or nothing is said of it.
    #[default]
    Beside,
    /// It waited for something to do.
    Idle,
}

impl CallTree {
    /// The parent of a root.
    pub const ROOT: NodeId = u32::MAX;

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.frame.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.frame.is_empty()
    }

    /// The threads of a log; none where it does not tell them apart.
    pub fn threads_of(&self, log: &Range<u32>) -> &[ThreadStack] {
        let first = self.threads.partition_point(|thread| thread.nodes.start < log.start);
        let behind = self.threads[first..].partition_point(|thread| thread.nodes.start < log.end);
        &self.threads[first..first + behind]
    }

    /// The nodes of a log that its event is to be charged to: those of the threads that Apple holds responsible; where it names
    /// none, those of all threads that did not wait; and all nodes where threads are not told apart, or all of them waited.
    pub fn charged(&self, log: &Range<u32>) -> Vec<Range<u32>> {
        let threads = self.threads_of(log);
        let of = |wanted: &dyn Fn(ThreadRole) -> bool| -> Vec<Range<u32>> {
            threads.iter().filter(|thread| wanted(thread.role)).map(|thread| thread.nodes.clone()).collect()
        };
        [of(&|role| role == ThreadRole::Attributed), of(&|role| role != ThreadRole::Idle)]
            .into_iter()
            .find(|charged| !charged.is_empty())
            .unwrap_or_else(|| vec![log.clone()])
    }
}

/// One log: a device's call stacks, and what it says of the event.
#[derive(Clone, Debug, PartialEq)]
pub struct DiagnosticLog {
    /// The signature it belongs to.
    pub signature: Option<NameId>,
    /// What Apple says of the event, as text.
    pub metadata: LogMetadata,
    /// Whether each root is the stack of one thread; absent = not said.
    pub per_thread: Option<bool>,
    /// Its nodes in the [`CallTree`] of the document.
    pub nodes: Range<u32>,
}

/// The metadata of a log, as written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogMetadata {
    /// Bundle id of the app.
    pub bundle_id: Option<NameId>,
    /// App version.
    pub app_version: Option<NameId>,
    /// Build number.
    pub build_version: Option<NameId>,
    /// Such as `iPhone OS 14.6 (18F72)`.
    pub os_version: Option<NameId>,
    /// Device model with a comma, as metrics write it: `iPhone13,3`.
    pub device: Option<NameId>,
    /// Such as `arm64`.
    pub architecture: Option<NameId>,
    /// Such as `disk writes`.
    pub event: Option<NameId>,
    /// Such as `Total of 1073.76 MB of disk writes`.
    pub event_detail: Option<NameId>,
    /// Such as `1073.76 MB`.
    pub writes_caused: Option<NameId>,
}

/// Apple's advice for a signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DiagnosticAdvice {
    /// The signature it belongs to.
    pub signature: Option<NameId>,
    /// Such as `SQLiteSpill`; equal to [`Frame::advice_category`] of the culprit frame.
    pub category: Option<NameId>,
    /// What to do.
    pub text: Option<NameId>,
    /// Where Apple explains it.
    pub url: Option<NameId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_charged_to_the_thread_that_is_named_then_to_those_that_worked_then_to_all() {
        use ThreadRole::{Attributed, Beside, Idle};
        for (roles, charged) in [
            (&[][..], "[0..3]"),
            (&[Idle, Attributed, Beside], "[1..2]"),
            (&[Idle, Beside, Beside], "[1..2, 2..3]"),
            (&[Idle, Idle, Idle], "[0..3]"),
        ] {
            let threads = roles.iter().enumerate().map(|(at, &role)| {
                let at = at as u32;
                ThreadStack { nodes: at..at + 1, role }
            });
            let after = ThreadStack { nodes: 3..4, role: Attributed };
            let tree = CallTree { threads: threads.chain([after]).collect(), ..CallTree::default() };
            assert_eq!(format!("{:?}", tree.charged(&(0..3))), charged, "{roles:?}");
        }
    }
}
