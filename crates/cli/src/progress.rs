//! Progress of long work, on a terminal alone.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::time::Duration;

/// Counts documents and bytes; draws nothing unless standard error is a terminal.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub(crate) fn new(bytes: u64, quiet: bool) -> Self {
        let shown = !quiet && std::io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(bytes), target);
        if let Ok(style) = ProgressStyle::with_template(
            "{spinner} {bar:30} {decimal_bytes}/{decimal_total_bytes} {decimal_bytes_per_sec} {msg}, {eta} left",
        ) {
            bar.set_style(style);
        }
        if shown {
            bar.enable_steady_tick(Duration::from_millis(120));
        }
        Self { bar }
    }

    /// One more document.
    pub(crate) fn read(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    /// What is being done now.
    pub(crate) fn stage(&self, message: &'static str) {
        self.bar.set_message(message);
    }

    /// Takes the bar away.
    pub(crate) fn done(&self) {
        self.bar.finish_and_clear();
    }
}
