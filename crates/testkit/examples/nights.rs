//! A year of nightly reports over a portfolio whose truth is known, and how their claims come and go.
//!
//! ```sh
//! cargo run --release -p perfpower-testkit --example nights -- [--apps N] [--nights N] [--seed S]
//! ```
//!
//! Every app releases a version every 10 to 40 days. The value of a version is what its users show so far, so it moves every night, the
//! less the longer the version is out; what a version differs by itself stays. Three worlds: nothing planted, steps in twenty units, and one
//! value in 250 that is 2 to 5 times too high. Each is reported every night twice: each night by itself, and each since the night before,
//! which keeps a claim at a weaker level than the one at which it is made.
#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

use perfpower_analysis::{
    Analysis, AppHistory, Earlier, Filter, Finding, HistoryBuilder, Judged, Options, RevisionDetail, Verdict,
};
use perfpower_model::Day;
use perfpower_parse::{ParseOptions, parse};
use perfpower_testkit::Rng;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::fmt::Write as _;

const FIRST_NIGHT: &str = "2025-11-01";
const METRICS: [(&str, &str); 3] = [("LAUNCH", "launchTime"), ("MEMORY", "peakMemory"), ("DISK", "diskWrites")];
const DEVICES: [&str; 5] = ["all_iphones", "iPhone12,1", "iPhone13,2", "iPhone14,5", "iPhone15,2"];
const PERCENTILES: [&str; 2] = ["percentile.fifty", "percentile.ninety"];
/// Versions that are out before the first night.
const BEFORE: usize = 8;
/// Apple gives a margin where there is little use; above this part of the value, here.
const LEAST_MARGIN: f64 = 0.01;
/// Units with a step, in the world that has any.
const STEPS: usize = 20;

#[derive(Clone, Copy, PartialEq, Eq)]
enum World {
    Nothing,
    Steps,
    OddValues,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (mut apps, mut nights, mut seed) = (150, 365, 1);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().ok_or("usage: nights [--apps N] [--nights N] [--seed S]")?;
        match argument.as_str() {
            "--apps" => apps = value.parse()?,
            "--nights" => nights = value.parse()?,
            "--seed" => seed = value.parse()?,
            _ => return Err(format!("unknown option {argument}").into()),
        }
    }
    println!("{apps} apps, {nights} nights, seed {seed}");
    println!(
        "{:<16}{:<14}{:>6}{:>11}{:>8}{:>8}{:>8}",
        "world", "judged", "made", "withdrawn", "again", "false", "found"
    );
    for (name, world) in [("nothing", World::Nothing), ("twenty steps", World::Steps), ("odd values", World::OddValues)]
    {
        let year = Year { world, seed, apps, nights };
        for (how, since) in [("by itself", false), ("since before", true)] {
            let told = year.report(since);
            println!(
                "{name:<16}{how:<14}{:>6}{:>11}{:>8}{:>8}{:>8}",
                told.made.len(),
                told.withdrawn.len(),
                told.again.len(),
                told.made.iter().filter(|claim| !year.is_true(claim)).count(),
                told.found(&year)
            );
        }
    }
    Ok(())
}

/// App, metric and version of a regression.
type Claim = (String, String, String);

/// Distinct claims of a year.
#[derive(Default)]
struct Told {
    made: BTreeSet<Claim>,
    /// Made once, and not any more on a later night.
    withdrawn: BTreeSet<Claim>,
    /// Made again after that.
    again: BTreeSet<Claim>,
    standing: BTreeSet<Claim>,
}

impl Told {
    fn night(&mut self, claims: BTreeSet<Claim>) {
        self.again.extend(claims.intersection(&self.withdrawn).filter(|own| !self.standing.contains(own)).cloned());
        self.withdrawn.extend(self.standing.difference(&claims).cloned());
        self.made.extend(claims.iter().cloned());
        self.standing = claims;
    }

    /// Planted steps that were claimed on some night.
    fn found(&self, year: &Year) -> usize {
        let true_units: BTreeSet<(&String, &String)> =
            self.made.iter().filter(|claim| year.is_true(claim)).map(|(app, metric, _)| (app, metric)).collect();
        true_units.len()
    }
}

struct Year {
    world: World,
    seed: u64,
    apps: usize,
    nights: usize,
}

impl Year {
    fn report(&self, since: bool) -> Told {
        let options = Options::default();
        let mut apps: Vec<App> = (0..self.apps).map(|index| App::new(self, index)).collect();
        let mut told = Told::default();
        let mut earlier: Option<Earlier> = None;
        for night in 0..self.nights {
            let histories: Vec<AppHistory> = apps.par_iter_mut().map(|app| app.night(night)).collect();
            let judged = Judged::since(&histories, &options, earlier.as_ref().filter(|_| since));
            let analysis = judged.analysis(&Filter::default());
            told.night(claims(&analysis));
            earlier = Some(Earlier::of(&analysis));
        }
        told
    }

    /// The version that a step was planted at, by its number; absent = none was.
    fn step(&self, app: usize, metric: usize) -> Option<usize> {
        let unit = app * METRICS.len() + metric;
        let units = self.apps * METRICS.len();
        let is_one = self.world == World::Steps
            && unit.is_multiple_of((units / STEPS).max(1))
            && unit / (units / STEPS).max(1) < STEPS;
        // Far enough from both ends of most apps' years.
        is_one.then_some(BEFORE + 1 + unit % 5)
    }

    fn is_true(&self, (app, metric, version): &Claim) -> bool {
        let index = app.rsplit("app").next().and_then(|number| number.parse().ok());
        let metric = METRICS.iter().position(|(_, own)| own == metric);
        let step = index.zip(metric).and_then(|(app, metric)| self.step(app, metric));
        let number: Option<usize> = version.strip_suffix(".0").and_then(|number| number.parse().ok());
        // A neighbour is as near as one version can tell.
        step.zip(number).is_some_and(|(step, number)| (number - 1).abs_diff(step) <= 1)
    }
}

/// Regressions that are an app's own.
fn claims(analysis: &Analysis) -> BTreeSet<Claim> {
    let is_one = |finding: &&Finding| finding.verdict == Verdict::Regression && finding.is_own();
    let claim = |own: &Finding| (own.series.app.clone(), own.series.metric.clone(), own.version.clone());
    analysis.findings.iter().filter(is_one).map(claim).collect()
}

/// One app, night after night.
struct App {
    name: String,
    days_between: usize,
    first: usize,
    rng: Rng,
    /// By metric, version and series: what the version is by itself on the log scale, and the mean of its days so far.
    units: Vec<Unit>,
}

struct Unit {
    level: f64,
    sd: f64,
    step: Option<usize>,
    odd: f64,
    versions: Vec<Vec<Value>>,
}

struct Value {
    log: f64,
    days: f64,
    sum: f64,
}

impl App {
    fn new(year: &Year, index: usize) -> Self {
        let mut rng = Rng::keyed(year.seed, "nights", index as u64);
        let units = (0..METRICS.len()).map(|metric| Unit {
            level: (4.0 + 3.0 * uniform(&mut rng)).exp(),
            sd: 0.01 * (8.0_f64.ln() * uniform(&mut rng)).exp(),
            step: year.step(index, metric),
            odd: if year.world == World::OddValues { 1.0 / 250.0 } else { 0.0 },
            versions: Vec::new(),
        });
        let units = units.collect();
        let days_between = 10 + (30.0 * uniform(&mut rng)) as usize;
        let first = (days_between as f64 * uniform(&mut rng)) as usize;
        Self { name: format!("com.example.app{index}"), days_between, first, rng, units }
    }

    /// Its history as it is known on a night: what every version shows so far.
    fn night(&mut self, night: usize) -> AppHistory {
        let out = BEFORE + (night + self.first) / self.days_between;
        for unit in &mut self.units {
            unit.grow(out, &mut self.rng);
        }
        let day = Day::parse(FIRST_NIGHT).map_or(0, Day::days) + night as i32;
        let mut builder = HistoryBuilder::new(self.name.clone(), RevisionDetail::Count);
        builder.add(&parse(self.body().as_bytes(), &ParseOptions::default()), Day::from_days(day), 0);
        builder.finish()
    }

    fn body(&self) -> String {
        let mut metrics = Vec::new();
        for ((category, metric), unit) in METRICS.iter().zip(&self.units) {
            let mut datasets = Vec::new();
            for (series, (device, percentile)) in
                DEVICES.iter().flat_map(|device| PERCENTILES.map(|percentile| (device, percentile))).enumerate()
            {
                let mut points = String::new();
                for (number, values) in unit.versions.iter().enumerate() {
                    let comma = if number > 0 { "," } else { "" };
                    let value = unit.value(number, &values[series]);
                    let _ = write!(points, "{comma}{{\"version\":\"{}.0\",\"value\":{value:.3}", number + 1);
                    let margin = 1.96 * unit.sd_of_days(&values[series]);
                    if margin > LEAST_MARGIN {
                        let _ = write!(points, ",\"errorMargin\":{:.3}", margin * value);
                    }
                    points.push('}');
                }
                datasets.push(format!(
                    "{{\"filterCriteria\":{{\"device\":\"{device}\",\"percentile\":\"{percentile}\"}},\"points\":[{points}]}}"
                ));
            }
            metrics.push(format!(
                "{{\"identifier\":\"{category}\",\"metrics\":[{{\"identifier\":\"{metric}\",\"datasets\":[{}]}}]}}",
                datasets.join(",")
            ));
        }
        format!("{{\"productData\":[{{\"platform\":\"iOS\",\"metricCategories\":[{}]}}]}}", metrics.join(","))
    }
}

impl Unit {
    /// One more day of all versions that are out; new ones begin.
    fn grow(&mut self, out: usize, rng: &mut Rng) {
        let series = DEVICES.len() * PERCENTILES.len();
        while self.versions.len() < out {
            // Half of what a version differs by is common to all devices.
            let common = rng.normal() * self.sd * 0.5_f64.sqrt();
            let value = |rng: &mut Rng| Value {
                log: common
                    + rng.normal() * self.sd * 0.5_f64.sqrt()
                    + if uniform(rng) < self.odd { (2.0 + 3.0 * uniform(rng)).ln() } else { 0.0 },
                days: 0.0,
                sum: 0.0,
            };
            self.versions.push((0..series).map(|_| value(rng)).collect());
        }
        for value in self.versions.iter_mut().flatten() {
            value.days += 1.0;
            value.sum += rng.normal();
        }
    }

    fn value(&self, version: usize, value: &Value) -> f64 {
        let step = if self.step.is_some_and(|step| version >= step) { 1.25_f64.ln() } else { 0.0 };
        self.level * (step + value.log + 2.0 * self.sd * value.sum / value.days).exp()
    }

    /// How much the mean of a version's days scatters: a single day twice as much as a version does by itself.
    fn sd_of_days(&self, value: &Value) -> f64 {
        2.0 * self.sd / value.days.sqrt()
    }
}

fn uniform(rng: &mut Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}
