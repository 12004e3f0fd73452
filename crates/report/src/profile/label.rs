//! Names of functions as readers of line-based formats can bear them.
//!
//! Folded stacks have no escapes, so what has a meaning there is replaced: `;` separates frames, a line ends a stack, `# `
//! begins a comment, and a number after a space at the end is a count. A name that holds none of these stays as it is, byte
//! for byte.

use perfpower_analysis::diagnostics::StackFrame;

/// What stands for a name of white space.
const BLANK: &str = "(blank)";

/// A space that no reader takes for a separator.
const FIRM_SPACE: &str = "\u{a0}";

/// The name of a frame in a folded stack.
pub(super) fn folded_label(frame: &StackFrame) -> String {
    let name = frame.name.trim();
    if name.is_empty() {
        return BLANK.to_owned();
    }
    let mut label = visible(name).replace(';', ":");
    if let Some(comment) = label.strip_prefix("# ") {
        label = format!("#{FIRM_SPACE}{comment}");
    } else if label == "#" {
        // The space before the count would make a comment of it.
        "(#)".clone_into(&mut label);
    }
    if let Some((head, tail)) = label.rsplit_once(' ')
        && tail.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        label = format!("{head}{FIRM_SPACE}{tail}");
    }
    label
}

/// A text without anything that steers a terminal, ends a line or cannot stand in XML.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => shown.push_str("\\n"),
            '\t' => shown.push(' '),
            // XML has no place for the first two, not even escaped. The others end a line, or turn the direction of the text.
            '\u{fffe}' | '\u{ffff}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                shown.push('\u{fffd}');
            }
            c if c.is_control() => shown.push('\u{fffd}'),
            c => shown.push(c),
        }
    }
    shown
}

/// At most so many characters of a label; the middle goes, because both ends of a signature tell functions apart.
pub(super) fn shortened(label: String, max_chars: usize) -> String {
    let count = label.chars().count();
    if count <= max_chars {
        return label;
    }
    let head: String = label.chars().take(max_chars / 2).collect();
    let tail: String = label.chars().skip(count - (max_chars - max_chars / 2 - 1)).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(name: &str) -> String {
        folded_label(&StackFrame { name: name.to_owned(), ..StackFrame::default() })
    }

    #[test]
    fn a_plain_name_stays() {
        for name in
            ["-[Store load:with:]", "closure #1 () -> () in App.load(x:) → \"é\"", "a<b>&c", "f(int) 2x", "_x_1 #12"]
        {
            assert_eq!(label(name), name);
        }
    }

    #[test]
    fn what_means_something_in_a_folded_line_is_replaced() {
        assert_eq!(label("a;b"), "a:b");
        assert_eq!(label("a\nb"), "a\\nb");
        assert_eq!(label(" \t"), BLANK);
        assert_eq!(label("# note"), "#\u{a0}note");
        assert_eq!(label("lambda 5"), "lambda\u{a0}5");
        assert_eq!(label("lambda 5 1.5"), "lambda 5\u{a0}1.5");
        assert_eq!(label("bell\u{7}\u{1b}[31m"), "bell\u{fffd}\u{fffd}[31m");
        assert_eq!(label("a\u{202e}b\u{ffff}"), "a\u{fffd}b\u{fffd}");
    }

    #[test]
    fn a_long_name_keeps_both_ends() {
        assert_eq!(shortened("abcdefghij".to_owned(), 5), "ab…ij");
        assert_eq!(shortened("äöüßñ".to_owned(), 5), "äöüßñ");
    }
}
