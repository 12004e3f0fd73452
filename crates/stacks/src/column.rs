//! Columns that are written before they are read.

/// A column of one value that is written and not only asked for. Fresh pages that are read before they are written are all one
/// page of zeros, and the first write to each interrupts the other processors; `vec![0; len]` to be added to is a column of such.
pub(super) fn written<T: Clone>(value: T, len: usize) -> Vec<T> {
    let mut column = Vec::with_capacity(len);
    // A compiler that sees a zero makes it `vec![0; len]` again.
    column.resize(len, std::hint::black_box(value));
    column
}
