//! What people put beside their downloads by mistake is called by its name, and never "no data".

use perfpower_model::{Kind, Severity};
use perfpower_parse::{ParseOptions, Parsed, parse_all};
use serde_json::{Value, json};

/// Kind, code and message of a file that is one document.
fn told(file: &[u8]) -> (Kind, &'static str, String) {
    let parsed = parse_all(file, &ParseOptions::default());
    let shown = String::from_utf8_lossy(&file[..file.len().min(200)]).into_owned();
    let [Parsed { document, .. }] = &parsed[..] else { panic!("one document in {shown}") };
    assert_ne!(document.kind, Kind::Empty, "{shown}");
    let problem = document.problems.iter().max_by_key(|problem| problem.code != "wrong-type");
    let Some(problem) = problem else { panic!("a problem in {shown}") };
    assert!(problem.hint.is_some() && problem.severity != Severity::Note, "{shown}: {problem:?}");
    (document.kind, problem.code, problem.message.clone())
}

/// A body of Apple's with every key renamed.
fn renamed(rename: fn(&str) -> String) -> Value {
    fn walk(value: &Value, rename: fn(&str) -> String) -> Value {
        match value {
            Value::Object(fields) => fields.iter().map(|(key, value)| (rename(key), walk(value, rename))).collect(),
            Value::Array(elements) => elements.iter().map(|value| walk(value, rename)).collect(),
            other => other.clone(),
        }
    }
    let body = json!({"version": "1.0.0", "productData": [{"platform": "iOS", "metricCategories": [{"identifier": "LAUNCH", "metrics": [{
        "identifier": "launchTime", "unit": {"identifier": "milliseconds", "displayName": "ms"}, "datasets": [{
            "filterCriteria": {"percentile": "percentile.fifty", "device": "all_iphones", "deviceMarketingName": "All iPhones"},
            "points": [{"version": "1.0", "value": 768.7}]}]}]}]}]});
    walk(&body, rename)
}

fn apart(key: &str, with: char) -> String {
    key.chars().fold(String::new(), |mut text, c| {
        if c.is_ascii_uppercase() {
            text.push(with);
        }
        text.push(c.to_ascii_lowercase());
        text
    })
}

#[test]
fn rewritings_by_other_programs() {
    let pascal = |key: &str| format!("{}{}", key[..1].to_ascii_uppercase(), &key[1..]);
    for (body, said) in [
        (renamed(|key| apart(key, '_')), "asc-mcp, which writes Apple's fields in snake case"),
        (renamed(|key| apart(key, '-')), "which renames Apple's fields (product-data for productData)"),
        (renamed(pascal), "which renames Apple's fields (ProductData for productData)"),
        (renamed(str::to_ascii_uppercase), "which renames Apple's fields (PRODUCTDATA for productData)"),
        (renamed(str::to_ascii_lowercase), "which renames Apple's fields (productdata for productData)"),
        (json!({"data": renamed(|key| apart(key, '_'))}), "asc-mcp"),
        (json!({"result": {"content": renamed(pascal)}}), "which renames Apple's fields"),
        (
            json!({"data": [{"affordances": {}, "category": "LAUNCH", "id": "app-1-LAUNCH-launchTime", "latestValue": 1.5,
                "latestVersion": "2.0", "metricIdentifier": "launchTime", "parentId": "app-1", "platform": "IOS", "unit": "s"}]}),
            "asc-cli, which prints rows of its own",
        ),
        (
            json!({"success": true, "data": {"platform": "iOS", "metrics": [{"categoryIdentifier": "launch",
                "metricIdentifier": "launchTime", "datasets": []}]}, "meta": {"productDataCount": 1}}),
            "an MCP server for App Store Connect",
        ),
        (
            json!({"success": true, "data": {"platform": "", "appVersion": "", "metrics": []}, "meta": {"productDataCount": 0}}),
            "an MCP server",
        ),
        (
            json!([{"metric": "launchTime", "category": "LAUNCH", "device": "all_iphones", "version": "1.0", "value": 5}]),
            "made from one of Apple's bodies",
        ),
        (
            json!({"launchTime": {"device": "all_iphones", "percentile": "percentile.fifty", "values": {"1.0": 500}}}),
            "made from one of Apple's bodies",
        ),
        (json!({"rows": [{"diagnosticType": "HANGS", "isBlameFrame": true}]}), "made from one of Apple's bodies"),
        (
            json!({"data": [{"id": "s", "diagnosticType": "DISK_WRITES", "signature": "App: x", "weight": 45.2}], "success": true}),
            "made from one of Apple's bodies",
        ),
    ] {
        let (kind, code, message) = told(body.to_string().as_bytes());
        assert_eq!((kind, code), (Kind::Unknown, "rewritten-document"), "{body}: {message}");
        assert!(message.contains(said), "{body}: {message}");
    }
    let cut =
        json!({"version": "1.0.0", "productData": ["@{platform=iOS; metricCategories=System.Object[]}"]}).to_string();
    assert_eq!(told(cut.as_bytes()).1, "cut-by-powershell");
}

#[test]
fn other_json_is_no_rewriting() {
    for body in [
        json!({"name": "app", "version": "1.0.0", "dependencies": {"x": "1"}}),
        json!({"data": [{"title": "LAUNCH party"}], "page": 1}),
        json!([{"version": "1.0", "value": 5}]),
        json!({"success": true, "data": {}}),
        json!({"success": true, "data": []}),
        json!({"data": null, "count": 0}),
        json!({"content": [{"type": "text", "text": "nothing found"}]}),
        json!("a text"),
        json!(5),
        json!([]),
    ] {
        let (kind, code, message) = told(body.to_string().as_bytes());
        assert_eq!((kind, code), (Kind::Unknown, "unknown-document"), "{body}: {message}");
    }
}

#[test]
fn errors_in_other_forms() {
    for (body, said) in [
        (json!({"error": "invalid_client"}), ": invalid_client"),
        (json!({"error": {"code": 401, "message": "Sign in"}}), ": Sign in"),
        (json!({"message": "Unauthorized"}), ": Unauthorized"),
        (json!({"code": "NOT_AUTHORIZED", "detail": "Provide a token"}), ": Provide a token"),
        (json!({"statusCode": 502, "body": "Bad gateway"}), ": 502 · Bad gateway"),
        (json!({"status": "403", "title": "Forbidden"}), ": 403 · Forbidden"),
        (json!({"success": false}), ""),
        (json!({"success": false, "error": {"message": "no key"}}), ": no key"),
        (json!({"isError": true, "content": [{"type": "text", "text": "The key is wrong"}]}), ": The key is wrong"),
        (json!({"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": "timed out"}}), ": timed out"),
        (json!({"ok": false, "message": "limit"}), ": limit"),
        (json!({"fault": {"faultstring": "x"}}), ""),
        (json!({"errors": ["no token"]}), ": no token"),
        (json!({"error": "x", "data": null}), ": x"),
    ] {
        let (kind, code, message) = told(body.to_string().as_bytes());
        assert_eq!((kind, code), (Kind::ApiError, "foreign-error"), "{body}: {message}");
        assert_eq!(message, format!("a saved error, not in the form of App Store Connect{said}"), "{body}");
    }
}

#[test]
fn files_of_other_kinds() {
    const TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4eHh4eHgifQ.c2lnbmF0dXJlLW9mLXRva2Vu";
    for (file, code, said) in [
        ("{\"app_name\":\"App\",\"bug_type\":\"309\"}\n{\"uptime\":1}\n", "crash-report", "a crash or event report"),
        (
            "{\"incident_id\":\"X\",\"app_name\":\"App\",\"name\":\"App\"}\n{\n  \"exception\" : {}\n}",
            "crash-report",
            "a crash",
        ),
        ("{\"exception\":{},\"threads\":[],\"usedImages\":[]}", "crash-report", "a crash"),
        ("Incident Identifier: 1234\nHardware Model: iPhone14,5\n", "crash-report", "a crash"),
        ("<!DOCTYPE html><html><body>Sign in", "html-page", "an HTML page"),
        ("\n  <html lang=en>", "html-page", "an HTML page"),
        (
            "<?xml version=\"1.0\"?>\n<!DOCTYPE plist PUBLIC \"x\">\n<plist version=\"1.0\"><dict/></plist>",
            "property-list",
            "a property list (XML)",
        ),
        ("bplist00\u{1}\u{2}", "binary-file", "a property list (binary)"),
        ("PK\u{3}\u{4}\u{14}\u{0}", "binary-file", "a zip file"),
        ("SQLite format 3\u{0}", "binary-file", "a SQLite database"),
        (
            "Provider\tProvider Country\tSKU\tDeveloper\tTitle\nAPPLE\tUS\tx\ty\tz\n",
            "sales-report",
            "a table (provider, provider country, sku)",
        ),
        (
            "Date,App Name,App Apple Identifier,Counts\n2026-11-20,App,1,2\n",
            "sales-report",
            "a table (date, app name, app apple identifier)",
        ),
        ("Unauthenticated\n", "refusal", "a refusal or a failure"),
        ("jwt expired", "refusal", "a refusal or a failure"),
        ("curl: (22) The requested URL returned error: 401", "refusal", "a refusal or a failure"),
        ("upstream connect error: 503 Service Unavailable", "refusal", "a refusal or a failure"),
        (TOKEN, "token", "a token (JWT)"),
        ("-----BEGIN PRIVATE KEY-----\nMIGT\n-----END PRIVATE KEY-----\n", "private-key", "a key or a certificate"),
        ("productData:\n- platform: iOS\n", "yaml", "YAML"),
        ("---\nversion: 1.0.0\n", "yaml", "YAML"),
        ("", "empty-file", "the file is empty"),
        (" \n\t", "empty-file", "the file holds white space only"),
        ("version https://git-lfs.github.com/spec/v1\noid x\n", "git-lfs-pointer", "a Git LFS pointer"),
        (
            "{\"productData\": [{\"platform\": \"iOS\"",
            "truncated-json",
            "expected a comma or a closing brace, found the end",
        ),
        ("{'productData': [{'platform': 'iOS'}]}", "python-dictionary", "a dictionary as Python prints it"),
        ("Here is what I found", "not-json", "text that is not JSON"),
    ] {
        let (kind, told_code, message) = told(file.as_bytes());
        assert_eq!(told_code, code, "{file}: {message}");
        assert!(message.starts_with(said), "{file}: {message}");
        assert!(matches!(kind, Kind::Unknown | Kind::NotJson), "{file}");
    }
}
