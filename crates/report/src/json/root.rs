//! The root object of a large JSON document: short fields one after the other, long lists made side by side and some hundred elements
//! at a time, so that the whole is never in memory.

use super::inert::InertFormatter;
use rayon::prelude::*;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use std::borrow::Cow;
use std::io::{self, Write};

/// A list whose elements are made where they are written.
pub(crate) struct LongList<'a, T, J> {
    of: &'a [T],
    make: Box<dyn Fn(&'a T) -> J + Sync + 'a>,
}

impl<'a, T, J> LongList<'a, T, J> {
    pub(crate) fn new(of: &'a [T], make: impl Fn(&'a T) -> J + Sync + 'a) -> Self {
        Self { of, make: Box::new(make) }
    }
}

/// To a reader it is a list like any other.
impl<T, J: JsonSchema> JsonSchema for LongList<'_, T, J> {
    fn schema_name() -> Cow<'static, str> {
        Vec::<J>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Vec::<J>::json_schema(generator)
    }

    fn inline_schema() -> bool {
        Vec::<J>::inline_schema()
    }
}

/// Writes the fields of the root object.
pub(crate) struct Root<'o, W> {
    out: &'o mut W,
    is_open: bool,
}

impl<'o, W: Write> Root<'o, W> {
    pub(crate) fn new(out: &'o mut W) -> Self {
        Self { out, is_open: false }
    }

    pub(crate) fn field(&mut self, name: &str, value: &impl Serialize) -> io::Result<()> {
        self.name(name)?;
        self.out.write_all(within(&to_json(&[value])?, "[\n  ", "\n]"))
    }

    pub(crate) fn list<T: Sync, J: Serialize>(&mut self, name: &str, list: &LongList<'_, T, J>) -> io::Result<()> {
        /// Elements that one thread makes in one go.
        const AT_A_TIME: usize = 4;
        /// Elements that are in memory as text.
        const IN_MEMORY: usize = 512;
        self.name(name)?;
        if list.of.is_empty() {
            return self.out.write_all(b"[]");
        }
        let mut before: &[u8] = b"[\n    ";
        for elements in list.of.chunks(IN_MEMORY) {
            let made: io::Result<Vec<Vec<u8>>> = elements
                .par_chunks(AT_A_TIME)
                .map(|elements| to_json(&[elements.iter().map(&list.make).collect::<Vec<J>>()]))
                .collect();
            for text in made? {
                self.out.write_all(before)?;
                self.out.write_all(within(&text, "[\n  [\n    ", "\n  ]\n]"))?;
                before = b",\n    ";
            }
        }
        self.out.write_all(b"\n  ]")
    }

    pub(crate) fn end(self) -> io::Result<()> {
        self.out.write_all(b"\n}\n")?;
        self.out.flush()
    }

    fn name(&mut self, name: &str) -> io::Result<()> {
        self.out.write_all(if self.is_open { b",\n  \"" } else { b"{\n  \"" })?;
        self.is_open = true;
        self.out.write_all(name.as_bytes())?;
        self.out.write_all(b"\": ")
    }
}

fn to_json(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(1 << 16);
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, InertFormatter::pretty()))?;
    Ok(out)
}

/// What stands between two texts: values are made inside lists to be indented as they will stand.
fn within<'t>(text: &'t [u8], before: &str, after: &str) -> &'t [u8] {
    &text[before.len()..text.len() - after.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn it_is_written_as_serde_json_writes_it() {
        let numbers: Vec<u32> = (0..1100).collect();
        let element = |number: &u32| json!({"number": number, "digits": [number % 10, {}]});
        let mut out = Vec::new();
        let mut root = Root::new(&mut out);
        root.field("a", &json!({"b": [1, 2], "c": {}})).unwrap();
        root.list("none", &LongList::new(&numbers[..0], element)).unwrap();
        root.list("one", &LongList::new(&numbers[..1], element)).unwrap();
        root.list("z", &LongList::new(&numbers, element)).unwrap();
        root.end().unwrap();
        let all: Vec<_> = numbers.iter().map(element).collect();
        let expected = json!({"a": {"b": [1, 2], "c": {}}, "none": [], "one": [element(&0)], "z": all});
        assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string_pretty(&expected).unwrap() + "\n");
    }
}
