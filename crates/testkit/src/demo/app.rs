//! The three apps: when they released what, and the level of each metric.

use super::{SNAPSHOTS, day};
use perfpower_model::Day;
use std::ops::Range;

/// How many versions one download holds: Apple has said "up to eight most recent".
const WINDOW: usize = 8;

/// Days from a release until its first values: Apple says "a few days".
const FIRST_VALUES_AFTER_DAYS: i32 = 5;

/// One app.
#[derive(Debug)]
pub(super) struct AppPlan {
    pub(super) bundle_id: &'static str,
    pub(super) apple_id: &'static str,
    /// Name of its own binary in call stacks.
    pub(super) binary: &'static str,
    pub(super) seed: u64,
    /// Users, against 1 for an app whose aggregates need no margin after a month.
    pub(super) size: f64,
    pub(super) releases: [Release; 12],
    pub(super) metrics: &'static [MetricPlan],
}

/// One release.
#[derive(Debug)]
pub(super) struct Release {
    pub(super) version: &'static str,
    pub(super) day: &'static str,
}

/// One metric of one app.
#[derive(Debug)]
pub(super) struct MetricPlan {
    pub(super) category: &'static str,
    pub(super) category_title: &'static str,
    pub(super) identifier: &'static str,
    pub(super) title: &'static str,
    pub(super) unit: &'static str,
    pub(super) unit_label: &'static str,
    /// Median of all iPhones, in the unit.
    pub(super) p50: f64,
    /// The 90th percentile against the median.
    pub(super) p90_ratio: f64,
    /// How many decimals Apple would show.
    pub(super) decimals: i32,
    /// Whether slow devices have higher values in full, or by a fifth of it.
    pub(super) follows_speed: bool,
    /// Whether device models have values, or the aggregates alone.
    pub(super) has_members: bool,
    /// Sub-systems and their percent of the value.
    pub(super) breakdown: &'static [(&'static str, f64)],
    /// Apple's recommendation for the median of all iPhones.
    pub(super) recommended: Option<f64>,
}

impl AppPlan {
    /// The versions that a download holds, as places in `releases`.
    pub(super) fn window(&self, snapshot: usize) -> Range<usize> {
        let downloaded = day(SNAPSHOTS[snapshot]).days();
        let known = |release: &&Release| release.day().days() + FIRST_VALUES_AFTER_DAYS <= downloaded;
        let end = self.releases.iter().take_while(known).count();
        end.saturating_sub(WINDOW)..end
    }

    /// The place of a version.
    ///
    /// # Panics
    /// When the app never released it.
    pub(super) fn place(&self, version: &str) -> usize {
        let place = self.releases.iter().position(|release| release.version == version);
        place.unwrap_or_else(|| panic!("{} has no version {version}", self.bundle_id))
    }
}

impl Release {
    pub(super) fn day(&self) -> Day {
        day(self.day)
    }
}

const fn release(version: &'static str, day: &'static str) -> Release {
    Release { version, day }
}

/// The metric as most of these apps have it; apps differ in the level.
const fn launch_time(p50: f64, recommended: Option<f64>) -> MetricPlan {
    MetricPlan {
        category: "LAUNCH",
        category_title: "Launch Time",
        identifier: "launchTime",
        title: "Launch time",
        unit: "milliseconds",
        unit_label: "ms",
        p50,
        p90_ratio: 1.72,
        decimals: 1,
        follows_speed: true,
        has_members: true,
        breakdown: &[],
        recommended,
    }
}

const fn hang_rate(p50: f64) -> MetricPlan {
    MetricPlan {
        category: "HANG",
        category_title: "Hang Rate",
        identifier: "hangRate",
        title: "Hang rate",
        unit: "secondsPerHour",
        unit_label: "seconds/hour",
        p90_ratio: 4.1,
        decimals: 2,
        ..launch_time(p50, None)
    }
}

const fn peak_memory(p50: f64) -> MetricPlan {
    MetricPlan {
        category: "MEMORY",
        category_title: "Memory",
        identifier: "peakMemory",
        title: "Peak memory",
        unit: "megaBytes",
        unit_label: "MB",
        p90_ratio: 1.45,
        follows_speed: false,
        ..launch_time(p50, None)
    }
}

const fn memory_at_suspension(p50: f64) -> MetricPlan {
    MetricPlan {
        identifier: "memoryAtSuspension",
        title: "Memory at suspension",
        p90_ratio: 1.6,
        has_members: false,
        ..peak_memory(p50)
    }
}

const fn disk_writes(p50: f64, recommended: Option<f64>) -> MetricPlan {
    MetricPlan {
        category: "DISK",
        category_title: "Disk Writes",
        identifier: "diskWrites",
        title: "Disk writes",
        p90_ratio: 2.6,
        recommended,
        ..peak_memory(p50)
    }
}

const fn battery(identifier: &'static str, title: &'static str, p50: f64) -> MetricPlan {
    MetricPlan {
        category: "BATTERY",
        category_title: "Battery",
        identifier,
        title,
        unit: "percentPerDay",
        unit_label: "%",
        p90_ratio: 1.9,
        decimals: 2,
        breakdown: &[
            ("Display", 34.0),
            ("Networking", 27.0),
            ("Processing", 21.0),
            ("Location", 6.0),
            ("Audio", 2.0),
            ("Other", 10.0),
        ],
        ..peak_memory(p50)
    }
}

const fn battery_on_screen(p50: f64) -> MetricPlan {
    battery("onScreen", "On-screen battery use", p50)
}

const fn battery_background(p50: f64) -> MetricPlan {
    MetricPlan {
        has_members: false,
        breakdown: &[("Networking", 46.0), ("Processing", 38.0), ("Location", 9.0), ("Other", 7.0)],
        ..battery("background", "Background battery use", p50)
    }
}

const fn terminations(identifier: &'static str, title: &'static str, p50: f64) -> MetricPlan {
    MetricPlan {
        category: "TERMINATION",
        category_title: "Terminations",
        identifier,
        title,
        unit: "terminationsPerDay",
        unit_label: "per day",
        p90_ratio: 2.9,
        decimals: 2,
        has_members: false,
        ..peak_memory(p50)
    }
}

const fn terminations_on_screen(p50: f64) -> MetricPlan {
    MetricPlan {
        breakdown: &[("Memory Limit", 41.0), ("Bad Access", 24.0), ("App Watchdog", 20.0), ("Aborts", 15.0)],
        ..terminations("onScreen", "On-screen terminations", p50)
    }
}

const fn terminations_background(p50: f64) -> MetricPlan {
    MetricPlan {
        breakdown: &[("Memory Pressure", 72.0), ("Task Timeout", 17.0), ("File Lock", 11.0)],
        ..terminations("background", "Background terminations", p50)
    }
}

/// The only metric here with goals on every point: good below 5 ms/s, poor from 10.
const fn scroll_hitch_rate(p50: f64) -> MetricPlan {
    MetricPlan {
        category: "ANIMATION",
        category_title: "Hitches",
        identifier: "scrollHitchRate",
        title: "Scroll hitch rate",
        unit: "scrollHitchRate",
        unit_label: "ms/s",
        p90_ratio: 2.7,
        decimals: 2,
        ..launch_time(p50, None)
    }
}

/// The identifier is our invention: no saved body with STORAGE has been seen.
const fn documents_and_data(p50: f64) -> MetricPlan {
    MetricPlan {
        category: "STORAGE",
        category_title: "Storage",
        identifier: "documentsAndData",
        title: "Documents and data",
        p90_ratio: 3.4,
        has_members: false,
        ..peak_memory(p50)
    }
}

/// A pantry list. Its launch regression of 4.0.0 is the main finding of the archive.
pub(super) const LARDER: AppPlan = AppPlan {
    bundle_id: "com.example.larder",
    apple_id: "1000000001",
    binary: "Larder",
    seed: 101,
    size: 1.0,
    releases: [
        release("3.8.0", "2026-02-10"),
        release("3.8.1", "2026-02-24"),
        release("3.9.0", "2026-03-18"),
        release("3.9.1", "2026-04-01"),
        release("3.10.0", "2026-04-29"),
        release("3.10.1", "2026-05-13"),
        release("3.11.0", "2026-06-17"),
        release("3.11.1", "2026-07-15"),
        release("4.0.0", "2026-08-19"),
        release("4.0.1", "2026-09-09"),
        release("4.1.0", "2026-09-28"),
        release("4.2.0", "2026-10-21"),
    ],
    metrics: &[
        launch_time(790.0, Some(820.0)),
        hang_rate(3.2),
        peak_memory(214.0),
        memory_at_suspension(96.0),
        disk_writes(48.5, None),
        battery_on_screen(4.6),
        battery_background(1.2),
        terminations_on_screen(0.84),
        terminations_background(1.9),
        scroll_hitch_rate(4.1),
        documents_and_data(182.0),
    ],
};

/// A journal. Disk writes rose and recovered; memory creeps up.
pub(super) const TIDEMARK: AppPlan = AppPlan {
    bundle_id: "com.example.tidemark",
    apple_id: "1000000002",
    binary: "Tidemark",
    seed: 202,
    size: 0.8,
    releases: [
        release("2.2.0", "2026-01-19"),
        release("2.2.1", "2026-02-09"),
        release("2.3.0", "2026-03-09"),
        release("2.3.1", "2026-04-06"),
        release("2.4.0", "2026-05-04"),
        release("2.4.1", "2026-05-25"),
        release("2.5.0", "2026-06-22"),
        release("2.5.1", "2026-07-13"),
        release("2.6.0", "2026-08-17"),
        release("2.6.1", "2026-09-11"),
        release("2.7.0", "2026-09-25"),
        release("2.8.0", "2026-10-19"),
    ],
    metrics: &[
        launch_time(612.0, None),
        hang_rate(1.9),
        peak_memory(148.0),
        memory_at_suspension(61.0),
        disk_writes(83.0, Some(95.0)),
        battery_on_screen(3.1),
        battery_background(0.9),
        terminations_on_screen(0.62),
        terminations_background(2.4),
        scroll_hitch_rate(3.3),
        documents_and_data(340.0),
    ],
};

/// A small game in which nothing ever changes.
pub(super) const POCKET_CHESS: AppPlan = AppPlan {
    bundle_id: "com.example.pocketchess",
    apple_id: "1000000003",
    binary: "PocketChess",
    seed: 303,
    size: 0.45,
    releases: [
        release("1.4", "2026-02-02"),
        release("1.5", "2026-02-23"),
        release("1.6", "2026-03-16"),
        release("1.7", "2026-04-13"),
        release("1.8", "2026-05-11"),
        release("1.9", "2026-06-01"),
        release("1.10", "2026-06-29"),
        release("1.11", "2026-07-20"),
        release("1.12", "2026-08-24"),
        release("1.13", "2026-09-21"),
        release("1.14", "2026-10-05"),
        release("1.15", "2026-10-26"),
    ],
    metrics: &[
        launch_time(488.0, None),
        hang_rate(0.0),
        peak_memory(92.0),
        disk_writes(11.4, None),
        battery_on_screen(5.8),
        terminations_on_screen(0.71),
        scroll_hitch_rate(1.6),
    ],
};
