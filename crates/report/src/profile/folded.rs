//! Folded stacks: `main;load;read 7`, one line per distinct stack with self samples, in the order of the tree.

use super::label::folded_label;
use perfpower_analysis::diagnostics::StackTree;
use std::io::{self, Write};

/// Bytes gathered before they go to the writer. Stacks are a kilobyte each, so a line per call would be a system call each
/// for a writer that does not buffer.
const CHUNK_BYTES: usize = 1 << 18;

/// Writes a tree as folded stacks. Nothing but the longest stack and one chunk is held in memory.
///
/// The size is the sum of all stacks written out: a chain with samples at each of its 10,000 frames is 50 million frames.
pub fn write_folded(tree: &StackTree, mut out: impl Write) -> io::Result<()> {
    let labels: Vec<String> = tree.frames.iter().map(folded_label).collect();
    let mut stack: Vec<u8> = Vec::new();
    // Open nodes, each with the length of the stack up to and with it.
    let mut open: Vec<(u32, usize)> = Vec::new();
    let mut chunk: Vec<u8> = Vec::with_capacity(CHUNK_BYTES + 4096);
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
            writeln!(chunk, " {}", tree.own[node])?;
            if chunk.len() >= CHUNK_BYTES {
                out.write_all(&chunk)?;
                chunk.clear();
            }
        }
    }
    out.write_all(&chunk)
}
