//! What the name of one file or directory says of an app: ids, a word, or nothing.

use crate::dates::{self, Date, Dated};
use crate::words::{self, Meaning};
use std::ops::Range;
use std::sync::Arc;

/// What a name says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Name {
    /// `com.foo.bar`, also within a longer name.
    pub(crate) bundle: Option<Arc<str>>,
    /// Nine or ten digits that are no time, build or run.
    pub(crate) apple_id: Option<AppleId>,
    /// What is left when all that says something else is taken off.
    pub(crate) word: Option<Word>,
    /// Whether the name says that this is an app: `app=…`.
    pub(crate) is_keyed: bool,
    /// What the name says of the one below it.
    pub(crate) heads: Option<Head>,
    /// Dates in the name, in their order.
    pub(crate) dates: Vec<Dated>,
    /// The number of a build that the name says to be one: `build-4201`.
    pub(crate) build: Option<Arc<str>>,
    /// Which of several downloads it is: below zero an older one, above zero a newer one; 0 = the name does not say.
    pub(crate) turn: i8,
    /// The number that a browser or a file manager gives to a further copy: `x (2).json`.
    pub(crate) copy: u32,
}

/// A number that may be an app's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AppleId {
    pub(crate) id: Arc<str>,
    pub(crate) doubt: Option<IdDoubt>,
}

/// What else a number of nine or ten digits can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdDoubt {
    /// Seconds since 1970.
    Time,
    /// The id of a signature, whose logs are here.
    Signature,
}

/// A word that may be the name of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: Arc<str>,
    /// The same with the words of circumstance and turn that stand around it: `larder-prod`.
    pub(crate) full: Arc<str>,
    /// One or two letters, or the name of a team: an app only where nothing else is in sight.
    pub(crate) is_weak: bool,
}

/// What the names right below one are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Head {
    /// `apps/`
    Apps,
    /// `runs/`, `versions/`: no apps, where they have a digit.
    Labels,
    /// `builds/`: a number is one.
    Builds,
    /// `teams/`, `hosts/`, `regions/`: apps only where nothing else is in sight.
    Groups,
}

/// What a name is the name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Directory,
    /// A file, or a container: its ending says nothing.
    File,
}

/// Stands for a date or a UUID where one was taken out; no name holds it.
const MARK: char = '/';

/// What stands between words.
const SEPARATORS: &str = "-_ .,()[]{}@+~#&:;!=%/'\"$^|?*<>";

impl Name {
    pub(crate) fn read(name: &str, part: Part) -> Self {
        let (core, copy) = match part {
            Part::Directory => (name, 0),
            Part::File => without_copy_mark(words::stem(without_query(name))),
        };
        let dates = dates::dates(core);
        let mut read = Self { copy, ..Self::default() };
        if let Some((key, value)) = core.split_once('=') {
            read.by_key(key, value);
        } else if !words::is_device(core) && (part == Part::File || !name.starts_with('.')) {
            let text = masked(core, &dates);
            read.bundle = bundle(&text).map(Arc::from);
            read.apple_id = apple_id(core, &dates);
            read.by_words(&text);
        }
        read.dates = dates;
        read
    }

    /// `app=larder`, `bundle_id=com.foo.bar`; what has another key is no app.
    fn by_key(&mut self, key: &str, value: &str) {
        const APP_KEYS: [&str; 16] = [
            "app",
            "apps",
            "appid",
            "appleid",
            "adamid",
            "itunesid",
            "storeid",
            "trackid",
            "bundle",
            "bundleid",
            "bundleidentifier",
            "appname",
            "application",
            "applicationid",
            "applicationname",
            "appkey",
        ];
        let key = joined(key);
        if key == "build" || key == "buildid" || key == "buildnumber" {
            self.build = Some(value.into());
        }
        if !APP_KEYS.contains(&key.as_str()) || value.is_empty() {
            return;
        }
        self.is_keyed = true;
        if is_bundle_id(value) {
            self.bundle = Some(value.into());
        } else if is_apple_id(value) {
            self.apple_id = Some(AppleId { id: value.into(), doubt: None });
        } else {
            self.word = Some(Word { text: value.into(), full: value.into(), is_weak: false });
        }
    }

    fn by_words(&mut self, text: &str) {
        let mut phrase = Phrase::new(text);
        // `run-2026-11-23` is one run, and no directory of runs.
        let whole = if text.contains(MARK) { String::new() } else { joined(text) };
        self.heads = match whole.as_str() {
            "app" | "apps" | "appids" | "applications" | "bundles" | "bundleids" => Some(Head::Apps),
            "build" | "builds" => Some(Head::Builds),
            "run" | "runs" | "job" | "jobs" | "pipeline" | "pipelines" | "attempt" | "attempts" | "task" | "tasks"
            | "execution" | "executions" | "session" | "sessions" | "commit" | "commits" | "version" | "versions"
            | "tag" | "tags" | "pr" | "mr" => Some(Head::Labels),
            "host" | "hosts" | "node" | "nodes" | "runner" | "runners" | "agent" | "agents" | "worker" | "workers"
            | "machine" | "machines" | "server" | "servers" | "env" | "environment" | "environments" | "region"
            | "regions" | "zone" | "device" | "devices" | "branch" | "branches" => Some(Head::Groups),
            _ => match words::meaning(&whole) {
                Some(Meaning::Group) => Some(Head::Groups),
                _ => None,
            },
        };
        // One letter, before it can be a label: a shard or an app.
        if text.len() == 1 && text.chars().all(char::is_alphabetic) {
            self.word = Some(Word { text: text.into(), full: text.into(), is_weak: true });
            return;
        }
        let parts: Vec<&str> = text.split('.').collect();
        if parts.len() >= 2 && is_host(&parts) && self.bundle.is_none() {
            return;
        }
        phrase.strip(Strength::Surely);
        let full = phrase.text();
        self.turn = phrase.turn;
        phrase.strip(Strength::All);
        self.turn = phrase.turn;
        self.build = phrase.build.take();
        self.word = phrase.word().map(|(text, is_weak)| Word { text: text.into(), full: full.into(), is_weak });
    }
}

/// Whether a kind's label is the id of a signature.
fn is_signature_word(word: &str) -> bool {
    [
        "signature",
        "signatures",
        "sig",
        "sigs",
        "diagnosticsignature",
        "diagnosticsignatures",
        "log",
        "logs",
        "diagnosticlog",
        "diagnosticlogs",
    ]
    .contains(&word)
}

/// A file of a mirrored address: `perfPowerMetrics?filter[platform]=IOS`.
fn without_query(name: &str) -> &str {
    let end = name.find(['?']).or_else(|| name.find("@filter")).unwrap_or(name.len());
    if end == 0 { name } else { &name[..end] }
}

/// `x (2)`, `x copy`, `x copy 3`, `x - Copy (2)`, `Copy of x`: what makes a name unique, with its number.
fn without_copy_mark(stem: &str) -> (&str, u32) {
    let mut rest = stem;
    let mut number = 0;
    if let Some((front, inner)) = rest.strip_suffix(')').and_then(|open| open.rsplit_once('('))
        && !front.trim_end().is_empty()
        && inner.len() <= 3
        && let Some(n) = dates::number(inner)
    {
        (rest, number) = (front.trim_end(), n);
    }
    let lower = rest.to_ascii_lowercase();
    let unnumbered = lower.trim_end_matches(|c: char| c.is_ascii_digit());
    for mark in [" - copy", " copy", "-copy", "_copy"] {
        if let Some(front) = unnumbered.trim_end().strip_suffix(mark).filter(|front| !front.is_empty()) {
            number = number.max(dates::number(&lower[unnumbered.len()..]).unwrap_or(1));
            return (&rest[..front.len()], number);
        }
    }
    if lower.starts_with("copy of ") && rest.len() > 8 {
        return (&rest[8..], number.max(1));
    }
    (rest, number)
}

/// The name with each date and UUID replaced by a mark. What may be an Apple id is one of them, and so is a month, which
/// may be a version: neither is a word.
fn masked(name: &str, dates: &[Dated]) -> String {
    let mut ranges: Vec<Range<usize>> = dates::uuids(name);
    ranges.extend(dates.iter().map(|dated| dated.range.clone()));
    ranges.sort_by_key(|range| range.start);
    let mut masked = String::with_capacity(name.len());
    let mut at = 0;
    for range in ranges {
        masked.push_str(&name[at..range.start]);
        masked.push(MARK);
        at = range.end;
    }
    masked.push_str(&name[at..]);
    masked
}

/// Words run together in lower case.
fn joined(text: &str) -> String {
    text.chars().filter(|c| !SEPARATORS.contains(*c)).flat_map(char::to_lowercase).collect()
}

/// Top-level domains of more than two letters with which bundle ids start.
#[rustfmt::skip] // a list of words reads in lines
const DOMAINS: &[&str] = &[
    "com", "org", "net", "edu", "gov", "mil", "int", "app", "apps", "dev", "info", "biz", "xyz", "tech", "name", "pro",
    "mobi", "cloud", "online", "shop", "store", "studio", "games", "game", "design", "digital", "software", "systems",
    "agency", "company", "inc", "llc", "team", "world", "life", "live", "work", "tools", "maccatalyst", "group", "cat",
    "site", "space", "blog", "fun", "social", "health", "fit", "bank", "travel", "news", "media", "art", "one",
];

/// Whether it is written like a bundle id: the reversed name of a domain with something behind it, or three words or more
/// with dots between them of which none says anything else.
pub(crate) fn is_bundle_id(name: &str) -> bool {
    let parts: Vec<&str> = name.split('.').collect();
    let is_word = |part: &&str| {
        part.bytes().any(|b| b.is_ascii_alphabetic()) && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if parts.len() < 2 || !parts.iter().all(is_word) || is_host(&parts) {
        return false;
    }
    starts_with_domain(&parts) || (parts.len() >= 3 && parts.iter().all(|part| says_nothing_else(part)))
}

fn starts_with_domain(parts: &[&str]) -> bool {
    let first = parts.first().map(|first| first.to_ascii_lowercase()).unwrap_or_default();
    let is_country = first.len() == 2 && first.bytes().all(|b| b.is_ascii_lowercase());
    let has_name = parts.get(1).is_some_and(|second| second.len() >= 2);
    has_name && (is_country || DOMAINS.contains(&first.as_str()))
}

/// `api.appstoreconnect.apple.com`, `mac-mini.local`: a domain that is not reversed.
fn is_host(parts: &[&str]) -> bool {
    const ENDS: [&str; 10] =
        ["com", "org", "net", "local", "internal", "lan", "corp", "localdomain", "intranet", "arpa"];
    let (first, last) = (parts.first().copied().unwrap_or_default(), parts.last().copied().unwrap_or_default());
    ENDS.iter().any(|end| last.eq_ignore_ascii_case(end)) && !["com", "org", "net"].contains(&first)
}

fn says_nothing_else(part: &str) -> bool {
    part.len() >= 2
        && words::meaning(&part.to_ascii_lowercase()).is_none()
        && !words::is_hash(part)
        && !is_short_label(part)
}

/// `v1`, `r9`, `rc2`, `run123`: a word that a number makes a label.
fn is_short_label(part: &str) -> bool {
    let word = part.trim_end_matches(|c: char| c.is_ascii_digit()).to_ascii_lowercase();
    word.len() < part.len() && is_label_word(&word)
}

fn is_label_word(word: &str) -> bool {
    matches!(words::meaning(word), Some(Meaning::Label | Meaning::Kind))
        || matches!(word, "rc" | "beta" | "alpha" | "pre" | "hotfix" | "release" | "ci" | "team" | "squad" | "sprint")
}

/// The bundle id in a name, without what stands around it.
fn bundle(text: &str) -> Option<String> {
    text.split(|c: char| "_ ,()[]{}+@~=/:;".contains(c)).find_map(|chunk| {
        let chunk = bundle_end(bundle_start(chunk));
        is_bundle_id(chunk).then(|| chunk.to_owned())
    })
}

/// The chunk from where a reversed domain starts, if words stand in front of one: `metrics-com.foo.bar`.
fn bundle_start(chunk: &str) -> &str {
    let chunk = chunk.trim_matches(['-', '.']);
    let mut start = 0;
    loop {
        let rest = &chunk[start..];
        let parts: Vec<&str> = rest.split('.').collect();
        if starts_with_domain(&parts) && !is_host(&parts) {
            return rest;
        }
        match rest.find(['-', '.']) {
            Some(at) => start += at + 1,
            None => return chunk,
        }
    }
}

/// The chunk without the kinds, numbers and turns behind it: `com.foo.bar-metrics`, `com.foo.bar.1.2.3`.
fn bundle_end(chunk: &str) -> &str {
    let mut rest = chunk;
    while let Some(at) = rest.rfind(['-', '.']) {
        let (front, tail) = (&rest[..at], &rest[at + 1..]);
        let is_dash = rest.as_bytes()[at] == b'-';
        let lower = tail.to_ascii_lowercase();
        let is_version = tail.strip_prefix(['v', 'V']).unwrap_or(tail).bytes().all(|b| b.is_ascii_digit());
        let is_apart = match words::meaning(&lower) {
            Some(Meaning::Kind) => {
                !matches!(lower.as_str(), "ios" | "macos" | "tvos" | "watchos" | "visionos" | "ipad" | "iphone")
            }
            Some(Meaning::Turn(_)) => is_dash,
            Some(Meaning::Label) => is_dash && tail.len() > 1,
            Some(Meaning::Circumstance) => {
                is_dash && ["nightly", "daily", "weekly", "hourly", "monthly"].contains(&&*lower)
            }
            _ => false,
        };
        let joined_kind = rest
            .rmatch_indices(['-', '.'])
            .take(4)
            .find(|(at, _)| words::meaning(&joined(&rest[at + 1..])) == Some(Meaning::Kind));
        if tail.is_empty() || is_version || is_apart || (is_dash && words::is_hash(tail)) {
            rest = front;
        } else if let Some((at, _)) = joined_kind.filter(|_| !is_dotted_tail_kept(&lower)) {
            rest = &rest[..at];
        } else {
            break;
        }
    }
    rest
}

/// Platforms are a common last part of bundle ids.
fn is_dotted_tail_kept(tail: &str) -> bool {
    matches!(tail, "ios" | "macos" | "tvos" | "watchos" | "visionos" | "ipad" | "iphone")
}

/// Whether it is written like the number that the App Store gives an app: nine or ten digits, none in front being 0.
pub(crate) fn is_apple_id(name: &str) -> bool {
    matches!(name.len(), 9 | 10) && words::is_digits(name) && !name.starts_with('0')
}

/// The first number in a name that can be an app's.
fn apple_id(name: &str, dates: &[Dated]) -> Option<AppleId> {
    let mut at = 0;
    for number in name.split(|c: char| !c.is_ascii_digit()) {
        // What splits is one character before the next number.
        let start = at;
        at += number.len() + name[start + number.len()..].chars().next().map_or(0, char::len_utf8);
        let found = is_apple_id(number).then(|| apple_id_at(name, start, number, dates)).flatten();
        if found.is_some() {
            return found;
        }
    }
    None
}

fn apple_id_at(name: &str, start: usize, number: &str, dates: &[Dated]) -> Option<AppleId> {
    let (front, back) = (&name[..start], &name[start + number.len()..]);
    let is_dot_digit = |mut chars: &mut dyn Iterator<Item = char>| {
        let chars = &mut chars;
        chars.next() == Some('.') && chars.next().is_some_and(|c| c.is_ascii_digit())
    };
    let is_in_version = is_dot_digit(&mut front.chars().rev()) || is_dot_digit(&mut back.chars());
    if is_in_version || back.starts_with(char::is_alphanumeric) || is_dated_build(number) {
        return None;
    }
    let word = front.rsplit(|c: char| SEPARATORS.contains(c)).find(|word| !word.is_empty()).unwrap_or_default();
    let word = word.to_lowercase();
    let says_id = matches!(word.as_str(), "id" | "app" | "apps" | "appid" | "adamid" | "adam" | "appleid" | "apple");
    let is_label = words::meaning(&word) == Some(Meaning::Label);
    if !says_id && (is_label || front.ends_with(char::is_alphanumeric)) {
        return None;
    }
    let date = dates.iter().find(|dated| dated.range.start == start).map(|dated| &dated.date);
    let doubt = match date {
        Some(_) if says_id => None,
        Some(Date::MaybeSeconds(_)) => Some(IdDoubt::Time),
        Some(_) => return None,
        None => is_signature_word(&word).then_some(IdDoubt::Signature),
    };
    Some(AppleId { id: number.into(), doubt })
}

/// `2026110201`: a day and a counter, as builds are numbered.
fn is_dated_build(number: &str) -> bool {
    let pair = |from: usize| number.get(from..from + 2).and_then(dates::number);
    let year = number.get(..4).and_then(dates::number).filter(|year| (2015..=2060).contains(year));
    number.len() >= 9
        && year.is_some()
        && pair(4).is_some_and(|month| (1..=12).contains(&month))
        && pair(6).is_some_and(|day| (1..=31).contains(&day))
}

/// How much is taken off the ends of a phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strength {
    /// What surely names no app: kinds, dates, versions, labels with their numbers.
    Surely,
    /// And circumstances and turns.
    All,
}

/// The words of a name, and which of them are left.
struct Phrase<'a> {
    text: &'a str,
    /// Where each word stands; a mark is a word.
    words: Vec<Range<usize>>,
    /// Which words are left.
    left: Range<usize>,
    turn: i8,
    build: Option<Arc<str>>,
}

impl<'a> Phrase<'a> {
    fn new(text: &'a str) -> Self {
        let mut words: Vec<Range<usize>> = Vec::new();
        for (at, c) in text.char_indices() {
            let end = at + c.len_utf8();
            if c == MARK {
                words.push(at..end);
            } else if !SEPARATORS.contains(c) {
                match words.last_mut() {
                    Some(last) if last.end == at && !text[last.clone()].starts_with(MARK) => last.end = end,
                    _ => words.push(at..end),
                }
            }
        }
        let left = 0..words.len();
        Self { text, words, left, turn: 0, build: None }
    }

    fn word_at(&self, at: usize) -> &'a str {
        &self.text[self.words[at].clone()]
    }

    fn joined(&self, range: Range<usize>) -> String {
        range.map(|at| self.word_at(at).to_lowercase()).collect()
    }

    /// What is left, as it is written.
    fn text(&self) -> &'a str {
        if self.left.is_empty() {
            return "";
        }
        &self.text[self.words[self.left.start].start..self.words[self.left.end - 1].end]
    }

    fn strip(&mut self, strength: Strength) {
        while !self.left.is_empty() && (self.strip_end(strength) || self.strip_start(strength)) {}
    }

    /// Takes something off the end; whether there was anything.
    fn strip_end(&mut self, strength: Strength) -> bool {
        let Range { start, end } = self.left;
        let last = self.word_at(end - 1);
        for words in (1..=4.min(end - start)).rev() {
            if self.says_else(end - words..end, strength) {
                self.left.end -= words;
                return true;
            }
        }
        // A dotted number is a version, and a word for labels in front of a number takes both.
        if words::is_digits(last) && end - start >= 2 && self.is_joint(end - 2, '.') {
            let front = self.word_at(end - 2).trim_start_matches(['v', 'V', 'r', 'R', 'b', 'B']);
            if words::is_digits(front) || front.is_empty() {
                let mut from = end - 1;
                while from > start && self.is_joint(from - 1, '.') && words::is_digits(self.word_at(from)) {
                    from -= 1;
                }
                self.left.end = if is_number_with_mark(self.word_at(from)) { from } else { from + 1 };
                return true;
            }
        }
        self.strip_label(start, end)
    }

    /// `run 123`, `build-4201`, `logs-5A3F9C21`, `ip-10-0-0-1`, `metrics 3`.
    fn strip_label(&mut self, start: usize, end: usize) -> bool {
        let mut from = end;
        while from > start && self.is_label_text(from - 1) {
            from -= 1;
        }
        for at in (from..end).rev() {
            for words in (1..=3.min(at - start)).rev() {
                let group = self.joined(at - words..at);
                let meaning = words::meaning(&group);
                let takes = match meaning {
                    Some(Meaning::Label | Meaning::Group) => true,
                    Some(Meaning::Kind | Meaning::Turn(_) | Meaning::Circumstance) => {
                        let label = self.word_at(at);
                        words::is_digits(label) || words::is_opaque(label)
                    }
                    _ => false,
                };
                if takes {
                    if group.starts_with("build") && words::is_digits(self.word_at(at)) {
                        self.build = Some(self.word_at(at).into());
                    }
                    let is_alone = meaning == Some(Meaning::Label) || meaning == Some(Meaning::Group);
                    self.left.end = if is_alone { at - words } else { at };
                    return true;
                }
            }
        }
        false
    }

    /// Whether a word can be the label of a run, build or machine: it has a digit, or is one letter.
    fn is_label_text(&self, at: usize) -> bool {
        let word = self.word_at(at);
        word.bytes().any(|b| b.is_ascii_digit()) || (word.len() == 1 && word.is_ascii() && !word.starts_with(MARK))
    }

    fn strip_start(&mut self, strength: Strength) -> bool {
        let Range { start, end } = self.left;
        for words in (1..=4.min(end - start)).rev() {
            if self.says_else(start..start + words, strength) {
                self.left.start += words;
                return true;
            }
        }
        // `build-42-larder`, `v1.2-larder`
        if end - start >= 2 && self.is_label_text(start + 1) {
            let meaning = words::meaning(&self.joined(start..start + 1));
            if meaning == Some(Meaning::Label) {
                self.left.start += 2;
                return true;
            }
        }
        if end - start >= 2 && is_number_with_mark(self.word_at(start)) && self.is_joint(start, '.') {
            self.left.start += 1;
            return true;
        }
        false
    }

    /// Whether some words say something else than an app.
    fn says_else(&mut self, range: Range<usize>, strength: Strength) -> bool {
        if range.len() == 1 {
            let word = self.word_at(range.start);
            if word.starts_with(MARK) || words::is_hash(word) || is_short_label(word) || is_platform_model(word) {
                if let Some(number) = word.to_ascii_lowercase().strip_prefix("build").filter(|n| words::is_digits(n)) {
                    self.build = Some(number.into());
                }
                return true;
            }
        }
        match words::meaning(&self.joined(range)) {
            Some(Meaning::Kind) => true,
            Some(Meaning::Circumstance) => strength == Strength::All,
            Some(Meaning::Turn(turn)) if strength == Strength::All => {
                if self.turn == 0 {
                    self.turn = turn;
                }
                true
            }
            _ => false,
        }
    }

    /// Whether a word and the one behind it are joined by one character.
    fn is_joint(&self, at: usize, by: char) -> bool {
        self.words.get(at + 1).is_some_and(|next| {
            let gap = &self.text[self.words[at].end..next.start];
            gap.len() == by.len_utf8() && gap.starts_with(by)
        })
    }

    /// What is left as a word for an app, and whether it is a weak one.
    fn word(&self) -> Option<(&'a str, bool)> {
        let text = self.text();
        let words: Vec<&str> = self.left.clone().map(|at| self.word_at(at)).collect();
        let meanings: Vec<Option<Meaning>> = words.iter().map(|word| words::meaning(&word.to_lowercase())).collect();
        let says_nothing = |at: usize| {
            let fills = matches!(meanings[at], Some(Meaning::Filler | Meaning::Label | Meaning::Kind));
            fills || is_number_with_mark(words[at]) || words[at].starts_with(MARK)
        };
        // `app_0001` and `app_12_0001` are names; `data`, `build` and `42` are none.
        let is_numbered_app = words.split_first().is_some_and(|(first, numbers)| {
            first.eq_ignore_ascii_case("app")
                && !numbers.is_empty()
                && numbers.iter().all(|number| words::is_digits(number))
        });
        let is_nothing = (0..words.len()).all(says_nothing) && !is_numbered_app;
        if is_nothing
            || words::meaning(&self.joined(self.left.clone())).is_some()
            || !text.contains(char::is_alphabetic)
        {
            return None;
        }
        let is_group = [meanings.first(), meanings.last()].contains(&Some(&Some(Meaning::Group)));
        let is_short = text.is_ascii() && text.bytes().filter(u8::is_ascii_alphanumeric).count() <= 2;
        Some((text, is_group || is_short))
    }
}

/// `3`, `v1`, `R9`: the first part of a version.
fn is_number_with_mark(word: &str) -> bool {
    let number = word.trim_start_matches(['v', 'V', 'r', 'R', 'b', 'B']);
    words::is_digits(number)
}

/// `iPhone14,5` after the comma has split it.
fn is_platform_model(word: &str) -> bool {
    words::is_device(word) && word.len() > 3
}
