//! What the newest download of one app gave, noted while its documents are merged, newest first.

use perfpower_analysis::gate::{AppCoverage, UnreadInput};
use perfpower_archive::{Entry, Reason, Unread};
use perfpower_model::{Day, Document, Kind, Severity};
use std::collections::{BTreeMap, BTreeSet};

/// When something was saved: the day, and the seconds of it where the path tells them.
type When = (Day, u32);

fn when(entry: &Entry, day: Day) -> When {
    (day, entry.time.filter(|_| day == entry.snapshot.value).unwrap_or(0))
}

/// Notes what each input of an app gave.
#[derive(Debug, Default)]
pub(crate) struct Newest {
    /// The newest document with values.
    values: Option<When>,
    /// Whether a document with values has no better day than when it was written.
    is_undated: bool,
    /// Hashes of the documents with values, by day; 0 where no other document can have the same bytes.
    hashes: BTreeMap<Day, BTreeSet<u128>>,
    /// Names of files that gave values, without their numbers.
    value_names: BTreeSet<String>,
    /// Inputs without values, newest first, none older than the newest values; and whether one of the kind ever gives any.
    without: Vec<(When, String, String, Without)>,
}

/// Why an input has no values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Without {
    /// It should have some.
    Lost,
    /// It is a body of Apple that says that there are none.
    Answer,
    /// It is about call stacks, or a list: no news of values, unless files of its name gave values before.
    OtherKind,
}

impl Newest {
    /// Notes a document that was read, with a hash of its bytes if another one may have the same.
    pub(crate) fn read(&mut self, entry: &Entry, day: Day, document: &Document, hash: Option<u128>) {
        if !document.metrics.points.is_empty() {
            self.note_values(entry, day, hash.unwrap_or(0));
            return;
        }
        let first = document.problems.iter().min_by_key(|problem| problem.severity);
        let first = first.filter(|problem| problem.severity != Severity::Note).map(|problem| problem.message.clone());
        let (why, without) = match document.kind {
            Kind::DiagnosticSignatures | Kind::DiagnosticLogs | Kind::ResourceList => {
                (format!("it holds {}, no values", document.kind.as_str()), Without::OtherKind)
            }
            Kind::MetricKit => ("it holds MetricKit payloads, no values".to_owned(), Without::OtherKind),
            Kind::Empty | Kind::ApiError
                if matches!(document.asked_for, Some(Kind::DiagnosticSignatures | Kind::DiagnosticLogs)) =>
            {
                ("it is about call stacks, and there are none".to_owned(), Without::OtherKind)
            }
            Kind::Empty => ("it is a body without any value".to_owned(), Without::Answer),
            _ => (first.unwrap_or_else(|| format!("it holds no value ({})", document.kind.as_str())), Without::Lost),
        };
        self.note(when(entry, day), &entry.path, why, without);
    }

    /// Notes a document whose bytes were read before, on another day or not.
    pub(crate) fn repeats(&mut self, entry: &Entry, day: Day, has_values: bool, hash: u128) {
        if has_values {
            self.note_values(entry, day, hash);
        }
    }

    fn note_values(&mut self, entry: &Entry, day: Day, hash: u128) {
        self.values = self.values.max(Some(when(entry, day)));
        self.is_undated |= entry.snapshot.reason == Reason::ModificationTime;
        self.hashes.entry(day).or_default().insert(hash);
        self.value_names.insert(without_numbers(&entry.path));
    }

    /// Notes a document that could not be read.
    pub(crate) fn lost(&mut self, entry: &Entry, why: &str) {
        self.note(when(entry, entry.snapshot.value), &entry.path, why.to_owned(), Without::Lost);
    }

    fn note(&mut self, at: When, path: &str, why: String, without: Without) {
        if self.values.is_none_or(|values| at.0 >= values.0) {
            self.without.push((at, path.to_owned(), why, without));
        }
    }

    /// What the gate must know, with what of the app was never opened.
    pub(crate) fn finish(self, unopened: &[&Unread]) -> AppCoverage {
        let values = self.values;
        let has_turned = |path: &str| self.value_names.contains(&without_numbers(path));
        let of_documents = self.without.into_iter().filter(|(_, path, _, without)| match without {
            Without::Lost | Without::Answer => true,
            Without::OtherKind => has_turned(path),
        });
        let mut unread: Vec<(When, UnreadInput)> = of_documents
            .map(|(at, path, why, without)| {
                (
                    at,
                    UnreadInput {
                        path,
                        day: at.0,
                        is_newer: values.is_some_and(|values| at > values),
                        is_answer: without == Without::Answer,
                        why,
                    },
                )
            })
            .collect();
        for Unread { path, snapshot, why, .. } in unopened.iter().copied() {
            let day = snapshot.value;
            // A script or a list that lies about is no download of the day on which it was last written.
            let is_dated = snapshot.reason != Reason::ModificationTime || self.is_undated;
            if is_dated && values.is_none_or(|values| day > values.0) {
                let is_newer = values.is_some();
                unread.push((
                    (day, 0),
                    UnreadInput { path: path.clone(), day, is_newer, is_answer: false, why: why.clone() },
                ));
            }
        }
        unread.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.path.cmp(&other.path)));
        let unread: Vec<UnreadInput> = unread.into_iter().map(|(_, input)| input).collect();
        let mut days = self.hashes.iter().rev();
        let newest_hashes = days.next().map(|(_, hashes)| hashes).filter(|hashes| !hashes.contains(&0));
        let mut unchanged_since = values.map(|(day, _)| day);
        let mut copy_of = None;
        let mut is_run = true;
        for (&day, hashes) in days {
            let is_same = newest_hashes == Some(hashes);
            is_run &= is_same;
            if is_run {
                unchanged_since = Some(day);
            } else if is_same {
                copy_of = copy_of.or(Some(day));
            }
        }
        AppCoverage {
            newest: unread.first().map(|input| input.day).max(values.map(|(day, _)| day)),
            unread,
            copy_of,
            unchanged_since,
            days: self.hashes.into_keys().collect(),
            missed: None,
        }
    }
}

/// The name of a file without its digits: what the same script calls the same download on another day.
fn without_numbers(path: &str) -> String {
    let name = path.rsplit(['/', '!']).next().unwrap_or(path);
    name.chars().filter(|c| !c.is_ascii_digit()).collect::<String>().to_lowercase()
}
