//! Comparisons of plain numbers, worst first.

use crate::facts::TextStyle;
use crate::grid::{Align, Grid};
use crate::json::write_json;
use crate::number::{self, plural};
use crate::safe::{self, csv_cell};
use crate::sentence;
use crate::sparkline::sparkline;
use crate::text::Pen;
use perfpower_analysis::{Baseline, Comparison, Comparisons};
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{self, Write};

/// Versions of the small chart of a row.
const CHART_WIDTH: usize = 14;

/// Writes the rows for a terminal.
pub fn write_compare_text(
    comparisons: &Comparisons,
    baseline: &Baseline,
    style: TextStyle,
    out: &mut impl Write,
) -> io::Result<()> {
    let pen = Pen { style };
    writeln!(out, "{}", pen.bold(&headline(comparisons, baseline)))?;
    if comparisons.series == 0 {
        writeln!(out, "No series has both sides.")?;
        return Ok(());
    }
    writeln!(out)?;
    write!(out, "{}", grid(&comparisons.rows).text(pen.width()))?;
    let Comparisons { series, rows } = comparisons;
    if *series > rows.len() {
        writeln!(out, "     … and {} more: --top {series}", series - rows.len())?;
    }
    writeln!(out, "\nPlain numbers: what is noise and what is not, `perfpower report` says.")
}

/// Writes the rows as Markdown.
pub fn write_compare_markdown(comparisons: &Comparisons, baseline: &Baseline, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "## {}\n", headline(comparisons, baseline))?;
    write!(out, "{}", grid(&comparisons.rows).markdown())
}

#[derive(Serialize, JsonSchema)]
struct ComparisonJson<'a> {
    app: &'a str,
    platform: &'a str,
    category: &'a str,
    metric: &'a str,
    device: &'a str,
    /// 50 or 90 as a number; null where Apple's label has none.
    percentile: Option<f64>,
    percentile_label: &'a str,
    /// For eyes; empty = none given.
    unit_label: &'a str,
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
}

/// Writes the rows as JSON: `perfpower.compare/1`.
pub fn write_compare_json(comparisons: &Comparisons, baseline: &Baseline, out: &mut impl Write) -> io::Result<()> {
    let rows = comparisons
        .rows
        .iter()
        .map(|row| ComparisonJson {
            app: &row.series.app,
            platform: &row.series.platform,
            category: &row.series.category,
            metric: &row.series.metric,
            device: &row.series.device,
            percentile: row.percentile,
            percentile_label: &row.series.percentile_label,
            unit_label: &row.unit_label,
            from: &row.from,
            to: &row.to,
            before: row.before,
            after: row.after,
            margin_before: row.margin_before,
            margin_after: row.margin_after,
            change_percent: row.change.percent(),
            goal: &row.goal,
        })
        .collect();
    let baseline = match baseline {
        Baseline::Previous => "previous",
        Baseline::MeanOfPreviousFour => "mean_of_previous_four",
        Baseline::Versions { .. } => "versions",
    };
    write_json(
        &ComparisonsJson { schema: COMPARE_SCHEMA, baseline, series: comparisons.series, comparisons: rows },
        out,
    )
}

/// Writes the rows as CSV.
pub fn write_compare_csv(comparisons: &Comparisons, out: &mut impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "app",
        "platform",
        "category",
        "metric",
        "device",
        "percentile",
        "percentile_label",
        "unit_label",
        "from",
        "to",
        "before",
        "after",
        "change_percent",
        "goal",
    ])?;
    let number = |number: Option<f64>| number.map_or_else(String::new, |number| number.to_string());
    for row in &comparisons.rows {
        csv.write_record([
            &*csv_cell(&row.series.app),
            &csv_cell(&row.series.platform),
            &csv_cell(&row.series.category),
            &csv_cell(&row.series.metric),
            &csv_cell(&row.series.device),
            &number(row.percentile),
            &csv_cell(&row.series.percentile_label),
            &csv_cell(&row.unit_label),
            &csv_cell(&row.from),
            &csv_cell(&row.to),
            &row.before.to_string(),
            &row.after.to_string(),
            &number(row.change.percent()),
            &csv_cell(&row.goal),
        ])?;
    }
    csv.flush()
}

fn headline(comparisons: &Comparisons, baseline: &Baseline) -> String {
    let series = plural(comparisons.series as u64, "series", "series");
    match baseline {
        Baseline::Previous => format!("Latest version against the one before it: {series}"),
        Baseline::MeanOfPreviousFour => {
            format!("Latest version against the mean of the previous four (Apple's rule): {series}")
        }
        Baseline::Versions { from, to } => {
            format!("{} against {}: {series}", safe::visible(to), safe::visible(from))
        }
    }
}

fn grid(rows: &[Comparison]) -> Grid {
    let mut grid = Grid::new(&[
        ("app", Align::Left),
        ("series", Align::Left),
        ("from", Align::Left),
        ("before", Align::Right),
        ("to", Align::Left),
        ("after", Align::Right),
        ("change", Align::Right),
        ("versions", Align::Left),
    ]);
    for row in rows {
        grid.row(vec![
            safe::visible_cut(&row.app_name, 24),
            sentence::series_words(&row.series, row.percentile),
            row.from.clone(),
            number::value(row.before),
            row.to.clone(),
            number::value_with_unit(row.after, &row.unit_label),
            number::change(row.change),
            sparkline(&row.values, &[], CHART_WIDTH),
        ]);
    }
    grid
}
