//! One string table: each distinct text is kept once, and a [`NameId`] stands for it.

use crate::Index;
use serde::{Deserialize, Serialize};
use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroU32;
use std::sync::LazyLock;

/// A handle to a text in one [`Names`]. Handles of different tables do not mix. An absent text is an `Option` of it, which takes no
/// more room: columns hold millions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NameId(NonZeroU32);

impl NameId {
    /// Position in the table, in order of first appearance.
    #[inline]
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }

    /// The handle at a position; the inverse of [`NameId::index`].
    #[inline]
    pub fn from_index(index: usize) -> Self {
        Self::at(u32::try_from(index).unwrap_or(u32::MAX))
    }

    #[inline]
    fn at(position: u32) -> Self {
        // No table is so long that this saturates.
        Self(NonZeroU32::MIN.saturating_add(position))
    }

    /// A number for what may be absent, to be hashed: 0 where it is.
    #[inline]
    pub(crate) fn key(id: Option<Self>) -> u32 {
        id.map_or(0, |id| id.0.get())
    }
}

/// Distinct texts of one table, so that each has a handle. Bytes are not bounded: a table is merged of many documents. (In the tests of
/// this crate, a bound that a test can reach.)
const MOST_TEXTS: usize = if cfg!(test) { 10_000 } else { u32::MAX as usize };

/// Texts in order of first appearance; append-only, so handles stay valid.
///
/// All texts lie in one buffer: a document's 60 devices, 16 versions and ten thousand symbols cost no allocation each.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Texts", into = "Texts")]
pub struct Names {
    text: String,
    /// End of each text in `text`; it starts where the one before it ends.
    ends: Vec<usize>,
    hashes: Vec<u64>,
    index: Index,
}

/// A table as it is written: hashes are those of one run.
#[derive(Serialize, Deserialize)]
struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl From<Names> for Texts {
    fn from(Names { text, ends, .. }: Names) -> Self {
        Self { text, ends }
    }
}

impl From<Texts> for Names {
    fn from(Texts { text, ends }: Texts) -> Self {
        let mut names = Self { text, ends, ..Self::default() };
        for at in 0..names.ends.len() {
            let hash = hash(names.at(at).unwrap_or_default().as_bytes());
            // Two handles may have one text; the first is found.
            names.index.find_or_insert(hash, at as u32, |_| false);
            names.hashes.push(hash);
        }
        names
    }
}

impl Names {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many distinct texts there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no text yet.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The text of a handle; `""` for a handle of a longer table, which is not to be asked for here.
    #[inline]
    pub fn text(&self, id: NameId) -> &str {
        self.at(id.index()).unwrap_or("")
    }

    /// The text of a handle that may be absent.
    #[inline]
    pub fn get(&self, id: Option<NameId>) -> Option<&str> {
        self.at(id?.index())
    }

    #[inline]
    fn at(&self, position: usize) -> Option<&str> {
        let end = *self.ends.get(position)?;
        let start = if position == 0 { 0 } else { self.ends[position - 1] };
        self.text.get(start..end)
    }

    /// Bytes held, capacity included.
    pub fn heap_bytes(&self) -> usize {
        self.text.capacity()
            + size_of::<usize>() * (self.ends.capacity() + self.hashes.capacity())
            + self.index.heap_bytes()
    }

    /// The handle of a text that is already in the table.
    pub fn find(&self, text: &str) -> Option<NameId> {
        self.index.find(text_hash(text), |at| self.at(at as usize) == Some(text)).map(NameId::at)
    }

    /// The handle of a text, which is added when it is new.
    ///
    /// # Panics
    /// At 2³² distinct texts, which take more than 100 GiB: a table may be merged of many documents, so nothing else bounds it.
    #[inline]
    pub fn intern(&mut self, text: &str) -> NameId {
        self.intern_hashed(text, hash(text.as_bytes()))
    }

    /// The handle here of a text of another table, which is added when it is new.
    #[inline]
    pub fn intern_from(&mut self, other: &Self, id: NameId) -> NameId {
        self.intern_hashed(other.text(id), other.hash_of(id))
    }

    /// A hash of the text of a handle, the same in every table of a run, and in no other run.
    #[inline]
    pub fn hash_of(&self, id: NameId) -> u64 {
        self.hashes.get(id.index()).copied().unwrap_or(0)
    }

    #[inline]
    fn intern_hashed(&mut self, text: &str, hash: u64) -> NameId {
        let next = self.ends.len() as u32;
        let (all, ends) = (&self.text, &self.ends);
        let is_text = |at: u32| {
            let start = if at == 0 { 0 } else { ends[at as usize - 1] };
            all.get(start..ends[at as usize]) == Some(text)
        };
        if let Some(known) = self.index.find_or_insert(hash, next, is_text) {
            return NameId::at(known);
        }
        assert!(self.ends.len() < MOST_TEXTS, "one table has a handle for each text");
        self.text.push_str(text);
        self.ends.push(self.text.len());
        self.hashes.push(hash);
        NameId::at(next)
    }

    /// A table with other texts at the same handles. Where two become equal, the first is found.
    #[must_use]
    pub fn replaced(&self, mut text: impl FnMut(NameId, &str) -> String) -> Self {
        let mut replaced = Self::default();
        for (id, old) in self.iter() {
            let new = text(id, old);
            let hash = hash(new.as_bytes());
            replaced.index.find_or_insert(hash, replaced.ends.len() as u32, |_| false);
            replaced.text.push_str(&new);
            replaced.ends.push(replaced.text.len());
            replaced.hashes.push(hash);
        }
        replaced
    }

    /// All texts in order of first appearance.
    pub fn iter(&self) -> impl Iterator<Item = (NameId, &str)> {
        (0..self.len()).map(|index| {
            let id = NameId::from_index(index);
            (id, self.text(id))
        })
    }

    /// Adds every text of `other`; entry `i` of the result is the handle here of `other`'s text `i`.
    pub fn absorb(&mut self, other: &Self) -> Vec<NameId> {
        (0..other.len()).map(|index| self.intern_from(other, NameId::from_index(index))).collect()
    }
}

/// The hash of a text that [`Names::hash_of`] gives for its handle; another one in each run.
#[inline]
pub fn text_hash(text: &str) -> u64 {
    hash(text.as_bytes())
}

/// A hash of a text that is the same in every run, for what is written. Texts can be made to collide.
pub fn stable_text_hash(text: &str) -> u64 {
    hash_by(text.as_bytes(), [0x9E37_79B9_7F4A_7C15, 0xD1B5_4A32_D192_ED03])
}

#[inline]
fn hash(bytes: &[u8]) -> u64 {
    hash_by(bytes, *run_key())
}

/// Two odd numbers that nobody knows before the run: texts cannot be made to collide, which would make every search among them linear.
/// No order follows from a hash, so no result does.
#[inline]
pub(crate) fn run_key() -> &'static [u64; 2] {
    static KEY: LazyLock<[u64; 2]> = LazyLock::new(|| [0, 1].map(|which: u64| RandomState::new().hash_one(which) | 1));
    &KEY
}

/// A multiply-and-fold hash over sixteen bytes at a time.
#[inline]
fn hash_by(bytes: &[u8], [k, l]: [u64; 2]) -> u64 {
    let mut state = (bytes.len() as u64).wrapping_mul(k) ^ l;
    let mut rest = bytes;
    while let Some((block, after)) = rest.split_first_chunk::<16>() {
        let (first, second) = (word(block, 0), word(block, 8));
        state = fold(state ^ first, l ^ second);
        rest = after;
    }
    // What is left, in words that may hold bytes twice: together with the length they still tell all texts apart.
    let (first, second) = match (rest.len(), bytes.len()) {
        (0, _) => return state ^ state >> 32,
        (1..=8, 8..) => (word(bytes, bytes.len() - 8), 0),
        (_, 8..) => (word(rest, 0), word(rest, rest.len() - 8)),
        _ => (rest.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)), 0),
    };
    state = fold(state ^ first, l ^ second);
    state ^ state >> 32
}

/// Eight bytes from a place on.
#[inline]
fn word(bytes: &[u8], at: usize) -> u64 {
    bytes[at..].first_chunk().map_or(0, |word| u64::from_le_bytes(*word))
}

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b);
    wide as u64 ^ (wide >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_handle_and_handles_stay_valid_while_the_table_grows() {
        let mut names = Names::new();
        let ids: Vec<_> = (0..10_000).map(|i| names.intern(&format!("symbol {i}"))).collect();
        for (i, &id) in ids.iter().enumerate() {
            assert_eq!(names.text(id), format!("symbol {i}"));
            assert_eq!(names.intern(&format!("symbol {i}")), id);
            assert_eq!(names.find(&format!("symbol {i}")), Some(id));
        }
        assert_eq!(names.len(), 10_000);
        assert_eq!(names.find("absent"), None);
    }

    /// A table of long texts up to its bound, merged of two that share some.
    fn full() -> Names {
        let text = |i: usize| format!("{i:0>40}");
        let half = |texts: std::ops::Range<usize>| {
            texts.fold(Names::new(), |mut names, i| {
                names.intern(&text(i));
                names
            })
        };
        let mut names = half(0..MOST_TEXTS / 2 + 10);
        names.absorb(&half(MOST_TEXTS / 2 - 10..MOST_TEXTS));
        assert_eq!(names.len(), MOST_TEXTS);
        assert!((0..MOST_TEXTS).all(|i| names.find(&text(i)).is_some_and(|id| names.text(id) == text(i))));
        names
    }

    #[test]
    fn a_table_is_bounded_by_its_handles_and_not_by_its_bytes() {
        let mut names = full();
        assert!(names.iter().map(|(_, text)| text.len()).sum::<usize>() > 10 * MOST_TEXTS);
        let again = names.clone();
        names.absorb(&again);
        assert_eq!(names.len(), MOST_TEXTS, "what is there needs no new handle");
    }

    #[test]
    #[should_panic(expected = "one table has a handle for each text")]
    fn a_text_without_a_handle_is_refused() {
        full().intern("one more");
    }

    #[test]
    fn the_empty_text_is_a_text_and_none_is_not() {
        let mut names = Names::new();
        let empty = names.intern("");
        assert_eq!(names.get(Some(empty)), Some(""));
        assert_eq!(names.get(None), None);
        assert_eq!(size_of::<Option<NameId>>(), size_of::<NameId>());
    }

    /// Texts whose every second word made the product of their hash 0, whatever stood before it, as long as the number was known.
    #[test]
    fn texts_made_for_one_hash_do_not_collide() {
        const L: u64 = 0xD1B5_4A32_D192_ED03;
        let made = |at: u64| [at.to_le_bytes(), L.to_le_bytes(), at.to_le_bytes(), L.to_le_bytes()].concat();
        let hashes = |key: [u64; 2]| -> std::collections::BTreeSet<u64> {
            (0..1_000).map(|at| hash_by(&made(at), key)).collect()
        };
        assert_eq!(hashes([0x9E37_79B9_7F4A_7C15, L]).len(), 1, "they would, with a key that is known");
        assert_eq!(hashes(*run_key()).len(), 1_000);
        assert_eq!(hash(b"abc"), text_hash("abc"));
        assert_eq!(stable_text_hash("launchTime"), stable_text_hash("launchTime"));
    }

    #[test]
    fn absorb_maps_every_handle() {
        let mut left = Names::new();
        left.intern("a");
        left.intern("b");
        let mut right = Names::new();
        right.intern("b");
        right.intern("c");
        let map = left.absorb(&right);
        assert_eq!(map.iter().map(|&id| left.text(id)).collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!(left.len(), 3);
    }
}
