//! Several series that should have moved together.

pub mod joint;
pub mod pooling;
