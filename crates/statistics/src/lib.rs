//! Numbers to numbers: the statistics of perfpower. This crate knows no app, no device, no file and no JSON: a series is a slice of
//! values, a unit a choice of series, a batch what many of them have in common.
//!
//! | folder | holds |
//! |---|---|
//! | `series` | one series over versions: scan, steps, drift, level, the verdict on the latest |
//! | `unit` | several series that should have moved together: one verdict from all of them, the pooled change of many devices |
//! | `batch` | what many series tell of each other: priors of the noise, the correction for asking so often, the odds of a claim |
//! | `percentiles` | what may be said of percentiles of users, over devices and over a portfolio |
//! | `special` | the special functions that the tests need |
//!
//! The judgement of one series goes from values and margins over versions to steps, drift, level and the verdict on the latest.
//!
//! Values are compared as logarithms, a change being a ratio. The model is a level that now and then steps, under noise that
//! is sampling (Apple's margin) plus what differs from version to version, times how much this series scatters. A series of
//! five points cannot know its own noise, so it borrows from the batch ([`Prior`]).
//!
//! ```text
//! SeriesInput ──► first_pass ──► Prior per stratum
//!      └────────► judge(prior) ► SeriesJudgement { model, scan, trend, steps, level, latest, p }
//! ```
//!
//! No random numbers, no iteration whose end depends on luck, no allocation for a series without steps. Nothing here formats
//! text, and nothing panics on odd input: a series that has no logarithm is [`Unusable`], with the reason.
//!
//! ```
//! use perfpower_statistics::{CriticalValues, Model, Parameters, Prior, SeriesInput, Workspace, judge};
//!
//! // Apple's documented sample: launch time of versions 1.0, 1.1, 1.2, 1.3 and 2.0.
//! let series = SeriesInput {
//!     values: &[768.7, 750.0, 992.3, 1118.9, 997.8],
//!     margins: &[f64::NAN; 5],
//!     offset: 0.0,
//!     lower_is_better: true,
//! };
//! let critical = CriticalValues::new(Parameters::default());
//! let judgement = judge(&series, &Prior::default(), &critical, &mut Workspace::default())?;
//! assert_eq!(judgement.model, Model::Steps);
//! assert_eq!(judgement.steps[0].index, 2); // it stepped in 1.2, not in 2.0
//! assert_eq!(judgement.steps[0].change.percent().round(), 36.0);
//! # Ok::<(), perfpower_statistics::Unusable>(())
//! ```

mod apple;
pub mod batch;
mod parameters;
pub mod percentiles;
mod series;
pub mod special;
#[cfg(test)]
mod tests;
pub mod unit;

pub use apple::{APPLE_WINDOW, AppleParity, HIGH_IMPACT_PERCENT, apple_parity};
pub use batch::{fdr, prior};
pub use parameters::{Basis, PARAMETERS, Parameter, ParameterOutOfRange, Parameters, Prior};
pub use percentiles::mixture;
pub use series::*;
pub use unit::pooling;

/// Fails unless two numbers agree to `relative` of the expected one; around 0 to that much absolutely.
#[cfg(test)]
#[track_caller]
fn close(found: f64, expected: f64, relative: f64) {
    let scale = if expected.abs() < f64::MIN_POSITIVE { 1.0 } else { expected.abs() };
    assert!((found - expected).abs() <= relative * scale, "found {found:e}, expected {expected:e}");
}
