//! The shipped engine on a small planted portfolio: the cause that many apps share is one event and floods nothing, and other users
//! are no regression.

use perfpower_analysis::{Analysis, Filter, HistoryBuilder, Options, RevisionDetail, Verdict, analyze};
use perfpower_parse::{ParseOptions, parse};
use perfpower_testkit::portfolio::{Kind, Portfolio, World};
use rayon::prelude::*;
use std::collections::BTreeSet;

const SMALL: Portfolio = Portfolio { apps: 160, ..Portfolio::new(3, World::Quiet) };

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

#[test]
fn a_common_cause_is_named_once_and_nothing_else_is() {
    let analysis = judged(&SMALL);
    let [event] = &*analysis.platform_events else { panic!("{:?}", analysis.platform_events) };
    assert_eq!((event.category.as_str(), event.metric.as_str()), ("MEMORY", "peakMemory"));
    assert_eq!((event.device.as_str(), event.device_label.as_str()), ("iPhone13,2", "iPhone 12"));
    assert_eq!(event.day.map(|day| day.to_string()).as_deref(), Some("2026-10-05"));
    assert!((event.median_percent - 24.0).abs() < 3.0, "{event:?}");

    let caused = planted(&SMALL, Kind::CommonCause);
    let set_aside: BTreeSet<(String, String)> = analysis
        .findings
        .iter()
        .filter(|finding| finding.platform_event.is_some())
        .map(|finding| (finding.series.app.clone(), finding.series.metric.clone()))
        .collect();
    assert_eq!(set_aside.len(), event.apps_affected);
    assert!(set_aside.is_subset(&caused), "what an app did itself is not the platform's");
    assert!(set_aside.len() * 10 >= caused.len() * 8, "{} of {}", set_aside.len(), caused.len());
    // What is set aside stands behind everything that is an app's own.
    let first = analysis.findings.iter().position(|finding| !finding.is_own()).unwrap_or(0);
    assert!(analysis.findings[first..].iter().all(|finding| !finding.is_own()));
}

#[test]
fn other_users_are_no_regression() {
    let analysis = judged(&SMALL);
    let shifted = planted(&SMALL, Kind::MixShift);
    assert!(!shifted.is_empty());
    for finding in analysis.findings.iter().filter(|finding| finding.verdict == Verdict::Regression) {
        let place = (finding.series.app.clone(), finding.series.metric.clone());
        assert!(!shifted.contains(&place), "{:?}", finding.series);
    }
}
