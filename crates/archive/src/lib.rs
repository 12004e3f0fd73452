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
//! A file given by its own path always is one. Below a directory and in a container: files that end in `json`, `txt`,
//! `xcmetricsdata`, or a known packing, and files without an ending. Hidden files and directories (`.git`, `.DS_Store`,
//! `__MACOSX`), `README*`, `*.md` and `perfpower.toml` are [counted](Archive::ignored); everything else is
//! [listed by name](Archive::skipped). A file that is reached twice, by two arguments or by a symbolic link, is read once.
//! Symbolic links are followed within what was given, and elsewhere only if [asked for](Sources::follow_links).
//!
//! # Whose document it is
//!
//! `--app`, the [`Layout`], else by inference, the first of:
//!
//! 1. the innermost directory below what was given that is neither a date nor a kind word (`xcodeMetrics`, `logs`,
//!    `builds`, `page-2`, `all_iphones` …) nor one letter nor weak (a number, a version, a platform, a metric category);
//! 2. the innermost directory that holds a date and a name (`com.foo-2026-01-02`);
//! 3. what was given, if it is written like a bundle id: numbers below it are builds;
//! 4. the outermost weak directory that is not right below `builds`, or the name of a container;
//! 5. the file's name without dates and kind words, if a name remains (`com.foo-2026-01-02-metrics.json`);
//! 6. the innermost directory of one letter: above better names such are shards;
//! 7. the directory or container that was given, else one of the three above it;
//! 8. the file's name as it is.
//!
//! For a file given by its own path only 5, 7 and 8 apply.
//!
//! # Which day
//!
//! `--snapshot`, the [`Layout`], else the last date in the innermost name that holds one (`2026-11-23`, `20261123`,
//! RFC 3339), file first; what was given counts, and of the steps above it those that are a date and nothing else.
//! Else the day, in UTC, that the file was last written.
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
mod entry;
mod faults;
mod identity;
mod inflate;
mod layout;
mod limits;
mod magic;
mod moment;
mod names;
mod sources;
mod walk;
mod window;
mod words;

pub use archive::Archive;
pub use entry::Entry;
pub use identity::{Identity, Reason, Rules};
pub use layout::{Layout, LayoutError};
pub use limits::Limits;
pub use moment::Moment;
pub use sources::{Held, Sources, paths_in_list};
