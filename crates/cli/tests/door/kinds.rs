//! Kinds of layouts, files and habits, ten members or more of each, and what is right. None of them is one of the cases that the field is
//! known by: a kind is mended, not its example.

use crate::archive::{
    Files, VERSIONS, Values, body_of, codes, flat, flat_points, judged, log, logs, overview, read, stack, step,
    step_points, verdicts,
};
use perfpower_analysis::Audit;
use perfpower_ingest::Reading;
use perfpower_testkit::gzip;

/// One archive, and what must come out of it: an empty text is right.
struct Member {
    name: String,
    files: Files,
    fault: Box<dyn Fn(&Reading) -> String>,
}

fn member(name: &str, files: Vec<(String, String)>, fault: impl Fn(&Reading) -> String + 'static) -> Member {
    let files = files.into_iter().map(|(path, text)| (path, text.into_bytes())).collect();
    Member { name: name.to_owned(), files, fault: Box::new(fault) }
}

/// These apps, with these versions to blame.
fn blames(right: &[&str]) -> impl Fn(&Reading) -> String + use<> {
    let mut right: Vec<String> = right.iter().map(|line| (*line).to_owned()).collect();
    right.sort_unstable();
    move |reading| {
        let mut found = verdicts(reading);
        found.sort_unstable();
        if found == right { String::new() } else { format!("{found:?}, not {right:?}; told: {:?}", codes(reading)) }
    }
}

/// The same, and this is told.
fn blames_and_tells(right: &[&str], code: &'static str) -> impl Fn(&Reading) -> String + use<> {
    let blames = blames(right);
    move |reading| match blames(reading) {
        fault if !fault.is_empty() => fault,
        _ if codes(reading).contains(&code) => String::new(),
        _ => format!("{code} is not told, but {:?}", codes(reading)),
    }
}

/// One app of this name, downloaded on these days.
fn days(app: &'static str, right: &'static [&'static str]) -> impl Fn(&Reading) -> String + use<> {
    move |reading| {
        let found: Vec<String> = reading
            .histories
            .in_memory()
            .iter()
            .map(|history| {
                let days: Vec<String> = history.snapshots.iter().map(ToString::to_string).collect();
                format!("{}: {}", history.app, days.join(" "))
            })
            .collect();
        let right = format!("{app}: {}", right.join(" "));
        if found == [right.clone()] {
            String::new()
        } else {
            format!("{found:?}, not {right}; told: {:?}", codes(reading))
        }
    }
}

fn told(code: &'static str) -> impl Fn(&Reading) -> String + use<> {
    move |reading| {
        if codes(reading).contains(&code) {
            String::new()
        } else {
            format!("{code} is not told, but {:?}", codes(reading))
        }
    }
}

/// A text, packed if its name says so.
fn packed_by_name(path: &str, text: &str) -> Vec<u8> {
    let is_packed = std::path::Path::new(path).extension().is_some_and(|ending| ending == "gz");
    if is_packed { gzip(text.as_bytes()) } else { text.as_bytes().to_vec() }
}

fn text(path: impl Into<String>, body: impl Into<String>) -> (String, String) {
    (path.into(), body.into())
}

const BUNDLES: [&str; 2] = ["com.acme.north", "com.acme.south"];
const NUMBERS: [&str; 2] = ["1010101010", "6446990001"];

/// Two apps, the second of which has got slower, in a pattern with `{app}`.
fn two(pattern: &str, ids: [&str; 2]) -> Vec<(String, String)> {
    vec![text(pattern.replace("{app}", ids[0]), flat()), text(pattern.replace("{app}", ids[1]), step())]
}

fn two_are_told_apart(ids: [&str; 2]) -> impl Fn(&Reading) -> String + use<> {
    blames(&[&format!("{}: –", ids[0]), &format!("{}: 3.6.0", ids[1])])
}

fn words_around_ids() -> Vec<Member> {
    let words = [
        "release",
        "team-blue",
        "eu-west-2",
        "host-7",
        "sprint-12",
        "daily",
        "qa",
        "v2",
        "ci",
        "main",
        "Performance Data",
        "2026-Q1",
        "bitrise",
        "app-store",
        "Q3 review",
    ];
    let mut members = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let ids = if at % 2 == 0 { BUNDLES } else { NUMBERS };
        for pattern in ["W/{app}/2026-11-20/m.json", "{app}/W/2026-11-20/m.json", "W/2026-11-20/{app}/W/m.json"] {
            let pattern = pattern.replace('W', word);
            members.push(member(&pattern, two(&pattern, ids), two_are_told_apart(ids)));
        }
    }
    members
}

fn ids_in_file_names() -> Vec<Member> {
    let patterns = [
        "{app}_perf.json",
        "metrics-{app}.json",
        "2026-11-20_{app}.json",
        "xcodeMetrics.{app}.json",
        "app-{app}.json",
        "ASC_{app}_LAUNCH.json",
        "{app} (1).json",
        "perfPowerMetrics_{app}_iphone.json.bak",
        "id{app}.json",
        "app_{app}_20261120T101500Z.json",
        "{app}.json.1",
        "download-{app}-latest.jsonl",
    ];
    patterns.map(|pattern| member(pattern, two(pattern, NUMBERS), two_are_told_apart(NUMBERS))).into()
}

fn mirrored_addresses() -> Vec<Member> {
    let patterns = [
        "api.appstoreconnect.apple.com/v1/apps/{app}/perfPowerMetrics.json",
        "https/api.appstoreconnect.apple.com/v1/apps/{app}/perfPowerMetrics/index.json",
        "v1/apps/{app}/perfPowerMetrics",
        "apps/{app}/metrics.json",
        "mirror/v1/apps/{app}/perfPowerMetrics?filter[platform]=IOS",
        "localhost_8080/v1/apps/{app}/perfPowerMetrics@filter[metricType]=LAUNCH",
        "2026-11-20/v1/apps/{app}/perfPowerMetrics.json",
        "apps/{app}/2026-11-20.json",
        "raw/v1/apps/{app}/performanceOverviews.json",
        "proxy.corp.internal/asc/v1/apps/{app}/perfPowerMetrics.http",
        "v2/apps/{app}/relationships/perfPowerMetrics.txt",
    ];
    patterns.map(|pattern| member(pattern, two(pattern, NUMBERS), two_are_told_apart(NUMBERS))).into()
}

/// A download for each build, each with its version alone.
fn builds(of_build: impl Fn(usize) -> String) -> Vec<(String, String)> {
    let points = step_points();
    let body = |at: usize| Values::launches([points[at]]).body();
    (0..points.len()).map(|at| text(of_build(at), body(at))).collect()
}

fn builds_alone() -> Vec<Member> {
    type OfBuild = fn(usize) -> String;
    let kinds: [(&str, OfBuild); 11] = [
        ("uuid", |at| format!("{at}f0e2d1c-1234-4abc-8def-00000000000{at}/perfPowerMetrics.json")),
        ("builds/uuid", |at| format!("builds/{at}f0e2d1c-1234-4abc-8def-00000000000{at}/perfPowerMetrics.json")),
        ("v1/builds/uuid", |at| format!("v1/builds/{at}f0e2d1c-1234-4abc-8def-00000000000{at}/perfPowerMetrics")),
        ("build number", |at| format!("{}/m.json", 7100 + at)),
        ("build-number", |at| format!("build-{}/m.json", 7100 + at)),
        ("version", |at| format!("{}/m.json", VERSIONS[at])),
        ("v version", |at| format!("v{}/perfPowerMetrics.json", VERSIONS[at])),
        ("version (build)", |at| format!("{} ({})/m.json", VERSIONS[at], 7100 + at)),
        ("run", |at| format!("run-{}/m.json", 51 + at)),
        ("release file", |at| format!("release-{}.json", VERSIONS[at])),
        ("commit", |at| format!("{at}c9e1f7a{at}/perfPowerMetrics.json")),
    ];
    let alone = kinds.map(|(name, of_build)| member(name, builds(of_build), blames(&["saves: 3.6.0"])));
    let below = kinds.map(|(name, of_build)| {
        let files = builds(|at| format!("com.acme.north/{}", of_build(at)));
        member(&format!("com.acme.north/{name}"), files, blames(&["com.acme.north: 3.6.0"]))
    });
    alone.into_iter().chain(below).collect()
}

fn downloads_without_days() -> Vec<Member> {
    let pairs = [
        ("latest.json", "old.json"),
        ("new_metrics.json", "old_metrics.json"),
        ("metrics (1).json", "metrics.json"),
        ("after.json", "before.json"),
        ("today/metrics.json", "yesterday/metrics.json"),
        ("metrics copy.json", "metrics.json"),
        ("candidate/m.json", "baseline/m.json"),
        ("thisweek.json", "lastweek.json"),
        ("metrics.json", "metrics.json.bak"),
        ("xcodeMetrics-current.json", "xcodeMetrics-backup.json"),
        ("b.json", "a.json"),
        ("2/m.json", "1/m.json"),
    ];
    let points = step_points();
    let of = |range: std::ops::Range<usize>, slower: f64| {
        let points = points[range].iter().map(|(version, value)| (*version, value * slower));
        Values::launches(points).body()
    };
    let mut members = Vec::new();
    for (later, former) in pairs {
        for folder in ["", "com.acme.north/"] {
            let app = if folder.is_empty() { "saves" } else { "com.acme.north" };
            let files =
                vec![text(format!("{folder}{later}"), of(2..8, 1.0)), text(format!("{folder}{former}"), of(0..5, 1.4))];
            let (later, former) = (later.to_owned(), former.to_owned());
            members.push(member(&format!("{folder}{later} {former}"), files, move |reading| {
                let [history] = reading.histories.in_memory() else { return format!("{:?}", verdicts(reading)) };
                // 3.4.0 is in both, 40 % slower in the former.
                let info = &history.series[0];
                let at = history.versions.iter().position(|info| history.names.text(info.name) == "3.4.0").unwrap();
                let value = history.table.values()[info.rows.start as usize + at];
                if history.app != app || !(760.0..840.0).contains(&value) || history.versions.len() != 8 {
                    return format!("{}: {value} of {} versions", history.app, history.versions.len());
                }
                let told = reading.problems.iter().find(|problem| problem.problem.code == "documents-disagree");
                told.map_or("nothing is told".to_owned(), |_| String::new())
            }));
        }
    }
    members
}

fn forms_of_days() -> Vec<Member> {
    let forms: [[&str; 2]; 18] = [
        ["year=2026/month=03/day=09", "year=2026/month=10/day=30"],
        ["y=2026/m=03/d=09", "y=2026/m=10/d=30"],
        ["2026/3/9", "2026/10/30"],
        ["2026/March/09", "2026/October/30"],
        ["2026-03/09", "2026-10/30"],
        ["dt=2026-03-09", "dt=2026-10-30"],
        ["date=20260309", "date=20261030"],
        ["2026.03.09", "2026.10.30"],
        ["2026_03_09", "2026_10_30"],
        ["09 Mar 2026", "30 Oct 2026"],
        ["Mar-09-2026", "Oct-30-2026"],
        ["2026-W11", "2026-W44-5"],
        ["2026-068", "2026-303"],
        ["1773014400", "1793318400"],
        ["1773014400000", "1793318400000"],
        ["2026-03-09T06:00:00Z", "2026-10-30T06:00:00Z"],
        ["20260309T060000", "20261030T060000"],
        ["09.03.2026", "30.10.2026"],
    ];
    let of_member = |form: &[&str; 2]| {
        let files = form.map(|day| text(format!("com.acme.north/{day}/m.json"), flat())).into();
        member(form[0], files, days("com.acme.north", &["2026-03-09", "2026-10-30"]))
    };
    let mut members: Vec<Member> = forms.iter().map(of_member).collect();
    for day in ["02-11-2026", "11/02/2026", "03.04.2026", "02_11_26", "metrics-05-06-2026"] {
        let files = vec![text(format!("com.acme.north/{}/m.json", day.replace('/', "-")), flat())];
        members.push(member(&format!("{day} is asked for"), files, told("day-in-doubt")));
    }
    members
}

fn documents_that_disagree() -> Vec<Member> {
    let slower = |percent: f64| {
        let points = flat_points().into_iter().map(|(version, value)| (version, value * (1.0 + percent / 100.0)));
        Values::launches(points).body()
    };
    let pairs = [
        ("builds/1/m.json", "builds/2/m.json"),
        ("build-41/m.json", "build-42/m.json"),
        ("a.json", "b.json"),
        ("08-00/m.json", "20-00/m.json"),
        ("m.json", "m (1).json"),
        ("iphone/m.json", "ipad/m.json"),
        ("x.json", "x.json.bak"),
        ("debug/m.json", "release/m.json"),
        ("host-1/m.json", "host-2/m.json"),
        ("m.json", "copy of m.json"),
    ];
    let of_pair = |(one, other): (&str, &str)| {
        let path = |name: &str| format!("com.acme.north/2026-11-20/{name}");
        let files = vec![text(path(one), flat()), text(path(other), slower(80.0))];
        member(&format!("{one} {other}"), files, told("documents-disagree"))
    };
    pairs.map(of_pair).into()
}

fn newest_first() -> Vec<Member> {
    let lists: [[&str; 8]; 10] = [
        ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"],
        ["9.8", "9.9", "9.10", "9.11", "9.12", "9.13", "9.14", "9.15"],
        ["v1", "v2", "v3", "v4", "v5", "v6", "v7", "v8"],
        ["2025.10", "2025.11", "2025.12", "2026.1", "2026.2", "2026.3", "2026.4", "2026.5"],
        ["R7", "R8", "R9", "R10", "R11", "R12", "R13", "R14"],
        ["3.0.0 (1)", "3.0.0 (2)", "3.0.0 (3)", "3.0.0 (4)", "3.0.0 (5)", "3.0.0 (6)", "3.0.0 (7)", "3.0.0 (8)"],
        ["4.0.0-beta.1", "4.0.0-beta.2", "4.0.0-rc.1", "4.0.0", "4.0.1", "4.1.0", "4.1.1", "4.2.0"],
        ["1.0a", "1.0b", "1.0c", "1.0d", "1.0e", "1.0f", "1.0g", "1.0h"],
        ["100", "101", "102", "103", "104", "105", "106", "107"],
        ["7.1-8", "7.1-9", "7.1-10", "7.1-11", "7.1-12", "7.1-13", "7.1-14", "7.1-15"],
    ];
    let of_list = |list: [&str; 8]| {
        let values = step_points().into_iter().map(|(_, value)| value);
        let mut points: Vec<(&str, f64)> = list.into_iter().zip(values).collect();
        points.reverse();
        let files = vec![text("com.acme.north/2026-11-20/m.json", Values::launches(points).body())];
        member(list[0], files, blames_and_tells(&[&format!("com.acme.north: {}", list[5])], "newest-first"))
    };
    lists.map(of_list).into()
}

fn order_of_versions() -> Vec<Member> {
    let lists: [[&str; 8]; 12] = [
        ["6.8", "6.9", "6.10", "6.11", "6.12", "6.13", "6.14", "6.15"],
        ["v9", "v10", "v11", "v12", "v13", "v14", "v15", "v16"],
        ["2.0-8", "2.0-9", "2.0-10", "2.0-11", "2.0-12", "2.0-13", "2.0-14", "2.0-15"],
        ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1"],
        ["2025.9", "2025.10", "2025.11", "2025.12", "2026.1", "2026.2", "2026.3", "2026.10"],
        ["R98", "R99", "R100", "R101", "R102", "R103", "R104", "R105"],
        ["5.1 (98)", "5.1 (99)", "5.1 (100)", "5.1 (101)", "5.1 (102)", "5.1 (103)", "5.1 (104)", "5.1 (105)"],
        ["3.9.9", "3.9.10", "3.10.0", "3.10.1", "3.10.2", "3.10.9", "3.10.10", "3.11"],
        ["4.0b9", "4.0b10", "4.0", "4.0.1", "4.0.2", "4.0.10", "4.0.11", "4.1"],
        ["24.08", "24.09", "24.10", "24.11", "24.12", "25.01", "25.02", "25.03"],
        [
            "release-1.8",
            "release-1.9",
            "release-1.10",
            "release-1.11",
            "release-1.12",
            "release-1.13",
            "release-1.14",
            "release-1.15",
        ],
        ["8.0.0.9", "8.0.0.10", "8.0.0.11", "8.0.1.0", "8.0.1.9", "8.0.1.10", "8.0.2.0", "8.0.10.0"],
    ];
    let of_list = |list: [&str; 8]| {
        let points: Vec<(&str, f64)> =
            list.into_iter().zip(step_points()).map(|(version, (_, value))| (version, value)).collect();
        // A document for each build; the names of their files are in no order of the releases.
        let path = |at: usize| format!("com.acme.north/2026-11-20/builds/{}/m.json", (at * 5 + 3) % 8);
        let files = (0..8).map(|at| text(path(at), Values::launches([points[at]]).body())).collect();
        member(list[0], files, blames(&[&format!("com.acme.north: {}", list[5])]))
    };
    lists.map(of_list).into()
}

fn envelopes() -> Vec<Member> {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let body = step();
    let forms: Vec<(&str, String)> = vec![
        ("headers", format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{body}")),
        ("headers twice", format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/2 200\r\nvary: x\r\n\r\n{body}")),
        ("payload", format!(r#"{{"payload":{body}}}"#)),
        ("result.data", format!(r#"{{"result":{{"ok":true,"data":{body}}}}}"#)),
        ("a text", format!(r#"{{"status":200,"responseBody":{}}}"#, quoted(&body))),
        ("a text in a text", format!(r#"{{"body":{}}}"#, quoted(&format!(r#"{{"data":{}}}"#, quoted(&body))))),
        (
            "content[].text",
            format!(
                r#"{{"jsonrpc":"2.0","id":1,"result":{{"content":[{{"type":"text","text":{}}}]}}}}"#,
                quoted(&body)
            ),
        ),
        ("array of one", format!("[{body}]")),
        ("lines", format!("{body}\n{{\"note\":1}}\n")),
        ("an event stream", format!("event: message\ndata: {body}\n\n")),
        ("a guard", format!(")]}}'\n{body}")),
        ("a code fence", format!("```json\n{body}\n```\n")),
        ("base64", base64(body.as_bytes())),
        ("base64 of gzip in a field", format!(r#"{{"blob":"{}"}}"#, base64(&gzip(body.as_bytes())))),
        (
            "HAR",
            format!(
                r#"{{"log":{{"entries":[{{"request":{{"url":"https://api.appstoreconnect.apple.com/v1/apps/1010101010/perfPowerMetrics"}},"response":{{"content":{{"text":{}}}}}}}]}}}}"#,
                quoted(&body)
            ),
        ),
    ];
    let mut members: Vec<Member> = forms
        .into_iter()
        .map(|(name, wrapped)| {
            let files = vec![text("com.acme.north/2026-11-20/m.json", wrapped)];
            member(name, files, |reading: &Reading| {
                let is_told = reading.inputs.iter().any(|input| !input.envelope.is_empty());
                if is_told { blames(&["com.acme.north: 3.6.0"])(reading) } else { "no envelope is told".to_owned() }
            })
        })
        .collect();
    let utf16: Vec<u8> = [0xFEFF].into_iter().chain(body.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    members.push(Member {
        name: "UTF-16".to_owned(),
        files: vec![("com.acme.north/2026-11-20/m.json".to_owned(), utf16)],
        fault: Box::new(blames(&["com.acme.north: 3.6.0"])),
    });
    members
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().chain(&[0, 0]).take(3).fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        for at in 0..4 {
            let letter = char::from(LETTERS[(word >> (18 - 6 * at)) as usize & 63]);
            text.push(if at > chunk.len() { '=' } else { letter });
        }
    }
    text
}

fn rewritings() -> Vec<Member> {
    let body = step();
    let forms = [
        ("snake case", body.replace("productData", "product_data").replace("metricCategories", "metric_categories")),
        ("snake case in an envelope", format!(r#"{{"success":true,"data":{}}}"#, body.replace("productData", "product_data"))),
        ("lower case", body.replace("productData", "productdata")),
        ("capitals", body.replace("productData", "ProductData").replace("metricCategories", "MetricCategories")),
        ("kebab case", body.replace("productData", "product-data").replace("filterCriteria", "filter-criteria")),
        ("rows of points", r#"{"rows":[{"metricIdentifier":"launchTime","device":"all_iphones","percentile":"percentile.fifty","version":"1.0","value":3}]}"#.to_owned()),
        ("a summary", r#"{"success":true,"data":{"metrics":[{"categoryIdentifier":"launch","metricIdentifier":"launchTime","value":1}]},"meta":{"productDataCount":1}}"#.to_owned()),
        ("a list of rows", r#"[{"metricIdentifier":"hangRate","categoryIdentifier":"HANG","latestValue":2,"affordances":{}}]"#.to_owned()),
        ("renamed criteria", body.replace("filterCriteria", "filter_criteria").replace("productData", "products")),
        ("metrics by name", r#"{"app":"x","launchTime":{"all_iphones":{"percentile.fifty":[{"version":"1.0","value":9}]}}}"#.to_owned()),
        ("empty and renamed", r#"{"version":"1.0.0","insights":{"regressions":[],"trending_up":[]},"product_data":[]}"#.to_owned()),
    ];
    let of_form = |(name, wrong): (&str, String)| {
        let files = vec![text("com.acme.north/2026-11-20/m.json", wrong)];
        member(name, files, |reading: &Reading| {
            let codes = codes(reading);
            if codes.contains(&"empty-document") {
                return "told as a body without data".to_owned();
            }
            let is_told = codes.contains(&"rewritten-document") || codes.contains(&"unknown-document");
            if is_told && verdicts(reading).is_empty() {
                String::new()
            } else {
                format!("{:?} {codes:?}", verdicts(reading))
            }
        })
    };
    forms.map(of_form).into()
}

fn caches_of_xcode() -> Vec<Member> {
    let datasets = Values::launches(step_points()).datasets().replace("\"value\"", "\"summary\"");
    let cache = |updated: &str, category: &str, percentile: &str| {
        let datasets = datasets.replace("percentile.fifty", percentile);
        format!(
            r#"{{"lastUpdated":{updated},"filterCriteriaSets":[],"categories":[{{"identifier":"{category}","displayName":"x","sections":[{{"identifier":"launchTime","displayName":"x","unit":{{"identifier":"milliseconds","displayName":"ms"}},"datasets":[{datasets}]}}]}}]}}"#
        )
    };
    let xcode = "com.apple.dt.metrics.percentile.fifty";
    let forms = [
        ("a day", cache("\"2026-11-20\"", "launch", xcode)),
        ("a time", cache("\"2026-11-20T08:00:00Z\"", "launch", xcode)),
        ("seconds of 1970", cache("1795168800", "launch", xcode)),
        ("seconds of 2001", cache("816861600", "launch", xcode)),
        ("capitals", cache("\"2026-11-20\"", "LAUNCH", xcode)),
        ("launches", cache("\"2026-11-20\"", "Launch", xcode)),
        ("performance", cache("\"2026-11-20\"", "performance", xcode)),
        ("short percentile", cache("\"2026-11-20\"", "launch", "percentile.fifty")),
    ];
    let mut members: Vec<Member> = Vec::new();
    for (name, cache) in forms {
        for path in
            ["Products/com.acme.north/Metrics/AppStore/Metrics.xcmetricsdata", "com.acme.north/Metrics.xcmetricsdata"]
        {
            members.push(member(&format!("{name} {path}"), vec![text(path, cache.clone())], |reading: &Reading| {
                let fault = blames(&["com.acme.north: 3.6.0"])(reading);
                if fault.is_empty() { days("com.acme.north", &["2026-11-20"])(reading) } else { fault }
            }));
        }
    }
    members
}

fn payloads_of_metric_kit() -> Vec<Member> {
    let forms = [
        r#"{"timeStampBegin":"2026-11-19 00:00:00","timeStampEnd":"2026-11-20 00:00:00","applicationLaunchMetrics":{"histogrammedTimeToFirstDrawKey":{}},"metaData":{"bundleIdentifier":"com.acme.north"}}"#,
        r#"{"timeStampBegin":"2026-11-19","timeStampEnd":"2026-11-20","hangDiagnostics":[{"hangDuration":"20 s","callStackTree":{"callStacks":[]}}]}"#,
        r#"{"timeStampEnd":"2026-11-20","timeStampBegin":"2026-11-19","crashDiagnostics":[{"diagnosticMetaData":{}}]}"#,
        r#"{"timeStampEnd":"2026-11-20","timeStampBegin":"2026-11-19","diskWriteExceptionDiagnostics":[{"writesCaused":"2 GB"}]}"#,
        r#"{"timeStampEnd":"2026-11-20","timeStampBegin":"2026-11-19","cpuExceptionDiagnostics":[{"totalCPUTime":"20 s"}]}"#,
        r#"[{"timeStampBegin":"2026-11-19","timeStampEnd":"2026-11-20","memoryMetrics":{"peakMemoryUsage":"1 kB"}},{"timeStampBegin":"2026-11-18","timeStampEnd":"2026-11-19","memoryMetrics":{"peakMemoryUsage":"1 kB"}}]"#,
        r#"{"payloads":[{"timeStampBegin":"2026-11-19","timeStampEnd":"2026-11-20","gpuMetrics":{"cumulativeGPUTime":"1 sec"}}]}"#,
        r#"{"timeStampBegin":"2026-11-19","timeStampEnd":"2026-11-20","appLaunchDiagnostics":[{"launchDuration":"9 s"}]}"#,
        r#"{"timeStampBegin":"2026-11-19","timeStampEnd":"2026-11-20","animationMetrics":{"scrollHitchTimeRatio":"1 ms per s"},"appVersion":"1.0"}"#,
        r#"{"timeStampBegin":"2026-11-19","timeStampEnd":"2026-11-20","cellularConditionMetrics":{"cellConditionTime":{}},"latestApplicationVersion":"3.8.0"}"#,
    ];
    let of_form = |form: &str| {
        let files = vec![
            text("com.acme.north/2026-11-20/payload.json", form),
            text("com.acme.north/2026-11-20/m.json", step()),
        ];
        member(&form[..form.len().min(90)], files, |reading: &Reading| {
            let fault = blames(&["com.acme.north: 3.6.0"])(reading);
            let is_known = reading.inputs.iter().any(|input| input.kind == perfpower_model::Kind::MetricKit);
            if fault.is_empty() && !is_known { format!("not known: {:?}", codes(reading)) } else { fault }
        })
    };
    forms.map(of_form).into()
}

fn categories_of_overviews() -> Vec<Member> {
    let categories = [
        "launch",
        "Launch",
        "LAUNCH",
        "lAUNCH",
        "performance",
        "Performance",
        "launchTime",
        "Launch Time",
        "LAUNCHES",
        "launches",
    ];
    let of_category = |category: &str| {
        let values = Values::launches(step_points());
        let files = vec![
            text("com.acme.north/2026-11-20/m.json", values.body()),
            text(
                "com.acme.north/2026-11-20/overview.json",
                overview("com.acme.north", "1010101010", category, &values),
            ),
        ];
        member(category, files, |reading: &Reading| {
            let fault = blames(&["com.acme.north: 3.6.0"])(reading);
            let series = reading.histories.in_memory()[0].series.len();
            if fault.is_empty() && series != 4 { format!("{series} series of 4 populations") } else { fault }
        })
    };
    categories.map(of_category).into()
}

fn page(build: &str, weights: &[f64], total: Option<u64>, next: bool) -> String {
    let rows: Vec<String> = weights
        .iter()
        .enumerate()
        .map(|(at, weight)| {
            format!(
                r#"{{"type":"diagnosticSignatures","id":"{build}-{at}","attributes":{{"diagnosticType":"HANGS","signature":"f{at}()","weight":{weight}}}}}"#
            )
        })
        .collect();
    let meta =
        total.map_or_else(String::new, |total| format!(r#","meta":{{"paging":{{"total":{total},"limit":200}}}}"#));
    let next = if next {
        format!(r#","next":"https://api.appstoreconnect.apple.com/v1/builds/{build}/diagnosticSignatures?cursor=x""#)
    } else {
        String::new()
    };
    format!(
        r#"{{"data":[{}],"links":{{"self":"https://api.appstoreconnect.apple.com/v1/builds/{build}/diagnosticSignatures?limit=200"{next}}}{meta}}}"#,
        rows.join(",")
    )
}

fn scales_of_weights() -> Vec<Member> {
    let pages: [(&[f64], f64); 11] = [
        (&[45.2, 0.9, 0.4], 0.452),
        (&[100.0], 1.0),
        (&[60.0, 40.0], 0.6),
        (&[50.5, 0.5], 0.505),
        (&[99.0, 1.0], 0.99),
        (&[12.5, 12.5, 75.0], 0.125),
        (&[0.452, 0.009], 0.452),
        (&[1.0], 1.0),
        (&[0.6, 0.4], 0.6),
        (&[33.3, 33.3, 33.4], 0.333),
        (&[0.0, 1.0], 0.0),
    ];
    let of_page = |(weights, first): (&'static [f64], f64)| {
        let files = vec![text("com.acme.north/2026-11-20/signatures.json", page("b1", weights, None, false))];
        member(&format!("{weights:?}"), files, move |reading: &Reading| {
            let page = &reading.histories.in_memory()[0].signature_pages[0].body.signatures;
            let found: Vec<Option<f64>> = page.iter().map(|signature| signature.weight).collect();
            if (found[0].unwrap() - first).abs() < 1e-9 { String::new() } else { format!("{found:?}") }
        })
    };
    pages.map(of_page).into()
}

fn sets_that_are_partial() -> Vec<Member> {
    let (one, some): (&[f64], &[f64]) = (&[1.0], &[0.5, 0.5]);
    let mut members = Vec::new();
    for (name, body) in [
        ("total 500", page("b1", some, Some(500), false)),
        ("total 3", page("b1", some, Some(3), false)),
        ("a next page", page("b1", some, None, true)),
        ("a next page and a total", page("b1", one, Some(201), true)),
        ("total 201", page("b1", one, Some(201), false)),
        ("total 1000000", page("b1", one, Some(1_000_000), false)),
    ] {
        members.push(member(name, vec![text("com.acme.north/2026-11-20/signatures.json", body)], told("partial-set")));
    }
    for (name, pages) in [
        ("all there", vec![page("b1", some, Some(2), false)]),
        ("no total", vec![page("b1", some, None, false)]),
        ("two builds", vec![page("b1", one, Some(1), false), page("b2", one, Some(1), false)]),
        ("total 0", vec![page("b1", &[], Some(0), false)]),
    ] {
        let files = pages.into_iter().enumerate();
        let files = files.map(|(at, page)| text(format!("com.acme.north/2026-11-20/page-{at}.json"), page)).collect();
        members.push(member(&format!("whole: {name}"), files, |reading: &Reading| {
            if codes(reading).contains(&"partial-set") { "told as partial".to_owned() } else { String::new() }
        }));
    }
    members
}

fn logs_of_other_bundles() -> Vec<Member> {
    let own = "com.acme.north";
    let others = [
        "com.acme.north.Widget",
        "com.acme.north.Clip",
        "com.acme.north.watchkitapp",
        "com.acme.north.ShareExtension",
        "com.acme.south",
        "org.else.app",
        "com.acme.northern",
        "com.acme",
        "com.acme.north.notification-service",
        "de.acme.north",
    ];
    let app_log = || log(own, "3.8.0", false, &[stack("", 3, &["main", "own!"])]);
    let mut members = Vec::new();
    for other in others {
        let stranger = log(other, "3.8.0", false, &[stack("", 9, &["main", "stranger!"])]);
        for (form, files) in [
            ("one body", vec![text(format!("{own}/2026-11-20/logs.json"), logs("S", &[app_log(), stranger.clone()]))]),
            (
                "two files",
                vec![
                    text(format!("{own}/2026-11-20/logs-1.json"), logs("S", &[app_log()])),
                    text(format!("{own}/2026-11-20/logs-2.json"), logs("T", &[stranger])),
                ],
            ),
        ] {
            members.push(member(&format!("{other} in {form}"), files, move |reading: &Reading| {
                let keys: Vec<&str> =
                    reading.histories.in_memory().iter().map(|history| history.app.as_str()).collect();
                let mut right = vec![own, other];
                right.sort_unstable();
                let alone = reading.histories.in_memory().iter().all(|history| history.stacks.logs().len() == 1);
                if keys == right && alone && codes(reading).contains(&"other-app") {
                    String::new()
                } else {
                    format!("{keys:?} {:?}", codes(reading))
                }
            }));
        }
    }
    members
}

fn threads() -> Vec<Member> {
    let busy = |fields: &str| stack(fields, 1, &["main", "render!"]);
    let waits = [
        "mach_msg2_trap",
        "__psynch_cvwait",
        "__workq_kernreturn",
        "semaphore_wait_trap",
        "kevent_id",
        "__semwait_signal",
        "__select",
        "start_wqthread",
    ];
    let mut members = Vec::new();
    for wait in waits {
        let idle = |fields: &str| stack(fields, 50, &["thread_start", wait]);
        for (name, stacks) in [
            ("attributed", vec![idle(r#""threadAttributed":false,"#), busy(r#""threadAttributed":true,"#), idle("")]),
            ("attributed last, others unsaid", vec![idle(""), idle(""), busy(r#""threadAttributed":true,"#)]),
        ] {
            let body = logs("S", &[log("com.acme.north", "3.8.0", true, &stacks)]);
            members.push(member(
                &format!("{wait}, {name}"),
                vec![text("com.acme.north/2026-11-20/logs.json", body)],
                move |reading: &Reading| {
                    let table = &reading.histories.in_memory()[0].stacks;
                    let ranked = table.ranking(perfpower_stacks::Ranked::All, |_| true);
                    let names: Vec<&str> = ranked.frames.iter().map(|frame| frame.frame.name.as_str()).collect();
                    if names.contains(&wait) || !names.contains(&"render") {
                        format!("{names:?}")
                    } else {
                        String::new()
                    }
                },
            ));
        }
    }
    members
}

fn load_addresses() -> Vec<Member> {
    let bases: [u64; 10] = [
        0x1_0000_0000,
        0x1_0234_0000,
        0x1_8000_0000,
        0x1_a000_4000,
        0x1_04f8_c000,
        0x1_0123_4000,
        0x1_00ab_c000,
        0x2_0000_0000,
        0x1_0fff_8000,
        0x1_0765_4000,
    ];
    let of_base = |base: u64| {
        let frame = |at: u64| {
            let address = base + at * 0x4000 + 4660;
            let load = base + at * 0x4000;
            format!(
                r#"{{"diagnosticMetaData":{{"bundleId":"com.acme.north","event":"hang","appVersion":"3.8.0"}},"callStackTree":[{{"callStackPerThread":false,"callStacks":[{{"callStackRootFrames":[{{"sampleCount":3,"isBlameFrame":true,"binaryName":"Acorn","binaryUUID":"11111111-2222-4333-8444-555555555555","address":"{address}","offsetIntoBinaryTextSegment":"{load}","subFrames":[]}}]}}]}}]}}"#
            )
        };
        let body = logs("S", &(0..4).map(frame).collect::<Vec<_>>());
        member(&format!("{base:#x}"), vec![text("com.acme.north/2026-11-20/logs.json", body)], |reading: &Reading| {
            let frames = reading.histories.in_memory()[0].stacks.frames().len();
            if frames == 1 { String::new() } else { format!("{frames} functions of one") }
        })
    };
    bases.map(of_base).into()
}

fn saved_404() -> Vec<Member> {
    let error = |detail: &str| {
        format!(
            r#"{{"errors":[{{"id":"x","status":"404","code":"NOT_FOUND","title":"The specified resource does not exist","detail":"{detail}"}}]}}"#
        )
    };
    let uuid = "9a000000-0000-4000-8000-000000000001";
    let forms = [
        (
            "builds/{b}/diagnosticSignatures.json",
            format!("There is no resource of type 'diagnosticSignatures' for build '{uuid}'"),
        ),
        (
            "builds/{b}/diagnosticSignatures",
            String::from("There is no resource of type 'diagnosticSignatures' with id '9a'"),
        ),
        ("builds/{b}/diagnosticSignatures.json.gz", String::from("no diagnosticSignatures")),
        ("v1/builds/{b}/diagnosticSignatures.json", String::from("not found")),
        (
            "builds/{b}/perfPowerMetrics.json",
            format!("There is no resource of type 'perfPowerMetrics' for build '{uuid}'"),
        ),
        ("v1/builds/{b}/perfPowerMetrics", String::from("not found")),
        ("builds/{b}/diagnosticSignatures.http", String::from("not found")),
        ("builds/{b}/diagnosticSignatures?limit=200", String::from("not found")),
        ("builds/{b}/diagnosticSignatures/index.json", String::from("diagnosticSignatures of the build do not exist")),
        ("builds/{b}/diagnosticSignatures.txt", String::from("not found")),
    ];
    let of_form = |(path, detail): (&str, String)| {
        let path = format!("com.acme.north/2026-11-20/{}", path.replace("{b}", uuid));
        let bytes = packed_by_name(&path, &error(&detail));
        Member {
            name: path.clone(),
            files: vec![(path, bytes), ("com.acme.north/2026-11-20/m.json".to_owned(), step().into_bytes())],
            fault: Box::new(|reading| {
                let fault = blames(&["com.acme.north: 3.6.0"])(reading);
                let loud = reading.problems.iter().find(|told| told.problem.severity < perfpower_model::Severity::Note);
                if fault.is_empty() {
                    loud.map_or_else(String::new, |told| told.problem.message.clone())
                } else {
                    fault
                }
            }),
        }
    };
    forms.map(of_form).into()
}

fn insights_beside() -> Vec<Member> {
    // Apple's rule: the mean of the four versions before the latest one.
    let points = flat_points();
    let insight = |metric: &str, category: &str| {
        format!(
            r#"{{"version":"1.0.0","productData":[],"insights":{{"trendingUp":[],"regressions":[{{"metricCategory":"{category}","metric":"{metric}","latestVersion":"3.8.0","referenceVersions":["3.4.0","3.5.0","3.6.0","3.7.0"],"summaryString":"s","populations":[{{"device":"all_iphones","percentile":"percentile.fifty","referenceAverageValue":500,"latestVersionValue":500,"deltaPercentage":0}}]}}]}}}}"#
        )
    };
    let pairs = [
        ("LAUNCH.json", "insights.json"),
        ("a/LAUNCH.json", "b/insights.json"),
        ("launch.json.gz", "z.json"),
        ("1.json", "0.json"),
        ("metrics-LAUNCH.json", "metrics-ALL.json"),
        ("xcodeMetrics_LAUNCH.json", "xcodeMetrics.json"),
        ("m.jsonl", "i.jsonl"),
        ("LAUNCH.txt", "insights.txt"),
        ("page-2.json", "page-1.json"),
        ("LAUNCH.http", "x.http"),
    ];
    let of_pair = |(metrics, insights): (&str, &str)| {
        let path = |name: &str| format!("com.acme.north/2026-11-20/{name}");
        let body = Values::launches(points.iter().copied()).body();
        let bytes = packed_by_name(metrics, &body);
        Member {
            name: format!("{metrics} {insights}"),
            files: vec![(path(metrics), bytes), (path(insights), insight("launchTime", "LAUNCH").into_bytes())],
            fault: Box::new(|reading| {
                let checked: Vec<bool> = reading.histories.in_memory()[0]
                    .insights
                    .iter()
                    .flat_map(|insight| &insight.populations)
                    .map(|population| !matches!(population.audit, Audit::CannotCheck))
                    .collect();
                if checked == [true] { String::new() } else { format!("{checked:?}") }
            }),
        }
    };
    pairs.map(of_pair).into()
}

fn platforms() -> Vec<Member> {
    let others =
        ["visionOS", "tvOS", "watchOS", "macOS", "iPadOS", "VISION_OS", "MAC_OS", "TV_OS", "Mac Catalyst", "carOS"];
    let of_platform = |platform: &'static str| {
        let products = [
            Values::launches(flat_points()).product("iOS", ""),
            Values { seed: 2, ..Values::launches(step_points()) }.product(platform, ""),
        ];
        let files = vec![text("com.acme.north/2026-11-20/m.json", body_of(&products))];
        member(platform, files, move |reading: &Reading| {
            let fault = blames(&["com.acme.north: 3.6.0"])(reading);
            let titles: Vec<String> =
                judged(reading).findings.iter().map(perfpower_report::sentence::finding_title).collect();
            let is_named = titles.iter().all(|title| title.contains(platform));
            if fault.is_empty() && !is_named { format!("{titles:?}") } else { fault }
        })
    };
    others.map(of_platform).into()
}

fn changes_of_unit() -> Vec<Member> {
    let units: [((&str, &str), f64); 10] = [
        (("seconds", "s"), 1e-3),
        (("second", "sec"), 1e-3),
        (("microseconds", "µs"), 1e3),
        (("s", "s"), 1e-3),
        (("minutes", "min"), 1.0 / 60_000.0),
        (("ticks", "ticks"), 3.0),
        (("percent", "%"), 1e-2),
        (("megabytes", "MB"), 0.1),
        (("frames", "fps"), 60.0),
        (("nanoseconds", "ns"), 1e6),
    ];
    let of_unit = |(unit, factor): ((&'static str, &'static str), f64)| {
        let older =
            flat_points().into_iter().take(6).map(|(version, value)| (version.to_owned(), value * factor)).collect();
        let older = Values { points: older, unit, ..Values::launches([]) }.body();
        let files = vec![
            text("com.acme.north/2026-10-20/m.json", older),
            text("com.acme.north/2026-11-20/m.json", Values::launches(flat_points().into_iter().skip(2)).body()),
        ];
        member(unit.0, files, blames_and_tells(&["com.acme.north: –"], "unit-changed"))
    };
    units.map(of_unit).into()
}

fn second_products() -> Vec<Member> {
    let marks = [
        (r#""bundleId":"com.acme.north.Clip","#, "com.acme.north.Clip"),
        (r#""bundleIdentifier":"com.acme.north.Clip","#, "com.acme.north.Clip"),
        (r#""appType":"AppClip","#, "com.acme.north (AppClip)"),
        (r#""productType":"APP_CLIP","#, "com.acme.north (APP_CLIP)"),
        (r#""type":"clip","#, "com.acme.north (clip)"),
        (r#""isAppClip":true,"#, "com.acme.north (AppClip)"),
        (r#""name":"North Clip","#, "com.acme.north (North Clip)"),
        (r#""productName":"Widget","#, "com.acme.north (Widget)"),
        (r#""appId":"6446990001","#, "6446990001"),
        ("", "com.acme.north (product 2)"),
        (r#""bundleId":"com.acme.north.watchkitapp","appType":"WatchApp","#, "com.acme.north.watchkitapp"),
    ];
    let of_mark = |(fields, key): (&str, &str)| {
        let products = [
            Values::launches(flat_points()).product("iOS", ""),
            Values::launches(step_points()).product("iOS", fields),
        ];
        let files = vec![text("com.acme.north/2026-11-20/m.json", body_of(&products))];
        let name = if fields.is_empty() { "no mark" } else { fields };
        member(name, files, blames(&["com.acme.north: –", &format!("{key}: 3.6.0")]))
    };
    marks.map(of_mark).into()
}

fn versions_of_logs() -> Vec<Member> {
    let forms = [
        ("3.6.0 (45)", "3.6.0"),
        ("3.6.0(45)", "3.6.0"),
        ("3.6.0 (3.6.0.45)", "3.6.0"),
        ("3.6.0 (build 45)", "3.6.0"),
        ("3.6.0", "3.6.0"),
        ("3.6 (1)", "3.6"),
        ("10.0.1 (2026112001)", "10.0.1"),
        ("2026.11 (7)", "2026.11"),
        ("5.0.0-beta.1 (3)", "5.0.0-beta.1"),
        ("v3.6.0 (45)", "v3.6.0"),
    ];
    let of_form = |(written, right): (&'static str, &'static str)| {
        let text_of = logs("S", &[log("com.acme.north", written, false, &[stack("", 3, &["main"])])]);
        member(written, vec![text("com.acme.north/2026-11-20/logs.json", text_of)], move |reading: &Reading| {
            let found = reading.histories.in_memory()[0].diagnosed_versions();
            if found == [right] { String::new() } else { format!("{found:?}, not {right}") }
        })
    };
    forms.map(of_form).into()
}

fn files_with_several_apps() -> Vec<Member> {
    let [one, other] = NUMBERS;
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\\\""));
    let entry = |id: &str, body: &str| {
        format!(
            r#"{{"request":{{"url":"https://api.appstoreconnect.apple.com/v1/apps/{id}/perfPowerMetrics"}},"response":{{"content":{{"text":{}}}}}}}"#,
            quoted(body)
        )
    };
    let har = format!(r#"{{"log":{{"entries":[{},{}]}}}}"#, entry(one, &flat()), entry(other, &step()));
    let rows = |key: &str| {
        format!("{{\"{key}\":\"{one}\",\"data\":{}}}\n{{\"{key}\":\"{other}\",\"data\":{}}}\n", flat(), step())
    };
    let overviews = format!(
        "[{},{}]",
        overview("com.acme.north", one, "LAUNCH", &Values::launches(flat_points())),
        overview("com.acme.south", other, "LAUNCH", &Values::launches(step_points()))
    );
    let numbers = || two_are_told_apart(NUMBERS);
    let mut members = Vec::new();
    for path in ["session.har", "saves.har", "2026-11-20/export.har.json", "recordings/team/session.har"] {
        members.push(member(&format!("HAR {path}"), vec![text(path, har.clone())], numbers()));
    }
    for key in ["appId", "app_id", "appleId", "adamId"] {
        members.push(member(&format!("lines with {key}"), vec![text("all.jsonl", rows(key))], numbers()));
    }
    for path in ["overviews.json", "dashboards/2026-11-20/x.json", "weekly/o.json"] {
        members.push(member(
            &format!("overviews in {path}"),
            vec![text(path, overviews.clone())],
            two_are_told_apart(BUNDLES),
        ));
    }
    members
}

fn logs_without_a_name() -> Vec<Member> {
    let anonymous = |id: &str| logs(id, &[log("", "3.8.0", false, &[stack("", 3, &["main", "f!"])])]);
    let names = [
        "diagnostic_logs_{s}.json",
        "diagnosticLogs-{s}.json",
        "logs_{s}.json",
        "diagnostic-logs.{s}.json",
        "signature_{s}_logs.json",
        "{s}.json",
        "logs/{s}.json",
        "diagnosticSignatures/{s}/logs.json",
        "v1/diagnosticSignatures/{s}/logs",
        "sig-{s}.json.bak",
    ];
    let mut members = Vec::new();
    for name in names {
        let signature = "QX7Ab93kLm";
        let path = name.replace("{s}", signature);
        // Two apps lie there, and one of them lists the signature.
        let signatures = page("b1", &[1.0], None, false).replace("b1-0", signature);
        let files = vec![
            text("1010101010.json", flat()),
            text("6446990001.json", step()),
            text("6446990001-signatures.json", signatures),
            text(path.clone(), anonymous(signature)),
        ];
        members.push(member(&path, files, |reading: &Reading| {
            let fault = blames(&["1010101010: –", "6446990001: 3.6.0"])(reading);
            let logs =
                reading.histories.in_memory().iter().map(|history| history.stacks.logs().len()).collect::<Vec<_>>();
            if fault.is_empty() && logs != [0, 1] { format!("logs: {logs:?}") } else { fault }
        }));
    }
    members
}

fn young_archives() -> Vec<Member> {
    let members = [
        "2026-11-20",
        "20261120",
        "2026/11/20",
        "2026-W47",
        "dt=2026-11-20",
        "1795168800",
        "20 Nov 2026",
        "2026.11.20",
        "Nov-20-2026",
        "2026-324",
    ];
    let of_day = |day: &str| {
        let files = vec![text(
            format!("com.acme.north/{day}/m.json"),
            Values::launches(step_points().into_iter().chain([("3.9.0", 1100.0)])).body(),
        )];
        member(day, files, |reading: &Reading| {
            let early: Vec<bool> =
                judged(reading).findings.iter().map(|finding| finding.judged_early.is_some()).collect();
            let fault = blames(&["com.acme.north: 3.6.0"])(reading);
            if fault.is_empty() && early.contains(&true) {
                "an age is told of a single download".to_owned()
            } else {
                fault
            }
        })
    };
    members.map(of_day).into()
}

#[test]
fn of_every_kind_every_member_is_right() {
    type Kind = (&'static str, fn() -> Vec<Member>);
    let kinds: [Kind; 28] = [
        ("words around ids", words_around_ids),
        ("ids in file names", ids_in_file_names),
        ("mirrored addresses", mirrored_addresses),
        ("builds alone", builds_alone),
        ("downloads without days", downloads_without_days),
        ("forms of days", forms_of_days),
        ("documents that disagree", documents_that_disagree),
        ("newest first", newest_first),
        ("order of versions", order_of_versions),
        ("envelopes", envelopes),
        ("rewritings", rewritings),
        ("caches of Xcode", caches_of_xcode),
        ("payloads of MetricKit", payloads_of_metric_kit),
        ("categories of overviews", categories_of_overviews),
        ("scales of weights", scales_of_weights),
        ("sets that are partial", sets_that_are_partial),
        ("logs of other bundles", logs_of_other_bundles),
        ("threads", threads),
        ("load addresses", load_addresses),
        ("saved 404", saved_404),
        ("insights beside", insights_beside),
        ("platforms", platforms),
        ("changes of unit", changes_of_unit),
        ("second products", second_products),
        ("versions of logs", versions_of_logs),
        ("files with several apps", files_with_several_apps),
        ("logs without a name", logs_without_a_name),
        ("young archives", young_archives),
    ];
    let (mut table, mut faults) = (format!("{:28} members  right\n", "kind"), Vec::new());
    for (kind, members) in kinds {
        let members = members();
        assert!(members.len() >= 10, "{kind}: {}", members.len());
        let wrong: Vec<String> = members
            .iter()
            .filter_map(|member| {
                let fault = (member.fault)(&read(&member.files));
                (!fault.is_empty()).then(|| format!("{kind}: {}: {fault}", member.name))
            })
            .collect();
        table.push_str(&format!("{kind:28} {:7}  {:5}\n", members.len(), members.len() - wrong.len()));
        faults.extend(wrong);
    }
    print!("{table}");
    assert!(faults.is_empty(), "{table}\n{}", faults.join("\n"));
}
