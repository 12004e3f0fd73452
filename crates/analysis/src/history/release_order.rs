//! The order in which the versions of one app came out.
//!
//! Three things tell it: the order of points in a document (Apple lists the oldest first), what a body calls its latest version,
//! and the versions' own texts. A document whose pairs of neighbours all go down was saved newest first, and is turned round; so
//! is one whose insights, or an overview of the same day, name its first version as the latest. What nothing tells has no place.

use perfpower_model::{Day, Problem, Severity, version};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Two versions by their numbers here: the earlier, the later.
type Pair = (u32, u32);

/// What documents say of the order, version by version.
#[derive(Debug, Default)]
pub(crate) struct ReleaseOrder {
    /// Neighbours, as documents list them that leave no doubt.
    pairs: BTreeSet<Pair>,
    /// Neighbours in documents that list a later version first, with what else they say. Documents of one app mostly list the
    /// same, so these are few.
    doubtful: BTreeMap<Vec<Pair>, Vec<Doubt>>,
    /// What overviews call the latest.
    latest: BTreeMap<Day, u32>,
    /// Of the document at hand: its neighbours, and the last one seen right after each version. Datasets list the same
    /// versions, so most pairs are known.
    listed: BTreeSet<Pair>,
    follower: Vec<u32>,
}

/// A document whose order is in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Doubt {
    day: Day,
    /// What its insights call the latest.
    latest: Option<u32>,
}

/// All versions in order, those without a place first.
#[derive(Debug, PartialEq)]
pub(crate) struct Released {
    pub(crate) order: Vec<u32>,
    /// How many have no place.
    pub(crate) unplaced: usize,
    pub(crate) problems: Vec<Problem>,
}

impl ReleaseOrder {
    /// One version right after another, in a dataset of the document at hand.
    #[inline]
    pub(crate) fn follows(&mut self, before: u32, version: u32) {
        let at = before as usize;
        if self.follower.len() <= at {
            self.follower.resize(at + 1, u32::MAX);
        }
        if before != version && self.follower[at] != version {
            self.follower[at] = version;
            self.listed.insert((before, version));
        }
    }

    /// The document is over. `latest` is what its own insights call the latest version, where they agree.
    pub(crate) fn end_document<'t>(&mut self, day: Day, latest: Option<u32>, text: impl Fn(u32) -> &'t str) {
        self.follower.fill(u32::MAX);
        let listed = std::mem::take(&mut self.listed);
        if listed.is_empty() || listed.iter().all(|pair| self.pairs.contains(pair)) && latest.is_none() {
            return;
        }
        let is_down = |&(first, second): &Pair| version::order(text(first), text(second)) == Some(Ordering::Greater);
        let is_first = latest.is_some_and(|latest| ends(&listed).0.contains(&latest));
        if !is_first && !listed.iter().any(is_down) {
            self.pairs.extend(listed);
            return;
        }
        let doubts = self.doubtful.entry(listed.into_iter().collect()).or_default();
        let doubt = Doubt { day, latest };
        if !doubts.contains(&doubt) {
            doubts.push(doubt);
        }
    }

    /// What an overview of a day calls the latest version.
    pub(crate) fn names_latest(&mut self, day: Day, version: u32) {
        self.latest.insert(day, version);
    }

    /// Whether a document lists two versions as neighbours.
    pub(crate) fn are_neighbours(&self, one: u32, other: u32) -> bool {
        let is_it = |&pair: &Pair| pair == (one, other) || pair == (other, one);
        self.pairs.iter().any(is_it) || self.doubtful.keys().flatten().any(is_it)
    }

    /// The order of all versions, given by their texts; `same` gives the version that stands for each.
    pub(crate) fn finish(mut self, texts: &[&str], same: &[u32]) -> Released {
        let stands = |(one, other): Pair| (same[one as usize], same[other as usize]);
        self.pairs = self.pairs.into_iter().map(stands).filter(|(one, other)| one != other).collect();
        let mut problems = Vec::new();
        self.resolve(texts, same, &mut problems);
        let versions: Vec<u32> = (0..texts.len() as u32).filter(|&version| same[version as usize] == version).collect();
        let (order, is_told) = arrange(texts, &versions, &self.pairs, &mut problems);
        let (placed, unplaced) = place(&order, is_told);
        if !unplaced.is_empty() {
            problems.push(without_place(texts, &unplaced, placed.len()));
        }
        let count = unplaced.len();
        Released { order: unplaced.into_iter().chain(placed).collect(), unplaced: count, problems }
    }

    /// Decides the documents in doubt.
    fn resolve(&mut self, texts: &[&str], same: &[u32], problems: &mut Vec<Problem>) {
        let is_down = |&(first, second): &Pair| {
            version::order(texts[first as usize], texts[second as usize]) == Some(Ordering::Greater)
        };
        let mut turned = (0, None, true);
        let stands = |(one, other): Pair| (same[one as usize], same[other as usize]);
        let mut doubtful: Vec<(BTreeSet<Pair>, Vec<Doubt>)> = std::mem::take(&mut self.doubtful)
            .into_iter()
            .map(|(listed, doubts)| {
                (listed.into_iter().map(stands).filter(|(one, other)| one != other).collect(), doubts)
            })
            .collect();
        // What goes up and down tells which way round the others are.
        doubtful.sort_by_key(|(listed, _)| listed.iter().all(is_down));
        for (listed, doubts) in doubtful {
            let (first, last) = ends(&listed);
            for Doubt { day, latest } in doubts {
                let latest = latest.or_else(|| self.latest.get(&day).copied()).map(|latest| same[latest as usize]);
                let is_first = latest.is_some_and(|latest| first.contains(&latest));
                let is_last = latest.is_some_and(|latest| last.contains(&latest));
                let is_contradicted = || {
                    listed
                        .iter()
                        .any(|&(one, other)| self.pairs.contains(&(one, other)) && !self.pairs.contains(&(other, one)))
                };
                let turns = is_first || !is_last && listed.iter().all(is_down) && !is_contradicted();
                if turns {
                    turned = (turned.0 + 1, turned.1.max(Some(day)), turned.2 && is_first);
                    self.pairs.extend(listed.iter().map(|&(later, earlier)| (earlier, later)));
                } else {
                    self.pairs.extend(&listed);
                }
            }
        }
        if let (count, Some(day), is_certain) = turned {
            let documents = if count == 1 { "a document lists" } else { "documents list" };
            let (severity, reason) = if is_certain {
                (Severity::Note, "what it calls its latest version stands first")
            } else {
                (Severity::Warning, "every version in it has a lower number than the one before")
            };
            problems.push(
                Problem::new(
                    severity,
                    "newest-first",
                    format!("{documents} the newest version first, and is turned round (the last of them of {day}): {reason}"),
                )
                .with_hint("Apple lists the oldest first; save bodies as they come"),
            );
        }
    }
}

/// Versions that none comes before, and those that none follows.
fn ends(pairs: &BTreeSet<Pair>) -> (BTreeSet<u32>, BTreeSet<u32>) {
    let (before, after): (BTreeSet<u32>, BTreeSet<u32>) = pairs.iter().copied().unzip();
    (before.difference(&after).copied().collect(), after.difference(&before).copied().collect())
}

/// All versions in the order that documents and texts tell, and whether it is told that one comes right before another.
fn arrange<'a>(
    texts: &'a [&str],
    versions: &[u32],
    pairs: &'a BTreeSet<Pair>,
    problems: &mut Vec<Problem>,
) -> (Vec<u32>, impl Fn(u32, u32) -> bool + use<'a>) {
    /// Texts that alone tell apart a version from the next: no app has more variants of one number. (Arbitrary.)
    const VARIANTS: usize = 8;
    let text = |version: u32| texts[version as usize];
    let order = move |one: u32, other: u32| version::order(texts[one as usize], texts[other as usize]);
    let mut numeric = versions.to_vec();
    numeric.sort_by(|&a, &b| version::total_compare(text(a), text(b)));
    let is_told = move |one, other| pairs.contains(&(one, other)) || order(one, other) == Some(Ordering::Less);
    if pairs.iter().all(|&(one, other)| order(one, other) == Some(Ordering::Less)) {
        return (numeric, is_told);
    }
    let mut by_text = BTreeSet::new();
    for (at, &one) in numeric.iter().enumerate() {
        let later = numeric[at + 1..].iter().take(VARIANTS).copied();
        by_text.extend(later.filter(|&other| order(one, other) == Some(Ordering::Less)).map(|other| (one, other)));
    }
    let both: BTreeSet<Pair> = pairs.union(&by_text).copied().collect();
    if let Some(order) = topological(&numeric, &both) {
        return (order, is_told);
    }
    let against = pairs.iter().find(|&&(one, other)| order(one, other) == Some(Ordering::Greater)).or(pairs.first());
    let (first, second) = against.map_or(("", ""), |&(one, other)| (text(one), text(other)));
    let (order, message, hint) = match topological(&numeric, pairs) {
        Some(order) => (
            order,
            format!("Apple lists version {first} before {second}, against their numbers; Apple's order is used"),
            "if that is not the order of release, check how the points were saved",
        ),
        None => (
            numeric,
            format!(
                "documents disagree on the order of versions (one lists {first} before {second}); the order of numbers is used"
            ),
            "find the document that was sorted or joined by hand with `perfpower inspect`",
        ),
    };
    problems.push(Problem::new(Severity::Warning, "version-order", message).with_hint(hint));
    (order, is_told)
}

/// Kahn's algorithm over the pairs; among versions that may come next, the one that comes first in `versions` does. `None` = they
/// go round in a circle.
fn topological(versions: &[u32], pairs: &BTreeSet<Pair>) -> Option<Vec<u32>> {
    let size = versions.iter().max().map_or(0, |&version| version as usize + 1);
    let mut rank = vec![0; size];
    for (position, &version) in (0..).zip(versions) {
        rank[version as usize] = position;
    }
    let mut followers: Vec<Vec<u32>> = vec![Vec::new(); size];
    let mut waits_for = vec![0u32; size];
    for &(earlier, later) in pairs {
        followers[earlier as usize].push(later);
        waits_for[later as usize] += 1;
    }
    let mut ready: BTreeSet<Pair> = versions
        .iter()
        .filter(|&&version| waits_for[version as usize] == 0)
        .map(|&version| (rank[version as usize], version))
        .collect();
    let mut order = Vec::with_capacity(versions.len());
    while let Some((_, version)) = ready.pop_first() {
        order.push(version);
        for &later in &followers[version as usize] {
            waits_for[later as usize] -= 1;
            if waits_for[later as usize] == 0 {
                ready.insert((rank[later as usize], later));
            }
        }
    }
    (order.len() == versions.len()).then_some(order)
}

/// The longest line of versions of which each is told to come before the next, and the others. A line that leaves out more than
/// a third would blame its own versions for what the others did: then none has a place.
fn place(order: &[u32], is_told: impl Fn(u32, u32) -> bool) -> (Vec<u32>, Vec<u32>) {
    /// Above it the search for the line, which looks at all pairs, is not worth its time.
    const SEARCHED: usize = 2000;
    if order.windows(2).all(|pair| is_told(pair[0], pair[1])) {
        return (order.to_vec(), Vec::new());
    }
    if order.len() > SEARCHED {
        return (Vec::new(), order.to_vec());
    }
    // Length of the longest line that ends at each version, and the version before it.
    let mut lines: Vec<(usize, Option<usize>)> = Vec::with_capacity(order.len());
    for at in 0..order.len() {
        let before = (0..at).rev().filter(|&before| is_told(order[before], order[at]));
        let best = before.max_by_key(|&before| lines[before].0);
        lines.push((best.map_or(1, |best| lines[best].0 + 1), best));
    }
    let mut at = (0..order.len()).max_by_key(|&at| lines[at].0);
    let mut in_line = vec![false; order.len()];
    while let Some(position) = at {
        in_line[position] = true;
        at = lines[position].1;
    }
    let split = |is_wanted: bool| {
        order.iter().zip(&in_line).filter(move |(_, is_in)| **is_in == is_wanted).map(|(&version, _)| version).collect()
    };
    let (placed, unplaced): (Vec<u32>, Vec<u32>) = (split(true), split(false));
    if placed.len() < 2 * unplaced.len() { (Vec::new(), order.to_vec()) } else { (placed, unplaced) }
}

fn without_place(texts: &[&str], unplaced: &[u32], placed: usize) -> Problem {
    const SHOWN: usize = 4;
    let some: Vec<&str> = unplaced.iter().take(SHOWN).map(|&version| texts[version as usize]).collect();
    let more = if unplaced.len() > SHOWN { ", …" } else { "" };
    let names = some.join(", ");
    let message = if placed == 0 {
        format!("nothing tells the order of the versions {names}{more}: no change is looked for")
    } else {
        let count = unplaced.len();
        let versions = if count == 1 { "version" } else { "versions" };
        format!("nothing tells when the {versions} {names}{more} came out: left out where changes are looked for")
    };
    Problem::new(Severity::Warning, "unordered-versions", message).with_hint(
        "save the metrics of the app as a whole (`/v1/apps/{id}/perfPowerMetrics`): Apple lists its versions in order; or put \
         numbers into their names",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Documents<'t> {
        texts: Vec<&'t str>,
        order: ReleaseOrder,
        day: i32,
    }

    impl<'t> Documents<'t> {
        fn new(texts: &'t str) -> Self {
            Self { texts: texts.split(' ').collect(), order: ReleaseOrder::default(), day: 20_000 }
        }

        fn number(&self, text: &str) -> u32 {
            self.texts.iter().position(|known| *known == text).unwrap() as u32
        }

        /// One document with the datasets given, and what its insights call the latest.
        fn lists(mut self, datasets: &[&str], latest: Option<&str>) -> Self {
            for dataset in datasets {
                let versions: Vec<u32> = dataset.split(' ').map(|text| self.number(text)).collect();
                for pair in versions.windows(2) {
                    self.order.follows(pair[0], pair[1]);
                }
            }
            let latest = latest.map(|latest| self.number(latest));
            let texts = self.texts.clone();
            self.order.end_document(Day::from_days(self.day), latest, |version| texts[version as usize]);
            self.day += 1;
            self
        }

        fn overview(mut self, latest: &str) -> Self {
            let latest = self.number(latest);
            self.order.names_latest(Day::from_days(self.day), latest);
            self
        }

        /// The order, those without a place before a bar; and the codes of problems.
        fn finish(self) -> (String, Vec<&'static str>) {
            let same: Vec<u32> = (0..self.texts.len() as u32).collect();
            let Released { order, unplaced, problems } = self.order.finish(&self.texts, &same);
            let texts: Vec<&str> = order.iter().map(|&version| self.texts[version as usize]).collect();
            let (before, after) = texts.split_at(unplaced);
            let order =
                if unplaced == 0 { after.join(" ") } else { format!("{} | {}", before.join(" "), after.join(" ")) };
            (order, problems.iter().map(|problem| problem.code).collect())
        }
    }

    fn told(order: &str, codes: &[&'static str]) -> (String, Vec<&'static str>) {
        (order.to_owned(), codes.to_vec())
    }

    #[test]
    fn one_document_per_version_goes_by_the_texts() {
        let documents = Documents::new("1.10 1.9 1.9-beta.1 2.0 v1.11");
        let documents = ["1.10", "1.9", "2.0"].iter().fold(documents, |all, one| all.lists(&[one], None));
        assert_eq!(documents.finish(), told("1.9-beta.1 1.9 1.10 v1.11 2.0", &[]));
    }

    #[test]
    fn a_document_in_which_every_pair_goes_down_is_turned_round() {
        let all = Documents::new("3.1 3.2 3.3 3.4").lists(&["3.4 3.3 3.2 3.1", "3.3 3.2"], None);
        assert_eq!(all.finish(), told("3.1 3.2 3.3 3.4", &["newest-first"]));
        let mixed = Documents::new("1.0 3.0 2.5").lists(&["1.0 3.0 2.5"], None);
        assert_eq!(mixed.finish(), told("1.0 3.0 2.5", &["version-order"]));
    }

    #[test]
    fn what_a_body_calls_its_latest_tells_which_end_is_the_newest() {
        // Lower numbers after a restart of the count: down, and right.
        let restart = Documents::new("9.0 1.0").lists(&["9.0 1.0"], Some("1.0"));
        assert_eq!(restart.finish(), told("9.0 1.0", &["version-order"]));
        let overview = Documents::new("9.0 1.0").overview("1.0").lists(&["9.0 1.0"], None);
        assert_eq!(overview.finish(), told("9.0 1.0", &["version-order"]));
        let nobody = Documents::new("9.0 1.0").lists(&["9.0 1.0"], None);
        assert_eq!(nobody.finish(), told("1.0 9.0", &["newest-first"]));
        // The documents of other days list it so, with more around it.
        let others = Documents::new("9.0 1.0 8.0").lists(&["8.0 9.0 1.0"], None).lists(&["9.0 1.0"], None);
        assert_eq!(others.finish().0, "8.0 9.0 1.0");
        // Names, newest first, and an insight that says so.
        let names = Documents::new("Oreo Nougat Pie").lists(&["Pie Oreo Nougat"], Some("Pie"));
        assert_eq!(names.finish(), told("Nougat Oreo Pie", &["newest-first"]));
    }

    #[test]
    fn documents_that_contradict_each_other_fall_back_to_numbers() {
        let all = Documents::new("1.0 2.0 3.0").lists(&["1.0 2.0 3.0"], None).lists(&["1.0 3.0 2.0"], None);
        assert_eq!(all.finish(), told("1.0 2.0 3.0", &["version-order"]));
    }

    #[test]
    fn a_version_without_a_place_is_told_and_set_before_all_others() {
        let all = Documents::new("3.1 3.2 Blue 3.3 3.4").lists(&["3.1 3.2 3.3 3.4"], None).lists(&["Blue"], None);
        assert_eq!(all.finish(), told("Blue | 3.1 3.2 3.3 3.4", &["unordered-versions"]));
        // A list that holds it gives it its place.
        let listed = Documents::new("3.1 3.2 Blue 3.3").lists(&["3.1 3.2 Blue 3.3"], None);
        assert_eq!(listed.finish(), told("3.1 3.2 Blue 3.3", &[]));
        // Too many, and the others could be blamed for what they did.
        let many = Documents::new("3.1 3.2 Blue Red").lists(&["3.1 3.2"], None).lists(&["Blue"], None);
        assert_eq!(many.finish(), told("3.1 3.2 Blue Red | ", &["unordered-versions"]));
        let hashes = Documents::new("a3f9c2e1 7f3a9c1 b7d0e4f2 8a1b2c3");
        assert_eq!(hashes.finish().1, ["unordered-versions"]);
        let chained = Documents::new("a3f9c2e1 7f3a9c1 b7d0e4f2").lists(&["b7d0e4f2 a3f9c2e1 7f3a9c1"], None);
        assert_eq!(chained.finish(), told("b7d0e4f2 a3f9c2e1 7f3a9c1", &[]));
    }

    #[test]
    fn numbers_hold_between_names_too() {
        // 3.1 is in no list: it still comes after 3.0, which comes after Blue.
        let all = Documents::new("Blue 3.0 3.1").lists(&["Blue 3.0"], None);
        assert_eq!(all.finish(), told("Blue 3.0 3.1", &[]));
    }
}
