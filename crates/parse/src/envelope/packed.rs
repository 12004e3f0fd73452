//! Coded forms of a whole text: gzip, zstd, base64, UTF-16, the colours of a terminal.

use super::{Layer, Part};
use perfpower_model::{Problem, Severity};
use std::io::{self, Read};

const GZIP: &[u8] = &[0x1f, 0x8b, 0x08];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// What starts the colours of a terminal (ECMA-48, "control sequence introducer").
const COLOUR: &[u8] = b"\x1b[";

/// Shortest text that is taken for base64: the shortest body that is known, `{"productData":[]}`, has 24 characters of it.
const SHORTEST_BASE64: usize = 24;

/// What is inside, where the first bytes name a form.
pub(super) fn open<'a>(bytes: &'a [u8], left: &mut usize) -> Result<Option<Part<'a>>, Problem> {
    if bytes.starts_with(GZIP) {
        let text = unpack("gzip", flate2::read::MultiGzDecoder::new(bytes), left)?;
        return Ok(Some(Part::inside(Layer::Gzip, text, 0)));
    }
    if bytes.starts_with(ZSTD) {
        let decoder = zstd::stream::read::Decoder::with_buffer(bytes).map_err(|cause| damaged("zstd", &cause))?;
        return Ok(Some(Part::inside(Layer::Zstd, unpack("zstd", decoder, left)?, 0)));
    }
    if let Some(text) = utf_16(bytes) {
        return Ok(Some(Part::inside(Layer::Utf16, text.into_bytes(), 0)));
    }
    let start = bytes.trim_ascii_start();
    if start.starts_with(COLOUR) || start.get(1..).is_some_and(|start| start.starts_with(COLOUR)) {
        return Ok(Some(Part::inside(Layer::Colours, without_colours(bytes), 0)));
    }
    Ok(None)
}

fn unpack(form: &str, decoder: impl Read, left: &mut usize) -> Result<Vec<u8>, Problem> {
    let mut text = Vec::new();
    let room = *left as u64;
    match decoder.take(room + 1).read_to_end(&mut text) {
        Ok(size) if size as u64 > room => {
            let message = format!("a {form} form inside the file that unpacks to more than {room} bytes");
            let hint = "the file is damaged or hostile: download it again";
            Err(Problem::new(Severity::Error, "unpacks-to-too-much", message).with_hint(hint))
        }
        Ok(size) => {
            *left -= size;
            Ok(text)
        }
        Err(cause) => Err(damaged(form, &cause)),
    }
}

fn damaged(form: &str, cause: &io::Error) -> Problem {
    let message = match cause.kind() {
        io::ErrorKind::UnexpectedEof => format!("a {form} form inside the file that ends too early"),
        _ => format!("a {form} form inside the file that is damaged ({})", cause.to_string().to_lowercase()),
    };
    Problem::new(Severity::Error, "damaged-packing", message)
        .with_hint("it was cut off or changed while it was saved: download it again")
}

/// UTF-16 with its mark, as PowerShell's `>` writes it.
fn utf_16(bytes: &[u8]) -> Option<String> {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xFF, 0xFE, ..] => u16::from_le_bytes,
        [0xFE, 0xFF, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let (units, rest) = bytes[2..].as_chunks::<2>();
    let text = char::decode_utf16(units.iter().copied().map(unit)).collect::<Result<String, _>>().ok()?;
    rest.is_empty().then_some(text)
}

/// The text without control sequences: each runs from its start to its first letter.
fn without_colours(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(2).position(|pair| pair == COLOUR) {
        text.extend_from_slice(&rest[..at]);
        let sequence = &rest[at + 2..];
        let end = sequence.iter().position(u8::is_ascii_alphabetic).map_or(sequence.len(), |end| end + 1);
        rest = &sequence[end..];
    }
    text.extend_from_slice(rest);
    text
}

/// What a base64 text holds: of either alphabet, with line breaks and padding or without, also as a `data:` address. Only where
/// that is the start of a document or of a packed one: many a word is base64 by chance.
pub(super) fn base64<'a>(text: &str, left: &mut usize) -> Option<Part<'a>> {
    let text = text.trim();
    let text = match text.strip_prefix("data:") {
        Some(address) => address.split_once(";base64,")?.1,
        None => text,
    };
    if text.len() < SHORTEST_BASE64 || text.len() / 4 * 3 > *left {
        return None;
    }
    // A few characters decide before all are read.
    let start = decode(text.as_bytes().get(..16)?)?;
    let start = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&start).trim_ascii_start();
    let is_document = matches!(start.first(), Some(b'{' | b'[')) || start.starts_with(b"HTTP/");
    let forms: [&[u8]; 4] = [GZIP, ZSTD, &[0xFF, 0xFE], &[0xFE, 0xFF]];
    if !is_document && !forms.iter().any(|form| start.starts_with(form)) {
        return None;
    }
    let bytes = decode(text.as_bytes())?;
    *left -= bytes.len();
    Some(Part::inside(Layer::Base64, bytes, 0))
}

/// The bytes of base64 digits; `None` where anything else stands among them.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut bits, mut count, mut is_padded) = (0_u32, 0, false);
    for &byte in text {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => {
                is_padded = true;
                continue;
            }
            b'\r' | b'\n' | b' ' | b'\t' => continue,
            _ => return None,
        };
        if is_padded {
            return None;
        }
        bits = bits << 6 | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_either_alphabet_is_read_and_other_texts_are_not() {
        for (text, bytes) in [
            ("eyJhIjoi8J+YgCJ9", Some(r#"{"a":"😀"}"#)),
            ("eyJhIjoi8J-YgCJ9", Some(r#"{"a":"😀"}"#)),
            ("eyJh\r\nIjox\nfQ==\n", Some(r#"{"a":1}"#)),
            ("eyJhIjoxfQ", Some(r#"{"a":1}"#)),
            ("eyJhIjoxfQ==x", None),
            ("eyJh.IjoxfQ", None),
        ] {
            assert_eq!(decode(text.as_bytes()).as_deref(), bytes.map(str::as_bytes), "{text}");
        }
    }

    #[test]
    fn a_bomb_is_refused_and_bytes_are_counted_over_all_layers() {
        let mut packed = Vec::new();
        io::copy(&mut flate2::read::GzEncoder::new(&[b' '; 5_000][..], flate2::Compression::fast()), &mut packed)
            .unwrap();
        let mut left = 9_000;
        assert!(open(&packed, &mut left).unwrap().is_some());
        assert_eq!(left, 4_000);
        let problem = open(&packed, &mut left).err().unwrap();
        assert_eq!(problem.message, "a gzip form inside the file that unpacks to more than 4000 bytes");
    }

    #[test]
    fn control_sequences_go_and_nothing_else() {
        assert_eq!(without_colours(b"\x1b[1;39m{\x1b[0m\"a\": \x1b[0;32m1\x1b[K}"), b"{\"a\": 1}");
        assert_eq!(without_colours(b"{}\x1b[1"), b"{}");
    }
}
