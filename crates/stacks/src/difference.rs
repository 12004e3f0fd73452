//! What moved between two sides, such as two versions: paths by share of samples, and whether the logs can carry the claim.
//!
//! **Shares.** The sides hold different numbers of logs, so a path's weight is its share of its side's samples. Shares fall
//! too, so a difference may be negative, and all differences under one parent need not have one sign.
//!
//! **Like with like.** Apple chooses which logs it gives out, up to 200 per signature, and the user which of them to save: how
//! many there are of an app, a diagnostic type or a signature says nothing about the app. So logs are weighted such that
//! these have the same part on both sides (direct standardisation). Of `M₁` and `M₂` samples the part is `M₁M₂ / (M₁ + M₂)`,
//! which leaves shares as they are where the mixture did not move, and never makes much of few logs. Signatures are known by
//! id and by what `follow` knows of them over builds. Those that one side lacks have no part to keep: their logs count as
//! they are, beside those of the signatures that both sides have, so that what is new can be named, and are counted, because
//! what nobody saved looks new too. An app or type that one side lacks is not compared.
//!
//! **The test.** Samples within a log are one event on one device: they are as good as copies of each other. So the log is
//! the unit. With `y` weighted samples of log `i` in the path and `m` in all, the share of a side is `R = Σy / Σm`, and its variance
//! `n/(n−1) · Σ(y − R m)² / (Σm)²` (the ratio estimator of survey sampling; Cochran 1977, eq. 2.46). It is at least the
//! binomial variance that independent samples would have, because few logs can agree by luck. The difference over its
//! standard error is a t with the degrees of freedom of Welch (1947). What signatures differ by stays in the variance, so
//! with several of them the test is on the careful side.
//!
//! **The floor.** If the sides did not differ, every deal of the logs into the sides would be as likely. So no test can
//! honestly claim less than `2 / C(n₁ + n₂, n₁)`; p is never below it. That is also why three logs a side tell nothing: even
//! complete separation has p = 0.1.
//!
//! **Many paths.** Only paths with at least [`DifferenceOptions::min_share`] over both sides are tested, and q-values are
//! those of [`DifferenceOptions::correction`] over all of them. Where nothing is claimed, and a path that separates the sides
//! wholly would not be either, the logs are too few: the floor, corrected for so many paths, is above the rate.

use crate::axis::DiagnosticType;
use crate::follow::Followed;
use crate::stacks::{StackLog, StackTable};
use crate::tree::{FrameKey, PairedTree, Shape, StackFrame, StackTree};
use perfpower_statistics::fdr::{Correction, PValue};
use perfpower_statistics::special::StudentT;
use std::collections::BTreeMap;

/// Fewest logs a side for any claim: see the floor in the head of this module. With four, complete separation has p = 0.03,
/// which is enough for a single path; see [`Difference::logs_needed`].
pub const MIN_LOGS_A_SIDE: usize = 4;

/// What is looked at and what is claimed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DifferenceOptions {
    /// Mean of the two shares from which on a path is tested, 0..=1. 0.01: what a flame graph shows without zooming.
    pub min_share: f64,
    /// How the paths that moved are chosen among those that are tested.
    pub correction: Correction,
    /// A path stands for its parent when it explains at least this part of the parent's change. 0.8: arbitrary, so that a
    /// claim names the code that moved and not all its callers.
    pub explains: f64,
}

impl Default for DifferenceOptions {
    fn default() -> Self {
        Self { min_share: 0.01, correction: Correction::default(), explains: 0.8 }
    }
}

/// One side of a difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// Logs with samples.
    pub logs: usize,
    /// Their samples.
    pub samples: u64,
    /// Of the logs, those of an app and type that the other side has as well: shares and claims are of these.
    pub compared: usize,
    /// Of the logs compared, those of a signature that the other side has no log of.
    pub unshared: usize,
}

/// Whether the logs can carry a claim at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// A path that moved enough is claimed.
    Enough,
    /// No path can be claimed, however much it moved: the shares are shown, nothing is claimed.
    TooFewLogs,
    /// The sides share no app and diagnostic type: the shares are shown, nothing is compared.
    NothingInCommon,
    /// A side has none: there is nothing to compare.
    OneSided,
}

/// How a path's share moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Movement {
    /// No sample before.
    New,
    /// No sample after.
    Gone,
    /// More than before.
    Grown,
    /// Less than before.
    Shrunk,
    /// The same.
    Same,
}

impl Movement {
    fn between(before: f64, after: f64) -> Self {
        if before <= 0.0 && after > 0.0 {
            Self::New
        } else if after <= 0.0 && before > 0.0 {
            Self::Gone
        } else if after > before {
            Self::Grown
        } else if after < before {
            Self::Shrunk
        } else {
            Self::Same
        }
    }

    /// Lower-case word, as reports show it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Gone => "gone",
            Self::Grown => "grown",
            Self::Shrunk => "shrunk",
            Self::Same => "same",
        }
    }
}

/// A path and how its share moved.
#[derive(Clone, Debug, PartialEq)]
pub struct MovedPath {
    /// Frames from the root to the last one that explains the change.
    pub frames: Vec<StackFrame>,
    /// Position in `frames` of the first one that moved as the last one did; callers above it moved less.
    pub starts_at: usize,
    /// The last frame's node in [`Difference::tree`].
    pub node: u32,
    /// How it moved.
    pub movement: Movement,
    /// Share of the samples before, 0..=1.
    pub share_before: f64,
    /// Share of the samples after, 0..=1.
    pub share_after: f64,
    /// Two-sided p-value of the change; absent where the logs are too few.
    pub p: Option<f64>,
    /// `p` among all tested paths; absent where the logs are too few.
    pub q: Option<f64>,
    /// Whether the share moved more than sampling would; absent where the logs cannot tell.
    pub has_moved: Option<bool>,
}

impl MovedPath {
    /// Share after less share before, −1..=1.
    pub fn change(&self) -> f64 {
        self.share_after - self.share_before
    }

    /// What paths are ranked by: the share that moved, times how much of the path that is. So what came or went whole stands
    /// before what it displaced.
    fn weight(&self) -> f64 {
        let larger = self.share_after.max(self.share_before);
        if larger > 0.0 { self.change() * self.change() / larger } else { 0.0 }
    }
}

/// Two sides compared.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The side before.
    pub before: Side,
    /// The side after.
    pub after: Side,
    /// Whether anything can be claimed.
    pub evidence: Evidence,
    /// How many logs each side needs for the smallest of claims: one path, among as many as there are here, that all logs of
    /// one side have and none of the other. The larger side is taken as it is.
    pub logs_needed: usize,
    /// Whether logs were weighted, because the mixture of apps, types or signatures is not the same on both sides.
    pub is_weighted: bool,
    /// Tested paths: those that moved first, then by weight of the change.
    pub paths: Vec<MovedPath>,
    /// Both sides on one set of nodes.
    pub tree: PairedTree,
}

/// Sums over the logs of one side, for one path.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    y: f64,
    yy: f64,
    ym: f64,
}

/// Sums over the logs of one side, for all paths.
#[derive(Clone, Copy, Debug, Default)]
struct Masses {
    logs: usize,
    m: f64,
    mm: f64,
    /// Of each log its samples times the square of its weight.
    weighted_twice: f64,
}

/// A log that is compared.
#[derive(Clone, Copy, Debug)]
struct Compared {
    /// Position in the table.
    log: u32,
    /// What its samples are multiplied by; 1 where the mixture did not move.
    weight: f64,
}

/// The logs that are compared, weighted.
#[derive(Debug, Default)]
struct Likes {
    sides: [Vec<Compared>; 2],
    unshared: [usize; 2],
    is_weighted: bool,
}

/// Positions of the logs of each side, with something in common.
type Logs = [Vec<u32>; 2];

/// What logs are alike by.
type Likeness<'a> = (&'a str, DiagnosticType);

impl Likes {
    fn of(table: &StackTable, followed: &Followed, sides: &Logs) -> Self {
        let names = table.log_names();
        // A signature that was followed over builds goes by the first of its ids.
        let mut first_ids: BTreeMap<(&str, &str), &str> = BTreeMap::new();
        for signature in &followed.signatures {
            let first = signature.sightings.iter().flat_map(|sighting| &sighting.ids).next();
            for id in signature.sightings.iter().flat_map(|sighting| &sighting.ids) {
                first_ids.insert((&signature.app, id), first.unwrap_or(id));
            }
        }
        // Sorted by texts: sums of floats depend on the order, and that in which logs came must not show.
        let mut groups: BTreeMap<Likeness<'_>, BTreeMap<&str, Logs>> = BTreeMap::new();
        for (side, logs) in sides.iter().enumerate() {
            for &at in logs {
                let log = &table.logs()[at as usize];
                let (app, id) = (names.text(log.app), names.get(log.signature).unwrap_or_default());
                let signature = first_ids.get(&(app, id)).copied().unwrap_or(id);
                let group = groups.entry((app, log.diagnostic_type)).or_default();
                group.entry(signature).or_default()[side].push(at);
            }
        }
        let mass = |logs: &[u32]| logs.iter().map(|&at| table.logs()[at as usize].samples as f64).sum::<f64>();
        let masses = |logs: &Logs| [mass(&logs[0]), mass(&logs[1])];
        let of_group: Vec<[f64; 2]> = groups
            .values()
            .map(|group| group.values().map(masses).fold([0.0; 2], |sum, logs| [sum[0] + logs[0], sum[1] + logs[1]]))
            .collect();
        let mut likes = Self::default();
        for (group, group_weights) in groups.values().zip(even_weights(&of_group)) {
            let of_signature: Vec<[f64; 2]> = group.values().map(masses).collect();
            for (logs, weights) in group.values().zip(even_weights(&of_signature)) {
                let Some(group_weights) = group_weights else { continue };
                for side in 0..2 {
                    let weight = group_weights[side] * weights.map_or(1.0, |weights| weights[side]);
                    likes.sides[side].extend(logs[side].iter().map(|&log| Compared { log, weight }));
                    likes.unshared[side] += if weights.is_none() { logs[side].len() } else { 0 };
                    likes.is_weighted |= (weight - 1.0).abs() > 1e-9 && !logs[side].is_empty();
                }
            }
        }
        likes
    }

    /// Every log as it is, to be shown where nothing can be compared.
    fn unlike(sides: &Logs) -> Self {
        let as_is = |logs: &Vec<u32>| logs.iter().map(|&log| Compared { log, weight: 1.0 }).collect();
        Self { sides: [as_is(&sides[0]), as_is(&sides[1])], ..Self::default() }
    }
}

/// What parts of a mixture, of the given masses on each side, are to be multiplied by so that those that both sides have
/// keep their sum on each side and have the same proportions on both; absent for parts that a side lacks.
fn even_weights(masses: &[[f64; 2]]) -> Vec<Option<[f64; 2]>> {
    let even = |&[before, after]: &[f64; 2]| before * after / (before + after);
    let is_shared = |masses: &&[f64; 2]| masses[0] > 0.0 && masses[1] > 0.0;
    let shared = || masses.iter().filter(is_shared);
    let of_side = [0, 1].map(|side| shared().map(|masses| masses[side]).sum::<f64>());
    let of_even: f64 = shared().map(even).sum();
    masses
        .iter()
        .map(|part| is_shared(&part).then(|| [0, 1].map(|side| even(part) / of_even * (of_side[side] / part[side]))))
        .collect()
}

impl StackTable {
    /// Compares the logs of two sides. Names are matched by what is stable over builds: [`FrameKey::Identity`]; signatures by
    /// their ids, and by what is known of them over builds.
    pub fn difference(
        &self,
        options: &DifferenceOptions,
        followed: &Followed,
        is_before: impl Fn(&StackLog) -> bool,
        is_after: impl Fn(&StackLog) -> bool,
    ) -> Difference {
        let columns = [self.own_samples(&is_before), self.own_samples(&is_after)];
        let shape = self.shape(FrameKey::Identity, &[&columns[0], &columns[1]]);
        let own = [shape.own(&columns[0]), shape.own(&columns[1])];
        let with_samples = |is_wanted: &dyn Fn(&StackLog) -> bool| -> Vec<u32> {
            let logs = (0u32..).zip(self.logs()).filter(|(_, log)| log.samples > 0 && is_wanted(log));
            logs.map(|(at, _)| at).collect()
        };
        let sides = [with_samples(&is_before), with_samples(&is_after)];
        let likes = Likes::of(self, followed, &sides);
        let (compared, larger) = {
            let [before, after] = [0, 1].map(|side| likes.sides[side].len());
            (before.min(after), before.max(after))
        };
        let evidence = if sides.iter().any(Vec::is_empty) {
            Evidence::OneSided
        } else if compared == 0 {
            Evidence::NothingInCommon
        } else if compared < MIN_LOGS_A_SIDE {
            Evidence::TooFewLogs
        } else {
            Evidence::Enough
        };
        let [before, after] = [0, 1].map(|side| Side {
            logs: sides[side].len(),
            samples: own[side].iter().sum(),
            compared: likes.sides[side].len(),
            unshared: likes.unshared[side],
        });
        let shown = if compared == 0 { Likes::unlike(&sides) } else { likes };
        let [(before_sums, before_masses), (after_sums, after_masses)] =
            [0, 1].map(|side| self.sums(&shape, &shown.sides[side]));

        let of = |sums: &[Sums], masses: Masses, node: usize| {
            if masses.logs == 0 { 0.0 } else { sums[node].y / masses.m }
        };
        let share_before = |node: usize| of(&before_sums, before_masses, node);
        let share_after = |node: usize| of(&after_sums, after_masses, node);
        let changes: Vec<f64> = (0..shape.parent.len()).map(|node| share_after(node) - share_before(node)).collect();
        let is_explained_below = explained_below(&shape.parent, &changes, options.explains);
        let candidates: Vec<usize> = (0..shape.parent.len())
            .filter(|&node| {
                !is_explained_below[node] && share_before(node).midpoint(share_after(node)) >= options.min_share
            })
            .collect();
        let p_of = |node: usize| p_value((before_sums[node], before_masses), (after_sums[node], after_masses));
        let tests = (evidence == Evidence::Enough)
            .then(|| {
                let p: Vec<PValue> = candidates.iter().map(|&node| PValue::new(p_of(node))).collect();
                let q = options.correction.adjusted(&p, p.len() as u64);
                p.iter().zip(q).map(|(p, q)| (p.value(), q.value())).collect::<Vec<(f64, f64)>>()
            })
            .filter(|tests| {
                let is_any_claimed = tests.iter().any(|&(_, q)| q <= options.correction.rate());
                let least = least_p(before_masses.logs, after_masses.logs);
                is_any_claimed || options.correction.allows_smallest(least, tests.len() as u64)
            });
        let evidence = if evidence == Evidence::Enough && tests.is_none() { Evidence::TooFewLogs } else { evidence };

        let mut paths: Vec<MovedPath> = candidates
            .iter()
            .enumerate()
            .map(|(at, &node)| {
                let (p, q) = tests.as_ref().map(|tests| tests[at]).unzip();
                let path = path_to(&shape.parent, node);
                let mut starts_at = path.len() - 1;
                while starts_at > 0 && is_explained_by(changes[path[starts_at - 1]], changes[node], options.explains) {
                    starts_at -= 1;
                }
                MovedPath {
                    frames: path.iter().map(|&at| shape.frames[shape.frame[at] as usize].clone()).collect(),
                    starts_at,
                    node: node as u32,
                    movement: Movement::between(share_before(node), share_after(node)),
                    share_before: share_before(node),
                    share_after: share_after(node),
                    p,
                    q,
                    has_moved: q.map(|q| q <= options.correction.rate()),
                }
            })
            .collect();
        paths.sort_by(|left, right| {
            (right.has_moved == Some(true))
                .cmp(&(left.has_moved == Some(true)))
                .then_with(|| right.weight().total_cmp(&left.weight()))
                .then_with(|| left.node.cmp(&right.node))
        });
        let [before_own, after_own] = own;
        Difference {
            before,
            after,
            evidence,
            logs_needed: logs_needed(candidates.len(), larger, options.correction),
            is_weighted: shown.is_weighted,
            paths,
            tree: PairedTree {
                frames: shape.frames,
                frame: shape.frame,
                parent: shape.parent,
                before: before_own,
                after: after_own,
            },
        }
    }

    /// Sums over the logs of one side, for every node of a shape.
    fn sums(&self, shape: &Shape, logs: &[Compared]) -> (Vec<Sums>, Masses) {
        let mut sums = vec![Sums::default(); shape.parent.len()];
        let mut masses = Masses::default();
        let mut samples_in = vec![0u64; shape.parent.len()];
        let mut visited_by = vec![0u32; shape.parent.len()];
        let mut touched: Vec<u32> = Vec::new();
        for (compared, visit) in logs.iter().zip(1u32..) {
            let log = &self.logs()[compared.log as usize];
            touched.clear();
            for (end, samples) in self.ends(log) {
                let mut node = shape.node_of[end as usize];
                if node == u32::MAX {
                    continue;
                }
                samples_in[node as usize] += samples;
                while node != StackTree::ROOT && visited_by[node as usize] != visit {
                    visited_by[node as usize] = visit;
                    touched.push(node);
                    node = shape.parent[node as usize];
                }
            }
            // In preorder a parent's number is below its children's, so from the highest down all sums are complete.
            touched.sort_unstable();
            let m = compared.weight * log.samples as f64;
            for &node in touched.iter().rev() {
                let y = std::mem::take(&mut samples_in[node as usize]);
                if shape.parent[node as usize] != StackTree::ROOT {
                    samples_in[shape.parent[node as usize] as usize] += y;
                }
                let sum = &mut sums[node as usize];
                let y = compared.weight * y as f64;
                sum.y += y;
                sum.yy += y * y;
                sum.ym += y * m;
            }
            masses.logs += 1;
            masses.m += m;
            masses.mm += m * m;
            masses.weighted_twice += compared.weight * m;
        }
        (sums, masses)
    }
}

/// Two-sided p-value that both sides have one share.
fn p_value(before: (Sums, Masses), after: (Sums, Masses)) -> f64 {
    let pooled = (before.0.y + after.0.y) / (before.1.m + after.1.m);
    let variance = |(sums, masses): (Sums, Masses)| {
        let n = masses.logs as f64;
        let share = sums.y / masses.m;
        let residual = (sums.yy - 2.0 * share * sums.ym + share * share * masses.mm).max(0.0);
        let between_logs = n / (n - 1.0) * residual / (masses.m * masses.m);
        between_logs.max(pooled * (1.0 - pooled) * masses.weighted_twice / (masses.m * masses.m))
    };
    let change = after.0.y / after.1.m - before.0.y / before.1.m;
    let (v_before, v_after) = (variance(before), variance(after));
    let sum = v_before + v_after;
    if sum <= 0.0 {
        // All samples of both sides are in the path, or none is.
        return 1.0;
    }
    let (n_before, n_after) = (before.1.logs as f64, after.1.logs as f64);
    let df = sum * sum / (v_before * v_before / (n_before - 1.0) + v_after * v_after / (n_after - 1.0));
    StudentT::new(df).two_sided(change / sum.sqrt()).max(least_p(before.1.logs, after.1.logs))
}

/// Two over the number of ways to deal the logs into sides of these sizes.
fn least_p(before: usize, after: usize) -> f64 {
    // C(n₁ + n₂, n₁) as a product of fractions; it overflows to infinity, whose inverse is the right 0.
    let ways: f64 = (1..=before.min(after)).map(|i| (before.max(after) + i) as f64 / i as f64).product();
    (2.0 / ways).min(1.0)
}

/// Fewest logs on each side with which one path among `tests` could be claimed, where the larger side has `larger` or more.
fn logs_needed(tests: usize, larger: usize, correction: Correction) -> usize {
    let is_enough = |&logs: &usize| correction.allows_smallest(least_p(logs, larger.max(logs)), tests as u64);
    // The deals grow fourfold with each log: 40 a side can be dealt in 10²³ ways, more than there are paths in any memory.
    (MIN_LOGS_A_SIDE..=40).find(is_enough).unwrap_or(40)
}

/// Whether a caller's change is mostly a callee's.
fn is_explained_by(caller: f64, callee: f64, explains: f64) -> bool {
    caller * callee > 0.0 && callee.abs() >= explains * caller.abs()
}

/// Whether one of a node's children explains its change.
fn explained_below(parents: &[u32], changes: &[f64], explains: f64) -> Vec<bool> {
    let mut is_explained = vec![false; parents.len()];
    for (node, &parent) in parents.iter().enumerate() {
        if parent != StackTree::ROOT && is_explained_by(changes[parent as usize], changes[node], explains) {
            is_explained[parent as usize] = true;
        }
    }
    is_explained
}

fn path_to(parents: &[u32], node: usize) -> Vec<usize> {
    let mut path = vec![node];
    let mut at = parents[node];
    while at != StackTree::ROOT {
        path.push(at as usize);
        at = parents[at as usize];
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::follow::{FollowedSignature, Sighting};
    use crate::sample_logs::{About, SampleLogs};
    use perfpower_statistics::fdr::BenjaminiYekutieli;
    use perfpower_testkit::worlds::Random;

    fn difference(logs: &SampleLogs) -> Difference {
        let mut table = StackTable::new();
        table.absorb("app", &logs.document);
        let version = |log: &StackLog| table.log_names().get(log.metadata.app_version);
        table.difference(
            &DifferenceOptions::default(),
            &Followed::default(),
            |log| version(log) == Some("1"),
            |log| version(log) == Some("2"),
        )
    }

    fn about<'a>(version: &'a str, detail: &'a str) -> About<'a> {
        About { version, detail, signature: "s", ..About::default() }
    }

    /// Logs of two versions: all spend much in `feed`, the first version some in `old`, the second some in `fresh`.
    fn planted(a_side: usize) -> SampleLogs {
        let mut rng = Random::new(11);
        let mut logs = SampleLogs::new();
        for at in 0..a_side {
            for (version, path) in [("1", "main;App:legacy;App:old"), ("2", "main;App:sync;App:fresh")] {
                let jitter = |rng: &mut Random, base: usize| base + rng.below(base);
                let feed = format!("main;App:feed;layout {}", jitter(&mut rng, 20));
                let draw = format!("main;App:draw {}", jitter(&mut rng, 10));
                let planted =
                    [format!("{path};read {}", jitter(&mut rng, 6)), format!("{path};write {}", jitter(&mut rng, 6))];
                let detail = format!("{at} ms");
                logs = logs.log(about(version, &detail), &[&feed, &draw, &planted[0], &planted[1]]);
            }
        }
        logs
    }

    #[test]
    fn a_planted_path_and_a_removed_one_are_named_first() {
        let difference = difference(&planted(12));
        assert_eq!(difference.evidence, Evidence::Enough);
        assert_eq!((difference.before.logs, difference.after.logs), (12, 12));
        let named: Vec<_> = difference
            .paths
            .iter()
            .take(2)
            .map(|path| {
                let names: Vec<_> = path.frames.iter().map(|frame| frame.name.as_str()).collect();
                (path.movement, names[path.starts_at..].join(";"), path.has_moved)
            })
            .collect();
        assert!(named.contains(&(Movement::New, "sync;fresh".to_owned(), Some(true))), "{named:?}");
        assert!(named.contains(&(Movement::Gone, "legacy;old".to_owned(), Some(true))), "{named:?}");
    }

    #[test]
    fn three_logs_a_side_cannot_tell() {
        let difference = difference(&planted(3));
        assert_eq!(difference.evidence, Evidence::TooFewLogs);
        assert!(!difference.paths.is_empty());
        assert!(difference.paths.iter().all(|path| path.p.is_none() && path.has_moved.is_none()));
        assert!(matches!(difference.paths[0].movement, Movement::New | Movement::Gone));
        assert!((least_p(3, 3) - 0.1).abs() < 1e-12);
        assert!(least_p(MIN_LOGS_A_SIDE, MIN_LOGS_A_SIDE) < 0.05);
    }

    #[test]
    fn one_side_alone_is_no_difference() {
        let logs = SampleLogs::new().log(about("2", ""), &["main 3"]);
        let difference = difference(&logs);
        assert_eq!(difference.evidence, Evidence::OneSided);
        assert_eq!(difference.paths[0].movement, Movement::New);
        assert_eq!(difference.paths[0].has_moved, None);
    }

    #[test]
    fn twice_the_samples_are_the_same_share() {
        let mut logs = SampleLogs::new();
        for at in 0..8 {
            let detail = format!("{at} ms");
            logs = logs
                .log(about("1", &detail), &["main;a 10", "main;b 30"])
                .log(about("2", &detail), &["main;a 20", "main;b 60"]);
        }
        let difference = difference(&logs);
        assert!(difference.paths.iter().all(|path| path.movement == Movement::Same && path.has_moved == Some(false)));
    }

    #[test]
    fn names_that_differ_only_in_generated_numbers_are_one_path() {
        let mut logs = SampleLogs::new();
        for at in 0..6 {
            let detail = format!("{at} ms");
            logs = logs
                .log(about("1", &detail), &["main;closure #1 in load() 5"])
                .log(about("2", &detail), &["main;closure #4 in load() 5"]);
        }
        assert!(difference(&logs).paths.iter().all(|path| path.movement == Movement::Same));
    }

    /// By hand: shares 1/2 and 1/4 over four logs of one sample mass each side.
    ///
    /// Before, y = 8, 4, 6, 2 of m = 10: R = 0.5, residuals 3, −1, 1, −3, sum of squares 20, V = 4/3 · 20/1600 = 1/60.
    /// After, y = 2, 3, 2, 3: R = 0.25, residuals ±0.5, sum of squares 1, V = 4/3 · 1/1600 = 1/1200, which is below the
    /// binomial 0.375 · 0.625 / 40 = 0.005859375. t = −0.25 / √(1/60 + 0.005859375) = −1.66570.
    #[test]
    fn a_known_answer() {
        let sums = |y: &[f64]| {
            let sums =
                Sums { y: y.iter().sum(), yy: y.iter().map(|y| y * y).sum(), ym: y.iter().map(|y| y * 10.0).sum() };
            let m = 10.0 * y.len() as f64;
            (sums, Masses { logs: y.len(), m, mm: 10.0 * m, weighted_twice: m })
        };
        let (v1, v2) = (1.0 / 60.0, 0.005_859_375);
        let df = (v1 + v2) * (v1 + v2) / ((v1 * v1 + v2 * v2) / 3.0);
        let expected = StudentT::new(df).two_sided(1.665_703);
        let found = p_value(sums(&[8.0, 4.0, 6.0, 2.0]), sums(&[2.0, 3.0, 2.0, 3.0]));
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        // Complete separation of four and four: t is enormous, the floor is 2/70.
        let separated = p_value(sums(&[0.0; 4]), sums(&[10.0; 4]));
        assert!((separated - 2.0 / 70.0).abs() < 1e-12);
        assert!(p_value(sums(&[10.0; 4]), sums(&[10.0; 4])) >= 1.0);
    }

    /// Each log is nearly all in one of four paths, as hangs are: thirty samples of a log are one event. A test that took
    /// samples for independent would claim something in almost every run.
    #[test]
    fn samples_of_one_log_are_no_independent_evidence() {
        assert_claims_are_rare(5, |rng| {
            let mut logs = SampleLogs::new();
            for at in 0..20 {
                let main = rng.below(4);
                let mass = 10 + rng.below(40);
                let stacks = [format!("main;p{main} {mass}"), format!("main;p{} 1", rng.below(4))];
                let detail = format!("{at} ms");
                logs = logs.log(about(if at % 2 == 0 { "1" } else { "2" }, &detail), &[&stacks[0], &stacks[1]]);
            }
            logs
        });
    }

    /// Of two versions that do not differ, at most 6 in 100 may be told apart: 5 are accepted, and 200 runs say it no better.
    fn assert_claims_are_rare(seed: u64, logs: impl Fn(&mut Random) -> SampleLogs) {
        let mut rng = Random::new(seed);
        let runs = 200;
        let has_claim = |difference: &Difference| difference.paths.iter().any(|path| path.has_moved == Some(true));
        let false_claims = (0..runs).filter(|_| has_claim(&difference(&logs(&mut rng)))).count();
        assert!(false_claims * 100 <= 6 * runs, "{false_claims} of {runs}");
    }

    /// By hand: `s` has 40 and 10 samples, `t` 10 and 40, so both count 40 · 10 / 50 = 8, a half each on either side. The share
    /// of `a` is 0.5 in `s` and 0.1 in `t`: 0.3 and 0.3, where the plain shares are 0.42 and 0.18.
    #[test]
    fn a_mixture_that_moved_is_no_claim() {
        let mut logs = SampleLogs::new();
        for (signature, version, a, b, count) in
            [("s", "1", 5, 5, 40), ("s", "2", 5, 5, 10), ("t", "1", 1, 9, 10), ("t", "2", 1, 9, 40)]
        {
            for at in 0..count {
                let detail = format!("{at} ms");
                let about = About { signature, ..about(version, &detail) };
                logs = logs.log(about, &[&format!("main;a {a}"), &format!("main;b {b}")]);
            }
        }
        let difference = difference(&logs);
        assert_eq!((difference.is_weighted, difference.evidence), (true, Evidence::Enough));
        assert_eq!((difference.before.compared, difference.after.compared), (50, 50));
        let a = difference.paths.iter().find(|path| path.frames.last().unwrap().name == "a").unwrap();
        assert!((a.share_before - 0.3).abs() < 1e-12 && (a.share_after - 0.3).abs() < 1e-12, "{a:?}");
        assert!(difference.paths.iter().all(|path| path.has_moved == Some(false)));
    }

    #[test]
    fn parts_that_both_sides_have_are_evened_out_and_their_sum_stays() {
        let weights = even_weights(&[[40.0, 10.0], [10.0, 40.0], [0.0, 7.0]]);
        assert_eq!(weights, [Some([0.625, 2.5]), Some([2.5, 0.625]), None]);
        // The same mixture, twice as many: nothing to even out.
        let same = even_weights(&[[30.0, 60.0], [10.0, 20.0]]);
        assert!(same.iter().flatten().flatten().all(|weight| (weight - 1.0).abs() < 1e-12), "{same:?}");
        assert_eq!(even_weights(&[[3.0, 5.0]]), [Some([1.0, 1.0])]);
        assert_eq!(even_weights(&[[3.0, 0.0], [0.0, 5.0]]), [None, None]);
    }

    /// Five signatures of paths of their own, each with few logs that differ: the mixture moves, the code does not.
    #[test]
    fn mixtures_claim_no_more_than_is_accepted() {
        assert_claims_are_rare(23, |rng| {
            let mut logs = SampleLogs::new();
            for signature in 0..5_usize {
                for version in ["1", "2"] {
                    for at in 0..=rng.below(12) {
                        let detail = format!("{at} ms");
                        let mass = 10 + rng.below(40);
                        let stacks = [
                            format!("main;p{} {mass}", (signature + rng.below(3)) % 6),
                            format!("main;p{signature} {}", 1 + rng.below(30)),
                        ];
                        let signature = signature.to_string();
                        let about = About { signature: &signature, ..about(version, &detail) };
                        logs = logs.log(about, &[&stacks[0], &stacks[1]]);
                    }
                }
            }
            logs
        });
    }

    #[test]
    fn apps_are_compared_with_themselves() {
        let mut table = StackTable::new();
        for (app, counts) in [("a", [30, 30]), ("b", [10, 60])] {
            for (version, count) in ["1", "2"].into_iter().zip(counts) {
                let mut logs = SampleLogs::new();
                for at in 0..count {
                    let detail = format!("{at} ms");
                    let stacks = [format!("main;{app} 20"), format!("main {}", 10 + at % 5)];
                    logs = logs.log(about(version, &detail), &[&stacks[0], &stacks[1]]);
                }
                table.absorb(app, &logs.document);
            }
        }
        let version = |log: &StackLog| table.log_names().get(log.metadata.app_version);
        let compared = |is_before: &dyn Fn(&StackLog) -> bool, is_after: &dyn Fn(&StackLog) -> bool| {
            table.difference(&DifferenceOptions::default(), &Followed::default(), is_before, is_after)
        };
        let both = compared(&|log| version(log) == Some("1"), &|log| version(log) == Some("2"));
        assert_eq!((both.is_weighted, both.evidence), (true, Evidence::Enough));
        assert!(both.paths.iter().all(|path| path.has_moved == Some(false)), "{:?}", both.paths);
        let app = |log: &StackLog| table.log_names().text(log.app);
        let foreign = compared(&|log| app(log) == "a", &|log| app(log) == "b");
        assert_eq!(foreign.evidence, Evidence::NothingInCommon);
        assert_eq!((foreign.before.logs, foreign.before.compared), (60, 0));
        assert!(foreign.paths.iter().all(|path| path.has_moved.is_none()));
        assert!(foreign.paths.iter().any(|path| path.movement == Movement::New));
    }

    #[test]
    fn signatures_of_one_side_count_as_they_are() {
        let logs = |of: &[(&str, &str, &str)]| {
            let mut logs = SampleLogs::new();
            for &(version, signature, stack) in of {
                for at in 0..8 {
                    let detail = format!("{at} ms");
                    let idle = format!("main {}", 10 + at % 3);
                    logs = logs.log(About { signature, ..about(version, &detail) }, &[&idle, stack]);
                }
            }
            difference(&logs)
        };
        // Ids changed with the build.
        let renamed = logs(&[("1", "s1", "main;old 9"), ("2", "s2", "main;new 9")]);
        assert_eq!((renamed.is_weighted, renamed.after.compared, renamed.after.unshared), (false, 8, 8));
        assert!(renamed.paths.iter().any(|path| path.movement == Movement::New && path.has_moved == Some(true)));
        // One that is new says so beside one that stays.
        let fresh = logs(&[("1", "s", "main;same 9"), ("2", "s", "main;same 9"), ("2", "t", "main;new 20")]);
        assert_eq!((fresh.after.compared, fresh.before.unshared, fresh.after.unshared), (16, 0, 8));
        assert!(fresh.paths.iter().any(|path| path.movement == Movement::New && path.has_moved == Some(true)));
    }

    /// `s1` and `t1` of version 1 are `s2` and `t2` of version 2, as pages of signatures tell. Twenty logs become four.
    #[test]
    fn signatures_whose_ids_changed_are_alike_where_pages_tell() {
        let mut table = StackTable::new();
        let mut logs = SampleLogs::new();
        for (signature, version, count) in [("s1", "1", 20), ("s2", "2", 4), ("t1", "1", 4), ("t2", "2", 20)] {
            for at in 0..count {
                let detail = format!("{at} ms");
                let stack = format!("main;{} 20", &signature[..1]);
                let idle = format!("main {}", 10 + at % 4);
                logs = logs.log(About { signature, ..about(version, &detail) }, &[&stack, &idle]);
            }
        }
        table.absorb("app", &logs.document);
        let followed = |name: &str| FollowedSignature {
            app: "app".to_owned(),
            diagnostic_type: DiagnosticType::Other,
            text: Some(name.to_owned()),
            binary: None,
            function: None,
            sightings: ["1", "2"].map(|version| sighting(version, &format!("{name}{version}"))).to_vec(),
            movement: None,
            weight_change: None,
            apple_trend: None,
            apple_agrees: None,
        };
        let pages = Followed { signatures: vec![followed("s"), followed("t")], ..Followed::default() };
        let version = |log: &StackLog| table.log_names().get(log.metadata.app_version);
        let compared = |pages: &Followed| {
            let options = DifferenceOptions::default();
            table.difference(&options, pages, |log| version(log) == Some("1"), |log| version(log) == Some("2"))
        };
        let followed = compared(&pages);
        assert_eq!((followed.is_weighted, followed.before.unshared), (true, 0));
        assert!(followed.paths.iter().all(|path| path.has_moved == Some(false)), "{:?}", followed.paths);
        let unknown = compared(&Followed::default());
        assert_eq!((unknown.is_weighted, unknown.before.unshared), (false, 24));
        assert!(unknown.paths.iter().any(|path| path.has_moved == Some(true)));
    }

    fn sighting(version: &str, id: &str) -> Sighting {
        Sighting {
            version: version.to_owned(),
            ids: vec![id.to_owned()],
            weight: None,
            apple_trend: None,
            count: None,
            file: None,
            line: None,
        }
    }

    /// `idle` and `new` separate four logs from four wholly, so p = 2/70. Of five paths two are that far: q = 5/2 · 2/70 = 0.07,
    /// and nothing could be claimed. With five logs p = 2/252, and one path alone has q = 5 · 2/252 = 0.04.
    #[test]
    fn what_no_log_could_show_is_not_called_unmoved() {
        let logs = |a_side: usize| {
            let mut logs = SampleLogs::new();
            for at in 0..a_side {
                let detail = format!("{at} ms");
                let b = format!("main;b {}", 20 + (at * 7) % 4);
                let c = |step: usize| format!("main;c {}", 20 + (at * step) % 4);
                logs = logs
                    .log(about("1", &detail), &[&b, &c(5), "main;idle 20"])
                    .log(about("2", &detail), &[&b, &c(3), "main;new 20"]);
            }
            difference(&logs)
        };
        let four = logs(4);
        assert_eq!((four.paths.len(), four.evidence, four.logs_needed), (5, Evidence::TooFewLogs, 5));
        assert!(four.paths.iter().all(|path| path.q.is_none() && path.has_moved.is_none()));
        let five = logs(5);
        assert_eq!((five.paths.len(), five.evidence, five.logs_needed), (5, Evidence::Enough, 5));
        assert_eq!(five.paths.iter().filter(|path| path.has_moved == Some(true)).count(), 2);
        let needed = |tests: usize, larger: usize| logs_needed(tests, larger, Correction::default());
        assert_eq!([needed(0, 0), needed(1, 0), needed(5, 4), needed(5, 100), needed(1_000, 0)], [4, 4, 5, 4, 9]);
        // Under any dependence five paths cost 1 + 1/2 + … + 1/5 = 2.28 times as much: 5 · 2.28 · 2/252 = 0.09, and 5 · 2.28 · 2/924.
        assert_eq!(logs_needed(5, 4, Correction::default().by(&BenjaminiYekutieli)), 6);
    }
}
