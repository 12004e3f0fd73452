//! A part of an archive: the one language in which options, rules and waivers choose.

mod pattern;
mod redact;

pub use pattern::Pattern;

use crate::claim::finding::{Finding, FindingKind, SeriesName};
use crate::devices;
use crate::history::builder::{AppHistory, SeriesInfo};
use crate::news::EarlierClaim;
use perfpower_model::version;
use std::ops::Range;

/// A part of an archive: what of a batch is shown, what a rule is about, what a waiver accepts. Empty lists let everything pass;
/// within a list any pattern may match, and all lists must.
///
/// It chooses among what was judged and changes no figure: noise, families, the correction over the batch and every interval are those of
/// everything that was read. So a finding is shown whole if any population of its card passes. The tables without a judgement
/// ([`crate::Judged::compare`], [`crate::tables`]) are made of the points that pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Keys of apps.
    pub apps: Vec<Pattern>,
    /// Such as `LAUNCH`.
    pub categories: Vec<Pattern>,
    /// Such as `launchTime`, or `BATTERY/onScreen`.
    pub metrics: Vec<Pattern>,
    /// Such as `all_iphones`, `iPhone12,*` or `iPhone 13`.
    pub devices: Vec<Pattern>,
    /// Such as `50`, `p90` or Apple's label.
    pub percentiles: Vec<Pattern>,
    /// Such as `iOS`.
    pub platforms: Vec<Pattern>,
    /// What this version or a later one brought, drifts that last until then, and series that have such a version. A rule that asks for
    /// versions says so itself, by what it demands.
    pub since_version: Option<String>,
}

impl Filter {
    /// Its lists, each with the word for what it chooses by.
    pub fn lists(&self) -> impl Iterator<Item = (&'static str, &[Pattern])> {
        [
            ("app", &self.apps),
            ("category", &self.categories),
            ("metric", &self.metrics),
            ("device", &self.devices),
            ("percentile", &self.percentiles),
            ("platform", &self.platforms),
        ]
        .into_iter()
        .map(|(by, patterns)| (by, patterns.as_slice()))
    }

    /// Whether an app may pass.
    pub fn app(&self, app: &str) -> bool {
        any(&self.apps, |pattern| pattern.matches(app))
    }

    /// Whether a metric may pass.
    pub fn metric(&self, category: &str, metric: &str) -> bool {
        any(&self.categories, |pattern| pattern.matches(category))
            && any(&self.metrics, |pattern| pattern.matches_metric(category, metric))
    }

    /// Whether a platform may pass.
    pub fn platform(&self, platform: &str) -> bool {
        any(&self.platforms, |pattern| pattern.matches(platform))
    }

    /// Whether a population may pass. `label` is the device's name as Apple gives it, or empty.
    pub fn population(&self, device: &str, label: &str, percentile_label: &str) -> bool {
        let is_named = |pattern: &Pattern| {
            pattern.matches(device)
                || if label.is_empty() {
                    devices::model(device).is_some_and(|model| pattern.matches(model.name))
                } else {
                    pattern.matches(label)
                }
        };
        any(&self.devices, is_named) && any(&self.percentiles, |pattern| pattern.matches_percentile(percentile_label))
    }

    /// Whether a series may pass, by its name alone.
    pub fn series(&self, series: &SeriesName) -> bool {
        self.unit(series) && self.population(&series.device, "", &series.percentile_label)
    }

    /// Whether the app × metric of a series may pass.
    fn unit(&self, series: &SeriesName) -> bool {
        self.app(&series.app) && self.platform(&series.platform) && self.metric(&series.category, &series.metric)
    }

    /// Whether a card may pass, by the names of its series: its metric passes, and any of its populations does.
    pub fn card(&self, finding: &Finding) -> bool {
        let series = &finding.series;
        self.unit(series)
            && (self.population(&series.device, &finding.device_label, &series.percentile_label)
                || finding.also.iter().any(|also| self.population(&also.device, "", &also.percentile_label)))
    }

    /// The same of a finding of an earlier report: by the series that led it, and the version that it was of.
    pub(crate) fn claim(&self, claim: &EarlierClaim) -> bool {
        let series = &claim.series;
        let is_slope = claim.kind == FindingKind::Drift;
        self.unit(series)
            && self.population(&series.device, &claim.device_label, &series.percentile_label)
            && (is_slope || self.version(&claim.version))
    }

    /// Whether a version is late enough.
    pub(crate) fn version(&self, version: &str) -> bool {
        self.since_version.as_ref().is_none_or(|since| version::compare(version, since).is_ge())
    }

    /// Whether it chooses by nothing but app and version.
    pub(crate) fn is_of_all_series(&self) -> bool {
        let lists = [&self.categories, &self.metrics, &self.devices, &self.percentiles, &self.platforms];
        lists.into_iter().all(Vec::is_empty)
    }

    /// Whether a finding is shown: its card passes, and what it tells of is late enough.
    pub(crate) fn finding(&self, finding: &Finding) -> bool {
        let is_slope = finding.kind == FindingKind::Drift;
        self.card(finding) && self.version(if is_slope { &finding.latest_version } else { &finding.version })
    }

    /// Whether a series is shown.
    pub(crate) fn shows(&self, history: &AppHistory, info: &SeriesInfo) -> bool {
        let latest = || {
            let row = info.rows.end.checked_sub(1).filter(|row| info.rows.contains(row));
            row.map_or("", |row| history.version_text(history.table.versions()[row as usize]))
        };
        self.passes(history, info) && (self.since_version.is_none() || self.version(latest()))
    }

    /// The series of a history that pass, by position, with their rows from the first version asked for; none is empty.
    pub fn rows<'a>(&'a self, history: &'a AppHistory) -> impl Iterator<Item = (u32, Range<u32>)> + 'a {
        let first_version = self.since_version.as_ref().map_or(0, |since| {
            let older = |at: &u32| version::compare(history.version_text(*at), since).is_lt();
            (history.unplaced as u32..history.versions.len() as u32).rfind(older).map_or(0, |at| at + 1)
        });
        history.series.iter().zip(0..).filter(move |(info, _)| self.passes(history, info)).filter_map(
            move |(info, at)| {
                let versions = &history.table.versions()[info.rows.start as usize..info.rows.end as usize];
                let skip = versions.partition_point(|&version| version < first_version) as u32;
                let rows = info.rows.start + skip..info.rows.end;
                (!rows.is_empty()).then_some((at, rows))
            },
        )
    }

    fn passes(&self, history: &AppHistory, info: &SeriesInfo) -> bool {
        let text = |id| history.names.get(id).unwrap_or_default();
        let metric = &history.metrics[info.metric as usize];
        self.app(&history.app)
            && self.metric(text(metric.category), history.names.text(metric.identifier))
            && self.platform(text(info.platform))
            && self.population(text(info.device), text(info.device_label), text(info.percentile))
    }
}

fn any(patterns: &[Pattern], passes: impl Fn(&Pattern) -> bool) -> bool {
    patterns.is_empty() || patterns.iter().any(passes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(list: fn(&mut Filter) -> &mut Vec<Pattern>, patterns: &[&str]) -> Filter {
        let mut filter = Filter::default();
        *list(&mut filter) = patterns.iter().map(|&pattern| pattern.into()).collect();
        filter
    }

    #[test]
    fn a_metric_goes_with_or_without_its_category_a_percentile_in_three_ways_and_a_device_by_both_its_names() {
        let series = SeriesName {
            app: "com.example.mail".into(),
            platform: "iOS".into(),
            category: "BATTERY".into(),
            metric: "onScreen".into(),
            device: "iPhone12,1".into(),
            percentile_label: "percentile.ninety".into(),
            names_platform: false,
        };
        let metrics = |patterns: &[&str]| only(|filter| &mut filter.metrics, patterns).series(&series);
        assert!(metrics(&["onScreen"]));
        assert!(metrics(&["battery/onscreen"]));
        assert!(metrics(&["launchTime", "BATTERY/*"]));
        assert!(!metrics(&["TERMINATION/onScreen"]));
        for percentile in ["90", "p90", "percentile.ninety"] {
            assert!(only(|filter| &mut filter.percentiles, &[percentile]).series(&series), "{percentile}");
        }
        assert!(!only(|filter| &mut filter.percentiles, &["50"]).series(&series));
        for (device, passes) in [("iPhone12,*", true), ("iphone 11", true), ("all_*", false), ("iPhone 12", false)] {
            assert_eq!(only(|filter| &mut filter.devices, &[device]).series(&series), passes, "{device}");
        }
        assert!(only(|filter| &mut filter.apps, &["com.example.*"]).series(&series));
        assert!(Filter::default().series(&series));
    }
}
