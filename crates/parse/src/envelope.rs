//! What people and programs put round a body, taken off by what it is and never by a name.
//!
//! A body that is plain is read as it is and costs nothing here: only what [`parse`](crate::parse) makes nothing of is looked at. Then each form
//! is tried in turn, outermost first, until a body of a known kind comes out; what leads to none was no envelope, and the document
//! is told as it stands.
//!
//! ```text
//! whole file   packed.rs   gzip, zstd, base64, UTF-16, colours of a terminal
//!              http.rs     headers of `curl -i`, `curl -v`, `HTTPie`
//!              text.rs     guards and callbacks of scripts, code fences, event streams, printed Python bytes
//! values       json.rs     objects, arrays, texts that hold documents; har.rs: what a browser or a proxy recorded
//!              lines.rs    several documents one after the other
//! ```
//!
//! What stands beside a body in its envelope (an address, a time, an app) is kept as [`Facts`].

mod facts;
mod har;
mod http;
mod json;
mod lines;
mod packed;
mod text;

use crate::{ParseOptions, api_error, foreign, parse_products};
use facts::Facts;
use perfpower_model::{Day, Document, Kind, NameId, Problem, Severity, TextPlace};
use std::borrow::Cow;
use std::fmt;

/// Layers that are taken off before a file is given up. The deepest that was seen is a base64 text of gzip in a field of a tool's
/// answer in a recorded response, which are nine.
const MAX_LAYERS: usize = 24;

/// Documents of one file. Arbitrary: far more than anybody joins, few enough that a hostile file costs seconds.
const MAX_DOCUMENTS: usize = 20_000;

/// Bytes that a file's packed layers may unpack to, where that is less than [`MAX_RATIO`] times the file.
const FREE_BYTES: usize = 64 << 20;

/// Unpacked bytes per byte of the file, beyond [`FREE_BYTES`]: as for packed files.
const MAX_RATIO: usize = 512;

/// One document of a file, with what was round it.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The document. Places of its problems are those of the file where the text of the file is that of the document; what was
    /// unpacked or unquoted has the line of where it stands, and the path says the rest.
    pub document: Document,
    /// What it was in.
    pub envelope: Envelope,
}

/// What was round a body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// Outermost first; empty = the file was the body.
    pub layers: Vec<Layer>,
    /// The address of the request, whole or from its path on.
    pub url: Option<String>,
    /// When the body was received or saved: a header, an entry, a field beside it.
    pub day: Option<Day>,
}

/// One thing round a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layer {
    /// The gzip form of what is inside.
    Gzip,
    /// The zstd form.
    Zstd,
    /// The base64 form.
    Base64,
    /// Text in UTF-16, as a shell on Windows writes it.
    Utf16,
    /// Text with the colours of a terminal.
    Colours,
    /// Headers of HTTP in front.
    HttpHeaders,
    /// What stands round a body against scripts, or to call one: `)]}'`, `callback(…)`.
    Script,
    /// A block of code in a text.
    CodeFence,
    /// A message of an event stream.
    Event,
    /// Bytes as Python prints them.
    PythonBytes,
    /// A field of an object.
    Field(String),
    /// A text that holds the document.
    Text,
    /// One of several in an array.
    Element {
        /// From 0.
        index: usize,
        /// How many the array has.
        count: usize,
    },
    /// One of several documents in a row.
    Row {
        /// From 0.
        index: usize,
    },
    /// An entry of a HAR file: a request and its response.
    HarEntry {
        /// From 0.
        index: usize,
    },
}

impl Layer {
    /// Its kind in one word, for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Base64 => "base64",
            Self::Utf16 => "utf16",
            Self::Colours => "colours",
            Self::HttpHeaders => "http_headers",
            Self::Script => "script",
            Self::CodeFence => "code_fence",
            Self::Event => "event",
            Self::PythonBytes => "python_bytes",
            Self::Field(_) => "field",
            Self::Text => "text",
            Self::Element { .. } => "element",
            Self::Row { .. } => "row",
            Self::HarEntry { .. } => "har_entry",
        }
    }

    /// The layer of a word, with the field, the position and the count of those that have one. Absent where these do not go together.
    pub fn of_word(word: &str, field: Option<&str>, index: Option<u64>, count: Option<u64>) -> Option<Self> {
        let index = index.and_then(|index| usize::try_from(index).ok());
        let plain = [
            Self::Gzip,
            Self::Zstd,
            Self::Base64,
            Self::Utf16,
            Self::Colours,
            Self::HttpHeaders,
            Self::Script,
            Self::CodeFence,
            Self::Event,
            Self::PythonBytes,
            Self::Text,
        ];
        match word {
            "field" => Some(Self::Field(field?.to_owned())),
            "element" => Some(Self::Element { index: index?, count: usize::try_from(count?).ok()? }),
            "row" => Some(Self::Row { index: index? }),
            "har_entry" => Some(Self::HarEntry { index: index? }),
            _ => plain.into_iter().find(|layer| layer.word() == word),
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gzip => f.write_str("gzip"),
            Self::Zstd => f.write_str("zstd"),
            Self::Base64 => f.write_str("base64"),
            Self::Utf16 => f.write_str("UTF-16"),
            Self::Colours => f.write_str("colours of a terminal"),
            Self::HttpHeaders => f.write_str("HTTP headers"),
            Self::Script => f.write_str("a guard or callback of a script"),
            Self::CodeFence => f.write_str("a block of code"),
            Self::Event => f.write_str("an event stream"),
            Self::PythonBytes => f.write_str("printed bytes of Python"),
            Self::Field(key) => write!(f, "the field {key}"),
            Self::Text => f.write_str("a text"),
            Self::Element { count: 1, .. } => f.write_str("an array of one"),
            Self::Element { index, count } => write!(f, "element {} of {count}", index + 1),
            Self::Row { index } => write!(f, "document {} of the file", index + 1),
            Self::HarEntry { index } => write!(f, "entry {} of a HAR file", index + 1),
        }
    }
}

/// Outermost first: `HTTP headers, the field data, a text`; empty where the file was the body.
impl fmt::Display for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, layer) in self.layers.iter().enumerate() {
            if position > 0 {
                f.write_str(", ")?;
            }
            layer.fmt(f)?;
        }
        Ok(())
    }
}

/// Reads a file: each document in it, taken out of what is round it. There is always at least one, and like [`parse`](crate::parse) it never
/// fails.
pub fn parse_all(bytes: &[u8], options: &ParseOptions) -> Vec<Parsed> {
    let mut products = parse_products(bytes, *options);
    if !may_be_wrapped(&products[0]) {
        let plain = |document| Parsed { document, envelope: Envelope::default() };
        return products.into_iter().map(plain).collect();
    }
    let bytes_left = FREE_BYTES.max(bytes.len().saturating_mul(MAX_RATIO));
    let mut opener = Opener { options, found: Vec::new(), bytes_left, is_full: false };
    // What the whole file is packed in comes off first: lines are then those of the text inside.
    let (mut text, mut trail) = (Cow::Borrowed(bytes), Trail::default());
    while may_be_wrapped(&products[0]) && trail.layers.len() < MAX_LAYERS {
        match opener.unpack(&text, &products[0]) {
            Ok(Some(part)) => {
                trail.layers.extend(part.layers);
                text = Cow::Owned(part.bytes.into_owned());
                products = parse_products(&text, *options);
            }
            Ok(None) => break,
            Err(problem) => {
                products = vec![crate::lost(Kind::NotJson, problem)];
                break;
            }
        }
    }
    opener.take(&text, products, &trail);
    opener.finish(&text)
}

/// Whether the parser made nothing of it, or nothing that could not stand in another document.
fn may_be_wrapped(document: &Document) -> bool {
    match document.kind {
        Kind::Unknown | Kind::NotJson => true,
        // `{"type": "text", "text": "…"}` looks like a resource of that type.
        Kind::ResourceList => document.drift.unknown.keys().any(|path| path.starts_with("data[].")),
        // What a program tells of a request that failed may hold what Apple said.
        Kind::ApiError => document.problems.iter().any(foreign::is_saved_error),
        _ => false,
    }
}

/// Whether a document that was found inside another one is what was looked for.
fn is_body(document: &Document) -> bool {
    match document.kind {
        Kind::Unknown => false,
        // Whoever wraps a damaged thing meant it to be read.
        Kind::NotJson => document.problems.iter().any(|problem| CERTAIN.contains(&problem.code)),
        Kind::Empty => document.asked_for.is_some(),
        Kind::ApiError => document.problems.iter().any(api_error::is_told),
        _ => true,
    }
}

/// Faults of envelopes that were certainly such.
const CERTAIN: [&str; 4] = ["damaged-packing", "unpacks-to-too-much", "headers-without-body", "unknown-coding"];

/// How a part of the file was come to.
#[derive(Clone, Debug, Default)]
struct Trail {
    layers: Vec<Layer>,
    /// JSON path of the part, empty for the whole.
    path: String,
    /// Where the part starts in the text that lines are counted in.
    origin: usize,
    /// Whether the part was unpacked or unquoted, so that its own lines are not those of the file.
    is_rewritten: bool,
    /// Whether the path is that of a text, so that what is inside has paths of its own.
    is_text: bool,
    facts: Facts,
}

impl Trail {
    /// The trail of a part of this one.
    fn to(&self, part: &Part<'_>) -> Self {
        let mut layers = self.layers.clone();
        layers.extend(part.layers.iter().cloned());
        let is_rewritten = matches!(part.bytes, Cow::Owned(_));
        Self {
            layers,
            path: self.path_of(&part.path),
            origin: if self.is_rewritten { self.origin } else { self.origin + part.offset },
            is_rewritten: self.is_rewritten || is_rewritten,
            is_text: if part.path.is_empty() { self.is_text } else { is_rewritten },
            facts: self.facts.with(&part.facts),
        }
    }

    /// The path in the file of a path in this part.
    fn path_of(&self, inner: &str) -> String {
        let joint = match (self.path.is_empty() || inner.is_empty(), self.is_text) {
            (true, _) => "",
            (false, true) => INSIDE,
            (false, false) if inner.starts_with('[') => "",
            (false, false) => ".",
        };
        format!("{}{joint}{inner}", self.path)
    }
}

/// Between the path of a text and the path in what it holds.
const INSIDE: &str = " › ";

/// A part of a file that may be, or hold, a document.
struct Part<'a> {
    bytes: Cow<'a, [u8]>,
    layers: Vec<Layer>,
    /// JSON path in what it is a part of; empty where that is not JSON.
    path: String,
    /// Where it starts in what it is a part of. Where it was rewritten: where the rewritten text starts.
    offset: usize,
    facts: Facts,
    /// Whether somebody meant it to be a document, so that it is told where it is none.
    is_meant: bool,
}

impl<'a> Part<'a> {
    /// All that is inside of one layer.
    fn inside(layer: Layer, bytes: impl Into<Cow<'a, [u8]>>, offset: usize) -> Self {
        Self {
            bytes: bytes.into(),
            layers: vec![layer],
            path: String::new(),
            offset,
            facts: Facts::default(),
            is_meant: true,
        }
    }
}

/// What a part holds.
#[derive(Default)]
struct Opened<'a> {
    parts: Vec<Part<'a>>,
    /// What was passed over, to be told with the first document inside.
    remark: Option<Problem>,
}

impl<'a> Opened<'a> {
    fn one(part: Part<'a>) -> Self {
        Self { parts: vec![part], remark: None }
    }
}

/// One file while it is taken apart.
struct Opener<'o> {
    options: &'o ParseOptions,
    /// Documents so far, with where each starts.
    found: Vec<(Trail, Document)>,
    /// What packed layers may still unpack to.
    bytes_left: usize,
    /// Whether there were more documents than are kept.
    is_full: bool,
}

impl Opener<'_> {
    /// Keeps what a part was read as, or looks into it.
    fn take(&mut self, bytes: &[u8], products: Vec<Document>, trail: &Trail) {
        for document in products {
            if may_be_wrapped(&document) {
                self.look_into(bytes, document, trail);
            } else {
                self.found.push((trail.clone(), document));
            }
        }
    }

    /// Finds the documents of a part that was parsed and may be an envelope. At least one comes of it: where nothing is inside,
    /// the part as it was read.
    fn look_into(&mut self, bytes: &[u8], document: Document, trail: &Trail) {
        let opened = if trail.layers.len() < MAX_LAYERS { self.open(bytes, &document) } else { Ok(None) };
        let opened = match opened {
            Ok(opened) => opened.unwrap_or_default(),
            Err(problem) => {
                // The form is certain and it is damaged, which says more than what the parser makes of the outside.
                self.found.push((trail.clone(), crate::lost(Kind::NotJson, problem)));
                return;
            }
        };
        let first = self.found.len();
        for part in &opened.parts {
            if self.found.len() >= MAX_DOCUMENTS {
                self.is_full = true;
                break;
            }
            self.read(part, trail);
        }
        // The parser's own word on what was the only form that it could have is better than its word on the outside.
        let is_certain = opened.parts.len() == 1 && opened.parts[0].is_certain();
        if !is_certain && !self.found[first..].iter().any(|(_, document)| is_body(document)) {
            self.found.truncate(first);
        }
        match self.found.get_mut(first) {
            Some((_, document)) => document.problems.extend(opened.remark),
            None => self.found.push((trail.clone(), document)),
        }
    }

    fn read(&mut self, part: &Part<'_>, outer: &Trail) {
        let trail = outer.to(part);
        let first = self.found.len();
        let products = parse_products(&part.bytes, *self.options);
        self.take(&part.bytes, products, &trail);
        if !part.is_meant && !self.found[first..].iter().any(|(_, document)| is_body(document)) {
            self.found.truncate(first);
        }
    }

    /// What is inside of a packed or coded form of the whole.
    fn unpack<'a>(&mut self, bytes: &'a [u8], document: &Document) -> Result<Option<Part<'a>>, Problem> {
        if document.kind != Kind::NotJson {
            return Ok(None);
        }
        let unpacked = packed::open(bytes, &mut self.bytes_left)?;
        Ok(unpacked.or_else(|| packed::base64(std::str::from_utf8(bytes).ok()?, &mut self.bytes_left)))
    }

    /// What is inside, by the first form that fits. An error where the form is certain and what it holds is damaged.
    fn open<'a>(&mut self, bytes: &'a [u8], document: &Document) -> Result<Option<Opened<'a>>, Problem> {
        if let Some(part) = self.unpack(bytes, document)? {
            return Ok(Some(Opened::one(part)));
        }
        if let Some(opened) = http::open(bytes)? {
            return Ok(Some(opened));
        }
        let Ok(text) = std::str::from_utf8(bytes) else { return Ok(None) };
        if document.kind == Kind::NotJson {
            return Ok(text::open(text).or_else(|| lines::open_sequence(text)));
        }
        if document.kind == Kind::Unknown && document.problems.iter().any(|problem| problem.severity == Severity::Error)
        {
            return Ok(text::open_broken(text).or_else(|| lines::open(text, document)));
        }
        Ok(har::open(text).or_else(|| json::open(text)))
    }

    /// Gives each document what its envelope says of it, and its problems their places in the file.
    fn finish(self, bytes: &[u8]) -> Vec<Parsed> {
        let mut lines = LineCounter { bytes, at: 0, line: 1, line_start: 0 };
        let mut parsed: Vec<Parsed> = Vec::with_capacity(self.found.len());
        for (trail, mut document) in self.found {
            if !trail.layers.is_empty() && !document.problems.is_empty() {
                let start = lines.at(trail.origin);
                for problem in &mut document.problems {
                    place(problem, &trail, start);
                }
            }
            trail.facts.lend(&mut document);
            let envelope = Envelope { layers: trail.layers, url: trail.facts.url, day: trail.facts.day };
            parsed.push(Parsed { document, envelope });
        }
        if self.is_full
            && let Some(last) = parsed.last_mut()
        {
            let message = format!("more than {MAX_DOCUMENTS} documents in one file; the rest was not read");
            let problem = Problem::new(Severity::Error, "too-many-documents", message);
            last.document.problems.push(problem.with_hint("save fewer documents per file"));
        }
        parsed
    }
}

impl Part<'_> {
    /// Whether there is no doubt that it was an envelope, even if nothing good is in it.
    fn is_certain(&self) -> bool {
        matches!(
            self.layers.last(),
            Some(Layer::Gzip | Layer::Zstd | Layer::Utf16 | Layer::HttpHeaders | Layer::Colours | Layer::Script)
        )
    }
}

/// Lines of ascending offsets. The text is walked once.
struct LineCounter<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
    line_start: usize,
}

impl LineCounter<'_> {
    /// Line and column of an offset, from 1.
    fn at(&mut self, offset: usize) -> (u32, u32) {
        let offset = offset.min(self.bytes.len());
        if offset < self.at {
            *self = Self { bytes: self.bytes, at: 0, line: 1, line_start: 0 };
        }
        for (position, _) in self.bytes[self.at..offset].iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
            self.line += 1;
            self.line_start = self.at + position + 1;
        }
        self.at = offset;
        let before = &self.bytes[self.line_start..offset];
        (self.line, 1 + before.iter().filter(|&&byte| byte & 0xC0 != 0x80).count() as u32)
    }
}

/// Moves a problem of a part to where the part stands.
fn place(problem: &mut Problem, trail: &Trail, (line, column): (u32, u32)) {
    problem.at = trail.path_of(&problem.at);
    if trail.is_rewritten {
        problem.place = Some(TextPlace { line, column });
    } else if let Some(place) = &mut problem.place {
        if place.line == 1 {
            place.column += column - 1;
        }
        place.line += line - 1;
    }
}

/// Interns a text where nothing is known yet.
fn fill(id: &mut Option<NameId>, text: Option<&String>, names: &mut perfpower_model::Names) {
    *id = id.or_else(|| text.map(|text| names.intern(text)));
}
