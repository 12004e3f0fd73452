//! A saved error of the API: what a script keeps when it does not look at the status.

use crate::json::{JsonWriter, Style};

/// A whole body with one error.
#[derive(Clone, Debug)]
pub struct ErrorBody {
    /// Opaque id of the request.
    pub id: String,
    /// HTTP status, such as `404`.
    pub status: u16,
    /// Such as `NOT_FOUND`.
    pub code: String,
    /// What happened.
    pub title: String,
    /// What exactly.
    pub detail: String,
}

impl ErrorBody {
    /// The JSON text.
    pub fn to_json(&self, style: Style) -> String {
        let mut json = JsonWriter::new(style);
        json.begin_object();
        json.objects_at("errors", [self], |json, error| {
            json.string_at("id", &error.id);
            json.string_at("status", &error.status.to_string());
            json.string_at("code", &error.code);
            json.string_at("title", &error.title);
            json.string_at("detail", &error.detail);
        });
        json.end_object();
        json.finish()
    }
}
