//! What a team demands, of which part of its apps.

use crate::claim::finding::SeriesName;
use perfpower_model::Percentile;

/// One promise.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Unique in its file; it names the rule in reports and in waivers.
    pub name: String,
    /// What it is about.
    pub scope: Scope,
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
}

impl RegressionKind {
    /// The word for it in configurations and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Latest => "latest",
            Self::Open => "open",
            Self::Any => "any",
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

/// A part of the archive. Empty lists let everything pass; within a list any pattern may match, and all lists must.
///
/// A pattern is a text in any case, in which `*` stands for any characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Keys of apps.
    pub apps: Vec<String>,
    /// Such as `iOS`.
    pub platforms: Vec<String>,
    /// Such as `LAUNCH`.
    pub categories: Vec<String>,
    /// Such as `launchTime`, or `BATTERY/onScreen`.
    pub metrics: Vec<String>,
    /// Such as `all_iphones` or `iPhone12,*`.
    pub devices: Vec<String>,
    /// Such as `90`, `p90` or Apple's label.
    pub percentiles: Vec<String>,
}

impl Scope {
    /// Whether an app can be in it.
    pub fn app(&self, app: &str) -> bool {
        any(&self.apps, |pattern| matches(pattern, app))
    }

    /// Whether a metric of an app can be in it.
    pub fn metric(&self, app: &str, platform: &str, category: &str, metric: &str) -> bool {
        self.app(app)
            && any(&self.platforms, |pattern| matches(pattern, platform))
            && any(&self.categories, |pattern| matches(pattern, category))
            && any(&self.metrics, |pattern| match pattern.split_once('/') {
                Some((own_category, own_metric)) => matches(own_category, category) && matches(own_metric, metric),
                None => matches(pattern, metric),
            })
    }

    /// Whether a population can be in it.
    pub fn population(&self, device: &str, percentile_label: &str) -> bool {
        any(&self.devices, |pattern| matches(pattern, device))
            && any(&self.percentiles, |pattern| {
                let (wanted, own) = (Percentile::from_label(pattern), Percentile::from_label(percentile_label));
                matches(pattern, percentile_label)
                    || wanted.number().zip(own.number()).is_some_and(|(wanted, own)| wanted.total_cmp(&own).is_eq())
            })
    }

    /// Whether a series is in it.
    pub fn series(&self, series: &SeriesName) -> bool {
        self.metric(&series.app, &series.platform, &series.category, &series.metric)
            && self.population(&series.device, &series.percentile_label)
    }
}

fn any(patterns: &[String], is_match: impl Fn(&str) -> bool) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| is_match(pattern))
}

/// Whether a text has the shape of a pattern: `*` stands for any characters, letters match in any case (ASCII). Goes back
/// to the last star only, so that a hostile pattern costs at most the product of both lengths.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at_pattern, mut at_text) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while at_text < text.len() {
        match pattern.get(at_pattern) {
            Some(b'*') => {
                retry = Some((at_pattern + 1, at_text));
                at_pattern += 1;
            }
            Some(byte) if byte.eq_ignore_ascii_case(&text[at_text]) => {
                at_pattern += 1;
                at_text += 1;
            }
            _ => match retry {
                Some((after_star, taken)) => {
                    retry = Some((after_star, taken + 1));
                    at_pattern = after_star;
                    at_text = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at_pattern..].iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, text, expected) in [
            ("com.example.*", "com.example.mail", true),
            ("com.example.*", "com.example.", true),
            ("com.example.*", "org.example.mail", false),
            ("*mail*", "com.example.mail.beta", true),
            ("a*b*c", "aXbXbYc", true),
            ("a*b*c", "aXbXbY", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("LAUNCHTIME", "launchTime", true),
            ("é*", "été", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_scope_names_a_metric_with_or_without_its_category_and_a_percentile_in_three_ways() {
        let series = SeriesName {
            app: "com.example.mail".into(),
            platform: "iOS".into(),
            category: "BATTERY".into(),
            metric: "onScreen".into(),
            device: "iPhone12,1".into(),
            percentile_label: "percentile.ninety".into(),
        };
        let metrics =
            |metrics: &[&str]| Scope { metrics: metrics.iter().map(ToString::to_string).collect(), ..Scope::default() };
        assert!(metrics(&["onScreen"]).series(&series));
        assert!(metrics(&["battery/onscreen"]).series(&series));
        assert!(metrics(&["launchTime", "BATTERY/*"]).series(&series));
        assert!(!metrics(&["TERMINATION/onScreen"]).series(&series));
        for percentile in ["90", "p90", "percentile.ninety"] {
            assert!(Scope { percentiles: vec![percentile.into()], ..Scope::default() }.series(&series), "{percentile}");
        }
        assert!(!Scope { percentiles: vec!["50".into()], ..Scope::default() }.series(&series));
        assert!(Scope { devices: vec!["iPhone12,*".into()], ..Scope::default() }.series(&series));
        assert!(!Scope { devices: vec!["all_*".into()], ..Scope::default() }.series(&series));
        assert!(Scope::default().series(&series));
    }
}
