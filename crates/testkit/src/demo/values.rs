//! The values of one metric in one download: level × planted effect × noise of the release × error of a finite sample.
//!
//! Sizes of the noise are ours, chosen so that a flat series scatters by 2 to 4 %: no populated body of a real app is public.

use super::{
    SNAPSHOTS,
    app::{AppPlan, MetricPlan},
    day,
    devices::{DEVICES, Device},
    truth::{self, Effect},
};
use crate::{
    Rng,
    body::{Dataset, GoalKey, Metric, P50, P90, Point, RecommendedGoal},
    json::rounded,
};
use perfpower_model::DeviceClass;

/// Standard deviations of the log value, release to release: shared by all devices, of one device, of one percentile of it.
const COMMON_NOISE: f64 = 0.016;
const DEVICE_NOISE: f64 = 0.014;
const PERCENTILE_NOISE: f64 = 0.008;

/// Relative standard error of all users of an app of size 1 in [`DAYS_OF_ONE`] days.
const SAMPLING_ERROR: f64 = 0.006;

/// Days of use that count as 1, and the most that a version ever gets: users move on to the next.
const DAYS_OF_ONE: f64 = 40.0;
const MOST_USE: f64 = 1.3;

/// Apple gives no margin where there is enough data; below this relative half width we leave it out.
const PLENTY_OF_DATA: f64 = 0.015;

/// Share × use × size below which a device has no value at all.
const TOO_LITTLE_USE: f64 = 0.012;

/// Half width of a 95 % interval in standard errors.
const HALF_WIDTH: f64 = 1.96;

/// Upper bound of good and of fair scroll hitches, in ms/s, as Apple documents them.
const HITCH_GOALS: (f64, f64) = (5.0, 10.0);

/// One metric as one download has it.
pub(super) fn metric(app: &AppPlan, plan: &MetricPlan, snapshot: usize) -> Metric {
    let devices =
        DEVICES.iter().enumerate().filter(|(_, device)| plan.has_members || DeviceClass::of(device.id).is_aggregate());
    let goal = |goal: &str, lower, upper| GoalKey { goal: goal.to_owned(), lower: Some(lower), upper };
    let (good, fair) = HITCH_GOALS;
    Metric {
        category: plan.category.to_owned(),
        identifier: plan.identifier.to_owned(),
        unit: plan.unit.to_owned(),
        unit_label: plan.unit_label.to_owned(),
        goal_keys: if plan.has_goals() {
            vec![goal("good", 0.0, Some(good)), goal("fair", good, Some(fair)), goal("poor", fair, None)]
        } else {
            Vec::new()
        },
        datasets: devices
            .flat_map(|(index, device)| {
                [P50, P90].map(|percentile| dataset(app, plan, snapshot, (index, device), percentile))
            })
            .filter(|dataset| !dataset.points.is_empty())
            .collect(),
    }
}

impl MetricPlan {
    fn has_goals(&self) -> bool {
        self.category == "ANIMATION"
    }

    /// A key for the streams of random numbers.
    fn label(&self) -> String {
        format!("{}/{}", self.category, self.identifier)
    }

    /// The level that nothing has moved yet.
    fn level(&self, app: &AppPlan, device: &Device, percentile: &str) -> f64 {
        let slowness = if self.follows_speed { device.slowness } else { 1.0 + 0.2 * (device.slowness - 1.0) };
        let tail = if percentile == P90 { self.p90_ratio } else { 1.0 };
        // Half the users of a quiet app see no hang at all: Apple then reports a median of 0.
        let p50 = if self.p50 == 0.0 && percentile == P90 { 0.55 * app.size } else { self.p50 };
        p50 * slowness * tail
    }
}

fn dataset(
    app: &AppPlan,
    plan: &MetricPlan,
    snapshot: usize,
    (index, device): (usize, &Device),
    percentile: &'static str,
) -> Dataset {
    let label = plan.label();
    let normals = |label: &str, index: usize| {
        let mut rng = Rng::keyed(app.seed, label, index as u64);
        app.releases.each_ref().map(|_| rng.normal())
    };
    let common = normals(&format!("{label} common"), 0);
    let of_device = normals(&format!("{label} device"), index);
    let series = 2 * index + usize::from(percentile == P90);
    let of_percentile = normals(&format!("{label} percentile"), series);

    let points = app.window(snapshot).filter_map(|version| {
        let mut sample = SampleMean::new(Rng::keyed(app.seed, &format!("{label} sample {version}"), series as u64));
        // What a version has gathered grows from download to download, and its value settles.
        let mut use_of_device = 0.0;
        for day in &SNAPSHOTS[..=snapshot] {
            use_of_device = device.share * app.size * use_of_version(app, version, day);
            sample.grow_to(use_of_device);
        }
        if use_of_device < TOO_LITTLE_USE && !DeviceClass::of(device.id).is_aggregate() {
            return None;
        }
        let noise = COMMON_NOISE * common[version]
            + DEVICE_NOISE * of_device[version]
            + PERCENTILE_NOISE * of_percentile[version]
            + SAMPLING_ERROR * sample.error();
        let planted = truth::multiplier(app.bundle_id, plan.category, plan.identifier, device.id, version, |version| {
            app.place(version)
        });
        let value = rounded(plan.level(app, device, percentile) * planted * noise.exp(), plan.decimals);
        let half_width = HALF_WIDTH * SAMPLING_ERROR / use_of_device.sqrt();
        Some(Point {
            version: app.releases[version].version.to_owned(),
            value,
            margin: (half_width >= PLENTY_OF_DATA && value > 0.0).then(|| rounded(value * half_width, plan.decimals)),
            goal: plan.has_goals().then(|| goal_of(value).to_owned()),
            breakdown: breakdown(app, plan, version, series),
        })
    });
    let recommended = plan
        .recommended
        .filter(|_| index == 0 && percentile == P50)
        .map(|value| RecommendedGoal { value, detail: "what similar apps reach".to_owned() });
    Dataset {
        device: device.id.to_owned(),
        device_label: device.label.to_owned(),
        percentile,
        points: points.collect(),
        recommended,
    }
}

/// How much a version was used until a day; 1 = [`DAYS_OF_ONE`] days of all users.
fn use_of_version(app: &AppPlan, version: usize, until: &str) -> f64 {
    let days = day(until).days() - app.releases[version].day().days();
    (f64::from(days.max(0)) / DAYS_OF_ONE).min(MOST_USE)
}

fn goal_of(value: f64) -> &'static str {
    match value {
        value if value < HITCH_GOALS.0 => "good",
        value if value < HITCH_GOALS.1 => "fair",
        _ => "poor",
    }
}

/// The shares of the sub-systems: those of the plan, moved by what was planted, with a point or so of noise, adding up to 100.
fn breakdown(app: &AppPlan, plan: &MetricPlan, version: usize, series: usize) -> Vec<(String, f64)> {
    let mut rng = Rng::keyed(app.seed, &format!("{} breakdown {version}", plan.label()), series as u64);
    let shares: Vec<(&str, f64)> = plan
        .breakdown
        .iter()
        .map(|&(subsystem, percent)| {
            let moved: f64 = truth::of(app.bundle_id, plan.category, plan.identifier)
                .map(|effect| match effect {
                    Effect::BreakdownShift { from, gains, points, .. }
                        if gains == subsystem && version >= app.place(from) =>
                    {
                        points
                    }
                    Effect::BreakdownShift { from, loses, points, .. }
                        if loses == subsystem && version >= app.place(from) =>
                    {
                        -points
                    }
                    _ => 0.0,
                })
                .sum();
            (subsystem, (percent + moved) * (0.03 * rng.normal()).exp())
        })
        .collect();
    let total: f64 = shares.iter().map(|(_, percent)| percent).sum();
    shares.into_iter().map(|(name, percent)| (name.to_owned(), rounded(100.0 * percent / total, 1))).collect()
}

/// The error of a mean over a sample that grows: Brownian motion over the size of the sample.
struct SampleMean {
    rng: Rng,
    size: f64,
    sum: f64,
}

impl SampleMean {
    fn new(rng: Rng) -> Self {
        Self { rng, size: 0.0, sum: 0.0 }
    }

    /// Takes in new users, and draws nothing when there are none: a settled value stays.
    fn grow_to(&mut self, size: f64) {
        let new = size - self.size;
        if new > 0.0 {
            self.sum += new.sqrt() * self.rng.normal();
            self.size = size;
        }
    }

    /// In standard errors of a sample of size 1.
    fn error(&self) -> f64 {
        if self.size > 0.0 { self.sum / self.size } else { 0.0 }
    }
}
