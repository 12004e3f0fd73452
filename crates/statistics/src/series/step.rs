//! One step of a segmented series: how large, where, how sure, and whether it is still there.

use crate::Parameters;
use crate::series::change::{LogChange, Verdict};
use crate::series::critical::Thresholds;
use crate::series::location::{Posterior, credible};
use crate::series::scan;
use crate::series::segmentation::Segmentation;
use crate::series::splits::Sums;

/// A step between two neighbouring levels. Positions are in the series as given.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// First point of the new level.
    pub index: usize,
    /// New level less old level. Its p is for the two levels beside the step and conditional on the segmentation: it
    /// describes; the scan's p is what enters the batch.
    pub change: LogChange,
    /// Of this step alone, at [`Parameters::alpha`].
    pub verdict: Verdict,
    /// The old level, on the log scale.
    pub level_before: f64,
    /// The new level, on the log scale.
    pub level_after: f64,
    /// Whether later steps took it back.
    pub state: StepState,
    /// First point of the level that did: of the first such level, or, of a step that partly recovered, of that nearest to the old
    /// one. Absent while it is open.
    pub recovered_at: Option<usize>,
    /// Whether it rests on the latest version alone, so that the next one may disagree.
    pub provisional: bool,
    /// Versions where it may have happened: the credible ones and all of at least half a percent, in version order.
    pub candidates: Vec<Candidate>,
}

/// One possible place of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// First point after the step.
    pub index: usize,
    /// Given that there is exactly one step between the neighbouring ones.
    pub probability: f64,
    /// Whether it belongs to the smallest set that holds [`Parameters::credible_mass`].
    pub credible: bool,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StepState {
    /// No later step took any of it back.
    Open,
    /// A later step took part of it back.
    PartlyRecovered,
    /// A later step brought the level back to within [`Parameters::min_change`] of the old one, or beyond it.
    Recovered,
}

impl StepState {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Open, Self::PartlyRecovered, Self::Recovered];

    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::PartlyRecovered => "partly_recovered",
            Self::Recovered => "recovered",
        }
    }
}

/// Candidates below this are not worth a line, unless they are needed for the credible set.
const LEAST_PROBABILITY: f64 = 0.005;

/// What all steps of one series share.
#[derive(Clone, Copy)]
pub(crate) struct StepContext<'a> {
    pub(crate) sums: &'a Sums,
    pub(crate) n: usize,
    pub(crate) skipped: usize,
    pub(crate) centre: f64,
    pub(crate) lower_is_better: bool,
    pub(crate) thresholds: &'a Thresholds,
    pub(crate) parameters: &'a Parameters,
}

impl StepContext<'_> {
    /// Reports every step of a segmentation. Allocates nothing when there is none.
    pub(crate) fn steps(&self, segmentation: &Segmentation) -> Vec<Step> {
        let mut steps: Vec<Step> =
            segmentation.stretches(self.n).map(|(start, index, end)| self.step(start, index, end)).collect();
        for i in 0..steps.len() {
            (steps[i].state, steps[i].recovered_at) = self.state(&steps, i);
        }
        steps
    }

    fn step(&self, start: usize, index: usize, end: usize) -> Step {
        let split = self.sums.split(start, index, end);
        let two_sided = self.thresholds.student.two_sided(split.t());
        let p = scan::adjust(self.sums, start, end, two_sided);
        let change = LogChange::new(split.delta, split.se, p, self.thresholds);
        let posterior = Posterior::of(self.sums, start, end, change.df, self.parameters.step_size);
        let probabilities = posterior.probabilities();
        let candidates = credible(probabilities, self.parameters.credible_mass)
            .into_iter()
            .zip(probabilities)
            .enumerate()
            .filter(|(_, (credible, probability))| *credible || **probability >= LEAST_PROBABILITY)
            .map(|(i, (credible, probability))| Candidate {
                index: self.skipped + start + 1 + i,
                probability: *probability,
                credible,
            })
            .collect();
        Step {
            index: self.skipped + index,
            change,
            verdict: change.verdict(self.lower_is_better, self.thresholds, self.parameters),
            level_before: self.centre + self.sums.mean(start, index),
            level_after: self.centre + self.sums.mean(index, end),
            state: StepState::Open,
            recovered_at: None,
            provisional: end == self.n && end - index == 1,
            candidates,
        }
    }

    /// ```text
    ///          ┌───┐                  what remains of the step after each later step in the opposite
    ///   ───────┘   └──┐  remains      direction decides: nothing to speak of, less than it was, or all of it
    ///                 └────────
    /// ```
    fn state(&self, steps: &[Step], of: usize) -> (StepState, Option<usize>) {
        let step = &steps[of];
        let up = step.change.delta.signum();
        let mut nearest: Option<(f64, usize)> = None;
        for later in steps[of + 1..].iter().filter(|later| later.change.delta * up < 0.0) {
            let remains = (later.level_after - step.level_before) * up;
            if remains <= self.parameters.min_rise() {
                return (StepState::Recovered, Some(later.index));
            }
            if nearest.is_none_or(|(least, _)| remains < least) {
                nearest = Some((remains, later.index));
            }
        }
        match nearest {
            Some((remains, at)) if remains < step.change.delta.abs() => (StepState::PartlyRecovered, Some(at)),
            _ => (StepState::Open, None),
        }
    }
}
