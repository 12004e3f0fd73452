//! Nothing that a container holds is lost in silence: one test for each way to lose it.

use crate::support::{Saves, document, ended, gz, listing, member, problems, streamed_zip, tar, tgz, zip};
use perfpower_archive::Archive;

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

#[test]
fn links_in_tars_find_what_they_point_to() {
    let saves = Saves::new();
    saves.write(
        "a.tar",
        &ended(&[
            member("com.foo/2026-01-01/x.json", b'0', "[1]", ""),
            member("com.foo/2026-01-02/hard.json", b'1', "", "com.foo/2026-01-01/x.json"),
            member("com.foo/2026-01-03/soft.json", b'2', "", "../2026-01-01/x.json"),
            member("com.foo/2026-01-04/data.bin", b'0', "4", ""),
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
            "a.tar!com.foo/2026-01-04/named.json: 4",
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
        // Lengths of one and of two digits, which count themselves.
        let length = [1, 2]
            .map(|digits| body.len() + digits)
            .into_iter()
            .find(|length| length.to_string().len() + body.len() == *length);
        format!("{}{body}", length.unwrap())
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
    let bytes = streamed_zip(&[("a.json", document(3000)), ("b.json", document(3000))]);
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
