//! Folded stacks: `main;load;read 7`, one line per distinct stack with self samples, in the order of the tree.

use super::label::folded_label;
use perfpower_stacks::StackTree;
use rayon::prelude::*;
use std::io::{self, Write};
use std::sync::mpsc;
use std::thread;

/// Bytes gathered before they go to the writer. Stacks are a kilobyte each, so a line per call would be a system call each
/// for a writer that does not buffer.
const CHUNK_BYTES: usize = 1 << 18;

/// More is no file that any program draws. Arbitrary: 50 MB of real logs make 20 MB.
const MOST_FOLDED_BYTES: u64 = 1 << 30;

/// What the stacks take, but for the digits of their samples.
fn folded_bytes(tree: &StackTree, labels: &[String]) -> u64 {
    let mut lengths: Vec<u64> = Vec::with_capacity(tree.len());
    let mut sum: u64 = 0;
    for node in 0..tree.len() {
        let above = lengths.get(tree.parent[node] as usize).map_or(0, |above| above + 1);
        lengths.push(above + labels[tree.frame[node] as usize].len() as u64);
        if tree.own[node] > 0 {
            sum = sum.saturating_add(lengths[node] + 2);
        }
    }
    sum
}

/// Writes a tree as folded stacks. Nothing but the longest stack and a few chunks is held in memory: while one chunk is
/// written, the next ones are made on a thread beside it.
///
/// The size is the sum of all stacks written out: a chain with samples at each of its 10,000 frames is 50 million frames. What would
/// have more than 1 GiB is refused before anything is written.
pub fn write_folded(tree: &StackTree, mut out: impl Write) -> io::Result<()> {
    let labels: Vec<String> = tree.frames.par_iter().map(folded_label).collect();
    let size = folded_bytes(tree, &labels);
    if size > MOST_FOLDED_BYTES {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!(
                "folded stacks repeat in each line all that is above it, which makes {} GB of these; use --format firefox, which does not, or \
                 choose fewer logs with --type, --app-version or --signature",
                size.div_ceil(1_000_000_000)
            ),
        ));
    }
    let (sender, chunks) = mpsc::sync_channel::<Vec<u8>>(2);
    thread::scope(|scope| {
        scope.spawn(move || fold(tree, &labels, &sender));
        // Where writing fails the chunks are dropped, and the thread ends at its next one.
        chunks.into_iter().try_for_each(|chunk| out.write_all(&chunk))
    })
}

/// Makes the lines, up to the end or until nobody takes them.
fn fold(tree: &StackTree, labels: &[String], chunks: &mpsc::SyncSender<Vec<u8>>) {
    let mut stack: Vec<u8> = Vec::new();
    // Open nodes, each with the length of the stack up to and with it.
    let mut open: Vec<(u32, usize)> = Vec::new();
    let mut chunk: Vec<u8> = Vec::new();
    for node in 0..tree.len() {
        let above = loop {
            match open.last() {
                Some(&(above, length)) if above == tree.parent[node] => break length,
                Some(_) => open.pop(),
                None => break 0,
            };
        };
        stack.truncate(above);
        if above > 0 {
            stack.push(b';');
        }
        stack.extend_from_slice(labels[tree.frame[node] as usize].as_bytes());
        open.push((node as u32, stack.len()));
        if tree.own[node] > 0 {
            chunk.extend_from_slice(&stack);
            chunk.extend_from_slice(format!(" {}\n", tree.own[node]).as_bytes());
            if chunk.len() >= CHUNK_BYTES {
                let next = Vec::with_capacity(chunk.len());
                if chunks.send(std::mem::replace(&mut chunk, next)).is_err() {
                    return;
                }
            }
        }
    }
    // Nobody takes the last one: that was said where it was not taken.
    let _ = chunks.send(chunk);
}
