//! Turns the scatter of all series of a batch into the noise that one series of its kind is expected to have.
//!
//! A series of 4 to 40 versions cannot tell its own noise: with five points, one of them a step, a lucky series looks five
//! times quieter than it is. Thousands of series can. Per stratum this keeps a handful of sums over `ln R`, the logarithm of
//! each series' own step- and drift-free residual, and fits by their first two moments a scaled inverse chi-square law of the
//! noise factor (Smyth 2004, `limma`): its scale `s0²` and how many versions' worth of evidence it is, `d0`.
//!
//! Sums are integers in units of 2^-64, so adding is exact: the fit does not depend on the order of series, shards or threads.

use std::collections::BTreeMap;

use super::Prior;
use super::exact_sum::ExactSum;
use super::special::gamma::{digamma, trigamma_inverse};

/// How large Apple's error margin is, relative to the value: series with and without sampling noise scatter differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarginClass {
    /// No point has a margin, which means plenty of data.
    None,
    /// Median of margin / value below 2 %.
    Small,
    /// From 2 % to 4 %.
    Medium,
    /// Above 4 %.
    Large,
}

impl MarginClass {
    /// Of a series' median of margin / value; absent = no point has a margin.
    ///
    /// The bounds are those of the study: about the terciles of the margins in its worlds.
    pub fn of(margin_ratio: Option<f64>) -> Self {
        match margin_ratio {
            None => Self::None,
            Some(ratio) if ratio < 0.02 => Self::Small,
            Some(ratio) if ratio <= 0.04 => Self::Medium,
            Some(_) => Self::Large,
        }
    }
}

/// Series that are expected to be alike in their noise. The ids are the caller's; they only have to be the same over a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stratum {
    /// Which metric.
    pub metric: u32,
    /// Which percentile.
    pub percentile: u32,
    /// How noisy Apple says that the values are.
    pub margin: MarginClass,
}

/// What the first pass learns of one series: all that the batch needs of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scatter {
    /// `R`: the least weighted residual sum of squares over step and drift fits, in units of the base variance
    /// (sampling + 3 % process noise). 0 where a fit is perfect.
    pub residual: f64,
    /// `E ln R` of pure unit noise for a series of this length, from the simulated table.
    pub null_ln_mean: f64,
    /// `Var ln R` of the same.
    pub null_ln_variance: f64,
    /// How many points the series has.
    pub points: usize,
    /// `Σ d_i d_(i+1)` over standardised, clipped first differences.
    pub lag_product: f64,
    /// `Σ d²` over the same, both ends counted half.
    pub lag_square: f64,
    /// Median of margin / value over the points that have a margin; absent = none has.
    pub margin_ratio: Option<f64>,
    /// Share of sampling variance in the base variance, in `[0, 1]`: 0 without margins.
    pub margin_share: f64,
}

/// A residual below this is rounding, not noise: it is a root mean square deviation below a millionth of the value, where
/// Apple's values have four digits. The logarithm of such a residual would swamp the moments of honest ones.
const LEAST_RESIDUAL: f64 = 1e-9;

/// Shorter series have no usable `ln R`: with three points its variance (7.0) is that of a coin that lands on its edge.
const LEAST_POINTS: usize = 4;

/// A margin above half of the value is no margin of that value: another unit, or something else. (Arbitrary: real margins of
/// usable values are some percent.)
const ABSURD_MARGIN_RATIO: f64 = 0.5;

/// How the sums become priors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PriorRules {
    /// A stratum needs as many series, else its parent answers. 200 give the variance of `ln R` to about 10 %.
    pub min_series: u64,
    /// Where nothing can be fitted, as in an archive of one app.
    pub fallback: Prior,
    /// Autocorrelation up to here is taken for none: true steps bias the estimate by up to .10 (measured).
    pub rho_floor: f64,
    /// `s0²` of a stratum with margins, relative to what the strata without margins make one expect, from which margins seem to
    /// mean something else than assumed. When margins were one standard error but were read as 1.96 of them, the fitted `s0²`
    /// rose from .66–.87 to 2.0–2.6 (measured); this lies between.
    pub margin_alarm: f64,
}

impl Default for PriorRules {
    fn default() -> Self {
        Self { min_series: 200, fallback: Prior::default(), rho_floor: 0.15, margin_alarm: 1.5 }
    }
}

/// Which series a prior was learned from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PriorSource {
    /// The stratum itself.
    Stratum,
    /// All percentiles of the metric, in the same margin class.
    Metric,
    /// All metrics, in the same margin class.
    MarginClass,
    /// The whole batch.
    Batch,
    /// Too few series anywhere: the fallback of [`PriorRules`].
    Fallback,
}

/// The noise that a series of a stratum is expected to have, and how that is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FittedPrior {
    /// What the judgement of a series needs. Its `df` is at most 1000: all series of the stratum scatter alike.
    pub prior: Prior,
    /// Correlation of neighbouring versions' noise, which `ar_inflation` pays for above the floor; 0 without a fit.
    pub rho: f64,
    /// Where it was learned.
    pub source: PriorSource,
    /// From how many series.
    pub series: u64,
    /// Whether the scatter says that Apple's margins mean something else than assumed.
    pub margins_look_wrong: bool,
}

impl FittedPrior {
    fn fallback(rules: &PriorRules) -> Self {
        Self { prior: rules.fallback, rho: 0.0, source: PriorSource::Fallback, series: 0, margins_look_wrong: false }
    }
}

/// The sums of one stratum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    /// Series with a usable `ln R`.
    series: u64,
    excess: ExactSum,
    excess_squared: ExactSum,
    null_variance: ExactSum,
    lag_product: ExactSum,
    lag_square: ExactSum,
    margin_share: ExactSum,
    /// Series with margins, whether their `ln R` is usable or not, and those among them whose margin is absurd.
    with_margin: u64,
    absurd_margin: u64,
}

impl Sums {
    fn add(&mut self, scatter: &Scatter) {
        if let Some(ratio) = scatter.margin_ratio {
            self.with_margin += 1;
            self.absurd_margin += u64::from(ratio > ABSURD_MARGIN_RATIO);
        }
        let excess = scatter.residual.ln() - scatter.null_ln_mean;
        if scatter.points < LEAST_POINTS || scatter.residual < LEAST_RESIDUAL || !excess.is_finite() {
            return;
        }
        self.series += 1;
        self.excess.add(excess);
        self.excess_squared.add(excess * excess);
        self.null_variance.add(scatter.null_ln_variance);
        self.lag_product.add(scatter.lag_product);
        self.lag_square.add(scatter.lag_square);
        self.margin_share.add(scatter.margin_share);
    }

    fn merge(&mut self, other: &Self) {
        self.series += other.series;
        self.excess.merge(other.excess);
        self.excess_squared.merge(other.excess_squared);
        self.null_variance.merge(other.null_variance);
        self.lag_product.merge(other.lag_product);
        self.lag_square.merge(other.lag_square);
        self.margin_share.merge(other.margin_share);
        self.with_margin += other.with_margin;
        self.absurd_margin += other.absurd_margin;
    }

    /// The moment fit of `limma`'s `fitFDist`, with the table's moments of `ln R` in place of those of `ln chi²`.
    fn fit(&self, source: PriorSource, rules: &PriorRules) -> FittedPrior {
        /// Below this the series of the stratum scatter alike; `d0` would exceed 2000 and only its noise would be left.
        const LEAST_VARIANCE: f64 = 1e-3;
        /// Cap of `d0`: a thousand versions' worth is certainty beside at most 40 of the series' own.
        const MOST_DF: f64 = 1_000.0;

        let n = self.series as f64;
        let mean = self.excess.value() / n;
        let variance: f64 = (self.excess_squared.value() - n * mean * mean) / (n - 1.0);
        let between = variance - self.null_variance.value() / n;
        let (scale, df) = if between <= LEAST_VARIANCE {
            (mean.exp(), MOST_DF)
        } else {
            let half: f64 = trigamma_inverse(between);
            ((mean + digamma(half) - half.ln()).exp(), (2.0 * half).min(MOST_DF))
        };
        let rho = self.rho();
        FittedPrior {
            prior: Prior { scale, df, ar_inflation: ar_inflation(rho, rules.rho_floor) },
            rho,
            source,
            series: self.series,
            margins_look_wrong: false,
        }
    }

    /// White noise has a correlation of −1/2 between neighbouring differences, AR(1) noise −(1 − rho)/2. A step touches one
    /// difference only. 0 without differences.
    fn rho(&self) -> f64 {
        let square = self.lag_square.value();
        if square > 0.0 { (1.0 + 2.0 * self.lag_product.value() / square).clamp(-1.0, 1.0) } else { 0.0 }
    }
}

/// Factor on the variance of a mean of versions whose noise is AR(1): `(1 + rho) / (1 − rho)`, or 1 up to `floor`.
pub fn ar_inflation(rho: f64, floor: f64) -> f64 {
    /// Beyond this the noise is a random walk and the formula runs away; a factor of 19 silences every claim already.
    const MOST: f64 = 0.9;
    if rho > floor { (1.0 + rho.min(MOST)) / (1.0 - rho.min(MOST)) } else { 1.0 }
}

/// What the first pass over a batch accumulates: a few numbers per stratum, mergeable in any order with the same result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StratumSums {
    strata: BTreeMap<Stratum, Sums>,
}

impl StratumSums {
    /// Adds one series. The margin class of `stratum` should be that of the series' own margins.
    pub fn add(&mut self, stratum: Stratum, scatter: &Scatter) {
        self.strata.entry(stratum).or_default().add(scatter);
    }

    /// Adds what another shard has seen.
    pub fn merge(&mut self, other: &Self) {
        for (&stratum, sums) in &other.strata {
            self.strata.entry(stratum).or_default().merge(sums);
        }
    }

    /// Fits every stratum, or finds the nearest parent that has enough series.
    pub fn fit(&self, rules: &PriorRules) -> Priors {
        let mut metrics: BTreeMap<(u32, MarginClass), Sums> = BTreeMap::new();
        let mut classes: BTreeMap<MarginClass, Sums> = BTreeMap::new();
        let mut batch = Sums::default();
        for (stratum, sums) in &self.strata {
            metrics.entry((stratum.metric, stratum.margin)).or_default().merge(sums);
            classes.entry(stratum.margin).or_default().merge(sums);
            batch.merge(sums);
        }
        let enough = |sums: &&Sums| sums.series >= rules.min_series.max(2);
        let fit_for = |stratum: Stratum| {
            [
                (self.strata.get(&stratum), PriorSource::Stratum),
                (metrics.get(&(stratum.metric, stratum.margin)), PriorSource::Metric),
                (classes.get(&stratum.margin), PriorSource::MarginClass),
                (Some(&batch), PriorSource::Batch),
            ]
            .into_iter()
            .find_map(|(sums, source)| {
                let sums = sums.filter(enough)?;
                Some((sums.fit(source, rules), sums.margin_share.value() / sums.series as f64))
            })
            .unwrap_or((FittedPrior::fallback(rules), 0.0))
        };
        let strata = self.strata.keys().map(|&stratum| {
            let (mut fitted, margin_share) = fit_for(stratum);
            if stratum.margin != MarginClass::None && fitted.source < PriorSource::Batch {
                // Process noise above the assumed 3 % raises every stratum; the one without margins shows by how much.
                let without = fit_for(Stratum { margin: MarginClass::None, ..stratum }).0;
                // The whole batch is no such stratum: it contains the series in question.
                let process = if without.source < PriorSource::Batch { without.prior.scale } else { 1.0 };
                let expected = margin_share + (1.0 - margin_share) * process;
                fitted.margins_look_wrong = fitted.prior.scale >= rules.margin_alarm * expected;
            }
            (stratum, fitted)
        });
        Priors {
            strata: strata.collect(),
            refused: refused_metrics(&self.strata),
            fallback: FittedPrior::fallback(rules),
        }
    }
}

/// Metrics where the median series' margin is absurd: that is, more than half of the series with margins.
fn refused_metrics(strata: &BTreeMap<Stratum, Sums>) -> Vec<u32> {
    let mut counts: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    for (stratum, sums) in strata {
        let (with_margin, absurd) = counts.entry(stratum.metric).or_default();
        *with_margin += sums.with_margin;
        *absurd += sums.absurd_margin;
    }
    counts
        .into_iter()
        .filter(|&(_, (with_margin, absurd))| 2 * absurd > with_margin)
        .map(|(metric, _)| metric)
        .collect()
}

/// The fitted priors of a batch.
#[derive(Clone, Debug, PartialEq)]
pub struct Priors {
    strata: BTreeMap<Stratum, FittedPrior>,
    /// Ascending.
    refused: Vec<u32>,
    fallback: FittedPrior,
}

impl Priors {
    /// No batch: the fallback for every stratum.
    pub fn unfitted(rules: &PriorRules) -> Self {
        StratumSums::default().fit(rules)
    }

    /// What to expect of a series of this stratum; the fallback for a stratum that the first pass has not seen.
    pub fn of(&self, stratum: Stratum) -> FittedPrior {
        self.strata.get(&stratum).copied().unwrap_or(self.fallback)
    }

    /// Whether the margins of this metric cannot be margins of its values (their median exceeds half of the value), so that it
    /// must not be judged by them.
    pub fn refuses_margins(&self, metric: u32) -> bool {
        self.refused.binary_search(&metric).is_ok()
    }

    /// All strata of the batch in their order, for the calibration page.
    pub fn iter(&self) -> impl Iterator<Item = (Stratum, FittedPrior)> {
        self.strata.iter().map(|(&stratum, &fitted)| (stratum, fitted))
    }
}

#[cfg(test)]
mod tests {
    use super::super::close;
    use super::super::special::gamma::trigamma;
    use super::*;
    use perfpower_testkit::worlds::Random;

    const STRATUM: Stratum = Stratum { metric: 3, percentile: 50, margin: MarginClass::None };

    /// A residual that is chi-squared, so that its log moments are known in closed form.
    fn chi_squared_scatter(residual: f64, df: f64) -> Scatter {
        Scatter {
            residual,
            null_ln_mean: digamma(df / 2.0) + 2.0_f64.ln(),
            null_ln_variance: trigamma(df / 2.0),
            points: 8,
            lag_product: -0.5,
            lag_square: 1.0,
            margin_ratio: None,
            margin_share: 0.0,
        }
    }

    /// `count` series whose noise factors follow the law that is to be found.
    fn drawn(count: usize, df: f64, scale: f64, seed: u64) -> Vec<Scatter> {
        let mut random = Random::new(seed);
        let draw = |_| {
            let own_df = [2.0, 5.0, 9.0][random.below(3)];
            let factor = scale * df / random.chi_squared(df);
            chi_squared_scatter(factor * random.chi_squared(own_df), own_df)
        };
        (0..count).map(draw).collect()
    }

    fn sums(stratum: Stratum, scatter: &[Scatter]) -> StratumSums {
        let mut sums = StratumSums::default();
        for scatter in scatter {
            sums.add(stratum, scatter);
        }
        sums
    }

    #[test]
    fn the_law_that_was_planted_is_found() {
        for (seed, (df, scale)) in (1..).zip([(4.0, 1.0), (10.0, 2.0), (3.0, 0.4)]) {
            let fitted = sums(STRATUM, &drawn(40_000, df, scale, seed)).fit(&PriorRules::default()).of(STRATUM);
            assert_eq!((fitted.source, fitted.series), (PriorSource::Stratum, 40_000));
            assert!((fitted.prior.scale / scale - 1.0).abs() < 0.05, "{fitted:?}");
            assert!((fitted.prior.df / df - 1.0).abs() < 0.08, "{fitted:?}");
            assert!(fitted.rho.abs() < 1e-12 && (fitted.prior.ar_inflation - 1.0).abs() < 1e-12);
        }
    }

    /// Every series has the noise that was assumed: nothing is left between them, and `d0` goes to its cap.
    #[test]
    fn series_that_scatter_alike_make_a_certain_prior() {
        let mut random = Random::new(5);
        let alike: Vec<Scatter> = (0..500).map(|_| chi_squared_scatter(random.chi_squared(60.0), 60.0)).collect();
        let mut sums = sums(STRATUM, &alike);
        // A series exactly at the mean for each: the variance is then surely below that of pure noise.
        for s in &alike {
            sums.add(STRATUM, &Scatter { residual: s.null_ln_mean.exp(), ..*s });
        }
        let fitted = sums.fit(&PriorRules::default()).of(STRATUM);
        close(fitted.prior.df, 1_000.0, 0.0);
        close(fitted.prior.scale, 1.0, 0.02);
    }

    /// Two values of `e`, worked by hand: mean 1, variance (ddof = 1) `n/(n−1)`, so `v = 200/199 − .5`.
    #[test]
    fn the_moments_by_hand() {
        let mut sums = StratumSums::default();
        for excess in [0.0_f64, 2.0].repeat(100) {
            let scatter = Scatter { residual: excess.exp(), null_ln_mean: 0.0, null_ln_variance: 0.5, ..flat() };
            sums.add(STRATUM, &scatter);
        }
        let prior = sums.fit(&PriorRules::default()).of(STRATUM).prior;
        // scipy: h = brentq(lambda h: polygamma(1, h) - (200/199 - .5), .1, 100); 2 h, exp(1 + digamma(h) - log(h))
        close(prior.df, 4.879_356_843_171_662, 1e-10);
        close(prior.scale, 2.184_251_366_225_463_5, 1e-10);
    }

    fn flat() -> Scatter {
        Scatter { null_ln_mean: 0.0, null_ln_variance: 0.5, ..chi_squared_scatter(1.0, 4.0) }
    }

    #[test]
    fn order_and_shards_do_not_matter() {
        let scatter = drawn(3_000, 5.0, 1.3, 9);
        let whole = sums(STRATUM, &scatter);
        let mut backwards = StratumSums::default();
        for shard in scatter.chunks(700).rev() {
            let mut part = StratumSums::default();
            shard.iter().rev().for_each(|scatter| part.add(STRATUM, scatter));
            backwards.merge(&part);
        }
        assert_eq!(whole, backwards);
        assert_eq!(whole.fit(&PriorRules::default()), backwards.fit(&PriorRules::default()));
    }

    #[test]
    fn too_few_series_ask_their_parents() {
        let rules = PriorRules::default();
        let source = |counts: &[(Stratum, usize)]| {
            let mut all = StratumSums::default();
            for &(stratum, count) in counts {
                all.merge(&sums(stratum, &drawn(count, 4.0, 1.0, 2)));
            }
            let fitted = all.fit(&rules).of(STRATUM);
            (fitted.source, fitted.series)
        };
        let ninety = Stratum { percentile: 90, ..STRATUM };
        let other_metric = Stratum { metric: 4, ..ninety };
        let noisy = Stratum { margin: MarginClass::Large, ..other_metric };
        assert_eq!(source(&[(STRATUM, 200), (ninety, 500)]), (PriorSource::Stratum, 200));
        assert_eq!(source(&[(STRATUM, 199), (ninety, 1)]), (PriorSource::Metric, 200));
        assert_eq!(source(&[(STRATUM, 10), (ninety, 10), (other_metric, 180)]), (PriorSource::MarginClass, 200));
        assert_eq!(source(&[(STRATUM, 10), (ninety, 10), (other_metric, 10), (noisy, 170)]), (PriorSource::Batch, 200));
        assert_eq!(source(&[(STRATUM, 199)]), (PriorSource::Fallback, 0));
        assert_eq!(
            source(&[(ninety, 5_000)]),
            (PriorSource::Fallback, 0),
            "a stratum that the first pass has not seen"
        );
        assert_eq!(Priors::unfitted(&rules).of(STRATUM).prior, Prior::default());
    }

    #[test]
    fn a_perfect_or_short_series_says_nothing_of_noise() {
        let mut sums = sums(STRATUM, &drawn(300, 4.0, 1.0, 4));
        let before = sums.fit(&PriorRules::default());
        for residual in [0.0, 1e-30, f64::NAN, f64::INFINITY, -1.0] {
            sums.add(STRATUM, &Scatter { residual, ..flat() });
        }
        sums.add(STRATUM, &Scatter { points: 3, ..flat() });
        assert_eq!(sums.fit(&PriorRules::default()), before);
    }

    #[test]
    fn resemblance_of_neighbours_is_paid_for_above_the_floor() {
        let rho = |lag_product: f64| {
            let scatter = Scatter { lag_product, lag_square: 10.0, ..flat() };
            let mut all = StratumSums::default();
            (0..200).for_each(|_| all.add(STRATUM, &scatter));
            let fitted = all.fit(&PriorRules::default()).of(STRATUM);
            (fitted.rho, fitted.prior.ar_inflation)
        };
        let assert_rho = |(rho, inflation): (f64, f64), (r, i): (f64, f64)| {
            assert!((rho - r).abs() < 1e-12 && (inflation - i).abs() < 1e-12, "{rho} {inflation}");
        };
        // AR(1) with rho = .4: differences correlate by −.3, and the variance of a mean grows by 1.4 / .6.
        assert_rho(rho(-3.0), (0.4, 1.4 / 0.6));
        assert_rho(rho(-5.0), (0.0, 1.0));
        assert_rho(rho(-4.3), (0.14, 1.0));
        assert_rho(rho(5.0), (1.0, 19.0));
        assert_rho(rho(-9.0), (-0.8, 1.0));
    }

    #[test]
    fn scatter_far_above_the_margins_raises_the_alarm() {
        let noisy = Stratum { margin: MarginClass::Large, ..STRATUM };
        let alarm = |with_margins: f64, without: Option<f64>| {
            let mut all = StratumSums::default();
            let own = |scale| drawn(2_000, 10.0, scale, 7).into_iter();
            own(with_margins)
                .for_each(|s| all.add(noisy, &Scatter { margin_ratio: Some(0.06), margin_share: 0.5, ..s }));
            without.into_iter().flat_map(own).for_each(|s| all.add(STRATUM, &s));
            let fitted = all.fit(&PriorRules::default());
            assert!(!fitted.of(STRATUM).margins_look_wrong);
            fitted.of(noisy).margins_look_wrong
        };
        assert!(alarm(2.3, None));
        assert!(alarm(2.3, Some(0.9)));
        assert!(!alarm(1.2, None));
        // The process noise itself is three times what was assumed: that explains a factor of 2.
        assert!(!alarm(2.3, Some(3.0)));
    }

    #[test]
    fn margins_of_another_unit_are_refused() {
        let refused = |ratios: &[Option<f64>]| {
            let mut all = StratumSums::default();
            // Refusal counts every series, also those whose scatter is unusable.
            for &margin_ratio in ratios {
                let stratum = Stratum { margin: MarginClass::of(margin_ratio), ..STRATUM };
                all.add(stratum, &Scatter { margin_ratio, residual: 0.0, ..flat() });
            }
            all.fit(&PriorRules::default()).refuses_margins(STRATUM.metric)
        };
        assert!(!refused(&[None, None]));
        assert!(!refused(&[Some(0.1), Some(0.9)]));
        assert!(refused(&[Some(0.1), Some(0.9), Some(7.0), None, None]));
        assert!(!refused(&[Some(0.5), Some(0.5)]));
    }

    #[test]
    fn margin_classes_meet_without_a_gap() {
        assert_eq!(MarginClass::of(None), MarginClass::None);
        assert_eq!(MarginClass::of(Some(0.0)), MarginClass::Small);
        assert_eq!(MarginClass::of(Some(0.019_9)), MarginClass::Small);
        assert_eq!(MarginClass::of(Some(0.02)), MarginClass::Medium);
        assert_eq!(MarginClass::of(Some(0.04)), MarginClass::Medium);
        assert_eq!(MarginClass::of(Some(0.040_1)), MarginClass::Large);
        assert_eq!(MarginClass::of(Some(f64::NAN)), MarginClass::Large);
    }
}
