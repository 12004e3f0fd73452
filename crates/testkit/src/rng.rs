//! Seeded random numbers, the same on every machine and in every year.
//!
//! A generator of one's own is 60 lines, and no release of a package can change the fixtures that were made with it.
//! xoshiro256++ (Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021), seeded by splitmix64 as its
//! authors advise. `ln` is the only function here that a platform's maths library may round differently; what is written to
//! a fixture is rounded to two decimals at most, so that the last bit does not show.

/// A stream of random numbers. Equal seeds give equal streams.
#[derive(Clone, Debug)]
pub struct Rng {
    state: [u64; 4],
    /// The second normal deviate of a pair, kept for the next call.
    spare_normal: Option<f64>,
}

impl Rng {
    /// A stream from a seed. Any seed is good, 0 too.
    pub fn seeded(seed: u64) -> Self {
        let mut splitmix = seed;
        Self::from_state([
            splitmix64(&mut splitmix),
            splitmix64(&mut splitmix),
            splitmix64(&mut splitmix),
            splitmix64(&mut splitmix),
        ])
    }

    /// A stream of its own for a labelled part of a world, such as `("app", 17)`: parts can then be made in any order, or
    /// left out, without a change to the others.
    pub fn keyed(seed: u64, label: &str, index: u64) -> Self {
        // FNV-1a over the label: it only has to tell a handful of labels apart.
        let label = label
            .bytes()
            .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3));
        let mut mixed = seed;
        let seed = splitmix64(&mut mixed);
        mixed ^= label;
        let label = splitmix64(&mut mixed);
        mixed ^= index;
        Self::seeded(seed ^ label.rotate_left(21) ^ splitmix64(&mut mixed).rotate_left(42))
    }

    fn from_state(state: [u64; 4]) -> Self {
        Self { state, spare_normal: None }
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        let [s0, s1, s2, s3] = &mut self.state;
        let result = s0.wrapping_add(*s3).rotate_left(23).wrapping_add(*s0);
        let shifted = *s1 << 17;
        *s2 ^= *s0;
        *s3 ^= *s1;
        *s1 ^= *s2;
        *s0 ^= *s3;
        *s2 ^= shifted;
        *s3 = s3.rotate_left(45);
        result
    }

    /// Uniform in `[0, 1)`, a multiple of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// Uniform in `[low, high)`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Uniform in `0..bound`; 0 when `bound` is 0. Biased by less than bound / 2⁶⁴, which no test here can see.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next_u64()) * bound as u128) >> 64) as usize
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// One of the items.
    ///
    /// # Panics
    /// When there is none.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// Puts the items in random order (Fisher–Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
    }

    /// Standard normal, by Marsaglia's polar method: it needs no sine, so it rounds alike on more platforms.
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare_normal.take() {
            return spare;
        }
        loop {
            let u = self.between(-1.0, 1.0);
            let v = self.between(-1.0, 1.0);
            let radius = u * u + v * v;
            if radius > 0.0 && radius < 1.0 {
                let factor = (-2.0 * radius.ln() / radius).sqrt();
                self.spare_normal = Some(v * factor);
                return u * factor;
            }
        }
    }

    /// Student's t with whole degrees of freedom (at least 1): heavy tails for hostile worlds.
    pub fn student_t(&mut self, degrees: u32) -> f64 {
        let degrees = degrees.max(1);
        let normal = self.normal();
        let chi_square: f64 = (0..degrees).map(|_| self.normal().powi(2)).sum();
        normal / (chi_square / f64::from(degrees)).sqrt()
    }
}

/// The next output of splitmix64 (Steele, Lea and Flood, 2014).
fn splitmix64(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ mixed >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_first_outputs() {
        let mut state = 0;
        assert_eq!(splitmix64(&mut state), 0xE220_A839_7B1D_CDAF);
        assert_eq!(splitmix64(&mut state), 0x6E78_9E6A_A1B9_65F4);
        let mut rng = Rng::from_state([1, 2, 3, 4]);
        let first: Vec<u64> = (0..4).map(|_| rng.next_u64()).collect();
        assert_eq!(first, [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386]);
    }

    #[test]
    fn deviates_have_the_moments_they_claim() {
        let mut rng = Rng::seeded(7);
        let n = 200_000;
        let moments = |draw: &mut dyn FnMut() -> f64| {
            let draws: Vec<f64> = (0..n).map(|_| draw()).collect();
            let mean = draws.iter().sum::<f64>() / f64::from(n);
            let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / f64::from(n);
            (mean, variance)
        };
        // Standard errors: mean .0022, variance .0032 (normal); .0006 and .0002 (uniform); t10 has variance 10/8.
        let (mean, variance) = moments(&mut || rng.normal());
        assert!(mean.abs() < 0.01 && (variance - 1.0).abs() < 0.015, "normal: {mean} {variance}");
        let (mean, variance) = moments(&mut || rng.uniform());
        assert!((mean - 0.5).abs() < 0.003 && (variance - 1.0 / 12.0).abs() < 0.001, "uniform: {mean} {variance}");
        let (mean, variance) = moments(&mut || rng.student_t(10));
        assert!(mean.abs() < 0.012 && (variance - 1.25).abs() < 0.03, "t10: {mean} {variance}");
    }

    #[test]
    fn keyed_streams_differ_by_each_part_of_the_key() {
        let first = |seed, label, index| Rng::keyed(seed, label, index).next_u64();
        let base = first(1, "app", 1);
        assert_eq!(base, first(1, "app", 1));
        assert_ne!(base, first(2, "app", 1));
        assert_ne!(base, first(1, "log", 1));
        assert_ne!(base, first(1, "app", 2));
    }

    #[test]
    fn shuffle_keeps_every_item_and_below_stays_below() {
        let mut rng = Rng::seeded(3);
        let mut items: Vec<usize> = (0..100).collect();
        rng.shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
        let mut seen = [0; 6];
        (0..6_000).for_each(|_| seen[rng.below(6)] += 1);
        // Binomial(6000, 1/6): 1000 with a standard deviation of 29.
        assert!(seen.iter().all(|count| (880..1120).contains(count)), "{seen:?}");
        assert_eq!(rng.below(0), 0);
    }
}
