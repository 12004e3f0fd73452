//! Names of files → text, no two alike.

/// The text of a name. What is not Unicode in it is written as `\xE9`, byte by byte, so that names that differ stay different,
/// and two apps never become one.
pub(crate) fn text(name: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02X}"); // a String takes everything
        }
    }
    text
}

/// The text of a name in code page 437, that of the first PC, which zips use where they do not say UTF-8.
pub(crate) fn of_cp437(name: &[u8]) -> String {
    /// The characters of 128 to 255.
    const UPPER: &str = "\
        ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒ\
        áíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
        └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀\
        αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
    let upper = |byte: u8| UPPER.chars().nth(usize::from(byte) - 128).unwrap_or('\u{fffd}');
    name.iter().map(|&byte| if byte.is_ascii() { char::from(byte) } else { upper(byte) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_unicode_is_kept_apart() {
        assert_eq!(text("日記.json".as_bytes()), "日記.json");
        assert_eq!(text(b"caf\xe9.json"), "caf\\xE9.json");
        assert_ne!(text(b"caf\xe8"), text(b"caf\xe9"));
    }

    #[test]
    fn the_first_pc_had_its_own_letters() {
        assert_eq!(of_cp437(b"caf\x82.json"), "café.json");
        assert_eq!(of_cp437(b"\x80\xe1\xff"), "Çß\u{a0}");
    }
}
