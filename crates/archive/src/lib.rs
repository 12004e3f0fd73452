//! Paths → the bytes of documents, each with its app, its day, and the reason for both.
//!
//! This crate walks directories, opens what is packed and reads names. It knows no JSON and no statistics, and no clock
//! but the times of files.
//!
//! | what | how it is known | how it is read |
//! |---|---|---|
//! | gzip, of one member or many | `1f 8b` | whole, by libdeflate; its claim of size is not believed |
//! | zstd, of one frame or many | `28 b5 2f fd` | as a stream, into the buffer |
//! | zip | `PK` | its directory once, its members at random |
//! | tar | the sum of its first header | its headers once, its members at random |
//! | tar in gzip or zstd | by looking inside | unpacked once into an unnamed temporary file |
//!
//! A member of a zip or tar may be packed again (`x.json.gz`), and may be a zip or tar itself. All that comes out of one file
//! comes out of one budget: see [`Limits`]. Of members of one name the last one holds, as for whoever unpacks; links are
//! followed within their container. What a container holds and cannot be read is told, one member after the other.
//!
//! # Which files are documents
//!
//! A file given by its own path always is one. Below a directory and in a container: files that end in `json`, `jsonl`, `ndjson`, `har`,
//! `http`, `txt`, `xcmetricsdata` or a known packing, those set aside (`x.json.1`, `x.json.bak`, `x.json~`), files without an ending, and
//! of all others those that start as a body does. What no one saved (`.git`, `.DS_Store`, `__MACOSX`) is [counted](Archive::ignored), and
//! so is `perfpower.toml`; everything else is [listed by name](Archive::skipped), with the reason. A file that is reached twice, by two arguments or by a symbolic link, is read once.
//! Symbolic links are followed within what was given, and elsewhere only if [asked for](Sources::follow_links).
//!
//! # Whose document it is
//!
//! It is decided for all documents together, since one path alone does not tell which of its words is the app. Evidence has
//! [ranks](Rank), and what is stronger holds wherever it stands in a path, in directories and in file names:
//!
//! 1. `--app`, the [`Layout`], a name that `perfpower.toml` knows;
//! 2. the body, which is not read here;
//! 3. a bundle id, also within a name: `metrics-com.foo.bar-2026-01-02.json`;
//! 4. an Apple id, nine or ten digits: `perf_power_metrics_1482920013.json`, after `apps/`, in `app_id=…`. A number that can be
//!    a time of download, or a day and a counter, is none, nor is what stands behind `run`, `build` and the like;
//! 5. a plain word. Never a date, kind, UUID, build, version, run, host, schedule, environment or region, and a team only where
//!    there is nothing else. `app=…` and `apps/…` say that a word is an app;
//! 6. where nothing is left, the place: the one app that the nearest folder has names of, and asked about where it has several; else
//!    one app for all such documents, by the name of what was given or is above it.
//!
//! Of several names of one rank, those that all documents have tell nothing where there is another (of ids: where
//! each document has another). Of the rest the innermost holds; of Apple ids the outermost, since builds and runs lie further in; of words those of directories before
//! those of files. Where another choice among words would put other documents together, that is a question, told as a problem with its
//! cure. A bundle id and an Apple id that go together in a path, each with no other, are one app.
//!
//! What was given counts as a part of the archive. Of several arguments the archive starts where they part, so that it does not
//! matter whether a directory is given or what lies in it. What is above counts only where nothing in the archive does.
//!
//! # Which day
//!
//! `--snapshot`, the [`Layout`], else the best date of the path: a day before a week, a week before a month, the innermost of
//! several (the file's name is), and the number of a build only for want of another. Days are understood as `2026-11-23`,
//! `2026.11.23`, `20261123`, `23 Nov 2026`, `2026-W48-1`, `2026-327`, RFC 3339 times, seconds and milliseconds since 1970,
//! `dt=2026-11-23`, and over directories: `2026/11/23`, `2026-11/23`, `year=2026/month=11/day=23`, `2026/W48`. A week stands for
//! its Monday, a month for its first day. `02-11-2026` is a day where other dates of the archive that are written like it show
//! the order; else it is asked for. Without a date it is the day, in UTC, that the file was last written.
//!
//! ```
//! use perfpower_archive::{Archive, Held, Rules, Sources};
//! use perfpower_model::Day;
//!
//! let held = Held { name: "-".into(), bytes: b"{}".to_vec(), day: Day::from_days(20_780) };
//! let archive = Archive::open(&Sources { held: vec![held], ..Sources::default() }, &Rules::default());
//! let mut buffer = Vec::new();
//! for (app, entries) in archive.by_app() {
//!     assert_eq!(app, "stdin");
//!     entries[0].read(&mut buffer).unwrap();
//!     assert_eq!(buffer, b"{}");
//! }
//! ```

mod archive;
mod candidates;
mod containers;
mod dates;
mod decide;
mod entry;
mod faults;
mod identity;
mod inflate;
mod layout;
mod limits;
mod listing;
mod magic;
mod moment;
mod names;
mod reading;
mod route;
mod sources;
mod unread;
mod walk;
mod when;
mod whose;
mod window;
mod words;

pub use archive::{Archive, Skipped};
pub use candidates::{STORE_LEDGER, STORE_LOCK, other_thing};
pub use entry::Entry;
pub use identity::{Identity, Place, Rank, Reason, RuledOut, Rules, Step, WhyNot};
pub use layout::{Layout, LayoutError};
pub use limits::{Limits, parse_bytes};
pub use listing::Listing;
pub use moment::Moment;
pub use sources::{Held, Sources, paths_in_list};
pub use unread::Unread;
