//! Apple's insights beside what their points say.

use super::calibration::cautions;
use super::unread::unread_section;
use super::{Align, Block, Item, Line, Page, Section, Table, settings_section};
use crate::command_line::CommandLine;
use crate::facts::Report;
use crate::number::{self, plural, signed_percent};
use crate::sentence;
use perfpower_analysis::{AppleCutoff, AppleInsightView, HighImpactFit, PopulationAudit};

/// What `audit` says.
pub fn audit_page(report: &Report<'_>) -> Page {
    let views = &report.analysis.apple_insights;
    let mut sections: Vec<Section> = views.iter().map(insight_section).collect();
    sections.extend(left_out_section(report));
    if !report.analysis.apple_cutoffs.is_empty() {
        sections.push(Section::new(
            Line::ours("Apple's unpublished cut-offs, as far as this archive shows them"),
            vec![Block::Table(cutoff_table(&report.analysis.apple_cutoffs))],
        ));
    }
    sections.extend(cautions(&report.analysis.calibration.alarms));
    sections.extend(unread_section(report.problems));
    sections.push(settings_section(report));
    Page {
        title: headline(views).into(),
        sections,
        next: Some(CommandLine::perfpower("report").then(report.archive_argument)),
        ..Page::default()
    }
}

fn insight_section(view: &AppleInsightView) -> Section {
    let mut blocks = vec![Block::Paragraph(sentence::apple_view_sentence(view).into())];
    blocks.extend(high_impact_words(view).map(|words| Block::Paragraph(words.into())));
    blocks.push(Block::Table(population_table(view)));
    let neighbours = view.audit.populations.iter().filter_map(|population| {
        let words = sentence::neighbour_sentence(population)?;
        Some(Item::of(format!("{}: {words}", who(population))))
    });
    let neighbours: Vec<Item> = neighbours.collect();
    if !neighbours.is_empty() {
        blocks.push(Block::List(neighbours));
    }
    Section::new(title(view), blocks)
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
        view.app_name,
        sentence::metric_words(&view.audit.category, &view.audit.metric),
        view.audit.audit.as_str().replace('_', " "),
        view.audit.list.as_str(),
        view.audit.snapshot
    )
}

fn who(population: &PopulationAudit) -> String {
    format!("{} {}", population.device, number::percentile(population.percentile, &population.percentile_label))
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
fn population_table(view: &AppleInsightView) -> Table {
    let mut table = Table::new(&[
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
        table.row(vec![
            who(p),
            both(p.reported.reference_average, p.recomputed.reference_average, 2),
            both(p.reported.latest, p.recomputed.latest, 2),
            if delta.is_empty() { delta } else { format!("{delta} %") },
            p.delta_exact_percent.map_or_else(String::new, |delta| format!("{delta:.2} %")),
            match &p.reason {
                None => p.audit.as_str().to_owned(),
                Some(reason) => format!("{}: {reason}", p.audit.as_str().replace('_', " ")),
            },
        ]);
    }
    table
}

fn left_out_section(report: &Report<'_>) -> Option<Section> {
    let left_out = report.analysis.own_findings().filter(|f| f.is_open_regression() && !f.listed_by_apple);
    let items: Vec<Item> = left_out
        .map(|finding| {
            let (title, claim) = (sentence::finding_title(finding), sentence::finding_sentence(finding));
            Item::of(format!("{} · {title}: {claim}", finding.app_name))
        })
        .collect();
    let heading = format!("Regressions that Apple's list leaves out ({})", items.len());
    (!items.is_empty()).then(|| Section::new(heading, vec![Block::List(items)]))
}

fn cutoff_table(cutoffs: &[AppleCutoff]) -> Table {
    let mut table = Table::new(&[
        ("metric", Align::Left),
        ("smallest in regressions", Align::Right),
        ("smallest in trendingUp", Align::Right),
        ("largest not listed", Align::Right),
        ("listed", Align::Right),
        ("not listed", Align::Right),
    ]);
    let percent = |number: Option<f64>| number.map_or_else(|| "-".to_owned(), signed_percent);
    for cutoff in cutoffs {
        table.row(vec![
            sentence::metric_words(&cutoff.category, &cutoff.metric),
            percent(cutoff.smallest_regression_percent),
            percent(cutoff.smallest_trending_percent),
            percent(cutoff.largest_unlisted_percent),
            cutoff.listed.to_string(),
            cutoff.unlisted.to_string(),
        ]);
    }
    table
}
