//! `perfpower percentiles`: distributions over apps, devices, versions or logs, and where an app stands in them.

use crate::args::{Format, OutputArgs, OverArg, PercentilesArgs};
use crate::commands::{HasPageFormat, names};
use crate::config::Config;
use crate::output::{json_layout, text_style, write_result};
use crate::{Args, Exit, Failure, commands};
use anyhow::{Context, anyhow, bail};
use perfpower_analysis::tables::{Over, PercentileRequest, mixtures, percentile_table};
use perfpower_ingest::Reading;
use perfpower_model::TextRole;
use perfpower_report::{Percentiles, percentiles_page, write_page, write_percentiles_csv, write_percentiles_json};
use std::collections::BTreeMap;
use std::path::Path;

/// Apps up to which each one's rank is told without being asked for: they fit a screen.
const RANKED_UNASKED: usize = 10;

/// Runs the command.
pub fn run(args: &Args, command: &PercentilesArgs) -> Result<Exit, Failure> {
    let mut config = commands::config(&command.archive)?;
    let weights = command.model_mixture.as_deref().map(read_weights).transpose().map_err(Failure::usage)?;
    let plan = commands::read_plan(args, &command.archive, &config)?;
    let mut reading = commands::read(args, &plan, &command.archive)?;
    let mut filter = commands::filter(&command.filter, &command.archive, &config, &reading)?;
    let rank = ranked(command, &config, &reading)?;
    args.redaction.apply(&mut config, &mut filter, &mut reading);
    let text = |role, text: &str| args.redaction.text(role, text);
    let rank = rank.iter().map(|app| text(TextRole::App, app)).collect();
    let weights = weights.map(|weights| {
        let of = |((app, device), weight): ((String, String), f64)| {
            ((text(TextRole::App, &app), text(TextRole::Word, &device)), weight)
        };
        weights.into_iter().map(of).collect::<BTreeMap<_, _>>()
    });
    let options = config.options();
    let request = PercentileRequest {
        over: match command.over {
            OverArg::Apps => Over::Apps,
            OverArg::Devices => Over::Devices,
            OverArg::Versions => Over::Versions,
            OverArg::Logs => Over::Logs,
        },
        probabilities: command.at.iter().map(|percent| percent / 100.0).collect(),
        confidence: options.parameters.confidence,
        rank,
        together: command.together,
    };
    let app_name = |app: &str| options.app_name(app);
    let rows = percentile_table(&reading.histories, &filter, &request, &app_name).map_err(Failure::usage)?;
    let modelled = weights.map(|weights| {
        let weight = |app: &str, device: &str| {
            let of_app = weights.get(&(app.to_owned(), device.to_owned()));
            of_app.or_else(|| weights.get(&(String::new(), device.to_owned()))).copied()
        };
        mixtures(&reading.histories, &filter, &weight, &app_name)
    });
    let tables = Percentiles {
        request: &request,
        rows: &rows,
        mixtures: modelled.as_deref(),
        top: command.top,
        problems: &reading.problems,
    };
    let OutputArgs { format, file } = &command.output;
    let layout = json_layout(file);
    write_result(args, file.output.as_deref(), |mut out| match format.page_format(text_style(args, file)) {
        Some(form) => write_page(&percentiles_page(&tables), form, &mut out),
        None if *format == Format::Csv => write_percentiles_csv(&tables, &mut out),
        None => write_percentiles_json(&tables, layout, &mut out),
    })?;
    Ok(commands::ending(args, &command.archive, &reading, !rows.is_empty()))
}

/// The apps whose rank is told: those asked for, else all where they are few.
fn ranked(command: &PercentilesArgs, config: &Config, reading: &Reading) -> Result<Vec<String>, Failure> {
    let known: Vec<String> = reading.histories.apps().map(str::to_owned).collect();
    let mut asked = Vec::with_capacity(command.rank.len());
    for wanted in &command.rank {
        let key = config.app_key(wanted);
        if !known.iter().any(|app| app == key) {
            let known = names::of_apps(&reading.histories, config);
            return Err(Failure::usage(names::unknown("app", "--rank", wanted, known)));
        }
        asked.push(key.to_owned());
    }
    let unasked = asked.is_empty() && known.len() > 1 && known.len() <= RANKED_UNASKED;
    Ok(if unasked { known } else { asked })
}

/// Users per device model: lines of `device;weight` or `app;device;weight`, with commas only where no device has one. The first line
/// may be a head. A weight without an app holds for every app that has none of its own.
fn read_weights(path: &Path) -> anyhow::Result<BTreeMap<(String, String), f64>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the weights {}", path.display()))?;
    let weights = parse_weights(&text).with_context(|| format!("the weights {}", path.display()))?;
    if weights.is_empty() {
        bail!("the weights {} have no line such as iPhone17,3;0.4", path.display());
    }
    Ok(weights)
}

fn parse_weights(text: &str) -> anyhow::Result<BTreeMap<(String, String), f64>> {
    let mut weights = BTreeMap::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim().trim_start_matches('\u{feff}');
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let cells = cells(line);
        let (app, device, weight) = match &*cells {
            [device, weight] => ("", device, weight),
            [app, device, weight] => (app.as_str(), device, weight),
            _ => return Err(anyhow!("line {}: expected device;weight or app;device;weight", at + 1)),
        };
        match weight.parse::<f64>() {
            Ok(number) if number >= 0.0 && number.is_finite() => {
                if weights.insert((app.to_owned(), device.clone()), number).is_some() {
                    bail!("line {}: a second weight of {device}", at + 1);
                }
            }
            Err(_) if weights.is_empty() && at == 0 => {} // the head
            _ => bail!("line {}: expected a weight of at least 0, found {weight:?}", at + 1),
        }
    }
    Ok(weights)
}

/// Cells by semicolon, or by comma with quotes around a device model, which has a comma in its name.
fn cells(line: &str) -> Vec<String> {
    if line.contains(';') {
        return line.split(';').map(|cell| cell.trim().trim_matches('"').to_owned()).collect();
    }
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    for c in line.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(String::new()),
            c => {
                if let Some(cell) = cells.last_mut() {
                    cell.push(c);
                }
            }
        }
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_read_with_semicolons_or_with_quotes() {
        let semicolons =
            parse_weights("device;weight\niPhone17,3;0.4\ncom.example.a;iPhone17,3; 0.9\n\n# remark\n").unwrap();
        let commas = parse_weights("\"iPhone17,3\",0.4\ncom.example.a,\"iPhone17,3\",0.9").unwrap();
        assert_eq!(semicolons, commas);
        assert_eq!(semicolons.len(), 2);
        let key = ("com.example.a".to_owned(), "iPhone17,3".to_owned());
        assert!((semicolons[&key] - 0.9).abs() < 1e-12);
    }

    #[test]
    fn bad_weights_name_their_line() {
        let fault = |text| parse_weights(text).unwrap_err().to_string();
        assert_eq!(fault("iPhone17,3;1\niPhone12,1;-1"), "line 2: expected a weight of at least 0, found \"-1\"");
        assert_eq!(fault("iPhone17,3;1\niPhone12,1;x"), "line 2: expected a weight of at least 0, found \"x\"");
        assert_eq!(fault("a;b;c;d"), "line 1: expected device;weight or app;device;weight");
        assert_eq!(fault("iPhone17,3;1\niPhone17,3;2"), "line 2: a second weight of iPhone17,3");
        assert!(parse_weights("device;weight\n").unwrap().is_empty());
    }
}
