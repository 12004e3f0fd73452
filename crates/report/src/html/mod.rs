//! The page that people open: one file, for a mail, an archive, and a browser ten years from now.
//!
//! It loads nothing. The style sheet and the script are part of it and allowed by their hash (`policy`); everything else is
//! forbidden by the page itself. The first [`SERVED`] cards stand in it as markup, so that it is whole without its script;
//! the others are packed into it as JSON of the same trees ([`crate::markup::Element`]) and become elements when they are
//! looked for. So five thousand findings cost a browser what a hundred cost.

mod bounded;
mod card;
mod flame;
mod overview;
mod packing;
mod policy;
mod prose;

pub(crate) use policy::policy;

pub use card::CardDetail;

use crate::command_line::CommandLine;
use crate::facts::Report;
use crate::figure::{count, counted};
use crate::markup::script_safe;
use crate::number;
use crate::page::{Section, goals_section, odd_section, unmeasured_section};
use crate::render::html::of_section;
use crate::safe::visible;
use crate::sentence;
use card::Surroundings;
use minijinja::{Environment, Value, context, escape_formatter};
use perfpower_analysis::{Analysis, AppleInsightView, Finding, PopulationAudit};
use perfpower_model::{ArchiveFacts, InputProblem};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io;

const PAGE: &str = include_str!("page.html.jinja");
pub(crate) const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Cards that stand in the page as markup. Arbitrary: more than anybody reads without a filter, few enough to be laid out
/// at once.
pub const SERVED: usize = 100;

/// Cards that carry their explanation and flame graph; the command on the others prints them. Arbitrary: they are most of
/// a card's bytes, and a page of thousands must stay a file that can be mailed.
pub const DETAILED: usize = 500;

/// Frames of a finding that the search knows. Arbitrary: those that its card shows, and some.
const SEARCHED_FRAMES: usize = 12;

/// Everything that a page shows.
#[derive(Clone, Copy)]
pub struct Page<'a> {
    /// The answer.
    pub analysis: &'a Analysis,
    /// What was read.
    pub archive: &'a ArchiveFacts,
    /// What could not be read, or not wholly, in the order to be shown.
    pub problems: &'a [InputProblem],
    /// Called for the first [`DETAILED`] findings, in their order.
    pub detail: &'a dyn Fn(&Finding) -> CardDetail,
    /// The archive as the user named it, for the commands that the page shows.
    pub archive_argument: &'a CommandLine,
    /// Findings that get a card, worst first; absent = all.
    pub top: Option<usize>,
    /// Name and version of this program.
    pub generator: &'a str,
}

impl<'a> Page<'a> {
    fn report(&self) -> Report<'a> {
        let Self { analysis, archive, problems, archive_argument, top, .. } = *self;
        Report { analysis, archive, problems, archive_argument, top }
    }
}

/// What a finding is found by in the page: one row of the script's index.
#[derive(Serialize)]
struct IndexRow(
    String,       // id
    String,       // app
    String,       // category
    String,       // metric
    &'static str, // outcome
    f64,          // size of the change in percent; from zero is above all
    Vec<String>,  // owners of code that grew with it
    String,       // the version that brought it
    String,       // further words to search for
);

/// Writes the page. The same input gives the same bytes.
pub fn write_html(page: &Page<'_>, out: &mut impl io::Write) -> io::Result<()> {
    let analysis = page.analysis;
    let insights = insights_by_series(analysis);
    let command = CommandLine::perfpower("report").then(page.archive_argument);
    let mut served = String::new();
    let mut later = Vec::new();
    let findings: Vec<&Finding> = analysis.own_findings().take(page.top.unwrap_or(usize::MAX)).collect();
    for (index, finding) in findings.iter().copied().enumerate() {
        let detail = if index < DETAILED { (page.detail)(finding) } else { CardDetail::default() };
        let around = Surroundings {
            apple: insights.get(&series_key(finding)).copied(),
            events: &analysis.platform_events,
            standing: analysis.news.as_ref().map(|news| news.standing(finding.id)),
            command: &command,
        };
        let card = card::card(finding, index + 1, around, &detail);
        if index < SERVED {
            served.push_str(&card.to_markup());
            served.push('\n');
        } else {
            later.push(serde_json::to_string(&card)?);
        }
    }
    let later =
        later.chunks(packing::BLOCK).map(packing::packed).collect::<Result<Vec<_>, _>>().map_err(io::Error::other)?;
    let index: Vec<IndexRow> = findings.iter().copied().map(index_row).collect();
    let index = script_safe(&serde_json::to_string(&index)?);
    let safe = |text: String| Value::from_safe_string(text);
    // What has no better form of its own on this page is shown as on any other.
    let section_of = |section: &Section, at: usize| safe(of_section(section, at).to_markup());
    let report = page.report();

    let mut environment = Environment::new();
    // Names that act (control characters, direction overrides) are made visible before they are escaped, for every value
    // of every template: forgetting it is not possible.
    environment.set_formatter(|out, state, value| match value.as_str() {
        Some(text) if !value.is_safe() => escape_formatter(out, state, &Value::from(visible(text).as_ref())),
        _ => escape_formatter(out, state, value),
    });
    environment.add_template("page.html", PAGE).map_err(io::Error::other)?;
    environment
        .get_template("page.html")
        .and_then(|template| {
            template.render(context! {
                policy => policy(STYLE, Some(SCRIPT)),
                style => safe(STYLE.to_owned()),
                script => safe(SCRIPT.to_owned()),
                goals => goals_section(&report).map_or_else(Value::default, |section| section_of(&section, 0)),
                odd => odd_section(&report).map_or_else(Value::default, |section| section_of(&section, 1)),
                unmeasured => unmeasured_section(&report).map_or_else(Value::default, |section| section_of(&section, 2)),
                overview => minijinja::value::Serde(overview::overview(page)),
                generator => page.generator,
                settings => crate::sentence::settings_line(&report),
                command => command.clone().option("--format", "html").to_string(),
                findings => counted(findings.len() as u64, "finding", "findings"),
                any => !findings.is_empty(),
                served => count(findings.len().min(SERVED) as u64),
                cut => findings.len() > SERVED,
                undetailed => findings.len() > DETAILED,
                detailed => count(DETAILED as u64),
                cards => safe(served),
                index => safe(index),
                later => later.join("\n"),
                block => packing::BLOCK,
            })
        })
        .map_err(io::Error::other)
        .and_then(|text| out.write_all(text.as_bytes()))
}

type SeriesKey<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str);

fn series_key(finding: &Finding) -> SeriesKey<'_> {
    let series = &finding.series;
    (&series.app, &series.category, &series.metric, &series.device, &series.percentile_label)
}

/// The newest insight on each series; they come newest first.
fn insights_by_series(analysis: &Analysis) -> BTreeMap<SeriesKey<'_>, (&AppleInsightView, &PopulationAudit)> {
    let mut map = BTreeMap::new();
    for insight in &analysis.apple_insights {
        let audit = &insight.audit;
        for population in &audit.populations {
            let key: SeriesKey<'_> =
                (&insight.app, &audit.category, &audit.metric, &population.device, &population.percentile_label);
            map.entry(key).or_insert((insight, population));
        }
    }
    map
}

fn index_row(finding: &Finding) -> IndexRow {
    let series = &finding.series;
    let words = [
        series.app.as_str(),
        &series.platform,
        &series.device,
        &finding.device_label,
        &number::percentile(finding.percentile, &series.percentile_label),
        &finding.version,
        finding.kind.as_str(),
        &series.metric,
    ];
    // Devices by name and by identifier, code and whose it is: what a card shows is what finds it.
    let devices = finding.spread.devices.iter().flat_map(|device| [device.device.as_str(), device.label.as_str()]);
    let also = finding.also.iter().flat_map(|other| [other.device.as_str(), other.device_label.as_str()]);
    let mut more: Vec<&str> = devices.chain(also).collect();
    more.sort_unstable();
    more.dedup();
    let frames = finding.links.frames.iter().take(SEARCHED_FRAMES);
    let code = frames.flat_map(|frame| [Some(frame.symbol.as_str()), frame.owner.as_deref()].into_iter().flatten());
    let words: Vec<&str> = words.into_iter().chain(more).chain(code).collect();
    let mut owners: Vec<String> =
        finding.links.frames.iter().filter_map(|frame| frame.owner.as_deref()).map(overview::seen).collect();
    owners.sort();
    owners.dedup();
    let words: Vec<String> = words.iter().map(|word| crate::safe::shortened(word, 120).0.into_owned()).collect();
    IndexRow(
        finding.id.to_string(),
        overview::seen(&finding.app_name),
        overview::seen(&series.category),
        overview::seen(&sentence::metric_of(series)),
        sentence::outcome_words(finding),
        // Whole tenths: the index sorts by it, as the cards show it.
        sentence::answer::headline_percent(finding).map_or(1e9, |percent| (percent.abs() * 10.0).round() / 10.0),
        owners,
        overview::seen(&finding.version),
        words.join(" "),
    )
}
