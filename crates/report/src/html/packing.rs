//! Cards that a page carries without showing: deflated in small blocks, so that five thousand can be mailed, and a browser
//! opens only the blocks that it is asked for.

use libdeflater::{CompressionError, CompressionLvl, Compressor};

/// Cards in one block: small blocks open fast, large ones pack well; at 25 a block is about as large as one screen shows.
pub(super) const BLOCK: usize = 25;

/// The texts of some cards as one line: a JSON list in the zlib format, which browsers open by themselves, in base64.
pub(super) fn packed(cards: &[String]) -> Result<String, CompressionError> {
    let list = format!("[{}]", cards.join(","));
    let mut compressor = Compressor::new(CompressionLvl::default());
    let mut bytes = vec![0; compressor.zlib_compress_bound(list.len())];
    let length = compressor.zlib_compress(list.as_bytes(), &mut bytes)?;
    Ok(base64(&bytes[..length]))
}

/// RFC 4648, section 4.
pub(super) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().enumerate().fold(0_u32, |word, (i, byte)| word | u32::from(*byte) << (16 - 8 * i));
        for i in 0..4 {
            let digit = ALPHABET[(word >> (18 - 6 * i) & 63) as usize];
            out.push(if i <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads() {
        assert_eq!(base64(b"f"), "Zg==");
        assert_eq!(base64(b"fo"), "Zm8=");
        assert_eq!(base64(b"foob"), "Zm9vYg==");
    }
}
