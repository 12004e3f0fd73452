//! Which series a run is about.

use crate::history::builder::{AppHistory, SeriesInfo};
use perfpower_model::{Percentile, version};
use std::ops::Range;

/// Empty lists let everything pass; within a list any entry may match, and all lists must.
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
    /// Points of earlier versions are left out.
    pub since_version: Option<String>,
}

impl Filter {
    /// Whether an app may pass.
    pub fn app(&self, app: &str) -> bool {
        self.apps.is_empty() || self.apps.iter().any(|wanted| wanted == app)
    }

    /// The series of a history that pass, by position, with their rows from the first version asked for; none is empty.
    pub fn series<'a>(&'a self, history: &'a AppHistory) -> impl Iterator<Item = (u32, Range<u32>)> + 'a {
        let first_version = self.since_version.as_ref().map_or(0, |since| {
            let older = |at: &u32| version::compare(history.version_text(*at), since).is_lt();
            (0..history.versions.len() as u32).rfind(older).map_or(0, |at| at + 1)
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
        let names = &history.names;
        let metric = &history.metrics[info.metric as usize];
        let (category, identifier) = (names.text(metric.category), names.text(metric.identifier));
        any(&self.categories, |wanted| wanted.eq_ignore_ascii_case(category))
            && any(&self.metrics, |wanted| match wanted.split_once('/') {
                Some((c, m)) => c.eq_ignore_ascii_case(category) && m.eq_ignore_ascii_case(identifier),
                None => wanted.eq_ignore_ascii_case(identifier),
            })
            && any(&self.devices, |wanted| {
                wanted.eq_ignore_ascii_case(names.text(info.device))
                    || wanted.eq_ignore_ascii_case(names.text(info.device_label))
            })
            && any(&self.percentiles, |wanted| {
                let label = names.text(info.percentile);
                wanted == label
                    || Percentile::from_label(wanted).number().is_some_and(|number| {
                        Percentile::from_label(label).number().is_some_and(|own| own.total_cmp(&number).is_eq())
                    })
            })
            && any(&self.platforms, |wanted| wanted.eq_ignore_ascii_case(names.text(info.platform)))
    }
}

fn any(wanted: &[String], matches: impl Fn(&str) -> bool) -> bool {
    wanted.is_empty() || wanted.iter().any(|wanted| matches(wanted))
}
