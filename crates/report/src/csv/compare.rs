//! Comparisons of plain numbers as one table.

use super::series::SeriesCells;
use crate::safe::csv_cell;
use perfpower_analysis::Comparisons;
use std::io::{self, Write};

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
        "interval_low_percent",
        "interval_high_percent",
        "p",
        "differs",
        "finding",
        "goal",
    ])?;
    let number = |number: Option<f64>| number.map_or_else(String::new, |number| number.to_string());
    for row in &comparisons.rows {
        let series = SeriesCells::new(&row.series, row.percentile, row.unit_label.as_deref());
        let interval = row.significance.and_then(|known| known.interval_percent);
        csv.write_record([
            &*series.app,
            &series.platform,
            &series.category,
            &series.metric,
            &series.device,
            &series.percentile,
            &series.percentile_label,
            &series.unit_label,
            &csv_cell(&row.from),
            &csv_cell(&row.to),
            &row.before.to_string(),
            &row.after.to_string(),
            &number(row.change.percent()),
            &number(interval.map(|[low, _]| low)),
            &number(interval.map(|[_, high]| high)),
            &number(row.significance.map(|known| known.p)),
            row.significance.map_or("", |known| if known.differs { "true" } else { "false" }),
            &row.finding.map_or_else(String::new, |(_, id)| id.to_string()),
            &csv_cell(row.goal.as_deref().unwrap_or_default()),
        ])?;
    }
    csv.flush()
}
