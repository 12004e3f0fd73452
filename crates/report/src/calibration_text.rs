//! How far the p-values of a batch can be trusted, for a terminal.

use crate::facts::{Report, TextStyle};
use crate::grid::{Align, Grid};
use crate::number::{self, count, percent, value};
use crate::safe;
use crate::text::Pen;
use perfpower_analysis::FamilyCalibration;
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
            ("learned from", Align::Left),
            ("scale", Align::Right),
            ("df", Align::Right),
            ("rho", Align::Right),
        ]);
        for stratum in &calibration.strata {
            grid.row(vec![
                stratum.name.clone(),
                count(stratum.series),
                stratum.source.clone(),
                value(stratum.scale),
                value(stratum.df),
                format!("{:.2}", stratum.autocorrelation),
            ]);
        }
        write!(out, "{}", grid.text(pen.width()))?;
    }
    for alarm in &calibration.alarms {
        writeln!(out)?;
        pen.paragraph_at(&format!("Caution: {}", safe::visible(alarm)), "", out)?;
    }
    Ok(())
}

fn question(family: &FamilyCalibration, report: &Report<'_>, pen: Pen, out: &mut impl Write) -> io::Result<()> {
    pen.paragraph_at(
        &format!(
            "{} of {} families (app × metric) survive at a false discovery rate of {}: those with p up to {}; inside them \
             series up to {}.",
            count(family.selected),
            count(family.families),
            percent(100.0 * report.analysis.options.false_discovery_rate),
            number::p_value(family.threshold),
            number::p_value(family.selected_level)
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
