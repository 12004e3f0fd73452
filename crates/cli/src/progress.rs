//! Progress of long work, on a terminal alone.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use perfpower_ingest::Watch;
use std::io::IsTerminal;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Draws documents and bytes; nothing unless standard error is a terminal.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    is_shown: bool,
    documents: AtomicUsize,
    done: AtomicUsize,
}

impl Progress {
    pub(crate) fn new(quiet: bool) -> Self {
        let is_shown = !quiet && std::io::stderr().is_terminal();
        let target = if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template(
            "{spinner} {prefix} {bar:30} {msg}, {decimal_bytes} of {decimal_total_bytes}, {decimal_bytes_per_sec}, {eta} left",
        ) {
            bar.set_style(style);
        }
        Self { bar, is_shown, documents: AtomicUsize::new(0), done: AtomicUsize::new(0) }
    }
}

impl Watch for Progress {
    fn starts(&self, stage: &'static str, documents: usize, bytes: u64) {
        self.documents.store(documents, Ordering::Relaxed);
        self.done.store(0, Ordering::Relaxed);
        self.bar.reset();
        self.bar.set_length(bytes);
        self.bar.set_prefix(stage);
        if self.is_shown {
            self.bar.enable_steady_tick(Duration::from_millis(120));
        }
    }

    fn has_read(&self, bytes: u64) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        self.bar.inc(bytes);
        if self.is_shown {
            self.bar.set_message(format!("{done} of {} documents", self.documents.load(Ordering::Relaxed)));
        }
    }

    fn ends(&self) {
        self.bar.finish_and_clear();
    }
}
