//! The root object of a large JSON document: short fields one after the other, long lists made side by side and some hundred elements
//! at a time, so that the whole is never in memory.

use super::inert::InertFormatter;
use super::{Digits, JsonLayout};
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
    layout: JsonLayout,
    is_open: bool,
}

/// What stands around the parts of the root object.
struct Marks {
    /// Before its first name, and before the others.
    names: [&'static str; 2],
    after_name: &'static str,
    /// Before the first element of a long list, between two, and after the last.
    elements: [&'static str; 3],
    end: &'static str,
}

impl JsonLayout {
    fn marks(self) -> Marks {
        match self {
            Self::Compact => {
                Marks { names: ["{\"", ",\""], after_name: "\":", elements: ["[\n", ",\n", "\n]"], end: "}\n" }
            }
            Self::Indented => Marks {
                names: ["{\n  \"", ",\n  \""],
                after_name: "\": ",
                elements: ["[\n    ", ",\n    ", "\n  ]"],
                end: "\n}\n",
            },
        }
    }
}

impl<'o, W: Write> Root<'o, W> {
    pub(crate) fn new(out: &'o mut W, layout: JsonLayout) -> Self {
        Self { out, layout, is_open: false }
    }

    pub(crate) fn field(&mut self, name: &str, value: &impl Serialize) -> io::Result<()> {
        self.name(name)?;
        let text = self.layout.within_lists(&[value], 1, Digits::All)?;
        self.out.write_all(&text)
    }

    pub(crate) fn list<T: Sync, J: Serialize>(
        &mut self,
        name: &str,
        list: &LongList<'_, T, J>,
        digits: Digits,
    ) -> io::Result<()> {
        /// Elements that one thread makes in one go.
        const AT_A_TIME: usize = 4;
        /// Elements that are in memory as text.
        const IN_MEMORY: usize = 512;
        self.name(name)?;
        if list.of.is_empty() {
            return self.out.write_all(b"[]");
        }
        let layout = self.layout;
        let [mut before, between, end] = layout.marks().elements;
        for elements in list.of.chunks(IN_MEMORY) {
            let made: io::Result<Vec<Vec<Vec<u8>>>> = elements
                .par_chunks(AT_A_TIME)
                .map(|elements| {
                    elements.iter().map(|of| layout.within_lists(&[&[(list.make)(of)]], 2, digits)).collect()
                })
                .collect();
            for text in made?.concat() {
                self.out.write_all(before.as_bytes())?;
                self.out.write_all(&text)?;
                before = between;
            }
        }
        self.out.write_all(end.as_bytes())
    }

    pub(crate) fn end(self) -> io::Result<()> {
        self.out.write_all(self.layout.marks().end.as_bytes())?;
        self.out.flush()
    }

    fn name(&mut self, name: &str) -> io::Result<()> {
        let marks = self.layout.marks();
        self.out.write_all(marks.names[usize::from(self.is_open)].as_bytes())?;
        self.is_open = true;
        self.out.write_all(name.as_bytes())?;
        self.out.write_all(marks.after_name.as_bytes())
    }
}

impl JsonLayout {
    /// What stands in lists inside each other, `levels` deep: values are made inside lists to be indented as they will stand.
    fn within_lists(self, lists: &impl Serialize, levels: usize, digits: Digits) -> io::Result<Vec<u8>> {
        let mut text = Vec::with_capacity(1 << 12);
        let around = match self {
            Self::Compact => {
                let formatter = InertFormatter::compact().of(digits);
                lists.serialize(&mut serde_json::Serializer::with_formatter(&mut text, formatter))?;
                (levels, levels)
            }
            Self::Indented => {
                let formatter = InertFormatter::pretty().of(digits);
                lists.serialize(&mut serde_json::Serializer::with_formatter(&mut text, formatter))?;
                // Each `[` or `]` on a line of its own, indented by two more.
                let opening = (1..=levels).map(|level| 2 + 2 * level).sum();
                (opening, opening - 2 * levels)
            }
        };
        text.truncate(text.len() - around.1);
        text.drain(..around.0);
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn it_is_written_as_serde_json_writes_it() {
        let numbers: Vec<u32> = (0..1100).collect();
        let element = |number: &u32| json!({"number": number, "digits": [number % 10, {}]});
        for layout in [JsonLayout::Indented, JsonLayout::Compact] {
            let mut out = Vec::new();
            let mut root = Root::new(&mut out, layout);
            root.field("a", &json!({"b": [1, 2], "c": {}})).unwrap();
            root.list("none", &LongList::new(&numbers[..0], element), Digits::Six).unwrap();
            root.list("one", &LongList::new(&numbers[..1], element), Digits::Six).unwrap();
            root.list("z", &LongList::new(&numbers, element), Digits::Six).unwrap();
            root.end().unwrap();
            let all: Vec<_> = numbers.iter().map(element).collect();
            let expected = json!({"a": {"b": [1, 2], "c": {}}, "none": [], "one": [element(&0)], "z": all});
            let written = String::from_utf8(out).unwrap();
            if layout == JsonLayout::Indented {
                assert_eq!(written, serde_json::to_string_pretty(&expected).unwrap() + "\n");
            } else {
                assert_eq!(written.replace('\n', ""), serde_json::to_string(&expected).unwrap());
                assert_eq!(written.lines().count(), 1 + 1100 + 3, "a line for each element");
            }
        }
    }
}
