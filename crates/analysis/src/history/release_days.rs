//! When the versions of an app came out, as far as it can be known: as the user says, else by the snapshots.
//!
//! A version that the app's first snapshot holds came out before it, and only the newest of them can have come out shortly before:
//! the others have no day.

use crate::history::builder::AppHistory;
use crate::options::Options;
use perfpower_model::{Day, version};

/// The day of each version of one app, by rank.
pub(crate) struct ReleaseDays {
    days: Vec<Option<Day>>,
    /// Whether the day of a version is known and no mere bound: one that the first download holds may be of any age.
    is_seen: Vec<bool>,
}

impl ReleaseDays {
    pub(crate) fn of(history: &AppHistory, options: &Options) -> Self {
        let given = options.apps.get(&history.app).map(|app| &app.releases).filter(|releases| !releases.is_empty());
        let first = history.snapshots.first().copied();
        let newest_of_first = history.versions.iter().rposition(|info| Some(info.first_seen) == first);
        let days = history.versions.iter().enumerate().map(|(rank, info)| {
            let name = history.names.text(info.name);
            let released = given.and_then(|releases| {
                releases.iter().find(|(known, _)| version::compare(known, name).is_eq()).map(|(_, day)| *day)
            });
            let is_dated = Some(info.first_seen) > first || Some(rank) == newest_of_first;
            let is_seen = released.is_some() || Some(info.first_seen) > first;
            (released.or_else(|| is_dated.then_some(info.first_seen)), is_seen)
        });
        let (days, is_seen) = days.unzip();
        Self { days, is_seen }
    }

    /// The day of a version that is known to have come out about then; absent where all that is known is that it came out before
    /// the first download.
    pub(crate) fn seen_day(&self, rank: u32) -> Option<Day> {
        self.day(rank).filter(|_| self.is_seen[rank as usize])
    }

    /// Absent where a version is older than the archive and nobody says when it came out.
    pub(crate) fn day(&self, rank: u32) -> Option<Day> {
        self.days.get(rank as usize).copied().flatten()
    }
}

/// The versions of one app with their days, by name: for whoever has its history not at hand any more.
pub(crate) struct Releases {
    /// By rank.
    names: Vec<String>,
    pub(crate) days: ReleaseDays,
    /// Absent without any.
    pub(crate) newest_download: Option<Day>,
}

impl Releases {
    pub(crate) fn of(history: &AppHistory, options: &Options) -> Self {
        Self {
            names: (0..history.versions.len() as u32).map(|rank| history.version_text(rank).to_owned()).collect(),
            days: ReleaseDays::of(history, options),
            newest_download: history.snapshots.last().copied(),
        }
    }

    /// As [`ReleaseDays::seen_day`]; absent for a version that it does not have, too.
    pub(crate) fn seen_day(&self, version: &str) -> Option<Day> {
        self.days.seen_day(self.rank(version)?)
    }

    /// As [`ReleaseDays::day`]; absent for a version that it does not have, too.
    pub(crate) fn day(&self, version: &str) -> Option<Day> {
        self.days.day(self.rank(version)?)
    }

    fn rank(&self, version: &str) -> Option<u32> {
        self.names.iter().position(|name| name == version).map(|rank| rank as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::builder::{HistoryBuilder, RevisionDetail};
    use crate::options::AppOptions;
    use perfpower_model::{Dataset, Document, Kind, Metric};
    use std::collections::BTreeMap;

    /// One series with a point for each version.
    fn document(versions: &[&str]) -> Document {
        let mut document = Document::new(Kind::XcodeMetrics);
        let device = Some(document.names.intern("all_iphones"));
        let percentile = Some(document.names.intern("percentile.fifty"));
        let identifier = document.names.intern("launchTime");
        for version in versions {
            let version = document.names.intern(version);
            let points = &mut document.metrics.points;
            points.version.push(version);
            points.value.push(1.0);
            points.margin.push(f64::NAN);
            points.goal.push(None);
        }
        document.metrics.metrics.push(Metric {
            category: Some(identifier),
            identifier,
            unit: None,
            unit_label: None,
            goal_bounds: 0..0,
        });
        document.metrics.datasets.push(Dataset {
            metric: 0,
            platform: None,
            device,
            device_label: None,
            percentile,
            points: 0..versions.len() as u32,
            recommended: None,
        });
        document
    }

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn snapshots_date_what_they_see_come_and_the_user_dates_the_rest() {
        let mut builder = HistoryBuilder::new("a", RevisionDetail::Count);
        builder.add(&document(&["1.0", "1.1", "1.2", "1.3"]), day("2026-03-01"), 0);
        builder.add(&document(&["1.0", "1.1", "1.2"]), day("2026-02-01"), 1);
        let history = builder.finish();
        let days = |options: &Options| {
            let days = ReleaseDays::of(&history, options);
            (0..4).map(|rank| days.day(rank).map(|day| day.to_string())).collect::<Vec<_>>()
        };
        let some = |day: &str| Some(day.to_owned());
        assert_eq!(days(&Options::default()), [None, None, some("2026-02-01"), some("2026-03-01")]);
        let releases = BTreeMap::from([("1.1.0".to_owned(), day("2025-12-24")), ("1.3".to_owned(), day("2026-02-20"))]);
        let app = AppOptions { releases, ..AppOptions::default() };
        let told = Options { apps: BTreeMap::from([("a".to_owned(), app)]), ..Options::default() };
        assert_eq!(days(&told), [None, some("2025-12-24"), some("2026-02-01"), some("2026-02-20")]);
        assert_eq!(ReleaseDays::of(&history, &told).day(9), None);
        // The first download holds 1.2: it may be older than that.
        let clock = ReleaseDays::of(&history, &Options::default());
        assert_eq!((clock.seen_day(2), clock.seen_day(3)), (None, Some(day("2026-03-01"))));
        assert_eq!(ReleaseDays::of(&history, &told).seen_day(1), Some(day("2025-12-24")));
        let releases = Releases::of(&history, &Options::default());
        assert_eq!(releases.day("1.2"), clock.day(2));
        assert_eq!((releases.day("1.0"), releases.day("9")), (None, None));
        assert_eq!(releases.newest_download, Some(day("2026-03-01")));
    }
}
