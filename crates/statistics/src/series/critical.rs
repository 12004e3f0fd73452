//! What each test has to exceed, computed once per series length and degrees of freedom.
//!
//! Within a batch these take few values (lengths up to 40, one prior per stratum), while series number millions. So quantiles,
//! which cost microseconds, are kept here, and the hot loop looks them up. Every entry is a function of its key alone: which
//! thread computes it first changes nothing.

use crate::parameters::{Basis, Parameters};
use crate::series::input::MAX_POINTS;
use crate::series::scan::hunter_worsley;
use crate::special::{StudentT, normal};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{OnceLock, PoisonError, RwLock};

/// Entries kept. A batch has some hundred strata; beyond this an entry is computed whenever it is asked for.
const MAX_ENTRIES: usize = 1 << 16;

/// Critical values for one set of [`Parameters`]. Share one over all threads of a run.
#[derive(Debug)]
pub struct CriticalValues {
    parameters: Parameters,
    thresholds: RwLock<Cache>,
    quantiles: RwLock<HashMap<(u64, u64), f64, BuildHasherDefault<KeyHasher>>>,
    scan_bounds: [[OnceLock<ScanBounds>; MAX_POINTS + 1]; 2],
}

/// By length, bits of the degrees of freedom, and basis.
type Cache = HashMap<(usize, u64, Basis), Thresholds, BuildHasherDefault<KeyHasher>>;

/// Multiplies and folds. Keys are few numbers of our own making, so that nothing needs a defence against chosen ones,
/// and each series asks twice.
#[derive(Clone, Copy, Debug, Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        const ODD: u128 = 0x9e37_79b9_7f4a_7c15; // 2^64 over the golden ratio
        let product = u128::from(self.0 ^ number) * ODD;
        self.0 = (product >> 64) as u64 ^ product as u64;
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(number as u64);
    }
}

/// All thresholds for one length, one number of degrees of freedom and one basis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Thresholds {
    /// The law of all t statistics here.
    pub(crate) student: StudentT,
    /// Half width of the interval of a change, in standard errors.
    pub(crate) confidence: f64,
    /// Half width of the interval that must lie inside the band of no change, in standard errors.
    pub(crate) unchanged: f64,
    /// Smallest change whose interval excludes 0 with the wanted power, in standard errors.
    pub(crate) detectable: f64,
    /// |t| of a drift.
    pub(crate) drift: f64,
    /// Sharpest |t| over all cuts; infinite below 3 points.
    pub(crate) step: f64,
    /// The same at the level for the current level.
    pub(crate) level: f64,
    /// |t| that half of all statistics without a change exceed.
    pub(crate) even: f64,
    /// The same of the sharpest of all cuts and the line, if their single chances are added up.
    pub(crate) even_of_all: f64,
}

/// The scan's critical values on the normal scale, which depend on the length and the basis alone.
#[derive(Clone, Copy, Debug)]
struct ScanBounds {
    /// One tail's chance beyond the bound at the part of [`Parameters::alpha`] that the basis asks for.
    step_tail: f64,
    /// The same at [`Parameters::alpha_level`].
    level_tail: f64,
}

impl CriticalValues {
    /// An empty cache for these parameters.
    pub fn new(parameters: Parameters) -> Self {
        Self {
            parameters,
            thresholds: RwLock::default(),
            quantiles: RwLock::default(),
            scan_bounds: [const { [const { OnceLock::new() }; MAX_POINTS + 1] }; 2],
        }
    }

    /// What they were made for.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The thresholds for `n` points, at most [`MAX_POINTS`], and `df` degrees of freedom.
    pub(crate) fn thresholds(&self, n: usize, df: f64, basis: Basis) -> Thresholds {
        let key = (n, df.to_bits(), basis);
        // A poisoned lock holds whole entries all the same: they are inserted in one call.
        if let Some(found) = self.thresholds.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return *found;
        }
        let computed = self.compute(n, df, basis);
        let mut thresholds = self.thresholds.write().unwrap_or_else(PoisonError::into_inner);
        if thresholds.len() < MAX_ENTRIES {
            thresholds.insert(key, computed);
        }
        computed
    }

    /// The t of `df` degrees of freedom that this part of all exceed, `tail` being in (0, 1).
    pub fn quantile(&self, df: f64, tail: f64) -> f64 {
        let key = (df.to_bits(), tail.to_bits());
        if let Some(found) = self.quantiles.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return *found;
        }
        let computed = StudentT::new(df).isf(tail);
        let mut quantiles = self.quantiles.write().unwrap_or_else(PoisonError::into_inner);
        if quantiles.len() < MAX_ENTRIES {
            quantiles.insert(key, computed);
        }
        computed
    }

    fn compute(&self, n: usize, df: f64, basis: Basis) -> Thresholds {
        let parameters = &self.parameters;
        let student = StudentT::new(df);
        let confidence = student.isf(0.5 * (1.0 - parameters.confidence));
        let (step, level) = if n < 3 {
            (f64::INFINITY, f64::INFINITY)
        } else {
            let bounds = self.scan_bounds[basis as usize][n].get_or_init(|| ScanBounds {
                step_tail: scan_tail(n, basis.step_share() * parameters.alpha),
                level_tail: scan_tail(n, parameters.alpha_level),
            });
            (student.isf(bounds.step_tail), student.isf(bounds.level_tail))
        };
        Thresholds {
            student,
            confidence,
            unchanged: student.isf(parameters.alpha_unchanged),
            detectable: confidence + student.isf(1.0 - parameters.power),
            drift: student.isf(0.5 * basis.drift_share() * parameters.alpha_drift),
            step,
            level,
            even: student.isf(0.25),
            even_of_all: student.isf(0.25 / n as f64),
        }
    }
}

/// The single tail whose Hunter–Worsley sum over the n − 1 cuts of n equally weighted points is `alpha`.
fn scan_tail(n: usize, alpha: f64) -> f64 {
    let excess = |z: f64| {
        let correlations = (1..n - 1).map(|k| {
            let (left, right) = (k as f64, (n - k) as f64);
            (left * (right - 1.0) / ((left + 1.0) * right)).sqrt()
        });
        hunter_worsley(normal::sf(z), correlations).ln() - alpha.ln()
    };
    // The sum lies between the chance of one cut and n − 1 times it.
    let mut low = normal::isf(0.5 * alpha);
    let mut high = normal::isf(0.5 * alpha / (n - 1) as f64);
    let (mut at_low, mut at_high) = (excess(low), excess(high));
    let mut z = high;
    // Regula falsi with the Illinois rule: a dozen rounds where bisection takes fifty.
    for _ in 0..60 {
        if at_low <= 0.0 || at_high >= 0.0 {
            return normal::sf(if at_low <= 0.0 { low } else { high });
        }
        z = (low * at_high - high * at_low) / (at_high - at_low);
        let at_z = excess(z);
        if at_z.abs() < 1e-13 || high - low < 1e-13 {
            break;
        }
        if at_z > 0.0 {
            (low, at_low) = (z, at_z);
            at_high *= 0.5;
        } else {
            (high, at_high) = (z, at_z);
            at_low *= 0.5;
        }
    }
    normal::sf(z)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close;

    #[test]
    fn scan_thresholds_as_in_the_reference() {
        // stats_ref.crit(n, df, .05), crit(n, df, .01)
        let critical = CriticalValues::new(Parameters::default());
        for (n, df, step, level) in [
            (3, 1.0, 23.601_713_592_029_33, 122.385_120_844_970_77),
            (3, 6.286, 2.870_884_378_429_389_4, 4.187_538_198_997_126),
            (3, 40.0, 2.296_593_777_365_429_5, 2.956_285_650_926_527_6),
            (5, 6.286, 3.337_572_414_301_495, 4.761_986_560_333_114),
            (12, 1.0, 100.543_841_260_119_04, f64::NAN),
            (12, 6.286, 4.018_514_459_157_627, 5.613_877_426_596_424),
            (20, 40.0, 3.037_987_438_264_942_3, 3.644_351_314_702_070_3),
            (40, 6.286, 4.847_392_398_358_776, 6.661_024_521_297_039),
            (40, 40.0, 3.224_584_017_015_585, 3.819_670_348_928_099_6),
        ] {
            let thresholds = critical.thresholds(n, df, Basis::Assumed);
            close(thresholds.step, step, 1e-10);
            if !level.is_nan() {
                close(thresholds.level, level, 1e-10);
            }
        }
    }

    #[test]
    fn a_fitted_prior_buys_at_a_lower_level() {
        let critical = CriticalValues::new(Parameters::default());
        let strict = Parameters { alpha: 0.05 * 0.35, alpha_drift: 0.01 * 0.2, ..Parameters::default() };
        let expected = CriticalValues::new(strict).thresholds(9, 8.0, Basis::Assumed);
        let found = critical.thresholds(9, 8.0, Basis::Fitted);
        close(found.step, expected.step, 1e-12);
        close(found.drift, expected.drift, 1e-12);
        close(found.level, critical.thresholds(9, 8.0, Basis::Assumed).level, 0.0);
    }

    #[test]
    fn two_cuts_at_least_for_a_scan() {
        let thresholds = CriticalValues::new(Parameters::default()).thresholds(2, 4.0, Basis::Assumed);
        assert!(thresholds.step.is_infinite() && thresholds.level.is_infinite());
        close(thresholds.confidence, 2.776_445_105_197_793, 1e-12); // the table value of t(4) at 97.5 %
    }

    #[test]
    fn asking_twice_or_from_two_threads_gives_the_same() {
        let critical = CriticalValues::new(Parameters::default());
        let first = critical.thresholds(9, 5.5, Basis::Assumed);
        let threads: Vec<_> = std::thread::scope(|scope| {
            let handles: Vec<_> = (0..2).map(|_| scope.spawn(|| critical.thresholds(9, 5.5, Basis::Assumed))).collect();
            handles.into_iter().map(|handle| handle.join().unwrap()).collect()
        });
        assert_eq!(threads, [first, first]);
        assert_eq!(CriticalValues::new(Parameters::default()).thresholds(9, 5.5, Basis::Assumed), first);
        for _ in 0..2 {
            close(critical.quantile(4.0, 0.025), 2.776_445_105_197_793, 1e-12);
        }
    }
}
