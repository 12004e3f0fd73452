//! What some versions differ by from the others, population by population.

use super::noise::UnitFit;
use super::rows::Rows;

/// Means over some versions less means over others.
#[derive(Clone, Debug, PartialEq)]
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

/// Running sums over versions, so that a contrast of neighbouring versions costs nothing but its populations.
#[derive(Clone, Debug)]
pub(super) struct Prefixes {
    weight: Rows,
    weighted: Rows,
    versions: Vec<f64>,
    common: f64,
}

fn running(terms: impl Iterator<Item = f64>) -> impl Iterator<Item = f64> {
    let mut sum = 0.0;
    std::iter::once(0.0).chain(terms.map(move |term| {
        sum += term;
        sum
    }))
}

impl Prefixes {
    pub(super) fn of(fit: &UnitFit) -> Self {
        let (rows, columns) = (fit.roles.len(), fit.trust.len() + 1);
        let (mut weight, mut weighted) = (Rows::with_capacity(rows, columns), Rows::with_capacity(rows, columns));
        for (weights, values) in fit.weights.iter().zip(fit.values.iter()) {
            weight.push(running(weights.iter().copied()));
            weighted.push(running(weights.iter().zip(values).map(|(w, x)| if *w > 0.0 { w * x } else { 0.0 })));
        }
        Self { weight, weighted, versions: running(fit.trust.iter().copied()).collect(), common: fit.common }
    }

    /// The versions `start..end` less the rest of those from `from` on. Absent where either has none.
    pub(super) fn contrast(&self, from: usize, start: usize, end: usize) -> Option<Contrast> {
        let last = self.versions.len() - 1;
        let split = |sums: &[f64]| {
            let inside = sums[end] - sums[start];
            (sums[last] - sums[from] - inside, inside)
        };
        let (out, inside) = split(&self.versions);
        // What is left of a difference of sums that should be 0 is rounding.
        let any = |part: f64, all: &[f64]| part > 1e-9 * all[last];
        if !(any(out, &self.versions) && any(inside, &self.versions)) {
            return None;
        }
        let rows = self.weight.iter().len();
        let mut found = Contrast {
            delta: Vec::with_capacity(rows),
            precision: Vec::with_capacity(rows),
            common: self.common * (1.0 / out + 1.0 / inside),
        };
        for (weight, weighted) in self.weight.iter().zip(self.weighted.iter()) {
            let (left, right) = split(weight);
            let usable = any(left, weight) && any(right, weight);
            let (left_sum, right_sum) = split(weighted);
            found.delta.push(if usable { right_sum / right - left_sum / left } else { 0.0 });
            found.precision.push(if usable { left * right / (left + right) } else { 0.0 });
        }
        found.precision.iter().any(|precision| *precision > 0.0).then_some(found)
    }
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
