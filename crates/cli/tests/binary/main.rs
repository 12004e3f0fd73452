//! The binary as a process: standard output, standard error and exit code, for every promise of the command line.
//!
//! Nothing here calls the library: what is tested is what a user, a script and a pipe get to see.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod alike;
mod apple;
mod apps;
mod archive_forms;
mod beside_event;
mod broken;
mod determinism;
mod ended;
mod exits;
mod explanations;
mod field;
mod goldens;
mod hostile;
mod hostile_names;
mod mcp;
mod memory;
mod mistakes;
mod newest_download;
mod news;
mod our_view;
mod output;
mod own_results;
mod properties;
mod redacted;
mod report_json;
mod same_words;
mod schemas;
mod store;
mod truth;
mod workdir;
mod zeros;
