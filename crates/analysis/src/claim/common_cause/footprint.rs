//! What an event did to each population, and what remains of an app's change when that is taken away.
//!
//! An event on one device model moves the aggregate too, by the part of the users that have the device; and noise moves the others.
//! Both are learned from the apps that show the event plainly: for each population the typical change (`DerSimonian` and Laird's pool
//! over apps, which are strangers to one another) and how much that differs from app to app.

use crate::claim::spread::Evidence;
use perfpower_statistics::CORRELATION_OF_DEVICES;
use perfpower_statistics::fdr::{PValue, simes};
use perfpower_statistics::pooling::{Effect, pool};
use perfpower_statistics::special::StudentT;
use std::collections::BTreeMap;

/// The typical change of each population in an event.
pub(super) struct Footprint {
    /// The device model, or the aggregate, that the event is on.
    pub(super) device: String,
    /// Whether the event makes values rise.
    pub(super) rises: bool,
    typical: BTreeMap<String, Typical>,
}

/// In the event's direction, on the log scale; nothing at all where no app tells.
#[derive(Clone, Copy, Debug, Default)]
struct Typical {
    change: f64,
    /// Standard deviation of an app's own from it.
    spread: f64,
}

impl Footprint {
    /// From the cards that show the event plainly.
    pub(super) fn of<'e>(device: &str, rises: bool, plain: impl Iterator<Item = &'e Evidence>) -> Self {
        let mut effects: BTreeMap<&str, Vec<Effect>> = BTreeMap::new();
        for (population, effect) in plain.flat_map(Evidence::populations) {
            effects.entry(population).or_default().push(along(rises, effect));
        }
        let typical = effects.into_iter().filter_map(|(population, effects)| {
            // Apps are strangers to one another; the degrees of freedom are asked for nothing.
            let pooled = pool(&effects, effects.len() as f64, 0.0)?;
            Some((population.to_owned(), Typical { change: pooled.change, spread: pooled.tau.hypot(pooled.se) }))
        });
        Self { device: device.to_owned(), rises, typical: typical.collect() }
    }

    /// For a card of the event's metric and direction that sees a part of it (`exposure`): what each of its populations did without the
    /// event. Absent where the event's device did not move as it does in the event, so that the change is something else. `is_plain`:
    /// it is confined to the event's device, or on all if the event is.
    pub(super) fn taken_from<'e>(
        &self,
        evidence: &'e Evidence,
        exposure: f64,
        is_plain: bool,
    ) -> Option<Remainder<'e>> {
        let (_, carrier) = evidence.populations().find(|(population, _)| *population == self.device)?;
        let event = exposure * self.typical.get(&self.device)?.change;
        if !is_plain && along(self.rises, carrier).change < event / 2.0 {
            return None; // nearer to nothing than to the event
        }
        let without = |(population, effect): &'e (String, Effect)| {
            let (typical, own) = (self.typical(population), along(self.rises, *effect));
            let change = own.change - exposure * typical.change;
            (population.as_str(), Effect { change, se: own.se.hypot(exposure * typical.spread) })
        };
        Some(Remainder {
            rises: self.rises,
            members: evidence.members.iter().map(without).collect(),
            aggregate: evidence.aggregate.as_ref().map(without),
            df: evidence.df,
        })
    }

    /// What of a change of a population is typically the event's, for a card that sees a part of it (`exposure`): on the log scale, in
    /// the event's direction, at least 0.
    pub(super) fn carried(&self, population: &str, exposure: f64) -> f64 {
        (exposure * self.typical(population).change).max(0.0)
    }

    fn typical(&self, population: &str) -> Typical {
        self.typical.get(population).copied().unwrap_or_default()
    }
}

/// An effect read in the direction of an event.
fn along(rises: bool, effect: Effect) -> Effect {
    Effect { change: if rises { effect.change } else { -effect.change }, ..effect }
}

/// The changes of an app without an event, on the log scale, in the event's direction.
pub(super) struct Remainder<'e> {
    rises: bool,
    members: Vec<(&'e str, Effect)>,
    aggregate: Option<(&'e str, Effect)>,
    df: f64,
}

impl<'e> Remainder<'e> {
    /// p of "no population moved by itself": Simes over the aggregate, the members and the typical member. A change of less than what
    /// counts, and one against the event, is no evidence.
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

    /// The population that moved most surely by itself, with its change: positive = it rose.
    pub(super) fn surest(&self) -> Option<(&'e str, f64)> {
        let all = self.aggregate.iter().chain(&self.members);
        let surest = all.max_by(|(_, a), (_, b)| (a.change / a.se).total_cmp(&(b.change / b.se)));
        surest.map(|(population, effect)| (*population, along(self.rises, *effect).change))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARRIER: &str = "iPhone12,1";
    const OTHER: &str = "iPhone13,2";
    const LEAST: f64 = 0.05;

    #[track_caller]
    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-6, "found {found}, expected {expected}");
    }

    /// A card of changes and standard errors, with two degrees of freedom: there the two-sided p of t is 1 − t / √(2 + t²).
    fn card(members: &[(&str, f64, f64)], aggregate: Option<(f64, f64)>) -> Evidence {
        let effect = |change, se| Effect { change, se };
        Evidence {
            aggregate: aggregate.map(|(change, se)| ("all_iphones".to_owned(), effect(change, se))),
            members: members.iter().map(|&(device, change, se)| (device.to_owned(), effect(change, se))).collect(),
            df: 2.0,
            ..Evidence::default()
        }
    }

    /// Three apps, their carriers at 0.18, 0.22 and 0.26 (± 0.02), their aggregates at 0.05 (± 0.02). The carriers: Q = 8 at 2 degrees
    /// of freedom, τ² = (8 − 2) / 5000 = 0.0012, se² = 0.0016 / 3; so typically 0.22, spread² = 0.0012 + 0.0016 / 3 = 0.0052 / 3.
    /// The aggregates: τ = 0, spread² = 0.0004 / 3.
    fn footprint(sign: f64) -> Footprint {
        let apps = [0.18, 0.22, 0.26].map(|change| card(&[(CARRIER, sign * change, 0.02)], Some((sign * 0.05, 0.02))));
        Footprint::of(CARRIER, sign > 0.0, apps.iter())
    }

    #[test]
    fn the_typical_change_is_taken_away_and_its_spread_is_paid_for() {
        let own = card(&[(CARRIER, 0.23, 0.03), (OTHER, 0.10, 0.03)], Some((0.08, 0.01)));
        let rest = footprint(1.0).taken_from(&own, 1.0, false).unwrap();
        let (carrier, other, all) = (rest.members[0].1, rest.members[1].1, rest.aggregate.unwrap().1);
        close(carrier.change, 0.01);
        close(carrier.se, (0.0009_f64 + 0.0052 / 3.0).sqrt());
        // Of this device no app told.
        close(other.change, 0.10);
        close(other.se, 0.03);
        close(all.change, 0.03);
        close(all.se, (0.0001_f64 + 0.0004 / 3.0).sqrt());
        // Half of the event, half of its change and of its spread.
        let rest = footprint(1.0).taken_from(&own, 0.5, false).unwrap();
        close(rest.members[0].1.change, 0.12);
        close(rest.members[0].1.se, (0.0009_f64 + 0.0052 / 12.0).sqrt());
    }

    #[test]
    fn what_moved_by_itself_is_the_surest() {
        let own = card(&[(CARRIER, 0.23, 0.03), (OTHER, 0.10, 0.03)], Some((0.08, 0.01)));
        let (device, change) = footprint(1.0).taken_from(&own, 1.0, false).unwrap().surest().unwrap();
        // t is 0.2, 3.3 and, of the aggregate, 2.0.
        assert_eq!(device, OTHER);
        close(change, 0.10);
    }

    #[test]
    fn p_is_that_of_the_one_member_and_of_simes() {
        let p = |aggregate: Option<(f64, f64)>| {
            footprint(1.0).taken_from(&card(&[(CARRIER, 0.35, 0.04)], aggregate), 1.0, false).unwrap().p(LEAST)
        };
        // 0.13 remains, ± √(0.0016 + 0.0052 / 3) = √(0.01 / 3): t² = 5.07. The typical member is the only one.
        let member = 1.0 - (5.07_f64 / 7.07).sqrt();
        close(p(None), member);
        // An aggregate with less than what counts is one p of 1 among three: the second is the least, times 3/2.
        close(p(Some((0.09, 0.01))), 1.5 * member);
    }

    #[test]
    fn nothing_remains_of_an_event_alone_and_nothing_against_it_counts() {
        let p = |change: f64| {
            footprint(1.0).taken_from(&card(&[(CARRIER, change, 0.001)], None), 1.0, false).unwrap().p(LEAST)
        };
        close(p(0.22), 1.0);
        close(p(0.22 + 0.049), 1.0);
        close(p(0.12), 1.0);
        assert!(p(0.22 + 0.2) < 0.1);
    }

    #[test]
    fn a_carrier_that_hardly_moved_is_no_part_of_it_unless_the_card_is_plain() {
        let is_part = |change: f64, exposure: f64, is_plain: bool| {
            footprint(1.0).taken_from(&card(&[(CARRIER, change, 0.03)], None), exposure, is_plain).is_some()
        };
        // Half of 0.22.
        assert!(!is_part(0.10, 1.0, false) && is_part(0.12, 1.0, false));
        assert!(!is_part(0.05, 0.5, false) && is_part(0.06, 0.5, false));
        assert!(is_part(0.10, 1.0, true));
        let elsewhere = card(&[(OTHER, 0.22, 0.03)], Some((0.22, 0.01)));
        assert!(footprint(1.0).taken_from(&elsewhere, 1.0, true).is_none(), "the device was not measured");
        let untold = Footprint::of(CARRIER, true, std::iter::empty());
        assert!(
            untold.taken_from(&card(&[(CARRIER, 0.22, 0.03)], None), 1.0, true).is_none(),
            "nobody shows the event"
        );
    }

    #[test]
    fn an_event_that_lets_values_fall_is_the_mirror_image() {
        let rising = card(&[(CARRIER, 0.23, 0.03), (OTHER, 0.10, 0.03)], Some((0.08, 0.01)));
        let falling = card(&[(CARRIER, -0.23, 0.03), (OTHER, -0.10, 0.03)], Some((-0.08, 0.01)));
        let (up, down) = (footprint(1.0), footprint(-1.0));
        let up = up.taken_from(&rising, 1.0, false).unwrap();
        assert!(down.taken_from(&rising, 1.0, false).is_none());
        let down = down.taken_from(&falling, 1.0, false).unwrap();
        close(down.p(0.01), up.p(0.01));
        assert_eq!(down.surest().unwrap().0, OTHER);
        close(down.surest().unwrap().1, -0.10);
    }

    #[test]
    fn carried_is_what_the_event_brings_and_never_what_it_takes() {
        close(footprint(1.0).carried("all_iphones", 0.5), 0.025);
        close(footprint(-1.0).carried("all_iphones", 0.5), 0.025);
        close(footprint(1.0).carried(OTHER, 1.0), 0.0);
        // A population that moves the other way: what the app shows there is its own, and more.
        let apps = [card(&[(CARRIER, 0.2, 0.02), (OTHER, -0.02, 0.02)], None)];
        close(Footprint::of(CARRIER, true, apps.iter()).carried(OTHER, 1.0), 0.0);
    }
}
