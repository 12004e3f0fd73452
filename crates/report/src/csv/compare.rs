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
        "goal",
    ])?;
    let number = |number: Option<f64>| number.map_or_else(String::new, |number| number.to_string());
    for row in &comparisons.rows {
        let series = SeriesCells::new(&row.series, row.percentile, row.unit_label.as_deref());
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
            &csv_cell(row.goal.as_deref().unwrap_or_default()),
        ])?;
    }
    csv.flush()
}
