//! A saved error of App Store Connect into problems that say what usually cures it.

use crate::reader::Reader;
use crate::scanner::Scan;
use crate::schema::{ApiError, ONLY};
use perfpower_model::Severity;

impl Reader<'_> {
    /// `errors` of the document. Their texts are Apple's and are kept as they are.
    pub(crate) fn api_errors(&mut self) -> Scan<()> {
        let Some(mut errors) = self.array()? else { return Ok(()) };
        while self.element(&mut errors)? {
            let Some(mut object) = self.object::<ApiError>(ONLY)? else { continue };
            let mut error = [const { None }; 4];
            while let Some(field) = self.field(&mut object)? {
                match field {
                    ApiError::Status => error[0] = self.text()?,
                    ApiError::Code => error[1] = self.text()?,
                    ApiError::Title => error[2] = self.text()?,
                    ApiError::Detail => error[3] = self.text()?,
                    ApiError::Id | ApiError::Source | ApiError::Links | ApiError::Meta => self.scanner.skip_value()?,
                }
            }
            let told: Vec<&str> =
                error.iter().flatten().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
            self.evidence.api_errors += 1;
            let message = || match told.join(" · ") {
                nothing if nothing.is_empty() => "a saved error without a status, a code or a text".to_owned(),
                told => format!("a saved error of App Store Connect: {told}"),
            };
            let cure = cure(error[0].as_deref().unwrap_or_default());
            self.problems.add(object.at, Severity::Error, "api-error", message, cure);
        }
        Ok(())
    }
}

/// What usually cures an error of a status. The statuses are those that Apple documents for these requests, and 406, which was
/// measured.
fn cure(status: &str) -> &'static str {
    match status.trim() {
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
