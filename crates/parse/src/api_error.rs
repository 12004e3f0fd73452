//! A saved error of App Store Connect into problems that say what usually cures it.
//!
//! Not every error is one: of a build without signatures, which most are, Apple says 404, and the list of all signatures it gives to
//! nobody.

use crate::address::asked_for;
use crate::reader::Reader;
use crate::scanner::Scan;
use crate::schema::{ApiError, ONLY};
use perfpower_model::{Document, Kind, Problem, Severity};

/// What Apple says of an error.
#[derive(Default)]
pub(crate) struct SavedError {
    at: usize,
    status: String,
    /// Code, title and detail.
    texts: [String; 3],
}

/// The code of problems of saved errors.
const CODE: &str = "api-error";

/// How the message of one starts.
const TOLD: &str = "a saved error of App Store Connect: ";

impl Reader<'_> {
    /// `errors` of the document. Their texts are Apple's and are kept as they are.
    pub(crate) fn api_errors(&mut self) -> Scan<()> {
        let Some(mut errors) = self.array()? else { return Ok(()) };
        while self.element(&mut errors)? {
            let Some(mut object) = self.object::<ApiError>(ONLY)? else { continue };
            let mut error = SavedError { at: object.at, ..SavedError::default() };
            while let Some(field) = self.field(&mut object)? {
                let text = match field {
                    ApiError::Status => &mut error.status,
                    ApiError::Code => &mut error.texts[0],
                    ApiError::Title => &mut error.texts[1],
                    ApiError::Detail => &mut error.texts[2],
                    ApiError::Id | ApiError::Source | ApiError::Links | ApiError::Meta => {
                        self.scanner.skip_value()?;
                        continue;
                    }
                };
                self.text()?.as_deref().unwrap_or_default().trim().clone_into(text);
            }
            self.evidence.api_errors += 1;
            self.errors.push(error);
        }
        Ok(())
    }

    /// Tells the errors, now that the address of the page is known too.
    pub(crate) fn settle_errors(&mut self) {
        for error in std::mem::take(&mut self.errors) {
            let address = &self.evidence.address;
            if self.document.asked_for.is_none() {
                self.document.asked_for =
                    asked_for(address).or_else(|| error.texts.iter().find_map(|text| asked_for(text)));
            }
            if error.is_of_empty_build(address) {
                self.evidence.excused_errors += 1;
                if let Some(build) = error.build() {
                    self.document.identity.build_id = Some(self.document.names.intern(build));
                }
                continue;
            }
            let (severity, cure) = if error.is_of_closed_list() {
                (Severity::Warning, ASK_BY_BUILD)
            } else {
                (Severity::Error, cure(&error.status))
            };
            let message = || match error.told() {
                nothing if nothing.is_empty() => "a saved error without a status, a code or a text".to_owned(),
                told => format!("{TOLD}{told}"),
            };
            self.problems.add(error.at, severity, CODE, message, cure);
        }
    }
}

impl SavedError {
    fn told(&self) -> String {
        let parts: Vec<&str> =
            [&self.status].into_iter().chain(&self.texts).map(String::as_str).filter(|part| !part.is_empty()).collect();
        parts.join(" · ")
    }

    /// Whether this is what Apple answers for a build that has no signatures or no metrics, which is the state of most.
    fn is_of_empty_build(&self, address: &str) -> bool {
        let texts = self.texts.join(" ");
        self.status == "404" && (is_of_build(address) || is_of_build(&texts))
    }

    /// Whether this is what Apple answers to everybody who asks for a list that is not served.
    fn is_of_closed_list(&self) -> bool {
        let texts = self.texts.join(" ");
        self.status == "403"
            && (texts.contains("GET_COLLECTION")
                || texts.contains("does not allow") && texts.contains("diagnosticSignatures"))
    }

    /// The id of a build that a detail names at its end: `… with id 'x'`.
    fn build(&self) -> Option<&str> {
        let (_, rest) = self.texts[2].split_once("with id '")?;
        rest.split('\'').next().filter(|id| !id.is_empty())
    }
}

/// Whether an address or a sentence speaks of the signatures or the metrics of a build.
fn is_of_build(text: &str) -> bool {
    let is_of_build = text.to_ascii_lowercase().contains("build") || text.contains("type 'diagnosticSignatures'");
    is_of_build && matches!(asked_for(text), Some(Kind::DiagnosticSignatures | Kind::XcodeMetrics))
}

/// Whether a problem is an error that Apple says something of, and no list that happens to be called `errors`.
pub(crate) fn is_told(problem: &Problem) -> bool {
    problem.code == CODE && problem.message.starts_with(TOLD)
}

/// Takes a saved 404 for what it is, where an address tells that it is of a build: the address of the request, or the path of the
/// file, which often repeats it (`builds/{id}/diagnosticSignatures.json`). Other documents stay as they are.
pub fn excuse_empty_build(document: &mut Document, address: &str) {
    let is_404 = |problem: &Problem| {
        problem.code == CODE && problem.message.strip_prefix(TOLD).is_some_and(|told| told.starts_with("404"))
    };
    let is_error =
        document.kind == Kind::ApiError && document.problems.iter().filter(|problem| problem.code == CODE).all(is_404);
    if !is_error || !is_of_build(address) {
        return;
    }
    document.kind = Kind::Empty;
    document.asked_for = asked_for(address);
    document.problems.retain(|problem| problem.code != CODE);
    document.problems.push(nothing_for_build(document.asked_for));
}

/// The note on an excused error.
pub(crate) fn nothing_for_build(asked_for: Option<Kind>) -> Problem {
    let what = if asked_for == Some(Kind::XcodeMetrics) { "metrics" } else { "signatures" };
    let message = format!("no {what} of this build: Apple answers 404 where it has none, as it does for most builds");
    Problem::new(Severity::Note, "nothing-for-build", message)
}

const ASK_BY_BUILD: &str = "Apple serves this list to nobody, whatever the role of the key: ask build by build, \
     /v1/builds/{id}/diagnosticSignatures";

/// What usually cures an error of a status. The statuses are those that Apple documents for these requests, and 406, which was
/// measured.
fn cure(status: &str) -> &'static str {
    match status {
        "400" => "the request had a wrong filter or limit: correct it and download again",
        "401" => "the token had expired or was signed with another key: make a new one and download again",
        "403" => "the role of the API key may not read these data: use a key of a role that may",
        "404" => {
            "Apple keeps these data for released builds and for a limited time: ask for the app, or for a released build"
        }
        "406" => {
            "the request asked for a media type that is not served: accept application/vnd.apple.xcode-metrics+json for metrics, \
             application/vnd.apple.diagnostic-logs+json for logs, application/vnd.apple.xcode-overview+json for overviews"
        }
        "429" => "too many requests in an hour: wait, and download again more slowly",
        status if status.len() == 3 && status.starts_with('5') => "Apple's server failed: download again later",
        _ => "download again once the cause is gone",
    }
}
