//! One jump in many apps at once is one event, "platform, not you", and not many regressions.
//!
//! Every surviving step has a *shape*: its metric, its direction, the one device model that it is confined to (or all of a family),
//! and the day its version came out. Apps that are strangers to one another jump on days of their own, so the number of them that
//! share a shape within a week is held against what the batch makes one expect:
//!
//! - A *chance* is one app × population (a device model, or an aggregate) × day with a new version. Of the chances of a week, each
//!   is a jump with the rate of everything else: of the batch, or of its metric and direction, or of its population, or of the jumps
//!   the other way there and then; whichever makes the week likeliest, the narrower ones drawn to the batch's while they rest on
//!   little.
//! - No such rate is known: it rests on a handful of jumps, and weeks differ by themselves. It follows a gamma law of that width, and
//!   so the jumps of a week follow a negative binomial law, whose upper tail is the p-value. Where there is but one week to learn
//!   from, what others did in it, a jump has to be several times as frequent as they are.
//! - The correction of the batch runs over all weeks and shapes that had chances enough. What surer events leave of a week counts by itself.
//! - However rare: fewer than [`LEAST_APPS`] apps, or less than [`LEAST_SHARE`] of the chances, are coincidence or a shared library
//!   of a few, and stay what they are. Apps are no strangers if one team makes them; hence the share.
//!
//! What an event does to each population is learned from the apps that show it plainly. From every other card of its metric that may
//! have begun in its week this is taken away, and it is asked whether anything remains ([`Footprint`]): if not, the card is the
//! event's, whoever leads it (another percentile, an aggregate that the device carries, a slope); if so, it is the app's own.
//!
//! The archive does not say which system a value came from: what an OS brings shows as a day, and, where it brings it to one device
//! model, as that device.

mod footprint;

use crate::analysis::PlatformEvent;
use crate::claim::calendar::Calendar;
use crate::claim::finding::{BesideEvent, Breadth, DeviceEffect, Finding, FindingId, FindingKind, Verdict};
use crate::claim::spread::Evidence;
use crate::devices;
use crate::history::builder::{AppHistory, SeriesInfo};
use crate::history::release_days::ReleaseDays;
use crate::judge::app::AppRef;
use crate::judge::batch::Batch;
use footprint::{Footprint, Remainder};
use perfpower_model::{Day, DeviceClass, NameId, Names};
use perfpower_statistics::fdr::{Correction, PValue};
use perfpower_statistics::special::gamma::negative_binomial_sf;
use std::collections::{BTreeMap, BTreeSet, HashMap};

// Seen on one planted portfolio (seed 2; 5,000 and 300 apps, quiet and noisy): the events named and the counts of the list were the
// same with 2, 5 and 10 apps, a least share of 1 and 2 %, and 3 to 28 days. Its downloads are four weeks apart, so it says little
// about days. A least share of 4 % lost what noise hid in 29 of 30 apps.

/// Fewer apps than this share a jump by chance alone too easily, whatever the p-value. (Arbitrary: a handful.)
const LEAST_APPS: usize = 5;

/// The platform shows in at least this part of the apps that it could; in less, it is a library that a few share. Noise hides it in
/// most apps where they are small, so this is far below the part that it reaches. (Arbitrary: a cause in a fifth of all apps was seen
/// in 3 % of tiny ones.)
const LEAST_SHARE: f64 = 0.01;

/// Apps come out on different days of a week, and are downloaded on different days: one event lasts as long. (Arbitrary.)
const DAYS: i32 = 7;

/// However much is known of other weeks, the rate of one week is known no better than from so many jumps: it differs from theirs by half
/// of itself (1 / √4), as seasons do, and newest versions from older ones. (Arbitrary: batches of 150 apps, four in five jumps
/// upwards, had an event by chance in 2 of 40 with 10, in none with 4.)
const BETWEEN_WEEKS: f64 = 4.0;

/// Points that a series needs before a version for a jump there to be seen.
const POINTS_BEFORE: usize = 2;

/// What jumps of one event have in common, the day apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Shape<'a> {
    population: Population<'a>,
    rises: bool,
}

/// Of what the value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// Whether it is a claim about a version. A drift is not: it says nothing for an event, but where there is one it belongs to it.
    is_step: bool,
}

/// Chances and jumps of a shape in one week.
struct Week<'a> {
    shape: Shape<'a>,
    from: Day,
    chances: u64,
    jumps: u64,
    /// Jumps the other way.
    against: u64,
}

/// Cards with what each population says to them.
pub(crate) type EvidenceOf = BTreeMap<FindingId, Evidence>;

/// The events of a batch.
pub(crate) struct Events<'c> {
    calendar: &'c Calendar,
    named: Vec<Event>,
    /// Smallest change that counts, on the log scale.
    least: f64,
}

/// What was named, and how to tell what belongs to it.
struct Event {
    platform: String,
    category: String,
    metric: String,
    from: Day,
    apps_measured: usize,
    p: f64,
    footprint: Footprint,
}

/// What a card may have of an event.
pub(crate) struct Part {
    /// Position of the event, until events are told.
    pub(crate) event: usize,
    /// p of "nothing else happened there".
    pub(crate) p: f64,
    /// What of the lead's change is the event's, typically, on the log scale.
    pub(crate) carried: f64,
    pub(crate) beside: BesideEvent,
}

impl<'c> Events<'c> {
    /// Finds them: the surest first. The calendar is that of the apps of the findings.
    pub(crate) fn find(batch: &Batch<'_>, calendar: &'c Calendar, findings: &[Finding], evidence: &EvidenceOf) -> Self {
        let options = batch.context.options;
        let least = options.parameters.min_change.ln_1p();
        let mut events = Self { calendar, named: Vec::new(), least };
        let jumps = jumps(calendar, findings);
        let of_shape = by_shape(&jumps);
        // Nothing to count for where no shape has jumps enough.
        if of_shape.values().all(|jumps| jumps.len() < LEAST_APPS) {
            return events;
        }
        let counted = CountedChances::of(batch);
        let (weeks, background) = weeks(&counted.by_population(), &of_shape);
        let mut taken: BTreeSet<usize> = BTreeSet::new();
        let likely = likely(&weeks, &background, options.correction);
        let cutoff = likely.last().map_or(0.0, |(_, p)| *p);
        for (week, _) in likely {
            let Some(jumps) = of_shape.get(&week.shape) else { continue };
            let members: Vec<&Jump<'_>> = jumps
                .iter()
                .filter(|jump| !taken.contains(&jump.finding))
                .filter(|jump| jump.days.iter().any(|&day| is_within(day, week.from)))
                .copied()
                .collect();
            // What surer events leave of a week has to be sure by itself.
            let jumps = jumped_within(&jumped(members.iter().copied()), week.from).min(week.chances);
            let p = background.p(week, jumps);
            if p > cutoff {
                continue;
            }
            let population = &week.shape.population;
            let plain = members.iter().filter(|jump| jump.is_step);
            let plain = plain.filter_map(|jump| evidence.get(&findings[jump.finding].id));
            let event = Event {
                platform: population.platform.to_owned(),
                category: population.category.to_owned(),
                metric: population.metric.to_owned(),
                from: week.from,
                apps_measured: week.chances as usize,
                p,
                footprint: Footprint::of(population.device, week.shape.rises, plain),
            };
            let explained = findings.iter().enumerate().filter(|(_, finding)| {
                evidence.get(&finding.id).is_some_and(|own| events.without(&event, finding, own, false).is_some())
            });
            taken.extend(explained.map(|(position, _)| position));
            events.named.push(event);
        }
        events
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.named.is_empty()
    }

    /// The events that the cards of one app × metric may belong to. Where an app shows an event, its other series show it too, be it
    /// that they date it a version off.
    pub(crate) fn parts_of(&self, cards: &[&Finding], evidence: &EvidenceOf) -> Vec<Option<Part>> {
        let none = BTreeSet::new();
        let in_week = cards.iter().filter_map(|card| self.part_of(card, evidence, &none));
        let neighbours: BTreeSet<usize> = in_week.map(|part| part.event).collect();
        cards.iter().map(|card| self.part_of(card, evidence, &neighbours)).collect()
    }

    /// The event that leaves least of a card; absent = the app's own. `neighbours` are events of other cards of its app × metric.
    fn part_of(&self, finding: &Finding, evidence: &EvidenceOf, neighbours: &BTreeSet<usize>) -> Option<Part> {
        let evidence = evidence.get(&finding.id)?;
        let all = self.named.iter().enumerate().filter_map(|(position, event)| {
            let (remainder, exposure) = self.without(event, finding, evidence, neighbours.contains(&position))?;
            let (device, remaining) = remainder.surest()?;
            Some(Part {
                event: position,
                p: remainder.p(self.least),
                carried: event.footprint.carried(&finding.series.device, exposure),
                beside: BesideEvent {
                    event: position,
                    device: device.to_owned(),
                    device_label: label_on(finding, device).unwrap_or_else(|| devices::label(device, "")),
                    change: evidence.change_of(device, remaining),
                },
            })
        });
        all.max_by(|a, b| a.p.total_cmp(&b.p).then_with(|| b.event.cmp(&a.event)))
    }

    /// A card of the event's metric, direction and week without the event, and how much of the event it sees; absent for other cards.
    fn without<'e>(
        &self,
        event: &Event,
        finding: &Finding,
        evidence: &'e Evidence,
        is_neighbour: bool,
    ) -> Option<(Remainder<'e>, f64)> {
        let series = &finding.series;
        let is_of_metric = (&series.platform, &series.category, &series.metric)
            == (&event.platform, &event.category, &event.metric)
            && matches!(finding.verdict, Verdict::Regression | Verdict::Improvement)
            && (finding.level_after > finding.level_before) == event.footprint.rises
            && devices::family(&series.device) == devices::family(&event.footprint.device);
        if !is_of_metric {
            return None;
        }
        let releases = self.calendar.of_app(finding)?;
        let exposure = evidence.exposure(|version| releases.days.day(version).is_some_and(|day| day >= event.from));
        let is_in_week = days(self.calendar, finding).iter().any(|&day| is_within(day, event.from));
        if exposure <= 0.0 || !(is_in_week || is_neighbour) {
            return None;
        }
        let is_plain =
            is_in_week && shape(finding).is_some_and(|shape| shape.population.device == event.footprint.device);
        Some((event.footprint.taken_from(evidence, exposure, is_plain)?, exposure))
    }

    /// As reports tell them: most apps first, then by metric, device and day. Findings keep pointing at theirs.
    pub(crate) fn tell(self, findings: &mut [Finding]) -> Vec<PlatformEvent> {
        let mut told: Vec<(usize, PlatformEvent)> = self
            .named
            .iter()
            .enumerate()
            .map(|(position, event)| {
                let device = event.footprint.device.as_str();
                let own: Vec<&Finding> =
                    findings.iter().filter(|finding| finding.platform_event == Some(position)).collect();
                let apps: BTreeSet<&str> = own.iter().map(|finding| finding.series.app.as_str()).collect();
                let days = own.iter().flat_map(|finding| days(self.calendar, finding));
                let label = own.iter().find_map(|finding| label_on(finding, device));
                let told = PlatformEvent {
                    category: event.category.clone(),
                    metric: event.metric.clone(),
                    device: device.to_owned(),
                    device_label: label.unwrap_or_else(|| devices::label(device, "")),
                    day: days.filter(|&day| is_within(day, event.from)).min(),
                    apps_affected: apps.len(),
                    apps_measured: event.apps_measured.max(apps.len()),
                    median_percent: median(own.iter().filter_map(|finding| percent_on(finding, device)).collect()),
                    p: event.p,
                    findings: own.iter().map(|finding| finding.id).collect(),
                };
                (position, told)
            })
            .collect();
        told.sort_by(|(_, a), (_, b)| {
            let key =
                |event: &PlatformEvent| (event.category.clone(), event.metric.clone(), event.device.clone(), event.day);
            b.apps_affected.cmp(&a.apps_affected).then_with(|| key(a).cmp(&key(b)))
        });
        let mut place = vec![0; told.len()];
        for (new, (old, _)) in told.iter().enumerate() {
            place[*old] = new;
        }
        for finding in findings {
            finding.platform_event = finding.platform_event.map(|old| place[old]);
            if let Some(beside) = &mut finding.beside_event {
                beside.event = place[beside.event];
            }
        }
        told.into_iter().map(|(_, event)| event).collect()
    }
}

/// Days on which a change may have begun, the likeliest first; empty where none is known.
fn days(calendar: &Calendar, finding: &Finding) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    let Some(releases) = calendar.of_app(finding) else { return days };
    let candidates = finding.credible_versions.iter().map(|candidate| candidate.version.as_str());
    // A slope may be the shadow of a step anywhere.
    let later = finding.points.iter().skip(POINTS_BEFORE).map(|point| point.version.as_str());
    let candidates = candidates.chain(later.filter(|_| finding.kind == FindingKind::Drift));
    let all = std::iter::once(finding.version.as_str()).chain(candidates);
    for candidate in all.filter_map(|version| releases.day(version)) {
        if !days.contains(&candidate) {
            days.push(candidate);
        }
    }
    days
}

/// The findings that have a shape.
fn jumps<'a>(calendar: &Calendar, findings: &'a [Finding]) -> Vec<Jump<'a>> {
    findings
        .iter()
        .enumerate()
        .filter_map(|(finding, told)| {
            let shape = shape(told)?;
            let days = days(calendar, told);
            let is_step = told.kind != FindingKind::Drift;
            (!days.is_empty()).then_some(Jump { finding, app: &told.series.app, shape, days, is_step })
        })
        .collect()
}

/// The shape of a claim; absent where it is on some devices and not on others, without being confined to one.
fn shape(finding: &Finding) -> Option<Shape<'_>> {
    if !matches!(finding.verdict, Verdict::Regression | Verdict::Improvement) {
        return None;
    }
    let series = &finding.series;
    let rises = finding.level_after > finding.level_before;
    let device = match alone(&finding.spread.devices, rises) {
        Some(device) => device,
        // A slope of all devices is the app's: what a platform does to all shows as a step.
        None if finding.kind == FindingKind::Drift => return None,
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
        .filter(|device| device.ci_percent.is_some_and(|[low, high]| if rises { low > 0.0 } else { high < 0.0 }))
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

/// How many apps had a new version, by population and day.
type Chances<'a> = BTreeMap<Population<'a>, &'a BTreeMap<Day, u64>>;

/// The same as they are counted, app by app: what each app has is many times what all have in common, and never in memory at once.
#[derive(Default)]
struct CountedChances {
    names: Names,
    /// By platform, category, metric and device.
    days: HashMap<[NameId; 4], BTreeMap<Day, u64>>,
}

impl CountedChances {
    fn of(batch: &Batch<'_>) -> Self {
        let all: Vec<usize> = (0..batch.count()).collect();
        batch.sum_of(&all, Self::default, Self::add, Self::merge)
    }

    fn add(&mut self, app: AppRef<'_>) {
        let clock = ReleaseDays::of(app.history(), app.context.options);
        for (population, days) in chances_of(app.history(), &clock) {
            let known = self.days.entry(population.map(|name| self.names.intern(name))).or_default();
            for day in days {
                *known.entry(day).or_default() += 1;
            }
        }
    }

    fn merge(&mut self, other: Self) {
        let Self { names, days } = other;
        #[expect(clippy::iter_over_hash_type, reason = "counts add up in any order")]
        for (population, days) in days {
            let key = population.map(|name| self.names.intern_from(&names, name));
            let known = self.days.entry(key).or_default();
            for (day, count) in days {
                *known.entry(day).or_default() += count;
            }
        }
    }

    fn by_population(&self) -> Chances<'_> {
        let population = |key: &[NameId; 4]| {
            let [platform, category, metric, device] = key.map(|name| self.names.text(name));
            Population { platform, category, metric, device }
        };
        self.days.iter().map(|(key, days)| (population(key), days)).collect()
    }
}

/// The days on which one app had a new version in each population: of a platform, category, metric and device.
fn chances_of<'a>(history: &'a AppHistory, clock: &ReleaseDays) -> impl Iterator<Item = ([&'a str; 4], BTreeSet<Day>)> {
    let population = |info: &SeriesInfo| (info.metric, info.platform, info.device);
    // Percentiles of a population stand side by side and share its versions, so these are marked before any day is looked up.
    history.series.chunk_by(move |a, b| population(a) == population(b)).map(move |percentiles| {
        let mut seen = vec![false; history.versions.len()];
        for info in percentiles {
            let rows = info.rows.start as usize..info.rows.end as usize;
            for &rank in history.table.versions()[rows].iter().skip(POINTS_BEFORE) {
                seen[rank as usize] = true;
            }
        }
        let info = &percentiles[0];
        let metric = &history.metrics[info.metric as usize];
        let ids = [info.platform, metric.category, Some(metric.identifier), info.device];
        let ranks = (0_u32..).zip(seen).filter_map(|(rank, is_seen)| is_seen.then_some(rank));
        let days = ranks.filter_map(|rank| clock.day(rank)).collect();
        (ids.map(|id| history.names.get(id).unwrap_or_default()), days)
    })
}

/// Apps that jumped, by the likeliest day.
type Jumped<'a> = BTreeMap<Day, BTreeSet<&'a str>>;

fn jumped<'j, 'a: 'j>(jumps: impl IntoIterator<Item = &'j Jump<'a>>) -> Jumped<'a> {
    let mut jumped = Jumped::new();
    for jump in jumps.into_iter().filter(|jump| jump.is_step) {
        if let Some(&day) = jump.days.first() {
            jumped.entry(day).or_default().insert(jump.app);
        }
    }
    jumped
}

fn jumped_within(jumped: &Jumped<'_>, from: Day) -> u64 {
    let apps: BTreeSet<&str> = jumped.range(from..=last_day(from)).flat_map(|(_, apps)| apps).copied().collect();
    apps.len() as u64
}

/// Every week of every shape that has chances enough, and all days together. A week starts on a day with a new version.
fn weeks<'a>(
    chances: &Chances<'a>,
    of_shape: &BTreeMap<&Shape<'a>, Vec<&Jump<'a>>>,
) -> (Vec<Week<'a>>, Background<'a>) {
    let (mut weeks, mut background) = (Vec::new(), Background::default());
    for (&population, days) in chances {
        let [up, down] = [true, false].map(|rises| {
            let shape = Shape { population, rises };
            jumped(of_shape.get(&shape).into_iter().flatten().copied())
        });
        for (rises, own, other) in [(true, &up, &down), (false, &down, &up)] {
            let shape = Shape { population, rises };
            background.add(&shape, own.values().map(|apps| apps.len() as u64).sum(), days.values().sum());
            for &from in days.keys() {
                let chances: u64 = days.range(from..=last_day(from)).map(|(_, count)| count).sum();
                if chances < LEAST_APPS as u64 {
                    continue;
                }
                let jumps = jumped_within(own, from).min(chances);
                let against = jumped_within(other, from).min(chances);
                weeks.push(Week { shape: shape.clone(), from, chances, jumps, against });
            }
        }
    }
    (weeks, background)
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
    fn of(jumps: u64, chances: u64) -> Self {
        Self { jumps: jumps as f64, chances: chances as f64 }
    }

    fn add(&mut self, more: Self) {
        self.jumps += more.jumps;
        self.chances += more.chances;
    }

    fn without(self, week: &Week<'_>) -> Self {
        let own = Self::of(week.jumps, week.chances);
        Self { jumps: (self.jumps - own.jumps).max(0.0), chances: (self.chances - own.chances).max(0.0) }
    }

    /// As if one jump more had been seen in so many chances: draws a rate to that of others while it rests on little.
    fn and_one_in(self, chances: f64) -> Self {
        Self { jumps: self.jumps + 1.0, chances: self.chances + chances }
    }

    /// Chance of at least so many jumps in a week of its own.
    fn p(self, jumps: u64, chances: u64) -> f64 {
        let expected = self.jumps * chances as f64 / self.chances;
        negative_binomial_sf(jumps, expected, 1.0 / (1.0 / self.jumps + 1.0 / BETWEEN_WEEKS))
    }
}

/// Jumps and chances of all days.
#[derive(Debug, Default)]
struct Background<'a> {
    batch: BTreeMap<bool, Rate>,
    metric: BTreeMap<(Population<'a>, bool), Rate>,
    population: BTreeMap<Shape<'a>, Rate>,
}

impl<'a> Background<'a> {
    fn add(&mut self, shape: &Shape<'a>, jumps: u64, chances: u64) {
        let more = Rate::of(jumps, chances);
        self.batch.entry(shape.population.is_aggregate()).or_default().add(more);
        self.metric.entry(Self::metric_of(shape)).or_default().add(more);
        self.population.entry(shape.clone()).or_default().add(more);
    }

    /// All aggregates, or all members, of one metric.
    fn metric_of(shape: &Shape<'a>) -> (Population<'a>, bool) {
        let device = if shape.population.is_aggregate() { "all_" } else { "" };
        (Population { device, ..shape.population }, shape.rises)
    }

    /// Chance of so many jumps in a week, or more, whichever part of the batch makes them likeliest: 1 where they are too few to be
    /// named at all.
    fn p(&self, week: &Week<'a>, jumps: u64) -> f64 {
        if jumps < LEAST_APPS as u64 || (jumps as f64) < LEAST_SHARE * week.chances as f64 {
            return 1.0;
        }
        // One jump more than were seen: a batch without any other jump does not have the rate 0.
        let rest = self.batch[&week.shape.population.is_aggregate()].without(week).and_one_in(0.0);
        let chances_of_one = rest.chances / rest.jumps;
        let parts = [
            self.metric[&Self::metric_of(&week.shape)].without(week),
            self.population[&week.shape].without(week),
            Rate::of(week.against, week.chances),
        ];
        let p = |rate: Rate| rate.p(jumps, week.chances);
        parts.into_iter().map(|part| p(part.and_one_in(chances_of_one))).fold(p(rest), f64::max)
    }
}

/// The weeks that are no coincidence with their p-values, the surest first.
fn likely<'w, 'a>(
    weeks: &'w [Week<'a>],
    background: &Background<'a>,
    correction: Correction,
) -> Vec<(&'w Week<'a>, f64)> {
    let p: Vec<PValue> = weeks.iter().map(|week| PValue::new(background.p(week, week.jumps))).collect();
    let q = correction.adjusted(&p, p.len() as u64);
    let mut likely: Vec<(&Week<'_>, f64)> = weeks
        .iter()
        .zip(p.iter().zip(q))
        .filter(|(_, (_, q))| q.value() <= correction.rate())
        .map(|(week, (p, _))| (week, p.value()))
        .collect();
    likely.sort_by(|(a, a_p), (b, b_p)| {
        a_p.total_cmp(b_p).then_with(|| b.jumps.cmp(&a.jumps)).then_with(|| (&a.shape, a.from).cmp(&(&b.shape, b.from)))
    });
    likely
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
    perfpower_statistics::percentiles::r7(&mut values, 0.5).unwrap_or(0.0)
}

#[cfg(test)]
mod tests;
