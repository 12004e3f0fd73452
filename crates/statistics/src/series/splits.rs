//! A series cut in two at every place: how far the halves differ, and how sure that is.

use crate::series::input::MAX_POINTS;

/// Prefix sums of weights and weighted values, from which every cut of every stretch follows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sums {
    w: [f64; MAX_POINTS + 1],
    wy: [f64; MAX_POINTS + 1],
}

/// One cut of a stretch: what changes there if it is the only step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Split {
    /// First position after the cut.
    pub(crate) index: usize,
    /// Weighted mean after less weighted mean before.
    pub(crate) delta: f64,
    /// Standard error of that.
    pub(crate) se: f64,
}

impl Split {
    pub(crate) fn t(&self) -> f64 {
        self.delta / self.se
    }
}

impl Sums {
    pub(crate) fn new(y: &[f64], weight: &[f64]) -> Self {
        let mut sums = Self { w: [0.0; MAX_POINTS + 1], wy: [0.0; MAX_POINTS + 1] };
        for (i, (y, w)) in y.iter().zip(weight).enumerate() {
            sums.w[i + 1] = sums.w[i] + w;
            sums.wy[i + 1] = sums.wy[i] + w * y;
        }
        sums
    }

    /// Total weight of a stretch: 1 / variance of its mean.
    pub(crate) fn weight(&self, start: usize, end: usize) -> f64 {
        self.w[end] - self.w[start]
    }

    /// Weighted mean of a stretch.
    pub(crate) fn mean(&self, start: usize, end: usize) -> f64 {
        (self.wy[end] - self.wy[start]) / self.weight(start, end)
    }

    /// The cut of `start..end` before `index`.
    pub(crate) fn split(&self, start: usize, index: usize, end: usize) -> Split {
        let (left, right) = (self.weight(start, index), self.weight(index, end));
        let delta = (self.wy[end] - self.wy[index]) / right - (self.wy[index] - self.wy[start]) / left;
        Split { index, delta, se: (1.0 / left + 1.0 / right).sqrt() }
    }

    /// All cuts of a stretch, from left to right.
    pub(crate) fn splits(&self, start: usize, end: usize) -> impl Iterator<Item = Split> {
        (start + 1..end).map(move |index| self.split(start, index, end))
    }

    /// Correlation under no change of the cut before `index` with the next one.
    pub(crate) fn neighbour_correlation(&self, start: usize, index: usize, end: usize) -> f64 {
        let odds = |index| self.weight(start, index) / self.weight(index, end);
        let ratio: f64 = odds(index) / odds(index + 1);
        ratio.sqrt()
    }

    /// Correlation under no change of each cut of the first `n` points with the slope of the line through them, whose standard
    /// error under these weights is `slope_se`.
    pub(crate) fn line_correlations(&self, n: usize, slope_se: f64) -> impl Iterator<Item = f64> {
        let total = self.w[n];

        let mean = (0..n).map(|i| self.weight(i, i + 1) * i as f64).sum::<f64>() / total;
        let mut left_moment = 0.0;
        (1..n).map(move |index| {
            left_moment += self.weight(index - 1, index) * (index - 1) as f64;
            // Cov of the cut's and the line's contrast: the distance of the halves' mean positions, which the left half alone
            // tells, over both lengths.
            let (left, right) = (self.w[index], total - self.w[index]);
            (mean * left - left_moment) * (total / (left * right)).sqrt() * slope_se
        })
    }

    /// The largest of [`Self::line_correlations`].
    pub(crate) fn line_correlation(&self, n: usize, slope_se: f64) -> f64 {
        self.line_correlations(n, slope_se).fold(0.0, f64::max)
    }

    /// The cut where `sharpness` is largest, the first of equals, and how large it is. The stretch has at least 2 points.
    pub(crate) fn sharpest(&self, start: usize, end: usize, sharpness: impl Fn(&Split) -> f64) -> (Split, f64) {
        let first = self.split(start, start + 1, end);
        let mut best = (first, sharpness(&first));
        for split in self.splits(start, end).skip(1) {
            let sharp = sharpness(&split);
            if sharp > best.1 {
                best = (split, sharp);
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close;

    fn best(sums: &Sums) -> usize {
        sums.sharpest(0, 3, |split| split.t().abs()).0.index
    }

    #[test]
    fn cuts_by_hand() {
        // 0 2 | 7 with weights 1 1 2.
        let sums = Sums::new(&[0.0, 2.0, 7.0], &[1.0, 1.0, 2.0]);
        let split = sums.split(0, 2, 3);
        close(split.delta, 6.0, 1e-14);
        close(split.se, 1.0, 1e-14); // 1/2 + 1/2
        close(sums.split(0, 1, 3).delta, 16.0 / 3.0, 1e-14);
        close(sums.split(0, 1, 3).se, (4.0_f64 / 3.0).sqrt(), 1e-14);
        close(sums.split(1, 2, 3).delta, 5.0, 1e-14);
        assert_eq!(best(&sums), 2);
        // √(W_L(1) W_R(2) / (W_R(1) W_L(2))) = √(1·2 / (3·2))
        close(sums.neighbour_correlation(0, 1, 3), (1.0_f64 / 3.0).sqrt(), 1e-14);
        close(sums.mean(0, 3), 4.0, 1e-14);
    }

    #[test]
    fn a_line_resembles_the_middle_cut_most() {
        // Contrasts side by side: (cut · line) / (|cut| |line|) with weights as the metric.
        let weight = [1.0, 2.0, 0.5, 3.0, 1.5];
        let total: f64 = weight.iter().sum();
        let mean = weight.iter().zip(0..).map(|(w, i)| w * f64::from(i)).sum::<f64>() / total;
        let sxx: f64 = weight.iter().zip(0..).map(|(w, i)| w * (f64::from(i) - mean).powi(2)).sum();
        let sums = Sums::new(&[0.0; 5], &weight);
        for (found, index) in sums.line_correlations(5, sxx.sqrt().recip()).zip(1..) {
            let left: f64 = weight[..index].iter().sum();
            let cut = |i: usize| if i < index { -1.0 / left } else { 1.0 / (total - left) };
            let together: f64 = (0..5).map(|i| weight[i] * cut(i) * (i as f64 - mean)).sum();
            let length = (0..5).map(|i| weight[i] * cut(i) * cut(i)).sum::<f64>().sqrt();
            close(found, together / length / sxx.sqrt(), 1e-12);
        }
    }

    #[test]
    fn the_first_of_equal_cuts_wins() {
        let sums = Sums::new(&[0.0, 0.0, 0.0], &[1.0; 3]);
        assert_eq!(best(&sums), 1);
        let sums = Sums::new(&[0.0, 1.0, 0.0], &[1.0; 3]);
        assert_eq!(best(&sums), 1);
    }
}
