//! A bounded answer for agents: as many rows as fit, worst first, each with a stable id and the next command.

use super::inert::write_compact;
use crate::command_line::CommandLine;
use crate::facts::Report;
use crate::page::summary_line;
use crate::safe;
use crate::sentence::{self, answer, news};
use perfpower_analysis::{Finding, Standing, StepState};
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{self, Write};

/// Bytes of JSON that count as one token. Arbitrary: tokenizers of the day take three to four bytes of such text.
const BYTES_PER_TOKEN: usize = 4;

/// Claims that are gone and named, and characters of each. Arbitrary: a brief answer is for what is there.
const SHOWN_GONE: usize = 10;
const GONE_CHARACTERS: usize = 240;

/// Name of the schema, in the key `schema`.
pub(crate) const BRIEF_SCHEMA: &str = "perfpower.brief/1";

/// The answer of `perfpower report --brief`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct BriefJson {
    /// Always `perfpower.brief/1`.
    schema: &'static str,
    /// What was read, in one line.
    summary: String,
    /// What is new against the report of `--since`, in one line; null = none was given.
    news: Option<String>,
    /// Claims of it that are not made any more, in words; at most 10.
    gone: Vec<String>,
    /// Claims, worst first, as many as fit; with `--since` first what is new, then what changed.
    findings: Vec<RowJson>,
    /// Findings that did not fit.
    omitted: usize,
    /// Inputs that could not be read.
    unreadable: usize,
    /// What was judged by.
    settings: String,
    /// The command that tells more.
    next: String,
}

#[derive(Serialize, JsonSchema)]
struct RowJson {
    /// Stable over runs and machines.
    id: String,
    /// Its number in every form of the report, from 1.
    rank: usize,
    app: String,
    /// Metric, percentile and device.
    what: String,
    /// The figure that heads it in every form.
    headline: String,
    /// Against the report of `--since`: `new`, `known`, `changed`, or `gone`, which has recovered; null = none was given.
    news: Option<&'static str>,
    /// What of it is otherwise than it was; null = nothing is.
    news_text: Option<String>,
    /// The version that brought it; of a drift, the first version.
    version: String,
    /// `open`, `partly_recovered` or `recovered`; steps only.
    state: Option<&'static str>,
    /// As it is estimated. Null = from zero.
    change_percent: Option<f64>,
    /// The same in the metric's own unit, such as `+308 ms`.
    change: String,
    /// Null = single devices were not measured.
    devices: Option<String>,
    /// The code that grew with it; null = no call stacks tell of any.
    code: Option<String>,
    /// Whose that code is, by the owners of `perfpower.toml`.
    owner: Option<String>,
    /// The level now against Apple's goal; null = there is none.
    goal: Option<String>,
    /// Worsening that holds at the level corrected for selection. Null = from zero.
    at_least_percent: Option<f64>,
    /// In one sentence.
    text: String,
    /// The command that explains it.
    next: String,
}

/// What a brief answer is to hold.
#[derive(Clone, Debug)]
pub struct BriefRequest {
    /// About how many tokens it may have.
    pub max_tokens: usize,
    /// Number of the first finding, from 1.
    pub from_rank: usize,
    /// Only regressions that still hold.
    pub is_open_only: bool,
    /// Only findings whose code is of this team; absent = all.
    pub owner: Option<String>,
}

impl Default for BriefRequest {
    fn default() -> Self {
        Self { max_tokens: 2_000, from_rank: 1, is_open_only: false, owner: None }
    }
}

impl BriefRequest {
    fn wants(&self, rank: usize, finding: &Finding) -> bool {
        let is_of = |owner: &String| finding.links.frames.iter().any(|frame| frame.owner.as_ref() == Some(owner));
        rank >= self.from_rank
            && (!self.is_open_only || finding.is_open_regression())
            && self.owner.as_ref().is_none_or(is_of)
    }
}

/// Writes `perfpower.brief/1` in at most about as many tokens as are asked for; the summary is always there.
pub fn write_brief_json(report: &Report<'_>, request: &BriefRequest, out: &mut impl Write) -> io::Result<()> {
    let analysis = report.analysis;
    let ranked = (1..).zip(analysis.own_findings());
    let mut wanted: Vec<(usize, &Finding)> = ranked.filter(|(rank, finding)| request.wants(*rank, finding)).collect();
    if let Some(news) = &analysis.news {
        wanted.sort_by_key(|(_, finding)| match news.standing(finding.id) {
            Standing::New => 0,
            Standing::Changed(_) => 1,
            Standing::Recovered => 2,
            Standing::Known => 3,
        });
    }
    let gone = analysis.news.iter().flat_map(|news| &news.gone).take(SHOWN_GONE).map(|gone| {
        let (claim, words) = (&gone.claim, news::gone_words(gone));
        let line =
            format!("{} · {}: {}: {words}", claim.series.app, news::claim_title(claim), news::claim_words(claim));
        safe::shortened(&line, GONE_CHARACTERS).0.into_owned()
    });
    let command = CommandLine::perfpower("report").then(report.archive_argument);
    let mut brief = BriefJson {
        schema: BRIEF_SCHEMA,
        summary: summary_line(report),
        news: analysis.news.as_ref().map(|news| news::counts_line(news, &analysis.findings)),
        gone: gone.collect(),
        findings: Vec::new(),
        omitted: wanted.len(),
        unreadable: report.problem_counts().0,
        settings: sentence::settings_line(report),
        next: command.clone().option("--format", "json").to_string(),
    };
    let mut room = (request.max_tokens * BYTES_PER_TOKEN).saturating_sub(compact(&brief)?.len());
    for (rank, finding) in wanted {
        let standing = analysis.news.as_ref().map(|news| news.standing(finding.id));
        let one_decimal = |percent: f64| (percent * 10.0).round() / 10.0;
        let row = RowJson {
            id: finding.id.to_string(),
            rank,
            headline: answer::headline(finding),
            news: standing.map(Standing::as_str),
            news_text: standing.and_then(|standing| news::standing_words(standing, finding)),
            version: finding.version.clone(),
            state: finding.state.map(StepState::as_str),
            change_percent: finding.change.percent().map(one_decimal),
            change: answer::own_change(finding),
            devices: answer::devices(finding),
            code: answer::code(finding),
            owner: finding.links.frames.iter().find(|frame| frame.significant).and_then(|frame| frame.owner.clone()),
            goal: answer::against_goal(finding),
            app: finding.series.app.clone(),
            what: sentence::finding_title(finding),
            at_least_percent: finding.at_least_percent.map(one_decimal),
            text: sentence::finding_sentence(finding),
            next: command.clone().option("--explain", finding.id.to_string()).to_string(),
        };
        // One more for the comma.
        let bytes = compact(&row)?.len() + 1;
        if bytes > room {
            break;
        }
        room -= bytes;
        brief.findings.push(row);
        brief.omitted -= 1;
    }
    let mut line = compact(&brief)?;
    line.push(b'\n');
    out.write_all(&line)
}

fn compact(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    write_compact(value, &mut line)?;
    Ok(line)
}
