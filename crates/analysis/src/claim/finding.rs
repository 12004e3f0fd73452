//! What an analysis gives: claims, each with its where, how sure, and everything needed to explain it.
//!
//! All texts are owned here: a report knows neither name tables nor positions.

use crate::apple::audit::InsightAudit;
use perfpower_model::Day;
pub use perfpower_statistics::goals::Attainment;
pub use perfpower_statistics::unit::joint::OddKind;
use perfpower_statistics::{Origin, Unusable};
pub use perfpower_statistics::{StepState, Verdict};
use std::fmt;

/// The question a claim answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FindingKind {
    /// Which version brought a lasting change.
    Step,
    /// Whether the values creep.
    Drift,
    /// Whether the latest version itself changed.
    Latest,
}

impl FindingKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Step, Self::Drift, Self::Latest];

    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Drift => "drift",
            Self::Latest => "latest",
        }
    }
}

/// A change between two levels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// Percent of the level before; positive = higher.
    Percent(f64),
    /// The level before was zero, so no percentage exists.
    FromZero,
    /// One side is missing or negative.
    Undefined,
}

impl Change {
    /// From a level to a level, in the same unit.
    pub fn between(before: f64, after: f64) -> Self {
        if !(before.is_finite() && after.is_finite()) || before < 0.0 {
            Self::Undefined
        } else if before > 0.0 {
            Self::Percent(100.0 * (after / before - 1.0))
        } else if after > 0.0 {
            Self::FromZero
        } else {
            Self::Percent(0.0)
        }
    }

    /// What a difference of logarithms makes of a level.
    pub fn of_level(before: Origin, delta: f64) -> Self {
        Self::between(before.value(), before.after(delta))
    }

    /// The percentage, where there is one.
    pub fn percent(self) -> Option<f64> {
        match self {
            Self::Percent(percent) => Some(percent),
            Self::FromZero | Self::Undefined => None,
        }
    }
}

/// Stable over runs and machines: a hash of the series key, the kind and the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FindingId(pub u64);

impl FindingId {
    /// FNV-1a over the parts, each ended by a byte that no text holds.
    pub fn of(parts: &[&str]) -> Self {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for part in parts {
            for byte in part.bytes().chain([0xff]) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        Self(hash)
    }

    /// Of a claim: its series, the question that it answers, and its version.
    pub(crate) fn of_claim(series: &SeriesName, kind: FindingKind, version: &str) -> Self {
        let SeriesName { app, platform, category, metric, device, percentile_label, names_platform: _ } = series;
        Self::of(&[app, platform, category, metric, device, percentile_label, kind.as_str(), version])
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:016x}", self.0))
    }
}

/// Which series a claim is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeriesName {
    /// The app's key.
    pub app: String,
    /// Such as `iOS`; empty = none given.
    pub platform: String,
    /// Such as `LAUNCH`.
    pub category: String,
    /// Such as `launchTime`.
    pub metric: String,
    /// Such as `all_iphones`.
    pub device: String,
    /// Apple's label, such as `percentile.fifty`.
    pub percentile_label: String,
    /// Whether its app has series of several platforms, so that eyes must be told of which one this is.
    pub names_platform: bool,
}

/// One version's value, as charts and explanations show it.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesPoint {
    /// App version.
    pub version: String,
    /// In the metric's unit.
    pub value: f64,
    /// Half width, in the metric's unit; absent = plenty of data.
    pub margin: Option<f64>,
    /// Apple's goal label; absent = none.
    pub goal: Option<String>,
    /// The day whose value holds.
    pub snapshot: Day,
    /// Older, different values, newest day first; empty unless revisions are kept.
    pub revisions: Vec<(Day, f64)>,
    /// Whether neither its neighbours nor its siblings confirm it, so that nothing rests on it: see [`OddReading`].
    pub is_odd: bool,
}

/// A value that stands alone: both neighbouring versions disagree with it, and so do its siblings (the other percentile, the other
/// devices), where there are any. It is told, and no claim rests on it.
#[derive(Clone, Debug, PartialEq)]
pub struct OddReading {
    /// The series; where more than one value is odd at once, the first of them.
    pub series: SeriesName,
    /// The app's name for eyes.
    pub app_name: String,
    /// Such as 50 or 90; absent where Apple's label has no number.
    pub percentile: Option<f64>,
    /// How much of the unit is odd at this version.
    pub kind: OddKind,
    /// App version.
    pub version: String,
    /// In the metric's unit; absent where that series has none of this version.
    pub value: Option<f64>,
    /// Unit for eyes; absent = none given.
    pub unit_label: Option<String>,
    /// How far off, against what its neighbours and siblings say.
    pub off: Change,
}

/// One claim about one series, or about the card of series that it leads.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Stable id.
    pub id: FindingId,
    /// The series that leads the card.
    pub series: SeriesName,
    /// The app's name for eyes; its key where none is given.
    pub app_name: String,
    /// Such as `iPhone 13`; the identifier where Apple gives none.
    pub device_label: String,
    /// Such as 50 or 90; absent where Apple's label has no number.
    pub percentile: Option<f64>,
    /// Unit for programs; absent = none given.
    pub unit: Option<String>,
    /// Unit for eyes; absent = none given.
    pub unit_label: Option<String>,
    /// The question it answers.
    pub kind: FindingKind,
    /// The answer.
    pub verdict: Verdict,
    /// The version that brought it; of a drift, the first version.
    pub version: String,
    /// The version before it.
    pub version_before: String,
    /// The latest version of the series.
    pub latest_version: String,
    /// What became of it since; steps only.
    pub state: Option<StepState>,
    /// The version that took it back, or most of it; absent = none did.
    pub recovered_in: Option<String>,
    /// Rests on one version only, until the next one agrees.
    pub provisional: bool,
    /// Level before, in the metric's unit.
    pub level_before: f64,
    /// Level after, in the metric's unit.
    pub level_after: f64,
    /// Level now, in the metric's unit: of the last segment.
    pub level_now: f64,
    /// From before to after.
    pub change: Change,
    /// Confidence interval of the change in percent, at the level of the options; absent where the level before is zero.
    pub ci_percent: Option<[f64; 2]>,
    /// Worsening in percent that holds at the level corrected for selection; 0 = none is sure, absent where the level before is zero.
    pub at_least_percent: Option<f64>,
    /// p-value of the change, from all that its app × metric shows.
    pub p: f64,
    /// p-value of the app × metric, corrected over the batch.
    pub q: f64,
    /// Versions that may have brought it, likeliest first, down to the mass of the options.
    pub credible_versions: Vec<VersionProbability>,
    /// What ranks it.
    pub score: f64,
    /// What the score is made of.
    pub score_factors: ScoreFactors,
    /// Ids of the other series on the same card, in the order of the series.
    pub also: Vec<RelatedSeries>,
    /// On which devices.
    pub spread: DeviceSpread,
    /// Which sub-systems carry the change, largest first; empty where Apple gives no breakdown.
    pub subsystems: Vec<SubsystemChange>,
    /// Apple's goal at the level before and now, where there is one.
    pub goal: Option<GoalStatus>,
    /// Signatures and frames that grew with it.
    pub links: StackLinks,
    /// Whether Apple lists the metric in the newest snapshot.
    pub listed_by_apple: bool,
    /// What Apple said of the metric, by day of the download; only days whose download has insights at all. Empty = none has.
    pub apple_blames: Vec<AppleBlame>,
    /// Position in [`crate::Analysis::platform_events`] of the event that it belongs to: many apps share the jump, and the main list
    /// leaves it out. Absent = the app's own.
    pub platform_event: Option<usize>,
    /// The app's own, beside an event that is part of the change: what remains without the event. Absent = no event is part of it.
    pub beside_event: Option<BesideEvent>,
    /// The version that it rests on was young in the newest snapshot, so its values may still move. Absent = settled, or unknown.
    pub judged_early: Option<EarlyJudgement>,
    /// What a drift amounts to in 30 days, in percent; absent for other kinds, and where the days of its versions are not known.
    pub percent_per_30_days: Option<f64>,
    /// The points of the series in release order.
    pub points: Vec<SeriesPoint>,
    /// Positions in `points` where a new level starts, and the levels: for charts.
    pub segments: Vec<Segment>,
}

impl Finding {
    /// Whether it stands in the main list: what many apps share is listed once, as an event.
    pub fn is_own(&self) -> bool {
        self.platform_event.is_none()
    }

    /// Whether it asks for work: a regression of the app's own that still holds.
    pub fn is_open_regression(&self) -> bool {
        self.verdict == Verdict::Regression && self.is_own() && self.is_open()
    }

    /// Whether the change still holds in the latest version.
    pub fn is_open(&self) -> bool {
        !matches!(self.state, Some(StepState::PartlyRecovered | StepState::Recovered))
    }
}

/// The versions that Apple's insights of a download name for a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppleBlame {
    /// Of the download.
    pub day: Day,
    /// Sorted; empty = Apple names the metric in none of its insights.
    pub versions: Vec<String>,
}

/// What an app did itself in a change that an event is part of.
#[derive(Clone, Debug, PartialEq)]
pub struct BesideEvent {
    /// Position in [`crate::Analysis::platform_events`].
    pub event: usize,
    /// The population that moved most surely by itself: a device model, or an aggregate.
    pub device: String,
    /// The same for eyes, such as `iPhone 13`.
    pub device_label: String,
    /// Its change, without what the event typically does to it.
    pub change: Change,
}

/// What is known of a value that was read before it had settled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EarlyJudgement {
    /// Days from the release of the version, or from the first snapshot that holds it, to the newest snapshot of the app.
    pub age_days: u32,
    /// Days that the metric's values take to settle; absent = the archive does not show it, and a usual time stands in.
    pub settles_after_days: Option<u32>,
    /// By how much values of that age moved on, on average, in percent; absent = the archive does not show it.
    pub expected_drift_percent: Option<f64>,
    /// How much that differed from value to value (root mean square), in percent.
    pub drift_spread_percent: Option<f64>,
}

/// A stretch of versions with one level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// First point.
    pub start: usize,
    /// One past the last point.
    pub end: usize,
    /// In the metric's unit.
    pub level: f64,
}

/// How likely a version brought a step.
#[derive(Clone, Debug, PartialEq)]
pub struct VersionProbability {
    /// App version.
    pub version: String,
    /// 0..=1.
    pub probability: f64,
}

/// What a score is made of; they multiply.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreFactors {
    /// Lower confidence bound of the worsening, on the log scale (of value + offset, so that a change from zero has a place among the
    /// others), at the level corrected for selection.
    pub lower_bound: f64,
    /// Weight of the metric: 1 unless given.
    pub metric_weight: f64,
    /// Weight of the percentile: 1 unless given.
    pub percentile_weight: f64,
    /// 0.5 + 0.5 × share of device classes that move the same way.
    pub breadth: f64,
    /// 1.5 when a goal bound is crossed, else 1.
    pub goal: f64,
    /// Weight of the app: 1 unless given.
    pub reach: f64,
}

impl ScoreFactors {
    /// The product.
    pub fn score(&self) -> f64 {
        self.lower_bound * self.metric_weight * self.percentile_weight * self.breadth * self.goal * self.reach
    }
}

/// A further series on a card.
#[derive(Clone, Debug, PartialEq)]
pub struct RelatedSeries {
    /// Its own id.
    pub id: FindingId,
    /// Such as `all_ipads`.
    pub device: String,
    /// The same for eyes, such as `All iPads`.
    pub device_label: String,
    /// Apple's label.
    pub percentile_label: String,
    /// Such as 50 or 90.
    pub percentile: Option<f64>,
    /// From before to after.
    pub change: Change,
}

/// Whether a change is everywhere or somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Breadth {
    /// Too few member devices to say.
    #[default]
    Unknown,
    /// Most devices move the same way.
    Broad,
    /// Some devices carry it.
    Localised,
    /// The aggregate moved and no member did: the mix of devices changed.
    MixShift,
}

impl Breadth {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Unknown, Self::Broad, Self::Localised, Self::MixShift];

    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Broad => "broad",
            Self::Localised => "localised",
            Self::MixShift => "mix_shift",
        }
    }
}

/// Where a change happens, over the member devices of one percentile.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DeviceSpread {
    /// Everywhere or somewhere.
    pub breadth: Breadth,
    /// Mean change of the members in percent, pooled; absent with fewer than two, and where one of them rose from zero.
    pub pooled_percent: Option<f64>,
    /// Share of the variation between devices that is not chance, 0..=1.
    pub heterogeneity: Option<f64>,
    /// The members, largest change first.
    pub devices: Vec<DeviceEffect>,
    /// Classes of devices (family, generation, memory), largest change first.
    pub classes: Vec<ClassEffect>,
}

/// The change on one device.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceEffect {
    /// Such as `iPhone12,1`.
    pub device: String,
    /// Such as `iPhone 11`; the identifier where nobody gives a name.
    pub label: String,
    /// From before to after.
    pub change: Change,
    /// Confidence interval in percent; absent where the level before is zero.
    pub ci_percent: Option<[f64; 2]>,
    /// How far it stands from the others, in standard deviations.
    pub deviation: f64,
    /// Probability that it moved, given that something did; absent for a claim about the latest version alone.
    pub probability: Option<f64>,
    /// Whether it is one of those that the change is on, where it is not on all; of a claim about the latest version, whether it stands
    /// out among the others.
    pub stands_out: bool,
}

/// The pooled change on a class of devices.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassEffect {
    /// Such as `iPhone, 4 GB`.
    pub class: String,
    /// Members in it.
    pub devices: usize,
    /// In percent; absent where a member rose from zero.
    pub percent: Option<f64>,
    /// Confidence interval in percent, absent with it.
    pub ci_percent: Option<[f64; 2]>,
}

/// How a sub-system's part of a value moved.
#[derive(Clone, Debug, PartialEq)]
pub struct SubsystemChange {
    /// Such as `networking`.
    pub subsystem: String,
    /// Share of the value before, in percent.
    pub share_before_percent: f64,
    /// Share of the value after, in percent.
    pub share_after_percent: f64,
    /// Its part of the value after less that before, in the metric's unit.
    pub difference: f64,
}

/// Where a goal comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum GoalSource {
    /// A bound of `goalKeys`, with its label, such as `good`.
    Bound(String),
    /// Apple's recommendation, with its text, where it has one.
    Recommended(Option<String>),
    /// The label of the point alone.
    Label,
}

/// A series against a goal.
#[derive(Clone, Debug, PartialEq)]
pub struct GoalStatus {
    /// The series.
    pub series: SeriesName,
    /// Such as 50 or 90.
    pub percentile: Option<f64>,
    /// Unit for eyes; absent = none given.
    pub unit_label: Option<String>,
    /// Where the goal comes from.
    pub source: GoalSource,
    /// In the metric's unit; absent when there is only a label.
    pub bound: Option<f64>,
    /// Label of the latest point; absent = none.
    pub label: Option<String>,
    /// Label of the level before the last change; absent = none, or no change.
    pub label_before: Option<String>,
    /// The latest version.
    pub version: String,
    /// Level now, in the metric's unit.
    pub level: f64,
    /// Probability that the level meets the bound, 0..=1.
    pub probability: Option<f64>,
    /// The same in words.
    pub attainment: Attainment,
    /// Percent over the bound; negative = below. Absent for a bound of zero.
    pub distance_percent: Option<f64>,
    /// Whether the level, and not one point alone, went to a worse label.
    pub transition: bool,
}

/// Where a series stands now: what budgets are held against. Claims nothing about change.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesLevel {
    /// The series.
    pub series: SeriesName,
    /// Such as 50 or 90; absent where Apple's label has no number.
    pub percentile: Option<f64>,
    /// Unit for eyes; absent = none given.
    pub unit_label: Option<String>,
    /// Whether higher values are better.
    pub higher_is_better: bool,
    /// The latest version.
    pub version: String,
    /// Its own value, in the metric's unit.
    pub value: f64,
    /// The level that it belongs to, in the metric's unit.
    pub level: f64,
    /// Confidence interval of the level, in the metric's unit, at the confidence of the options.
    pub ci: [f64; 2],
    /// Points of the series.
    pub points: usize,
    /// Whether the series is long enough for a claim about change.
    pub judged: bool,
    /// Why it has no level: that, and its interval, are then no numbers. Absent = it has one.
    pub unusable: Option<Unusable>,
    /// Smallest worsening of the latest version that would have been seen, in percent; absent = not known, or the level is zero.
    pub detectable_percent: Option<f64>,
    /// The versions that a rule compares with, where the series has them.
    pub earlier: Vec<VersionLevel>,
    /// Those of the versions asked for that the series holds.
    pub holds: Vec<String>,
    /// The newest day that gave a value.
    pub newest_day: Day,
    /// Apple's goal bounds, in Apple's order; empty = none given.
    pub goals: Vec<LevelGoal>,
    /// Apple's recommendation, in the metric's unit; absent = none given.
    pub recommended: Option<f64>,
}

/// Where a series stood at an earlier version.
#[derive(Clone, Debug, PartialEq)]
pub struct VersionLevel {
    /// App version.
    pub version: String,
    /// Its own value, in the metric's unit.
    pub value: f64,
    /// The level that it belongs to, in the metric's unit.
    pub level: f64,
    /// Confidence interval of that level, in the metric's unit.
    pub ci: [f64; 2],
    /// Whether the latest version still has the same level.
    pub same_level: bool,
}

/// The range of values that carries one goal label.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelGoal {
    /// Such as `good`.
    pub label: String,
    /// Inclusive lower bound in the metric's unit; absent = open to that side.
    pub lower: Option<f64>,
    /// Exclusive upper bound in the metric's unit; absent = open to that side.
    pub upper: Option<f64>,
}

/// What call stacks say to a finding.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct StackLinks {
    /// Why nothing, or not more, can be said; `None` = it is said.
    pub note: Option<String>,
    /// Signatures that are new or grew.
    pub signatures: Vec<LinkedSignature>,
    /// Blame frames that are new or grew.
    pub frames: Vec<LinkedFrame>,
}

/// A signature that moved with a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkedSignature {
    /// Apple's id in the version; absent = it is not there, or has none.
    pub id: Option<String>,
    /// The call pattern.
    pub text: Option<String>,
    /// Share of its diagnostic type before, in percent; absent = it was not there.
    pub weight_before_percent: Option<f64>,
    /// Share of its diagnostic type after, in percent.
    pub weight_after_percent: Option<f64>,
}

/// A frame that moved with a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkedFrame {
    /// Function.
    pub symbol: String,
    /// Binary, if it is known.
    pub binary: Option<String>,
    /// File and line, or the file alone, if it is known.
    pub place: Option<String>,
    /// The team, by the owners' table; absent = no rule matches.
    pub owner: Option<String>,
    /// Share of samples before, in percent.
    pub share_before_percent: f64,
    /// Share of samples after, in percent.
    pub share_after_percent: f64,
    /// Whether it moved by more than sampling alone can explain.
    pub significant: bool,
}

/// Why Apple and we agree or not, for one insight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OurVerdict {
    /// We hold the same version for guilty.
    SameVersion,
    /// We hold an earlier version for guilty.
    EarlierVersion,
    /// The values creep; no single version is guilty.
    Drift,
    /// No regression of what Apple lists survives the batch.
    WithinNoise,
    /// It was so, and has been mended.
    Recovered,
    /// The series has a single version or cannot be judged.
    CannotSay,
}

impl OurVerdict {
    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SameVersion => "same_version",
            Self::EarlierVersion => "earlier_version",
            Self::Drift => "drift",
            Self::WithinNoise => "within_noise",
            Self::Recovered => "recovered",
            Self::CannotSay => "cannot_say",
        }
    }
}

/// Our view of one of Apple's insights.
#[derive(Clone, Debug, PartialEq)]
pub struct OurView {
    /// In one word.
    pub verdict: OurVerdict,
    /// The version that we hold for guilty; absent = none.
    pub version: Option<String>,
    /// What had become of it by the version that Apple speaks of; absent = no version is guilty.
    pub state: Option<StepState>,
    /// The version that took it back, or most of it, by then; absent = none did.
    pub recovered_in: Option<String>,
    /// The finding that says so.
    pub finding: Option<FindingId>,
    /// The version that Apple speaks of against the level before it: of the first population that holds the change, or of the most
    /// notable one where none does. Absent = cannot be judged.
    pub latest: Option<LatestView>,
    /// Apple's reference versions from before the step, where it is still open: what its average still contains.
    pub diluting_versions: Vec<String>,
    /// Population by population, in Apple's order.
    pub populations: Vec<OurPopulationView>,
}

/// Our view of one population of Apple's insight.
#[derive(Clone, Debug, PartialEq)]
pub struct OurPopulationView {
    /// Such as `all_iphones`.
    pub device: String,
    /// Apple's label.
    pub percentile_label: String,
    /// Such as 50 or 90.
    pub percentile: Option<f64>,
    /// Its own part of the change that we hold; absent = it has none that survives the batch.
    pub change: Option<Change>,
    /// End of the confidence interval of that which is nearer to no change, in percent; absent where a percentage is.
    pub at_least_percent: Option<f64>,
}

/// The latest version of one population by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct LatestView {
    /// Against the level before it.
    pub change: Change,
    /// Taken alone, without the correction over the batch.
    pub verdict: Verdict,
    /// First and last version of the level before it.
    pub level_versions: (String, String),
}

/// One of Apple's insights with its audit and our view.
#[derive(Clone, Debug, PartialEq)]
pub struct AppleInsightView {
    /// The app's key.
    pub app: String,
    /// The app's name for eyes.
    pub app_name: String,
    /// Whether it stands in the newest snapshot of the app that has any insight list.
    pub is_newest: bool,
    /// Apple's claim, recomputed.
    pub audit: InsightAudit,
    /// What we hold.
    pub our_view: OurView,
}
