//! One series as it comes from the columns, and the checks and logarithms that every kernel needs first.

use crate::Parameters;
use crate::series::scale::Scale;
use crate::series::workspace::Workspace;
use std::fmt;
use std::ops::Range;

/// At most this many versions of a series are judged: the newest. Older ones say little about the current level, and the law of
/// the scatter is tabulated up to here.
pub const MAX_POINTS: usize = 40;

/// Largest relative sampling error that is believed. A margin of ten times the value and more, infinity included, is treated
/// as this: such a point weighs next to nothing, and no weight is 0.
const MAX_SAMPLING_SD: f64 = 10.0;

/// The points of one series in version order.
#[derive(Clone, Copy, Debug)]
pub struct SeriesInput<'a> {
    /// In the metric's unit.
    pub values: &'a [f64],
    /// Half widths of Apple's error margin, in the metric's unit, as many as values. NaN = absent, which means *plenty of
    /// data*: sampling error 0. A negative margin is read as its absolute value.
    pub margins: &'a [f64],
    /// Added to each value before the logarithm, in the metric's unit; 0 for metrics that cannot be 0. At least 0.
    pub offset: f64,
    /// Direction of the metric; true for all known ones.
    pub lower_is_better: bool,
}

/// Why a series cannot be judged. Positions are in the series as given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// No point at all.
    Empty,
    /// Not as many margins as values.
    MarginsMissing,
    /// The offset is negative or not finite.
    BadOffset,
    /// A value that is NaN or infinite, or becomes so with the offset.
    NotFinite(usize),
    /// A value below 0, which no metric of this kind has.
    Negative(usize),
    /// A value of 0 in a series without an offset: it has no logarithm.
    Zero(usize),
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("no points"),
            Self::MarginsMissing => f.write_str("not as many margins as values"),
            Self::BadOffset => f.write_str("the offset is negative or not finite"),
            Self::NotFinite(at) => write!(f, "point {at} is not a finite number"),
            Self::Negative(at) => write!(f, "point {at} is negative"),
            Self::Zero(at) => write!(f, "point {at} is zero, and the metric has no offset"),
        }
    }
}

impl std::error::Error for Unusable {}

/// What was loaded into a [`Workspace`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Loaded {
    /// Points kept, 1..=40.
    pub(crate) n: usize,
    /// Older points left out: position 0 of the workspace is this position of the series.
    pub(crate) skipped: usize,
}

impl SeriesInput<'_> {
    /// What its logarithms are of.
    pub fn scale(&self) -> Scale {
        Scale { offset: self.offset }
    }

    /// How many points are judged, and how many older ones are not.
    fn window(&self) -> Result<Loaded, Unusable> {
        if self.values.is_empty() {
            return Err(Unusable::Empty);
        }
        if self.values.len() != self.margins.len() {
            return Err(Unusable::MarginsMissing);
        }
        if !(self.offset >= 0.0 && self.offset.is_finite()) {
            return Err(Unusable::BadOffset);
        }
        let skipped = self.values.len().saturating_sub(MAX_POINTS);
        Ok(Loaded { n: self.values.len() - skipped, skipped })
    }

    /// Logarithm and sampling variance of the value at a position.
    #[inline]
    pub(crate) fn reading(&self, at: usize, parameters: &Parameters) -> Result<(f64, f64), Unusable> {
        let value = self.values[at];
        if value < 0.0 {
            return Err(Unusable::Negative(at));
        }
        let shifted = value + self.offset;
        if !shifted.is_finite() {
            return Err(Unusable::NotFinite(at));
        }
        if shifted <= 0.0 {
            return Err(Unusable::Zero(at));
        }
        Ok((shifted.ln(), sampling_variance(self.margins[at], shifted, parameters.margin_z)))
    }

    /// Positions of the newest points, oldest first.
    pub(crate) fn newest(&self) -> Result<Range<usize>, Unusable> {
        let Loaded { n, skipped } = self.window()?;
        Ok(skipped..skipped + n)
    }

    /// Checks the newest points and writes their logarithms, sampling variances and base variances.
    pub(crate) fn load(&self, parameters: &Parameters, workspace: &mut Workspace) -> Result<Loaded, Unusable> {
        let Loaded { n, skipped } = self.window()?;
        workspace.has_margins = false;
        let process = parameters.process_noise * parameters.process_noise;
        for i in 0..n {
            let (log, sampling) = self.reading(skipped + i, parameters)?;
            workspace.log[i] = log;
            workspace.sampling[i] = sampling;
            workspace.base[i] = sampling + process;
            workspace.base_weight[i] = workspace.base[i].recip();
            workspace.has_margins |= sampling > 0.0;
        }
        // Distances from the first point: equal values are then exactly 0 apart, and sums of squares keep their digits.
        workspace.centre = workspace.log[0];
        for i in 0..n {
            workspace.y[i] = workspace.log[i] - workspace.centre;
        }
        workspace.base_moments.fill(&workspace.y[..n], &workspace.base_weight[..n]);
        workspace.base_costs_of = 0;
        Ok(Loaded { n, skipped })
    }
}

/// Relative sampling variance of one value from the half width of its margin.
fn sampling_variance(margin: f64, value: f64, margin_z: f64) -> f64 {
    if margin.is_nan() {
        return 0.0;
    }
    let sd = (margin.abs() / margin_z / value).min(MAX_SAMPLING_SD);
    sd * sd
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(values: &[f64], margins: &[f64], offset: f64) -> Result<Workspace, Unusable> {
        let mut workspace = Workspace::default();
        let input = SeriesInput { values, margins, offset, lower_is_better: true };
        input.load(&Parameters::default(), &mut workspace).map(|_| workspace)
    }

    #[test]
    fn what_cannot_be_judged_says_why() {
        let none = [f64::NAN; 2];
        let reason = |values: &[f64], margins: &[f64], offset: f64| load(values, margins, offset).unwrap_err();
        assert_eq!(reason(&[], &[], 0.0), Unusable::Empty);
        assert_eq!(reason(&[1.0], &none, 0.0), Unusable::MarginsMissing);
        assert_eq!(reason(&[1.0, f64::NAN], &none, 0.0), Unusable::NotFinite(1));
        assert_eq!(reason(&[1.0, f64::INFINITY], &none, 0.0), Unusable::NotFinite(1));
        assert_eq!(reason(&[f64::MAX, 1.0], &none, f64::MAX), Unusable::NotFinite(0));
        assert_eq!(reason(&[-1.0, 1.0], &none, 2.0), Unusable::Negative(0));
        assert_eq!(reason(&[1.0, 0.0], &none, 0.0), Unusable::Zero(1));
        assert_eq!(reason(&[1.0, 1.0], &none, -1.0), Unusable::BadOffset);
        assert_eq!(reason(&[1.0, 1.0], &none, f64::NAN), Unusable::BadOffset);
        assert!(load(&[0.0, 3.0], &none, 0.1).is_ok());
    }

    #[test]
    fn every_margin_has_an_answer() {
        let variance = |margin| load(&[100.0], &[margin], 0.0).unwrap().sampling[0];
        let expected = (9.8_f64 / 1.96 / 100.0).powi(2);
        assert!((variance(9.8) - expected).abs() < 1e-15);
        assert!((variance(-9.8) - expected).abs() < 1e-15);
        assert!(variance(f64::NAN).abs() < f64::MIN_POSITIVE);
        assert!((variance(f64::INFINITY) - 100.0).abs() < 1e-9);
        assert!((variance(1e300) - 100.0).abs() < 1e-9);
    }

    #[test]
    fn only_the_newest_forty_count() {
        let mut values = vec![1.0; 45];
        values[4] = f64::NAN;
        let mut workspace = Workspace::default();
        let margins = [f64::NAN; 45];
        let input = SeriesInput { values: &values, margins: &margins, offset: 0.0, lower_is_better: true };
        let loaded = input.load(&Parameters::default(), &mut workspace).unwrap();
        assert_eq!((loaded.n, loaded.skipped), (40, 5));
    }
}
