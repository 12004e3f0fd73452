//! What is new against an earlier report, for programs.

use super::series::SeriesJson;
use crate::sentence::news::{Counts, claim_headline, counts_line, gone_words};
use perfpower_analysis::{Finding, Gone, News, WhyGone};
use schemars::JsonSchema;
use serde::Serialize;

/// What is new; of each finding that there is, its own `news` says how it stands.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct NewsJson<'a> {
    /// The newest download that the earlier report knew; null = it knew none.
    earlier_last_day: Option<String>,
    /// The false discovery rate up to which its claims are kept, 0 to 1; a claim that is made is held to that of `settings`.
    kept_rate: f64,
    /// Findings that were not claimed.
    new: usize,
    /// Findings of which something is otherwise.
    changed: usize,
    /// Findings that have recovered, and claims that are not made any more.
    gone: usize,
    /// Findings that are as they were.
    known: usize,
    /// In one line.
    text: String,
    /// Claims that are not made any more, in the order of the earlier report.
    claims_gone: Vec<GoneJson<'a>>,
}

/// A claim that is not made any more.
#[derive(Debug, Serialize, JsonSchema)]
struct GoneJson<'a> {
    /// Its id in the earlier report.
    id: String,
    #[serde(flatten)]
    series: SeriesJson<'a>,
    /// `step`, `drift` or `latest`.
    kind: &'static str,
    /// As it was.
    verdict: &'static str,
    /// The version that brought it.
    version: &'a str,
    /// The figure that headed it.
    headline: String,
    /// `withdrawn`: what was read since weakens it; `replaced` by another finding of its app × metric; `not_measured` any more.
    why: &'static str,
    /// p of its app × metric now, where it is withdrawn.
    p: Option<f64>,
    /// The id of the finding in its place.
    replaced_by: Option<String>,
    /// Why, in words.
    text: String,
}

impl<'a> NewsJson<'a> {
    pub(crate) fn new(news: &'a News, findings: &[Finding]) -> Self {
        let Counts { new, changed, gone, known } = Counts::of(news, findings);
        Self {
            earlier_last_day: news.earlier_day.map(|day| day.to_string()),
            kept_rate: news.kept_rate,
            new,
            changed,
            gone,
            known,
            text: counts_line(news, findings),
            claims_gone: news.gone.iter().map(GoneJson::new).collect(),
        }
    }
}

impl<'a> GoneJson<'a> {
    fn new(gone: &'a Gone) -> Self {
        let Gone { claim, why } = gone;
        let (p, replaced_by) = match why {
            WhyGone::Withdrawn { p } => (*p, None),
            WhyGone::Replaced { by, .. } => (None, Some(by.to_string())),
            WhyGone::NotMeasured(_) => (None, None),
        };
        Self {
            id: claim.id.to_string(),
            series: SeriesJson::new(&claim.series, claim.percentile, None),
            kind: claim.kind.as_str(),
            verdict: claim.verdict.as_str(),
            version: &claim.version,
            headline: claim_headline(claim),
            why: why.as_str(),
            p,
            replaced_by,
            text: gone_words(gone),
        }
    }
}
