//! What every step of a reading is given.

use crate::kept::Keeper;
use crate::plan::ReadPlan;
use crate::store::Stores;
use crate::watch::Watch;

/// How to read, whom to tell, and what was packed before.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    pub(crate) plan: &'a ReadPlan,
    pub(crate) watch: &'a dyn Watch,
    pub(crate) stores: &'a Stores,
    pub(crate) keeper: &'a Keeper,
}
