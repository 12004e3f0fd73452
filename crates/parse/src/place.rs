//! Byte offsets into JSON paths, lines and columns.
//!
//! Only faults need a place, and there are few of them, so nobody keeps track while reading: the text is walked once more, for
//! all faults of a document together. The walk takes broken text as it comes, because a fault is often where it breaks.

use perfpower_model::TextPlace;

/// Where something stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// Such as `productData[0].metricCategories[2]`; empty = the document itself.
    pub(crate) path: String,
    /// 1-based; 0 = not in the text.
    pub(crate) line: u32,
    /// 1-based, in characters.
    pub(crate) column: u32,
}

impl Place {
    /// Line and column.
    pub(crate) fn in_text(&self) -> Option<TextPlace> {
        (self.line > 0).then_some(TextPlace { line: self.line, column: self.column })
    }
}

/// Steps of a path that are shown at either end of a longer one. Apple's documents are ten levels deep but for call stacks, of
/// which the innermost frames matter; twelve shows all of the former and enough of the latter.
const STEPS_SHOWN: usize = 12;

/// Characters of one key that are shown: arbitrary, twice Apple's longest.
const KEY_CHARACTERS_SHOWN: usize = 60;

enum Level<'a> {
    /// The key that was read last, between its quotes; `None` before the first and after each comma.
    Object(Option<&'a [u8]>),
    /// Position of the element.
    Array(usize),
}

/// The place of each offset; offsets must ascend.
pub(crate) fn places(text: &[u8], offsets: &[usize]) -> Vec<Place> {
    let mut places = Vec::with_capacity(offsets.len());
    let mut levels: Vec<Level> = Vec::new();
    let (mut line, mut line_start, mut at) = (1, 0, 0);
    while at < text.len() && places.len() < offsets.len() {
        let end = if text[at] == b'"' { end_of_string(text, at) } else { at + 1 };
        while let Some(&offset) = offsets.get(places.len()).filter(|&&offset| offset < end) {
            places.push(Place { path: path(&levels), line, column: column(text, line_start, offset) });
        }
        match text[at] {
            b'\n' => {
                line += 1;
                line_start = end;
            }
            b'{' => levels.push(Level::Object(None)),
            b'[' => levels.push(Level::Array(0)),
            b'}' | b']' => drop(levels.pop()),
            b',' => match levels.last_mut() {
                Some(Level::Object(key)) => *key = None,
                Some(Level::Array(position)) => *position += 1,
                None => {}
            },
            b'"' => {
                if let Some(Level::Object(key @ None)) = levels.last_mut() {
                    *key = text.get(at + 1..end - 1);
                }
            }
            _ => {}
        }
        at = end;
    }
    while let Some(&offset) = offsets.get(places.len()) {
        places.push(Place { path: path(&levels), line, column: column(text, line_start, offset) });
    }
    places
}

/// One past the closing quote, or past the last byte where the string is not closed.
fn end_of_string(text: &[u8], quote: usize) -> usize {
    let mut at = quote + 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return at + 1,
            // A raw line break is a fault in a string, and lines are counted outside of strings: both end here.
            b'\n' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

/// Characters from the start of the line, counted by the bytes that start one.
fn column(text: &[u8], line_start: usize, offset: usize) -> u32 {
    let before = text.get(line_start..offset.min(text.len())).unwrap_or_default();
    1 + before.iter().filter(|&&byte| byte & 0xC0 != 0x80).count() as u32
}

fn path(levels: &[Level]) -> String {
    let mut path = String::new();
    for (depth, level) in levels.iter().enumerate() {
        if depth >= STEPS_SHOWN && depth + STEPS_SHOWN < levels.len() {
            if depth == STEPS_SHOWN {
                path.push('…');
            }
            continue;
        }
        match level {
            Level::Object(None) => {}
            Level::Object(Some(key)) => push_key(&mut path, key),
            Level::Array(position) => {
                path.push('[');
                path.push_str(&position.to_string());
                path.push(']');
            }
        }
    }
    path
}

fn push_key(path: &mut String, key: &[u8]) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(&shown_key(&String::from_utf8_lossy(key)));
}

/// A key for a path: as it is where it is a plain word, else quoted, without control characters and not too long.
pub(crate) fn shown_key(key: &str) -> String {
    let is_plain = !key.is_empty()
        && key.len() <= KEY_CHARACTERS_SHOWN
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'$' | b'@'));
    if is_plain { key.to_owned() } else { quoted(key, KEY_CHARACTERS_SHOWN) }
}

/// A text in quotes, cut where it is too long, with control characters escaped.
pub(crate) fn quoted(text: &str, characters: usize) -> String {
    let mut shown = String::from("\"");
    for character in text.chars().take(characters) {
        if character == '"' || character == '\'' {
            shown.push(character);
        } else {
            shown.extend(character.escape_debug());
        }
    }
    if text.chars().nth(characters).is_some() {
        shown.push('…');
    }
    shown.push('"');
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str, needle: &str) -> (String, u32, u32) {
        let offset = text.find(needle).expect("the needle is in the text");
        let place = places(text.as_bytes(), &[offset]).remove(0);
        (place.path, place.line, place.column)
    }

    #[test]
    fn a_value_has_the_path_of_its_key_and_a_key_that_of_its_object() {
        let text = "{\"a\": [1,\n  {\"é\": 2, \"x y\": \"]\", \"b\": {\"c\": 3}}]}";
        assert_eq!(place(text, "1"), ("a[0]".into(), 1, 8));
        assert_eq!(place(text, "{\"é"), ("a[1]".into(), 2, 3));
        assert_eq!(place(text, "2"), ("a[1].\"é\"".into(), 2, 9));
        assert_eq!(place(text, "\"]\""), ("a[1].\"x y\"".into(), 2, 19));
        assert_eq!(place(text, "3"), ("a[1].b.c".into(), 2, 35));
        assert_eq!(place(text, "\"b\""), ("a[1]".into(), 2, 24));
        assert_eq!(places(text.as_bytes(), &[text.len()])[0].path, "");
    }

    #[test]
    fn long_paths_show_both_ends() {
        let text = "[".repeat(100);
        let path = &places(text.as_bytes(), &[100])[0].path;
        assert_eq!(path, &format!("{}…{}", "[0]".repeat(12), "[0]".repeat(12)));
    }

    #[test]
    fn several_offsets_are_answered_in_one_walk() {
        let text = "[10,\n20,\n30]";
        let found: Vec<_> = places(text.as_bytes(), &[1, 5, 5, 9]).into_iter().map(|p| (p.path, p.line)).collect();
        assert_eq!(found, [("[0]".into(), 1), ("[1]".into(), 2), ("[1]".into(), 2), ("[2]".into(), 3)]);
    }
}
