use super::*;
use crate::json::JsonLayout;
use perfpower_analysis::{Filter, Options};

fn line(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

fn place(file: &str, at: u32) -> CodePlace {
    CodePlace {
        reason: CodeReason::GrownFrame,
        level: CodeLevel::Warning,
        app: "com.example.mail".into(),
        symbol: Some("-[Mail open]".into()),
        binary: Some("Mail".into()),
        file: file.into(),
        line: line(at),
        text: "-[Mail open] grew".into(),
        properties: BTreeMap::from([("share_after_percent", 12.5)]),
        finding: Some(FindingId(255)),
    }
}

fn sarif(places: &[CodePlace]) -> serde_json::Value {
    let mut out = Vec::new();
    let analysis = perfpower_analysis::analyze(&[], &Filter::default(), &Options::default());
    let facts = perfpower_model::ArchiveFacts::default();
    let archive = crate::command_line::CommandLine::default();
    let report = Report { analysis: &analysis, archive: &facts, problems: &[], archive_argument: &archive, top: None };
    write_sarif(places, &report, JsonLayout::Indented, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn a_place_becomes_a_result() {
    let log = sarif(&[place("Mail/Open File.m", 42)]);
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "perfpower");
    assert_eq!(run["tool"]["driver"]["rules"][0]["id"], "grown-frame");
    let expected = serde_json::json!([{
        "ruleId": "grown-frame",
        "ruleIndex": 0,
        "level": "warning",
        "message": { "text": "-[Mail open] grew" },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": "Mail/Open%20File.m" },
                "region": { "startLine": 42 }
            },
            "logicalLocations": [{ "fullyQualifiedName": "-[Mail open]", "kind": "function" }]
        }],
        "partialFingerprints": { "perfpowerPlace/v1": run["results"][0]["partialFingerprints"]["perfpowerPlace/v1"] },
        "properties": {
            "app": "com.example.mail", "binary": "Mail", "finding": "00000000000000ff", "share_after_percent": 12.5
        }
    }]);
    assert_eq!(run["results"], expected);
}

#[test]
fn a_fingerprint_survives_a_moved_line_and_not_another_function() {
    let print = |place: &CodePlace| {
        sarif(std::slice::from_ref(place))["runs"][0]["results"][0]["partialFingerprints"]["perfpowerPlace/v1"].clone()
    };
    let one = place("a.m", 1);
    assert_eq!(print(&one), print(&CodePlace { line: line(2), text: "other words".into(), ..one.clone() }));
    assert_ne!(print(&one), print(&CodePlace { symbol: Some("other".into()), ..one.clone() }));
}

#[test]
fn what_has_no_file_or_no_line_that_can_be_is_left_out_and_the_rest_is_sorted() {
    let log = sarif(&[place("b.m", 2), place("", 1), place("a.m", 9), place("b.m", 1), place("b.m", u32::MAX)]);
    let found: Vec<_> = log["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| {
            let physical = &result["locations"][0]["physicalLocation"];
            format!("{}:{}", physical["artifactLocation"]["uri"].as_str().unwrap(), physical["region"]["startLine"])
        })
        .collect();
    assert_eq!(found, ["a.m:9", "b.m:1", "b.m:2"]);
    assert_eq!(sarif(&[])["runs"][0]["results"], serde_json::json!([]));
}

#[test]
fn file_names_become_uris() {
    assert_eq!(uri("Sources/A.swift"), "Sources/A.swift");
    assert_eq!(uri("/Users/ci/Ä b.m"), "file:///Users/ci/%C3%84%20b.m");
    assert_eq!(uri("javascript:alert(1)"), "javascript%3Aalert%281%29");
    assert_eq!(uri("a#b?c%d"), "a%23b%3Fc%25d");
}

#[test]
fn places_are_split_at_their_last_colon() {
    assert_eq!(split_place("Storage/File.m:42"), Some(("Storage/File.m", line(42))));
    assert_eq!(split_place("C:file.m:7"), Some(("C:file.m", line(7))));
    for nothing in ["", "File.m", "File.m:", "File.m:0", ":5", "File.m:x"] {
        assert_eq!(split_place(nothing), None, "{nothing}");
    }
}

#[test]
fn blamed_functions_and_signatures_with_a_place_are_notes() {
    use perfpower_model::{Kind, NameId};
    use perfpower_stacks::StackFrame;
    let ranked = |name: &str, line: u32, is_blame: bool| RankedFrame {
        frame: StackFrame {
            name: name.into(),
            binary: Some("Mail".into()),
            file: Some("Load.swift".into()),
            line: NonZeroU32::new(line),
            is_blame,
            advice_category: None,
        },
        own: 1,
        inclusive: 3,
        own_share: 0.125,
        inclusive_share: 0.375,
        logs: 1,
        places: Vec::new(),
    };
    let frames = vec![ranked("a", 0, true), ranked("b", 7, true), ranked("c", 8, false), ranked("d", 9, true)];
    let ranking = Ranking { total: 8, frames };
    let places = blame_places("app", &ranking, 1);
    assert_eq!(places.len(), 1);
    assert_eq!((places[0].line.get(), places[0].level), (7, CodeLevel::Note));
    assert_eq!(places[0].text, "b and what it calls: 3 of 8 samples, 37.5 %");
    assert_eq!(blame_places("app", &ranking, 9).len(), 2);

    let mut document = Document::new(Kind::XcodeOverview);
    let signature = |file: Option<NameId>, line: u32| Signature {
        weight: Some(0.25),
        file,
        line: NonZeroU32::new(line),
        ..Signature::default()
    };
    let file = Some(document.names.intern("Load.swift"));
    document.signatures = vec![signature(file, 5), signature(file, 0), signature(None, 5)];
    document.signatures[0].text = Some(document.names.intern("load()"));
    document.signatures[0].diagnostic_type = Some(document.names.intern("HANGS"));
    let places = signature_places("app", &document);
    assert_eq!(places.len(), 1);
    assert_eq!(places[0].text, "HANGS load(): 25.0 % of its type");
}

#[test]
fn of_a_gate_only_what_tripped_is_told() {
    use crate::sentence::gate::tests::{gate, outcome, regression_evidence};
    let text = |places: &[CodePlace]| places.iter().map(|place| (place.line, place.level)).collect::<Vec<_>>();
    let mut analysis = perfpower_analysis::analyze(&[], &Filter::default(), &Options::default());
    for (id, place) in [(1, "Mail/Open.m:42"), (2, "Mail/Close.m:7"), (3, "nowhere")] {
        let mut finding = crate::sample::step();
        finding.id = FindingId(id);
        finding.app_name = "Mail".into();
        finding.version = "1.3".into();
        finding.links.frames = vec![perfpower_analysis::LinkedFrame {
            symbol: "-[Mail open]".into(),
            binary: Some("Mail".into()),
            place: Some(place.into()),
            owner: None,
            share_before_percent: 1.0,
            share_after_percent: 12.5,
            significant: true,
        }];
        analysis.findings.push(finding);
    }
    assert_eq!(text(&code_places(&analysis, None)), [(line(42), CodeLevel::Warning), (line(7), CodeLevel::Warning)]);
    let mut trip = outcome(OutcomeVerdict::Trip, regression_evidence());
    trip.finding = Some(FindingId(1));
    let mut waived = outcome(OutcomeVerdict::Waived, regression_evidence());
    waived.finding = Some(FindingId(2));
    let places = code_places(&analysis, Some(&gate(vec![trip, waived], vec![])));
    assert_eq!(text(&places), [(line(42), CodeLevel::Error)]);
    assert_eq!(
        places[0].text,
        "-[Mail open] grew from 1.0 to 12.5 % of all samples with the regression of launch time in Mail 1.3"
    );
}
