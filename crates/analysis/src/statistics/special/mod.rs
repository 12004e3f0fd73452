//! The few special functions the tests need, each checked against scipy 1.17.1 far into its tail.

pub mod gamma;
pub mod normal;
pub mod student_t;

pub use student_t::StudentT;
