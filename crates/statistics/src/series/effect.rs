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

/// Cuts `range` before position `at`: see [`difference`].
pub fn effect(
    input: &SeriesInput<'_>,
    scatter: Option<Scatter>,
    prior: &Prior,
    critical: &CriticalValues,
    range: Range<usize>,
    at: usize,
    workspace: &mut Workspace,
) -> Result<Option<CutEffect>, Unusable> {
    difference(input, scatter, prior, critical, range.start..at, at..range.end, workspace)
}

/// Some points less others before them, both chosen by somebody else; `scatter` is what [`first_pass`](crate::series::first_pass()) found, if it has read the series.
/// Absent where one side has no judged point.
pub fn difference(
    input: &SeriesInput<'_>,
    scatter: Option<Scatter>,
    prior: &Prior,
    critical: &CriticalValues,
    before: Range<usize>,
    after: Range<usize>,
    workspace: &mut Workspace,
) -> Result<Option<CutEffect>, Unusable> {
    let loaded = input.load(critical.parameters(), workspace)?;
    // Somebody else says that there is a cut. It may not be one of this series, so its residual is that of a level.
    let residual = scatter.unwrap_or_else(|| Scatter::of(loaded.n, workspace)).all;
    let noise = moderate(residual, loaded.n, prior, Residual::OfLevel);
    let reading = Reading::of(noise, loaded.n, loaded.n, prior.basis, critical, workspace);
    let judged = |range: Range<usize>| {
        let place = |at: usize| at.saturating_sub(loaded.skipped).min(loaded.n);
        Some(place(range.start)..place(range.end)).filter(|range| !range.is_empty())
    };
    let Some((before, after)) = judged(before).zip(judged(after)) else { return Ok(None) };
    let sums = &reading.sums;
    let level = |range: Range<usize>| goals::Level {
        log: workspace.centre + sums.mean(range.start, range.end),
        weight: sums.weight(range.start, range.end),
        df: reading.noise.df,
    };
    let (before, after) = (level(before), level(after));
    let (delta, se) = (after.log - before.log, (1.0 / before.weight + 1.0 / after.weight).sqrt());
    let p = reading.thresholds.student.two_sided(delta / se);
    Ok(Some(CutEffect { change: LogChange::new(delta, se, p, &reading.thresholds), before, after }))
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
        // Two versions that do not stand side by side are one value against one: √2 of the noise that three against two leave √(5/6) of.
        let far = difference(&input, None, &Prior::default(), &critical, 0..1, 3..4, &mut workspace).unwrap().unwrap();
        close(far.change.delta, (1118.9_f64 / 768.7).ln(), 1e-9);
        close(far.change.se, found.change.se * (2.0_f64 / (5.0 / 6.0)).sqrt(), 1e-9);
        assert_eq!(effect(&input, None, &Prior::default(), &critical, 0..5, 0, &mut workspace), Ok(None));
        assert_eq!(effect(&input, None, &Prior::default(), &critical, 2..5, 5, &mut workspace), Ok(None));
    }
}
