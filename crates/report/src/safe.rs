//! Hostile strings are data: control characters never reach a terminal, markup never reaches Markdown, a formula never
//! reaches a CSV cell.
//!
//! Escaping keeps a text from becoming markup. It does not keep a right-to-left override from turning the rest of the line
//! around, a terminal sequence from hiding in a copied cell, or a symbol of ten thousand characters from pushing everything
//! else off the page. [`visible`] and [`shortened`] do, for every output.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Where a word of Markdown is cut in the middle. Longer than any path or symbol that is read with eyes.
const LONGEST_WORD: usize = 300;

/// Whether a character does something other than be seen. The joiners U+200C and U+200D stay: scripts and emoji need them.
pub fn acts(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'           // C0, DEL, C1
        | '\u{061c}' | '\u{200e}' | '\u{200f}'              // bidirectional marks
        | '\u{2028}'..='\u{202e}'                           // line and paragraph separators, embeddings, overrides
        | '\u{200b}' | '\u{2060}'..='\u{206f}' | '\u{feff}' // invisible spaces and operators, isolates
        | '\u{fff9}'..='\u{fffb}' | '\u{fffe}'..='\u{ffff}' // interlinear annotation, no characters at all
        | '\u{e0000}'..='\u{e007f}'                         // tags: text that no font draws
    )
}

/// The text with every character that acts instead of being seen replaced by one that is seen: control characters by their
/// pictures (`␛`), all others by their code (`⟨U+202E⟩`).
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
pub(crate) fn visible_lines(text: &str) -> String {
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

/// [`visible`], cut to a number of columns with an ellipsis.
pub(crate) fn visible_cut(text: &str, columns: usize) -> String {
    use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};
    let text = visible(text);
    if text.width() <= columns {
        return text.into_owned();
    }
    let mut cut = String::new();
    let mut used = 1; // the ellipsis
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > columns {
            break;
        }
        cut.push(c);
    }
    cut.push('…');
    cut
}

/// What a program that reads the shown text cannot take for a name to be told, an issue or an address: stands inside them, and
/// is not seen.
const BREAK: &str = "&#8203;";

/// For Markdown, in running text and in table cells: [`visible`], and every character that could start markup is escaped, so
/// that GitHub shows it as it is. Names make no links: code hosts look for addresses, people and issues in what is shown, where an
/// escape is no more to be seen, so these are broken. Words of absurd length are cut: GitHub refuses comments of 65,536 characters.
pub fn markdown(text: &str) -> String {
    let text = visible(text);
    let words: Vec<_> = text.split(' ').map(|word| shortened(word, LONGEST_WORD).0).collect();
    escaped(&words.join(" "), |c| match c {
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '&' => Some("&amp;"),
        '\\' => Some("\\\\"),
        '`' => Some("\\`"),
        '*' => Some("\\*"),
        '_' => Some("\\_"),
        '[' => Some("\\["),
        ']' => Some("\\]"),
        '|' => Some("\\|"),
        '#' => Some("\\#"),
        '~' => Some("\\~"),
        '!' => Some("\\!"),
        '$' => Some("\\$"),
        _ => None,
    })
}

/// For a `<summary>` inside Markdown, which is HTML: [`visible`], escaped, and broken as [`markdown`] does.
pub(crate) fn markdown_summary(text: &str) -> String {
    escaped(&visible(text), |c| match c {
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '&' => Some("&amp;"),
        '"' => Some("&quot;"),
        _ => None,
    })
}

fn escaped(text: &str, escape: impl Fn(char) -> Option<&'static str>) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        match escape(c) {
            Some(escape) => out.push_str(escape),
            None => out.push(c),
        }
        rest = &rest[c.len_utf8()..];
        let next = rest.chars().next();
        let is_address = match c {
            '@' => next.is_some_and(char::is_alphanumeric),
            '#' => next.is_some_and(|next| next.is_ascii_digit()),
            ':' => rest.starts_with("//"),
            'w' | 'W' => rest.starts_with('.') && text[..text.len() - rest.len()].to_ascii_lowercase().ends_with("www"),
            _ => false,
        };
        if is_address {
            out.push_str(BREAK);
        }
    }
    out
}

/// For a text cell of a CSV file that a spreadsheet may open: what acts is made [`visible`], and a cell that a spreadsheet
/// would take for a formula starts with an apostrophe.
pub(crate) fn csv_cell(text: &str) -> Cow<'_, str> {
    let clean = visible(text);
    if clean.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']) {
        format!("'{clean}").into()
    } else {
        clean
    }
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

    #[test]
    fn cuts_by_columns_not_by_bytes() {
        assert_eq!(visible_cut("abcdef", 6), "abcdef");
        assert_eq!(visible_cut("abcdefg", 6), "abcde…");
        assert_eq!(visible_cut("日本語の名前", 7), "日本語…");
    }

    #[test]
    fn markup_stays_text_in_markdown() {
        assert_eq!(markdown("<img src=x onerror=y>|`x`"), "&lt;img src=x onerror=y&gt;\\|\\`x\\`");
        assert_eq!(markdown("[a](javascript:b)"), "\\[a\\](javascript:b)");
        assert_eq!(markdown_summary("<b>`a` & \"b\""), "&lt;b&gt;`a` &amp; &quot;b&quot;");
    }

    /// What code hosts look for in the shown text.
    #[test]
    fn names_make_no_links_in_markdown() {
        assert_eq!(markdown("@team me@example.invalid"), "@&#8203;team me@&#8203;example.invalid");
        assert_eq!(markdown("https://example.invalid"), "https:&#8203;//example.invalid");
        assert_eq!(markdown("www.example.invalid WWW.x"), "www&#8203;.example.invalid WWW&#8203;.x");
        assert_eq!(markdown("closure #1 of a # b"), "closure \\#&#8203;1 of a \\# b");
        assert_eq!(markdown("at 10:30 @ 5 %, w.x"), "at 10:30 @ 5 %, w.x");
    }

    #[test]
    fn formulas_stay_text_in_csv() {
        assert_eq!(csv_cell("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        assert_eq!(csv_cell("-[Foo bar]"), "'-[Foo bar]");
        assert_eq!(csv_cell("launchTime"), "launchTime");
    }
}
