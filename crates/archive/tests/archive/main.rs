//! Archives that the tests build, through the public door.

mod containers;
mod listing;
mod losses;
mod support;
