//! Where the parts of a JSON value are, for those who look at documents of unknown shape. Nothing here recurses.

use crate::scanner::{Scanner, Shape};
use std::borrow::Cow;
use std::ops::Range;

/// Fields of an object: each key, and where its value is.
pub(crate) type Fields<'a> = Vec<(Cow<'a, str>, Range<usize>)>;

/// The fields of a text that is one object, or starts with one.
pub(crate) fn fields(text: &str) -> Option<Fields<'_>> {
    let mut scanner = Scanner::new(text);
    if scanner.shape().ok()? != Shape::Object {
        return None;
    }
    scanner.open();
    let (mut fields, mut is_first) = (Vec::new(), true);
    while scanner.next_field(&mut is_first).ok()? {
        let key = scanner.key().ok()?;
        fields.push((key, value(&mut scanner)?));
    }
    Some(fields)
}

/// Where the elements of an array are.
pub(crate) fn elements(text: &str) -> Option<Vec<Range<usize>>> {
    let mut scanner = Scanner::new(text);
    if scanner.shape().ok()? != Shape::Array {
        return None;
    }
    scanner.open();
    let (mut elements, mut is_first) = (Vec::new(), true);
    while scanner.next_element(&mut is_first).ok()? {
        elements.push(value(&mut scanner)?);
    }
    Some(elements)
}

/// Moves past a value.
fn value(scanner: &mut Scanner<'_>) -> Option<Range<usize>> {
    scanner.shape().ok()?;
    let start = scanner.offset();
    scanner.skip_value().ok()?;
    Some(start..scanner.offset())
}

/// The meaning of a text, where there is one.
pub(crate) fn string(text: &str) -> Option<Cow<'_, str>> {
    let mut scanner = Scanner::new(text);
    if scanner.shape().ok()? == Shape::Text { scanner.string().ok() } else { None }
}
