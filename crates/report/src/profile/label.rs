//! Names of functions as readers of line-based formats can bear them.
//!
//! Folded stacks have no escapes, so what has a meaning there is replaced: `;` separates frames, a line ends a stack, `# `
//! begins a comment, and a number after a space at the end is a count. A name that holds none of these stays as it is, byte
//! for byte.

use crate::safe::visible;
use perfpower_stacks::{BLANK, StackFrame};

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
        assert_eq!(label("a\nb"), "a␊b");
        assert_eq!(label(" \t"), BLANK);
        assert_eq!(label("# note"), "#\u{a0}note");
        assert_eq!(label("lambda 5"), "lambda\u{a0}5");
        assert_eq!(label("lambda 5 1.5"), "lambda 5\u{a0}1.5");
        assert_eq!(label("bell\u{7}\u{1b}[31m"), "bell␇␛[31m");
        assert_eq!(label("a\u{202e}b\u{ffff}"), "a⟨U+202E⟩b⟨U+FFFF⟩");
    }
}
