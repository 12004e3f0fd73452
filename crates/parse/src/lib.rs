#![doc = include_str!("../README.md")]

mod address;
mod api_error;
mod app_version;
mod drift;
mod envelope;
mod foreign;
mod insights;
mod logs;
mod metric_kit;
mod metrics;
mod moment;
mod number;
mod overview;
mod place;
mod problems;
mod products;
mod raw_frame;
mod reader;
mod recognise;
#[cfg(test)]
mod referee;
mod root;
mod scanner;
mod schema;
mod signatures;
mod spans;
mod vocabulary;
mod waiting;
mod weights;

pub use api_error::excuse_empty_build;
pub use envelope::{Envelope, Layer, Parsed, parse_all};
pub use schema::{known_field, known_fields};

use perfpower_model::{Document, Kind, Problem, Severity};
use reader::Reader;
use scanner::Broken;

/// What to do beside reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ParseOptions {
    /// Fill [`perfpower_model::Drift::known`], so that fields of [`known_fields`] which no document has can be told. Costs a
    /// look-up per field, so it is for `inspect` and not for reports.
    pub count_known_fields: bool,
}

/// Reads one body. It never fails: what is wrong stands in the document's problems, and a document that is lost has one of
/// [`Severity::Error`]. A text that was meant to be JSON and is broken has [`Kind::Unknown`], and nothing of it is kept. Of a body of
/// several products it gives the app's own; [`parse_all`] gives all of them.
pub fn parse(bytes: &[u8], options: &ParseOptions) -> Document {
    parse_products(bytes, *options).swap_remove(0)
}

/// The same for each product of a body: at least one document.
fn parse_products(bytes: &[u8], options: ParseOptions) -> Vec<Document> {
    let (bytes, has_mark) = match bytes.strip_prefix(b"\xEF\xBB\xBF") {
        Some(rest) => (rest, true),
        None => (bytes, false),
    };
    if bytes.len() >= u32::MAX as usize {
        let problem = Problem::new(Severity::Error, "too-large", "a document of 4 GiB or more");
        return vec![lost(Kind::Unknown, problem.with_hint("save one body per file"))];
    }
    if let Some(problem) = recognise::not_json(bytes) {
        return vec![lost(Kind::NotJson, problem)];
    }
    let Ok(text) = simdutf8::basic::from_utf8(bytes) else { return vec![lost(Kind::Unknown, bad_utf8(bytes))] };
    let mut documents = read(text, options);
    if has_mark {
        let message = "a byte order mark, which JSON does not have, was passed over";
        documents[0].problems.insert(0, Problem::new(Severity::Note, "byte-order-mark", message));
    }
    documents
}

fn read(text: &str, options: ParseOptions) -> Vec<Document> {
    let mut reader = Reader::new(text, options);
    match (reader.document(), reader.scanner.last_fault) {
        (Err(Broken), Some(fault)) => {
            let known = foreign::told_of_broken(text);
            vec![lost(Kind::Unknown, known.unwrap_or_else(|| problems::of_fault(text, fault)))]
        }
        _ => reader.finish(),
    }
}

impl Reader<'_> {
    /// Decides what was read, and gives all problems their places.
    fn finish(mut self) -> Vec<Document> {
        self.tell_contradictions();
        self.tell_load_addresses();
        self.tell_lone_surrogates();
        let Self { scanner, mut document, problems, drift, evidence, products, .. } = self;
        let text = scanner.text();
        document.drift = drift.finish();
        document.kind = evidence.kind(&document, text, problems.warnings);
        document.asked_for = evidence.asked_for(&document);
        document.problems = problems.finish(text.as_bytes());
        if document.kind == Kind::Unknown {
            // None of its fields are Apple's, so none of them drifted.
            let problems = document.problems;
            document = Document { problems, ..Document::new(Kind::Unknown) };
            if let Some(counted) = metric_kit::read(text) {
                return vec![counted];
            }
        } else {
            evidence.foreign_fields(document.kind, &mut document.drift);
        }
        let remark = evidence.remark(&document, text);
        if remark.as_ref().is_some_and(foreign::is_saved_error) {
            document.kind = Kind::ApiError;
        }
        document.problems.extend(remark);
        products::split(document, products)
    }

    fn tell_lone_surrogates(&mut self) {
        let count = self.scanner.lone_surrogates;
        if count > 0 {
            let message = || format!("{count} escapes of half a character in this document; each was read as U+FFFD");
            let at = self.scanner.first_lone_surrogate;
            self.problems.add(at, Severity::Warning, "lone-surrogate", message, None);
        }
    }
}

/// A document of which nothing is kept. Half of one would change averages in silence.
fn lost(kind: Kind, problem: Problem) -> Document {
    Document { problems: vec![problem], ..Document::new(kind) }
}

fn bad_utf8(bytes: &[u8]) -> Problem {
    let at = std::str::from_utf8(bytes).err().map_or(0, |error| error.valid_up_to());
    let place = place::places(bytes, &[at]).pop().unwrap_or_default();
    let byte = bytes.get(at).copied().unwrap_or(0);
    Problem {
        place: place.in_text(),
        at: place.path,
        ..Problem::new(Severity::Error, "not-utf-8", format!("expected UTF-8, found the byte 0x{byte:02x}"))
            .with_hint("the file was saved in another encoding, or damaged: download it again")
    }
}
