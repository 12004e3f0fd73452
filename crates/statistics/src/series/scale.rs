//! The scale that values are judged on, and the one way back from it: no logarithm is told to anyone.
//!
//! A metric that can be 0 is judged as ln(value + offset). There a doubling is no fixed distance: from 0.1 to 0.2 it is far less
//! than from 10 to 20. So a change is told by where it starts: [`Origin`].
//!
//! ```text
//!  value        0          before         after
//!               ├─────────────●─────────────●──►       change = after / before − 1
//!  ln(v + c)  ln c         log ───delta───►
//! ```

use crate::series::change::{Interval, percent};

/// What rounding leaves of a level of 0, as a part of the offset c. exp(ln c) differs from c by at most 1e-13 c, and a mean of logarithms
/// that is cut out of running sums, whose weights differ by up to 10⁵, by some 1e-11 c. A level that is not 0 lies above this even at
/// such weights, as c is about the smallest value that is reported: one c among 39 zeros makes a level of c / 58, or of 1e-7 c.
const RESIDUE: f64 = 1e-9;

/// How values become logarithms.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scale {
    /// Added before the logarithm, in the metric's unit; 0 for metrics that cannot be 0.
    pub offset: f64,
}

impl Scale {
    /// ln(value + offset).
    pub fn log(self, value: f64) -> f64 {
        (value + self.offset).ln()
    }

    /// The value with this logarithm, in the metric's unit; at least 0, and exactly 0 where only rounding stands above it.
    pub fn value(self, log: f64) -> f64 {
        let value = log.exp() - self.offset;
        if value <= RESIDUE * self.offset { 0.0 } else { value }
    }

    /// The level at a value, as what a change starts from.
    pub fn origin(self, value: f64) -> Origin {
        Origin { log: self.log(value), scale: self }
    }
}

/// A level that changes start from: turns differences of logarithms into percent of its value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Origin {
    /// ln(value + offset).
    pub log: f64,
    /// What it is a logarithm of.
    pub scale: Scale,
}

impl Origin {
    /// In the metric's unit.
    pub fn value(self) -> f64 {
        self.scale.value(self.log)
    }

    /// What a difference of logarithms from here is in percent of the value; at least −100. Absent where the value is 0: no percentage
    /// starts there.
    pub fn percent(self, delta: f64) -> Option<f64> {
        let Scale { offset } = self.scale;
        if offset <= 0.0 {
            return Some(percent(delta));
        }
        // e^(log + delta) − c over e^log − c, less 1.
        let before = self.value();
        (before > 0.0).then(|| (percent(delta) * ((before + offset) / before)).max(-100.0))
    }

    /// A change that is surely at least this difference of logarithms, in percent of the value and without its sign, absent like
    /// [`Self::percent`].
    pub fn percent_at_least(self, rises: bool, least: f64) -> Option<f64> {
        self.percent(if rises { least } else { -least }).map(f64::abs)
    }

    /// Both ends of an interval of differences of logarithms in percent of the value, absent like [`Self::percent`].
    pub fn interval(self, Interval { low, high }: Interval) -> Option<[f64; 2]> {
        self.percent(low).zip(self.percent(high)).map(|(low, high)| [low, high])
    }

    /// The value that lies this difference of logarithms away, in the metric's unit.
    pub fn after(self, delta: f64) -> f64 {
        self.scale.value(self.log + delta)
    }
}

/// What a weighted mean of changes of logarithms is in percent: the one percentage that makes this mean if the value of every member
/// changes by it. So it lies among the members' own, whatever their levels; a member at 0 stays there. All are of one scale; at least
/// −100, absent where all are at 0.
pub fn common_percent(members: impl Iterator<Item = (Origin, f64)> + Clone, change: f64) -> Option<f64> {
    /// Newton's steps at most; a handful does, but for a fall to nearly 0, which takes one step per factor of e.
    const STEPS: usize = 60;
    let offset = members.clone().next()?.0.scale.offset;
    if offset <= 0.0 {
        return Some(percent(change));
    }
    let moving = members.map(|(origin, weight)| (origin.value(), weight)).filter(|(value, _)| *value > 0.0);
    let weight: f64 = moving.clone().map(|(_, weight)| weight).sum();
    if weight <= 0.0 {
        return None;
    }
    // The mean as a function of u, the logarithm of the common ratio, is convex and rising; without the offset it would be a line, which
    // it never falls below. So from that line's root Newton comes down on its own, to it or below all measure.
    let mut u =
        (change + moving.clone().map(|(value, weight)| weight * (offset / value).ln_1p()).sum::<f64>()) / weight;
    for _ in 0..STEPS {
        let (mut mean, mut slope) = (-change, 0.0);
        for (value, weight) in moving.clone() {
            let part = value / (value + offset);
            let rise = part * u.exp_m1();
            mean += weight * rise.ln_1p();
            slope += weight * part * u.exp() / (1.0 + rise);
        }
        let step = mean / slope;
        if !step.is_finite() || u - step >= u {
            break;
        }
        u -= step;
    }
    Some(percent(u))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close;
    use proptest::prelude::*;

    #[test]
    fn zero_comes_back_as_zero_whatever_the_offset() {
        for offset in [1e-300, 1e-6, 0.005, 0.05, 0.25, 0.3, 1.0, 7.0, 1e9, 1e300] {
            let scale = Scale { offset };
            let zero = scale.log(0.0);
            // As a mean of logarithms has it: some units in the last place off, to either side.
            for log in [zero, zero + 1e-14, zero - 1e-14, zero - 3.0, f64::NEG_INFINITY] {
                assert!(scale.value(log).to_bits() == 0, "{offset} {log}");
            }
            assert_eq!(scale.origin(0.0).percent(0.7), None);
            close(scale.origin(0.0).after(2.0_f64.ln()), offset, 1e-12);
        }
    }

    #[test]
    fn a_doubling_is_a_doubling_on_every_scale() {
        // ln(2 + 1) − ln(1 + 1) = 0.405: +50 % of the shifted value, +100 % of the value.
        for (offset, delta) in [(0.0, 2.0_f64.ln()), (1.0, 1.5_f64.ln()), (0.25, (2.25_f64 / 1.25).ln())] {
            close(Scale { offset }.origin(1.0).percent(delta).unwrap(), 100.0, 1e-12);
        }
        // Half of 3 + 1 is 2, of which 1 is no value: less than the value itself cannot go.
        let three = Scale { offset: 1.0 }.origin(3.0);
        close(three.percent(0.5_f64.ln()).unwrap(), -100.0 * 2.0 / 3.0, 1e-12);
        assert_eq!(three.percent(-9.0), Some(-100.0));
        assert_eq!(three.interval(Interval { low: -9.0, high: 0.0 }), Some([-100.0, 0.0]));
    }

    #[test]
    fn without_an_offset_the_logarithm_says_it_all() {
        let any = Origin { log: -745.0, scale: Scale::default() };
        assert_eq!(any.percent(0.309_506_233_610_880_7), Some(percent(0.309_506_233_610_880_7)));
        assert!(any.value() > 0.0);
    }

    #[test]
    fn all_that_double_have_doubled_together() {
        let scale = Scale { offset: 0.9 };
        let members = [(0.1, 0.2), (1.0, 0.5), (10.0, 0.2), (0.0, 0.1)];
        let mean = |ratio: f64| -> f64 {
            members.iter().map(|&(value, weight)| weight * (scale.log(ratio * value) - scale.log(value))).sum()
        };
        let of =
            |change: f64| common_percent(members.iter().map(|&(value, weight)| (scale.origin(value), weight)), change);
        for ratio in [2.0, 1.0, 0.5, 1e-6, 1e6] {
            close(of(mean(ratio)).unwrap() / 100.0 + 1.0, ratio, 1e-9);
        }
        // Further down than to 0 it does not go.
        close(of(2.0 * mean(0.0)).unwrap(), -100.0, 1e-12);
        let at_zero = [(scale.origin(0.0), 1.0)];
        assert_eq!(common_percent(at_zero.into_iter(), 0.1), None);
        let plain = [(Scale::default().origin(5.0), 1.0)];
        close(common_percent(plain.into_iter(), 2.0_f64.ln()).unwrap(), 100.0, 1e-12);
    }

    proptest! {
        #[test]
        fn what_is_common_lies_among_the_members(
            members in prop::collection::vec((0.01..100.0_f64, 0.01..100.0_f64, 0.1..1.0_f64), 1..12), offset in 0.01..10.0_f64,
        ) {
            let scale = Scale { offset };
            let total: f64 = members.iter().map(|(.., weight)| weight).sum();
            let mean: f64 =
                members.iter().map(|(before, after, w)| w / total * (scale.log(*after) - scale.log(*before))).sum();
            let own = members.iter().map(|(before, after, _)| 100.0 * (after / before - 1.0));
            let origins = members.iter().map(|(before, _, weight)| (scale.origin(*before), weight / total));
            let found = common_percent(origins, mean).unwrap();
            let slack = 1e-7 * (1.0 + found.abs());
            prop_assert!(own.clone().fold(f64::INFINITY, f64::min) <= found + slack);
            prop_assert!(own.fold(f64::NEG_INFINITY, f64::max) >= found - slack);
        }

        #[test]
        fn percent_and_levels_agree(before in 0.001..1e4_f64, after in 0.0..1e4_f64, offset in 0.001..10.0_f64) {
            let scale = Scale { offset };
            let origin = scale.origin(before);
            let delta = scale.log(after) - origin.log;
            let found = origin.percent(delta).unwrap();
            let expected = 100.0 * (after / before - 1.0);
            prop_assert!((found - expected).abs() <= 1e-7 * (1.0 + expected.abs()), "{found} {expected}");
            prop_assert!((origin.after(delta) - after).abs() <= 1e-9 * (after + offset));
        }
    }
}
