//! How far the p-values of a batch can be trusted, for a terminal.

use crate::facts::{Report, TextStyle};
use crate::grid::{Align, Grid};
use crate::number::{self, count, percent, value};
use crate::safe;
use crate::sentence;
use crate::text::Pen;
use perfpower_analysis::{Calibration, FamilyCalibration, StratumCalibration};
use std::io::{self, Write};

/// Writes the calibration of a report.
pub fn write_calibration(report: &Report<'_>, style: TextStyle, out: &mut impl Write) -> io::Result<()> {
    let pen = Pen { style };
    let calibration = &report.analysis.calibration;
    writeln!(out, "{}", pen.bold(&format!("{} series judged", count(calibration.series))))?;
    for (reason, number) in &calibration.not_judged {
        writeln!(out, "  {} not: {}", count(*number), safe::visible(reason))?;
    }
    for (title, family) in [
        ("History: which version brought a lasting change?", &calibration.history),
        ("Release: did the latest version itself change?", &calibration.latest),
    ] {
        writeln!(out, "\n{}", pen.heading(title))?;
        question(family, report, pen, out)?;
    }
    if !calibration.strata.is_empty() {
        writeln!(out, "\n{}", pen.heading("Noise per stratum"))?;
        let mut grid = Grid::new(&[
            ("stratum", Align::Left),
            ("series", Align::Right),
            ("prior", Align::Left),
            ("learned from", Align::Left),
            ("scale", Align::Right),
            ("df", Align::Right),
            ("rho", Align::Right),
            ("odd versions", Align::Left),
        ]);
        for stratum in &calibration.strata {
            grid.row(vec![
                stratum.name.clone(),
                count(stratum.series),
                if stratum.is_fitted { "fitted" } else { "assumed" }.to_owned(),
                stratum.source.clone(),
                value(stratum.scale),
                value(stratum.df),
                format!("{:.2}", stratum.autocorrelation),
                odd_versions(stratum.heaviness),
            ]);
        }
        write!(out, "{}", grid.text(pen.width()))?;
        legend(calibration, report, pen, out)?;
    }
    for alarm in &calibration.alarms {
        writeln!(out)?;
        pen.paragraph_at(&format!("Caution: {}", safe::visible(alarm)), "", out)?;
    }
    Ok(())
}

fn odd_versions(heaviness: f64) -> String {
    let words = sentence::odd_versions_words(heaviness);
    if heaviness > 0.0 { format!("{words} ({heaviness:.2})") } else { words.to_owned() }
}

/// What the columns say, and what follows from it; only what occurs is explained.
fn legend(calibration: &Calibration, report: &Report<'_>, pen: Pen, out: &mut impl Write) -> io::Result<()> {
    let process_noise = percent(100.0 * report.analysis.options.parameters.process_noise);
    let has = |wanted: fn(&StratumCalibration) -> bool| calibration.strata.iter().any(wanted);
    writeln!(out)?;
    pen.paragraph_at(
        &format!(
            "Scale: variance of a version's value, 1 = its margin and {process_noise} from version to version. Df: how many \
             versions' worth of evidence that is, beside a series' own. Rho: how far a version resembles the one before it."
        ),
        "  ",
        out,
    )?;
    let notes = [
        (
            has(|stratum| stratum.is_fitted),
            "Fitted: the batch has shown how much such series scatter, so a step is read against noise that is known.",
        ),
        (
            has(|stratum| !stratum.is_fitted),
            "Assumed: too few series to learn from. The noise is a guess, and a step must be sharper before it is claimed.",
        ),
        (
            has(|stratum| stratum.heaviness > 0.0),
            "Odd versions: single versions stand far from their neighbours more often than chance makes them (in brackets one \
             over the degrees of freedom of a t law that is as heavy). A change that rests on one or two versions must be larger \
             there.",
        ),
        (
            !has(|stratum| stratum.heaviness > 0.0),
            "Odd versions: single versions stand far from their neighbours no more often than chance makes them.",
        ),
    ];
    for (_, note) in notes.iter().filter(|(is_told, _)| *is_told) {
        pen.paragraph_at(note, "  ", out)?;
    }
    Ok(())
}

fn question(family: &FamilyCalibration, report: &Report<'_>, pen: Pen, out: &mut impl Write) -> io::Result<()> {
    if family.families == 0 {
        return pen.paragraph_at("No series has enough versions for this question.", "  ", out);
    }
    let those = if family.selected == 0 {
        String::new()
    } else {
        format!(
            ": those with p up to {}. Inside each of them its series are corrected in turn, at a rate of {}",
            number::p_value(family.threshold),
            percent(100.0 * family.selected_level)
        )
    };
    pen.paragraph_at(
        &format!(
            "{} of {} families (app × metric) survive at a false discovery rate of {}{those}.",
            count(family.selected),
            count(family.families),
            percent(100.0 * report.analysis.options.correction.rate()),
        ),
        "  ",
        out,
    )?;
    pen.paragraph_at(
        &format!(
            "{} of the series' p-values lie above one half. Without any change an exact test gives 50 %, a cautious one more; \
             well below 50 % means real changes, or tests that are too eager.",
            percent(family.above_half_percent)
        ),
        "  ",
        out,
    )?;
    let mut grid = Grid::new(&[("versions", Align::Right), ("series", Align::Right), ("with a claim", Align::Right)]);
    for &(versions, series, claims) in &family.by_length {
        grid.row(vec![versions.to_string(), count(series), count(claims)]);
    }
    write!(out, "{}", grid.text(pen.width()))
}
