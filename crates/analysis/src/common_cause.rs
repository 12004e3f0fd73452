//! One jump in many apps at once is one event, "platform, not you", and not many regressions.
//!
//! Every surviving step has a *shape*: its metric, its direction, the one device model that it is confined to (or all of a family),
//! and the day its version came out. Apps that are strangers to one another jump on days of their own, so the number of them that
//! share a shape within a week is held against what the batch makes one expect:
//!
//! - A *chance* is one app × population (a device model, or an aggregate) × day with a new version. Of the chances of a week, each
//!   is a jump with the rate of all other weeks and shapes: that of the batch, or that of the metric and direction, or that of the
//!   population there, whichever is highest, the narrower ones drawn to the batch's while they rest on little.
//! - The p-value is the upper tail of the binomial law; Benjamini–Hochberg runs over all weeks and shapes that had chances enough.
//! - However rare: fewer than [`LEAST_APPS`] apps, or less than [`LEAST_SHARE`] of the chances, are coincidence or a shared library
//!   of a few, and stay what they are. Apps are no strangers if one team makes them; hence the share.
//!
//! The archive does not say which system a value came from: what an OS brings shows as a day, and, where it brings it to one device
//! model, as that device.

use crate::analysis::PlatformEvent;
use crate::devices;
use crate::finding::{Breadth, DeviceEffect, Finding, FindingKind, Verdict};
use crate::history::AppHistory;
use crate::options::Options;
use crate::release_days::{ReleaseDays, rank_of};
use crate::statistics::fdr::{Dependence, PValue, adjusted};
use perfpower_model::{Day, DeviceClass};
use rayon::prelude::*;
use statrs::function::beta::beta_reg;
use std::collections::{BTreeMap, BTreeSet};

/// Fewer apps than this share a jump by chance alone too easily, whatever the p-value. (Arbitrary: a handful.)
const LEAST_APPS: usize = 5;

/// The platform reaches at least this part of the apps that it could. (Arbitrary: the study's common cause reaches three in ten.)
const LEAST_SHARE: f64 = 0.1;

/// Apps come out on different days of a week, and are downloaded on different days: one event lasts as long. (Arbitrary.)
const DAYS: i32 = 7;

/// As many chances the batch's own rate weighs when the rate of a part of it is taken. (Arbitrary: less says little of a rate of
/// about one in a hundred.)
const PRIOR_CHANCES: f64 = 100.0;

/// Points that a series needs before a version for a jump there to be seen.
const POINTS_BEFORE: usize = 2;

/// What jumps of one event have in common, the day apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Shape<'a> {
    population: Population<'a>,
    rises: bool,
}

/// Of what the value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Population<'a> {
    platform: &'a str,
    category: &'a str,
    metric: &'a str,
    /// A device model, or an aggregate.
    device: &'a str,
}

impl Population<'_> {
    /// Whether it can be compared: aggregates with aggregates, members with members.
    fn is_aggregate(&self) -> bool {
        DeviceClass::of(self.device).is_aggregate()
    }
}

/// One finding with a shape and days on which it may have begun, the likeliest first.
struct Jump<'a> {
    finding: usize,
    app: &'a str,
    shape: Shape<'a>,
    days: Vec<Day>,
}

/// Chances and jumps of a shape in one week.
struct Week<'a> {
    shape: Shape<'a>,
    from: Day,
    chances: u64,
    jumps: u64,
}

/// Names the events of a batch and marks the findings that belong to them. Worst first: most apps, then by shape and day.
pub(crate) fn platform_events(
    histories: &[AppHistory],
    findings: &mut [Finding],
    options: &Options,
    dependence: Dependence,
) -> Vec<PlatformEvent> {
    let events = {
        let clocks: Vec<ReleaseDays> = histories.par_iter().map(|history| ReleaseDays::of(history, options)).collect();
        let jumps = jumps(histories, &clocks, findings);
        let of_shape = by_shape(&jumps);
        // Nothing to count for where no shape has jumps enough.
        if of_shape.values().all(|jumps| jumps.len() < LEAST_APPS) {
            return Vec::new();
        }
        let chances = chances(histories, &clocks);
        let weeks = weeks(&chances, &of_shape);
        let likely = likely(&weeks, options.false_discovery_rate, dependence);
        name(&likely, &of_shape, &chances, findings)
    };
    let mut named: Vec<PlatformEvent> = Vec::new();
    for (position, (event, members)) in events.into_iter().enumerate() {
        for member in members {
            findings[member].platform_event = Some(position);
        }
        named.push(event);
    }
    named
}

/// The findings that have a shape.
fn jumps<'a>(histories: &'a [AppHistory], clocks: &[ReleaseDays], findings: &'a [Finding]) -> Vec<Jump<'a>> {
    let position: BTreeMap<&str, usize> =
        histories.iter().enumerate().map(|(at, history)| (history.app.as_str(), at)).collect();
    findings
        .iter()
        .enumerate()
        .filter_map(|(finding, told)| {
            let history = position.get(told.series.app.as_str()).copied()?;
            let day = |name: &str| clocks[history].day(rank_of(&histories[history], name)?);
            let candidates = told.credible_versions.iter().map(|candidate| candidate.version.as_str());
            let mut days: Vec<Day> = Vec::new();
            for candidate in std::iter::once(told.version.as_str()).chain(candidates).filter_map(day) {
                if !days.contains(&candidate) {
                    days.push(candidate);
                }
            }
            let shape = shape(told)?;
            (!days.is_empty()).then_some(Jump { finding, app: &told.series.app, shape, days })
        })
        .collect()
}

/// The shape of a claim about a version; absent where it is on some devices and not on others, without being confined to one.
fn shape(finding: &Finding) -> Option<Shape<'_>> {
    if finding.kind == FindingKind::Drift || !matches!(finding.verdict, Verdict::Regression | Verdict::Improvement) {
        return None;
    }
    let series = &finding.series;
    let rises = finding.level_after > finding.level_before;
    let device = match alone(&finding.spread.devices, rises) {
        Some(device) => device,
        None if DeviceClass::of(&series.device).is_aggregate() => match finding.spread.breadth {
            Breadth::Broad | Breadth::Unknown => &series.device,
            Breadth::Localised | Breadth::MixShift => return None,
        },
        // A member without others beside it.
        None if finding.spread.devices.len() < 2 => &series.device,
        None => return None,
    };
    let population =
        Population { platform: &series.platform, category: &series.category, metric: &series.metric, device };
    Some(Shape { population, rises })
}

/// The device that a change is confined to: it surely moved, and every other one moved by less than half of that, or not surely.
fn alone(devices: &[DeviceEffect], rises: bool) -> Option<&str> {
    let direction = if rises { 1.0 } else { -1.0 };
    let mut sure: Vec<(f64, &DeviceEffect)> = devices
        .iter()
        .filter(|device| if rises { device.ci_percent[0] > 0.0 } else { device.ci_percent[1] < 0.0 })
        .filter_map(|device| Some((direction * (device.change.percent()? / 100.0).ln_1p(), device)))
        .filter(|(log, _)| *log > 0.0)
        .collect();
    sure.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (largest, device) = *sure.first()?;
    let others = sure.get(1).map_or(0.0, |(second, _)| *second);
    (devices.len() > 1 && others < largest / 2.0).then_some(device.device.as_str())
}

fn by_shape<'j, 'a>(jumps: &'j [Jump<'a>]) -> BTreeMap<&'j Shape<'a>, Vec<&'j Jump<'a>>> {
    let mut of_shape: BTreeMap<&Shape<'_>, Vec<&Jump<'_>>> = BTreeMap::new();
    for jump in jumps {
        of_shape.entry(&jump.shape).or_default().push(jump);
    }
    of_shape
}

/// How many apps had a new version on each day in each population.
fn chances<'a>(histories: &'a [AppHistory], clocks: &[ReleaseDays]) -> BTreeMap<Population<'a>, BTreeMap<Day, u64>> {
    let mut chances: BTreeMap<Population<'a>, BTreeMap<Day, u64>> = BTreeMap::new();
    let of_apps: Vec<BTreeSet<(Population<'a>, Day)>> = histories
        .par_iter()
        .zip(clocks)
        .map(|(history, clock)| {
            let mut own = BTreeSet::new();
            for info in &history.series {
                let metric = &history.metrics[info.metric as usize];
                let population = Population {
                    platform: history.names.text(info.platform),
                    category: history.names.text(metric.category),
                    metric: history.names.text(metric.identifier),
                    device: history.names.text(info.device),
                };
                let versions = &history.table.versions()[info.rows.start as usize..info.rows.end as usize];
                let days = versions.iter().skip(POINTS_BEFORE).filter_map(|&rank| clock.day(rank));
                own.extend(days.map(|day| (population, day)));
            }
            own
        })
        .collect();
    for (population, day) in of_apps.into_iter().flatten() {
        *chances.entry(population).or_default().entry(day).or_default() += 1;
    }
    chances
}

/// Every week of every shape that has chances enough. A week starts on a day with a new version.
fn weeks<'a>(
    chances: &BTreeMap<Population<'a>, BTreeMap<Day, u64>>,
    of_shape: &BTreeMap<&Shape<'a>, Vec<&Jump<'a>>>,
) -> Vec<Week<'a>> {
    let none = Vec::new();
    let mut weeks = Vec::new();
    for (&population, days) in chances {
        for rises in [true, false] {
            let shape = Shape { population, rises };
            let jumps = of_shape.get(&shape).unwrap_or(&none);
            for &from in days.keys() {
                let chances: u64 = days.range(from..=last_day(from)).map(|(_, count)| count).sum();
                if chances < LEAST_APPS as u64 {
                    continue;
                }
                let apps: BTreeSet<&str> = jumps
                    .iter()
                    .filter(|jump| jump.days.first().is_some_and(|&day| is_within(day, from)))
                    .map(|jump| jump.app)
                    .collect();
                weeks.push(Week { shape: shape.clone(), from, chances, jumps: (apps.len() as u64).min(chances) });
            }
        }
    }
    weeks
}

fn last_day(from: Day) -> Day {
    Day::from_days(from.days() + DAYS - 1)
}

fn is_within(day: Day, from: Day) -> bool {
    (from..=last_day(from)).contains(&day)
}

/// Jumps and the chances that they had.
#[derive(Clone, Copy, Debug, Default)]
struct Rate {
    jumps: f64,
    chances: f64,
}

impl Rate {
    fn add(&mut self, week: &Week<'_>) {
        self.jumps += week.jumps as f64;
        self.chances += week.chances as f64;
    }

    /// The rate without this week, drawn to another rate while it rests on little.
    fn without(&self, week: &Week<'_>, drawn_to: f64) -> f64 {
        let (jumps, chances) = (self.jumps - week.jumps as f64, self.chances - week.chances as f64);
        (jumps.max(0.0) + PRIOR_CHANCES * drawn_to) / (chances.max(0.0) + PRIOR_CHANCES)
    }
}

/// The weeks that are no coincidence with their p-values, the surest first.
fn likely<'w, 'a>(weeks: &'w [Week<'a>], level: f64, dependence: Dependence) -> Vec<(&'w Week<'a>, f64)> {
    let mut batch: BTreeMap<bool, Rate> = BTreeMap::new();
    let mut of_metric: BTreeMap<(Population<'_>, bool), Rate> = BTreeMap::new();
    let mut of_population: BTreeMap<&Shape<'_>, Rate> = BTreeMap::new();
    // All aggregates, or all members, of one metric.
    let metric = |shape: &Shape<'a>| {
        let device = if shape.population.is_aggregate() { "all_" } else { "" };
        (Population { device, ..shape.population }, shape.rises)
    };
    for week in weeks {
        batch.entry(week.shape.population.is_aggregate()).or_default().add(week);
        of_metric.entry(metric(&week.shape)).or_default().add(week);
        of_population.entry(&week.shape).or_default().add(week);
    }
    let p: Vec<PValue> = weeks
        .iter()
        .map(|week| {
            // One jump more than were seen: a batch without any other jump does not have the rate 0.
            let all = batch[&week.shape.population.is_aggregate()];
            let rest = (all.jumps - week.jumps as f64 + 1.0) / (all.chances - week.chances as f64 + PRIOR_CHANCES);
            let rate = rest
                .max(of_metric[&metric(&week.shape)].without(week, rest))
                .max(of_population[&week.shape].without(week, rest));
            PValue::new(at_least(week.jumps, week.chances, rate))
        })
        .collect();
    let q = adjusted(&p, p.len() as u64, dependence);
    let mut likely: Vec<(&Week<'_>, f64)> = weeks
        .iter()
        .zip(p.iter().zip(q))
        .filter(|(week, (_, q))| {
            q.value() <= level
                && week.jumps >= LEAST_APPS as u64
                && week.jumps as f64 >= LEAST_SHARE * week.chances as f64
        })
        .map(|(week, (p, _))| (week, p.value()))
        .collect();
    likely.sort_by(|(a, a_p), (b, b_p)| {
        a_p.total_cmp(b_p).then_with(|| b.jumps.cmp(&a.jumps)).then_with(|| (&a.shape, a.from).cmp(&(&b.shape, b.from)))
    });
    likely
}

/// Chance of at least `jumps` of `chances` at a `rate`: the upper tail of the binomial law.
fn at_least(jumps: u64, chances: u64, rate: f64) -> f64 {
    if jumps == 0 || rate >= 1.0 { 1.0 } else { beta_reg(jumps as f64, (chances - jumps) as f64 + 1.0, rate.max(0.0)) }
}

/// One event per shape and week, the surest first; weeks that overlap a named one of their shape say nothing new. Each comes with
/// the findings that it takes: those of its shape that may have begun in its week, be it not their likeliest version.
fn name(
    likely: &[(&Week<'_>, f64)],
    of_shape: &BTreeMap<&Shape<'_>, Vec<&Jump<'_>>>,
    chances: &BTreeMap<Population<'_>, BTreeMap<Day, u64>>,
    findings: &[Finding],
) -> Vec<(PlatformEvent, Vec<usize>)> {
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let mut events = Vec::new();
    for (week, p) in likely {
        let Some(jumps) = of_shape.get(&week.shape) else { continue };
        let members: Vec<&Jump<'_>> = jumps
            .iter()
            .filter(|jump| !taken.contains(&jump.finding))
            .filter(|jump| jump.days.iter().any(|&day| is_within(day, week.from)))
            .copied()
            .collect();
        let apps: BTreeSet<&str> = members.iter().map(|jump| jump.app).collect();
        if apps.len() < LEAST_APPS || (apps.len() as f64) < LEAST_SHARE * week.chances as f64 {
            continue;
        }
        taken.extend(members.iter().map(|jump| jump.finding));
        let population = &week.shape.population;
        let told: Vec<&Finding> = members.iter().map(|jump| &findings[jump.finding]).collect();
        let label = told.iter().find_map(|finding| label_on(finding, population.device));
        let measured: u64 = chances[population].range(week.from..=last_day(week.from)).map(|(_, count)| count).sum();
        let event = PlatformEvent {
            category: population.category.to_owned(),
            metric: population.metric.to_owned(),
            device: population.device.to_owned(),
            device_label: label.unwrap_or_else(|| devices::label(population.device, "")),
            day: members.iter().flat_map(|jump| &jump.days).copied().filter(|&day| is_within(day, week.from)).min(),
            apps_affected: apps.len(),
            apps_measured: (measured as usize).max(apps.len()),
            median_percent: median(told.iter().filter_map(|finding| percent_on(finding, population.device)).collect()),
            p: *p,
            findings: told.iter().map(|finding| finding.id).collect(),
        };
        events.push((event, members.iter().map(|jump| jump.finding).collect::<Vec<_>>()));
    }
    events.sort_by(|(a, _), (b, _)| {
        let key =
            |event: &PlatformEvent| (event.category.clone(), event.metric.clone(), event.device.clone(), event.day);
        b.apps_affected.cmp(&a.apps_affected).then_with(|| key(a).cmp(&key(b)))
    });
    events
}

fn label_on(finding: &Finding, device: &str) -> Option<String> {
    if finding.series.device == device {
        return Some(finding.device_label.clone());
    }
    finding.spread.devices.iter().find(|effect| effect.device == device).map(|effect| effect.label.clone())
}

/// The change on the device that the event is about.
fn percent_on(finding: &Finding, device: &str) -> Option<f64> {
    if finding.series.device == device {
        return finding.change.percent();
    }
    let effect = finding.spread.devices.iter().find(|effect| effect.device == device);
    effect.map_or(finding.change, |effect| effect.change).percent()
}

fn median(mut values: Vec<f64>) -> f64 {
    crate::statistics::percentiles::r7(&mut values, 0.5).unwrap_or(0.0)
}

#[cfg(test)]
mod tests;
