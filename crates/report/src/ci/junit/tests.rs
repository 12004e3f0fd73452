use super::*;
use crate::sentence::gate::tests::{gate, level_evidence, outcome, regression_evidence, waiver};
use perfpower_analysis::gate::{BoundSide, BoundSource, Evidence, MissingData, WaiverState};
use perfpower_analysis::{Filter, FindingId, Options};
use perfpower_model::{ArchiveFacts, Problem};

fn xml(gate: &GateReport, problems: &[InputProblem]) -> String {
    let mut out = Vec::new();
    let archive = CommandLine::default().word("saves");
    let analysis = perfpower_analysis::analyze(&[], &Filter::default(), &Options::default());
    let facts = ArchiveFacts::default();
    let report =
        crate::facts::Report { analysis: &analysis, archive: &facts, problems, archive_argument: &archive, top: None };
    let checked = CheckedRules { gate, report };
    write_gate_junit(&checked, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn one_case_per_app_and_metric() {
    let over = |value| level_evidence(value, BoundSide::Below, BoundSource::Budget);
    let mut fifty = outcome(OutcomeVerdict::Trip, over(600.0));
    fifty.percentile_label = Some("percentile.fifty".into());
    fifty.percentile = Some(50.0);
    let found = Outcome { finding: Some(FindingId(255)), ..outcome(OutcomeVerdict::Trip, regression_evidence()) };
    let mut waived = outcome(OutcomeVerdict::Waived, over(600.0));
    waived.metric = Some("coldLaunch".into());
    waived.waiver = Some(0);
    let mut missing = outcome(OutcomeVerdict::NotEnoughData, Evidence::Missing(MissingData::NoSeries));
    missing.app = Some("com.example.maps".into());
    missing.metric = None;
    missing.category = None;
    missing.platform = None;
    let mut pass = outcome(OutcomeVerdict::Pass, over(800.0));
    pass.category = Some("HANG".into());
    pass.metric = Some("hangRate".into());
    let used = waiver(WaiverState::Used, 1);
    let gate = gate(vec![fifty, found, waived, missing, pass], vec![used, waiver(WaiverState::Expired, 0)]);
    let problems = [InputProblem {
        path: Some("saves/b.json".into()),
        problem: Problem::new(Severity::Error, "truncated-json", "ends inside a text").with_hint("download it again"),
    }];
    let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="perfpower check" tests="5" failures="1" errors="1">
    <testsuite name="launch budget" tests="4" skipped="1" errors="0" failures="1">
        <properties>
            <property name="mode" value="gate"/>
            <property name="demand" value="goal"/>
            <property name="data" value="newest snapshot 2026-11-20, 3 days old; field data lag a release by days"/>
            <property name="settings" value="Benjamini–Hochberg at 0.05 over the batch, changes from 5 % on, 95 % intervals"/>
        </properties>
        <testcase name="iOS/HANG/hangRate" classname="com.example.mail">
            <system-out>pass: Mail, hang rate, p90, all_iphones: level 700 ms (690 to 710) is within the budget of 800 ms</system-out>
        </testcase>
        <testcase name="iOS/LAUNCH/coldLaunch" classname="com.example.mail">
            <system-out>waived: Mail, cold launch, p90, all_iphones: level 700 ms (690 to 710) is over the budget of 600 ms; waived until 2026-11-22: new onboarding</system-out>
        </testcase>
        <testcase name="iOS/LAUNCH/launchTime" classname="com.example.mail">
            <failure message="level 700 ms (690 to 710) is over the budget of 600 ms (and 1 more)" type="trip">Mail, launch time, p50, all_iphones: level 700 ms (690 to 710) is over the budget of 600 ms
  explain: perfpower report saves --app com.example.mail --metric LAUNCH/launchTime --device all_iphones --percentile percentile.fifty
Mail, launch time, p90, all_iphones: 1.3 brought +40 % (+30 % to +51 %), at least +28 % is sure, q 4e-4, partly recovered; rests on one version until the next one agrees
  explain: perfpower report saves --explain 00000000000000ff</failure>
        </testcase>
        <testcase name="all metrics" classname="com.example.maps">
            <skipped message="no series is in the scope of the rule" type="not_enough_data"/>
            <system-out>not_enough_data: Mail, p90, all_iphones: no series is in the scope of the rule</system-out>
        </testcase>
        <system-out>waiver of `launch budget` (new onboarding) ended on 2026-11-22: nothing needs it</system-out>
    </testsuite>
    <testsuite name="unreadable inputs" tests="1" skipped="0" errors="1" failures="0">
        <testcase name="saves/b.json" classname="input">
            <error message="ends inside a text" type="truncated-json">download it again</error>
        </testcase>
    </testsuite>
</testsuites>
"#;
    let found = xml(&gate, &problems);
    assert!(found == expected, "--- expected\n{expected}\n--- found\n{found}");
}

#[test]
fn hostile_names_stay_inside_their_element() {
    let mut trip = outcome(OutcomeVerdict::Trip, Evidence::Missing(MissingData::NoSeries));
    trip.app = Some("]]></testcase><x a=\"\u{1b}[31m\u{FFFF}\u{0}&".into());
    trip.app_name = trip.app.clone();
    let text = xml(&gate(vec![trip], vec![]), &[]);
    assert!(!text.contains("<x"), "{text}");
    assert!(!text.contains(['\u{1b}', '\u{FFFF}', '\u{0}']), "{text}");
    assert!(text.contains("]]&gt;&lt;/testcase&gt;&lt;x a="), "{text}");
}

#[test]
fn warnings_of_the_archive_are_no_errors() {
    let problem = Problem::new(Severity::Warning, "odd", "odd");
    let text = xml(&gate(vec![], vec![]), &[InputProblem { path: Some("a".into()), problem }]);
    assert!(!text.contains("unreadable inputs"), "{text}");
}
