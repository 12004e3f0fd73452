//! Whether a goal is met, was met, and what it takes to meet it: an axis of its own beside change.
//!
//! Missing a goal without a change is no regression, and a regression within the goal is no miss. Apple's labels (good,
//! fair, poor) come with each point and are read, not recomputed. But a label flips when a noisy value touches a bound,
//! so a transition is reported only when the *level* has crossed it.

use crate::special::StudentT;

/// Attained from this probability on, and missed down to its complement. (Study; the usual 5 %.)
const SURE: f64 = 0.95;

/// A level that was surely on one side has crossed the bound when it is more likely than not on the other.
const MORE_LIKELY_THAN_NOT: f64 = 0.5;

/// The level of one segment on the log scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// ln(value + offset), the weighted mean of the segment.
    pub log: f64,
    /// Sum of the weights 1 / variance of the segment's points; above 0.
    pub weight: f64,
    /// Degrees of freedom of the noise behind the weights; above 0.
    pub df: f64,
}

/// One goal bound, on the scale of the levels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    /// ln(bound + offset).
    pub log: f64,
    /// Whether the goal lies below the bound: true for all known metrics.
    pub lower_is_better: bool,
}

/// What one level says of one goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attainment {
    /// Met with a probability of at least 95 %.
    Attained,
    /// Too close to the bound for this many versions.
    Borderline,
    /// Met with a probability of at most 5 %.
    Missed,
}

impl Attainment {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Attained, Self::Borderline, Self::Missed];

    /// The word for it in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Attained => "attained",
            Self::Borderline => "borderline",
            Self::Missed => "missed",
        }
    }
}

impl Bound {
    /// For a bound in the metric's unit and the metric's offset. Absent where there is no logarithm: a bound of 0
    /// without an offset is met by no level.
    pub fn new(bound: f64, offset: f64, lower_is_better: bool) -> Option<Self> {
        let log = (bound + offset).ln();
        log.is_finite().then_some(Self { log, lower_is_better })
    }

    /// How far the level is on the wrong side, on the log scale; negative on the right side.
    fn excess(&self, level: f64) -> f64 {
        if self.lower_is_better { level - self.log } else { self.log - level }
    }

    /// Probability that the level meets the goal, in `[0, 1]`.
    pub fn probability(&self, level: &Level) -> f64 {
        StudentT::new(level.df).sf(self.excess(level.log) * level.weight.sqrt())
    }

    /// The same in a word.
    pub fn attainment(&self, level: &Level) -> Attainment {
        let probability = self.probability(level);
        if probability >= SURE {
            Attainment::Attained
        } else if probability <= 1.0 - SURE {
            Attainment::Missed
        } else {
            Attainment::Borderline
        }
    }
}

/// Apple's labels in their order. Labels that were never seen have none, and say nothing of a transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Label {
    /// `good`
    Good,
    /// `fair`
    Fair,
    /// `poor`
    Poor,
}

impl Label {
    /// Reads Apple's label, whatever its case; absent for one that was never seen.
    pub fn parse(text: &str) -> Option<Self> {
        [("good", Self::Good), ("fair", Self::Fair), ("poor", Self::Poor)]
            .into_iter()
            .find_map(|(name, label)| text.eq_ignore_ascii_case(name).then_some(label))
    }
}

/// How the standing towards a goal moved at the start of the open segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
    /// It did not.
    None,
    /// The level left the goal, such as good to fair.
    Worsened,
    /// The level came into the goal.
    Improved,
    /// Labels changed, but the level did not cross: a value near the bound.
    Flicker,
}

/// One segment's standing towards one bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing<'a> {
    /// Probability that the level meets the goal; absent without a bound.
    pub probability: Option<f64>,
    /// Labels of its points in version order; absent where Apple gave none or an unknown one.
    pub labels: &'a [Option<Label>],
}

impl Transition {
    /// Between the segment before and the open one.
    ///
    /// The level has crossed if it was surely on one side and is now more likely on the other, or if every label of the
    /// open segment lies beyond every label before. Less than that is flicker.
    pub fn between(before: &Standing<'_>, open: &Standing<'_>) -> Self {
        let probabilities = before.probability.zip(open.probability);
        let left = probabilities.is_some_and(|(was, is)| was >= SURE && is <= MORE_LIKELY_THAN_NOT);
        let entered = probabilities.is_some_and(|(was, is)| was <= 1.0 - SURE && is >= MORE_LIKELY_THAN_NOT);
        let (before, open) = (range(before.labels), range(open.labels));
        let labels = before.zip(open);
        if left || labels.is_some_and(|((_, worst), (best, _))| best > worst) {
            Self::Worsened
        } else if entered || labels.is_some_and(|((best, _), (_, worst))| worst < best) {
            Self::Improved
        } else if labels.is_some_and(|(before, open)| before != open || before.0 != before.1) {
            Self::Flicker
        } else {
            Self::None
        }
    }
}

/// The best and the worst known label.
fn range(labels: &[Option<Label>]) -> Option<(Label, Label)> {
    let known = || labels.iter().copied().flatten();
    known().min().zip(known().max())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::close;
    use Label::{Fair, Good, Poor};
    use proptest::prelude::*;

    fn level(value: f64, se: f64) -> Level {
        Level { log: value.ln(), weight: se.powi(-2), df: 6.286 }
    }

    fn below(bound: f64) -> Bound {
        Bound::new(bound, 0.0, true).unwrap()
    }

    #[test]
    fn probability_to_meet_a_goal() {
        // scipy.stats.t.cdf((log(1000) - log(1034.7)) / .028, 6.286)
        close(below(1000.0).probability(&level(1034.7, 0.028)), 0.133_431_590_036_342_72, 1e-11);
        close(below(1034.7).probability(&level(1034.7, 0.028)), 0.5, 1e-12);
        let above = Bound { lower_is_better: false, ..below(1000.0) };
        close(above.probability(&level(1034.7, 0.028)), 1.0 - 0.133_431_590_036_342_72, 1e-11);
        assert_eq!(below(1000.0).attainment(&level(1034.7, 0.028)), Attainment::Borderline);
        assert_eq!(below(1000.0).attainment(&level(1034.7, 0.005)), Attainment::Missed);
        assert_eq!(below(1000.0).attainment(&level(900.0, 0.005)), Attainment::Attained);
    }

    #[test]
    fn a_goal_of_zero_needs_an_offset() {
        assert_eq!(Bound::new(0.0, 0.0, true), None);
        assert_eq!(Bound::new(-1.0, 0.0, true), None);
        assert_eq!(Bound::new(f64::NAN, 0.0, true), None);
        assert!(Bound::new(0.0, 0.1, true).is_some());
    }

    #[test]
    fn a_level_that_crosses_is_a_transition_and_a_label_that_flips_is_not() {
        let between = |before: Option<f64>, open: Option<f64>, was: &[Option<Label>], is: &[Option<Label>]| {
            Transition::between(
                &Standing { probability: before, labels: was },
                &Standing { probability: open, labels: is },
            )
        };
        let (good, fair, poor) = (Some(Good), Some(Fair), Some(Poor));
        assert_eq!(between(Some(0.97), Some(0.5), &[], &[]), Transition::Worsened);
        assert_eq!(between(Some(0.97), Some(0.51), &[], &[]), Transition::None);
        assert_eq!(between(Some(0.94), Some(0.01), &[], &[]), Transition::None);
        assert_eq!(between(Some(0.03), Some(0.6), &[], &[]), Transition::Improved);
        assert_eq!(between(Some(0.9), Some(0.6), &[good, good], &[fair, fair]), Transition::Worsened);
        assert_eq!(between(None, None, &[fair, poor], &[good]), Transition::Improved);
        assert_eq!(between(Some(0.9), Some(0.6), &[good, good], &[fair, good]), Transition::Flicker);
        assert_eq!(between(None, None, &[good, fair], &[good, fair]), Transition::Flicker);
        assert_eq!(between(None, None, &[good, None], &[good]), Transition::None);
        assert_eq!(between(None, None, &[None], &[poor]), Transition::None);
        assert_eq!(between(None, Some(0.2), &[], &[]), Transition::None);
    }

    #[test]
    fn labels_are_read_as_apple_writes_them() {
        assert_eq!(Label::parse("good"), Some(Good));
        assert_eq!(Label::parse("FAIR"), Some(Fair));
        assert_eq!(Label::parse("Poor"), Some(Poor));
        assert_eq!(Label::parse("excellent"), None);
        assert!(Good < Fair && Fair < Poor);
    }

    proptest! {
        #[test]
        fn a_worse_level_meets_its_goal_less_often(
            bound in 1.0..1e4_f64, a in 1.0..1e4_f64, b in 1.0..1e4_f64, se in 0.001..0.5_f64,
        ) {
            let goal = below(bound);
            let probability = |value| goal.probability(&level(value, se));
            prop_assert!(probability(a.max(b)) <= probability(a.min(b)));
            prop_assert!((0.0..=1.0).contains(&probability(a)));
            // The other direction is the complement.
            let mirrored = Bound { lower_is_better: false, ..goal };
            prop_assert!((probability(a) + mirrored.probability(&level(a, se)) - 1.0).abs() < 1e-12);
        }
    }
}
