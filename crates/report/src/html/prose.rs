//! The batch in plain sentences; those on one finding are the same in every output and stand in [`crate::sentence`].

use crate::figure::{count, counted, percent, set_sentence};
use crate::safe::shortened;
use crate::sentence::answer::headline;
use crate::sentence::{metric_words, nothing_sentence};
use perfpower_analysis::{Analysis, Finding, StepState, Verdict};
use perfpower_model::ArchiveFacts;
use std::fmt::Write as _;

/// What happened in the archive.
pub(super) fn overview(analysis: &Analysis, archive: &ArchiveFacts, unread: usize) -> String {
    let measured = analysis.apps.iter().filter(|app| app.points > 0).count();
    let silent = analysis.apps.len() - measured;
    let open: Vec<&Finding> = analysis.own_findings().filter(|finding| finding.is_open_regression()).collect();
    let mut apps: Vec<&str> = open.iter().map(|finding| finding.series.app.as_str()).collect();
    apps.sort_unstable();
    apps.dedup();
    let versions: usize = analysis.apps.iter().map(|app| app.versions.len()).sum();
    let mut text = String::new();
    if analysis.totals.distinct_points == 0 {
        let _ = write!(text, "{} That is not the same as a clean result.", nothing_sentence(analysis, archive).plain());
    } else {
        let _ = write!(
            text,
            "{} with {}, {} and {} were read.",
            counted(measured as u64, "app", "apps"),
            counted(versions as u64, "version", "versions"),
            counted(analysis.totals.series, "series", "series"),
            counted(analysis.totals.distinct_points, "point", "points"),
        );
    }
    if analysis.totals.distinct_points == 0 {
        // Nothing more can be said of regressions.
    } else if open.is_empty() {
        text.push_str(" No regression is open.");
    } else {
        let worst = open[0];
        let _ = write!(
            text,
            " {} in {} {} open; first in rank is {} of {} since {} ({}).",
            counted(open.len() as u64, "regression", "regressions"),
            counted(apps.len() as u64, "app", "apps"),
            if open.len() == 1 { "is" } else { "are" },
            metric_words(&shortened(&worst.series.category, 64).0, &shortened(&worst.series.metric, 64).0),
            shortened(&worst.app_name, 64).0,
            shortened(&worst.version, 64).0,
            set_sentence(&headline(worst)),
        );
    }
    let of = |wanted: fn(&Finding) -> bool| analysis.own_findings().filter(|finding| wanted(finding)).count() as u64;
    let improved = of(|finding| finding.verdict == Verdict::Improvement);
    let mended = of(|finding| finding.verdict == Verdict::Regression && finding.state == Some(StepState::Recovered));
    let better = [
        (improved, counted(improved, "series got better", "series got better")),
        (mended, counted(mended, "earlier regression has recovered", "earlier regressions have recovered")),
    ];
    let better: Vec<String> = better.into_iter().filter(|(number, _)| *number > 0).map(|(_, words)| words).collect();
    if !better.is_empty() {
        let _ = write!(text, " {}.", better.join(" and "));
    }
    if silent > 0 {
        let _ = write!(text, " {} no value at all.", counted(silent as u64, "app has", "apps have"));
    }
    if unread > 0 {
        let _ = write!(text, " {} could not be read.", counted(unread as u64, "input", "inputs"));
    }
    text
}

/// How far the findings can be trusted, in plain words; one string per paragraph.
pub(super) fn calibration(analysis: &Analysis) -> Vec<String> {
    let calibration = &analysis.calibration;
    let mut out = Vec::new();
    if calibration.series == 0 {
        out.push(
            "No series was long enough to be judged, so nothing can be said about how sure the batch is.".to_owned(),
        );
        return out;
    }
    let not_judged: u64 = calibration.not_judged.iter().map(|(_, number)| number).sum();
    out.push(format!(
        "{} judged, {} not. False alarms are held down over the whole batch at once, not series by series.",
        counted(calibration.series, "series was", "series were"),
        counted(not_judged, "was", "were"),
    ));
    for (question, family) in [
        ("whether some version brought a lasting change", &calibration.history),
        ("whether the latest version itself changed", &calibration.latest),
    ] {
        if family.families == 0 {
            continue;
        }
        out.push(format!(
            "The question {question} was put to {} of app and metric; {} gave a claim. Of such claims at most about {} \
             are expected to be false. Where nothing happens, half of the p-values should lie above 0.5: here {} do{}.",
            counted(family.families, "pair", "pairs"),
            count(family.selected),
            percent(100.0 * analysis.options.correction.rate()),
            percent(family.above_half_percent),
            match family.above_half_percent {
                p if p < 40.0 => ", which is too few: either much changed at once, or the noise is larger than assumed",
                p if p > 60.0 => ", so the test is careful rather than eager",
                _ => ", as it should be",
            },
        ));
    }
    out
}
