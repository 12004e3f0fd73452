//! One answer with everything that it rests on, for a reader who doubts.

use crate::facts::TextStyle;
use crate::number::{self, percent, percentile, probability, signed_percent, value, value_with_unit};
use crate::safe;
use crate::sentence::{self, change_words};
use crate::sparkline::TextSeries;
use crate::text::{Pen, linked_frame_words, linked_signature_words};
use perfpower_analysis::{
    Analysis, Change, Explanation, FamilyCalibration, FamilyTest, Finding, FindingKind, Segment, Verdict,
};
use perfpower_statistics::prior::PriorSource;
use perfpower_statistics::{Model, Origin, StepState};
use std::io::{self, Write};

/// Candidates that are worth a line.
const SHOWN_CANDIDATES: usize = 8;

/// Writes an explanation for a terminal.
pub fn write_explanation(
    explanation: &Explanation,
    analysis: &Analysis,
    style: TextStyle,
    out: &mut impl Write,
) -> io::Result<()> {
    let pen = Pen { style };
    let series = &explanation.series;
    let judgement = &explanation.evidence.judgement;
    let unit = &explanation.unit_label;
    let version = |index: usize| {
        explanation.points.get(index).map_or_else(String::new, |point| safe::visible(&point.version).into_owned())
    };
    writeln!(
        out,
        "{}",
        pen.bold(&format!(
            "{} · {}",
            safe::visible(&series.app),
            sentence::series_words(series, explanation.percentile)
        ))
    )?;
    match &explanation.finding {
        Some(finding) if explanation.leads => {
            pen.paragraph_at(&format!("{}.", sentence::finding_sentence(finding)), "", out)?;
        }
        Some(finding) => pen.paragraph_at(
            &format!("Shares the card of {} ({}).", sentence::finding_title(finding), finding.id),
            "",
            out,
        )?,
        None => pen.paragraph_at("No claim about it survives the correction over the batch.", "", out)?,
    }
    writeln!(out)?;
    for line in chart(explanation, pen.width() - 2).lines() {
        writeln!(out, "  {line}")?;
    }

    writeln!(out, "\n{}", pen.heading("The noise"))?;
    let noise = judgement.noise;
    let scale = explanation.scale;
    let offset = (scale.offset > 0.0).then(|| value_with_unit(scale.offset, unit));
    let shifted = offset.as_ref().map_or_else(String::new, |offset| format!(", with {offset} added,"));
    pen.paragraph_at(
        &format!(
            "One value{shifted} scatters by {} (one standard deviation), known with {:.1} degrees of freedom: {:.1} of the series' own, \
             the rest borrowed.",
            percent(100.0 * noise.relative_sd),
            noise.df,
            noise.own_df
        ),
        "  ",
        out,
    )?;
    let prior = explanation.prior;
    let source = match prior.source {
        PriorSource::Stratum => format!("learned from {} series of this metric, percentile and margin", prior.series),
        PriorSource::Metric => format!("learned from {} series of this metric, all percentiles", prior.series),
        PriorSource::MarginClass => format!("learned from {} series of all metrics with such margins", prior.series),
        PriorSource::Batch => format!("learned from all {} series of the batch", prior.series),
        PriorSource::Fallback => "the default, because the batch has too few series to learn from".to_owned(),
    };
    let process_noise = percent(100.0 * analysis.options.parameters.process_noise);
    let (usual, df) = (value(prior.prior.scale.sqrt()), prior.prior.df);
    pen.paragraph_at(
        &if noise.own_df > 0.0 {
            format!(
                "Its own scatter is {} times what {process_noise} per version would give; the prior says {usual} times, with \
                 {df:.1} degrees of freedom, {source}.",
                value(noise.own_dispersion.sqrt()),
            )
        } else {
            format!(
                "It is too short to show a scatter of its own; the prior says {usual} times what {process_noise} per version \
                 would give, with {df:.1} degrees of freedom, {source}."
            )
        },
        "  ",
        out,
    )?;
    let points = explanation.points.len();
    let with_margin = explanation.points.iter().filter(|point| point.margin.is_some()).count();
    pen.paragraph_at(
        &match with_margin {
            0 => "No point has a margin of error, which means that Apple has plenty of data.".to_owned(),
            _ if explanation.margins_refused => format!(
                "{with_margin} of {points} points have a margin of error. They are left out: margins of this metric exceed half of \
                 the values, so they are not margins of these values."
            ),
            _ => format!(
                "{with_margin} of {points} points have a margin of error, read as {} standard errors to one side.",
                analysis.options.parameters.margin_z
            ),
        },
        "  ",
        out,
    )?;
    if let Some(offset) = offset {
        pen.paragraph_at(
            &format!("The metric can be zero, so {offset} is added to every value before its logarithm."),
            "  ",
            out,
        )?;
    }

    writeln!(out, "\n{}", pen.heading("Which version"))?;
    let model = match judgement.model {
        Model::TooShort if judgement.latest.is_some() => {
            "Two versions: the second can be held against the first, but where a lasting change began cannot be asked."
                .to_owned()
        }
        Model::TooShort => "One version: there is nothing to hold it against.".to_owned(),
        Model::Level => "One level explains the series best.".to_owned(),
        Model::Steps => format!(
            "{} the series best.",
            number::plural(
                judgement.steps.len() as u64,
                "step between levels explains",
                "steps between levels explain"
            )
        ),
        Model::Drift => "A constant change per version explains the series better than steps.".to_owned(),
    };
    pen.paragraph_at(&model, "  ", out)?;
    for step in &judgement.steps {
        let state = match (step.state, step.recovered_at) {
            (StepState::PartlyRecovered, Some(at)) => format!("partly recovered in {}", version(at)),
            (StepState::Recovered, Some(at)) => format!("recovered in {}", version(at)),
            _ => "open".to_owned(),
        };
        let before = Origin { log: step.level_before, scale };
        pen.paragraph_at(
            &format!(
                "{}: {}, t = {:.2}, p = {}; {state}",
                version(step.index),
                change_words(Change::of_level(before, step.change.delta), before.interval(step.change.interval)),
                step.change.t,
                number::p_value(step.change.p)
            ),
            "    ",
            out,
        )?;
    }
    if !explanation.candidates.is_empty() && judgement.model != Model::TooShort {
        let shown: Vec<String> = explanation
            .candidates
            .iter()
            .take(SHOWN_CANDIDATES)
            .filter(|candidate| candidate.probability >= 0.001)
            .map(|candidate| format!("{} {}", safe::visible(&candidate.version), probability(candidate.probability)))
            .collect();
        pen.paragraph_at(&format!("If there was exactly one step: {}.", shown.join(", ")), "  ", out)?;
    }

    writeln!(out, "\n{}", pen.heading("The tests"))?;
    if let Some(scan) = judgement.scan {
        pen.paragraph_at(
            &format!(
                "Sharpest step of all: into {}, t = {:.2}; chance of one as sharp without any change: p = {} (Hunter–Worsley \
                 over all {} places).",
                version(scan.index),
                scan.t,
                number::p_value(scan.p),
                judgement.points.saturating_sub(1)
            ),
            "  ",
            out,
        )?;
    }
    if let Some(trend) = judgement.trend {
        let kendall = explanation.evidence.mann_kendall.as_ref().map_or_else(String::new, |kendall| {
            format!("; by ranks alone (Mann–Kendall) p = {}", number::p_value(kendall.p))
        });
        pen.paragraph_at(
            &format!(
                "Drift: {}, t = {:.2}, p = {}{kendall}.",
                match explanation.drift_per_version {
                    Some(Change::Percent(percent)) => format!("{} per version", signed_percent(percent)),
                    other => other.map_or_else(String::new, number::change),
                },
                trend.t,
                number::p_value(trend.p())
            ),
            "  ",
            out,
        )?;
    }
    if let Some(latest) = judgement.latest {
        let words = match latest.verdict {
            Verdict::Regression => "a regression of its own",
            Verdict::Improvement => "an improvement of its own",
            Verdict::Unchanged => "shown to be unchanged",
            Verdict::Inconclusive if latest.began_earlier => "inconclusive: the change began before it",
            Verdict::Inconclusive => "inconclusive: no change found, and none ruled out",
        };
        let level = scale.origin(latest.level);
        let detectable = level.percent(latest.detectable).map_or_else(
            || format!("a rise to {}", value_with_unit(level.after(latest.detectable), unit)),
            |percent| format!("a change of {}", signed_percent(percent)),
        );
        pen.paragraph_at(
            &format!(
                "The latest version {} against its level ({} since {}): {}, p = {}: {words}; {detectable} would have been \
                 seen.",
                version(explanation.points.len().saturating_sub(1)),
                value_with_unit(latest.level, unit),
                version(latest.level_from),
                change_words(Change::of_level(level, latest.change.delta), level.interval(latest.change.interval)),
                number::p_value(latest.change.p)
            ),
            "  ",
            out,
        )?;
    }

    writeln!(out, "\n{}", pen.heading("The batch"))?;
    let kind = explanation.finding.as_ref().map(|finding| finding.kind);
    let is_of_latest = |kind| kind == FindingKind::Latest;
    let is_set_aside = explanation.finding.as_ref().is_some_and(|finding| !finding.is_own());
    let release_p = judgement.latest.map(|latest| latest.gated_p);
    let history_p = (judgement.model != Model::TooShort).then_some(judgement.gated_p);
    // Both questions, unless one of them has been answered.
    let questions = [
        (
            !kind.is_some_and(is_of_latest),
            "History",
            history_p,
            explanation.history_family,
            &analysis.calibration.history,
        ),
        (kind.is_none_or(is_of_latest), "Release", release_p, explanation.latest_family, &analysis.calibration.latest),
    ];
    for (_, title, p, family, batch) in questions.iter().filter(|(is_told, ..)| *is_told) {
        let words = match (p, family) {
            (Some(p), Some(family)) => {
                family_words(*p, family, batch, analysis.options.correction.rate(), is_set_aside)
            }
            _ => "cannot be asked of so few versions.".to_owned(),
        };
        pen.paragraph_at(&format!("{title}: {words}"), "  ", out)?;
    }
    if let Some(finding) = explanation.finding.as_ref().filter(|_| explanation.leads) {
        let f = finding.score_factors;
        pen.paragraph_at(
            &format!(
                "Score {} = sure worsening {} (log) × metric {} × percentile {} × breadth {} × goal {} × app {}.",
                value(finding.score),
                value(f.lower_bound),
                value(f.metric_weight),
                value(f.percentile_weight),
                value(f.breadth),
                value(f.goal),
                value(f.reach)
            ),
            "  ",
            out,
        )?;
        if let Some(beside) = sentence::beside_event_sentence(finding, &analysis.platform_events) {
            pen.paragraph_at(&format!("{}.", sentence::capitalised(&beside)), "  ", out)?;
        }
        if let Some(spread) = sentence::spread_sentence(finding) {
            pen.paragraph_at(&format!("Where: {spread}."), "  ", out)?;
        }
        for device in finding.spread.devices.iter().take(12) {
            writeln!(
                out,
                "    {:<28} {:>9}{}{}",
                safe::visible_cut(&device.label, 28),
                number::change(device.change),
                device.ci_percent.map_or_else(String::new, |[low, high]| {
                    format!("  ({} to {})", signed_percent(low), signed_percent(high))
                }),
                if device.stands_out { "  stands out" } else { "" }
            )?;
        }
    }
    if let Some(finding) = &explanation.finding {
        write_code(finding, pen, out)?;
    }
    if !explanation.apple.is_empty() {
        writeln!(out, "\n{}", pen.heading("Apple's view beside ours"))?;
        for view in explanation.apple.iter().take(4) {
            pen.paragraph_at(&format!("{}: {}", view.audit.snapshot, sentence::apple_view_sentence(view)), "  ", out)?;
        }
    }
    writeln!(out, "\n{} {}", pen.bold("Points:"), percentile(explanation.percentile, &series.percentile_label))?;
    for (point, evidence) in explanation.points.iter().rev().take(40).rev().zip(&explanation.evidence.points) {
        let margin = point.margin.map_or_else(String::new, |margin| format!("  margin ±{}", value(margin)));
        let goal = if point.goal.is_empty() { String::new() } else { format!("  {}", safe::visible(&point.goal)) };
        writeln!(
            out,
            "    {:<14} {:>12}  ±{}{margin}{goal}  seen {}",
            safe::visible_cut(&point.version, 14),
            value(point.value),
            if scale.offset > 0.0 { value(evidence.band.high - point.value) } else { percent(100.0 * evidence.sd) },
            point.snapshot
        )?;
        for (day, older) in &point.revisions {
            writeln!(out, "    {:<14} {:>12}  on {day}", "", value(*older))?;
        }
    }
    Ok(())
}

/// What signatures and logs say to the finding, where Apple gives any for its metric.
fn write_code(finding: &Finding, pen: Pen, out: &mut impl Write) -> io::Result<()> {
    let links = &finding.links;
    if links.frames.is_empty() && links.signatures.is_empty() && links.note.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", pen.heading("The code"))?;
    if !(links.frames.is_empty() && links.signatures.is_empty()) {
        pen.paragraph_at(
            &format!(
            "What grew with it in the diagnostic logs and signatures of {}, against {}: evidence beside the metric, not its \
             proof.",
            safe::visible(&finding.version),
            safe::visible(&finding.version_before)
        ),
        "  ",
        out,
    )?;
    }
    for frame in &links.frames {
        let binary =
            if frame.binary.is_empty() { String::new() } else { format!(", in {}", safe::visible(&frame.binary)) };
        pen.paragraph_at(&format!("{}{binary}.", linked_frame_words(frame)), "    ", out)?;
    }
    for signature in &links.signatures {
        let id = if signature.id.is_empty() { String::new() } else { format!(", id {}", safe::visible(&signature.id)) };
        pen.paragraph_at(&format!("Signature {}{id}.", linked_signature_words(signature)), "    ", out)?;
    }
    if !links.note.is_empty() {
        pen.paragraph_at(&format!("{}.", sentence::capitalised(&safe::visible(&links.note))), "  ", out)?;
    }
    Ok(())
}

/// What became of a series in the two stages of the correction: its family among all, and itself in the family.
fn family_words(p: f64, family: &FamilyTest, batch: &FamilyCalibration, rate: f64, is_set_aside: bool) -> String {
    let (survivors, rate) = (number::count(batch.selected), percent(100.0 * rate));
    let inside = match family.cutoff {
        _ if is_set_aside => "What this one shares with other apps is set aside".to_owned(),
        _ if batch.selected == 0 || family.p > batch.threshold => "This one does not".to_owned(),
        cutoff if cutoff > 0.0 => format!("Inside this one series up to p = {} count", number::p_value(cutoff)),
        _ => "Inside this one no series counts".to_owned(),
    };
    let bound =
        if batch.selected > 0 { format!(", up to p = {}", number::p_value(batch.threshold)) } else { String::new() };
    format!(
        "p = {}; its family (app × metric, {}) has p = {}. {survivors} of {} families survive at a false discovery rate of \
         {rate}{bound}. {inside}.",
        number::p_value(p),
        number::plural(family.series, "series", "series"),
        number::p_value(family.p),
        number::count(batch.families),
    )
}

/// The points with the levels of the series' own judgement and its own guilty version.
fn chart(explanation: &Explanation, width: usize) -> String {
    let judgement = &explanation.evidence.judgement;
    let mut segments = Vec::new();
    let mut start = judgement.skipped;
    if judgement.model == Model::Steps {
        for step in &judgement.steps {
            segments.push(Segment { start, end: step.index, level: explanation.scale.value(step.level_before) });
            start = step.index;
        }
        segments.push(Segment { start, end: explanation.points.len(), level: judgement.level.value });
    }
    let sharpest = judgement
        .steps
        .iter()
        .filter(|_| judgement.model == Model::Steps)
        .max_by(|a, b| a.change.t.abs().total_cmp(&b.change.t.abs()));
    let probability = sharpest
        .and_then(|step| step.candidates.iter().find(|candidate| candidate.index == step.index))
        .map(|candidate| candidate.probability);
    TextSeries {
        points: &explanation.points,
        segments: &segments,
        guilty: sharpest.and_then(|step| explanation.points.get(step.index)).map(|point| point.version.as_str()),
        probability,
        unit_label: &explanation.unit_label,
    }
    .chart(width)
}
