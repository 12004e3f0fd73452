//! `xcodeOverview`: values, insights and the top signatures of one app.

use super::{Insight, Metric};
use crate::json::{JsonWriter, Style};

/// A whole body.
#[derive(Clone, Debug)]
pub struct OverviewBody {
    /// Apple's number of the app.
    pub apple_id: String,
    /// Such as `com.example.app`.
    pub bundle_id: String,
    /// The newest version; absent for an app without data.
    pub latest_version: Option<String>,
    /// Opaque to us.
    pub telemetry_identifier: String,
    /// Metrics with their titles; neighbours of the same category share one entry of `categories`.
    pub sections: Vec<Section>,
    /// Apple's first list of insights.
    pub regressions: Vec<Insight>,
    /// Apple's second list of insights.
    pub trending_up: Vec<Insight>,
    /// Signatures of hangs.
    pub top_hangs: Vec<TopSignature>,
    /// Signatures of launches.
    pub top_launches: Vec<TopSignature>,
    /// Signatures of disk writes.
    pub top_disk_writes: Vec<TopSignature>,
}

/// One metric as the overview shows it.
#[derive(Clone, Debug)]
pub struct Section {
    /// Name of the category for people.
    pub category_title: String,
    /// Name of the metric for people.
    pub title: String,
    /// How much Apple thinks it matters; the scale is not documented.
    pub relevance: f64,
    /// The values. Goals of points and goal keys are not part of an overview and are left out.
    pub metric: Metric,
}

/// A signature as the overview shows it.
#[derive(Clone, Debug)]
pub struct TopSignature {
    /// Id, as in the page of signatures.
    pub id: String,
    /// The call pattern.
    pub text: String,
    /// How often it was seen.
    pub count: u64,
    /// Share, 0..=1.
    pub weight: f64,
    /// Source file.
    pub file: String,
    /// 1-based line.
    pub line: u32,
    /// `UP`, `DOWN` or `UNDEFINED`.
    pub trend: &'static str,
    /// Values of earlier versions.
    pub references: Vec<(String, f64)>,
}

impl OverviewBody {
    /// The JSON text.
    pub fn to_json(&self, style: Style) -> String {
        let mut json = JsonWriter::new(style);
        json.begin_object();
        json.object_at("appMetadata", |json| {
            json.string_at("appId", &self.apple_id);
            json.string_at("bundleId", &self.bundle_id);
            self.latest_version.iter().for_each(|version| json.string_at("latestVersion", version));
            json.string_at("platform", "iOS");
        });
        // The version of the format, not of the app: a real empty body says so.
        json.string_at("version", "4.0.0");
        json.string_at("telemetryIdentifier", &self.telemetry_identifier);
        let categories = self.sections.chunk_by(|left, right| left.metric.category == right.metric.category);
        json.objects_at("categories", categories, |json, sections| {
            json.string_at("identifier", &sections[0].metric.category);
            json.string_at("displayName", &sections[0].category_title);
            json.objects_at("sections", sections.iter().enumerate(), |json, (position, section)| {
                section.write(json, position);
            });
        });
        json.object_at("insights", |json| {
            json.objects_at("regressions", &self.regressions, |json, insight| insight.write(json));
            json.objects_at("trendingUp", &self.trending_up, |json, insight| insight.write(json));
        });
        json.object_at("signatures", |json| {
            json.objects_at("topHangPoint", &self.top_hangs, |json, signature| signature.write(json));
            json.objects_at("topLaunchPoint", &self.top_launches, |json, signature| signature.write(json));
            json.objects_at("topDiskWritePoint", &self.top_disk_writes, |json, signature| signature.write(json));
        });
        json.end_object();
        json.finish()
    }
}

impl Section {
    fn write(&self, json: &mut JsonWriter, position: usize) {
        json.string_at("identifier", &self.metric.identifier);
        json.string_at("displayName", &self.title);
        json.number_at("relevanceScore", self.relevance);
        json.number_at("sortOrder", position as f64);
        self.metric.write_unit(json);
        json.objects_at("datasets", &self.metric.datasets, |json, dataset| {
            let mut dataset = dataset.clone();
            dataset.points.iter_mut().for_each(|point| point.goal = None);
            dataset.write(json);
        });
    }
}

impl TopSignature {
    fn write(&self, json: &mut JsonWriter) {
        json.string_at("signatureId", &self.id);
        json.string_at("signature", &self.text);
        json.number_at("count", self.count as f64);
        json.number_at("weight", self.weight);
        json.string_at("sourceFile", &self.file);
        json.number_at("lineNumber", f64::from(self.line));
        json.string_at("trendInfo", self.trend);
        json.object_at("metricsSummary", |json| {
            json.objects_at("referenceVersions", &self.references, |json, (version, value)| {
                json.string_at("version", version);
                json.number_at("value", *value);
            });
        });
    }
}
