//! Comparisons of plain numbers for programs: `perfpower.compare/1`.

use super::report::ProblemJson;
use super::series::SeriesJson;
use super::{JsonLayout, six_digits, write_json};
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
    /// Six significant digits. Null = from zero.
    change_percent: Option<f64>,
    /// Of the change, for this row alone. Null = it cannot be judged, or comes from zero.
    interval_percent: Option<[f64; 2]>,
    /// Chance of such a difference without any change, for this row alone; null = it cannot be judged.
    p: Option<f64>,
    /// Whether it is shown to differ with all rows taken into account; null = it cannot be judged.
    differs: Option<bool>,
    higher_is_better: bool,
    /// The finding that it is part of; null = none.
    finding: Option<String>,
    /// The number of that finding in every form of the report.
    finding_rank: Option<usize>,
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
    /// Those that are shown to differ and are worse.
    worse: usize,
    /// Those that are shown to differ and are better.
    better: usize,
    /// Those that are shown to differ first, each part worst first: the largest increases first, as many as `--top` asks for.
    comparisons: Vec<ComparisonJson<'a>>,
    /// What could not be read, or not wholly.
    problems: Vec<ProblemJson<'a>>,
}

/// Writes the rows as JSON: `perfpower.compare/1`.
pub fn write_compare_json(
    comparisons: &Comparisons,
    baseline: &Baseline,
    problems: &[InputProblem],
    layout: JsonLayout,
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
            change_percent: row.change.percent().map(six_digits),
            interval_percent: row
                .significance
                .and_then(|known| known.interval_percent)
                .map(|ends| ends.map(six_digits)),
            p: row.significance.map(|known| six_digits(known.p)),
            differs: row.significance.map(|known| known.differs),
            higher_is_better: row.higher_is_better,
            finding: row.finding.map(|(_, id)| id.to_string()),
            finding_rank: row.finding.map(|(rank, _)| rank),
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
            worse: comparisons.worse,
            better: comparisons.better,
            comparisons: rows,
            problems: problems.iter().map(ProblemJson::from).collect(),
        },
        layout,
        out,
    )
}
