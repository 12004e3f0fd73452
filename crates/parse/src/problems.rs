//! What is wrong with a document, gathered while reading and given places at the end.

use crate::place::{places, quoted};
use crate::scanner::{Fault, FaultKind};
use perfpower_model::{Problem, Severity};

/// Problems of one code that are kept; the rest are counted. Arbitrary: enough to see what they have in common.
const KEPT_PER_CODE: u64 = 20;

/// Characters of a text that a message shows: arbitrary, about a line with what stands around it.
const FOUND_CHARACTERS_SHOWN: usize = 40;

/// Problems in the order they were met.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    met: Vec<(usize, Problem)>,
    counts: Vec<(&'static str, Severity, u64)>,
    /// Warnings so far, kept or not: each stands for a part of the document that was lost or doubtful.
    pub(crate) warnings: u64,
}

impl Problems {
    /// Notes a problem at a byte offset. The message is made only when it will be kept.
    #[cold]
    pub(crate) fn add(
        &mut self,
        at: usize,
        severity: Severity,
        code: &'static str,
        message: impl FnOnce() -> String,
        hint: impl Into<Option<&'static str>>,
    ) {
        self.warnings += u64::from(severity == Severity::Warning);
        let position = self.counts.iter().position(|(known, ..)| *known == code).unwrap_or_else(|| {
            self.counts.push((code, severity, 0));
            self.counts.len() - 1
        });
        let count = &mut self.counts[position].2;
        *count += 1;
        if *count <= KEPT_PER_CODE {
            let hint = hint.into().map(str::to_owned);
            self.met.push((at, Problem { hint, ..Problem::new(severity, code, message()) }));
        }
    }

    /// The problems in document order with their places, then one line for each code that was met too often.
    pub(crate) fn finish(mut self, text: &[u8]) -> Vec<Problem> {
        self.met.sort_by_key(|&(at, _)| at);
        let offsets: Vec<usize> = self.met.iter().map(|&(at, _)| at).collect();
        let mut problems: Vec<Problem> = std::iter::zip(places(text, &offsets), self.met)
            .map(|(place, (_, problem))| Problem { place: place.in_text(), at: place.path, ..problem })
            .collect();
        for (code, severity, count) in self.counts {
            if let Some(more) = count.checked_sub(KEPT_PER_CODE).filter(|&more| more > 0) {
                problems.push(Problem::new(severity, code, format!("… and {more} more of this kind")));
            }
        }
        problems
    }
}

/// What stands at an offset, for a message: `the text "n/a"`, `an object`, `` `}` ``.
pub(crate) fn found(text: &str, at: usize) -> String {
    let Some(rest) = text.get(at..) else { return "half a character".to_owned() };
    let Some(first) = rest.chars().next() else { return "the end of the text".to_owned() };
    match first {
        '{' => "an object".to_owned(),
        '[' => "an array".to_owned(),
        '"' => {
            let inside = &rest[1..];
            let end = inside.find('"').unwrap_or(inside.len());
            format!("the text {}", quoted(&inside[..end], FOUND_CHARACTERS_SHOWN))
        }
        _ => {
            let end = rest.find(|c: char| c.is_whitespace() || ",:{}[]\"".contains(c)).unwrap_or(rest.len());
            let word = &rest[..end.max(first.len_utf8())];
            match word {
                "null" | "true" | "false" => word.to_owned(),
                _ if first.is_ascii_digit() || first == '-' => {
                    format!("the number {}", word.chars().take(FOUND_CHARACTERS_SHOWN).collect::<String>())
                }
                _ => {
                    let shown = quoted(word, FOUND_CHARACTERS_SHOWN);
                    format!("`{}`", &shown[1..shown.len() - 1])
                }
            }
        }
    }
}

/// What stands at an offset of a text that is lost. Where nothing before it is a text in quotes, nothing says that it is JSON at all: it may
/// be a file of anybody's that a link led to, and its words are nobody's business, so only their kind is told.
pub(crate) fn shown(text: &str, at: usize) -> String {
    let is_json = text.get(..at).is_some_and(|before| before.contains('"'));
    match text.get(at..).and_then(|rest| rest.chars().next()) {
        Some('"') if !is_json => "a text".to_owned(),
        Some('0'..='9') if !is_json => "a number".to_owned(),
        Some(first) if !is_json && (first.is_alphanumeric() || first == '_') => match found(text, at) {
            literal
                if ["null", "true", "false", "NaN", "nan", "Infinity", "inf"].contains(&literal.trim_matches('`')) =>
            {
                literal
            }
            _ => "a word".to_owned(),
        },
        _ => found(text, at),
    }
}

/// A fault of the text as the one problem of a document that is lost.
pub(crate) fn of_fault(text: &str, fault: Fault) -> Problem {
    let at = fault.at;
    let place = places(text.as_bytes(), &[at]).pop().unwrap_or_default();
    let (code, message, hint) = explain(text, at, fault.kind);
    Problem {
        severity: Severity::Error,
        code,
        place: place.in_text(),
        at: place.path,
        message,
        hint: Some(hint.to_owned()),
    }
}

const DOWNLOAD_AGAIN: &str = "the file was changed after it was saved: download it again";

fn explain(text: &str, at: usize, kind: FaultKind) -> (&'static str, String, &'static str) {
    let expected = match kind {
        FaultKind::Value => "a value",
        FaultKind::Key => "a field name in quotes",
        FaultKind::Colon => "a colon after the field name",
        FaultKind::CommaOrBrace => "a comma or a closing brace",
        FaultKind::CommaOrBracket => "a comma or a closing bracket",
        FaultKind::ClosingQuote => "a closing quote",
        FaultKind::Digit => "a digit",
        FaultKind::End => {
            return (
                "trailing-bytes",
                format!("expected the end of the text after the document, found {}", shown(text, at)),
                "more than one document in a file, or a log around it: save one body per file",
            );
        }
        FaultKind::Escape => {
            let escape: String = text[at..].chars().take(2).collect();
            let message = format!("expected an escape such as \\n or \\u00e9, found {}", quoted(&escape, 2));
            return ("invalid-json", message, DOWNLOAD_AGAIN);
        }
        FaultKind::ControlCharacter => {
            let byte = text.as_bytes().get(at).copied().unwrap_or(0);
            let message = format!("expected text, found the control character 0x{byte:02x} inside a string");
            return ("invalid-json", message, DOWNLOAD_AGAIN);
        }
        FaultKind::LeadingZero => {
            return ("invalid-json", "expected a number without leading zeros".to_owned(), DOWNLOAD_AGAIN);
        }
    };
    if at == text.len() {
        let message = format!("expected {expected}, found the end of the text");
        return ("truncated-json", message, "the file was cut off while it was saved: download it again");
    }
    let word = text[at..].trim_start_matches('-');
    if ["NaN", "nan", "Infinity", "inf"].iter().any(|name| word.starts_with(name)) {
        let message = format!("expected {expected}, found {}, which no JSON number can be", shown(text, at));
        return (
            "not-a-number",
            message,
            "a tool rewrote the file, since Apple writes no such word: download it again",
        );
    }
    let after_comma = text[..at].trim_end().ends_with(',') && text[at..].starts_with(['}', ']']);
    let message = if after_comma {
        format!("expected {expected} after the comma, found {}", shown(text, at))
    } else {
        format!("expected {expected}, found {}", shown(text, at))
    };
    ("invalid-json", message, DOWNLOAD_AGAIN)
}
