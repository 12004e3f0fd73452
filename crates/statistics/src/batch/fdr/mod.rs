//! Turns the p-values of a whole batch into the few claims that may be made.
//!
//! A unit is one app × metric; its members are series (devices × percentiles). The unit's p is [`simes`] over its
//! members, [`Correction::cutoff`] selects units, and [`Correction::members`] looks inside the selected ones at a level that
//! pays for the selection (Benjamini and Bogomolov 2014). Intervals of selected claims pay the same price
//! ([`Cutoff::interval_level`], Benjamini and Yekutieli 2005).
//!
//! How the correction is made is a [`Method`]: one file each. A cut-off needs the p-values in order and nothing else, so those of
//! shards merge as sorted lists do, exactly.
//!
//! ```
//! use perfpower_statistics::fdr::{BenjaminiHochberg, Correction, PValue};
//!
//! let correction = Correction::new(0.05, &BenjaminiHochberg);
//! let p = [0.001, 0.012, 0.03, 0.6, 0.9].map(PValue::new);
//! let cutoff = correction.cutoff(&p);
//! assert_eq!(cutoff.rejected(), 3);
//! assert!(cutoff.rejects(p[2]) && !cutoff.rejects(p[3]));
//! ```

mod benjamini_hochberg;
mod benjamini_yekutieli;
mod correction;
mod method;
mod p_value;
mod uncorrected;

pub use benjamini_hochberg::BenjaminiHochberg;
pub use benjamini_yekutieli::BenjaminiYekutieli;
pub use correction::{Correction, Cutoff};
pub use method::Method;
pub use p_value::{PValue, simes};
pub use uncorrected::Uncorrected;
