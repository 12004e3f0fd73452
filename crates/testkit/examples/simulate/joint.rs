//! Whole units judged as one, beside their series judged alone and beside the limit.

use crate::{Rate, limit};
use perfpower_statistics::batch::local_fdr::EvidenceHistogram;
use perfpower_statistics::fdr::{Correction, PValue, simes};
use perfpower_statistics::prior::StratumSums;
use perfpower_statistics::unit::joint::{NullLaws, Population, Readings, Role, Unit, UnitVerdict, judge_unit, learn};
use perfpower_statistics::{CriticalValues, Parameters, SeriesInput, Unusable, Workspace, first_pass, judge};
use perfpower_testkit::joint_worlds::{JointStory, JointUnit, JointWorld, LENGTHS};
use perfpower_testkit::worlds::Random;
use std::time::Instant;

/// Share of claims over the batch that may be false.
const Q: f64 = 0.05;

/// Smallest change that is claimed: 5 %.
pub(crate) const LEAST_CHANGE: f64 = 0.048_790_164_169_432;

/// A claim that a unit got worse.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claim {
    /// First version of the change.
    pub(crate) version: Option<usize>,
    /// The 90 % set, by judges that give one.
    pub(crate) candidates: Option<Vec<usize>>,
}

fn unit_of(planted: &JointUnit) -> Unit {
    let percentile = |at: usize| Readings { log: planted.logs[at].clone(), sampling: planted.sampling[at].clone() };
    let population = |at: usize| Population {
        role: if at == 0 { Role::Aggregate } else { Role::Member },
        percentiles: vec![percentile(2 * at), percentile(2 * at + 1)],
    };
    let populations = (0..planted.logs.len() / 2).map(population).collect();
    Unit::new(populations).unwrap_or_else(|| unreachable!("planted units are complete"))
}

/// The claims of a batch, as either way of choosing among its verdicts makes them.
pub(crate) struct Claims {
    /// Benjamini–Hochberg.
    pub(crate) by_rank: Vec<Option<Claim>>,
    /// The local false discovery rate.
    pub(crate) by_odds: Vec<Option<Claim>>,
}

impl Claims {
    pub(crate) fn of(verdicts: &[Option<UnitVerdict>], laws: NullLaws) -> Self {
        let gated = |verdict: &&UnitVerdict| verdict.change.effect.abs() >= LEAST_CHANGE;
        let claim = |verdict: &UnitVerdict| {
            (verdict.change.effect > 0.0)
                .then(|| Claim { version: verdict.version(), candidates: Some(verdict.candidates(0.9)) })
        };
        let p_of = |verdict: &Option<UnitVerdict>| {
            verdict.as_ref().filter(gated).map_or(PValue::ONE, |verdict| laws.history.p_value(verdict.ln_evidence))
        };
        let p: Vec<PValue> = verdicts.iter().map(p_of).collect();
        let cutoff = Correction::default().at(Q).cutoff(&p);
        let of_rank = verdicts.iter().zip(&p).map(|(verdict, p)| verdict.as_ref().filter(|_| cutoff.rejects(*p)));
        let mut histogram = EvidenceHistogram::default();
        for verdict in verdicts {
            histogram.add(verdict.as_ref().filter(gated).map(|verdict| verdict.ln_evidence));
        }
        let cut = histogram.cut(Q);
        let chosen = |verdict: &&UnitVerdict| gated(verdict) && cut.claims(verdict.ln_evidence);
        let of_odds = verdicts.iter().map(|verdict| verdict.as_ref().filter(chosen));
        Self {
            by_rank: of_rank.map(|verdict| verdict.and_then(claim)).collect(),
            by_odds: of_odds.map(|verdict| verdict.and_then(claim)).collect(),
        }
    }
}

/// The table of the joint worlds.
pub(crate) fn print(count: usize, seed: u64, with_limit: bool) -> Result<(), Unusable> {
    println!(
        "| world | judge | claims | false | everywhere ≥ 10 % | 12 | 25 | 50 | somewhere ≥ 10 % | 12 | 25 | 50 | exact | set covers | versions in it |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    for world in JointWorld::all() {
        let mut random = Random::new(seed);
        let planted: Vec<JointUnit> = (0..count).map(|_| world.unit(&mut random)).collect();
        let row = |judge: &str, claims: &[Option<Claim>]| print_row(&world, judge, &planted, claims);
        let logs: Vec<Vec<Vec<f64>>> = planted.iter().map(|unit| unit.logs.clone()).collect();
        let sampling: Vec<Vec<Vec<f64>>> = planted.iter().map(|unit| unit.sampling.clone()).collect();
        // Both percentiles of the aggregate, and of the devices.
        row("series alone, Simes", &alone(&logs, &sampling, |at| (2 * usize::from(at > 1) + at % 2) as u32)?);

        let units: Vec<Unit> = planted.iter().map(unit_of).collect();
        let start = Instant::now();
        let (noise, laws) = learn(&units);
        let verdicts: Vec<Option<UnitVerdict>> = units.iter().map(|unit| judge_unit(unit, &noise)).collect();
        let rate = count as f64 / start.elapsed().as_secs_f64();
        let claims = Claims::of(&verdicts, laws);
        row("joint, Benjamini-Hochberg", &claims.by_rank);
        row(&format!("joint, local fdr ({rate:.0} units/s)"), &claims.by_odds);
        if with_limit && is_known(&world) && world.devices <= MOST_LIMITED {
            row("limit", &limited(&world, &planted));
        }
    }
    empty_batches(seed);
    Ok(())
}

/// More devices would take it minutes.
const MOST_LIMITED: usize = 8;

/// Whether the limit knows all of a world's laws.
fn is_known(world: &JointWorld) -> bool {
    let odd = world.odd_values + world.odd_populations + world.odd_versions + world.missing + world.autocorrelation;
    odd <= 0.0 && world.tails.is_none() && !world.margins
}

fn print_row(world: &JointWorld, judge: &str, planted: &[JointUnit], claims: &[Option<Claim>]) {
    let claimed = || planted.iter().zip(claims).filter_map(|(unit, claim)| Some((unit, claim.as_ref()?)));
    let wrong = Rate::of(claimed(), |(unit, _)| !unit.worsened());
    let near = |unit: &JointUnit, claim: &Claim| claim.version.is_some_and(|version| version.abs_diff(unit.at) <= 1);
    let found = |story: JointStory, low: f64, high: f64| {
        let of = move |unit: &JointUnit| unit.story == story && (low..high).contains(&unit.size.exp_m1());
        let steps = planted.iter().zip(claims).filter(move |(unit, _)| of(unit));
        Rate::of(steps, |(unit, claim)| claim.as_ref().is_some_and(|claim| near(unit, claim)))
    };
    let sizes = [(0.1, 9.0), (0.1, 0.14), (0.2, 0.3), (0.4, 0.6)];
    let columns = |story: JointStory| sizes.map(|(low, high)| found(story, low, high).to_string()).join(" | ");
    let hits = || claimed().filter(|(unit, _)| matches!(unit.story, JointStory::Everywhere | JointStory::Somewhere));
    let exact = Rate::of(hits(), |(unit, claim)| claim.version == Some(unit.at));
    let sets = || hits().filter_map(|(unit, claim)| Some((unit, claim.candidates.as_ref()?)));
    let covers = Rate::of(sets(), |(unit, candidates)| candidates.contains(&unit.at));
    let versions: usize = sets().map(|(_, candidates)| candidates.len()).sum();
    let mean = versions as f64 / sets().count().max(1) as f64;
    println!(
        "| {} | {judge} | {} | {wrong} | {} | {} | {exact} | {covers} | {mean:.2} |",
        world.name,
        claimed().count(),
        columns(JointStory::Everywhere),
        columns(JointStory::Somewhere),
    );
}

/// Each series by itself, its unit by Simes. Series are logarithms by unit, series and version; NaN = missing. `stratum` tells which
/// series are alike.
pub(crate) fn judged_alone(
    units: &[Vec<Vec<f64>>],
    stratum: impl Fn(usize) -> u32,
) -> Result<Vec<Option<Claim>>, Unusable> {
    let sampling: Vec<Vec<Vec<f64>>> =
        units.iter().map(|series| series.iter().map(|logs| vec![0.0; logs.len()]).collect()).collect();
    alone(units, &sampling, stratum)
}

/// One series as the columns have it: values, margins, and which version each is.
struct Known {
    values: Vec<f64>,
    margins: Vec<f64>,
    versions: Vec<usize>,
}

impl Known {
    fn of(logs: &[f64], sampling: &[f64]) -> Self {
        let versions: Vec<usize> = (0..logs.len()).filter(|&version| logs[version].is_finite()).collect();
        let values: Vec<f64> = versions.iter().map(|&version| 100.0 * logs[version].exp()).collect();
        let margin = |(&version, value): (&usize, &f64)| match sampling[version] {
            variance if variance > 0.0 => 1.96 * variance.sqrt() * value,
            _ => f64::NAN,
        };
        Self { margins: versions.iter().zip(&values).map(margin).collect(), values, versions }
    }

    fn input(&self) -> SeriesInput<'_> {
        SeriesInput { values: &self.values, margins: &self.margins, offset: 0.0, lower_is_better: true }
    }
}

fn alone(
    logs: &[Vec<Vec<f64>>],
    sampling: &[Vec<Vec<f64>>],
    stratum: impl Fn(usize) -> u32,
) -> Result<Vec<Option<Claim>>, Unusable> {
    let critical = CriticalValues::new(Parameters::default());
    let mut workspace = Workspace::default();
    let mut sums = StratumSums::default();
    let mut units = Vec::new();
    for (logs, sampling) in logs.iter().zip(sampling) {
        let mut unit = Vec::new();
        for (at, (logs, sampling)) in logs.iter().zip(sampling).enumerate() {
            let known = Known::of(logs, sampling);
            if known.values.len() > 2 {
                let pass = first_pass(&known.input(), critical.parameters(), &mut workspace)?;
                let stratum = sums.add(stratum(at), 0, &pass);
                unit.push((known, stratum));
            }
        }
        units.push(unit);
    }
    let priors = sums.fit(critical.parameters());
    let mut judged = Vec::new();
    for unit in units {
        let mut family = Vec::new();
        let mut best: (f64, Option<Claim>) = (2.0, None);
        for (Known { values, margins, versions }, stratum) in &unit {
            let input = SeriesInput { values, margins, offset: 0.0, lower_is_better: true };
            let found = judge(&input, &priors.of(*stratum).prior, &critical, &mut workspace)?;
            family.push(PValue::new(found.gated_p));
            if found.gated_p < best.0 {
                let largest = found.steps.iter().max_by(|a, b| a.change.delta.abs().total_cmp(&b.change.delta.abs()));
                let worse = largest.map_or(values.last() > values.first(), |step| step.change.delta > 0.0);
                let credible = largest.map(|step| step.candidates.iter().filter(|candidate| candidate.credible));
                let claim = Claim {
                    version: largest.map(|step| versions[step.index]),
                    candidates: credible.map(|set| set.map(|candidate| versions[candidate.index]).collect()),
                };
                best = (found.gated_p, worse.then_some(claim));
            }
        }
        judged.push((simes(&mut family).unwrap_or(PValue::ONE), best.1));
    }
    let p: Vec<PValue> = judged.iter().map(|(p, _)| *p).collect();
    let cutoff = Correction::default().at(Q).cutoff(&p);
    Ok(judged.into_iter().map(|(p, claim)| claim.filter(|_| cutoff.rejects(p))).collect())
}

fn limited(world: &JointWorld, planted: &[JointUnit]) -> Vec<Option<Claim>> {
    let judged: Vec<limit::Limited> = planted.iter().map(|unit| limit::judge(world, unit)).collect();
    let mut order: Vec<usize> = (0..judged.len()).collect();
    order.sort_by(|&a, &b| judged[b].worsened.total_cmp(&judged[a].worsened));
    let (mut wrong, mut claims) = (0.0, 0);
    for (rank, &at) in order.iter().enumerate() {
        wrong += 1.0 - judged[at].worsened;
        if wrong <= Q * (rank + 1) as f64 {
            claims = rank + 1;
        }
    }
    let mut found = vec![None; judged.len()];
    for &at in &order[..claims] {
        found[at] = Some(Claim { version: Some(judged[at].version), candidates: None });
    }
    found
}

/// Batches in which nothing happened: how many make a claim at all.
fn empty_batches(seed: u64) {
    const BATCHES: u64 = 100;
    const UNITS: usize = 100;
    let mut claimed = (0, 0);
    for batch in 0..BATCHES {
        let world = JointWorld { changes: false, ..JointWorld::table() };
        let mut random = Random::new(seed.wrapping_mul(1_000_003).wrapping_add(batch));
        let units: Vec<Unit> = (0..UNITS).map(|_| unit_of(&world.unit(&mut random))).collect();
        let (noise, laws) = learn(&units);
        let verdicts: Vec<UnitVerdict> = units.iter().filter_map(|unit| judge_unit(unit, &noise)).collect();
        let gated = |verdict: &&UnitVerdict| verdict.change.effect.abs() >= LEAST_CHANGE;
        let p_of = |verdict: &UnitVerdict| laws.history.p_value(verdict.ln_evidence);
        let p: Vec<PValue> = verdicts.iter().filter(gated).map(p_of).collect();
        let mut all = p.clone();
        all.resize(UNITS, PValue::ONE);
        claimed.0 += u32::from(Correction::default().at(Q).cutoff(&all).rejected() > 0);
        let mut histogram = EvidenceHistogram::default();
        for verdict in &verdicts {
            histogram.add(Some(verdict).filter(gated).map(|verdict| verdict.ln_evidence));
        }
        claimed.1 += u32::from(histogram.cut(Q).claimed() > 0);
    }
    println!(
        "\nof {BATCHES} batches of {UNITS} units in which nothing happened, a claim in {} by Benjamini-Hochberg, in {} by local fdr",
        claimed.0, claimed.1
    );
}

/// How rare a small p is where nothing happened: P(p ≤ a) / a.
///
/// Rare p are not waited for. Steps are planted, and each unit counts by how much less likely it would have been without: an exact
/// change of measure, as the world's own law is known.
pub(crate) fn print_calibration(count: usize, seed: u64) {
    const LEVELS: [f64; 7] = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7];
    println!("P(p ≤ a) / a where nothing happened; in the last columns by versions, at a = 10^-5");
    let header: Vec<String> = LEVELS.iter().map(|level| format!("{level:.0e}")).collect();
    let lengths: Vec<String> = LENGTHS.iter().map(ToString::to_string).collect();
    println!(
        "| world | {} | {} |\n|---{}|",
        header.join(" | "),
        lengths.join(" | "),
        "|---".repeat(LEVELS.len() + LENGTHS.len())
    );
    for world in JointWorld::all().into_iter().filter(is_known) {
        let mut random = Random::new(seed);
        let mixed: Vec<Unit> = (0..2_000).map(|_| unit_of(&world.unit(&mut random))).collect();
        let (noise, laws) = learn(&mixed);
        let empty = JointWorld { changes: false, ..world.clone() };
        let all: Vec<usize> = (0..world.devices).collect();
        let mut loads = vec![world.loads(&all)];
        loads.extend(world.sets().iter().map(|set| world.loads(set)));
        let sizes = limit::step_sizes();
        let mut drawn: Vec<(f64, f64, usize)> = Vec::new();
        for at in 0..count {
            let mut unit = empty.unit(&mut random);
            let versions = unit.logs[0].len();
            // Every second unit stays as it is, so that moderate p are seen, too.
            if at % 2 == 0 {
                // Half of the steps are of all.
                let load = if random.uniform() < 0.5 { &loads[0] } else { &loads[random.below(loads.len())] };
                let first = 1 + random.below(versions - 1);
                let size = sizes[random.below(sizes.len())] * if random.uniform() < 0.5 { -1.0 } else { 1.0 };
                for (logs, load) in unit.logs.iter_mut().zip(load) {
                    logs[first..].iter_mut().for_each(|log| *log += size * load);
                }
            }
            let ratio = ratio(&world, &unit, &loads, &sizes);
            let p = judge_unit(&unit_of(&unit), &noise)
                .map_or(1.0, |verdict| laws.history.p_value(verdict.ln_evidence).value());
            drawn.push((p, (0.5 + 0.5 * ratio).recip(), versions));
        }
        let share = |level: f64, wanted: Option<usize>| {
            let of: Vec<&(f64, f64, usize)> =
                drawn.iter().filter(|(_, _, versions)| wanted.is_none_or(|wanted| *versions == wanted)).collect();
            of.iter().filter(|(p, ..)| *p <= level).map(|(_, weight, _)| weight).fold(0.0, |sum, weight| sum + weight)
                / of.len() as f64
                / level
        };
        let by_level: Vec<String> = LEVELS.iter().map(|&level| format!("{:.3}", share(level, None))).collect();
        let by_length: Vec<String> =
            LENGTHS.iter().map(|&length| format!("{:.3}", share(1e-5, Some(length)))).collect();
        println!("| {} | {} | {} |", world.name, by_level.join(" | "), by_length.join(" | "));
    }
}

/// How much likelier a unit is under the planted mixture than without a change.
fn ratio(world: &JointWorld, unit: &JointUnit, loads: &[Vec<f64>], sizes: &[f64]) -> f64 {
    let precision = limit::Precision::of(world, unit.sd, &unit.multiples);
    let steps = limit::Whitened::of(unit).steps(&precision);
    let mut sum = 0.0;
    for (at, load) in loads.iter().enumerate() {
        let share = if at == 0 { 0.5 } else { 0.0 } + 0.5 / loads.len() as f64;
        let square: f64 = load.iter().zip(precision.times(load)).map(|(a, b)| a * b).sum();
        for (_, variance, difference) in &steps {
            let product: f64 = load.iter().zip(difference).map(|(a, b)| a * b).sum();
            for size in sizes {
                let of = |size: f64| limit::ln_ratio(size, product, square, *variance).exp();
                sum += share * 0.5 * (of(*size) + of(-size));
            }
        }
    }
    sum / (steps.len() * sizes.len()) as f64
}
