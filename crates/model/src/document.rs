//! One JSON body, read.

use crate::{
    AppleInsight, CallTree, Day, DiagnosticAdvice, DiagnosticLog, MetricTable, NameId, Names, Problem, Signature,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a document is, by its content and never by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Values per metric, population and version, of an app or of a build.
    XcodeMetrics,
    /// The 2026 overview: values, insights and the top signatures.
    XcodeOverview,
    /// A page of signatures.
    DiagnosticSignatures,
    /// Call stacks.
    DiagnosticLogs,
    /// Xcode's own cache of its Organizer (`Metrics.xcmetricsdata`): values as in metrics, and the day they are of.
    XcodeCache,
    /// What the framework `MetricKit` gives an app on one device: recognised and counted, and not read.
    MetricKit,
    /// A saved error body: `{"errors": […]}`.
    ApiError,
    /// A list of resources or linkages: it names things and holds no value.
    ResourceList,
    /// A well-formed body without data, such as `productData: []`: unmeasured, not clean.
    Empty,
    /// Well-formed JSON of another shape.
    Unknown,
    /// Not JSON at all: a login page, a pointer file, nothing.
    NotJson,
}

impl Kind {
    /// All kinds, in the order reports show them.
    pub const ALL: [Self; 11] = [
        Self::XcodeMetrics,
        Self::XcodeOverview,
        Self::DiagnosticSignatures,
        Self::DiagnosticLogs,
        Self::XcodeCache,
        Self::MetricKit,
        Self::ApiError,
        Self::ResourceList,
        Self::Empty,
        Self::Unknown,
        Self::NotJson,
    ];

    /// The word for it in reports and in layouts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::XcodeMetrics => "xcodeMetrics",
            Self::XcodeOverview => "xcodeOverview",
            Self::DiagnosticSignatures => "diagnosticSignatures",
            Self::DiagnosticLogs => "diagnosticLogs",
            Self::XcodeCache => "xcodeCache",
            Self::MetricKit => "metricKit",
            Self::ApiError => "error",
            Self::ResourceList => "resourceList",
            Self::Empty => "empty",
            Self::Unknown => "unknown",
            Self::NotJson => "notJson",
        }
    }

    /// Whether the same body says more if it was downloaded on another day, too: values and signatures belong to their day, while
    /// a log is known by its own frames.
    pub fn is_of_its_day(self) -> bool {
        matches!(self, Self::XcodeMetrics | Self::XcodeOverview | Self::XcodeCache | Self::DiagnosticSignatures)
    }

    /// Whether documents of this kind hold values of metrics.
    pub fn has_values(self) -> bool {
        matches!(self, Self::XcodeMetrics | Self::XcodeOverview | Self::XcodeCache)
    }
}

/// One body, read into columns. Every text in it is a handle into `names`.
#[derive(Clone, Debug)]
pub struct Document {
    /// What it is.
    pub kind: Kind,
    /// What was asked for, where that shows in a body that holds nothing: an empty list, a saved error. `None` = it does not
    /// show, or the kind says it.
    pub asked_for: Option<Kind>,
    /// The texts of this document.
    pub names: Names,
    /// What the body says of its own app.
    pub identity: BodyIdentity,
    /// The day that the body itself says its values are of.
    pub day: Option<Day>,
    /// Values; empty for kinds without any.
    pub metrics: MetricTable,
    /// Apple's insights.
    pub insights: Vec<AppleInsight>,
    /// Signatures.
    pub signatures: Vec<Signature>,
    /// Address of the next page of signatures; `None` = this is the last.
    pub next_page: Option<NameId>,
    /// How many signatures all pages together have, as this page says.
    pub signatures_in_all: Option<u64>,
    /// Logs, and their call stacks in `call_tree`.
    pub logs: Vec<DiagnosticLog>,
    /// Call stacks of all logs.
    pub call_tree: CallTree,
    /// Apple's advice for the signatures of the logs.
    pub advice: Vec<DiagnosticAdvice>,
    /// What a `MetricKit` document holds, by Apple's names: payloads (`MXMetricPayload`), and diagnostics (`hangDiagnostics`).
    pub payloads: Vec<(&'static str, u64)>,
    /// What was lost or doubtful, in document order.
    pub problems: Vec<Problem>,
    /// How its fields differ from the known schema.
    pub drift: Drift,
}

impl Document {
    /// A document of a kind, with nothing in it yet.
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            asked_for: None,
            names: Names::new(),
            identity: BodyIdentity::default(),
            day: None,
            metrics: MetricTable::default(),
            insights: Vec::new(),
            signatures: Vec::new(),
            next_page: None,
            signatures_in_all: None,
            logs: Vec::new(),
            call_tree: CallTree::default(),
            advice: Vec::new(),
            payloads: Vec::new(),
            problems: Vec::new(),
            drift: Drift::default(),
        }
    }
}

/// What a body says of whose it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyIdentity {
    /// Such as `com.example.app`: overviews, and some logs.
    pub bundle_id: Option<NameId>,
    /// Apple's number of the app: overviews, and paths of the kind `/v1/apps/{id}/…` in `links.self`.
    pub apple_id: Option<NameId>,
    /// Such as `iOS`.
    pub platform: Option<NameId>,
    /// Apple's id of the build, out of `/v1/builds/{id}/…` in `links.self`.
    pub build_id: Option<NameId>,
    /// The version an overview calls the latest.
    pub latest_version: Option<NameId>,
    /// What the body calls a product that is not the app itself and names no bundle, such as `AppClip`.
    pub product: Option<NameId>,
}

/// Fields that the known schema has not, and known fields that were seen, by path with `[]` for any position:
/// `productData[].metricCategories[].metrics[].datasets[].points[].value`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// Count of each unknown field.
    pub unknown: BTreeMap<String, u64>,
    /// Count of each known field; filled only when drift is asked for.
    pub known: BTreeMap<&'static str, u64>,
}
