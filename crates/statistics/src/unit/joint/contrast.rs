//! What some versions differ by from the others, population by population.

use super::noise::UnitFit;
use super::rows::Rows;

/// Means over some versions less means over others.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Contrast {
    /// Difference of each population; 0 where it has no precision.
    pub(super) delta: Vec<f64>,
    /// Precision of that, without the common mode; 0 where one side has no value.
    pub(super) precision: Vec<f64>,
    /// Variance of the common part of the difference.
    pub(super) common: f64,
}

impl Contrast {
    fn weighed(&self) -> (f64, f64) {
        let each = self.precision.iter().zip(&self.delta);
        each.fold((0.0, 0.0), |(weight, sum), (precision, delta)| (weight + precision, sum + precision * delta))
    }

    /// Mean of the populations, by their precision.
    pub(super) fn mean(&self) -> f64 {
        let (weight, sum) = self.weighed();
        sum / weight
    }

    /// How many standard deviations that is off, the common mode included.
    pub(super) fn t_of_all(&self) -> f64 {
        let (weight, sum) = self.weighed();
        sum / weight / (self.common + weight.recip()).sqrt()
    }
}

/// Running sums over versions, so that a contrast of neighbouring versions costs nothing but its populations. A row holds the sums of all
/// populations up to a version.
#[derive(Clone, Debug)]
pub(super) struct Prefixes {
    weight: Rows,
    weighted: Rows,
    versions: Vec<f64>,
    common: f64,
}

impl Prefixes {
    pub(super) fn of(fit: &UnitFit) -> Self {
        let versions = fit.trust.len();
        let weighed = |p: usize, version: usize| {
            let (weight, value) = (fit.weights[p][version], fit.values[p][version]);
            if weight > 0.0 { weight * value } else { 0.0 }
        };
        let running = |total: &mut f64, trust: &f64| {
            *total += trust;
            Some(*total)
        };
        Self {
            weight: running_rows(fit.roles.len(), versions, |p, version| fit.weights[p][version]),
            weighted: running_rows(fit.roles.len(), versions, weighed),
            versions: std::iter::once(0.0).chain(fit.trust.iter().scan(0.0, running)).collect(),
            common: fit.common,
        }
    }

    /// The versions `start..end` less the rest of those from `from` on. Absent where either has none.
    pub(super) fn contrast(&self, from: usize, start: usize, end: usize) -> Option<Contrast> {
        let mut found = Contrast::default();
        self.write_contrast(from, start, end, &mut found).then_some(found)
    }

    /// The same in the memory of another; whether both have any.
    pub(super) fn write_contrast(&self, from: usize, start: usize, end: usize, found: &mut Contrast) -> bool {
        let last = self.versions.len() - 1;
        // What is left of a difference of sums that should be 0 is rounding.
        let any = |part: f64, all: f64| part > 1e-9 * all;
        let inside = self.versions[end] - self.versions[start];
        let out = self.versions[last] - self.versions[from] - inside;
        if !(any(out, self.versions[last]) && any(inside, self.versions[last])) {
            return false;
        }
        found.common = self.common * (1.0 / out + 1.0 / inside);
        let populations = self.weight.columns();
        found.delta.resize(populations, 0.0);
        found.precision.resize(populations, 0.0);
        let sums = |version: usize| (&self.weight[version][..populations], &self.weighted[version][..populations]);
        let [(w0, s0), (w1, s1), (w2, s2), (w3, s3)] = [sums(from), sums(start), sums(end), sums(last)];
        let split = |from: f64, start: f64, end: f64, last: f64| {
            let inside = end - start;
            (last - from - inside, inside)
        };
        let mut is_any = false;
        for (p, (delta, precision)) in found.delta.iter_mut().zip(&mut found.precision).enumerate().take(populations) {
            let (left, right) = split(w0[p], w1[p], w2[p], w3[p]);
            let (left_sum, right_sum) = split(s0[p], s1[p], s2[p], s3[p]);
            let usable = any(left, w3[p]) & any(right, w3[p]);
            let (difference, known) = (right_sum / right - left_sum / left, left * right / (left + right));
            *delta = if usable { difference } else { 0.0 };
            *precision = if usable { known } else { 0.0 };
            is_any |= *precision > 0.0;
        }
        is_any
    }
}

/// Sums of each population over the versions before each, and over all.
fn running_rows(populations: usize, versions: usize, term: impl Fn(usize, usize) -> f64) -> Rows {
    let mut found = Rows::with_capacity(versions + 1, populations);
    let mut sums = vec![0.0; populations];
    found.push(sums.iter().copied());
    for version in 0..versions {
        sums.iter_mut().enumerate().for_each(|(p, sum)| *sum += term(p, version));
        found.push(sums.iter().copied());
    }
    found
}

/// The same change with every version, over the whole history: slopes times its length.
pub(super) fn drift(fit: &UnitFit) -> Option<Contrast> {
    let span = (fit.trust.len() - 1) as f64;
    let moments = |weights: &[f64]| {
        let total: f64 = weights.iter().sum();
        let mean = weights.iter().enumerate().map(|(i, w)| w * i as f64).sum::<f64>() / total;
        (mean, weights.iter().enumerate().map(|(i, w)| w * (i as f64 - mean).powi(2)).sum::<f64>())
    };
    let (_, spread) = moments(&fit.trust);
    let mut found = Contrast { delta: Vec::new(), precision: Vec::new(), common: fit.common * span * span / spread };
    for (weights, values) in fit.weights.iter().zip(fit.values.iter()) {
        let (mean, spread) = moments(weights);
        let usable = spread > 0.0;
        let product = || weights.iter().zip(values).enumerate().filter(|(_, (w, _))| **w > 0.0);
        let product: f64 = product().map(|(i, (w, x))| w * (i as f64 - mean) * x).sum();
        found.delta.push(if usable { span * product / spread } else { 0.0 });
        found.precision.push(if usable { spread / (span * span) } else { 0.0 });
    }
    (spread > 0.0 && found.precision.iter().any(|precision| *precision > 0.0)).then_some(found)
}
