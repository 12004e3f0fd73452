//! What may come out of files: in all, whatever packs it, whoever is read first.

use crate::support::{Saves, document, ended, gz, member, problems, tar, zip, zst};
use perfpower_archive::{Archive, Limits, Rules, Sources};

fn open(saves: &Saves, limits: Limits) -> Archive {
    Archive::open(&Sources { limits, ..Sources::of_paths([saves.root()]) }, &Rules::default())
}

/// Bytes that come out of an archive, and the codes of all problems.
fn unpacked(archive: &Archive) -> (usize, Vec<&'static str>) {
    let mut buffer = Vec::new();
    let mut bytes = 0;
    let mut codes: Vec<&'static str> = archive.problems.iter().map(|(_, problem)| problem.code).collect();
    for entry in &archive.entries {
        match entry.read(&mut buffer) {
            Ok(()) => bytes += buffer.len(),
            Err(problem) => codes.push(problem.code),
        }
    }
    codes.sort_unstable();
    codes.dedup();
    (bytes, codes)
}

/// One MiB instead of 64, so that the tests need not pack gigabytes.
fn small() -> Limits {
    Limits { unpack_bytes: 1 << 20, ..Limits::default() }
}

#[test]
fn layers_share_one_budget() {
    let saves = Saves::new();
    // Thousands to one by two layers, each of which is within bounds.
    let outer = gz(&gz(&vec![b' '; 3 << 20]));
    assert!(outer.len() < 1024, "{}", outer.len());
    saves.write("a.json.gz", &outer);
    let archive = open(&saves, small());
    let problem = archive.entries[0].read(&mut Vec::new()).unwrap_err();
    assert_eq!(problem.code, "unpacks-too-far");
    let hint = problem.hint.as_deref().unwrap();
    assert!(hint.contains("`--limit unpack=4M`"), "{hint}");
    assert_eq!(unpacked(&open(&saves, Limits { unpack_bytes: 4 << 20, ..small() })), (3 << 20, vec![]));
}

#[test]
fn members_share_one_budget_whoever_is_read_first() {
    let saves = Saves::new();
    let bomb = gz(&vec![b' '; 200 << 10]);
    let names: Vec<String> = (0..40).map(|i| format!("{i:02}.json.gz")).collect();
    let members: Vec<(&str, Vec<u8>)> = names.iter().map(|name| (name.as_str(), bomb.clone())).collect();
    saves.write("a.tar.zst", &zst(&tar(&members)));
    let limits = Limits { ratio: 100, ..small() };
    let archive = open(&saves, limits.clone());
    let (bytes, codes) = unpacked(&archive);
    assert_eq!((bytes, codes), (0, vec!["unpacks-too-far"])); // 8 MiB, each more than its share of one
    saves.write("a.tar.zst", &zst(&tar(&members[..4])));
    assert_eq!(unpacked(&open(&saves, limits)), (800 << 10, vec![]));
}

#[test]
fn files_share_one_budget_and_honest_ones_need_none_of_it() {
    let saves = Saves::new();
    let (bomb, honest) = (gz(&vec![b' '; 200 << 10]), gz(&document(100_000)));
    for i in 0..20 {
        saves.write(&format!("com.foo/{i:02}.json.gz"), &bomb);
        saves.write(&format!("com.foo/honest-{i:02}.json.gz"), &honest);
    }
    let (bytes, codes) = unpacked(&open(&saves, small()));
    assert_eq!((bytes, codes), (20 * 100_000, vec!["unpacks-too-far"]));
}

#[test]
fn hard_links_are_paid_for() {
    let saves = Saves::new();
    let mut members = vec![member("x.json", b'0', &"1".repeat(100 << 10), "")];
    members.extend((0..100).map(|i| member(&format!("{i}.json"), b'1', "", "x.json")));
    saves.write("a.tar.gz", &gz(&ended(&members)));
    let (bytes, codes) = unpacked(&open(&saves, small()));
    assert!((100 << 10..1 << 20).contains(&bytes), "{bytes}");
    assert_eq!(codes, ["unpacks-too-far"]);
}

#[test]
fn containers_in_containers_end_at_a_depth() {
    let saves = Saves::new();
    let nest = |depth: usize| {
        (0..depth).fold(b"[1]".to_vec(), |inner, at| zip(&[(if at == 0 { "x.json" } else { "in.zip" }, inner)]))
    };
    saves.write("a.zip", &nest(8));
    assert_eq!(unpacked(&open(&saves, Limits::default())), (3, vec![]));
    saves.write("a.zip", &nest(9));
    assert_eq!(unpacked(&open(&saves, Limits::default())), (0, vec!["packed-too-often"]));
    assert_eq!(unpacked(&open(&saves, Limits { layers: 9, ..Limits::default() })), (3, vec![]));
}

#[test]
fn members_are_counted_over_all_containers() {
    let saves = Saves::new();
    for name in ["a.tar", "b.tar", "c.tar"] {
        saves.write(name, &tar(&[("x.json", b"[1]".to_vec()), ("y.json", b"[1]".to_vec())]));
    }
    let archive = open(&saves, Limits { members: 5, ..Limits::default() });
    assert_eq!(archive.entries.len(), 5);
    assert!(problems(&archive).contains("c.tar: error too-many-members: the tar has more than 1 members"));
}
