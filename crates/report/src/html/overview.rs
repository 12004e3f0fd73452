//! What stands above the cards and below them: the archive in one paragraph, the heat table, what could not be read, and
//! how sure all of it is.

use super::bounded::bounded;
use super::card::anchor;
use super::{Page, prose};
use crate::figure::{bytes, count, counted, figure, set_sentence, signed_percent};
use crate::safe::shortened;
use crate::sentence::{self, answer, news};
use perfpower_analysis::{
    Analysis, AppSummary, AppleInsightView, Audit, CategorySummary, Finding, FindingId, News, OurVerdict,
    PlatformEvent, Standing,
};
use perfpower_model::{Severity, TextPlace};
use perfpower_statistics::percent as log_percent;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Apps of the heat table shown at once; the others open on demand.
const APPS_AT_ONCE: usize = 25;
/// Problems listed; the rest is counted. Arbitrary: `perfpower inspect` lists them all.
const PROBLEMS: usize = 200;
/// Insights listed; the rest is counted. Arbitrary: `perfpower audit` lists them all.
const INSIGHTS: usize = 60;
/// Findings listed under a jump that many apps share; the rest is counted. Arbitrary: the JSON report marks them all.
const SHARED: usize = 50;
const NAME: usize = 48;
const VIEW: usize = 120;

/// A name as filters compare it: the script sees the same text in its index and in the lists to choose from.
pub(super) fn seen(name: &str) -> String {
    shortened(name, NAME).0.into_owned()
}

/// The context of the page's template, apart from the cards.
#[derive(Serialize)]
pub(super) struct Overview {
    /// What is new against an earlier report; absent = none was given.
    news: Option<NewsView>,
    answers: Vec<AnswerRow>,
    paragraph: String,
    facts: Vec<(String, String)>,
    heat: HeatTable,
    events: Vec<Event>,
    insights: Vec<String>,
    insight_rows: Vec<InsightRow>,
    insights_more: usize,
    problems: Problems,
    calibration: Vec<String>,
    alarms: Vec<String>,
    strata: Vec<Stratum>,
    apps: Vec<String>,
    categories: Vec<String>,
    outcomes: Vec<&'static str>,
    owners: Vec<String>,
    versions: Vec<String>,
    /// Inputs that could not be read, as a number of them; empty = none.
    lost: String,
    /// Where, when and by which command: apps, days.
    head: String,
}

/// What is new: all of it in a line, then what is new or changed, and what is gone.
#[derive(Serialize)]
struct NewsView {
    text: String,
    rows: Vec<AnswerRow>,
    more: usize,
    gone: Vec<String>,
    gone_more: usize,
}

/// One of the worst findings in a line.
#[derive(Serialize)]
struct AnswerRow {
    rank: usize,
    finding: String,
    figure: String,
    title: String,
    text: String,
}

#[derive(Serialize)]
struct HeatTable {
    categories: Vec<String>,
    rows: Vec<HeatRow>,
    more: Vec<HeatRow>,
}

#[derive(Serialize)]
struct HeatRow {
    name: String,
    app: String,
    latest: String,
    cells: Vec<HeatCell>,
}

/// One app in one category. The class carries the colour, the text and its spoken form carry the meaning.
#[derive(Serialize)]
struct HeatCell {
    category: String,
    class: &'static str,
    text: String,
    spoken: String,
    links: bool,
}

/// A jump that many apps share, with the findings that are set aside for it.
#[derive(Serialize)]
struct Event {
    text: String,
    findings: Vec<(String, String)>,
    total: String,
    more: usize,
}

/// One of Apple's insights: what it says, whether its numbers are right, and what we hold.
#[derive(Serialize)]
struct InsightRow {
    app: String,
    metric: String,
    version: String,
    delta: String,
    audit: &'static str,
    view: String,
    finding: Option<String>,
}

#[derive(Serialize)]
struct Problems {
    total: String,
    errors: String,
    rows: Vec<ProblemRow>,
    more: String,
}

#[derive(Serialize)]
struct ProblemRow {
    severity: &'static str,
    path: String,
    place: String,
    message: String,
    hint: String,
}

#[derive(Serialize)]
struct Stratum {
    name: String,
    series: String,
    source: String,
    noise: String,
}

/// Rows that a reader of ten seconds takes in.
const WORST: usize = 3;

/// Findings that are new or changed, and claims that are gone, in the lead; the rest is counted, and marked on its card.
const NEWS: usize = 10;

fn news_view(analysis: &Analysis, told: &News) -> NewsView {
    let standing = |finding: &Finding| told.standing(finding.id);
    let ranked = || analysis.own_findings().enumerate();
    let mut news: Vec<(usize, &Finding)> = ranked().filter(|(_, own)| *standing(own) != Standing::Known).collect();
    news.sort_by_key(|(_, own)| *standing(own) != Standing::New);
    let row = |&(at, finding): &(usize, &Finding)| {
        let finding = &bounded(finding);
        let words = news::standing_words(standing(finding), finding).map(|words| format!("{words} · "));
        let own = news::badge(standing(finding)).unwrap_or_default();
        let text = format!("{}: {}{}", own, words.unwrap_or_default(), answer::answer(finding));
        answer_row(at, finding, &text)
    };
    let gone = told.gone.iter().take(NEWS).map(|gone| {
        let app = analysis.options.app_name(&gone.claim.series.app);
        let (title, words) = (news::claim_title(&gone.claim), news::claim_words(&gone.claim));
        let text = format!("{app} · {title}: {words}: {}", news::gone_words(gone));
        set_sentence(&shortened(&text, VIEW * 3).0)
    });
    NewsView {
        text: set_sentence(&format!("{}.", sentence::capitalised(&news::counts_line(told, &analysis.findings)))),
        rows: news.iter().take(NEWS).map(row).collect(),
        more: news.len().saturating_sub(NEWS),
        gone: gone.collect(),
        gone_more: told.gone.len().saturating_sub(NEWS),
    }
}

fn answers(analysis: &Analysis) -> Vec<AnswerRow> {
    let ranked = analysis.own_findings().enumerate();
    let open = ranked.filter(|(_, finding)| finding.is_open_regression()).take(WORST);
    open.map(|(at, finding)| {
        let finding = &bounded(finding);
        answer_row(at, finding, &answer::answer(finding))
    })
    .collect()
}

fn answer_row(at: usize, finding: &Finding, text: &str) -> AnswerRow {
    AnswerRow {
        rank: at + 1,
        finding: anchor(finding.id),
        figure: set_sentence(&answer::headline(finding)),
        title: format!("{} · {}", seen(&finding.app_name), sentence::finding_title(finding)),
        text: set_sentence(text),
    }
}

pub(super) fn overview(page: &Page<'_>) -> Overview {
    let (analysis, archive) = (page.analysis, page.archive);
    let unread = page.problems.iter().filter(|p| p.problem.severity == Severity::Error).count();
    let days: BTreeSet<_> = analysis.apps.iter().flat_map(|app| app.snapshots.iter().copied()).collect();
    let mut facts = vec![
        ("Documents".to_owned(), format!("{}, {}", count(archive.documents), bytes(archive.bytes))),
        (
            "Kinds".to_owned(),
            listed(archive.kinds.iter().map(|(kind, number)| format!("{} {}", count(*number), kind.as_str()))),
        ),
        ("Points".to_owned(), points(page)),
    ];
    if let (Some(first), Some(last)) = (days.first(), days.last()) {
        let span = if first == last { first.to_string() } else { format!("{first} to {last}") };
        facts.push(("Downloaded".to_owned(), format!("{span}, {}", counted(days.len() as u64, "day", "days"))));
    }
    if let Some((until, later)) = archive.until {
        facts.push((
            "As of".to_owned(),
            format!("{until}, {} left out", counted(later, "later document", "later documents")),
        ));
    }
    if let Some(first) = archive.skipped.first() {
        let number = counted(archive.skipped.len() as u64, "file", "files");
        facts.push((
            "Passed over".to_owned(),
            format!("{number}, such as {}: {}", shortened(&first.path, 160).0, first.why),
        ));
    }
    facts.retain(|(_, text)| !text.is_empty());
    let unique =
        |texts: &mut dyn Iterator<Item = String>| texts.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
    let outcomes: BTreeSet<_> = analysis.own_findings().map(sentence::outcome_words).collect();
    Overview {
        news: analysis.news.as_ref().map(|told| news_view(analysis, told)),
        answers: answers(analysis),
        paragraph: set_sentence(&prose::overview(analysis, archive, unread)),
        facts,
        heat: heat(&analysis.apps),
        events: analysis.platform_events.iter().map(|event| shared(analysis, event)).collect(),
        insights: insights(page),
        insight_rows: insight_rows(page),
        insights_more: analysis.apple_insights.len().saturating_sub(INSIGHTS),
        problems: problems(page),
        calibration: prose::calibration(analysis),
        alarms: analysis.calibration.alarms.clone(),
        strata: analysis
            .calibration
            .strata
            .iter()
            .take(40)
            .map(|stratum| Stratum {
                name: stratum.name.clone(),
                series: count(stratum.series),
                source: stratum.source.clone(),
                noise: format!(
                    "{}: scale {}, {} degrees of freedom, neighbours correlate {}, odd versions are {}",
                    if stratum.is_fitted { "fitted" } else { "assumed" },
                    figure(stratum.scale),
                    figure(stratum.df),
                    figure(stratum.autocorrelation),
                    sentence::odd_versions_words(stratum.heaviness)
                ),
            })
            .collect(),
        apps: unique(&mut analysis.own_findings().map(|finding| seen(&finding.app_name))),
        categories: unique(&mut analysis.own_findings().map(|finding| seen(&finding.series.category))),
        outcomes: outcomes.into_iter().collect(),
        owners: unique(
            &mut analysis
                .own_findings()
                .flat_map(|finding| finding.links.frames.iter().filter_map(|frame| frame.owner.as_deref()).map(seen)),
        ),
        versions: unique(&mut analysis.own_findings().map(|finding| seen(&finding.version))),
        lost: if unread > 0 { counted(unread as u64, "input", "inputs") } else { String::new() },
        head: head(page),
    }
}

/// Whose and of which days: `4 apps, downloads of 2026-08-03 to 2026-11-02`.
fn head(page: &Page<'_>) -> String {
    let archive = page.archive;
    let apps = counted(archive.apps, "app", "apps");
    match archive.days {
        Some((first, last)) if first == last => format!("{apps}, downloads of {first}"),
        Some((first, last)) => format!("{apps}, downloads of {first} to {last}"),
        None => apps,
    }
}

/// The findings of an event come in the order of the archive's list: worst first.
fn shared(analysis: &Analysis, event: &PlatformEvent) -> Event {
    let ids: BTreeSet<FindingId> = event.findings.iter().copied().collect();
    let of_event = analysis.findings.iter().filter(|finding| ids.contains(&finding.id));
    Event {
        text: set_sentence(&format!("{}.", sentence::capitalised(&sentence::platform_event_sentence(event)))),
        findings: of_event
            .take(SHARED)
            .map(|finding| (seen(&finding.app_name), set_sentence(&sentence::finding_sentence(&bounded(finding)))))
            .collect(),
        total: counted(ids.len() as u64, "finding is", "findings are"),
        more: ids.len().saturating_sub(SHARED),
    }
}

fn points(page: &Page<'_>) -> String {
    let totals = &page.analysis.totals;
    let mut text =
        format!("{} distinct in {}", count(totals.distinct_points), counted(totals.series, "series", "series"));
    if totals.revisions > 0 {
        let _ = write!(text, ", {} revised", count(totals.revisions));
    }
    text
}

fn listed(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn heat(apps: &[AppSummary]) -> HeatTable {
    let categories: Vec<&str> = apps
        .iter()
        .flat_map(|app| app.categories.iter().map(|category| category.category.as_str()))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let worst = |app: &AppSummary| app.categories.iter().map(|c| c.worst_lower_bound).fold(0.0, f64::max);
    let open = |app: &AppSummary| app.categories.iter().map(|c| c.open_regressions).sum::<usize>();
    let mut order: Vec<&AppSummary> = apps.iter().collect();
    order.sort_by(|a, b| {
        worst(b).total_cmp(&worst(a)).then_with(|| open(b).cmp(&open(a))).then_with(|| a.app.cmp(&b.app))
    });
    let mut rows: Vec<HeatRow> = order
        .into_iter()
        .map(|app| HeatRow {
            name: seen(&app.name),
            app: seen(&app.name),
            latest: shortened(app.latest_version.as_deref().unwrap_or_default(), 16).0.into_owned(),
            cells: categories
                .iter()
                .map(|wanted| cell(wanted, app.categories.iter().find(|category| category.category == *wanted)))
                .collect(),
        })
        .collect();
    let more = rows.split_off(rows.len().min(APPS_AT_ONCE));
    HeatTable { categories: categories.into_iter().map(seen).collect(), rows, more }
}

fn cell(category: &str, summary: Option<&CategorySummary>) -> HeatCell {
    let (class, text, spoken) = match summary {
        None => ("none", String::new(), "not measured".to_owned()),
        Some(s) if s.open_regressions > 0 => {
            // A worst that starts from zero has no percentage, but its place among the others all the same.
            let class = match s.worst_at_least_percent.unwrap_or_else(|| log_percent(s.worst_lower_bound)) {
                p if p >= 50.0 => "heat4",
                p if p >= 20.0 => "heat3",
                p if p >= 10.0 => "heat2",
                _ => "heat1",
            };
            let open = counted(s.open_regressions as u64, "open regression", "open regressions");
            match s.worst_at_least_percent.map(signed_percent) {
                Some(worst) => (class, format!("▲ {worst}"), format!("{open}, the worst at least {worst}")),
                None => (class, "▲ from zero".to_owned(), format!("{open}, the worst from zero")),
            }
        }
        Some(s) if s.improvements > 0 => {
            ("cool", "▼".to_owned(), counted(s.improvements as u64, "improvement", "improvements"))
        }
        Some(s) if s.series == 0 => (
            "unjudged",
            "·".to_owned(),
            format!("{} too short to judge", counted(s.not_judged as u64, "series", "series")),
        ),
        Some(s) => {
            let spoken = format!("no change found: {} shown unchanged, {} inconclusive", s.unchanged, s.inconclusive);
            ("calm", "–".to_owned(), spoken)
        }
    };
    let links = summary.is_some_and(|s| s.open_regressions + s.improvements > 0);
    HeatCell { category: seen(category), class, text: text.replace(' ', "\u{a0}"), spoken, links }
}

/// Apple's insights against ours, in short: one sentence for the arithmetic, one for the blame. None where Apple gives none.
fn insights(page: &Page<'_>) -> Vec<String> {
    let views = &page.analysis.apple_insights;
    if views.is_empty() {
        return Vec::new();
    }
    let sentence = |start: &str, parts: &[(&str, u64)]| {
        let parts = parts.iter().filter(|(_, number)| *number > 0);
        format!("{start}: {}.", listed(parts.map(|(text, number)| format!("{text} ({})", count(*number)))))
    };
    let audited = |audit: Audit| views.iter().filter(|view| view.audit.audit == audit).count() as u64;
    let viewed = |verdict: OurVerdict| views.iter().filter(|view| view.our_view.verdict == verdict).count() as u64;
    vec![
        sentence(
            &format!("Apple gives {}. Recomputed from its points", counted(views.len() as u64, "insight", "insights")),
            &[
                ("the same numbers", audited(Audit::Agrees)),
                ("other numbers", audited(Audit::Differs)),
                ("not possible, for points are missing", audited(Audit::CannotCheck)),
            ],
        ),
        sentence(
            "What we say to them",
            &[
                ("the same version is guilty", viewed(OurVerdict::SameVersion)),
                ("an earlier version is guilty", viewed(OurVerdict::EarlierVersion)),
                ("a drift without a guilty version", viewed(OurVerdict::Drift)),
                ("within the noise", viewed(OurVerdict::WithinNoise)),
                ("mended since", viewed(OurVerdict::Recovered)),
                ("cannot say", viewed(OurVerdict::CannotSay)),
            ],
        ),
    ]
}

fn insight_rows(page: &Page<'_>) -> Vec<InsightRow> {
    let analysis = page.analysis;
    let known: BTreeSet<FindingId> = analysis.own_findings().map(|finding| finding.id).collect();
    let row = |view: &AppleInsightView| {
        let audit = &view.audit;
        let version = seen(audit.latest_version.as_deref().unwrap_or_default());
        let worst =
            audit.populations.iter().filter_map(|population| population.reported.delta_percent).reduce(f64::max);
        InsightRow {
            app: seen(&view.app_name),
            metric: sentence::metric_words(&seen(&audit.category), &seen(&audit.metric)),
            delta: worst
                .map_or_else(String::new, |worst| format!(" at {}", signed_percent(worst)))
                .replace(" %", "\u{a0}%"),
            audit: match audit.audit {
                Audit::Agrees => "agrees",
                Audit::Differs => "differs",
                Audit::CannotCheck => "cannot be checked",
            },
            view: set_sentence(&shortened(&sentence::our_view_words(&view.our_view), VIEW).0),
            version,
            finding: view.our_view.finding.filter(|id| known.contains(id)).map(super::card::anchor),
        }
    };
    analysis.apple_insights.iter().take(INSIGHTS).map(row).collect()
}

fn problems(page: &Page<'_>) -> Problems {
    let own = page.problems.iter().map(|p| (p.path.as_deref().unwrap_or_default(), &p.problem));
    let all: Vec<_> = own.filter(|(_, problem)| problem.severity != Severity::Note).collect();
    let errors = all.iter().filter(|(_, problem)| problem.severity == Severity::Error).count() as u64;
    let rows = all
        .iter()
        .take(PROBLEMS)
        .map(|(path, problem)| ProblemRow {
            severity: problem.severity.as_str(),
            path: shortened(path, 160).0.into_owned(),
            place: match (problem.at.as_str(), problem.place) {
                ("", None) => String::new(),
                ("", Some(TextPlace { line, column })) => format!("line {line}, column {column}"),
                (at, None) => shortened(at, 160).0.into_owned(),
                (at, Some(TextPlace { line, column })) => {
                    format!("{} (line {line}, column {column})", shortened(at, 160).0)
                }
            },
            message: shortened(&problem.message, 400).0.into_owned(),
            hint: problem.hint.as_deref().map_or_else(String::new, |hint| shortened(hint, 400).0.into_owned()),
        })
        .collect();
    let more = all.len().saturating_sub(PROBLEMS);
    Problems {
        total: counted(all.len() as u64, "problem", "problems"),
        errors: if errors > 0 { counted(errors, "input lost", "inputs lost") } else { String::new() },
        rows,
        more: if more > 0 { counted(more as u64, "further problem", "further problems") } else { String::new() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_says_what_its_colour_says() {
        let mut summary = CategorySummary {
            category: "LAUNCH".to_owned(),
            series: 4,
            open_regressions: 2,
            improvements: 0,
            unchanged: 1,
            inconclusive: 1,
            not_judged: 0,
            worst_at_least_percent: Some(22.0),
            worst_lower_bound: 0.2,
        };
        let hot = cell("LAUNCH", Some(&summary));
        assert_eq!((hot.class, hot.text.as_str()), ("heat3", "▲\u{a0}+22\u{a0}%"));
        assert_eq!(hot.spoken, "2 open regressions, the worst at least +22 %");
        summary.worst_at_least_percent = None; // ln 1.22 = 0.199
        let from_zero = cell("LAUNCH", Some(&summary));
        assert_eq!((from_zero.class, from_zero.text.as_str()), ("heat3", "▲\u{a0}from\u{a0}zero"));
        assert_eq!(from_zero.spoken, "2 open regressions, the worst from zero");
        summary.open_regressions = 0;
        assert_eq!(cell("LAUNCH", Some(&summary)).class, "calm");
        summary.series = 0;
        assert_eq!(cell("LAUNCH", Some(&summary)).class, "unjudged");
        assert_eq!(cell("LAUNCH", None).spoken, "not measured");
    }
}
