//! Damaged containers: whatever is done to one, each of its documents is read, or something is said.

use crate::support::{ended, member, streamed_zip, tar, tgz, zip, zst};
use perfpower_archive::{Archive, Held, Rules, Sources};
use perfpower_model::Day;
use std::collections::BTreeMap;

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
    let linked = ended(&[
        member("com.foo/a.json", b'0', BODIES[0], ""),
        member("com.foo/b.json", b'0', BODIES[1], ""),
        member("com.foo/c.json", b'0', BODIES[2], ""),
        member("com.foo/d.json", b'1', "", "com.foo/a.json"),
    ]);
    let named = tar(&[(&long, BODIES[0].into()), ("b.json", BODIES[1].into()), ("c.json", BODIES[2].into())]);
    vec![
        ("zip", zip(&members())),
        ("streamed zip", streamed_zip(&members())),
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
            let bytes =
                mutated(&whole, name.starts_with("tar") && !name.contains('.') && !name.contains(" in "), &mut random);
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
