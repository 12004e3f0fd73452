//! `perfpower report`: what got worse, since which version, where, how sure.

use crate::args::{ReportArgs, ReportFormat};
use crate::output::{text_style, write_result};
use crate::{Args, Exit, Failure, Reading, commands};
use perfpower_analysis::diagnostics::{DiagnosticType, FrameKey, StackLog, StackTree};
use perfpower_analysis::gate::{LevelRequest, judge_rules};
use perfpower_analysis::{
    AppHistory, Explainer, Filter, Finding, MetricInfo, Options, RevisionDetail, analyze, explain, levels,
};
use perfpower_report::chart::GoalBand;
use perfpower_report::html::{CardDetail, DeviceSeries, FlameFrame, FlameGraph, Page, write_html};
use perfpower_report::{
    Report, TextStyle, code_places, write_brief_json, write_calibration, write_explanation, write_findings_csv,
    write_gate_junit, write_report_json, write_report_markdown, write_report_text, write_sarif,
};
use std::io;

/// Runs the command.
pub fn run(args: &Args, command: &ReportArgs) -> Result<Exit, Failure> {
    let config = commands::config(&command.archive)?;
    let mut plan = commands::read_plan(args, &command.archive, &config)?;
    if command.explain.is_some() || command.format == ReportFormat::Html {
        plan.revisions = RevisionDetail::Keep;
    }
    let reading = commands::read(&plan, &command.archive)?;
    let filter = commands::filter(&command.filter, &reading)?;
    let mut options = config.options();
    options.strict |= command.strict;
    let analysis = analyze(&reading.histories, &filter, &options);
    let report = Report {
        analysis: &analysis,
        archive: &reading.facts,
        problems: &reading.problems,
        archive_argument: &commands::archive_argument(&command.archive),
    };
    let style = text_style(args, &command.file);
    if let Some(wanted) = &command.explain {
        let explanation = explain(&reading.histories, &filter, &options, &analysis, wanted).map_err(Failure::usage)?;
        write_result(&command.file, |mut out| write_explanation(&explanation, &analysis, style, &mut out))?;
        return Ok(Exit::Done);
    }
    if command.brief {
        write_result(&command.file, |mut out| write_brief_json(&report, command.max_tokens, &mut out))?;
        return Ok(commands::exit_of(&command.archive, &reading, commands::has_data(&reading)));
    }
    if command.calibration {
        write_result(&command.file, |mut out| write_calibration(&report, style, &mut out))?;
        return Ok(commands::exit_of(&command.archive, &reading, commands::has_data(&reading)));
    }
    write_result(&command.file, |mut out| match command.format {
        ReportFormat::Text => write_report_text(&report, style, &mut out),
        ReportFormat::Json => write_report_json(&report, &mut out),
        ReportFormat::Markdown => write_report_markdown(&report, &mut out),
        ReportFormat::Csv => write_findings_csv(&report, &mut out),
        ReportFormat::Html => html(&report, &reading, &filter, &options, &mut out),
        ReportFormat::Junit => {
            let levels = levels(&reading.histories, &filter, &options, &LevelRequest::of(&config.rules));
            let gate = judge_rules(&analysis, &levels, &config.rules, &config.waivers, commands::today());
            write_gate_junit(&gate, &reading.problems, report.archive_argument, &mut out)
        }
        ReportFormat::Sarif => write_sarif(&code_places(&analysis, None), &mut out),
    })?;
    Ok(commands::exit_of(&command.archive, &reading, commands::has_data(&reading)))
}

/// The page, each card with the text of `--explain`, the values of its devices, and a flame graph where logs tell of it.
fn html(
    report: &Report<'_>,
    reading: &Reading,
    filter: &Filter,
    options: &Options,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let explainer = Explainer::new(&reading.histories, filter, options, report.analysis);
    let detail = |finding: &Finding| {
        let mut text = Vec::new();
        if let Some(explanation) = explainer.finding(finding) {
            // Writing to a vector cannot fail.
            let _ = write_explanation(&explanation, report.analysis, TextStyle::default(), &mut text);
        }
        let history = reading.histories.iter().find(|history| history.app == finding.series.app);
        CardDetail {
            explain: String::from_utf8_lossy(&text).into_owned(),
            devices: history.map(|history| device_series(history, finding)).unwrap_or_default(),
            goal_bands: history.map(|history| goal_bands(history, finding)).unwrap_or_default(),
            flame: history.and_then(|history| flame_graph(history, finding)),
        }
    };
    write_html(
        &Page {
            analysis: report.analysis,
            archive: report.archive,
            problems: report.problems,
            detail: &detail,
            command: &format!("perfpower report {}", report.archive_argument),
            generator: concat!("perfpower ", env!("CARGO_PKG_VERSION")),
        },
        out,
    )
}

/// Apple's goal ranges of a finding's metric.
fn goal_bands(history: &AppHistory, finding: &Finding) -> Vec<GoalBand> {
    let names = &history.names;
    let series = &finding.series;
    let of_finding = |metric: &&MetricInfo| {
        names.text(metric.category) == series.category && names.text(metric.identifier) == series.metric
    };
    let bounds = history.metrics.iter().find(of_finding).map(|metric| &metric.goal_bounds[..]).unwrap_or_default();
    bounds
        .iter()
        .map(|bound| GoalBand { label: names.text(bound.goal).to_owned(), lower: bound.lower, upper: bound.upper })
        .collect()
}

/// The values of the members of a finding's card on the versions of its points.
fn device_series(history: &AppHistory, finding: &Finding) -> Vec<DeviceSeries> {
    let names = &history.names;
    finding
        .spread
        .devices
        .iter()
        .filter_map(|effect| {
            let info = history.series.iter().find(|info| {
                let metric = &history.metrics[info.metric as usize];
                names.text(info.device) == effect.device
                    && names.text(info.percentile) == finding.series.percentile_label
                    && names.text(info.platform) == finding.series.platform
                    && names.text(metric.category) == finding.series.category
                    && names.text(metric.identifier) == finding.series.metric
            })?;
            let values = finding
                .points
                .iter()
                .map(|point| {
                    (info.rows.start..info.rows.end)
                        .find(|&row| history.version_text(history.table.versions()[row as usize]) == point.version)
                        .map(|row| history.table.values()[row as usize])
                })
                .collect();
            Some(DeviceSeries { device: effect.device.clone(), values })
        })
        .collect()
}

/// The call stacks of the finding's version, against those of the version before where there are any.
fn flame_graph(history: &AppHistory, finding: &Finding) -> Option<FlameGraph> {
    let wanted = DiagnosticType::of(&finding.series.category);
    if wanted == DiagnosticType::Other {
        return None;
    }
    let names = history.stacks.log_names();
    let is_of = |log: &StackLog, version: &str| {
        log.diagnostic_type == wanted && names.text(log.metadata.app_version) == version
    };
    let tree = history.stacks.paired_tree(
        FrameKey::Identity,
        |log| is_of(log, &finding.version_before),
        |log| is_of(log, &finding.version),
    );
    let (before, after) = (tree.before.iter().sum(), tree.after.iter().sum());
    if after == 0 {
        return None;
    }
    let (inclusive_before, inclusive_after) = tree.inclusive();
    let percent = |samples: u64, total: u64| if total == 0 { 0.0 } else { 100.0 * samples as f64 / total as f64 };
    let frames = (0..tree.frame.len())
        .map(|node| {
            let frame = &tree.frames[tree.frame[node] as usize];
            let place = match (frame.file.as_str(), frame.line) {
                ("", _) => frame.binary.clone(),
                (file, 0) => format!("{} {file}", frame.binary),
                (file, line) => format!("{} {file}:{line}", frame.binary),
            };
            let parent = tree.parent[node];
            FlameFrame {
                name: frame.name.clone(),
                place,
                parent: (parent != StackTree::ROOT).then_some(parent),
                before_percent: percent(inclusive_before[node], before),
                after_percent: percent(inclusive_after[node], after),
                is_blame: frame.is_blame,
            }
        })
        .collect();
    Some(FlameGraph { from: (before > 0).then(|| finding.version_before.clone()), to: finding.version.clone(), frames })
}
