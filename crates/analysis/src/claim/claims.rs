//! From the selected series of one app × metric to cards: one card per version and direction, led by one series.
//!
//! A step is seen by many series at once (devices, p50 and p90), each a version early or late. Series whose candidate
//! versions meet share a card. Apple's aggregate leads, because it is weighted by real users; a single device leads only
//! where no aggregate claims anything.

use crate::claim::finding::{FindingKind, StepState, Verdict, VersionProbability};
use crate::judge::batch::Batch;
use crate::judge::series_ref::SeriesRef;
use perfpower_statistics::{Model, Origin, SeriesInput, SeriesJudgement};
use std::collections::HashSet;
use std::sync::Arc;

/// One series' claim that something changed.
#[derive(Clone)]
pub(crate) struct Claim<'b> {
    pub(crate) series: SeriesRef<'b>,
    pub(crate) judgement: Arc<SeriesJudgement>,
    pub(crate) kind: FindingKind,
    pub(crate) verdict: Verdict,
    /// Position in the series of the first point after the change; 0 for a drift.
    pub(crate) index: usize,
    /// Rank of that point's version.
    pub(crate) version: u32,
    /// First position of the level before, and one past the level after.
    pub(crate) stretch: (usize, usize),
    /// On the log scale, with its standard error and degrees of freedom.
    pub(crate) delta: f64,
    pub(crate) se: f64,
    pub(crate) df: f64,
    /// Half width of the confidence interval, on the log scale.
    pub(crate) half_width: f64,
    /// p-value of the question, ungated.
    pub(crate) p: f64,
    /// Levels on the log scale, offset included.
    pub(crate) log_before: f64,
    pub(crate) log_after: f64,
    pub(crate) log_now: f64,
    pub(crate) candidates: Vec<(u32, VersionProbability)>,
    pub(crate) state: Option<StepState>,
    /// Rank of the version that took it back, or took most of it back.
    pub(crate) recovered_in: Option<u32>,
    pub(crate) provisional: bool,
}

impl Claim<'_> {
    /// How much worse (or, for an improvement, better) it surely is, on the log scale, at a one-sided level.
    pub(crate) fn lower_bound(&self, level: f64) -> f64 {
        (self.delta.abs() - self.series.batch.critical.quantile(self.df, level) * self.se).max(0.0)
    }

    /// The level that its change starts from.
    pub(crate) fn origin(&self) -> Origin {
        Origin { log: self.log_before, scale: self.series.scale() }
    }

    fn may_be(&self, version: u32) -> bool {
        self.version == version || self.candidates.iter().any(|(candidate, _)| *candidate == version)
    }
}

/// The claims of one series about its history.
pub(crate) fn history_claims<'b>(series: SeriesRef<'b>, judgement: &Arc<SeriesJudgement>) -> Vec<Claim<'b>> {
    let ranks = series.ranks();
    match judgement.model {
        Model::Steps => {
            let steps = &judgement.steps;
            steps
                .iter()
                .enumerate()
                .filter(|(_, step)| matches!(step.verdict, Verdict::Regression | Verdict::Improvement))
                .map(|(at, step)| {
                    let start = at.checked_sub(1).map_or(judgement.skipped, |before| steps[before].index);
                    let end = steps.get(at + 1).map_or(ranks.len(), |next| next.index);
                    Claim {
                        series,
                        judgement: Arc::clone(judgement),
                        kind: FindingKind::Step,
                        verdict: step.verdict,
                        index: step.index,
                        version: ranks[step.index],
                        stretch: (start, end),
                        delta: step.change.delta,
                        se: step.change.se,
                        df: step.change.df,
                        half_width: (step.change.interval.high - step.change.interval.low) / 2.0,
                        p: judgement.p,
                        log_before: step.level_before,
                        log_after: step.level_after,
                        log_now: judgement.level.log,
                        candidates: candidates(series, &step.candidates),
                        state: Some(step.state),
                        recovered_in: step.recovered_at.map(|at| ranks[at]),
                        provisional: step.provisional,
                    }
                })
                .collect()
        }
        Model::Drift => drift_claim(series, judgement).into_iter().collect(),
        Model::TooShort | Model::Level => Vec::new(),
    }
}

fn candidates(series: SeriesRef<'_>, candidates: &[perfpower_statistics::Candidate]) -> Vec<(u32, VersionProbability)> {
    let ranks = series.ranks();
    let mut credible: Vec<(u32, VersionProbability)> = candidates
        .iter()
        .filter(|candidate| candidate.credible)
        .map(|candidate| {
            let rank = ranks[candidate.index];
            let version = series.history().version_text(rank).to_owned();
            (rank, VersionProbability { version, probability: candidate.probability })
        })
        .collect();
    credible.sort_by(|a, b| b.1.probability.total_cmp(&a.1.probability).then_with(|| a.0.cmp(&b.0)));
    credible
}

fn drift_claim<'b>(series: SeriesRef<'b>, judgement: &Arc<SeriesJudgement>) -> Option<Claim<'b>> {
    let trend = judgement.trend?;
    let (batch, ranks) = (series.batch, series.ranks());
    let n = judgement.points;
    let total = trend.total(n);
    let worse = if series.metric().lower_is_better { total > 0.0 } else { total < 0.0 };
    let before = drift_origin(&series.input(), judgement, total);
    let se = trend.se * n.saturating_sub(1) as f64;
    let df = judgement.noise.df;
    let tail = (1.0 - batch.options.parameters.confidence) / 2.0;
    Some(Claim {
        series,
        judgement: Arc::clone(judgement),
        kind: FindingKind::Drift,
        verdict: if worse { Verdict::Regression } else { Verdict::Improvement },
        index: judgement.skipped,
        version: ranks[judgement.skipped],
        stretch: (judgement.skipped, ranks.len()),
        delta: total,
        se,
        df,
        half_width: batch.critical.quantile(df, tail) * se,
        p: judgement.p,
        log_before: before.log,
        log_after: before.log + total,
        log_now: before.log + total,
        candidates: Vec::new(),
        state: None,
        recovered_in: None,
        provisional: false,
    })
}

/// Where a drift that changes the logarithm by `total` starts: its line goes through the mean of the points in the middle.
pub(crate) fn drift_origin(input: &SeriesInput<'_>, judgement: &SeriesJudgement, total: f64) -> Origin {
    let scale = input.scale();
    let logs = input.values[judgement.skipped..].iter().map(|&value| scale.log(value));
    Origin { log: logs.sum::<f64>() / judgement.points as f64 - total / 2.0, scale }
}

/// The claim of one series about its latest version.
pub(crate) fn latest_claim<'b>(series: SeriesRef<'b>, judgement: &Arc<SeriesJudgement>) -> Option<Claim<'b>> {
    let latest = judgement.latest?;
    if !matches!(latest.verdict, Verdict::Regression | Verdict::Improvement) {
        return None;
    }
    let ranks = series.ranks();
    let last = ranks.len() - 1;
    let log_before = series.scale().log(latest.level);
    Some(Claim {
        series,
        judgement: Arc::clone(judgement),
        kind: FindingKind::Latest,
        verdict: latest.verdict,
        index: last,
        version: ranks[last],
        stretch: (latest.level_from, ranks.len()),
        delta: latest.change.delta,
        se: latest.change.se,
        df: latest.change.df,
        half_width: (latest.change.interval.high - latest.change.interval.low) / 2.0,
        p: latest.change.p,
        log_before,
        log_after: log_before + latest.change.delta,
        log_now: log_before + latest.change.delta,
        candidates: Vec::new(),
        state: None,
        recovered_in: None,
        provisional: latest.provisional,
    })
}

/// Claims that speak of one event: the first one leads.
pub(crate) struct Card<'b> {
    pub(crate) claims: Vec<Claim<'b>>,
}

/// Groups the claims of one app × metric. A claim about the latest version that a step already makes is dropped.
pub(crate) fn cards<'b>(batch: &Batch<'_>, claims: Vec<Claim<'b>>, level: f64) -> Vec<Card<'b>> {
    let is_member = |claim: &Claim<'_>| claim.series.is_of_device();
    let mut claims: Vec<(bool, f64, Claim<'b>)> =
        claims.into_iter().map(|claim| (is_member(&claim), claim.lower_bound(level), claim)).collect();
    // History before latest, aggregates before members, the surest first; ties by series.
    claims.sort_by(|(a_member, a_bound, a), (b_member, b_bound, b)| {
        (a.kind == FindingKind::Latest)
            .cmp(&(b.kind == FindingKind::Latest))
            .then_with(|| a_member.cmp(b_member))
            .then_with(|| b_bound.total_cmp(a_bound))
            .then_with(|| a.series.at.cmp(&b.series.at))
            .then_with(|| a.index.cmp(&b.index))
    });
    let mut cards: Vec<Card<'b>> = Vec::new();
    // One claim of each series, by position of the card.
    let mut members: HashSet<(usize, usize)> = HashSet::new();
    for (_, _, claim) in claims {
        let home = cards.iter().position(|card| {
            let lead = &card.claims[0];
            lead.verdict == claim.verdict
                && match (lead.kind, claim.kind) {
                    (FindingKind::Drift, FindingKind::Drift) => true,
                    // One device's staircase is the aggregate's slope, and the other way round.
                    (FindingKind::Drift, _) | (_, FindingKind::Drift) => is_member(&claim) && !is_member(lead),
                    // A step into the latest version answers the release question too.
                    _ => lead.may_be(claim.version) || claim.may_be(lead.version),
                }
        });
        let home = home.unwrap_or_else(|| {
            cards.push(Card { claims: Vec::new() });
            cards.len() - 1
        });
        if members.insert((home, claim.series.at)) {
            cards[home].claims.push(claim);
        }
    }
    // An improvement that only takes a regression back is told by the regression's own card.
    let least = batch.options.parameters.min_change.ln_1p();
    let taken_back: Vec<(u32, f64)> = cards
        .iter()
        .filter(|card| card.claims[0].verdict == Verdict::Regression)
        .flat_map(|card| card.claims.iter().filter_map(|claim| Some((claim.recovered_in?, claim.delta))))
        .collect();
    cards.retain(|card| {
        let lead = &card.claims[0];
        lead.verdict != Verdict::Improvement
            || !taken_back
                .iter()
                .any(|&(version, delta)| lead.may_be(version) && lead.delta.abs() <= delta.abs() + least)
    });
    cards
}
