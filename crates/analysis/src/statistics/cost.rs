//! The residual of every stretch of a series around its own mean: what both the scatter and the segmentation search over.

use super::input::MAX_POINTS;

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
    /// Fills the rows of all ends up to `y.len()`, at most [`MAX_POINTS`].
    pub(crate) fn fill(&mut self, y: &[f64], weight: impl Fn(usize) -> f64) {
        let n = y.len();
        let mut sums = [[0.0; MAX_POINTS + 1]; 3]; // of w, wy, wy²
        let [w_sum, wy_sum, wyy_sum] = &mut sums;
        for i in 0..n {
            let w = weight(i);
            w_sum[i + 1] = w_sum[i] + w;
            wy_sum[i + 1] = wy_sum[i] + w * y[i];
            wyy_sum[i + 1] = wyy_sum[i] + w * y[i] * y[i];
        }
        for end in 1..=n {
            let (w, wy, wyy) = (w_sum[end], wy_sum[end], wyy_sum[end]);
            let row = &mut self.cells[end * (end - 1) / 2..][..end];
            let starts = w_sum[..end].iter().zip(&wy_sum[..end]).zip(&wyy_sum[..end]);
            for (cell, ((w_start, wy_start), wyy_start)) in row.iter_mut().zip(starts) {
                let moment = wy - wy_start;
                *cell = (wyy - wyy_start - moment * moment / (w - w_start)).max(0.0);
            }
            row[end - 1] = 0.0; // one point lies on its own mean, whatever the rounding says
        }
    }

    /// Costs of the stretches that end at `end`, by start.
    pub(crate) fn row(&self, end: usize) -> &[f64] {
        &self.cells[end * (end - 1) / 2..][..end]
    }

    /// Smallest residual of the first `n` points with at most `max_steps` steps.
    pub(crate) fn least_residual(&self, n: usize, max_steps: usize) -> f64 {
        let mut best = [0.0; MAX_POINTS + 1]; // by end, with the steps allowed so far
        for (end, best) in (1..=n).zip(&mut best[1..]) {
            *best = self.row(end)[0];
        }
        for level in 1..=max_steps {
            // The last level is wanted at n only; ends run downwards because each needs the level before it to its left.
            let first = if level == max_steps { n } else { 2 };
            for end in (first..=n).rev() {
                let least = self.row(end).iter().zip(&best[..end]).skip(1).fold(best[end], |least, (cost, before)| {
                    let candidate = cost + before;
                    if candidate < least { candidate } else { least }
                });
                best[end] = least;
            }
        }
        best[n]
    }
}

#[cfg(test)]
mod tests {
    use super::super::close;
    use super::*;

    #[test]
    fn residuals_by_hand() {
        // 1 2 | 6 with weights 1 1 2: mean of the first two 1.5, residual 0.5; of the last two 14/3, residual 32/3.
        let mut costs = CostTriangle::default();
        costs.fill(&[1.0, 2.0, 6.0], |i| [1.0, 1.0, 2.0][i]);
        close(costs.row(2)[0], 0.5, 1e-14);
        close(costs.row(3)[1], 32.0 / 3.0, 1e-14);
        close(costs.row(3)[2], 0.0, 0.0);
        // All three: mean 15/4, Σwy² − (Σwy)²/Σw = 77 − 225/4.
        close(costs.row(3)[0], 77.0 - 56.25, 1e-14);
        close(costs.least_residual(3, 0), 20.75, 1e-14);
        close(costs.least_residual(3, 1), 0.5, 1e-14);
        close(costs.least_residual(3, 2), 0.0, 1e-14);
        close(costs.least_residual(2, 1), 0.0, 1e-14);
    }
}
