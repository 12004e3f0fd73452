//! Call-stack findings as SARIF 2.1.0, so that a code host shows them beside the source.
//!
//! Only what has a file and a line becomes a result: a metric has no place in the source. The structs are the small part of
//! the standard that is written here; a crate with all of it generates its types at build time and weighs more than this
//! file. Times are left out: the same findings give the same bytes.

use crate::facts::Report;
use crate::json::{JsonLayout, write_json};
use crate::safe;
use crate::sentence::metric_of;
use crate::sentence::settings_line;
use perfpower_analysis::gate::{GateReport, OutcomeVerdict};
use perfpower_analysis::{Analysis, Finding, FindingId, Standing, Verdict};
use perfpower_model::{Document, Signature};
use perfpower_stacks::{RankedFrame, Ranking};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::num::NonZeroU32;

/// A place in the source that call stacks point at.
#[derive(Clone, Debug, PartialEq)]
pub struct CodePlace {
    /// Why it is told.
    pub reason: CodeReason,
    /// How much it matters.
    pub level: CodeLevel,
    /// The app's key.
    pub app: String,
    /// Function, if it is known.
    pub symbol: Option<String>,
    /// Binary, if it is known.
    pub binary: Option<String>,
    /// Source file, as Apple writes it.
    pub file: String,
    /// 1-based.
    pub line: NonZeroU32,
    /// In one sentence.
    pub text: String,
    /// Numbers for programs, by name.
    pub properties: BTreeMap<&'static str, f64>,
    /// The finding that it belongs to.
    pub finding: Option<FindingId>,
}

/// Why a place is told: a SARIF rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CodeReason {
    /// A frame that grew together with a regression.
    GrownFrame,
    /// A frame that Apple holds the app responsible for.
    BlameFrame,
    /// A signature of Apple.
    Signature,
}

impl CodeReason {
    const ALL: [Self; 3] = [Self::GrownFrame, Self::BlameFrame, Self::Signature];

    /// The id of the SARIF rule.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GrownFrame => "grown-frame",
            Self::BlameFrame => "blame-frame",
            Self::Signature => "signature",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::GrownFrame => "A frame that grew in the call stacks together with a regression of a metric.",
            Self::BlameFrame => "A frame that Apple holds the app responsible for, by its share of all samples.",
            Self::Signature => "A recurring call pattern of Apple's diagnostics, by its share of the app's total.",
        }
    }
}

/// How much a place matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CodeLevel {
    /// A rule of `check` tripped on it.
    Error,
    /// It belongs to a regression.
    Warning,
    /// It is worth a look.
    Note,
}

impl CodeLevel {
    /// SARIF's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// The places that the findings of an analysis point at. With the outcomes of `check`, the places of findings on which a
/// rule tripped are errors, and so are those of open regressions of a metric that broke its budget; those of other findings are left
/// out.
pub fn code_places(analysis: &Analysis, gate: Option<&GateReport>) -> Vec<CodePlace> {
    let broke_a_rule = |gate: &GateReport, finding: &Finding| {
        let of = &finding.series;
        gate.outcomes.iter().filter(|outcome| outcome.verdict == OutcomeVerdict::Trip).any(|outcome| {
            match outcome.finding {
                Some(id) => id == finding.id,
                None => {
                    [&outcome.app, &outcome.category, &outcome.metric].map(Option::as_deref)
                        == [Some(&*of.app), Some(&*of.category), Some(&*of.metric)]
                        && finding.is_open_regression()
                }
            }
        })
    };
    let mut places = Vec::new();
    for finding in analysis.own_findings().filter(|finding| finding.verdict == Verdict::Regression) {
        let level = match gate {
            None => CodeLevel::Warning,
            Some(gate) if broke_a_rule(gate, finding) => CodeLevel::Error,
            Some(_) => continue,
        };
        places.extend(finding.links.frames.iter().filter_map(|frame| {
            let (file, line) = split_place(frame.place.as_deref()?)?;
            let text = format!(
                "{} grew from {:.1} to {:.1} % of all samples with {}",
                if frame.symbol.is_empty() { "this frame" } else { &frame.symbol },
                frame.share_before_percent,
                frame.share_after_percent,
                regression_words(finding)
            );
            Some(CodePlace {
                reason: CodeReason::GrownFrame,
                level,
                app: finding.series.app.clone(),
                symbol: Some(frame.symbol.clone()),
                binary: frame.binary.clone(),
                file: file.to_owned(),
                line,
                text,
                properties: BTreeMap::from([
                    ("share_after_percent", frame.share_after_percent),
                    ("share_before_percent", frame.share_before_percent),
                ]),
                finding: Some(finding.id),
            })
        }));
    }
    places
}

fn regression_words(finding: &Finding) -> String {
    format!("the regression of {} in {} {}", metric_of(&finding.series), finding.app_name, finding.version)
}

/// The functions that Apple holds an app responsible for, heaviest first, at their heaviest place; at most `limit`.
pub fn blame_places(app: &str, ranking: &Ranking, limit: usize) -> Vec<CodePlace> {
    let blamed = ranking.frames.iter().filter(|ranked| ranked.frame.is_blame).filter_map(|ranked| {
        let frame = &ranked.frame;
        Some((ranked, frame.file.clone()?, frame.line?))
    });
    let place = |(ranked, file, line): (&RankedFrame, String, NonZeroU32)| CodePlace {
        reason: CodeReason::BlameFrame,
        level: CodeLevel::Note,
        app: app.to_owned(),
        symbol: Some(ranked.frame.name.clone()),
        binary: ranked.frame.binary.clone(),
        file,
        line,
        text: format!(
            "{} and what it calls: {} of {} samples, {:.1} %",
            ranked.frame.name,
            ranked.inclusive,
            ranking.total,
            100.0 * ranked.inclusive_share
        ),
        properties: BTreeMap::from([
            ("inclusive_percent", 100.0 * ranked.inclusive_share),
            ("self_percent", 100.0 * ranked.own_share),
        ]),
        finding: None,
    };
    blamed.take(limit).map(place).collect()
}

/// The signatures of a document that name a file and a line, as overviews do.
pub fn signature_places(app: &str, document: &Document) -> Vec<CodePlace> {
    let names = &document.names;
    let place = |signature: &Signature| {
        let text = |id| names.get(id).unwrap_or_default();
        let (file, line) = (names.get(signature.file)?, signature.line?);
        let share = signature.weight.map(|weight| 100.0 * weight);
        let weight = share.map_or_else(String::new, |percent| format!(": {percent:.1} % of its type"));
        Some(CodePlace {
            reason: CodeReason::Signature,
            level: CodeLevel::Note,
            app: app.to_owned(),
            symbol: None,
            binary: None,
            file: file.to_owned(),
            line,
            text: format!("{} {}{weight}", text(signature.diagnostic_type), text(signature.text)),
            properties: share.map(|percent| ("weight_percent", percent)).into_iter().collect(),
            finding: None,
        })
    };
    document.signatures.iter().filter_map(place).collect()
}

/// `Storage/File.m:42` to its file and its line.
fn split_place(place: &str) -> Option<(&str, NonZeroU32)> {
    let (file, line) = place.rsplit_once(':')?;
    let line = line.parse().ok()?;
    (!file.is_empty()).then_some((file, line))
}

/// Writes one run of a report. Places without a file or a line are left out; the order is by file, line, reason and text.
pub fn write_sarif(
    places: &[CodePlace],
    report: &Report<'_>,
    layout: JsonLayout,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut places: Vec<&CodePlace> =
        places.iter().filter(|place| !place.file.is_empty() && place.line.get() <= MOST_LINES).collect();
    places.sort_by(|left, right| {
        let key = |place: &CodePlace| (place.line, place.reason);
        (left.file.cmp(&right.file)).then_with(|| key(left).cmp(&key(right))).then_with(|| left.text.cmp(&right.text))
    });
    let log = Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "perfpower",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules: CodeReason::ALL.map(|reason| RuleObject {
                        id: reason.as_str(),
                        short_description: Message { text: reason.description().into() },
                    }),
                },
            },
            column_kind: "unicodeCodePoints",
            properties: RunProperties { settings: settings_line(report) },
            results: places
                .into_iter()
                .map(|place| SarifResult { baseline_state: baseline_state(report.analysis, place), ..place.into() })
                .collect(),
        }],
    };
    write_json(&log, layout, out)
}

/// How the finding of a place stands to an earlier report; absent = none was given.
fn baseline_state(analysis: &Analysis, place: &CodePlace) -> Option<&'static str> {
    Some(match analysis.news.as_ref()?.standing(place.finding?) {
        Standing::New => "new",
        Standing::Known => "unchanged",
        Standing::Changed(_) | Standing::Recovered => "updated",
    })
}

/// The largest line that readers take: code hosts keep lines in 32 bits with a sign.
const MOST_LINES: u32 = i32::MAX as u32;

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool,
    column_kind: &'static str,
    properties: RunProperties,
    results: Vec<SarifResult<'a>>,
}

#[derive(Serialize)]
struct RunProperties {
    /// What was judged by.
    settings: String,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: [RuleObject; 3],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleObject {
    id: &'static str,
    short_description: Message,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'a> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    /// Against an earlier report, in SARIF's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
    message: Message,
    locations: [Location<'a>; 1],
    partial_fingerprints: BTreeMap<&'static str, String>,
    properties: Properties<'a>,
}

#[derive(Serialize)]
struct Properties<'a> {
    app: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    binary: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    finding: Option<String>,
    #[serde(flatten)]
    numbers: &'a BTreeMap<&'static str, f64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    logical_locations: Option<[LogicalLocation<'a>; 1]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation<'a> {
    fully_qualified_name: &'a str,
    kind: &'static str,
}

impl<'a> From<&'a CodePlace> for SarifResult<'a> {
    fn from(place: &'a CodePlace) -> Self {
        let logical = |symbol| LogicalLocation { fully_qualified_name: symbol, kind: "function" };
        let (symbol, binary) = (place.symbol.as_deref(), place.binary.as_deref().unwrap_or_default());
        // Without the line and the text, which move with every edit and every run.
        let fingerprint =
            FindingId::of(&[place.reason.as_str(), &place.app, binary, symbol.unwrap_or_default(), &place.file])
                .to_string();
        Self {
            rule_id: place.reason.as_str(),
            rule_index: CodeReason::ALL.iter().position(|&reason| reason == place.reason).unwrap_or(0),
            level: place.level.as_str(),
            baseline_state: None,
            message: Message { text: safe::visible(&place.text).into_owned() },
            locations: [Location {
                physical_location: PhysicalLocation {
                    artifact_location: ArtifactLocation { uri: uri(&place.file) },
                    region: Region { start_line: place.line.get() },
                },
                logical_locations: symbol.map(|symbol| [logical(symbol)]),
            }],
            partial_fingerprints: BTreeMap::from([("perfpowerPlace/v1", fingerprint)]),
            properties: Properties {
                app: &place.app,
                binary,
                finding: place.finding.map(|id| id.to_string()),
                numbers: &place.properties,
            },
        }
    }
}

/// A file name as a URI reference (RFC 3986): an absolute path gets a scheme, and every byte that is not plain is escaped, a
/// colon too, so that no name is taken for a scheme.
fn uri(file: &str) -> String {
    let mut uri = String::with_capacity(file.len() + 8);
    if file.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in file.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b'+' | b',' | b'@' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests;
