//! `perfpower check`: rules to an exit code.

use crate::args::{CheckArgs, CheckFormat};
use crate::output::{text_style, write_result};
use crate::{Args, Exit, Failure, commands};
use anyhow::anyhow;
use perfpower_analysis::Judged;
use perfpower_analysis::gate::{LevelRequest, judge_rules};
use perfpower_report::{
    code_places, write_gate_json, write_gate_junit, write_gate_markdown, write_gate_text, write_sarif,
};

/// Runs the command. A rule that trips decides the exit code before unreadable input does.
pub fn run(args: &Args, command: &CheckArgs) -> Result<Exit, Failure> {
    let config = commands::config(&command.archive)?;
    if config.rules.is_empty() {
        let own: Vec<String> = config
            .own
            .problems
            .iter()
            .map(|told| format!("\n{}: {}; {}", told.path, told.problem.message, told.problem.hint))
            .collect();
        return Err(Failure::usage(anyhow!(
            "there is no rule to check: perfpower.toml holds no [[rule]]; `perfpower init` writes a first one{}",
            own.concat()
        )));
    }
    let plan = commands::judge_plan(&command.archive, &config)?;
    let reading = commands::read(args, &plan, &command.archive)?;
    let filter = commands::filter(&command.filter, &command.archive, &config, &reading)?;
    let options = config.options();
    let judged = Judged::new(&reading.histories, &options);
    let analysis = judged.analysis(&filter);
    let levels = judged.levels(&LevelRequest::of(&config.rules), &filter);
    let today = command.today.unwrap_or_else(commands::today);
    let gate = judge_rules(&analysis, &levels, &config.rules, &config.waivers, today);
    let archive = commands::archive_argument(&command.archive);
    let style = text_style(args, &command.file);
    write_result(&command.file, |mut out| match command.format {
        CheckFormat::Text => write_gate_text(&gate, &reading.problems, &archive, style, &mut out),
        CheckFormat::Json => write_gate_json(&gate, &archive, &mut out),
        CheckFormat::Markdown => write_gate_markdown(&gate, &archive, &mut out),
        CheckFormat::Junit => write_gate_junit(&gate, &reading.problems, &archive, &mut out),
        CheckFormat::Sarif => write_sarif(&code_places(&analysis, Some(&gate)), &mut out),
    })?;
    if gate.is_tripped() {
        return Ok(Exit::RuleTripped);
    }
    Ok(commands::exit_of(&command.archive, &reading, commands::has_data(&reading)))
}
