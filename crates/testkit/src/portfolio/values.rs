//! The bodies of a portfolio: level of the app × what was planted × noise.

use super::{App, Kind, World};
use crate::{
    Rng,
    body::{Dataset, Metric, MetricsBody, P50, P90, Point},
    json::{Style, rounded},
};

/// The aggregate of every app.
pub(super) const AGGREGATE: &str = "all_iphones";

/// A device model with values of its own.
pub(super) struct Device {
    pub(super) id: &'static str,
    label: &'static str,
    /// Share of the users, 0..=1.
    share: f64,
    /// How long it takes for a thing, against the aggregate.
    slowness: f64,
    /// One of the slow ones, that a step can be confined to.
    pub(super) is_older: bool,
}

/// Shares add up to 1: the aggregate is made of these and nothing else.
pub(super) const DEVICES: [Device; 4] = [
    Device { id: "iPhone12,1", label: "iPhone 11", share: 0.30, slowness: 1.25, is_older: true },
    Device { id: "iPhone13,2", label: "iPhone 12", share: 0.25, slowness: 1.10, is_older: true },
    Device { id: "iPhone15,2", label: "iPhone 14 Pro", share: 0.25, slowness: 0.85, is_older: false },
    Device { id: "iPhone17,3", label: "iPhone 16", share: 0.20, slowness: 0.70, is_older: false },
];

/// A metric that every app has.
pub(super) struct MetricPlan {
    pub(super) category: &'static str,
    pub(super) identifier: &'static str,
    unit: &'static str,
    unit_label: &'static str,
    /// Median over apps of the aggregate's median.
    level: f64,
    p90_ratio: f64,
    decimals: i32,
}

/// Metrics in the order of the body.
pub(super) const METRICS: [MetricPlan; 5] = [
    metric("LAUNCH", "launchTime", ("milliseconds", "ms"), (700.0, 1.8, 1)),
    metric("HANG", "hangRate", ("secondsPerHour", "seconds/hour"), (6.0, 3.5, 2)),
    metric("MEMORY", "peakMemory", ("megaBytes", "MB"), (180.0, 1.5, 1)),
    metric("DISK", "diskWrites", ("megaBytes", "MB"), (60.0, 2.4, 1)),
    metric("BATTERY", "onScreen", ("percentPerDay", "%"), (4.0, 1.9, 2)),
];

const fn metric(
    category: &'static str,
    identifier: &'static str,
    (unit, unit_label): (&'static str, &'static str),
    (level, p90_ratio, decimals): (f64, f64, i32),
) -> MetricPlan {
    MetricPlan { category, identifier, unit, unit_label, level, p90_ratio, decimals }
}

/// The part of the aggregate that these devices make up.
pub(super) fn share_of(devices: &[&str]) -> f64 {
    DEVICES.iter().filter(|device| devices.contains(&device.id)).map(|device| device.share).sum()
}

/// Standard deviations of the log values of one app.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noise {
    /// From release to release, half of its variance shared by all devices of the app.
    process: f64,
    /// Of the finite sample of all users; a device has more.
    sampling: f64,
}

/// Of the apps of a quiet and of a noisy world, how many are tiny.
const TINY_IN_QUIET: f64 = 0.08;
const TINY_IN_NOISY: f64 = 0.85;

/// Process and sampling noise of large and of tiny apps, each uniform in its range. The worlds of statistics, section 12.
const LARGE_PROCESS: (f64, f64) = (0.010, 0.030);
const LARGE_SAMPLING: (f64, f64) = (0.001, 0.008);
const TINY_PROCESS: (f64, f64) = (0.020, 0.080);
const TINY_SAMPLING: (f64, f64) = (0.040, 0.150);

impl Noise {
    pub(super) fn of(world: World, rng: &mut Rng) -> Self {
        let tiny = match world {
            World::Quiet => TINY_IN_QUIET,
            World::Noisy => TINY_IN_NOISY,
        };
        let (process, sampling) =
            if rng.chance(tiny) { (TINY_PROCESS, TINY_SAMPLING) } else { (LARGE_PROCESS, LARGE_SAMPLING) };
        Self { process: rng.between(process.0, process.1), sampling: rng.between(sampling.0, sampling.1) }
    }
}

/// Apple gives no margin where there is plenty of data; below this relative half width we leave it out.
const PLENTY_OF_DATA: f64 = 0.015;

/// Half width of a 95 % interval in standard errors.
const HALF_WIDTH: f64 = 1.96;

/// How much of a version's final sample is there when it is first and second downloaded; afterwards all of it.
const GATHERED: [f64; 2] = [0.3, 0.8];

/// Standard deviation over apps of the log level.
const LEVELS: f64 = 0.35;

/// A login page, as a script saves it when its token has run out.
const LOGIN_PAGE: &str =
    "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Please sign in.</body></html>\n";

impl App {
    /// The text of a download, from 0 = oldest.
    pub(super) fn body(&self, snapshot: usize) -> String {
        let is = |kind| self.planted.iter().any(|planted| planted.kind == kind);
        if is(Kind::Empty) {
            return MetricsBody::new(Vec::new()).to_json(Style::Compact);
        }
        let metrics = METRICS.iter().enumerate().map(|(index, plan)| self.metric(index, plan, snapshot));
        let body = MetricsBody::new(metrics.collect()).to_json(Style::Compact);
        if is(Kind::Damaged) { self.damaged(body, snapshot) } else { body }
    }

    /// Breaks one of the downloads, in one of three ways.
    fn damaged(&self, mut body: String, snapshot: usize) -> String {
        let mut rng = Rng::keyed(self.seed, "damage", 0);
        if rng.below(self.snapshots) != snapshot {
            return body;
        }
        match rng.below(3) {
            0 => LOGIN_PAGE.to_owned(),
            1 => String::new(),
            _ => {
                // All text is ASCII, so that any place is a character boundary.
                body.truncate(1 + rng.below(body.len() - 1));
                body
            }
        }
    }

    fn metric(&self, index: usize, plan: &MetricPlan, snapshot: usize) -> Metric {
        let mut rng = Rng::keyed(self.seed, "metric", index as u64);
        let level = plan.level * (LEVELS * rng.normal()).exp();
        let shared: Vec<f64> = self.versions.iter().map(|_| rng.normal()).collect();
        let populations = [(AGGREGATE, "All iPhones", 1.0, 1.0, P50), (AGGREGATE, "All iPhones", 1.0, 1.0, P90)]
            .into_iter()
            .chain(DEVICES.iter().map(|device| (device.id, device.label, device.share, device.slowness, P50)));
        let datasets = populations.enumerate().map(|(population, (device, label, share, slowness, percentile))| {
            let tail = if percentile == P90 { plan.p90_ratio } else { 1.0 };
            // The two percentiles of the aggregate are two views of the same users.
            let mut own = Rng::keyed(self.seed, device, index as u64);
            let mut error = Rng::keyed(self.seed, "sample", (index * 100 + population) as u64);
            let sampling = self.noise.sampling / f64::sqrt(share);
            let points = (0..self.known_versions(snapshot)).map(|version| {
                let process = self.noise.process * std::f64::consts::FRAC_1_SQRT_2 * (shared[version] + own.normal());
                let gathered = self.gathered(version, snapshot);
                let error = sampling * error_of(&mut error, gathered);
                let value = level * slowness * tail * self.multiplier(plan, device, version) * (process + error).exp();
                let half_width = HALF_WIDTH * sampling / gathered.sqrt();
                Point {
                    version: self.versions[version].clone(),
                    value: rounded(value, plan.decimals),
                    margin: (half_width >= PLENTY_OF_DATA).then(|| rounded(value * half_width, plan.decimals)),
                    ..Point::default()
                }
            });
            Dataset {
                points: points.collect(),
                device: device.to_owned(),
                device_label: label.to_owned(),
                percentile,
                recommended: None,
            }
        });
        Metric {
            datasets: datasets.collect(),
            category: plan.category.to_owned(),
            identifier: plan.identifier.to_owned(),
            unit: plan.unit.to_owned(),
            unit_label: plan.unit_label.to_owned(),
            goal_keys: Vec::new(),
        }
    }

    /// Part of a version's final sample that a download has.
    fn gathered(&self, version: usize, snapshot: usize) -> f64 {
        let first = (0..=snapshot).find(|&earlier| self.known_versions(earlier) > version).unwrap_or(snapshot);
        // The oldest download met old versions when they were settled already, all but its newest.
        if first == 0 && version + 1 < self.known_versions(0) {
            return 1.0;
        }
        GATHERED.get(snapshot - first).copied().unwrap_or(1.0)
    }

    /// The factor by which the planted truths move a level.
    fn multiplier(&self, plan: &MetricPlan, device: &str, version: usize) -> f64 {
        self.planted
            .iter()
            .filter(|planted| (planted.category, planted.metric) == (plan.category, plan.identifier))
            .filter(|planted| planted.from.is_some_and(|from| version >= from))
            .filter(|planted| planted.until.is_none_or(|until| version < until))
            .map(|planted| {
                let percent = if device == AGGREGATE {
                    planted.aggregate_percent
                } else if planted.devices.contains(&device) {
                    planted.percent
                } else {
                    0.0
                };
                1.0 + percent / 100.0
            })
            .product()
    }
}

/// The error of a mean over a part of the final sample, in standard errors of the whole: what the last part adds is drawn
/// apart from the first, so that a value moves as it settles and stays when it has. Always draws the same amount.
fn error_of(rng: &mut Rng, gathered: f64) -> f64 {
    let [first, second] = GATHERED;
    let parts = [first, second - first, 1.0 - second];
    let mut sum = 0.0;
    let mut used = 0.0;
    for part in parts {
        let draw = part.sqrt() * rng.normal();
        if used + part <= gathered + 1e-9 {
            sum += draw;
            used += part;
        }
    }
    sum / used
}
