//! Whether the latest version itself changed something: against the level that it was released into.

use super::hypotheses::{Hypotheses, Hypothesis, Judge, ln_priors};
use super::verdict::Shape;
use super::{add_ln, sum_ln};

/// The latest version against those before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Release {
    /// ln of how much likelier it is that the latest version changed something than that it did not: that nothing changed, that an
    /// earlier version did, or that the latest is odd. How often so much comes of nothing says
    /// [`NullLaws::latest`](super::NullLaws::latest).
    pub ln_evidence: f64,
    /// By how much, on the log scale.
    pub effect: f64,
    /// Standard error of that.
    pub se: f64,
    /// First version of the level that it is held against.
    pub from: usize,
}

/// Odds of a change before anything is seen, where an earlier one has to be told from the latest.
const LN_CHANGED: f64 = -2.197_224_577_336_219_4; // ln (.1 / .9)

/// `history` are the hypotheses about all versions, and how much they convince.
pub(super) fn judge(judge: &Judge<'_>, history: &Hypotheses, ln_evidence: f64) -> Option<Release> {
    let versions = judge.fit.trust.len();
    let latest = versions - 1;
    let earlier = || history.iter().filter(|hypothesis| hypothesis.step() != Some(latest));
    // The level that it came into starts where the likeliest change ended.
    let since = history
        .iter()
        .filter(|hypothesis| hypothesis.last_level().is_some())
        .max_by(|a, b| a.ln_weight().total_cmp(&b.ln_weight()))
        .and_then(Hypothesis::last_level)
        .filter(|&at| at < latest && ln_evidence + LN_CHANGED > 0.0);
    let from = since.unwrap_or(0);

    let mut asked = judge.ask(judge.prefixes.contrast(from, latest, versions)?);
    let (everywhere, somewhere) = ln_priors();
    let shape = Shape::Step { at: latest };
    let mut found = Hypotheses::default();
    found.push(asked.everywhere(shape, everywhere));
    judge.somewhere(&mut asked, shape, from, somewhere, &mut found);
    let best = found.best()?;
    let (effect, se) = (best.effect, best.variance.sqrt());
    let changed = sum_ln(found.iter().map(Hypothesis::ln_weight));

    let judged = versions - from;
    let mut unchanged = add_ln(0.0, judge.odd_version(&mut asked));
    let without = judge.unchanged_at(judged - 1, judged);
    for hypothesis in found.iter() {
        unchanged = add_ln(unchanged, without.ln_weight(hypothesis, somewhere));
    }
    if from == 0 {
        // Nothing convinced yet: a change that began earlier may still be the better story.
        unchanged = add_ln(unchanged, LN_CHANGED + sum_ln(earlier().map(Hypothesis::ln_weight)));
    }
    Some(Release { ln_evidence: changed - unchanged, effect, se, from })
}
