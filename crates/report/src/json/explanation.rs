//! One answer with everything that it rests on, for programs: `perfpower.explanation/1`.

use super::report::{AppleInsightJson, FindingJson, ProblemJson, VersionJson, apple_insight, finding};
use super::series::SeriesJson;
use super::settings::SettingsJson;
use super::{JsonLayout, write_json};
use crate::facts::Report;
use crate::page::{Block, Section, evidence_sections};
use perfpower_analysis::{Change, Explanation, FamilyTest};
use perfpower_statistics::Model;
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{self, Write};

/// Name of the schema, in the key `schema`.
pub(crate) const EXPLANATION_SCHEMA: &str = "perfpower.explanation/1";

/// The answer of `perfpower report --explain ID --format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ExplanationJson<'a> {
    /// Always `perfpower.explanation/1`.
    schema: &'static str,
    #[serde(flatten)]
    series: SeriesJson<'a>,
    /// The finding that the series leads or shares, as in `perfpower.report/1`; null = none survives the batch.
    finding: Option<FindingJson<'a>>,
    /// Whether the series leads that finding.
    leads: bool,
    /// `too_short`, `level`, `steps` or `drift`.
    model: &'static str,
    noise: NoiseJson,
    /// Every version that may have brought a step, if there was exactly one; likeliest first.
    candidates: Vec<VersionJson<'a>>,
    /// Its app × metric among those of the question which version brought a lasting change; null = cannot be asked.
    history_family: Option<FamilyTestJson>,
    /// Its app × metric among those of the question whether the latest version itself changed; null = cannot be asked.
    latest_family: Option<FamilyTestJson>,
    /// What was corrected, by which method, over how many: in words.
    correction: String,
    /// What each population of its app × metric says to the finding; empty without one, or for one about the latest version alone.
    populations: Vec<PopulationJson<'a>>,
    /// In release order.
    points: Vec<PointJson<'a>>,
    /// Apple's view beside ours, newest snapshot first.
    apple_insights: Vec<AppleInsightJson<'a>>,
    /// The same in words, with the tests and where the noise was learned.
    text: Vec<PartJson>,
    /// What makes the whole batch less sure.
    alarms: &'a [String],
    /// What could not be read, or not wholly.
    problems: Vec<ProblemJson<'a>>,
    /// What was judged by.
    settings: SettingsJson<'a>,
}

#[derive(Serialize, JsonSchema)]
struct NoiseJson {
    /// One standard deviation of a value.
    relative_sd_percent: f64,
    /// Degrees of freedom that it is known with.
    df: f64,
    /// Of these, the series' own; the rest is borrowed from series like it.
    own_df: f64,
}

#[derive(Serialize, JsonSchema)]
struct FamilyTestJson {
    series: u64,
    /// Of all series of the family together.
    p: f64,
    /// p-value up to which the batch selects families; 0 = it selects none.
    cutoff: f64,
}

#[derive(Serialize, JsonSchema)]
struct PopulationJson<'a> {
    device: &'a str,
    label: &'a str,
    /// Probability that it moved, given that something did.
    probability: f64,
    /// Null = no version on one side, or from zero.
    change_percent: Option<f64>,
    ci_percent: Option<[f64; 2]>,
}

#[derive(Serialize, JsonSchema)]
struct PointJson<'a> {
    version: &'a str,
    value: f64,
    /// Half width; null = plenty of data.
    margin: Option<f64>,
    goal: Option<&'a str>,
    /// The day whose value holds.
    snapshot: String,
    /// Older, different values, newest day first.
    revisions: Vec<RevisionJson>,
    /// Whether neither its neighbours nor its siblings confirm it, so that no claim rests on it.
    odd: bool,
}

#[derive(Serialize, JsonSchema)]
struct RevisionJson {
    snapshot: String,
    value: f64,
}

#[derive(Serialize, JsonSchema)]
struct PartJson {
    heading: String,
    sentences: Vec<String>,
}

/// Writes an explanation as JSON: `perfpower.explanation/1`.
pub fn write_explanation_json(
    explanation: &Explanation,
    report: &Report<'_>,
    layout: JsonLayout,
    out: &mut impl Write,
) -> io::Result<()> {
    let analysis = report.analysis;
    let series = &explanation.series;
    let noise = explanation.evidence.judgement.noise;
    let family = |family: FamilyTest| FamilyTestJson { series: family.series, p: family.p, cutoff: family.cutoff };
    let points = explanation.points.iter().map(|point| PointJson {
        version: &point.version,
        value: point.value,
        margin: point.margin,
        goal: point.goal.as_deref(),
        snapshot: point.snapshot.to_string(),
        revisions: point
            .revisions
            .iter()
            .map(|(day, value)| RevisionJson { snapshot: day.to_string(), value: *value })
            .collect(),
        odd: point.is_odd,
    });
    let populations = explanation.populations.iter().map(|population| PopulationJson {
        device: &population.device,
        label: &population.label,
        probability: population.probability,
        change_percent: population.change.and_then(Change::percent),
        ci_percent: population.ci_percent,
    });
    write_json(
        &ExplanationJson {
            schema: EXPLANATION_SCHEMA,
            series: SeriesJson::new(series, explanation.percentile, explanation.unit_label.as_deref()),
            finding: explanation.finding.as_ref().map(|own| {
                let rank = analysis.own_findings().position(|ranked| ranked.id == own.id).map(|at| at + 1);
                finding(own, rank, analysis)
            }),
            leads: explanation.leads,
            model: match explanation.model() {
                Model::TooShort => "too_short",
                Model::Level => "level",
                Model::Steps => "steps",
                Model::Drift => "drift",
            },
            noise: NoiseJson { relative_sd_percent: 100.0 * noise.relative_sd, df: noise.df, own_df: noise.own_df },
            candidates: explanation.candidates.iter().map(VersionJson::from).collect(),
            history_family: explanation.history_family.map(family),
            latest_family: explanation.latest_family.map(family),
            correction: crate::sentence::correction_sentence(analysis),
            populations: populations.collect(),
            points: points.collect(),
            apple_insights: explanation.apple.iter().map(apple_insight).collect(),
            text: evidence_sections(explanation, analysis).iter().filter_map(part).collect(),
            alarms: &analysis.calibration.alarms,
            problems: report.problems.iter().map(ProblemJson::from).collect(),
            settings: SettingsJson::new(report),
        },
        layout,
        out,
    )
}

/// The running text of a section; what stands in tables has keys of its own.
fn part(section: &Section) -> Option<PartJson> {
    let mut sentences = Vec::new();
    for block in &section.blocks {
        match block {
            Block::Paragraph(line) => sentences.push(line.plain()),
            Block::List(items) => sentences.extend(items.iter().map(|item| item.line.plain())),
            _ => {}
        }
    }
    let heading = section.heading.as_ref()?.plain();
    (!sentences.is_empty()).then_some(PartJson { heading, sentences })
}
