//! How often evidence comes of nothing: the noise of a batch as it is, in an order in which nothing lasts.
//!
//! The evidence of a unit is a ratio of likelihoods, and no better than the model of its noise. What the model leaves out (other tails,
//! members that go together in ways of their own) shows in units whose versions are put in another order: what they claim is false,
//! whatever the noise is like. The law of that evidence is what turns evidence into a p-value.

use super::learned::UnitNoise;
use super::noise::UnitFit;
use super::verdict::{Shape, UnitVerdict, judge_history};
use super::{Readings, Role, Unit, judge_unit};
use crate::batch::exact_sum::ExactSum;
use crate::fdr::PValue;
use std::borrow::Cow;

/// P(ln evidence ≥ x) = `at_one` · e^(−`decay` · x) where nothing changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NullTail {
    /// At an evidence of one.
    pub at_one: f64,
    /// 1 is what Markov's inequality bounds where the noise is as modelled.
    pub decay: f64,
}

impl Default for NullTail {
    /// What an archive too small to tell is judged with. By Markov's inequality the chance is at most e^−x whatever the unit looks like, if
    /// its noise is as modelled; a tenth of that is about what simulated batches of 2 to 50 series and 4 to 24 versions show.
    fn default() -> Self {
        Self { at_one: 0.1, decay: 1.0 }
    }
}

impl NullTail {
    /// Chance of so much evidence where nothing changed.
    pub fn p_value(self, ln_evidence: f64) -> PValue {
        PValue::from_ln(self.at_one.ln() - self.decay * ln_evidence)
    }
}

/// The laws of both questions: did the unit change, and did its latest version change it?
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NullLaws {
    /// Of [`UnitVerdict::ln_evidence`].
    pub history: NullTail,
    /// Of [`Release::ln_evidence`](super::Release::ln_evidence).
    pub latest: NullTail,
}

/// What shuffled units showed, to one question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tail {
    drawn: u64,
    above: u64,
    /// Of these, how many are not further above than [`CENSORED`].
    within: u64,
    /// Sum of ln evidence above 0, each no more than that.
    excess: ExactSum,
}

/// What is further above says no more of the law than that it is: a change that was not taken away wholly may be behind it.
const CENSORED: f64 = 3.0;

impl Tail {
    fn add(&mut self, ln_evidence: f64) {
        self.drawn += 1;
        if ln_evidence > 0.0 {
            self.above += 1;
            self.within += u64::from(ln_evidence < CENSORED);
            self.excess.add(ln_evidence.min(CENSORED));
        }
    }

    fn merge(&mut self, other: Self) {
        self.drawn += other.drawn;
        self.above += other.above;
        self.within += other.within;
        self.excess.merge(other.excess);
    }

    /// With what is expected of any batch as so many draws before the first, and so many above 0: few draws say little of a tail. On
    /// windows of real noise (`simulate 1 SEED --real=`, 21 to 25) 4 to 9 % of all claims are false with
    /// this; 7 to 12 % without any draw (21 to 24).
    fn learn(&self) -> NullTail {
        const BEFORE: f64 = 100.0;
        const BEFORE_ABOVE: f64 = 60.0;
        /// A tail that falls slower than this is no noise that a claim could stand out of.
        const DECAY: (f64, f64) = (0.4, 1.0);
        const AT_ONE: (f64, f64) = (0.02, 0.5);
        let expected = NullTail::default();
        let above = self.above as f64;
        let at_one = (above + expected.at_one * BEFORE) / (self.drawn as f64 + BEFORE);
        let decay = (self.within as f64 + BEFORE_ABOVE) / (self.excess.value() + BEFORE_ABOVE / expected.decay);
        NullTail { at_one: at_one.clamp(AT_ONE.0, AT_ONE.1), decay: decay.clamp(DECAY.0, DECAY.1) }
    }
}

/// Sums over shuffled units; they merge in any order to the same bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NullSums {
    history: Tail,
    latest: Tail,
}

/// Shuffled units of a batch, and most of one unit. (Arbitrary: a law of two numbers needs no more, and each costs a reading of a unit.)
const MOST_DRAWS: usize = 256;
const MOST_OF_ONE: usize = 8;

impl NullSums {
    /// How often the unit at the position `at` of `of` is shuffled: evenly spread.
    pub fn draws(at: usize, of: usize) -> usize {
        ((at + 1) * MOST_DRAWS / of - at * MOST_DRAWS / of).min(MOST_OF_ONE)
    }

    /// Adds a unit in so many orders, `verdict` being that on it in its own; `seed` tells units apart.
    pub fn add(&mut self, unit: &Unit, verdict: &UnitVerdict, noise: &UnitNoise, seed: u64, draws: usize) {
        /// Of fewer versions too many orders look like the true one.
        const LEAST: usize = 5;
        if draws == 0 || unit.versions() < LEAST {
            return;
        }
        let Some(still) = without_changes(unit, verdict, noise) else { return };
        for draw in 0..draws {
            let shuffled = shuffled(&still, seed.wrapping_mul(MOST_OF_ONE as u64).wrapping_add(draw as u64));
            if let Some(verdict) = judge_unit(&shuffled, noise) {
                self.history.add(verdict.ln_evidence);
                if let Some(release) = verdict.release {
                    self.latest.add(release.ln_evidence);
                }
            }
        }
    }

    /// Adds what another part of the batch showed.
    pub fn merge(&mut self, other: Self) {
        self.history.merge(other.history);
        self.latest.merge(other.latest);
    }

    /// The laws that these show.
    pub fn learn(&self) -> NullLaws {
        NullLaws { history: self.history.learn(), latest: self.latest.learn() }
    }

    /// How many orders were judged.
    pub fn drawn(&self) -> u64 {
        self.history.drawn
    }
}

/// A unit without the changes that explain it best, one after the other, if any do. Absent where it cannot be judged.
fn without_changes<'u>(unit: &'u Unit, verdict: &UnitVerdict, noise: &UnitNoise) -> Option<Cow<'u, Unit>> {
    /// Fewer changes than this leave something to be shuffled in few histories.
    const MOST: usize = 4;
    let mut unit = Cow::Borrowed(unit);
    let mut verdict = Cow::Borrowed(verdict);
    for _ in 0..MOST {
        if verdict.ln_evidence <= 0.0 {
            break;
        }
        without_change(unit.to_mut(), &verdict);
        verdict = Cow::Owned(judge_history(&UnitFit::read(&unit, noise)?, noise)?);
    }
    Some(unit)
}

/// Takes a change away from each series by what it shows of it itself: percentiles seldom move alike.
fn without_change(unit: &mut Unit, verdict: &UnitVerdict) {
    let versions = unit.versions();
    let part = |version: usize| match verdict.change.shape {
        Shape::Step { at } => f64::from(u8::from(version >= at)),
        Shape::Stretch { from, until } => f64::from(u8::from((from..until).contains(&version))),
        Shape::Drift => version as f64 / (versions as f64 - 1.0),
    };
    for (p, population) in unit.populations.iter_mut().enumerate() {
        if population.role == Role::Member && !verdict.change.populations.contains(&p) {
            continue;
        }
        for Readings { log, .. } in &mut population.percentiles {
            // The slope of log over part: of a step the difference of the means.
            let known = || log.iter().enumerate().filter(|(_, log)| log.is_finite()).map(|(at, log)| (part(at), *log));
            let count = known().count() as f64;
            let mean = known().fold((0.0, 0.0), |mean, (part, log)| (mean.0 + part / count, mean.1 + log / count));
            let (product, square) = known().fold((0.0, 0.0), |(product, square), (part, log)| {
                let off = part - mean.0;
                (product + off * (log - mean.1), square + off * off)
            });
            if square > 0.0 {
                for (version, log) in log.iter_mut().enumerate() {
                    *log -= part(version) * product / square;
                }
            }
        }
    }
}

/// A unit with its versions in another order.
fn shuffled(unit: &Unit, seed: u64) -> Unit {
    let mut order: Vec<usize> = (0..unit.versions()).collect();
    let mut state = seed;
    for last in (1..order.len()).rev() {
        order.swap(last, (splitmix(&mut state) % (last as u64 + 1)) as usize);
    }
    let mut found = unit.clone();
    for readings in found.populations.iter_mut().flat_map(|population| &mut population.percentiles) {
        readings.log = order.iter().map(|&version| readings.log[version]).collect();
        readings.sampling = order.iter().map(|&version| readings.sampling[version]).collect();
    }
    found
}

/// The next output of splitmix64 (Steele, Lea and Flood, 2014).
fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close;
    use crate::unit::joint::Population;

    #[test]
    fn the_law_by_hand() {
        let law = NullTail { at_one: 0.1, decay: 0.5 };
        close(law.p_value(4.0).value(), 0.1 * (-2.0_f64).exp(), 1e-12);
        close(law.p_value(-9.0).value(), 1.0, 0.0);
        // No draw: what is expected.
        assert_eq!(Tail::default().learn(), NullTail::default());
        // 300 draws, 90 of them above 0: 60 by .5, 30 censored at 3.
        let mut tail = Tail::default();
        (0..210).for_each(|_| tail.add(-1.0));
        (0..60).for_each(|_| tail.add(0.5));
        (0..30).for_each(|_| tail.add(40.0));
        let law = tail.learn();
        close(law.at_one, (90.0 + 10.0) / 400.0, 1e-12);
        close(law.decay, (60.0 + 60.0) / (30.0 + 90.0 + 60.0), 1e-9);
    }

    #[test]
    fn draws_are_spread_and_no_unit_is_drawn_too_often() {
        let all = |of: usize| (0..of).map(|at| NullSums::draws(at, of)).sum::<usize>();
        assert_eq!((all(1), all(14), all(256), all(100_000)), (8, 112, 256, 256));
        assert!((0..1000).all(|at| NullSums::draws(at, 1000) < 2));
    }

    #[test]
    fn an_order_keeps_each_version_whole_and_a_change_is_taken_away_first() {
        let step = |version: usize| if version >= 5 { 0.5 } else { 0.0 };
        let readings = |p: usize| {
            let log = |version: usize| 6.0 + step(version) + 0.01 * ((version * (7 + p)) % 5) as f64;
            Readings {
                log: (0..10).map(log).collect(),
                sampling: (0..10).map(|version| 1e-6 * f64::from(version)).collect(),
            }
        };
        let population = |p: usize| Population {
            role: if p == 0 { Role::Aggregate } else { Role::Member },
            percentiles: vec![readings(p), readings(p + 1)],
        };
        let unit = Unit::new((0..4).map(population).collect()).unwrap();
        let noise = UnitNoise::default();
        let verdict = judge_unit(&unit, &noise).unwrap();
        let still = without_changes(&unit, &verdict, &noise).unwrap();
        let level =
            |from: usize, to: usize| still.populations[1].percentiles[0].log[from..to].iter().sum::<f64>() / 5.0;
        close(level(0, 5), level(5, 10), 0.02);

        let other = shuffled(&still, 1);
        let order: Vec<f64> = other.populations[0].percentiles[0].sampling.clone();
        assert_ne!(order, still.populations[0].percentiles[0].sampling);
        for (own, other) in still.populations.iter().zip(&other.populations) {
            for (own, other) in own.percentiles.iter().zip(&other.percentiles) {
                assert_eq!(other.sampling, order);
                assert!(
                    order
                        .iter()
                        .zip(&other.log)
                        .all(|(version, log)| own.log[(version * 1e6).round() as usize].to_bits() == log.to_bits())
                );
            }
        }
        let mut sums = NullSums::default();
        sums.add(&unit, &verdict, &noise, 3, 8);
        assert_eq!((sums.drawn(), sums.latest.drawn), (8, 8));
    }
}
