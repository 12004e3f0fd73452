//! Which app each document goes to, by its place and by what its body says: archives of a few files, read through the public door.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use perfpower_ingest::{Layout, ReadPlan, Reading, Rules, Sources, read_archive};

/// Reads an archive of these files.
fn read(files: &[(&str, &str)], rules: Rules) -> Reading {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("saves");
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let plan = ReadPlan { sources: Sources::of_paths([root]), rules, describe_inputs: true, ..ReadPlan::default() };
    read_archive(&plan, &())
}

/// `app: documents, points` of each app.
fn apps(reading: &Reading) -> Vec<String> {
    let documents = |app: &str| reading.inputs.iter().filter(|input| input.app == app).count();
    let line = |history: &perfpower_analysis::AppHistory| {
        format!("{}: {}, {}", history.app, documents(&history.app), history.table.len())
    };
    reading.histories.in_memory().iter().map(line).collect()
}

fn codes(reading: &Reading) -> Vec<&str> {
    reading.problems.iter().map(|problem| problem.problem.code).filter(|code| *code != "no-date").collect()
}

/// Metrics of two versions.
fn metrics(fields: &str, value: u32) -> String {
    format!(r#"{{"version":"1.0.0","productData":[{}]}}"#, product(fields, value))
}

fn product(fields: &str, value: u32) -> String {
    format!(
        r#"{{"platform":"iOS",{fields}"metricCategories":[{{"identifier":"LAUNCH","metrics":[{{"identifier":"launchTime","datasets":[{{"filterCriteria":{{"percentile":"percentile.fifty","device":"all_iphones"}},"points":[{{"version":"1.0","value":{value}}},{{"version":"1.1","value":{value}}}]}}]}}]}}]}}"#
    )
}

fn overview(bundle: &str, apple: &str, value: u32) -> String {
    format!(
        r#"{{"version":"4.0.0","appMetadata":{{"appId":"{apple}","bundleId":"{bundle}","platform":"iOS"}},"telemetryIdentifier":"t","categories":[{{"identifier":"HANG","sections":[{{"identifier":"hangRate","datasets":[{{"filterCriteria":{{"percentile":"percentile.fifty","device":"all_iphones"}},"points":[{{"version":"1.0","value":{value}}}]}}]}}]}}]}}"#
    )
}

fn logs(signature: &str, bundles: &[&str]) -> String {
    let log = |bundle: &&str| {
        let bundle = if bundle.is_empty() { String::new() } else { format!(r#""bundleId":"{bundle}","#) };
        format!(
            r#"{{"diagnosticMetaData":{{{bundle}"event":"hang","appVersion":"1.0"}},"callStackTree":[{{"callStacks":[{{"callStackRootFrames":[{{"symbolName":"main","sampleCount":1}}]}}]}}]}}"#
        )
    };
    let logs: Vec<String> = bundles.iter().map(log).collect();
    format!(
        r#"{{"version":"1.0.0","productData":[{{"signatureId":"{signature}","diagnosticLogs":[{}]}}]}}"#,
        logs.join(",")
    )
}

#[test]
fn a_second_product_is_kept_apart_by_its_bundle_or_by_what_it_is_called() {
    for (fields, key, code) in [
        (r#""bundleId":"com.acme.tp.Clip","appType":"AppClip","#, "com.acme.tp.Clip", "other-app"),
        (r#""appType":"AppClip","#, "com.acme.tp (AppClip)", "other-product"),
        ("", "com.acme.tp (product 2)", "other-product"),
    ] {
        let body = format!(r#"{{"version":"1.0.0","productData":[{},{}]}}"#, product("", 500), product(fields, 800));
        let reading = read(&[("com.acme.tp/2026-11-20/m.json", &body)], Rules::default());
        assert_eq!(apps(&reading), ["com.acme.tp: 1, 2".to_owned(), format!("{key}: 1, 2")]);
        assert!(codes(&reading).contains(&code), "{:?}", codes(&reading));
        assert_eq!(reading.facts.bytes, body.len() as u64);
    }
}

#[test]
fn logs_of_other_bundles_leave_the_folder_of_an_app() {
    let text = logs("S", &["com.acme.app", "com.acme.app.Widget", "com.acme.other", "com.acme.app.Widget"]);
    let files = [("com.acme.app/2026-11-20/logs.json", text.as_str())];
    let reading = read(&files, Rules::default());
    assert_eq!(apps(&reading), ["com.acme.app: 1, 0", "com.acme.app.Widget: 1, 0", "com.acme.other: 1, 0"]);
    assert_eq!(codes(&reading), ["other-app", "other-app"]);
    let counts: Vec<usize> = reading.histories.in_memory().iter().map(|history| history.stacks.logs().len()).collect();
    assert_eq!(counts, [1, 2, 1]);
    // What the user says holds.
    let told = read(&files, Rules { app: Some("mine".into()), ..Rules::default() });
    assert_eq!(apps(&told), ["mine: 3, 0"]);
    let layout = Layout::parse("{app}/{snapshot}/{*}").unwrap();
    let told = read(&files, Rules { layout: Some(layout), ..Rules::default() });
    assert_eq!(apps(&told), ["com.acme.app: 3, 0"]);
    // Also where all of a folder's documents are of another bundle than the folder.
    let strangers = logs("S", &["com.acme.app.Widget"]);
    let reading = read(
        &[("com.acme.app/2026-11-20/logs.json", &strangers), ("com.acme.app/2026-11-20/m.json", &metrics("", 5))],
        Rules::default(),
    );
    assert_eq!(apps(&reading), ["com.acme.app: 1, 2", "com.acme.app.Widget: 1, 0"]);
}

#[test]
fn each_document_of_a_file_goes_to_its_own_app() {
    let one = metrics("", 500);
    let entry = |id: &str, text: &str| {
        let quoted = text.replace('"', "\\\"");
        format!(
            r#"{{"startedDateTime":"2026-11-20T08:00:00Z","request":{{"method":"GET","url":"https://api.appstoreconnect.apple.com/v1/apps/{id}/perfPowerMetrics"}},"response":{{"status":200,"content":{{"text":"{quoted}"}}}}}}"#
        )
    };
    let har = format!(
        r#"{{"log":{{"version":"1.2","entries":[{},{}]}}}}"#,
        entry("1111111111", &one),
        entry("6446120001", &metrics("", 800))
    );
    let lines = format!(
        "{}\n{}\n",
        format_args!(r#"{{"appId":"1111111111","data":{one}}}"#),
        format_args!(r#"{{"appId":"6446120001","data":{}}}"#, metrics("", 800))
    );
    let array = format!(
        r#"[{{"bundleId":"1.invalid","appId":"1111111111","body":{one}}},{{"appId":"6446120001","body":{}}}]"#,
        metrics("", 800)
    )
    .replace(r#""bundleId":"1.invalid","#, "");
    let overviews =
        format!("[{},{}]", overview("com.acme.one", "1111111111", 1), overview("com.acme.two", "6446120001", 2));
    for (name, text, wanted) in [
        ("session.har.json", &har, ["1111111111: 1, 2", "6446120001: 1, 2"]),
        ("all.json", &lines, ["1111111111: 1, 2", "6446120001: 1, 2"]),
        ("weekly/all.json", &array, ["1111111111: 1, 2", "6446120001: 1, 2"]),
        ("dashboards/2026-11-20/x.json", &overviews, ["com.acme.one: 1, 1", "com.acme.two: 1, 1"]),
    ] {
        let reading = read(&[(name, text)], Rules::default());
        assert_eq!(apps(&reading), wanted, "{name}");
        assert_eq!(reading.facts.bytes, text.len() as u64, "{name}");
        // The same file a second time, another day, says nothing of anybody else.
        let twice = [("a/2026-11-20.json", text.as_str()), ("a/2026-11-21.json", text.as_str())];
        let reading = read(&twice, Rules::default());
        assert_eq!(reading.histories.in_memory().len(), 2, "{name}: {:?}", apps(&reading));
        assert!(reading.histories.in_memory().iter().all(|history| history.revision_count == 0), "{name}");
    }
}

#[test]
fn a_number_in_the_folder_of_a_bundle_is_the_number_of_its_app() {
    let (m, own) = (metrics("", 500), format!(r#"{{"appId":"1482920013","data":{}}}"#, metrics("", 500)));
    let other = format!(r#"{{"appId":"6446120001","data":{}}}"#, metrics("", 800));
    let reading = read(
        &[("com.acme.larder/2026-11-20/a.json", &own), ("com.acme.larder/2026-11-21/b.json", &m)],
        Rules::default(),
    );
    assert_eq!((apps(&reading), codes(&reading)), (vec!["com.acme.larder: 2, 2".to_owned()], Vec::new()));
    // One that another app has is that one's.
    let reading = read(
        &[
            ("com.acme.larder/2026-11-20/m.json", &m),
            ("com.acme.larder/2026-11-20/x.json", &other),
            ("6446120001/2026-11-20/m.json", &m),
        ],
        Rules::default(),
    );
    assert_eq!(apps(&reading), ["6446120001: 2, 2", "com.acme.larder: 1, 2"]);
}

#[test]
fn bodies_join_the_two_ids_of_an_app() {
    let (m, o) = (metrics("", 500), overview("com.acme.larder", "1482920013", 1));
    let reading = read(
        &[("1482920013/2026-11-20/m.json", &m), ("com.acme.larder/2026-11-20/overview.json", &o)],
        Rules::default(),
    );
    assert_eq!(apps(&reading), ["com.acme.larder: 2, 3"]);
    assert_eq!(codes(&reading), ["one-app"]);
    // A widget's logs carry the number of the app, and its own bundle.
    let widget = logs("S", &["com.acme.larder.Widget"]).replace(
        r#""version":"1.0.0","#,
        r#""version":"1.0.0","links":{"self":"https://api.appstoreconnect.apple.com/v1/apps/1482920013/x"},"#,
    );
    let reading = read(
        &[
            ("1482920013/2026-11-20/m.json", &m),
            ("1482920013/2026-11-20/logs.json", &widget),
            ("com.acme.larder/2026-11-20/overview.json", &o),
        ],
        Rules::default(),
    );
    assert_eq!(apps(&reading), ["com.acme.larder: 2, 3", "com.acme.larder.Widget: 1, 0"]);
    // Two bundles, neither of which is a part of the other: nobody knows whose the number is.
    let other = overview("com.acme.pantry", "1482920013", 2);
    let reading = read(
        &[
            ("1482920013/2026-11-20/m.json", &m),
            ("com.acme.larder/2026-11-20/overview.json", &o),
            ("com.acme.pantry/2026-11-20/overview.json", &other),
        ],
        Rules::default(),
    );
    assert_eq!(reading.histories.in_memory().len(), 3);
}

#[test]
fn the_word_of_a_folder_stays_the_key_of_the_app_behind_it() {
    let (m, own) = (metrics("", 500), logs("S", &["com.acme.larder"]));
    let stranger = logs("T", &["com.acme.oven"]);
    for (folder, kept) in [("larder", "larder"), ("Larder", "Larder"), ("1482920013", "1482920013")] {
        let files = [
            (format!("{folder}/2026-11-20/m.json"), m.as_str()),
            (format!("{folder}/2026-11-20/a-stranger.json"), stranger.as_str()),
            (format!("{folder}/2026-11-20/logs.json"), own.as_str()),
            (format!("{folder}/2026-11-21/logs.json"), own.as_str()),
        ];
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        let reading = read(&files, Rules::default());
        let mut found = apps(&reading);
        found.sort();
        let mut wanted = [format!("{kept}: 3, 2"), "com.acme.oven: 1, 0".to_owned()];
        wanted.sort();
        assert_eq!(found, wanted);
    }
}

#[test]
fn logs_without_a_name_go_where_their_signatures_are_listed() {
    let page = |id: &str| {
        format!(
            r#"{{"data":[{{"type":"diagnosticSignatures","id":"{id}","attributes":{{"diagnosticType":"HANGS","signature":"f()","weight":1}}}}],"links":{{"self":"s"}}}}"#
        )
    };
    let (one, two, text) = (page("AbC"), page("xyz"), logs("AbC", &[""]));
    let m = metrics("", 500);
    let files = [
        ("com.acme.one/2026-11-20/signatures.json", one.as_str()),
        ("com.acme.one/2026-11-20/m.json", &m),
        ("com.acme.two/2026-11-20/signatures.json", &two),
        ("diagnostic_logs_AbC.json", &text),
    ];
    let reading = read(&files, Rules::default());
    assert_eq!(apps(&reading), ["com.acme.one: 3, 2", "com.acme.two: 1, 0"]);
    assert_eq!(codes(&reading), ["by-signature"]);
}

#[test]
fn names_of_the_user_hold_for_ids_in_bodies() {
    let o = overview("com.acme.larder", "1482920013", 1);
    let aliases = [("com.acme.larder".to_owned(), "pantry".to_owned())].into();
    let reading =
        read(&[("x.json", &o), ("pantry/2026-11-20/m.json", &metrics("", 500))], Rules { aliases, ..Rules::default() });
    assert_eq!(apps(&reading), ["pantry: 2, 3"]);
}

#[test]
fn one_word_for_several_apps_and_many_words_for_one_are_told() {
    let of = |version: &str| {
        metrics("", 500)
            .replace("1.0\",\"v", &format!("{version}.0\",\"v"))
            .replace("1.1\",\"v", &format!("{version}.1\",\"v"))
    };
    let reading =
        read(&[("larder/2026-11-20/a.json", &of("1")), ("larder/2026-11-21/b.json", &of("7"))], Rules::default());
    assert_eq!(codes(&reading), ["several-apps"]);
    let single = |version: &str| {
        metrics("", 500)
            .replace(r#","value":500},{"version":"1.1","value":500}"#, r#","value":500}"#)
            .replace(r#"n":"1.0","v"#, &format!(r#"n":"{version}","v"#))
    };
    let files = [("red/m.json", single("1.0")), ("green/m.json", single("2.0")), ("blue/m.json", single("3.0"))];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    assert_eq!(codes(&read(&files, Rules::default())), ["one-app-as-many"]);
}
