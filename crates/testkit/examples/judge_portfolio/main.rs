//! Judges planted portfolios with the shipped engine, and prints how its list compares with the lists that people make without it.
//!
//! ```sh
//! cargo run --release -p perfpower-testkit --example judge_portfolio -- [--apps N] [--seed S]
//! ```
//!
//! The portfolio is generated in memory, so the bodies go the whole way: parser, merge of the snapshots, analysis. A place in a list
//! is an app × metric. It is *true* if the app got slower there: a planted step, open or recovered, or a library that few apps share. What the platform did to many
//! apps, and what other users did to an aggregate, is not true. Its *true worsening* is that of all users, the aggregate.
#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

mod naive;
mod truth;

use naive::{Naive, naive_scores};
use perfpower_analysis::{
    Analysis, AppHistory, Breadth, Filter, Finding, HistoryBuilder, Options, PlatformEvent, RevisionDetail, Verdict,
    analyze,
};
use perfpower_parse::{ParseOptions, parse};
use perfpower_testkit::portfolio::{Kind, Portfolio, World};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;
use truth::{Place, Truth};

/// How many places of a list are looked at: what somebody reads before going on with the day.
const TOP: usize = 20;

/// How many false claims are shown: to see what kind they are.
const SHOWN: usize = 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut apps = 5_000;
    let mut seed = 1;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = arguments.next().ok_or("usage: judge_portfolio [--apps N] [--seed S]")?;
        match argument.as_str() {
            "--apps" => apps = value.parse()?,
            "--seed" => seed = value.parse()?,
            _ => return Err(format!("unknown option {argument}").into()),
        }
    }
    for world in [World::Quiet, World::Noisy] {
        let portfolio = Portfolio { apps, ..Portfolio::new(seed, world) };
        println!("== {world:?} world: {apps} apps, {} snapshots, seed {seed} ==", portfolio.snapshots);
        judge_world(&portfolio);
        println!();
    }
    Ok(())
}

fn judge_world(portfolio: &Portfolio) {
    let start = Instant::now();
    let truth = Truth::of(portfolio);
    let histories: Vec<AppHistory> =
        (0..portfolio.apps).into_par_iter().map(|index| history(portfolio, index)).collect();
    let read = start.elapsed();
    let analysis = analyze(&histories, &Filter::default(), &Options::default());
    println!(
        "made and read in {:.1} s, analysed in {:.1} s\n",
        read.as_secs_f64(),
        start.elapsed().saturating_sub(read).as_secs_f64()
    );
    print_lists(&histories, &analysis, &truth);
    print_claims(&analysis, &truth);
    print_common_cause(&analysis, &truth);
}

/// One app as an archive of its snapshots gives it. A damaged body loses that snapshot, and nothing else.
fn history(portfolio: &Portfolio, index: usize) -> AppHistory {
    let app = portfolio.app(index);
    let mut builder = HistoryBuilder::new(app.name.clone(), RevisionDetail::Count);
    for (number, snapshot) in (0..portfolio.snapshots).rev().enumerate() {
        let downloaded = app.downloaded(snapshot);
        let document = parse(&downloaded.body, &ParseOptions::default());
        builder.add(&document, downloaded.day, number as u32);
    }
    builder.finish()
}

fn place(finding: &Finding) -> Place {
    Place::new(&finding.series.app, &finding.series.category, &finding.series.metric)
}

/// Regressions that the report lists as the app's own, in its order.
fn listed(analysis: &Analysis) -> Vec<&Finding> {
    analysis
        .findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Regression && finding.platform_event.is_none())
        .collect()
}

fn print_lists(histories: &[AppHistory], analysis: &Analysis, truth: &Truth) {
    let ours = listed(analysis);
    let mut by_p = ours.clone();
    by_p.sort_by(|a, b| a.p.total_cmp(&b.p));
    let mut by_size = ours.clone();
    let size = |finding: &Finding| finding.change.percent().unwrap_or(f64::INFINITY);
    by_size.sort_by(|a, b| size(b).total_cmp(&size(a)));
    let places = |findings: &[&Finding]| distinct(findings.iter().map(|finding| place(finding)));
    println!("  top {TOP} by                               true   mean true worsening");
    let row = |name: &str, places: &[Place]| {
        let top = &places[..TOP.min(places.len())];
        let count = top.iter().filter(|place| truth.is_regression(place)).count();
        let mean = top.iter().map(|place| truth.worsening(place)).sum::<f64>() / TOP as f64;
        println!("  {name:<38} {:>3} %  {mean:>6.1} %", 100 * count / top.len().max(1));
        mean
    };
    let own = row("our score", &places(&ours));
    row("our p", &places(&by_p));
    let claimed = row("the point estimates of our claims", &places(&by_size));
    let naive = naive_scores(histories);
    let mut point = 0.0;
    for kind in Naive::ALL {
        let mut ranked: Vec<(f64, &Place)> = naive.iter().map(|(place, scores)| (scores.of(kind), place)).collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        let places: Vec<Place> = ranked.into_iter().map(|(_, place)| place.clone()).collect();
        let mean = row(kind.name(), &places);
        if kind == Naive::PointEstimate {
            point = mean;
        }
    }
    let best = row("the truth itself", &truth.worst_first());
    println!(
        "  ours against the point estimate {:.2}, of claims alone {:.2}, against the truth {:.2}\n",
        own / point,
        own / claimed,
        own / best
    );
}

fn distinct(places: impl Iterator<Item = Place>) -> Vec<Place> {
    let mut seen = BTreeSet::new();
    places.filter(|place| seen.insert(place.clone())).collect()
}

fn print_claims(analysis: &Analysis, truth: &Truth) {
    let claimed = distinct(listed(analysis).into_iter().map(place));
    let is_claimed: BTreeSet<&Place> = claimed.iter().collect();
    let wrong: Vec<&Place> = claimed.iter().filter(|place| !truth.is_regression(place)).collect();
    let of_kind = |kind| wrong.iter().filter(|place| truth.is(place, kind)).count();
    println!("  regressions listed                {:>6}", claimed.len());
    println!("  of them not true                  {:>6}  ({:.1} %)", wrong.len(), percent(wrong.len(), claimed.len()));
    let platforms = of_kind(Kind::CommonCause);
    println!("    a cause that many apps share    {platforms:>6}");
    println!("    mix shifts called regressions   {:>6}", of_kind(Kind::MixShift));
    println!(
        "    without the shared cause        {:>6}  ({:.1} %)",
        wrong.len() - platforms,
        percent(wrong.len() - platforms, claimed.len() - platforms)
    );
    print_kinds(analysis, truth);
    for finding in listed(analysis).iter().filter(|finding| !truth.is_regression(&place(finding))).take(SHOWN) {
        let series = &finding.series;
        println!(
            "      {} {} {} {}: {} {:+.0} % in {}, {}, members {:?}",
            series.app,
            series.metric,
            series.device,
            series.percentile_label,
            finding.kind.as_str(),
            finding.change.percent().unwrap_or(f64::NAN),
            finding.version,
            finding.spread.breadth.as_str(),
            finding.spread.devices.iter().map(|d| d.change.percent().map(f64::round)).collect::<Vec<_>>()
        );
    }
    let mixes = truth.places(Kind::MixShift);
    let named = analysis
        .findings
        .iter()
        .filter(|finding| finding.spread.breadth == Breadth::MixShift && truth.is(&place(finding), Kind::MixShift));
    let named = distinct(named.map(place)).len();
    println!("  mix shifts named as such          {named:>6}  of {}", mixes.len());
    for (low, high) in [(0.0, 10.0), (10.0, 20.0), (20.0, f64::INFINITY)] {
        let steps: Vec<Place> = truth
            .places(Kind::Step)
            .into_iter()
            .filter(|place| (low..high).contains(&truth.worsening(place)))
            .collect();
        let found = steps.iter().filter(|place| is_claimed.contains(place)).count();
        let range = if high.is_finite() { format!("{low} to {high} %") } else { format!("{low} % and more") };
        println!(
            "  steps of {range:<14} found     {found:>6}  of {} ({:.0} %)",
            steps.len(),
            percent(found, steps.len())
        );
    }
    let improvements = truth.places(Kind::Improvement);
    let found: BTreeSet<Place> =
        analysis.findings.iter().filter(|finding| finding.verdict == Verdict::Improvement).map(place).collect();
    let count = improvements.iter().filter(|place| found.contains(place)).count();
    println!("  improvements found                {count:>6}  of {}\n", improvements.len());
}

/// How many of the listed cards are not true, by what they claim and by who leads them.
fn print_kinds(analysis: &Analysis, truth: &Truth) {
    let mut counts: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    for finding in listed(analysis) {
        let who = if finding.series.device.starts_with("all_") { "aggregate" } else { "one device" };
        let count = counts.entry((finding.kind.as_str(), who)).or_default();
        count.0 += 1;
        count.1 += usize::from(!truth.is_regression(&place(finding)));
    }
    for ((kind, who), (cards, wrong)) in counts {
        println!(
            "      {:<28}  {wrong:>6}  of {cards} ({:.1} %)",
            format!("{kind}, led by {who}"),
            percent(wrong, cards)
        );
    }
}

fn print_common_cause(analysis: &Analysis, truth: &Truth) {
    let caused = truth.common_causes();
    println!("  common causes named               {:>6}  of {} planted", analysis.platform_events.len(), caused.len());
    for ((metric, devices), apps) in caused {
        println!("    planted: {metric} on {} in {apps} apps", devices.join(", "));
    }
    for PlatformEvent { category, metric, device, day, apps_affected, apps_measured, median_percent, p, .. } in
        &analysis.platform_events
    {
        let day = day.map_or_else(|| "no day".to_owned(), |day| day.to_string());
        println!(
            "    named:   {category}/{metric} on {device} from {day}: {apps_affected} of {apps_measured} apps, {median_percent:+.1} %, p {p:.0e}"
        );
    }
    let mut own = 0;
    let mut set_aside = 0;
    for finding in analysis.findings.iter().filter(|finding| finding.verdict == Verdict::Regression) {
        if truth.is_regression(&place(finding)) {
            *(if finding.is_own() { &mut own } else { &mut set_aside }) += 1;
        }
    }
    println!("    apps' own regressions set aside with them {set_aside}, listed {own}");
    let library: BTreeSet<Place> = truth.places(Kind::SharedLibrary).into_iter().collect();
    let listed: BTreeSet<Place> =
        listed(analysis).into_iter().map(place).filter(|place| library.contains(place)).collect();
    println!("  apps of one owner with one library {:>5}  of {} listed as their own", listed.len(), library.len());
}

fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 }
}
