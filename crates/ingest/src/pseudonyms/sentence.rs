//! Sentences with pseudonyms for what is not this program's own.

use super::{Pseudonyms, public, split};
use perfpower_model::{Redact, TextRole};

/// Shorter texts are looked for nowhere: they would be found in every sentence.
const SHORTEST: usize = 4;

impl Pseudonyms {
    /// First every text that has a pseudonym by now is replaced wherever it stands by itself; then, of what is left between white space and
    /// quotes, everything that has a word which the program does not say.
    pub(super) fn sentence(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        let mut open = 0;
        let mut before = None;
        while let Some(c) = text[at..].chars().next() {
            let starts = before.is_none_or(|before: char| !before.is_alphanumeric()) || !c.is_alphanumeric();
            if starts && let Some((length, pseudonym)) = self.known_at(&text[at..]) {
                self.chunks(&text[open..at], &mut out);
                out.push_str(&pseudonym);
                at += length;
                open = at;
                before = text[..at].chars().next_back();
                continue;
            }
            at += c.len_utf8();
            before = Some(c);
        }
        self.chunks(&text[open..], &mut out);
        out
    }

    /// The longest text with a pseudonym that stands at the start, by itself.
    fn known_at(&self, text: &str) -> Option<(usize, String)> {
        self.lengths.iter().rev().copied().filter(|&length| length >= SHORTEST).find_map(|length| {
            let known = text.get(..length)?;
            let pseudonym = self.given.get(known)?;
            let is_number = public::is_number(known);
            let inside = |a: Option<char>, b: Option<char>| {
                a.zip(b).is_some_and(|(a, b)| a.is_alphanumeric() && b.is_alphanumeric())
            };
            let goes_on = inside(known.chars().next_back(), text[length..].chars().next());
            (!is_number && !goes_on).then(|| (length, pseudonym.clone()))
        })
    }

    /// What stands between white space and quotes, each by itself.
    fn chunks(&mut self, text: &str, out: &mut String) {
        for chunk in split(text, |c: char| c.is_whitespace() || "\"'`“”‘’".contains(c)) {
            let is_said = public::is_device(chunk)
                || split(chunk, char::is_alphanumeric).all(|part| public::is_sign(part) || public::is_said(part));
            if is_said {
                out.push_str(chunk);
                continue;
            }
            let is_edge = |c: char| ".,:;!?()[]{}<>".contains(c);
            let core = chunk.trim_matches(is_edge);
            let start = chunk.find(core).unwrap_or(0);
            out.push_str(&chunk[..start]);
            let pseudonym = match core {
                taken if self.taken.contains(taken) => taken.to_owned(),
                path if path.contains('/') => self.redact(TextRole::Path, path),
                word => self.pseudonym(TextRole::Sentence, word),
            };
            out.push_str(&pseudonym);
            out.push_str(&chunk[start + core.len()..]);
        }
    }
}
