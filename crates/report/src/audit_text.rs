//! Apple's insights beside what their points say.

use crate::facts::{Report, TextStyle};
use crate::grid::{Align, Grid};
use crate::number::{self, plural, signed_percent};
use crate::safe::{self, csv_cell};
use crate::sentence;
use crate::text::Pen;
use perfpower_analysis::{AppleCutoff, AppleInsightView, Finding, HighImpactFit, PopulationAudit};
use std::io::{self, Write};

/// Writes the audit for a terminal.
pub fn write_audit_text(report: &Report<'_>, style: TextStyle, out: &mut impl Write) -> io::Result<()> {
    let pen = Pen { style };
    let views = &report.analysis.apple_insights;
    writeln!(out, "{}", pen.bold(&headline(views)))?;
    for view in views {
        writeln!(out, "\n{}", pen.heading(&title(view)))?;
        pen.paragraph(&sentence::apple_view_sentence(view), out)?;
        if let Some(words) = high_impact_words(view) {
            pen.paragraph(&words, out)?;
        }
        write!(out, "{}", population_grid(view).text(pen.width()))?;
        for population in &view.audit.populations {
            if let Some(words) = sentence::neighbour_sentence(population) {
                pen.aside(&format!("{}: {words}", who(population)), out)?;
            }
        }
    }
    let missed = left_out(report);
    if !missed.is_empty() {
        writeln!(out, "\n{}", pen.heading(&format!("Regressions that Apple's list leaves out ({})", missed.len())))?;
        for finding in &missed {
            pen.paragraph(
                &format!(
                    "{} · {}: {}",
                    safe::visible(&finding.app_name),
                    sentence::finding_title(finding),
                    sentence::finding_sentence(finding)
                ),
                out,
            )?;
        }
    }
    if !report.analysis.apple_cutoffs.is_empty() {
        writeln!(out, "\n{}", pen.heading("Apple's unpublished cut-offs, as far as this archive shows them"))?;
        write!(out, "{}", cutoff_grid(&report.analysis.apple_cutoffs).text(pen.width()))?;
    }
    writeln!(out, "\n{} perfpower report {}", pen.bold("Next:"), safe::visible(report.archive_argument))
}

/// Writes the audit as Markdown.
pub fn write_audit_markdown(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    let views = &report.analysis.apple_insights;
    writeln!(out, "## {}\n", headline(views))?;
    for view in views {
        writeln!(out, "### {}\n", safe::markdown(&title(view)))?;
        writeln!(out, "{}\n", safe::markdown(&sentence::apple_view_sentence(view)))?;
        writeln!(out, "{}", population_grid(view).markdown())?;
    }
    let missed = left_out(report);
    if !missed.is_empty() {
        writeln!(out, "### Regressions that Apple's list leaves out\n")?;
        for finding in &missed {
            writeln!(
                out,
                "- **{}** {}: {}",
                safe::markdown(&finding.app_name),
                safe::markdown(&sentence::finding_title(finding)),
                safe::markdown(&sentence::finding_sentence(finding))
            )?;
        }
    }
    Ok(())
}

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
                &csv_cell(&view.audit.latest_version),
                &csv_cell(&p.device),
                &number(p.percentile),
                &csv_cell(&p.percentile_label),
                p.audit.as_str(),
                &csv_cell(&p.reason),
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

fn headline(views: &[AppleInsightView]) -> String {
    let count = |wanted| views.iter().filter(|view| view.audit.audit == wanted).count();
    format!(
        "{}: arithmetic agrees in {}, differs in {}, cannot be checked in {}",
        plural(views.len() as u64, "insight of Apple", "insights of Apple"),
        count(perfpower_analysis::Audit::Agrees),
        count(perfpower_analysis::Audit::Differs),
        count(perfpower_analysis::Audit::CannotCheck),
    )
}

fn title(view: &AppleInsightView) -> String {
    format!(
        "{} · {} · {} in {} ({})",
        safe::visible(&view.app_name),
        sentence::metric_words(&view.audit.category, &view.audit.metric),
        view.audit.audit.as_str().replace('_', " "),
        view.audit.list.as_str(),
        view.audit.snapshot
    )
}

fn who(population: &PopulationAudit) -> String {
    format!(
        "{} {}",
        safe::visible(&population.device),
        number::percentile(population.percentile, &population.percentile_label)
    )
}

fn high_impact_words(view: &AppleInsightView) -> Option<String> {
    let flag = if view.audit.high_impact? { "high impact" } else { "not high impact" };
    let fit = match view.audit.high_impact_fit {
        HighImpactFit::Unknown => "which cannot be checked",
        HighImpactFit::Both => "which fits both published definitions (100 % and 75 % over the reference)",
        HighImpactFit::ApiOnly => "which fits the API's definition (100 %) and not Xcode's (75 %)",
        HighImpactFit::XcodeOnly => "which fits Xcode's definition (75 %) and not the API's (100 %)",
        HighImpactFit::Neither => "which fits neither published definition (100 % or 75 % over the reference)",
    };
    Some(format!("Apple flags it {flag}, {fit}."))
}

/// Apple's numbers, ours beside them where they differ.
fn population_grid(view: &AppleInsightView) -> Grid {
    let mut grid = Grid::new(&[
        ("population", Align::Left),
        ("reference", Align::Right),
        ("latest", Align::Right),
        ("delta", Align::Right),
        ("exact", Align::Right),
        ("audit", Align::Left),
    ]);
    for p in &view.audit.populations {
        let both = |reported: Option<f64>, ours: Option<f64>, decimals: usize| match (reported, ours) {
            (Some(reported), Some(ours)) if format!("{reported:.decimals$}") != format!("{ours:.decimals$}") => {
                format!("{reported:.decimals$} (ours {ours:.decimals$})")
            }
            (Some(number), _) => format!("{number:.decimals$}"),
            (None, Some(ours)) => format!("(ours {ours:.decimals$})"),
            (None, None) => String::new(),
        };
        let delta = both(p.reported.delta_percent, p.recomputed.delta_percent, 0);
        grid.row(vec![
            who(p),
            both(p.reported.reference_average, p.recomputed.reference_average, 2),
            both(p.reported.latest, p.recomputed.latest, 2),
            if delta.is_empty() { delta } else { format!("{delta} %") },
            p.delta_exact_percent.map_or_else(String::new, |delta| format!("{delta:.2} %")),
            if p.reason.is_empty() {
                p.audit.as_str().to_owned()
            } else {
                format!("{}: {}", p.audit.as_str().replace('_', " "), p.reason)
            },
        ]);
    }
    grid
}

fn left_out<'a>(report: &Report<'a>) -> Vec<&'a Finding> {
    report.analysis.own_findings().filter(|f| f.is_open_regression() && !f.listed_by_apple).collect()
}

fn cutoff_grid(cutoffs: &[AppleCutoff]) -> Grid {
    let mut grid = Grid::new(&[
        ("metric", Align::Left),
        ("smallest in regressions", Align::Right),
        ("smallest in trendingUp", Align::Right),
        ("largest not listed", Align::Right),
        ("listed", Align::Right),
        ("not listed", Align::Right),
    ]);
    let percent = |number: Option<f64>| number.map_or_else(|| "-".to_owned(), signed_percent);
    for cutoff in cutoffs {
        grid.row(vec![
            sentence::metric_words(&cutoff.category, &cutoff.metric),
            percent(cutoff.smallest_regression_percent),
            percent(cutoff.smallest_trending_percent),
            percent(cutoff.largest_unlisted_percent),
            cutoff.listed.to_string(),
            cutoff.unlisted.to_string(),
        ]);
    }
    grid
}
