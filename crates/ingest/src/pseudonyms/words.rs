//! The words that this program says. `tests/own_words.rs` gathers them from its messages, and fails where the list is not theirs.

use std::collections::HashSet;
use std::sync::LazyLock;

/// One a line, sorted.
static WORDS: &str = include_str!("words.txt");

/// Whether a word is on the list; a first letter may be large.
pub(super) fn is_own(word: &str) -> bool {
    static OWN: LazyLock<HashSet<&str>> = LazyLock::new(|| WORDS.lines().collect());
    let mut small = word.to_owned();
    if let Some(first) = small.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    OWN.contains(word) || OWN.contains(small.as_str())
}
