use super::*;
use crate::analysis::Analysis;
use crate::claim::finding::{GoalSource, GoalStatus, VersionProbability};
use crate::claim::sample::{finding, launch, series};
use crate::{HistoryBuilder, Judged, Options, RevisionDetail};
use perfpower_parse::{ParseOptions, parse};

fn step() -> Finding {
    finding(launch("a"), 1)
}

/// How a finding stands to what it was; nothing else was claimed.
fn stands(now: Finding, was: Finding) -> (Standing, Vec<Gone>) {
    let id = now.id;
    let news = compared(&[now], &earlier(&[was]), 0.2, |_| Measured::Still(Some(0.2)));
    (news.standing(id).clone(), news.gone)
}

fn earlier(findings: &[Finding]) -> Earlier {
    let analysis = Analysis { findings: findings.to_vec(), ..crate::summarize(&[], &Options::default()) };
    Earlier::of(&analysis)
}

fn changed(now: Finding) -> Vec<Difference> {
    match stands(now, step()) {
        (Standing::Changed(differences), gone) if gone.is_empty() => differences,
        other => panic!("{other:?}"),
    }
}

fn likely(version: &str) -> Vec<VersionProbability> {
    vec![VersionProbability { version: version.into(), probability: 0.9 }]
}

#[test]
fn what_is_as_it_was_is_known() {
    assert_eq!(stands(step(), step()), (Standing::Known, vec![]));
    // Another population leads the card, so that its id is another one.
    let other = Finding { id: FindingId(2), ..finding(series("a", "LAUNCH", "launchTime", "iPhone12,1", "p50"), 2) };
    assert_eq!(stands(other, step()), (Standing::Known, vec![]));
    let news = compared(&[], &Earlier::default(), 0.2, |_| Measured::Still(None));
    assert!(news.is_empty());
}

#[test]
fn each_difference_is_told() {
    let latest = Finding { kind: FindingKind::Latest, state: None, id: FindingId(2), ..step() };
    assert_eq!(stands(step(), latest), (Standing::Changed(vec![Difference::Lasts]), vec![]));
    let moved = Finding { version: "1.4".into(), id: FindingId(2), credible_versions: likely("1.3"), ..step() };
    assert_eq!(changed(moved), [Difference::Version { was: "1.3".into() }]);
    let drift = Finding { kind: FindingKind::Drift, state: None, version: "1.0".into(), id: FindingId(2), ..step() };
    assert_eq!(changed(drift), [Difference::Kind { was: FindingKind::Step }]);
    let unsure = Finding { verdict: Verdict::Inconclusive, ..step() };
    assert_eq!(changed(unsure), [Difference::Verdict { was: Verdict::Regression }]);
    let partly = Finding { state: Some(StepState::PartlyRecovered), ..step() };
    assert_eq!(changed(partly), [Difference::State { was: Some(StepState::Open) }]);
    // The interval then was 30 to 50 %.
    assert_eq!(
        changed(Finding { change: Change::Percent(51.0), ..step() }),
        [Difference::Size { was: Change::Percent(40.0) }]
    );
    let mut shared = step();
    shared.platform_event = Some(0);
    assert_eq!(changed(shared.clone()), [Difference::Shared]);
    assert_eq!(stands(step(), shared).0, Standing::Changed(vec![Difference::OfItsOwn]));
    let mut some = step();
    some.spread.breadth = Breadth::Localised;
    assert_eq!(changed(some), [Difference::Breadth { was: Breadth::Unknown }]);
    let missed = GoalStatus {
        series: launch("a"),
        percentile: None,
        unit_label: None,
        source: GoalSource::Recommended(None),
        bound: None,
        label: None,
        label_before: None,
        version: "1.5".into(),
        level: 700.0,
        probability: None,
        attainment: Attainment::Missed,
        distance_percent: None,
        transition: false,
    };
    assert_eq!(changed(Finding { goal: Some(missed), ..step() }), [Difference::Goal { was: None }]);
}

#[test]
fn what_has_recovered_is_gone_and_what_opens_again_is_new_work() {
    let recovered = Finding { state: Some(StepState::Recovered), recovered_in: Some("1.5".into()), ..step() };
    let (standing, _) = stands(recovered.clone(), step());
    assert_eq!((standing.as_str(), standing.is_new_work()), ("gone", false));
    let (standing, _) = stands(step(), recovered.clone());
    assert_eq!((standing.as_str(), standing.is_new_work()), ("changed", true));
    assert_eq!(stands(recovered.clone(), recovered).0, Standing::Known);
}

#[test]
fn a_change_the_other_way_or_of_a_version_that_was_out_of_question_is_another_one() {
    let fell = Finding { level_after: 400.0, id: FindingId(2), ..step() };
    let (standing, gone) = stands(fell, step());
    assert_eq!(standing, Standing::New);
    assert_eq!(gone[0].why, WhyGone::Withdrawn { p: Some(0.2) });
    let later = Finding { version: "1.5".into(), id: FindingId(2), credible_versions: likely("1.5"), ..step() };
    let (standing, gone) = stands(later, step());
    assert_eq!(standing, Standing::New);
    assert_eq!(gone[0].why, WhyGone::Replaced { by: FindingId(2), version: "1.5".into() });
}

#[test]
fn one_claim_is_what_one_finding_was() {
    // Two findings of one version: the one that keeps the id is known, the other is new.
    let other = Finding { id: FindingId(2), ..step() };
    let news = compared(&[other, step()], &earlier(&[step()]), 0.2, |_| Measured::Still(None));
    assert_eq!((news.standing(FindingId(1)), news.standing(FindingId(2))), (&Standing::Known, &Standing::New));
}

#[test]
fn what_is_not_measured_says_what_is_missing() {
    let gone = |what| {
        let news = compared(&[], &earlier(&[step()]), 0.2, |_| Measured::Not(what));
        news.gone[0].why.clone()
    };
    assert_eq!(gone(NotMeasured::App), WhyGone::NotMeasured(NotMeasured::App));
    let options = Options::default();
    let judged = |histories: &[_]| {
        Judged::since(histories, &options, Some(&earlier(&[step()]))).into_analysis(&Filter::default())
    };
    let news = judged(&[]).news.unwrap();
    assert_eq!(news.gone[0].why, WhyGone::NotMeasured(NotMeasured::App));
    let news = judged(&[history("a", 0.0)]).news.unwrap();
    assert_eq!(news.gone[0].why, WhyGone::NotMeasured(NotMeasured::Version));
    // A filter that does not show the app does not tell of it either.
    let filter = Filter { apps: vec!["b".into()], ..Filter::default() };
    let histories = [history("a", 0.0)];
    let judged = Judged::since(&histories, &options, Some(&earlier(&[step()])));
    assert!(judged.analysis(&filter).news.as_ref().unwrap().is_empty());
}

/// An app whose launch time scatters by some percent over 12 versions, with a step in the eighth.
fn history(app: &str, step: f64) -> crate::AppHistory {
    const NOISE: [f64; 12] = [0.3, -1.1, 0.8, 1.4, -0.6, -1.3, 0.2, 0.9, -0.4, 1.2, -0.9, 0.1];
    let points = |seed: usize| {
        let points = (0..12).map(|version| {
            let noise = 0.03 * NOISE[(version * 5 + seed) % 12];
            let value = 500.0 * (noise + if version >= 7 { step } else { 0.0 }).exp();
            format!("{{\"version\":\"2.{version}\",\"value\":{value:.4}}}")
        });
        points.collect::<Vec<_>>().join(",")
    };
    let datasets = ["all_iphones", "iPhone12,1", "iPhone13,2"].iter().enumerate().map(|(seed, device)| {
        format!(
            "{{\"filterCriteria\":{{\"device\":\"{device}\",\"percentile\":\"percentile.ninety\"}},\"points\":[{}]}}",
            points(3 * seed)
        )
    });
    let body = format!(
        "{{\"productData\":[{{\"platform\":\"iOS\",\"metricCategories\":[{{\"identifier\":\"LAUNCH\",\"metrics\":[{{\"identifier\":\
         \"launchTime\",\"datasets\":[{}]}}]}}]}}]}}",
        datasets.collect::<Vec<_>>().join(",")
    );
    let mut builder = HistoryBuilder::new(app, RevisionDetail::Count);
    builder.add(&parse(body.as_bytes(), &ParseOptions::default()), Day::from_days(20_000), 0);
    builder.finish()
}

#[test]
fn a_claim_that_was_made_is_kept_at_a_weaker_level_and_no_other_one_is_made_there() {
    let options = Options::default();
    let claims = |histories: &[crate::AppHistory], earlier: Option<&Earlier>| -> Vec<Finding> {
        Judged::since(histories, &options, earlier).into_analysis(&Filter::default()).findings
    };
    let sure = earlier(&claims(&[history("a", 0.4)], None));
    assert_eq!(sure.claims.iter().map(|claim| claim.version.as_str()).collect::<Vec<_>>(), ["2.7"]);
    let fell = Earlier {
        claims: sure.claims.iter().map(|claim| EarlierClaim { rises: !claim.rises, ..claim.clone() }).collect(),
        ..sure.clone()
    };
    // Between two steps a claim is not made, and is kept where it was made.
    let kept: Vec<f64> = (0..120)
        .map(|percent| f64::from(percent) / 400.0)
        .filter(|&step| {
            let now = [history("a", step)];
            let by_itself = claims(&now, None);
            let since = claims(&now, Some(&sure));
            assert!(since.len() >= by_itself.len());
            assert_eq!(claims(&now, Some(&fell)), by_itself, "a step of {step}");
            by_itself.is_empty() && !since.is_empty()
        })
        .collect();
    assert!(!kept.is_empty());
    let now = [history("a", kept[0])];
    let news = Judged::since(&now, &options, Some(&sure)).into_analysis(&Filter::default()).news.unwrap();
    assert!(news.gone.is_empty() && news.standings.values().all(|standing| !standing.is_new_work()), "{news:?}");
    assert!((news.kept_rate - 0.2).abs() < 1e-12);
    let still = [history("a", 0.0)];
    let news = Judged::since(&still, &options, Some(&sure)).into_analysis(&Filter::default()).news.unwrap();
    assert!(matches!(news.gone[0].why, WhyGone::Withdrawn { p: Some(_) }), "{news:?}");
}
