//! What an event did to each population, and what remains of an app's change when that is taken away.
//!
//! An event on one device model moves the aggregate too, by the part of the users that have the device; and noise moves the others.
//! Both are learned from the apps that show the event plainly: for each population the typical change (`DerSimonian` and Laird's pool
//! over apps, which are strangers to one another) and how much that differs from app to app.

use crate::spread::Evidence;
use crate::statistics::CORRELATION_OF_DEVICES;
use crate::statistics::fdr::{PValue, simes};
use crate::statistics::pooling::{Effect, pool};
use crate::statistics::special::StudentT;
use std::collections::BTreeMap;

/// The typical change of each population in an event.
pub(super) struct Footprint {
    /// The device model, or the aggregate, that the event is on.
    device: String,
    typical: BTreeMap<String, Typical>,
}

/// On the log scale.
#[derive(Clone, Copy, Debug)]
struct Typical {
    change: f64,
    /// Standard deviation of an app's own from it.
    spread: f64,
}

impl Footprint {
    /// From the cards that show the event plainly.
    pub(super) fn of<'e>(device: &str, plain: impl Iterator<Item = &'e Evidence>) -> Self {
        let mut effects: BTreeMap<&str, Vec<Effect>> = BTreeMap::new();
        for evidence in plain {
            for (population, effect) in evidence.members.iter().chain(&evidence.aggregate) {
                effects.entry(population).or_default().push(*effect);
            }
        }
        let typical = effects.into_iter().filter_map(|(population, effects)| {
            let pooled = pool(&effects, effects.len() as f64, 0.0)?;
            Some((population.to_owned(), Typical { change: pooled.change, spread: pooled.tau.hypot(pooled.se) }))
        });
        Self { device: device.to_owned(), typical: typical.collect() }
    }

    /// For a card of the event's metric and direction that sees a part of it (`exposure`): what each of its populations did without the
    /// event. Absent where the event's device did not move as it does in the event, so that the change is something else. `is_plain`:
    /// it is confined to the event's device, or on all if the event is.
    pub(super) fn taken_from<'e>(
        &self,
        evidence: &'e Evidence,
        exposure: f64,
        is_plain: bool,
        rises: bool,
    ) -> Option<Remainder<'e>> {
        let direction = if rises { 1.0 } else { -1.0 };
        let populations = || evidence.members.iter().chain(&evidence.aggregate);
        let (_, carrier) = populations().find(|(population, _)| *population == self.device)?;
        let typical = self.typical.get(&self.device)?;
        // Nearer to the event than to nothing.
        if !is_plain && direction * carrier.change < direction * exposure * typical.change / 2.0 {
            return None;
        }
        let without = |(population, effect): &'e (String, Effect)| {
            let typical = self.typical.get(population).copied().unwrap_or(Typical { change: 0.0, spread: 0.0 });
            let change = direction * (effect.change - exposure * typical.change);
            (population.as_str(), Effect { change, se: effect.se.hypot(exposure * typical.spread) })
        };
        Some(Remainder {
            members: evidence.members.iter().map(without).collect(),
            aggregate: evidence.aggregate.as_ref().map(without),
            df: evidence.df,
        })
    }

    /// What the event typically does to a population, on the log scale; 0 where no app tells.
    pub(super) fn typical_change(&self, population: &str) -> f64 {
        self.typical.get(population).map_or(0.0, |typical| typical.change)
    }
}

/// The changes of an app without an event, on the log scale; positive = in the event's direction.
pub(super) struct Remainder<'e> {
    members: Vec<(&'e str, Effect)>,
    aggregate: Option<(&'e str, Effect)>,
    df: f64,
}

impl<'e> Remainder<'e> {
    /// p of "no population moved by itself": Simes over the aggregate, the members and the typical member. Less than what counts is no
    /// evidence.
    pub(super) fn p(&self, least: f64) -> f64 {
        let law = StudentT::new(self.df);
        let p = |effect: Effect| {
            PValue::new(if effect.change < least { 1.0 } else { law.two_sided(effect.change / effect.se) })
        };
        let members: Vec<Effect> = self.members.iter().map(|(_, effect)| *effect).collect();
        let typical = pool(&members, self.df, CORRELATION_OF_DEVICES)
            .map(|pooled| Effect { change: pooled.change, se: pooled.se });
        let aggregate = self.aggregate.map(|(_, effect)| effect);
        let mut p: Vec<PValue> = members.into_iter().chain(aggregate).chain(typical).map(p).collect();
        simes(&mut p).map_or(1.0, PValue::value)
    }

    /// The population that moved most surely by itself, with its change.
    pub(super) fn surest(&self) -> Option<(&'e str, f64)> {
        let all = self.aggregate.iter().chain(&self.members);
        let surest = all.max_by(|(_, a), (_, b)| (a.change / a.se).total_cmp(&(b.change / b.se)));
        surest.map(|(population, effect)| (*population, effect.change))
    }
}
