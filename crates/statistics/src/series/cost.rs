//! The residual of every stretch of a series around its own mean: what both the scatter and the segmentation search over.

use crate::series::input::MAX_POINTS;
use std::ops::RangeInclusive;

/// Prefix sums of the weights, of the weighted values and of their weighted squares.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moments {
    w: [f64; MAX_POINTS + 1],
    wy: [f64; MAX_POINTS + 1],
    wyy: [f64; MAX_POINTS + 1],
}

impl Default for Moments {
    fn default() -> Self {
        let column = [0.0; MAX_POINTS + 1];
        Self { w: column, wy: column, wyy: column }
    }
}

impl Moments {
    /// Replaces what was there.
    pub(crate) fn fill(&mut self, y: &[f64], weight: &[f64]) {
        for (i, (y, w)) in y.iter().zip(weight).enumerate() {
            self.w[i + 1] = self.w[i] + w;
            self.wy[i + 1] = self.wy[i] + w * y;
            self.wyy[i + 1] = self.wyy[i] + w * y * y;
        }
    }

    /// Residual of the first `n` points around one level: the first cell of their row in the triangle.
    pub(crate) fn one_level(&self, n: usize) -> f64 {
        if n == 1 { 0.0 } else { (self.wyy[n] - self.wy[n] * self.wy[n] / self.w[n]).max(0.0) }
    }
}

/// Weighted sums of squares around the weighted mean, one for each stretch `start..end`.
///
/// ```text
///            start 0   1   2
///   end 1          x              row of an end lies contiguous, so that the search over
///   end 2          x   x          starts is one pass over neighbouring numbers
///   end 3          x   x   x
/// ```
#[derive(Clone, Debug)]
pub(crate) struct CostTriangle {
    cells: [f64; MAX_POINTS * (MAX_POINTS + 1) / 2],
}

impl Default for CostTriangle {
    fn default() -> Self {
        Self { cells: [0.0; MAX_POINTS * (MAX_POINTS + 1) / 2] }
    }
}

impl CostTriangle {
    /// Fills the rows of these ends, from 1 to at most [`MAX_POINTS`].
    pub(crate) fn fill(&mut self, moments: &Moments, ends: RangeInclusive<usize>) {
        let Moments { w, wy, wyy } = moments;
        for end in ends {
            let (w_end, wy_end, wyy_end) = (w[end], wy[end], wyy[end]);
            let row = &mut self.cells[end * (end - 1) / 2..][..end];
            let starts = w[..end].iter().zip(&wy[..end]).zip(&wyy[..end]);
            for (cell, ((w_start, wy_start), wyy_start)) in row.iter_mut().zip(starts) {
                let moment = wy_end - wy_start;
                *cell = (wyy_end - wyy_start - moment * moment / (w_end - w_start)).max(0.0);
            }
            row[end - 1] = 0.0; // one point lies on its own mean, whatever the rounding says
        }
    }

    /// Costs of the stretches that end at `end`, by start.
    pub(crate) fn row(&self, end: usize) -> &[f64] {
        &self.cells[end * (end - 1) / 2..][..end]
    }

    /// Smallest residuals of the first n − 1 and of all `n` ≥ 2 points, each with at most as many steps as it is given. The
    /// shorter may have one step less than the longer, but not more.
    pub(crate) fn least_residuals(&self, n: usize, max_steps: [usize; 2]) -> [f64; 2] {
        let [steps_before, steps] = max_steps;
        let mut best = [0.0; MAX_POINTS + 1]; // by end, with the steps allowed so far
        for (end, best) in (1..=n).zip(&mut best[1..]) {
            *best = self.row(end)[0];
        }
        let mut before = best[n - 1];
        for level in 1..=steps {
            // The last level is wanted at the last ends only; ends run downwards because each needs the level before it to
            // its left.
            let first = if level == steps { n - 1 } else { 2 };
            for end in (first.max(2)..=n).rev() {
                best[end] = best[end].min(least_sum(&self.row(end)[1..], &best[1..end]));
            }
            if level == steps_before {
                before = best[n - 1];
            }
        }
        [before, best[n]]
    }
}

/// Smallest sum of two columns of equal length, row by row; infinite for none.
pub(crate) fn least_sum(costs: &[f64], before: &[f64]) -> f64 {
    // Independent lanes: one running minimum would wait for itself at every row.
    const LANES: usize = 8;
    let lesser = |least: f64, sum: f64| if sum < least { sum } else { least };
    let (costs, costs_rest) = costs.as_chunks::<LANES>();
    let (before, before_rest) = before.as_chunks::<LANES>();
    let mut lanes = [f64::INFINITY; LANES];
    for (costs, before) in costs.iter().zip(before) {
        for lane in 0..LANES {
            lanes[lane] = lesser(lanes[lane], costs[lane] + before[lane]);
        }
    }
    let least = lanes.into_iter().fold(f64::INFINITY, lesser);
    costs_rest.iter().zip(before_rest).fold(least, |least, (cost, before)| lesser(least, cost + before))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close;

    #[test]
    fn residuals_by_hand() {
        // 1 2 | 6 with weights 1 1 2: mean of the first two 1.5, residual 0.5; of the last two 14/3, residual 32/3.
        let mut moments = Moments::default();
        moments.fill(&[1.0, 2.0, 6.0], &[1.0, 1.0, 2.0]);
        let mut costs = CostTriangle::default();
        costs.fill(&moments, 1..=3);
        for n in 1..=3 {
            assert_eq!(moments.one_level(n).to_bits(), costs.row(n)[0].to_bits());
        }
        close(costs.row(2)[0], 0.5, 1e-14);
        close(costs.row(3)[1], 32.0 / 3.0, 1e-14);
        close(costs.row(3)[2], 0.0, 0.0);
        // All three: mean 15/4, Σwy² − (Σwy)²/Σw = 77 − 225/4.
        close(costs.row(3)[0], 77.0 - 56.25, 1e-14);
        let residuals = |n, steps| costs.least_residuals(n, steps);
        close(residuals(3, [0, 0])[1], 20.75, 1e-14);
        close(residuals(3, [0, 0])[0], 0.5, 1e-14);
        close(residuals(3, [0, 1])[0], 0.5, 1e-14);
        close(residuals(3, [1, 1])[1], 0.5, 1e-14);
        close(residuals(3, [1, 1])[0], 0.0, 1e-14);
        close(residuals(3, [1, 2])[1], 0.0, 1e-14);
        close(residuals(3, [1, 2])[0], 0.0, 1e-14);
    }
}
