//! The door: whatever the way in which people keep downloads, the same apps, days and versions come out, or a question is asked.
//!
//! [`kinds`] is a table of kinds of layouts, files and habits × members of each, made here, with what is right. [`layouts`] is a property
//! over a grammar of layouts. Both go through the crates that a program of one's own would use: `ingest`, `analysis`, `report`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod archive;
mod kinds;
mod layouts;
