//! The promises of a batch, on a small seeded world with known truth. The `simulate` example of testkit shows them at large.

use crate::fdr::{Correction, PValue, simes};
use crate::prior::{PriorSource, StratumSums};
use crate::{CriticalValues, Parameters, SeriesInput, SeriesJudgement, Verdict, Workspace, first_pass, judge};
use perfpower_testkit::worlds::{Planted, PlantedUnit, Plot, Random, Story, World};

fn input(series: &Planted) -> SeriesInput<'_> {
    SeriesInput { values: &series.values, margins: &series.margins, offset: 0.0, lower_is_better: true }
}

/// Both passes over one world.
fn judged(world: &World, count: usize, seed: u64) -> Vec<(PlantedUnit, Vec<SeriesJudgement>)> {
    let mut random = Random::new(seed);
    let units: Vec<PlantedUnit> = (0..count).map(|_| world.unit(&mut random)).collect();
    let critical = CriticalValues::new(Parameters::default());
    let mut workspace = Workspace::default();
    let mut sums = StratumSums::default();
    for unit in &units {
        for (member, series) in (0..).zip(&unit.series) {
            let pass = first_pass(&input(series), critical.parameters(), &mut workspace).unwrap();
            sums.add(0, member, &pass);
        }
    }
    let priors = sums.fit(critical.parameters());
    let strata: Vec<_> = priors.iter().collect();
    assert!(strata.iter().all(|(_, fitted)| fitted.source == PriorSource::Stratum && !fitted.margins_look_wrong));
    units
        .into_iter()
        .map(|unit| {
            let one = |(member, series): (u32, &Planted)| {
                let pass = first_pass(&input(series), critical.parameters(), &mut workspace).unwrap();
                let stratum = StratumSums::default().add(0, member, &pass);
                judge(&input(series), &priors.of(stratum).prior, &critical, &mut workspace).unwrap()
            };
            let judgements = (0..).zip(&unit.series).map(one).collect();
            (unit, judgements)
        })
        .collect()
}

fn share<T>(items: impl Iterator<Item = T>, holds: impl Fn(&T) -> bool) -> f64 {
    let (held, all) = items.fold((0_u32, 0_u32), |(held, all), item| (held + u32::from(holds(&item)), all + 1));
    f64::from(held) / f64::from(all)
}

#[test]
fn few_claims_are_false_and_most_steps_are_claimed() {
    let judged = judged(&World { members: 2, ..World::s2() }, 3_000, 11);
    let members: Vec<Vec<PValue>> =
        judged.iter().map(|(_, series)| series.iter().map(|j| PValue::new(j.gated_p)).collect()).collect();
    let unit_p: Vec<PValue> = members.iter().map(|p| simes(&mut p.clone()).unwrap()).collect();
    let correction = Correction::default();
    let cutoff = correction.cutoff(&unit_p);

    let units = || judged.iter().zip(&unit_p);
    let is_flat = |unit: &PlantedUnit| unit.story == Story::Flat;
    let false_claims = share(units().filter(|&(_, &p)| cutoff.rejects(p)), |((unit, _), _)| is_flat(unit));
    let recall = share(units().filter(|((unit, _), _)| !is_flat(unit)), |&(_, &p)| cutoff.rejects(p));
    assert!(false_claims <= 0.05, "{false_claims}");
    assert!(recall >= 0.7, "{recall}");

    // Inside the claimed units: the version, and the set of candidates.
    let mut named = Vec::new();
    for (((unit, series), p), &unit_p) in judged.iter().zip(&members).zip(&unit_p) {
        let Story::Step { at, .. } = unit.story else { continue };
        if !cutoff.rejects(unit_p) {
            continue;
        }
        let claims = series.iter().zip(correction.members(p, &cutoff)).filter(|(_, claimed)| *claimed);
        for (judgement, _) in claims {
            let largest = judgement.steps.iter().max_by(|a, b| a.change.delta.abs().total_cmp(&b.change.delta.abs()));
            let covered =
                |index| largest.is_some_and(|step| step.candidates.iter().any(|c| c.credible && c.index == index));
            named.push((largest.is_some_and(|step| step.index == at), covered(at)));
        }
    }
    assert!(named.len() > 500);
    let exact = share(named.iter(), |(exact, _)| *exact);
    let covered = share(named.iter(), |(_, covered)| *covered);
    assert!(exact >= 0.92, "{exact}");
    assert!(covered >= 0.94, "{covered}");
}

/// One series at a time, at α = .05: what the noise of a level without steps claims.
#[test]
fn few_flat_series_are_alarms() {
    for (world, seed) in [(World::s1(), 13), (World::s2(), 14)] {
        let judged = judged(&World { lengths: vec![5, 12], ..world }, 6_000, seed);
        let flat = judged.iter().filter(|(unit, _)| unit.story == Story::Flat);
        let alarms = share(flat, |(_, series)| series[0].gated_p <= 0.05);
        assert!((0.005..=0.02).contains(&alarms), "{alarms}");
    }
}

#[test]
fn an_old_step_is_not_blamed_on_the_latest_version() {
    let world = World { stories: vec![(0.8, Plot::Flat), (0.2, Plot::OldStep(40.0))], ..World::s1() };
    let judged = judged(&world, 3_000, 12);
    let old = || judged.iter().filter(|(unit, _)| unit.story != Story::Flat);
    assert!(old().count() > 500);
    let blamed =
        share(old(), |(_, series)| series[0].latest.is_some_and(|latest| latest.verdict == Verdict::Regression));
    assert!(blamed <= 0.025, "{blamed}");
}
