//! Saved archives to one history per app: archive × parse × history.
//!
//! ```text
//! ReadPlan ──► Archive (paths, places) ──► documents ──► settle (whose?) ──► HistoryBuilder per app ──► Reading
//!                                     ▲
//! pack ──► store (tables, ledger) ────┘
//! ```
//!
//! Every document is opened, read and merged into its app, newest snapshot first. The unit of work is one app, so apps go side by
//! side. Where there are few of them, or their call stacks go into one table, documents are read side by side instead and merged
//! in order. Either way the result is the same. Here alone `parse` and `archive` meet. A store is what [`pack`] makes of an archive: its documents
//! come out of tables instead of files, and all that follows is the same.

mod app_reader;
mod body;
mod by_body;
mod gather;
mod in_order;
mod kept;
mod later;
mod newest;
mod plan;
mod pseudonyms;
mod reading;
mod redact;
mod run;
mod settle;
mod store;
mod watch;

pub use kept::{AppHistories, HistoriesOnDisk};
pub use perfpower_archive::{Held, Layout, Rules, Sources, other_thing, parse_bytes, paths_in_list};
pub use plan::{ReadPlan, StacksOf};
pub use pseudonyms::Pseudonyms;
pub use reading::{Reading, read_archive, read_archive_twice};
pub use redact::secret_of;
pub use store::{PackError, PackOptions, Packed, claims_before, is_store, pack, place_for_claims};
pub use watch::Watch;
