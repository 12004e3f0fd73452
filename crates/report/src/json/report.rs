//! The report that programs read: `perfpower.report/1`. Write-only; keys are stable, lists are sorted, absent is null,
//! percentages are in percent.
//!
//! These structs are the contract: a field is added, never renamed or given another meaning, as long as the name of the
//! schema stays.

use super::news::NewsJson;
use super::root::{LongList, Root};
use super::series::SeriesJson;
use super::settings::SettingsJson;
use super::text;
use super::{Digits, JsonLayout};
use crate::facts::Report;
use crate::sentence::apple_story::apple_story;
use crate::sentence::news::standing_words;
use crate::sentence::{self, answer};
use perfpower_analysis as analysis;
use perfpower_analysis::{Analysis, Change, FindingId, GoalSource};
use perfpower_model::{InputProblem, PassedOver};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

/// Name of the schema, in the key `schema`.
pub(crate) const REPORT_SCHEMA: &str = "perfpower.report/1";

/// Writes a report as JSON, with a line feed at the end.
pub fn write_report_json(report: &Report<'_>, layout: JsonLayout, out: &mut impl Write) -> io::Result<()> {
    let ReportJson {
        schema,
        generator,
        archive,
        problems,
        apps,
        news,
        findings,
        findings_left_out,
        platform_events,
        apple_insights,
        apple_cutoffs,
        goals,
        odd_readings,
        metrics,
        settling,
        calibration,
        parameters,
        settings,
    } = ReportJson::from(report);
    let mut root = Root::new(out, layout);
    root.field("schema", &schema)?;
    root.field("generator", &generator)?;
    root.field("archive", &archive)?;
    root.field("problems", &problems)?;
    root.field("apps", &apps)?;
    root.field("news", &news)?;
    root.list("findings", &findings, Digits::Six)?;
    root.field("findings_left_out", &findings_left_out)?;
    root.field("platform_events", &platform_events)?;
    root.list("apple_insights", &apple_insights, Digits::All)?;
    root.field("apple_cutoffs", &apple_cutoffs)?;
    root.list("goals", &goals, Digits::All)?;
    root.list("odd_readings", &odd_readings, Digits::All)?;
    root.field("metrics", &metrics)?;
    root.field("settling", &settling)?;
    root.field("calibration", &calibration)?;
    root.field("parameters", &parameters)?;
    root.field("settings", &settings)?;
    root.end()
}

/// The report of `perfpower report --format json`.
#[derive(JsonSchema)]
pub(crate) struct ReportJson<'a> {
    /// Always `perfpower.report/1`.
    schema: &'static str,
    /// What made it.
    generator: GeneratorJson,
    /// What was read.
    archive: ArchiveJson<'a>,
    /// What could not be read, or not wholly.
    problems: Vec<ProblemJson<'a>>,
    /// The apps, sorted by key.
    apps: Vec<AppJson<'a>>,
    /// What is new against the report of `--since`; null = none was given.
    news: Option<NewsJson<'a>>,
    /// Claims, worst first, as many as `--top` asks for. Those that many apps share come last, and name their platform event. Numbers
    /// have at most six significant digits, and all of those before the point.
    findings: LongList<'a, analysis::Finding, FindingJson<'a>>,
    /// Claims beyond `--top`.
    findings_left_out: usize,
    /// Jumps that many apps share.
    platform_events: Vec<PlatformEventJson<'a>>,
    /// Apple's insights, audited.
    apple_insights: LongList<'a, analysis::AppleInsightView, AppleInsightJson<'a>>,
    /// What can be learned of Apple's unpublished cut-offs.
    apple_cutoffs: Vec<CutoffJson<'a>>,
    /// Series that miss a goal, or whose level crossed one.
    goals: LongList<'a, analysis::GoalStatus, GoalJson<'a>>,
    /// Values that stand alone and that no claim rests on, farthest off first.
    odd_readings: LongList<'a, analysis::OddReading, OddReadingJson<'a>>,
    /// What each metric was judged with.
    metrics: Vec<MetricSettingJson<'a>>,
    /// How long the values of a version take to settle.
    settling: Vec<SettlingJson<'a>>,
    /// How far the p-values can be trusted.
    calibration: CalibrationJson<'a>,
    /// What the report was made with.
    parameters: BTreeMap<&'static str, f64>,
    /// What was judged by.
    settings: SettingsJson<'a>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct GeneratorJson {
    name: &'static str,
    version: &'static str,
}

/// Files that are named of those passed over; `skipped` counts all.
const PASSED_OVER: usize = 100;

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PassedOverJson<'a> {
    path: &'a str,
    /// In words.
    why: &'a str,
}

pub(super) fn passed_over(files: &[PassedOver]) -> Vec<PassedOverJson<'_>> {
    files.iter().take(PASSED_OVER).map(|PassedOver { path, why }| PassedOverJson { path, why }).collect()
}

#[derive(Debug, Serialize, JsonSchema)]
struct ArchiveJson<'a> {
    /// Documents found, unreadable ones included.
    documents: u64,
    /// Bytes of all documents, unpacked.
    bytes: u64,
    /// Documents of each kind.
    kinds: BTreeMap<&'static str, u64>,
    /// Documents whose body repeats another one of the same app.
    repeated: u64,
    /// How many files are no documents, by their names or by how they start.
    skipped: u64,
    /// These, with why; at most 100.
    passed_over: Vec<PassedOverJson<'a>>,
    /// Files whose settings were followed, the team's first; empty = everything is as by default.
    settings: Vec<String>,
    apps: u64,
    /// (app, day) pairs.
    snapshots: u64,
    first_day: Option<String>,
    last_day: Option<String>,
    /// The last day whose downloads were asked for; null = all were.
    until: Option<String>,
    /// Documents of a later day, which were left out.
    later_documents: u64,
    series: u64,
    /// Points read, equal ones of several snapshots counted each time.
    points: u64,
    /// Distinct (series, version).
    distinct_points: u64,
    /// Older, different values.
    revisions: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ProblemJson<'a> {
    /// `error`, `warning` or `note`.
    severity: &'static str,
    /// Stable word.
    code: &'a str,
    /// The file; empty = the archive.
    path: &'a str,
    /// JSON path; empty = the whole document.
    at: &'a str,
    /// 1-based.
    line: Option<u32>,
    /// 1-based.
    column: Option<u32>,
    message: &'a str,
    /// What usually cures it.
    hint: Option<&'a str>,
}

impl<'a> From<&'a InputProblem> for ProblemJson<'a> {
    fn from(InputProblem { path, problem }: &'a InputProblem) -> Self {
        Self {
            severity: problem.severity.as_str(),
            code: problem.code,
            path: path.as_deref().unwrap_or_default(),
            at: &problem.at,
            line: problem.place.map(|place| place.line),
            column: problem.place.map(|place| place.column),
            message: &problem.message,
            hint: problem.hint.as_deref(),
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
struct AppJson<'a> {
    app: &'a str,
    name: &'a str,
    platform: Option<&'a str>,
    bundle_id: Option<&'a str>,
    /// Null = unmeasured.
    latest_version: Option<&'a str>,
    /// In release order.
    versions: &'a [String],
    /// Days with a document.
    snapshots: Vec<String>,
    series: usize,
    distinct_points: usize,
    categories: Vec<CategoryJson<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct CategoryJson<'a> {
    category: &'a str,
    series: usize,
    open_regressions: usize,
    improvements: usize,
    unchanged: usize,
    inconclusive: usize,
    not_judged: usize,
    /// Sure worsening of the worst open regression; 0 = there is none, null = it starts from zero.
    worst_at_least_percent: Option<f64>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FindingJson<'a> {
    /// Stable over runs and machines.
    id: String,
    /// Its number in every form of the report, from 1; null = many apps share it, and it stands with their event.
    rank: Option<usize>,
    /// The figure that heads it in every form.
    headline: String,
    /// Against the report of `--since`: `new`, `known`, `changed`, or `gone`, which has recovered; null = none was given.
    news: Option<&'static str>,
    /// What of it is otherwise than it was, in words; null = nothing is.
    news_text: Option<String>,
    #[serde(flatten)]
    series: SeriesJson<'a>,
    /// Unit for programs; null = none given.
    unit: Option<&'a str>,
    /// The device for eyes.
    device_label: &'a str,
    /// `step`, `drift` or `latest`.
    kind: &'static str,
    /// `regression`, `improvement`, or `inconclusive`: a change of the aggregate that no device model shows, or that none confirms.
    verdict: &'static str,
    /// The version that brought it.
    version: &'a str,
    version_before: &'a str,
    latest_version: &'a str,
    /// `open`, `partly_recovered` or `recovered`; steps only.
    state: Option<&'static str>,
    /// The version that took it back, or most of it.
    recovered_in: Option<&'a str>,
    /// Rests on one version only.
    provisional: bool,
    level_before: f64,
    level_after: f64,
    level_now: f64,
    /// Null = from zero.
    change_percent: Option<f64>,
    /// Null = from zero.
    ci_percent: Option<[f64; 2]>,
    /// Worsening that holds at the level corrected for selection. Null = from zero.
    at_least_percent: Option<f64>,
    p: f64,
    /// The smallest false discovery rate at which its app × metric is selected among all of the batch, which are corrected together.
    /// Of the family's first change: that of a further one is at most this.
    q: f64,
    credible_versions: Vec<VersionJson<'a>>,
    score: f64,
    score_factors: FactorsJson,
    /// The other series on the same card.
    also: Vec<AlsoJson<'a>>,
    devices: SpreadJson<'a>,
    subsystems: Vec<SubsystemJson<'a>>,
    goal: Option<GoalJson<'a>>,
    signatures: LinksJson<'a>,
    listed_by_apple: bool,
    /// What Apple said over the downloads, in one sentence; null = it is no regression, or no download has insights.
    apple_story: Option<String>,
    /// Position in `platform_events` of the event that it belongs to; null = the app's own.
    platform_event: Option<usize>,
    /// The app's own, beside an event that is part of the change: `score` and `at_least_percent` are of what is left. Null = no event is.
    beside_event: Option<BesideEventJson<'a>>,
    /// Null = the version had settled when it was last read, or is not dated.
    judged_early: Option<EarlyJson>,
    /// What a drift amounts to in 30 days; null for other kinds.
    percent_per_30_days: Option<f64>,
    /// In one sentence.
    text: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct BesideEventJson<'a> {
    /// Position in `platform_events`.
    platform_event: usize,
    /// The population that moved most surely by itself.
    device: &'a str,
    device_label: &'a str,
    /// Its change without what the event typically does to it. Null = from zero.
    change_percent: Option<f64>,
    /// In one sentence.
    text: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct EarlyJson {
    /// Age of the version in the newest snapshot.
    age_days: u32,
    /// Null = not known.
    settles_after_days: Option<u32>,
    /// By how much values of that age moved on, on average.
    expected_drift_percent: Option<f64>,
    /// Root mean square of the same.
    drift_spread_percent: Option<f64>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct VersionJson<'a> {
    version: &'a str,
    probability: f64,
}

impl<'a> From<&'a analysis::VersionProbability> for VersionJson<'a> {
    fn from(of: &'a analysis::VersionProbability) -> Self {
        Self { version: &of.version, probability: of.probability }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
struct FactorsJson {
    lower_bound: f64,
    metric_weight: f64,
    percentile_weight: f64,
    breadth: f64,
    goal: f64,
    reach: f64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct AlsoJson<'a> {
    id: String,
    device: &'a str,
    percentile: Option<f64>,
    percentile_label: &'a str,
    change_percent: Option<f64>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct SpreadJson<'a> {
    /// `broad`, `localised`, `mix_shift` or `unknown`.
    breadth: &'static str,
    pooled_percent: Option<f64>,
    /// 0 to 1.
    heterogeneity: Option<f64>,
    devices: Vec<DeviceJson<'a>>,
    classes: Vec<ClassJson<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct DeviceJson<'a> {
    device: &'a str,
    label: &'a str,
    /// Null = from zero.
    change_percent: Option<f64>,
    /// Null = from zero.
    ci_percent: Option<[f64; 2]>,
    deviation: f64,
    /// Probability that it moved, given that something did; null for a claim about the latest version alone.
    probability: Option<f64>,
    stands_out: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ClassJson<'a> {
    class: &'a str,
    devices: usize,
    /// Null = a member rose from zero.
    change_percent: Option<f64>,
    /// Null = from zero.
    ci_percent: Option<[f64; 2]>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct SubsystemJson<'a> {
    subsystem: &'a str,
    share_before_percent: f64,
    share_after_percent: f64,
    /// In the metric's unit.
    difference: f64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct LinksJson<'a> {
    /// Why nothing, or not more, can be said.
    note: Option<&'a str>,
    signatures: Vec<SignatureJson<'a>>,
    frames: Vec<FrameJson<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct SignatureJson<'a> {
    id: &'a str,
    text: &'a str,
    weight_before_percent: Option<f64>,
    weight_after_percent: Option<f64>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct FrameJson<'a> {
    symbol: &'a str,
    binary: &'a str,
    place: Option<&'a str>,
    /// The team, by `perfpower.toml`.
    owner: Option<&'a str>,
    share_before_percent: f64,
    share_after_percent: f64,
    significant: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
struct PlatformEventJson<'a> {
    category: &'a str,
    metric: &'a str,
    /// Null = all devices.
    device: Option<&'a str>,
    device_label: Option<&'a str>,
    day: Option<String>,
    apps_affected: usize,
    apps_measured: usize,
    median_percent: f64,
    p: f64,
    findings: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AppleInsightJson<'a> {
    app: &'a str,
    /// The day of the document that holds it.
    snapshot: String,
    /// `regressions` or `trendingUp`.
    list: &'static str,
    category: &'a str,
    metric: &'a str,
    latest_version: Option<&'a str>,
    reference_versions: &'a [String],
    /// Apple's flag.
    high_impact: Option<bool>,
    /// Which published definition the flag fits.
    high_impact_fits: &'static str,
    max_latest_reported: Option<f64>,
    max_latest_recomputed: Option<f64>,
    /// `agrees`, `differs` or `cannot_check`.
    audit: &'static str,
    populations: Vec<PopulationJson<'a>>,
    our_view: OurViewJson<'a>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct PopulationJson<'a> {
    device: &'a str,
    percentile: Option<f64>,
    percentile_label: &'a str,
    audit: &'static str,
    /// Why it differs or cannot be checked.
    reason: Option<&'a str>,
    reported: NumbersJson,
    recomputed: NumbersJson,
    /// Not rounded.
    delta_exact_percent: Option<f64>,
    /// Against the version just before.
    previous: Option<NeighbourJson<'a>>,
    /// The largest rise between neighbouring versions.
    largest_jump: Option<NeighbourJson<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct NumbersJson {
    reference_average: Option<f64>,
    latest: Option<f64>,
    delta_percent: Option<f64>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct NeighbourJson<'a> {
    from: &'a str,
    to: &'a str,
    change_percent: f64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct OurViewJson<'a> {
    /// `same_version`, `earlier_version`, `drift`, `within_noise`, `recovered` or `cannot_say`.
    verdict: &'static str,
    version: Option<&'a str>,
    /// What had become of it by the version that Apple speaks of: `open`, `partly_recovered` or `recovered`.
    state: Option<&'static str>,
    /// The version that took it back, or most of it, by then.
    recovered_in: Option<&'a str>,
    finding: Option<String>,
    /// In one sentence.
    text: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CutoffJson<'a> {
    category: &'a str,
    metric: &'a str,
    smallest_regression_percent: Option<f64>,
    smallest_trending_percent: Option<f64>,
    largest_unlisted_percent: Option<f64>,
    listed: usize,
    unlisted: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
struct MetricSettingJson<'a> {
    category: &'a str,
    metric: &'a str,
    /// Added to its values before their logarithm, in its unit: given, or learned where it can be zero; 0 = nothing is.
    offset: f64,
    higher_is_better: bool,
    /// Weight in the score.
    weight: f64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct GoalJson<'a> {
    #[serde(flatten)]
    series: SeriesJson<'a>,
    /// `bound`, `recommended` or `label`.
    source: &'static str,
    /// Label of the bound, or Apple's text.
    detail: Option<&'a str>,
    bound: Option<f64>,
    /// Label of the latest point.
    label: Option<&'a str>,
    label_before: Option<&'a str>,
    version: &'a str,
    level: f64,
    /// Probability that the level meets the bound.
    probability: Option<f64>,
    /// `attained`, `missed` or `borderline`.
    attainment: &'static str,
    distance_percent: Option<f64>,
    /// Whether the level went to a worse label.
    transition: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
struct OddReadingJson<'a> {
    #[serde(flatten)]
    series: SeriesJson<'a>,
    version: &'a str,
    value: Option<f64>,
    /// `cell`: this value alone. `population`: all percentiles of the device. `version`: the whole metric.
    kind: &'static str,
    /// How far off, against what its neighbours and siblings say. Null = from zero.
    off_percent: Option<f64>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct SettlingJson<'a> {
    category: &'a str,
    metric: &'a str,
    settled_after_days: Option<u32>,
    ages: Vec<AgeJson>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct AgeJson {
    age_days: u32,
    points: u64,
    mean_percent: f64,
    spread_percent: f64,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CalibrationJson<'a> {
    series: u64,
    /// Series that could not be judged, by reason.
    not_judged: BTreeMap<&'a str, u64>,
    history: FamilyJson,
    latest: FamilyJson,
    strata: Vec<StratumJson<'a>>,
    alarms: &'a [String],
}

#[derive(Debug, Serialize, JsonSchema)]
struct FamilyJson {
    /// Families (app × metric), each judged by all that its series show together.
    families: u64,
    selected: u64,
    /// `q R / m` of R selected of m. Inside a family nothing is selected again, so nothing is held to it.
    selected_level: f64,
    /// Largest p of a selected family.
    threshold: f64,
    nothing: NullJson,
    /// Of single series: share of p-values in (0.5, 1].
    above_half_percent: f64,
    by_versions: Vec<LengthJson>,
}

/// How often evidence comes of nothing: P(evidence ≥ x to one) = `at_one` · x^−`decay`, which is what turns the evidence of a family into
/// its p.
#[derive(Debug, Serialize, JsonSchema)]
struct NullJson {
    /// Families whose versions were put in another order to learn it; 0 = the law of small archives.
    orders: u64,
    at_one: f64,
    /// 1 where the noise is as modelled; less = evidence is worth less.
    decay: f64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct LengthJson {
    versions: u32,
    /// Families (app × metric) of so many versions.
    families: u64,
    /// Series in them.
    series: u64,
    /// Families with a claim.
    claims: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct StratumJson<'a> {
    name: &'a str,
    series: u64,
    source: &'a str,
    /// Fitted over series of the batch; else the default.
    fitted: bool,
    /// Typical variance of the noise, in units of what margins and the assumed noise per version predict.
    scale: f64,
    /// How many versions' worth of evidence `scale` is.
    df: f64,
    /// Of the noise of neighbouring versions.
    autocorrelation: f64,
    /// How often single versions stand far off: one over the degrees of freedom of a t law that is as heavy; 0 = normal noise.
    heaviness: f64,
}

impl<'a> From<&Report<'a>> for ReportJson<'a> {
    fn from(report: &Report<'a>) -> Self {
        let analysis = report.analysis;
        let totals = analysis.totals;
        let ranks = ranks(analysis);
        Self {
            schema: REPORT_SCHEMA,
            generator: GeneratorJson { name: "perfpower", version: env!("CARGO_PKG_VERSION") },
            archive: ArchiveJson {
                documents: report.archive.documents,
                bytes: report.archive.bytes,
                kinds: report.archive.kinds.iter().map(|&(kind, count)| (kind.as_str(), count)).collect(),
                repeated: report.archive.repeated,
                skipped: report.archive.skipped.len() as u64,
                passed_over: passed_over(&report.archive.skipped),
                settings: report.archive.settings.clone(),
                apps: report.archive.apps,
                snapshots: totals.snapshots,
                first_day: report.archive.days.map(|(first, _)| first.to_string()),
                last_day: report.archive.days.map(|(_, last)| last.to_string()),
                until: report.archive.until.map(|(until, _)| until.to_string()),
                later_documents: report.archive.until.map_or(0, |(_, later)| later),
                series: totals.series,
                points: totals.points,
                distinct_points: totals.distinct_points,
                revisions: totals.revisions,
            },
            problems: report.problems.iter().map(ProblemJson::from).collect(),
            apps: analysis.apps.iter().map(app).collect(),
            news: analysis.news.as_ref().map(|news| NewsJson::new(news, &analysis.findings)),
            findings_left_out: analysis.findings.len() - report.findings().len(),
            findings: LongList::new(report.findings(), move |own| finding(own, ranks.get(&own.id).copied(), analysis)),
            platform_events: analysis.platform_events.iter().map(platform_event).collect(),
            apple_insights: LongList::new(&analysis.apple_insights, apple_insight),
            apple_cutoffs: analysis.apple_cutoffs.iter().map(cutoff).collect(),
            goals: LongList::new(&analysis.goals, goal),
            odd_readings: LongList::new(&analysis.odd_readings, odd_reading),
            metrics: analysis.metrics.iter().map(metric_setting).collect(),
            settling: analysis.settling.iter().map(settling).collect(),
            calibration: calibration(&analysis.calibration),
            parameters: analysis.options.parameter_list().into_iter().collect(),
            settings: SettingsJson::new(report),
        }
    }
}

/// The number of each finding in every form of the report.
pub(super) fn ranks(analysis: &Analysis) -> HashMap<FindingId, usize> {
    analysis.own_findings().map(|own| own.id).zip(1..).collect()
}

fn app(app: &analysis::AppSummary) -> AppJson<'_> {
    AppJson {
        app: &app.app,
        name: &app.name,
        platform: app.platform.as_deref(),
        bundle_id: app.bundle_id.as_deref(),
        latest_version: app.latest_version.as_deref(),
        versions: &app.versions,
        snapshots: app.snapshots.iter().map(ToString::to_string).collect(),
        series: app.series,
        distinct_points: app.points,
        categories: app
            .categories
            .iter()
            .map(|c| CategoryJson {
                category: &c.category,
                series: c.series,
                open_regressions: c.open_regressions,
                improvements: c.improvements,
                unchanged: c.unchanged,
                inconclusive: c.inconclusive,
                not_judged: c.not_judged,
                worst_at_least_percent: c.worst_at_least_percent,
            })
            .collect(),
    }
}

pub(crate) fn finding<'a>(finding: &'a analysis::Finding, rank: Option<usize>, analysis: &Analysis) -> FindingJson<'a> {
    let factors = finding.score_factors;
    let events = &analysis.platform_events;
    let standing = analysis.news.as_ref().map(|news| news.standing(finding.id));
    FindingJson {
        id: finding.id.to_string(),
        rank,
        headline: answer::headline(finding),
        news: standing.map(analysis::Standing::as_str),
        news_text: standing.and_then(|standing| standing_words(standing, finding)),
        series: SeriesJson::new(&finding.series, finding.percentile, finding.unit_label.as_deref()),
        unit: finding.unit.as_deref(),
        device_label: &finding.device_label,
        kind: finding.kind.as_str(),
        verdict: finding.verdict.as_str(),
        version: &finding.version,
        version_before: &finding.version_before,
        latest_version: &finding.latest_version,
        state: finding.state.map(analysis::StepState::as_str),
        recovered_in: finding.recovered_in.as_deref(),
        provisional: finding.provisional,
        level_before: finding.level_before,
        level_after: finding.level_after,
        level_now: finding.level_now,
        change_percent: finding.change.percent(),
        ci_percent: finding.ci_percent,
        at_least_percent: finding.at_least_percent,
        p: finding.p,
        q: finding.q,
        credible_versions: finding.credible_versions.iter().map(VersionJson::from).collect(),
        score: finding.score,
        score_factors: FactorsJson {
            lower_bound: factors.lower_bound,
            metric_weight: factors.metric_weight,
            percentile_weight: factors.percentile_weight,
            breadth: factors.breadth,
            goal: factors.goal,
            reach: factors.reach,
        },
        also: finding
            .also
            .iter()
            .map(|related| AlsoJson {
                id: related.id.to_string(),
                device: &related.device,
                percentile: related.percentile,
                percentile_label: &related.percentile_label,
                change_percent: related.change.percent(),
            })
            .collect(),
        devices: spread(&finding.spread),
        subsystems: finding
            .subsystems
            .iter()
            .map(|s| SubsystemJson {
                subsystem: &s.subsystem,
                share_before_percent: s.share_before_percent,
                share_after_percent: s.share_after_percent,
                difference: s.difference,
            })
            .collect(),
        goal: finding.goal.as_ref().map(goal),
        signatures: LinksJson {
            note: finding.links.note.as_deref(),
            signatures: finding
                .links
                .signatures
                .iter()
                .map(|s| SignatureJson {
                    id: s.id.as_deref().unwrap_or_default(),
                    text: s.text.as_deref().unwrap_or_default(),
                    weight_before_percent: s.weight_before_percent,
                    weight_after_percent: s.weight_after_percent,
                })
                .collect(),
            frames: finding
                .links
                .frames
                .iter()
                .map(|f| FrameJson {
                    symbol: &f.symbol,
                    binary: f.binary.as_deref().unwrap_or_default(),
                    place: f.place.as_deref(),
                    owner: f.owner.as_deref(),
                    share_before_percent: f.share_before_percent,
                    share_after_percent: f.share_after_percent,
                    significant: f.significant,
                })
                .collect(),
        },
        listed_by_apple: finding.listed_by_apple,
        apple_story: apple_story(finding),
        platform_event: finding.platform_event,
        beside_event: finding.beside_event.as_ref().map(|beside| BesideEventJson {
            platform_event: beside.event,
            device: &beside.device,
            device_label: &beside.device_label,
            change_percent: beside.change.percent(),
            text: sentence::beside_event_sentence(finding, events),
        }),
        judged_early: finding.judged_early.map(|early| EarlyJson {
            age_days: early.age_days,
            settles_after_days: early.settles_after_days,
            expected_drift_percent: early.expected_drift_percent,
            drift_spread_percent: early.drift_spread_percent,
        }),
        percent_per_30_days: finding.percent_per_30_days,
        text: sentence::finding_sentence(finding),
    }
}

fn spread(spread: &analysis::DeviceSpread) -> SpreadJson<'_> {
    let change = |change: Change| change.percent();
    SpreadJson {
        breadth: spread.breadth.as_str(),
        pooled_percent: spread.pooled_percent,
        heterogeneity: spread.heterogeneity,
        devices: spread
            .devices
            .iter()
            .map(|d| DeviceJson {
                device: &d.device,
                label: &d.label,
                change_percent: change(d.change),
                ci_percent: d.ci_percent,
                deviation: d.deviation,
                probability: d.probability,
                stands_out: d.stands_out,
            })
            .collect(),
        classes: spread
            .classes
            .iter()
            .map(|c| ClassJson {
                class: &c.class,
                devices: c.devices,
                change_percent: c.percent,
                ci_percent: c.ci_percent,
            })
            .collect(),
    }
}

fn platform_event(event: &analysis::PlatformEvent) -> PlatformEventJson<'_> {
    PlatformEventJson {
        category: &event.category,
        metric: &event.metric,
        device: text(&event.device),
        device_label: text(&event.device_label),
        day: event.day.map(|day| day.to_string()),
        apps_affected: event.apps_affected,
        apps_measured: event.apps_measured,
        median_percent: event.median_percent,
        p: event.p,
        findings: event.findings.iter().map(ToString::to_string).collect(),
    }
}

pub(crate) fn apple_insight(view: &analysis::AppleInsightView) -> AppleInsightJson<'_> {
    let audit = &view.audit;
    AppleInsightJson {
        app: &view.app,
        snapshot: audit.snapshot.to_string(),
        list: audit.list.as_str(),
        category: &audit.category,
        metric: &audit.metric,
        latest_version: audit.latest_version.as_deref(),
        reference_versions: &audit.reference_versions,
        high_impact: audit.high_impact,
        high_impact_fits: audit.high_impact_fit.as_str(),
        max_latest_reported: audit.max_latest_reported,
        max_latest_recomputed: audit.max_latest_recomputed,
        audit: audit.audit.as_str(),
        populations: audit
            .populations
            .iter()
            .map(|p| PopulationJson {
                device: &p.device,
                percentile: p.percentile,
                percentile_label: &p.percentile_label,
                audit: p.audit.as_str(),
                reason: p.reason.as_deref(),
                reported: numbers(p.reported),
                recomputed: numbers(p.recomputed),
                delta_exact_percent: p.delta_exact_percent,
                previous: p.previous.as_ref().map(neighbour),
                largest_jump: p.largest_jump.as_ref().map(neighbour),
            })
            .collect(),
        our_view: OurViewJson {
            verdict: view.our_view.verdict.as_str(),
            version: view.our_view.version.as_deref(),
            state: view.our_view.state.map(analysis::StepState::as_str),
            recovered_in: view.our_view.recovered_in.as_deref(),
            finding: view.our_view.finding.map(|id| id.to_string()),
            text: sentence::apple_view_sentence(view),
        },
    }
}

fn numbers(numbers: analysis::InsightNumbers) -> NumbersJson {
    NumbersJson {
        reference_average: numbers.reference_average,
        latest: numbers.latest,
        delta_percent: numbers.delta_percent,
    }
}

fn neighbour(change: &analysis::NeighbourChange) -> NeighbourJson<'_> {
    NeighbourJson { from: &change.from, to: &change.to, change_percent: change.percent }
}

pub(super) fn cutoff(cutoff: &analysis::AppleCutoff) -> CutoffJson<'_> {
    CutoffJson {
        category: &cutoff.category,
        metric: &cutoff.metric,
        smallest_regression_percent: cutoff.smallest_regression_percent,
        smallest_trending_percent: cutoff.smallest_trending_percent,
        largest_unlisted_percent: cutoff.largest_unlisted_percent,
        listed: cutoff.listed,
        unlisted: cutoff.unlisted,
    }
}

fn metric_setting(setting: &analysis::MetricSetting) -> MetricSettingJson<'_> {
    MetricSettingJson {
        category: &setting.category,
        metric: &setting.metric,
        offset: setting.offset,
        higher_is_better: setting.higher_is_better,
        weight: setting.weight,
    }
}

fn odd_reading(odd: &analysis::OddReading) -> OddReadingJson<'_> {
    OddReadingJson {
        series: SeriesJson::new(&odd.series, odd.percentile, odd.unit_label.as_deref()),
        version: &odd.version,
        value: odd.value,
        kind: odd.kind.as_str(),
        off_percent: odd.off.percent(),
    }
}

fn goal(goal: &analysis::GoalStatus) -> GoalJson<'_> {
    let (source, detail) = match &goal.source {
        GoalSource::Bound(label) => ("bound", Some(label.as_str())),
        GoalSource::Recommended(detail) => ("recommended", detail.as_deref()),
        GoalSource::Label => ("label", None),
    };
    GoalJson {
        series: SeriesJson::new(&goal.series, goal.percentile, goal.unit_label.as_deref()),
        source,
        detail,
        bound: goal.bound,
        label: goal.label.as_deref(),
        label_before: goal.label_before.as_deref(),
        version: &goal.version,
        level: goal.level,
        probability: goal.probability,
        attainment: goal.attainment.as_str(),
        distance_percent: goal.distance_percent,
        transition: goal.transition,
    }
}

fn settling(curve: &analysis::SettlingCurve) -> SettlingJson<'_> {
    SettlingJson {
        category: &curve.category,
        metric: &curve.metric,
        settled_after_days: curve.settled_after_days,
        ages: curve
            .ages
            .iter()
            .map(|age| AgeJson {
                age_days: age.age_days,
                points: age.count,
                mean_percent: age.mean_percent,
                spread_percent: age.spread_percent,
            })
            .collect(),
    }
}

pub(crate) fn calibration(calibration: &analysis::Calibration) -> CalibrationJson<'_> {
    CalibrationJson {
        series: calibration.series,
        not_judged: calibration.not_judged.iter().map(|(reason, count)| (reason.as_str(), *count)).collect(),
        history: family(&calibration.history),
        latest: family(&calibration.latest),
        strata: calibration
            .strata
            .iter()
            .map(|s| StratumJson {
                name: &s.name,
                series: s.series,
                source: &s.source,
                fitted: s.is_fitted,
                scale: s.scale,
                df: s.df,
                autocorrelation: s.autocorrelation,
                heaviness: s.heaviness,
            })
            .collect(),
        alarms: &calibration.alarms,
    }
}

fn family(family: &analysis::FamilyCalibration) -> FamilyJson {
    FamilyJson {
        families: family.families,
        selected: family.selected,
        selected_level: family.selected_level,
        threshold: family.threshold,
        nothing: NullJson { orders: family.nothing.orders, at_one: family.nothing.at_one, decay: family.nothing.decay },
        above_half_percent: family.above_half_percent,
        by_versions: family
            .by_length
            .iter()
            .map(|&analysis::LengthCalibration { versions, families, series, claims }| LengthJson {
                versions,
                families,
                series,
                claims,
            })
            .collect(),
    }
}
