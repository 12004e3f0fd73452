//! What is put round a body comes off, and the body inside is read as if nothing had been there.

#![expect(clippy::unwrap_used, reason = "a helper of tests that cannot go on should stop them")]

use perfpower_model::{Day, Document, Kind, Severity};
use perfpower_parse::{ParseOptions, Parsed, parse, parse_all};
use serde_json::json;
use std::io::Read;

const METRICS: &str = r#"{"version": "1.0.0", "productData": [{"platform": "iOS", "metricCategories": [{"identifier": "LAUNCH", "metrics": [{
    "identifier": "launchTime", "unit": {"identifier": "milliseconds", "displayName": "ms"}, "datasets": [{
        "filterCriteria": {"percentile": "percentile.fifty", "device": "all_iphones", "deviceMarketingName": "All \"iPhones\" é"},
        "points": [{"version": "1.0", "value": 768.7}, {"version": "1.1", "value": 800}]}]}]}]}]}"#;

const SIGNATURES: &str = r#"{"data": [{"type": "diagnosticSignatures", "id": "a", "attributes": {"diagnosticType": "HANGS",
    "signature": "App: main", "weight": 0.5}}], "links": {"self": "https://api.appstoreconnect.apple.com/v1/builds/77/diagnosticSignatures"}}"#;

const LOGS: &str = r#"{"version": "1.0.0", "productData": [{"signatureId": "s", "diagnosticLogs": [{"diagnosticMetaData":
    {"bundleId": "com.example.app"}, "callStackTree": [{"callStacks": [{"callStackRootFrames": [{"symbolName": "main"}]}]}]}]}]}"#;

const REFUSED: &str =
    r#"{"errors": [{"status": "401", "code": "NOT_AUTHORIZED", "title": "No", "detail": "Sign it"}]}"#;

fn opened(file: impl AsRef<[u8]>) -> Vec<Parsed> {
    parse_all(file.as_ref(), &ParseOptions::default())
}

/// All that a body says.
fn told(document: &Document) -> String {
    let points = &document.metrics.points;
    let versions: Vec<&str> = points.version.iter().map(|&version| document.names.text(version)).collect();
    let datasets: Vec<&str> =
        document.metrics.datasets.iter().filter_map(|d| document.names.get(d.device_label)).collect();
    let signatures: Vec<&str> = document.signatures.iter().filter_map(|s| document.names.get(s.text)).collect();
    format!("{:?} {versions:?} {:?} {datasets:?} {signatures:?} {}", document.kind, points.value, document.logs.len())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    flate2::read::GzEncoder::new(bytes, flate2::Compression::fast()).read_to_end(&mut packed).unwrap();
    packed
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().chain([0, 0].iter()).take(3).fold(0_u32, |word, &byte| word << 8 | u32::from(byte));
        for digit in 0..4 {
            let place = (word >> (18 - 6 * digit) & 63) as usize;
            text.push(if digit <= chunk.len() { char::from(DIGITS[place]) } else { '=' });
        }
    }
    text
}

fn utf_16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(to_bytes).collect()
}

/// Every envelope that holds one body, with what is said of it.
fn envelopes(body: &str) -> Vec<(Vec<u8>, &'static str)> {
    let value: serde_json::Value = serde_json::from_str(body).unwrap();
    let pretty = serde_json::to_string_pretty(&value).unwrap();
    let bytes = body.as_bytes();
    let text = |text: String, layers| (text.into_bytes(), layers);
    let mut all = vec![
        // HTTP
        text(format!("HTTP/2 200 \r\nserver: x\r\ndate: Fri, 20 Nov 2026 08:11:02 GMT\r\n\r\n{body}"), "HTTP headers"),
        text(format!("HTTP/1.1 200 OK\nContent-Type: application/json\n\n{body}\n"), "HTTP headers"),
        text(format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/2 302\r\nlocation: /x\r\n\r\nHTTP/2 200\r\n\r\n{body}"), "HTTP headers"),
        text(format!("HTTP/1.1 200 Connection established\r\n\r\nHTTP/2 200\r\n\r\n{pretty}"), "HTTP headers"),
        text(format!("\nHTTP/3 200\n\n\n{body}"), "HTTP headers"),
        text(format!("GET /v1/apps/1/perfPowerMetrics HTTP/1.1\r\nHost: x\r\n\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{body}"), "HTTP headers"),
        text(
            format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n{:x};x=y\r\n{}\r\n0\r\n\r\n", 20, &body[..20], body.len() - 20, &body[20..]),
            "HTTP headers",
        ),
        text(format!("* Trying 1.2.3.4:443...\n> GET /v1/apps/1 HTTP/2\n> host: x\n>\n< HTTP/2 200\n< date: x\n<\n{{ [5 bytes data]\n{body}\n* Connection #0 to host x left intact\n"), "HTTP headers"),
        // fields
        text(json!({"data": value}).to_string(), "the field data"),
        text(json!({"result": value}).to_string(), "the field result"),
        text(json!({"response": value, "status": 200}).to_string(), "the field response"),
        text(json!({"success": true, "payload": {"content": value}}).to_string(), "the field payload, the field content"),
        text(json!({"ok": true, "d": {"a": {"b": {"c": value}}}}).to_string(), "the field d, the field a, the field b, the field c"),
        text(serde_json::to_string_pretty(&json!({"meta": {"page": 1}, "data": value, "error": null})).unwrap(), "the field data"),
        text(json!({"2026-11-20": value}).to_string(), "the field 2026-11-20"),
        text(json!({"jsonrpc": "2.0", "id": 1, "result": {"structuredContent": value}}).to_string(), "the field result, the field structuredContent"),
        // texts
        text(json!({"statusCode": 200, "body": body, "isBase64Encoded": false}).to_string(), "the field body, a text"),
        text(json!({"StatusCode": 200, "Content": pretty}).to_string(), "the field Content, a text"),
        text(json!({"content": [{"type": "text", "text": body}]}).to_string(), "the field content, an array of one, the field text, a text"),
        text(
            json!({"jsonrpc": "2.0", "id": 7, "result": {"content": [{"type": "text", "text": pretty}], "isError": false}}).to_string(),
            "the field result, the field content, an array of one, the field text, a text",
        ),
        text(
            json!({"content": [{"type": "text", "text": format!("Here it is:\n\n```json\n{body}\n```\n")}]}).to_string(),
            "the field content, an array of one, the field text, a text, a block of code",
        ),
        text(json!({"body": json!({"data": body}).to_string()}).to_string(), "the field body, a text, the field data, a text"),
        text(serde_json::to_string(body).unwrap(), "a text"),
        text(serde_json::to_string(&serde_json::to_string(body).unwrap()).unwrap(), "a text, a text"),
        // arrays
        text(json!([value]).to_string(), "an array of one"),
        text(json!([[value]]).to_string(), "an array of one, an array of one"),
        text(json!({"data": [value]}).to_string(), "the field data, an array of one"),
        text(json!([body]).to_string(), "an array of one, a text"),
        // coded forms
        (gzip(bytes), "gzip"),
        (gzip(&gzip(bytes)), "gzip, gzip"),
        (zstd::encode_all(bytes, 0).unwrap(), "zstd"),
        text(base64(bytes), "base64"),
        text(base64(&gzip(bytes)), "base64, gzip"),
        text(format!("{}\n", base64(&zstd::encode_all(bytes, 0).unwrap())), "base64, zstd"),
        text(format!("data:application/json;base64,{}", base64(bytes)), "base64"),
        text(json!({"statusCode": 200, "body": base64(&gzip(bytes)), "isBase64Encoded": true}).to_string(), "the field body, a text, base64, gzip"),
        text(json!({"content": {"encoding": "base64", "data": base64(bytes)}}).to_string(), "the field content, the field data, a text, base64"),
        text(serde_json::to_string(&base64(bytes)).unwrap(), "a text, base64"),
        (utf_16(body, u16::to_le_bytes), "UTF-16"),
        (utf_16(&pretty.replace('\n', "\r\n"), u16::to_be_bytes), "UTF-16"),
        (gzip(format!("HTTP/2 200\n\n{}", json!({"data": body})).as_bytes()), "gzip, HTTP headers, the field data, a text"),
        // scripts and terminals
        text(format!(")]}}'\n{body}"), "a guard or callback of a script"),
        text(format!(")]}}',\n{body}"), "a guard or callback of a script"),
        text(format!("while(1);{body}"), "a guard or callback of a script"),
        text(format!("for(;;);{body}"), "a guard or callback of a script"),
        text(format!("/**/ handle({body});"), "a guard or callback of a script"),
        text(format!("window.metrics.take({body})\n"), "a guard or callback of a script"),
        text(format!("\u{1b}[1;39m{}\u{1b}[0m", pretty.replace("{\n", "{\u{1b}[0;32m\n")), "colours of a terminal"),
        text(format!("```json\n{pretty}\n```\n"), "a block of code"),
        text(format!("event: message\ndata: {}\n\n", json!({"result": value})), "an event stream, the field result"),
        text(format!("data: {value}\n\ndata: [DONE]\n\n"), "an event stream"),
        text(format!("b'{}'", body.replace('\\', "\\\\").replace('\n', "\\n").replace('é', "\\xc3\\xa9")), "printed bytes of Python"),
    ];
    all.push(text(
        json!({"log": {"version": "1.2", "entries": [
            {"request": {"url": "https://x/logo.png"}, "response": {"content": {"mimeType": "image/png", "text": "iVBORw0KGgo=", "encoding": "base64"}}},
            {"startedDateTime": "2026-11-20T08:11:02Z", "request": {"method": "GET", "url": "https://x/y"}, "response": {"status": 200, "content": {"text": body}}}
        ]}})
        .to_string(),
        "entry 2 of a HAR file",
    ));
    all.push(text(
        json!({"log": {"entries": [{"response": {"content": {"encoding": "base64", "text": base64(bytes)}}}]}})
            .to_string(),
        "entry 1 of a HAR file, base64",
    ));
    all
}

#[test]
fn every_envelope_comes_off_every_kind_of_body() {
    for body in [METRICS, SIGNATURES, LOGS] {
        let plain = told(&parse(body.as_bytes(), &ParseOptions::default()));
        let envelopes = envelopes(body);
        assert!(envelopes.len() > 50);
        for (file, layers) in envelopes {
            let shown = String::from_utf8_lossy(&file[..file.len().min(400)]).into_owned();
            let [parsed] = &opened(&file)[..] else { panic!("one document in {shown}") };
            assert_eq!(told(&parsed.document), plain, "{shown}\n{:?}", parsed.document.problems);
            assert_eq!(parsed.envelope.to_string(), layers, "{shown}");
            let is_fine = parsed.document.problems.iter().all(|problem| problem.severity == Severity::Note);
            assert!(is_fine, "{shown}: {:?}", parsed.document.problems);
        }
    }
}

#[test]
fn envelopes_within_envelopes_come_off_too() {
    let plain = told(&parse(METRICS.as_bytes(), &ParseOptions::default()));
    for (outer, _) in envelopes(METRICS) {
        // What is no text goes through base64, as it would have to.
        let outer = String::from_utf8(outer).unwrap_or_else(|bytes| base64(bytes.as_bytes()));
        for (file, _) in [
            (json!({"body": outer}).to_string(), "field"),
            (format!("HTTP/2 200\n\n{}", json!([{"text": outer}])), "headers"),
            (base64(&gzip(outer.as_bytes())), "packed"),
        ] {
            let found = opened(&file);
            let [parsed] = &found[..] else { panic!("one document in {outer}: {found:?}") };
            assert_eq!(told(&parsed.document), plain, "{outer}\n{:?}", parsed.document.problems);
        }
    }
}

#[test]
fn plain_bodies_have_no_envelope() {
    for body in [METRICS, SIGNATURES, LOGS, REFUSED, r#"{"productData":[]}"#, "{}", "\u{feff}{\"productData\":[]}"] {
        let [parsed] = &opened(body)[..] else { panic!("one document") };
        assert_eq!(parsed.envelope, perfpower_parse::Envelope::default());
        assert_eq!(told(&parsed.document), told(&parse(body.as_bytes(), &ParseOptions::default())));
    }
}

#[test]
fn one_file_can_hold_many_documents() {
    let line = METRICS.replace('\n', " ");
    for (file, layers) in [
        (format!("{line}\n{line}\n"), ["document 1 of the file", "document 2 of the file"]),
        (format!("{METRICS}{METRICS}"), ["document 1 of the file", "document 2 of the file"]),
        (format!("{METRICS},\r\n\r\n{METRICS}"), ["document 1 of the file", "document 2 of the file"]),
        (format!("\u{1e}{line}\n\u{1e}{line}\n"), ["document 1 of the file", "document 2 of the file"]),
        (format!("[{METRICS}, {METRICS}]"), ["element 1 of 2", "element 2 of 2"]),
        (format!("{{\"current\": {METRICS}, \"previous\": {METRICS}}}"), ["the field current", "the field previous"]),
        (
            format!("{{\"pages\": [{METRICS}, {METRICS}]}}"),
            ["the field pages, element 1 of 2", "the field pages, element 2 of 2"],
        ),
        (
            format!("{}\n{}", json!({"data": line}), json!({"data": line})),
            ["document 1 of the file, the field data, a text", "document 2 of the file, the field data, a text"],
        ),
        (format!("event: a\ndata: {line}\n\nevent: b\ndata: {line}\n\n"), ["an event stream", "an event stream"]),
        (format!("{SIGNATURES}\n{METRICS}"), ["document 1 of the file", "document 2 of the file"]),
    ] {
        let found = opened(&file);
        assert_eq!(found.iter().map(|parsed| parsed.envelope.to_string()).collect::<Vec<_>>(), layers, "{file}");
        assert!(found.iter().all(|parsed| parsed.document.problems.is_empty()), "{found:?}");
        assert!(!found[1].document.metrics.points.is_empty());
    }
}

const URL: &str = "https://api.appstoreconnect.apple.com/v1/apps/1234567890/perfPowerMetrics";

#[test]
fn what_an_envelope_says_of_its_document_is_kept() {
    let day = Day::from_ymd(2026, 11, 20);
    let value: serde_json::Value = serde_json::from_str(METRICS).unwrap();
    for (file, url, day, apple_id, bundle_id, build_id) in [
        (format!("HTTP/2 200\r\ndate: Fri, 20 Nov 2026 08:11:02 GMT\r\n\r\n{METRICS}"), None, day, "", "", ""),
        (
            format!("GET /v1/apps/1234567890/perfPowerMetrics HTTP/1.1\r\nHost: api.appstoreconnect.apple.com\r\n\r\nHTTP/1.1 200 OK\r\n\r\n{METRICS}"),
            Some(URL), None, "1234567890", "", "",
        ),
        (
            json!({"log": {"entries": [{"startedDateTime": "2026-11-20T08:11:02Z", "request": {"url": URL}, "response": {"content": {"text": METRICS}}}]}}).to_string(),
            Some(URL), day, "1234567890", "", "",
        ),
        (json!({"url": URL, "fetchedAt": "2026-11-20T08:11:02Z", "body": METRICS}).to_string(), Some(URL), day, "1234567890", "", ""),
        (json!({"request": {"url": URL}, "response": {"body": value}}).to_string(), Some(URL), None, "1234567890", "", ""),
        (json!({"appId": "1234567890", "bundleId": "com.example.app", "data": value}).to_string(), None, None, "1234567890", "com.example.app", ""),
        (json!({"app": {"id": "1234567890", "bundle_id": "com.example.app"}, "data": value}).to_string(), None, None, "1234567890", "com.example.app", ""),
        (json!({"app_id": 1_234_567_890, "timestamp": 1_795_162_262, "data": value}).to_string(), None, day, "1234567890", "", ""),
        (json!({"build_id": "77", "savedAt": 1_795_162_262_000_u64, "data": value}).to_string(), None, day, "", "", "77"),
        (json!({"endpoint": "/v1/builds/77/perfPowerMetrics", "result": value}).to_string(), Some("/v1/builds/77/perfPowerMetrics"), None, "", "", "77"),
        (json!({"headers": {"Date": "Fri, 20 Nov 2026 08:11:02 GMT"}, "body": METRICS}).to_string(), None, day, "", "", ""),
        (json!({"appId": "larder", "bundleId": "no bundle", "date": "yesterday", "data": value}).to_string(), None, None, "", "", ""),
    ] {
        let [Parsed { document, envelope }] = &opened(&file)[..] else { panic!("one document in {file}") };
        assert_eq!((envelope.url.as_deref(), envelope.day), (url, day), "{file}");
        let text = |id| document.names.get(id).unwrap_or_default();
        let identity = &document.identity;
        let ids = (text(identity.apple_id), text(identity.bundle_id), text(identity.build_id));
        assert_eq!(ids, (apple_id, bundle_id, build_id), "{file}");
    }
}

#[test]
fn a_body_that_names_its_app_is_not_overruled() {
    let file = json!({"bundleId": "com.example.other", "data": LOGS}).to_string();
    let [Parsed { document, .. }] = &opened(&file)[..] else { panic!("one document") };
    assert_eq!(document.names.get(document.identity.bundle_id), Some("com.example.app"));
}

/// A body with one value that is no number.
fn with_a_fault() -> String {
    METRICS.replace("768.7", "\"n/a\"")
}

#[test]
fn problems_are_told_where_they_stand_in_the_file() {
    const PATH: &str = "productData[0].metricCategories[0].metrics[0].datasets[0].points[0].value";
    let body = with_a_fault();
    let place = |file: &str| {
        let found = opened(file);
        let parsed = found.last().unwrap();
        let problem = parsed.document.problems.iter().find(|problem| problem.code == "wrong-type").unwrap();
        let place = problem.place.unwrap();
        (problem.at.clone(), place.line, place.column)
    };
    let (path, line, column) = place(&body);
    assert_eq!((path.as_str(), line, column), (PATH, 4, 48));
    let moved = |prefix: &str| format!("{prefix}{PATH}");
    assert_eq!(place(&format!("HTTP/2 200\r\nx: y\r\n\r\n{body}")), (moved(""), 7, 48));
    assert_eq!(place(&format!("{METRICS}\n{body}")), (moved(""), 8, 48));
    assert_eq!(place(&format!("{{\n  \"data\": {body}}}")), (moved("data."), 5, 48));
    assert_eq!(place(&format!("[{METRICS},\n\n{body}]")), (moved("[1]."), 9, 48));
    let line = format!("{{\"data\": {}}}", body.replace('\n', ""));
    let column = line[..line.find("\"n/a\"").unwrap()].chars().count() as u32 + 1;
    assert_eq!(place(&line), (moved("data."), 1, column));
    let text = serde_json::to_string(&body).unwrap();
    assert_eq!(place(&format!("{{\n\n \"body\": {text}}}")), (moved("body › "), 3, 10));
    assert_eq!(
        place(&format!("[\n{{\"content\": [{{\"text\": {text}}}]}}]")),
        (moved("[0].content[0].text › "), 2, 23)
    );
    let inner = serde_json::to_string(&format!("{{\"data\": {body}}}")).unwrap();
    assert_eq!(place(&format!("{{\"body\": {inner}}}")), (moved("body › data."), 1, 10));
    // What the whole file is packed in does not count.
    assert_eq!(place(&base64(body.as_bytes())), (moved(""), 4, 48));
}

#[test]
fn what_is_no_document_beside_one_that_is_does_not_vanish() {
    let line = METRICS.replace('\n', " ");
    let cut = &line[..200];
    for (file, told) in [
        (format!("{line}\n{cut}"), vec!["", "truncated-json"]),
        (format!("{line}\n{cut}\n{line}\n"), vec!["", "truncated-json", ""]),
        (format!("{cut}\n{line}\n{line}\n"), vec!["truncated-json", "", ""]),
        (format!("{line}\n{{\"other\": 1}}\n"), vec!["", "unknown-document"]),
        (format!("{line}\n{REFUSED}\n"), vec!["", "api-error"]),
        (format!("{METRICS}\n200"), vec!["trailing-text"]),
        (format!("{METRICS}\nDone in 3 s"), vec!["trailing-text"]),
        (format!("[{METRICS}, 5, null]"), vec!["passed-over"]),
        (format!("[{METRICS}, {{\"errors\": [{{\"status\": \"429\", \"code\": \"X\"}}]}}]"), vec!["", "api-error"]),
        (
            json!({"log": {"entries": [{"response": {}}, {"response": {"content": {"text": METRICS}}}]}}).to_string(),
            vec!["passed-over"],
        ),
    ] {
        let found = opened(&file);
        let codes: Vec<&str> =
            found.iter().map(|parsed| parsed.document.problems.first().map_or("", |problem| problem.code)).collect();
        assert_eq!(codes, told, "{file}");
    }
}

#[test]
fn an_error_in_an_envelope_is_a_saved_error() {
    for file in [
        format!("HTTP/2 401\r\n\r\n{REFUSED}"),
        json!({"statusCode": 401, "body": REFUSED}).to_string(),
        json!({"content": [{"type": "text", "text": REFUSED}], "isError": true}).to_string(),
        json!({"success": false, "error": REFUSED}).to_string(),
        base64(&gzip(REFUSED.as_bytes())),
    ] {
        let [Parsed { document, .. }] = &opened(&file)[..] else { panic!("one document") };
        assert_eq!(document.kind, Kind::ApiError, "{file}");
        let message = &document.problems[0].message;
        assert_eq!(message, "a saved error of App Store Connect: 401 · NOT_AUTHORIZED · No · Sign it", "{file}");
    }
}

#[test]
fn what_holds_no_body_stays_what_it_was() {
    for (file, code, said) in [
        (
            "HTTP/2 404 Not Found\r\nx: y\r\n\r\n".to_owned(),
            "headers-without-body",
            "HTTP headers without a body (404 Not Found)",
        ),
        ("HTTP/2 200\r\nx: y".to_owned(), "headers-without-body", "HTTP headers without a body (200)"),
        (
            "HTTP/2 200\r\ncontent-encoding: br\r\n\r\n\u{1}\u{2}\u{3}".to_owned(),
            "unknown-coding",
            r#"HTTP headers, and a body in the coding "br", which is not read"#,
        ),
        ("HTTP/2 502\r\n\r\n<html>".to_owned(), "html-page", "an HTML page, not a response of the API"),
        (json!({"productData": "none"}).to_string(), "wrong-type", "expected an array, found the text \"none\""),
        (json!({"data": {"name": "x"}, "kind": "y"}).to_string(), "unknown-document", "JSON of another shape"),
        ("[1, 2]\n[3]".to_owned(), "trailing-bytes", "expected the end of the text after the document, found an array"),
        (format!("{METRICS}}}"), "trailing-bytes", "expected the end of the text after the document, found `}`"),
        ("aGVsbG8gd29ybGQsIGhvdyBhcmUgeW91".to_owned(), "not-json", "text that is not JSON"),
        (base64(&gzip(b"hello world, how are you?")), "not-json", "text that is not JSON"),
        ("callback(1)".to_owned(), "not-json", "text that is not JSON"),
        ("event: x\ndata: nothing\n\n".to_owned(), "not-json", "text that is not JSON"),
    ] {
        let [Parsed { document, .. }] = &opened(&file)[..] else { panic!("one document in {file}") };
        let problem = document.problems.first().unwrap();
        assert_eq!(problem.code, code, "{file}");
        assert!(problem.message.starts_with(said), "{file}: {}", problem.message);
        assert!(problem.severity != Severity::Note && document.metrics.points.is_empty());
    }
}

#[test]
fn damage_inside_a_packed_form_is_told_as_that() {
    let mut packed = gzip(METRICS.as_bytes());
    packed.truncate(packed.len() / 2);
    for file in [
        packed.clone(),
        base64(&packed).into_bytes(),
        format!("HTTP/2 200\n\n{}", json!({"body": base64(&packed)})).into_bytes(),
    ] {
        let [Parsed { document, .. }] = &opened(&file)[..] else { panic!("one document") };
        assert_eq!(document.problems[0].code, "damaged-packing", "{:?}", document.problems);
        assert_eq!(document.problems[0].message, "a gzip form inside the file that ends too early");
    }
}

#[test]
fn depth_is_bounded() {
    // Deeper than anybody wraps, and not a crash.
    let mut file = METRICS.to_owned();
    for _ in 0..100 {
        file = format!("{{\"data\": {file}}}");
    }
    assert_eq!(opened(&file)[0].document.kind, Kind::Unknown);
    let nested = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    assert_eq!(opened(format!("{{\"productData\": 1, \"x\": {nested}}}"))[0].document.kind, Kind::Unknown);
}

#[test]
fn what_is_packed_twice_to_fill_the_memory_is_refused() {
    let bomb = gzip(&zstd::encode_all(&vec![b' '; 70 << 20][..], 0).unwrap());
    assert!(bomb.len() < 20_000);
    let [Parsed { document, .. }] = &opened(&bomb)[..] else { panic!("one document") };
    assert_eq!(document.problems[0].code, "unpacks-to-too-much");
}

#[test]
fn documents_of_one_file_are_counted() {
    let many = "{\"productData\":[]}\n".repeat(20_010);
    let found = opened(&many);
    assert_eq!(found.len(), 20_000);
    assert_eq!(found.last().unwrap().document.problems.last().unwrap().code, "too-many-documents");
}
