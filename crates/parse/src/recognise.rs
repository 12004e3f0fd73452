//! What a document is, by what was found in it, and what to tell of those that hold nothing.

use crate::api_error::nothing_for_build;
use crate::foreign;
use crate::schema::{Field, Root, belongs_to};
use perfpower_model::{Document, Drift, Kind, Problem, Severity};
use std::collections::BTreeMap;

/// What was found in a document that speaks for its kind.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent observations, not a state")]
pub(crate) struct Evidence {
    /// One bit per field of the document itself.
    root: u32,
    /// `{}`.
    pub(crate) is_bare_object: bool,
    /// A field that only overviews have.
    pub(crate) is_overview: bool,
    /// Categories with sections, as overviews and Xcode's cache have.
    pub(crate) has_sections: bool,
    /// A field of a point that only Xcode's cache has.
    pub(crate) is_cache: bool,
    /// A product with a field that only metrics have.
    pub(crate) has_metric_product: bool,
    /// A product with a field that only logs have.
    pub(crate) has_log_product: bool,
    /// Signatures with something to read.
    pub(crate) signature_resources: u64,
    /// Other resources, by type.
    resources: BTreeMap<String, u64>,
    /// Errors that Apple tells of.
    pub(crate) api_errors: u64,
    /// Those of them that are the healthy state of a build.
    pub(crate) excused_errors: u64,
    /// The page's own address.
    pub(crate) address: String,
    /// Whether it is not the first page of its set.
    pub(crate) is_later_page: bool,
}

/// Resource types that are told apart; more than Apple has in one response.
const RESOURCE_TYPES_KEPT: usize = 20;

impl Evidence {
    pub(crate) fn note_root(&mut self, field: Root) {
        self.root |= 1 << field.index();
    }

    pub(crate) fn count_resource(&mut self, resource_type: Option<&str>) {
        let Some(name) = resource_type.filter(|name| !name.is_empty()) else { return };
        if let Some(count) = self.resources.get_mut(name) {
            *count += 1;
        } else if self.resources.len() < RESOURCE_TYPES_KEPT {
            self.resources.insert(name.to_owned(), 1);
        }
    }

    /// What the page says of its own address.
    pub(crate) fn note_address(&mut self, address: &str) {
        self.is_later_page = address.contains("cursor=");
        address.clone_into(&mut self.address);
    }

    fn has(&self, field: Root) -> bool {
        self.root & 1 << field.index() != 0
    }

    /// The kind, without regard to whether there is anything in it.
    fn shape(&self, document: &Document) -> Kind {
        if self.api_errors > 0 {
            if self.api_errors == self.excused_errors { Kind::Empty } else { Kind::ApiError }
        } else if self.is_overview {
            Kind::XcodeOverview
        } else if self.is_cache || self.has(Root::FilterCriteriaSets) && self.has(Root::Categories) {
            Kind::XcodeCache
        } else if self.has_sections {
            if self.has(Root::LastUpdated) { Kind::XcodeCache } else { Kind::XcodeOverview }
        } else if self.has_log_product {
            Kind::DiagnosticLogs
        } else if self.has_metric_product || !document.insights.is_empty() {
            Kind::XcodeMetrics
        } else if self.signature_resources > 0 {
            Kind::DiagnosticSignatures
        } else if !self.resources.is_empty() {
            Kind::ResourceList
        } else {
            Kind::Unknown
        }
    }

    /// The kind of a document that was read to its end. `warnings` tells that something was in it, and was left out.
    pub(crate) fn kind(&self, document: &Document, text: &str, warnings: u64) -> Kind {
        let has_points = !document.metrics.points.is_empty() || !document.insights.is_empty();
        let shape = self.shape(document);
        let is_empty = match shape {
            Kind::XcodeMetrics | Kind::XcodeCache => !has_points,
            Kind::XcodeOverview => !has_points && document.signatures.is_empty(),
            Kind::DiagnosticLogs => document.logs.is_empty() && document.advice.is_empty(),
            Kind::Unknown => {
                let could_be_apples = self.has(Root::ProductData)
                    || self.has(Root::Errors)
                    || self.has(Root::Insights)
                        && self.has(Root::Version)
                        && !foreign::holds_lists(text, |key| document.drift.unknown.contains_key(key))
                    // Of a page Apple's fields are all that there is; others wrap what they have in `data` too.
                    || self.has(Root::Data) && document.drift.unknown.is_empty();
                // With fields of another shape in a list there is something, and it was not understood.
                let is_strange =
                    document.drift.unknown.keys().any(|path| path.contains("[]")) || foreign::renames_fields(text);
                (could_be_apples || self.is_bare_object) && !is_strange
            }
            _ => false,
        };
        if is_empty && warnings == 0 { Kind::Empty } else { shape }
    }

    /// What a document that holds nothing would have held.
    pub(crate) fn asked_for(&self, document: &Document) -> Option<Kind> {
        if document.asked_for.is_some() || !matches!(document.kind, Kind::Empty | Kind::ApiError) {
            return document.asked_for;
        }
        crate::address::asked_for(&self.address).or_else(|| match self.shape(document) {
            Kind::Unknown if self.has(Root::ProductData) || self.has(Root::Insights) => Some(Kind::XcodeMetrics),
            Kind::Unknown if self.has(Root::Data) => Some(Kind::DiagnosticSignatures),
            Kind::Unknown | Kind::ApiError | Kind::Empty => None,
            kind => Some(kind),
        })
    }

    /// What is told of a document that holds nothing to read.
    pub(crate) fn remark(&self, document: &Document, text: &str) -> Option<Problem> {
        match document.kind {
            Kind::Empty if self.excused_errors > 0 => Some(nothing_for_build(document.asked_for)),
            Kind::Empty => {
                let message = if self.has(Root::Data) {
                    "no signature in this page: nothing was reported, or not enough"
                } else if self.has_log_product {
                    "no log of this signature: Apple keeps them for a limited time"
                } else {
                    "no data: too little was used to be measured, which is not the same as good"
                };
                Some(Problem::new(Severity::Note, "empty-document", message))
            }
            Kind::ResourceList => {
                let types: Vec<String> = self.resources.iter().map(|(name, count)| format!("{count} {name}")).collect();
                let message =
                    format!("a list of resources ({}): it names them and holds nothing to read", types.join(", "));
                let hint = "download the resources themselves, with the media type that Apple gives for each";
                Some(Problem::new(Severity::Note, "resource-list", message).with_hint(hint))
            }
            Kind::Unknown => Some(foreign::told(text)),
            _ => None,
        }
    }

    /// Fields that are known, but not of documents of this kind: no known ones of it, and drift where they are outermost.
    pub(crate) fn foreign_fields(&self, kind: Kind, drift: &mut Drift) {
        if matches!(kind, Kind::Unknown | Kind::Empty | Kind::NotJson) {
            return;
        }
        if kind == Kind::ResourceList {
            // Attributes that stand before the type were taken for those of a signature.
            drift.unknown.retain(|path, _| !path.starts_with("data[].attributes."));
        }
        drift.known.retain(|path, _| belongs_to(kind, path));
        for (index, path) in Root::PATHS[0].iter().enumerate() {
            if self.root & 1 << index != 0 && !belongs_to(kind, path) {
                *drift.unknown.entry((*path).to_owned()).or_default() += 1;
            }
        }
    }
}

/// The one problem of bytes that are no JSON and were never meant to be; `None` where they look like JSON, whole or broken.
pub(crate) fn not_json(bytes: &[u8]) -> Option<Problem> {
    const NOT_SAVED: &str = "the response was not saved: download it again";
    let problem = |code, message: &str, hint| Some(Problem::new(Severity::Error, code, message).with_hint(hint));
    let text = bytes.trim_ascii_start();
    if bytes.is_empty() {
        return problem("empty-file", "the file is empty", NOT_SAVED);
    }
    if text.is_empty() {
        return problem("empty-file", "the file holds white space only", NOT_SAVED);
    }
    if text.starts_with(b"version https://git-lfs.github.com/") {
        let hint = "fetch the files themselves with `git lfs pull`";
        return problem("git-lfs-pointer", "a Git LFS pointer, not the file that it stands for", hint);
    }
    if is_property_list(text) {
        let hint = "take it out of the archive: Xcode's cache of metrics is Metrics.xcmetricsdata, which is JSON";
        return problem("property-list", "a property list (XML), not JSON", hint);
    }
    if text.starts_with(b"<") {
        let is_page = starts_with_any(&text[1..], &["!doctype html", "html", "head"]);
        let message = if is_page { "an HTML page, not a response of the API" } else { "XML or HTML, not JSON" };
        let hint = "a login or error page was saved: sign in, or send the token, and download again";
        return problem("html-page", message, hint);
    }
    for (magic, name, hint) in MAGIC {
        if bytes.starts_with(magic) {
            let message = format!("{name}, not JSON");
            return problem("binary-file", &message, hint);
        }
    }
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return problem("not-utf-8", "text in UTF-16, where JSON is UTF-8", "save the file as UTF-8");
    }
    if matches!(text[0], b'{' | b'[') {
        return None;
    }
    let head = &bytes[..bytes.len().min(1024)];
    let is_binary = head.iter().any(|&byte| byte < 0x20 && !byte.is_ascii_whitespace())
        || simdutf8::basic::from_utf8(bytes).is_err();
    if is_binary {
        return problem(
            "binary-file",
            "binary data, not JSON",
            "take the file out of the archive, or download it again",
        );
    }
    if let Some(problem) = std::str::from_utf8(bytes).ok().and_then(foreign::told_of_text) {
        return Some(problem);
    }
    // A single value is JSON too, if a useless one; the scanner has the last word on that.
    let first_word = text.split(u8::is_ascii_whitespace).next().unwrap_or(text);
    let is_one_value = first_word.len() == text.trim_ascii_end().len() || text[0] == b'"';
    if is_one_value && matches!(text[0], b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n' | b'N' | b'I') {
        return None;
    }
    // Not a word of it: it may be a file of anybody's that a link led to.
    problem(
        "not-json",
        "text that is not JSON",
        "take the file out of the archive, or save the body of the response alone",
    )
}

const UNPACK: &str =
    "it may be packed twice, or not be a download of this kind: unpack it or take it out of the archive";
const TAKE_OUT: &str = "take it out of the archive: it is no download of performance data";

/// First bytes of files that are found among downloads, what they are, and what to do.
const MAGIC: [(&[u8], &str, &str); 17] = [
    (b"\x1f\x8b", "a gzip file", UNPACK),
    (b"PK\x03\x04", "a zip file (an .ipa and an .xcresult export are such too)", UNPACK),
    (b"PK\x05\x06", "an empty zip file", UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd file", UNPACK),
    (b"\xfd7zXZ\0", "an xz file", UNPACK),
    (b"BZh", "a bzip2 file", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z file", UNPACK),
    (b"Rar!\x1a\x07", "a rar file", UNPACK),
    (b"%PDF", "a PDF document", TAKE_OUT),
    (b"\x89PNG", "a picture", TAKE_OUT),
    (b"\xff\xd8\xff", "a picture", TAKE_OUT),
    (b"bplist0", "a property list (binary)", TAKE_OUT),
    (b"SQLite format 3\0", "a SQLite database", TAKE_OUT),
    (b"\xcf\xfa\xed\xfe", "a program (Mach-O)", TAKE_OUT),
    (b"\xca\xfe\xba\xbe", "a program (Mach-O, several architectures)", TAKE_OUT),
    (b"\x7fELF", "a program (ELF)", TAKE_OUT),
    (b"PAR1", "a Parquet file", TAKE_OUT),
];

fn is_property_list(text: &[u8]) -> bool {
    let head = &text[..text.len().min(512)];
    let has = |word: &[u8]| memchr::memmem::find(head, word).is_some();
    text.starts_with(b"<") && (has(b"<!DOCTYPE plist") || has(b"<plist"))
}

fn starts_with_any(text: &[u8], prefixes: &[&str]) -> bool {
    prefixes
        .iter()
        .any(|prefix| text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ParseOptions, parse};

    #[test]
    fn nothing_to_read_is_not_the_same_as_nothing_understood() {
        for (text, kind, said) in [
            (r#"{"productData":[]}"#, Kind::Empty, "no data: too little was used"),
            (r#"{"productData":[],"new":[1]}"#, Kind::Empty, "no data: too little was used"),
            (r#"{"errors":[]}"#, Kind::Empty, "no data: too little was used"),
            (r#"{"version":"1.0.0","insights":{"regressions":[]}}"#, Kind::Empty, "no data: too little was used"),
            (
                r#"{"version":"1","insights":{},"product_data":[]}"#,
                Kind::Unknown,
                "the output of another program, asc-mcp",
            ),
            (r#"{"version":"1","insights":{},"productdata":[]}"#, Kind::Unknown, "the output of another program"),
            (r#"{"version":"1","insights":{},"rows":[1]}"#, Kind::Unknown, "JSON of another shape"),
            (r#"{"productData":[{"new":1}]}"#, Kind::Unknown, "JSON of another shape"),
            (r#"{"errors":[{"new":"limit"}]}"#, Kind::ApiError, "a saved error without a status, a code or a text"),
            (r#"{"errors":[{"title":"limit"}]}"#, Kind::ApiError, "a saved error of App Store Connect: limit"),
        ] {
            let document = parse(text.as_bytes(), &ParseOptions::default());
            assert_eq!(document.kind, kind, "{text}");
            assert!(document.problems[0].message.starts_with(said), "{text}: {}", document.problems[0].message);
        }
    }
}
