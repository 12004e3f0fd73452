//! Seeded worlds: series of versions whose truth is known, to see what the method makes of them.
//!
//! Everything is drawn from [`Random`], so a seed gives the same world on every machine (up to the last bit of `ln` and
//! `cos`, which the platform's mathematics library answers).

use crate::Rng;
use std::f64::consts::TAU;

/// The laws that worlds are drawn from, over the one generator of this crate.
#[derive(Clone, Debug)]
pub struct Random {
    bits: Rng,
}

impl Random {
    /// Any seed is a good one.
    pub fn new(seed: u64) -> Self {
        Self { bits: Rng::seeded(seed) }
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.bits.next_u64()
    }

    /// Uniform in `(0, 1)`, never an end, so that its logarithm is finite.
    pub fn uniform(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Uniform in `low..high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Uniform on the log scale in `low..high`, both above 0.
    pub fn log_between(&mut self, low: f64, high: f64) -> f64 {
        self.between(low.ln(), high.ln()).exp()
    }

    /// Uniform in `0..count`; 0 for an empty range.
    pub fn below(&mut self, count: usize) -> usize {
        ((self.uniform() * count as f64) as usize).min(count.saturating_sub(1))
    }

    /// Standard normal (Box and Muller 1958; the second of each pair is left, for a state that is only the
    /// generator's).
    pub fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (TAU * self.uniform()).cos()
    }

    /// Chi-squared with `df > 0` degrees of freedom, by the gamma law of shape `df / 2` (Marsaglia and Tsang 2000).
    pub fn chi_squared(&mut self, df: f64) -> f64 {
        let shape = df / 2.0;
        // The method wants a shape of at least 1: it draws with shape + 1 and shrinks.
        let (shape, shrink) = if shape < 1.0 { (shape + 1.0, self.uniform().powf(1.0 / shape)) } else { (shape, 1.0) };
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && self.uniform().ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return 2.0 * d * v * shrink;
            }
        }
    }

    /// Student's t with `df > 2` degrees of freedom, scaled to unit variance.
    pub fn student_t(&mut self, df: f64) -> f64 {
        self.normal() / (self.chi_squared(df) / df).sqrt() * ((df - 2.0) / df).sqrt()
    }
}

/// What happened to a series. Percents are of the level before; positive is worse. Positions count versions from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Story {
    /// Nothing.
    Flat,
    /// One change that stays.
    Step {
        /// First version of the new level, at least 1.
        at: usize,
        /// Its size.
        percent: f64,
    },
    /// The same change with every version.
    Drift {
        /// Its size per version.
        percent: f64,
    },
    /// One odd version.
    Spike {
        /// Which.
        at: usize,
        /// How odd.
        percent: f64,
    },
    /// A change that is taken back.
    Recovered {
        /// First version of the changed level, at least 1.
        at: usize,
        /// First version of the old level again.
        until: usize,
        /// Its size.
        percent: f64,
    },
}

impl Story {
    /// What the truth multiplies the first version's level by, at one version.
    pub fn factor(&self, version: usize) -> f64 {
        let changed = match *self {
            Self::Flat => None,
            Self::Step { at, percent } => (version >= at).then_some(percent),
            Self::Drift { percent } => return (1.0 + percent / 100.0).powi(version as i32),
            Self::Spike { at, percent } => (version == at).then_some(percent),
            Self::Recovered { at, until, percent } => (at..until).contains(&version).then_some(percent),
        };
        1.0 + changed.unwrap_or(0.0) / 100.0
    }

    /// Whether this version is worse or better than the one before it, in truth.
    pub fn changes_at(&self, version: usize) -> bool {
        version > 0 && (self.factor(version) / self.factor(version - 1) - 1.0).abs() > 1e-9
    }
}

/// One series with its truth.
#[derive(Clone, Debug, PartialEq)]
pub struct Planted {
    /// Version by version, above 0.
    pub values: Vec<f64>,
    /// Half widths of a 95 % interval; NaN = absent.
    pub margins: Vec<f64>,
}

/// Series of one app and one metric (such as p50 and p90) that share their story and a part of their noise.
#[derive(Clone, Debug, PartialEq)]
pub struct PlantedUnit {
    /// What happened.
    pub story: Story,
    /// As many as [`World::members`], all of one length.
    pub series: Vec<Planted>,
}

/// How the noise of a world is distributed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tails {
    /// Normal.
    Normal,
    /// Student's t with this many degrees of freedom (above 2), at the same variance: odd versions happen.
    StudentT(f64),
}

/// A law of series. Nothing in it is drawn until [`World::unit`].
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    /// For the report.
    pub name: &'static str,
    /// Numbers of versions, each as likely as the others.
    pub lengths: Vec<usize>,
    /// Version-to-version noise as a fraction of the value: each unit's own is `typical × √(df / χ²(df))`, so that
    /// units differ as the method's prior supposes, cut to `least..=most`.
    pub process: ProcessNoise,
    /// Sampling noise as a fraction of the value, drawn uniformly on the log scale; absent = plenty of data and no
    /// margins.
    pub sampling: Option<(f64, f64)>,
    /// Standard errors per margin: 1.96 makes what Apple sends a 95 % half width.
    pub margin_z: f64,
    /// Law of the noise.
    pub tails: Tails,
    /// Correlation of neighbouring versions' process noise, in `[0, 1)`.
    pub autocorrelation: f64,
    /// Series per unit, at least 1.
    pub members: usize,
    /// Correlation of the members' process noise, in `[0, 1]`.
    pub common: f64,
    /// Stories to tell, each with its weight.
    pub stories: Vec<(f64, Plot)>,
}

/// See [`World::process`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProcessNoise {
    /// Fraction of the value.
    pub typical: f64,
    /// How alike units are: the larger, the more.
    pub df: f64,
    /// Never below.
    pub least: f64,
    /// Never above.
    pub most: f64,
}

/// A story whose place is still to be drawn. Percents are as in [`Story`]; one in four changes is an improvement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Plot {
    /// [`Story::Flat`].
    Flat,
    /// [`Story::Step`] anywhere.
    Step(f64),
    /// [`Story::Step`] for the worse that the latest version did not bring: at least two versions old.
    OldStep(f64),
    /// [`Story::Step`] at the latest version.
    LatestStep(f64),
    /// [`Story::Drift`].
    Drift(f64),
    /// [`Story::Spike`] anywhere but at the first version.
    Spike(f64),
    /// [`Story::Recovered`] anywhere, of at least two versions where the series is long enough.
    Recovered(f64),
}

impl Plot {
    fn place(self, versions: usize, random: &mut Random) -> Story {
        let sign = |random: &mut Random, percent: f64| {
            // An improvement by the same ratio, so that it is as hard to see: +25 % mirrors −20 %.
            if random.uniform() < 0.25 { 100.0 / (1.0 + percent / 100.0) - 100.0 } else { percent }
        };
        let after_first = |random: &mut Random| 1 + random.below(versions - 1);
        match self {
            _ if versions < 3 => Story::Flat,
            Self::Flat => Story::Flat,
            Self::Step(percent) => Story::Step { at: after_first(random), percent: sign(random, percent) },
            Self::OldStep(percent) => Story::Step { at: 1 + random.below(versions - 2), percent },
            Self::LatestStep(percent) => Story::Step { at: versions - 1, percent: sign(random, percent) },
            Self::Drift(percent) => Story::Drift { percent: sign(random, percent) },
            Self::Spike(percent) => Story::Spike { at: after_first(random), percent: sign(random, percent) },
            Self::Recovered(percent) => {
                let at = 1 + random.below((versions - 2).max(2) - 1);
                let until = (at + 2 + random.below(versions)).min(versions - 1).max(at + 1);
                Story::Recovered { at, until, percent: sign(random, percent) }
            }
        }
    }
}

impl World {
    /// Like the study's S1: small and medium apps' aggregates without margins, total noise of 1 to 8 %; one unit in
    /// five changed by a step of 10, 20 or 40 %.
    pub fn s1() -> Self {
        Self {
            name: "S1",
            lengths: vec![5, 8, 12, 20],
            process: ProcessNoise { typical: 0.03, df: 4.0, least: 0.01, most: 0.08 },
            sampling: None,
            margin_z: 1.96,
            tails: Tails::Normal,
            autocorrelation: 0.0,
            members: 1,
            common: 0.8,
            stories: vec![
                (0.8, Plot::Flat),
                (0.2 / 3.0, Plot::Step(10.0)),
                (0.2 / 3.0, Plot::Step(20.0)),
                (0.2 / 3.0, Plot::Step(40.0)),
            ],
        }
    }

    /// Like the study's S2: the same with margins. Sampling noise of .5 to 6 % is told by the margin, the rest is not.
    pub fn s2() -> Self {
        Self {
            name: "S2",
            process: ProcessNoise { typical: 0.025, df: 6.0, least: 0.01, most: 0.06 },
            sampling: Some((0.005, 0.06)),
            ..Self::s1()
        }
    }

    /// Draws one unit.
    pub fn unit(&self, random: &mut Random) -> PlantedUnit {
        let versions = self.lengths.get(random.below(self.lengths.len())).copied().unwrap_or(1);
        let story = self.plot(random).place(versions, random);
        let ProcessNoise { typical, df, least, most } = self.process;
        let sd = (typical * (df / random.chi_squared(df)).sqrt()).clamp(least, most);
        let level = random.log_between(20.0, 5_000.0);
        let shared = self.process_noise(versions, random);
        let series = (0..self.members.max(1)).map(|member| {
            let own = self.process_noise(versions, random);
            let typical_error = self.sampling.map(|(low, high)| random.log_between(low, high));
            let level = level * 1.9_f64.powi(member as i32);
            let mut values = Vec::with_capacity(versions);
            let mut margins = Vec::with_capacity(versions);
            for version in 0..versions {
                let common = if self.members > 1 { self.common } else { 0.0 };
                let process = sd * (common.sqrt() * shared[version] + (1.0 - common).sqrt() * own[version]);
                // Releases differ in how many users they had: errors by up to a third more or less.
                let error = typical_error.map(|error| error * random.between(0.75, 1.33));
                let sampling = error.map_or(0.0, |error| error * random.normal());
                let value = level * story.factor(version) * (process + sampling).exp();
                values.push(value);
                margins.push(error.map_or(f64::NAN, |error| self.margin_z * error * value));
            }
            Planted { values, margins }
        });
        PlantedUnit { story, series: series.collect() }
    }

    fn plot(&self, random: &mut Random) -> Plot {
        let total: f64 = self.stories.iter().map(|&(weight, _)| weight).sum();
        let mut rest = random.uniform() * total;
        for &(weight, plot) in &self.stories {
            rest -= weight;
            if rest < 0.0 {
                return plot;
            }
        }
        Plot::Flat
    }

    /// Unit noise of this world's law, AR(1) where it asks for it.
    fn process_noise(&self, versions: usize, random: &mut Random) -> Vec<f64> {
        let mut draw = || match self.tails {
            Tails::Normal => random.normal(),
            Tails::StudentT(df) => random.student_t(df),
        };
        let mut previous: Option<f64> = None;
        (0..versions)
            .map(|_| {
                let fresh = draw();
                let rho = self.autocorrelation;
                let noise = previous.map_or(fresh, |before| rho * before + (1.0 - rho * rho).sqrt() * fresh);
                previous = Some(noise);
                noise
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the authors' C code, seeded with 7.
    #[test]
    fn the_stream_is_that_of_the_generator() {
        let mut random = Random::new(7);
        let expected = [1_021_219_803_524_665_661, 3_174_977_118_032_272_916, 13_236_943_193_235_544_178];
        assert_eq!(expected.map(|_| random.bits()), expected);
    }

    /// Mean and variance of `count` draws.
    fn moments(count: u32, mut draw: impl FnMut() -> f64) -> (f64, f64) {
        let (sum, squares) = (0..count).map(|_| draw()).fold((0.0, 0.0), |(s, q), x| (s + x, q + x * x));
        let mean = sum / f64::from(count);
        (mean, squares / f64::from(count) - mean * mean)
    }

    #[test]
    fn the_laws_have_their_moments() {
        let mut random = Random::new(1);
        let near = |(mean, variance): (f64, f64), (m, v): (f64, f64)| {
            assert!((mean - m).abs() < 0.02 * m.max(1.0) && (variance - v).abs() < 0.06 * v, "{mean} {variance}");
        };
        near(moments(100_000, || random.uniform()), (0.5, 1.0 / 12.0));
        near(moments(100_000, || random.normal()), (0.0, 1.0));
        near(moments(100_000, || random.chi_squared(7.0)), (7.0, 14.0));
        near(moments(100_000, || random.chi_squared(0.8)), (0.8, 1.6));
        near(moments(200_000, || random.student_t(6.0)), (0.0, 1.0));
        near(moments(100_000, || random.below(5) as f64), (2.0, 2.0));
        assert_eq!(random.below(0), 0);
    }

    #[test]
    fn stories_are_what_they_say() {
        let factors = |story: Story| (0..5).map(|version| (100.0 * story.factor(version)).round()).collect::<Vec<_>>();
        assert_eq!(factors(Story::Flat), [100.0; 5]);
        assert_eq!(factors(Story::Step { at: 2, percent: 20.0 }), [100.0, 100.0, 120.0, 120.0, 120.0]);
        assert_eq!(factors(Story::Spike { at: 2, percent: -50.0 }), [100.0, 100.0, 50.0, 100.0, 100.0]);
        assert_eq!(factors(Story::Recovered { at: 1, until: 3, percent: 40.0 }), [100.0, 140.0, 140.0, 100.0, 100.0]);
        assert_eq!(factors(Story::Drift { percent: 10.0 }), [100.0, 110.0, 121.0, 133.0, 146.0]);
        let recovered = Story::Recovered { at: 1, until: 3, percent: 40.0 };
        assert_eq!([0, 1, 2, 3, 4].map(|version| recovered.changes_at(version)), [false, true, false, true, false]);
    }

    #[test]
    fn every_plot_finds_a_place() {
        let mut random = Random::new(3);
        for versions in 1..=12 {
            for _ in 0..50 {
                for plot in [Plot::Step(20.0), Plot::OldStep(20.0), Plot::Spike(30.0), Plot::Recovered(40.0)] {
                    match plot.place(versions, &mut random) {
                        Story::Flat => assert!(versions < 3),
                        Story::Step { at, .. } | Story::Spike { at, .. } => assert!((1..versions).contains(&at)),
                        Story::Recovered { at, until, .. } => assert!(1 <= at && at < until && until < versions),
                        Story::Drift { .. } => panic!("no drift was asked for"),
                    }
                }
            }
        }
    }

    #[test]
    fn a_seed_is_a_world_and_its_noise_is_as_large_as_told() {
        let draw = |seed| World { members: 2, ..World::s2() }.unit(&mut Random::new(seed));
        assert_eq!(draw(5), draw(5));
        assert_ne!(draw(5), draw(6));
        assert_eq!(draw(5).series.len(), 2);

        let world = World {
            lengths: vec![40],
            process: ProcessNoise { typical: 0.04, df: 1e6, least: 0.0, most: 1.0 },
            autocorrelation: 0.4,
            stories: vec![(1.0, Plot::Flat)],
            ..World::s1()
        };
        let mut random = Random::new(8);
        let (mut squares, mut products, mut count) = (0.0, 0.0, 0.0);
        for _ in 0..2_000 {
            let values = world.unit(&mut random).series.remove(0).values;
            let logs: Vec<f64> = values.iter().map(|value| value.ln()).collect();
            let mean = logs.iter().sum::<f64>() / 40.0;
            squares += logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>();
            products += logs.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean)).sum::<f64>();
            count += 40.0;
        }
        let (variance, correlation): (f64, f64) = (squares / count, products / squares);
        // Both a little below the truth, because each series' own mean is taken away.
        assert!((variance.sqrt() / 0.04 - 1.0).abs() < 0.05, "{variance}");
        assert!((correlation - 0.4).abs() < 0.06, "{correlation}");
    }
}
