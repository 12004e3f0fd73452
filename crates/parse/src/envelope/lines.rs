//! Several documents in one file: one after the other, one a line, or with text after the last.

use super::{Layer, Opened, Part};
use crate::problems::found;
use crate::scanner::Scanner;
use perfpower_model::{Document, Problem, Severity};
use std::ops::Range;

/// Between documents: white space, commas that somebody put there, and the separator of RFC 7464.
const BETWEEN: [char; 6] = [' ', '\n', '\r', '\t', ',', '\u{1e}'];

/// Documents of a sequence of RFC 7464, each with its separator in front.
pub(super) fn open_sequence(text: &str) -> Option<Opened<'_>> {
    text.starts_with('\u{1e}').then(|| rows(text, true)).flatten()
}

/// The documents of a text that the parser found broken; `None` where it is one document that is.
pub(super) fn open<'a>(text: &'a str, document: &Document) -> Option<Opened<'a>> {
    rows(text, document.problems.iter().any(|problem| problem.code == "trailing-bytes"))
}

/// `is_whole` tells that the first value is one, and no part of a broken one.
fn rows(text: &str, is_whole: bool) -> Option<Opened<'_>> {
    let (mut rows, mut remark, mut at) = (Vec::new(), None, 0);
    while let Some(start) = next(text, at) {
        let rest = &text[start..];
        if !rest.starts_with(['{', '[', '"']) {
            if !is_whole || rest.starts_with(['}', ']', ':']) {
                return None;
            }
            // What `curl` says of its own work is not worth a word.
            remark = (!rest.starts_with("* ")).then(|| trailing(text, start));
            break;
        }
        let end = match end_of_value(rest) {
            Some(length) => start + length,
            // A broken one costs itself: what follows starts on a line of its own.
            None => next_line_of_value(text, start)?,
        };
        rows.push(start..end);
        at = end;
    }
    let part = |(index, range): (usize, Range<usize>)| {
        let part = Part::inside(Layer::Row { index }, text[range.clone()].as_bytes(), range.start);
        Part { is_meant: true, ..part }
    };
    match &rows[..] {
        // One document, and text after it.
        [row] if remark.is_some() || is_whole => {
            let row = row.clone();
            let part = Part { layers: Vec::new(), ..part((0, row)) };
            Some(Opened { parts: vec![part], remark })
        }
        [] | [_] => None,
        _ => Some(Opened { parts: rows.into_iter().enumerate().map(part).collect(), remark }),
    }
}

/// The next byte that is not between documents.
fn next(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let skipped = rest.len() - rest.trim_start_matches(BETWEEN).len();
    (skipped < rest.len()).then_some(at + skipped)
}

fn end_of_value(text: &str) -> Option<usize> {
    let mut scanner = Scanner::new(text);
    scanner.skip_value().ok()?;
    Some(scanner.offset())
}

/// Where the next value starts a line; the end of the text, where none does and this is not the first line of it.
fn next_line_of_value(text: &str, start: usize) -> Option<usize> {
    let rest = &text[start..];
    match memchr::memmem::find(rest.as_bytes(), b"\n{") {
        Some(line) => Some(start + line),
        None => (start > 0).then_some(text.len()),
    }
}

fn trailing(text: &str, at: usize) -> Problem {
    let message = format!("text after the document was passed over: found {}", found(text, at));
    Problem::new(Severity::Warning, "trailing-text", message).with_hint("save the body of the response alone")
}
