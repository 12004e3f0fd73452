//! What is planted in an app: at most one thing, beside the cause that many apps share.

use super::{known_versions, values};
use crate::Rng;

/// What kind of truth it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The level of one metric rises at a version, on the devices named: a regression, open or recovered.
    Step,
    /// The level falls: an improvement.
    Improvement,
    /// One device model, or all of them, rises in many apps with what they released after the same day: the platform, not the app.
    CommonCause,
    /// All devices of a few apps rise with what they released after the same day: a library that they share. Each of these apps
    /// got slower, and somebody can mend it.
    SharedLibrary,
    /// The aggregate rises while no device model does: other users, not a slower app.
    MixShift,
    /// Too few users for any value: `productData: []`.
    Empty,
    /// One download is broken: cut off, of length 0, or a login page.
    Damaged,
}

impl Kind {
    /// The word for it in the truth table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Improvement => "improvement",
            Self::CommonCause => "common_cause",
            Self::SharedLibrary => "shared_library",
            Self::MixShift => "mix_shift",
            Self::Empty => "empty",
            Self::Damaged => "damaged",
        }
    }

    /// Whether a finding that calls this metric of this app a regression of the app is right.
    pub fn is_regression(self) -> bool {
        matches!(self, Self::Step | Self::SharedLibrary)
    }
}

/// One thing that is true of an app.
#[derive(Clone, Debug)]
pub struct Planted {
    /// What kind of truth.
    pub kind: Kind,
    /// Such as `LAUNCH`; empty where it is about the whole app.
    pub category: &'static str,
    /// Such as `launchTime`; empty where it is about the whole app.
    pub metric: &'static str,
    /// Place of the version that brought it in [`App::versions`](super::App::versions).
    pub from: Option<usize>,
    /// Place of the version that took it back; absent = open.
    pub until: Option<usize>,
    /// Device models, or the aggregate, whose level moves by `percent`.
    pub devices: Vec<&'static str>,
    /// True change of the level on each of these devices, in percent.
    pub percent: f64,
    /// True change of the aggregate, in percent.
    pub aggregate_percent: f64,
}

/// Shares of the apps. Everything that is left has no plant of its own; arbitrary, but a list of 20 must be earned.
const STEP: f64 = 0.04;
const IMPROVEMENT: f64 = 0.02;
const MIX_SHIFT: f64 = 0.02;
const EMPTY: f64 = 0.01;
const DAMAGED: f64 = 0.005;

/// Of the steps, how many are on older devices alone, and how many were taken back.
const STEP_ON_OLDER_DEVICES: f64 = 0.4;
const STEP_RECOVERED: f64 = 0.2;

/// Sizes of steps in percent, uniform on the log scale: from what is barely worth a word to what nobody misses.
const STEP_PERCENT: (f64, f64) = (8.0, 60.0);
const MIX_SHIFT_PERCENT: (f64, f64) = (8.0, 20.0);

/// A cause that many apps share: it reaches what they released after one day.
struct Cause {
    category: &'static str,
    metric: &'static str,
    /// One device model; absent = all of them.
    device: Option<&'static str>,
    percent: f64,
}

/// One of the shape of a device model, one of the shape of a system: a device that a driver slows down, and a system that drains
/// the battery of every phone; each with the share of the apps that it reaches.
const COMMON_CAUSES: [(Cause, f64); 2] = [
    (Cause { category: "MEMORY", metric: "peakMemory", device: Some("iPhone13,2"), percent: 24.0 }, 0.3),
    (Cause { category: "BATTERY", metric: "onScreen", device: None, percent: 15.0 }, 0.2),
];

/// A library that the apps of one owner share, and of many apps these are few: one in 400, and at least one of the first ten, so
/// that small portfolios have it too.
const LIBRARY: Cause = Cause { category: "DISK", metric: "diskWrites", device: None, percent: 22.0 };
const APPS_PER_LIBRARY: usize = 400;
const FIRST_APP_WITH_LIBRARY: usize = 7;

/// Draws what is true of an app.
pub(super) fn plant(seed: u64, index: usize, versions: &[String], snapshots: usize) -> Vec<Planted> {
    let mut rng = Rng::keyed(seed, "planted", index as u64);
    let draw = rng.uniform();
    let whole = |kind| {
        vec![Planted {
            kind,
            category: "",
            metric: "",
            from: None,
            until: None,
            devices: Vec::new(),
            percent: 0.0,
            aggregate_percent: 0.0,
        }]
    };
    let mut limit = EMPTY;
    if draw < limit {
        return whole(Kind::Empty);
    }
    limit += DAMAGED;
    if draw < limit {
        return whole(Kind::Damaged);
    }
    let mut planted = Vec::new();
    limit += STEP;
    if draw < limit {
        planted.push(step(&mut rng, versions.len()));
    } else if draw < limit + IMPROVEMENT {
        let mut improvement = step(&mut rng, versions.len());
        improvement.kind = Kind::Improvement;
        improvement.until = None;
        improvement.percent = inverse(improvement.percent);
        improvement.aggregate_percent = inverse(improvement.aggregate_percent);
        planted.push(improvement);
    } else if draw < limit + IMPROVEMENT + MIX_SHIFT {
        planted.push(mix_shift(&mut rng, versions.len()));
    }
    // Two truths about one metric of one app would be hard to tell apart for anyone.
    let is_free = |planted: &[Planted], cause: &Cause| planted.iter().all(|planted| planted.metric != cause.metric);
    for (cause, share) in &COMMON_CAUSES {
        if rng.chance(*share) && is_free(&planted, cause) {
            planted.push(caused(Kind::CommonCause, cause, versions.len(), snapshots));
        }
    }
    if index % APPS_PER_LIBRARY == FIRST_APP_WITH_LIBRARY && is_free(&planted, &LIBRARY) {
        planted.push(caused(Kind::SharedLibrary, &LIBRARY, versions.len(), snapshots));
    }
    planted
}

fn step(rng: &mut Rng, versions: usize) -> Planted {
    let metric = rng.pick(&values::METRICS);
    let devices: Vec<&'static str> = if rng.chance(STEP_ON_OLDER_DEVICES) {
        values::DEVICES.iter().filter(|device| device.is_older).map(|device| device.id).collect()
    } else {
        values::DEVICES.iter().map(|device| device.id).collect()
    };
    let from = middle(rng, versions);
    let recovers = rng.chance(STEP_RECOVERED) && from + 2 < versions;
    let percent = log_uniform(rng, STEP_PERCENT);
    Planted {
        kind: Kind::Step,
        category: metric.category,
        metric: metric.identifier,
        from: Some(from),
        until: recovers.then_some(from + 2),
        aggregate_percent: percent * values::share_of(&devices),
        devices,
        percent,
    }
}

fn mix_shift(rng: &mut Rng, versions: usize) -> Planted {
    let metric = rng.pick(&values::METRICS);
    let percent = log_uniform(rng, MIX_SHIFT_PERCENT);
    Planted {
        kind: Kind::MixShift,
        category: metric.category,
        metric: metric.identifier,
        from: Some(middle(rng, versions)),
        until: None,
        devices: vec![values::AGGREGATE],
        percent,
        aggregate_percent: percent,
    }
}

/// A cause reaches every version that the oldest download did not know. With one download alone there is no such day, and the
/// newest version of every app stands for it.
fn caused(kind: Kind, cause: &Cause, versions: usize, snapshots: usize) -> Planted {
    let from = known_versions(versions, snapshots, 0).min(versions - 1);
    let devices: Vec<&'static str> =
        values::DEVICES.iter().map(|device| device.id).filter(|&id| cause.device.is_none_or(|one| one == id)).collect();
    Planted {
        kind,
        category: cause.category,
        metric: cause.metric,
        from: Some(from),
        until: None,
        aggregate_percent: cause.percent * values::share_of(&devices),
        devices,
        percent: cause.percent,
    }
}

/// A version with at least three before it, and one after it.
fn middle(rng: &mut Rng, versions: usize) -> usize {
    3 + rng.below(versions - 4)
}

fn log_uniform(rng: &mut Rng, (low, high): (f64, f64)) -> f64 {
    rng.between(low.ln(), high.ln()).exp()
}

/// The change that takes a change back: −20 % for +25 %.
fn inverse(percent: f64) -> f64 {
    100.0 / (1.0 + percent / 100.0) - 100.0
}
