//! Comparisons of plain numbers as one table.

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
