//! Variances of short series, as logarithms that know how well they are known.
//!
//! All levels of the noise are combined on the log scale: there an estimate from few values has a variance that depends on their number
//! alone, and precision-weighted means are all that is needed.

use super::Role;
use super::rows::Rows;
use crate::series::null_law::steps_removed;
use crate::special::gamma::{digamma, trigamma};
use crate::{MAX_POINTS, null_law};
use std::f64::consts::LN_2;

/// An estimate of the logarithm of a variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct LnVariance {
    pub(super) ln: f64,
    /// Variance of that estimate.
    pub(super) variance: f64,
}

impl LnVariance {
    /// From a sum of squares with so many degrees of freedom.
    pub(super) fn of_squares(squares: f64, df: f64) -> Self {
        Self { ln: squares.max(LEAST_SQUARES).ln() - LN_2 - digamma(0.5 * df), variance: trigamma(0.5 * df) }
    }

    /// Two estimates of the same.
    pub(super) fn and(self, other: Self) -> Self {
        let (a, b) = (self.variance.recip(), other.variance.recip());
        Self { ln: (self.ln * a + other.ln * b) / (a + b), variance: (a + b).recip() }
    }
}

/// Sums of squares below this are rounding.
const LEAST_SQUARES: f64 = 1e-14;

/// E\[ln S\] and Var\[ln S\] of the squares S of 3.. unit normals around the mean of all of them but the most distant one. No closed form:
/// simulated once, 120,000 series per length.
#[rustfmt::skip]
const WITHOUT_ONE: [(f64, f64); MAX_POINTS - 2] = [
    (-3.2161, 5.6172), (-0.9982, 1.9229), (-0.1054, 1.0796), (0.4260, 0.7363), (0.8053, 0.5533), (1.0935, 0.4362), // 3
    (1.3215, 0.3621), (1.5199, 0.3086), (1.6851, 0.2695), (1.8297, 0.2393), (1.9587, 0.2150), (2.0745, 0.1932), // 9
    (2.1792, 0.1760), (2.2742, 0.1639), (2.3578, 0.1516), (2.4418, 0.1406), (2.5158, 0.1324), (2.5875, 0.1237), // 15
    (2.6530, 0.1163), (2.7167, 0.1097), (2.7740, 0.1050), (2.8298, 0.0996), (2.8847, 0.0945), (2.9351, 0.0913), // 21
    (2.9828, 0.0873), (3.0289, 0.0827), (3.0736, 0.0795), (3.1165, 0.0771), (3.1573, 0.0736), (3.1964, 0.0713), // 27
    (3.2347, 0.0689), (3.2695, 0.0669), (3.3060, 0.0652), (3.3407, 0.0631), (3.3750, 0.0607), (3.4045, 0.0588), // 33
    (3.4358, 0.0570), (3.4661, 0.0560), // 39
];

/// Variance of a series around its best line or its best few steps, as many as a series of its length may have: free of its changes, as
/// the scatter that a series is judged by. Absent below three values.
pub(super) fn scatter(values: &[f64], weights: impl IntoIterator<Item = f64>) -> Option<LnVariance> {
    let mut known = [(0.0, 0.0); MAX_POINTS];
    let (mut n, mut total, mut sum, mut moment) = (0, 0.0, 0.0, 0.0);
    for (&x, w) in values.iter().zip(weights) {
        if x.is_finite() && w > 0.0 {
            known[n] = (x, w);
            total += w;
            sum += x * w;
            moment += w * n as f64;
            n += 1;
        }
    }
    let law = null_law(n)?;
    let (mean, centre) = (sum / total, moment / total);
    let (mut spread, mut product) = (0.0, 0.0);
    let mut running = Running::default();
    for (i, (x, w)) in known[..n].iter().enumerate() {
        let (off, x) = (i as f64 - centre, x - mean);
        spread += w * off * off;
        product += w * off * x;
        running.weights[i + 1] = running.weights[i] + w;
        running.sums[i + 1] = running.sums[i] + w * x;
        running.squares[i + 1] = running.squares[i] + w * x * x;
    }
    let around_line = running.squares[n] - product * product / spread;
    let squares = running.around_steps(n, steps_removed(n)).min(around_line);
    Some(LnVariance { ln: squares.max(LEAST_SQUARES).ln() - law.mean_ln, variance: law.var_ln })
}

/// Weights, weighted sums and squares of a series up to each value; 0 up to the first.
struct Running {
    weights: [f64; MAX_POINTS + 1],
    sums: [f64; MAX_POINTS + 1],
    squares: [f64; MAX_POINTS + 1],
}

impl Default for Running {
    fn default() -> Self {
        let none = [0.0; MAX_POINTS + 1];
        Self { weights: none, sums: none, squares: none }
    }
}

impl Running {
    /// Squares of the values from each one up to `to`, around their mean.
    fn around_means(&self, to: usize, found: &mut [f64]) {
        let (weight, sum, square) = (self.weights[to], self.sums[to], self.squares[to]);
        let before = self.weights.iter().zip(&self.sums).zip(&self.squares);
        for (found, ((w, s), q)) in found.iter_mut().zip(before) {
            let (weight, sum) = (weight - w, sum - s);
            *found = (square - q - sum * sum / weight).max(0.0);
        }
    }

    /// Squares of `n` values around the means between their best steps, of which there are so many at most.
    fn around_steps(&self, n: usize, steps: usize) -> f64 {
        let mut least = [0.0; MAX_POINTS + 1];
        let mut last = [0.0; MAX_POINTS + 1];
        let all = self.weights.iter().zip(&self.sums).zip(&self.squares);
        for (least, ((weight, sum), square)) in least[..=n].iter_mut().zip(all).skip(1) {
            *least = (square - sum * sum / weight).max(0.0);
        }
        for step in 1..=steps {
            // The last step is asked of the whole only. Downwards, so that what is before knows one step less.
            let first = if step == steps { n } else { 2 };
            for to in (first..=n).rev() {
                let last = &mut last[..to];
                self.around_means(to, last);
                let with = least[1..to].iter().zip(&last[1..]).map(|(before, last)| before + last);
                least[to] = with.fold(least[to], |least, with| if with < least { with } else { least });
            }
        }
        least[n]
    }
}

/// Variance of a series without its most distant value. Absent below three values.
pub(super) fn all_but_one(values: &[f64]) -> Option<LnVariance> {
    let known = || values.iter().filter(|value| value.is_finite());
    let (sum, count) = known().fold((0.0, 0_usize), |(sum, count), value| (sum + value, count + 1));
    let n = count as f64;
    let mean = sum / n;
    let (mut squares, mut worst) = (0.0, 0.0);
    for value in known() {
        let square = (value - mean).powi(2);
        squares += square;
        worst = f64::max(worst, square);
    }
    let (mean, variance) = *WITHOUT_ONE.get(count.checked_sub(3)?)?;
    let squares = squares - worst * n / (n - 1.0);
    Some(LnVariance { ln: squares.max(LEAST_SQUARES).ln() - mean, variance })
}

/// The smaller of the two: neither a step nor an odd value may hide what is odd.
pub(super) fn robust(values: &[f64]) -> Option<LnVariance> {
    let around = scatter(values, std::iter::repeat(1.0))?;
    let without = all_but_one(values)?;
    Some(if without.ln < around.ln { without } else { around })
}

/// Takes the means on either side of their best step from values, where that takes away more than `least`.
pub(super) fn without_step(values: &mut [f64], least: f64) {
    let finite = values.iter().filter(|value| value.is_finite());
    let (total, count) = finite.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    let (mut best, mut at) = (least, None);
    let (mut left, mut left_count) = (0.0, 0.0);
    for (cut, value) in (1..values.len()).zip(&*values) {
        if value.is_finite() {
            left += value;
            left_count += 1.0;
        }
        let (right, right_count) = (total - left, count - left_count);
        if left_count > 0.0 && right_count > 0.0 {
            let taken = left * left / left_count + right * right / right_count - total * total / count;
            if taken > best {
                (best, at) = (taken, Some((cut, left / left_count, right / right_count)));
            }
        }
    }
    if let Some((cut, left, right)) = at {
        for (i, value) in values.iter_mut().enumerate() {
            *value -= if i < cut { left } else { right };
        }
    }
}

/// Products of neighbouring differences, which add up to the correlation of neighbours.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Turns {
    pub(super) products: f64,
    pub(super) squares: f64,
}

impl Turns {
    pub(super) fn and(self, other: Self) -> Self {
        Self { products: self.products + other.products, squares: self.squares + other.squares }
    }
}

/// Differences are in units of `sd` and clipped at three, so that one step or odd value does not decide.
pub(super) fn turns(values: &[f64], sd: f64) -> Turns {
    const CLIP: f64 = 3.0;
    let difference = |pair: &[f64]| ((pair[1] - pair[0]) / sd).clamp(-CLIP, CLIP);
    values.windows(3).fold(Turns::default(), |turns, three| {
        let (first, second) = (difference(&three[..2]), difference(&three[1..]));
        let pair = Turns { products: first * second, squares: 0.5 * (first * first + second * second) };
        if pair.products.is_finite() { turns.and(pair) } else { turns }
    })
}

/// Squared correlation of members beyond what strangers have by chance: its sum and over how many pairs. Each member is held against
/// the next.
pub(super) fn blocks(values: &Rows, roles: &[Role]) -> (f64, f64) {
    /// Fewer versions or members say nothing.
    const LEAST: (usize, usize) = (6, 4);
    let members: Vec<&[f64]> =
        values.iter().zip(roles).filter(|(_, role)| **role == Role::Member).map(|(values, _)| values).collect();
    let (mut sum, mut pairs) = (0.0, 0.0);
    if members.len() < LEAST.1 {
        return (sum, pairs);
    }
    // Residuals from a common mean correlate by this much below 0.
    let by_mean = 1.0 / (members.len() as f64 - 1.0);
    for (at, one) in members.iter().enumerate() {
        let other = members[(at + 1) % members.len()];
        let both = || one.iter().zip(other.iter()).filter(|(a, b)| a.is_finite() && b.is_finite());
        let n = both().count();
        let (ab, aa, bb) = both().fold((0.0, 0.0, 0.0), |(ab, aa, bb), (a, b)| (ab + a * b, aa + a * a, bb + b * b));
        if n >= LEAST.0 && aa > 0.0 && bb > 0.0 {
            sum += ab * ab / (aa * bb) - 1.0 / (n as f64 - 1.0) - by_mean * by_mean;
            pairs += 1.0;
        }
    }
    (sum, pairs)
}

/// Degrees of freedom of a variance whose logarithm has this variance: where trigamma(df / 2) is as much. Newton's method on the
/// reciprocal, which is nearly a line (Smyth 2004).
pub(super) fn degrees_of_freedom(variance_ln: f64) -> f64 {
    /// A thousand values' worth is certainty.
    const LEAST: f64 = 2e-3;
    let target = variance_ln.max(LEAST);
    let mut half = 0.5 + target.recip();
    if target > 0.02 {
        for _ in 0..4 {
            let here = trigamma(half);
            let step = half * 1e-4;
            let slope = (trigamma(half + step) - here) / step;
            half = (half + here * (1.0 - here / target) / slope).max(0.25);
        }
    }
    2.0 * half
}

/// What makes e to the mean of a variance's logarithm the squared scale of the t law that its uncertainty leaves.
pub(super) fn t_scale(df: f64) -> f64 {
    (digamma(0.5 * df) - (0.5 * df).ln()).exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close;

    #[test]
    fn scatter_by_hand() {
        // Around the step 0, 0 | 1, 1.2: .02; the line leaves more.
        let found = scatter(&[0.0, 0.0, 1.0, f64::NAN, 1.2], [1.0; 5]).unwrap();
        close(found.ln, 0.02_f64.ln() - null_law(4).unwrap().mean_ln, 1e-9);
        // Without the 9: 1 and 2 and 3 around 2.
        close(all_but_one(&[1.0, 9.0, 2.0, 3.0]).unwrap().ln, 2_f64.ln() - WITHOUT_ONE[1].0, 1e-9);
        assert_eq!(scatter(&[1.0, 2.0], [1.0; 2]), None);
        assert_eq!(all_but_one(&[1.0, f64::NAN, 2.0]), None);
    }

    #[test]
    fn degrees_of_freedom_come_back() {
        for df in [0.8, 2.0, 5.0, 17.0, 90.0, 900.0] {
            close(degrees_of_freedom(trigamma(0.5 * df)), df, 2e-3);
        }
        // E ln of chi²(df)/df.
        close(t_scale(1e6), 1.0, 1e-5);
        assert!(t_scale(3.0) < 0.75);
    }

    #[test]
    fn a_step_goes_where_it_is_worth_it() {
        let left = |least: f64| {
            let mut values = [0.0, 0.0, 2.0, 2.0];
            without_step(&mut values, least);
            values.iter().sum::<f64>()
        };
        close(left(3.9), 0.0, 1e-12);
        close(left(4.1), 4.0, 1e-12);
    }
}
