//! Tables over the portfolio, where grouping and joining is the work.

pub(crate) mod comparison;
mod facet;
mod percentiles;

pub use facet::{Facet, Refusal};
pub use percentiles::*;
