//! Percentiles of a population, read together: its value at each version, without the cells that its own siblings contradict.

use super::laws::{self, LnVariance};
use super::learned::{Tally, UnitNoise};
use super::oddity::{LEAST_OFF, Odd, OddKind, Witnessed, is_odd};
use super::rows::Rows;
use super::{Population, Readings, Role, Unit, median};
use crate::MAX_POINTS;

/// The populations of a unit over its versions.
#[derive(Clone, Debug)]
pub(super) struct Collapsed {
    /// Mean of the percentiles that count, each less its own level; NaN where none does.
    pub(super) values: Rows,
    /// Sampling variance of that.
    pub(super) sampling: Rows,
    /// How many percentiles each has.
    pub(super) percentiles: Vec<usize>,
    /// Factor on the population's own variance for percentiles that are missing.
    pub(super) scarcity: Rows,
    /// ln variance of the difference of two percentiles of a population; absent where it has one, or too few versions.
    pub(super) between_percentiles: Vec<Option<LnVariance>>,
    pub(super) odd: Vec<Odd>,
    pub(super) odd_cells: Tally,
}

/// Where own noise of a population is expected to lie, against a member: ln of the ratio.
pub(super) fn expected_offset(role: Role, noise: &UnitNoise) -> f64 {
    if role == Role::Aggregate { noise.aggregate_offset } else { 0.0 }
}

/// Series less their medians.
pub(super) fn centred<'a>(series: impl ExactSizeIterator<Item = &'a [f64]>, versions: usize) -> Rows {
    let mut found = Rows::with_capacity(series.len(), versions);
    let mut finite = Vec::with_capacity(versions);
    for values in series {
        finite.clear();
        finite.extend(values.iter().filter(|value| value.is_finite()));
        let middle = median(&mut finite).unwrap_or(0.0);
        found.push(values.iter().map(|value| value - middle));
    }
    found
}

/// The median of some series at each version; 0 where they have no value.
pub(super) fn middle(series: &Rows) -> Vec<f64> {
    let mut finite = Vec::with_capacity(series.iter().len());
    let mut at = |version: usize| {
        finite.clear();
        finite.extend(series.iter().map(|values| values[version]).filter(|value| value.is_finite()));
        median(&mut finite).unwrap_or(0.0)
    };
    (0..series.columns()).map(&mut at).collect()
}

/// Each percentile less the mean of the others of its population, a row for each percentile of the unit; NaN where one is missing, and
/// where there are no others.
fn contrasts(populations: &[Population], versions: usize) -> Rows {
    let count = populations.iter().map(|population| population.percentiles.len()).sum();
    let mut found = Rows::with_capacity(count, versions);
    let mut totals = [0.0; MAX_POINTS];
    for Population { percentiles, .. } in populations {
        totals.fill(0.0);
        for readings in percentiles {
            totals.iter_mut().zip(&readings.log).for_each(|(total, log)| *total += log);
        }
        let others = percentiles.len() as f64 - 1.0;
        for readings in percentiles {
            found.push(readings.log.iter().zip(&totals).map(|(own, total)| own - (total - own) / others));
        }
    }
    found
}

/// Every percentile less its median, and less what moves them all.
fn alone(populations: &[Population], versions: usize) -> Rows {
    let all: Vec<&Readings> = populations.iter().flat_map(|population| &population.percentiles).collect();
    let mut own = centred(all.iter().map(|readings| readings.log.as_slice()), versions);
    if all.len() > 3 {
        without_middle(&mut own);
    }
    own
}

/// Takes the median of some series from each, which is what it gives back.
pub(super) fn without_middle(series: &mut Rows) -> Vec<f64> {
    let middle = middle(series);
    for values in series.iter_mut() {
        values.iter_mut().zip(&middle).for_each(|(value, middle)| *value -= middle);
    }
    middle
}

pub(super) fn collapse(unit: &Unit, noise: &UnitNoise) -> Collapsed {
    let versions = unit.versions();
    let populations = unit.populations();
    // Which of two cells that disagree is the odd one is asked of its own neighbours, without what moves everything.
    let mut own: Option<Rows> = None;
    let mut own_off = |row: usize, version: usize| {
        let own = own.get_or_insert_with(|| alone(populations, versions));
        Witnessed::of(&own[row]).standing_off(version).abs()
    };

    let contrasts = contrasts(populations, versions);
    // Known robustly first: one odd cell must not hide itself.
    let first_row = |row: &mut usize, population: &Population| {
        let count = population.percentiles.len();
        Some((std::mem::replace(row, *row + count), count))
    };
    let rows: Vec<(usize, usize)> = populations.iter().scan(0, first_row).collect();
    let robust: Vec<Option<LnVariance>> = rows
        .iter()
        .map(|&(row, count)| {
            let known = laws::all_but_one(&contrasts[row])?;
            Some(LnVariance { ln: known.ln + per_pair(count), ..known })
        })
        .collect();
    let mut known: Vec<f64> = robust
        .iter()
        .zip(populations)
        .filter_map(|(robust, population)| Some((*robust)?.ln - expected_offset(population.role, noise)))
        .collect();
    let count = known.len() as f64;
    let expected = noise.scale - noise.percentile_offset;
    let typical = median(&mut known).map_or(expected, |median| {
        // The batch counts as half a population at its own spread.
        let batch = 0.5 / noise.scale_variance;
        (median * count + expected * batch) / (count + batch)
    });

    let mut found = Collapsed {
        values: Rows::with_capacity(populations.len(), versions),
        sampling: Rows::with_capacity(populations.len(), versions),
        percentiles: Vec::with_capacity(populations.len()),
        scarcity: Rows::with_capacity(populations.len(), versions),
        between_percentiles: Vec::with_capacity(populations.len()),
        odd: Vec::new(),
        odd_cells: Tally::default(),
    };
    let mut cells = Rows::with_capacity(0, versions);
    for (at, (population, &(first, count))) in populations.iter().zip(&rows).enumerate() {
        cells.clear();
        for readings in &population.percentiles {
            cells.push(readings.log.iter().copied());
        }
        let prior = LnVariance {
            ln: typical + expected_offset(population.role, noise),
            variance: noise.population_variance + noise.percentile_variance,
        };
        let known = robust[at].map_or(prior, |robust| prior.and(robust));
        // Of two, both stand off the other by the same.
        let is_pair = count == 2;
        let asked = if is_pair { 1..2 } else { 0..count };
        let asked: Vec<(usize, Witnessed<'_>)> =
            asked.filter(|_| count > 1).map(|p| (p, Witnessed::of(&contrasts[first + p]))).collect();
        let own = ROBUST_EXCESS * known.ln.exp();
        for version in 0..versions {
            let off = asked.iter().map(|(p, contrast)| (*p, contrast.standing_off(version)));
            let Some((worst, off)) = off.max_by(|(_, a), (_, b)| a.abs().total_cmp(&b.abs())) else { break };
            let is_inside = version > 0 && version + 1 < versions;
            if is_inside && off.abs() > 0.0 {
                found.odd_cells.chances += count as u64;
            }
            if off.abs() < LEAST_OFF {
                continue;
            }
            let sampling = population.percentiles.iter().map(|readings| readings.sampling[version]).sum::<f64>();
            let variance = own + sampling;
            let size = noise.odd_cell_size / variance.sqrt();
            if !is_odd(off.powi(2) / variance, known.variance, noise.odd_cells, size) {
                continue;
            }
            let mut own_off = |p: usize| own_off(first + p, version);
            let odd = if is_pair { usize::from(own_off(0) <= own_off(1)) } else { worst };
            let by = Witnessed::of(&contrasts[first + odd]).standing_off(version);
            cells[odd][version] = f64::NAN;
            found.odd.push(Odd { kind: OddKind::Cell, version, population: at, percentile: odd, by });
            if is_inside {
                found.odd_cells.hit(by);
            }
        }
        found.add(population, &cells, noise);
    }
    found
}

/// A robust scale is of the cells that agree best: the noise is somewhat more.
pub(super) const ROBUST_EXCESS: f64 = 1.4;

/// ln of what makes the variance of *one less the mean of the others* that of a difference of two, for so many percentiles.
fn per_pair(percentiles: usize) -> f64 {
    let count = percentiles as f64;
    (2.0 * (count - 1.0) / count).ln()
}

impl Collapsed {
    /// Adds one population from the cells that count, NaN where one does not.
    fn add(&mut self, population: &Population, cells: &Rows, noise: &UnitNoise) {
        let count = population.percentiles.len();
        let versions = cells.columns();
        let mut present = [0_u32; MAX_POINTS];
        for cells in cells.iter() {
            present.iter_mut().zip(cells).for_each(|(present, cell)| *present += u32::from(cell.is_finite()));
        }
        let present = &present[..versions];
        let is_complete = |present: u32| present as usize == count;
        let complete = present.iter().filter(|present| is_complete(**present)).count();
        // Levels of the percentiles against the first, so that one that is missing leaves no step.
        let level = |own: &[f64]| {
            if complete > 0 {
                let pairs = own.iter().zip(&cells[0]).zip(present);
                let differences =
                    pairs.map(|((own, first), present)| if is_complete(*present) { own - first } else { 0.0 });
                differences.sum::<f64>() / complete as f64
            } else {
                // Never seen together: each has its own.
                let finite = || own.iter().filter(|cell| cell.is_finite());
                finite().sum::<f64>() / finite().count().max(1) as f64
            }
        };
        let (mut sums, mut sampling) = ([0.0; MAX_POINTS], [0.0; MAX_POINTS]);
        let levels: Vec<f64> = cells.iter().map(level).collect();
        for ((own, level), readings) in cells.iter().zip(&levels).zip(&population.percentiles) {
            let sums = sums.iter_mut().zip(&mut sampling);
            for ((cell, own), (sum, sampling)) in own.iter().zip(&readings.sampling).zip(sums) {
                let is_present = cell.is_finite();
                *sum += if is_present { cell - level } else { 0.0 };
                *sampling += if is_present { *own } else { 0.0 };
            }
        }
        let number = |present: u32| f64::from(present.max(1));
        let mut values = [f64::NAN; MAX_POINTS];
        for ((value, sum), &present) in values.iter_mut().zip(&sums).zip(present) {
            *value = if present > 0 { sum / number(present) } else { f64::NAN };
        }
        let mut squares = [0.0; MAX_POINTS];
        for (own, level) in cells.iter().zip(&levels) {
            for ((square, cell), value) in squares.iter_mut().zip(own).zip(&values) {
                let residual = (cell - level) - value;
                *square += residual * residual;
            }
        }
        let squares =
            squares.iter().zip(present).filter(|(_, present)| is_complete(**present)).map(|(square, _)| square);
        let squares: f64 = squares.sum();
        let df = (complete as f64 - 1.0) * (count as f64 - 1.0);
        self.between_percentiles.push((df > 0.0).then(|| LnVariance::of_squares(2.0 * squares, df)));

        let cell = noise.cell_share();
        self.percentiles.push(count);
        self.values.push(values[..versions].iter().copied());
        self.sampling.push(sampling.iter().zip(present).map(|(sum, &present)| sum / number(present).powi(2)));
        let all = 1.0 / count as f64;
        self.scarcity.push(present.iter().map(|&present| 1.0 + cell * (number(present).recip() - all)));
    }
}
