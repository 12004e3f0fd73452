//! `[[rule]]` and `[[waiver]]`.

use super::fault::did_you_mean;
use super::reader::{Between, Section, printable};
use perfpower_analysis::FindingId;
use perfpower_analysis::gate::{Budget, CountPer, Demand, GoalChoice, RegressionKind, Rule, RuleMode, Scope, Waiver};

/// The keys of a rule that say what it demands; a rule has exactly one.
const DEMANDS: [&str; 6] = ["max", "min", "goal", "no_regression", "no_worse_than", "max_open_regressions"];

/// Reads all rules; faulty ones are noted and left out.
pub(super) fn rules(sections: &[Section<'_, '_>]) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
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
            && rules.iter().any(|rule| rule.name == name.value)
        {
            section.fault(name.offset, format!("two rules are named `{}`", printable(&name.value)), "names are unique");
        }
        let scope = scope(section);
        let mode =
            section.choice("mode", &[("gate", RuleMode::Gate), ("inform", RuleMode::Inform)]).unwrap_or_default();
        let strict = section.flag("strict").unwrap_or(false);
        let demand = demand(section, &scope);
        if let Some(demand @ (Demand::NoRegression { .. } | Demand::MaxOpenRegressions { .. })) = &demand
            && strict
        {
            section.fault(
                section.offset,
                format!("`strict` does not go with `{}`: a regression is a matter of evidence", demand.as_str()),
                "leave `strict` out",
            );
        }
        if let (Some(demand), Some(name)) = (demand, name) {
            rules.push(Rule { name: name.value, scope, demand, mode, strict });
        }
        section.finish();
    }
    rules
}

fn scope(section: &Section<'_, '_>) -> Scope {
    Scope {
        apps: section.texts("app"),
        platforms: section.texts("platform"),
        categories: section.texts("category"),
        metrics: section.texts("metric"),
        devices: section.texts("device"),
        percentiles: section.texts("percentile"),
    }
}

fn demand(section: &Section<'_, '_>, scope: &Scope) -> Option<Demand> {
    let given: Vec<&str> = DEMANDS.into_iter().filter(|key| section.has(key)).collect();
    let [key] = given[..] else {
        let found = if given.is_empty() { "none".to_owned() } else { format!("`{}`", given.join("` and `")) };
        section.fault(
            section.offset,
            format!("a rule needs one demand, found {found}"),
            format!("give exactly one of `{}`", DEMANDS.join("`, `")),
        );
        // What belongs to a demand is known all the same, so that one fault does not cause others.
        for key in ["unit", "since", "percent", "per"] {
            section.has(key);
        }
        return None;
    };
    match key {
        "max" | "min" => {
            let side = if key == "max" {
                section.number("max", &.., "a number")
            } else {
                section.number("min", &.., "a number")
            };
            let unit = section.text("unit").map(|unit| unit.value);
            if scope.metrics.is_empty() {
                section.fault(
                    section.offset,
                    format!("`{key}` needs `metric`: a number means something in one unit only"),
                    "add such as `metric = \"LAUNCH/launchTime\"`",
                );
                return None;
            }
            let budget = Budget { bound: side?.value, unit };
            Some(if key == "max" { Demand::AtMost(budget) } else { Demand::AtLeast(budget) })
        }
        "goal" => {
            let goal = section.text("goal")?.value;
            Some(Demand::Goal(match goal.as_str() {
                "recommended" => GoalChoice::Recommended,
                _ => GoalChoice::Label(goal),
            }))
        }
        "no_regression" => {
            let since = section.text("since").map(|since| since.value);
            let kinds =
                [("latest", RegressionKind::Latest), ("open", RegressionKind::Open), ("any", RegressionKind::Any)];
            Some(Demand::NoRegression { kind: section.choice("no_regression", &kinds)?, since })
        }
        "no_worse_than" => {
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
        _ => {
            let per =
                section.choice("per", &[("app", CountPer::App), ("archive", CountPer::Archive)]).unwrap_or_default();
            Some(Demand::MaxOpenRegressions { count: section.count("max_open_regressions")?.value, per })
        }
    }
}

/// Reads all waivers; faulty ones are noted and left out.
pub(super) fn waivers(sections: &[Section<'_, '_>], rules: &[Rule]) -> Vec<Waiver> {
    let mut waivers = Vec::new();
    for section in sections {
        let rule = section.text("rule");
        if let Some(rule) = &rule
            && !rules.iter().any(|known| known.name == rule.value)
        {
            let guess = did_you_mean(&rule.value, rules.iter().map(|rule| rule.name.as_str()));
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
