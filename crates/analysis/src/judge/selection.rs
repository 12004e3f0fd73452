//! Which app × metrics a batch selects: the [`Correction`] over the p-values of all units of one question, which gives each selected
//! unit its q value. Inside a selected unit nothing is selected again: its populations are told, not claimed one by one.

use crate::judge::judging::{JudgedApp, JudgedBatch, Unit, UnitKey};
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
    pub(crate) fn of(judged: &JudgedBatch, instead: &BTreeMap<UnitKey, f64>, correction: Correction) -> Self {
        let (apps, laws) = (&judged.apps, judged.laws);
        Self {
            history: Selection::of(apps, |unit| unit.history, laws.history, instead, correction),
            latest: Selection::of(apps, |unit| unit.latest, laws.latest, instead, correction),
        }
    }

    /// Those that one question or the other selects.
    pub(crate) fn units(&self) -> Vec<UnitKey> {
        let units: BTreeSet<UnitKey> = self.history.q.keys().chain(self.latest.q.keys()).copied().collect();
        units.into_iter().collect()
    }
}

/// The units of one question that a batch selects.
pub(crate) struct Selection {
    pub(crate) cutoff: Cutoff,
    /// What turns evidence into a p-value.
    pub(crate) law: NullTail,
    /// Adjusted p-value of each selected unit, by (app, unit).
    pub(crate) q: BTreeMap<UnitKey, f64>,
}

impl Selection {
    /// Whether a change of a unit is as sure as a unit has to be to be selected, and its unit is.
    pub(crate) fn claims(&self, unit: UnitKey, p: PValue) -> bool {
        self.q.contains_key(&unit) && self.cutoff.rejects(p)
    }

    /// Selects among all units, some with another p-value instead of their own; a part of a change is no surer than the whole.
    fn of(
        judged: &[JudgedApp],
        p: impl Fn(&Unit) -> Option<PValue>,
        law: NullTail,
        instead: &BTreeMap<UnitKey, f64>,
        correction: Correction,
    ) -> Self {
        let all: Vec<(UnitKey, PValue)> = judged
            .iter()
            .enumerate()
            .flat_map(|(app, judged)| judged.units.iter().enumerate().map(move |(unit, of)| ((app, unit), of)))
            .filter_map(|(key, unit)| Some((key, p(unit)?)))
            .map(|(key, own)| {
                (key, instead.get(&key).map_or(own, |&p| if p > own.value() { PValue::new(p) } else { own }))
            })
            .collect();
        let p: Vec<PValue> = all.iter().map(|(_, p)| *p).collect();
        let cutoff = correction.cutoff(&p);
        let chosen: Vec<(UnitKey, PValue)> = all.into_iter().filter(|(_, p)| cutoff.rejects(*p)).collect();
        let p: Vec<PValue> = chosen.iter().map(|(_, p)| *p).collect();
        let q = correction.adjusted(&p, cutoff.tests());
        Self { q: chosen.iter().zip(q).map(|((key, _), q)| (*key, q.value())).collect(), cutoff, law }
    }
}
