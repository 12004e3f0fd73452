//! Runs the shipped method over worlds whose truth is known, and prints how often it is right: beside Apple's rule and
//! beside the latest version against the one before.
//!
//! ```sh
//! cargo run --release -p perfpower-testkit --example simulate -- [units per world] [seed] [--study | --ignore-tails] [--table]
//! cargo run --release -p perfpower-testkit --example simulate -- [units per world] [seed] --joint [--limit | --calibration]
//! cargo run --release -p perfpower-testkit --example simulate -- [any] [seed] --real=HISTORIES.jsonl.gz
//! ```
//!
//! `--study` judges as the method's study does: a fitted prior is used like an assumed one, and no heed is paid to tails.
//! `--ignore-tails` leaves out the latter alone.
//! `--table` prints one line per world, as the documentation of the method quotes them.
//! `--joint` judges whole units, an aggregate and its devices, as one: beside their series alone and, with `--limit`, beside what nobody
//! can do better. `--calibration` says how rare small p-values are where nothing happened.
//! `--real=` judges windows of benchmark histories that others measured: one suite a line, `{"runs": [[a value per bench], …]}`.
#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

mod joint;
mod limit;
mod real;

use perfpower_statistics::fdr::{Correction, Cutoff, PValue, simes};
use perfpower_statistics::prior::{Priors, StratumSums};
use perfpower_statistics::{
    APPLE_WINDOW, Basis, CriticalValues, Model, Parameters, Prior, SeriesInput, SeriesJudgement, Unusable, Verdict,
    Workspace, apple_parity, first_pass, judge,
};
use perfpower_testkit::worlds::{Planted, PlantedUnit, Plot, ProcessNoise, Random, Story, Tails, World};
use std::fmt;

/// Share of claims over the batch that may be false.
const Q: f64 = 0.05;

/// Level of one series alone.
const ALPHA: f64 = 0.05;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (flags, numbers): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|text| text.starts_with("--"));
    let units = numbers.first().map_or(Ok(12_000), |text| text.parse())?;
    let seed = numbers.get(1).map_or(Ok(1), |text| text.parse())?;
    let asks = |wanted: &str| flags.iter().any(|flag| flag == wanted);
    if asks("--joint") {
        if asks("--calibration") {
            joint::print_calibration(units, seed);
            return Ok(());
        }
        return Ok(joint::print(units, seed, asks("--limit"))?);
    }
    if let Some(path) = flags.iter().find_map(|flag| flag.strip_prefix("--real=")) {
        return real::print(path, seed);
    }
    let as_table = asks("--table");
    let method = if asks("--study") {
        Method::Study
    } else if asks("--ignore-tails") {
        Method::IgnoreTails
    } else {
        Method::Shipped
    };
    println!("{units} units per world, seed {seed}, alpha {ALPHA}, q {Q}, {method:?}\n");
    if as_table {
        println!("| world | false alarms | exact | set | false claims | recall | drifts | latest: false | recall |");
        println!("|---|---|---|---|---|---|---|---|---|");
    }
    for world in worlds() {
        let batch = Batch::draw(&world, units, seed, method)?;
        if as_table {
            batch.print_row(world.name);
            continue;
        }
        println!("== {} ==", world.name);
        batch.print_priors();
        batch.print_series();
        batch.print_history();
        batch.print_latest();
        println!();
    }
    old_step(units, seed, method)?;
    Ok(())
}

/// What is made of a fitted prior.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    /// What the engine does.
    Shipped,
    /// The same, as if all noise were normal.
    IgnoreTails,
    /// What the study did.
    Study,
}

impl Method {
    fn parameters(self) -> Parameters {
        match self {
            Self::Shipped | Self::IgnoreTails => Parameters::default(),
            Self::Study => Parameters { autocorrelation_floor: 0.15, ..Parameters::default() },
        }
    }

    fn prior(self, fitted: Prior) -> Prior {
        match self {
            Self::Shipped => fitted,
            Self::IgnoreTails => Prior { heaviness: 0.0, ..fitted },
            Self::Study => Prior { basis: Basis::Assumed, heaviness: 0.0, ..fitted },
        }
    }
}

fn worlds() -> Vec<World> {
    let ar = |name, autocorrelation| World { name, autocorrelation, ..World::s1() };
    let noisy = ProcessNoise { typical: 0.045, df: 8.0, ..World::s1().process };
    vec![
        World::s1(),
        World::s2(),
        World { name: "S2, p50 and p90 of each app (units of two)", members: 2, ..World::s2() },
        World { name: "S1 with 5 to 40 versions", lengths: (5..=40).collect(), ..World::s1() },
        World { name: "S1 with more noise, most of it 3 to 8 %", process: noisy, ..World::s1() },
        World { name: "S2 with every story, 30 % changed", stories: stories(0.3), ..World::s2() },
        World { name: "S1 with every story, 60 % changed", stories: stories(0.6), ..World::s1() },
        World { name: "S1 with heavy tails (t4)", tails: Tails::StudentT(4.0), ..World::s1() },
        ar("S1 with AR(1) noise, rho .2", 0.2),
        ar("S1 with AR(1) noise, rho .4", 0.4),
        World { name: "S2 where the margin is one standard error", margin_z: 1.0, ..World::s2() },
    ]
}

/// Every kind of story, in this share of the units.
fn stories(changed: f64) -> Vec<(f64, Plot)> {
    vec![
        (1.0 - changed, Plot::Flat),
        (0.34 * changed, Plot::Step(20.0)),
        (0.16 * changed, Plot::Drift(3.0)),
        (0.16 * changed, Plot::Spike(40.0)),
        (0.17 * changed, Plot::Recovered(30.0)),
        (0.17 * changed, Plot::LatestStep(20.0)),
    ]
}

/// One world's units, judged as a batch.
struct Batch {
    units: Vec<(PlantedUnit, Vec<SeriesJudgement>)>,
    priors: Priors,
    history: Claims,
    latest: Claims,
}

/// Which units, and which of their series, are claims over the batch.
struct Claims {
    units: Cutoff,
    unit_p: Vec<PValue>,
    series: Vec<Vec<bool>>,
}

fn input(series: &Planted) -> SeriesInput<'_> {
    SeriesInput { values: &series.values, margins: &series.margins, offset: 0.0, lower_is_better: true }
}

impl Batch {
    fn draw(world: &World, count: usize, seed: u64, method: Method) -> Result<Self, Unusable> {
        let mut random = Random::new(seed);
        let units: Vec<PlantedUnit> = (0..count).map(|_| world.unit(&mut random)).collect();

        let critical = CriticalValues::new(method.parameters());
        let mut workspace = Workspace::default();
        let mut sums = StratumSums::default();
        let mut strata = Vec::new();
        for unit in &units {
            for (member, series) in (0_u32..).zip(&unit.series) {
                let pass = first_pass(&input(series), critical.parameters(), &mut workspace)?;
                strata.push(sums.add(0, member, &pass));
            }
        }
        let priors = sums.fit(critical.parameters());

        let mut strata = strata.into_iter();
        let mut judged = Vec::with_capacity(count);
        for unit in units {
            let judge_one = |(series, stratum)| {
                let prior: Prior = method.prior(priors.of(stratum).prior);
                judge(&input(series), &prior, &critical, &mut workspace)
            };
            let judgements = unit.series.iter().zip(strata.by_ref()).map(judge_one).collect::<Result<Vec<_>, _>>()?;
            judged.push((unit, judgements));
        }
        let history = Claims::of(&judged, |judgement| judgement.gated_p);
        let latest = Claims::of(&judged, |judgement| judgement.latest.map_or(1.0, |latest| latest.gated_p));
        Ok(Self { units: judged, priors, history, latest })
    }

    fn series(&self) -> impl Iterator<Item = (Story, &Planted, &SeriesJudgement)> {
        self.units.iter().flat_map(|(unit, judgements)| {
            unit.series.iter().zip(judgements).map(|(series, j)| (unit.story, series, j))
        })
    }

    fn print_priors(&self) {
        for (stratum, fitted) in self.priors.iter() {
            let Prior { scale, df, heaviness, .. } = fitted.prior;
            let alarm = if fitted.margins_look_wrong { "  ALARM: margins look wrong" } else { "" };
            let (rho, series) = (fitted.rho, fitted.series);
            println!(
                "  prior p{} {:<7} s0² {scale:.2}  d0 {df:>6.1}  rho {rho:>5.2}  tails {heaviness:.2}  {series} series, {:?}{alarm}",
                stratum.percentile,
                format!("{:?}", stratum.margin),
                fitted.source,
            );
        }
    }

    /// Each series alone, at alpha.
    fn print_series(&self) {
        println!("  one series at a time: false alarms of flat series, and claims on series with one step");
        println!("    {:<28}{:>9}{:>9}{:>9}{:>9}{:>9}", "", "false", "found", "exact", "within 1", "90 % set");
        let mut lengths: Vec<usize> = self.series().map(|(_, series, _)| series.values.len()).collect();
        lengths.sort_unstable();
        lengths.dedup();
        if lengths.len() > 6 {
            lengths.clear();
        }
        for length in lengths.into_iter().map(Some).chain([None]) {
            let of_length = || self.series().filter(|(_, series, _)| length.is_none_or(|n| series.values.len() == n));
            let label = length.map_or("ours, all".to_owned(), |n| format!("ours, {n} versions"));
            Located::of(of_length().map(|(story, _, judgement)| (story, claimed_step(judgement)))).print(&label);
        }
        for (label, rule) in RULES {
            Located::of(self.series().map(|(story, series, _)| (story, rolling(rule, &series.values)))).print(label);
        }
    }

    /// Which version brought it: over the batch.
    fn print_history(&self) {
        let Claims { units, unit_p, series } = &self.history;
        let claimed = || self.units.iter().zip(unit_p).filter(|&(_, &p)| units.rejects(p)).map(|((unit, _), _)| unit);
        let false_units = Rate::of(claimed(), |unit| unit.story == Story::Flat);
        let member_claims = || {
            let flags = series.iter().flatten();
            self.series().zip(flags).filter(|(_, flag)| **flag).map(|(judged, _)| judged)
        };
        let false_series = Rate::of(member_claims(), |(story, ..)| *story == Story::Flat);
        println!("  history over the batch: {} of {} units claimed", units.rejected(), units.tests());
        println!("    false among claimed units {false_units}, among claimed series {false_series}");
        let located = Located::of(member_claims().map(|(story, _, judgement)| (story, claimed_step(judgement))));
        println!("    exact {}, within 1 {}, 90 % set {}", located.exact, located.within_one, located.covered);
        print!("    recall of steps");
        for size in [10.0, 20.0, 40.0] {
            let of_size = |story: &Story| step_size(story).is_some_and(|found| (found - size).abs() < 1e-6);
            let rate =
                Rate::of(self.units.iter().zip(unit_p).filter(|((unit, _), _)| of_size(&unit.story)), |(_, p)| {
                    units.rejects(**p)
                });
            print!("  {size} % {rate}");
        }
        let all = self.units.iter().zip(unit_p).filter(|((unit, _), _)| step_size(&unit.story).is_some());
        println!("  all {}", Rate::of(all, |(_, p)| units.rejects(**p)));
        if self.units.iter().any(|(unit, _)| matches!(unit.story, Story::Drift { .. })) {
            let of = |wanted: fn(&Story) -> bool, named: fn(&SeriesJudgement) -> bool| {
                let flags = series.iter().flatten();
                Rate::of(
                    self.series().zip(flags).filter(|((story, ..), _)| wanted(story)),
                    |((.., judgement), flag)| **flag && named(judgement),
                )
            };
            let is_drift = |story: &Story| matches!(story, Story::Drift { .. });
            let is_recovered = |story: &Story| matches!(story, Story::Recovered { .. });
            println!(
                "    drifts claimed {}, as drifts {}; recovered steps claimed {}, as two steps {}",
                of(is_drift, |_| true),
                of(is_drift, |judgement| judgement.model == Model::Drift),
                of(is_recovered, |_| true),
                of(is_recovered, |judgement| judgement.steps.len() == 2),
            );
        }
    }

    /// The same in one line.
    fn print_row(&self, name: &str) {
        let alone = Located::of(self.series().map(|(story, _, judgement)| (story, claimed_step(judgement))));
        let Claims { units, unit_p, .. } = &self.history;
        let judged = || self.units.iter().map(|(unit, _)| unit).zip(unit_p);
        let claimed = |(_, p): &(&PlantedUnit, &PValue)| units.rejects(**p);
        let is_flat = |(unit, _): &(&PlantedUnit, &PValue)| unit.story == Story::Flat;
        let is_drift = |(unit, _): &(&PlantedUnit, &PValue)| matches!(unit.story, Story::Drift { .. });
        let latest: Vec<bool> = self.latest.unit_p.iter().map(|&p| self.latest.units.rejects(p)).collect();
        let blamed = self.blamed(&latest);
        println!(
            "| {name} | {} | {} | {} | {} | {} | {} | {} | {} |",
            alone.false_alarms,
            alone.exact,
            alone.covered,
            Rate::of(judged().filter(claimed), is_flat),
            Rate::of(judged().filter(|(unit, _)| step_size(&unit.story).is_some()), claimed),
            Rate::of(judged().filter(is_drift), claimed),
            blamed.nothing,
            blamed.recall,
        );
    }

    /// Whether the latest version is to blame: over the batch.
    fn print_latest(&self) {
        println!("  latest over the batch: claims without any change, claims of an earlier version's change, recall");
        let ours: Vec<bool> = self.latest.unit_p.iter().map(|&p| self.latest.units.rejects(p)).collect();
        self.print_blamed("ours", &ours);
        for (label, rule) in RULES {
            let alarm = |(unit, _): &(PlantedUnit, _)| unit.series.iter().any(|series| rule(&series.values).is_some());
            self.print_blamed(label, &self.units.iter().map(alarm).collect::<Vec<_>>());
        }
    }

    fn print_blamed(&self, label: &str, blamed: &[bool]) {
        let Blamed { nothing, earlier, recall } = self.blamed(blamed);
        println!("    {label:<28}{nothing:>9}{earlier:>9}{recall:>9}");
    }

    fn blamed(&self, blamed: &[bool]) -> Blamed {
        let units = || self.units.iter().map(|(unit, _)| unit).zip(blamed);
        let changed =
            |unit: &PlantedUnit| unit.series.first().is_some_and(|s| unit.story.changes_at(s.values.len() - 1));
        let claims = || units().filter(|(_, blamed)| **blamed);
        Blamed {
            nothing: Rate::of(claims(), |(unit, _)| unit.story == Story::Flat),
            earlier: Rate::of(claims(), |(unit, _)| unit.story != Story::Flat && !changed(unit)),
            recall: Rate::of(units().filter(|(unit, _)| changed(unit)), |(_, blamed)| **blamed),
        }
    }
}

/// How often a rule blames the latest version.
struct Blamed {
    /// Of its claims: units where nothing happened.
    nothing: Rate,
    /// Of its claims: units where an earlier version changed.
    earlier: Rate,
    /// Of the units whose latest version did change.
    recall: Rate,
}

impl Claims {
    fn of(units: &[(PlantedUnit, Vec<SeriesJudgement>)], p: impl Fn(&SeriesJudgement) -> f64) -> Self {
        let members: Vec<Vec<PValue>> =
            units.iter().map(|(_, judgements)| judgements.iter().map(|j| PValue::new(p(j))).collect()).collect();
        let unit_p: Vec<PValue> = members.iter().map(|p| simes(&mut p.clone()).unwrap_or(PValue::ONE)).collect();
        let correction = Correction::default().at(Q);
        let units = correction.cutoff(&unit_p);
        let inside = |(family, &p): (&Vec<PValue>, &PValue)| {
            if units.rejects(p) { correction.members(family, &units) } else { vec![false; family.len()] }
        };
        let series = members.iter().zip(&unit_p).map(inside).collect();
        Self { units, unit_p, series }
    }
}

/// A claim about the history of one series.
struct Claim {
    /// The version named; absent for a drift.
    at: Option<usize>,
    /// The set of candidates; absent for a rule that gives none.
    credible: Option<Vec<usize>>,
}

/// What the method says of one series at alpha: its largest step.
fn claimed_step(judgement: &SeriesJudgement) -> Option<Claim> {
    if judgement.gated_p > ALPHA {
        return None;
    }
    let largest = judgement.steps.iter().max_by(|a, b| a.change.delta.abs().total_cmp(&b.change.delta.abs()));
    match (judgement.model, largest) {
        (Model::Steps, Some(step)) => {
            let credible = step.candidates.iter().filter(|candidate| candidate.credible);
            Some(Claim { at: Some(step.index), credible: Some(credible.map(|candidate| candidate.index).collect()) })
        }
        _ => Some(Claim { at: None, credible: Some(Vec::new()) }),
    }
}

/// Says how much the last of these values changed, if that is worth a line by the rule.
type Rule = fn(&[f64]) -> Option<f64>;

const RULES: [(&str, Rule); 3] = [
    ("Apple's rule, 5 %", |values| apple_rule(values, 5.0)),
    ("Apple's rule, 10 %", |values| apple_rule(values, 10.0)),
    ("last against previous, 5 %", |values| {
        let &[.., before, last] = values else { return None };
        Some(100.0 * (last / before - 1.0)).filter(|change| change.abs() >= 5.0)
    }),
];

fn apple_rule(values: &[f64], least_percent: f64) -> Option<f64> {
    apple_parity(values, APPLE_WINDOW)?.delta_percent_exact.filter(|delta| delta.abs() >= least_percent)
}

/// The rule as it is seen release by release: the version with its largest alarm. No such rule gives a set of
/// candidates.
fn rolling(rule: Rule, values: &[f64]) -> Option<Claim> {
    let alarms = (1..values.len()).filter_map(|last| Some((last, rule(&values[..=last])?.abs())));
    let (at, _) = alarms.max_by(|a, b| a.1.total_cmp(&b.1))?;
    Some(Claim { at: Some(at), credible: None })
}

/// Size of a step in percent, an improvement by that of the worsening it mirrors.
fn step_size(story: &Story) -> Option<f64> {
    match *story {
        Story::Step { percent, .. } if percent < 0.0 => Some(100.0 / (1.0 + percent / 100.0) - 100.0),
        Story::Step { percent, .. } => Some(percent),
        _ => None,
    }
}

/// How well versions were named.
#[derive(Default)]
struct Located {
    false_alarms: Rate,
    found: Rate,
    exact: Rate,
    within_one: Rate,
    covered: Rate,
}

impl Located {
    fn of(claims: impl Iterator<Item = (Story, Option<Claim>)>) -> Self {
        let mut located = Self::default();
        for (story, claim) in claims {
            match (story, claim) {
                (Story::Flat, claim) => located.false_alarms.count(claim.is_some()),
                (Story::Step { at, .. }, claim) => {
                    located.found.count(claim.is_some());
                    if let Some(claim) = claim {
                        located.exact.count(claim.at == Some(at));
                        located.within_one.count(claim.at.is_some_and(|found| found.abs_diff(at) <= 1));
                        if let Some(credible) = claim.credible {
                            located.covered.count(credible.contains(&at));
                        }
                    }
                }
                _ => {}
            }
        }
        located
    }

    fn print(&self, label: &str) {
        let Self { false_alarms, found, exact, within_one, covered } = self;
        println!("    {label:<28}{false_alarms:>9}{found:>9}{exact:>9}{within_one:>9}{covered:>9}");
    }
}

/// A step of +40 % that is at least two versions old: is the latest version blamed for it?
fn old_step(units: usize, seed: u64, method: Method) -> Result<(), Unusable> {
    println!("== an old step of +40 %: how often is the latest version called a regression? ==");
    for base in [World::s1(), World::s2()] {
        let name = base.name;
        let world = World { stories: vec![(0.9, Plot::Flat), (0.1, Plot::OldStep(40.0))], ..base };
        let batch = Batch::draw(&world, 2 * units, seed, method)?;
        let old = || batch.series().filter(|(story, ..)| matches!(story, Story::Step { .. }));
        let ours = Rate::of(old(), |(.., judgement)| {
            judgement.latest.is_some_and(|latest| latest.verdict == Verdict::Regression)
        });
        print!("  {name}: ours {ours}");
        for (label, rule) in RULES {
            print!(
                "   {label} {}",
                Rate::of(old(), |(_, series, _)| rule(&series.values).is_some_and(|delta| delta > 0.0))
            );
        }
        println!();
    }
    Ok(())
}

/// A share in percent; a dash where there is nothing to count.
#[derive(Clone, Copy, Default)]
struct Rate {
    hits: u32,
    of: u32,
}

impl Rate {
    fn of<T>(items: impl Iterator<Item = T>, hit: impl Fn(&T) -> bool) -> Self {
        let mut rate = Self::default();
        for item in items {
            rate.count(hit(&item));
        }
        rate
    }

    fn count(&mut self, hit: bool) {
        self.hits += u32::from(hit);
        self.of += 1;
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.of == 0 {
            f.pad("–")
        } else {
            f.pad(&format!("{:.1} %", 100.0 * f64::from(self.hits) / f64::from(self.of)))
        }
    }
}
