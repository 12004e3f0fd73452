//! Hostile strings are data: control characters never reach a terminal, markup never reaches Markdown, a formula never
//! reaches a CSV cell.

use crate::visible;
use std::borrow::Cow;

/// Where a word of Markdown is cut in the middle. Longer than any path or symbol that is read with eyes.
const LONGEST_WORD: usize = 300;

/// Whether a character may move the cursor, hide text or change its direction.
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
                | '\u{FFF9}'..='\u{FFFB}' | '\u{FFFE}'..='\u{FFFF}' | '\u{E0000}'..='\u{E007F}'
        )
}

/// For a terminal, and for any line of text: control, invisible and direction-changing characters become `�`.
pub fn terminal(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_unprintable) {
        text.chars().map(|c| if is_unprintable(c) { '\u{FFFD}' } else { c }).collect::<String>().into()
    } else {
        text.into()
    }
}

/// [`terminal`], and cut to a number of columns with an ellipsis.
pub fn terminal_cut(text: &str, columns: usize) -> String {
    use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};
    let text = terminal(text);
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

/// For Markdown, in running text and in table cells: [`terminal`], and every character that could start markup is
/// escaped, so that GitHub shows it as it is. Words of absurd length are cut: GitHub refuses comments of 65,536 characters.
pub fn markdown(text: &str) -> String {
    let text = terminal(text);
    let words: Vec<_> = text.split(' ').map(|word| visible::shortened(word, LONGEST_WORD).0).collect();
    let mut escaped = String::with_capacity(text.len());
    for c in words.join(" ").chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '@' => escaped.push_str("&#64;"), // nobody is pinged by a symbol name
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' | '$' => {
                escaped.push('\\');
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
    }
    escaped
}

/// For a text cell of a CSV file that a spreadsheet may open: control characters become `�`, and a cell that a spreadsheet
/// would take for a formula starts with an apostrophe.
pub fn csv_cell(text: &str) -> Cow<'_, str> {
    let clean = terminal(text);
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
    fn escapes_and_direction_marks_never_reach_a_terminal() {
        assert_eq!(terminal("\u{1b}]0;owned\u{7}x"), "\u{FFFD}]0;owned\u{FFFD}x");
        assert_eq!(terminal("a\u{202E}b\nc\td"), "a\u{FFFD}b\u{FFFD}c\u{FFFD}d");
        assert!(matches!(terminal("-[Foo bar:] → 5 ms"), Cow::Borrowed(_)));
    }

    #[test]
    fn cuts_by_columns_not_by_bytes() {
        assert_eq!(terminal_cut("abcdef", 6), "abcdef");
        assert_eq!(terminal_cut("abcdefg", 6), "abcde…");
        assert_eq!(terminal_cut("日本語の名前", 7), "日本語…");
    }

    #[test]
    fn markup_stays_text_in_markdown() {
        assert_eq!(markdown("<img src=x onerror=y>|`x`"), "&lt;img src=x onerror=y&gt;\\|\\`x\\`");
        assert_eq!(markdown("[a](javascript:b) @team"), "\\[a\\](javascript:b) &#64;team");
    }

    #[test]
    fn formulas_stay_text_in_csv() {
        assert_eq!(csv_cell("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        assert_eq!(csv_cell("-[Foo bar]"), "'-[Foo bar]");
        assert_eq!(csv_cell("launchTime"), "launchTime");
    }
}
