//! What many series tell of each other: the noise that one of them cannot know by itself, and the correction for asking so often.
//! Everything learned is a sum that merges in any order to the same bits.

pub(crate) mod exact_sum;
pub mod fdr;
pub mod local_fdr;
pub mod prior;
