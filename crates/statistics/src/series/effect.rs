//! What one series says to a version that another series holds guilty: its change there, and its level before and after.

use crate::Prior;
use crate::series::change::LogChange;
use crate::series::critical::CriticalValues;
use crate::series::goals;
use crate::series::input::{SeriesInput, Unusable};
use crate::series::noise::{Residual, Scatter, moderate};
use crate::series::shape::Reading;
use crate::series::workspace::Workspace;
use std::ops::Range;

/// The change of a series at a given cut, with the levels on both sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CutEffect {
    /// After less before. Its p is for this cut alone, which somebody else chose.
    pub change: LogChange,
    /// The points before the cut.
    pub before: goals::Level,
    /// The points from the cut on.
    pub after: goals::Level,
}

/// Cuts `range` before position `at`; `scatter` is what [`first_pass`](crate::series::first_pass()) found, if it has read the series.
/// Absent where one side has no judged point.
pub fn effect(
    input: &SeriesInput<'_>,
    scatter: Option<Scatter>,
    prior: &Prior,
    critical: &CriticalValues,
    range: Range<usize>,
    at: usize,
    workspace: &mut Workspace,
) -> Result<Option<CutEffect>, Unusable> {
    let loaded = input.load(critical.parameters(), workspace)?;
    // Somebody else says that there is a cut. It may not be one of this series, so its residual is that of a level.
    let residual = scatter.unwrap_or_else(|| Scatter::of(loaded.n, workspace)).all;
    let noise = moderate(residual, loaded.n, prior, Residual::OfLevel);
    let reading = Reading::of(noise, loaded.n, loaded.n, prior.basis, critical, workspace);
    let start = range.start.saturating_sub(loaded.skipped);
    let end = range.end.saturating_sub(loaded.skipped).min(loaded.n);
    let cut = at.saturating_sub(loaded.skipped);
    if cut <= start || cut >= end {
        return Ok(None);
    }
    let sums = &reading.sums;
    let split = sums.split(start, cut, end);
    let p = reading.thresholds.student.two_sided(split.t());
    let level = |start: usize, end: usize| goals::Level {
        log: workspace.centre + sums.mean(start, end),
        weight: sums.weight(start, end),
        df: reading.noise.df,
    };
    Ok(Some(CutEffect {
        change: LogChange::new(split.delta, split.se, p, &reading.thresholds),
        before: level(start, cut),
        after: level(cut, end),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Parameters, close};

    #[test]
    fn the_cut_of_apples_sample_is_its_step() {
        let input = SeriesInput {
            values: &[768.7, 750.0, 992.3, 1118.9, 997.8],
            margins: &[f64::NAN; 5],
            offset: 0.0,
            lower_is_better: true,
        };
        let critical = CriticalValues::new(Parameters::default());
        let mut workspace = Workspace::default();
        let found = effect(&input, None, &Prior::default(), &critical, 0..5, 2, &mut workspace).unwrap().unwrap();
        // From the reference answers for Apple's sample.
        close(found.change.delta, 0.309_506_233_610_880_7, 1e-9);
        close(found.change.se, 0.045_448_929_140_156_594, 1e-9);
        close(found.after.log.exp(), 1_034.727_333_454_284_2, 1e-9);
        assert_eq!(effect(&input, None, &Prior::default(), &critical, 0..5, 0, &mut workspace), Ok(None));
        assert_eq!(effect(&input, None, &Prior::default(), &critical, 2..5, 5, &mut workspace), Ok(None));
    }
}
