//! Lists without an engine: the same numbers, ranked by plain differences.

use crate::truth::Place;
use perfpower_analysis::AppHistory;
use perfpower_model::DeviceClass;
use perfpower_statistics::{APPLE_WINDOW, apple_parity};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// What a list is ranked by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naive {
    /// The largest rise between the mean of the versions before and that of those after, over all places of a cut.
    PointEstimate,
    /// Apple's rule: the latest version against the mean of the four before it.
    Apple,
    /// The latest version against the one before it.
    Previous,
}

impl Naive {
    pub(crate) const ALL: [Self; 3] = [Self::PointEstimate, Self::Apple, Self::Previous];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::PointEstimate => "the point estimate of the best step",
            Self::Apple => "Apple's rule, latest against four",
            Self::Previous => "latest against previous",
        }
    }
}

/// What each says, on the log scale; the larger of p50 and p90.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scores([f64; Naive::ALL.len()]);

impl Scores {
    pub(crate) fn of(&self, kind: Naive) -> f64 {
        self.0[Naive::ALL.iter().position(|&known| known == kind).unwrap_or(0)]
    }
}

/// Every app × metric. Only aggregates are ranked: that is the number of all users, and the quietest one there is.
pub(crate) fn naive_scores(histories: &[AppHistory]) -> BTreeMap<Place, Scores> {
    let scored: Vec<(Place, Scores)> = histories.par_iter().flat_map_iter(of_app).collect();
    let mut best: BTreeMap<Place, Scores> = BTreeMap::new();
    for (place, scores) in scored {
        let known = best.entry(place).or_insert(scores);
        for (known, own) in known.0.iter_mut().zip(scores.0) {
            *known = known.max(own);
        }
    }
    best
}

fn of_app(history: &AppHistory) -> impl Iterator<Item = (Place, Scores)> + '_ {
    history.series.iter().filter_map(move |info| {
        let names = &history.names;
        if !DeviceClass::of(names.get(info.device).unwrap_or_default()).is_aggregate() {
            return None;
        }
        let metric = &history.metrics[info.metric as usize];
        let place =
            Place::new(&history.app, names.get(metric.category).unwrap_or_default(), names.text(metric.identifier));
        let values = &history.table.values()[info.rows.start as usize..info.rows.end as usize];
        let logs: Vec<f64> = values.iter().filter(|value| **value > 0.0).map(|value| value.ln()).collect();
        let [.., before, latest] = *logs else { return None };
        let apple = apple_parity(values, APPLE_WINDOW)?.delta_percent_exact?;
        Some((place, Scores([best_step(&logs), (apple / 100.0).ln_1p(), latest - before])))
    })
}

/// The rise at the cut that explains most, by least squares: what a careful person reads off a chart.
fn best_step(logs: &[f64]) -> f64 {
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    let explained = |at: usize, rise: f64| {
        let (before, after) = (at as f64, (logs.len() - at) as f64);
        rise * rise * before * after / (before + after)
    };
    (1..logs.len())
        .map(|at| (at, mean(&logs[at..]) - mean(&logs[..at])))
        .max_by(|a, b| explained(a.0, a.1).total_cmp(&explained(b.0, b.1)))
        .map_or(0.0, |(_, rise)| rise)
}
