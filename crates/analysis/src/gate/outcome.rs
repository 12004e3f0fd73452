//! What became of each rule, with the numbers it rests on. Sentences are made of them in `perfpower-report`.

use super::rule::{Rule, RuleMode};
use super::waiver::WaiverReport;
use crate::claim::finding::{Change, FindingId, FindingKind, StepState};
use perfpower_model::Day;
use perfpower_statistics::Unusable;

/// What all rules came to.
#[derive(Clone, Debug, PartialEq)]
pub struct GateReport {
    /// The day of judgement.
    pub today: Day,
    /// The newest snapshot that gave a value; absent = there is none. Field data lag a release by days.
    pub newest_snapshot: Option<Day>,
    /// The rules, as given.
    pub rules: Vec<Rule>,
    /// By rule in the order given, then by app, metric and population.
    pub outcomes: Vec<Outcome>,
    /// In the order given.
    pub waivers: Vec<WaiverReport>,
}

impl GateReport {
    /// Whether a rule stops the release.
    pub fn is_tripped(&self) -> bool {
        self.count(OutcomeVerdict::Trip) > 0
    }

    /// The outcomes of rules that would stop a release and were not judged: nobody may take them for passes.
    pub fn not_judged(&self) -> impl Iterator<Item = &Outcome> {
        let is_it = |outcome: &&Outcome| outcome.verdict == OutcomeVerdict::NotJudged && outcome.mode == RuleMode::Gate;
        self.outcomes.iter().filter(is_it)
    }

    /// How many outcomes have a verdict.
    pub fn count(&self, verdict: OutcomeVerdict) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.verdict == verdict).count()
    }
}

/// What became of one rule, for one part of the archive.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Position in [`GateReport::rules`].
    pub rule: usize,
    /// Name of the rule.
    pub rule_name: String,
    /// Whether the rule stops a release.
    pub mode: RuleMode,
    /// Whether the rule goes by the latest version's own value.
    pub strict: bool,
    /// The app's key; absent = the whole archive.
    pub app: Option<String>,
    /// The app's name for eyes; absent = the whole archive.
    pub app_name: Option<String>,
    /// Such as `iOS`; absent = all, or none given.
    pub platform: Option<String>,
    /// Whether the app has several platforms, so that eyes must be told of which one it is.
    pub names_platform: bool,
    /// Such as `LAUNCH`; absent = all.
    pub category: Option<String>,
    /// Such as `launchTime`; absent = all.
    pub metric: Option<String>,
    /// Such as `all_iphones`; absent = all.
    pub device: Option<String>,
    /// Apple's label; absent = all.
    pub percentile_label: Option<String>,
    /// Such as 50 or 90; absent = all, or a label without a number.
    pub percentile: Option<f64>,
    /// Unit for eyes; absent = none given.
    pub unit_label: Option<String>,
    /// The latest version of what was judged; absent = nothing was.
    pub version: Option<String>,
    /// What became of it.
    pub verdict: OutcomeVerdict,
    /// What it rests on.
    pub evidence: Evidence,
    /// The finding that broke the rule.
    pub finding: Option<FindingId>,
    /// Position in [`GateReport::waivers`] of the waiver that holds for it.
    pub waiver: Option<usize>,
}

/// What became of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OutcomeVerdict {
    /// Broken, and it stops the release.
    Trip,
    /// Broken, and accepted for now.
    Waived,
    /// Broken, and the rule only informs.
    Informed,
    /// A regression that many apps share: the platform's, so this app's release is not stopped by it.
    SetAside,
    /// It cannot be judged, because what it needs was not read or is not there.
    NotJudged,
    /// It cannot be judged yet: there is too little of it.
    NotEnoughData,
    /// Kept.
    Pass,
}

impl OutcomeVerdict {
    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trip => "trip",
            Self::Waived => "waived",
            Self::Informed => "informed",
            Self::SetAside => "set_aside",
            Self::NotJudged => "not_judged",
            Self::NotEnoughData => "not_enough_data",
            Self::Pass => "pass",
        }
    }
}

/// The numbers behind an outcome.
#[derive(Clone, Debug, PartialEq)]
pub enum Evidence {
    /// A level held against a bound.
    Level {
        /// The latest version's own value, in the metric's unit.
        value: f64,
        /// The level it belongs to, in the metric's unit.
        level: f64,
        /// Interval of the level, in the metric's unit.
        ci: [f64; 2],
        /// What it is held against.
        bound: Bound,
    },
    /// A level held against that of an earlier version.
    Since {
        /// The version compared with.
        version: String,
        /// The level then, in the metric's unit; its own value where the rule is strict.
        before: f64,
        /// The level now, in the metric's unit; the latest version's own value where the rule is strict.
        now: f64,
        /// From then to now.
        change: Change,
        /// Interval of the change in percent; absent where none exists, or the rule is strict, or both versions share a level.
        ci_percent: Option<[f64; 2]>,
        /// Percent of worsening that is allowed.
        allowed_percent: f64,
        /// Whether both versions share a level: nothing changed in between that is sure.
        same_level: bool,
    },
    /// A regression.
    Regression {
        /// The question that found it.
        kind: FindingKind,
        /// The version that brought it.
        version: String,
        /// What became of it since; steps only.
        state: Option<StepState>,
        /// From before to after.
        change: Change,
        /// Interval of the change in percent; absent from zero.
        ci_percent: Option<[f64; 2]>,
        /// Worsening in percent that is sure; absent from zero.
        at_least_percent: Option<f64>,
        /// p-value of the app × metric, corrected over the batch.
        q: f64,
        /// Rests on one version only.
        provisional: bool,
    },
    /// No regression was found.
    NoRegression {
        /// Series that were long enough to be judged.
        judged: usize,
        /// Smallest worsening that would have been seen in all of them, in percent; absent = not known, or a level is zero.
        detectable_percent: Option<f64>,
    },
    /// Regressions, counted.
    Count {
        /// Open ones that are not waived.
        open: usize,
        /// Open ones that are waived.
        waived: usize,
        /// Open ones that belong to a platform event, and so are not counted.
        set_aside: usize,
        /// How many are allowed.
        allowed: u32,
        /// The ids of the open ones, waived ones included, worst first.
        findings: Vec<FindingId>,
    },
    /// How old the newest values are.
    Age {
        /// The first day on which they were downloaded as they are.
        since: Day,
        /// Days from then to the day of judgement.
        days: i32,
        /// How many are allowed.
        allowed_days: u32,
    },
    /// Whether a version is there.
    Presence {
        /// The version asked for.
        version: String,
        /// Whether the newest download holds it.
        is_there: bool,
    },
    /// Nothing to judge.
    Missing(MissingData),
}

/// What a level is held against.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// In the metric's unit.
    pub value: f64,
    /// Which side of it is allowed.
    pub side: BoundSide,
    /// Whether the bound itself is still allowed; Apple's upper bounds are not.
    pub inclusive: bool,
    /// Who set it.
    pub source: BoundSource,
}

/// Which side of a bound is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoundSide {
    /// The level is to stay below.
    Below,
    /// The level is to stay above.
    Above,
}

/// Who set a bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BoundSource {
    /// The team.
    Budget,
    /// Apple's range of a goal label.
    Goal(String),
    /// Apple's recommendation.
    Recommended,
}

impl Bound {
    /// Whether a value is on the wrong side.
    pub fn is_broken_by(&self, value: f64) -> bool {
        match self.side {
            BoundSide::Below => value > self.value || (!self.inclusive && value.total_cmp(&self.value).is_eq()),
            BoundSide::Above => value < self.value || (!self.inclusive && value.total_cmp(&self.value).is_eq()),
        }
    }

    /// Whether a whole interval is on the wrong side.
    pub fn is_surely_broken_by(&self, [low, high]: [f64; 2]) -> bool {
        self.is_broken_by(match self.side {
            BoundSide::Below => low,
            BoundSide::Above => high,
        })
    }
}

/// Why a rule cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MissingData {
    /// No series of the app is in the scope of the rule.
    NoSeries,
    /// No app of the archive is in the scope of the rule.
    NoApp,
    /// Every series is too short for a claim about change.
    TooShort {
        /// Points of the longest one.
        points: usize,
    },
    /// The series has no level.
    NoLevel,
    /// The series cannot be judged.
    Unusable(Unusable),
    /// Apple gives no such goal.
    NoGoal,
    /// The series does not have the version that the rule compares with.
    NoVersion {
        /// That version.
        version: String,
    },
    /// The series has another unit than the rule means.
    OtherUnit {
        /// What the rule means.
        expected: String,
    },
    /// A name in the scope of the rule fits nothing.
    NothingNamed {
        /// Such as `metric`.
        what: &'static str,
        /// As the rule has it.
        name: String,
    },
    /// The newest download gave no value, or one of its files did not.
    NotRead {
        /// Its day.
        newest: Day,
        /// The day of the newest values in the scope of the rule; absent = there are none.
        values: Option<Day>,
        /// The file.
        path: String,
        /// Why it gave none.
        why: String,
        /// Further files of it that gave none.
        others: usize,
    },
    /// The newest download holds no value in the scope of the rule.
    NotInNewest {
        /// Its day.
        newest: Day,
        /// The day of the newest values.
        values: Day,
    },
    /// The newest download is that of an earlier day, byte for byte, although those in between are others.
    Copy {
        /// The newest day.
        newest: Day,
        /// The day that it is a copy of.
        of: Day,
    },
    /// The app has no download of the newest day of the archive, although it had one of each day before.
    Missed {
        /// The newest day of the archive.
        newest: Day,
        /// The day of the app's newest values.
        values: Day,
    },
}
