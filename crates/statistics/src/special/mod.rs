//! The few special functions the tests need, each checked against scipy 1.17.1 far into its tail.
//!
//! | function | whose | why |
//! |---|---|---|
//! | normal tail | libm `erfc` | right to the last digits down to 1e-300; statrs' `erfc` is off by 3e-11 at z = 1.96 |
//! | its inverse | statrs `erfc_inv`, then one step of our own | one step on libm's tail brings it to the last digits |
//! | chi-squared tail | statrs `gamma_ur` | right to 1e-12 at 1e-86 |
//! | digamma | statrs | right to 1e-13 |
//! | Student's t | own | statrs spends three log-gammas on each tail, and their difference loses digits at large df; ours pays them once per df |
//! | Owen's T | own | statrs has none |
//! | trigamma and its inverse | own | statrs has none |

pub mod gamma;
pub mod normal;
pub mod owens_t;
pub mod student_t;

pub use student_t::StudentT;
