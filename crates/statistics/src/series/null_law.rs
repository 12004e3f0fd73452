//! How the scatter of a series is distributed when nothing happened in it.
//!
//! The scatter is R, the smaller of two residuals: around the best level with a few steps, and around the best line. Its law
//! under unit normal noise has no closed form, so its moments were simulated once (numpy, 120,000 series per length,
//! seed 20240611; a table because simulating it at run time would make results random or slow).

use crate::series::input::MAX_POINTS;

/// Moments of R for one series length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NullLaw {
    /// E\[R\]: what R is divided by to estimate the dispersion.
    pub mean: f64,
    /// Degrees of freedom of the scaled chi-squared law with the same mean and variance: 2 mean² / variance.
    pub df: f64,
    /// E\[ln R\].
    pub mean_ln: f64,
    /// Var\[ln R\].
    pub var_ln: f64,
}

/// The law of R for `n` points; absent below 3, where any series lies on a line.
pub fn null_law(n: usize) -> Option<NullLaw> {
    TABLE.get(n.min(MAX_POINTS).checked_sub(3)?).copied()
}

/// How many steps the residual may take away: more as the series grows, since a longer history holds more of them. Those of the
/// simulation behind the table.
pub(crate) fn steps_removed(n: usize) -> usize {
    match n {
        0..10 => 1,
        10..20 => 2,
        _ => 3,
    }
}

/// R where one step is so clear that R cannot but take it away.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepLaw {
    /// E\[R\].
    pub mean: f64,
    /// Degrees of freedom of the scaled chi-squared law with the same mean and variance.
    pub df: f64,
}

/// The law of R for `n` points of which a step was taken away; absent below 3.
///
/// Below 10 points nothing but that step is: R is chi-squared with n − 2 degrees of freedom. From there on R takes away a
/// second and a third, so its moments were simulated like those of [`null_law`] (60,000 series per length, a step of 1,000
/// standard deviations before each version but the first with equal chance).
pub fn step_law(n: usize) -> Option<StepLaw> {
    match n {
        0..3 => None,
        3..FIRST_SIMULATED => Some(StepLaw { mean: (n - 2) as f64, df: (n - 2) as f64 }),
        _ => AFTER_A_STEP.get(n.min(MAX_POINTS) - FIRST_SIMULATED).map(|&(mean, df)| StepLaw { mean, df }),
    }
}

/// Shortest series of which more than one step is taken away.
const FIRST_SIMULATED: usize = 10;

/// Mean and degrees of freedom by length, from [`FIRST_SIMULATED`].
#[rustfmt::skip]
const AFTER_A_STEP: [(f64, f64); MAX_POINTS + 1 - FIRST_SIMULATED] = [
    (4.9996, 6.064), (5.8848, 6.974), (6.7634, 7.879), (7.6574, 8.75), (8.5410, 9.898), // 10
    (9.4431, 10.653), (10.4045, 11.723), (11.3768, 12.714), (12.2629, 13.59), (13.2116, 14.504), // 15
    (10.8862, 14.046), (11.7926, 15.097), (12.6275, 16.041), (13.5122, 17.089), (14.4192, 18.048), // 20
    (15.2697, 18.809), (16.1826, 20.004), (17.0783, 21.038), (17.9934, 21.743), (18.8980, 22.713), // 25
    (19.7838, 23.789), (20.6901, 24.786), (21.5888, 26.097), (22.4817, 26.825), (23.4340, 27.69), // 30
    (24.3890, 28.089), (25.2539, 29.605), (26.1838, 30.548), (27.1381, 31.486), (28.1147, 32.655), // 35
    (29.0229, 33.733), // 40
];

const fn law(mean: f64, df: f64, mean_ln: f64, var_ln: f64) -> NullLaw {
    NullLaw { mean, df, mean_ln, var_ln }
}

/// By length, from 3.
#[rustfmt::skip]
const TABLE: [NullLaw; MAX_POINTS - 2] = [
    law(0.4058, 0.554, -2.8039, 7.036), // 3
    law(1.0636, 1.395, -0.7175, 2.2557), // 4
    law(1.8113, 2.286, 0.1232, 1.2112), // 5
    law(2.6037, 3.163, 0.6198, 0.8173), // 6
    law(3.4269, 4.065, 0.972, 0.6046), // 7
    law(4.2911, 5.018, 1.2475, 0.4741), // 8
    law(5.1642, 5.925, 1.4655, 0.3936), // 9
    law(3.7208, 5.639, 1.1319, 0.4034), // 10
    law(4.4487, 6.547, 1.3358, 0.343), // 11
    law(5.2129, 7.439, 1.5124, 0.3017), // 12
    law(6.0015, 8.4, 1.6704, 0.2613), // 13
    law(6.8244, 9.377, 1.8115, 0.2326), // 14
    law(7.6253, 10.286, 1.932, 0.2114), // 15
    law(8.4703, 11.261, 2.0458, 0.1919), // 16
    law(9.3029, 12.3, 2.1472, 0.1752), // 17
    law(10.1669, 13.255, 2.2421, 0.1619), // 18
    law(11.0212, 14.124, 2.3277, 0.1508), // 19
    law(9.4873, 13.425, 2.1744, 0.1581), // 20
    law(10.2763, 14.279, 2.2586, 0.1487), // 21
    law(11.09, 15.364, 2.34, 0.1377), // 22
    law(11.9081, 16.272, 2.4148, 0.1298), // 23
    law(12.7518, 16.975, 2.4861, 0.1233), // 24
    law(13.5693, 18.107, 2.5517, 0.1162), // 25
    law(14.4419, 18.94, 2.6167, 0.1103), // 26
    law(15.2922, 19.97, 2.6767, 0.1045), // 27
    law(16.1556, 21.052, 2.7342, 0.0991), // 28
    law(17.0217, 21.771, 2.788, 0.0956), // 29
    law(17.8852, 22.931, 2.8399, 0.0906), // 30
    law(18.7336, 23.825, 2.8879, 0.0871), // 31
    law(19.636, 24.89, 2.9369, 0.0828), // 32
    law(20.5194, 26.04, 2.9825, 0.0797), // 33
    law(21.3881, 26.858, 3.0253, 0.0769), // 34
    law(22.2646, 27.726, 3.0666, 0.0744), // 35
    law(23.2071, 28.755, 3.1093, 0.0719), // 36
    law(24.0649, 29.871, 3.1469, 0.0692), // 37
    law(24.9847, 30.752, 3.1855, 0.067), // 38
    law(25.8835, 31.61, 3.2218, 0.0649), // 39
    law(26.7961, 32.734, 3.2574, 0.0629), // 40
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_outside_the_table() {
        assert_eq!(null_law(0), None);
        assert_eq!(null_law(2), None);
        assert_eq!(null_law(3).map(|law| law.mean), Some(0.4058));
        assert_eq!(null_law(40), null_law(1000));
    }

    #[test]
    fn moments_are_consistent() {
        // R grows with n except where one more step is taken away, and E ln R < ln E R (Jensen).
        for n in 3..=MAX_POINTS {
            let law = null_law(n).unwrap();
            assert!(law.mean_ln < law.mean.ln(), "{n}");
            if n > 3 && steps_removed(n) == steps_removed(n - 1) {
                let shorter = null_law(n - 1).unwrap();
                assert!(law.mean > shorter.mean && law.df > shorter.df && law.var_ln < shorter.var_ln, "{n}");
            }
        }
    }
}
