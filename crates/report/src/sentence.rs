//! Findings in plain words. One place, so that text, Markdown, JSON and HTML say the same.

pub(crate) mod answer;
pub(crate) mod apple_story;
pub mod gate;
pub(crate) mod news;

use crate::facts::Report;
use crate::number::{self, percentile, probability, signed_percent, value_with_unit};
use crate::page::Line;
use crate::safe;
use perfpower_analysis::{
    Analysis, AppleInsightView, Audit, Breadth, Change, FamilyCalibration, Finding, FindingKind, LatestView,
    LinkedFrame, LinkedSignature, Options, OurPopulationView, OurVerdict, OurView, Pattern, PlatformEvent,
    PopulationAudit, SeriesName, StepState, Verdict,
};
use perfpower_model::ArchiveFacts;
use perfpower_stacks::signature_name;

/// Characters of a device's name in a sentence.
const LONGEST_LABEL: usize = 64;

/// A metric for eyes: `launch time`, `battery on screen`. The category is said where the identifier does not say it,
/// because `onScreen` stands in two categories.
pub fn metric_words(category: &str, identifier: &str) -> String {
    let mut words = String::new();
    let mut before_lower = false;
    for c in safe::visible(identifier).chars() {
        if c.is_uppercase() && before_lower {
            words.push(' ');
        }
        before_lower = c.is_lowercase() || c.is_ascii_digit();
        words.extend(c.to_lowercase());
    }
    let category = safe::visible(category).to_lowercase();
    let stem: String = category.chars().take(4).collect();
    if words.contains(&stem) || category.is_empty() { words } else { format!("{category} {words}") }
}

/// The metric of a series, with its platform where the app has several: `launch time`, `launch time on watchOS`.
pub fn metric_of(series: &SeriesName) -> String {
    let metric = metric_words(&series.category, &series.metric);
    if !series.names_platform {
        return metric;
    }
    let platform = if series.platform.is_empty() { "no platform".into() } else { safe::visible(&series.platform) };
    format!("{metric} on {platform}")
}

/// What a card is about: `launch time, p90, iPhone 11`.
pub fn finding_title(finding: &Finding) -> String {
    let metric = metric_of(&finding.series);
    let population = percentile(finding.percentile, &finding.series.percentile_label);
    format!("{metric}, {population}, {}", safe::visible(&finding.device_label))
}

/// Why there is no finding of an app's own: nothing to judge, or nothing that is sure.
pub(crate) fn nothing_sentence(analysis: &Analysis, archive: &ArchiveFacts) -> Line {
    if analysis.totals.distinct_points > 0 && !analysis.findings.is_empty() {
        return Line::ours("Every change that is sure is shared by many apps.");
    }
    if analysis.totals.distinct_points > 0 {
        return Line::ours("No change is sure: what moved lies within what these metrics do by themselves.");
    }
    let nothing = "Nothing to judge: the archive holds no value of any metric";
    let diagnostics = archive.diagnostics();
    if diagnostics == 0 {
        return Line::from(format!("{nothing}."));
    }
    let documents = number::plural(diagnostics, "document", "documents");
    Line::from(format!("{nothing}, but {documents}"))
        .and_ours(" of diagnostic logs or signatures: `perfpower diagnostics` says which code they blame.")
}

/// What it is and what became of it, in a word or two for a badge or a filter.
pub(crate) fn outcome_words(finding: &Finding) -> &'static str {
    match (finding.verdict, finding.kind, finding.state) {
        (_, _, _) if finding.spread.breadth == Breadth::MixShift => "mix shift",
        (Verdict::Regression, FindingKind::Drift, _) => "upward drift",
        (Verdict::Improvement, FindingKind::Drift, _) => "downward drift",
        (Verdict::Regression, _, Some(StepState::Recovered)) => "recovered",
        (Verdict::Regression, _, Some(StepState::PartlyRecovered)) => "partly recovered",
        (Verdict::Regression, _, _) => "open regression",
        (Verdict::Improvement, _, _) => "improvement",
        (Verdict::Unchanged, _, _) => "unchanged",
        (Verdict::Inconclusive, _, _) => "inconclusive",
    }
}

/// The claim: `stepped up in 1.2: 759.3 → 1,035 ms, +36 % (+22 % to +52 %), still open in 2.0`.
pub(crate) fn finding_sentence(finding: &Finding) -> String {
    let version = safe::visible(&finding.version);
    let unit = finding.unit_label.as_deref();
    let (before, after) = (value_with_unit(finding.level_before, None), value_with_unit(finding.level_after, unit));
    let change = change_words(finding.change, finding.ci_percent);
    let own = answer::own_change(finding);
    match finding.verdict {
        Verdict::Regression | Verdict::Improvement => {}
        Verdict::Unchanged => return format!("shown to be unchanged in {version}: {before} → {after}, {change}"),
        Verdict::Inconclusive => {
            return format!("moved in {version}: {before} → {after}, {change}, which is not confirmed");
        }
    }
    match finding.kind {
        FindingKind::Step => {
            let verb = if finding.verdict == Verdict::Regression { "stepped up" } else { "stepped down" };
            let verb = match (finding.verdict, finding.level_after > finding.level_before) {
                (Verdict::Regression, false) => "stepped down (higher is better)",
                (Verdict::Improvement, true) => "stepped up (higher is better)",
                _ => verb,
            };
            let certainty = finding
                .credible_versions
                .iter()
                .find(|candidate| candidate.version == finding.version)
                .map_or_else(String::new, |candidate| {
                    format!(" ({} sure of the version)", probability(candidate.probability))
                });
            format!("{verb} in {version}{certainty}: {before} → {after} ({own}), {change}, {}", state_words(finding))
        }
        FindingKind::Drift => {
            let latest = safe::visible(&finding.latest_version);
            let pace = finding
                .percent_per_30_days
                .map_or_else(String::new, |percent| format!(", {} in 30 days", signed_percent(percent)));
            let rises = finding.level_after >= finding.level_before;
            let better = if (finding.verdict == Verdict::Regression) == rises { "" } else { " (higher is better)" };
            let moves = answer::creeping(finding);
            format!(
                "{moves}{better} since at least {version}: {before} → {after} in {latest} ({own}), {change} in all{pace}"
            )
        }
        FindingKind::Latest => {
            let verb = match finding.verdict {
                Verdict::Regression => "is worse than the level before it",
                _ => "is better than the level before it",
            };
            let provisional = if finding.provisional { "; provisional until the next version agrees" } else { "" };
            format!("{version} itself {verb}: {before} → {after} ({own}), {change}{provisional}")
        }
    }
}

fn state_words(finding: &Finding) -> String {
    let latest = safe::visible(&finding.latest_version);
    let word = match finding.state {
        Some(StepState::Open) | None if finding.provisional => {
            return "rests on one version: provisional until the next one agrees".to_owned();
        }
        Some(StepState::Open) | None if finding.latest_version == finding.version => {
            return "in the latest version".to_owned();
        }
        Some(StepState::Open) | None => {
            return match finding.verdict {
                Verdict::Regression => format!("still open in {latest}"),
                _ => format!("still so in {latest}"),
            };
        }
        Some(StepState::PartlyRecovered) => "partly recovered",
        Some(StepState::Recovered) => "recovered",
    };
    let version = finding.recovered_in.as_deref().map_or(latest, safe::visible);
    format!("{word} in {version} ({} now)", value_with_unit(finding.level_now, finding.unit_label.as_deref()))
}

/// `+36 % (+22 % to +52 %)`, or `from zero`.
pub(crate) fn change_words(change: Change, ci: Option<[f64; 2]>) -> String {
    match (change, ci) {
        (Change::Percent(number), Some([low, high])) if low.is_finite() && high.is_finite() => {
            format!("{} ({} to {})", signed_percent(number), signed_percent(low), signed_percent(high))
        }
        (Change::Percent(number), _) => signed_percent(number),
        (Change::FromZero, _) => "from zero".to_owned(),
        (Change::Undefined, _) => "no percentage".to_owned(),
    }
}

/// The part of a worsening that is sure, in percent; absent where none is, or where it starts from zero.
pub(crate) fn sure_percent(finding: &Finding) -> Option<f64> {
    finding.at_least_percent.filter(|percent| *percent > 0.0)
}

/// Where it happens: `on iPhone 11 (+41 %), iPhone XR (+38 %); the others stay` or `on nearly all of 9 devices`.
pub(crate) fn spread_sentence(finding: &Finding) -> Option<String> {
    let spread = &finding.spread;
    let members = spread.devices.len();
    match spread.breadth {
        Breadth::Unknown => None,
        Breadth::Broad => Some(match spread.pooled_percent {
            Some(pooled) => {
                format!("broad: {members} device models move together, {} typically", signed_percent(pooled))
            }
            None => format!("broad: {members} device models move together"),
        }),
        Breadth::MixShift => Some(format!(
            "mix shift: none of {members} device models moved, so the mix of devices changed and not the app"
        )),
        Breadth::Localised => {
            let named: Vec<String> = spread
                .devices
                .iter()
                .filter(|device| device.stands_out)
                .take(4)
                .map(|device| format!("{} ({})", safe::visible(&device.label), number::change(device.change)))
                .collect();
            if named.is_empty() {
                return Some(format!("uneven: the {members} device models differ more than chance allows"));
            }
            Some(format!("localised: {}, out of {members} device models", named.join(", ")))
        }
    }
}

/// What to expect of a finding that was judged early: `judged early: 2.0 was 9 days old, and values of that age move on by +1.5 %`.
pub(crate) fn early_sentence(finding: &Finding) -> Option<String> {
    let early = finding.judged_early?;
    let version = safe::visible(&finding.version);
    let age = number::plural(u64::from(early.age_days), "day", "days");
    let settles = match early.settles_after_days {
        Some(days) => format!("values settle after {}", number::plural(u64::from(days), "day", "days")),
        None => "its values may still move".to_owned(),
    };
    let expected = match (early.expected_drift_percent, early.drift_spread_percent) {
        (Some(mean), Some(spread)) => {
            format!(
                "; at that age they moved on by {} on average, {} either way",
                signed_percent(mean),
                number::percent(spread)
            )
        }
        _ => String::new(),
    };
    Some(format!("judged early: {version} was out for {age}, {settles}{expected}"))
}

/// What an app did beside an event that is part of its change: `partly the platform: 1,353 apps jumped on iPhone 12 in versions since
/// 2026-10-05; without that it is +14 % on iPhone 13, and only what is left is ranked`.
pub(crate) fn beside_event_sentence(finding: &Finding, events: &[PlatformEvent]) -> Option<String> {
    let beside = finding.beside_event.as_ref()?;
    let event = events.get(beside.event)?;
    Some(format!(
        "partly the platform: {} jumped{}; without that it is {} on {}, and only what is left is ranked",
        number::plural(event.apps_affected as u64, "app", "apps"),
        event_words(event),
        number::change(beside.change),
        safe::visible_cut(&beside.device_label, LONGEST_LABEL)
    ))
}

/// On which device and since when: ` on iPhone 12 in versions since 2026-10-05`.
fn event_words(event: &PlatformEvent) -> String {
    let label = if event.device_label.is_empty() { &event.device } else { &event.device_label };
    let device =
        if label.is_empty() { String::new() } else { format!(" on {}", safe::visible_cut(label, LONGEST_LABEL)) };
    let day = event.day.map_or_else(String::new, |day| format!(" in versions since {day}"));
    device + &day
}

/// A jump that many apps share: `memory peak, iPhone 12, from 2026-10-05: 1,412 of 4,700 apps jumped, by +24 % (median)`.
pub(crate) fn platform_event_sentence(event: &PlatformEvent) -> String {
    let metric = metric_words(&event.category, &event.metric);
    format!(
        "{metric}{}: {} of {} apps jumped together, by {} (median). So many at once are a sign of the platform, not of one \
         app's release",
        event_words(event),
        number::count(event.apps_affected as u64),
        number::count(event.apps_measured as u64),
        signed_percent(event.median_percent)
    )
}

/// `sync() (Store.swift:7) of checkout went from 3 % to 40 % of samples`, safe for a terminal.
pub(crate) fn linked_frame_words(frame: &LinkedFrame) -> String {
    let share = number::percent(frame.share_after_percent);
    let moved = if frame.share_before_percent > 0.0 {
        format!("went from {} to {share} of samples", number::percent(frame.share_before_percent))
    } else {
        format!("is new, with {share} of samples")
    };
    format!("{} {moved}", linked_frame_name(frame))
}

/// `sync() (Store.swift:7) of checkout`, safe for a terminal.
fn linked_frame_name(frame: &LinkedFrame) -> String {
    let place = frame.place.as_ref().map_or_else(String::new, |place| format!(" ({})", safe::visible(place)));
    let owner = frame.owner.as_ref().map_or_else(String::new, |owner| format!(" of {}", safe::visible(owner)));
    format!("{}{place}{owner}", safe::visible(&frame.symbol))
}

/// `Shop: sync() (20 % → 70 %)`, safe for a terminal.
pub(crate) fn linked_signature_words(signature: &LinkedSignature) -> String {
    let before = signature.weight_before_percent.map_or_else(|| "new".to_owned(), number::percent);
    let after = signature.weight_after_percent.map_or_else(|| "gone".to_owned(), number::percent);
    format!("{} ({before} → {after})", safe::visible(signature_name(signature.text.as_deref())))
}

/// How often single versions stand far off, by [`heaviness`](perfpower_analysis::StratumCalibration::heaviness): `rare` as in normal
/// noise; from the tails of t(5) on `many`.
pub(crate) fn odd_versions_words(heaviness: f64) -> &'static str {
    /// Between what the engine finds of t(6), .06, and of t(4), .13.
    const MANY: f64 = 0.1;
    match heaviness {
        heaviness if heaviness <= 0.0 => "rare",
        heaviness if heaviness < MANY => "some",
        _ => "many",
    }
}

/// Our view of one of Apple's insights, in plain words.
pub(crate) fn apple_view_sentence(view: &AppleInsightView) -> String {
    let audit = &view.audit;
    let metric = capitalised(&metric_words(&audit.category, &audit.metric));
    let latest = audit.latest_version.as_deref().map_or("no version".into(), safe::visible).into_owned();
    let claimed = claimed_percents(view);
    let listed =
        if claimed.is_empty() { format!("Apple lists {latest}") } else { format!("Apple lists {latest} as {claimed}") };
    let ours = &view.our_view;
    let mut text = match ours.verdict {
        OurVerdict::EarlierVersion | OurVerdict::Recovered => {
            let version = ours.version.as_deref().map(safe::visible).unwrap_or_default();
            let became = match ours.state {
                Some(StepState::Recovered) => format!("has recovered by {latest}"),
                Some(StepState::PartlyRecovered) => {
                    let version = ours.recovered_in.as_deref().map_or_else(|| latest.as_str().into(), safe::visible);
                    format!("has partly recovered in {version}")
                }
                Some(StepState::Open) | None => format!("is still open in {latest}"),
            };
            let mut text = format!("{metric} {} in {version}{} and {became}.", step_verb(ours), step_words(ours));
            if ours.verdict == OurVerdict::EarlierVersion
                && let Some(words) = latest_words(ours, &latest)
            {
                text.push_str(&format!(" {words}"));
            }
            text.push_str(&format!(" {listed}"));
            if !ours.diluting_versions.is_empty() {
                let versions: Vec<_> = ours.diluting_versions.iter().map(|v| safe::visible(v)).collect();
                // Where a population has not stepped, this is not why Apple lists it.
                let is_all = ours.populations.iter().all(|population| population.change.is_some());
                let because = if is_all { " because" } else { ";" };
                text.push_str(&format!("{because} its average still contains {}", and_list(&versions)));
            }
            text.push('.');
            text
        }
        OurVerdict::SameVersion => {
            format!("Worse in {latest}, as Apple says: {}{}. {listed}.", metric.to_lowercase(), step_words(ours))
        }
        OurVerdict::Drift => {
            format!("Creeping up over several versions, no single one is guilty: {}. {listed}.", metric.to_lowercase())
        }
        OurVerdict::WithinNoise => match &ours.latest {
            // What stands out is not within the noise.
            Some(alone) if alone.verdict == Verdict::Improvement => format!(
                "{listed}, but that is no regression of {}. {latest} itself is {}, {}.",
                metric.to_lowercase(),
                against_level(alone),
                alone_words(alone)
            ),
            Some(alone) if alone.verdict == Verdict::Regression => format!(
                "{listed}, but a regression of {} is not sure. {latest} itself is {}, {}.",
                metric.to_lowercase(),
                against_level(alone),
                alone_words(alone)
            ),
            Some(_) | None => {
                let words =
                    latest_words(ours, &latest).unwrap_or_else(|| format!("{latest} shows no change that is sure."));
                format!("{listed}, but that lies within the noise of {}. {words}", metric.to_lowercase())
            }
        },
        OurVerdict::CannotSay => format!("{listed}; there are too few points to judge it."),
    };
    if audit.audit == Audit::Differs {
        text.push_str(" Its numbers are not those that its own points give.");
    }
    text
}

/// The percentages of one of Apple's insights: `+10 %/+13 %`.
pub(crate) fn claimed_percents(view: &AppleInsightView) -> String {
    join_percents(view.audit.populations.iter().filter_map(|p| p.reported.delta_percent))
}

/// Our view of one of Apple's insights in a few words, for a table.
pub(crate) fn our_view_words(ours: &OurView) -> String {
    let version = ours.version.as_deref().map(safe::visible).unwrap_or_default();
    match ours.verdict {
        OurVerdict::SameVersion => "the same".to_owned(),
        OurVerdict::EarlierVersion if ours.state == Some(StepState::PartlyRecovered) => {
            format!("{version}, partly recovered")
        }
        OurVerdict::EarlierVersion => format!("{version}, still open"),
        OurVerdict::Recovered => format!("{version}, recovered"),
        OurVerdict::Drift => "a drift; no single version is guilty".to_owned(),
        OurVerdict::CannotSay => "too few versions to judge".to_owned(),
        OurVerdict::WithinNoise => match &ours.latest {
            Some(alone) => {
                let word = match alone.verdict {
                    Verdict::Regression => "not sure",
                    Verdict::Improvement => "better",
                    Verdict::Unchanged => "within noise",
                    Verdict::Inconclusive => unsure_words(alone.change),
                };
                format!("{word} ({})", number::change(alone.change))
            }
            None => "within noise".to_owned(),
        },
    }
}

/// The populations that hold the change that is told, with their part of it.
fn holders(ours: &OurView) -> impl Iterator<Item = (&OurPopulationView, Change)> {
    ours.populations.iter().filter_map(|population| Some((population, population.change?)))
}

/// A regression is a fall where higher is better.
fn step_verb(ours: &OurView) -> &'static str {
    let is_fall = |(_, change): (_, Change)| change.percent().is_some_and(|percent| percent < 0.0);
    if holders(ours).any(is_fall) { "stepped down (higher is better)" } else { "stepped up" }
}

/// `(+36 % at p50, +42 % at p90; at least +22 %/+28 %)`, over the populations that hold the change.
fn step_words(ours: &OurView) -> String {
    let several_devices = ours.populations.iter().any(|p| p.device != ours.populations[0].device);
    let parts: Vec<String> = holders(ours)
        .take(4)
        .map(|(p, change)| {
            let mut part = format!("{} at {}", number::change(change), percentile(p.percentile, &p.percentile_label));
            if several_devices {
                part.push_str(&format!(" of {}", safe::visible(&p.device)));
            }
            part
        })
        .collect();
    if parts.is_empty() {
        return String::new();
    }
    let least: Vec<String> =
        holders(ours).take(4).filter_map(|(p, _)| p.at_least_percent).map(signed_percent).collect();
    let least = if least.is_empty() { String::new() } else { format!("; at least {}", least.join("/")) };
    format!(" ({}{least})", parts.join(", "))
}

/// `2.0 itself is no new regression: 5.3 % below the level of 1.2 to 1.3, within noise.`
fn latest_words(ours: &OurView, latest: &str) -> Option<String> {
    let alone = ours.latest.as_ref()?;
    let sure = if alone.verdict == Verdict::Regression { "sure " } else { "" };
    Some(format!("{latest} itself is no {sure}new regression: {}, {}.", against_level(alone), alone_words(alone)))
}

/// `5.3 % below the level of 1.2 to 1.3`
fn against_level(alone: &LatestView) -> String {
    let difference = match alone.change {
        Change::Percent(percent) if percent < 0.0 => format!("{} below", number::percent(-percent)),
        Change::Percent(percent) => format!("{} above", number::percent(percent)),
        Change::FromZero => "up from zero,".to_owned(),
        Change::Undefined => "off".to_owned(),
    };
    let (first, last) = &alone.level_versions;
    let to = if first == last { String::new() } else { format!(" to {}", safe::visible(last)) };
    format!("{difference} the level of {}{to}", safe::visible(first))
}

/// A series whose noise hides so much of its level, in percent, tells nothing of it. Arbitrary: half.
const TOO_NOISY: f64 = 50.0;

/// What a change of a size is called that is not shown to be one.
fn unsure_words(change: Change) -> &'static str {
    match change.percent() {
        Some(percent) if percent.abs() >= TOO_NOISY => "too noisy to judge",
        _ => "within noise",
    }
}

fn alone_words(alone: &LatestView) -> &'static str {
    match alone.verdict {
        Verdict::Regression => "which stands out taken alone and does not among all series that were tested",
        Verdict::Improvement => "an improvement",
        Verdict::Unchanged => "shown to be unchanged",
        Verdict::Inconclusive => unsure_words(alone.change),
    }
}

/// What the plain neighbours say beside Apple's mean: `2.0 is 10.8 % lower than 1.3; the largest jump is the one into 1.2,
/// +32 %`.
pub(crate) fn neighbour_sentence(population: &PopulationAudit) -> Option<String> {
    let previous = population.previous.as_ref()?;
    let side = if previous.percent < 0.0 { "lower" } else { "higher" };
    let mut text = format!(
        "{} is {:.1} % {side} than {}",
        safe::visible(&previous.to),
        previous.percent.abs(),
        safe::visible(&previous.from)
    );
    if let Some(jump) = &population.largest_jump {
        text.push_str(&format!(
            "; largest jump between neighbours: into {}, {}",
            safe::visible(&jump.to),
            signed_percent(jump.percent)
        ));
    }
    Some(text)
}

/// Name of a series for eyes: `launch time, p90, all_iphones`.
pub(crate) fn series_words(series: &SeriesName, percentile_number: Option<f64>) -> String {
    format!(
        "{}, {}, {}",
        metric_of(series),
        percentile(percentile_number, &series.percentile_label),
        safe::visible(&series.device)
    )
}

/// `+10 %/+13 %`, or `+10 % to +40 %` where there are many.
fn join_percents(percents: impl Iterator<Item = f64>) -> String {
    let percents: Vec<f64> = percents.collect();
    if percents.len() <= 3 {
        return percents.iter().map(|&p| signed_percent(p)).collect::<Vec<_>>().join("/");
    }
    let low = percents.iter().copied().fold(f64::INFINITY, f64::min);
    let high = percents.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!("{} to {}", signed_percent(low), signed_percent(high))
}

fn and_list<T: AsRef<str>>(items: &[T]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// The text with its first letter large, for the start of a sentence or a heading.
pub(crate) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// The settings in force: `Benjamini–Hochberg at 0.05 over the batch, changes from 5 % on, 95 % intervals; as by default`.
pub(crate) fn settings_line(report: &Report<'_>) -> String {
    let Options { correction, parameters, .. } = &report.analysis.options;
    let percent = |part: f64| number::percent(100.0 * part);
    let mut line = format!(
        "{} at {} over the batch, changes from {} on, {} intervals",
        correction.method().name(),
        correction.rate(),
        percent(parameters.min_change),
        percent(parameters.confidence)
    );
    // Those two are told already.
    let is_told = |name: &str| matches!(name, "min_change" | "confidence");
    let changed = parameters.changed().filter(|(name, _)| !is_told(name));
    let changed: Vec<String> = changed.map(|(name, value)| format!("{name} = {value}")).collect();
    if !changed.is_empty() {
        line.push_str(&format!(", {}", changed.join(", ")));
    }
    let files: Vec<_> = report.archive.settings.iter().map(|file| safe::visible(file)).collect();
    if !files.is_empty() {
        line.push_str(&format!("; by {}", and_list(&files)));
    }
    let filter = &report.analysis.filter;
    let names = |patterns: &[Pattern]| -> Vec<String> {
        patterns.iter().map(|pattern| safe::visible(pattern.as_str()).into_owned()).collect()
    };
    let lists = filter.lists().filter(|(_, patterns)| !patterns.is_empty());
    let mut shown: Vec<String> = lists.map(|(by, patterns)| format!("{by} {}", names(patterns).join(" or "))).collect();
    shown.extend(filter.since_version.iter().map(|version| format!("since {}", safe::visible(version))));
    if !shown.is_empty() {
        line.push_str(&format!("; shown: {}", shown.join(", ")));
    }
    if let Some(news) = &report.analysis.news {
        line.push_str(&format!("; claims of the earlier report are kept up to {}", news.kept_rate));
    }
    line
}

/// What was corrected, by which method, over how many.
pub(crate) fn correction_sentence(analysis: &Analysis) -> String {
    let families = |family: &FamilyCalibration| number::plural(family.families, "family", "families");
    format!(
        "Corrected over {} of the history and {} of the release. {}.",
        families(&analysis.calibration.history),
        families(&analysis.calibration.latest),
        analysis.options.correction.sentence()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_become_words_and_say_their_category_once() {
        assert_eq!(metric_words("LAUNCH", "launchTime"), "launch time");
        assert_eq!(metric_words("BATTERY", "onScreen"), "battery on screen");
        assert_eq!(metric_words("TERMINATION", "onScreen"), "termination on screen");
        assert_eq!(metric_words("DISK", "diskWrites"), "disk writes");
        assert_eq!(metric_words("HANG", "hangRate"), "hang rate");
        assert_eq!(metric_words("ANIMATION", "scrollHitchRate"), "animation scroll hitch rate");
    }

    #[test]
    fn lists_read_well() {
        assert_eq!(and_list(&["1.0"]), "1.0");
        assert_eq!(and_list(&["1.0", "1.1"]), "1.0 and 1.1");
        assert_eq!(and_list(&["1.0", "1.1", "1.2"]), "1.0, 1.1 and 1.2");
        assert_eq!(join_percents([10.0, 13.0].into_iter()), "+10 %/+13 %");
        assert_eq!(join_percents([10.0, 13.0, 40.0, 11.0].into_iter()), "+10 % to +40 %");
    }
}
