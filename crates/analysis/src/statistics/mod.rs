//! The judgement of one series: from values and margins over versions to steps, drift, level and the verdict on the latest.
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
//! use perfpower_analysis::statistics::{CriticalValues, Model, Parameters, Prior, SeriesInput, Workspace, judge};
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
//! # Ok::<(), perfpower_analysis::statistics::Unusable>(())
//! ```

mod apple;
mod change;
mod cost;
mod critical;
mod effect;
mod exact_sum;
mod explanation;
pub mod fdr;
mod first_pass;
pub mod goals;
mod input;
mod judgement;
mod latest;
mod line;
mod location;
pub mod mixture;
mod noise;
mod null_law;
mod parameters;
pub mod percentiles;
pub mod pooling;
pub mod prior;
mod rank_trend;
mod scale;
mod scan;
mod screening;
mod segmentation;
mod shape;
pub mod special;
mod splits;
mod step;
mod tails;
#[cfg(test)]
mod tests;
mod trend;
mod workspace;

pub use apple::{APPLE_WINDOW, AppleParity, HIGH_IMPACT_PERCENT, apple_parity};
pub use change::{Change, Interval, Verdict, percent};
pub use critical::CriticalValues;
pub use effect::{CutEffect, effect};
pub use explanation::{ExplainedPoint, Explanation, explain, location};
pub use first_pass::{FirstPass, Turns, first_pass};
pub use input::{MAX_POINTS, SeriesInput, Unusable};
pub use judgement::{Level, SeriesJudgement, judge, judge_read};
pub use latest::Latest;
pub use location::{CORRELATION_OF_DEVICES, CORRELATION_OF_PERCENTILES, JointLocation, locate_joint};
pub use noise::{Noise, Scatter};
pub use null_law::{NullLaw, StepLaw, null_law, step_law};
pub use parameters::{Basis, PARAMETERS, Parameter, ParameterOutOfRange, Parameters, Prior};
pub use rank_trend::{MannKendall, TheilSen, mann_kendall, theil_sen};
pub use scale::{Origin, Scale, common_percent};
pub use scan::Scan;
pub use screening::{ScreenedLatest, Screening, screen};
pub use shape::Model;
pub use step::{Candidate, Step, StepState};
pub use tails::Loners;
pub use trend::Trend;
pub use workspace::Workspace;

/// Fails unless two numbers agree to `relative` of the expected one; around 0 to that much absolutely.
#[cfg(test)]
#[track_caller]
fn close(found: f64, expected: f64, relative: f64) {
    let scale = if expected.abs() < f64::MIN_POSITIVE { 1.0 } else { expected.abs() };
    assert!((found - expected).abs() <= relative * scale, "found {found:e}, expected {expected:e}");
}
