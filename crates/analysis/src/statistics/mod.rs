//! How a verdict is reached: from one series' noise to the claims of a whole batch.

pub mod fdr;
