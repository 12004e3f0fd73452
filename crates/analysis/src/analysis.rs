//! The whole answer over one batch of apps.

use crate::claim::finding::{AppleInsightView, Finding, FindingId, GoalStatus, OddReading};
use crate::filter::Filter;
use crate::history::builder::AppHistory;
use crate::news::News;
use crate::options::Options;
use perfpower_model::Day;

/// Everything that a report can show.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// What it was made with.
    pub options: Options,
    /// What of it is shown: it changes no figure.
    pub filter: Filter,
    /// The apps, sorted by key; those without data included.
    pub apps: Vec<AppSummary>,
    /// Claims, worst first: regressions by score, then improvements.
    pub findings: Vec<Finding>,
    /// How they stand to an earlier report; absent = none was given.
    pub news: Option<News>,
    /// Jumps that many apps share: "platform, not you".
    pub platform_events: Vec<PlatformEvent>,
    /// Apple's insights, each audited, with our view beside it; by app, newest snapshot first.
    pub apple_insights: Vec<AppleInsightView>,
    /// What can be learned of Apple's unpublished cut-offs.
    pub apple_cutoffs: Vec<AppleCutoff>,
    /// Series that miss a goal, or whose level crossed one; largest distance first.
    pub goals: Vec<GoalStatus>,
    /// Values that stand alone and that no claim rests on, farthest off first.
    pub odd_readings: Vec<OddReading>,
    /// What each metric was judged with.
    pub metrics: Vec<MetricSetting>,
    /// How long the values of a version take to settle, per metric.
    pub settling: Vec<SettlingCurve>,
    /// How far the batch's p-values can be trusted.
    pub calibration: Calibration,
    /// Sizes.
    pub totals: Totals,
}

impl Analysis {
    /// Of no app.
    pub(crate) fn empty(options: &Options) -> Self {
        Self {
            options: options.clone(),
            filter: Filter::default(),
            totals: Totals::default(),
            apps: Vec::new(),
            findings: Vec::new(),
            news: None,
            platform_events: Vec::new(),
            apple_insights: Vec::new(),
            apple_cutoffs: Vec::new(),
            goals: Vec::new(),
            odd_readings: Vec::new(),
            metrics: Vec::new(),
            settling: Vec::new(),
            calibration: Calibration::default(),
        }
    }
    /// The findings that are an app's own, worst first. What many apps share is told once, with its event.
    pub fn own_findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.is_own())
    }
}

/// What a metric was judged with: what was given, else what was learned or is usual.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricSetting {
    /// Such as `HANG`.
    pub category: String,
    /// Such as `hangRate`.
    pub metric: String,
    /// Added to its values before their logarithm, in its unit; 0 = nothing is.
    pub offset: f64,
    /// Whether higher values are better.
    pub higher_is_better: bool,
    /// Weight in the score.
    pub weight: f64,
}

/// Sizes of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Points read, equal ones of several snapshots counted each time.
    pub points: u64,
    /// Distinct (series, version).
    pub distinct_points: u64,
    /// Older, different values.
    pub revisions: u64,
    /// Series.
    pub series: u64,
    /// (app, day) pairs.
    pub snapshots: u64,
}

impl Totals {
    /// Of one app.
    pub(crate) fn of(history: &AppHistory) -> Self {
        Self {
            points: history.points_read,
            distinct_points: history.table.len() as u64,
            revisions: history.revision_count,
            series: history.series.len() as u64,
            snapshots: history.snapshots.len() as u64,
        }
    }

    /// The sizes of both.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            points: self.points + other.points,
            distinct_points: self.distinct_points + other.distinct_points,
            revisions: self.revisions + other.revisions,
            series: self.series + other.series,
            snapshots: self.snapshots + other.snapshots,
        }
    }
}

/// One app in short.
#[derive(Clone, Debug, PartialEq)]
pub struct AppSummary {
    /// Its key.
    pub app: String,
    /// Its name for eyes; the key where none is given.
    pub name: String,
    /// Such as `iOS`; absent = none given.
    pub platform: Option<String>,
    /// Bundle id that its bodies give.
    pub bundle_id: Option<String>,
    /// The newest version with a value; absent = unmeasured, or nothing tells which.
    pub latest_version: Option<String>,
    /// All versions in release order.
    pub versions: Vec<String>,
    /// Days with a document, oldest first.
    pub snapshots: Vec<Day>,
    /// Series.
    pub series: usize,
    /// Distinct points.
    pub points: usize,
    /// What holds per category, sorted by category.
    pub categories: Vec<CategorySummary>,
}

impl AppSummary {
    /// Without what its series say.
    pub(crate) fn of(history: &AppHistory, options: &Options) -> Self {
        let names = &history.names;
        Self {
            app: history.app.clone(),
            name: options.app_name(&history.app),
            platform: history.series.first().and_then(|series| names.get(series.platform)).map(str::to_owned),
            bundle_id: names.get(history.identity.bundle_id).map(str::to_owned),
            latest_version: history.latest_version().map(str::to_owned),
            versions: history.versions.iter().map(|version| names.text(version.name).to_owned()).collect(),
            snapshots: history.snapshots.clone(),
            series: history.series.len(),
            points: history.table.len(),
            categories: Vec::new(),
        }
    }
}

/// One category of one app in short: a cell of the heat table.
#[derive(Clone, Debug, PartialEq)]
pub struct CategorySummary {
    /// Such as `LAUNCH`.
    pub category: String,
    /// Series judged.
    pub series: usize,
    /// Open regressions that survive the batch (cards).
    pub open_regressions: usize,
    /// Improvements that survive the batch (cards).
    pub improvements: usize,
    /// Series whose latest version is shown to be unchanged.
    pub unchanged: usize,
    /// Series whose latest version can neither be cleared nor blamed.
    pub inconclusive: usize,
    /// Series of a single version, or that cannot be judged.
    pub not_judged: usize,
    /// Sure worsening of the worst open regression in percent; 0 = there is none, absent where its level before is zero.
    pub worst_at_least_percent: Option<f64>,
    /// By what the worst is the worst: its [`ScoreFactors::lower_bound`](crate::ScoreFactors::lower_bound); 0 = there is none.
    pub worst_lower_bound: f64,
}

impl CategorySummary {
    /// One without series.
    pub(crate) fn new(category: String) -> Self {
        Self {
            category,
            series: 0,
            open_regressions: 0,
            improvements: 0,
            unchanged: 0,
            inconclusive: 0,
            not_judged: 0,
            worst_at_least_percent: Some(0.0),
            worst_lower_bound: 0.0,
        }
    }
}

/// A jump of the same shape in many apps.
#[derive(Clone, Debug, PartialEq)]
pub struct PlatformEvent {
    /// Such as `LAUNCH`.
    pub category: String,
    /// Such as `launchTime`.
    pub metric: String,
    /// The device model that the apps have in common, or the aggregate where it is on all of them.
    pub device: String,
    /// The same for eyes, such as `iPhone 12`.
    pub device_label: String,
    /// The day from which it is seen, where the apps agree.
    pub day: Option<Day>,
    /// Apps that jumped.
    pub apps_affected: usize,
    /// Apps that could have: with a new version of that device and metric at the time.
    pub apps_measured: usize,
    /// Median change in percent.
    pub median_percent: f64,
    /// Chance of so many by themselves.
    pub p: f64,
    /// The findings under it, by id.
    pub findings: Vec<FindingId>,
}

/// What the archive's insights tell of one of Apple's cut-offs.
#[derive(Clone, Debug, PartialEq)]
pub struct AppleCutoff {
    /// Such as `LAUNCH`.
    pub category: String,
    /// Such as `launchTime`.
    pub metric: String,
    /// Smallest listed change in percent, in `regressions`.
    pub smallest_regression_percent: Option<f64>,
    /// Smallest listed change in percent, in `trendingUp`.
    pub smallest_trending_percent: Option<f64>,
    /// Largest change in percent, by Apple's rule over an aggregate, that Apple did not list.
    pub largest_unlisted_percent: Option<f64>,
    /// Populations listed.
    pub listed: usize,
    /// Populations that could have been listed and were not.
    pub unlisted: usize,
}

/// How the values of a metric move after a version is first seen.
#[derive(Clone, Debug, PartialEq)]
pub struct SettlingCurve {
    /// Such as `LAUNCH`.
    pub category: String,
    /// Such as `launchTime`.
    pub metric: String,
    /// By age in days, youngest first.
    pub ages: Vec<SettlingAge>,
    /// Days after which the typical move is below the smallest change that matters.
    pub settled_after_days: Option<u32>,
}

/// How far values were from their end at one age.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SettlingAge {
    /// Days since the version was first seen.
    pub age_days: u32,
    /// Points.
    pub count: u64,
    /// Mean of final against then, in percent.
    pub mean_percent: f64,
    /// Root mean square of the same, in percent.
    pub spread_percent: f64,
}

/// How far the p-values of a batch can be trusted, and what its noise was taken to be.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Calibration {
    /// Series judged.
    pub series: u64,
    /// Series that could not be, by reason.
    pub not_judged: Vec<(String, u64)>,
    /// Families (app × metric) of the history question.
    pub history: FamilyCalibration,
    /// Families (app × metric) of the release question.
    pub latest: FamilyCalibration,
    /// Noise per stratum.
    pub strata: Vec<StratumCalibration>,
    /// What seems wrong with the assumptions, in plain words.
    pub alarms: Vec<String>,
}

/// The p-values of one question.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FamilyCalibration {
    /// Families.
    pub families: u64,
    /// Families with a claim.
    pub selected: u64,
    /// `q R / m` of R selected of m (Benjamini and Bogomolov 2014). Inside a family nothing is selected again, so nothing is held to it.
    pub selected_level: f64,
    /// Largest family p-value that is selected.
    pub threshold: f64,
    /// How often evidence comes of nothing, as the units of this batch show in other orders of their versions.
    pub nothing: NullCalibration,
    /// Ungated series p-values in (0.5, 1], in percent; 50 where nothing happens and the test is exact, more where it is
    /// conservative.
    pub above_half_percent: f64,
    /// By number of versions, fewest first.
    pub by_length: Vec<LengthCalibration>,
}

/// P(ln evidence ≥ x) = `at_one` · e^(−`decay` · x) where nothing changed: what turns the evidence of a family into its p-value.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct NullCalibration {
    /// Orders that were judged; 0 = the law is that of small archives.
    pub orders: u64,
    /// At an evidence of one.
    pub at_one: f64,
    /// 1 is what is expected where the noise is as modelled; less = evidence is worth less.
    pub decay: f64,
}

/// Families of one length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LengthCalibration {
    /// How many versions they have.
    pub versions: u32,
    /// Families that the question was put to.
    pub families: u64,
    /// Series in them.
    pub series: u64,
    /// Families with a claim.
    pub claims: u64,
}

/// The noise of one stratum.
#[derive(Clone, Debug, PartialEq)]
pub struct StratumCalibration {
    /// Such as `LAUNCH/launchTime percentile.ninety, margins below 2 %`.
    pub name: String,
    /// Series in it.
    pub series: u64,
    /// Where the prior comes from: the stratum, a parent, or the default.
    pub source: String,
    /// Whether it was fitted over series of the batch, which lets each series be read more sharply, or is the default.
    pub is_fitted: bool,
    /// Prior scale s0².
    pub scale: f64,
    /// Prior degrees of freedom d0.
    pub df: f64,
    /// Correlation between neighbouring versions.
    pub autocorrelation: f64,
    /// How often single versions stand far off, as one over the degrees of freedom of a t law that is as heavy: 0 = no more often than
    /// chance makes them, .13 = t(4). In 0..=1. A change that rests on one or two versions must be the larger for it.
    pub heaviness: f64,
}
