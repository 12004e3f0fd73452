//! Nothing that a container holds is lost in silence: one test for each way to lose it, and a search for others.

use crate::support::{Saves, document, gz, listing, problems, tar, tgz, zip, zst};
use perfpower_archive::{Archive, Held, Limits, Rules, Sources};
use perfpower_model::Day;
use std::collections::BTreeMap;

/// One line for each document: its path and its text.
fn texts(archive: &Archive) -> Vec<String> {
    let mut buffer = Vec::new();
    let mut texts: Vec<String> = archive
        .entries
        .iter()
        .map(|entry| {
            let path = entry.path.split_once("/saves/").map_or(entry.path.as_str(), |(_, rest)| rest);
            match entry.read(&mut buffer) {
                Ok(()) => format!("{path}: {}", String::from_utf8_lossy(&buffer)),
                Err(problem) => format!("{path}: {} {}", problem.code, problem.message),
            }
        })
        .collect();
    texts.sort();
    texts
}

fn codes(archive: &Archive) -> Vec<&str> {
    archive.problems.iter().map(|(_, problem)| problem.code).collect()
}

/// A header of a tar, with the sum that belongs to it.
fn header(name: &str, kind: u8, size: u64, link: &str) -> Vec<u8> {
    let mut header = ::tar::Header::new_gnu();
    let bytes = header.as_mut_bytes();
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    bytes[157..157 + link.len()].copy_from_slice(link.as_bytes());
    header.set_size(size);
    header.set_mtime(1_715_000_000);
    header.set_entry_type(::tar::EntryType::new(kind));
    header.set_cksum();
    header.as_bytes().to_vec()
}

/// A member of a tar, header and data.
fn member(name: &str, kind: u8, data: &str, link: &str) -> Vec<u8> {
    let mut bytes = header(name, kind, data.len() as u64, link);
    bytes.extend_from_slice(data.as_bytes());
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

fn ended(members: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = members.concat();
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

#[test]
fn links_in_tars_find_what_they_point_to() {
    let saves = Saves::new();
    saves.write(
        "a.tar",
        &ended(&[
            member("com.foo/2026-01-01/x.json", b'0', "[1]", ""),
            member("com.foo/2026-01-02/hard.json", b'1', "", "com.foo/2026-01-01/x.json"),
            member("com.foo/2026-01-03/soft.json", b'2', "", "../2026-01-01/x.json"),
            member("com.foo/2026-01-04/data.bin", b'0', "[4]", ""),
            member("com.foo/2026-01-04/named.json", b'2', "", "data.bin"),
            member("com.foo/latest", b'2', "", "2026-01-01"),
            member("com.foo/2026-01-05/chain.json", b'2', "", "../2026-01-04/named.json"),
        ]),
    );
    let archive = saves.open(&["a.tar"]);
    assert_eq!(problems(&archive), "");
    // A hard link is a document of its own; what a symbolic link leads to is read once, by its own name if that is a document's.
    assert_eq!(
        texts(&archive),
        [
            "a.tar!com.foo/2026-01-01/x.json: [1]",
            "a.tar!com.foo/2026-01-02/hard.json: [1]",
            "a.tar!com.foo/2026-01-04/named.json: [4]",
        ]
    );
    saves.write(
        "b.tar",
        &ended(&[
            member("out.json", b'2', "", "../elsewhere.json"),
            member("root.json", b'2', "", "/etc/passwd"),
            member("gone.json", b'1', "", "never.json"),
            member("loop.json", b'2', "", "pool.json"),
            member("pool.json", b'2', "", "loop.json"),
            member("self.json", b'2', "", "self.json"),
        ]),
    );
    let archive = saves.open(&["b.tar"]);
    assert!(archive.entries.is_empty());
    assert_eq!(codes(&archive), ["dangling-link"; 6]);
    assert!(problems(&archive).starts_with(
        "b.tar!gone.json: error dangling-link: the link leads to nothing that is read from the tar \
         (pack it anew with what the link points to, or without the link)"
    ));
}

#[test]
fn tars_that_were_joined_are_read_to_the_end() {
    let saves = Saves::new();
    let first = tar(&[("com.foo/2026-01-01/x.json", b"[1]".to_vec())]);
    let second = tar(&[("com.foo/2026-01-02/x.json", b"[2]".to_vec())]);
    saves.write("joined.tar", &[first.clone(), second.clone()].concat());
    saves.write("joined.tgz", &[gz(&first), gz(&second)].concat());
    let archive = saves.open(&["."]);
    assert_eq!(problems(&archive), "");
    assert_eq!(archive.entries.len(), 4);
    // Behind what is no tar at all, a tar is found as well, and the rest is told.
    saves.write("joined.tar", &[first, b"some text".repeat(200), second].concat());
    let archive = saves.open(&["joined.tar"]);
    assert_eq!(archive.entries.len(), 1); // the second does not begin at a block any more
    assert_eq!(codes(&archive), ["corrupt-container"]);
}

#[test]
fn behind_damage_the_members_of_a_tar_are_found_again() {
    let saves = Saves::new();
    let mut bytes = ended(&[
        member("a.json", b'0', "[1]", ""),
        member("b.json", b'0', "[2]", ""),
        member("c.json", b'0', "[3]", ""),
    ]);
    bytes[1024 + 5] ^= 1;
    saves.write("a.tar", &bytes);
    let archive = saves.open(&["a.tar"]);
    assert_eq!(texts(&archive), ["a.tar!a.json: [1]", "a.tar!c.json: [3]"]);
    assert_eq!(
        problems(&archive),
        "a.tar: error corrupt-container: the tar ends or is damaged after 1 members; those are read, and 1 behind the damage \
         (copy or download it again)"
    );
}

#[test]
fn odd_members_of_tars_are_told() {
    let saves = Saves::new();
    saves.write(
        "a.tar",
        &ended(&[
            member("pipe.json", b'6', "", ""),
            member("device.json", b'3', "", ""),
            member("vendor.json", b'Q', "[1]", ""),
            member("unknown.json", b'9', "[2]", ""),
            member("data.json/", b'5', "[3]", ""),
            member(".", b'0', "[4]", ""),
            member("..", b'0', "[5]", ""),
            member("", b'0', "[6]", ""),
            member("real.json", b'1', "[7]", "unknown.json"),
            member("label", b'V', "", ""),
            member("directory/", b'5', "", ""),
        ]),
    );
    let archive = saves.open(&["a.tar"]);
    assert_eq!(texts(&archive), ["a.tar!real.json: [7]", "a.tar!unknown.json: [2]"]);
    let told: Vec<(&str, &str)> =
        archive.problems.iter().map(|(path, problem)| (path.rsplit('!').next().unwrap(), problem.code)).collect();
    assert_eq!(
        told,
        [
            ("", "nameless-member"),
            (".", "nameless-member"),
            ("..", "nameless-member"),
            ("data.json/", "odd-member"),
            ("device.json", "not-a-file"),
            ("pipe.json", "not-a-file"),
            ("vendor.json", "unsupported-packing"),
        ]
    );
}

#[test]
fn of_members_of_one_name_the_last_holds_and_it_is_told() {
    let saves = Saves::new();
    saves.write(
        "a.tar",
        &tar(&[("x.json", b"[1]".to_vec()), ("y.json", b"[9]".to_vec()), ("./x.json", b"[2]".to_vec())]),
    );
    let archive = saves.open(&["a.tar"]);
    assert_eq!(texts(&archive), ["a.tar!x.json: [2]", "a.tar!y.json: [9]"]);
    assert_eq!(
        problems(&archive),
        "a.tar: warning repeated-member: 1 members of the tar are replaced by later ones of the same name, such as `x.json` \
         (nothing to do if it was packed to be so, as by `tar -r`; else unpack it, sort out which is which, and give the directory)"
    );
    // A hard link is to what had the name when it was made.
    saves.write(
        "a.tar",
        &ended(&[
            member("x.json", b'0', "[1]", ""),
            member("old.json", b'1', "", "x.json"),
            member("x.json", b'0', "[2]", ""),
        ]),
    );
    assert_eq!(texts(&saves.open(&["a.tar"])), ["a.tar!old.json: [1]", "a.tar!x.json: [2]"]);
    // Names that Windows tools write with the other slash.
    saves.write("b.zip", &zip(&[("d\\x.json", b"[1]".to_vec()), ("d/x.json", b"[2]".to_vec())]));
    let archive = saves.open(&["b.zip"]);
    assert_eq!(texts(&archive), ["b.zip!d/x.json: [2]"]);
    assert_eq!(codes(&archive), ["repeated-member"]);
}

#[test]
fn names_that_are_equal_only_as_unicode_stay_apart() {
    let saves = Saves::new();
    let mut members = [member("com.a/x.json", b'0', "[1]", ""), member("com.b/x.json", b'0', "[2]", "")];
    for (member, byte) in members.iter_mut().zip([0xe8, 0xe9]) {
        member[4] = byte;
        let mut header = ::tar::Header::new_gnu();
        header.as_mut_bytes().copy_from_slice(&member[..512]);
        header.set_cksum();
        member[..512].copy_from_slice(header.as_bytes());
    }
    saves.write("a.tar", &ended(&members));
    let archive = saves.open(&["a.tar"]);
    assert_eq!(problems(&archive), "");
    assert_eq!(archive.by_app().len(), 2);
    assert_eq!(texts(&archive), ["a.tar!com.\\xE8/x.json: [1]", "a.tar!com.\\xE9/x.json: [2]"]);
}

#[test]
fn equal_problems_of_several_members_are_told_several_times() {
    let saves = Saves::new();
    saves.write(
        "a.tar",
        &ended(&[member(".", b'0', "[1]", ""), member("..", b'0', "[2]", ""), member("./.", b'0', "[3]", "")]),
    );
    assert_eq!(codes(&saves.open(&["a.tar"])), ["nameless-member"; 3]);
}

#[test]
fn long_names_of_sparse_members_are_told_by_the_real_name() {
    let saves = Saves::new();
    let record = |key: &str, value: &str| {
        let body = format!(" {key}={value}\n");
        let length = (body.len()..).find(|length| length.to_string().len() + body.len() == *length).unwrap();
        format!("{length}{body}")
    };
    let pax = record("GNU.sparse.major", "1") + &record("GNU.sparse.name", "com.foo/2026-01-01/x.json");
    saves.write(
        "a.tar",
        &ended(&[member("PaxHeaders/x", b'x', &pax, ""), member("GNUSparseFile.1/x.json", b'0', "1\n0\n", "")]),
    );
    let archive = saves.open(&["a.tar"]);
    assert!(
        problems(&archive).starts_with("a.tar!com.foo/2026-01-01/x.json: error unsupported-packing: the tar stores")
    );
    // Records that make no sense are told, and so is a name that is longer than any.
    saves.write(
        "b.tar",
        &ended(&[member("PaxHeaders/x", b'x', "99 path=y.json\n", ""), member("x.json", b'0', "[1]", "")]),
    );
    let archive = saves.open(&["b.tar"]);
    assert_eq!((texts(&archive), codes(&archive)), (vec!["b.tar!x.json: [1]".to_owned()], vec!["corrupt-container"]));
    saves.write("c.tar", &ended(&[member("long", b'L', &"n".repeat(70_000), ""), member("x.json", b'0', "[1]", "")]));
    assert_eq!(codes(&saves.open(&["c.tar"])), ["name-too-long"]);
}

#[test]
fn zips_that_were_joined_are_read_from_the_first_on() {
    let saves = Saves::new();
    let first = zip(&[("com.foo/2026-01-01/x.json", document(500))]);
    let second = zip(&[("com.foo/2026-01-02/x.json", document(500))]);
    saves.write("a.zip", &[first, second].concat());
    let archive = saves.open(&["a.zip"]);
    assert_eq!(
        listing(&archive),
        "com.foo 2026-01-01 a.zip!com.foo/2026-01-01/x.json\ncom.foo 2026-01-02 a.zip!com.foo/2026-01-02/x.json"
    );
    assert_eq!(
        problems(&archive),
        "a.zip: warning unlisted-member: 1 members are not listed in the directory of the zip, such as \
         `com.foo/2026-01-01/x.json`; they are read (zips cannot be joined by `cat`, and some tools leave what they remove; \
         unpack it and give the directory)"
    );
    // Something in front, as of programs that unpack themselves, is no fault.
    saves.write("b.zip", &[b"PK\x03\x04 is how a zip starts".to_vec(), zip(&[("x.json", document(500))])].concat());
    let archive = saves.open(&["b.zip"]);
    assert_eq!((archive.entries.len(), problems(&archive)), (1, String::new()));
}

#[test]
fn odd_modes_of_zip_members_lose_nothing() {
    let saves = Saves::new();
    let mut bytes = zip(&[("a.json", b"[1]".to_vec()), ("b.json", b"a.json".to_vec()), ("c.json", b"gone".to_vec())]);
    let entries: Vec<usize> = memchr::memmem::find_iter(&bytes, b"PK\x01\x02").collect();
    for (entry, mode) in entries.iter().zip([0o010_644u32, 0o120_777, 0o120_777]) {
        bytes[entry + 5] = 3;
        bytes[entry + 38..entry + 42].copy_from_slice(&(mode << 16).to_le_bytes());
    }
    saves.write("a.zip", &bytes);
    let archive = saves.open(&["a.zip"]);
    assert_eq!(texts(&archive), ["a.zip!a.json: [1]"]);
    assert!(problems(&archive).starts_with("a.zip!c.json: error dangling-link: the link leads to nothing"));
}

#[test]
fn members_whose_sizes_stand_behind_them_are_found_without_a_directory() {
    let saves = Saves::new();
    // Written as a stream: flag 3, no sizes in front.
    let mut writer = ::zip::ZipWriter::new_stream(Vec::new());
    for name in ["a.json", "b.json"] {
        writer.start_file(name, ::zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut writer, &document(3000)).unwrap();
    }
    let bytes = writer.finish().unwrap().into_inner();
    let directory = memchr::memmem::find(&bytes, b"PK\x01\x02").unwrap();
    saves.write("whole.zip", &bytes);
    saves.write("cut.zip", &bytes[..directory]);
    let expected = String::from_utf8(document(3000)).unwrap();
    let both = |name: &str| [format!("{name}!a.json: {expected}"), format!("{name}!b.json: {expected}")];
    let archive = saves.open(&["whole.zip"]);
    assert_eq!((texts(&archive), problems(&archive)), (both("whole.zip").to_vec(), String::new()));
    let archive = saves.open(&["cut.zip"]);
    assert_eq!((texts(&archive), codes(&archive)), (both("cut.zip").to_vec(), vec!["corrupt-container"]));
}

#[test]
fn empty_containers_are_told() {
    let saves = Saves::new();
    saves.write("a.zip", &zip(&[]));
    saves.write("b.tar", &ended(&[member("directory/", b'5', "", "")]));
    assert_eq!(
        problems(&saves.open(&["."])),
        "a.zip: warning empty-container: the zip holds no files (check whether it was written whole)\n\
         b.tar: warning empty-container: the tar holds no files (check whether it was written whole)"
    );
}

#[test]
fn padding_behind_a_packed_tar_is_no_damage() {
    let saves = Saves::new();
    saves.write("a.tgz", &[tgz(&[("x.json", b"[1]".to_vec())]), vec![0; 700]].concat());
    let archive = saves.open(&["a.tgz"]);
    assert_eq!((texts(&archive), problems(&archive)), (vec!["a.tgz!x.json: [1]".to_owned()], String::new()));
}

#[test]
fn a_cut_tar_does_not_take_bytes_of_the_next_one() {
    let saves = Saves::new();
    let whole = tar(&[("x.json", document(3000))]);
    saves.write("a.tgz", &gz(&whole[..1000])); // 488 bytes of the document
    saves.write("b.tgz", &tgz(&[("y.json", document(3000))]));
    let archive = saves.open(&["."]);
    assert_eq!(
        texts(&archive)[0],
        "a.tgz!x.json: truncated-packing the container's data ends too early, after 488 bytes"
    );
}

mod budget {
    use super::*;

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
        assert!(problem.hint.contains("`--limit unpack=4M`"), "{}", problem.hint);
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
            saves.write(&format!("{i:02}.json.gz"), &bomb);
            saves.write(&format!("honest-{i:02}.json.gz"), &honest);
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
}

mod mutations {
    use super::*;

    /// xorshift64*: the same on every machine.
    struct Random(u64);

    impl Random {
        fn below(&mut self, bound: usize) -> usize {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
        }
    }

    const BODIES: [&str; 3] = ["[\"first document, 11111\"]", "[\"second document, 2222\"]", "[\"third one, stored\"]"];

    fn members() -> Vec<(&'static str, Vec<u8>)> {
        let long = BODIES[1].to_owned() + &" ".repeat(300); // so that the zip packs it
        vec![
            ("com.foo/2026-01-01/a.json", BODIES[0].into()),
            ("com.foo/2026-01-02/b.json", long.into()),
            ("com.bar/2026-01-03/c.json", BODIES[2].into()),
        ]
    }

    fn corpus() -> Vec<(&'static str, Vec<u8>)> {
        let long = format!("com.foo/{}/a.json", "n".repeat(120));
        let mut streamed = ::zip::ZipWriter::new_stream(Vec::new());
        for (name, body) in members() {
            streamed.start_file(name, ::zip::write::SimpleFileOptions::default()).unwrap();
            std::io::Write::write_all(&mut streamed, &body).unwrap();
        }
        let linked = ended(&[
            member("com.foo/a.json", b'0', BODIES[0], ""),
            member("com.foo/b.json", b'0', BODIES[1], ""),
            member("com.foo/c.json", b'0', BODIES[2], ""),
            member("com.foo/d.json", b'1', "", "com.foo/a.json"),
        ]);
        let named = tar(&[(&long, BODIES[0].into()), ("b.json", BODIES[1].into()), ("c.json", BODIES[2].into())]);
        vec![
            ("zip", zip(&members())),
            ("streamed zip", streamed.finish().unwrap().into_inner()),
            ("tar", tar(&members())),
            ("tar with links", linked),
            ("tar with long names", named),
            ("tar.gz", tgz(&members())),
            ("tar.zst", zst(&tar(&members()))),
            ("zip in zip", zip(&[("in.zip", zip(&members()))])),
            ("tar in zip", zip(&[("in.tar", tar(&members()))])),
            ("zip in tar", tar(&[("in.zip", zip(&members()))])),
        ]
    }

    /// Sums up the headers of a tar anew, so that what was changed in them is believed.
    fn sum_anew(bytes: &mut [u8], whole: &[u8]) {
        for at in (0..whole.len().min(bytes.len()) / 512).map(|block| block * 512) {
            let mut header = ::tar::Header::new_old();
            header.as_mut_bytes().copy_from_slice(&whole[at..at + 512]);
            let is_header = header.cksum().is_ok_and(|sum| {
                let mut again = header.clone();
                again.set_cksum();
                again.cksum().is_ok_and(|own| own == sum)
            });
            if is_header && bytes[at..at + 512] != whole[at..at + 512] {
                header.as_mut_bytes().copy_from_slice(&bytes[at..at + 512]);
                header.set_cksum();
                bytes[at..at + 512].copy_from_slice(header.as_bytes());
            }
        }
    }

    fn mutated(whole: &[u8], is_tar: bool, random: &mut Random) -> Vec<u8> {
        let mut bytes = whole.to_vec();
        for _ in 0..=random.below(3) {
            let at = random.below(bytes.len());
            match random.below(8) {
                0 => bytes.truncate(at.max(1)),
                1 => bytes[at] = [0, 0xff, b'/', b'.', b'P', b'0'][random.below(6)],
                2 => {
                    let count = random.below(40).min(bytes.len() - at);
                    bytes.drain(at..at + count);
                    bytes.push(0);
                }
                3 => {
                    let count = random.below(600).min(bytes.len() - at);
                    let copied = bytes[at..at + count].to_vec();
                    let to = random.below(bytes.len());
                    bytes.splice(to..to, copied);
                }
                _ => bytes[at] ^= 1 << random.below(8),
            }
        }
        if is_tar && random.below(2) == 0 {
            sum_anew(&mut bytes, whole);
        }
        bytes
    }

    /// What became of each document of a mutated container: whether any was lost, and nothing was said of it.
    fn loses_in_silence(bytes: Vec<u8>) -> bool {
        let held = vec![Held { name: "-".into(), bytes, day: Day::from_days(20_780) }];
        let archive = Archive::open(&Sources { held, ..Sources::default() }, &Rules::default());
        let mut is_told = !archive.problems.is_empty() || !archive.skipped.is_empty() || archive.ignored > 0;
        let mut buffer = Vec::new();
        let mut read: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in &archive.entries {
            match entry.read(&mut buffer) {
                Ok(()) => {
                    let text = String::from_utf8_lossy(&buffer);
                    match BODIES.into_iter().find(|body| text.trim_end() == *body) {
                        Some(body) => *read.entry(body).or_default() += 1,
                        // Told by whoever parses it, or a document that was changed where no sum guards it.
                        None => is_told = true,
                    }
                }
                Err(_) => is_told = true,
            }
        }
        !is_told && read.len() < BODIES.len()
    }

    /// `PERFPOWER_MUTATIONS` asks for more than a test suite has time for.
    #[test]
    fn no_mutation_of_a_container_loses_a_document_in_silence() {
        let asked = std::env::var("PERFPOWER_MUTATIONS").ok().and_then(|count| count.parse().ok());
        let rounds: usize = asked.unwrap_or(1500);
        let mut losses = Vec::new();
        for (name, whole) in corpus() {
            assert!(!loses_in_silence(whole.clone()), "{name}");
            let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ whole.len() as u64);
            for round in 0..rounds {
                let bytes = mutated(
                    &whole,
                    name.starts_with("tar") && !name.contains('.') && !name.contains(" in "),
                    &mut random,
                );
                if loses_in_silence(bytes.clone()) {
                    if let Some(folder) = std::env::var_os("PERFPOWER_LOSSES") {
                        std::fs::write(std::path::Path::new(&folder).join(format!("{name}-{round}")), &bytes).unwrap();
                    }
                    losses.push(format!("{name}, round {round}"));
                }
            }
        }
        assert!(
            losses.is_empty(),
            "{} of {}: {:?}",
            losses.len(),
            rounds * corpus().len(),
            &losses[..losses.len().min(20)]
        );
    }

    /// Every single bit of a zip, one after the other.
    #[test]
    fn no_flipped_bit_of_a_zip_loses_a_document_in_silence() {
        for whole in [corpus()[0].1.clone(), corpus()[1].1.clone()] {
            for at in 0..whole.len() * 8 {
                let mut bytes = whole.clone();
                bytes[at / 8] ^= 1 << (at % 8);
                assert!(!loses_in_silence(bytes), "bit {at}");
            }
        }
    }
}
