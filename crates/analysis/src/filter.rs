//! What of a batch is shown.

use crate::claim::finding::{Finding, FindingKind};
use crate::devices;
use crate::history::builder::{AppHistory, SeriesInfo};
use perfpower_model::{NameId, Percentile, version};
use std::ops::Range;

/// What is shown. Empty lists let everything pass; within a list any entry may match, and all lists must.
///
/// It chooses among what was judged and changes no figure: noise, families, the correction over the batch and every interval are those of
/// everything that was read. So a finding is shown whole if any population of its card passes. The tables without a judgement
/// ([`crate::compare`], [`crate::tables`]) are made of the points that pass.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Keys of apps.
    pub apps: Vec<String>,
    /// Such as `LAUNCH`, in any case.
    pub categories: Vec<String>,
    /// Such as `launchTime`, or `BATTERY/onScreen`, in any case.
    pub metrics: Vec<String>,
    /// Such as `all_iphones`, `iPhone12,1` or `iPhone 13`, in any case.
    pub devices: Vec<String>,
    /// Such as `50`, `p90` or Apple's label.
    pub percentiles: Vec<String>,
    /// Such as `iOS`, in any case.
    pub platforms: Vec<String>,
    /// Shown is what this version or a later one brought, drifts that last until then, and series that have such a version.
    pub since_version: Option<String>,
}

impl Filter {
    /// Whether an app may pass.
    pub fn app(&self, app: &str) -> bool {
        any(&self.apps, |wanted| wanted == app)
    }

    /// Whether a metric may pass.
    pub fn metric(&self, category: &str, metric: &str) -> bool {
        any(&self.categories, |wanted| wanted.eq_ignore_ascii_case(category))
            && any(&self.metrics, |wanted| match wanted.split_once('/') {
                Some((c, m)) => c.eq_ignore_ascii_case(category) && m.eq_ignore_ascii_case(metric),
                None => wanted.eq_ignore_ascii_case(metric),
            })
    }

    fn platform(&self, platform: &str) -> bool {
        any(&self.platforms, |wanted| wanted.eq_ignore_ascii_case(platform))
    }

    fn population(&self, device: &str, device_label: &str, percentile_label: &str) -> bool {
        any(&self.devices, |wanted| wanted.eq_ignore_ascii_case(device) || wanted.eq_ignore_ascii_case(device_label))
            && any(&self.percentiles, |wanted| {
                let number = |label: &str| Percentile::from_label(label).number();
                wanted == percentile_label
                    || number(wanted).zip(number(percentile_label)).is_some_and(|(a, b)| a.total_cmp(&b).is_eq())
            })
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

    /// Whether a finding is shown: its metric passes, and a population of its card does.
    pub(crate) fn finding(&self, finding: &Finding) -> bool {
        let series = &finding.series;
        let is_slope = finding.kind == FindingKind::Drift;
        self.app(&series.app)
            && self.platform(&series.platform)
            && self.metric(&series.category, &series.metric)
            && self.version(if is_slope { &finding.latest_version } else { &finding.version })
            && (self.population(&series.device, &finding.device_label, &series.percentile_label)
                || finding.also.iter().any(|also| {
                    self.population(&also.device, &devices::label(&also.device, ""), &also.percentile_label)
                }))
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
    pub fn series<'a>(&'a self, history: &'a AppHistory) -> impl Iterator<Item = (u32, Range<u32>)> + 'a {
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
        let text = |id: NameId| history.names.text(id);
        let metric = &history.metrics[info.metric as usize];
        self.app(&history.app)
            && self.metric(text(metric.category), text(metric.identifier))
            && self.platform(text(info.platform))
            && self.population(text(info.device), text(info.device_label), text(info.percentile))
    }
}

fn any(wanted: &[String], matches: impl Fn(&str) -> bool) -> bool {
    wanted.is_empty() || wanted.iter().any(|wanted| matches(wanted))
}
