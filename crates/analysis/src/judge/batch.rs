//! A batch of apps, fitted: what it teaches about each of them, and each of them as often as it is asked for.
//!
//! Judging one app needs nothing of another but a handful of numbers, and they are gathered here: how small a metric's values
//! get, how the series of a stratum scatter, and (in [`crate::Judged`]) the p-values of all units. The batch is everything that was
//! read: whoever wants to see less of it chooses among what was judged, so that no figure depends on what is looked at.
//!
//! Apps are visited one by one, side by side, and what a visit gives is gathered in their order. Where their histories do not fit into memory
//! they are brought anew for every visit, so a visit gives little and asks for much.

use crate::analysis::{AppSummary, Totals};
use crate::claim::settling::SettlingSums;
use crate::history::builder::{AppHistory, MetricInfo, Settling};
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
    /// By app.
    pub(crate) facts: Vec<AppFacts>,
    pub(crate) settling: SettlingSums,
}

/// What is kept of an app that is brought when it is asked for.
pub(crate) struct AppFacts {
    pub(crate) totals: Totals,
    /// Its metrics, by position in the batch; those without points included.
    pub(crate) metrics: Vec<u32>,
    /// The metric of each of its units.
    pub(crate) unit_metrics: Vec<u32>,
}

/// What the first visit to an app gives.
struct FirstVisit {
    summary: AppSummary,
    facts: AppFacts,
    /// With the position of their metric in the batch.
    settling: Vec<(u32, Settling)>,
}

impl FirstVisit {
    fn of(app: &App<'_>, context: &Context<'_>) -> Self {
        let history = app.history;
        let of_batch = |metric: &MetricInfo| context.metric_of(history, metric);
        let settling = history.settling.iter();
        let unit_metrics = app.units.iter().map(|unit| app.members[unit.start].metric);
        Self {
            summary: AppSummary::of(history, context.options),
            settling: settling
                .filter_map(|age| Some((of_batch(&history.metrics[age.metric as usize])?, *age)))
                .collect(),
            facts: AppFacts {
                totals: Totals::of(history),
                metrics: history.metrics.iter().filter_map(of_batch).collect(),
                unit_metrics: unit_metrics.collect(),
            },
        }
    }
}

impl<'a> Batch<'a> {
    /// Learns from all apps, and tells of each in short.
    pub(crate) fn new(histories: Histories<'a>, options: &'a Options) -> (Self, Vec<AppSummary>) {
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
            facts: Vec::new(),
            settling: SettlingSums::default(),
        };
        let (sums, summaries) = batch.read_all();
        batch.context.priors = sums.fit(&options.parameters);
        batch.context.noise = learn_noise(&batch);
        (batch, summaries)
    }

    /// Makes every app ready, and keeps those that are in memory.
    fn read_all(&mut self) -> (StratumSums, Vec<AppSummary>) {
        let read = |workspace: &mut Workspace, at: usize| {
            let mut sums = StratumSums::default();
            match self.histories {
                Histories::InMemory(all) => {
                    let app = App::new(&all[at], at, &self.context, &mut sums, workspace);
                    let visit = FirstVisit::of(&app, &self.context);
                    (Some(app), visit, sums)
                }
                Histories::Kept(kept) => {
                    let history = kept.bring(at);
                    let app = App::new(&history, at, &self.context, &mut sums, workspace);
                    (None, FirstVisit::of(&app, &self.context), sums)
                }
            }
        };
        let (mut sums, mut summaries) = (StratumSums::default(), Vec::new());
        let (mut ready, mut facts, mut settling) = (Vec::new(), Vec::new(), SettlingSums::default());
        let apps: Vec<usize> = (0..self.histories.count()).collect();
        in_parts(&apps, read, |(app, visit, own)| {
            ready.extend(app);
            sums.merge(&own);
            summaries.push(visit.summary);
            facts.push(visit.facts);
            visit.settling.iter().for_each(|(metric, age)| settling.add(*metric, age));
        });
        (self.ready, self.facts, self.settling) = (ready, facts, settling);
        (sums, summaries)
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
    pub(crate) fn with<T>(
        &self,
        at: usize,
        workspace: &mut Workspace,
        f: impl FnOnce(AppRef<'_>, &mut Workspace) -> T,
    ) -> T {
        if let Some(ready) = self.ready.get(at) {
            return f(AppRef::new(ready, &self.context), workspace);
        }
        self.histories.with(at, |history| {
            let app = App::new(history, at, &self.context, &mut StratumSums::default(), workspace);
            f(AppRef::new(&app, &self.context), workspace)
        })
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
        let mut all = Vec::with_capacity(apps.len());
        in_parts(apps, |workspace, at| self.with(at, workspace, &f), |of_app| all.push(of_app));
        all
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
                self.with(at, &mut Workspace::default(), |app, _| add(&mut sum, app));
                sum
            })
            .reduce(&none, |mut sum, other| {
                merge(&mut sum, other);
                sum
            })
    }
}

/// Visits apps side by side, and takes what that gives in their order: after every few hundred, so that what waits to be taken is little.
fn in_parts<T: Send>(apps: &[usize], visit: impl Fn(&mut Workspace, usize) -> T + Sync, mut take: impl FnMut(T)) {
    /// Arbitrary: enough that threads seldom wait for the last one of a part.
    const APPS_PER_THREAD: usize = 64;
    for part in apps.chunks(APPS_PER_THREAD * rayon::current_num_threads()) {
        // One by one: an app has hundreds of series, so the end is even where each is handed out by itself.
        let visited =
            part.par_iter().with_max_len(1).map_init(Workspace::default, |workspace, &at| visit(workspace, at));
        visited.collect::<Vec<T>>().into_iter().for_each(&mut take);
    }
}
