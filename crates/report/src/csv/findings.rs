//! The findings as one CSV table for spreadsheets. Numbers are plain, texts are safe from being formulas.

use super::series::SeriesCells;
use crate::facts::Report;
use crate::safe::csv_cell;
use perfpower_analysis::StepState;
use std::io::{self, Write};

/// Writes one row per finding, worst first. Those that many apps share come last, and are marked `is_platform_event`. `news` says how it stands
/// to an earlier report; empty = none was given.
pub fn write_findings_csv(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "id",
        "app",
        "app_name",
        "platform",
        "category",
        "metric",
        "unit_label",
        "device",
        "device_label",
        "percentile",
        "percentile_label",
        "kind",
        "verdict",
        "version",
        "version_before",
        "latest_version",
        "state",
        "provisional",
        "level_before",
        "level_after",
        "level_now",
        "change_percent",
        "ci_low_percent",
        "ci_high_percent",
        "at_least_percent",
        "p",
        "q",
        "score",
        "breadth",
        "listed_by_apple",
        "is_platform_event",
        "judged_early",
        "beside_event_device",
        "beside_event_percent",
        "news",
    ])?;
    for finding in report.findings() {
        let number = |number: f64| if number.is_finite() { number.to_string() } else { String::new() };
        let series = SeriesCells::new(&finding.series, finding.percentile, finding.unit_label.as_deref());
        let beside = finding.beside_event.as_ref();
        csv.write_record([
            finding.id.to_string().as_str(),
            &series.app,
            &csv_cell(&finding.app_name),
            &series.platform,
            &series.category,
            &series.metric,
            &series.unit_label,
            &series.device,
            &csv_cell(&finding.device_label),
            &series.percentile,
            &series.percentile_label,
            finding.kind.as_str(),
            finding.verdict.as_str(),
            &csv_cell(&finding.version),
            &csv_cell(&finding.version_before),
            &csv_cell(&finding.latest_version),
            finding.state.map_or("", StepState::as_str),
            if finding.provisional { "true" } else { "false" },
            &number(finding.level_before),
            &number(finding.level_after),
            &number(finding.level_now),
            &finding.change.percent().map_or_else(String::new, number),
            &finding.ci_percent.map_or_else(String::new, |[low, _]| number(low)),
            &finding.ci_percent.map_or_else(String::new, |[_, high]| number(high)),
            &finding.at_least_percent.map_or_else(String::new, number),
            &number(finding.p),
            &number(finding.q),
            &number(finding.score),
            finding.spread.breadth.as_str(),
            if finding.listed_by_apple { "true" } else { "false" },
            if finding.is_own() { "false" } else { "true" },
            if finding.judged_early.is_some() { "true" } else { "false" },
            &csv_cell(beside.map_or("", |beside| &beside.device)),
            &beside.and_then(|beside| beside.change.percent()).map_or_else(String::new, number),
            report.analysis.news.as_ref().map_or("", |news| news.standing(finding.id).as_str()),
        ])?;
    }
    csv.flush()
}
