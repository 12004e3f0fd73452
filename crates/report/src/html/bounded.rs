//! A finding whose names fit a sentence. Archives hold symbols of ten thousand characters; they may stand in a table, cut, or
//! in an explanation, whole, but no sentence, title or axis may be made of them.

use crate::safe::shortened;
use perfpower_analysis::{Finding, GoalSource};

/// Characters of a name in a sentence.
const NAME: usize = 64;
/// Characters of a unit.
const UNIT: usize = 24;
/// Characters of a remark.
const REMARK: usize = 400;

/// The same finding with its names and units cut. Names that are compared with each other are cut alike; signatures and identifiers
/// of devices, which stand in tables alone, are left whole.
pub(super) fn bounded(finding: &Finding) -> Finding {
    let mut finding = finding.clone();
    let cut = |text: &mut String, max: usize| {
        if let (short, true) = shortened(text, max) {
            *text = short.into_owned();
        }
    };
    let series = &mut finding.series;
    for name in [&mut series.app, &mut series.platform, &mut series.category, &mut series.metric, &mut series.device] {
        cut(name, NAME);
    }
    for name in [
        &mut series.percentile_label,
        &mut finding.app_name,
        &mut finding.device_label,
        &mut finding.version,
        &mut finding.version_before,
        &mut finding.latest_version,
    ] {
        cut(name, NAME);
    }
    if let Some(unit) = &mut finding.unit_label {
        cut(unit, UNIT);
    }
    if let Some(note) = &mut finding.links.note {
        cut(note, REMARK);
    }
    for frame in &mut finding.links.frames {
        cut(&mut frame.symbol, REMARK);
        for text in [&mut frame.binary, &mut frame.place, &mut frame.owner].into_iter().flatten() {
            cut(text, NAME);
        }
    }
    for point in &mut finding.points {
        cut(&mut point.version, NAME);
        if let Some(goal) = &mut point.goal {
            cut(goal, NAME);
        }
    }
    for candidate in &mut finding.credible_versions {
        cut(&mut candidate.version, NAME);
    }
    for effect in &mut finding.spread.devices {
        cut(&mut effect.label, NAME);
    }
    if let Some(beside) = &mut finding.beside_event {
        cut(&mut beside.device_label, NAME);
    }
    for subsystem in &mut finding.subsystems {
        cut(&mut subsystem.subsystem, NAME);
    }
    if let Some(goal) = &mut finding.goal {
        if let Some(label) = &mut goal.label {
            cut(label, NAME);
        }
        if let Some(unit) = &mut goal.unit_label {
            cut(unit, UNIT);
        }
        if let GoalSource::Bound(label) = &mut goal.source {
            cut(label, NAME);
        }
    }
    finding
}
