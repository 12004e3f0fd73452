//! `[parameters]`: a flat table that mirrors the statistics' parameters, each with its range.

use super::reader::{Between, Section};
use perfpower_analysis::statistics::Parameters;
use std::collections::BTreeMap;

/// A number that can be set.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// The key, and the name of the field in the statistics.
    pub name: &'static str,
    /// It must be above this.
    pub above: f64,
    /// It must be below this; infinite = no bound.
    pub below: f64,
    /// What it is, for the help.
    pub what: &'static str,
    /// The field of the statistics.
    pub field: fn(&mut Parameters) -> &mut f64,
}

macro_rules! parameter {
    ($field:ident, $above:expr, $below:expr, $what:expr) => {
        Parameter {
            name: stringify!($field),
            above: $above,
            below: $below,
            what: $what,
            field: |parameters| &mut parameters.$field,
        }
    };
}

/// All of them. Levels are probabilities, changes are fractions (0.05 = 5 %).
pub const PARAMETERS: [Parameter; 11] = [
    parameter!(margin_z, 0.0, f64::INFINITY, "standard errors in half of Apple's error margin"),
    parameter!(process_noise, 0.0, f64::INFINITY, "noise between versions beyond sampling, as a fraction of the value"),
    parameter!(alpha, 0.0, 1.0, "level of a step and of a claim about the latest version"),
    parameter!(alpha_drift, 0.0, 1.0, "level of a drift"),
    parameter!(alpha_level, 0.0, 1.0, "level of the steps that define the current level"),
    parameter!(min_change, 0.0, 1.0, "smallest change worth a claim, as a fraction"),
    parameter!(step_size, 0.0, f64::INFINITY, "typical size of a step on the log scale"),
    parameter!(credible_mass, 0.0, 1.0, "probability that the candidate versions hold the true one"),
    parameter!(confidence, 0.0, 1.0, "confidence of the intervals"),
    parameter!(alpha_unchanged, 0.0, 0.5, "level of the two tests that rule a change out"),
    parameter!(power, 0.5, 1.0, "chance to see a change of the smallest detectable size"),
];

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
    /// Share of the claims of a batch that may be false, in (0, 1).
    pub false_discovery_rate: Option<f64>,
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
        let rate = section.number("false_discovery_rate", &Between(0.0..1.0), "a number above 0 and below 1");
        let strict = section.flag("strict");
        section.finish();
        Self { values, false_discovery_rate: rate.map(|rate| rate.value), strict }
    }

    /// Puts them over those given, such as the defaults.
    pub fn apply(&self, parameters: &mut Parameters) {
        for parameter in PARAMETERS {
            if let Some(&value) = self.values.get(parameter.name) {
                *(parameter.field)(parameters) = value;
            }
        }
    }
}
