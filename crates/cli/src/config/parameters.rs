//! `[parameters]`: a flat table that mirrors the statistics' parameters, each with its range.

use super::reader::{Between, Section};
use std::collections::BTreeMap;

/// A number that can be set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// The key, and the name of the field in the statistics.
    pub name: &'static str,
    /// It must be above this.
    pub above: f64,
    /// It must be below this; infinite = no bound.
    pub below: f64,
    /// What it is, for the help.
    pub what: &'static str,
}

/// All of them. Levels are probabilities, changes are fractions (0.05 = 5 %).
pub const PARAMETERS: [Parameter; 11] = [
    number("margin_z", f64::INFINITY, "standard errors in half of Apple's error margin"),
    number("process_noise", f64::INFINITY, "noise from version to version beyond sampling, as a fraction of the value"),
    number("alpha", 1.0, "level of a step and of a claim about the latest version"),
    number("alpha_drift", 1.0, "level of a drift"),
    number("alpha_level", 1.0, "level of the steps that define the current level"),
    number("min_change", 1.0, "smallest change worth a claim, as a fraction"),
    number("step_size", f64::INFINITY, "typical size of a step on the log scale"),
    number("credible_mass", 1.0, "probability that the candidate versions hold the true one"),
    number("confidence", 1.0, "confidence of the intervals"),
    number("alpha_unchanged", 0.5, "level of the two tests that rule a change out"),
    Parameter { name: "power", above: 0.5, below: 1.0, what: "chance to see a change of the smallest detectable size" },
];

const fn number(name: &'static str, below: f64, what: &'static str) -> Parameter {
    Parameter { name, above: 0.0, below, what }
}

impl Parameter {
    /// The range in words.
    pub fn expected(&self) -> String {
        let Self { above, below, .. } = self;
        if below.is_finite() {
            format!("a number above {above} and below {below}")
        } else {
            format!("a number above {above}")
        }
    }
}

/// The parameters that are not as by default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParametersConfig {
    /// By name; each is inside its range.
    pub values: BTreeMap<&'static str, f64>,
    /// Whether false discoveries are controlled under any dependence.
    pub strict: Option<bool>,
}

impl ParametersConfig {
    pub(super) fn read(section: &Section<'_, '_>) -> Self {
        let mut values = BTreeMap::new();
        for parameter in PARAMETERS {
            let range = Between(parameter.above..parameter.below);
            if let Some(number) = section.number(parameter.name, &range, &parameter.expected()) {
                values.insert(parameter.name, number.value);
            }
        }
        let strict = section.flag("strict");
        section.finish();
        Self { values, strict }
    }
}
