//! Ranked frames as one CSV table for spreadsheets. Numbers are plain, texts are safe from being formulas.

use crate::safe::csv_cell;
use perfpower_stacks::{Owners, Ranking};
use std::io::{self, Write};

/// Writes one row per function, heaviest first, at most `rows` of them. Absent texts and lines are empty.
pub fn write_ranking_csv(ranking: &Ranking, owners: &Owners, rows: usize, out: &mut impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "function",
        "binary",
        "file",
        "line",
        "owner",
        "self_samples",
        "self_percent",
        "inclusive_samples",
        "inclusive_percent",
        "logs",
    ])?;
    for row in ranking.frames.iter().take(rows) {
        let frame = &row.frame;
        csv.write_record([
            &*csv_cell(&frame.name),
            &csv_cell(frame.binary.as_deref().unwrap_or_default()),
            &csv_cell(frame.file.as_deref().unwrap_or_default()),
            &frame.line.map_or_else(String::new, |line| line.to_string()),
            &csv_cell(owners.owner_of(frame).unwrap_or_default()),
            &row.own.to_string(),
            &(100.0 * row.own_share).to_string(),
            &row.inclusive.to_string(),
            &(100.0 * row.inclusive_share).to_string(),
            &row.logs.to_string(),
        ])?;
    }
    csv.flush()
}
