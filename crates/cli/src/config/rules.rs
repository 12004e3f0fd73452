//! `[[rule]]` and `[[waiver]]`.

use super::fault::did_you_mean;
use super::reader::{Between, Section, printable};
use std::collections::BTreeSet;

use perfpower_analysis::gate::{Budget, CountPer, Demand, GoalChoice, RegressionKind, Rule, RuleMode, Waiver};
use perfpower_analysis::{Filter, FindingId, Pattern};

/// One demand, as it stands in a rule.
pub(super) struct DemandKind {
    /// Says what is demanded; a rule has exactly one such key.
    pub(super) key: &'static str,
    /// What else belongs to it.
    options: &'static [&'static str],
    read: fn(&Section<'_, '_>, &Filter) -> Option<Demand>,
}

/// All that a rule can demand: the one list of their keys.
pub(super) static DEMANDS: [DemandKind; 8] = [
    DemandKind {
        key: "max",
        options: &["unit"],
        read: |section, scope| Some(Demand::AtMost(budget(section, "max", scope)?)),
    },
    DemandKind {
        key: "min",
        options: &["unit"],
        read: |section, scope| Some(Demand::AtLeast(budget(section, "min", scope)?)),
    },
    DemandKind { key: "goal", options: &[], read: goal },
    DemandKind { key: "no_regression", options: &["since"], read: no_regression },
    DemandKind { key: "no_worse_than", options: &["percent"], read: no_worse_than },
    DemandKind { key: "max_open_regressions", options: &["per"], read: max_open_regressions },
    DemandKind {
        key: "newest_within",
        options: &[],
        read: |section, _| Some(Demand::NewestWithin { days: days(section)? }),
    },
    DemandKind {
        key: "has_version",
        options: &[],
        read: |section, _| Some(Demand::HasVersion { version: section.text("has_version")?.value }),
    },
];

/// The keys of what a rule can demand.
pub(crate) const RULE_KEYS: [&str; 8] = {
    let mut keys = [""; 8];
    let mut at = 0;
    while at < keys.len() {
        keys[at] = DEMANDS[at].key;
        at += 1;
    }
    keys
};

/// Reads all rules; faulty ones are noted and left out.
pub(super) fn rules(sections: &[Section<'_, '_>]) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    let mut names = BTreeSet::new();
    for section in sections {
        let name = section.text("name");
        if !section.has("name") {
            section.fault(
                section.offset,
                "a rule needs `name`",
                "give it one that is unique, such as \"launch budget\"",
            );
        }
        if let Some(name) = &name
            && names.contains(&name.value)
        {
            section.fault(name.offset, format!("two rules are named `{}`", printable(&name.value)), "names are unique");
        }
        let scope = scope(section);
        let mode =
            section.choice("mode", &[("gate", RuleMode::Gate), ("inform", RuleMode::Inform)]).unwrap_or_default();
        let strict = section.flag("strict").unwrap_or(false);
        let demand = demand(section, &scope);
        if let Some(
            demand @ (Demand::NoRegression { .. }
            | Demand::MaxOpenRegressions { .. }
            | Demand::NewestWithin { .. }
            | Demand::HasVersion { .. }),
        ) = &demand
            && strict
        {
            let why = match demand {
                Demand::NewestWithin { .. } | Demand::HasVersion { .. } => "it has no value to go by",
                _ => "a regression is a matter of evidence",
            };
            section.fault(
                section.offset,
                format!("`strict` does not go with `{}`: {why}", demand.as_str()),
                "leave `strict` out",
            );
        }
        if let (Some(demand), Some(name)) = (demand, name) {
            names.insert(name.value.clone());
            rules.push(Rule { name: name.value, scope, demand, mode, strict });
        }
        section.finish();
    }
    rules
}

fn scope(section: &Section<'_, '_>) -> Filter {
    let patterns = |key| section.texts(key).into_iter().map(Pattern::Like).collect();
    Filter {
        apps: patterns("app"),
        platforms: patterns("platform"),
        categories: patterns("category"),
        metrics: patterns("metric"),
        devices: patterns("device"),
        percentiles: patterns("percentile"),
        since_version: None,
    }
}

fn demand(section: &Section<'_, '_>, scope: &Filter) -> Option<Demand> {
    let given: Vec<&DemandKind> = DEMANDS.iter().filter(|kind| section.has(kind.key)).collect();
    let keys = |kinds: &[&DemandKind]| kinds.iter().map(|kind| kind.key).collect::<Vec<_>>();
    let [kind] = given[..] else {
        let found = if given.is_empty() { "none".to_owned() } else { format!("`{}`", keys(&given).join("` and `")) };
        section.fault(
            section.offset,
            format!("a rule needs one demand, found {found}"),
            format!("give exactly one of `{}`", keys(&DEMANDS.iter().collect::<Vec<_>>()).join("`, `")),
        );
        // What belongs to a demand is known all the same, so that one fault does not cause others.
        for option in DEMANDS.iter().flat_map(|kind| kind.options) {
            section.has(option);
        }
        return None;
    };
    (kind.read)(section, scope)
}

fn budget(section: &Section<'_, '_>, key: &'static str, scope: &Filter) -> Option<Budget> {
    let bound = section.number(key, &.., "a number");
    let unit = section.text("unit").map(|unit| unit.value);
    if scope.metrics.is_empty() {
        section.fault(
            section.offset,
            format!("`{key}` needs `metric`: a number means something in one unit only"),
            "add such as `metric = \"LAUNCH/launchTime\"`",
        );
        return None;
    }
    Some(Budget { bound: bound?.value, unit })
}

fn goal(section: &Section<'_, '_>, _: &Filter) -> Option<Demand> {
    let goal = section.text("goal")?.value;
    Some(Demand::Goal(match goal.as_str() {
        "recommended" => GoalChoice::Recommended,
        _ => GoalChoice::Label(goal),
    }))
}

fn no_regression(section: &Section<'_, '_>, _: &Filter) -> Option<Demand> {
    use RegressionKind::{Any, Latest, New, Open};
    let since = section.text("since").map(|since| since.value);
    let kinds = [("latest", Latest), ("open", Open), ("any", Any), ("new", New)];
    Some(Demand::NoRegression { kind: section.choice("no_regression", &kinds)?, since })
}

fn no_worse_than(section: &Section<'_, '_>, _: &Filter) -> Option<Demand> {
    let version = section.text("no_worse_than").map(|version| version.value);
    let percent = if section.has("percent") {
        section.number("percent", &(0.0..), "percent from 0").map(|percent| percent.value)
    } else {
        section.fault(
            section.offset,
            "`no_worse_than` needs `percent`: how much worse is still allowed",
            "add such as `percent = 5`",
        );
        None
    };
    Some(Demand::NoWorseThan { version: version?, percent: percent? })
}

fn max_open_regressions(section: &Section<'_, '_>, _: &Filter) -> Option<Demand> {
    let per = section.choice("per", &[("app", CountPer::App), ("archive", CountPer::Archive)]).unwrap_or_default();
    Some(Demand::MaxOpenRegressions { count: section.count("max_open_regressions")?.value, per })
}

/// A number of days, such as `14 days` or `2 weeks`.
fn days(section: &Section<'_, '_>) -> Option<u32> {
    let text = section.text("newest_within")?;
    let number = text.value.trim_end_matches(|c: char| c.is_ascii_alphabetic()).trim_end();
    let days_of_one = match text.value[number.len()..].trim() {
        "day" | "days" => Some(1),
        "week" | "weeks" => Some(7),
        _ => None,
    };
    let days = number.parse::<u32>().ok().zip(days_of_one).and_then(|(count, days)| count.checked_mul(days));
    if days.is_none() {
        section.fault(
            text.offset,
            format!("`newest_within`: expected a number of days or weeks, found the text `{}`", printable(&text.value)),
            "write such as `newest_within = \"14 days\"`",
        );
    }
    days
}

/// Reads all waivers; faulty ones are noted and left out.
pub(super) fn waivers(sections: &[Section<'_, '_>], rules: &[Rule]) -> Vec<Waiver> {
    let mut waivers = Vec::new();
    let names: BTreeSet<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
    // Each mistake asks all names which is the nearest: more guesses than these nobody reads.
    let mut guesses = 100_u32;
    for section in sections {
        let rule = section.text("rule");
        if let Some(rule) = &rule
            && !names.contains(rule.value.as_str())
        {
            guesses = guesses.saturating_sub(1);
            let near = names.iter().copied().filter(|_| guesses > 0);
            let guess = did_you_mean(&rule.value, near);
            section.fault(rule.offset, format!("no rule is named `{}`{guess}", printable(&rule.value)), "");
        }
        let finding = section.text("finding").and_then(|id| {
            let well_formed = id.value.len() == 16 && id.value.bytes().all(|byte| byte.is_ascii_hexdigit());
            let number = u64::from_str_radix(&id.value, 16).ok().filter(|_| well_formed);
            if number.is_none() {
                section.fault(
                    id.offset,
                    format!("`finding`: expected 16 hexadecimal digits, found the text `{}`", printable(&id.value)),
                    "copy the id from `perfpower check` or `perfpower report`",
                );
            }
            number.map(FindingId)
        });
        let scope = scope(section);
        let reason = section.text("reason").map(|reason| reason.value);
        if !section.has("reason") {
            section.fault(section.offset, "a waiver needs `reason`", "say why the breach is accepted");
        }
        let until = section.day("until").map(|until| until.value);
        if !section.has("until") {
            section.fault(section.offset, "a waiver needs `until`", "give its last day, such as `until = 2026-12-31`");
        }
        if let (Some(reason), Some(until)) = (reason, until) {
            waivers.push(Waiver { rule: rule.map(|rule| rule.value), scope, finding, reason, until });
        }
        section.finish();
    }
    waivers
}

/// The range of weights in words and numbers: 0 leaves out.
pub(super) const WEIGHT: (std::ops::RangeFrom<f64>, &str) = (0.0.., "a weight from 0");

/// The range of offsets: a logarithm of 0 is what they prevent.
pub(super) fn positive() -> Between {
    Between(0.0..f64::INFINITY)
}
