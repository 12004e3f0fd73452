//! Percentiles for programs: `perfpower.percentiles/1`.

use super::report::ProblemJson;
use super::{JsonLayout, text, write_json};
use crate::page::Percentiles;
use perfpower_analysis::tables::PercentileRow;
use perfpower_statistics::percentiles::{Percentile, Summary};
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{self, Write};

/// Name of the schema, in the key `schema`.
pub(crate) const PERCENTILES_SCHEMA: &str = "perfpower.percentiles/1";

/// The answer of `perfpower percentiles --format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct PercentilesJson<'a> {
    /// Always `perfpower.percentiles/1`.
    schema: &'static str,
    /// `apps`, `devices`, `versions` or `logs`.
    over: &'static str,
    /// Always `R-7`.
    method: &'static str,
    /// Of the intervals, 0..1.
    confidence: f64,
    distributions: Vec<DistributionJson<'a>>,
    /// Null = not asked for.
    modelled: Option<Vec<ModelledJson<'a>>>,
    /// What could not be read, or not wholly.
    problems: Vec<ProblemJson<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct DistributionJson<'a> {
    app: Option<&'a str>,
    platform: Option<&'a str>,
    category: &'a str,
    metric: &'a str,
    /// Null = over all, as are `app` and `platform`.
    device: Option<&'a str>,
    /// 50 or 90 as a number; null where Apple's label has none.
    percentile: Option<f64>,
    percentile_label: Option<&'a str>,
    unit_label: &'a str,
    /// How many values.
    n: usize,
    min: Option<f64>,
    median: Option<f64>,
    max: Option<f64>,
    /// Empty with fewer than five values.
    percentiles: Vec<PercentileJson>,
    /// Where each app asked for stands among its peers.
    ranks: Vec<RankJson<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct PercentileJson {
    /// Such as 0.9.
    probability: f64,
    value: f64,
    /// Null = so few values have no such end.
    lower: Option<f64>,
    upper: Option<f64>,
}

#[derive(Serialize, JsonSchema)]
struct RankJson<'a> {
    app: &'a str,
    version: &'a str,
    value: f64,
    /// Share of the apps below, ties counted half.
    mid_rank: f64,
    n: usize,
}

#[derive(Serialize, JsonSchema)]
struct ModelledJson<'a> {
    /// Always true.
    modelled: bool,
    app: &'a str,
    platform: Option<&'a str>,
    category: &'a str,
    metric: &'a str,
    unit_label: &'a str,
    version: &'a str,
    devices: &'a [String],
    left_out: &'a [String],
    p50: Option<f64>,
    p50_bounds: Option<(f64, f64)>,
    p90: Option<f64>,
    p90_bounds: Option<(f64, f64)>,
    /// Why there is no number.
    reason: Option<String>,
}

/// Writes all rows as JSON: `perfpower.percentiles/1`.
pub fn write_percentiles_json(tables: &Percentiles<'_>, layout: JsonLayout, out: &mut impl Write) -> io::Result<()> {
    let distribution = |row: &'_ PercentileRow| -> (usize, [Option<f64>; 3], Vec<PercentileJson>) {
        match &row.summary {
            Summary::Nothing => (0, [None; 3], Vec::new()),
            Summary::Few { count, min, median, max } => (*count, [Some(*min), Some(*median), Some(*max)], Vec::new()),
            Summary::Enough { count, min, max, percentiles } => {
                let median = percentiles.iter().find(|p| (p.probability - 0.5).abs() < 1e-12).map(|p| p.value);
                let percentiles = percentiles.iter().map(|&Percentile { probability, value, lower, upper }| {
                    PercentileJson { probability, value, lower, upper }
                });
                (*count, [Some(*min), median, Some(*max)], percentiles.collect())
            }
        }
    };
    let distributions = tables.rows.iter().map(|row| {
        let (n, [min, median, max], percentiles) = distribution(row);
        DistributionJson {
            app: text(&row.app),
            platform: text(&row.platform),
            category: &row.category,
            metric: &row.metric,
            device: text(&row.device),
            percentile: row.percentile,
            percentile_label: text(&row.percentile_label),
            unit_label: row.unit_label.as_deref().unwrap_or_default(),
            n,
            min,
            median,
            max,
            percentiles,
            ranks: row
                .ranks
                .iter()
                .map(|rank| RankJson {
                    app: &rank.app,
                    version: &rank.version,
                    value: rank.value,
                    mid_rank: rank.rank.mid_rank,
                    n: rank.rank.peers,
                })
                .collect(),
        }
    });
    let modelled = tables.mixtures.map(|rows| {
        rows.iter()
            .map(|row| {
                let values = row.outcome.as_ref().ok();
                ModelledJson {
                    modelled: true,
                    app: &row.app,
                    platform: text(&row.platform),
                    category: &row.category,
                    metric: &row.metric,
                    unit_label: row.unit_label.as_deref().unwrap_or_default(),
                    version: &row.version,
                    devices: &row.devices,
                    left_out: &row.left_out,
                    p50: values.map(|values| values.p50),
                    p50_bounds: values.map(|values| values.p50_bounds),
                    p90: values.map(|values| values.p90),
                    p90_bounds: values.map(|values| values.p90_bounds),
                    reason: row.outcome.as_ref().err().map(ToString::to_string),
                }
            })
            .collect()
    });
    write_json(
        &PercentilesJson {
            schema: PERCENTILES_SCHEMA,
            over: tables.request.over.as_str(),
            method: "R-7",
            confidence: tables.request.confidence,
            distributions: distributions.collect(),
            modelled,
            problems: tables.problems.iter().map(ProblemJson::from).collect(),
        },
        layout,
        out,
    )
}
