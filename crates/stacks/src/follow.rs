//! One signature over builds: new, gone, grown, shrunk, and Apple's own view beside ours.
//!
//! Whether an id comes back in the next build is not documented, so a signature is followed by what it says as well: its
//! diagnostic type, binary, and the part of its function's name that is stable over builds. Two sightings are one signature
//! when their ids are equal or their call paths are. Several signatures of one build that differ only in an offset are one
//! by that rule, and their weights add up.
//!
//! Releases are in the order of their versions. A build whose version nothing tells has its place by the day it was first
//! downloaded; of two that first came on one day nothing says which is the newer one, and then nothing is called new, gone,
//! grown or shrunk.
//!
//! A page that was not the last one leaves the build incomplete: what is not on it may stand on the next. So does a download
//! that asked for one type only, for the other types. Then nothing is called new or gone on its account.

mod redact;

pub use redact::redacted_pattern;

use crate::axis::DiagnosticType;
use crate::difference::Movement;
use crate::symbol::{demangled, identity, is_address, without_offset};
use crate::tree::place;
use perfpower_model::{Day, Document, Kind, version};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

/// What is called a change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FollowOptions {
    /// Least change of a weight, 0..=1, that is called grown or shrunk. 0.05: arbitrary; a weight has two decimals in
    /// Apple's sample, and nothing is known of its error.
    pub min_weight_change: f64,
    /// How far from 1 the weights of a complete build and type may sum up to. 0.01 per two-decimal weight would be exact;
    /// one value for all is simpler and 0.02 covers four of them.
    pub weight_sum_tolerance: f64,
}

impl Default for FollowOptions {
    fn default() -> Self {
        Self { min_weight_change: 0.05, weight_sum_tolerance: 0.02 }
    }
}

/// Which release signatures are of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ReleaseName {
    /// An app version; its numbers give the order.
    Version(String),
    /// A build whose version nothing tells; the day it was first downloaded gives the order.
    Build {
        /// For eyes, such as the day, or `build 45`.
        label: String,
        /// Its number, where that is known: the order among builds of one day.
        number: Option<String>,
    },
}

impl ReleaseName {
    /// For eyes.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Version(text) | Self::Build { label: text, .. } => text,
        }
    }

    fn is_version(&self) -> bool {
        matches!(self, Self::Version(_))
    }
}

impl From<&str> for ReleaseName {
    fn from(version: &str) -> Self {
        Self::Version(version.to_owned())
    }
}

/// Signatures as they were downloaded, over builds and snapshots of any number of apps.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SignatureBook {
    /// By app, release and snapshot.
    pages: BTreeMap<PageKey, Pages>,
}

/// Whose signatures, of which release, downloaded when.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct PageKey {
    app: String,
    release: ReleaseName,
    is_overview: bool,
    day: Option<Day>,
}

/// What tells the rows of one download apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum RowKey {
    Id(String),
    Text(Option<String>),
}

impl RowKey {
    fn id(&self) -> Option<&str> {
        match self {
            Self::Id(id) => Some(id),
            Self::Text(_) => None,
        }
    }
}

/// What one download of one release holds.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Pages {
    /// By id, since pages of one download may overlap; by text where there is no id.
    rows: BTreeMap<RowKey, Row>,
    types: BTreeSet<DiagnosticType>,
    /// Types on pages that no other page follows.
    types_on_last: BTreeSet<DiagnosticType>,
    has_last: bool,
    /// Whether one page holds several types: then the download was not filtered by type.
    is_mixed: bool,
}

impl Pages {
    /// Whether all signatures of a type are here. A type that is nowhere may have been filtered out.
    fn is_complete(&self, diagnostic_type: DiagnosticType) -> bool {
        self.types_on_last.contains(&diagnostic_type)
            || (self.has_last && self.is_mixed && self.types.contains(&diagnostic_type))
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Row {
    diagnostic_type: DiagnosticType,
    text: Option<String>,
    weight: Option<f64>,
    trend: Option<String>,
    count: Option<u64>,
    file: Option<String>,
    line: Option<NonZeroU32>,
}

/// One signature in one version.
#[derive(Clone, Debug, PartialEq)]
pub struct Sighting {
    /// App version, or the label of a build without one.
    pub version: String,
    /// Ids that Apple gave it there.
    pub ids: Vec<String>,
    /// Share of all writes, hang time or launch time, 0..=1; absent where Apple gives none.
    pub weight: Option<f64>,
    /// Apple's trend: `UP`, `DOWN`, `UNDEFINED`; absent where Apple gives none.
    pub apple_trend: Option<String>,
    /// How often it was seen; overviews only.
    pub count: Option<u64>,
    /// Source file; overviews only.
    pub file: Option<String>,
    /// 1-based line; overviews only.
    pub line: Option<NonZeroU32>,
}

impl Sighting {
    /// `SkyTable.m:157`, if the file is known.
    pub fn place(&self) -> Option<String> {
        place(self.file.as_deref(), self.line)
    }
}

/// One signature over versions.
#[derive(Clone, Debug, PartialEq)]
pub struct FollowedSignature {
    /// Whose it is.
    pub app: String,
    /// Disk writes, hang or launch.
    pub diagnostic_type: DiagnosticType,
    /// Apple's text, of the newest version that has it.
    pub text: Option<String>,
    /// The binary in it.
    pub binary: Option<String>,
    /// The function in it, readable and without an offset.
    pub function: Option<String>,
    /// Oldest version first.
    pub sightings: Vec<Sighting>,
    /// How it moved from the release before the newest to the newest, or between the two of [`Followed::between`]; absent
    /// where there is one release only, where nothing tells which of two came first, where pages are missing that could
    /// hold it, or where it is an address, which has no name in the other release.
    pub movement: Option<Movement>,
    /// Weight in the later of the two less weight in the earlier one, where both are known; a release without it counts as 0.
    pub weight_change: Option<f64>,
    /// What Apple says of the later release against those before it: `UP`, `DOWN`, `UNDEFINED`. Absent where Apple says
    /// nothing, and where the earlier release is not the one right before: then Apple speaks of something else.
    pub apple_trend: Option<String>,
    /// Whether Apple's trend says the same as `movement`: UP with new or grown, DOWN with gone or shrunk, UNDEFINED with the
    /// same. Absent where either is missing.
    pub apple_agrees: Option<bool>,
}

impl FollowedSignature {
    /// Its text with the function in it readable.
    pub fn shown(&self) -> Option<Cow<'_, str>> {
        let text = self.text.as_deref()?;
        let (_, function) = parts(text);
        Some(match (demangled(function), text.rsplit_once(function)) {
            (Cow::Owned(readable), Some((before, after))) => Cow::Owned(format!("{before}{readable}{after}")),
            _ => Cow::Borrowed(text),
        })
    }

    /// What is known of it in a version, however that is spelt: `2.0` is `2.0.0`.
    pub fn sighted_in(&self, version: &str) -> Option<&Sighting> {
        self.sightings.iter().find(|sighting| version::compare(&sighting.version, version).is_eq())
    }
}

/// One release of one app that signatures are known of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Whose it is.
    pub app: String,
    /// App version, or the label of a build without one.
    pub version: String,
    /// Whether it is a version, and not a label.
    pub is_version: bool,
    /// Whether it is known to be newer than the one before it in the list.
    pub is_ordered: bool,
}

/// The weights of one version and type.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightSum {
    /// Whose they are.
    pub app: String,
    /// App version, or the label of a build without one.
    pub version: String,
    /// Disk writes, hangs or launches.
    pub diagnostic_type: DiagnosticType,
    /// How many signatures there are.
    pub signatures: usize,
    /// Sum of the weights that are given.
    pub sum: f64,
    /// Whether the last page is there.
    pub is_complete: bool,
    /// Whether the sum is 1, within [`FollowOptions::weight_sum_tolerance`]. Apple nowhere says that it must be.
    pub is_one: bool,
}

/// All signatures followed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Followed {
    /// By app and type; within these by weight in the newest version, heaviest first.
    pub signatures: Vec<FollowedSignature>,
    /// By app, release and type.
    pub weight_sums: Vec<WeightSum>,
    /// By app, oldest first.
    pub releases: Vec<Release>,
}

impl Followed {
    /// The same signatures with the movement between two releases of one's choice: the choice is the order.
    #[must_use]
    pub fn between(&self, from: &str, to: &str, options: &FollowOptions) -> Self {
        let is = |version: &str, wanted: &str| version::compare(version, wanted).is_eq();
        let signatures = self.signatures.iter().map(|signature| {
            let side = |wanted: &str| Side {
                sighting: signature.sighted_in(wanted),
                is_told: !signature.function.as_deref().is_some_and(is_address)
                    && self.weight_sums.iter().any(|sum| {
                        (&sum.app, sum.diagnostic_type) == (&signature.app, signature.diagnostic_type)
                            && sum.is_complete
                            && is(&sum.version, wanted)
                    }),
            };
            let releases: Vec<&Release> = self.releases.iter().filter(|known| known.app == signature.app).collect();
            let is_next = releases
                .windows(2)
                .any(|pair| is(&pair[0].version, from) && is(&pair[1].version, to) && pair[1].is_ordered);
            let Shift { movement, weight_change, apple_trend, apple_agrees } =
                Shift::of(Some(side(from)), side(to), is_next, options);
            FollowedSignature { movement, weight_change, apple_trend, apple_agrees, ..signature.clone() }
        });
        Self {
            signatures: signatures.collect(),
            weight_sums: self.weight_sums.clone(),
            releases: self.releases.clone(),
        }
    }
}

impl SignatureBook {
    /// An empty book.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a page of signatures, or the top signatures of an overview.
    pub fn absorb(&mut self, app: &str, release: impl Into<ReleaseName>, day: Option<Day>, document: &Document) {
        let is_overview = document.kind == Kind::XcodeOverview;
        if !is_overview && document.kind != Kind::DiagnosticSignatures {
            return;
        }
        let names = &document.names;
        let text = |id| names.get(id).filter(|text| !text.is_empty()).map(str::to_owned);
        let key = PageKey { app: app.to_owned(), release: release.into(), is_overview, day };
        let pages = self.pages.entry(key).or_default();
        let mut types = BTreeSet::new();
        for signature in &document.signatures {
            let diagnostic_type = DiagnosticType::of(names.get(signature.diagnostic_type).unwrap_or_default());
            types.insert(diagnostic_type);
            let key = text(signature.id).map_or_else(|| RowKey::Text(text(signature.text)), RowKey::Id);
            pages.rows.insert(
                key,
                Row {
                    diagnostic_type,
                    text: text(signature.text),
                    weight: signature.weight.filter(|weight| weight.is_finite()),
                    trend: signature.trend.as_ref().and_then(|trend| text(trend.direction)),
                    count: signature.count,
                    file: text(signature.file),
                    line: signature.line,
                },
            );
        }
        pages.is_mixed |= types.len() > 1;
        pages.types.extend(&types);
        if document.next_page.is_none() && !is_overview {
            pages.has_last = true;
            pages.types_on_last.extend(types);
        }
    }

    /// The app versions it holds signatures of.
    pub fn versions(&self) -> impl Iterator<Item = &str> {
        self.pages.keys().map(|key| &key.release).filter(|release| release.is_version()).map(ReleaseName::as_str)
    }

    /// Adds all of another book.
    pub fn merge(&mut self, other: Self) {
        for (key, pages) in other.pages {
            let ours = self.pages.entry(key).or_default();
            ours.rows.extend(pages.rows);
            ours.types.extend(pages.types);
            ours.types_on_last.extend(pages.types_on_last);
            ours.has_last |= pages.has_last;
            ours.is_mixed |= pages.is_mixed;
        }
    }

    /// Follows every signature over the releases of its app.
    pub fn follow(&self, options: &FollowOptions) -> Followed {
        let mut followed = Followed::default();
        let mut apps: BTreeMap<&str, BTreeMap<&ReleaseName, Build<'_>>> = BTreeMap::new();
        for (key, pages) in &self.pages {
            let builds = apps.entry(&key.app).or_default();
            let build = builds.entry(&key.release).or_insert(Build {
                release: &key.release,
                first_day: key.day,
                pages: None,
                overview: None,
            });
            build.first_day = build.first_day.min(key.day);
            // Keys are sorted, so a later snapshot comes later and takes the place of the one before. An overview lists the
            // top of each kind and comes after the pages of its version: it adds what they lack.
            if key.is_overview {
                build.overview = Some(pages);
            } else {
                build.pages = Some(pages);
            }
        }
        for (app, builds) in apps {
            follow_app(app, &in_order(builds.into_values().collect()), options, &mut followed);
        }
        followed
    }
}

/// What is known of one release.
struct Build<'a> {
    release: &'a ReleaseName,
    /// The first download of it.
    first_day: Option<Day>,
    pages: Option<&'a Pages>,
    overview: Option<&'a Pages>,
}

impl Build<'_> {
    fn is_complete(&self, diagnostic_type: DiagnosticType) -> bool {
        self.pages.is_some_and(|pages| pages.is_complete(diagnostic_type))
    }

    /// Whether it is known to be newer than `other`, which stands before it.
    fn is_after(&self, other: &Self) -> bool {
        match (other.release, self.release) {
            (ReleaseName::Version(_), ReleaseName::Version(_)) => true,
            (ReleaseName::Build { number: Some(one), .. }, ReleaseName::Build { number: Some(next), .. })
                if version::compare(one, next).is_lt() =>
            {
                true
            }
            _ => other.first_day < self.first_day,
        }
    }

    /// Rows with their ids, those of pages first. An overview repeats the top of what the pages hold, at times under another
    /// id: it adds what they lack, and a weight only where they give its call path none.
    fn rows(&self) -> Vec<(Option<&str>, Row)> {
        let of_pages = self.pages.into_iter().flat_map(|pages| &pages.rows);
        let mut rows: Vec<(Option<&str>, Row)> = of_pages.map(|(key, row)| (key.id(), row.clone())).collect();
        let Some(overview) = self.overview else { return rows };
        let of_build = |row| CallPath::of(row, 0);
        let weighed: BTreeSet<CallPath<'_>> = self
            .pages
            .into_iter()
            .flat_map(|pages| pages.rows.values())
            .filter(|row| row.weight.is_some())
            .filter_map(of_build)
            .collect();
        for (key, row) in &overview.rows {
            let id = key.id();
            let is_weighed = of_build(row).is_some_and(|path| weighed.contains(&path));
            let weight = row.weight.filter(|_| !is_weighed);
            let Some((_, known)) = rows.iter_mut().find(|(known, _)| id.is_some() && *known == id) else {
                rows.push((id, Row { weight, ..row.clone() }));
                continue;
            };
            known.weight = known.weight.or(weight);
            known.trend = known.trend.take().or_else(|| row.trend.clone());
            known.count = known.count.or(row.count);
            known.line = known.line.or(row.line);
            known.file = known.file.take().or_else(|| row.file.clone());
        }
        rows
    }
}

/// Oldest first. Versions are sorted by number; a build without one stands before the first version that was downloaded on
/// a later day, among others like it by day and then by number.
fn in_order(builds: Vec<Build<'_>>) -> Vec<Build<'_>> {
    let (mut versions, mut unnamed): (Vec<_>, Vec<_>) =
        builds.into_iter().partition(|build| build.release.is_version());
    versions.sort_by(|left, right| version::total_compare(left.release.as_str(), right.release.as_str()));
    unnamed.sort_by(|left, right| {
        let number = |build: &Build<'_>| match build.release {
            ReleaseName::Build { number: Some(number), .. } => number.clone(),
            _ => String::new(),
        };
        let by_number = || version::total_compare(&number(left), &number(right));
        left.first_day.cmp(&right.first_day).then_with(by_number).then_with(|| left.release.cmp(right.release))
    });
    let mut unnamed = unnamed.into_iter().peekable();
    let mut order = Vec::new();
    for version in versions {
        while let Some(build) = unnamed.next_if(|build| build.first_day < version.first_day) {
            order.push(build);
        }
        order.push(version);
    }
    order.extend(unnamed);
    order
}

/// What two signatures have in common that are one under two ids.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct CallPath<'a> {
    diagnostic_type: DiagnosticType,
    binary: Option<&'a str>,
    function: String,
    /// Equal addresses of two builds are two functions.
    only_in: Option<usize>,
}

impl<'a> CallPath<'a> {
    /// Nothing for a text without a function.
    fn of(row: &'a Row, build: usize) -> Option<Self> {
        let (binary, function) = parts(row.text.as_deref()?);
        let only_in = is_address(function).then_some(build);
        let diagnostic_type = row.diagnostic_type;
        (!function.is_empty()).then(|| Self { diagnostic_type, binary, function: identity(function), only_in })
    }
}

/// Splits `ExampleApp: -[Store load] + 23` into binary and function.
fn parts(text: &str) -> (Option<&str>, &str) {
    let text = without_offset(text.trim());
    match text.split_once(": ") {
        Some((binary, function)) if !binary.contains(['[', '(', '<', ' ']) => (Some(binary), function.trim()),
        _ => (None, text),
    }
}

fn follow_app(app: &str, builds: &[Build<'_>], options: &FollowOptions, followed: &mut Followed) {
    // Rows of all releases, and which of them are one signature: by id, or by type and call path.
    let mut rows: Vec<(usize, Option<&str>, Row)> = Vec::new();
    for (at, build) in builds.iter().enumerate() {
        rows.extend(build.rows().into_iter().map(|(id, row)| (at, id, row)));
    }
    let mut groups = Groups::of(rows.len());
    let mut by_id: BTreeMap<&str, usize> = BTreeMap::new();
    let mut by_path: BTreeMap<CallPath<'_>, usize> = BTreeMap::new();
    for (at, (build, id, row)) in rows.iter().enumerate() {
        if let Some(id) = id {
            groups.join(at, *by_id.entry(id).or_insert(at));
        }
        if let Some(path) = CallPath::of(row, *build) {
            groups.join(at, *by_path.entry(path).or_insert(at));
        }
    }
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in 0..rows.len() {
        members.entry(groups.find(at)).or_default().push(at);
    }

    let mut signatures: Vec<FollowedSignature> = members
        .into_values()
        .map(|members| {
            let rows: Vec<&(usize, Option<&str>, Row)> = members.iter().map(|&at| &rows[at]).collect();
            followed_signature(app, builds, &rows, options)
        })
        .collect();
    let newest_weight =
        |signature: &FollowedSignature| signature.sightings.last().and_then(|sighting| sighting.weight).unwrap_or(0.0);
    signatures.sort_by(|left, right| {
        left.diagnostic_type
            .cmp(&right.diagnostic_type)
            .then_with(|| newest_weight(right).total_cmp(&newest_weight(left)))
            .then_with(|| left.text.cmp(&right.text))
    });
    followed.signatures.extend(signatures);

    followed.releases.extend(builds.iter().enumerate().map(|(at, build)| Release {
        app: app.to_owned(),
        version: build.release.as_str().to_owned(),
        is_version: build.release.is_version(),
        is_ordered: at.checked_sub(1).is_none_or(|before| build.is_after(&builds[before])),
    }));
    for build in builds {
        let Some(pages) = build.pages else { continue };
        for &diagnostic_type in &pages.types {
            let weights: Vec<Option<f64>> = pages
                .rows
                .values()
                .filter(|row| row.diagnostic_type == diagnostic_type)
                .map(|row| row.weight)
                .collect();
            let sum: f64 = weights.iter().flatten().sum();
            followed.weight_sums.push(WeightSum {
                app: app.to_owned(),
                version: build.release.as_str().to_owned(),
                diagnostic_type,
                signatures: weights.len(),
                sum,
                is_complete: build.is_complete(diagnostic_type),
                is_one: (sum - 1.0).abs() <= options.weight_sum_tolerance,
            });
        }
    }
}

/// `rows` are all of one signature, in order of release.
fn followed_signature(
    app: &str,
    builds: &[Build<'_>],
    rows: &[&(usize, Option<&str>, Row)],
    options: &FollowOptions,
) -> FollowedSignature {
    let newest_row = rows.last().and_then(|(newest, ..)| rows.iter().find(|(build, ..)| build == newest));
    let (diagnostic_type, text) =
        newest_row.map_or((DiagnosticType::Other, None), |(_, _, row)| (row.diagnostic_type, row.text.as_deref()));
    let mut sightings: Vec<(usize, Sighting)> = Vec::new();
    for (build, id, row) in rows {
        if sightings.last().is_none_or(|(last, _)| last != build) {
            let version = builds[*build].release.as_str().to_owned();
            sightings.push((
                *build,
                Sighting {
                    version,
                    ids: Vec::new(),
                    weight: None,
                    apple_trend: None,
                    count: None,
                    file: None,
                    line: None,
                },
            ));
        }
        let Some((_, sighting)) = sightings.last_mut() else { continue };
        sighting.ids.extend(id.map(str::to_owned));
        sighting.weight = added(sighting.weight, row.weight);
        sighting.count = match (sighting.count, row.count) {
            (Some(one), Some(other)) => Some(one.saturating_add(other)),
            (one, other) => one.or(other),
        };
        sighting.apple_trend = sighting.apple_trend.take().or_else(|| row.trend.clone());
        if sighting.file.is_none() {
            sighting.file.clone_from(&row.file);
            sighting.line = row.line;
        }
    }

    let (binary, function) = text.map_or((None, None), |text| {
        let (binary, function) = parts(text);
        (binary, Some(function))
    });
    let side = |build: usize| Side {
        sighting: sightings.iter().find(|(known, _)| *known == build).map(|(_, sighting)| sighting),
        is_told: !function.is_some_and(is_address) && builds[build].is_complete(diagnostic_type),
    };
    // The last two are a pair where the newest is known to be it, and the one before to be the one before.
    let newest = builds.len() - 1;
    let is_after_all = |build: usize| build == 0 || builds[build].is_after(&builds[build - 1]);
    let is_newest_known = is_after_all(newest);
    let before = newest.checked_sub(1).filter(|&before| is_newest_known && is_after_all(before));
    let Shift { movement, weight_change, apple_trend, apple_agrees } =
        Shift::of(before.map(side), side(newest), is_newest_known, options);
    FollowedSignature {
        app: app.to_owned(),
        diagnostic_type,
        text: text.map(str::to_owned),
        binary: binary.map(str::to_owned),
        function: function.map(|function| demangled(function).into_owned()),
        sightings: sightings.into_iter().map(|(_, sighting)| sighting).collect(),
        movement,
        weight_change,
        apple_trend,
        apple_agrees,
    }
}

/// One signature in one of two releases.
#[derive(Clone, Copy)]
struct Side<'a> {
    sighting: Option<&'a Sighting>,
    /// Whether it would be there if it had happened: all signatures of its type are, and it is no address, which has another
    /// name in each build.
    is_told: bool,
}

impl Side<'_> {
    fn weight(&self) -> Option<f64> {
        match self.sighting {
            Some(sighting) => sighting.weight,
            None => self.is_told.then_some(0.0),
        }
    }
}

/// What moved from one release to another, and what Apple says of it.
struct Shift {
    movement: Option<Movement>,
    weight_change: Option<f64>,
    apple_trend: Option<String>,
    apple_agrees: Option<bool>,
}

impl Shift {
    /// `is_apples` = Apple's trend is about this pair, or about the newest release where there is none before.
    fn of(before: Option<Side<'_>>, after: Side<'_>, is_apples: bool, options: &FollowOptions) -> Self {
        let apple_trend = after.sighting.filter(|_| is_apples).and_then(|sighting| sighting.apple_trend.clone());
        let weights = before.as_ref().and_then(|before| Some((before.weight()?, after.weight()?)));
        let seen = (before.is_some_and(|before| before.sighting.is_some()), after.sighting.is_some());
        let movement = weights.and_then(|(before, after)| match seen {
            (false, false) => None,
            (false, true) => Some(Movement::New),
            (true, false) => Some(Movement::Gone),
            (true, true) => Some(match after - before {
                change if change >= options.min_weight_change => Movement::Grown,
                change if change <= -options.min_weight_change => Movement::Shrunk,
                _ => Movement::Same,
            }),
        });
        let apple_agrees = movement.zip(apple_trend.as_deref()).and_then(|(movement, trend)| match trend {
            "UP" => Some(matches!(movement, Movement::New | Movement::Grown)),
            "DOWN" => Some(matches!(movement, Movement::Gone | Movement::Shrunk)),
            "UNDEFINED" => Some(movement == Movement::Same),
            _ => None,
        });
        Self {
            movement,
            weight_change: weights.filter(|_| movement.is_some()).map(|(before, after)| after - before),
            apple_trend,
            apple_agrees,
        }
    }
}

fn added(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one + other),
        (one, other) => one.or(other),
    }
}

/// Disjoint sets, with paths halved on the way: the first member stands for its set.
struct Groups {
    above: Vec<usize>,
}

impl Groups {
    fn of(count: usize) -> Self {
        Self { above: (0..count).collect() }
    }

    fn find(&mut self, mut at: usize) -> usize {
        while self.above[at] != at {
            self.above[at] = self.above[self.above[at]];
            at = self.above[at];
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.find(one), self.find(other));
        self.above[one.max(other)] = one.min(other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use perfpower_model::{Signature, SignatureTrend};

    /// Id, text, weight, trend.
    type Line<'a> = (&'a str, &'a str, f64, &'a str);

    fn page(kind: Kind, lines: &[Line<'_>], has_next: bool) -> Document {
        let mut document = Document::new(kind);
        let names = &mut document.names;
        for &(id, text, weight, trend) in lines {
            document.signatures.push(Signature {
                id: Some(names.intern(id)),
                diagnostic_type: Some(names.intern("HANGS")),
                text: Some(names.intern(text)),
                weight: Some(weight),
                trend: (!trend.is_empty())
                    .then(|| SignatureTrend { direction: Some(names.intern(trend)), references: Vec::new() }),
                ..Signature::default()
            });
        }
        if has_next {
            document.next_page = Some(names.intern("https://next"));
        }
        document
    }

    fn pages(lines: &[Line<'_>]) -> Document {
        page(Kind::DiagnosticSignatures, lines, false)
    }

    fn summary(followed: &Followed) -> Vec<(String, Option<Movement>, Option<bool>)> {
        followed
            .signatures
            .iter()
            .map(|line| (line.function.clone().unwrap_or_default(), line.movement, line.apple_agrees))
            .collect()
    }

    #[test]
    fn signatures_are_followed_by_id_and_by_call_path() {
        let mut book = SignatureBook::new();
        book.absorb(
            "app",
            "1.9",
            None,
            &pages(&[
                ("a", "App: -[Store load:] + 23", 0.5, ""),
                ("b", "App: closure #1 in Feed.show() + 8", 0.3, ""),
                ("c", "App: old() + 1", 0.2, ""),
            ]),
        );
        book.absorb(
            "app",
            "1.10",
            None,
            &pages(&[
                ("z", "App: -[Store load:] + 99", 0.52, "UNDEFINED"),
                ("y", "App: closure #3 in Feed.show() + 8", 0.08, "UP"),
                ("x", "App: fresh() + 1", 0.4, "UP"),
            ]),
        );
        let followed = book.follow(&FollowOptions::default());
        assert_eq!(
            summary(&followed),
            [
                ("-[Store load:]".to_owned(), Some(Movement::Same), Some(true)),
                ("fresh()".to_owned(), Some(Movement::New), Some(true)),
                ("old()".to_owned(), Some(Movement::Gone), None),
                ("closure #3 in Feed.show()".to_owned(), Some(Movement::Shrunk), Some(false)),
            ]
        );
        assert_eq!(followed.signatures[0].sightings.len(), 2);
        assert!(followed.weight_sums.iter().all(|sum| sum.is_one && sum.is_complete));
        assert_eq!(followed.weight_sums[0].version, "1.9");
    }

    #[test]
    fn an_address_is_a_function_of_its_own_and_of_one_build() {
        let mut book = SignatureBook::new();
        for (version, b, y) in [("1", "App: 0x1990000", "p"), ("2", "App: 0x9999999", "q")] {
            let lines = [("a", "App: 0x104a2b3c4 + 4", 0.5, ""), ("b", b, 0.2, ""), (y, "App: 0x77 (in App)", 0.1, "")];
            book.absorb("app", version, None, &pages(&lines));
        }
        let followed = book.follow(&FollowOptions::default());
        let found: Vec<_> = followed.signatures.iter().map(|line| (line.sightings.len(), line.movement)).collect();
        // Apple's ids follow the first two; nothing follows the third.
        assert_eq!(found, [(2, Some(Movement::Same)), (2, Some(Movement::Same)), (1, None), (1, None)]);
        let weights: Vec<_> = followed.signatures.iter().map(|line| line.sightings[0].weight).collect();
        assert_eq!(weights, [Some(0.5), Some(0.2), Some(0.1), Some(0.1)]);
    }

    #[test]
    fn a_linker_name_in_a_signature_is_readable() {
        let mut book = SignatureBook::new();
        book.absorb(
            "app",
            "1",
            None,
            &pages(&[("a", "App: $s4main5helloSSyYaKF + 23", 0.6, ""), ("b", "-[A b]", 0.4, "")]),
        );
        let followed = book.follow(&FollowOptions::default());
        let texts: Vec<_> = followed.signatures.iter().map(|line| (line.function.as_deref(), line.shown())).collect();
        let shown = |text: &'static str| Some(text.into());
        assert_eq!(texts, [(Some("hello()"), shown("App: hello() + 23")), (Some("-[A b]"), shown("-[A b]"))]);
        assert_eq!(followed.signatures[0].text.as_deref(), Some("App: $s4main5helloSSyYaKF + 23"));
    }

    #[test]
    fn a_missing_page_makes_nothing_new_or_gone() {
        let mut book = SignatureBook::new();
        book.absorb("app", "1", None, &page(Kind::DiagnosticSignatures, &[("a", "App: a", 0.6, "")], true));
        book.absorb("app", "2", None, &pages(&[("a", "App: a", 0.5, ""), ("b", "App: b", 0.3, "")]));
        let followed = book.follow(&FollowOptions::default());
        assert_eq!(summary(&followed), [("a".to_owned(), Some(Movement::Shrunk), None), ("b".to_owned(), None, None)]);
        assert_eq!(
            followed.weight_sums.iter().map(|sum| (sum.is_complete, sum.is_one)).collect::<Vec<_>>(),
            [(false, false), (true, false)]
        );

        // With its second page the build is whole.
        book.absorb("app", "1", None, &pages(&[("c", "App: c", 0.4, "")]));
        let followed = book.follow(&FollowOptions::default());
        assert_eq!(
            followed.signatures.iter().find(|line| line.function.as_deref() == Some("b")).unwrap().movement,
            Some(Movement::New)
        );
    }

    #[test]
    fn a_download_of_one_type_says_nothing_of_the_others() {
        let mut of_disk = pages(&[("d", "App: write", 1.0, "")]);
        of_disk.signatures[0].diagnostic_type = Some(of_disk.names.intern("DISK_WRITES"));
        let mut book = SignatureBook::new();
        book.absorb("app", "1", None, &pages(&[("a", "App: a", 1.0, "")]));
        book.absorb("app", "2", None, &of_disk);
        let followed = book.follow(&FollowOptions::default());
        assert!(followed.signatures.iter().all(|signature| signature.movement.is_none()), "{followed:?}");
    }

    #[test]
    fn the_newest_snapshot_of_a_version_holds() {
        let day = |text: &str| Day::parse(text);
        let mut book = SignatureBook::new();
        book.absorb("app", "1", day("2026-02-01"), &pages(&[("a", "App: a", 0.9, "")]));
        book.absorb("app", "1", day("2026-01-01"), &pages(&[("a", "App: a", 0.1, "")]));
        let followed = book.follow(&FollowOptions::default());
        assert_eq!(followed.signatures[0].sightings[0].weight, Some(0.9));
        assert_eq!(followed.signatures[0].movement, None);
    }

    #[test]
    fn an_overview_adds_what_pages_lack_and_tells_nothing_by_what_it_leaves_out() {
        let mut overview = page(Kind::XcodeOverview, &[("a", "App: a + 5", 0.7, "UP")], false);
        overview.signatures[0].count = Some(12);
        overview.signatures[0].line = NonZeroU32::new(88);
        overview.signatures[0].file = Some(overview.names.intern("A.swift"));
        let mut book = SignatureBook::new();
        book.absorb("app", "2", None, &pages(&[("a", "App: a + 5", 0.6, "")]));
        book.absorb("app", "2", None, &overview);
        book.absorb("app", "3", None, &page(Kind::XcodeOverview, &[], false));
        let followed = book.follow(&FollowOptions::default());
        let sighting = &followed.signatures[0].sightings[0];
        assert_eq!(
            (sighting.weight, sighting.count, sighting.file.as_deref(), sighting.line),
            (Some(0.6), Some(12), Some("A.swift"), NonZeroU32::new(88))
        );
        assert_eq!(sighting.apple_trend.as_deref(), Some("UP"));
        assert_eq!(followed.signatures[0].movement, None, "an overview lists the top, not all");
    }

    #[test]
    fn an_overview_under_another_id_is_not_added_on_top() {
        let mut book = SignatureBook::new();
        book.absorb("app", "1", None, &pages(&[("a", "App: a() + 1", 0.3, ""), ("b", "App: a() + 99", 0.3, "")]));
        book.absorb("app", "2", None, &pages(&[("a", "App: a() + 1", 0.3, "")]));
        let overview = page(Kind::XcodeOverview, &[("other", "App: a() + 5", 0.4, "DOWN")], false);
        book.absorb("app", "2", None, &overview);
        let followed = book.follow(&FollowOptions::default());
        assert_eq!(followed.signatures.len(), 1);
        let signature = &followed.signatures[0];
        let weights: Vec<_> = signature.sightings.iter().map(|sighting| sighting.weight).collect();
        assert_eq!(weights, [Some(0.6), Some(0.3)], "two offsets of one page add up, an overview does not");
        assert_eq!(signature.sightings[1].ids, ["a", "other"]);
        assert_eq!((signature.text.as_deref(), signature.movement), (Some("App: a() + 1"), Some(Movement::Shrunk)));
        assert_eq!(signature.apple_agrees, Some(true));
    }

    #[test]
    fn signatures_without_an_id_are_kept_by_their_text() {
        let mut book = SignatureBook::new();
        book.absorb("app", "1", None, &pages(&[("", "App: a", 0.6, ""), ("", "App: b", 0.4, "")]));
        book.absorb("app", "2", None, &pages(&[("", "App: a", 0.3, ""), ("b", "App: b", 0.7, "")]));
        let followed = book.follow(&FollowOptions::default());
        assert_eq!(
            summary(&followed),
            [("b".to_owned(), Some(Movement::Grown), None), ("a".to_owned(), Some(Movement::Shrunk), None)]
        );
        assert!(followed.signatures[1].sightings.iter().all(|sighting| sighting.ids.is_empty()));
    }

    #[test]
    fn a_movement_is_of_the_pair_that_was_chosen() {
        let mut book = SignatureBook::new();
        for (version, weight, trend) in [("1", 0.1, ""), ("2", 0.5, "UP"), ("3", 0.5, "UNDEFINED")] {
            book.absorb("app", version, None, &pages(&[("a", "App: a", weight, trend), ("z", "App: z", 0.2, "")]));
        }
        let options = FollowOptions::default();
        let followed = book.follow(&options);
        let of = |followed: &Followed| {
            let signature =
                followed.signatures.iter().find(|signature| signature.function.as_deref() == Some("a")).unwrap();
            let points = signature.weight_change.map(|change| (100.0 * change).round());
            (signature.movement, points, signature.apple_trend.clone(), signature.apple_agrees)
        };
        assert_eq!(of(&followed), (Some(Movement::Same), Some(0.0), Some("UNDEFINED".into()), Some(true)));
        let chosen = |from: &str, to: &str| of(&followed.between(from, to, &options));
        assert_eq!(chosen("1", "2"), (Some(Movement::Grown), Some(40.0), Some("UP".into()), Some(true)));
        // Apple compares version 3 with 2, so it says nothing of these.
        assert_eq!(chosen("1", "3.0"), (Some(Movement::Grown), Some(40.0), None, None));
        assert_eq!(chosen("2", "1"), (Some(Movement::Shrunk), Some(-40.0), None, None));
        assert_eq!(chosen("2", "4"), (None, None, None, None));
    }

    fn build(label: &str, number: Option<&str>) -> ReleaseName {
        ReleaseName::Build { label: label.to_owned(), number: number.map(str::to_owned) }
    }

    #[test]
    fn builds_of_one_day_have_no_order_unless_they_have_numbers() {
        let day = Day::parse("2026-01-08");
        let one = pages(&[("a", "App: a", 0.2, ""), ("o", "App: old", 0.8, "")]);
        let other = pages(&[("a", "App: a", 0.6, "UP"), ("n", "App: new", 0.4, "UP")]);
        let mut book = SignatureBook::new();
        book.absorb("app", build("build f", None), day, &one);
        book.absorb("app", build("build 1", None), day, &other);
        let followed = book.follow(&FollowOptions::default());
        assert_eq!(followed.signatures.len(), 3);
        assert!(summary(&followed).iter().all(|(_, movement, agrees)| movement.is_none() && agrees.is_none()));
        assert_eq!(followed.releases.iter().map(|release| release.is_ordered).collect::<Vec<_>>(), [true, false]);
        // Whoever chooses two gives their order.
        let chosen = followed.between("build f", "build 1", &FollowOptions::default());
        assert_eq!(chosen.signatures.iter().filter(|line| line.movement == Some(Movement::New)).count(), 1);

        let mut book = SignatureBook::new();
        book.absorb("app", build("build 10", Some("10")), day, &other);
        book.absorb("app", build("build 9", Some("9")), day, &one);
        let followed = book.follow(&FollowOptions::default());
        let followed_by_both = followed.signatures.iter().find(|line| line.function.as_deref() == Some("a")).unwrap();
        assert_eq!(followed_by_both.sightings[0].version, "build 9");
        assert_eq!(followed_by_both.movement, Some(Movement::Grown));
    }

    #[test]
    fn a_build_without_a_version_stands_by_its_day() {
        let mut book = SignatureBook::new();
        let of_day = |book: &mut SignatureBook, release: ReleaseName, day: &str| {
            book.absorb("app", release, Day::parse(day), &pages(&[("a", "App: a", 0.5, "")]));
        };
        for (release, day) in [
            (build("2026-03-01", None), "2026-03-01"),
            ("1.9".into(), "2026-02-01"),
            (build("2026-01-01", None), "2026-01-01"),
            ("1.10".into(), "2026-04-01"),
            (build("build x", None), "2026-04-01"),
        ] {
            of_day(&mut book, release, day);
        }
        let followed = book.follow(&FollowOptions::default());
        let order: Vec<_> =
            followed.releases.iter().map(|release| (release.version.as_str(), release.is_ordered)).collect();
        assert_eq!(
            order,
            [("2026-01-01", true), ("1.9", true), ("2026-03-01", true), ("1.10", true), ("build x", false)]
        );
        assert_eq!(followed.signatures[0].movement, None);
        // A later build has an order, but which one came before it is not known.
        of_day(&mut book, "1.11".into(), "2026-05-01");
        assert_eq!(book.follow(&FollowOptions::default()).signatures[0].movement, None);
        of_day(&mut book, "1.12".into(), "2026-06-01");
        assert_eq!(book.follow(&FollowOptions::default()).signatures[0].movement, Some(Movement::Same));
    }

    #[test]
    fn a_merge_of_books_is_one_book() {
        let (one, other) = (pages(&[("a", "App: a", 0.5, "")]), pages(&[("b", "App: b", 0.5, "")]));
        let mut whole = SignatureBook::new();
        whole.absorb("app", "1", None, &one);
        whole.absorb("app", "2", None, &other);
        let mut left = SignatureBook::new();
        left.absorb("app", "1", None, &one);
        let mut right = SignatureBook::new();
        right.absorb("app", "2", None, &other);
        right.merge(left);
        assert_eq!(whole.follow(&FollowOptions::default()), right.follow(&FollowOptions::default()));
    }

    #[test]
    fn a_signature_has_a_binary_and_a_function() {
        assert_eq!(parts("App: -[A b:] + 23"), (Some("App"), "-[A b:]"));
        assert_eq!(parts("-[A b: c] + 23"), (None, "-[A b: c]"));
        assert_eq!(parts("f(x: Int)"), (None, "f(x: Int)"));
        assert_eq!(parts(""), (None, ""));
    }
}
