//! What a team demands, of which part of its apps.

use crate::filter::Filter;

/// One promise.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Unique in its file; it names the rule in reports and in waivers.
    pub name: String,
    /// What it is about.
    pub scope: Filter,
    /// What it demands.
    pub demand: Demand,
    /// Whether it stops a release.
    pub mode: RuleMode,
    /// Whether it goes by the latest version's own value instead of by evidence; means nothing to a demand without a bound.
    pub strict: bool,
}

/// What a rule does when it is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum RuleMode {
    /// It trips.
    #[default]
    Gate,
    /// It tells, and nothing more.
    Inform,
}

impl RuleMode {
    /// The word for it in configurations and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gate => "gate",
            Self::Inform => "inform",
        }
    }
}

/// What a rule can demand.
#[derive(Clone, Debug, PartialEq)]
pub enum Demand {
    /// The level now is at most this.
    AtMost(Budget),
    /// The level now is at least this; for metrics where higher is better.
    AtLeast(Budget),
    /// The level now is within Apple's goal for the series.
    Goal(GoalChoice),
    /// No regression of these kinds.
    NoRegression {
        /// Which regressions count.
        kind: RegressionKind,
        /// Only those that this version or a later one brought; absent = all. A drift was brought by its first version.
        since: Option<String>,
    },
    /// The level now is not worse than that of a version.
    NoWorseThan {
        /// The version compared with.
        version: String,
        /// Percent of worsening that is still allowed; at least 0.
        percent: f64,
    },
    /// The newest values are at most so many days old.
    NewestWithin {
        /// Days from the first download that holds them as they are to the day of judgement.
        days: u32,
    },
    /// The newest download holds this version.
    HasVersion {
        /// The version.
        version: String,
    },
    /// At most so many open regressions.
    MaxOpenRegressions {
        /// How many are still allowed.
        count: u32,
        /// Counted over what.
        per: CountPer,
    },
}

impl Demand {
    /// The key of the demand in a configuration.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::AtMost(_) => "max",
            Self::AtLeast(_) => "min",
            Self::Goal(_) => "goal",
            Self::NoRegression { .. } => "no_regression",
            Self::NoWorseThan { .. } => "no_worse_than",
            Self::NewestWithin { .. } => "newest_within",
            Self::HasVersion { .. } => "has_version",
            Self::MaxOpenRegressions { .. } => "max_open_regressions",
        }
    }
}

/// An absolute bound.
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    /// In the metric's unit.
    pub bound: f64,
    /// The unit that the team meant, as Apple shows it, such as `ms`; a series in another one is not judged. Absent = not
    /// checked.
    pub unit: Option<String>,
}

/// Which of Apple's goals makes the bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GoalChoice {
    /// The range of a label, such as `good`.
    Label(String),
    /// The value that Apple recommends for the population.
    Recommended,
}

/// Which regressions a rule counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegressionKind {
    /// Brought by the latest version itself. A drift is not.
    Latest,
    /// Still there: see [`crate::Finding::is_open`].
    Open,
    /// All, those that recovered included.
    Any,
    /// Still there, and none that asked for work in an earlier report: see [`crate::Standing::is_new_work`].
    New,
}

impl RegressionKind {
    /// The word for it in configurations and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Latest => "latest",
            Self::Open => "open",
            Self::Any => "any",
            Self::New => "new",
        }
    }
}

/// Over what regressions are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum CountPer {
    /// Each app by itself.
    #[default]
    App,
    /// All apps in the scope together.
    Archive,
}

impl CountPer {
    /// The word for it in configurations.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Archive => "archive",
        }
    }
}
