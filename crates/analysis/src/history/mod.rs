//! Documents of one app, merged into one history.

pub(crate) mod builder;
mod moves;
mod redact;
pub(crate) mod release_days;
mod release_order;
pub(crate) mod same_day;
pub(crate) mod signature_releases;
pub(crate) mod table;
mod unit_of_measure;
