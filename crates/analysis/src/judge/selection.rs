//! Which app × metrics a batch selects: the [`Correction`] over the p-values of all units of one question, which gives each selected
//! unit its q value. Inside a selected unit nothing is selected again: its populations are told, not claimed one by one.
//!
//! What an earlier report claimed is kept at a weaker level than the one at which it is claimed, so that values that move a little do not
//! make it come and go. A claim that is kept is none that is made: the cut-off of all others is what it is without it.

use crate::judge::judging::{JudgedBatch, Unit, UnitKey};
use crate::judge::known::KnownClaims;
use perfpower_statistics::fdr::{Correction, Cutoff, PValue};
use perfpower_statistics::unit::joint::NullTail;
use std::collections::{BTreeMap, BTreeSet};

/// What a batch selects, by question.
pub(crate) struct Selections {
    pub(crate) history: Selection,
    pub(crate) latest: Selection,
}

impl Selections {
    /// Among all units, some with another p-value instead of their own.
    pub(crate) fn of(
        judged: &JudgedBatch,
        instead: &BTreeMap<UnitKey, f64>,
        known: &KnownClaims<'_>,
        correction: Correction,
    ) -> Self {
        let (apps, laws) = (&judged.units, judged.laws);
        Self {
            history: Selection::of(apps, |unit| unit.history, laws.history, instead, known, correction),
            latest: Selection::of(apps, |unit| unit.latest, laws.latest, instead, known, correction),
        }
    }

    /// Those that one question or the other selects or keeps.
    pub(crate) fn units(&self) -> Vec<UnitKey> {
        let units: BTreeSet<UnitKey> = self.history.units().chain(self.latest.units()).collect();
        units.into_iter().collect()
    }
}

/// The units of one question that a batch selects.
pub(crate) struct Selection {
    /// Up to where a p-value is claimed.
    pub(crate) cutoff: Cutoff,
    /// Up to where a claim that was made before is kept.
    kept: Cutoff,
    /// What turns evidence into a p-value.
    pub(crate) law: NullTail,
    /// Adjusted p-value of each unit that is selected, and of each that has claims to be kept.
    q: BTreeMap<UnitKey, f64>,
}

impl Selection {
    /// Units with something to be told.
    fn units(&self) -> impl Iterator<Item = UnitKey> + '_ {
        self.q.keys().copied()
    }

    /// Adjusted p-value of a unit that something may be told of; absent = of all others.
    pub(crate) fn q(&self, unit: UnitKey) -> Option<f64> {
        self.q.get(&unit).copied()
    }

    /// Whether a change of a unit is told: it is as sure as a unit has to be to be selected, or as one that was claimed before has to be.
    pub(crate) fn claims(&self, unit: UnitKey, p: PValue, is_known: impl FnOnce() -> bool) -> bool {
        self.q.contains_key(&unit) && (self.cutoff.rejects(p) || (self.kept.rejects(p) && is_known()))
    }

    /// Two-sided error level of the interval of a change that is told with this p-value: what was selected pays for it.
    pub(crate) fn interval_level(&self, p: f64) -> f64 {
        let is_kept = !self.cutoff.rejects(PValue::new(p)) && self.kept.rejects(PValue::new(p));
        if is_kept { self.kept.interval_level() } else { self.cutoff.interval_level() }
    }

    /// Selects among all units, some with another p-value instead of their own; a part of a change is no surer than the whole.
    fn of(
        judged: &[Vec<Unit>],
        p: impl Fn(&Unit) -> Option<PValue>,
        law: NullTail,
        instead: &BTreeMap<UnitKey, f64>,
        known: &KnownClaims<'_>,
        correction: Correction,
    ) -> Self {
        let all: Vec<(UnitKey, PValue)> = judged
            .iter()
            .enumerate()
            .flat_map(|(app, units)| units.iter().enumerate().map(move |(unit, of)| ((app, unit), of)))
            .filter_map(|(key, unit)| Some((key, p(unit)?)))
            .map(|(key, own)| {
                (key, instead.get(&key).map_or(own, |&p| if p > own.value() { PValue::new(p) } else { own }))
            })
            .collect();
        let p: Vec<PValue> = all.iter().map(|(_, p)| *p).collect();
        let cutoff = correction.cutoff(&p);
        let kept = correction.at(KnownClaims::rate(correction)).cutoff(&p);
        // Up to the weaker of the two, so that all that are told are adjusted among the same.
        let near: Vec<(UnitKey, PValue)> = all.into_iter().filter(|(_, p)| kept.rejects(*p)).collect();
        let p: Vec<PValue> = near.iter().map(|(_, p)| *p).collect();
        let q = correction.adjusted(&p, cutoff.tests());
        let told = near.iter().zip(q).filter(|((unit, p), _)| cutoff.rejects(*p) || !known.of_unit(*unit).is_empty());
        Self { q: told.map(|((unit, _), q)| (*unit, q.value())).collect(), cutoff, kept, law }
    }
}
