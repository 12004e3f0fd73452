//! A page of diagnostic signatures of one build.

use crate::json::{JsonWriter, Style};

/// Where the API lives; every link of a page starts with it.
const API: &str = "https://api.appstoreconnect.apple.com/v1";

/// A whole page.
#[derive(Clone, Debug)]
pub struct SignaturesBody {
    /// Apple's id of the build: the only hint of whose page it is.
    pub build_id: String,
    /// The signatures of this page.
    pub signatures: Vec<Signature>,
    /// How many there are on all pages.
    pub total: usize,
    /// How many fit a page.
    pub limit: usize,
    /// Cursor of the next page; absent = this is the last.
    pub next_cursor: Option<String>,
}

/// One recurring call pattern.
#[derive(Clone, Debug)]
pub struct Signature {
    /// Apple's id.
    pub id: String,
    /// `DISK_WRITES`, `HANGS` or `LAUNCHES`.
    pub diagnostic_type: &'static str,
    /// The call pattern.
    pub text: String,
    /// Share of all writes, hang time or launch time, 0..=1.
    pub weight: f64,
    /// Apple's trend.
    pub trend: Option<Trend>,
}

/// How a signature moved over versions.
#[derive(Clone, Debug)]
pub struct Trend {
    /// `UP`, `DOWN` or `UNDEFINED`.
    pub direction: &'static str,
    /// Values of earlier versions; the unit is not documented.
    pub references: Vec<(String, f64)>,
}

impl SignaturesBody {
    /// The one and only page of a build.
    pub fn whole(build_id: impl Into<String>, signatures: Vec<Signature>) -> Self {
        // 200 is the API's largest page.
        Self { build_id: build_id.into(), total: signatures.len(), limit: 200, signatures, next_cursor: None }
    }

    /// The JSON text.
    pub fn to_json(&self, style: Style) -> String {
        let page = format!("{API}/builds/{}/diagnosticSignatures", self.build_id);
        let mut json = JsonWriter::new(style);
        json.begin_object();
        json.objects_at("data", &self.signatures, |json, signature| {
            let resource = format!("{API}/diagnosticSignatures/{}", signature.id);
            json.string_at("type", "diagnosticSignatures");
            json.string_at("id", &signature.id);
            json.object_at("attributes", |json| signature.write_attributes(json));
            json.object_at("relationships", |json| {
                json.object_at("logs", |json| {
                    json.object_at("links", |json| json.string_at("related", &format!("{resource}/logs")));
                });
            });
            json.object_at("links", |json| json.string_at("self", &resource));
        });
        json.object_at("links", |json| {
            json.string_at("self", &format!("{page}?limit={}", self.limit));
            if let Some(cursor) = &self.next_cursor {
                json.string_at("next", &format!("{page}?cursor={cursor}&limit={}", self.limit));
            }
        });
        json.object_at("meta", |json| {
            json.object_at("paging", |json| {
                json.number_at("total", self.total as f64);
                json.number_at("limit", self.limit as f64);
            });
        });
        json.end_object();
        json.finish()
    }
}

impl Signature {
    fn write_attributes(&self, json: &mut JsonWriter) {
        json.string_at("diagnosticType", self.diagnostic_type);
        json.string_at("signature", &self.text);
        json.number_at("weight", self.weight);
        if let Some(trend) = &self.trend {
            json.object_at("insight", |json| {
                json.string_at("insightType", "TREND");
                json.string_at("direction", trend.direction);
                json.objects_at("referenceVersions", &trend.references, |json, (version, value)| {
                    json.string_at("version", version);
                    json.number_at("value", *value);
                });
            });
        }
    }
}
