//! What bodies say of whose they are: which documents leave the app of their place, which ids are of one app, and where that is in
//! doubt.

use crate::app_reader::AppReading;
use crate::settle::{Share, Task, Tasks};
use perfpower_archive::{Entry, Rank, Reason, Rules};
use perfpower_model::{Document, InputProblem, Problem, Severity};
use std::collections::{BTreeMap, BTreeSet};

/// What the body of one document says of whose it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BodyIds {
    /// Such as `com.example.app`.
    pub(crate) bundle: Option<String>,
    /// Apple's number of the app.
    pub(crate) apple: Option<String>,
    /// What it calls a product beside the app that has no id, such as `AppClip`.
    pub(crate) product: Option<String>,
    /// The signatures of its logs: where no name tells whose they are, a page of signatures may.
    pub(crate) signatures: Vec<String>,
    /// Whether it has values of metrics.
    pub(crate) has_values: bool,
}

impl BodyIds {
    pub(crate) fn of(document: &Document) -> Self {
        let (names, identity) = (&document.names, &document.identity);
        let text = |id| names.get(id).map(str::to_owned);
        let mut signatures: Vec<_> = document.logs.iter().map(|log| log.signature).collect();
        signatures.sort_unstable();
        signatures.dedup();
        Self {
            bundle: text(identity.bundle_id),
            apple: text(identity.apple_id),
            product: text(identity.product),
            signatures: signatures.into_iter().filter_map(text).collect(),
            has_values: !document.metrics.points.is_empty(),
        }
    }

    /// Whether it says anything of whose it is.
    pub(crate) fn says_something(&self) -> bool {
        self.name().is_some() || self.product.is_some() || !self.signatures.is_empty()
    }

    /// Whether one of the ids is this.
    pub(crate) fn is(&self, id: &str) -> bool {
        self.bundle.as_deref() == Some(id) || self.apple.as_deref() == Some(id)
    }

    /// What names the app: the bundle id, or else Apple's number.
    fn name(&self) -> Option<&str> {
        self.bundle.as_deref().or(self.apple.as_deref())
    }
}

/// A document of an app, by the position of its file among the app's tasks, and its own in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) task: usize,
    pub(crate) document: u32,
}

/// Documents of one file that go to another app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Move {
    pub(crate) from: String,
    /// Position among the tasks of the app that they leave.
    pub(crate) task: usize,
    /// All that the app has of the file, or only some.
    pub(crate) share: Share,
    /// How many these are.
    pub(crate) documents: usize,
    /// Whether any of them has values.
    pub(crate) has_values: bool,
    pub(crate) to: String,
    pub(crate) why: Why,
}

/// Why documents go to another app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Why {
    /// The two names are ids of one app.
    SameApp,
    /// The body names the other one.
    Named,
    /// The body is of a product that the app has beside itself.
    Product,
    /// Logs without any name, of signatures that a page of the other one lists.
    Signature,
}

/// Whether the user said whose a document is. That a name stands for an app, as `perfpower.toml` may say, does not make all that lies
/// below it the app's.
fn is_told(entry: &Entry) -> bool {
    matches!(entry.app.reason, Reason::AppOption | Reason::Layout)
}

/// Whether the name of a file alone says whose it is, or nothing does: it speaks for no other file.
fn is_by_itself(entry: &Entry) -> bool {
    matches!(entry.app.reason, Reason::FileName(_) | Reason::StandardInput)
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

/// The keys that apps go by.
struct Keys<'a> {
    tasks: &'a Tasks<'a>,
    /// Bundle id by Apple's number.
    joined: &'a BTreeMap<String, String>,
    /// The other way round.
    numbers: BTreeMap<&'a str, &'a str>,
    /// Keys by what they are in lower case: bundle ids are compared without case.
    by_lower: BTreeMap<String, &'a str>,
    rules: &'a Rules,
}

impl<'a> Keys<'a> {
    fn new(tasks: &'a Tasks<'a>, joined: &'a BTreeMap<String, String>, rules: &'a Rules) -> Self {
        let numbers = joined.iter().map(|(number, bundle)| (bundle.as_str(), number.as_str())).collect();
        let by_lower = tasks.keys().rev().map(|key| (key.to_lowercase(), key.as_str())).collect();
        Self { tasks, joined, numbers, by_lower, rules }
    }

    /// The key that an id stands for: that of the app that has it, or its other id; else the id itself, by the name that the user gave
    /// it.
    fn of(&self, id: &str) -> String {
        let bundle = self.joined.get(id).map(String::as_str);
        let ids = [bundle, Some(id), self.numbers.get(id).copied()];
        let mut known = ids.into_iter().flatten().map(|id| self.rules.canonical(id));
        let there = known.clone().find(|id| self.tasks.contains_key(*id));
        let there = there.or_else(|| known.find_map(|id| self.by_lower.get(&id.to_lowercase()).copied()));
        there.unwrap_or_else(|| self.rules.canonical(bundle.unwrap_or(id))).to_owned()
    }

    /// The key that an app goes by in the end, and the one by which bodies mean it, of those that the bodies of its documents name:
    /// `None` = none of these is it.
    fn home(&self, app: &AppReading, list: &[Task<'_>], named: &[(Place, String)]) -> (String, Option<String>) {
        let key = app.history.app();
        let to = self.of(key);
        let mut counts: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
        for (at, name) in named {
            let path = list[at.task].entry.path.as_str();
            let (count, first) = counts.entry(name).or_insert((0, path));
            (*count, *first) = (*count + 1, path.min(*first));
        }
        let is_joined = self.joined.contains_key(key) || self.numbers.contains_key(key);
        if counts.is_empty() || counts.contains_key(to.as_str()) || is_joined {
            return (to.clone(), Some(to));
        }
        let rank = list.iter().map(|task| task.entry.rank).min().unwrap_or(Rank::Place);
        if rank == Rank::BundleId {
            // A number alone is no other bundle: the one that its documents have, and no other app has, is its own.
            // One of a product in a body is not.
            let of_products: BTreeSet<&str> = app
                .body_ids
                .iter()
                .filter(|(_, ids)| ids.product.is_some())
                .filter_map(|(_, ids)| ids.name())
                .collect();
            let is_number =
                |name: &&&str| name.bytes().all(|byte| byte.is_ascii_digit()) && !of_products.contains(**name);
            let mut numbers = counts.keys().filter(is_number);
            let own = numbers.next().filter(|number| numbers.next().is_none() && !self.tasks.contains_key(**number));
            return (to, own.map(|number| (*number).to_owned()));
        }
        if let (Some((only, _)), 1, true) = (counts.first_key_value(), counts.len(), rank >= Rank::Word)
            && self.tasks.contains_key(*only)
        {
            // The word is another name of an app that the archive has.
            return ((*only).to_owned(), Some((*only).to_owned()));
        }
        let says_word = |name: &&&str| name.rsplit('.').next().is_some_and(|last| same_word(last, key));
        let is_whole = |name: &&&str| counts.keys().all(|other| other == *name || is_part_of(other, name));
        let told =
            counts.keys().find(says_word).or_else(|| counts.keys().find(is_whole)).map(|name| (*name).to_owned());
        // Several apps, and no document but theirs: nothing is of the word that their folder happens to have.
        let all: usize = app.documents.iter().map(|count| *count as usize).sum();
        if told.is_some() || rank >= Rank::Word && named.len() == all {
            return (to, told);
        }
        let most = counts
            .iter()
            .max_by(|(_, (count, path)), (_, (other, other_path))| count.cmp(other).then_with(|| other_path.cmp(path)));
        (to, most.map(|(name, _)| (*name).to_owned()))
    }
}

/// Documents whose bodies name another app than the rest of their app does, with the one that they belong to. Only where their place
/// was inferred; what the user says holds. A directory's number or word goes before a bundle on which its documents agree, since
/// metrics, which name none, lie there too; one that is a bundle id itself is its own alone. The name of a file speaks for that file
/// alone. Where two apps of the archive have the two ids of one, they become one, under the bundle id.
pub(crate) fn moves(
    apps: &[AppReading],
    tasks: &Tasks<'_>,
    joined: &BTreeMap<String, String>,
    rules: &Rules,
) -> Vec<Move> {
    let keys = Keys::new(tasks, joined, rules);
    let signatures = apps_of_signatures(apps);
    let mut moved = Vec::new();
    for app in apps {
        let key = app.history.app();
        let Some(list) = tasks.get(key) else { continue };
        let named: Vec<(Place, String)> =
            app.body_ids.iter().filter_map(|(at, ids)| Some((*at, keys.of(ids.name()?)))).collect();
        let (to, home) = keys.home(app, list, &named);
        let mut elsewhere: BTreeMap<Place, (String, Why)> = BTreeMap::new();
        for (at, name) in named {
            let entry = list[at.task].entry;
            let is_stranger = Some(&name) != home.as_ref() || is_by_itself(entry) && name != *key;
            if is_stranger && name != to && !is_told(entry) {
                elsewhere.insert(at, (name, Why::Named));
            }
        }
        for (at, ids) in &app.body_ids {
            let entry = list[at.task].entry;
            if is_told(entry) || ids.name().is_some() {
                continue;
            }
            if let Some(product) = &ids.product {
                // Beside the app of which the file is.
                let first = Place { document: 0, ..*at };
                let whose = elsewhere.get(&first).map_or(&to, |(name, _)| name);
                elsewhere.insert(*at, (format!("{whose} ({product})"), Why::Product));
            } else {
                let mut owners: BTreeSet<&str> =
                    ids.signatures.iter().filter_map(|id| signatures.get(id.as_str())).flatten().copied().collect();
                owners.remove(key);
                if let (Some(owner), true) = (owners.pop_first(), owners.is_empty()) {
                    elsewhere.insert(*at, (keys.of(owner), Why::Signature));
                }
            }
        }
        moved.extend(of_files(app, &to, list, elsewhere));
    }
    moved
}

/// The moves of one app's files.
fn of_files(app: &AppReading, to: &str, list: &[Task<'_>], elsewhere: BTreeMap<Place, (String, Why)>) -> Vec<Move> {
    let (key, documents) = (app.history.app(), &app.documents);
    let valued: BTreeSet<Place> = app.body_ids.iter().filter(|(_, ids)| ids.has_values).map(|(at, _)| *at).collect();
    let mut by_file: BTreeMap<usize, BTreeMap<(String, Why), Vec<u32>>> = BTreeMap::new();
    for (at, whose) in elsewhere {
        by_file.entry(at.task).or_default().entry(whose).or_default().push(at.document);
    }
    let mut moved = Vec::new();
    for (task, Task { entry, .. }) in list.iter().enumerate() {
        let mut left = documents.get(task).copied().unwrap_or(0) as usize;
        let mut gone = Vec::new();
        for ((to, why), some) in by_file.remove(&task).unwrap_or_default() {
            let count = some.len();
            let share = if count < left { Share::Only(some.as_slice().into()) } else { Share::except(&gone) };
            left -= count.min(left);
            gone.extend(some);
            let has_values = valued
                .range(Place { task, document: 0 }..Place { task: task + 1, document: 0 })
                .any(|at| gone[gone.len() - count..].contains(&at.document));
            moved.push(Move { from: key.to_owned(), task, share, documents: count, has_values, to, why });
        }
        if to != key && !is_told(entry) && (left > 0 || gone.is_empty()) {
            let (from, to, why) = (key.to_owned(), to.to_owned(), Why::SameApp);
            // Nothing is lost to whoever asks for the app by its other name.
            moved.push(Move { from, task, share: Share::except(&gone), documents: left, has_values: false, to, why });
        }
    }
    moved
}

/// Whether two words are the same but for case and what stands between their parts.
fn same_word(one: &str, other: &str) -> bool {
    let letters =
        |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    letters(one) == letters(other)
}

/// The apps whose pages list a signature.
fn apps_of_signatures(apps: &[AppReading]) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut owners: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let is_asked = apps.iter().any(|app| app.body_ids.iter().any(|(_, ids)| !ids.signatures.is_empty()));
    for app in apps.iter().filter(|_| is_asked) {
        for id in app.history.signatures() {
            owners.entry(id).or_default().insert(app.history.app());
        }
    }
    owners
}

/// Tells what was moved: two ids that are one app, and documents of another app in the folder of one.
pub(crate) fn told(moved: &[Move], tasks: &Tasks<'_>) -> Vec<InputProblem> {
    let mut by_apps: BTreeMap<(&str, &str, Why), Vec<&Move>> = BTreeMap::new();
    for one in moved {
        by_apps.entry((&one.from, &one.to, one.why)).or_default().push(one);
    }
    let told = by_apps.into_iter().filter_map(|((from, to, why), list)| {
        let entries = list.iter().map(|one| tasks[from][one.task].entry);
        let first = entries.min_by_key(|entry| &entry.path)?;
        let count: usize = list.iter().map(|one| one.documents).sum();
        let of = if count == 1 { "document is" } else { "documents are" };
        let (path, severity, code, message, hint) = match why {
            Why::SameApp => {
                let message = format!("{from} and {to} are one app, as bodies of the archive say: it is called {to}");
                (None, Severity::Note, "one-app", message, "")
            }
            // A file that names its app by itself is no stranger among others.
            Why::Named if is_by_itself(first) => return None,
            Why::Named => {
                let message = format!(
                    "{count} {of} in the place of {from}, and of {to} by what the body says: kept apart, under {to}"
                );
                let hint = "keep downloads of each bundle in a folder of its own; --app says that all are of one";
                (Some(first.path.clone()), Severity::Warning, "other-app", message, hint)
            }
            Why::Product => {
                let message = format!("{count} {of} of a product beside the app: kept apart, under {to}");
                (Some(first.path.clone()), Severity::Note, "other-product", message, "")
            }
            Why::Signature => {
                let message = format!(
                    "{count} {of} without a name that tells whose; pages of {to} list the signatures of its logs: taken for {to}"
                );
                let hint = "keep logs in the folder of their app, as in com.example.app/2026-11-23/logs.json";
                (Some(first.path.clone()), Severity::Note, "by-signature", message, hint)
            }
        };
        let problem = Problem::new(severity, code, message);
        let problem = if hint.is_empty() { problem } else { problem.with_hint(hint) };
        Some(InputProblem { path, problem })
    });
    told.collect()
}
/// Tells where a plain word, or nothing but a place, holds several apps together, or many words seem to be one.
pub(crate) fn doubts(apps: &[AppReading], tasks: &Tasks<'_>) -> Vec<InputProblem> {
    let mut told = Vec::new();
    let is_weak = |app: &AppReading| {
        tasks.get(app.history.app()).is_some_and(|list| list.iter().all(|task| task.entry.rank >= Rank::Word))
    };
    for app in apps.iter().filter(|app| is_weak(app)) {
        if let Some((one, other)) = without_common_version(app) {
            let list = &tasks[app.history.app()];
            let (one, other) = (&list[one].entry.path, &list[other].entry.path);
            let message = format!(
                "these look like several apps: it has no version in common with {one}, and only the word {} holds them together",
                app.history.app()
            );
            let problem = Problem::new(Severity::Warning, "several-apps", message).with_hint(
                "put each app into a folder named by its bundle id, or say where the app stands in the paths: --layout",
            );
            told.push(InputProblem { path: Some(other.clone()), problem });
        }
    }
    // A folder for each release, taken for apps.
    let single: Vec<&AppReading> =
        apps.iter().filter(|app| is_weak(app) && app.history.only_version().is_some()).collect();
    let versions: BTreeSet<&str> = single.iter().filter_map(|app| app.history.only_version()).collect();
    if single.len() >= LEAST_SINGLES && single.len() == apps.len() && versions.len() == single.len() {
        let some: Vec<&str> = single.iter().take(3).map(|app| app.history.app()).collect();
        let message = format!(
            "these look like one app: {} apps with one version each, no two the same, such as {}",
            single.len(),
            some.join(", ")
        );
        let problem = Problem::new(Severity::Warning, "one-app-as-many", message)
            .with_hint("if they are one, name it: --app com.example.app");
        told.push(InputProblem { path: None, problem });
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
