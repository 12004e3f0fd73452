//! Tables for spreadsheets. Numbers are plain, texts are safe from being formulas.

pub(crate) mod audit;
pub(crate) mod compare;
pub(crate) mod findings;
pub(crate) mod inspect;
pub(crate) mod percentiles;
pub(crate) mod ranking;
mod series;
