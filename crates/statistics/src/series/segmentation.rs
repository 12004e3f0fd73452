//! The best cut of a series into levels, when each step must pay for itself.
//!
//! Exact, by optimal partitioning (Jackson et al. 2005): smallest weighted residual plus a price per step. The price is the
//! square of the scan's critical value, so that the first step is bought when the scan would have found it.

use crate::series::cost::{CostTriangle, least_sum};
use crate::series::input::MAX_POINTS;

/// Levels of a series of at most [`MAX_POINTS`] points.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segmentation {
    /// `starts[0]` = 0, then the first position of each later level; `len` of them count.
    starts: [u8; MAX_POINTS],
    len: usize,
    /// Residual plus prices, in the unit of the costs.
    pub(crate) cost: f64,
}

impl Segmentation {
    /// One level and no step, for series too short to cut.
    pub(crate) fn flat() -> Self {
        Self { starts: [0; MAX_POINTS], len: 1, cost: 0.0 }
    }

    /// One level with this residual, where no step can pay for itself.
    pub(crate) fn one_level(residual: f64, price: f64) -> Self {
        Self { cost: residual - price + price, ..Self::flat() } // in the order of the sums below
    }

    /// Levels that start at 0 and at each of these rising positions. Nobody asked what they cost.
    pub(crate) fn at(cuts: impl IntoIterator<Item = usize>) -> Self {
        let mut found = Self::flat();
        for cut in cuts.into_iter().take(MAX_POINTS - 1) {
            found.starts[found.len] = cut as u8;
            found.len += 1;
        }
        found
    }

    /// Cuts the first `n` points. Of equal partitions the one whose last level starts first wins, which has fewer steps.
    pub(crate) fn of(costs: &CostTriangle, n: usize, price: f64) -> Self {
        let mut best = [0.0; MAX_POINTS + 1];
        let mut last_start = [0_u8; MAX_POINTS + 1];
        best[0] = -price; // the first level is free
        for end in 1..=n {
            let row = costs.row(end);
            let least = least_sum(row, &best[..end]);
            let from = row.iter().zip(&best[..end]).position(|(cost, before)| cost + before <= least);
            best[end] = least + price;
            last_start[end] = from.unwrap_or(0) as u8;
        }
        let mut found = Self { starts: [0; MAX_POINTS], len: 0, cost: best[n] };
        let mut end = n;
        while end > 0 {
            end = usize::from(last_start[end]);
            found.starts[found.len] = end as u8;
            found.len += 1;
        }
        found.starts[..found.len].reverse();
        found
    }

    /// First positions of the levels after a step, rising.
    pub(crate) fn steps(&self) -> impl DoubleEndedIterator<Item = usize> + ExactSizeIterator {
        self.starts[1..self.len].iter().map(|start| usize::from(*start))
    }

    /// Each step of `n` points with the levels beside it: first position before it, of the new level, and after that.
    pub(crate) fn stretches(&self, n: usize) -> impl Iterator<Item = (usize, usize, usize)> {
        let starts = &self.starts[..self.len];
        starts.windows(2).enumerate().map(move |(at, pair)| {
            let end = starts.get(at + 2).map_or(n, |start| usize::from(*start));
            (usize::from(pair[0]), usize::from(pair[1]), end)
        })
    }

    /// First position of the last level.
    pub(crate) fn last_start(&self) -> usize {
        usize::from(self.starts[self.len - 1])
    }

    /// First position of the last level that starts before a position.
    pub(crate) fn start_before(&self, position: usize) -> usize {
        self.starts[..self.len].iter().map(|start| usize::from(*start)).rfind(|&start| start < position).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close;
    use crate::series::cost::Moments;
    use proptest::prelude::*;

    fn segment(y: &[f64], weight: &[f64], price: f64) -> Segmentation {
        let mut moments = Moments::default();
        moments.fill(y, weight);
        let mut costs = CostTriangle::default();
        costs.fill(&moments, 1..=y.len());
        Segmentation::of(&costs, y.len(), price)
    }

    /// Every subset of cuts, priced one by one.
    fn exhaustive(y: &[f64], weight: &[f64], price: f64) -> f64 {
        let n = y.len();
        let residual = |start: usize, end: usize| {
            let w: f64 = weight[start..end].iter().sum();
            let mean = (start..end).map(|i| weight[i] * y[i]).sum::<f64>() / w;
            (start..end).map(|i| weight[i] * (y[i] - mean).powi(2)).sum::<f64>()
        };
        let mut least = f64::INFINITY;
        for cuts in 0..1_u32 << (n - 1) {
            let (mut start, mut cost) = (0, 0.0);
            for index in 1..n {
                if cuts >> (index - 1) & 1 == 1 {
                    cost += residual(start, index) + price;
                    start = index;
                }
            }
            least = least.min(cost + residual(start, n));
        }
        least
    }

    #[test]
    fn levels_by_hand() {
        // Two levels 1 and 2 with residual 0 cost one price; without the cut the residual is 1.
        let found = segment(&[1.0, 1.0, 2.0, 2.0], &[1.0; 4], 0.9);
        assert_eq!(found.steps().collect::<Vec<_>>(), [2]);
        assert_eq!(found.last_start(), 2);
        close(found.cost, 0.9, 1e-12);
        let found = segment(&[1.0, 1.0, 2.0, 2.0], &[1.0; 4], 1.1);
        assert_eq!(found.steps().len(), 0);
        close(found.cost, 1.0, 1e-12);
    }

    #[test]
    fn up_and_down_are_two_steps_and_equal_values_none() {
        let found = segment(&[0.0, 0.0, 9.0, 9.0, 0.0, 0.0], &[1.0; 6], 5.0);
        assert_eq!(found.steps().collect::<Vec<_>>(), [2, 4]);
        assert_eq!(segment(&[3.0; 12], &[2.0; 12], 0.5).steps().len(), 0);
        assert_eq!(segment(&[3.0], &[1.0], 1.0).last_start(), 0);
    }

    proptest! {
        #[test]
        fn as_good_as_trying_everything(
            points in prop::collection::vec((-3.0..3.0_f64, 0.2..5.0_f64), 1..11),
            price in 0.05..20.0_f64,
        ) {
            let (y, weight): (Vec<_>, Vec<_>) = points.into_iter().unzip();
            let found = segment(&y, &weight, price);
            let expected = exhaustive(&y, &weight, price);
            prop_assert!((found.cost - expected).abs() < 1e-9 * (1.0 + expected), "{} {expected}", found.cost);
        }
    }
}
