//! What a run was told beside the archive: the same object in every document of an answer that judges.

use crate::facts::Report;
use crate::sentence;
use perfpower_analysis::{Filter, Pattern};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// The settings in force.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SettingsJson<'a> {
    /// The word for how claims are chosen over the batch, such as `benjamini_hochberg`.
    method: &'static str,
    /// At which rate, 0 to 1.
    rate: f64,
    /// Smallest change that is claimed.
    min_change_percent: f64,
    /// Confidence of the intervals of changes, 0 to 1.
    confidence: f64,
    /// Numbers of the method that are not as by default, by name.
    changed: BTreeMap<&'static str, f64>,
    /// Files whose settings were followed, the team's first; empty = everything is as by default.
    files: &'a [String],
    /// What was chosen to be shown, by what it is chosen by, such as `category`; empty = everything.
    shown: BTreeMap<String, Vec<String>>,
    /// The same in one line.
    text: String,
}

/// What a filter chooses, by what it chooses by, such as `category`; empty = everything.
pub fn shown_by(filter: &Filter) -> BTreeMap<String, Vec<String>> {
    let names = |patterns: &[Pattern]| patterns.iter().map(|pattern| pattern.as_str().to_owned()).collect::<Vec<_>>();
    let lists = filter.lists().map(|(by, patterns)| (by.to_owned(), names(patterns)));
    let since = filter.since_version.iter().map(|version| ("since_version".to_owned(), vec![version.clone()]));
    lists.filter(|(_, names)| !names.is_empty()).chain(since).collect()
}

impl<'a> SettingsJson<'a> {
    pub(crate) fn new(report: &Report<'a>) -> Self {
        let (options, filter) = (&report.analysis.options, &report.analysis.filter);
        Self {
            method: options.correction.method().word(),
            rate: options.correction.rate(),
            min_change_percent: 100.0 * options.parameters.min_change,
            confidence: options.parameters.confidence,
            changed: options.parameters.changed().collect(),
            files: &report.archive.settings,
            shown: shown_by(filter),
            text: sentence::settings_line(report),
        }
    }
}
