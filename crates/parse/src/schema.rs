//! Apple's field names: each object that is read, where it stands, and which fields it has. Nothing else in the workspace
//! knows these words.
//!
//! One table serves three ends: the readers match on its enums, unknown fields are what it does not list, and
//! [`known_fields`] is what it does.

#![expect(clippy::enum_variant_names, reason = "the words are Apple's")]

use perfpower_model::Kind;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The known fields of one kind of object.
pub(crate) trait Field: Copy + 'static {
    /// Where such objects stand, each with its closing period: `productData[].`; the document itself is the empty text.
    const BASES: &'static [&'static str];
    /// The path of each field under each base.
    const PATHS: &'static [&'static [&'static str]];

    /// The field of a key.
    fn of(key: &[u8]) -> Option<Self>;

    /// The field whose key, with its quotes, a text starts with, and how many bytes that is. Comparing with what is known is
    /// cheaper than looking for the closing quote first.
    fn at_start(text: &[u8]) -> Option<(Self, usize)>;

    /// Its position in the table.
    fn index(self) -> usize;
}

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident at [$($base:literal),+] $fields:tt)+) => {
        $(fields!(@object [$(#[$doc])*] $name [$($base),+] $fields);)+
    };
    (@object [$(#[$doc:meta])*] $name:ident [$($base:literal),+] $fields:tt) => {
        fields!(@enum [$(#[$doc])*] $name $fields);
        impl Field for $name {
            const BASES: &'static [&'static str] = &[$($base),+];
            const PATHS: &'static [&'static [&'static str]] = &[$(fields!(@paths $base $fields)),+];

            #[inline]
            fn of(key: &[u8]) -> Option<Self> {
                fields!(@match key $name $fields)
            }

            #[inline(always)]
            fn at_start(text: &[u8]) -> Option<(Self, usize)> {
                // Where fewer bytes are left, no field with a value is.
                let start = u64::from_le_bytes(*text.first_chunk()?);
                fields!(@at_start start text $name $fields)
            }

            #[inline]
            fn index(self) -> usize {
                self as usize
            }
        }
    };
    (@enum [$(#[$doc:meta])*] $name:ident { $($field:ident $key:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name { $($field),+ }
    };
    (@paths $base:literal { $($field:ident $key:literal),+ $(,)? }) => { &[$(concat!($base, $key)),+] };
    (@at_start $start:ident $text:ident $name:ident { $($field:ident $key:literal),+ $(,)? }) => {
        // The first bytes rule out nearly all keys but the right one, by one comparison each.
        $(if const { Start::of(concat!("\"", $key, "\"")) }.fits($start)
            && $text.starts_with(concat!("\"", $key, "\"").as_bytes())
        {
            Some(($name::$field, $key.len() + 2))
        } else)+ { None }
    };
    (@match $text:ident $name:ident { $($field:ident $key:literal),+ $(,)? }) => {
        $(if $text == $key.as_bytes() { Some($name::$field) } else)+ { None }
    };
}

/// The first eight bytes of a key with its quotes, as a number.
struct Start {
    bytes: u64,
    /// Ones where the key has a byte.
    mask: u64,
}

impl Start {
    const fn of(key: &str) -> Self {
        let mut start = Self { bytes: 0, mask: 0 };
        let mut at = 0;
        while at < key.len() && at < 8 {
            start.bytes |= (key.as_bytes()[at] as u64) << (8 * at);
            start.mask |= 0xFF << (8 * at);
            at += 1;
        }
        start
    }

    #[inline]
    const fn fits(&self, text: u64) -> bool {
        text & self.mask == self.bytes
    }
}

/// Position of a base path in [`Field::BASES`].
pub(crate) type Base = usize;

/// The base of objects that stand at one place only.
pub(crate) const ONLY: Base = 0;
/// The base of what `xcodeMetrics` and `xcodeOverview` share, in the former.
pub(crate) const IN_METRICS: Base = 0;
/// The same in the latter.
pub(crate) const IN_OVERVIEW: Base = 1;

fields! {
    /// The document, of whatever kind.
    Root at [""] {
        Version "version",
        ProductData "productData",
        Insights "insights",
        Categories "categories",
        AppMetadata "appMetadata",
        TelemetryIdentifier "telemetryIdentifier",
        Signatures "signatures",
        Data "data",
        Links "links",
        Meta "meta",
        Included "included",
        Errors "errors",
        LastUpdated "lastUpdated",
        FilterCriteriaSets "filterCriteriaSets",
    }

    /// One product of metrics or of logs.
    Product at ["productData[]."] {
        Platform "platform",
        MetricCategories "metricCategories",
        SignatureId "signatureId",
        DiagnosticInsights "diagnosticInsights",
        DiagnosticLogs "diagnosticLogs",
    }

    /// A category of metrics.
    Category at ["productData[].metricCategories[]."] {
        Identifier "identifier",
        Metrics "metrics",
    }

    /// One metric.
    Metric at ["productData[].metricCategories[].metrics[]."] {
        Identifier "identifier",
        Unit "unit",
        Datasets "datasets",
        GoalKeys "goalKeys",
    }

    /// A category of an overview.
    OverviewCategory at ["categories[]."] {
        Identifier "identifier",
        DisplayName "displayName",
        Sections "sections",
    }

    /// What an overview calls a metric.
    Section at ["categories[].sections[]."] {
        Identifier "identifier",
        DisplayName "displayName",
        RelevanceScore "relevanceScore",
        SortOrder "sortOrder",
        Unit "unit",
        Datasets "datasets",
    }

    /// Unit of a metric.
    Unit at ["productData[].metricCategories[].metrics[].unit.", "categories[].sections[].unit."] {
        Identifier "identifier",
        DisplayName "displayName",
    }

    /// The range of one goal label.
    GoalKey at ["productData[].metricCategories[].metrics[].goalKeys[]."] {
        GoalKey "goalKey",
        LowerBound "lowerBound",
        UpperBound "upperBound",
    }

    /// The points of one population.
    Dataset at ["productData[].metricCategories[].metrics[].datasets[].", "categories[].sections[].datasets[]."] {
        FilterCriteria "filterCriteria",
        Points "points",
        RecommendedMetricGoal "recommendedMetricGoal",
    }

    /// A population.
    FilterCriteria at [
        "productData[].metricCategories[].metrics[].datasets[].filterCriteria.",
        "categories[].sections[].datasets[].filterCriteria."
    ] {
        Percentile "percentile",
        Device "device",
        DeviceMarketingName "deviceMarketingName",
    }

    /// Apple's recommendation.
    RecommendedGoal at [
        "productData[].metricCategories[].metrics[].datasets[].recommendedMetricGoal.",
        "categories[].sections[].datasets[].recommendedMetricGoal."
    ] {
        Value "value",
        Detail "detail",
    }

    /// One version's value.
    Point at [
        "productData[].metricCategories[].metrics[].datasets[].points[].",
        "categories[].sections[].datasets[].points[]."
    ] {
        Version "version",
        Value "value",
        ErrorMargin "errorMargin",
        Goal "goal",
        PercentageBreakdown "percentageBreakdown",
        Summary "summary",
    }

    /// The share of a sub-system; Apple documents one object and sends an array of them.
    Share at [
        "productData[].metricCategories[].metrics[].datasets[].points[].percentageBreakdown[].",
        "categories[].sections[].datasets[].points[].percentageBreakdown[]."
    ] {
        Value "value",
        SubSystemLabel "subSystemLabel",
    }

    /// Apple's two lists of insights.
    Insights at ["insights."] {
        Regressions "regressions",
        TrendingUp "trendingUp",
    }

    /// One insight.
    Insight at ["insights.regressions[].", "insights.trendingUp[]."] {
        MetricCategory "metricCategory",
        Metric "metric",
        LatestVersion "latestVersion",
        ReferenceVersions "referenceVersions",
        MaxLatestVersionValue "maxLatestVersionValue",
        SubSystemLabel "subSystemLabel",
        HighImpact "highImpact",
        SummaryString "summaryString",
        Populations "populations",
    }

    /// Apple's numbers for one population.
    Population at ["insights.regressions[].populations[].", "insights.trendingUp[].populations[]."] {
        Device "device",
        Percentile "percentile",
        ReferenceAverageValue "referenceAverageValue",
        LatestVersionValue "latestVersionValue",
        DeltaPercentage "deltaPercentage",
        SummaryString "summaryString",
    }

    /// A version with a value, in trends.
    Reference at [
        "data[].attributes.insight.referenceVersions[].",
        "signatures.topHangPoint[].metricsSummary.referenceVersions[].",
        "signatures.topLaunchPoint[].metricsSummary.referenceVersions[].",
        "signatures.topDiskWritePoint[].metricsSummary.referenceVersions[].",
        "insights.regressions[].referenceVersions[].",
        "insights.trendingUp[].referenceVersions[]."
    ] {
        Version "version",
        Value "value",
    }

    /// Whose overview it is.
    AppMetadata at ["appMetadata."] {
        AppId "appId",
        BundleId "bundleId",
        LatestVersion "latestVersion",
        Platform "platform",
    }

    /// The top signatures of an overview.
    TopSignatures at ["signatures."] {
        TopHangPoint "topHangPoint",
        TopLaunchPoint "topLaunchPoint",
        TopDiskWritePoint "topDiskWritePoint",
    }

    /// One of them.
    TopSignature at [
        "signatures.topHangPoint[].", "signatures.topLaunchPoint[].", "signatures.topDiskWritePoint[]."
    ] {
        SignatureId "signatureId",
        Signature "signature",
        Count "count",
        Weight "weight",
        SourceFile "sourceFile",
        LineNumber "lineNumber",
        TrendInfo "trendInfo",
        MetricsSummary "metricsSummary",
    }

    /// What stands behind its trend.
    MetricsSummary at [
        "signatures.topHangPoint[].metricsSummary.",
        "signatures.topLaunchPoint[].metricsSummary.",
        "signatures.topDiskWritePoint[].metricsSummary."
    ] {
        ReferenceVersions "referenceVersions",
    }

    /// A resource of a list.
    Resource at ["data[]."] {
        Type "type",
        Id "id",
        Attributes "attributes",
        Relationships "relationships",
        Links "links",
    }

    /// What a signature says of itself.
    SignatureAttributes at ["data[].attributes."] {
        DiagnosticType "diagnosticType",
        Signature "signature",
        Weight "weight",
        Insight "insight",
    }

    /// How a signature moved.
    SignatureInsight at ["data[].attributes.insight."] {
        InsightType "insightType",
        Direction "direction",
        ReferenceVersions "referenceVersions",
    }

    /// Addresses of a page.
    Links at ["links."] {
        SelfLink "self",
        Next "next",
        First "first",
        Related "related",
    }

    /// What a page says of all pages.
    Meta at ["meta."] {
        Paging "paging",
    }

    /// The same.
    Paging at ["meta.paging."] {
        Total "total",
        Limit "limit",
        NextCursor "nextCursor",
    }

    /// Apple's advice for a signature.
    Advice at ["productData[].diagnosticInsights[]."] {
        InsightsCategory "insightsCategory",
        InsightsString "insightsString",
        InsightsUrl "insightsURL",
    }

    /// One log.
    Log at ["productData[].diagnosticLogs[]."] {
        DiagnosticMetaData "diagnosticMetaData",
        CallStackTree "callStackTree",
    }

    /// What a log says of its event.
    LogMetadata at ["productData[].diagnosticLogs[].diagnosticMetaData."] {
        BundleId "bundleId",
        AppVersion "appVersion",
        BuildVersion "buildVersion",
        OsVersion "osVersion",
        DeviceType "deviceType",
        PlatformArchitecture "platformArchitecture",
        Event "event",
        EventDetail "eventDetail",
        WritesCaused "writesCaused",
    }

    /// A set of call stacks.
    CallStackTree at ["productData[].diagnosticLogs[].callStackTree[]."] {
        CallStackPerThread "callStackPerThread",
        CallStacks "callStacks",
    }

    /// One call stack.
    CallStack at ["productData[].diagnosticLogs[].callStackTree[].callStacks[]."] {
        CallStackRootFrames "callStackRootFrames",
        ThreadAttributed "threadAttributed",
    }

    /// A frame, at any depth: sub-frames are counted at the path of root frames.
    Frame at ["productData[].diagnosticLogs[].callStackTree[].callStacks[].callStackRootFrames[]."] {
        SymbolName "symbolName",
        SampleCount "sampleCount",
        IsBlameFrame "isBlameFrame",
        InsightsCategory "insightsCategory",
        OffsetIntoSymbol "offsetIntoSymbol",
        BinaryName "binaryName",
        FileName "fileName",
        BinaryUuid "binaryUUID",
        LineNumber "lineNumber",
        Address "address",
        OffsetIntoBinaryTextSegment "offsetIntoBinaryTextSegment",
        RawFrame "rawFrame",
        SubFrames "subFrames",
    }

    /// A saved error.
    ApiError at ["errors[]."] {
        Id "id",
        Status "status",
        Code "code",
        Title "title",
        Detail "detail",
        Source "source",
        Links "links",
        Meta "meta",
    }
}

/// The fields that documents of a kind are known to have, by path with `[]` for any position, in the order of the schema.
/// Frames stand at the path of root frames whatever their depth. Empty for kinds that are not Apple's.
pub fn known_fields(kind: Kind) -> Vec<&'static str> {
    let all = all_paths();
    all.into_iter().filter(|path| belongs_to(kind, path)).collect()
}

/// A field of any kind, by its path as [`Drift::known`](perfpower_model::Drift::known) names it; absent = the schema does not know it.
pub fn known_field(path: &str) -> Option<&'static str> {
    static ALL: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| all_paths().into_iter().collect());
    ALL.get(path).copied()
}

/// Whether a known path is one of a kind's.
pub(crate) fn belongs_to(kind: Kind, path: &str) -> bool {
    let root = path.split(['.', '[']).next().unwrap_or(path);
    match kind {
        Kind::XcodeMetrics | Kind::DiagnosticLogs if root == "productData" => {
            let field = path.strip_prefix("productData[].").and_then(|rest| rest.split(['.', '[']).next());
            let is_of_logs = matches!(field, Some("signatureId" | "diagnosticInsights" | "diagnosticLogs"));
            field.is_none() || is_of_logs == (kind == Kind::DiagnosticLogs)
        }
        Kind::XcodeMetrics => matches!(root, "version" | "insights"),
        Kind::DiagnosticLogs => root == "version",
        Kind::XcodeOverview => {
            matches!(root, "version" | "insights" | "categories" | "appMetadata" | "telemetryIdentifier" | "signatures")
                && !path.ends_with("points[].summary")
        }
        Kind::XcodeCache => {
            // Apple's numbers of an overview that Xcode did not have yet.
            let is_newer = ["points[].value", "points[].errorMargin", "points[].goal", "relevanceScore", "sortOrder"]
                .iter()
                .any(|end| path.ends_with(end))
                || path.contains("recommendedMetricGoal");
            matches!(root, "categories" | "lastUpdated" | "filterCriteriaSets") && !is_newer
        }
        Kind::DiagnosticSignatures => matches!(root, "data" | "links" | "meta" | "included"),
        Kind::ResourceList => {
            matches!(root, "data" | "links" | "meta" | "included") && !path.starts_with("data[].attributes.")
        }
        Kind::ApiError => matches!(root, "errors" | "links" | "meta"),
        Kind::MetricKit | Kind::Empty | Kind::Unknown | Kind::NotJson => false,
    }
}

fn all_paths() -> Vec<&'static str> {
    macro_rules! paths_of {
        ($($name:ident)+) => { [$($name::PATHS),+].concat().concat() };
    }
    paths_of![
        Root Product Category Metric Unit GoalKey Dataset FilterCriteria RecommendedGoal Point Share
        OverviewCategory Section AppMetadata TopSignatures TopSignature MetricsSummary
        Insights Insight Population Reference
        Resource SignatureAttributes SignatureInsight Links Meta Paging
        Advice Log LogMetadata CallStackTree CallStack Frame
        ApiError
    ]
    .into_iter()
    // Metrics and overviews share the table of points, and the summary is of neither.
    .filter(|path| !(path.starts_with("productData") && path.ends_with("points[].summary")))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_kind_of_apple_knows_its_own_fields_and_no_others() {
        let metrics = known_fields(Kind::XcodeMetrics);
        assert!(metrics.contains(&"productData[].metricCategories[].metrics[].datasets[].points[].value"));
        assert!(!metrics.iter().any(|path| path.contains("diagnosticLogs") || path.contains("sections")));
        let logs = known_fields(Kind::DiagnosticLogs);
        assert!(logs.contains(&"productData[].signatureId"));
        assert!(!logs.iter().any(|path| path.contains("metricCategories") || path.starts_with("insights")));
        assert!(known_fields(Kind::XcodeOverview).contains(&"signatures.topHangPoint[].sourceFile"));
        assert!(known_fields(Kind::Unknown).is_empty());
    }

    #[test]
    fn no_path_is_listed_twice_and_every_path_belongs_somewhere() {
        let all = all_paths();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        for path in all {
            assert!(Kind::ALL.iter().any(|&kind| belongs_to(kind, path)), "{path}");
        }
    }

    #[test]
    fn seen_fields_fit_the_mask_of_an_object() {
        // `reader::Open` keeps one bit per field of the object in a u32.
        assert!(Root::PATHS[0].len() <= 32 && Frame::PATHS[0].len() <= 32);
    }
}
