//! Which app each document goes to: by its place first, then by what its body says.

use crate::by_body::{Move, doubts, joined_ids, moves, told};
use crate::in_order::{Read, read_apps};
use crate::later::newest_first;
use crate::plan::{ReadPlan, StacksOf};
use crate::watch::Watch;
use perfpower_archive::{Archive, Entry};
use std::collections::{BTreeMap, BTreeSet};

/// Documents by app, in the order in which they are merged.
pub(crate) type Tasks<'a> = BTreeMap<String, Vec<Task<'a>>>;

/// The documents in the apps that paths and bodies put them into.
pub(crate) struct Settled<'a> {
    pub(crate) tasks: Tasks<'a>,
    pub(crate) read: Read,
    pub(crate) passed_over: Vec<String>,
}

/// Reads every app, and those apps again whose documents say to be of another one.
pub(crate) fn read_settled<'a>(archive: &'a Archive, plan: &ReadPlan, watch: &dyn Watch) -> Settled<'a> {
    watch.starts("reading", archive.entries.len(), archive.size());
    let by_path = archive.by_app();
    let is_wanted = |app: &str| plan.apps.is_empty() || plan.apps.iter().any(|wanted| wanted == app);
    let is_named = plan.apps.iter().all(|wanted| by_path.iter().any(|(app, _)| app == wanted));
    let mut tasks: Tasks<'_> = by_path
        .into_iter()
        .filter(|(app, _)| !is_named || is_wanted(app))
        .map(|(app, mut entries)| {
            entries.sort_by(|one, other| newest_first(one, other));
            (app.to_owned(), entries.into_iter().map(Task::inferred).collect())
        })
        .collect();
    let mut read = read_apps(&tasks, plan, watch);
    let joined = joined_ids(&read.apps);
    let moved = moves(&read.apps, &tasks, &joined);
    let mut told = told(&moved, &tasks, &joined);
    let touched = move_tasks(&mut tasks, &moved);
    // Another id of an app means the app, too.
    let wanted_keys: BTreeSet<String> = read
        .apps
        .iter()
        .filter(|app| {
            let says =
                |wanted: &String| app.body_ids.iter().any(|(_, ids)| ids.is(wanted)) && !tasks.contains_key(wanted);
            plan.apps.iter().any(says)
        })
        .map(|app| app.history.app.clone())
        .collect();
    let is_wanted = |app: &str| is_wanted(app) || wanted_keys.contains(app);
    let passed_over: Vec<String> = tasks.keys().filter(|app| !is_wanted(app)).cloned().collect();
    tasks.retain(|app, _| is_wanted(app));
    if plan.stacks == StacksOf::AllApps && !(touched.is_empty() && passed_over.is_empty()) {
        // What went into one table under another name cannot be taken out again.
        read = read_apps(&tasks, plan, watch);
    } else {
        let again: Tasks<'_> = tasks
            .iter()
            .filter(|(app, _)| touched.contains(*app))
            .map(|(app, list)| (app.clone(), list.clone()))
            .collect();
        read.apps.retain(|app| is_wanted(&app.history.app) && !touched.contains(&app.history.app));
        read.apps.extend(read_apps(&again, plan, watch).apps);
        read.apps.sort_by(|a, b| a.history.app.cmp(&b.history.app));
    }
    told.extend(doubts(&read.apps, &tasks));
    read.problems = told;
    watch.ends();
    Settled { tasks, read, passed_over }
}

/// Moves documents to the apps that their bodies name, and gives the apps that lost or won any.
fn move_tasks(tasks: &mut Tasks<'_>, moved: &[Move]) -> BTreeSet<String> {
    let mut touched = BTreeSet::new();
    let mut gone: BTreeMap<&String, BTreeSet<usize>> = BTreeMap::new();
    for Move { from, task: index, to } in moved {
        touched.extend([from.clone(), to.clone()]);
        gone.entry(from).or_default().insert(*index);
        let task = tasks[from][*index];
        tasks.entry(to.clone()).or_default().push(Task { by_body: true, ..task });
    }
    for (from, indices) in gone {
        if let Some(list) = tasks.get_mut(from) {
            let mut index = 0..;
            list.retain(|_| index.next().is_none_or(|index| !indices.contains(&index)));
        }
    }
    tasks.retain(|_, list| !list.is_empty());
    for app in &touched {
        if let Some(list) = tasks.get_mut(app) {
            list.sort_by(|one, other| newest_first(one.entry, other.entry));
        }
    }
    touched
}

/// One document to read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task<'a> {
    pub(crate) entry: &'a Entry,
    /// Its body, not its place, said whose it is.
    pub(crate) by_body: bool,
}

impl<'a> Task<'a> {
    fn inferred(entry: &'a Entry) -> Self {
        Self { entry, by_body: false }
    }
}
