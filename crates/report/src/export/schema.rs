//! `perfpower.export/1`: the tables and their columns, said once. The writers, `schema.json` and the documentation are made
//! from it.
//!
//! A column is added at the end, never renamed or given another meaning, as long as the name of the schema stays.

use arrow_schema::{DataType, Field, Schema, SchemaRef};
use serde_json::json;
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

/// Name of the schema, in the metadata of each Parquet and Arrow file and in `schema.json`.
pub const EXPORT_SCHEMA: &str = "perfpower.export/1";

/// A table of the export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Table {
    /// The newest value of each (series, version).
    Points,
    /// Shares of points by sub-system.
    Breakdown,
    /// Older, different values.
    Revisions,
    /// Apple's insights, recomputed.
    Insights,
    /// Our claims.
    Findings,
    /// Series against goals.
    Goals,
    /// Apple's recurring call patterns.
    Signatures,
    /// Functions by cost in the call stacks.
    Frames,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// UTF-8, never empty.
    Text,
    /// 64-bit float, always finite.
    Number,
    /// 64-bit integer.
    Integer,
    /// True or false.
    Flag,
    /// A calendar day; `2026-11-23` in CSV and NDJSON.
    Day,
}

impl ColumnType {
    /// The word for it in the documentation.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Flag => "flag",
            Self::Day => "day",
        }
    }

    fn arrow(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Number => DataType::Float64,
            Self::Integer => DataType::Int64,
            Self::Flag => DataType::Boolean,
            Self::Day => DataType::Date32,
        }
    }
}

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnType,
    /// Such as `percent` or `metric`, which means the unit of the metric; empty = none.
    pub unit: &'static str,
    /// What it says.
    pub meaning: &'static str,
    /// What null means; empty = never null.
    pub null: &'static str,
}

/// Rows of columns: name, type, unit, meaning, meaning of null.
macro_rules! columns {
    ($($name:literal $kind:ident [$unit:literal] $meaning:literal, $null:literal;)*) => {
        &[$(Column { name: $name, kind: ColumnType::$kind, unit: $unit, meaning: $meaning, null: $null }),*]
    };
}

const POINTS: &[Column] = columns! {
    "app" Text [""] "key of the app", "nobody says whose it is";
    "platform" Text [""] "such as iOS", "Apple names none";
    "category" Text [""] "such as LAUNCH", "the document gives none";
    "metric" Text [""] "such as launchTime; names a metric only with its category", "the document gives none";
    "unit" Text [""] "unit of the metric for programs, such as milliseconds", "Apple gives none";
    "unit_label" Text [""] "unit of the metric for eyes, such as ms", "Apple gives none";
    "device" Text [""] "such as all_iphones, or iPhone12,1", "the document gives none";
    "device_label" Text [""] "such as iPhone 11", "Apple gives none";
    "percentile" Number ["percent"] "such as 50 or 90", "Apple's label has no number";
    "percentile_label" Text [""] "Apple's label, such as percentile.fifty", "the document gives none";
    "version" Text [""] "app version, as Apple writes it", "the document gives none";
    "version_order" Integer [""] "position of the version in the app's releases, from 0", "";
    "value" Number ["metric"] "the newest value", "";
    "margin" Number ["metric"] "half width of Apple's error margin", "plenty of data";
    "goal" Text [""] "Apple's goal label of the value", "Apple gives none";
    "snapshot" Day [""] "the day whose value holds", "";
    "first_seen" Day [""] "the first snapshot that holds the version: at the latest its release day", "";
    "last_seen" Day [""] "the last snapshot that holds the version", "";
};

const BREAKDOWN: &[Column] = columns! {
    "app" Text [""] "key of the app", "nobody says whose it is";
    "platform" Text [""] "such as iOS", "Apple names none";
    "category" Text [""] "such as BATTERY", "the document gives none";
    "metric" Text [""] "such as onScreen", "the document gives none";
    "device" Text [""] "such as all_iphones", "the document gives none";
    "percentile" Number ["percent"] "such as 50 or 90", "Apple's label has no number";
    "percentile_label" Text [""] "Apple's label", "the document gives none";
    "version" Text [""] "app version", "the document gives none";
    "subsystem" Text [""] "such as networking", "the document gives none";
    "share_percent" Number ["percent"] "its share of the value", "";
};

const REVISIONS: &[Column] = columns! {
    "app" Text [""] "key of the app", "nobody says whose it is";
    "platform" Text [""] "such as iOS", "Apple names none";
    "category" Text [""] "such as LAUNCH", "the document gives none";
    "metric" Text [""] "such as launchTime", "the document gives none";
    "unit_label" Text [""] "unit of the metric for eyes", "Apple gives none";
    "device" Text [""] "such as all_iphones", "the document gives none";
    "percentile" Number ["percent"] "such as 50 or 90", "Apple's label has no number";
    "percentile_label" Text [""] "Apple's label", "the document gives none";
    "version" Text [""] "app version", "the document gives none";
    "snapshot" Day [""] "the newest day that held this older value", "";
    "value" Number ["metric"] "the older value", "";
    "margin" Number ["metric"] "half width of Apple's error margin then", "plenty of data";
};

const INSIGHTS: &[Column] = columns! {
    "app" Text [""] "key of the app", "nobody says whose it is";
    "snapshot" Day [""] "the day of the document", "";
    "list" Text [""] "regressions or trendingUp", "";
    "category" Text [""] "such as LAUNCH", "the document gives none";
    "metric" Text [""] "such as launchTime", "the document gives none";
    "unit_label" Text [""] "unit of the metric for eyes", "Apple gives none";
    "latest_version" Text [""] "the version that Apple speaks of", "Apple gives none";
    "reference_versions" Text [""] "the versions that Apple compares with, separated by spaces", "Apple gives none";
    "subsystem" Text [""] "sub-system that Apple names", "Apple names none";
    "high_impact" Flag [""] "Apple's flag", "Apple gives none";
    "device" Text [""] "such as all_iphones; one row per population", "the insight has no population";
    "percentile" Number ["percent"] "such as 50 or 90", "Apple's label has no number";
    "percentile_label" Text [""] "Apple's label", "the insight has no population";
    "audit" Text [""] "agrees, differs or cannot_check", "";
    "reason" Text [""] "why it differs or cannot be checked", "it agrees";
    "reported_reference" Number ["metric"] "Apple's mean of the reference versions", "Apple gives none";
    "reported_latest" Number ["metric"] "Apple's value of the latest version", "Apple gives none";
    "reported_delta_percent" Number ["percent"] "Apple's change", "Apple gives none";
    "recomputed_reference" Number ["metric"] "the same from the points, rounded as Apple rounds", "cannot be recomputed";
    "recomputed_latest" Number ["metric"] "the same from the points", "cannot be recomputed";
    "recomputed_delta_percent" Number ["percent"] "the same from the points, rounded as Apple rounds", "cannot be recomputed";
    "our_verdict" Text [""] "same_version, earlier_version, drift, within_noise, recovered or cannot_say", "";
    "our_version" Text [""] "the version that we hold for guilty", "none";
    "our_finding" Text [""] "id of the finding that says so", "none";
};

const FINDINGS: &[Column] = columns! {
    "id" Text [""] "stable over runs and machines", "";
    "app" Text [""] "key of the app", "nobody says whose it is";
    "platform" Text [""] "such as iOS", "Apple names none";
    "category" Text [""] "such as LAUNCH", "the document gives none";
    "metric" Text [""] "such as launchTime", "the document gives none";
    "unit_label" Text [""] "unit of the metric for eyes", "Apple gives none";
    "device" Text [""] "of the series that leads the card", "the document gives none";
    "percentile" Number ["percent"] "such as 50 or 90", "Apple's label has no number";
    "percentile_label" Text [""] "Apple's label", "the document gives none";
    "kind" Text [""] "step, drift or latest", "";
    "verdict" Text [""] "regression or improvement", "";
    "version" Text [""] "the version that brought it; of a drift, the first", "the document gives none";
    "version_before" Text [""] "the version before it", "there is none";
    "latest_version" Text [""] "the latest version of the series", "the document gives none";
    "state" Text [""] "open, partly_recovered or recovered", "not a step";
    "provisional" Flag [""] "rests on one version until the next one agrees", "";
    "level_before" Number ["metric"] "level before", "not finite";
    "level_after" Number ["metric"] "level after", "not finite";
    "level_now" Number ["metric"] "level of the last segment", "not finite";
    "change_percent" Number ["percent"] "from before to after", "from zero, or undefined";
    "ci_low_percent" Number ["percent"] "lower end of the interval of the change", "from zero, or not finite";
    "ci_high_percent" Number ["percent"] "upper end of the interval of the change", "from zero, or not finite";
    "at_least_percent" Number ["percent"] "worsening that is sure after selection; 0 = none", "from zero, or not finite";
    "p" Number ["probability"] "p-value of the change, from all that its app × metric shows", "not finite";
    "q" Number ["probability"] "p-value of the app × metric, corrected over the batch", "not finite";
    "score" Number [""] "what ranks it", "not finite";
    "also" Integer [""] "other series on the same card", "";
    "breadth" Text [""] "unknown, broad, localised or mix_shift", "";
    "listed_by_apple" Flag [""] "whether Apple lists the metric in the newest snapshot", "";
    "rank" Integer [""] "position in the report, from 1", "";
};

const GOALS: &[Column] = columns! {
    "app" Text [""] "key of the app", "nobody says whose it is";
    "platform" Text [""] "such as iOS", "Apple names none";
    "category" Text [""] "such as LAUNCH", "the document gives none";
    "metric" Text [""] "such as launchTime", "the document gives none";
    "unit_label" Text [""] "unit of the metric for eyes", "Apple gives none";
    "device" Text [""] "such as all_iphones", "the document gives none";
    "percentile" Number ["percent"] "such as 50 or 90", "Apple's label has no number";
    "percentile_label" Text [""] "Apple's label", "the document gives none";
    "source" Text [""] "bound, recommended or label", "";
    "detail" Text [""] "label of the bound, or Apple's text", "none given";
    "bound" Number ["metric"] "what the level is to stay below", "only a label is known";
    "label" Text [""] "goal label of the latest point", "Apple gives none";
    "label_before" Text [""] "goal label of the level before the last change", "none, or no change";
    "version" Text [""] "the latest version", "the document gives none";
    "level" Number ["metric"] "level now", "not finite";
    "probability" Number ["probability"] "probability that the level meets the bound", "only a label is known";
    "attainment" Text [""] "attained, missed or borderline", "";
    "distance_percent" Number ["percent"] "over the bound; negative = below", "only a label is known";
    "transition" Flag [""] "whether the level went to a worse label", "";
};

const SIGNATURES: &[Column] = columns! {
    "app" Text [""] "key of the app", "nobody says whose it is";
    "snapshot" Day [""] "the day of the document", "";
    "build_id" Text [""] "Apple's id of the build", "the document names none";
    "id" Text [""] "Apple's id of the signature", "Apple gives none";
    "diagnostic_type" Text [""] "such as DISK_WRITES, HANGS or LAUNCHES", "Apple gives none";
    "signature" Text [""] "the call pattern", "Apple gives none";
    "weight" Number ["share"] "share of all writes, hang time or launch time of the build, 0 to 1", "Apple gives none";
    "trend" Text [""] "UP, DOWN or UNDEFINED", "Apple gives none";
    "count" Integer [""] "how often it was seen; overviews only", "Apple gives none";
    "file" Text [""] "source file; overviews only", "not known";
    "line" Integer [""] "line in it, from 1; overviews only", "not known";
};

const FRAMES: &[Column] = columns! {
    "app" Text [""] "key of the app", "nobody says whose it is";
    "diagnostic_type" Text [""] "DISK_WRITES, HANGS, LAUNCHES or OTHER", "";
    "app_version" Text [""] "app version of the logs", "the logs name none";
    "function" Text [""] "the function; without a symbol binary+offset", "";
    "binary" Text [""] "such as UIKitCore", "not known";
    "file" Text [""] "source file of its heaviest place", "not known";
    "line" Integer [""] "line in it, from 1", "not known";
    "is_blame" Flag [""] "whether Apple holds the app responsible for it", "";
    "advice_category" Text [""] "Apple's category of advice", "Apple gives none";
    "self_samples" Integer ["samples"] "samples in the function itself", "";
    "inclusive_samples" Integer ["samples"] "samples in it and in all that it calls", "";
    "total_samples" Integer ["samples"] "all samples of the app, type and version", "";
    "logs" Integer [""] "logs that it stands in", "";
};

impl Table {
    /// All tables, in the order of the documentation.
    pub const ALL: [Self; 8] = [
        Self::Points,
        Self::Breakdown,
        Self::Revisions,
        Self::Insights,
        Self::Findings,
        Self::Goals,
        Self::Signatures,
        Self::Frames,
    ];

    /// Its name, and that of its file or directory.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Points => "points",
            Self::Breakdown => "breakdown",
            Self::Revisions => "revisions",
            Self::Insights => "insights",
            Self::Findings => "findings",
            Self::Goals => "goals",
            Self::Signatures => "signatures",
            Self::Frames => "frames",
        }
    }

    /// What one row is.
    pub fn row(self) -> &'static str {
        match self {
            Self::Points => "the newest value of one version of one series",
            Self::Breakdown => "the share of one sub-system in one point",
            Self::Revisions => "an older, different value of one version of one series",
            Self::Insights => "one population of one of Apple's insights",
            Self::Findings => "one claim, worst first",
            Self::Goals => "one series that misses a goal, or whose level crossed one",
            Self::Signatures => "one of Apple's recurring call patterns in one document",
            Self::Frames => "one function in the call stacks of one app, diagnostic type and version",
        }
    }

    /// Its columns.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Points => POINTS,
            Self::Breakdown => BREAKDOWN,
            Self::Revisions => REVISIONS,
            Self::Insights => INSIGHTS,
            Self::Findings => FINDINGS,
            Self::Goals => GOALS,
            Self::Signatures => SIGNATURES,
            Self::Frames => FRAMES,
        }
    }

    /// Its Arrow schema. Each map of metadata has one entry: the order of a hash map never reaches a file.
    pub(super) fn arrow(self) -> SchemaRef {
        let fields: Vec<Field> = self
            .columns()
            .iter()
            .map(|column| {
                let unit = if column.unit.is_empty() { String::new() } else { format!(" [{}]", column.unit) };
                let text = format!("{}{unit}", column.meaning);
                Field::new(column.name, column.kind.arrow(), !column.null.is_empty())
                    .with_metadata(HashMap::from([("description".to_owned(), text)]))
            })
            .collect();
        let name = format!("{EXPORT_SCHEMA} {}", self.as_str());
        Arc::new(Schema::new(fields).with_metadata(HashMap::from([("perfpower.schema".to_owned(), name)])))
    }
}

/// The schema as `schema.json`, which stands beside the tables.
pub fn schema_json() -> String {
    let tables: Vec<_> = Table::ALL
        .iter()
        .map(|table| {
            let columns: Vec<_> = table
                .columns()
                .iter()
                .map(|column| {
                    let optional = |text: &'static str| (!text.is_empty()).then_some(text);
                    json!({
                        "name": column.name,
                        "type": column.kind.as_str(),
                        "unit": optional(column.unit),
                        "meaning": column.meaning,
                        "null": optional(column.null),
                    })
                })
                .collect();
            json!({ "table": table.as_str(), "row": table.row(), "columns": columns })
        })
        .collect();
    let document = json!({ "schema": EXPORT_SCHEMA, "tables": tables });
    format!("{document:#}\n")
}

/// The schema as Markdown.
pub fn schema_markdown() -> String {
    let mut out = format!("# {EXPORT_SCHEMA}\n");
    for table in Table::ALL {
        // Writing to a String cannot fail.
        let _ = write!(out, "\n## {}\n\nOne row is {}.\n\n", table.as_str(), table.row());
        out.push_str("| column | type | unit | meaning | null means |\n|---|---|---|---|---|\n");
        for Column { name, kind, unit, meaning, null } in table.columns() {
            let null = if null.is_empty() { "never null" } else { null };
            let _ = writeln!(out, "| {name} | {} | {unit} | {meaning} | {null} |", kind.as_str());
        }
    }
    out
}
