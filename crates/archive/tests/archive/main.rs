//! Archives that the tests build, through the public door.

mod budget;
mod containers;
mod listing;
mod losses;
mod mutations;
mod support;
