//! What Apple said of a metric from download to download, beside what became of it: one sentence, the same in every form.

use super::and_list;
use crate::safe;
use perfpower_analysis::{Finding, StepState, Verdict};
use perfpower_model::Day;

/// Changes of Apple's mind that are told; of more, those between the first and the last are counted.
const SHOWN: usize = 4;

/// `Apple blames 4.1.0 on 2026-10-05 and no version on 2026-11-02; it is still open in 4.2.0`. Absent for what is no regression, and
/// where no download has insights.
pub(crate) fn apple_story(finding: &Finding) -> Option<String> {
    let blames = &finding.apple_blames;
    if finding.verdict != Verdict::Regression || blames.is_empty() {
        return None;
    }
    let Some(first) = blames.iter().position(|blame| !blame.versions.is_empty()) else {
        return Some(format!("Apple lists it in none of {}{}", downloads(blames.len()), state(finding)));
    };
    // Days on which Apple said the same are one stretch.
    let mut stretches: Vec<(String, Day, Day)> = Vec::new();
    for blame in &blames[first..] {
        let versions: Vec<_> = blame.versions.iter().map(|version| safe::visible(version)).collect();
        let words = if versions.is_empty() { "no version".to_owned() } else { and_list(&versions) };
        match stretches.last_mut() {
            Some((said, _, until)) if *said == words => *until = blame.day,
            _ => stretches.push((words, blame.day, blame.day)),
        }
    }
    let mut parts: Vec<String> = stretches
        .iter()
        .map(
            |(words, from, until)| {
                if from == until { format!("{words} on {from}") } else { format!("{words} from {from} to {until}") }
            },
        )
        .collect();
    if parts.len() > SHOWN {
        let between = parts.len() - SHOWN + 1;
        parts.splice(SHOWN / 2..=parts.len() - SHOWN / 2, [format!("{between} others between")]);
    }
    Some(format!("Apple blames {}{}", and_list(&parts), state(finding)))
}

fn downloads(number: usize) -> String {
    if number == 1 { "the one download with insights".to_owned() } else { format!("{number} downloads with insights") }
}

/// What the card says of today, so that Apple's view of another day is not taken for it.
fn state(finding: &Finding) -> String {
    let latest = safe::visible(&finding.latest_version);
    let recovered = || finding.recovered_in.as_deref().map_or_else(|| latest.clone(), safe::visible);
    match finding.state {
        Some(StepState::Open) => format!("; it is still open in {latest}"),
        Some(StepState::PartlyRecovered) => format!("; it has partly recovered in {}", recovered()),
        Some(StepState::Recovered) => format!("; it has recovered in {}", recovered()),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use perfpower_analysis::AppleBlame;

    /// Of `sample::step()`, by day and version.
    fn story(said: &[(&str, Option<&str>)], change: impl Fn(&mut Finding)) -> Option<String> {
        let mut finding = sample::step();
        change(&mut finding);
        let blame = |(day, version): &(&str, Option<&str>)| AppleBlame {
            day: Day::parse(day).unwrap(),
            versions: version.iter().map(|version| (*version).to_owned()).collect(),
        };
        finding.apple_blames = said.iter().map(blame).collect();
        apple_story(&finding)
    }

    #[test]
    fn it_says_what_was_blamed_when_and_what_is_so_today() {
        let said = [("2026-09-07", Some("4.0.0")), ("2026-10-05", Some("4.1.0")), ("2026-11-02", None)];
        assert_eq!(
            story(&said, |_| {}).unwrap(),
            "Apple blames 4.0.0 on 2026-09-07, 4.1.0 on 2026-10-05 and no version on 2026-11-02; it is still open in 2.0"
        );
        let recovered = story(&said, |finding| {
            finding.state = Some(StepState::Recovered);
            finding.recovered_in = Some("1.3".to_owned());
        });
        assert!(recovered.unwrap().ends_with("on 2026-11-02; it has recovered in 1.3"));
    }

    #[test]
    fn days_that_say_the_same_are_one_stretch_and_many_are_counted() {
        let same = [("2026-09-07", Some("2.0")), ("2026-10-05", Some("2.0"))];
        assert!(story(&same, |_| {}).unwrap().starts_with("Apple blames 2.0 from 2026-09-07 to 2026-10-05;"));
        let many: Vec<(String, Option<&str>)> =
            (1..=9).map(|day| (format!("2026-09-0{day}"), (day % 2 == 1).then_some("2.0"))).collect();
        let many: Vec<(&str, Option<&str>)> = many.iter().map(|(day, version)| (day.as_str(), *version)).collect();
        assert_eq!(
            story(&many, |finding| finding.state = None).unwrap(),
            "Apple blames 2.0 on 2026-09-01, no version on 2026-09-02, 6 others between and 2.0 on 2026-09-09"
        );
    }

    #[test]
    fn silence_is_told_only_where_apple_spoke_of_something() {
        assert_eq!(story(&[], |_| {}), None);
        let silent = [("2026-09-07", None), ("2026-10-05", None)];
        assert!(story(&silent, |_| {}).unwrap().starts_with("Apple lists it in none of 2 downloads with insights"));
        assert_eq!(story(&silent, |finding| finding.verdict = Verdict::Improvement), None);
    }
}
