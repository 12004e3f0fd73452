//! What can be said about a trend from the order of the values alone: Mann–Kendall's test and the Theil–Sen slope.
//!
//! Both inform a reader and decide nothing: with five points the smallest possible p is 0.017, which no correction over a
//! batch survives. They allocate, and are not part of judging a series.

use crate::special::normal;

/// Mann–Kendall's test of a monotone trend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MannKendall {
    /// Rising pairs less falling pairs.
    pub s: i64,
    /// S over the number of pairs, in −1..=1.
    pub tau: f64,
    /// Two-sided.
    pub p: f64,
    /// Whether p is exact; else it is normal, corrected for ties and for continuity.
    pub exact: bool,
}

/// Longest series with an exact law. Beyond it the normal law is right to four digits.
const EXACT_UP_TO: usize = 60;

/// Tests at least 2 values; absent for fewer.
pub fn mann_kendall(values: &[f64]) -> Option<MannKendall> {
    let n = values.len();
    if n < 2 {
        return None;
    }
    let (mut rising, mut falling) = (0_i64, 0_i64);
    for (i, before) in values.iter().enumerate() {
        for after in &values[i + 1..] {
            rising += i64::from(after > before);
            falling += i64::from(after < before);
        }
    }
    let pairs = (n * (n - 1) / 2) as i64;
    let s = rising - falling;
    let exact = rising + falling == pairs && n <= EXACT_UP_TO;
    let p = if exact { exact_p(n, rising.min(falling) as usize) } else { normal_p(values, s) };
    Some(MannKendall { s, tau: s as f64 / pairs as f64, p, exact })
}

/// Twice the chance of at most `discordant` inversions in a random permutation.
fn exact_p(n: usize, discordant: usize) -> f64 {
    // Inserting the k-th value adds 0..k inversions with equal chance. Only chances up to `discordant` are followed.
    let mut chance = vec![0.0; discordant + 1];
    chance[0] = 1.0;
    for k in 2..=n {
        let before = chance.clone();
        let mut window = 0.0;
        for (i, cell) in chance.iter_mut().enumerate() {
            window += before[i];
            if i >= k {
                window -= before[i - k];
            }
            *cell = window / k as f64;
        }
    }
    (2.0 * chance.iter().sum::<f64>()).min(1.0)
}

fn normal_p(values: &[f64], s: i64) -> f64 {
    let spread = |count: f64| count * (count - 1.0) * (2.0 * count + 5.0);
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let ties: f64 = sorted.chunk_by(|a, b| a >= b).map(|group| spread(group.len() as f64)).sum();
    let variance = (spread(values.len() as f64) - ties) / 18.0;
    if variance <= 0.0 {
        return 1.0; // all values are equal
    }
    let z = (s - s.signum()) as f64 / variance.sqrt();
    2.0 * normal::sf(z.abs())
}

/// Median of the slopes of all pairs, with Kendall's interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TheilSen {
    /// Change per version.
    pub slope: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

/// The slope through at least 2 values, with an interval of this confidence in (0, 1); absent for fewer values.
pub fn theil_sen(values: &[f64], confidence: f64) -> Option<TheilSen> {
    let n = values.len();
    if n < 2 {
        return None;
    }
    let mut slopes = Vec::with_capacity(n * (n - 1) / 2);
    for (i, before) in values.iter().enumerate() {
        slopes.extend(values[i + 1..].iter().enumerate().map(|(gap, after)| (after - before) / (gap + 1) as f64));
    }
    let slope = crate::series::noise::median(&mut slopes);
    // Sen 1968: ranks of the ends from the standard deviation of S.
    let length = n as f64;
    let sd = (length * (length - 1.0) * (2.0 * length + 5.0) / 18.0).sqrt();
    let reach = normal::isf(0.5 * (1.0 - confidence)) * sd;
    let count = slopes.len() as f64;
    let lower = (0.5 * (count - reach)).floor() - 1.0;
    let upper = (0.5 * (count + reach)).ceil();
    Some(TheilSen { slope, low: slopes[lower.max(0.0) as usize], high: slopes[upper.min(count - 1.0) as usize] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close;

    #[test]
    fn the_smallest_p_of_short_series() {
        // All pairs rise in 1 of n! orders: 2/4!, 2/5!, 2/6!.
        close(mann_kendall(&[1.0, 2.0, 3.0, 4.0]).unwrap().p, 2.0 / 24.0, 1e-14);
        close(mann_kendall(&[5.0, 4.0, 3.0, 2.0, 1.0]).unwrap().p, 2.0 / 120.0, 1e-14);
        close(mann_kendall(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap().p, 2.0 / 720.0, 1e-14);
    }

    #[test]
    fn exact_as_in_scipy() {
        // scipy.stats.kendalltau(range(9), x, method='exact')
        let test = mann_kendall(&[0.3, -1.2, 0.7, 1.9, 0.2, 2.2, 1.1, 3.0, 0.9]).unwrap();
        assert!(test.exact);
        assert_eq!(test.s, 16);
        close(test.tau, 0.444_444_444_444_444_4, 1e-14);
        close(test.p, 0.119_438_932_980_599_64, 1e-12);
    }

    #[test]
    fn ties_leave_the_exact_law() {
        // Five of six pairs rise, one is tied: S = 5, variance (4·3·13 − 2·1·9)/18 = 138/18, continuity 1.
        let test = mann_kendall(&[1.0, 1.0, 2.0, 3.0]).unwrap();
        assert_eq!((test.s, test.exact), (5, false));
        close(test.p, 2.0 * normal::sf(4.0 / (138.0_f64 / 18.0).sqrt()), 1e-12);
        close(mann_kendall(&[2.0; 6]).unwrap().p, 1.0, 0.0);
        assert_eq!(mann_kendall(&[2.0]), None);
    }

    #[test]
    fn slopes_by_hand() {
        // Pairs of 0 1 4: slopes 1, 2, 3.
        let line = theil_sen(&[0.0, 1.0, 4.0], 0.95).unwrap();
        close(line.slope, 2.0, 1e-14);
        close(line.low, 1.0, 1e-14);
        close(line.high, 3.0, 1e-14);
        assert_eq!(theil_sen(&[], 0.95), None);
        // One outlier among eight leaves the slope.
        let line = theil_sen(&[0.0, 1.0, 2.0, 90.0, 4.0, 5.0, 6.0, 7.0], 0.95).unwrap();
        close(line.slope, 1.0, 1e-14);
    }
}
