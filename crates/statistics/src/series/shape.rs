//! Which shape explains a series at the lowest cost: one level, levels with steps, or a drift.
//!
//! What is told of a shape is computed by those who ask: [`judgement`](crate::series::judgement) tells all of it, [`screening`](crate::series::screening)
//! what a batch selects by.

use crate::parameters::{Basis, Prior};
use crate::series::change::above_zero;
use crate::series::critical::{CriticalValues, Thresholds};
use crate::series::input::SeriesInput;
use crate::series::latest::History;
use crate::series::noise::{self, Noise, Residual, Scatter, moderate};
use crate::series::null_law::steps_removed;
use crate::series::scan::{Bound, Scan};
use crate::series::segmentation::Segmentation;
use crate::series::splits::{Split, Sums};
use crate::series::tails;
use crate::series::trend::Trend;
use crate::series::workspace::Workspace;

/// The shape of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// Fewer than 3 points: where a change began cannot be told.
    TooShort,
    /// One level.
    Level,
    /// Levels with steps between them.
    Steps,
    /// A constant change per version.
    Drift,
}

/// A series of at least one point under its noise.
pub(crate) struct Shape {
    /// Points judged.
    pub(crate) n: usize,
    pub(crate) model: Model,
    /// The noise of all points.
    pub(crate) reading: Reading,
    /// The best segmentation; the claim of the series only if the model is [`Model::Steps`].
    pub(crate) levels: Segmentation,
    /// Absent below 3 points.
    tests: Option<Tests>,
    /// All points but the latest, as far as the release question needs them; absent for a single point.
    before_latest: Option<BeforeLatest>,
    basis: Basis,
}

/// The two tests of a history.
#[derive(Clone, Copy)]
struct Tests {
    cuts: Cuts,
    trend: Trend,
}

/// What the unit of a series says of it: then it is not asked where it changed.
#[derive(Clone, Copy)]
pub(crate) struct Given {
    pub(crate) model: Model,
    pub(crate) levels: Segmentation,
}

/// What the release question is measured against.
struct BeforeLatest {
    /// Of all points, with weights by the noise of the history.
    sums: Sums,
    /// First position of the current level.
    level_from: usize,
    thresholds: Thresholds,
}

impl Shape {
    /// Leaves the weights of all points under their noise in the workspace.
    pub(crate) fn of(
        n: usize,
        scatter: Scatter,
        prior: &Prior,
        critical: &CriticalValues,
        workspace: &mut Workspace,
    ) -> Self {
        Self::with(n, scatter, prior, critical, None, workspace)
    }

    /// The same, with the shape that its unit gives where there is one.
    pub(crate) fn with(
        n: usize,
        scatter: Scatter,
        prior: &Prior,
        critical: &CriticalValues,
        given: Option<Given>,
        workspace: &mut Workspace,
    ) -> Self {
        // History first: the weights in the workspace are then those of all points from here on.
        let history = (n >= 2).then(|| {
            let noise = moderate(scatter.before_latest, n - 1, prior, Residual::OfLevel);
            let reading = Reading::of(noise, n - 1, n, prior.basis, critical, workspace);
            let level = match given {
                Some(Given { levels, .. }) => levels.start_before(n - 1),
                None => reading.segment(n - 1, reading.thresholds.level, workspace).last_start(),
            };
            (reading, level)
        });
        let noise = moderate(scatter.all, n, prior, Residual::asked(prior.basis));
        let reading = Reading::of(noise, n, n, prior.basis, critical, workspace);
        let levels = match given {
            Some(Given { levels, .. }) => levels,
            None => reading.segment(n, reading.thresholds.step, workspace),
        };
        let Reading { thresholds, sums, .. } = &reading;

        let tests = (n >= 3).then(|| Tests {
            cuts: Cuts::of(sums, n, thresholds, prior.heaviness),
            trend: Trend::of(&workspace.y[..n], &workspace.weight[..n], thresholds),
        });
        let model = match &tests {
            _ if given.is_some() => given.map_or(Model::Level, |given| given.model),
            None => Model::TooShort,
            // Steps and drift on one scale: residual plus price. The drift pays as much as it has to exceed.
            Some(Tests { trend, .. })
                if trend.t.abs() >= thresholds.drift
                    && trend.residual + thresholds.drift * thresholds.drift < levels.cost =>
            {
                Model::Drift
            }
            Some(_) if levels.steps().len() > 0 => Model::Steps,
            Some(_) => Model::Level,
        };
        let before_latest = history.map(|(history, history_level)| {
            // The step found with the latest version in view can only move the current level later, never to the latest itself.
            let seen_since = levels.last_start();
            let moved = given.is_none() && model == Model::Steps && seen_since + 1 < n && seen_since > history_level;
            let level_from = if moved { seen_since } else { history_level };
            let thresholds = if prior.heaviness > 0.0 {
                let df = tails::df_of_cut(history.noise.df, prior.heaviness, n - 1 - level_from, 1);
                critical.thresholds(n - 1, df, prior.basis)
            } else {
                history.thresholds
            };
            BeforeLatest { sums: history.sums, level_from, thresholds }
        });
        Self { n, model, reading, levels, tests, before_latest, basis: prior.basis }
    }

    /// The release question, not yet answered; absent for a single point.
    pub(crate) fn release<'a>(
        &'a self,
        input: &SeriesInput<'_>,
        skipped: usize,
        critical: &'a CriticalValues,
        workspace: &'a Workspace,
    ) -> Option<History<'a>> {
        self.before_latest.as_ref().map(|BeforeLatest { sums, level_from, thresholds }| History {
            sums,
            y: &workspace.y[..self.n],
            centre: workspace.centre,
            scale: input.scale(),
            skipped,
            level_from: *level_from,
            lower_is_better: input.lower_is_better,
            thresholds,
            parameters: critical.parameters(),
        })
    }

    /// Chance of a scan or a trend as sharp as these without any change; 1 below 3 points.
    pub(crate) fn p(&self) -> f64 {
        self.tests.as_ref().map_or(1.0, |tests| self.p_of_both(tests, self.bound(tests.cuts.sharpness)))
    }

    /// The same with the tests behind it; `skipped` points of the series as given were left out.
    pub(crate) fn tested(&self, skipped: usize) -> (f64, Option<Scan>, Option<Trend>) {
        let Some(tests) = &self.tests else { return (1.0, None, None) };
        let Cuts { best, sharpness } = tests.cuts;
        let bound = self.bound(sharpness);
        let p = above_zero(bound.p());
        let scan = Scan { index: skipped + best.index, delta: best.delta, se: best.se, t: best.t(), p };
        (self.p_of_both(tests, bound), Some(scan), Some(tests.trend))
    }

    /// Two tests, one claim.
    fn p_of_both(&self, Tests { cuts, trend }: &Tests, of_cuts: Bound) -> f64 {
        match self.basis {
            Basis::Assumed => (2.0 * above_zero(of_cuts.p()).min(trend.p())).min(1.0),
            Basis::Fitted => {
                let mut bound = if trend.t.abs() > cuts.sharpness { self.bound(trend.t) } else { of_cuts };
                bound.join(|| self.reading.sums.line_correlation(self.n, trend.se));
                above_zero(bound.p())
            }
        }
    }

    /// On the chance that any cut is as sharp as this |t|.
    fn bound(&self, sharpness: f64) -> Bound {
        let Reading { thresholds, sums, .. } = &self.reading;
        Bound::over_cuts(sums, 0, self.n, thresholds.student.two_sided(sharpness))
    }

    /// Whether [`Self::p`] is above one half. Without computing it where the prior is fitted: there no overlap is subtracted from
    /// a chance this large, and the sum of single chances turns on |t| alone.
    pub(crate) fn is_p_above_half(&self) -> bool {
        match (self.basis, &self.tests) {
            (Basis::Fitted, Some(Tests { cuts, trend })) => {
                cuts.sharpness.max(trend.t.abs()) < self.reading.thresholds.even_of_all
            }
            _ => self.p() > 0.5,
        }
    }

    /// The largest change that the model claims, on the log scale and without its sign; 0 where it claims none.
    pub(crate) fn claimed(&self) -> f64 {
        match (self.model, &self.tests) {
            (Model::Steps, _) => self
                .levels
                .stretches(self.n)
                .map(|(start, index, end)| self.reading.sums.split(start, index, end).delta.abs())
                .fold(0.0, f64::max),
            (Model::Drift, Some(Tests { trend, .. })) => trend.total(self.n).abs(),
            _ => 0.0,
        }
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

/// The sharpest cut of a series.
#[derive(Clone, Copy)]
struct Cuts {
    best: Split,
    /// Its |t|, less where heavy tails explain a part of it.
    sharpness: f64,
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
        Self { best, sharpness }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Parameters;
    use crate::series::input::Loaded;
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
