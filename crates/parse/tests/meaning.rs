//! What the same words mean in different places: weights, totals, errors that are none, threads, addresses, versions, days.

use perfpower_model::{Day, Document, Kind, Severity, ThreadRole};
use perfpower_parse::{ParseOptions, excuse_empty_build, parse};
use serde_json::{Value, json};

fn read(body: &Value) -> Document {
    parse(body.to_string().as_bytes(), &ParseOptions::default())
}

fn codes(document: &Document) -> Vec<&'static str> {
    document.problems.iter().map(|problem| problem.code).collect()
}

fn page(weights: &[f64]) -> Value {
    let signatures: Vec<Value> = weights
        .iter()
        .enumerate()
        .map(|(id, weight)| {
            let attributes = json!({"diagnosticType": "HANGS", "signature": format!("App: {id}"), "weight": weight});
            json!({"type": "diagnosticSignatures", "id": id.to_string(), "attributes": attributes})
        })
        .collect();
    json!({"data": signatures})
}

#[test]
fn the_scale_of_weights_is_decided_per_page() {
    const PERCENT: &[&str] = &["percent-weights"];
    const LEFT_OUT: &[&str] = &["weight-out-of-range"];
    for (weights, read_as, told) in [
        (&[0.85, 0.07][..], &[Some(0.85), Some(0.07)][..], &[][..]),
        (&[1.0, 0.0], &[Some(1.0), Some(0.0)], &[]),
        (&[50.0, 25.0], &[Some(0.5), Some(0.25)], PERCENT),
        (&[0.5, 50.0], &[Some(0.005), Some(0.5)], PERCENT),
        (&[1.0, 75.0], &[Some(0.01), Some(0.75)], PERCENT),
        (&[100.0], &[Some(1.0)], PERCENT),
        (&[1.5, 0.5], &[Some(0.015), Some(0.005)], PERCENT),
        (&[1.000_000_000_1, 0.5], &[Some(1.0), Some(0.499_999_999_95)], &[]),
        (&[0.85, 250.0], &[Some(0.85), None], LEFT_OUT),
        (&[0.85, -0.1], &[Some(0.85), None], LEFT_OUT),
        (&[50.0, 101.0], &[Some(0.5), None], &["percent-weights", "weight-out-of-range"]),
        (&[0.0], &[Some(0.0)], &[]),
    ] {
        let document = read(&page(weights));
        let found: Vec<Option<f64>> = document.signatures.iter().map(|signature| signature.weight).collect();
        let is_near = found.iter().zip(read_as).all(|(found, expected)| match (found, expected) {
            (Some(found), Some(expected)) => (found - expected).abs() < 1e-12,
            (found, expected) => found == expected,
        });
        assert!(is_near && found.len() == read_as.len(), "{weights:?}: {found:?}");
        assert_eq!(codes(&document), told, "{weights:?}");
    }
}

#[test]
fn a_page_that_is_certainly_not_all_is_told() {
    const BUILD: &str = "https://api.appstoreconnect.apple.com/v1/builds/77/diagnosticSignatures";
    for (links, total, is_partial) in [
        (json!({"self": BUILD}), json!(500), true),
        (json!({"self": format!("{BUILD}?limit=200")}), json!(3), true),
        (json!({}), json!(3), true),
        (Value::Null, json!(3), true),
        (json!({"self": BUILD, "next": null}), json!("500"), true),
        (json!({"self": BUILD}), json!(2), false),
        (json!({"self": BUILD}), json!(1), false),
        (json!({"self": BUILD, "next": format!("{BUILD}?cursor=AB")}), json!(500), false),
        (json!({"self": format!("{BUILD}?cursor=AB&limit=2")}), json!(500), false),
        (json!({"self": BUILD}), Value::Null, false),
    ] {
        let mut body = page(&[0.5, 0.2]);
        body["links"] = links.clone();
        body["meta"] = json!({"paging": {"total": total, "limit": 200}});
        let document = read(&body);
        assert_eq!(codes(&document), if is_partial { vec!["partial-set"] } else { vec![] }, "{links} {total}");
        assert_eq!(document.kind, Kind::DiagnosticSignatures);
    }
    let mut apps = json!({"data": [{"type": "apps", "id": "1"}], "meta": {"paging": {"total": 9}}});
    assert_eq!(codes(&read(&apps)), ["resource-list"]);
    apps["data"] = json!([]);
    assert_eq!(read(&apps).signatures_in_all, Some(9));
}

fn error(status: &Value, code: &str, title: &str, detail: &str) -> Value {
    json!({"errors": [{"status": status, "code": code, "title": title, "detail": detail}]})
}

#[test]
fn a_404_of_a_build_is_its_healthy_state() {
    const GONE: &str = "The specified resource does not exist";
    let of = |detail: &str| error(&json!("404"), "NOT_FOUND", GONE, detail);
    for (body, build, asked_for) in [
        (
            of("There is no resource of type '/v1/builds/{id}/diagnosticSignatures' with id '77'"),
            "77",
            Kind::DiagnosticSignatures,
        ),
        (of("There is no resource of type '/v1/builds/{id}/perfPowerMetrics' with id '77'"), "77", Kind::XcodeMetrics),
        (of("no diagnosticSignatures for this build"), "", Kind::DiagnosticSignatures),
        (of("There is no resource of type 'diagnosticSignatures' with id '77'"), "77", Kind::DiagnosticSignatures),
        (of("The Build 77 has no diagnosticSignatures"), "", Kind::DiagnosticSignatures),
        (error(&json!(404), "NOT_FOUND", "No diagnosticSignatures of builds/77", ""), "", Kind::DiagnosticSignatures),
        (
            error(&json!("404"), "", "", "GET /v1/builds/77/diagnosticSignatures?limit=200: none"),
            "",
            Kind::DiagnosticSignatures,
        ),
        (error(&json!(" 404 "), "NOT_FOUND", GONE, "perfPowerMetrics of this build"), "", Kind::XcodeMetrics),
        (
            json!({"errors": [{"status": "404", "detail": "x"}], "links": {"self": "/v1/builds/77/diagnosticSignatures"}}),
            "77",
            Kind::DiagnosticSignatures,
        ),
        (
            json!({"links": {"self": "https://x/v1/builds/77/perfPowerMetrics"}, "errors": [{"status": "404"}]}),
            "77",
            Kind::XcodeMetrics,
        ),
    ] {
        let document = read(&body);
        assert_eq!((document.kind, document.asked_for), (Kind::Empty, Some(asked_for)), "{body}");
        let notes: Vec<_> = document.problems.iter().filter(|problem| problem.code != "number-for-text").collect();
        let [note] = &notes[..] else { panic!("one note: {:?}", document.problems) };
        assert_eq!((note.severity, note.code), (Severity::Note, "nothing-for-build"), "{body}");
        assert_eq!(document.names.get(document.identity.build_id).unwrap_or_default(), build, "{body}");
    }
}

#[test]
fn other_errors_stay_errors_and_have_cures_that_can_be() {
    for (status, detail, severity, cure) in [
        ("404", "There is no resource of type 'apps' with id '1'", Severity::Error, "released"),
        ("404", "There is no resource of type 'builds' with id '77'", Severity::Error, "released"),
        ("404", "/v1/apps/1/perfPowerMetrics", Severity::Error, "released"),
        ("401", "/v1/builds/77/diagnosticSignatures", Severity::Error, "token"),
        ("403", "/v1/builds/77/diagnosticSignatures", Severity::Error, "role"),
        ("403", "The API key in use does not allow this request", Severity::Error, "role"),
        ("429", "/v1/builds/77/diagnosticSignatures", Severity::Error, "slowly"),
        (
            "403",
            "The resource 'diagnosticSignatures' does not allow 'GET_COLLECTION'. Allowed operation is: GET_RELATED",
            Severity::Warning,
            "build by build",
        ),
        ("403", "'diagnosticSignatures' does not allow it", Severity::Warning, "build by build"),
        ("403", "GET_COLLECTION is not allowed on diagnosticLogs", Severity::Warning, "build by build"),
    ] {
        let document = read(&error(&json!(status), "CODE", "A title", detail));
        assert_eq!(document.kind, Kind::ApiError, "{detail}");
        let [problem] = &document.problems[..] else { panic!("one problem: {:?}", document.problems) };
        assert_eq!(problem.severity, severity, "{detail}");
        assert!(problem.hint.as_ref().is_some_and(|hint| hint.contains(cure)), "{detail}: {:?}", problem.hint);
    }
    // One of each: the request that failed is told.
    let mixed = json!({"errors": [{"status": "404", "detail": "no diagnosticSignatures of this build"}, {"status": "500", "code": "X"}]});
    assert_eq!((read(&mixed).kind, codes(&read(&mixed))), (Kind::ApiError, vec!["api-error"]));
}

#[test]
fn a_bare_404_is_excused_by_the_place_of_its_file() {
    for (place, is_excused) in [
        ("com.example.app/builds/77/diagnosticSignatures.json", true),
        ("builds/77/perfPowerMetrics.json.gz", true),
        ("https://api.appstoreconnect.apple.com/v1/builds/77/diagnosticSignatures", true),
        ("com.example.app/perfPowerMetrics.json", false),
        ("builds/77/unknown.json", false),
    ] {
        let mut document = read(&error(&json!("404"), "NOT_FOUND", "None", ""));
        excuse_empty_build(&mut document, place);
        assert_eq!(document.kind == Kind::Empty, is_excused, "{place}");
        assert_eq!(document.problems[0].severity == Severity::Note, is_excused, "{place}");
    }
    let mut refused = read(&error(&json!("401"), "NOT_AUTHORIZED", "None", ""));
    excuse_empty_build(&mut refused, "builds/77/diagnosticSignatures.json");
    assert_eq!(refused.kind, Kind::ApiError);
}

/// One log whose stacks are chains of symbols.
fn log(per_thread: Option<bool>, stacks: &[(Option<bool>, &[&str])]) -> Value {
    let stacks: Vec<Value> = stacks
        .iter()
        .map(|(attributed, symbols)| {
            let mut frames = json!([]);
            for symbol in symbols.iter().rev() {
                frames = json!([{"symbolName": symbol, "sampleCount": 1, "subFrames": frames}]);
            }
            let mut stack = json!({"callStackRootFrames": frames});
            if let Some(attributed) = attributed {
                stack["threadAttributed"] = json!(attributed);
            }
            stack
        })
        .collect();
    let mut tree = json!({"callStacks": stacks});
    if let Some(per_thread) = per_thread {
        tree["callStackPerThread"] = json!(per_thread);
    }
    json!({"productData": [{"signatureId": "s", "diagnosticLogs": [{"callStackTree": [tree]}]}]})
}

#[test]
fn threads_are_told_apart_where_a_log_does_so() {
    use ThreadRole::{Attributed, Beside, Idle};
    const WORKER: &[&str] = &["start_wqthread", "_pthread_wqthread", "__workq_kernreturn"];
    const LOOP: &[&str] = &["thread_start", "CFRunLoopRun", "mach_msg2_trap"];
    const LOCKED: &[&str] = &["main", "layout", "__psynch_mutexwait"];
    const BUSY: &[&str] = &["thread_start", "compress"];
    let (yes, no) = (Some(true), Some(false));
    for (per_thread, stacks, roles, charged) in [
        (yes, &[(no, WORKER), (yes, LOCKED)][..], &[Idle, Attributed][..], "[3..6]"),
        (yes, &[(yes, LOCKED), (no, LOOP), (no, BUSY)], &[Attributed, Idle, Beside], "[0..3]"),
        (yes, &[(None, WORKER), (None, LOCKED), (None, LOOP)], &[Idle, Beside, Idle], "[3..6]"),
        (yes, &[(None, WORKER), (None, BUSY), (None, LOCKED)], &[Idle, Beside, Beside], "[3..5, 5..8]"),
        (yes, &[(yes, LOOP), (no, WORKER)], &[Attributed, Idle], "[0..3]"),
        (yes, &[(no, WORKER), (no, LOOP)], &[Idle, Idle], "[0..6]"),
        (yes, &[(yes, BUSY), (yes, LOCKED), (no, WORKER)], &[Attributed, Attributed, Idle], "[0..2, 2..5]"),
        (None, &[(yes, LOCKED), (no, WORKER)], &[Attributed, Idle], "[0..3]"),
        (yes, &[(None, BUSY), (None, LOCKED)], &[], "[0..5]"),
        // Stacks of events, not of threads: an event may well end in a wait.
        (no, &[(None, LOOP), (None, BUSY)], &[], "[0..5]"),
        (None, &[(None, WORKER)], &[], "[0..3]"),
    ] {
        let body = log(per_thread, stacks);
        let document = read(&body);
        let tree = &document.call_tree;
        let found: Vec<ThreadRole> = tree.threads.iter().map(|thread| thread.role).collect();
        assert_eq!(found, roles, "{body}");
        assert_eq!(format!("{:?}", tree.charged(&document.logs[0].nodes)), charged, "{body}");
    }
}

#[test]
fn a_load_address_in_place_of_an_offset_is_one_function() {
    const MAIN: u64 = 0x1_0000_0000;
    for (address, field, offset) in [
        (json!(4_333_717_704_u64), json!(4_329_963_520_u64), 3_754_184),
        (json!(MAIN + 4660), json!(MAIN), 4660),
        (json!(MAIN + 0x4000 * 7 + 4660), json!(MAIN + 0x4000 * 7), 4660),
        (json!("0x100001234"), json!("0x100000000"), 4660),
        (json!("4294971956"), json!("4294967296"), 4660),
        // The address itself, or one with nothing to take it from: nothing tells one run's place from another's.
        (json!(MAIN + 4660), json!(MAIN + 4660), 0),
        (Value::Null, json!(MAIN), 0),
        (json!(4660), json!(MAIN), 0),
        (json!(MAIN * 3), json!(MAIN), 0),
        // Offsets.
        (json!(MAIN + 4660), json!(4660), 4660),
        (json!(MAIN + 4660), json!("123"), 123),
        (Value::Null, json!(499_999_999), 499_999_999),
        (json!(4660), json!(4660), 4660),
    ] {
        let frame =
            json!({"binaryName": "App", "binaryUUID": "U", "address": address, "offsetIntoBinaryTextSegment": field});
        let body = json!({"productData": [{"signatureId": "s", "diagnosticLogs": [{"callStackTree": [{"callStacks": [
            {"callStackRootFrames": [frame]}]}]}]}]});
        let document = read(&body);
        assert_eq!(document.call_tree.frames[0].text_offset.map_or(0, u64::from), offset, "{body}");
        let is_address = !["4660", "\"123\"", "499999999"].contains(&field.to_string().as_str());
        assert_eq!(codes(&document), if is_address { vec!["load-address"] } else { vec![] }, "{body}");
    }
}

#[test]
fn a_version_with_its_build_in_a_log_is_both() {
    for (app_version, build_version, version, build) in [
        (json!("3.6.0 (45)"), Value::Null, "3.6.0", "45"),
        (json!("3.6.0(45)"), json!(""), "3.6.0", "45"),
        (json!("3.6.0 (45)"), json!("45"), "3.6.0", "45"),
        (json!("3.6.0 (44)"), json!("45"), "3.6.0", "45"),
        (json!("3.6.0 build 45"), Value::Null, "3.6.0", "45"),
        (json!("3.6.0+45"), Value::Null, "3.6.0", "45"),
        (json!("3.6.0"), json!("45"), "3.6.0", "45"),
        (json!("3.6.0-45"), Value::Null, "3.6.0-45", ""),
        (json!("5.0.0-beta.1 (7)"), Value::Null, "5.0.0-beta.1", "7"),
        (json!(3.6), Value::Null, "3.6", ""),
    ] {
        let metadata = json!({"appVersion": app_version, "buildVersion": build_version});
        let body = json!({"productData": [{"diagnosticLogs": [{"diagnosticMetaData": metadata}]}]});
        let document = read(&body);
        let metadata = &document.logs[0].metadata;
        let text = |id| document.names.get(id).unwrap_or_default();
        assert_eq!((text(metadata.app_version), text(metadata.build_version)), (version, build), "{body}");
    }
}

#[test]
fn xcodes_cache_is_read_whatever_its_clock() {
    let day = Day::from_ymd(2026, 11, 20);
    for (updated, day) in [
        (json!("2026-11-20T01:23:45.666Z"), day),
        (json!("2026-11-20T01:23:45Z"), day),
        (json!("2026-11-20 01:23:45 +0000"), day),
        (json!("2026-11-20"), day),
        (json!(816_830_625.666), day),
        (json!("816830625.666"), day),
        (json!(1_795_137_825), day),
        (json!(1_795_137_825_666_u64), day),
        (json!("Fri, 20 Nov 2026 01:23:45 GMT"), day),
        (json!("yesterday"), None),
        (json!(12), None),
        (Value::Null, None),
    ] {
        let section = json!({"identifier": "hangRate", "unit": {"displayName": "s/h"}, "datasets": [{
            "filterCriteria": {"device": "all_iphones", "percentile": "com.apple.dt.metrics.percentile.ninetyFive"},
            "points": [{"version": "1.0", "summary": 3.5, "percentageBreakdown": []}]}]});
        let document = read(&json!({"lastUpdated": updated, "filterCriteriaSets": {},
            "categories": [{"identifier": "performance", "sections": [section]}]}));
        assert_eq!((document.kind, document.day), (Kind::XcodeCache, day), "{updated}");
        assert_eq!((&document.metrics.points.value[..], codes(&document)), (&[3.5][..], vec![]), "{updated}");
        let (metric, dataset) = (&document.metrics.metrics[0], &document.metrics.datasets[0]);
        let text = |id| document.names.get(id).unwrap_or_default();
        assert_eq!((text(metric.category), document.names.text(metric.identifier)), ("HANG", "hangRate"));
        assert_eq!(
            (text(dataset.platform), text(dataset.percentile)),
            ("iOS", "com.apple.dt.metrics.percentile.ninetyFive")
        );
    }
    assert_eq!(
        read(&json!({"lastUpdated": "2026-11-20", "filterCriteriaSets": {}, "categories": []})).kind,
        Kind::Empty
    );
    // `summary` is a new field in metrics, and no value.
    let metrics = json!({"productData": [{"metricCategories": [{"identifier": "A", "metrics": [{"identifier": "m", "datasets": [
        {"filterCriteria": {"device": "d", "percentile": "p"}, "points": [{"version": "1", "summary": 1, "value": 2}]}]}]}]}]});
    let document = read(&metrics);
    assert_eq!(document.metrics.points.value, [2.0]);
    assert_eq!(document.drift.unknown["productData[].metricCategories[].metrics[].datasets[].points[].summary"], 1);
}

#[test]
fn what_was_asked_for_shows_in_bodies_without_data() {
    for (body, asked_for) in [
        (
            json!({"productData": [], "insights": {"regressions": [], "trendingUp": []}, "version": "1.0.0"}),
            Some(Kind::XcodeMetrics),
        ),
        (json!({"productData": [{"platform": "iOS", "metricCategories": []}]}), Some(Kind::XcodeMetrics)),
        (json!({"productData": [{"signatureId": "s", "diagnosticLogs": []}]}), Some(Kind::DiagnosticLogs)),
        (json!({"appMetadata": {"appId": "1"}, "categories": []}), Some(Kind::XcodeOverview)),
        (
            json!({"data": [], "links": {"self": "/v1/builds/77/diagnosticSignatures"}}),
            Some(Kind::DiagnosticSignatures),
        ),
        (json!({"data": []}), Some(Kind::DiagnosticSignatures)),
        (
            json!({"errors": [{"status": "401"}], "links": {"self": "/v1/apps/1/perfPowerMetrics"}}),
            Some(Kind::XcodeMetrics),
        ),
        (json!({"errors": [{"status": "500", "detail": "performanceOverviews failed"}]}), Some(Kind::XcodeOverview)),
        (
            json!({"errors": [{"status": "404", "detail": "/v1/diagnosticSignatures/s/logs"}]}),
            Some(Kind::DiagnosticLogs),
        ),
        (json!({"errors": [{"status": "500"}]}), None),
        (json!({}), None),
    ] {
        assert_eq!(read(&body).asked_for, asked_for, "{body}");
    }
}
