//! What a file is, by its first bytes and never by its name.

use crate::candidates;

/// How many bytes from the start [`Magic::of`] looks at: a tar header is one block.
pub(crate) const BLOCK: usize = 512;

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Magic {
    /// Nothing known: the document itself.
    Plain,
    Gzip,
    Zstd,
    Zip,
    Tar,
    /// A format that is not read here, by its name.
    Foreign(&'static str),
    /// Nothing that a body starts with; asked only where the name leaves open whether there is one.
    NoBody,
}

/// Formats that people do pack archives with, and that are not worth a decoder.
const FOREIGN: [(&[u8], &str); 8] = [
    (b"\xfd7zXZ\0", "xz"),
    (b"BZh", "bzip2"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"\x1f\x9d", "compress"),
    (b"xar!", "xar"),
    (b"AA01", "Apple Archive"),
];

impl Magic {
    pub(crate) fn of(start: &[u8]) -> Self {
        match start {
            [0x1f, 0x8b, ..] => Self::Gzip,
            // A zstd file may open with a skippable frame (RFC 8878, 3.1.2).
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            // A local header, the end record of an empty zip, or the mark of a split one.
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..] => Self::Zip,
            _ => match FOREIGN.iter().find(|(magic, _)| start.starts_with(magic)) {
                Some((_, name)) => Self::Foreign(name),
                None if is_tar_header(start) => Self::Tar,
                None => Self::Plain,
            },
        }
    }

    /// The same of a file whose name leaves open whether it is a document.
    pub(crate) fn of_open(start: &[u8]) -> Self {
        match Self::of(start) {
            Self::Plain if !candidates::looks_like_body(start) => Self::NoBody,
            known => known,
        }
    }

    /// Whether it holds many things, and is read here.
    pub(crate) fn is_container(self) -> bool {
        matches!(self, Self::Zip | Self::Tar)
    }

    /// Whether it is a packed form of one thing, as opposed to a container of many.
    pub(crate) fn is_packed(self) -> bool {
        matches!(self, Self::Gzip | Self::Zstd)
    }
}

/// Whether the checksum of a first header holds. Old tars have no magic word, but all have the sum: the bytes of the
/// block, its own field taken as spaces, in octal at 148.
pub(crate) fn is_tar_header(start: &[u8]) -> bool {
    let Some(block) = start.get(..BLOCK) else { return false };
    // A JSON body can hold any digits at 148, but hardly those of its own sum.
    let field = &block[148..156];
    let digits = field.iter().skip_while(|b| **b == b' ').take_while(|b| (b'0'..=b'7').contains(*b));
    let mut written = None;
    for digit in digits {
        written = Some(written.unwrap_or(0u32) * 8 + u32::from(digit - b'0'));
    }
    let sum = block.iter().map(|b| u32::from(*b)).sum::<u32>();
    let own = field.iter().map(|b| u32::from(*b)).sum::<u32>();
    written == Some(sum - own + 8 * u32::from(b' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_starts() {
        assert_eq!(Magic::of(b""), Magic::Plain);
        assert_eq!(Magic::of(b"{\"a\":1}"), Magic::Plain);
        assert_eq!(Magic::of(&[0x1f, 0x8b]), Magic::Gzip);
        assert_eq!(Magic::of(&[0x28, 0xb5, 0x2f, 0xfd, 0]), Magic::Zstd);
        assert_eq!(Magic::of(b"PK\x03\x04"), Magic::Zip);
        assert_eq!(Magic::of(b"PK\x05\x06"), Magic::Zip);
        assert_eq!(Magic::of(b"PKware"), Magic::Plain);
        assert_eq!(Magic::of(b"BZh9"), Magic::Foreign("bzip2"));
    }

    #[test]
    fn a_tar_is_known_by_its_sum_even_without_the_word_ustar() {
        let mut header = tar::Header::new_old();
        header.set_path("a.json").unwrap();
        header.set_size(3);
        header.set_cksum();
        assert_eq!(Magic::of(header.as_bytes()), Magic::Tar);
        let mut damaged = *header.as_bytes();
        damaged[0] ^= 1;
        assert_eq!(Magic::of(&damaged), Magic::Plain);
        assert_eq!(Magic::of(&[0; BLOCK]), Magic::Plain);
        assert_eq!(Magic::of(&[b' '; BLOCK]), Magic::Plain);
    }
}
