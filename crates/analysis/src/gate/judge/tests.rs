use super::*;
use crate::analysis::AppSummary;
use crate::claim::finding::{LevelGoal, RelatedSeries, StepState};
use crate::claim::sample::{finding, launch, series};
use crate::gate::{AppCoverage, UnreadInput};
use crate::options::Options;
use perfpower_statistics::Unusable;

/// Over data that were all read.
fn judge_rules(
    analysis: &Analysis,
    levels: &[SeriesLevel],
    rules: &[Rule],
    waivers: &[Waiver],
    today: Day,
) -> GateReport {
    super::judge_rules(analysis, levels, &Coverage::default(), rules, waivers, today)
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

const TODAY: &str = "2026-11-23";

/// A level of 700 (latest value 712) with the interval 690 to 710, over six versions up to 1.5.
fn level(series: SeriesName) -> SeriesLevel {
    SeriesLevel {
        unusable: None,
        series,
        percentile: Some(90.0),
        unit_label: Some("ms".into()),
        higher_is_better: false,
        version: "1.5".into(),
        value: 712.0,
        level: 700.0,
        ci: [690.0, 710.0],
        points: 6,
        judged: true,
        detectable_percent: Some(8.0),
        earlier: Vec::new(),
        holds: Vec::new(),
        newest_day: day("2026-11-20"),
        goals: vec![
            LevelGoal { label: "good".into(), lower: None, upper: Some(400.0) },
            LevelGoal { label: "fair".into(), lower: Some(400.0), upper: Some(800.0) },
            LevelGoal { label: "poor".into(), lower: Some(800.0), upper: None },
        ],
        recommended: Some(695.0),
    }
}

fn analysis(apps: &[&str], findings: Vec<Finding>) -> Analysis {
    let app = |key: &&str| AppSummary {
        app: (*key).into(),
        name: key.to_uppercase(),
        platform: Some("iOS".into()),
        bundle_id: None,
        latest_version: Some("1.5".into()),
        versions: Vec::new(),
        snapshots: vec![day("2026-11-01"), day("2026-11-20")],
        series: 1,
        points: 6,
        categories: Vec::new(),
    };
    Analysis { apps: apps.iter().map(app).collect(), findings, ..Analysis::empty(&Options::default()) }
}

fn rule(demand: Demand) -> Rule {
    Rule { name: "r".into(), scope: Filter::default(), demand, mode: RuleMode::Gate, strict: false }
}

fn budget(bound: f64) -> Budget {
    Budget { bound, unit: None }
}

fn at_most(bound: f64) -> Rule {
    rule(Demand::AtMost(budget(bound)))
}

/// The verdict of a rule over one app `a` with one level.
fn verdict_of(rule: &Rule, level: SeriesLevel) -> OutcomeVerdict {
    let report = judge_rules(&analysis(&["a"], vec![]), &[level], std::slice::from_ref(rule), &[], day(TODAY));
    assert_eq!(report.outcomes.len(), 1);
    report.outcomes[0].verdict
}

#[test]
fn a_budget_trips_where_the_whole_interval_is_beyond_it() {
    // Level 690 — 700 — 710, latest value 712:
    //
    //     680    690 ......... 710
    //      |      |             |      trips: the interval is clear of the bound
    //             |  705        |      passes: over is possible, not sure
    for (bound, expected, strictly) in [
        (680.0, OutcomeVerdict::Trip, OutcomeVerdict::Trip),
        (690.0, OutcomeVerdict::Pass, OutcomeVerdict::Trip),
        (705.0, OutcomeVerdict::Pass, OutcomeVerdict::Trip),
        (712.0, OutcomeVerdict::Pass, OutcomeVerdict::Pass),
        (800.0, OutcomeVerdict::Pass, OutcomeVerdict::Pass),
    ] {
        assert_eq!(verdict_of(&at_most(bound), level(launch("a"))), expected, "{bound}");
        let strict = Rule { strict: true, ..at_most(bound) };
        assert_eq!(verdict_of(&strict, level(launch("a"))), strictly, "{bound}, strict");
    }
    let at_least = |bound| rule(Demand::AtLeast(budget(bound)));
    assert_eq!(verdict_of(&at_least(711.0), level(launch("a"))), OutcomeVerdict::Trip);
    assert_eq!(verdict_of(&at_least(710.0), level(launch("a"))), OutcomeVerdict::Pass);
    assert_eq!(verdict_of(&Rule { strict: true, ..at_least(711.0) }, level(launch("a"))), OutcomeVerdict::Pass);
}

#[test]
fn a_rule_that_informs_does_not_trip() {
    let inform = Rule { mode: RuleMode::Inform, ..at_most(1.0) };
    assert_eq!(verdict_of(&inform, level(launch("a"))), OutcomeVerdict::Informed);
    let report = judge_rules(&analysis(&["a"], vec![]), &[level(launch("a"))], &[inform], &[], day(TODAY));
    assert!(!report.is_tripped());
}

#[test]
fn the_numbers_of_an_outcome_are_those_it_rests_on() {
    let report = judge_rules(&analysis(&["a"], vec![]), &[level(launch("a"))], &[at_most(600.0)], &[], day(TODAY));
    let outcome = &report.outcomes[0];
    assert_eq!(
        (outcome.app_name.as_deref().unwrap_or_default(), outcome.version.as_deref().unwrap_or_default()),
        ("A", "1.5")
    );
    assert_eq!((outcome.metric.as_deref().unwrap_or_default(), outcome.percentile), ("launchTime", Some(90.0)));
    let bound = Bound { value: 600.0, side: BoundSide::Below, inclusive: true, source: BoundSource::Budget };
    assert_eq!(outcome.evidence, Evidence::Level { value: 712.0, level: 700.0, ci: [690.0, 710.0], bound });
    assert_eq!(report.newest_snapshot, Some(day("2026-11-20")));
    assert!(report.is_tripped());
}

#[test]
fn goals_give_their_own_bounds_and_their_upper_end_is_outside() {
    let label = |label: &str| rule(Demand::Goal(GoalChoice::Label(label.into())));
    assert_eq!(verdict_of(&label("good"), level(launch("a"))), OutcomeVerdict::Trip);
    assert_eq!(verdict_of(&label("FAIR"), level(launch("a"))), OutcomeVerdict::Pass);
    // `poor` is open above: nothing breaks it, so it is no goal.
    assert_eq!(verdict_of(&label("poor"), level(launch("a"))), OutcomeVerdict::NotEnoughData);
    assert_eq!(verdict_of(&label("great"), level(launch("a"))), OutcomeVerdict::NotEnoughData);
    let at_the_end = SeriesLevel { value: 400.0, level: 400.0, ci: [400.0, 400.0], ..level(launch("a")) };
    assert_eq!(verdict_of(&label("good"), at_the_end), OutcomeVerdict::Trip);

    let recommended = rule(Demand::Goal(GoalChoice::Recommended));
    assert_eq!(verdict_of(&recommended, level(launch("a"))), OutcomeVerdict::Pass);
    assert_eq!(verdict_of(&Rule { strict: true, ..recommended.clone() }, level(launch("a"))), OutcomeVerdict::Trip);
    let none = SeriesLevel { recommended: None, ..level(launch("a")) };
    assert_eq!(verdict_of(&recommended, none), OutcomeVerdict::NotEnoughData);

    let higher = SeriesLevel { higher_is_better: true, ..level(launch("a")) };
    // Bound 800 from below: 710 is surely under it. The lower end itself is inside.
    assert_eq!(verdict_of(&label("poor"), higher.clone()), OutcomeVerdict::Trip);
    let at_the_end = SeriesLevel { value: 800.0, level: 800.0, ci: [800.0, 800.0], ..higher };
    assert_eq!(verdict_of(&label("poor"), at_the_end), OutcomeVerdict::Pass);
}

#[test]
fn a_budget_in_another_unit_is_not_judged() {
    let meant = |unit: &str| rule(Demand::AtMost(Budget { bound: 0.5, unit: Some(unit.into()) }));
    assert_eq!(verdict_of(&meant("ms"), level(launch("a"))), OutcomeVerdict::Trip);
    let report = judge_rules(&analysis(&["a"], vec![]), &[level(launch("a"))], &[meant("s")], &[], day(TODAY));
    let missing = MissingData::OtherUnit { expected: "s".into() };
    assert_eq!(report.outcomes[0].evidence, Evidence::Missing(missing));
    assert_eq!(report.outcomes[0].unit_label.as_deref(), Some("ms"));
}

#[test]
fn a_level_that_is_not_a_number_is_not_judged() {
    for broken in [
        SeriesLevel { ci: [f64::NAN, 710.0], ..level(launch("a")) },
        SeriesLevel { level: f64::INFINITY, ..level(launch("a")) },
    ] {
        assert_eq!(verdict_of(&at_most(1.0), broken), OutcomeVerdict::NotEnoughData);
    }
}

#[test]
fn a_series_that_cannot_be_judged_keeps_no_rule_and_says_why() {
    let why = Unusable::Zero(2);
    let unusable =
        SeriesLevel { unusable: Some(why), judged: false, ci: [f64::NAN; 2], level: f64::NAN, ..level(launch("a")) };
    for demand in [
        at_most(1000.0).demand,
        since("1.1", 5.0).demand,
        Demand::NoRegression { kind: RegressionKind::Open, since: None },
        Demand::MaxOpenRegressions { count: 0, per: CountPer::App },
    ] {
        let report =
            judge_rules(&analysis(&["a"], vec![]), std::slice::from_ref(&unusable), &[rule(demand)], &[], day(TODAY));
        assert_eq!(report.outcomes[0].evidence, Evidence::Missing(MissingData::Unusable(why)));
        assert_eq!(report.outcomes[0].verdict, OutcomeVerdict::NotJudged);
    }
}

fn since(version: &str, percent: f64) -> Rule {
    rule(Demand::NoWorseThan { version: version.into(), percent })
}

/// The level of [`level`] with one earlier version `1.1`.
fn with_earlier(value: f64, earlier_level: f64, ci: [f64; 2]) -> SeriesLevel {
    let then = VersionLevel { version: "1.1".into(), value, level: earlier_level, ci, same_level: false };
    SeriesLevel { earlier: vec![then], ..level(launch("a")) }
}

#[test]
fn no_worse_than_a_version_needs_a_sure_difference() {
    // Then 600 (594 to 606), now 700 (690 to 710): +16.67 %. Half widths on the log scale ln(606/594)/2 = 0.010000 and
    // ln(710/690)/2 = 0.014287, together 0.017439; centre ln(700/600) = 0.154151; so +14.65 % to +18.72 %.
    let now = with_earlier(640.0, 600.0, [594.0, 606.0]);
    assert_eq!(verdict_of(&since("1.1", 14.0), now.clone()), OutcomeVerdict::Trip);
    assert_eq!(verdict_of(&since("1.1.0", 14.6), now.clone()), OutcomeVerdict::Trip);
    assert_eq!(verdict_of(&since("1.1", 14.7), now.clone()), OutcomeVerdict::Pass);
    // By value: 712 / 640 = +11.25 %.
    assert_eq!(verdict_of(&Rule { strict: true, ..since("1.1", 11.2) }, now.clone()), OutcomeVerdict::Trip);
    assert_eq!(verdict_of(&Rule { strict: true, ..since("1.1", 11.3) }, now.clone()), OutcomeVerdict::Pass);

    let report =
        judge_rules(&analysis(&["a"], vec![]), std::slice::from_ref(&now), &[since("1.1", 14.0)], &[], day(TODAY));
    let Evidence::Since { before, now: after, ci_percent: Some([low, high]), .. } = &report.outcomes[0].evidence else {
        panic!("{:?}", report.outcomes[0]);
    };
    assert_eq!((*before, *after), (600.0, 700.0));
    assert!((low - 14.650).abs() < 0.001 && (high - 18.719).abs() < 0.001, "{low} {high}");

    // Where higher is better the same rise is no loss, and a fall is.
    let higher = SeriesLevel { higher_is_better: true, ..now };
    assert_eq!(verdict_of(&since("1.1", 0.0), higher), OutcomeVerdict::Pass);
    let fallen = SeriesLevel { higher_is_better: true, ..with_earlier(900.0, 900.0, [890.0, 910.0]) };
    // 700 / 900 = −22.2 %.
    assert_eq!(verdict_of(&since("1.1", 15.0), fallen.clone()), OutcomeVerdict::Trip);
    assert_eq!(verdict_of(&since("1.1", 22.0), fallen), OutcomeVerdict::Pass);
}

#[test]
fn no_worse_than_a_version_at_zero_a_version_on_the_same_level_and_one_that_is_not_there() {
    let zero = with_earlier(0.0, 0.0, [0.0, 0.0]);
    assert_eq!(verdict_of(&since("1.1", 1000.0), zero.clone()), OutcomeVerdict::Trip);
    assert_eq!(verdict_of(&Rule { strict: true, ..since("1.1", 1000.0) }, zero.clone()), OutcomeVerdict::Trip);
    let still_zero = SeriesLevel { value: 0.0, level: 0.0, ci: [0.0, 0.0], ..zero };
    assert_eq!(verdict_of(&since("1.1", 0.0), still_zero), OutcomeVerdict::Pass);

    let mut same = with_earlier(600.0, 700.0, [690.0, 710.0]);
    same.earlier[0].same_level = true;
    assert_eq!(verdict_of(&since("1.1", 0.0), same), OutcomeVerdict::Pass);

    assert_eq!(verdict_of(&since("1.5", 0.0), level(launch("a"))), OutcomeVerdict::Pass);
    assert_eq!(verdict_of(&since("9.9", 0.0), level(launch("a"))), OutcomeVerdict::NotJudged);
}

fn no_new(kind: RegressionKind, since: Option<&str>) -> Rule {
    rule(Demand::NoRegression { kind, since: since.map(str::to_owned) })
}

/// The verdicts of a rule over app `a` with one level and one finding.
fn with_finding(rule: &Rule, finding: Finding) -> Vec<OutcomeVerdict> {
    let analysis = analysis(&["a"], vec![finding]);
    let report = judge_rules(&analysis, &[level(launch("a"))], std::slice::from_ref(rule), &[], day(TODAY));
    report.outcomes.iter().map(|outcome| outcome.verdict).collect()
}

#[test]
fn which_regressions_count_as_new() {
    use OutcomeVerdict::{Pass, Trip};
    use RegressionKind::{Any, Latest, Open};
    let step = finding(launch("a"), 1);
    let recovered = Finding { state: Some(StepState::Recovered), ..step.clone() };
    let latest = Finding { kind: FindingKind::Latest, version: "1.5".into(), state: None, ..step.clone() };
    let step_at_latest = Finding { version: "1.5.0".into(), ..step.clone() };
    let drift = Finding { kind: FindingKind::Drift, version: "1.0".into(), state: None, ..step.clone() };
    let better = Finding { verdict: Verdict::Improvement, ..step.clone() };
    for (name, finding, [by_latest, by_open, by_any]) in [
        ("step", step.clone(), [Pass, Trip, Trip]),
        ("recovered", recovered, [Pass, Pass, Trip]),
        ("latest", latest, [Trip, Trip, Trip]),
        ("step at latest", step_at_latest, [Trip, Trip, Trip]),
        ("drift", drift, [Pass, Trip, Trip]),
        ("improvement", better, [Pass, Pass, Pass]),
    ] {
        assert_eq!(with_finding(&no_new(Latest, None), finding.clone()), [by_latest], "{name}");
        assert_eq!(with_finding(&no_new(Open, None), finding.clone()), [by_open], "{name}");
        assert_eq!(with_finding(&no_new(Any, None), finding), [by_any], "{name}");
    }
    assert_eq!(with_finding(&no_new(Open, Some("1.3")), step.clone()), [Trip]);
    assert_eq!(with_finding(&no_new(Open, Some("1.4")), step), [Pass]);
}

#[test]
fn a_card_is_in_the_scope_where_any_of_its_populations_is() {
    let ipads = |device: &str| Rule {
        scope: Filter { devices: vec![device.into()], ..Filter::default() },
        ..no_new(RegressionKind::Open, None)
    };
    let mut card = finding(launch("a"), 1);
    card.also.push(RelatedSeries {
        id: FindingId(2),
        device: "all_ipads".into(),
        device_label: "All iPads".into(),
        percentile_label: "percentile.fifty".into(),
        percentile: Some(50.0),
        change: Change::Percent(30.0),
    });
    assert_eq!(with_finding(&ipads("all_ipads"), card.clone()), [OutcomeVerdict::Trip]);
    assert_eq!(with_finding(&ipads("iPhone12,1"), card), [OutcomeVerdict::NotJudged]);
}

#[test]
fn no_regression_says_what_would_have_been_seen() {
    let judge = |levels: &[SeriesLevel]| {
        let rules = [no_new(RegressionKind::Open, None)];
        judge_rules(&analysis(&["a"], vec![]), levels, &rules, &[], day(TODAY)).outcomes
    };
    let fifty = series("a", "LAUNCH", "launchTime", "all_iphones", "percentile.fifty");
    let outcomes = judge(&[level(launch("a")), SeriesLevel { detectable_percent: Some(12.0), ..level(fifty.clone()) }]);
    assert_eq!(outcomes.len(), 1);
    assert_eq!(outcomes[0].evidence, Evidence::NoRegression { judged: 2, detectable_percent: Some(12.0) });
    assert_eq!(
        (outcomes[0].metric.as_deref().unwrap_or_default(), outcomes[0].device.as_deref()),
        ("launchTime", None)
    );
    let unknown = SeriesLevel { detectable_percent: None, ..level(fifty.clone()) };
    let outcomes = judge(&[level(launch("a")), unknown]);
    assert_eq!(outcomes[0].evidence, Evidence::NoRegression { judged: 2, detectable_percent: None });
    let short = |name| SeriesLevel { judged: false, points: 2, ..level(name) };
    let outcomes = judge(&[short(launch("a")), short(fifty)]);
    assert_eq!(outcomes[0].evidence, Evidence::Missing(MissingData::TooShort { points: 2 }));
    assert_eq!(outcomes[0].verdict, OutcomeVerdict::NotEnoughData);
}

#[test]
fn an_app_without_data_is_told_of_and_so_is_a_rule_about_nobody() {
    let analysis = analysis(&["a", "b", "c"], vec![]);
    let only = |app: &str| Rule { scope: Filter { apps: vec![app.into()], ..Filter::default() }, ..at_most(800.0) };
    let verdicts = |rule: Rule| {
        let report = judge_rules(&analysis, &[level(launch("b"))], &[rule], &[], day(TODAY));
        report.outcomes.into_iter().map(|outcome| (outcome.app, outcome.evidence)).collect::<Vec<_>>()
    };
    let all = verdicts(at_most(800.0));
    assert_eq!(all.iter().filter_map(|(app, _)| app.as_deref()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(all[0].1, Evidence::Missing(MissingData::NoSeries));
    assert!(matches!(all[1].1, Evidence::Level { .. }));
    assert_eq!(verdicts(only("z")), [(None, Evidence::Missing(MissingData::NoApp))]);
}

#[test]
fn open_regressions_are_counted_per_app_or_over_all() {
    let at_most = |count, per| rule(Demand::MaxOpenRegressions { count, per });
    let recovered = Finding { state: Some(StepState::Recovered), ..finding(launch("a"), 9) };
    let findings = vec![finding(launch("b"), 1), finding(launch("a"), 2), finding(launch("b"), 3), recovered];
    let analysis = analysis(&["a", "b", "c"], findings);
    let levels: Vec<_> = ["a", "b"].iter().map(|app| level(launch(app))).collect();
    let verdicts = |rule: Rule| {
        let report = judge_rules(&analysis, &levels, &[rule], &[], day(TODAY));
        report.outcomes.into_iter().map(|outcome| (outcome.app, outcome.verdict, outcome.finding)).collect::<Vec<_>>()
    };
    assert_eq!(
        verdicts(at_most(1, CountPer::App)),
        [
            (Some("a".to_owned()), OutcomeVerdict::Pass, Some(FindingId(2))),
            (Some("b".to_owned()), OutcomeVerdict::Trip, Some(FindingId(1))),
            (Some("c".to_owned()), OutcomeVerdict::NotJudged, None),
        ]
    );
    assert_eq!(verdicts(at_most(2, CountPer::Archive)), [(None, OutcomeVerdict::Trip, Some(FindingId(1)))]);
    assert_eq!(verdicts(at_most(3, CountPer::Archive)), [(None, OutcomeVerdict::Pass, Some(FindingId(1)))]);
}

#[test]
fn what_many_apps_share_is_set_aside_and_not_dropped() {
    let shared = Finding { platform_event: Some(0), ..finding(launch("a"), 1) };
    let alone = analysis(&["a"], vec![shared.clone()]);
    let beside = analysis(&["a"], vec![shared, finding(launch("a"), 2)]);
    let judge = |analysis: &Analysis, demand: Demand| {
        judge_rules(analysis, &[level(launch("a"))], &[rule(demand)], &[waiver("2026-12-31")], day(TODAY))
    };
    let verdicts = |report: &GateReport| report.outcomes.iter().map(|outcome| outcome.verdict).collect::<Vec<_>>();

    let none = || Demand::NoRegression { kind: RegressionKind::Open, since: None };
    let report = judge(&alone, none());
    assert_eq!(verdicts(&report), [OutcomeVerdict::SetAside]);
    // Nothing is waived that needs no waiver.
    assert_eq!((report.outcomes[0].waiver, report.waivers[0].state), (None, WaiverState::Unused));
    let report = judge_rules(&beside, &[level(launch("a"))], &[rule(none())], &[], day(TODAY));
    assert_eq!(verdicts(&report), [OutcomeVerdict::SetAside, OutcomeVerdict::Trip]);

    let report = judge(&alone, Demand::MaxOpenRegressions { count: 0, per: CountPer::App });
    let evidence = Evidence::Count { open: 0, waived: 0, set_aside: 1, allowed: 0, findings: vec![] };
    assert_eq!((verdicts(&report), &report.outcomes[0].evidence), (vec![OutcomeVerdict::Pass], &evidence));
}

fn waiver(until: &str) -> Waiver {
    Waiver { rule: None, scope: Filter::default(), finding: None, reason: "known".into(), until: day(until) }
}

#[test]
fn a_waiver_holds_to_its_last_day_and_an_expired_one_is_told_of() {
    let judge = |waivers: &[Waiver]| {
        judge_rules(&analysis(&["a"], vec![]), &[level(launch("a"))], &[at_most(600.0)], waivers, day(TODAY))
    };
    let report = judge(&[waiver(TODAY)]);
    assert_eq!((report.outcomes[0].verdict, report.outcomes[0].waiver), (OutcomeVerdict::Waived, Some(0)));
    assert_eq!((report.waivers[0].state, report.waivers[0].outcomes), (WaiverState::Used, 1));
    assert!(!report.is_tripped());

    let report = judge(&[waiver("2026-11-22")]);
    assert_eq!((report.outcomes[0].verdict, report.outcomes[0].waiver), (OutcomeVerdict::Trip, None));
    assert_eq!((report.waivers[0].state, report.waivers[0].outcomes), (WaiverState::Expired, 1));

    // The first that holds takes it; a second one is not needed; an expired one is not missed.
    let report = judge(&[waiver("2026-11-22"), waiver("2027-01-01"), waiver("2027-01-01")]);
    assert_eq!(report.outcomes[0].waiver, Some(1));
    let states: Vec<_> = report.waivers.iter().map(|waiver| (waiver.state, waiver.outcomes)).collect();
    assert_eq!(states, [(WaiverState::Expired, 0), (WaiverState::Used, 1), (WaiverState::Unused, 0)]);
}

#[test]
fn a_waiver_waives_what_it_names_and_nothing_else() {
    let analysis = analysis(&["a"], vec![finding(launch("a"), 7)]);
    let rules = [at_most(600.0), Rule { name: "new".into(), ..no_new(RegressionKind::Open, None) }];
    let waived = |waiver: Waiver| {
        let report = judge_rules(&analysis, &[level(launch("a"))], &rules, &[waiver], day(TODAY));
        report.outcomes.iter().map(|outcome| outcome.verdict == OutcomeVerdict::Waived).collect::<Vec<_>>()
    };
    let holds = || waiver("2027-01-01");
    assert_eq!(waived(holds()), [true, true]);
    assert_eq!(waived(Waiver { rule: Some("new".into()), ..holds() }), [false, true]);
    assert_eq!(waived(Waiver { finding: Some(FindingId(7)), ..holds() }), [false, true]);
    assert_eq!(waived(Waiver { finding: Some(FindingId(8)), ..holds() }), [false, false]);
    let scope = |metric: &str| Filter { metrics: vec![metric.into()], ..Filter::default() };
    assert_eq!(waived(Waiver { scope: scope("LAUNCH/*"), ..holds() }), [true, true]);
    assert_eq!(waived(Waiver { scope: scope("HANG/*"), ..holds() }), [false, false]);
}

#[test]
fn waived_regressions_are_not_counted() {
    let hang = series("a", "HANG", "hangRate", "all_iphones", "percentile.ninety");
    let analysis = analysis(&["a"], vec![finding(launch("a"), 1), finding(hang, 2)]);
    let judge = |count, waivers: &[Waiver]| {
        let rules = [rule(Demand::MaxOpenRegressions { count, per: CountPer::App })];
        let report = judge_rules(&analysis, &[level(launch("a"))], &rules, waivers, day(TODAY));
        let Evidence::Count { open, waived, .. } = report.outcomes[0].evidence else { panic!("{report:?}") };
        (
            report.outcomes[0].verdict,
            open,
            waived,
            report.waivers.iter().map(|waiver| waiver.outcomes).collect::<Vec<_>>(),
        )
    };
    let one = Waiver { finding: Some(FindingId(2)), ..waiver("2027-01-01") };
    assert_eq!(judge(1, &[]), (OutcomeVerdict::Trip, 2, 0, vec![]));
    assert_eq!(judge(1, std::slice::from_ref(&one)), (OutcomeVerdict::Waived, 1, 1, vec![1]));
    assert_eq!(judge(0, std::slice::from_ref(&one)), (OutcomeVerdict::Trip, 1, 1, vec![1]));
    assert_eq!(judge(2, std::slice::from_ref(&one)), (OutcomeVerdict::Pass, 1, 1, vec![1]));
    assert_eq!(judge(1, &[Waiver { until: day("2026-01-01"), ..one }]), (OutcomeVerdict::Trip, 2, 0, vec![1]));
}

#[test]
fn the_order_of_levels_changes_nothing() {
    let mut levels = vec![level(launch("b")), level(launch("a")), level(series("a", "HANG", "hangRate", "x", "p50"))];
    let analysis = analysis(&["a", "b"], vec![]);
    let rules = [at_most(600.0), no_new(RegressionKind::Any, None)];
    let one = judge_rules(&analysis, &levels, &rules, &[], day(TODAY));
    levels.reverse();
    assert_eq!(judge_rules(&analysis, &levels, &rules, &[], day(TODAY)), one);
    let metrics: Vec<_> = one
        .outcomes
        .iter()
        .map(|outcome| (outcome.app.as_deref().unwrap_or_default(), outcome.metric.as_deref().unwrap_or_default()))
        .collect();
    assert_eq!(metrics[..3], [("a", "hangRate"), ("a", "launchTime"), ("b", "launchTime")]);
}

#[test]
fn only_what_a_rule_asks_for_is_requested() {
    let hang = Rule { scope: Filter { categories: vec!["HANG".into()], ..Filter::default() }, ..since("1.1", 5.0) };
    let request = LevelRequest::of(&[hang.clone(), hang]);
    assert_eq!(request.versions, ["1.1"]);
    assert!(!request.wants(&launch("a")));
    assert!(request.wants(&series("a", "HANG", "hangRate", "x", "p50")));
    assert!(!LevelRequest::of(&[]).wants(&launch("a")));
}

/// The outcome of a rule over one app `a` whose newest download is known.
fn covered(rule: &Rule, levels: &[SeriesLevel], coverage: AppCoverage) -> Outcome {
    let coverage = Coverage::new([("a".to_owned(), coverage)]);
    let rules = std::slice::from_ref(rule);
    let report = super::judge_rules(&analysis(&["a"], vec![]), levels, &coverage, rules, &[], day(TODAY));
    report.outcomes.into_iter().next().unwrap()
}

fn coverage(newest: &str) -> AppCoverage {
    AppCoverage { newest: Some(day(newest)), days: vec![day("2026-11-20")], ..AppCoverage::default() }
}

#[test]
fn a_pass_needs_the_newest_download() {
    let unread = |at: &str, is_newer| UnreadInput {
        path: "b.json".into(),
        day: day(at),
        is_newer,
        is_answer: false,
        why: "torn".into(),
    };
    let named = Rule { scope: Filter { metrics: vec!["launchTime".into()], ..Filter::default() }, ..at_most(800.0) };
    let no_regression = rule(Demand::NoRegression { kind: RegressionKind::Open, since: None });
    let current = coverage("2026-11-20");
    let later = coverage("2026-11-22");
    let torn = AppCoverage { unread: vec![unread("2026-11-22", true)], ..later.clone() };
    let beside = AppCoverage { unread: vec![unread("2026-11-20", false)], ..current.clone() };
    let copy = AppCoverage { copy_of: Some(day("2026-09-01")), ..current.clone() };
    for (name, rule, coverage, expected) in [
        ("all read", &named, &current, OutcomeVerdict::Pass),
        ("a file beside it is torn", &named, &beside, OutcomeVerdict::Pass),
        ("the newest lacks the metric that is named", &named, &later, OutcomeVerdict::NotJudged),
        ("the newest lacks a metric that nobody names", &at_most(800.0), &later, OutcomeVerdict::NotEnoughData),
        ("the newest is torn", &at_most(800.0), &torn, OutcomeVerdict::NotJudged),
        ("the newest is torn", &no_regression, &torn, OutcomeVerdict::NotJudged),
        ("the newest is a copy", &no_regression, &copy, OutcomeVerdict::NotJudged),
        ("broken all the same", &at_most(600.0), &torn, OutcomeVerdict::Trip),
    ] {
        let outcome = covered(rule, &[level(launch("a"))], coverage.clone());
        assert_eq!(outcome.verdict, expected, "{name}: {outcome:?}");
    }
    let outcome = covered(&named, &[level(launch("a"))], torn);
    let Evidence::Missing(MissingData::NotRead { newest, values, path, .. }) = outcome.evidence else {
        panic!("{outcome:?}")
    };
    assert_eq!((newest, values, path.as_str()), (day("2026-11-22"), Some(day("2026-11-20")), "b.json"));
}

#[test]
fn freshness_and_presence_are_demands() {
    let within = |days| rule(Demand::NewestWithin { days });
    // Three days before today, and for ten more days as it is.
    let unchanged = AppCoverage { unchanged_since: Some(day("2026-11-10")), ..coverage("2026-11-20") };
    for (rule, coverage, expected) in [
        (within(3), coverage("2026-11-20"), OutcomeVerdict::Pass),
        (within(2), coverage("2026-11-20"), OutcomeVerdict::Trip),
        (within(12), unchanged.clone(), OutcomeVerdict::Trip),
        (within(13), unchanged, OutcomeVerdict::Pass),
    ] {
        assert_eq!(covered(&rule, &[level(launch("a"))], coverage).verdict, expected, "{:?}", rule.demand);
    }
    let holds = SeriesLevel { holds: vec!["1.4".into()], ..level(launch("a")) };
    for (version, expected) in [("1.4", OutcomeVerdict::Pass), ("1.6", OutcomeVerdict::Trip)] {
        let rule = rule(Demand::HasVersion { version: version.into() });
        assert_eq!(verdict_of(&rule, holds.clone()), expected);
        assert_eq!(LevelRequest::of(&[rule]).versions, [version]);
    }
}

#[test]
fn a_name_that_fits_nothing_is_not_judged() {
    use OutcomeVerdict::{NotJudged, Pass};
    let with = |scope: Filter| Rule { scope, ..at_most(800.0) };
    let metrics =
        |names: &[&str]| Filter { metrics: names.iter().map(|&name| name.into()).collect(), ..Filter::default() };
    let apps = |names: &[&str]| Filter { apps: names.iter().map(|&name| name.into()).collect(), ..Filter::default() };
    let verdicts = |rule: &Rule| {
        let rules = std::slice::from_ref(rule);
        let report = judge_rules(&analysis(&["a"], vec![]), &[level(launch("a"))], rules, &[], day(TODAY));
        report.outcomes.iter().map(|outcome| outcome.verdict).collect::<Vec<_>>()
    };
    assert_eq!(verdicts(&with(metrics(&["launchTime"]))), [Pass]);
    assert_eq!(verdicts(&with(metrics(&["lanchTime"]))), [NotJudged]);
    assert_eq!(verdicts(&with(metrics(&["launchTime", "hangRat"]))), [NotJudged, Pass]);
    assert_eq!(verdicts(&with(apps(&["a", "b"]))), [Pass, NotJudged]);
    assert_eq!(verdicts(&with(apps(&["b"]))), [NotJudged]);
    assert_eq!(verdicts(&with(apps(&["a*", "z*"]))), [Pass]);
}
