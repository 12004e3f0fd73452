//! Everything that one series says by itself: which version brought a change, whether it drifts, whether the latest version is
//! to blame, and with what doubt.
//!
//! Two questions are kept apart. *History*: is there a step or a drift, and where? *Release*: is the latest version itself out
//! of line? An old step that is still open is an answer to the first only.

use super::change::above_zero;
use super::critical::{CriticalValues, Thresholds};
use super::input::{Loaded, SeriesInput, Unusable};
use super::latest::{History, Latest};
use super::noise::{self, Noise, Residual, Scatter, moderate};
use super::null_law::steps_removed;
use super::parameters::{Basis, Prior};
use super::scan::{Bound, Scan};
use super::segmentation::Segmentation;
use super::splits::{Split, Sums};
use super::step::{Step, StepContext};
use super::tails;
use super::trend::Trend;
use super::workspace::Workspace;

/// The answer for one series. Positions are in the series as given.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesJudgement {
    /// Points judged: the newest, at most [`MAX_POINTS`](super::MAX_POINTS).
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
    /// What enters the batch: p, or 1 where the model claims less than [`Parameters::min_change`](super::Parameters::min_change).
    pub gated_p: f64,
}

/// The shape of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// Fewer than 3 points: nothing can be told from noise.
    TooShort,
    /// One level.
    Level,
    /// Levels with steps between them.
    Steps,
    /// A constant change per version.
    Drift,
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

/// The same for a series that [`first_pass`](super::first_pass()) has read, with the scatter that it found: the answer is the
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

fn judge_loaded(
    input: &SeriesInput<'_>,
    Loaded { n, skipped }: Loaded,
    scatter: Scatter,
    prior: &Prior,
    critical: &CriticalValues,
    workspace: &mut Workspace,
) -> SeriesJudgement {
    let parameters = critical.parameters();
    // History first: the weights in the workspace are then those of all points from here on.
    let history = (n >= 2).then(|| {
        let noise = moderate(scatter.before_latest, n - 1, prior, Residual::OfLevel);
        let reading = Reading::of(noise, n - 1, n, prior.basis, critical, workspace);
        let levels = reading.segment(n - 1, reading.thresholds.level, workspace);
        (reading, levels.last_start())
    });
    let law = Residual::asked(prior.basis);
    let asked = Reading::of(moderate(scatter.all, n, prior, law), n, n, prior.basis, critical, workspace);
    let levels = asked.segment(n, asked.thresholds.step, workspace);
    let Reading { thresholds, sums, .. } = &asked;

    let shape = (n >= 3).then(|| {
        let trend = Trend::of(&workspace.y[..n], &workspace.weight[..n], thresholds);
        (Cuts::of(sums, n, thresholds, prior.heaviness), trend)
    });
    let model = match &shape {
        None => Model::TooShort,
        // Steps and drift on one scale: residual plus price. The drift pays as much as it has to exceed.
        Some((_, trend))
            if trend.t.abs() >= thresholds.drift
                && trend.residual + thresholds.drift * thresholds.drift < levels.cost =>
        {
            Model::Drift
        }
        Some(_) if levels.steps().len() > 0 => Model::Steps,
        Some(_) => Model::Level,
    };

    let steps = StepContext {
        sums,
        n,
        skipped,
        centre: workspace.centre,
        lower_is_better: input.lower_is_better,
        thresholds,
        parameters,
    }
    .steps(&levels);

    let latest = history.map(|(history, history_level)| {
        // The step found with the latest version in view can only move the current level later, never to the latest itself.
        let seen_since = levels.last_start();
        let moved = model == Model::Steps && seen_since + 1 < n && seen_since > history_level;
        let level_from = if moved { seen_since } else { history_level };
        let df = history.noise.df;
        let thresholds = if prior.heaviness > 0.0 {
            let df = tails::df_of_cut(df, prior.heaviness, n - 1 - level_from, 1);
            &critical.thresholds(n - 1, df, prior.basis)
        } else {
            &history.thresholds
        };
        History {
            sums: &history.sums,
            y: &workspace.y[..n],
            centre: workspace.centre,
            offset: input.offset,
            skipped,
            level_from,
            lower_is_better: input.lower_is_better,
            thresholds,
            parameters,
        }
        .latest()
    });

    // Two tests, one claim. A claim below the smallest change of interest is none; setting p to 1 instead of
    // dropping the series keeps the count of tests, and with it the false discovery rate, honest.
    let p = shape.map_or(1.0, |(cuts, trend)| match prior.basis {
        Basis::Assumed => (2.0 * cuts.p().min(trend.p())).min(1.0),
        Basis::Fitted => above_zero(cuts.p_with_line(sums, n, &trend, thresholds)),
    });
    let claimed = match (model, &shape) {
        (Model::Steps, _) => steps.iter().map(|step| step.change.delta.abs()).fold(0.0, f64::max),
        (Model::Drift, Some((_, trend))) => trend.total(n).abs(),
        _ => 0.0,
    };
    let scan = shape.map(|(cuts, _)| cuts.scan(skipped));
    // Where nothing was found, the residual is that of a level, and reads as less noise than a step would have left.
    let reading = if model == Model::Level && law == Residual::OfStep {
        Reading::of(moderate(scatter.all, n, prior, Residual::OfLevel), n, n, prior.basis, critical, workspace)
    } else {
        asked
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
        trend: shape.map(|(_, trend)| trend),
        steps,
        level: Level {
            value: log.exp() - input.offset,
            log,
            se: sums.weight(from, n).sqrt().recip(),
            from: skipped + from,
        },
        latest,
        p,
        gated_p: if claimed >= parameters.min_rise() { p } else { 1.0 },
    }
}

/// The noise of the first points of a series, and what follows from it for all of them.
pub(crate) struct Reading {
    pub(crate) noise: Noise,
    pub(crate) thresholds: Thresholds,
    /// Over all points, weighted by this noise.
    pub(crate) sums: Sums,
}

impl Reading {
    /// Leaves the weights of all `n` points under this noise of the first `m` in the workspace.
    pub(crate) fn of(
        noise: Noise,
        m: usize,
        n: usize,
        basis: Basis,
        critical: &CriticalValues,
        workspace: &mut Workspace,
    ) -> Self {
        for i in 0..n {
            let variance = noise::variance(noise.dispersion, workspace.base[i], workspace.sampling[i]);
            workspace.weight[i] = variance.recip();
        }
        let sums = Sums::new(&workspace.y[..n], &workspace.weight[..n]);
        Self { noise, thresholds: critical.thresholds(m, noise.df, basis), sums }
    }

    /// Of all `n` points that were loaded, the residual held against this law.
    pub(crate) fn of_all(
        n: usize,
        prior: &Prior,
        law: Residual,
        critical: &CriticalValues,
        workspace: &mut Workspace,
    ) -> Self {
        let residual = Scatter::of(n, workspace).all;
        Self::of(moderate(residual, n, prior, law), n, n, prior.basis, critical, workspace)
    }

    /// Cuts the first `m` points into levels where |t| exceeds `threshold`.
    fn segment(&self, m: usize, threshold: f64, workspace: &mut Workspace) -> Segmentation {
        if m < 3 {
            return Segmentation::flat();
        }
        let price = threshold * threshold;
        let dispersion = self.noise.dispersion;
        let sampling_rules = |i: usize| workspace.sampling[i] > dispersion * workspace.base[i];
        if workspace.has_margins && (0..m).any(sampling_rules) {
            let Workspace { own_costs, own_moments, y, weight, .. } = workspace;
            own_moments.fill(&y[..m], &weight[..m]);
            let one_level = own_moments.one_level(m);
            if one_level <= price {
                return Segmentation::one_level(one_level, price);
            }
            own_costs.fill(own_moments, 1..=m);
            return Segmentation::of(own_costs, m, price);
        }
        // All variances are one multiple of the base, and so are all costs: price them in that unit instead.
        let price = price * dispersion;
        let one_level = workspace.base_moments.one_level(m);
        // Up to as many steps as R takes away leave at least R; more pay at least their price. Most series end here.
        let most_saved = (price + self.noise.residual.unwrap_or(0.0)).min((1 + steps_removed(m)) as f64 * price);
        let mut levels = if one_level <= most_saved {
            Segmentation::one_level(one_level, price)
        } else {
            workspace.fill_base_costs(m);
            Segmentation::of(&workspace.base_costs, m, price)
        };
        levels.cost /= dispersion;
        levels
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

/// The sharpest cut of a series, and how many others might have been it.
#[derive(Clone, Copy)]
struct Cuts {
    best: Split,
    /// Its |t|, less where heavy tails explain a part of it.
    sharpness: f64,
    bound: Bound,
}

impl Cuts {
    fn of(sums: &Sums, n: usize, thresholds: &Thresholds, heaviness: f64) -> Self {
        let df = thresholds.student.df();
        let (best, sharpness) = if heaviness > 0.0 {
            sums.sharpest(0, n, |split| {
                tails::as_rare(split.t(), tails::df_of_cut(df, heaviness, split.index, n - split.index), df)
            })
        } else {
            sums.sharpest(0, n, |split| split.t().abs())
        };
        Self { best, sharpness, bound: Bound::over_cuts(sums, 0, n, thresholds.student.two_sided(sharpness)) }
    }

    fn p(&self) -> f64 {
        above_zero(self.bound.p())
    }

    /// Chance that any cut or the line is as sharp as the sharpest of them.
    fn p_with_line(&self, sums: &Sums, n: usize, trend: &Trend, thresholds: &Thresholds) -> f64 {
        let mut bound = self.bound;
        if trend.t.abs() > self.sharpness {
            bound = Bound::over_cuts(sums, 0, n, thresholds.student.two_sided(trend.t));
        }
        bound.join(|| sums.line_correlation(n, trend.se));
        bound.p()
    }

    fn scan(&self, skipped: usize) -> Scan {
        let Split { index, delta, se } = self.best;
        Scan { index: skipped + index, delta, se, t: self.best.t(), p: self.p() }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Parameters;
    use super::*;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static CRITICAL: LazyLock<CriticalValues> = LazyLock::new(|| CriticalValues::new(Parameters::default()));

    proptest! {
        /// Small steps, so that many series lie near the price of one; margins on some, so that sampling rules at times.
        #[test]
        fn the_short_way_to_no_step_ends_where_the_search_does(
            points in prop::collection::vec((-0.1..0.1_f64, prop::option::weighted(0.3, 0.001..0.2_f64)), 3..41),
            step in -0.4..0.4_f64, place in 0.0..1.0_f64, scale in 0.2..3.0_f64,
        ) {
            let from = (place * points.len() as f64) as usize;
            let level = |i: usize| if i >= from { step } else { 0.0 };
            let values: Vec<f64> = points.iter().enumerate().map(|(i, (noise, _))| (noise + level(i)).exp()).collect();
            let margins: Vec<f64> = points.iter().map(|(_, margin)| margin.unwrap_or(f64::NAN)).collect();
            let input = SeriesInput { values: &values, margins: &margins, offset: 0.0, lower_is_better: true };
            let mut workspace = Workspace::default();
            let Loaded { n, .. } = input.load(CRITICAL.parameters(), &mut workspace).unwrap();
            let prior = Prior { scale, basis: Basis::Fitted, ..Prior::default() };
            let reading = Reading::of_all(n, &prior, Residual::OfStep, &CRITICAL, &mut workspace);
            let found = reading.segment(n, reading.thresholds.step, &mut workspace);

            let Workspace { own_costs, own_moments, y, weight, .. } = &mut workspace;
            own_moments.fill(&y[..n], &weight[..n]);
            own_costs.fill(own_moments, 1..=n);
            let searched = Segmentation::of(own_costs, n, reading.thresholds.step.powi(2));
            prop_assert_eq!(found.steps().collect::<Vec<_>>(), searched.steps().collect::<Vec<_>>());
            prop_assert!((found.cost - searched.cost).abs() < 1e-9 * (1.0 + searched.cost));
        }
    }
}
