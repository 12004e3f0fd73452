//! Apple's insights: recomputed, and beside what we say.

pub(crate) mod audit;
pub(crate) mod view;
