//! Several series that should have moved together.

pub mod pooling;
