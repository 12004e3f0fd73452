//! One answer with everything that it rests on, for a reader who doubts.

use super::calibration::cautions;
use super::unread::unread_section;
use super::{Align, Block, Chart, Item, Line, Page, Section, Table, settings_section};
use crate::facts::{Report, TextStyle};
use crate::number::{self, percent, percentile, probability, signed_percent, value, value_with_unit};
use crate::render::{PageFormat, write_page};
use crate::sentence::{self, change_words, linked_frame_words, linked_signature_words};
use perfpower_analysis::{
    Analysis, Change, Explanation, FamilyCalibration, FamilyTest, Finding, FindingKind, Segment, Verdict,
};
use perfpower_statistics::prior::PriorSource;
use perfpower_statistics::{Model, Origin, StepState};

/// Candidates that are worth a line.
const SHOWN_CANDIDATES: usize = 8;
/// Devices of the finding that are listed.
const SHOWN_DEVICES: usize = 12;
/// The newest versions that are listed.
const SHOWN_POINTS: usize = 40;
/// Of Apple's insights, newest first.
const SHOWN_INSIGHTS: usize = 4;

/// What `report --explain` says.
pub fn explanation_page(explanation: &Explanation, report: &Report<'_>) -> Page {
    let mut page = own_page(explanation, report.analysis);
    page.sections.push(Section::paragraph(sentence::correction_sentence(report.analysis).into()));
    page.sections.extend(cautions(&report.analysis.calibration.alarms));
    page.sections.extend(unread_section(report.problems));
    page.sections.push(settings_section(report));
    page
}

/// The same as text, without what is told of the archive as a whole: for a page that tells that once.
pub fn explanation_text(explanation: &Explanation, analysis: &Analysis) -> String {
    let mut text = Vec::new();
    let format = PageFormat::Text(TextStyle::default());
    // Writing to a vector cannot fail.
    let _ = write_page(&own_page(explanation, analysis), format, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

fn own_page(explanation: &Explanation, analysis: &Analysis) -> Page {
    let series = &explanation.series;
    let claim = match &explanation.finding {
        Some(finding) if explanation.leads => format!("{}.", sentence::finding_sentence(finding)),
        Some(finding) => format!("Shares the card of {} ({}).", sentence::finding_title(finding), finding.id),
        None => "No claim about it survives the correction over the batch.".to_owned(),
    };
    Page {
        title: format!("{} · {}", series.app, sentence::series_words(series, explanation.percentile)).into(),
        lead: vec![claim.into()],
        sections: evidence_sections(explanation, analysis),
        ..Page::default()
    }
}

/// Everything but what is told of the archive as a whole.
pub(crate) fn evidence_sections(explanation: &Explanation, analysis: &Analysis) -> Vec<Section> {
    let mut sections = vec![
        Section { blocks: vec![Block::Chart(chart(explanation))], ..Section::default() },
        noise_section(explanation, analysis),
        version_section(explanation),
        tests_section(explanation),
    ];
    sections.extend(unit_section(explanation));
    sections.push(batch_section(explanation, analysis));
    sections.extend(explanation.finding.as_ref().and_then(code_section));
    if !explanation.apple.is_empty() {
        let views = explanation.apple.iter().take(SHOWN_INSIGHTS);
        let views = views.map(|view| says(format!("{}: {}", view.audit.snapshot, sentence::apple_view_sentence(view))));
        sections.push(Section::new(Line::ours("Apple's view beside ours"), views.collect()));
    }
    sections.push(points_section(explanation));
    sections
}

fn says(text: String) -> Block {
    Block::Paragraph(text.into())
}

fn version(explanation: &Explanation, index: usize) -> String {
    explanation.points.get(index).map_or_else(String::new, |point| point.version.clone())
}

fn noise_section(explanation: &Explanation, analysis: &Analysis) -> Section {
    let judgement = &explanation.evidence.judgement;
    let unit = explanation.unit_label.as_deref();
    let mut blocks = Vec::new();
    let noise = judgement.noise;
    let scale = explanation.scale;
    let offset = (scale.offset > 0.0).then(|| value_with_unit(scale.offset, unit));
    let shifted = offset.as_ref().map_or_else(String::new, |offset| format!(", with {offset} added,"));
    blocks.push(says(format!(
            "One value{shifted} scatters by {} (one standard deviation), known with {:.1} degrees of freedom: {:.1} of the series' own, \
             the rest borrowed.",
            percent(100.0 * noise.relative_sd),
            noise.df,
            noise.own_df
        )));
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
    blocks.push(says(if noise.own_df > 0.0 {
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
        }));
    let points = explanation.points.len();
    let with_margin = explanation.points.iter().filter(|point| point.margin.is_some()).count();
    blocks.push(says(match with_margin {
            0 => "No point has a margin of error, which means that Apple has plenty of data.".to_owned(),
            _ if explanation.margins_refused => format!(
                "{with_margin} of {points} points have a margin of error. They are left out: margins of this metric exceed half of \
                 the values, so they are not margins of these values."
            ),
            _ => format!(
                "{with_margin} of {points} points have a margin of error, read as {} standard errors to one side.",
                analysis.options.parameters.margin_z
            ),
        }));
    if let Some(offset) = offset {
        blocks.push(says(format!("The metric can be zero, so {offset} is added to every value before its logarithm.")));
    }
    Section::new(Line::ours("The noise"), blocks)
}

fn version_section(explanation: &Explanation) -> Section {
    let judgement = &explanation.evidence.judgement;
    let version = |index: usize| version(explanation, index);
    let scale = explanation.scale;
    let mut blocks = Vec::new();
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
    blocks.push(says(model));
    for step in &judgement.steps {
        let state = match (step.state, step.recovered_at) {
            (StepState::PartlyRecovered, Some(at)) => format!("partly recovered in {}", version(at)),
            (StepState::Recovered, Some(at)) => format!("recovered in {}", version(at)),
            _ => "open".to_owned(),
        };
        let before = Origin { log: step.level_before, scale };
        blocks.push(says(format!(
            "{}: {}, t = {:.2}, p = {}; {state}",
            version(step.index),
            change_words(Change::of_level(before, step.change.delta), before.interval(step.change.interval)),
            step.change.t,
            number::p_value(step.change.p)
        )));
    }
    if !explanation.candidates.is_empty() && judgement.model != Model::TooShort {
        let shown: Vec<String> = explanation
            .candidates
            .iter()
            .take(SHOWN_CANDIDATES)
            .filter(|candidate| candidate.probability >= 0.001)
            .map(|candidate| format!("{} {}", candidate.version, probability(candidate.probability)))
            .collect();
        blocks.push(says(format!("If there was exactly one step: {}.", shown.join(", "))));
    }
    Section::new(Line::ours("Which version"), blocks)
}

fn tests_section(explanation: &Explanation) -> Section {
    let judgement = &explanation.evidence.judgement;
    let unit = explanation.unit_label.as_deref();
    let version = |index: usize| version(explanation, index);
    let scale = explanation.scale;
    let mut blocks = Vec::new();
    if let Some(scan) = judgement.scan {
        blocks.push(says(format!(
                "Sharpest step of all: into {}, t = {:.2}; chance of one as sharp without any change: p = {} (Hunter–Worsley \
                 over all {} places).",
                version(scan.index),
                scan.t,
                number::p_value(scan.p),
                judgement.points.saturating_sub(1)
            )));
    }
    if let Some(trend) = judgement.trend {
        let kendall = explanation.evidence.mann_kendall.as_ref().map_or_else(String::new, |kendall| {
            format!("; by ranks alone (Mann–Kendall) p = {}", number::p_value(kendall.p))
        });
        blocks.push(says(format!(
            "Drift: {}, t = {:.2}, p = {}{kendall}.",
            match explanation.drift_per_version {
                Some(Change::Percent(percent)) => format!("{} per version", signed_percent(percent)),
                other => other.map_or_else(String::new, number::change),
            },
            trend.t,
            number::p_value(trend.p())
        )));
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
        blocks.push(says(format!(
            "The latest version {} against its level ({} since {}): {}, p = {}: {words}; {detectable} would have been \
                 seen.",
            version(explanation.points.len().saturating_sub(1)),
            value_with_unit(latest.level, unit),
            version(latest.level_from),
            change_words(Change::of_level(level, latest.change.delta), level.interval(latest.change.interval)),
            number::p_value(latest.change.p)
        )));
    }
    Section::new(Line::ours("The tests"), blocks)
}

fn batch_section(explanation: &Explanation, analysis: &Analysis) -> Section {
    let mut blocks = Vec::new();
    let kind = explanation.finding.as_ref().map(|finding| finding.kind);
    let is_of_latest = |kind| kind == FindingKind::Latest;
    let is_set_aside = explanation.finding.as_ref().is_some_and(|finding| !finding.is_own());
    // Both questions, unless one of them has been answered.
    let questions = [
        (!kind.is_some_and(is_of_latest), "History", explanation.history_family, &analysis.calibration.history),
        (kind.is_none_or(is_of_latest), "Release", explanation.latest_family, &analysis.calibration.latest),
    ];
    for (_, title, family, batch) in questions.iter().filter(|(is_told, ..)| *is_told) {
        let words = match family {
            Some(family) => family_words(family, batch, analysis.options.correction.rate(), is_set_aside),
            None => "cannot be asked of so few versions.".to_owned(),
        };
        blocks.push(says(format!("{title}: {words}")));
    }
    if let Some(finding) = explanation.finding.as_ref().filter(|_| explanation.leads) {
        let f = finding.score_factors;
        blocks.push(says(format!(
            "Score {} = sure worsening {} (log) × metric {} × percentile {} × breadth {} × goal {} × app {}.",
            value(finding.score),
            value(f.lower_bound),
            value(f.metric_weight),
            value(f.percentile_weight),
            value(f.breadth),
            value(f.goal),
            value(f.reach)
        )));
        if let Some(beside) = sentence::beside_event_sentence(finding, &analysis.platform_events) {
            blocks.push(says(format!("{}.", sentence::capitalised(&beside))));
        }
        if let Some(spread) = sentence::spread_sentence(finding) {
            blocks.push(says(format!("Where: {spread}.")));
        }
        let devices = finding.spread.devices.iter().take(SHOWN_DEVICES);
        let mut table = Table::new(&[
            ("device", Align::Left),
            ("change", Align::Right),
            ("interval", Align::Left),
            ("", Align::Left),
        ]);
        for device in devices {
            let interval = |[low, high]: [f64; 2]| format!("{} to {}", signed_percent(low), signed_percent(high));
            table.row(vec![
                device.label.clone(),
                number::change(device.change),
                device.ci_percent.map_or_else(String::new, interval),
                if device.stands_out { "stands out".to_owned() } else { String::new() },
            ]);
        }
        if !table.is_empty() {
            blocks.push(Block::Table(table));
        }
    }
    Section::new(Line::ours("The batch"), blocks)
}

/// What signatures and logs say to the finding, where Apple gives any for its metric.
fn code_section(finding: &Finding) -> Option<Section> {
    let links = &finding.links;
    if links.frames.is_empty() && links.signatures.is_empty() && links.note.is_none() {
        return None;
    }
    let mut blocks = Vec::new();
    if !(links.frames.is_empty() && links.signatures.is_empty()) {
        blocks.push(says(format!(
            "What grew with it in the diagnostic logs and signatures of {}, against {}: evidence beside the metric, not its proof.",
            finding.version, finding.version_before
        )));
    }
    let frames = links.frames.iter().map(|frame| {
        let binary = frame.binary.as_ref().map_or_else(String::new, |binary| format!(", in {binary}"));
        Item::of(format!("{}{binary}.", linked_frame_words(frame)))
    });
    let signatures = links.signatures.iter().map(|signature| {
        let id = signature.id.as_ref().map_or_else(String::new, |id| format!(", id {id}"));
        Item::of(format!("Signature {}{id}.", linked_signature_words(signature)))
    });
    let items: Vec<Item> = frames.chain(signatures).collect();
    if !items.is_empty() {
        blocks.push(Block::List(items));
    }
    blocks.extend(links.note.as_ref().map(|note| says(format!("{}.", sentence::capitalised(note)))));
    Some(Section::new(Line::ours("The code"), blocks))
}

/// How the populations of the app × metric agree, with a picture of it.
fn unit_section(explanation: &Explanation) -> Option<Section> {
    /// Longest bar, in characters.
    const WIDTH: f64 = 24.0;
    /// Others have no part in it.
    const PART: f64 = 0.5;
    let populations = &explanation.populations;
    let size = |change: &Option<Change>| change.and_then(Change::percent).map_or(0.0, f64::abs);
    let largest = populations.iter().map(|population| size(&population.change)).fold(0.0, f64::max);
    let with_part = populations.iter().filter(|population| population.probability >= PART).count();
    let mut table = Table::new(&[
        ("population", Align::Left),
        ("change", Align::Right),
        ("interval", Align::Left),
        ("part of it", Align::Right),
        ("", Align::Left),
    ]);
    for population in populations {
        let bar = WIDTH * size(&population.change) / largest.max(f64::MIN_POSITIVE);
        let sign = if population.change.and_then(Change::percent).is_some_and(|percent| percent < 0.0) {
            "▒"
        } else {
            "█"
        };
        let interval = |[low, high]: [f64; 2]| format!("{} to {}", signed_percent(low), signed_percent(high));
        table.row(vec![
            population.label.clone(),
            population.change.map_or_else(|| "–".to_owned(), number::change),
            population.ci_percent.map_or_else(String::new, interval),
            probability(population.probability),
            sign.repeat(bar.round() as usize),
        ]);
    }
    let words = match populations.len() {
        0 => return None,
        1 => "It has one population, so nothing beside it confirms or denies the change.".to_owned(),
        all if with_part == all => format!(
            "All {all} populations are taken together, and all have a part in it: what moves all of them is no noise of one."
        ),
        all => format!(
            "All {all} populations are taken together, and {with_part} {} a part in it: the others show what the noise of that \
             version was.",
            if with_part == 1 { "has" } else { "have" }
        ),
    };
    Some(Section::new(Line::ours("All that the metric shows"), vec![says(words), Block::Table(table)]))
}

/// What became of an app × metric among all of the batch.
fn family_words(family: &FamilyTest, batch: &FamilyCalibration, rate: f64, is_set_aside: bool) -> String {
    let (survivors, rate) = (number::count(batch.selected), percent(100.0 * rate));
    let own = if is_set_aside {
        "What this one shares with other apps is set aside"
    } else if batch.selected == 0 || family.p > batch.threshold {
        "This one does not"
    } else {
        "This one does"
    };
    let bound =
        if batch.selected > 0 { format!(", up to p = {}", number::p_value(batch.threshold)) } else { String::new() };
    format!(
        "its family (app × metric, {}, taken together) has p = {}. {survivors} of {} families survive at a false discovery rate of \
         {rate}{bound}. {own}.",
        number::plural(family.series, "series", "series"),
        number::p_value(family.p),
        number::count(batch.families),
    )
}

/// The newest points, with older values of theirs below them.
fn points_section(explanation: &Explanation) -> Section {
    let scale = explanation.scale;
    let has_margin = explanation.points.iter().any(|point| point.margin.is_some());
    let has_goal = explanation.points.iter().any(|point| point.goal.is_some());
    let mut columns = vec![("version", Align::Left), ("value", Align::Right), ("noise", Align::Right)];
    columns.extend(has_margin.then_some(("margin", Align::Right)));
    columns.extend(has_goal.then_some(("goal", Align::Left)));
    columns.push(("seen", Align::Left));
    let mut table = Table::new(&columns);
    let left_out = explanation.points.len().saturating_sub(SHOWN_POINTS);
    for (point, evidence) in explanation.points.iter().zip(&explanation.evidence.points).skip(left_out) {
        let noise =
            if scale.offset > 0.0 { value(evidence.band.high - point.value) } else { percent(100.0 * evidence.sd) };
        let mut row = |version: String, number: f64, noise: String, margin: String, goal: String, seen: String| {
            let mut cells = vec![version, value(number), noise];
            cells.extend(has_margin.then_some(margin));
            cells.extend(has_goal.then_some(goal));
            cells.push(seen);
            table.row(cells);
        };
        let margin = point.margin.map_or_else(String::new, |margin| format!("±{}", value(margin)));
        row(
            point.version.clone(),
            point.value,
            format!("±{noise}"),
            margin,
            point.goal.clone().unwrap_or_default(),
            point.snapshot.to_string(),
        );
        for (day, older) in &point.revisions {
            row(String::new(), *older, String::new(), String::new(), String::new(), format!("on {day}"));
        }
    }
    let population = percentile(explanation.percentile, &explanation.series.percentile_label);
    Section::new(format!("Points: {population}"), vec![Block::Table(table)])
}

/// The points with the levels of the series' own judgement and its own guilty version.
fn chart(explanation: &Explanation) -> Chart {
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
    let guilty = sharpest.and_then(|step| explanation.points.get(step.index)).map(|point| point.version.clone());
    Chart {
        title: sentence::series_words(&explanation.series, explanation.percentile),
        unit_label: explanation.unit_label.clone(),
        points: explanation.points.clone(),
        segments,
        guilty: guilty.map(|version| (version, probability)),
    }
}
