//! `perfpower check`: rules to an exit code.

use crate::args::{CheckArgs, CheckFormat};
use crate::commands::HasPageFormat;
use crate::output::{json_layout, text_style, write_result};
use crate::{Args, Exit, Failure, commands};
use anyhow::anyhow;
use perfpower_analysis::Judged;
use perfpower_analysis::gate::{Demand, LevelRequest, RegressionKind, Rule, judge_rules};
use perfpower_model::TextRole;
use perfpower_report::sentence::gate::outcome_line;
use perfpower_report::{
    CheckedRules, CommandLine, Report, check_page, code_places, write_gate_json, write_gate_junit, write_page,
    write_sarif,
};

/// Runs the command. A rule that trips decides the exit code before unreadable input does.
pub fn run(args: &Args, command: &CheckArgs) -> Result<Exit, Failure> {
    let mut config = commands::config(&command.archive)?;
    if config.rules.is_empty() {
        let own: Vec<String> = config
            .own
            .problems
            .iter()
            .map(|told| {
                let cure = told.problem.hint.as_deref().map_or_else(String::new, |hint| format!("; {hint}"));
                format!("\n{}: {}{cure}", told.path.as_deref().unwrap_or_default(), told.problem.message)
            })
            .collect();
        return Err(Failure::usage(anyhow!(
            "there is no rule to check: {}; write a first one with: {} --output perfpower.toml{}",
            match &config.path {
                None => "no perfpower.toml was found here or above, and none was given by --config".to_owned(),
                Some(path) => format!("{} holds no [[rule]]", path.display()),
            },
            CommandLine::perfpower("init").then(&commands::archive_argument(args, &command.archive)),
            own.concat()
        )));
    }
    let asks_for_news = |rule: &&Rule| matches!(rule.demand, Demand::NoRegression { kind: RegressionKind::New, .. });
    if let Some(rule) = config.rules.iter().find(asks_for_news).filter(|_| command.since.is_none()) {
        return Err(Failure::usage(anyhow!(
            "the rule {:?} asks for what is new, and nothing says since when: give an earlier report with --since, as `perfpower report … --format \
             json --output FILE` writes it",
            args.redaction.text(TextRole::Rule, &rule.name)
        )));
    }
    let plan = commands::judge_plan(args, &command.archive, &config)?;
    let mut reading = commands::read(args, &plan, &command.archive)?;
    let mut filter = commands::filter(&command.filter, &command.archive, &config, &reading)?;
    args.redaction.apply(&mut config, &mut filter, &mut reading);
    let mut options = config.options();
    if command.strict {
        options.be_strict();
    }
    let earlier = commands::earlier(args, command.since.as_deref(), &mut reading, &options, &filter)?;
    if let (Some(rule), None) = (config.rules.iter().find(asks_for_news), &earlier) {
        return Err(Failure::usage(anyhow!(
            "the rule {:?} asks for what is new, and the store holds no claims of an earlier day: `perfpower report STORE --since STORE` leaves some every \
             night",
            args.redaction.text(TextRole::Rule, &rule.name)
        )));
    }
    let judged = Judged::since(&reading.histories, &options, earlier.as_ref());
    let analysis = judged.analysis(&filter);
    let levels = judged.levels(&LevelRequest::of(&config.rules), &filter);
    let today = command.today.or(command.archive.until).unwrap_or_else(commands::today);
    let gate = judge_rules(&analysis, &levels, &reading.coverage, &config.rules, &config.waivers, today);
    let report = Report {
        analysis: &analysis,
        archive: &reading.facts,
        problems: &reading.problems,
        archive_argument: &commands::archive_argument(args, &command.archive),
        top: None,
    };
    let checked = CheckedRules { gate: &gate, report };
    let form = command.format.page_format(text_style(args, &command.file));
    let layout = json_layout(&command.file);
    write_result(args, command.file.output.as_deref(), |mut out| match (form, command.format) {
        (Some(form), _) => write_page(&check_page(&checked), form, &mut out),
        (None, CheckFormat::Junit) => write_gate_junit(&checked, &mut out),
        (None, CheckFormat::Sarif) => write_sarif(&code_places(&analysis, Some(&gate)), &report, layout, &mut out),
        (None, _) => write_gate_json(&checked, layout, &mut out),
    })?;
    if matches!(command.format, CheckFormat::Junit | CheckFormat::Sarif) {
        commands::tell_cautions(args, &analysis);
    }
    let has_data = reading.has_values;
    let ending = commands::ending(args, &command.archive, &reading, has_data);
    let not_judged: Vec<String> = gate.not_judged().map(outcome_line).collect();
    let is_partial = has_data && !not_judged.is_empty() && !command.archive.allow_partial;
    if is_partial {
        commands::tell_not_judged(args, &not_judged);
    }
    Ok(match ending {
        _ if gate.is_tripped() => Exit::RuleTripped,
        Exit::Done if is_partial => Exit::Partial,
        ending => ending,
    })
}
