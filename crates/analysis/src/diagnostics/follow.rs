//! One signature over builds: new, gone, grown, shrunk, and Apple's own view beside ours.
//!
//! Whether an id comes back in the next build is not documented, so a signature is followed by what it says as well: its
//! diagnostic type, binary, and the part of its function's name that is stable over builds. Two sightings are one signature
//! when their ids are equal or their call paths are. Several signatures of one build that differ only in an offset are one
//! by that rule, and their weights add up.
//!
//! A page that was not the last one leaves the build incomplete: what is not on it may stand on the next. So does a download
//! that asked for one type only, for the other types. Then nothing is called new or gone on its account.

use super::axis::DiagnosticType;
use super::difference::Movement;
use super::symbol::{demangled, identity, is_address, without_offset};
use perfpower_model::{Day, Document, Kind, version};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

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

/// Signatures as they were downloaded, over builds and snapshots of any number of apps.
#[derive(Clone, Debug, Default)]
pub struct SignatureBook {
    /// By app, version and snapshot.
    pages: BTreeMap<PageKey, Pages>,
}

/// Whose signatures, of which version, downloaded when.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct PageKey {
    app: String,
    version: String,
    is_overview: bool,
    day: Option<Day>,
}

#[derive(Clone, Debug, Default)]
struct Pages {
    /// By id: pages of one download may overlap.
    rows: BTreeMap<String, Row>,
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

#[derive(Clone, Debug, PartialEq)]
struct Row {
    diagnostic_type: DiagnosticType,
    text: String,
    weight: Option<f64>,
    trend: Option<String>,
    count: Option<u64>,
    file: String,
    line: Option<u32>,
}

/// One signature in one version.
#[derive(Clone, Debug, PartialEq)]
pub struct Sighting {
    /// App version, or what the caller knows of the build.
    pub version: String,
    /// Ids that Apple gave it there.
    pub ids: Vec<String>,
    /// Share of all writes, hang time or launch time, 0..=1; absent where Apple gives none.
    pub weight: Option<f64>,
    /// Apple's trend: `UP`, `DOWN`, `UNDEFINED`; absent where Apple gives none.
    pub apple_trend: Option<String>,
    /// How often it was seen; overviews only.
    pub count: Option<u64>,
    /// Source file; overviews only, empty = not known.
    pub file: String,
    /// 1-based line; overviews only.
    pub line: Option<u32>,
}

/// One signature over versions.
#[derive(Clone, Debug, PartialEq)]
pub struct FollowedSignature {
    /// Whose it is.
    pub app: String,
    /// Disk writes, hang or launch.
    pub diagnostic_type: DiagnosticType,
    /// Apple's text, of the newest version that has it.
    pub text: String,
    /// The binary in it; empty = none.
    pub binary: String,
    /// The function in it, readable and without an offset.
    pub function: String,
    /// Oldest version first.
    pub sightings: Vec<Sighting>,
    /// How it moved from the version before the newest to the newest; absent where there is one version only, where pages
    /// are missing that could hold it, or where it is an address, which has no name in the other version.
    pub movement: Option<Movement>,
    /// Weight in the newest version less weight in the one before, where both are known; a version without it counts as 0.
    pub weight_change: Option<f64>,
    /// Whether Apple's trend says the same as `movement`: UP with new or grown, DOWN with gone or shrunk, UNDEFINED with the
    /// same. Absent where either is missing.
    pub apple_agrees: Option<bool>,
}

impl FollowedSignature {
    /// Its text with the function in it readable.
    pub fn shown(&self) -> Cow<'_, str> {
        let (_, function) = parts(&self.text);
        match (demangled(function), self.text.rsplit_once(function)) {
            (Cow::Owned(readable), Some((before, after))) => Cow::Owned(format!("{before}{readable}{after}")),
            _ => Cow::Borrowed(&self.text),
        }
    }

    /// What is known of it in a version, however that is spelt: `2.0` is `2.0.0`.
    pub fn sighted_in(&self, version: &str) -> Option<&Sighting> {
        self.sightings.iter().find(|sighting| version::compare(&sighting.version, version).is_eq())
    }
}

/// The weights of one version and type.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightSum {
    /// Whose they are.
    pub app: String,
    /// App version, or what the caller knows of the build.
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
    /// By app, version and type.
    pub weight_sums: Vec<WeightSum>,
}

impl SignatureBook {
    /// An empty book.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a page of signatures, or the top signatures of an overview. `version` is the app version or, where only that is
    /// known, the build: the body names neither, but for an overview, whose own word is taken when `version` is empty.
    pub fn absorb(&mut self, app: &str, version: &str, day: Option<Day>, document: &Document) {
        let is_overview = document.kind == Kind::XcodeOverview;
        if !is_overview && document.kind != Kind::DiagnosticSignatures {
            return;
        }
        let names = &document.names;
        let version = match version {
            "" => names.text(document.identity.latest_version),
            version => version,
        };
        let key = PageKey { app: app.to_owned(), version: version.to_owned(), is_overview, day };
        let pages = self.pages.entry(key).or_default();
        let mut types = BTreeSet::new();
        for signature in &document.signatures {
            let diagnostic_type = DiagnosticType::of(names.text(signature.diagnostic_type));
            types.insert(diagnostic_type);
            pages.rows.insert(
                names.text(signature.id).to_owned(),
                Row {
                    diagnostic_type,
                    text: names.text(signature.text).to_owned(),
                    weight: signature.weight.filter(|weight| weight.is_finite()),
                    trend: signature.trend.as_ref().map(|trend| names.text(trend.direction).to_owned()),
                    count: signature.count,
                    file: names.text(signature.file).to_owned(),
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

    /// Follows every signature over the versions of its app.
    pub fn follow(&self, options: &FollowOptions) -> Followed {
        let mut followed = Followed::default();
        let mut apps: BTreeMap<&str, BTreeMap<&str, Build<'_>>> = BTreeMap::new();
        for (key, pages) in &self.pages {
            let build = apps.entry(&key.app).or_default().entry(&key.version).or_default();
            // Keys are sorted, so a later snapshot comes later and takes the place of the one before. An overview lists the
            // top of each kind and comes after the pages of its version: it adds what they lack.
            if key.is_overview {
                build.overview = Some(pages);
            } else {
                build.pages = Some(pages);
            }
        }
        for (app, builds) in apps {
            let mut builds: Vec<(&str, Build<'_>)> = builds.into_iter().collect();
            builds.sort_by(|(left, _), (right, _)| version::total_compare(left, right));
            follow_app(app, &builds, options, &mut followed);
        }
        followed
    }
}

/// What is known of one version.
#[derive(Default)]
struct Build<'a> {
    pages: Option<&'a Pages>,
    overview: Option<&'a Pages>,
}

impl Build<'_> {
    fn is_complete(&self, diagnostic_type: DiagnosticType) -> bool {
        self.pages.is_some_and(|pages| pages.is_complete(diagnostic_type))
    }

    /// Rows by id, those of pages joined with those of the overview.
    fn rows(&self) -> BTreeMap<&str, Row> {
        let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
        for row in [self.pages, self.overview].into_iter().flatten().flat_map(|pages| &pages.rows) {
            let (id, row) = (row.0.as_str(), row.1);
            rows.entry(id)
                .and_modify(|known| {
                    known.weight = known.weight.or(row.weight);
                    known.trend = known.trend.take().or_else(|| row.trend.clone());
                    known.count = known.count.or(row.count);
                    known.line = known.line.or(row.line);
                    if known.file.is_empty() {
                        known.file.clone_from(&row.file);
                    }
                })
                .or_insert_with(|| row.clone());
        }
        rows
    }
}

/// Splits `ExampleApp: -[Store load] + 23` into binary and function.
fn parts(text: &str) -> (&str, &str) {
    let text = without_offset(text.trim());
    match text.split_once(": ") {
        Some((binary, function)) if !binary.contains(['[', '(', '<', ' ']) => (binary, function.trim()),
        _ => ("", text),
    }
}

fn follow_app(app: &str, builds: &[(&str, Build<'_>)], options: &FollowOptions, followed: &mut Followed) {
    // Rows of all versions, and which of them are one signature: by id, or by type and call path.
    let mut rows: Vec<(usize, String, Row)> = Vec::new();
    for (at, (_, build)) in builds.iter().enumerate() {
        rows.extend(build.rows().into_iter().map(|(id, row)| (at, id.to_owned(), row)));
    }
    let mut groups = Groups::of(rows.len());
    let mut by_id: BTreeMap<&str, usize> = BTreeMap::new();
    let mut by_path: BTreeMap<(DiagnosticType, &str, String, Option<usize>), usize> = BTreeMap::new();
    for (at, (build, id, row)) in rows.iter().enumerate() {
        groups.join(at, *by_id.entry(id).or_insert(at));
        let (binary, function) = parts(&row.text);
        if !function.is_empty() {
            // Equal addresses of two builds are two functions.
            let only_in = is_address(function).then_some(*build);
            let path = (row.diagnostic_type, binary, identity(function), only_in);
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
            let rows: Vec<&(usize, String, Row)> = members.iter().map(|&at| &rows[at]).collect();
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

    for (version, build) in builds {
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
                version: (*version).to_owned(),
                diagnostic_type,
                signatures: weights.len(),
                sum,
                is_complete: build.is_complete(diagnostic_type),
                is_one: (sum - 1.0).abs() <= options.weight_sum_tolerance,
            });
        }
    }
}

/// `rows` are all of one signature, in order of version.
fn followed_signature(
    app: &str,
    builds: &[(&str, Build<'_>)],
    rows: &[&(usize, String, Row)],
    options: &FollowOptions,
) -> FollowedSignature {
    // The rows are in order of version, so the last one is of the newest version that has it.
    let (diagnostic_type, text) =
        rows.last().map_or((DiagnosticType::Other, ""), |(_, _, row)| (row.diagnostic_type, row.text.as_str()));
    let mut sightings: Vec<(usize, Sighting)> = Vec::new();
    for (build, id, row) in rows {
        if sightings.last().is_none_or(|(last, _)| last != build) {
            let version = builds[*build].0.to_owned();
            sightings.push((
                *build,
                Sighting {
                    version,
                    ids: Vec::new(),
                    weight: None,
                    apple_trend: None,
                    count: None,
                    file: String::new(),
                    line: None,
                },
            ));
        }
        let Some((_, sighting)) = sightings.last_mut() else { continue };
        sighting.ids.push(id.clone());
        sighting.weight = added(sighting.weight, row.weight);
        sighting.count = match (sighting.count, row.count) {
            (Some(one), Some(other)) => Some(one.saturating_add(other)),
            (one, other) => one.or(other),
        };
        sighting.apple_trend = sighting.apple_trend.take().or_else(|| row.trend.clone());
        if sighting.file.is_empty() {
            sighting.file.clone_from(&row.file);
            sighting.line = row.line;
        }
    }

    let in_build = |wanted: usize| sightings.iter().find(|(build, _)| *build == wanted).map(|(_, sighting)| sighting);
    let newest = builds.len() - 1;
    let (after, before) = (in_build(newest), newest.checked_sub(1).and_then(in_build));
    // Where a version's pages are incomplete, or it has none, absence means nothing.
    let weight_in = |sighting: Option<&Sighting>, build: usize| match sighting {
        Some(sighting) => sighting.weight,
        None if builds[build].1.is_complete(diagnostic_type) => Some(0.0),
        None => None,
    };
    let (binary, function) = parts(text);
    let is_followed = before.is_some() && after.is_some() || !is_address(function);
    let weights = newest
        .checked_sub(1)
        .filter(|_| is_followed)
        .and_then(|older| Some((weight_in(before, older)?, weight_in(after, newest)?)));
    let movement = match (before, after, weights) {
        (None, None, _) | (_, _, None) => None,
        (None, Some(_), Some(_)) => Some(Movement::New),
        (Some(_), None, Some(_)) => Some(Movement::Gone),
        (Some(_), Some(_), Some((before, after))) => Some(match after - before {
            change if change >= options.min_weight_change => Movement::Grown,
            change if change <= -options.min_weight_change => Movement::Shrunk,
            _ => Movement::Same,
        }),
    };
    let apple_trend = after.and_then(|sighting| sighting.apple_trend.as_deref());
    let apple_agrees = movement.zip(apple_trend).and_then(|(movement, trend)| match trend {
        "UP" => Some(matches!(movement, Movement::New | Movement::Grown)),
        "DOWN" => Some(matches!(movement, Movement::Gone | Movement::Shrunk)),
        "UNDEFINED" => Some(movement == Movement::Same),
        _ => None,
    });
    FollowedSignature {
        app: app.to_owned(),
        diagnostic_type,
        text: text.to_owned(),
        binary: binary.to_owned(),
        function: demangled(function).into_owned(),
        sightings: sightings.into_iter().map(|(_, sighting)| sighting).collect(),
        movement,
        weight_change: weights.filter(|_| movement.is_some()).map(|(before, after)| after - before),
        apple_agrees,
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
    use perfpower_model::{NameId, Signature, SignatureTrend};

    /// Id, text, weight, trend.
    type Line<'a> = (&'a str, &'a str, f64, &'a str);

    fn page(kind: Kind, lines: &[Line<'_>], has_next: bool) -> Document {
        let mut document = Document::new(kind);
        let names = &mut document.names;
        for &(id, text, weight, trend) in lines {
            document.signatures.push(Signature {
                id: names.intern(id),
                diagnostic_type: names.intern("HANGS"),
                text: names.intern(text),
                weight: Some(weight),
                trend: (!trend.is_empty())
                    .then(|| SignatureTrend { direction: names.intern(trend), references: Vec::new() }),
                count: None,
                file: NameId::NONE,
                line: None,
            });
        }
        if has_next {
            document.next_page = names.intern("https://next");
        }
        document
    }

    fn pages(lines: &[Line<'_>]) -> Document {
        page(Kind::DiagnosticSignatures, lines, false)
    }

    fn summary(followed: &Followed) -> Vec<(String, Option<Movement>, Option<bool>)> {
        followed.signatures.iter().map(|line| (line.function.clone(), line.movement, line.apple_agrees)).collect()
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
        let texts: Vec<_> = followed.signatures.iter().map(|line| (line.function.as_str(), line.shown())).collect();
        assert_eq!(texts, [("hello()", "App: hello() + 23".into()), ("-[A b]", "-[A b]".into())]);
        assert_eq!(followed.signatures[0].text, "App: $s4main5helloSSyYaKF + 23");
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
        assert_eq!(followed.signatures.iter().find(|line| line.function == "b").unwrap().movement, Some(Movement::New));
    }

    #[test]
    fn a_download_of_one_type_says_nothing_of_the_others() {
        let mut of_disk = pages(&[("d", "App: write", 1.0, "")]);
        of_disk.signatures[0].diagnostic_type = of_disk.names.intern("DISK_WRITES");
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
        overview.signatures[0].line = Some(88);
        overview.signatures[0].file = overview.names.intern("A.swift");
        overview.identity.latest_version = overview.names.intern("2");
        let mut book = SignatureBook::new();
        book.absorb("app", "2", None, &pages(&[("a", "App: a + 5", 0.6, "")]));
        book.absorb("app", "", None, &overview);
        book.absorb("app", "3", None, &page(Kind::XcodeOverview, &[], false));
        let followed = book.follow(&FollowOptions::default());
        let sighting = &followed.signatures[0].sightings[0];
        assert_eq!(
            (sighting.weight, sighting.count, sighting.file.as_str(), sighting.line),
            (Some(0.6), Some(12), "A.swift", Some(88))
        );
        assert_eq!(sighting.apple_trend.as_deref(), Some("UP"));
        assert_eq!(followed.signatures[0].movement, None, "an overview lists the top, not all");
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
        assert_eq!(parts("App: -[A b:] + 23"), ("App", "-[A b:]"));
        assert_eq!(parts("-[A b: c] + 23"), ("", "-[A b: c]"));
        assert_eq!(parts("f(x: Int)"), ("", "f(x: Int)"));
        assert_eq!(parts(""), ("", ""));
    }
}
