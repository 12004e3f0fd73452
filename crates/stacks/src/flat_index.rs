//! From a hash to a position in a column: linear probing in one flat table, so that an entry costs no allocation.
//!
//! The keys stay in the caller's columns; a slot holds a tag and a position. That is why this is not a map of std: a map
//! would hold each key a second time.

/// Positions by hash. The caller compares keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct FlatIndex {
    /// `(tag, position)`; [`FREE`] where there is none. The length is a power of two, at most half full.
    slots: Vec<(u32, u32)>,
    len: usize,
}

/// Stands for no position. It is not 0, so that a new table is written before it is read, as [`written`] columns are.
const FREE: u32 = u32::MAX;

impl FlatIndex {
    /// The position whose key has this hash and satisfies `is_key`; otherwise `None`, and `next` is now in the index.
    #[inline]
    pub(crate) fn find_or_insert(&mut self, hash: u64, next: u32, is_key: impl Fn(u32) -> bool) -> Option<u32> {
        if self.slots.len() < 2 * (self.len + 1) {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let tag = (hash >> 32) as u32;
        let mut slot = tag as usize & mask;
        loop {
            let (found_tag, occupant) = self.slots[slot];
            if occupant == FREE {
                break;
            }
            if found_tag == tag && is_key(occupant) {
                return Some(occupant);
            }
            slot = (slot + 1) & mask;
        }
        self.slots[slot] = (tag, next);
        self.len += 1;
        None
    }

    /// Tags are kept, so that growing asks nobody for a key.
    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(64);
        let old = std::mem::replace(&mut self.slots, vec![(0, FREE); size]);
        for (tag, occupant) in old {
            if occupant == FREE {
                continue;
            }
            let mut slot = tag as usize & (size - 1);
            while self.slots[slot].1 != FREE {
                slot = (slot + 1) & (size - 1);
            }
            self.slots[slot] = (tag, occupant);
        }
    }
}

/// A column of one value that is written and not only asked for. Fresh pages that are read before they are written are all one
/// page of zeros, and the first write to each interrupts the other processors; `vec![0; len]` to be added to is a column of such.
pub(super) fn written<T: Clone>(value: T, len: usize) -> Vec<T> {
    let mut column = Vec::with_capacity(len);
    // A compiler that sees a zero makes it `vec![0; len]` again.
    column.resize(len, std::hint::black_box(value));
    column
}

/// Folds a word into a hash: the two halves of a 128-bit product, as wyhash does. Not keyed: texts made to collide make the
/// search linear, and change no result.
#[inline]
pub(crate) fn fold(hash: u64, word: u64) -> u64 {
    const K: u64 = 0x9E37_79B9_7F4A_7C15; // 2^64 / golden ratio, odd
    let wide = u128::from(hash ^ K) * u128::from(word ^ 0xD1B5_4A32_D192_ED03);
    (wide as u64 ^ (wide >> 64) as u64).wrapping_add(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_keeps_its_position_while_the_table_grows() {
        let keys: Vec<u64> = (0..5_000).map(|i| fold(7, i)).collect();
        let mut index = FlatIndex::default();
        for (position, &key) in keys.iter().enumerate() {
            assert_eq!(index.find_or_insert(key, position as u32, |at| keys[at as usize] == key), None);
        }
        for (position, &key) in keys.iter().enumerate() {
            assert_eq!(index.find_or_insert(key, 9_999, |at| keys[at as usize] == key), Some(position as u32));
        }
    }

    #[test]
    fn equal_hashes_with_different_keys_live_side_by_side() {
        let mut index = FlatIndex::default();
        for position in 0..100 {
            assert_eq!(index.find_or_insert(42, position, |at| at == position), None);
        }
        assert_eq!(index.find_or_insert(42, 100, |at| at == 63), Some(63));
    }
}
