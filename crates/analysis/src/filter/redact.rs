//! A choice made among names, held to the pseudonyms that take their place.

use super::{Filter, Pattern};
use crate::judge::histories::Histories;
use perfpower_model::{Redact, TextRole};
use std::collections::BTreeSet;

impl Filter {
    /// The same choice once the names of the histories are replaced: what each pattern fits is looked up in them as they are.
    #[must_use]
    pub fn redacted(&self, histories: Histories<'_>, by: &mut dyn Redact) -> Self {
        let apps: BTreeSet<String> = histories.apps().map(str::to_owned).collect();
        let mut categories: BTreeSet<String> = BTreeSet::new();
        let mut metrics: BTreeSet<(String, String)> = BTreeSet::new();
        let mut devices: BTreeSet<(String, String)> = BTreeSet::new();
        let mut percentiles: BTreeSet<String> = BTreeSet::new();
        let mut platforms: BTreeSet<String> = BTreeSet::new();
        if !self.is_of_all_series() {
            histories.in_order(|history| {
                let text = |id| history.names.get(id).unwrap_or_default().to_owned();
                for metric in &history.metrics {
                    categories.insert(text(metric.category));
                    metrics.insert((text(metric.category), text(Some(metric.identifier))));
                }
                for series in &history.series {
                    devices.insert((text(series.device), text(series.device_label)));
                    percentiles.insert(text(series.percentile));
                    platforms.insert(text(series.platform));
                }
            });
        }
        let of_metric = |pattern: &Pattern| -> Vec<Vec<String>> {
            let fits = metrics.iter().filter(|(category, metric)| pattern.matches_metric(category, metric));
            fits.map(|(category, metric)| vec![category.clone(), metric.clone()]).collect()
        };
        let of_device = |pattern: &Pattern| -> Vec<Vec<String>> {
            let one = |device: &str, label: &str| {
                Self { devices: vec![pattern.clone()], ..Self::default() }.population(device, label, "")
            };
            let fits = devices.iter().filter(|(device, label)| one(device, label));
            fits.map(|(device, _)| vec![device.clone()]).collect()
        };
        let of_percentile = |pattern: &Pattern| -> Vec<Vec<String>> {
            percentiles
                .iter()
                .filter(|label| pattern.matches_percentile(label))
                .map(|label| vec![label.clone()])
                .collect()
        };
        let of = |names: &BTreeSet<String>, pattern: &Pattern| -> Vec<Vec<String>> {
            names.iter().filter(|name| pattern.matches(name)).map(|name| vec![name.clone()]).collect()
        };
        let mut each = |role, patterns: &[Pattern], fits: &dyn Fn(&Pattern) -> Vec<Vec<String>>| -> Vec<Pattern> {
            patterns.iter().flat_map(|pattern| redacted(role, pattern, &fits(pattern), by)).collect()
        };
        Self {
            apps: each(TextRole::App, &self.apps, &|pattern| of(&apps, pattern)),
            categories: each(TextRole::Word, &self.categories, &|pattern| of(&categories, pattern)),
            metrics: each(TextRole::Word, &self.metrics, &of_metric),
            devices: each(TextRole::Word, &self.devices, &of_device),
            percentiles: each(TextRole::Word, &self.percentiles, &of_percentile),
            platforms: each(TextRole::Word, &self.platforms, &|pattern| of(&platforms, pattern)),
            since_version: self.since_version.as_ref().map(|version| by.redact(TextRole::Version, version)),
        }
    }
}

/// The pattern as it is where neither it nor anything that it fits has a pseudonym; else the pseudonyms themselves.
fn redacted(role: TextRole, pattern: &Pattern, fits: &[Vec<String>], by: &mut dyn Redact) -> Vec<Pattern> {
    let words: Vec<&str> = pattern.as_str().split(['*', '/']).filter(|word| !word.is_empty()).collect();
    let is_known = words.iter().all(|word| by.redact(role, word) == **word)
        && fits.iter().flatten().all(|name| by.redact(role, name) == *name);
    if is_known {
        return vec![pattern.clone()];
    }
    let pseudonyms = |name: &Vec<String>, by: &mut dyn Redact| {
        let words: Vec<String> = name.iter().map(|word| by.redact(role, word)).collect();
        Pattern::Exactly(words.join("/"))
    };
    match fits {
        [] => vec![pseudonyms(&vec![pattern.as_str().to_owned()], by)],
        fits => fits.iter().map(|name| pseudonyms(name, by)).collect(),
    }
}
