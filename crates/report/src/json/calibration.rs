//! How far the p-values of a batch can be trusted, for programs: `perfpower.calibration/1`.

use super::report::{CalibrationJson, ProblemJson, calibration};
use super::settings::SettingsJson;
use super::{JsonLayout, write_json};
use crate::facts::Report;
use crate::sentence;
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{self, Write};

/// Name of the schema, in the key `schema`.
pub(crate) const CALIBRATION_SCHEMA: &str = "perfpower.calibration/1";

/// The answer of `perfpower report --calibration --format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct CalibrationDocument<'a> {
    /// Always `perfpower.calibration/1`.
    schema: &'static str,
    /// At which families of series are claimed, 0 to 1.
    false_discovery_rate: f64,
    /// What was corrected, by which method, over how many: in words.
    correction: String,
    /// As in `perfpower.report/1`.
    calibration: CalibrationJson<'a>,
    /// What could not be read, or not wholly.
    problems: Vec<ProblemJson<'a>>,
    /// What was judged by.
    settings: SettingsJson<'a>,
}

/// Writes the calibration of a report as JSON: `perfpower.calibration/1`.
pub fn write_calibration_json(report: &Report<'_>, layout: JsonLayout, out: &mut impl Write) -> io::Result<()> {
    write_json(
        &CalibrationDocument {
            schema: CALIBRATION_SCHEMA,
            false_discovery_rate: report.analysis.options.correction.rate(),
            correction: sentence::correction_sentence(report.analysis),
            calibration: calibration(&report.analysis.calibration),
            problems: report.problems.iter().map(ProblemJson::from).collect(),
            settings: SettingsJson::new(report),
        },
        layout,
        out,
    )
}
