use super::*;

#[test]
fn parts_are_numbers() {
    assert_eq!(compare("1.9", "1.10"), Ordering::Less);
    assert_eq!(compare("3.10.0", "3.2.1"), Ordering::Greater);
    assert_eq!(compare("10.5", "10.5.0"), Ordering::Equal);
    assert_eq!(compare("1.0", "2"), Ordering::Less);
    assert_eq!(compare("01.2", "1.2"), Ordering::Equal);
    assert_eq!(total_compare("10.5", "10.5.0"), Ordering::Less);
    assert_eq!(compare("99999999999999999999999", "100000000000000000000000"), Ordering::Less);
    assert_eq!(compare("", "0"), Ordering::Equal);
}

/// Each line is one app's versions in the order of their release.
#[test]
fn what_people_write_is_ordered_as_they_mean_it() {
    for line in [
        "4.0 | 4.0.1 | 4.0.1a | 4.0.1b | 4.0.2 | 4.0.10 | 4.1",
        "7.1 | 7.1-1 | 7.1-2 | 7.1-9 | 7.1-10 | 7.2-1 | 7.10-1 | 7.11-1",
        "v9.9 | v9.10 | v10.0 | 10.0.1 | V10.1 | 10.2 | version 10.3 | Release 10.4",
        "R9 | R10 | R11 | R98 | r99 | R100 | R101",
        "5.0.0-alpha | 5.0.0-beta.1 | 5.0.0-beta.2 | 5.0.0-beta.10 | 5.0.0-rc.1 | 5.0.0 | 5.0.1 | 5.1.0-beta.1 | 5.1.0",
        "1.2d4 | 1.2a1 | 1.2b1 | 1.2b3 | 1.2fc1 | 1.2 | 1.2.1",
        "2.0 beta 1 | 2.0 Beta 2 | 2.0 RC | 2.0 | 2.0-hotfix | 2.0-hotfix.2 | 2.0.1",
        "3.6.0 | 3.6.0 (45) | 3.6.0 (46) | 3.6.0 (100) | 3.6.1 (47)",
        "3.6.0+45 | 3.6.0 build 46 | 3.6.0[47] | 3.6.0 (b48)",
        "2026.9 | 2026.10 | 2026.11 | 2026.11.1 | 2027.1",
        "25.9 | 26.1 | 26.10",
        "2025Q4 | 2026Q1 | 2026-Q2 | 2026Q10",
        "26w1 | 26w9 | 26W10",
        "2026-09-30 | 2026-10-02 | 2026-11-01",
        "train 9 | train 10 | Train 11",
        "1.0-dev | 1.0-SNAPSHOT.2 | 1.0-preview.1 | 1.0-rc1 | 1.0-rc-2 | 1.0-patch1 | 1.0-patch2 | 1.1-ios",
        "8.0_1 | 8.0_2 | 8.0_10",
        "12.0.0-nightly.20261101 | 12.0.0-nightly.20261102 | 12.0.0-beta.1 | 12.0.0",
    ] {
        let versions: Vec<&str> = line.split(" | ").collect();
        for (at, earlier) in versions.iter().enumerate() {
            assert_eq!(order(earlier, earlier), Some(Ordering::Equal), "{earlier}");
            for later in &versions[at + 1..] {
                assert_eq!(order(earlier, later), Some(Ordering::Less), "{earlier} < {later} in {line}");
                assert_eq!(order(later, earlier), Some(Ordering::Greater), "{later} > {earlier} in {line}");
                assert_eq!(compare(earlier, later), Ordering::Less, "{earlier} < {later}");
                assert_ne!(canonical(earlier), canonical(later), "{earlier}, {later}");
            }
        }
    }
}

#[test]
fn what_texts_do_not_tell_is_not_told() {
    for (left, right) in [
        ("Nougat", "Oreo"),
        ("Nougat", "3.0"),
        ("a3f9c2e1", "b7d0e4f2"),
        ("7f3a9c1", "8a1b2c3"),
        ("7f3a9c1", "8.0"),
        ("R9", "10.0"),
        ("Spring 24", "Autumn 24"),
        ("3.6.0-ios", "3.6.0-tvos"),
        ("3.6.0", "3.6.0 Blue"),
        ("12abc", "13"),
        ("8a000000-0000-4000-8000-000000000001", "8b000000-0000-4000-8000-000000000001"),
    ] {
        assert_eq!(order(left, right), None, "{left}, {right}");
        assert_eq!(order(right, left), None, "{right}, {left}");
        // A list has one way to be sorted all the same.
        assert_ne!(compare(left, right), Ordering::Equal);
        assert_eq!(compare(left, right), compare(right, left).reverse());
    }
    assert_eq!(order("Nougat", "nougat"), Some(Ordering::Equal));
    assert_eq!(order("3.6.0-ios", "3.7.0-tvos"), Some(Ordering::Less));
}

#[test]
fn one_version_in_several_spellings_has_one_key() {
    for line in [
        "10.5 | 10.5.0 | 10.05 | v10.5 | V10.5.0 | version 10.5 | Release-10.5 | 10.5-final",
        "5.0.0-beta.1 | 5.0-beta1 | 5.0 Beta 1 | 5.0b1 | v5.0.0-BETA-1",
        "3.6.0 (45) | 3.6 (45) | 3.6.0+45 | 3.6.0 build 45 | 3.6.0(45)",
        "0 | 0.0.0 |  ",
        "2026Q4 | 2026-Q4 | 2026q4",
    ] {
        let keys: Vec<String> = line.split(" | ").map(canonical).collect();
        assert!(keys.iter().all(|key| *key == keys[0]), "{line}: {keys:?}");
        for pair in line.split(" | ").collect::<Vec<_>>().windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Equal, "{pair:?}");
        }
    }
    assert_eq!(canonical("10.5.0"), "10.5");
    assert_eq!(canonical("0"), "0");
    // One key for each, and each key is a version of the same key.
    for version in ["1.2b3.0", "R10", "4.0.1a", "3.6.0 (45)", "7.1-2", "5.0-hotfix.2", "3.6-ios", "Nougat"] {
        assert_eq!(canonical(&canonical(version)), canonical(version), "{version}");
    }
}

#[test]
fn equal_is_what_has_one_key() {
    let versions = [
        "1.0", "1", "1.2", "1.20", "1.0b", "1.b", "", "0", "1.2 (45)", "1.2-45", "beta", "1.2-b3", "1.2b3", "1.0.0-rc",
        "1 rc", "2026Q4", "2026.4", "(45)", "é1", "1é", "1..2", "-", "+", "1.2.", "v", "v1", "1.2 (", "١٢",
    ];
    for a in versions {
        for b in versions {
            assert_eq!(compare(a, b).is_eq(), canonical(a) == canonical(b), "{a:?} {b:?}");
            assert_eq!(compare(a, b), compare(b, a).reverse(), "{a:?} {b:?}");
            for c in versions {
                if compare(a, b).is_le() && compare(b, c).is_le() {
                    assert!(compare(a, c).is_le(), "{a:?} {b:?} {c:?}");
                }
            }
        }
    }
}

#[test]
fn a_build_is_told_from_its_version() {
    for (version, expected) in [
        ("3.6.0 (45)", Some(("3.6.0", "45"))),
        ("3.6.0(45)", Some(("3.6.0", "45"))),
        ("3.6.0 [4501]", Some(("3.6.0", "4501"))),
        ("3.6.0+45", Some(("3.6.0", "45"))),
        ("3.6.0 build 045", Some(("3.6.0", "045"))),
        ("3.6.0 (build 45)", Some(("3.6.0", "45"))),
        ("5.0.0-beta.1 (7)", Some(("5.0.0-beta.1", "7"))),
        ("3.6.0", None),
        ("7.1-10", None),
        ("(45)", None),
        ("build 45", None),
        ("", None),
    ] {
        assert_eq!(without_build(version), expected, "{version}");
    }
}
