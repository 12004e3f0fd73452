//! The shipped engine on a small planted portfolio: the cause that many apps share is one event and floods nothing, and other users
//! are no regression.

use perfpower_analysis::{Analysis, Filter, Finding, HistoryBuilder, Options, RevisionDetail, Verdict, analyze};
use perfpower_parse::{ParseOptions, parse};
use perfpower_testkit::portfolio::{Kind, Portfolio, World};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::OnceLock;

/// Large enough for shares to mean something, small enough for an engine that is not optimised.
const PORTFOLIO: Portfolio = Portfolio { apps: 1_500, ..Portfolio::new(3, World::Quiet) };

/// Judged once for all tests.
fn analysis() -> &'static Analysis {
    static ANALYSIS: OnceLock<Analysis> = OnceLock::new();
    ANALYSIS.get_or_init(|| judged(&PORTFOLIO))
}

fn judged(portfolio: &Portfolio) -> Analysis {
    let histories: Vec<_> = (0..portfolio.apps)
        .into_par_iter()
        .map(|index| {
            let app = portfolio.app(index);
            let mut builder = HistoryBuilder::new(app.name.clone(), RevisionDetail::Count);
            for (number, snapshot) in (0..portfolio.snapshots).rev().enumerate() {
                let downloaded = app.downloaded(snapshot);
                builder.add(&parse(&downloaded.body, &ParseOptions::default()), downloaded.day, number as u32);
            }
            builder.finish()
        })
        .collect();
    analyze(&histories, &Filter::default(), &Options::default())
}

/// (app, metric) of what was planted of a kind.
fn planted(portfolio: &Portfolio, kind: Kind) -> BTreeSet<(String, String)> {
    let of_app = |app: perfpower_testkit::portfolio::App| {
        let name = app.name.clone();
        app.planted
            .into_iter()
            .filter(move |planted| planted.kind == kind)
            .map(move |planted| (name.clone(), planted.metric.to_owned()))
    };
    portfolio.iter().flat_map(of_app).collect()
}

/// (app, metric) of findings.
fn places<'a>(findings: impl Iterator<Item = &'a Finding>) -> BTreeSet<(String, String)> {
    findings.map(|finding| (finding.series.app.clone(), finding.series.metric.clone())).collect()
}

/// Regressions that stand in the list.
fn listed() -> impl Iterator<Item = &'static Finding> {
    analysis().findings.iter().filter(|finding| finding.verdict == Verdict::Regression && finding.is_own())
}

#[test]
fn each_common_cause_is_named_once_and_nothing_else_is() {
    let told: Vec<(&str, &str, &str)> = analysis()
        .platform_events
        .iter()
        .map(|event| (event.metric.as_str(), event.device.as_str(), event.device_label.as_str()))
        .collect();
    assert_eq!(told, [("peakMemory", "iPhone13,2", "iPhone 12"), ("onScreen", "all_iphones", "All iPhones")]);
    let caused = planted(&PORTFOLIO, Kind::CommonCause);
    for (position, (event, percent)) in analysis().platform_events.iter().zip([24.0, 15.0]).enumerate() {
        assert_eq!(event.day.map(|day| day.to_string()).as_deref(), Some("2026-10-05"));
        assert!((event.median_percent - percent).abs() < 2.0, "{event:?}");
        let set_aside = places(analysis().findings.iter().filter(|finding| finding.platform_event == Some(position)));
        assert_eq!(set_aside.len(), event.apps_affected);
        let reached = caused.iter().filter(|(_, metric)| *metric == event.metric).count();
        let right = set_aside.intersection(&caused).count();
        assert!(right * 10 >= reached * 8, "{right} of {reached}");
        assert!(right * 100 >= set_aside.len() * 98, "what an app did itself is not the platform's: {right}");
    }
    // What is set aside stands behind everything that is an app's own.
    let findings = &analysis().findings;
    let first = findings.iter().position(|finding| !finding.is_own()).unwrap_or(0);
    assert!(findings[first..].iter().all(|finding| !finding.is_own()));
}

#[test]
fn of_the_listed_regressions_at_least_95_in_100_are_true() {
    let mut truth = planted(&PORTFOLIO, Kind::Step);
    truth.append(&mut planted(&PORTFOLIO, Kind::SharedLibrary));
    let listed = places(listed());
    let right = listed.intersection(&truth).count();
    assert!(right * 100 >= listed.len() * 95, "{right} of {}", listed.len());
    assert!(right * 10 >= truth.len() * 6, "{right} of {} found", truth.len());
}

#[test]
fn a_library_that_few_apps_share_stays_listed() {
    let library = planted(&PORTFOLIO, Kind::SharedLibrary);
    assert!(!library.is_empty() && library.is_subset(&places(listed())), "{library:?}");
}

#[test]
fn other_users_are_no_regression() {
    let shifted = planted(&PORTFOLIO, Kind::MixShift);
    assert!(!shifted.is_empty());
    assert_eq!(shifted.intersection(&places(listed())).count(), 0);
}
