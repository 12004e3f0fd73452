//! What some versions differ by from the others, population by population.

use super::noise::UnitFit;

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

/// Running sums over versions, so that a contrast of neighbouring versions costs nothing but its populations.
#[derive(Clone, Debug)]
pub(super) struct Prefixes {
    weight: Vec<Vec<f64>>,
    weighted: Vec<Vec<f64>>,
    versions: Vec<f64>,
    common: f64,
}

fn running(terms: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sum = 0.0;
    std::iter::once(0.0)
        .chain(terms.map(move |term| {
            sum += term;
            sum
        }))
        .collect()
}

impl Prefixes {
    pub(super) fn of(fit: &UnitFit) -> Self {
        let weighted = fit.weights.iter().zip(&fit.values).map(|(weights, values)| {
            running(weights.iter().zip(values).map(|(w, x)| if *w > 0.0 { w * x } else { 0.0 }))
        });
        Self {
            weight: fit.weights.iter().map(|weights| running(weights.iter().copied())).collect(),
            weighted: weighted.collect(),
            versions: running(fit.trust.iter().copied()),
            common: fit.common,
        }
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
        let mut found =
            Contrast { delta: Vec::new(), precision: Vec::new(), common: self.common * (1.0 / out + 1.0 / inside) };
        for (weight, weighted) in self.weight.iter().zip(&self.weighted) {
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
    for (weights, values) in fit.weights.iter().zip(&fit.values) {
        let (mean, spread) = moments(weights);
        let usable = spread > 0.0;
        let product = || weights.iter().zip(values).enumerate().filter(|(_, (w, _))| **w > 0.0);
        let product: f64 = product().map(|(i, (w, x))| w * (i as f64 - mean) * x).sum();
        found.delta.push(if usable { span * product / spread } else { 0.0 });
        found.precision.push(if usable { spread / (span * span) } else { 0.0 });
    }
    (spread > 0.0 && found.precision.iter().any(|precision| *precision > 0.0)).then_some(found)
}
