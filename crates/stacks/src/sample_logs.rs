//! Logs for tests, written as folded stacks.

use perfpower_model::{CallTree, DiagnosticAdvice, DiagnosticLog, Document, Frame, Kind, LogMetadata};
use std::num::NonZeroU32;

/// A document of logs in the making.
pub(crate) struct SampleLogs {
    pub(crate) document: Document,
}

/// What a test says of one log.
#[derive(Clone, Copy, Default)]
pub(crate) struct About<'a> {
    pub(crate) signature: &'a str,
    pub(crate) version: &'a str,
    pub(crate) device: &'a str,
    pub(crate) os: &'a str,
    pub(crate) event: &'a str,
    pub(crate) detail: &'a str,
    pub(crate) writes: &'a str,
    pub(crate) per_thread: Option<bool>,
}

impl SampleLogs {
    pub(crate) fn new() -> Self {
        Self { document: Document::new(Kind::DiagnosticLogs) }
    }

    /// Adds a log of stacks such as `main;App:load@12!;sqlite3_step 3`: frames from the root, an optional binary, line or
    /// `file:line`, and `!` for a blamed frame, then self samples. Stacks share their beginnings.
    pub(crate) fn log(mut self, about: About<'_>, stacks: &[&str]) -> Self {
        let document = &mut self.document;
        let first = document.call_tree.len();
        for stack in stacks {
            let (path, own) = stack.rsplit_once(' ').unwrap();
            let own: u64 = own.parse().unwrap();
            let mut parent = CallTree::ROOT;
            for text in path.split(';') {
                let frame = frame(document, text);
                let tree = &mut document.call_tree;
                let known = (first..tree.len()).find(|&node| tree.parent[node] == parent && tree.frame[node] == frame);
                let node = known.unwrap_or_else(|| {
                    tree.frame.push(frame);
                    tree.parent.push(parent);
                    tree.samples.push(0);
                    tree.address.push(0);
                    tree.len() - 1
                });
                tree.samples[node] += own;
                parent = node as u32;
            }
        }
        self.finish_log(about, first)
    }

    /// Adds a log of nodes as they are: parent within the log, frame, count.
    pub(crate) fn raw_log(mut self, about: About<'_>, nodes: &[(Option<u32>, &str, u64)]) -> Self {
        let first = self.document.call_tree.len();
        for &(parent, text, samples) in nodes {
            let frame = frame(&mut self.document, text);
            let tree = &mut self.document.call_tree;
            tree.frame.push(frame);
            tree.parent.push(parent.map_or(CallTree::ROOT, |parent| first as u32 + parent));
            tree.samples.push(samples);
            tree.address.push(0);
        }
        self.finish_log(about, first)
    }

    fn finish_log(mut self, about: About<'_>, first: usize) -> Self {
        let document = &mut self.document;
        let mut text = |text: &str| (!text.is_empty()).then(|| document.names.intern(text));
        let metadata = LogMetadata {
            app_version: text(about.version),
            device: text(about.device),
            os_version: text(about.os),
            event: text(about.event),
            event_detail: text(about.detail),
            writes_caused: text(about.writes),
            ..LogMetadata::default()
        };
        let log = DiagnosticLog {
            signature: text(about.signature),
            metadata,
            per_thread: about.per_thread,
            nodes: first as u32..document.call_tree.len() as u32,
        };
        document.logs.push(log);
        self
    }

    /// Adds advice to a signature.
    pub(crate) fn advice(mut self, signature: &str, category: &str, text: &str, url: &str) -> Self {
        let mut name = |text: &str| (!text.is_empty()).then(|| self.document.names.intern(text));
        let [signature, category, text, url] = [signature, category, text, url].map(&mut name);
        self.document.advice.push(DiagnosticAdvice { signature, category, text, url });
        self
    }

    /// Gives every frame of this name a category of advice.
    pub(crate) fn category(mut self, symbol: &str, category: &str) -> Self {
        let category = Some(self.document.names.intern(category));
        let symbol = Some(self.document.names.find(symbol).unwrap());
        for frame in self.document.call_tree.frames.iter_mut().filter(|frame| frame.symbol == symbol) {
            frame.advice_category = category;
        }
        self
    }
}

fn frame(document: &mut Document, text: &str) -> u32 {
    let is_blame = text.ends_with('!');
    let text = text.trim_end_matches('!');
    let (text, place) = text.split_once('@').unwrap_or((text, ""));
    let (file, line) = place.rsplit_once(':').unwrap_or(("Store.swift", place));
    let line: Option<NonZeroU32> = (!line.is_empty()).then(|| line.parse().unwrap());
    let (binary, symbol) = text.split_once(':').unwrap_or(("App", text));
    let names = &mut document.names;
    let (binary, symbol) = (Some(names.intern(binary)), Some(names.intern(symbol)));
    let file = line.map(|_| names.intern(file));
    let frame = Frame { symbol, binary, file, line, is_blame, ..Frame::default() };
    let frames = &mut document.call_tree.frames;
    frames.iter().position(|known| *known == frame).unwrap_or_else(|| {
        frames.push(frame);
        frames.len() - 1
    }) as u32
}
