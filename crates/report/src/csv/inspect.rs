//! The documents of an archive as one table.

use crate::page::Inspection;
use crate::safe::csv_cell;
use perfpower_model::RuledOut;
use std::io::{self, Write};

/// Writes one row per document.
pub fn write_inspect_csv(inspection: &Inspection<'_>, out: &mut impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "path",
        "kind",
        "bytes",
        "app",
        "app_reason",
        "snapshot",
        "snapshot_reason",
        "content",
        "problems",
        "app_rank",
        "other_apps",
        "other_days",
        "envelope",
    ])?;
    for input in inspection.inputs {
        csv.write_record([
            &*csv_cell(&input.path),
            input.kind.as_str(),
            &input.bytes.to_string(),
            &csv_cell(&input.app),
            &csv_cell(&input.app_reason),
            &input.snapshot.to_string(),
            &csv_cell(&input.snapshot_reason),
            &csv_cell(&input.content),
            &input.problems.to_string(),
            input.app_rank,
            &csv_cell(&values(&input.other_apps)),
            &csv_cell(&values(&input.other_days)),
            &csv_cell(&input.envelope.join(" > ")),
        ])?;
    }
    csv.flush()
}

/// What was ruled out, without the reasons.
fn values(others: &[RuledOut]) -> String {
    others.iter().map(|other| other.value.as_str()).collect::<Vec<_>>().join(" ")
}
