//! Seeded worlds of whole units: an aggregate and its device models, two percentiles each, over the same versions.
//!
//! ```text
//!  ln value = common(version) + own(population, version) + own(cell) + change
//! ```
//!
//! A share of the aggregate's variance is common to all; percentiles of a population correlate by .8; device models scatter 1.1 to 3 times
//! as much as the aggregate. Changes are of all, or of two or three of up to eight models (two, three or five neighbours of more), and
//! move the aggregate by their share of the users.

use crate::worlds::Random;

/// A law of units. Nothing in it is drawn until [`JointWorld::unit`].
#[derive(Clone, Debug, PartialEq)]
pub struct JointWorld {
    /// For the report.
    pub name: &'static str,
    /// Device models beside the aggregate; 0 for the aggregate alone.
    pub devices: usize,
    /// Share of the aggregate's variance that all have in common, up to .8.
    pub common: f64,
    /// Degrees of freedom of the scale that all noise of a version shares, above 2; absent where versions are alike.
    pub tails: Option<f64>,
    /// Correlation of neighbouring versions.
    pub autocorrelation: f64,
    /// Chance that a value is 2 to 5 times too high.
    pub odd_values: f64,
    /// The same for both percentiles of a population at once.
    pub odd_populations: f64,
    /// Chance that a whole version is up to 2.15 times off.
    pub odd_versions: f64,
    /// Chance that a device model came late; half of that, that it misses a version; a quarter, that it misses a percentile there.
    pub missing: f64,
    /// Whether six values in ten have a margin, and noise of .5 to 6 % that it tells.
    pub margins: bool,
    /// Whether anything happens.
    pub changes: bool,
}

/// What happened to a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JointStory {
    /// Nothing.
    Flat,
    /// A step for the worse on all devices.
    Everywhere,
    /// A step for the worse on some.
    Somewhere,
    /// A step for the better on all devices.
    Better,
    /// The same worsening with every version.
    Drift,
    /// One version of all devices is 35 % too high.
    Spike,
}

/// One unit with its truth.
#[derive(Clone, Debug, PartialEq)]
pub struct JointUnit {
    /// What happened.
    pub story: JointStory,
    /// First version of the change; 0 without one.
    pub at: usize,
    /// Its size on the log scale, signed; of a drift by version.
    pub size: f64,
    /// Device models that changed.
    pub changed: Vec<usize>,
    /// Standard deviation of the aggregate, and how much more each device model scatters.
    pub sd: f64,
    /// See `sd`.
    pub multiples: Vec<f64>,
    /// Logarithms by series and version: both percentiles of the aggregate, then of each model. NaN = missing.
    pub logs: Vec<Vec<f64>>,
    /// Sampling variances of these; 0 = no margin.
    pub sampling: Vec<Vec<f64>>,
}

/// Numbers of versions, each as likely.
pub const LENGTHS: [usize; 5] = [4, 6, 9, 14, 24];

/// Sizes of steps, each as likely, up to a tenth of itself more or less.
pub const SIZES: [f64; 4] = [0.07, 0.12, 0.25, 0.50];

/// Range of a drift, by version.
pub const DRIFTS: (f64, f64) = (0.01, 0.03);

/// Size of a spike.
pub const SPIKE: f64 = 0.35;

/// Range of the aggregate's standard deviation, uniform on the log scale.
pub const NOISE: (f64, f64) = (0.008, 0.10);

/// Stories, each with its share of the units.
pub const STORIES: [(JointStory, f64); 6] = [
    (JointStory::Flat, 0.80),
    (JointStory::Everywhere, 0.08),
    (JointStory::Somewhere, 0.06),
    (JointStory::Better, 0.04),
    (JointStory::Drift, 0.01),
    (JointStory::Spike, 0.01),
];

/// Correlation of the percentiles of a population.
const PERCENTILES: f64 = 0.8;

impl JointWorld {
    /// Eight device models, half of the aggregate's noise common to all, nothing odd.
    pub fn table() -> Self {
        Self {
            name: "8 devices, common .5",
            devices: 8,
            common: 0.5,
            tails: None,
            autocorrelation: 0.0,
            odd_values: 0.0,
            odd_populations: 0.0,
            odd_versions: 0.0,
            missing: 0.0,
            margins: false,
            changes: true,
        }
    }

    /// Every world that a method has to hold in.
    pub fn all() -> Vec<Self> {
        let table = Self::table;
        vec![
            table(),
            Self { name: "no devices", devices: 0, ..table() },
            Self { name: "3 devices", devices: 3, ..table() },
            Self { name: "24 devices", devices: 24, ..table() },
            Self { name: "common .2", common: 0.2, ..table() },
            Self { name: "common .8", common: 0.8, ..table() },
            Self { name: "heavy tails (t4)", tails: Some(4.0), ..table() },
            Self { name: "autocorrelation .3", autocorrelation: 0.3, ..table() },
            Self { name: "margins", margins: true, ..table() },
            Self { name: "missing and late devices", missing: 0.3, ..table() },
            Self { name: "odd values, .1 %", odd_values: 0.001, ..table() },
            Self { name: "odd values, .4 %", odd_values: 0.004, ..table() },
            Self { name: "odd values, 2 %", odd_values: 0.02, ..table() },
            Self { name: "odd values, .4 %, no devices", odd_values: 0.004, devices: 0, ..table() },
            Self { name: "odd values, .4 %, 3 devices", odd_values: 0.004, devices: 3, ..table() },
            Self { name: "odd values, .4 %, 24 devices", odd_values: 0.004, devices: 24, ..table() },
            Self { name: "odd in both percentiles, .4 %", odd_populations: 0.004, ..table() },
            Self { name: "odd versions, 2 %", odd_versions: 0.02, ..table() },
        ]
    }

    /// Share of the users of each device model.
    pub fn shares(&self) -> Vec<f64> {
        let weights: Vec<f64> = (0..self.devices).map(|device| 1.0 + ((device * 5) % 7) as f64).collect();
        let total: f64 = weights.iter().sum();
        weights.iter().map(|weight| weight / total).collect()
    }

    /// Sets of device models that may change alone.
    pub fn sets(&self) -> Vec<Vec<usize>> {
        let devices = self.devices;
        if devices > 8 {
            let run = |size: usize| (0..devices).map(move |first| (0..size).map(|i| (first + i) % devices).collect());
            return [2, 3, 5].into_iter().flat_map(run).collect();
        }
        let mut sets = Vec::new();
        for a in 0..devices {
            for b in a + 1..devices {
                sets.push(vec![a, b]);
                sets.extend((b + 1..devices).map(|c| vec![a, b, c]));
            }
        }
        sets
    }

    /// How much each series moves by a change of these device models: of all of them, wholly.
    pub fn loads(&self, changed: &[usize]) -> Vec<f64> {
        let shares = self.shares();
        let whole =
            if changed.len() == self.devices { 1.0 } else { changed.iter().map(|&device| shares[device]).sum() };
        let mut loads = vec![0.0; 2 + 2 * self.devices];
        loads[..2].fill(whole);
        for &device in changed {
            loads[2 + 2 * device..4 + 2 * device].fill(1.0);
        }
        loads
    }

    /// Variance that all have in common, and of each population its own and that of one percentile.
    pub fn variances(&self, sd: f64, multiples: &[f64]) -> (f64, Vec<(f64, f64)>) {
        let common = self.common * sd * sd;
        let of = |multiple: f64| {
            let total = (sd * multiple).powi(2);
            let own = (PERCENTILES * total - common).max(0.0);
            (own, total - common - own)
        };
        (common, std::iter::once(1.0).chain(multiples.iter().copied()).map(of).collect())
    }

    /// Draws one unit.
    pub fn unit(&self, random: &mut Random) -> JointUnit {
        let versions = LENGTHS[random.below(LENGTHS.len())];
        let sd = random.log_between(NOISE.0, NOISE.1);
        let multiples: Vec<f64> = (0..self.devices).map(|_| random.between(1.1, 3.0)).collect();
        let (common, own) = self.variances(sd, &multiples);
        let series = 2 * own.len();
        let mut unit = JointUnit {
            story: JointStory::Flat,
            at: 0,
            size: 0.0,
            changed: (0..self.devices).collect(),
            sd,
            multiples,
            logs: vec![vec![0.0; versions]; series],
            sampling: vec![vec![0.0; versions]; series],
        };
        let margins: Vec<f64> = (0..series).map(|_| random.log_between(0.005, 0.06)).collect();
        let mut before = vec![0.0; 1 + 3 * own.len()];
        for version in 0..versions {
            let scale = self.tails.map_or(1.0, |df| ((df - 2.0) / random.chi_squared(df)).sqrt());
            for last in &mut before {
                let rho = if version == 0 { 0.0 } else { self.autocorrelation };
                *last = rho * *last + (1.0 - rho * rho).sqrt() * random.normal();
            }
            let odd = |random: &mut Random, rate: f64| rate > 0.0 && random.uniform() < rate;
            let whole = if odd(random, self.odd_versions) {
                let off = random.between(1.15, 2.15).ln();
                if random.uniform() < 0.3 { -off } else { off }
            } else {
                0.0
            };
            for (population, &(alone, cell)) in own.iter().enumerate() {
                let both = if odd(random, self.odd_populations) { random.between(2.0, 5.0).ln() } else { 0.0 };
                for percentile in 0..2 {
                    let at = 2 * population + percentile;
                    let noise = common.sqrt() * before[0]
                        + alone.sqrt() * before[1 + 3 * population]
                        + cell.sqrt() * before[2 + 3 * population + percentile];
                    let mut log = scale * noise + whole + both * random.between(0.9, 1.1);
                    if odd(random, self.odd_values) {
                        log += random.between(2.0, 5.0).ln();
                    }
                    if self.margins && random.uniform() < 0.6 {
                        let error = margins[at] * random.between(0.75, 1.33);
                        unit.sampling[at][version] = error * error;
                        log += error * random.normal();
                    }
                    unit.logs[at][version] = log;
                }
            }
        }
        self.leave_out(&mut unit, random);
        self.tell(&mut unit, random);
        unit
    }

    fn leave_out(&self, unit: &mut JointUnit, random: &mut Random) {
        if self.missing <= 0.0 {
            return;
        }
        let versions = unit.logs[0].len();
        for device in 0..self.devices {
            let first = if random.uniform() < self.missing { 1 + random.below(versions - 1) } else { 0 };
            for version in 0..versions {
                let all = version < first || random.uniform() < self.missing / 2.0;
                for percentile in 0..2 {
                    if random.uniform() < self.missing / 4.0 || all {
                        unit.logs[2 + 2 * device + percentile][version] = f64::NAN;
                    }
                }
            }
        }
    }

    fn tell(&self, unit: &mut JointUnit, random: &mut Random) {
        let versions = unit.logs[0].len();
        let mut rest = random.uniform();
        if self.changes {
            for (story, share) in STORIES {
                unit.story = story;
                rest -= share;
                if rest < 0.0 {
                    break;
                }
            }
        }
        if unit.story == JointStory::Somewhere && self.devices == 0 {
            unit.story = JointStory::Everywhere;
        }
        let mut changes = vec![0.0; versions];
        match unit.story {
            JointStory::Flat => {}
            JointStory::Everywhere | JointStory::Somewhere | JointStory::Better => {
                unit.at = 1 + random.below(versions - 1);
                let size = (SIZES[random.below(SIZES.len())] * random.between(0.9, 1.1)).ln_1p();
                unit.size = if unit.story == JointStory::Better { -size } else { size };
                changes[unit.at..].fill(unit.size);
                if unit.story == JointStory::Somewhere {
                    let sets = self.sets();
                    unit.changed.clone_from(&sets[random.below(sets.len())]);
                }
            }
            JointStory::Drift => {
                unit.size = random.between(DRIFTS.0, DRIFTS.1).ln_1p();
                for (version, change) in changes.iter_mut().enumerate() {
                    *change = unit.size * version as f64;
                }
            }
            JointStory::Spike => {
                unit.at = 1 + random.below(versions - 2);
                changes[unit.at] = SPIKE.ln_1p();
            }
        }
        for (logs, load) in unit.logs.iter_mut().zip(self.loads(&unit.changed)) {
            for (log, change) in logs.iter_mut().zip(&changes) {
                *log += load * change;
            }
        }
    }
}

impl JointUnit {
    /// Whether it got worse, and stays so.
    pub fn worsened(&self) -> bool {
        matches!(self.story, JointStory::Everywhere | JointStory::Somewhere | JointStory::Drift)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_has_the_correlations_that_are_told() {
        let world = JointWorld { changes: false, ..JointWorld::table() };
        let mut random = Random::new(5);
        let (mut within, mut across, mut squares, mut count) = (0.0, 0.0, 0.0, 0.0);
        for _ in 0..4_000 {
            let unit = world.unit(&mut random);
            let sd = unit.sd;
            within += unit.logs[0][0] * unit.logs[1][0] / (sd * sd);
            across += unit.logs[0][1] * unit.logs[4][1] / (sd * sd);
            squares += unit.logs[2][2].powi(2) / (sd * unit.multiples[0]).powi(2);
            count += 1.0;
        }
        assert!((within / count - 0.8_f64).abs() < 0.06, "{}", within / count);
        assert!((across / count - 0.5_f64).abs() < 0.12, "{}", across / count);
        assert!((squares / count - 1.0_f64).abs() < 0.06, "{}", squares / count);
    }

    #[test]
    fn a_change_of_some_moves_the_aggregate_by_their_share() {
        let world = JointWorld::table();
        let shares = world.shares();
        let loads = world.loads(&[1, 4]);
        assert!(
            (loads[0] - shares[1] - shares[4]).abs() < 1e-12
                && (loads[4] - 1.0).abs() < 1e-12
                && loads[2].abs() < 1e-12
        );
        assert_eq!(world.sets().len(), 28 + 56);
        let all: Vec<usize> = (0..8).collect();
        assert!(world.loads(&all).iter().all(|load| (load - 1.0).abs() < 1e-12));
    }

    #[test]
    fn a_seed_gives_one_world() {
        let draw = |world: &JointWorld| {
            let mut random = Random::new(3);
            format!("{:?}", (0..5).map(|_| world.unit(&mut random)).collect::<Vec<_>>())
        };
        for world in JointWorld::all() {
            assert_eq!(draw(&world), draw(&world), "{}", world.name);
        }
        let late = JointWorld { missing: 0.3, ..JointWorld::table() };
        let mut random = Random::new(3);
        let missing =
            (0..50).map(|_| late.unit(&mut random)).flat_map(|unit| unit.logs).flatten().filter(|log| log.is_nan());
        assert!(missing.count() > 100);
    }
}
