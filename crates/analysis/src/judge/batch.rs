//! A batch of apps, fitted: what it teaches about each of them, and each of them as often as it is asked for.
//!
//! Judging one app needs nothing of another but a handful of numbers, and they are gathered here: how small a metric's values
//! get, how the series of a stratum scatter, and (in [`crate::Judged`]) the p-values of all units. The batch is everything that was
//! read: whoever wants to see less of it chooses among what was judged, so that no figure depends on what is looked at.
//!
//! Apps are visited one by one, side by side, and what a visit gives is gathered in their order. Where their histories do not fit into memory
//! they are brought anew for every visit, so a visit gives little and asks for much.

use crate::history::builder::AppHistory;
use crate::judge::app::{App, AppRef};
use crate::judge::context::Context;
use crate::judge::histories::Histories;
use crate::judge::metrics::MetricsOfBatch;
use crate::judge::units::learn_noise;
use crate::options::Options;
use perfpower_statistics::prior::StratumSums;
use perfpower_statistics::{CriticalValues, Workspace};
use rayon::prelude::*;

/// Apps and noise of one run.
pub(crate) struct Batch<'a> {
    histories: Histories<'a>,
    pub(crate) context: Context<'a>,
    /// All apps, made ready once; empty where they are brought one by one.
    ready: Vec<App<'a>>,
    /// By app, the metric of each of its units.
    pub(crate) unit_metrics: Vec<Vec<u32>>,
}

impl<'a> Batch<'a> {
    pub(crate) fn new(histories: Histories<'a>, options: &'a Options) -> Self {
        let MetricsOfBatch { metrics, percentiles, longest } = MetricsOfBatch::of(histories, options);
        let mut batch = Self {
            histories,
            context: Context {
                options,
                metrics,
                percentiles,
                priors: StratumSums::default().fit(&options.parameters),
                critical: CriticalValues::new(options.parameters),
                noise: Vec::new(),
                no_margins: vec![f64::NAN; longest],
            },
            ready: Vec::new(),
            unit_metrics: Vec::new(),
        };
        let sums = batch.read_all();
        batch.context.priors = sums.fit(&options.parameters);
        batch.context.noise = learn_noise(&batch);
        batch
    }

    /// Makes every app ready, and keeps those that are in memory.
    fn read_all(&mut self) -> StratumSums {
        let read: Vec<(Option<App<'a>>, Vec<u32>, StratumSums)> = (0..self.histories.count())
            .into_par_iter()
            .with_max_len(1)
            .map_init(Workspace::default, |workspace, at| {
                let mut sums = StratumSums::default();
                let metrics = |app: &App<'_>| app.units.iter().map(|unit| app.members[unit.start].metric).collect();
                match self.histories {
                    Histories::InMemory(all) => {
                        let app = App::new(&all[at], at, &self.context, &mut sums, workspace);
                        let metrics = metrics(&app);
                        (Some(app), metrics, sums)
                    }
                    Histories::Kept(kept) => {
                        let metrics = metrics(&App::new(&kept.bring(at), at, &self.context, &mut sums, workspace));
                        (None, metrics, sums)
                    }
                }
            })
            .collect();
        let mut all = StratumSums::default();
        for (app, unit_metrics, sums) in read {
            all.merge(&sums);
            self.ready.extend(app);
            self.unit_metrics.push(unit_metrics);
        }
        all
    }

    /// How many apps there are.
    pub(crate) fn count(&self) -> usize {
        self.histories.count()
    }

    /// The key of an app at a position.
    pub(crate) fn app(&self, at: usize) -> &'a str {
        self.histories.app(at)
    }

    /// The position of an app.
    pub(crate) fn position(&self, app: &str) -> Option<usize> {
        self.histories.position(app)
    }

    /// Visits one app.
    pub(crate) fn with<T>(&self, at: usize, workspace: &mut Workspace, f: impl FnOnce(AppRef<'_>) -> T) -> T {
        match (self.histories, self.ready.get(at)) {
            (_, Some(ready)) => f(AppRef::new(ready, &self.context)),
            (histories, None) => histories.with(at, |history| {
                let app = App::new(history, at, &self.context, &mut StratumSums::default(), workspace);
                f(AppRef::new(&app, &self.context))
            }),
        }
    }

    /// Visits the history of one.
    pub(crate) fn history<T>(&self, at: usize, f: impl FnOnce(&AppHistory) -> T) -> T {
        self.histories.with(at, f)
    }

    /// Visits all apps.
    pub(crate) fn each<T: Send>(&self, f: impl Fn(AppRef<'_>, &mut Workspace) -> T + Sync) -> Vec<T> {
        self.each_of(&(0..self.count()).collect::<Vec<_>>(), f)
    }

    /// Visits some apps, by position.
    pub(crate) fn each_of<T: Send>(
        &self,
        apps: &[usize],
        f: impl Fn(AppRef<'_>, &mut Workspace) -> T + Sync,
    ) -> Vec<T> {
        apps.par_iter()
            .with_max_len(1) // an app has hundreds of series, so the end is even where each is handed out by itself
            .map_init(Default::default, |(own, workspace): &mut (Workspace, Workspace), &at| {
                self.with(at, own, |app| f(app, workspace))
            })
            .collect()
    }

    /// Visits some apps, and adds each to a sum. In which order is left open, so the sums must merge in any.
    pub(crate) fn sum_of<T: Send>(
        &self,
        apps: &[usize],
        none: impl Fn() -> T + Sync + Send,
        add: impl Fn(&mut T, AppRef<'_>) + Sync,
        merge: impl Fn(&mut T, T) + Sync + Send,
    ) -> T {
        apps.par_iter()
            .with_max_len(16)
            .fold(&none, |mut sum, &at| {
                self.with(at, &mut Workspace::default(), |app| add(&mut sum, app));
                sum
            })
            .reduce(&none, |mut sum, other| {
                merge(&mut sum, other);
                sum
            })
    }
}
