//! What the selected units of a batch claim, and what each of their series is therefore told.

use crate::judge::app::AppRef;
use crate::judge::batch::Batch;
use crate::judge::judging::UnitKey;
use crate::judge::known::{Known, KnownClaims};
use crate::judge::selection::Selections;
use crate::judge::series_ref::SeriesRef;
use crate::judge::units::{UnitAxes, UnitSeries, is_claimable};
use perfpower_statistics::fdr::PValue;
use perfpower_statistics::unit::joint::{self, CarrierEffect, NullTail, UnitChange, UnitVerdict};
use perfpower_statistics::{Candidate, SeriesJudgement, Told, ToldStep, Unusable, Workspace};
use std::collections::{BTreeMap, BTreeSet};

/// Units by their app.
pub(crate) fn by_app(units: &[UnitKey]) -> BTreeMap<usize, Vec<usize>> {
    let mut of_app: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &(app, unit) in units {
        of_app.entry(app).or_default().push(unit);
    }
    of_app
}

/// The units that a batch selects.
#[derive(Default)]
pub(crate) struct ToldUnits(BTreeMap<UnitKey, ToldUnit>);

impl ToldUnits {
    /// Asks each selected unit for all its changes. A further change of a unit has to be as sure as a unit has to be to be selected.
    pub(crate) fn of(batch: &Batch<'_>, selected: &Selections, known: &KnownClaims<'_>) -> Self {
        let units = by_app(&selected.units());
        let told = batch.each_of(&units.keys().copied().collect::<Vec<_>>(), |app, _| {
            let told = units[&app.position()].iter().filter_map(|&unit| {
                let key = (app.position(), unit);
                Some((key, ToldUnit::of(app, unit, selected, known.of_unit(key))?))
            });
            told.collect::<Vec<_>>()
        });
        Self(told.into_iter().flatten().collect())
    }

    /// The apps of all of them, by position.
    pub(crate) fn apps(&self) -> Vec<usize> {
        let apps: BTreeSet<usize> = self.0.keys().map(|(app, _)| *app).collect();
        apps.into_iter().collect()
    }

    pub(crate) fn get(&self, unit: UnitKey) -> Option<&ToldUnit> {
        self.0.get(&unit)
    }

    /// A series as its unit tells it, or by itself where that claims nothing.
    pub(crate) fn judge(&self, series: SeriesRef<'_>, workspace: &mut Workspace) -> Result<SeriesJudgement, Unusable> {
        match self.told(series) {
            Some(told) => series.judge_told(&told, workspace),
            None => series.judge(workspace),
        }
    }

    /// What a series is told; absent where its unit claims no change.
    pub(crate) fn told(&self, series: SeriesRef<'_>) -> Option<Told> {
        self.get(series.unit_key())?.told(series)
    }
}

/// All that a selected unit claims.
pub(crate) struct ToldUnit {
    axes: UnitAxes,
    /// In the order of their versions.
    pub(crate) changes: Vec<UnitChange>,
    /// What turns their evidence into p-values.
    law: NullTail,
    /// Absent where the latest version changed nothing, or by a step that the history tells.
    pub(crate) release: Option<LatestChange>,
}

/// What a unit says of its latest version alone, on the log scale.
pub(crate) struct LatestChange {
    pub(crate) effect: f64,
    pub(crate) se: f64,
    pub(crate) p: f64,
}

impl LatestChange {
    /// Of a unit of two versions: what its surest series says by itself.
    fn of_surest(series: impl Iterator<Item = SeriesJudgement>) -> Option<Self> {
        let changes = series.filter_map(|judgement| judgement.latest).map(|latest| latest.change);
        let surest = changes.min_by(|a, b| a.p.total_cmp(&b.p))?;
        Some(Self { effect: surest.delta, se: surest.se, p: surest.p })
    }
}

impl ToldUnit {
    fn of(app: AppRef<'_>, unit: usize, selected: &Selections, known: &[Known<'_>]) -> Option<Self> {
        let (context, members) = (app.context, app.units()[unit].clone());
        let unit = (app.position(), unit);
        let (history, latest) = (&selected.history, &selected.latest);
        let law = history.law;
        let metric = app.metric_of(&members);
        let noise = &context.noise[metric];
        let series = UnitSeries::of(app, members.clone())?;
        let claimable =
            |effect: f64| is_claimable(&context.options.parameters, context.metrics[metric].lower_is_better, effect);
        let Some(fit) = series.fit(noise) else {
            let workspace = &mut Workspace::default();
            let judged = app.series_in(members).filter_map(|series| series.judge(workspace).ok());
            let is_known =
                |release: &LatestChange| known.iter().any(|known| known.is_latest(&series.axes, release.effect));
            let release = LatestChange::of_surest(judged).filter(|release| {
                latest.claims(unit, PValue::new(release.p), || is_known(release)) && claimable(release.effect)
            });
            return Some(Self { axes: series.axes, changes: Vec::new(), law, release });
        };
        let whole = joint::judge_fit(&fit, noise)?;
        let mass = context.options.parameters.credible_mass;
        let is_claim = |verdict: &UnitVerdict, start: usize| {
            let is_known = || known.iter().any(|known| known.is_change(&series.axes, verdict, start, mass));
            history.claims(unit, law.p_value(verdict.ln_evidence), is_known) && claimable(verdict.change.effect)
        };
        let changes = joint::changes(&fit, noise, &whole, is_claim);
        let last = series.axes.versions.len() - 1;
        let release = whole.release.and_then(|release| {
            let is_told = |change: &UnitChange| change.version == last && change.effect * release.effect > 0.0;
            let p = latest.law.p_value(release.ln_evidence);
            let is_known = || known.iter().any(|known| known.is_latest(&series.axes, release.effect));
            let is_claim =
                latest.claims(unit, p, is_known) && claimable(release.effect) && !changes.iter().any(is_told);
            is_claim.then_some(LatestChange { effect: release.effect, se: release.se, p: p.value() })
        });
        Some(Self { axes: series.axes, changes, law, release })
    }

    /// The versions that it was judged over, by rank.
    pub(crate) fn versions(&self) -> &[u32] {
        &self.axes.versions
    }

    /// Its populations: a series of each, and its position among the carriers of a change.
    pub(crate) fn populations<'b>(&'b self, app: AppRef<'b>) -> impl Iterator<Item = (SeriesRef<'b>, usize)> {
        let first = move |positions: &Vec<usize>| SeriesRef { app, at: positions[0] };
        self.axes.populations.iter().map(first).zip(0..)
    }

    /// What one of its series is told. A change of others is none of its own, but for an aggregate that shows it. Absent where the
    /// unit claims no change: then the series answers by itself.
    fn told(&self, series: SeriesRef<'_>) -> Option<Told> {
        if self.changes.is_empty() {
            return None;
        }
        let Some(population) = self.axes.population_of(series) else { return Some(Told::Level) };
        let carried = || self.changes.iter().filter(|change| carries(change, population, series));
        if carried().any(|change| change.is_drift) {
            return Some(Told::Drift);
        }
        let steps: Vec<ToldStep> = carried().map(|change| self.step(change, series)).collect();
        Some(if steps.is_empty() { Told::Level } else { Told::Steps(steps) })
    }

    /// Chance of as much evidence as there is for a change, without any.
    pub(crate) fn p(&self, change: &UnitChange) -> f64 {
        self.law.p_value(change.ln_evidence).value()
    }

    /// What the population of a series says to a change, if it is one of its own.
    pub(crate) fn effect(&self, change: &UnitChange, series: SeriesRef<'_>) -> Option<CarrierEffect> {
        let population = self.axes.population_of(series)?;
        let effect = change.carriers.get(population)?.effect?;
        carries(change, population, series).then_some(effect)
    }

    /// Probability that a population moved, given that something did.
    pub(crate) fn probability(&self, change: &UnitChange, series: SeriesRef<'_>) -> Option<f64> {
        Some(change.carriers.get(self.axes.population_of(series)?)?.probability)
    }

    /// Whether a change is one of the population of a series, and not only seen in it.
    pub(crate) fn is_carrier(&self, change: &UnitChange, series: SeriesRef<'_>) -> bool {
        self.axes.population_of(series).is_some_and(|population| change.populations.contains(&population))
    }

    /// Position of the first point of a series that is of a version or of a later one.
    pub(crate) fn position(&self, version: usize, series: SeriesRef<'_>) -> usize {
        let rank = self.axes.versions[version];
        series.ranks().partition_point(|&own| own < rank)
    }

    fn step(&self, change: &UnitChange, series: SeriesRef<'_>) -> ToldStep {
        /// Versions below this are not worth a line, unless they are needed for the credible set.
        const LEAST: f64 = 0.005;
        let credible = change.candidates(series.context().options.parameters.credible_mass);
        let is_credible = |version: usize| credible.iter().any(|(own, _)| *own == version);
        let mut candidates: Vec<Candidate> = Vec::new();
        for (version, &probability) in change.location.iter().enumerate() {
            let credible = is_credible(version);
            if probability < LEAST && !credible {
                continue;
            }
            // A series without the version shows it at the next one.
            let index = self.position(version, series);
            match candidates.last_mut().filter(|last| last.index == index) {
                Some(last) => {
                    last.probability += probability;
                    last.credible |= credible;
                }
                None => candidates.push(Candidate { index, probability, credible }),
            }
        }
        candidates.retain(|candidate| candidate.index < series.ranks().len());
        ToldStep { index: self.position(change.version, series), candidates }
    }
}

/// Whether a population has a part in a change that a series of it shows.
fn carries(change: &UnitChange, population: usize, series: SeriesRef<'_>) -> bool {
    /// An aggregate of which some members changed shows it where its own difference is this many standard errors.
    const SHOWN: f64 = 2.0;
    if change.populations.contains(&population) {
        return true;
    }
    let shows = |effect: CarrierEffect| {
        let towards = effect.delta * change.effect.signum();
        towards >= series.context().options.parameters.min_rise() && towards >= SHOWN * effect.se
    };
    !series.is_of_device() && change.carriers.get(population).and_then(|carrier| carrier.effect).is_some_and(shows)
}
