//! How far the p-values of a batch can be trusted.

use super::unread::unread_section;
use super::{Align, Block, Item, Line, Page, Section, Table, settings_section};
use crate::facts::Report;
use crate::number::{self, count, percent, value};
use crate::sentence;
use perfpower_analysis::{Analysis, FamilyCalibration, StratumCalibration};

/// What `report --calibration` says.
pub fn calibration_page(report: &Report<'_>) -> Page {
    let calibration = &report.analysis.calibration;
    let mut sections = Vec::new();
    if !calibration.not_judged.is_empty() {
        let reasons = calibration.not_judged.iter();
        let reasons = reasons.map(|(reason, number)| Item::of(format!("{} not: {reason}", count(*number)))).collect();
        sections.push(Section { blocks: vec![Block::List(reasons)], ..Section::default() });
    }
    for (heading, family) in [
        ("History: which version brought a lasting change?", &calibration.history),
        ("Release: did the latest version itself change?", &calibration.latest),
    ] {
        sections.push(Section::new(Line::ours(heading), question(family, report.analysis)));
    }
    if !calibration.strata.is_empty() {
        let mut blocks = vec![Block::Table(strata(&calibration.strata))];
        blocks.extend(legend(report.analysis).into_iter().map(Block::Paragraph));
        sections.push(Section::new(Line::ours("Noise per stratum"), blocks));
    }
    sections.extend(cautions(&calibration.alarms));
    sections.extend(unread_section(report.problems));
    sections.push(settings_section(report));
    Page {
        title: format!("{} series judged", count(calibration.series)).into(),
        lead: vec![sentence::correction_sentence(report.analysis).into()],
        sections,
        ..Page::default()
    }
}

/// What makes the whole batch less sure; on every page that makes claims.
pub(crate) fn cautions(alarms: &[String]) -> impl Iterator<Item = Section> {
    alarms.iter().map(|alarm| Section::paragraph(Line::default().and_strong("Caution:").and(format!(" {alarm}"))))
}

fn strata(strata: &[StratumCalibration]) -> Table {
    let mut table = Table::new(&[
        ("stratum", Align::Left),
        ("series", Align::Right),
        ("prior", Align::Left),
        ("learned from", Align::Left),
        ("scale", Align::Right),
        ("df", Align::Right),
        ("rho", Align::Right),
        ("odd versions", Align::Left),
    ]);
    for stratum in strata {
        table.row(vec![
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
    table
}

fn odd_versions(heaviness: f64) -> String {
    let words = sentence::odd_versions_words(heaviness);
    if heaviness > 0.0 { format!("{words} ({heaviness:.2})") } else { words.to_owned() }
}

/// What the columns say, and what follows from it; only what occurs is explained.
fn legend(analysis: &Analysis) -> Vec<Line> {
    let process_noise = percent(100.0 * analysis.options.parameters.process_noise);
    let has = |wanted: fn(&StratumCalibration) -> bool| analysis.calibration.strata.iter().any(wanted);
    let columns = format!(
        "Scale: variance of a version's value, 1 = its margin and {process_noise} from version to version. Df: how many versions' \
         worth of evidence that is, beside a series' own. Rho: how far a version resembles the one before it."
    );
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
    let told = notes.into_iter().filter(|(is_told, _)| *is_told).map(|(_, note)| Line::ours(note));
    std::iter::once(columns.into()).chain(told).collect()
}

fn question(family: &FamilyCalibration, analysis: &Analysis) -> Vec<Block> {
    if family.families == 0 {
        return vec![Block::Paragraph(Line::ours("No series has enough versions for this question."))];
    }
    let those = if family.selected == 0 {
        String::new()
    } else {
        format!(
            ": those with p up to {}. A family is judged by all that its series show together, and inside it nothing is claimed \
             one by one",
            number::p_value(family.threshold),
        )
    };
    let selected = format!(
        "{} of {} families (app × metric) survive at a false discovery rate of {}{those}.",
        count(family.selected),
        count(family.families),
        percent(100.0 * analysis.options.correction.rate()),
    );
    let law = family.nothing;
    let source = if law.orders == 0 {
        "its law is that of small archives".to_owned()
    } else {
        format!(
            "its law was learned from {} app × metrics of this batch with their versions in another order",
            count(law.orders)
        )
    };
    let nothing = format!(
        "How much evidence comes of nothing: {source}. P(evidence ≥ x) is {} · x^−{}, so that evidence of 20 to 1 has p = {}.",
        number::value(law.at_one),
        number::value(law.decay),
        number::p_value(law.at_one * 20_f64.powf(-law.decay)),
    );
    let above_half = format!(
        "{} of the p-values of single series lie above one half. Without any change an exact test gives 50 %, a cautious one more; well \
         below 50 % means real changes, or tests that are too eager.",
        percent(family.above_half_percent)
    );
    let mut table = Table::new(&[
        ("versions", Align::Right),
        ("families", Align::Right),
        ("series", Align::Right),
        ("with a claim", Align::Right),
    ]);
    for length in &family.by_length {
        let cells =
            vec![length.versions.to_string(), count(length.families), count(length.series), count(length.claims)];
        table.row(cells);
    }
    vec![
        Block::Paragraph(selected.into()),
        Block::Paragraph(nothing.into()),
        Block::Paragraph(above_half.into()),
        Block::Table(table),
    ]
}
