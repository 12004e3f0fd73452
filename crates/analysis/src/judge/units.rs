//! Units of a batch: an app's metric on one platform, with all its populations and percentiles over the versions that any of them has.

use crate::devices::{self, Grouping};
use crate::history::builder::AppHistory;
use crate::judge::batch::{Batch, Member};
use crate::judge::series_ref::SeriesRef;
use perfpower_statistics::Parameters;
use perfpower_statistics::unit::joint::{
    self, Group, LEARNING_PASSES, NoiseSums, Odd, OddKind, Population, Readings, Role, UnitFacts, UnitFit, UnitNoise,
    is_read_in,
};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;

/// A unit as it is judged, with where each of its parts comes from.
pub(crate) struct UnitSeries {
    /// Rank of each version that is judged.
    pub(crate) versions: Vec<u32>,
    /// Of each population the series that were read, by position in the app.
    pub(crate) populations: Vec<Vec<usize>>,
    pub(crate) unit: joint::Unit,
}

impl UnitSeries {
    /// Absent where none of its series can be read as logarithms.
    pub(crate) fn of(batch: &Batch<'_>, app: usize, members: Range<usize>) -> Option<Self> {
        let (found, devices) = Self::ungrouped(batch, app, members)?;
        Some(Self { unit: found.unit.with_groups(groups_of(&devices)), ..found })
    }

    /// The same without what is known of its devices, as whose its populations are returned beside it.
    fn ungrouped<'b>(batch: &'b Batch<'b>, app: usize, members: Range<usize>) -> Option<(Self, Vec<(&'b str, Role)>)> {
        let versions = versions_of(batch.series_in(app, members.clone()));
        let mut devices: Vec<(&str, Role)> = Vec::new();
        let mut positions: Vec<Vec<usize>> = Vec::new();
        let mut populations: Vec<Population> = Vec::new();
        let mut places = Vec::with_capacity(versions.len());
        for series in batch.series_in(app, members) {
            places.clear();
            let mut place = 0;
            places.extend(series.ranks().iter().map(|rank| {
                place += versions[place..].iter().take_while(|version| *version < rank).count();
                place
            }));
            let parameters = &batch.options.parameters;
            let Ok(readings) = Readings::of(&series.input(), &places, versions.len(), parameters) else { continue };
            let device = series.device();
            // Series are sorted by device.
            match devices.last().zip(positions.last_mut()).zip(populations.last_mut()) {
                Some((((last, _), positions), population)) if *last == device => {
                    positions.push(series.at);
                    population.percentiles.push(readings);
                }
                _ => {
                    let role = if series.is_of_device() { Role::Member } else { Role::Aggregate };
                    devices.push((device, role));
                    positions.push(vec![series.at]);
                    populations.push(Population { role, percentiles: vec![readings] });
                }
            }
        }
        let unit = joint::Unit::new(populations)?;
        let versions = versions[unit.skipped()..].to_vec();
        Some((Self { versions, populations: positions, unit }, devices))
    }

    /// Absent below three versions.
    pub(crate) fn fit(&self, noise: &UnitNoise) -> Option<UnitFit> {
        UnitFit::read(&self.unit, noise)
    }

    /// What was set aside of it.
    pub(crate) fn odd_values(&self, odd: &[Odd]) -> Vec<OddValue> {
        let value = |odd: &Odd| OddValue {
            kind: odd.kind,
            version: self.versions[odd.version],
            series: match odd.kind {
                OddKind::Cell => vec![self.populations[odd.population][odd.percentile]],
                OddKind::Population => self.populations[odd.population].clone(),
                OddKind::Version => self.populations.iter().flatten().copied().collect(),
            },
            by: odd.by,
        };
        odd.iter().map(value).collect()
    }

    pub(crate) fn population_of(&self, series: SeriesRef<'_>) -> Option<usize> {
        self.populations.iter().position(|positions| positions.contains(&series.at))
    }
}

/// Ranks of all versions that any of some series has.
fn versions_of<'b>(series: impl Iterator<Item = SeriesRef<'b>>) -> Vec<u32> {
    let mut versions: Vec<u32> = Vec::new();
    for ranks in series.map(SeriesRef::ranks) {
        // Most have no other than those before.
        if !ranks.iter().all(|rank| versions.binary_search(rank).is_ok()) {
            versions.extend(ranks);
            versions.sort_unstable();
            versions.dedup();
        }
    }
    versions
}

/// What is known of device models that they have in common: their family, and by each [`Grouping`] their class.
fn groups_of(populations: &[(&str, Role)]) -> Vec<Group> {
    let mut families: BTreeMap<&str, Group> = BTreeMap::new();
    let mut classes: BTreeMap<(usize, &str), Vec<usize>> = BTreeMap::new();
    for (at, &(device, role)) in populations.iter().enumerate() {
        if let Some(family) = devices::family(device) {
            let group = families.entry(family).or_insert(Group { members: Vec::new(), aggregate: None });
            match role {
                Role::Member => group.members.push(at),
                Role::Aggregate => group.aggregate = group.aggregate.or(Some(at)),
            }
        }
        for (kind, grouping) in Grouping::ALL.into_iter().enumerate().filter(|_| role == Role::Member) {
            if let Some(class) = grouping.class(device) {
                classes.entry((kind, class)).or_default().push(at);
            }
        }
    }
    let of_class = |members: Vec<usize>| Group { members, aggregate: None };
    families.into_values().chain(classes.into_values().map(of_class)).collect()
}

/// A value that stands alone among its neighbours and its siblings.
pub(crate) struct OddValue {
    pub(crate) kind: OddKind,
    /// Rank.
    pub(crate) version: u32,
    /// The series that show it, by position in the app.
    pub(crate) series: Vec<usize>,
    /// How far off, on the log scale.
    pub(crate) by: f64,
}

/// The units of an app, each a run of its series: those are sorted by metric and platform.
pub(crate) fn units_of(history: &AppHistory, members: &[Member]) -> Vec<Range<usize>> {
    let key = |member: &Member| (member.metric, history.series[member.series as usize].platform);
    let mut start = 0;
    let run = |run: &[Member]| {
        let members = start..start + run.len();
        start = members.end;
        members
    };
    members.chunk_by(|a, b| key(a) == key(b)).map(run).collect()
}

/// The noise that the units of each metric show; what too few of them say is the batch's.
pub(crate) fn learn_noise(batch: &Batch<'_>) -> Vec<UnitNoise> {
    let metrics = batch.metrics.len();
    let metric_of = |app: usize, members: &Range<usize>| batch.members[app][members.start].metric as usize;
    // Of each unit its position among those of its metric.
    let mut counts = vec![0; metrics];
    let mut positions: Vec<Vec<usize>> = Vec::with_capacity(batch.units.len());
    for (app, units) in batch.units.iter().enumerate() {
        let mut next = |members: &Range<usize>| {
            let count = &mut counts[metric_of(app, members)];
            *count += 1;
            *count - 1
        };
        positions.push(units.iter().map(&mut next).collect());
    }
    let mut noise = vec![UnitNoise::default(); metrics];
    for pass in 0..LEARNING_PASSES {
        let none = || vec![NoiseSums::default(); metrics];
        // Sums merge in any order to the same bits.
        let sums = (0..batch.histories.len())
            .into_par_iter()
            .fold(none, |mut sums, app| {
                for (members, &at) in batch.units[app].iter().zip(&positions[app]) {
                    let metric = metric_of(app, members);
                    if !is_read_in(pass, at, counts[metric], metrics) {
                        continue;
                    }
                    // What its devices have in common says nothing of its noise.
                    let series = UnitSeries::ungrouped(batch, app, members.clone());
                    if let Some(facts) = series.and_then(|(series, _)| UnitFacts::read(&series.unit, &noise[metric])) {
                        sums[metric].add(&facts);
                    }
                }
                sums
            })
            .reduce(none, |mut sums, other| {
                for (sums, other) in sums.iter_mut().zip(&other) {
                    sums.merge(other);
                }
                sums
            });
        let mut all = NoiseSums::default();
        for sums in &sums {
            all.merge(sums);
        }
        let of_batch = all.learn(&UnitNoise::default());
        noise = sums.iter().map(|sums| sums.learn(&of_batch)).collect();
    }
    noise
}

/// Whether a change on the log scale is large enough to be claimed.
pub(crate) fn is_claimable(parameters: &Parameters, lower_is_better: bool, effect: f64) -> bool {
    let worse = if lower_is_better { effect } else { -effect };
    worse >= parameters.min_rise() || worse <= -parameters.min_fall()
}
