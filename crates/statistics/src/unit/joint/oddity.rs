//! Values that stand alone: told from a change by witnesses, the neighbours in time and the siblings at the same version.

use super::middle_of;
use crate::MAX_POINTS;

/// What is odd.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OddKind {
    /// One percentile of one population; the other percentiles disagree.
    Cell,
    /// One population with all its percentiles; the other populations and both neighbouring versions disagree.
    Population,
    /// The whole unit; both neighbouring versions disagree.
    Version,
}

impl OddKind {
    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cell => "cell",
            Self::Population => "population",
            Self::Version => "version",
        }
    }
}

/// Something that was set aside before the judgement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Odd {
    /// What.
    pub kind: OddKind,
    /// Which version.
    pub version: usize,
    /// Which population; 0 for a whole version.
    pub population: usize,
    /// Which percentile of it, for a cell; else 0.
    pub percentile: usize,
    /// How far off, on the log scale: positive = too high.
    pub by: f64,
}

/// A series with what stands beside each of its values: the median of the nearest three on either side, NaN where there is none.
pub(super) struct Witnessed<'a> {
    values: &'a [f64],
    before: [f64; MAX_POINTS],
    after: [f64; MAX_POINTS],
}

impl<'a> Witnessed<'a> {
    /// At most [`MAX_POINTS`] values, NaN where one is missing.
    pub(super) fn of(values: &'a [f64]) -> Self {
        let mut found = Self { values, before: [f64::NAN; MAX_POINTS], after: [f64::NAN; MAX_POINTS] };
        let places = || values.iter().enumerate();
        write_witnesses(places(), &mut found.before);
        write_witnesses(places().rev(), &mut found.after);
        found
    }

    /// How far the value at `i` stands off from both of its sides, by the nearer of them; 0 where it lies between, or is missing. At an
    /// end there is one side only.
    pub(super) fn standing_off(&self, i: usize) -> f64 {
        let (value, before, after) = (self.values[i], self.before[i], self.after[i]);
        match (before.is_nan(), after.is_nan()) {
            _ if !value.is_finite() => 0.0,
            (false, false) => nearer(&[value - before, value - after]),
            (false, true) => value - before,
            (true, false) => value - after,
            (true, true) => 0.0,
        }
    }

    /// The same where a value stands alone: off from both of its neighbours, too. Of two or three that are off in a row none is, and none
    /// is at an end.
    pub(super) fn standing_alone(&self, i: usize) -> f64 {
        let near = || {
            let previous = self.values[..i].iter().rfind(|value| value.is_finite())?;
            let next = self.values[i + 1..].iter().find(|value| value.is_finite())?;
            Some(nearer(&[self.values[i] - previous, self.values[i] - next]))
        };
        // Most values lie between their neighbours.
        match near() {
            Some(near) if near.abs() > 0.0 => nearer(&[near, self.standing_off(i)]),
            _ => 0.0,
        }
    }

    /// How far the values at `i` and `i + 1` both stand off from both of their sides; 0 where a side or a value is missing.
    pub(super) fn standing_off_in_pairs(&self, i: usize) -> f64 {
        let (Some(&first), Some(&second)) = (self.values.get(i), self.values.get(i + 1)) else { return 0.0 };
        let (before, after) = (self.before[i], self.after[i + 1]);
        nearer(&[first - before, first - after, second - before, second - after])
    }
}

/// At each place the median of the nearest three finite values that came before it in this order.
fn write_witnesses<'a>(places: impl Iterator<Item = (usize, &'a f64)>, found: &mut [f64; MAX_POINTS]) {
    let (mut first, mut second, mut third) = (f64::NAN, f64::NAN, f64::NAN);
    let mut count = 0;
    for (place, &value) in places {
        found[place] = match count {
            0 | 1 => first,
            2 => 0.5 * (first + second),
            _ => middle_of(first, second, third),
        };
        if value.is_finite() {
            (first, second, third) = (value, first, second);
            count += 1;
        }
    }
}

/// The smallest of some distances if all have one sign, else 0.
fn nearer(distances: &[f64]) -> f64 {
    let least = distances.iter().fold(f64::INFINITY, |least, distance| least.min(distance.abs()));
    if distances.iter().all(|distance| *distance > 0.0) {
        least
    } else if distances.iter().all(|distance| *distance < 0.0) {
        -least
    } else {
        0.0
    }
}

/// What is nearer than this to its neighbours bends no level enough to matter: 5 %, the smallest change that is claimed by default.
pub(super) const LEAST_OFF: f64 = 0.048_790_164_169_432;

/// Whether a value this far off its neighbours is rather odd than noise.
///
/// `square` is its distance in units of the noise, squared; `variance_ln` how well the noise is known; `rate` the chance of an odd value
/// and `spread` the typical size of one in units of the noise. A log of odds above `SURE`: what is set aside is no longer weighed.
pub(super) fn is_odd(square: f64, variance_ln: f64, rate: f64, spread: f64) -> bool {
    const SURE: f64 = 1.0;
    /// The law of the noise is never taken to be wider than this: tails that heavy would hide what is plainly odd.
    const LEAST_DF: f64 = 15.0;
    let df = (2.0 / variance_ln).max(LEAST_DF);
    // ln(1 + x) ≤ x, and neither odds nor size count for less than nothing: most values need no logarithm.
    if 0.5 * (df + 1.0) * square / df <= SURE && rate <= 0.5 {
        return false;
    }
    0.5 * (df + 1.0) * (square / df).ln_1p() > ((1.0 - rate) / rate).ln() + spread.max(1.0).ln() + SURE
}

/// Whether values fall into two far clusters that take turns: noise with two modes, such as a machine that is now and then slow. A step
/// makes two clusters, too, but in one turn, and a stretch in two. Absent below six values.
pub(super) fn has_two_modes(values: &[f64]) -> Option<bool> {
    const LEAST: usize = 6;
    /// Distance of the clusters in their own standard deviations. Normal noise cut in two halves makes 2.7.
    const FAR: f64 = 6.0;
    /// One turn more than a stretch that was taken back.
    const TURNS: usize = 3;
    let order: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let n = order.len();
    if n < LEAST {
        return None;
    }
    let mut sorted = order.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    // What two clusters have between them is largest where they scatter least.
    let total: f64 = sorted.iter().sum();
    let (mut sum, mut best) = (sorted[0], (0.0, 0.0, 0.0));
    for cut in 2..=n - 2 {
        sum += sorted[cut - 1];
        let (low, high) = (sum / cut as f64, (total - sum) / (n - cut) as f64);
        let between = (high - low).powi(2) * (cut * (n - cut)) as f64;
        if between > best.0 {
            best = (between, low, high);
        }
    }
    let (between, low, high) = best;
    let mean = total / n as f64;
    let within = sorted.iter().map(|value| (value - mean).powi(2)).sum::<f64>() - between / n as f64;
    if high - low <= FAR * (within.max(0.0) / (n - 2) as f64).sqrt() {
        return Some(false);
    }
    let middle = 0.5 * (low + high);
    Some(order.windows(2).filter(|pair| (pair[0] > middle) != (pair[1] > middle)).count() >= TURNS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close;

    #[test]
    fn a_value_needs_both_sides_to_stand_off() {
        let close_all = |found: &[f64], expected: &[f64]| {
            for (found, expected) in found.iter().zip(expected) {
                close(*found, *expected, 1e-12);
            }
        };
        let standing_alone = |values: &[f64]| {
            let values = Witnessed::of(values);
            (0..values.values.len()).map(|i| values.standing_alone(i)).collect::<Vec<_>>()
        };
        let standing_off = |values: &[f64]| {
            let values = Witnessed::of(values);
            (0..values.values.len()).map(|i| values.standing_off(i)).collect::<Vec<_>>()
        };
        let standing_off_in_pairs = |values: &[f64], i: usize| Witnessed::of(values).standing_off_in_pairs(i);
        // A spike stands off; a step does not, at whichever side of it; the ends are asked only where told.
        close_all(&standing_alone(&[0.0, 1.0, 0.0, 0.0]), &[0.0, 1.0, 0.0, 0.0]);
        close_all(&standing_alone(&[0.0, 0.0, 1.0, 1.0]), &[0.0; 4]);
        close_all(&standing_off(&[0.0, 0.0, 0.0, 2.0]), &[0.0, 0.0, 0.0, 2.0]);
        close_all(&standing_alone(&[0.0, 0.0, 0.0, 2.0]), &[0.0; 4]);
        close_all(&standing_alone(&[0.0, f64::NAN, -1.0, 0.5]), &[0.0, 0.0, -1.0, 0.0]);
        // Two in a row are a stretch that was taken back, and what is nearest says how far one stands alone.
        close_all(&standing_alone(&[0.0, 0.0, 1.0, 1.0, 0.0, 0.0]), &[0.0; 6]);
        close_all(&standing_alone(&[0.0, 0.0, 1.0, 0.25, 0.0, 0.0]), &[0.0, 0.0, 0.75, 0.0, 0.0, 0.0]);
        close(standing_off_in_pairs(&[0.0, 1.0, 2.0, 0.0], 1), 1.0, 1e-12);
        close(standing_off_in_pairs(&[0.0, 1.0, -2.0, 0.0], 1), 0.0, 1e-12);
        close(standing_off_in_pairs(&[0.0, 1.0, 2.0], 1), 0.0, 1e-12);
    }

    #[test]
    fn the_rarer_odd_values_are_the_further_off_they_must_be() {
        let least = |rate: f64| {
            (0..200).map(|tenth| f64::from(tenth) / 10.0).find(|z| is_odd(z * z, 0.01, rate, 10.0)).unwrap()
        };
        assert!(least(0.02) < least(0.001) && least(0.001) < least(1e-6), "{} {}", least(0.02), least(1e-6));
        assert!(least(0.02) > 3.5 && least(1e-6) < 7.5);
    }

    #[test]
    fn modes_take_turns() {
        assert_eq!(has_two_modes(&[0.0, 1.0, 0.01, 1.01, 0.02, 1.0, 0.0]), Some(true));
        assert_eq!(has_two_modes(&[0.0, 0.01, 0.02, 1.0, 1.01, 1.02]), Some(false)); // a step
        assert_eq!(has_two_modes(&[0.0, 0.01, 1.0, 1.01, 0.02, 0.0]), Some(false)); // a stretch
        assert_eq!(has_two_modes(&[0.0, 0.5, 0.2, 0.9, 0.4, 0.7, 0.1]), Some(false)); // noise
        assert_eq!(has_two_modes(&[0.0, 1.0, 0.0]), None);
    }
}
