//! Comparisons of plain numbers for programs: `perfpower.compare/1`.

use super::report::ProblemJson;
use super::series::SeriesJson;
use super::write_json;
use perfpower_analysis::{Baseline, Comparisons};
use perfpower_model::InputProblem;
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize, JsonSchema)]
struct ComparisonJson<'a> {
    #[serde(flatten)]
    series: SeriesJson<'a>,
    /// The version compared with, or the first and last of several.
    from: &'a str,
    to: &'a str,
    /// In the metric's unit.
    before: f64,
    /// In the metric's unit.
    after: f64,
    /// Apple's margin of error; null = none given, or a mean.
    margin_before: Option<f64>,
    /// Apple's margin of error; null = none given.
    margin_after: Option<f64>,
    /// Null = from zero.
    change_percent: Option<f64>,
    /// Apple's goal label of the later value; empty = none given.
    goal: &'a str,
}

/// Name of the schema, in the key `schema`.
pub(crate) const COMPARE_SCHEMA: &str = "perfpower.compare/1";

/// The answer of `perfpower compare --format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ComparisonsJson<'a> {
    /// Always `perfpower.compare/1`.
    schema: &'static str,
    /// `previous`, `mean_of_previous_four` or `versions`.
    baseline: &'static str,
    /// Series that have both sides.
    series: usize,
    /// The largest increases first, as many as `--top` asks for.
    comparisons: Vec<ComparisonJson<'a>>,
    /// What could not be read, or not wholly.
    problems: Vec<ProblemJson<'a>>,
}

/// Writes the rows as JSON: `perfpower.compare/1`.
pub fn write_compare_json(
    comparisons: &Comparisons,
    baseline: &Baseline,
    problems: &[InputProblem],
    out: &mut impl Write,
) -> io::Result<()> {
    let rows = comparisons
        .rows
        .iter()
        .map(|row| ComparisonJson {
            series: SeriesJson::new(&row.series, row.percentile, row.unit_label.as_deref()),
            from: &row.from,
            to: &row.to,
            before: row.before,
            after: row.after,
            margin_before: row.margin_before,
            margin_after: row.margin_after,
            change_percent: row.change.percent(),
            goal: row.goal.as_deref().unwrap_or_default(),
        })
        .collect();
    let baseline = match baseline {
        Baseline::Previous => "previous",
        Baseline::MeanOfPreviousFour => "mean_of_previous_four",
        Baseline::Versions { .. } => "versions",
    };
    write_json(
        &ComparisonsJson {
            schema: COMPARE_SCHEMA,
            baseline,
            series: comparisons.series,
            comparisons: rows,
            problems: problems.iter().map(ProblemJson::from).collect(),
        },
        out,
    )
}
