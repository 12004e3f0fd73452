//! Units of a batch: an app's metric on one platform, with all its populations and percentiles over the versions that any of them has.

use crate::devices::{self, Grouping};
use crate::judge::app::AppRef;
use crate::judge::batch::Batch;
use crate::judge::series_ref::SeriesRef;
use perfpower_statistics::Parameters;
use perfpower_statistics::unit::joint::{
    self, Group, LEARNING_PASSES, NoiseSums, Odd, OddKind, Population, Readings, Role, UnitFacts, UnitFit, UnitNoise,
    is_read_in,
};
use std::collections::BTreeMap;
use std::ops::Range;

/// A unit as it is judged.
pub(crate) struct UnitSeries {
    pub(crate) axes: UnitAxes,
    pub(crate) unit: joint::Unit,
}

/// Where each part of a unit comes from.
pub(crate) struct UnitAxes {
    /// Rank of each version that is judged.
    pub(crate) versions: Vec<u32>,
    /// Of each population the series that were read, by position in the app.
    pub(crate) populations: Vec<Vec<usize>>,
}

impl UnitAxes {
    pub(crate) fn population_of(&self, series: SeriesRef<'_>) -> Option<usize> {
        self.populations.iter().position(|positions| positions.contains(&series.at))
    }
}

impl UnitSeries {
    /// Absent where none of its series can be read as logarithms.
    pub(crate) fn of(app: AppRef<'_>, members: Range<usize>) -> Option<Self> {
        let (found, devices) = Self::ungrouped(app, members)?;
        Some(Self { unit: found.unit.with_groups(groups_of(&devices)), ..found })
    }

    /// The same without what is known of its devices, as whose its populations are returned beside it.
    fn ungrouped(app: AppRef<'_>, members: Range<usize>) -> Option<(Self, Vec<(&str, Role)>)> {
        let versions = versions_of(app.series_in(members.clone()));
        let mut devices: Vec<(&str, Role)> = Vec::new();
        let mut positions: Vec<Vec<usize>> = Vec::new();
        let mut populations: Vec<Population> = Vec::new();
        let mut places = Vec::with_capacity(versions.len());
        for series in app.series_in(members) {
            places.clear();
            let mut place = 0;
            places.extend(series.ranks().iter().map(|rank| {
                place += versions[place..].iter().take_while(|version| *version < rank).count();
                place
            }));
            let parameters = &app.context.options.parameters;
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
        Some((Self { axes: UnitAxes { versions, populations: positions }, unit }, devices))
    }

    /// Absent below three versions.
    pub(crate) fn fit(&self, noise: &UnitNoise) -> Option<UnitFit> {
        UnitFit::read(&self.unit, noise)
    }

    /// What was set aside of it.
    pub(crate) fn odd_values(&self, odd: &[Odd]) -> Vec<OddValue> {
        let UnitAxes { versions, populations } = &self.axes;
        let value = |odd: &Odd| OddValue {
            kind: odd.kind,
            version: versions[odd.version],
            series: match odd.kind {
                OddKind::Cell => vec![populations[odd.population][odd.percentile]],
                OddKind::Population => populations[odd.population].clone(),
                OddKind::Version => populations.iter().flatten().copied().collect(),
            },
            by: odd.by,
        };
        odd.iter().map(value).collect()
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

/// The noise that the units of each metric show; what too few of them say is the batch's.
pub(crate) fn learn_noise(batch: &Batch<'_>) -> Vec<UnitNoise> {
    let metrics = batch.context.metrics.len();
    // Of each unit its position among those of its metric.
    let mut counts = vec![0; metrics];
    let mut next = |&metric: &u32| {
        let count = &mut counts[metric as usize];
        *count += 1;
        *count - 1
    };
    let positions: Vec<Vec<usize>> =
        batch.facts.iter().map(|app| app.unit_metrics.iter().map(&mut next).collect()).collect();
    let mut noise = vec![UnitNoise::default(); metrics];
    for pass in 0..LEARNING_PASSES {
        let is_read = |(&metric, &at): (&u32, &usize)| is_read_in(pass, at, counts[metric as usize], metrics);
        let are_read = |app: &usize| batch.facts[*app].unit_metrics.iter().zip(&positions[*app]).any(is_read);
        let read: Vec<usize> = (0..batch.count()).filter(are_read).collect();
        // Sums merge in any order to the same bits.
        let sums = batch.sum_of(
            &read,
            || vec![NoiseSums::default(); metrics],
            |sums, app| {
                let of_app = batch.facts[app.position()].unit_metrics.iter().zip(&positions[app.position()]);
                for (members, unit) in app.units().iter().zip(of_app).filter(|(_, unit)| is_read(*unit)) {
                    let metric = *unit.0 as usize;
                    // What its devices have in common says nothing of its noise.
                    let series = UnitSeries::ungrouped(app, members.clone());
                    if let Some(facts) = series.and_then(|(series, _)| UnitFacts::read(&series.unit, &noise[metric])) {
                        sums[metric].add(&facts);
                    }
                }
            },
            |sums, other| {
                for (sums, other) in sums.iter_mut().zip(&other) {
                    sums.merge(other);
                }
            },
        );
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
