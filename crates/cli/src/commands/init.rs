//! `perfpower init`: a first perfpower.toml.

use crate::args::InitArgs;
use crate::config::{Initial, render_initial};
use crate::output::write_result;
use crate::{Args, Exit, Failure, commands};
use anyhow::anyhow;
use perfpower_analysis::Judged;
use perfpower_analysis::gate::LevelRequest;
use std::io::{self, Write};

/// Runs the command.
pub fn run(args: &Args, command: &InitArgs) -> Result<Exit, Failure> {
    if !(command.slack.is_finite() && command.slack >= 0.0) {
        return Err(Failure::usage(anyhow!("--slack {}: expected a percentage of at least 0", command.slack)));
    }
    if let Some(path) = command.output.as_ref().filter(|path| path.exists()) {
        return Err(Failure::usage(anyhow!(
            "{} is there already and is not overwritten; choose another name with --output",
            path.display()
        )));
    }
    let mut config = commands::config(&command.archive)?;
    let plan = commands::judge_plan(args, &command.archive, &config)?;
    let mut reading = commands::read(args, &plan, &command.archive)?;
    let mut filter = commands::app_filter(&command.archive, &config, &reading)?;
    args.redaction.apply(&mut config, &mut filter, &mut reading);
    let options = config.options();
    let judged = Judged::new(&reading.histories, &options);
    let levels = judged.levels(&LevelRequest::all(), &filter);
    let analysis = judged.analysis(&filter);
    let open: Vec<_> = analysis.own_findings().filter(|finding| finding.is_open_regression()).collect();
    let shown = reading.histories.apps().filter(|app| filter.app(app));
    let apps: Vec<(String, String)> = shown.map(|app| (app.to_owned(), options.app_name(app))).collect();
    let text = render_initial(&Initial { apps: &apps, levels: &levels, open: &open, slack_percent: command.slack });
    write_result(args, command.output.as_deref(), |out| out.write_all(text.as_bytes()))?;
    if command.output.is_none() && !args.quiet {
        // Nobody may be there to read it.
        let _ = writeln!(io::stderr().lock(), "printed, not written: --output perfpower.toml writes it");
    }
    Ok(commands::ending(args, &command.archive, &reading, !levels.is_empty()))
}
