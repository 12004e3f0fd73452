//! JSON text, written straight through: keys in the order they are given, floats as short as they can be.
//!
//! `serde_json::Value` sorts keys or keeps their order depending on a feature that any crate of the workspace can switch on,
//! and it recurses over what it writes: a call stack of 10,000 frames would end the process. This writer does neither. It
//! asks `serde_json` only how a text is escaped and how a float is spelled.

/// How the text is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// One line, no spaces: what the API sends.
    #[default]
    Compact,
    /// Two spaces per level: what a person saves. Indentation grows with the square of the depth, so not for deep stacks.
    Pretty,
}

/// A JSON text in the making. Brackets are the caller's duty.
#[derive(Debug, Default)]
pub struct JsonWriter {
    text: String,
    style: Style,
    depth: usize,
    /// Whether the next key or element follows another one.
    follows: bool,
    /// Whether the next value belongs to a key that was just written.
    after_key: bool,
}

impl JsonWriter {
    /// An empty text.
    pub fn new(style: Style) -> Self {
        Self { style, ..Self::default() }
    }

    /// The text, with a final newline when it is pretty.
    pub fn finish(mut self) -> String {
        if self.style == Style::Pretty {
            self.text.push('\n');
        }
        self.text
    }

    /// Opens an object.
    pub fn begin_object(&mut self) {
        self.begin('{');
    }

    /// Closes an object.
    pub fn end_object(&mut self) {
        self.end('}');
    }

    /// Opens an array.
    pub fn begin_array(&mut self) {
        self.begin('[');
    }

    /// Closes an array.
    pub fn end_array(&mut self) {
        self.end(']');
    }

    /// A key; its value comes next.
    pub fn key(&mut self, key: &str) {
        self.separate();
        self.push_quoted(key);
        self.text.push(':');
        if self.style == Style::Pretty {
            self.text.push(' ');
        }
        self.after_key = true;
    }

    /// A text.
    pub fn string(&mut self, text: &str) {
        self.separate();
        self.push_quoted(text);
        self.follows = true;
    }

    /// A number; whole ones without a fraction, as Apple writes `750`.
    ///
    /// # Panics
    /// When it is not finite: JSON has no word for that.
    pub fn number(&mut self, number: f64) {
        assert!(number.is_finite(), "JSON has no word for {number}");
        self.separate();
        // 2^53: above it not every whole number is a double.
        if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 {
            self.text.push_str(&(number as i64).to_string());
        } else {
            self.text.push_str(&serde_json::Value::from(number).to_string());
        }
        self.follows = true;
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, value: bool) {
        self.separate();
        self.text.push_str(if value { "true" } else { "false" });
        self.follows = true;
    }

    /// A key with a text.
    pub fn string_at(&mut self, key: &str, text: &str) {
        self.key(key);
        self.string(text);
    }

    /// A key with a number.
    pub fn number_at(&mut self, key: &str, number: f64) {
        self.key(key);
        self.number(number);
    }

    /// A key with `true` or `false`.
    pub fn boolean_at(&mut self, key: &str, value: bool) {
        self.key(key);
        self.boolean(value);
    }

    /// A key with an object, whose fields `fill` writes.
    pub fn object_at(&mut self, key: &str, fill: impl FnOnce(&mut Self)) {
        self.key(key);
        self.begin_object();
        fill(self);
        self.end_object();
    }

    /// A key with an array of objects; `fill` writes the fields of each.
    pub fn objects_at<T>(&mut self, key: &str, items: impl IntoIterator<Item = T>, mut fill: impl FnMut(&mut Self, T)) {
        self.key(key);
        self.begin_array();
        for item in items {
            self.begin_object();
            fill(self, item);
            self.end_object();
        }
        self.end_array();
    }

    /// A key with an array of texts.
    pub fn strings_at<'a>(&mut self, key: &str, texts: impl IntoIterator<Item = &'a str>) {
        self.key(key);
        self.begin_array();
        texts.into_iter().for_each(|text| self.string(text));
        self.end_array();
    }

    fn begin(&mut self, bracket: char) {
        self.separate();
        self.text.push(bracket);
        self.depth += 1;
        self.follows = false;
    }

    fn end(&mut self, bracket: char) {
        self.depth -= 1;
        if self.follows {
            self.new_line();
        }
        self.text.push(bracket);
        self.follows = true;
    }

    /// What stands between the last thing written and the next one.
    fn separate(&mut self) {
        if std::mem::take(&mut self.after_key) {
            return;
        }
        if self.follows {
            self.text.push(',');
        }
        if self.depth > 0 {
            self.new_line();
        }
    }

    fn new_line(&mut self) {
        if self.style == Style::Pretty {
            self.text.push('\n');
            (0..self.depth).for_each(|_| self.text.push_str("  "));
        }
    }

    fn push_quoted(&mut self, text: &str) {
        self.text.push_str(&serde_json::Value::from(text).to_string());
    }
}

/// A value as Apple rounds it: so many decimals, the half away from zero.
pub fn rounded(value: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    (value * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(style: Style) -> String {
        let mut json = JsonWriter::new(style);
        json.begin_object();
        json.string_at("quote", "a \"b\"\n\u{1F600}");
        json.number_at("whole", 750.0);
        json.objects_at("items", [907.48, 0.1 + 0.2], |json, value| json.number_at("value", value));
        json.strings_at("none", []);
        json.object_at("empty", |_| {});
        json.boolean_at("last", true);
        json.end_object();
        json.finish()
    }

    #[test]
    fn compact_is_one_line_in_the_order_given() {
        assert_eq!(
            sample(Style::Compact),
            r#"{"quote":"a \"b\"\n😀","whole":750,"items":[{"value":907.48},{"value":0.30000000000000004}],"none":[],"empty":{},"last":true}"#
        );
    }

    #[test]
    fn pretty_says_the_same() {
        let pretty = sample(Style::Pretty);
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&pretty), value(&sample(Style::Compact)));
        assert!(pretty.contains("\n    {\n      \"value\": 907.48\n    },\n"), "{pretty}");
        assert!(pretty.contains("\"none\": [],\n"), "{pretty}");
    }

    #[test]
    fn rounding_is_of_the_decimal_kind() {
        assert!((rounded(907.4751, 2) - 907.48).abs() < 1e-12);
        assert!((rounded(-2.45, 1) + 2.5).abs() < 1e-12);
    }
}
