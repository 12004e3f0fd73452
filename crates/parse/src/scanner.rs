//! Text into JSON tokens, one at a time, on demand. Knows JSON (RFC 8259) and nothing else.
//!
//! Nothing here recurses and nothing is kept: a caller opens containers, asks for the next key or element, and reads or skips
//! each value. Strings are borrowed from the text where they hold no escape. The text is known to be UTF-8, so only quotes,
//! backslashes and control characters have to be looked for. Every fault carries its byte offset and no more; whoever reports
//! it derives path, line and column from that, so that the good path pays nothing for them.

#![expect(clippy::inline_always, reason = "measured: points take 157 ns without it and 141 ns with it")]

use crate::number::Number;
use std::borrow::Cow;

/// Why the text is not JSON, at a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Offset in the text; its length where the text ends too early.
    pub(crate) at: usize,
    pub(crate) kind: FaultKind,
}

/// What was expected where a [`Fault`] is, or what is wrong there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultKind {
    Value,
    Key,
    Colon,
    CommaOrBrace,
    CommaOrBracket,
    End,
    ClosingQuote,
    Escape,
    ControlCharacter,
    Digit,
    LeadingZero,
}

/// The text is no JSON. Where and why, [`Scanner::last_fault`] tells, so that a result is as small as its value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Broken;

pub(crate) type Scan<T> = Result<T, Broken>;

/// The first byte of a value tells what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Object,
    Array,
    Text,
    Number,
    True,
    False,
    Null,
}

/// A short text with its quotes, in one word: recognised by one comparison where a document repeats it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quoted {
    word: u128,
    /// Ones where the word has bytes.
    mask: u128,
    length: usize,
}

impl Quoted {
    /// `None` for a text that is too long, or that JSON writes with escapes.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let length = text.len() + 2;
        if length > 16 || text.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
            return None;
        }
        let mut bytes = [0; 16];
        bytes[0] = b'"';
        bytes[1..length - 1].copy_from_slice(text.as_bytes());
        bytes[length - 1] = b'"';
        Some(Self { word: u128::from_le_bytes(bytes), mask: u128::MAX >> (8 * (16 - length)), length })
    }
}

/// A position in a text, and what is needed to move on from there.
#[derive(Debug)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// Containers open inside a skipped value: true = object. Kept to be reused.
    nesting: Vec<bool>,
    /// What the last [`Broken`] stands for.
    pub(crate) last_fault: Option<Fault>,
    /// Surrogates without their other half that were replaced by U+FFFD in texts that were read.
    pub(crate) lone_surrogates: u64,
    /// Offset of the first such text.
    pub(crate) first_lone_surrogate: usize,
}

impl<'a> Scanner<'a> {
    /// Starts at the first byte.
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            nesting: Vec::new(),
            last_fault: None,
            lone_surrogates: 0,
            first_lone_surrogate: 0,
        }
    }

    /// Byte offset of what comes next.
    #[inline]
    pub(crate) fn offset(&self) -> usize {
        self.at
    }

    /// The whole text.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// What the next value is, without moving past more than white space.
    #[inline(always)]
    pub(crate) fn shape(&mut self) -> Scan<Shape> {
        match self.peek() {
            b'"' => Ok(Shape::Text),
            b'-' | b'0'..=b'9' => Ok(Shape::Number),
            b'{' => Ok(Shape::Object),
            b'[' => Ok(Shape::Array),
            b'n' => Ok(Shape::Null),
            b't' => Ok(Shape::True),
            b'f' => Ok(Shape::False),
            _ => Err(self.fault(FaultKind::Value)),
        }
    }

    /// Moves into a container whose [`Shape`] was just seen.
    #[inline]
    pub(crate) fn open(&mut self) {
        self.at += 1;
    }

    /// Whether there is one more field in an object, whose key must then be read; moves past the closing brace where not. `first`
    /// starts as true.
    #[inline(always)]
    pub(crate) fn next_field(&mut self, first: &mut bool) -> Scan<bool> {
        match self.peek() {
            b',' if !*first => {
                self.at += 1;
                if self.peek() != b'"' {
                    return Err(self.fault(FaultKind::Key));
                }
            }
            b'}' => {
                self.at += 1;
                return Ok(false);
            }
            b'"' if *first => {}
            _ => return Err(self.fault(if *first { FaultKind::Key } else { FaultKind::CommaOrBrace })),
        }
        *first = false;
        Ok(true)
    }

    /// The bytes from the opening quote of a key on, to be compared with known keys.
    #[inline]
    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    /// Moves past a key of this many bytes, its quotes included, which was recognised in [`Self::rest`], and past its colon.
    #[inline(always)]
    pub(crate) fn pass_known_key(&mut self, length: usize) -> Scan<()> {
        self.at += length;
        self.colon()
    }

    /// A key as a text, past its colon.
    pub(crate) fn key(&mut self) -> Scan<Cow<'a, str>> {
        let key = self.string()?;
        self.colon()?;
        Ok(key)
    }

    /// Whether there is one more element in an array; moves past the closing bracket where not. `first` starts as true.
    #[inline]
    pub(crate) fn next_element(&mut self, first: &mut bool) -> Scan<bool> {
        match self.peek() {
            b']' => {
                self.at += 1;
                return Ok(false);
            }
            b',' if !*first => self.at += 1,
            _ if *first => {}
            _ => return Err(self.fault(FaultKind::CommaOrBracket)),
        }
        *first = false;
        Ok(true)
    }

    /// A string that was just seen.
    #[inline(always)]
    pub(crate) fn string(&mut self) -> Scan<Cow<'a, str>> {
        let start = self.at + 1;
        self.at = start;
        self.pass_plain();
        if self.byte() == b'"' {
            self.at += 1;
            return Ok(Cow::Borrowed(&self.text[start..self.at - 1]));
        }
        self.string_with_escapes(start)
    }

    /// Moves past this text if it stands here. (Not so in the last bytes of a document, where no text ends.)
    #[inline(always)]
    pub(crate) fn pass_quoted(&mut self, quoted: &Quoted) -> bool {
        let here = self.bytes[self.at..].first_chunk().is_some_and(|bytes| {
            let word = u128::from_le_bytes(*bytes);
            (word ^ quoted.word) & quoted.mask == 0
        });
        if here {
            self.at += quoted.length;
        }
        here
    }

    /// A string that was just seen, if it holds nothing but 1 to 19 digits; otherwise nothing moves. Apple writes most whole
    /// numbers of a frame as texts.
    #[inline]
    pub(crate) fn quoted_digits(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for (count, &byte) in self.bytes[self.at + 1..].iter().take(20).enumerate() {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                if byte != b'"' || count == 0 {
                    return None;
                }
                self.at += count + 2;
                return Some(value);
            }
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit)); // 20 digits may wrap, and are not returned
        }
        None
    }

    #[cold]
    fn string_with_escapes(&mut self, start: usize) -> Scan<Cow<'a, str>> {
        self.at = start - 1;
        self.pass_string()?;
        Ok(Cow::Owned(self.unescape(&self.text[start..self.at - 1], start)))
    }

    /// A number that was just seen.
    #[inline(always)]
    pub(crate) fn number(&mut self) -> Scan<Number<'a>> {
        let start = self.at;
        let negative = self.byte() == b'-';
        self.at += usize::from(negative);
        let mut mantissa = 0;
        let first_digit = self.at;
        let whole = self.digits(&mut mantissa)?;
        if whole > 1 && self.bytes[first_digit] == b'0' {
            self.at = first_digit;
            return Err(self.fault(FaultKind::LeadingZero));
        }
        let mut exponent = 0;
        let mut count = whole;
        if self.byte() == b'.' {
            self.at += 1;
            let decimals = self.digits(&mut mantissa)?;
            count += decimals;
            exponent = -(decimals.min(9999) as i32);
        }
        if matches!(self.byte(), b'e' | b'E') {
            self.at += 1;
            let sign = self.byte();
            self.at += usize::from(matches!(sign, b'+' | b'-'));
            let mut power = 0;
            // An exponent of 20 digits wraps, so the text is asked instead of the number.
            let power = if self.digits(&mut power)? > 4 { 99_999 } else { power as i32 };
            exponent += if sign == b'-' { -power } else { power };
        }
        Ok(Number { text: &self.text[start..self.at], mantissa, exponent, fits: count <= 19, negative })
    }

    /// Moves past a value of any shape and any depth, checking all of it.
    #[inline]
    pub(crate) fn skip_value(&mut self) -> Scan<()> {
        if self.shape()? == Shape::Text { self.pass_string() } else { self.skip_any_value() }
    }

    fn skip_any_value(&mut self) -> Scan<()> {
        self.nesting.clear();
        loop {
            match self.shape()? {
                Shape::Text => self.pass_string()?,
                Shape::Number => {
                    self.number()?;
                }
                Shape::Null => self.word(b"null")?,
                Shape::True => self.word(b"true")?,
                Shape::False => self.word(b"false")?,
                shape => {
                    self.at += 1;
                    let is_object = shape == Shape::Object;
                    if self.peek() == if is_object { b'}' } else { b']' } {
                        self.at += 1;
                    } else {
                        self.nesting.push(is_object);
                        if is_object {
                            self.pass_key()?;
                        }
                        continue;
                    }
                }
            }
            // A value has ended: close what ends with it, up to the next comma.
            loop {
                let Some(&is_object) = self.nesting.last() else { return Ok(()) };
                match (self.peek(), is_object) {
                    (b',', true) => {
                        self.at += 1;
                        self.pass_key()?;
                        break;
                    }
                    (b',', false) => {
                        self.at += 1;
                        break;
                    }
                    (b'}', true) | (b']', false) => {
                        self.at += 1;
                        self.nesting.pop();
                    }
                    (_, true) => return Err(self.fault(FaultKind::CommaOrBrace)),
                    (_, false) => return Err(self.fault(FaultKind::CommaOrBracket)),
                }
            }
        }
    }

    /// Checks that nothing but white space is left.
    pub(crate) fn end(&mut self) -> Scan<()> {
        self.peek();
        if self.at == self.bytes.len() { Ok(()) } else { Err(self.fault(FaultKind::End)) }
    }

    /// `true`, `false` or `null`, whose first letter was just seen.
    #[inline]
    pub(crate) fn word(&mut self, word: &'static [u8]) -> Scan<()> {
        let rest = &self.bytes[self.at..];
        if rest.starts_with(word) {
            self.at += word.len();
            return Ok(());
        }
        if word.starts_with(rest) {
            self.at = self.bytes.len();
        }
        Err(self.fault(FaultKind::Value))
    }

    /// The next byte that is not white space; 0 at the end, which no token starts with.
    #[inline]
    fn peek(&mut self) -> u8 {
        let byte = self.byte();
        if byte > b' ' { byte } else { self.skip_white_space() }
    }

    fn skip_white_space(&mut self) -> u8 {
        loop {
            match self.byte() {
                b' ' => self.pass_spaces(),
                b'\n' | b'\t' | b'\r' => self.at += 1,
                other => return other,
            }
        }
    }

    /// Indented documents are mostly runs of spaces: some twenty after each line feed, in call stacks hundreds.
    #[inline]
    fn pass_spaces(&mut self) {
        self.at += 1;
        while self.bytes[self.at..].first_chunk() == Some(&[b' '; 32]) {
            self.at += 32;
        }
        while let Some(run) = self.bytes[self.at..].first_chunk() {
            let spaces = leading_spaces(u128::from_le_bytes(*run));
            self.at += spaces;
            if spaces < 16 {
                return;
            }
        }
    }

    #[inline]
    fn byte(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    #[cold]
    fn fault(&mut self, kind: FaultKind) -> Broken {
        self.last_fault = Some(Fault { at: self.at, kind });
        Broken
    }

    #[inline]
    fn colon(&mut self) -> Scan<()> {
        if self.peek() != b':' {
            return Err(self.fault(FaultKind::Colon));
        }
        self.at += 1;
        Ok(())
    }

    fn pass_key(&mut self) -> Scan<()> {
        if self.peek() != b'"' {
            return Err(self.fault(FaultKind::Key));
        }
        self.pass_string()?;
        self.colon()
    }

    /// Reads at least one digit; answers how many.
    #[inline]
    fn digits(&mut self, mantissa: &mut u64) -> Scan<usize> {
        let mut count = 0;
        for byte in &self.bytes[self.at..] {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            *mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
            count += 1;
        }
        self.at += count;
        if count == 0 { Err(self.fault(FaultKind::Digit)) } else { Ok(count) }
    }

    /// Moves past a string, checking it.
    #[inline]
    fn pass_string(&mut self) -> Scan<()> {
        self.at += 1;
        loop {
            self.pass_plain();
            match self.byte() {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => self.pass_escape()?,
                _ if self.at == self.bytes.len() => return Err(self.fault(FaultKind::ClosingQuote)),
                _ => return Err(self.fault(FaultKind::ControlCharacter)),
            }
        }
    }

    /// Moves to the next quote, backslash or control character, eight bytes at a time.
    #[inline]
    fn pass_plain(&mut self) {
        let rest = &self.bytes[self.at..];
        let (blocks, tail) = rest.as_chunks::<8>();
        for (index, block) in blocks.iter().enumerate() {
            let special = special_bytes(u64::from_le_bytes(*block));
            if special != 0 {
                self.at += index * 8 + special.trailing_zeros() as usize / 8;
                return;
            }
        }
        let is_special = |&byte: &u8| byte < 0x20 || byte == b'"' || byte == b'\\';
        self.at += blocks.len() * 8 + tail.iter().position(is_special).unwrap_or(tail.len());
    }

    #[cold]
    fn pass_escape(&mut self) -> Scan<()> {
        let escape = &self.bytes[self.at..self.bytes.len().min(self.at + 6)];
        match escape {
            [_, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => self.at += 2,
            [_, b'u', digits @ ..] if digits.iter().all(u8::is_ascii_hexdigit) => {
                self.at += escape.len();
                if digits.len() < 4 {
                    return Err(self.fault(FaultKind::ClosingQuote));
                }
            }
            [_] => {
                self.at += 1;
                return Err(self.fault(FaultKind::ClosingQuote));
            }
            _ => return Err(self.fault(FaultKind::Escape)),
        }
        Ok(())
    }

    /// The meaning of a string whose escapes were checked by [`Self::pass_string`].
    #[cold]
    fn unescape(&mut self, raw: &str, start: usize) -> String {
        let mut text = String::with_capacity(raw.len());
        let mut rest = raw;
        while let Some(backslash) = rest.find('\\') {
            text.push_str(&rest[..backslash]);
            let escape = &rest[backslash..];
            let (character, length) = match escape.as_bytes()[1] {
                b'b' => ('\u{8}', 2),
                b'f' => ('\u{c}', 2),
                b'n' => ('\n', 2),
                b'r' => ('\r', 2),
                b't' => ('\t', 2),
                b'u' => {
                    let unit = code_unit(escape).unwrap_or(0xFFFD);
                    let low = code_unit(&escape[6..]).filter(|low| (0xDC00..0xE000).contains(low));
                    match (unit, low) {
                        (0xD800..0xDC00, Some(low)) => {
                            let scalar = 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                            (char::from_u32(scalar).unwrap_or(char::REPLACEMENT_CHARACTER), 12)
                        }
                        _ => (char::from_u32(unit).unwrap_or_else(|| self.lone_surrogate(start)), 6),
                    }
                }
                same => (char::from(same), 2),
            };
            text.push(character);
            rest = &escape[length..];
        }
        text.push_str(rest);
        text
    }

    fn lone_surrogate(&mut self, start: usize) -> char {
        if self.lone_surrogates == 0 {
            self.first_lone_surrogate = start - 1;
        }
        self.lone_surrogates += 1;
        char::REPLACEMENT_CHARACTER
    }
}

/// The UTF-16 code unit of a text that starts with `\uXXXX`.
fn code_unit(escape: &str) -> Option<u32> {
    let digits = escape.strip_prefix("\\u")?.get(..4)?;
    u32::from_str_radix(digits, 16).ok()
}

/// How many of sixteen bytes are spaces before the first one that is not.
#[inline]
fn leading_spaces(block: u128) -> usize {
    const SPACES: u128 = u128::MAX / 255 * b' ' as u128;
    (block ^ SPACES).trailing_zeros() as usize / 8
}

/// Sets the top bit of each byte that is a quote, a backslash or below 0x20. Bits above the lowest one may be wrong (a borrow
/// runs upwards), so only the lowest counts.
#[inline]
fn special_bytes(block: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    // Flipping bit 1 takes the quote (0x22) to 0x20, next to the control characters, and 0x20 and 0x21 out of its way.
    let flipped = block ^ (ONES * 0x02);
    let quote_or_control = flipped.wrapping_sub(ONES * 0x21) & !flipped;
    let slash = block ^ (ONES * 0x5C);
    let backslash = slash.wrapping_sub(ONES) & !slash;
    (quote_or_control | backslash) & (ONES * 0x80)
}
