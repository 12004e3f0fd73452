//! All snapshots of one app, merged: the newest day's value of each (series, version) holds, older different values are
//! revisions, and a version that left Apple's window stays.
//!
//! Documents are added newest first, so that a value is settled the first time it is seen and memory follows the number of
//! distinct points, never the bytes read.

use crate::apple::audit::{Claim, InsightAudit, OpenInsight};
use crate::claim::finding::SeriesName;
use crate::history::moves::{Moved, Moves};
use crate::history::release_order::{ReleaseOrder, Released};
use crate::history::same_day::{Disagreement, Disagreements};
use crate::history::signature_releases::{PlacedRelease, SignaturePage, signature_book};
use crate::history::table::PointTable;
use crate::history::unit_of_measure;
use perfpower_model::{
    BodyIdentity, Dataset, Day, DeviceClass, Document, GoalBound, Kind, MetricTable, NameId, Names, Percentile,
    Problem, RecommendedGoal, Severity, Signature, SignatureTrend, version,
};
use perfpower_stacks::{SignatureBook, StackTable};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;

/// Whether older, different values are kept or only counted. They can outnumber the points themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum RevisionDetail {
    /// Count them and sum up how values settled.
    #[default]
    Count,
    /// Keep each one.
    Keep,
}

/// One app over all its snapshots.
///
/// It can be written for as long as a run lasts, to be judged later: without the pages of its signatures, whose book is there, and without
/// problems, which were told.
#[derive(Debug, Serialize, Deserialize)]
pub struct AppHistory {
    /// The app's key, as the archive names it.
    pub app: String,
    /// What the bodies say of themselves, newest first wins; handles into `names`.
    pub identity: BodyIdentity,
    /// Texts of this app.
    pub names: Names,
    /// Versions in release order, but for the first [`Self::unplaced`].
    pub versions: Vec<VersionInfo>,
    /// How many versions nothing tells the order of. They come first, and no change is looked for in their values.
    pub unplaced: usize,
    /// Metrics, sorted by category and identifier.
    pub metrics: Vec<MetricInfo>,
    /// Series, sorted by metric, platform, device (aggregates first) and percentile.
    pub series: Vec<SeriesInfo>,
    /// The newest value of each (series, version), sorted by series and version.
    pub table: PointTable,
    /// Shares by sub-system of the points that have them, sorted by row of the table.
    pub breakdown: Vec<PointShare>,
    /// Older, different values, sorted by series, version and newest day first; empty unless they are kept.
    pub revisions: Vec<Revision>,
    /// How many older, different values there were.
    pub revision_count: u64,
    /// How values moved after they were first seen.
    pub settling: Vec<Settling>,
    /// Points read, those seen again with an equal value included.
    pub points_read: u64,
    /// Days with a document, oldest first.
    pub snapshots: Vec<Day>,
    /// Apple's insights, recomputed from the points of their own document, else of the others of the same day; newest day
    /// first.
    pub insights: Vec<InsightAudit>,
    /// Documents of one day whose values differ.
    pub disagreements: Vec<Disagreement>,
    /// Call stacks of all logs.
    pub stacks: StackTable,
    /// Signatures of all downloads, by release.
    pub signatures: SignatureBook,
    /// The same as they were downloaded, newest day first, without anything else of their documents.
    #[serde(skip)]
    pub signature_pages: Vec<SignaturePage>,
    /// What a reader must know about the merge.
    #[serde(skip)]
    pub problems: Vec<Problem>,
}

/// A version of one app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionInfo {
    /// As Apple writes it in the newest document that holds it.
    pub name: NameId,
    /// First snapshot that holds it: an upper bound of the release day.
    pub first_seen: Day,
    /// Last snapshot that holds it.
    pub last_seen: Day,
}

/// A metric of one app.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricInfo {
    /// Such as `LAUNCH`.
    pub category: Option<NameId>,
    /// Such as `launchTime`.
    pub identifier: NameId,
    /// Unit for programs; absent where Apple gives none.
    pub unit: Option<NameId>,
    /// Unit for eyes; absent where Apple gives none.
    pub unit_label: Option<NameId>,
    /// Goal bounds of the newest document that has them.
    pub goal_bounds: Vec<GoalBound>,
}

/// A series of one app.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeriesInfo {
    /// Position in [`AppHistory::metrics`].
    pub metric: u32,
    /// Such as `iOS`.
    pub platform: Option<NameId>,
    /// Such as `all_iphones`.
    pub device: Option<NameId>,
    /// Such as `All iPhones`; absent where Apple gives none.
    pub device_label: Option<NameId>,
    /// Apple's label, such as `percentile.fifty`.
    pub percentile: Option<NameId>,
    /// Apple's recommendation, of the newest document that has one.
    pub recommended: Option<RecommendedGoal>,
    /// Its rows in the table.
    pub rows: Range<u32>,
}

/// A sub-system's share of one point.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PointShare {
    /// Row of the table.
    pub row: u32,
    /// Such as `networking`.
    pub subsystem: NameId,
    /// Percent of the point's value.
    pub percent: f64,
}

/// An older, different value of one (series, version).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Revision {
    /// Position in [`AppHistory::series`].
    pub series: u32,
    /// Position in [`AppHistory::versions`].
    pub version: u32,
    /// The newest snapshot that held this value.
    pub day: Day,
    /// In the metric's unit.
    pub value: f64,
    /// In the metric's unit; NaN = absent.
    pub margin: f64,
}

/// How the values of one metric moved between snapshots, by how long the version had been out when they were read.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settling {
    /// Position in [`AppHistory::metrics`].
    pub metric: u32,
    /// Days from the first snapshot that holds the version to the one that held the older value.
    pub age_days: u32,
    /// Points at that age.
    pub count: u64,
    /// Sum of ln(final / value at that age) over points where both are positive.
    pub sum_log_change: f64,
    /// Sum of its square.
    pub sum_log_change_squared: f64,
}

impl AppHistory {
    /// A version as Apple writes it.
    pub fn version_text(&self, version: u32) -> &str {
        self.versions.get(version as usize).map_or("", |info| self.names.text(info.name))
    }

    /// The rows of a series, without those of versions that nothing tells the order of: where changes are looked for.
    pub(crate) fn ordered_rows(&self, info: &SeriesInfo) -> Range<u32> {
        if self.unplaced == 0 {
            return info.rows.clone();
        }
        let versions = &self.table.versions()[info.rows.start as usize..info.rows.end as usize];
        let skip = versions.partition_point(|&version| (version as usize) < self.unplaced) as u32;
        info.rows.start + skip..info.rows.end
    }

    /// The latest version as Apple writes it; absent = there is none, or nothing tells which.
    pub fn latest_version(&self) -> Option<&str> {
        let latest = self.versions.get(self.unplaced..).and_then(<[VersionInfo]>::last);
        latest.map(|info| self.names.text(info.name))
    }

    /// Versions that its logs and signatures name, in order, whether or not anything was measured of them. Logs that went
    /// into a table of several apps are not asked.
    pub fn diagnosed_versions(&self) -> Vec<String> {
        let names = self.stacks.log_names();
        let logs = self.stacks.logs().iter().filter(|log| names.text(log.app) == self.app);
        let mut versions: Vec<&str> = logs.filter_map(|log| names.get(log.metadata.app_version)).collect();
        versions.extend(self.signatures.versions());
        versions.sort_by(|one, other| version::total_compare(one, other));
        versions.dedup();
        versions.into_iter().filter(|version| !version.is_empty()).map(str::to_owned).collect()
    }

    /// Category and identifier of a metric of this app.
    pub(crate) fn metric_name(&self, metric: &MetricInfo) -> (&str, &str) {
        (self.names.get(metric.category).unwrap_or_default(), self.names.text(metric.identifier))
    }

    /// Bytes held, about: what is small is left out.
    pub fn heap_bytes(&self) -> usize {
        self.names.heap_bytes()
            + self.table.heap_bytes()
            + self.stacks.heap_bytes()
            + self.series.capacity() * size_of::<SeriesInfo>()
            + self.breakdown.capacity() * size_of::<PointShare>()
            + self.revisions.capacity() * size_of::<Revision>()
            + self.insights.iter().map(InsightAudit::heap_bytes).sum::<usize>()
            + self.signature_pages.iter().map(SignaturePage::heap_bytes).sum::<usize>()
    }

    /// The full name of a series.
    pub(crate) fn series_name(&self, info: &SeriesInfo) -> SeriesName {
        let metric = &self.metrics[info.metric as usize];
        let text = |id| self.names.get(id).unwrap_or_default().to_owned();
        SeriesName {
            app: self.app.clone(),
            platform: text(info.platform),
            category: text(metric.category),
            metric: self.names.text(metric.identifier).to_owned(),
            device: text(info.device),
            percentile_label: text(info.percentile),
            names_platform: self.has_platforms(),
        }
    }

    /// Whether there are series of several platforms.
    pub(crate) fn has_platforms(&self) -> bool {
        self.series.iter().any(|other| other.platform != self.series[0].platform)
    }
}

/// Collects the documents of one app, newest first.
#[derive(Debug)]
pub struct HistoryBuilder {
    app: String,
    detail: RevisionDetail,
    names: Names,
    identity: BodyIdentity,
    versions: Vec<VersionInfo>,
    version_of_key: HashMap<String, u32>,
    release_order: ReleaseOrder,
    /// Versions that stand for one, with the text that was read later.
    respelled: BTreeSet<(NameId, NameId)>,
    metrics: Vec<MetricInfo>,
    /// By category and identifier in lower case: an overview writes them in another case than metrics do.
    metric_of_key: HashMap<(String, String), u32>,
    /// The platform or percentile that stands for a text: the first one read that differs in case alone, or has the same number.
    same_population: HashMap<NameId, NameId>,
    series: Vec<SeriesInfo>,
    series_of_key: HashMap<(u32, [Option<NameId>; 3]), u32>,
    /// Where the series of the next dataset is looked for first.
    next_series: u32,
    points: Vec<Vec<Row>>,
    shares: Vec<(NameId, f64)>,
    revisions: Vec<Revision>,
    revision_count: u64,
    moves: Moves,
    points_read: u64,
    snapshots: BTreeSet<Day>,
    /// Insights, with the points that they can be recomputed from as soon as these are known.
    insights: Vec<OpenInsight>,
    /// Position of the first insight of the day at hand.
    insights_of_day: usize,
    /// Day of each document, by its number; the number of the first one of the day at hand.
    document_days: Vec<Day>,
    first_of_day: u32,
    disagreements: Disagreements,
    /// Downloads of one version repeat its insights, and so does the overview of the same day.
    claims: HashSet<Claim>,
    stacks: StackTable,
    /// Signatures wait here until the versions of their day are known.
    signature_pages: Vec<SignaturePage>,
    repeated_versions: u64,
    /// Points in another unit than the newest document's, by metric, that unit, and theirs.
    unit_changes: BTreeMap<(NameId, Option<NameId>, Option<NameId>), UnitChange>,
}

/// What became of the points of a metric in another unit than the newest one.
#[derive(Clone, Copy, Debug)]
struct UnitChange {
    /// To the newest unit; absent = not known.
    factor: Option<f64>,
    points: u64,
    /// The newest day of them.
    day: Day,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    version: u32,
    value: f64,
    margin: f64,
    goal: Option<NameId>,
    /// Number of the document that the value is of.
    source: u32,
    /// Start and length in the builder's shares.
    shares: (u32, u32),
    /// Number of the document that gave the value last compared, to tell a repetition from a revision.
    document: u32,
    last: f64,
}

impl HistoryBuilder {
    /// A history without documents.
    pub fn new(app: impl Into<String>, detail: RevisionDetail) -> Self {
        Self {
            app: app.into(),
            detail,
            names: Names::new(),
            identity: BodyIdentity::default(),
            versions: Vec::new(),
            version_of_key: HashMap::new(),
            release_order: ReleaseOrder::default(),
            respelled: BTreeSet::new(),
            metrics: Vec::new(),
            metric_of_key: HashMap::new(),
            same_population: HashMap::new(),
            series: Vec::new(),
            series_of_key: HashMap::new(),
            next_series: 0,
            points: Vec::new(),
            shares: Vec::new(),
            revisions: Vec::new(),
            revision_count: 0,
            moves: Moves::default(),
            points_read: 0,
            snapshots: BTreeSet::new(),
            insights: Vec::new(),
            insights_of_day: 0,
            document_days: Vec::new(),
            first_of_day: 0,
            disagreements: Disagreements::default(),
            claims: HashSet::new(),
            stacks: StackTable::new(),
            signature_pages: Vec::new(),
            repeated_versions: 0,
            unit_changes: BTreeMap::new(),
        }
    }

    /// Adds its call stacks to a table that may hold those of other apps: one table for many apps saves merging theirs.
    #[must_use]
    pub fn with_stacks(mut self, stacks: StackTable) -> Self {
        self.stacks = stacks;
        self
    }

    /// Notes a day of which a document was saved that says nothing new.
    pub fn add_day(&mut self, day: Day) {
        self.snapshots.insert(day);
    }

    /// Adds one document. Documents come newest first; `document` numbers them.
    pub fn add(&mut self, body: &Document, day: Day, document: u32) {
        self.add_placed(body, day, document, &PlacedRelease::default());
    }

    /// The same for a document whose place in the archive may tell of its release.
    pub fn add_placed(&mut self, body: &Document, day: Day, document: u32, place: &PlacedRelease) {
        if self.document_days.last() != Some(&day) {
            self.end_day();
            self.first_of_day = document;
        }
        self.document_days.resize(document as usize + 1, day);
        self.snapshots.insert(day);
        adopt(&mut self.identity, &body.identity, |id| self.names.intern_from(&body.names, id));
        // Texts of call stacks, thousands in a document, are kept beside the stacks.
        if !body.metrics.metrics.is_empty() {
            let names = self.names.absorb(&body.names);
            self.add_metrics(body, &names, day, document);
        }
        if let Some(latest) = body.names.get(body.identity.latest_version)
            && let Some(&latest) = self.version_of_key.get(&version::canonical(latest))
        {
            self.release_order.names_latest(day, latest);
        }
        self.stacks.absorb(&self.app, body);
        if !body.signatures.is_empty() || body.kind == Kind::DiagnosticSignatures {
            self.signature_pages.push(SignaturePage { day, place: place.clone(), body: signatures_of(body) });
        }
        for insight in OpenInsight::of_document(body, day, |name| {
            self.version_of_key.get(&version::canonical(body.names.text(name))).copied()
        }) {
            if self.claims.insert(insight.audit.claim()) {
                self.insights.push(insight);
            }
        }
    }

    /// All documents of the day at hand are read: what its insights rest on may stand in any of them.
    fn end_day(&mut self) {
        let Self { insights, insights_of_day, series, metrics, points, names, first_of_day, .. } = self;
        for insight in &mut insights[*insights_of_day..] {
            insight.look_up(|wanted| {
                let text = |id| names.get(id).unwrap_or_default();
                let is_it = |info: &&SeriesInfo| {
                    let metric = &metrics[info.metric as usize];
                    text(info.device) == wanted.device
                        && text(info.percentile) == wanted.percentile
                        && text(metric.category).eq_ignore_ascii_case(wanted.category)
                        && names.text(metric.identifier).eq_ignore_ascii_case(wanted.metric)
                };
                let (info, rows) = series.iter().zip(points.iter()).find(|(info, _)| is_it(info))?;
                let unit_label = names.get(metrics[info.metric as usize].unit_label);
                let of_day = rows.iter().filter(|row| row.document >= *first_of_day);
                Some((unit_label, of_day.map(|row| (row.version, row.last)).collect()))
            });
        }
        *insights_of_day = insights.len();
    }

    fn add_metrics(&mut self, body: &Document, names: &[NameId], day: Day, document: u32) {
        self.moves.turn_to(day);
        let table = &body.metrics;
        let local = |id: Option<NameId>| id.map(|id| names[id.index()]);
        let mut metrics: Vec<(u32, Option<f64>)> = Vec::with_capacity(table.metrics.len());
        for metric in &table.metrics {
            let bounds = &table.goal_bounds[metric.goal_bounds.start as usize..metric.goal_bounds.end as usize];
            metrics.push(self.metric(MetricInfo {
                category: local(metric.category),
                identifier: names[metric.identifier.index()],
                unit: local(metric.unit),
                unit_label: local(metric.unit_label),
                goal_bounds:
                    bounds.iter().map(|bound| GoalBound { goal: names[bound.goal.index()], ..*bound }).collect(),
            }));
        }
        // Position in `versions` of each text of the document; filled as versions are met.
        let mut versions = vec![u32::MAX; names.len()];
        for dataset in &table.datasets {
            let (metric, factor) = metrics[dataset.metric as usize];
            if factor.is_none_or(|factor| factor.total_cmp(&1.0).is_ne()) {
                let own = &table.metrics[dataset.metric as usize];
                self.note_unit(metric, unit_of(local(own.unit), local(own.unit_label)), factor, dataset, day);
            }
            let Some(factor) = factor else { continue };
            let series = self.series(metric, dataset, factor, &local);
            self.add_points(series, table, dataset, factor, names, &mut versions, document);
        }
        let Self { release_order, versions, names, version_of_key, .. } = self;
        let latest = latest_of(body).and_then(|latest| version_of_key.get(&version::canonical(latest))).copied();
        release_order.end_document(day, latest, |version| names.text(versions[version as usize].name));
    }

    /// Notes points in another unit than the newest one.
    fn note_unit(&mut self, metric: u32, unit: Option<NameId>, factor: Option<f64>, dataset: &Dataset, day: Day) {
        let info = &self.metrics[metric as usize];
        let key = (info.identifier, unit_of(info.unit, info.unit_label), unit);
        let change = self.unit_changes.entry(key).or_insert(UnitChange { factor, points: 0, day });
        change.points += u64::from(dataset.points.end - dataset.points.start);
    }

    #[expect(clippy::too_many_arguments, reason = "one loop over points, split from its caller for the reader alone")]
    fn add_points(
        &mut self,
        series: u32,
        table: &MetricTable,
        dataset: &Dataset,
        factor: f64,
        names: &[NameId],
        versions: &mut [u32],
        document: u32,
    ) {
        let day = self.document_days[document as usize];
        let points = &table.points;
        let mut share = points.breakdown.partition_point(|share| share.point < dataset.points.start);
        let mut rows = std::mem::take(&mut self.points[series as usize]);
        if rows.is_empty() {
            // Older documents will add some more, and the rows live no longer than the merge.
            rows.reserve_exact(2 * dataset.points.len());
        }
        let metric = self.series[series as usize].metric;
        let mut cursor = 0;
        let mut before = u32::MAX;
        self.points_read += u64::from(dataset.points.end - dataset.points.start);
        for point in dataset.points.start..dataset.points.end {
            let shares_start = share;
            while points.breakdown.get(share).is_some_and(|share| share.point == point) {
                share += 1;
            }
            let index = point as usize;
            let text = points.version[index];
            let known_versions = self.versions.len();
            let version = match versions[text.index()] {
                u32::MAX => {
                    let version = self.version(names[text.index()], day);
                    versions[text.index()] = version;
                    version
                }
                known => known,
            };
            if before != u32::MAX {
                self.release_order.follows(before, version);
            }
            before = version;

            let (value, margin) = (points.value[index] * factor, points.margin[index] * factor);
            // Rows stand in the order of the newest document, so the next row is nearly always the one sought. No row has
            // a version that was never met before.
            let found = match rows.get(cursor) {
                Some(row) if row.version == version => Some(cursor),
                _ if self.versions.len() > known_versions => None,
                _ => rows.iter().position(|row| row.version == version),
            };
            if let Some(at) = found {
                cursor = at + 1;
                let row = &mut rows[at];
                if row.document == document {
                    self.repeated_versions += u64::from(row.last.to_bits() != value.to_bits());
                    continue;
                }
                row.document = document;
                if row.source >= self.first_of_day {
                    self.disagreements.compare((row.source, row.value), (document, value));
                    // Two documents of a day are merged by what they hold: an overview has no goals and no shares.
                    if row.value.to_bits() == value.to_bits() {
                        if row.goal.is_none() {
                            row.goal = points.goal[index].map(|goal| names[goal.index()]);
                        }
                        if row.shares.1 == 0 && share > shares_start {
                            row.shares = (self.shares.len() as u32, (share - shares_start) as u32);
                            let own = &points.breakdown[shares_start..share];
                            self.shares.extend(own.iter().map(|s| (names[s.subsystem.index()], s.percent)));
                        }
                    }
                }
                if row.last.to_bits() == value.to_bits() {
                    continue;
                }
                row.last = value;
                self.revision_count += 1;
                if row.value > 0.0 && value > 0.0 {
                    self.moves.add(metric, version, (row.value / value).ln());
                }
                if self.detail == RevisionDetail::Keep {
                    self.revisions.push(Revision { series, version, day, value, margin });
                }
            } else {
                let first = self.shares.len() as u32;
                self.shares.extend(
                    points.breakdown[shares_start..share].iter().map(|s| (names[s.subsystem.index()], s.percent)),
                );
                let goal = points.goal[index].map(|goal| names[goal.index()]);
                rows.push(Row {
                    version,
                    value,
                    margin,
                    goal,
                    source: document,
                    shares: (first, (share - shares_start) as u32),
                    document,
                    last: value,
                });
                cursor = rows.len();
            }
        }
        self.points[series as usize] = rows;
    }

    fn version(&mut self, name: NameId, day: Day) -> u32 {
        let key = version::canonical(self.names.text(name));
        let next = self.versions.len() as u32;
        let index = *self.version_of_key.entry(key).or_insert(next);
        if index == next {
            self.versions.push(VersionInfo { name, first_seen: day, last_seen: day });
        }
        let info = &mut self.versions[index as usize];
        if info.name != name {
            self.respelled.insert((info.name, name));
        }
        info.first_seen = info.first_seen.min(day);
        info.last_seen = info.last_seen.max(day);
        index
    }

    /// Its position, and the factor from its unit to the one that is known: that of the newest document.
    fn metric(&mut self, info: MetricInfo) -> (u32, Option<f64>) {
        let next = self.metrics.len() as u32;
        let lower = |text: &str| text.to_lowercase();
        let category = self.names.get(info.category).unwrap_or_default();
        let key = (lower(category), lower(self.names.text(info.identifier)));
        let index = *self.metric_of_key.entry(key).or_insert(next);
        if index == next {
            self.metrics.push(info);
            return (index, Some(1.0));
        }
        let known = &mut self.metrics[index as usize];
        let (own, newest) = (unit_of(info.unit, info.unit_label), unit_of(known.unit, known.unit_label));
        let factor = match (own, newest) {
            (Some(own), Some(newest)) if own != newest => {
                unit_of_measure::factor(self.names.text(own), self.names.text(newest))
            }
            _ => Some(1.0),
        };
        let Some(scale) = factor else { return (index, None) };
        known.unit = known.unit.or(info.unit);
        known.unit_label = known.unit_label.or(info.unit_label);
        if known.goal_bounds.is_empty() {
            let scaled = |bound: Option<f64>| bound.map(|bound| bound * scale);
            known.goal_bounds = info
                .goal_bounds
                .into_iter()
                .map(|bound| GoalBound { lower: scaled(bound.lower), upper: scaled(bound.upper), ..bound })
                .collect();
        }
        (index, factor)
    }

    /// The text that stands for a platform or percentile.
    fn population(&mut self, text: Option<NameId>) -> Option<NameId> {
        let text = text?;
        if let Some(&known) = self.same_population.get(&text) {
            return Some(known);
        }
        let own = self.names.text(text);
        let number = Percentile::from_label(own).number();
        let is_same = |known: NameId| {
            let known = self.names.text(known);
            known.eq_ignore_ascii_case(own)
                || number.is_some()
                    && Percentile::from_label(known).number().map(f64::to_bits) == number.map(f64::to_bits)
        };
        let mut known: Vec<NameId> = self.same_population.values().copied().collect();
        known.sort_unstable();
        let stands = known.into_iter().find(|&known| is_same(known)).unwrap_or(text);
        self.same_population.insert(text, stands);
        Some(stands)
    }

    fn series(
        &mut self,
        metric: u32,
        dataset: &Dataset,
        factor: f64,
        local: &impl Fn(Option<NameId>) -> Option<NameId>,
    ) -> u32 {
        let device = local(dataset.device);
        let (platform, percentile) = (local(dataset.platform), local(dataset.percentile));
        let (platform, percentile) = (self.population(platform), self.population(percentile));
        let recommended =
            dataset.recommended.map(|goal| RecommendedGoal { value: goal.value * factor, detail: local(goal.detail) });
        let next = self.series.len() as u32;
        let is_it = |info: &SeriesInfo| {
            (info.metric, info.platform, info.device, info.percentile) == (metric, platform, device, percentile)
        };
        // Documents of one app list the same populations in the same order: the one after the last is nearly always it.
        let index = match self.series.get(self.next_series as usize) {
            Some(info) if is_it(info) => self.next_series,
            _ => *self.series_of_key.entry((metric, [platform, device, percentile])).or_insert(next),
        };
        self.next_series = index + 1;
        if index == next {
            self.series.push(SeriesInfo {
                metric,
                platform,
                device,
                device_label: local(dataset.device_label),
                percentile,
                recommended,
                rows: 0..0,
            });
            self.points.push(Vec::new());
            return index;
        }
        let known = &mut self.series[index as usize];
        known.device_label = known.device_label.or_else(|| local(dataset.device_label));
        known.recommended = known.recommended.or(recommended);
        index
    }

    /// The version that stands for each: `3.6.0 (45)` is 3.6.0 where it has one build only and no document lists both.
    fn join_spellings(&mut self) -> Vec<u32> {
        let mut same: Vec<u32> = (0..self.versions.len() as u32).collect();
        let mut with_builds: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (version, info) in (0..).zip(&self.versions) {
            if let Some((base, _)) = version::without_build(self.names.text(info.name)) {
                with_builds.entry(version::canonical(base)).or_default().push(version);
            }
        }
        for (base, builds) in with_builds {
            let (Some(&plain), &[build]) = (self.version_of_key.get(&base), &builds[..]) else { continue };
            if self.release_order.are_neighbours(plain, build) {
                continue;
            }
            // The one that was read first is of the newest document.
            let (kept, other) = (plain.min(build), plain.max(build));
            same[other as usize] = kept;
            let VersionInfo { name, first_seen, last_seen } = self.versions[other as usize];
            let info = &mut self.versions[kept as usize];
            info.first_seen = info.first_seen.min(first_seen);
            info.last_seen = info.last_seen.max(last_seen);
            self.respelled.insert((info.name, name));
        }
        same
    }

    /// The merged history: versions in release order, series sorted, points in columns.
    pub fn finish(mut self) -> AppHistory {
        self.end_day();
        let mut problems = Vec::new();
        let same = self.join_spellings();
        let texts: Vec<&str> = self.versions.iter().map(|info| self.names.text(info.name)).collect();
        let Released { order, unplaced, problems: order_problems } =
            std::mem::take(&mut self.release_order).finish(&texts, &same);
        problems.extend(order_problems);
        problems.extend(respelled(&self.names, &self.respelled));
        let mut rank = vec![0; texts.len()];
        for (position, &version) in (0..).zip(&order) {
            rank[version as usize] = position;
        }
        for (version, &stands) in same.iter().enumerate() {
            rank[version] = rank[stands as usize];
        }
        if self.repeated_versions > 0 {
            let count = self.repeated_versions;
            problems.push(
                Problem::new(
                    Severity::Warning,
                    "repeated-version",
                    format!(
                        "{count} points repeat a version of their own dataset with another value; the first one holds"
                    ),
                )
                .with_hint("download the document again, or check the script that joins pages"),
            );
        }
        for (&(metric, newest, own), change) in &self.unit_changes {
            let unit = |id| self.names.get(id).unwrap_or_default();
            problems.push(unit_problem(self.names.text(metric), unit(newest), unit(own), change));
        }

        let versions: Vec<VersionInfo> = order.iter().map(|&version| self.versions[version as usize].clone()).collect();

        let names = &self.names;
        let mut metric_order: Vec<u32> = (0..self.metrics.len() as u32).collect();
        metric_order.sort_by_key(|&index| {
            let info = &self.metrics[index as usize];
            (names.get(info.category), names.text(info.identifier))
        });
        let metric_rank = inverse(&metric_order);

        let mut series_order: Vec<u32> = (0..self.series.len() as u32).collect();
        series_order.sort_by_cached_key(|&index| {
            let info = &self.series[index as usize];
            let device = names.get(info.device).unwrap_or_default();
            let percentile = names.get(info.percentile).unwrap_or_default();
            let number = Percentile::from_label(percentile).number().unwrap_or(f64::MAX);
            (
                metric_rank[info.metric as usize],
                names.get(info.platform),
                !DeviceClass::of(device).is_aggregate(),
                device,
                number.to_bits(), // percentiles are not negative, so bits sort as numbers
                percentile,
            )
        });
        let series_rank = inverse(&series_order);

        let total: usize = self.points.iter().map(Vec::len).sum();
        let mut table = PointTable::with_capacity(total);
        let mut breakdown = Vec::new();
        let mut series = Vec::with_capacity(self.series.len());
        for &index in &series_order {
            let mut rows = std::mem::take(&mut self.points[index as usize]);
            // Newest documents first, so that of two spellings of one version the newest value holds.
            rows.sort_unstable_by_key(|row| (rank[row.version as usize], row.source));
            rows.dedup_by_key(|row| rank[row.version as usize]);
            let start = table.len() as u32;
            for (at, row) in (start..).zip(&rows) {
                let (first, count) = row.shares;
                let shares = &self.shares[first as usize..(first + count) as usize];
                breakdown.extend(shares.iter().map(|&(subsystem, percent)| PointShare { row: at, subsystem, percent }));
            }
            table.series.extend(std::iter::repeat_n(series.len() as u32, rows.len()));
            table.version.extend(rows.iter().map(|row| rank[row.version as usize]));
            table.value.extend(rows.iter().map(|row| row.value));
            table.margin.extend(rows.iter().map(|row| row.margin));
            table.goal.extend(rows.iter().map(|row| row.goal));
            table.snapshot.extend(rows.iter().map(|row| self.document_days[row.source as usize]));
            let info = self.series[index as usize].clone();
            let metric = metric_rank[info.metric as usize];
            series.push(SeriesInfo { metric, rows: start..table.len() as u32, ..info });
        }

        let mut revisions = std::mem::take(&mut self.revisions);
        for revision in &mut revisions {
            revision.series = series_rank[revision.series as usize];
            revision.version = rank[revision.version as usize];
        }
        // Stable: within a (series, version) they were pushed newest first.
        revisions.sort_by_key(|revision| (revision.series, revision.version));

        let mut settling: BTreeMap<(u32, u32), Moved> = BTreeMap::new();
        for ((metric, version, day), moved) in self.moves.into_sums() {
            let age = day.days() - versions[rank[version as usize] as usize].first_seen.days();
            settling.entry((metric_rank[metric as usize], age.max(0) as u32)).or_default().add(moved);
        }

        let version_text = |version: u32| self.names.text(self.versions[version as usize].name);
        let insights = std::mem::take(&mut self.insights);
        let insights =
            insights.into_iter().map(|open| open.audit(|version| rank[version as usize], version_text)).collect();
        let signatures = signature_book(&self.app, &self.signature_pages, &versions, &self.names, &self.stacks);
        AppHistory {
            app: self.app,
            identity: self.identity,
            versions,
            unplaced,
            metrics: metric_order.iter().map(|&index| self.metrics[index as usize].clone()).collect(),
            series,
            table,
            breakdown,
            revisions,
            revision_count: self.revision_count,
            settling: settling
                .into_iter()
                .map(|((metric, age_days), Moved { count, sum, squares })| Settling {
                    metric,
                    age_days,
                    count,
                    sum_log_change: sum,
                    sum_log_change_squared: squares,
                })
                .collect(),
            points_read: self.points_read,
            snapshots: self.snapshots.into_iter().collect(),
            insights,
            disagreements: self.disagreements.into_list(&self.document_days),
            stacks: self.stacks,
            signatures,
            signature_pages: self.signature_pages,
            problems,
            names: self.names,
        }
    }
}

/// The unit for programs, else the one for eyes.
fn unit_of(unit: Option<NameId>, label: Option<NameId>) -> Option<NameId> {
    unit.or(label)
}

/// What a document's own insights, else an overview itself, call the latest version; `None` where they disagree.
fn latest_of(body: &Document) -> Option<&str> {
    let mut told = body.insights.iter().filter_map(|insight| body.names.get(insight.latest_version));
    let first = told.next().or_else(|| body.names.get(body.identity.latest_version))?;
    told.all(|other| other == first).then_some(first)
}

fn unit_problem(metric: &str, newest: &str, own: &str, change: &UnitChange) -> Problem {
    let &UnitChange { factor, points, day } = change;
    let points = if points == 1 { "1 point".to_owned() } else { format!("{points} points") };
    let found =
        format!("{metric} is given in {newest:?} in the newest document and in {own:?} in older ones, last on {day}");
    match factor {
        Some(_) => Problem::new(
            Severity::Warning,
            "unit-changed",
            format!("{found}: {points} of these are converted to {newest:?}"),
        ),
        None => Problem::new(
            Severity::Warning,
            "unit-changed",
            format!("{found}: nobody knows how one is converted to the other, so {points} of these are left out"),
        )
        .with_hint("read the documents from before the change by themselves, in an archive of their own"),
    }
}

/// What a reader must know about versions that stand for one.
fn respelled(names: &Names, pairs: &BTreeSet<(NameId, NameId)>) -> Option<Problem> {
    let mut told: Vec<(&str, &str)> =
        pairs.iter().map(|&(kept, other)| (names.text(kept), names.text(other))).collect();
    told.sort_unstable();
    let (kept, other) = *told.first()?;
    let more = match told.len() - 1 {
        0 => String::new(),
        1 => ", and one more".to_owned(),
        more => format!(", and {more} more"),
    };
    let message = format!("{kept} and {other} are one version in two spellings{more}");
    Some(Problem::new(Severity::Note, "version-spelling", message))
}

/// The signatures of a document, and what it says of itself, without any other text.
fn signatures_of(body: &Document) -> Document {
    let mut names = Names::new();
    let mut local = |id| names.intern_from(&body.names, id);
    let mut identity = BodyIdentity::default();
    adopt(&mut identity, &body.identity, &mut local);
    let mut signatures = body.signatures.clone();
    for Signature { id, diagnostic_type, text, trend, file, weight: _, count: _, line: _ } in &mut signatures {
        for handle in [id, diagnostic_type, text, file] {
            *handle = handle.map(&mut local);
        }
        if let Some(SignatureTrend { direction, references }) = trend {
            *direction = direction.map(&mut local);
            for reference in references {
                reference.version = local(reference.version);
            }
        }
    }
    let next_page = body.next_page.map(&mut local);
    Document { names, identity, signatures, next_page, ..Document::new(body.kind) }
}

/// Takes from `other` what is not known yet.
fn adopt(known: &mut BodyIdentity, other: &BodyIdentity, mut local: impl FnMut(NameId) -> NameId) {
    let BodyIdentity { bundle_id, apple_id, platform, build_id, latest_version, product } = *other;
    for (known, other) in [
        (&mut known.bundle_id, bundle_id),
        (&mut known.apple_id, apple_id),
        (&mut known.platform, platform),
        (&mut known.build_id, build_id),
        (&mut known.latest_version, latest_version),
        (&mut known.product, product),
    ] {
        *known = known.or_else(|| other.map(&mut local));
    }
}

/// Position of each element of a permutation.
fn inverse(order: &[u32]) -> Vec<u32> {
    let mut rank = vec![0; order.len()];
    for (position, &element) in order.iter().enumerate() {
        rank[element as usize] = position as u32;
    }
    rank
}

#[cfg(test)]
mod tests {
    use super::*;
    use perfpower_model::Metric;

    /// A document with one metric and one dataset.
    fn document(points: &[(&str, f64)]) -> Document {
        let mut document = Document::new(Kind::XcodeMetrics);
        let names = &mut document.names;
        let metric = Metric {
            category: Some(names.intern("LAUNCH")),
            identifier: names.intern("launchTime"),
            unit: Some(names.intern("milliseconds")),
            unit_label: Some(names.intern("ms")),
            goal_bounds: 0..0,
        };
        let dataset = Dataset {
            metric: 0,
            platform: Some(names.intern("iOS")),
            device: Some(names.intern("all_iphones")),
            device_label: None,
            percentile: Some(names.intern("percentile.fifty")),
            points: 0..points.len() as u32,
            recommended: None,
        };
        for (version, value) in points {
            let version = names.intern(version);
            document.metrics.points.version.push(version);
            document.metrics.points.value.push(*value);
            document.metrics.points.margin.push(f64::NAN);
            document.metrics.points.goal.push(None);
        }
        document.metrics.metrics.push(metric);
        document.metrics.datasets.push(dataset);
        document
    }

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn merge(documents: &[(&str, Document)]) -> AppHistory {
        let mut builder = HistoryBuilder::new("app", RevisionDetail::Keep);
        for (number, (at, document)) in documents.iter().enumerate() {
            builder.add(document, day(at), number as u32);
        }
        builder.finish()
    }

    fn versions(history: &AppHistory) -> Vec<&str> {
        history.versions.iter().map(|version| history.names.text(version.name)).collect()
    }

    #[test]
    fn the_newest_value_holds_and_older_versions_stay() {
        let history = merge(&[
            ("2026-02-01", document(&[("1.1", 20.0), ("1.2", 30.0)])),
            ("2026-01-15", document(&[("1.0", 10.0), ("1.1", 25.0), ("1.2", 30.0)])),
            ("2026-01-01", document(&[("1.0", 10.0), ("1.1", 25.0)])),
        ]);
        assert_eq!(versions(&history), ["1.0", "1.1", "1.2"]);
        assert_eq!(history.table.values(), [10.0, 20.0, 30.0]);
        // 25 stood on two days: one revision, with the newest of them.
        assert_eq!(history.revision_count, 1);
        assert_eq!(history.revisions.len(), 1);
        assert_eq!((history.revisions[0].version, history.revisions[0].value), (1, 25.0));
        assert_eq!(history.revisions[0].day, day("2026-01-15"));
        assert_eq!(history.points_read, 7);
        assert_eq!(history.snapshots.len(), 3);
        assert_eq!(history.versions[1].first_seen, day("2026-01-01"));
        assert_eq!(history.versions[1].last_seen, day("2026-02-01"));
        assert!(history.problems.is_empty());
    }

    #[test]
    fn versions_sort_by_number_when_apple_does_not_object() {
        let history = merge(&[("2026-01-01", document(&[("1.9", 1.0), ("1.10", 2.0)]))]);
        assert_eq!(versions(&history), ["1.9", "1.10"]);
        assert!(history.problems.is_empty());
    }

    #[test]
    fn apples_order_wins_over_numbers_with_a_warning() {
        let history = merge(&[("2026-01-01", document(&[("1.0", 1.0), ("3.0", 2.0), ("2.5", 3.0)]))]);
        assert_eq!(versions(&history), ["1.0", "3.0", "2.5"]);
        assert_eq!(history.table.values(), [1.0, 2.0, 3.0]);
        assert_eq!(history.problems[0].code, "version-order");
    }

    #[test]
    fn a_document_saved_newest_first_is_turned_round() {
        let history = merge(&[
            ("2026-02-01", document(&[("1.0", 1.0), ("2.0", 2.0)])),
            ("2026-01-01", document(&[("2.0", 2.0), ("1.0", 1.0)])),
        ]);
        assert_eq!(versions(&history), ["1.0", "2.0"]);
        assert_eq!(history.problems[0].code, "newest-first");
    }

    #[test]
    fn equal_numbers_are_one_version() {
        let history =
            merge(&[("2026-02-01", document(&[("10.5.0", 1.0)])), ("2026-01-01", document(&[("10.5", 1.0)]))]);
        assert_eq!(versions(&history), ["10.5.0"]);
        assert_eq!(history.revision_count, 0);
        assert_eq!(history.problems[0].message, "10.5.0 and 10.5 are one version in two spellings");
    }

    #[test]
    fn a_version_with_its_build_is_the_version_unless_there_are_two_builds() {
        let with_build = |build: &'static [(&'static str, f64)]| {
            merge(&[("2026-02-01", document(&[("3.6.0", 2.0), ("3.7.0", 3.0)])), ("2026-01-01", document(build))])
        };
        let one = with_build(&[("3.5.0 (44)", 1.0), ("3.6.0 (45)", 1.5)]);
        assert_eq!(versions(&one), ["3.5.0 (44)", "3.6.0", "3.7.0"]);
        assert_eq!(one.table.values(), [1.0, 2.0, 3.0]);
        assert_eq!(one.versions[1].first_seen, day("2026-01-01"));
        let two = with_build(&[("3.6.0 (45)", 1.0), ("3.6.0 (46)", 1.5)]);
        assert_eq!(versions(&two), ["3.6.0", "3.6.0 (45)", "3.6.0 (46)", "3.7.0"]);
    }

    #[test]
    fn documents_of_one_day_that_differ_are_told_and_the_first_one_holds() {
        let history = merge(&[
            ("2026-02-01", document(&[("1.0", 10.0), ("1.1", 20.0)])),
            ("2026-02-01", document(&[("1.0", 10.0), ("1.1", 30.0)])),
            ("2026-02-01", document(&[("1.0", 10.04), ("1.1", 20.4)])),
            ("2026-01-01", document(&[("1.0", 11.0)])),
        ]);
        assert_eq!(history.table.values(), [10.0, 20.0]);
        // 10.04 is 10 and 20.4 is 20 with more digits; 30 is neither.
        let [one] = &history.disagreements[..] else { panic!("{:?}", history.disagreements) };
        assert_eq!((one.day, one.kept, one.other, one.points), (day("2026-02-01"), 0, 1, 1));
        assert_eq!(one.largest_percent, Some(50.0));
    }

    #[test]
    fn a_known_change_of_unit_is_converted_and_an_unknown_one_is_left_out() {
        let in_unit = |unit: &str, points: &[(&str, f64)]| {
            let mut document = document(points);
            document.metrics.metrics[0].unit = Some(document.names.intern(unit));
            document
        };
        let newest = || in_unit("seconds", &[("1.1", 0.8), ("1.2", 0.9)]);
        let known = merge(&[
            ("2026-02-01", newest()),
            ("2026-01-01", in_unit("milliseconds", &[("1.0", 806.3), ("1.1", 800.0)])),
        ]);
        assert_eq!(known.table.values(), [0.8063, 0.8, 0.9]);
        assert_eq!(known.revision_count, 0);
        assert!(known.problems[0].message.contains("2 points of these are converted to \"seconds\""));
        let unknown = merge(&[("2026-02-01", newest()), ("2026-01-01", in_unit("ticks", &[("1.0", 1.0)]))]);
        assert_eq!(versions(&unknown), ["1.1", "1.2"]);
        assert!(unknown.problems[0].message.contains("1 point of these are left out"));
    }

    #[test]
    fn case_makes_no_metric_and_no_platform() {
        let mut lower = document(&[("1.0", 1.0)]);
        lower.metrics.metrics[0].category = Some(lower.names.intern("launch"));
        lower.metrics.datasets[0].platform = Some(lower.names.intern("IOS"));
        lower.metrics.datasets[0].percentile = Some(lower.names.intern("com.apple.dt.metrics.percentile.fifty"));
        let history = merge(&[("2026-02-01", document(&[("1.0", 1.0), ("1.1", 2.0)])), ("2026-01-01", lower)]);
        assert_eq!((history.metrics.len(), history.series.len(), history.table.len()), (1, 1, 2));
    }

    #[test]
    fn a_version_twice_in_one_dataset_keeps_the_first_value() {
        let history = merge(&[("2026-01-01", document(&[("1.0", 1.0), ("1.0", 2.0)]))]);
        assert_eq!(history.table.values(), [1.0]);
        assert_eq!(history.problems[0].code, "repeated-version");
        assert_eq!(history.revision_count, 0);
    }
}
