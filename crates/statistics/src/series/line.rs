//! The weighted least-squares line through a series: what a drift is, and what a scatter should not count.

/// A line over the positions 0, 1, 2 …
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Line {
    /// Change per version.
    pub(crate) slope: f64,
    /// Standard error of the slope, if the weights are inverse variances.
    pub(crate) se: f64,
    /// Weighted sum of squares around the line.
    pub(crate) residual: f64,
}

impl Line {
    /// Fits at least 2 points.
    pub(crate) fn fit(y: &[f64], weight: &[f64]) -> Self {
        let (mut w_sum, mut wx, mut wy) = (0.0, 0.0, 0.0);
        for (i, (y, &w)) in y.iter().zip(weight).enumerate() {
            w_sum += w;
            wx += w * i as f64;
            wy += w * y;
        }
        let (x_mean, y_mean) = (wx / w_sum, wy / w_sum);
        let (mut sxx, mut sxy, mut syy) = (0.0, 0.0, 0.0);
        for (i, (y, &w)) in y.iter().zip(weight).enumerate() {
            let (dx, dy) = (i as f64 - x_mean, y - y_mean);
            sxx += w * dx * dx;
            sxy += w * dx * dy;
            syy += w * dy * dy;
        }
        Self { slope: sxy / sxx, se: 1.0 / sxx.sqrt(), residual: (syy - sxy * sxy / sxx).max(0.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close;

    #[test]
    fn a_line_by_hand() {
        // 1 2 4 with equal weights: x̄ = 1, ȳ = 7/3, Sxx = 2, Sxy = 3, Syy = 14/3; slope 3/2, residual 14/3 − 9/2 = 1/6.
        let line = Line::fit(&[1.0, 2.0, 4.0], &[1.0; 3]);
        close(line.slope, 1.5, 1e-14);
        close(line.se, 0.5_f64.sqrt(), 1e-14);
        close(line.residual, 1.0 / 6.0, 1e-13);
        // Four times the weight halves the standard error and quadruples the residual.
        let heavy = Line::fit(&[1.0, 2.0, 4.0], &[4.0; 3]);
        close(heavy.slope, 1.5, 1e-14);
        close(heavy.se, 0.5 * line.se, 1e-14);
        close(heavy.residual, 4.0 / 6.0, 1e-13);
    }

    #[test]
    fn a_weightless_point_does_not_bend_the_line() {
        let line = Line::fit(&[1.0, 2.0, 3.0, 50.0], &[1.0, 1.0, 1.0, 1e-12]);
        close(line.slope, 1.0, 1e-9);
    }
}
