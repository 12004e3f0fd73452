//! The usual mistakes: what was found, what was expected, and the command that works, which is run.

use crate::workdir::Workdir;
use perfpower_testkit::demo;

/// One mistake.
struct Mistake {
    /// What it is.
    name: &'static str,
    /// What is typed after the name of the program.
    typed: &'static [&'static str],
    code: i32,
    /// What the message must say: what was found, and what was expected.
    says: &'static [&'static str],
    /// What it offers to type, word for word, as it stands in the message.
    offers: &'static str,
    /// The command that follows from it, and how it ends. Empty = it needs a network or another program.
    works: &'static [&'static str],
}

#[rustfmt::skip] // a table reads in lines
const MISTAKES: &[Mistake] = &[
    Mistake { name: "a path that is not there", typed: &["report", "save"], code: 3, says: &["save: no such file", "expected the downloads"], offers: "perfpower report saves", works: &["report", "saves"] },
    Mistake { name: "an app's folder that is not there", typed: &["report", "saves/com.example.lardr"], code: 3, says: &["no such file"], offers: "perfpower report saves/com.example.larder", works: &["report", "saves/com.example.larder"] },
    Mistake { name: "an .ipa", typed: &["report", "Larder.ipa"], code: 2, says: &["Larder.ipa: .ipa is the app itself", "expected downloads"], offers: "perfpower report saves", works: &["report", "saves"] },
    Mistake { name: "an .xcarchive", typed: &["report", "Larder.xcarchive"], code: 2, says: &[".xcarchive is an archive of a build", "expected downloads"], offers: "perfpower report saves", works: &["report", "saves"] },
    Mistake { name: "a folder with an .xcresult in it", typed: &["report", "results"], code: 4, says: &["found 1 file ending in .xcresult (the results of tests", "expected saved JSON bodies"], offers: "perfpower report saves", works: &["report", "saves"] },
    Mistake { name: "a folder of tables", typed: &["report", "tables"], code: 4, says: &["found 2 files ending in .csv", "expected saved JSON bodies"], offers: "perfpower report saves", works: &["report", "saves"] },
    Mistake { name: "an empty folder", typed: &["report", "nothing"], code: 4, says: &["found no file", "expected saved JSON bodies"], offers: "perfpower report saves", works: &["report", "saves"] },
    Mistake { name: "another tool's JSON", typed: &["report", "tool.json"], code: 4, says: &[], offers: "", works: &["inspect", "tool.json", "--allow-empty"] },
    Mistake { name: "a bucket", typed: &["report", "s3://bucket/saves/"], code: 2, says: &["s3://bucket/saves/ is an address", "expected a file or directory"], offers: "aws s3 sync 's3://bucket/saves/' saves && perfpower report saves", works: &["report", "saves"] },
    Mistake { name: "an address", typed: &["report", "https://api.appstoreconnect.apple.com/v1/apps/1/perfPowerMetrics"], code: 2, says: &["is an address", "expected a file or directory"], offers: "| perfpower report -", works: &[] },
    Mistake { name: "a misspelt app", typed: &["report", "saves", "--app", "Ladrer"], code: 2, says: &["no app \"Ladrer\"", "did you mean \"Larder\""], offers: "Give --app com.example.larder", works: &["report", "saves", "--app", "com.example.larder"] },
    Mistake { name: "a misspelt bundle id", typed: &["report", "saves", "--app", "com.exmaple.larder"], code: 2, says: &["no app"], offers: "Give --app com.example.larder", works: &["report", "saves", "--app", "com.example.larder"] },
    Mistake { name: "a misspelt metric", typed: &["report", "saves", "--metric", "lanch time"], code: 2, says: &["no metric \"lanch time\"", "did you mean"], offers: "Give --metric LAUNCH/launchTime", works: &["report", "saves", "--metric", "LAUNCH/launchTime"] },
    Mistake { name: "a misspelt category", typed: &["report", "saves", "--category", "LAUNCHES"], code: 2, says: &["no category"], offers: "Give --category LAUNCH", works: &["report", "saves", "--category", "LAUNCH"] },
    Mistake { name: "a device that is not there", typed: &["compare", "saves", "--device", "iPhone 1l"], code: 2, says: &["no device \"iPhone 1l\""], offers: "Give --device 'iPhone 11'", works: &["compare", "saves", "--device", "iPhone 11"] },
    Mistake { name: "--from a version that is not there", typed: &["compare", "saves", "--from", "3.11.9", "--to", "4.2.0"], code: 2, says: &["no version \"3.11.9\""], offers: "Give --from 3.11.0", works: &["compare", "saves", "--from", "3.11.0", "--to", "4.2.0"] },
    Mistake { name: "logs of a version that is not there", typed: &["diagnostics", "saves", "--app-version", "4.0.9"], code: 2, says: &["no version \"4.0.9\""], offers: "Give --app-version 4.0.0", works: &["diagnostics", "saves", "--app-version", "4.0.0"] },
    Mistake { name: "a rank of an app by its name for eyes, misspelt", typed: &["percentiles", "saves", "--rank", "Tidmark"], code: 2, says: &["did you mean \"Tidemark\""], offers: "Give --rank com.example.tidemark", works: &["percentiles", "saves", "--rank", "com.example.tidemark"] },
    Mistake { name: "filters that nothing fits together", typed: &["report", "saves", "--category", "HANG", "--metric", "launchTime"], code: 2, says: &["no series of the archive fits all of the filters"], offers: "without --category", works: &["report", "saves", "--metric", "launchTime"] },
    Mistake { name: "check without rules", typed: &["check", "saves"], code: 2, says: &["there is no rule to check", "no perfpower.toml was found here or above"], offers: "perfpower init saves --output perfpower.toml", works: &["init", "saves", "--output", "perfpower.toml"] },
    Mistake { name: "a day that is none", typed: &["report", "saves", "--snapshot", "23.11.2026"], code: 2, says: &["expected a day such as 2026-11-23"], offers: "--snapshot", works: &["report", "saves/com.example.larder/2026-11-02", "--snapshot", "2026-11-23"] },
    Mistake { name: "a layout without the app", typed: &["report", "saves", "--layout", "{ap}/{snapshot}/{kind}.json"], code: 2, says: &["the layout {ap}"], offers: "{app}", works: &["report", "saves", "--layout", "{app}/{snapshot}/{kind}.json"] },
    Mistake { name: "a private key", typed: &["report", "AuthKey_AB12.p8"], code: 2, says: &[".p8 is a private key"], offers: "perfpower report saves", works: &["report", "saves"] },
];

/// The demo as `saves`, and the things that are given by mistake.
fn workdir() -> Workdir {
    let dir = Workdir::new();
    for file in demo::files() {
        dir.write(format!("saves/{}", file.path), file.bytes);
    }
    for path in [
        "Larder.ipa",
        "Larder.xcarchive/Info.plist",
        "results/Larder.xcresult/data.bin",
        "tables/a.csv",
        "tables/b.csv",
        "AuthKey_AB12.p8",
    ] {
        dir.write(path, "not a download");
    }
    std::fs::create_dir(dir.path().join("nothing")).unwrap();
    dir.write("tool.json", r#"{"success":true,"product_data":[{"metric_categories":[]}]}"#);
    dir
}

#[test]
fn the_message_says_what_was_found_what_was_expected_and_the_command_that_works() {
    let dir = workdir();
    assert!(MISTAKES.len() >= 20);
    let mut faults = Vec::new();
    for Mistake { name, typed, code, says, offers, works } in MISTAKES {
        let run = dir.perfpower(*typed).run();
        let said = format!("{}{}", run.stdout, run.stderr);
        if run.code != *code {
            faults.push(format!("{name}: ends with {} and not {code}: {said}", run.code));
        }
        faults.extend(
            says.iter()
                .chain([offers])
                .filter(|word| !said.contains(**word))
                .map(|word| format!("{name}: no {word:?} in: {said}")),
        );
        if !works.is_empty() {
            let cured = dir.perfpower(*works).run();
            if cured.code != 0 {
                faults.push(format!("{name}: {works:?} ends with {}: {}", cured.code, cured.stderr));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

#[test]
fn a_folder_of_build_ids_is_one_app_that_can_be_named() {
    let dir = Workdir::new();
    let body = |version: &str| {
        format!(
            r#"{{"version":"1.0.0","productData":[{{"platform":"iOS","metricCategories":[{{"identifier":"LAUNCH","metrics":[{{"identifier":"launchTime","datasets":[{{"filterCriteria":{{"percentile":"percentile.fifty","device":"all_iphones"}},"points":[{{"version":"{version}","value":500}}]}}]}}]}}]}}]}}"#
        )
    };
    for (at, version) in ["1.0", "1.1", "1.2", "1.3"].iter().enumerate() {
        dir.write(format!("builds/5f0e2d1c-000{at}-4abc-8def-00000000000{at}/perfPowerMetrics.json"), body(version));
    }
    let run = dir.perfpower(["inspect", "builds", "--format", "json"]).run().ends_with(0);
    let json = run.json();
    let apps: Vec<&str> =
        json["documents"].as_array().unwrap().iter().map(|document| document["app"].as_str().unwrap()).collect();
    assert_eq!(apps, ["builds"; 4]);
    let named = dir.perfpower(["inspect", "builds", "--app", "com.example.larder"]).run().ends_with(0);
    assert!(named.stdout.contains("com.example.larder"), "{}", named.stdout);
}
