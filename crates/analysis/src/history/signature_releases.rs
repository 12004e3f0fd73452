//! Which release the signatures of a page are of.
//!
//! A page names its build at most, by an id that orders nothing, and never a version. So the version is put together from
//! what lies around it; the first of these that speaks decides:
//!
//! 1. the place of the page in the archive, where the layout has `{version}`;
//! 2. for an overview, the version that it calls the latest;
//! 3. where it is the only build of its day, or the only one that is new on it: the newest version known on that day, out of
//!    an overview of the day, else out of metrics, else out of an overview before;
//! 4. for one of several builds of a day that is not new: what it was on the day before;
//! 5. logs of its signatures, where all of them are of one version;
//! 6. the newest version that Apple's insights on the page refer to. Apple calls these the versions that are affected and
//!    does not say whether the build's own is always one of them, so this comes after what is sure of it;
//! 7. nothing: then the build, or the day where it has but one, stands for itself. These are ordered by the day they first
//!    came and, within a day, by a number that the layout's `{build}` reads. Two builds of one day without a number have no
//!    order, and none is made up.
//!
//! Where two builds of one day claim one version by 3, 5 or 6, none gets it: the pages of one would hide those of the other.

use crate::history::builder::VersionInfo;
use perfpower_model::{Day, Document, Kind, Names, Signature, version};
use perfpower_stacks::{ReleaseName, SignatureBook, StackTable};
use std::collections::{BTreeMap, BTreeSet};

/// A page of signatures or an overview, without anything else of its document.
#[derive(Clone, Debug)]
pub struct SignaturePage {
    /// When it was downloaded.
    pub day: Day,
    /// What its place in the archive tells of its release.
    pub place: PlacedRelease,
    /// Its signatures.
    pub body: Document,
}

impl SignaturePage {
    /// Bytes held, about: the book holds each once more.
    pub(crate) fn heap_bytes(&self) -> usize {
        let Document { names, signatures, .. } = &self.body;
        size_of::<Self>() + 2 * (names.heap_bytes() + signatures.capacity() * size_of::<Signature>())
    }
}

/// What the place of a document in the archive tells of its release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlacedRelease {
    /// App version.
    pub version: Option<String>,
    /// Number or id of the build.
    pub build: Option<String>,
}

/// Files the signatures of an app by release.
pub(crate) fn signature_book(
    app: &str,
    pages: &[SignaturePage],
    versions: &[VersionInfo],
    names: &Names,
    stacks: &StackTable,
) -> SignatureBook {
    let mut book = SignatureBook::new();
    let releases = Evidence { app, pages, versions, names, stacks }.releases();
    for page in pages {
        let release = match stated_version(page) {
            Some(version) => version.into(),
            None => releases[&(page.day, build_of(page))].clone(),
        };
        book.absorb(app, release, Some(page.day), &page.body);
    }
    book
}

/// The version that a page's place or its body names.
fn stated_version(page: &SignaturePage) -> Option<&str> {
    page.place.version.as_deref().or_else(|| latest_version(page))
}

fn latest_version(page: &SignaturePage) -> Option<&str> {
    page.body.names.get(page.body.identity.latest_version).filter(|version| !version.is_empty())
}

/// The id of a page's build, if it names one.
fn build_of(page: &SignaturePage) -> Option<&str> {
    page.place.build.as_deref().or_else(|| page.body.names.get(page.body.identity.build_id))
}

/// What the pages of one build and day say of its release.
#[derive(Default)]
struct BuildFacts<'a> {
    /// Ids of its signatures.
    ids: BTreeSet<&'a str>,
    /// The newest version that Apple's insights refer to.
    referred: Option<&'a str>,
    /// Whether the layout gave its id, so that it may be a number.
    is_placed: bool,
}

/// All that lies around the pages of an app.
struct Evidence<'a> {
    app: &'a str,
    pages: &'a [SignaturePage],
    versions: &'a [VersionInfo],
    names: &'a Names,
    stacks: &'a StackTable,
}

impl<'a> Evidence<'a> {
    /// The release of each build of each day, where the pages do not name it.
    fn releases(&self) -> BTreeMap<(Day, Option<&'a str>), ReleaseName> {
        let mut releases = BTreeMap::new();
        let mut logged = None;
        // What each build was on the last day before.
        let mut known: BTreeMap<&str, ReleaseName> = BTreeMap::new();
        for (day, builds) in self.days() {
            let is_new = |build: &str| !known.contains_key(build);
            let named = builds.keys().flatten().count();
            let new = builds.keys().flatten().filter(|build| is_new(build)).count();
            let is_only_one = |build: Option<&str>| build.is_none_or(|build| named == 1 || (new == 1 && is_new(build)));

            let mut of_day: BTreeMap<Option<&str>, Option<ReleaseName>> = BTreeMap::new();
            for (&build, facts) in &builds {
                let newest = || self.newest_version(day).filter(|_| is_only_one(build)).map(ReleaseName::from);
                let before = || known.get(build?).filter(|_| !is_only_one(build)).cloned();
                let release = newest().or_else(before).or_else(|| {
                    let logged = logged.get_or_insert_with(|| self.versions_of_logs());
                    logged_version(facts, logged).or(facts.referred).map(ReleaseName::from)
                });
                of_day.insert(build, release);
            }
            let claims = |release: &ReleaseName| {
                of_day.iter().filter(|(build, claimed)| build.is_some() && claimed.as_ref() == Some(release)).count()
            };
            for (&build, facts) in &builds {
                let is_its_own = |release: &&ReleaseName| {
                    build.is_none_or(|build| claims(release) == 1 || known.get(build) == Some(*release))
                };
                let release = of_day[&build].as_ref().filter(is_its_own).cloned();
                let release = release.unwrap_or_else(|| unversioned(build, facts, day, is_only_one(build)));
                releases.insert((day, build), release);
            }
            known.extend(builds.keys().flatten().map(|&build| (build, releases[&(day, Some(build))].clone())));
        }
        releases
    }

    /// Builds by day, of pages that do not name their release.
    fn days(&self) -> BTreeMap<Day, BTreeMap<Option<&'a str>, BuildFacts<'a>>> {
        let mut days: BTreeMap<Day, BTreeMap<Option<&str>, BuildFacts<'_>>> = BTreeMap::new();
        for page in self.pages.iter().filter(|page| stated_version(page).is_none()) {
            let facts = days.entry(page.day).or_default().entry(build_of(page)).or_default();
            let (names, signatures) = (&page.body.names, &page.body.signatures);
            facts.is_placed |= page.place.build.is_some();
            facts.ids.extend(signatures.iter().filter_map(|signature| names.get(signature.id)));
            let trends = signatures.iter().filter_map(|signature| signature.trend.as_ref());
            facts.referred = trends
                .flat_map(|trend| &trend.references)
                .map(|reference| names.text(reference.version))
                .chain(facts.referred)
                .filter(|version| !version.is_empty())
                .max_by(|one, other| version::total_compare(one, other));
        }
        days
    }

    /// The newest version that was known on a day.
    fn newest_version(&self, day: Day) -> Option<&'a str> {
        let overviews = || {
            let overviews = self.pages.iter().filter(|page| page.body.kind == Kind::XcodeOverview && page.day <= day);
            overviews.filter_map(|page| Some((page.day, latest_version(page)?)))
        };
        let newest = |one: &(Day, &str), other: &(Day, &str)| {
            one.0.cmp(&other.0).then_with(|| version::total_compare(one.1, other.1))
        };
        let of_that_day = overviews().filter(|&(of, _)| of == day).max_by(newest);
        let measured =
            || self.versions.iter().rfind(|info| info.first_seen <= day).map(|info| self.names.text(info.name));
        of_that_day
            .map(|(_, version)| version)
            .or_else(measured)
            .or_else(|| overviews().max_by(newest).map(|(_, version)| version))
    }

    /// Versions of the logs of each signature. A pass over all logs, so only where a page needs it.
    fn versions_of_logs(&self) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
        let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let names = self.stacks.log_names();
        for log in self.stacks.logs().iter().filter(|log| names.text(log.app) == self.app) {
            if let Some(version) = names.get(log.metadata.app_version).filter(|version| !version.is_empty()) {
                versions.entry(names.get(log.signature).unwrap_or_default()).or_default().insert(version);
            }
        }
        versions
    }
}

/// The one version of all logs of a build's signatures.
fn logged_version<'a>(facts: &BuildFacts<'_>, logged: &BTreeMap<&str, BTreeSet<&'a str>>) -> Option<&'a str> {
    let mut versions = facts.ids.iter().filter_map(|id| logged.get(id)).flatten();
    let first = versions.next()?;
    versions.all(|version| version == first).then_some(*first)
}

/// A build that nothing gives a version.
fn unversioned(build: Option<&str>, facts: &BuildFacts<'_>, day: Day, is_only_one: bool) -> ReleaseName {
    let is_number = |build: &&str| !build.is_empty() && build.chars().all(|c| c.is_ascii_digit() || c == '.');
    let number = build.filter(|build| facts.is_placed && is_number(build)).map(str::to_owned);
    let label = match build {
        Some(build) if !is_only_one || number.is_some() => format!("build {build}"),
        _ => day.to_string(),
    };
    ReleaseName::Build { label, number }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AppHistory, HistoryBuilder, RevisionDetail};
    use perfpower_model::{Dataset, DiagnosticLog, LogMetadata, Metric, ReferenceValue, Signature, SignatureTrend};
    use perfpower_stacks::FollowOptions;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    /// A page of a build with one signature of its own.
    fn page(build: &str, signature: &str) -> Document {
        let mut document = Document::new(Kind::DiagnosticSignatures);
        let names = &mut document.names;
        document.identity.build_id = (!build.is_empty()).then(|| names.intern(build));
        document.signatures.push(Signature {
            id: Some(names.intern(signature)),
            diagnostic_type: Some(names.intern("HANGS")),
            text: Some(names.intern(&format!("App: {signature}"))),
            weight: Some(1.0),
            ..Signature::default()
        });
        document
    }

    /// The same with versions that Apple's insight refers to.
    fn referring(build: &str, signature: &str, versions: &[&str]) -> Document {
        let mut document = page(build, signature);
        let names = &mut document.names;
        let reference = |version: &&str| ReferenceValue { version: names.intern(version), value: 1.0 };
        let references = versions.iter().map(reference).collect();
        document.signatures[0].trend =
            Some(SignatureTrend { direction: Some(document.names.intern("UP")), references });
        document
    }

    fn overview(latest: &str) -> Document {
        let mut document = page("", "top");
        document.kind = Kind::XcodeOverview;
        document.identity.latest_version = Some(document.names.intern(latest));
        document
    }

    fn metrics(version: &str) -> Document {
        let mut document = Document::new(Kind::XcodeMetrics);
        let names = &mut document.names;
        let (category, identifier) = (Some(names.intern("HANG")), names.intern("hangRate"));
        document.metrics.metrics.push(Metric { category, identifier, unit: None, unit_label: None, goal_bounds: 0..0 });
        document.metrics.points.version.push(names.intern(version));
        document.metrics.points.value.push(1.0);
        document.metrics.points.margin.push(f64::NAN);
        document.metrics.points.goal.push(None);
        document.metrics.datasets.push(Dataset {
            metric: 0,
            platform: None,
            device: None,
            device_label: None,
            percentile: None,
            points: 0..1,
            recommended: None,
        });
        document
    }

    fn log(signature: &str, version: &str) -> Document {
        let mut document = Document::new(Kind::DiagnosticLogs);
        let names = &mut document.names;
        let metadata = LogMetadata { app_version: Some(names.intern(version)), ..LogMetadata::default() };
        let signature = Some(names.intern(signature));
        document.logs.push(DiagnosticLog { signature, metadata, per_thread: None, nodes: 0..0 });
        document
    }

    fn placed(version: Option<&str>, build: Option<&str>) -> PlacedRelease {
        PlacedRelease { version: version.map(str::to_owned), build: build.map(str::to_owned) }
    }

    /// `release: its signatures`, oldest first, with `?` before a release that is not known to be newer than the one before.
    fn releases(documents: &[(&str, PlacedRelease, Document)]) -> Vec<String> {
        let mut newest_first: Vec<_> = documents.iter().collect();
        newest_first.sort_by_key(|(at, ..)| std::cmp::Reverse(day(at)));
        let mut builder = HistoryBuilder::new("app", RevisionDetail::Count);
        for (number, (at, place, document)) in newest_first.into_iter().enumerate() {
            builder.add_placed(document, day(at), number as u32, place);
        }
        let history: AppHistory = builder.finish();
        let followed = history.signatures.follow(&FollowOptions::default());
        let of = |version: &str| {
            let seen_in = |line: &&perfpower_stacks::FollowedSignature| {
                line.sightings.iter().any(|sighting| sighting.version == version)
            };
            followed
                .signatures
                .iter()
                .filter(seen_in)
                .filter_map(|line| line.function.as_deref())
                .collect::<Vec<_>>()
                .join(" ")
        };
        let mark = |is_ordered: bool| if is_ordered { "" } else { "?" };
        let line = |release: &perfpower_stacks::Release| {
            format!("{}{}: {}", mark(release.is_ordered), release.version, of(&release.version))
        };
        followed.releases.iter().map(line).collect()
    }

    /// Documents whose place tells nothing.
    fn found(documents: &[(&str, Document)]) -> Vec<String> {
        let documents: Vec<_> =
            documents.iter().map(|(at, document)| (*at, PlacedRelease::default(), document.clone())).collect();
        releases(&documents)
    }

    const FIRST: &str = "2026-01-01";
    const SECOND: &str = "2026-01-08";
    const THIRD: &str = "2026-01-15";

    #[test]
    fn without_any_version_each_day_is_one() {
        assert_eq!(found(&[(FIRST, page("f", "a")), (SECOND, page("e", "b"))]), ["2026-01-01: a", "2026-01-08: b"]);
        assert_eq!(found(&[(FIRST, page("", "a")), (SECOND, page("", "b"))]), ["2026-01-01: a", "2026-01-08: b"]);
    }

    #[test]
    fn metrics_and_overviews_give_the_version_of_their_day() {
        let days = [(FIRST, page("f", "a")), (FIRST, metrics("1.0")), (SECOND, page("e", "b"))];
        assert_eq!(found(&[&days[..], &[(SECOND, metrics("2.0"))]].concat()), ["1.0: a", "2.0: b"]);
        assert_eq!(found(&[&days[..], &[(SECOND, overview("2.0"))]].concat()), ["1.0: a", "2.0: b top"]);
        // Nothing but the overview: the page of its day is of its version, and the one before of its own day.
        let lone = [(FIRST, page("f", "a")), (SECOND, page("e", "b")), (SECOND, overview("2.0"))];
        assert_eq!(found(&lone), ["2026-01-01: a", "2.0: b top"]);
    }

    #[test]
    fn builds_of_one_day_are_told_by_their_logs_or_by_what_apple_refers_to() {
        let two = [(FIRST, page("f", "a")), (FIRST, page("e", "b"))];
        assert_eq!(found(&two), ["build e: b", "?build f: a"]);
        let logs = [(FIRST, log("a", "1.0")), (FIRST, log("b", "2.0"))];
        assert_eq!(found(&[&two[..], &logs].concat()), ["1.0: a", "2.0: b"]);
        // Logs of one version for both, or of two for one, tell nothing.
        let same = [(FIRST, log("a", "1.0")), (FIRST, log("b", "1.0"))];
        assert_eq!(found(&[&two[..], &same].concat()), ["build e: b", "?build f: a"]);
        let mixed = [(FIRST, log("a", "1.0")), (FIRST, log("a", "2.0"))];
        assert_eq!(found(&[&two[..], &mixed].concat()), ["build e: b", "?build f: a"]);
        let referring = [(FIRST, referring("f", "a", &["1.0", "0.9"])), (FIRST, referring("e", "b", &["1.0", "1.10"]))];
        assert_eq!(found(&referring), ["1.0: a", "1.10: b"]);
    }

    #[test]
    fn the_one_build_that_is_new_has_the_version_of_its_day() {
        let days = [
            (FIRST, page("f", "a")),
            (FIRST, metrics("1.0")),
            (SECOND, page("f", "a")),
            (SECOND, page("e", "b")),
            (SECOND, metrics("2.0")),
        ];
        assert_eq!(found(&days), ["1.0: a", "2.0: b"]);
        let without_metrics = [days[0].clone(), days[2].clone(), days[3].clone(), (THIRD, page("d", "c"))];
        assert_eq!(found(&without_metrics), ["2026-01-01: a", "2026-01-08: b", "2026-01-15: c"]);
    }

    #[test]
    fn the_layout_goes_before_all_else() {
        let at = |build: &str, signature: &str, place: PlacedRelease| (FIRST, place, page(build, signature));
        let metrics = (FIRST, PlacedRelease::default(), metrics("3.0"));
        let versions = [at("f", "a", placed(Some("1.0"), None)), at("e", "b", placed(Some("2.0"), None)), metrics];
        assert_eq!(releases(&versions), ["1.0: a", "2.0: b"]);
        let builds = [at("", "a", placed(None, Some("9"))), at("", "b", placed(None, Some("10")))];
        assert_eq!(releases(&builds), ["build 9: a", "build 10: b"]);
        let ids = [at("", "a", placed(None, Some("9f"))), at("", "b", placed(None, Some("10")))];
        assert_eq!(releases(&ids), ["build 9f: a", "?build 10: b"]);
    }
}
