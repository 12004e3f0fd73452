use super::*;

fn pseudonyms() -> Pseudonyms {
    Pseudonyms::of_secret(b"a secret")
}

#[test]
fn one_name_has_one_pseudonym_in_every_role_and_another_with_another_key() {
    let mut by = pseudonyms();
    let app = by.redact(TextRole::App, "com.example.larder");
    assert!(app.starts_with("app-") && app.len() == 16, "{app}");
    assert_eq!(by.redact(TextRole::Word, "com.example.larder"), app);
    assert_eq!(pseudonyms().redact(TextRole::App, "com.example.larder"), app);
    assert_ne!(Pseudonyms::of_secret(b"another").redact(TextRole::App, "com.example.larder"), app);
    assert_ne!(by.redact(TextRole::App, "com.example.larders"), app);
}

#[test]
fn what_is_everybodys_stays() {
    let mut by = pseudonyms();
    for word in [
        "LAUNCH",
        "launchTime",
        "percentile.fifty",
        "com.apple.dt.metrics.percentile.ninety",
        "all_iphones",
        "iPhone12,1",
        "iPhone13_3",
        "iPhone 13 Pro Max",
        "iPad (9th generation)",
        "iPhone OS 18.1 (22B5054e)",
        "ms",
        "%",
        "2026-11-23",
        "1073.76 MB",
        "",
    ] {
        assert_eq!(by.redact(TextRole::Word, word), word);
    }
    for version in ["4.0.0", "4.0.0 (12)", "1.2-beta.3", "v2"] {
        assert_eq!(by.redact(TextRole::Version, version), version);
    }
    assert_eq!(by.redact(TextRole::Binary, "UIKitCore"), "UIKitCore");
    assert_eq!(by.redact(TextRole::Function, "main"), "main");
    assert!(by.redact(TextRole::Binary, "CheckoutKit").starts_with("binary-"));
    for word in ["iPhone12,larder", "checkoutTime", "1482920013", "iPhone Larder"] {
        assert!(by.redact(TextRole::Word, word).starts_with("name-"), "{word}");
    }
    let version = by.redact(TextRole::Version, "4.2-larder (7)");
    assert!(version.starts_with("4.2-version-") && version.ends_with(" (7)"), "{version}");
}

#[test]
fn functions_that_are_one_stay_one() {
    let mut by = pseudonyms();
    let plain = by.redact(TextRole::Function, "closure in Store.load()");
    let numbered: Vec<String> =
        [1, 2].map(|n| by.redact(TextRole::Function, &format!("closure #{n} in Store.load()"))).into();
    assert_ne!(numbered[0], numbered[1]);
    assert_eq!(symbol_identity(&numbered[0]), symbol_identity(&numbered[1]));
    assert_ne!(symbol_identity(&plain), symbol_identity(&numbered[0]));
    assert_eq!(symbol_identity(&plain), plain);
}

#[test]
fn of_a_path_days_and_kinds_stay() {
    let mut by = pseudonyms();
    let app = by.redact(TextRole::App, "com.example.larder");
    assert_eq!(
        by.redact(TextRole::Path, "com.example.larder/2026-11-23/xcodeMetrics.json.gz"),
        format!("{app}/2026-11-23/xcodeMetrics.json.gz")
    );
    let path = by.redact(TextRole::Path, "./acme saves.zip!larder page/page 2.json");
    let parts: Vec<&str> = path.split(['/', '!']).collect();
    assert_eq!((parts[0], parts[3]), (".", "page 2.json"), "{path}");
    assert!(parts[1].starts_with("path-") && parts[1].contains(".zip"), "{path}");
    assert!(parts[2].starts_with("path-"), "{path}");
}

#[test]
fn of_sentences_only_own_words_stay() {
    let mut by = pseudonyms();
    let app = by.redact(TextRole::App, "com.example.larder");
    let told = by.redact(
        TextRole::Sentence,
        "expected a value, found `Sorbet` in com.example.larder, not com.example.larders (3 of 12)",
    );
    assert!(told.starts_with("expected a value, found `name-"), "{told}");
    assert!(told.contains(&format!("in {app}, not name-")) && told.ends_with(" (3 of 12)"), "{told}");
    assert!(!told.contains("larder") && !told.contains("Sorbet"), "{told}");
}
