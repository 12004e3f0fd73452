//! Texts of strangers, made harmless to look at.
//!
//! Escaping keeps a text from becoming markup. It does not keep a right-to-left override from turning the rest of the line
//! around, a terminal sequence from hiding in a copied cell, or a symbol of ten thousand characters from pushing everything
//! else off the page. This does.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with every character that acts instead of being seen replaced by one that is seen: control characters by their
/// pictures (`␛`), bidirectional controls, line separators and tag characters by their code (`⟨U+202E⟩`).
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\u{0}'..='\u{1f}' => out.push(char::from_u32(0x2400 + u32::from(c)).unwrap_or('␦')),
            '\u{7f}' => out.push('␡'),
            c if acts(c) => {
                let _ = write!(out, "⟨U+{:04X}⟩", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// [`visible`] over several lines: line feeds stay, for texts that were written as lines.
pub fn visible_lines(text: &str) -> String {
    text.split('\n').map(|line| visible(line.strip_suffix('\r').unwrap_or(line))).collect::<Vec<_>>().join("\n")
}

/// [`visible`], cut in the middle to at most `max` characters. Both ends of a symbol tell something: the start its module,
/// the end its function. The second value says whether anything was cut.
pub fn shortened(text: &str, max: usize) -> (Cow<'_, str>, bool) {
    let text = visible(text);
    let length = text.chars().count();
    if length <= max.max(3) {
        return (text, false);
    }
    let head = max.max(3) * 2 / 3;
    let tail = max.max(3) - head - 1;
    let mut out: String = text.chars().take(head).collect();
    out.push('…');
    out.extend(text.chars().skip(length - tail));
    (Cow::Owned(out), true)
}

/// Whether a character does something other than be seen. The joiners U+200C and U+200D stay: scripts and emoji need them.
fn acts(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'           // C0, DEL, C1
        | '\u{061c}' | '\u{200e}' | '\u{200f}'              // bidirectional marks
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' // embeddings, overrides, isolates
        | '\u{200b}' | '\u{2060}' | '\u{feff}'              // invisible spaces
        | '\u{2028}' | '\u{2029}'                           // line and paragraph separators
        | '\u{fff9}'..='\u{fffb}'                           // interlinear annotation
        | '\u{e0000}'..='\u{e007f}'                         // tags: text that no font draws
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_seen_and_nothing_else_changes() {
        assert_eq!(visible("a\u{1b}]0;x\u{7}"), "a␛]0;x␇");
        assert_eq!(visible("\u{202e}gpj.exe"), "⟨U+202E⟩gpj.exe");
        assert_eq!(visible("\u{9b}31m"), "⟨U+009B⟩31m");
        assert_eq!(visible_lines("a\r\nb\u{8}\n"), "a\nb␈\n");
        for text in ["", "launchTime", "Zürich — 起動時間", "👩‍💻", "שלום"] {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn long_texts_keep_both_ends() {
        let long = format!("Module{}function", "x".repeat(10_000));
        let (short, cut) = shortened(&long, 60);
        assert!(cut);
        assert_eq!(short.chars().count(), 60);
        assert!(short.starts_with("Module") && short.ends_with("function"));
        assert_eq!(shortened("short", 60), ("short".into(), false));
        assert_eq!(shortened("abcdef", 0).0, "ab…");
    }
}
