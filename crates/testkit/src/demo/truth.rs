//! What was planted in the demo archive, and what therefore must, and must not, be found.

/// Something that is true of one metric of one app.
#[derive(Clone, Copy, Debug)]
pub struct Planted {
    /// Bundle id.
    pub app: &'static str,
    /// Such as `LAUNCH`.
    pub category: &'static str,
    /// Such as `launchTime`.
    pub metric: &'static str,
    /// What happens to it.
    pub effect: Effect,
    /// Why, in the story.
    pub story: &'static str,
}

/// What happens to a metric, in both percentiles alike.
#[derive(Clone, Copy, Debug)]
pub enum Effect {
    /// The level changes at one version, and maybe back at another.
    Step {
        /// The version that introduced it.
        from: &'static str,
        /// The version that took it back; `None` = open.
        until: Option<&'static str>,
        /// Device and percent; every other device stays as it was.
        percent: &'static [(&'static str, f64)],
    },
    /// The level grows by this much at every version, on all devices.
    Drift {
        /// Percent per version, compounded.
        percent_per_version: f64,
    },
    /// The level stays, but one sub-system takes over a part from another, on all devices.
    BreakdownShift {
        /// The version that introduced it.
        from: &'static str,
        /// The sub-system that loses.
        loses: &'static str,
        /// The sub-system that gains.
        gains: &'static str,
        /// Percentage points of the metric's value.
        points: f64,
    },
}

/// Everything that is not noise. A finding about any other series is a false alarm.
pub const PLANTED: &[Planted] = &[
    Planted {
        app: "com.example.larder",
        category: "LAUNCH",
        metric: "launchTime",
        effect: Effect::Step {
            from: "4.0.0",
            until: None,
            percent: &[
                ("all_iphones", 22.0),
                ("iPhone11,8", 45.0),
                ("iPhone12,1", 40.0),
                ("iPhone12,8", 43.0),
                ("iPhone13,2", 36.0),
            ],
        },
        story: "4.0.0 rebuilds thumbnails at launch; iPhones before the iPhone 13 have no fast path for it",
    },
    Planted {
        app: "com.example.larder",
        category: "BATTERY",
        metric: "onScreen",
        effect: Effect::BreakdownShift { from: "4.0.0", loses: "Networking", gains: "Processing", points: 9.0 },
        story: "4.0.0 makes thumbnails itself and no longer loads them",
    },
    Planted {
        app: "com.example.tidemark",
        category: "DISK",
        metric: "diskWrites",
        effect: Effect::Step {
            from: "2.5.0",
            until: Some("2.6.0"),
            percent: &[
                ("all_iphones", 60.0),
                ("all_ipads", 60.0),
                ("iPhone11,8", 60.0),
                ("iPhone12,1", 60.0),
                ("iPhone12,8", 60.0),
                ("iPhone13,2", 60.0),
                ("iPhone14,5", 60.0),
                ("iPhone15,2", 60.0),
                ("iPhone16,1", 60.0),
                ("iPhone17,3", 60.0),
                ("iPad13,16", 60.0),
                ("iPad14,3", 60.0),
            ],
        },
        story: "2.5.0 flushes the journal at every key press, 2.6.0 no longer does",
    },
    Planted {
        app: "com.example.tidemark",
        category: "MEMORY",
        metric: "peakMemory",
        effect: Effect::Drift { percent_per_version: 2.2 },
        story: "every version keeps a little more of the journal in memory",
    },
];

/// The frame that Larder's launches have from 4.0.0 on, and never had before.
pub const NEW_HOT_FRAME: &str = "ShelfStore.rebuildThumbnails(for:)";

/// Insights in Apple's first list that name a version which changed nothing: (app, snapshot, category, metric, version).
///
/// Two of them follow a true step at a distance: 4.1.0 and 2.5.1 did nothing, 4.0.0 and 2.5.0 did, but the mean of the four
/// versions before still holds unharmed ones. The others are noise. And on the last day Larder's launch time is in neither
/// list, though it is as slow as before: by then the mean has caught up.
pub const WRONG_INSIGHTS: &[(&str, &str, &str, &str, &str)] = &[
    ("com.example.larder", "2026-09-07", "TERMINATION", "background", "4.0.0"),
    ("com.example.larder", "2026-10-05", "LAUNCH", "launchTime", "4.1.0"),
    ("com.example.larder", "2026-10-05", "STORAGE", "documentsAndData", "4.1.0"),
    ("com.example.larder", "2026-11-02", "DISK", "diskWrites", "4.2.0"),
    ("com.example.larder", "2026-11-02", "BATTERY", "background", "4.2.0"),
    ("com.example.tidemark", "2026-08-03", "MEMORY", "memoryAtSuspension", "2.5.1"),
    ("com.example.tidemark", "2026-08-03", "DISK", "diskWrites", "2.5.1"),
    ("com.example.tidemark", "2026-10-05", "BATTERY", "background", "2.7.0"),
    ("com.example.pocketchess", "2026-11-02", "BATTERY", "onScreen", "1.15"),
];

/// The factor by which the planted effects move a level, for a device and a version given by their places in the history.
pub(super) fn multiplier(
    app: &str,
    category: &str,
    metric: &str,
    device: &str,
    version: usize,
    place: impl Fn(&str) -> usize,
) -> f64 {
    of(app, category, metric)
        .map(|effect| match effect {
            Effect::Step { from, until, percent } => {
                let holds = version >= place(from) && until.is_none_or(|until| version < place(until));
                let percent = percent.iter().find(|(id, _)| *id == device).map_or(0.0, |(_, percent)| *percent);
                if holds { 1.0 + percent / 100.0 } else { 1.0 }
            }
            Effect::Drift { percent_per_version } => (1.0 + percent_per_version / 100.0).powi(version as i32),
            Effect::BreakdownShift { .. } => 1.0,
        })
        .product()
}

/// The planted effects of one metric.
pub fn of<'a>(app: &'a str, category: &'a str, metric: &'a str) -> impl Iterator<Item = Effect> + use<'a> {
    PLANTED
        .iter()
        .filter(move |planted| planted.app == app && planted.category == category && planted.metric == metric)
        .map(|planted| planted.effect)
}
