//! The gate on data that it did not read: every way in which a newest download fails, none of which passes.
//!
//! The download of October is clean and within the budget. What November brings is torn, empty, of another kind, or breaks the
//! budget inside a wrapping. Where it cannot be read the rule is not judged (5), where it can be it trips (1): it never passes.

use crate::workdir::Workdir;

const OLD: &str = "saves/com.example.a/2026-10-20/xcodeMetrics.json";
const NEW: &str = "saves/com.example.a/2026-11-20/xcodeMetrics.json";
const BUDGET: &str = "[[rule]]\nname = \"budget\"\nmetric = \"LAUNCH/launchTime\"\nmax = 1000\nunit = \"ms\"\n";

/// A body with one population of one metric.
fn body(category: &str, metric: &str, unit: &str, points: &[(&str, &str)]) -> String {
    let points: Vec<String> =
        points.iter().map(|(version, value)| format!(r#"{{"version":"{version}","value":{value}}}"#)).collect();
    format!(
        r#"{{"version":"1.0.0","productData":[{{"platform":"iOS","metricCategories":[{{"identifier":"{category}","metrics":[{{"identifier":"{metric}","unit":{{"identifier":"{unit}","displayName":"{unit}"}},"datasets":[{{"filterCriteria":{{"percentile":"percentile.fifty","device":"all_iphones","deviceMarketingName":"All iPhones"}},"points":[{}]}}]}}]}}]}}]}}"#,
        points.join(",")
    )
}

/// Eight versions of launch times.
fn launches(value: &str) -> String {
    let versions = ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"];
    body("LAUNCH", "launchTime", "ms", &versions.map(|version| (version, value)))
}

/// Within the budget.
fn clean() -> String {
    launches("500")
}

/// Over it.
fn slow() -> String {
    launches("2000")
}

type Way = (&'static str, &'static str, fn(&Workdir));

fn new(dir: &Workdir, bytes: impl AsRef<[u8]>) {
    dir.write(NEW, bytes);
}

fn ending(dir: &Workdir, name: &str) {
    dir.write(format!("saves/com.example.a/2026-11-20/{name}"), slow());
}

/// What the newest download is, the rules, and how it comes to be.
#[rustfmt::skip] // a table reads in lines
fn ways() -> Vec<Way> {
    let mut ways: Vec<Way> = vec![
        ("cut in the middle", BUDGET, |dir| new(dir, &clean()[..300])),
        ("cut before the last brace", BUDGET, |dir| new(dir, &clean()[..clean().len() - 1])),
        ("zero bytes", BUDGET, |dir| new(dir, "")),
        ("blanks", BUDGET, |dir| new(dir, " \n\n ")),
        ("zero bytes throughout", BUDGET, |dir| new(dir, [0; 512])),
        ("a login page", BUDGET, |dir| new(dir, "<!DOCTYPE html><html><body>Sign in</body></html>")),
        ("a message of a proxy", BUDGET, |dir| new(dir, "upstream connect error or disconnect/reset before headers")),
        ("a saved 401", BUDGET, |dir| new(dir, r#"{"errors":[{"status":"401","code":"NOT_AUTHORIZED","title":"t","detail":"d"}]}"#)),
        ("a saved 403", BUDGET, |dir| new(dir, r#"{"errors":[{"status":"403","code":"FORBIDDEN_ERROR","title":"t","detail":"d"}]}"#)),
        ("a saved 404", BUDGET, |dir| new(dir, r#"{"errors":[{"status":"404","code":"NOT_FOUND","title":"t","detail":"d"}]}"#)),
        ("a saved 429", BUDGET, |dir| new(dir, r#"{"errors":[{"status":"429","code":"RATE_LIMIT_EXCEEDED","title":"t","detail":"d"}]}"#)),
        ("a saved 500", BUDGET, |dir| new(dir, r#"{"errors":[{"status":"500","code":"UNEXPECTED_ERROR","title":"t","detail":"d"}]}"#)),
        ("an error of a gateway", BUDGET, |dir| new(dir, r#"{"message":"Unauthorized"}"#)),
        ("no data", BUDGET, |dir| new(dir, r#"{"version":"1.0.0","productData":[]}"#)),
        ("an empty object", BUDGET, |dir| new(dir, "{}")),
        ("an empty list", BUDGET, |dir| new(dir, "[]")),
        ("null", BUDGET, |dir| new(dir, "null")),
        ("a number", BUDGET, |dir| new(dir, "200")),
        ("a text", BUDGET, |dir| new(dir, "\"done\"")),
        ("snake case", BUDGET, |dir| new(dir, slow().replace("productData", "product_data").replace("metricCategories", "metric_categories"))),
        ("other keys", BUDGET, |dir| new(dir, slow().replace("productData", "rows"))),
        ("wrapped in an unknown key", BUDGET, |dir| new(dir, format!(r#"{{"saved":{}}}"#, slow()))),
        ("wrapped in data", BUDGET, |dir| new(dir, format!(r#"{{"data":{}}}"#, slow()))),
        ("wrapped in a list", BUDGET, |dir| new(dir, format!("[{}]", slow()))),
        ("behind headers", BUDGET, |dir| new(dir, format!("HTTP/2 200\r\ncontent-type: application/json\r\n\r\n{}", slow()))),
        ("a text in a body", BUDGET, |dir| new(dir, format!(r#"{{"statusCode":200,"body":{:?}}}"#, slow()))),
        ("a pointer of LFS", BUDGET, |dir| new(dir, "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n")),
        ("noise", BUDGET, |dir| new(dir, (0..400_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect::<Vec<u8>>())),
        ("gzip, cut", BUDGET, |dir| new(dir, [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xab, 0x56])),
        ("a damaged zip", BUDGET, |dir| { dir.write("saves/com.example.a/2026-11-20.zip", b"PK\x03\x04 and no more"); }),
        ("a 7z", BUDGET, |dir| { dir.write("saves/com.example.a/2026-11-20/saves.7z", b"7z\xbc\xaf\x27\x1c\0\x04"); }),
        ("an xz", BUDGET, |dir| { dir.write("saves/com.example.a/2026-11-20/xcodeMetrics.json.xz", b"\xfd7zXZ\0\0"); }),
        ("a file of another ending: jsonl", BUDGET, |dir| ending(dir, "xcodeMetrics.jsonl")),
        ("tmp", BUDGET, |dir| ending(dir, "xcodeMetrics.json.tmp")),
        ("part", BUDGET, |dir| ending(dir, "xcodeMetrics.json.part")),
        ("crdownload", BUDGET, |dir| ending(dir, "xcodeMetrics.crdownload")),
        ("bak", BUDGET, |dir| ending(dir, "xcodeMetrics.json.bak")),
        ("html", BUDGET, |dir| ending(dir, "xcodeMetrics.html")),
        ("csv", BUDGET, |dir| ending(dir, "xcodeMetrics.csv")),
        ("xml", BUDGET, |dir| ending(dir, "xcodeMetrics.xml")),
        ("har", BUDGET, |dir| ending(dir, "xcodeMetrics.har")),
        ("a folder instead of the file", BUDGET, |dir| std::fs::create_dir_all(dir.path().join(NEW)).unwrap()),
        ("an empty folder", BUDGET, |dir| std::fs::create_dir_all(dir.path().join("saves/com.example.a/2026-11-20")).unwrap()),
        ("no points", BUDGET, |dir| new(dir, body("LAUNCH", "launchTime", "ms", &[]))),
        ("no value in any point", BUDGET, |dir| new(dir, launches("null"))),
        ("NaN in quotes", BUDGET, |dir| new(dir, launches("\"NaN\""))),
        ("numbers beyond all numbers", BUDGET, |dir| new(dir, launches("1e999"))),
        ("all zeros", BUDGET, |dir| new(dir, launches("0"))),
        ("the other metric", BUDGET, |dir| new(dir, body("HANG", "hangRate", "s", &[("1.7", "3")]))),
        ("another category", BUDGET, |dir| new(dir, body("DISK", "diskWrites", "MB", &[("1.7", "30")]))),
        ("another unit", BUDGET, |dir| new(dir, body("LAUNCH", "launchTime", "ticks", &[("1.7", "30")]))),
        ("signatures under its name", BUDGET, |dir| new(dir, r#"{"data":[{"type":"diagnosticSignatures","id":"1","attributes":{"diagnosticType":"HANGS","signature":"f()","weight":0.5}}],"links":{"self":"s"}}"#)),
        ("a list of builds", BUDGET, |dir| new(dir, r#"{"data":[{"type":"builds","id":"1"}],"links":{"self":"s"}}"#)),
        ("an overview without data", BUDGET, |dir| new(dir, r#"{"appMetadata":{"platform":"iOS"},"version":"4.0.0","categories":[],"insights":{"regressions":[],"trendingUp":[]},"signatures":{}}"#)),
        ("a copy of an older download", BUDGET, |dir| {
            dir.write("saves/com.example.a/2026-11-05/xcodeMetrics.json", launches("501"));
            new(dir, clean());
        }),
        ("another app alone", BUDGET, |dir| {
            dir.write("saves/com.example.b/2026-10-20/xcodeMetrics.json", clean());
            dir.write("saves/com.example.b/2026-11-20/xcodeMetrics.json", launches("510"));
        }),
        ("a misspelt metric", "[[rule]]\nname = \"r\"\nmetric = \"LAUNCH/lanchTime\"\nmax = 1000\n", |dir| new(dir, clean())),
        ("one metric of two misspelt", "[[rule]]\nname = \"r\"\nmetric = [\"LAUNCH/launchTime\", \"HANG/hangRat\"]\nmax = 1000\n", |dir| new(dir, clean())),
        ("an app that is not there", "[[rule]]\nname = \"r\"\napp = \"com.example.z\"\nno_regression = \"open\"\n", |dir| new(dir, clean())),
        ("one app of two", "[[rule]]\nname = \"r\"\napp = [\"com.example.a\", \"com.example.z\"]\nno_regression = \"open\"\n", |dir| new(dir, clean())),
        ("a device that is not there", "[[rule]]\nname = \"r\"\nmetric = \"launchTime\"\ndevice = \"all_ipads\"\nmax = 1000\n", |dir| new(dir, clean())),
        ("a percentile that is not there", "[[rule]]\nname = \"r\"\nmetric = \"launchTime\"\npercentile = 90\nmax = 1000\n", |dir| new(dir, clean())),
        ("a version to compare with that is not there", "[[rule]]\nname = \"r\"\nmetric = \"launchTime\"\nno_worse_than = \"0.9\"\npercent = 5\n", |dir| new(dir, clean())),
        ("a budget in another unit", "[[rule]]\nname = \"r\"\nmetric = \"launchTime\"\nmax = 1\nunit = \"s\"\n", |dir| new(dir, clean())),
        ("the version asked for is missing", "[[rule]]\nname = \"r\"\nhas_version = \"1.8\"\n", |dir| new(dir, clean())),
        ("the data are too old", "[[rule]]\nname = \"r\"\nnewest_within = \"14 days\"\n", |_| {}),
        ("the data are saved again and too old", "[[rule]]\nname = \"r\"\nnewest_within = \"2 weeks\"\n", |dir| new(dir, clean())),
    ];
    ways.extend::<[Way; 16]>([
        ("an encrypted zip", BUDGET, |dir| { dir.write("saves/com.example.a/2026-11-20.zip", encrypted(&zipped("xcodeMetrics.json", &clean()))); }),
        ("an encrypted zip of an undated name in a dated folder", BUDGET, |dir| { dir.write("saves/com.example.a/2026-11-20/all.zip", encrypted(&zipped("xcodeMetrics.json", &clean()))); }),
        ("a zip with nothing in it", BUDGET, |dir| { dir.write("saves/com.example.a/2026-11-20.zip", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"); }),
        ("a zip of a table", BUDGET, |dir| { dir.write("saves/com.example.a/2026-11-20.zip", zipped("metrics.csv", "version,value")); }),
        ("a slow body in a zip", BUDGET, |dir| { dir.write("saves/com.example.a/2026-11-20.zip", zipped("xcodeMetrics.json", &slow())); }),
        ("hidden by a period", BUDGET, |dir| ending(dir, ".xcodeMetrics.json")),
        ("in a hidden folder", BUDGET, |dir| { dir.write("saves/com.example.a/2026-11-20/.partial/xcodeMetrics.json", slow()); }),
        ("set aside with a number", BUDGET, |dir| ending(dir, "xcodeMetrics.json.1")),
        ("a log of curl", BUDGET, |dir| { dir.write("saves/com.example.a/2026-11-20/curl.log", "curl: (28) Operation timed out"); }),
        ("an xlsx", BUDGET, |dir| ending(dir, "xcodeMetrics.xlsx")),
        ("a day in the body that no path tells", BUDGET, |dir| { dir.write("saves/com.example.a/session.har", format!(r#"{{"log":{{"entries":[{{"startedDateTime":"2026-11-20T08:00:00Z","request":{{"url":"https://api.appstoreconnect.apple.com/v1/apps/1482920013/perfPowerMetrics"}},"response":{{"content":{{"text":{:?}}}}}}}]}}}}"#, slow())); }),
        ("an App Clip's body under the app's name", BUDGET, |dir| new(dir, slow().replace(r#""platform":"iOS","#, r#""platform":"iOS","bundleId":"com.example.a.Clip","#))),
        ("a body of another bundle", BUDGET, |dir| new(dir, format!(r#"{{"bundleId":"com.example.z","data":{}}}"#, clean()))),
        ("Xcode's cache, slow", BUDGET, |dir| new(dir, r#"{"lastUpdated":"2026-11-20","filterCriteriaSets":[],"categories":[{"identifier":"launch","sections":[{"identifier":"launchTime","unit":{"identifier":"ms","displayName":"ms"},"datasets":[{"filterCriteria":{"percentile":"percentile.fifty","device":"all_iphones"},"points":[{"version":"1.7","summary":2000}]}]}]}]}"#)),
        ("twice the same key", BUDGET, |dir| new(dir, clean().replace("\"points\":[", "\"points\":null,\"points\":["))),
        ("points as texts", BUDGET, |dir| new(dir, launches("\"2000\""))),
    ]);
    #[cfg(unix)]
    if is_kept_out() {
        ways.push(("a file without the right to read it", BUDGET, |dir| {
            new(dir, clean());
            forbid(&dir.path().join(NEW));
        }));
    } else {
        skipped("whoever runs the tests may read every file, so none can be kept from it");
    }
    #[cfg(unix)]
    ways.push(("a link that leads nowhere", BUDGET, |dir| {
        let path = dir.path().join(NEW);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink("nowhere.json", path).unwrap();
    }));
    ways
}

/// A zip of one member, stored as it is.
fn zipped(name: &str, text: &str) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    writer.start_file(name, stored).unwrap();
    std::io::Write::write_all(&mut writer, text.as_bytes()).unwrap();
    writer.finish().unwrap().into_inner()
}

/// The same as if a password had been set: bit 0 of the flags, in the header and in the directory.
fn encrypted(zip: &[u8]) -> Vec<u8> {
    let mut zip = zip.to_vec();
    zip[6] |= 1;
    let directory = zip.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    zip[directory + 8] |= 1;
    zip
}

#[cfg(unix)]
fn forbid(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o0)).unwrap();
}

/// Whether a file without any right cannot be read here: root reads all.
#[cfg(unix)]
fn is_kept_out() -> bool {
    let dir = Workdir::new();
    let path = dir.write("closed", "x");
    forbid(&path);
    std::fs::read(&path).is_err()
}

#[expect(clippy::print_stdout, reason = "a test that is passed over says so")]
fn skipped(why: &str) {
    println!("SKIPPED: {why}");
}

/// How the gate ends, and what it says on both streams.
fn check(rules: &str, newest: fn(&Workdir)) -> (i32, String, String) {
    let dir = Workdir::new();
    dir.write(OLD, clean());
    newest(&dir);
    dir.write("rules.toml", rules);
    let run = dir.perfpower(["check", "saves", "--config", "rules.toml", "--today", "2026-11-27"]).run();
    (run.code, run.stdout, run.stderr)
}

#[test]
fn the_control_passes_where_the_newest_download_is_clean_and_trips_where_it_is_slow() {
    let (code, out, _) = check(BUDGET, |dir| new(dir, launches("505")));
    assert_eq!(code, 0, "{out}");
    let (code, out, _) = check(BUDGET, |dir| new(dir, slow()));
    assert_eq!(code, 1, "{out}");
    let present =
        "[[rule]]\nname = \"r\"\nhas_version = \"1.7\"\n[[rule]]\nname = \"s\"\nnewest_within = \"14 days\"\n";
    let (code, out, _) = check(present, |dir| new(dir, launches("505")));
    assert_eq!(code, 0, "{out}");
}

#[test]
fn no_way_to_fail_passes() {
    let ways = ways();
    assert!(ways.len() >= 40);
    let mut table = String::new();
    let mut passed = Vec::new();
    for &(name, rules, newest) in &ways {
        let (code, out, err) = check(rules, newest);
        let reason = err.lines().next().or_else(|| out.lines().nth(4)).unwrap_or_default();
        table.push_str(&format!("{name:48} {code} {reason}\n"));
        let is_told = match code {
            1 => out.contains("Tripped"),
            5 => err.contains("not judged: ") && out.contains("Not judged"),
            _ => false,
        };
        if !is_told {
            passed.push(format!("{name}: {code}\n{out}{err}"));
        }
    }
    print!("{table}{} ways, {} passed\n", ways.len(), passed.len());
    assert!(passed.is_empty(), "{}", passed.join("\n"));
}
