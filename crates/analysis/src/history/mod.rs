//! Documents of one app, merged into one history.

pub(crate) mod builder;
mod moves;
pub(crate) mod release_days;
pub(crate) mod signature_releases;
pub(crate) mod table;
