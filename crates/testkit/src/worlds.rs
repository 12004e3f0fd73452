//! Seeded worlds: series of versions whose truth is known, to see what the method makes of them.
//!
//! Everything is drawn from [`Random`], so a seed gives the same world on every machine (up to the last bit of `ln` and `cos`,
//! which the platform's mathematics library answers).

use std::f64::consts::TAU;

/// xoshiro256++ (Blackman and Vigna 2019), seeded by splitmix64. Not for secrets; small, fast, and the same everywhere.
#[derive(Clone, Debug)]
pub struct Random {
    state: [u64; 4],
}

impl Random {
    /// Any seed is a good one: splitmix64 spreads it over the state, which is never all zero.
    pub fn new(seed: u64) -> Self {
        let mut walk = seed;
        let state = std::array::from_fn(|_| {
            walk = walk.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut mixed = walk;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^ (mixed >> 31)
        });
        Self { state }
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c, d) = (c ^ a, d ^ b);
        self.state = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        result
    }

    /// Uniform in `(0, 1)`, never an end, so that its logarithm is finite.
    pub fn uniform(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Uniform in `low..high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Uniform on the log scale in `low..high`, both above 0.
    pub fn log_between(&mut self, low: f64, high: f64) -> f64 {
        self.between(low.ln(), high.ln()).exp()
    }

    /// Uniform in `0..count`; 0 for an empty range.
    pub fn below(&mut self, count: usize) -> usize {
        ((self.uniform() * count as f64) as usize).min(count.saturating_sub(1))
    }

    /// Standard normal (Box and Muller 1958; the second of each pair is left, for a state that is only the generator's).
    pub fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (TAU * self.uniform()).cos()
    }

    /// Chi-squared with `df > 0` degrees of freedom, by the gamma law of shape `df / 2` (Marsaglia and Tsang 2000).
    pub fn chi_squared(&mut self, df: f64) -> f64 {
        let shape = df / 2.0;
        // The method wants a shape of at least 1: it draws with shape + 1 and shrinks.
        let (shape, shrink) = if shape < 1.0 { (shape + 1.0, self.uniform().powf(1.0 / shape)) } else { (shape, 1.0) };
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && self.uniform().ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return 2.0 * d * v * shrink;
            }
        }
    }

    /// Student's t with `df > 2` degrees of freedom, scaled to unit variance.
    pub fn student_t(&mut self, df: f64) -> f64 {
        self.normal() / (self.chi_squared(df) / df).sqrt() * ((df - 2.0) / df).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the authors' C code with the state 1, 2, 3, 4, and seeded with 7.
    #[test]
    fn the_generator_is_xoshiro() {
        let mut random = Random { state: [1, 2, 3, 4] };
        let expected =
            [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386, 9_228_616_714_210_784_205];
        assert_eq!(expected.map(|_| random.bits()), expected);
        let mut random = Random::new(7);
        let expected = [1_021_219_803_524_665_661, 3_174_977_118_032_272_916, 13_236_943_193_235_544_178];
        assert_eq!(expected.map(|_| random.bits()), expected);
    }

    /// Mean and variance of `count` draws.
    fn moments(count: u32, mut draw: impl FnMut() -> f64) -> (f64, f64) {
        let (sum, squares) = (0..count).map(|_| draw()).fold((0.0, 0.0), |(s, q), x| (s + x, q + x * x));
        let mean = sum / f64::from(count);
        (mean, squares / f64::from(count) - mean * mean)
    }

    #[test]
    fn the_laws_have_their_moments() {
        let mut random = Random::new(1);
        let near = |(mean, variance): (f64, f64), (m, v): (f64, f64)| {
            assert!((mean - m).abs() < 0.02 * m.max(1.0) && (variance - v).abs() < 0.06 * v, "{mean} {variance}");
        };
        near(moments(100_000, || random.uniform()), (0.5, 1.0 / 12.0));
        near(moments(100_000, || random.normal()), (0.0, 1.0));
        near(moments(100_000, || random.chi_squared(7.0)), (7.0, 14.0));
        near(moments(100_000, || random.chi_squared(0.8)), (0.8, 1.6));
        near(moments(200_000, || random.student_t(6.0)), (0.0, 1.0));
        near(moments(100_000, || random.below(5) as f64), (2.0, 2.0));
        assert_eq!(random.below(0), 0);
    }
}
