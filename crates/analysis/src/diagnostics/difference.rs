//! What moved between two sides, such as two versions: paths by share of samples, and whether the logs can carry the claim.
//!
//! **Shares.** The sides hold different numbers of logs, so a path's weight is its share of its side's samples. Shares fall
//! too, so a difference may be negative, and all differences under one parent need not have one sign.
//!
//! **The test.** Samples within a log are one event on one device: they are as good as copies of each other. So the log is
//! the unit. With `y` samples of log `i` in the path and `m` in all, the share of a side is `R = Σy / Σm`, and its variance
//! `n/(n−1) · Σ(y − R m)² / (Σm)²` (the ratio estimator of survey sampling; Cochran 1977, eq. 2.46). It is at least the
//! binomial variance that independent samples would have, because few logs can agree by luck. The difference over its
//! standard error is a t with the degrees of freedom of Welch (1947).
//!
//! **The floor.** If the sides did not differ, every deal of the logs into the sides would be as likely. So no test can
//! honestly claim less than `2 / C(n₁ + n₂, n₁)`; p is never below it. That is also why three logs a side tell nothing: even
//! complete separation has p = 0.1.
//!
//! **Many paths.** Only paths with at least [`DifferenceOptions::min_share`] over both sides are tested, and q-values are
//! those of Benjamini and Hochberg over all of them.
//!
//! Apple chooses which logs it gives out, up to 200 per signature. Shares are therefore comparable within one signature or
//! one diagnostic type, and a mixture of signatures says as much about that choice as about the app.

use super::stacks::{StackLog, StackTable};
use super::tree::{FrameKey, PairedTree, Shape, StackFrame, StackTree, summed_up};
use crate::statistics::fdr::{Dependence, PValue, adjusted};
use crate::statistics::special::StudentT;

/// Fewest logs a side for any claim: see the floor in the head of this module. With four, complete separation has p = 0.03.
pub const MIN_LOGS_A_SIDE: usize = 4;

/// What is looked at and what is claimed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DifferenceOptions {
    /// Mean of the two shares from which on a path is tested, 0..=1. 0.01: what a flame graph shows without zooming.
    pub min_share: f64,
    /// Rate of false claims that is accepted among the claims. 0.05 by convention.
    pub max_q: f64,
    /// A path stands for its parent when it explains at least this part of the parent's change. 0.8: arbitrary, so that a
    /// claim names the code that moved and not all its callers.
    pub explains: f64,
}

impl Default for DifferenceOptions {
    fn default() -> Self {
        Self { min_share: 0.01, max_q: 0.05, explains: 0.8 }
    }
}

/// One side of a difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// Logs with samples.
    pub logs: usize,
    /// Their samples.
    pub samples: u64,
}

/// Whether the logs can carry a claim at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// Each side has [`MIN_LOGS_A_SIDE`].
    Enough,
    /// A side has fewer: the shares are shown, nothing is claimed.
    TooFewLogs,
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
    /// Whether anything is claimed.
    pub evidence: Evidence,
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
}

impl StackTable {
    /// Compares the logs of two sides. Names are matched by what is stable over builds: [`FrameKey::Identity`].
    pub fn difference(
        &self,
        options: &DifferenceOptions,
        is_before: impl Fn(&StackLog) -> bool,
        is_after: impl Fn(&StackLog) -> bool,
    ) -> Difference {
        let columns = [self.own_samples(&is_before), self.own_samples(&is_after)];
        let shape = self.shape(FrameKey::Identity, &[&columns[0], &columns[1]]);
        let own = [shape.own(&columns[0]), shape.own(&columns[1])];
        let inclusive = [summed_up(&shape.parent, &own[0]), summed_up(&shape.parent, &own[1])];
        let totals: [u64; 2] = [own[0].iter().sum(), own[1].iter().sum()];
        let share = |side: usize, node: usize| {
            if totals[side] == 0 { 0.0 } else { inclusive[side][node] as f64 / totals[side] as f64 }
        };
        let (before_sums, before) = self.sums(&shape, &is_before);
        let (after_sums, after) = self.sums(&shape, &is_after);
        let evidence = match before.logs.min(after.logs) {
            0 => Evidence::OneSided,
            logs if logs < MIN_LOGS_A_SIDE => Evidence::TooFewLogs,
            _ => Evidence::Enough,
        };

        let changes: Vec<f64> = (0..shape.parent.len()).map(|node| share(1, node) - share(0, node)).collect();
        let is_explained_below = explained_below(&shape.parent, &changes, options.explains);
        let candidates: Vec<usize> = (0..shape.parent.len())
            .filter(|&node| !is_explained_below[node] && share(0, node).midpoint(share(1, node)) >= options.min_share)
            .collect();
        let p: Option<Vec<f64>> = (evidence == Evidence::Enough).then(|| {
            candidates.iter().map(|&node| p_value((before_sums[node], before), (after_sums[node], after))).collect()
        });
        let q = p.as_ref().map(|p| {
            let values: Vec<PValue> = p.iter().map(|&p| PValue::new(p)).collect();
            adjusted(&values, values.len() as u64, Dependence::Positive)
        });

        let mut paths: Vec<MovedPath> = candidates
            .iter()
            .enumerate()
            .map(|(at, &node)| {
                let (p, q) = (p.as_ref().map(|p| p[at]), q.as_ref().map(|q| q[at].value()));
                let path = path_to(&shape.parent, node);
                let mut starts_at = path.len() - 1;
                while starts_at > 0 && is_explained_by(changes[path[starts_at - 1]], changes[node], options.explains) {
                    starts_at -= 1;
                }
                MovedPath {
                    frames: path.iter().map(|&at| shape.frames[shape.frame[at] as usize].clone()).collect(),
                    starts_at,
                    node: node as u32,
                    movement: Movement::between(share(0, node), share(1, node)),
                    share_before: share(0, node),
                    share_after: share(1, node),
                    p,
                    q,
                    has_moved: q.map(|q| q <= options.max_q),
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
            before: Side { logs: before.logs, samples: totals[0] },
            after: Side { logs: after.logs, samples: totals[1] },
            evidence,
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

    /// Sums over the logs that are wanted, for every node of a shape.
    fn sums(&self, shape: &Shape, is_wanted: impl Fn(&StackLog) -> bool) -> (Vec<Sums>, Masses) {
        let mut sums = vec![Sums::default(); shape.parent.len()];
        let mut masses = Masses::default();
        let mut samples_in = vec![0u64; shape.parent.len()];
        let mut visited_by = vec![0u32; shape.parent.len()];
        let mut touched: Vec<u32> = Vec::new();
        for (log, visit) in self.logs().iter().filter(|log| is_wanted(log) && log.samples > 0).zip(1u32..) {
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
            let m = log.samples as f64;
            for &node in touched.iter().rev() {
                let y = std::mem::take(&mut samples_in[node as usize]);
                if shape.parent[node as usize] != StackTree::ROOT {
                    samples_in[shape.parent[node as usize] as usize] += y;
                }
                let sum = &mut sums[node as usize];
                let y = y as f64;
                sum.y += y;
                sum.yy += y * y;
                sum.ym += y * m;
            }
            masses.logs += 1;
            masses.m += m;
            masses.mm += m * m;
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
        between_logs.max(pooled * (1.0 - pooled) / masses.m)
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
    use super::super::sample_logs::{About, SampleLogs};
    use super::*;
    use perfpower_testkit::worlds::Random;

    fn difference(logs: &SampleLogs) -> Difference {
        let mut table = StackTable::new();
        table.absorb("app", &logs.document);
        let version = |log: &StackLog| table.log_names().text(log.metadata.app_version);
        table.difference(&DifferenceOptions::default(), |log| version(log) == "1", |log| version(log) == "2")
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
            (sums, Masses { logs: y.len(), m: 10.0 * y.len() as f64, mm: 100.0 * y.len() as f64 })
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
        let mut rng = Random::new(5);
        let runs = 200;
        let mut false_claims = 0;
        for _ in 0..runs {
            let mut logs = SampleLogs::new();
            for at in 0..20 {
                let main = rng.below(4);
                let mass = 10 + rng.below(40);
                let stacks = [format!("main;p{main} {mass}"), format!("main;p{} 1", rng.below(4))];
                let detail = format!("{at} ms");
                logs = logs.log(about(if at % 2 == 0 { "1" } else { "2" }, &detail), &[&stacks[0], &stacks[1]]);
            }
            let difference = difference(&logs);
            false_claims += usize::from(difference.paths.iter().any(|path| path.has_moved == Some(true)));
        }
        assert!(false_claims * 100 <= 6 * runs, "{false_claims} of {runs}");
    }
}
