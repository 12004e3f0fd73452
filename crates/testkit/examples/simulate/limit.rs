//! What nobody can do better: Bayes with the true shares, sizes, sets and correlations of a joint world; only the scale of the noise is
//! unknown.

use perfpower_testkit::joint_worlds::{DRIFTS, JointStory, JointUnit, JointWorld, NOISE, SIZES, SPIKE, STORIES};

/// A world's covariance, inverted once for a unit.
pub(crate) struct Precision {
    /// By series; those of one population differ by their diagonal.
    own: Vec<f64>,
    population: Vec<f64>,
    common: f64,
    ln_determinant: f64,
}

impl Precision {
    /// Of all series at one version.
    pub(crate) fn of(world: &JointWorld, sd: f64, multiples: &[f64]) -> Self {
        let (common, variances) = world.variances(sd, multiples);
        let mut ln_determinant = 0.0;
        let (mut own, mut population, mut total) = (Vec::new(), Vec::new(), 0.0);
        for (alone, cell) in variances {
            own.push(cell.recip());
            population.push(alone / (1.0 + 2.0 * alone / cell));
            ln_determinant += 2.0 * cell.ln() + (1.0 + 2.0 * alone / cell).ln();
            total += 2.0 / (cell + 2.0 * alone);
        }
        ln_determinant += (1.0 + common * total).ln();
        Self { own, population, common: common / (1.0 + common * total), ln_determinant }
    }

    /// The product with a vector.
    pub(crate) fn times(&self, vector: &[f64]) -> Vec<f64> {
        let mut product = Vec::with_capacity(vector.len());
        for (pair, (own, population)) in vector.chunks(2).zip(self.own.iter().zip(&self.population)) {
            let shared = own * own * population * pair.iter().sum::<f64>();
            product.extend(pair.iter().map(|x| own * x - shared));
        }
        let ones: Vec<f64> = self
            .own
            .iter()
            .zip(&self.population)
            .flat_map(|(own, population)| [own - 2.0 * own * own * population; 2])
            .collect();
        let pull = self.common * product.iter().sum::<f64>();
        product.iter().zip(ones).map(|(x, one)| x - pull * one).collect()
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add_ln(a: f64, b: f64) -> f64 {
    let (large, small) = if a > b { (a, b) } else { (b, a) };
    if small > f64::NEG_INFINITY { large + (small - large).exp().ln_1p() } else { large }
}

/// Parts of a size, up and down, that stand for its range.
const AROUND: [f64; 3] = [0.92, 1.0, 1.08];

/// Sizes of steps on the log scale.
pub(crate) fn step_sizes() -> Vec<f64> {
    SIZES.iter().flat_map(|size| AROUND.iter().map(move |part| (size * part).ln_1p())).collect()
}

/// What the limit says of a unit.
pub(crate) struct Limited {
    /// Probability that it got worse.
    pub(crate) worsened: f64,
    /// The likeliest version of a step.
    pub(crate) version: usize,
}

/// The unit, differences between versions first.
pub(crate) struct Whitened {
    /// By series and version.
    logs: Vec<Vec<f64>>,
    versions: usize,
}

impl Whitened {
    pub(crate) fn of(unit: &JointUnit) -> Self {
        Self { logs: unit.logs.clone(), versions: unit.logs[0].len() }
    }

    /// Mean of each series over some versions.
    fn mean(&self, versions: std::ops::Range<usize>) -> Vec<f64> {
        let count = versions.len() as f64;
        self.logs.iter().map(|series| series[versions.clone()].iter().sum::<f64>() / count).collect()
    }

    /// Differences of the means before and from each version on, times the precision.
    pub(crate) fn steps(&self, precision: &Precision) -> Vec<(usize, f64, Vec<f64>)> {
        (1..self.versions)
            .map(|at| {
                let (before, after) = (self.mean(0..at), self.mean(at..self.versions));
                let difference: Vec<f64> = after.iter().zip(&before).map(|(after, before)| after - before).collect();
                let variance = 1.0 / at as f64 + 1.0 / (self.versions - at) as f64;
                (at, variance, precision.times(&difference))
            })
            .collect()
    }

    /// ln likelihood without a change, levels integrated out.
    fn flat(&self, precision: &Precision) -> f64 {
        let mean = self.mean(0..self.versions);
        let squares: f64 = (0..self.versions)
            .map(|version| {
                let off: Vec<f64> = self.logs.iter().zip(&mean).map(|(series, mean)| series[version] - mean).collect();
                dot(&off, &precision.times(&off))
            })
            .sum();
        -0.5 * (self.versions as f64 - 1.0) * precision.ln_determinant - 0.5 * squares
    }

    /// Each version times the precision, summed over series.
    fn whole(&self, precision: &Precision) -> Vec<f64> {
        let at = |version: usize| {
            let values: Vec<f64> = self.logs.iter().map(|series| series[version]).collect();
            precision.times(&values).iter().sum()
        };
        (0..self.versions).map(at).collect()
    }
}

/// ln likelihood ratio of a step with these loads and size.
pub(crate) fn ln_ratio(size: f64, product: f64, square: f64, variance: f64) -> f64 {
    (size * product - 0.5 * size * size * square) / variance
}

/// Judges a unit of the world.
pub(crate) fn judge(world: &JointWorld, unit: &JointUnit) -> Limited {
    /// Points of the scale's grid.
    const SCALES: usize = 14;
    let share =
        |wanted: JointStory| STORIES.iter().find(|(story, _)| *story == wanted).map_or(0.0, |(_, share)| *share);
    let all: Vec<usize> = (0..world.devices).collect();
    let everywhere = vec![world.loads(&all)];
    let somewhere: Vec<Vec<f64>> = world.sets().iter().map(|set| world.loads(set)).collect();
    // Where there are no devices, every step is one of all.
    let lone = if world.devices == 0 { share(JointStory::Somewhere) } else { 0.0 };
    let stories = [
        (share(JointStory::Everywhere) + lone, &everywhere, 1.0),
        (share(JointStory::Somewhere), &somewhere, 1.0),
        (share(JointStory::Better), &everywhere, -1.0),
    ];
    let values = Whitened::of(unit);
    let versions = values.versions;
    let sizes = step_sizes();
    let (mut total, mut worse) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
    let mut places = vec![f64::NEG_INFINITY; versions];
    for scale in 0..SCALES {
        let part = scale as f64 / (SCALES - 1) as f64;
        let sd = (NOISE.0.ln() * (1.0 - part) + NOISE.1.ln() * part).exp();
        let precision = Precision::of(world, sd, &unit.multiples);
        let base = values.flat(&precision);
        let mut here = share(JointStory::Flat).ln();
        let mut here_worse = f64::NEG_INFINITY;
        let steps = values.steps(&precision);
        for &(share, loads, sign) in stories.iter().filter(|(_, loads, _)| !loads.is_empty()) {
            let prior = (share / (sizes.len() * (versions - 1) * loads.len()) as f64).ln();
            for load in loads {
                let square = dot(load, &precision.times(load));
                for (at, variance, difference) in &steps {
                    let product = dot(load, difference);
                    for size in &sizes {
                        let ln = prior + ln_ratio(sign * size, product, square, *variance);
                        here = add_ln(here, ln);
                        if sign > 0.0 {
                            here_worse = add_ln(here_worse, ln);
                            places[*at] = add_ln(places[*at], base + ln);
                        }
                    }
                }
            }
        }
        let ones = vec![1.0; unit.logs.len()];
        let square = dot(&ones, &precision.times(&ones));
        let whole = values.whole(&precision);
        let mean = whole.iter().sum::<f64>() / versions as f64;
        let centre = (versions as f64 - 1.0) / 2.0;
        let spread: f64 = (0..versions).map(|version| (version as f64 - centre).powi(2)).sum();
        let slope: f64 = whole.iter().enumerate().map(|(version, value)| (version as f64 - centre) * value).sum();
        for point in 0..5 {
            let part = f64::from(point) / 4.0;
            let size = DRIFTS.0.ln_1p() * (1.0 - part) + DRIFTS.1.ln_1p() * part;
            let ln = (share(JointStory::Drift) / 5.0).ln() + size * slope - 0.5 * size * size * spread * square;
            here = add_ln(here, ln);
            here_worse = add_ln(here_worse, ln);
        }
        for value in &whole[1..versions - 1] {
            let size = SPIKE.ln_1p();
            let left = 1.0 - 1.0 / versions as f64;
            let prior = (share(JointStory::Spike) / (versions - 2) as f64).ln();
            here = add_ln(here, prior + size * (value - mean) - 0.5 * size * size * square * left);
        }
        total = add_ln(total, base + here);
        worse = add_ln(worse, base + here_worse);
    }
    let version = (0..versions).max_by(|&a, &b| places[a].total_cmp(&places[b])).unwrap_or(0);
    Limited { worsened: (worse - total).exp(), version }
}
