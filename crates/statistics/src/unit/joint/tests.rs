use super::*;
use crate::close;
use crate::fdr::{Correction, PValue};
use perfpower_testkit::joint_worlds::{JointStory, JointUnit, JointWorld};
use perfpower_testkit::worlds::Random;
use proptest::prelude::*;
use std::ops::Range;

fn unit_of(planted: &JointUnit) -> Unit {
    let percentile = |at: usize| Readings { log: planted.logs[at].clone(), sampling: planted.sampling[at].clone() };
    let population = |at: usize| Population {
        role: if at == 0 { Role::Aggregate } else { Role::Member },
        percentiles: vec![percentile(2 * at), percentile(2 * at + 1)],
    };
    Unit::new((0..planted.logs.len() / 2).map(population).collect()).unwrap()
}

fn draw(world: &JointWorld, count: usize, seed: u64) -> Vec<(JointUnit, Unit)> {
    let mut random = Random::new(seed);
    (0..count)
        .map(|_| world.unit(&mut random))
        .map(|planted| {
            let unit = unit_of(&planted);
            (planted, unit)
        })
        .collect()
}

fn learned(units: &[(JointUnit, Unit)]) -> UnitNoise {
    let mut noise = UnitNoise::default();
    for _ in 0..2 {
        let mut sums = NoiseSums::default();
        for facts in units.iter().filter_map(|(_, unit)| UnitFacts::read(unit, &noise)) {
            sums.add(&facts);
        }
        noise = sums.learn(&UnitNoise::default());
    }
    noise
}

/// Eight members and an aggregate over twelve versions, noise of 2 %, and what `change` adds by population and version.
fn quiet(seed: u64, change: impl Fn(usize, usize) -> f64) -> Unit {
    let mut random = Random::new(seed);
    let populations = (0..9).map(|p| Population {
        role: if p == 0 { Role::Aggregate } else { Role::Member },
        percentiles: vec![Readings { log: vec![0.0; 12], sampling: vec![0.0; 12] }; 2],
    });
    let mut populations: Vec<Population> = populations.collect();
    for version in 0..12 {
        let common = 0.01 * random.normal();
        for (p, population) in populations.iter_mut().enumerate() {
            let own = 0.015 * random.normal();
            for readings in &mut population.percentiles {
                readings.log[version] = common + own + 0.01 * random.normal() + change(p, version);
            }
        }
    }
    Unit::new(populations).unwrap()
}

/// By the law that small archives are judged with.
fn p_value(verdict: &UnitVerdict) -> PValue {
    NullLaws::default().history.p_value(verdict.ln_evidence)
}

fn p(verdict: &UnitVerdict) -> f64 {
    p_value(verdict).value()
}

fn latest_p(verdict: &UnitVerdict) -> f64 {
    NullLaws::default().latest.p_value(verdict.release.unwrap().ln_evidence).value()
}

fn judged(unit: &Unit) -> UnitVerdict {
    judge_unit(unit, &UnitNoise::default()).unwrap()
}

#[test]
fn a_step_of_all_is_found_at_its_version() {
    let verdict = judged(&quiet(1, |_, version| if version >= 7 { 0.2 } else { 0.0 }));
    assert_eq!(verdict.change.shape, Shape::Step { at: 7 });
    assert_eq!(verdict.change.populations, (0..9).collect::<Vec<_>>());
    assert!(p(&verdict) < 1e-6 && verdict.everywhere > 0.99, "{verdict:?}");
    assert!((verdict.change.effect - 0.2).abs() < 3.0 * verdict.change.se);
    assert_eq!((verdict.version(), verdict.candidates(0.9)[0]), (Some(7), 7));
    assert!(latest_p(&verdict) > 0.01, "{:?}", verdict.release);
}

#[test]
fn a_step_of_two_is_found_in_the_two() {
    let verdict = judged(&quiet(2, |p, version| if version >= 5 && (p == 3 || p == 6) { 0.2 } else { 0.0 }));
    let mut members = verdict.change.populations.clone();
    members.sort_unstable();
    assert_eq!((verdict.change.shape, members), (Shape::Step { at: 5 }, vec![3, 6]));
    let moved: Vec<usize> = (1..9).filter(|&p| verdict.carriers[p].probability > 0.5).collect();
    assert_eq!(moved, [3, 6]);
    assert!(verdict.everywhere < 0.01 && p(&verdict) < 1e-4);
    let CarrierEffect { delta: effect, se, .. } = verdict.carriers[3].effect.unwrap();
    assert!((effect - 0.2).abs() < 4.0 * se);
}

#[test]
fn drifts_and_stretches_are_told_from_steps() {
    let drift = judged(&quiet(3, |_, version| 0.04 * version as f64));
    assert_eq!((drift.change.shape, drift.version()), (Shape::Drift, None));
    let stretch = judged(&quiet(4, |_, version| if (4..8).contains(&version) { 0.3 } else { 0.0 }));
    assert_eq!(stretch.change.shape, Shape::Stretch { from: 4, until: 8 });
    assert_eq!(stretch.version(), Some(4));
    assert!(p(&drift) < 1e-3 && p(&stretch) < 1e-3, "{} {}", p(&drift), p(&stretch));
}

#[test]
fn the_latest_version_is_held_against_the_level_that_it_came_into() {
    // An old step, and a new one at the end.
    let verdict = judged(&quiet(5, |_, version| {
        if version >= 11 {
            0.5
        } else if version >= 4 {
            0.3
        } else {
            0.0
        }
    }));
    let release = verdict.release.unwrap();
    assert_eq!(release.from, 4);
    assert!((release.effect - 0.2).abs() < 4.0 * release.se && latest_p(&verdict) < 0.01, "{release:?}");
    // Only the new one.
    let verdict = judged(&quiet(6, |_, version| if version >= 11 { 0.3 } else { 0.0 }));
    assert_eq!((verdict.version(), verdict.release.unwrap().from), (Some(11), 0));
    assert!(latest_p(&verdict) < 0.001);
}

#[test]
fn what_is_odd_is_no_change() {
    // One cell, at the end and inside; a population inside; a version inside.
    let mut odd_cell = quiet(7, |_, _| 0.0);
    for (population, version) in [(2, 11), (5, 6)] {
        odd_cell.populations[population].percentiles[1].log[version] += 1.2;
    }
    let verdict = judged(&odd_cell);
    assert!(verdict.ln_evidence < 0.0, "{verdict:?}");
    let cells: Vec<(OddKind, usize, usize, usize)> =
        verdict.odd.iter().map(|odd| (odd.kind, odd.population, odd.percentile, odd.version)).collect();
    assert_eq!(cells, [(OddKind::Cell, 2, 1, 11), (OddKind::Cell, 5, 1, 6)]);

    let population = judged(&quiet(8, |p, version| if p == 4 && version == 6 { 1.0 } else { 0.0 }));
    assert!(population.ln_evidence < 0.0);
    assert_eq!(
        (population.odd[0].kind, population.odd[0].population, population.odd[0].version),
        (OddKind::Population, 4, 6)
    );
    close(population.odd[0].by, 1.0, 0.1);

    let version = judged(&quiet(9, |_, version| if version == 6 { 0.4 } else { 0.0 }));
    assert!(version.ln_evidence < 0.0);
    assert_eq!((version.odd[0].kind, version.odd[0].version), (OddKind::Version, 6));
}

#[test]
fn the_odds_that_it_is_odd_decide_about_the_latest_version() {
    let last = quiet(10, |p, version| if p == 4 && version == 11 { 0.7 } else { 0.0 });
    let evidence = |odd_populations: f64| {
        judge_unit(&last, &UnitNoise { odd_populations, ..UnitNoise::default() }).unwrap().ln_evidence
    };
    // The latest version of one device: as likely a change as it is rare that devices are odd.
    assert!(evidence(1e-6) > evidence(1e-3) && evidence(1e-3) > evidence(0.02));
    assert!(evidence(0.02) < 0.0);
    // A second device is a witness.
    let two = quiet(10, |p, version| if (p == 4 || p == 5) && version == 11 { 0.7 } else { 0.0 });
    let noise = UnitNoise { odd_populations: 0.02, ..UnitNoise::default() };
    assert!(judge_unit(&two, &noise).unwrap().ln_evidence > 3.0);
}

#[test]
fn units_that_say_nothing() {
    let readings = |log: &[f64]| Readings { log: log.to_vec(), sampling: vec![0.0; log.len()] };
    let unit = |logs: &[&[f64]]| {
        Unit::new(vec![Population {
            role: Role::Aggregate,
            percentiles: logs.iter().map(|log| readings(log)).collect(),
        }])
    };
    assert_eq!(Unit::new(Vec::new()), None);
    assert_eq!(Unit::new(vec![Population { role: Role::Member, percentiles: Vec::new() }]), None);
    assert_eq!(unit(&[&[0.0, 1.0], &[0.0]]), None);
    assert!(judge_unit(&unit(&[&[0.0, 1.0]]).unwrap(), &UnitNoise::default()).is_none());
    assert!(judge_unit(&unit(&[&[0.0, f64::NAN, 1.0, f64::INFINITY]]).unwrap(), &UnitNoise::default()).is_none());
    // Values without any scatter claim nothing by themselves.
    let flat = judge_unit(&unit(&[&[1.0; 6], &[2.0; 6]]).unwrap(), &UnitNoise::default()).unwrap();
    assert!(flat.ln_evidence < 0.0 && p(&flat).is_finite() && flat.location.iter().all(|p| p.is_finite()), "{flat:?}");
    // The newest forty are judged.
    let long = unit(&[&[0.0; 45]]).unwrap();
    assert_eq!((long.versions(), long.skipped()), (40, 5));
}

#[test]
fn sums_merge_to_the_same_bits() {
    let noise = UnitNoise::default();
    let facts: Vec<UnitFacts> = draw(&JointWorld { odd_values: 0.01, ..JointWorld::table() }, 60, 3)
        .iter()
        .filter_map(|(_, unit)| UnitFacts::read(unit, &noise))
        .collect();
    let add = |facts: &[UnitFacts]| {
        let mut sums = NoiseSums::default();
        for facts in facts.iter().rev() {
            sums.add(facts);
        }
        sums
    };
    let mut merged = add(&facts[..20]);
    merged.merge(&add(&facts[20..]));
    let mut other = add(&facts[20..]);
    other.merge(&add(&facts[..20]));
    assert_eq!(merged, other);
    assert_eq!(merged.learn(&noise), add(&facts).learn(&noise));
    assert_eq!(merged.units(), 60);
}

#[test]
fn the_batch_tells_its_noise() {
    let units = draw(&JointWorld { odd_values: 0.01, odd_versions: 0.02, ..JointWorld::table() }, 300, 4);
    let noise = learned(&units);
    // Half of the aggregate's variance is common. A member's own is .9 m² − .5 of that, m between 1.1 and 3: a geometric mean of 2.9.
    assert!((noise.common_share - (0.5_f64 / 2.9).ln()).abs() < 0.3, "{noise:?}");
    assert!((noise.odd_versions - 0.02).abs() < 0.006 && (noise.odd_cells - 0.01).abs() < 0.004, "{noise:?}");
    assert!(noise.odd_populations < 1e-3 && noise.version_df > 50.0 && noise.autocorrelation < 0.1, "{noise:?}");
    // ln(2) / 2 above the uniform law's half width: variances over a factor (10 / .8)² are uniform in ln.
    assert!((noise.scale_variance - (2.0 * 12.5_f64.ln()).powi(2) / 12.0).abs() < 0.5, "{noise:?}");
    let heavy = draw(&JointWorld { tails: Some(4.0), ..JointWorld::table() }, 200, 4);
    let heavy = learned(&heavy);
    assert!((3.0..6.0).contains(&heavy.version_df), "{heavy:?}");
}

/// Claims over a world of 300 units: false ones among them, and steps of 10 % and more that were found.
fn claims(world: &JointWorld, seed: u64) -> (usize, usize, f64) {
    let units = draw(world, 300, seed);
    let noise = learned(&units);
    let verdicts: Vec<UnitVerdict> = units.iter().map(|(_, unit)| judge_unit(unit, &noise).unwrap()).collect();
    let p: Vec<PValue> = verdicts.iter().map(p_value).collect();
    let cutoff = Correction::default().cutoff(&p);
    let worse: Vec<(&JointUnit, &UnitVerdict)> = units
        .iter()
        .map(|(planted, _)| planted)
        .zip(&verdicts)
        .filter(|(_, verdict)| cutoff.rejects(p_value(verdict)) && verdict.change.effect > 0.0)
        .collect();
    let wrong = worse.iter().filter(|(planted, _)| !planted.worsened()).count();
    let is_step = |planted: &JointUnit| {
        matches!(planted.story, JointStory::Everywhere | JointStory::Somewhere) && planted.size > 0.095
    };
    let planted = units.iter().filter(|(planted, _)| is_step(planted)).count();
    let found = worse.iter().filter(|(planted, verdict)| {
        is_step(planted) && verdict.version().is_some_and(|version| version.abs_diff(planted.at) <= 1)
    });
    (worse.len(), wrong, found.count() as f64 / planted.max(1) as f64)
}

#[test]
fn claims_hold_what_they_promise() {
    // Small worlds: the `simulate` example shows them at large.
    for (world, recall) in [
        (JointWorld::table(), 0.7),
        (JointWorld { odd_values: 0.004, ..JointWorld::table() }, 0.65),
        (JointWorld { odd_populations: 0.004, ..JointWorld::table() }, 0.6),
        (JointWorld { tails: Some(4.0), ..JointWorld::table() }, 0.6),
    ] {
        let (claimed, wrong, found) = claims(&world, 7);
        assert!(claimed > 20 && wrong <= 2, "{}: {wrong} of {claimed}", world.name);
        assert!(found > recall, "{}: {found}", world.name);
    }
    assert_eq!(claims(&JointWorld { changes: false, ..JointWorld::table() }, 8).0, 0);
}

#[test]
fn evidence_is_rare_where_nothing_happened() {
    // P(p ≤ a) ≤ a, with two standard deviations of the count.
    let world = JointWorld { changes: false, devices: 3, ..JointWorld::table() };
    let units = draw(&world, 1_000, 9);
    let noise = learned(&units);
    let p: Vec<f64> = units.iter().map(|(_, unit)| p(&judge_unit(unit, &noise).unwrap())).collect();
    for (level, most) in [(0.1, 118), (0.01, 16), (0.001, 3)] {
        let below = p.iter().filter(|p| **p <= level).count();
        assert!(below <= most, "{below} of 1000 at {level}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A verdict is of shapes, not of levels, and of numbers whatever comes.
    #[test]
    fn nothing_panics_and_levels_do_not_matter(
        logs in prop::collection::vec(prop::collection::vec(prop_oneof![4 => -3.0..3.0_f64, 1 => Just(f64::NAN)], 7), 1..7),
        pairs in any::<bool>(),
        level in -5.0..5.0_f64,
    ) {
        let build = |shift: f64| {
            let readings = |log: &Vec<f64>| Readings { log: log.iter().map(|log| log + shift).collect(), sampling: vec![0.0; 7] };
            let per = if pairs { 2 } else { 1 };
            Unit::new(logs.chunks(per).enumerate().map(|(at, logs)| Population {
                role: if at == 0 { Role::Aggregate } else { Role::Member },
                percentiles: logs.iter().map(readings).collect(),
            }).collect())
        };
        let judge = |shift: f64| judge_unit(&build(shift).unwrap(), &UnitNoise::default());
        match (judge(0.0), judge(level)) {
            (Some(a), Some(b)) => {
                prop_assert!(a.ln_evidence.is_finite() && p(&a) > 0.0 && p(&a) <= 1.0);
                prop_assert!((a.ln_evidence - b.ln_evidence).abs() < 1e-6 * (1.0 + a.ln_evidence.abs()), "{} {}", a.ln_evidence, b.ln_evidence);
                prop_assert!(a.carriers.iter().all(|carrier| (0.0..=1.0).contains(&carrier.probability)));
            }
            (None, None) => {}
            (a, b) => prop_assert!(false, "{a:?} {b:?}"),
        }
    }
}

/// Changes of a quiet unit that are as sure as .001, as version, effect and whether of all.
fn found(change: impl Fn(usize, usize) -> f64) -> Vec<UnitChange> {
    let (unit, noise) = (quiet(11, change), UnitNoise::default());
    let fit = UnitFit::read(&unit, &noise).unwrap();
    let whole = judge_fit(&fit, &noise).unwrap();
    changes(&fit, &noise, &whole, |verdict, _| {
        let p = NullLaws::default().history.p_value(verdict.ln_evidence);
        p.value() <= 1e-3 && verdict.change.effect.abs() >= 0.05
    })
}

#[test]
fn every_change_of_a_unit_is_told_between_its_neighbours() {
    assert_eq!(found(|_, _| 0.0), []);
    let both = found(|_, version| f64::from(u8::from(version >= 4)) * 0.3 + f64::from(u8::from(version >= 8)) * 0.2);
    let told: Vec<_> = both.iter().map(|change| (change.version, change.within.clone(), change.is_of_all())).collect();
    assert_eq!(told, [(4, 0..8, true), (8, 4..12, true)]);
    assert!((both[0].effect - 0.3).abs() < 0.06 && (both[1].effect - 0.2).abs() < 0.06, "{both:?}");
    assert!(
        (both[1].location[5..].iter().sum::<f64>() - 1.0).abs() < 1e-9
            && both[1].location[..5].iter().all(|p| *p <= 0.0)
    );

    // What was taken back is two changes, the second the other way.
    let stretch = found(|_, version| if (5..8).contains(&version) { 0.3 } else { 0.0 });
    assert_eq!(stretch.iter().map(|change| change.version).collect::<Vec<_>>(), [5, 8]);
    assert!(stretch[0].effect > 0.2 && stretch[1].effect < -0.2, "{stretch:?}");

    // A change of two members before one of all.
    let mixed = found(|population, version| match version {
        8.. => 0.25,
        4.. if population == 2 || population == 3 => -0.4,
        _ => 0.0,
    });
    let versions: Vec<usize> = mixed.iter().map(|change| change.version).collect();
    assert!(versions.contains(&4) && versions.contains(&8), "{mixed:?}");
    let local = mixed.iter().find(|change| change.version == 4).unwrap();
    assert_eq!((local.populations.clone(), local.is_of_all()), (vec![2, 3], false));
}

#[test]
fn likeliest_versions_come_first_and_no_more_of_them_than_needed() {
    let mut change = found(|_, version| f64::from(u8::from(version >= 6)) * 0.3).remove(0);
    change.location = vec![0.0, 0.5, 0.2, 0.3, 0.0];
    assert_eq!(change.candidates(0.9), [(1, 0.5), (3, 0.3), (2, 0.2)]);
    assert_eq!(change.candidates(0.5), [(1, 0.5)]);
}

#[test]
fn passes_read_as_many_units_as_they_need_evenly_spread() {
    let read = |pass: usize, of: usize| (0..of).filter(|&at| is_read_in(pass, at, of, 1)).collect::<Vec<_>>();
    assert_eq!(read(0, 5), [0, 1, 2, 3, 4]);
    assert_eq!(read(0, 64), (0..32).map(|at| 2 * at + 1).collect::<Vec<_>>());
    assert_eq!(read(1, 1_000_003).len(), 32);
    assert_eq!(read(2, 600).len(), 512);
    // Of many metrics the last pass reads fewer of each.
    let of_metrics = |metrics: usize| (0..600).filter(|&at| is_read_in(2, at, 600, metrics)).count();
    assert_eq!((of_metrics(2), of_metrics(14)), (256, 128));
}

proptest! {
    #[test]
    fn the_median_is_in_the_middle(mut values in prop::collection::vec(-9.0..9.0_f64, 0..9)) {
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let expected = match sorted.len() {
            0 => None,
            odd if odd % 2 == 1 => Some(sorted[middle]),
            _ => Some(0.5 * (sorted[middle - 1] + sorted[middle])),
        };
        prop_assert_eq!(median(&mut values), expected);
    }
}

/// Launch time of Apple's sample as `reference/joint_sample.py` works it out.
#[test]
fn apples_sample_as_the_reference_has_it() {
    let readings = |values: [f64; 5]| Readings { log: values.map(f64::ln).to_vec(), sampling: vec![0.0; 5] };
    let percentiles =
        vec![readings([768.7, 750.0, 992.3, 1118.9, 997.8]), readings([1532.1, 1390.2, 2030.8, 2158.4, 2014.3])];
    let unit = Unit::new(vec![Population { role: Role::Aggregate, percentiles }]).unwrap();
    let found = judge_unit(&unit, &UnitNoise::default()).unwrap();
    assert_eq!((found.version(), found.change.shape), (Some(2), Shape::Step { at: 2 }));
    assert_eq!(found.odd, []);
    // What is too unlikely to matter is no term of the shipped sum: the last digits of the evidence.
    close(found.change.effect, 0.328_742_834, 1e-6);
    close(found.change.df, 9.296_473_064, 1e-4);
    close(found.change.se, 0.041_866_600, 1e-4);
    close(found.ln_evidence, 5.688_400_132, 1e-3);
    close(p(&found), 0.000_338_500, 1e-3);
    for (found, expected) in found.location.iter().zip([0.0, 0.010_700_8, 0.889_864_9, 0.098_102_8, 0.001_331_6]) {
        close(*found, expected, 1e-4);
    }
    // With every likelihood integrated: Laplace's approximation costs a tenth of a nat.
    close(found.ln_evidence, 5.780_650_040, 0.1);
}

/// Twenty devices and two aggregates: the first twelve are of one family, the others of another, and four of the first have little memory.
fn two_families(change: impl Fn(usize, usize) -> f64, groups: bool) -> UnitVerdict {
    let first = 2..14;
    let is_of_first = |p: usize| p == 0 || first.contains(&p);
    let changed = |p: usize, version: usize| match p {
        0 => (2..14).map(|p| change(p, version)).sum::<f64>() / 12.0,
        1 => (14..22).map(|p| change(p, version)).sum::<f64>() / 8.0,
        _ => change(p, version),
    };
    let mut random = Random::new(3);
    let mut common = [[0.0; 2]; 10];
    common.iter_mut().flatten().for_each(|mode| *mode = 0.02 * random.normal());
    let population = |p: usize| {
        let percentiles = (0..2).map(|_| {
            let log = |(version, common): (usize, &[f64; 2])| {
                6.0 + changed(p, version) + common[usize::from(is_of_first(p))] + 0.05 * random.normal()
            };
            Readings { log: common.iter().enumerate().map(log).collect(), sampling: vec![0.0; 10] }
        });
        let percentiles = percentiles.collect();
        Population { role: if p < 2 { Role::Aggregate } else { Role::Member }, percentiles }
    };
    let unit = Unit::new((0..22).map(population).collect()).unwrap();
    let group = |members: Range<usize>, aggregate: Option<usize>| Group { members: members.collect(), aggregate };
    let known = vec![group(2..14, Some(0)), group(14..22, Some(1)), group(2..6, None), group(90..99, Some(2))];
    judge_unit(&unit.with_groups(if groups { known } else { Vec::new() }), &UnitNoise::default()).unwrap()
}

#[test]
fn a_group_is_likelier_than_any_other_set_of_as_many() {
    // A family changed, its aggregate with it: known, it is one thing; not known, eight devices and half of an aggregate.
    let family = |p: usize, version: usize| if p >= 14 && version >= 5 { 0.12 } else { 0.0 };
    let (known, unknown) = (two_families(family, true), two_families(family, false));
    let mut populations = known.change.populations.clone();
    populations.sort_unstable();
    assert_eq!(populations, [vec![1], (14..22).collect()].concat());
    assert!(known.ln_evidence > unknown.ln_evidence + 3.0, "{} {}", known.ln_evidence, unknown.ln_evidence);
    assert!(known.carriers[0].probability < 0.2 && known.carriers[1].probability > 0.9, "{:?}", known.carriers);
    // Four with little memory.
    let memory = |p: usize, version: usize| if (2..6).contains(&p) && version >= 5 { 0.12 } else { 0.0 };
    let (known, unknown) = (two_families(memory, true), two_families(memory, false));
    assert_eq!(known.change.populations, [2, 3, 4, 5]);
    assert!(known.ln_evidence > unknown.ln_evidence + 2.0, "{} {}", known.ln_evidence, unknown.ln_evidence);
    // What is of no group is found as before, and nothing is made of nothing.
    let some = |p: usize, version: usize| if p % 7 == 3 && version >= 5 { 0.2 } else { 0.0 };
    assert_eq!(two_families(some, true).change.populations.len(), 3);
    assert!(p(&two_families(|_, _| 0.0, true)) > 0.05);
}
