//! What the newest download of each app gave. A rule passes only on data that was read.

use perfpower_model::Day;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of the newest downloads, by app. An app that is not in it is taken at its data's word.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Coverage {
    pub(super) apps: BTreeMap<String, AppCoverage>,
}

/// The newest downloads of one app.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AppCoverage {
    /// The newest day of which something was saved that holds values, or should; absent = none.
    pub newest: Option<Day>,
    /// Inputs of that kind that gave no value, newest first; none is older than the newest values.
    pub unread: Vec<UnreadInput>,
    /// The earlier day whose download the newest one is, byte for byte, although those in between are others.
    pub copy_of: Option<Day>,
    /// The first day on which the newest download was saved as it is; absent = there is no value.
    pub unchanged_since: Option<Day>,
    /// Days with values, oldest first.
    pub days: Vec<Day>,
    /// The newest day of the archive, where this app has no download although it kept pace with the others before.
    pub missed: Option<Day>,
}

/// An input that gave no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadInput {
    /// The file, or the member of a container.
    pub path: String,
    /// The day it was saved.
    pub day: Day,
    /// Whether it was saved after the newest values: on a later day, or later on the same.
    pub is_newer: bool,
    /// Whether it is Apple's answer that there is too little use, and not a failure.
    pub is_answer: bool,
    /// Why it gave none: a lower-case fragment without a full stop.
    pub why: String,
}

impl Coverage {
    /// All apps together: which of them missed the newest day shows only then.
    pub fn new(apps: impl IntoIterator<Item = (String, AppCoverage)>) -> Self {
        let mut apps: BTreeMap<String, AppCoverage> = apps.into_iter().collect();
        let newest = apps.values().filter_map(|app| app.newest).max();
        let of_newest = apps.values().filter(|app| app.newest == newest);
        let earlier: BTreeSet<Day> =
            of_newest.flat_map(|app| &app.days).copied().filter(|&day| Some(day) < newest).collect();
        for app in apps.values_mut().filter(|app| app.newest < newest) {
            let Some(&first) = app.days.first() else { continue };
            let mut since_then = earlier.range(first..).peekable();
            if since_then.peek().is_some() && since_then.all(|day| app.days.binary_search(day).is_ok()) {
                app.missed = newest;
            }
        }
        Self { apps }
    }

    /// The newest day that gave a value to any app; absent = none is known.
    pub(crate) fn newest_values(&self) -> Option<Day> {
        self.apps.values().filter_map(|app| app.days.last().copied()).max()
    }

    /// What is known of an app.
    pub fn app(&self, app: &str) -> Option<&AppCoverage> {
        self.apps.get(app)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn app(days: &[&str]) -> AppCoverage {
        let days: Vec<Day> = days.iter().map(|day| Day::parse(day).unwrap()).collect();
        AppCoverage { newest: days.last().copied(), days, ..AppCoverage::default() }
    }

    #[test]
    fn an_app_that_kept_pace_and_is_not_in_the_newest_download_missed_it() {
        let (first, second, third) = ("2026-09-01", "2026-10-01", "2026-11-01");
        let coverage = Coverage::new([
            ("all".to_owned(), app(&[first, second, third])),
            ("kept pace".to_owned(), app(&[first, second])),
            ("came later".to_owned(), app(&[second])),
            ("left early".to_owned(), app(&[first])),
            ("has days of its own".to_owned(), app(&["2026-10-15"])),
        ]);
        let missed = |name: &str| coverage.app(name).unwrap().missed.map(|day| day.to_string());
        assert_eq!(missed("all"), None);
        assert_eq!(missed("kept pace").as_deref(), Some(third));
        assert_eq!(missed("came later").as_deref(), Some(third));
        assert_eq!(missed("left early"), None);
        assert_eq!(missed("has days of its own"), None);
        assert_eq!(coverage.app("nobody"), None);
    }
}
