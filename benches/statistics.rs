//! Series per second through both passes, and units per second: what each tells of the batch's noise, then its judgement.
//!
//! The engine's own kernels on contiguous columns. A twentieth of the series has a step, as in a batch that is worth looking
//! at: those cost more, since their steps are located and told.

#![expect(clippy::expect_used, reason = "a bench that cannot be set up measures nothing")]

use divan::Bencher;
use divan::counter::ItemsCount;
use perfpower_statistics::prior::{Stratum, StratumSums};
use perfpower_statistics::unit::joint::{Population, Readings, Role, Unit, UnitFit, changes, judge_fit, learn};
use perfpower_statistics::{CriticalValues, Parameters, Scatter, SeriesInput, Workspace, first_pass, judge_read};
use perfpower_testkit::Rng;
use perfpower_testkit::joint_worlds::JointWorld;
use perfpower_testkit::worlds::Random;
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use std::ops::Range;

fn main() {
    divan::main();
}

/// Enough for some milliseconds of work even on the shortest; fewer under `cargo test`, which runs a bench once, unoptimised.
const SERIES: usize = if cfg!(debug_assertions) { 500 } else { 4_000 };

/// The unit of work, as in the engine.
const SERIES_OF_AN_APP: usize = 250;

/// Part of the series with a step of 25 %.
const STEPS: f64 = 0.05;

/// Series of one length, one after the other.
struct Columns {
    values: Vec<f64>,
    margins: Vec<f64>,
    versions: usize,
}

impl Columns {
    fn new(versions: usize, has_margins: bool) -> Self {
        let mut rng = Rng::keyed(7, "statistics", versions as u64);
        let mut columns = Self { values: Vec::new(), margins: Vec::new(), versions };
        for _ in 0..SERIES {
            let step = if rng.chance(STEPS) { 1 + rng.below(versions.max(2) - 1) } else { versions };
            for version in 0..versions {
                let level = if version < step { 800.0 } else { 1_000.0 };
                let value: f64 = level * (0.03 * rng.normal()).exp();
                columns.values.push(value);
                columns.margins.push(if has_margins { value * rng.between(0.005, 0.06) } else { f64::NAN });
            }
        }
        columns
    }

    fn series(&self, index: usize) -> SeriesInput<'_> {
        let points = index * self.versions..(index + 1) * self.versions;
        SeriesInput {
            values: &self.values[points.clone()],
            margins: &self.margins[points],
            offset: 0.0,
            lower_is_better: true,
        }
    }
}

/// From 3 versions, the fewest that can be judged, to the newest 40, which are the most that are.
const LENGTHS: [usize; 5] = [3, 6, 12, 20, 40];

#[divan::bench(args = LENGTHS, consts = [1, 2])]
fn without_margins<const THREADS: usize>(bencher: Bencher<'_, '_>, versions: usize) {
    both_passes(bencher, THREADS, &Columns::new(versions, false));
}

#[divan::bench(args = LENGTHS, consts = [1, 2])]
fn with_margins<const THREADS: usize>(bencher: Bencher<'_, '_>, versions: usize) {
    both_passes(bencher, THREADS, &Columns::new(versions, true));
}

fn both_passes(bencher: Bencher<'_, '_>, threads: usize, columns: &Columns) {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool of two threads is no great wish");
    bencher.counter(ItemsCount::new(SERIES)).bench(|| pool.install(|| claims(columns)));
}

/// How many series claim a lasting change.
fn claims(columns: &Columns) -> usize {
    let parameters = Parameters::default();
    let apps: Vec<Range<usize>> =
        (0..SERIES).step_by(SERIES_OF_AN_APP).map(|first| first..first + SERIES_OF_AN_APP).collect();
    let read: Vec<(Vec<(Stratum, Scatter)>, StratumSums)> = apps
        .par_iter()
        .map_init(Workspace::default, |workspace, app| {
            let mut sums = StratumSums::default();
            let strata = app.clone().map(|index| {
                let read = first_pass(&columns.series(index), &parameters, workspace).expect("all values are positive");
                (sums.add(0, 0, &read), read.scatter)
            });
            (strata.collect(), sums)
        })
        .collect();
    let mut sums = StratumSums::default();
    for (_, own) in &read {
        sums.merge(own);
    }
    let priors = sums.fit(&parameters);
    let critical = CriticalValues::new(parameters);
    apps.par_iter()
        .zip(&read)
        .map_init(Workspace::default, |workspace, (app, (strata, _))| {
            let claims = app.clone().zip(strata).filter(|&(index, &(stratum, scatter))| {
                judge_read(&columns.series(index), scatter, &priors.of(stratum).prior, &critical, workspace)
                    .is_ok_and(|judgement| judgement.gated_p < parameters.alpha)
            });
            claims.count()
        })
        .sum()
}

/// As many as an archive of some dozen apps has.
const UNITS: usize = if cfg!(debug_assertions) { 20 } else { 400 };

/// Units of an aggregate and so many device models, two percentiles each, 4 to 24 versions; half of them changed somehow.
#[divan::bench(args = [0, 8, 24])]
fn units(bencher: Bencher<'_, '_>, devices: usize) {
    let world = JointWorld { devices, ..JointWorld::table() };
    let mut random = Random::new(7);
    let units: Vec<Unit> = (0..UNITS)
        .map(|_| {
            let mut planted = world.unit(&mut random);
            let rows = planted.logs.drain(..).zip(planted.sampling.drain(..));
            let mut readings = rows.map(|(log, sampling)| Readings { log, sampling });
            let population = |at: usize| Population {
                role: if at == 0 { Role::Aggregate } else { Role::Member },
                percentiles: readings.by_ref().take(2).collect(),
            };
            Unit::new((0..=devices).map(population).collect()).expect("planted units are complete")
        })
        .collect();
    bencher.counter(ItemsCount::new(UNITS)).bench(|| told(&units));
}

/// How many changes some units tell: learned from, judged, and asked for all their changes where something is claimed.
fn told(units: &[Unit]) -> usize {
    let parameters = Parameters::default();
    let (noise, laws) = learn(units);
    let changes = units.iter().filter_map(|unit| {
        let fit = UnitFit::read(unit, &noise)?;
        let whole = judge_fit(&fit, &noise)?;
        Some(
            changes(&fit, &noise, &whole, |verdict, _| {
                laws.history.p_value(verdict.ln_evidence).value() < parameters.alpha
            })
            .len(),
        )
    });
    changes.sum()
}
