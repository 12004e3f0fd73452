//! The batch: which series, on which scale, under which noise, with which p-values, and what of it is selected.

pub(crate) mod app;
pub(crate) mod batch;
pub(crate) mod calibration;
pub(crate) mod context;
pub(crate) mod histories;
pub(crate) mod judging;
pub(crate) mod known;
pub(crate) mod levels;
pub(crate) mod metrics;
pub(crate) mod selection;
pub(crate) mod series_ref;
pub(crate) mod told;
pub(crate) mod units;
pub(crate) mod zeros;
