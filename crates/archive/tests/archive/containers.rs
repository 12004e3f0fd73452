//! Every way a document can be packed, whole and damaged, through the public door.

use crate::support::{Saves, document, gz, listing, problems, relatives, skipped, tar, tgz, zip, zst};
use perfpower_archive::{Archive, Layout, Limits, Rules, Sources};
use std::fs;

/// What each document of an archive holds, by path: its text, or the problem of reading it.
fn contents(archive: &Archive) -> Vec<String> {
    let mut buffer = Vec::new();
    let mut contents: Vec<String> = archive
        .entries
        .iter()
        .map(|entry| match entry.read(&mut buffer) {
            Ok(()) => format!("{}: {} bytes, {}", entry.path, buffer.len(), buffer == document(buffer.len())),
            Err(problem) => format!("{}: {} {}", entry.path, problem.severity.as_str(), problem.message),
        })
        .collect();
    contents.sort();
    contents
}

#[test]
fn all_packings_and_nestings_give_the_same_bytes() {
    let saves = Saves::new();
    let body = document(5000);
    saves.write("a/plain.json", &body);
    saves.write("a/packed.json.gz", &gz(&body));
    saves.write("a/packed.json.zst", &zst(&body));
    saves.write("a/gzip-named-plain.json", &gz(&body));
    saves.write("a/plain-named-gzip.json.gz", &body);
    saves.write("a/zstd-named-gzip.json.gz", &zst(&body));
    saves.write("a/twice.json.gz", &gz(&gz(&body)));
    saves.write("a/members.json.gz", &[gz(&body[..2000]), gz(&body[2000..])].concat());
    saves.write("a/padded.json.gz", &[gz(&body), vec![0; 1024]].concat());
    saves.write("a/frames.json.zst", &[zst(&body[..2000]), zst(&body[2000..])].concat());
    saves.write("a/empty.json", b"");
    saves.write("a/empty.json.gz", &gz(b""));
    let inner = [("x.json", body.clone()), ("y.json.gz", gz(&body)), ("z.json.zst", zst(&body))];
    saves.write("b/zip-named-dat.json", &zip(&inner));
    saves.write("b/c.zip", &zip(&inner));
    saves.write("b/d.tar", &tar(&inner));
    saves.write("b/e.tar.gz", &tgz(&inner));
    saves.write("b/f.tgz", &tgz(&inner));
    saves.write("b/g.tar.zst", &zst(&tar(&inner)));
    saves.write("b/h.gz", &tgz(&inner));

    let layout = Layout::parse("{app}/{*}").unwrap();
    let archive = saves.open_by(&["."], &Rules { layout: Some(layout), ..Rules::default() });
    assert_eq!(problems(&archive), "");
    let containers = ["c.zip", "d.tar", "e.tar.gz", "f.tgz", "g.tar.zst", "h.gz", "zip-named-dat.json"];
    let mut expected: Vec<String> = containers
        .iter()
        .flat_map(|container| inner.iter().map(move |(name, _)| format!("b/{container}!{name}: 5000 bytes, true")))
        .collect();
    for name in [
        "plain.json",
        "packed.json.gz",
        "packed.json.zst",
        "gzip-named-plain.json",
        "plain-named-gzip.json.gz",
        "zstd-named-gzip.json.gz",
        "twice.json.gz",
        "members.json.gz",
        "padded.json.gz",
        "frames.json.zst",
    ] {
        expected.push(format!("a/{name}: 5000 bytes, true"));
    }
    expected.push("a/empty.json: 0 bytes, true".into());
    expected.push("a/empty.json.gz: 0 bytes, true".into());
    expected.sort();
    assert_eq!(relatives(&contents(&archive)), expected);
}

#[test]
fn many_threads_read_one_container() {
    let saves = Saves::new();
    let members: Vec<(String, Vec<u8>)> = (0..40).map(|i| (format!("{i:02}.json"), document(1000 + i * 37))).collect();
    let members: Vec<(&str, Vec<u8>)> = members.iter().map(|(name, body)| (name.as_str(), body.clone())).collect();
    saves.write("a.zip", &zip(&members));
    saves.write("b.tgz", &tgz(&members));
    saves.write("c.tgz", &tgz(&members)); // shares the spool with b
    let archive = saves.open(&["."]);
    assert_eq!(archive.entries.len(), 120);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut buffer = Vec::new();
                for entry in &archive.entries {
                    entry.read(&mut buffer).unwrap();
                    let number: usize = entry.path.rsplit('!').next().unwrap()[..2].parse().unwrap();
                    assert_eq!(buffer, document(1000 + number * 37), "{}", entry.path);
                }
            });
        }
    });
}

#[test]
fn damage_is_told_with_its_place_and_cure() {
    let saves = Saves::new();
    let body = document(5000);
    let packed = gz(&body);
    let mut flipped = packed.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x55;
    let mut wrong_sum = packed.clone();
    let end = wrong_sum.len();
    wrong_sum[end - 8] ^= 1;
    saves.write("cut.json.gz", &packed[..packed.len() / 2]);
    saves.write("header.json.gz", &packed[..12]);
    saves.write("sum.json.gz", &wrong_sum);
    saves.write("trailing.json.gz", &[packed.clone(), b"<html>".to_vec()].concat());
    let frame = zst(&body);
    saves.write("cut.json.zst", &frame[..frame.len() / 2]);
    saves.write("foreign.json", b"\xfd7zXZ\0whatever");
    saves.write("onion.json.gz", &(0..9).fold(body.clone(), |inner, _| gz(&inner)));
    let archive = saves.open(&["."]);
    assert_eq!(
        problems(&archive),
        "foreign.json: error unsupported-packing: xz is not read here \
         (unpack it and give the directory, or pack it as gzip, zstd, zip or tar)"
    );
    let half = packed.len() / 2;
    let expected = [
        format!("cut.json.gz: error the gzip data ends too early, after {half} bytes"),
        format!("cut.json.zst: error the zstd data ends too early, after {} bytes", frame.len() / 2),
        "header.json.gz: error the gzip data ends too early, after 12 bytes".into(),
        "onion.json.gz: error the document is packed more than 8 times over".into(),
        "sum.json.gz: error the gzip data is damaged: corrupt gzip stream does not have a matching checksum".into(),
        "trailing.json.gz: error the gzip data is followed by 6 bytes that are not gzip".into(),
    ];
    assert_eq!(relatives(&contents(&archive)), expected);

    saves.write("flipped.json.gz", &flipped);
    let archive = saves.open(&["flipped.json.gz"]);
    let problem = archive.entries[0].read(&mut Vec::new()).unwrap_err();
    assert!(["corrupt-packing", "truncated-packing"].contains(&problem.code), "{problem:?}");
}

#[test]
fn a_lie_about_the_size_costs_nothing() {
    let saves = Saves::new();
    let body = document(50_000);
    for claim in [0u32, 1, 49_999, 50_001, u32::MAX] {
        let mut lying = gz(&body);
        let end = lying.len();
        lying[end - 4..].copy_from_slice(&claim.to_le_bytes());
        saves.write("lying.json.gz", &lying);
        let archive = saves.open(&["."]);
        let mut buffer = Vec::new();
        let problem = archive.entries[0].read(&mut buffer).unwrap_err();
        assert_eq!(problem.code, "corrupt-packing");
        assert!(buffer.capacity() < 8 << 20, "{claim}: {}", buffer.capacity());
    }
}

#[test]
fn bombs_are_refused_by_ratio_and_by_size() {
    let saves = Saves::new();
    let zeros = vec![b' '; 4 << 20];
    saves.write("bomb.json.gz", &gz(&zeros));
    saves.write("bomb.json.zst", &zst(&zeros));
    saves.write("bomb.zip", &zip(&[("m.json", zeros.clone())]));
    saves.write("bomb.tgz", &tgz(&[("m.json", zeros.clone())]));
    let read_all = |limits: Limits| -> Vec<String> {
        let sources = Sources { limits, ..Sources::of_paths([saves.root()]) };
        let archive = Archive::open(&sources, &Rules::default());
        let mut codes: Vec<String> = archive
            .entries
            .iter()
            .map(|entry| match entry.read(&mut Vec::new()) {
                Ok(()) => "read".into(),
                Err(problem) => problem.code.to_owned(),
            })
            .chain(archive.problems.iter().map(|(_, problem)| problem.code.to_owned()))
            .collect();
        codes.sort();
        codes
    };
    assert_eq!(read_all(Limits::default()), ["read"; 4]);
    // gzip packs spaces a thousand to one, zstd more.
    let by_ratio = Limits { ratio: 100, unpack_bytes: 1 << 20, ..Limits::default() };
    assert_eq!(read_all(by_ratio), ["unpacks-too-far"; 4]);
    let by_size = Limits { document_bytes: 1 << 20, ..Limits::default() };
    assert_eq!(read_all(by_size), ["too-large"; 4]);
    let by_spool = Limits { temporary_bytes: 1 << 20, ..Limits::default() };
    assert_eq!(read_all(by_spool), ["read", "read", "read", "unpacks-too-far"]);
    let by_members = Limits { members: 0, ..Limits::default() };
    assert_eq!(read_all(by_members), ["read", "read", "too-many-members", "too-many-members"]);
}

#[test]
fn members_of_a_gzip_file_may_be_alike() {
    let saves = Saves::new();
    saves.write("a.json.gz", &[gz(b"[1,2"), gz(b",3"), gz(b"[1,2")].concat());
    let archive = saves.open(&["a.json.gz"]);
    let mut document = Vec::new();
    archive.entries[0].read(&mut document).unwrap();
    assert_eq!(document, b"[1,2,3[1,2");
}

#[test]
fn damaged_containers_give_what_is_whole() {
    let saves = Saves::new();
    let body = document(5000);
    let inner = [("a.json", body.clone()), ("b.json", body.clone()), ("c.json", body.clone())];
    let whole = tar(&inner);
    // Each member takes 512 + 5120 bytes: cut in the header of the third.
    saves.write("cut.tar", &whole[..2 * 5632 + 100]);
    let archive = saves.open(&["cut.tar"]);
    assert_eq!(contents(&archive).len(), 2);
    assert!(problems(&archive).contains("the tar ends or is damaged after 2 members; those are read"));
    // Cut where the third begins.
    saves.write("cut.tar", &whole[..2 * 5632]);
    let archive = saves.open(&["cut.tar"]);
    assert_eq!(contents(&archive).len(), 2);
    assert!(problems(&archive).contains("the tar ends or is damaged after 2 members; those are read"));
    // Cut in the body of the third: it is listed, and its reader is told.
    saves.write("cut.tar", &whole[..2 * 5632 + 1000]);
    let archive = saves.open(&["cut.tar"]);
    let third = archive.entries[2].read(&mut Vec::new()).unwrap_err();
    assert_eq!(third.message, "the container's data ends too early, after 488 bytes");

    let packed = tgz(&inner);
    saves.write("cut.tgz", &packed[..packed.len() - 40]);
    let archive = saves.open(&["cut.tgz"]);
    assert!(archive.entries.len() >= 2);
    assert!(archive.entries[0].read(&mut Vec::new()).is_ok());
    assert_eq!(archive.problems[0].1.code, "truncated-packing");

    let zipped = zip(&inner);
    saves.write("cut.zip", &zipped[..zipped.len() / 2]);
    let archive = saves.open(&["cut.zip"]);
    assert_eq!(contents(&archive).len(), 1);
    assert_eq!(
        problems(&archive),
        "cut.zip: error corrupt-container: the directory of the zip is damaged or missing; it lists 0 members, and 2 that it \
         does not lead to were found by searching (copy or download it again)\n\
         cut.zip!b.json: error corrupt-container: the directory of the zip leads to no such member (copy or download it again)"
    );

    let mut damaged = zipped.clone();
    damaged[60] ^= 0xff; // within the data of the first member
    saves.write("damaged.zip", &damaged);
    let archive = saves.open(&["damaged.zip"]);
    let codes: Vec<Option<&str>> =
        archive.entries.iter().map(|entry| entry.read(&mut Vec::new()).err().map(|problem| problem.code)).collect();
    assert_eq!(codes, [Some("corrupt-packing"), None, None]);
}

#[test]
fn containers_in_containers_are_opened() {
    let saves = Saves::new();
    let body = document(3000);
    let named = [("com.foo/2026-01-02/x.json", body.clone())];
    let small = [("com.foo/2026-01-02/y.json", document(10))];
    saves.write(
        "a.zip",
        &zip(&[("in.zip", zip(&named)), ("in.tar", tar(&named)), ("stored.zip", zip(&small)), ("in.tgz", tgz(&named))]),
    );
    saves.write("b.tar", &tar(&[("in.zip", zip(&named)), ("in.tar", tar(&named)), ("in.tar.gz", tgz(&named))]));
    saves.write("c.tar.gz", &tgz(&[("in.tar.zst", zst(&tar(&named))), ("in", zip(&named))]));
    saves.write("d.zip.gz", &gz(&zip(&[("com.bar.zip", zip(&[("deep.tar", tar(&named))]))])));
    let archive = saves.open(&["."]);
    assert_eq!(problems(&archive), "");
    let path = "com.foo/2026-01-02/x.json: 3000 bytes, true";
    let expected = [
        format!("a.zip!in.tar!{path}"),
        format!("a.zip!in.tgz!{path}"),
        format!("a.zip!in.zip!{path}"),
        "a.zip!stored.zip!com.foo/2026-01-02/y.json: 10 bytes, true".into(),
        format!("b.tar!in.tar!{path}"),
        format!("b.tar!in.tar.gz!{path}"),
        format!("b.tar!in.zip!{path}"),
        format!("c.tar.gz!in!{path}"),
        format!("c.tar.gz!in.tar.zst!{path}"),
        format!("d.zip.gz!com.bar.zip!deep.tar!{path}"),
    ];
    assert_eq!(relatives(&contents(&archive)), expected);
    assert!(archive.entries.iter().all(|entry| &*entry.app.value == "com.foo"));
}

#[test]
fn what_a_container_holds_and_cannot_be_read_is_told() {
    let saves = Saves::new();
    saves.write("outer.zip", &zip(&[("hidden.json", zip(&[("x.json", document(10))]))]));
    let archive = saves.open(&["outer.zip"]);
    assert_eq!(problems(&archive), "");
    assert_eq!(
        relatives(&contents(&archive)),
        ["outer.zip!hidden.json: error what has the name of a document is a zip"]
    );

    // Bit 0 of the flags, in the local header and in the directory, says encrypted; method 12 is bzip2.
    let mut encrypted = zip(&[("x.json", document(10))]);
    let directory = encrypted.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    encrypted[6] |= 1;
    encrypted[directory + 8] |= 1;
    saves.write("encrypted.zip", &encrypted);
    let mut bzip2 = zip(&[("x.json", document(10))]);
    bzip2[8] = 12;
    bzip2[directory + 10] = 12;
    saves.write("bzip2.zip", &bzip2);
    assert_eq!(
        problems(&saves.open(&["encrypted.zip", "bzip2.zip"])),
        "bzip2.zip!x.json: error unsupported-packing: the zip member is packed by method 12 (bzip2), which is not read here \
         (unpack it and give the directory, or zip it anew with deflate)\n\
         encrypted.zip!x.json: error encrypted-member: the zip member is encrypted \
         (unpack it with its password and give the directory)"
    );
}

#[test]
fn members_without_meaning_are_counted() {
    let saves = Saves::new();
    saves.write(
        "a.zip",
        &zip(&[
            ("com.foo/2026-01-02/x.json", document(10)),
            ("__MACOSX/com.foo/._x.json", document(10)),
            ("com.foo/.DS_Store", document(10)),
            ("README.txt", b"what lies here".to_vec()),
            ("com.foo/.hidden/x.json", document(10)),
            ("com.foo/table.csv", document(10)),
            ("../../evil/y.json", document(10)),
            ("back\\slash\\z.json", document(10)),
        ]),
    );
    let archive = saves.open(&["a.zip"]);
    assert_eq!(
        listing(&archive),
        "com.foo 2026-01-02 a.zip!com.foo/2026-01-02/x.json\n\
         evil 2024-05-06 a.zip!../../evil/y.json\n\
         slash 2024-05-06 a.zip!back/slash/z.json"
    );
    assert_eq!(archive.ignored, 2);
    assert_eq!(
        skipped(&archive),
        [
            "a.zip!README.txt: notes for people, or for other programs",
            "a.zip!com.foo/.hidden/x.json: its name starts with a period",
            "a.zip!com.foo/table.csv: by its ending a table, such as App Analytics exports"
        ]
    );
}

#[test]
fn bytes_on_standard_input_are_opened_like_files() {
    use perfpower_archive::Held;
    use perfpower_model::Day;
    let day = Day::from_days(20_780);
    let open = |bytes: Vec<u8>| {
        let held = vec![Held { name: "-".into(), bytes, day }];
        Archive::open(&Sources { held, ..Sources::default() }, &Rules::default())
    };
    let plain = open(gz(&document(100)));
    assert_eq!(listing(&plain), "stdin 2026-11-23 -");
    assert_eq!(plain.entries[0].app.reason.to_string(), "standard input");
    assert_eq!(contents(&plain), ["-: 100 bytes, true"]);
    for container in [zip, tar, tgz] {
        let archive = open(container(&[("com.foo/2026-01-02/x.json", document(100))]));
        assert_eq!(contents(&archive), ["-!com.foo/2026-01-02/x.json: 100 bytes, true"]);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 64, ..Default::default() })]
    #[test]
    fn no_damage_makes_it_panic_or_read_something_else(which in 0..5usize, at in 0..4000usize, bits in 1..=255u8, cut in 0..4000usize) {
        let body = document(3000);
        let inner = [("a.json", body.clone()), ("b.json.gz", gz(&body))];
        let mut bytes = [gz(&body), zst(&body), zip(&inner), tar(&inner), tgz(&inner)][which].clone();
        let at = at % bytes.len();
        bytes[at] ^= bits;
        let saves = Saves::new();
        for bytes in [&bytes[..], &bytes[..cut % bytes.len()]] {
            saves.write("x", bytes);
            let archive = saves.open(&["x"]);
            let mut buffer = Vec::new();
            for entry in &archive.entries {
                if entry.read(&mut buffer).is_ok() && which < 2 && buffer.starts_with(b"{\"") {
                    // Sums guard gzip; zstd has none unless asked for.
                    proptest::prop_assert!(which == 1 || buffer == body);
                }
            }
        }
    }
}

#[test]
fn a_spool_leaves_no_file_behind() {
    let saves = Saves::new();
    saves.write("a.tgz", &tgz(&[("x.json", document(100))]));
    let archive = saves.open(&["a.tgz"]);
    assert!(archive.entries[0].read(&mut Vec::new()).is_ok());
    assert_eq!(fs::read_dir(saves.root()).unwrap().count(), 1);
}

#[test]
fn long_names_and_sizes_of_tars_are_understood_and_bounded() {
    let saves = Saves::new();
    let long = format!("com.foo/2026-01-02/{}.json", "n".repeat(200)); // beyond the 100 bytes of a header
    let mut builder = ::tar::Builder::new(Vec::new());
    let body = document(700);
    let header = |size: usize| {
        let mut header = ::tar::Header::new_ustar();
        header.set_size(size as u64);
        header.set_mtime(0);
        header.set_cksum();
        header
    };
    builder.append_pax_extensions([("path", "com.bar/2026-01-03/é.json".as_bytes()), ("size", b"700")]).unwrap();
    builder.append_data(&mut header(700), "short.json", body.as_slice()).unwrap();
    builder.append_data(&mut header(700), "com.foo/2026-01-04/last.json", body.as_slice()).unwrap();
    let pax = builder.into_inner().unwrap();
    saves.write("pax.tar", &pax);
    saves.write("gnu.tar", &tar(&[(&long, body.clone()), ("com.foo/2026-01-05/x.json", body.clone())]));
    let archive = saves.open(&["pax.tar", "gnu.tar"]);
    assert_eq!(problems(&archive), "");
    assert_eq!(
        listing(&archive),
        format!(
            "com.bar 2026-01-03 pax.tar!com.bar/2026-01-03/é.json\n\
             com.foo 2026-01-02 gnu.tar!{long}\n\
             com.foo 2026-01-04 pax.tar!com.foo/2026-01-04/last.json\n\
             com.foo 2026-01-05 gnu.tar!com.foo/2026-01-05/x.json"
        )
    );
    assert!(contents(&archive).iter().all(|line| line.ends_with("700 bytes, true")));

    // A long name that claims 8 GiB: the file ends first, and nothing of that size is set aside.
    let mut liar = ::tar::Header::new_gnu();
    liar.set_entry_type(::tar::EntryType::GNULongName);
    liar.set_size((8 << 30) - 1);
    liar.set_cksum();
    saves.write("liar.tar", &[liar.as_bytes().as_slice(), &pax].concat());
    let archive = saves.open(&["liar.tar"]);
    assert_eq!(archive.entries.len(), 0);
    assert_eq!(archive.problems[0].1.code, "corrupt-container");
}

#[test]
fn members_that_overlap_are_a_bomb() {
    let saves = Saves::new();
    let whole = zip(&[("a.json", document(40)), ("b.json", document(40))]);
    let directory = whole.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    // Both the header and the directory say that the first member takes in the second.
    let mut bytes = whole.clone();
    for at in [18, directory + 20] {
        bytes[at..at + 4].copy_from_slice(&100u32.to_le_bytes());
    }
    saves.write("a.zip", &bytes);
    let archive = saves.open(&["a.zip"]);
    assert!(archive.entries.is_empty());
    assert_eq!(archive.problems[0].1.code, "overlapping-members");
    // The directory alone claims more than the file has: the header of the member is found, and the fault told.
    let mut bytes = whole;
    bytes[directory + 20..directory + 24].copy_from_slice(&100_000u32.to_le_bytes());
    saves.write("a.zip", &bytes);
    let archive = saves.open(&["a.zip"]);
    assert_eq!(contents(&archive).len(), 2);
    assert!(!archive.problems.is_empty());
}
