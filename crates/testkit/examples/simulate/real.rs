//! The same judges on noise that others measured: windows of benchmark histories without a visible shift, their runs shuffled so that
//! nothing lasts in order, and steps planted.
//!
//! A suite is a unit, its benches are the devices, their mean is the aggregate. What such noise has and no world of ours: every project
//! its own common share, heavy tails, benches that go together in groups, noise with two modes.

use crate::Rate;
use crate::joint::{Claim, Claims, LEAST_CHANGE, judged_alone};
use perfpower_statistics::special::StudentT;
use perfpower_statistics::unit::joint::{Population, Readings, Role, Unit, UnitVerdict, judge_unit, learn};
use perfpower_testkit::gunzip;
use perfpower_testkit::worlds::Random;
use serde_json::Value;
use std::error::Error;

/// Runs in a window.
const RUNS: (usize, usize) = (8, 20);

/// Benches in a unit.
const BENCHES: (usize, usize) = (3, 8);

/// Each window is shuffled, and planted in, so many times.
const SHUFFLES: usize = 5;

/// A window with what was planted.
struct Window {
    /// By bench and run; the mean of the benches comes first.
    logs: Vec<Vec<f64>>,
    /// First run of the step; absent where there is none.
    at: Option<usize>,
    everywhere: bool,
}

/// Prints how the judges do on the histories of a file.
pub(crate) fn print(path: &str, seed: u64) -> Result<(), Box<dyn Error>> {
    let text = String::from_utf8(gunzip(&std::fs::read(path)?).ok_or("not gzip")?)?;
    let mut random = Random::new(seed);
    let mut quiet = Vec::new();
    for line in text.lines() {
        quiet.extend(windows(&serde_json::from_str(line)?, &mut random));
    }
    let planted: Vec<Window> = (0..SHUFFLES).flat_map(|_| quiet.iter()).map(|logs| plant(logs, &mut random)).collect();
    println!(
        "{} windows, {} times each; 10 % with a step of 10 to 40 % on all benches, 10 % on two",
        quiet.len(),
        SHUFFLES
    );
    println!("| judge | claims | false | on all found | on two found | exact |\n|---|---|---|---|---|---|");

    let series: Vec<Vec<Vec<f64>>> = planted.iter().map(|window| window.logs.clone()).collect();
    print_row("series alone, Simes", &planted, &judged_alone(&series, |at| u32::from(at > 0))?);
    for level in [0.05, 0.001] {
        let claims: Vec<Option<Claim>> = planted.iter().map(|window| sharpest_split(window, level)).collect();
        print_row(&format!("two-sample t at the sharpest split of any bench, p ≤ {level}"), &planted, &claims);
    }
    let units: Vec<Unit> = planted.iter().filter_map(unit_of).collect();
    let (noise, laws) = learn(&units);
    let verdicts: Vec<Option<UnitVerdict>> = units.iter().map(|unit| judge_unit(unit, &noise)).collect();
    let claims = Claims::of(&verdicts, laws);
    print_row("joint, Benjamini-Hochberg", &planted, &claims.by_rank);
    print_row("joint, local fdr", &planted, &claims.by_odds);
    Ok(())
}

fn print_row(judge: &str, planted: &[Window], claims: &[Option<Claim>]) {
    let claimed = || planted.iter().zip(claims).filter_map(|(window, claim)| Some((window, claim.as_ref()?)));
    let near = |window: &Window, claim: &Claim| {
        claim.version.zip(window.at).is_some_and(|(version, at)| version.abs_diff(at) <= 1)
    };
    let found = |everywhere: bool| {
        let steps = planted
            .iter()
            .zip(claims)
            .filter(move |(window, _)| window.at.is_some() && window.everywhere == everywhere);
        Rate::of(steps, |(window, claim)| claim.as_ref().is_some_and(|claim| near(window, claim)))
    };
    let wrong = Rate::of(claimed(), |(window, _)| window.at.is_none());
    let exact =
        Rate::of(claimed().filter(|(window, _)| window.at.is_some()), |(window, claim)| claim.version == window.at);
    println!("| {judge} | {} | {wrong} | {} | {} | {exact} |", claimed().count(), found(true), found(false));
}

/// Logarithms of the benches of a suite in windows, by bench and run.
fn windows(suite: &Value, random: &mut Random) -> Vec<Vec<Vec<f64>>> {
    let runs: Vec<&Vec<Value>> = suite["runs"].as_array().into_iter().flatten().filter_map(Value::as_array).collect();
    let mut found = Vec::new();
    let mut start = 0;
    while start < runs.len() {
        let length = RUNS.0 + random.below(RUNS.1 - RUNS.0 + 1);
        let Some(window) = runs.get(start..start + length) else { break };
        start += length;
        let bench = |at: usize| -> Option<Vec<f64>> {
            window.iter().map(|run| run.get(at)?.as_f64().filter(|value| *value > 0.0).map(f64::ln)).collect()
        };
        let benches = window.first().map_or(0, |run| run.len());
        let mut logs: Vec<Vec<f64>> = (0..benches).filter_map(bench).filter(|values| differ(values)).collect();
        if logs.len() < BENCHES.0 {
            continue;
        }
        let centred: Vec<Vec<f64>> = logs
            .iter()
            .map(|values| {
                let middle = median(values);
                values.iter().map(|value| value - middle).collect()
            })
            .collect();
        let common: Vec<f64> =
            (0..length).map(|run| median(&centred.iter().map(|values| values[run]).collect::<Vec<_>>())).collect();
        if shift(&common) > VISIBLE {
            continue;
        }
        logs.retain(|values| shift(values) <= VISIBLE);
        shuffle(&mut logs, random);
        for part in logs.chunks(BENCHES.1).filter(|part| part.len() >= BENCHES.0) {
            let spreads: Vec<f64> = part.iter().map(|values| spread(values)).collect();
            if (0.001..=0.15).contains(&median(&spreads)) {
                found.push(part.to_vec());
            }
        }
    }
    found
}

/// Robust standard deviations that halves of a window may differ by.
const VISIBLE: f64 = 4.5;

/// At least every second value is another: a bench that reports whole units says nothing about noise.
fn differ(values: &[f64]) -> bool {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.dedup();
    2 * sorted.len() > values.len()
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { 0.5 * (sorted[middle - 1] + sorted[middle]) }
}

fn spread(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
}

/// Largest difference of medians of two parts, in robust standard deviations.
fn shift(values: &[f64]) -> f64 {
    let differences: Vec<f64> =
        values.windows(2).map(|pair| (pair[1] - pair[0]).abs() / std::f64::consts::SQRT_2).collect();
    let sd = (1.4826 * median(&differences)).max(1e-9);
    let at = |cut: usize| {
        let (left, right) = values.split_at(cut);
        let variance = 1.57 * (1.0 / left.len() as f64 + 1.0 / right.len() as f64);
        (median(left) - median(right)).abs() / (sd * variance.sqrt())
    };
    (3..values.len() - 2).map(at).fold(0.0, f64::max)
}

fn shuffle<T>(items: &mut [T], random: &mut Random) {
    for at in (1..items.len()).rev() {
        items.swap(at, random.below(at + 1));
    }
}

fn plant(quiet: &[Vec<f64>], random: &mut Random) -> Window {
    let runs = quiet[0].len();
    let mut order: Vec<usize> = (0..runs).collect();
    shuffle(&mut order, random);
    let mut logs: Vec<Vec<f64>> = quiet.iter().map(|values| order.iter().map(|&run| values[run]).collect()).collect();
    let story = random.uniform();
    let (changed, everywhere) = (story > 0.8, story > 0.9);
    let at = changed.then(|| 1 + random.below(runs - 1));
    if let Some(at) = at {
        let size = random.between(0.10, 0.40).ln_1p();
        let first = random.below(logs.len());
        let second = (first + 1 + random.below(logs.len() - 1)) % logs.len();
        for (bench, values) in logs.iter_mut().enumerate() {
            if everywhere || bench == first || bench == second {
                values[at..].iter_mut().for_each(|value| *value += size);
            }
        }
    }
    let count = logs.len() as f64;
    let aggregate = (0..runs).map(|run| logs.iter().map(|values| values[run]).sum::<f64>() / count).collect();
    logs.insert(0, aggregate);
    Window { logs, at, everywhere }
}

fn unit_of(window: &Window) -> Option<Unit> {
    let population = |(at, log): (usize, &Vec<f64>)| Population {
        role: if at == 0 { Role::Aggregate } else { Role::Member },
        percentiles: vec![Readings { log: log.clone(), sampling: vec![0.0; log.len()] }],
    };
    Unit::new(window.logs.iter().enumerate().map(population).collect())
}

/// Student's test with pooled variance at the split of any bench where it is sharpest, Bonferroni over benches and splits: what tools for
/// benchmark histories do, less their windows. Two runs on either side at least.
fn sharpest_split(window: &Window, level: f64) -> Option<Claim> {
    let runs = window.logs[0].len();
    let law = StudentT::new(runs as f64 - 2.0);
    let tests = (window.logs.len() * (runs - 3)) as f64;
    let mut best = (level, None);
    for values in &window.logs {
        for cut in 2..runs - 1 {
            let (left, right) = values.split_at(cut);
            let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
            let squares = |part: &[f64]| part.len() as f64 * spread(part).powi(2);
            let change = mean(right) - mean(left);
            let variance = (squares(left) + squares(right)) / (runs as f64 - 2.0);
            let se = (variance * (1.0 / left.len() as f64 + 1.0 / right.len() as f64)).sqrt();
            let p = tests * law.two_sided(change / se);
            if p <= best.0 && change.abs() >= LEAST_CHANGE {
                best = (p, (change > 0.0).then_some(Claim { version: Some(cut), candidates: None }));
            }
        }
    }
    best.1
}
