//! For continuous integration: test cases, and remarks beside the source.

pub(crate) mod junit;
pub(crate) mod sarif;
