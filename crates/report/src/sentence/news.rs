//! What is new against an earlier report, in words: the same in every form.

use super::metric_of;
use crate::number::{self, plural};
use crate::safe;
use perfpower_analysis::{
    Attainment, Breadth, Difference, EarlierClaim, Finding, FindingKind, Gone, News, NotMeasured, Standing, StepState,
    Verdict, WhyGone,
};

/// How many findings stand in each way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) new: usize,
    pub(crate) changed: usize,
    pub(crate) gone: usize,
    pub(crate) known: usize,
}

impl Counts {
    pub(crate) fn of(news: &News, findings: &[Finding]) -> Self {
        let mut counts = Self { gone: news.gone.len(), ..Self::default() };
        for finding in findings {
            match news.standing(finding.id) {
                Standing::New => counts.new += 1,
                Standing::Changed(_) => counts.changed += 1,
                Standing::Recovered => counts.gone += 1,
                Standing::Known => counts.known += 1,
            }
        }
        counts
    }
}

/// `2 new, 1 changed, 1 gone and 12 known since 2026-11-02`; `nothing new since 2026-11-02: 12 findings are as they were`.
pub(crate) fn counts_line(news: &News, findings: &[Finding]) -> String {
    let Counts { new, changed, gone, known } = Counts::of(news, findings);
    let since = since(news);
    if new + changed + gone == 0 {
        return match known {
            0 => format!("nothing new {since}: there is no finding, as before"),
            1 => format!("nothing new {since}: 1 finding is as it was"),
            _ => format!("nothing new {since}: {} are as they were", plural(known as u64, "finding", "findings")),
        };
    }
    let parts = [(new, "new"), (changed, "changed"), (gone, "gone"), (known, "known")];
    let parts: Vec<String> =
        parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    format!("{} {since}", super::and_list(&parts))
}

/// `since 2026-11-02`: the newest download that the earlier report knew.
fn since(news: &News) -> String {
    news.earlier_day.map_or_else(|| "since the earlier report".to_owned(), |day| format!("since {day}"))
}

/// How a finding stands, in a word or two for a badge; absent for what is known.
pub(crate) fn badge(standing: &Standing) -> Option<&'static str> {
    match standing {
        Standing::New => Some("new"),
        Standing::Changed(_) => Some("changed"),
        Standing::Recovered => Some("gone: recovered"),
        Standing::Known => None,
    }
}

/// What of a finding is otherwise than it was, in one line; absent for what is new or known.
pub(crate) fn standing_words(standing: &Standing, finding: &Finding) -> Option<String> {
    match standing {
        Standing::New | Standing::Known => None,
        Standing::Recovered => Some(match &finding.recovered_in {
            Some(version) => format!("recovered in {}", safe::visible(version)),
            None => "recovered".to_owned(),
        }),
        Standing::Changed(differences) => {
            let words: Vec<String> =
                differences.iter().map(|difference| difference_words(difference, finding)).collect();
            Some(words.join("; "))
        }
    }
}

fn difference_words(difference: &Difference, now: &Finding) -> String {
    match difference {
        Difference::Lasts => "a further version confirms it".to_owned(),
        Difference::Kind { was } => format!("{} now, was {}", kind_words(now.kind), kind_words(*was)),
        Difference::Version { was } => {
            format!("since {} now, was {}", safe::visible(&now.version), safe::visible(was))
        }
        Difference::Verdict { was } => format!("{} now, was {}", verdict_words(now.verdict), verdict_words(*was)),
        Difference::State { was } => match now.state {
            Some(StepState::Recovered) => match &now.recovered_in {
                Some(version) => format!("recovered in {}", safe::visible(version)),
                None => "recovered".to_owned(),
            },
            Some(StepState::PartlyRecovered) => "partly recovered".to_owned(),
            Some(StepState::Open) | None => match was {
                Some(StepState::PartlyRecovered) => "open again, had partly recovered".to_owned(),
                _ => "open again, had recovered".to_owned(),
            },
        },
        Difference::Size { was } => format!("{} now, was {}", number::change(now.change), number::change(*was)),
        Difference::Goal { was } => {
            let now = now.goal.as_ref().map(|goal| goal.attainment);
            format!("{} now, {}", goal_words(now), goal_words_before(*was))
        }
        Difference::Breadth { was } => {
            format!("{} now, was {}", breadth_words(now.spread.breadth), breadth_words(*was))
        }
        Difference::Shared => "many apps share it now".to_owned(),
        Difference::OfItsOwn => "the app's own now, many apps shared it".to_owned(),
    }
}

fn kind_words(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::Step => "a lasting step",
        FindingKind::Drift => "a drift",
        FindingKind::Latest => "in the latest version alone",
    }
}

fn verdict_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Regression => "a regression",
        Verdict::Improvement => "an improvement",
        Verdict::Unchanged => "unchanged",
        Verdict::Inconclusive => "not confirmed",
    }
}

fn goal_words(goal: Option<Attainment>) -> &'static str {
    match goal {
        Some(Attainment::Attained) => "meets its goal",
        Some(Attainment::Borderline) => "is close to its goal",
        Some(Attainment::Missed) => "misses its goal",
        None => "has no goal",
    }
}

fn goal_words_before(goal: Option<Attainment>) -> &'static str {
    match goal {
        Some(Attainment::Attained) => "met it",
        Some(Attainment::Borderline) => "was close to it",
        Some(Attainment::Missed) => "missed it",
        None => "had none",
    }
}

fn breadth_words(breadth: Breadth) -> &'static str {
    match breadth {
        Breadth::Unknown => "of unknown breadth",
        Breadth::Broad => "on all devices",
        Breadth::Localised => "on some devices",
        Breadth::MixShift => "by the mix of devices",
    }
}

/// What an earlier claim was about: `launch time, p90, iPhone 11`.
pub(crate) fn claim_title(claim: &EarlierClaim) -> String {
    let percentile = number::percentile(claim.percentile, &claim.series.percentile_label);
    format!("{}, {percentile}, {}", metric_of(&claim.series), safe::visible(&claim.device_label))
}

/// What it said: `regression of 4.0.0, at least +17 %`.
pub(crate) fn claim_words(claim: &EarlierClaim) -> String {
    let what = match (claim.verdict, claim.kind) {
        (Verdict::Regression, FindingKind::Drift) => "upward drift",
        (Verdict::Improvement, FindingKind::Drift) => "downward drift",
        (Verdict::Regression, _) => "regression",
        (Verdict::Improvement, _) => "improvement",
        (Verdict::Unchanged | Verdict::Inconclusive, _) => "unconfirmed change",
    };
    format!("{what} of {}, {}", safe::visible(&claim.version), claim_headline(claim))
}

/// The figure that headed it, as [`super::answer::headline`] would say it.
pub(crate) fn claim_headline(claim: &EarlierClaim) -> String {
    match claim.at_least_percent.filter(|sure| claim.verdict == Verdict::Regression && *sure > 0.0) {
        Some(percent) => format!("at least {}", number::signed_percent(percent)),
        None => number::change(claim.change),
    }
}

/// Why it is none any more.
pub(crate) fn gone_words(gone: &Gone) -> String {
    match &gone.why {
        WhyGone::Withdrawn { p: Some(p) } => {
            format!("withdrawn: what was read since weakens it (p {})", number::value(*p))
        }
        WhyGone::Withdrawn { p: None } => "withdrawn: too few versions are left to ask".to_owned(),
        WhyGone::Replaced { by, version } => {
            format!("replaced by the change of {} (id {by})", safe::visible(version))
        }
        WhyGone::NotMeasured(what) => match what {
            NotMeasured::App => "not measured any more: the archive holds no values of the app",
            NotMeasured::Metric => "not measured any more: the archive holds no values of the metric",
            NotMeasured::Version => "not measured any more: the archive holds no values of the version",
        }
        .to_owned(),
    }
}
