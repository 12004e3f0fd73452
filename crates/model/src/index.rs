//! From a hash to a position in a column: what every interner here is made of.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

/// Positions by hash. The keys stay in the caller's columns, and the caller compares them: a map would hold each a second time.
///
/// Nothing is keyed here: what a file could choose goes into its hash together with the key of the run ([`crate::text_hash`]). Keys
/// that collide all the same make a search linear; they can neither crash nor change a result.
#[derive(Clone, Debug, Default)]
pub struct Index {
    slots: HashTable<Slot>,
}

/// Half of a hash, so that growing asks nobody for a key, and a position.
#[derive(Clone, Copy, Debug)]
struct Slot {
    tag: u32,
    position: u32,
}

impl Slot {
    /// The table takes the low bits of a hash for the place and the high ones to tell neighbours apart: the tag serves as both.
    #[inline]
    fn hash(self) -> u64 {
        u64::from(self.tag) << 32 | u64::from(self.tag)
    }
}

impl Index {
    /// The position whose key has this hash and satisfies `is_key`.
    #[inline]
    pub fn find(&self, hash: u64, is_key: impl Fn(u32) -> bool) -> Option<u32> {
        let wanted = Slot { tag: tag(hash), position: 0 };
        let found = self.slots.find(wanted.hash(), |slot| slot.tag == wanted.tag && is_key(slot.position));
        found.map(|slot| slot.position)
    }

    /// The same; otherwise `None`, and `next` is now in the index.
    #[inline]
    pub fn find_or_insert(&mut self, hash: u64, next: u32, is_key: impl Fn(u32) -> bool) -> Option<u32> {
        let new = Slot { tag: tag(hash), position: next };
        match self.slots.entry(new.hash(), |slot| slot.tag == new.tag && is_key(slot.position), |slot| slot.hash()) {
            Entry::Occupied(found) => Some(found.get().position),
            Entry::Vacant(free) => {
                free.insert(new);
                None
            }
        }
    }

    /// The position of a key in its column, to whose end it is put when it is new.
    #[inline]
    pub fn intern<K: PartialEq>(&mut self, column: &mut Vec<K>, hash: u64, key: K) -> u32 {
        let next = column.len() as u32;
        self.find_or_insert(hash, next, |position| column[position as usize] == key).unwrap_or_else(|| {
            column.push(key);
            next
        })
    }

    /// Bytes held.
    pub fn heap_bytes(&self) -> usize {
        self.slots.allocation_size()
    }
}

#[inline]
fn tag(hash: u64) -> u32 {
    (hash ^ hash >> 32) as u32
}

/// Folds a word into a hash: the two halves of a 128-bit product, as wyhash does. Not keyed.
#[inline]
pub fn fold(hash: u64, word: u64) -> u64 {
    const K: u64 = 0x9E37_79B9_7F4A_7C15; // 2^64 / golden ratio, odd
    let wide = u128::from(hash ^ K) * u128::from(word ^ 0xD1B5_4A32_D192_ED03);
    (wide as u64 ^ (wide >> 64) as u64).wrapping_add(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_keeps_its_position_while_the_index_grows() {
        let mut column: Vec<u64> = Vec::new();
        let mut index = Index::default();
        for key in 0..5_000 {
            assert_eq!(index.intern(&mut column, fold(7, key), key), key as u32);
        }
        for key in 0..5_000 {
            assert_eq!(index.intern(&mut column, fold(7, key), key), key as u32);
            assert_eq!(index.find(fold(7, key), |at| column[at as usize] == key), Some(key as u32));
        }
        assert_eq!((column.len(), index.find(fold(8, 0), |_| true)), (5_000, None));
        assert!(index.heap_bytes() >= 5_000 * size_of::<Slot>());
    }

    #[test]
    fn equal_hashes_with_different_keys_live_side_by_side() {
        let mut index = Index::default();
        for position in 0..100 {
            assert_eq!(index.find_or_insert(42, position, |at| at == position), None);
        }
        assert_eq!(index.find_or_insert(42, 100, |at| at == 63), Some(63));
    }
}
