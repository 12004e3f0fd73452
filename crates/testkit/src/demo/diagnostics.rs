//! Signatures and call stacks that fit the story. Code, files and lines are invented; system symbols are public names.

mod stacks;

use super::{SNAPSHOTS, app::AppPlan, devices::DEVICES, truth::NEW_HOT_FRAME};
use crate::{
    Rng,
    body::{Advice, Log, LogMetadata, LogsBody, Signature, SignatureLogs, SignaturesBody, TopSignature, Trend},
    json::rounded,
};
use perfpower_model::DeviceClass;
use stacks::{Branch, Weight};
use std::ops::Range;

/// How many versions a trend shows: the Organizer charts the last five.
const TREND_VERSIONS: usize = 5;

/// A signature counts as moved when it left the mean of its earlier values by this part. Apple gives no number.
const TREND_MOVED: f64 = 0.15;

/// iPhones that are slower than this against the mean are the older ones of the story.
const SLOW_FROM: f64 = 1.05;

/// A recurring call pattern of one app.
struct Pattern {
    app: &'static str,
    kind: &'static str,
    symbol: &'static str,
    file: &'static str,
    line: u32,
    /// Its share of all writes, hangs or launches, from a version on; absent before the first.
    shares: &'static [(&'static str, f64)],
    /// How many logs each download has.
    logs: [usize; 4],
    /// Part of the logs that come from the older iPhones.
    slow: f64,
    branches: &'static [Branch],
    advice: &'static [(&'static str, &'static str, &'static str)],
}

/// Where a culprit frame in `SQLite` gets its advice.
const SPILL: (&str, &str, &str) = (
    "SQLiteSpill",
    "SQLite sorted into a temporary file; an index on the sorted column avoids it",
    "doc://com.apple.documentation/documentation/xcode/reducing-disk-writes#Use-Appropriate-Indices",
);

const PATTERNS: &[Pattern] = &[
    Pattern {
        app: "com.example.larder",
        kind: "LAUNCHES",
        symbol: "AppDelegate.application(_:didFinishLaunchingWithOptions:)",
        file: "AppDelegate.swift",
        line: 41,
        shares: &[("3.8.0", 0.62), ("4.0.0", 0.34)],
        logs: [16, 9, 8, 8],
        slow: 0.65,
        branches: stacks::LAUNCH,
        advice: &[],
    },
    Pattern {
        app: "com.example.larder",
        kind: "LAUNCHES",
        symbol: NEW_HOT_FRAME,
        file: "ShelfStore.swift",
        line: 212,
        shares: &[("4.0.0", 0.46)],
        logs: [0, 5, 5, 5],
        slow: 1.0,
        branches: stacks::THUMBNAILS,
        advice: &[],
    },
    Pattern {
        app: "com.example.larder",
        kind: "HANGS",
        symbol: "RecipeListView.body.getter",
        file: "RecipeListView.swift",
        line: 88,
        shares: &[("3.8.0", 0.37)],
        logs: [6, 4, 4, 4],
        slow: 0.65,
        branches: stacks::SCROLLING,
        advice: &[],
    },
    Pattern {
        app: "com.example.larder",
        kind: "HANGS",
        symbol: "BarcodeScanner.commit(_:)",
        file: "BarcodeScanner.swift",
        line: 60,
        shares: &[("3.8.0", 0.21)],
        logs: [0; 4],
        slow: 0.65,
        branches: &[],
        advice: &[],
    },
    Pattern {
        app: "com.example.larder",
        kind: "DISK_WRITES",
        symbol: "PantryDatabase.save(batch:)",
        file: "PantryDatabase.swift",
        line: 144,
        shares: &[("3.8.0", 0.58)],
        logs: [4, 3, 3, 3],
        slow: 0.65,
        branches: stacks::PANTRY_SAVE,
        advice: &[SPILL],
    },
    Pattern {
        app: "com.example.larder",
        kind: "DISK_WRITES",
        symbol: "ImageCache.store(_:key:)",
        file: "ImageCache.swift",
        line: 96,
        shares: &[("3.8.0", 0.19)],
        logs: [0; 4],
        slow: 0.65,
        branches: &[],
        advice: &[],
    },
    Pattern {
        app: "com.example.tidemark",
        kind: "DISK_WRITES",
        symbol: "JournalWriter.flush(force:)",
        file: "JournalWriter.swift",
        line: 73,
        shares: &[("2.2.0", 0.41), ("2.5.0", 0.79), ("2.6.0", 0.38)],
        logs: [8, 6, 0, 0],
        slow: 0.65,
        branches: stacks::JOURNAL_FLUSH,
        advice: &[],
    },
    Pattern {
        app: "com.example.tidemark",
        kind: "HANGS",
        symbol: "TideChart.layoutSubviews()",
        file: "TideChart.swift",
        line: 130,
        shares: &[("2.2.0", 0.33)],
        logs: [0; 4],
        slow: 0.65,
        branches: &[],
        advice: &[],
    },
    Pattern {
        app: "com.example.pocketchess",
        kind: "HANGS",
        symbol: "Engine.search(depth:)",
        file: "Engine.swift",
        line: 402,
        shares: &[("1.4", 0.71)],
        logs: [0; 4],
        slow: 0.65,
        branches: &[],
        advice: &[],
    },
];

/// The page of the newest build of a download, heaviest last: the API promises no order.
pub(super) fn signatures(app: &AppPlan, snapshot: usize) -> SignaturesBody {
    let latest = app.window(snapshot).end - 1;
    let mut signatures: Vec<Signature> = patterns(app)
        .filter_map(|pattern| {
            Some(Signature {
                id: pattern.id(),
                diagnostic_type: pattern.kind,
                text: pattern.text(app),
                weight: pattern.measured_share(app, latest)?,
                trend: Some(pattern.trend(app, latest)),
            })
        })
        .collect();
    signatures.sort_by(|left, right| left.weight.total_cmp(&right.weight));
    let mut rng = Rng::keyed(app.seed, "build", latest as u64);
    let build = uuid(&mut rng).to_lowercase();
    SignaturesBody::whole(build, signatures)
}

/// The same signatures as the overview shows them, heaviest first.
pub(super) fn top_signatures(app: &AppPlan, snapshot: usize, kind: &str) -> Vec<TopSignature> {
    let latest = app.window(snapshot).end - 1;
    let mut tops: Vec<TopSignature> = patterns(app)
        .filter(|pattern| pattern.kind == kind)
        .filter_map(|pattern| {
            let weight = pattern.measured_share(app, latest)?;
            let trend = pattern.trend(app, latest);
            Some(TopSignature {
                id: pattern.id(),
                text: pattern.text(app),
                count: (weight * 900.0).round() as u64,
                weight,
                file: pattern.file.to_owned(),
                line: pattern.line,
                trend: trend.direction,
                references: trend.references,
            })
        })
        .collect();
    tops.sort_by(|left, right| right.weight.total_cmp(&left.weight));
    tops
}

/// The logs of one download: of the versions that were new in it, on many devices.
pub(super) fn logs(app: &AppPlan, snapshot: usize) -> LogsBody {
    let patterns = patterns(app).filter(|pattern| pattern.logs[snapshot] > 0);
    LogsBody {
        signatures: patterns
            .map(|pattern| SignatureLogs {
                signature_id: pattern.id(),
                advice: pattern
                    .advice
                    .iter()
                    .map(|&(category, text, url)| Advice {
                        category: category.to_owned(),
                        text: text.to_owned(),
                        url: url.to_owned(),
                    })
                    .collect(),
                logs: (0..pattern.logs[snapshot]).map(|index| pattern.log(app, snapshot, index)).collect(),
            })
            .collect(),
    }
}

fn patterns(app: &AppPlan) -> impl Iterator<Item = &'static Pattern> {
    let bundle_id = app.bundle_id;
    PATTERNS.iter().filter(move |pattern| pattern.app == bundle_id)
}

impl Pattern {
    /// Its id: 66 hexadecimal digits, as many as in Apple's sample, the same in every build.
    fn id(&self) -> String {
        let mut rng = Rng::keyed(0, self.symbol, 0);
        let words: [u64; 4] = std::array::from_fn(|_| rng.next_u64());
        words.iter().fold(format!("{:02x}", words[0] >> 56), |id, word| format!("{id}{word:016x}"))
    }

    fn text(&self, app: &AppPlan) -> String {
        format!("{}: {} + {}", app.binary, self.symbol, 4 * self.line)
    }

    /// Its share in a version, with the noise of a count; `None` where it did not exist.
    fn measured_share(&self, app: &AppPlan, version: usize) -> Option<f64> {
        let (_, share) = self.shares.iter().rev().find(|(from, _)| version >= app.place(from))?;
        let mut rng = Rng::keyed(app.seed, self.symbol, version as u64);
        Some(rounded(share * (0.04 * rng.normal()).exp(), 2))
    }

    fn trend(&self, app: &AppPlan, latest: usize) -> Trend {
        let first = (latest + 1).saturating_sub(TREND_VERSIONS);
        let share = |version| self.measured_share(app, version).unwrap_or(0.0);
        let before: Vec<f64> = (first..latest).map(share).collect();
        let mean = before.iter().sum::<f64>() / before.len() as f64;
        let direction = match share(latest) {
            now if now > mean * (1.0 + TREND_MOVED) => "UP",
            now if now < mean * (1.0 - TREND_MOVED) => "DOWN",
            _ => "UNDEFINED",
        };
        let references = (first..=latest)
            .filter_map(|version| {
                // Percent rather than parts: the unit is not documented.
                let percent = rounded(100.0 * self.measured_share(app, version)?, 1);
                Some((app.releases[version].version.to_owned(), percent))
            })
            .collect();
        Trend { direction, references }
    }

    fn log(&self, app: &AppPlan, snapshot: usize, index: usize) -> Log {
        let mut rng = Rng::keyed(app.seed, &format!("{} {}", SNAPSHOTS[snapshot], self.symbol), index as u64);
        let versions = new_versions(app, snapshot);
        let version = versions.start + index % versions.len();
        let slow = rng.chance(self.slow);
        let devices: Vec<_> = DEVICES
            .iter()
            .filter(|device| !DeviceClass::of(device.id).is_aggregate() && device.id.starts_with("iPhone"))
            .filter(|device| (device.slowness >= SLOW_FROM) == slow)
            .collect();
        let device = *rng.pick(&devices);
        let (event, event_detail, writes_caused) = match self.kind {
            // Only the words for disk writes are known from a sample; the other two are ours.
            "DISK_WRITES" => {
                let written = format!("{:.2} MB", 1073.74 + 60.0 * rng.uniform().powi(3));
                ("disk writes", format!("Total of {written} of disk writes"), written)
            }
            "HANGS" => ("hang", format!("unresponsive for {} ms", 1000 + rng.below(2600)), String::new()),
            _ => {
                let usual = app.metrics[0].p50 * app.metrics[0].p90_ratio * device.slowness;
                ("launch", format!("launch took {:.0} ms", usual * rng.between(1.1, 2.4)), String::new())
            }
        };
        let release = &app.releases[version];
        let metadata = LogMetadata {
            bundle_id: app.bundle_id.to_owned(),
            app_version: release.version.to_owned(),
            build_version: (4100 + 17 * version).to_string(),
            os_version: (*rng.pick(&OS_VERSIONS)).to_owned(),
            device_type: device.id.replace(',', "_"),
            platform_architecture: "arm64e".to_owned(),
            event: event.to_owned(),
            event_detail,
            writes_caused,
        };
        let weight = |weight: Weight| match weight {
            Weight::Always(weight) => weight,
            Weight::Since { version: since, .. } if version < app.place(since) => 0.0,
            Weight::Since { slow: on_slow, fast: on_fast, .. } => {
                if slow {
                    on_slow
                } else {
                    on_fast
                }
            }
            Weight::Between { from, until, weight } => {
                if (app.place(from)..app.place(until)).contains(&version) {
                    weight
                } else {
                    0.0
                }
            }
        };
        let frames = stacks::sample(&mut rng, self.branches, weight, &stacks::Image { app, version });
        Log { metadata, per_thread: false, frames }
    }
}

/// Systems of the year.
const OS_VERSIONS: [&str; 5] = [
    "iPhone OS 18.6 (22G86)",
    "iPhone OS 18.6.2 (22G100)",
    "iPhone OS 26.0 (23A341)",
    "iPhone OS 26.1 (23B85)",
    "iPhone OS 26.2 (23C55)",
];

/// Versions that a download has and the one before had not; for the first one its last three.
fn new_versions(app: &AppPlan, snapshot: usize) -> Range<usize> {
    let end = app.window(snapshot).end;
    match snapshot.checked_sub(1) {
        Some(before) => app.window(before).end..end,
        None => end - 3..end,
    }
}

/// A build id in the form of a UUID.
fn uuid(rng: &mut Rng) -> String {
    let (high, low) = (rng.next_u64(), rng.next_u64());
    format!(
        "{:08X}-{:04X}-{:04X}-{:04X}-{:012X}",
        high >> 32,
        high >> 16 & 0xFFFF,
        high & 0xFFFF,
        low >> 48,
        low & 0xFFFF_FFFF_FFFF
    )
}
