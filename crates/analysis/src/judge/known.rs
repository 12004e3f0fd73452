//! Claims of an earlier report, at the units that they are about.

use crate::claim::finding::{FindingId, FindingKind};
use crate::judge::app::AppRef;
use crate::judge::batch::Batch;
use crate::judge::judging::UnitKey;
use crate::judge::units::UnitAxes;
use crate::news::{Earlier, EarlierClaim, NotMeasured};
use perfpower_statistics::fdr::Correction;
use perfpower_statistics::unit::joint::UnitVerdict;
use std::collections::{BTreeMap, HashMap};

/// What an earlier report claimed, by unit. A claim of it is withdrawn at the [rate](KnownClaims::rate) of what is known.
#[derive(Default)]
pub(crate) struct KnownClaims<'e> {
    by_unit: BTreeMap<UnitKey, Vec<Known<'e>>>,
    /// The unit that each claim is about, by its id.
    places: BTreeMap<FindingId, Result<UnitKey, NotMeasured>>,
}

/// One claim of an earlier report that this batch has the values of.
pub(crate) struct Known<'e> {
    claim: &'e EarlierClaim,
    /// Rank of its version in the history of its app.
    version: u32,
}

impl Known<'_> {
    /// Whether it is what a run of a unit's versions says, whose first one is at position `start`: it goes the same way, and its version is
    /// among those that hold this much of the probability. What creeps is of no one version.
    pub(crate) fn is_change(&self, series: &UnitAxes, verdict: &UnitVerdict, start: usize, mass: f64) -> bool {
        let is_same_way = (verdict.change.effect > 0.0) == self.claim.rises;
        let is_slope = verdict.version().is_none() || self.claim.kind == FindingKind::Drift;
        let is_own = |position: usize| series.versions.get(start + position) == Some(&self.version);
        is_same_way
            && (is_slope || verdict.version().is_some_and(is_own) || verdict.candidates(mass).into_iter().any(is_own))
    }

    /// Whether it is what the latest version of a unit says by itself.
    pub(crate) fn is_latest(&self, series: &UnitAxes, effect: f64) -> bool {
        series.versions.last() == Some(&self.version) && (effect > 0.0) == self.claim.rises
    }
}

impl<'e> KnownClaims<'e> {
    /// The false discovery rate that a claim may have that was made before: four times that of one that is made, and at most one half.
    /// Arbitrary: with less, claims come and go with values that move a little from night to night.
    pub(crate) fn rate(correction: Correction) -> f64 {
        (4.0 * correction.rate()).min(0.5)
    }

    pub(crate) fn of(batch: &Batch<'_>, earlier: Option<&'e Earlier>) -> Self {
        let mut known = Self::default();
        let Some(earlier) = earlier else { return known };
        let apps: HashMap<&str, usize> = (0..batch.count()).map(|at| (batch.app(at), at)).collect();
        let mut of_app: BTreeMap<usize, Vec<&EarlierClaim>> = BTreeMap::new();
        for claim in &earlier.claims {
            match apps.get(claim.series.app.as_str()) {
                Some(&app) => of_app.entry(app).or_default().push(claim),
                None => drop(known.places.insert(claim.id, Err(NotMeasured::App))),
            }
        }
        let apps: Vec<usize> = of_app.keys().copied().collect();
        let places = batch.each_of(&apps, |app, _| {
            of_app[&app.position()].iter().map(|claim| (*claim, place(app, claim))).collect::<Vec<_>>()
        });
        for (claim, place) in places.into_iter().flatten() {
            known.places.insert(claim.id, place.map(|(unit, _)| unit));
            if let Ok((unit, version)) = place {
                known.by_unit.entry(unit).or_default().push(Known { claim, version });
            }
        }
        known
    }

    pub(crate) fn of_unit(&self, unit: UnitKey) -> &[Known<'e>] {
        self.by_unit.get(&unit).map_or(&[], Vec::as_slice)
    }

    /// The unit that a claim is about, or what of it this batch has no values of.
    pub(crate) fn unit_of(&self, claim: &EarlierClaim) -> Result<UnitKey, NotMeasured> {
        self.places.get(&claim.id).copied().unwrap_or(Err(NotMeasured::App))
    }
}

/// The unit of its app that a claim is about, and the rank of its version.
fn place(app: AppRef<'_>, claim: &EarlierClaim) -> Result<(UnitKey, u32), NotMeasured> {
    let unit = app.unit_named(&claim.series).ok_or(NotMeasured::Metric)?;
    let history = app.history();
    let version = (0..history.versions.len() as u32).find(|&rank| history.version_text(rank) == claim.version);
    Ok(((app.position(), unit), version.ok_or(NotMeasured::Version)?))
}
