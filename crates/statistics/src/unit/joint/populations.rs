//! Percentiles of a population, read together: its value at each version, without the cells that its own siblings contradict.

use super::laws::{self, LnVariance};
use super::learned::{Tally, UnitNoise};
use super::oddity::{LEAST_OFF, Odd, OddKind, is_odd, standing_off};
use super::{Population, Role, Unit, median};

/// The populations of a unit over its versions.
#[derive(Clone, Debug)]
pub(super) struct Collapsed {
    /// Mean of the percentiles that count, each less its own level; NaN where none does.
    pub(super) values: Vec<Vec<f64>>,
    /// Sampling variance of that.
    pub(super) sampling: Vec<Vec<f64>>,
    /// How many percentiles each has.
    pub(super) percentiles: Vec<usize>,
    /// Factor on the population's own variance for percentiles that are missing.
    pub(super) scarcity: Vec<Vec<f64>>,
    /// ln variance of the difference of two percentiles of a population; absent where it has one, or too few versions.
    pub(super) between_percentiles: Vec<Option<LnVariance>>,
    pub(super) odd: Vec<Odd>,
    pub(super) odd_cells: Tally,
}

/// Where own noise of a population is expected to lie, against a member: ln of the ratio.
pub(super) fn expected_offset(role: Role, noise: &UnitNoise) -> f64 {
    if role == Role::Aggregate { noise.aggregate_offset } else { 0.0 }
}

/// Values less their median.
pub(super) fn centred(values: &[f64]) -> Vec<f64> {
    let mut finite: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let middle = median(&mut finite).unwrap_or(0.0);
    values.iter().map(|value| value - middle).collect()
}

/// The median of some series at each version; 0 where they have no value.
pub(super) fn middle(series: &[Vec<f64>], versions: usize) -> Vec<f64> {
    let at = |version: usize| {
        let mut finite: Vec<f64> =
            series.iter().map(|values| values[version]).filter(|value| value.is_finite()).collect();
        median(&mut finite).unwrap_or(0.0)
    };
    (0..versions).map(at).collect()
}

/// Each percentile less the mean of the others; NaN where one is missing.
fn contrasts(population: &Population, versions: usize) -> Vec<Vec<f64>> {
    let percentiles = &population.percentiles;
    let others = percentiles.len() as f64 - 1.0;
    let of = |p: usize| {
        let at = |version: usize| {
            let total: f64 = percentiles.iter().map(|readings| readings.log[version]).sum();
            let own = percentiles[p].log[version];
            own - (total - own) / others
        };
        (0..versions).map(at).collect()
    };
    (0..percentiles.len()).map(of).collect()
}

pub(super) fn collapse(unit: &Unit, noise: &UnitNoise) -> Collapsed {
    let versions = unit.versions();
    let populations = unit.populations();
    let own: Vec<Vec<Vec<f64>>> = populations
        .iter()
        .map(|population| population.percentiles.iter().map(|readings| centred(&readings.log)).collect())
        .collect();
    // Which of two cells that disagree is the odd one is asked of its own neighbours, without what moves everything.
    let all: Vec<Vec<f64>> = own.iter().flatten().cloned().collect();
    let crude = if all.len() > 3 { middle(&all, versions) } else { vec![0.0; versions] };

    let contrasts: Vec<Vec<Vec<f64>>> = populations
        .iter()
        .map(|population| if population.percentiles.len() > 1 { contrasts(population, versions) } else { Vec::new() })
        .collect();
    // Known robustly first: one odd cell must not hide itself.
    let robust: Vec<Option<LnVariance>> = contrasts
        .iter()
        .map(|contrasts| {
            Some(LnVariance {
                ln: laws::all_but_one(contrasts.first()?)?.ln + per_pair(contrasts.len()),
                ..laws::all_but_one(contrasts.first()?)?
            })
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
        values: Vec::new(),
        sampling: Vec::new(),
        percentiles: Vec::new(),
        scarcity: Vec::new(),
        between_percentiles: Vec::new(),
        odd: Vec::new(),
        odd_cells: Tally::default(),
    };
    for (at, population) in populations.iter().enumerate() {
        let percentiles = &population.percentiles;
        let mut kept: Vec<Vec<bool>> =
            percentiles.iter().map(|readings| readings.log.iter().map(|log| log.is_finite()).collect()).collect();
        let prior = LnVariance {
            ln: typical + expected_offset(population.role, noise),
            variance: noise.population_variance + noise.percentile_variance,
        };
        let known = robust[at].map_or(prior, |robust| prior.and(robust));
        if percentiles.len() > 1 {
            let off: Vec<Vec<f64>> = contrasts[at].iter().map(|contrast| standing_off(contrast)).collect();
            for version in 0..versions {
                let interior = version > 0 && version + 1 < versions;
                let sampling: f64 = percentiles.iter().map(|readings| readings.sampling[version]).sum();
                let variance = ROBUST_EXCESS * known.ln.exp() + sampling;
                let by = |p: usize| off[p][version];
                let Some(worst) = (0..percentiles.len()).max_by(|&a, &b| by(a).abs().total_cmp(&by(b).abs())) else {
                    continue;
                };
                if interior && by(worst).abs() > 0.0 {
                    found.odd_cells.chances += percentiles.len() as u64;
                }
                if by(worst).abs() < LEAST_OFF
                    || !is_odd(
                        by(worst).powi(2) / variance,
                        known.variance,
                        noise.odd_cells,
                        noise.odd_cell_size / variance.sqrt(),
                    )
                {
                    continue;
                }
                let own_off = |p: usize| {
                    let alone: Vec<f64> = own[at][p].iter().zip(&crude).map(|(value, crude)| value - crude).collect();
                    standing_off(&alone)[version].abs()
                };
                // Of two, both stand off the other by the same.
                let odd = if percentiles.len() == 2 { usize::from(own_off(0) <= own_off(1)) } else { worst };
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

        let mut values = vec![f64::NAN; versions];
        let mut sampling = vec![0.0; versions];
        let mut scarcity = vec![1.0; versions];
        let cell = noise.cell_share();
        self.percentiles.push(count);
        for version in 0..versions {
            let present: Vec<usize> = (0..count).filter(|&p| kept[p][version]).collect();
            let n = present.len() as f64;
            if present.is_empty() {
                continue;
            }
            values[version] = present.iter().map(|&p| at(p, version) - levels[p]).sum::<f64>() / n;
            sampling[version] =
                present.iter().map(|&p| population.percentiles[p].sampling[version]).sum::<f64>() / (n * n);
            scarcity[version] = 1.0 + cell * (1.0 / n - 1.0 / count as f64);
        }
        self.values.push(values);
        self.sampling.push(sampling);
        self.scarcity.push(scarcity);
    }
}
