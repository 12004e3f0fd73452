//! Percentiles as one table: a row per distribution and statistic.

use crate::page::{Percentiles, probability_name};
use crate::safe::csv_cell;
use perfpower_statistics::percentiles::Summary;
use std::io::{self, Write};

/// Writes all rows as CSV: a row per distribution and statistic. What is modelled has the method `lognormal mixture`.
pub fn write_percentiles_csv(tables: &Percentiles<'_>, out: &mut impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "over",
        "app",
        "platform",
        "category",
        "metric",
        "device",
        "percentile",
        "percentile_label",
        "unit_label",
        "n",
        "statistic",
        "value",
        "lower",
        "upper",
        "method",
    ])?;
    let number = |number: Option<f64>| number.map_or_else(String::new, |number| number.to_string());
    for row in tables.rows {
        let mut write = |n: usize, statistic: &str, value: f64, lower, upper, method| {
            csv.write_record([
                tables.request.over.as_str(),
                &*csv_cell(&row.app),
                &csv_cell(&row.platform),
                &csv_cell(&row.category),
                &csv_cell(&row.metric),
                &csv_cell(&row.device),
                &number(row.percentile),
                &csv_cell(&row.percentile_label),
                &csv_cell(row.unit_label.as_deref().unwrap_or_default()),
                &n.to_string(),
                statistic,
                &value.to_string(),
                &number(lower),
                &number(upper),
                method,
            ])
        };
        match &row.summary {
            Summary::Nothing => {}
            Summary::Few { count, min, median, max } => {
                write(*count, "min", *min, None, None, "exact")?;
                write(*count, "median", *median, None, None, "R-7")?;
                write(*count, "max", *max, None, None, "exact")?;
            }
            Summary::Enough { count, min, max, percentiles } => {
                write(*count, "min", *min, None, None, "exact")?;
                for p in percentiles {
                    write(*count, &probability_name(p.probability), p.value, p.lower, p.upper, "R-7")?;
                }
                write(*count, "max", *max, None, None, "exact")?;
            }
        }
    }
    for row in tables.mixtures.unwrap_or_default() {
        let Ok(values) = &row.outcome else { continue };
        for (statistic, value, (lower, upper)) in
            [("p50", values.p50, values.p50_bounds), ("p90", values.p90, values.p90_bounds)]
        {
            csv.write_record([
                "users",
                &*csv_cell(&row.app),
                &csv_cell(&row.platform),
                &csv_cell(&row.category),
                &csv_cell(&row.metric),
                "",
                "",
                "",
                &csv_cell(row.unit_label.as_deref().unwrap_or_default()),
                &row.devices.len().to_string(),
                statistic,
                &value.to_string(),
                &lower.to_string(),
                &upper.to_string(),
                "modelled: lognormal mixture",
            ])?;
        }
    }
    csv.flush()
}
