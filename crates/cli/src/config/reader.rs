//! TOML to values, one key at a time, with the place of each for messages.
//!
//! serde would stop at the first fault and could not name the nearest known key; this reader notes every fault and goes on,
//! so that a file is mended in one round.

use super::fault::{Fault, did_you_mean};
use perfpower_model::Day;
use std::cell::RefCell;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The whole text, and what is wrong with it so far.
pub(super) struct Reader<'t> {
    text: &'t str,
    /// Where each line starts.
    lines: Vec<usize>,
    faults: RefCell<Vec<Fault>>,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let feeds = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0).chain(feeds.map(|(at, _)| at + 1)).collect();
        Self { text, lines, faults: RefCell::default() }
    }

    /// Notes a fault at a byte offset.
    pub(super) fn fault(&self, offset: usize, message: impl Into<String>, hint: impl Into<String>) {
        /// A column further to the right is none that anybody counts to; a file of one line could make each cost the whole.
        const WIDEST: usize = 10_000;
        // Offsets come from the TOML parser; one inside a character or past the end is cut, not trusted.
        let mut end = offset.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let line = self.lines.partition_point(|start| *start <= end);
        let start = self.lines[line - 1];
        let column = 1 + self.text[start..end].chars().take(WIDEST).count();
        self.faults.borrow_mut().push(Fault { line, column, message: message.into(), hint: hint.into() });
    }

    /// All faults by place.
    pub(super) fn into_faults(self) -> Vec<Fault> {
        let mut faults = self.faults.into_inner();
        faults.sort();
        faults
    }
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Located<T> {
    pub(super) value: T,
    pub(super) offset: usize,
}

/// One table of the file. Each key that is asked for is known; [`Section::finish`] notes the others.
pub(super) struct Section<'r, 't> {
    reader: &'r Reader<'t>,
    table: &'r DeTable<'t>,
    /// Byte offset of its header.
    pub(super) offset: usize,
    known: RefCell<Vec<&'static str>>,
}

impl<'r, 't> Section<'r, 't> {
    pub(super) fn new(reader: &'r Reader<'t>, table: &'r DeTable<'t>, offset: usize) -> Self {
        Self { reader, table, offset, known: RefCell::default() }
    }

    fn get(&self, key: &'static str) -> Option<&'r Spanned<DeValue<'t>>> {
        self.known.borrow_mut().push(key);
        self.table.get(key)
    }

    /// Whether a key is there; makes it known.
    pub(super) fn has(&self, key: &'static str) -> bool {
        self.get(key).is_some()
    }

    /// Notes a fault at a place of this file.
    pub(super) fn fault(&self, offset: usize, message: impl Into<String>, hint: impl Into<String>) {
        self.reader.fault(offset, message, hint);
    }

    fn mismatch(&self, key: &str, expected: &str, found: &Spanned<DeValue<'t>>) {
        self.fault(
            found.span().start,
            format!("`{key}`: expected {expected}, found {}", describe(found.get_ref())),
            "",
        );
    }

    /// A text that is not empty.
    pub(super) fn text(&self, key: &'static str) -> Option<Located<String>> {
        let found = self.get(key)?;
        match found.get_ref() {
            DeValue::String(text) if !text.is_empty() => {
                Some(Located { value: text.to_string(), offset: found.span().start })
            }
            _ => {
                self.mismatch(key, "a text", found);
                None
            }
        }
    }

    /// A text or a number, or a list of them, as texts.
    pub(super) fn texts(&self, key: &'static str) -> Vec<String> {
        let Some(found) = self.get(key) else { return Vec::new() };
        let text = |value: &DeValue<'t>| match value {
            DeValue::String(text) if !text.is_empty() => Some(text.to_string()),
            DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
            DeValue::Float(number) => Some(number.as_str().to_owned()),
            _ => None,
        };
        let mut texts = Vec::new();
        match found.get_ref() {
            DeValue::Array(items) => {
                for item in items {
                    match text(item.get_ref()) {
                        Some(text) => texts.push(text),
                        None => self.mismatch(key, "a text or a list of texts", item),
                    }
                }
                if items.is_empty() {
                    self.fault(
                        found.span().start,
                        format!("`{key}`: expected at least one text, found an empty list"),
                        format!("leave `{key}` out to mean all"),
                    );
                }
            }
            value => match text(value) {
                Some(text) => texts.push(text),
                None => self.mismatch(key, "a text or a list of texts", found),
            },
        }
        texts
    }

    /// A number inside the range; `expected` says the range in words.
    pub(super) fn number(&self, key: &'static str, range: &impl Contains, expected: &str) -> Option<Located<f64>> {
        let found = self.get(key)?;
        self.number_of(key, found, range, expected)
    }

    fn number_of(
        &self,
        key: &str,
        found: &Spanned<DeValue<'t>>,
        range: &impl Contains,
        expected: &str,
    ) -> Option<Located<f64>> {
        let number = match found.get_ref() {
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse().ok(),
            DeValue::Float(number) => number.as_str().parse().ok(),
            _ => None,
        };
        let number = number.filter(|number: &f64| number.is_finite() && range.contains(*number));
        if number.is_none() {
            self.mismatch(key, expected, found);
        }
        number.map(|value| Located { value, offset: found.span().start })
    }

    /// A whole number from 0.
    pub(super) fn count(&self, key: &'static str) -> Option<Located<u32>> {
        let found = self.get(key)?;
        let count = match found.get_ref() {
            DeValue::Integer(number) => u32::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        if count.is_none() {
            self.mismatch(key, "a whole number from 0", found);
        }
        count.map(|value| Located { value, offset: found.span().start })
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, key: &'static str) -> Option<bool> {
        let found = self.get(key)?;
        if let DeValue::Boolean(flag) = found.get_ref() {
            return Some(*flag);
        }
        self.mismatch(key, "true or false", found);
        None
    }

    /// One word of a few.
    pub(super) fn choice<T: Copy>(&self, key: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let found = self.get(key)?;
        let words: Vec<_> = choices.iter().map(|(word, _)| format!("`{word}`")).collect();
        let expected = match words.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            _ => words.concat(),
        };
        let DeValue::String(typed) = found.get_ref() else {
            self.mismatch(key, &expected, found);
            return None;
        };
        let choice = choices.iter().find(|(word, _)| word == typed);
        if choice.is_none() {
            let guess = did_you_mean(typed, choices.iter().map(|(word, _)| *word));
            let message = format!("`{key}`: expected {expected}, found `{}`{guess}", printable(typed));
            self.fault(found.span().start, message, "");
        }
        choice.map(|(_, value)| *value)
    }

    /// A day, as TOML date or as text.
    pub(super) fn day(&self, key: &'static str) -> Option<Located<Day>> {
        let found = self.get(key)?;
        self.day_of(key, found)
    }

    fn day_of(&self, key: &str, found: &Spanned<DeValue<'t>>) -> Option<Located<Day>> {
        let day = match found.get_ref() {
            DeValue::String(text) if text.len() == 10 => Day::parse(text),
            DeValue::Datetime(when) => when
                .date
                .filter(|_| when.time.is_none())
                .and_then(|date| Day::from_ymd(i32::from(date.year), u32::from(date.month), u32::from(date.day))),
            _ => None,
        };
        if day.is_none() {
            self.mismatch(key, "a day such as 2026-03-01", found);
        }
        day.map(|value| Located { value, offset: found.span().start })
    }

    /// A table.
    pub(super) fn section(&self, key: &'static str) -> Option<Section<'r, 't>> {
        let found = self.get(key)?;
        self.section_of(key, found)
    }

    fn section_of(&self, key: &str, found: &'r Spanned<DeValue<'t>>) -> Option<Section<'r, 't>> {
        if let DeValue::Table(table) = found.get_ref() {
            return Some(Section::new(self.reader, table, found.span().start));
        }
        self.mismatch(key, "a table", found);
        None
    }

    /// The tables of a `[[key]]`.
    pub(super) fn sections(&self, key: &'static str) -> Vec<Section<'r, 't>> {
        let Some(found) = self.get(key) else { return Vec::new() };
        match found.get_ref() {
            DeValue::Array(items) => items.iter().filter_map(|item| self.section_of(key, item)).collect(),
            DeValue::Table(_) => {
                self.fault(
                    found.span().start,
                    format!("`{key}`: expected a list of tables, found a table"),
                    format!("write `[[{key}]]`, with two brackets"),
                );
                Vec::new()
            }
            _ => {
                self.mismatch(key, "a list of tables", found);
                Vec::new()
            }
        }
    }

    /// Every key of this table with the table under it, for tables whose keys are names. Nothing is left to finish.
    pub(super) fn named_sections(&self) -> Vec<(Located<String>, Section<'r, 't>)> {
        self.entries().filter_map(|(name, value)| Some((name.clone(), self.section_of(&name.value, value)?))).collect()
    }

    /// Every key with the day under it.
    pub(super) fn named_days(&self) -> Vec<(Located<String>, Day)> {
        self.entries()
            .filter_map(|(name, value)| Some((name.clone(), self.day_of(&name.value, value)?.value)))
            .collect()
    }

    /// Every key with the number under it.
    pub(super) fn named_numbers(&self, range: &impl Contains, expected: &str) -> Vec<(Located<String>, f64)> {
        self.entries()
            .filter_map(|(name, value)| {
                let number = self.number_of(&name.value, value, range, expected)?.value;
                Some((name, number))
            })
            .collect()
    }

    /// In the order of the file.
    fn entries(&self) -> std::vec::IntoIter<(Located<String>, &'r Spanned<DeValue<'t>>)> {
        let mut entries: Vec<_> = self
            .table
            .iter()
            .map(|(key, value)| (Located { value: key.get_ref().to_string(), offset: key.span().start }, value))
            .collect();
        entries.sort_by_key(|(key, _)| key.offset);
        entries.into_iter()
    }

    /// Notes every key that nobody asked for.
    pub(super) fn finish(&self) {
        let known = self.known.borrow();
        for key in self.table.keys() {
            let typed = key.get_ref();
            if known.iter().any(|known| known == typed) {
                continue;
            }
            let guess = did_you_mean(typed, known.iter().copied());
            let hint = if guess.is_empty() {
                let mut known = known.clone();
                known.sort_unstable();
                known.dedup();
                format!("known here: `{}`", known.join("`, `"))
            } else {
                String::new()
            };
            self.reader.fault(key.span().start, format!("unknown key `{}`{guess}", printable(typed)), hint);
        }
    }
}

/// A range of numbers.
pub(super) trait Contains {
    fn contains(&self, number: f64) -> bool;
}

impl Contains for std::ops::RangeInclusive<f64> {
    fn contains(&self, number: f64) -> bool {
        self.contains(&number)
    }
}

impl Contains for std::ops::RangeFrom<f64> {
    fn contains(&self, number: f64) -> bool {
        self.contains(&number)
    }
}

impl Contains for std::ops::RangeFull {
    fn contains(&self, _: f64) -> bool {
        true
    }
}

/// Both ends excluded: levels of 0 and 1 have no quantile, weights of 0 no logarithm.
pub(super) struct Between(pub(super) Range<f64>);

impl Contains for Between {
    fn contains(&self, number: f64) -> bool {
        number > self.0.start && number < self.0.end
    }
}

/// What a value is, short enough for a message.
fn describe(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) if text.is_empty() => "an empty text".to_owned(),
        DeValue::String(text) => format!("the text `{}`", printable(text)),
        DeValue::Integer(number) => format!("{number}"),
        DeValue::Float(number) => format!("{number}"),
        DeValue::Boolean(flag) => format!("{flag}"),
        DeValue::Datetime(when) => format!("the time {when}"),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// A text from a file inside a message: control characters never reach a terminal, and a long text is cut.
pub(super) fn printable(text: &str) -> String {
    /// Arbitrary: enough to find the place.
    const LONGEST: usize = 60;
    let mut out: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    // Quotes need no backslash here.
    out = out.replace("\\\"", "\"").replace("\\'", "'");
    if text.chars().nth(LONGEST).is_some() {
        out.push('…');
    }
    out
}
