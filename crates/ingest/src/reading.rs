//! An archive, read and merged.

use crate::gather::gather;
use crate::in_order::read_app;
use crate::kept::{AppHistories, Keeper};
use crate::plan::ReadPlan;
use crate::run::Run;
use crate::settle::{Settled, read_settled};
use crate::store::Stores;
use crate::watch::Watch;
use perfpower_analysis::gate::Coverage;
use perfpower_analysis::{AppHistory, RevisionDetail};
use perfpower_archive::Archive;
use perfpower_model::{ArchiveFacts, DriftRow, InputFacts, InputProblem};
use perfpower_stacks::StackTable;
use rayon::prelude::*;

/// An archive, read and merged.
#[derive(Debug, Default)]
pub struct Reading {
    /// One per app, sorted by key; apps without a value included.
    pub histories: AppHistories,
    /// Whether any app has a value.
    pub has_values: bool,
    /// The call stacks of all apps, in their order; empty for [`StacksOf::EachApp`](crate::StacksOf::EachApp).
    pub stacks: StackTable,
    /// What the newest downloads gave, for the gate.
    pub coverage: Coverage,
    /// Sizes.
    pub facts: ArchiveFacts,
    /// What could not be read, in the order of reports.
    pub problems: Vec<InputProblem>,
    /// Each input, sorted by app, day and path; empty unless asked for.
    pub inputs: Vec<InputFacts>,
    /// Fields that only one side has; empty unless asked for.
    pub drift: Vec<DriftRow>,
    /// Documents of which nothing could be read.
    pub lost: u64,
    /// Apps that were read in search of the one asked for.
    pub passed_over: Vec<String>,
}

/// Reads a whole archive. Faults of inputs stand in the result; there is no other failure.
pub fn read_archive(plan: &ReadPlan, watch: &dyn Watch) -> Reading {
    let (stores, listing) = Stores::list(&plan.sources);
    let archive = Archive::of(listing, &plan.rules);
    let keeper = Keeper::new(plan.memory);
    let run = Run { plan, watch, stores: &stores, keeper: &keeper };
    let Settled { read, passed_over, elsewhere, .. } = read_settled(&archive, run);
    Reading { passed_over, ..gather(&archive, read, &elsewhere, plan, keeper) }
}

/// Reads an archive and gives it to `judge`; then forgets the histories and reads them again with every revision, a few apps
/// at a time and in order, for `each`. So all of an archive can be written while memory holds its distinct points once, and
/// revisions only of the apps at hand.
pub fn read_archive_twice<T, E>(
    plan: &ReadPlan,
    watch: &dyn Watch,
    judge: impl FnOnce(&mut Reading) -> Result<T, E>,
    mut each: impl FnMut(&mut AppHistory, &mut T) -> Result<(), E>,
) -> Result<(Reading, T), E> {
    let (stores, listing) = Stores::list(&plan.sources);
    let archive = Archive::of(listing, &plan.rules);
    let keeper = Keeper::new(plan.memory);
    let run = Run { plan, watch, stores: &stores, keeper: &keeper };
    let Settled { tasks, read, passed_over, elsewhere } = read_settled(&archive, run);
    let mut reading = Reading { passed_over, ..gather(&archive, read, &elsewhere, plan, keeper) };
    let mut judged = judge(&mut reading)?;
    reading.histories = AppHistories::default();
    let plan = &ReadPlan { revisions: RevisionDetail::Keep, describe_inputs: false, drift: false, ..plan.clone() };
    let run = Run { plan, watch, stores: &stores, keeper: &Keeper::default() };
    watch.starts("writing", archive.entries.len(), archive.size());
    let tasks: Vec<_> = tasks.iter().collect();
    for apps in tasks.chunks(2 * rayon::current_num_threads()) {
        let mut histories: Vec<AppHistory> =
            apps.par_iter().map(|(app, list)| read_app(app, list, run).history.into_memory()).collect();
        for history in &mut histories {
            each(history, &mut judged)?;
        }
    }
    watch.ends();
    Ok((reading, judged))
}
