//! What a batch asks of every series before it selects any: the two p-values and the verdict on the latest version.
//!
//! The same answers as those of [`judge`](crate::judge()), for a fraction of their cost: most series claim nothing, and what nobody
//! claims needs neither a p-value nor a place.

use crate::batch::fdr::PValue;
use crate::parameters::Prior;
use crate::series::change::Verdict;
use crate::series::critical::CriticalValues;
use crate::series::input::{Loaded, SeriesInput, Unusable};
use crate::series::latest::History;
use crate::series::noise::Scatter;
use crate::series::shape::{Model, Shape};
use crate::series::workspace::Workspace;

/// The part of a [`SeriesJudgement`](crate::SeriesJudgement) that selection needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Screening {
    /// Points judged.
    pub points: usize,
    /// The shape that explains the series at the lowest cost.
    pub model: Model,
    /// What enters the batch for the history question.
    pub gated_p: f64,
    /// Whether the p before the gate is above one half; of a series that nothing happened to it is, as often as not.
    pub is_above_half: bool,
    /// The release question; absent for a single point.
    pub latest: Option<ScreenedLatest>,
}

/// The part of a [`Latest`](crate::Latest) that selection needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScreenedLatest {
    /// On the latest version by itself.
    pub verdict: Verdict,
    /// What enters the batch for the release question.
    pub gated_p: f64,
    /// Whether the p before the gate is above one half.
    pub is_above_half: bool,
}

impl Screening {
    /// The history question as a test of a batch; absent where it cannot be asked, below 3 points.
    pub fn history_p(&self) -> Option<PValue> {
        (self.model != Model::TooShort).then(|| PValue::new(self.gated_p))
    }

    /// The release question as a test of a batch; absent where it cannot be asked, below 2 points.
    pub fn latest_p(&self) -> Option<PValue> {
        self.latest.map(|latest| PValue::new(latest.gated_p))
    }
}

/// Screens a series that [`first_pass`](crate::series::first_pass()) has read, with the scatter that it found; without one it is read again.
pub fn screen(
    input: &SeriesInput<'_>,
    scatter: Option<Scatter>,
    prior: &Prior,
    critical: &CriticalValues,
    workspace: &mut Workspace,
) -> Result<Screening, Unusable> {
    let Loaded { n, skipped } = input.load(critical.parameters(), workspace)?;
    let scatter = scatter.unwrap_or_else(|| Scatter::of(n, workspace));
    let shape = Shape::of(n, scatter, prior, critical, workspace);
    let is_claim = shape.claimed() >= critical.parameters().min_rise();
    Ok(Screening {
        points: n,
        model: shape.model,
        gated_p: if is_claim { shape.p() } else { 1.0 },
        is_above_half: shape.is_p_above_half(),
        latest: shape.release(input, skipped, critical, workspace).map(|history| screen_latest(&history)),
    })
}

fn screen_latest(history: &History<'_>) -> ScreenedLatest {
    let (split, parameters, thresholds) = (history.split(), history.parameters, history.thresholds);
    let is_above_half = split.t().abs() < thresholds.even;
    if split.delta.abs() < parameters.min_rise().min(parameters.min_fall()) {
        // Too small for either claim, whatever its p.
        let worse = if history.lower_is_better { split.delta } else { -split.delta };
        let verdict = Verdict::without_claim(worse, split.se, thresholds, parameters);
        return ScreenedLatest { verdict, gated_p: 1.0, is_above_half };
    }
    let latest = history.latest();
    ScreenedLatest { verdict: latest.verdict, gated_p: latest.gated_p, is_above_half }
}
