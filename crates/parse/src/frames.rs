//! One handle per distinct frame.

use perfpower_model::{Frame, FrameId};

/// A flat index with linear probing over the frames of a call tree, which it does not own.
#[derive(Default)]
pub(crate) struct FrameTable {
    /// `id + 1`, or 0 where free. The length is a power of two, at most half full.
    slots: Vec<u32>,
    hashes: Vec<u32>,
}

impl FrameTable {
    /// The handle of a frame, which is added to `frames` when it is new.
    #[inline]
    pub(crate) fn intern(&mut self, frames: &mut Vec<Frame>, frame: Frame) -> FrameId {
        if frames.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let hash = hash(&frame);
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            match self.slots[slot] {
                0 => break,
                occupant => {
                    let id = occupant - 1;
                    if self.hashes[id as usize] == hash && frames[id as usize] == frame {
                        return id;
                    }
                }
            }
            slot = (slot + 1) & mask;
        }
        frames.push(frame);
        self.hashes.push(hash);
        self.slots[slot] = frames.len() as u32;
        frames.len() as u32 - 1
    }

    #[cold]
    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(64);
        self.slots.clear();
        self.slots.resize(size, 0);
        for (index, &hash) in self.hashes.iter().enumerate() {
            let mut slot = hash as usize & (size - 1);
            while self.slots[slot] != 0 {
                slot = (slot + 1) & (size - 1);
            }
            self.slots[slot] = index as u32 + 1;
        }
    }
}

/// Multiplies and folds the fields two by two. Handles are small and dense, so they need mixing and no more; like that of
/// `Names`, it is not keyed, and a file made to collide slows only itself down.
#[inline]
fn hash(frame: &Frame) -> u32 {
    const K: u64 = 0x9E37_79B9_7F4A_7C15; // 2^64 / golden ratio, odd
    let pair = |a: usize, b: usize| (a as u64) << 32 | (b as u64 & 0xFFFF_FFFF);
    let words = [
        pair(frame.symbol.index(), frame.binary.index()),
        pair(frame.file.index(), frame.line as usize),
        pair(frame.binary_uuid.index(), frame.advice_category.index()),
        frame.text_offset << 1 | u64::from(frame.is_blame),
    ];
    let state = words.iter().fold(K, |state, word| {
        let wide = u128::from(state ^ word) * u128::from(K);
        wide as u64 ^ (wide >> 64) as u64
    });
    (state ^ state >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use perfpower_model::NameId;

    #[test]
    fn equal_frames_share_a_handle_and_all_others_do_not() {
        let mut table = FrameTable::default();
        let mut frames = Vec::new();
        let frame = |i: u32| Frame {
            symbol: NameId::from_index(i as usize % 100),
            binary: NameId::NONE,
            binary_uuid: NameId::NONE,
            file: NameId::NONE,
            line: i / 100,
            text_offset: 0,
            advice_category: NameId::NONE,
            is_blame: false,
        };
        let ids: Vec<_> = (0..5_000).map(|i| table.intern(&mut frames, frame(i))).collect();
        assert_eq!(ids, (0..5_000).collect::<Vec<_>>());
        for i in 0..5_000 {
            assert_eq!(table.intern(&mut frames, frame(i)), i);
        }
        assert_eq!(frames.len(), 5_000);
    }
}
