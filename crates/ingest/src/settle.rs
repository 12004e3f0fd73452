//! Which app each document goes to: by its place first, then by what its body says.

use crate::app_reader::AppReading;
use crate::by_body::{Move, Why, doubts, joined_ids, moves, told};
use crate::in_order::{Read, read_apps};
use crate::later::newest_first;
use crate::plan::StacksOf;
use crate::run::Run;
use perfpower_archive::{Archive, Entry, Identity, Unread};
use perfpower_model::{Day, version};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Documents by app, in the order in which they are merged.
pub(crate) type Tasks<'a> = BTreeMap<String, Vec<Task<'a>>>;

/// The documents in the apps that paths and bodies put them into.
pub(crate) struct Settled<'a> {
    pub(crate) tasks: Tasks<'a>,
    pub(crate) read: Read,
    pub(crate) passed_over: Vec<String>,
    /// What the gate must know of what went elsewhere.
    pub(crate) elsewhere: Elsewhere,
}

/// What lay in the place of one app and is of another.
#[derive(Debug, Default)]
pub(crate) struct Elsewhere {
    /// Keys of places all of whose documents went to one other app, with its key.
    pub(crate) renamed: BTreeMap<String, String>,
    /// Files with values that were taken for another app than that of their place.
    pub(crate) values: Vec<Unread>,
}

/// Reads every app, and those apps again whose documents say to be of another one.
pub(crate) fn read_settled<'a>(archive: &'a Archive, run: Run<'_>) -> Settled<'a> {
    let Run { plan, watch, .. } = run;
    watch.starts("reading", archive.entries.len(), archive.size());
    let by_path = archive.by_app();
    let is_wanted = |app: &str| plan.apps.is_empty() || plan.apps.iter().any(|wanted| wanted == app);
    let is_named = plan.apps.iter().all(|wanted| by_path.iter().any(|(app, _)| app == wanted));
    let mut tasks: Tasks<'_> = by_path
        .into_iter()
        .filter(|(app, _)| !is_named || is_wanted(app))
        .map(|(app, entries)| {
            let mut list: Vec<Task<'_>> = entries.into_iter().map(Task::inferred).collect();
            list.sort_by(newest_first);
            (app.to_owned(), list)
        })
        .collect();
    let mut read = read_apps(&tasks, run);
    let joined = joined_ids(&read.apps);
    let moved = moves(&read.apps, &tasks, &joined, &plan.rules);
    let mut told = told(&moved, &tasks);
    note_latest(&mut tasks, &read.apps);
    let values = moved.iter().filter(|moved| moved.has_values).map(|moved| left(moved, &tasks)).collect();
    let mut touched = note_days(&mut tasks, &read.apps);
    touched.extend(move_tasks(&mut tasks, &moved));
    touched.extend(sort_again(&mut tasks));
    let elsewhere = Elsewhere { renamed: renamed(&moved, &tasks), values };
    // Another id of an app means the app, too.
    let wanted_keys: BTreeSet<String> = read
        .apps
        .iter()
        .filter(|app| {
            let says =
                |wanted: &String| app.body_ids.iter().any(|(_, ids)| ids.is(wanted)) && !tasks.contains_key(wanted);
            plan.apps.iter().any(says)
        })
        .map(|app| app.history.app().to_owned())
        .collect();
    let is_wanted = |app: &str| is_wanted(app) || wanted_keys.contains(app);
    let passed_over: Vec<String> = tasks.keys().filter(|app| !is_wanted(app)).cloned().collect();
    tasks.retain(|app, _| is_wanted(app));
    if plan.stacks == StacksOf::AllApps && !(touched.is_empty() && passed_over.is_empty()) {
        // What went into one table under another name cannot be taken out again.
        read = read_apps(&tasks, run);
    } else {
        let again: Tasks<'_> = tasks
            .iter()
            .filter(|(app, _)| touched.contains(*app))
            .map(|(app, list)| (app.clone(), list.clone()))
            .collect();
        read.apps.retain(|app| is_wanted(app.history.app()) && !touched.contains(app.history.app()));
        read.apps.extend(read_apps(&again, run).apps);
        read.apps.sort_by(|a, b| a.history.app().cmp(b.history.app()));
    }
    told.extend(doubts(&read.apps, &tasks));
    read.problems = told;
    watch.ends();
    Settled { tasks, read, passed_over, elsewhere }
}

/// Moves documents to the apps that their bodies name, and gives the apps that lost or won any.
fn move_tasks(tasks: &mut Tasks<'_>, moved: &[Move]) -> BTreeSet<String> {
    let mut touched = BTreeSet::new();
    let mut gone: BTreeMap<(&String, usize), Vec<&Share>> = BTreeMap::new();
    for Move { from, task: index, share, to, why, .. } in moved {
        touched.extend([from.clone(), to.clone()]);
        gone.entry((from, *index)).or_default().push(share);
        let task = Task { moved: Some(*why), share: share.clone(), ..tasks[from][*index].clone() };
        tasks.entry(to.clone()).or_default().push(task);
    }
    // From the back, so that positions before stay what they are.
    for ((from, index), shares) in gone.into_iter().rev() {
        let Some(list) = tasks.get_mut(from) else { continue };
        match Share::without(&shares) {
            Some(share) => list[index].share = share,
            None => drop(list.remove(index)),
        }
    }
    tasks.retain(|_, list| !list.is_empty());
    for app in &touched {
        if let Some(list) = tasks.get_mut(app) {
            list.sort_by(newest_first);
        }
    }
    touched
}

/// Notes the latest version of each file whose day is that of another one of its app.
fn note_latest(tasks: &mut Tasks<'_>, apps: &[AppReading]) {
    for app in apps {
        let Some(list) = tasks.get_mut(app.history.app()) else { continue };
        for (task, latest) in &app.latest_of {
            let known = &mut list[*task].latest;
            if known.as_ref().is_none_or(|known| version::compare(known, latest).is_lt()) {
                *known = Some(Arc::clone(latest));
            }
        }
    }
}

/// Notes the days that bodies tell and that are after the day of their place: they must be read again, in their turn.
fn note_days(tasks: &mut Tasks<'_>, apps: &[AppReading]) -> BTreeSet<String> {
    let mut touched = BTreeSet::new();
    for app in apps.iter().filter(|app| !app.later_days.is_empty()) {
        let Some(list) = tasks.get_mut(app.history.app()) else { continue };
        for (task, day) in &app.later_days {
            list[*task].day = list[*task].day.max(Some(*day));
        }
        touched.insert(app.history.app().to_owned());
    }
    touched
}

/// Sorts by what is known now, and gives the apps whose documents have another order than they were read in.
fn sort_again(tasks: &mut Tasks<'_>) -> BTreeSet<String> {
    let mut touched = BTreeSet::new();
    for (app, list) in tasks {
        if !list.is_sorted_by(|one, other| newest_first(one, other).is_le()) {
            list.sort_by(newest_first);
            touched.insert(app.clone());
        }
    }
    touched
}

/// A file as the app of its place sees it, where it has gone elsewhere.
fn left(moved: &Move, tasks: &Tasks<'_>) -> Unread {
    let Task { entry, .. } = &tasks[&moved.from][moved.task];
    Unread {
        path: entry.path.clone(),
        app: Identity { value: moved.from.as_str().into(), ..entry.app.clone() },
        snapshot: entry.snapshot.clone(),
        why: format!("it is of {}, by what its body says", moved.to),
    }
}

/// Keys that no document has any more, because all of them went to one app.
fn renamed(moved: &[Move], tasks: &Tasks<'_>) -> BTreeMap<String, String> {
    let mut targets: BTreeMap<&String, BTreeSet<&String>> = BTreeMap::new();
    for Move { from, to, .. } in moved.iter().filter(|moved| !tasks.contains_key(&moved.from)) {
        targets.entry(from).or_default().insert(to);
    }
    let one = targets.into_iter().filter(|(_, to)| to.len() == 1);
    one.filter_map(|(from, mut to)| Some((from.clone(), to.pop_first()?.clone()))).collect()
}

/// Which documents of a file: their positions in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Share {
    All,
    Only(Arc<[u32]>),
    Except(Arc<[u32]>),
}

impl Share {
    pub(crate) fn has(&self, document: u32) -> bool {
        match self {
            Self::All => true,
            Self::Only(some) => some.contains(&document),
            Self::Except(some) => !some.contains(&document),
        }
    }

    /// A number by which equal bytes of other shares are told apart; 0 for all.
    pub(crate) fn seed(&self) -> u64 {
        let (start, some) = match self {
            Self::All => return 0,
            Self::Only(some) => (1, some),
            Self::Except(some) => (2, some),
        };
        // Any odd number of random bits.
        some.iter().fold(start, |seed: u64, &at| (seed ^ u64::from(at)).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// All but some.
    pub(crate) fn except(some: &[u32]) -> Self {
        if some.is_empty() { Self::All } else { Self::Except(some.into()) }
    }

    /// What is left of a file without some shares; `None` = nothing.
    fn without(shares: &[&Self]) -> Option<Self> {
        let mut gone: Vec<u32> = Vec::new();
        for share in shares {
            match share {
                Self::All | Self::Except(_) => return None,
                Self::Only(some) => gone.extend(some.iter()),
            }
        }
        gone.sort_unstable();
        Some(Self::except(&gone))
    }
}

/// One file to read, or some of its documents.
#[derive(Clone, Debug)]
pub(crate) struct Task<'a> {
    pub(crate) entry: &'a Entry,
    /// Why it is not of the app of its place; `None` = it is.
    pub(crate) moved: Option<Why>,
    pub(crate) share: Share,
    /// The latest version of its values, where it was read before and that may tell which of two downloads is the later one.
    pub(crate) latest: Option<Arc<str>>,
    /// The day of its newest document, where that is after the day of its place.
    pub(crate) day: Option<Day>,
}

impl<'a> Task<'a> {
    pub(crate) fn inferred(entry: &'a Entry) -> Self {
        Self { entry, moved: None, share: Share::All, latest: None, day: None }
    }

    /// The day by which it is sorted.
    pub(crate) fn snapshot(&self) -> Day {
        self.day.unwrap_or(self.entry.snapshot.value)
    }
}
