//! Percentiles of a population, read together: its value at each version, without the cells that its own siblings contradict.

use super::laws::{self, LnVariance};
use super::learned::{Tally, UnitNoise};
use super::oddity::{LEAST_OFF, Odd, OddKind, is_odd, standing_off};
use super::rows::Rows;
use super::{Population, Role, Unit, median};

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

/// Each percentile less the mean of the others; NaN where one is missing. None of a population with one.
fn contrasts(population: &Population, versions: usize) -> Rows {
    let percentiles = &population.percentiles;
    if percentiles.len() < 2 {
        return Rows::with_capacity(0, versions);
    }
    let others = percentiles.len() as f64 - 1.0;
    let total = |version: usize| percentiles.iter().map(|readings| readings.log[version]).sum::<f64>();
    Rows::of(percentiles.len(), versions, |p, version| {
        let own = percentiles[p].log[version];
        own - (total(version) - own) / others
    })
}

pub(super) fn collapse(unit: &Unit, noise: &UnitNoise) -> Collapsed {
    let versions = unit.versions();
    let populations = unit.populations();
    // Which of two cells that disagree is the odd one is asked of its own neighbours, without what moves everything.
    let mut alone: Option<Rows> = None;
    let mut own_off = |row: usize, version: usize| {
        let alone = alone.get_or_insert_with(|| {
            let logs: Vec<&[f64]> = populations
                .iter()
                .flat_map(|population| population.percentiles.iter().map(|readings| readings.log.as_slice()))
                .collect();
            let mut own = centred(logs.into_iter(), versions);
            if own.iter().len() > 3 {
                let crude = middle(&own);
                for values in own.iter_mut() {
                    values.iter_mut().zip(&crude).for_each(|(value, crude)| *value -= crude);
                }
            }
            own
        });
        standing_off(&alone[row], version).abs()
    };

    let contrasts: Vec<Rows> = populations.iter().map(|population| contrasts(population, versions)).collect();
    // Known robustly first: one odd cell must not hide itself.
    let robust: Vec<Option<LnVariance>> = contrasts
        .iter()
        .map(|contrasts| {
            let known = laws::all_but_one(contrasts.iter().next()?)?;
            Some(LnVariance { ln: known.ln + per_pair(contrasts.iter().len()), ..known })
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
    let mut row = 0;
    for (at, population) in populations.iter().enumerate() {
        let percentiles = &population.percentiles;
        let mut kept: Vec<Vec<bool>> =
            percentiles.iter().map(|readings| readings.log.iter().map(|log| log.is_finite()).collect()).collect();
        let first = row;
        row += percentiles.len();
        let prior = LnVariance {
            ln: typical + expected_offset(population.role, noise),
            variance: noise.population_variance + noise.percentile_variance,
        };
        let known = robust[at].map_or(prior, |robust| prior.and(robust));
        if percentiles.len() > 1 {
            let own = ROBUST_EXCESS * known.ln.exp();
            let sampling = |version: usize| percentiles.iter().map(|readings| readings.sampling[version]).sum::<f64>();
            for (version, sampling) in (0..versions).map(sampling).enumerate() {
                let interior = version > 0 && version + 1 < versions;
                let variance = own + sampling;
                let by = |p: usize| standing_off(&contrasts[at][p], version);
                // Of two, both stand off the other by the same.
                let is_pair = percentiles.len() == 2;
                let asked = if is_pair { 1..2 } else { 0..percentiles.len() };
                let Some((worst, off)) = asked.map(|p| (p, by(p))).max_by(|(_, a), (_, b)| a.abs().total_cmp(&b.abs()))
                else {
                    continue;
                };
                if interior && off.abs() > 0.0 {
                    found.odd_cells.chances += percentiles.len() as u64;
                }
                if off.abs() < LEAST_OFF
                    || !is_odd(
                        off.powi(2) / variance,
                        known.variance,
                        noise.odd_cells,
                        noise.odd_cell_size / variance.sqrt(),
                    )
                {
                    continue;
                }
                let mut own_off = |p: usize| own_off(first + p, version);
                let odd = if is_pair { usize::from(own_off(0) <= own_off(1)) } else { worst };
                kept[odd][version] = false;
                found.odd.push(Odd { kind: OddKind::Cell, version, population: at, percentile: odd, by: by(odd) });
                if interior {
                    found.odd_cells.hit(by(odd));
                }
            }
        }
        found.add(percentiles.len(), population, &kept, noise);
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
    /// Adds one population from the cells that count.
    fn add(&mut self, count: usize, population: &Population, kept: &[Vec<bool>], noise: &UnitNoise) {
        let versions = population.percentiles[0].log.len();
        let complete: Vec<usize> = (0..versions).filter(|&version| kept.iter().all(|kept| kept[version])).collect();
        let at = |p: usize, version: usize| population.percentiles[p].log[version];
        // Levels of the percentiles against the first, so that one that is missing leaves no step.
        let level = |p: usize| {
            let differences = complete.iter().map(|&version| at(p, version) - at(0, version));
            if complete.is_empty() {
                // Never seen together: each has its own.
                let own: Vec<f64> =
                    (0..versions).filter(|&version| kept[p][version]).map(|version| at(p, version)).collect();
                own.iter().sum::<f64>() / own.len().max(1) as f64
            } else {
                differences.sum::<f64>() / complete.len() as f64
            }
        };
        let levels: Vec<f64> = (0..count).map(level).collect();
        let squares: f64 = complete
            .iter()
            .map(|&version| {
                let residuals = || (0..count).map(|p| at(p, version) - levels[p]);
                let mean = residuals().sum::<f64>() / count as f64;
                residuals().map(|residual| (residual - mean).powi(2)).sum::<f64>()
            })
            .sum();
        let df = (complete.len() as f64 - 1.0) * (count as f64 - 1.0);
        self.between_percentiles.push((df > 0.0).then(|| LnVariance::of_squares(2.0 * squares, df)));

        let cell = noise.cell_share();
        self.percentiles.push(count);
        let present = |version: usize| (0..count).filter(move |&p| kept[p][version]);
        let number = |version: usize| present(version).count().max(1) as f64;
        let value = |version: usize| {
            let sum: f64 = present(version).map(|p| at(p, version) - levels[p]).sum();
            if present(version).next().is_some() { sum / number(version) } else { f64::NAN }
        };
        let sampling = |version: usize| {
            let sum: f64 = present(version).map(|p| population.percentiles[p].sampling[version]).sum();
            sum / number(version).powi(2)
        };
        self.values.push((0..versions).map(value));
        self.sampling.push((0..versions).map(sampling));
        self.scarcity.push((0..versions).map(|version| 1.0 + cell * (number(version).recip() - 1.0 / count as f64)));
    }
}
