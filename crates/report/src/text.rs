//! The report that people read in a terminal: short, aligned, worst first, readable without colour, and at the end the
//! command that goes on from here.

use crate::facts::{Report, TextStyle};
use crate::grid::{Align, Grid};
use crate::number::{self, bytes, count, plural, signed_percent};
use crate::safe;
use crate::safe::shortened;
use crate::sentence;
use perfpower_model::InputProblem;
use perfpower_stacks::signature_name;

use perfpower_analysis::{
    Analysis, AppleInsightView, Attainment, Finding, FindingKind, GoalStatus, LinkedFrame, LinkedSignature, OurVerdict,
    PlatformEvent, Verdict,
};
use perfpower_model::{DeviceClass, Severity};
use std::io::{self, Write};

/// How many cards, insights, goals and problems a terminal shows before it says how many more there are.
const SHOWN_CARDS: usize = 20;
const SHOWN_ROWS: usize = 10;
/// Where a word is cut in the middle: paths and symbols stay whole, so that they can be copied, unless they are absurd.
const LONGEST_WORD: usize = 300;

/// Writes the report for a terminal.
pub fn write_report_text(report: &Report<'_>, style: TextStyle, out: &mut impl Write) -> io::Result<()> {
    let pen = Pen { style };
    let analysis = report.analysis;
    writeln!(out, "{}", pen.bold(&summary_line(report)))?;

    let groups: [(&str, Vec<&Finding>); 4] = [
        ("Regressions still open", select(analysis, Finding::is_open_regression)),
        (
            "Regressions partly or wholly recovered",
            select(analysis, |f| f.verdict == Verdict::Regression && !f.is_open()),
        ),
        ("Improvements", select(analysis, |f| f.verdict == Verdict::Improvement)),
        ("Other", select(analysis, |f| !matches!(f.verdict, Verdict::Regression | Verdict::Improvement))),
    ];
    if analysis.own_findings().next().is_none() {
        writeln!(out)?;
        pen.paragraph_at(&sentence::nothing_sentence(analysis, report.archive), "", out)?;
    }
    let mut rank = 0;
    for (title, findings) in &groups {
        if findings.is_empty() {
            continue;
        }
        writeln!(out, "\n{}", pen.heading(&format!("{title} ({})", findings.len())))?;
        let shown = if *title == "Improvements" { SHOWN_ROWS } else { SHOWN_CARDS };
        for finding in findings.iter().take(shown) {
            rank += 1;
            card(finding, &analysis.platform_events, rank, pen, out)?;
        }
        more(findings.len(), shown, "see --format json or html", out)?;
    }

    platform_events(&analysis.platform_events, pen, out)?;
    insights(&analysis.apple_insights, pen, out)?;
    goals(report, pen, out)?;
    unmeasured(report, pen, out)?;
    problems(report.problems, pen, out)?;
    for alarm in &analysis.calibration.alarms {
        writeln!(out)?;
        pen.paragraph_at(&format!("Caution: {}", safe::visible(alarm)), "", out)?;
    }
    next_command(report, &groups[0].1, pen, out)
}

fn select(analysis: &Analysis, wanted: impl Fn(&Finding) -> bool) -> Vec<&Finding> {
    analysis.own_findings().filter(|finding| wanted(finding)).collect()
}

/// `3 apps, 24 documents (1.1 MB) of 2026-02-01 to 2026-05-01, 9,312 points in 512 series`.
pub(crate) fn summary_line(report: &Report<'_>) -> String {
    let archive = report.archive;
    let totals = report.analysis.totals;
    let days = match archive.days {
        Some((first, last)) if first == last => format!(" of {first}"),
        Some((first, last)) => format!(" of {first} to {last}"),
        None => String::new(),
    };
    format!(
        "{}, {} ({}){days}, {} in {}",
        plural(archive.apps, "app", "apps"),
        plural(archive.documents, "document", "documents"),
        bytes(archive.bytes),
        plural(totals.distinct_points, "point", "points"),
        plural(totals.series, "series", "series"),
    )
}

fn card(finding: &Finding, events: &[PlatformEvent], rank: usize, pen: Pen, out: &mut impl Write) -> io::Result<()> {
    let title = format!("{} · {}", safe::visible(&finding.app_name), sentence::finding_title(finding));
    let sure = match (finding.verdict, sentence::sure_percent(finding)) {
        (Verdict::Regression, Some(percent)) => format!("at least {}", signed_percent(percent)),
        _ => number::change(finding.change),
    };
    writeln!(out, "{}", pen.bold(&pen.two_sides(&format!("{rank:>3}  {title}"), &sure)))?;
    pen.paragraph(&sentence::finding_sentence(finding), out)?;
    if let Some(spread) = sentence::spread_sentence(finding) {
        pen.paragraph(&spread, out)?;
    }
    if let Some(beside) = sentence::beside_event_sentence(finding, events) {
        pen.paragraph(&beside, out)?;
    }
    if let Some(early) = sentence::early_sentence(finding) {
        pen.paragraph(&early, out)?;
    }
    if let Some(also) = also_words(finding) {
        pen.paragraph(&also, out)?;
    }
    if let Some(subsystem) = finding.subsystems.first() {
        pen.paragraph(
            &format!(
                "mostly {}: {} of the value before, {} after",
                safe::visible(&subsystem.subsystem),
                number::percent(subsystem.share_before_percent),
                number::percent(subsystem.share_after_percent)
            ),
            out,
        )?;
    }
    for frame in finding.links.frames.iter().filter(|frame| frame.significant).take(2) {
        pen.paragraph(&format!("code: {}", linked_frame_words(frame)), out)?;
    }
    for signature in finding.links.signatures.iter().take(1) {
        pen.paragraph(&format!("signature: {}", linked_signature_words(signature)), out)?;
    }
    if !finding.links.note.is_empty() {
        pen.paragraph(&format!("code: {}", safe::visible(&finding.links.note)), out)?;
    }
    if finding.kind != FindingKind::Latest && finding.verdict == Verdict::Regression && finding.is_open() {
        let apple = if finding.listed_by_apple { "Apple lists the metric" } else { "Apple does not list it" };
        pen.paragraph(&format!("{apple}  ·  id {}", finding.id), out)?;
    } else {
        pen.paragraph(&format!("id {}", finding.id), out)?;
    }
    Ok(())
}

/// `sync() (Store.swift:7) of checkout went from 3 % to 40 % of samples`, safe for a terminal.
pub(crate) fn linked_frame_words(frame: &LinkedFrame) -> String {
    let place = if frame.place.is_empty() { String::new() } else { format!(" ({})", safe::visible(&frame.place)) };
    let share = number::percent(frame.share_after_percent);
    let moved = if frame.share_before_percent > 0.0 {
        format!("went from {} to {share} of samples", number::percent(frame.share_before_percent))
    } else {
        format!("is new, with {share} of samples")
    };
    let owner = frame.owner.as_ref().map_or_else(String::new, |owner| format!(" of {}", safe::visible(owner)));
    format!("{}{place}{owner} {moved}", safe::visible(&frame.symbol))
}

/// `Shop: sync() (20 % → 70 %)`, safe for a terminal.
pub(crate) fn linked_signature_words(signature: &LinkedSignature) -> String {
    let before = signature.weight_before_percent.map_or_else(|| "new".to_owned(), number::percent);
    let after = signature.weight_after_percent.map_or_else(|| "gone".to_owned(), number::percent);
    format!("{} ({before} → {after})", safe::visible(signature_name(&signature.text)))
}

/// The aggregates on the card by name, and how many single devices: where they are is told already.
fn also_words(finding: &Finding) -> Option<String> {
    let (aggregates, members): (Vec<_>, Vec<_>) =
        finding.also.iter().partition(|series| DeviceClass::of(&series.device).is_aggregate());
    let mut parts: Vec<String> = aggregates
        .iter()
        .map(|series| {
            format!(
                "{} {} {}",
                safe::visible(&series.device),
                number::percentile(series.percentile, &series.percentile_label),
                number::change(series.change)
            )
        })
        .collect();
    if !members.is_empty() {
        parts.push(plural(members.len() as u64, "series of a single device", "series of single devices"));
    }
    (!parts.is_empty()).then(|| format!("also {}", parts.join(", ")))
}

fn platform_events(events: &[PlatformEvent], pen: Pen, out: &mut impl Write) -> io::Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", pen.heading("Platform, not you"))?;
    for event in events {
        pen.paragraph(&sentence::platform_event_sentence(event), out)?;
        pen.aside(
            &format!(
                "{} set aside here, marked in --format json",
                number::plural(event.findings.len() as u64, "finding", "findings")
            ),
            out,
        )?;
    }
    Ok(())
}

/// Apple's view of the newest snapshot of each app; older ones are the audit's.
fn insights(views: &[AppleInsightView], pen: Pen, out: &mut impl Write) -> io::Result<()> {
    let mut views: Vec<&AppleInsightView> = views.iter().filter(|view| view.is_newest).collect();
    // Where Apple and we differ comes first.
    views.sort_by_key(|view| match view.our_view.verdict {
        OurVerdict::EarlierVersion => 0,
        OurVerdict::Recovered => 1,
        OurVerdict::WithinNoise => 2,
        OurVerdict::Drift => 3,
        OurVerdict::SameVersion => 4,
        OurVerdict::CannotSay => 5,
    });
    if views.is_empty() {
        return Ok(());
    }
    let (mut agrees, mut differs, mut cannot) = (0, 0, 0);
    for view in &views {
        match view.audit.audit {
            perfpower_analysis::Audit::Agrees => agrees += 1,
            perfpower_analysis::Audit::Differs => differs += 1,
            perfpower_analysis::Audit::CannotCheck => cannot += 1,
        }
    }
    writeln!(
        out,
        "\n{}",
        pen.heading(&format!(
            "Apple's insights ({}): arithmetic agrees in {agrees}, differs in {differs}, cannot be checked in {cannot}",
            views.len()
        ))
    )?;
    // Where the version is another one, a sentence each; the rest is a table.
    let (told, rest): (Vec<&AppleInsightView>, Vec<&AppleInsightView>) = views
        .into_iter()
        .partition(|view| matches!(view.our_view.verdict, OurVerdict::EarlierVersion | OurVerdict::Recovered));
    for view in told.iter().take(SHOWN_ROWS) {
        pen.paragraph(&format!("{}: {}", safe::visible(&view.app_name), sentence::apple_view_sentence(view)), out)?;
        for population in view.audit.populations.iter().take(2) {
            if let Some(words) = sentence::neighbour_sentence(population) {
                let who = format!(
                    "{} {}",
                    safe::visible(&population.device),
                    number::percentile(population.percentile, &population.percentile_label)
                );
                pen.aside(&format!("{who}: {words}"), out)?;
            }
        }
    }
    let shown = SHOWN_ROWS.saturating_sub(told.len());
    let mut grid = Grid::new(&[
        ("app", Align::Left),
        ("metric", Align::Left),
        ("Apple blames", Align::Left),
        ("over its mean", Align::Right),
        ("we say", Align::Left),
    ]);
    for view in rest.iter().take(shown) {
        grid.row(vec![
            safe::visible_cut(&view.app_name, 24),
            sentence::metric_words(&view.audit.category, &view.audit.metric),
            view.audit.latest_version.clone(),
            sentence::claimed_percents(view),
            sentence::our_view_words(&view.our_view),
        ]);
    }
    if !grid.is_empty() {
        write!(out, "{}", grid.text(pen.width()))?;
    }
    more(told.len() + rest.len(), told.len().min(SHOWN_ROWS) + shown, "see `perfpower audit`", out)
}

fn goals(report: &Report<'_>, pen: Pen, out: &mut impl Write) -> io::Result<()> {
    let goals = &report.analysis.goals;
    let missed: Vec<&GoalStatus> =
        goals.iter().filter(|goal| goal.transition || goal.attainment == Attainment::Missed).collect();
    if missed.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", pen.heading(&format!("Goals missed, or crossed ({})", missed.len())))?;
    let mut grid = Grid::new(&[
        ("app", Align::Left),
        ("series", Align::Left),
        ("now", Align::Right),
        ("goal", Align::Right),
        ("over", Align::Right),
        ("label", Align::Left),
    ]);
    for goal in missed.iter().take(SHOWN_ROWS) {
        grid.row(vec![
            safe::visible_cut(&report.analysis.options.app_name(&goal.series.app), 24),
            sentence::series_words(&goal.series, goal.percentile),
            number::value_with_unit(goal.level, &goal.unit_label),
            goal.bound.map_or_else(String::new, number::value),
            goal.distance_percent.map_or_else(String::new, signed_percent),
            if goal.transition && !goal.label_before.is_empty() {
                format!("{} → {}", goal.label_before, goal.label)
            } else {
                goal.label.clone()
            },
        ]);
    }
    write!(out, "{}", grid.text(pen.width()))?;
    more(missed.len(), SHOWN_ROWS, "see --format json", out)
}

/// Apps without a value. Those of which nothing could be read stand among the problems instead.
fn unmeasured(report: &Report<'_>, pen: Pen, out: &mut impl Write) -> io::Result<()> {
    let without: Vec<String> = report
        .analysis
        .apps
        .iter()
        .filter(|app| app.points == 0 && !app.snapshots.is_empty())
        .map(|app| safe::visible(&app.name).into_owned())
        .collect();
    if without.is_empty() {
        return Ok(());
    }
    let rest = without.len().saturating_sub(SHOWN_ROWS);
    let names = without.iter().take(SHOWN_ROWS).cloned().collect::<Vec<_>>().join(", ");
    let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    writeln!(out)?;
    pen.paragraph_at(
        &format!(
            "Unmeasured, which is not the same as clean: {names}{rest} (metrics were not saved, or there was too little \
             use for Apple to give any)"
        ),
        "",
        out,
    )
}

/// The problems, errors first; notes are left to `inspect`.
pub(crate) fn problems(problems: &[InputProblem], pen: Pen, out: &mut impl Write) -> io::Result<()> {
    let shown: Vec<&InputProblem> = problems.iter().filter(|p| p.problem.severity < Severity::Note).collect();
    if shown.is_empty() {
        return Ok(());
    }
    let errors = shown.iter().filter(|p| p.problem.severity == Severity::Error).count();
    let warnings = shown.len() - errors;
    writeln!(
        out,
        "\n{}",
        pen.heading(&format!(
            "Could not be read, or not wholly ({}, {})",
            plural(errors as u64, "error", "errors"),
            plural(warnings as u64, "warning", "warnings")
        ))
    )?;
    for problem in shown.iter().take(SHOWN_ROWS) {
        pen.paragraph(&problem_line(problem), out)?;
        if !problem.problem.hint.is_empty() {
            pen.aside(&safe::visible(&problem.problem.hint), out)?;
        }
    }
    more(shown.len(), SHOWN_ROWS, "see `perfpower inspect`", out)
}

/// `error: july.json:12:7: productData[0].….value: expected a number, found "n/a"`.
pub(crate) fn problem_line(InputProblem { path, problem }: &InputProblem) -> String {
    let mut line = format!("{}: ", problem.severity.as_str());
    if !path.is_empty() {
        line.push_str(&safe::visible(path));
        if problem.line > 0 {
            line.push_str(&format!(":{}:{}", problem.line, problem.column));
        }
        line.push_str(": ");
    }
    if !problem.at.is_empty() {
        line.push_str(&safe::visible(&problem.at));
        line.push_str(": ");
    }
    line.push_str(&safe::visible(&problem.message));
    line
}

fn next_command(report: &Report<'_>, open: &[&Finding], pen: Pen, out: &mut impl Write) -> io::Result<()> {
    let archive = safe::visible(report.archive_argument);
    let command = if let Some(finding) = open.first() {
        format!("perfpower report {archive} --explain {}", finding.id)
    } else if !report.analysis.apple_insights.is_empty() {
        format!("perfpower audit {archive}")
    } else if report.analysis.totals.distinct_points == 0 && report.archive.diagnostics() > 0 {
        format!("perfpower diagnostics {archive}")
    } else if report.problems.is_empty() {
        format!("perfpower compare {archive}")
    } else {
        format!("perfpower inspect {archive}")
    };
    writeln!(out, "\n{} {command}", pen.bold("Next:"))
}

fn more(total: usize, shown: usize, where_to: &str, out: &mut impl Write) -> io::Result<()> {
    if total > shown {
        writeln!(out, "     … and {} more: {where_to}", count((total - shown) as u64))?;
    }
    Ok(())
}

/// Sets text for a width, in colour or not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pen {
    pub(crate) style: TextStyle,
}

impl Pen {
    pub(crate) fn width(self) -> usize {
        self.style.width.max(60)
    }

    pub(crate) fn bold(self, text: &str) -> String {
        if self.style.color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// A line of its own, cut to the width: a name may be as long as it likes.
    pub(crate) fn heading(self, text: &str) -> String {
        let (text, _) = shortened(text, self.width());
        if self.style.color { format!("\u{1b}[1;4m{text}\u{1b}[0m") } else { text.into_owned() }
    }

    /// One text at the left edge and one at the right; the left one is cut where both do not fit.
    pub(crate) fn two_sides(self, left: &str, right: &str) -> String {
        use unicode_width::UnicodeWidthStr;
        let left = safe::visible_cut(left, self.width().saturating_sub(right.width() + 2));
        let gap = self.width().saturating_sub(left.width() + right.width()).max(2);
        format!("{left}{}{right}", " ".repeat(gap))
    }

    /// Wrapped and indented under a card's title.
    pub(crate) fn paragraph(self, text: &str, out: &mut impl Write) -> io::Result<()> {
        self.paragraph_at(text, "     ", out)
    }

    /// Wrapped and indented further.
    pub(crate) fn aside(self, text: &str, out: &mut impl Write) -> io::Result<()> {
        self.paragraph_at(text, "       ", out)
    }

    pub(crate) fn paragraph_at(self, text: &str, indent: &str, out: &mut impl Write) -> io::Result<()> {
        use unicode_width::UnicodeWidthStr;
        let room = self.width() - indent.len();
        let mut line = String::new();
        let mut words = text.split(' ').peekable();
        while let Some(word) = words.next() {
            // A symbol or path of thousands of characters must not push everything else off the screen.
            let mut word = shortened(word, LONGEST_WORD.max(room)).0.into_owned();
            // A percent sign stays with its number, and so does what is tied to the sign: `+17 %/+18 %`.
            while let Some(sign) = words.next_if(|next| next.starts_with('%')) {
                word.push(' ');
                word.push_str(&shortened(sign, LONGEST_WORD.max(room)).0);
            }
            if !line.is_empty() && line.width() + 1 + word.width() > room {
                writeln!(out, "{indent}{line}")?;
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&word);
        }
        writeln!(out, "{indent}{line}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_longer_than_the_screen_and_no_number_loses_its_percent_sign() {
        let pen = Pen { style: TextStyle { width: 60, ..TextStyle::default() } };
        let mut out = Vec::new();
        pen.paragraph("a change that was seen on many devices, at least +17 %/+18 %/+39 %/+37 %) and more", &mut out)
            .unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text,
            "     a change that was seen on many devices, at least\n     +17 %/+18 %/+39 %/+37 %) and more\n"
        );
    }
}
