//! `--since` and `--until`: what is new against an earlier report, in every form, and any old report made again.

use crate::workdir::{Workdir, repository};
use perfpower_testkit::demo;
use serde_json::Value;

const RULE: &str = "[[rule]]\nname = \"nothing new\"\nno_regression = \"new\"\n";

/// The demo as `saves`, and what was known on two days and is known now: the launch time of Larder gets worse between the first two.
fn workdir() -> Workdir {
    let dir = Workdir::new();
    for file in demo::files() {
        dir.write(format!("saves/{}", file.path), &file.bytes);
    }
    for (name, day) in [("august", "2026-08-03"), ("september", "2026-09-07"), ("november", "2026-11-02")] {
        let output = format!("{name}.json");
        dir.perfpower(["report", "saves", "--until", day, "--format", "json", "--output", &output, "--allow-partial"])
            .run()
            .ends_with(0);
    }
    dir
}

fn since(dir: &Workdir, earlier: &str, more: &[&str]) -> String {
    let report = dir.perfpower(["report", "saves", "--since", earlier, "--quiet", "--allow-partial"]).arguments(more);
    report.run().ends_with(0).stdout
}

#[test]
fn what_is_new_leads_every_form_and_an_empty_night_is_one_line() {
    let dir = workdir();
    assert_eq!(since(&dir, "november.json", &[]), "Nothing new since 2026-11-02: 3 findings are as they were.\n");
    let text = since(&dir, "august.json", &[]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "1 new, 1 changed and 1 gone since 2026-08-03");
    assert_eq!(lines[2], "New: regressions that are open (1)");
    assert!(
        lines[3].contains("Larder · launch time, p90, All iPhones") && lines[3].ends_with("at least +17 %"),
        "{text}"
    );
    let markdown = since(&dir, "august.json", &["--format", "markdown"]);
    assert!(markdown.starts_with("## 1 new, 1 changed and 1 gone since 2026-08-03\n"), "{markdown}");
    let html = since(&dir, "august.json", &["--format", "html"]);
    let news = html.find("1 new, 1 changed and 1 gone since 2026-08-03.").unwrap();
    assert!(news < html.find("By app and category").unwrap());
    assert!(html.contains("<span class=\"badge news\">new</span>"));

    let report: Value = serde_json::from_str(&since(&dir, "august.json", &["--format", "json"])).unwrap();
    let count = |key: &str| report["news"][key].as_u64().unwrap();
    assert_eq!([count("new"), count("changed"), count("gone"), count("known")], [1, 1, 1, 0]);
    let findings = report["findings"].as_array().unwrap();
    let standing = |word: &str| findings.iter().filter(|own| own["news"] == word).count();
    let gone = report["news"]["claims_gone"].as_array().unwrap();
    assert_eq!([standing("new"), standing("changed"), standing("gone") + gone.len()], [1, 1, 1]);
    let new = findings.iter().find(|own| own["news"] == "new").unwrap();
    assert_eq!((&new["version"], &new["app"]), (&Value::from("4.0.0"), &Value::from("com.example.larder")));

    let brief: Value = serde_json::from_str(&since(&dir, "august.json", &["--brief"])).unwrap();
    assert_eq!(brief["news"], "1 new, 1 changed and 1 gone since 2026-08-03");
    assert_eq!((&brief["findings"][0]["news"], &brief["findings"][0]["id"]), (&Value::from("new"), &new["id"]));
    let line = since(&dir, "august.json", &["--format", "ndjson"]);
    assert_eq!(line.lines().filter(|line| line.contains("\"news\":\"new\"")).count(), 1);
    let csv = since(&dir, "august.json", &["--format", "csv"]);
    assert!(csv.lines().next().unwrap().ends_with(",news"), "{csv}");
    assert_eq!(csv.lines().filter(|line| line.ends_with(",new")).count(), 1);
    let sarif: Value = serde_json::from_str(&since(&dir, "august.json", &["--format", "sarif"])).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(!results.is_empty() && results.iter().all(|result| result["baselineState"] == "new"), "{sarif}");
}

#[test]
fn without_an_earlier_report_nothing_speaks_of_news() {
    let dir = workdir();
    let report = dir.perfpower(["report", "saves", "--format", "json", "--allow-partial"]).run().ends_with(0).json();
    assert!(report["news"].is_null() && report["findings"].as_array().unwrap().iter().all(|own| own["news"].is_null()));
}

#[test]
fn a_rule_about_what_is_new_trips_on_that_alone() {
    let dir = workdir();
    dir.write("perfpower.toml", RULE);
    let check = |earlier: &str| dir.perfpower(["check", "saves", "--since", earlier, "--today", "2026-11-02"]).run();
    let trips = check("august.json").ends_with(1);
    assert!(trips.stdout.contains("launch time") && trips.stdout.contains("4.0.0"), "{}", trips.stdout);
    check("september.json").ends_with(0);
    check("november.json").ends_with(0);
    let words = ["the rule \"nothing new\" asks for what is new", "--since", "--format json"];
    dir.perfpower(["check", "saves"]).run().ends_with(2).says(&words);
    // Every open regression is new to a report that had none.
    let junit = dir.perfpower(["report", "saves", "--since", "august.json", "--format", "junit"]).run().ends_with(1);
    assert!(junit.stdout.contains("nothing new"), "{}", junit.stdout);
}

#[test]
fn what_is_no_earlier_report_of_the_archive_is_refused_with_the_cure() {
    let dir = workdir();
    dir.write("broken.json", "{\"schema\":\"perfpower.report/1\",\"archive\":");
    dir.write("page.json", "<html>");
    dir.write("other.json", "{\"schema\":\"perfpower.brief/1\"}");
    dir.write("list.json", "[]");
    let november = std::fs::read_to_string(dir.path().join("november.json")).unwrap();
    dir.write("strangers.json", november.replace("com.example.", "com.stranger."));
    dir.write("words.json", november.replace("\"kind\":\"step\"", "\"kind\":\"stair\""));
    for (earlier, words) in [
        ("none.json", &["cannot read the earlier report none.json", "the first run has none"][..]),
        ("broken.json", &["broken.json: it is no whole JSON (EOF", "`perfpower report … --format json --output FILE`"]),
        ("page.json", &["page.json: it is no whole JSON (expected value at line 1 column 1)"]),
        ("other.json", &["found a document \"perfpower.brief/1\"", "(perfpower.report/1)"]),
        ("list.json", &["list.json: "]),
        ("words.json", &["a word that no version of perfpower writes"]),
        ("strangers.json", &["none of its 4 apps is in this archive", "an earlier report of the same archive"]),
    ] {
        for command in ["report", "check"] {
            dir.write("perfpower.toml", RULE);
            dir.perfpower([command, "saves", "--since", earlier]).run().ends_with(2).says(words);
        }
    }
}

#[test]
fn what_makes_the_comparison_doubtful_is_told() {
    let dir = workdir();
    let told = |make: &[&str], more: &[&str]| -> Vec<String> {
        let earlier = ["report", "saves", "--format", "json", "--output", "earlier.json", "--allow-partial"];
        dir.perfpower(earlier).arguments(make).run().ends_with(0);
        let report: Value =
            serde_json::from_str(&since(&dir, "earlier.json", &[&["--format", "json"][..], more].concat())).unwrap();
        let codes =
            report["problems"].as_array().unwrap().iter().map(|problem| problem["code"].as_str().unwrap().to_owned());
        codes.filter(|code| code.starts_with("earlier-")).collect()
    };
    assert_eq!(told(&[], &[]), [""; 0]);
    assert_eq!(told(&["--top", "1"], &[]), ["earlier-report-cut"]);
    assert_eq!(told(&["--category", "LAUNCH"], &[]), ["earlier-report-limited"]);
    assert_eq!(told(&["--category", "LAUNCH"], &["--category", "LAUNCH"]), [""; 0]);
    assert_eq!(told(&["--strict"], &[]), ["earlier-report-settings"]);
}

#[test]
fn pseudonyms_of_one_key_are_compared_and_others_are_refused_without_a_name() {
    let dir = workdir();
    let plain = ["report", "saves", "--since", "november.json", "--redact"];
    let refused = dir.perfpower(plain).run().ends_with(2).says(&["none of its 4 apps is in this archive"]);
    assert!(!refused.stderr.contains("larder") && !refused.stderr.contains("november"), "{}", refused.stderr);
    let redacted =
        ["report", "saves", "--redact=key", "--format", "json", "--output", "redacted.json", "--allow-partial"];
    dir.perfpower(redacted).run().ends_with(0);
    let again = dir.perfpower(["report", "saves", "--since", "redacted.json", "--redact=key", "--allow-partial"]);
    assert!(again.run().ends_with(0).stdout.starts_with("Nothing new since 2026-11-02"));
}

#[test]
fn a_report_may_take_the_place_of_the_earlier_one() {
    let dir = workdir();
    let night = [
        "report",
        "saves",
        "--since",
        "november.json",
        "--format",
        "json",
        "--output",
        "november.json",
        "--allow-partial",
    ];
    dir.perfpower(night).run().ends_with(0);
    assert!(since(&dir, "november.json", &[]).starts_with("Nothing new"));
}

/// What each command says of the downloads up to a day is what it says of an archive that holds no others, but for how many were left out.
#[test]
fn what_was_known_on_a_day_is_what_an_archive_of_that_day_gives() {
    const DAY: &str = "2026-09-07";
    let (all, then) = (Workdir::new(), Workdir::new());
    for file in demo::files() {
        all.write(format!("saves/{}", file.path), &file.bytes);
        if ["2026-08-03", DAY].iter().any(|day| file.path.contains(day)) || file.path == "perfpower.toml" {
            then.write(format!("saves/{}", file.path), &file.bytes);
        }
    }
    // Of a later day: what cannot be read, what is no document, and a file whose body tells its day.
    all.write("saves/com.example.larder/2026-10-06/xcodeMetrics.json", "{\"productData\": [");
    all.write("saves/com.example.larder/2026-10-06.zip", "PK\u{3}\u{4}");
    all.write("saves/com.example.larder/2026-10-06/notes.pdf", "%PDF");
    let http = "HTTP/2 200\ndate: Tue, 06 Oct 2026 04:00:00 GMT\n\n{\"version\":\"1.0.0\",\"productData\":[]}";
    all.write("saves/com.example.larder/saved.http", http);
    for command in [
        &["report"][..],
        &["report", "--format", "html"],
        &["report", "--format", "csv"],
        &["report", "--brief"],
        &["inspect", "--all"],
        &["audit"],
        &["compare"],
        &["percentiles", "--over", "apps"],
        &["diagnostics"],
        &["init"],
    ] {
        let run = |dir: &Workdir, more: &[&str]| {
            let call = dir.perfpower([command[0], "saves", "--quiet", "--allow-partial"]).arguments(&command[1..]);
            let run = call.arguments(more).run().ends_with(0);
            let out = run.stdout.replace(", as of 2026-09-07 (19 later documents left out)", "");
            // Where it was broken.
            let as_of = out.split_whitespace().collect::<Vec<_>>().join(" ");
            let as_of = as_of.replace(", as of 2026-09-07 (19 later documents left out)", "");
            as_of.replace("<div><dt>As of</dt><dd>2026-09-07, 19 later documents left out</dd></div> ", "")
        };
        assert_eq!(run(&all, &["--until", DAY]), run(&then, &[]), "{command:?}");
    }
    let report = |dir: &Workdir, more: &[&str]| {
        let mut report = dir
            .perfpower(["report", "saves", "--format", "json", "--allow-partial"])
            .arguments(more)
            .run()
            .ends_with(0)
            .json();
        let archive = report["archive"].as_object_mut().unwrap();
        let told = (archive.remove("until").unwrap(), archive.remove("later_documents").unwrap());
        (report, told)
    };
    let (as_of, told) = report(&all, &["--until", DAY]);
    assert_eq!(told, (Value::from(DAY), Value::from(19)));
    assert_eq!(as_of, report(&then, &[]).0);
}

#[test]
fn a_day_before_all_downloads_leaves_nothing_and_says_so() {
    let run = crate::workdir::perfpower("report fixtures/demo --until 2020-01-01").run().ends_with(4);
    assert!(run.stderr.contains("2020-01-01"), "{}", run.stderr);
    assert!(repository().join("fixtures/demo").is_dir());
}

/// The nights of a store, without any report to be kept in mind.
#[test]
fn a_store_keeps_what_every_run_claimed() {
    let dir = workdir();
    dir.perfpower(["pack", "saves", "--into", "store", "--allow-partial"]).run().ends_with(0);
    let night = |day: &str, more: &[&str]| -> Value {
        let run = dir.perfpower(["report", "store", "--since", "store", "--until", day, "--format", "json", "--quiet"]);
        serde_json::from_str(&run.arguments(more).arguments(["--allow-partial"]).run().ends_with(0).stdout).unwrap()
    };
    let news_since = |earlier: &str, day: &str| -> Value {
        let text = since(&dir, earlier, &["--until", day, "--format", "json"]);
        serde_json::from_str::<Value>(&text).unwrap()["news"].take()
    };
    let first = night("2026-08-03", &[]);
    assert_eq!(first["news"], Value::Null);
    let told = first["problems"].as_array().unwrap();
    assert!(told.iter().any(|problem| problem["code"] == "no-earlier-run"), "{told:?}");
    let august = news_since("august.json", "2026-09-07");
    assert_eq!(night("2026-09-07", &[])["news"], august);
    // Again, and after a part of it was looked at: what the night is held against is the same.
    night("2026-09-07", &["--metric", "launchTime"]);
    assert_eq!(night("2026-09-07", &[])["news"], august);
    // The claims of September are those of a run that knew August's.
    dir.write("september.json", since(&dir, "august.json", &["--until", "2026-09-07", "--format", "json"]));
    assert_eq!(night("2026-11-02", &[])["news"], news_since("september.json", "2026-11-02"));
    let kept = std::fs::read_dir(dir.path().join("store/claims")).unwrap().count();
    assert_eq!(kept, 3);
    // The files are held against it, too.
    let of_files: Value =
        serde_json::from_str(&since(&dir, "store", &["--until", "2026-11-02", "--format", "json"])).unwrap();
    assert_eq!(of_files["news"], news_since("september.json", "2026-11-02"));
    let packed = dir.perfpower(["pack", "saves", "--into", "store", "--prune", "--allow-partial"]).run().ends_with(0);
    assert!(packed.stdout.contains("33 unchanged"), "{}", packed.stdout);
    assert_eq!(night("2026-09-07", &[])["news"], august, "packing leaves the claims");
}

#[test]
fn a_gate_is_held_against_the_claims_of_a_store() {
    let dir = workdir();
    dir.write("perfpower.toml", RULE);
    dir.perfpower(["pack", "saves", "--into", "store", "--allow-partial"]).run().ends_with(0);
    let check =
        |day: &str| dir.perfpower(["check", "store", "--since", "store", "--until", day, "--allow-partial"]).run();
    let refused = check("2026-08-03").ends_with(2).stderr;
    assert!(refused.contains("the store holds no claims of an earlier day"), "{refused}");
    let report = ["report", "store", "--since", "store", "--until", "2026-08-03", "--allow-partial", "--quiet"];
    dir.perfpower(report).run().ends_with(0);
    let tripped = check("2026-09-07").ends_with(1).stdout;
    assert!(tripped.contains("Larder, launch time"), "{tripped}");
    let redacted = dir.perfpower(["report", "store", "--since", "store", "--redact"]).run().ends_with(2).stderr;
    assert!(redacted.contains("have the names as they are"), "{redacted}");
    dir.write("store/claims/2026-08-03.json", "{");
    let broken = check("2026-09-07").ends_with(2).stderr;
    assert!(broken.contains("2026-08-03.json") && broken.contains("no whole JSON"), "{broken}");
}
