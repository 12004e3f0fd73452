//! Call stacks and signatures for programs: `perfpower.diagnostics/1`. Serialise-only; keys are stable, lists are sorted,
//! absent is null, shares are in percent, bytes and seconds are plain numbers.
//!
//! A field is added, never renamed or given another meaning, as long as the name of the schema stays. Lists that `--top`
//! cuts stand beside the number of all their rows.

use super::report::ProblemJson;
use super::{JsonLayout, write_json};
use crate::page::{axis_word, evidence_sentence, named_frame};
use perfpower_stacks::{
    Dimension, Evidence, FollowedSignature, FoundAdvice, MovedPath, Movement, Ranked, RankedFrame, Side, Sighting,
    Spread, StackFrame, UnreadAmount,
};
use perfpower_stacks::{StacksGroup, StacksView};
use perfpower_statistics::percentiles::Summary;
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{self, Write};

/// Name of the schema, in the key `schema`.
pub(crate) const STACKS_SCHEMA: &str = "perfpower.diagnostics/1";

/// Writes call stacks and signatures as JSON, indented, with a line feed at the end.
pub fn write_stacks_json(view: &StacksView, layout: JsonLayout, out: &mut impl Write) -> io::Result<()> {
    write_json(&StacksJson::from(view), layout, out)
}

/// Everything of a choice of logs.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct StacksJson<'a> {
    /// Always `perfpower.diagnostics/1`.
    schema: &'static str,
    /// The apps that have a log or a signature here, sorted by key.
    apps: Vec<AppJson<'a>>,
    /// What could not be read, or not wholly.
    problems: Vec<ProblemJson<'a>>,
    /// Logs of the choice.
    logs: usize,
    /// Their samples: the sum of self samples.
    samples: u64,
    /// Logs of each type.
    types: Vec<TypeJson>,
    /// Signatures over versions, by app and type, heaviest first.
    signatures: Listed<SignatureJson<'a>>,
    /// What weights sum up to, by app, version and type.
    weight_sums: Vec<WeightSumJson<'a>>,
    /// Which frames `frames` holds: `blame` or `all`.
    ranked: &'static str,
    /// Frames by inclusive samples, heaviest first.
    frames: Listed<RankedJson<'a>>,
    /// The frames by owner, by self samples; empty where `perfpower.toml` names no owner.
    owners: Vec<OwnerJson<'a>>,
    /// Ends of stacks by self samples, heaviest first.
    hot_paths: Vec<HotPathJson<'a>>,
    /// Apple's advice and where it applies.
    advice: Vec<AdviceJson<'a>>,
    /// What was written and how long it took.
    amounts: AmountsJson<'a>,
    /// One entry per value of the axis asked for with `--by`; null otherwise.
    groups: Option<GroupsJson<'a>>,
    /// What the merge had to decide on its own, over all logs of the archive.
    losses: LossesJson,
    /// The two versions asked for with `--from` and `--to`; null otherwise.
    difference: Option<DifferenceJson<'a>>,
}

/// The first rows of a list.
#[derive(Debug, Serialize, JsonSchema)]
struct Listed<T> {
    /// Rows of the whole list.
    total: usize,
    /// The first of them.
    rows: Vec<T>,
}

impl<T> Listed<T> {
    fn new(total: usize, rows: impl Iterator<Item = T>) -> Self {
        Self { total, rows: rows.collect() }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
struct AppJson<'a> {
    /// Its key in the archive.
    app: &'a str,
    /// For eyes.
    name: &'a str,
    /// Versions of its logs and signatures, oldest first.
    versions: Vec<VersionJson<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct VersionJson<'a> {
    /// App version; for a build whose version nothing tells a label, such as its day.
    version: &'a str,
    /// Whether it is known to be newer than the one before it; `false` = two builds of one day, in no order.
    is_ordered: bool,
    logs: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
struct TypeJson {
    /// `DISK_WRITES`, `HANGS`, `LAUNCHES` or `OTHER`.
    diagnostic_type: &'static str,
    logs: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
struct SignatureJson<'a> {
    app: &'a str,
    /// As in `types`.
    diagnostic_type: &'static str,
    /// Apple's text in the newest version that has it.
    text: &'a str,
    /// The binary in it; empty = none.
    binary: &'a str,
    /// The function in it, readable and without an offset.
    function: &'a str,
    /// `new`, `gone`, `grown`, `shrunk` or `same` between the app's last two versions, or the two of `difference`; null where
    /// that cannot be said.
    movement: Option<&'static str>,
    /// Percentage points between these two; null where a weight is not known.
    weight_change_points: Option<f64>,
    /// Apple's word on the later of the two against those before it: `UP`, `DOWN`, `UNDEFINED`; null where Apple says nothing
    /// or where the earlier one is not the release right before.
    apple_trend: Option<&'a str>,
    /// Whether that is the same as `movement`; null where either is missing.
    apple_agrees: Option<bool>,
    /// Oldest version first.
    sightings: Vec<SightingJson<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct SightingJson<'a> {
    version: &'a str,
    /// Ids that Apple gave it there.
    ids: &'a [String],
    /// Of all writes, hang time or launch time of the version.
    weight_percent: Option<f64>,
    /// Apple's word: `UP`, `DOWN`, `UNDEFINED`.
    apple_trend: Option<&'a str>,
    /// How often it was seen; overviews only.
    count: Option<u64>,
    /// Source file; overviews only.
    file: Option<&'a str>,
    /// 1-based; overviews only.
    line: Option<u32>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct WeightSumJson<'a> {
    app: &'a str,
    version: &'a str,
    diagnostic_type: &'static str,
    signatures: usize,
    sum_percent: f64,
    /// Whether the last page is in the archive.
    is_complete: bool,
    /// Whether the sum is 100, within the rounding of weights.
    is_one: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
struct FrameJson<'a> {
    /// The function; without a symbol `binary+offset`.
    name: &'a str,
    binary: Option<&'a str>,
    file: Option<&'a str>,
    /// 1-based.
    line: Option<u32>,
    /// Whether Apple holds the app responsible for it.
    is_blame: bool,
    /// Apple's category of advice.
    advice: Option<&'a str>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct RankedJson<'a> {
    #[serde(flatten)]
    frame: FrameJson<'a>,
    inclusive: u64,
    inclusive_percent: f64,
    #[serde(rename = "self")]
    own: u64,
    self_percent: f64,
    /// How many logs it stands in.
    logs: u64,
    /// Lines that it was seen at, heaviest first.
    places: Vec<PlaceJson<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct PlaceJson<'a> {
    file: Option<&'a str>,
    line: Option<u32>,
    inclusive: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct OwnerJson<'a> {
    /// The team; null = no pattern matches.
    owner: Option<&'a str>,
    #[serde(rename = "self")]
    own: u64,
    self_percent: f64,
    /// Functions of theirs, heaviest first.
    frames: Listed<&'a str>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct HotPathJson<'a> {
    #[serde(rename = "self")]
    own: u64,
    self_percent: f64,
    /// From the root to the end.
    frames: Vec<FrameJson<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct AdviceJson<'a> {
    category: &'a str,
    text: &'a str,
    url: &'a str,
    /// Ids that Apple gave it for.
    signatures: &'a [String],
    /// Where it applies, heaviest first.
    frames: Vec<RankedJson<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct AmountsJson<'a> {
    /// How percentiles are computed.
    method: &'static str,
    /// Of the intervals.
    confidence_percent: f64,
    /// What the rows of a group have in common.
    by: &'static str,
    rows: Vec<AmountJson<'a>>,
    /// Logs with a text that should hold an amount and could not be read.
    unread_logs: usize,
    /// The distinct ones of these texts, most frequent first.
    unread: Listed<UnreadAmountJson<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct UnreadAmountJson<'a> {
    /// As in `types`.
    diagnostic_type: &'static str,
    /// As Apple wrote it.
    text: &'a str,
    logs: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
struct AmountJson<'a> {
    diagnostic_type: &'static str,
    /// Null = not said.
    group: Option<&'a str>,
    /// `bytes` or `seconds`.
    unit: &'static str,
    logs: usize,
    /// Of these, logs whose text holds no amount.
    without_amount: usize,
    /// Logs that give one.
    n: usize,
    min: Option<f64>,
    /// Where there are percentiles, the value of the 50th.
    median: Option<f64>,
    max: Option<f64>,
    /// Empty where `n` is too small.
    percentiles: Vec<PercentileJson>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct PercentileJson {
    /// Such as 90.
    percentile: f64,
    value: f64,
    /// Null where so few values have no interval.
    lower: Option<f64>,
    upper: Option<f64>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct GroupsJson<'a> {
    /// `signature`, `type`, `version`, `device` or `os`.
    by: &'static str,
    rows: Vec<GroupJson<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct GroupJson<'a> {
    /// Null = not said.
    value: Option<&'a str>,
    /// For eyes: a signature's text.
    label: &'a str,
    logs: usize,
    samples: u64,
    /// Null for groups beyond the heaviest.
    frames: Option<Vec<RankedJson<'a>>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct LossesJson {
    /// Frames whose children have more samples than they have themselves, and by how many in all.
    overfull_frames: u64,
    excess_samples: u64,
    /// Frames with more samples than a log can hold.
    clipped_frames: u64,
    /// Logs that an earlier document already held.
    repeated_logs: u64,
    /// Logs without a sample.
    silent_logs: u64,
    /// Logs of one stack per thread without counts.
    uncounted_thread_logs: u64,
    /// Threads that waited, or ran beside the one that Apple holds responsible.
    uncharged_threads: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct DifferenceJson<'a> {
    from: &'a str,
    to: &'a str,
    before: SideJson,
    after: SideJson,
    /// `enough`, `too_few_logs`, `nothing_in_common` or `one_sided`.
    evidence: &'static str,
    /// The same in words.
    sentence: String,
    /// With how many logs on each side one path among as many as these could be claimed.
    logs_needed: usize,
    /// Whether logs were weighted, so that apps, types and signatures that both sides have count alike on both.
    is_weighted: bool,
    /// Paths that moved more than sampling would first; within that by weight of the change.
    paths: Listed<MovedJson<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct SideJson {
    /// Logs with samples.
    logs: usize,
    samples: u64,
    /// Of the logs, those of an app and type that the other side has as well.
    compared_logs: usize,
    /// Of these, logs of a signature that the other side has no log of.
    unshared_logs: usize,
}

impl From<Side> for SideJson {
    fn from(side: Side) -> Self {
        Self { logs: side.logs, samples: side.samples, compared_logs: side.compared, unshared_logs: side.unshared }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
struct MovedJson<'a> {
    /// `new`, `gone`, `grown`, `shrunk` or `same`.
    movement: &'static str,
    /// The function that the path is named by.
    function: Option<&'a str>,
    share_before_percent: f64,
    share_after_percent: f64,
    /// Two-sided; null where the logs are too few.
    p: Option<f64>,
    /// `p` among all tested paths.
    q: Option<f64>,
    /// Whether it moved more than sampling would; null where the logs cannot tell.
    has_moved: Option<bool>,
    /// Position in `frames` of the first one that moved as the last one did.
    starts_at: usize,
    /// From the root to the last one that explains the change.
    frames: Vec<FrameJson<'a>>,
}

impl<'a> From<&'a StacksView> for StacksJson<'a> {
    fn from(view: &'a StacksView) -> Self {
        let total = view.tree.total().max(1) as f64;
        let is_ordered = |app: &str, version: &str| {
            !view.releases.iter().any(|known| known.app == app && known.version == version && !known.is_ordered)
        };
        let apps = view.apps.iter().map(|app| AppJson {
            app: &app.app,
            name: &app.name,
            versions: app
                .versions
                .iter()
                .zip(&app.logs)
                .map(|(version, &logs)| {
                    let version = version.as_deref().unwrap_or_default();
                    VersionJson { version, is_ordered: is_ordered(&app.app, version), logs }
                })
                .collect(),
        });
        let hot_paths = view.tree.hot_paths(view.top).into_iter().map(|node| HotPathJson {
            own: view.tree.own[node],
            self_percent: 100.0 * view.tree.own[node] as f64 / total,
            frames: view.tree.path(node).into_iter().map(|at| view.tree.frame_of(at).into()).collect(),
        });
        let owners = view.owners.iter().map(|cost| OwnerJson {
            owner: cost.owner.as_deref(),
            own: cost.own,
            self_percent: 100.0 * cost.own_share,
            frames: Listed::new(
                cost.frames.len(),
                cost.frames.iter().take(view.top).map(|&at| view.ranking.frames[at].frame.name.as_str()),
            ),
        });
        let losses = view.losses;
        Self {
            schema: STACKS_SCHEMA,
            apps: apps.collect(),
            problems: view.problems.iter().map(ProblemJson::from).collect(),
            logs: view.logs,
            samples: view.samples,
            types: view.types.iter().map(|&(of, logs)| TypeJson { diagnostic_type: of.as_str(), logs }).collect(),
            signatures: Listed::new(
                view.signatures.len(),
                view.signatures.iter().take(view.top).map(SignatureJson::from),
            ),
            weight_sums: view
                .weight_sums
                .iter()
                .map(|sum| WeightSumJson {
                    app: &sum.app,
                    version: &sum.version,
                    diagnostic_type: sum.diagnostic_type.as_str(),
                    signatures: sum.signatures,
                    sum_percent: 100.0 * sum.sum,
                    is_complete: sum.is_complete,
                    is_one: sum.is_one,
                })
                .collect(),
            ranked: match view.ranked {
                Ranked::Blame => "blame",
                Ranked::Advised => "advised",
                Ranked::All => "all",
            },
            frames: Listed::new(
                view.ranking.frames.len(),
                view.ranking.frames.iter().take(view.top).map(RankedJson::from),
            ),
            owners: owners.collect(),
            hot_paths: hot_paths.collect(),
            advice: view.advice.iter().map(AdviceJson::from).collect(),
            amounts: AmountsJson {
                method: "R-7",
                confidence_percent: 100.0 * perfpower_stacks::CONFIDENCE,
                by: axis_word(view.amounts_by),
                rows: view
                    .amounts
                    .iter()
                    .map(|amounts| AmountJson::new(amounts.diagnostic_type.as_str(), &amounts.spread))
                    .collect(),
                unread_logs: view.unread_amounts.iter().map(|unread| unread.logs).sum(),
                unread: Listed::new(
                    view.unread_amounts.len(),
                    view.unread_amounts.iter().take(view.top).map(UnreadAmountJson::from),
                ),
            },
            groups: view
                .groups
                .as_ref()
                .map(|(by, rows)| GroupsJson { by: axis_word(*by), rows: rows.iter().map(GroupJson::from).collect() }),
            losses: LossesJson {
                overfull_frames: losses.overfull_frames,
                excess_samples: losses.excess_samples,
                clipped_frames: losses.clipped_frames,
                repeated_logs: losses.repeated_logs,
                silent_logs: losses.silent_logs,
                uncounted_thread_logs: losses.uncounted_thread_logs,
                uncharged_threads: losses.uncharged_threads,
            },
            difference: view.difference.as_ref().map(|(from, to, difference)| DifferenceJson {
                from,
                to,
                before: difference.before.into(),
                after: difference.after.into(),
                evidence: match difference.evidence {
                    Evidence::Enough => "enough",
                    Evidence::TooFewLogs => "too_few_logs",
                    Evidence::NothingInCommon => "nothing_in_common",
                    Evidence::OneSided => "one_sided",
                },
                sentence: evidence_sentence(from, to, difference),
                logs_needed: difference.logs_needed,
                is_weighted: difference.is_weighted,
                paths: Listed::new(difference.paths.len(), difference.paths.iter().take(view.top).map(MovedJson::from)),
            }),
        }
    }
}

impl<'a> From<&'a FollowedSignature> for SignatureJson<'a> {
    fn from(signature: &'a FollowedSignature) -> Self {
        Self {
            app: &signature.app,
            diagnostic_type: signature.diagnostic_type.as_str(),
            text: signature.text.as_deref().unwrap_or_default(),
            binary: signature.binary.as_deref().unwrap_or_default(),
            function: signature.function.as_deref().unwrap_or_default(),
            movement: signature.movement.map(Movement::as_str),
            weight_change_points: signature.weight_change.map(|change| 100.0 * change),
            apple_trend: signature.apple_trend.as_deref(),
            apple_agrees: signature.apple_agrees,
            sightings: signature.sightings.iter().map(SightingJson::from).collect(),
        }
    }
}

impl<'a> From<&'a Sighting> for SightingJson<'a> {
    fn from(sighting: &'a Sighting) -> Self {
        Self {
            version: &sighting.version,
            ids: &sighting.ids,
            weight_percent: sighting.weight.map(|weight| 100.0 * weight),
            apple_trend: sighting.apple_trend.as_deref(),
            count: sighting.count,
            file: sighting.file.as_deref(),
            line: sighting.line.map(u32::from),
        }
    }
}

impl<'a> From<&'a StackFrame> for FrameJson<'a> {
    fn from(frame: &'a StackFrame) -> Self {
        Self {
            name: &frame.name,
            binary: frame.binary.as_deref(),
            file: frame.file.as_deref(),
            line: frame.line.map(u32::from),
            is_blame: frame.is_blame,
            advice: frame.advice_category.as_deref(),
        }
    }
}

impl<'a> From<&'a RankedFrame> for RankedJson<'a> {
    fn from(row: &'a RankedFrame) -> Self {
        Self {
            frame: (&row.frame).into(),
            inclusive: row.inclusive,
            inclusive_percent: 100.0 * row.inclusive_share,
            own: row.own,
            self_percent: 100.0 * row.own_share,
            logs: row.logs,
            places: row
                .places
                .iter()
                .map(|place| PlaceJson {
                    file: place.file.as_deref(),
                    line: place.line.map(u32::from),
                    inclusive: place.inclusive,
                })
                .collect(),
        }
    }
}

impl<'a> From<&'a FoundAdvice> for AdviceJson<'a> {
    fn from(advice: &'a FoundAdvice) -> Self {
        Self {
            category: advice.category.as_deref().unwrap_or_default(),
            text: advice.text.as_deref().unwrap_or_default(),
            url: advice.url.as_deref().unwrap_or_default(),
            signatures: &advice.signatures,
            frames: advice.frames.iter().map(RankedJson::from).collect(),
        }
    }
}

impl<'a> From<&'a UnreadAmount> for UnreadAmountJson<'a> {
    fn from(unread: &'a UnreadAmount) -> Self {
        Self { diagnostic_type: unread.diagnostic_type.as_str(), text: &unread.text, logs: unread.logs }
    }
}

impl<'a> AmountJson<'a> {
    fn new(diagnostic_type: &'static str, spread: &'a Spread) -> Self {
        let (min, median, max, percentiles) = match &spread.summary {
            Summary::Nothing => (None, None, None, &[][..]),
            Summary::Few { min, median, max, .. } => (Some(*min), Some(*median), Some(*max), &[][..]),
            Summary::Enough { min, max, percentiles, .. } => {
                let median = percentiles.iter().find(|percentile| (percentile.probability - 0.5).abs() < 1e-12);
                (Some(*min), median.map(|median| median.value), Some(*max), percentiles.as_slice())
            }
        };
        Self {
            diagnostic_type,
            group: spread.group.as_deref(),
            unit: match spread.dimension {
                Dimension::Bytes => "bytes",
                Dimension::Seconds => "seconds",
            },
            logs: spread.logs,
            without_amount: spread.without_amount,
            n: spread.logs - spread.without_amount,
            min,
            median,
            max,
            percentiles: percentiles
                .iter()
                .map(|percentile| PercentileJson {
                    percentile: 100.0 * percentile.probability,
                    value: percentile.value,
                    lower: percentile.lower,
                    upper: percentile.upper,
                })
                .collect(),
        }
    }
}

impl<'a> From<&'a StacksGroup> for GroupJson<'a> {
    fn from(group: &'a StacksGroup) -> Self {
        Self {
            value: group.value.as_deref(),
            label: group.label.as_deref().unwrap_or_default(),
            logs: group.logs,
            samples: group.samples,
            frames: group.ranking.as_ref().map(|ranking| ranking.frames.iter().map(RankedJson::from).collect()),
        }
    }
}

impl<'a> From<&'a MovedPath> for MovedJson<'a> {
    fn from(path: &'a MovedPath) -> Self {
        Self {
            movement: path.movement.as_str(),
            function: named_frame(path).map(|frame| frame.name.as_str()),
            share_before_percent: 100.0 * path.share_before,
            share_after_percent: 100.0 * path.share_after,
            p: path.p,
            q: path.q,
            has_moved: path.has_moved,
            starts_at: path.starts_at,
            frames: path.frames.iter().map(FrameJson::from).collect(),
        }
    }
}
