//! One series in full, for a reader who doubts: every point's noise, every version's probability. May allocate; the hot loop
//! does not come here.

use crate::Prior;
use crate::series::change::Interval;
use crate::series::critical::CriticalValues;
use crate::series::input::{SeriesInput, Unusable};
use crate::series::judgement::{SeriesJudgement, Told, judge, judge_told};
use crate::series::location::{Posterior, credible};
use crate::series::noise::Residual;
use crate::series::rank_trend::{MannKendall, TheilSen, mann_kendall, theil_sen};
use crate::series::shape::Reading;
use crate::series::step::Candidate;
use crate::series::workspace::Workspace;
use std::ops::Range;

/// A judgement with what it rests on. Positions are in the series as given.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The same as [`judge`] gives, or [`judge_told`] where its unit says when it changed.
    pub judgement: SeriesJudgement,
    /// The points judged, in order.
    pub points: Vec<ExplainedPoint>,
    /// The probability of every version, if the whole series held exactly one step. Empty below 3 points.
    pub candidates: Vec<Candidate>,
    /// Trend by the order of the values alone; absent for a single point.
    pub mann_kendall: Option<MannKendall>,
    /// Slope by the median of all pairs, on the log scale per version; absent for a single point.
    pub theil_sen: Option<TheilSen>,
}

/// One value and its noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExplainedPoint {
    /// Position in the series as given.
    pub index: usize,
    /// In the metric's unit.
    pub value: f64,
    /// Standard deviation that the margin explains, as a fraction of (value + offset).
    pub sampling_sd: f64,
    /// Standard deviation that all tests use, as a fraction of (value + offset).
    pub sd: f64,
    /// One standard deviation around the value, in the metric's unit.
    pub band: Interval,
}

/// Judges one series and keeps the evidence.
pub fn explain(
    input: &SeriesInput<'_>,
    told: Option<&Told>,
    prior: &Prior,
    critical: &CriticalValues,
    workspace: &mut Workspace,
) -> Result<Explanation, Unusable> {
    let judgement = match told {
        Some(told) => judge_told(input, None, told, prior, critical, workspace)?,
        None => judge(input, prior, critical, workspace)?,
    };
    let (n, skipped) = (judgement.points, judgement.skipped);
    // What the workspace holds now is the reading of all points.
    let points = (0..n)
        .map(|i| {
            let sd = workspace.weight[i].sqrt().recip();
            ExplainedPoint {
                index: skipped + i,
                value: input.values[skipped + i],
                sampling_sd: workspace.sampling[i].sqrt(),
                sd,
                band: Interval {
                    low: input.scale().value(workspace.log[i] - sd),
                    high: input.scale().value(workspace.log[i] + sd),
                },
            }
        })
        .collect();
    let candidates = location(input, prior, critical, skipped..skipped + n, workspace)?;
    let mann_kendall = mann_kendall(&workspace.y[..n]);
    let theil_sen = theil_sen(&workspace.y[..n], critical.parameters().confidence);
    Ok(Explanation { judgement, points, candidates, mann_kendall, theil_sen })
}

/// The probability of every version within `range` to be the first after a step, if that stretch held exactly one.
///
/// The noise is that of the whole series. Empty where the range holds fewer than 2 judged points. Feed the probabilities of
/// related series over the same range to [`locate_joint`](crate::locate_joint).
pub fn location(
    input: &SeriesInput<'_>,
    prior: &Prior,
    critical: &CriticalValues,
    range: Range<usize>,
    workspace: &mut Workspace,
) -> Result<Vec<Candidate>, Unusable> {
    let parameters = critical.parameters();
    let loaded = input.load(parameters, workspace)?;
    let reading = Reading::of_all(loaded.n, prior, Residual::asked(prior.basis), critical, workspace);
    let start = range.start.saturating_sub(loaded.skipped);
    let end = range.end.saturating_sub(loaded.skipped).min(loaded.n);
    if end < start + 2 {
        return Ok(Vec::new());
    }
    let posterior = Posterior::of(&reading.sums, start, end, reading.noise.df, parameters.step_size);
    let probabilities = posterior.probabilities();
    let chosen = credible(probabilities, parameters.credible_mass);
    Ok(probabilities
        .iter()
        .zip(chosen)
        .enumerate()
        .map(|(i, (probability, credible))| Candidate {
            index: loaded.skipped + start + 1 + i,
            probability: *probability,
            credible,
        })
        .collect())
}
