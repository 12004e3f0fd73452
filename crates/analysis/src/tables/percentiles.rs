//! Percentiles over apps, devices, versions or logs: the values of a whole portfolio as one polars frame, grouped so that only like
//! stands with like, each group summarised exactly.
//!
//! A value of Apple is a percentile *of users* already. What is made of many is the distribution of that value over apps, devices or
//! versions ("the median app's p90 launch time"); it is never the percentile of all their users, which no mean of percentiles gives.
//! Only [`mixtures`] speaks of all users, and it is a model.

use crate::devices;
use crate::filter::Filter;
use crate::history::builder::AppHistory;
use crate::judge::histories::Histories;
use crate::tables::facet::{Facet, Refusal};
use perfpower_model::{DeviceClass, NameId, Names, Percentile};
use perfpower_stacks::Dimension;
use perfpower_statistics::mixture::{Member, MixtureError, lognormal};
use perfpower_statistics::percentiles::{PeerRank, Summary};
use polars::prelude::{Column, DataFrame, GroupsIndicator, NamedFrom, PolarsResult, Series};
use std::collections::{BTreeMap, BTreeSet};

/// Whose values make a distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Each app's latest value of one population: a row per metric, device and percentile.
    Apps,
    /// Each device model's value at the app's latest version: a row per app, metric, family and percentile.
    Devices,
    /// Each version's value: a row per series.
    Versions,
    /// What each log says of itself, such as how long a hang took: a row per app and kind of diagnostic.
    Logs,
}

impl Over {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Apps => "apps",
            Self::Devices => "devices",
            Self::Versions => "versions",
            Self::Logs => "logs",
        }
    }

    /// What makes two values be of one group. Unit and platform always do: they have no common scale.
    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Apps => &["platform", "category", "metric", "unit", "device", "percentile"],
            Self::Devices => &["app", "platform", "category", "metric", "unit", "family", "percentile"],
            Self::Versions => &["app", "platform", "category", "metric", "unit", "device", "percentile"],
            Self::Logs => &["app", "category", "metric", "unit"],
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct PercentileRequest {
    /// Whose values make a distribution.
    pub over: Over,
    /// Such as 0.5, 0.9 and 0.99; in [0, 1].
    pub probabilities: Vec<f64>,
    /// Of the intervals, such as 0.95.
    pub confidence: f64,
    /// Apps whose rank among all apps is told, by key; over apps only.
    pub rank: Vec<String>,
    /// One distribution of everything that passes the filter, instead of one per group.
    pub together: bool,
}

/// One distribution.
#[derive(Clone, Debug, PartialEq)]
pub struct PercentileRow {
    /// The app's key; empty = of several apps.
    pub app: String,
    /// The app's name for eyes; empty = of several apps.
    pub app_name: String,
    /// Such as `iOS`; empty = none given.
    pub platform: String,
    /// Such as `LAUNCH`; of logs, the kind of diagnostic.
    pub category: String,
    /// Such as `launchTime`; of logs, `duration` or `writes`.
    pub metric: String,
    /// Such as `all_iphones`; `iPhone` where it is of all models of a family; empty = of several.
    pub device: String,
    /// The same for eyes.
    pub device_label: String,
    /// Apple's label, such as `percentile.ninety`; empty for logs.
    pub percentile_label: String,
    /// Such as 50 or 90: of users, in each value. Absent for logs, and where Apple's label has no number.
    pub percentile: Option<f64>,
    /// Unit for eyes; absent = none given.
    pub unit_label: Option<String>,
    /// What can be said.
    pub summary: Summary,
    /// Where the apps asked for stand, in the order of their keys.
    pub ranks: Vec<AppRank>,
}

/// Where one app stands among its peers.
#[derive(Clone, Debug, PartialEq)]
pub struct AppRank {
    /// Its key.
    pub app: String,
    /// Its name for eyes.
    pub app_name: String,
    /// The version that the value is of.
    pub version: String,
    /// In the metric's unit.
    pub value: f64,
    /// Among the apps of the row.
    pub rank: PeerRank,
}

/// Why values were not put together, with the two that cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CannotMix {
    /// The rule.
    pub refusal: Refusal,
    /// What the first is a value of.
    pub first: String,
    /// What the other is a value of.
    pub other: String,
}

impl std::fmt::Display for CannotMix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; the values are of {} and of {}", self.refusal, self.first, self.other)
    }
}

impl std::error::Error for CannotMix {}

/// The distributions that a request asks for, sorted by their groups: app, platform, metric, device, percentile. Empty where
/// nothing passes the filter.
pub fn percentile_table<'a>(
    histories: impl Into<Histories<'a>>,
    filter: &Filter,
    request: &PercentileRequest,
    app_name: &impl Fn(&str) -> String,
) -> Result<Vec<PercentileRow>, CannotMix> {
    let mut values = Values::default();
    histories.into().in_order(|history| match request.over {
        _ if !filter.app(&history.app) => {}
        Over::Logs => values.add_logs(history),
        over => values.add_series(history, filter, over),
    });
    let groups = if request.together {
        values.refuse_to_mix()?;
        vec![(0..values.value.len()).collect()]
    } else {
        // The frame is made here, of columns of equal length and of keys that it has, so that this cannot fail.
        values.groups(request.over).unwrap_or_default()
    };
    let mut rows: Vec<PercentileRow> = groups
        .iter()
        .filter(|members: &&Vec<usize>| !members.is_empty())
        .map(|members| values.row(members, request, app_name))
        .collect();
    rows.sort_by(|a, b| {
        let key = |row: &PercentileRow| {
            let texts = [&row.app, &row.platform, &row.category, &row.metric];
            (texts.map(String::clone), row.unit_label.clone(), !row.device.starts_with("all_"), row.device.clone())
        };
        let percentile = |row: &PercentileRow| row.percentile.unwrap_or(f64::INFINITY);
        key(a)
            .cmp(&key(b))
            .then_with(|| percentile(a).total_cmp(&percentile(b)))
            .then_with(|| a.percentile_label.cmp(&b.percentile_label))
    });
    Ok(rows)
}

/// The values of a request as columns, texts by their number.
#[derive(Default)]
struct Values {
    names: Names,
    app: Vec<u32>,
    platform: Vec<u32>,
    category: Vec<u32>,
    metric: Vec<u32>,
    unit: Vec<u32>,
    family: Vec<u32>,
    device: Vec<u32>,
    device_label: Vec<u32>,
    percentile: Vec<u32>,
    version: Vec<u32>,
    value: Vec<f64>,
}

/// One value with all that it is a value of.
struct Datum<'a> {
    app: &'a str,
    platform: &'a str,
    category: &'a str,
    metric: &'a str,
    unit: &'a str,
    device: &'a str,
    device_label: &'a str,
    percentile: &'a str,
    version: &'a str,
    value: f64,
}

impl Values {
    fn add(&mut self, datum: &Datum<'_>) {
        let family = devices::family(datum.device).unwrap_or(datum.device);
        for (column, text) in [
            (&mut self.app, datum.app),
            (&mut self.platform, datum.platform),
            (&mut self.category, datum.category),
            (&mut self.metric, datum.metric),
            (&mut self.unit, datum.unit),
            (&mut self.family, family),
            (&mut self.device, datum.device),
            (&mut self.device_label, datum.device_label),
            (&mut self.percentile, datum.percentile),
            (&mut self.version, datum.version),
        ] {
            column.push(self.names.intern(text).index() as u32);
        }
        self.value.push(datum.value);
    }

    fn add_series(&mut self, history: &AppHistory, filter: &Filter, over: Over) {
        let text = |id| history.names.get(id).unwrap_or_default();
        let versions = history.table.versions();
        let chosen: Vec<_> = filter
            .rows(history)
            .filter(|(series, _)| {
                let device = text(history.series[*series as usize].device);
                over != Over::Devices || !DeviceClass::of(device).is_aggregate()
            })
            .collect();
        // Devices are compared at one version: the latest that any of them has.
        let mut latest: BTreeMap<(u32, Option<NameId>), u32> = BTreeMap::new();
        for (series, rows) in &chosen {
            let info = &history.series[*series as usize];
            let newest = latest.entry((info.metric, info.platform)).or_default();
            *newest = (*newest).max(versions[rows.end as usize - 1]);
        }
        for (series, rows) in chosen {
            let info = &history.series[series as usize];
            let metric = &history.metrics[info.metric as usize];
            let rows = match over {
                Over::Versions => rows,
                Over::Devices if versions[rows.end as usize - 1] != latest[&(info.metric, info.platform)] => continue,
                Over::Apps | Over::Devices | Over::Logs => rows.end - 1..rows.end,
            };
            for row in rows {
                self.add(&Datum {
                    app: &history.app,
                    platform: text(info.platform),
                    category: text(metric.category),
                    metric: history.names.text(metric.identifier),
                    // Where Apple gives one of the two, it stands for the other.
                    unit: text(metric.unit_label.or(metric.unit)),
                    device: text(info.device),
                    device_label: text(info.device_label),
                    percentile: text(info.percentile),
                    version: history.version_text(versions[row as usize]),
                    value: history.table.values()[row as usize],
                });
            }
        }
    }

    fn add_logs(&mut self, history: &AppHistory) {
        for log in history.stacks.logs() {
            let category = log.diagnostic_type.word();
            for (metric, quantity) in [("writes", log.writes), ("duration", log.duration)] {
                let Some(quantity) = quantity else { continue };
                let (unit, value) = match quantity.dimension {
                    Dimension::Bytes => ("MB", quantity.value / 1e6),
                    Dimension::Seconds => ("s", quantity.value),
                };
                self.add(&Datum {
                    app: &history.app,
                    platform: "",
                    category,
                    metric,
                    unit,
                    device: "",
                    device_label: "",
                    percentile: "",
                    version: "",
                    value,
                });
            }
        }
    }

    /// The rows of each group.
    fn groups(&self, over: Over) -> PolarsResult<Vec<Vec<usize>>> {
        let column = |name: &str, values: &[u32]| -> Column { Series::new(name.into(), values).into() };
        let columns = vec![
            column("app", &self.app),
            column("platform", &self.platform),
            column("category", &self.category),
            column("metric", &self.metric),
            column("unit", &self.unit),
            column("family", &self.family),
            column("device", &self.device),
            column("percentile", &self.percentile),
        ];
        let frame = DataFrame::new(self.value.len(), columns)?;
        let grouped = frame.group_by_stable(over.keys())?;
        Ok(grouped
            .get_groups()
            .iter()
            .map(|group| match group {
                GroupsIndicator::Idx((_, rows)) => rows.iter().map(|&row| row as usize).collect(),
                GroupsIndicator::Slice([start, length]) => (start as usize..(start + length) as usize).collect(),
            })
            .collect())
    }

    fn text(&self, id: u32) -> &str {
        self.names.text(NameId::from_index(id as usize))
    }

    /// The text that all rows have in common; empty where they differ.
    fn common(&self, column: &[u32], rows: &[usize]) -> &str {
        let first = column[rows[0]];
        if rows.iter().all(|&row| column[row] == first) { self.text(first) } else { "" }
    }

    fn facet(&self, row: usize) -> Facet<'_> {
        Facet {
            metric: (self.text(self.category[row]), self.text(self.metric[row])),
            unit: self.text(self.unit[row]),
            platform: self.text(self.platform[row]),
            device: self.text(self.device[row]),
            percentile: self.text(self.percentile[row]),
        }
    }

    fn refuse_to_mix(&self) -> Result<(), CannotMix> {
        // One row of each kind, in the order of the rows: there are few kinds.
        let mut seen = BTreeSet::new();
        let kinds: Vec<Facet<'_>> = (0..self.value.len())
            .filter(|&row| {
                seen.insert((
                    self.category[row],
                    self.metric[row],
                    self.unit[row],
                    self.platform[row],
                    self.device[row],
                    self.percentile[row],
                ))
            })
            .map(|row| self.facet(row))
            .collect();
        for other in kinds.iter().skip(1) {
            if let Some(refusal) = Refusal::of(&[kinds[0], *other]) {
                return Err(CannotMix { refusal, first: facet_words(&kinds[0]), other: facet_words(other) });
            }
        }
        Ok(())
    }

    fn row(&self, members: &[usize], request: &PercentileRequest, app_name: &impl Fn(&str) -> String) -> PercentileRow {
        let mut sorted: Vec<f64> = members.iter().map(|&row| self.value[row]).collect();
        let summary = Summary::of(&mut sorted, &request.probabilities, request.confidence);
        let mut ranks: Vec<AppRank> = members
            .iter()
            .filter(|_| request.over == Over::Apps)
            .filter(|&&row| request.rank.iter().any(|wanted| wanted == self.text(self.app[row])))
            .filter_map(|&row| {
                let app = self.text(self.app[row]);
                let rank = PeerRank::of(self.value[row], &sorted)?;
                let version = self.text(self.version[row]).to_owned();
                Some(AppRank { app: app.to_owned(), app_name: app_name(app), version, value: self.value[row], rank })
            })
            .collect();
        ranks.sort_by(|a, b| a.app.cmp(&b.app));
        let app = self.common(&self.app, members);
        let app = if request.over == Over::Apps { "" } else { app };
        let one_device = self.common(&self.device, members);
        let device = if request.over == Over::Devices { self.common(&self.family, members) } else { one_device };
        let device_label = if request.over == Over::Devices {
            device.to_owned()
        } else {
            devices::label(device, self.common(&self.device_label, members))
        };
        let percentile_label = self.common(&self.percentile, members);
        PercentileRow {
            app: app.to_owned(),
            app_name: if app.is_empty() { String::new() } else { app_name(app) },
            platform: self.common(&self.platform, members).to_owned(),
            category: self.common(&self.category, members).to_owned(),
            metric: self.common(&self.metric, members).to_owned(),
            device: device.to_owned(),
            device_label,
            percentile_label: percentile_label.to_owned(),
            percentile: Percentile::from_label(percentile_label).number(),
            unit_label: given(self.common(&self.unit, members)),
            summary,
            ranks,
        }
    }
}

fn facet_words(facet: &Facet<'_>) -> String {
    let parts = [facet.metric.0, facet.metric.1, facet.unit, facet.platform, facet.device, facet.percentile];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A percentile of all users of an app, as a model has it: each device model's users are taken to be lognormal, and weighed as the
/// caller says. **Modelled**: every place that shows it has to say so.
#[derive(Clone, Debug, PartialEq)]
pub struct MixtureRow {
    /// The app's key.
    pub app: String,
    /// The app's name for eyes.
    pub app_name: String,
    /// Such as `iOS`; empty = none given.
    pub platform: String,
    /// Such as `LAUNCH`.
    pub category: String,
    /// Such as `launchTime`.
    pub metric: String,
    /// Unit for eyes; absent = none given.
    pub unit_label: Option<String>,
    /// The version that the values are of.
    pub version: String,
    /// The device models that went into it, by identifier.
    pub devices: Vec<String>,
    /// Device models with values at that version, but without a weight or without p50 and p90 both: left out.
    pub left_out: Vec<String>,
    /// What the model says.
    pub outcome: Result<MixtureValues, MixtureError>,
}

/// The percentiles of a mixture, in the metric's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MixtureValues {
    /// Modelled median of all users.
    pub p50: f64,
    /// The sure bounds of it, whatever the weights.
    pub p50_bounds: (f64, f64),
    /// Modelled p90 of all users.
    pub p90: f64,
    /// The sure bounds of it, whatever the weights.
    pub p90_bounds: (f64, f64),
}

/// p50 and p90 of one device model, each with the rank of its latest version.
type LatestPair = [Option<(u32, f64)>; 2];

/// Models the percentiles of all users of each app × metric, of device models with a weight. `weight` gives the users of a device
/// model of an app: share or number; absent = left out. Sorted by app and metric.
pub fn mixtures<'a>(
    histories: impl Into<Histories<'a>>,
    filter: &Filter,
    weight: &impl Fn(&str, &str) -> Option<f64>,
    app_name: &impl Fn(&str) -> String,
) -> Vec<MixtureRow> {
    let mut rows = Vec::new();
    histories.into().in_order(|history| {
        if !filter.app(&history.app) {
            return;
        }
        let text = |id| history.names.get(id).unwrap_or_default();
        let versions = history.table.versions();
        // By metric and platform.
        let mut groups: BTreeMap<(u32, Option<NameId>), BTreeMap<&str, LatestPair>> = BTreeMap::new();
        for (series, series_rows) in filter.rows(history) {
            let info = &history.series[series as usize];
            let device = text(info.device);
            let which = match Percentile::from_label(text(info.percentile)).number() {
                Some(number) if number.total_cmp(&50.0).is_eq() => 0,
                Some(number) if number.total_cmp(&90.0).is_eq() => 1,
                _ => continue,
            };
            if DeviceClass::of(device).is_aggregate() {
                continue;
            }
            let last = series_rows.end as usize - 1;
            let group = groups.entry((info.metric, info.platform)).or_default();
            group.entry(device).or_default()[which] = Some((versions[last], history.table.values()[last]));
        }
        for ((metric, platform), members) in groups {
            let newest = members.values().flatten().flatten().map(|(version, _)| *version).max().unwrap_or(0);
            let (mut devices, mut left_out, mut parts) = (Vec::new(), Vec::new(), Vec::new());
            for (device, values) in &members {
                let at = |which: usize| values[which].filter(|(version, _)| *version == newest).map(|(_, value)| value);
                match (at(0), at(1), weight(&history.app, device)) {
                    (Some(p50), Some(p90), Some(weight)) => {
                        devices.push((*device).to_owned());
                        parts.push(Member { p50, p90, weight });
                    }
                    _ => left_out.push((*device).to_owned()),
                }
            }
            let outcome = lognormal(&parts, 0.5).and_then(|p50| {
                lognormal(&parts, 0.9).map(|p90| MixtureValues {
                    p50: p50.value,
                    p50_bounds: p50.bounds,
                    p90: p90.value,
                    p90_bounds: p90.bounds,
                })
            });
            let info = &history.metrics[metric as usize];
            rows.push(MixtureRow {
                app: history.app.clone(),
                app_name: app_name(&history.app),
                platform: text(platform).to_owned(),
                category: text(info.category).to_owned(),
                metric: history.names.text(info.identifier).to_owned(),
                unit_label: history.names.get(info.unit_label.or(info.unit)).map(str::to_owned),
                version: history.version_text(newest).to_owned(),
                devices,
                left_out,
                outcome,
            });
        }
    });
    rows.sort_by(|a, b| {
        let key = |row: &MixtureRow| [&row.app, &row.platform, &row.category, &row.metric].map(String::clone);
        key(a).cmp(&key(b))
    });
    rows
}

/// A column has an empty text where there is none.
fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
