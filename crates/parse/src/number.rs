//! A JSON number as the scanner saw it, into a double or a count, exactly.

/// A number as written, taken apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Number<'a> {
    pub(crate) text: &'a str,
    /// All digits without the point; meaningless unless `fits`.
    pub(crate) mantissa: u64,
    /// Power of ten to multiply it with.
    pub(crate) exponent: i32,
    /// Whether at most 19 digits were seen, so that `mantissa` did not wrap.
    pub(crate) fits: bool,
    pub(crate) negative: bool,
}

/// Powers of ten that a double holds exactly.
const POWERS_OF_TEN: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

impl Number<'_> {
    /// The nearest double; infinite where the text is beyond all doubles.
    ///
    /// Below 2^53 the digits are an exact double, and so is a power of ten up to 22: one multiplication or division of two
    /// exact doubles is rounded once, hence correctly. All others go the long way through std, which is exact too.
    #[inline]
    pub(crate) fn to_f64(self) -> f64 {
        if !self.fits || self.mantissa >= 1 << 53 || self.exponent.unsigned_abs() > 22 {
            return self.text.parse().unwrap_or(f64::NAN);
        }
        let power = POWERS_OF_TEN[self.exponent.unsigned_abs() as usize];
        let digits = self.mantissa as f64;
        let size = if self.exponent < 0 { digits / power } else { digits * power };
        if self.negative { -size } else { size }
    }

    /// The whole number, where it is written as one and is not negative.
    #[inline]
    pub(crate) fn to_u64(self) -> Option<u64> {
        (self.fits && !self.negative && self.exponent == 0).then_some(self.mantissa)
    }
}
