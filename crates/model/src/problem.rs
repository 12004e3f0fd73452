//! What could not be read, and what a reader must know about what could.

/// How much a [`Problem`] costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The document, or the input that it came from, is lost.
    Error,
    /// A part is lost, or a value was read in a way that was not certain.
    Warning,
    /// Nothing is lost; shown by `inspect` alone.
    Note,
}

impl Severity {
    /// Lower-case word, as reports show it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextPlace {
    /// 1-based.
    pub line: u32,
    /// 1-based, counted in characters.
    pub column: u32,
}

/// One fault in one document. The file's name is added by whoever opened it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How much it costs.
    pub severity: Severity,
    /// Stable kebab-case word for programs, such as `truncated-json`.
    pub code: &'static str,
    /// JSON path, such as `productData[0].metricCategories[2]`; empty = the whole document.
    pub at: String,
    /// Where in the text; absent = not about one place in it.
    pub place: Option<TextPlace>,
    /// What was found and what was expected: a lower-case fragment without a full stop.
    pub message: String,
    /// What usually cures it; absent = nothing to suggest.
    pub hint: Option<String>,
}

impl Problem {
    /// A problem of the whole document.
    pub fn new(severity: Severity, code: &'static str, message: impl Into<String>) -> Self {
        Self { severity, code, at: String::new(), place: None, message: message.into(), hint: None }
    }

    /// The same with a cure.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same at a JSON path.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.at = path.into();
        self
    }
}
