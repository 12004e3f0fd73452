//! Whether the latest version itself changed, against the level that its history had reached.
//!
//! Noise and level come from the history alone: a bad release may not widen the interval it is measured with.

use crate::Parameters;
use crate::series::change::{LogChange, Verdict};
use crate::series::critical::Thresholds;
use crate::series::location::Posterior;
use crate::series::scale::Scale;
use crate::series::splits::{Split, Sums};

/// The release question. Positions are in the series as given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Latest {
    /// The current level, in the metric's unit.
    pub level: f64,
    /// First point of the current level.
    pub level_from: usize,
    /// Latest version less current level.
    pub change: LogChange,
    /// Latest version less the version before it, on the log scale. Plain, without a test.
    pub versus_previous: f64,
    /// Whether a step within the current level and the latest version would most probably lie at the latest. If not, the
    /// change began earlier, and the latest version is not to blame.
    pub here: bool,
    /// Whether the latest version is out of line with its level, but most probably because of a change [before it](Self::here).
    pub began_earlier: bool,
    /// Smallest change that the test sees with [`Parameters::power`], on the log scale.
    pub detectable: f64,
    /// Regression and improvement only where the change is [`here`](Self::here).
    pub verdict: Verdict,
    /// Whether a claim is made. It rests on one version, and the next one may disagree.
    pub provisional: bool,
    /// What enters the batch: the p of the change, or 1 where it is smaller than [`Parameters::min_change`] or not here.
    pub gated_p: f64,
}

/// What the latest version of one series is measured against.
pub(crate) struct History<'a> {
    /// Of all points, with weights by the noise of the history.
    pub(crate) sums: &'a Sums,
    /// Distances from the centre, all points.
    pub(crate) y: &'a [f64],
    pub(crate) centre: f64,
    pub(crate) scale: Scale,
    pub(crate) skipped: usize,
    /// First position of the current level.
    pub(crate) level_from: usize,
    pub(crate) lower_is_better: bool,
    pub(crate) thresholds: &'a Thresholds,
    pub(crate) parameters: &'a Parameters,
}

impl History<'_> {
    /// Tests the last of at least 2 points.
    pub(crate) fn latest(&self) -> Latest {
        let n = self.y.len();
        let (from, last) = (self.level_from, n - 1);
        let split = self.split();
        let p = self.thresholds.student.two_sided(split.t());
        let change = LogChange::new(split.delta, split.se, p, self.thresholds);
        let here = n - from < 3 || {
            from + 1 + Posterior::peak_of(self.sums, from, n, change.df, self.parameters.step_size) == last
        };
        let verdict = change.verdict(self.lower_is_better, self.thresholds, self.parameters);
        let began_earlier = !here && matches!(verdict, Verdict::Regression | Verdict::Improvement);
        let verdict = if began_earlier { Verdict::Inconclusive } else { verdict };
        let claimable = here && change.delta.abs() >= self.parameters.min_rise();
        Latest {
            level: self.scale.value(self.centre + self.sums.mean(from, last)),
            level_from: self.skipped + from,
            change,
            versus_previous: self.y[last] - self.y[last - 1],
            here,
            began_earlier,
            detectable: self.thresholds.detectable * change.se,
            verdict,
            provisional: matches!(verdict, Verdict::Regression | Verdict::Improvement),
            gated_p: if claimable { change.p } else { 1.0 },
        }
    }

    /// The latest version against the current level.
    pub(crate) fn split(&self) -> Split {
        self.sums.split(self.level_from, self.y.len() - 1, self.y.len())
    }
}
