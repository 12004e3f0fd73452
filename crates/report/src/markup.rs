//! Elements that data cannot break out of.
//!
//! Tags and attribute names are `&'static str`: they come from this program, never from an archive. Everything else is a
//! text or an attribute's value, made harmless on the way in ([`visible`]) and escaped on the way out, in one place. The
//! same tree is written twice: as markup for what a page shows at once, as JSON for what its script builds on demand.

use crate::safe::{visible, visible_lines};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use std::fmt::Write as _;

/// An HTML or SVG element.
#[derive(Clone, Debug)]
pub struct Element {
    tag: &'static str,
    attributes: Vec<(&'static str, String)>,
    children: Vec<Node>,
}

#[derive(Clone, Debug)]
enum Node {
    Element(Element),
    Text(String),
}

/// Elements that HTML knows without an end tag.
const VOID: [&str; 5] = ["br", "hr", "input", "col", "meta"];

impl Element {
    /// An element without attributes.
    pub fn new(tag: &'static str) -> Self {
        Self { tag, attributes: Vec::new(), children: Vec::new() }
    }

    /// An element with a class.
    pub fn of(tag: &'static str, class: &str) -> Self {
        Self::new(tag).attr("class", class)
    }

    /// The same with an attribute. Links are made by [`Element::link_to`] alone, handlers and styles not at all: the
    /// page's security policy would refuse them.
    #[must_use]
    pub(crate) fn attr(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        debug_assert!(name != "href" && name != "style" && !name.starts_with("on"), "{name} is not for data");
        self.attributes.push((name, visible(value.as_ref()).into_owned()));
        self
    }

    /// The same of several lines, whose ends stay: for a text that is copied.
    #[must_use]
    pub(crate) fn attr_of_lines(mut self, name: &'static str, value: &str) -> Self {
        let lines: Vec<_> = value.split('\n').map(visible).collect();
        self.attributes.push((name, lines.join("\n")));
        self
    }

    /// The same as a link to another place of the page.
    #[must_use]
    pub(crate) fn link_to(mut self, fragment: &str) -> Self {
        self.attributes.push(("href", format!("#{}", visible(fragment))));
        self
    }

    /// The same with a text at its end.
    #[must_use]
    pub fn text(mut self, text: impl AsRef<str>) -> Self {
        self.children.push(Node::Text(visible(text.as_ref()).into_owned()));
        self
    }

    /// The same with a text of several lines at its end.
    #[must_use]
    pub fn lines(mut self, text: &str) -> Self {
        self.children.push(Node::Text(visible_lines(text)));
        self
    }

    /// The same with a child at its end.
    #[must_use]
    pub fn child(mut self, child: Element) -> Self {
        self.children.push(Node::Element(child));
        self
    }

    /// The same with children at its end.
    #[must_use]
    pub fn children(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        self.children.extend(children.into_iter().map(Node::Element));
        self
    }

    /// As markup, well-formed as HTML and as XML.
    pub(crate) fn to_markup(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    /// Recurses over a tree that this program builds: its depth is that of a card, never that of an input.
    fn write(&self, out: &mut String) {
        out.push('<');
        out.push_str(self.tag);
        for (name, value) in &self.attributes {
            out.push(' ');
            out.push_str(name);
            out.push_str("=\"");
            escape(value, out);
            out.push('"');
        }
        if VOID.contains(&self.tag) {
            out.push_str("/>");
            return;
        }
        out.push('>');
        for child in &self.children {
            match child {
                Node::Element(element) => element.write(out),
                Node::Text(text) => escape(text, out),
            }
        }
        out.push_str("</");
        out.push_str(self.tag);
        out.push('>');
    }
}

/// `["tag", {attributes}, children…]`, a text being a string.
impl Serialize for Element {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Attributes<'a>(&'a [(&'static str, String)]);
        impl Serialize for Attributes<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(Some(self.0.len()))?;
                for (name, value) in self.0 {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
        let mut seq = serializer.serialize_seq(Some(self.children.len() + 2))?;
        seq.serialize_element(self.tag)?;
        seq.serialize_element(&Attributes(&self.attributes))?;
        for child in &self.children {
            match child {
                Node::Element(element) => seq.serialize_element(element)?,
                Node::Text(text) => seq.serialize_element(text)?,
            }
        }
        seq.end()
    }
}

/// The one place where text becomes markup.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

/// JSON that can stand inside a `<script>` element: no character in it can end the element or start a comment. All of
/// these occur in JSON only inside strings, where an escape means the same.
pub(crate) fn script_safe(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + json.len() / 32);
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn data_stays_data() {
        let element = Element::of("p", "a\"b").child(Element::new("bdi").text("</script><img src=x onerror=alert(1)>"));
        assert_eq!(
            element.to_markup(),
            "<p class=\"a&quot;b\"><bdi>&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;</bdi></p>"
        );
        let json = script_safe(&serde_json::to_string(&element).unwrap());
        assert!(!json.contains(['<', '>', '&']), "{json}");
        let back: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(back[2][2], "</script><img src=x onerror=alert(1)>");
    }

    proptest! {
        #[test]
        fn no_text_becomes_markup(text in any::<String>()) {
            let markup = Element::new("p").attr("title", &text).text(&text).to_markup();
            prop_assert_eq!(markup.matches('<').count(), 2);
            prop_assert_eq!(markup.matches('>').count(), 2);
            prop_assert_eq!(markup.matches('"').count(), 2);
        }
    }
}
