//! A portfolio of thousands of apps whose truth is known.
//!
//! Every app follows from the seed and its own number alone: apps can be made in any order, in parallel, or one at a time,
//! and a portfolio of 50 apps is the beginning of one of 50,000. Documents are small (five metrics, an aggregate and four
//! device models), so that thousands take seconds.
//!
//! ```
//! use perfpower_testkit::portfolio::{Portfolio, World};
//!
//! let portfolio = Portfolio { apps: 20, ..Portfolio::new(1, World::Quiet) };
//! assert_eq!(portfolio.documents().count(), 20 * portfolio.snapshots);
//! ```

mod planted;
mod values;

pub use planted::{Kind, Planted};

use crate::{ArchiveFile, Rng};
use perfpower_model::Day;
use std::fmt::Write as _;

/// Day of the newest download; the others are four weeks apart before it.
const NEWEST_DAY: &str = "2026-11-02";
const DAYS_BETWEEN_SNAPSHOTS: i32 = 28;

/// How loud the apps are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum World {
    /// Most apps have many users, and their flat series scatter by 1 to 3 %.
    Quiet,
    /// Most apps are tiny, and their flat series scatter by 5 to 25 %: whoever ranks by the raw difference ranks noise.
    Noisy,
}

/// A recipe for a portfolio.
#[derive(Clone, Copy, Debug)]
pub struct Portfolio {
    /// How many apps.
    pub apps: usize,
    /// Equal seeds give equal apps.
    pub seed: u64,
    /// How loud they are.
    pub world: World,
    /// How many downloads there are of each app, at least 1. Each knows one version more than the one before, so that the
    /// number of distinct points hardly depends on this.
    pub snapshots: usize,
    /// Whether bodies are gzipped on disk.
    pub gzip: bool,
}

/// One download of one app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Downloaded {
    /// Bundle id, which is also its folder.
    pub app: String,
    /// When.
    pub day: Day,
    /// What; usually `xcodeMetrics`, but some bodies are damaged.
    pub body: Vec<u8>,
}

/// One app: what was planted in it, and all that its values follow from.
#[derive(Clone, Debug)]
pub struct App {
    /// Bundle id.
    pub name: String,
    /// What is true of it. Nothing, for most.
    pub planted: Vec<Planted>,
    /// Versions in release order.
    pub versions: Vec<String>,
    seed: u64,
    noise: values::Noise,
    snapshots: usize,
}

impl Portfolio {
    /// 5,000 apps, three downloads, not packed.
    pub const fn new(seed: u64, world: World) -> Self {
        Self { apps: 5_000, seed, world, snapshots: 3, gzip: false }
    }

    /// An app by its number, from 0.
    pub fn app(&self, index: usize) -> App {
        let mut rng = Rng::keyed(self.seed, "app", index as u64);
        let versions = versions(&mut rng);
        let noise = values::Noise::of(self.world, &mut rng);
        let snapshots = self.snapshots.max(1);
        let planted = planted::plant(self.seed, index, &versions, snapshots);
        App { name: format!("com.example.app{index:06}"), planted, versions, seed: rng.next_u64(), noise, snapshots }
    }

    /// All apps, one at a time.
    pub fn iter(&self) -> impl Iterator<Item = App> + use<'_> {
        (0..self.apps).map(|index| self.app(index))
    }

    /// All downloads, app by app and oldest first, made when they are asked for.
    pub fn documents(&self) -> impl Iterator<Item = Downloaded> + use<'_> {
        self.iter().flat_map(|app| (0..app.snapshots).map(move |snapshot| app.downloaded(snapshot)))
    }

    /// The same as files `app/day/xcodeMetrics.json`.
    pub fn files(&self) -> impl Iterator<Item = ArchiveFile> + use<'_> {
        self.documents().map(|downloaded| {
            let path = format!("{}/{}/xcodeMetrics.json", downloaded.app, downloaded.day);
            if self.gzip {
                ArchiveFile::gzipped(path, downloaded.body)
            } else {
                ArchiveFile::plain(path, downloaded.body)
            }
        })
    }

    /// What was planted, as a table: a row per app and metric, apps without a plant left out.
    pub fn truth_csv(&self) -> String {
        let mut csv =
            "app,kind,category,metric,from_version,until_version,devices,percent,aggregate_percent\n".to_owned();
        for app in self.iter() {
            for planted in &app.planted {
                // Writing to a string cannot fail.
                let _ = writeln!(
                    csv,
                    // Device models have a comma in their names.
                    "{},{},{},{},{},{},\"{}\",{:.2},{:.2}",
                    app.name,
                    planted.kind.as_str(),
                    planted.category,
                    planted.metric,
                    planted.from.map_or("", |version| &app.versions[version]),
                    planted.until.map_or("", |version| &app.versions[version]),
                    planted.devices.join(" "),
                    planted.percent,
                    planted.aggregate_percent
                );
            }
        }
        csv
    }
}

impl App {
    /// One of its downloads, from 0 = oldest.
    pub fn downloaded(&self, snapshot: usize) -> Downloaded {
        Downloaded { app: self.name.clone(), day: self.day(snapshot), body: self.body(snapshot).into_bytes() }
    }

    /// The day of a download.
    pub fn day(&self, snapshot: usize) -> Day {
        let newest = Day::parse(NEWEST_DAY).map_or(0, Day::days);
        Day::from_days(newest - DAYS_BETWEEN_SNAPSHOTS * (self.snapshots - 1 - snapshot) as i32)
    }

    /// How many versions a download knows: all in the newest, one fewer in each before, never fewer than half.
    fn known_versions(&self, snapshot: usize) -> usize {
        known_versions(self.versions.len(), self.snapshots, snapshot)
    }
}

fn known_versions(versions: usize, snapshots: usize, snapshot: usize) -> usize {
    versions.saturating_sub(snapshots - 1 - snapshot).max(versions / 2)
}

/// Eight to fourteen versions; the second part passes 9, so that whoever sorts them as text is found out.
fn versions(rng: &mut Rng) -> Vec<String> {
    let count = 8 + rng.below(7);
    let (major, mut minor, mut patch) = (1 + rng.below(6), 4 + rng.below(4), 0);
    (0..count)
        .map(|_| {
            let version = format!("{major}.{minor}.{patch}");
            if rng.chance(0.35) {
                patch += 1;
            } else {
                (minor, patch) = (minor + 1, 0);
            }
            version
        })
        .collect()
}
