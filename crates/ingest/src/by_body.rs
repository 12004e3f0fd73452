//! What bodies say of whose they are: which documents leave the app of their place, which ids are of one app, and where that is in
//! doubt.

use crate::app_reader::AppReading;
use crate::settle::Tasks;
use perfpower_archive::{Rank, Reason};
use perfpower_model::{InputProblem, Problem, Severity};
use std::collections::{BTreeMap, BTreeSet};

/// The ids that one document carries in its body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BodyIds {
    /// Such as `com.example.app`.
    pub(crate) bundle: Option<String>,
    /// Apple's number of the app.
    pub(crate) apple: Option<String>,
}

impl BodyIds {
    /// Whether one of the ids is this.
    pub(crate) fn is(&self, id: &str) -> bool {
        self.bundle.as_deref() == Some(id) || self.apple.as_deref() == Some(id)
    }

    /// What names the app: the bundle id, or else Apple's number.
    fn name(&self) -> Option<&str> {
        self.bundle.as_deref().or(self.apple.as_deref())
    }
}

/// A document that goes to another app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Move {
    pub(crate) from: String,
    /// Position among the tasks of the app that it leaves.
    pub(crate) task: usize,
    pub(crate) to: String,
}

/// Apple's numbers by the bundle id that bodies name beside them, where they agree. The logs of a widget or a clip name its own bundle
/// and the number of the app: of several, the app's is the one that all others begin with.
pub(crate) fn joined_ids(apps: &[AppReading]) -> BTreeMap<String, String> {
    let mut bundles_of: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (_, ids) in apps.iter().flat_map(|app| &app.body_ids) {
        if let (Some(apple), Some(bundle)) = (&ids.apple, &ids.bundle) {
            bundles_of.entry(apple).or_default().insert(bundle);
        }
    }
    let mut number_of: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (apple, bundles) in &bundles_of {
        let of_all = |bundle: &&&str| bundles.iter().all(|other| other == *bundle || is_part_of(other, bundle));
        if let Some(bundle) = bundles.iter().find(of_all) {
            number_of.entry(bundle).or_default().push(apple);
        }
    }
    let one_each = number_of.into_iter().filter(|(_, numbers)| numbers.len() == 1);
    one_each.map(|(bundle, numbers)| (numbers[0].to_owned(), bundle.to_owned())).collect()
}

/// Whether a bundle is that of a part of another one's app: `com.example.app.widget` of `com.example.app`.
fn is_part_of(bundle: &str, app: &str) -> bool {
    bundle.strip_prefix(app).is_some_and(|rest| rest.starts_with('.'))
}

/// Documents whose bodies name another app than the rest of their app does, with the one that they belong to. Only where their place
/// was inferred; what the user says holds, and a directory's name goes before a bundle on which all of its documents agree, since
/// metrics, which name none, lie there too. The name of a file speaks for that file alone. Where two apps of the archive have the two
/// ids of one, they become one, under the bundle id.
pub(crate) fn moves(apps: &[AppReading], tasks: &Tasks<'_>, joined: &BTreeMap<String, String>) -> Vec<Move> {
    let numbers: BTreeMap<&str, &str> =
        joined.iter().map(|(number, bundle)| (bundle.as_str(), number.as_str())).collect();
    // An id stands for the app that has it, or its other id, as its key.
    let key_of = |id: &str| -> String {
        let bundle = joined.get(id);
        let ids = [bundle.map(String::as_str), Some(id), numbers.get(id).copied()];
        let is_there = ids.into_iter().flatten().find(|id| tasks.contains_key(*id));
        is_there.unwrap_or_else(|| bundle.map_or(id, String::as_str)).to_owned()
    };
    let mut moved = Vec::new();
    for app in apps {
        let key = &app.history.app;
        let to = key_of(key);
        let named: Vec<(usize, String)> =
            app.body_ids.iter().filter_map(|(task, ids)| Some((*task, key_of(ids.name()?)))).collect();
        let first = named.iter().min_by_key(|(task, _)| &tasks[key][*task].entry.path).map(|(_, name)| name);
        let home = named.iter().map(|(_, name)| name).find(|name| *name == key).or(first);
        let mut elsewhere: BTreeMap<usize, &String> = BTreeMap::new();
        for (task, name) in &named {
            let reason = &tasks[key][*task].entry.app.reason;
            let is_said = matches!(reason, Reason::AppOption | Reason::Layout);
            let is_alone = matches!(reason, Reason::FileName(_) | Reason::StandardInput);
            if !is_said && (Some(name) != home || (is_alone && name != key)) && *name != to {
                elsewhere.insert(*task, name);
            }
        }
        for (task, document) in tasks.get(key).into_iter().flatten().enumerate() {
            let is_said = document.entry.rank == Rank::Told;
            match elsewhere.get(&task) {
                Some(name) => moved.push(Move { from: key.clone(), task, to: (*name).clone() }),
                None if to != *key && !is_said => moved.push(Move { from: key.clone(), task, to: to.clone() }),
                None => {}
            }
        }
    }
    moved
}

/// Tells what was moved: two ids that are one app, and documents of another app in the folder of one.
pub(crate) fn told(moved: &[Move], tasks: &Tasks<'_>, joined: &BTreeMap<String, String>) -> Vec<InputProblem> {
    let mut by_apps: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for Move { from, task, to } in moved {
        by_apps.entry((from, to)).or_default().push(*task);
    }
    let told = by_apps.into_iter().filter_map(|((from, to), list)| {
        let first = list.iter().map(|task| &tasks[from][*task].entry).min_by_key(|entry| &entry.path)?;
        if joined.get(from).is_some_and(|bundle| bundle == to) || joined.get(to).is_some_and(|bundle| bundle == from) {
            let message =
                format!("{from} and {to} are one app, as bodies of the archive say that name both: it is called {to}");
            return Some(InputProblem {
                path: String::new(),
                problem: Problem::new(Severity::Note, "one-app", message),
            });
        }
        // A file that names its app by itself is no stranger among others.
        if matches!(first.app.reason, Reason::FileName(_) | Reason::StandardInput) {
            return None;
        }
        let (count, of) = (list.len(), if list.len() == 1 { "document is" } else { "documents are" });
        let message =
            format!("{count} {of} in the place of {from}, and of {to} by what the body says: kept apart, under {to}");
        let problem = Problem::new(Severity::Warning, "other-app", message)
            .with_hint("keep downloads of each bundle in a folder of its own; --app says that all are of one");
        Some(InputProblem { path: first.path.clone(), problem })
    });
    told.collect()
}

/// Tells where a plain word, or nothing but a place, holds several apps together, or many words seem to be one.
pub(crate) fn doubts(apps: &[AppReading], tasks: &Tasks<'_>) -> Vec<InputProblem> {
    let mut told = Vec::new();
    let is_weak = |app: &AppReading| {
        tasks.get(&app.history.app).is_some_and(|list| list.iter().all(|task| task.entry.rank >= Rank::Word))
    };
    for app in apps.iter().filter(|app| is_weak(app)) {
        if let Some((one, other)) = without_common_version(app) {
            let list = &tasks[&app.history.app];
            let (one, other) = (&list[one].entry.path, &list[other].entry.path);
            let message = format!(
                "these look like several apps: it has no version in common with {one}, and only the word {} holds them together",
                app.history.app
            );
            let problem = Problem::new(Severity::Warning, "several-apps", message).with_hint(
                "put each app into a folder named by its bundle id, or say where the app stands in the paths: --layout",
            );
            told.push(InputProblem { path: other.clone(), problem });
        }
    }
    // A folder for each release, taken for apps.
    let single: Vec<&AppReading> = apps.iter().filter(|app| is_weak(app) && app.history.versions.len() == 1).collect();
    let versions: BTreeSet<&str> = single.iter().map(|app| app.history.version_text(0)).collect();
    if single.len() >= LEAST_SINGLES && single.len() == apps.len() && versions.len() == single.len() {
        let some: Vec<&str> = single.iter().take(3).map(|app| app.history.app.as_str()).collect();
        let message = format!(
            "these look like one app: {} apps with one version each, no two the same, such as {}",
            single.len(),
            some.join(", ")
        );
        let problem = Problem::new(Severity::Warning, "one-app-as-many", message)
            .with_hint("if they are one, name it: --app com.example.app");
        told.push(InputProblem { path: String::new(), problem });
    }
    told
}

/// Two apps that happen to have one version each are no pattern. (Arbitrary.)
const LEAST_SINGLES: usize = 3;

/// Two documents with values whose versions nothing connects: neither do they share one, nor does a chain of documents. A document of
/// one version is of one build, and connects nothing.
fn without_common_version(app: &AppReading) -> Option<(usize, usize)> {
    let documents: Vec<&(usize, BTreeSet<String>)> =
        app.versions_of.iter().filter(|(_, versions)| versions.len() > 1).collect();
    let (first, _) = documents.first()?;
    let mut connected: BTreeSet<&str> = documents[0].1.iter().map(String::as_str).collect();
    let mut rest: Vec<&&(usize, BTreeSet<String>)> = documents.iter().skip(1).collect();
    loop {
        let before = rest.len();
        rest.retain(|(_, versions)| {
            let touches = versions.iter().any(|version| connected.contains(version.as_str()));
            if touches {
                connected.extend(versions.iter().map(String::as_str));
            }
            !touches
        });
        if rest.len() == before {
            break;
        }
    }
    rest.first().map(|(other, _)| (*first, *other))
}
