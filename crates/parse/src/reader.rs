//! Tokens into values of the model: the typed reads that all kinds share.
//!
//! [`Broken`](crate::scanner::Broken) means that the text is no JSON: it runs up through `?` and the document is lost. All other
//! trouble is a warning beside a value that is absent, so a wrong type costs the one thing that it stands in.

#![expect(clippy::inline_always, reason = "measured: points take 157 ns without it and 141 ns with it")]

use crate::ParseOptions;
use crate::api_error::SavedError;
use crate::drift::DriftCounter;
use crate::logs::FrameState;
use crate::problems::{Problems, found};
use crate::products::Product;
use crate::recognise::Evidence;
use crate::scanner::{Quoted, Scan, Scanner, Shape};
use crate::schema::{Base, Field};
use crate::weights::Weights;
use perfpower_model::{Document, Kind, NameId, Severity};
use std::borrow::Cow;
use std::marker::PhantomData;
use std::num::NonZeroU32;

/// Largest count that is believed. Sums of such counts over fewer than 2^32 nodes, which is all a document can hold, fit a u64.
pub(crate) const MAX_COUNT: u64 = u32::MAX as u64;

/// Bytes of a text that are kept: it may stand in every line of an answer, and be compared with all others. Arbitrary: the longest
/// mangled names of real programs have some thousands.
const LONGEST_TEXT: usize = 1 << 16;

/// One document while it is read.
pub(crate) struct Reader<'a> {
    pub(crate) scanner: Scanner<'a>,
    pub(crate) document: Document,
    pub(crate) problems: Problems,
    pub(crate) drift: DriftCounter<'a>,
    pub(crate) evidence: Evidence,
    pub(crate) weights: Weights,
    pub(crate) errors: Vec<SavedError>,
    /// Products with values.
    pub(crate) products: Vec<Product>,
    pub(crate) frames: FrameState<'a>,
    /// Versions of the points so far, in order of first appearance: where the next one is looked for first.
    pub(crate) versions: Repeated,
    /// Goals and sub-systems of the points so far.
    pub(crate) labels: Repeated,
}

/// Texts that the points of a document repeat: few, and most of them short.
#[derive(Default)]
pub(crate) struct Repeated(Vec<(NameId, Option<Quoted>)>);

impl Repeated {
    /// More are not remembered: Apple sends up to 16 versions, so this is for files that are not Apple's.
    const MOST: usize = 32;

    /// Where a text is remembered; it is from now on, if there is room.
    pub(crate) fn position(&mut self, name: NameId, text: &str) -> Option<usize> {
        let Self(texts) = self;
        let known = texts.iter().position(|(known, _)| *known == name);
        if known.is_none() && texts.len() < Self::MOST {
            texts.push((name, Quoted::of(text)));
            return Some(texts.len() - 1);
        }
        known
    }

    /// Moves past the remembered text at a position, if that one stands here.
    #[inline(always)]
    pub(crate) fn pass_at(&self, position: usize, scanner: &mut Scanner<'_>) -> Option<NameId> {
        let (name, quoted) = self.0.get(position)?;
        scanner.pass_quoted(quoted.as_ref()?).then_some(*name)
    }

    /// Moves past any remembered text, if one stands here.
    #[inline]
    fn pass_any(&self, scanner: &mut Scanner<'_>) -> Option<NameId> {
        self.0.iter().find_map(|(name, quoted)| scanner.pass_quoted(quoted.as_ref()?).then_some(*name))
    }
}

/// An object that is being read.
pub(crate) struct Open<F> {
    base: Base,
    first: bool,
    /// One bit per field that was met.
    seen: u32,
    /// Whether a field was met that is not known.
    is_odd: bool,
    /// Offset of its opening brace.
    pub(crate) at: usize,
    fields: PhantomData<F>,
}

/// An array that is being read.
pub(crate) struct Elements {
    pub(crate) first: bool,
}

impl<F: Field> Open<F> {
    /// An object whose opening brace, at an offset, was just passed.
    pub(crate) fn new(base: Base, at: usize) -> Self {
        Self { base, first: true, seen: 0, is_odd: false, at, fields: PhantomData }
    }

    /// Whether it has no field at all, known or not.
    pub(crate) fn is_bare(&self) -> bool {
        self.first
    }

    /// Whether it has a field that is not known.
    pub(crate) fn is_odd(&self) -> bool {
        self.is_odd
    }

    /// Whether a field was met.
    pub(crate) fn has(&self, field: F) -> bool {
        self.seen & 1 << field.index() != 0
    }
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str, options: ParseOptions) -> Self {
        Self {
            scanner: Scanner::new(text),
            document: Document::new(Kind::Unknown),
            problems: Problems::default(),
            drift: DriftCounter::new(options.count_known_fields),
            evidence: Evidence::default(),
            weights: Weights::default(),
            errors: Vec::new(),
            products: Vec::new(),
            frames: FrameState::default(),
            versions: Repeated::default(),
            labels: Repeated::default(),
        }
    }

    /// Opens an object. `None` for null, and for anything else after a warning; both are passed.
    #[inline]
    pub(crate) fn object<F: Field>(&mut self, base: Base) -> Scan<Option<Open<F>>> {
        match self.scanner.shape()? {
            Shape::Object => {
                let at = self.scanner.offset();
                self.scanner.open();
                Ok(Some(Open::new(base, at)))
            }
            _ => self.refuse("an object"),
        }
    }

    /// The next known field of an object; its value must be read or skipped before the next call. Unknown fields are counted and
    /// skipped. A field that comes twice is skipped with a warning: what was read first has already gone into the columns.
    #[inline(always)]
    pub(crate) fn field<F: Field>(&mut self, open: &mut Open<F>) -> Scan<Option<F>> {
        while self.scanner.next_field(&mut open.first)? {
            let field = if let Some((field, length)) = F::at_start(self.scanner.rest()) {
                self.scanner.pass_known_key(length)?;
                field
            } else if let Some(field) = self.odd_field(open.base)? {
                field
            } else {
                open.is_odd = true;
                continue;
            };
            let bit = 1 << field.index();
            if open.seen & bit != 0 {
                self.repeated_field(F::PATHS[open.base][field.index()])?;
                continue;
            }
            open.seen |= bit;
            self.drift.known(open.base, field);
            return Ok(Some(field));
        }
        Ok(None)
    }

    /// A key that is not known, or is written with escapes.
    #[cold]
    fn odd_field<F: Field>(&mut self, base: Base) -> Scan<Option<F>> {
        let key = self.scanner.key()?;
        let field = F::of(key.as_bytes());
        if field.is_none() {
            self.drift.unknown::<F>(base, key);
            self.scanner.skip_value()?;
        }
        Ok(field)
    }

    #[cold]
    fn repeated_field(&mut self, path: &str) -> Scan<()> {
        let key = path.rsplit('.').next().unwrap_or(path);
        self.scanner.shape()?;
        let at = self.scanner.offset();
        let message = || format!("the field {key:?} comes twice in one object; the first one was taken");
        self.problems.add(at, Severity::Warning, "repeated-field", message, None);
        self.scanner.skip_value()
    }

    /// Opens an array. `None` for null, and for anything else after a warning; both are passed.
    #[inline]
    pub(crate) fn array(&mut self) -> Scan<Option<Elements>> {
        match self.scanner.shape()? {
            Shape::Array => {
                self.scanner.open();
                Ok(Some(Elements { first: true }))
            }
            _ => self.refuse("an array"),
        }
    }

    /// Whether there is one more element, which must then be read or skipped.
    #[inline]
    pub(crate) fn element(&mut self, elements: &mut Elements) -> Scan<bool> {
        self.scanner.next_element(&mut elements.first)
    }

    /// A text. A number is taken as it is written, which keeps the version `1.10` what it is.
    #[inline(always)]
    pub(crate) fn text(&mut self) -> Scan<Option<Cow<'a, str>>> {
        if self.scanner.shape()? != Shape::Text {
            return self.odd_text();
        }
        let at = self.scanner.offset();
        let text = self.scanner.string()?;
        Ok(Some(if text.len() <= LONGEST_TEXT { text } else { self.cut(at, &text) }))
    }

    #[cold]
    fn cut(&mut self, at: usize, text: &str) -> Cow<'a, str> {
        let message = || {
            format!(
                "a text of {} bytes, of which the first {LONGEST_TEXT} are kept, and a number for the rest",
                text.len()
            )
        };
        self.problems.add(at, Severity::Warning, "text-too-long", message, None);
        let start = text.floor_char_boundary(LONGEST_TEXT);
        // Two texts that differ behind it stay two.
        format!("{}…{:016x}", &text[..start], perfpower_model::stable_text_hash(text)).into()
    }

    #[cold]
    fn odd_text(&mut self) -> Scan<Option<Cow<'a, str>>> {
        match self.scanner.shape()? {
            Shape::Number => {
                let at = self.scanner.offset();
                let text = self.scanner.number()?.text;
                let message = || {
                    let shown: String = text.chars().take(60).collect();
                    format!("a number where Apple writes a text; {shown} was taken as written")
                };
                self.problems.add(at, Severity::Note, "number-for-text", message, None);
                Ok(Some(if text.len() <= LONGEST_TEXT { text.into() } else { self.cut(at, text) }))
            }
            _ => self.refuse("a text"),
        }
    }

    /// A text in the string table. Apple writes an empty text where it has none, so that is absent too.
    #[inline]
    pub(crate) fn name(&mut self) -> Scan<Option<NameId>> {
        Ok(match self.text()? {
            Some(text) if !text.is_empty() => Some(self.document.names.intern(&text)),
            _ => None,
        })
    }

    /// The same, for a label that many points of a document share.
    #[inline(always)]
    pub(crate) fn label(&mut self) -> Scan<Option<NameId>> {
        self.scanner.shape()?;
        match self.labels.pass_any(&mut self.scanner) {
            Some(name) => Ok(Some(name)),
            None => self.new_label(),
        }
    }

    fn new_label(&mut self) -> Scan<Option<NameId>> {
        Ok(match self.text()? {
            Some(text) if !text.is_empty() => {
                let name = self.document.names.intern(&text);
                self.labels.position(name, &text);
                Some(name)
            }
            _ => None,
        })
    }

    /// A finite number, or a text that holds one.
    #[inline(always)]
    pub(crate) fn float(&mut self) -> Scan<Option<f64>> {
        if self.scanner.shape()? != Shape::Number {
            return self.odd_float();
        }
        let at = self.scanner.offset();
        let value = self.scanner.number()?.to_f64();
        if value.is_finite() { Ok(Some(value)) } else { Ok(self.too_large(at)) }
    }

    #[cold]
    fn too_large(&mut self, at: usize) -> Option<f64> {
        let text = self.scanner.text();
        let message = || format!("expected a number that a double can hold, found {}", found(text, at));
        self.problems.add(at, Severity::Warning, "number-too-large", message, LEFT_OUT);
        None
    }

    #[cold]
    fn odd_float(&mut self) -> Scan<Option<f64>> {
        match self.scanner.shape()? {
            Shape::Text => {
                let at = self.scanner.offset();
                let text = self.scanner.string()?;
                let text = text.trim();
                // `f64::from_str` also takes "inf" and "nan", which are no values.
                match text.parse::<f64>().ok().filter(|value| value.is_finite()) {
                    Some(value) => Ok(Some(value)),
                    None if text.is_empty() => Ok(None),
                    None => {
                        self.wrong_type(at, "a number");
                        Ok(None)
                    }
                }
            }
            _ => self.refuse("a number"),
        }
    }

    /// The number of a line, from 1.
    #[inline]
    pub(crate) fn line_number(&mut self) -> Scan<Option<NonZeroU32>> {
        Ok(self.whole(MAX_COUNT)?.and_then(|line| NonZeroU32::new(line as u32)))
    }

    /// A whole number of at most `max`, or a text that holds one, in decimal or as `0x…`. An empty text is absent.
    #[inline]
    pub(crate) fn whole(&mut self, max: u64) -> Scan<Option<u64>> {
        let at;
        let value = match self.scanner.shape()? {
            Shape::Number => {
                at = self.scanner.offset();
                let number = self.scanner.number()?;
                // `12.0` and `1.2e1` are whole numbers too.
                number.to_u64().or_else(|| exact_whole(number.to_f64()))
            }
            Shape::Text => {
                at = self.scanner.offset();
                if let Some(whole) = self.scanner.quoted_digits() {
                    Some(whole)
                } else {
                    let text = self.scanner.string()?;
                    if text.is_empty() {
                        return Ok(None);
                    }
                    parse_whole(&text)
                }
            }
            _ => return self.refuse("a whole number"),
        };
        if value.is_none_or(|value| value > max) {
            self.wrong_whole(at, max);
            return Ok(None);
        }
        Ok(value)
    }

    /// True or false, also as a text.
    pub(crate) fn flag(&mut self) -> Scan<Option<bool>> {
        let shape = self.scanner.shape()?;
        let at = self.scanner.offset();
        match shape {
            Shape::True => self.scanner.word(b"true").map(|()| Some(true)),
            Shape::False => self.scanner.word(b"false").map(|()| Some(false)),
            Shape::Text => {
                let flag = match &*self.scanner.string()? {
                    "true" => Some(true),
                    "false" => Some(false),
                    _ => None,
                };
                if flag.is_none() {
                    self.wrong_type(at, "true or false");
                }
                Ok(flag)
            }
            _ => self.refuse("true or false"),
        }
    }

    /// Passes a value that is null, or of a shape that was not expected and is worth a warning.
    #[cold]
    pub(crate) fn refuse<T>(&mut self, expected: &'static str) -> Scan<Option<T>> {
        if self.scanner.shape()? == Shape::Null {
            self.scanner.word(b"null")?;
        } else {
            let at = self.scanner.offset();
            // Skip first: where the value is no JSON, that fault alone is the message.
            self.scanner.skip_value()?;
            self.wrong_type(at, expected);
        }
        Ok(None)
    }

    /// Notes that a part of the document was left out or is doubtful.
    #[cold]
    pub(crate) fn warn(&mut self, at: usize, code: &'static str, message: impl Into<String>) {
        self.problems.add(at, Severity::Warning, code, || message.into(), None);
    }

    #[cold]
    fn wrong_type(&mut self, at: usize, expected: &str) {
        let text = self.scanner.text();
        let message = || format!("expected {expected}, found {}", found(text, at));
        self.problems.add(at, Severity::Warning, "wrong-type", message, LEFT_OUT);
    }

    #[cold]
    fn wrong_whole(&mut self, at: usize, max: u64) {
        let text = self.scanner.text();
        let message = || format!("expected a whole number from 0 to {max}, found {}", found(text, at));
        self.problems.add(at, Severity::Warning, "not-a-count", message, LEFT_OUT);
    }
}

const LEFT_OUT: &str = "the value was left out, and what cannot stand without it";

/// A double that is a whole number, as such. Above 2^53 doubles are no longer exact about that.
fn exact_whole(value: f64) -> Option<u64> {
    const TWO_TO_53: f64 = 9_007_199_254_740_992.0;
    ((0.0..=TWO_TO_53).contains(&value) && value.fract() == 0.0).then_some(value as u64)
}

fn parse_whole(text: &str) -> Option<u64> {
    let text = text.trim();
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => (hex, 16),
        None => (text, 10),
    };
    if digits.is_empty() {
        return None;
    }
    digits.chars().try_fold(0_u64, |whole, digit| {
        whole.checked_mul(u64::from(radix))?.checked_add(u64::from(digit.to_digit(radix)?))
    })
}
