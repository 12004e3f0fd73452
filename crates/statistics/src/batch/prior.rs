//! Turns the scatter of all series of a batch into the noise that one series of its kind is expected to have.
//!
//! A series of 4 to 40 versions cannot tell its own noise: with five points, one of them a step, a lucky series looks
//! five times quieter than it is. Thousands of series can. Per stratum this keeps a handful of sums over `ln R`, the
//! logarithm of each series' own step- and drift-free residual, and fits by their first two moments a scaled inverse
//! chi-square law of the noise factor (Smyth 2004, `limma`): its scale `s0²` and how many versions' worth of evidence
//! it is, `d0`.
//!
//! Sums are integers in units of 2^-64, so adding is exact: the fit does not depend on the order of series, shards or
//! threads.

use std::collections::BTreeMap;

use crate::batch::exact_sum::ExactSum;
use crate::special::gamma::{digamma, trigamma_inverse};
use crate::{Basis, FirstPass, Loners, Parameters, Prior, Turns, null_law};

/// How large Apple's error margin is, relative to the value: series with and without sampling noise scatter
/// differently.
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

/// Series that are expected to be alike in their noise. The ids are the caller's; they only have to be the same over a
/// batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stratum {
    /// Which metric.
    pub metric: u32,
    /// Which percentile.
    pub percentile: u32,
    /// How noisy Apple says that the values are.
    pub margin: MarginClass,
}

/// A residual below this is rounding, not noise: a root mean square deviation below a millionth of the value, where
/// Apple's values have four digits. Its logarithm would swamp the moments of honest ones.
const LEAST_LN_RESIDUAL: f64 = -20.723_265_836_946_41; // ln 1e-9

/// A margin above half of the value is no margin of that value: another unit, or something else. (Arbitrary: real
/// margins of usable values are some percent.)
const ABSURD_MARGIN_RATIO: f64 = 0.5;

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
    /// Too few series anywhere: that of [`Parameters::prior`].
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
    fn fallback(parameters: &Parameters) -> Self {
        Self {
            prior: parameters.prior(),
            rho: 0.0,
            source: PriorSource::Fallback,
            series: 0,
            margins_look_wrong: false,
        }
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
    turns: Turns,
    loners: Loners,
    margin_ratio: ExactSum,
    /// Series with margins, whether their `ln R` is usable or not, and those among them whose margin is absurd.
    with_margin: u64,
    absurd_margin: u64,
}

impl Sums {
    fn add(&mut self, series: &FirstPass) {
        if let Some(ratio) = series.margin_ratio {
            self.with_margin += 1;
            self.absurd_margin += u64::from(ratio > ABSURD_MARGIN_RATIO);
        }
        let (Some(ln_residual), Some(law)) = (series.ln_residual, null_law(series.points)) else { return };
        // Written so that NaN is left out, too.
        if !(ln_residual >= LEAST_LN_RESIDUAL && ln_residual.is_finite()) {
            return;
        }
        let excess = ln_residual - law.mean_ln;
        self.series += 1;
        self.excess.add(excess);
        self.excess_squared.add(excess * excess);
        self.null_variance.add(law.var_ln);
        self.turns.merge(series.turns);
        self.loners.merge(series.loners);
        self.margin_ratio.add(series.margin_ratio.unwrap_or(0.0).min(ABSURD_MARGIN_RATIO));
    }

    fn merge(&mut self, other: &Self) {
        self.series += other.series;
        self.excess.merge(other.excess);
        self.excess_squared.merge(other.excess_squared);
        self.null_variance.merge(other.null_variance);
        self.turns.merge(other.turns);
        self.loners.merge(other.loners);
        self.margin_ratio.merge(other.margin_ratio);
        self.with_margin += other.with_margin;
        self.absurd_margin += other.absurd_margin;
    }

    /// The moment fit of `limma`'s `fitFDist`, with the table's moments of `ln R` in place of those of `ln chi²`.
    fn fit(&self, source: PriorSource, parameters: &Parameters) -> FittedPrior {
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
        let rho = self.turns.rho().map_or(0.0, |rho| rho.clamp(-1.0, 1.0));
        FittedPrior {
            prior: Prior {
                scale,
                df,
                ar_inflation: ar_inflation(rho, parameters.autocorrelation_floor),
                heaviness: self.loners.heaviness(),
                basis: Basis::Fitted,
            },
            rho,
            source,
            series: self.series,
            margins_look_wrong: false,
        }
    }

    /// What `s0²` should be if margins mean what they are taken for, and the process noise alone is `process` times
    /// what was assumed.
    fn expected_scale(&self, process: f64, parameters: &Parameters) -> f64 {
        let sampling = (self.margin_ratio.value() / self.series as f64 / parameters.margin_z).powi(2);
        let assumed = parameters.process_noise.powi(2);
        (sampling + process * assumed) / (sampling + assumed)
    }
}

/// Factor on the variance for noise that is AR(1): `(1 + r) / (1 − r)`, where `r = (rho − floor) / (1 − floor)` is what
/// is left of the estimate above the floor; 1 up to the floor.
///
/// The study paid for the whole of rho from a floor of .15 on: a cliff from 1 to 1.35. Where a third of the series
/// changed, the estimate came to stand above it by those changes alone. Paying for the excess can start lower: in
/// `simulate 60000 7` the share of false claims is 4.4 and 3.7 % where rho is .2 and .4, and where 60 % of the series
/// changed, so that rho seems to be .18, recall of steps is still 77 %.
pub fn ar_inflation(rho: f64, floor: f64) -> f64 {
    /// Beyond this the noise is a random walk and the formula runs away; a factor of 19 silences every claim already.
    const MOST: f64 = 0.9;
    let excess = ((rho - floor) / (1.0 - floor)).clamp(0.0, MOST);
    (1.0 + excess) / (1.0 - excess)
}

/// What the first pass over a batch accumulates: a few numbers per stratum, mergeable in any order with the same
/// result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StratumSums {
    strata: BTreeMap<Stratum, Sums>,
}

impl StratumSums {
    /// Adds one series of a metric and a percentile. Returns its stratum, which is where its prior will be found.
    pub fn add(&mut self, metric: u32, percentile: u32, series: &FirstPass) -> Stratum {
        let stratum = Stratum { metric, percentile, margin: MarginClass::of(series.margin_ratio) };
        self.strata.entry(stratum).or_default().add(series);
        stratum
    }

    /// Adds what another shard has seen.
    pub fn merge(&mut self, other: &Self) {
        for (&stratum, sums) in &other.strata {
            self.strata.entry(stratum).or_default().merge(sums);
        }
    }

    /// Fits every stratum, or finds the nearest parent that has enough series.
    pub fn fit(&self, parameters: &Parameters) -> Priors {
        let mut metrics: BTreeMap<(u32, MarginClass), Sums> = BTreeMap::new();
        let mut classes: BTreeMap<MarginClass, Sums> = BTreeMap::new();
        let mut batch = Sums::default();
        for (stratum, sums) in &self.strata {
            metrics.entry((stratum.metric, stratum.margin)).or_default().merge(sums);
            classes.entry(stratum.margin).or_default().merge(sums);
            batch.merge(sums);
        }
        let enough = |sums: &&Sums| sums.series as f64 >= parameters.min_stratum_series.max(2.0);
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
                Some((sums.fit(source, parameters), *sums))
            })
            .unwrap_or((FittedPrior::fallback(parameters), Sums::default()))
        };
        let strata = self.strata.keys().map(|&stratum| {
            let (mut fitted, sums) = fit_for(stratum);
            if stratum.margin != MarginClass::None && fitted.source < PriorSource::Batch {
                // Process noise above the assumed 3 % raises every stratum; the one without margins shows by how much.
                let without = fit_for(Stratum { margin: MarginClass::None, ..stratum }).0;
                // The whole batch is no such stratum: it contains the series in question.
                let process = if without.source < PriorSource::Batch { without.prior.scale } else { 1.0 };
                let expected = sums.expected_scale(process, parameters);
                fitted.margins_look_wrong = fitted.prior.scale >= parameters.margin_alarm * expected;
            }
            (stratum, fitted)
        });
        Priors {
            strata: strata.collect(),
            refused: refused_metrics(&self.strata),
            fallback: FittedPrior::fallback(parameters),
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
    /// What to expect of a series of this stratum; the fallback for a stratum that the first pass has not seen.
    pub fn of(&self, stratum: Stratum) -> FittedPrior {
        self.strata.get(&stratum).copied().unwrap_or(self.fallback)
    }

    /// Whether the margins of this metric cannot be margins of its values (their median exceeds half of the value), so
    /// that it must not be judged by them.
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
    use super::*;
    use crate::{Scatter, SeriesInput, Workspace, close, first_pass};
    use perfpower_testkit::worlds::{Planted, Plot, Random, World};

    const STRATUM: Stratum = Stratum { metric: 3, percentile: 50, margin: MarginClass::None };

    /// Eight points whose `ln R` lies this far above that of pure noise of the assumed size.
    fn series(excess: f64) -> FirstPass {
        let ln_residual = null_law(8).unwrap().mean_ln + excess;
        FirstPass {
            points: 8,
            scatter: Scatter { before_latest: None, all: Some(ln_residual.exp()) },
            ln_residual: Some(ln_residual),
            turns: Turns { turns: 4, chances: 6 },
            loners: Loners::default(),
            margin_ratio: None,
        }
    }

    /// What the first pass reads off real series of 5, 8 and 12 points, whose noise factors follow the law that is to
    /// be found. One series in seven has a step of 20 %, of which the prior must not know.
    fn drawn(count: usize, df: f64, scale: f64, seed: u64) -> Vec<FirstPass> {
        let mut random = Random::new(seed);
        let mut workspace = Workspace::default();
        let parameters = Parameters::default();
        let mut draw = || {
            let points = [5, 8, 12][random.below(3)];
            let sd = parameters.process_noise * (scale * df / random.chi_squared(df)).sqrt();
            let step_at = if random.below(7) == 0 { 1 + random.below(points - 1) } else { points };
            let values: Vec<f64> = (0..points)
                .map(|version| {
                    let level = if version >= step_at { 1.2_f64.ln() } else { 0.0 };
                    1000.0 * (level + sd * random.normal()).exp()
                })
                .collect();
            let margins = vec![f64::NAN; points];
            let input = SeriesInput { values: &values, margins: &margins, offset: 0.0, lower_is_better: true };
            first_pass(&input, &parameters, &mut workspace).unwrap()
        };
        (0..count).map(|_| draw()).collect()
    }

    fn sums(series: &[FirstPass]) -> StratumSums {
        let mut sums = StratumSums::default();
        for series in series {
            sums.add(STRATUM.metric, STRATUM.percentile, series);
        }
        sums
    }

    fn fit(sums: &StratumSums) -> Priors {
        sums.fit(&Parameters::default())
    }

    #[test]
    fn the_law_that_was_planted_is_found() {
        for (seed, (df, scale)) in (1..).zip([(4.0, 1.0), (10.0, 2.0), (3.0, 0.4)]) {
            let fitted = fit(&sums(&drawn(8_000, df, scale, seed))).of(STRATUM);
            assert_eq!((fitted.source, fitted.series), (PriorSource::Stratum, 8_000));
            assert!((fitted.prior.scale / scale - 1.0).abs() < 0.10, "{fitted:?}");
            assert!((fitted.prior.df / df - 1.0).abs() < 0.15, "{fitted:?}");
            assert!(fitted.rho.abs() < 0.15 && (fitted.prior.ar_inflation - 1.0).abs() < 1e-12, "{fitted:?}");
        }
    }

    /// Excesses 0 and 2: mean 1, variance 200/199, of which noise alone explains .4741 (null law of 8 points).
    #[test]
    fn the_moments_by_hand() {
        let prior = fit(&sums(&[series(0.0), series(2.0)].repeat(100))).of(STRATUM).prior;
        // scipy: h = brentq(lambda h: polygamma(1, h) - (200/199 - .4741), .1, 100); 2 h, exp(1 + digamma(h) - log(h))
        close(prior.df, 4.682_334_326_604_625, 1e-10);
        close(prior.scale, 2.162_974_376_365_242_3, 1e-10);
    }

    #[test]
    fn series_that_scatter_alike_make_a_certain_prior() {
        let prior = fit(&sums(&vec![series(0.5); 300])).of(STRATUM).prior;
        close(prior.df, 1_000.0, 1e-15);
        close(prior.scale, 0.5_f64.exp(), 1e-12);
    }

    #[test]
    fn order_and_shards_do_not_matter() {
        let series = drawn(600, 5.0, 1.3, 9);
        let whole = sums(&series);
        let mut backwards = StratumSums::default();
        for shard in series.chunks(130).rev() {
            backwards.merge(&sums(&shard.iter().rev().copied().collect::<Vec<_>>()));
        }
        assert_eq!(whole, backwards);
        assert_eq!(fit(&whole), fit(&backwards));
    }

    #[test]
    fn too_few_series_ask_their_parents() {
        let source = |counts: &[(u32, u32, Option<f64>, usize)]| {
            let mut all = StratumSums::default();
            for &(metric, percentile, margin_ratio, count) in counts {
                for _ in 0..count {
                    all.add(metric, percentile, &FirstPass { margin_ratio, ..series(0.3) });
                }
            }
            let fitted = fit(&all).of(STRATUM);
            (fitted.source, fitted.series)
        };
        assert_eq!(source(&[(3, 50, None, 200), (3, 90, None, 500)]), (PriorSource::Stratum, 200));
        assert_eq!(source(&[(3, 50, None, 199), (3, 90, None, 1)]), (PriorSource::Metric, 200));
        assert_eq!(
            source(&[(3, 50, None, 10), (3, 90, None, 10), (4, 90, None, 180)]),
            (PriorSource::MarginClass, 200)
        );
        let spread = [(3, 50, None, 10), (3, 90, None, 10), (4, 90, None, 10), (4, 90, Some(0.1), 170)];
        assert_eq!(source(&spread), (PriorSource::Batch, 200));
        assert_eq!(source(&[(3, 50, None, 199)]), (PriorSource::Fallback, 0));
        assert_eq!(source(&[(3, 90, None, 5_000)]), (PriorSource::Fallback, 0), "a stratum not seen in the first pass");
    }

    #[test]
    fn a_perfect_or_short_series_says_nothing_of_noise() {
        let mut sums = sums(&vec![series(0.2); 300]);
        let before = fit(&sums);
        for ln_residual in [None, Some(-69.0), Some(f64::NAN), Some(f64::INFINITY), Some(f64::NEG_INFINITY)] {
            sums.add(STRATUM.metric, STRATUM.percentile, &FirstPass { ln_residual, ..series(0.0) });
        }
        sums.add(STRATUM.metric, STRATUM.percentile, &FirstPass { points: 2, ..series(0.0) });
        assert_eq!(fit(&sums), before);
    }

    #[test]
    fn resemblance_of_neighbours_is_paid_for_above_the_floor() {
        let assert_rho = |turns: u64, rho: f64, inflation: f64| {
            let turns = Turns { turns, chances: 6 };
            let fitted = fit(&sums(&vec![FirstPass { turns, ..series(0.0) }; 200])).of(STRATUM);
            assert!((fitted.rho - rho).abs() < 1e-12, "{fitted:?}");
            assert!((fitted.prior.ar_inflation - inflation).abs() < 1e-12, "{fitted:?}");
        };
        // Two of three chances are white noise, half of them a random walk, all of them a saw.
        assert_rho(4, 0.0, 1.0);
        assert_rho(3, 1.0, 19.0);
        assert_rho(0, 1.0, 19.0);
        assert_rho(6, -1.0, 1.0);
        // Half of what lies above the floor of .15 is .575.
        assert!((ar_inflation(0.575, 0.15) - 3.0).abs() < 1e-12);
        assert!((ar_inflation(0.15, 0.15) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_prior_sees_how_neighbours_resemble() {
        let fitted_rho = |autocorrelation: f64| {
            let stories = vec![(1.0, Plot::Flat)];
            let world = World { autocorrelation, stories, ..World::s1() };
            let mut random = Random::new(4);
            let mut workspace = Workspace::default();
            let mut all = StratumSums::default();
            for _ in 0..4_000 {
                let unit = world.unit(&mut random);
                for Planted { values, margins } in &unit.series {
                    let input = SeriesInput { values, margins, offset: 0.0, lower_is_better: true };
                    let pass = first_pass(&input, &Parameters::default(), &mut workspace).unwrap();
                    all.add(STRATUM.metric, STRATUM.percentile, &pass);
                }
            }
            fit(&all).of(STRATUM).rho
        };
        for rho in [0.0, 0.2, 0.4] {
            assert!((fitted_rho(rho) - rho).abs() < 0.05, "{rho} {}", fitted_rho(rho));
        }
    }

    #[test]
    fn scatter_far_above_the_margins_raises_the_alarm() {
        // Margins of 6 %: sampling 3.06 % beside the assumed 3 % of process noise, about half of the base each.
        let alarm = |with_margins: f64, without: Option<f64>| {
            let mut all = StratumSums::default();
            for (scale, margin_ratio) in [(Some(with_margins), Some(0.06)), (without, None)] {
                for _ in 0..200 {
                    if let Some(scale) = scale {
                        all.add(STRATUM.metric, STRATUM.percentile, &FirstPass { margin_ratio, ..series(scale.ln()) });
                    }
                }
            }
            let fitted = fit(&all);
            assert!(!fitted.of(STRATUM).margins_look_wrong);
            fitted.of(Stratum { margin: MarginClass::Large, ..STRATUM }).margins_look_wrong
        };
        assert!(alarm(2.3, None));
        assert!(alarm(2.3, Some(0.9)));
        assert!(!alarm(1.4, None));
        // The process noise itself is three times what was assumed: that explains a factor of 2.
        assert!(!alarm(2.3, Some(3.0)));
    }

    #[test]
    fn margins_of_another_unit_are_refused() {
        let refused = |ratios: &[Option<f64>]| {
            let mut all = StratumSums::default();
            // Refusal counts every series, also those whose scatter is unusable.
            for &margin_ratio in ratios {
                all.add(STRATUM.metric, 50, &FirstPass { margin_ratio, ln_residual: None, ..series(0.0) });
            }
            fit(&all).refuses_margins(STRATUM.metric)
        };
        assert!(!refused(&[None, None]));
        assert!(!refused(&[Some(0.1), Some(0.9)]));
        assert!(refused(&[Some(0.1), Some(0.9), Some(f64::INFINITY), None, None]));
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
