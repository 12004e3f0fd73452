//! A version's text, taken apart.

use super::{Stage, Version, significant};

/// Prefixes that say no more than that a version follows.
const NEUTRAL: [&str; 8] = ["", "v", "ver", "version", "release", "rel", "app version", "app"];

/// Words for what comes before a release, and after it. Apple's own (`d`, `a`, `b`, `fc`: `vers` resource) among them.
#[rustfmt::skip] // a list of words reads in lines
const STAGES: [(&str, Stage); 42] = [
    ("d", Stage::Development), ("dev", Stage::Development), ("development", Stage::Development),
    ("snapshot", Stage::Development), ("nightly", Stage::Development), ("canary", Stage::Development),
    ("m", Stage::Development), ("milestone", Stage::Development), ("pre-alpha", Stage::Development),
    ("internal", Stage::Development), ("insider", Stage::Development),
    ("a", Stage::Alpha), ("alpha", Stage::Alpha),
    ("b", Stage::Beta), ("beta", Stage::Beta), ("pre", Stage::Beta), ("preview", Stage::Beta), ("seed", Stage::Beta),
    ("prerelease", Stage::Beta), ("ea", Stage::Beta), ("testflight", Stage::Beta), ("tf", Stage::Beta), ("test", Stage::Beta),
    ("rc", Stage::Candidate), ("fc", Stage::Candidate), ("c", Stage::Candidate), ("cr", Stage::Candidate),
    ("candidate", Stage::Candidate), ("release candidate", Stage::Candidate),
    ("final", Stage::Release), ("ga", Stage::Release), ("gm", Stage::Release), ("stable", Stage::Release),
    ("hotfix", Stage::Mended), ("hf", Stage::Mended), ("patch", Stage::Mended), ("p", Stage::Mended), ("fix", Stage::Mended),
    ("sp", Stage::Mended), ("post", Stage::Mended), ("update", Stage::Mended), ("bugfix", Stage::Mended),
];

/// Words for a build.
const BUILDS: [&str; 3] = ["build", "bld", "#"];

/// Letters that stand between the numbers of a calendar: quarter, week, half-year, sprint.
const CALENDAR: [&str; 4] = ["q", "w", "h", "s"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    Number(&'a str),
    Word(&'a str),
}

/// A token with what stands before it, spaces trimmed: `""` = nothing, it is attached.
#[derive(Clone, Copy, Debug)]
struct Piece<'a> {
    separator: &'a str,
    is_spaced: bool,
    token: Token<'a>,
    /// Where its separator begins.
    at: usize,
}

impl Piece<'_> {
    fn is_attached(&self) -> bool {
        self.separator.is_empty() && !self.is_spaced
    }

    /// Whether it opens what only a build stands in.
    fn opens_build(&self) -> bool {
        self.separator.ends_with(['(', '[', '+', '#'])
    }
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find(char::is_alphanumeric).unwrap_or(rest.len());
        let (separator, after) = rest.split_at(end);
        let Some(first) = after.chars().next() else { return pieces };
        let is_digit = first.is_ascii_digit();
        let end = after.find(|c: char| !c.is_alphanumeric() || c.is_ascii_digit() != is_digit).unwrap_or(after.len());
        let (token, next) = after.split_at(end);
        pieces.push(Piece {
            separator: separator.trim(),
            is_spaced: separator.contains(char::is_whitespace),
            token: if is_digit { Token::Number(significant(token)) } else { Token::Word(token) },
            at: text.len() - rest.len(),
        });
        rest = next;
    }
}

fn stage_of(word: &str) -> Option<Stage> {
    STAGES.iter().find(|(known, _)| *known == word).map(|(_, stage)| *stage)
}

/// Seven and more hexadecimal digits, letters among them, as a commit is called; or a UUID.
fn is_hash(text: &str) -> bool {
    const UUID_HYPHENS: [usize; 4] = [8, 13, 18, 23];
    if text.len() == 36 && UUID_HYPHENS.iter().all(|&at| text.as_bytes()[at] == b'-') {
        return text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    }
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let is_lettered_number = letters == 1 && text.ends_with(|c: char| c.is_ascii_alphabetic());
    text.len() >= 7 && letters > 0 && !is_lettered_number && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl<'a> Version<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let text = text.trim();
        let name = || Self { rest: text.to_lowercase(), is_name: true, ..Self::default() };
        if text.is_empty() {
            return Self::default();
        }
        let pieces = pieces(text);
        let Some(first) = pieces.iter().position(|piece| matches!(piece.token, Token::Number(_))) else {
            return name();
        };
        if is_hash(text) {
            return name();
        }
        let mut version = Self::default();
        let words: Vec<String> = pieces[..first]
            .iter()
            .map(|piece| if let Token::Word(word) = piece.token { word.to_lowercase() } else { String::new() })
            .collect();
        version.prefix = words.join(" ");
        if NEUTRAL.contains(&version.prefix.as_str()) {
            version.prefix.clear();
        }
        match version.read(text, &pieces[first..]) {
            Some(()) => version,
            None => name(),
        }
    }

    /// Reads all pieces from the first number on. `None` = letters and digits are mixed as in no version.
    fn read(&mut self, text: &'a str, pieces: &[Piece<'a>]) -> Option<()> {
        let mut at = 0;
        while let Some(piece) = pieces.get(at) {
            let is_of_core = at == 0 || matches!(piece.separator, "." | ",") && !piece.is_spaced;
            match piece.token {
                Token::Number(number) if is_of_core => self.numbers.push(number),
                Token::Word(word)
                    if at > 0
                        && CALENDAR.iter().any(|letter| word.eq_ignore_ascii_case(letter))
                        && matches!(piece.separator, "" | "-")
                        && pieces
                            .get(at + 1)
                            .is_some_and(|next| next.is_attached() && matches!(next.token, Token::Number(_))) =>
                {
                    if let Some(Token::Number(number)) = pieces.get(at + 1).map(|next| next.token) {
                        self.numbers.push(number);
                    }
                    at += 1;
                }
                _ => break,
            }
            at += 1;
        }
        while self.numbers.last().is_some_and(|number| number.is_empty()) {
            self.numbers.pop();
        }
        let mut is_in_stage = false;
        while let Some(piece) = pieces.get(at) {
            match piece.token {
                Token::Number(number) if is_in_stage && !piece.opens_build() => {
                    self.stage_numbers.push(number);
                    // `beta 2 45`: what follows the number of a stage behind a space is none of it.
                    is_in_stage = pieces.get(at + 1).is_some_and(|next| !next.is_spaced);
                }
                Token::Number(number) => {
                    is_in_stage = false;
                    self.build.push(number);
                }
                Token::Word(word) => {
                    let word = word.to_lowercase();
                    let next_is_number = pieces.get(at + 1).is_some_and(|next| matches!(next.token, Token::Number(_)));
                    let is_last = at + 1 == pieces.len() || pieces.get(at + 1).is_some_and(Piece::opens_build);
                    let is_open = self.stage == Stage::Release && self.build.is_empty() && self.letter.is_empty();
                    let stage = stage_of(&word).filter(|_| is_open && !piece.opens_build());
                    // `4.0.1a` is a letter, `4.0.1a1` and `4.0.1-a` are alphas.
                    let is_letter = is_open && piece.is_attached() && word.len() == 1 && is_last;
                    if is_letter {
                        self.letter = word;
                    } else if BUILDS.contains(&word.as_str()) && next_is_number
                        || piece.opens_build() && next_is_number && word == "b"
                    {
                        is_in_stage = false;
                    } else if let Some(stage) =
                        stage.filter(|_| next_is_number || word.len() > 1 || !piece.is_attached())
                    {
                        self.stage = stage;
                        is_in_stage = stage != Stage::Release;
                    } else if piece.is_attached() {
                        return None;
                    } else {
                        let rest = text.get(piece.at..).unwrap_or_default();
                        self.rest = rest.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
                        return Some(());
                    }
                }
            }
            at += 1;
        }
        Some(())
    }
}

pub(super) fn without_build(version: &str) -> Option<(&str, &str)> {
    let pieces = pieces(version);
    let last = pieces.last()?;
    let Token::Number(_) = last.token else { return None };
    let before = pieces.get(pieces.len().checked_sub(2)?)?;
    let cut = if last.opens_build() {
        last.at
    } else if let Token::Word(word) = before.token
        && (BUILDS.iter().any(|known| word.eq_ignore_ascii_case(known))
            || before.opens_build() && word.eq_ignore_ascii_case("b"))
    {
        before.at
    } else {
        return None;
    };
    let base = version.get(..cut)?.trim();
    let build = version.get(last.at..)?.trim_matches(|c: char| !c.is_ascii_digit());
    (!base.is_empty() && base.contains(|c: char| c.is_ascii_digit())).then_some((base, build))
}
