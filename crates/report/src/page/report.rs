//! What got worse, since which version, where, how sure: worst first, and at the end the command that goes on from here.

use super::calibration::cautions;
use super::news::{known_section, news_sections};
use super::unread::{passed_over_section, unread_section};
use super::{Align, Block, Entry, Item, Line, Page, Section, Table, Tone, rest, settings_section};
use crate::command_line::CommandLine;
use crate::facts::Report;
use crate::number::{self, bytes, plural, signed_percent};
use crate::safe;
use crate::sentence::apple_story::apple_story;
use crate::sentence::{self, answer};
use crate::sparkline::sparkline;
use perfpower_analysis::{
    Analysis, AppleInsightView, Attainment, Audit, Finding, GoalStatus, News, OddKind, OurVerdict, PlatformEvent,
    Verdict,
};
use perfpower_model::DeviceClass;

/// Cards of one kind that are shown before it is said how many more there are.
const SHOWN_CARDS: usize = 20;
/// Rows that a reader of ten seconds takes in.
const WORST: usize = 3;
/// Improvements, insights and goals, likewise.
const SHOWN_ROWS: usize = 10;
/// Frames of a card, and signatures: the rest stands in its explanation.
const SHOWN_FRAMES: usize = 2;
const SHOWN_SIGNATURES: usize = 1;
/// Versions of the small chart of a card.
const COURSE_WIDTH: usize = 40;
/// Columns of an app's name in a table.
const NAME_WIDTH: usize = 24;

/// What `report` says.
pub fn report_page(report: &Report<'_>) -> Page {
    let analysis = report.analysis;
    if let Some(told) = &analysis.news {
        return news_page(report, told);
    }
    let open = select(analysis, Finding::is_open_regression);
    let recovered = select(analysis, |f| f.verdict == Verdict::Regression && !f.is_open());
    let other = select(analysis, |f| !matches!(f.verdict, Verdict::Regression | Verdict::Improvement));
    let improvements = select(analysis, |f| f.verdict == Verdict::Improvement);

    let mut sections = Vec::new();
    if analysis.own_findings().next().is_none() {
        sections.push(Section::paragraph(sentence::nothing_sentence(analysis, report.archive)));
    }
    sections.extend(worst_section(&open));
    let cards = |title: &str, findings: &[Ranked<'_>], shown: usize| -> Option<Section> {
        // Who asks for more gets more, and no card that stands behind what was asked for.
        let shown = report.top.map_or(shown, |top| findings.iter().filter(|(rank, _)| *rank <= top).count());
        let card = |&(rank, finding): &Ranked<'_>| Block::Entry(card(finding, &analysis.platform_events, rank));
        let mut blocks: Vec<Block> = findings.iter().take(shown).map(card).collect();
        let all = Line::from(format!("--top {}", analysis.own_findings().count())).and_ours(", --format html or json");
        blocks.extend(rest(findings.len(), shown, &all));
        (!findings.is_empty()).then(|| Section::new(format!("{title} ({})", findings.len()), blocks))
    };
    sections.extend(cards("Regressions still open", &open, SHOWN_CARDS));
    sections.extend(cards("Regressions partly or wholly recovered", &recovered, SHOWN_CARDS).map(Section::folded));
    sections.extend(cards("Other", &other, SHOWN_CARDS).map(Section::folded));
    sections.extend(cards("Improvements", &improvements, SHOWN_ROWS).map(Section::folded));
    sections.extend(platform_section(&analysis.platform_events));
    sections.extend(insights_section(&analysis.apple_insights));
    sections.extend(goals_section(report));
    sections.extend(odd_section(report));
    sections.extend(unmeasured_section(report));
    sections.extend(unread_section(report.problems));
    sections.extend(passed_over_section(&report.archive.skipped, false));
    sections.extend(cautions(&analysis.calibration.alarms));
    sections.push(Section::paragraph(Line::from(format!("Read: {}.", summary_line(report)))));
    sections.push(settings_section(report));
    let outcome = match open.len() {
        0 => "No open regression".to_owned(),
        n => plural(n as u64, "open regression", "open regressions"),
    };
    Page {
        title: format!("{outcome}{}", if open.is_empty() { "" } else { ", worst first" }).into(),
        sections,
        next: Some(next_command(report, open.first().map(|(_, finding)| *finding))),
        ..Page::default()
    }
}

/// What `report --since` says: what is new, and of the rest how much there is. Where nothing is new and nothing is wrong it is one line.
fn news_page(report: &Report<'_>, told: &News) -> Page {
    let analysis = report.analysis;
    let title = sentence::capitalised(&sentence::news::counts_line(told, &analysis.findings));
    let mut sections = news_sections(report, told);
    let is_quiet = sections.is_empty();
    sections.extend(unread_section(report.problems));
    sections.extend(cautions(&analysis.calibration.alarms));
    if is_quiet && sections.is_empty() {
        return Page { title: format!("{title}.").into(), ..Page::default() };
    }
    sections.extend(known_section(report, told));
    sections.push(Section::paragraph(Line::from(format!("Read: {}.", summary_line(report)))));
    sections.push(settings_section(report));
    let worst = analysis.own_findings().find(|own| told.standing(own.id).is_new_work() && own.is_open_regression());
    Page { title: title.into(), sections, next: Some(next_command(report, worst)), ..Page::default() }
}

/// The worst in one line each, where the cards of all that is open are no answer in ten seconds.
fn worst_section(open: &[Ranked<'_>]) -> Option<Section> {
    let entry = |&(rank, finding): &Ranked<'_>| {
        Block::Entry(Entry {
            rank: Some(rank),
            title: format!("{} · {}", finding.app_name, sentence::finding_title(finding)).into(),
            figure: answer::headline(finding),
            tone: Tone::Worse,
            lines: vec![answer::answer(finding).into()],
            ..Entry::default()
        })
    };
    let worst = open.iter().take(WORST).map(entry).collect();
    (open.len() > WORST).then(|| Section::new(Line::ours("The worst"), worst))
}

/// A finding with the number that it has in every form.
pub(super) type Ranked<'a> = (usize, &'a Finding);

/// All that are an app's own, worst first.
pub(super) fn ranked(analysis: &Analysis) -> Vec<Ranked<'_>> {
    (1..).zip(analysis.own_findings()).collect()
}

fn select(analysis: &Analysis, wanted: impl Fn(&Finding) -> bool) -> Vec<Ranked<'_>> {
    ranked(analysis).into_iter().filter(|(_, finding)| wanted(finding)).collect()
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
    let until = archive.until.map_or_else(String::new, |(until, later)| {
        let later = plural(later, "later document", "later documents");
        format!(", as of {until} ({later} left out)")
    });
    format!(
        "{}, {} ({}){days}, {} in {}{until}",
        plural(archive.apps, "app", "apps"),
        plural(archive.documents, "document", "documents"),
        bytes(archive.bytes),
        plural(totals.distinct_points, "point", "points"),
        plural(totals.series, "series", "series"),
    )
}

pub(super) fn card(finding: &Finding, events: &[PlatformEvent], rank: usize) -> Entry {
    let mut lines = vec![sentence::finding_sentence(finding)];
    lines.extend(answer::against_goal(finding));
    lines.extend(sentence::spread_sentence(finding));
    lines.extend(sentence::beside_event_sentence(finding, events));
    lines.extend(sentence::early_sentence(finding));
    lines.extend(also_words(finding));
    lines.extend(finding.subsystems.first().map(|subsystem| {
        format!(
            "mostly {}: {} of the value before, {} after",
            subsystem.subsystem,
            number::percent(subsystem.share_before_percent),
            number::percent(subsystem.share_after_percent)
        )
    }));
    let frames = finding.links.frames.iter().filter(|frame| frame.significant).take(SHOWN_FRAMES);
    lines.extend(frames.map(|frame| format!("code: {}", sentence::linked_frame_words(frame))));
    let signatures = finding.links.signatures.iter().take(SHOWN_SIGNATURES);
    lines.extend(signatures.map(|signature| format!("signature: {}", sentence::linked_signature_words(signature))));
    lines.extend(finding.links.note.as_ref().map(|note| format!("code: {note}")));
    lines.extend(apple_story(finding));
    lines.push(format!("id {}", finding.id));
    Entry {
        rank: Some(rank),
        title: format!("{} · {}", finding.app_name, sentence::finding_title(finding)).into(),
        figure: answer::headline(finding),
        tone: match finding.verdict {
            Verdict::Regression if finding.is_open_regression() => Tone::Worse,
            Verdict::Improvement => Tone::Better,
            _ => Tone::Plain,
        },
        lines: lines.into_iter().map(Line::from).collect(),
        course: course(finding),
        explain: None,
    }
}

/// The values as blocks, with the first version and the last.
fn course(finding: &Finding) -> Option<Line> {
    let (first, last) = (finding.points.first()?, finding.points.last()?);
    let values: Vec<f64> = finding.points.iter().map(|point| point.value).collect();
    let margins: Vec<Option<f64>> = finding.points.iter().map(|point| point.margin).collect();
    let blocks = sparkline(&values, &margins, COURSE_WIDTH);
    Some(Line::default().and_code(blocks).and(format!(" {} to {}", first.version, last.version)))
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
                safe::visible(&series.device_label),
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

fn platform_section(events: &[PlatformEvent]) -> Option<Section> {
    let items = events.iter().map(|event| {
        let set_aside = plural(event.findings.len() as u64, "finding", "findings");
        Item {
            line: sentence::platform_event_sentence(event).into(),
            remarks: vec![Line::from(set_aside).and_ours(" set aside here, marked in --format json")],
        }
    });
    (!events.is_empty()).then(|| Section::new(Line::ours("Platform, not you"), vec![Block::List(items.collect())]))
}

/// Apple's view of the newest snapshot of each app; older ones are the audit's.
fn insights_section(views: &[AppleInsightView]) -> Option<Section> {
    let mut views: Vec<&AppleInsightView> = views.iter().filter(|view| view.is_newest).collect();
    if views.is_empty() {
        return None;
    }
    // Where Apple and we differ comes first.
    views.sort_by_key(|view| match view.our_view.verdict {
        OurVerdict::EarlierVersion => 0,
        OurVerdict::Recovered => 1,
        OurVerdict::WithinNoise => 2,
        OurVerdict::Drift => 3,
        OurVerdict::SameVersion => 4,
        OurVerdict::CannotSay => 5,
    });
    let audited = |audit: Audit| views.iter().filter(|view| view.audit.audit == audit).count();
    let heading = format!(
        "Apple's insights ({}): arithmetic agrees in {}, differs in {}, cannot be checked in {}",
        views.len(),
        audited(Audit::Agrees),
        audited(Audit::Differs),
        audited(Audit::CannotCheck)
    );
    let total = views.len();
    // Where the version is another one, a sentence each; the rest is a table.
    let (told, others): (Vec<&AppleInsightView>, Vec<&AppleInsightView>) = views
        .into_iter()
        .partition(|view| matches!(view.our_view.verdict, OurVerdict::EarlierVersion | OurVerdict::Recovered));
    let mut blocks = Vec::new();
    if !told.is_empty() {
        blocks.push(Block::List(told.iter().take(SHOWN_ROWS).map(|view| told_insight(view)).collect()));
    }
    let shown = SHOWN_ROWS.saturating_sub(told.len());
    let mut table = Table::new(&[
        ("app", Align::Left),
        ("metric", Align::Left),
        ("Apple blames", Align::Left),
        ("over its mean", Align::Right),
        ("we say", Align::Left),
    ]);
    for view in others.iter().take(shown) {
        table.row(vec![
            safe::visible_cut(&view.app_name, NAME_WIDTH),
            sentence::metric_words(&view.audit.category, &view.audit.metric),
            view.audit.latest_version.clone().unwrap_or_default(),
            sentence::claimed_percents(view),
            sentence::our_view_words(&view.our_view),
        ]);
    }
    if !table.is_empty() {
        blocks.push(Block::Table(table));
    }
    blocks.extend(rest(total, told.len().min(SHOWN_ROWS) + shown, &Line::ours("see `perfpower audit`")));
    Some(Section::new(heading, blocks).folded())
}

fn told_insight(view: &AppleInsightView) -> Item {
    let remarks = view.audit.populations.iter().take(2).filter_map(|population| {
        let percentile = number::percentile(population.percentile, &population.percentile_label);
        Some(format!("{} {percentile}: {}", population.device, sentence::neighbour_sentence(population)?).into())
    });
    let line = format!("{}: {}", view.app_name, sentence::apple_view_sentence(view));
    Item { line: line.into(), remarks: remarks.collect() }
}

pub(crate) fn goals_section(report: &Report<'_>) -> Option<Section> {
    let goals = &report.analysis.goals;
    let missed: Vec<&GoalStatus> =
        goals.iter().filter(|goal| goal.transition || goal.attainment == Attainment::Missed).collect();
    let mut table = Table::new(&[
        ("app", Align::Left),
        ("series", Align::Left),
        ("now", Align::Right),
        ("goal", Align::Right),
        ("over", Align::Right),
        ("label", Align::Left),
    ]);
    for goal in missed.iter().take(SHOWN_ROWS) {
        table.row(vec![
            safe::visible_cut(&report.analysis.options.app_name(&goal.series.app), NAME_WIDTH),
            sentence::series_words(&goal.series, goal.percentile),
            number::value_with_unit(goal.level, goal.unit_label.as_deref()),
            goal.bound.map_or_else(String::new, number::value),
            goal.distance_percent.map_or_else(String::new, signed_percent),
            match (&goal.label_before, goal.label.clone().unwrap_or_default()) {
                (Some(before), label) if goal.transition => format!("{before} → {label}"),
                (_, label) => label,
            },
        ]);
    }
    let mut blocks = vec![Block::Table(table)];
    blocks.extend(rest(missed.len(), SHOWN_ROWS, &Line::ours("see --format json")));
    (!missed.is_empty()).then(|| Section::new(format!("Goals missed, or crossed ({})", missed.len()), blocks).folded())
}

/// Values that nothing rests on, because they stand alone.
pub(crate) fn odd_section(report: &Report<'_>) -> Option<Section> {
    /// Arbitrary: enough to see what kind of thing it is.
    const SHOWN_ODD: usize = 5;
    let odd = &report.analysis.odd_readings;
    let mut table = Table::new(&[
        ("app", Align::Left),
        ("series", Align::Left),
        ("version", Align::Left),
        ("value", Align::Right),
        ("off", Align::Right),
        ("what is off", Align::Left),
    ]);
    for reading in odd.iter().take(SHOWN_ODD) {
        table.row(vec![
            safe::visible_cut(&reading.app_name, NAME_WIDTH),
            sentence::series_words(&reading.series, reading.percentile),
            reading.version.clone(),
            reading
                .value
                .map_or_else(String::new, |value| number::value_with_unit(value, reading.unit_label.as_deref())),
            number::change(reading.off),
            match reading.kind {
                OddKind::Cell => "this value",
                OddKind::Population => "this device",
                OddKind::Version => "the whole metric",
            }
            .to_owned(),
        ]);
    }
    let words = "These stand off from the versions beside them, and their siblings do not confirm them, or the whole metric was off \
                 in one version and back in the next. No claim rests on them.";
    let mut blocks = vec![Block::Paragraph(Line::ours(words)), Block::Table(table)];
    blocks.extend(rest(odd.len(), SHOWN_ODD, &Line::ours("see --format json")));
    (!odd.is_empty()).then(|| Section::new(format!("Odd values and versions ({})", odd.len()), blocks).folded())
}

/// Apps without a value. Those of which nothing could be read stand among the problems instead.
pub(crate) fn unmeasured_section(report: &Report<'_>) -> Option<Section> {
    let without = report.analysis.apps.iter().filter(|app| app.points == 0 && !app.snapshots.is_empty());
    let without: Vec<&str> = without.map(|app| app.name.as_str()).collect();
    let more = without.len().saturating_sub(SHOWN_ROWS);
    let names = without.iter().take(SHOWN_ROWS).copied().collect::<Vec<_>>().join(", ");
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let words = format!(
        "Unmeasured, which is not the same as clean: {names}{more} (metrics were not saved, or there was too little use for \
         Apple to give any)"
    );
    (!without.is_empty()).then(|| Section::paragraph(words.into()))
}

fn next_command(report: &Report<'_>, worst: Option<&Finding>) -> CommandLine {
    let command = |name: &str| CommandLine::perfpower(name).then(report.archive_argument);
    if let Some(finding) = worst {
        command("report").option("--explain", finding.id.to_string())
    } else if !report.analysis.apple_insights.is_empty() {
        command("audit")
    } else if report.analysis.totals.distinct_points == 0 && report.archive.diagnostics() > 0 {
        command("diagnostics")
    } else if report.problems.is_empty() {
        command("compare")
    } else {
        command("inspect")
    }
}
