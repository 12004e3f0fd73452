//! A listing and rules → an archive: whose, and of which day, each document is.

use crate::candidates::Skip;
use crate::decide::{Decision, Question, decide};
use crate::identity::Place;
use crate::listing::Listing;
use crate::unread::{Unread, decide_unread};
use crate::{Entry, Identity, Reason, Rules, Sources, faults};
use perfpower_model::{Day, Problem, Severity};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that one run was given, listed and not yet read.
#[derive(Debug, Default)]
pub struct Archive {
    /// The documents, by app, snapshot and path; the same for any order of arguments.
    pub entries: Vec<Entry>,
    /// What could not be listed, by path.
    pub problems: Vec<(String, Problem)>,
    /// Files that are no documents by their names or their first bytes, by path.
    pub skipped: Vec<Skipped>,
    /// Whose the skipped ones are, those that could not be listed, and folders in which nothing lies; by path.
    pub unread: Vec<Unread>,
    /// How many files that no one saved were passed over: `.DS_Store`, all of `.git`.
    pub ignored: usize,
    /// How many documents were left out because they are of a day after [`Rules::until`].
    pub later: u64,
}

impl Archive {
    /// Lists what the sources hold, and decides.
    pub fn open(sources: &Sources, rules: &Rules) -> Self {
        Self::of(Listing::of(sources), rules)
    }

    /// Decides whose, and of which day, each document of a listing is.
    pub fn of(listing: Listing, rules: &Rules) -> Self {
        let Listing { entries, problems, skipped, empty, roots, ignored } = listing;
        let mut archive = Self { entries, problems, skipped, ignored, ..Self::default() };
        let inferred = Rules { app: None, ..rules.clone() };
        let mut in_force = &inferred;
        let mut places = archive.places();
        let (mut decisions, mut questions) = decide(&places, in_force);
        if rules.app.as_deref().is_some_and(|app| takes_name(&decisions, app)) {
            in_force = rules;
            (decisions, questions) = decide(&places, in_force);
        }
        if let Some(until) = rules.until
            && archive.leave_out(&decisions, until)
        {
            places = archive.places();
            (decisions, questions) = decide(&places, in_force);
        }
        archive.settle(decisions, questions);
        archive.unread = decide_unread(archive.unread(empty), &roots, &places, in_force);
        if let Some(until) = rules.until {
            archive.forget_unread(until);
        }
        archive
            .entries
            .sort_by(|a, b| (&a.app.value, a.snapshot.value, &a.path).cmp(&(&b.app.value, b.snapshot.value, &b.path)));
        archive.problems.sort_by(|(a, p), (b, q)| (a, p.code, &p.message).cmp(&(b, q.code, &q.message)));
        archive.skipped.sort_by(|a, b| a.path.cmp(&b.path));
        archive
    }

    fn places(&self) -> Vec<Place> {
        self.entries.iter().map(|entry| entry.place.clone()).collect()
    }

    /// Takes out the documents of a later day, and says whether there are any.
    fn leave_out(&mut self, decisions: &[Decision], until: Day) -> bool {
        let is_later: Vec<bool> = decisions.iter().map(|decision| is_later(&decision.snapshot, until)).collect();
        let mut at = is_later.iter();
        self.entries.retain(|_| !at.next().copied().unwrap_or_default());
        self.later = is_later.iter().filter(|is_later| **is_later).count() as u64;
        self.later > 0
    }

    /// Forgets what could not be read of a later day.
    fn forget_unread(&mut self, until: Day) {
        let (later, unread): (Vec<Unread>, Vec<Unread>) =
            std::mem::take(&mut self.unread).into_iter().partition(|unread| is_later(&unread.snapshot, until));
        let later: BTreeSet<String> = later.into_iter().map(|unread| unread.path).collect();
        self.unread = unread;
        self.problems.retain(|(path, _)| !later.contains(path));
        self.skipped.retain(|skipped| !later.contains(&skipped.path));
    }

    /// Says whose and of which day all entries are.
    fn settle(&mut self, decisions: Vec<Decision>, questions: Vec<Question>) {
        let entries = &mut self.entries;
        for (entry, decision) in entries.iter_mut().zip(decisions) {
            entry.settle(decision);
        }
        for Question { documents, problem } in questions {
            let first = documents.iter().map(|at| &entries[*at].path).min();
            self.problems.extend(first.map(|path| (path.clone(), problem)));
        }
    }

    /// What gave no document, with the reason.
    fn unread(&self, empty: Vec<String>) -> Vec<(String, String)> {
        let skipped = self.skipped.iter().filter(|skipped| skipped.may_be_download);
        let skipped = skipped.map(|skipped| (skipped.path.clone(), skipped.why.clone()));
        let is_loss =
            |problem: &Problem| problem.severity == Severity::Error || problem.code == faults::EMPTY_CONTAINER;
        let failed = self.problems.iter().filter(|(path, problem)| is_loss(problem) && !path.is_empty());
        let failed = failed.map(|(path, problem)| (path.clone(), problem.message.clone()));
        let empty = empty.into_iter().map(|path| (path, "nothing lies in the folder".to_owned()));
        skipped.chain(failed).chain(empty).collect()
    }

    /// The apps in order, each with its documents from the newest snapshot to the oldest; within a day by path. It goes
    /// by what the entries say now, also where the body has overruled the listing.
    pub fn by_app(&self) -> Vec<(&str, Vec<&Entry>)> {
        let mut apps: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
        for entry in &self.entries {
            apps.entry(&*entry.app.value).or_default().push(entry);
        }
        for entries in apps.values_mut() {
            entries.sort_by(|a, b| b.snapshot.value.cmp(&a.snapshot.value).then_with(|| a.path.cmp(&b.path)));
        }
        apps.into_iter().collect()
    }

    /// Bytes of all documents as stored.
    pub fn size(&self) -> u64 {
        self.entries.iter().map(|entry| entry.size).sum()
    }
}

/// A file that was passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// As it is shown; a directory ends with `/`.
    pub path: String,
    /// Why: a lower-case fragment without a full stop.
    pub why: String,
    /// Whether it may have been meant as a download all the same.
    pub may_be_download: bool,
}

impl Skipped {
    pub(crate) fn new(path: String, skip: Skip) -> Self {
        Self { path, why: skip.why(), may_be_download: skip.may_be_download() }
    }
}

/// Whether the place of a document says that it is of a later day.
fn is_later(snapshot: &Identity<Day>, until: Day) -> bool {
    snapshot.value > until && snapshot.reason != Reason::ModificationTime
}

/// Whether an app's name is that of all documents: they are of one app at the most, and that is called otherwise.
fn takes_name(decisions: &[Decision], app: &str) -> bool {
    let first = decisions.first().map(|decision| &*decision.app.value);
    first != Some(app) && decisions.iter().all(|decision| Some(&*decision.app.value) == first)
}
