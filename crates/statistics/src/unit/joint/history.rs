//! All changes of a unit: once one is found, each side of it is asked again.
//!
//! A part of a unit knows the noise of the whole. What it claims has to be as sure as the unit had to be: a further change is a
//! discovery of its own.

use super::learned::UnitNoise;
use super::noise::UnitFit;
use super::verdict::{Carrier, Shape, UnitVerdict, judge_history, likeliest};
use std::ops::Range;

/// One of the changes of a unit. Positions are those of the unit's versions.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitChange {
    /// First version of the new level; the first of all for a drift.
    pub version: usize,
    /// The versions of the level before it and of the level after it; all of them for a drift.
    pub within: Range<usize>,
    /// Whether it creeps, instead of happening at one version.
    pub is_drift: bool,
    /// See [`UnitVerdict::ln_evidence`].
    pub ln_evidence: f64,
    /// By how much, on the log scale.
    pub effect: f64,
    /// Standard error of that.
    pub se: f64,
    /// Degrees of freedom of that: of the best known carrier, or of what all have in common.
    pub df: f64,
    /// Populations that it is a change of.
    pub populations: Vec<usize>,
    /// By population.
    pub carriers: Vec<Carrier>,
    /// Probability of each version of the unit to be the first of the new level; all 0 for a drift.
    pub location: Vec<f64>,
}

impl UnitChange {
    /// The likeliest versions that together hold this much of the probability, with their own, likeliest first.
    pub fn candidates(&self, probability: f64) -> Vec<(usize, f64)> {
        likeliest(&self.location, probability).into_iter().map(|version| (version, self.location[version])).collect()
    }

    /// Whether it is one of the whole unit, and not of some members.
    pub fn is_of_all(&self) -> bool {
        self.populations.len() == self.carriers.len()
    }

    fn of(verdict: &UnitVerdict, versions: usize, range: &Range<usize>, version: usize, sign: f64) -> Self {
        // A slope that turned out to be stairs has a first step.
        let is_drift = verdict.change.shape == Shape::Drift && version == 0;
        let is_step = !is_drift && !matches!(verdict.change.shape, Shape::Stretch { .. });
        let mut location = vec![0.0; versions];
        if is_step {
            location[range.clone()].copy_from_slice(&verdict.location);
        } else if !is_drift {
            location[version] = 1.0;
        }
        let turned = |carrier: &Carrier| {
            let mut carrier = *carrier;
            if let Some(effect) = &mut carrier.effect {
                effect.delta *= sign;
            }
            carrier
        };
        Self {
            version,
            within: range.clone(),
            is_drift,
            ln_evidence: verdict.ln_evidence,
            effect: sign * verdict.change.effect,
            se: verdict.change.se,
            df: verdict.change.df,
            populations: verdict.change.populations.clone(),
            carriers: verdict.carriers.iter().map(turned).collect(),
            location,
        }
    }
}

/// Two versions do not tell which of them is odd.
const LEAST: usize = 3;

/// The changes of a unit in the order of their versions; `whole` is its verdict. `is_claim` is asked of each change: of what is said of a run
/// of versions, with the position of its first one.
pub fn changes(
    fit: &UnitFit,
    noise: &UnitNoise,
    whole: &UnitVerdict,
    is_claim: impl Fn(&UnitVerdict, usize) -> bool,
) -> Vec<UnitChange> {
    let versions = fit.trust.len();
    let mut found: Vec<UnitChange> = Vec::new();
    let mut open = Vec::new();
    open.push((0..versions, Some(whole.clone())));
    while let Some((range, known)) = open.pop() {
        if range.len() < LEAST {
            continue;
        }
        let Some(verdict) = known.or_else(|| judge_history(&fit.part(range.clone()), noise)) else { continue };
        if !is_claim(&verdict, range.start) {
            continue;
        }
        let change =
            |version: usize, sign: f64| UnitChange::of(&verdict, versions, &range, range.start + version, sign);
        let cuts = match verdict.change.shape {
            Shape::Step { at } => {
                let at = verdict.version().unwrap_or(at);
                found.push(change(at, 1.0));
                vec![at]
            }
            Shape::Stretch { from, until } => {
                found.extend([change(from, 1.0), change(until, -1.0)]);
                vec![from, until]
            }
            Shape::Drift if range.len() == versions => {
                let stairs = verdict.version_of_step().filter(|&at| is_stairs(fit, noise, &verdict, at, &is_claim));
                found.push(change(stairs.unwrap_or(0), 1.0));
                stairs.into_iter().collect()
            }
            // A slope beside a step is told by neither: the step stands for both.
            Shape::Drift => Vec::new(),
        };
        let mut start = range.start;
        for cut in cuts.iter().map(|cut| range.start + cut) {
            open.push((start..cut, None));
            start = cut;
        }
        if !cuts.is_empty() {
            open.push((start..range.end, None));
        }
    }
    found.sort_by_key(|change| change.version);
    for at in 0..found.len() {
        if !found[at].is_drift {
            let start = at.checked_sub(1).map_or(0, |before| found[before].version);
            let end = found.get(at + 1).map_or(versions, |next| next.version);
            refine(fit, noise, &mut found[at], start..end);
        }
    }
    found
}

/// Whether what looks like a slope is rather a step with further ones beside it: where these explain more than the slope leads by.
fn is_stairs(
    fit: &UnitFit,
    noise: &UnitNoise,
    verdict: &UnitVerdict,
    at: usize,
    is_claim: &impl Fn(&UnitVerdict, usize) -> bool,
) -> bool {
    let sides = [0..at, at..fit.trust.len()].into_iter().filter(|side| side.len() >= LEAST);
    let further = sides
        .filter_map(|side| Some((side.start, judge_history(&fit.part(side), noise)?)))
        .filter(|(start, further)| further.change.shape != Shape::Drift && is_claim(further, *start));
    let explained: f64 = further.map(|(_, further)| further.ln_evidence).sum();
    explained > verdict.ln_drift.max(0.0)
}

/// Asks again between the neighbouring changes, which were not known when this one was found.
fn refine(fit: &UnitFit, noise: &UnitNoise, change: &mut UnitChange, within: Range<usize>) {
    if change.within == within {
        return;
    }
    let verdict = judge_history(&fit.part(within.clone()), noise).filter(|verdict| {
        matches!(verdict.change.shape, Shape::Step { .. }) && verdict.change.effect * change.effect > 0.0
    });
    if let Some((verdict, version)) = verdict.and_then(|verdict| verdict.version().map(|version| (verdict, version))) {
        let refined = UnitChange::of(&verdict, fit.trust.len(), &within, within.start + version, 1.0);
        *change = UnitChange { ln_evidence: change.ln_evidence.max(refined.ln_evidence), ..refined };
    } else {
        change.within = within;
    }
}
