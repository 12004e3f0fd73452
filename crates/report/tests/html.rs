//! Every state of the gallery, rendered and read back by readers that know nothing of how it was written.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop at what it does not expect")]

#[path = "gallery/finding.rs"]
mod finding;
#[path = "gallery/worlds.rs"]
mod worlds;

use perfpower_analysis::LevelGoal;
use perfpower_report::chart::{AppleClaim, VersionChart};
use proptest::prelude::*;
use std::collections::BTreeSet;
use worlds::World;

/// A golden of `fixtures/gallery`; `BLESS=1` writes it anew.
fn golden(name: &str, got: &str) {
    let path = format!("{}/../../fixtures/gallery/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, got).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), got, "{name} differs; look at it, then run with BLESS=1");
}

fn text(world: &World) -> String {
    String::from_utf8(world.html().unwrap()).unwrap()
}

/// Calls `found` with the name, the attributes and the kind of every tag of a piece of markup, and checks on the way that
/// it is well-formed: every quote closed, every start tag ended in order, no bare `<` or `&`.
fn walk(markup: &str, mut found: impl FnMut(&str, &[(&str, &str)])) {
    const VOID: [&str; 5] = ["meta", "br", "input", "hr", "col"];
    let mut open: Vec<&str> = Vec::new();
    let mut rest = markup;
    while let Some(start) = rest.find('<') {
        let (before, tag) = rest.split_at(start);
        for (at, _) in before.match_indices('&') {
            let entity = &before[at..before[at..].find(';').map_or(before.len(), |end| at + end + 1)];
            assert!(
                matches!(entity, "&amp;" | "&lt;" | "&gt;" | "&quot;" | "&#39;" | "&#x27;" | "&#x2f;"),
                "{entity:?}"
            );
        }
        let end = tag.find('>').expect("a tag that ends");
        let (inside, after) = (&tag[1..end], &tag[end + 1..]);
        rest = after;
        if inside.starts_with("!DOCTYPE") {
            continue;
        }
        if let Some(name) = inside.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "before {}", &after[..after.len().min(80)]);
            continue;
        }
        let closed = inside.ends_with('/');
        let inside = inside.trim_end_matches('/');
        let (name, mut list) = inside.split_once([' ', '\n']).unwrap_or((inside, ""));
        assert!(!name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric()), "{name:?}");
        let mut attributes = Vec::new();
        while !list.trim_start().is_empty() {
            list = list.trim_start();
            let length = list.find(['=', ' ']).unwrap_or(list.len());
            let (key, value) = list.split_at(length);
            assert!(key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{key:?} in {inside:?}");
            if let Some(quoted) = value.strip_prefix("=\"") {
                let end = quoted.find('"').expect("a value that ends");
                assert!(!quoted[..end].contains('<'), "{quoted}");
                attributes.push((key, &quoted[..end]));
                list = &quoted[end + 1..];
            } else {
                attributes.push((key, ""));
                list = value;
            }
        }
        found(name, &attributes);
        if matches!(name, "script" | "style") {
            let end = rest.find(&format!("</{name}>")).expect("an end");
            rest = &rest[end + name.len() + 3..];
        } else if !closed && !VOID.contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn every_state_is_well_formed_and_every_id_is_unique() {
    for world in worlds::all().into_iter().chain([worlds::many(250)]) {
        let page = text(&world);
        let mut ids = BTreeSet::new();
        let (mut scripts, mut references) = (0, Vec::new());
        walk(&page, |name, attributes| {
            for (key, value) in attributes {
                assert!(!key.starts_with("on"), "{}: {key}", world.name);
                assert!(
                    !matches!(*key, "src" | "srcset" | "style" | "action" | "data" | "formaction"),
                    "{key}={value}"
                );
                match *key {
                    "id" => assert!(ids.insert((*value).to_owned()), "{}: id {value} twice", world.name),
                    "href" => references.push(value.strip_prefix('#').expect("links into the page").to_owned()),
                    "aria-labelledby" => references.extend(value.split(' ').map(ToOwned::to_owned)),
                    _ => {}
                }
            }
            assert!(
                !matches!(name, "link" | "img" | "iframe" | "object" | "embed" | "base" | "use" | "image"),
                "{name}"
            );
            scripts += usize::from(name == "script");
        });
        assert!(scripts == 1 || scripts == 3, "{}: {scripts} scripts", world.name);
        for reference in references {
            assert!(ids.contains(&reference), "{}: nothing is called {reference}", world.name);
        }
    }
}

#[test]
fn a_chart_on_its_own_is_a_whole_picture() {
    let finding = finding::step();
    let claim = AppleClaim {
        reference_versions: ["1.0", "1.1", "1.2", "1.3"].map(ToOwned::to_owned).to_vec(),
        reference_average: 907.48,
        latest_version: "2.0".to_owned(),
        latest: 997.8,
        delta_percent: Some(10.0),
    };
    let chart = VersionChart {
        bands: &[LevelGoal { label: "goal".to_owned(), lower: None, upper: Some(900.0) }],
        apple: Some(&claim),
        ..VersionChart::of("chart", "Launch time by version: All iPhones, p50", &finding)
    };
    let svg = chart.to_svg();
    walk(&svg, |_, _| {});
    golden("step.svg", &svg);
}

#[test]
fn hostile_names_are_inert_wherever_they_stand() {
    let world = worlds::all().into_iter().find(|world| world.name == "hostile").unwrap();
    let page = text(&world);
    for raw in worlds::HOSTILE.iter().filter(|raw| raw.contains('<')) {
        assert!(!page.contains(raw), "{raw:?} stands in the page as it came");
    }
    for c in ['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}', '\u{2066}', '\u{2028}'] {
        assert!(!page.contains(c), "{c:?}");
    }
    assert!(page.contains("⟨U+202E⟩gnp.exe"), "what acted is seen");
    assert!(page.contains("{{7*7}}"), "a template inside a name is a name");
    let whole = "x".repeat(10_000);
    assert_eq!(page.matches(&whole).count(), 1, "a long symbol is whole in the explanation, and nowhere else");
    assert!(!page.replace(&whole, "").contains(&"x".repeat(1_100)), "and cut everywhere else");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn no_name_breaks_a_page(names in prop::collection::vec(any::<String>(), 1..4)) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (mut articles, mut scripts) = (0, 0);
        walk(&text(&worlds::called(&names)), |name, attributes| {
            articles += usize::from(name == "article");
            scripts += usize::from(name == "script");
            assert!(attributes.iter().all(|(key, _)| !key.starts_with("on")));
        });
        prop_assert_eq!((articles, scripts), (names.len(), 3));
    }
}

#[test]
fn what_many_apps_share_stands_under_its_event_and_not_among_the_cards() {
    let world = worlds::all().into_iter().find(|world| world.name == "common-cause").unwrap();
    let page = text(&world);
    assert_eq!(page.matches("<article ").count(), 0);
    assert!(page.contains(&format!("{} findings are set aside here", world.analysis.findings.len())));
    for finding in &world.analysis.findings {
        assert_eq!(page.matches(&format!("<li><bdi>{}</bdi>: ", finding.app_name)).count(), 1);
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for (first, second) in worlds::all().iter().zip(worlds::all()) {
        assert!(first.html().unwrap() == second.html().unwrap(), "{}", first.name);
    }
}

#[test]
fn the_policy_allows_exactly_this_script_and_this_style() {
    let page = text(&worlds::all()[0]);
    let policy = page.split("Content-Security-Policy\" content=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(policy.starts_with("default-src &#x27;none&#x27;; style-src &#x27;sha256-"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
}

#[test]
fn a_hundred_findings_are_a_page_that_can_be_mailed() {
    let size = worlds::many(100).html().unwrap().len();
    assert!(size < 2_000_000, "{size} bytes");
}

#[test]
fn cards_beyond_the_first_hundred_are_packed_in_blocks() {
    let page = text(&worlds::many(160));
    assert_eq!(page.matches("<article ").count(), 100);
    let block = |id: &str| {
        let start = page.find(&format!(" id=\"{id}\"")).unwrap();
        let inside = &page[start + page[start..].find('>').unwrap() + 1..];
        &inside[..inside.find("</script>").unwrap()]
    };
    let mut later = Vec::new();
    for line in block("later").lines() {
        let mut json = vec![0; 4_000_000];
        let length = libdeflater::Decompressor::new().zlib_decompress(&from_base64(line), &mut json).unwrap();
        later.extend(serde_json::from_slice::<Vec<serde_json::Value>>(&json[..length]).unwrap());
    }
    assert_eq!(later.len(), 60);
    let index: Vec<serde_json::Value> = serde_json::from_str(block("index")).unwrap();
    assert_eq!(index.len(), 160);
    for (row, card) in index[100..].iter().zip(&later) {
        assert_eq!(card[0], "article");
        assert_eq!(card[1]["id"], format!("finding-{}", row[0].as_str().unwrap()));
    }
}

fn from_base64(text: &str) -> Vec<u8> {
    let digit = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        other => panic!("{other} is no digit"),
    };
    let bits: Vec<u8> = text.bytes().filter(|c| *c != b'=').map(digit).collect();
    let words =
        bits.chunks(4).map(|chunk| (chunk.iter().fold(0_u32, |word, d| word << 6 | u32::from(*d)), chunk.len()));
    words
        .flat_map(|(word, digits)| {
            let word = word << (6 * (4 - digits));
            [(word >> 16) as u8, (word >> 8) as u8, word as u8].into_iter().take(digits - 1)
        })
        .collect()
}

#[test]
fn every_state_says_what_it_is() {
    let expected = [
        ("open", "open regression"),
        ("recovered", "now)."),
        ("drift", "Creeping up since at least "),
        ("inconclusive", "which is not confirmed"),
        ("mix-shift", "so the mix of devices changed and not the app"),
        ("common-cause", "in versions since 2026-09-15: 6 of 7 apps jumped together"),
        (
            "beside-event",
            "Partly the platform: 6 apps jumped on iPhone 11 in versions since 2026-09-15; without that it is +12",
        ),
        ("no-data", "That is not the same as a clean result"),
        ("one-version", "1 version, which is few"),
        ("forty-versions", "40 versions"),
        ("hostile", "&lt;img src=x"),
        ("showcase", "Launch time stepped up in 4.2 and is still open in 4.4."),
    ];
    for (world, (name, words)) in worlds::all().iter().zip(expected) {
        assert_eq!(world.name, name);
        assert!(text(world).contains(words), "{name}: {words}");
    }
}
