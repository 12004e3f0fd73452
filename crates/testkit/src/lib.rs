//! What tests and benches share: fixtures, goldens, seeded random numbers, and builders of the bodies that App Store Connect
//! sends.
//!
//! A crate of its own, so that no generator is ever part of the product, and so that the product's parser is tested against
//! text that it had no hand in.
//!
//! ```
//! use perfpower_testkit::{Rng, body::MetricsBody, json::Style};
//!
//! assert_eq!(Rng::seeded(7).next_u64(), Rng::seeded(7).next_u64());
//! let empty = MetricsBody::new(Vec::new()).to_json(Style::Compact);
//! assert!(empty.contains("\"productData\":[]"));
//! ```

mod archive_file;
pub mod body;
pub mod bulk;
pub mod demo;
mod fixture;
pub mod joint_worlds;
pub mod json;
pub mod portfolio;
mod rng;
pub mod worlds;

pub use archive_file::{ArchiveFile, gunzip, gzip};
pub use fixture::{fixture, golden};
pub use rng::Rng;
