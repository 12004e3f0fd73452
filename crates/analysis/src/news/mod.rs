//! What is new against an earlier report: each finding is new, known, changed or gone, and what is gone has a reason.
//!
//! `earlier` is what the earlier report claimed. Its claims also weigh in the selection ([`crate::Judged::since`]): one that was made is
//! withdrawn at a weaker level than the one at which it is made, so that it does not come and go from night to night.

mod comparing;
mod earlier;

pub use comparing::{Difference, Gone, News, NotMeasured, Standing, WhyGone};
pub(crate) use comparing::{Measured, compared};
pub use earlier::{Earlier, EarlierClaim};
