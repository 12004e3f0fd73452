//! Apple's insights beside what their points say, as one table.

use crate::facts::Report;
use crate::safe::csv_cell;
use std::io::{self, Write};

/// Writes one row per population of each insight.
pub fn write_audit_csv(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "app",
        "snapshot",
        "list",
        "category",
        "metric",
        "latest_version",
        "device",
        "percentile",
        "percentile_label",
        "audit",
        "reason",
        "reported_reference_average",
        "recomputed_reference_average",
        "reported_latest",
        "recomputed_latest",
        "reported_delta_percent",
        "recomputed_delta_percent",
        "delta_exact_percent",
        "previous_version",
        "vs_previous_percent",
        "largest_jump_version",
        "largest_jump_percent",
        "our_verdict",
        "our_version",
    ])?;
    let number = |number: Option<f64>| number.map_or_else(String::new, |number| number.to_string());
    for view in &report.analysis.apple_insights {
        for p in &view.audit.populations {
            csv.write_record([
                &*csv_cell(&view.app),
                &view.audit.snapshot.to_string(),
                view.audit.list.as_str(),
                &csv_cell(&view.audit.category),
                &csv_cell(&view.audit.metric),
                &csv_cell(view.audit.latest_version.as_deref().unwrap_or_default()),
                &csv_cell(&p.device),
                &number(p.percentile),
                &csv_cell(&p.percentile_label),
                p.audit.as_str(),
                &csv_cell(p.reason.as_deref().unwrap_or_default()),
                &number(p.reported.reference_average),
                &number(p.recomputed.reference_average),
                &number(p.reported.latest),
                &number(p.recomputed.latest),
                &number(p.reported.delta_percent),
                &number(p.recomputed.delta_percent),
                &number(p.delta_exact_percent),
                &csv_cell(p.previous.as_ref().map_or("", |change| &change.from)),
                &number(p.previous.as_ref().map(|change| change.percent)),
                &csv_cell(p.largest_jump.as_ref().map_or("", |change| &change.to)),
                &number(p.largest_jump.as_ref().map(|change| change.percent)),
                view.our_view.verdict.as_str(),
                &csv_cell(view.our_view.version.as_deref().unwrap_or_default()),
            ])?;
        }
    }
    csv.flush()
}
