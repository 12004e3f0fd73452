//! `[parameters]`: a flat table that mirrors the statistics' parameters, each with its range.

use super::reader::{Between, Section};
use perfpower_statistics::{PARAMETERS, Parameters};
use std::collections::BTreeMap;

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
            let (above, below) = (parameter.above, parameter.below);
            let expected = format!("a number above {above} and below {below}");
            if let Some(number) = section.number(parameter.name, &Between(above..below), &expected) {
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
