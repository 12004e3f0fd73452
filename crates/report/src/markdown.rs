//! The report for pull requests and job summaries: short, worst first, details folded away.

use crate::facts::Report;
use crate::grid::{Align, Grid};
use crate::number::{self, plural, signed_percent};
use crate::safe;
use crate::sentence;
use crate::sparkline::sparkline;
use crate::text::{problem_line, summary_line};
use perfpower_analysis::{Finding, PlatformEvent};
use perfpower_model::Severity;
use std::io::{self, Write};

/// Cards that stand unfolded; the rest is one table.
const UNFOLDED: usize = 5;
/// Versions of a small chart.
const CHART_WIDTH: usize = 40;
/// Rows of a folded table; GitHub cuts comments at 65,536 characters.
const ROWS: usize = 50;

/// Writes the report as Markdown of GitHub's kind.
pub fn write_report_markdown(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    let (open, rest): (Vec<&Finding>, Vec<&Finding>) =
        report.analysis.own_findings().partition(|finding| finding.is_open_regression());
    let title = match open.len() {
        0 => "No open regression".to_owned(),
        n => plural(n as u64, "open regression", "open regressions"),
    };
    writeln!(out, "## {title}\n")?;
    writeln!(out, "{}.\n", safe::markdown(&summary_line(report)))?;
    if open.is_empty() && rest.is_empty() {
        writeln!(out, "{}\n", sentence::nothing_sentence(report.analysis, report.archive))?;
    }
    for finding in open.iter().take(UNFOLDED) {
        card(finding, &report.analysis.platform_events, out)?;
    }
    if open.len() > UNFOLDED {
        fold(&format!("{} more", open.len() - UNFOLDED), &table(&open[UNFOLDED..]), out)?;
    }
    if !rest.is_empty() {
        fold(&format!("Recovered and improved ({})", rest.len()), &table(&rest), out)?;
    }
    if !report.analysis.platform_events.is_empty() {
        writeln!(out, "### Platform, not you\n")?;
        for event in &report.analysis.platform_events {
            writeln!(out, "- {}", safe::markdown(&sentence::platform_event_sentence(event)))?;
        }
        writeln!(out)?;
    }
    if !report.analysis.apple_insights.is_empty() {
        let mut body = String::new();
        for view in report.analysis.apple_insights.iter().take(ROWS) {
            body.push_str(&format!(
                "- **{}**: {}\n",
                safe::markdown(&view.app_name),
                safe::markdown(&sentence::apple_view_sentence(view))
            ));
        }
        fold(&format!("Apple's insights ({})", report.analysis.apple_insights.len()), &body, out)?;
    }
    let shown: Vec<_> = report.problems.iter().filter(|p| p.problem.severity < Severity::Note).collect();
    if !shown.is_empty() {
        let mut body = String::new();
        for problem in shown.iter().take(ROWS) {
            body.push_str(&format!("- {}\n", safe::markdown(&problem_line(problem))));
        }
        fold(&format!("Could not be read, or not wholly ({})", shown.len()), &body, out)?;
    }
    Ok(())
}

fn card(finding: &Finding, events: &[PlatformEvent], out: &mut impl Write) -> io::Result<()> {
    let sure = sentence::sure_percent(finding)
        .map_or_else(String::new, |percent| format!(" · at least {}", signed_percent(percent)));
    writeln!(
        out,
        "### {} · {}{sure}\n",
        safe::markdown(&finding.app_name),
        safe::markdown(&sentence::finding_title(finding))
    )?;
    let mut sentence_text = sentence::finding_sentence(finding);
    if let Some(spread) = sentence::spread_sentence(finding) {
        sentence_text.push_str("; ");
        sentence_text.push_str(&spread);
    }
    writeln!(out, "{}.\n", safe::markdown(&sentence_text))?;
    if let Some(beside) = sentence::beside_event_sentence(finding, events) {
        writeln!(out, "{}.\n", safe::markdown(&sentence::capitalised(&beside)))?;
    }
    let values: Vec<f64> = finding.points.iter().map(|point| point.value).collect();
    let margins: Vec<Option<f64>> = finding.points.iter().map(|point| point.margin).collect();
    if let (Some(first), Some(last)) = (finding.points.first(), finding.points.last()) {
        writeln!(
            out,
            "`{}` {} to {}\n",
            sparkline(&values, &margins, CHART_WIDTH),
            safe::markdown(&first.version),
            safe::markdown(&last.version)
        )?;
    }
    for frame in finding.links.frames.iter().filter(|frame| frame.significant).take(3) {
        writeln!(
            out,
            "- {}{} went from {} to {} of samples",
            safe::markdown(&frame.symbol),
            frame.owner.as_ref().map_or_else(String::new, |owner| format!(" of {}", safe::markdown(owner))),
            number::percent(frame.share_before_percent),
            number::percent(frame.share_after_percent)
        )?;
    }
    if finding.links.frames.iter().any(|frame| frame.significant) {
        writeln!(out)?; // without an empty line the id would be part of the last item
    }
    writeln!(out, "<sub>id {}</sub>\n", finding.id)
}

fn table(findings: &[&Finding]) -> String {
    let mut grid = Grid::new(&[
        ("app", Align::Left),
        ("series", Align::Left),
        ("what", Align::Left),
        ("version", Align::Left),
        ("change", Align::Right),
        ("at least", Align::Right),
    ]);
    for finding in findings.iter().take(ROWS) {
        let what = match finding.state {
            Some(state) => format!("{}, {}", finding.verdict.as_str(), state.as_str().replace('_', " ")),
            None => format!("{} ({})", finding.verdict.as_str(), finding.kind.as_str()),
        };
        grid.row(vec![
            finding.app_name.clone(),
            sentence::finding_title(finding),
            what,
            finding.version.clone(),
            number::change(finding.change),
            sentence::sure_percent(finding).map_or_else(String::new, signed_percent),
        ]);
    }
    let mut text = grid.markdown();
    if findings.len() > ROWS {
        text.push_str(&format!("\n… and {} more\n", findings.len() - ROWS));
    }
    text
}

fn fold(summary: &str, body: &str, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "<details><summary>{summary}</summary>\n\n{body}\n</details>\n")
}
