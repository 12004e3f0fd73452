//! The stacks of a tree, one after the other, without recursion and without building one from its root each time.

use super::ProfileError;
use perfpower_stacks::StackTree;

/// How many frames the stacks of one profile may have together in a format that writes each stack out: half a gigabyte as
/// 64-bit ids. Folded stacks are streamed and bounded by their bytes; the Firefox format shares beginnings of stacks and needs none.
pub const MAX_STACK_CELLS: u64 = 64 << 20;

/// Calls `visit` with the nodes from the root to each node that has samples of its own, in preorder.
pub(super) fn for_each_stack<E>(
    tree: &StackTree,
    mut visit: impl FnMut(&[u32], u64) -> Result<(), E>,
) -> Result<(), E> {
    let mut path: Vec<u32> = Vec::new();
    for node in 0..tree.len() {
        while path.last().copied().unwrap_or(StackTree::ROOT) != tree.parent[node] {
            path.pop();
        }
        path.push(node as u32);
        if tree.own[node] > 0 {
            visit(&path, tree.own[node])?;
        }
    }
    Ok(())
}

/// Refuses a tree whose stacks would be too long when written out.
pub(super) fn check_cells(tree: &StackTree) -> Result<(), ProfileError> {
    let cells =
        tree.depths().iter().zip(&tree.own).filter(|(_, own)| **own > 0).map(|(depth, _)| u64::from(*depth) + 1).sum();
    if cells > MAX_STACK_CELLS { Err(ProfileError::TooDeep { cells }) } else { Ok(()) }
}
