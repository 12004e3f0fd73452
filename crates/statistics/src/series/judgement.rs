//! Everything that one series says by itself: which version brought a change, whether it drifts, whether the latest version is
//! to blame, and with what doubt.
//!
//! Two questions are kept apart. *History*: is there a step or a drift, and where? *Release*: is the latest version itself out
//! of line? An old step that is still open is an answer to the first only.

use crate::parameters::Prior;
use crate::series::critical::CriticalValues;
use crate::series::input::{Loaded, SeriesInput, Unusable};
use crate::series::latest::Latest;
use crate::series::noise::{self, Noise, Residual, Scatter, moderate};
use crate::series::scan::Scan;
use crate::series::segmentation::Segmentation;
use crate::series::shape::{Given, Model, Reading, Shape};
use crate::series::step::{Candidate, Step, StepContext};
use crate::series::trend::Trend;
use crate::series::workspace::Workspace;

/// The answer for one series. Positions are in the series as given.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesJudgement {
    /// Points judged: the newest, at most [`MAX_POINTS`](crate::MAX_POINTS).
    pub points: usize,
    /// Older points left out.
    pub skipped: usize,
    /// The shape that explains the series at the lowest cost.
    pub model: Model,
    /// Noise of one value, from all points.
    pub noise: Noise,
    /// The test for at most one step; absent below 3 points.
    pub scan: Option<Scan>,
    /// The test for a drift; absent below 3 points.
    pub trend: Option<Trend>,
    /// The steps of the best segmentation, in version order. They are the claim of the series only if the model is
    /// [`Model::Steps`]; under a drift they show what the drift was preferred to.
    pub steps: Vec<Step>,
    /// Where the series stands now: the level after its last step. Under a drift this lags behind the line.
    pub level: Level,
    /// The release question; absent for a single point.
    pub latest: Option<Latest>,
    /// Chance of a scan or a trend as sharp as these without any change. 1 below 3 points.
    pub p: f64,
    /// What enters the batch: p, or 1 where the model claims less than [`Parameters::min_change`](crate::Parameters::min_change).
    pub gated_p: f64,
}

/// Mean of the points since the last step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// In the metric's unit.
    pub value: f64,
    /// ln(value + offset).
    pub log: f64,
    /// Standard error of the logarithm, with the degrees of freedom of the noise.
    pub se: f64,
    /// First point that counts.
    pub from: usize,
}

/// Judges one series. Allocates only where there are steps to report.
pub fn judge(
    input: &SeriesInput<'_>,
    prior: &Prior,
    critical: &CriticalValues,
    workspace: &mut Workspace,
) -> Result<SeriesJudgement, Unusable> {
    let loaded = input.load(critical.parameters(), workspace)?;
    let scatter = Scatter::of(loaded.n, workspace);
    Ok(judge_loaded(input, loaded, scatter, prior, critical, workspace))
}

/// The same for a series that [`first_pass`](crate::series::first_pass()) has read, with the scatter that it found: the answer is the
/// same, and costs less.
pub fn judge_read(
    input: &SeriesInput<'_>,
    scatter: Scatter,
    prior: &Prior,
    critical: &CriticalValues,
    workspace: &mut Workspace,
) -> Result<SeriesJudgement, Unusable> {
    let loaded = input.load(critical.parameters(), workspace)?;
    Ok(judge_loaded(input, loaded, scatter, prior, critical, workspace))
}

/// What a series is told by its unit, which knows more than it does.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Told {
    /// One level.
    #[default]
    Level,
    /// Levels with steps between them, in order.
    Steps(Vec<ToldStep>),
    /// A constant change per version.
    Drift,
}

/// Where a unit says that a series stepped. Positions are in the series as given.
#[derive(Clone, Debug, PartialEq)]
pub struct ToldStep {
    /// First point of the new level.
    pub index: usize,
    /// Versions where it may have happened, in version order.
    pub candidates: Vec<Candidate>,
}

/// Judges a series whose shape is told: where it changed is the unit's to say, by how much the series'. `p`, the scan and the trend stay
/// what the series says by itself. A step before the judged points, or that leaves a level without a point, is left out.
pub fn judge_told(
    input: &SeriesInput<'_>,
    scatter: Option<Scatter>,
    told: &Told,
    prior: &Prior,
    critical: &CriticalValues,
    workspace: &mut Workspace,
) -> Result<SeriesJudgement, Unusable> {
    let loaded = input.load(critical.parameters(), workspace)?;
    let scatter = scatter.unwrap_or_else(|| Scatter::of(loaded.n, workspace));
    let Loaded { n, skipped } = loaded;
    let mut kept: Vec<&ToldStep> = Vec::new();
    if let Told::Steps(steps) = told {
        for step in steps {
            let after = kept.last().map_or(skipped, |before| before.index);
            if step.index > after && step.index < skipped + n {
                kept.push(step);
            }
        }
    }
    let levels = Segmentation::at(kept.iter().map(|step| step.index - skipped));
    let model = match told {
        _ if n < 3 => Model::TooShort,
        Told::Drift => Model::Drift,
        _ if kept.is_empty() => Model::Level,
        _ => Model::Steps,
    };
    let shape = Shape::with(n, scatter, prior, critical, Some(Given { model, levels }), workspace);
    let mut judgement = judge_shape(input, loaded, scatter, prior, critical, shape, workspace);
    for (step, told) in judgement.steps.iter_mut().zip(kept) {
        step.candidates.clone_from(&told.candidates);
    }
    Ok(judgement)
}

fn judge_loaded(
    input: &SeriesInput<'_>,
    loaded: Loaded,
    scatter: Scatter,
    prior: &Prior,
    critical: &CriticalValues,
    workspace: &mut Workspace,
) -> SeriesJudgement {
    let shape = Shape::of(loaded.n, scatter, prior, critical, workspace);
    judge_shape(input, loaded, scatter, prior, critical, shape, workspace)
}

fn judge_shape(
    input: &SeriesInput<'_>,
    Loaded { n, skipped }: Loaded,
    scatter: Scatter,
    prior: &Prior,
    critical: &CriticalValues,
    shape: Shape,
    workspace: &mut Workspace,
) -> SeriesJudgement {
    let parameters = critical.parameters();
    let steps = StepContext {
        sums: &shape.reading.sums,
        n,
        skipped,
        centre: workspace.centre,
        lower_is_better: input.lower_is_better,
        thresholds: &shape.reading.thresholds,
        parameters,
    }
    .steps(&shape.levels);
    let latest = shape.release(input, skipped, critical, workspace).map(|history| history.latest());
    let (p, scan, trend) = shape.tested(skipped);
    let gated_p = if shape.claimed() >= parameters.min_rise() { p } else { 1.0 };
    let Shape { model, reading, levels, .. } = shape;
    // Where nothing was found, the residual is that of a level, and reads as less noise than a step would have left.
    let reading = if model == Model::Level && Residual::asked(prior.basis) == Residual::OfStep {
        Reading::of(moderate(scatter.all, n, prior, Residual::OfLevel), n, n, prior.basis, critical, workspace)
    } else {
        reading
    };
    let noise = Noise { relative_sd: relative_sd(n, reading.noise.dispersion, workspace), ..reading.noise };
    let sums = &reading.sums;
    let from = levels.last_start();
    let log = workspace.centre + sums.mean(from, n);
    SeriesJudgement {
        points: n,
        skipped,
        model,
        noise,
        scan,
        trend,
        steps,
        level: Level {
            value: input.scale().value(log),
            log,
            se: sums.weight(from, n).sqrt().recip(),
            from: skipped + from,
        },
        latest,
        p,
        gated_p,
    }
}

/// Median standard deviation of one of `n` values, as a fraction.
fn relative_sd(n: usize, dispersion: f64, workspace: &mut Workspace) -> f64 {
    let Workspace { base, sampling, scratch, .. } = workspace;
    if !workspace.has_margins {
        return noise::variance(dispersion, base[0], 0.0).sqrt();
    }
    for i in 0..n {
        scratch[i] = noise::variance(dispersion, base[i], sampling[i]);
    }
    noise::median(&mut scratch[..n]).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::step::StepState;
    use crate::{Parameters, close};

    fn told(values: &[f64], told: &Told) -> SeriesJudgement {
        let critical = CriticalValues::new(Parameters::default());
        let margins = vec![f64::NAN; values.len()];
        let input = SeriesInput { values, margins: &margins, offset: 0.0, lower_is_better: true };
        judge_told(&input, None, told, &Prior::default(), &critical, &mut Workspace::default()).unwrap()
    }

    fn at(index: usize) -> ToldStep {
        ToldStep { index, candidates: vec![Candidate { index, probability: 1.0, credible: true }] }
    }

    #[test]
    fn a_told_series_has_the_levels_that_it_is_told() {
        let values = [100.0, 100.0, 110.0, 110.0, 110.0, 99.0];
        let judgement = told(&values, &Told::Steps(vec![at(2), at(5)]));
        assert_eq!(judgement.model, Model::Steps);
        assert_eq!(judgement.steps.iter().map(|step| step.index).collect::<Vec<_>>(), [2, 5]);
        close(judgement.steps[0].change.delta, 1.1_f64.ln(), 1e-12);
        close(judgement.level.value, 99.0, 1e-12);
        // The second takes the first back, and the latest version is held against the level before it.
        assert_eq!((judgement.steps[0].state, judgement.steps[0].recovered_at), (StepState::Recovered, Some(5)));
        close(judgement.latest.unwrap().level, 110.0, 1e-12);
        assert_eq!(judgement.steps[1].candidates, at(5).candidates);
    }

    #[test]
    fn what_a_series_is_not_told_it_does_not_claim() {
        let values = [100.0, 101.0, 99.0, 150.0, 151.0, 149.0];
        let judgement = told(&values, &Told::Level);
        assert_eq!((judgement.model, judgement.steps.len(), judgement.level.from), (Model::Level, 0, 0));
        assert_eq!(told(&values, &Told::Drift).model, Model::Drift);
        // Steps that leave a level without a point: at the start, at one place twice, past the end.
        let judgement = told(&values, &Told::Steps(vec![at(0), at(3), at(3), at(6)]));
        assert_eq!(judgement.steps.iter().map(|step| step.index).collect::<Vec<_>>(), [3]);
        assert_eq!(told(&values[..2], &Told::Level).model, Model::TooShort);
    }
}
