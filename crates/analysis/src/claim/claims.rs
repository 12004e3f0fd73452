//! From a selected app × metric to cards: one card per change that its series show together, led by one of them.
//!
//! The unit says that something changed, at which version and in which populations; the series say from where to where. Apple's
//! aggregate leads, because it is weighted by real users; a single device leads only where no aggregate shows the change.

use crate::claim::finding::{FindingKind, StepState, Verdict, VersionProbability};
use crate::judge::context::Context;
use crate::judge::series_ref::SeriesRef;
use crate::judge::told::{LatestChange, ToldUnit, ToldUnits};
use perfpower_statistics::unit::joint::{CarrierEffect, UnitChange};
use perfpower_statistics::{Origin, SeriesInput, SeriesJudgement, Step, Workspace};

/// What one series shows of a change of its unit.
#[derive(Clone)]
pub(crate) struct Claim<'b> {
    pub(crate) series: SeriesRef<'b>,
    pub(crate) judgement: SeriesJudgement,
    pub(crate) kind: FindingKind,
    pub(crate) verdict: Verdict,
    /// Position in the series of the first point after the change; 0 for a drift.
    pub(crate) index: usize,
    /// Rank of the version that brought it; a series without it shows it at its next point.
    pub(crate) version: u32,
    /// First position of the level before, and one past the level after.
    pub(crate) stretch: (usize, usize),
    /// On the log scale, with its standard error and degrees of freedom.
    pub(crate) delta: f64,
    pub(crate) se: f64,
    pub(crate) df: f64,
    /// Half width of the confidence interval, on the log scale.
    pub(crate) half_width: f64,
    /// The change of all that it is one of, on the log scale, with its standard error and degrees of freedom. Absent for an aggregate
    /// of which some members changed: it shows a part of it.
    pub(crate) of_all: Option<(f64, f64, f64)>,
    /// p-value of the unit's change.
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
    /// How much worse (or, for an improvement, better) it surely is, on the log scale, at a one-sided level: by the series itself, or by
    /// all that changed together, as far as the series' own interval goes, or its own difference where that is no change by itself.
    pub(crate) fn lower_bound(&self, level: f64) -> f64 {
        let critical = &self.series.context().critical;
        let bound = |delta: f64, se: f64, df: f64| delta.abs() - critical.quantile(df, level) * se;
        let own = bound(self.delta, self.se, self.df);
        let of_all = self.of_all.map_or(0.0, |(effect, se, df)| bound(effect, se, df));
        let surely = self.delta.abs() - self.half_width;
        let most = if surely > 0.0 { surely } else { self.delta.abs() };
        own.max(of_all.min(most)).max(0.0)
    }

    /// The level that its change starts from.
    pub(crate) fn origin(&self) -> Origin {
        Origin { log: self.log_before, scale: self.series.scale() }
    }
}

/// What the series of a unit show of one of its changes.
pub(crate) fn change_claims<'b>(
    unit: &[SeriesRef<'b>],
    told: &ToldUnits,
    of: &ToldUnit,
    change: &UnitChange,
    workspace: &mut Workspace,
) -> Vec<Claim<'b>> {
    let shown = unit.iter().filter_map(|&series| {
        let effect = of.effect(change, series)?;
        let judgement = told.judge(series, workspace).ok()?;
        if change.is_drift {
            return drift_claim(series, judgement, of, change, effect);
        }
        let index = of.position(change.version, series);
        let step = judgement.steps.iter().position(|step| step.index == index)?;
        Some(step_claim(series, judgement, step, of, change, effect))
    });
    // One that moved the other way shows nothing of it.
    shown.filter(|claim| claim.delta * change.effect > 0.0).collect()
}

fn step_claim<'b>(
    series: SeriesRef<'b>,
    judgement: SeriesJudgement,
    at: usize,
    of: &ToldUnit,
    change: &UnitChange,
    CarrierEffect { se, df, .. }: CarrierEffect,
) -> Claim<'b> {
    let ranks = series.ranks();
    let steps = &judgement.steps;
    let Step { index, change: own, level_before, level_after, state, recovered_at, .. } = steps[at].clone();
    let start = at.checked_sub(1).map_or(judgement.skipped, |before| steps[before].index);
    let end = steps.get(at + 1).map_or(ranks.len(), |next| next.index);
    let history = series.history();
    let candidates = change.candidates(series.context().options.parameters.credible_mass).into_iter();
    Claim {
        kind: FindingKind::Step,
        verdict: direction(series, change.effect),
        index,
        version: of.versions()[change.version],
        stretch: (start, end),
        delta: own.delta,
        se,
        df,
        half_width: series.context().half_width(se, df),
        of_all: of.is_carrier(change, series).then_some((change.effect, change.se, change.df)),
        p: of.p(change),
        log_before: level_before,
        log_after: level_after,
        log_now: judgement.level.log,
        candidates: candidates
            .map(|(version, probability)| {
                let rank = of.versions()[version];
                (rank, VersionProbability { version: history.version_text(rank).to_owned(), probability })
            })
            .collect(),
        state: Some(state),
        recovered_in: recovered_at.map(|at| ranks[at]),
        provisional: change.version + 1 == of.versions().len(),
        series,
        judgement,
    }
}

/// Whether an effect on the log scale is for the worse.
fn direction(series: SeriesRef<'_>, effect: f64) -> Verdict {
    if (effect > 0.0) == series.metric().lower_is_better { Verdict::Regression } else { Verdict::Improvement }
}

fn drift_claim<'b>(
    series: SeriesRef<'b>,
    judgement: SeriesJudgement,
    of: &ToldUnit,
    change: &UnitChange,
    CarrierEffect { se, df, .. }: CarrierEffect,
) -> Option<Claim<'b>> {
    let ranks = series.ranks();
    let total = judgement.trend?.total(judgement.points);
    let before = drift_origin(&series.input(), &judgement, total);
    Some(Claim {
        kind: FindingKind::Drift,
        verdict: direction(series, change.effect),
        index: judgement.skipped,
        version: ranks[judgement.skipped],
        stretch: (judgement.skipped, ranks.len()),
        delta: total,
        se,
        df,
        half_width: series.context().half_width(se, df),
        of_all: of.is_carrier(change, series).then_some((change.effect, change.se, change.df)),
        p: of.p(change),
        log_before: before.log,
        log_after: before.log + total,
        log_now: before.log + total,
        candidates: Vec::new(),
        state: None,
        recovered_in: None,
        provisional: false,
        series,
        judgement,
    })
}

/// Where a drift that changes the logarithm by `total` starts: its line goes through the mean of the points in the middle.
pub(crate) fn drift_origin(input: &SeriesInput<'_>, judgement: &SeriesJudgement, total: f64) -> Origin {
    let scale = input.scale();
    let logs = input.values[judgement.skipped..].iter().map(|&value| scale.log(value));
    Origin { log: logs.sum::<f64>() / judgement.points as f64 - total / 2.0, scale }
}

/// What the series of a unit show of its latest version.
pub(crate) fn latest_claims<'b>(
    unit: &[SeriesRef<'b>],
    told: &ToldUnits,
    of: &ToldUnit,
    release: &LatestChange,
    workspace: &mut Workspace,
) -> Vec<Claim<'b>> {
    let newest = of.versions().last().copied();
    unit.iter()
        .filter(|series| series.ranks().last().copied() == newest)
        .filter_map(|&series| latest_claim(series, told.judge(series, workspace).ok()?, release))
        .filter(|claim| claim.delta * release.effect > 0.0)
        .collect()
}

fn latest_claim<'b>(series: SeriesRef<'b>, judgement: SeriesJudgement, release: &LatestChange) -> Option<Claim<'b>> {
    let latest = judgement.latest?;
    let ranks = series.ranks();
    let last = ranks.len() - 1;
    let log_before = series.scale().log(latest.level);
    Some(Claim {
        kind: FindingKind::Latest,
        verdict: direction(series, release.effect),
        index: last,
        version: ranks[last],
        stretch: (latest.level_from, ranks.len()),
        delta: latest.change.delta,
        se: latest.change.se,
        df: latest.change.df,
        half_width: (latest.change.interval.high - latest.change.interval.low) / 2.0,
        of_all: Some((release.effect, release.se, latest.change.df)),
        p: release.p,
        log_before,
        log_after: log_before + latest.change.delta,
        log_now: log_before + latest.change.delta,
        candidates: Vec::new(),
        state: None,
        recovered_in: None,
        provisional: true,
        series,
        judgement,
    })
}

/// What series show of one change: the first one leads.
pub(crate) struct Card<'b> {
    pub(crate) claims: Vec<Claim<'b>>,
    /// The change, with the unit that tells it; absent for a claim about the latest version alone.
    pub(crate) change: Option<(&'b ToldUnit, &'b UnitChange)>,
}

impl<'b> Card<'b> {
    /// Those that show enough of it, the one that leads first; absent where none shows anything.
    pub(crate) fn of(
        context: &Context<'_>,
        change: Option<(&'b ToldUnit, &'b UnitChange)>,
        mut claims: Vec<Claim<'b>>,
        level: f64,
    ) -> Option<Self> {
        let least = context.options.parameters.min_rise();
        let size = |claim: &Claim<'_>| claim.delta.abs();
        // Of a change that none shows in full the one that shows most of it leads.
        if claims.iter().any(|claim| size(claim) >= least) {
            claims.retain(|claim| size(claim) >= least);
        }
        // Aggregates before members, the surest first; ties by series.
        let key = |claim: &Claim<'_>| (claim.series.is_of_device(), claim.lower_bound(level));
        claims.sort_by(|a, b| {
            let ((a_member, a_bound), (b_member, b_bound)) = (key(a), key(b));
            a_member
                .cmp(&b_member)
                .then_with(|| b_bound.total_cmp(&a_bound))
                .then_with(|| size(b).total_cmp(&size(a)))
                .then_with(|| a.series.at.cmp(&b.series.at))
        });
        (!claims.is_empty()).then_some(Self { claims, change })
    }
}

/// Leaves out an improvement that only takes a regression back: the regression's own card tells it.
pub(crate) fn without_taken_back(context: &Context<'_>, cards: &mut Vec<Card<'_>>) {
    let least = context.options.parameters.min_rise();
    let taken_back: Vec<(u32, f64)> = cards
        .iter()
        .filter(|card| card.claims[0].verdict == Verdict::Regression)
        .flat_map(|card| card.claims.iter().filter_map(|claim| Some((claim.recovered_in?, claim.delta))))
        .collect();
    cards.retain(|card| {
        let lead = &card.claims[0];
        let takes_back = |&(version, delta): &(u32, f64)| {
            (lead.version == version || lead.candidates.iter().any(|(candidate, _)| *candidate == version))
                && lead.delta.abs() <= delta.abs() + least
        };
        lead.verdict != Verdict::Improvement || !taken_back.iter().any(takes_back)
    });
}
